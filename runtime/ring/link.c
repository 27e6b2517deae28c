/* SPDX-License-Identifier: MIT */
/*
 * Links and inboxes: how threads reach each other.
 *
 * A link is a one-way channel from one thread to another: shard to shard, or port to shard. It is
 * made when the first message takes this way, so N threads do not cost N x N rings. Envelopes
 * go forward; the blocks come back when they have been handled, by a ring and, when that is full,
 * by a list without a bound, so that they never gather at the consumer; because a block pool
 * belongs to the thread that filled the block. In that ring a block's address says its class, so
 * that the producer does not wait for the line of a block that it has no use for yet.
 *
 * A consumer with many links must not look into each of them every time, so a link is active (the
 * consumer looks at it in each pass) or idle (it waits to be notified):
 *
 *     producer                                 consumer
 *     write slots, publish tail                idle = 1
 *     fence                    (L1)            fence                    (L2)
 *     if idle and exchange(idle, 0) == 1:      if the ring is empty: it is idle now
 *         push on the inbox's stack            else if exchange(idle, 0) == 1: stays active
 *
 * With a full fence on both sides at least one sees the other: either the producer sees idle = 1,
 * or the consumer sees the published tail. Whoever exchanges the 1 for a 0 is responsible for
 * the link: it is on the inbox's stack at most once, and never both there and active.
 *
 * Sleeping is the same handshake one level up: a consumer sleeps only with all links idle, and
 *
 *     producer                                 consumer
 *     push on the stack        (I1)            parked = 1               (I2)
 *     if parked: wake it                       if the stack is not empty: do not sleep
 *
 * where the push and the store of parked are sequentially consistent. A second stack holds notices
 * of the supervision tree, so that a restart does not wait behind the messages of a full link.
 *
 * A producer pays for a wake
 * only when the consumer sleeps, and for a notification only when the link was idle; in the
 * steady state it pays one fence a publication.
 */
#include "ring/link.h"

#include <sn/generated.h>

struct sn_link *sn_link_create(const struct sn_allocator *allocator, uint16_t producer,
                               uint16_t consumer)
{
    struct sn_link *link = sn_alloc_zeroed(allocator, sizeof *link);

    if (link == NULL)
        return NULL;
    link->allocator = allocator;
    link->producer = producer;
    link->consumer = consumer;
    atomic_init(&link->idle, 1);
    if (sn_ring_init(&link->forward, allocator, SN_LINK_CAPACITY) != 0 ||
        sn_ring_init(&link->back, allocator, SN_LINK_CAPACITY) != 0) {
        sn_link_destroy(link);
        return NULL;
    }
    return link;
}

void sn_link_destroy(struct sn_link *link)
{
    if (link == NULL)
        return;
    sn_ring_fini(&link->forward, link->allocator);
    sn_ring_fini(&link->back, link->allocator);
    sn_alloc_free(link->allocator, link, sizeof *link);
}

void sn_link_put(struct sn_link *link, struct sn_envelope *envelope)
{
    if ((link->spill_first == NULL || SN_PLANTED(fifo_spill_overtaken)) &&
        sn_ring_put(&link->forward, envelope))
        return;
    envelope->next = NULL;
    if (link->spill_first == NULL)
        link->spill_first = envelope;
    else
        link->spill_last->next = envelope;
    link->spill_last = envelope;
}

bool sn_link_is_full(struct sn_link *link)
{
    struct sn_ring *ring = &link->forward;

    if (ring->tail_next - ring->head_seen > ring->mask)
        /* R1 acquire, pairs with R2 in ring.h. */
        ring->head_seen = atomic_load_explicit(&ring->head, memory_order_acquire);
    return link->spill_first != NULL || ring->tail_next - ring->head_seen > ring->mask;
}

static void move_spill(struct sn_link *link)
{
    while (link->spill_first != NULL) {
        struct sn_envelope *next = link->spill_first->next;

        if (!sn_ring_put(&link->forward, link->spill_first))
            return;
        link->spill_first = next;
    }
}

static void notify(struct sn_link *link, struct sn_inbox *inbox)
{
    /* Relaxed: the compare-and-swap below validates it. */
    struct sn_link *head = atomic_load_explicit(&inbox->notified, memory_order_relaxed);

    do
        link->next_notified = head;
    /* I1 sequentially consistent, before the load of parked in sn_inbox_wake(); its release half
     * makes the link's fields visible to sn_inbox_take(). */
    while (!atomic_compare_exchange_weak_explicit(&inbox->notified, &head, link,
                                                  memory_order_seq_cst, memory_order_relaxed));
    if (!SN_PLANTED(lost_wake_up))
        sn_inbox_wake(inbox);
}

bool sn_link_flush(struct sn_link *link, struct sn_inbox *inbox)
{
    move_spill(link);
    if (sn_ring_is_unpublished(&link->forward)) {
        sn_ring_publish(&link->forward);
        /* L1: the published tail before the look at idle; pairs with L2. */
        if (!SN_PLANTED(missing_fence))
            atomic_thread_fence(memory_order_seq_cst);
        /* Relaxed load: ordered by L1. The exchange decides who is responsible; acquire and
         * release because the link passes from the consumer to us. */
        if (atomic_load_explicit(&link->idle, memory_order_relaxed) != 0 &&
            atomic_exchange_explicit(&link->idle, 0, memory_order_acq_rel) != 0)
            notify(link, inbox);
    }
    return link->spill_first != NULL;
}

void sn_link_put_back(struct sn_link *link, struct sn_envelope *block)
{
    struct sn_envelope *tagged = (struct sn_envelope *)((uintptr_t)block | block->size_class);

    if (link->unreturned == NULL && sn_ring_put(&link->back, tagged))
        return;
    if (link->unreturned == NULL)
        link->unreturned_last = block;
    block->next = link->unreturned;
    link->unreturned = block;
}

