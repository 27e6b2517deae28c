/* SPDX-License-Identifier: MIT */
/* The actors of two versions: workers, pools with their routes and mailboxes, and edges. */
#include "check/diff_parts.h"

#include "base/map.h"
#include "model/print.h"

#include <string.h>

/* ---- workers ------------------------------------------------------------ */

/* Retained state is saved and read again, so every change of it counts. */
static void compare_retained(struct sn_diff *diff, const struct sn_worker *before,
                             const struct sn_worker *now)
{
    const char *what = sn_arena_printf(diff->arena, "what '%s' retains", now->name);

    sn_diff_fields(diff, SN_BREAK_SNAPSHOT, what, &now->location, before->retain,
                   before->retain_count, now->retain, now->retain_count);
    if (now->retain_count > before->retain_count)
        sn_diff_found(diff, SN_BREAK_SNAPSHOT, &now->location, "%s has %zu members more", what,
                      now->retain_count - before->retain_count);
}

static void compare_handles(struct sn_diff *diff, const struct sn_worker *before,
                            const struct sn_worker *now)
{
    struct sn_map handles;

    sn_map_init(&handles, diff->arena);
    for (size_t i = 0; i < now->handle_count; i++)
        sn_map_put(&handles, now->handles[i]->name, now->handles[i]);
    for (size_t i = 0; i < before->handle_count; i++)
        if (sn_map_get(&handles, before->handles[i]->name) == NULL)
            sn_diff_found(diff, SN_BREAK_API, &now->location,
                          "the worker '%s' does not handle '%s' any more", now->name,
                          before->handles[i]->name);
}

static const struct sn_ask *find_ask(const struct sn_worker *worker, const char *role)
{
    for (size_t i = 0; i < worker->ask_count; i++)
        if (strcmp(worker->asks[i].role, role) == 0)
            return &worker->asks[i];
    return NULL;
}

static const struct sn_timer *find_timer(const struct sn_worker *worker, const char *name)
{
    for (size_t i = 0; i < worker->timer_count; i++)
        if (strcmp(worker->timers[i].name, name) == 0)
            return &worker->timers[i];
    return NULL;
}

static void compare_asks(struct sn_diff *diff, const struct sn_worker *before,
                         const struct sn_worker *now)
{
    for (size_t i = 0; i < before->ask_count; i++)
        if (find_ask(now, before->asks[i].role) == NULL)
            sn_diff_found(diff, SN_BREAK_EDGE | SN_BREAK_API, &now->location,
                          "the worker '%s' does not ask '%s' any more", now->name,
                          before->asks[i].role);
    for (size_t i = 0; i < before->timer_count; i++)
        if (find_timer(now, before->timers[i].name) == NULL)
            sn_diff_found(diff, SN_BREAK_API, &now->location,
                          "the worker '%s' has no timer '%s' any more", now->name,
                          before->timers[i].name);
}

static void compare_args(struct sn_diff *diff, const struct sn_worker *before,
                         const struct sn_worker *now)
{
    sn_diff_fields(diff, SN_BREAK_API,
                   sn_arena_printf(diff->arena, "the arguments of '%s'", now->name), &now->location,
                   before->args != NULL ? before->args->fields : NULL,
                   before->args != NULL ? before->args->field_count : 0,
                   now->args != NULL ? now->args->fields : NULL,
                   now->args != NULL ? now->args->field_count : 0);
}

/* ---- edges -------------------------------------------------------------- */

static void compare_edges(struct sn_diff *diff, const char *who, const struct sn_location *location,
                          const struct sn_edge *before, size_t before_count,
                          const struct sn_edge *now, size_t now_count)
{
    struct sn_map edges;

    sn_map_init(&edges, diff->arena);
    for (size_t i = 0; i < now_count; i++)
        sn_map_put(&edges,
                   sn_arena_printf(diff->arena, "%s.%s", now[i].pool->name, now[i].message->name),
                   &now[i]);
    for (size_t i = 0; i < before_count; i++) {
        const char *name =
            sn_arena_printf(diff->arena, "%s.%s", before[i].pool->name, before[i].message->name);
        const struct sn_edge *edge = sn_map_get(&edges, name);

        if (edge == NULL)
            sn_diff_found(diff, SN_BREAK_EDGE | SN_BREAK_API, location,
                          "%s may not send '%s' any more", who, name);
        else if (before[i].each && !edge->each)
            sn_diff_found(diff, SN_BREAK_EDGE | SN_BREAK_API, &edge->location,
                          "%s may not send '%s' to each member any more", who, name);
    }
}

static void diff_workers(struct sn_diff *diff)
{
    struct sn_map workers;

    sn_map_init(&workers, diff->arena);
    for (size_t i = 0; i < diff->now->worker_count; i++)
        sn_map_put(&workers, diff->now->workers[i]->name, diff->now->workers[i]);
    for (size_t i = 0; i < diff->before->worker_count; i++) {
        const struct sn_worker *before = diff->before->workers[i];
        const struct sn_worker *now = sn_map_get(&workers, before->name);

        if (now == NULL) {
            sn_diff_found(diff, SN_BREAK_API, &before->location, "the worker '%s' is gone",
                          before->name);
            continue;
        }
        compare_retained(diff, before, now);
        compare_args(diff, before, now);
        compare_handles(diff, before, now);
        compare_asks(diff, before, now);
        compare_edges(diff, sn_arena_printf(diff->arena, "the worker '%s'", now->name),
                      &now->location, before->edges, before->edge_count, now->edges,
                      now->edge_count);
    }
}

