/* SPDX-License-Identifier: MIT */
/**
 * How much memory the actors of one shard and their mailboxes take at worst.
 */
#ifndef SNGEN_CHECK_BUDGET_H
#define SNGEN_CHECK_BUDGET_H

#include "model/model.h"

/* The members of one pool on the shard; bytes, SN_UNBOUNDED where there is no maximum. */
struct sn_budget_row {
    const struct sn_pool *pool;
    uint32_t members;
    uint64_t records;   /* the actors, their state, and what supervision keeps of them */
    uint64_t mailboxes; /* full of the largest message */
    uint64_t asks;      /* all open, each answered by the largest reply */
    uint64_t outboxes;  /* parked messages */
    uint64_t bytes;     /* their sum */
};

struct sn_budget {
    uint32_t shard;
    uint32_t shards;
    struct sn_budget_row *rows;
    size_t row_count;
    uint64_t kept;   /* by pools of blocks, which give nothing back, above what the rows say */
    uint64_t tables; /* the shard itself */
    uint64_t bytes;  /* all together */
    const struct sn_field *endless; /* the first member of a worker without a maximum, or NULL */
    bool foreign;                   /* c(TYPE) of a size that only the C compiler knows */
};

/**
 * Add up the shard that takes most, of `shards` ones, with the pools dealt to them as the runtime
 * does it.
 *
 * Returns  whether there was memory; else the arena knows.
 * Owns     the arena of the model owns the rows.
 */
bool sn_budget_compute(const struct sn_model *model, uint32_t shards, struct sn_budget *ret_budget);

#endif
