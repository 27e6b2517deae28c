/* SPDX-License-Identifier: MIT */
/*
 * What a handler does.
 *
 * When a handler has returned 0 its effects stand in the turn's list, and are about to leave
 * (shard/commit.c). Messages that have their place are taken out here: they stay with the probe,
 * and their places are given back when they are forgotten. All other effects are noted and happen:
 * replies complete the requests' futures, timers are armed, and messages without a place meet their
 * policy. So nothing is imitated but the receivers.
 */
#include "probe/probe.h"

#include <errno.h>
#include <string.h>

void *sn_probe_grow(struct sn_probe *probe, void *array, size_t size, uint32_t count, uint32_t more,
                    uint32_t *capacity)
{
    const struct sn_allocator *allocator = probe->allocator;
    uint32_t wanted = *capacity > 0 ? *capacity : 16;

    while (wanted - count < more)
        wanted *= 2;
    if (wanted == *capacity)
        return array;
    void *grown = sn_alloc_zeroed(allocator, wanted * size);
    if (grown == NULL)
        return NULL;
    if (count > 0)
        memcpy(grown, array, count * size);
    sn_alloc_free(allocator, array, *capacity * size);
    *capacity = wanted;
    return grown;
}

/* ---- keeping -------------------------------------------------------------------------------- */

static uint16_t request_message(const struct sn_probe *probe, sn_reply_token token)
{
    for (uint32_t i = 0; i < probe->request_count; i++)
        if (sn_future_token(probe->requests[i].future, 1).value == token.value)
            return probe->requests[i].message;
    return SN_NO_MESSAGE;
}

static struct sn_probe_effect message_effect(const struct sn_probe *probe,
                                             const struct sn_envelope *envelope)
{
    const struct sn_actor *to = sn_shard_actor(probe->shard, sn_ref_slot(envelope->target));
    const struct sn_ask *ask =
        envelope->token.value != 0 ? sn_ask_find(probe->shard, envelope->token) : NULL;

    return (struct sn_probe_effect){.kind = ask != NULL ? SN_PROBE_ASKED : SN_PROBE_SENT,
                                    .index = to->index,
                                    .pool = to->pool,
                                    .number = ask != NULL ? ask->role : envelope->message,
                                    .token = envelope->token};
}

static void note_message(struct sn_probe *probe, struct sn_envelope *envelope,
                         struct sn_probe_effect *effect)
{
    *effect = message_effect(probe, envelope);
    effect->envelope = envelope->flags == 0 ? envelope : NULL;
    effect->waits = (envelope->flags & SN_FLAG_PARK) != 0;
}

static void note_watch(struct sn_envelope *envelope, struct sn_probe_effect *effect)
{
    struct sn_watch_what what = sn_watch_effect(envelope);

    if (envelope->kind == SN_ENVELOPE_WATCH)
        effect->kind = what.link ? SN_PROBE_LINKED : SN_PROBE_WATCHED;
    else
        effect->kind = what.link ? SN_PROBE_UNLINKED : SN_PROBE_UNWATCHED;
    effect->pool = what.pool;
    effect->index = what.index;
}

static bool note(struct sn_probe *probe, struct sn_envelope *envelope,
                 struct sn_probe_effect *effect)
{
    *effect = (struct sn_probe_effect){.token = envelope->token};
    switch (envelope->kind) {
    case SN_ENVELOPE_MESSAGE:
        note_message(probe, envelope, effect);
        return true;
    case SN_ENVELOPE_REPLY:
        effect->outcome = sn_envelope_outcome(envelope);
        effect->kind = effect->outcome == 0 ? SN_PROBE_REPLIED : SN_PROBE_REFUSED;
        effect->number = request_message(probe, envelope->token);
        return true;
    case SN_ENVELOPE_START_TIMER:
    case SN_ENVELOPE_CANCEL_TIMER:
        effect->kind =
            envelope->kind == SN_ENVELOPE_START_TIMER ? SN_PROBE_STARTED : SN_PROBE_CANCELLED;
        effect->number = envelope->message;
        return true;
    case SN_ENVELOPE_WATCH:
    case SN_ENVELOPE_END_WATCH:
        note_watch(envelope, effect);
        return true;
    default:
        return false;
    }
}

/* Room for one more effect; NULL: no memory. */
static struct sn_probe_effect *next_effect(struct sn_probe *probe)
{
    struct sn_probe_effect *grown = sn_probe_grow(probe, probe->effects, sizeof *probe->effects,
                                                  probe->effect_count, 1, &probe->effect_capacity);

    if (grown == NULL)
        return NULL;
    probe->effects = grown;
    return &grown[probe->effect_count];
}

