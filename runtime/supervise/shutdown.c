/* SPDX-License-Identifier: MIT */

/*
 * Each phase counts the phases that it still waits for, and its tasks that still run. When a
 * phase is over it is put on a list; the list is worked off in the same event, so that a phase
 * without tasks is over at once and the phases after it follow, however many there are.
 *
 * That there is no cycle is proven at creation by taking away, again and again, phases that wait
 * for nothing (Kahn 1962).
 */

#include "supervise/shutdown.h"

#include "base/base.h"
#include "supervise/deadline.h"
#include "supervise/supervise.h"

#include <errno.h>
#include <string.h>

struct phase {
    const struct sn_shutdown_phase_spec *spec;
    struct sn_chain tasks;
    struct sn_chain over_link; /* in shutdown->over */
    struct sn_deadline deadline;
    uint32_t waits_for; /* phases */
    uint32_t running;   /* tasks */
    int result;
    bool begun;
};

struct sn_shutdown {
    const struct sn_allocator *allocator;
    struct sn_shutdown_sink *sink; /* during an event */
    struct sn_deadlines deadlines;
    struct sn_chain over; /* phases whose end is to be told */
    uint64_t now_ns;
    uint64_t timer_ns;
    uint32_t phase_count;
    uint32_t open; /* phases that are not over */
    int result;
    bool begun;
    bool timer_set;
    struct phase phases[];
};

static void emit(struct sn_shutdown *shutdown, const struct sn_shutdown_effect *effect)
{
    shutdown->sink->effect(shutdown->sink, effect);
}

/* ---- making ----------------------------------------------------------------------------- */

static bool comes_after(const struct sn_shutdown_phase_spec *spec, uint32_t phase)
{
    for (uint32_t i = 0; i < spec->after_count; i++)
        if (spec->after[i] == phase)
            return true;
    return false;
}

/* Whether every phase can be reached: those in `done` are; add what waits for nothing else. */
static bool is_acyclic(const struct sn_shutdown_phase_spec *phases, uint32_t count)
{
    uint64_t done = 0;
    bool more = true;

    while (more) {
        more = false;
        for (uint32_t i = 0; i < count; i++) {
            bool ready = !(done >> i & 1);

            for (uint32_t j = 0; ready && j < phases[i].after_count; j++)
                ready = done >> phases[i].after[j] & 1;
            if (ready)
                done |= UINT64_C(1) << i;
            more |= ready;
        }
    }
    return count == 0 || done == UINT64_MAX >> (SN_SHUTDOWN_PHASES_MAX - count);
}

static const char *problem(const struct sn_shutdown_phase_spec *phases, uint32_t count)
{
    if (count > SN_SHUTDOWN_PHASES_MAX)
        return "there are more than 64 phases";
    for (uint32_t i = 0; i < count; i++) {
        if (!phases[i].name)
            return "a phase has no name";
        for (uint32_t j = 0; j < i; j++)
            if (strcmp(phases[i].name, phases[j].name) == 0)
                return "two phases have the same name";
        for (uint32_t j = 0; j < phases[i].after_count; j++)
            if (phases[i].after[j] >= count)
                return "a phase comes after one that is not there";
    }
    return is_acyclic(phases, count) ? NULL : "phases come after each other in a circle";
}

static size_t size_of(uint32_t count)
{
    return sizeof(struct sn_shutdown) + count * sizeof(struct phase);
}

int sn_shutdown_create(const struct sn_shutdown_phase_spec *phases, uint32_t count,
                       const struct sn_allocator *allocator, const char **ret_problem,
                       struct sn_shutdown **ret_shutdown)
{
    const char *text = problem(phases, count);
    struct sn_shutdown *shutdown;

