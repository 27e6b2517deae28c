/* SPDX-License-Identifier: MIT */
/*
 * Incarnations: what the root orders, and how an actor ends.
 *
 * The tree on shard 0 decides (supervise/); here its orders are carried out, always between two
 * handlers, and its questions answered. Orders and reports are notices that belong to the member,
 * one for each purpose, so supervision needs no memory and cannot fail.
 *
 *     START  zeroed state, init; STARTED, START_FAILED or IGNORED is the answer
 *     STOP   for good: no new messages, handle what is queued, then end; EXITED
 *            for a restart or a give-up: end now, keep the queue; EXITED
 *     KILL   end now; EXITED
 *     GONE   it will not come back: dead-letter the queue, retire the reference
 *
 * At the end of an incarnation its timers, its arena, its names, its watches and its own asks go
 * (but those that survive), its unanswered tokens are failed, who watches it is told; the mailbox
 * and the reference stay until GONE.
 */
#include "shard/shard.h"

#include <errno.h>
#include <string.h>

static void report(struct sn_shard *shard, struct sn_actor *actor, enum sn_notice_kind kind,
                   struct sn_exit how)
{
    if (actor->life != SN_LIFE_NONE) {
        sn_member_report(shard, actor, kind, how);
        return;
    }
    struct sn_notice *notice =
        &actor->notices[kind == SN_NOTICE_EXITED ? SN_MEMBER_EXIT : SN_MEMBER_ANSWER];

    notice->kind = (uint8_t)kind;
    notice->incarnation = actor->incarnation;
    notice->exit = how;
    sn_inbox_post(&shard->world->shards[0]->inbox, &notice->envelope);
}

void sn_lifecycle_finish(struct sn_shard *shard, struct sn_actor *actor)
{
    struct sn_ending ending = shard->ending;

    sn_clean_ups_run(shard, actor);
    if (actor->type->fini != NULL)
        actor->type->fini(sn_actor_self(actor));
    sn_timers_end(shard, actor);
    sn_asks_end(shard, actor, false);
    sn_tokens_end(shard, actor);
    if (!SN_PLANTED(arena_leaked))
        sn_arena_end(&actor->arena, &shard->blocks);
    actor->phase = SN_ACTOR_ABSENT;
    sn_mailbox_update_open(actor);
    /* A wish to be left out is no failure that others share. */
    sn_watches_end(shard, actor, ending.how.code,
                   ending.how.kind == SN_EXIT_FAILED && ending.kind != SN_NOTICE_IGNORED);
    report(shard, actor, (enum sn_notice_kind)ending.kind, ending.how);
}

/* The shutdown hook and all that follows on it. Both can be left by sn_fail(), so what is to be
 * reported at the end is kept with the shard, and nothing of the callers follows on this. */
static void end_incarnation(struct sn_shard *shard, struct sn_actor *actor, int why,
                            enum sn_notice_kind kind, struct sn_exit how)
{
    const struct sn_worker_type *type = actor->type;
    bool initialised = actor->initialised;

    shard->ending = (struct sn_ending){how, (uint8_t)kind};
    actor->initialised = false;
    if (initialised && type->shutdown != NULL) {
        sn_turn_begin(shard, actor, NULL);
        shard->turn.hook = SN_HOOK_SHUTDOWN;
        sn_trail_note(shard, actor, sn_hook_what(SN_HOOK_SHUTDOWN));
        type->shutdown(sn_actor_self(actor), why);
        sn_turn_end(shard, 0);
        shard->turn.hook = SN_HOOK_NONE;
    }
    sn_lifecycle_finish(shard, actor);
}

void sn_lifecycle_end(struct sn_shard *shard, struct sn_actor *actor, int why,
                      enum sn_exit_kind kind)
{
    end_incarnation(shard, actor, why, SN_NOTICE_EXITED, (struct sn_exit){kind, why});
}

void sn_lifecycle_exit(struct sn_shard *shard, struct sn_actor *actor, int why)
{
    if (why != SN_STOP)
        sn_shard_log(shard, SN_LOG_FAILURES, SN_LOG_WARNING, "%s[%u] failed: %s (%d)",
                     shard->world->pools[actor->pool].type->name, actor->index, sn_result_name(why),
                     why);
    sn_lifecycle_end(shard, actor, why, why == SN_STOP ? SN_EXIT_NORMAL : SN_EXIT_FAILED);
}

void sn_lifecycle_dismiss(struct sn_shard *shard, struct sn_actor *actor, int why)
{
    if (why == SN_SHUTDOWN)
        sn_lifecycle_end(shard, actor, why, SN_EXIT_SHUTDOWN);
    else
        sn_lifecycle_exit(shard, actor, why);
}

static bool is_drained(const struct sn_actor *actor)
{
    return actor->lanes[SN_LANE_REPLY] == NULL && actor->lanes[SN_LANE_REQUEST] == NULL &&
           actor->lanes[SN_LANE_TELEMETRY] == NULL && actor->asks == NULL &&
           actor->outbox_first == NULL;
}

