/* SPDX-License-Identifier: MIT */
#ifndef SN_SIM_H
#define SN_SIM_H

/*
 * The simulator: the same runtime on one thread, in virtual time, scheduled by a seed. Set
 * sn_system_options.sim and use the generated API as ever: whatever would wait for a shard's
 * thread (a start, a call, room in a mailbox, a stop) runs steps of the simulation instead, so
 * the same seed gives the same run.
 *
 * A step lets one shard, chosen at random, make one pass with a random number of turns. When no
 * shard has anything to do, time moves to the next timer.
 */

#include <sn/system.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One handler, hook, completion or timer that has run. The texts live during the call. */
struct sn_sim_event {
    uint64_t step;
    uint64_t now_ns; /* virtual */
    const char *pool;
    const char *message; /* of the schema, or "(completion)", "(timer)", "(hook)" */
    uint32_t index;      /* of the actor in its pool */
    uint32_t shard;
    int outcome;  /* 0, SN_STOP, or why it failed */
    bool crashed; /* it was made to fail by the simulator */
};

/* All zero but the seed is a good beginning. */
struct sn_sim_options {
    uint64_t seed;
    uint32_t crash_per_million; /* handlers made to fail with -EFAULT after they have run */
    uint32_t stall_per_million; /* steps after which a shard is left alone for a while */
    uint32_t capacity;          /* not 0: of every mailbox, whatever the schema says */
    void (*trace)(const struct sn_sim_event *event, void *user); /* NULL: no trace */
    void *user;
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

#ifdef __cplusplus
}
#endif
#endif
