/* SPDX-License-Identifier: MIT */
/*
 * Line by line: each line of the source gives one line of the result, so that
 * a comment cannot move to another one.
 *
 * First the tree tells how far each line is to be indented that begins with a
 * key or a dash of a block. Lines that continue a value (inside a text of
 * several lines, or inside brackets) are shifted as far as the line on which
 * the value began. Comment lines follow the line whose column they had.
 *
 * Then each line is written anew: scalars are copied from the source byte by
 * byte, and what lies between them can only be punctuation, blanks and
 * comments.
 */
#include "yaml/format.h"

#include <string.h>

enum { UNKNOWN = -1 };

struct line {
    size_t begin; /* offsets: of its first byte, */
    size_t end;   /* of its line break (without a carriage return) */
    long old;     /* indentation in the source */
    long new;     /* UNKNOWN: it continues something, is a comment or empty */
    long shift;   /* of what began on it */
    size_t owner; /* for a line that continues a value: the line where that began, + 1 */
};

struct span {
    size_t begin;
    size_t end;
};

struct format {
    struct sn_arena *arena;
    struct sn_buffer *out;
    const char *text;
    size_t size;
    struct line *lines;
    size_t line_count;
    struct span *scalars; /* in the order of the text */
    size_t scalar_count;
    size_t scalar_capacity;
    size_t next; /* scalar to be written */
    bool failed;
};

/* ---- lines -------------------------------------------------------------- */

static size_t spaces(const struct format *format, size_t begin, size_t end)
{
    size_t at = begin;

    while (at < end && format->text[at] == ' ')
        at++;
    return at - begin;
}

static bool split_lines(struct format *format)
{
    size_t count = 1, at = 0;

    for (size_t i = 0; i < format->size; i++)
        count += format->text[i] == '\n';
    format->lines = sn_arena_array(format->arena, count, sizeof *format->lines);
    if (format->lines == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        struct line *line = &format->lines[i];
        const char *stop = memchr(format->text + at, '\n', format->size - at);
        size_t end = stop != NULL ? (size_t)(stop - format->text) : format->size;

        line->begin = at;
        line->end = end > at && format->text[end - 1] == '\r' ? end - 1 : end;
        line->old = (long)spaces(format, line->begin, line->end);
        line->new = UNKNOWN;
        at = end + 1;
    }
    format->line_count = count;
    return true;
}

