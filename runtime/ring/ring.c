/* SPDX-License-Identifier: MIT */
/*
 * A ring of pointers between one producer and one consumer.
 *
 * Both sides keep a copy of the other's index and look at the real one only when the copy says
 * full or empty (Lee, Bu, Chandranmenon 2010, "MCRingBuffer"), and both publish in batches: the
 * producer after the messages of a pass, the consumer after a drain. The indices count freely and
 * wrap at 2^32; their difference is the number of items.
 *
 * The published index stands on a line that nothing else is written to, two lines from its
 * neighbours, and next to the pointer that was published last: a consumer that waits for the line
 * knows then which block to fetch, and does not wait for the slot first.
 *
 * Pointers instead of payload slots: a message is written once, in the block that it stays in,
 * and its inner pointers stay valid. The consumer prefetches the blocks of a batch, which it can
 * because the pointers stand side by side.
 */
#include "ring/ring.h"

#include <errno.h>
#include <string.h>

int sn_ring_init(struct sn_ring *ring, const struct sn_allocator *allocator, uint32_t capacity)
{
    SN_ASSERT(capacity >= 2 && (capacity & (capacity - 1)) == 0);
    memset(ring, 0, sizeof *ring);
    ring->mask = capacity - 1;
    ring->slots = sn_alloc_zeroed(allocator, capacity * sizeof *ring->slots);
    return ring->slots != NULL ? 0 : -ENOMEM;
}

void sn_ring_fini(struct sn_ring *ring, const struct sn_allocator *allocator)
{
    if (ring->slots != NULL)
        sn_alloc_free(allocator, ring->slots, ((size_t)ring->mask + 1) * sizeof *ring->slots);
    ring->slots = NULL;
}
