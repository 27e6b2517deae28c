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
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { FIRST_CAPACITY = 1024 };

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

struct table_word table_word_short(const uint64_t text[2], size_t size)
{
    struct table_word word = {.text = {text[0], text[1]}, .size = (uint32_t)size};

    word.hash = (uint32_t)XXH3_64bits(word.text, sizeof word.text); /* no loop over the size */
    return word;
}

static struct table_word make_word(const uint8_t *data, size_t size)
{
    uint64_t text[2];

    if (size > TABLE_SHORT)
        return (struct table_word){
            .data = data, .size = (uint32_t)size, .hash = (uint32_t)XXH3_64bits(data, size)};
    text[0] = load(data, size < 8 ? size : 8);
    text[1] = size > 8 ? load(data + 8, size - 8) : 0;
    return table_word_short(text, size);
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
        return table_word_is(left, right);
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

/* Fill a free slot. */
static int add(struct table *table, struct table_slot *slot, const struct table_slot *more)
{
    struct table_slot added = *more;

    if (added.word.size > TABLE_SHORT) {
        added.word.data = arena_copy(&table->long_words, more->word.data, more->word.size);
        if (added.word.data == NULL)
            return -ENOMEM;
    }
    *slot = added;
    table->count++;
    return 0;
}

static int count(struct table *table, const struct table_slot *more)
{
    struct table_slot *slot;
    int rc = 2 * table->count >= table->capacity ? grow(table) : 0;

    if (rc != 0)
        return rc;
    slot = find(table->slots, table->capacity, &more->word);
    if (slot->count == 0)
        return add(table, slot, more);
    slot->count += more->count;
    return 0;
}

int table_count(struct table *table, const uint8_t *data, size_t size, uint64_t times)
{
    struct table_slot more = {make_word(data, size), times};

    return count(table, &more);
}

int table_count_soon(struct table *table, const uint8_t *data, size_t size, uint64_t times)
{
    struct table_slot more = {make_word(data, size), times};
    struct table_slot *late = &table->late[table->next_late++ % TABLE_LATE];
    int rc = late->count > 0 ? count(table, late) : 0;

    late->count = 0;
    if (rc != 0 || size > TABLE_SHORT) /* its bytes do not live as long as the ring */
        return rc == 0 ? count(table, &more) : rc;
    if (table->capacity > 0)
        __builtin_prefetch(&table->slots[more.word.hash & (table->capacity - 1)], 1);
    *late = more;
    return 0;
}

int table_settle(struct table *table)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < TABLE_LATE; i++) {
        if (table->late[i].count > 0)
            rc = count(table, &table->late[i]);
        table->late[i].count = 0;
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