/* ---- pools -------------------------------------------------------------- */

static bool same_splits(const struct sn_pool *before, const struct sn_pool *now)
{
    for (size_t i = 0; i < before->split_count && before->split_count == now->split_count; i++) {
        const struct sn_split *old = &before->splits[i], *new = &now->splits[i];

        if (old->number != new->number || old->negative != new->negative ||
            old->text_size != new->text_size ||
            (old->text != NULL && memcmp(old->text, new->text, old->text_size) != 0))
            return false;
    }
    return before->split_count == now->split_count;
}

static void compare_routes(struct sn_diff *diff, const struct sn_pool *before,
                           const struct sn_pool *now)
{
    const char *change = NULL;

    if (!before->keyed && !now->keyed)
        return; /* no key belongs to anybody */
    if (before->route != now->route)
        change = "its route changed";
    else if (before->size != now->size || before->size_auto != now->size_auto)
        change = "its size changed";
    else if (before->virtual_nodes != now->virtual_nodes)
        change = "its virtual nodes changed";
    else if (!same_splits(before, now))
        change = "its splits changed";
    if (change != NULL)
        sn_diff_found(diff, SN_BREAK_PARTITION, &now->location,
                      "the pool '%s': %s, so keys move to other members", now->name, change);
}

static const char *slot_text(struct sn_diff *diff, const struct sn_slot *slot,
                             void (*print)(struct sn_buffer *, const struct sn_slot *))
{
    struct sn_buffer text = {0};
    const char *copy;

    print(&text, slot);
    copy = text.size > 0 ? sn_arena_text(diff->arena, text.data, text.size) : "no key";
    sn_buffer_fini(&text);
    return copy;
}

static void compare_slots(struct sn_diff *diff, const struct sn_pool *pool,
                          const struct sn_slot *before, const struct sn_slot *now)
{
    const char *old_key = slot_text(diff, before, sn_print_key);
    const char *new_key = slot_text(diff, now, sn_print_key);
    const char *old_policy = slot_text(diff, before, sn_print_policy);
    const char *new_policy = slot_text(diff, now, sn_print_policy);

    if (strcmp(old_key, new_key) != 0)
        sn_diff_found(diff, SN_BREAK_PARTITION, &pool->location,
                      "the pool '%s' chose a member for '%s' by %s and does so by %s", pool->name,
                      now->message->name, old_key, new_key);
    if (strcmp(old_policy, new_policy) != 0)
        sn_diff_found(diff, SN_BREAK_POLICY, &now->location,
                      "the pool '%s', when full: '%s' was %s and is %s", pool->name,
                      now->message->name, old_policy, new_policy);
}

static void compare_mailboxes(struct sn_diff *diff, const struct sn_pool *before,
                              const struct sn_pool *now)
{
    uint64_t none = UINT64_MAX;
    uint64_t old_bytes = before->mailbox_bytes != 0 ? before->mailbox_bytes : none;
    uint64_t new_bytes = now->mailbox_bytes != 0 ? now->mailbox_bytes : none;

    if (now->mailbox_capacity < before->mailbox_capacity)
        sn_diff_found(diff, SN_BREAK_POLICY, &now->location,
                      "the pool '%s' queued %u messages and queues only %u", now->name,
                      (unsigned)before->mailbox_capacity, (unsigned)now->mailbox_capacity);
    if (new_bytes < old_bytes)
        sn_diff_found(diff, SN_BREAK_POLICY, &now->location,
                      "the mailboxes of '%s' hold fewer bytes: %llu", now->name,
                      (unsigned long long)new_bytes);
    for (size_t i = 0; i < before->slot_count; i++)
        for (size_t k = 0; k < now->slot_count; k++)
            if (strcmp(before->slots[i].message->name, now->slots[k].message->name) == 0)
                compare_slots(diff, now, &before->slots[i], &now->slots[k]);
}

static void diff_pools(struct sn_diff *diff)
{
    struct sn_map pools;

    sn_map_init(&pools, diff->arena);
    for (size_t i = 0; i < diff->now->pool_count; i++)
        sn_map_put(&pools, diff->now->pools[i]->name, diff->now->pools[i]);
    for (size_t i = 0; i < diff->before->pool_count; i++) {
        const struct sn_pool *before = diff->before->pools[i];
        const struct sn_pool *now = sn_map_get(&pools, before->name);

        if (now == NULL) {
            sn_diff_found(diff, SN_BREAK_API | SN_BREAK_EDGE, &before->location,
                          "the pool '%s' is gone", before->name);
            continue;
        }
        if (strcmp(before->worker->name, now->worker->name) != 0)
            sn_diff_found(diff, SN_BREAK_API, &now->location,
                          "the members of the pool '%s' were '%s' and are '%s'", now->name,
                          before->worker->name, now->worker->name);
        compare_routes(diff, before, now);
        compare_mailboxes(diff, before, now);
    }
}

void sn_diff_actors(struct sn_diff *diff)
{
    diff_workers(diff);
    diff_pools(diff);
    compare_edges(diff, "main", &diff->now->location, diff->before->edges, diff->before->edge_count,
                  diff->now->edges, diff->now->edge_count);
}
