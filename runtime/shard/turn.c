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

void sn_turn_prepare(struct sn_shard *shard, const struct sn_actor *actor)
{
    const struct sn_worker_type *type = actor->type;

    if (type->retain_size > 0)
        memcpy(shard->retain,
               (const char *)sn_actor_self((struct sn_actor *)actor) + type->retain_offset,
               type->retain_size);
    if (type->slow_after_ns > 0)
        shard->turn.begin_ns = sn_clock_now(shard->world->clock);
    shard->turn.touched = true;
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
        what = sn_envelope_name(shard->world->package, envelope);
    sn_count(&shard->counters.slow, 1);
    sn_shard_log(shard, SN_LOG_SLOW, SN_LOG_WARNING, "%s[%u] took %llu us for %s",
                 shard->world->pools[actor->pool].type->name, actor->index,
                 (unsigned long long)(took_ns / SN_US), what);
}

/* The effects of a failed handler, and what it did to the retained fields. */
static void undo(struct sn_shard *shard, struct sn_actor *actor)
{
    sn_tokens_discard(shard);
    sn_discard(shard);
    if (shard->turn.spawned != NULL)
        sn_spawned_discard(shard);
    if (actor->type->retain_size > 0 && !SN_PLANTED(retain_not_restored))
        memcpy((char *)sn_actor_self(actor) + actor->type->retain_offset, shard->retain,
               actor->type->retain_size);
}

int sn_turn_settle(struct sn_shard *shard, int rc)
{
    struct sn_turn *turn = &shard->turn;

    if (shard->world->stepper != NULL)
        rc = shard->world->stepper->after(shard->world->stepper, shard, rc);
    if (turn->actor->type->slow_after_ns > 0)
        report_slow(shard, turn->actor);
    if (turn->scratch != NULL)
        sn_scratch_end(shard);
    if (rc != 0 && rc != SN_STOP && !SN_PLANTED(effects_of_failure)) {
        undo(shard, turn->actor);
    } else {
        sn_tokens_commit(shard);
        if (turn->envelope != NULL && turn->envelope->kind == SN_ENVELOPE_LETTER)
            sn_letter_mark(turn);
        if (turn->spawned != NULL)
            sn_spawned_commit(shard);
        sn_commit(shard);
    }
    turn->parked = 0;
    turn->touched = false;
    return rc;
}

/* Whether a failed message is to be handled again by the next incarnation. */
static bool is_retried(const struct sn_shard *shard, const struct sn_actor *actor,
                       struct sn_envelope *envelope)
{
    uint32_t poison_after = shard->world->pools[actor->pool].type->poison_after;

    /* The flags count up to SN_FAILURES_MAX; a larger poison_after ends there. */
    if (sn_envelope_failures(envelope) + !SN_PLANTED(poison_off_by_one) >= poison_after ||
        sn_envelope_failures(envelope) == SN_FAILURES_MAX)
        return false;
    envelope->flags += SN_FLAG_FAILURE;
    return true;
}

/* Run the user's handler for one message. */
static inline int handle(struct sn_shard *shard, struct sn_actor *actor,
                         struct sn_envelope *envelope, const void *payload)
{
    sn_turn_begin(shard, actor, envelope);
    return sn_turn_end(shard, actor->type->handle(sn_actor_self(actor), envelope, payload));
}

/* A request that nobody has taken charge of is answered here. */
static void end_request(struct sn_shard *shard, struct sn_envelope *envelope)
{
    bool done = shard->turn.answered || shard->turn.deferred;

    shard->turn.answered = shard->turn.deferred = false;
    if (done)
        sn_shard_free(shard, envelope);
    else
        sn_refuse_envelope(shard, envelope, SN_UNANSWERED);
}

/* A message whose handler failed. */
SN_SELDOM static void end_failed(struct sn_shard *shard, struct sn_actor *actor,
                                 struct sn_envelope *envelope)
{
    shard->turn.answered = shard->turn.deferred = false;
    if (is_retried(shard, actor, envelope)) {
        sn_mailbox_push_front(actor, envelope);
        return;
    }
    /* First the letters, then the end, so that there is no rest in between. */
    sn_dead_letter_notify(shard, envelope, SN_FAILED);
    sn_count_end(shard, envelope, &shard->counters.failed);
    sn_refuse_envelope(shard, envelope, SN_FAILED);
}

