/* SPDX-License-Identifier: MIT */
/*
 * Workers of two versions, with what they keep and whom they talk to. Code of
 * the worker itself counts as code for the old version too: a hook that goes is
 * a function that nobody calls any more. A hook, handler or timer that comes is
 * a function to be written, and breaks nobody else.
 */
#include "check/diff_parts.h"

#include "base/map.h"
#include "model/print.h"

#include <string.h>

/* What the comparison of one worker is about; of main, `now` is NULL. */
struct subject {
    const char *name; /* the old one */
    const char *who;  /* "the worker 'front'", "main" */
    const struct sn_location *location;
};

static const char *part_of(struct sn_diff *diff, const struct subject *subject, const char *part)
{
    return sn_arena_printf(diff->arena, "%s.%s", subject->name, part);
}

/* ---- what it keeps ------------------------------------------------------ */

/* Retained state is saved as it is in memory, so every change of it counts. */
static void compare_kept(struct sn_diff *diff, const struct subject *subject,
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
        .subject = part_of(diff, subject, "state"),
        .kinds = SN_BREAK_API,
        .renamed = SN_BREAK_API,
        .location = *subject->location};
    sn_diff_fields(diff, &fields, before->state, before->state_count, now->state, now->state_count);
}

static void compare_structs(struct sn_diff *diff, const char *what, const char *subject,
                            const struct sn_struct *before, const struct sn_struct *now,
                            const struct sn_location *location)
{
    struct sn_diff_fields fields = {.what = what,
                                    .subject = subject,
                                    .kinds = SN_BREAK_API,
                                    .renamed = SN_BREAK_API,
                                    .location = *location};

    sn_diff_fields(diff, &fields, before != NULL ? before->fields : NULL,
                   before != NULL ? before->field_count : 0, now != NULL ? now->fields : NULL,
                   now != NULL ? now->field_count : 0);
}

/* ---- what is called of it ----------------------------------------------- */

static void compare_hook(struct sn_diff *diff, const struct subject *subject, bool before, bool now,
                         const char *hook)
{
    if (before == now)
        return;
    sn_diff_found(diff, before ? SN_BREAK_API : 0, subject->name, subject->location,
                  before ? "%s has no %s any more" : "%s has %s now: one function to write",
                  subject->who, hook);
}

