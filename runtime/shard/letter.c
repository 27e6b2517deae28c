/* SPDX-License-Identifier: MIT */
/*
 * Dead letters: what becomes of messages that failed, or that nobody will handle.
 *
 * They are counted where they end, as dead-lettered or as failed; here they are shown, once each,
 * to the callback of the options and to the workers that say `dead_letters`. To a worker a letter
 * comes as an envelope of its own, with a copy of the payload if the worker asks for that message
 * by name. Letters are no messages: they are counted among the events, they take a place in their
 * receiver's mailbox so that a flood of them is bounded, and where there is no place, or when the
 * handler of one fails, they are counted as lost and nobody is told. So a subscriber that fails
 * over its letters does not write itself more of them. Neither does one that sends: what the
 * handler of a letter sends is marked (SN_ENVELOPE_ECHO), and if that dies too, workers are not
 * shown it, and it counts as lost.
 */
#include "shard/shard.h"

#include <string.h>

/* The payload of SN_ENVELOPE_LETTER; that of the message follows, if it has one. */
struct letter {
    struct sn_dead_letter summary;
    bool has_payload;
};

static size_t payload_offset(void)
{
    return sn_tail_align(sizeof(struct letter));
}

/* ---- what died ------------------------------------------------------------------------------ */

/* Of a batch: the record that is next. */
static const void *payload_of(struct sn_envelope *envelope)
{
    const struct sn_batch *batch = sn_envelope_payload(envelope);

    if (envelope->kind != SN_ENVELOPE_BATCH)
        return batch;
    return (const char *)(batch + 1) + batch->next + sizeof(uint64_t);
}

static void skip_record(struct sn_envelope *envelope)
{
    struct sn_batch *batch = sn_envelope_payload(envelope);
    uint64_t size;

    memcpy(&size, (const char *)(batch + 1) + batch->next, sizeof size);
    batch->next += (uint32_t)(sizeof size + size);
}

static struct sn_dead_letter summary_of(const struct sn_shard *shard,
                                        const struct sn_envelope *envelope, int reason)
{
    const struct sn_world *world = shard->world;
    sn_ref to = envelope->target;
    const struct sn_actor *target = sn_world_actor(world, to);

    return (struct sn_dead_letter){
        .message = world->package->messages[envelope->message].name,
        .pool = target != NULL ? world->pools[target->pool].type->name : "?",
        .index = target != NULL ? target->index : 0,
        .target = envelope->target,
        .source = envelope->source,
        .sent_ns = envelope->sent_ns,
        .reason = reason,
    };
}

/* ---- to workers ----------------------------------------------------------------------------- */

static void lose(struct sn_shard *shard)
{
    sn_count(&shard->counters.letters_lost, 1);
}

struct sn_envelope *sn_letter_create(struct sn_shard *shard, sn_ref to, uint16_t message,
                                     const struct sn_dead_letter *summary, size_t size)
{
    struct sn_envelope *envelope = sn_shard_alloc(shard, payload_offset() + size);

    if (envelope == NULL)
        return NULL;
    *(struct letter *)sn_envelope_payload(envelope) = (struct letter){*summary, size > 0};
    envelope->target = to;
    envelope->source = summary->source;
    envelope->sent_ns = shard->now_ns;
    envelope->token = (sn_reply_token){0};
    envelope->deadline_ns = UINT64_MAX;
    envelope->message = message;
    envelope->kind = SN_ENVELOPE_LETTER;
    envelope->lane = SN_LANE_TELEMETRY;
    return envelope;
}

void *sn_letter_payload(struct sn_envelope *envelope)
{
    return (char *)sn_envelope_payload(envelope) + payload_offset();
}

static struct sn_envelope *write_letter(struct sn_shard *shard, sn_ref to, uint16_t message,
                                        const struct sn_dead_letter *summary, const void *payload)
{
    const struct sn_message_type *type = &shard->world->package->messages[message];
    size_t size = type->size;

    if (type->measure != NULL && type->measure(payload, &size) != 0)
        return NULL;
    struct sn_envelope *envelope = sn_letter_create(shard, to, message, summary, size);
    if (envelope == NULL)
        return NULL;
    if (type->copy != NULL)
        type->copy(sn_letter_payload(envelope), payload);
    else if (size > 0)
        memcpy(sn_letter_payload(envelope), payload, size);
    return envelope;
}

