/* SPDX-License-Identifier: MIT */
#ifndef SN_LINK_H
#define SN_LINK_H

/*
 * A one-way channel between two threads, and the inbox that tells the receiving thread which of
 * its channels have something. See link.c.
 */

#include "io/io.h"
#include "memory/memory.h"
#include "ring/ring.h"

#include <stddef.h>

enum { SN_LINK_CAPACITY = 1024 };

struct sn_link {
    struct sn_ring forward; /* envelopes, producer to consumer */
    struct sn_ring back;    /* handled blocks, tagged, consumer to producer */
    const struct sn_allocator *allocator;
    uint16_t producer; /* places: shard or port */
    uint16_t consumer;
    /* The producer's: what found the ring full, in order, and its flush list. */
    struct sn_envelope *spill_first, *spill_last;
    struct sn_link *next_dirty;
    struct sn_link *next_out; /* of all that the producer fills */
    bool dirty;
    /* The consumer's: handled blocks that found the back ring full, not published yet, the newest
     * first; the list of active links. */
    struct sn_apart before_consumer;
    struct sn_envelope *unreturned, *unreturned_last;
    struct sn_link *next_active;
    uint32_t quiet_drains; /* in a row */
    bool returning;        /* blocks were put since the last publication */
    struct sn_link *next_returning;
    /* Both: 1 while the consumer does not look at this link by itself. */
    struct sn_apart before_idle;
    _Atomic(uint32_t) idle;
    struct sn_link *next_notified;
    _Atomic(struct sn_envelope *) returned; /* published: blocks that found the back ring full */
};

/* Where links announce themselves to their consumer. */
struct sn_inbox {
    _Alignas(SN_CACHE_LINE) _Atomic(struct sn_link *) notified;
    _Atomic(struct sn_envelope *) notices; /* a stack; each is part of something that lives */
    _Atomic(uint32_t) parked;
    struct sn_io *io;
};

/**
 * Make a link; the consumer learns of it with the first notification.
 *
 * Returns  NULL when there is no memory.
 * Owns     the caller; sn_link_destroy() when both threads have ended.
 */
struct sn_link *sn_link_create(const struct sn_allocator *allocator, uint16_t producer,
                               uint16_t consumer);

/** Free a link; NULL is allowed. What is still in it is the caller's. */
void sn_link_destroy(struct sn_link *link);

/** Put an envelope; if the ring is full it waits in the spill list. Threads: the producer. */
void sn_link_put(struct sn_link *link, struct sn_envelope *envelope);

/** Whether a put would go to the spill list. Threads: the producer. */
bool sn_link_is_full(struct sn_link *link);

/**
 * Publish all that was put, and notify the consumer if it does not look by itself.
 *
 * Returns  true when something had to stay in the spill list: flush again later.
 * Threads  the producer.
 */
bool sn_link_flush(struct sn_link *link, struct sn_inbox *inbox);

/** The class of a block in a back ring, and the block: it is aligned, and the class stands in the
 * low bits of its address. */
static inline uint8_t sn_back_class(const struct sn_envelope *tagged)
{
    return (uintptr_t)tagged % _Alignof(max_align_t);
}

static inline struct sn_envelope *sn_back_block(const struct sn_envelope *tagged)
{
    return (struct sn_envelope *)((uintptr_t)tagged - sn_back_class(tagged));
}

_Static_assert(SN_BLOCK_CLASSES <= _Alignof(max_align_t), "a class fits into a block's address");

/** Put a handled block on its way back; visible after sn_link_publish_back(). Threads: consumer. */
void sn_link_put_back(struct sn_link *link, struct sn_envelope *block);

/** Publish what was put back. Threads: the consumer. */
void sn_link_publish_back(struct sn_link *link);

/** Take the blocks that found the back ring full, linked by next. Threads: the producer. */
struct sn_envelope *sn_link_take_returned(struct sn_link *link);

/** Take the blocks that came back into the pool that they are of. Threads: the producer. */
void sn_link_collect(struct sn_link *link, struct sn_block_pool *blocks);

/**
 * Stop looking at a link until its producer notifies.
 *
 * Returns  true; false when there is something in it after all, and it stays active.
 * Threads  the consumer.
 */
bool sn_link_make_idle(struct sn_link *link);

/** Whether something may be found by sn_inbox_take() or sn_inbox_take_notices(). */
static inline bool sn_inbox_has_something(const struct sn_inbox *inbox)
{
    /* Relaxed, both: a look, which those two make again with an order. */
    return atomic_load_explicit(&inbox->notified, memory_order_relaxed) != NULL ||
           atomic_load_explicit(&inbox->notices, memory_order_relaxed) != NULL;
}

/** Take all notified links, the first to notify first, linked by next_notified. */
struct sn_link *sn_inbox_take(struct sn_inbox *inbox);

/**
 * Hand a notice over past all links, so that it does not queue behind messages, and wake the
 * consumer.
 *
 * @notice  the poster's until the consumer has read it; it must not be posted again before.
 * Threads  any.
 */
void sn_inbox_post(struct sn_inbox *inbox, struct sn_envelope *notice);

/** Take all notices, the first to be posted first, linked by next. Threads: the consumer. */
struct sn_envelope *sn_inbox_take_notices(struct sn_inbox *inbox);

/**
 * Say that the consumer is about to sleep.
 *
 * Returns  true: sleep in io, then call sn_inbox_unpark(); false: there is work, do not sleep.
 * Threads  the consumer, with all its links idle and no notice at hand.
 */
bool sn_inbox_park(struct sn_inbox *inbox);

/** The consumer is awake again. */
void sn_inbox_unpark(struct sn_inbox *inbox);

/** Wake the consumer if it sleeps. Threads: any. */
void sn_inbox_wake(struct sn_inbox *inbox);

#endif
