/* SPDX-License-Identifier: MIT */
#ifndef SN_GENERATED_H
#define SN_GENERATED_H

/*
 * The contract between generated code and the runtime. Handlers and main need nothing of this
 * header; include <sn/sn.h> there.
 *
 * A package is a set of constant tables (struct sn_package and what it points to) and typed
 * functions that end in the calls below. Wherever these functions say `payload`, it is the plain
 * struct of a message with what it points to behind it in the same block: generated code first
 * computes the size, then asks for the memory, then copies the struct and moves its tails
 * (strings, bytes, lists) behind it.
 */

#include <sn/sn.h>
#include <sn/supervision.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Message numbers of a package count from 0; this one means none. */
#define SN_NO_MESSAGE UINT16_MAX

enum sn_lane {
    SN_LANE_CONTROL = 0, /* the runtime's own: never bounded, never behind user work */
    SN_LANE_REPLY = 1,   /* completions of asks; bounded by max_asks */
    SN_LANE_REQUEST = 2, /* the default */
    SN_LANE_TELEMETRY = 3,
    SN_LANES = 4,
};

/* What happens to a message that finds its mailbox full. */
enum sn_full {
    SN_FULL_REJECT = 0,      /* the send answers SN_FULL */
    SN_FULL_DROP_NEWEST = 1, /* the send answers 0, the message is dropped */
    SN_FULL_DROP_OLDEST = 2, /* the oldest of its lane makes room */
    SN_FULL_PARK = 3,        /* it waits in the sender's outbox, up to `park` of them */
};

/*
 * The head of every message in a mailbox; the payload follows. Generated code reads it only
 * through the accessors below.
 */
struct sn_envelope {
    struct sn_envelope *next;
    sn_ref target;
    sn_ref source; /* zero: a thread outside */
    union {
        uint64_t sent_ns;          /* the sender's clock when it was sent */
        struct sn_actor *receiver; /* while it is staged: who gets it, if nothing can go wrong */
    };
    sn_reply_token token; /* a request's reply address; zero: one way */
    uint64_t deadline_ns; /* of a request: not handled after this; UINT64_MAX: none */
    uint16_t message;     /* number in the package; of a reply: the role of the ask */
    uint16_t owner;       /* the place (shard or port) whose pool the block is of */
    uint8_t size_class;   /* of the block */
    uint8_t lane;
    uint8_t kind; /* enum sn_envelope_kind, runtime/actor/ */
    uint8_t flags;
};

/* Constant facts about one message of a package, its imports' messages included. */
struct sn_message_type {
    const char *name; /* as in the schema: "transfer", "net.received" */
    uint8_t lane;     /* enum sn_lane */
    bool is_request;  /* it has a reply */
    /* Of one that some worker takes, by name, as a dead letter; else zero. */
    uint32_t size;                                         /* of the struct */
    int (*measure)(const void *payload, size_t *ret_size); /* NULL: that is all */
    void (*copy)(void *payload, const void *from);         /* NULL: bytes as they are */
};

/*
 * What is done about calls that fail: of all edges of one item of `calls`, or of one role of
 * `asks`. Each actor has a breaker of its own for each guard of its worker, each port one for each
 * guard of main.
 */
struct sn_guard_type {
    const char *name;        /* of the item or the role */
    uint32_t retries;        /* tries after the first; 0: none */
    uint32_t failures;       /* in a row that open the breaker; 0: there is none */
    uint64_t open_ns;        /* how long it stays open */
    uint64_t backoff_min_ns; /* the pause before the first retry ... */
    uint64_t backoff_max_ns; /* ... and the longest one; it doubles in between */
};

/* One declared edge: from a worker, or from main, to one message of one pool. Its first eight bytes
 * lie as the last ones of an envelope do, which are a copy of them but for `pool` and `full`. */
struct sn_edge {
    uint16_t message;     /* number in the package's messages */
    uint16_t pool;        /* index in the package's pools */
    uint8_t full;         /* enum sn_full: the receiving pool's policy for the message */
    uint8_t lane;         /* enum sn_lane */
    uint16_t kind;        /* zero: a message, without flags */
    uint16_t park;        /* with SN_FULL_PARK: the most that wait in the outbox, a sender */
    uint32_t batch_bytes; /* main only: gather messages up to this size; 0: each one by one */
    uint16_t batch_index; /* main only: which of the package's batch edges, from 0 */
    uint16_t guard;       /* 1 + index in the worker's guards, or the package's; 0: none */
    uint64_t deadline_ns; /* of requests, relative; SN_FOREVER: none */
};

