/* SPDX-License-Identifier: MIT */
/* What the files of the comparison share. */
#ifndef SNGEN_CHECK_DIFF_PARTS_H
#define SNGEN_CHECK_DIFF_PARTS_H

#include "check/diff.h"

#include "base/buffer.h"
#include "base/map.h"
#include "lock/lock.h"

#define SN_BREAK_DATA (SN_BREAK_WIRE | SN_BREAK_API)

/* What saved state and keys are made of, by "PACKAGE.TYPE", in either version. */
struct sn_diff_uses {
    struct sn_arena *arena;
    struct sn_map retained; /* structs and enums somewhere in what a worker retains */
    struct sn_map keys;     /* enums by which a pool chooses a member */
};

struct sn_diff {
    struct sn_arena *arena;
    const struct sn_package *before; /* the two versions that are compared now */
    const struct sn_package *now;
    struct sn_diff_sink *sink;
    const struct sn_diff_uses *uses;
    const char *prefix; /* of subjects: "" or "common." for what is imported */
    bool *advised;      /* what to do about numbers was said */
};

/** Report one change; `subject` without the prefix. */
void sn_diff_found(struct sn_diff *diff, unsigned kinds, const char *subject,
                   const struct sn_location *location, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/** What to do about numbers that change, to stand behind the first report; "" if there is a lock.
 */
const char *sn_diff_advice(struct sn_diff *diff);

/* ---- partners ----------------------------------------------------------- */

/* Something with a name in one of the versions. */
struct sn_diff_name {
    const char *name;
    const char *was; /* NULL */
    uint32_t number; /* where it has one */
};

#define SN_DIFF_NONE SIZE_MAX

/* Who is who: by name, or by the former name that the new version gives. */
struct sn_diff_pairs {
    const size_t *partner; /* by index before: index now, or SN_DIFF_NONE: it is gone */
    const bool *is_new;    /* by index now: it has no partner */
};

/** Find partners; false without memory (the arena knows). */
bool sn_diff_pair(struct sn_diff *diff, const struct sn_diff_name *before, size_t before_count,
                  const struct sn_diff_name *now, size_t now_count,
                  struct sn_diff_pairs *ret_pairs);

/* Who had which number in the old version. */
struct sn_diff_numbers {
    enum sn_lock_section section; /* what its lock knows of them beside */
    const char *owner;
    const struct sn_diff_name *before;
    const size_t *partner;
    size_t count;
};

/**
 * Report something new.
 *
 * @numbers  NULL: it has none. A number that another one had is a break of the wire.
 * @kinds    what it breaks besides.
 * @what     "the message 'put'"
 */
void sn_diff_new(struct sn_diff *diff, const struct sn_diff_numbers *numbers,
                 const struct sn_diff_name *now, unsigned kinds, const char *subject,
                 const struct sn_location *location, const char *what);

/** Room for `count` names; NULL without memory. */
struct sn_diff_name *sn_diff_names(struct sn_diff *diff, size_t count);

/** Is the second name the first one, or what it was renamed to? */
bool sn_diff_is_same(const char *before, const char *now, const struct sn_was *was);

/* ---- uses --------------------------------------------------------------- */

/** Look at all that both versions retain and choose members by. */
void sn_diff_uses_init(struct sn_diff_uses *uses, struct sn_arena *arena,
                       const struct sn_model *before, const struct sn_model *now);

/** Whether a struct is part of what a worker retains, in one of the versions. */
bool sn_diff_is_retained(struct sn_diff *diff, const struct sn_struct *before,
                         const struct sn_struct *now);

/** What else than the wire breaks when the numbers of an enum change: snapshots, partitions. */
unsigned sn_diff_enum_kinds(struct sn_diff *diff, const struct sn_enum *before);

/* ---- types and fields --------------------------------------------------- */

/* Fields that are compared. */
struct sn_diff_fields {
    const char *what;    /* "the message 'put'" */
    const char *subject; /* "put" */
    unsigned kinds;      /* what it breaks when one goes or changes */
    unsigned renamed;    /* and when one is renamed */
    unsigned added;      /* and when one is new */
    bool numbered;       /* they have numbers on the wire */
    bool exact;          /* a change of a maximum is a change of the type */
    struct sn_location location;
};

/** Compare two lists of fields. */
void sn_diff_fields(struct sn_diff *diff, const struct sn_diff_fields *fields,
                    const struct sn_field *before, size_t before_count, const struct sn_field *now,
                    size_t now_count);

/** Compare the entries of `types:`. */
void sn_diff_types(struct sn_diff *diff);

/** Compare messages, errors and protocols. */
void sn_diff_messages(struct sn_diff *diff);

/** Compare two structs that leave the process. */
void sn_diff_data(struct sn_diff *diff, const char *what, const char *subject,
                  const struct sn_struct *before, const struct sn_struct *now,
                  const struct sn_location *location);

/** Compare two structs that only code knows: arguments, contexts; either may be NULL. */
void sn_diff_structs(struct sn_diff *diff, const char *what, const char *subject,
                     const struct sn_struct *before, const struct sn_struct *now,
                     const struct sn_location *location);

/* ---- actors ------------------------------------------------------------- */

/* Who is compared: a worker, main, or the stop. */
struct sn_diff_subject {
    const char *name; /* the old one */
    const char *who;  /* "the worker 'front'", "main" */
    const struct sn_location *location;
};

/** A subject for a part of one: "front.beat". */
const char *sn_diff_part(struct sn_diff *diff, const struct sn_diff_subject *subject,
                         const char *part);

/** Compare edges. */
void sn_diff_edges(struct sn_diff *diff, const struct sn_diff_subject *subject,
                   const struct sn_edge *before, size_t before_count, const struct sn_edge *now,
                   size_t now_count);

/** Compare what a worker asks. */
void sn_diff_asks(struct sn_diff *diff, const struct sn_diff_subject *subject,
                  const struct sn_worker *before, const struct sn_worker *now);

/** Compare of which pools somebody makes members. */
void sn_diff_spawns(struct sn_diff *diff, const struct sn_diff_subject *subject,
                    const struct sn_bond *before, size_t before_count, const struct sn_bond *now,
                    size_t now_count);

/** Compare whom it watches, links itself with and makes. */
void sn_diff_bonds(struct sn_diff *diff, const struct sn_diff_subject *subject,
                   const struct sn_worker *before, const struct sn_worker *now);

/** Compare workers and what threads outside may do. */
void sn_diff_workers(struct sn_diff *diff);

/** Compare pools. */
void sn_diff_pools(struct sn_diff *diff);

/** Compare supervisors. */
void sn_diff_supervisors(struct sn_diff *diff);

/** Compare the phases of the stop. */
void sn_diff_phases(struct sn_diff *diff);

/** A duration as text, in the arena. */
const char *sn_diff_duration(struct sn_diff *diff, uint64_t ns);

/** Two durations as the language writes them: "10ms..5s"; "none" if both are 0. */
const char *sn_diff_span(struct sn_diff *diff, uint64_t from_ns, uint64_t to_ns);

/** How long something may take to end: as a duration, but 0 is "brutal". */
const char *sn_diff_stop_time(struct sn_diff *diff, uint64_t ns);

#endif
