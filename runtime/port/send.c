/* SPDX-License-Identifier: MIT */
/*
 * Sending from outside: begin finds a place and a block, the caller writes the payload, end sends
 * it. Nothing parks: what finds no room is SN_FULL, at once or when the time is over; only
 * the dropping policies take it.
 */
#include "port/port.h"

#include <errno.h>
#include <string.h>

/* Try once to get everything that a message needs at its receiver. */
static int try_reserve(struct sn_port *port, const struct sn_edge *edge, struct sn_slot *slot,
                       size_t size)
{
    size_t charge =
        sn_block_charge(sn_block_class_of(SN_PAYLOAD_OFFSET + size), SN_PAYLOAD_OFFSET + size);
    uint64_t bytes_max = port->world->pools[edge->pool].type->capacity_bytes;

    if (bytes_max > 0 && charge > bytes_max)
        return SN_TOO_LARGE;
    if (bytes_max > 0 && !sn_slot_take_bytes(slot, charge))
        return SN_FULL;
    if (sn_slot_take(slot, 1) == 1)
        return 0;
    if (bytes_max > 0)
        sn_slot_return(port->world, slot, 0, (int64_t)charge);
    return SN_FULL;
}

/* Reserve, waiting if there is time; ret_flags says what the policy does with an overflow. */
static int reserve(struct sn_port *port, const struct sn_edge *edge, sn_ref to, size_t size,
                   uint64_t deadline_ns, uint8_t *ret_flags)
{
    bool waited = deadline_ns != 0;

    *ret_flags = 0;
    for (;;) {
        struct sn_slot *slot = sn_port_slot(port, to);

        if (slot == NULL)
            return SN_GONE;
        int rc = try_reserve(port, edge, slot, size);
        if (rc != SN_FULL)
            return rc;
        if (edge->full == SN_FULL_DROP_NEWEST || edge->full == SN_FULL_DROP_OLDEST) {
            *ret_flags = edge->full == SN_FULL_DROP_OLDEST ? SN_FLAG_UNPAID : SN_FLAG_DISCARD;
            return 0;
        }
        if (!sn_port_wait_for_room(port, to, slot, deadline_ns))
            return waited ? SN_TIMEOUT : SN_FULL;
    }
}

static void unreserve(struct sn_port *port, sn_ref to, size_t size, uint8_t flags)
{
    struct sn_slot *slot = sn_world_slot(port->world, to);
    size_t charge =
        sn_block_charge(sn_block_class_of(SN_PAYLOAD_OFFSET + size), SN_PAYLOAD_OFFSET + size);

    if (flags == 0)
        sn_slot_return(port->world, slot, 1, slot->bounded_bytes ? (int64_t)charge : 0);
}

static int reject(struct sn_port *port, int rc)
{
    sn_port_lock(port);
    sn_count(&port->counters.rejected, 1);
    sn_port_unlock(port);
    return rc;
}

/* The end of a begin: a call that failed is over. */
static int begun(struct sn_port *port, int rc)
{
    if (rc != 0)
        sn_port_leave(port);
    return rc;
}

/* On 0 the port stays locked until sn_port_end(). */
static int begin(struct sn_port *port, const struct sn_edge *edge, sn_ref to, size_t size,
                 uint64_t deadline_ns)
{
    uint8_t flags;

    if (size > SN_PAYLOAD_MAX)
        return reject(port, SN_TOO_LARGE);
    /* Relaxed: this thread's own batches are what has an order. */
    if (atomic_load_explicit(&port->open_batches, memory_order_relaxed) > 0)
        sn_port_flush(port); /* what was sent before goes before */
    int rc = reserve(port, edge, to, size, deadline_ns, &flags);
    if (rc != 0)
        return reject(port, rc);
    sn_port_lock(port);
    struct sn_envelope *envelope =
        sn_port_link(port, to) != NULL ? sn_port_alloc(port, size) : NULL;
    if (envelope == NULL) {
        sn_port_unlock(port);
        unreserve(port, to, size, flags);
        return -ENOMEM;
    }
    envelope->target = to;
    envelope->message = edge->message;
    envelope->kind = SN_ENVELOPE_MESSAGE;
    envelope->lane = edge->lane;
    envelope->flags = flags;
    port->pending = envelope;
    return 0;
}

static int begin_alone(struct sn_port *port, const struct sn_edge *edge, sn_ref to, size_t size,
                       void **ret_payload)
{
    int rc = begin(port, edge, to, size, 0);

    if (rc == 0)
        *ret_payload = sn_envelope_payload(port->pending);
    return rc;
}

/* On 0 the port stays locked until sn_port_end(). */
static int begin_batched(struct sn_port *port, const struct sn_edge *edge, sn_ref to, size_t size,
                         uint64_t timeout_ns, void **ret_payload)
{
    uint64_t deadline_ns = 0;
    bool waited = false;

    for (;;) {
        sn_port_lock(port);
        int rc = sn_batch_begin(port, edge, to, size, ret_payload);
        if (__builtin_expect(rc == 0, 1))
            return 0;
        /* What is gathered goes now, so that the receiver can make room. */
        if (rc == SN_FULL)
            sn_batch_flush_edge(port, edge, to);
        sn_port_unlock(port);
        if (rc == SN_FULL && edge->full != SN_FULL_REJECT && edge->full != SN_FULL_PARK)
            return begin_alone(port, edge, to, size, ret_payload); /* to be dropped */
        if (rc != SN_FULL)
            return reject(port, rc);
        if (!waited)
            deadline_ns = sn_port_deadline(port, timeout_ns);
        waited = true;
        if (!sn_port_wait_for_room(port, to, sn_world_slot(port->world, to), deadline_ns))
            return reject(port, deadline_ns != 0 ? SN_TIMEOUT : SN_FULL);
    }
}

