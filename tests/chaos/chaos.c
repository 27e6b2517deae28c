/* SPDX-License-Identifier: MIT */
/*
 * Chaos under load: chaos [SECONDS [FAILURES-A-SECOND]]. One tenth of the time is calm before, one
 * tenth after; between them actors fail. Prints what happened, and exits with 1 if a promise was
 * broken: a message or an answer lost, a failure not restarted, or something that grew. With
 * --strict also if the throughput fell below 80 % or the 99th percentile of restarts took more than
 * a millisecond; those are for a quiet machine.
 */
#include "chaos.h"
#include "actors.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct meter {
    struct sn_allocator allocator;
    _Atomic(int64_t) bytes;
};

struct sample {
    uint64_t at_ns;
    uint64_t handled;
    uint64_t beats;
    int64_t bytes;
    uint32_t descriptors;
};

static int broken;

static void promise(bool kept, const char *what)
{
    printf("  %-66s %s\n", what, kept ? "ok" : "BROKEN");
    broken |= !kept;
}

/* ---- what must not grow --------------------------------------------------------------------- */

static void *counted_alloc(void *context, size_t size)
{
    struct meter *meter = context;
    void *memory = NULL;

    if (posix_memalign(&memory, 64, size) != 0)
        return NULL;
    atomic_fetch_add_explicit(&meter->bytes, (int64_t)size, memory_order_relaxed);
    return memory;
}

static void counted_free(void *context, void *memory, size_t size)
{
    struct meter *meter = context;

    if (memory != NULL)
        atomic_fetch_sub_explicit(&meter->bytes, (int64_t)size, memory_order_relaxed);
    free(memory);
}

static uint32_t count_descriptors(void)
{
    uint32_t count = 0;
    DIR *directory = opendir("/proc/self/fd");

    while (directory != NULL && readdir(directory) != NULL)
        count++;
    if (directory != NULL)
        closedir(directory);
    return count;
}

static struct sample take_sample(struct chaos *app, const struct meter *meter)
{
    struct sn_stats stats;

    sn_stats(app->sn, &stats);
    return (struct sample){.at_ns = clock_ns(),
                           .handled = stats.handled,
                           .beats = atomic_load(&notes.beats),
                           .bytes = atomic_load(&meter->bytes),
                           .descriptors = count_descriptors()};
}

/* ---- the run -------------------------------------------------------------------------------- */

static void sleep_until(uint64_t at_ns)
{
    struct timespec at = {(time_t)(at_ns / SN_SECOND), (long)(at_ns % SN_SECOND)};

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL) != 0)
        ;
}

/* Let actors fail at an even pace, one by a message, one in the middle of an answer. Returns how
 * many, or what a send that must work returned, negated. */
static int64_t disturb(struct chaos *app, double seconds, uint32_t rate)
{
    uint64_t start_ns = clock_ns();
    int64_t count = (int64_t)(seconds * rate), asked = 0;

    for (int64_t i = 0; i < count; i++) {
        uint64_t number = (uint64_t)i * 2654435761u;
        int rc = i % 2 == 0
                     ? chaos_send_wait_victims_fail(app, &(struct chaos_fail){number}, SN_FOREVER)
                     : chaos_send_wait_victims_sour(app, &(struct chaos_sour){number}, SN_FOREVER);

        if (rc != 0)
            return -rc;
        asked += i % 2 == 0;
        sleep_until(start_ns + (uint64_t)((double)(i + 1) / rate * 1e9));
    }
    return asked;
}

static double rate_of(const struct sample *from, const struct sample *to)
{
    return (double)(to->handled - from->handled) / ((double)(to->at_ns - from->at_ns) / 1e9);
}

static int compare(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

    return (left > right) - (left < right);
}

static double percentile_us(uint32_t count, double part)
{
    return count > 0 ? (double)notes.restart_ns[(uint32_t)((count - 1) * part)] / 1e3 : 0;
}

/* Ask all sources what became of their questions. */
static int count_answers(struct chaos *app, uint32_t sources, struct chaos_count_reply *ret_sum)
{
    *ret_sum = (struct chaos_count_reply){0};
    for (uint32_t i = 0; i < sources; i++) {
        struct chaos_count_reply reply;
        int rc = chaos_call_sources_count_at(app, i, &reply);

        if (rc != 0)
            return rc;
        ret_sum->asks += reply.asks;
        ret_sum->answers += reply.answers;
        ret_sum->failures += reply.failures;
        ret_sum->others += reply.others;
    }
    return 0;
}

