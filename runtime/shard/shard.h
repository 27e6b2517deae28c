/* SPDX-License-Identifier: MIT */
#ifndef SN_SHARD_SHARD_H
#define SN_SHARD_SHARD_H

/*
 * A shard: one thread's run queue, timers, memory and links, and the actors that live on it. The
 * README of this folder says how a message travels through these files.
 */

#include "actor/actor.h"
#include "future/future.h"
#include "io/io.h"
#include "memory/memory.h"
#include "ring/link.h"
#include "supervise/supervise.h"
#include "timer/timer.h"

#include <setjmp.h>
#include <stddef.h>
#include <string.h>

struct sn_partition;
struct sn_registry;
struct sn_registry_reader;

/* ---- what all shards and ports share: read-only after start, but for the atomics ----------- */

/* How many more members a pool may have; on a line of its own, as all shards write to it. */
struct sn_pool_places {
    _Atomic(uint32_t) left;
    char rest[SN_CACHE_LINE - sizeof(uint32_t)];
};

struct sn_pool {
    const struct sn_pool_type *type;
    const struct sn_worker_type *worker;
    uint32_t size;                  /* members that have an index */
    uint32_t made;                  /* actors made at the start: `size`, or a keeper a shard */
    uint32_t capacity;              /* of each member's mailbox: the type's, or the simulator's */
    _Atomic(uint64_t) *members;     /* sn_ref values of what was made at the start */
    struct sn_pool_places *places;  /* of a pool whose members are made at run time; else NULL */
    struct sn_partition *partition; /* NULL: the route needs none */
};

struct sn_notice;

/* What shard 0 does for the supervision tree; implemented by system/. */
struct sn_root {
    void (*report)(struct sn_root *root, struct sn_notice *notice);
    void (*timer)(struct sn_root *root);
    void (*pass)(struct sn_root *root); /* once a pass of shard 0 */
    /* A request of a thread outside; takes its envelope. */
    void (*admin)(struct sn_root *root, struct sn_envelope *envelope);
};

/*
 * What stands in for threads when a system is stepped: implemented by system/sim.c. Where a
 * thread outside would sleep it calls `step` instead.
 */
struct sn_stepper {
    const struct sn_io_ops *io_ops;
    /* Do something, moving time no further than until_ns; false: there is nothing to do until
     * then. */
    bool (*step)(struct sn_stepper *stepper, uint64_t until_ns);
    /* A handler has returned rc: returns what it shall have returned. */
    int (*after)(struct sn_stepper *stepper, struct sn_shard *shard, int rc);
    /* Whether what was put into a link is not published yet. */
    bool (*holds)(struct sn_stepper *stepper, const struct sn_link *link);
    /* A thread outside sends a message, or an actor's end a DOWN. */
    void (*sent)(struct sn_stepper *stepper, const struct sn_envelope *envelope);
};

struct sn_world {
    const struct sn_package *package;
    const struct sn_allocator *allocator;
    const struct sn_clock *clock;
    struct sn_system_options options;
    uint32_t shard_count;
    uint64_t spin_max_ns; /* options.spin_ns, or more if a shard may look for work longer */
    struct sn_shard **shards;
    struct sn_pool *pools;
    struct sn_registry *registry;
    struct sn_root *root;
    struct sn_stepper *stepper;                               /* NULL: shards have threads */
    _Atomic(struct sn_future_table *) futures[SN_PLACES_MAX]; /* by place; of ports only */
    _Atomic(uint32_t) stopping; /* threads outside are answered SN_GONE */
    _Atomic(uint32_t) quit;     /* shard threads return */
    _Atomic(uint32_t) watch;    /* the watchdog's, a futex: enum sn_watch_state */
};

/* The watchdog sleeps while all shards do; the first that wakes sets it back and wakes it. */
enum sn_watch_state { SN_WATCH_AWAKE, SN_WATCH_ASLEEP, SN_WATCH_QUIT };

/* ---- counters ------------------------------------------------------------------------------ */

/* Written by one thread, read by any: see struct sn_stats for their meaning. */
struct sn_counters {
    _Atomic(uint64_t) accepted, handled, failed, dropped, expired, dead_lettered;
    _Atomic(uint64_t) asks_started, asks_completed, late_replies, rejected, restarts, slow;
    _Atomic(uint64_t) retries, breakers_opened, breaker_refusals, letters_lost;
    /* Completions on their way or queued, and firings queued: not messages, but not rest either. */
    _Atomic(uint64_t) events_begun, events_ended;
};

static inline void sn_count(_Atomic(uint64_t) *counter, uint64_t more)
{
    /* Relaxed: there is one writer, and it reads its own value. */
    uint64_t value = atomic_load_explicit(counter, memory_order_relaxed);

    /* Release, pairs with the acquire in sn_stats(): what a handler sent is counted as accepted
     * before its own message is counted as handled. */
    atomic_store_explicit(counter, value + more, memory_order_release);
}

/* ---- orders between the root and the shards ------------------------------------------------- */

enum sn_notice_kind {
    /* root to shard */
    SN_NOTICE_START,
    SN_NOTICE_STOP,
    SN_NOTICE_KILL,
    SN_NOTICE_GONE,
    /* shard to root */
    SN_NOTICE_STARTED,
    SN_NOTICE_START_FAILED,
    SN_NOTICE_IGNORED,
    SN_NOTICE_EXITED,
    /* from outside to the root */
    SN_NOTICE_STOP_TREE,
};

/* Each member owns one notice for each purpose, so that supervision never needs memory. */
enum {
    SN_MEMBER_START,
    SN_MEMBER_STOP,
    SN_MEMBER_KILL,
    SN_MEMBER_GONE,
    SN_MEMBER_ANSWER,
    SN_MEMBER_EXIT,
    SN_MEMBER_NOTICES
};

