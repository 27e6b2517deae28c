/* SPDX-License-Identifier: MIT */
/*
 * Workers of two versions, with what they keep and handle. Code of the worker itself counts as code
 * for the old version too: a hook that goes is a function that nobody calls any more. A hook,
 * handler or timer that comes is a function to be written, and breaks nobody else.
 */
#include "check/diff_parts.h"

#include <string.h>

/* ---- what it keeps ------------------------------------------------------ */

/* Retained state is saved as it is in memory, so every change of it counts. */
static void compare_kept(struct sn_diff *diff, const struct sn_diff_subject *subject,
                         const struct sn_worker *before, const struct sn_worker *now)
{
    struct sn_diff_fields fields = {
        .what = sn_arena_printf(diff->arena, "what '%s' retains", now->name),
        .subject = subject->name,
        .kinds = SN_BREAK_SNAPSHOT | SN_BREAK_API,
        .renamed = SN_BREAK_API,
        .added = SN_BREAK_SNAPSHOT,
        .exact = true,
        .location = *subject->location};

    sn_diff_fields(diff, &fields, before->retain, before->retain_count, now->retain,
                   now->retain_count);
    fields = (struct sn_diff_fields){
        .what = sn_arena_printf(diff->arena, "the state of '%s'", now->name),
        .subject = sn_diff_part(diff, subject, "state"),
        .kinds = SN_BREAK_API,
        .renamed = SN_BREAK_API,
        .location = *subject->location};
    sn_diff_fields(diff, &fields, before->state, before->state_count, now->state, now->state_count);
}

/* ---- what is called of it ----------------------------------------------- */

static void compare_hook(struct sn_diff *diff, const struct sn_diff_subject *subject, bool before,
                         bool now, const char *hook)
{
    if (before == now)
        return;
    sn_diff_found(diff, before ? SN_BREAK_API : 0, subject->name, subject->location,
                  before ? "%s has no %s any more" : "%s has %s now: one function to write",
                  subject->who, hook);
}

static void compare_hooks(struct sn_diff *diff, const struct sn_diff_subject *subject,
                          const struct sn_worker *before, const struct sn_worker *now)
{
    compare_hook(diff, subject, before->has_init, now->has_init, "init");
    compare_hook(diff, subject, before->has_shutdown, now->has_shutdown, "shutdown");
    compare_hook(diff, subject, before->tick_ns > 0, now->tick_ns > 0, "tick");
    compare_hook(diff, subject, before->has_dead_letters, now->has_dead_letters,
                 "handler of dead letters");
    if (before->has_init && now->has_init && (before->retain_count > 0) != (now->retain_count > 0))
        sn_diff_found(diff, SN_BREAK_API, subject->name, subject->location,
                      now->retain_count > 0
                          ? "%s retains something now, so its init has one argument more"
                          : "%s retains nothing any more, so its init has one argument less",
                      subject->who);
    if (before->tick_ns > 0 && now->tick_ns > 0 && before->tick_ns != now->tick_ns)
        sn_diff_found(diff, 0, subject->name, subject->location,
                      "%s ticked every %s and does every %s", subject->who,
                      sn_diff_duration(diff, before->tick_ns),
                      sn_diff_duration(diff, now->tick_ns));
}

static const struct sn_timer *find_timer(const struct sn_worker *worker, const char *name)
{
    for (size_t i = 0; i < worker->timer_count; i++)
        if (strcmp(worker->timers[i].name, name) == 0)
            return &worker->timers[i];
    return NULL;
}

static void compare_timers(struct sn_diff *diff, const struct sn_diff_subject *subject,
                           const struct sn_worker *before, const struct sn_worker *now)
{
    for (size_t i = 0; i < before->timer_count; i++) {
        const struct sn_timer *old = &before->timers[i], *new = find_timer(now, old->name);
        const char *name = sn_diff_part(diff, subject, old->name);

        if (new == NULL)
            sn_diff_found(diff, SN_BREAK_API, name, subject->location,
                          "%s has no timer '%s' any more", subject->who, old->name);
        else if (old->every != new->every || old->period_ns != new->period_ns)
            sn_diff_found(diff, 0, name, &new->location,
                          "%s: the timer '%s' fired %s %s and does %s %s", subject->who, new->name,
                          old->every ? "every" : "after", sn_diff_duration(diff, old->period_ns),
                          new->every ? "every" : "after", sn_diff_duration(diff, new->period_ns));
    }
    for (size_t i = 0; i < now->timer_count; i++)
        if (find_timer(before, now->timers[i].name) == NULL)
            sn_diff_found(diff, 0, sn_diff_part(diff, subject, now->timers[i].name),
                          &now->timers[i].location,
                          "%s has the timer '%s' now: one function to write", subject->who,
                          now->timers[i].name);
}

