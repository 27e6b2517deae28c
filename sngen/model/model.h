/* SPDX-License-Identifier: MIT */
/**
 * The model: what a package means, resolved, typed and validated.
 *
 * lang/ reads YAML into raw nodes, model/ resolves them into the structures
 * below, check/ judges them, emit/ writes C from them. The flow has one
 * direction: an emitter looks nothing up by name, every reference is already a
 * pointer, every default is filled in and every number is in its base unit
 * (bytes, nanoseconds, items).
 *
 * All of it lives in one arena and is read-only once sn_model_load() has
 * returned without errors. Arrays keep the order of the YAML. `location` says
 * where a thing was written, for diagnostics and for the origin comments of
 * the generated code; its file is NULL for what was filled in by default.
 * `doc` is NULL when there is none.
 *
 * Numbers that leave the process (of messages, fields, enum values and errors) come from
 * sngen.lock where there is one, else from the order of declaration. With a lock they are in any
 * order and have gaps; they are never positions in an array, and new ones are never old ones.
 */
#ifndef SNGEN_MODEL_MODEL_H
#define SNGEN_MODEL_MODEL_H

#include "base/arena.h"
#include "base/location.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SN_UNBOUNDED UINT64_MAX     /* a size: no maximum was given, `unbounded` was */
#define SN_NO_TIME_LIMIT UINT64_MAX /* a time in ns: none, unlimited */

struct sn_lock;
struct sn_lock_package;
struct sn_package;
struct sn_struct;
struct sn_enum;
struct sn_alias;
struct sn_message;
struct sn_worker;
struct sn_pool;
struct sn_supervisor;

/* `was:`: what it was called before it was renamed; name is NULL if it has always been so. */
struct sn_was {
    const char *name;
    struct sn_location location;
};

/* ---- constants and types ------------------------------------------------ */

/* constants: {max_name: 32}   ->  CHAT_MAX_NAME */
struct sn_constant {
    const struct sn_package *package;
    const char *name;
    uint64_t value;
    const char *doc;
    struct sn_location location;
};

enum sn_kind {
    SN_KIND_BOOL,
    SN_KIND_I8,
    SN_KIND_I16,
    SN_KIND_I32,
    SN_KIND_I64,
    SN_KIND_U8,
    SN_KIND_U16,
    SN_KIND_U32,
    SN_KIND_U64,
    SN_KIND_F32,
    SN_KIND_F64,
    SN_KIND_DURATION,  /* ns, uint64_t in C */
    SN_KIND_TIMESTAMP, /* ns of the system's clock, uint64_t in C */
    SN_KIND_STRING,    /* max: bytes without the terminator */
    SN_KIND_BYTES,     /* max: bytes */
    SN_KIND_ENUM,      /* enumeration */
    SN_KIND_STRUCT,    /* structure: a struct of `types`, a message's fields or its reply */
    SN_KIND_LIST,      /* of, max: items */
    SN_KIND_ARRAY,     /* of, max: items, always all of them */
    SN_KIND_REF,       /* worker */
    SN_KIND_REPLY_TO,  /* message (a request) */
    SN_KIND_C,         /* c_type, c_fini: only in state */
};

/* One use of a type. An alias is already looked through; `alias` remembers it. */
struct sn_type {
    enum sn_kind kind;
    bool optional;                      /* T? */
    bool fixed;                         /* nothing of variable size inside: a flat copy is enough */
    uint64_t max;                       /* see the kinds; SN_UNBOUNDED; 0 where it has no meaning */
    const struct sn_constant *constant; /* `max` was written as this constant; or NULL */
    const struct sn_type *of;           /* list, array: the element */
    const struct sn_struct *structure;
    const struct sn_enum *enumeration;
    const struct sn_message *message; /* reply_to */
    const struct sn_worker *worker;   /* ref */
    const struct sn_alias *alias;     /* written by this name; or NULL */
    const char *c_type;               /* c(TYPE): checked, single-line C type */
    const char *c_fini; /* fini(fn): a C identifier, called with a pointer to it; or NULL */
    struct sn_location location;
};

struct sn_field {
    const char *name;
    struct sn_type type;
    uint32_t tag;       /* on the wire: >= 1, unique within its struct, no protobuf-reserved one */
    uint64_t size_max;  /* worst-case bytes, variable parts too; SN_UNBOUNDED */
    bool keeps_unknown; /* bytes(N) that hold fields of other versions; has no field on the wire */
    struct sn_was was;
    const char *doc;
    struct sn_location location;
};

