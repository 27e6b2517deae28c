/* SPDX-License-Identifier: MIT */

/*
 * Ranges of real keys: a sorted array of split points for each type of key
 * and a binary search in it. The member of a key is the number of split
 * points at or below it, so the first range has no lower end and the last no
 * upper end, and no key is outside.
 *
 * Strings are compared as unsigned bytes, a prefix before the longer string,
 * which is the order of memcmp() and of strcmp(), and not a locale's.
 *
 * A copy of string splits is one block: first the array, then all the bytes.
 */

#include "partition/ranges.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/base.h"
#include "partition/partition.h"

static int compare_bytes(const struct sn_partition_bytes *a, const struct sn_partition_bytes *b)
{
    size_t shared = a->size_bytes < b->size_bytes ? a->size_bytes : b->size_bytes;
    int order = shared > 0 ? memcmp(a->data, b->data, shared) : 0;

    if (order != 0)
        return order;
    return (a->size_bytes > b->size_bytes) - (a->size_bytes < b->size_bytes);
}

static bool has_array(const struct sn_partition_ranges *ranges)
{
    switch (ranges->key) {
    case SN_PARTITION_KEY_U64:
        return ranges->u64 != NULL;
    case SN_PARTITION_KEY_I64:
        return ranges->i64 != NULL;
    case SN_PARTITION_KEY_BYTES:
        return ranges->bytes != NULL;
    }
    return false;
}

static bool ascends_at(const struct sn_partition_ranges *ranges, uint32_t i)
{
    switch (ranges->key) {
    case SN_PARTITION_KEY_U64:
        return ranges->u64[i - 1] < ranges->u64[i];
    case SN_PARTITION_KEY_I64:
        return ranges->i64[i - 1] < ranges->i64[i];
    case SN_PARTITION_KEY_BYTES:
        return compare_bytes(&ranges->bytes[i - 1], &ranges->bytes[i]) < 0;
    }
    return false;
}

static bool has_strings(const struct sn_partition_ranges *ranges)
{
    for (uint32_t i = 0; i < ranges->splits; i++) {
        if (ranges->bytes[i].data == NULL && ranges->bytes[i].size_bytes > 0)
            return false;
    }
    return true;
}

int sn_partition_ranges_check(const struct sn_partition_ranges *ranges)
{
    if (ranges->splits == 0)
        return 0;
    if (!has_array(ranges) || (ranges->key == SN_PARTITION_KEY_BYTES && !has_strings(ranges)))
        return -EINVAL;
    for (uint32_t i = 1; i < ranges->splits; i++) {
        if (!ascends_at(ranges, i))
            return -EINVAL;
    }
    return 0;
}

/* Split points of integers are 8 bytes, signed or not. */
static size_t copy_bytes(const struct sn_partition_ranges *ranges)
{
    if (ranges->key != SN_PARTITION_KEY_BYTES)
        return ranges->splits * sizeof(uint64_t);

    size_t size = ranges->splits * sizeof(*ranges->bytes);

    for (uint32_t i = 0; i < ranges->splits; i++)
        size += ranges->bytes[i].size_bytes;
    return size;
}

static void copy_strings(struct sn_partition_bytes *copy, const struct sn_partition_ranges *ranges)
{
    char *text = (char *)(copy + ranges->splits);

    for (uint32_t i = 0; i < ranges->splits; i++) {
        size_t size_bytes = ranges->bytes[i].size_bytes;

        if (size_bytes > 0)
            memcpy(text, ranges->bytes[i].data, size_bytes);
        copy[i] = (struct sn_partition_bytes){text, size_bytes};
        text += size_bytes;
    }
}

int sn_partition_ranges_copy(struct sn_partition_ranges *copy, const struct sn_allocator *allocator,
                             const struct sn_partition_ranges *ranges)
{
    size_t size = copy_bytes(ranges);

    *copy = (struct sn_partition_ranges){.key = ranges->key};
    if (size == 0)
        return 0;

    uint64_t *memory = sn_alloc_zeroed(allocator, size);

    if (memory == NULL)
        return -ENOMEM;
    copy->splits = ranges->splits;
    if (ranges->key == SN_PARTITION_KEY_BYTES) {
        struct sn_partition_bytes *strings = (struct sn_partition_bytes *)memory;

        copy_strings(strings, ranges);
        copy->bytes = strings;
    } else if (ranges->key == SN_PARTITION_KEY_I64) {
        copy->i64 = memcpy(memory, ranges->i64, size);
    } else {
        copy->u64 = memcpy(memory, ranges->u64, size);
    }
    return 0;
}

void sn_partition_ranges_fini(struct sn_partition_ranges *copy,
                              const struct sn_allocator *allocator)
{
    size_t size = copy_bytes(copy);

    /* Only the array that `key` names is there; the casts drop the const of
     * the look-ups. */
    if (copy->u64 != NULL)
        sn_alloc_free(allocator, (uint64_t *)copy->u64, size);
    if (copy->i64 != NULL)
        sn_alloc_free(allocator, (int64_t *)copy->i64, size);
    if (copy->bytes != NULL)
        sn_alloc_free(allocator, (struct sn_partition_bytes *)copy->bytes, size);
    *copy = (struct sn_partition_ranges){0};
}

uint32_t sn_partition_ranges_find_u64(const struct sn_partition_ranges *ranges, uint64_t key)
{
    uint32_t low = 0;
    uint32_t high = ranges->splits;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (ranges->u64[middle] <= key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t sn_partition_ranges_find_i64(const struct sn_partition_ranges *ranges, int64_t key)
{
    uint32_t low = 0;
    uint32_t high = ranges->splits;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (ranges->i64[middle] <= key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t sn_partition_ranges_find_bytes(const struct sn_partition_ranges *ranges,
                                        const struct sn_partition_bytes *key)
{
    uint32_t low = 0;
    uint32_t high = ranges->splits;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (compare_bytes(&ranges->bytes[middle], key) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
