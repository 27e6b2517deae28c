/* SPDX-License-Identifier: MIT */
/*
 * `sngen diff`: what a new version breaks, by kinds, with a list of what is
 * accepted. Both versions are files, or folders whose schemas are matched by
 * their packages; a file beside a folder stands for the file of its name there.
 */
#include "check/diff.h"

#include "base/file.h"
#include "base/map.h"
#include "tool/command.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SCHEMAS_MAX = 60, ALLOWED_MAX = 64 };

/* ---- what is accepted --------------------------------------------------- */

/* One item of --allow: a kind, of everything or of what a name stands for. */
struct allowed {
    unsigned kind;
    const char *name; /* NULL: of everything */
    size_t size;
};

struct printer {
    struct sn_diff_sink sink;
    struct sn_arena *arena;
    struct sn_map seen; /* what was printed, without advice behind a ';': a package may be compared
                         * alone and as an import */
    struct sn_buffer text;
    struct allowed allowed[ALLOWED_MAX];
    size_t allowed_count;
    bool json;
    size_t findings;
    size_t breaks;
};

/* "transfer" allows "transfer" and "transfer.amount". */
static bool covers(const struct allowed *allowed, const char *subject)
{
    return allowed->name == NULL ||
           (strncmp(subject, allowed->name, allowed->size) == 0 &&
            (subject[allowed->size] == '\0' || subject[allowed->size] == '.'));
}

static bool is_allowed(const struct printer *printer, const struct sn_diff_finding *finding)
{
    unsigned left = finding->kinds;

    for (size_t i = 0; i < printer->allowed_count; i++)
        if (covers(&printer->allowed[i], finding->subject))
            left &= ~printer->allowed[i].kind;
    return left == 0;
}

/* "wire,policy:accounts" to items; false if one of them is none. */
static bool parse_allowed(struct printer *printer, const char *list)
{
    while (*list != '\0') {
        size_t size = strcspn(list, ","), word = strcspn(list, ",:");
        struct allowed *item = &printer->allowed[printer->allowed_count];
        unsigned i = 0;

        while (i < SN_BREAK_KINDS &&
               (strlen(sn_break_name(i)) != word || memcmp(sn_break_name(i), list, word) != 0))
            i++;
        if (i == SN_BREAK_KINDS || printer->allowed_count == ALLOWED_MAX || word + 1 == size)
            return false;
        *item = (struct allowed){.kind = 1u << i};
        if (word < size) {
            item->name = list + word + 1;
            item->size = size - word - 1;
        }
        printer->allowed_count++;
        list += size + (list[size] == ',');
    }
    return true;
}

/* ---- printing ----------------------------------------------------------- */

static void write_text(struct sn_buffer *text, const struct sn_diff_finding *finding,
                       const char *verdict)
{
    const char *between = " [";

    sn_buffer_printf(text, "%s:%u:%u: %s: %s", finding->location.file,
                     (unsigned)finding->location.line, (unsigned)finding->location.column, verdict,
                     finding->text);
    for (unsigned i = 0; i < SN_BREAK_KINDS; i++)
        if ((finding->kinds >> i & 1) != 0) {
            sn_buffer_printf(text, "%s%s", between, sn_break_name(i));
            between = ", ";
        }
    sn_buffer_puts(text, finding->kinds != 0 ? "]\n" : "\n");
}

static void write_json(struct sn_buffer *text, const struct sn_diff_finding *finding,
                       const char *verdict, bool first)
{
    const char *between = "";

    sn_buffer_puts(text, first ? "\n    {\"file\": " : ",\n    {\"file\": ");
    sn_buffer_json(text, finding->location.file);
    sn_buffer_printf(text, ", \"line\": %u, \"column\": %u, \"verdict\": \"%s\", \"kinds\": [",
                     (unsigned)finding->location.line, (unsigned)finding->location.column, verdict);
    for (unsigned i = 0; i < SN_BREAK_KINDS; i++)
        if ((finding->kinds >> i & 1) != 0) {
            sn_buffer_printf(text, "%s\"%s\"", between, sn_break_name(i));
            between = ", ";
        }
    sn_buffer_puts(text, "], \"name\": ");
    sn_buffer_json(text, finding->subject);
    sn_buffer_puts(text, ", \"message\": ");
    sn_buffer_json(text, finding->text);
    sn_buffer_puts(text, "}");
}

