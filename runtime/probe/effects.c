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
#include <stdio.h>
#include <string.h>

enum { LINE_BYTES = 256 };

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

static void note_message(struct sn_probe *probe, struct sn_envelope *envelope,
                         struct sn_probe_effect *effect)
{
    const struct sn_actor *to = sn_shard_actor(probe->shard, sn_ref_slot(envelope->target));
    const struct sn_ask *ask =
        envelope->token.value != 0 ? sn_ask_find(probe->shard, envelope->token) : NULL;

    *effect = (struct sn_probe_effect){.kind = ask != NULL ? SN_PROBE_ASKED : SN_PROBE_SENT,
                                       .envelope = envelope->flags == 0 ? envelope : NULL,
                                       .index = to->index,
                                       .pool = to->pool,
                                       .number = ask != NULL ? ask->role : envelope->message,
                                       .token = envelope->token};
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
    default:
        return false;
    }
}

/* Take what the handler has staged, as far as it would reach another actor. */
static int keep_staged(struct sn_probe *probe, struct sn_turn *turn)
{
    struct sn_envelope **place = &turn->staged_first;

    while (*place != NULL) {
        struct sn_envelope *envelope = *place;
        struct sn_probe_effect *grown =
            sn_probe_grow(probe, probe->effects, sizeof *probe->effects, probe->effect_count, 1,
                          &probe->effect_capacity);

        if (grown == NULL)
            return -ENOMEM;
        probe->effects = grown;
        if (note(probe, envelope, &grown[probe->effect_count]))
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

/* ---- forgetting ----------------------------------------------------------------------------- */

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

/* ---- as a text ------------------------------------------------------------------------------ */

static int write_line(struct sn_probe *probe, const struct sn_probe_effect *effect, char *line)
{
    static const char *const verbs[] = {
        [SN_PROBE_SENT] = "send",     [SN_PROBE_ASKED] = "ask",
        [SN_PROBE_REPLIED] = "reply", [SN_PROBE_REFUSED] = "refuse",
        [SN_PROBE_STARTED] = "start", [SN_PROBE_CANCELLED] = "cancel",
    };
    const struct sn_package *package = sn_probe_world(probe)->package;
    const struct sn_worker_type *type = probe->actor->type;
    const char *verb = verbs[effect->kind], *request = "to another's request";

    switch (effect->kind) {
    case SN_PROBE_SENT:
        return snprintf(line, LINE_BYTES, "%s %s[%u] %s\n", verb, package->pools[effect->pool].name,
                        effect->index, package->messages[effect->number].name);
    case SN_PROBE_ASKED:
        return snprintf(line, LINE_BYTES, "%s %s %s[%u] %s\n", verb,
                        type->asks[effect->number].name, package->pools[effect->pool].name,
                        effect->index,
                        package->messages[type->asks[effect->number].edge.message].name);
    case SN_PROBE_STARTED:
    case SN_PROBE_CANCELLED:
        return snprintf(line, LINE_BYTES, "%s %s\n", verb, type->timers[effect->number].name);
    default:
        if (effect->number != SN_NO_MESSAGE)
            request = package->messages[effect->number].name;
        if (effect->kind == SN_PROBE_REPLIED)
            return snprintf(line, LINE_BYTES, "%s %s\n", verb, request);
        return snprintf(line, LINE_BYTES, "%s %s: %d\n", verb, request, effect->outcome);
    }
}

const char *sn_probe_text(struct sn_probe *probe)
{
    const struct sn_allocator *allocator = probe->allocator;
    size_t size = (probe->effect_count + 1) * (size_t)LINE_BYTES, used = 0;

    sn_alloc_free(allocator, probe->text, probe->text_size);
    probe->text = sn_alloc_zeroed(allocator, size);
    probe->text_size = size;
    if (probe->text == NULL)
        return "";
    for (uint32_t i = 0; i < probe->effect_count; i++) {
        if (probe->effects[i].old)
            continue;
        int written = write_line(probe, &probe->effects[i], probe->text + used);

        used += written < LINE_BYTES ? (size_t)written : LINE_BYTES - 1;
    }
    return probe->text;
}
