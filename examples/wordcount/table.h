/* SPDX-License-Identifier: MIT */
#ifndef WORDCOUNT_TABLE_H
#define WORDCOUNT_TABLE_H

#include "arena.h"

/* How often each word was seen. All zero is an empty table. See table.c. */
struct table {
    struct table_slot *slots;
    size_t capacity; /* slots: 0 or a power of two */
    size_t count;    /* words */
    struct arena long_words;
};

/** Count a word of 1 to UINT32_MAX bytes once more. Returns 0 or -ENOMEM: nothing has changed. */
int table_count(struct table *table, const uint8_t *word, size_t size);

/**
 * Walk over the words, in no order.
 *
 * @place  in/out: begins at 0. Counting new words invalidates it.
 *
 * Returns  how often the word at the place was seen; 0 behind the last one.
 * Owns     the table: the word lives until the table changes.
 */
uint64_t table_next(const struct table *table, uint64_t *place, const uint8_t **ret_word,
                    size_t *ret_size);

/** Free everything; an empty table is allowed. */
void table_fini(struct table *table);

#endif
