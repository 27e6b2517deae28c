/* SPDX-License-Identifier: MIT */
/*
 * sn-bench: list the rows, choose some, run them, print them.
 *
 * Rows go to standard output, in the order of the tables below, each as soon as it is measured; in
 * JSON the header goes to standard error, so that every line of standard output is a row. A row
 * that fails is named on standard error and makes the exit status 1, but the others still run.
 */
#include "report.h"
#include <errno.h>
#include <fnmatch.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const struct bench_table *const tables[] = {
    &bench_limit_one, &bench_limit_two, &bench_load, &bench_foreign, &bench_timers,
    &bench_routes,    &bench_savina,    &bench_idle, &bench_lives,
#ifdef SN_BENCH_PROGRAMS
    &bench_programs,
#endif
};

struct options {
    const char *filter;
    struct bench_plan plan;
    bool list, json, header, quick, help;
    int cpus[BENCH_CPUS_MAX];
    unsigned cpu_count;
};

static const char usage[] =
    "usage: sn-bench [OPTION...]\n"
    "  --list          print the names of the rows and stop\n"
    "  --filter GLOB   only rows whose name matches, as in 'limit/*'\n"
    "  --runs N        measured runs a row, 1 to 1000 (default 11; one more warms up)\n"
    "  --json          one JSON object a row on standard output\n"
    "  --header        print the machine's description and stop\n"
    "  --cpus A,B,...  the CPUs to pin to, in this order\n"
    "  --quick         tiny runs: to see that they work, not to read the figures\n"
    "  --timeout N     seconds after which a row is given up (default 120)\n"
    "  --in-process    no process a row: for perf, gdb and callgrind\n";

static bool parse_number(const char *text, unsigned low, unsigned high, unsigned *ret_number)
{
    char *end;
    unsigned long number;

    errno = 0;
    number = strtoul(text, &end, 10);
    if (end == text || *end != '\0' || *text == '-' || errno != 0 || number < low || number > high)
        return false;
    *ret_number = (unsigned)number;
    return true;
}

static bool parse_cpus(const char *text, struct options *options)
{
    do {
        char *end;
        long cpu = strtol(text, &end, 10);

        if (end == text || (*end != ',' && *end != '\0') || cpu < 0 || cpu > 1023 ||
            options->cpu_count == BENCH_CPUS_MAX)
            return false;
        options->cpus[options->cpu_count++] = (int)cpu;
        text = *end == ',' ? end + 1 : end;
    } while (*text != '\0');
    return true;
}

static bool parse_option(int letter, struct options *options)
{
    bool *flags[] = {['l'] = &options->list,
                     ['j'] = &options->json,
                     ['H'] = &options->header,
                     ['q'] = &options->quick,
                     ['p'] = &options->plan.in_process,
                     ['h'] = &options->help};

    switch (letter) {
    case 'f':
        options->filter = optarg;
        return true;
    case 'r':
        return parse_number(optarg, 1, BENCH_RUNS_MAX, &options->plan.runs);
    case 't':
        return parse_number(optarg, 1, 86400, &options->plan.timeout_s);
    case 'c':
        options->cpu_count = 0;
        return parse_cpus(optarg, options);
    default:
        if (letter == '?')
            return false;
        *flags[letter] = true;
        return true;
    }
}

static bool parse(int argc, char **argv, struct options *options)
{
    static const struct option longs[] = {
        {"list", no_argument, NULL, 'l'},
        {"filter", required_argument, NULL, 'f'},
        {"runs", required_argument, NULL, 'r'},
        {"json", no_argument, NULL, 'j'},
        {"header", no_argument, NULL, 'H'},
        {"cpus", required_argument, NULL, 'c'},
        {"quick", no_argument, NULL, 'q'},
        {"timeout", required_argument, NULL, 't'},
        {"in-process", no_argument, NULL, 'p'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0},
    };
    bool good = true;
    int letter;

    while (good && (letter = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        good = parse_option(letter, options);
        if (!good && letter != '?')
            fprintf(stderr, "sn-bench: bad value '%s'\n", optarg);
    }
    if (good && optind < argc) {
        fprintf(stderr, "sn-bench: unexpected argument '%s'\n", argv[optind]);
        good = false;
    }
    return good;
}

static bool is_chosen(const struct options *options, const struct bench_row *row)
{
    return options->filter == NULL || fnmatch(options->filter, row->name, 0) == 0;
}

/* Returns false when the row failed. */
static bool run_row(const struct options *options, struct bench_context *context,
                    const struct bench_row *row)
{
    struct bench_result result = {.runs = 0};

    context->row = row;
    int rc = bench_row_run(context, &options->plan, &result);
    if (rc == 0 && options->json)
        bench_report_row_json(stdout, row, &result);
    else if (rc == 0)
        bench_report_row(stdout, row, &result);
    else if (rc == BENCH_SKIPPED)
        fprintf(stderr, "sn-bench: %s: left out, it needs more CPUs than there are\n", row->name);
    else
        fprintf(stderr, "sn-bench: %s: failed: %s\n", row->name, strerror(-rc));
    fflush(stdout);
    return rc == 0 || rc == BENCH_SKIPPED;
}

/* Visit the chosen rows. Returns the exit status: 2 when the filter chose none. */
static int visit_rows(const struct options *options, struct bench_context *context)
{
    unsigned chosen = 0, failed = 0;

    for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
        for (size_t i = 0; i < tables[t]->count; i++) {
            const struct bench_row *row = &tables[t]->rows[i];

            if (!is_chosen(options, row))
                continue;
            chosen++;
            if (options->list)
                printf("%s\n", row->name);
            else if (!run_row(options, context, row))
                failed++;
        }
    }
    if (chosen == 0)
        fprintf(stderr, "sn-bench: no row matches '%s'\n", options->filter);
    return chosen == 0 ? 2 : failed != 0;
}

static void print_header(const struct options *options, const struct bench_context *context)
{
    struct bench_machine machine;

    bench_machine_read(context->cpus[0], &machine);
    if (options->header && options->json) {
        bench_report_header_json(stdout, &machine, context);
        return;
    }
    bench_report_header(options->json ? stderr : stdout, &machine, context);
    if (!options->json && !options->header)
        bench_report_titles(stdout);
}

int main(int argc, char **argv)
{
    struct options options = {.plan = {.runs = 11, .warm_up_runs = 1, .timeout_s = 120}};
    struct bench_context context = {.row = NULL};

    options.cpu_count = bench_machine_cpus(options.cpus, BENCH_CPUS_MAX);
    if (!parse(argc, argv, &options) || options.help) {
        fputs(usage, options.help ? stdout : stderr);
        return options.help ? 0 : 2;
    }
    memcpy(context.cpus, options.cpus, sizeof context.cpus);
    context.cpu_count = options.cpu_count;
    context.quick = options.quick;
    if (!options.list)
        print_header(&options, &context);
    return options.header ? 0 : visit_rows(&options, &context);
}