/* Its place, and its bytes, are free as soon as its handler begins; a message that failed before
 * has given them back then. */
static void leave_mailbox(struct sn_shard *shard, struct sn_actor *actor,
                          const struct sn_envelope *envelope)
{
    if (sn_envelope_failures(envelope) > 0)
        return;
    sn_credit_freed(shard, actor, envelope);
    if (actor->bounded && !SN_PLANTED(bytes_leaked))
        sn_slot_return(shard->world, actor->slot, 0,
                       (int64_t)sn_block_size(envelope->size_class, envelope));
}

/* Who asked has its own clock, and completes its ask by it. */
SN_SELDOM static void expire(struct sn_shard *shard, struct sn_envelope *envelope)
{
    sn_count_end(shard, envelope, &shard->counters.expired);
    if (SN_PLANTED(double_free))
        sn_shard_free(shard, envelope);
    sn_shard_free(shard, envelope);
}

/* @handled  what counts it when it was. */
static inline int run_message(struct sn_shard *shard, struct sn_actor *actor,
                              struct sn_envelope *envelope, _Atomic(uint64_t) *handled)
{
    bool local = envelope->owner == shard->index;

    if (__builtin_expect(local && actor->holding && sn_envelope_is_plain(envelope), 1))
        actor->credits++;
    else
        leave_mailbox(shard, actor, envelope);
    if (__builtin_expect(envelope->deadline_ns <= shard->now_ns, 0) &&
        !SN_PLANTED(expired_handled)) {
        expire(shard, envelope);
        return 0;
    }
    int rc = handle(shard, actor, envelope, sn_envelope_payload(envelope));
    if (__builtin_expect(rc != 0 && rc != SN_STOP, 0)) {
        end_failed(shard, actor, envelope);
        return rc;
    }
    sn_count(handled, 1);
    if (__builtin_expect(envelope->token.value != 0, 0))
        end_request(shard, envelope);
    else if (__builtin_expect(envelope->owner == shard->index, 1))
        sn_block_free(&shard->blocks, envelope->size_class, envelope);
    else
        sn_shard_free(shard, envelope);
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
    sn_dead_letter_notify(shard, envelope, SN_FAILED);
    sn_count(&shard->counters.failed, 1);
    return true;
}

SN_SELDOM static void end_batch(struct sn_shard *shard, struct sn_actor *actor,
                                struct sn_envelope *envelope)
{
    sn_mailbox_pop(actor, envelope->lane);
    if (actor->bounded)
        sn_slot_return(shard->world, actor->slot, 0,
                       (int64_t)sn_block_size(envelope->size_class, envelope));
    sn_shard_free(shard, envelope);
}

/* The payload of the record that is next in a batch. */
static char *record_of(struct sn_batch *batch, uint64_t *ret_size)
{
    char *record = (char *)(batch + 1) + batch->next;

    memcpy(ret_size, record, sizeof *ret_size);
    return record + sizeof *ret_size;
}

/* Returns whether the batch goes on. */
static bool end_record(struct sn_shard *shard, struct sn_actor *actor, struct sn_envelope *envelope,
                       int rc)
{
    struct sn_batch *batch = sn_envelope_payload(envelope);
    uint64_t size;

    if (!count_record(shard, actor, envelope, rc))
        return false;
    envelope->flags &= SN_FLAG_FAILURE - 1;
    record_of(batch, &size);
    batch->next += (uint32_t)(sizeof size + size);
    if (--batch->count > 0)
        return rc == 0;
    end_batch(shard, actor, envelope);
    return false;
}

void sn_turn_message_failed(struct sn_shard *shard, struct sn_actor *actor,
                            struct sn_envelope *envelope, int rc)
{
    if (envelope->kind == SN_ENVELOPE_BATCH)
        end_record(shard, actor, envelope, rc);
    else
        end_failed(shard, actor, envelope);
}

/* Records of a batch, while nothing more urgent waits; it stays the oldest of its lane until the
 * last of them. */
