/* SPDX-License-Identifier: MIT */
#ifndef SN_SUPERVISE_SHUTDOWN_H
#define SN_SUPERVISE_SHUTDOWN_H

/*
 * The shutdown of a whole system as a plan of phases: "stop listening", "answer what is open",
 * "stop the actors", "close the files". A pure state machine like the tree: events in, effects
 * out, one owner, no clock.
 *
 * The phases form a graph without cycles: a phase begins when all phases that it comes after are
 * over. Its tasks all run at the same time. It is over when they are, or when its time is: what
 * still runs then is abandoned, and the phases after it begin all the same. The plan runs once,
 * however often it is asked to.
 */

#include "supervise/chain.h"

#include <sn/result.h>
#include <stdbool.h>
#include <stdint.h>

struct sn_allocator;
struct sn_shutdown;

#define SN_SHUTDOWN_PHASES_MAX 64

struct sn_shutdown_phase_spec {
    const char *name;     /* unique */
    uint64_t timeout_ns;  /* from its beginning; UINT64_MAX: there is no limit */
    const uint8_t *after; /* numbers of the phases that must be over before */
    uint32_t after_count;
};

enum sn_shutdown_task_state {
    SN_SHUTDOWN_TASK_WAITING = 0,
    SN_SHUTDOWN_TASK_RUNNING,
    SN_SHUTDOWN_TASK_DONE,
    SN_SHUTDOWN_TASK_ABANDONED, /* its phase was over before it was */
};

/* One thing to do in a phase; embed it in a struct of your own. */
struct sn_shutdown_task {
    struct sn_chain link;
    const char *name; /* set by the caller, for logs */
    uint32_t phase;
    enum sn_shutdown_task_state state;
};

enum sn_shutdown_effect_kind {
    SN_SHUTDOWN_RUN_TASK,    /* begin `task`; the phase is over at deadline_ns */
    SN_SHUTDOWN_PHASE_OVER,  /* `phase`; result 0, the first failure of a task, SN_TIMEOUT */
    SN_SHUTDOWN_SET_TIMER,   /* the one timer of the plan, at deadline_ns */
    SN_SHUTDOWN_CLEAR_TIMER, /* it is not needed any more */
    SN_SHUTDOWN_OVER,        /* all phases are; result 0, or the first that was not */
};

struct sn_shutdown_effect {
    enum sn_shutdown_effect_kind kind;
    struct sn_shutdown_task *task;
    const char *phase;
    uint64_t deadline_ns;
    int result;
};

/* Where effects go: called during an event, in order; must not call back. */
struct sn_shutdown_sink {
    void (*effect)(struct sn_shutdown_sink *sink, const struct sn_shutdown_effect *effect);
};

/**
 * Make a plan.
 *
 * @phases        `count` of them, at most SN_SHUTDOWN_PHASES_MAX; borrowed until destroy.
 * @allocator     NULL: the system's.
 * @ret_problem   NULL, or set on SN_INVALID to a sentence, a constant.
 * @ret_shutdown  set on success only.
 *
 * Returns  0; SN_INVALID (a cycle, a name used twice, a phase that is not there); -ENOMEM.
 * Threads  the one that will own it.
 * Owns     the caller; sn_shutdown_destroy().
 */
int sn_shutdown_create(const struct sn_shutdown_phase_spec *phases, uint32_t count,
                       const struct sn_allocator *allocator, const char **ret_problem,
                       struct sn_shutdown **ret_shutdown);

/** Free a plan in any state; its tasks are the caller's. NULL: does nothing. Threads: the owner. */
void sn_shutdown_destroy(struct sn_shutdown *shutdown);

/**
 * Put a task into a phase.
 *
 * @phase  its name.
 * @task   lives until it is DONE or ABANDONED, or the plan is destroyed.
 *
 * Returns  0; SN_NOT_FOUND: no such phase; SN_GONE: the phase has begun.
 * Threads  the owner.
 */
int sn_shutdown_add(struct sn_shutdown *shutdown, const char *phase, struct sn_shutdown_task *task);

/** Take a task out again that has not begun; otherwise does nothing. Threads: the owner. */
void sn_shutdown_remove(struct sn_shutdown_task *task);

/** Begin. The second time and later: does nothing. Threads: the owner. */
void sn_shutdown_run(struct sn_shutdown *shutdown, uint64_t now_ns, struct sn_shutdown_sink *sink);

/** A task is done, with 0 or the reason of its failure. An abandoned one: does nothing. */
void sn_shutdown_task_done(struct sn_shutdown *shutdown, struct sn_shutdown_task *task, int result,
                           uint64_t now_ns, struct sn_shutdown_sink *sink);

/** The time of SN_SHUTDOWN_SET_TIMER has come. Early calls do no harm. Threads: the owner. */
void sn_shutdown_timer(struct sn_shutdown *shutdown, uint64_t now_ns,
                       struct sn_shutdown_sink *sink);

#endif
