/* SPDX-License-Identifier: MIT */
/*
 * Batch edges of main: small messages to one member are gathered in one envelope, which costs
 * allocation, clock, link and notification once instead of a message. The receiver handles them
 * one by one, each atomically, and each takes a place of its own in the mailbox.
 *
 * Places are leased some at a time while a batch is open, and what is left of them goes back with
 * sn_port_flush(), which every other send, ask and wait of the port does first. So a batch is
 * never overtaken, and only a thread that is in the middle of sending holds places.
 */
#include "port/port.h"

#include <errno.h>
#include <string.h>

enum { PLACES_AT_ONCE = 256 };

/* At most a quarter of the mailbox. */
static int32_t lease_of(uint32_t capacity)
{
    uint32_t lease = capacity / 4;

    return (int32_t)(lease < 1 ? 1 : lease > PLACES_AT_ONCE ? PLACES_AT_ONCE : lease);
}

static struct sn_open_batch *find(struct sn_port *port, const struct sn_edge *edge, sn_ref to)
{
    struct sn_batch_edge *batches = &port->batches[edge->batch_index];
    const struct sn_pool *pool = &port->world->pools[edge->pool];
    const struct sn_slot *slot = sn_world_slot(port->world, to);

    if (batches->members == NULL) {
        batches->members =
            sn_alloc_zeroed(port->world->allocator, pool->size * sizeof *batches->members);
        batches->count = pool->size;
    }
    /* The index of an actor never changes. */
    return batches->members != NULL ? &batches->members[slot->actor->index] : NULL;
}

static void publish(struct sn_port *port, struct sn_open_batch *open)
{
    struct sn_envelope *envelope = open->envelope;

    if (envelope == NULL)
        return;
    open->envelope = NULL;
    /* Relaxed: changed under the port's lock; others only take it as a hint. */
    atomic_fetch_sub_explicit(&port->open_batches, 1, memory_order_relaxed);
    sn_port_put(port, envelope);
}

static void close_batch(struct sn_port *port, struct sn_open_batch *open)
{
    publish(port, open);
    if (open->credits > 0)
        sn_slot_return(port->world, sn_world_slot(port->world, open->to), open->credits, 0);
    open->credits = 0;
}

/* Room for one more record in the open batch. */
static bool fits(const struct sn_envelope *envelope, const struct sn_edge *edge, size_t size)
{
    const struct sn_batch *batch = (const struct sn_batch *)(envelope + 1);

    return batch->size + sizeof(uint64_t) + size <= edge->batch_bytes;
}

static int open_envelope(struct sn_port *port, const struct sn_edge *edge,
                         struct sn_open_batch *open)
{
    size_t size = sizeof(struct sn_batch) + edge->batch_bytes;
    struct sn_slot *slot = sn_world_slot(port->world, open->to);
    struct sn_envelope *envelope;

    if (sn_port_link(port, open->to) == NULL)
        return -ENOMEM;
    if (sn_link_is_full(sn_port_link(port, open->to)))
        return SN_FULL;
    size_t charge =
        sn_block_charge(sn_block_class_of(SN_PAYLOAD_OFFSET + size), SN_PAYLOAD_OFFSET + size);
    if (slot->bounded_bytes && charge > port->world->pools[edge->pool].type->capacity_bytes)
        return SN_TOO_LARGE;
    if (slot->bounded_bytes && !sn_slot_take_bytes(slot, charge))
        return SN_FULL;
    envelope = sn_port_alloc(port, size);
    if (envelope == NULL) {
        if (slot->bounded_bytes)
            sn_slot_return(port->world, slot, 0, (int64_t)charge);
        return -ENOMEM;
    }
    envelope->target = open->to;
    envelope->message = edge->message;
    envelope->kind = SN_ENVELOPE_BATCH;
    envelope->lane = edge->lane;
    memset(envelope + 1, 0, sizeof(struct sn_batch));
    open->envelope = envelope;
    /* Relaxed: see publish(). */
    atomic_fetch_add_explicit(&port->open_batches, 1, memory_order_relaxed);
    return 0;
}

int sn_batch_begin(struct sn_port *port, const struct sn_edge *edge, sn_ref to, size_t size,
                   void **ret_payload)
{
    struct sn_open_batch *open = find(port, edge, to);

    size = sn_tail_align(size);
    if (open == NULL)
        return -ENOMEM;
    if (!sn_ref_equal(open->to, to)) {
        close_batch(port, open);
        open->to = to;
    }
    if (open->credits == 0)
        open->credits = sn_slot_take(sn_world_slot(port->world, to),
                                     lease_of(port->world->pools[edge->pool].type->capacity));
    if (open->credits == 0)
        return SN_FULL;
    if (open->envelope != NULL && !fits(open->envelope, edge, size))
        publish(port, open);
    int rc = open->envelope == NULL ? open_envelope(port, edge, open) : 0;
    if (rc != 0)
        return rc;
    struct sn_batch *batch = sn_envelope_payload(open->envelope);
    char *record = (char *)(batch + 1) + batch->size;
    uint64_t record_size = size;
    memcpy(record, &record_size, sizeof record_size);
    port->pending_batch = open;
    port->pending_size = size;
    *ret_payload = record + sizeof record_size;
    return 0;
}

void sn_batch_end(struct sn_port *port)
{
    struct sn_open_batch *open = port->pending_batch;
    struct sn_batch *batch = sn_envelope_payload(open->envelope);

    batch->size += (uint32_t)(sizeof(uint64_t) + port->pending_size);
    batch->count++;
    open->credits--;
    port->pending_batch = NULL;
    sn_count(&port->counters.accepted, 1);
}

void sn_batch_flush_edge(struct sn_port *port, const struct sn_edge *edge, sn_ref to)
{
    struct sn_open_batch *open = find(port, edge, to);

    if (open != NULL)
        close_batch(port, open);
}

void sn_batches_flush(struct sn_port *port)
{
    for (uint16_t i = 0; i < port->world->package->batch_edge_count; i++)
        for (uint32_t member = 0; member < port->batches[i].count; member++)
            if (port->batches[i].members != NULL)
                close_batch(port, &port->batches[i].members[member]);
}
