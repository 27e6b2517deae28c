/* SPDX-License-Identifier: MIT */
/*
 * Collecting diagnostics. A hostile file could give an error a byte, so the
 * list keeps at most KEPT_MAX and counts the rest.
 *
 * A failed allocation only loses text here; the arena remembers it and the
 * tool says "out of memory" instead of a wrong result.
 */
#include "base/diag.h"

#include "base/diag_list.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { KEPT_MAX = 500, SUGGESTIONS_MAX = 100 };

struct sn_diags *sn_diags_create(struct sn_arena *arena)
{
    struct sn_diags *diags = sn_arena_alloc(arena, sizeof *diags);

    if (diags == NULL)
        return NULL;
    diags->arena = arena;
    diags->items = sn_arena_array(arena, KEPT_MAX, sizeof *diags->items);
    diags->capacity = KEPT_MAX;
    return diags->items != NULL ? diags : NULL;
}

static const size_t *index_lines(struct sn_arena *arena, const char *text, size_t size,
                                 size_t *ret_count)
{
    size_t count = 1, *lines;

    for (size_t i = 0; i < size; i++)
        count += text[i] == '\n';
    lines = sn_arena_array(arena, count, sizeof *lines);
    if (lines == NULL)
        return NULL;
    *ret_count = count;
    count = 1;
    for (size_t i = 0; i < size; i++)
        if (text[i] == '\n')
            lines[count++] = i + 1;
    return lines;
}

static bool reserve_source(struct sn_diags *diags)
{
    size_t capacity = diags->source_capacity > 0 ? 2 * diags->source_capacity : 8;
    struct sn_source *sources;

    if (diags->source_count < diags->source_capacity)
        return true;
    sources = sn_arena_array(diags->arena, capacity, sizeof *sources);
    if (sources == NULL)
        return false;
    if (diags->source_count > 0)
        memcpy(sources, diags->sources, diags->source_count * sizeof *sources);
    diags->sources = sources;
    diags->source_capacity = capacity;
    return true;
}

void sn_diags_add_source(struct sn_diags *diags, const char *file, const char *text,
                         size_t size_bytes)
{
    struct sn_source source = {.file = file, .text = text, .size = size_bytes};

    source.lines = index_lines(diags->arena, text, size_bytes, &source.line_count);
    if (source.lines != NULL && reserve_source(diags))
        diags->sources[diags->source_count++] = source;
}

const struct sn_source *sn_diags_source(const struct sn_diags *diags, const char *file)
{
    for (size_t i = 0; i < diags->source_count; i++)
        if (diags->sources[i].file == file)
            return &diags->sources[i];
    return NULL;
}

static void report(struct sn_diags *diags, struct sn_diag diag, const char *format, va_list list)
{
    const struct sn_source *source = sn_diags_source(diags, diag.location.file);

    if (diags->strict)
        diag.severity = SN_SEVERITY_ERROR;
    if (diag.severity == SN_SEVERITY_ERROR)
        diags->errors++;
    if (diags->count == diags->capacity) {
        diags->hidden++;
        return;
    }
    diag.number = diags->count;
    diag.source = source != NULL ? (uint32_t)(source - diags->sources) : UINT32_MAX;
    diag.text = sn_arena_vprintf(diags->arena, format, list);
    diags->items[diags->count++] = diag;
}

void sn_diag_error(struct sn_diags *diags, enum sn_code code, const struct sn_location *location,
                   const char *format, ...)
{
    struct sn_diag diag = {.code = code, .severity = SN_SEVERITY_ERROR, .location = *location};
    va_list list;

    va_start(list, format);
    report(diags, diag, format, list);
    va_end(list);
}

void sn_diag_warning(struct sn_diags *diags, enum sn_code code, const struct sn_location *location,
                     const char *format, ...)
{
    struct sn_diag diag = {.code = code, .severity = SN_SEVERITY_WARNING, .location = *location};
    va_list list;

    va_start(list, format);
    report(diags, diag, format, list);
    va_end(list);
}

/* The last diagnostic, or NULL if it was past the most that are kept. */
static struct sn_diag *last(struct sn_diags *diags)
{
    return diags->count == 0 || diags->hidden > 0 ? NULL : &diags->items[diags->count - 1];
}

void sn_diag_help(struct sn_diags *diags, const char *format, ...)
{
    struct sn_diag *diag = last(diags);
    va_list list;

    if (diag == NULL)
        return;
    va_start(list, format);
    diag->help = sn_arena_vprintf(diags->arena, format, list);
    va_end(list);
}

void sn_diag_note(struct sn_diags *diags, const struct sn_location *location, const char *format,
                  ...)
{
    struct sn_diag *diag = last(diags);
    struct sn_diag_note *note, **end;
    va_list list;

    if (diag == NULL)
        return;
    note = sn_arena_alloc(diags->arena, sizeof *note);
    if (note == NULL)
        return;
    note->location = *location;
    va_start(list, format);
    note->text = sn_arena_vprintf(diags->arena, format, list);
    va_end(list);
    for (end = &diag->notes; *end != NULL; end = &(*end)->next)
        continue;
    *end = note;
}

bool sn_diags_may_suggest(struct sn_diags *diags)
{
    return diags->suggestions++ < SUGGESTIONS_MAX;
}

size_t sn_diags_errors(const struct sn_diags *diags)
{
    return diags->errors;
}

void sn_diags_warnings_are_errors(struct sn_diags *diags)
{
    diags->strict = true;
}

static int compare_numbers(uint64_t left, uint64_t right)
{
    return (left > right) - (left < right);
}

static int compare(const void *left, const void *right)
{
    const struct sn_diag *a = left, *b = right;
    int order = compare_numbers(a->source, b->source);

    if (order == 0)
        order = compare_numbers(a->location.line, b->location.line);
    if (order == 0)
        order = compare_numbers(a->location.column, b->location.column);
    return order != 0 ? order : compare_numbers(a->number, b->number);
}

static bool repeats(const struct sn_diag *a, const struct sn_diag *b)
{
    return a->source == b->source && a->location.line == b->location.line &&
           a->location.column == b->location.column && a->code == b->code &&
           strcmp(a->text, b->text) == 0;
}

void sn_diags_finish(struct sn_diags *diags)
{
    size_t kept = 0;

    qsort(diags->items, diags->count, sizeof *diags->items, compare);
    for (size_t i = 0; i < diags->count; i++) {
        if (kept > 0 && repeats(&diags->items[kept - 1], &diags->items[i])) {
            diags->errors -= diags->items[i].severity == SN_SEVERITY_ERROR;
            continue;
        }
        diags->items[kept++] = diags->items[i];
    }
    diags->count = kept;
}
