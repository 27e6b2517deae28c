/* SPDX-License-Identifier: MIT */

/*
 * The kinds of partition behind one type.
 *
 * A partition is built completely by create and only read afterwards, so it
 * needs no atomics and no owner: whoever hands it to another thread publishes
 * it. What a look-up of a hashed kind needs lies in the first cache line of
 * the partition and, for a circle, in one entry of its slices.
 *
 * Asking a kind for a key it does not have (a range for a hash, round robin
 * for anything) is a programmer's mistake, since the generator knows the kind;
 * it ends in SN_ASSERT.
 */

#include "partition/partition.h"

#include <errno.h>

#include "base/base.h"
#include "hash/hash.h"
#include "partition/circle.h"
#include "partition/ranges.h"

struct sn_partition {
    enum sn_partition_kind kind;
    uint32_t members;
    struct sn_partition_circle circle; /* CONSISTENT_HASH */
    struct sn_partition_ranges ranges; /* RANGE */
    const struct sn_allocator *allocator;
};

__extension__ typedef unsigned __int128 u128; /* ISO C has no wider product */

static int init_circle(struct sn_partition *partition, const struct sn_partition_options *options)
{
    uint32_t virtual_nodes = options->virtual_nodes;

    if (virtual_nodes == 0)
        virtual_nodes = SN_PARTITION_DEFAULT_VIRTUAL_NODES;
    if ((uint64_t)options->members * virtual_nodes > SN_PARTITION_MAX_POINTS)
        return -EINVAL;
    return sn_partition_circle_init(&partition->circle, partition->allocator, options->members,
                                    virtual_nodes, options->ring_seed);
}

static int init_ranges(struct sn_partition *partition, const struct sn_partition_options *options)
{
    if (options->ranges.splits != options->members - 1)
        return -EINVAL;

    int rc = sn_partition_ranges_check(&options->ranges);

    if (rc < 0)
        return rc;
    return sn_partition_ranges_copy(&partition->ranges, partition->allocator, &options->ranges);
}

static int init_kind(struct sn_partition *partition, const struct sn_partition_options *options)
{
    switch (options->kind) {
    case SN_PARTITION_HASH:
    case SN_PARTITION_ROUND_ROBIN:
    case SN_PARTITION_LEAST_LOADED:
        return 0;
    case SN_PARTITION_CONSISTENT_HASH:
        return init_circle(partition, options);
    case SN_PARTITION_RANGE:
        return init_ranges(partition, options);
    }
    return -EINVAL;
}

int sn_partition_create(const struct sn_allocator *allocator,
                        const struct sn_partition_options *options,
                        struct sn_partition **ret_partition)
{
    if (options->members == 0)
        return -EINVAL;

    struct sn_partition *partition = sn_alloc_zeroed(allocator, sizeof(*partition));

    if (partition == NULL)
        return -ENOMEM;
    partition->kind = options->kind;
    partition->members = options->members;
    partition->allocator = allocator;

    int rc = init_kind(partition, options);

    if (rc < 0) {
        sn_partition_destroy(partition);
        return rc;
    }
    *ret_partition = partition;
    return 0;
}

void sn_partition_destroy(struct sn_partition *partition)
{
    if (partition == NULL)
        return;
    sn_partition_circle_fini(&partition->circle, partition->allocator);
    sn_partition_ranges_fini(&partition->ranges, partition->allocator);
    sn_alloc_free(partition->allocator, partition, sizeof(*partition));
}

uint32_t sn_partition_members(const struct sn_partition *partition)
{
    return partition->members;
}

uint32_t sn_partition_of_hash(const struct sn_partition *partition, uint64_t hash)
{
    if (partition->kind == SN_PARTITION_HASH)
        return (uint32_t)((u128)hash * partition->members >> 64);
    SN_ASSERT(partition->kind == SN_PARTITION_CONSISTENT_HASH);
    return sn_partition_circle_find(&partition->circle, hash);
}

uint32_t sn_partition_of_u64(const struct sn_partition *partition, uint64_t key)
{
    if (partition->kind != SN_PARTITION_RANGE)
        return sn_partition_of_hash(partition, sn_hash_u64(key));
    SN_ASSERT(partition->ranges.key == SN_PARTITION_KEY_U64);
    return sn_partition_ranges_find_u64(&partition->ranges, key);
}

uint32_t sn_partition_of_i64(const struct sn_partition *partition, int64_t key)
{
    if (partition->kind != SN_PARTITION_RANGE)
        return sn_partition_of_hash(partition, sn_hash_u64((uint64_t)key));
    SN_ASSERT(partition->ranges.key == SN_PARTITION_KEY_I64);
    return sn_partition_ranges_find_i64(&partition->ranges, key);
}

uint32_t sn_partition_of_bytes(const struct sn_partition *partition, const void *data,
                               size_t size_bytes)
{
    if (partition->kind != SN_PARTITION_RANGE)
        return sn_partition_of_hash(partition, sn_hash_bytes(data, size_bytes));
    SN_ASSERT(partition->ranges.key == SN_PARTITION_KEY_BYTES);
    return sn_partition_ranges_find_bytes(&partition->ranges,
                                          &(struct sn_partition_bytes){data, size_bytes});
}

uint32_t sn_partition_next(uint32_t *cursor, uint32_t members)
{
    SN_ASSERT(members > 0);
    if (*cursor >= members)
        *cursor = 0; /* a lap is over, or the pool has shrunk */
    return (*cursor)++;
}

/* 32 random bits to a number below `count`: the same reduction as HASH, in 64 bits. */
static uint32_t reduce(uint32_t random, uint32_t count)
{
    return (uint32_t)((uint64_t)random * count >> 32);
}

/* Looks at all, from a random one on, so that equals are spread. */
static uint32_t least_of_all(const struct sn_partition_loads *loads, uint32_t members,
                             uint32_t start)
{
    uint32_t best = start;
    uint32_t best_load = loads->load(loads, start);

    for (uint32_t i = 1; i < members && best_load > 0; i++) {
        uint32_t member = start + i < members ? start + i : start + i - members;
        uint32_t load = loads->load(loads, member);

        if (load < best_load) {
            best = member;
            best_load = load;
        }
    }
    return best;
}

uint32_t sn_partition_least_loaded(const struct sn_partition_loads *loads, uint32_t members,
                                   uint64_t random)
{
    SN_ASSERT(members > 0);
    uint32_t first = reduce((uint32_t)(random >> 32), members);

    if (members <= SN_PARTITION_EXACT_MEMBERS)
        return least_of_all(loads, members, first);

    uint32_t second = reduce((uint32_t)random, members - 1);

    second += second >= first; /* any but the first, each as likely */
    return loads->load(loads, second) < loads->load(loads, first) ? second : first;
}
