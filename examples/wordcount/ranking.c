/* SPDX-License-Identifier: MIT */
#include "ranking.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 1024 };

int ranking_add(struct ranking *ranking, const uint8_t *word, size_t size, uint64_t count)
{
    if (ranking->count == ranking->capacity) {
        size_t capacity = ranking->capacity == 0 ? FIRST_CAPACITY : 2 * ranking->capacity;
        struct ranked_word *rows = realloc(ranking->rows, capacity * sizeof *rows);

        if (rows == NULL)
            return -ENOMEM;
        ranking->rows = rows;
        ranking->capacity = capacity;
    }
    word = arena_copy(&ranking->words, word, size);
    if (word == NULL)
        return -ENOMEM;
    ranking->rows[ranking->count++] = (struct ranked_word){count, word, size};
    return 0;
}

static int by_count_then_word(const void *left, const void *right)
{
    const struct ranked_word *a = left, *b = right;
    int order;

    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    order = memcmp(a->word, b->word, a->size < b->size ? a->size : b->size);
    return order != 0 ? order : (a->size > b->size) - (a->size < b->size);
}

int ranking_print(struct ranking *ranking, size_t top, FILE *file)
{
    size_t rows = top == 0 || top > ranking->count ? ranking->count : top;

    if (ranking->count > 1)
        qsort(ranking->rows, ranking->count, sizeof *ranking->rows, by_count_then_word);
    for (size_t i = 0; i < rows; i++) {
        const struct ranked_word *row = &ranking->rows[i];

        fprintf(file, "%" PRIu64 " ", row->count);
        fwrite(row->word, 1, row->size, file);
        putc('\n', file);
    }
    return fflush(file) == 0 && ferror(file) == 0 ? 0 : errno != 0 ? -errno : -EIO;
}

void ranking_fini(struct ranking *ranking)
{
    free(ranking->rows);
    arena_fini(&ranking->words);
    *ranking = (struct ranking){0};
}