/* One role of a worker's `asks`. */
struct sn_ask_type {
    const char *name;
    struct sn_edge edge;
    bool survives; /* its completion reaches the next incarnation */
    /* Of a role with retries: copy one payload to another place, with what it points to; NULL:
     * bytes can be copied as they are. */
    void (*copy)(void *payload, const void *from);
};

/* One of a worker's timers, `tick` included. */
struct sn_timer_type {
    const char *name;
    uint64_t delay_ns;
    bool every; /* periodic, armed after each init; otherwise armed by start_<timer>() only */
};

/* How an ask of an actor came to its end. */
struct sn_completion {
    uint16_t role;       /* index in the worker's asks */
    uint32_t index;      /* the member of the pool that was asked */
    int outcome;         /* 0, an sn_result, or an error that the request declares */
    const void *context; /* the copy that the ask took; NULL if the role has none */
    const void *reply;   /* payload of the reply; NULL unless outcome is 0 and it has fields */
};

/*
 * The vtable and the layout of one worker. `self` is the worker's struct, `size` bytes whose
 * first member is `struct sn_actor *sn`. NULL functions: there is nothing to do.
 * All return 0 or SN_STOP, or the reason of their failure; init may return SN_IGNORE.
 */
struct sn_worker_type {
    const char *name;
    uint32_t size;
    uint32_t args_offset, args_size;
    uint32_t state_offset, state_size;   /* set to zero before every init */
    uint32_t retain_offset, retain_size; /* copied before each handler; restored if it fails */
    int (*init)(void *self, bool restored);
    int (*handle)(void *self, const struct sn_envelope *envelope, const void *payload);
    int (*complete)(void *self, const struct sn_completion *completion);
    int (*tick)(void *self, uint16_t timer);
    int (*down)(void *self, uint16_t pool, uint32_t index, int reason);
    /* Dead letters; the payload is NULL unless the message has a `size` or `measure`. */
    int (*dead)(void *self, uint16_t message, const struct sn_dead_letter *letter,
                const void *payload);
    void (*shutdown)(void *self, int why); /* once for each init that succeeded */
    void (*fini)(void *self); /* the `fini` functions of state, after shutdown or a failure; runs
                                 over zeroed members too */
    /* The text of an invariant that does not hold; NULL: all do. The simulator and probes look
     * after each handler that succeeded, shard threads never. */
    const char *(*broken)(const void *self);
    const struct sn_timer_type *timers;
    const struct sn_ask_type *asks;
    const struct sn_guard_type *guards;
    uint16_t timer_count;
    uint16_t ask_count;
    uint16_t guard_count;
    uint32_t max_asks;      /* asks that one actor may have open */
    uint64_t slow_after_ns; /* 0: handlers are not timed */
    uint64_t memory_bytes;  /* that one actor may hold by sn_alloc(); 0: not bounded */
    /* Of the args of one that is made at run time. */
    int (*args_measure)(const void *args, size_t *ret_size); /* NULL: they need no look */
    void (*args_copy)(void *args, const void *from);         /* NULL: bytes as they are */
};

enum sn_route {
    SN_ROUTE_ONE = 0, /* a pool of one, or every send says which member */
    SN_ROUTE_HASH,
    SN_ROUTE_CONSISTENT_HASH,
    SN_ROUTE_ROUND_ROBIN,
    SN_ROUTE_RANGE,
    SN_ROUTE_LEAST_LOADED,
    SN_ROUTE_CUSTOM, /* generated code calls the user's function, then sn_route_index() */
};

enum sn_key_kind { SN_KEY_NONE = 0, SN_KEY_UNSIGNED, SN_KEY_SIGNED, SN_KEY_BYTES };

/* One upper bound of a range partition: keys below it belong to the member of its index. */
struct sn_split {
    uint64_t number;        /* SN_KEY_UNSIGNED; SN_KEY_SIGNED: the int64_t cast */
    struct sn_string bytes; /* SN_KEY_BYTES, compared as unsigned bytes */
};

