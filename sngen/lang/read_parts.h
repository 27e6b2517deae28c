/* SPDX-License-Identifier: MIT */
/* What the files that read YAML against the table share; not for other folders. */
#ifndef SNGEN_LANG_READ_PARTS_H
#define SNGEN_LANG_READ_PARTS_H

#include "lang/raw.h"

struct sn_reader {
    struct sn_arena *arena;
    struct sn_diags *diags;
};

/** Read raw->node as raw->key says; false: it was reported and is to be left out. */
bool sn_read_value(const struct sn_reader *reader, struct sn_raw *raw);

/** Read a map of a shape. */
bool sn_read_shape(const struct sn_reader *reader, struct sn_raw *raw,
                   const struct sn_shape *shape);

/** Read one text of a scalar kind (names, numbers, durations, ...) by raw->key. */
bool sn_read_scalar(const struct sn_reader *reader, struct sn_raw *raw);

/** Read raw->node as a type expression. */
bool sn_read_type(const struct sn_reader *reader, struct sn_raw *raw);

/** Read raw->node as text for people. */
bool sn_read_doc(const struct sn_reader *reader, struct sn_raw *raw);

/** Whether a pair of a map in braces is the rest of a `doc:` that a comma has cut, and say so. */
bool sn_read_cut_doc(const struct sn_reader *reader, const struct sn_node *map,
                     const struct sn_shape *shape, size_t i);

/** Is raw->node of this kind? Reports if not, saying what `raw->key` takes. */
bool sn_read_expect(const struct sn_reader *reader, const struct sn_raw *raw,
                    enum sn_node_kind kind);

/** Check a name that will be declared; a bare one is not prefixed in C, so no keyword fits. */
bool sn_read_name(const struct sn_reader *reader, const struct sn_node *node, bool bare);

/** Check a name or a dotted pair of names. */
bool sn_read_reference(const struct sn_reader *reader, const struct sn_node *node);

/** Storage for `count` raw values inside `raw`; NULL without memory. */
struct sn_raw *sn_read_items(const struct sn_reader *reader, struct sn_raw *raw, size_t count);

/** Read raw->node, a list, as names that stand alone or with a map of the shape. */
bool sn_read_named(const struct sn_reader *reader, struct sn_raw *raw,
                   const struct sn_shape *shape);

/* The composite kinds, each for the value of that name. */
bool sn_read_fields(const struct sn_reader *reader, struct sn_raw *raw);
bool sn_read_types(const struct sn_reader *reader, struct sn_raw *raw);
bool sn_read_handles(const struct sn_reader *reader, struct sn_raw *raw);
bool sn_read_calls(const struct sn_reader *reader, struct sn_raw *raw);
bool sn_read_one_or_map(const struct sn_reader *reader, struct sn_raw *raw);
bool sn_read_scalar_map(const struct sn_reader *reader, struct sn_raw *raw);
bool sn_read_texts(const struct sn_reader *reader, struct sn_raw *raw);
bool sn_read_list(const struct sn_reader *reader, struct sn_raw *raw);

#endif
