/* SPDX-License-Identifier: MIT */
/*
 * Faults of a simulation.
 *
 * What a step begins with is a function of the seed and of the step's number, never of what the
 * system does, so that a fault keeps its number, its step and its kind when others are left out.
 * Only what it hits depends on the run: the next handler, the next allocation, the shard that has
 * its turn.
 *
 * None of them does what could not happen to a system of threads: a full ring is one whose
 * consumer has not released it yet, a full mailbox one whose places another sender has leased, a
 * delayed link one whose producer is slow. They end by themselves, and at the latest when there is
 * nothing else to do.
 */
#include "system/sim.h"

#include <stdlib.h>

enum { STEPS_MAX = 200, CRASH_AHEAD = 4, ALLOCATIONS_AHEAD = 8, MILLION = 1000000 };

struct fault {
    enum sn_sim_fault_kind kind;
    uint64_t draw; /* what else is random about it */
};

static uint32_t rate_of(const struct sn_sim_rates *rates, enum sn_sim_fault_kind kind)
{
    const uint32_t all[SN_SIM_FAULTS] = {
        [SN_SIM_CRASH] = rates->crash,         [SN_SIM_STALL] = rates->stall,
        [SN_SIM_DELAY] = rates->delay,         [SN_SIM_REORDER] = rates->reorder,
        [SN_SIM_FULL_RING] = rates->full_ring, [SN_SIM_FULL_MAILBOX] = rates->full_mailbox,
        [SN_SIM_NO_MEMORY] = rates->no_memory,
    };

    return all[kind];
}

static uint64_t total_of(const struct sn_sim_rates *rates)
{
    uint64_t total = 0;

    for (int kind = 0; kind < SN_SIM_FAULTS; kind++)
        total += rate_of(rates, (enum sn_sim_fault_kind)kind);
    return total;
}

/* The fault that this step begins with, if it does. */
static bool plan(const struct sn_sim *sim, struct fault *ret_fault)
{
    uint64_t state = sim->options.seed * UINT64_C(0x9fb21c651e98df25) ^ sim->steps;
    uint64_t pick = sn_random_next(&state) % MILLION;

    if (pick >= sim->faults.total)
        return false;
    for (int kind = 0; kind < SN_SIM_FAULTS; kind++) {
        uint32_t rate = rate_of(&sim->options.rates, (enum sn_sim_fault_kind)kind);

        if (pick < rate) {
            *ret_fault = (struct fault){(enum sn_sim_fault_kind)kind, sn_random_next(&state)};
            return true;
        }
        pick -= rate;
    }
    return false;
}

bool sn_sim_is_listed(const char *list, uint32_t number)
{
    char *end;

    if (list == NULL)
        return true;
    for (; *list != '\0'; list = *end == ',' ? end + 1 : end) {
        unsigned long first = strtoul(list, &end, 10);
        unsigned long last = *end == '-' ? strtoul(end + 1, &end, 10) : first;

        if (number >= first && number <= last)
            return true;
        if (end == list)
            return false; /* not a list */
    }
    return false;
}

/* ---- those that last --------------------------------------------------------------------- */

static void end(struct sn_sim *sim, struct sn_sim_lasting *lasting)
{
    if (lasting->kind == SN_SIM_FULL_RING)
        sn_ring_release(&lasting->link->forward);
    lasting->until = 0;
    if (lasting->kind == SN_SIM_FULL_MAILBOX)
        sn_slot_return(&sim->system->world, lasting->slot, lasting->credits, 0);
}

static void begin(struct sn_sim *sim, struct sn_sim_lasting fault, uint64_t draw)
{
    struct sn_sim_lasting *place = sim->faults.lasting;

    for (int i = 1; i < SN_SIM_LASTING; i++)
        if (sim->faults.lasting[i].until < place->until)
            place = &sim->faults.lasting[i];
    if (place->until != 0)
        end(sim, place);
    fault.until = sim->steps + 1 + draw % STEPS_MAX;
    *place = fault;
}

/* A link between two shards; NULL: those two have none. */
static struct sn_link *link_of(const struct sn_sim *sim, uint64_t draw)
{
    const struct sn_world *world = &sim->system->world;
    const struct sn_shard *shard = world->shards[draw % world->shard_count];

    return shard->out[draw / world->shard_count % world->shard_count];
}

static void fill_ring(struct sn_sim *sim, struct sn_link *link, uint64_t draw)
{
    struct sn_ring *ring = &link->forward;

    /* As if the consumer had released nothing of the last round. Relaxed: one thread. */
    ring->head_seen = ring->tail_next - ring->mask - 1;
    atomic_store_explicit(&ring->head, ring->head_seen, memory_order_relaxed);
    begin(sim, (struct sn_sim_lasting){.kind = SN_SIM_FULL_RING, .link = link}, draw);
}

