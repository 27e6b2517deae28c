/* SPDX-License-Identifier: MIT */
/*
 * A hash table with open addressing: XXH3, linear probing, at most half full.
 *
 * A slot is half a cache line or less and holds words of up to 16 bytes itself, so that counting a
 * usual word touches one line and compares two numbers. A longer word lies in the arena. A slot
 * with a count of 0 is free.
 *
 * With many words most slots are in no cache, and waiting for memory is most of the work. So
 * table_count_soon() only asks for the slot and puts the word into a ring; by the time that 16
 * more words have come the slot is there. Whoever reads the table settles it first.
 */
#include "table.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { FIRST_CAPACITY = 1024 };

struct table_slot {
    struct table_word word;
    uint64_t count;
};

/* `size` bytes, 0 to 8, and zeros behind them: loads that overlap instead of a loop. */
static uint64_t load(const uint8_t *at, size_t size)
{
    uint32_t head, tail;
    uint64_t all;

    _Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "text[] holds the bytes in order");
    if (size >= 8) {
        memcpy(&all, at, 8);
        return all;
    }
    if (size >= 4) {
        memcpy(&head, at, 4);
        memcpy(&tail, at + size - 4, 4);
        return head | (uint64_t)tail << (8 * (size - 4));
    }
    if (size == 0)
        return 0;
    return at[0] | (uint64_t)at[size / 2] << (8 * (size / 2)) |
           (uint64_t)at[size - 1] << (8 * (size - 1));
}

static struct table_word make_word(const uint8_t *data, size_t size)
{
    struct table_word word = {.size = (uint32_t)size};

    if (size > TABLE_SHORT) {
        word.data = data;
        word.hash = (uint32_t)XXH3_64bits(data, size);
        return word;
    }
    word.text[0] = load(data, size < 8 ? size : 8);
    word.text[1] = size > 8 ? load(data + 8, size - 8) : 0;
    word.hash = (uint32_t)XXH3_64bits(word.text, sizeof word.text); /* no loop over the size */
    return word;
}

static const uint8_t *data_of(const struct table_word *word)
{
    return word->size <= TABLE_SHORT ? (const uint8_t *)word->text : word->data;
}

static bool is_equal(const struct table_word *left, const struct table_word *right)
{
    if (left->hash != right->hash || left->size != right->size)
        return false;
    if (left->size <= TABLE_SHORT)
        return left->text[0] == right->text[0] && left->text[1] == right->text[1];
    return memcmp(left->data, right->data, left->size) == 0;
}

/* The word's slot, or the free one where it belongs. 32 bits of hash are enough for 2^31 slots;
 * beyond that probing only gets longer. */
static struct table_slot *find(struct table_slot *slots, size_t capacity,
                               const struct table_word *word)
{
    size_t at = word->hash & (capacity - 1);

    while (slots[at].count != 0 && !is_equal(&slots[at].word, word))
        at = (at + 1) & (capacity - 1);
    return &slots[at];
}

static int grow(struct table *table)
{
    size_t capacity = table->capacity == 0 ? FIRST_CAPACITY : 2 * table->capacity;
    struct table_slot *slots = calloc(capacity, sizeof *slots);

    if (slots == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < table->capacity; i++)
        if (table->slots[i].count != 0)
            *find(slots, capacity, &table->slots[i].word) = table->slots[i];
    free(table->slots);
    table->slots = slots;
    table->capacity = capacity;
    return 0;
}

static int add(struct table *table, struct table_slot *slot, const struct table_word *word)
{
    struct table_word kept = *word;

    if (word->size > TABLE_SHORT) {
        kept.data = arena_copy(&table->long_words, word->data, word->size);
        if (kept.data == NULL)
            return -ENOMEM;
    }
    *slot = (struct table_slot){.word = kept, .count = 1};
    table->count++;
    return 0;
}

static int count(struct table *table, const struct table_word *word)
{
    struct table_slot *slot;
    int rc = 2 * table->count >= table->capacity ? grow(table) : 0;

    if (rc != 0)
        return rc;
    slot = find(table->slots, table->capacity, word);
    if (slot->count == 0)
        return add(table, slot, word);
    slot->count++;
    return 0;
}

int table_count(struct table *table, const uint8_t *data, size_t size)
{
    struct table_word word = make_word(data, size);

    return count(table, &word);
}

int table_count_soon(struct table *table, const uint8_t *data, size_t size)
{
    struct table_word word = make_word(data, size);
    struct table_word *late = &table->late[table->next_late++ % TABLE_LATE];
    int rc = late->size > 0 ? count(table, late) : 0;

    *late = (struct table_word){0};
    if (rc != 0 || size > TABLE_SHORT) /* its bytes do not live as long as the ring */
        return rc == 0 ? count(table, &word) : rc;
    if (table->capacity > 0)
        __builtin_prefetch(&table->slots[word.hash & (table->capacity - 1)], 1);
    *late = word;
    return 0;
}

int table_settle(struct table *table)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < TABLE_LATE; i++) {
        if (table->late[i].size > 0)
            rc = count(table, &table->late[i]);
        table->late[i] = (struct table_word){0};
    }
    return rc;
}

uint64_t table_next(const struct table *table, uint64_t *place, const uint8_t **ret_word,
                    size_t *ret_size)
{
    while (*place < table->capacity) {
        const struct table_slot *slot = &table->slots[(*place)++];

        if (slot->count == 0)
            continue;
        *ret_word = data_of(&slot->word);
        *ret_size = slot->word.size;
        return slot->count;
    }
    return 0;
}

void table_fini(struct table *table)
{
    free(table->slots);
    arena_fini(&table->long_words);
    *table = (struct table){0};
}
