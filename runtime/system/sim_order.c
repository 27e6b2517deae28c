/* SPDX-License-Identifier: MIT */
/*
 * The order of messages, and the uniqueness of requests.
 *
 * Each message gets a number when it leaves its sender, and a DOWN when the incarnation that it
 * tells of has ended; it is kept beside the address of its envelope; when it reaches its handler,
 * the number must be above the last one of the same sender, receiver and lane. Addresses are keys
 * here and decide nothing. A message that ends without being handled leaves its entry behind; the
 * next one in the same block replaces it. The account has memory of its own, so that an allocator
 * that fails does not fail here.
 */
#include "system/sim.h"

enum { FIRST_CAPACITY = 1024 };

static uint64_t spread(uint64_t key)
{
    key *= UINT64_C(0x9e3779b97f4a7c15);
    return key ^ (key >> 32);
}

static struct sn_sim_entry *find(const struct sn_sim_map *map, uint64_t key)
{
    size_t at = (size_t)spread(key) & (map->capacity - 1);

    while (map->entries[at].key != 0 && map->entries[at].key != key)
        at = (at + 1) & (map->capacity - 1);
    return &map->entries[at];
}

static void grow(struct sn_sim_map *map)
{
    struct sn_sim_map old = *map;

    map->capacity = old.capacity == 0 ? FIRST_CAPACITY : 2 * old.capacity;
    map->entries = sn_alloc_zeroed(&sn_allocator_system, map->capacity * sizeof *map->entries);
    SN_ASSERT(map->entries != NULL);
    for (size_t i = 0; i < old.capacity; i++)
        if (old.entries[i].key != 0)
            *find(map, old.entries[i].key) = old.entries[i];
    sn_alloc_free(&sn_allocator_system, old.entries, old.capacity * sizeof *old.entries);
}

struct sn_sim_entry *sn_sim_map_entry(struct sn_sim_map *map, uint64_t key)
{
    if (2 * map->count >= map->capacity)
        grow(map);
    struct sn_sim_entry *entry = find(map, key);
    if (entry->key == 0) {
        entry->key = key;
        map->count++;
    }
    return entry;
}

/* Who sent it: an actor, or the port whose block it is. */
static uint64_t sender_of(const struct sn_envelope *envelope)
{
    return envelope->source.value != 0 ? envelope->source.value
                                       : UINT64_C(1) << 63 | envelope->owner;
}

/* From an actor or a port, and not made by the runtime itself. */
static bool is_counted(const struct sn_sim *sim, const struct sn_envelope *envelope)
{
    return (envelope->kind == SN_ENVELOPE_MESSAGE || envelope->kind == SN_ENVELOPE_ECHO ||
            envelope->kind == SN_ENVELOPE_BATCH || envelope->kind == SN_ENVELOPE_DOWN) &&
           (envelope->source.value != 0 || envelope->owner >= sim->system->world.shard_count);
}

void sn_sim_order_sent(struct sn_sim *sim, const struct sn_envelope *envelope)
{
    struct sn_sim_entry *entry;

    if (!is_counted(sim, envelope))
        return;
    entry = sn_sim_map_entry(&sim->order.sent, (uint64_t)(uintptr_t)envelope);
    entry->value = ++sim->order.numbers;
    entry->source = sender_of(envelope);
}

void sn_sim_order_token(struct sn_sim *sim, sn_reply_token token)
{
    struct sn_sim_entry *entry = sn_sim_map_entry(&sim->order.asks, (token.value >> 32) + 1);
    uint32_t generation = sn_token_generation(token);

    if (generation <= entry->value)
        sn_sim_broken(sim, "a request has the token of an earlier one, %u of place %u",
                      sn_token_slot(token), sn_token_place(token));
    entry->value = generation;
}

void sn_sim_order_handled(struct sn_sim *sim, const struct sn_envelope *envelope)
{
    const struct sn_sim_entry *sent;
    struct sn_sim_entry *last;

    if (!is_counted(sim, envelope))
        return;
    SN_ASSERT(sim->order.sent.capacity > 0);
    sent = find(&sim->order.sent, (uint64_t)(uintptr_t)envelope);
    if (sent->key == 0 || sent->source != sender_of(envelope))
        sn_sim_broken(sim, "a message is handled that nobody has sent: shard %u, slot %u",
                      sn_ref_shard(envelope->target), sn_ref_slot(envelope->target));
    last = sn_sim_map_entry(&sim->order.last,
                            spread(sent->source + spread(envelope->target.value + envelope->lane)) |
                                1);
    bool again = sn_envelope_failures(envelope) > 0 || envelope->kind == SN_ENVELOPE_BATCH;
    if (sent->value < last->value || (sent->value == last->value && !again))
        sn_sim_broken(sim, "a message is handled %s: shard %u, slot %u, lane %u",
                      sent->value < last->value ? "after a later one" : "twice",
                      sn_ref_shard(envelope->target), sn_ref_slot(envelope->target),
                      envelope->lane);
    last->value = sent->value;
}

void sn_sim_map_fini(struct sn_sim_map *map)
{
    sn_alloc_free(&sn_allocator_system, map->entries, map->capacity * sizeof *map->entries);
}

void sn_sim_order_fini(struct sn_sim *sim)
{
    sn_sim_map_fini(&sim->order.sent);
    sn_sim_map_fini(&sim->order.last);
    sn_sim_map_fini(&sim->order.asks);
}
