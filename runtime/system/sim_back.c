/* SPDX-License-Identifier: MIT */
/*
 * The handled blocks that are on their way back between two shards.
 *
 * A ring of them can hold a thousand, which lie all over the memory and stay for long: to look at
 * each of them in each audit would be most of what an audit costs. So a block is looked at once,
 * when the first audit finds it in the ring; its class is kept by its place in the ring until it
 * has left, and the sums by class move along. What an audit compares is the same as if it had
 * looked again.
 */
#include "system/sim.h"

struct sn_sim_back {
    uint32_t head, tail; /* of the ring, when it was looked at last */
    uint32_t counts[SN_BLOCK_CLASSES];
    uint8_t classes[SN_LINK_CAPACITY];
};

static size_t size_of_all(const struct sn_sim *sim)
{
    size_t shards = sim->system->world.shard_count;

    return shards * shards * sizeof *sim->backs;
}

static struct sn_sim_back *back_of(struct sn_sim *sim, const struct sn_link *link)
{
    size_t at = (size_t)link->producer * sim->system->world.shard_count + link->consumer;

    if (sim->backs == NULL)
        sim->backs = sn_alloc_zeroed(&sn_allocator_system, size_of_all(sim));
    SN_ASSERT(sim->backs != NULL);
    if (sim->backs[at] == NULL)
        sim->backs[at] = sn_alloc_zeroed(&sn_allocator_system, sizeof **sim->backs);
    SN_ASSERT(sim->backs[at] != NULL);
    return sim->backs[at];
}

/* What was counted and has been taken since. */
static void forget(struct sn_sim_back *back, const struct sn_ring *ring)
{
    for (; back->head != ring->head_next && back->head != back->tail; back->head++) {
        uint8_t size_class = back->classes[back->head & ring->mask];

        if (size_class != SN_BLOCK_LARGE)
            back->counts[size_class]--;
    }
    back->head = ring->head_next;
}

const uint32_t *sn_sim_back_counts(struct sn_sim *sim, const struct sn_link *link)
{
    struct sn_sim_back *back = back_of(sim, link);
    const struct sn_ring *ring = &link->back;

    forget(back, ring);
    if ((int32_t)(back->tail - back->head) < 0)
        back->tail = back->head; /* what came after it has been taken, too */
    for (; back->tail != ring->tail_next; back->tail++) {
        uint8_t size_class = sn_back_class(ring->slots[back->tail & ring->mask]);

        back->classes[back->tail & ring->mask] = size_class;
        if (size_class != SN_BLOCK_LARGE)
            back->counts[size_class]++;
    }
    return back->counts;
}

void sn_sim_back_fini(struct sn_sim *sim)
{
    size_t shards = sim->system->world.shard_count;

    for (size_t i = 0; sim->backs != NULL && i < shards * shards; i++)
        sn_alloc_free(&sn_allocator_system, sim->backs[i], sizeof **sim->backs);
    sn_alloc_free(&sn_allocator_system, sim->backs, size_of_all(sim));
}
