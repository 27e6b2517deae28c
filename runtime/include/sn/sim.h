/* SPDX-License-Identifier: MIT */
#ifndef SN_SIM_H
#define SN_SIM_H

/*
 * The simulator: the same runtime on one thread, in virtual time, scheduled by a seed. Set
 * sn_system_options.sim and use the generated API as ever: whatever would wait for a shard's
 * thread (a start, a call, room in a mailbox, a stop) runs steps of the simulation instead, so
 * the same seed gives the same run: on any machine, with any compiler and any build type.
 *
 * A step is one pass of one shard: one of those that are awake, chosen at random, takes what came,
 * runs up to 8 actors with up to 32 messages each, and publishes what they sent. A shard without
 * work goes to sleep by the runtime's own protocol, and only a wake-up or a timer ends that. When
 * all sleep, time moves to the next timer.
 *
 * After the start a step may begin with a fault. Which one is a function of the seed and the
 * step's number alone, and the faults are numbered 1, 2, 3, ..., so one of them can be left out
 * without moving the others: sn_sim_search() finds a few of them that suffice for a failure.
 *
 * What must hold is checked while it runs: nothing accepted is lost or handled twice, the places
 * in mailboxes and the blocks of memory add up, messages of a pair and lane stay in their order,
 * requests complete once, supervisors start and stop in their order, and nobody sleeps although
 * there is work. A violation aborts with a line that names the step.
 */

#include <sn/system.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One handler, hook, completion or timer that has run; or a fault. The texts live during the call.
 */
struct sn_sim_event {
    uint64_t step;
    uint64_t now_ns;  /* virtual */
    const char *pool; /* of a fault: NULL */
    const char
        *message;   /* of the schema, or "(completion)", "(timer)", "(hook)"; the fault's name */
    uint32_t index; /* of the actor in its pool */
    uint32_t shard;
    int outcome;    /* 0, SN_STOP, or why it failed */
    bool crashed;   /* it was made to fail by the simulator */
    uint32_t fault; /* the number of the fault; 0: a handler */
};

/* How often each fault happens, a million steps; together at most a million. */
struct sn_sim_rates {
    uint32_t crash;        /* one of the next handlers fails with -EFAULT after it has run */
    uint32_t stall;        /* a shard is left alone for a while */
    uint32_t delay;        /* what a shard sends to another is not published for a while */
    uint32_t reorder;      /* a shard takes its senders, and runs its actors, in another order */
    uint32_t full_ring;    /* a ring between two shards is full until it is drained, or a while */
    uint32_t full_mailbox; /* the free places of a mailbox are gone for a while: policies decide */
    uint32_t no_memory;    /* one of the next allocations fails */
};

/* All zero but the seed is a good beginning. */
struct sn_sim_options {
    uint64_t seed;
    struct sn_sim_rates rates;
    const char *faults;   /* which of the numbered ones happen: "3,17-20"; NULL: all; "": none */
    uint64_t step_ns;     /* at most so much time passes with each step; 0: only when all sleep */
    uint32_t capacity;    /* not 0: of every mailbox, whatever the schema says */
    uint32_t audit_every; /* steps between two looks at the whole system; 0: 256 */
    void (*trace)(const struct sn_sim_event *event, void *user); /* NULL: no trace */
    void *user;
    uint32_t *ret_faults; /* NULL, or counts the faults that were planned so far */
};

/**
 * Run steps.
 *
 * @steps  at most so many.
 *
 * Returns  how many were run; fewer: nothing is left to do, and no timer is armed.
 * Threads  the one that started the system.
 */
SN_API uint64_t sn_sim_run(struct sn_port *port, uint64_t steps);

/**
 * Run steps, without moving time, until no shard has anything to do now.
 *
 * Returns  how many were run.
 * Threads  the one that started the system.
 */
SN_API uint64_t sn_sim_run_until_idle(struct sn_port *port);

/** The virtual time in nanoseconds. */
SN_API uint64_t sn_sim_now(const struct sn_port *port);

/** Let virtual time pass, with everything that happens in it. Threads: as above. */
SN_API void sn_sim_advance(struct sn_port *port, uint64_t duration_ns);

/** A hash of all events so far: equal for equal runs. Threads: as above. */
SN_API uint64_t sn_sim_hash(const struct sn_port *port);

/** Look at the whole system now; aborts if something does not add up. Threads: as above. */
SN_API void sn_sim_audit(struct sn_port *port);

/** Enough for one event's line. */
#define SN_SIM_TEXT_SIZE 256

/**
 * One event as a line without its end: "[   412] 1.000016384 shard 1  lefts[2] job -> 0".
 *
 * @text  of `size` bytes; SN_SIM_TEXT_SIZE is enough.
 *
 * Threads  any.
 */
SN_API void sn_sim_event_text(const struct sn_sim_event *event, char *text, size_t size);

/* A program's way to make one run: start a system with these options, feed it, stop it. */
struct sn_sim_harness {
    /* Returns 0: all held. Runs in a child process, so it may abort, or hang. */
    int (*run)(const struct sn_sim_options *options, void *user);
    void *user;
    uint32_t timeout_s; /* a run that takes longer has failed; 0: 60 */
    uint32_t runs_max;  /* while the list of faults is made shorter; 0: 300 */
};

/* What came of it. */
struct sn_sim_verdict {
    bool failed;
    int status;       /* of the failed run, as waitpid() gives it */
    uint32_t planned; /* faults until then */
    uint32_t needed;  /* those that are left of them */
    uint32_t runs;    /* that it took */
    char *faults;     /* for sn_sim_options.faults: those that still make it fail */
};

/**
 * Make one run in a child process and, if it fails, look for a short list of faults with which it
 * still does (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002).
 *
 * @options  a list of faults in it is where the search begins.
 *
 * Returns  0, whatever the verdict; -errno: no process or no memory.
 * Threads  any; nothing but async-signal-safe calls is sure to work in a child whose parent has
 *          more than one thread.
 * Owns     ret_verdict->faults is the caller's, to be freed by free().
 */
SN_API int sn_sim_search(const struct sn_sim_harness *harness, const struct sn_sim_options *options,
                         struct sn_sim_verdict *ret_verdict);

#ifdef __cplusplus
}
#endif
#endif
