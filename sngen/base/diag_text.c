/* SPDX-License-Identifier: MIT */
/*
 * Diagnostics as text, in the form that compilers and editors share:
 *
 *     bank.yaml:7:5: error: a worker has no key 'handels' [unknown-key]
 *        7 |     handels: [put]
 *          |     ^~~~~~~
 *     help: did you mean 'handles'?
 *
 * Long lines are shown through a window around the caret, so that a hostile
 * file of one long line cannot make the output quadratic.
 */
#include "base/diag_list.h"
#include "base/utf8.h"

#include <string.h>

enum { WINDOW = 140, BEFORE = 80, MESSAGE_MAX = 400 };

/* How many bytes the UTF-8 sequence at `text` has; at least 1. */
static size_t step(const char *text, const char *end)
{
    size_t size = 1;

    while (text + size < end && ((unsigned char)text[size] & 0xc0) == 0x80)
        size++;
    return size;
}

/* The text of line `number`, without its break. */
static bool find_line(const struct sn_source *source, uint32_t number, const char **ret_begin,
                      const char **ret_end)
{
    const char *begin, *end = source->text + source->size;

    if (number == 0 || number > source->line_count)
        return false;
    begin = source->text + source->lines[number - 1];
    if (number < source->line_count)
        end = source->text + source->lines[number] - 1;
    if (end > begin && end[-1] == '\r')
        end--;
    *ret_begin = begin;
    *ret_end = end;
    return true;
}

static const char *advance(const char *at, const char *end, size_t characters)
{
    while (characters-- > 0 && at < end)
        at += step(at, end);
    return at;
}

/* Whatever a terminal would act on, or cannot show, becomes '?'. */
static void write_visible(struct sn_buffer *out, const char *begin, const char *end)
{
    while (begin < end) {
        uint32_t character = 0;
        size_t size = sn_utf8_decode(begin, (size_t)(end - begin), &character);
        bool shown = size > 0 && (character >= 0x20 || character == '\t') && character != 0x7f &&
                     !(character >= 0x80 && character < 0xa0) && !sn_utf8_is_bidi(character);

        sn_buffer_append(out, shown ? begin : "?", shown ? size : 1);
        begin += size > 0 ? size : 1;
    }
}

/* A message: values from the file may be in it, so it is shown as the source is, and not for ever.
 */
static void write_message(struct sn_buffer *out, const char *text)
{
    const char *end = text + strlen(text);
    const char *stop = advance(text, end, MESSAGE_MAX);

    write_visible(out, text, stop);
    if (stop < end)
        sn_buffer_puts(out, "...");
}

/* Under the source line: blanks as wide as what stands before the place, then ^~~~. */
static void write_caret(struct sn_buffer *out, const char *begin, const char *place,
                        const char *end, uint32_t length)
{
    size_t width = 0;

    sn_buffer_puts(out, "      | ");
    for (const char *at = begin; at < place; at += step(at, end))
        sn_buffer_puts(out, *at == '\t' ? "\t" : " ");
    for (const char *at = place; at < end && width < length; at += step(at, end))
        width++;
    sn_buffer_puts(out, "^");
    if (width > 1)
        sn_buffer_fill(out, '~', width - 1);
    sn_buffer_puts(out, "\n");
}

static void write_source(const struct sn_diags *diags, const struct sn_location *location,
                         struct sn_buffer *out)
{
    const struct sn_source *source = sn_diags_source(diags, location->file);
    const char *begin, *end, *place;
    uint32_t column = location->column > 0 ? location->column - 1 : 0;

    if (source == NULL || !find_line(source, location->line, &begin, &end))
        return;
    if (column > BEFORE && end - begin > WINDOW) {
        begin = advance(begin, end, column - BEFORE);
        column = BEFORE;
    }
    place = advance(begin, end, column);
    if (end - begin > 4 * WINDOW)
        end = advance(begin, end, WINDOW);
    sn_buffer_printf(out, "%5u | ", (unsigned)location->line);
    write_visible(out, begin, end);
    sn_buffer_puts(out, "\n");
    write_caret(out, begin, place, end, location->length);
}

static void write_place(const struct sn_location *location, struct sn_buffer *out)
{
    if (location->file == NULL)
        sn_buffer_puts(out, "sngen: ");
    else if (location->line == 0)
        sn_buffer_printf(out, "%s: ", location->file);
    else
        sn_buffer_printf(out, "%s:%u:%u: ", location->file, (unsigned)location->line,
                         (unsigned)location->column);
}

static void write_diag(const struct sn_diags *diags, const struct sn_diag *diag,
                       struct sn_buffer *out)
{
    write_place(&diag->location, out);
    sn_buffer_puts(out, diag->severity == SN_SEVERITY_ERROR ? "error: " : "warning: ");
    write_message(out, diag->text);
    sn_buffer_printf(out, " [%s]\n", sn_code_info(diag->code)->name);
    write_source(diags, &diag->location, out);
    if (diag->help != NULL) {
        sn_buffer_puts(out, "help: ");
        write_message(out, diag->help);
        sn_buffer_puts(out, "\n");
    }
    for (const struct sn_diag_note *note = diag->notes; note != NULL; note = note->next) {
        write_place(&note->location, out);
        sn_buffer_puts(out, "note: ");
        write_message(out, note->text);
        sn_buffer_puts(out, "\n");
        write_source(diags, &note->location, out);
    }
}

void sn_diags_write_text(const struct sn_diags *diags, struct sn_buffer *out)
{
    for (size_t i = 0; i < diags->count; i++)
        write_diag(diags, &diags->items[i], out);
    if (diags->hidden > 0)
        sn_buffer_printf(out, "sngen: and %zu more that are not shown\n", diags->hidden);
}
