/* SPDX-License-Identifier: MIT */
/*
 * sn-postmortem: a crash record for a human being.
 */
#include "postmortem/record.h"
#include "postmortem/symbols.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { EXIT_DAMAGED = 1, EXIT_USAGE = 2, EXIT_UNREADABLE = 3, NAME_SIZE = 1024 };

static const char usage[] =
    "Usage: sn-postmortem [--no-symbols] FILE\n"
    "\n"
    "Print a crash record: what ended the process, which actor was running and what\n"
    "its shard had handled before, the call stack and the registers.\n"
    "\n"
    "  FILE           what the option crash_record of a system named; - is the\n"
    "                 standard input\n"
    "  --no-symbols   do not look for functions and lines in the mapped files\n"
    "  --help         print this\n"
    "  --version      print the version\n"
    "\n"
    "Exit codes: 0 all is well; 1 the record is damaged or cut off; 2 a wrong\n"
    "command line; 3 the file cannot be read, or no memory.\n";

static uint64_t number_of(const struct sn_record_line *line, unsigned word)
{
    uint64_t number = 0;

    sn_record_number(line->words[word], &number);
    return number;
}

static const struct sn_record_line *find(const struct sn_record *record, const char *key)
{
    for (size_t i = 0; i < record->line_count; i++)
        if (strcmp(record->lines[i].key, key) == 0)
            return &record->lines[i];
    return NULL;
}

static void print_cause(const struct sn_record *record)
{
    const struct sn_record_line *signal = find(record, "signal");
    const struct sn_record_line *time_line = find(record, "time");
    const struct sn_record_line *process = find(record, "process");
    const struct sn_record_line *package = find(record, "package");
    const struct sn_record_line *shard = find(record, "shard");

    if (signal != NULL)
        printf("signal %s (%s), code %" PRId32 ", address %s\n", signal->words[0], signal->words[1],
               (int32_t)number_of(signal, 2), signal->words[3]);
    if (time_line != NULL) {
        time_t when = (time_t)number_of(time_line, 0);
        struct tm parts;
        char text[64];

        if (gmtime_r(&when, &parts) != NULL &&
            strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts) > 0)
            printf("time   %s\n", text);
    }
    if (process != NULL)
        printf("process %s, thread %s\n", process->words[0], process->words[1]);
    if (package != NULL)
        printf("package %s\n", package->words[0]);
    if (shard != NULL)
        printf("shard   %s\n", shard->words[0]);
    else
        printf("in a thread that is no shard's\n");
}

static void print_handler(const struct sn_record_line *line)
{
    const char *name = strcmp(line->words[4], "-") == 0 ? "" : line->words[4];

    printf("  %10s  %s[%s]  %s %s\n", line->words[0], line->words[1], line->words[2],
           line->words[3], name);
}

static void print_handlers(const struct sn_record *record)
{
    const struct sn_record_line *now = find(record, "in");

    if (now != NULL) {
        printf("\nin the handler\n");
        print_handler(now);
    } else if (find(record, "shard") != NULL) {
        printf("\nin no handler\n");
    }
    if (find(record, "after") == NULL)
        return;
    printf("\nhandled before by this shard, the last one first\n");
    for (size_t i = record->line_count; i-- > 0;)
        if (strcmp(record->lines[i].key, "after") == 0)
            print_handler(&record->lines[i]);
}

/* The file that is mapped at an address, and where in it. */
static void print_place(const struct sn_record *record, uint64_t address)
{
    for (size_t i = 0; i < record->line_count; i++) {
        uint64_t begin, end, offset;
        int path = 0;

        if (strcmp(record->lines[i].key, "map") != 0 ||
            sscanf(record->lines[i].words[0], "%" SCNx64 "-%" SCNx64 " %*4s %" SCNx64 " %*s %*s %n",
                   &begin, &end, &offset, &path) != 3)
            continue;
        if (address < begin || address >= end || path == 0)
            continue;
        printf("  %s+0x%" PRIx64, record->lines[i].words[0] + path, address - begin + offset);
        return;
    }
}

