/* SPDX-License-Identifier: MIT */
#ifndef WORDCOUNT_COMBINER_H
#define WORDCOUNT_COMBINER_H

/* Adds up a reader's frequent words before they are sent. See combiner.c. */

#include "table.h"

enum { COMBINER_SLOTS = 131072 };

struct combiner_slot {
    struct table_word word;
    uint32_t count;  /* 0: the slot is free */
    uint32_t credit; /* how many other words it may turn away */
};

/* All zero is an empty combiner. */
struct combiner {
    struct combiner_slot slots[COMBINER_SLOTS]; /* by hash */
};

/**
 * Add a word once.
 *
 * @text  the word, of 1 to TABLE_SHORT bytes, with zeros behind it.
 *
 * Returns  true: send what *ret_out says, a word and how often; false: it is kept.
 */
bool combiner_add(struct combiner *combiner, const uint64_t text[2], size_t size,
                  struct table_slot *ret_out);

/** Take what is kept, word by word. @place  in/out: begins at 0. Returns false at the end. */
bool combiner_take(struct combiner *combiner, size_t *place, struct table_slot *ret_out);

#endif