struct sn_pool_type {
    const char *name;
    uint16_t worker;        /* index in the package's workers */
    uint8_t route;          /* enum sn_route */
    uint8_t key;            /* enum sn_key_kind, for SN_ROUTE_RANGE */
    uint32_t size;          /* 0: one member a shard; if made at run time the most at a time */
    uint32_t virtual_nodes; /* consistent hash, a member */
    const struct sn_split *splits;
    uint32_t split_count;    /* range: size - 1 */
    uint32_t capacity;       /* of each member's mailbox: requests and telemetry, exactly */
    uint64_t capacity_bytes; /* the same in bytes of payload; 0: not bounded by bytes */
    int32_t shard;           /* -1: members are spread over the shards; else all on this one */
    uint32_t poison_after;   /* 0: a failed message is not retried; N: until it failed N times */
    bool at_run_time;        /* members are made by spawning; nothing routes to them */
};

/* A package: what one YAML file became. */
/* A phase of a graceful stop, before the tree stops its children. */
struct sn_phase_type {
    const char *name;
    const uint8_t *after;       /* numbers of the phases that must be over before */
    const struct sn_edge *asks; /* requests without fields, to all members of their pools */
    uint64_t deadline_ns;       /* from its beginning; SN_FOREVER: none */
    uint16_t after_count;
    uint16_t ask_count;
};

struct sn_package {
    const char *name;
    const struct sn_message_type *messages;
    const struct sn_worker_type *workers;
    const struct sn_pool_type *pools;
    const struct sn_supervisor_spec *supervisors; /* [0] is the root */
    const struct sn_phase_type *phases;
    const struct sn_guard_type *guards; /* of main's edges */
    uint16_t message_count;
    uint16_t worker_count;
    uint16_t pool_count;
    uint16_t supervisor_count;
    uint16_t batch_edge_count;
    uint16_t phase_count;
    uint16_t spawn_message; /* what threads outside spawn by; SN_NO_MESSAGE: they do not */
    uint16_t guard_count;
};

/* ---- reading an envelope ---------------------------------------------------------------- */

/** The message's number in the package. */
static inline uint16_t sn_envelope_message(const struct sn_envelope *envelope)
{
    return envelope->message;
}

/** The reply address of a request. */
static inline sn_reply_token sn_envelope_token(const struct sn_envelope *envelope)
{
    return envelope->token;
}

/* ---- where a message goes --------------------------------------------------------------- */

/* What routing needs to know of the sender: `self->sn` or `app->sn` gives it. */
struct sn_router;

SN_API struct sn_router *sn_actor_router(const struct sn_actor *actor);
SN_API struct sn_router *sn_port_router(const struct sn_port *port);

/**
 * The member of a pool that a key belongs to, or the next one by turn or load.
 *
 * @pool  index in the package's pools. The function must fit the pool's route: _hash for hash and
 *        consistent hash, _unsigned, _signed and _bytes for range, _next for one, round robin and
 *        least loaded.
 *
 * Returns  the member's index.
 * Threads  the one that owns the actor or the port.
 */
SN_API uint32_t sn_route_hash(struct sn_router *router, uint16_t pool, uint64_t hash);
SN_API uint32_t sn_route_unsigned(struct sn_router *router, uint16_t pool, uint64_t key);
SN_API uint32_t sn_route_signed(struct sn_router *router, uint16_t pool, int64_t key);
SN_API uint32_t sn_route_bytes(struct sn_router *router, uint16_t pool, const void *data,
                               size_t size);
SN_API uint32_t sn_route_next(struct sn_router *router, uint16_t pool);

/** How many members a pool has. */
SN_API uint32_t sn_route_count(const struct sn_router *router, uint16_t pool);

/** The reference of one member; the zero reference (a send to it is SN_GONE) past the end. */
SN_API sn_ref sn_route_member(const struct sn_router *router, uint16_t pool, uint32_t index);

/* Pinned hashes: part of the partition map, which is a wire format (XXH3, runtime/hash/). */
SN_API uint64_t sn_hash_bytes(const void *data, size_t size);
SN_API uint64_t sn_hash_u64(uint64_t value);

