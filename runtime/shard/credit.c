/* SPDX-License-Identifier: MIT */
/*
 * Places in mailboxes: who holds them, and when they go back (the essay is in actor/actor.c).
 *
 * A place taken by a sender on the receiver's own shard costs no atomic operation: the shard
 * holds places in actor->credits, and a message from the same shard frees its place into them.
 * It holds none of an actor that is closed or bounded by bytes, so that a place in hand is all that
 * a send has to look for.
 * A message from elsewhere frees its place into actor->owed, which goes back to the slot at the
 * end of the pass, one operation an actor. Senders elsewhere take a few places at once as a
 * lease and return what is left at the end of their pass.
 *
 * Whoever wants to wait for room registers and looks again; whoever returns places looks for
 * waiters afterwards:
 *
 *     waits                                    returns
 *     waiters |= me            (C1)            credits += n             (C2)
 *     look at credits again                    if waiters: wake them
 *
 * All four are sequentially consistent, so at least one side sees the other.
 */
#include "shard/shard.h"

static void hold(struct sn_shard *shard, struct sn_actor *actor)
{
    if (actor->holding)
        return;
    actor->holding = true;
    actor->holding_next = shard->holding;
    shard->holding = actor;
}

static void owe(struct sn_shard *shard, struct sn_actor *actor)
{
    if (actor->owing)
        return;
    actor->owing = true;
    actor->owing_next = shard->owing;
    shard->owing = actor;
}

static bool take_here(struct sn_shard *shard, struct sn_actor *actor, struct sn_slot *slot)
{
    if (actor->owed > 0) {
        actor->owed--;
        return true;
    }
    int32_t taken = sn_slot_take(slot, slot->bounded_bytes ? 1 : slot->lease);
    if (taken == 0)
        return false;
    if (taken > 1) {
        actor->credits = taken - 1;
        hold(shard, actor);
    }
    return true;
}

static void end_lease(struct sn_shard *shard, struct sn_lease *lease)
{
    if (lease->credits > 0 && !SN_PLANTED(lease_leaked))
        sn_slot_return(shard->world, sn_world_slot(shard->world, lease->ref), lease->credits, 0);
    lease->credits = lease->taken = 0;
}

/* How many places to take from a slot elsewhere: one at first, as there may be one message only and
 * then nothing to return, and many in a pass that has sent there already. */
static int32_t next_grant(const struct sn_slot *slot, int32_t last)
{
    int32_t grant = last > 0 ? 8 * last : 1;

    return grant < slot->lease ? grant : slot->lease;
}

static bool take_elsewhere(struct sn_shard *shard, sn_ref to, struct sn_slot *slot)
{
    struct sn_lease *lease = sn_credit_lease(shard, to);
    bool again = sn_ref_equal(lease->ref, to);

    if (again && lease->credits > 0) {
        lease->credits--;
        return true;
    }
    int32_t taken = sn_slot_take(slot, next_grant(slot, again ? lease->taken : 0));
    if (taken == 0) {
        /* Release, pairs with sn_credits_return(): an outbox has registered before. The owner looks
         * at the end of each pass; before it sleeps it returns all. */
        atomic_store_explicit(&shard->world->shards[sn_ref_shard(to)]->wanted, 1,
                              memory_order_release);
        return false;
    }
    if (!again)
        end_lease(shard, lease);
    *lease = (struct sn_lease){to, taken - 1, taken, !slot->bounded_bytes};
    shard->leased |= UINT64_C(1) << (lease - shard->leases);
    return true;
}

bool sn_credit_take_slowly(struct sn_shard *shard, sn_ref to, struct sn_slot *slot)
{
    if (sn_ref_shard(to) == shard->index)
        return take_here(shard, sn_shard_actor(shard, sn_ref_slot(to)), slot);
    return take_elsewhere(shard, to, slot);
}

/* Whether places of an actor may be held: not if somebody waits for room, who could do so for as
 * long as this shard is busy. */
static bool may_hold(const struct sn_slot *slot)
{
    /* Relaxed, the first: who registers sets `wanted` afterwards, so a registration that is missed
     * here ends the holding in sn_credits_return(). The second: written by this shard. */
    return atomic_load_explicit(&slot->waiters, memory_order_relaxed) == 0 &&
           atomic_load_explicit(&slot->closed, memory_order_relaxed) == 0 && !slot->bounded_bytes;
}

