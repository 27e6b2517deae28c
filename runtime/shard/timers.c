/* SPDX-License-Identifier: MIT */
/*
 * Timers of actors, and what the wheel fires.
 *
 * A firing is a message to oneself, in the control lane, in an envelope that is part of the
 * timer; so it is never lost, needs no memory and runs as an ordinary atomic handler. A periodic
 * timer's next deadline is its last one plus the period. If the actor is slower than its period,
 * the periods that ended are counted and handled one by one: none is skipped, and none drifts.
 */
#include "shard/shard.h"

#include <errno.h>
#include <stddef.h>

static void queue_firing(struct sn_shard *shard, struct sn_actor_timer *timer)
{
    struct sn_actor *actor = timer->actor;

    timer->queued = true;
    timer->firing.target = actor->ref;
    timer->firing.source = actor->ref;
    timer->firing.sent_ns = timer->timer.deadline_ns;
    timer->firing.deadline_ns = UINT64_MAX;
    sn_count(&shard->counters.events_begun, 1);
    sn_shard_post(shard, actor, &timer->firing);
}

static void fire(struct sn_shard *shard, struct sn_actor_timer *timer)
{
    const struct sn_timer_type *type = &timer->actor->type->timers[timer->firing.message];

    if (!timer->queued)
        queue_firing(shard, timer);
    else if (timer->firing.flags & SN_FLAG_CANCELLED)
        timer->firing.flags &= (uint8_t)~SN_FLAG_CANCELLED;
    else
        timer->backlog++;
    if (type->every)
        sn_wheel_arm(&shard->wheel, &timer->timer, timer->timer.deadline_ns + type->delay_ns);
}

void sn_timers_expire(struct sn_shard *shard)
{
    struct sn_timer *timer;

    if (shard->wheel.armed == 0)
        return;
    while ((timer = sn_wheel_expire(&shard->wheel, shard->now_ns)) != NULL) {
        switch (timer->kind) {
        case SN_TIMER_ACTOR:
            fire(shard,
                 (struct sn_actor_timer *)((char *)timer - offsetof(struct sn_actor_timer, timer)));
            break;
        case SN_TIMER_ASK:
            sn_ask_expire(shard, (struct sn_ask *)((char *)timer - offsetof(struct sn_ask, timer)));
            break;
        case SN_TIMER_AGAIN:
            sn_guard_ask_again(shard, timer);
            break;
        case SN_TIMER_WAKE:
            break;
        default:
            shard->world->root->timer(shard->world->root);
            break;
        }
    }
}

static uint64_t deadline_ns(const struct sn_shard *shard, uint64_t delay_ns)
{
    return delay_ns < UINT64_MAX - shard->now_ns ? shard->now_ns + delay_ns : UINT64_MAX;
}

/* Not armed, and a firing that is queued does not run. */
static void cancel(struct sn_shard *shard, struct sn_actor_timer *timer)
{
    sn_wheel_cancel(&shard->wheel, &timer->timer);
    timer->backlog = 0;
    if (timer->queued && !SN_PLANTED(timer_after_cancel))
        timer->firing.flags |= SN_FLAG_CANCELLED;
}

void sn_timers_begin(struct sn_shard *shard, struct sn_actor *actor)
{
    const struct sn_worker_type *type = actor->type;

    for (uint16_t i = 0; i < type->timer_count; i++)
        if (type->timers[i].every && !sn_timer_is_armed(&actor->timers[i].timer))
            sn_wheel_arm(&shard->wheel, &actor->timers[i].timer,
                         deadline_ns(shard, type->timers[i].delay_ns));
}

void sn_timers_end(struct sn_shard *shard, struct sn_actor *actor)
{
    /* Nothing but firings is ever in the control lane. */
    actor->lanes[SN_LANE_CONTROL] = NULL;
    actor->ready &= (uint8_t) ~(1u << SN_LANE_CONTROL);
    for (uint16_t i = 0; i < actor->type->timer_count; i++) {
        struct sn_actor_timer *timer = &actor->timers[i];

        sn_wheel_cancel(&shard->wheel, &timer->timer);
        if (timer->queued)
            sn_count(&shard->counters.events_ended, 1);
        timer->backlog = 0;
        timer->queued = false;
        timer->firing.flags &= (uint8_t)~SN_FLAG_CANCELLED;
    }
}

int sn_timer_run(struct sn_shard *shard, struct sn_actor *actor, struct sn_envelope *firing)
{
    struct sn_actor_timer *timer = &actor->timers[firing->message];

    timer->queued = false;
    if (firing->flags & SN_FLAG_CANCELLED) {
        firing->flags &= (uint8_t)~SN_FLAG_CANCELLED;
        sn_count(&shard->counters.events_ended, 1);
        return 0;
    }
    sn_turn_begin(shard, actor, firing);
    int rc = sn_turn_end(shard, actor->type->tick(sn_actor_self(actor), firing->message));
    if (rc == 0 && timer->backlog > 0 && !timer->queued) {
        timer->backlog--;
        queue_firing(shard, timer);
    }
    sn_count(&shard->counters.events_ended, 1);
    return rc;
}

static int stage_effect(struct sn_actor *actor, uint16_t timer, uint8_t kind, uint64_t delay_ns)
{
    struct sn_envelope *effect = sn_shard_alloc(actor->shard, 0);

    if (effect == NULL)
        return -ENOMEM;
    effect->kind = kind;
    effect->message = timer;
    effect->deadline_ns = delay_ns;
    sn_stage(actor->shard, effect);
    return 0;
}

int sn_actor_start_timer(struct sn_actor *actor, uint16_t timer, uint64_t delay_ns)
{
    return stage_effect(actor, timer, SN_ENVELOPE_START_TIMER, delay_ns);
}

int sn_actor_cancel_timer(struct sn_actor *actor, uint16_t timer)
{
    return stage_effect(actor, timer, SN_ENVELOPE_CANCEL_TIMER, 0);
}

void sn_timer_commit(struct sn_shard *shard, struct sn_actor *actor,
                     const struct sn_envelope *effect)
{
    struct sn_actor_timer *timer = &actor->timers[effect->message];

    cancel(shard, timer);
    if (effect->kind == SN_ENVELOPE_START_TIMER)
        sn_wheel_arm(&shard->wheel, &timer->timer, deadline_ns(shard, effect->deadline_ns));
}