/* Whether all places of the mailbox are free: what was accepted before the stop may still be on
 * its way, and its place says so. If not, ask to be woken when one comes back. */
static bool has_all_places(struct sn_shard *shard, struct sn_actor *actor)
{
    int32_t capacity = (int32_t)shard->world->pools[actor->pool].capacity;

    for (int attempt = 0; attempt < 2; attempt++) {
        /* Sequentially consistent, as C1 in credit.c. */
        int32_t credits = atomic_load_explicit(&actor->slot->credits, memory_order_seq_cst);

        if (credits + actor->credits + actor->owed >= capacity)
            return true;
        if (attempt == 0)
            sn_slot_await(shard, actor->slot);
    }
    return false;
}

bool sn_lifecycle_drained(struct sn_shard *shard, struct sn_actor *actor)
{
    if (!is_drained(actor) || !has_all_places(shard, actor) ||
        (sn_actor_is_keeper(actor) && !sn_nursery_is_empty(shard, actor)))
        return false;
    sn_lifecycle_end(shard, actor, SN_SHUTDOWN, SN_EXIT_SHUTDOWN);
    return true;
}

static void reset_fields(struct sn_actor *actor, bool restored)
{
    const struct sn_worker_type *type = actor->type;
    char *self = sn_actor_self(actor);

    memset(self + type->state_offset, 0, type->state_size);
    if (!restored)
        memset(self + type->retain_offset, 0, type->retain_size);
    if (type->args_size > 0 && actor->args != NULL)
        memcpy(self + type->args_offset, actor->args, type->args_size);
}

/* A reference that was retired is not used again: the actor gets the next generation. Returns
 * false if there is none. */
static bool renew_reference(struct sn_shard *shard, struct sn_actor *actor)
{
    struct sn_pool *pool = &shard->world->pools[actor->pool];
    /* Relaxed: written by this shard only. */
    uint32_t generation = atomic_load_explicit(&actor->slot->generation, memory_order_relaxed);

    if (generation == sn_ref_generation(actor->ref))
        return true;
    if (generation == SN_GENERATION_LAST)
        return false;
    actor->ref = sn_ref_make(shard->index, sn_ref_slot(actor->ref), generation);
    actor->retired = false;
    /* Relaxed: senders that still see the old one are answered SN_GONE. */
    atomic_store_explicit(&pool->members[actor->index], actor->ref.value, memory_order_relaxed);
    return true;
}

static int run_init(struct sn_shard *shard, struct sn_actor *actor, bool restored)
{
    int rc = 0;

    sn_turn_begin(shard, actor, NULL);
    shard->turn.hook = SN_HOOK_INIT;
    sn_trail_note(shard, actor, sn_hook_what(SN_HOOK_INIT));
    if (actor->type->init != NULL)
        rc = actor->type->init(sn_actor_self(actor), restored);
    rc = sn_turn_end(shard, rc);
    shard->turn.hook = SN_HOOK_NONE;
    return rc;
}

static void start(struct sn_shard *shard, const struct sn_notice *notice)
{
    struct sn_actor *actor = notice->actor;

    actor->incarnation = notice->incarnation;
    if (!renew_reference(shard, actor)) {
        report(shard, actor, SN_NOTICE_START_FAILED, (struct sn_exit){SN_EXIT_FAILED, -EOVERFLOW});
        return;
    }
    /* Relaxed: senders look at it without an order. */
    atomic_store_explicit(&actor->slot->closed, 0, memory_order_relaxed);
    sn_lifecycle_begin(shard, actor, notice->restored, false);
}

void sn_lifecycle_begin(struct sn_shard *shard, struct sn_actor *actor, bool restored,
                        bool draining)
{
    actor->told_bound = false;
    actor->phase = draining ? SN_ACTOR_DRAINING : SN_ACTOR_RUNNING;
    sn_mailbox_update_open(actor);
    reset_fields(actor, restored);
    sn_lifecycle_init_ended(shard, actor, run_init(shard, actor, restored));
}

void sn_lifecycle_init_ended(struct sn_shard *shard, struct sn_actor *actor, int rc)
{
    if (rc != 0 && rc != SN_STOP) {
        end_incarnation(shard, actor, rc,
                        rc == SN_IGNORE ? SN_NOTICE_IGNORED : SN_NOTICE_START_FAILED,
                        (struct sn_exit){SN_EXIT_FAILED, rc});
        return;
    }
    actor->initialised = true;
    sn_timers_begin(shard, actor);
    report(shard, actor, SN_NOTICE_STARTED, (struct sn_exit){SN_EXIT_NORMAL, 0});
    if (rc == SN_STOP)
        sn_lifecycle_exit(shard, actor, SN_STOP);
    else
        sn_shard_schedule(shard, actor);
}

