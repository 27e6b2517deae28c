/* SPDX-License-Identifier: MIT */
/*
 * What libyaml lets through although YAML forbids it. Other readers of the same
 * file (editors, linters) refuse these, so we do too:
 *
 * - a comment without a blank before its '#';
 * - a text in quotes or a [list] or {map} whose further lines are not indented
 *   deeper than the block they stand in, or are indented by tabs;
 * - a lone '-' inside [ ] or { };
 * - blank lines at the beginning of a | or > text that are indented deeper than
 *   the text.
 *
 * One walk over the finished tree in the order of the text. The bytes between
 * the scalars that it meets can only be indicators, blanks and comments.
 */
#include "yaml/yaml_parts.h"

#include <string.h>

enum { REPORTS_MAX = 50 }; /* finding the line of each costs a look through the file */

struct strict {
    struct sn_diags *diags;
    const char *file;
    const char *text;
    size_t size;
    size_t done;  /* bytes looked at for comments */
    size_t lines; /* line breaks before `counted` */
    size_t counted;
    unsigned reported;
};

/* The place of an offset; offsets are asked for in ascending order, give or take one node. */
static struct sn_location place(struct strict *strict, size_t offset)
{
    struct sn_location at = {.file = strict->file, .length = 1, .column = 1};
    size_t begin = offset;

    if (offset < strict->counted) {
        strict->counted = 0;
        strict->lines = 0;
    }
    for (; strict->counted < offset; strict->counted++)
        strict->lines += strict->text[strict->counted] == '\n';
    while (begin > 0 && strict->text[begin - 1] != '\n')
        begin--;
    for (; begin < offset; begin++)
        at.column += ((unsigned char)strict->text[begin] & 0xc0) != 0x80;
    at.line = (uint32_t)strict->lines + 1;
    return at;
}

static void report(struct strict *strict, size_t offset, const char *what, const char *help)
{
    struct sn_location at;

    if (strict->reported++ >= REPORTS_MAX)
        return;
    at = place(strict, offset);
    sn_diag_error(strict->diags, SN_CODE_YAML_SYNTAX, &at, "%s", what);
    sn_diag_help(strict->diags, "%s", help);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Comments between what was looked at and `end`. */
static void check_comments(struct strict *strict, size_t end)
{
    size_t at = strict->done;

    while (at < end) {
        if (strict->text[at] != '#') {
            at++;
            continue;
        }
        if (at > 0 && !is_blank(strict->text[at - 1]))
            report(strict, at, "a comment needs a blank before its '#'",
                   "add the blank; put the text in quotes if '#' belongs to it");
        while (at < end && strict->text[at] != '\n')
            at++;
    }
    strict->done = at;
}

/* The end of the line that `at` stands in. */
static size_t line_end(const struct strict *strict, size_t at)
{
    const char *end = memchr(strict->text + at, '\n', strict->size - at);

    return end != NULL ? (size_t)(end - strict->text) : strict->size;
}

static size_t count_spaces(const struct strict *strict, size_t at)
{
    size_t count = 0;

    while (at + count < strict->size && strict->text[at + count] == ' ')
        count++;
    return count;
}

/* The further lines of [begin, end) must be indented by more than `indent` spaces. */
static void check_indent(struct strict *strict, size_t begin, size_t end, long indent)
{
    const char *first_end = memchr(strict->text + begin, '\n', end - begin);
    size_t at = first_end != NULL ? (size_t)(first_end - strict->text) + 1 : end;

    while (indent >= 0 && at < end) {
        size_t spaces = count_spaces(strict, at), first = at + spaces;
        size_t stop = line_end(strict, at);
        bool blank = true;

        for (size_t i = first; i < stop; i++)
            blank = blank && is_blank(strict->text[i]);
        if (!blank && (long)spaces <= indent) {
            report(strict, first,
                   strict->text[first] == '\t' ? "a tab where YAML needs spaces for the indentation"
                                               : "this line continues a value, so it must be "
                                                 "indented deeper than the key above it",
                   "indent it with spaces, the closing ']', '}' or quote too");
            return;
        }
        at = stop + 1;
    }
}

/* A | or > text: the comment in its first line, and blank lines before its content. */
static void check_block(struct strict *strict, const struct sn_node *node, long indent)
{
    size_t stop = line_end(strict, node->begin), at = node->begin, most = 0, spaces = 0;

    while (at < stop && strict->text[at] != '#')
        at++;
    if (at < stop && !is_blank(strict->text[at - 1]))
        report(strict, at, "a comment needs a blank before its '#'", "add the blank");
    for (at = node->begin; at < stop && strict->text[at] != '#'; at++)
        if (strict->text[at] >= '1' && strict->text[at] <= '9')
            return; /* it says its indentation */
    for (at = stop + 1; at < strict->size; at = stop + 1) {
        spaces = count_spaces(strict, at);
        stop = line_end(strict, at);
        if (at + spaces < stop && strict->text[at + spaces] != '\r')
            break;
        most = spaces > most ? spaces : most;
    }
    if (at < strict->size && (long)spaces > indent && most > spaces)
        report(strict, at + spaces,
               "a blank line before this text is indented deeper than the text itself",
               "remove the blanks from the empty lines");
}

static void check_scalar(struct strict *strict, const struct sn_node *node, long indent)
{
    check_comments(strict, node->begin);
    if (node->style == SN_STYLE_BLOCK)
        check_block(strict, node, indent);
    else
        check_indent(strict, node->begin, node->end, indent);
    if (node->style == SN_STYLE_PLAIN && node->in_flow && strcmp(node->text, "-") == 0)
        report(strict, node->begin, "a lone '-' inside [ ] or { }", "put it in quotes");
    if (node->end > strict->done)
        strict->done = node->end;
}

/* `indent`: the column of the block collection around it, from 0; -1 outside of any. */
static void check_node(struct strict *strict, const struct sn_node *node, long indent)
{
    long inside = node->style == SN_STYLE_FLOW ? indent : (long)node->location.column - 1;

    if (node->kind == SN_NODE_SCALAR) {
        check_scalar(strict, node, indent);
        return;
    }
    if (node->style == SN_STYLE_FLOW && !node->in_flow)
        check_indent(strict, node->begin, node->end, indent);
    for (size_t i = 0; i < node->count && node->kind == SN_NODE_LIST; i++)
        check_node(strict, node->items[i], inside);
    for (size_t i = 0; i < node->count && node->kind == SN_NODE_MAP; i++) {
        check_node(strict, node->pairs[i].key, inside);
        check_node(strict, node->pairs[i].value, inside);
    }
}

void sn_yaml_check_strictly(struct sn_diags *diags, const char *file, const char *text,
                            size_t size_bytes, const struct sn_node *root)
{
    struct strict strict = {.diags = diags, .file = file, .text = text, .size = size_bytes};

    check_node(&strict, root, -1);
    check_comments(&strict, size_bytes);
}
