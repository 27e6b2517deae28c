/* SPDX-License-Identifier: MIT */
#ifndef SN_ARENA_H
#define SN_ARENA_H

/*
 * The memory of one actor: pieces from the block pool of its shard, which end together. See
 * README.md.
 */

#include "memory/memory.h"

/* In front of each piece of memory. */
struct sn_piece {
    struct sn_piece *next, *previous;
    struct sn_arena *arena; /* NULL: given back */
    uint64_t size_class;
};

struct sn_arena {
    struct sn_piece *pieces; /* the last first */
    uint64_t used;           /* bytes of blocks, of the arena's pieces and of scratch memory */
};

/**
 * Take a piece of memory.
 *
 * @limit  how many bytes the arena may use in all; 0: no limit.
 *
 * Returns  memory set to zero, aligned to 32 bytes; NULL: no memory, or the limit is reached.
 * Threads  the pool's owner.
 * Owns     the arena: sn_arena_free() or sn_arena_end().
 */
void *sn_arena_alloc(struct sn_arena *arena, struct sn_block_pool *pool, uint64_t limit,
                     size_t size);

/** Give one piece back; NULL is allowed. It must be of this arena. Threads: the pool's owner. */
void sn_arena_free(struct sn_arena *arena, struct sn_block_pool *pool, void *memory);

/** Give back all pieces. Threads: the pool's owner. */
void sn_arena_end(struct sn_arena *arena, struct sn_block_pool *pool);

/**
 * Count a block towards the limit: memory that is not a piece, but the actor's all the same.
 *
 * Returns  whether there is room; without it nothing is counted.
 */
static inline bool sn_arena_charge(struct sn_arena *arena, uint64_t limit, uint64_t size)
{
    if (limit > 0 && (size > limit || arena->used > limit - size))
        return false;
    arena->used += size;
    return true;
}

#endif
