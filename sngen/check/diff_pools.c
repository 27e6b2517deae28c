/* SPDX-License-Identifier: MIT */
/*
 * Pools of two versions: where a key belongs, and what happens when a mailbox
 * is full. Without keys nothing belongs to a member, so its route and size are
 * nobody's business but the sender's who counts members himself.
 */
#include "check/diff_parts.h"

#include "check/layouts.h"
#include "model/print.h"

#include <string.h>

/* ---- where a key belongs ------------------------------------------------ */

static const char *size_text(struct sn_diff *diff, const struct sn_pool *pool)
{
    if (pool->at_run_time)
        return sn_arena_printf(diff->arena, "0..%u", (unsigned)pool->size);
    return pool->size_auto ? "auto" : sn_arena_printf(diff->arena, "%u", (unsigned)pool->size);
}

static const char *member_text(struct sn_diff *diff, const struct sn_pool *pool)
{
    return pool->keyed ? sn_partition_text(diff->arena, pool)
                       : sn_arena_printf(diff->arena, "%s of %s without keys",
                                         sn_route_word(pool->route), size_text(diff, pool));
}

static bool custom_changed(const struct sn_pool *before, const struct sn_pool *now)
{
    return (before->route == SN_ROUTE_CUSTOM) != (now->route == SN_ROUTE_CUSTOM);
}

static void compare_size(struct sn_diff *diff, const struct sn_pool *before,
                         const struct sn_pool *now)
{
    bool less = !before->size_auto && !now->size_auto && now->size < before->size;

    if (before->size == now->size && before->size_auto == now->size_auto &&
        before->at_run_time == now->at_run_time)
        return;
    if (before->at_run_time || now->at_run_time) {
        sn_diff_found(diff,
                      before->at_run_time != now->at_run_time ? SN_BREAK_API
                      : less                                  ? SN_BREAK_POLICY
                                                              : 0,
                      before->name, &now->location, "the pool '%s' had %s members and has %s",
                      now->name, size_text(diff, before), size_text(diff, now));
        return;
    }
    sn_diff_found(diff, less && now->size > 1 ? SN_BREAK_EDGE : 0, before->name, &now->location,
                  "the pool '%s' had %s members and has %s%s", now->name, size_text(diff, before),
                  size_text(diff, now),
                  less && now->size > 1 ? ": who counted them cannot reach the last ones" : "");
}

/* A pool of one has no choice, whatever its route says. */
static bool has_choice(const struct sn_pool *pool)
{
    return !pool->at_run_time && (pool->size_auto || pool->size > 1);
}

static void compare_routes(struct sn_diff *diff, const struct sn_pool *before,
                           const struct sn_pool *now)
{
    const char *old = member_text(diff, before), *new = member_text(diff, now);
    bool keyed = before->keyed || now->keyed;

    if (keyed && strcmp(old, new) != 0 && (has_choice(before) || has_choice(now)))
        sn_diff_found(diff, SN_BREAK_PARTITION, before->name, &now->location,
                      "the pool '%s' was %s and is %s, so keys move to other members", now->name,
                      old, new);
    else if (before->route != now->route)
        sn_diff_found(diff, 0, before->name, &now->location, "the pool '%s' was %s and is %s",
                      now->name, sn_route_word(before->route), sn_route_word(now->route));
    if (custom_changed(before, now))
        sn_diff_found(diff, before->route == SN_ROUTE_CUSTOM ? SN_BREAK_API : 0, before->name,
                      &now->location,
                      before->route == SN_ROUTE_CUSTOM
                          ? "the pool '%s' does not call its route function any more"
                          : "the pool '%s' has a route function now: one function to write",
                      now->name);
    if (!keyed)
        compare_size(diff, before, now);
}

/* ---- what happens when it is full --------------------------------------- */

static const char *policy_text(struct sn_diff *diff, const struct sn_slot *slot)
{
    struct sn_buffer text = {0};
    const char *copy;

    sn_print_policy(&text, slot);
    copy = text.failed ? "" : sn_arena_text(diff->arena, text.data, text.size);
    sn_buffer_fini(&text);
    return copy;
}

