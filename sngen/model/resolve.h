/* SPDX-License-Identifier: MIT */
/* What the files of the resolver share; not for other folders. */
#ifndef SNGEN_MODEL_RESOLVE_H
#define SNGEN_MODEL_RESOLVE_H

#include "base/diag.h"
#include "base/map.h"
#include "base/suggest.h"
#include "lang/raw.h"
#include "model/load.h"
#include "model/model.h"

/* A declared thing together with what was written for it. */
struct sn_bound_message {
    struct sn_message *message;
    struct sn_struct *fields;
    struct sn_struct *reply; /* NULL: one way */
    const struct sn_raw *raw;
};

struct sn_bound_worker {
    struct sn_worker *worker;
    const struct sn_raw *raw;
    bool pooled;  /* some pool names it */
    bool partial; /* part of it was refused, so what seems to miss may only be that */
};

struct sn_bound_pool {
    struct sn_pool *pool;
    const struct sn_raw *raw; /* NULL: an automatic pool */
    struct sn_map slots;      /* struct sn_slot by the message's name */
};

/* A type's declaration: exactly one of the three is set. */
struct sn_bound_type {
    struct sn_struct *structure;
    struct sn_enum *enumeration;
    struct sn_alias *alias;
    const struct sn_raw *raw;
    bool busy; /* an alias that is being resolved */
    bool done;
};

/* What the names of one package mean. */
struct sn_scope {
    struct sn_package *package;
    const struct sn_raw *raw;
    struct sn_map constants; /* struct sn_constant */
    struct sn_map types;     /* struct sn_bound_type */
    struct sn_map messages;  /* struct sn_bound_message */
    struct sn_map protocols; /* struct sn_protocol */
    struct sn_map workers;   /* struct sn_bound_worker */
    struct sn_map pools;     /* struct sn_bound_pool */
    struct sn_map imports;   /* struct sn_scope */
    struct sn_bound_type *bound_types;
    size_t bound_type_count;
    struct sn_bound_message *bound_messages;
    size_t bound_message_count;
    struct sn_bound_worker *bound_workers;
    size_t bound_worker_count;
    struct sn_bound_pool *bound_pools;
    size_t bound_pool_count;
};

struct sn_resolver {
    struct sn_arena *arena;
    struct sn_diags *diags;
    struct sn_scope *scope; /* of the package that is being resolved */
    unsigned depth;         /* types that are being looked at, each inside the one before */
    bool too_deep;          /* was reported */
};

/* How deep types may contain or stand for others: every walk over them recurses. */
enum { SN_TYPE_DEPTH_MAX = 64 };

/** Go into a type; false if that is too deep, which is reported. sn_resolve_leave() in any case. */
bool sn_resolve_enter(struct sn_resolver *resolver, const struct sn_location *at);
void sn_resolve_leave(struct sn_resolver *resolver);

/** Say, once, that types are nested too deep. */
void sn_resolve_too_deep(struct sn_resolver *resolver, const struct sn_location *at);

/* Resolving a package happens in these steps, in this order. Each reports and goes on; -1 only
 * without memory. */
int sn_resolve_declare(struct sn_resolver *resolver);
int sn_resolve_types(struct sn_resolver *resolver);
int sn_resolve_messages(struct sn_resolver *resolver);
int sn_resolve_protocols(struct sn_resolver *resolver);
int sn_resolve_workers(struct sn_resolver *resolver);
int sn_resolve_layout(struct sn_resolver *resolver);
int sn_resolve_pools(struct sn_resolver *resolver);
int sn_resolve_edges(struct sn_resolver *resolver);
int sn_resolve_supervisors(struct sn_resolver *resolver);
int sn_resolve_phases(struct sn_resolver *resolver);
int sn_resolve_numbers(struct sn_resolver *resolver);

/* Where a type stands decides what it may be. */
enum sn_type_place { SN_PLACE_VALUE, SN_PLACE_STATE };

/** The invariants of a worker whose members are resolved. -1 without memory. */
int sn_resolve_invariants(struct sn_resolver *resolver, const struct sn_bound_worker *bound);