static void print(struct sn_diff_sink *sink, const struct sn_diff_finding *finding)
{
    struct printer *printer = (struct printer *)sink; /* its first member */
    const char *key = sn_arena_printf(
        printer->arena, "%s:%u:%u %.*s", finding->location.file, (unsigned)finding->location.line,
        (unsigned)finding->location.column, (int)strcspn(finding->text, ";"), finding->text);
    bool allowed = is_allowed(printer, finding);
    const char *verdict = finding->kinds == 0 ? "compatible" : allowed ? "allowed" : "break";

    if (sn_map_put(&printer->seen, key, key) != NULL)
        return;
    if (printer->json)
        write_json(&printer->text, finding, verdict, printer->findings == 0);
    else
        write_text(&printer->text, finding, verdict);
    printer->findings++;
    printer->breaks += !allowed;
}

static void begin(struct printer *printer)
{
    if (printer->json)
        sn_buffer_puts(&printer->text, "{\n  \"version\": 1,\n  \"changes\": [");
}

static int finish(struct printer *printer)
{
    int rc;

    if (printer->json)
        sn_buffer_printf(&printer->text, "%s],\n  \"breaks\": %zu\n}\n",
                         printer->findings > 0 ? "\n  " : "", printer->breaks);
    rc = sn_tool_print(&printer->text);
    return rc != SN_EXIT_FINE ? rc : printer->breaks > 0 ? SN_EXIT_INPUT : SN_EXIT_FINE;
}

/* ---- both versions ------------------------------------------------------ */

/* One of the versions. */
struct side {
    const char *path;
    const struct sn_model *models[SCHEMAS_MAX];
    size_t count;
    bool locked; /* one of them has a lock */
};