/* Take what the handler has staged, as far as it would reach another actor. */
static int keep_staged(struct sn_probe *probe, struct sn_turn *turn)
{
    struct sn_envelope **place = &turn->staged_first;

    while (*place != NULL) {
        struct sn_envelope *envelope = *place;
        struct sn_probe_effect *effect = next_effect(probe);

        if (effect == NULL)
            return -ENOMEM;
        if (note(probe, envelope, effect))
            probe->effect_count++;
        if (envelope->kind == SN_ENVELOPE_MESSAGE && envelope->flags == 0)
            *place = envelope->next;
        else
            place = &envelope->next;
    }
    turn->staged_end = place;
    return 0;
}

/* What must hold after a handler: its invariants, or, if it failed, what was before. */
static void look(struct sn_probe *probe, const struct sn_actor *actor, int rc)
{
    const struct sn_worker_type *type = actor->type;
    const char *self = sn_actor_self((struct sn_actor *)actor);

    if (rc != 0 && rc != SN_STOP)
        return;
    if (type->broken != NULL && probe->broken == NULL)
        probe->broken = type->broken(self);
    if (type->retain_size > 0)
        memcpy(probe->retain, self + type->retain_offset, type->retain_size);
}

int sn_probe_after(struct sn_stepper *stepper, struct sn_shard *shard, int rc)
{
    struct sn_probe *probe = sn_probe_of(shard);

    (void)stepper;
    if (rc == 0 || rc == SN_STOP) {
        int kept = keep_staged(probe, &shard->turn);

        rc = kept != 0 ? kept : rc;
    }
    look(probe, shard->turn.actor, rc);
    if (!probe->ran || probe->outcome == 0)
        probe->outcome = rc;
    probe->ran = true;
    return rc;
}

/* ---- what leaves later ---------------------------------------------------------------------- */

/* The message is gone: its place is free again. */
static void release(struct sn_probe *probe, struct sn_envelope *envelope)
{
    struct sn_slot *slot;

    if (envelope == NULL)
        return;
    slot = sn_world_slot(sn_probe_world(probe), envelope->target);
    sn_credit_give(probe->shard, envelope->target, slot);
    if (slot->bounded_bytes)
        sn_slot_return(sn_probe_world(probe), slot, 0,
                       (int64_t)sn_block_size(envelope->size_class, envelope));
    sn_shard_free(probe->shard, envelope);
}

/* What an ask has sent before is nobody's any more. */
static struct sn_probe_effect *earlier_try(struct sn_probe *probe, sn_reply_token token)
{
    for (uint32_t i = 0; i < probe->effect_count; i++)
        if (probe->effects[i].kind == SN_PROBE_ASKED &&
            probe->effects[i].token.value == token.value) {
            release(probe, probe->effects[i].envelope);
            return &probe->effects[i];
        }
    return NULL;
}

/* A message has reached a mailbox that nobody reads. */
static int collect(struct sn_probe *probe, struct sn_envelope *envelope)
{
    struct sn_probe_effect effect, *place = NULL;

    if (envelope->kind == SN_ENVELOPE_LETTER) {
        release(probe, envelope);
        return 0;
    }
    effect = message_effect(probe, envelope);
    if (effect.kind == SN_PROBE_ASKED)
        place = earlier_try(probe, envelope->token);
    if (place == NULL) {
        place = next_effect(probe);
        if (place == NULL) {
            release(probe, envelope);
            return -ENOMEM;
        }
        probe->effect_count++;
    }
    effect.envelope = envelope;
    *place = effect;
    return 0;
}

int sn_probe_collect(struct sn_probe *probe)
{
    int rc = 0;

    for (uint32_t i = 0; i < probe->shard->slot_count; i++) {
        struct sn_actor *actor = sn_shard_actor(probe->shard, i);

        for (unsigned lane = 0; lane < SN_LANES && actor != probe->actor; lane++)
            while (actor->lanes[lane] != NULL) {
                int kept = collect(probe, sn_mailbox_pop(actor, lane));

                rc = rc != 0 ? rc : kept;
            }
    }
    return rc;
}

void sn_probe_died(const struct sn_dead_letter *letter, void *user)
{
    struct sn_probe *probe = user;
    const struct sn_package *package = sn_probe_world(probe)->package;
    struct sn_probe_effect *effect =
        letter->target.value != probe->actor->ref.value ? next_effect(probe) : NULL;
    const struct sn_actor *to = sn_shard_actor(probe->shard, sn_ref_slot(letter->target));
    uint16_t message = 0;

    if (effect == NULL)
        return;
    while (package->messages[message].name != letter->message)
        message++;
    *effect = (struct sn_probe_effect){.kind = SN_PROBE_DIED,
                                       .index = to->index,
                                       .pool = to->pool,
                                       .number = message,
                                       .outcome = letter->reason};
    probe->effect_count++;
}

