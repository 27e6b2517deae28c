/* SPDX-License-Identifier: MIT */

/*
 * The admin interface. A request is looked up at once, and then
 *
 *   - about a child position: waits in its supervisor's queue until that has time, and is
 *     `active` while it is carried out; one at a time. While one is active, a supervisor with a
 *     group strategy judges no exits: they wait.
 *   - about one member of a dynamic pool: is attached to the instance. Any number of them run at
 *     the same time. ADD_MEMBER waits, in a queue of its own, until the supervisor is UP.
 *
 * A request is freed when it is answered. A supervisor that goes down answers all with SN_GONE.
 */

#include "supervise/tree.h"

#include <errno.h>

struct sn_request {
    struct sn_chain link;    /* in supervisor->requests or ->adds while it waits there */
    struct sn_request *next; /* in instance->request */
    uint64_t token;
    const char *child;
    const struct sn_child_spec *spec;
    struct sn_position *position;
    struct sn_exit exit;
    enum sn_event_kind kind;
    bool failed;  /* a start failed, with `exit` */
    bool ignored; /* a start was ignored */
    bool undoing; /* what was started is being stopped again */
};

int sn_exit_result(struct sn_exit exit)
{
    if (exit.code != 0)
        return exit.code;
    return exit.kind == SN_EXIT_KILLED ? SN_KILLED : SN_FAILED;
}

static void request_free(struct sn_tree *tree, struct sn_request *request)
{
    sn_alloc_free(tree->allocator, request, sizeof(*request));
}

void sn_request_drop(struct sn_tree *tree, struct sn_request *request)
{
    while (request) {
        struct sn_request *next = request->next;

        request_free(tree, request);
        request = next;
    }
}

/* Take the oldest request of a queue; NULL: there is none. */
static struct sn_request *take(struct sn_chain *queue)
{
    struct sn_chain *link = queue->next;

    if (link == queue)
        return NULL;
    sn_chain_remove(link);
    return SN_CONTAINER(link, struct sn_request, link);
}

void sn_request_drop_all(struct sn_supervisor *supervisor)
{
    struct sn_request *request;

    sn_request_drop(supervisor->tree, supervisor->active);
    while ((request = take(&supervisor->requests)) || (request = take(&supervisor->adds)))
        sn_request_drop(supervisor->tree, request);
}

static void answer(struct sn_tree *tree, struct sn_request *request, int result,
                   const struct sn_instance *instance)
{
    sn_effect_answer(tree, request->token, result, instance);
    request_free(tree, request);
}

void sn_request_finish(struct sn_instance *instance, int result)
{
    struct sn_tree *tree = instance->position->owner->tree;
    struct sn_request *request = instance->request;

    instance->request = NULL;
    while (request) {
        struct sn_request *next = request->next;

        answer(tree, request, result, instance);
        request = next;
    }
}

void sn_request_reject(struct sn_supervisor *supervisor, int result)
{
    struct sn_request *request;

    if (supervisor->active)
        answer(supervisor->tree, supervisor->active, result, NULL);
    supervisor->active = NULL;
    while ((request = take(&supervisor->requests)) || (request = take(&supervisor->adds)))
        answer(supervisor->tree, request, result, NULL);
}

/* ---- one member of a dynamic pool ------------------------------------------------------- */

static void add_member(struct sn_supervisor *supervisor, struct sn_request *request)
{
    struct sn_position *position = request->position;
    struct sn_instance *instance = NULL;
    int rc = sn_position_grow(position, &instance);

    if (rc != 0) {
        answer(supervisor->tree, request, rc, NULL);
        return;
    }
    position->final = false;
    instance->request = request;
    sn_instance_start(instance, false);
}

void sn_request_add_members(struct sn_supervisor *supervisor)
{
    struct sn_request *request;

    while ((request = take(&supervisor->adds)))
        add_member(supervisor, request);
}

