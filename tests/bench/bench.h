/* SPDX-License-Identifier: MIT */
/*
 * The measuring harness: what a file of rows sees.
 *
 * A row is a name, a unit, a function and its parameters. The function does one whole run: it sets
 * up, warms up what it must, measures many operations and returns the cost of one. The harness
 * calls it once unmeasured and then --runs times, and reports the spread over the runs. Each row
 * has a process of its own, so that no row inherits another's heap, threads or affinity, and so
 * that a row that dies or hangs costs one line and not the whole report.
 */
#ifndef SN_BENCH_H
#define SN_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BENCH_PARAMETERS_MAX 6
#define BENCH_EXTRAS_MAX 4
#define BENCH_CPUS_MAX 16

/* A row that this machine cannot run (a second CPU, say) is left out of the report with a note. */
#define BENCH_SKIPPED 1

/* A number that a row depends on; printed with it. "operations" is what a quick run divides. */
struct bench_parameter {
    const char *name;
    uint64_t value;
};

/* A second figure of the same run, such as a p99 beside a p50; reported as its median. */
struct bench_extra {
    const char *name;
    double value;
};

/* What one run measured. */
struct bench_sample {
    double value;
    struct bench_extra extras[BENCH_EXTRAS_MAX];
};

/* What a run may know: its row, the CPUs it may pin to, and whether to be short. */
struct bench_context {
    const struct bench_row *row;
    int cpus[BENCH_CPUS_MAX];
    unsigned cpu_count;
    bool quick;
};

/*
 * One run.
 *
 * @ret_sample  zeroed by the caller.
 *
 * Returns  0; BENCH_SKIPPED; < 0 negative errno.
 * Threads  the only thread of a fresh process; those it starts it also joins.
 */
typedef int bench_function(const struct bench_context *context, struct bench_sample *ret_sample);

struct bench_row {
    const char *name;
    const char *unit;
    bench_function *function;
    struct bench_parameter parameters[BENCH_PARAMETERS_MAX];
};

/* The rows of one topic; main.c lists the tables. */
struct bench_table {
    const struct bench_row *rows;
    size_t count;
};

#define BENCH_TABLE(rows_)                                           \
    {                                                                \
        .rows = (rows_), .count = sizeof(rows_) / sizeof((rows_)[0]) \
    }

extern const struct bench_table bench_limit_one;
extern const struct bench_table bench_limit_two;
extern const struct bench_table bench_load;
extern const struct bench_table bench_foreign;
extern const struct bench_table bench_savina;
extern const struct bench_table bench_timers;
extern const struct bench_table bench_routes;
extern const struct bench_table bench_idle;
extern const struct bench_table bench_lives;
/* Only where the examples are built. */
extern const struct bench_table bench_programs;

/* The value of a parameter of this row; 0 where the row has none of that name. */
uint64_t bench_parameter(const struct bench_context *context, const char *name);

/* How often to repeat: the parameter "operations", or a small part of it in a quick run. */
uint64_t bench_operations(const struct bench_context *context);

/* Monotonic time. About 20 ns a call: for the two ends of a run, not for one operation. */
uint64_t bench_now_ns(void);

/* Keep the compiler from knowing a pointer's target, and from dropping what was stored there. */
static inline void bench_launder(const void *pointer)
{
    __asm__ volatile("" : : "r"(pointer) : "memory");
}

/*
 * Pin the calling thread.
 *
 * @index  into context->cpus.
 *
 * Returns  0; BENCH_SKIPPED where the machine has no such CPU; < 0 negative errno.
 */
int bench_pin(const struct bench_context *context, unsigned index);

/*
 * Let a fresh process do a run: for rows that must not find what an earlier run left behind.
 *
 * Returns  what `function` did, with its sample; -ETIMEDOUT; -ECHILD when it died.
 */
int bench_in_child(const struct bench_context *context, bench_function *function,
                   struct bench_sample *ret_sample);

/* One side of a two-thread row: it does all its operations on what both share. */
typedef void bench_side(const struct bench_context *context, void *shared);

/*
 * Run two sides at once, each on a CPU of its own, started together.
 *
 * Returns  0 and the time from the common start until the later side was done;
 *          BENCH_SKIPPED with a single CPU; < 0 negative errno.
 */
int bench_pair_run(const struct bench_context *context, bench_side *first, bench_side *second,
                   void *shared, uint64_t *ret_ns);

#endif
