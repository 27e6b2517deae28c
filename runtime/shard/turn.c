/* SPDX-License-Identifier: MIT */
/*
 * One actor's turn: up to 32 messages, so that a busy actor does not starve its neighbours.
 *
 * A handler is atomic. Before it the retained fields are copied; its effects are staged
 * (stage.c); afterwards they leave (commit.c) or, if it failed, nothing of them has happened and
 * the retained fields are put back. The actor itself then ends and its supervisor decides.
 */
#include "shard/shard.h"

#include <string.h>

void sn_turn_begin(struct sn_shard *shard, struct sn_actor *actor)
{
    const struct sn_worker_type *type = actor->type;

    struct sn_turn *turn = &shard->turn;

    /* What is staged was taken by the end of the last turn. */
    turn->actor = actor;
    turn->envelope = NULL;
    turn->token = (sn_reply_token){0};
    turn->deadline_ns = UINT64_MAX;
    turn->parked = 0;
    turn->answered = turn->deferred = turn->hook = false;
    if (type->retain_size > 0)
        memcpy(shard->retain, (char *)sn_actor_self(actor) + type->retain_offset,
               type->retain_size);
    if (__builtin_expect(type->slow_after_ns > 0, 0))
        shard->turn.begin_ns = sn_clock_now(shard->world->clock);
    shard->sequence++;
}

/* A worker with slow_after pays two looks at the clock for each handler. */
static void report_slow(struct sn_shard *shard, const struct sn_actor *actor)
{
    uint64_t took_ns = sn_clock_now(shard->world->clock) - shard->turn.begin_ns;
    const struct sn_envelope *envelope = shard->turn.envelope;
    const char *what = "a completion or hook";

    if (took_ns <= actor->type->slow_after_ns)
        return;
    if (envelope != NULL && envelope->kind == SN_ENVELOPE_TIMER)
        what = actor->type->timers[envelope->message].name;
    else if (envelope != NULL)
        what = shard->world->package->messages[envelope->message].name;
    sn_count(&shard->counters.slow, 1);
    sn_world_log(shard->world, SN_LOG_WARNING, "%s[%u] took %llu us for %s",
                 shard->world->pools[actor->pool].type->name, actor->index,
                 (unsigned long long)(took_ns / SN_US), what);
}

int sn_turn_end(struct sn_shard *shard, int rc)
{
    struct sn_actor *actor = shard->turn.actor;

    if (__builtin_expect(shard->world->stepper != NULL, 0))
        rc = shard->world->stepper->after(shard->world->stepper, shard, rc);
    if (__builtin_expect(actor->type->slow_after_ns > 0, 0))
        report_slow(shard, actor);
    if (__builtin_expect(shard->turn.scratch != NULL, 0))
        sn_scratch_end(shard);
    if (rc == 0 || rc == SN_STOP) {
        if (shard->turn.kept != NULL)
            sn_tokens_commit(shard);
        if (shard->turn.staged_first != NULL)
            sn_commit(shard);
        return rc;
    }
    sn_tokens_discard(shard);
    sn_discard(shard);
    if (actor->type->retain_size > 0)
        memcpy((char *)sn_actor_self(actor) + actor->type->retain_offset, shard->retain,
               actor->type->retain_size);
    return rc;
}

/* Whether a failed message is to be handled again by the next incarnation. */
static bool is_retried(const struct sn_shard *shard, const struct sn_actor *actor,
                       struct sn_envelope *envelope)
{
    uint32_t poison_after = shard->world->pools[actor->pool].type->poison_after;

    /* The flags count up to SN_FAILURES_MAX; a larger poison_after ends there. */
    if (sn_envelope_failures(envelope) + 1 >= poison_after ||
        sn_envelope_failures(envelope) == SN_FAILURES_MAX)
        return false;
    envelope->flags += SN_FLAG_FAILURE;
    return true;
}

/* Run the user's handler for one message. */
static int handle(struct sn_shard *shard, struct sn_actor *actor,
                  const struct sn_envelope *envelope, const void *payload)
{
    sn_turn_begin(shard, actor);
    shard->turn.envelope = envelope;
    shard->turn.token = envelope->token;
    shard->turn.deadline_ns = envelope->deadline_ns;
    return sn_turn_end(shard, actor->type->handle(sn_actor_self(actor), envelope, payload));
}

