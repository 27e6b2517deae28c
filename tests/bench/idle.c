/* SPDX-License-Identifier: MIT */
/*
 * What actors cost that have nothing to do: memory, and wake-ups.
 *
 * `memory/idle-actor` is the growth of the process's resident memory, all told, by the start of
 * a system of many actors with 64 bytes of state, each of which has handled one message; beside
 * it what the runtime has asked its allocator for. `idle/far-timers` is how often the kernel
 * switched to a shard of a system whose actors wait for timers that are far away.
 */
#include "idle.h"
#include "clocks.h"
#include "system.h"

#include <dirent.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { ACTORS = 2 * IDLE_HALF, SETTLE_MS = 20 };

int idle_sleeper_on_poke(struct idle_sleeper *self, const struct idle_poke *message)
{
    self->words[0] += message->words[0];
    return 0;
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* Relaxed throughout: only the sum is of interest, read when all threads are at rest. */
static void *counted_alloc(void *context, size_t size)
{
    atomic_fetch_add_explicit((_Atomic int64_t *)context, (int64_t)size, memory_order_relaxed);
    return aligned_alloc(64, (size + 63) & ~(size_t)63);
}

static void counted_free(void *context, void *memory, size_t size)
{
    atomic_fetch_sub_explicit((_Atomic int64_t *)context, (int64_t)size, memory_order_relaxed);
    free(memory);
}

static int64_t resident_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long total = 0, resident = 0;

    if (file == NULL)
        return 0;
    if (fscanf(file, "%ld %ld", &total, &resident) != 2)
        resident = 0;
    fclose(file);
    return (int64_t)resident * sysconf(_SC_PAGESIZE);
}

typedef int send_poke(struct idle *app, uint32_t index, const struct idle_poke *message,
                      uint64_t timeout_ns);

static int poke_all(struct idle *app)
{
    static send_poke *const sends[] = {idle_send_wait_first_poke_at, idle_send_wait_second_poke_at};
    struct idle_poke poke = {{1, 2, 3, 4, 5}};
    int rc = 0;

    for (size_t pool = 0; pool < sizeof sends / sizeof *sends; pool++)
        for (uint32_t i = 0; rc == 0 && i < IDLE_HALF; i++)
            rc = sends[pool](app, i, &poke, SN_FOREVER);
    return rc != 0 ? rc : sn_quiesce(app->sn, SN_FOREVER);
}

static int memory(const struct bench_context *context, struct bench_sample *ret_sample)
{
    _Atomic int64_t allocated = 0;
    struct sn_allocator allocator = {counted_alloc, counted_free, &allocated};
    struct idle_options options = {0};
    struct idle *app = NULL;
    int64_t before = resident_bytes();
    int rc = bench_system_prepare(context, 1, &options.system);

    options.system.allocator = &allocator;
    if (rc == 0)
        rc = idle_start(&options, &app);
    if (rc == 0)
        rc = poke_all(app);
    ret_sample->value = (double)(resident_bytes() - before) / ACTORS;
    ret_sample->extras[0] = (struct bench_extra){"allocated", (double)allocated / ACTORS};
    int left = idle_stop(app);
    return bench_system_result(context, rc != 0 ? rc : left);
}

/* A run of its own process only: a second one finds the first one's memory in the heap. */
static int memory_once(const struct bench_context *context, struct bench_sample *ret_sample)
{
    return bench_in_child(context, memory, ret_sample);
}

/* ---- wake-ups -------------------------------------------------------------------------------- */

static uint64_t switches_of(const char *task)
{
    char path[64], line[128];
    unsigned long long count = 0, one;
    FILE *file;

    snprintf(path, sizeof path, "/proc/self/task/%.20s/status", task);
    file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "voluntary_ctxt_switches: %llu", &one) == 1)
            count += one;
    if (file != NULL)
        fclose(file);
    return count;
}

/* Of all threads but this one. */
static uint64_t switches(void)
{
    DIR *tasks = opendir("/proc/self/task");
    struct dirent *entry;
    uint64_t count = 0;

    while (tasks != NULL && (entry = readdir(tasks)) != NULL)
        if (entry->d_name[0] != '.' && atoi(entry->d_name) != getpid())
            count += switches_of(entry->d_name);
    if (tasks != NULL)
        closedir(tasks);
    return count;
}

/* The time that is observed, not a wait for something to happen. */
static void let_pass(uint64_t ms)
{
    poll(NULL, 0, (int)ms);
}

static double wake_ups_per_second(const struct bench_context *context, unsigned shards)
{
    let_pass(SETTLE_MS);
    uint64_t start_ns = bench_now_ns(), before = switches();
    let_pass(context->quick ? 50 : bench_parameter(context, "ms"));
    double seconds = (double)(bench_now_ns() - start_ns) / 1e9;
    return (double)(switches() - before) / seconds / shards;
}

static int wake_ups(const struct bench_context *context, struct bench_sample *ret_sample)
{
    unsigned shards = (unsigned)bench_parameter(context, "shards");
    struct clocks_options options = {0};
    struct clocks_measure_reply reply;
    struct clocks *app = NULL;
    int rc = bench_system_prepare(context, shards, &options.system);

    if (rc == BENCH_SKIPPED)
        return rc;
    if (rc == 0)
        rc = clocks_start(&options, &app);
    /* It also lets each sleeper start its far timer. */
    if (rc == 0)
        rc = clocks_call_armer_measure(app, &(struct clocks_measure){16}, &reply);
    if (rc == 0)
        ret_sample->value = wake_ups_per_second(context, shards);
    int left = clocks_stop(app);
    return bench_system_result(context, rc != 0 ? rc : left);
}

static const struct bench_row rows[] = {
    {"memory/idle-actor", "bytes", memory_once, {{"actors", ACTORS}, {"state_bytes", 64}}},
    {"idle/far-timers", "wake-ups/s", wake_ups, {{"ms", 1000}, {"shards", 2}, {"armed", 1000}}},
};

const struct bench_table bench_idle = BENCH_TABLE(rows);
