/* SPDX-License-Identifier: MIT */
/* The services of bench.h: parameters, time, pinning and pairs of threads. */
#include "bench.h"
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

uint64_t bench_parameter(const struct bench_context *context, const char *name)
{
    const struct bench_parameter *parameters = context->row->parameters;

    for (size_t i = 0; i < BENCH_PARAMETERS_MAX && parameters[i].name != NULL; i++)
        if (strcmp(parameters[i].name, name) == 0)
            return parameters[i].value;
    return 0;
}

uint64_t bench_operations(const struct bench_context *context)
{
    uint64_t operations = bench_parameter(context, "operations");

    if (!context->quick)
        return operations;
    return operations < 25600 ? 64 : operations / 400;
}

uint64_t bench_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

int bench_pin(const struct bench_context *context, unsigned index)
{
    cpu_set_t set;

    if (index >= context->cpu_count)
        return BENCH_SKIPPED;
    CPU_ZERO(&set);
    CPU_SET((size_t)context->cpus[index], &set);
    return sched_setaffinity(0, sizeof set, &set) == 0 ? 0 : -errno;
}

/* Two threads and the line they wait at; `end_ns` is written by its side and read after the join.
 */
struct pair {
    const struct bench_context *context;
    bench_side *sides[2];
    void *shared;
    _Atomic int ready;
    uint64_t end_ns[2];
    int rc;
};

static void pair_side(struct pair *pair, unsigned index)
{
    /* B1 release, pairs with B2: what this side prepared is seen by the one that starts. */
    atomic_fetch_add_explicit(&pair->ready, 1, memory_order_release);
    /* B2 acquire, pairs with the other side's B1. */
    while (atomic_load_explicit(&pair->ready, memory_order_acquire) < 2)
        ;
    pair->sides[index](pair->context, pair->shared);
    pair->end_ns[index] = bench_now_ns();
}

static void *pair_second(void *argument)
{
    struct pair *pair = argument;

    pair->rc = bench_pin(pair->context, 1);
    pair_side(pair, 1);
    return NULL;
}

int bench_pair_run(const struct bench_context *context, bench_side *first, bench_side *second,
                   void *shared, uint64_t *ret_ns)
{
    struct pair pair = {.context = context, .sides = {first, second}, .shared = shared};
    pthread_t thread;
    uint64_t start_ns;
    int rc = context->cpu_count < 2 ? BENCH_SKIPPED : bench_pin(context, 0);

    if (rc != 0)
        return rc;
    rc = pthread_create(&thread, NULL, pair_second, &pair);
    if (rc != 0)
        return -rc;
    /* B3 acquire, pairs with the second side's B1: time starts when it is pinned and waiting. */
    while (atomic_load_explicit(&pair.ready, memory_order_acquire) < 1)
        ;
    start_ns = bench_now_ns();
    pair_side(&pair, 0);
    pthread_join(thread, NULL);
    *ret_ns = (pair.end_ns[0] > pair.end_ns[1] ? pair.end_ns[0] : pair.end_ns[1]) - start_ns;
    return pair.rc;
}
