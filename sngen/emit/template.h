/* SPDX-License-Identifier: MIT */
/**
 * Templates that look like their output, and the layout of the lines that come from them.
 */
#ifndef SNGEN_EMIT_TEMPLATE_H
#define SNGEN_EMIT_TEMPLATE_H

#include "base/arena.h"
#include "base/buffer.h"

/* One value of a template: ${name}. */
struct sn_template_slot {
    const char *name; /* NULL ends a list */
    const char *text;
};

/* A slot list in place: SN_SLOTS({"worker", name}, {"pool", pool}). */
#define SN_SLOTS(...)                 \
    (const struct sn_template_slot[]) \
    {                                 \
        __VA_ARGS__,                  \
        {                             \
            NULL, NULL                \
        }                             \
    }

/**
 * Fill a template in and append it.
 *
 * A line that consists of one slot only vanishes if the slot is empty. Lines of code longer than
 * the page are broken as clang-format would; so templates write each statement on one line.
 *
 * @slots  may be NULL: the template has none. A name that is not there is a mistake of the
 *         emitter: the output gets #error, which no golden file survives.
 */
void sn_template_write(struct sn_buffer *out, const char *text,
                       const struct sn_template_slot *slots);

/** A part of a larger template, as a string in an arena: its lines are not broken yet. "" without
 * memory. */
const char *sn_template_text(struct sn_arena *arena, const char *text,
                             const struct sn_template_slot *slots);

/** Append one line of code (without its newline), broken where it is longer than the page. */
void sn_layout_line(struct sn_buffer *out, const char *line, size_t size);

/**
 * Append a comment: paragraphs of text, folded to the page.
 *
 * @indent  columns in front of it.
 * @doc     free text of a schema, or NULL; made harmless where it would end the comment.
 * @origin  the last line; or NULL.
 */
void sn_layout_comment(struct sn_buffer *out, size_t indent, const char *doc, const char *origin);

/** Append a heading: a comment that runs to the edge of the page, between empty lines. */
void sn_layout_heading(struct sn_buffer *out, const char *title);

#endif
