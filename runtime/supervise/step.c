/* SPDX-License-Identifier: MIT */

/*
 * One step: the event changes the state, then every supervisor that was woken advances until
 * none is left, then the timer is told. It ends because each advance either waits for an event
 * or brings its supervisor into another phase, and the only cycle of phases passes through a
 * START, which waits for an event, or through the window, which is finite or backs off; a group
 * with nothing to start and nothing that can fail never restarts.
 */

#include "supervise/tree.h"

struct sn_instance *sn_tree_instance(const struct sn_tree *tree, sn_member member)
{
    struct sn_instance *instance;

    if (member.index >= tree->slot_count)
        return NULL;
    instance = tree->slots[member.index].instance;
    return instance && !instance->spare ? instance : NULL;
}

/* The instance that an event is about, if it is not stale. */
static struct sn_instance *subject(const struct sn_tree *tree, const struct sn_tree_event *event)
{
    struct sn_instance *instance = sn_tree_instance(tree, event->member);

    if (!instance || tree->slots[event->member.index].incarnation != event->incarnation)
        return NULL;
    return instance;
}

static void on_member(struct sn_tree *tree, const struct sn_tree_event *event)
{
    struct sn_instance *instance = subject(tree, event);

    if (!instance)
        return;
    if (event->kind == SN_EVENT_STARTED)
        sn_instance_started(instance);
    else if (event->kind == SN_EVENT_IGNORED)
        sn_instance_ignored(instance);
    else if (event->kind == SN_EVENT_START_FAILED)
        sn_instance_start_failed(instance, event->exit);
    else
        sn_instance_exited(instance, event->exit);
}

static void on_root(struct sn_tree *tree, enum sn_event_kind kind)
{
    struct sn_supervisor *root = tree->root;
    bool down = root->phase == SN_PHASE_DOWN;

    if (kind == SN_EVENT_START) {
        if (down)
            sn_supervisor_start(root);
        return;
    }
    if (down) {
        root->end = (struct sn_exit){.kind = SN_EXIT_SHUTDOWN};
        sn_effect_root(root, SN_EFFECT_STOPPED);
    } else if (kind == SN_EVENT_STOP) {
        sn_supervisor_stop(root, SN_STOP_SHUTDOWN, true);
    } else {
        sn_supervisor_kill(root, true);
    }
}

static void expire(struct sn_deadline *deadline)
{
    struct sn_instance *instance;
    struct sn_position *position;

    switch ((enum sn_deadline_kind)deadline->kind) {
    case SN_DEADLINE_INSTANCE:
        instance = SN_CONTAINER(deadline, struct sn_instance, timer);
        if (instance->state == SN_INSTANCE_WAITING)
            sn_instance_start(instance, true);
        else
            sn_instance_overran(instance);
        return;
    case SN_DEADLINE_POSITION:
        position = SN_CONTAINER(deadline, struct sn_position, timer);
        for (struct sn_chain *link = position->instances.next; link != &position->instances;
             link = link->next)
            sn_instance_overran(SN_CONTAINER(link, struct sn_instance, link));
        return;
    case SN_DEADLINE_SUPERVISOR:
        sn_supervisor_wake(SN_CONTAINER(deadline, struct sn_supervisor, wait));
        return;
    }
}

static void settle(struct sn_tree *tree)
{
    while (!sn_chain_empty(&tree->awake)) {
        struct sn_supervisor *supervisor =
            SN_CONTAINER(tree->awake.next, struct sn_supervisor, wake_link);

        sn_chain_remove(&supervisor->wake_link);
        sn_supervisor_advance(supervisor);
    }
}

static void on_timer(struct sn_tree *tree)
{
    struct sn_deadline *deadline;

    tree->timer_set = false;
    while ((deadline = sn_deadline_take(&tree->deadlines, tree->now_ns)))
        expire(deadline);
}

void sn_tree_step(struct sn_tree *tree, const struct sn_tree_event *event,
                  struct sn_tree_sink *sink)
{
    tree->sink = sink;
    if (event->now_ns > tree->now_ns)
        tree->now_ns = event->now_ns;
    switch (event->kind) {
    case SN_EVENT_START:
    case SN_EVENT_STOP:
    case SN_EVENT_KILL:
        on_root(tree, event->kind);
        break;
    case SN_EVENT_TIMER:
        on_timer(tree);
        break;
    case SN_EVENT_STARTED:
    case SN_EVENT_START_FAILED:
    case SN_EVENT_IGNORED:
    case SN_EVENT_EXITED:
        on_member(tree, event);
        break;
    case SN_EVENT_START_CHILD:
    case SN_EVENT_TERMINATE_CHILD:
    case SN_EVENT_RESTART_CHILD:
    case SN_EVENT_DELETE_CHILD:
    case SN_EVENT_ADD_MEMBER:
    case SN_EVENT_REMOVE_MEMBER:
        sn_request_submit(tree, event);
        break;
    }
    settle(tree);
    sn_effect_timer(tree);
    tree->sink = NULL;
}