void sn_link_publish_back(struct sn_link *link)
{
    sn_ring_publish(&link->back);
    if (link->unreturned == NULL)
        return;
    /* Relaxed: the compare-and-swap below validates it. */
    struct sn_envelope *head = atomic_load_explicit(&link->returned, memory_order_relaxed);
    do
        link->unreturned_last->next = head;
    /* Release, pairs with sn_link_take_returned(): what was done with the blocks comes before. */
    while (!atomic_compare_exchange_weak_explicit(&link->returned, &head, link->unreturned,
                                                  memory_order_release, memory_order_relaxed));
    link->unreturned = NULL;
}

struct sn_envelope *sn_link_take_returned(struct sn_link *link)
{
    /* Relaxed look first: mostly there is nothing. */
    if (atomic_load_explicit(&link->returned, memory_order_relaxed) == NULL)
        return NULL;
    /* Acquire, pairs with the release in sn_link_publish_back(). */
    return atomic_exchange_explicit(&link->returned, NULL, memory_order_acquire);
}

void sn_link_collect(struct sn_link *link, struct sn_block_pool *blocks)
{
    uint32_t count = sn_ring_count(&link->back);

    for (uint32_t i = 0; i < count; i++) {
        sn_ring_prefetch(&link->back);
        const struct sn_envelope *tagged = sn_ring_take(&link->back);

        sn_block_free(blocks, sn_back_class(tagged), sn_back_block(tagged));
    }
    if (count > 0)
        sn_ring_release(&link->back);
    struct sn_envelope *block = sn_link_take_returned(link);
    while (block != NULL) {
        struct sn_envelope *next = block->next;

        sn_block_free(blocks, block->size_class, block);
        block = next;
    }
}

bool sn_link_make_idle(struct sn_link *link)
{
    /* Release, pairs with the producer's exchange: it may write next_notified after we read it.
     * Against the look at the tail the store is ordered by the fence. */
    atomic_store_explicit(&link->idle, 1, memory_order_release);
    /* L2: idle before the look at the tail; pairs with L1. */
    atomic_thread_fence(memory_order_seq_cst);
    if (sn_ring_count(&link->forward) == 0 || SN_PLANTED(idle_not_rechecked))
        return true;
    /* If the producer was faster it has put the link on the stack, and it comes back that way. */
    return atomic_exchange_explicit(&link->idle, 0, memory_order_acq_rel) == 0;
}

struct sn_link *sn_inbox_take(struct sn_inbox *inbox)
{
    struct sn_link *first = NULL;

    /* Relaxed look first: an empty stack costs no locked instruction. A link pushed later than
     * this look is found in the next pass, or by sn_inbox_park(). */
    if (atomic_load_explicit(&inbox->notified, memory_order_relaxed) == NULL)
        return NULL;
    /* Acquire, pairs with the release in notify(). */
    struct sn_link *link = atomic_exchange_explicit(&inbox->notified, NULL, memory_order_acquire);

    while (link != NULL) {
        struct sn_link *next = link->next_notified;

        link->next_notified = first;
        first = link;
        link = next;
    }
    return first;
}

void sn_inbox_post(struct sn_inbox *inbox, struct sn_envelope *notice)
{
    /* Relaxed: the compare-and-swap below validates it. */
    struct sn_envelope *head = atomic_load_explicit(&inbox->notices, memory_order_relaxed);

    do
        notice->next = head;
    /* I1, as in notify(); its release half makes the notice visible to who takes it. */
    while (!atomic_compare_exchange_weak_explicit(&inbox->notices, &head, notice,
                                                  memory_order_seq_cst, memory_order_relaxed));
    sn_inbox_wake(inbox);
}

struct sn_envelope *sn_inbox_take_notices(struct sn_inbox *inbox)
{
    struct sn_envelope *first = NULL;

    /* Relaxed look first, as in sn_inbox_take(). */
    if (atomic_load_explicit(&inbox->notices, memory_order_relaxed) == NULL)
        return NULL;
    /* Acquire, pairs with the release in sn_inbox_post(). */
    struct sn_envelope *notice =
        atomic_exchange_explicit(&inbox->notices, NULL, memory_order_acquire);

    while (notice != NULL) {
        struct sn_envelope *next = notice->next;

        notice->next = first;
        first = notice;
        notice = next;
    }
    return first;
}

bool sn_inbox_park(struct sn_inbox *inbox)
{
    /* I2 sequentially consistent: parked before the look at the stacks; pairs with I1. */
    atomic_store_explicit(&inbox->parked, 1, memory_order_seq_cst);
    if ((atomic_load_explicit(&inbox->notified, memory_order_seq_cst) == NULL &&
         atomic_load_explicit(&inbox->notices, memory_order_seq_cst) == NULL) ||
        SN_PLANTED(park_not_rechecked))
        return true;
    sn_inbox_unpark(inbox);
    return false;
}

void sn_inbox_unpark(struct sn_inbox *inbox)
{
    /* Relaxed: a producer that still sees 1 writes one wake-up too many, which costs a pass. */
    atomic_store_explicit(&inbox->parked, 0, memory_order_relaxed);
}

void sn_inbox_wake(struct sn_inbox *inbox)
{
    /* Sequentially consistent, after I1. Only the one who takes the 1 away writes to the eventfd:
     * nobody pays for waking the awake. */
    if (atomic_load_explicit(&inbox->parked, memory_order_seq_cst) != 0 &&
        atomic_exchange_explicit(&inbox->parked, 0, memory_order_seq_cst) != 0)
        sn_io_wake(inbox->io);
}
