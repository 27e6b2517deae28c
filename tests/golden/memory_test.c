/* SPDX-License-Identifier: MIT */
/*
 * Every allocation of a run of the emitter fails in turn, until the run succeeds: it says -ENOMEM
 * each time, never gives a file that is cut, and leaks nothing (the sanitizer looks at the end).
 */
#include "emit/emit.h"
#include "model/load.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

/* A sink that adds up what it gets. */
struct sum {
    struct sn_emit_sink sink;
    size_t files;
    size_t bytes;
    bool cut; /* a file did not end with a newline */
};

static int add(struct sn_emit_sink *sink, const char *name, const char *text, size_t size_bytes)
{
    struct sum *sum = (struct sum *)sink; /* its first member */

    (void)name;
    sum->files++;
    sum->bytes += size_bytes;
    sum->cut |= size_bytes == 0 || text[size_bytes - 1] != '\n';
    return 0;
}

static int refuse(struct sn_emit_sink *sink, const char *name, const char *text, size_t size_bytes)
{
    (void)sink;
    (void)name;
    (void)text;
    (void)size_bytes;
    return -EIO;
}

static const struct sn_model *load(struct sn_arena *arena, const char *path)
{
    struct sn_diags *diags = sn_diags_create(arena);
    const struct sn_model *model;
    int rc;

    ck_assert_ptr_nonnull(diags);
    model = sn_model_load(arena, diags, path, NULL, &rc);
    ck_assert_ptr_nonnull(model);
    ck_assert_uint_eq(sn_diags_errors(diags), 0);
    return model;
}

static int run(const struct sn_model *model, long number, struct sum *ret_sum)
{
    static const struct sn_emit_options options = {.fuzzers = true, .sim = true, .tests = true};
    int rc;

    *ret_sum = (struct sum){.sink = {.file = add}};
    left = number;
    rc = sn_emit_package(model, &options, &ret_sum->sink);
    left = -1;
    return rc;
}

static void fail_in_turn(const char *path)
{
    struct sn_arena *arena = sn_arena_create();
    const struct sn_model *model = load(arena, path);
    struct sum whole, sum;
    long number = 0;

    ck_assert_int_eq(run(model, -1, &whole), 0);
    while (run(model, number, &sum) != 0) {
        ck_assert(!sum.cut);
        ck_assert_uint_lt(sum.files, whole.files);
        ck_assert_int_lt(++number, 100000);
    }
    ck_assert_int_gt(number, 20);
    ck_assert_uint_eq(sum.files, whole.files);
    ck_assert_uint_eq(sum.bytes, whole.bytes);
    sn_arena_destroy(arena);
}

START_TEST(each_allocation_fails)
{
    fail_in_turn(SCHEMAS "/bank.yaml");
    fail_in_turn(SCHEMAS "/owned.yaml");
    fail_in_turn(SCHEMAS "/uses.yaml");
}
END_TEST

/* The folder of a user that has nothing yet. */
static int read_nothing(struct sn_emit_stubs_folder *folder, const char *name, char **ret_text)
{
    (void)folder;
    (void)name;
    *ret_text = NULL;
    return 0;
}

START_TEST(stubs_allocations_fail)
{
    struct sn_arena *arena = sn_arena_create();
    const struct sn_model *model = load(arena, SCHEMAS "/edges.yaml");
    struct sn_emit_stubs_folder folder = {.read = read_nothing, .text = ""};
    long number = 0;
    int rc;

    do {
        struct sum sum = {.sink = {.file = add}};
        struct sn_buffer report = {0};

        left = number++;
        rc = sn_emit_stubs(model, &folder, &sum.sink, &report);
        left = -1;
        sn_buffer_fini(&report);
        ck_assert(rc == 0 || rc == -ENOMEM);
        ck_assert(rc != 0 || sum.files == model->package->worker_count);
        ck_assert(!sum.cut);
    } while (rc != 0);
    ck_assert_int_gt(number, 5);
    sn_arena_destroy(arena);
}
END_TEST

START_TEST(sink_fails)
{
    struct sn_arena *arena = sn_arena_create();
    const struct sn_model *model = load(arena, SCHEMAS "/bank.yaml");
    struct sn_emit_sink sink = {.file = refuse};

    ck_assert_int_eq(sn_emit_package(model, NULL, &sink), -EIO);
    sn_arena_destroy(arena);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("emit");
    TCase *tests = tcase_create("memory");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, each_allocation_fails);
    tcase_add_test(tests, stubs_allocations_fail);
    tcase_add_test(tests, sink_fails);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