    if (text && ret_problem)
        *ret_problem = text;
    if (text)
        return SN_INVALID;
    if (!allocator)
        allocator = &sn_allocator_system;
    shutdown = sn_alloc_zeroed(allocator, size_of(count));
    if (!shutdown)
        return -ENOMEM;
    shutdown->allocator = allocator;
    shutdown->phase_count = shutdown->open = count;
    sn_chain_init(&shutdown->over);
    for (uint32_t i = 0; i < count; i++) {
        shutdown->phases[i].spec = &phases[i];
        sn_chain_init(&shutdown->phases[i].tasks);
        sn_chain_init(&shutdown->phases[i].over_link);
        for (uint32_t j = 0; j < count; j++)
            shutdown->phases[i].waits_for += comes_after(&phases[i], j);
    }
    *ret_shutdown = shutdown;
    return 0;
}

void sn_shutdown_destroy(struct sn_shutdown *shutdown)
{
    if (shutdown)
        sn_alloc_free(shutdown->allocator, shutdown, size_of(shutdown->phase_count));
}

int sn_shutdown_add(struct sn_shutdown *shutdown, const char *phase, struct sn_shutdown_task *task)
{
    for (uint32_t i = 0; i < shutdown->phase_count; i++) {
        struct phase *at = &shutdown->phases[i];

        if (strcmp(at->spec->name, phase) != 0)
            continue;
        if (at->begun)
            return SN_GONE;
        task->phase = i;
        task->state = SN_SHUTDOWN_TASK_WAITING;
        sn_chain_append(&at->tasks, &task->link);
        return 0;
    }
    return SN_NOT_FOUND;
}

void sn_shutdown_remove(struct sn_shutdown_task *task)
{
    if (task->state == SN_SHUTDOWN_TASK_WAITING)
        sn_chain_remove(&task->link);
}

/* ---- running ---------------------------------------------------------------------------- */

static void end_phase(struct sn_shutdown *shutdown, struct phase *phase)
{
    sn_deadline_cancel(&shutdown->deadlines, &phase->deadline);
    sn_chain_append(&shutdown->over, &phase->over_link);
}

static void begin_phase(struct sn_shutdown *shutdown, struct phase *phase)
{
    uint64_t timeout_ns = phase->spec->timeout_ns;
    uint64_t deadline_ns = UINT64_MAX;

    phase->begun = true;
    if (timeout_ns < UINT64_MAX - shutdown->now_ns)
        deadline_ns = shutdown->now_ns + timeout_ns;
    for (struct sn_chain *link = phase->tasks.next; link != &phase->tasks; link = link->next) {
        struct sn_shutdown_task *task = SN_CONTAINER(link, struct sn_shutdown_task, link);

        task->state = SN_SHUTDOWN_TASK_RUNNING;
        phase->running++;
        emit(shutdown, &(struct sn_shutdown_effect){.kind = SN_SHUTDOWN_RUN_TASK,
                                                    .task = task,
                                                    .phase = phase->spec->name,
                                                    .deadline_ns = deadline_ns});
    }
    if (phase->running == 0)
        end_phase(shutdown, phase);
    else if (deadline_ns != UINT64_MAX)
        sn_deadline_arm(&shutdown->deadlines, &phase->deadline, deadline_ns);
}

/* Tell the end of a phase, and begin those that waited for nothing else. */
static void pass_on(struct sn_shutdown *shutdown, struct phase *phase)
{
    uint32_t number = (uint32_t)(phase - shutdown->phases);

    if (shutdown->result == 0)
        shutdown->result = phase->result;
    shutdown->open--;
    emit(shutdown, &(struct sn_shutdown_effect){.kind = SN_SHUTDOWN_PHASE_OVER,
                                                .phase = phase->spec->name,
                                                .result = phase->result});
    for (uint32_t i = 0; i < shutdown->phase_count; i++) {
        struct phase *next = &shutdown->phases[i];

        if (comes_after(next->spec, number) && --next->waits_for == 0)
            begin_phase(shutdown, next);
    }
}

