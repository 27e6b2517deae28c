/* SPDX-License-Identifier: MIT */
#ifndef SN_PARTITION_CIRCLE_H
#define SN_PARTITION_CIRCLE_H

/*
 * The circle of a consistent-hash partition: 2^64 places, and on them the
 * points of the members. (Not called a ring: rings are queues here.)
 */

#include <stdint.h>

struct sn_allocator;

struct sn_partition_point {
    uint64_t place;
    uint32_t member;
};

/* A slice of the circle: all hashes with the same leading bits. */
struct sn_partition_slice {
    uint64_t place;  /* of its first point; the last place if it has none */
    uint32_t member; /* for hashes up to `place` */
    uint32_t beyond; /* for hashes after it: a member, or SN_PARTITION_SCAN + an index of points */
};

#define SN_PARTITION_SCAN (UINT32_C(1) << 31)

struct sn_partition_circle {
    struct sn_partition_slice *slices;
    struct sn_partition_point *points; /* sorted; one more at the end for the wrap */
    uint32_t point_count;
    uint32_t shift; /* hash >> shift is the slice */
};

/**
 * Build a circle.
 *
 * @members        >= 1.
 * @virtual_nodes  >= 1; members * virtual_nodes <= SN_PARTITION_MAX_POINTS.
 * @seed           another circle; 0 is the wire format.
 *
 * Returns  0; -ENOMEM: nothing is left allocated.
 */
int sn_partition_circle_init(struct sn_partition_circle *circle,
                             const struct sn_allocator *allocator, uint32_t members,
                             uint32_t virtual_nodes, uint64_t seed);

/** Free it; a zeroed one is allowed. */
void sn_partition_circle_fini(struct sn_partition_circle *circle,
                              const struct sn_allocator *allocator);

/** The member that owns a hash. Threads: any. */
uint32_t sn_partition_circle_find(const struct sn_partition_circle *circle, uint64_t hash);

#endif
