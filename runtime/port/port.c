/* SPDX-License-Identifier: MIT */
/*
 * Threads outside.
 *
 * A port has what a shard has for sending: a block pool, a link to each shard that it has sent
 * to, and counters; and a table of futures for its requests. It is used by one thread at a time.
 * The port that sn_system_start() returns may be used by any thread, so it takes a lock between
 * begin and end; it is never held while somebody waits. It also counts the calls under way, from
 * the begin of a send to its end and from the begin of a request until its future is given back:
 * a stop answers them SN_GONE and waits for them to leave. The others are closed by their threads.
 *
 * A place in the mailbox is taken straight from the slot, one at a time, so an idle port holds
 * none. A thread that waits for room sleeps on the slot's word of waiters, which the owner clears
 * when it returns places (shard/credit.c, C1 and C2).
 */
#include "port/port.h"

#include "registry/registry.h"

#include <errno.h>
#include <sched.h>

enum { SPIN_FOR_ROOM = 200 };

int sn_port_init(struct sn_port *port, struct sn_world *world, uint32_t place, bool shared)
{
    const struct sn_allocator *allocator = world->allocator;
    const struct sn_package *package = world->package;

    port->world = world;
    port->place = place;
    port->shared = shared;
    port->router.world = world;
    port->router.random = world->options.seed ^ ((uint64_t)place << 32);
    pthread_mutex_init(&port->lock, NULL);
    sn_block_pool_init(&port->blocks, allocator);
    sn_future_table_init(&port->futures, allocator, port);
    port->out = sn_alloc_zeroed(allocator, world->shard_count * sizeof *port->out);
    port->router.cursors =
        sn_alloc_zeroed(allocator, (package->pool_count + 1u) * sizeof *port->router.cursors);
    port->batches =
        sn_alloc_zeroed(allocator, (package->batch_edge_count + 1u) * sizeof *port->batches);
    port->breakers =
        sn_alloc_zeroed(allocator, (package->guard_count + 1u) * sizeof *port->breakers);
    if (!port->out || !port->router.cursors || !port->batches || !port->breakers)
        return -ENOMEM;
    int rc = sn_registry_reader_create(world->registry, &port->names);
    if (rc != 0)
        return rc;
    /* Release, pairs with complete_outside() in shard/deliver.c. */
    atomic_store_explicit(&world->futures[place], &port->futures, memory_order_release);
    return 0;
}

static void free_batches(struct sn_port *port)
{
    const struct sn_allocator *allocator = port->world->allocator;
    uint16_t count = port->world->package->batch_edge_count;

    for (uint16_t i = 0; port->batches != NULL && i < count; i++)
        sn_alloc_free(allocator, port->batches[i].entries,
                      (port->batches[i].mask + 1u) * sizeof *port->batches[i].entries);
    sn_alloc_free(allocator, port->batches, (count + 1u) * sizeof *port->batches);
}

void sn_port_fini(struct sn_port *port)
{
    const struct sn_allocator *allocator = port->world->allocator;

    for (uint32_t i = 0; port->out != NULL && i < port->world->shard_count; i++)
        sn_link_destroy(port->out[i]);
    sn_alloc_free(allocator, port->out, port->world->shard_count * sizeof *port->out);
    sn_alloc_free(allocator, port->router.cursors,
                  (port->world->package->pool_count + 1u) * sizeof *port->router.cursors);
    free_batches(port);
    sn_alloc_free(allocator, port->breakers,
                  (port->world->package->guard_count + 1u) * sizeof *port->breakers);
    sn_registry_reader_destroy(port->names);
    sn_replies_fini(&port->replies, allocator);
    sn_future_table_fini(&port->futures);
    sn_block_pool_fini(&port->blocks);
    pthread_mutex_destroy(&port->lock);
}

void sn_port_lock(struct sn_port *port)
{
    if (port->shared)
        pthread_mutex_lock(&port->lock);
}

void sn_port_unlock(struct sn_port *port)
{
    if (port->shared)
        pthread_mutex_unlock(&port->lock);
}

void sn_port_enter(struct sn_port *port)
{
    /* Relaxed: a stop that begins later in this thread's order of things sees it; one that does
     * not know of this thread cannot be called safely at all. */
    if (port->shared)
        atomic_fetch_add_explicit(&port->calls, 1, memory_order_relaxed);
}

void sn_port_leave(struct sn_port *port)
{
    /* Release, pairs with the acquire in await_callers(): the last that the thread does here. */
    if (port->shared)
        atomic_fetch_sub_explicit(&port->calls, 1, memory_order_release);
}

struct sn_router *sn_port_router(const struct sn_port *port)
{
    return (struct sn_router *)&port->router;
}

/* Blocks that the shards have handled. */
static void take_returned(struct sn_port *port)
{
    for (uint32_t i = 0; i < port->world->shard_count; i++)
        if (port->out[i] != NULL)
            sn_link_collect(port->out[i], &port->blocks);
}

