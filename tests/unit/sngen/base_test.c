/* SPDX-License-Identifier: MIT */

/* The tables and small tools of sngen: codes, reserved words, suggestions, maps, diagnostics. */

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/map.h"
#include "base/suggest.h"
#include "base/utf8.h"
#include "lang/reserved.h"
#include "lang/table.h"

START_TEST(each_code_has_a_name_of_its_own)
{
    for (int code = 0; code < SN_CODE_COUNT; code++) {
        const struct sn_code_info *info = sn_code_info((enum sn_code)code);

        ck_assert_ptr_nonnull(info->name);
        ck_assert_uint_gt(strlen(info->name), 2);
        ck_assert_uint_eq(strspn(info->name, "abcdefghijklmnopqrstuvwxyz-"), strlen(info->name));
        ck_assert_int_eq(sn_code_by_name(info->name), code);
    }
    ck_assert_int_eq(sn_code_by_name("no-such-code"), SN_CODE_COUNT);
}
END_TEST

START_TEST(each_code_is_explained)
{
    for (int code = 0; code < SN_CODE_COUNT; code++) {
        const struct sn_code_info *info = sn_code_info((enum sn_code)code);

        ck_assert_msg(info->explanation != NULL, "%s has no explanation", info->name);
        ck_assert_msg(strlen(info->explanation) > 40, "%s: say more", info->name);
    }
}
END_TEST