/* ---- what an actor does ----------------------------------------------------------------- */

/**
 * Stage a message; it leaves when the handler returns 0, and never if the handler fails.
 *
 * @index        the member of the edge's pool; past the end: SN_GONE.
 * @size         of the payload in bytes.
 * @ret_payload  where to write it, aligned to 8, before the handler returns.
 *
 * Returns  0; SN_FULL, SN_GONE; -ENOMEM. A policy that drops the message gives 0 as well.
 * Threads  the actor's shard.
 * Owns     the memory belongs to the runtime.
 */
SN_API int sn_actor_send(struct sn_actor *actor, const struct sn_edge *edge, uint32_t index,
                         size_t size, void **ret_payload);

/** The same over an edge with a guard. Returns SN_OPEN as well. */
SN_API int sn_actor_send_guarded(struct sn_actor *actor, const struct sn_edge *edge, uint32_t index,
                                 size_t size, void **ret_payload);

/**
 * The same to one actor by its reference, as the members of a pool that are made at run time have
 * no index.
 */
SN_API int sn_actor_send_to(struct sn_actor *actor, const struct sn_edge *edge, sn_ref to,
                            size_t size, void **ret_payload);

/* An ask being made: filled by the caller above the line, by sn_actor_ask() below it. */
struct sn_ask_draft {
    uint16_t role;  /* index in the worker's asks */
    uint32_t index; /* the member that is asked */
    sn_ref to;      /* the same where members have no index; else zero */
    size_t payload_size;
    size_t context_size; /* 0: the role has none */
    /* ---- */
    void *payload;
    void *context;
    void *again; /* of a role with retries: where to write the payload once more; else NULL */
};

/**
 * Stage a request whose completion will call worker->complete exactly once, in a later turn.
 *
 * Returns  0; SN_FULL (the mailbox, or max_asks), SN_GONE, SN_OPEN; -ENOMEM: there will be no
 *          completion.
 */
SN_API int sn_actor_ask(struct sn_actor *actor, struct sn_ask_draft *draft);

/** How many asks of a role are open (completions that have begun to run are not counted). */
SN_API uint32_t sn_actor_waiting(const struct sn_actor *actor, uint16_t role);

/**
 * Stage the reply to a request.
 *
 * @token  of the request being handled, or one that was kept.
 *
 * Returns  0, even if nobody waits any more; -EALREADY if it was answered before; -ENOMEM.
 */
SN_API int sn_actor_reply(struct sn_actor *actor, sn_reply_token token, size_t size,
                          void **ret_payload);

/** Stage an error as the answer. @code  an sn_result or an error that the request declares. */
SN_API int sn_actor_refuse(struct sn_actor *actor, sn_reply_token token, int code);

/**
 * Keep a token beyond the handler: generated code calls it where a token is put into state or
 * into the context of an ask. Takes effect when the handler returns 0. A kept token
 * is failed with SN_FAILED when the incarnation ends without having answered it.
 *
 * Returns  0; -ENOMEM.
 */
SN_API int sn_actor_keep_token(struct sn_actor *actor, sn_reply_token token);

/**
 * Hand a token on in a message: whoever receives it answers. Generated code calls it for the
 * token fields of a message. Takes effect when the handler returns 0.
 *
 * Returns  0; -EALREADY if it was answered before.
 */
SN_API int sn_actor_pass_token(struct sn_actor *actor, sn_reply_token token);

/** Stage the start of a timer, from now; a running one starts again. @timer  index. */
SN_API int sn_actor_start_timer(struct sn_actor *actor, uint16_t timer, uint64_t delay_ns);

/** Stage the end of a timer; a firing that is already queued does not happen. */
SN_API int sn_actor_cancel_timer(struct sn_actor *actor, uint16_t timer);

/**
 * Stage a watch of one member of a pool: worker->down is called once when the incarnation that it
 * has, or will have next, ends; at once if it is gone for good. What is watched already stays so.
 *
 * @link  instead of being told, fail with the reason if it failed; and it fails if this one does.
 *
 * Returns  0; SN_GONE: the pool has no such member; -ENOMEM.
 */
SN_API int sn_actor_watch(struct sn_actor *actor, uint16_t pool, uint32_t index, bool link);

