/* SPDX-License-Identifier: MIT */

/* Text to nodes: places, styles, and what is left out after an error. */

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "yaml/yaml.h"

struct fixture {
    struct sn_arena *arena;
    struct sn_diags *diags;
    const struct sn_node *root;
    char *text; /* with nothing behind it, so that a sanitizer sees who reads on */
};

static struct fixture parse(const char *text)
{
    struct fixture fixture = {.arena = sn_arena_create()};

    fixture.diags = sn_diags_create(fixture.arena);
    fixture.text = malloc(strlen(text));
    memcpy(fixture.text, text, strlen(text));
    fixture.root =
        sn_yaml_parse(fixture.arena, fixture.diags, "t.yaml", fixture.text, strlen(text));
    return fixture;
}

static void end(struct fixture *fixture)
{
    sn_arena_destroy(fixture->arena);
    free(fixture->text);
}

static const struct sn_node *at(const struct sn_node *map, const char *key)
{
    for (size_t i = 0; i < map->count; i++)
        if (strcmp(map->pairs[i].key->text, key) == 0)
            return map->pairs[i].value;
    ck_abort_msg("no key %s", key);
    return NULL;
}

static void expect_place(const struct sn_node *node, unsigned line, unsigned column,
                         unsigned length)
{
    ck_assert_uint_eq(node->location.line, line);
    ck_assert_uint_eq(node->location.column, column);
    ck_assert_uint_eq(node->location.length, length);
}

START_TEST(nodes_know_their_places)
{
    static const char text[] = "# first\n"
                               "a: one\n"
                               "b: {c: 'two', d: \"three\"}\n"
                               "e:\n"
                               "  - x\n"
                               "  - \xc3\xa9\xc3\xa9 y\n";
    struct fixture fixture = parse(text);
    const struct sn_node *b, *e;

    ck_assert_ptr_nonnull(fixture.root);
    ck_assert_uint_eq(sn_diags_errors(fixture.diags), 0);
    ck_assert_uint_eq(fixture.root->count, 3);
    expect_place(at(fixture.root, "a"), 2, 4, 3);
    b = at(fixture.root, "b");
    ck_assert_int_eq(b->style, SN_STYLE_FLOW);
    expect_place(at(b, "c"), 3, 8, 5);
    ck_assert_int_eq(at(b, "c")->style, SN_STYLE_SINGLE);
    ck_assert(at(b, "c")->in_flow);
    expect_place(at(b, "d"), 3, 18, 7);
    ck_assert_int_eq(at(b, "d")->style, SN_STYLE_DOUBLE);
    e = at(fixture.root, "e");
    ck_assert_int_eq(e->style, SN_STYLE_BLOCK);
    ck_assert_uint_eq(e->count, 2);
    expect_place(e->items[1], 6, 5, 4);
    ck_assert_uint_eq(e->items[1]->end - e->items[1]->begin, 6);
    ck_assert_mem_eq(text + e->items[1]->begin, "\xc3\xa9\xc3\xa9 y", 6);
    end(&fixture);
}
END_TEST

START_TEST(parts_of_a_scalar_have_places)
{
    struct fixture fixture = parse("a: list(8) of u32\nb: 'x y'\nc: |\n  x y\n");
    struct sn_location part = sn_node_part(at(fixture.root, "a"), 5, 1);

    ck_assert_uint_eq(part.column, 9);
    ck_assert_uint_eq(part.length, 1);
    part = sn_node_part(at(fixture.root, "b"), 2, 1);
    ck_assert_uint_eq(part.column, 7);
    part = sn_node_part(at(fixture.root, "c"), 2, 1); /* a block: its own place */
    ck_assert_uint_eq(part.column, 4);
    end(&fixture);
}
END_TEST

START_TEST(a_comment_behind_a_plain_text_is_noticed)
{
    struct fixture fixture = parse("a: one # two\nb: one#two\nc: 'one' # two\n");

    ck_assert(at(fixture.root, "a")->cut);
    ck_assert(!at(fixture.root, "b")->cut);
    ck_assert_str_eq(at(fixture.root, "b")->text, "one#two");
    ck_assert(!at(fixture.root, "c")->cut);
    end(&fixture);
}
END_TEST

