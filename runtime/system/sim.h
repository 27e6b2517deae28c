/* SPDX-License-Identifier: MIT */
#ifndef SN_SYSTEM_SIM_H
#define SN_SYSTEM_SIM_H

/*
 * The parts of the simulator, all of one thread. sim.c steps, sim_faults.c disturbs, sim_order.c,
 * sim_tree.c and sim_audit.c watch, sim_trace.c tells, sim_search.c finds the faults that matter.
 */

#include "system/system.h"

#include <sn/sim.h>

enum sn_sim_fault_kind {
    SN_SIM_CRASH,
    SN_SIM_STALL,
    SN_SIM_DELAY,
    SN_SIM_REORDER,
    SN_SIM_FULL_RING,
    SN_SIM_FULL_MAILBOX,
    SN_SIM_NO_MEMORY,
    SN_SIM_FAULTS
};

enum { SN_SIM_LASTING = 8 };

/* A fault that lasts for some steps. */
struct sn_sim_lasting {
    uint64_t until; /* this step; 0: none */
    enum sn_sim_fault_kind kind;
    uint32_t shard;       /* STALL */
    struct sn_link *link; /* DELAY, FULL_RING */
    struct sn_slot *slot; /* FULL_MAILBOX: ... */
    int32_t credits;      /* ... so many of its places are held here */
};

struct sn_sim_faults {
    struct sn_sim_lasting lasting[SN_SIM_LASTING];
    uint64_t total;         /* of the rates */
    uint32_t planned;       /* the number of the last one */
    uint32_t crash_in;      /* handlers; 0: none is to crash */
    uint32_t allocation_in; /* allocations; 0: none is to fail */
    bool reorder;           /* the next pass */
};

/* A map from 64 bits to 64 bits; keys are not 0, and stay. */
struct sn_sim_entry {
    uint64_t key, value, source;
};

struct sn_sim_map {
    struct sn_sim_entry *entries;
    size_t capacity, count;
};

/* Messages under way have numbers; each pair and lane remembers the last that was handled. */
struct sn_sim_order {
    struct sn_sim_map sent; /* by the address of the envelope */
    struct sn_sim_map last; /* by pair and lane */
    struct sn_sim_map asks; /* the last generation of each place in the tables of asks */
    uint64_t numbers;
};

/* What a turn must find as the last one left it, by actor. */
struct sn_sim_rules {
    struct sn_sim_map retained; /* a hash of the retained fields */
    struct sn_sim_map timers;   /* by timer: its state and the incarnation that it is of */
    struct sn_sim_map lower;    /* turns since a lower lane waits */
};

struct sn_sim_back;
struct sn_sim_member;
struct sn_sim_place;
struct sn_sim_window;

/* An account of what the supervisors do, beside the one that they keep. */
struct sn_sim_tree {
    /* What it stands in front of. */
    void (*next_effect)(struct sn_tree_sink *sink, const struct sn_tree_effect *effect);
    void (*next_report)(struct sn_root *root, struct sn_notice *notice);
    struct sn_sim_member *members;
    struct sn_sim_place *places; /* by pool */
    struct sn_sim_window *windows;
    size_t windows_size;
    uint32_t member_count, place_count, window_count, leaves;
    bool ends_by_itself; /* some supervisor has an automatic shutdown */
    bool moved;          /* a child is the last of its supervisor now */
};

/* One shard as the simulator sees it. */
struct sn_sim_bed {
    uint64_t wakes_ns; /* by itself */
    bool asleep;
};

struct sn_sim {
    struct sn_stepper stepper;
    struct sn_clock clock;
    struct sn_allocator allocator;     /* the system's; fails when it is told to ... */
    const struct sn_allocator *memory; /* ... and gives what this one has */
    struct sn_system *system;
    struct sn_sim_options options;
    struct sn_sim_bed *beds;
    int64_t *counts; /* of the audit */
    size_t counts_size;
    struct sn_sim_back **backs; /* by producer and consumer */
    uint64_t random;
    uint64_t now_ns;
    uint64_t steps;
    uint64_t hash;
    uint64_t audited;    /* at this step */
    uint64_t live_bytes; /* that the system has allocated and not freed */
    struct sn_sim_faults faults;
    struct sn_sim_order order;
    struct sn_sim_rules rules;
    struct sn_sim_tree tree;
};