static bool send_letter(struct sn_shard *shard, uint16_t pool, uint16_t message,
                        const struct sn_dead_letter *summary, const void *payload)
{
    sn_ref to = sn_route_member(&shard->router, pool, sn_route_next(&shard->router, pool));
    struct sn_slot *slot = sn_stage_slot(shard, to);

    if (slot == NULL ||
        (sn_ref_shard(to) != shard->index && sn_shard_link(shard, sn_ref_shard(to)) == NULL))
        return false;
    struct sn_envelope *envelope = write_letter(shard, to, message, summary, payload);
    if (envelope == NULL)
        return false;
    if (!sn_outbox_find_room(shard, envelope, slot)) {
        sn_shard_free(shard, envelope);
        return false;
    }
    sn_count(&shard->counters.events_begun, 1);
    sn_shard_send(shard, sn_ref_shard(to), envelope);
    return true;
}

static void tell_workers(struct sn_shard *shard, const struct sn_envelope *envelope,
                         const struct sn_dead_letter *summary, const void *payload)
{
    const struct sn_world *world = shard->world;
    uint16_t message = envelope->message;
    bool echo = envelope->kind == SN_ENVELOPE_ECHO && !SN_PLANTED(echo_shown);

    for (uint16_t pool = 0; pool < world->package->pool_count; pool++)
        if (world->pools[pool].worker->dead != NULL && world->pools[pool].size > 0 &&
            (echo || !send_letter(shard, pool, message, summary, payload)))
            lose(shard);
}

void sn_dead_letter_notify(struct sn_shard *shard, struct sn_envelope *envelope, int reason)
{
    const struct sn_world *world = shard->world;
    struct sn_dead_letter summary;

    /* One that is tried again was shown at its first try. */
    if (envelope->kind == SN_ENVELOPE_AGAIN)
        return;
    summary = summary_of(shard, envelope, reason);
    sn_shard_log(shard, SN_LOG_LETTERS, SN_LOG_WARNING, "dead letter: %s to %s[%u]: %s (%d)",
                 summary.message, summary.pool, summary.index, sn_result_name(reason), reason);
    if (world->options.dead_letter != NULL)
        world->options.dead_letter(&summary, world->options.user);
    tell_workers(shard, envelope, &summary, payload_of(envelope));
}

void sn_dead_letter(struct sn_shard *shard, struct sn_envelope *envelope, int reason)
{
    if (envelope->kind == SN_ENVELOPE_LETTER) {
        sn_letter_ended(shard, envelope, SN_GONE);
        return;
    }
    for (uint32_t count = sn_envelope_count(envelope); count > 0; count--) {
        sn_dead_letter_notify(shard, envelope, reason);
        sn_count_end(shard, envelope, &shard->counters.dead_lettered);
        if (envelope->kind == SN_ENVELOPE_BATCH)
            skip_record(envelope);
    }
    sn_refuse_envelope(shard, envelope, reason == SN_DROPPED ? SN_DROPPED : SN_DOWN);
}

/* ---- at a worker ---------------------------------------------------------------------------- */

void sn_letter_mark(struct sn_turn *turn)
{
    for (struct sn_envelope *at = turn->staged_first; at != NULL; at = at->next)
        if (at->kind == SN_ENVELOPE_MESSAGE)
            at->kind = SN_ENVELOPE_ECHO;
}

int sn_letter_run(struct sn_shard *shard, struct sn_actor *actor, struct sn_envelope *envelope)
{
    const struct letter *letter = sn_envelope_payload(envelope);
    const void *payload = letter->has_payload ? sn_letter_payload(envelope) : NULL;

    sn_credit_freed(shard, actor, envelope);
    if (actor->slot->bounded_bytes)
        sn_slot_return(shard->world, actor->slot, 0,
                       (int64_t)sn_block_size(envelope->size_class, envelope));
    sn_turn_begin(shard, actor, envelope);
    shard->turn.touched = true; /* for sn_letter_mark() */
    int rc = sn_turn_end(shard, actor->type->dead(sn_actor_self(actor), envelope->message,
                                                  &letter->summary, payload));
    sn_letter_ended(shard, envelope, rc);
    return rc;
}

void sn_letter_ended(struct sn_shard *shard, struct sn_envelope *envelope, int rc)
{
    if (rc != 0 && rc != SN_STOP)
        lose(shard);
    sn_count(&shard->counters.events_ended, 1);
    sn_shard_free(shard, envelope);
}
