/* SPDX-License-Identifier: MIT */
/*
 * The plan by which a graceful stop begins: phases of requests to pools, before the supervision
 * tree stops its children. The plan itself is a state machine (supervise/shutdown.c); this file
 * carries out its effects on the thread that stops the system, through its port. All members of the
 * pools of a phase are asked at the same time, and the phase is over when all have answered or its
 * time is.
 *
 * Effects must not call back into the plan, so what they begin is begun after the event.
 */
#include "system/system.h"

#include "supervise/shutdown.h"

#include <errno.h>

/* While several answers are awaited, the others are looked at this often. */
#define LOOK_AROUND_NS SN_MS

/* A request to one member. */
struct question {
    struct sn_shutdown_task task;
    const struct sn_edge *edge;
    sn_ref to;
    uint64_t deadline_ns;
    struct sn_future *future; /* while it waits for its answer */
    bool due;                 /* to be asked after this event */
};

struct plan {
    struct sn_shutdown_sink sink;
    struct sn_shutdown *shutdown;
    struct sn_port *port;
    struct sn_shutdown_phase_spec *phases;
    struct question *questions;
    uint32_t question_count;
    uint64_t timer_ns; /* UINT64_MAX: none */
    bool over;
};

static uint64_t now(const struct plan *plan)
{
    return sn_clock_now(plan->port->world->clock);
}

static void on_effect(struct sn_shutdown_sink *sink, const struct sn_shutdown_effect *effect)
{
    struct plan *plan = (struct plan *)sink; /* its first member */
    struct question *question = (struct question *)effect->task;

    switch (effect->kind) {
    case SN_SHUTDOWN_RUN_TASK:
        question->deadline_ns = effect->deadline_ns;
        question->due = true;
        break;
    case SN_SHUTDOWN_PHASE_OVER:
        if (effect->result != 0)
            sn_world_log(plan->port->world, SN_LOG_WARNING, "shutdown phase %s: %s", effect->phase,
                         sn_result_name(effect->result));
        break;
    case SN_SHUTDOWN_SET_TIMER:
        plan->timer_ns = effect->deadline_ns;
        break;
    case SN_SHUTDOWN_CLEAR_TIMER:
        plan->timer_ns = UINT64_MAX;
        break;
    default:
        plan->over = true;
        break;
    }
}

static void done(struct plan *plan, struct question *question, int result)
{
    sn_shutdown_task_done(plan->shutdown, &question->task, result, now(plan), &plan->sink);
}

static void ask(struct plan *plan, struct question *question)
{
    uint64_t now_ns = now(plan);
    uint64_t left_ns = question->deadline_ns == UINT64_MAX  ? SN_FOREVER
                       : question->deadline_ns > now_ns + 1 ? question->deadline_ns - now_ns
                                                            : 1;
    void *payload;

    question->due = false;
    int rc = sn_port_ask(plan->port, question->edge, question->to, 0, left_ns, &payload,
                         &question->future);
    if (rc == 0)
        sn_port_end(plan->port);
    else
        done(plan, question, rc);
}

/* Give one question its turn. Returns whether it moved. */
static bool advance(struct plan *plan, struct question *question)
{
    if (question->due) {
        ask(plan, question);
        return true;
    }
    if (question->future == NULL)
        return false;
    if (question->task.state != SN_SHUTDOWN_TASK_RUNNING) {
        sn_future_drop(&question->future); /* abandoned */
        return false;
    }
    if (!sn_future_is_done(question->future))
        return false;
    done(plan, question, sn_future_wait(&question->future, 0, NULL));
    return true;
}

