/* SPDX-License-Identifier: MIT */
/*
 * A hash table with open addressing: XXH3, linear probing, at most half full.
 *
 * A slot is half a cache line and holds words of up to 16 bytes itself, padded with zeros (which
 * are in no word), so that counting a usual word touches one line and compares two registers. A
 * longer word lies in the arena. A slot with a count of 0 is free.
 */
#include "table.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { FIRST_CAPACITY = 1024, SHORT_WORD = 16 };

struct table_slot {
    union {
        uint8_t text[SHORT_WORD];
        const uint8_t *text_at; /* size > SHORT_WORD */
    } word;
    uint32_t hash;
    uint32_t size;
    uint64_t count;
};

static const uint8_t *word_of(const struct table_slot *slot)
{
    return slot->size <= SHORT_WORD ? slot->word.text : slot->word.text_at;
}

static bool is_word(const struct table_slot *slot, uint32_t hash, const uint8_t *word, size_t size)
{
    return slot->hash == hash && slot->size == size && memcmp(word_of(slot), word, size) == 0;
}

/* The word's slot, or the free one where it belongs. */
static struct table_slot *find(struct table_slot *slots, size_t capacity, uint32_t hash,
                               const uint8_t *word, size_t size)
{
    size_t at = hash & (capacity - 1);

    while (slots[at].count != 0 && !is_word(&slots[at], hash, word, size))
        at = (at + 1) & (capacity - 1);
    return &slots[at];
}

/* 32 bits of hash are enough for 2^31 slots; beyond that, probing only gets longer. */
static int grow(struct table *table)
{
    size_t capacity = table->capacity == 0 ? FIRST_CAPACITY : 2 * table->capacity;
    struct table_slot *slots = calloc(capacity, sizeof *slots);

    if (slots == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < table->capacity; i++) {
        const struct table_slot *old = &table->slots[i];

        if (old->count != 0)
            *find(slots, capacity, old->hash, word_of(old), old->size) = *old;
    }
    free(table->slots);
    table->slots = slots;
    table->capacity = capacity;
    return 0;
}

static int fill(struct table *table, struct table_slot *slot, const uint8_t *word, size_t size)
{
    if (size <= SHORT_WORD) {
        memcpy(slot->word.text, word, size);
        return 0;
    }
    slot->word.text_at = arena_copy(&table->long_words, word, size);
    return slot->word.text_at != NULL ? 0 : -ENOMEM;
}

int table_count(struct table *table, const uint8_t *word, size_t size)
{
    uint32_t hash = (uint32_t)XXH3_64bits(word, size);
    struct table_slot *slot;
    int rc = 2 * table->count >= table->capacity ? grow(table) : 0;

    if (rc != 0)
        return rc;
    slot = find(table->slots, table->capacity, hash, word, size);
    if (slot->count == 0) {
        rc = fill(table, slot, word, size);
        if (rc != 0)
            return rc;
        slot->hash = hash;
        slot->size = (uint32_t)size;
        table->count++;
    }
    slot->count++;
    return 0;
}

uint64_t table_next(const struct table *table, uint64_t *place, const uint8_t **ret_word,
                    size_t *ret_size)
{
    while (*place < table->capacity) {
        const struct table_slot *slot = &table->slots[(*place)++];

        if (slot->count == 0)
            continue;
        *ret_word = word_of(slot);
        *ret_size = slot->size;
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
