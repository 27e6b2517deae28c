/* SPDX-License-Identifier: MIT */
/**
 * Statements about one value: what measuring, moving and visiting it share.
 *
 * The statements work on a result `rc` and go on while it is 0. Where rc is known to be 0 nothing
 * asks for it, so that the output reads as if somebody had thought about it.
 */
#ifndef SNGEN_EMIT_WALK_H
#define SNGEN_EMIT_WALK_H

#include "emit/emitter.h"

/* Statements being written about one value. */
struct sn_walk {
    struct sn_emit *emit;
    struct sn_buffer *out;
    struct sn_buffer *locals; /* of moving: declarations at the top of the function */
    const char *verb;         /* keep or pass */
    const char *size;         /* the address of the sum of bytes, NULL: nobody needs it */
    const char *sum;          /* the sum itself */
    const char *cursor;       /* the address of the cursor */
    const char *actor;
    bool fresh;    /* rc is known to be 0 here */
    bool declares; /* and the first step is to declare it */
};

/** Where the statements are going to stand decides what they call the size and the others. */
struct sn_walk sn_walk_of(struct sn_emit *emit, struct sn_buffer *out, enum sn_put_place place);
/** The spaces in front of a line. */
const char *sn_walk_indent(struct sn_emit *emit, size_t depth);
/** The name of a loop's index. */
const char *sn_walk_index(struct sn_emit *emit, size_t depth);
/** The address of a value: of `(*value)` it is `value`. */
const char *sn_walk_address(struct sn_emit *emit, const char *value);
/** Begin a block by its head. Returns where its text begins. */
size_t sn_walk_begin(struct sn_walk *walk, size_t depth, const char *head);
/** End it; a single statement stands without braces. */
void sn_walk_end(struct sn_walk *walk, size_t depth, size_t start);
/** Whether the text from `start` on is one plain statement. */
bool sn_walk_is_single(const struct sn_buffer *out, size_t start);
/** Begin a loop over the items of a list or array. @condition  in front of `i < count`. */
size_t sn_walk_loop(struct sn_walk *walk, const struct sn_type *type, const char *value,
                    const char *condition, size_t depth);
/** One item, inside of the loop. @wrapped  the array is one in a struct with `items`. */
const char *sn_walk_item(struct sn_walk *walk, const struct sn_type *type, const char *value,
                         bool wrapped, size_t depth);
/** `if (rc == 0 && condition) rc = call;`, as far as there is something to ask. */
void sn_walk_step(struct sn_walk *walk, size_t depth, const char *condition, const char *call);

#endif