/* The same over an edge that may have a guard; of what was begun the caller tells the breaker. */
static int begin_guarded(struct sn_port *port, const struct sn_edge *edge, sn_ref to, size_t size,
                         uint64_t deadline_ns, bool *ret_probe)
{
    int rc = edge->guard > 0 ? sn_port_admit(port, edge->guard, ret_probe) : 0;

    if (rc != 0)
        return rc;
    rc = begin(port, edge, to, size, deadline_ns);
    if (rc != 0 && edge->guard > 0) {
        sn_port_lock(port);
        sn_port_report(port, edge->guard, *ret_probe, rc);
        sn_port_unlock(port);
    }
    return rc;
}

int sn_port_send(struct sn_port *port, const struct sn_edge *edge, sn_ref to, size_t size,
                 uint64_t timeout_ns, void **ret_payload)
{
    sn_port_enter(port);
    if (edge->batch_bytes > 0 && size <= sn_batch_record_max(edge))
        return begun(port, begin_batched(port, edge, to, size, timeout_ns, ret_payload));
    bool probe;
    int rc = begin_guarded(port, edge, to, size, sn_port_deadline(port, timeout_ns), &probe);
    if (rc != 0)
        return begun(port, rc);
    if (edge->guard > 0)
        sn_port_report(port, edge->guard, probe,
                       (port->pending->flags & SN_FLAG_DISCARD) != 0 ? SN_FULL : 0);
    *ret_payload = sn_envelope_payload(port->pending);
    return 0;
}

int sn_port_ask(struct sn_port *port, const struct sn_edge *edge, sn_ref to, size_t size,
                uint64_t deadline_ns, void **ret_payload, struct sn_future **ret_future)
{
    uint64_t absolute_ns = sn_port_deadline(port, deadline_ns);
    bool probe = false;

    sn_port_enter(port);
    int rc = begin_guarded(port, edge, to, size, absolute_ns, &probe);
    if (rc != 0)
        return begun(port, rc);
    struct sn_future *future = sn_future_take(&port->futures);
    if (future == NULL) {
        struct sn_envelope *envelope = port->pending;

        port->pending = NULL;
        if (edge->guard > 0)
            sn_port_withdraw(port, edge->guard, probe);
        unreserve(port, to, size, envelope->flags);
        sn_port_free(port, envelope);
        sn_port_unlock(port);
        return begun(port, -ENOMEM);
    }
    future->deadline_ns = absolute_ns;
    future->guard = edge->guard;
    future->probe = probe;
    port->pending->token = sn_future_token(future, port->place);
    port->pending->deadline_ns = absolute_ns;
    sn_count(&port->counters.asks_started, 1);
    *ret_payload = sn_envelope_payload(port->pending);
    *ret_future = future;
    return 0;
}

void sn_port_end(struct sn_port *port)
{
    struct sn_envelope *envelope = port->pending;
    bool asked = port->pending_batch == NULL && envelope->token.value != 0;

    if (port->pending_batch != NULL) {
        sn_batch_end(port);
    } else {
        port->pending = NULL;
        sn_count(&port->counters.accepted, 1);
        if (envelope->flags & SN_FLAG_DISCARD) {
            sn_count(&port->counters.dropped, 1);
            if (envelope->token.value != 0)
                sn_future_complete(&port->futures, envelope->token, SN_DROPPED, NULL);
            sn_port_free(port, envelope);
        } else {
            sn_port_put(port, envelope);
        }
    }
    sn_port_unlock(port);
    if (!asked)
        sn_port_leave(port); /* a request ends when its future is given back */
}

void sn_port_flush(struct sn_port *port)
{
    sn_port_lock(port);
    sn_batches_flush(port);
    sn_port_unlock(port);
}

/* Ask the keeper of one shard after the other; without a deadline, as a member that is made when
 * nobody waits for its reference any more could be stopped by nobody. */
static int ask_keeper(struct sn_port *port, uint16_t pool, const void *args, size_t size,
                      struct sn_future **ret_future)
{
    const struct sn_pool *of = &port->world->pools[pool];
    const struct sn_edge edge = {
        .message = port->world->package->spawn_message, .pool = pool, .lane = SN_LANE_REQUEST};
    /* Relaxed, both: any order of turns is one; and the keepers were made before the start. */
    uint32_t turn = atomic_fetch_add_explicit(&port->router.cursors[pool], 1, memory_order_relaxed);
    sn_ref keeper = {atomic_load_explicit(&of->members[turn % of->made], memory_order_relaxed)};
    void *payload;
    int rc = sn_port_ask(port, &edge, keeper, size, SN_FOREVER, &payload, ret_future);

    if (rc != 0)
        return rc;
    if (args == NULL)
        memset(payload, 0, size);
    else if (of->worker->args_copy != NULL)
        of->worker->args_copy(payload, args);
    else
        memcpy(payload, args, size);
    sn_port_end(port);
    return 0;
}

int sn_port_spawn(struct sn_port *port, uint16_t pool, const void *args, sn_ref *ret_ref)
{
    const struct sn_worker_type *type = port->world->pools[pool].worker;
    size_t size = type->args_size;
    struct sn_future *future;
    const void *reply;
    int rc = 0;

    if (args != NULL && type->args_measure != NULL)
        rc = type->args_measure(args, &size);
    if (rc == 0)
        rc = ask_keeper(port, pool, args, size, &future);
    if (rc == 0)
        rc = sn_future_wait(&future, SN_FOREVER, &reply);
    if (rc == 0)
        memcpy(ret_ref, reply, sizeof *ret_ref);
    return rc;
}
