/* SPDX-License-Identifier: MIT */
/*
 * Templates: text with named slots.
 *
 * A template is expanded line by line into a scratch line, which then goes through the layout
 * (layout.c). Slots are few, so that a list searched from its beginning is the fastest map. All
 * memory is the output buffer's and a scratch buffer's; both remember a failed allocation, and
 * the emitter asks the output once at the end of a file.
 */
#include "emit/template.h"

#include <string.h>

static const char *slot_text(const struct sn_template_slot *slots, const char *name, size_t size)
{
    for (; slots != NULL && slots->name != NULL; slots++)
        if (strlen(slots->name) == size && memcmp(slots->name, name, size) == 0)
            return slots->text;
    return NULL;
}

/* Append one slot, from its `${` on. Returns where the template goes on. */
static const char *expand_slot(struct sn_buffer *out, const char *at, const char *end,
                               const struct sn_template_slot *slots)
{
    const char *name = at + 2;
    const char *close = memchr(name, '}', (size_t)(end - name));
    const char *text = NULL;

    if (close != NULL)
        text = slot_text(slots, name, (size_t)(close - name));
    if (text == NULL) {
        sn_buffer_puts(out, "\n#error \"template: no such slot\"\n");
        return end;
    }
    sn_buffer_puts(out, text);
    return close + 1;
}

static void expand_line(struct sn_buffer *out, const char *line, const char *end,
                        const struct sn_template_slot *slots)
{
    while (line < end) {
        const char *dollar = line;

        while (dollar < end && !(dollar[0] == '$' && dollar + 1 < end && dollar[1] == '{'))
            dollar++;
        sn_buffer_append(out, line, (size_t)(dollar - line));
        line = dollar < end ? expand_slot(out, dollar, end, slots) : end;
    }
}

/* Whether a template's line is nothing but one slot. */
static bool is_lone_slot(const char *line, const char *end)
{
    const char *close;

    while (line < end && *line == ' ')
        line++;
    if (end - line < 3 || line[0] != '$' || line[1] != '{')
        return false;
    close = memchr(line, '}', (size_t)(end - line));
    return close == end - 1;
}

/* Expanded text may itself have several lines, from slots that hold a part of the output. */
static void write_lines(struct sn_buffer *out, const struct sn_buffer *text, size_t size)
{
    size_t from = 0;

    while (from < size) {
        const char *line = text->data + from;
        const char *newline = memchr(line, '\n', size - from);
        size_t length = newline != NULL ? (size_t)(newline - line) : size - from;

        sn_layout_line(out, line, length);
        from += length;
        if (newline != NULL) {
            sn_buffer_append(out, "\n", 1);
            from++;
        }
    }
}

/* Without the spaces in front of an empty slot and the newlines at the end of a full one. */
static size_t trimmed_size(const struct sn_buffer *line)
{
    size_t size = line->size;

    while (size > 0 && (line->data[size - 1] == '\n' || line->data[size - 1] == ' '))
        size--;
    return size;
}

/* Expand a template; `laid_out`: break its long lines. */
static void expand(struct sn_buffer *out, const char *text, const struct sn_template_slot *slots,
                   bool laid_out)
{
    struct sn_buffer line = {0};

    while (*text != '\0') {
        const char *newline = strchr(text, '\n');
        const char *end = newline != NULL ? newline : text + strlen(text);
        bool lone = is_lone_slot(text, end);
        size_t size;

        line.size = 0;
        expand_line(&line, text, end, slots);
        size = lone ? trimmed_size(&line) : line.size;
        if (size > 0 && laid_out)
            write_lines(out, &line, size);
        else if (size > 0)
            sn_buffer_append(out, line.data, size);
        if (newline != NULL && (size > 0 || !lone))
            sn_buffer_append(out, "\n", 1);
        text = newline != NULL ? newline + 1 : end;
    }
    out->failed |= line.failed;
    sn_buffer_fini(&line);
}

void sn_template_write(struct sn_buffer *out, const char *text,
                       const struct sn_template_slot *slots)
{
    expand(out, text, slots, true);
}

const char *sn_template_text(struct sn_arena *arena, const char *text,
                             const struct sn_template_slot *slots)
{
    struct sn_buffer out = {0};
    const char *copy = "";

    expand(&out, text, slots, false);
    if (out.failed)
        sn_arena_fail(arena);
    else if (out.size > 0)
        copy = sn_arena_text(arena, out.data, out.size);
    sn_buffer_fini(&out);
    return copy;
}