struct sn_notice {
    struct sn_envelope envelope;
    struct sn_actor *actor;
    uint64_t deadline_ns;
    struct sn_exit exit;
    sn_member member;
    uint32_t incarnation;
    uint8_t kind; /* enum sn_notice_kind */
    uint8_t why;  /* enum sn_stop_why */
    bool restored;
    _Atomic(bool) busy; /* sent and not yet taken: the root does not use it again until then */
};

/* ---- asks ------------------------------------------------------------------------------------ */

/* One request of an actor under way; belongs to the asker's shard. The context follows. */
struct sn_ask {
    struct sn_envelope completion; /* for every end that brings no reply */
    struct sn_timer timer;
    struct sn_actor *actor;
    struct sn_ask *next, *previous; /* of the actor */
    sn_reply_token token;
    uint32_t context_size;
    uint32_t index;
    uint16_t role;
    uint8_t size_class;
    bool queued; /* its completion is in the mailbox */
    bool survives;
    bool probe;                 /* its outcome decides about the breaker */
    uint16_t guard;             /* of its edge; 0: none */
    struct sn_ask_again *again; /* NULL: it is asked once */
};

/* What a retried ask keeps behind its context; the payload follows, as in an envelope. */
struct sn_ask_again {
    struct sn_timer timer; /* the pause before the next try */
    struct sn_ask *ask;
    size_t payload_size;
    uint32_t tried;
    int outcome; /* of the last try that got through */
};

/* At the end of the block of a message that waits in an outbox to be tried again. */
struct sn_waiting {
    uint64_t due_ns;
    uint32_t tried;
    uint16_t guard;
};

struct sn_ask_entry {
    struct sn_ask *ask; /* NULL: free */
    uint32_t generation;
    uint32_t next_free;
};

struct sn_ask_table {
    struct sn_ask_entry *entries;
    uint32_t capacity, free;
    uint32_t open;
};

/* ---- watches --------------------------------------------------------------------------------- */

/* One actor's watch of another, or its link with it: see watch.c. */
struct sn_watch {
    struct sn_envelope notice; /* WATCH there, DOWN back */
    struct sn_envelope cancel; /* UNWATCH there, UNWATCHED back */
    sn_ref target_ref;         /* constant, like pool, index and link */
    uint32_t index;
    uint16_t pool;
    bool link;
    /* The watcher's shard. */
    uint8_t state;
    bool failed; /* with UNWATCH: the watcher did */
    struct sn_actor *watcher;
    struct sn_watch *next, *previous; /* of the watcher */
    /* The target's shard. */
    bool hanging;     /* in the target's list */
    bool held;        /* its DOWN waits in the target's outbox */
    bool down_failed; /* with DOWN: the target did */
    struct sn_actor *target;
    struct sn_watch *target_next, *target_previous;
};

/* A token that an actor keeps beyond the handler of its request. */
struct sn_kept_token {
    struct sn_kept_token *next, *previous; /* of the actor */
    struct sn_kept_token *next_staged;
    sn_reply_token token;
    bool answered; /* a reply is staged */
};

/* ---- the shard ------------------------------------------------------------------------------- */

enum {
    SN_LEASES = 64,
    SN_SLOT_CHUNK = 1024,
    SN_MAX_ASKS = 1024,  /* that an actor may have open, where its type does not say */
    SN_WAITING_MAX = 64, /* messages of one actor that wait to be tried again */
};

/* Slots never move, because other threads look at them at any time. The actors are the shard's own,
 * and stand apart, so that it finds them without the lines that senders elsewhere write to. */
struct sn_slot_chunk {
    struct sn_slot slots[SN_SLOT_CHUNK];
    _Atomic(struct sn_actor *) actors[SN_SLOT_CHUNK];
};

/* Places in the mailbox of an actor elsewhere, held until the end of the pass. */
struct sn_lease {
    sn_ref ref;
    int32_t credits;
    int32_t taken; /* at once, the last time in this pass */
    bool plain;    /* the slot does not bound bytes: a place is all that a message needs */
};

/* Which hook runs now. */
enum sn_turn_hook {
    SN_HOOK_NONE, /* what runs is a message, a completion or a firing */
    SN_HOOK_INIT,
    SN_HOOK_SHUTDOWN,
    SN_HOOK_CLEAN_UP, /* what sn_defer() registered */
};

/* What the handler that runs now has done so far. */
struct sn_turn {
    struct sn_envelope *envelope; /* of a message or a firing; NULL: a completion or a hook */
    struct sn_envelope *staged_first, **staged_end;
    struct sn_actor *actor;
    /* Whether the end has more to do than to let the staged effects leave: about what follows. */
    bool touched;
    uint8_t hook;                   /* enum sn_turn_hook */
    bool answered, deferred;        /* what was done with the token of the request being handled */
    uint32_t parked;                /* staged for the outbox */
    struct sn_kept_token *kept;     /* staged */
    struct sn_actor *spawned;       /* by run_next */
    struct sn_scratch *scratch;     /* memory of sn_scratch() */
    uint64_t begin_ns;              /* of a worker with slow_after */
    struct sn_envelope *completion; /* that is being handled, if it is one */
    int failure;                    /* the reason that sn_fail() gave */
};

/* How the incarnation that ends now ends: what the root is told. */
struct sn_ending {
    struct sn_exit how;
    uint8_t kind; /* enum sn_notice_kind */
};

/*
 * The last handlers of a shard, for whoever looks at it from outside: the watchdog, a crash record.
 * An entry is an actor and the part of an envelope's head that says what it is; hooks have an
 * artificial one. Written by the shard alone, without an order: a reader looks at `count` before
 * and after, and believes what it saw in between if it is the same.
 */
