/* SPDX-License-Identifier: MIT */

/*
 * Every allocation fails in turn, ours and libyaml's, until the scenario
 * succeeds: no crash, no leak, and no result that looks complete but is not.
 * The sanitizer's leak check runs at the end of each forked test.
 */

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "check/check.h"
#include "check/diff.h"
#include "check/lock.h"
#include "model/load.h"

static long left = -1; /* allocations until one fails; < 0: none does */

static int fails(void)
{
    return left >= 0 && left-- == 0;
}

/* The linker's --wrap sends malloc() here, and __real_malloc() to malloc(). */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
    return fails() ? NULL : __real_realloc(memory, size);
}

/* libyaml exports its allocator, so that ours is found first; it must be visible for that. */
#define VISIBLE __attribute__((visibility("default")))
VISIBLE void *yaml_malloc(size_t size);
VISIBLE void *yaml_realloc(void *memory, size_t size);
VISIBLE yaml_char_t *yaml_strdup(const yaml_char_t *text);

void *yaml_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size ? size : 1);
}

void *yaml_realloc(void *memory, size_t size)
{
    return fails() ? NULL : __real_realloc(memory, size ? size : 1);
}

yaml_char_t *yaml_strdup(const yaml_char_t *text)
{
    return text == NULL || fails() ? NULL : (yaml_char_t *)strdup((const char *)text);
}

static const char right[] =
    "sngen: 1\npackage: shop\ndoc: text\nconstants: {max_name: 32}\n"
    "types: {size: {width: u32}, color: [red, green], name: string(max_name)}\n"
    "messages:\n  put: {fields: {key: name, size: list(4) of size}, reply: {}, errors: [busy]}\n"
    "workers:\n  store: {handles: [put], state: {a: c(int *)}, timers: {beat: {every: 1s}}}\n"
    "  front: {handles: {go: {}}, asks: {keep: {of: stores.put, context: {n: u8}}}}\n"
    "pools: {stores: {worker: store, size: 2, route: {by: hash, key: key}}}\n"
    "supervisors: {root: {children: [stores, front]}}\n"
    "main: {calls: [front, stores]}\n";

static const char wrong[] =
    "sngen: 1\npackage: int\nworker: {}\nmessages: {put: {fields: {a: u33, b: list(4, u8)}}}\n"
    "workers: {w: {handles: [pot, net.x], calls: [v], tick: 3}}\n"
    "supervisors: {root: {children: [x]}}\nmain: {calls: [y.z]}\n";

/* Of `right`, with some of all that can change. */
static const char lock[] =
    "sngen_lock: 1\npackages:\n  shop:\n    messages: {put: 2, gone: 1, old: retired 7}\n"
    "    fields: {put.key: 1 retired 3, put.list: 2}\n    values: {color.red: 1}\n"
    "    errors: {busy: 1003 retired 1000 1001}\n    layouts: {put: 0}\n"
    "    partitions: {stores: hash of 1}\n";

static void count_change(struct sn_lock_visitor *visitor, const struct sn_lock_change *change)
{
    (void)visitor, (void)change;
}

static void count_finding(struct sn_diff_sink *sink, const struct sn_diff_finding *finding)
{
    (void)sink, (void)finding;
}

/* The lock's way: what it should be, how it differs, its text; and two versions compared. */
static void evolve(struct sn_arena *arena, const struct sn_model *model, struct sn_buffer *out)
{
    struct sn_lock_visitor visitor = {count_change};
    struct sn_diff_sink sink = {count_finding};
    const struct sn_lock_package *now = sn_lock_make(arena, model->package);

    if (now == NULL)
        return;
    sn_lock_compare(arena, model->package, now, &visitor);
    sn_lock_write(out, &now, 1);
    sn_diff(model, model, &sink);
}

/*
 * Runs with allocation `number` failing; returns whether the result is complete. *ret_reached says
 * whether that allocation was asked for at all. (No assertions in here: they allocate too.)
 */
static int run(const char *text, long number, size_t *ret_errors, int *ret_reached)
{
    struct sn_arena *arena;
    struct sn_diags *diags;
    const struct sn_model *model = NULL;
    struct sn_load_options options = {.own_schemas = NULL};
    struct sn_buffer out = {0};
    int complete = 0;

    *ret_reached = 1;
    left = number;
    arena = sn_arena_create();
    diags = arena != NULL ? sn_diags_create(arena) : NULL;
    if (diags != NULL && text == right)
        options.lock = sn_lock_read(arena, diags, "sngen.lock", lock, strlen(lock));
    if (diags != NULL)
        model = sn_model_load_text(arena, diags, "t.yaml", text, strlen(text),
                                   options.lock != NULL ? &options : NULL);
    if (model != NULL && sn_diags_errors(diags) == 0)
        sn_check(model, diags);
    if (model != NULL && options.lock != NULL)
        evolve(arena, model, &out);
    if (diags != NULL) {
        sn_diags_finish(diags);
        sn_diags_write_text(diags, &out);
        sn_diags_write_json(diags, &out);
        complete = !sn_arena_failed(arena) && !out.failed;
        *ret_errors = sn_diags_errors(diags);
        *ret_reached = left < 0;
    }
    left = -1;
    sn_buffer_fini(&out);
    sn_arena_destroy(arena);
    return complete;
}

static void fail_in_turn(const char *text, size_t errors_expected)
{
    size_t errors = 0;
    long number = 0;
    int reached = 0;

    while (!run(text, number, &errors, &reached)) {
        ck_assert(reached); /* what is incomplete has a reason */
        number++;
        ck_assert_int_lt(number, 100000);
    }
    ck_assert_uint_eq(errors, errors_expected);
    ck_assert_int_gt(number, 20);
}

START_TEST(a_right_schema)
{
    fail_in_turn(right, 0);
}
END_TEST

START_TEST(a_wrong_schema)
{
    size_t errors = 0;
    int reached = 0;

    ck_assert(run(wrong, -1, &errors, &reached));
    ck_assert_uint_gt(errors, 6);
    fail_in_turn(wrong, errors);
}
END_TEST

START_TEST(broken_yaml)
{
    fail_in_turn("a: [b, {c: d}\ne: f\n", 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sngen/memory");
    TCase *tests = tcase_create("allocations");
    SRunner *runner = srunner_create(suite);

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_right_schema);
    tcase_add_test(tests, a_wrong_schema);
    tcase_add_test(tests, broken_yaml);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
