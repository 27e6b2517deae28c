/* SPDX-License-Identifier: MIT */
#ifndef SN_REGISTRY_REGISTRY_H
#define SN_REGISTRY_REGISTRY_H

/*
 * Names of actors: from a short string to a 64-bit value (the actor's ref).
 *
 * Look-ups take no lock and never wait for a writer; writers (start and end
 * of a named actor) exclude each other by a mutex. A thread that looks names
 * up does so through a reader of its own, which keeps the memory it is
 * reading from being freed under it.
 */

#include <stddef.h>
#include <stdint.h>

struct sn_allocator;
struct sn_registry;
struct sn_registry_reader;

/* The longest name; the shortest is 1. */
#define SN_REGISTRY_MAX_NAME_BYTES 255

/**
 * Make an empty registry.
 *
 * @allocator     may be called from any writing thread; outlives the registry.
 * @ret_registry  set on 0 only.
 *
 * Returns  0; -ENOMEM.
 * Threads  any.
 * Owns     the caller; sn_registry_destroy() ends it.
 */
int sn_registry_create(const struct sn_allocator *allocator, struct sn_registry **ret_registry);

/**
 * End a registry and all its readers.
 *
 * @registry  may be NULL; nobody uses it or a reader of it any more.
 *
 * Threads  any one.
 */
void sn_registry_destroy(struct sn_registry *registry);

/**
 * Make a reader: one for each thread (shard, port) that looks names up.
 *
 * Returns  0; -ENOMEM.
 * Threads  any.
 * Owns     the caller; sn_registry_reader_destroy() or
 *          sn_registry_destroy() ends it.
 */
int sn_registry_reader_create(struct sn_registry *registry, struct sn_registry_reader **ret_reader);

/**
 * Give a reader back.
 *
 * @reader  may be NULL; not in use.
 *
 * Threads  any, before sn_registry_destroy().
 */
void sn_registry_reader_destroy(struct sn_registry_reader *reader);

/**
 * Bind a name; the name is copied.
 *
 * @name        size_bytes bytes without NUL; no terminator is needed.
 * @size_bytes  1 to SN_REGISTRY_MAX_NAME_BYTES.
 * @value       any.
 *
 * Returns  0; -EEXIST (bound already: unchanged); -EINVAL (empty, too long, a
 *          NUL inside); -ENOMEM (nothing changed).
 * Threads  any; may wait for another writer.
 */
int sn_registry_insert(struct sn_registry *registry, const char *name, size_t size_bytes,
                       uint64_t value);

/**
 * Unbind a name if it still has the given value: an actor that ends cannot
 * take away the name that its successor has bound meanwhile.
 *
 * Returns  0; -ENOENT (not bound, or to another value: unchanged); -EINVAL.
 * Threads  any; may wait for another writer.
 */
int sn_registry_remove(struct sn_registry *registry, const char *name, size_t size_bytes,
                       uint64_t value);

/**
 * Look a name up.
 *
 * @ret_value  set on 0 only.
 *
 * Returns  0; -ENOENT; -EINVAL.
 * Threads  the reader's one; lock-free, never waits for a writer.
 */
int sn_registry_lookup(struct sn_registry_reader *reader, const char *name, size_t size_bytes,
                       uint64_t *ret_value);

#endif
