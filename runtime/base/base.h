/* SPDX-License-Identifier: MIT */
#ifndef SN_BASE_H
#define SN_BASE_H

/*
 * What every other folder may use: assertions, the allocator, the clock and the random source.
 * All three come through the system's options, so that a test can fail allocation N, run time by
 * hand and replay a seed.
 */

#include "base/plant.h"

#include <sn/system.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define SN_CACHE_LINE 64

/* A function that a hot path seldom calls, and therefore saves no registers for. */
#define SN_SELDOM __attribute__((noinline, cold))

/**
 * A programmer's mistake or a broken invariant of the runtime: abort, in release builds too,
 * because corrupt code must crash.
 */
#define SN_ASSERT(condition)                                  \
    do {                                                      \
        if (__builtin_expect(!(condition), 0))                \
            sn_assert_failed(#condition, __FILE__, __LINE__); \
    } while (0)

/** Write where and what to standard error and abort. Threads: any. */
_Noreturn void sn_assert_failed(const char *condition, const char *file, int line);

/** The C library's aligned allocator. */
extern const struct sn_allocator sn_allocator_system;

/**
 * Memory set to zero, aligned to a cache line.
 *
 * @size  in bytes, above 0.
 *
 * Returns  NULL when there is none.
 * Owns     the caller; sn_alloc_free() with the same allocator and size.
 */
void *sn_alloc_zeroed(const struct sn_allocator *allocator, size_t size);

/** Give memory back; NULL is allowed. @size  as it was allocated. */
void sn_alloc_free(const struct sn_allocator *allocator, void *memory, size_t size);

/** CLOCK_MONOTONIC. */
extern const struct sn_clock sn_clock_system;

static inline uint64_t sn_clock_now(const struct sn_clock *clock)
{
    return clock->now_ns(clock->context);
}

/** A seed from the operating system; never 0. */
uint64_t sn_random_seed(void);

/**
 * A pause that doubles, with jitter, so that those who failed together do not come back together.
 *
 * @doublings  how often `min_ns` is doubled.
 * @random     64 random bits.
 *
 * Returns  nanoseconds in the upper half of min << doublings, never under min nor over max.
 */
uint64_t sn_backoff_ns(uint64_t min_ns, uint64_t max_ns, uint32_t doublings, uint64_t random);

/** Begin to fetch a line in order to write to it. */
static inline void sn_prefetch_to_write(const void *line)
{
#if defined(__x86_64__)
    /* Assembly, because without -mprfchw the built-in fetches the line for reading only, and the
     * write has to ask the other core once more. Processors without the instruction ignore it. */
    __asm__ __volatile__("prefetchw %0" : : "m"(*(const char *)line));
#else
    __builtin_prefetch(line, 1);
#endif
}

/** Tell the processor that this is a spinning loop. */
static inline void sn_spin_hint(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield");
#endif
}

#endif
