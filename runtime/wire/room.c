/* SPDX-License-Identifier: MIT */
/*
 * The memory of one call, taken from both ends of what the caller gave. Nothing is given back
 * piece by piece: the call's end is the end of all that was borrowed. So protobuf-c, whose
 * allocator this is too, can never use more than what was set aside.
 */
#include "wire/wire.h"

enum { ALIGN = 8 };

/* Bytes from the back, aligned to 8; NULL: there is no room. */
static uint8_t *take_back(struct sn_wire_room *room, size_t size)
{
    size_t left = (size_t)(room->back - room->front);
    size_t gap;

    if (size > left)
        return NULL;
    gap = (uintptr_t)(room->back - size) % ALIGN;
    if (gap > left - size)
        return NULL;
    room->back -= size + gap;
    return room->back;
}

static void *allocate(void *room, size_t size)
{
    return take_back(room, size);
}

static void forget(void *room, void *memory)
{
    (void)room;
    (void)memory;
}

struct sn_wire_room sn_wire_room(const struct sn_wire_memory *memory)
{
    return (struct sn_wire_room){
        .allocator = {.alloc = allocate, .free = forget},
        .front = memory->bytes + memory->used,
        .back = memory->bytes + memory->size,
    };
}

uint8_t *sn_wire_keep_unaligned(struct sn_wire_room *room, size_t size)
{
    uint8_t *kept = room->front;

    if (size > (size_t)(room->back - room->front))
        return NULL;
    room->front += size;
    return kept;
}

uint8_t *sn_wire_keep(struct sn_wire_room *room, size_t size)
{
    size_t gap = -(uintptr_t)room->front % ALIGN;

    if (gap > (size_t)(room->back - room->front))
        return NULL;
    room->front += gap;
    return sn_wire_keep_unaligned(room, size);
}

void *sn_wire_borrow(struct sn_wire_room *room, size_t count, size_t size)
{
    size_t total;
    uint8_t *borrowed;

    if (__builtin_mul_overflow(count, size, &total))
        return NULL;
    borrowed = take_back(room, total);
    if (borrowed != NULL)
        memset(borrowed, 0, total);
    return borrowed;
}