static void remove_member(struct sn_instance *instance, struct sn_request *request)
{
    struct sn_position *position = instance->position;
    struct sn_tree *tree = position->owner->tree;
    uint64_t shutdown_ns = position->spec->shutdown_ns;

    if (!sn_instance_live(instance)) {
        sn_instance_remove(instance);
        answer(tree, request, 0, instance);
        return;
    }
    if (instance->state != SN_INSTANCE_STOPPING) {
        sn_instance_stop(instance, SN_STOP_SHUTDOWN);
        if (shutdown_ns != SN_SHUTDOWN_BRUTAL && shutdown_ns != SN_SHUTDOWN_INFINITE)
            sn_deadline_arm(&tree->deadlines, &instance->timer,
                            sn_after(tree->now_ns, shutdown_ns));
    }
    instance->leaving = true;
    request->next = instance->request;
    instance->request = request;
}

/* ---- child positions -------------------------------------------------------------------- */

/* A declared child that was dropped comes back, as the last one, if its own specification is
 * given. Returns NULL if that is not the case. */
static struct sn_position *revive(struct sn_supervisor *supervisor,
                                  const struct sn_child_spec *spec)
{
    struct sn_position *position = sn_names_dropped(supervisor, spec);

    if (position) {
        position->dropped = false;
        position->order = ++supervisor->order;
        sn_chain_remove(&position->link);
        sn_chain_append(&supervisor->positions, &position->link);
    }
    return position;
}

static uint32_t depth_of(const struct sn_supervisor *supervisor)
{
    uint32_t depth = 0;

    for (; supervisor->self; supervisor = supervisor->self->position->owner)
        depth++;
    return depth;
}

/* Returns 0 with the position, or the answer. */
static int make_child(struct sn_supervisor *supervisor, const struct sn_child_spec *spec,
                      struct sn_position **ret_position)
{
    struct sn_position *present = spec ? sn_names_child(supervisor, spec->name) : NULL;
    int rc;

    if (!spec)
        return SN_INVALID;
    if (present)
        return sn_position_state(present) == SN_CHILD_RUNNING ? SN_ALREADY_STARTED
                                                              : SN_ALREADY_PRESENT;
    *ret_position = revive(supervisor, spec);
    if (*ret_position)
        return 0;
    rc = sn_position_build(supervisor, spec, depth_of(supervisor), ret_position);
    if (rc == 0)
        (*ret_position)->added = true;
    return rc;
}

/* Terminate, restart or delete. Returns 0 when the request is under way, or the answer. */
static int apply(struct sn_supervisor *supervisor, struct sn_request *request)
{
    struct sn_position *position = request->position;
    enum sn_child_state state = sn_position_state(position);
    bool waiting = supervisor->phase == SN_PHASE_WAIT && sn_position_in_group(position);

    if (position->spec->dynamic)
        return SN_INVALID;
    if (request->kind == SN_EVENT_TERMINATE_CHILD) {
        if (supervisor->phase == SN_PHASE_WAIT && position == supervisor->culprit)
            sn_supervisor_cancel_restart(supervisor);
        sn_position_stop(position, SN_STOP_SHUTDOWN, true);
        return 0;
    }
    if (state == SN_CHILD_RUNNING)
        return SN_RUNNING;
    if (state == SN_CHILD_RESTARTING || waiting)
        return SN_RESTARTING;
    if (request->kind == SN_EVENT_RESTART_CHILD) {
        sn_position_start(position);
        return 0;
    }
    sn_position_drop(position);
    return 0;
}

static int begin(struct sn_supervisor *supervisor, struct sn_request *request)
{
    int rc;

    if (request->kind == SN_EVENT_START_CHILD) {
        rc = make_child(supervisor, request->spec, &request->position);
        if (rc == 0)
            sn_position_start(request->position);
        return rc;
    }
    request->position = sn_names_child(supervisor, request->child);
    return request->position ? apply(supervisor, request) : SN_NOT_FOUND;
}

bool sn_request_serve(struct sn_supervisor *supervisor)
{
    struct sn_request *request = take(&supervisor->requests);
    int rc;

    if (!request)
        return false;
    supervisor->active = request;
    rc = begin(supervisor, request);
    if (rc != 0) {
        supervisor->active = NULL;
        answer(supervisor->tree, request, rc, NULL);
    }
    return true;
}

