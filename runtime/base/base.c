/* SPDX-License-Identifier: MIT */
/*
 * The process's own memory, clock and randomness, behind the seams that tests replace.
 */
#include "base/base.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

_Noreturn void sn_assert_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "sn: %s:%d: assertion failed: %s\n", file, line, condition);
    abort();
}

static void *system_alloc(void *context, size_t size)
{
    void *memory;

    (void)context;
    return posix_memalign(&memory, SN_CACHE_LINE, size) == 0 ? memory : NULL;
}

static void system_free(void *context, void *memory, size_t size)
{
    (void)context, (void)size;
    free(memory);
}

const struct sn_allocator sn_allocator_system = {system_alloc, system_free, NULL};

void *sn_alloc_zeroed(const struct sn_allocator *allocator, size_t size)
{
    void *memory = allocator->alloc(allocator->context, size);

    if (memory != NULL)
        memset(memory, 0, size);
    return memory;
}

void sn_alloc_free(const struct sn_allocator *allocator, void *memory, size_t size)
{
    if (memory != NULL)
        allocator->free(allocator->context, memory, size);
}

static uint64_t system_now_ns(void *context)
{
    struct timespec now;

    (void)context;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * SN_SECOND + (uint64_t)now.tv_nsec;
}

const struct sn_clock sn_clock_system = {system_now_ns, NULL};

uint64_t sn_random_seed(void)
{
    uint64_t seed = 0;

    if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
        seed = system_now_ns(NULL);
    return seed != 0 ? seed : 1;
}

uint64_t sn_random_next(uint64_t *state)
{
    uint64_t mixed = *state += UINT64_C(0x9e3779b97f4a7c15);

    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

uint64_t sn_backoff_ns(uint64_t min_ns, uint64_t max_ns, uint32_t doublings, uint64_t random)
{
    uint64_t longest = max_ns;

    if (doublings < 64 && min_ns <= longest >> doublings)
        longest = min_ns << doublings;
    uint64_t shortest = longest - longest / 2;
    if (shortest < min_ns)
        shortest = min_ns;
    return shortest + random % (longest - shortest + 1);
}
