/* SPDX-License-Identifier: MIT */
/**
 * Digests of layouts, and the words for how keys find their members: what
 * sngen.lock holds to show that something changed.
 */
#ifndef SNGEN_CHECK_LAYOUTS_H
#define SNGEN_CHECK_LAYOUTS_H

#include "base/buffer.h"
#include "base/map.h"
#include "model/model.h"

struct sn_layouts {
    struct sn_arena *arena;
    struct sn_map
        digests[2]; /* struct sn_layouts_digest by the struct's full name: by tag, in order */
};

/** Begin a run over one model. */
void sn_layouts_init(struct sn_layouts *layouts, struct sn_arena *arena);

/** The digest of a message's fields: what is on the wire, so names and order do not matter. */
const char *sn_layouts_wire(struct sn_layouts *layouts, const struct sn_struct *structure);

/** The digest of a retained state: the struct as it is in memory, so its order does. */
const char *sn_layouts_memory(struct sn_layouts *layouts, const struct sn_field *fields,
                              size_t count);

/** How a pool with keys finds a member: "hash of 4". */
const char *sn_partition_text(struct sn_arena *arena, const struct sn_pool *pool);

/** By what a pool with keys finds the member for a message: "to u64"; NULL: by nothing. */
const char *sn_partition_key_text(struct sn_arena *arena, const struct sn_slot *slot);

#endif
