/* SPDX-License-Identifier: MIT */
#ifndef SN_FUTURE_FUTURE_H
#define SN_FUTURE_FUTURE_H

/*
 * Requests of threads outside: a table of futures a port, completed by shards. See future.c.
 */

#include "actor/actor.h"

enum { SN_FUTURE_CHUNK = 256, SN_FUTURE_CHUNKS = 1024 };

struct sn_port;

struct sn_future {
    _Atomic(uint32_t) word; /* generation (29 bits) and state (3) */
    int outcome;
    struct sn_envelope *reply; /* a large block, owned by the future once it is done; or NULL */
    struct sn_port *port;
    struct sn_future *next_free;
    uint64_t deadline_ns; /* of the request; UINT64_MAX: none */
    uint32_t slot;
    uint16_t guard; /* of the request's edge; 0: none */
    bool probe;     /* its outcome decides about the breaker */
};

/* Chunks are never moved or freed before the table, so a shard can look at any time. */
struct sn_future_table {
    const struct sn_allocator *allocator;
    struct sn_port *port;
    struct sn_future *free;
    uint32_t chunk_count;
    uint32_t open; /* taken and not given back */
    _Atomic(struct sn_future *) chunks[SN_FUTURE_CHUNKS];
};

/** Prepare a table in zeroed memory. Threads: the port's. */
void sn_future_table_init(struct sn_future_table *table, const struct sn_allocator *allocator,
                          struct sn_port *port);

/** Free all chunks; replies that nobody took are freed too. */
void sn_future_table_fini(struct sn_future_table *table);

/**
 * Take a future for a new request; it is pending.
 *
 * Returns  NULL: no memory, or SN_FUTURE_CHUNK * SN_FUTURE_CHUNKS are open.
 * Threads  the port's.
 */
struct sn_future *sn_future_take(struct sn_future_table *table);

/** Give a future back; a completion that comes later is late. Threads: the port's. */
void sn_future_give(struct sn_future_table *table, struct sn_future *future);

/** The token by which a shard completes the future. @place  the port's. */
sn_reply_token sn_future_token(const struct sn_future *future, uint32_t place);

/**
 * Complete a request, and wake whoever waits for it.
 *
 * @reply  a large block or NULL.
 *
 * Returns  true; false: nobody waits any more.
 * Threads  any shard.
 * Owns     on true the future has the reply; else still the caller.
 */
bool sn_future_complete(struct sn_future_table *table, sn_reply_token token, int outcome,
                        struct sn_envelope *reply);

/** Whether the completion is there. Threads: the port's. */
bool sn_future_is_done(const struct sn_future *future);

/**
 * Spin, then sleep until the completion is there or the time is over.
 *
 * @timeout_ns  relative; SN_FOREVER.
 * @spin        how many times to look before sleeping.
 *
 * Returns  0 or SN_TIMEOUT.
 * Threads  any one at a time.
 */
int sn_future_await(struct sn_future *future, uint64_t timeout_ns, uint32_t spin);

/** Sleep while *word is `value`; spurious returns happen. @timeout_ns  relative; SN_FOREVER. */
void sn_futex_wait(const _Atomic(uint32_t) *word, uint32_t value, uint64_t timeout_ns);

/** Wake all that sleep on a word. */
void sn_futex_wake(const _Atomic(uint32_t) *word);

#endif
