/* SPDX-License-Identifier: MIT */
/*
 * `sngen stubs`: what the user has still to write. A missing file is written
 * once; a file that exists is only read.
 */
#include "base/file.h"
#include "emit/emit.h"
#include "tool/command.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SOURCE_MAX_BYTES = 64 * 1024 * 1024 };

struct folder {
    struct sn_emit_stubs_folder reader;
    struct sn_emit_sink sink;
    struct sn_arena *arena;
    const char *path;
};

static int read_one(struct sn_emit_stubs_folder *reader, const char *name, char **ret_text)
{
    struct folder *folder = (struct folder *)reader; /* its first member */
    const char *text;
    size_t size;
    int rc =
        sn_file_read(folder->arena, sn_arena_printf(folder->arena, "%s/%s", folder->path, name),
                     SOURCE_MAX_BYTES, &text, &size);

    *ret_text = NULL;
    if (rc != 0)
        return rc == -ENOENT || rc == -ENOTDIR ? 0 : rc;
    *ret_text = strdup(text);
    return *ret_text != NULL ? 0 : -ENOMEM;
}

static int write_one(struct sn_emit_sink *sink, const char *name, const char *text,
                     size_t size_bytes)
{
    struct folder *folder =
        (struct folder *)((char *)sink - offsetof(struct folder, sink)); /* the one around it */
    const char *path = sn_arena_printf(folder->arena, "%s/%s", folder->path, name);
    int rc = sn_file_write(folder->arena, path, text, size_bytes, NULL);

    if (rc == 0)
        printf("wrote %s\n", path);
    else
        sn_tool_complain("cannot write '%s': %s", path, strerror(-rc));
    return rc;
}

/* Generated units call the handlers, which is not the same as having them. */
static bool is_generated(const char *name)
{
    size_t size = strlen(name);

    return size > 5 && strcmp(name + size - 5, ".sn.c") == 0;
}

static bool is_source(const char *name)
{
    const char *dot = strrchr(name, '.');

    return !is_generated(name) && dot != NULL && dot != name &&
           (strcmp(dot, ".c") == 0 || strcmp(dot, ".cc") == 0 || strcmp(dot, ".cpp") == 0);
}

/* The text of every C file of the folder, one behind the other. */
static int read_sources(struct folder *folder, struct sn_buffer *text)
{
    DIR *entries = opendir(folder->path);
    struct dirent *entry;

    while (entries != NULL && (entry = readdir(entries)) != NULL) {
        char *source = NULL;

        if (!is_source(entry->d_name) || read_one(&folder->reader, entry->d_name, &source) != 0 ||
            source == NULL)
            continue;
        sn_buffer_puts(text, source);
        sn_buffer_puts(text, "\n");
        free(source);
    }
    if (entries != NULL)
        closedir(entries);
    sn_buffer_puts(text, "");
    return text->failed ? -ENOMEM : 0;
}

int sn_command_stubs(struct sn_invocation *invocation)
{
    const char *output = invocation->values[SN_OPTION_OUTPUT];
    struct folder folder = {.reader = {.read = read_one},
                            .sink = {.file = write_one},
                            .arena = invocation->arena,
                            .path = output != NULL ? output : "."};
    struct sn_buffer sources = {0}, report = {0};
    const struct sn_model *model;
    int rc = sn_tool_load(invocation, invocation->arguments[0], &model);

    if (rc != SN_EXIT_FINE)
        return rc;
    rc = read_sources(&folder, &sources);
    folder.reader.text = sources.data;
    if (rc == 0)
        rc = sn_emit_stubs(model, &folder.reader, &folder.sink, &report);
    sn_buffer_fini(&sources);
    if (rc == -ENOMEM || report.failed) {
        sn_buffer_fini(&report);
        return sn_tool_no_memory();
    }
    if (rc != 0) {
        sn_buffer_fini(&report);
        return SN_EXIT_SYSTEM;
    }
    return sn_tool_print(&report);
}
