/* SPDX-License-Identifier: MIT */

/*
 * One instance: its states, and what each answer of the outside does to them.
 *
 *                 start                started             exited by itself
 *      DOWN ----------------> STARTING --------> UP ----------------------> judged, or ENDED
 *       ^  \                     |  stop, kill    |  stop, kill
 *       |   \  start             v                v
 *       |    WAITING <------- STOPPING <----------+
 *       |       with its group   |
 *       +------------------------+ for good
 *
 * Whatever the outside answers while an instance is STOPPING ends it, except STARTED, which only
 * crossed the STOP on its way: an end follows.
 */

#include "supervise/tree.h"

bool sn_instance_live(const struct sn_instance *instance)
{
    return instance->state >= SN_INSTANCE_STARTING && instance->state <= SN_INSTANCE_STOPPING;
}

void sn_instance_set(struct sn_instance *instance, enum sn_instance_state state)
{
    struct sn_position *position = instance->position;
    struct sn_supervisor *owner = position->owner;
    struct sn_deadlines *deadlines = &owner->tree->deadlines;

    position->live -= sn_instance_live(instance);
    position->starting -= instance->state == SN_INSTANCE_STARTING;
    if (position->spec->significant)
        owner->significant -= instance->state != SN_INSTANCE_DOWN;
    sn_chain_remove(&instance->ended_link);
    sn_deadline_cancel(deadlines, &instance->timer);

    instance->state = (uint8_t)state;

    position->live += sn_instance_live(instance);
    position->starting += state == SN_INSTANCE_STARTING;
    if (position->spec->significant)
        owner->significant += state != SN_INSTANCE_DOWN;
    if (state == SN_INSTANCE_ENDED)
        sn_chain_append(&owner->ended, &instance->ended_link);
    if (position->live == 0)
        sn_deadline_cancel(deadlines, &position->timer);
}

void sn_instance_start(struct sn_instance *instance, bool retrying)
{
    sn_instance_set(instance, SN_INSTANCE_STARTING);
    instance->retrying = retrying;
    instance->killed = instance->leaving = false;
    if (instance->below) {
        sn_supervisor_start(instance->below);
        return;
    }
    instance->position->owner->tree->slots[instance->id].incarnation++;
    sn_effect_start(instance, instance->known);
    instance->known = true;
}

/* A member that will not survive its supervisor stops for good even when its group restarts. */
static enum sn_stop_why own_why(const struct sn_instance *instance, enum sn_stop_why why)
{
    const struct sn_position *position = instance->position;
    bool vanishes = position->spec->dynamic || position->added;

    if (why != SN_STOP_RESTART)
        return why;
    if (position->final || (vanishes && position->owner->phase == SN_PHASE_STOP))
        return SN_STOP_SHUTDOWN;
    return why;
}

static void begin_stop(struct sn_instance *instance)
{
    if (instance->state == SN_INSTANCE_STARTING && instance->request) {
        sn_request_finish(instance, SN_GONE);
        instance->leaving = true;
    }
    sn_instance_set(instance, SN_INSTANCE_STOPPING);
}

void sn_instance_stop(struct sn_instance *instance, enum sn_stop_why why)
{
    const struct sn_position *position = instance->position;
    uint64_t shutdown_ns = position->spec->shutdown_ns;

    if (shutdown_ns == SN_SHUTDOWN_BRUTAL) {
        sn_instance_kill(instance);
        return;
    }
    begin_stop(instance);
    if (instance->below)
        sn_supervisor_stop(instance->below, own_why(instance, why), position->final);
    else
        sn_effect_stop(instance, own_why(instance, why),
                       sn_after(position->owner->tree->now_ns, shutdown_ns));
}

void sn_instance_kill(struct sn_instance *instance)
{
    if (instance->killed)
        return;
    instance->killed = true;
    if (instance->state != SN_INSTANCE_STOPPING)
        begin_stop(instance);
    if (instance->below)
        sn_supervisor_kill(instance->below, instance->position->final);
    else
        sn_effect_kill(instance);
}

void sn_instance_overran(struct sn_instance *instance)
{
    if (instance->state != SN_INSTANCE_STOPPING || instance->killed)
        return;
    sn_effect_note(SN_NOTE_KILLED, instance, (struct sn_exit){.kind = SN_EXIT_KILLED}, 0);
    sn_instance_kill(instance);
}