/* The line that an offset lies in, by bisection. */
static size_t line_of(const struct format *format, size_t offset)
{
    size_t low = 0, high = format->line_count;

    while (high - low > 1) {
        size_t middle = (low + high) / 2;

        if (format->lines[middle].begin <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* If only blanks stand before the offset on its line, that line is indented so. */
static void indent_at(struct format *format, size_t offset, long indent)
{
    struct line *line = &format->lines[line_of(format, offset)];

    if (line->begin + (size_t)line->old != offset || line->new != UNKNOWN)
        return;
    line->new = indent;
    line->shift = indent - line->old;
}

/* Lines after the first of [begin, end) belong to the first. */
static void continue_lines(struct format *format, size_t begin, size_t end)
{
    size_t first = line_of(format, begin);
    size_t owner = format->lines[first].owner != 0 ? format->lines[first].owner : first + 1;

    for (size_t i = first + 1; i < format->line_count && format->lines[i].begin < end; i++)
        format->lines[i].owner = owner;
}

/* ---- the tree ----------------------------------------------------------- */

static void walk(struct format *format, const struct sn_node *node, long indent);

static void walk_scalar(struct format *format, const struct sn_node *node)
{
    struct span span = {node->begin, node->end};

    /* A | or > text ends for libyaml where the next token begins. */
    while (node->style == SN_STYLE_BLOCK && span.end > span.begin &&
           strchr(" \t\r\n", format->text[span.end - 1]) != NULL)
        span.end--;
    if (span.end <= span.begin)
        return;
    if (format->scalar_count == format->scalar_capacity) {
        format->failed = true;
        return;
    }
    format->scalars[format->scalar_count++] = span;
    continue_lines(format, span.begin, span.end);
}

/* The dash before an item: only blanks and line breaks may lie between. */
static void indent_dash(struct format *format, const struct sn_node *item, long indent)
{
    size_t at = item->begin;

    while (at > 0 && (format->text[at - 1] == ' ' || format->text[at - 1] == '\n' ||
                      format->text[at - 1] == '\r'))
        at--;
    if (at == 0 || format->text[at - 1] != '-')
        format->failed = true;
    else
        indent_at(format, at - 1, indent);
}

static void walk_block(struct format *format, const struct sn_node *node, long indent)
{
    for (size_t i = 0; i < node->count && !format->failed; i++) {
        if (node->kind == SN_NODE_LIST) {
            indent_dash(format, node->items[i], indent);
            walk(format, node->items[i], indent + 2);
        } else {
            indent_at(format, node->pairs[i].key->begin, indent);
            walk(format, node->pairs[i].key, indent);
            walk(format, node->pairs[i].value, indent + 2);
        }
    }
}

static void walk(struct format *format, const struct sn_node *node, long indent)
{
    if (node->kind == SN_NODE_SCALAR) {
        walk_scalar(format, node);
        return;
    }
    if (node->style != SN_STYLE_FLOW) {
        walk_block(format, node, indent);
        return;
    }
    continue_lines(format, node->begin, node->end);
    for (size_t i = 0; i < node->count; i++) {
        if (node->kind == SN_NODE_MAP)
            walk(format, node->pairs[i].key, indent);
        walk(format, node->kind == SN_NODE_MAP ? node->pairs[i].value : node->items[i], indent);
    }
}

/* ---- lines that the tree says nothing about ----------------------------- */

static bool is_empty(const struct format *format, const struct line *line)
{
    for (size_t at = line->begin; at < line->end; at++)
        if (format->text[at] != ' ' && format->text[at] != '\t')
            return false;
    return true;
}

static bool is_comment(const struct format *format, const struct line *line)
{
    size_t at = line->begin;

    while (at < line->end && (format->text[at] == ' ' || format->text[at] == '\t'))
        at++;
    return line->owner == 0 && at < line->end && format->text[at] == '#';
}

/* A comment goes with the next line of its column, else with the last one before it. */
static long comment_indent(const struct format *format, size_t number)
{
    const struct line *line = &format->lines[number];
    long next = 0;

    for (size_t i = number + 1; i < format->line_count; i++)
        if (format->lines[i].new != UNKNOWN && !is_comment(format, &format->lines[i])) {
            next = format->lines[i].new;
            if (format->lines[i].old == line->old)
                return next;
            break;
        }
    for (size_t i = number; i-- > 0;)
        if (format->lines[i].new != UNKNOWN && format->lines[i].old <= line->old)
            return format->lines[i].old == line->old ? format->lines[i].new : next;
    return next;
}

/* ---- writing ------------------------------------------------------------ */

struct pen {
    bool space; /* a blank is due before the next word or opening bracket */
    char last;  /* the last punctuation, 's' for a scalar, 0 at the beginning */
};

static void put(struct format *format, struct pen *pen, char c)
{
    bool closing = c == ']' || c == '}' || c == ',';

    if (pen->space && (!closing || pen->last == ':'))
        sn_buffer_puts(format->out, " ");
    sn_buffer_append(format->out, &c, 1);
    pen->space = c == ',' || c == ':' || c == '-';
    pen->last = c;
}

/* One scalar, or its part on this line; returns the offset behind it. */
static size_t put_scalar(struct format *format, struct pen *pen, size_t at, size_t line_end)
{
    const struct span *scalar = &format->scalars[format->next];
    size_t end = scalar->end < line_end ? scalar->end : line_end;

    if (pen->space)
        sn_buffer_puts(format->out, " ");
    sn_buffer_append(format->out, format->text + at, end - at);
    pen->space = false;
    pen->last = 's';
    if (scalar->end <= line_end)
        format->next++;
    return end;
}

/* A comment keeps its distance from the beginning of the line, if that is free. */
static void put_comment(struct format *format, struct pen *pen, const struct line *line, size_t at,
                        size_t line_begin)
{
    long column = (long)(at - line->begin) + (line->new != UNKNOWN ? line->shift : 0);
    size_t end = line->end, used = format->out->size - line_begin;

    while (end > at && (format->text[end - 1] == ' ' || format->text[end - 1] == '\t'))
        end--;
    if (pen->last != 0)
        sn_buffer_fill(format->out, ' ',
                       column > (long)used + 1 ? (size_t)column - used : (size_t)2);
    sn_buffer_append(format->out, format->text + at, end - at);
}

static void put_content(struct format *format, const struct line *line, size_t at,
                        size_t line_begin)
{
    struct pen pen = {0};

    while (at < line->end) {
        const struct span *scalar =
            format->next < format->scalar_count ? &format->scalars[format->next] : NULL;

        if (scalar != NULL && at >= scalar->begin) {
            at = put_scalar(format, &pen, at, line->end);
        } else if (format->text[at] == '#') {
            put_comment(format, &pen, line, at, line_begin);
            return;
        } else {
            if (format->text[at] != ' ' && format->text[at] != '\t')
                put(format, &pen, format->text[at]);
            at++;
        }
    }
}

/* Is the beginning of this line inside a scalar that began on an earlier one? */
static bool inside_scalar(const struct format *format, const struct line *line)
{
    return format->next < format->scalar_count && format->scalars[format->next].begin < line->begin;
}

static void put_line(struct format *format, size_t number)
{
    const struct line *line = &format->lines[number];
    size_t line_begin = format->out->size, at = line->begin + (size_t)line->old;
    long indent = line->new;

    if (indent == UNKNOWN && line->owner != 0)
        indent = line->old + format->lines[line->owner - 1].shift;
    else if (indent == UNKNOWN)
        indent = is_comment(format, line) ? comment_indent(format, number) : line->old;
    sn_buffer_fill(format->out, ' ', indent > 0 ? (size_t)indent : 0);
    if (line->owner == 0 && line->end - line->begin >= 3 &&
        memcmp(format->text + line->begin, "---", 3) == 0)
        sn_buffer_puts(format->out, "---"), at += 3;
    put_content(format, line, at, line_begin);
    sn_buffer_puts(format->out, "\n");
}

static void put_lines(struct format *format)
{
    bool empty = true; /* nothing, or an empty line, was written last */

    for (size_t i = 0; i < format->line_count; i++) {
        const struct line *line = &format->lines[i];
        bool inside = inside_scalar(format, line);

        if (is_empty(format, line) && !inside) {
            if (!empty && i + 1 < format->line_count)
                sn_buffer_puts(format->out, "\n");
            empty = true;
        } else if (is_empty(format, line)) {
            sn_buffer_puts(format->out, "\n");
            if (format->scalars[format->next].end <= line->end)
                format->next++;
        } else {
            put_line(format, i);
            empty = false;
        }
    }
    while (!format->out->failed && format->out->size > 1 &&
           format->out->data[format->out->size - 2] == '\n')
        format->out->size--;
}

bool sn_yaml_format(struct sn_arena *arena, const struct sn_node *root, const char *text,
                    size_t size_bytes, struct sn_buffer *out)
{
    struct format format = {.arena = arena,
                            .out = out,
                            .text = text,
                            .size = size_bytes,
                            .scalar_capacity = size_bytes};

    format.scalars = sn_arena_array(arena, size_bytes, sizeof *format.scalars);
    if (format.scalars == NULL || !split_lines(&format))
        return false;
    walk(&format, root, 0);
    if (format.failed)
        return false;
    put_lines(&format);
    return !out->failed;
}

bool sn_yaml_same(const struct sn_node *left, const struct sn_node *right)
{
    if (left->kind != right->kind || left->count != right->count ||
        strcmp(left->text, right->text) != 0)
        return false;
    for (size_t i = 0; i < left->count; i++) {
        if (left->kind == SN_NODE_LIST && !sn_yaml_same(left->items[i], right->items[i]))
            return false;
        if (left->kind == SN_NODE_MAP &&
            (!sn_yaml_same(left->pairs[i].key, right->pairs[i].key) ||
             !sn_yaml_same(left->pairs[i].value, right->pairs[i].value)))
            return false;
    }
    return true;
}
