/* SPDX-License-Identifier: MIT */
/*
 * What each turn must find, as far as the turns before it decide:
 *
 *     target    a message is for the actor that handles it, and for its present reference
 *     deadline  a request that is handled has time left
 *     poison    a message that is handled has not failed as often as its pool allows
 *     retained  the fields are those that the last handler that succeeded has left
 *     timers    a firing that is handled was not cancelled, nor handled before
 *     lanes     no lane waits for more than a burst of higher ones
 *
 * The account is kept by the address of the actor, which decides nothing.
 */
#include "system/sim.h"

#include <string.h>

enum { ARMED = 1, FIRED, CANCELLED, STATE_BITS = 2, STATE_MASK = 3 };

static const char *pool_name(const struct sn_sim *sim, const struct sn_actor *actor)
{
    return sim->system->world.pools[actor->pool].type->name;
}

static uint64_t key_of(const struct sn_actor *actor)
{
    return (uint64_t)(uintptr_t)actor;
}

/* ---- messages ---------------------------------------------------------------------------- */

static void check_message(const struct sn_sim *sim, const struct sn_shard *shard)
{
    const struct sn_envelope *envelope = shard->turn.envelope;
    const struct sn_actor *actor = shard->turn.actor;
    uint32_t poison_after = sim->system->world.pools[actor->pool].type->poison_after;
    unsigned failures = sn_envelope_failures(envelope);

    if (envelope->target.value != actor->ref.value)
        sn_sim_broken(sim, "%s[%u] handles a message for another reference than its own",
                      pool_name(sim, actor), actor->index);
    if (envelope->deadline_ns <= shard->now_ns)
        sn_sim_broken(sim, "%s[%u] handles a request after its deadline", pool_name(sim, actor),
                      actor->index);
    if (failures > 0 && failures >= poison_after)
        sn_sim_broken(sim, "%s[%u] handles a message that has failed %u times",
                      pool_name(sim, actor), actor->index, failures);
}

/* A turn from the highest lane that had something, while a lower one waits. */
static void check_lanes(struct sn_sim *sim, const struct sn_shard *shard)
{
    const struct sn_actor *actor = shard->turn.actor;
    unsigned lane = shard->turn.envelope->lane;
    unsigned waiting = actor->ready & actor->open;
    struct sn_sim_entry *turns = sn_sim_map_entry(&sim->rules.lower, key_of(actor));
    bool lower = waiting >> (lane + 1) != 0, higher = (waiting & ((1u << lane) - 1)) != 0;

    turns->value = lower && !higher ? turns->value + 1 : 0;
    if (turns->value > SN_LANE_BURST + 1)
        sn_sim_broken(sim, "a lane of %s[%u] starves", pool_name(sim, actor), actor->index);
}

/* ---- retained fields --------------------------------------------------------------------- */

/* Each byte is the one before it, and the first is 0. */
static bool is_zero(const char *fields, size_t size)
{
    return fields[0] == 0 && memcmp(fields, fields + 1, size - 1) == 0;
}

/* The copy that the turn began with, and what it has made of it. */
static void check_retained(struct sn_sim *sim, const struct sn_shard *shard, int rc)
{
    struct sn_actor *actor = shard->turn.actor;
    size_t size = actor->type->retain_size;

    if (size == 0)
        return;
    struct sn_sim_entry *entry = sn_sim_map_entry(&sim->rules.retained, key_of(actor));
    uint64_t begin = sn_hash_bytes(shard->retain, size);
    /* An incarnation may begin from nothing. */
    bool fresh = shard->turn.hook && is_zero(shard->retain, size);
    if (entry->value != 0 && begin != entry->value && !fresh)
        sn_sim_broken(sim, "%s[%u] finds other retained fields than the last success has left",
                      pool_name(sim, actor), actor->index);
    entry->value =
        rc == 0 || rc == SN_STOP
            ? sn_hash_bytes((char *)sn_actor_self(actor) + actor->type->retain_offset, size)
            : begin;
}

/* ---- timers ------------------------------------------------------------------------------ */

static struct sn_sim_entry *timer_of(struct sn_sim *sim, const struct sn_actor *actor,
                                     uint16_t timer)
{
    return sn_sim_map_entry(&sim->rules.timers, key_of(actor) * UINT64_C(0x10001) + timer + 1);
}

void sn_sim_rules_timer(struct sn_sim *sim, const struct sn_actor *actor,
                        const struct sn_envelope *effect)
{
    uint64_t state = effect->kind == SN_ENVELOPE_START_TIMER    ? ARMED
                     : effect->kind == SN_ENVELOPE_CANCEL_TIMER ? CANCELLED
                                                                : 0;

    if (state != 0)
        timer_of(sim, actor, effect->message)->value =
            (uint64_t)actor->incarnation << STATE_BITS | state;
}

static void check_timer(struct sn_sim *sim, const struct sn_shard *shard)
{
    const struct sn_actor *actor = shard->turn.actor;
    uint16_t timer = shard->turn.envelope->message;
    struct sn_sim_entry *entry = timer_of(sim, actor, timer);
    bool current = entry->value >> STATE_BITS == actor->incarnation, every;
    uint64_t state = current ? entry->value & STATE_MASK : 0;

    every = actor->type->timers[timer].every;
    if (state == CANCELLED || (!every && state != ARMED))
        sn_sim_broken(sim, "timer %s of %s[%u] fires %s", actor->type->timers[timer].name,
                      pool_name(sim, actor), actor->index,
                      state == CANCELLED ? "after it was cancelled" : "without being started");
    if (!every)
        entry->value = (uint64_t)actor->incarnation << STATE_BITS | FIRED;
}

/* ---- a turn ------------------------------------------------------------------------------ */

void sn_sim_rules_turn(struct sn_sim *sim, const struct sn_shard *shard, int rc)
{
    const struct sn_envelope *envelope = shard->turn.envelope;

    check_retained(sim, shard, rc);
    if (envelope == NULL)
        return;
    if (envelope->kind == SN_ENVELOPE_TIMER) {
        check_timer(sim, shard);
        return;
    }
    check_message(sim, shard);
    if (envelope->kind != SN_ENVELOPE_BATCH)
        check_lanes(sim, shard);
}

void sn_sim_rules_fini(struct sn_sim *sim)
{
    sn_sim_map_fini(&sim->rules.retained);
    sn_sim_map_fini(&sim->rules.timers);
    sn_sim_map_fini(&sim->rules.lower);
}
