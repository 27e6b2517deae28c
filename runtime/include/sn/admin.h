/* SPDX-License-Identifier: MIT */
#ifndef SN_ADMIN_H
#define SN_ADMIN_H

/*
 * What threads outside may ask of the supervisors of a system, and how they end single actors.
 *
 * A child is a pool or a supervisor, named as in the schema: no two have the same name, and "root"
 * is the supervisor of all. Requests are carried out by the supervisor of the child, about one
 * child at a time, and in between its restarts; the calls wait for the answer. A handler has no
 * such calls, because it must not wait: it ends itself by SN_STOP, and others by a message.
 */

#include <sn/value.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sn_port;

enum sn_child_state {
    SN_CHILD_DOWN = 0,   /* nothing of it lives, or will by itself */
    SN_CHILD_RUNNING,    /* at least one of its members lives */
    SN_CHILD_RESTARTING, /* none lives, a restart is under way */
};

struct sn_child {
    const char *name; /* lives as long as the program */
    enum sn_child_state state;
    bool is_supervisor; /* else a pool */
    uint32_t members;   /* actors of a pool, dead or alive, but those made at run time while they
                           live; 1 of a supervisor */
    uint32_t active;    /* those of them that are up */
    uint64_t restarts;  /* that its failures have caused since the system began */
};

/* The children of one supervisor. The items live until this thread's next wait at the same port. */
struct sn_children {
    const struct sn_child *items;
    uint32_t count;
};

/**
 * List the children of a supervisor in the order in which they start.
 *
 * @supervisor  NULL: the root.
 * @timeout_ns  how long to wait for the answer; SN_FOREVER: without an end.
 *
 * Returns  0; SN_NOT_FOUND: there is no supervisor of that name; SN_GONE: the system is stopping;
 *          SN_TIMEOUT; -ENOMEM.
 * Threads  the port's.
 */
SN_API int sn_child_list(struct sn_port *port, const char *supervisor, uint64_t timeout_ns,
                         struct sn_children *ret_children);

/**
 * Stop a child for good: its actors handle what is queued within their `shutdown` time; a
 * supervisor's children stop first, in reverse order. Sends to it are SN_GONE from then on. It may
 * be started again by sn_child_restart(). A restart that is under way is called off.
 *
 * @timeout_ns  how long to wait for the answer; when it is over the stop goes on.
 *
 * Returns  0, also when it was down already; SN_NOT_FOUND; SN_GONE: its supervisor is not running;
 *          SN_TIMEOUT; -ENOMEM.
 * Threads  the port's.
 */
SN_API int sn_child_stop(struct sn_port *port, const char *child, uint64_t timeout_ns);

/**
 * Start a child again that is down. It begins from nothing: with an empty mailbox, a new reference,
 * and `retain` at zero.
 *
 * Returns  0 when all its inits have returned; SN_RUNNING; SN_RESTARTING; SN_NOT_FOUND; SN_GONE,
 *          SN_TIMEOUT and -ENOMEM as sn_child_stop(); SN_IGNORE: its init wants no instance; or the
 *          reason of an init that failed: then the child is down as before.
 * Threads  the port's.
 */
SN_API int sn_child_restart(struct sn_port *port, const char *child, uint64_t timeout_ns);

/**
 * Forget a child that is down: nothing starts it any more, not even a restart of its group, until
 * sn_child_start() or a restart of its supervisor.
 *
 * Returns  0; SN_RUNNING; SN_RESTARTING; SN_NOT_FOUND, SN_GONE, SN_TIMEOUT, -ENOMEM as above.
 * Threads  the port's.
 */
SN_API int sn_child_delete(struct sn_port *port, const char *child, uint64_t timeout_ns);

/**
 * Start a child that was deleted, as the last one of its supervisor.
 *
 * Returns  as sn_child_restart(), but if its init fails it is deleted again; SN_ALREADY_STARTED;
 *          SN_ALREADY_PRESENT: it was not deleted, but is down.
 * Threads  the port's.
 */
SN_API int sn_child_start(struct sn_port *port, const char *child, uint64_t timeout_ns);

/**
 * End one actor between two of its handlers, as if it had ended by itself; its supervisor decides
 * what follows, and counts a restart as one.
 *
 * @reason  SN_STOP: a normal end; SN_SHUTDOWN: a stop that was asked for, after which a transient
 *          actor stays away; anything else but 0: a failure, which linked actors share.
 *
 * Returns  0: the order is on its way; SN_GONE; SN_INVALID: the reason is 0; -ENOMEM. An actor
 *          without an incarnation, because it waits for its restart, is left alone.
 * Threads  the port's.
 */
SN_API int sn_end(struct sn_port *port, sn_ref actor, int reason);

#ifdef __cplusplus
}
#endif
#endif
