/* SPDX-License-Identifier: MIT */
/* usage: caf-peer --list | [--row NAME] [--runs N] [--quick]; one JSON object a row. */
#include "rows.hpp"
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

static void run_row(const row &row, unsigned runs, bool quick)
{
    auto operations = quick ? std::max<uint64_t>(row.operations / 100, 2000) : row.operations;
    std::vector<double> values;

    /* One unmeasured run warms up; for memory one run is all, as a second finds the heap grown. */
    if (strcmp(row.unit, "bytes") != 0)
        row.run(row.schedulers, operations);
    else
        runs = 1;
    for (unsigned i = 0; i < runs; i++)
        values.push_back(row.run(row.schedulers, operations));
    std::sort(values.begin(), values.end());
    auto rank = [&](unsigned percent) {
        return values[std::max(1u, (runs * percent + 99) / 100) - 1];
    };
    printf("{\"name\": \"%s\", \"unit\": \"%s\", \"min\": %.2f, \"median\": %.2f, \"p95\": %.2f, "
           "\"max\": %.2f, \"runs\": %u, \"parameters\": {\"schedulers\": %u, \"operations\": "
           "%llu}}\n",
           row.name, row.unit, values.front(), rank(50), rank(95), values.back(), runs,
           row.schedulers, static_cast<unsigned long long>(operations));
    fflush(stdout);
}

int main(int argc, char **argv)
{
    const char *only = nullptr;
    unsigned runs = 5;
    bool list = false, quick = false;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--list") == 0)
            list = true;
        else if (strcmp(argv[i], "--quick") == 0)
            quick = true;
        else if (strcmp(argv[i], "--row") == 0 && i + 1 < argc)
            only = argv[++i];
        else if (strcmp(argv[i], "--runs") == 0 && i + 1 < argc)
            runs = static_cast<unsigned>(std::max(1, atoi(argv[++i])));
        else
            return fprintf(stderr, "usage: caf-peer --list | [--row NAME] [--runs N] [--quick]\n"),
                   2;
    }
    for (unsigned i = 0; i < row_count; i++) {
        if (only != nullptr && strcmp(only, rows[i].name) != 0)
            continue;
        if (list)
            printf("%s\n", rows[i].name);
        else
            run_row(rows[i], runs, quick);
    }
    return 0;
}
