/* SPDX-License-Identifier: MIT */
#ifndef SN_ACTOR_ACTOR_H
#define SN_ACTOR_ACTOR_H

/*
 * The record of one actor, its mailbox, and its public slot. See README.md.
 */

#include "base/base.h"
#include "guard/guard.h"
#include "memory/arena.h"
#include "timer/timer.h"

#include <sn/generated.h>

struct sn_shard;

/* ---- references ------------------------------------------------------------------------- */

enum { SN_REF_SLOT_BITS = 22, SN_REF_SHARD_BITS = 10 };

#define SN_SHARDS_MAX (1u << SN_REF_SHARD_BITS)
#define SN_SLOTS_MAX (1u << SN_REF_SLOT_BITS)

static inline sn_ref sn_ref_make(uint32_t shard, uint32_t slot, uint32_t generation)
{
    sn_ref ref = {((uint64_t)shard << 54) | ((uint64_t)slot << 32) | generation};

    return ref;
}

static inline uint32_t sn_ref_shard(sn_ref ref)
{
    return (uint32_t)(ref.value >> 54);
}

static inline uint32_t sn_ref_slot(sn_ref ref)
{
    return (uint32_t)(ref.value >> 32) & (SN_SLOTS_MAX - 1);
}

static inline uint32_t sn_ref_generation(sn_ref ref)
{
    return (uint32_t)ref.value;
}

/* No reference and no token has this generation: a slot that comes to it is retired, so that a
 * stale one never names what came later. A test's build makes it small. */
#ifndef SN_GENERATION_LAST
#define SN_GENERATION_LAST UINT32_MAX
#endif

/* A reply token: place (11 bits: shard or port), slot (21), generation (32). */
enum { SN_TOKEN_SLOT_BITS = 21, SN_TOKEN_PLACE_BITS = 11 };

#define SN_PLACES_MAX (1u << SN_TOKEN_PLACE_BITS)
#define SN_ASKS_MAX (1u << SN_TOKEN_SLOT_BITS)

static inline sn_reply_token sn_token_make(uint32_t place, uint32_t slot, uint32_t generation)
{
    sn_reply_token token = {((uint64_t)place << 53) | ((uint64_t)slot << 32) | generation};

    return token;
}

static inline uint32_t sn_token_place(sn_reply_token token)
{
    return (uint32_t)(token.value >> 53);
}

static inline uint32_t sn_token_slot(sn_reply_token token)
{
    return (uint32_t)(token.value >> 32) & (SN_ASKS_MAX - 1);
}

static inline uint32_t sn_token_generation(sn_reply_token token)
{
    return (uint32_t)token.value;
}

/* ---- envelopes -------------------------------------------------------------------------- */

enum sn_envelope_kind {
    SN_ENVELOPE_MESSAGE, /* for an actor's mailbox */
    SN_ENVELOPE_ECHO,    /* the same, sent by a handler of a dead letter: makes no further one */
    SN_ENVELOPE_AGAIN,   /* the same, a later try of a request: was accepted already */
    SN_ENVELOPE_BATCH,   /* several of one message, see struct sn_batch */
    SN_ENVELOPE_REPLY,   /* the completion of an ask; the outcome is in deadline_ns */
    SN_ENVELOPE_TIMER,   /* a firing; message is the timer's index */
    SN_ENVELOPE_DOWN,    /* of a watch; the reason is in deadline_ns */
    SN_ENVELOPE_LETTER,  /* a dead letter, for a worker that wants them */
    /* Handled at once by the shard, not by an actor. */
    SN_ENVELOPE_PAUSE,
    SN_ENVELOPE_RESUME,
    SN_ENVELOPE_PING,
    SN_ENVELOPE_END,    /* an order to end; the reason is in deadline_ns */
    SN_ENVELOPE_ADMIN,  /* for the root: system/admin.c */
    SN_ENVELOPE_STOP,   /* of a member that was made at run time */
    SN_ENVELOPE_NOTICE, /* between the root and the shards, struct sn_notice */
    /* Of a watch, between shards; the first is staged too. */
    SN_ENVELOPE_WATCH,
    SN_ENVELOPE_UNWATCH,
    SN_ENVELOPE_UNWATCHED,
    /* Staged effects that go nowhere. */
    SN_ENVELOPE_END_WATCH,
    SN_ENVELOPE_START_TIMER,
    SN_ENVELOPE_CANCEL_TIMER,
    SN_ENVELOPE_PASS_TOKEN,
};

