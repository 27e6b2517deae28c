/* SPDX-License-Identifier: MIT */

/* The small texts: names, numbers, durations, rates, policies, paths. */

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lang/value.h"

START_TEST(names)
{
    static const char *const good[] = {"a", "put", "max_name", "a1_b2", "x9"};
    static const char *const bad[] = {"",    "A",   "1a",  "_a",  "a_",       "a__b",
                                      "a-b", "a b", "a.b", "a\n", "\xc3\xa4", "aB"};
    char name[SN_NAME_MAX_BYTES + 2];

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        ck_assert_msg(sn_value_is_name(good[i]), "%s", good[i]);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!sn_value_is_name(bad[i]), "%s", bad[i]);
    memset(name, 'a', sizeof name);
    name[SN_NAME_MAX_BYTES] = '\0';
    ck_assert(sn_value_is_name(name));
    name[SN_NAME_MAX_BYTES] = 'a';
    name[SN_NAME_MAX_BYTES + 1] = '\0';
    ck_assert(!sn_value_is_name(name));
    ck_assert(sn_value_is_reference("a.b"));
    ck_assert(!sn_value_is_reference("a.b.c"));
    ck_assert(!sn_value_is_reference(".b"));
    ck_assert(!sn_value_is_reference("a."));
}
END_TEST

START_TEST(names_are_made)
{
    static const struct {
        const char *text, *name;
    } cases[] = {{"maxName", "max_name"}, {"MAX_NAME", "max_name"}, {"put-all", "put_all"},
                 {"a__b", "a_b"},         {"XMLDoc", "xmldoc"},     {"  x y  ", "x_y"}};
    char name[SN_NAME_MAX_BYTES + 1];

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert(sn_value_make_name(cases[i].text, name));
        ck_assert_str_eq(name, cases[i].name);
    }
    ck_assert(!sn_value_make_name("123", name));
    ck_assert(!sn_value_make_name("", name));
}
END_TEST

static uint64_t number(const char *text)
{
    uint64_t value = 12345;

    ck_assert_msg(sn_value_number(text, &value), "%s", text);
    return value;
}

START_TEST(numbers)
{
    static const char *const bad[] = {"",
                                      "-1",
                                      "1.5",
                                      "01",
                                      "1K",
                                      "1kb",
                                      "1m",
                                      "k",
                                      "1 k",
                                      "0x10",
                                      "18446744073709551616",
                                      "17179869184G"};
    uint64_t value;

    ck_assert_uint_eq(number("0"), 0);
    ck_assert_uint_eq(number("1k"), 1024);
    ck_assert_uint_eq(number("3M"), 3u << 20);
    ck_assert_uint_eq(number("2G"), 2ull << 30);
    ck_assert_uint_eq(number("18446744073709551615"), UINT64_MAX);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!sn_value_number(bad[i], &value), "%s", bad[i]);
}
END_TEST

START_TEST(durations)
{
    static const struct {
        const char *text;
        uint64_t ns;
    } good[] = {{"1ns", 1},
                {"200us", 200000},
                {"10ms", 10000000},
                {"5s", 5000000000u},
                {"5min", 300000000000u},
                {"2h", 7200000000000u},
                {"1d", 86400000000000u}};
    static const char *const bad[] = {
        "", "5", "s", "5m", "1.5s", "5 s", "5sec", "-1s", "99999999999999d", "5S"};
    char text[SN_DURATION_TEXT_BYTES];
    uint64_t ns;

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        ck_assert_msg(sn_value_duration(good[i].text, &ns), "%s", good[i].text);
        ck_assert_uint_eq(ns, good[i].ns);
        sn_value_write_duration(ns, text);
        ck_assert_str_eq(text, good[i].text);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_msg(!sn_value_duration(bad[i], &ns), "%s", bad[i]);
}
END_TEST

START_TEST(spans_rates_and_policies)
{
    uint64_t from, to;

    ck_assert(sn_value_span("10ms..5s", &from, &to));
    ck_assert_uint_eq(from, 10000000);
    ck_assert_uint_eq(to, 5000000000u);
    ck_assert(!sn_value_span("5s..10ms", &from, &to));
    ck_assert(!sn_value_span("5s", &from, &to));
    ck_assert(sn_value_rate("3 in 60s", &from, &to));
    ck_assert_uint_eq(from, 3);
    ck_assert_uint_eq(to, 60000000000u);
    ck_assert(!sn_value_rate("3in60s", &from, &to));
    ck_assert(!sn_value_rate("3 in 0s", &from, &to));
    ck_assert(sn_value_park("park(8)", &from));
    ck_assert_uint_eq(from, 8);
    ck_assert(!sn_value_park("park", &from));
    ck_assert(!sn_value_park("park(8", &from));
    ck_assert(sn_value_size_span("0..10k", &from, &to));
    ck_assert(!sn_value_size_span("10k", &from, &to));
}
END_TEST

START_TEST(paths)
{
    ck_assert(sn_value_is_path("my.h", ".h"));
    ck_assert(sn_value_is_path("../lib/my-2+x.h", ".h"));
    ck_assert(!sn_value_is_path(".h", ".h"));
    ck_assert(!sn_value_is_path("/my.h", ".h"));
    ck_assert(!sn_value_is_path("my\".h", ".h"));
    ck_assert(!sn_value_is_path("my\n.h", ".h"));
    ck_assert(!sn_value_is_path("my\\.h", ".h"));
    ck_assert(!sn_value_is_path("my.c", ".h"));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sngen/lang");
    TCase *tests = tcase_create("value");
    SRunner *runner = srunner_create(suite);

    tcase_add_test(tests, names);
    tcase_add_test(tests, names_are_made);
    tcase_add_test(tests, numbers);
    tcase_add_test(tests, durations);
    tcase_add_test(tests, spans_rates_and_policies);
    tcase_add_test(tests, paths);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
