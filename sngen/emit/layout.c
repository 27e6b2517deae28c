/* SPDX-License-Identifier: MIT */
/*
 * The layout of generated lines: what clang-format 14 does to the few shapes that templates have.
 *
 * A line of code that is too long has the shape `head(argument, argument)tail`, perhaps with
 * `target =` in front. It can be broken after the `=`, behind the opening parenthesis and behind
 * each comma of that list; clang-format takes the cheapest combination, and so do we, with its
 * penalties. Anything else is left as it is; templates are written so that it does not happen,
 * and the golden test compares with clang-format itself.
 */
#include "emit/template.h"

#include <stdint.h>
#include <string.h>

enum {
    PAGE = 100,
    INDENT = 4,
    SHORT_RETURN_TYPE = 6, /* columns; shorter ones never stand alone */
    COST_ASSIGNMENT = 22,
    COST_COMMA = 41,
    COST_FIRST_ARGUMENT = 59,
    COST_FIRST_PARAMETER = 140,
    COST_RETURN_TYPE = 80,
    COST_IMPOSSIBLE = 1000000,
};

/* A stretch of one line. */
struct span {
    const char *text;
    size_t size;
};

/* `head(` and what stands between its commas; the last argument keeps `)` and the rest. */
struct list {
    struct span head;
    struct span rest;
};

/* Step over a string or character literal that begins at `at`. */
static size_t skip_literal(struct span line, size_t at)
{
    char quote = line.text[at++];

    while (at < line.size && line.text[at] != quote)
        at += line.text[at] == '\\' ? 2 : 1;
    return at;
}

/* Find the first `wanted` outside of brackets and literals, from `from` on; SIZE_MAX: none. */
static size_t find_outside(struct span line, size_t from, char wanted)
{
    int depth = 0;

    for (size_t i = from; i < line.size; i++) {
        char c = line.text[i];

        if (depth == 0 && c == wanted)
            return i;
        if (c == '"' || c == '\'')
            i = skip_literal(line, i);
        depth += (c == '(') + (c == '{') + (c == '[') - (c == ')') - (c == '}') - (c == ']');
        if (depth < 0)
            return SIZE_MAX;
    }
    return SIZE_MAX;
}

static struct span span_from(struct span line, size_t from)
{
    return (struct span){line.text + from, line.size - from};
}

/* The next argument with its comma; the last one takes all that is left. */
static struct span next_argument(struct span *rest)
{
    size_t comma = find_outside(*rest, 0, ',');
    struct span argument = *rest;

    if (comma == SIZE_MAX) {
        *rest = span_from(*rest, rest->size);
        return argument;
    }
    argument.size = comma + 1;
    *rest = span_from(*rest, comma + 1);
    while (rest->size > 0 && rest->text[0] == ' ')
        *rest = span_from(*rest, 1);
    return argument;
}

static void newline(struct sn_buffer *out, size_t indent)
{
    if (out == NULL)
        return;
    sn_buffer_append(out, "\n", 1);
    sn_buffer_fill(out, ' ', indent);
}

static void put(struct sn_buffer *out, struct span text)
{
    if (out != NULL)
        sn_buffer_append(out, text.text, text.size);
}

/* Fill lines with arguments, beginning at `column` of the current line. Returns what the breaks
 * cost; out NULL: only count. */
static uint32_t fill_arguments(struct sn_buffer *out, struct span rest, size_t column,
                               size_t indent)
{
    uint32_t cost = 0;
    bool first = true;

    while (rest.size > 0) {
        struct span argument = next_argument(&rest);
        size_t space = first ? 0 : 1;

        if (!first && column + space + argument.size > PAGE) {
            newline(out, indent);
            cost += COST_COMMA;
            column = indent;
            space = 0;
        }
        if (column + space + argument.size > PAGE)
            cost += COST_IMPOSSIBLE;
        if (space > 0)
            put(out, (struct span){" ", 1});
        put(out, argument);
        column += space + argument.size;
        first = false;
    }
    return cost;
}

/* Where the name of a declared function begins, behind its return type. */
static size_t name_of_head(struct span head)
{
    size_t at = head.size - 1;

    while (at > 0 && head.text[at - 1] != ' ' && head.text[at - 1] != '*')
        at--;
    return at;
}

/* The cheapest way for a declaration may be its return type on a line of its own. Returns the
 * column that the name then begins in the head, or 0: it is not. */
