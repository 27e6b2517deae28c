/* SPDX-License-Identifier: MIT */
/* bank [--shards N] [--seed S] [--seeds COUNT] [--accounts N] [--transfers N] [--fail PER_MILLE] */
#include "trial.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { EXIT_USAGE = 2, TRANSFERS = 10000, TRANSFERS_OF_MANY = 500 };

struct options {
    uint64_t shards, seed, seeds, accounts, transfers, fail;
};

static const char usage[] =
    "usage: bank [--shards N] [--seed S] [--seeds COUNT] [--accounts N] [--transfers N]\n"
    "            [--fail PER_MILLE]\n"
    "Moves money at random between accounts whose handlers fail on purpose, and checks that none\n"
    "was made or lost and that each transfer was answered once.\n"
    "  --shards N          threads of the bank; without it one for each core\n"
    "  --seed S            of the first trial (1)\n"
    "  --seeds COUNT       so many trials with the seeds from S on (1)\n"
    "  --accounts N        1 to 256 (64)\n"
    "  --transfers N       a trial (10000; with several seeds 500)\n"
    "  --fail PER_MILLE    how often a handler fails (20)\n";

static const struct option longs[] = {{"shards", required_argument, NULL, 'n'},
                                      {"seed", required_argument, NULL, 's'},
                                      {"seeds", required_argument, NULL, 'c'},
                                      {"accounts", required_argument, NULL, 'a'},
                                      {"transfers", required_argument, NULL, 't'},
                                      {"fail", required_argument, NULL, 'f'},
                                      {"help", no_argument, NULL, 'h'},
                                      {NULL, 0, NULL, 0}};

static bool parse_number(const char *text, uint64_t min, uint64_t max, uint64_t *ret_number)
{
    unsigned long long number;
    char *end;

    errno = 0;
    number = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || number < min || number > max)
        return false;
    *ret_number = number;
    return true;
}

static bool set_option(struct options *options, int letter, const char *value)
{
    switch (letter) {
    case 'n':
        return parse_number(value, 1, 1023, &options->shards);
    case 's':
        return parse_number(value, 1, UINT32_MAX, &options->seed);
    case 'c':
        return parse_number(value, 1, UINT32_MAX, &options->seeds);
    case 'a':
        return parse_number(value, 1, BANK_MAX_ACCOUNTS, &options->accounts);
    case 't':
        return parse_number(value, 1, UINT32_MAX, &options->transfers);
    default:
        return parse_number(value, 0, 1000, &options->fail);
    }
}

/* Returns -1, or with what to exit. */
static int parse(int argc, char **argv, struct options *options)
{
    int letter, index = 0;

    while ((letter = getopt_long(argc, argv, "", longs, &index)) != -1) {
        if (letter == 'h') {
            fputs(usage, stdout);
            return EXIT_SUCCESS;
        }
        if (letter != '?' && set_option(options, letter, optarg))
            continue;
        if (letter != '?')
            fprintf(stderr, "bank: --%s does not take '%s'\n", longs[index].name, optarg);
        fputs(usage, stderr);
        return EXIT_USAGE;
    }
    if (optind < argc) {
        fprintf(stderr, "bank: what is '%s'?\n%s", argv[optind], usage);
        return EXIT_USAGE;
    }
    if (options->transfers == 0)
        options->transfers = options->seeds > 1 ? TRANSFERS_OF_MANY : TRANSFERS;
    return -1;
}

static struct trial trial_of(const struct options *options, uint64_t number)
{
    return (struct trial){.seed = options->seed + number,
                          .shards = (uint32_t)options->shards,
                          .accounts = options->accounts,
                          .transfers = options->transfers,
                          .fail_per_mille = (uint32_t)options->fail};
}

static void print(const struct trial *trial, const struct trial_result *result)
{
    printf("seed %" PRIu64 ": %" PRIu64 " done, %" PRIu64 " without funds, %" PRIu64
           " failed; %" PRIu64 " restarts; %" PRId64 " in all accounts\n",
           trial->seed, result->done, result->no_funds, result->failed, result->stats.restarts,
           result->sum);
}

int main(int argc, char **argv)
{
    struct options options = {.seed = 1, .seeds = 1, .accounts = 64, .fail = 20};
    int exit_with = parse(argc, argv, &options);
    uint64_t bad = 0;

    if (exit_with >= 0)
        return exit_with;
    for (uint64_t i = 0; i < options.seeds; i++) {
        struct trial trial = trial_of(&options, i);
        struct trial_result result;
        int rc = trial_run(&trial, &result);
        const char *wrong = rc == 0 ? trial_judge(&trial, &result) : bank_result_name(rc);

        if (wrong != NULL)
            fprintf(stderr, "bank: seed %" PRIu64 ": %s\n", trial.seed, wrong);
        if (wrong != NULL || options.seeds == 1)
            print(&trial, &result);
        bad += wrong != NULL;
    }
    if (options.seeds > 1)
        printf("%" PRIu64 " of %" PRIu64 " trials are right\n", options.seeds - bad, options.seeds);
    return bad > 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