/* Messages that have a function each; handled messages, or dead letters. */
struct handled {
    const struct sn_message **messages;
    size_t count;
};

static bool has_now(struct handled now, const struct sn_message *before)
{
    for (size_t i = 0; i < now.count; i++)
        if (sn_diff_is_same(before->name, now.messages[i]->name, &now.messages[i]->was))
            return true;
    return false;
}

static bool had_before(struct handled before, const struct sn_message *now)
{
    for (size_t i = 0; i < before.count; i++)
        if (sn_diff_is_same(before.messages[i]->name, now->name, &now->was))
            return true;
    return false;
}

/* `kind` is "" or "dead letters of ". */
static void compare_handled(struct sn_diff *diff, const struct sn_diff_subject *subject,
                            const char *kind, struct handled before, struct handled now)
{
    for (size_t i = 0; i < before.count; i++)
        if (!has_now(now, before.messages[i]))
            sn_diff_found(diff, SN_BREAK_API, sn_diff_part(diff, subject, before.messages[i]->name),
                          subject->location, "%s does not handle %s'%s' any more", subject->who,
                          kind, before.messages[i]->name);
    for (size_t i = 0; i < now.count; i++)
        if (!had_before(before, now.messages[i]))
            sn_diff_found(diff, 0, sn_diff_part(diff, subject, now.messages[i]->name),
                          subject->location, "%s handles %s'%s' now: one function to write",
                          subject->who, kind, now.messages[i]->name);
}

/* ---- all of them -------------------------------------------------------- */

static const char *memory_text(struct sn_diff *diff, const struct sn_worker *worker)
{
    return worker->memory_bytes == 0 ? "any number of bytes"
                                     : sn_arena_printf(diff->arena, "%llu bytes",
                                                       (unsigned long long)worker->memory_bytes);
}

/* 0 is not bounded, so one less is the largest number. */
static void compare_memory(struct sn_diff *diff, const struct sn_diff_subject *subject,
                           const struct sn_worker *before, const struct sn_worker *now)
{
    if (before->memory_bytes != now->memory_bytes)
        sn_diff_found(diff, now->memory_bytes - 1 < before->memory_bytes - 1 ? SN_BREAK_POLICY : 0,
                      subject->name, subject->location, "%s could hold %s and can hold %s",
                      subject->who, memory_text(diff, before), memory_text(diff, now));
}

static void compare_include(struct sn_diff *diff, const struct sn_diff_subject *subject,
                            const char *before, const char *now)
{
    if (before == NULL ? now == NULL : now != NULL && strcmp(before, now) == 0)
        return;
    if (before == NULL)
        sn_diff_found(diff, 0, subject->name, subject->location,
                      "the header of %s includes '%s' now", subject->who, now);
    else
        sn_diff_found(diff, SN_BREAK_API, subject->name, subject->location,
                      "the header of %s does not include '%s' any more", subject->who, before);
}

static bool has_invariant(const struct sn_worker *worker, const char *text)
{
    for (size_t i = 0; i < worker->invariant_count; i++)
        if (strcmp(worker->invariants[i].text, text) == 0)
            return true;
    return false;
}

/* What tests and tools look at; it is off in a program that runs. */
static void compare_invariants(struct sn_diff *diff, const struct sn_diff_subject *subject,
                               const struct sn_worker *before, const struct sn_worker *now)
{
    for (size_t i = 0; i < before->invariant_count; i++)
        if (!has_invariant(now, before->invariants[i].text))
            sn_diff_found(diff, 0, subject->name, subject->location,
                          "%s: '%s' is not checked any more", subject->who,
                          before->invariants[i].text);
    for (size_t i = 0; i < now->invariant_count; i++)
        if (!has_invariant(before, now->invariants[i].text))
            sn_diff_found(diff, 0, subject->name, &now->invariants[i].location,
                          "%s: '%s' is checked now", subject->who, now->invariants[i].text);
}