static void judge(const struct sample samples[4], bool strict)
{
    uint32_t restarts = atomic_load(&notes.restarts);
    uint32_t count = restarts < RESTARTS_MAX ? restarts : RESTARTS_MAX;
    double before = rate_of(&samples[0], &samples[1]), during = rate_of(&samples[1], &samples[2]);
    double after = rate_of(&samples[2], &samples[3]);
    double ratio = during / ((before + after) / 2);
    double seconds = (double)(samples[3].at_ns - samples[0].at_ns) / 1e9;

    qsort(notes.restart_ns, count, sizeof notes.restart_ns[0], compare);
    printf("messages a second   before %.0f, disturbed %.0f, after %.0f: ratio %.3f\n", before,
           during, after, ratio);
    printf("restarts            %u; p50 %.0f us, p99 %.0f us, p99.9 %.0f us, max %.0f us\n",
           restarts, percentile_us(count, 0.5), percentile_us(count, 0.99),
           percentile_us(count, 0.999), percentile_us(count, 1));
    printf("memory, descriptors %lld to %lld bytes, %u to %u\n", (long long)samples[1].bytes,
           (long long)samples[3].bytes, samples[1].descriptors, samples[3].descriptors);
    promise(samples[3].bytes <= samples[1].bytes + samples[1].bytes / 4,
            "memory after is at most a quarter above that before");
    promise(samples[3].descriptors == samples[1].descriptors, "as many descriptors as before");
    promise((double)(samples[3].beats - samples[0].beats) <= (seconds * 10 + 2) * CHAOS_VICTIMS,
            "timers fire no more often than declared");
    promise(atomic_load(&notes.lost) == 0, "what a failed handler retains is as before it");
    if (strict) {
        promise(ratio >= 0.8, "at least 80 % of the undisturbed throughput");
        promise(percentile_us(count, 0.99) <= 1000, "p99 of a restart within a millisecond");
    }
}

static int run(struct chaos *app, const struct meter *meter, double seconds, uint32_t rate,
               bool strict)
{
    struct sample samples[4];
    struct sn_stats stats;
    struct chaos_count_reply sum;

    sn_stats(app->sn, &stats);
    uint32_t sources = (uint32_t)stats.actors - CHAOS_VICTIMS;
    for (uint32_t i = 0; i < sources; i++)
        if (chaos_send_sources_go_at(app, i) != 0)
            return 1;
    sleep_until(clock_ns() + (uint64_t)(seconds * 0.05 * 1e9)); /* warm up */
    samples[0] = take_sample(app, meter);
    sleep_until(clock_ns() + (uint64_t)(seconds * 0.1 * 1e9));
    samples[1] = take_sample(app, meter);
    int64_t failures = disturb(app, seconds * 0.75, rate);
    samples[2] = take_sample(app, meter);
    sleep_until(clock_ns() + (uint64_t)(seconds * 0.1 * 1e9));
    samples[3] = take_sample(app, meter);
    atomic_store(&notes.ending, true);
    promise(failures >= 0, "every order to fail was delivered");
    promise(sn_quiesce(app->sn, 60 * SN_SECOND) == 0, "comes to rest");
    promise(count_answers(app, sources, &sum) == 0, "the sources answer");
    /* An answer may be here before its request is counted as handled. */
    promise(sn_quiesce(app->sn, 60 * SN_SECOND) == 0, "comes to rest again");
    sn_stats(app->sn, &stats);
    printf("questions           %llu: %llu answered, %llu failed, %llu otherwise\n",
           (unsigned long long)sum.asks, (unsigned long long)sum.answers,
           (unsigned long long)sum.failures, (unsigned long long)sum.others);
    promise(sum.asks == sum.answers + sum.failures && sum.asks > 0,
            "every question was answered or failed, once");
    promise(stats.accepted == stats.handled + stats.failed + stats.dropped + stats.expired +
                                  stats.dead_lettered &&
                stats.queued == 0,
            "every message has ended in one way");
    promise(stats.failed == (uint64_t)failures + sum.failures, "as many failed as were told to");
    promise(stats.restarts == stats.failed && atomic_load(&notes.restarts) == stats.failed,
            "one restart for each failure");
    judge(samples, strict);
    return broken;
}

int main(int count, char **arguments)
{
    struct meter meter = {.allocator = {counted_alloc, counted_free, &meter}};
    struct chaos_options options = {.system = {.allocator = &meter.allocator}};
    double seconds = 3;
    uint32_t rate = 100, given = 0;
    bool strict = false;
    struct chaos *app;

    for (int i = 1; i < count; i++) {
        if (strcmp(arguments[i], "--strict") == 0)
            strict = true;
        else if (given++ == 0)
            seconds = strtod(arguments[i], NULL);
        else
            rate = (uint32_t)strtoul(arguments[i], NULL, 10);
    }
    if (seconds < 1 || rate == 0 || seconds * rate > RESTARTS_MAX) {
        fprintf(stderr, "usage: chaos [--strict] [SECONDS [FAILURES-A-SECOND]]\n");
        return 2;
    }
    int rc = chaos_start(&options, &app);
    if (rc != 0) {
        fprintf(stderr, "chaos: cannot start: %s\n", chaos_result_name(rc));
        return 1;
    }
    rc = run(app, &meter, seconds, rate, strict);
    promise(chaos_stop(app) == 0, "stops");
    promise(atomic_load(&meter.bytes) == 0, "and has given all memory back");
    return rc | broken;
}
