/* SPDX-License-Identifier: MIT */
/**
 * From a file to a model.
 */
#ifndef SNGEN_MODEL_LOAD_H
#define SNGEN_MODEL_LOAD_H

#include "base/diag.h"
#include "model/model.h"

/* Where imports are looked for: "sn/net.yaml" among sngen's own schemas, anything else beside the
 * importing file. */
struct sn_load_options {
    const char *own_schemas;    /* the folder of sngen's own schemas; NULL: there are none */
    const struct sn_lock *lock; /* instead of the sngen.lock beside each file; or NULL */
};

/**
 * Read a package and what it imports, and resolve them.
 *
 * @path     the YAML file; "-" is standard input.
 * @options  NULL: there are no schemas of sngen's own.
 * @ret_rc   0, or why the file itself could not be read (negative errno).
 *
 * Returns  the model; it is complete only if `diags` has no errors afterwards. NULL if nothing
 *          could be made of the file, or without memory (the arena knows).
 * Owns     the arena.
 */
const struct sn_model *sn_model_load(struct sn_arena *arena, struct sn_diags *diags,
                                     const char *path, const struct sn_load_options *options,
                                     int *ret_rc);

/** As sn_model_load() for text that is already in memory; `file` names it. */
const struct sn_model *sn_model_load_text(struct sn_arena *arena, struct sn_diags *diags,
                                          const char *file, const char *text, size_t size_bytes,
                                          const struct sn_load_options *options);

#endif
