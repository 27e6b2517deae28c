/* SPDX-License-Identifier: MIT */
#ifndef SN_PORT_PORT_H
#define SN_PORT_PORT_H

/*
 * A port: how one thread outside the runtime sends, asks and waits. See port.c.
 */

#include "port/replies.h"
#include "shard/shard.h"

#include <pthread.h>

struct sn_system;

/* One batch being filled: for one batch edge and one member. */
struct sn_open_batch {
    sn_ref to;                    /* zero: not used yet */
    char *cursor, *end;           /* where the next record goes; both NULL: none is open */
    struct sn_envelope *envelope; /* NULL: none is open */
    int32_t credits;              /* places leased and not used yet */
    uint32_t count;               /* records in it */
};

/* The batches of one edge: a hash table by target, made when the edge is first used. It has twice
 * as many entries as the pool has members, so it never fills. */
struct sn_batch_edge {
    struct sn_open_batch *entries;
    uint32_t mask;
};

struct sn_port {
    struct sn_world *world;
    struct sn_system *system;
    struct sn_replies replies;
    struct sn_router router;
    struct sn_counters counters;
    struct sn_block_pool blocks;
    struct sn_link **out; /* by shard */
    struct sn_batch_edge *batches;
    struct sn_breaker *breakers; /* by guard of main's edges */
    struct sn_future_table futures;
    struct sn_registry_reader *names;
    struct sn_port *next; /* of the system */
    uint32_t place;
    _Atomic(uint32_t) open_batches;
    bool closed; /* nobody's: may be given out again */
    bool shared; /* any thread may use it: locked between begin and end */
    /* Of a shared port: sends and requests that threads have begun and not ended. */
    _Atomic(uint32_t) calls;
    pthread_mutex_t lock;
    /* Between sn_port_send() or sn_port_ask() and sn_port_end(). */
    struct sn_envelope *pending;
    struct sn_open_batch *pending_batch;
    size_t pending_size;
};

/** Prepare a port in zeroed memory. Returns 0 or -errno. */
int sn_port_init(struct sn_port *port, struct sn_world *world, uint32_t place, bool shared);

/** Free what the port holds; its links must have been drained. */
void sn_port_fini(struct sn_port *port);

/* One of the runtime's own orders. */
struct sn_port_order {
    sn_ref to;
    enum sn_envelope_kind kind;
    int reason;          /* of SN_ENVELOPE_END */
    const void *payload; /* NULL: none */
    size_t payload_size;
};

/** Send an order. @ret_future  for its answer; NULL: there is none. Returns 0 or -ENOMEM. */
int sn_port_order(struct sn_port *port, const struct sn_port_order *order,
                  struct sn_future **ret_future);

/* What several of this folder's files use; the port is locked, if it is a shared one. */

void sn_port_lock(struct sn_port *port);
void sn_port_unlock(struct sn_port *port);
/** A thread begins or ends a call; between the two a stop does not free the port. */
void sn_port_enter(struct sn_port *port);
void sn_port_leave(struct sn_port *port);
/** A block of the port's pool; NULL: no memory. */
struct sn_envelope *sn_port_alloc(struct sn_port *port, size_t payload_size);
/** Free a block that was not sent. */
void sn_port_free(struct sn_port *port, struct sn_envelope *envelope);
/** The link to the target's shard; NULL: no memory. */
struct sn_link *sn_port_link(struct sn_port *port, sn_ref to);
/** Send an envelope over its link, which exists. */
void sn_port_put(struct sn_port *port, struct sn_envelope *envelope);
/** Let the shards do something. */
void sn_port_yield(struct sn_port *port);
/** The target's slot; NULL: a send to it is SN_GONE. */
struct sn_slot *sn_port_slot(const struct sn_port *port, sn_ref to);
/** Ask to be told when there is room, look once more, and wait. Returns false at the deadline. */
bool sn_port_wait_for_room(struct sn_port *port, sn_ref to, struct sn_slot *slot,
                           uint64_t deadline_ns);
/** The deadline of a relative time; UINT64_MAX: none. */
uint64_t sn_port_deadline(const struct sn_port *port, uint64_t timeout_ns);
/** Ask the breaker of a guard. Returns 0 or SN_OPEN. The port is not locked. */
int sn_port_admit(struct sn_port *port, uint16_t guard, bool *ret_probe);
/** Tell it what came of a call; or that it was not made after all. */
void sn_port_report(struct sn_port *port, uint16_t guard, bool probe, int outcome);
void sn_port_withdraw(struct sn_port *port, uint16_t guard, bool probe);
/** Append to the batch of an edge. Returns as sn_port_send(). */
int sn_batch_begin(struct sn_port *port, const struct sn_edge *edge, sn_ref to, size_t size,
                   void **ret_payload);
/** The largest record, payload included, that goes into a batch of this edge. */
size_t sn_batch_record_max(const struct sn_edge *edge);
/** Count the record that was begun. */
void sn_batch_end(struct sn_port *port);
/** Send all open batches and return the places that were leased for them. */
void sn_batches_flush(struct sn_port *port);
/** Send the batch for one target, to make room there sooner. */
void sn_batch_flush_edge(struct sn_port *port, const struct sn_edge *edge, sn_ref to);

#endif