START_TEST(reserved_words_are_found)
{
    static const char *const words[] = {"_Alignas", "while",    "auto",      "and",   "xor_eq",
                                        "class",    "new",      "char8_t",   "NULL",  "EOF",
                                        "I",        "va_start", "errno",     "stdin", "linux",
                                        "unix",     "PATH_MAX", "UINT64_MAX"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        ck_assert_msg(sn_reserved_by(words[i]) != NULL, "%s", words[i]);
    ck_assert_ptr_null(sn_reserved_by("account"));
    ck_assert_ptr_null(sn_reserved_by(""));
    ck_assert_ptr_nonnull(sn_reserved_package("addrinfo"));
    ck_assert_ptr_nonnull(sn_reserved_package("winsize"));
    ck_assert_ptr_nonnull(sn_reserved_package("sn_more"));
    ck_assert_ptr_null(sn_reserved_package("snow"));
}
END_TEST

START_TEST(the_nearest_name_is_suggested)
{
    static const struct {
        const char *wanted, *candidates[4], *best;
    } cases[] = {{"handels", {"handles", "hooks", "calls", NULL}, "handles"},
                 {"u46", {"u16", "u64", "u8", NULL}, "u64"},
                 {"Workers", {"workers", "worker", NULL}, "workers"},
                 {"zzz", {"put", "get", NULL}, NULL},
                 {"a", {"b", NULL}, NULL}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sn_suggest suggest = {.wanted = cases[i].wanted};

        for (size_t k = 0; cases[i].candidates[k] != NULL; k++)
            sn_suggest_add(&suggest, cases[i].candidates[k]);
        ck_assert_pstr_eq(suggest.best, cases[i].best);
    }
}
END_TEST

START_TEST(a_distance_counts_edits)
{
    ck_assert_uint_eq(sn_suggest_distance("", ""), 0);
    ck_assert_uint_eq(sn_suggest_distance("abc", ""), 3);
    ck_assert_uint_eq(sn_suggest_distance("abc", "acb"), 1);
    ck_assert_uint_eq(sn_suggest_distance("kitten", "sitting"), 3);
}
END_TEST

START_TEST(a_map_holds_many_names)
{
    struct sn_arena *arena = sn_arena_create();
    struct sn_map map;
    int things[1000];

    sn_map_init(&map, arena);
    ck_assert_ptr_null(sn_map_get(&map, "n0"));
    for (int i = 0; i < 1000; i++)
        ck_assert_ptr_null(sn_map_put(&map, sn_arena_printf(arena, "n%d", i), &things[i]));
    for (int i = 0; i < 1000; i++)
        ck_assert_ptr_eq(sn_map_get(&map, sn_arena_printf(arena, "n%d", i)), &things[i]);
    ck_assert_ptr_eq(sn_map_put(&map, "n7", &things[8]), &things[7]);
    sn_map_replace(&map, "n7", &things[8]);
    ck_assert_ptr_eq(sn_map_get(&map, "n7"), &things[8]);
    ck_assert_ptr_null(sn_map_get(&map, "n1000"));
    sn_arena_destroy(arena);
}
END_TEST

START_TEST(an_arena_gives_zeroed_aligned_storage)
{
    struct sn_arena *arena = sn_arena_create();

    for (size_t size = 0; size < 100000; size = size * 2 + 1) {
        unsigned char *storage = sn_arena_alloc(arena, size);

        ck_assert_ptr_nonnull(storage);
        ck_assert_uint_eq((uintptr_t)storage % 16, 0);
        for (size_t i = 0; i < size; i++)
            ck_assert(storage[i] == 0);
        memset(storage, 0xff, size);
    }
    ck_assert(!sn_arena_failed(arena));
    ck_assert_ptr_null(sn_arena_array(arena, SIZE_MAX / 2, 4));
    ck_assert(sn_arena_failed(arena));
    ck_assert_str_eq(sn_arena_text(arena, "abc", 2), "ab");
    sn_arena_destroy(arena);
    sn_arena_destroy(NULL);
}
END_TEST

static size_t decode(const char *text)
{
    uint32_t character = 0;

    return sn_utf8_decode(text, strlen(text), &character);
}

START_TEST(utf8_is_strict)
{
    ck_assert_uint_eq(decode("a"), 1);
    ck_assert_uint_eq(decode("\xc3\xa9"), 2);
    ck_assert_uint_eq(decode("\xe2\x82\xac"), 3);
    ck_assert_uint_eq(decode("\xf0\x9f\x98\x80"), 4);
    ck_assert_uint_eq(decode("\xc0\xaf"), 0);         /* overlong */
    ck_assert_uint_eq(decode("\xe0\x80\xaf"), 0);     /* overlong */
    ck_assert_uint_eq(decode("\xed\xa0\x80"), 0);     /* surrogate */
    ck_assert_uint_eq(decode("\xf4\x90\x80\x80"), 0); /* too large */
    ck_assert_uint_eq(decode("\xe2\x82"), 0);         /* cut */
    ck_assert_uint_eq(decode("\x80"), 0);
}
END_TEST

START_TEST(diagnostics_are_sorted_and_freed_of_repetitions)
{
    static const char text[] = "one\ntwo \xc3\xa9 x\nthree\n";
    struct sn_arena *arena = sn_arena_create();
    struct sn_diags *diags = sn_diags_create(arena);
    struct sn_location third = {"f.yaml", 3, 1, 5}, second = {"f.yaml", 2, 7, 1};
    struct sn_buffer out = {0};
    const char *file = third.file;

    second.file = file;
    sn_diags_add_source(diags, file, text, sizeof text - 1);
    sn_diag_error(diags, SN_CODE_BAD_NAME, &third, "late");
    sn_diag_warning(diags, SN_CODE_UNUSED, &second, "early");
    sn_diag_help(diags, "do %s", "this");
    sn_diag_note(diags, &third, "there");
    sn_diag_error(diags, SN_CODE_BAD_NAME, &third, "late");
    ck_assert_uint_eq(sn_diags_errors(diags), 2);
    sn_diags_finish(diags);
    ck_assert_uint_eq(sn_diags_errors(diags), 1);
    sn_diags_write_text(diags, &out);
    ck_assert_str_eq(out.data, "f.yaml:2:7: warning: early [unused]\n"
                               "    2 | two \xc3\xa9 x\n"
                               "      |       ^\n"
                               "help: do this\n"
                               "f.yaml:3:1: note: there\n"
                               "    3 | three\n"
                               "      | ^~~~~\n"
                               "f.yaml:3:1: error: late [bad-name]\n"
                               "    3 | three\n"
                               "      | ^~~~~\n");
    sn_buffer_fini(&out);
    sn_arena_destroy(arena);
}
END_TEST

START_TEST(diagnostics_have_an_upper_bound)
{
    struct sn_arena *arena = sn_arena_create();
    struct sn_diags *diags = sn_diags_create(arena);
    struct sn_location at = {NULL, 0, 0, 0};
    struct sn_buffer out = {0};

    for (int i = 0; i < 100000; i++) {
        at.line = (uint32_t)i;
        sn_diag_error(diags, SN_CODE_BAD_NAME, &at, "number %d", i);
        sn_diag_help(diags, "help %d", i);
    }
    ck_assert_uint_eq(sn_diags_errors(diags), 100000);
    sn_diags_finish(diags);
    sn_diags_write_text(diags, &out);
    ck_assert_uint_lt(out.size, 100000);
    ck_assert_ptr_nonnull(strstr(out.data, "and 99500 more"));
    sn_buffer_fini(&out);
    sn_arena_destroy(arena);
}
END_TEST

START_TEST(each_row_of_the_language_is_documented)
{
    for (const struct sn_shape *const *shape = sn_lang_shapes(); *shape != NULL; shape++)
        for (const struct sn_key *key = (*shape)->keys; key->name != NULL; key++) {
            ck_assert_msg(key->doc != NULL && strlen(key->doc) > 5, "%s", key->name);
            ck_assert_ptr_eq(sn_lang_key(*shape, key->name), key);
            if (key->value == SN_VALUE_CHOICE || key->value == SN_VALUE_CHOICES)
                ck_assert_msg(key->choices != NULL, "%s", key->name);
            if (key->value == SN_VALUE_ENTRIES || key->value == SN_VALUE_FIELDS ||
                key->value == SN_VALUE_SHAPE)
                ck_assert_msg(key->shape != NULL, "%s", key->name);
        }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sngen/base");
    TCase *tests = tcase_create("base");
    SRunner *runner = srunner_create(suite);

    tcase_add_test(tests, each_code_has_a_name_of_its_own);
    tcase_add_test(tests, each_code_is_explained);
    tcase_add_test(tests, reserved_words_are_found);
    tcase_add_test(tests, the_nearest_name_is_suggested);
    tcase_add_test(tests, a_distance_counts_edits);
    tcase_add_test(tests, a_map_holds_many_names);
    tcase_add_test(tests, an_arena_gives_zeroed_aligned_storage);
    tcase_add_test(tests, utf8_is_strict);
    tcase_add_test(tests, diagnostics_are_sorted_and_freed_of_repetitions);
    tcase_add_test(tests, diagnostics_have_an_upper_bound);
    tcase_add_test(tests, each_row_of_the_language_is_documented);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