/* ---- forgetting ----------------------------------------------------------------------------- */

static bool is_open(const struct sn_probe *probe, const struct sn_probe_effect *effect)
{
    const struct sn_ask *ask =
        effect->kind == SN_PROBE_ASKED ? sn_ask_find(probe->shard, effect->token) : NULL;

    return ask != NULL && !ask->queued && ask->role == effect->number;
}

void sn_probe_forget(struct sn_probe *probe)
{
    uint32_t kept = 0;

    for (uint32_t i = 0; i < probe->effect_count; i++) {
        struct sn_probe_effect *effect = &probe->effects[i];

        effect->old = true;
        if (is_open(probe, effect))
            probe->effects[kept++] = *effect;
        else
            release(probe, effect->envelope);
    }
    probe->effect_count = kept;
}

void sn_probe_forget_all(struct sn_probe *probe)
{
    for (uint32_t i = 0; i < probe->effect_count; i++)
        release(probe, probe->effects[i].envelope);
    probe->effect_count = 0;
}

/* ---- looking -------------------------------------------------------------------------------- */

/* The which-th of those that fit; NULL: there are fewer. */
static const struct sn_probe_effect *find_sent(const struct sn_probe *probe, uint16_t pool,
                                               uint16_t message, uint32_t which)
{
    for (uint32_t i = 0; i < probe->effect_count; i++) {
        const struct sn_probe_effect *effect = &probe->effects[i];

        if (effect->kind == SN_PROBE_SENT && effect->pool == pool && effect->number == message &&
            effect->envelope != NULL && which-- == 0)
            return effect;
    }
    return NULL;
}

static const struct sn_probe_effect *find_asked(const struct sn_probe *probe, uint16_t role,
                                                uint32_t which)
{
    for (uint32_t i = 0; i < probe->effect_count; i++) {
        const struct sn_probe_effect *effect = &probe->effects[i];

        if (effect->number == role && is_open(probe, effect) && which-- == 0)
            return effect;
    }
    return NULL;
}

static bool show(const struct sn_probe_effect *effect, uint32_t *ret_index,
                 const void **ret_payload)
{
    if (effect == NULL || effect->envelope == NULL)
        return false;
    if (ret_index != NULL)
        *ret_index = effect->index;
    if (ret_payload != NULL)
        *ret_payload = sn_envelope_payload(effect->envelope);
    return true;
}

bool sn_probe_sent(const struct sn_probe *probe, uint16_t pool, uint16_t message, uint32_t which,
                   uint32_t *ret_index, const void **ret_payload)
{
    return show(find_sent(probe, pool, message, which), ret_index, ret_payload);
}

bool sn_probe_asked(const struct sn_probe *probe, uint16_t role, uint32_t which,
                    uint32_t *ret_index, const void **ret_payload)
{
    return show(find_asked(probe, role, which), ret_index, ret_payload);
}

sn_reply_token sn_probe_ask_token(const struct sn_probe *probe, uint16_t role, uint32_t which)
{
    const struct sn_probe_effect *ask_is_open = find_asked(probe, role, which);

    SN_ASSERT(ask_is_open);
    return ask_is_open->token;
}

sn_reply_token sn_probe_request(struct sn_probe *probe, uint16_t message)
{
    struct sn_probe_request *grown =
        sn_probe_grow(probe, probe->requests, sizeof *probe->requests, probe->request_count, 1,
                      &probe->request_capacity);
    struct sn_future *future = NULL;

    if (grown != NULL) {
        probe->requests = grown;
        future = sn_future_take(&probe->futures);
    }
    if (future == NULL)
        return (sn_reply_token){0};
    grown[probe->request_count++] = (struct sn_probe_request){future, message};
    return sn_future_token(future, 1);
}

sn_reply_token sn_probe_open(struct sn_probe *probe, uint16_t message)
{
    return sn_probe_request(probe, message);
}

int sn_probe_answer(const struct sn_probe *probe, sn_reply_token token, const void **ret_payload)
{
    for (uint32_t i = 0; i < probe->request_count; i++) {
        const struct sn_future *future = probe->requests[i].future;

        if (sn_future_token(future, 1).value != token.value)
            continue;
        if (!sn_future_is_done(future))
            return -EAGAIN;
        if (ret_payload != NULL)
            *ret_payload = future->reply != NULL ? sn_envelope_payload(future->reply) : NULL;
        return future->outcome;
    }
    return -EAGAIN;
}