/** A back end that never sleeps. */
extern const struct sn_io_ops sn_sim_io_ops;

/** Whether the system has started, and has not been told to stop. */
bool sn_sim_is_started(const struct sn_sim *sim);

/** Something does not hold: say what and where, and abort. */
_Noreturn void sn_sim_broken(const struct sn_sim *sim, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* sim_faults.c */

/** What this step begins and ends with. */
void sn_sim_faults_step(struct sn_sim *sim);
/** End all that last; false: there were none. */
bool sn_sim_faults_end(struct sn_sim *sim);
/** Whether a shard is left alone, and whether a link is not published. */
bool sn_sim_is_stalled(const struct sn_sim *sim, uint32_t shard);
bool sn_sim_is_delayed(const struct sn_sim *sim, const struct sn_link *link);
/** The order in which a shard's next pass sees senders and actors. */
void sn_sim_reorder(struct sn_sim *sim, struct sn_shard *shard);
/** Whether the handler that has just run is to fail; whether this allocation is. */
bool sn_sim_crashes(struct sn_sim *sim);
bool sn_sim_fails_allocation(struct sn_sim *sim);
/** Whether a list such as "3,17-20" names a number; NULL names all. */
bool sn_sim_is_listed(const char *list, uint32_t number);
/** So many places of a slot are with the simulator. */
int32_t sn_sim_held(const struct sn_sim *sim, const struct sn_slot *slot);

/* sim_order.c */

/** The entry of a key, made if there is none; valid until the next one is made. */
struct sn_sim_entry *sn_sim_map_entry(struct sn_sim_map *map, uint64_t key);
void sn_sim_map_fini(struct sn_sim_map *map);

/** A message leaves its sender. */
void sn_sim_order_sent(struct sn_sim *sim, const struct sn_envelope *envelope);
/** A request has a token that no earlier one had. */
void sn_sim_order_token(struct sn_sim *sim, sn_reply_token token);
/** A message has reached its handler. */
void sn_sim_order_handled(struct sn_sim *sim, const struct sn_envelope *envelope);
void sn_sim_order_fini(struct sn_sim *sim);

/* sim_rules.c */

/** A turn has ended with rc: what it must have found, and what the next one will. */
void sn_sim_rules_turn(struct sn_sim *sim, const struct sn_shard *shard, int rc);
/** A timer is started or cancelled by a turn that succeeded. */
void sn_sim_rules_timer(struct sn_sim *sim, const struct sn_actor *actor,
                        const struct sn_envelope *effect);
void sn_sim_rules_fini(struct sn_sim *sim);

/* sim_tree.c */

/** Stand between the supervision tree and the shards. Returns 0 or -ENOMEM. */
int sn_sim_watch(struct sn_system *system);
void sn_sim_tree_fini(struct sn_sim *sim);

/* sim_audit.c */

/** Count everything that exists, and compare. */
void sn_sim_audit_all(struct sn_sim *sim);
/** All shards sleep: none of them should have stayed awake. */
void sn_sim_audit_sleep(struct sn_sim *sim);

/* sim_back.c */

/** So many blocks of each class are in the ring on their way back. @link  between two shards. */
const uint32_t *sn_sim_back_counts(struct sn_sim *sim, const struct sn_link *link);
void sn_sim_back_fini(struct sn_sim *sim);

/* sim_trace.c */

void sn_sim_tell_turn(struct sn_sim *sim, const struct sn_shard *shard, int outcome, bool crashed);
void sn_sim_tell_fault(struct sn_sim *sim, enum sn_sim_fault_kind kind, uint32_t shard);

#endif
