/* SPDX-License-Identifier: MIT */
/*
 * The end of a handler: its staged effects leave in the order of the calls, or none of them does.
 *
 * Here also are the outboxes: a message that found its receiver full, under the policy `park`,
 * waits with its sender. While something waits there the sender runs completions and timers only,
 * and its shard tries again in each pass; before the shard sleeps the actor registers with the
 * receiver's slot, so that room made elsewhere wakes it (shard/credit.c, C1). An actor that is
 * stopping is looked at in the same way until all places of its own mailbox are free.
 */
#include "shard/shard.h"

void sn_outbox_watch(struct sn_shard *shard, struct sn_actor *actor)
{
    if (actor->parked)
        return;
    actor->parked = true;
    actor->parked_next = shard->parked;
    shard->parked = actor;
}

bool sn_outbox_has(const struct sn_actor *actor, sn_ref to)
{
    const struct sn_envelope *waiting = actor->outbox_first;

    while (waiting != NULL && !sn_ref_equal(waiting->target, to))
        waiting = waiting->next;
    return waiting != NULL;
}

void sn_outbox_append(struct sn_shard *shard, struct sn_actor *actor, struct sn_envelope *envelope)
{
    envelope->next = NULL;
    if (actor->outbox_first == NULL)
        actor->outbox_first = envelope;
    else
        actor->outbox_last->next = envelope;
    actor->outbox_last = envelope;
    sn_mailbox_update_open(actor);
    sn_outbox_watch(shard, actor);
}

void sn_outbox_remove(struct sn_shard *shard, struct sn_actor *actor, struct sn_envelope *envelope)
{
    struct sn_envelope *before = NULL, *at = actor->outbox_first;

    for (; at != envelope; at = at->next)
        before = at;
    if (before == NULL)
        actor->outbox_first = envelope->next;
    else
        before->next = envelope->next;
    if (actor->outbox_last == envelope)
        actor->outbox_last = before;
    sn_mailbox_update_open(actor);
    sn_shard_schedule(shard, actor);
}

/* A message that could not go straight to its receiver. */
static void commit_message(struct sn_shard *shard, struct sn_actor *actor,
                           struct sn_envelope *envelope)
{
    if (envelope->flags & SN_FLAG_DISCARD) {
        sn_count(&shard->counters.dropped, 1);
        sn_refuse_envelope(shard, envelope, SN_DROPPED);
    } else if (envelope->flags & SN_FLAG_PARK) {
        sn_outbox_append(shard, actor, envelope);
        actor->outbox_count++;
    } else {
        sn_shard_send(shard, sn_ref_shard(envelope->target), envelope);
    }
}

void sn_commit_other(struct sn_shard *shard, struct sn_envelope *envelope)
{
    struct sn_actor *actor = shard->turn.actor;

    switch (envelope->kind) {
    case SN_ENVELOPE_MESSAGE:
    case SN_ENVELOPE_ECHO:
        sn_count_accepted(shard, envelope);
        commit_message(shard, actor, envelope);
        break;
    case SN_ENVELOPE_REPLY:
        sn_token_answered(shard, actor, envelope->token);
        sn_reply_send(shard, envelope);
        break;
    case SN_ENVELOPE_PASS_TOKEN:
        sn_token_answered(shard, actor, envelope->token);
        sn_shard_free(shard, envelope);
        break;
    case SN_ENVELOPE_STOP:
        sn_count(&shard->counters.events_begun, 1);
        sn_shard_send(shard, sn_ref_shard(envelope->target), envelope);
        break;
    case SN_ENVELOPE_WATCH:
    case SN_ENVELOPE_END_WATCH:
        sn_watch_commit(shard, actor, envelope);
        break;
    default:
        sn_timer_commit(shard, actor, envelope);
        sn_shard_free(shard, envelope);
        break;
    }
}

static void discard_message(struct sn_shard *shard, struct sn_envelope *envelope)
{
    struct sn_slot *slot = sn_world_slot(shard->world, envelope->target);

    if (envelope->token.value != 0 && !SN_PLANTED(ask_leaked))
        sn_ask_release(shard, sn_ask_find(shard, envelope->token));
    if ((envelope->flags & (SN_FLAG_UNPAID | SN_FLAG_DISCARD)) != 0)
        return;
    if (!SN_PLANTED(credit_leaked))
        sn_credit_give(shard, envelope->target, slot);
    if (slot->bounded_bytes)
        sn_slot_return(shard->world, slot, 0,
                       (int64_t)sn_block_size(envelope->size_class, envelope));
}

