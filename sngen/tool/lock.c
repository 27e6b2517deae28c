/* SPDX-License-Identifier: MIT */
/*
 * `sngen lock`: brings sngen.lock up to date, or says why it is not.
 *
 * Files are taken one after the other, each with the lock as the one before
 * left it, so that several schemas of a folder can be given at once.
 */
#include "check/lock.h"
#include "base/file.h"
#include "tool/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the whole file ----------------------------------------------------- */

static int by_name(const void *left, const void *right)
{
    const struct sn_lock_package *const *a = left, *const *b = right;

    return strcmp((*a)->name, (*b)->name);
}

/* The file with the section of one package made anew, and the others as they are. */
static bool write_lock(struct sn_arena *arena, const struct sn_package *package,
                       const struct sn_lock_package *now, struct sn_buffer *out)
{
    const struct sn_lock *lock = package->lock_file;
    size_t others = lock != NULL ? lock->package_count : 0, count = 0;
    const struct sn_lock_package **packages = sn_arena_array(arena, others + 1, sizeof *packages);

    if (packages == NULL)
        return false;
    packages[count++] = now;
    for (size_t i = 0; i < others; i++) {
        if (lock->packages[i] == package->lock)
            continue;
        sn_lock_sort(lock->packages[i]);
        packages[count++] = lock->packages[i];
    }
    qsort(packages, count, sizeof *packages, by_name);
    sn_lock_write(out, packages, count);
    return !out->failed;
}

static const char *lock_path(const struct sn_package *package, struct sn_arena *arena)
{
    return sn_arena_printf(arena, "%s" SN_LOCK_FILE, sn_file_folder(arena, package->file));
}

/* ---- --check ------------------------------------------------------------ */

struct judge {
    struct sn_lock_visitor visitor;
    struct sn_diags *diags;
    const char *file;
};

static void report(struct sn_lock_visitor *visitor, const struct sn_lock_change *change)
{
    struct judge *judge = (struct judge *)visitor; /* its first member */
    bool gone = change->before != NULL && change->location.file == change->before->location.file;

    if (change->text == NULL)
        return;
    sn_diag_error(judge->diags, SN_CODE_LOCK_STALE, &change->location, "%s", change->text);
    if (gone && sn_lock_has_numbers(change->section))
        sn_diag_help(judge->diags,
                     "if it was only renamed, its new name says `was: %s`; then run "
                     "`sngen lock %s`",
                     change->before->name + sn_lock_owner_size(change->before->name) +
                         (strchr(change->before->name, '.') != NULL),
                     judge->file);
    else
        sn_diag_help(judge->diags, "run `sngen lock %s`", judge->file);
}

/* The same content in another form: edited, or merged in another order. */
static void check_form(const struct sn_model *model, const struct sn_lock_package *now,
                       struct sn_diags *diags)
{
    const struct sn_package *package = model->package;
    struct sn_location at = {.file = package->lock_file->file};
    struct sn_buffer out = {0};
    const char *text;
    size_t size;

    if (sn_file_read(model->arena, at.file, SN_LOCK_FILE_MAX_BYTES, &text, &size) == 0 &&
        write_lock(model->arena, package, now, &out) &&
        (out.size != size || memcmp(out.data, text, size) != 0)) {
        sn_diag_error(diags, SN_CODE_LOCK_STALE, &at, "this is not as `sngen lock` writes it");
        sn_diag_help(diags, "run `sngen lock %s`", package->file);
    }
    sn_buffer_fini(&out);
}