static size_t split_return_type(struct list list, uint32_t others)
{
    size_t name = name_of_head(list.head);
    size_t column = list.head.size - name;

    uint32_t aligned = fill_arguments(NULL, list.rest, column, column);
    uint32_t behind = COST_FIRST_PARAMETER + fill_arguments(NULL, list.rest, INDENT, INDENT);

    if (name < SHORT_RETURN_TYPE ||
        COST_RETURN_TYPE + (aligned <= behind ? aligned : behind) >= others)
        return 0;
    return name;
}

/* The arguments of a declaration whose name begins a line. */
static void lay_parameters(struct sn_buffer *out, struct span rest, size_t column)
{
    uint32_t aligned = fill_arguments(NULL, rest, column, column);

    if (aligned > COST_FIRST_PARAMETER + fill_arguments(NULL, rest, INDENT, INDENT)) {
        newline(out, INDENT);
        column = INDENT;
    }
    fill_arguments(out, rest, column, column);
}

/* Lay out `head(a, b)tail` from `column` on. Returns the cost; out NULL: only count. */
static uint32_t lay_list(struct sn_buffer *out, struct span line, size_t column, size_t indent,
                         bool is_declaration)
{
    size_t open = find_outside(line, 0, '(');
    struct list list = {line, {NULL, 0}};
    uint32_t aligned, behind;
    uint32_t first = is_declaration ? COST_FIRST_PARAMETER : COST_FIRST_ARGUMENT;

    if (column + line.size <= PAGE || open == SIZE_MAX) {
        put(out, line);
        return column + line.size <= PAGE ? 0 : COST_IMPOSSIBLE;
    }
    list.head.size = open + 1;
    list.rest = span_from(line, open + 1);
    aligned = fill_arguments(NULL, list.rest, column + list.head.size, column + list.head.size);
    behind = first + fill_arguments(NULL, list.rest, indent + INDENT, indent + INDENT);
    if (column + list.head.size > PAGE)
        behind += COST_IMPOSSIBLE;
    if (is_declaration) {
        size_t name = split_return_type(list, aligned < behind ? aligned : behind);

        if (name > 0) {
            put(out, (struct span){list.head.text, name - (list.head.text[name - 1] == ' ')});
            newline(out, 0);
            put(out, span_from(list.head, name));
            lay_parameters(out, list.rest, list.head.size - name);
            return 0;
        }
    }
    put(out, list.head);
    if (aligned <= behind)
        return fill_arguments(out, list.rest, column + list.head.size, column + list.head.size);
    newline(out, indent + INDENT);
    fill_arguments(out, list.rest, indent + INDENT, indent + INDENT);
    return behind;
}

/* Where the right side of an assignment begins; SIZE_MAX: this is none. */
static size_t find_assignment(struct span line)
{
    size_t at = find_outside(line, 0, '=');

    if (at == SIZE_MAX || at == 0 || at + 2 >= line.size)
        return SIZE_MAX;
    if (line.text[at + 1] != ' ' || line.text[at - 1] != ' ')
        return SIZE_MAX;
    return at + 2;
}

/* Break a difference behind its minus. True if the line was one. */
static bool lay_difference(struct sn_buffer *out, struct span line, size_t indent)
{
    size_t right = find_assignment(line);
    size_t minus = right == SIZE_MAX ? SIZE_MAX : find_outside(line, right, '-');

    if (minus == SIZE_MAX || indent + minus >= PAGE)
        return false;
    put(out, (struct span){line.text, minus + 1});
    newline(out, indent + right);
    put(out, span_from(line, minus + 2));
    return true;
}

static void lay_statement(struct sn_buffer *out, struct span line, size_t indent)
{
    size_t right = find_assignment(line);
    size_t broken = indent + INDENT;
    uint32_t together, apart;

    if (right == SIZE_MAX) {
        lay_list(out, line, indent, indent, indent == 0);
        return;
    }
    if (lay_difference(out, line, indent))
        return;
    together = lay_list(NULL, span_from(line, right), indent + right, indent, false);
    apart = COST_ASSIGNMENT + lay_list(NULL, span_from(line, right), broken, broken, false);
    put(out, (struct span){line.text, right - (together <= apart ? 0 : 1)});
    if (together <= apart) {
        lay_list(out, span_from(line, right), indent + right, indent, false);
        return;
    }
    newline(out, broken);
    lay_list(out, span_from(line, right), broken, broken, false);
}

void sn_layout_line(struct sn_buffer *out, const char *line, size_t size)
{
    struct span code = {line, size};
    size_t indent = 0;

    while (indent < size && line[indent] == ' ')
        indent++;
    code = span_from(code, indent);
    sn_buffer_fill(out, ' ', indent);
    if (size <= PAGE || code.text[0] == '/' || code.text[0] == '*' || code.text[0] == '#')
        put(out, code);
    else
        lay_statement(out, code, indent);
}
