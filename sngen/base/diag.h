/* SPDX-License-Identifier: MIT */
/**
 * Diagnostics: errors and warnings about the user's files.
 *
 * A list collects what all passes find, so that one run shows everything. At
 * the end it is sorted by place, freed of repetitions and written as text (the
 * form that editors know from compilers, with the source line and a caret) or
 * as JSON. Each diagnostic has a code with a stable name; `sngen explain NAME`
 * says more.
 *
 * Nothing here prints or exits; the text goes into a buffer.
 */
#ifndef SNGEN_BASE_DIAG_H
#define SNGEN_BASE_DIAG_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/codes.h"
#include "base/location.h"

#include <stdbool.h>
#include <stddef.h>

struct sn_diags;

/**
 * Make an empty list.
 *
 * Returns  the list, or NULL without memory.
 * Owns     the arena.
 */
struct sn_diags *sn_diags_create(struct sn_arena *arena);

/**
 * Make a file's text known, for the source lines under the messages.
 *
 * @file  the same pointer as in the locations.
 * @text  lives as long as the list.
 */
void sn_diags_add_source(struct sn_diags *diags, const char *file, const char *text,
                         size_t size_bytes);

/** Report an error. */
void sn_diag_error(struct sn_diags *diags, enum sn_code code, const struct sn_location *location,
                   const char *format, ...) __attribute__((format(printf, 4, 5)));

/** Report a warning: it does not change the exit code. */
void sn_diag_warning(struct sn_diags *diags, enum sn_code code, const struct sn_location *location,
                     const char *format, ...) __attribute__((format(printf, 4, 5)));

/** Add a hint to the diagnostic that was reported last: what to write instead. */
void sn_diag_help(struct sn_diags *diags, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Add a second place to the diagnostic that was reported last: the other origin. */
void sn_diag_note(struct sn_diags *diags, const struct sn_location *location, const char *format,
                  ...) __attribute__((format(printf, 3, 4)));

/**
 * Whether looking for a similar name is still worth its time: true for the first suggestions of a
 * run, so that a hostile file cannot buy a search through all names with each of its errors.
 */
bool sn_diags_may_suggest(struct sn_diags *diags);

/** How many errors were reported, repetitions included. */
size_t sn_diags_errors(const struct sn_diags *diags);

/** Turn warnings that are reported from now on into errors. */
void sn_diags_warnings_are_errors(struct sn_diags *diags);

/** Sort by place and drop repetitions; call it once, before writing. */
void sn_diags_finish(struct sn_diags *diags);

/** Write all as text. */
void sn_diags_write_text(const struct sn_diags *diags, struct sn_buffer *out);

/** Write all as one JSON document; `sngen help check` describes it. */
void sn_diags_write_json(const struct sn_diags *diags, struct sn_buffer *out);

#endif
