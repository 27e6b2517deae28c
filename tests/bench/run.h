/* SPDX-License-Identifier: MIT */
/* One row, run many times in a process of its own, and the spread of what came out. */
#ifndef SN_BENCH_RUN_H
#define SN_BENCH_RUN_H

#include "bench.h"

#define BENCH_RUNS_MAX 1000

/* How to run each row. */
struct bench_plan {
    unsigned runs;
    unsigned warm_up_runs;
    unsigned timeout_s;
    bool in_process;
};

struct bench_result {
    double min, median, p95, max;
    unsigned runs;
    struct bench_extra extras[BENCH_EXTRAS_MAX];
};

/* Returns 0; BENCH_SKIPPED; < 0 negative errno: -ETIMEDOUT, -ECHILD where the row's process died.
 */
int bench_row_run(const struct bench_context *context, const struct bench_plan *plan,
                  struct bench_result *ret_result);

#endif
