/* SPDX-License-Identifier: MIT */
#ifndef SN_SUPERVISE_H
#define SN_SUPERVISE_H

/*
 * All supervisors of one system as a pure state machine: a timestamped event goes in, effects
 * come out. No thread, no I/O, no clock, no sleep. One thread owns the tree and carries the
 * effects to where the actors live.
 *
 *     shard 0                             the tree
 *     -------                             --------
 *     an actor's init returned  -event->  sn_tree_step()
 *     START, STOP, KILL, ...   <-effect-  sink->effect() for each, in order, before step returns
 *
 * A *member* is one actor of a pool, known by a small number that never changes (`sn_member`,
 * dense, so that the owner keeps arrays over it). Each start of a member is a new *incarnation*
 * 1, 2, 3, ...; an event that names another incarnation than the current one is stale and ignored.
 *
 * What the owner promises for each START: exactly one of STARTED, START_FAILED, IGNORED or EXITED
 * as its first answer; after STARTED exactly one EXITED, now or later. STOP asks for it (the
 * member may still be in its init: then after that), KILL asks for it at the next boundary of a
 * handler. However an incarnation ends, one of the last three events ends it.
 *
 * What the tree promises: at most one incarnation of a member lives at a time; children of one
 * supervisor start in order, each acknowledged before the next; they stop in reverse order, each
 * gone before the next; the members of one pool start together and stop together under one timer.
 */

#include <sn/admin.h>
#include <sn/result.h>
#include <sn/supervision.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sn_allocator;
struct sn_tree;

/* A member: index < sn_tree_member_bound(). The number stays with (pool, index). */
typedef struct sn_member {
    uint32_t index;
} sn_member;

#define SN_MEMBER_NONE ((sn_member){UINT32_MAX})

/* Why an incarnation ended, or did not start. */
enum sn_exit_kind {
    SN_EXIT_NORMAL = 0, /* it wanted to stop (SN_STOP) */
    SN_EXIT_SHUTDOWN,   /* its supervisor, or somebody with the right to, asked it to stop */
    SN_EXIT_FAILED,     /* a failure; `code` is its reason */
    SN_EXIT_KILLED,     /* it did not stop in time, or was killed */
};

struct sn_exit {
    enum sn_exit_kind kind;
    int code; /* any result of the common space */
};

/* ---- events ----------------------------------------------------------------------------- */

enum sn_event_kind {
    /* Start the root. Answered by exactly one of the effects STARTED, START_FAILED, STOPPED. */
    SN_EVENT_START,
    /* Stop all, in reverse order, gracefully. Answered by STOPPED. Again: changes nothing. */
    SN_EVENT_STOP,
    /* Stop all at once, without asking: every living member gets KILL. Answered by STOPPED. */
    SN_EVENT_KILL,
    /* The time is not before the deadline of the last SET_TIMER. Early ones do no harm. */
    SN_EVENT_TIMER,
    /* About `member` and `incarnation`. */
    SN_EVENT_STARTED,      /* its init succeeded */
    SN_EVENT_START_FAILED, /* its init failed, with `exit` */
    SN_EVENT_IGNORED,      /* its init said SN_IGNORE: no instance, but no error */
    SN_EVENT_EXITED,       /* it has ended, with `exit` */
    /* The admin interface. Each is answered by exactly one ANSWER with the same `token`, in the
     * same step or later. Requests about the children of one supervisor are served one after the
     * other, those about members side by side; while a group stops or starts, all wait. */
    SN_EVENT_START_CHILD,     /* `supervisor`, `spec`: a new last child, with its members */
    SN_EVENT_TERMINATE_CHILD, /* `supervisor`, `child`: stop it, keep its specification */
    SN_EVENT_RESTART_CHILD,   /* `supervisor`, `child`: start a terminated one again */
    SN_EVENT_DELETE_CHILD,    /* `supervisor`, `child`: forget a terminated one */
    SN_EVENT_ADD_MEMBER,      /* `pool`, a dynamic one: start one more member */
    SN_EVENT_REMOVE_MEMBER,   /* `member` of a dynamic pool: stop it and forget it */
};

