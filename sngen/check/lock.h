/* SPDX-License-Identifier: MIT */
/**
 * A schema against its lock: what the lock should hold, and how that differs
 * from what it holds.
 */
#ifndef SNGEN_CHECK_LOCK_H
#define SNGEN_CHECK_LOCK_H

#include "base/diag.h"
#include "lock/lock.h"
#include "model/model.h"

/* One line that differs. At least one of `before` and `now` is there. */
struct sn_lock_change {
    enum sn_lock_section section;
    const struct sn_lock_entry *before; /* in the file; NULL: it has no line of that name */
    const struct sn_lock_entry *now;    /* as it should be; NULL: the line goes away */
    const char *text; /* what that means, for people; NULL where another change explains it */
    struct sn_location location; /* in the schema, or in the lock for what is gone */
};

/* Takes the changes, section by section. */
struct sn_lock_visitor {
    void (*change)(struct sn_lock_visitor *self, const struct sn_lock_change *change);
};

/**
 * What the lock should hold of a package, sorted: its present numbers, and as retired all others
 * that the present lock knows of.
 *
 * Returns  NULL without memory.
 * Owns     the arena.
 */
struct sn_lock_package *sn_lock_make(struct sn_arena *arena, const struct sn_package *package);

/** Visit what differs between the package's lock and what sn_lock_make() gave. */
void sn_lock_compare(struct sn_arena *arena, const struct sn_package *package,
                     const struct sn_lock_package *now, struct sn_lock_visitor *visitor);

/** Whether the lock has the package under its former name. */
bool sn_lock_is_renamed(const struct sn_package *package);

/**
 * The package of the lock that has most of the messages of one that it does not know: perhaps it
 * was only renamed. NULL: there is none.
 */
const char *sn_lock_former(const struct sn_package *package);

/** Warn if a lock is there and out of date; not part of sn_check(): `sngen lock` is about to help.
 */
void sn_check_lock(const struct sn_model *model, struct sn_diags *diags);

#endif
