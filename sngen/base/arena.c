/* SPDX-License-Identifier: MIT */
/*
 * A chain of chunks, each filled from its beginning. A request that does not
 * fit gets a new chunk of at least its size; what is left of the old one is
 * given up, which wastes little because chunks are large beside the requests.
 * The only state besides the chain is the sticky `failed` flag.
 */
#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 64 * 1024, ALIGNMENT = 16 };

struct chunk {
    struct chunk *next;
    size_t used;
    size_t size;
    _Alignas(ALIGNMENT) unsigned char bytes[];
};

struct sn_arena {
    struct chunk *chunks;
    bool failed;
};

struct sn_arena *sn_arena_create(void)
{
    return calloc(1, sizeof(struct sn_arena));
}

void sn_arena_destroy(struct sn_arena *arena)
{
    if (arena == NULL)
        return;
    for (struct chunk *chunk = arena->chunks, *next; chunk != NULL; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    free(arena);
}

bool sn_arena_failed(const struct sn_arena *arena)
{
    return arena->failed;
}

void sn_arena_fail(struct sn_arena *arena)
{
    arena->failed = true;
}

static struct chunk *add_chunk(struct sn_arena *arena, size_t size_bytes)
{
    size_t size = size_bytes > CHUNK_BYTES ? size_bytes : CHUNK_BYTES;
    struct chunk *chunk;

    if (size > SIZE_MAX - sizeof *chunk)
        return NULL;
    chunk = malloc(sizeof *chunk + size);
    if (chunk == NULL)
        return NULL;
    chunk->next = arena->chunks;
    chunk->used = 0;
    chunk->size = size;
    arena->chunks = chunk;
    return chunk;
}

/* Chunks are multiples of the alignment, so what is rounded up still fits. */
static size_t round_up(size_t size_bytes)
{
    return (size_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

void *sn_arena_alloc(struct sn_arena *arena, size_t size_bytes)
{
    struct chunk *chunk = arena->chunks;
    size_t size = round_up(size_bytes);
    void *storage;

    if (size < size_bytes) {
        arena->failed = true;
        return NULL;
    }
    if (chunk == NULL || chunk->size - chunk->used < size)
        chunk = add_chunk(arena, size);
    if (chunk == NULL) {
        arena->failed = true;
        return NULL;
    }
    storage = chunk->bytes + chunk->used;
    chunk->used += size;
    return memset(storage, 0, size);
}

void *sn_arena_array(struct sn_arena *arena, size_t count, size_t size_bytes)
{
    if (size_bytes != 0 && count > SIZE_MAX / size_bytes) {
        arena->failed = true;
        return NULL;
    }
    return sn_arena_alloc(arena, count * size_bytes);
}

const char *sn_arena_text(struct sn_arena *arena, const char *text, size_t size_bytes)
{
    char *copy = size_bytes < SIZE_MAX ? sn_arena_alloc(arena, size_bytes + 1) : NULL;

    if (copy == NULL)
        return "";
    if (size_bytes > 0)
        memcpy(copy, text, size_bytes);
    return copy;
}

/* Bytes of a format that only joins texts ("%s_%s"), as nearly all of them do; SIZE_MAX: it does
 * more. vsnprintf() for these took a third of a run. */
static size_t joined_size(const char *format, va_list list)
{
    size_t size = 0;

    for (; *format != '\0'; format++) {
        if (*format != '%') {
            size++;
            continue;
        }
        const char *text = *++format == 's' ? va_arg(list, const char *) : NULL;
        if (text == NULL)
            return SIZE_MAX;
        size += strlen(text);
    }
    return size;
}

static void join(char *out, const char *format, va_list list)
{
    for (; *format != '\0'; format++) {
        if (*format == '%') {
            out = stpcpy(out, va_arg(list, const char *));
            format++;
        } else {
            *out++ = *format;
        }
    }
    *out = '\0';
}

/* Any other format. Most texts fit into what is left of the chunk, and are formatted only once. */
static const char *print(struct sn_arena *arena, const char *format, va_list list)
{
    struct chunk *chunk = arena->chunks;
    size_t left = chunk != NULL ? chunk->size - chunk->used : 0;
    char *text = chunk != NULL ? (char *)chunk->bytes + chunk->used : NULL;
    va_list again;
    int size;

    va_copy(again, list);
    size = vsnprintf(text, left, format, list);
    if (size < 0) {
        arena->failed = true;
        text = NULL;
    } else if ((size_t)size < left) {
        chunk->used += round_up((size_t)size + 1);
    } else {
        text = sn_arena_alloc(arena, (size_t)size + 1);
        if (text != NULL)
            vsnprintf(text, (size_t)size + 1, format, again);
    }
    va_end(again);
    return text != NULL ? text : "";
}

const char *sn_arena_vprintf(struct sn_arena *arena, const char *format, va_list list)
{
    va_list again;
    const char *text = "";
    size_t size;
    char *joined;

    va_copy(again, list);
    size = joined_size(format, again);
    va_end(again);
    if (size == SIZE_MAX)
        return print(arena, format, list);
    joined = sn_arena_alloc(arena, size + 1);
    if (joined != NULL) {
        join(joined, format, list);
        text = joined;
    }
    return text;
}

const char *sn_arena_printf(struct sn_arena *arena, const char *format, ...)
{
    const char *text;
    va_list list;

    va_start(list, format);
    text = sn_arena_vprintf(arena, format, list);
    va_end(list);
    return text;
}
