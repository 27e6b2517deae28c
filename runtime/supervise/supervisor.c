/* SPDX-License-Identifier: MIT */

/*
 * The phases of a supervisor.
 *
 *      DOWN --> START --> UP --------> HALT --------> WAIT ------> REDO --> UP
 *       ^         |       |  a group     the group      its back-     |
 *       |         |       |  restarts    is down        off is over   | a start fails:
 *       |         v       v                ^                          | HALT again
 *       +-------- STOP <--+                +--------------------------+
 *
 * START and REDO walk the positions forwards with `cursor`, HALT and STOP backwards; a step of
 * the walk is over when no instance of the position under the cursor is STARTING, or live. In UP
 * and WAIT the supervisor has time: it judges exits that waited, then serves requests, and only
 * then ends a back-off, so that a stop or an admin call always gets in between two tries.
 *
 * A restart of a single member under one_for_one is no phase: the member's own state says it all.
 */

#include "supervise/tree.h"

/* ---- positions -------------------------------------------------------------------------- */

static struct sn_position *at(const struct sn_supervisor *supervisor, struct sn_chain *link)
{
    return link == &supervisor->positions ? NULL : SN_CONTAINER(link, struct sn_position, link);
}

struct sn_position *sn_position_next(const struct sn_supervisor *supervisor,
                                     const struct sn_position *position)
{
    return at(supervisor, position ? position->link.next : supervisor->positions.next);
}

struct sn_position *sn_position_prev(const struct sn_supervisor *supervisor,
                                     const struct sn_position *position)
{
    return at(supervisor, position ? position->link.prev : supervisor->positions.prev);
}

bool sn_position_in_group(const struct sn_position *position)
{
    const struct sn_position *from = position->owner->from;

    return !from || position->order >= from->order;
}

static struct sn_instance *instance_at(struct sn_chain *link)
{
    return SN_CONTAINER(link, struct sn_instance, link);
}

void sn_position_start(struct sn_position *position)
{
    bool retrying = position->owner->phase == SN_PHASE_REDO;
    struct sn_chain *link = position->instances.next;

    if (position->dropped)
        return;
    /* Temporary children were dropped with their group, but one may have been started since. */
    if (retrying && position->spec->restart == SN_TEMPORARY)
        return;
    position->final = false;
    for (; link != &position->instances; link = link->next)
        if (!sn_instance_live(instance_at(link)))
            sn_instance_start(instance_at(link), retrying);
}

static void stop_one(struct sn_instance *instance, enum sn_stop_why why)
{
    struct sn_position *position = instance->position;
    bool again = position->owner->phase == SN_PHASE_HALT && !position->final;

    switch ((enum sn_instance_state)instance->state) {
    case SN_INSTANCE_STARTING:
    case SN_INSTANCE_UP:
        sn_instance_stop(instance, why);
        return;
    case SN_INSTANCE_STOPPING:
        return;
    case SN_INSTANCE_WAITING:
    case SN_INSTANCE_ENDED:
        sn_instance_set(instance, again ? SN_INSTANCE_WAITING : SN_INSTANCE_DOWN);
        break;
    case SN_INSTANCE_DOWN:
        break;
    }
    if (position->final)
        sn_instance_retire(instance);
}

void sn_position_stop(struct sn_position *position, enum sn_stop_why why, bool final)
{
    struct sn_supervisor *owner = position->owner;
    uint64_t shutdown_ns = position->spec->shutdown_ns;

    position->final = final || position->spec->restart == SN_TEMPORARY;
    for (struct sn_chain *link = position->instances.next; link != &position->instances;
         link = link->next)
        stop_one(instance_at(link), why);

    if (position->live > 0 && !owner->killing && shutdown_ns != SN_SHUTDOWN_BRUTAL &&
        shutdown_ns != SN_SHUTDOWN_INFINITE && !position->timer.armed)
        sn_deadline_arm(&owner->tree->deadlines, &position->timer,
                        sn_after(owner->tree->now_ns, shutdown_ns));
}

/* Take all members that are down out of a dynamic pool. */
static void empty(struct sn_position *position)
{
    for (struct sn_chain *link = position->instances.next, *next; link != &position->instances;
         link = next) {
        next = link->next;
        if (instance_at(link)->state == SN_INSTANCE_DOWN)
            sn_instance_remove(instance_at(link));
    }
}

