/* SPDX-License-Identifier: MIT */
/*
 * The runs of a row.
 *
 * A child process does them and writes one fixed-size record a run to a pipe, then its result code
 * as its exit status. An alarm ends a child that hangs. The parent sorts the values; it takes the
 * 95th percentile by nearest rank, which for fewer than twenty runs is the maximum.
 */
#include "run.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* A child's exit status: an errno as it is (they end far below this), or this for a skipped row. */
#define EXIT_SKIPPED 200

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

static double sorted_rank(const double *values, unsigned count, unsigned percent)
{
    unsigned rank = (count * percent + 99) / 100;

    return values[rank == 0 ? 0 : rank - 1];
}

static double sorted_median(const double *values, unsigned count)
{
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static void summarize(const struct bench_sample *samples, double *values, unsigned count,
                      struct bench_result *ret_result)
{
    for (unsigned extra = 0; extra < BENCH_EXTRAS_MAX && samples[0].extras[extra].name; extra++) {
        for (unsigned i = 0; i < count; i++)
            values[i] = samples[i].extras[extra].value;
        qsort(values, count, sizeof *values, compare_doubles);
        ret_result->extras[extra].name = samples[0].extras[extra].name;
        ret_result->extras[extra].value = sorted_median(values, count);
    }
    for (unsigned i = 0; i < count; i++)
        values[i] = samples[i].value;
    qsort(values, count, sizeof *values, compare_doubles);
    ret_result->min = values[0];
    ret_result->median = sorted_median(values, count);
    ret_result->p95 = sorted_rank(values, count, 95);
    ret_result->max = values[count - 1];
    ret_result->runs = count;
}

/* The warm-up runs are thrown away; extras' names are literals, valid in parent and child alike. */
static int run_here(const struct bench_context *context, const struct bench_plan *plan,
                    struct bench_sample *samples)
{
    for (unsigned i = 0; i < plan->warm_up_runs + plan->runs; i++) {
        struct bench_sample sample = {.value = 0};
        int rc = context->row->function(context, &sample);

        if (rc != 0)
            return rc;
        if (i >= plan->warm_up_runs)
            samples[i - plan->warm_up_runs] = sample;
    }
    return 0;
}

static void child_main(const struct bench_context *context, const struct bench_plan *plan,
                       struct bench_sample *samples, int fd)
{
    size_t size = plan->runs * sizeof *samples, done = 0;
    ssize_t wrote = 0;

    alarm(plan->timeout_s);
    int rc = run_here(context, plan, samples);
    while (rc == 0 && done < size && wrote >= 0) {
        wrote = write(fd, (const char *)samples + done, size - done);
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    _exit(rc == BENCH_SKIPPED ? EXIT_SKIPPED : rc < 0 ? -rc : wrote < 0 ? EPIPE : rc);
}

static size_t read_all(int fd, char *bytes, size_t size)
{
    size_t done = 0;
    ssize_t got = 1;

    while (done < size && got != 0) {
        got = read(fd, bytes + done, size - done);
        if (got < 0 && errno != EINTR)
            return done;
        done += got > 0 ? (size_t)got : 0;
    }
    return done;
}

static int child_outcome(pid_t child, bool complete)
{
    int status;

    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    if (WIFSIGNALED(status))
        return WTERMSIG(status) == SIGALRM ? -ETIMEDOUT : -ECHILD;
    if (WEXITSTATUS(status) == EXIT_SKIPPED)
        return BENCH_SKIPPED;
    if (WEXITSTATUS(status) != 0)
        return -WEXITSTATUS(status);
    return complete ? 0 : -ECHILD;
}

static int run_in_child(const struct bench_context *context, const struct bench_plan *plan,
                        struct bench_sample *samples)
{
    size_t size = plan->runs * sizeof *samples;
    int fds[2];

    if (pipe(fds) != 0)
        return -errno;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        close(fds[0]);
        child_main(context, plan, samples, fds[1]);
    }
    int rc = child < 0 ? -errno : 0;
    close(fds[1]);
    if (rc == 0)
        rc = child_outcome(child, read_all(fds[0], (char *)samples, size) == size);
    close(fds[0]);
    return rc;
}

int bench_in_child(const struct bench_context *context, bench_function *function,
                   struct bench_sample *ret_sample)
{
    struct bench_plan plan = {.runs = 1, .timeout_s = 60};
    struct bench_row row = *context->row;
    struct bench_context inner = *context;

    row.function = function;
    inner.row = &row;
    return run_in_child(&inner, &plan, ret_sample);
}

int bench_row_run(const struct bench_context *context, const struct bench_plan *plan,
                  struct bench_result *ret_result)
{
    struct bench_sample *samples = calloc(plan->runs, sizeof *samples);
    double *values = calloc(plan->runs, sizeof *values);
    int rc = samples == NULL || values == NULL ? -ENOMEM : 0;

    if (rc == 0)
        rc = plan->in_process ? run_here(context, plan, samples)
                              : run_in_child(context, plan, samples);
    if (rc == 0)
        summarize(samples, values, plan->runs, ret_result);
    free(samples);
    free(values);
    return rc;
}
