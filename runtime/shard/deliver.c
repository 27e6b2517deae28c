/* SPDX-License-Identifier: MIT */
/*
 * Envelopes on their way: out to other places, in to the actors of this shard, and the ways in
 * which a message ends without being handled.
 *
 * Every accepted message is counted exactly once at its end. Here: dropped (its mailbox's policy)
 * and dead-lettered (its target is gone). A request that ends here answers its asker, and its own
 * envelope carries the answer back, so that this never needs memory.
 */
#include "shard/shard.h"

#include <string.h>

void sn_shard_send_back(struct sn_shard *shard, struct sn_envelope *envelope)
{
    struct sn_link *link = shard->in[envelope->owner];

    sn_link_put_back(link, envelope);
    if (!link->returning) {
        link->returning = true;
        link->next_returning = shard->returning;
        shard->returning = link;
    }
}

struct sn_link *sn_shard_link(struct sn_shard *shard, uint32_t place)
{
    struct sn_link *link = shard->out[place];

    if (__builtin_expect(link != NULL, 1))
        return link;
    link = sn_link_create(shard->world->allocator, (uint16_t)shard->index, (uint16_t)place);
    if (link == NULL)
        return NULL;
    link->next_out = shard->links_out;
    shard->links_out = link;
    shard->out[place] = link;
    return link;
}

void sn_shard_collect(struct sn_shard *shard)
{
    for (struct sn_link *link = shard->links_out; link != NULL; link = link->next_out)
        sn_link_collect(link, &shard->blocks);
}

/* A completion for a thread outside. */
static void complete_outside(struct sn_shard *shard, uint32_t place, struct sn_envelope *reply)
{
    /* Acquire: the table was made before the place was used in a token. */
    struct sn_future_table *table =
        place < SN_PLACES_MAX
            ? atomic_load_explicit(&shard->world->futures[place], memory_order_acquire)
            : NULL;
    int outcome = sn_envelope_outcome(reply);
    /* Only a large block can leave: sn_actor_reply() takes care of that. */
    struct sn_envelope *payload =
        outcome == 0 && reply->size_class == SN_BLOCK_LARGE ? reply : NULL;

    if (table == NULL || !sn_future_complete(table, reply->token, outcome, payload)) {
        sn_count(&shard->counters.late_replies, 1);
        payload = NULL;
    }
    if (payload == NULL)
        sn_shard_free(shard, reply);
}

void sn_shard_send(struct sn_shard *shard, uint32_t place, struct sn_envelope *envelope)
{
    if (place == shard->index) {
        sn_shard_deliver(shard, envelope);
        return;
    }
    if (place >= shard->world->shard_count) {
        complete_outside(shard, place, envelope);
        return;
    }
    struct sn_link *link = shard->out[place];
    sn_link_put(link, envelope);
    if (!link->dirty) {
        link->dirty = true;
        link->next_dirty = shard->dirty;
        shard->dirty = link;
    }
}

uint32_t sn_envelope_count(struct sn_envelope *envelope)
{
    if (envelope->kind != SN_ENVELOPE_BATCH)
        return 1;
    return ((struct sn_batch *)sn_envelope_payload(envelope))->count;
}

void sn_refuse_envelope(struct sn_shard *shard, struct sn_envelope *envelope, int outcome)
{
    uint32_t place = sn_token_place(envelope->token);

    if (envelope->token.value == 0 || (place < shard->world->shard_count && place != shard->index &&
                                       sn_shard_link(shard, place) == NULL)) {
        sn_shard_free(shard, envelope);
        return;
    }
    if (place == shard->index) {
        sn_ask_fail(shard, envelope->token, outcome);
        sn_shard_free(shard, envelope);
        return;
    }
    envelope->kind = SN_ENVELOPE_REPLY;
    envelope->lane = SN_LANE_REPLY;
    sn_envelope_set_outcome(envelope, outcome);
    sn_reply_send(shard, envelope);
}

void sn_reply_send(struct sn_shard *shard, struct sn_envelope *reply)
{
    uint32_t place = sn_token_place(reply->token);

    if (place < shard->world->shard_count)
        sn_count(&shard->counters.events_begun, 1);
    sn_shard_send(shard, place, reply);
}

void sn_refuse_token(struct sn_shard *shard, sn_reply_token token, int outcome)
{
    struct sn_envelope *envelope;

    if (token.value == 0)
        return;
    /* Without memory for the answer the asker's deadline has to do. */
    envelope = sn_shard_alloc(shard, 0);
    if (envelope == NULL)
        return;
    envelope->token = token;
    envelope->source = (sn_ref){0};
    sn_refuse_envelope(shard, envelope, outcome);
}

/* What an envelope takes of its receiver's byte bound. */
static int64_t bytes_of(const struct sn_slot *slot, const struct sn_envelope *envelope)
{
    return slot->bounded_bytes ? (int64_t)sn_block_size(envelope->size_class, envelope) : 0;
}

/* Take the oldest message that has not begun to run: one that failed and waits to be handled again
 * has left its place already, so it is not in the way, and neither is a DOWN. NULL: there is none.
 */
static struct sn_envelope *take_oldest(struct sn_actor *actor, unsigned lane)
{
    struct sn_envelope *last = actor->lanes[lane], *envelope = last;