static void print_stack(const struct sn_record *record, struct sn_symbols *symbols)
{
    unsigned number = 0;

    if (find(record, "frame") != NULL)
        printf("\ncall stack\n");
    for (size_t i = 0; i < record->line_count; i++) {
        char name[NAME_SIZE];

        if (strcmp(record->lines[i].key, "frame") != 0)
            continue;
        uint64_t address = number_of(&record->lines[i], 0);
        /* A return address is behind the call, which may be the last of its function. */
        sn_symbols_name(symbols, number > 0 && address > 0 ? address - 1 : address, name,
                        sizeof name);
        printf("  #%-2u 0x%016" PRIx64 "  %s", number++, address, name);
        print_place(record, address);
        printf("\n");
    }
}

static void print_registers(const struct sn_record *record)
{
    unsigned count = 0;

    if (find(record, "register") != NULL)
        printf("\nregisters");
    for (size_t i = 0; i < record->line_count; i++)
        if (strcmp(record->lines[i].key, "register") == 0)
            printf("%s  %-4s 0x%016" PRIx64, count++ % 3 == 0 ? "\n" : "",
                   record->lines[i].words[0], number_of(&record->lines[i], 1));
    if (count > 0)
        printf("\n");
}

/* All of a file, with a NUL behind. Returns NULL with errno. */
static char *read_file(const char *path, size_t *ret_size)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rb");
    char *bytes = file != NULL ? malloc(SN_RECORD_SIZE_MAX + 1) : NULL;
    int saved = errno;

    if (bytes != NULL) {
        *ret_size = fread(bytes, 1, SN_RECORD_SIZE_MAX, file);
        bytes[*ret_size] = '\0';
        bool failed = ferror(file) != 0;
        saved = failed ? errno : EFBIG;
        if (failed || fgetc(file) != EOF) {
            free(bytes);
            bytes = NULL;
        }
    }
    if (file != NULL && file != stdin)
        fclose(file);
    errno = saved;
    return bytes;
}

static int render(const char *path, bool symbols_wanted)
{
    struct sn_record record;
    struct sn_record_fault fault;
    size_t size = 0;
    char *bytes = read_file(path, &size);

    if (bytes == NULL) {
        fprintf(stderr, "sn-postmortem: %s: %s\n", path, strerror(errno));
        return EXIT_UNREADABLE;
    }
    if (!sn_record_read(bytes, size, &record, &fault)) {
        fprintf(stderr, "%s:%zu: error: %s\n", path, fault.line, fault.text);
        return EXIT_DAMAGED;
    }
    struct sn_symbols *symbols = symbols_wanted ? sn_symbols_open(record.maps) : NULL;
    print_cause(&record);
    print_handlers(&record);
    print_stack(&record, symbols);
    print_registers(&record);
    sn_symbols_close(symbols);
    bool complete = record.complete;
    sn_record_free(&record);
    if (!complete)
        fprintf(stderr, "%s: error: the record is cut off: the process died while it wrote\n",
                path);
    if (fflush(stdout) != 0)
        return EXIT_UNREADABLE;
    return complete ? 0 : EXIT_DAMAGED;
}

int main(int argc, char **argv)
{
    const char *path = NULL;
    bool symbols = true;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            fputs(usage, stdout);
            return 0;
        }
        if (strcmp(argv[i], "--version") == 0) {
            puts("sn-postmortem " SN_POSTMORTEM_VERSION);
            return 0;
        }
        if (strcmp(argv[i], "--no-symbols") == 0) {
            symbols = false;
        } else if (path != NULL || (argv[i][0] == '-' && argv[i][1] != '\0')) {
            fprintf(stderr, "sn-postmortem: unexpected argument '%s'\n%s", argv[i], usage);
            return EXIT_USAGE;
        } else {
            path = argv[i];
        }
    }
    if (path == NULL) {
        fprintf(stderr, "sn-postmortem: a file is missing\n%s", usage);
        return EXIT_USAGE;
    }
    return render(path, symbols);
}