struct sn_tree_event {
    enum sn_event_kind kind;
    uint64_t now_ns; /* monotonic, never before that of the last event */
    sn_member member;
    uint32_t incarnation;
    struct sn_exit exit;
    uint64_t token;
    uint32_t pool;
    const char *supervisor;           /* borrowed during the step */
    const char *child;                /* borrowed until the answer */
    const struct sn_child_spec *spec; /* borrowed, with all below it, while the tree lives */
};

/* ---- effects ---------------------------------------------------------------------------- */

enum sn_effect_kind {
    /* Begin `incarnation` of `member`. `restored`: mailbox, reference and `retain` of the
     * incarnation before are kept; otherwise the member begins from nothing. */
    SN_EFFECT_START,
    /* Ask it to end by `deadline_ns` (SN_SHUTDOWN_INFINITE: there is none); see `why`. */
    SN_EFFECT_STOP,
    /* End it at the next boundary of a handler, whatever it is doing. */
    SN_EFFECT_KILL,
    /* No incarnation of `member` lives and none will come by itself: close the mailbox for good,
     * dead-letter what is queued, let senders see SN_GONE. Follows the last exit. */
    SN_EFFECT_GONE,
    /* The one timer of the whole tree: send SN_EVENT_TIMER at deadline_ns; replaces the last. */
    SN_EFFECT_SET_TIMER,
    SN_EFFECT_CLEAR_TIMER,
    /* The root has started: all children have. */
    SN_EFFECT_STARTED,
    /* The root did not start: `child` in `supervisor` did not, with `exit`. Those started before
     * it have been stopped again. The tree may be started again. */
    SN_EFFECT_START_FAILED,
    /* All has stopped: `result` is 0 or SN_GAVE_UP. The tree may be started again. */
    SN_EFFECT_STOPPED,
    /* The admin request `token` is done: `result`, and `member` for ADD_MEMBER.
     * 0; SN_IGNORE (its init said so); SN_GONE (that supervisor is not running);
     * SN_NOT_FOUND to SN_RUNNING; SN_INVALID; SN_FULL (a dynamic pool has all its members);
     * -ENOMEM; or the reason of an init that failed. */
    SN_EFFECT_ANSWER,
    /* For logs and metrics only: see `note`. */
    SN_EFFECT_NOTE,
};

enum sn_stop_why {
    SN_STOP_SHUTDOWN = 0, /* for good: handle what is queued, then end */
    SN_STOP_RESTART,      /* with its group, to be started again: keep what is queued */
    SN_STOP_GIVE_UP,      /* a supervisor gave up or did not start: do not handle the queue */
};

enum sn_note {
    SN_NOTE_RESTART = 0,   /* `supervisor` restarts for `child`/`member` at `deadline_ns` */
    SN_NOTE_GAVE_UP,       /* `supervisor` gives up because of `child`/`member` */
    SN_NOTE_AUTO_SHUTDOWN, /* `supervisor` stops because significant `child` ended */
    SN_NOTE_ENDED,         /* `child`/`member` ended by itself and is not restarted */
    SN_NOTE_KILLED,        /* `child`/`member` overran its shutdown time and is killed */
};

struct sn_tree_effect {
    enum sn_effect_kind kind;
    sn_member member; /* SN_MEMBER_NONE where the subject is a supervisor */
    uint32_t incarnation;
    uint32_t pool;  /* of the member */
    uint32_t index; /* of the member in its pool */
    bool restored;
    enum sn_stop_why why;
    enum sn_note note;
    uint64_t deadline_ns;
    struct sn_exit exit;
    int result;
    uint64_t token;
    const char *supervisor; /* as in the specification, else NULL */
    const char *child;
};

/*
 * Where effects go: embed it in a struct of your own. It is called during sn_tree_step(), in
 * order, must not call back into the tree, and cannot fail.
 */
struct sn_tree_sink {
    void (*effect)(struct sn_tree_sink *sink, const struct sn_tree_effect *effect);
};

/* ---- functions -------------------------------------------------------------------------- */

/* What is contradictory in a specification. */
struct sn_tree_problem {
    const char *text;  /* a sentence without the name; a constant */
    const char *where; /* name of the supervisor or child, from the specification; can be NULL */
};

