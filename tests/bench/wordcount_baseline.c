/* SPDX-License-Identifier: MIT */
/*
 * What examples/wordcount is measured against: one thread, no actors, no messages. A plain loop
 * looks each byte up in a table of classes, makes words small in place and counts them in a hash
 * table with open addressing and XXH3. That table is the example's own (table.c; words of up to 16
 * bytes lie in their slots), but words are counted at once, not put off; and so is the printing
 * (ranking.c).
 *
 *   wordcount-baseline [FILE...]        prints all words as `wordcount --top 0` does
 */
#include "ranking.h"
#include "table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORD_MAX = 1024 * 1024, READ_SIZE = 256 * 1024 };

/* The letter in lower case; 0 for every other byte. */
static void fill_classes(uint8_t lower[256])
{
    memset(lower, 0, 256);
    for (int letter = 'a'; letter <= 'z'; letter++)
        lower[letter] = lower[letter - 'a' + 'A'] = (uint8_t)letter;
}

/* Count the words that end before `end`, where a 0 stands. Returns how many bytes the last one
 * has, which goes on behind the end; -ENOMEM. */
static int64_t count_chunk(struct table *table, const uint8_t lower[256], uint8_t *at,
                           const uint8_t *end)
{
    for (;;) {
        uint8_t *word, letter;

        while (at < end && lower[*at] == 0)
            at++;
        word = at;
        while ((letter = lower[*at]) != 0)
            *at++ = letter;
        if (at >= end)
            return at - word;
        if (table_count(table, word, (size_t)(at - word), 1) != 0)
            return -ENOMEM;
    }
}

static int count_file(struct table *table, uint8_t *buffer, int fd)
{
    uint8_t lower[256];
    int64_t rest = 0;
    ssize_t got;

    fill_classes(lower);
    while ((got = read(fd, buffer + rest, READ_SIZE)) > 0) {
        uint8_t *end = buffer + rest + got;

        *end = 0;
        rest = count_chunk(table, lower, buffer, end);
        if (rest < 0 || rest > WORD_MAX)
            return rest < 0 ? (int)rest : -E2BIG;
        memmove(buffer, end - rest, (size_t)rest);
    }
    if (got < 0)
        return -errno;
    return rest > 0 ? table_count(table, buffer, (size_t)rest, 1) : 0;
}

static int count_path(struct table *table, uint8_t *buffer, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int rc;

    if (fd < 0)
        return -errno;
    rc = count_file(table, buffer, fd);
    close(fd);
    return rc;
}

static int print(const struct table *table)
{
    struct ranking ranking = {0};
    const uint8_t *word;
    uint64_t place = 0, count;
    size_t size;
    int rc = 0;

    while (rc == 0 && (count = table_next(table, &place, &word, &size)) != 0)
        rc = ranking_add(&ranking, word, size, count);
    if (rc == 0)
        rc = ranking_print(&ranking, 0, stdout);
    ranking_fini(&ranking);
    return rc;
}

int main(int argc, char **argv)
{
    struct table table = {0};
    uint8_t *buffer = malloc(WORD_MAX + READ_SIZE + 1);
    int rc = buffer != NULL ? 0 : -ENOMEM;

    if (rc == 0 && argc == 1)
        rc = count_file(&table, buffer, STDIN_FILENO);
    for (int i = 1; rc == 0 && i < argc; i++)
        rc = count_path(&table, buffer, argv[i]);
    if (rc == 0)
        rc = print(&table);
    if (rc != 0)
        fprintf(stderr, "wordcount-baseline: %s\n", strerror(-rc));
    free(buffer);
    table_fini(&table);
    return rc != 0;
}