static void stop(struct sn_shard *shard, const struct sn_notice *notice)
{
    struct sn_actor *actor = notice->actor;

    if (notice->why != SN_STOP_SHUTDOWN) {
        sn_lifecycle_end(shard, actor, SN_SHUTDOWN, SN_EXIT_SHUTDOWN);
        return;
    }
    sn_lifecycle_drain(shard, actor);
    sn_shard_schedule(shard, actor);
    if (!sn_lifecycle_drained(shard, actor))
        sn_outbox_watch(shard, actor);
}

/* The members of a keeper end first, each in a turn of its own. */
static void stop_keeper(struct sn_shard *shard, struct sn_actor *keeper, bool kill, int reason)
{
    sn_nursery_close(shard, keeper, kill, reason);
    sn_lifecycle_drain(shard, keeper);
    sn_shard_schedule(shard, keeper);
    if (!sn_lifecycle_drained(shard, keeper))
        sn_outbox_watch(shard, keeper);
}

void sn_lifecycle_drain(struct sn_shard *shard, struct sn_actor *actor)
{
    /* Sequentially consistent, as C2 in credit.c: who has registered for room is woken by the next
     * line, and who registers later sees it (sn_port_wait_for_room()). */
    atomic_store_explicit(&actor->slot->closed, 1, memory_order_seq_cst);
    sn_credits_return(shard, true); /* no place of it is held from now on */
    sn_slot_return(shard->world, actor->slot, 0, 0);
    actor->phase = SN_ACTOR_DRAINING;
    actor->paused = false;
    sn_mailbox_update_open(actor);
}

static void dead_letter_lane(struct sn_shard *shard, struct sn_actor *actor, unsigned lane)
{
    while (actor->lanes[lane] != NULL) {
        struct sn_envelope *envelope = sn_mailbox_pop(actor, lane);
        bool failed = sn_envelope_failures(envelope) > 0;
        size_t size = sn_block_size(envelope->size_class, envelope);
        /* One that failed before has given its place back already, and its bytes too, but those of
         * a batch belong to all that is left of it. */
        bool bytes = actor->slot->bounded_bytes && (!failed || envelope->kind == SN_ENVELOPE_BATCH);

        sn_slot_return(shard->world, actor->slot,
                       (int32_t)sn_envelope_count(envelope) - (failed ? 1 : 0),
                       bytes ? (int64_t)size : 0);
        sn_dead_letter(shard, envelope, SN_SHUTDOWN);
    }
}

void sn_lifecycle_retire(struct sn_shard *shard, struct sn_actor *actor)
{
    uint32_t generation = sn_ref_generation(actor->ref);

    /* Sequentially consistent: see stop(). */
    atomic_store_explicit(&actor->slot->closed, 1, memory_order_seq_cst);
    if (!SN_PLANTED(generation_not_bumped)) {
        /* Relaxed: see start(). */
        atomic_store_explicit(&actor->slot->generation, generation + 1, memory_order_relaxed);
        actor->retired = true;
    }
    /* No place of it is held from now on; those of a record stay with it, for the next member. */
    if (actor->life == SN_LIFE_NONE)
        sn_credits_return(shard, true);
    sn_slot_return(shard->world, actor->slot, 0, 0);
    sn_asks_end(shard, actor, true);
    sn_outbox_clear(shard, actor);
    sn_watchers_tell(shard, actor, SN_GONE, true);
    dead_letter_lane(shard, actor, SN_LANE_REQUEST);
    dead_letter_lane(shard, actor, SN_LANE_TELEMETRY);
    actor->paused = false;
    sn_mailbox_update_open(actor);
}

static void obey(struct sn_shard *shard, const struct sn_notice *notice)
{
    struct sn_actor *actor = notice->actor;
    bool current = actor->incarnation == notice->incarnation && actor->phase != SN_ACTOR_ABSENT;

    switch (notice->kind) {
    case SN_NOTICE_START:
        start(shard, notice);
        break;
    case SN_NOTICE_STOP:
        if (current && sn_actor_is_keeper(actor))
            stop_keeper(shard, actor, notice->why != SN_STOP_SHUTDOWN, SN_SHUTDOWN);
        else if (current)
            stop(shard, notice);
        break;
    case SN_NOTICE_KILL:
        if (current && sn_actor_is_keeper(actor))
            stop_keeper(shard, actor, true, SN_KILLED);
        else if (current)
            sn_lifecycle_end(shard, actor, SN_KILLED, SN_EXIT_KILLED);
        break;
    default:
        sn_lifecycle_retire(shard, actor);
        break;
    }
}

void sn_lifecycle_notice(struct sn_shard *shard, struct sn_notice *notice)
{
    if (notice->kind >= SN_NOTICE_STARTED) {
        shard->world->root->report(shard->world->root, notice);
        return;
    }
    struct sn_notice order = {.actor = notice->actor,
                              .deadline_ns = notice->deadline_ns,
                              .incarnation = notice->incarnation,
                              .kind = notice->kind,
                              .why = notice->why,
                              .restored = notice->restored};
    /* Release, pairs with the root's acquire: the order was read, the notice is free again. */
    atomic_store_explicit(&notice->busy, false, memory_order_release);
    obey(shard, &order);
}
