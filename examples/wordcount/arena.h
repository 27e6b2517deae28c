/* SPDX-License-Identifier: MIT */
#ifndef WORDCOUNT_ARENA_H
#define WORDCOUNT_ARENA_H

#include <stddef.h>
#include <stdint.h>

/* Bytes that are kept until all of them go at once. All zero is an empty arena. */
struct arena {
    struct arena_block *blocks;
    uint8_t *free;
    size_t free_size;
};

/** Keep a copy of some bytes. Returns NULL when there is no memory. Owns: the arena. */
const uint8_t *arena_copy(struct arena *arena, const uint8_t *data, size_t size);

/** Free everything; an empty arena is allowed. */
void arena_fini(struct arena *arena);

#endif