static int run_message(struct sn_shard *shard, struct sn_actor *actor, struct sn_envelope *envelope)
{
    if (sn_envelope_failures(envelope) == 0) {
        sn_credit_freed(shard, actor, envelope);
        if (actor->slot->bounded_bytes)
            sn_slot_return(shard->world, actor->slot, 0,
                           (int64_t)sn_block_size(envelope->size_class, envelope));
    }
    if (envelope->deadline_ns <= shard->now_ns) {
        /* Who asked has its own clock, and completes its ask by it. */
        sn_count(&shard->counters.expired, 1);
        sn_shard_free(shard, envelope);
        return 0;
    }
    int rc = handle(shard, actor, envelope, sn_envelope_payload(envelope));
    if (rc == 0 || rc == SN_STOP) {
        sn_count(&shard->counters.handled, 1);
        if (envelope->token.value != 0 && !shard->turn.answered && !shard->turn.deferred)
            sn_refuse_envelope(shard, envelope, SN_UNANSWERED);
        else
            sn_shard_free(shard, envelope);
    } else if (is_retried(shard, actor, envelope)) {
        sn_mailbox_push_front(actor, envelope);
    } else {
        sn_count(&shard->counters.failed, 1);
        sn_dead_letter_notify(shard, envelope, SN_FAILED);
        sn_refuse_envelope(shard, envelope, SN_FAILED);
    }
    return rc;
}

/* The record that was just handled leaves the batch; false: it stays, to be handled again. */
static bool count_record(struct sn_shard *shard, struct sn_actor *actor,
                         struct sn_envelope *envelope, int rc)
{
    if (rc == 0 || rc == SN_STOP) {
        sn_count(&shard->counters.handled, 1);
        return true;
    }
    if (is_retried(shard, actor, envelope))
        return false;
    sn_count(&shard->counters.failed, 1);
    sn_dead_letter_notify(shard, envelope, SN_FAILED);
    return true;
}

static void end_batch(struct sn_shard *shard, struct sn_actor *actor, struct sn_envelope *envelope)
{
    sn_mailbox_pop(actor, envelope->lane);
    if (actor->slot->bounded_bytes)
        sn_slot_return(shard->world, actor->slot, 0,
                       (int64_t)sn_block_size(envelope->size_class, envelope));
    sn_shard_free(shard, envelope);
}

/* Records of a batch, while nothing more urgent waits; it stays the oldest of its lane until the
 * last of them. */
static int run_batch(struct sn_shard *shard, struct sn_actor *actor, struct sn_envelope *envelope,
                     int *budget)
{
    struct sn_batch *batch = sn_envelope_payload(envelope);
    unsigned higher = (1u << envelope->lane) - 1;

    do {
        char *record = (char *)(batch + 1) + batch->next;
        uint64_t size;

        memcpy(&size, record, sizeof size);
        if (sn_envelope_failures(envelope) == 0)
            sn_credit_freed(shard, actor, envelope);
        int rc = handle(shard, actor, envelope, record + sizeof size);
        if (!count_record(shard, actor, envelope, rc))
            return rc;
        envelope->flags &= SN_FLAG_FAILURE - 1;
        batch->next += (uint32_t)(sizeof size + size);
        if (--batch->count == 0) {
            end_batch(shard, actor, envelope);
            return rc;
        }
        if (rc != 0)
            return rc;
    } while (--*budget > 0 && (actor->ready & higher) == 0);
    return 0;
}

static int run_next(struct sn_shard *shard, struct sn_actor *actor, unsigned lane, int *budget)
{
    struct sn_envelope *envelope = sn_mailbox_first(actor, lane);

    if (envelope->kind == SN_ENVELOPE_BATCH)
        return run_batch(shard, actor, envelope, budget);
    sn_mailbox_pop(actor, lane);
    switch (envelope->kind) {
    case SN_ENVELOPE_MESSAGE:
        return run_message(shard, actor, envelope);
    case SN_ENVELOPE_REPLY:
        return sn_ask_run(shard, actor, envelope);
    default:
        return sn_timer_run(shard, actor, envelope);
    }
}

void sn_turn_run(struct sn_shard *shard, struct sn_actor *actor)
{
    if (actor->phase == SN_ACTOR_ABSENT)
        return;
    for (int budget = shard->messages_a_turn; budget > 0; budget--) {
        unsigned lane = sn_mailbox_next_lane(actor);

        if (lane == SN_LANES)
            break;
        int rc = run_next(shard, actor, lane, &budget);
        if (__builtin_expect(rc != 0, 0)) {
            sn_lifecycle_exit(shard, actor, rc);
            return;
        }
    }
    if (actor->phase == SN_ACTOR_DRAINING)
        sn_lifecycle_drained(shard, actor);
    sn_shard_schedule(shard, actor);
}