static void fill_mailbox(struct sn_sim *sim, uint64_t draw)
{
    const struct sn_world *world = &sim->system->world;
    struct sn_shard *shard = world->shards[draw % world->shard_count];
    uint32_t number = shard->slot_count > 0 ? (uint32_t)(draw >> 32) % shard->slot_count : 0;

    if (shard->slot_count == 0)
        return;
    struct sn_slot *slot = &sn_shard_chunk(shard, number)->slots[number % SN_SLOT_CHUNK];
    int32_t credits = sn_slot_take(slot, INT32_MAX);
    if (credits > 0)
        begin(
            sim,
            (struct sn_sim_lasting){.kind = SN_SIM_FULL_MAILBOX, .slot = slot, .credits = credits},
            draw / 7);
}

static void inject(struct sn_sim *sim, struct fault fault)
{
    uint32_t shard = (uint32_t)(fault.draw % sim->system->world.shard_count);
    struct sn_link *link = link_of(sim, fault.draw);
    uint64_t more = fault.draw >> 20;

    sn_sim_tell_fault(sim, fault.kind, shard);
    switch (fault.kind) {
    case SN_SIM_CRASH:
        sim->faults.crash_in = 1 + (uint32_t)(more % CRASH_AHEAD);
        break;
    case SN_SIM_STALL:
        begin(sim, (struct sn_sim_lasting){.kind = SN_SIM_STALL, .shard = shard}, more);
        break;
    case SN_SIM_DELAY:
        if (link != NULL)
            begin(sim, (struct sn_sim_lasting){.kind = SN_SIM_DELAY, .link = link}, more);
        break;
    case SN_SIM_REORDER:
        sim->faults.reorder = true;
        break;
    case SN_SIM_FULL_RING:
        if (link != NULL)
            fill_ring(sim, link, more);
        break;
    case SN_SIM_FULL_MAILBOX:
        fill_mailbox(sim, fault.draw);
        break;
    default:
        sim->faults.allocation_in = 1 + (uint32_t)(more % ALLOCATIONS_AHEAD);
        break;
    }
}

void sn_sim_faults_step(struct sn_sim *sim)
{
    struct fault fault;

    for (int i = 0; i < SN_SIM_LASTING; i++) {
        struct sn_sim_lasting *lasting = &sim->faults.lasting[i];

        if (lasting->until != 0 && lasting->until <= sim->steps)
            end(sim, lasting);
    }
    if (sim->faults.total == 0)
        sim->faults.total = total_of(&sim->options.rates);
    if (!sn_sim_is_started(sim) || !plan(sim, &fault))
        return;
    sim->faults.planned++;
    if (sim->options.ret_faults != NULL)
        *sim->options.ret_faults = sim->faults.planned;
    if (sn_sim_is_listed(sim->options.faults, sim->faults.planned))
        inject(sim, fault);
}

bool sn_sim_faults_end(struct sn_sim *sim)
{
    bool ended = false;

    for (int i = 0; i < SN_SIM_LASTING; i++) {
        if (sim->faults.lasting[i].until == 0)
            continue;
        end(sim, &sim->faults.lasting[i]);
        ended = true;
    }
    return ended;
}

/* ---- what the other parts ask ------------------------------------------------------------ */

bool sn_sim_is_stalled(const struct sn_sim *sim, uint32_t shard)
{
    for (int i = 0; i < SN_SIM_LASTING; i++)
        if (sim->faults.lasting[i].until != 0 && sim->faults.lasting[i].kind == SN_SIM_STALL &&
            sim->faults.lasting[i].shard == shard)
            return true;
    return false;
}

bool sn_sim_is_delayed(const struct sn_sim *sim, const struct sn_link *link)
{
    for (int i = 0; i < SN_SIM_LASTING; i++)
        if (sim->faults.lasting[i].until != 0 && sim->faults.lasting[i].kind == SN_SIM_DELAY &&
            sim->faults.lasting[i].link == link)
            return true;
    return false;
}

int32_t sn_sim_held(const struct sn_sim *sim, const struct sn_slot *slot)
{
    int32_t credits = 0;

    for (int i = 0; i < SN_SIM_LASTING; i++)
        if (sim->faults.lasting[i].until != 0 &&
            sim->faults.lasting[i].kind == SN_SIM_FULL_MAILBOX &&
            sim->faults.lasting[i].slot == slot)
            credits += sim->faults.lasting[i].credits;
    return credits;
}

/* The first link and the first actor go to the end: with each turn another order. */
void sn_sim_reorder(struct sn_sim *sim, struct sn_shard *shard)
{
    struct sn_link *first = shard->active;
    struct sn_actor *actor = shard->run_first;

    if (!sim->faults.reorder)
        return;
    sim->faults.reorder = false;
    if (first != NULL && first->next_active != NULL) {
        struct sn_link *last = first;

        while (last->next_active != NULL)
            last = last->next_active;
        shard->active = first->next_active;
        last->next_active = first;
        first->next_active = NULL;
    }
    if (actor != NULL && actor->run_next != NULL) {
        shard->run_first = actor->run_next;
        actor->run_next = NULL;
        *shard->run_end = actor;
        shard->run_end = &actor->run_next;
    }
}

bool sn_sim_crashes(struct sn_sim *sim)
{
    return sim->faults.crash_in > 0 && --sim->faults.crash_in == 0;
}

bool sn_sim_fails_allocation(struct sn_sim *sim)
{
    return sim->faults.allocation_in > 0 && --sim->faults.allocation_in == 0;
}