/* Nothing moved: wait for any of the answers, but not for long, or for the timer. */
static void look_around(struct plan *plan)
{
    uint64_t now_ns = now(plan);

    if (plan->timer_ns <= now_ns) {
        sn_shutdown_timer(plan->shutdown, now_ns, &plan->sink);
        return;
    }
    for (uint32_t i = 0; i < plan->question_count; i++) {
        struct question *question = &plan->questions[i];
        bool waits = question->future != NULL && question->task.state == SN_SHUTDOWN_TASK_RUNNING;

        if (!waits)
            continue;
        int rc = sn_future_wait(&question->future, LOOK_AROUND_NS, NULL);
        if (question->future == NULL)
            done(plan, question, rc);
        return;
    }
}

static void run(struct plan *plan)
{
    sn_shutdown_run(plan->shutdown, now(plan), &plan->sink);
    while (!plan->over) {
        bool moved = false;

        for (uint32_t i = 0; i < plan->question_count; i++)
            moved |= advance(plan, &plan->questions[i]);
        if (!moved)
            look_around(plan);
    }
    for (uint32_t i = 0; i < plan->question_count; i++)
        sn_future_drop(&plan->questions[i].future);
}

/* ---- making the plan ------------------------------------------------------------------------ */

static uint32_t count_questions(const struct sn_world *world)
{
    const struct sn_package *package = world->package;
    uint32_t count = 0;

    for (uint16_t i = 0; i < package->phase_count; i++)
        for (uint16_t k = 0; k < package->phases[i].ask_count; k++)
            count += world->pools[package->phases[i].asks[k].pool].size;
    return count;
}

static void add_questions(struct plan *plan, const struct sn_phase_type *phase)
{
    const struct sn_world *world = plan->port->world;

    for (uint16_t k = 0; k < phase->ask_count; k++) {
        const struct sn_pool *pool = &world->pools[phase->asks[k].pool];

        for (uint32_t i = 0; i < pool->size; i++) {
            struct question *question = &plan->questions[plan->question_count++];

            question->edge = &phase->asks[k];
            question->to = sn_route_member(&plan->port->router, phase->asks[k].pool, i);
            question->task.name = pool->type->name;
            SN_ASSERT(sn_shutdown_add(plan->shutdown, phase->name, &question->task) == 0);
        }
    }
}

static int make(struct plan *plan, const struct sn_package *package)
{
    const struct sn_allocator *allocator = plan->port->world->allocator;

    if (plan->phases == NULL || plan->questions == NULL)
        return -ENOMEM;
    for (uint16_t i = 0; i < package->phase_count; i++)
        plan->phases[i] =
            (struct sn_shutdown_phase_spec){.name = package->phases[i].name,
                                            .timeout_ns = package->phases[i].deadline_ns,
                                            .after = package->phases[i].after,
                                            .after_count = package->phases[i].after_count};
    int rc =
        sn_shutdown_create(plan->phases, package->phase_count, allocator, NULL, &plan->shutdown);
    for (uint16_t i = 0; rc == 0 && i < package->phase_count; i++)
        add_questions(plan, &package->phases[i]);
    return rc;
}

void sn_system_run_phases(struct sn_port *port)
{
    const struct sn_world *world = port->world;
    const struct sn_allocator *allocator = world->allocator;
    uint32_t count = count_questions(world), phase_count = world->package->phase_count;
    struct plan plan = {.sink = {on_effect}, .port = port, .timer_ns = UINT64_MAX};

    if (phase_count == 0)
        return;
    plan.phases = sn_alloc_zeroed(allocator, phase_count * sizeof *plan.phases);
    plan.questions = sn_alloc_zeroed(allocator, (count + 1) * sizeof *plan.questions);
    int rc = make(&plan, world->package);
    if (rc == 0)
        run(&plan);
    else
        sn_world_log(world, SN_LOG_WARNING, "shutdown phases are skipped: %s", sn_result_name(rc));
    sn_shutdown_destroy(plan.shutdown);
    sn_alloc_free(allocator, plan.questions, (count + 1) * sizeof *plan.questions);
    sn_alloc_free(allocator, plan.phases, phase_count * sizeof *plan.phases);
}
