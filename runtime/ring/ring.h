/* SPDX-License-Identifier: MIT */
#ifndef SN_RING_H
#define SN_RING_H

/*
 * A ring of pointers between one producer and one consumer. See ring.c and README.md.
 */

#include "base/base.h"

struct sn_envelope;

/* What different threads write stands two lines apart, since some processors fetch lines in pairs:
 * this is the line in between, and what follows it begins a line. */
struct sn_apart {
    _Alignas(SN_CACHE_LINE) char line[SN_CACHE_LINE];
};

struct sn_ring {
    struct sn_envelope **slots;
    uint32_t mask;
    /* Written by the producer, but only when it publishes: a consumer that waits for it is not
     * disturbed by one that fills slots. */
    struct sn_apart before_tail;
    _Atomic(uint32_t) tail;               /* published */
    _Atomic(struct sn_envelope *) newest; /* a hint: what was published last */
    /* The producer's. */
    struct sn_apart before_producer;
    uint32_t tail_next; /* filled, perhaps not published */
    uint32_t head_seen; /* the producer's copy of head */
    /* Written by the consumer. */
    struct sn_apart before_consumer;
    _Atomic(uint32_t) head; /* released */
    uint32_t head_next;     /* taken, perhaps not released */
    uint32_t tail_seen;     /* the consumer's copy of tail */
    struct sn_apart at_end;
};

/**
 * Prepare a ring in the caller's storage.
 *
 * @capacity  a power of two, 2 .. 2^31.
 *
 * Returns  0 or -ENOMEM.
 */
int sn_ring_init(struct sn_ring *ring, const struct sn_allocator *allocator, uint32_t capacity);

/** Free the slots; what is still in them is the caller's. */
void sn_ring_fini(struct sn_ring *ring, const struct sn_allocator *allocator);

/**
 * Fill the next slot; the consumer sees it after sn_ring_publish().
 *
 * Returns  false when the ring is full.
 * Threads  the producer.
 */
static inline bool sn_ring_put(struct sn_ring *ring, struct sn_envelope *item)
{
    if (__builtin_expect(ring->tail_next - ring->head_seen > ring->mask, 0)) {
        /* R1 acquire, pairs with R2: the slots up to head have been read by the consumer. */
        ring->head_seen = atomic_load_explicit(&ring->head, memory_order_acquire);
        if (ring->tail_next - ring->head_seen > ring->mask)
            return false;
    }
    ring->slots[ring->tail_next++ & ring->mask] = item;
    return true;
}

/** Let the consumer see all that was put. Threads: the producer. */
static inline void sn_ring_publish(struct sn_ring *ring)
{
    /* Relaxed: a hint of what to prefetch, whether or not it belongs to the tail that is seen. */
    atomic_store_explicit(&ring->newest, ring->slots[(ring->tail_next - 1) & ring->mask],
                          memory_order_relaxed);
    /* R3 release, pairs with R4: slots and what they point to are visible before tail. */
    atomic_store_explicit(&ring->tail, ring->tail_next, memory_order_release);
}

/** Whether there is something that was put but not published. Threads: the producer. */
static inline bool sn_ring_is_unpublished(const struct sn_ring *ring)
{
    /* Relaxed: the producer reads its own store. */
    return ring->tail_next != atomic_load_explicit(&ring->tail, memory_order_relaxed);
}

/** How many items can be taken now. Threads: the consumer. */
static inline uint32_t sn_ring_count(struct sn_ring *ring)
{
    if (ring->tail_seen == ring->head_next)
        /* R4 acquire, pairs with R3. */
        ring->tail_seen = atomic_load_explicit(&ring->tail, memory_order_acquire);
    return ring->tail_seen - ring->head_next;
}

/** Begin to fetch what was published last: its address comes with the line that says that there is
 * something, and the slot need not be waited for. Threads: the consumer. */
static inline void sn_ring_prefetch_newest(const struct sn_ring *ring)
{
    /* Relaxed: a hint, see sn_ring_publish(). */
    const char *item = (const char *)atomic_load_explicit(&ring->newest, memory_order_relaxed);

    __builtin_prefetch(item);
    __builtin_prefetch(item + SN_CACHE_LINE);
}

/** Look at an item without taking it. @ahead  below sn_ring_count(). Threads: the consumer. */
static inline struct sn_envelope *sn_ring_peek(const struct sn_ring *ring, uint32_t ahead)
{
    return ring->slots[(ring->head_next + ahead) & ring->mask];
}

/** Begin to fetch the slots some lines behind an item. Threads: the consumer. */
static inline void sn_ring_prefetch(const struct sn_ring *ring)
{
    enum { AHEAD = 4 * SN_CACHE_LINE / sizeof *ring->slots };

    __builtin_prefetch(&ring->slots[(ring->head_next + AHEAD) & ring->mask]);
}

/** Take the next item. sn_ring_count() must have been above 0. Threads: the consumer. */
static inline struct sn_envelope *sn_ring_take(struct sn_ring *ring)
{
    return ring->slots[ring->head_next++ & ring->mask];
}

/** Let the producer use the slots of all that was taken. Threads: the consumer. */
static inline void sn_ring_release(struct sn_ring *ring)
{
    /* R2 release, pairs with R1: the slots were read before head moves past them. */
    atomic_store_explicit(&ring->head, ring->head_next, memory_order_release);
}

#endif
