/* SPDX-License-Identifier: MIT */
#ifndef SN_SUPERVISE_TREE_H
#define SN_SUPERVISE_TREE_H

/*
 * The inside of the tree; only this folder includes it.
 *
 *     sn_tree -> sn_supervisor (root) -> sn_position, in order -> sn_instance, by index
 *                      ^                                               |
 *                      +------ below: the position is a supervisor ----+
 *
 * An *instance* is what lives and dies: a member of a pool, or the one instance of a supervisor
 * position. The two behave alike for the supervisor above, so it never asks which it is.
 *
 * The machine is level-triggered. An event changes the state of one instance and *wakes* the
 * supervisor that owns it; sn_supervisor_advance() then looks at the state and does the next
 * thing. Nothing calls upwards or downwards recursively while a list is being walked, except that
 * starting, stopping, killing and retiring an instance reach into the supervisor below it.
 */

#include "base/base.h"
#include "supervise/chain.h"
#include "supervise/deadline.h"
#include "supervise/supervise.h"
#include "supervise/window.h"

#define SN_TREE_DEPTH_MAX 32
#define SN_TREE_POOLS_MAX 65536
#define SN_TREE_MEMBERS_MAX (UINT32_C(1) << 24)

/* An entry of the name index; embedded in supervisors and positions. */
struct sn_name {
    struct sn_name *next;
    const char *text;
    const struct sn_supervisor *owner; /* of a position; NULL: this names a supervisor */
};

struct sn_names {
    struct sn_name **buckets;
    uint32_t bucket_count; /* a power of two */
    uint32_t count;
};

enum sn_instance_state {
    SN_INSTANCE_DOWN = 0, /* no incarnation, none to come by itself */
    SN_INSTANCE_STARTING, /* live: asked to start */
    SN_INSTANCE_UP,       /* live */
    SN_INSTANCE_STOPPING, /* live: asked to stop */
    SN_INSTANCE_WAITING,  /* to be started again, by its timer or with its group */
    SN_INSTANCE_ENDED,    /* it exited, and its supervisor has not yet had the time to judge */
};

struct sn_instance {
    struct sn_chain link;       /* in position->instances; spare ones in position->spares */
    struct sn_chain ended_link; /* in owner->ended while ENDED */
    struct sn_position *position;
    struct sn_supervisor *below; /* NULL: a member of a pool */
    struct sn_request *request;  /* ADD_MEMBER or REMOVE_MEMBER waiting for it, by `next` */
    struct sn_deadline timer;    /* WAITING: start again; STOPPING: kill */
    struct sn_exit exit;         /* of ENDED */
    uint32_t id;                 /* sn_member.index; UINT32_MAX for a supervisor */
    uint32_t index;              /* in its pool */
    uint8_t state;               /* enum sn_instance_state */
    bool known;                  /* it was started since it was last GONE */
    bool retrying;               /* STARTING as a restart */
    bool killed;                 /* KILL was sent to this incarnation */
    bool leaving;                /* to be removed when it is down */
    bool spare;                  /* unused, in position->spares */
};

struct sn_position {
    struct sn_chain link;         /* in owner->positions */
    struct sn_chain garbage_link; /* in owner->garbage when dropped and added */
    struct sn_name name;
    struct sn_supervisor *owner;
    const struct sn_child_spec *spec;
    struct sn_chain instances;
    struct sn_chain spares;    /* removed members of a dynamic pool, with their index and id */
    struct sn_instance *array; /* the instances that it was made with */
    struct sn_deadline timer;  /* kill what is still stopping */
    uint64_t order;            /* grows along owner->positions */
    uint32_t array_count;
    uint32_t index_count; /* dynamic: indices given out so far */
    uint64_t restarts;    /* for which it was the reason */
    uint32_t live;        /* instances STARTING, UP or STOPPING */
    uint32_t starting;    /* instances STARTING */
    bool added;           /* made at run time: gone when the supervisor goes down */
    bool dropped;         /* not there, until the supervisor starts again */
    bool final;           /* going down for good: instances are retired as they end */
};

enum sn_phase {
    SN_PHASE_DOWN = 0,
    SN_PHASE_START, /* starting all, serially */
    SN_PHASE_UP,
    SN_PHASE_HALT, /* stopping a group that is to be restarted, from the last back to `from` */
    SN_PHASE_WAIT, /* the group is down, its back-off runs */
    SN_PHASE_REDO, /* starting the group again, from `from` to the last */
    SN_PHASE_STOP, /* stopping all, for one of several reasons */
};

/* Which start failed, and why. */
struct sn_failure {
    const char *supervisor;
    const char *child;
    uint32_t id;
    struct sn_exit exit;
};