enum {
    SN_FLAG_EMBEDDED = 1,  /* part of something else: never freed as a block */
    SN_FLAG_UNPAID = 2,    /* no place and no bytes are reserved: the policy decides on arrival */
    SN_FLAG_DISCARD = 4,   /* dropped by its policy as soon as it is committed */
    SN_FLAG_PARK = 8,      /* with UNPAID: waits in the sender's outbox */
    SN_FLAG_CANCELLED = 8, /* a firing whose timer was cancelled */
    SN_FLAG_RETRY = 16,    /* with PARK: tried again by the guard of its edge */
    SN_FLAG_FAILURE = 16,  /* + 16 a failure of its handler, in the high four bits */
    SN_FAILURES_MAX = 15,
};

#define SN_PAYLOAD_OFFSET sizeof(struct sn_envelope)
/* A payload larger than this is refused: SN_TOO_LARGE. */
#define SN_PAYLOAD_MAX (UINT32_C(1) << 30)

static inline void *sn_envelope_payload(struct sn_envelope *envelope)
{
    return envelope + 1;
}

/* A message, and nothing but that: kind and flags are zero. */
static inline bool sn_envelope_is_plain(const struct sn_envelope *envelope)
{
    return (envelope->kind | envelope->flags) == 0;
}

static inline unsigned sn_envelope_failures(const struct sn_envelope *envelope)
{
    return envelope->flags / SN_FLAG_FAILURE;
}

static inline int sn_envelope_outcome(const struct sn_envelope *envelope)
{
    return (int)(int64_t)envelope->deadline_ns;
}

static inline void sn_envelope_set_outcome(struct sn_envelope *envelope, int outcome)
{
    envelope->deadline_ns = (uint64_t)(int64_t)outcome;
}

/** What a handler, or a tick, is called by, for people. */
static inline const char *sn_envelope_name(const struct sn_package *package,
                                           const struct sn_envelope *envelope)
{
    switch (envelope->kind) {
    case SN_ENVELOPE_TIMER:
        return "(timer)";
    case SN_ENVELOPE_DOWN:
        return "(down)";
    case SN_ENVELOPE_LETTER:
        return "(dead letter)";
    default:
        return package->messages[envelope->message].name;
    }
}

/** Whether an envelope is one message, at whichever try. */
static inline bool sn_envelope_is_single(const struct sn_envelope *envelope)
{
    return envelope->kind <= SN_ENVELOPE_AGAIN;
}

/* The payload of a SN_ENVELOPE_BATCH: records of a size (8 bytes) and a payload, one behind the
 * other. `next` moves as they are handled. */
struct sn_batch {
    uint32_t size;  /* of the records in bytes */
    uint32_t next;  /* offset of the first that was not handled */
    uint32_t count; /* records not handled yet */
    uint32_t reserved;
};

/* ---- the slot: what other threads may touch --------------------------------------------- */

/* In `waiters`: a bit for shards by number modulo 16, one for threads outside, and above them a
 * sequence that moves on with each wake-up, so that a thread that is about to sleep on the word
 * notices that its registration was taken, even if somebody has registered again since. */
#define SN_WAITER_SHARDS 16
#define SN_WAITER_PORT (UINT32_C(1) << SN_WAITER_SHARDS)
#define SN_WAITER_ALL ((SN_WAITER_PORT << 1) - 1)

struct sn_slot {
    _Atomic(uint32_t) generation; /* of the living actor; moves on when it is gone for good */
    _Atomic(uint16_t) closed;     /* sends answer SN_GONE */
    uint8_t lease;                /* constant: how many places a sender takes at once */
    bool bounded_bytes;           /* constant: `bytes` counts */
    _Atomic(int32_t) credits;     /* free places that any sender may take */
    _Atomic(uint32_t) waiters;    /* who wants to know when there is room */
    _Atomic(int64_t) bytes;       /* free bytes, if the pool bounds them */
};