void sn_position_settle(struct sn_position *position)
{
    if (position->spec->restart != SN_TEMPORARY || position->live > 0)
        return;
    if (position->spec->dynamic)
        empty(position);
    else
        sn_position_drop(position);
}

void sn_position_drop(struct sn_position *position)
{
    if (position->added && !position->dropped)
        sn_chain_append(&position->owner->garbage, &position->garbage_link);
    position->dropped = true;
}

/* ---- going up --------------------------------------------------------------------------- */

void sn_supervisor_wake(struct sn_supervisor *supervisor)
{
    if (sn_chain_empty(&supervisor->wake_link))
        sn_chain_append(&supervisor->tree->awake, &supervisor->wake_link);
}

static void enter(struct sn_supervisor *supervisor, enum sn_phase phase)
{
    supervisor->phase = (uint8_t)phase;
    supervisor->cursor = NULL;
    supervisor->failed = NULL;
    sn_deadline_cancel(&supervisor->tree->deadlines, &supervisor->wait);
    sn_supervisor_wake(supervisor);
}

void sn_supervisor_start(struct sn_supervisor *supervisor)
{
    supervisor->from = supervisor->culprit = NULL;
    supervisor->final = supervisor->killing = supervisor->never_up = false;
    enter(supervisor, SN_PHASE_START);
}

static void all_started(struct sn_supervisor *supervisor)
{
    bool first = supervisor->phase == SN_PHASE_START;

    enter(supervisor, SN_PHASE_UP);
    supervisor->from = supervisor->culprit = NULL;
    if (!first)
        return;
    if (supervisor->self)
        sn_instance_started(supervisor->self);
    else
        sn_effect_root(supervisor, SN_EFFECT_STARTED);
}

static void start_failed(struct sn_supervisor *supervisor)
{
    struct sn_instance *failed = supervisor->failed;
    struct sn_exit exit = supervisor->failure.exit;

    if (supervisor->phase == SN_PHASE_REDO) {
        sn_supervisor_restart(supervisor, failed, exit);
        return;
    }
    supervisor->never_up = true;
    sn_supervisor_go_down(supervisor, SN_STOP_GIVE_UP, !supervisor->self, exit);
}

static void advance_up(struct sn_supervisor *supervisor)
{
    while (!supervisor->failed) {
        struct sn_position *position = supervisor->cursor;

        if (position && position->starting > 0 && !SN_PLANTED(start_not_awaited))
            return;
        if (!position && supervisor->from)
            position = supervisor->from;
        else
            position = sn_position_next(supervisor, position);
        if (!position) {
            all_started(supervisor);
            return;
        }
        supervisor->cursor = position;
        sn_position_start(position);
    }
    start_failed(supervisor);
}

/* ---- going down ------------------------------------------------------------------------- */

/* The declared positions again, in their order, as if nothing had happened. */
static void reset(struct sn_supervisor *supervisor)
{
    struct sn_position *position = sn_position_next(supervisor, NULL);

    while (position) {
        struct sn_position *next = sn_position_next(supervisor, position);

        for (struct sn_chain *link = position->instances.next; link != &position->instances;
             link = link->next) {
            sn_instance_set(instance_at(link), SN_INSTANCE_DOWN);
            if (position->added)
                sn_instance_retire(instance_at(link));
        }
        if (position->spec->dynamic)
            empty(position);
        if (position->added)
            sn_position_free(position);
        position = next;
    }
    for (uint32_t i = 0; i < supervisor->spec->child_count; i++) {
        position = supervisor->declared[i];
        position->dropped = false;
        position->order = ++supervisor->order;
        sn_chain_remove(&position->link);
        sn_chain_append(&supervisor->positions, &position->link);
    }
    sn_window_reset(&supervisor->window);
}

static void all_stopped(struct sn_supervisor *supervisor)
{
    enter(supervisor, SN_PHASE_DOWN);
    reset(supervisor);
    if (!supervisor->self)
        sn_effect_root(supervisor,
                       supervisor->never_up ? SN_EFFECT_START_FAILED : SN_EFFECT_STOPPED);
    else if (supervisor->never_up)
        sn_instance_start_failed(supervisor->self, supervisor->end);
    else
        sn_instance_exited(supervisor->self, supervisor->end);
}