__attribute__((noinline)) static int run_batch(struct sn_shard *shard, struct sn_actor *actor,
                                               struct sn_envelope *envelope, int *budget)
{
    struct sn_batch *batch = sn_envelope_payload(envelope);
    unsigned higher = (1u << envelope->lane) - 1;

    do {
        uint64_t size;
        const char *payload = record_of(batch, &size);

        if (sn_envelope_failures(envelope) == 0)
            sn_credit_freed(shard, actor, envelope);
        int rc = handle(shard, actor, envelope, payload);
        if (!end_record(shard, actor, envelope, rc))
            return rc;
    } while (--*budget > 0 && (actor->ready & higher) == 0);
    return 0;
}

/* What is no message, or not its first try. */
__attribute__((noinline)) static int run_other(struct sn_shard *shard, struct sn_actor *actor,
                                               unsigned lane, int *budget)
{
    struct sn_envelope *envelope = sn_mailbox_first(actor, lane);

    if (envelope->kind == SN_ENVELOPE_BATCH)
        return run_batch(shard, actor, envelope, budget);
    sn_mailbox_pop(actor, lane);
    if (envelope->kind == SN_ENVELOPE_ECHO)
        return run_message(shard, actor, envelope, &shard->counters.handled);
    if (envelope->kind == SN_ENVELOPE_AGAIN)
        return run_message(shard, actor, envelope, &shard->counters.events_ended);
    if (envelope->kind == SN_ENVELOPE_DOWN)
        return sn_watch_run(shard, actor, envelope);
    if (envelope->kind == SN_ENVELOPE_LETTER)
        return sn_letter_run(shard, actor, envelope);
    return envelope->kind == SN_ENVELOPE_REPLY ? sn_ask_run(shard, actor, envelope)
                                               : sn_timer_run(shard, actor, envelope);
}

/* Handle messages as long as there are some that may run. Returns why the incarnation ends, or 0.
 */
static inline int run_messages(struct sn_shard *shard, struct sn_actor *actor)
{
    int budget = shard->messages_a_turn;

    while (sn_mailbox_is_ready(actor)) {
        unsigned lane = sn_mailbox_next_lane(actor);
        int rc, rest = budget;

        if (__builtin_expect(sn_mailbox_first(actor, lane)->kind == SN_ENVELOPE_MESSAGE, 1))
            rc = run_message(shard, actor, sn_mailbox_pop(actor, lane), &shard->counters.handled);
        else
            rc = run_other(shard, actor, lane, &rest);
        if (__builtin_expect(rc != 0, 0))
            return rc;
        budget = rest - 1;
        if (budget <= 0)
            break;
    }
    return 0;
}

void sn_turn_over(struct sn_shard *shard, struct sn_actor *actor)
{
    shard->running = NULL;
    actor->scheduled = false;
    sn_shard_schedule(shard, actor);
}

/* Of an actor that ends, begins, or is about to end. */
SN_SELDOM static void end_last_turn(struct sn_shard *shard, struct sn_actor *actor, int rc)
{
    if (rc != 0)
        sn_lifecycle_exit(shard, actor, rc);
    else if (actor->life != SN_LIFE_NONE)
        sn_member_turn(shard, actor);
    else if (actor->phase == SN_ACTOR_DRAINING)
        sn_lifecycle_drained(shard, actor);
    sn_turn_over(shard, actor);
    sn_member_release(shard, actor);
}

static inline void end_turn(struct sn_shard *shard, struct sn_actor *actor, int rc)
{
    if (__builtin_expect(rc != 0 || actor->phase != SN_ACTOR_RUNNING, 0))
        end_last_turn(shard, actor, rc);
    else
        sn_turn_over(shard, actor);
}

bool sn_turns_run(struct sn_shard *shard)
{
    struct sn_actor *actor = shard->run_first;
    uint32_t left = shard->turns_a_pass;

    if (actor == NULL)
        return false;
    sn_trail_work(shard);
    do {
        shard->run_first = actor->run_next;
        if (shard->run_first == NULL)
            shard->run_end = &shard->run_first;
        shard->running = actor;
        end_turn(shard, actor, run_messages(shard, actor));
        actor = shard->run_first;
    } while (actor != NULL && --left > 0);
    sn_trail_work(shard);
    return true;
}
