/* SPDX-License-Identifier: MIT */
/*
 * The audit: between two steps nothing is half done, so everything that exists can be counted and
 * must add up.
 *
 *     messages   accepted = handled, failed, dropped, expired, dead letters, and those that are in
 *                mailboxes, links and outboxes
 *     places     capacity = in the slot, with the owner, leased, with the simulator, and taken by
 *                messages that have not begun to run; likewise bytes
 *     requests   started = completed, and those in the table, each of which is its actor's
 *     events     completions and firings, begun = ended, and those under way
 *     blocks     of each pool and class: all = free, and those that are in use somewhere
 *     actors     each on one shard; whoever has something to run is in the run queue, once
 *
 * When all shards sleep, moreover, nothing may be there that should have kept one awake.
 */
#include "system/sim.h"

#include <string.h>

/* What has been found so far. */
struct audit {
    struct sn_sim *sim;
    struct sn_world *world;
    uint64_t messages;
    uint64_t events;
    int32_t *taken; /* places, by number of the actor */
    int64_t *bytes;
    uint32_t *blocks; /* in use, by place and class */
    uint32_t *first;  /* by shard: the number of its first actor */
    uint32_t actors, pools;
};

static uint32_t number_of(const struct audit *audit, sn_ref ref)
{
    return audit->first[sn_ref_shard(ref)] + sn_ref_slot(ref);
}

static void count_block(struct audit *audit, uint32_t place, uint8_t size_class)
{
    if (size_class != SN_BLOCK_LARGE)
        audit->blocks[place * SN_BLOCK_CLASSES + size_class]++;
}

/* ---- envelopes --------------------------------------------------------------------------- */

static void count_message(struct audit *audit, struct sn_envelope *envelope)
{
    const struct sn_slot *slot = sn_world_slot(audit->world, envelope->target);
    uint32_t count = sn_envelope_count(envelope);
    bool failed = sn_envelope_failures(envelope) > 0;

    if (envelope->kind == SN_ENVELOPE_AGAIN || envelope->kind == SN_ENVELOPE_LETTER)
        audit->events++; /* a later try: as a message it was accepted and has ended */
    else
        audit->messages += count;
    if (envelope->flags & SN_FLAG_UNPAID)
        return;
    audit->taken[number_of(audit, envelope->target)] += (int32_t)count - (failed ? 1 : 0);
    if (slot->bounded_bytes && (!failed || envelope->kind == SN_ENVELOPE_BATCH))
        audit->bytes[number_of(audit, envelope->target)] +=
            (int64_t)sn_block_size(envelope->size_class, envelope);
}

/* An envelope that is on its way or waits. */
static void count_envelope(struct audit *audit, struct sn_envelope *envelope)
{
    switch (envelope->kind) {
    case SN_ENVELOPE_MESSAGE:
    case SN_ENVELOPE_ECHO:
    case SN_ENVELOPE_AGAIN:
    case SN_ENVELOPE_BATCH:
    case SN_ENVELOPE_LETTER:
        count_message(audit, envelope);
        break;
    case SN_ENVELOPE_REPLY:
    case SN_ENVELOPE_TIMER:
    case SN_ENVELOPE_DOWN:
    case SN_ENVELOPE_WATCH:
    case SN_ENVELOPE_UNWATCH:
    case SN_ENVELOPE_UNWATCHED:
    case SN_ENVELOPE_STOP:
        audit->events++;
        break;
    default:
        break;
    }
    if ((envelope->flags & SN_FLAG_EMBEDDED) == 0)
        count_block(audit, envelope->owner, envelope->size_class);
}

/* The links of ports are few; and one may be closed, and another one lie where it was. */
static void count_back(struct audit *audit, const struct sn_link *link)
{
    const struct sn_ring *back = &link->back;
    const uint32_t *counts;

    if (link->producer >= audit->world->shard_count) {
        for (uint32_t i = back->head_next; i != back->tail_next; i++)
            count_block(audit, link->producer, sn_back_class(back->slots[i & back->mask]));
        return;
    }
    counts = sn_sim_back_counts(audit->sim, link);
    for (uint32_t i = 0; i < SN_BLOCK_CLASSES; i++)
        audit->blocks[link->producer * SN_BLOCK_CLASSES + i] += counts[i];
}

