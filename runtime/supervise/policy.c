/* SPDX-License-Identifier: MIT */

/*
 * What a supervisor decides when an instance has ended by itself.
 *
 *   permanent            restart
 *   transient            restart, unless it ended normally or was shut down
 *   temporary            it is gone
 *
 * A restart is counted in the window; one too many, and the supervisor gives up: it stops all its
 * children and ends as failed with SN_GAVE_UP, so that a transient supervisor is restarted by the
 * one above (OTP ends with `shutdown` there, and the subtree is lost without a word).
 *
 * A start that fails while a restart is under way counts as one more restart, whatever the
 * restart type of the child.
 */

#include "supervise/tree.h"

bool sn_supervisor_can_judge(const struct sn_supervisor *supervisor)
{
    bool group = supervisor->spec->strategy != SN_ONE_FOR_ONE;

    if (supervisor->phase != SN_PHASE_UP && supervisor->phase != SN_PHASE_WAIT)
        return false;
    return !(group && supervisor->active);
}

void sn_supervisor_go_down(struct sn_supervisor *supervisor, enum sn_stop_why why, bool final,
                           struct sn_exit end)
{
    sn_request_reject(supervisor, SN_GONE);
    sn_deadline_cancel(&supervisor->tree->deadlines, &supervisor->wait);
    supervisor->phase = SN_PHASE_STOP;
    supervisor->cursor = supervisor->from = supervisor->culprit = NULL;
    supervisor->failed = NULL;
    supervisor->why = (uint8_t)why;
    supervisor->final = final;
    supervisor->end = end;
    sn_supervisor_wake(supervisor);
}

/* The restart type of the supervisor itself, in the eyes of the one above. */
static bool would_restart(const struct sn_supervisor *supervisor, struct sn_exit exit)
{
    enum sn_restart restart;

    if (!supervisor->self)
        return false;
    restart = (enum sn_restart)supervisor->self->position->spec->restart;
    return restart == SN_PERMANENT || (restart == SN_TRANSIENT && exit.kind >= SN_EXIT_FAILED);
}

static void give_up(struct sn_supervisor *supervisor, const struct sn_instance *instance,
                    struct sn_exit exit)
{
    struct sn_exit end = {.kind = SN_EXIT_FAILED, .code = SN_GAVE_UP};

    sn_effect_note(SN_NOTE_GAVE_UP, instance, exit, 0);
    sn_supervisor_go_down(supervisor, SN_STOP_GIVE_UP, !would_restart(supervisor, end), end);
}

/* Stop the group of a failed instance, to start it again not before a time. A child that was
 * started while its group waits joins the restart that is already under way. */
static void halt(struct sn_supervisor *supervisor, struct sn_instance *instance,
                 uint64_t not_before_ns)
{
    struct sn_position *position = instance->position;
    bool joins = supervisor->phase == SN_PHASE_WAIT && sn_position_in_group(position);

    sn_instance_set(instance, SN_INSTANCE_WAITING);
    sn_deadline_cancel(&supervisor->tree->deadlines, &supervisor->wait);
    supervisor->phase = SN_PHASE_HALT;
    supervisor->cursor = NULL;
    supervisor->failed = NULL;
    if (!joins) {
        supervisor->from = supervisor->spec->strategy == SN_REST_FOR_ONE ? position : NULL;
        supervisor->culprit = position;
    }
    if (!joins || not_before_ns > supervisor->not_before_ns)
        supervisor->not_before_ns = not_before_ns;
    sn_supervisor_wake(supervisor);
}

void sn_supervisor_restart(struct sn_supervisor *supervisor, struct sn_instance *instance,
                           struct sn_exit exit)
{
    struct sn_tree *tree = supervisor->tree;
    uint32_t earlier;

    if (!sn_window_add(&supervisor->window, supervisor->spec, tree->now_ns, &earlier) ||
        (SN_PLANTED(restart_counted_twice) &&
         !sn_window_add(&supervisor->window, supervisor->spec, tree->now_ns, &earlier))) {
        give_up(supervisor, instance, exit);
        return;
    }

    uint64_t delay_ns = sn_window_backoff(supervisor->spec, earlier, &tree->random);
    uint64_t at_ns = sn_after(tree->now_ns, delay_ns);

    instance->position->restarts++;
    sn_effect_note(SN_NOTE_RESTART, instance, exit, at_ns);
    if (supervisor->spec->strategy != SN_ONE_FOR_ONE) {
        halt(supervisor, instance, at_ns);
    } else if (delay_ns == 0) {
        sn_instance_start(instance, true);
    } else {
        sn_instance_set(instance, SN_INSTANCE_WAITING);
        sn_deadline_arm(&tree->deadlines, &instance->timer, at_ns);
    }
}

static void auto_shutdown(struct sn_supervisor *supervisor, const struct sn_instance *instance,
                          struct sn_exit exit)
{
    const struct sn_supervisor_spec *spec = supervisor->spec;
    struct sn_exit end = {.kind = SN_EXIT_SHUTDOWN};
    bool again = would_restart(supervisor, end);

    if (spec->auto_shutdown == SN_AUTO_SHUTDOWN_ALL && supervisor->significant > 0)
        return;
    sn_effect_note(SN_NOTE_AUTO_SHUTDOWN, instance, exit, 0);
    sn_supervisor_go_down(supervisor, again ? SN_STOP_RESTART : SN_STOP_SHUTDOWN, !again, end);
}

static void leave(struct sn_supervisor *supervisor, struct sn_instance *instance,
                  struct sn_exit exit)
{
    struct sn_position *position = instance->position;

    sn_effect_note(SN_NOTE_ENDED, instance, exit, 0);
    sn_instance_retire(instance);
    if (position->spec->dynamic)
        sn_instance_remove(instance);
    if (position->spec->significant)
        auto_shutdown(supervisor, instance, exit);
    sn_position_settle(position);
}

void sn_supervisor_judge(struct sn_supervisor *supervisor, struct sn_instance *instance,
                         struct sn_exit exit)
{
    enum sn_restart restart = (enum sn_restart)instance->position->spec->restart;

    sn_instance_set(instance, SN_INSTANCE_DOWN);
    if (restart == SN_PERMANENT || (restart == SN_TRANSIENT && exit.kind >= SN_EXIT_FAILED))
        sn_supervisor_restart(supervisor, instance, exit);
    else
        leave(supervisor, instance, exit);
}

void sn_supervisor_cancel_restart(struct sn_supervisor *supervisor)
{
    struct sn_position *position = NULL;

    while ((position = sn_position_prev(supervisor, position)) && sn_position_in_group(position)) {
        for (struct sn_chain *link = position->instances.next; link != &position->instances;
             link = link->next) {
            struct sn_instance *instance = SN_CONTAINER(link, struct sn_instance, link);

            if (instance->state != SN_INSTANCE_WAITING)
                continue;
            sn_instance_set(instance, SN_INSTANCE_DOWN);
            sn_instance_retire(instance);
        }
    }
    sn_deadline_cancel(&supervisor->tree->deadlines, &supervisor->wait);
    supervisor->phase = SN_PHASE_UP;
    supervisor->from = supervisor->culprit = NULL;
    sn_supervisor_wake(supervisor);
}
