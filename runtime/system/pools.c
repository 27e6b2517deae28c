/* SPDX-License-Identifier: MIT */
/*
 * Pools: where their members live, what they are called and how keys reach them.
 *
 * A pool of one member a shard has member i on shard i. The members of other pools are dealt to
 * the shards in turn, one pool after the other, so that two pools of one do not share a shard
 * while another is empty. `shard: N` puts all of a pool on one shard.
 */
#include "system/system.h"

#include "partition/partition.h"
#include "registry/registry.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int range_partition(struct sn_world *world, const struct sn_pool_type *type,
                           struct sn_partition_options *options, struct sn_partition **ret)
{
    size_t size = (type->split_count + 1) * sizeof(struct sn_partition_bytes);
    struct sn_partition_bytes *bytes = sn_alloc_zeroed(world->allocator, size);
    /* One memory for the three kinds: the widest element is that of bytes. */
    uint64_t *numbers = (uint64_t *)bytes;
    int64_t *signeds = (int64_t *)bytes;

    if (bytes == NULL)
        return -ENOMEM;
    options->ranges.splits = type->split_count;
    options->ranges.key = type->key == SN_KEY_BYTES    ? SN_PARTITION_KEY_BYTES
                          : type->key == SN_KEY_SIGNED ? SN_PARTITION_KEY_I64
                                                       : SN_PARTITION_KEY_U64;
    for (uint32_t i = 0; i < type->split_count; i++) {
        if (type->key == SN_KEY_BYTES)
            bytes[i] =
                (struct sn_partition_bytes){type->splits[i].bytes.data, type->splits[i].bytes.size};
        else
            numbers[i] = type->splits[i].number;
    }
    options->ranges.bytes = bytes;
    options->ranges.u64 = numbers;
    options->ranges.i64 = signeds;
    int rc = sn_partition_create(world->allocator, options, ret);
    sn_alloc_free(world->allocator, bytes, size);
    return rc;
}

static int create_partition(struct sn_world *world, struct sn_pool *pool)
{
    const struct sn_pool_type *type = pool->type;
    struct sn_partition_options options = {.members = pool->size,
                                           .virtual_nodes = type->virtual_nodes};

    switch (type->route) {
    case SN_ROUTE_HASH:
        options.kind = SN_PARTITION_HASH;
        break;
    case SN_ROUTE_CONSISTENT_HASH:
        options.kind = SN_PARTITION_CONSISTENT_HASH;
        break;
    case SN_ROUTE_RANGE:
        options.kind = SN_PARTITION_RANGE;
        return range_partition(world, type, &options, &pool->partition);
    default:
        return 0;
    }
    return sn_partition_create(world->allocator, &options, &pool->partition);
}

static int name_member(struct sn_world *world, const struct sn_pool *pool, uint32_t index,
                       sn_ref ref)
{
    char name[SN_REGISTRY_MAX_NAME_BYTES + 1];
    int size = pool->size == 1 ? snprintf(name, sizeof name, "%s", pool->type->name)
                               : snprintf(name, sizeof name, "%s/%u", pool->type->name, index);

    return sn_registry_insert(world->registry, name, (size_t)size, ref.value);
}

static int create_member(struct sn_world *world, uint16_t pool_index, uint32_t index,
                         uint32_t shard, const void *args)
{
    struct sn_pool *pool = &world->pools[pool_index];
    struct sn_actor *actor =
        pool->type->at_run_time
            ? sn_nursery_add_keeper(world->shards[shard], pool_index)
            : sn_shard_add_actor(world->shards[shard], pool_index, index, pool->worker);

    if (actor == NULL)
        return -ENOMEM;
    actor->args = args;
    /* Relaxed: no thread runs yet. */
    atomic_store_explicit(&pool->members[index], actor->ref.value, memory_order_relaxed);
    return pool->type->at_run_time ? 0 : name_member(world, pool, index, actor->ref);
}

/* How many members there will be: of a pool that is made at run time none, but a keeper a shard. */
static int size_pool(struct sn_world *world, struct sn_pool *pool)
{
    const struct sn_pool_type *type = pool->type;

    pool->size = type->at_run_time ? 0 : type->size > 0 ? type->size : world->shard_count;
    pool->made = type->at_run_time ? world->shard_count : pool->size;
    pool->members = sn_alloc_zeroed(world->allocator, pool->made * sizeof *pool->members);
    if (pool->members == NULL)
        return -ENOMEM;
    if (!type->at_run_time)
        return 0;
    pool->places = sn_alloc_zeroed(world->allocator, sizeof *pool->places);
    if (pool->places == NULL)
        return -ENOMEM;
    /* Relaxed: no thread runs yet. */
    atomic_store_explicit(&pool->places->left, type->size, memory_order_relaxed);
    return 0;
}

static int create_pool(struct sn_world *world, uint16_t index, uint32_t *next_shard,
                       const void *args)
{
    const struct sn_pool_type *type = &world->package->pools[index];
    struct sn_pool *pool = &world->pools[index];
    bool on_each = type->size == 0 || type->at_run_time;
    uint32_t first = on_each ? 0 : *next_shard;

    SN_ASSERT(world->shard_count > 0);
    pool->type = type;
    pool->worker = &world->package->workers[type->worker];
    pool->capacity = sn_sim_capacity(world, type->capacity);
    int rc = size_pool(world, pool);
    if (rc == 0)
        rc = create_partition(world, pool);
    for (uint32_t i = 0; rc == 0 && i < pool->made; i++) {
        uint32_t shard = type->shard >= 0 ? (uint32_t)type->shard : first + i;

        rc = create_member(world, index, i, shard % world->shard_count, args);
    }
    if (!on_each && type->shard < 0)
        *next_shard = (first + pool->size) % world->shard_count;
    return rc;
}

int sn_pools_create(struct sn_system *system, const void *const *args)
{
    struct sn_world *world = &system->world;
    uint16_t count = world->package->pool_count;
    uint32_t next_shard = 0;
    int rc = 0;

    world->pools = sn_alloc_zeroed(world->allocator, (count + 1u) * sizeof *world->pools);
    if (world->pools == NULL)
        return -ENOMEM;
    for (uint16_t i = 0; rc == 0 && i < count; i++)
        rc = create_pool(world, i, &next_shard, args != NULL ? args[i] : NULL);
    return rc;
}

void sn_pools_destroy(struct sn_system *system)
{
    struct sn_world *world = &system->world;
    uint16_t count = world->package->pool_count;

    for (uint16_t i = 0; world->pools != NULL && i < count; i++) {
        struct sn_pool *pool = &world->pools[i];

        sn_partition_destroy(pool->partition);
        sn_alloc_free(world->allocator, pool->places, sizeof *pool->places);
        sn_alloc_free(world->allocator, pool->members, pool->made * sizeof *pool->members);
    }
    sn_alloc_free(world->allocator, world->pools, (count + 1u) * sizeof *world->pools);
}