START_TEST(what_is_refused_is_left_out)
{
    struct fixture fixture = parse("a: 1\nb: *x\na: 2\nc: &y 3\n? [k]\n: v\n");

    ck_assert_ptr_nonnull(fixture.root);
    ck_assert_uint_eq(sn_diags_errors(fixture.diags), 4);
    ck_assert_uint_eq(fixture.root->count, 2);
    ck_assert_str_eq(at(fixture.root, "a")->text, "1");
    ck_assert_str_eq(at(fixture.root, "c")->text, "3");
    end(&fixture);
}
END_TEST

START_TEST(empty_values_are_known)
{
    struct fixture fixture = parse("a:\nb: ~\nc: null\nd: ''\ne: {}\n");

    ck_assert(sn_node_is_empty(at(fixture.root, "a")));
    ck_assert(sn_node_is_empty(at(fixture.root, "b")));
    ck_assert(sn_node_is_empty(at(fixture.root, "c")));
    ck_assert(!sn_node_is_empty(at(fixture.root, "d")));
    ck_assert(!sn_node_is_empty(at(fixture.root, "e")));
    end(&fixture);
}
END_TEST

START_TEST(depth_has_a_limit)
{
    char text[128] = "";
    struct fixture fixture;

    for (int depth = SN_YAML_DEPTH_MAX; depth <= SN_YAML_DEPTH_MAX + 1; depth++) {
        memset(text, '[', (size_t)depth);
        memset(text + depth, ']', (size_t)depth);
        text[2 * depth] = '\0';
        fixture = parse(text);
        ck_assert_uint_eq(sn_diags_errors(fixture.diags), depth > SN_YAML_DEPTH_MAX);
        ck_assert((fixture.root != NULL) == (depth <= SN_YAML_DEPTH_MAX));
        end(&fixture);
    }
}
END_TEST

START_TEST(size_has_a_limit)
{
    struct sn_arena *arena = sn_arena_create();
    struct sn_diags *diags = sn_diags_create(arena);
    char *text = malloc(SN_YAML_FILE_MAX_BYTES + 1);

    memset(text, '#', SN_YAML_FILE_MAX_BYTES + 1);
    snprintf(text, 6, "a: 1\n");
    text[5] = '#';
    ck_assert_ptr_nonnull(sn_yaml_parse(arena, diags, "t.yaml", text, SN_YAML_FILE_MAX_BYTES));
    ck_assert_uint_eq(sn_diags_errors(diags), 0);
    ck_assert_ptr_null(sn_yaml_parse(arena, diags, "t.yaml", text, SN_YAML_FILE_MAX_BYTES + 1));
    ck_assert_uint_eq(sn_diags_errors(diags), 1);
    free(text);
    sn_arena_destroy(arena);
}
END_TEST

START_TEST(a_text_may_end_anywhere)
{
    static const char text[] = "a: {b: [c, 'd', \"e\\n\"], # f }\n  g: &h |\n   i\n ]";

    for (size_t size = 1; size <= strlen(text); size++) {
        char part[sizeof text] = "";
        struct fixture fixture;

        memcpy(part, text, size);
        fixture = parse(part);
        sn_diags_finish(fixture.diags);
        end(&fixture);
        memcpy(part, text + strlen(text) - size, size);
        fixture = parse(part);
        sn_diags_finish(fixture.diags);
        end(&fixture);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sngen/yaml");
    TCase *tests = tcase_create("yaml");
    SRunner *runner = srunner_create(suite);

    tcase_add_test(tests, nodes_know_their_places);
    tcase_add_test(tests, a_text_may_end_anywhere);
    tcase_add_test(tests, parts_of_a_scalar_have_places);
    tcase_add_test(tests, a_comment_behind_a_plain_text_is_noticed);
    tcase_add_test(tests, what_is_refused_is_left_out);
    tcase_add_test(tests, empty_values_are_known);
    tcase_add_test(tests, depth_has_a_limit);
    tcase_add_test(tests, size_has_a_limit);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
