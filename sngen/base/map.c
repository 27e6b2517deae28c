/* SPDX-License-Identifier: MIT */
/* Open addressing with linear probing, at most half full. */
#include "base/map.h"

#include <string.h>

static uint64_t hash_name(const char *name)
{
    uint64_t hash = 14695981039346656037u; /* FNV-1a */

    for (; *name != '\0'; name++)
        hash = (hash ^ (unsigned char)*name) * 1099511628211u;
    return hash ^ hash >> 32;
}

void sn_map_init(struct sn_map *map, struct sn_arena *arena)
{
    *map = (struct sn_map){.arena = arena};
}

static struct sn_map_entry *find(const struct sn_map *map, const char *name, uint64_t hash)
{
    size_t mask = map->capacity - 1;
    size_t at = (size_t)hash & mask;

    while (map->entries[at].name != NULL &&
           (map->entries[at].hash != hash || strcmp(map->entries[at].name, name) != 0))
        at = (at + 1) & mask;
    return &map->entries[at];
}

const void *sn_map_get(const struct sn_map *map, const char *name)
{
    return map->capacity == 0 ? NULL : find(map, name, hash_name(name))->thing;
}

static int grow(struct sn_map *map)
{
    struct sn_map bigger = {.arena = map->arena, .count = map->count};

    bigger.capacity = map->capacity ? 2 * map->capacity : 16;
    bigger.entries = sn_arena_array(map->arena, bigger.capacity, sizeof *bigger.entries);
    if (bigger.entries == NULL)
        return -1;
    for (size_t i = 0; i < map->capacity; i++)
        if (map->entries[i].name != NULL)
            *find(&bigger, map->entries[i].name, map->entries[i].hash) = map->entries[i];
    *map = bigger;
    return 0;
}

const void *sn_map_put(struct sn_map *map, const char *name, const void *thing)
{
    struct sn_map_entry *entry;
    uint64_t hash = hash_name(name);

    if (2 * (map->count + 1) > map->capacity && grow(map) != 0)
        return NULL;
    entry = find(map, name, hash);
    if (entry->name != NULL)
        return entry->thing;
    *entry = (struct sn_map_entry){.name = name, .hash = hash, .thing = thing};
    map->count++;
    return NULL;
}

void sn_map_replace(struct sn_map *map, const char *name, const void *thing)
{
    struct sn_map_entry *entry;

    if (map->capacity == 0)
        return;
    entry = find(map, name, hash_name(name));
    if (entry->name != NULL)
        entry->thing = thing;
}