/* What a struct comes from; decides its C name (sn_name_struct()). */
enum sn_struct_origin {
    SN_STRUCT_TYPE,    /* types:          struct bank_size */
    SN_STRUCT_MESSAGE, /* fields:         struct bank_transfer */
    SN_STRUCT_REPLY,   /* reply:          struct bank_transfer_reply */
    SN_STRUCT_ARGS,    /* worker's args:  struct bank_account_args */
    SN_STRUCT_CONTEXT, /* ask's context:  struct bank_account_credit */
};

struct sn_struct {
    enum sn_struct_origin origin;
    const struct sn_package *package;
    const struct sn_message *message; /* MESSAGE, REPLY */
    const struct sn_worker *worker;   /* ARGS, CONTEXT */
    const char *name; /* TYPE: the type; MESSAGE, REPLY: the message; CONTEXT: the role */
    struct sn_field *fields;
    size_t field_count;
    bool fixed;        /* all fields are fixed */
    uint64_t size_min; /* sizeof the C struct on a 64-bit machine: payload bytes at least */
    uint64_t size_max; /* worst-case payload bytes, variable parts too; SN_UNBOUNDED */
    uint32_t align;    /* of the C struct */
    unsigned depth;    /* 1: no struct inside */
    unsigned step;     /* the resolver's own: 0 not looked at, 1 in progress, 2 done */
    bool partial; /* some fields were refused (there are errors), and do not count as missing */
    struct sn_was was; /* TYPE only; those of a message are renamed with it */
    const char *doc;
    struct sn_location location;
};

struct sn_enum_value {
    const char *name; /* BANK_COLOR_RED */
    uint32_t number;  /* in C and on the wire: unique within the enum; 0 may be retired */
    struct sn_was was;
    const char *doc;
    struct sn_location location;
};

struct sn_enum {
    const struct sn_package *package;
    const char *name;
    struct sn_enum_value *values;
    size_t value_count;
    struct sn_was was;
    const char *doc;
    struct sn_location location;
};

/* types: {name: string(32)} -> typedef ... chat_name */
struct sn_alias {
    const struct sn_package *package;
    const char *name;
    struct sn_type type; /* what it stands for */
    struct sn_was was;
    const char *doc;
    struct sn_location location;
};

enum sn_declaration_kind { SN_DECLARED_STRUCT, SN_DECLARED_ENUM, SN_DECLARED_ALIAS };

/* One C type of the package header: the entries of `types:`, then each message's fields and reply
 * (those with at least one field), moved only as far as needed so that each comes after what it
 * contains by value. Args and contexts belong to their worker's header and are not among them. */
struct sn_declaration {
    enum sn_declaration_kind kind;
    const struct sn_struct *structure;
    const struct sn_enum *enumeration;
    const struct sn_alias *alias;
};

/* ---- messages ----------------------------------------------------------- */

/* A declared error of the package; messages that name the same error share it. */
struct sn_error {
    const struct sn_package *package;
    const char *name; /* BANK_NO_FUNDS */
    int32_t number;   /* in C and on the wire: >= 1000, unique in the package and its imports */
    struct sn_was was;
    struct sn_location location;
};

enum sn_lane { SN_LANE_REQUEST, SN_LANE_TELEMETRY }; /* the lanes that users may choose */

struct sn_message {
    const struct sn_package *package;
    const char *name;
    const struct sn_worker *in_place; /* declared inside this worker's `handles`; or NULL */
    uint32_t index;                   /* 0.. in order of declaration: in package->messages */
    uint32_t number;                  /* on the wire: 1..65535, unique within the package */
    uint32_t id; /* package id << 16 | number: unique among all packages in use */
    const struct sn_struct *fields; /* never NULL; field_count may be 0: then no message argument */
    const struct sn_struct *reply; /* NULL: one way. field_count may be 0: a bare acknowledgement */
    const struct sn_error **errors;
    size_t error_count;
    enum sn_lane lane;
    uint64_t limit; /* most payload bytes: `limit:`, or what the fields can reach; SN_UNBOUNDED */
    bool idempotent;
    bool wire; /* it and its reply have a codec */
    struct sn_was was;
    const char *doc;
    struct sn_location location;
};

