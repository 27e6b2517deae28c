/* SPDX-License-Identifier: MIT */
#ifndef WORDCOUNT_TABLE_H
#define WORDCOUNT_TABLE_H

#include "arena.h"

#include <stdbool.h>

enum { TABLE_SHORT = 16, TABLE_LATE = 16 };

/* A word of 1 to UINT32_MAX bytes. */
struct table_word {
    union {
        uint64_t text[2];    /* size <= TABLE_SHORT: the word itself, zeros behind it */
        const uint8_t *data; /* else where it lies */
    };
    uint32_t hash;
    uint32_t size;
};

/* A word, and how often. */
struct table_slot {
    struct table_word word;
    uint64_t count; /* 0: the slot is free */
};

/* How often each word was seen. All zero is an empty table. See table.c. */
struct table {
    struct table_slot *slots;
    size_t capacity; /* slots: 0 or a power of two */
    size_t count;    /* words */
    struct arena long_words;
    struct table_slot late[TABLE_LATE]; /* a ring of what is to be counted */
    uint32_t next_late;
};

/** A word as a table finds it. @text  zeros behind `size` <= TABLE_SHORT bytes. */
struct table_word table_word_short(const uint64_t text[2], size_t size);

/** Whether two short words are the same. */
static inline bool table_word_is(const struct table_word *left, const struct table_word *right)
{
    return left->text[0] == right->text[0] && left->text[1] == right->text[1];
}

/** Count a word some more times. Returns 0; -ENOMEM: nothing has changed. */
int table_count(struct table *table, const uint8_t *word, size_t size, uint64_t times);

/** The same for one of many words: it is counted by table_settle() at the latest. */
int table_count_soon(struct table *table, const uint8_t *word, size_t size, uint64_t times);

/** Count what table_count_soon() has put off. Returns 0 or -ENOMEM. */
int table_settle(struct table *table);

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
