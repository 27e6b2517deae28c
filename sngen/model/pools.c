/* SPDX-License-Identifier: MIT */
/*
 * Pools: the declared ones in order, then one of one member for each worker
 * that no pool names. Each gets a slot for each message of its worker, with
 * how it is routed (route.c) and what happens when the mailbox is full.
 */
#include "model/resolve.h"

#include <string.h>

#define DEFAULT_SHUTDOWN_NS 5000000000u

static enum sn_restart restart_of(const struct sn_raw *raw)
{
    const struct sn_raw *restart = sn_raw_get(raw, SN_WORD_RESTART);

    if (restart == NULL || strcmp(restart->text, "permanent") == 0)
        return SN_RESTART_PERMANENT;
    return strcmp(restart->text, "transient") == 0 ? SN_RESTART_TRANSIENT : SN_RESTART_TEMPORARY;
}

static uint64_t shutdown_of(const struct sn_raw *raw, uint64_t fallback)
{
    const struct sn_raw *shutdown = sn_raw_get(raw, SN_WORD_SHUTDOWN);

    if (shutdown == NULL)
        return fallback;
    if (shutdown->text == NULL)
        return shutdown->number;
    return strcmp(shutdown->text, "brutal") == 0 ? 0 : SN_NO_TIME_LIMIT;
}

static int make_slots(struct sn_resolver *resolver, struct sn_bound_pool *bound)
{
    struct sn_pool *pool = bound->pool;
    size_t count = pool->worker != NULL ? pool->worker->handle_count : 0;

    pool->slots = sn_arena_array(resolver->arena, count, sizeof *pool->slots);
    if (pool->slots == NULL)
        return -1;
    sn_map_init(&bound->slots, resolver->arena);
    for (size_t i = 0; i < count; i++) {
        pool->slots[i] =
            (struct sn_slot){.message = pool->worker->handles[i], .location = pool->location};
        sn_map_put(&bound->slots, pool->slots[i].message->name, &pool->slots[i]);
    }
    pool->slot_count = count;
    return 0;
}

static void set_policy(struct sn_slot *slot, const struct sn_raw *raw)
{
    slot->park = 0;
    slot->location = raw->node->location;
    if (strcmp(raw->text, "reject") == 0)
        slot->full = SN_FULL_REJECT;
    else if (strcmp(raw->text, "drop_oldest") == 0)
        slot->full = SN_FULL_DROP_OLDEST;
    else if (strcmp(raw->text, "drop_newest") == 0)
        slot->full = SN_FULL_DROP_NEWEST;
    else {
        slot->full = SN_FULL_PARK;
        slot->park = (uint32_t)raw->number;
    }
}

static void resolve_mailbox(struct sn_resolver *resolver, const struct sn_raw *raw,
                            struct sn_pool *pool)
{
    const struct sn_raw *full = sn_raw_get(raw, SN_WORD_FULL);

    pool->mailbox_capacity =
        (uint32_t)sn_resolve_number(resolver, sn_raw_get(raw, SN_WORD_CAPACITY), 1024);
    pool->mailbox_bytes = sn_resolve_number(resolver, sn_raw_get(raw, SN_WORD_BYTES), 0);
    if (full == NULL)
        return;
    for (size_t i = 0; full->text != NULL && i < pool->slot_count; i++)
        set_policy(&pool->slots[i], full);
    for (size_t i = 0; full->text == NULL && i < full->count; i++) {
        const struct sn_raw *item = &full->items[i];
        const struct sn_slot *slot =
            sn_resolve_slot(resolver, pool, item->name->text, &item->name->location);

        if (slot != NULL)
            set_policy(&pool->slots[slot - pool->slots], item);
    }
}

static void resolve_size(struct sn_resolver *resolver, const struct sn_raw *raw,
                         struct sn_pool *pool)
{
    const struct sn_raw *size = sn_raw_get(raw, SN_WORD_SIZE);
    const struct sn_raw *shard = sn_raw_get(raw, SN_WORD_SHARD);

    pool->size_auto = size != NULL && size->text != NULL && strcmp(size->text, "auto") == 0;
    pool->at_run_time = size != NULL && size->number_to > 0;
    pool->size = pool->size_auto     ? 1
                 : pool->at_run_time ? (uint32_t)size->number_to
                                     : (uint32_t)sn_resolve_number(resolver, size, 1);
    pool->pinned = shard != NULL;
    pool->shard = (uint32_t)sn_resolve_number(resolver, shard, 0);
    if (shard != NULL && size != NULL &&
        (pool->size_auto || pool->at_run_time || pool->size != 1)) {
        sn_diag_error(resolver->diags, SN_CODE_SHARD, &shard->name->location,
                      "only a pool of one can be pinned to a shard");
        sn_diag_note(resolver->diags, &size->node->location, "this pool has more members");
    }
}

/* What cannot be said of members that are made at run time. */
static void resolve_run_time(struct sn_resolver *resolver, const struct sn_raw *raw,
                             struct sn_pool *pool)
{
    const struct sn_raw *restart = sn_raw_get(raw, SN_WORD_RESTART);
    const struct sn_raw *route = sn_raw_get(raw, SN_WORD_ROUTE);

    if (restart != NULL && pool->restart != SN_RESTART_TEMPORARY) {
        sn_diag_error(resolver->diags, SN_CODE_NOT_AVAILABLE, &restart->node->location,
                      "members that are made at run time are temporary in sngen 0.1: they are not "
                      "restarted");
        sn_diag_help(resolver->diags, "leave `restart` away; who spawns them can watch them and "
                                      "spawn others");
    }
    if (route != NULL) {
        sn_diag_error(resolver->diags, SN_CODE_ROUTE, &route->name->location,
                      "nothing is routed to members that are made at run time: each is reached by "
                      "its reference");
        sn_diag_help(resolver->diags, "leave `route` away");
    }
    pool->restart = SN_RESTART_TEMPORARY;
}