/** The fields of a FIELDS value; `raw` may be NULL. -1 without memory. */
int sn_resolve_fields(struct sn_resolver *resolver, const struct sn_raw *raw,
                      enum sn_type_place place, struct sn_field **ret_fields, size_t *ret_count);

/** One type; false if it was reported. `node` is the scalar it was written in. */
bool sn_resolve_type(struct sn_resolver *resolver, const struct sn_node *node,
                     const struct sn_type_expr *expr, enum sn_type_place place,
                     struct sn_type *ret_type);

/** The value of a NUMBER, a constant looked up and its range checked; `fallback` if raw is NULL. */
uint64_t sn_resolve_number(struct sn_resolver *resolver, const struct sn_raw *raw,
                           uint64_t fallback);

/**
 * What a request is asked by `of:` or by a phase: @name is "pool.message", as it was written at
 * `at`.
 *
 * Returns  false if it was reported; else an edge from `from` (NULL: main) without a deadline.
 */
bool sn_resolve_request(struct sn_resolver *resolver, const struct sn_worker *from,
                        const char *name, const struct sn_location *at, struct sn_edge *ret_edge);

/** The `deadline:` of an edge or a phase. */
uint64_t sn_resolve_deadline(const struct sn_raw *raw);

/** The constant of this name, or NULL after a report at `at`. */
const struct sn_constant *sn_resolve_constant(struct sn_resolver *resolver, const char *name,
                                              const struct sn_location *at);

/** Fill a route and the slots of a pool. -1 without memory. */
int sn_resolve_route(struct sn_resolver *resolver, const struct sn_raw *pool_raw,
                     struct sn_pool *pool);

/** A message by "name" or "package.name"; NULL after a report. */
const struct sn_message *sn_resolve_message(struct sn_resolver *resolver, const char *name,
                                            const struct sn_location *at);

/** A worker by "name" or "package.name"; NULL after a report. */
const struct sn_worker *sn_resolve_worker(struct sn_resolver *resolver, const char *name,
                                          const struct sn_location *at);

/** The pool of a name in this package; NULL after a report. */
const struct sn_pool *sn_resolve_pool(struct sn_resolver *resolver, const char *name,
                                      const struct sn_location *at);

/** The slot of the message called `name` in a pool, or NULL after a report. */
const struct sn_slot *sn_resolve_slot(struct sn_resolver *resolver, const struct sn_pool *pool,
                                      const char *name, const struct sn_location *at);

/**
 * Split "a.b" at its dot.
 *
 * Returns  the part behind it, with the part before in *ret_head; NULL if there is no dot.
 */
const char *sn_resolve_split(struct sn_resolver *resolver, const char *name, const char **ret_head);

/** The imported package of an alias, or NULL after a report. */
const struct sn_scope *sn_resolve_import(struct sn_resolver *resolver, const char *alias,
                                         const struct sn_location *at);

/** Whether the YAML of a value has a key, also if it was refused; `raw` may be NULL. */
bool sn_resolve_mentions(const struct sn_raw *raw, const char *key);

/**
 * Whether something of this name stands in a section of the file, or may stand there because the
 * whole section was refused. Of a name that was not found it says that the reason is reported.
 */
bool sn_resolve_is_written(const struct sn_resolver *resolver, const struct sn_scope *scope,
                           const char *section, const char *name);

/** The same of pools, which may come from workers. */
bool sn_resolve_is_pool_written(const struct sn_resolver *resolver, const char *name);

/** Whether some of the fields under `key` were refused; `kept` is how many there are. */
bool sn_resolve_lost_fields(const struct sn_raw *raw, const char *key, size_t kept);

/** The `was:` of a value; `raw` may be NULL. */
struct sn_was sn_resolve_was(const struct sn_raw *raw);

/** Say "did you mean" with the nearest name of a map; false: there is none. */
bool sn_resolve_suggest(struct sn_resolver *resolver, const struct sn_map *map, const char *wanted);

/** Report a second declaration of a name and where the first is. */
void sn_resolve_duplicate(struct sn_resolver *resolver, const char *what, const char *name,
                          const struct sn_location *second, const struct sn_location *first);

#endif
