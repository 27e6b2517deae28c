/* SPDX-License-Identifier: MIT */
/*
 * The memory of one actor.
 *
 * Each piece is a block of the shard's pool with a head of 32 bytes, and the heads form a list, so
 * that the end of an incarnation finds every piece without the actor's help, whatever state it is
 * in. Nothing is split or joined: blocks come in size classes, and giving one back is as cheap as
 * taking it. What counts towards the limit is the block, not what was asked for, because that is
 * what the actor takes from the others.
 *
 * The head names its arena: a piece that is given back twice, or by somebody else's actor, is a
 * programmer's mistake and ends the process.
 */
#include "memory/arena.h"

#include "base/plant.h"

#include <string.h>

_Static_assert(sizeof(struct sn_piece) == 32, "memory behind it is aligned for any type");

void *sn_arena_alloc(struct sn_arena *arena, struct sn_block_pool *pool, uint64_t limit,
                     size_t size)
{
    size_t whole = sizeof(struct sn_piece) + size;
    struct sn_piece *piece;

    if (size > SIZE_MAX / 2) /* so that no sum in here or below wraps */
        return NULL;
    uint8_t size_class = sn_block_class_of(whole);
    uint64_t charge = sn_block_charge(size_class, whole);
    if (!sn_arena_charge(arena, limit, charge))
        return NULL;
    piece = sn_block_alloc(pool, size_class, whole);
    if (piece == NULL) {
        arena->used -= charge;
        return NULL;
    }
    *piece = (struct sn_piece){.next = arena->pieces, .arena = arena, .size_class = size_class};
    if (piece->next != NULL)
        piece->next->previous = piece;
    arena->pieces = piece;
    return memset(piece + 1, 0, size);
}

void sn_arena_free(struct sn_arena *arena, struct sn_block_pool *pool, void *memory)
{
    struct sn_piece *piece = memory;

    if (memory == NULL)
        return;
    piece--;
    SN_ASSERT(!sn_is_poisoned(piece) && piece->arena == arena);
    if (piece->previous != NULL)
        piece->previous->next = piece->next;
    else
        arena->pieces = piece->next;
    if (piece->next != NULL)
        piece->next->previous = piece->previous;
    piece->arena = NULL;
    arena->used -= sn_block_size((uint8_t)piece->size_class, piece);
    if (SN_PLANTED(arena_freed_twice))
        sn_block_free(pool, (uint8_t)piece->size_class, piece);
    sn_block_free(pool, (uint8_t)piece->size_class, piece);
}

void sn_arena_end(struct sn_arena *arena, struct sn_block_pool *pool)
{
    while (arena->pieces != NULL)
        sn_arena_free(arena, pool, arena->pieces + 1);
}
