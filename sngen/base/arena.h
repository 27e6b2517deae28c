/* SPDX-License-Identifier: MIT */
/**
 * Memory that is freed all at once.
 *
 * sngen builds one tree from one package and throws it away at the end, so
 * nothing is freed one by one: the source text, the YAML nodes, the model and
 * the generated names live in one arena.
 *
 * A failed allocation is remembered (sn_arena_failed). The functions that give
 * text never return NULL: after a failure they give "", so that code which
 * only composes names needs no check of its own; whoever writes a result asks
 * sn_arena_failed() once before it does. Functions that give storage return
 * NULL, and must be checked.
 */
#ifndef SNGEN_BASE_ARENA_H
#define SNGEN_BASE_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct sn_arena;

/**
 * Make an empty arena.
 *
 * Returns  the arena, or NULL without memory.
 * Owns     the caller; sn_arena_destroy().
 */
struct sn_arena *sn_arena_create(void);

/** Free the arena and all that came from it; NULL is allowed. */
void sn_arena_destroy(struct sn_arena *arena);

/** True once any allocation from this arena has failed. */
bool sn_arena_failed(const struct sn_arena *arena);

/** Record a failure that happened beside the arena (a library's own malloc). */
void sn_arena_fail(struct sn_arena *arena);

/**
 * Get zeroed, suitably aligned storage.
 *
 * @size_bytes  may be 0.
 *
 * Returns  the storage, or NULL without memory.
 * Owns     the arena.
 */
void *sn_arena_alloc(struct sn_arena *arena, size_t size_bytes);

/** As sn_arena_alloc() for an array; NULL too if count * size_bytes overflows. */
void *sn_arena_array(struct sn_arena *arena, size_t count, size_t size_bytes);

/** Copy `size_bytes` of text and put a NUL behind; "" without memory. */
const char *sn_arena_text(struct sn_arena *arena, const char *text, size_t size_bytes);

/** Format text; "" without memory. */
const char *sn_arena_printf(struct sn_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** As sn_arena_printf(), with a va_list. */
const char *sn_arena_vprintf(struct sn_arena *arena, const char *format, va_list list)
    __attribute__((format(printf, 2, 0)));

#endif
