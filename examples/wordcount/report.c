/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 1024 };

int report_add(struct report *report, const uint8_t *word, size_t size, uint64_t count)
{
    if (report->count == report->capacity) {
        size_t capacity = report->capacity == 0 ? FIRST_CAPACITY : 2 * report->capacity;
        struct report_row *rows = realloc(report->rows, capacity * sizeof *rows);

        if (rows == NULL)
            return -ENOMEM;
        report->rows = rows;
        report->capacity = capacity;
    }
    word = arena_copy(&report->words, word, size);
    if (word == NULL)
        return -ENOMEM;
    report->rows[report->count++] = (struct report_row){count, word, size};
    return 0;
}

static int by_count_then_word(const void *left, const void *right)
{
    const struct report_row *a = left, *b = right;
    int order;

    if (a->count != b->count)
        return a->count > b->count ? -1 : 1;
    order = memcmp(a->word, b->word, a->size < b->size ? a->size : b->size);
    return order != 0 ? order : (a->size > b->size) - (a->size < b->size);
}

int report_print(struct report *report, size_t top, FILE *file)
{
    size_t rows = top == 0 || top > report->count ? report->count : top;

    if (report->count > 1)
        qsort(report->rows, report->count, sizeof *report->rows, by_count_then_word);
    for (size_t i = 0; i < rows; i++) {
        const struct report_row *row = &report->rows[i];

        fprintf(file, "%" PRIu64 " ", row->count);
        fwrite(row->word, 1, row->size, file);
        putc('\n', file);
    }
    return fflush(file) == 0 && ferror(file) == 0 ? 0 : errno != 0 ? -errno : -EIO;
}

void report_fini(struct report *report)
{
    free(report->rows);
    arena_fini(&report->words);
    *report = (struct report){0};
}