/**
 * Take up to `wanted` places.
 *
 * Returns  how many, 0 when the mailbox is full.
 * Threads  any.
 */
int32_t sn_slot_take(struct sn_slot *slot, int32_t wanted);

/** Take bytes, all or none. Threads: any. */
bool sn_slot_take_bytes(struct sn_slot *slot, uint64_t size);

/* ---- the actor -------------------------------------------------------------------------- */

enum sn_actor_phase {
    SN_ACTOR_ABSENT,   /* no incarnation; the mailbox accepts, nothing runs */
    SN_ACTOR_RUNNING,  /* */
    SN_ACTOR_DRAINING, /* stopping: handles what is queued, then ends */
};

/* The life of a member that is made at run time: see shard/spawn.c. */
enum sn_member_life {
    SN_LIFE_NONE,    /* it is no such member */
    SN_LIFE_FREE,    /* a record without an actor */
    SN_LIFE_NEWBORN, /* its init is to run */
    SN_LIFE_LEAVING, /* the same, and then it is to stop */
    SN_LIFE_LIVING,
    SN_LIFE_STOPPING, /* has been asked to */
    SN_LIFE_KILLED,   /* to be ended in its next turn */
    SN_LIFE_SPENT,    /* gone for good; the record waits until the run queue has let go of it */
};

struct sn_actor_timer {
    struct sn_timer timer;
    struct sn_envelope firing;
    struct sn_actor *actor;
    uint64_t backlog; /* periods that ended while the firing was queued */
    bool queued;
};

struct sn_ask;
struct sn_kept_token;
struct sn_clean_up;
struct sn_watch;
struct sn_notice;

/*
 * All of it belongs to the actor's shard. The worker's struct follows, and behind it the timers.
 */
struct sn_actor {
    /* What a turn touches. */
    struct sn_envelope *lanes[SN_LANES]; /* circular lists: the last, whose next is the first */
    struct sn_actor *run_next;
    const struct sn_worker_type *type;
    struct sn_shard *shard;
    struct sn_slot *slot;
    sn_ref ref;
    int32_t credits; /* free places held for senders on this shard */
    int32_t owed;    /* free places that go back to the slot at the end of the pass */
    uint32_t index;  /* in the pool */
    uint16_t pool;
    uint8_t phase;  /* enum sn_actor_phase */
    uint8_t ready;  /* a bit for each lane that has something */
    uint8_t open;   /* a bit for each lane that may run: see sn_mailbox_update_open() */
    uint8_t burst;  /* messages from higher lanes since one from a lower */
    uint8_t lower;  /* which lower lane's turn it is */
    uint8_t life;   /* enum sn_member_life */
    bool scheduled; /* in the run queue, or running */
    bool paused : 1;
    bool holding : 1;     /* in the shard's list of actors with credits */
    bool owing : 1;       /* in the shard's list of actors that owe */
    bool parked : 1;      /* in the shard's list of actors with an outbox */
    bool initialised : 1; /* init succeeded, shutdown did not run yet */
    bool told_bound : 1;  /* of the bound on its memory, in the log */
    bool doomed : 1;      /* in the shard's list of actors that end */
    bool dismissed : 1;   /* its doom is an order from outside */
    bool retired : 1;     /* its reference was retired: whoever comes next has another one */
    bool bounded : 1;     /* constant: the pool bounds the bytes of its mailbox */
    bool careful : 1;     /* constant: there is more to a handler of it than its effects */
    uint32_t open_asks;
    uint32_t incarnation;
    uint32_t outbox_count;
    struct sn_envelope *outbox_first, *outbox_last;
    struct sn_actor *holding_next;
    struct sn_actor *owing_next;
    struct sn_actor *parked_next;
    struct sn_ask *asks;
    struct sn_kept_token *tokens;
    struct sn_clean_up *clean_ups; /* what sn_defer() registered, the last first */
    struct sn_arena arena;
    struct sn_watch *watches;  /* its own */
    struct sn_watch *watchers; /* of others, that watch it */
    struct sn_actor *doomed_next;
    int doom; /* ends in the next pass for this reason; 0: does not */
    struct sn_actor_timer *timers;
    struct sn_breaker *breakers; /* by guard */
    const void *args;
    union {
        struct sn_notice *notices;      /* of a supervised member */
        struct sn_envelope *args_block; /* of one that was made at run time; NULL: none */
    };
};