static int resolve_pool(struct sn_resolver *resolver, struct sn_bound_pool *bound)
{
    const struct sn_raw *raw = bound->raw;
    const struct sn_raw *worker = sn_raw_get(raw, SN_WORD_WORKER);
    struct sn_pool *pool = bound->pool;

    if (worker != NULL)
        pool->worker = sn_resolve_worker(resolver, worker->text, &worker->node->location);
    if (worker != NULL && pool->worker != NULL && pool->worker->package != pool->package) {
        sn_diag_error(resolver->diags, SN_CODE_NOT_AVAILABLE, &worker->node->location,
                      "pools of another package's workers are not available yet in sngen 0.1");
        pool->worker = NULL;
    }
    pool->restart = restart_of(raw);
    pool->shutdown_ns = shutdown_of(raw, DEFAULT_SHUTDOWN_NS);
    pool->poison_after =
        (uint32_t)sn_resolve_number(resolver, sn_raw_get(raw, SN_WORD_POISON_AFTER), 0);
    pool->route = SN_ROUTE_ROUND_ROBIN;
    resolve_size(resolver, raw, pool);
    if (pool->at_run_time)
        resolve_run_time(resolver, raw, pool);
    if (make_slots(resolver, bound) != 0)
        return -1;
    resolve_mailbox(resolver, sn_raw_get(raw, SN_WORD_MAILBOX), pool);
    return pool->at_run_time ? 0 : sn_resolve_route(resolver, raw, pool);
}

static void mark_pooled(struct sn_resolver *resolver, const struct sn_raw *raw)
{
    const struct sn_raw *worker = sn_raw_get(raw, SN_WORD_WORKER);
    struct sn_scope *scope = resolver->scope;
    const struct sn_bound_worker *bound =
        worker != NULL ? sn_map_get(&scope->workers, worker->text) : NULL;

    if (bound != NULL)
        scope->bound_workers[bound - scope->bound_workers].pooled = true;
}

static struct sn_pool *add_pool(struct sn_resolver *resolver, const char *name,
                                const struct sn_raw *raw, const struct sn_location *at)
{
    struct sn_scope *scope = resolver->scope;
    struct sn_bound_pool *bound = &scope->bound_pools[scope->bound_pool_count];
    struct sn_pool *pool = sn_arena_alloc(resolver->arena, sizeof *pool);
    const struct sn_bound_pool *same;

    if (pool == NULL)
        return NULL;
    pool->package = scope->package;
    pool->name = name;
    pool->location = *at;
    pool->was = sn_resolve_was(raw);
    pool->doc = sn_raw_doc(resolver->arena, raw);
    *bound = (struct sn_bound_pool){.pool = pool, .raw = raw};
    scope->package->pools[scope->bound_pool_count++] = pool;
    same = sn_map_put(&scope->pools, name, bound);
    if (same != NULL && same->pool->worker != NULL) {
        sn_diag_error(resolver->diags, SN_CODE_DUPLICATE, at,
                      "the worker '%s' is in no pool, and its own name is taken by a pool of "
                      "another worker",
                      name);
        sn_diag_note(resolver->diags, &same->pool->location, "the pool '%s'", name);
    }
    return pool;
}

/* A worker that no pool names is a pool of one under its own name, with all the defaults. */
static int add_automatic(struct sn_resolver *resolver, const struct sn_bound_worker *worker)
{
    struct sn_pool *pool =
        add_pool(resolver, worker->worker->name, NULL, &worker->worker->location);

    if (pool == NULL)
        return -1;
    pool->worker = worker->worker;
    pool->was = worker->worker->was;
    pool->automatic = true;
    pool->size = 1;
    pool->route = SN_ROUTE_ROUND_ROBIN;
    pool->mailbox_capacity = 1024;
    pool->restart = SN_RESTART_PERMANENT;
    pool->shutdown_ns = DEFAULT_SHUTDOWN_NS;
    return make_slots(resolver,
                      &resolver->scope->bound_pools[resolver->scope->bound_pool_count - 1]);
}

int sn_resolve_pools(struct sn_resolver *resolver)
{
    struct sn_scope *scope = resolver->scope;
    const struct sn_raw *raw = sn_raw_get(scope->raw, SN_WORD_POOLS);
    size_t declared = raw != NULL ? raw->count : 0, most = declared + scope->bound_worker_count;

    scope->bound_pools = sn_arena_array(resolver->arena, most, sizeof *scope->bound_pools);
    scope->package->pools = sn_arena_array(resolver->arena, most, sizeof *scope->package->pools);
    if (scope->bound_pools == NULL || scope->package->pools == NULL)
        return -1;
    for (size_t i = 0; i < declared; i++) {
        mark_pooled(resolver, &raw->items[i]);
        if (add_pool(resolver, raw->items[i].name->text, &raw->items[i],
                     &raw->items[i].name->location) == NULL)
            return -1;
    }
    for (size_t i = 0; i < declared; i++)
        if (resolve_pool(resolver, &scope->bound_pools[i]) != 0)
            return -1;
    for (size_t i = 0; i < scope->bound_worker_count; i++)
        if (!scope->bound_workers[i].pooled &&
            add_automatic(resolver, &scope->bound_workers[i]) != 0)
            return -1;
    scope->package->pool_count = scope->bound_pool_count;
    return 0;
}