static bool is_folder(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static bool ends_with(const char *name, const char *end)
{
    size_t size = strlen(name), most = strlen(end);

    return size > most && strcmp(name + size - most, end) == 0;
}

/* A folder may hold other YAML too; a schema says at the beginning of a line that it is one. */
static bool is_schema(struct sn_arena *arena, const char *path)
{
    const char *text = NULL;
    size_t size;

    if ((!ends_with(path, ".yaml") && !ends_with(path, ".yml")) ||
        sn_file_read(arena, path, 1u << 20, &text, &size) != 0)
        return false;
    return strncmp(text, "sngen:", 6) == 0 || strstr(text, "\nsngen:") != NULL;
}

static int load(struct sn_invocation *invocation, struct side *side, const char *path)
{
    const struct sn_model *model;
    int rc = sn_tool_load(invocation, path, &model);

    if (rc != SN_EXIT_FINE)
        return rc;
    if (side->count == SCHEMAS_MAX) {
        sn_tool_complain("'%s' has more than %d schemas", side->path, SCHEMAS_MAX);
        return SN_EXIT_INPUT;
    }
    side->models[side->count++] = model;
    side->locked |= model->package->lock != NULL;
    return SN_EXIT_FINE;
}

static int load_folder(struct sn_invocation *invocation, struct side *side)
{
    struct dirent **entries;
    int count = scandir(side->path, &entries, NULL, alphasort), rc = SN_EXIT_FINE;

    if (count < 0) {
        sn_tool_complain("cannot read '%s': %s", side->path, strerror(errno));
        return SN_EXIT_SYSTEM;
    }
    for (int i = 0; i < count; i++) {
        const char *path =
            sn_arena_printf(invocation->arena, "%s/%s", side->path, entries[i]->d_name);

        if (rc == SN_EXIT_FINE && is_schema(invocation->arena, path))
            rc = load(invocation, side, path);
        free(entries[i]);
    }
    free(entries);
    if (rc == SN_EXIT_FINE && side->count == 0) {
        sn_tool_complain("the folder '%s' has no schema", side->path);
        rc = SN_EXIT_SYSTEM;
    }
    return rc;
}

/* `other` is the path of the other version: its file's name is looked for in a folder. */
static int load_side(struct sn_invocation *invocation, struct side *side, const char *other)
{
    const char *slash = strrchr(other, '/'), *name = slash != NULL ? slash + 1 : other;

    if (!is_folder(side->path))
        return load(invocation, side, side->path);
    if (is_folder(other))
        return load_folder(invocation, side);
    return load(invocation, side, sn_arena_printf(invocation->arena, "%s/%s", side->path, name));
}

static bool is_same(const struct sn_package *before, const struct sn_package *now)
{
    return strcmp(before->name, now->name) == 0 ||
           (now->was.name != NULL && strcmp(before->name, now->was.name) == 0);
}

static const struct sn_model *find_package(const struct side *now, const struct sn_package *before)
{
    for (size_t i = 0; i < now->count; i++)
        if (is_same(before, now->models[i]->package))
            return now->models[i];
    return NULL;
}

static bool had_package(const struct side *before, const struct sn_package *now)
{
    for (size_t i = 0; i < before->count; i++)
        if (is_same(before->models[i]->package, now))
            return true;
    return false;
}

static void report_package(struct printer *printer, unsigned kinds,
                           const struct sn_package *package, struct sn_arena *arena,
                           const char *what)
{
    struct sn_diff_finding finding = {
        .kinds = kinds,
        .subject = package->name,
        .text = sn_arena_printf(arena, "the package '%s' is %s", package->name, what),
        .location = package->location};

    print(&printer->sink, &finding);
}

static void compare(struct printer *printer, const struct side *before, const struct side *now,
                    struct sn_arena *arena)
{
    if (before->count == 1 && now->count == 1) { /* also if the package was renamed */
        sn_diff(before->models[0], now->models[0], &printer->sink);
        return;
    }
    for (size_t i = 0; i < before->count; i++) {
        const struct sn_package *package = before->models[i]->package;
        const struct sn_model *model = find_package(now, package);

        if (model != NULL)
            sn_diff(before->models[i], model, &printer->sink);
        else
            report_package(printer, SN_BREAK_WIRE | SN_BREAK_API, package, arena, "gone");
    }
    for (size_t i = 0; i < now->count; i++)
        if (!had_package(before, now->models[i]->package))
            report_package(printer, 0, now->models[i]->package, arena, "new");
}

int sn_command_diff(struct sn_invocation *invocation)
{
    const char *format = invocation->values[SN_OPTION_FORMAT];
    const char *allow = invocation->values[SN_OPTION_ALLOW];
    struct printer printer = {.sink = {.found = print},
                              .arena = invocation->arena,
                              .json = format != NULL && strcmp(format, "json") == 0};
    struct side before = {.path = invocation->arguments[0]};
    struct side now = {.path = invocation->arguments[1]};
    int rc;

    if (allow != NULL && !parse_allowed(&printer, allow)) {
        sn_tool_complain("--allow takes some of wire, api, snapshot, partition, policy and edge, "
                         "each perhaps with a name, as in wire,policy:accounts; not '%s'",
                         allow);
        return SN_EXIT_USAGE;
    }
    rc = load_side(invocation, &before, now.path);
    if (rc == SN_EXIT_FINE)
        rc = load_side(invocation, &now, before.path);
    if (rc != SN_EXIT_FINE)
        return rc;
    if (before.locked != now.locked)
        sn_tool_complain("note: only the %s version has a sngen.lock; the numbers of the %s one "
                         "follow the order of declaration",
                         now.locked ? "new" : "old", now.locked ? "old" : "new");
    sn_map_init(&printer.seen, invocation->arena);
    begin(&printer);
    compare(&printer, &before, &now, invocation->arena);
    if (sn_arena_failed(invocation->arena))
        printer.text.failed = true;
    return finish(&printer);
}