enum {
    SN_TRAIL_SIZE = 16,
    SN_TRAIL_KIND_SHIFT =
        8 * (offsetof(struct sn_envelope, kind) - offsetof(struct sn_envelope, message)),
    SN_TRAIL_HOOK = 128, /* + enum sn_turn_hook, as a kind of envelope */
};

_Static_assert(offsetof(struct sn_envelope, flags) - offsetof(struct sn_envelope, message) == 7,
               "what an envelope is about is one word");

struct sn_trail {
    _Atomic(uint64_t) count; /* handlers begun */
    struct {
        _Atomic(uint64_t) actor; /* sn_ref */
        _Atomic(uint64_t) what;  /* of sn_envelope_what() or sn_hook_what() */
    } entries[SN_TRAIL_SIZE];    /* the one of handler n is at n modulo the size */
    _Atomic(uint32_t) work;      /* odd: the shard runs actors; moves on with each pass that does */
    _Atomic(uint32_t) resting;   /* 1 while it sleeps */
};

/* What routing needs to know of a sender: a shard or a port. */
struct sn_router {
    struct sn_world *world;
    /* Atomic because any thread may use a shared port; relaxed: two may get the same turn. */
    _Atomic(uint32_t) *cursors; /* by pool: round robin */
    _Atomic(uint64_t) random;
};

/* What the log is told of only so often. */
enum sn_log_kind {
    SN_LOG_FAILURES,
    SN_LOG_LETTERS,
    SN_LOG_RESTARTS,
    SN_LOG_GIVING_UP,
    SN_LOG_BREAKERS,
    SN_LOG_SLOW,
    SN_LOG_KINDS,
};

struct sn_log_limit {
    uint64_t since_ns;
    uint64_t suppressed; /* since the last line */
    uint32_t lines;      /* since then */
};

/* A shard's part of a pool whose members are made at run time: see spawn.c. */
struct sn_nursery {
    struct sn_actor *keeper;  /* its child in the supervision tree; NULL: the pool is another one */
    struct sn_actor *free;    /* records by run_next, the last that was used first */
    struct sn_actor *mending; /* the same, whose mailboxes have places out */
    struct sn_slab *slabs;
    uint32_t living; /* members that are not gone yet */
    int reason;      /* why those that are killed end */
};

struct sn_shard {
    struct sn_world *world;
    uint64_t now_ns;
    struct sn_router router;
    struct sn_actor *run_first, **run_end;
    struct sn_turn turn;
    struct sn_counters counters;
    struct sn_block_pool blocks;
    struct sn_envelope *notices;                        /* that were taken and are to be obeyed */
    struct sn_actor *running;                           /* has left the run queue for its turn */
    struct sn_envelope *stranded_first, *stranded_last; /* of watches: no memory for the way back */
    struct sn_actor *doomed;                            /* fail in the next pass */
    uint32_t index;
    uint32_t turns_a_pass;
    int messages_a_turn;
    uint32_t unpaid; /* messages committed without a place in this pass */
    /* links */
    struct sn_link *active, *dirty, *returning;
    struct sn_link **out; /* by shard */
    struct sn_link *links_out;
    struct sn_link **in; /* by place */
    /* credits */
    struct sn_actor *owing;   /* have places to return at the end of the pass */
    struct sn_actor *holding; /* have places for senders of this shard */
    struct sn_actor *parked;  /* have an outbox */
    struct sn_lease leases[SN_LEASES];
    uint64_t leased; /* a bit for each lease that is used */
    struct sn_ask_table asks;
    struct sn_kept_token *free_kept;
    char *retain; /* the copy of the retained fields of the actor that runs */
    size_t retain_size;
    struct sn_registry_reader *names;
    struct sn_ending ending;
    struct sn_nursery *nurseries; /* by pool; NULL: the package makes no actors at run time */
    struct sn_log_limit log_limits[SN_LOG_KINDS];
    jmp_buf unwind; /* where sn_fail() goes: see fail.c */
    uint32_t slot_count;
    struct sn_trail trail;
    struct sn_wheel wheel;
    struct sn_timer root_timer; /* shard 0: the tree's */
    struct sn_timer wake_timer; /* for something that is tried again in a pass */
    uint64_t spin_ns;           /* how long it looks for work now: see loop.c */
    struct sn_io *io;
    /* Written by others. */
    struct sn_inbox inbox;
    _Atomic(uint32_t) wanted; /* somebody found a mailbox full */
    _Atomic(struct sn_slot_chunk *) slots[SN_SLOTS_MAX / SN_SLOT_CHUNK];
};

/** The chunk that a slot is in; NULL: there is none. Threads: any. */
static inline struct sn_slot_chunk *sn_shard_chunk(const struct sn_shard *shard, uint32_t slot)
{
    /* Acquire, pairs with the release in add_slot(): the chunk is cleared before it is seen. */
    return atomic_load_explicit(&shard->slots[slot / SN_SLOT_CHUNK], memory_order_acquire);
}

/** The slot that a reference names, whatever its generation; NULL: there is none. Threads: any. */
static inline struct sn_slot *sn_world_slot(const struct sn_world *world, sn_ref ref)
{
    uint32_t shard = sn_ref_shard(ref), number = sn_ref_slot(ref);

    if (__builtin_expect(ref.value == 0 || shard >= world->shard_count, 0))
        return NULL;
    struct sn_slot_chunk *chunk = sn_shard_chunk(world->shards[shard], number);
    return __builtin_expect(chunk != NULL, 1) ? &chunk->slots[number % SN_SLOT_CHUNK] : NULL;
}

/** The actor of a slot, which exists. Threads: the shard's, or any before the start. */
static inline struct sn_actor *sn_shard_actor(const struct sn_shard *shard, uint32_t slot)
{
    /* Relaxed: this thread makes the actors, or all were made before. */
    return atomic_load_explicit(&sn_shard_chunk(shard, slot)->actors[slot % SN_SLOT_CHUNK],
                                memory_order_relaxed);
}

