/* SPDX-License-Identifier: MIT */
#ifndef WORDCOUNT_RANKING_H
#define WORDCOUNT_RANKING_H

/* What was counted, in the order in which it is printed. */

#include "arena.h"

#include <stdio.h>

struct ranked_word {
    uint64_t count;
    const uint8_t *word;
    size_t size;
};

/* All zero is an empty ranking. */
struct ranking {
    struct ranked_word *rows;
    size_t count, capacity;
    struct arena words;
};

/** Add a word, which is copied. Returns 0 or -ENOMEM. */
int ranking_add(struct ranking *ranking, const uint8_t *word, size_t size, uint64_t count);

/**
 * Sort, and print `count word` a line: the largest count first, then by word.
 *
 * @top  the most lines; 0: all.
 *
 * Returns  0; -errno if it could not be written.
 */
int ranking_print(struct ranking *ranking, size_t top, FILE *file);

/** Free everything; an empty ranking is allowed. */
void ranking_fini(struct ranking *ranking);

#endif
