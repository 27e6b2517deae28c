/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a schema: sngen reads, checks and, if it found nothing wrong, writes C, with the
 * tests, fuzzers and simulation that can be asked for. It must neither crash nor leak, and what it
 * calls right must be writable. What follows a line "#lock" is its sngen.lock; the lock made from
 * both must be right, and written must be read as the same. What follows a line "#old" is the
 * schema before, of which the differences are taken, both ways. And what is YAML has one form.
 */
#include "check/check.h"
#include "check/diff.h"
#include "check/lock.h"
#include "emit/emit.h"
#include "model/load.h"
#include "yaml/format.h"

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

static void look_at_finding(struct sn_diff_sink *sink, const struct sn_diff_finding *finding)
{
    (void)sink;
    if (finding->subject[0] == '\0' || finding->text[0] == '\0' || finding->location.line == 0 ||
        finding->kinds >> SN_BREAK_KINDS != 0)
        abort();
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

/* A part of the input: a schema, or its lock. */
struct part {
    const char *text; /* NULL: there is none */
    size_t size;
};

/* Cut off what follows the line `mark`, which begins and ends with a line break. */
static struct part cut(struct sn_arena *arena, struct part *whole, const char *mark)
{
    size_t length = strlen(mark);
    const char *found = memmem(whole->text, whole->size, mark, length), *end;

    if (found == NULL)
        return (struct part){NULL, 0};
    end = whole->text + whole->size;
    whole->size = (size_t)(found - whole->text) + 1;
    found += length;
    return (struct part){sn_arena_text(arena, found, (size_t)(end - found)), (size_t)(end - found)};
}

static const struct sn_model *load(struct sn_arena *arena, struct sn_diags *diags,
                                   const struct part *schema, const struct sn_lock *lock)
{
    struct sn_load_options options = {.lock = lock};
    const struct sn_model *model = sn_model_load_text(arena, diags, "fuzz.yaml", schema->text,
                                                      schema->size, lock != NULL ? &options : NULL);

    if (model != NULL && sn_diags_errors(diags) == 0)
        sn_check(model, diags);
    return sn_diags_errors(diags) == 0 ? model : NULL;
}

static void write_form(struct sn_arena *arena, const struct part *from, struct sn_buffer *out,
                       bool *ret_right)
{
    struct sn_diags *diags = sn_diags_create(arena);
    const struct sn_node *again,
        *root = sn_yaml_parse(arena, diags, "fuzz.yaml", from->text, from->size);

    *ret_right = root != NULL && sn_diags_errors(diags) == 0 &&
                 sn_yaml_format(arena, root, from->text, from->size, out);
    if (!*ret_right)
        return;
    again = sn_yaml_parse(arena, diags, "fuzz.yaml", out->data, out->size);
    *ret_right = again != NULL && sn_diags_errors(diags) == 0 && sn_yaml_same(root, again);
}

/* What has the one form keeps it. */
static void check_form(struct sn_arena *arena, const struct part *schema)
{
    struct sn_buffer once = {0}, twice = {0};
    struct part formed;
    bool right;

    write_form(arena, schema, &once, &right);
    if (right) {
        formed = (struct part){once.data, once.size};
        write_form(arena, &formed, &twice, &right);
        if (!right || twice.size != once.size || memcmp(once.data, twice.data, once.size) != 0)
            abort();
    }
    sn_buffer_fini(&once);
    sn_buffer_fini(&twice);
}

static void check_old(struct sn_arena *arena, const struct part *old, const struct sn_model *now)
{
    struct sn_diff_sink sink = {look_at_finding};
    struct sn_diags *diags = sn_diags_create(arena);
    const struct sn_model *before = load(arena, diags, old, NULL);

    if (before == NULL)
        return;
    sn_diff(before, now, &sink);
    sn_diff(now, before, &sink);
}

static void run(struct sn_arena *arena, struct part schema)
{
    struct sn_emit_options all = {.fuzzers = true, .sim = true, .tests = true};
    struct sn_diags *diags = sn_diags_create(arena);
    struct sn_emit_sink sink = {drop_file};
    struct part lock_text = cut(arena, &schema, "\n#lock\n");
    struct part old = cut(arena, &schema, "\n#old\n");
    const struct sn_lock *lock =
        lock_text.text != NULL
            ? sn_lock_read(arena, diags, SN_LOCK_FILE, lock_text.text, lock_text.size)
            : NULL;
    const struct sn_model *model = load(arena, diags, &schema, lock);
    struct sn_buffer shown = {0};

    /* As `sngen lock` and `sngen diff` do: of a schema that is right. */
    if (model != NULL)
        check_lock(arena, model);
    if (model != NULL && old.text != NULL)
        check_old(arena, &old, model);
    if (model != NULL && sn_emit_package(model, &all, &sink) != 0)
        abort();
    check_form(arena, &schema);
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
    run(arena, (struct part){(const char *)data, size});
    sn_arena_destroy(arena);
    return 0;
}