    if (last == NULL)
        return NULL;
    do {
        envelope = envelope->next;
        if (sn_envelope_is_single(envelope) && sn_envelope_failures(envelope) == 0) {
            sn_mailbox_remove(actor, envelope);
            return envelope;
        }
        /* The records of a batch are not dropped one by one, nor what came after them. */
    } while (envelope != last && envelope->kind != SN_ENVELOPE_BATCH);
    return NULL;
}

/* An envelope that nothing was reserved for: take a place and bytes now, dropping the oldest of its
 * lane until there is room. What they had goes to this one, and only the rest back to the slot, so
 * that no other sender gets in between. */
static bool make_room(struct sn_shard *shard, struct sn_actor *actor, struct sn_envelope *envelope)
{
    struct sn_slot *slot = actor->slot;
    int64_t size = bytes_of(slot, envelope), missing = size;
    int32_t places = sn_credit_take(shard, actor->ref, slot) ? 1 : 0;
    struct sn_envelope *oldest = NULL;

    envelope->flags &= (uint8_t)~SN_FLAG_UNPAID;
    for (;;) {
        if (missing > 0 && sn_slot_take_bytes(slot, (uint64_t)missing))
            missing = 0;
        if (places > 0 && missing <= 0)
            break;
        oldest = take_oldest(actor, envelope->lane);
        if (oldest == NULL)
            break;
        places++;
        missing -= bytes_of(slot, oldest);
        if (!SN_PLANTED(drop_not_counted))
            sn_count_end(shard, oldest, &shard->counters.dropped);
        sn_refuse_envelope(shard, oldest, SN_DROPPED);
    }
    bool found = places > 0 && missing <= 0;
    sn_slot_return(shard->world, slot, found ? places - 1 : places,
                   found ? -missing : size - missing);
    return found;
}

/* Its target is gone for good, or the system has none of that kind. */
SN_SELDOM static void deliver_nowhere(struct sn_shard *shard, struct sn_envelope *envelope)
{
    struct sn_slot *slot = sn_world_slot(shard->world, envelope->target);

    if (slot != NULL && (envelope->flags & SN_FLAG_UNPAID) == 0)
        sn_slot_return(shard->world, slot, (int32_t)sn_envelope_count(envelope),
                       bytes_of(slot, envelope));
    sn_dead_letter(shard, envelope, SN_GONE);
}

static void deliver_message(struct sn_shard *shard, struct sn_envelope *envelope)
{
    struct sn_actor *actor = sn_shard_find(shard, envelope->target);

    if (SN_PLANTED(stale_reference))
        actor = sn_shard_actor(shard, sn_ref_slot(envelope->target));
    if (actor == NULL) {
        deliver_nowhere(shard, envelope);
        return;
    }
    if ((envelope->flags & SN_FLAG_UNPAID) && !make_room(shard, actor, envelope)) {
        sn_count_end(shard, envelope, &shard->counters.dropped);
        sn_refuse_envelope(shard, envelope, SN_DROPPED);
        return;
    }
    sn_shard_post(shard, actor, envelope);
}

/* Pause, resume, ping, end and stop: done at once, whatever the actor is doing; an end in this
 * pass.
 */
static void deliver_control(struct sn_shard *shard, struct sn_envelope *envelope)
{
    struct sn_actor *actor = sn_shard_find(shard, envelope->target);

    if (envelope->kind == SN_ENVELOPE_STOP)
        sn_count(&shard->counters.events_ended, 1);
    if (actor == NULL) {
        sn_refuse_envelope(shard, envelope, SN_GONE);
        return;
    }
    if (envelope->kind == SN_ENVELOPE_END) {
        sn_actor_dismiss(shard, actor, sn_envelope_outcome(envelope));
    } else if (envelope->kind == SN_ENVELOPE_STOP) {
        sn_member_stop(shard, actor);
    } else if (envelope->kind != SN_ENVELOPE_PING) {
        actor->paused = envelope->kind == SN_ENVELOPE_PAUSE;
        sn_mailbox_update_open(actor);
        sn_shard_schedule(shard, actor);
    }
    sn_refuse_envelope(shard, envelope, 0);
}

void sn_shard_deliver(struct sn_shard *shard, struct sn_envelope *envelope)
{
    switch (envelope->kind) {
    case SN_ENVELOPE_MESSAGE:
    case SN_ENVELOPE_ECHO:
    case SN_ENVELOPE_AGAIN:
    case SN_ENVELOPE_BATCH:
    case SN_ENVELOPE_LETTER:
        deliver_message(shard, envelope);
        break;
    case SN_ENVELOPE_REPLY:
        sn_ask_complete(shard, envelope);
        break;
    case SN_ENVELOPE_NOTICE:
        /* `envelope` is the first member of its notice. */
        sn_lifecycle_notice(shard, (struct sn_notice *)envelope);
        break;
    case SN_ENVELOPE_ADMIN:
        shard->world->root->admin(shard->world->root, envelope);
        break;
    case SN_ENVELOPE_WATCH:
    case SN_ENVELOPE_UNWATCH:
    case SN_ENVELOPE_UNWATCHED:
    case SN_ENVELOPE_DOWN:
        sn_watch_deliver(shard, envelope);
        break;
    default:
        deliver_control(shard, envelope);
        break;
    }
}