static void count_link(struct audit *audit, struct sn_link *link)
{
    const struct sn_ring *forward = &link->forward;
    struct sn_envelope *envelope;

    for (uint32_t i = forward->head_next; i != forward->tail_next; i++)
        count_envelope(audit, forward->slots[i & forward->mask]);
    for (envelope = link->spill_first; envelope != NULL; envelope = envelope->next)
        count_envelope(audit, envelope);
    count_back(audit, link);
    for (envelope = link->unreturned; envelope != NULL; envelope = envelope->next)
        count_block(audit, link->producer, envelope->size_class);
    /* Relaxed: one thread. */
    envelope = atomic_load_explicit(&link->returned, memory_order_relaxed);
    for (; envelope != NULL; envelope = envelope->next)
        count_block(audit, link->producer, envelope->size_class);
}

static void count_lanes(struct audit *audit, const struct sn_actor *actor)
{
    for (unsigned lane = 0; lane < SN_LANES; lane++) {
        struct sn_envelope *last = actor->lanes[lane], *envelope = last;

        if ((last != NULL) != ((actor->ready >> lane & 1) != 0))
            sn_sim_broken(audit->sim, "lane %u of an actor is not as its bit says", lane);
        while (envelope != NULL) {
            envelope = envelope->next;
            count_envelope(audit, envelope);
            if (envelope == last)
                break;
        }
    }
    for (struct sn_envelope *waits = actor->outbox_first; waits != NULL; waits = waits->next)
        count_envelope(audit, waits);
}

/* What begins or ends is an event, and the args that do not fit into a record are a block. */
static void count_life(struct audit *audit, const struct sn_actor *actor)
{
    static const uint8_t events[] = {[SN_LIFE_NEWBORN] = 1,
                                     [SN_LIFE_LEAVING] = 2,
                                     [SN_LIFE_STOPPING] = 1,
                                     [SN_LIFE_KILLED] = 1,
                                     [SN_LIFE_SPENT] = 0};

    if (actor->life == SN_LIFE_NONE)
        return;
    audit->events += events[actor->life];
    if (actor->args_block != NULL)
        count_block(audit, actor->args_block->owner, actor->args_block->size_class);
}

/* ---- one shard --------------------------------------------------------------------------- */

static void count_actor(struct audit *audit, const struct sn_shard *shard,
                        const struct sn_actor *actor)
{
    const struct sn_world *world = audit->world;
    uint32_t asks = 0;

    if (actor->shard != shard || sn_ref_shard(actor->ref) != shard->index)
        sn_sim_broken(audit->sim, "an actor of shard %u is on shard %u", actor->shard->index,
                      shard->index);
    count_lanes(audit, actor);
    count_life(audit, actor);
    for (const struct sn_ask *ask = actor->asks; ask != NULL; ask = ask->next, asks++)
        count_block(audit, shard->index, ask->size_class);
    for (const struct sn_kept_token *kept = actor->tokens; kept != NULL; kept = kept->next)
        count_block(audit, shard->index, sn_block_class_of(sizeof *kept));
    for (const struct sn_piece *piece = actor->arena.pieces; piece != NULL; piece = piece->next)
        count_block(audit, shard->index, (uint8_t)piece->size_class);
    for (const struct sn_watch *watch = actor->watches; watch != NULL; watch = watch->next)
        count_block(audit, shard->index, watch->notice.size_class);
    if (asks != actor->open_asks)
        sn_sim_broken(audit->sim, "%s[%u] has %u requests and counts %u",
                      world->pools[actor->pool].type->name, actor->index, asks, actor->open_asks);
    if (actor->phase != SN_ACTOR_ABSENT && sn_mailbox_is_ready(actor) && !actor->scheduled)
        sn_sim_broken(audit->sim, "%s[%u] has something to run and is not scheduled",
                      world->pools[actor->pool].type->name, actor->index);
    if (actor->phase == SN_ACTOR_ABSENT && (actor->arena.pieces != NULL || actor->tokens != NULL))
        sn_sim_broken(audit->sim, "%s[%u] has ended and keeps memory or requests",
                      world->pools[actor->pool].type->name, actor->index);
    if (actor->outbox_first != NULL && !actor->parked)
        sn_sim_broken(audit->sim, "%s[%u] has an outbox that nobody looks at",
                      world->pools[actor->pool].type->name, actor->index);
}

