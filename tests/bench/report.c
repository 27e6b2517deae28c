/* SPDX-License-Identifier: MIT */
/* Text for people, JSON for compare.sh. Numbers are printed with a point whatever the locale: the
 * program never leaves the "C" locale. */
#include "report.h"

static void json_string(FILE *out, const char *text)
{
    fputc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            fprintf(out, "\\%c", *text);
        else if ((unsigned char)*text < 0x20)
            fprintf(out, "\\u%04x", (unsigned)*text);
        else
            fputc(*text, out);
    }
    fputc('"', out);
}

static void json_member(FILE *out, const char *name, const char *text, const char *end)
{
    json_string(out, name);
    fputs(": ", out);
    json_string(out, text);
    fputs(end, out);
}

static void cpu_list(FILE *out, const struct bench_context *context)
{
    for (unsigned i = 0; i < context->cpu_count; i++)
        fprintf(out, "%s%d", i == 0 ? "" : ",", context->cpus[i]);
}

void bench_report_header(FILE *out, const struct bench_machine *machine,
                         const struct bench_context *context)
{
    fprintf(out, "# machine   %s, %u CPUs online\n", machine->model, machine->cpus_online);
    fprintf(out, "# kernel    %s\n", machine->kernel);
    fprintf(out, "# compiler  %s\n", machine->compiler);
    fprintf(out, "# commit    %s\n", machine->commit);
    fprintf(out, "# governor  %s\n", machine->governor);
    fprintf(out, "# load      %s\n", machine->load);
    fputs("# pinned to ", out);
    cpu_list(out, context);
    fputc('\n', out);
}

void bench_report_header_json(FILE *out, const struct bench_machine *machine,
                              const struct bench_context *context)
{
    fputc('{', out);
    json_member(out, "machine", machine->model, ", ");
    fprintf(out, "\"cpus_online\": %u, ", machine->cpus_online);
    json_member(out, "kernel", machine->kernel, ", ");
    json_member(out, "compiler", machine->compiler, ", ");
    json_member(out, "commit", machine->commit, ", ");
    json_member(out, "governor", machine->governor, ", ");
    json_member(out, "load", machine->load, ", ");
    fputs("\"pinned\": [", out);
    cpu_list(out, context);
    fputs("]}\n", out);
}

void bench_report_titles(FILE *out)
{
    fprintf(out, "%-36s %-8s %10s %10s %10s %10s %5s  %s\n", "name", "unit", "min", "median", "p95",
            "max", "runs", "parameters");
}

void bench_report_row(FILE *out, const struct bench_row *row, const struct bench_result *result)
{
    fprintf(out, "%-36s %-8s %10.2f %10.2f %10.2f %10.2f %5u ", row->name, row->unit, result->min,
            result->median, result->p95, result->max, result->runs);
    for (size_t i = 0; i < BENCH_PARAMETERS_MAX && row->parameters[i].name != NULL; i++)
        fprintf(out, " %s=%llu", row->parameters[i].name,
                (unsigned long long)row->parameters[i].value);
    for (size_t i = 0; i < BENCH_EXTRAS_MAX && result->extras[i].name != NULL; i++)
        fprintf(out, " %s=%.2f", result->extras[i].name, result->extras[i].value);
    fputc('\n', out);
}

void bench_report_row_json(FILE *out, const struct bench_row *row,
                           const struct bench_result *result)
{
    const char *comma = "";

    fputc('{', out);
    json_member(out, "name", row->name, ", ");
    json_member(out, "unit", row->unit, ", ");
    fprintf(out,
            "\"min\": %.4f, \"median\": %.4f, \"p95\": %.4f, \"max\": %.4f, \"runs\": %u, "
            "\"parameters\": {",
            result->min, result->median, result->p95, result->max, result->runs);
    for (size_t i = 0; i < BENCH_PARAMETERS_MAX && row->parameters[i].name != NULL; i++) {
        fprintf(out, "%s\"%s\": %llu", comma, row->parameters[i].name,
                (unsigned long long)row->parameters[i].value);
        comma = ", ";
    }
    for (size_t i = 0; i < BENCH_EXTRAS_MAX && result->extras[i].name != NULL; i++) {
        fprintf(out, "%s\"%s\": %.4f", comma, result->extras[i].name, result->extras[i].value);
        comma = ", ";
    }
    fputs("}}\n", out);
}