void sn_discard(struct sn_shard *shard)
{
    struct sn_envelope *envelope = sn_staged_take(&shard->turn);

    while (envelope != NULL) {
        struct sn_envelope *next = envelope->next;

        if (envelope->kind == SN_ENVELOPE_MESSAGE)
            discard_message(shard, envelope);
        if (envelope->kind == SN_ENVELOPE_WATCH)
            sn_watch_discard(shard, envelope);
        else
            sn_shard_free(shard, envelope);
        envelope = next;
    }
}

bool sn_outbox_find_room(struct sn_shard *shard, struct sn_envelope *envelope, struct sn_slot *slot)
{
    size_t size = sn_block_size(envelope->size_class, envelope);

    for (int attempt = 0; attempt < 2; attempt++) {
        bool bytes = !slot->bounded_bytes || sn_slot_take_bytes(slot, size);

        if (bytes && sn_credit_take(shard, envelope->target, slot))
            return true;
        if (bytes && slot->bounded_bytes)
            sn_slot_return(shard->world, slot, 0, (int64_t)size);
        if (attempt == 0)
            sn_slot_await(shard, slot); /* C1 in credit.c: before the second look */
    }
    return false;
}

/* Send the first of an outbox, or find out that its receiver is gone. */
static bool send_parked(struct sn_shard *shard, struct sn_actor *actor)
{
    struct sn_envelope *envelope = actor->outbox_first;

    if (envelope->kind == SN_ENVELOPE_DOWN) {
        actor->outbox_first = envelope->next;
        sn_watch_let_go(shard, envelope);
        return true;
    }
    struct sn_slot *slot = sn_world_slot(shard->world, envelope->target);
    /* Relaxed: the owner looks again when the message arrives. */
    bool gone = atomic_load_explicit(&slot->generation, memory_order_relaxed) !=
                    sn_ref_generation(envelope->target) ||
                atomic_load_explicit(&slot->closed, memory_order_relaxed) != 0;

    int rc = gone ? SN_GONE
             : envelope->flags & SN_FLAG_RETRY
                 ? sn_guard_try(shard, actor, envelope, slot)
                 : (sn_outbox_find_room(shard, envelope, slot) ? 0 : SN_FULL);
    if (rc == SN_FULL)
        return false;
    actor->outbox_first = envelope->next;
    actor->outbox_count--;
    envelope->flags &= (uint8_t) ~(SN_FLAG_PARK | SN_FLAG_UNPAID | SN_FLAG_RETRY);
    if (rc != 0)
        sn_dead_letter(shard, envelope, rc);
    else
        sn_shard_send(shard, sn_ref_shard(envelope->target), envelope);
    return true;
}

/* Its outbox is empty: whether it was the last thing that a stopping actor had to do. */
static bool end_draining(struct sn_shard *shard, struct sn_actor *actor, bool *ret_moved)
{
    sn_mailbox_update_open(actor);
    sn_shard_schedule(shard, actor);
    if (!sn_lifecycle_drained(shard, actor))
        return false;
    *ret_moved = true;
    return true;
}

bool sn_outboxes_retry(struct sn_shard *shard)
{
    struct sn_actor **place = &shard->parked;
    bool moved = false;

    while (*place != NULL) {
        struct sn_actor *actor = *place;

        while (actor->outbox_first != NULL && send_parked(shard, actor))
            moved = true;
        if (actor->outbox_first != NULL ||
            (actor->phase == SN_ACTOR_DRAINING && !end_draining(shard, actor, &moved))) {
            place = &actor->parked_next;
            continue;
        }
        actor->parked = false;
        *place = actor->parked_next;
        sn_mailbox_update_open(actor);
        sn_shard_schedule(shard, actor);
    }
    return moved;
}

void sn_outbox_clear(struct sn_shard *shard, struct sn_actor *actor)
{
    while (actor->outbox_first != NULL) {
        struct sn_envelope *envelope = actor->outbox_first;

        actor->outbox_first = envelope->next;
        if (envelope->kind == SN_ENVELOPE_DOWN)
            sn_watch_let_go(shard, envelope);
        else
            sn_dead_letter(shard, envelope, SN_SHUTDOWN);
    }
    actor->outbox_count = 0;
    sn_mailbox_update_open(actor);
}
