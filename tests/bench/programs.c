/* SPDX-License-Identifier: MIT */
/*
 * Whole programs: two of the examples, from exec to exit, on as many shards as the row says. The
 * build says where they are; where it does not build them this file is left out.
 */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS_DISTINCT = 20000, ARGUMENTS_MAX = 10, NUMBER_CHARACTERS = 24 };

/* The calling thread's affinity is the program's. */
static int bind_to(const struct bench_context *context, unsigned shards)
{
    cpu_set_t set;

    if (shards > context->cpu_count)
        return BENCH_SKIPPED;
    CPU_ZERO(&set);
    for (unsigned i = 0; i < shards; i++)
        CPU_SET((size_t)context->cpus[i], &set);
    return sched_setaffinity(0, sizeof set, &set) == 0 ? 0 : -errno;
}

/* Returns 0; -EPROTO when the program failed; another negative errno. */
static int run_program(char *const *arguments, uint64_t *ret_ns)
{
    posix_spawn_file_actions_t actions;
    uint64_t start_ns;
    pid_t child;
    int status, rc = -posix_spawn_file_actions_init(&actions);

    if (rc != 0)
        return rc;
    rc = -posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    start_ns = bench_now_ns();
    if (rc == 0)
        rc = -posix_spawn(&child, arguments[0], &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (rc != 0)
        return rc;
    if (waitpid(child, &status, 0) != child)
        return -errno;
    *ret_ns = bench_now_ns() - start_ns;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 : -EPROTO;
}

static int bank(const struct bench_context *context, struct bench_sample *ret_sample)
{
    uint64_t operations = bench_operations(context), ns = 0;
    unsigned shards = (unsigned)bench_parameter(context, "shards");
    char transfers[NUMBER_CHARACTERS], count[NUMBER_CHARACTERS], failures[NUMBER_CHARACTERS];
    char *const arguments[ARGUMENTS_MAX] = {SN_BENCH_BANK, "--shards", count,    "--transfers",
                                            transfers,     "--fail",   failures, NULL};
    int rc = bind_to(context, shards);

    snprintf(count, sizeof count, "%u", shards);
    snprintf(transfers, sizeof transfers, "%llu", (unsigned long long)operations);
    snprintf(failures, sizeof failures, "%llu",
             (unsigned long long)bench_parameter(context, "fail_per_mille"));
    if (rc == 0)
        rc = run_program(arguments, &ns);
    ret_sample->value = (double)ns / (double)operations;
    return rc;
}

static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

/* A word of three to ten letters: numbers in base 26, common ones more often than rare ones. */
static void write_word(FILE *file, uint64_t *random)
{
    uint64_t rank = next_random(random) % WORDS_DISTINCT * (next_random(random) % WORDS_DISTINCT);
    uint64_t number = (rank / WORDS_DISTINCT + 1) * 2654435761u;

    for (unsigned i = 0; i < 3 + number % 8; i++)
        putc('a' + (int)((number >> (3 * i)) % 26), file);
    putc(next_random(random) % 12 == 0 ? '\n' : ' ', file);
}

/* Text in memory, so that no disk is measured. Returns a descriptor that a
 * child inherits; < 0 negative errno. */
static int make_text(uint64_t words)
{
    int fd = memfd_create("words", 0);
    int copy = fd >= 0 ? dup(fd) : -1;
    FILE *file = copy >= 0 ? fdopen(copy, "w") : NULL;
    uint64_t random = 1;
    bool good = file != NULL;

    for (uint64_t i = 0; good && i < words; i++)
        write_word(file, &random);
    if (file != NULL)
        good = fclose(file) == 0;
    if (good)
        return fd;
    if (fd >= 0)
        close(fd);
    return -EIO;
}

static int wordcount(const struct bench_context *context, struct bench_sample *ret_sample)
{
    uint64_t operations = bench_operations(context), ns = 0;
    unsigned shards = (unsigned)bench_parameter(context, "shards");
    char count[NUMBER_CHARACTERS], path[NUMBER_CHARACTERS];
    char *const arguments[ARGUMENTS_MAX] = {SN_BENCH_WORDCOUNT, "--shards", count, path, NULL};
    int rc = bind_to(context, shards);

    if (rc != 0)
        return rc;
    int text = make_text(operations);
    if (text < 0)
        return text;
    snprintf(count, sizeof count, "%u", shards);
    snprintf(path, sizeof path, "/dev/fd/%d", text);
    rc = run_program(arguments, &ns);
    close(text);
    ret_sample->value = (double)ns / (double)operations;
    return rc;
}

static const struct bench_row rows[] = {
    {"wordcount/same-shard", "ns", wordcount, {{"operations", 8000000}, {"shards", 1}}},
    {"wordcount/cross-shard", "ns", wordcount, {{"operations", 8000000}, {"shards", 2}}},
    {"bank/same-shard", "ns", bank, {{"operations", 200000}, {"shards", 1}, {"fail_per_mille", 0}}},
    {"bank/cross-shard",
     "ns",
     bank,
     {{"operations", 200000}, {"shards", 2}, {"fail_per_mille", 0}}},
};

const struct bench_table bench_programs = BENCH_TABLE(rows);