struct sn_envelope *sn_port_alloc(struct sn_port *port, size_t payload_size)
{
    size_t size = SN_PAYLOAD_OFFSET + payload_size;
    uint8_t size_class = sn_block_class_of(size);

    if (size_class != SN_BLOCK_LARGE && port->blocks.classes[size_class].free_count == 0)
        take_returned(port);
    struct sn_envelope *envelope = sn_block_alloc(&port->blocks, size_class, size);
    if (envelope == NULL)
        return NULL;
    *envelope = (struct sn_envelope){.sent_ns = sn_clock_now(port->world->clock),
                                     .deadline_ns = UINT64_MAX,
                                     .owner = (uint16_t)port->place,
                                     .size_class = size_class};
    return envelope;
}

void sn_port_free(struct sn_port *port, struct sn_envelope *envelope)
{
    sn_block_free(&port->blocks, envelope->size_class, envelope);
}

struct sn_link *sn_port_link(struct sn_port *port, sn_ref to)
{
    uint32_t shard = sn_ref_shard(to);

    if (port->out[shard] == NULL)
        port->out[shard] =
            sn_link_create(port->world->allocator, (uint16_t)port->place, (uint16_t)shard);
    return port->out[shard];
}

void sn_port_put(struct sn_port *port, struct sn_envelope *envelope)
{
    uint32_t shard = sn_ref_shard(envelope->target);
    struct sn_link *link = port->out[shard];

    if (port->world->stepper != NULL)
        port->world->stepper->sent(port->world->stepper, envelope);
    sn_link_put(link, envelope);
    /* The ring was looked at before; only other threads of a shared port, or a flush of several
     * batches, can have filled it since. The shard empties it in its next pass. */
    while (sn_link_flush(link, &port->world->shards[shard]->inbox))
        sn_port_yield(port);
}

void sn_port_yield(struct sn_port *port)
{
    if (port->world->stepper != NULL)
        port->world->stepper->step(port->world->stepper, 0);
    else
        sched_yield();
}

struct sn_slot *sn_port_slot(const struct sn_port *port, sn_ref to)
{
    struct sn_slot *slot = sn_world_slot(port->world, to);

    if (slot != NULL)
        sn_prefetch_to_write(slot); /* one transfer of the line, not one to look and one to take */
    /* Relaxed, all: an actor may end while the message is on its way in any case. */
    if (slot == NULL || atomic_load_explicit(&port->world->stopping, memory_order_relaxed) != 0 ||
        atomic_load_explicit(&slot->closed, memory_order_relaxed) != 0 ||
        atomic_load_explicit(&slot->generation, memory_order_relaxed) != sn_ref_generation(to))
        return NULL;
    return slot;
}

uint64_t sn_port_deadline(const struct sn_port *port, uint64_t timeout_ns)
{
    uint64_t now_ns;

    if (timeout_ns == 0 || timeout_ns == SN_FOREVER)
        return timeout_ns;
    now_ns = sn_clock_now(port->world->clock);
    return timeout_ns < UINT64_MAX - now_ns ? now_ns + timeout_ns : UINT64_MAX;
}

bool sn_port_wait_for_room(struct sn_port *port, sn_ref to, struct sn_slot *slot,
                           uint64_t deadline_ns)
{
    struct sn_shard *shard = port->world->shards[sn_ref_shard(to)];

    if (deadline_ns == 0)
        return false;
    if (port->world->stepper != NULL)
        return port->world->stepper->step(port->world->stepper, deadline_ns);
    /* C1 in shard/credit.c: registered before the second look. */
    uint32_t waiters =
        atomic_fetch_or_explicit(&slot->waiters, SN_WAITER_PORT, memory_order_seq_cst) |
        SN_WAITER_PORT;
    /* Release, pairs with sn_credits_return(): the registration comes first. The owner looks at
     * the end of each pass; before it sleeps it returns all. */
    atomic_store_explicit(&shard->wanted, 1, memory_order_release);
    /* Sequentially consistent, after C1. */
    if (atomic_load_explicit(&slot->credits, memory_order_seq_cst) > 0 ||
        atomic_load_explicit(&slot->closed, memory_order_seq_cst) != 0) {
        sn_port_yield(port); /* what else is missing, bytes or the ring, comes with the next pass */
        return deadline_ns == UINT64_MAX || sn_clock_now(port->world->clock) < deadline_ns;
    }
    for (int i = 0; i < SPIN_FOR_ROOM; i++) {
        /* Relaxed: only a hint to look again. */
        if (atomic_load_explicit(&slot->waiters, memory_order_relaxed) != waiters)
            return true;
        sn_spin_hint();
    }
    uint64_t now_ns = deadline_ns != UINT64_MAX ? sn_clock_now(port->world->clock) : 0;
    if (now_ns >= deadline_ns)
        return false;
    sn_futex_wait(&slot->waiters, waiters,
                  deadline_ns == UINT64_MAX ? SN_FOREVER : deadline_ns - now_ns);
    return true;
}
