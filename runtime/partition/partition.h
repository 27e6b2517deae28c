/* SPDX-License-Identifier: MIT */
#ifndef SN_PARTITION_PARTITION_H
#define SN_PARTITION_PARTITION_H

/*
 * Which member of a pool owns a key.
 *
 * A partition is made once and never changes, so any number of threads may
 * share it without synchronisation; a pool that grows makes another one. The
 * map from keys to members is a wire format (two nodes, or two releases, must
 * agree on it): tests/unit/partition/golden.txt pins it.
 *
 * The kinds:
 *   HASH             member = high 64 bits of (hash * members), Lemire 2019,
 *                    "Fast random integer generation in an interval",
 *                    ACM TOMACS 29(1), section 4.
 *   CONSISTENT_HASH  Karger et al. 1997, "Consistent hashing and random
 *                    trees", STOC '97, section 4: each member has
 *                    virtual_nodes points on a ring of 2^64 places; a key
 *                    belongs to the first point at or after its hash.
 *                    When the pool grows, keys move to the new member only.
 *   RANGE            sorted split points over the keys themselves.
 *   ROUND_ROBIN      no key; the caller keeps the cursor.
 *   LEAST_LOADED     no key; the caller supplies the loads.
 * A custom route is a function of the user's and never comes here.
 */

#include <stddef.h>
#include <stdint.h>

struct sn_allocator;
struct sn_partition;

/* Points of all members together; 10,000 members have 400 each to spend. */
#define SN_PARTITION_MAX_POINTS (UINT32_C(1) << 22)

/* Taken when virtual_nodes is 0. */
#define SN_PARTITION_DEFAULT_VIRTUAL_NODES 128

/* Up to this many members least-loaded looks at all, above it at two. */
#define SN_PARTITION_EXACT_MEMBERS 16

enum sn_partition_kind {
    SN_PARTITION_HASH,
    SN_PARTITION_CONSISTENT_HASH,
    SN_PARTITION_RANGE,
    SN_PARTITION_ROUND_ROBIN,
    SN_PARTITION_LEAST_LOADED
};

/* The order in which a range partition compares its keys. */
enum sn_partition_key {
    SN_PARTITION_KEY_U64,
    SN_PARTITION_KEY_I64,
    SN_PARTITION_KEY_BYTES /* unsigned bytes, the shorter of two prefixes first */
};

/* A string or byte key; no terminator is needed. */
struct sn_partition_bytes {
    const char *data;
    size_t size_bytes;
};

/*
 * Split points of a RANGE partition, strictly ascending. Member 0 owns the
 * keys below split 0, member i those from split i - 1 (included) up to
 * split i (excluded), the last member the rest. Only the array that `key`
 * names is read.
 */
struct sn_partition_ranges {
    enum sn_partition_key key;
    uint32_t splits;
    const uint64_t *u64;
    const int64_t *i64;
    const struct sn_partition_bytes *bytes;
};

/* Zeroed fields mean the default; `members` has none. */
struct sn_partition_options {
    enum sn_partition_kind kind;
    uint32_t members;                  /* >= 1; RANGE: ranges.splits + 1 */
    uint32_t virtual_nodes;            /* CONSISTENT_HASH: points a member */
    uint64_t ring_seed;                /* CONSISTENT_HASH: another ring; 0 is the wire format */
    struct sn_partition_ranges ranges; /* RANGE */
};

/* Embedded by the caller of sn_partition_least_loaded(). */
struct sn_partition_loads {
    uint32_t (*load)(const struct sn_partition_loads *loads, uint32_t member);
};

/**
 * Make a partition; split points are copied.
 *
 * @allocator      used now and by destroy; outlives the partition.
 * @options        read now only.
 * @ret_partition  set on 0 only.
 *
 * Returns  0; -EINVAL (no members, splits that do not ascend or do not match
 *          members, too many points); -ENOMEM.
 * Threads  any.
 * Owns     the caller; sn_partition_destroy() ends it.
 */
int sn_partition_create(const struct sn_allocator *allocator,
                        const struct sn_partition_options *options,
                        struct sn_partition **ret_partition);

/**
 * End a partition that nobody uses any more.
 *
 * @partition  may be NULL.
 *
 * Threads  any one.
 */
void sn_partition_destroy(struct sn_partition *partition);

/**
 * How many members the partition spreads over.
 *
 * Returns  >= 1.
 * Threads  any.
 */
uint32_t sn_partition_members(const struct sn_partition *partition);

/**
 * Find the member for the hash of a key.
 *
 * @partition  HASH or CONSISTENT_HASH.
 * @hash       from sn_hash_bytes() or sn_hash_u64().
 *
 * Returns  a member, < members.
 * Threads  any.
 */
uint32_t sn_partition_of_hash(const struct sn_partition *partition, uint64_t hash);

/**
 * Find the member for an unsigned key.
 *
 * @partition  HASH, CONSISTENT_HASH, or RANGE over unsigned keys.
 *
 * Returns  a member, < members.
 * Threads  any.
 */
uint32_t sn_partition_of_u64(const struct sn_partition *partition, uint64_t key);

/**
 * Find the member for a signed key.
 *
 * @partition  HASH, CONSISTENT_HASH, or RANGE over signed keys.
 *
 * Returns  a member, < members; hashed kinds treat 5 and 5u alike.
 * Threads  any.
 */
uint32_t sn_partition_of_i64(const struct sn_partition *partition, int64_t key);

/**
 * Find the member for a string or byte key.
 *
 * @partition   HASH, CONSISTENT_HASH, or RANGE over bytes.
 * @data        may be NULL when size_bytes is 0.
 * @size_bytes  without a terminator.
 *
 * Returns  a member, < members.
 * Threads  any.
 */
uint32_t sn_partition_of_bytes(const struct sn_partition *partition, const void *data,
                               size_t size_bytes);

/**
 * Take the next member in turn.
 *
 * @cursor   the caller's, zero at first; wraps by itself.
 * @members  >= 1.
 *
 * Returns  a member, < members.
 * Threads  the owner of the cursor.
 */
uint32_t sn_partition_next(uint32_t *cursor, uint32_t members);

/**
 * Choose the least loaded member: the exact minimum of up to
 * SN_PARTITION_EXACT_MEMBERS, above that the better of two distinct random
 * ones (Mitzenmacher 2001, "The power of two choices", IEEE TPDS 12(10)).
 *
 * @loads    asked at most SN_PARTITION_EXACT_MEMBERS times.
 * @members  >= 1.
 * @random   64 fresh random bits; equal loads are spread by them.
 *
 * Returns  a member, < members.
 * Threads  any that may call loads->load.
 */
uint32_t sn_partition_least_loaded(const struct sn_partition_loads *loads, uint32_t members,
                                   uint64_t random);

#endif
