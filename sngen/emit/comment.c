/* SPDX-License-Identifier: MIT */
/*
 * Comments: the free text of a schema, made harmless and folded to the page.
 *
 * A text may say anything, so what would end the comment or nest another one gets a space inside;
 * control characters become spaces. Words are never cut, a word longer than the page stands alone
 * on its line (clang-format leaves it so).
 */
#include "emit/template.h"

#include <string.h>

enum { PAGE = 100 };

/* A comment being written. */
struct comment {
    struct sn_buffer *out;
    size_t indent;
    size_t column; /* of the current line; counted in characters, not bytes */
    size_t lines;
};

/* A word of a text: up to the next white space. */
static size_t word_size(const char *text)
{
    size_t size = 0;

    while ((unsigned char)text[size] > ' ' && text[size] != 0x7f)
        size++;
    return size;
}

/* Characters that a word takes on the page: continuation bytes of UTF-8 take none. */
static size_t word_width(const char *word, size_t size)
{
    size_t width = 0;

    for (size_t i = 0; i < size; i++)
        width += ((unsigned char)word[i] & 0xc0) != 0x80;
    return width;
}

static void begin_line(struct comment *comment)
{
    if (comment->lines++ > 0)
        sn_buffer_append(comment->out, "\n", 1);
    sn_buffer_fill(comment->out, ' ', comment->indent);
    sn_buffer_puts(comment->out, comment->lines == 1 ? "/*" : " *");
    comment->column = comment->indent + 2;
}

/* Write a word with what would begin or end a comment taken apart. */
static void put_word(struct comment *comment, const char *word, size_t size)
{
    sn_buffer_append(comment->out, " ", 1);
    comment->column += 1 + word_width(word, size);
    for (size_t i = 0; i < size; i++) {
        bool apart = i > 0 && ((word[i - 1] == '*' && word[i] == '/') ||
                               (word[i - 1] == '/' && word[i] == '*'));

        if (apart) {
            sn_buffer_append(comment->out, " ", 1);
            comment->column++;
        }
        sn_buffer_append(comment->out, word + i, 1);
    }
}

/* One paragraph, ended by a newline or the end. Returns where the next one begins. */
static const char *put_paragraph(struct comment *comment, const char *text)
{
    size_t words = 0;

    begin_line(comment);
    while (*text != '\0' && *text != '\n') {
        size_t size = word_size(text);

        if (size == 0) {
            text++;
            continue;
        }
        /* 3: room for the end of the comment */
        if (words > 0 && comment->column + 1 + word_width(text, size) + 3 > PAGE) {
            begin_line(comment);
            words = 0;
        }
        put_word(comment, text, size);
        words++;
        text += size;
    }
    return *text == '\n' ? text + 1 : text;
}

/* The last newlines of a text say nothing. */
static bool only_space_left(const char *text)
{
    return text[strspn(text, " \t\r\n")] == '\0';
}

void sn_layout_comment(struct sn_buffer *out, size_t indent, const char *doc, const char *origin)
{
    struct comment comment = {.out = out, .indent = indent};

    while (doc != NULL && !only_space_left(doc))
        doc = put_paragraph(&comment, doc);
    if (origin != NULL)
        put_paragraph(&comment, origin);
    if (comment.lines > 0)
        sn_buffer_puts(out, " */\n");
}

void sn_layout_heading(struct sn_buffer *out, const char *title)
{
    size_t used = strlen("/* ----  */") + strlen(title) + 1;

    sn_buffer_puts(out, "\n/* ---- ");
    sn_buffer_puts(out, title);
    sn_buffer_append(out, " ", 1);
    sn_buffer_fill(out, '-', used + 8 < PAGE ? PAGE - used : 8);
    sn_buffer_puts(out, " */\n\n");
}
