/* SPDX-License-Identifier: MIT */
#ifndef SN_TESTS_STRESS_HERD_H
#define SN_TESTS_STRESS_HERD_H

/*
 * A package of the simplest actors that do everything at once, with hand-written tables so that
 * each test can choose sizes and policies: pool 0 is the herd, whose members send, ask, tick and
 * fail as their messages say; pool 1 is a single actor, the fold, to which the herd sends what it
 * was told to.
 */

#include <sn/generated.h>
#include <stdatomic.h>
#include <stdbool.h>

enum herd_message {
    HERD_HOP,   /* goes on to a random member until its hops are used up */
    HERD_NOTE,  /* telemetry: counted */
    HERD_TOTAL, /* request: answers how many hops the member has handled */
    HERD_CHAT,  /* asks a random member for its total, and goes on when the answer is there */
    HERD_BOOM,  /* fails */
    HERD_FOLD,  /* the herd's: sends a HERD_FOLDED to the fold */
    HERD_FOLDED,
    HERD_SPIN, /* keeps the shard busy, and sends to the fold, until `spinning` ends */
    HERD_MESSAGES
};

enum { HERD_POOL, FOLD_POOL, HERD_POOLS };

struct herd_options {
    uint32_t size; /* 0: one a shard */
    uint32_t capacity;
    uint64_t capacity_bytes;
    uint32_t fold_capacity;
    uint8_t fold_full; /* enum sn_full */
    uint16_t fold_park;
    uint64_t tick_ns; /* 0: none */
    uint32_t poison_after;
    size_t payload; /* extra bytes in each hop */
};

/* What its actors have done, of all incarnations. */
struct herd_counts {
    atomic_ulong hops, notes, folded, completions, inits, shutdowns, ticks;
};

struct herd;

struct herd_args {
    struct herd *herd;
};

struct herd {
    struct herd_args args; /* of all its actors */
    struct herd_options options;
    struct herd_counts counts;
    atomic_bool spinning;
    struct sn_worker_type workers[2];
    struct sn_pool_type pools[HERD_POOLS];
    struct sn_child_spec children[HERD_POOLS];
    struct sn_supervisor_spec root;
    struct sn_timer_type timer;
    struct sn_ask_type ask;
    struct sn_edge edges[HERD_MESSAGES]; /* by message: of the herd and of main */
    struct sn_package package;
};

/** Make a package; actors find the herd by their args. */
void herd_init(struct herd *herd, const struct herd_options *options);

/** Start a system with a herd, which outlives it. Returns as sn_system_start(). */
int herd_start(struct herd *herd, const struct sn_system_options *options,
               struct sn_port **ret_port);

/** Send one message to a member. Returns as sn_port_send(). */
int herd_send(struct sn_port *port, struct herd *herd, enum herd_message message, uint32_t member,
              uint32_t hops, uint64_t timeout_ns);

/** Ask a member for its total and wait. Returns the outcome. */
int herd_ask(struct sn_port *port, struct herd *herd, uint32_t member, uint64_t deadline_ns,
             uint64_t *ret_total);

/** Wait until nothing is queued, check that all is accounted for, and stop. */
void herd_finish(struct sn_port *port, struct herd *herd);

#endif