/* protocols: {stream: [received, closed]}; resolved into handles, kept for documentation. */
struct sn_protocol {
    const struct sn_package *package;
    const char *name;
    const struct sn_message **messages;
    size_t message_count;
    const char *doc;
    struct sn_location location;
};

/* ---- edges -------------------------------------------------------------- */

/* How a pool takes one message: the answer to every question about (pool, message). */
struct sn_slot;

enum sn_verb {
    SN_VERB_SEND, /* one way */
    SN_VERB_CALL, /* request, wait for the reply: main now (there it also gives the future form) */
    SN_VERB_ASK,  /* request with a continuation: asks */
};

/* retry, backoff and breaker of one item of `calls` or one role of `asks`: the edges of an item
 * share them, and so one breaker. */
struct sn_guard {
    const char *name; /* the item or the role */
    uint32_t retries; /* 0: none */
    uint64_t backoff_min_ns;
    uint64_t backoff_max_ns;
    uint32_t failures; /* 0: no breaker */
    uint64_t open_ns;
    struct sn_location location;
};

/* Those of one worker, or of main. */
struct sn_guards {
    struct sn_guard *items;
    size_t count;
};

/* One (who, pool, message): gives the typed functions of that edge. */
struct sn_edge {
    enum sn_verb verb;
    const struct sn_worker *from; /* NULL: main */
    const struct sn_pool *pool;
    const struct sn_message *message;
    const struct sn_slot *slot; /* in pool->slots: key and policy of this message there */
    bool routed;          /* the plain form exists: pool of one, or it finds a member by itself */
    bool indexed;         /* the _at form exists: the pool has (or may have) several members */
    bool each;            /* `to: each`: the _all form exists */
    uint64_t deadline_ns; /* of a request; SN_NO_TIME_LIMIT: deadline: none; 0 for one-way */
    uint64_t batch_bytes; /* `batch:` gather this much a destination (main only); 0: none */
    const struct sn_guard *guard; /* of the worker's guards, or main's; NULL: none */
    struct sn_location location;
};

/* asks: {credit: {of: accounts.deposit, ...}}   ->  ask_credit, on_credit */
struct sn_ask {
    const char *role;
    struct sn_edge edge;
    bool survives;
    const struct sn_struct *context; /* NULL: no context argument */
    const char *doc;
    struct sn_location location;
};

/* watches: [disks]   ->  watch_disks, unwatch_disks, on_disks_down
 * links: [disks]     ->  link_disks, unlink_disks */
/* spawns: [sessions]    ->  spawn_sessions, stop_sessions */
struct sn_bond {
    const struct sn_pool *pool;
    struct sn_location location;
};

/* ---- workers ------------------------------------------------------------ */

struct sn_timer {
    const char *name;
    bool every;         /* repeats by itself from init on; else armed by start_<timer> */
    uint64_t period_ns; /* > 0 */
    const char *doc;
    struct sn_location location;
};

/* ---- invariants --------------------------------------------------------- */

enum sn_expr_kind {
    SN_EXPR_NUMBER, /* number, perhaps by the name of `constant` */
    SN_EXPR_BOOL,   /* number: 0 or 1 */
    SN_EXPR_VALUE,  /* value of enumeration */
    SN_EXPR_MEMBER, /* path */
    SN_EXPR_SIZE,   /* of the text or list at path */
    SN_EXPR_HAS,    /* whether the optional value at path is there */
    SN_EXPR_NOT,    /* left */
    SN_EXPR_MINUS,  /* left */
    SN_EXPR_BINARY, /* left, op, right */
    SN_EXPR_NAME,   /* the parser's own: not looked up yet */
};

enum sn_expr_domain { SN_EXPR_INTEGER, SN_EXPR_FLOAT, SN_EXPR_TRUTH, SN_EXPR_CHOICE };

enum { SN_EXPR_PATH_MAX = 8 };

/* A condition about the members of a worker, with its types checked. */
struct sn_expr {
    enum sn_expr_kind kind;
    enum sn_expr_domain domain;
    bool is_unsigned; /* of INTEGER: a u64 takes part, so all is calculated as uint64_t; else as
                         int64_t */
    bool is_signed;   /* of INTEGER: something takes part that may be negative */
    const char *op;
    const char *name;
    const struct sn_expr *left, *right;
    uint64_t number;
    const struct sn_constant *constant;
    const struct sn_enum *enumeration;
    const struct sn_enum_value *value;
    const struct sn_field *path[SN_EXPR_PATH_MAX]; /* a member of state or retain, then fields */
    size_t path_count;
    size_t offset, size; /* in the text */
};

