/* SPDX-License-Identifier: MIT */
/**
 * The language as a table.
 *
 * A shape is a kind of map (a package, a message, a worker, ...); its rows are
 * the keys that may stand in it. Whatever needs to know the language walks
 * this table, so that the parser, the JSON Schema, the reference page and the
 * completions cannot disagree.
 */
#ifndef SNGEN_LANG_TABLE_H
#define SNGEN_LANG_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Every key of the language; the same word in two shapes is one of these. */
enum sn_word {
    SN_WORD_SNGEN,
    SN_WORD_PACKAGE,
    SN_WORD_DOC,
    SN_WORD_IMPORT,
    SN_WORD_CONSTANTS,
    SN_WORD_ERRORS_FROM,
    SN_WORD_MEMORY,
    SN_WORD_TYPES,
    SN_WORD_MESSAGES,
    SN_WORD_PROTOCOLS,
    SN_WORD_TOPICS,
    SN_WORD_TASKS,
    SN_WORD_WORKERS,
    SN_WORD_POOLS,
    SN_WORD_SUPERVISORS,
    SN_WORD_MAIN,
    SN_WORD_TYPE,
    SN_WORD_WAS,
    SN_WORD_ENUM,
    SN_WORD_TYPEDEF,
    SN_WORD_FIELDS,
    SN_WORD_REPLY,
    SN_WORD_ERRORS,
    SN_WORD_LANE,
    SN_WORD_LIMIT,
    SN_WORD_IDEMPOTENT,
    SN_WORD_WIRE,
    SN_WORD_UNKNOWN,
    SN_WORD_KIND,
    SN_WORD_LINEAR,
    SN_WORD_INCLUDE,
    SN_WORD_ARGS,
    SN_WORD_STATE,
    SN_WORD_RETAIN,
    SN_WORD_HOOKS,
    SN_WORD_HANDLES,
    SN_WORD_CALLS,
    SN_WORD_ASKS,
    SN_WORD_ASK,
    SN_WORD_SPAWNS,
    SN_WORD_WATCHES,
    SN_WORD_LINKS,
    SN_WORD_DEAD_LETTERS,
    SN_WORD_PUBLISHES,
    SN_WORD_SUBSCRIBES,
    SN_WORD_SUBMITS,
    SN_WORD_TICK,
    SN_WORD_TIMERS,
    SN_WORD_SLOW_AFTER,
    SN_WORD_SNAPSHOT,
    SN_WORD_BATCH,
    SN_WORD_KERNELS,
    SN_WORD_INVARIANT,
    SN_WORD_OF,
    SN_WORD_TO,
    SN_WORD_DEADLINE,
    SN_WORD_SURVIVES,
    SN_WORD_CONTEXT,
    SN_WORD_RETRY,
    SN_WORD_BREAKER,
    SN_WORD_FAILURES,
    SN_WORD_OPEN,
    SN_WORD_EVERY,
    SN_WORD_AFTER,
    SN_WORD_WORKER,
    SN_WORD_SIZE,
    SN_WORD_ONE_PER,
    SN_WORD_IDLE,
    SN_WORD_SERVE,
    SN_WORD_ISOLATION,
    SN_WORD_ROUTE,
    SN_WORD_BY,
    SN_WORD_KEY,
    SN_WORD_VIRTUAL_NODES,
    SN_WORD_SPLITS,
    SN_WORD_MAILBOX,
    SN_WORD_CAPACITY,
    SN_WORD_BYTES,
    SN_WORD_FULL,
    SN_WORD_RESTART,
    SN_WORD_SHUTDOWN,
    SN_WORD_POISON_AFTER,
    SN_WORD_SHARD,
    SN_WORD_SHARDS,
    SN_WORD_STRATEGY,
    SN_WORD_RESTARTS,
    SN_WORD_BACKOFF,
    SN_WORD_CHILDREN,
    SN_WORD_SIGNIFICANT,
    SN_WORD_AUTO_SHUTDOWN,
};