static void tell_timer(struct sn_shutdown *shutdown)
{
    const struct sn_deadline *first = shutdown->deadlines.first;

    if (first && (!shutdown->timer_set || shutdown->timer_ns != first->at_ns)) {
        shutdown->timer_set = true;
        shutdown->timer_ns = first->at_ns;
        emit(shutdown, &(struct sn_shutdown_effect){.kind = SN_SHUTDOWN_SET_TIMER,
                                                    .deadline_ns = first->at_ns});
    } else if (!first && shutdown->timer_set) {
        shutdown->timer_set = false;
        emit(shutdown, &(struct sn_shutdown_effect){.kind = SN_SHUTDOWN_CLEAR_TIMER});
    }
}

static void begin_event(struct sn_shutdown *shutdown, uint64_t now_ns,
                        struct sn_shutdown_sink *sink)
{
    shutdown->now_ns = now_ns;
    shutdown->sink = sink;
}

/* Work off what the event brought about. */
static void end_event(struct sn_shutdown *shutdown, uint32_t open_before)
{
    while (!sn_chain_empty(&shutdown->over)) {
        struct phase *phase = SN_CONTAINER(shutdown->over.next, struct phase, over_link);

        sn_chain_remove(&phase->over_link);
        pass_on(shutdown, phase);
    }
    tell_timer(shutdown);
    if (open_before > 0 && shutdown->open == 0)
        emit(shutdown,
             &(struct sn_shutdown_effect){.kind = SN_SHUTDOWN_OVER, .result = shutdown->result});
    shutdown->sink = NULL;
}

void sn_shutdown_run(struct sn_shutdown *shutdown, uint64_t now_ns, struct sn_shutdown_sink *sink)
{
    if (shutdown->begun)
        return;
    shutdown->begun = true;
    begin_event(shutdown, now_ns, sink);
    for (uint32_t i = 0; i < shutdown->phase_count; i++)
        if (shutdown->phases[i].waits_for == 0)
            begin_phase(shutdown, &shutdown->phases[i]);
    end_event(shutdown, 1); /* a plan without phases is over now */
}

void sn_shutdown_task_done(struct sn_shutdown *shutdown, struct sn_shutdown_task *task, int result,
                           uint64_t now_ns, struct sn_shutdown_sink *sink)
{
    struct phase *phase = &shutdown->phases[task->phase];

    if (task->state != SN_SHUTDOWN_TASK_RUNNING)
        return;
    begin_event(shutdown, now_ns, sink);
    task->state = SN_SHUTDOWN_TASK_DONE;
    if (phase->result == 0)
        phase->result = result;
    if (--phase->running == 0)
        end_phase(shutdown, phase);
    end_event(shutdown, shutdown->open);
}

/* The time of a phase is over: give up what still runs. */
static void abandon(struct sn_shutdown *shutdown, struct phase *phase)
{
    for (struct sn_chain *link = phase->tasks.next; link != &phase->tasks; link = link->next) {
        struct sn_shutdown_task *task = SN_CONTAINER(link, struct sn_shutdown_task, link);

        if (task->state == SN_SHUTDOWN_TASK_RUNNING)
            task->state = SN_SHUTDOWN_TASK_ABANDONED;
    }
    phase->running = 0;
    if (phase->result == 0)
        phase->result = SN_TIMEOUT;
    end_phase(shutdown, phase);
}

void sn_shutdown_timer(struct sn_shutdown *shutdown, uint64_t now_ns, struct sn_shutdown_sink *sink)
{
    uint32_t open_before = shutdown->open;
    struct sn_deadline *deadline;

    begin_event(shutdown, now_ns, sink);
    shutdown->timer_set = false;
    while ((deadline = sn_deadline_take(&shutdown->deadlines, now_ns)))
        abandon(shutdown, SN_CONTAINER(deadline, struct phase, deadline));
    end_event(shutdown, open_before);
}
