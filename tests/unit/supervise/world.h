/* SPDX-License-Identifier: MIT */
#ifndef SN_TESTS_SUPERVISE_WORLD_H
#define SN_TESTS_SUPERVISE_WORLD_H

/*
 * Plays everything around a supervision tree in virtual time: it answers START, STOP and KILL the
 * way each member is told to, fires the timer, and writes all effects into a trace like
 *
 *     [0] start a#1
 *     [0] start pool/1#1
 *     [0] tree started
 *     [1200] stop a#1 restart by 6200
 *
 * Times are milliseconds; `a` is the only member of a pool, `pool/1` the second of several; #1 is
 * the incarnation. While it plays it checks what the tree promises: at most one incarnation of a
 * member lives, STOP and KILL go to living ones, GONE only to dead ones and once, `restored` says
 * whether there was a GONE in between.
 */

#include "base/base.h"
#include "supervise/supervise.h"

#include <check.h>
#include <stdio.h>

#define MS UINT64_C(1000000)

/* What a member does; the defaults are zero. */
struct behaviour {
    uint32_t fail_starts;     /* that many of the next starts fail */
    uint32_t ignore_starts;   /* that many of the next ones, after those, are ignored */
    bool hangs;               /* a start is not answered until world_release() */
    bool stubborn;            /* a STOP is not answered, only a KILL */
    uint64_t stop_takes_ms;   /* a STOP is answered after so long */
    enum sn_exit_kind ending; /* how it ends on STOP; NORMAL means SHUTDOWN, the default */
};

struct actor {
    const char *name;
    uint32_t pool, index;
    uint32_t incarnation; /* of the last START */
    struct behaviour behaviour;
    bool single; /* of a pool that showed only index 0 */
    bool live;
    bool known;    /* a START since the last GONE */
    bool answered; /* STARTED was sent */
    bool owes_start, owes_stop, killed;
    bool ended_up;       /* the last incarnation that ended had been up */
    uint32_t ended;      /* that incarnation */
    struct sn_exit exit; /* how it ended */
};

/* An event that is on its way to the tree. */
struct answer {
    uint64_t at_ns;
    struct sn_tree_event event;
};

struct world {
    struct sn_tree_sink sink;
    struct sn_tree *tree;
    const struct sn_allocator *allocator; /* NULL: the system's */
    uint64_t now_ns;
    uint64_t timer_ns;
    bool timer_set;
    bool notes;  /* notes go to the trace */
    bool timers; /* timers go to the trace */
    bool loud;   /* the trace goes to standard error at once */
    bool quiet;  /* nothing goes to the trace */
    bool manual; /* answers wait until the test takes them out itself */
    struct actor *actors;
    uint32_t actor_capacity;
    struct answer *answers; /* in the order of sending */
    uint32_t answer_count, answer_capacity;
    char *trace;
    size_t trace_size, trace_capacity;
    /* NULL, or sees each effect after the world did. */
    void (*watch)(struct world *world, const struct sn_tree_effect *effect);
    uint64_t token;        /* of the last request */
    uint64_t answer_token; /* of the last ANSWER */
    int answer_result;
    sn_member answer_member;
    uint32_t answers_seen;       /* number of ANSWERs */
    uint32_t live;               /* living incarnations */
    uint32_t known;              /* members started and not GONE */
    uint32_t starts;             /* number of STARTs */
    enum sn_effect_kind outcome; /* last of STARTED, START_FAILED, STOPPED */
    int result;                  /* of STOPPED or START_FAILED */
};

/* A pool of one, and a child with defaults: permanent, 5 s. */
#define POOL(id, text)                                                                     \
    {                                                                                      \
        .name = (text), .pool = (id), .members = 1, .shutdown_ns = SN_SHUTDOWN_DEFAULT_NS, \
        .restart = SN_PERMANENT                                                            \
    }

/* The same with members, a restart type, a shutdown time in ms. */
#define POOL_OF(id, text, count, type, shutdown_ms)                          \
    {                                                                        \
        .name = (text), .pool = (id), .members = (count), .restart = (type), \
        .shutdown_ns = (shutdown_ms)*MS                                      \
    }

/* A child that is a supervisor: permanent, without a limit to its shutdown. */
#define BELOW(text, spec)                                                         \
    {                                                                             \
        .name = (text), .supervisor = (spec), .shutdown_ns = SN_SHUTDOWN_INFINITE \
    }

/* A supervisor that takes `max` restarts in an hour and never backs off. */
#define SUPERVISOR(text, how, max, list)                                                     \
    {                                                                                        \
        .name = (text), .strategy = (how), .restarts = (max), .window_ns = 3600 * SN_SECOND, \
        .children = (list), .child_count = sizeof(list) / sizeof((list)[0])                  \
    }

/* Make the tree; aborts the test if it cannot be made. */
void world_init(struct world *world, const struct sn_supervisor_spec *root);
/* The same with options; their allocator is also the world's. */
void world_init_with(struct world *world, const struct sn_supervisor_spec *root,
                     const struct sn_tree_options *options);
void world_fini(struct world *world);

/* Events; all but world_post() then deliver all answers that are due. */
void world_start(struct world *world);
void world_stop(struct world *world);
void world_kill(struct world *world);
void world_exit(struct world *world, uint32_t pool, uint32_t index, enum sn_exit_kind kind);
/* A START that hangs fails with a code. */
void world_fail_start(struct world *world, uint32_t pool, uint32_t index, int code);
void world_advance(struct world *world, uint64_t ms);
void world_release(struct world *world, uint32_t pool, uint32_t index);
void world_post(struct world *world, struct sn_tree_event event);
void world_settle(struct world *world);
/* Tell the tree of an end or an answer at once, without a queue. */
void world_deliver(struct world *world, const struct sn_tree_event *event);

/* Admin requests. Return the result if it was answered by the time all was delivered, else -1;
 * world->answer_* tell more. */
int world_start_child(struct world *world, const char *supervisor,
                      const struct sn_child_spec *spec);
int world_terminate(struct world *world, const char *supervisor, const char *child);
int world_restart(struct world *world, const char *supervisor, const char *child);
int world_delete(struct world *world, const char *supervisor, const char *child);
int world_add(struct world *world, uint32_t pool);
int world_remove(struct world *world, uint32_t pool, uint32_t index);

struct actor *world_actor(struct world *world, uint32_t pool, uint32_t index);
struct behaviour *world_behave(struct world *world, uint32_t pool, uint32_t index);

/* Compare what was traced since the last call, and forget it. */
void world_expect(struct world *world, const char *trace);
/* Forget it. */
void world_skip(struct world *world);

/* "name:state:active" of each child, in order, separated by spaces. */
void world_expect_children(struct world *world, const char *supervisor, const char *text);
/* specs, active, supervisors, pools, as OTP's tests write it. */
void world_expect_counts(struct world *world, const char *supervisor, uint32_t specs,
                         uint32_t active, uint32_t supervisors, uint32_t pools);

/* Run suites made of test cases; returns main()'s result. */
int world_main(const char *suite, const TTest *const *tests, size_t count);

#endif
