/* SPDX-License-Identifier: MIT */
/* Templates, the layout of long lines, and comments that hold any text. */
#include "emit/template.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE = 128 };

/* Compare what was written, and free it. */
static void expect(struct sn_buffer *out, const char *expected)
{
    ck_assert(!out->failed);
    ck_assert_str_eq(out->size > 0 ? out->data : "", expected);
    sn_buffer_fini(out);
}

static void expect_line(const char *line, const char *expected)
{
    struct sn_buffer out = {0};

    sn_layout_line(&out, line, strlen(line));
    expect(&out, expected);
}

START_TEST(slots)
{
    struct sn_buffer out = {0};

    sn_template_write(&out, "int ${name}(${name}_t $a, {${b}});\n",
                      SN_SLOTS({"name", "go"}, {"b", "1"}));
    expect(&out, "int go(go_t $a, {1});\n");
    sn_template_write(&out, "no newline, no slots", NULL);
    expect(&out, "no newline, no slots");
}
END_TEST

START_TEST(lone_slots)
{
    struct sn_buffer out = {0};

    sn_template_write(&out, "a\n    ${none}\n${two}\nz\n",
                      SN_SLOTS({"none", ""}, {"two", "b\nc\n"}));
    expect(&out, "a\nb\nc\nz\n");
    sn_template_write(&out, "a\n${none}${none}\nz\n", SN_SLOTS({"none", ""}));
    expect(&out, "a\n\nz\n");
}
END_TEST

START_TEST(unknown_slots)
{
    struct sn_buffer out = {0};

    sn_template_write(&out, "a ${b} c\n", SN_SLOTS({"a", "1"}));
    ck_assert_ptr_nonnull(strstr(out.data, "#error"));
    sn_buffer_fini(&out);
    sn_template_write(&out, "a ${b", SN_SLOTS({"b", "1"}));
    ck_assert_ptr_nonnull(strstr(out.data, "#error"));
    sn_buffer_fini(&out);
}
END_TEST

/* `int f(int aaa..., int b);` of a number of columns, its comma followed by `gap`. */
static void make_line(char line[LINE], size_t columns, const char *gap)
{
    char letters[LINE];
    int count = (int)(columns - strlen("int f(int , int b);"));

    memset(letters, 'a', sizeof letters);
    snprintf(line, LINE, "int f(int %.*s,%sint b);", count, letters, gap);
}

START_TEST(short_lines)
{
    char page[LINE];

    expect_line("", "");
    expect_line("    return f(a, b);", "    return f(a, b);");
    make_line(page, 100, " ");
    expect_line(page, page);
}
END_TEST

START_TEST(long_lines)
{
    char line[LINE], broken[LINE];

    /* aligned */
    make_line(line, 101, " ");
    make_line(broken, 101, "\n      ");
    expect_line(line, broken);
    /* behind the assignment */
    expect_line("    int rc = a_function_with_a_long_name(a_first_argument, a_second_argument, "
                "a_third_argument, xyz);",
                "    int rc =\n"
                "        a_function_with_a_long_name(a_first_argument, a_second_argument, "
                "a_third_argument, xyz);");
    /* commas inside of brackets and literals are not the list's */
    expect_line("    return a_function_with_a_long_name(inner(a, b, c, d, e, f, g, h), \"a, b\", "
                "(struct x){1, 2}, ','+1);",
                "    return a_function_with_a_long_name(inner(a, b, c, d, e, f, g, h), \"a, b\", "
                "(struct x){1, 2},\n"
                "                                       ','+1);");
    /* comments and directives stay as they are */
    expect_line("#define AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA(b, c) "
                "ddddddddddddddddddddddddddd",
                "#define AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA(b, c) "
                "ddddddddddddddddddddddddddd");
}
END_TEST

START_TEST(return_types)
{
    expect_line("static uint32_t a_function_with_a_name_that_is_as_long_(const struct "
                "with_a_very_long_name *message);",
                "static uint32_t\n"
                "a_function_with_a_name_that_is_as_long_(const struct with_a_very_long_name "
                "*message);");
}
END_TEST

START_TEST(comments)
{
    struct sn_buffer out = {0};

    sn_layout_comment(&out, 0, NULL, NULL);
    expect(&out, "");
    sn_layout_comment(&out, 4, "One line.", NULL);
    expect(&out, "    /* One line. */\n");
    sn_layout_comment(&out, 0, "Two\n\n  paragraphs.\n\n", "a.yaml:3, message \"m\"");
    expect(&out, "/* Two\n *\n * paragraphs.\n * a.yaml:3, message \"m\" */\n");
}
END_TEST

START_TEST(hostile_comments)
{
    struct sn_buffer out = {0};
    struct sn_buffer words = {0};

    sn_layout_comment(&out, 0, "a */ b /* c */*/*", NULL);
    expect(&out, "/* a * / b / * c * / * / * */\n");
    sn_layout_comment(&out, 0, "tab\tand\x01 bell", NULL);
    expect(&out, "/* tab and bell */\n");
    for (int i = 0; i < 100; i++)
        sn_buffer_puts(&words, "w\xc3\xb6rd ");
    sn_layout_comment(&out, 0, words.data, NULL);
    sn_buffer_fini(&words);
    for (const char *line = out.data, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        int columns = 0;

        for (const char *c = line; c < end; c++)
            columns += ((unsigned char)*c & 0xc0) != 0x80;
        ck_assert_int_le(columns, 100);
    }
    sn_buffer_fini(&out);
}
END_TEST

START_TEST(headings)
{
    struct sn_buffer out = {0};

    sn_layout_heading(&out, "types");
    ck_assert_uint_eq(out.size, 1 + 100 + 2);
    sn_buffer_fini(&out);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("emit");
    TCase *tests = tcase_create("text");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_add_test(tests, slots);
    tcase_add_test(tests, lone_slots);
    tcase_add_test(tests, unknown_slots);
    tcase_add_test(tests, short_lines);
    tcase_add_test(tests, long_lines);
    tcase_add_test(tests, return_types);
    tcase_add_test(tests, comments);
    tcase_add_test(tests, hostile_comments);
    tcase_add_test(tests, headings);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
