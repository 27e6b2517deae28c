/* SPDX-License-Identifier: MIT */
/*
 * The actor's record and its mailbox.
 *
 * A mailbox is four lanes, each a circular list through the envelopes. Capacity is kept as
 * credits: a place in the mailbox is in exactly one of four hands,
 *
 *     slot->credits      anybody may take it
 *     actor->credits     the owning shard's: taken for its own senders, or freed by a message
 *                        that has begun to run
 *     a lease            a sending shard's, until the end of its pass (shard/credit.c)
 *     a message          queued or on its way
 *
 * and the four always add up to the capacity, so it can never be exceeded. The owner returns its
 * share to the slot before it sleeps and whenever somebody has found the slot empty; only in
 * between can a sender see SN_FULL although there is a place in the owner's hands.
 */
#include "actor/actor.h"

#include <string.h>

size_t sn_actor_size(const struct sn_worker_type *type)
{
    size_t size = (sizeof(struct sn_actor) + 15) / 16 * 16 + (type->size + 15) / 16 * 16;

    return size + type->timer_count * sizeof(struct sn_actor_timer) +
           type->guard_count * sizeof(struct sn_breaker);
}

void sn_actor_init(struct sn_actor *actor, const struct sn_worker_type *type)
{
    char *self = sn_actor_self(actor);

    actor->type = type;
    sn_mailbox_update_open(actor);
    memcpy(self, &actor, sizeof actor); /* `struct sn_actor *sn` is the first member */
    struct sn_actor_timer *timers = (struct sn_actor_timer *)(self + (type->size + 15) / 16 * 16);

    if (type->timer_count > 0)
        actor->timers = timers;
    if (type->guard_count > 0)
        actor->breakers = (struct sn_breaker *)(timers + type->timer_count);
    for (uint16_t i = 0; i < type->timer_count; i++) {
        struct sn_actor_timer *timer = &actor->timers[i];

        timer->actor = actor;
        timer->firing.kind = SN_ENVELOPE_TIMER;
        timer->firing.lane = SN_LANE_CONTROL;
        timer->firing.flags = SN_FLAG_EMBEDDED;
        timer->firing.message = i;
    }
}

int32_t sn_slot_take(struct sn_slot *slot, int32_t wanted)
{
    /* Sequentially consistent, because a sender that finds nothing and registers as a waiter
     * relies on it: C1 in shard/credit.c. */
    int32_t credits = atomic_load_explicit(&slot->credits, memory_order_seq_cst);

    while (credits > 0) {
        int32_t taken = credits < wanted ? credits : wanted;

        /* Relaxed on failure: only a new value to try with. */
        if (atomic_compare_exchange_weak_explicit(&slot->credits, &credits, credits - taken,
                                                  memory_order_seq_cst, memory_order_relaxed))
            return taken;
    }
    return 0;
}

bool sn_slot_take_bytes(struct sn_slot *slot, uint64_t size)
{
    /* As above. */
    int64_t bytes = atomic_load_explicit(&slot->bytes, memory_order_seq_cst);

    while (bytes >= (int64_t)size)
        if (atomic_compare_exchange_weak_explicit(&slot->bytes, &bytes, bytes - (int64_t)size,
                                                  memory_order_seq_cst, memory_order_relaxed))
            return true;
    return false;
}

unsigned sn_mailbox_choose_lane(struct sn_actor *actor, unsigned lanes)
{
    unsigned highest = (unsigned)__builtin_ctz(lanes);

    if (++actor->burst <= SN_LANE_BURST || SN_PLANTED(lane_starvation))
        return highest;
    actor->burst = 0;
    /* One of the lower lanes, each in its turn. */
    do
        actor->lower = (actor->lower + 1) % SN_LANES;
    while (actor->lower == highest || (lanes & (1u << actor->lower)) == 0);
    return actor->lower;
}

void sn_mailbox_remove(struct sn_actor *actor, struct sn_envelope *envelope)
{
    struct sn_envelope **last = &actor->lanes[envelope->lane], *before = *last;

    while (before->next != envelope)
        before = before->next;
    before->next = envelope->next;
    if (*last == envelope)
        *last = before;
    if (before == envelope) {
        *last = NULL;
        actor->ready &= (uint8_t) ~(1u << envelope->lane);
    }
}
