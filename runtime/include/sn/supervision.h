/* SPDX-License-Identifier: MIT */
#ifndef SN_SUPERVISION_H
#define SN_SUPERVISION_H

/*
 * What a supervision tree is made of: plain constant data, emitted by sngen.
 *
 * A supervisor has children in an order: they start one after the other in it, and stop in the
 * reverse of it. A child is another supervisor or a pool. A pool is ONE child position: under
 * one_for_one only its failed member restarts, under one_for_all and rest_for_one the whole pool
 * does, and either way one failure counts once in the supervisor's window.
 */

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum sn_strategy {
    SN_ONE_FOR_ONE = 0, /* a failure restarts the failed member only */
    SN_ONE_FOR_ALL,     /* a failure stops and restarts all children */
    SN_REST_FOR_ONE,    /* a failure stops and restarts the child and those after it */
};

enum sn_restart {
    SN_PERMANENT = 0, /* always restarted, also after a normal stop */
    SN_TRANSIENT,     /* restarted unless it stopped normally or was shut down */
    SN_TEMPORARY,     /* never restarted, not even with its group */
};

enum sn_auto_shutdown {
    SN_AUTO_SHUTDOWN_NEVER = 0,
    SN_AUTO_SHUTDOWN_ANY, /* the supervisor stops when a significant child ended by itself */
    SN_AUTO_SHUTDOWN_ALL, /* it stops when the last significant child ended by itself */
};

/* `restarts`: never give up. */
#define SN_RESTARTS_UNLIMITED UINT32_MAX
/* The largest other value of `restarts`: the window remembers that many times. */
#define SN_RESTARTS_MAX 65535
/* `shutdown_ns`: kill without asking; wait without an end. */
#define SN_SHUTDOWN_BRUTAL UINT64_C(0)
#define SN_SHUTDOWN_INFINITE UINT64_MAX
/* The defaults that sngen writes out where the schema is silent. */
#define SN_SHUTDOWN_DEFAULT_NS UINT64_C(5000000000)
#define SN_RESTARTS_DEFAULT 1
#define SN_WINDOW_DEFAULT_NS UINT64_C(5000000000)

struct sn_supervisor_spec;

/* One child position of a supervisor: a pool, or a supervisor below. */
struct sn_child_spec {
    const char *name; /* unique in its supervisor */
    /* A supervisor below; NULL: the child is a pool. */
    const struct sn_supervisor_spec *supervisor;
    uint64_t shutdown_ns; /* between "stop" and "kill"; SN_SHUTDOWN_* */
    uint32_t pool;        /* number of the pool; one position a pool in the whole tree */
    /* How many members start with the tree; 0: the options of the tree say (size: auto).
     * Of a dynamic pool: how many there can be at most; none starts with the tree. */
    uint32_t members;
    uint8_t restart;  /* enum sn_restart */
    bool dynamic;     /* a pool whose members are made at run time */
    bool significant; /* its own end counts for the supervisor's auto_shutdown */
};

struct sn_supervisor_spec {
    const char *name;      /* unique in the tree */
    uint8_t strategy;      /* enum sn_strategy */
    uint8_t auto_shutdown; /* enum sn_auto_shutdown */
    /* Give up when more than `restarts` restarts were needed within the window: with 2 at the
     * third failure, with 0 at the first. A restart at s is in the window of one at t if
     * t - s < window_ns. */
    uint32_t restarts;
    uint64_t window_ns;
    /* The first restart in a window is immediate; the k-th after it waits between
     * backoff_min_ns and backoff_min_ns << k, at most backoff_max_ns. Both 0: never waits. */
    uint64_t backoff_min_ns;
    uint64_t backoff_max_ns;
    const struct sn_child_spec *children; /* in order */
    uint32_t child_count;
};

#ifdef __cplusplus
}
#endif
#endif