/* What a key takes. */
enum sn_value {
    SN_VALUE_NAME,       /* a name: lower case, digits, _ */
    SN_VALUE_DOC,        /* text for people */
    SN_VALUE_BOOL,       /* true, false */
    SN_VALUE_NUMBER,     /* 12, 4k, or a constant's name */
    SN_VALUE_DURATION,   /* 10ms, or one of the choices */
    SN_VALUE_SPAN,       /* 10ms..5s, or one of the choices */
    SN_VALUE_RATE,       /* 3 in 60s, or one of the choices */
    SN_VALUE_CHOICE,     /* one of the choices */
    SN_VALUE_CHOICES,    /* a list of choices */
    SN_VALUE_SIZE,       /* of a pool: a number, auto, 0..10k */
    SN_VALUE_TYPE,       /* a type expression */
    SN_VALUE_HEADER,     /* a header's file name */
    SN_VALUE_NAMES,      /* a list of names */
    SN_VALUE_NAMED,      /* a list of names, each alone or with its shape: [busy, late: {...}] */
    SN_VALUE_REFERENCE,  /* name or package.name, pool.message */
    SN_VALUE_REFERENCES, /* a list of references */
    SN_VALUE_FIELDS,     /* map: name -> type, or the shape with its doc */
    SN_VALUE_ENTRIES,    /* map: name -> shape */
    SN_VALUE_SHAPE,      /* one map of the shape; or its short form, a scalar for its first key */
    SN_VALUE_CONSTANTS,  /* map: name -> number */
    SN_VALUE_IMPORTS,    /* map: name -> file */
    SN_VALUE_PROTOCOLS,  /* map: name -> list of references */
    SN_VALUE_TYPES,      /* map: name -> struct, enum or alias */
    SN_VALUE_HANDLES,    /* list of references, or map: name -> message */
    SN_VALUE_CALLS,      /* list of references, or map: reference -> options */
    SN_VALUE_KEY,        /* field path, or map: message -> field path */
    SN_VALUE_POLICY,     /* reject, drop_oldest, drop_newest, park(N); or map: message -> that */
    SN_VALUE_SPLITS,     /* a list of numbers or texts */
    SN_VALUE_TEXTS,      /* a text, or a list of texts */
    SN_VALUE_LATER,      /* known, but not in this version */
};

struct sn_choice {
    const char *name;
    const char *doc;
    bool later; /* known, but not in this version */
};

struct sn_shape;

struct sn_key {
    enum sn_word word;
    const char *name;
    enum sn_value value;
    const char *doc;                 /* one line */
    const char *fallback;            /* the default as text, or NULL */
    const struct sn_shape *shape;    /* of SHAPE, ENTRIES, FIELDS, NAMED, TYPES, HANDLES, CALLS */
    const struct sn_choice *choices; /* ends with a NULL name; or NULL */
    uint64_t min;                    /* of numbers, and of durations in ns */
    uint64_t max;                    /* 0: no maximum of its own */
    bool required;
    bool later;          /* known, but not in this version; SN_VALUE_LATER says the same */
    const char *example; /* for the reference page; or NULL */
};

struct sn_shape {
    const char *name;  /* as in messages: "a worker" */
    const char *title; /* as a heading and as a JSON Schema definition: "worker" */
    const char *doc;
    const struct sn_key *keys;     /* ends with a NULL name */
    bool has_short;                /* a scalar stands for a map with only the first key */
    const struct sn_shape *others; /* what any other key is; NULL: there is no other key */
};

/** The whole file. */
const struct sn_shape *sn_lang_package(void);

/** All shapes, outermost first; ends with NULL. */
const struct sn_shape *const *sn_lang_shapes(void);

/** An enum in its long form; its first key takes what the short form is, a list of values. */
const struct sn_shape *sn_lang_enum(void);

/** An alias in its long form; its first key takes what the short form is, a type. */
const struct sn_shape *sn_lang_alias(void);

/** The row of a key in a shape, or NULL. */
const struct sn_key *sn_lang_key(const struct sn_shape *shape, const char *name);

/** Whether a key is known but not in this version. */
bool sn_lang_is_later(const struct sn_key *key);

/** Whether every key that takes this shape is. */
bool sn_lang_shape_is_later(const struct sn_shape *shape);

/** The words of the type language with what they mean, for the reference and the completions. */
const struct sn_choice *sn_lang_types(void);

/** Is this the name of a built-in type without arguments, as u32? */
bool sn_lang_is_type(const char *name);

/** What `full:` takes. */
const struct sn_choice *sn_lang_policies(void);

#endif
