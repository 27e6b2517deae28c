/* SPDX-License-Identifier: MIT */
/**
 * Whole files, in and out.
 */
#ifndef SNGEN_BASE_FILE_H
#define SNGEN_BASE_FILE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

/**
 * Read a file.
 *
 * @path      "-" is standard input.
 * @most      reading stops one byte past this, so that *ret_size > most tells of a larger file.
 * @ret_text  a NUL stands behind it.
 *
 * Returns  0; a negative errno (-ENOMEM too, then the arena knows).
 * Owns     the arena.
 */
int sn_file_read(struct sn_arena *arena, const char *path, size_t most, const char **ret_text,
                 size_t *ret_size);

/**
 * Write a file unless it has these bytes already; through a temporary file and rename(2), so that
 * nobody sees half of it. Missing folders are made.
 *
 * @ret_changed  whether it was written; may be NULL.
 *
 * Returns  0; a negative errno.
 */
int sn_file_write(struct sn_arena *arena, const char *path, const char *text, size_t size_bytes,
                  bool *ret_changed);

/** The folder part of a path with its '/', "" if there is none. */
const char *sn_file_folder(struct sn_arena *arena, const char *path);

#endif