/** Stage the end of a watch or link; a DOWN that is already queued does not come. Returns 0, even
 * if there is none; -ENOMEM. */
SN_API int sn_actor_unwatch(struct sn_actor *actor, uint16_t pool, uint32_t index, bool link);

/** The same where members have no index; `down` is called with index 0, and sn_source() says who.
 */
SN_API int sn_actor_watch_ref(struct sn_actor *actor, uint16_t pool, sn_ref to, bool link);
SN_API int sn_actor_unwatch_ref(struct sn_actor *actor, uint16_t pool, sn_ref to, bool link);

/**
 * Stage a new member of a pool that is made at run time, on the actor's own shard.
 *
 * @args     the struct of the pool's worker, copied with what it points to; NULL: zero.
 * @ret_ref  the member: it may be sent to at once. Its init runs after this handler, and before it
 *           handles anything; if that fails, it is gone.
 *
 * Returns  0; SN_FULL: the pool has all its members, or the shard all its actors; SN_GONE: the pool
 *          has not started yet, or is stopping; what is wrong with the args; -ENOMEM.
 */
SN_API int sn_actor_spawn(struct sn_actor *actor, uint16_t pool, const void *args, sn_ref *ret_ref);

/**
 * Stage a stop: the member takes no more messages, handles those that it has, and ends.
 *
 * Returns  0, even if it is about to end anyway; SN_GONE; -ENOMEM.
 */
SN_API int sn_actor_stop(struct sn_actor *actor, sn_ref member);

/* ---- what threads outside do ------------------------------------------------------------ */

/* One request of a thread outside that is under way. */
struct sn_future;

/**
 * Start a system from a package.
 *
 * @options  NULL: all defaults.
 * @args     one pointer a pool, to the pool's worker's args struct; NULL entries: zero. The
 *           structs, what they point to included, must live until sn_system_stop() returns.
 *
 * Returns  0 when the whole supervision tree has started; the reason of the child that did not;
 *          -errno. On failure *ret_port is NULL and nothing is left behind.
 */
SN_API int sn_system_start(const struct sn_package *package,
                           const struct sn_system_options *options, const void *const *args,
                           struct sn_port **ret_port);

/**
 * Stop gracefully: children in reverse order, each within its shutdown time, and free everything.
 *
 * Threads that are blocked in a call are answered SN_GONE, and calls from now on too. Before it
 * frees anything it waits, up to a second, until they have left their calls on this port and closed
 * the ports of their own; it logs a warning if they do not. NULL: does nothing.
 *
 * Returns  0; SN_GAVE_UP if the root supervisor had given up.
 */
SN_API int sn_system_stop(struct sn_port *port);

/** Wait until SIGINT or SIGTERM arrives or the root supervisor gives up. Returns 0 or -errno. */
SN_API int sn_system_wait(struct sn_port *port);

/** Open a further port of the same system, for one thread. Returns 0 or -ENOMEM. */
SN_API int sn_port_open(struct sn_port *port, struct sn_port **ret_port);

/** Close a port that sn_port_open() gave; its futures must have been waited for or dropped. */
SN_API void sn_port_close(struct sn_port *port);

/**
 * Begin a message: between this and sn_port_end() the payload is written.
 *
 * @timeout_ns   how long to wait for room; 0: not at all.
 *
 * Returns  0, then sn_port_end() must follow; SN_FULL, SN_GONE, SN_TIMEOUT, SN_TOO_LARGE, SN_OPEN,
 *          -ENOMEM.
 * Threads  the port of sn_system_start(): any (it is locked in between); others: their own.
 */
SN_API int sn_port_send(struct sn_port *port, const struct sn_edge *edge, sn_ref to, size_t size,
                        uint64_t timeout_ns, void **ret_payload);

/**
 * Begin a request in the same way; sn_port_end() sends it.
 *
 * @deadline_ns  relative; SN_FOREVER: none. It begins now: waiting for room is part of it.
 * @ret_future   one completion, to be taken by sn_future_wait() or given up by sn_future_drop().
 */
SN_API int sn_port_ask(struct sn_port *port, const struct sn_edge *edge, sn_ref to, size_t size,
                       uint64_t deadline_ns, void **ret_payload, struct sn_future **ret_future);

