/* SPDX-License-Identifier: MIT */
/*
 * The trace of a simulation: one event for each handler, hook, completion, timer and fault, and a
 * hash of them all. Numbers and texts of the schema go into it, never an address or a real time.
 */
#include "system/sim.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

static const char *const fault_names[SN_SIM_FAULTS] = {
    [SN_SIM_CRASH] = "crash",         [SN_SIM_STALL] = "stall",
    [SN_SIM_DELAY] = "delay",         [SN_SIM_REORDER] = "reorder",
    [SN_SIM_FULL_RING] = "full ring", [SN_SIM_FULL_MAILBOX] = "full mailbox",
    [SN_SIM_NO_MEMORY] = "no memory",
};

/* FNV-1a, by eight bytes. */
static void mix(struct sn_sim *sim, uint64_t value)
{
    sim->hash = (sim->hash ^ value) * UINT64_C(0x100000001b3);
    sim->hash ^= sim->hash >> 29;
}

static void tell(struct sn_sim *sim, const struct sn_sim_event *event)
{
    if (sim->options.trace != NULL)
        sim->options.trace(event, sim->options.user);
}

/* What a turn was about: its name, and a number for the hash. */
static const char *name_of(const struct sn_shard *shard, uint64_t *ret_number)
{
    const struct sn_turn *turn = &shard->turn;

    *ret_number = turn->hook ? 1 : turn->envelope == NULL ? 2 : 3;
    if (turn->hook)
        return "(hook)";
    if (turn->envelope == NULL)
        return "(completion)";
    *ret_number += turn->envelope->message + ((uint64_t)turn->envelope->kind << 32);
    return sn_envelope_name(shard->world->package, turn->envelope);
}

void sn_sim_tell_turn(struct sn_sim *sim, const struct sn_shard *shard, int outcome, bool crashed)
{
    const struct sn_actor *actor = shard->turn.actor;
    uint64_t number;
    struct sn_sim_event event = {.step = sim->steps,
                                 .now_ns = sim->now_ns,
                                 .pool = shard->world->pools[actor->pool].type->name,
                                 .message = name_of(shard, &number),
                                 .index = actor->index,
                                 .shard = shard->index,
                                 .outcome = outcome,
                                 .crashed = crashed};

    mix(sim, sim->steps ^ (uint64_t)actor->pool << 48 ^ (uint64_t)actor->index << 32);
    mix(sim, sim->now_ns);
    mix(sim, number ^ (uint64_t)shard->index << 48);
    mix(sim, (uint64_t)(int64_t)outcome);
    tell(sim, &event);
}

void sn_sim_tell_fault(struct sn_sim *sim, enum sn_sim_fault_kind kind, uint32_t shard)
{
    struct sn_sim_event event = {.step = sim->steps,
                                 .now_ns = sim->now_ns,
                                 .message = fault_names[kind],
                                 .shard = shard,
                                 .fault = sim->faults.planned};

    mix(sim, sim->steps ^ (uint64_t)kind << 56);
    mix(sim, sim->faults.planned);
    tell(sim, &event);
}

void sn_sim_event_text(const struct sn_sim_event *event, char *text, size_t size)
{
    int used =
        snprintf(text, size, "[%6" PRIu64 "] %" PRIu64 ".%09" PRIu64 " shard %" PRIu32, event->step,
                 event->now_ns / SN_SECOND, event->now_ns % SN_SECOND, event->shard);

    if (used < 0 || (size_t)used >= size)
        return;
    text += used;
    size -= (size_t)used;
    if (event->fault != 0)
        snprintf(text, size, "  fault %" PRIu32 ": %s", event->fault, event->message);
    else
        snprintf(text, size, "  %s[%" PRIu32 "] %s -> %s%s", event->pool, event->index,
                 event->message, event->outcome == 0 ? "0" : sn_result_name(event->outcome),
                 event->crashed ? " (crashed)" : "");
}

void sn_sim_broken(const struct sn_sim *sim, const char *format, ...)
{
    char text[SN_SIM_TEXT_SIZE], line[SN_SIM_TEXT_SIZE + 64];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    snprintf(line, sizeof line, "step %" PRIu64 " of seed %" PRIu64 ": %s", sim->steps,
             sim->options.seed, text);
    sn_assert_failed(line, __FILE__, __LINE__);
}
