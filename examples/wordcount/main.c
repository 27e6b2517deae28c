/* SPDX-License-Identifier: MIT */
/* wordcount [--shards N] [--top K] [FILE...] */
#include "progress.h"
#include "ranking.h"
#include "readers.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_USAGE = 2, SHARDS_MAX = 1024, TOP_DEFAULT = 10 };

struct options {
    uint32_t shards; /* 0: one a core */
    size_t top;      /* 0: all */
};

static const char usage[] =
    "usage: wordcount [--shards N] [--top K] [FILE...]\n"
    "Counts the words (ASCII letters) of the files, or of standard input.\n"
    "  --shards N  threads that count; without it one for each core\n"
    "  --top K     print the K most frequent words; 0: all of them; without it 10\n";

static bool parse_number(const char *text, uint64_t max, uint64_t *ret_number)
{
    char *end;
    unsigned long long number;

    errno = 0;
    number = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || number > max)
        return false;
    *ret_number = number;
    return true;
}

/* Returns -1, or with what to exit. */
static int parse(int argc, char **argv, struct options *options)
{
    static const struct option longs[] = {{"shards", required_argument, NULL, 's'},
                                          {"top", required_argument, NULL, 't'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    uint64_t number;
    int letter;

    while ((letter = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        if (letter == 's' && parse_number(optarg, SHARDS_MAX, &number) && number > 0) {
            options->shards = (uint32_t)number;
        } else if (letter == 't' && parse_number(optarg, SIZE_MAX, &number)) {
            options->top = number;
        } else if (letter == 'h') {
            fputs(usage, stdout);
            return EXIT_SUCCESS;
        } else {
            if (letter != '?')
                fprintf(stderr, "wordcount: '%s' is not a number that --%s takes\n", optarg,
                        letter == 's' ? "shards" : "top");
            fputs(usage, stderr);
            return EXIT_USAGE;
        }
    }
    return -1;
}

/* One line for each input that was not counted in full. Returns how many there are. */
static size_t complain(const struct input *inputs, size_t count)
{
    size_t bad = 0;

    for (size_t i = 0; i < count; i++) {
        const char *name = strcmp(inputs[i].path, "-") == 0 ? "standard input" : inputs[i].path;

        if (inputs[i].error != 0)
            fprintf(stderr, "wordcount: %s: %s\n", name, strerror(-inputs[i].error));
        if (inputs[i].too_long)
            fprintf(stderr, "wordcount: %s: a word of more than %d letters was not counted\n", name,
                    WORDCOUNT_MAX_WORD);
        bad += inputs[i].error != 0 || inputs[i].too_long;
    }
    return bad;
}

static int count_words(struct wordcount *app, struct input *inputs, size_t count)
{
    struct sn_stats stats;
    struct readers *readers;
    int rc;

    sn_stats(app->sn, &stats);
    rc = readers_start(app, inputs, count, stats.shards, &readers);
    if (rc == 0)
        progress_show(readers);
    return rc == 0 ? readers_wait(readers) : rc;
}

/* All words of one counter, page by page. */
static int gather_from(struct wordcount *app, uint32_t counter, struct ranking *ranking)
{
    struct wordcount_page_reply page = {.next = 0};
    int rc;

    do {
        rc = wordcount_call_counters_page_at(app, counter,
                                             &(struct wordcount_page){.from = page.next}, &page);
        for (size_t i = 0; rc == 0 && i < page.entries.count; i++) {
            const struct wordcount_entry *entry = &page.entries.items[i];

            rc = ranking_add(ranking, entry->word.data, entry->word.size, entry->count);
        }
    } while (rc == 0 && page.next != 0);
    return rc;
}

/* There is a counter on each shard. */
static int gather(struct wordcount *app, struct ranking *ranking)
{
    struct sn_stats stats;
    int rc = 0;

    sn_stats(app->sn, &stats);
    for (uint32_t i = 0; rc == 0 && i < stats.shards; i++)
        rc = gather_from(app, i, ranking);
    return rc;
}

static int run(const struct options *options, struct input *inputs, size_t count)
{
    struct wordcount_options start = {.system.shards = options->shards};
    struct ranking ranking = {0};
    struct wordcount *app;
    int rc = wordcount_start(&start, &app);

    if (rc == 0)
        rc = count_words(app, inputs, count);
    if (rc == 0)
        rc = gather(app, &ranking);
    int left = wordcount_stop(app);
    if (rc == 0)
        rc = left;
    if (rc == 0)
        rc = ranking_print(&ranking, options->top, stdout);
    ranking_fini(&ranking);
    if (rc != 0)
        fprintf(stderr, "wordcount: %s\n", wordcount_result_name(rc));
    return rc;
}

int main(int argc, char **argv)
{
    struct options options = {.top = TOP_DEFAULT};
    int exit_with = parse(argc, argv, &options);
    size_t count = argc > optind ? (size_t)(argc - optind) : 1;
    struct input *inputs;
    int rc;

    if (exit_with >= 0)
        return exit_with;
    inputs = calloc(count, sizeof *inputs);
    if (inputs == NULL) {
        fprintf(stderr, "wordcount: %s\n", strerror(ENOMEM));
        return EXIT_FAILURE;
    }
    for (size_t i = 0; i < count; i++)
        inputs[i].path = argc > optind ? argv[optind + (int)i] : "-";
    rc = run(&options, inputs, count);
    if (complain(inputs, count) > 0 || rc != 0)
        exit_with = EXIT_FAILURE;
    else
        exit_with = EXIT_SUCCESS;
    free(inputs);
    return exit_with;
}
