/* SPDX-License-Identifier: MIT */
/* The sizes of runtime/memory, and how its pools grow. */
#include "check/blocks.h"

enum { HEAD_BYTES = 64, FIRST_SLAB_BYTES = 4096, SLAB_BYTES = 65536 };

static const uint16_t sizes[SN_BLOCK_SIZES] = {64,   128,  192,  256,  384,  512,  768,   1024,
                                               1728, 2240, 3264, 4288, 6336, 8384, 16576, 32960};

unsigned sn_block_class(uint64_t payload_bytes)
{
    unsigned size_class = 0;

    while (size_class < SN_BLOCK_SIZES && (payload_bytes > sizes[size_class] ||
                                           payload_bytes + SN_ENVELOPE_BYTES > sizes[size_class]))
        size_class++;
    return size_class;
}

uint64_t sn_block_class_bytes(unsigned size_class)
{
    return sizes[size_class];
}

uint64_t sn_block_for(uint64_t payload_bytes)
{
    unsigned size_class = sn_block_class(payload_bytes);

    if (size_class < SN_BLOCK_SIZES)
        return sizes[size_class];
    if (payload_bytes > UINT64_MAX - HEAD_BYTES - SN_ENVELOPE_BYTES)
        return UINT64_MAX;
    return HEAD_BYTES + SN_ENVELOPE_BYTES + payload_bytes;
}

/* A pool that is empty grows by as much as it has, at first by a slab; nothing goes back. */
uint64_t sn_block_pool_bytes(unsigned size_class, uint64_t count)
{
    uint64_t size = sizes[size_class], total = 0, before = 0, bytes = 0;

    while (total < count && bytes < UINT64_MAX / 4) {
        uint64_t wanted = total == 0 ? FIRST_SLAB_BYTES : SLAB_BYTES;

        wanted = wanted < size ? size : wanted;
        wanted = wanted < total * size ? total * size : wanted;
        before = total;
        total += wanted / size;
        bytes += HEAD_BYTES + wanted / size * size;
    }
    /* Beside the slabs a stack of pointers to all blocks; while it grows, the one before, too. */
    return bytes + (total + before) * sizeof(void *);
}