/* invariant: balance >= 0 */
struct sn_invariant {
    const char *text;
    const struct sn_expr *expr; /* TRUTH */
    struct sn_location location;
};

struct sn_worker {
    const struct sn_package *package;
    const char *name;
    const char *include;          /* include: my.h, checked; or NULL */
    const struct sn_struct *args; /* NULL: none */
    struct sn_field *state;       /* zeroed before each init */
    size_t state_count;
    struct sn_field *retain; /* survives restarts */
    size_t retain_count;
    bool retain_fixed; /* every retained field is fixed: roll-back is one copy */
    bool has_init;
    bool has_shutdown;
    const struct sn_message **handles; /* in order, protocols expanded, each once */
    size_t handle_count;
    struct sn_edge *edges; /* `calls`, expanded to (pool, message) */
    size_t edge_count;
    struct sn_ask *asks;
    size_t ask_count;
    struct sn_guards guards; /* of `calls`, then of `asks` */
    struct sn_bond *watches;
    size_t watch_count;
    struct sn_bond *links;
    size_t link_count;
    struct sn_bond *spawns;
    size_t spawn_count;
    bool has_dead_letters;          /* it is shown dead letters */
    const struct sn_message **dead; /* those that it wants with their fields */
    size_t dead_count;
    struct sn_timer *timers;
    size_t timer_count;
    uint64_t tick_ns;       /* 0: no tick */
    uint64_t slow_after_ns; /* 0: not timed */
    struct sn_invariant *invariants;
    size_t invariant_count;
    uint64_t memory_bytes; /* 0: not bounded */
    struct sn_was was;
    const char *doc;
    struct sn_location location;
};

/* ---- pools -------------------------------------------------------------- */

enum sn_route {
    SN_ROUTE_HASH,
    SN_ROUTE_CONSISTENT_HASH,
    SN_ROUTE_ROUND_ROBIN,
    SN_ROUTE_RANGE,
    SN_ROUTE_LEAST_LOADED,
    SN_ROUTE_CUSTOM, /* the user writes <package>_<pool>_route() */
};

enum sn_full { SN_FULL_REJECT, SN_FULL_DROP_OLDEST, SN_FULL_DROP_NEWEST, SN_FULL_PARK };

struct sn_slot {
    const struct sn_message *message;
    /* Where the partition key is in the message: path[0] is a field of the message, path[1] one of
     * that field's struct, and so on; the last is an integer, enum, string or bytes.
     * path_count 0: no key (the route needs none, or this message only goes to an index or to
     * each). */
    const struct sn_field **path;
    size_t path_count;
    enum sn_full full;
    uint32_t park;               /* park(N) */
    struct sn_location location; /* of the policy, or the pool */
};

enum sn_restart { SN_RESTART_PERMANENT, SN_RESTART_TRANSIENT, SN_RESTART_TEMPORARY };

/* A boundary between two members of a range pool: keys >= it belong to the next member. */
struct sn_split {
    const char *text; /* string and bytes keys: the bytes, else NULL */
    size_t text_size;
    bool negative; /* integer keys: number is the magnitude */
    uint64_t number;
    struct sn_location location;
};

struct sn_pool {
    const struct sn_package *package;
    const char *name;
    const struct sn_worker *worker;
    bool automatic;   /* no pool named the worker: a pool of one under its own name */
    bool size_auto;   /* size: auto: one a shard */
    uint32_t size;    /* >= 1 if not size_auto */
    bool at_run_time; /* made by who spawns them, at most `size` at a time; reached by reference */
    bool pinned;
    uint32_t shard; /* if pinned */
    enum sn_route route;
    bool keyed; /* members are chosen by a key: hash, consistent_hash, range, custom with key */
    enum sn_kind key_kind;   /* if keyed: the kind of all its keys */
    uint32_t virtual_nodes;  /* consistent_hash */
    struct sn_split *splits; /* range: ascending, size - 1 of them */
    size_t split_count;
    uint32_t mailbox_capacity; /* messages */
    uint64_t mailbox_bytes;    /* 0: not limited by bytes */
    struct sn_slot *slots;     /* one a handled message, in the worker's order */
    size_t slot_count;
    enum sn_restart restart;
    uint64_t shutdown_ns;  /* 0: brutal; SN_NO_TIME_LIMIT: unlimited */
    uint32_t poison_after; /* 0: never */
    struct sn_was was;
    const char *doc;
    struct sn_location location;
};