static void judge_lock(const struct sn_model *model, struct sn_diags *diags)
{
    const struct sn_package *package = model->package;
    struct judge judge = {.visitor = {.change = report}, .diags = diags, .file = package->file};
    const struct sn_lock_package *now = sn_lock_make(model->arena, package);
    size_t errors = sn_diags_errors(diags);

    if (now == NULL)
        return;
    if (package->lock == NULL) {
        sn_diag_error(diags, SN_CODE_LOCK_STALE, &package->location,
                      package->lock_file == NULL ? "%s does not exist"
                                                 : "%s has nothing of this package",
                      lock_path(package, model->arena));
        sn_diag_help(diags, "run `sngen lock %s`", package->file);
        return;
    }
    if (sn_lock_is_renamed(package)) {
        sn_diag_error(diags, SN_CODE_LOCK_STALE, &package->location, "the package '%s' is '%s' now",
                      package->lock->name, package->name);
        sn_diag_help(diags, "run `sngen lock %s`", package->file);
    }
    sn_lock_compare(model->arena, package, now, &judge.visitor);
    if (sn_diags_errors(diags) == errors)
        check_form(model, now, diags);
}

/* ---- writing ------------------------------------------------------------ */

struct printer {
    struct sn_lock_visitor visitor;
    struct sn_buffer text;
};

static void print_line(struct sn_buffer *text, const char *sign, enum sn_lock_section section,
                       const struct sn_lock_entry *entry)
{
    sn_buffer_printf(text, "%s %s %s: ", sign, sn_lock_section_name(section), entry->name);
    sn_lock_write_value(text, section, entry);
    sn_buffer_puts(text, "\n");
}

static void print_change(struct sn_lock_visitor *visitor, const struct sn_lock_change *change)
{
    struct printer *printer = (struct printer *)visitor; /* its first member */

    if (change->before != NULL)
        print_line(&printer->text, "-", change->section, change->before);
    if (change->now != NULL)
        print_line(&printer->text, "+", change->section, change->now);
}

/* What changed, line by line; of a new section only that it is there. */
static int print_changes(const struct sn_model *model, const struct sn_lock_package *now)
{
    struct printer printer = {.visitor = {.change = print_change}};
    const struct sn_package *package = model->package;
    const char *file = lock_path(package, model->arena), *former = sn_lock_former(package);

    if (package->lock == NULL)
        sn_buffer_printf(&printer.text, "%s: the package '%s' is new\n", file, package->name);
    if (former != NULL)
        sn_tool_complain("note: '%s' has the messages of '%s'; if it is that package under another "
                         "name, take back %s, say `was: %s` below `package`, and run this again",
                         package->name, former, file, former);
    if (package->lock != NULL && sn_lock_is_renamed(package))
        sn_buffer_printf(&printer.text, "%s: the package '%s' is '%s' now\n", file,
                         package->lock->name, package->name);
    if (package->lock != NULL)
        sn_lock_compare(model->arena, package, now, &printer.visitor);
    return sn_tool_print(&printer.text);
}

static int keep(const struct sn_model *model)
{
    const struct sn_package *package = model->package;
    const struct sn_lock_package *now = sn_lock_make(model->arena, package);
    const char *file = lock_path(package, model->arena);
    struct sn_buffer out = {0};
    int rc;

    if (now == NULL || !write_lock(model->arena, package, now, &out)) {
        sn_buffer_fini(&out);
        return sn_tool_no_memory();
    }
    rc = sn_file_write(model->arena, file, out.data, out.size, NULL);
    sn_buffer_fini(&out);
    if (rc == 0)
        return print_changes(model, now);
    sn_tool_complain("cannot write '%s': %s", file, strerror(-rc));
    return SN_EXIT_SYSTEM;
}

int sn_command_lock(struct sn_invocation *invocation)
{
    bool check = invocation->values[SN_OPTION_CHECK] != NULL;
    int worst = SN_EXIT_FINE;

    for (size_t i = 0; i < invocation->argument_count; i++) {
        const char *path = invocation->arguments[i];
        const struct sn_model *model;
        int rc;

        if (strcmp(path, "-") == 0) {
            sn_tool_complain("lock takes files, because sngen.lock lies beside them");
            return SN_EXIT_USAGE;
        }
        rc = sn_tool_load_and(invocation, path, &model, check ? judge_lock : NULL);
        if (rc == SN_EXIT_FINE && !check)
            rc = keep(model);
        worst = rc > worst ? rc : worst;
    }
    return worst;
}
