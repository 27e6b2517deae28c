/* SPDX-License-Identifier: MIT */
/* Blocks of 64 KiB, filled one after the other; what is large for a block gets its own. */
#include "arena.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 64 * 1024, LARGE = BLOCK_SIZE / 8 };

struct arena_block {
    struct arena_block *next;
    uint8_t data[];
};

static uint8_t *add_block(struct arena *arena, size_t size)
{
    struct arena_block *block = malloc(sizeof *block + size);

    if (block == NULL)
        return NULL;
    block->next = arena->blocks;
    arena->blocks = block;
    return block->data;
}

static uint8_t *take(struct arena *arena, size_t size)
{
    uint8_t *place;

    if (size >= LARGE)
        return add_block(arena, size);
    if (size > arena->free_size) {
        place = add_block(arena, BLOCK_SIZE);
        if (place == NULL)
            return NULL;
        arena->free = place;
        arena->free_size = BLOCK_SIZE;
    }
    place = arena->free;
    arena->free += size;
    arena->free_size -= size;
    return place;
}

const uint8_t *arena_copy(struct arena *arena, const uint8_t *data, size_t size)
{
    uint8_t *place = take(arena, size);

    if (place != NULL)
        memcpy(place, data, size);
    return place;
}

void arena_fini(struct arena *arena)
{
    struct arena_block *next;

    for (struct arena_block *block = arena->blocks; block != NULL; block = next) {
        next = block->next;
        free(block);
    }
    *arena = (struct arena){0};
}
