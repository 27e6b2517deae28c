/* SPDX-License-Identifier: MIT */
/* What is printed: the header, and one line a row as text or as JSON. */
#ifndef SN_BENCH_REPORT_H
#define SN_BENCH_REPORT_H

#include "machine.h"
#include "run.h"
#include <stdio.h>

/* A few lines that start with '#'. */
void bench_report_header(FILE *out, const struct bench_machine *machine,
                         const struct bench_context *context);

/* The same as one JSON object on one line. */
void bench_report_header_json(FILE *out, const struct bench_machine *machine,
                              const struct bench_context *context);

/* The titles above the rows as text. */
void bench_report_titles(FILE *out);

/* A row as text, in columns. */
void bench_report_row(FILE *out, const struct bench_row *row, const struct bench_result *result);

/* A row as one JSON object on one line: name unit min median p95 max runs parameters. */
void bench_report_row_json(FILE *out, const struct bench_row *row,
                           const struct bench_result *result);

#endif