static void group_halted(struct sn_supervisor *supervisor)
{
    struct sn_tree *tree = supervisor->tree;

    enter(supervisor, SN_PHASE_WAIT);
    if (supervisor->not_before_ns > tree->now_ns)
        sn_deadline_arm(&tree->deadlines, &supervisor->wait, supervisor->not_before_ns);
}

static void advance_down(struct sn_supervisor *supervisor)
{
    bool halt = supervisor->phase == SN_PHASE_HALT;

    for (;;) {
        struct sn_position *position = supervisor->cursor;

        if (position && position->live > 0)
            return;
        if (position && halt)
            sn_position_settle(position);
        position = SN_PLANTED(stop_order_wrong) ? sn_position_next(supervisor, position)
                                                : sn_position_prev(supervisor, position);
        if (!position || (halt && !sn_position_in_group(position)))
            break;
        supervisor->cursor = position;
        sn_position_stop(position, halt ? SN_STOP_RESTART : supervisor->why,
                         !halt && supervisor->final);
    }
    if (halt)
        group_halted(supervisor);
    else
        all_stopped(supervisor);
}

void sn_supervisor_stop(struct sn_supervisor *supervisor, enum sn_stop_why why, bool final)
{
    if (supervisor->phase != SN_PHASE_STOP)
        sn_supervisor_go_down(supervisor, why, final, (struct sn_exit){.kind = SN_EXIT_SHUTDOWN});
    else if (final)
        supervisor->final = true; /* members that are down are retired with the supervisor */
}

void sn_supervisor_kill(struct sn_supervisor *supervisor, bool final)
{
    struct sn_position *position = NULL;

    sn_supervisor_stop(supervisor, SN_STOP_GIVE_UP, final);
    supervisor->killing = true;
    while ((position = sn_position_prev(supervisor, position))) {
        position->final = supervisor->final || position->spec->restart == SN_TEMPORARY;
        for (struct sn_chain *link = position->instances.next; link != &position->instances;
             link = link->next)
            if (sn_instance_live(instance_at(link)))
                sn_instance_kill(instance_at(link));
    }
}

void sn_supervisor_retire(struct sn_supervisor *supervisor)
{
    struct sn_position *position = NULL;

    while ((position = sn_position_prev(supervisor, position)))
        for (struct sn_chain *link = position->instances.next; link != &position->instances;
             link = link->next)
            sn_instance_retire(instance_at(link));
}

/* ---- having time ------------------------------------------------------------------------ */

/* Free the positions that were added and are no longer there. Nothing points to them now. */
static void sweep(struct sn_supervisor *supervisor)
{
    struct sn_chain *garbage = &supervisor->garbage;

    while (!sn_chain_empty(garbage))
        sn_position_free(SN_CONTAINER(garbage->next, struct sn_position, garbage_link));
}

static bool has_time(const struct sn_supervisor *supervisor)
{
    return supervisor->phase == SN_PHASE_UP || supervisor->phase == SN_PHASE_WAIT;
}

static void advance_idle(struct sn_supervisor *supervisor)
{
    while (has_time(supervisor)) {
        if (supervisor->phase == SN_PHASE_UP)
            sn_request_add_members(supervisor);
        if (supervisor->active) {
            if (!sn_request_continue(supervisor))
                return;
        } else if (!sn_chain_empty(&supervisor->ended)) {
            struct sn_instance *instance =
                SN_CONTAINER(supervisor->ended.next, struct sn_instance, ended_link);

            sn_supervisor_judge(supervisor, instance, instance->exit);
        } else {
            sweep(supervisor);
            if (!sn_request_serve(supervisor))
                break;
        }
    }
    if (supervisor->phase == SN_PHASE_WAIT && !supervisor->wait.armed)
        enter(supervisor, SN_PHASE_REDO);
}

void sn_supervisor_advance(struct sn_supervisor *supervisor)
{
    switch ((enum sn_phase)supervisor->phase) {
    case SN_PHASE_DOWN:
        return;
    case SN_PHASE_START:
    case SN_PHASE_REDO:
        advance_up(supervisor);
        return;
    case SN_PHASE_HALT:
    case SN_PHASE_STOP:
        advance_down(supervisor);
        return;
    case SN_PHASE_UP:
    case SN_PHASE_WAIT:
        advance_idle(supervisor);
        return;
    }
}
