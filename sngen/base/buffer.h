/* SPDX-License-Identifier: MIT */
/**
 * Text that grows: what a command prints, or a file before it is written.
 *
 * A failed allocation is remembered and makes every later append a no-op, so
 * that only the one who uses the text has to ask (`failed`).
 */
#ifndef SNGEN_BASE_BUFFER_H
#define SNGEN_BASE_BUFFER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct sn_buffer {
    char *data; /* a NUL stands behind the text; NULL while nothing was appended */
    size_t size;
    size_t capacity;
    bool failed;
};

/** Free the text; the buffer is empty and usable again. */
void sn_buffer_fini(struct sn_buffer *buffer);

/** Append `size_bytes` of text. */
void sn_buffer_append(struct sn_buffer *buffer, const char *text, size_t size_bytes);

/** Append a string. */
void sn_buffer_puts(struct sn_buffer *buffer, const char *text);

/** Append `count` times the same character. */
void sn_buffer_fill(struct sn_buffer *buffer, char character, size_t count);

/** Append formatted text. */
void sn_buffer_printf(struct sn_buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** As sn_buffer_printf(), with a va_list. */
void sn_buffer_vprintf(struct sn_buffer *buffer, const char *format, va_list list)
    __attribute__((format(printf, 2, 0)));

/** Append a string as JSON, with its quotes; invalid UTF-8 must not be in it. */
void sn_buffer_json(struct sn_buffer *buffer, const char *text);

#endif