/* A place is free again: held for senders of this shard if it was one of them that had it. */
static void free_place(struct sn_shard *shard, struct sn_actor *actor, bool local)
{
    if (local && may_hold(actor->slot)) {
        actor->credits++;
        hold(shard, actor);
    } else {
        /* It goes back at the end of the pass: the slot's line may be on its way by then. */
        sn_prefetch_to_write(actor->slot);
        actor->owed++;
        owe(shard, actor);
    }
}

void sn_credit_give(struct sn_shard *shard, sn_ref to, struct sn_slot *slot)
{
    if (sn_ref_shard(to) == shard->index)
        free_place(shard, sn_shard_actor(shard, sn_ref_slot(to)), true);
    else
        sn_slot_return(shard->world, slot, 1, 0);
}

void sn_credit_freed(struct sn_shard *shard, struct sn_actor *actor,
                     const struct sn_envelope *envelope)
{
    free_place(shard, actor, envelope->owner == shard->index);
}

static void wake_shards(const struct sn_world *world, uint32_t waiters)
{
    for (uint32_t i = 0; i < world->shard_count; i++)
        if (waiters & (UINT32_C(1) << (i % SN_WAITER_SHARDS)))
            sn_inbox_wake(&world->shards[i]->inbox);
}

void sn_slot_await(const struct sn_shard *shard, struct sn_slot *slot)
{
    /* C1: before the caller looks again. */
    atomic_fetch_or_explicit(&slot->waiters, UINT32_C(1) << (shard->index % SN_WAITER_SHARDS),
                             memory_order_seq_cst);
}

void sn_slot_return(const struct sn_world *world, struct sn_slot *slot, int32_t credits,
                    int64_t bytes)
{
    if (bytes > 0)
        atomic_fetch_add_explicit(&slot->bytes, bytes, memory_order_seq_cst); /* C2 */
    if (credits > 0)
        atomic_fetch_add_explicit(&slot->credits, credits, memory_order_seq_cst); /* C2 */
    /* After C2, pairs with C1. */
    uint32_t waiters = atomic_load_explicit(&slot->waiters, memory_order_seq_cst);
    do {
        if ((waiters & SN_WAITER_ALL) == 0 || SN_PLANTED(room_not_told))
            return;
        /* Hands each registration to one waker; the carry out of all bits moves the sequence. */
    } while (!atomic_compare_exchange_weak_explicit(&slot->waiters, &waiters,
                                                    (waiters | SN_WAITER_ALL) + 1,
                                                    memory_order_seq_cst, memory_order_seq_cst));
    if (waiters & SN_WAITER_PORT)
        sn_futex_wake(&slot->waiters);
    wake_shards(world, waiters);
}

static void return_held(struct sn_shard *shard)
{
    struct sn_actor *actor = shard->holding;

    shard->holding = NULL;
    while (actor != NULL) {
        struct sn_actor *next = actor->holding_next;

        actor->holding = false;
        if (actor->credits > 0)
            sn_slot_return(shard->world, actor->slot, actor->credits, 0);
        actor->credits = 0;
        actor = next;
    }
}

static void return_owed(struct sn_shard *shard)
{
    struct sn_actor *actor = shard->owing;

    shard->owing = NULL;
    while (actor != NULL) {
        struct sn_actor *next = actor->owing_next;

        actor->owing = false;
        if (actor->owed > 0 && !SN_PLANTED(owed_forgotten))
            sn_slot_return(shard->world, actor->slot, actor->owed, 0);
        actor->owed = 0;
        actor = next;
    }
}

void sn_credits_return(struct sn_shard *shard, bool all)
{
    while (shard->leased != 0) {
        unsigned first = (unsigned)__builtin_ctzll(shard->leased);

        shard->leased &= shard->leased - 1;
        end_lease(shard, &shard->leases[first]);
    }
    if (shard->owing != NULL)
        return_owed(shard);
    /* Relaxed: a wish that comes just now is seen in the next pass, or the shard sleeps and has
     * returned all. Acquire, pairs with the releases of who wants: with the last wish that is taken
     * here its registration is seen by free_place(). */
    if (atomic_load_explicit(&shard->wanted, memory_order_relaxed) != 0 &&
        atomic_exchange_explicit(&shard->wanted, 0, memory_order_acquire) != 0)
        all = true;
    if (all && shard->holding != NULL)
        return_held(shard);
}
