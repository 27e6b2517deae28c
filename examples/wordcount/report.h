/* SPDX-License-Identifier: MIT */
#ifndef WORDCOUNT_REPORT_H
#define WORDCOUNT_REPORT_H

/* What was counted, in the order in which it is printed. */

#include "arena.h"

#include <stdio.h>

struct report_row {
    uint64_t count;
    const uint8_t *word;
    size_t size;
};

/* All zero is an empty report. */
struct report {
    struct report_row *rows;
    size_t count, capacity;
    struct arena words;
};

/** Add a word, which is copied. Returns 0 or -ENOMEM. */
int report_add(struct report *report, const uint8_t *word, size_t size, uint64_t count);

/**
 * Sort, and print `count word` a line: the largest count first, then by word.
 *
 * @top  the most lines; 0: all.
 *
 * Returns  0; -errno if it could not be written.
 */
int report_print(struct report *report, size_t top, FILE *file);

/** Free everything; an empty report is allowed. */
void report_fini(struct report *report);

#endif