static void compare_hooks(struct sn_diff *diff, const struct subject *subject,
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

static void compare_timers(struct sn_diff *diff, const struct subject *subject,
                           const struct sn_worker *before, const struct sn_worker *now)
{
    for (size_t i = 0; i < before->timer_count; i++) {
        const struct sn_timer *old = &before->timers[i], *new = find_timer(now, old->name);
        const char *name = part_of(diff, subject, old->name);

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
            sn_diff_found(diff, 0, part_of(diff, subject, now->timers[i].name),
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
static void compare_handled(struct sn_diff *diff, const struct subject *subject, const char *kind,
                            struct handled before, struct handled now)
{
    for (size_t i = 0; i < before.count; i++)
        if (!has_now(now, before.messages[i]))
            sn_diff_found(diff, SN_BREAK_API, part_of(diff, subject, before.messages[i]->name),
                          subject->location, "%s does not handle %s'%s' any more", subject->who,
                          kind, before.messages[i]->name);
    for (size_t i = 0; i < now.count; i++)
        if (!had_before(before, now.messages[i]))
            sn_diff_found(diff, 0, part_of(diff, subject, now.messages[i]->name), subject->location,
                          "%s handles %s'%s' now: one function to write", subject->who, kind,
                          now.messages[i]->name);
}

/* ---- whom it talks to --------------------------------------------------- */

static struct sn_diff_name *edge_names(struct sn_diff *diff, const struct sn_edge *edges,
                                       size_t count)
{
    struct sn_diff_name *names = sn_diff_names(diff, count);

    for (size_t i = 0; names != NULL && i < count; i++) {
        const struct sn_pool *pool = edges[i].pool;
        const struct sn_message *message = edges[i].message;
        const char *old_pool = pool->was.name != NULL ? pool->was.name : pool->name;
        const char *old_message = message->was.name != NULL ? message->was.name : message->name;

        names[i].name = sn_arena_printf(diff->arena, "%s.%s", pool->name, message->name);
        if (pool->was.name != NULL || message->was.name != NULL)
            names[i].was = sn_arena_printf(diff->arena, "%s.%s", old_pool, old_message);
    }
    return names;
}

/* Times are given up earlier, or never where they were. */
static void compare_deadlines(struct sn_diff *diff, const char *subject, const char *what,
                              const struct sn_edge *before, const struct sn_edge *now)
{
    if (before->deadline_ns == now->deadline_ns || before->deadline_ns == 0 ||
        now->deadline_ns == 0)
        return;
    sn_diff_found(diff, now->deadline_ns < before->deadline_ns ? SN_BREAK_POLICY : 0, subject,
                  &now->location, "%s had the deadline %s and has %s", what,
                  sn_diff_duration(diff, before->deadline_ns),
                  sn_diff_duration(diff, now->deadline_ns));
}

static uint32_t retries_of(const struct sn_edge *edge)
{
    return edge->guard != NULL ? edge->guard->retries : 0;
}

static uint32_t failures_of(const struct sn_edge *edge)
{
    return edge->guard != NULL ? edge->guard->failures : 0;
}

/* A breaker that comes or opens sooner refuses what went through; fewer retries give up sooner. */
static void compare_guards(struct sn_diff *diff, const char *subject, const char *what,
                           const struct sn_edge *before, const struct sn_edge *now)
{
    uint32_t old = failures_of(before), new = failures_of(now);

    if (retries_of(before) != retries_of(now))
        sn_diff_found(diff, retries_of(now) < retries_of(before) ? SN_BREAK_POLICY : 0, subject,
                      &now->location, "%s was retried %u times and is %u times", what,
                      (unsigned)retries_of(before), (unsigned)retries_of(now));
    if (old != new && (old == 0 || new == 0))
        sn_diff_found(diff, old == 0 ? SN_BREAK_POLICY : 0, subject, &now->location,
                      new == 0 ? "%s has no breaker any more" : "%s has a breaker now", what);
    else if (old != new)
        sn_diff_found(diff, new < old ? SN_BREAK_POLICY : 0, subject, &now->location,
                      "%s: its breaker opened after %u failures and does after %u", what,
                      (unsigned)old, (unsigned)new);
}

/* A form that is gone is a function that is gone. */
static void compare_form(struct sn_diff *diff, const char *subject, const char *what,
                         const struct sn_location *location, bool before, bool now,
                         const char *form)
{
    if (before != now)
        sn_diff_found(diff, before ? SN_BREAK_EDGE | SN_BREAK_API : 0, subject, location,
                      before ? "%s cannot go %s any more" : "%s can go %s now", what, form);
}

static void compare_edge(struct sn_diff *diff, const char *subject, const char *what,
                         const struct sn_edge *before, const struct sn_edge *now)
{
    const struct sn_location *at = &now->location;

    compare_form(diff, subject, what, at, before->routed, now->routed,
                 "to a member that the pool chooses");
    compare_form(diff, subject, what, at, before->indexed, now->indexed,
                 "to a member by its index");
    compare_form(diff, subject, what, at, before->each, now->each, "to each member");
    compare_deadlines(diff, subject, what, before, now);
    compare_guards(diff, subject, what, before, now);
}

static void compare_edges(struct sn_diff *diff, const struct subject *subject,
                          const struct sn_edge *before, size_t before_count,
                          const struct sn_edge *now, size_t now_count)
{
    const struct sn_diff_name *old = edge_names(diff, before, before_count);
    const struct sn_diff_name *new = edge_names(diff, now, now_count);
    struct sn_diff_pairs pairs;

    if (old == NULL || new == NULL ||
        !sn_diff_pair(diff, old, before_count, new, now_count, &pairs))
        return;
    for (size_t i = 0; i < before_count; i++) {
        const char *name = part_of(diff, subject, old[i].name);

        if (pairs.partner[i] == SN_DIFF_NONE)
            sn_diff_found(diff, SN_BREAK_EDGE | SN_BREAK_API, name, subject->location,
                          "%s may not send '%s' any more", subject->who, old[i].name);
        else
            compare_edge(
                diff, name,
                sn_arena_printf(diff->arena, "%s: '%s'", subject->who, new[pairs.partner[i]].name),
                &before[i], &now[pairs.partner[i]]);
    }
    for (size_t i = 0; i < now_count; i++)
        if (pairs.is_new[i])
            sn_diff_found(diff, 0, part_of(diff, subject, new[i].name), &now[i].location,
                          "%s may send '%s' now", subject->who, new[i].name);
}

/* ---- what it asks ------------------------------------------------------- */

static const struct sn_ask *find_ask(const struct sn_worker *worker, const char *role)
{
    for (size_t i = 0; i < worker->ask_count; i++)
        if (strcmp(worker->asks[i].role, role) == 0)
            return &worker->asks[i];
    return NULL;
}

static size_t field_count(const struct sn_struct *structure)
{
    return structure != NULL ? structure->field_count : 0;
}

static void compare_ask(struct sn_diff *diff, const struct subject *subject,
                        const struct sn_ask *before, const struct sn_ask *now)
{
    const struct sn_edge *old = &before->edge, *new = &now->edge;
    const char *name = part_of(diff, subject, now->role);
    const char *what = sn_arena_printf(diff->arena, "the ask '%s' of %s", now->role, subject->who);

    if (!sn_diff_is_same(old->pool->name, new->pool->name, &new->pool->was) ||
        !sn_diff_is_same(old->message->name, new->message->name, &new->message->was)) {
        sn_diff_found(diff, SN_BREAK_EDGE | SN_BREAK_API, name, &now->location,
                      "%s went to '%s.%s' and goes to '%s.%s'", what, old->pool->name,
                      old->message->name, new->pool->name, new->message->name);
        return;
    }
    compare_edge(diff, name, what, old, new);
    if (before->survives != now->survives)
        sn_diff_found(diff, before->survives ? SN_BREAK_POLICY : 0, name, &now->location,
                      before->survives ? "%s: its answers do not survive a restart any more"
                                       : "%s: its answers survive a restart now",
                      what);
    if (field_count(before->context) == 0 && field_count(now->context) > 0)
        sn_diff_found(diff, SN_BREAK_API, name, &now->location,
                      "%s had no context, so its functions have one argument more", what);
    compare_structs(diff, sn_arena_printf(diff->arena, "the context of %s", what),
                    sn_arena_printf(diff->arena, "%s.context", name), before->context, now->context,
                    &now->location);
}

static void compare_asks(struct sn_diff *diff, const struct subject *subject,
                         const struct sn_worker *before, const struct sn_worker *now)
{
    for (size_t i = 0; i < before->ask_count; i++) {
        const struct sn_ask *ask = find_ask(now, before->asks[i].role);

        if (ask != NULL)
            compare_ask(diff, subject, &before->asks[i], ask);
        else
            sn_diff_found(diff, SN_BREAK_EDGE | SN_BREAK_API,
                          part_of(diff, subject, before->asks[i].role), subject->location,
                          "%s does not ask '%s' any more", subject->who, before->asks[i].role);
    }
    for (size_t i = 0; i < now->ask_count; i++)
        if (find_ask(before, now->asks[i].role) == NULL)
            sn_diff_found(diff, 0, part_of(diff, subject, now->asks[i].role),
                          &now->asks[i].location, "%s asks '%s' now: one function to write",
                          subject->who, now->asks[i].role);
}

/* ---- whom it watches ---------------------------------------------------- */

static bool has_bond(const struct sn_bond *bonds, size_t count, const struct sn_pool *before)
{
    for (size_t i = 0; i < count; i++)
        if (sn_diff_is_same(before->name, bonds[i].pool->name, &bonds[i].pool->was))
            return true;
    return false;
}

static bool had_bond(const struct sn_bond *bonds, size_t count, const struct sn_pool *now)
{
    for (size_t i = 0; i < count; i++)
        if (sn_diff_is_same(bonds[i].pool->name, now->name, &now->was))
            return true;
    return false;
}

/* `verb` is "watch" or "link to". */
static void compare_bonds(struct sn_diff *diff, const struct subject *subject, const char *verb,
                          const struct sn_bond *before, size_t before_count,
                          const struct sn_bond *now, size_t now_count)
{
    for (size_t i = 0; i < before_count; i++)
        if (!has_bond(now, now_count, before[i].pool))
            sn_diff_found(diff, SN_BREAK_EDGE | SN_BREAK_API,
                          part_of(diff, subject, before[i].pool->name), subject->location,
                          "%s may not %s '%s' any more", subject->who, verb, before[i].pool->name);
    for (size_t i = 0; i < now_count; i++)
        if (!had_bond(before, before_count, now[i].pool))
            sn_diff_found(diff, 0, part_of(diff, subject, now[i].pool->name), &now[i].location,
                          "%s may %s '%s' now", subject->who, verb, now[i].pool->name);
}

/* ---- all of them -------------------------------------------------------- */

static const char *memory_text(struct sn_diff *diff, const struct sn_worker *worker)
{
    return worker->memory_bytes == 0 ? "any number of bytes"
                                     : sn_arena_printf(diff->arena, "%llu bytes",
                                                       (unsigned long long)worker->memory_bytes);
}

/* 0 is not bounded, so one less is the largest number. */
static void compare_memory(struct sn_diff *diff, const struct subject *subject,
                           const struct sn_worker *before, const struct sn_worker *now)
{
    if (before->memory_bytes != now->memory_bytes)
        sn_diff_found(diff, now->memory_bytes - 1 < before->memory_bytes - 1 ? SN_BREAK_POLICY : 0,
                      subject->name, subject->location, "%s could hold %s and can hold %s",
                      subject->who, memory_text(diff, before), memory_text(diff, now));
}

static void compare_workers(struct sn_diff *diff, const struct sn_worker *before,
                            const struct sn_worker *now)
{
    struct subject subject = {.name = before->name,
                              .who = sn_arena_printf(diff->arena, "the worker '%s'", now->name),
                              .location = &now->location};

    if (strcmp(before->name, now->name) != 0)
        sn_diff_found(diff, SN_BREAK_API, before->name, &now->location,
                      "the worker '%s' is called '%s' now", before->name, now->name);
    compare_kept(diff, &subject, before, now);
    compare_structs(diff, sn_arena_printf(diff->arena, "the arguments of '%s'", now->name),
                    part_of(diff, &subject, "args"), before->args, now->args, &now->location);
    compare_hooks(diff, &subject, before, now);
    compare_timers(diff, &subject, before, now);
    compare_handled(diff, &subject, "", (struct handled){before->handles, before->handle_count},
                    (struct handled){now->handles, now->handle_count});
    compare_handled(diff, &subject, "dead letters of ",
                    (struct handled){before->dead, before->dead_count},
                    (struct handled){now->dead, now->dead_count});
    compare_edges(diff, &subject, before->edges, before->edge_count, now->edges, now->edge_count);
    compare_asks(diff, &subject, before, now);
    compare_bonds(diff, &subject, "watch", before->watches, before->watch_count, now->watches,
                  now->watch_count);
    compare_bonds(diff, &subject, "link to", before->links, before->link_count, now->links,
                  now->link_count);
    compare_memory(diff, &subject, before, now);
}

static struct sn_diff_name *worker_names(struct sn_diff *diff, const struct sn_package *package)
{
    struct sn_diff_name *names = sn_diff_names(diff, package->worker_count);

    for (size_t i = 0; names != NULL && i < package->worker_count; i++)
        names[i] = (struct sn_diff_name){package->workers[i]->name, package->workers[i]->was.name};
    return names;
}

void sn_diff_workers(struct sn_diff *diff)
{
    const struct sn_package *before = diff->before, *now = diff->now;
    const struct sn_diff_name *old = worker_names(diff, before), *new = worker_names(diff, now);
    struct subject outside = {.name = "main", .who = "main", .location = &now->location};
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
            sn_diff_found(diff, 0, new[i].name, &now->workers[i]->location,
                          "the worker '%s' is new", new[i].name);
    compare_edges(diff, &outside, before->edges, before->edge_count, now->edges, now->edge_count);
}