struct sn_supervisor {
    struct sn_tree *tree;
    const struct sn_supervisor_spec *spec;
    struct sn_instance *self; /* in the supervisor above; NULL: the root */
    struct sn_name name;
    struct sn_position **declared; /* the positions of the specification, in its order */
    struct sn_chain positions;     /* all, in the order of starting */
    struct sn_chain garbage;       /* positions to be freed when nothing points to them */
    struct sn_chain ended;         /* instances ENDED, oldest first */
    struct sn_chain wake_link;     /* in tree->awake */
    struct sn_chain requests;      /* about children, waiting, oldest first */
    struct sn_chain adds;          /* ADD_MEMBER, waiting, oldest first */
    struct sn_request *active;     /* a request about a position that is under way */
    struct sn_position *cursor;    /* START, REDO, HALT, STOP: the position under way */
    struct sn_position *from;      /* HALT, WAIT, REDO: the first of the group */
    struct sn_position *culprit;   /* HALT, WAIT, REDO: whose failure it was */
    struct sn_deadline wait;       /* WAIT: until then */
    struct sn_window window;
    struct sn_instance *failed; /* START, REDO: the first that did not start */
    struct sn_failure failure;  /* of `failed` */
    struct sn_exit end;         /* STOP: what the supervisor above will see */
    uint64_t not_before_ns;     /* HALT: when the group may start again */
    uint64_t order;             /* of the last position */
    uint32_t significant;       /* instances of significant positions that are not DOWN */
    uint8_t phase;              /* enum sn_phase */
    uint8_t why;                /* STOP: enum sn_stop_why for the members */
    bool final;                 /* STOP: it will not be started again */
    bool never_up;              /* STOP: it was still starting */
    bool killing;               /* STOP: everything below was sent a KILL */
};

/* Which instance has a member number. The count of incarnations outlives the instance, so that a
 * number which is used again never repeats an incarnation. */
struct sn_slot {
    struct sn_instance *instance; /* NULL: free */
    uint32_t incarnation;
    uint32_t next_free;
};

struct sn_tree {
    const struct sn_allocator *allocator;
    struct sn_tree_sink *sink;       /* during a step */
    struct sn_tree_problem *problem; /* during create */
    struct sn_supervisor *root;
    const uint32_t *pool_sizes; /* during create */
    struct sn_position **pools; /* by pool number */
    struct sn_slot *slots;      /* by member number */
    struct sn_names names;
    struct sn_deadlines deadlines;
    struct sn_chain awake; /* supervisors to advance */
    uint64_t now_ns;
    uint64_t random;
    uint64_t timer_ns; /* the last SET_TIMER */
    uint32_t pool_size_count;
    uint32_t pool_capacity;
    uint32_t slot_capacity;
    uint32_t slot_count; /* used so far: the bound of member numbers */
    uint32_t free_slot;  /* UINT32_MAX: none */
    bool timer_set;
};

/* ---- names.c ---------------------------------------------------------------------------- */

/* Enter a name. Returns 0 or -ENOMEM (only for the first). */
int sn_names_add(struct sn_tree *tree, struct sn_name *name);
void sn_names_remove(struct sn_tree *tree, struct sn_name *name);
void sn_names_fini(struct sn_tree *tree);
/* The supervisor of a name, or NULL. */
struct sn_supervisor *sn_names_supervisor(const struct sn_tree *tree, const char *text);
/* The child of a name that is not dropped, or NULL. */
struct sn_position *sn_names_child(const struct sn_supervisor *owner, const char *text);
/* The declared child with this very specification if it is dropped, or NULL. */
struct sn_position *sn_names_dropped(const struct sn_supervisor *owner,
                                     const struct sn_child_spec *spec);

/* ---- check.c ---------------------------------------------------------------------------- */

/* Returns a sentence about what is contradictory in it by itself, or NULL. */
const char *sn_supervisor_problem(const struct sn_supervisor_spec *spec);
const char *sn_child_problem(const struct sn_supervisor_spec *owner,
                             const struct sn_child_spec *spec);

/* ---- build.c ---------------------------------------------------------------------------- */

/* Make a child, with all below it, as the last of `owner`. Returns 0, SN_INVALID or -ENOMEM;
 * on failure nothing is left. */
int sn_position_build(struct sn_supervisor *owner, const struct sn_child_spec *spec, uint32_t depth,
                      struct sn_position **ret_position);
/* Free a position and all below it. Everything in it is down. */
void sn_position_free(struct sn_position *position);
/* One more instance of a dynamic pool. Returns 0, SN_FULL or -ENOMEM. */
int sn_position_grow(struct sn_position *position, struct sn_instance **ret_instance);

/* ---- instance.c ------------------------------------------------------------------------- */

void sn_instance_start(struct sn_instance *instance, bool retrying);
void sn_instance_stop(struct sn_instance *instance, enum sn_stop_why why);
void sn_instance_kill(struct sn_instance *instance);
/* A deadline passed: kill, and say so in a note. */
void sn_instance_overran(struct sn_instance *instance);
/* Set the state, keep the counts, cancel the timer. */
void sn_instance_set(struct sn_instance *instance, enum sn_instance_state state);
/* Nothing of it will come back by itself: GONE, for all members below it. */
void sn_instance_retire(struct sn_instance *instance);
/* Take a member of a dynamic pool, which is down, out of it. */
void sn_instance_remove(struct sn_instance *instance);
bool sn_instance_live(const struct sn_instance *instance);

