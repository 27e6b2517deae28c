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

/* The head of a record: the size of its payload. */
enum { RECORD_HEAD = sizeof(uint64_t) };

size_t sn_batch_record_max(const struct sn_edge *edge)
{
    size_t heads = SN_PAYLOAD_OFFSET + sizeof(struct sn_batch) + RECORD_HEAD;

    return edge->batch_bytes > 2 * heads ? (edge->batch_bytes - heads) / 2 : 0;
}

static int make_entries(struct sn_port *port, const struct sn_edge *edge,
                        struct sn_batch_edge *batches)
{
    uint32_t size = 2;

    while (size < 2 * port->world->pools[edge->pool].size)
        size *= 2;
    batches->entries = sn_alloc_zeroed(port->world->allocator, size * sizeof *batches->entries);
    if (batches->entries == NULL)
        return -ENOMEM;
    batches->mask = size - 1;
    return 0;
}

/* The entry of a target, or the free one that it can have. */
static struct sn_open_batch *find(const struct sn_batch_edge *batches, sn_ref to)
{
    uint32_t i = sn_ref_slot(to) + sn_ref_shard(to) * 31;

    for (;; i++) {
        struct sn_open_batch *open = &batches->entries[i & batches->mask];

        if (open->to.value == 0 || (open->to.value ^ to.value) >> 32 == 0)
            return open;
    }
}

static void publish(struct sn_port *port, struct sn_open_batch *open)
{
    struct sn_envelope *envelope = open->envelope;

    if (envelope == NULL)
        return;
    struct sn_batch *batch = sn_envelope_payload(envelope);
    batch->size = (uint32_t)(open->cursor - (char *)(batch + 1));
    batch->count = open->count;
    sn_count(&port->counters.accepted, open->count);
    open->envelope = NULL;
    open->cursor = open->end = NULL;
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

static int open_batch(struct sn_port *port, const struct sn_edge *edge, struct sn_open_batch *open)
{
    size_t size = edge->batch_bytes - SN_PAYLOAD_OFFSET;
    struct sn_slot *slot = sn_world_slot(port->world, open->to);
    size_t charge = sn_block_charge(sn_block_class_of(edge->batch_bytes), edge->batch_bytes);
    struct sn_envelope *envelope;

    if (sn_port_link(port, open->to) == NULL)
        return -ENOMEM;
    if (sn_link_is_full(sn_port_link(port, open->to)))
        return SN_FULL;
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
    open->cursor = (char *)(envelope + 1) + sizeof(struct sn_batch);
    open->end = (char *)(envelope + 1) + size;
    open->count = 0;
    /* Relaxed: see publish(). */
    atomic_fetch_add_explicit(&port->open_batches, 1, memory_order_relaxed);
    return 0;
}

/* Everything that a further record needs: a place in the mailbox and an open batch. */
static int make_room(struct sn_port *port, const struct sn_edge *edge, struct sn_open_batch *open,
                     sn_ref to)
{
    struct sn_slot *slot;

    if (!sn_ref_equal(open->to, to)) {
        close_batch(port, open); /* of an earlier generation */
        open->to = to;
    }
    slot = sn_port_slot(port, to);
    if (slot == NULL)
        return SN_GONE;
    publish(port, open);
    if (open->credits == 0)
        open->credits = sn_slot_take(slot, lease_of(port->world->pools[edge->pool].capacity));
    int rc = open->credits > 0 ? open_batch(port, edge, open) : SN_FULL;
    if (rc != 0)
        close_batch(port, open); /* only an open one is flushed, so its places would stay here */
    return rc;
}

int sn_batch_begin(struct sn_port *port, const struct sn_edge *edge, sn_ref to, size_t size,
                   void **ret_payload)
{
    struct sn_batch_edge *batches = &port->batches[edge->batch_index];
    uint64_t record_size = sn_tail_align(size);

    if (__builtin_expect(batches->entries == NULL, 0) && make_entries(port, edge, batches) != 0)
        return -ENOMEM;
    struct sn_open_batch *open = find(batches, to);
    if (__builtin_expect(!sn_ref_equal(open->to, to) || open->credits == 0 ||
                             record_size + RECORD_HEAD > (size_t)(open->end - open->cursor),
                         0)) {
        int rc = make_room(port, edge, open, to);

        if (rc != 0)
            return rc;
    }
    memcpy(open->cursor, &record_size, RECORD_HEAD);
    port->pending_batch = open;
    port->pending_size = record_size;
    *ret_payload = open->cursor + RECORD_HEAD;
    return 0;
}

void sn_batch_end(struct sn_port *port)
{
    struct sn_open_batch *open = port->pending_batch;

    open->cursor += RECORD_HEAD + port->pending_size;
    open->count++;
    open->credits--;
    port->pending_batch = NULL;
}

void sn_batch_flush_edge(struct sn_port *port, const struct sn_edge *edge, sn_ref to)
{
    struct sn_batch_edge *batches = &port->batches[edge->batch_index];

    if (batches->entries != NULL)
        close_batch(port, find(batches, to));
}

void sn_batches_flush(struct sn_port *port)
{
    for (uint16_t i = 0; i < port->world->package->batch_edge_count; i++) {
        struct sn_batch_edge *batches = &port->batches[i];

        for (uint32_t k = 0; batches->entries != NULL && k <= batches->mask; k++)
            close_batch(port, &batches->entries[k]);
    }
}
