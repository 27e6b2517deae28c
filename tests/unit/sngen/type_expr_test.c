/* SPDX-License-Identifier: MIT */

/* The type language: what it accepts, and the place of the first error. */

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lang/type_expr.h"

static struct sn_arena *arena;

static void open_arena(void)
{
    arena = sn_arena_create();
}

static void close_arena(void)
{
    sn_arena_destroy(arena);
}

static const struct sn_type_expr *right(const char *text)
{
    struct sn_type_error error;
    const struct sn_type_expr *type = sn_type_parse(arena, text, &error);

    ck_assert_msg(type != NULL, "%s: %s", text, error.text);
    return type;
}

START_TEST(names)
{
    const struct sn_type_expr *type = right("u32");

    ck_assert_int_eq(type->form, SN_TYPE_NAME);
    ck_assert_str_eq(type->name, "u32");
    ck_assert(!type->optional);
    type = right(" net.thing ? ");
    ck_assert_str_eq(type->name, "net.thing");
    ck_assert(type->optional);
    ck_assert_uint_eq(type->offset, 1);
    ck_assert_uint_eq(type->size, 9);
}
END_TEST

START_TEST(sizes)
{
    const struct sn_type_expr *type = right("string(4k)");

    ck_assert_int_eq(type->form, SN_TYPE_STRING);
    ck_assert_uint_eq(type->number, 4096);
    ck_assert_ptr_null(type->argument);
    type = right("bytes( max_name )");
    ck_assert_str_eq(type->argument, "max_name");
    ck_assert_uint_eq(type->argument_offset, 7);
    ck_assert(right("bytes(unbounded)")->unbounded);
    ck_assert_int_eq(right("buffer(1M)")->form, SN_TYPE_BUFFER);
}
END_TEST

START_TEST(containers)
{
    const struct sn_type_expr *type = right("list(20) of array(3) of said?");

    ck_assert_int_eq(type->form, SN_TYPE_LIST);
    ck_assert_uint_eq(type->number, 20);
    ck_assert_int_eq(type->of->form, SN_TYPE_ARRAY);
    ck_assert_str_eq(type->of->of->name, "said");
    ck_assert(type->of->of->optional);
    ck_assert_uint_eq(type->of->of->offset, 24);
    ck_assert_int_eq(right("map(1k) from string(8) to u64")->form, SN_TYPE_MAP);
    ck_assert_int_eq(right("last(256) of u64")->form, SN_TYPE_LAST);
}
END_TEST

START_TEST(references)
{
    ck_assert_str_eq(right("ref(net.connection)")->name, "net.connection");
    ck_assert_str_eq(right("reply_to(transfer)")->name, "transfer");
}
END_TEST

START_TEST(c_types)
{
    const struct sn_type_expr *type = right("c(sqlite3 *) fini(db_close)");

    ck_assert_int_eq(type->form, SN_TYPE_C);
    ck_assert_str_eq(type->name, "sqlite3 *");
    ck_assert_str_eq(type->argument, "db_close");
    ck_assert_ptr_null(right("c(const struct x **)")->argument);
    ck_assert_str_eq(right("c(SomeType)")->name, "SomeType");
}
END_TEST

START_TEST(errors_have_places)
{
    static const struct {
        const char *text;
        size_t offset;
    } cases[] = {{"", 0},
                 {"u32 u64", 4},
                 {"string", 6},
                 {"string()", 7},
                 {"string(1x)", 7},
                 {"string(12", 9},
                 {"list(3) u32", 8},
                 {"list(3) of", 10},
                 {"list(3, u32)", 6},
                 {"c(a;b)", 2},
                 {"c(int[3])", 2},
                 {"c(* int)", 2},
                 {"c(4int)", 2},
                 {"c()", 2},
                 {"c(int", 5},
                 {"c(int) fini", 11},
                 {"c(int) fini(a-b)", 13},
                 {"ref()", 4},
                 {"ref(a b)", 6},
                 {"U32", 0},
                 {"a..b", 0},
                 {"u32??", 4},
                 {"list(2) of list(2) of list(2) of list(2) of list(2) of list(2) of list(2) of "
                  "list(2) of u8",
                  88}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sn_type_error error;

        ck_assert_msg(sn_type_parse(arena, cases[i].text, &error) == NULL, "%s", cases[i].text);
        ck_assert_ptr_nonnull(error.text);
        ck_assert_msg(error.offset == cases[i].offset, "%s: %zu, not %zu", cases[i].text,
                      error.offset, cases[i].offset);
        ck_assert_uint_le(error.offset, strlen(cases[i].text));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sngen/lang");
    TCase *tests = tcase_create("type_expr");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(tests, open_arena, close_arena);
    tcase_add_test(tests, names);
    tcase_add_test(tests, sizes);
    tcase_add_test(tests, containers);
    tcase_add_test(tests, references);
    tcase_add_test(tests, c_types);
    tcase_add_test(tests, errors_have_places);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