/* The tries of one call over an edge of main with `retry`. */
struct sn_tries {
    struct sn_port *port;
    const struct sn_edge *edge;
    uint64_t until_ns;
    uint32_t tried;
    int outcome; /* of the last try that got through */
};

/** Begin a call that is tried again: sn_tries_again() must follow until it returns false. */
SN_API void sn_tries_begin(struct sn_tries *tries, struct sn_port *port,
                           const struct sn_edge *edge);

/** The time that the call has left, for sn_port_ask(). */
SN_API uint64_t sn_tries_left_ns(const struct sn_tries *tries);

/**
 * A try has ended: wait for the next one, if there is to be one.
 *
 * @outcome  in/out: of this try; when there is no other, that of the call.
 *
 * Returns  whether to try again.
 */
SN_API bool sn_tries_again(struct sn_tries *tries, int *outcome);

/** Send what sn_port_send() or sn_port_ask() began. */
SN_API void sn_port_end(struct sn_port *port);

/**
 * A new member of a pool that is made at run time, as by sn_actor_spawn(), on one shard after the
 * other; waits until its shard has answered.
 *
 * Returns  as sn_actor_spawn(); SN_GONE also when the system stops meanwhile.
 */
SN_API int sn_port_spawn(struct sn_port *port, uint16_t pool, const void *args, sn_ref *ret_ref);

/** Ask a member to stop, as by sn_actor_stop(). Returns 0; SN_GONE; -ENOMEM. */
SN_API int sn_port_stop(struct sn_port *port, sn_ref member);

/** Send all batches that are not full yet. */
SN_API void sn_port_flush(struct sn_port *port);

/**
 * Wait for a completion.
 *
 * @future     in/out: NULL afterwards, unless only the waiting timed out.
 * @ret_reply  payload of the reply, or NULL; lives until this thread's next wait at the same
 *             port, or until the port is closed or the system stops.
 *
 * Returns  the outcome; SN_TIMEOUT with *future still set when timeout_ns was over first.
 */
SN_API int sn_future_wait(struct sn_future **future, uint64_t timeout_ns, const void **ret_reply);

/** Give up waiting; NULL inside is allowed. */
SN_API void sn_future_drop(struct sn_future **future);

/* ---- moving what a struct points to ----------------------------------------------------- */

/** Round a size up to the alignment of payload tails. */
static inline size_t sn_tail_align(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

/**
 * Add the bytes that a text needs behind the struct, and check it.
 *
 * @max  the declared maximum.
 *
 * Returns  0; SN_TOO_LARGE; SN_INVALID if there is a NUL inside.
 */
static inline int sn_tail_size_string(struct sn_string value, size_t max, size_t *size)
{
    if (value.size > max)
        return SN_TOO_LARGE;
    if (value.size > 0 && memchr(value.data, 0, value.size) != NULL)
        return SN_INVALID;
    *size += sn_tail_align(value.size + 1);
    return 0;
}

/** The same for bytes. Returns 0 or SN_TOO_LARGE. */
static inline int sn_tail_size_bytes(struct sn_bytes value, size_t max, size_t *size)
{
    if (value.size > max)
        return SN_TOO_LARGE;
    *size += sn_tail_align(value.size);
    return 0;
}

/** Copy a text to the cursor, terminated, point the view at the copy and advance the cursor. */
static inline void sn_tail_string(struct sn_string *value, char **cursor)
{
    if (value->size > 0)
        memcpy(*cursor, value->data, value->size);
    (*cursor)[value->size] = '\0';
    value->data = *cursor;
    *cursor += sn_tail_align(value->size + 1);
}

/** The same for bytes. */
static inline void sn_tail_bytes(struct sn_bytes *value, char **cursor)
{
    if (value->size > 0)
        memcpy(*cursor, value->data, value->size);
    value->data = (const uint8_t *)*cursor;
    *cursor += sn_tail_align(value->size);
}

/** Copy `size` bytes of list items to the cursor. Returns the copy. */
static inline void *sn_tail_items(const void *items, size_t size, char **cursor)
{
    void *copy = *cursor;

    if (size > 0)
        memcpy(copy, items, size);
    *cursor += sn_tail_align(size);
    return copy;
}

#ifdef __cplusplus
}
#endif
#endif
