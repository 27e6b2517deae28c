/* SPDX-License-Identifier: MIT */
/*
 * sn_fail(): a handler's end from any depth of its calls.
 *
 * There is one unwinding point a shard, taken once below the loop of its thread (loop.c), so a
 * message pays nothing for it: all that a turn keeps for this case is what it keeps anyway, in
 * `struct sn_turn`. The other side of the bargain is that whatever stands on the stack between a
 * handler and the loop is lost. Two rules make that safe:
 *
 *   - The runtime calls code of the user's from a few places only (messages, completions, firings,
 *     init, shutdown, clean-ups), and there all its own lists are whole: what is being handled has
 *     left its queue, and notices and runnable actors are taken one at a time.
 *   - What follows on such a call is a function of its own that finds everything in the turn, so
 *     that it can be reached from here as well.
 *
 * The jump leaves the frames of handlers and of what they called, never one of the runtime's that
 * holds something. setjmp() does not save the signal mask; handlers must leave it alone.
 */
#include "shard/shard.h"

/* Which shard this thread runs: a thread of a user's must not unwind the stack of another. It is
 * per thread, not per system, because a stack is. */
static _Thread_local struct sn_shard *entered;

struct sn_shard *sn_shard_enter(struct sn_shard *shard)
{
    struct sn_shard *before = entered;

    entered = shard;
    return before;
}

static _Noreturn void unwind(struct sn_actor *actor, int reason)
{
    struct sn_shard *shard = actor->shard;

    /* Only what the runtime has called for this actor can be unwound to the runtime. */
    SN_ASSERT(entered == shard);
    SN_ASSERT(shard->turn.actor == actor);
    shard->turn.failure = reason;
    longjmp(shard->unwind, 1);
}

_Noreturn void sn_fail(struct sn_actor *actor, int reason)
{
    bool is_failure = reason != 0 && reason != SN_STOP && reason != SN_IGNORE;

    unwind(actor, is_failure ? reason : SN_FAILED);
}

_Noreturn void sn_fail_assertion(struct sn_actor *actor, const char *condition, const char *file,
                                 int line)
{
    const struct sn_world *world = actor->shard->world;

    sn_shard_log(actor->shard, SN_LOG_FAILURES, SN_LOG_WARNING,
                 "%s[%u]: assertion failed at %s:%d: %s", world->pools[actor->pool].type->name,
                 actor->index, file, line, condition);
    unwind(actor, SN_FAILED_ASSERTION);
}

/* What follows on a message, completion or firing that has failed. */
static void end_handler(struct sn_shard *shard, struct sn_actor *actor, int rc)
{
    struct sn_envelope *envelope = shard->turn.envelope;

    if (envelope == NULL)
        sn_ask_ended(shard, shard->turn.completion);
    else if (envelope->kind == SN_ENVELOPE_TIMER)
        sn_count(&shard->counters.events_ended, 1);
    else if (envelope->kind == SN_ENVELOPE_DOWN)
        sn_watch_ended(shard, envelope);
    else if (envelope->kind == SN_ENVELOPE_LETTER)
        sn_letter_ended(shard, envelope, rc);
    else
        sn_turn_message_failed(shard, actor, envelope, rc);
    sn_lifecycle_exit(shard, actor, rc);
}

void sn_turn_unwound(struct sn_shard *shard)
{
    struct sn_actor *actor = shard->turn.actor;
    int rc = sn_turn_settle(shard, shard->turn.failure);
    unsigned hook = shard->turn.hook;

    shard->turn.hook = SN_HOOK_NONE;
    actor->initialised = false; /* it is in no state to run its shutdown hook */
    switch (hook) {
    case SN_HOOK_NONE:
        end_handler(shard, actor, rc);
        break;
    case SN_HOOK_INIT:
        sn_lifecycle_init_ended(shard, actor, rc);
        break;
    default:
        sn_lifecycle_finish(shard, actor);
        break;
    }
    struct sn_actor *running = shard->running;
    if (running != NULL) {
        sn_turn_over(shard, running);
        sn_member_release(shard, running);
    }
    sn_trail_work(shard); /* which the end of the turn would have done */
}
