/* SPDX-License-Identifier: MIT */
/**
 * Names to things: an insert-only hash map over strings, in an arena.
 */
#ifndef SNGEN_BASE_MAP_H
#define SNGEN_BASE_MAP_H

#include "base/arena.h"

#include <stddef.h>
#include <stdint.h>

struct sn_map_entry {
    const char *name; /* NULL: free */
    uint64_t hash;
    const void *thing;
};

struct sn_map {
    struct sn_arena *arena;
    struct sn_map_entry *entries;
    size_t capacity; /* a power of two, or 0 */
    size_t count;
};

/** Make a map empty; it takes its memory from `arena` and needs no fini. */
void sn_map_init(struct sn_map *map, struct sn_arena *arena);

/** Look a name up; NULL if it is not there. */
const void *sn_map_get(const struct sn_map *map, const char *name);

/**
 * Enter a name that stays valid as long as the map.
 *
 * @thing  non-NULL.
 *
 * Returns  what the name already stood for (the map is unchanged), or NULL: it is entered, unless
 *          memory was short, which the arena remembers.
 */
const void *sn_map_put(struct sn_map *map, const char *name, const void *thing);

/** Let a name that was entered stand for something else. */
void sn_map_replace(struct sn_map *map, const char *name, const void *thing);

#endif