/* The field may have been renamed, or what it is in: it is still the same one. */
static bool same_key(const struct sn_slot *before, const struct sn_slot *now)
{
    if (before->path_count != now->path_count)
        return false;
    for (size_t i = 0; i < before->path_count; i++)
        if (!sn_diff_is_same(before->path[i]->name, now->path[i]->name, &now->path[i]->was))
            return false;
    return before->path_count == 0 || before->path[before->path_count - 1]->type.kind ==
                                          now->path[now->path_count - 1]->type.kind;
}

static void compare_keys(struct sn_diff *diff, const char *subject, const struct sn_pool *pool,
                         const struct sn_slot *before, const struct sn_slot *now)
{
    const char *old = sn_partition_key_text(diff->arena, before);
    const char *new = sn_partition_key_text(diff->arena, now);

    if (!same_key(before, now))
        sn_diff_found(diff, SN_BREAK_PARTITION, subject, &pool->location,
                      "the pool '%s' chose a member for '%s' by %s and does so by %s", pool->name,
                      now->message->name, old != NULL ? old : "no key",
                      new != NULL ? new : "no key");
}

static void compare_policies(struct sn_diff *diff, const char *subject, const struct sn_pool *pool,
                             const struct sn_slot *before, const struct sn_slot *now)
{
    bool roomier =
        before->full == SN_FULL_PARK && now->full == SN_FULL_PARK && now->park > before->park;

    if (before->full == now->full && before->park == now->park)
        return;
    sn_diff_found(diff, roomier ? 0 : SN_BREAK_POLICY, subject, &now->location,
                  "the pool '%s', when full: '%s' was %s and is %s", pool->name, now->message->name,
                  policy_text(diff, before), policy_text(diff, now));
}

static const struct sn_slot *find_slot(const struct sn_pool *now, const struct sn_message *before)
{
    for (size_t i = 0; i < now->slot_count; i++)
        if (sn_diff_is_same(before->name, now->slots[i].message->name, &now->slots[i].message->was))
            return &now->slots[i];
    return NULL;
}

static void compare_slots(struct sn_diff *diff, const struct sn_pool *before,
                          const struct sn_pool *now)
{
    for (size_t i = 0; i < before->slot_count; i++) {
        const struct sn_slot *old = &before->slots[i], *new = find_slot(now, old->message);
        const char *subject =
            sn_arena_printf(diff->arena, "%s.%s", before->name, old->message->name);

        if (new == NULL)
            continue; /* that the worker does not handle it any more was told */
        if (before->keyed == now->keyed)
            compare_keys(diff, subject, now, old, new);
        compare_policies(diff, subject, now, old, new);
    }
}

/* 0 is no limit. */
static void compare_number(struct sn_diff *diff, const struct sn_pool *before,
                           const struct sn_pool *now, uint64_t old, uint64_t new, const char *unit)
{
    uint64_t most = UINT64_MAX;

    if (old == new)
        return;
    sn_diff_found(
        diff, (new != 0 ? new : most) < (old != 0 ? old : most) ? SN_BREAK_POLICY : 0, before->name,
        &now->location, "a mailbox of '%s' held %s %s and holds %s", now->name,
        old != 0 ? sn_arena_printf(diff->arena, "%llu", (unsigned long long)old) : "any number of",
        unit,
        new != 0 ? sn_arena_printf(diff->arena, "%llu", (unsigned long long)new) : "any number");
}

static const char *shard_text(struct sn_diff *diff, const struct sn_pool *pool)
{
    return pool->pinned ? sn_arena_printf(diff->arena, "shard %u", (unsigned)pool->shard)
                        : "any shard";
}

/* ---- what happens when a member fails ----------------------------------- */

static const char *poison_text(struct sn_diff *diff, const struct sn_pool *pool)
{
    return pool->poison_after == 0
               ? "never"
               : sn_arena_printf(diff->arena, "after %u failures", (unsigned)pool->poison_after);
}

