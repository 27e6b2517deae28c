/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a schema: sngen reads, checks and, if it found nothing wrong, writes C. It must
 * neither crash nor leak, and what it calls right must be writable. What follows a line "#lock" is
 * its sngen.lock; the lock made from both must be right, and written must be read as the same.
 */
#include "check/check.h"
#include "check/diff.h"
#include "check/lock.h"
#include "emit/emit.h"
#include "model/load.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int drop_file(struct sn_emit_sink *sink, const char *name, const char *text, size_t size)
{
    (void)sink, (void)name, (void)text, (void)size;
    return 0;
}

static void drop_change(struct sn_lock_visitor *visitor, const struct sn_lock_change *change)
{
    (void)visitor;
    if (change->before == NULL && change->now == NULL)
        abort();
}

static void drop_finding(struct sn_diff_sink *sink, const struct sn_diff_finding *finding)
{
    (void)sink, (void)finding;
    abort(); /* a schema does not differ from itself */
}

static void check_lock(struct sn_arena *arena, const struct sn_model *model)
{
    struct sn_lock_visitor visitor = {drop_change};
    struct sn_diff_sink sink = {drop_finding};
    const struct sn_lock_package *made = sn_lock_make(arena, model->package);
    struct sn_diags *diags = sn_diags_create(arena);
    struct sn_buffer text = {0}, again = {0};
    const struct sn_lock *lock;

    if (made == NULL || diags == NULL)
        abort();
    sn_lock_compare(arena, model->package, made, &visitor);
    sn_diff(model, model, &sink);
    sn_lock_write(&text, &made, 1);
    lock = sn_lock_read(arena, diags, SN_LOCK_FILE, text.data, text.size);
    if (lock == NULL || lock->package_count != 1)
        abort();
    sn_lock_sort(lock->packages[0]);
    sn_lock_write(&again, (const struct sn_lock_package *const *)lock->packages, 1);
    if (again.size != text.size || memcmp(again.data, text.data, text.size) != 0)
        abort();
    sn_buffer_fini(&text);
    sn_buffer_fini(&again);
}

static void run(struct sn_arena *arena, const char *text, size_t size)
{
    static const char mark[] = "\n#lock\n";
    struct sn_diags *diags = sn_diags_create(arena);
    const char *lock = memmem(text, size, mark, sizeof mark - 1);
    size_t schema_size = lock != NULL ? (size_t)(lock - text) + 1 : size;
    struct sn_load_options options = {.own_schemas = NULL};
    const struct sn_model *model;
    struct sn_emit_sink sink = {drop_file};
    struct sn_buffer shown = {0};

    if (lock != NULL) {
        const char *copy =
            sn_arena_text(arena, lock + sizeof mark - 1, size - schema_size - (sizeof mark - 2));

        options.lock = sn_lock_read(arena, diags, SN_LOCK_FILE, copy, strlen(copy));
    }
    model = sn_model_load_text(arena, diags, "fuzz.yaml", text, schema_size,
                               options.lock != NULL ? &options : NULL);
    if (model != NULL && sn_diags_errors(diags) == 0)
        sn_check(model, diags);
    /* As `sngen lock` does: of a schema that is right. */
    if (model != NULL && sn_diags_errors(diags) == 0)
        check_lock(arena, model);
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
