/* SPDX-License-Identifier: MIT */
#ifndef SN_TESTS_UNIT_COUNTDOWN_H
#define SN_TESTS_UNIT_COUNTDOWN_H

/*
 * An allocator that fails one allocation of the test's choice and counts what
 * is alive. Typical use: for (N = 0;; N++) run the scenario with allocation N
 * failing, until it succeeds; after each run nothing may be alive.
 */

#include <stdatomic.h>

#include "base/base.h"

struct countdown {
    struct sn_allocator allocator; /* hand out &countdown.allocator */
    atomic_long left;              /* allocations until the failing one; < 0: passed */
    atomic_long live_bytes;
};

static void *countdown_alloc(void *context, size_t size)
{
    struct countdown *countdown = (struct countdown *)context;

    if (atomic_fetch_sub(&countdown->left, 1) == 0)
        return NULL;

    void *memory = sn_allocator_system.alloc(sn_allocator_system.context, size);

    if (memory != NULL)
        atomic_fetch_add(&countdown->live_bytes, (long)size);
    return memory;
}

static void countdown_free(void *context, void *memory, size_t size)
{
    struct countdown *countdown = (struct countdown *)context;

    atomic_fetch_sub(&countdown->live_bytes, (long)size);
    sn_allocator_system.free(sn_allocator_system.context, memory, size);
}

/* `fail_at`: the allocation to fail, from 0; -1 fails none. */
static inline void countdown_init(struct countdown *countdown, long fail_at)
{
    atomic_init(&countdown->left, fail_at);
    atomic_init(&countdown->live_bytes, 0);
    countdown->allocator = (struct sn_allocator){countdown_alloc, countdown_free, countdown};
}

#endif
