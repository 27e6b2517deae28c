/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SIM_LEDGER_H
#define TESTS_SIM_LEDGER_H

/*
 * Every ask of the storm has a number; each may complete once. Atomic, because the storm also runs
 * on threads; relaxed, because a number is only counted.
 */

#include "../unit/cheap.h"

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

enum { LEDGER_SIZE = 1 << 22 };

struct ledger {
    _Atomic(uint64_t) next;
    _Atomic(uint8_t) completed[LEDGER_SIZE];
};

extern struct ledger ledger;

static inline uint64_t ledger_next(struct ledger *of)
{
    uint64_t number = atomic_fetch_add_explicit(&of->next, 1, memory_order_relaxed);

    cheap_assert(number < LEDGER_SIZE);
    return number;
}

static inline void ledger_complete(struct ledger *of, uint64_t number)
{
    cheap_assert(number < atomic_load_explicit(&of->next, memory_order_relaxed));
    /* Not twice. */
    cheap_assert(atomic_exchange_explicit(&of->completed[number], 1, memory_order_relaxed) == 0);
}

#endif
