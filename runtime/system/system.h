/* SPDX-License-Identifier: MIT */
#ifndef SN_SYSTEM_SYSTEM_H
#define SN_SYSTEM_SYSTEM_H

/*
 * A whole system: shards, ports, pools, the supervision tree and the threads. See README.md.
 */

#include "crash/crash.h"
#include "crash/trace.h"
#include "port/port.h"
#include "topo/topo.h"

#include <pthread.h>

/* What an order says, while its notice is still on its way from the last time. */
struct sn_root_order {
    uint64_t deadline_ns;
    uint32_t incarnation;
    uint8_t kind; /* enum sn_notice_kind */
    uint8_t why;  /* enum sn_stop_why */
    bool restored;
};

/* The purposes of notices that are orders: START, STOP, KILL, GONE. */
enum { SN_MEMBER_ORDERS = SN_MEMBER_ANSWER };

/* One member of the tree: its actor and the notices that belong to it. */
struct sn_root_member {
    struct sn_actor *actor;
    uint32_t unsent; /* a bit for each order that waits for its notice */
    uint32_t next_turn;
    uint32_t turns[SN_MEMBER_ORDERS];              /* in which they wait */
    struct sn_root_order orders[SN_MEMBER_ORDERS]; /* what to send then */
    struct sn_notice notices[SN_MEMBER_NOTICES];
};

enum sn_system_state {
    SN_SYSTEM_STARTING,
    SN_SYSTEM_STARTED,
    SN_SYSTEM_FAILED,  /* the tree did not start; `outcome` says why */
    SN_SYSTEM_STOPPED, /* the tree has stopped; `outcome` is 0 or SN_GAVE_UP */
};

/* The supervision tree on shard 0; all of it belongs to that shard's thread. */
struct sn_tree_root {
    struct sn_root root;
    struct sn_tree_sink sink;
    struct sn_tree *tree;
    struct sn_shard *shard; /* shard 0 */
    struct sn_system *system;
    struct sn_root_member *members;
    uint32_t member_count;
    struct sn_envelope *asked; /* requests of threads outside that the tree has not answered */
    uint32_t unsent;           /* members that have some */
    bool begun;
};

struct sn_watchdog;
struct sn_recorder;

struct sn_system {
    struct sn_world world;
    struct sn_tree_root root;
    struct sn_topo topo;
    struct sn_port *ports; /* the first that was opened is the last */
    uint32_t port_count;   /* places that were given out */
    pthread_mutex_t lock;  /* of the list of ports */
    pthread_t *threads;
    uint32_t thread_count;
    struct sn_recorder *recorder; /* NULL: none */
    struct sn_watchdog *watchdog; /* NULL: none */
    struct sn_sim *sim;           /* NULL: real threads */
    struct sn_notice stop;        /* from outside to the root */
    _Atomic(uint32_t) state;      /* enum sn_system_state; a futex */
    int outcome;
    int stopped_fd; /* readable when the state is SN_SYSTEM_STOPPED */
};

/* How long a stop waits for threads outside to leave their calls and to close their ports. */
#define SN_STOP_PATIENCE_NS SN_SECOND

/* phases.c */

/** Run the phases of a graceful stop, if the package has any; once. Threads: the one that stops. */
void sn_system_run_phases(struct sn_port *port);

/* root.c */

/** Make the tree and its members. Returns 0 or -errno, or SN_INVALID. */
int sn_root_init(struct sn_system *system);
void sn_root_fini(struct sn_system *system);

/** Let the tree take an event, at the shard's time. Threads: shard 0's. */
void sn_root_step(struct sn_tree_root *root, struct sn_tree_event event);

/* admin.c: on shard 0 */

/** A request of a thread outside has arrived. */
void sn_admin_request(struct sn_tree_root *root, struct sn_envelope *envelope);
/** What a request that was not answered wants. */
enum sn_event_kind sn_admin_kind(const struct sn_envelope *envelope);
/** The tree has answered one. */
void sn_admin_answer(struct sn_tree_root *root, const struct sn_tree_effect *effect);

/* pools.c */

/** Make the pools and their actors, all without incarnations, and name them. */
int sn_pools_create(struct sn_system *system, const void *const *args);
void sn_pools_destroy(struct sn_system *system);

/* ports.c */

/** Open a port. Returns 0 or -errno (-EMFILE: all places are taken). */
int sn_system_open_port(struct sn_system *system, bool shared, struct sn_port **ret_port);
void sn_system_free_ports(struct sn_system *system);

/* sim.c */

struct sn_sim;

/** Make the simulator's part of a system, before its shards. Returns 0, -ENOMEM or -EINVAL. */
int sn_sim_create(struct sn_system *system);
/** Free it, last of all: the system has its own allocator again. */
void sn_sim_destroy(struct sn_system *system);
/** The capacity that a mailbox gets: what the schema says, or the simulator. */
uint32_t sn_sim_capacity(const struct sn_world *world, uint32_t capacity);

/* watchdog.c: NULL is allowed where there is none */

/** Start the watchdog's thread, unless the options want none; before the shards' threads. Returns 0
 * or -errno. */
int sn_watchdog_start(struct sn_system *system);
/** The calling thread runs a shard from now on, or ends. */
void sn_watchdog_enter(struct sn_watchdog *watchdog, uint32_t shard);
void sn_watchdog_leave(struct sn_watchdog *watchdog, uint32_t shard);
/** After the shards' threads have ended. */
void sn_watchdog_stop(struct sn_system *system);

/* record.c: all of them do nothing where the options want no crash record */

enum { SN_RECORD_PATH_MAX = 4095 };

/** Begin to catch faults. Returns 0 or -errno: the file could not be written. */
int sn_recorder_start(struct sn_system *system);
/** The calling thread runs a shard from now on, or ends. */
void sn_recorder_enter(struct sn_system *system, uint32_t shard);
void sn_recorder_leave(struct sn_system *system, uint32_t shard);
/** After the shards' threads have ended. */
void sn_recorder_stop(struct sn_system *system);

/* start.c */

/** Free everything of a system whose threads have ended. */
void sn_system_free(struct sn_system *system);
/** Sleep while the system is in a state; spurious returns happen. */
void sn_system_await(struct sn_system *system, enum sn_system_state state);
/** Let the threads end, and wait for them. */
void sn_system_join(struct sn_system *system);

/** The system that a port belongs to. */
static inline struct sn_system *sn_port_system(const struct sn_port *port)
{
    return port->system;
}

#endif