static void check_run_queue(const struct audit *audit, const struct sn_shard *shard)
{
    uint32_t queued = 0, scheduled = 0;

    for (const struct sn_actor *actor = shard->run_first; actor != NULL; actor = actor->run_next)
        if (actor->shard != shard || ++queued > shard->slot_count)
            sn_sim_broken(audit->sim, "the run queue of shard %u is broken", shard->index);
    for (uint32_t i = 0; i < shard->slot_count; i++)
        scheduled += sn_shard_actor(shard, i)->scheduled;
    if (queued != scheduled)
        sn_sim_broken(audit->sim, "shard %u: %u actors in the run queue, %u scheduled",
                      shard->index, queued, scheduled);
}

static void check_asks(const struct audit *audit, const struct sn_shard *shard)
{
    const struct sn_counters *counters = &shard->counters;
    /* Relaxed, all here: one thread. */
    uint64_t started = atomic_load_explicit(&counters->asks_started, memory_order_relaxed);
    uint64_t completed = atomic_load_explicit(&counters->asks_completed, memory_order_relaxed);

    if (started - completed != shard->asks.open)
        sn_sim_broken(audit->sim, "shard %u: %llu requests have not completed, and %u are open",
                      shard->index, (unsigned long long)(started - completed), shard->asks.open);
}

static void count_shard(struct audit *audit, struct sn_shard *shard)
{
    for (uint32_t i = 0; i < shard->slot_count; i++)
        count_actor(audit, shard, sn_shard_actor(shard, i));
    for (uint32_t i = 0; i < audit->world->shard_count; i++)
        if (shard->out[i] != NULL)
            count_link(audit, shard->out[i]);
    /* A lease that has places and no bit is never returned: so its places are missing. */
    for (uint64_t leased = shard->leased; leased != 0; leased &= leased - 1) {
        const struct sn_lease *lease = &shard->leases[__builtin_ctzll(leased)];

        audit->taken[number_of(audit, lease->ref)] += lease->credits;
    }
    for (struct sn_envelope *at = shard->stranded_first; at != NULL; at = at->next)
        count_envelope(audit, at);
    for (struct sn_envelope *at = shard->index == 0 ? audit->sim->system->root.asked : NULL;
         at != NULL; at = at->next)
        count_envelope(audit, at);
    check_run_queue(audit, shard);
    check_asks(audit, shard);
}

/* ---- the sums ---------------------------------------------------------------------------- */

static void check_places(const struct audit *audit)
{
    for (uint32_t s = 0; s < audit->world->shard_count; s++) {
        const struct sn_shard *shard = audit->world->shards[s];

        for (uint32_t i = 0; i < shard->slot_count; i++) {
            struct sn_slot *slot = &sn_shard_chunk(shard, i)->slots[i % SN_SLOT_CHUNK];
            const struct sn_actor *actor = sn_shard_actor(shard, i);
            const struct sn_pool *pool = &audit->world->pools[actor->pool];
            /* Relaxed, both: one thread. */
            int64_t places = (int64_t)atomic_load_explicit(&slot->credits, memory_order_relaxed) +
                             actor->credits + actor->owed + sn_sim_held(audit->sim, slot) +
                             audit->taken[audit->first[s] + i];
            int64_t bytes = atomic_load_explicit(&slot->bytes, memory_order_relaxed) +
                            audit->bytes[audit->first[s] + i];

            if (places != (int64_t)pool->capacity)
                sn_sim_broken(audit->sim, "%s[%u] has %lld places, not %u", pool->type->name,
                              actor->index, (long long)places, pool->capacity);
            if (slot->bounded_bytes && bytes != (int64_t)pool->type->capacity_bytes)
                sn_sim_broken(audit->sim, "%s[%u] has %lld bytes, not %llu", pool->type->name,
                              actor->index, (long long)bytes,
                              (unsigned long long)pool->type->capacity_bytes);
        }
    }
}

