/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a schema: sngen reads, checks and, if it found nothing wrong, writes C. It must
 * neither crash nor leak, and what it calls right must be writable.
 */
#include "check/check.h"
#include "emit/emit.h"
#include "model/load.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int drop_file(struct sn_emit_sink *sink, const char *name, const char *text, size_t size)
{
    (void)sink, (void)name, (void)text, (void)size;
    return 0;
}

static void run(struct sn_arena *arena, const char *text, size_t size)
{
    struct sn_diags *diags = sn_diags_create(arena);
    const struct sn_model *model = sn_model_load_text(arena, diags, "fuzz.yaml", text, size, NULL);
    struct sn_emit_sink sink = {drop_file};
    struct sn_buffer shown = {0};

    if (model != NULL && sn_diags_errors(diags) == 0)
        sn_check(model, diags);
    if (model != NULL && sn_diags_errors(diags) == 0 && sn_emit_package(model, NULL, &sink) != 0)
        abort();
    sn_diags_finish(diags);
    sn_diags_write_text(diags, &shown);
    sn_diags_write_json(diags, &shown);
    sn_buffer_fini(&shown);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sn_arena *arena = sn_arena_create();

    if (arena == NULL)
        abort();
    run(arena, (const char *)data, size);
    sn_arena_destroy(arena);
    return 0;
}
