/* SPDX-License-Identifier: MIT */
/*
 * What examples/wordcount is measured against: the same words, table and report in one plain loop
 * on one thread, without actors, messages and queues. It reads in pieces of 256 KiB and hashes by
 * XXH3 into a table with open addressing; the code for that is the example's own (words.c,
 * table.c, ranking.c), so that the difference is what the framework costs and brings.
 *
 *   wordcount-baseline [FILE...]        prints all words as `wordcount --top 0` does
 */
#include "ranking.h"
#include "table.h"
#include "words.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { WORD_MAX = 1024 * 1024 };

static int count_file(struct table *table, struct words *words, int fd)
{
    const uint8_t *word;
    size_t size;
    int64_t got;
    int rc = 0;

    words_begin(words, 0, false);
    do {
        got = words_read(words, fd);
        while (rc == 0 && got >= 0 && words_next(words, &word, &size))
            rc = table_count(table, word, size);
    } while (rc == 0 && got > 0);
    return got < 0 ? (int)got : rc == 0 && words->too_long ? -E2BIG : rc;
}

static int count_path(struct table *table, struct words *words, const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int rc;

    if (fd < 0)
        return -errno;
    rc = count_file(table, words, fd);
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
    struct words words;
    int rc = words_init(&words, WORD_MAX);

    if (rc == 0 && argc == 1)
        rc = count_file(&table, &words, STDIN_FILENO);
    for (int i = 1; rc == 0 && i < argc; i++)
        rc = count_path(&table, &words, argv[i]);
    if (rc == 0)
        rc = print(&table);
    if (rc != 0)
        fprintf(stderr, "wordcount-baseline: %s\n", strerror(-rc));
    words_fini(&words);
    table_fini(&table);
    return rc != 0;
}