static void check_pool(const struct audit *audit, const struct sn_block_pool *pool, uint32_t place)
{
    for (uint32_t i = 0; i < SN_BLOCK_CLASSES; i++) {
        uint32_t used = pool->classes[i].total - pool->classes[i].free_count;

        if (used != audit->blocks[place * SN_BLOCK_CLASSES + i])
            sn_sim_broken(audit->sim, "place %u, class %u: %u blocks are taken, %u are in use",
                          place, i, used, audit->blocks[place * SN_BLOCK_CLASSES + i]);
    }
}

static uint64_t total(const struct audit *audit, uint64_t (*of)(const struct sn_counters *))
{
    uint64_t sum = 0;

    for (uint32_t i = 0; i < audit->world->shard_count; i++)
        sum += of(&audit->world->shards[i]->counters);
    for (const struct sn_port *port = audit->sim->system->ports; port != NULL; port = port->next)
        sum += of(&port->counters);
    return sum;
}

static uint64_t value(const _Atomic(uint64_t) *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed); /* one thread */
}

static uint64_t open_messages(const struct sn_counters *of)
{
    return value(&of->accepted) - value(&of->handled) - value(&of->failed) - value(&of->dropped) -
           value(&of->expired) - value(&of->dead_lettered);
}

static uint64_t open_events(const struct sn_counters *of)
{
    return value(&of->events_begun) - value(&of->events_ended);
}

static void check_sums(const struct audit *audit)
{
    uint64_t messages = total(audit, open_messages), events = total(audit, open_events);

    if (messages != audit->messages)
        sn_sim_broken(audit->sim, "%lld messages are under way by the counters, %llu are found",
                      (long long)messages, (unsigned long long)audit->messages);
    if (events != audit->events)
        sn_sim_broken(audit->sim, "%lld completions and firings by the counters, %llu are found",
                      (long long)events, (unsigned long long)audit->events);
    check_places(audit);
    for (uint32_t i = 0; i < audit->world->shard_count; i++)
        check_pool(audit, &audit->world->shards[i]->blocks, i);
    for (const struct sn_port *port = audit->sim->system->ports; port != NULL; port = port->next)
        check_pool(audit, &port->blocks, port->place);
}

/* ---- an audit ---------------------------------------------------------------------------- */

/* Memory for the counts, kept from one audit to the next: the widest first. */
static void prepare(struct audit *audit)
{
    struct sn_sim *sim = audit->sim;
    const struct sn_world *world = audit->world;

    for (uint32_t i = 0; i < world->shard_count; i++)
        audit->actors += world->shards[i]->slot_count;
    audit->pools = world->shard_count + sim->system->port_count;
    size_t size = audit->actors * (sizeof *audit->bytes + sizeof *audit->taken) +
                  world->shard_count * sizeof *audit->first +
                  audit->pools * SN_BLOCK_CLASSES * sizeof *audit->blocks;
    if (size > sim->counts_size) {
        sn_alloc_free(&sn_allocator_system, sim->counts, sim->counts_size);
        sim->counts = sn_alloc_zeroed(&sn_allocator_system, size);
        sim->counts_size = size;
        SN_ASSERT(sim->counts != NULL);
    }
    memset(sim->counts, 0, size);
    audit->bytes = sim->counts;
    audit->taken = (int32_t *)(audit->bytes + audit->actors);
    audit->first = (uint32_t *)(audit->taken + audit->actors);
    audit->blocks = audit->first + world->shard_count;
    for (uint32_t i = 1; i < world->shard_count; i++)
        audit->first[i] = audit->first[i - 1] + world->shards[i - 1]->slot_count;
}

