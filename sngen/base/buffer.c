/* SPDX-License-Identifier: MIT */
/* Doubling array of characters; see buffer.h for how it fails. */
#include "base/buffer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHORT_BYTES = 128 };

void sn_buffer_fini(struct sn_buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct sn_buffer){0};
}

/* Room for `size_bytes` more and the NUL. */
static bool reserve(struct sn_buffer *buffer, size_t size_bytes)
{
    size_t capacity = buffer->capacity ? buffer->capacity : 256;
    char *data;

    if (buffer->failed)
        return false;
    if (size_bytes < buffer->capacity - buffer->size)
        return true;
    while (capacity - buffer->size <= size_bytes)
        capacity *= 2;
    data = realloc(buffer->data, capacity);
    if (data == NULL) {
        buffer->failed = true;
        return false;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

void sn_buffer_append(struct sn_buffer *buffer, const char *text, size_t size_bytes)
{
    if (!reserve(buffer, size_bytes))
        return;
    if (size_bytes > 0)
        memcpy(buffer->data + buffer->size, text, size_bytes);
    buffer->size += size_bytes;
    buffer->data[buffer->size] = '\0';
}

void sn_buffer_puts(struct sn_buffer *buffer, const char *text)
{
    sn_buffer_append(buffer, text, strlen(text));
}

void sn_buffer_fill(struct sn_buffer *buffer, char character, size_t count)
{
    if (!reserve(buffer, count))
        return;
    memset(buffer->data + buffer->size, character, count);
    buffer->size += count;
    buffer->data[buffer->size] = '\0';
}

void sn_buffer_vprintf(struct sn_buffer *buffer, const char *format, va_list list)
{
    va_list again;
    int size;

    va_copy(again, list);
    /* Most are short, and then this is all of it. */
    size = reserve(buffer, SHORT_BYTES)
               ? vsnprintf(buffer->data + buffer->size, SHORT_BYTES, format, list)
               : -1;
    if (size >= SHORT_BYTES && reserve(buffer, (size_t)size))
        vsnprintf(buffer->data + buffer->size, (size_t)size + 1, format, again);
    if (size < 0 || buffer->failed)
        buffer->failed = true;
    else
        buffer->size += (size_t)size;
    va_end(again);
}

void sn_buffer_printf(struct sn_buffer *buffer, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    sn_buffer_vprintf(buffer, format, list);
    va_end(list);
}

void sn_buffer_json(struct sn_buffer *buffer, const char *text)
{
    sn_buffer_puts(buffer, "\"");
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            sn_buffer_printf(buffer, "\\%c", *text);
        else if (*text == '\n')
            sn_buffer_puts(buffer, "\\n");
        else if ((unsigned char)*text < 0x20 || *text == 0x7f)
            sn_buffer_printf(buffer, "\\u%04x", (unsigned)*text);
        else
            sn_buffer_append(buffer, text, 1);
    }
    sn_buffer_puts(buffer, "\"");
}
