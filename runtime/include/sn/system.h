/* SPDX-License-Identifier: MIT */
#ifndef SN_SYSTEM_H
#define SN_SYSTEM_H

/*
 * A system: its options, and what threads outside the runtime may do with it. Everything hangs
 * from the system that <package>_start() made; two systems in one process do not know of each
 * other.
 */

#include <sn/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A thread outside's door into a system: `app->sn` of the generated handle. */
struct sn_port;

/*
 * Where memory comes from. Both functions are called by any thread of the system at any time;
 * `alloc` gives memory aligned to 64 bytes, or NULL.
 */
struct sn_allocator {
    void *(*alloc)(void *context, size_t size);
    void (*free)(void *context, void *memory, size_t size);
    void *context;
};

/* What time it is: nanoseconds that never go back. Called by any thread of the system. */
struct sn_clock {
    uint64_t (*now_ns)(void *context);
    void *context;
};

/* The simulator's options: <sn/sim.h>. */
struct sn_sim_options;

enum sn_io_backend {
    SN_IO_BACKEND_AUTO = 0, /* io_uring where the kernel allows it, epoll elsewhere */
    SN_IO_BACKEND_URING,
    SN_IO_BACKEND_EPOLL,
};

enum sn_log_level { SN_LOG_ERROR, SN_LOG_WARNING, SN_LOG_INFO };

/* One line of the runtime's own log; `text` lives during the call. Of what may happen often
 * (failures, dead letters, restarts, breakers, slow handlers) each shard writes a few lines a
 * second; the next line says how many others there were. */
struct sn_log_record {
    enum sn_log_level level;
    const char *text;
    uint64_t suppressed; /* lines of the same kind and shard that were left out before this one */
};

/* Why a message became a dead letter: the target is gone, or its handler failed (as often as
 * `poison_after` says), or its actor stopped before it was handled, or it found no room in all its
 * tries. The texts live for ever. */
struct sn_dead_letter {
    const char *message; /* its name in the schema */
    const char *pool;    /* whom it was for */
    uint32_t index;
    int reason; /* SN_GONE, SN_FAILED, SN_SHUTDOWN, SN_DROPPED */
    sn_ref target;
    sn_ref source;    /* zero: a thread outside */
    uint64_t sent_ns; /* the sender's clock */
};

/*
 * All zero is a good choice for every field.
 */
struct sn_system_options {
    uint32_t shards;               /* 0: one for each core that this process may use */
    bool unpinned;                 /* leave the threads to the kernel's scheduler */
    enum sn_io_backend io_backend; /* how a shard parks */
    uint64_t spin_ns;              /* how long a shard looks for work before it parks; 0: 20 us, and
                                      up to 100 us while it is woken soon after it parks; or not
                                      at all when there are more shards than cores */
    uint64_t seed;                 /* of sn_random(); 0: from the operating system */
    const char *cgroup_root;       /* NULL: /sys/fs/cgroup; where the CPU limit is read */
    const struct sn_allocator *allocator; /* NULL: the C library's; outlives the system */
    const struct sn_clock *clock;         /* NULL: CLOCK_MONOTONIC; outlives the system */
    const struct sn_sim_options *sim;     /* NULL: real threads and real time */
    /* A handler that does not return: a warning in the log that names actor, message and call stack
     * after stuck_warn_ns (0: 25 ms, or the worker's slow_after if that is longer; SN_FOREVER:
     * none) and whenever the time has doubled; the end of the process by SIGABRT after
     * stuck_abort_ns (0: never). Watched by a thread that looks every 5 ms while a shard works and
     * asks a stuck one for its stack by SIGURG; not in the simulator. Without a log the last words
     * go to standard error.
     */
    uint64_t stuck_warn_ns;
    uint64_t stuck_abort_ns;
    /* Where a memory fault, a failed assertion of the runtime or an abort() leaves a record, for
     * sn-postmortem(1): a file's path, in which %p stands for the process's number. NULL: none.
     * With the directory in front, if it is relative, it has at most 4095 bytes; the start fails
     * where the file could not be written. SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT are caught
     * for it as long as a system with this option runs; a handler that was there before gets the
     * signal afterwards, one that is installed later gets it instead. The fault itself is never
     * recovered from. */
    const char *crash_record;
    /* Called by shard threads, any of them at any time: must be thread-safe and quick. NULL: no
     * log, no notice. `user` is passed on unchanged. */
    void (*log)(const struct sn_log_record *record, void *user);
    void (*dead_letter)(const struct sn_dead_letter *letter, void *user);
    void *user;
    uint32_t log_lines; /* of one kind of what may happen often, a shard and second; 0: 20 */
};

/*
 * What the system has done with the messages that it accepted. At rest
 *
 *   accepted = handled + failed + dropped + expired + dead_lettered + queued
 *   asks_started = asks_completed + asks_outstanding
 */
struct sn_stats {
    uint64_t accepted;
    uint64_t handled;
    uint64_t failed;
    uint64_t dropped;
    uint64_t expired;
    uint64_t dead_lettered;
    uint64_t queued;
    uint64_t asks_started;
    uint64_t asks_completed;
    uint64_t asks_outstanding;
    uint64_t late_replies; /* replies that nobody waited for any more */
    uint64_t rejected;     /* sends that were answered SN_FULL or SN_GONE: never accepted */
    uint64_t restarts;
    uint64_t retries;          /* tries after the first, of edges with `retry` */
    uint64_t breakers_opened;  /* how often a circuit breaker has opened */
    uint64_t letters_lost;     /* dead letters that a worker had no room for, or failed over */
    uint64_t breaker_refusals; /* calls that were answered SN_OPEN: never accepted */
    uint64_t slow;             /* handlers that took longer than their worker's slow_after */
    uint64_t actors;
    uint32_t shards;
    const char *io_backend; /* "io_uring" or "epoll" */
};

/**
 * Read the counters of the whole system.
 *
 * Returns  the sums over all shards and ports; exact when the system is at rest, otherwise each
 *          counter is a value that it had during the call.
 * Threads  any.
 */
SN_API void sn_stats(const struct sn_port *port, struct sn_stats *ret_stats);

/** Wait until nothing moves: no message, completion or timer is queued or on its way, and no
 * handler runs; or until the time is over. Asks that wait for an answer are at rest. For tests.
 *
 * Returns  0 when the system was at rest; SN_TIMEOUT.
 * Threads  any. */
SN_API int sn_quiesce(struct sn_port *port, uint64_t timeout_ns);

/**
 * Find an actor by name: a pool of one by the pool's name, the members of a larger one by
 * "pool/3", and whatever sn_register() made known.
 *
 * Returns  0; SN_GONE when nobody has that name.
 * Threads  any.
 */
SN_API int sn_lookup(const struct sn_port *port, const char *name, sn_ref *ret_ref);

/**
 * Let an actor handle no requests and telemetry until sn_resume(); its mailbox keeps accepting.
 *
 * Returns  0; SN_GONE. Takes effect before the next message that this port sends to it.
 * Threads  the port's.
 */
SN_API int sn_pause(struct sn_port *port, sn_ref actor);
SN_API int sn_resume(struct sn_port *port, sn_ref actor);

/**
 * Ask whether an actor answers: goes through the control lane, so that a full mailbox does not
 * matter, and a paused actor answers too.
 *
 * Returns  0; SN_TIMEOUT; SN_GONE.
 * Threads  the port's.
 */
SN_API int sn_ping(struct sn_port *port, sn_ref actor, uint64_t timeout_ns);

#ifdef __cplusplus
}
#endif
#endif
