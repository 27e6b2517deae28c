/* SPDX-License-Identifier: MIT */
/*
 * From a key to a member of a pool: generated code takes the key out of the message and calls
 * the function that fits the pool's route; the maps themselves are in partition/.
 */
#include "shard/shard.h"

#include "partition/partition.h"

#include <stddef.h>

struct sn_router *sn_actor_router(const struct sn_actor *actor)
{
    return &actor->shard->router;
}

uint32_t sn_route_hash(struct sn_router *router, uint16_t pool, uint64_t hash)
{
    const struct sn_partition *partition = router->world->pools[pool].partition;

    return partition != NULL ? sn_partition_of_hash(partition, hash) : 0;
}

uint32_t sn_route_unsigned(struct sn_router *router, uint16_t pool, uint64_t key)
{
    return sn_partition_of_u64(router->world->pools[pool].partition, key);
}

uint32_t sn_route_signed(struct sn_router *router, uint16_t pool, int64_t key)
{
    return sn_partition_of_i64(router->world->pools[pool].partition, key);
}

uint32_t sn_route_bytes(struct sn_router *router, uint16_t pool, const void *data, size_t size)
{
    return sn_partition_of_bytes(router->world->pools[pool].partition, data, size);
}

/* The loads of a pool's members: how many places of each mailbox are taken. */
struct pool_loads {
    struct sn_partition_loads loads;
    const struct sn_world *world;
    const struct sn_pool *pool;
};

static uint32_t load_of(const struct sn_partition_loads *loads, uint32_t member)
{
    const struct pool_loads *of =
        (const struct pool_loads *)((const char *)loads - offsetof(struct pool_loads, loads));
    /* Relaxed, both: a load is a hint. */
    sn_ref ref = {atomic_load_explicit(&of->pool->members[member], memory_order_relaxed)};
    const struct sn_slot *slot = sn_world_slot(of->world, ref);
    int32_t credits = atomic_load_explicit(&slot->credits, memory_order_relaxed);

    return of->pool->capacity - (uint32_t)(credits > 0 ? credits : 0);
}

/* The next turn of a pool. Relaxed: see struct sn_router. */
static uint32_t next_turn(struct sn_router *router, uint16_t pool_index, uint32_t size)
{
    _Atomic(uint32_t) *cursor = &router->cursors[pool_index];
    /* Relaxed, both: a turn that two threads take is a turn taken twice, no more. */
    uint32_t turn = atomic_load_explicit(cursor, memory_order_relaxed);
    uint32_t member = sn_partition_next(&turn, size);

    atomic_store_explicit(cursor, turn, memory_order_relaxed);
    return member;
}

uint64_t sn_router_random(struct sn_router *router)
{
    /* Relaxed: see struct sn_router. */
    uint64_t state = atomic_load_explicit(&router->random, memory_order_relaxed);
    uint64_t number = sn_random_next(&state);

    atomic_store_explicit(&router->random, state, memory_order_relaxed);
    return number;
}

uint32_t sn_route_next(struct sn_router *router, uint16_t pool_index)
{
    const struct sn_pool *pool = &router->world->pools[pool_index];

    if (pool->size == 1)
        return 0;
    if (pool->type->route == SN_ROUTE_LEAST_LOADED) {
        struct pool_loads of = {{load_of}, router->world, pool};

        return sn_partition_least_loaded(&of.loads, pool->size, sn_router_random(router));
    }
    return next_turn(router, pool_index, pool->size);
}

uint32_t sn_route_count(const struct sn_router *router, uint16_t pool)
{
    return router->world->pools[pool].size;
}

sn_ref sn_route_member(const struct sn_router *router, uint16_t pool, uint32_t index)
{
    return sn_pool_member(router->world, pool, index);
}
