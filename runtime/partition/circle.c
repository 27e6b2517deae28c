/* SPDX-License-Identifier: MIT */

/*
 * Consistent hashing (Karger et al. 1997, section 4) with a look-up that does
 * not search.
 *
 * The textbook way is a binary search among all points: 13 steps and as many
 * cache misses for 64 members with 128 points each. Here the circle is cut
 * into equal slices, two to four for each point; the leading bits of a hash
 * name its slice, and the slice's 16 bytes answer for most hashes: they know
 * the first point in it, who owns what lies up to that point, and who owns
 * what follows. Only where a slice has two points or more, and the hash lies
 * after the first, are the points themselves looked at, a few steps forward.
 * (One slice a point: 7.6 ns with the hash; two: 4.2; four: 3.2, for twice the
 * memory again. 64 members with 128 points each have slices of 256 KiB.)
 *
 * Points are hashes, evenly spread, so they are sorted by slice in one pass
 * (a counting sort) and inside a slice by insertion: building is linear.
 *
 * A point is the hash of 16 bytes: the tag below xor the seed, then the point's
 * number, then its member. The tag keeps the points apart from the hashes of
 * keys: without it, the key 5 would land exactly on point 5 of member 0, and so
 * would all small integers on points of member 0. Where two points share a
 * place, the lower member owns it. All of this is the wire format.
 */

#include "partition/circle.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/base.h"
#include "hash/hash.h"

/* "sn/ring1" in ASCII. */
#define POINT_TAG UINT64_C(0x736e2f72696e6731)

static uint64_t little_endian(uint64_t value)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap64(value);
#endif
    return value;
}

static uint64_t place_of(uint64_t seed, uint32_t member, uint32_t point)
{
    uint64_t words[2] = {little_endian(POINT_TAG ^ seed),
                         little_endian((uint64_t)member << 32 | point)};

    return sn_hash_bytes(words, sizeof(words));
}

/* How many slices: a power of two, at least twice the number of points. */
static uint32_t slice_bits(uint32_t points)
{
    uint32_t bits = 1;

    while ((UINT32_C(1) << bits) < 2 * points)
        bits++;
    return bits;
}

static size_t slice_count(const struct sn_partition_circle *circle)
{
    return (size_t)1 << (64 - circle->shift);
}

/* ends[s + 1] becomes the number of points in slice s, then ends[s] where slice s begins. */
static void count_points(const struct sn_partition_circle *circle, uint32_t members,
                         uint32_t virtual_nodes, uint64_t seed, uint32_t *ends)
{
    for (uint32_t member = 0; member < members; member++) {
        for (uint32_t point = 0; point < virtual_nodes; point++)
            ends[(place_of(seed, member, point) >> circle->shift) + 1]++;
    }
    for (size_t slice = 0; slice < slice_count(circle); slice++)
        ends[slice + 1] += ends[slice];
}

/* Afterwards ends[s] is where slice s ends. */
static void place_points(struct sn_partition_circle *circle, uint32_t members,
                         uint32_t virtual_nodes, uint64_t seed, uint32_t *ends)
{
    for (uint32_t member = 0; member < members; member++) {
        for (uint32_t point = 0; point < virtual_nodes; point++) {
            uint64_t place = place_of(seed, member, point);
            uint32_t index = ends[place >> circle->shift]++;

            circle->points[index] = (struct sn_partition_point){place, member};
        }
    }
}

/* Stable: of two points at one place the lower member's stays first. */
static void sort_points(struct sn_partition_point *points, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        struct sn_partition_point point = points[i];
        uint32_t j = i;

        for (; j > 0 && points[j - 1].place > point.place; j--)
            points[j] = points[j - 1];
        points[j] = point;
    }
}

static void fill_slices(struct sn_partition_circle *circle, const uint32_t *ends)
{
    struct sn_partition_point *points = circle->points;
    uint32_t begin = 0;

    for (size_t slice = 0; slice < slice_count(circle); slice++) {
        sort_points(points + begin, ends[slice] - begin);
        begin = ends[slice];
    }

    /* What follows the last point belongs to the first one. */
    points[circle->point_count] = (struct sn_partition_point){UINT64_MAX, points[0].member};

    begin = 0;
    for (size_t slice = 0; slice < slice_count(circle); slice++) {
        uint32_t end = ends[slice];

        circle->slices[slice] = (struct sn_partition_slice){
            .place = begin < end ? points[begin].place : UINT64_MAX,
            .member = points[begin].member,
            .beyond = end - begin > 1 ? SN_PARTITION_SCAN + begin + 1 : points[end].member,
        };
        begin = end;
    }
}

static size_t points_bytes(const struct sn_partition_circle *circle)
{
    return ((size_t)circle->point_count + 1) * sizeof(*circle->points);
}

static size_t slices_bytes(const struct sn_partition_circle *circle)
{
    return slice_count(circle) * sizeof(*circle->slices);
}

int sn_partition_circle_init(struct sn_partition_circle *circle,
                             const struct sn_allocator *allocator, uint32_t members,
                             uint32_t virtual_nodes, uint64_t seed)
{
    circle->point_count = members * virtual_nodes;
    circle->shift = 64 - slice_bits(circle->point_count);
    circle->points = sn_alloc_zeroed(allocator, points_bytes(circle));
    circle->slices = sn_alloc_zeroed(allocator, slices_bytes(circle));

    size_t ends_bytes = (slice_count(circle) + 1) * sizeof(uint32_t);
    uint32_t *ends = sn_alloc_zeroed(allocator, ends_bytes);

    if (circle->points == NULL || circle->slices == NULL || ends == NULL) {
        sn_alloc_free(allocator, ends, ends_bytes);
        sn_partition_circle_fini(circle, allocator);
        return -ENOMEM;
    }
    count_points(circle, members, virtual_nodes, seed, ends);
    place_points(circle, members, virtual_nodes, seed, ends);
    fill_slices(circle, ends);
    sn_alloc_free(allocator, ends, ends_bytes);
    return 0;
}

void sn_partition_circle_fini(struct sn_partition_circle *circle,
                              const struct sn_allocator *allocator)
{
    if (circle->points != NULL)
        sn_alloc_free(allocator, circle->points, points_bytes(circle));
    if (circle->slices != NULL)
        sn_alloc_free(allocator, circle->slices, slices_bytes(circle));
    *circle = (struct sn_partition_circle){0};
}

uint32_t sn_partition_circle_find(const struct sn_partition_circle *circle, uint64_t hash)
{
    const struct sn_partition_slice *slice = &circle->slices[hash >> circle->shift];
    uint32_t found = hash <= slice->place ? slice->member : slice->beyond;

    if (__builtin_expect((found & SN_PARTITION_SCAN) == 0, 1))
        return found;

    /* Ends at the extra point at the latest. */
    const struct sn_partition_point *point = &circle->points[found - SN_PARTITION_SCAN];

    while (point->place < hash)
        point++;
    return point->member;
}
