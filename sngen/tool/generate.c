/* SPDX-License-Identifier: MIT */
/*
 * `sngen generate`: the emitter's files into a folder, each only when its bytes
 * change, so that a build compiles nothing again without need.
 *
 * All files are collected before the first is written: an error half-way
 * leaves the folder as it was.
 */
#include "base/file.h"
#include "check/check.h"
#include "emit/emit.h"
#include "lock/lock.h"
#include "tool/command.h"

#include <stdio.h>
#include <string.h>

struct collected {
    const char *name;
    const char *text;
    size_t size;
    struct collected *next;
};

struct folder {
    struct sn_emit_sink sink;
    struct sn_arena *arena;
    struct collected *first;
    struct collected **end;
};

static int collect(struct sn_emit_sink *sink, const char *name, const char *text, size_t size_bytes)
{
    struct folder *folder = (struct folder *)sink; /* its first member */
    struct collected *file = sn_arena_alloc(folder->arena, sizeof *file);

    if (file == NULL)
        return -1;
    file->name = sn_arena_text(folder->arena, name, strlen(name));
    file->text = sn_arena_text(folder->arena, text, size_bytes);
    file->size = size_bytes;
    *folder->end = file;
    folder->end = &file->next;
    return sn_arena_failed(folder->arena) ? -1 : 0;
}

/* "some/where/app.yaml" -> "app" */
static const char *stem_of(struct sn_arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    const char *dot = strrchr(name, '.');

    return sn_arena_text(arena, name,
                         dot != NULL && dot != name ? (size_t)(dot - name) : strlen(name));
}

/* A path inside a Makefile rule. */
static void write_escaped(struct sn_buffer *text, const char *path)
{
    for (; *path != '\0'; path++) {
        if (*path == ' ' || *path == '#' || *path == '\\')
            sn_buffer_puts(text, "\\");
        else if (*path == '$')
            sn_buffer_puts(text, "$");
        sn_buffer_append(text, path, 1);
    }
}

/* Numbers come from locks: one a folder, so packages may share it. */
static void write_locks(struct sn_buffer *text, const struct sn_model *model)
{
    for (size_t i = 0; i < model->package_count; i++) {
        const struct sn_lock *lock = model->packages[i]->lock_file;
        bool written = lock == NULL;

        for (size_t k = 0; k < i && !written; k++)
            written = model->packages[k]->lock_file == lock;
        if (written)
            continue;
        sn_buffer_puts(text, " \\\n  ");
        write_escaped(text, lock->file);
    }
}

static int add_depfile(struct folder *folder, const struct sn_model *model, const char *output,
                       const char *path)
{
    const char *stem = stem_of(folder->arena, path);
    struct sn_buffer text = {0};
    int rc = -1;

    write_escaped(&text, sn_arena_printf(folder->arena, "%s/%s.sn.c", output, stem));
    sn_buffer_puts(&text, ":");
    for (size_t i = model->package_count; i > 0; i--) { /* the file itself comes last there */
        sn_buffer_puts(&text, " \\\n  ");
        write_escaped(&text, model->packages[i - 1]->file);
    }
    write_locks(&text, model);
    sn_buffer_puts(&text, "\n");
    if (!text.failed)
        rc = collect(&folder->sink, sn_arena_printf(folder->arena, "%s.yaml.d", stem), text.data,
                     text.size);
    sn_buffer_fini(&text);
    return rc;
}

static int write_files(const struct folder *folder, const char *output)
{
    for (const struct collected *file = folder->first; file != NULL; file = file->next) {
        const char *path = sn_arena_printf(folder->arena, "%s/%s", output, file->name);
        int rc = sn_file_write(folder->arena, path, file->text, file->size, NULL);

        if (rc != 0) {
            sn_tool_complain("cannot write '%s': %s", path, strerror(-rc));
            return SN_EXIT_SYSTEM;
        }
    }
    return SN_EXIT_FINE;
}

static int list_files(const struct sn_model *model, const struct sn_emit_options *options)
{
    struct sn_buffer names = {0};

    if (sn_emit_file_names(model, options, &names) != 0)
        names.failed = true;
    return sn_tool_print(&names);
}

int sn_command_generate(struct sn_invocation *invocation)
{
    const char *path = invocation->arguments[0], *output = invocation->values[SN_OPTION_OUTPUT];
    struct sn_emit_options options = {.own_schemas = invocation->own_schemas,
                                      .fuzzers = invocation->values[SN_OPTION_FUZZERS] != NULL,
                                      .sim = invocation->values[SN_OPTION_SIM] != NULL};
    struct folder folder = {.sink = {.file = collect}, .arena = invocation->arena};
    const struct sn_model *model;
    int rc;

    options.tests = options.fuzzers || invocation->values[SN_OPTION_TESTS] != NULL;
    rc = sn_tool_load_and(invocation, path, &model, options.tests ? sn_check_test_names : NULL);

    if (rc != SN_EXIT_FINE)
        return rc;
    if (invocation->values[SN_OPTION_LIST] != NULL)
        return list_files(model, &options);
    folder.end = &folder.first;
    output = output != NULL ? output : ".";
    if (sn_emit_package(model, &options, &folder.sink) != 0)
        return sn_tool_no_memory();
    if (invocation->values[SN_OPTION_DEPFILE] != NULL &&
        add_depfile(&folder, model, output, path) != 0)
        return sn_tool_no_memory();
    return write_files(&folder, output);
}
