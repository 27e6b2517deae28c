/* SPDX-License-Identifier: MIT */
/**
 * A file read against the table: raw values that have the right shape, but
 * whose names are not looked up yet.
 *
 * What the table refused was reported and left out, so a reader of raw values
 * sees absent keys, never wrong ones; after errors a required key may be
 * absent too.
 */
#ifndef SNGEN_LANG_RAW_H
#define SNGEN_LANG_RAW_H

#include "base/arena.h"
#include "base/diag.h"
#include "lang/table.h"
#include "lang/type_expr.h"
#include "yaml/yaml.h"

#include <stddef.h>
#include <stdint.h>

struct sn_raw {
    const struct sn_key *key;   /* its row; of an item: the row of the list or map it is in */
    const struct sn_node *name; /* the key as written; of a list's item: the item itself */
    const struct sn_node *node; /* the value as written */
    const char *text;           /* scalars: as written; a choice; a constant's name for a number */
    uint64_t number;    /* NUMBER (if text is NULL), BOOL, DURATION, SPAN from, RATE count */
    uint64_t number_to; /* SPAN to, RATE window */
    const struct sn_type_expr *type; /* TYPE, and FIELDS items */
    const struct sn_raw *items;      /* what is inside, in order: keys of a shape, entries, items */
    size_t count;
};

/**
 * Read a package against the table.
 *
 * @root  from sn_yaml_parse().
 *
 * Returns  the package's raw value (shape sn_lang_package()), or NULL if it is no map or memory
 *          was short. Errors are in `diags`.
 * Owns     the arena.
 */
const struct sn_raw *sn_lang_read(struct sn_arena *arena, struct sn_diags *diags,
                                  const struct sn_node *root);

/** The value of a key inside a shape's value, or NULL; `raw` may be NULL. */
const struct sn_raw *sn_raw_get(const struct sn_raw *raw, enum sn_word word);

/** The text of its `doc:`, cleaned for a C comment, or NULL; `raw` may be NULL. */
const char *sn_raw_doc(struct sn_arena *arena, const struct sn_raw *raw);

#endif