struct sn_tree_options {
    const struct sn_allocator *allocator; /* NULL: the system's; must outlive the tree */
    uint64_t seed;                        /* of the back-off's jitter */
    const uint32_t *pool_sizes;           /* by pool number, where the tree says members 0 */
    uint32_t pool_count;                  /* elements of pool_sizes */
    struct sn_tree_problem *ret_problem;  /* NULL, or filled in on SN_INVALID */
};

/**
 * Make a tree; it starts with SN_EVENT_START.
 *
 * @root      borrowed, with all below it, until destroy.
 * @options   NULL: the defaults. Not needed after, except for the allocator.
 * @ret_tree  set on success only.
 *
 * Returns  0; SN_INVALID (options->ret_problem says why); -ENOMEM.
 * Threads  the one that will own the tree.
 * Owns     the caller; sn_tree_destroy().
 */
int sn_tree_create(const struct sn_supervisor_spec *root, const struct sn_tree_options *options,
                   struct sn_tree **ret_tree);

/** Free a tree in any state, without effects. NULL: does nothing. Threads: the owner. */
void sn_tree_destroy(struct sn_tree *tree);

/**
 * Take one event and give all its effects to the sink.
 *
 * @event  which fields count depends on its kind; a stale or impossible one has no effect.
 *
 * Threads  the owner; not from inside the sink.
 * Owns     nothing; the effects and what they point to are borrowed during the callback, except
 *          names, which live as long as the specification.
 */
void sn_tree_step(struct sn_tree *tree, const struct sn_tree_event *event,
                  struct sn_tree_sink *sink);

/** Every sn_member.index is below this; it grows with children and members made at run time. */
uint32_t sn_tree_member_bound(const struct sn_tree *tree);

enum sn_member_state {
    SN_MEMBER_ABSENT = 0, /* no instance and none to come; or no such member */
    SN_MEMBER_STARTING,
    SN_MEMBER_UP,
    SN_MEMBER_STOPPING,
    SN_MEMBER_WAITING, /* down, to be restarted */
};

struct sn_member_info {
    uint32_t pool;
    uint32_t index;
    uint32_t incarnation; /* the current or last one; 0 before the first */
    enum sn_member_state state;
};

/** What is known of a member. Returns 0 or SN_NOT_FOUND. Threads: the owner. */
int sn_tree_member_info(const struct sn_tree *tree, sn_member member,
                        struct sn_member_info *ret_info);

/** The number of a pool's member. Returns 0 or SN_NOT_FOUND. Threads: the owner. */
int sn_tree_member_find(const struct sn_tree *tree, uint32_t pool, uint32_t index,
                        sn_member *ret_member);

struct sn_child_info {
    const struct sn_child_spec *spec;
    enum sn_child_state state;
    uint32_t members;  /* of a pool; 1 of a supervisor */
    uint32_t active;   /* members that live, are not restarting, and were not asked to stop */
    uint64_t restarts; /* for which it was the reason, tries included */
};

struct sn_tree_visitor {
    void (*child)(struct sn_tree_visitor *visitor, const struct sn_child_info *info);
};

/**
 * The children of a supervisor, in order.
 *
 * @visitor  called for each; must not call back into the tree.
 *
 * Returns  0; SN_NOT_FOUND: there is no supervisor of that name.
 * Threads  the owner.
 */
int sn_tree_which_children(const struct sn_tree *tree, const char *supervisor,
                           struct sn_tree_visitor *visitor);

/** One child of a supervisor. Returns 0 or SN_NOT_FOUND. Threads: the owner. */
int sn_tree_find_child(const struct sn_tree *tree, const char *supervisor, const char *child,
                       struct sn_child_info *ret_info);

struct sn_child_counts {
    uint32_t specs;       /* child positions */
    uint32_t active;      /* pool members and supervisors that are up */
    uint32_t supervisors; /* positions that are supervisors, running or not */
    uint32_t pools;       /* positions that are pools, running or not */
};

/** Count the children of a supervisor. Returns 0 or SN_NOT_FOUND. Threads: the owner. */
int sn_tree_count_children(const struct sn_tree *tree, const char *supervisor,
                           struct sn_child_counts *ret_counts);

#endif