static void compare_slowness(struct sn_diff *diff, const struct sn_diff_subject *subject,
                             uint64_t before, uint64_t now)
{
    if (before != now)
        sn_diff_found(diff, 0, subject->name, subject->location,
                      "handlers of %s were slow after %s and are after %s", subject->who,
                      before == 0 ? "any time" : sn_diff_duration(diff, before),
                      now == 0 ? "any time" : sn_diff_duration(diff, now));
}

static void compare_workers(struct sn_diff *diff, const struct sn_worker *before,
                            const struct sn_worker *now)
{
    struct sn_diff_subject subject = {
        .name = before->name,
        .who = sn_arena_printf(diff->arena, "the worker '%s'", now->name),
        .location = &now->location};

    if (strcmp(before->name, now->name) != 0)
        sn_diff_found(diff, SN_BREAK_API, before->name, &now->location,
                      "the worker '%s' is called '%s' now", before->name, now->name);
    compare_kept(diff, &subject, before, now);
    sn_diff_structs(diff, sn_arena_printf(diff->arena, "the arguments of '%s'", now->name),
                    sn_diff_part(diff, &subject, "args"), before->args, now->args, &now->location);
    compare_hooks(diff, &subject, before, now);
    compare_timers(diff, &subject, before, now);
    compare_handled(diff, &subject, "", (struct handled){before->handles, before->handle_count},
                    (struct handled){now->handles, now->handle_count});
    compare_handled(diff, &subject, "dead letters of ",
                    (struct handled){before->dead, before->dead_count},
                    (struct handled){now->dead, now->dead_count});
    sn_diff_edges(diff, &subject, before->edges, before->edge_count, now->edges, now->edge_count);
    sn_diff_asks(diff, &subject, before, now);
    sn_diff_bonds(diff, &subject, before, now);
    compare_memory(diff, &subject, before, now);
    compare_include(diff, &subject, before->include, now->include);
    compare_invariants(diff, &subject, before, now);
    compare_slowness(diff, &subject, before->slow_after_ns, now->slow_after_ns);
}

static struct sn_diff_name *worker_names(struct sn_diff *diff, const struct sn_package *package)
{
    struct sn_diff_name *names = sn_diff_names(diff, package->worker_count);

    for (size_t i = 0; names != NULL && i < package->worker_count; i++)
        names[i] = (struct sn_diff_name){.name = package->workers[i]->name,
                                         .was = package->workers[i]->was.name};
    return names;
}

void sn_diff_workers(struct sn_diff *diff)
{
    const struct sn_package *before = diff->before, *now = diff->now;
    const struct sn_diff_name *old = worker_names(diff, before), *new = worker_names(diff, now);
    struct sn_diff_subject outside = {.name = "main", .who = "main", .location = &now->location};
    struct sn_diff_pairs pairs;

    if (old == NULL || new == NULL ||
        !sn_diff_pair(diff, old, before->worker_count, new, now->worker_count, &pairs))
        return;
    for (size_t i = 0; i < before->worker_count; i++)
        if (pairs.partner[i] != SN_DIFF_NONE)
            compare_workers(diff, before->workers[i], now->workers[pairs.partner[i]]);
        else
            sn_diff_found(diff, SN_BREAK_API, old[i].name, &before->workers[i]->location,
                          "the worker '%s' is gone", old[i].name);
    for (size_t i = 0; i < now->worker_count; i++)
        if (pairs.is_new[i])
            sn_diff_new(diff, NULL, &new[i], 0, new[i].name, &now->workers[i]->location,
                        sn_arena_printf(diff->arena, "the worker '%s'", new[i].name));
    sn_diff_edges(diff, &outside, before->edges, before->edge_count, now->edges, now->edge_count);
    sn_diff_spawns(diff, &outside, before->spawns, before->spawn_count, now->spawns,
                   now->spawn_count);
}
