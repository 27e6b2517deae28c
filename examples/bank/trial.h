/* SPDX-License-Identifier: MIT */
#ifndef BANK_TRIAL_H
#define BANK_TRIAL_H

/* One bank from its opening to its audit. See trial.c. */

#include "bank.h"

struct trial {
    uint64_t seed;
    uint32_t shards; /* 0: one a core */
    uint64_t accounts;
    uint64_t transfers;
    uint32_t fail_per_mille;
};

struct trial_result {
    uint64_t done, no_funds, failed; /* how the transfers were answered */
    uint64_t unexpected;             /* answered in another way, or not at all */
    int64_t sum;                     /* of all accounts at the end */
    struct sn_stats stats;
};

/** Open a bank, move money, add up, close it. Returns 0, or why the trial came to no end. */
int trial_run(const struct trial *trial, struct trial_result *ret_result);

/** What is wrong with a result; NULL: nothing. */
const char *trial_judge(const struct trial *trial, const struct trial_result *result);

#endif