/** The actor that a reference names or named; NULL: there was none. What is constant of it, its
 * pool, index and type, may be read by any thread. Async-signal-safe. Threads: any. */
static inline const struct sn_actor *sn_world_actor(const struct sn_world *world, sn_ref ref)
{
    uint32_t shard = sn_ref_shard(ref), number = sn_ref_slot(ref);

    if (ref.value == 0 || shard >= world->shard_count)
        return NULL;
    struct sn_slot_chunk *chunk = sn_shard_chunk(world->shards[shard], number);
    /* Acquire, pairs with the release in sn_shard_seat_actor(). */
    return chunk != NULL
               ? atomic_load_explicit(&chunk->actors[number % SN_SLOT_CHUNK], memory_order_acquire)
               : NULL;
}

/** The actor of this shard that a reference names; NULL: there is none. Threads: the shard's. */
static inline struct sn_actor *sn_shard_find(const struct sn_shard *shard, sn_ref ref)
{
    uint32_t number = sn_ref_slot(ref);

    if (sn_ref_shard(ref) != shard->index)
        return NULL;
    /* Relaxed: this thread makes the chunks. */
    const struct sn_slot_chunk *chunk =
        atomic_load_explicit(&shard->slots[number / SN_SLOT_CHUNK], memory_order_relaxed);
    struct sn_actor *actor =
        chunk != NULL
            ? atomic_load_explicit(&chunk->actors[number % SN_SLOT_CHUNK], memory_order_relaxed)
            : NULL;
    return actor != NULL && actor->ref.value == ref.value && !actor->retired ? actor : NULL;
}

/** Give an actor a turn that has none to come. */
static inline void sn_shard_enqueue(struct sn_shard *shard, struct sn_actor *actor)
{
    struct sn_actor **end = shard->run_end;

    actor->scheduled = true;
    actor->run_next = NULL;
    shard->run_end = &actor->run_next;
    *end = actor;
}

/** Make an actor run if it has something that may run. */
static inline void sn_shard_schedule(struct sn_shard *shard, struct sn_actor *actor)
{
    if (!actor->scheduled && sn_mailbox_is_ready(actor))
        sn_shard_enqueue(shard, actor);
}

/** Queue an envelope in an actor's mailbox, and the actor if it can run. */
static inline void sn_shard_post(struct sn_shard *shard, struct sn_actor *actor,
                                 struct sn_envelope *envelope)
{
    /* An actor with something in the lane is scheduled, runs, or may not. */
    if (sn_mailbox_push(actor, envelope))
        sn_shard_schedule(shard, actor);
}

/** The reference of one member; the zero reference past the end. Threads: any. */
static inline sn_ref sn_pool_member(const struct sn_world *world, uint16_t pool_index,
                                    uint32_t index)
{
    const struct sn_pool *pool = &world->pools[pool_index];

    if (__builtin_expect(index >= pool->size, 0))
        return (sn_ref){0};
    /* Relaxed: a reference that was just retired is answered SN_GONE. */
    return (sn_ref){atomic_load_explicit(&pool->members[index], memory_order_relaxed)};
}

enum sn_timer_kind {
    SN_TIMER_ACTOR,
    SN_TIMER_ASK,
    SN_TIMER_AGAIN,
    SN_TIMER_WAKE, /* only wakes the shard */
    SN_TIMER_ROOT,
};

/* shard.c: life of a shard */

/** Make a shard. Returns 0 or -errno. Threads: the one that starts the system. */
int sn_shard_create(struct sn_world *world, uint32_t index, struct sn_shard **ret_shard);
/** Free a shard whose thread has ended, and everything in it. NULL is allowed. */
void sn_shard_destroy(struct sn_shard *shard);
/** A new actor without an incarnation. Returns NULL when there is no memory or slot. */
struct sn_actor *sn_shard_add_actor(struct sn_shard *shard, uint16_t pool, uint32_t index,
                                    const struct sn_worker_type *type);
/** Give a zeroed record its type and a slot of its own. Returns false when there is none. */
bool sn_shard_seat_actor(struct sn_shard *shard, struct sn_actor *actor, uint16_t pool,
                         uint32_t index, const struct sn_worker_type *type);