void sn_request_start_failed(struct sn_supervisor *supervisor, struct sn_exit exit)
{
    struct sn_request *request = supervisor->active;

    SN_ASSERT(request);
    if (!request->failed)
        request->exit = exit;
    request->failed = true;
}

void sn_request_start_ignored(struct sn_supervisor *supervisor, const struct sn_position *position)
{
    if (supervisor->active && supervisor->active->position == position)
        supervisor->active->ignored = true;
}

/* A start is over when no instance is STARTING; one that failed, when all that it started is
 * down again. */
static bool start_is_over(struct sn_request *request)
{
    if (request->failed && !request->undoing) {
        request->undoing = true;
        sn_position_stop(request->position, SN_STOP_GIVE_UP, true);
    }
    return request->undoing ? request->position->live == 0 : request->position->starting == 0;
}

static int start_result(const struct sn_request *request)
{
    if (request->failed) {
        if (request->kind == SN_EVENT_START_CHILD)
            sn_position_drop(request->position);
        return sn_exit_result(request->exit);
    }
    return request->ignored && request->position->live == 0 ? SN_IGNORE : 0;
}

bool sn_request_continue(struct sn_supervisor *supervisor)
{
    struct sn_request *request = supervisor->active;
    int result = 0;

    if (request->kind == SN_EVENT_START_CHILD || request->kind == SN_EVENT_RESTART_CHILD) {
        if (!start_is_over(request))
            return false;
        result = start_result(request);
    } else {
        if (request->position->live > 0)
            return false;
        sn_position_settle(request->position);
    }
    supervisor->active = NULL;
    answer(supervisor->tree, request, result, NULL);
    return true;
}

/* ---- from the outside ------------------------------------------------------------------- */

static struct sn_position *dynamic_pool(const struct sn_tree *tree, uint32_t pool)
{
    struct sn_position *position = pool < tree->pool_capacity ? tree->pools[pool] : NULL;

    return position && !position->dropped ? position : NULL;
}

/* Find out whom a request is about. Returns 0, or the answer. */
static int resolve(struct sn_tree *tree, const struct sn_tree_event *event,
                   struct sn_supervisor **ret_supervisor, struct sn_position **ret_position,
                   struct sn_instance **ret_instance)
{
    if (event->kind == SN_EVENT_ADD_MEMBER) {
        *ret_position = dynamic_pool(tree, event->pool);
    } else if (event->kind == SN_EVENT_REMOVE_MEMBER) {
        *ret_instance = sn_tree_instance(tree, event->member);
        *ret_position = *ret_instance ? (*ret_instance)->position : NULL;
    } else {
        *ret_supervisor = sn_names_supervisor(tree, event->supervisor);
        return *ret_supervisor ? 0 : SN_NOT_FOUND;
    }
    if (!*ret_position)
        return SN_NOT_FOUND;
    *ret_supervisor = (*ret_position)->owner;
    return (*ret_position)->spec->dynamic ? 0 : SN_INVALID;
}

void sn_request_submit(struct sn_tree *tree, const struct sn_tree_event *event)
{
    struct sn_supervisor *supervisor = NULL;
    struct sn_position *position = NULL;
    struct sn_instance *instance = NULL;
    struct sn_request *request = NULL;
    int rc = resolve(tree, event, &supervisor, &position, &instance);

    if (rc == 0 && (supervisor->phase == SN_PHASE_DOWN || supervisor->phase == SN_PHASE_STOP))
        rc = SN_GONE;
    if (rc == 0) {
        request = sn_alloc_zeroed(tree->allocator, sizeof(*request));
        rc = request ? 0 : -ENOMEM;
    }
    if (rc != 0) {
        sn_effect_answer(tree, event->token, rc, NULL);
        return;
    }
    request->kind = event->kind;
    request->token = event->token;
    request->child = event->child;
    request->spec = event->spec;
    request->position = position;
    sn_chain_init(&request->link);
    if (instance)
        remove_member(instance, request);
    else
        sn_chain_append(event->kind == SN_EVENT_ADD_MEMBER ? &supervisor->adds
                                                           : &supervisor->requests,
                        &request->link);
    sn_supervisor_wake(supervisor);
}