void sn_instance_retire(struct sn_instance *instance)
{
    if (instance->below) {
        sn_supervisor_retire(instance->below);
    } else if (instance->known) {
        instance->known = false;
        sn_effect_gone(instance);
    }
}

void sn_instance_remove(struct sn_instance *instance)
{
    struct sn_position *position = instance->position;

    sn_instance_set(instance, SN_INSTANCE_DOWN);
    sn_instance_retire(instance);
    sn_chain_remove(&instance->link);
    sn_chain_append(&position->spares, &instance->link);
    instance->spare = true;
}

/* It was asked to stop, and now it is down. */
static void stopped(struct sn_instance *instance)
{
    struct sn_position *position = instance->position;
    struct sn_supervisor *owner = position->owner;
    bool final = position->final || instance->leaving;
    bool again = owner->phase == SN_PHASE_HALT && sn_position_in_group(position) && !final;

    sn_instance_set(instance, again ? SN_INSTANCE_WAITING : SN_INSTANCE_DOWN);
    if (final)
        sn_instance_retire(instance);
    if (instance->leaving) {
        sn_instance_remove(instance);
        sn_request_finish(instance, 0);
    }
    sn_supervisor_wake(owner);
}

void sn_instance_started(struct sn_instance *instance)
{
    if (instance->state != SN_INSTANCE_STARTING)
        return;
    sn_instance_set(instance, SN_INSTANCE_UP);
    instance->retrying = false;
    sn_request_finish(instance, 0);
    sn_supervisor_wake(instance->position->owner);
}

static void note_failure(struct sn_supervisor *owner, struct sn_instance *instance,
                         struct sn_exit exit)
{
    owner->failed = instance;
    owner->failure = (struct sn_failure){
        .supervisor = owner->spec->name,
        .child = instance->position->spec->name,
        .id = instance->id,
        .exit = exit,
    };
    if (instance->below)
        owner->failure = instance->below->failure;
}

/* A start that failed while its supervisor goes down is of no consequence any more. */
static void judge_start(struct sn_supervisor *owner, struct sn_instance *instance,
                        struct sn_exit exit)
{
    if (owner->phase == SN_PHASE_START || owner->phase == SN_PHASE_REDO) {
        if (!owner->failed)
            note_failure(owner, instance, exit);
    } else if (owner->phase == SN_PHASE_UP || owner->phase == SN_PHASE_WAIT) {
        if (instance->retrying)
            sn_supervisor_restart(owner, instance, exit);
        else
            sn_request_start_failed(owner, exit);
    }
}

void sn_instance_start_failed(struct sn_instance *instance, struct sn_exit exit)
{
    struct sn_supervisor *owner = instance->position->owner;

    if (instance->state == SN_INSTANCE_STOPPING) {
        stopped(instance);
        return;
    }
    if (instance->state != SN_INSTANCE_STARTING)
        return;
    sn_instance_set(instance, SN_INSTANCE_DOWN);
    if (instance->request) {
        sn_instance_remove(instance);
        sn_request_finish(instance, sn_exit_result(exit));
    } else {
        judge_start(owner, instance, exit);
    }
    sn_supervisor_wake(owner);
}

void sn_instance_ignored(struct sn_instance *instance)
{
    struct sn_position *position = instance->position;
    struct sn_supervisor *owner = position->owner;

    if (instance->state == SN_INSTANCE_STOPPING) {
        stopped(instance);
        return;
    }
    if (instance->state != SN_INSTANCE_STARTING)
        return;
    sn_instance_set(instance, SN_INSTANCE_DOWN);
    sn_instance_retire(instance);
    if (position->spec->dynamic)
        sn_instance_remove(instance);
    sn_request_finish(instance, SN_IGNORE);
    sn_request_start_ignored(owner, position);
    sn_position_settle(position);
    sn_supervisor_wake(owner);
}

void sn_instance_exited(struct sn_instance *instance, struct sn_exit exit)
{
    struct sn_supervisor *owner = instance->position->owner;

    if (instance->state != SN_INSTANCE_UP) {
        sn_instance_start_failed(instance, exit);
        return;
    }
    if (sn_supervisor_can_judge(owner)) {
        sn_supervisor_judge(owner, instance, exit);
    } else {
        instance->exit = exit;
        sn_instance_set(instance, SN_INSTANCE_ENDED);
    }
    sn_supervisor_wake(owner);
}