/** The worker's struct. */
static inline void *sn_actor_self(struct sn_actor *actor)
{
    return (char *)actor + (sizeof *actor + 15) / 16 * 16;
}

/** How many bytes an actor of a type takes, record, struct and timers. */
size_t sn_actor_size(const struct sn_worker_type *type);

/**
 * Lay out a record in zeroed memory of sn_actor_size() bytes: struct, timers and the self pointer.
 */
void sn_actor_init(struct sn_actor *actor, const struct sn_worker_type *type);

/* ---- the mailbox ------------------------------------------------------------------------ */

enum {
    SN_LANES_ALL = (1 << SN_LANES) - 1,
    SN_LANES_OWN = 1 << SN_LANE_CONTROL | 1 << SN_LANE_REPLY, /* not for new user work */
    SN_LANE_BURST = 32, /* messages from higher lanes before one from a lower */
};

/** Queue an envelope at the end of its lane. Returns whether the lane was empty. */
static inline bool sn_mailbox_push(struct sn_actor *actor, struct sn_envelope *envelope)
{
    unsigned lane = envelope->lane;
    struct sn_envelope *last = actor->lanes[lane];

    actor->lanes[lane] = envelope;
    if (last == NULL) {
        envelope->next = envelope;
        actor->ready |= (uint8_t)(1u << lane);
        return true;
    }
    envelope->next = last->next;
    last->next = envelope;
    return false;
}

/** Put an envelope back as the oldest of its lane. */
static inline void sn_mailbox_push_front(struct sn_actor *actor, struct sn_envelope *envelope)
{
    struct sn_envelope *last = actor->lanes[envelope->lane];

    sn_mailbox_push(actor, envelope);
    if (last != NULL)
        actor->lanes[envelope->lane] = last;
}

/** The oldest envelope of a lane, which must not be empty. */
static inline struct sn_envelope *sn_mailbox_first(const struct sn_actor *actor, unsigned lane)
{
    return actor->lanes[lane]->next;
}

/** Take the oldest envelope of a lane, which must not be empty. */
static inline struct sn_envelope *sn_mailbox_pop(struct sn_actor *actor, unsigned lane)
{
    struct sn_envelope *last = actor->lanes[lane];

    SN_ASSERT(last != NULL);
    struct sn_envelope *first = last->next;
    if (first == last) {
        actor->lanes[lane] = NULL;
        actor->ready &= (uint8_t) ~(1u << lane);
    } else {
        last->next = first->next;
    }
    return first;
}

/** Take an envelope out of its lane, wherever it is in it. */
void sn_mailbox_remove(struct sn_actor *actor, struct sn_envelope *envelope);

/** Say again which lanes may run: none without an incarnation, and no requests and telemetry while
 * the actor is paused or has an outbox. */
static inline void sn_mailbox_update_open(struct sn_actor *actor)
{
    if (actor->phase == SN_ACTOR_ABSENT)
        actor->open = 0;
    else
        actor->open = actor->paused || actor->outbox_first != NULL ? SN_LANES_OWN : SN_LANES_ALL;
}

/** Whether sn_mailbox_next_lane() would find something. */
static inline bool sn_mailbox_is_ready(const struct sn_actor *actor)
{
    return (actor->ready & actor->open) != 0;
}

/** One of several lanes that have something: mostly the highest. @lanes  a bit each. */
unsigned sn_mailbox_choose_lane(struct sn_actor *actor, unsigned lanes);

/**
 * The lane to take the next message from: the highest that has one, but after 32 messages from
 * higher lanes one from a lower.
 *
 * Returns  a lane; SN_LANES when there is nothing that may run now.
 */
static inline unsigned sn_mailbox_next_lane(struct sn_actor *actor)
{
    unsigned lanes = actor->ready & actor->open;

    if (lanes == 0)
        return SN_LANES;
    if (__builtin_expect((lanes & (lanes - 1)) != 0, 0))
        return sn_mailbox_choose_lane(actor, lanes);
    return (unsigned)__builtin_ctz(lanes);
}

#endif
