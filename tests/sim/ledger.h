/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIM_LEDGER_H
#define TESTS_SIM_LEDGER_H

/*
 * Every ask of the storm has a number; each may complete once. One thread, so no locks.
 */

#include "../unit/cheap.h"

#include <stdint.h>
#include <string.h>

enum { LEDGER_SIZE = 1 << 22 };

struct ledger {
    uint64_t next;
    uint8_t completed[LEDGER_SIZE];
};

extern struct ledger ledger;

static inline uint64_t ledger_next(struct ledger *of)
{
    cheap_assert(of->next < LEDGER_SIZE);
    return of->next++;
}

static inline void ledger_complete(struct ledger *of, uint64_t number)
{
    cheap_assert(number < of->next);
    cheap_assert(of->completed[number] == 0); /* not twice */
    of->completed[number] = 1;
}

#endif
