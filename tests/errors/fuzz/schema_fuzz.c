/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a schema: reading, resolving, checking, formatting and writing
 * C must neither crash nor leak nor hang. Built by clang with
 * -fsanitize=fuzzer, or with main() below, which runs the files named on the
 * command line once each.
 */
#include "base/diag.h"
#include "check/check.h"
#include "emit/emit.h"
#include "model/load.h"
#include "yaml/format.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int forget(struct sn_emit_sink *sink, const char *name, const char *text, size_t size_bytes)
{
    (void)sink;
    if (strchr(name, '/') != NULL || strlen(text) != size_bytes)
        abort(); /* a schema must not choose where files go */
    return 0;
}

/* What the formatter writes must be what it read, and stay as it is. */
static void format(struct sn_arena *arena, const char *text, size_t size)
{
    struct sn_diags *diags = sn_diags_create(arena);
    const struct sn_node *root = sn_yaml_parse(arena, diags, "f.yaml", text, size);
    struct sn_buffer out = {0};

    if (root != NULL && sn_diags_errors(diags) == 0)
        sn_yaml_format(arena, root, text, size, &out);
    sn_buffer_fini(&out);
}

static void generate(const struct sn_model *model)
{
    struct sn_emit_sink sink = {.file = forget};

    sn_emit_package(model, NULL, &sink);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sn_arena *arena = sn_arena_create();
    struct sn_diags *diags = sn_diags_create(arena);
    const char *text = sn_arena_text(arena, (const char *)data, size);
    const struct sn_model *model = sn_model_load_text(arena, diags, "f.yaml", text, size, NULL);
    struct sn_buffer out = {0};

    if (model == NULL && sn_diags_errors(diags) == 0 && !sn_arena_failed(arena))
        abort(); /* nothing came of it, and nothing was said */
    if (model != NULL && sn_diags_errors(diags) == 0)
        sn_check(model, diags);
    if (model != NULL && sn_diags_errors(diags) == 0) {
        sn_check_lint(model, diags);
        generate(model);
    }
    sn_diags_finish(diags);
    sn_diags_write_text(diags, &out);
    sn_diags_write_json(diags, &out);
    sn_buffer_fini(&out);
    format(arena, text, size);
    sn_arena_destroy(arena);
    return 0;
}

#ifndef SN_LIBFUZZER
static int run_file(const char *path)
{
    static uint8_t data[1 << 21];
    FILE *file = fopen(path, "rb");
    size_t size;

    if (file == NULL) {
        perror(path);
        return 1;
    }
    size = fread(data, 1, sizeof data, file);
    fclose(file);
    return LLVMFuzzerTestOneInput(data, size);
}

int main(int argc, char **argv)
{
    int failed = argc < 2;

    for (int i = 1; i < argc; i++)
        failed |= run_file(argv[i]);
    return failed;
}
#endif