/* ---- supervision -------------------------------------------------------- */

enum sn_strategy { SN_ONE_FOR_ONE, SN_ONE_FOR_ALL, SN_REST_FOR_ONE };

struct sn_child { /* exactly one of the two */
    const struct sn_pool *pool;
    const struct sn_supervisor *supervisor;
    bool significant;
    struct sn_location location;
};

enum sn_auto_shutdown { SN_AUTO_SHUTDOWN_NEVER, SN_AUTO_SHUTDOWN_ANY, SN_AUTO_SHUTDOWN_ALL };

struct sn_supervisor {
    const char *name; /* the top one is "root" */
    enum sn_strategy strategy;
    bool restarts_unlimited;
    uint32_t restarts; /* at most this many inside the window */
    uint64_t window_ns;
    uint64_t backoff_min_ns; /* 0 and 0: backoff: none */
    uint64_t backoff_max_ns;
    enum sn_auto_shutdown auto_shutdown;
    enum sn_restart restart;            /* of this supervisor under its parent */
    uint64_t shutdown_ns;               /* SN_NO_TIME_LIMIT by default */
    const struct sn_supervisor *parent; /* NULL: the root */
    struct sn_child *children;
    size_t child_count;
    const char *doc;
    struct sn_location location;
};

/* ---- stopping ----------------------------------------------------------- */

#define SN_PHASES_MAX 64

/* shutdown: {flush: {after: [quiet], ask: [stores.flush]}} */
struct sn_phase {
    const char *name;
    const struct sn_phase **after;
    size_t after_count;
    struct sn_edge *asks; /* from main's thread, to every member */
    size_t ask_count;
    uint64_t deadline_ns; /* SN_NO_TIME_LIMIT: none */
    const char *doc;
    struct sn_location location;
};

/* ---- package and model -------------------------------------------------- */

struct sn_package {
    const char *name;                /* the prefix in C */
    const char *file;                /* the YAML, as named by the user or found by the import */
    const char *alias;               /* how the importer calls it; NULL for the package asked for */
    const struct sn_lock *lock_file; /* the sngen.lock beside the YAML; NULL: there is none */
    const struct sn_lock_package *lock; /* what it holds of this package, perhaps under its former
                                           name; NULL: nothing */
    uint16_t id;                        /* from the name; unique among the packages in use */
    int32_t errors_from;                /* number of the first error */
    const struct sn_package **imports;
    size_t import_count;
    const struct sn_constant **constants;
    size_t constant_count;
    struct sn_declaration *declarations; /* in dependency order */
    size_t declaration_count;
    const struct sn_message **messages; /* by index */
    size_t message_count;
    const struct sn_error **errors; /* in order of declaration */
    size_t error_count;
    const struct sn_protocol **protocols;
    size_t protocol_count;
    const struct sn_worker **workers;
    size_t worker_count;
    const struct sn_pool **pools; /* declared ones in order, then the automatic ones */
    size_t pool_count;
    const struct sn_supervisor *root;         /* NULL only in a package without pools */
    const struct sn_supervisor **supervisors; /* the root first, parents before children */
    size_t supervisor_count;
    struct sn_edge *edges; /* main: {calls}: the edges of threads outside */
    size_t edge_count;
    struct sn_bond *spawns; /* main: {spawns} */
    size_t spawn_count;
    struct sn_guards guards; /* of these edges */
    struct sn_phase *phases; /* of a graceful stop */
    size_t phase_count;
    uint64_t memory_bytes;  /* the most of any shard; 0: not declared */
    uint32_t memory_shards; /* how many shards that is for */
    struct sn_location memory_location;
    struct sn_was was;
    const char *doc;
    struct sn_location location; /* of `package:` */
};

struct sn_model {
    struct sn_arena *arena;             /* borrowed; owns all of this */
    const struct sn_package *package;   /* the one asked for: what is generated */
    const struct sn_package **packages; /* it and all imports, each after what it imports */
    size_t package_count;
};

#endif
