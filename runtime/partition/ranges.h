/* SPDX-License-Identifier: MIT */
#ifndef SN_PARTITION_RANGES_H
#define SN_PARTITION_RANGES_H

#include <stdint.h>

struct sn_allocator;
struct sn_partition_bytes;
struct sn_partition_ranges;

/**
 * Whether the split points ascend strictly.
 *
 * Returns  0; -EINVAL, also for a missing array or string.
 */
int sn_partition_ranges_check(const struct sn_partition_ranges *ranges);

/**
 * Copy split points, the strings included, into memory of one's own.
 *
 * Returns  0; -ENOMEM: nothing is left allocated.
 */
int sn_partition_ranges_copy(struct sn_partition_ranges *copy, const struct sn_allocator *allocator,
                             const struct sn_partition_ranges *ranges);

/** Free a copy; a zeroed one is allowed. */
void sn_partition_ranges_fini(struct sn_partition_ranges *copy,
                              const struct sn_allocator *allocator);

/** How many split points are at or below the key, which is its member. Threads: any. */
uint32_t sn_partition_ranges_find_u64(const struct sn_partition_ranges *ranges, uint64_t key);
uint32_t sn_partition_ranges_find_i64(const struct sn_partition_ranges *ranges, int64_t key);
uint32_t sn_partition_ranges_find_bytes(const struct sn_partition_ranges *ranges,
                                        const struct sn_partition_bytes *key);

#endif
