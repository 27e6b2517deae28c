/* SPDX-License-Identifier: MIT */
/*
 * The graceful stop of two versions. Who is asked nowhere any more loses his word before the end;
 * who waits for less, or for a shorter time, may be too early.
 */
#include "check/diff_parts.h"

#include <string.h>

static const char *edge_name(struct sn_diff *diff, const struct sn_edge *ask)
{
    return sn_arena_printf(diff->arena, "%s.%s", ask->pool->name, ask->message->name);
}

static bool same_ask(const struct sn_edge *before, const struct sn_edge *now)
{
    return sn_diff_is_same(before->pool->name, now->pool->name, &now->pool->was) &&
           sn_diff_is_same(before->message->name, now->message->name, &now->message->was);
}

static const struct sn_phase *find(const struct sn_package *package, const char *name)
{
    for (size_t i = 0; i < package->phase_count; i++)
        if (strcmp(package->phases[i].name, name) == 0)
            return &package->phases[i];
    return NULL;
}

/* `is_now` says of which version `ask` is; the phase is of the other. */
static bool has_ask(const struct sn_phase *phase, const struct sn_edge *ask, bool is_now)
{
    for (size_t i = 0; i < phase->ask_count; i++)
        if (is_now ? same_ask(&phase->asks[i], ask) : same_ask(ask, &phase->asks[i]))
            return true;
    return false;
}

/* The phase of the other version that asks the same: the one of that name, if it can be. */
static const struct sn_phase *find_ask(const struct sn_package *package, const char *name,
                                       const struct sn_edge *ask, bool is_now)
{
    const struct sn_phase *phase = find(package, name);

    if (phase != NULL && has_ask(phase, ask, is_now))
        return phase;
    for (size_t i = 0; i < package->phase_count; i++)
        if (has_ask(&package->phases[i], ask, is_now))
            return &package->phases[i];
    return NULL;
}

static const char *subject_of(struct sn_diff *diff, const char *phase)
{
    return sn_arena_printf(diff->arena, "shutdown.%s", phase);
}

static void compare_asks(struct sn_diff *diff, const struct sn_phase *before)
{
    for (size_t i = 0; i < before->ask_count; i++) {
        const struct sn_edge *ask = &before->asks[i];
        const struct sn_phase *now = find_ask(diff->now, before->name, ask, false);

        if (now == NULL)
            sn_diff_found(diff, SN_BREAK_EDGE, subject_of(diff, before->name), &ask->location,
                          "a stop does not ask '%s' any more", edge_name(diff, ask));
        else if (strcmp(now->name, before->name) != 0)
            sn_diff_found(diff, 0, subject_of(diff, before->name), &now->location,
                          "a stop asked '%s' in the phase '%s' and does in '%s'",
                          edge_name(diff, ask), before->name, now->name);
    }
}

static bool comes_after(const struct sn_phase *phase, const char *name)
{
    for (size_t i = 0; i < phase->after_count; i++)
        if (strcmp(phase->after[i]->name, name) == 0)
            return true;
    return false;
}

/* A phase that is gone needs nobody who waits for it. */
static void compare_order(struct sn_diff *diff, const struct sn_phase *before,
                          const struct sn_phase *now)
{
    for (size_t i = 0; i < before->after_count; i++)
        if (!comes_after(now, before->after[i]->name) &&
            find(diff->now, before->after[i]->name) != NULL)
            sn_diff_found(diff, SN_BREAK_POLICY, subject_of(diff, now->name), &now->location,
                          "the phase '%s' does not wait for '%s' any more", now->name,
                          before->after[i]->name);
    for (size_t i = 0; i < now->after_count; i++)
        if (!comes_after(before, now->after[i]->name))
            sn_diff_found(diff, 0, subject_of(diff, now->name), &now->location,
                          "the phase '%s' waits for '%s' now", now->name, now->after[i]->name);
}

static void compare_phases(struct sn_diff *diff, const struct sn_phase *before,
                           const struct sn_phase *now)
{
    compare_order(diff, before, now);
    if (before->deadline_ns != now->deadline_ns)
        sn_diff_found(diff, now->deadline_ns < before->deadline_ns ? SN_BREAK_POLICY : 0,
                      subject_of(diff, now->name), &now->location,
                      "the phase '%s' had the deadline %s and has %s", now->name,
                      sn_diff_duration(diff, before->deadline_ns),
                      sn_diff_duration(diff, now->deadline_ns));
}

/* What a new phase or an old one asks only now. */
static void report_new(struct sn_diff *diff, const struct sn_phase *now)
{
    if (find(diff->before, now->name) == NULL)
        sn_diff_found(diff, 0, subject_of(diff, now->name), &now->location, "the phase '%s' is new",
                      now->name);
    for (size_t i = 0; i < now->ask_count; i++)
        if (find_ask(diff->before, now->name, &now->asks[i], true) == NULL)
            sn_diff_found(diff, 0, subject_of(diff, now->name), &now->asks[i].location,
                          "a stop asks '%s' now", edge_name(diff, &now->asks[i]));
}

void sn_diff_phases(struct sn_diff *diff)
{
    for (size_t i = 0; i < diff->before->phase_count; i++) {
        const struct sn_phase *before = &diff->before->phases[i];
        const struct sn_phase *now = find(diff->now, before->name);

        if (now != NULL)
            compare_phases(diff, before, now);
        else
            sn_diff_found(diff, 0, subject_of(diff, before->name), &before->location,
                          "the phase '%s' is gone", before->name);
        compare_asks(diff, before);
    }
    for (size_t i = 0; i < diff->now->phase_count; i++)
        report_new(diff, &diff->now->phases[i]);
}