/* A port in the middle of sending holds what cannot be counted. */
static bool is_sending(const struct sn_sim *sim)
{
    for (const struct sn_port *port = sim->system->ports; port != NULL; port = port->next)
        /* Relaxed: one thread. */
        if (port->pending != NULL || port->pending_batch != NULL ||
            atomic_load_explicit(&port->open_batches, memory_order_relaxed) > 0)
            return true;
    return false;
}

void sn_sim_audit_all(struct sn_sim *sim)
{
    struct audit audit = {.sim = sim, .world = &sim->system->world};

    sim->audited = sim->steps;
    if (is_sending(sim))
        return;
    prepare(&audit);
    for (uint32_t i = 0; i < audit.world->shard_count; i++)
        count_shard(&audit, audit.world->shards[i]);
    for (struct sn_port *port = sim->system->ports; port != NULL; port = port->next)
        for (uint32_t i = 0; i < audit.world->shard_count; i++)
            if (port->out[i] != NULL)
                count_link(&audit, port->out[i]);
    check_sums(&audit);
}

/* ---- sleep ------------------------------------------------------------------------------- */

static void check_link_sleeps(const struct sn_sim *sim, struct sn_link *link)
{
    if (link == NULL)
        return;
    /* Relaxed, both: one thread. */
    uint32_t published = atomic_load_explicit(&link->forward.tail, memory_order_relaxed);
    bool rest = link->spill_first != NULL || sn_ring_is_unpublished(&link->forward);
    if (link->forward.head_next != published ||
        atomic_load_explicit(&link->idle, memory_order_relaxed) == 0)
        sn_sim_broken(sim, "shard %u sleeps although %u has sent it something", link->consumer,
                      link->producer);
    if (rest && !link->dirty)
        sn_sim_broken(sim, "%u has forgotten what it has for shard %u", link->producer,
                      link->consumer);
}

/* An actor with an outbox, all asleep: its receiver is full, or will tell when it is not. */
static void check_outbox_sleeps(const struct sn_sim *sim, const struct sn_actor *actor)
{
    const struct sn_slot *slot;
    uint64_t wanted;

    if (actor->outbox_first == NULL || (actor->outbox_first->flags & SN_FLAG_RETRY))
        return; /* tried again when it is time */
    slot = sn_world_slot(&sim->system->world, actor->outbox_first->target);
    wanted = slot->bounded_bytes
                 ? sn_block_size(actor->outbox_first->size_class, actor->outbox_first)
                 : 0;
    /* Relaxed, both: one thread. */
    if (atomic_load_explicit(&slot->credits, memory_order_relaxed) > 0 &&
        (!slot->bounded_bytes ||
         atomic_load_explicit(&slot->bytes, memory_order_relaxed) >= (int64_t)wanted))
        sn_sim_broken(sim, "shard %u sleeps although there is room for an outbox",
                      actor->shard->index);
}

void sn_sim_audit_sleep(struct sn_sim *sim)
{
    const struct sn_world *world = &sim->system->world;

    for (uint32_t i = 0; i < world->shard_count; i++) {
        const struct sn_shard *shard = world->shards[i];

        /* Relaxed: one thread. */
        if (shard->run_first != NULL || shard->doomed != NULL ||
            atomic_load_explicit(&shard->inbox.notices, memory_order_relaxed) != NULL)
            sn_sim_broken(sim, "shard %u sleeps although it has something to do", i);
        for (uint32_t k = 0; k < world->shard_count; k++)
            check_link_sleeps(sim, shard->out[k]);
        for (uint32_t k = 0; k < shard->slot_count; k++)
            check_outbox_sleeps(sim, sn_shard_actor(shard, k));
    }
    for (const struct sn_port *port = sim->system->ports; port != NULL; port = port->next)
        for (uint32_t i = 0; i < world->shard_count; i++)
            check_link_sleeps(sim, port->out[i]);
}