/** Write one line to the log of the options, if there is one. Threads: any. */
void sn_world_log(const struct sn_world *world, enum sn_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** The same about something that may happen often: so many lines of a kind a second, and then the
 * number of those that were left out. Threads: the shard's. */
void sn_shard_log(struct sn_shard *shard, enum sn_log_kind kind, enum sn_log_level level,
                  const char *format, ...) __attribute__((format(printf, 4, 5)));

/* trail.c: who looks from outside */

/* A handler as words: "accounts[3] for transfer". */
struct sn_trail_text {
    const char *pool;
    uint32_t index;
    const char *kind; /* "message", "completion", "timer", "init" ... */
    const char *name; /* of the message, ask or timer; "" of a hook */
    uint64_t slow_after_ns;
};

/** Name an entry of a trail. Async-signal-safe. Returns whether it names an actor. Threads: any. */
bool sn_trail_name(const struct sn_world *world, uint64_t actor, uint64_t what,
                   struct sn_trail_text *ret_text);
/** The shard sleeps from here on, or is awake again: then it wakes the watchdog. */
void sn_trail_rest(struct sn_shard *shard);
void sn_trail_wake(struct sn_shard *shard);

/** What an envelope is about: its message, kind and lane, in one load. */
static inline uint64_t sn_envelope_what(const struct sn_envelope *envelope)
{
    uint64_t what;

    memcpy(&what, &envelope->message, sizeof what);
    return what;
}

/** The same for a hook. */
static inline uint64_t sn_hook_what(enum sn_turn_hook hook)
{
    return (uint64_t)(SN_TRAIL_HOOK + hook) << SN_TRAIL_KIND_SHIFT;
}

/** A handler begins. */
static inline void sn_trail_note(struct sn_shard *shard, const struct sn_actor *actor,
                                 uint64_t what)
{
    struct sn_trail *trail = &shard->trail;
    /* All relaxed: who reads them from outside does not believe them unless the count stood still,
     * which it does for milliseconds then. */
    uint64_t count = atomic_load_explicit(&trail->count, memory_order_relaxed) + 1;

    atomic_store_explicit(&trail->entries[count % SN_TRAIL_SIZE].actor, actor->ref.value,
                          memory_order_relaxed);
    atomic_store_explicit(&trail->entries[count % SN_TRAIL_SIZE].what, what, memory_order_relaxed);
    atomic_store_explicit(&trail->count, count, memory_order_relaxed);
}

/** The shard begins to run actors, or has ended to. */
static inline void sn_trail_work(struct sn_shard *shard)
{
    /* Relaxed, as above. */
    uint32_t work = atomic_load_explicit(&shard->trail.work, memory_order_relaxed);

    atomic_store_explicit(&shard->trail.work, work + 1, memory_order_relaxed);
}

/* loop.c: the thread */

/** Run until the world's quit flag. */
void sn_shard_run(struct sn_shard *shard);
/** One round: take what came, expire timers, run actors, publish. Returns whether there was work.
 */
bool sn_shard_pass(struct sn_shard *shard);
/** Do something that may run handlers on a thread that has no sn_shard_run() below it.
 *
 * Returns  what it returned; `if_failed` when sn_fail() has ended it. */
bool sn_shard_guard(struct sn_shard *shard, bool (*work)(struct sn_shard *shard), bool if_failed);
/** Everything in order to sleep; false when there is work after all. */
bool sn_shard_go_idle(struct sn_shard *shard);
/** Go idle and say so: from now on others wake this shard. False when there is work after all. */
bool sn_shard_fall_asleep(struct sn_shard *shard);
/** How long a shard may sleep at most. */
uint64_t sn_shard_sleep_ns(const struct sn_shard *shard);
/** Take what is in the links without running anything: the end of the system. Returns whether
 * there was something. */
bool sn_shard_drain(struct sn_shard *shard);

/* turn.c: one actor's turn */

/** Give runnable actors a turn each, up to the limit of a pass. Returns whether there was one. */
bool sn_turns_run(struct sn_shard *shard);
/** What a careful actor's turn begins with: keep its retained fields, look at the clock. */
void sn_turn_prepare(struct sn_shard *shard, const struct sn_actor *actor);
/** The end of a turn that failed, or that did more than stage effects. */
int sn_turn_settle(struct sn_shard *shard, int rc);
/** What follows on a message's handler, or that of a batch's record, that has failed. */
void sn_turn_message_failed(struct sn_shard *shard, struct sn_actor *actor,
                            struct sn_envelope *envelope, int rc);
/** The actor's turn is over: it may be queued again. */
void sn_turn_over(struct sn_shard *shard, struct sn_actor *actor);

/* fail.c: sn_fail() */

/** sn_fail() has come back to the unwinding point: what follows on the turn that it left. */
void sn_turn_unwound(struct sn_shard *shard);
/** The calling thread runs this shard now. Returns the one that it ran before, or NULL. */
struct sn_shard *sn_shard_enter(struct sn_shard *shard);

/** A message has ended: in this way, unless it is a later try, which is an event. */
static inline void sn_count_end(struct sn_shard *shard, const struct sn_envelope *envelope,
                                _Atomic(uint64_t) *counter)
{
    bool again = __builtin_expect(envelope->kind == SN_ENVELOPE_AGAIN, 0);

    sn_count(again ? &shard->counters.events_ended : counter, 1);
}

/* stage.c and commit.c: effects */

/** Stage something that is no plain message; its `receiver` is set to NULL. */
void sn_stage(struct sn_shard *shard, struct sn_envelope *envelope);
/** A staged effect leaves that is no plain message of this shard. */
void sn_commit_other(struct sn_shard *shard, struct sn_envelope *envelope);
/** Stage a message with its place, as sn_actor_send() does without a guard. */
int sn_stage_message(struct sn_actor *actor, const struct sn_edge *edge, uint32_t index,
                     size_t size, struct sn_envelope **ret_envelope);
/** The slot of a reference; NULL when a send to it is SN_GONE. */
struct sn_slot *sn_stage_slot(const struct sn_shard *shard, sn_ref to);
/** Take what a message that was not staged needs at its receiver; without it, the shard is woken
 * when there is room. */
bool sn_outbox_find_room(struct sn_shard *shard, struct sn_envelope *envelope,
                         struct sn_slot *slot);
void sn_discard(struct sn_shard *shard);
/** Try to empty the outboxes. Returns whether anything moved. */
bool sn_outboxes_retry(struct sn_shard *shard);
/** Look at an actor in each pass until its outbox is empty and, if it is stopping, it has ended. */
void sn_outbox_watch(struct sn_shard *shard, struct sn_actor *actor);
/** Whether something for another actor waits in an outbox. */
bool sn_outbox_has(const struct sn_actor *actor, sn_ref to);
/** Let an envelope leave an outbox once all that is in it has left. */
void sn_outbox_append(struct sn_shard *shard, struct sn_actor *actor, struct sn_envelope *envelope);
/** Take one out again that is in it. */
void sn_outbox_remove(struct sn_shard *shard, struct sn_actor *actor, struct sn_envelope *envelope);
/** Give up an actor's outbox: its messages become dead letters. */
void sn_outbox_clear(struct sn_shard *shard, struct sn_actor *actor);

/** Take what is staged, which then is nothing. */
static inline struct sn_envelope *sn_staged_take(struct sn_turn *turn)
{
    struct sn_envelope *first = turn->staged_first;

    turn->staged_first = NULL;
    turn->staged_end = &turn->staged_first;
    return first;
}

static inline void sn_count_accepted(struct sn_shard *shard, const struct sn_envelope *envelope)
{
    sn_count(&shard->counters.accepted, 1);
    if (__builtin_expect(envelope->token.value != 0, 0))
        sn_count(&shard->counters.asks_started, 1);
}

/** Let what is staged leave. */
static inline void sn_commit(struct sn_shard *shard)
{
    struct sn_envelope *next = shard->turn.staged_first;

    if (next == NULL)
        return;
    sn_staged_take(&shard->turn);
    do {
        struct sn_envelope *envelope = next;
        struct sn_actor *receiver = envelope->receiver;

        next = envelope->next;
        envelope->sent_ns = shard->now_ns;
        if (__builtin_expect(receiver != NULL, 1)) {
            /* It lived when the message was staged, and nothing has ended on this shard since. */
            sn_count_accepted(shard, envelope);
            sn_shard_post(shard, receiver, envelope);
        } else {
            sn_commit_other(shard, envelope);
        }
    } while (next != NULL);
}

/** Before any code of the user's. @envelope  what is handled, or NULL. */
static inline void sn_turn_begin(struct sn_shard *shard, struct sn_actor *actor,
                                 struct sn_envelope *envelope)
{
    /* All else is as the end of the last turn left it. */
    shard->turn.actor = actor;
    shard->turn.envelope = envelope;
    if (envelope != NULL) /* hooks and completions note themselves */
        sn_trail_note(shard, actor, sn_envelope_what(envelope));
    if (__builtin_expect(actor->careful, 0))
        sn_turn_prepare(shard, actor);
}

/** After it: commit or discard by rc. Returns it, or what the simulator made of it. */
static inline int sn_turn_end(struct sn_shard *shard, int rc)
{
    if (__builtin_expect(rc != 0 || shard->turn.touched, 0))
        return sn_turn_settle(shard, rc);
    sn_commit(shard);
    return 0;
}

/* deliver.c: envelopes on their way */

/** An envelope has reached its shard. */
void sn_shard_deliver(struct sn_shard *shard, struct sn_envelope *envelope);
/** Send a completion to whoever asked. */
void sn_reply_send(struct sn_shard *shard, struct sn_envelope *reply);
/** Send to a place; the link must exist unless the place is this shard. */
void sn_shard_send(struct sn_shard *shard, uint32_t place, struct sn_envelope *envelope);
/** The link to another shard, made on first use; NULL: no memory. */
struct sn_link *sn_shard_link(struct sn_shard *shard, uint32_t place);
/** Send a block back to the pool of another thread. */
void sn_shard_send_back(struct sn_shard *shard, struct sn_envelope *envelope);

/** Take the blocks back that other shards have handled. */
void sn_shard_collect(struct sn_shard *shard);

/** A block of this shard's pool with its class, owner and flags set; NULL: no memory. */
static inline struct sn_envelope *sn_shard_alloc(struct sn_shard *shard, size_t payload_size)
{
    size_t size = SN_PAYLOAD_OFFSET + payload_size;
    uint8_t size_class;
    struct sn_envelope *envelope = sn_block_at_hand(&shard->blocks, size, &size_class);

    if (__builtin_expect(envelope == NULL, 0)) {
        /* Not earlier: until then the lines of the ring on the way back are left alone. */
        sn_shard_collect(shard);
        size_class = sn_block_class_of(size);
        envelope = sn_block_alloc(&shard->blocks, size_class, size);
        if (envelope == NULL)
            return NULL;
    }
    envelope->size_class = size_class;
    envelope->owner = (uint16_t)shard->index;
    envelope->flags = 0;
    return envelope;
}

/** The end of an envelope, wherever its block comes from. */
static inline void sn_shard_free(struct sn_shard *shard, struct sn_envelope *envelope)
{
    if (__builtin_expect(envelope->flags & SN_FLAG_EMBEDDED, 0))
        return;
    if (envelope->owner == shard->index || envelope->size_class == SN_BLOCK_LARGE)
        sn_block_free(&shard->blocks, envelope->size_class, envelope);
    else
        sn_shard_send_back(shard, envelope);
}

/** How many messages an envelope stands for: more than one for a batch. */
uint32_t sn_envelope_count(struct sn_envelope *envelope);
/** A message will not be handled: tell the subscriber, answer the asker, free it. */
void sn_dead_letter(struct sn_shard *shard, struct sn_envelope *envelope, int reason);
/** Tell the dead-letter subscriber only. */
void sn_dead_letter_notify(struct sn_shard *shard, struct sn_envelope *envelope, int reason);
/** What a handler of a dead letter has staged makes no dead letters for workers. */
void sn_letter_mark(struct sn_turn *turn);
/** A dead letter for an actor, with room for `size` bytes of the message's fields at
 * sn_letter_payload(). Takes no place in the mailbox. Returns NULL without memory. */
struct sn_envelope *sn_letter_create(struct sn_shard *shard, sn_ref to, uint16_t message,
                                     const struct sn_dead_letter *summary, size_t size);
void *sn_letter_payload(struct sn_envelope *envelope);
/** Handle a dead letter, and what follows on that. */
int sn_letter_run(struct sn_shard *shard, struct sn_actor *actor, struct sn_envelope *envelope);
void sn_letter_ended(struct sn_shard *shard, struct sn_envelope *envelope, int rc);
/** End a request with an error, using its own envelope for the way back. */
void sn_refuse_envelope(struct sn_shard *shard, struct sn_envelope *envelope, int outcome);
/** End a request with an error when its envelope is no more. */
void sn_refuse_token(struct sn_shard *shard, sn_reply_token token, int outcome);

/* credit.c: places in mailboxes */

/** Where a shard keeps the places that it has leased from an actor elsewhere. */
static inline struct sn_lease *sn_credit_lease(struct sn_shard *shard, sn_ref to)
{
    return &shard->leases[(sn_ref_slot(to) * 7 + sn_ref_shard(to)) % SN_LEASES];
}

/** Take a place where the shard holds none, or of an actor elsewhere. */
bool sn_credit_take_slowly(struct sn_shard *shard, sn_ref to, struct sn_slot *slot);

/** Take a place for a message of this shard. */
static inline bool sn_credit_take(struct sn_shard *shard, sn_ref to, struct sn_slot *slot)
{
    if (sn_ref_shard(to) == shard->index) {
        struct sn_actor *actor = sn_shard_actor(shard, sn_ref_slot(to));

        if (actor->credits > 0) {
            actor->credits--;
            return true;
        }
    }
    return sn_credit_take_slowly(shard, to, slot);
}

/** Give back the place of a message that was not sent after all. */
void sn_credit_give(struct sn_shard *shard, sn_ref to, struct sn_slot *slot);
/** The owner: one message of an envelope has left the mailbox. */
void sn_credit_freed(struct sn_shard *shard, struct sn_actor *actor,
                     const struct sn_envelope *envelope);

/** Return leases and what is owed; everything if somebody wants it or `all`. */
void sn_credits_return(struct sn_shard *shard, bool all);
/** Let this shard be woken when places of a slot come back; look again afterwards. */
void sn_slot_await(const struct sn_shard *shard, struct sn_slot *slot);
/** Return places to a slot and wake whoever waits for them. Threads: any. */
void sn_slot_return(const struct sn_world *world, struct sn_slot *slot, int32_t credits,
                    int64_t bytes);

/* ask.c, reply.c, timers.c */

void sn_ask_complete(struct sn_shard *shard, struct sn_envelope *reply);
void sn_ask_fail(struct sn_shard *shard, sn_reply_token token, int outcome);
void sn_ask_expire(struct sn_shard *shard, struct sn_ask *ask);
/** Give a new ask its token. Returns 0 or -ENOMEM. */
int sn_ask_insert(struct sn_shard *shard, struct sn_ask *ask);
/** The context that an ask carries; NULL: none. */
const void *sn_ask_context(const struct sn_ask *ask);
/** The ask of a token; NULL: completed, or never was. */
struct sn_ask *sn_ask_find(const struct sn_shard *shard, sn_reply_token token);
/** Forget an ask altogether; its completion, if it is queued, must have been taken out. */
void sn_ask_release(struct sn_shard *shard, struct sn_ask *ask);
/** The actor has handled (or lost) a completion. */
int sn_ask_run(struct sn_shard *shard, struct sn_actor *actor, struct sn_envelope *envelope);
/** What follows on a completion's handler. */
void sn_ask_ended(struct sn_shard *shard, struct sn_envelope *completion);
/** The incarnation ends: drop the asks that do not survive (all: none does). */
void sn_asks_end(struct sn_shard *shard, struct sn_actor *actor, bool all);
/** Answers and kept tokens of the turn take effect, or not. */
void sn_tokens_commit(struct sn_shard *shard);
void sn_tokens_discard(struct sn_shard *shard);
/** A staged reply leaves: its token is answered for good. */
void sn_token_answered(struct sn_shard *shard, struct sn_actor *actor, sn_reply_token token);
void sn_tokens_end(struct sn_shard *shard, struct sn_actor *actor);
void sn_timers_expire(struct sn_shard *shard);
void sn_timers_begin(struct sn_shard *shard, struct sn_actor *actor);
void sn_timers_end(struct sn_shard *shard, struct sn_actor *actor);
void sn_timer_commit(struct sn_shard *shard, struct sn_actor *actor,
                     const struct sn_envelope *effect);
int sn_timer_run(struct sn_shard *shard, struct sn_actor *actor, struct sn_envelope *firing);

/* guard.c: retries and circuit breakers */

/** Ask the breaker. Returns 0, or SN_OPEN; after 0 one report or withdrawal must follow. */
int sn_guard_admit(struct sn_actor *actor, uint16_t guard, bool *ret_probe);
void sn_guard_report(struct sn_actor *actor, uint16_t guard, bool probe, int outcome);
void sn_guard_withdraw(struct sn_actor *actor, uint16_t guard, bool probe);
/** Stage the request of a guarded role: its outcome will be reported by sn_guard_ended(). */
int sn_guard_ask(struct sn_actor *actor, struct sn_ask *ask, const struct sn_ask_draft *draft,
                 struct sn_envelope **ret_envelope);
/** Whether a message that found no room may wait in the outbox and be tried again. */
bool sn_guard_may_wait(const struct sn_actor *actor, const struct sn_edge *edge);
void sn_guard_begin_waiting(struct sn_actor *actor, const struct sn_edge *edge,
                            struct sn_envelope *envelope);
/** Where an envelope with SN_FLAG_RETRY keeps what is known of its tries. */
struct sn_waiting *sn_waiting_of(struct sn_envelope *envelope);
/** Try the first of an outbox if it is time. Returns 0: it may leave; SN_FULL: it waits on;
 * SN_DROPPED: it was the last try. */
int sn_guard_try(struct sn_shard *shard, struct sn_actor *actor, struct sn_envelope *envelope,
                 struct sn_slot *slot);
/** A try of a guarded ask has an outcome. Returns whether it is asked again. */
bool sn_guard_ended(struct sn_shard *shard, struct sn_ask *ask, int outcome);
void sn_guard_ask_again(struct sn_shard *shard, struct sn_timer *timer);

/* watch.c: watches and links */

/** A staged WATCH or END_WATCH takes effect; a staged WATCH does not. */
void sn_watch_commit(struct sn_shard *shard, struct sn_actor *actor, struct sn_envelope *effect);
void sn_watch_discard(struct sn_shard *shard, struct sn_envelope *notice);
/** What a staged effect begins or ends. */
struct sn_watch_what {
    uint32_t index;
    uint16_t pool;
    bool link;
    sn_ref to; /* of a member without an index; else zero */
};
struct sn_watch_what sn_watch_effect(struct sn_envelope *effect);
/** An envelope of a watch has reached a shard. */
void sn_watch_deliver(struct sn_shard *shard, struct sn_envelope *envelope);
/** A DOWN leaves the target's outbox. */
void sn_watch_let_go(struct sn_shard *shard, struct sn_envelope *notice);
/** Handle a DOWN. */
int sn_watch_run(struct sn_shard *shard, struct sn_actor *actor, struct sn_envelope *notice);
/** A DOWN has been handled, or its handler has failed. */
void sn_watch_ended(struct sn_shard *shard, struct sn_envelope *notice);
/** Tell whoever watches an actor that it has ended. @failed  a failure, which links share. */
void sn_watchers_tell(struct sn_shard *shard, struct sn_actor *actor, int why, bool failed);
/** The end of an incarnation: tell its watchers, end its own watches. */
void sn_watches_end(struct sn_shard *shard, struct sn_actor *actor, int why, bool failed);
/** Let an actor end in the next pass, by an order from outside. */
void sn_actor_dismiss(struct sn_shard *shard, struct sn_actor *actor, int why);
/** Let linked actors fail, and send what could not be sent. Returns whether an actor ended. */
bool sn_watches_pass(struct sn_shard *shard);
/** Let the shard make a pass at a time at the latest. */
void sn_shard_wake_at(struct sn_shard *shard, uint64_t due_ns);

/* spawn.c: members made at run time */

/** Make the places of a shard's nurseries. Returns 0 or -ENOMEM. */
int sn_nurseries_create(struct sn_shard *shard);
void sn_nurseries_destroy(struct sn_shard *shard);
/** The keeper of a pool on a shard, without an incarnation. Returns NULL: no memory. */
struct sn_actor *sn_nursery_add_keeper(struct sn_shard *shard, uint16_t pool);
/** Whether an actor is the keeper of a nursery. */
bool sn_actor_is_keeper(const struct sn_actor *actor);
/** End all members of a keeper's shard. @kill  without handling what is queued, for a reason. */
void sn_nursery_close(struct sn_shard *shard, const struct sn_actor *keeper, bool kill, int reason);
/** Whether a keeper may end: nobody is left. */
bool sn_nursery_is_empty(const struct sn_shard *shard, const struct sn_actor *keeper);
/** What the turn has spawned begins to live, or never was. */
void sn_spawned_commit(struct sn_shard *shard);
void sn_spawned_discard(struct sn_shard *shard);
/** The end of a turn of an actor that is not simply running. */
void sn_member_turn(struct sn_shard *shard, struct sn_actor *actor);
/** Ask a member to end when it has handled what is queued. */
void sn_member_stop(struct sn_shard *shard, struct sn_actor *actor);
/** What the tree is told of other actors: a member has started, or has ended. */
void sn_member_report(struct sn_shard *shard, struct sn_actor *actor, enum sn_notice_kind kind,
                      struct sn_exit how);
/** The run queue has let go of a member that is gone: its record is free. */
void sn_member_release(struct sn_shard *shard, struct sn_actor *actor);

/* route.c */

/** The next number of a router's seeded sequence. */
uint64_t sn_router_random(struct sn_router *router);

/* lifecycle.c: incarnations */

/** Begin an incarnation: state, init, and what follows on it. @draining  it is to end then. */
void sn_lifecycle_begin(struct sn_shard *shard, struct sn_actor *actor, bool restored,
                        bool draining);
/** End the incarnation now, for a reason that is no failure. */
void sn_lifecycle_end(struct sn_shard *shard, struct sn_actor *actor, int why,
                      enum sn_exit_kind kind);
/** Close the mailbox and let the actor end when it has nothing left to do. */
void sn_lifecycle_drain(struct sn_shard *shard, struct sn_actor *actor);
/** It is gone for good: close the mailbox, retire the reference, end what is queued. */
void sn_lifecycle_retire(struct sn_shard *shard, struct sn_actor *actor);
void sn_lifecycle_notice(struct sn_shard *shard, struct sn_notice *notice);
/** What follows on init. */
void sn_lifecycle_init_ended(struct sn_shard *shard, struct sn_actor *actor, int rc);
/** What follows on the shutdown hook; called again when a clean-up failed. */
void sn_lifecycle_finish(struct sn_shard *shard, struct sn_actor *actor);
/** The actor ends by itself: normally (SN_STOP) or by a failure. */
void sn_lifecycle_exit(struct sn_shard *shard, struct sn_actor *actor, int why);
/** The same on demand, for which SN_SHUTDOWN is no failure. */
void sn_lifecycle_dismiss(struct sn_shard *shard, struct sn_actor *actor, int why);
/** A draining actor may have nothing left to do: then it ends. Returns whether it did. */
bool sn_lifecycle_drained(struct sn_shard *shard, struct sn_actor *actor);
/** Free what sn_scratch() gave during the turn. */
void sn_scratch_end(struct sn_shard *shard);
/** Run what sn_defer() registered, the last first. */
void sn_clean_ups_run(struct sn_shard *shard, struct sn_actor *actor);

#endif