/* The four answers to START, from the owner of the tree or from the supervisor below. */
void sn_instance_started(struct sn_instance *instance);
void sn_instance_start_failed(struct sn_instance *instance, struct sn_exit exit);
void sn_instance_ignored(struct sn_instance *instance);
void sn_instance_exited(struct sn_instance *instance, struct sn_exit exit);

/* ---- supervisor.c ----------------------------------------------------------------------- */

void sn_supervisor_start(struct sn_supervisor *supervisor);
void sn_supervisor_stop(struct sn_supervisor *supervisor, enum sn_stop_why why, bool final);
void sn_supervisor_kill(struct sn_supervisor *supervisor, bool final);
void sn_supervisor_retire(struct sn_supervisor *supervisor);
void sn_supervisor_wake(struct sn_supervisor *supervisor);
/* Do the next thing. */
void sn_supervisor_advance(struct sn_supervisor *supervisor);
/* The next and the position before; NULL for the end of `supervisor`'s list. `position` NULL: the
 * first, the last. */
struct sn_position *sn_position_next(const struct sn_supervisor *supervisor,
                                     const struct sn_position *position);
struct sn_position *sn_position_prev(const struct sn_supervisor *supervisor,
                                     const struct sn_position *position);
/* Stop, or finish off, all instances of a position. */
void sn_position_stop(struct sn_position *position, enum sn_stop_why why, bool final);
void sn_position_start(struct sn_position *position);
/* A temporary child none of whose instances lives is no longer a child. */
void sn_position_settle(struct sn_position *position);
/* It is no longer a child. */
void sn_position_drop(struct sn_position *position);
bool sn_position_in_group(const struct sn_position *position);

/* ---- policy.c --------------------------------------------------------------------------- */

/* Whether an exit can be judged now; otherwise it waits as ENDED. */
bool sn_supervisor_can_judge(const struct sn_supervisor *supervisor);
/* An instance that was up has ended by itself. */
void sn_supervisor_judge(struct sn_supervisor *supervisor, struct sn_instance *instance,
                         struct sn_exit exit);
/* Count one restart because of an instance, and restart it or its group, or give up. */
void sn_supervisor_restart(struct sn_supervisor *supervisor, struct sn_instance *instance,
                           struct sn_exit exit);
/* Begin to stop all children; the supervisor above will see `end`. */
void sn_supervisor_go_down(struct sn_supervisor *supervisor, enum sn_stop_why why, bool final,
                           struct sn_exit end);
/* The back-off of a group is called off: what is down stays down. */
void sn_supervisor_cancel_restart(struct sn_supervisor *supervisor);

/* ---- request.c -------------------------------------------------------------------------- */

void sn_request_submit(struct sn_tree *tree, const struct sn_tree_event *event);
/* Go on with the request under way. Returns false while it is not finished. */
bool sn_request_continue(struct sn_supervisor *supervisor);
/* Serve the oldest request. Returns false if there is none. */
bool sn_request_serve(struct sn_supervisor *supervisor);
/* Serve all ADD_MEMBER requests. */
void sn_request_add_members(struct sn_supervisor *supervisor);
/* Answer all requests that are under way or wait. */
void sn_request_reject(struct sn_supervisor *supervisor, int result);
/* A start that belongs to the request under way failed, or was ignored. */
void sn_request_start_failed(struct sn_supervisor *supervisor, struct sn_exit exit);
void sn_request_start_ignored(struct sn_supervisor *supervisor, const struct sn_position *position);
/* Answer the requests that wait for one instance. */
void sn_request_finish(struct sn_instance *instance, int result);
/* Free requests without an answer: a chain by `next`; those of a supervisor. */
void sn_request_drop(struct sn_tree *tree, struct sn_request *request);
void sn_request_drop_all(struct sn_supervisor *supervisor);
/* The common result that tells of an exit: its code, never 0. */
int sn_exit_result(struct sn_exit exit);

/* ---- step.c, query.c -------------------------------------------------------------------- */

/* The instance with a member number, or NULL. */
struct sn_instance *sn_tree_instance(const struct sn_tree *tree, sn_member member);
enum sn_child_state sn_position_state(const struct sn_position *position);

/* ---- effect.c --------------------------------------------------------------------------- */

void sn_effect_start(const struct sn_instance *instance, bool restored);
void sn_effect_stop(const struct sn_instance *instance, enum sn_stop_why why, uint64_t deadline_ns);
void sn_effect_kill(const struct sn_instance *instance);
void sn_effect_gone(const struct sn_instance *instance);
void sn_effect_answer(struct sn_tree *tree, uint64_t token, int result,
                      const struct sn_instance *instance);
void sn_effect_note(enum sn_note note, const struct sn_instance *instance, struct sn_exit exit,
                    uint64_t deadline_ns);
/* What became of the root. */
void sn_effect_root(const struct sn_supervisor *root, enum sn_effect_kind kind);
void sn_effect_timer(struct sn_tree *tree);

/* now + time, without an overflow. */
static inline uint64_t sn_after(uint64_t now_ns, uint64_t time_ns)
{
    return now_ns > UINT64_MAX - time_ns ? UINT64_MAX : now_ns + time_ns;
}

#endif