static void compare_failures(struct sn_diff *diff, const struct sn_pool *before,
                             const struct sn_pool *now)
{
    /* 0 is never, so one less is the largest number */
    bool sooner = now->poison_after - 1u < before->poison_after - 1u;

    if (before->restart != now->restart)
        sn_diff_found(diff, now->restart > before->restart ? SN_BREAK_POLICY : 0, before->name,
                      &now->location, "members of '%s' were %s and are %s", now->name,
                      sn_restart_word(before->restart), sn_restart_word(now->restart));
    if (before->poison_after != now->poison_after)
        sn_diff_found(diff, sooner ? SN_BREAK_POLICY : 0, before->name, &now->location,
                      "messages to '%s' were given up %s and are %s", now->name,
                      poison_text(diff, before), poison_text(diff, now));
}

/* Who has less time to end leaves more messages unhandled. */
static void compare_stop(struct sn_diff *diff, const struct sn_pool *before,
                         const struct sn_pool *now)
{
    if (before->shutdown_ns != now->shutdown_ns)
        sn_diff_found(diff, now->shutdown_ns < before->shutdown_ns ? SN_BREAK_POLICY : 0,
                      before->name, &now->location, "a member of '%s' had %s to end and has %s",
                      now->name, sn_diff_stop_time(diff, before->shutdown_ns),
                      sn_diff_stop_time(diff, now->shutdown_ns));
}

/* Where a pool of one lives is seen by nobody. */
static void compare_place(struct sn_diff *diff, const struct sn_pool *before,
                          const struct sn_pool *now)
{
    if (before->pinned == now->pinned && (!now->pinned || before->shard == now->shard))
        return;
    sn_diff_found(diff, 0, before->name, &now->location,
                  "the pool '%s' lived on %s and lives on %s", now->name, shard_text(diff, before),
                  shard_text(diff, now));
}

/* ---- all of them -------------------------------------------------------- */

static void compare_pools(struct sn_diff *diff, const struct sn_pool *before,
                          const struct sn_pool *now)
{
    if (strcmp(before->name, now->name) != 0)
        sn_diff_found(diff, SN_BREAK_API, before->name, &now->location,
                      "the pool '%s' is called '%s' now", before->name, now->name);
    if (!sn_diff_is_same(before->worker->name, now->worker->name, &now->worker->was))
        sn_diff_found(diff, SN_BREAK_API, before->name, &now->location,
                      "the members of the pool '%s' were '%s' and are '%s'", now->name,
                      before->worker->name, now->worker->name);
    compare_routes(diff, before, now);
    compare_slots(diff, before, now);
    compare_number(diff, before, now, before->mailbox_capacity, now->mailbox_capacity, "messages");
    compare_number(diff, before, now, before->mailbox_bytes, now->mailbox_bytes, "bytes");
    compare_failures(diff, before, now);
    compare_stop(diff, before, now);
    compare_place(diff, before, now);
}

static struct sn_diff_name *pool_names(struct sn_diff *diff, const struct sn_package *package)
{
    struct sn_diff_name *names = sn_diff_names(diff, package->pool_count);

    for (size_t i = 0; names != NULL && i < package->pool_count; i++)
        names[i] = (struct sn_diff_name){.name = package->pools[i]->name,
                                         .was = package->pools[i]->was.name};
    return names;
}

void sn_diff_pools(struct sn_diff *diff)
{
    const struct sn_package *before = diff->before, *now = diff->now;
    const struct sn_diff_name *old = pool_names(diff, before), *new = pool_names(diff, now);
    struct sn_diff_pairs pairs;

    if (old == NULL || new == NULL ||
        !sn_diff_pair(diff, old, before->pool_count, new, now->pool_count, &pairs))
        return;
    for (size_t i = 0; i < before->pool_count; i++)
        if (pairs.partner[i] != SN_DIFF_NONE)
            compare_pools(diff, before->pools[i], now->pools[pairs.partner[i]]);
        else
            sn_diff_found(diff, SN_BREAK_API | SN_BREAK_EDGE, old[i].name,
                          &before->pools[i]->location, "the pool '%s' is gone", old[i].name);
    for (size_t i = 0; i < now->pool_count; i++)
        if (pairs.is_new[i])
            sn_diff_new(diff, NULL, &new[i], 0, new[i].name, &now->pools[i]->location,
                        sn_arena_printf(diff->arena, "the pool '%s'", new[i].name));
}
