/* SPDX-License-Identifier: MIT */
/* Whom workers and threads outside talk to, in two versions. */
#include "check/diff_parts.h"

#include <string.h>

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

static void compare_backoffs(struct sn_diff *diff, const char *subject, const char *what,
                             const struct sn_edge *before, const struct sn_edge *now)
{
    const char *old =
        sn_diff_span(diff, before->guard->backoff_min_ns, before->guard->backoff_max_ns);
    const char *new = sn_diff_span(diff, now->guard->backoff_min_ns, now->guard->backoff_max_ns);

    if (strcmp(old, new) != 0)
        sn_diff_found(diff, 0, subject, &now->location,
                      "%s: the pauses before a retry were %s and are %s", what, old, new);
}

/* A breaker that comes or opens sooner or for longer refuses what went through; fewer retries give
 * up sooner. */
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
    if (old != 0 && new != 0 && before->guard->open_ns != now->guard->open_ns)
        sn_diff_found(diff, now->guard->open_ns > before->guard->open_ns ? SN_BREAK_POLICY : 0,
                      subject, &now->location, "%s: its breaker stayed open for %s and does for %s",
                      what, sn_diff_duration(diff, before->guard->open_ns),
                      sn_diff_duration(diff, now->guard->open_ns));
    if (retries_of(before) != 0 && retries_of(now) != 0)
        compare_backoffs(diff, subject, what, before, now);
}

/* Who does not flush waits until so many bytes have come together. */
static void compare_batches(struct sn_diff *diff, const char *subject, const char *what,
                            const struct sn_edge *before, const struct sn_edge *now)
{
    if (before->batch_bytes == now->batch_bytes)
        return;
    if (before->batch_bytes == 0 || now->batch_bytes == 0)
        sn_diff_found(diff, before->batch_bytes == 0 ? SN_BREAK_POLICY : 0, subject, &now->location,
                      now->batch_bytes == 0
                          ? "%s is sent at once, not gathered any more"
                          : "%s was sent at once and is gathered: who sends it must flush",
                      what);
    else
        sn_diff_found(
            diff, 0, subject, &now->location, "%s was gathered to %llu bytes and is to %llu", what,
            (unsigned long long)before->batch_bytes, (unsigned long long)now->batch_bytes);
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
    compare_batches(diff, subject, what, before, now);
}

void sn_diff_edges(struct sn_diff *diff, const struct sn_diff_subject *subject,
                   const struct sn_edge *before, size_t before_count, const struct sn_edge *now,
                   size_t now_count)
{
    const struct sn_diff_name *old = edge_names(diff, before, before_count);
    const struct sn_diff_name *new = edge_names(diff, now, now_count);
    struct sn_diff_pairs pairs;

    if (old == NULL || new == NULL ||
        !sn_diff_pair(diff, old, before_count, new, now_count, &pairs))
        return;
    for (size_t i = 0; i < before_count; i++) {
        const char *name = sn_diff_part(diff, subject, old[i].name);

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
            sn_diff_found(diff, 0, sn_diff_part(diff, subject, new[i].name), &now[i].location,
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

static void compare_ask(struct sn_diff *diff, const struct sn_diff_subject *subject,
                        const struct sn_ask *before, const struct sn_ask *now)
{
    const struct sn_edge *old = &before->edge, *new = &now->edge;
    const char *name = sn_diff_part(diff, subject, now->role);
    const char *what = sn_arena_printf(diff->arena, "the ask '%s' of %s", now->role, subject->who);

    if (!sn_diff_is_same(old->pool->name, new->pool->name, &new->pool->was) ||
        !sn_diff_is_same(old->message->name, new->message->name, &new->message->was)) {
        sn_diff_found(diff, SN_BREAK_EDGE | SN_BREAK_API, name, &now->location,
                      "%s went to '%s.%s' and goes to '%s.%s'", what, old->pool->name,
                      old->message->name, new->pool->name, new->message->name);
        return;
    }
    compare_edge(diff, name, what, old, new);
    if (old->each != new->each)
        sn_diff_found(diff, SN_BREAK_API, name, &now->location,
                      "%s: the function that takes the answer has one argument %s: who gave it",
                      what, new->each ? "more" : "less");
    if (before->survives != now->survives)
        sn_diff_found(diff, before->survives ? SN_BREAK_POLICY : 0, name, &now->location,
                      before->survives ? "%s: its answers do not survive a restart any more"
                                       : "%s: its answers survive a restart now",
                      what);
    if (field_count(before->context) == 0 && field_count(now->context) > 0)
        sn_diff_found(diff, SN_BREAK_API, name, &now->location,
                      "%s had no context, so its functions have one argument more", what);
    sn_diff_structs(diff, sn_arena_printf(diff->arena, "the context of %s", what),
                    sn_arena_printf(diff->arena, "%s.context", name), before->context, now->context,
                    &now->location);
}

void sn_diff_asks(struct sn_diff *diff, const struct sn_diff_subject *subject,
                  const struct sn_worker *before, const struct sn_worker *now)
{
    for (size_t i = 0; i < before->ask_count; i++) {
        const struct sn_ask *ask = find_ask(now, before->asks[i].role);

        if (ask != NULL)
            compare_ask(diff, subject, &before->asks[i], ask);
        else
            sn_diff_found(diff, SN_BREAK_EDGE | SN_BREAK_API,
                          sn_diff_part(diff, subject, before->asks[i].role), subject->location,
                          "%s does not ask '%s' any more", subject->who, before->asks[i].role);
    }
    for (size_t i = 0; i < now->ask_count; i++)
        if (find_ask(before, now->asks[i].role) == NULL)
            sn_diff_found(diff, 0, sn_diff_part(diff, subject, now->asks[i].role),
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

/* `verb` is "watch", "link to" or "spawn members of". */
static void compare_bonds(struct sn_diff *diff, const struct sn_diff_subject *subject,
                          const char *verb, const struct sn_bond *before, size_t before_count,
                          const struct sn_bond *now, size_t now_count)
{
    for (size_t i = 0; i < before_count; i++)
        if (!has_bond(now, now_count, before[i].pool))
            sn_diff_found(diff, SN_BREAK_EDGE | SN_BREAK_API,
                          sn_diff_part(diff, subject, before[i].pool->name), subject->location,
                          "%s may not %s '%s' any more", subject->who, verb, before[i].pool->name);
    for (size_t i = 0; i < now_count; i++)
        if (!had_bond(before, before_count, now[i].pool))
            sn_diff_found(diff, 0, sn_diff_part(diff, subject, now[i].pool->name), &now[i].location,
                          "%s may %s '%s' now", subject->who, verb, now[i].pool->name);
}

void sn_diff_bonds(struct sn_diff *diff, const struct sn_diff_subject *subject,
                   const struct sn_worker *before, const struct sn_worker *now)
{
    compare_bonds(diff, subject, "watch", before->watches, before->watch_count, now->watches,
                  now->watch_count);
    compare_bonds(diff, subject, "link to", before->links, before->link_count, now->links,
                  now->link_count);
    sn_diff_spawns(diff, subject, before->spawns, before->spawn_count, now->spawns,
                   now->spawn_count);
}

void sn_diff_spawns(struct sn_diff *diff, const struct sn_diff_subject *subject,
                    const struct sn_bond *before, size_t before_count, const struct sn_bond *now,
                    size_t now_count)
{
    compare_bonds(diff, subject, "spawn members of", before, before_count, now, now_count);
}
