/* SPDX-License-Identifier: MIT */
/* What rows that start a system of actors have in common: its options, its CPUs, its errors. */
#ifndef SN_BENCH_SYSTEM_H
#define SN_BENCH_SYSTEM_H

#include "bench.h"

#include <sn/sn.h>

/* A system that does not park while messages fly, or that parks as soon as it has nothing to do. */
#define BENCH_SPIN_ALWAYS (5 * SN_MS)
#define BENCH_SPIN_NEVER UINT64_C(1)

/*
 * Prepare to start a system of `shards` shards, each on a CPU of its own.
 *
 * The calling thread is bound to those CPUs until bench_system_aside(), as this is how a system
 * learns where its shards may be. The parameter "spin_ns" of the row, if there is one, and the
 * environment's SN_BENCH_IO ("epoll" or "io_uring", for tools that know no io_uring) and
 * SN_BENCH_SHARDS (start more shards than that, on the same CPUs) are followed.
 *
 * Returns  0; BENCH_SKIPPED with too few CPUs; < 0 negative errno.
 */
int bench_system_prepare(const struct bench_context *context, unsigned shards,
                         struct sn_system_options *ret_options);

/* Move the calling thread off the shards' CPUs where there is another one. Returns 0 or -errno. */
int bench_system_aside(const struct bench_context *context, unsigned shards);

/* A runtime's result as a row's: what is not an errno is named on standard error. */
int bench_system_result(const struct bench_context *context, int rc);

#endif
