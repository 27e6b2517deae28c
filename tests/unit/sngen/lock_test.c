/* SPDX-License-Identifier: MIT */

/* What sngen.lock holds: read, looked up, written, and the numbers that models take from it. */

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "check/lock.h"
#include "model/load.h"

struct fixture {
    struct sn_arena *arena;
    struct sn_diags *diags;
    const struct sn_lock *lock;
    const struct sn_package *package;
};

static struct fixture set_up(const char *lock, const char *schema)
{
    struct fixture fixture = {.arena = sn_arena_create()};
    struct sn_load_options options = {.own_schemas = NULL};
    const struct sn_model *model;

    fixture.diags = sn_diags_create(fixture.arena);
    fixture.lock = sn_lock_read(fixture.arena, fixture.diags, "sngen.lock", lock, strlen(lock));
    options.lock = fixture.lock;
    if (schema == NULL)
        return fixture;
    model = sn_model_load_text(fixture.arena, fixture.diags, "t.yaml", schema, strlen(schema),
                               &options);
    ck_assert_ptr_nonnull(model);
    fixture.package = model->package;
    return fixture;
}

static void tear_down(struct fixture *fixture)
{
    sn_arena_destroy(fixture->arena);
}

static const char text[] =
    "sngen_lock: 1\npackages:\n  shop:\n    messages: {put: 3, gone: 1 retired 2, old: retired 9}\n"
    "    fields: {put.key: 7, put.was: retired 8, other.a: 20}\n"
    "    values: {color.red: 2}\n    errors: {busy: 1005}\n"
    "  zoo: {}\n";

START_TEST(entries_are_found_by_name)
{
    struct fixture fixture = set_up(text, NULL);
    const struct sn_lock_package *shop = sn_lock_find(fixture.lock, "shop");

    ck_assert_uint_eq(sn_diags_errors(fixture.diags), 0);
    ck_assert_uint_eq(sn_lock_get(shop, SN_LOCK_MESSAGES, "put")->number, 3);
    ck_assert_uint_eq(sn_lock_get(shop, SN_LOCK_MESSAGES, "gone")->retired[0], 2);
    ck_assert(!sn_lock_get(shop, SN_LOCK_MESSAGES, "old")->used);
    ck_assert_ptr_null(sn_lock_get(shop, SN_LOCK_MESSAGES, "new"));
    ck_assert_uint_eq(sn_lock_owner(shop, SN_LOCK_MESSAGES, "")->top, 9);
    ck_assert_uint_eq(sn_lock_owner(shop, SN_LOCK_FIELDS, "put")->top, 8);
    ck_assert_ptr_null(sn_lock_owner(shop, SN_LOCK_FIELDS, "pu"));
    ck_assert_ptr_nonnull(sn_lock_find(fixture.lock, "zoo"));
    ck_assert_ptr_null(sn_lock_find(fixture.lock, "bar"));
    ck_assert_ptr_null(sn_lock_find(NULL, "bar"));
    ck_assert_ptr_null(sn_lock_get(NULL, SN_LOCK_ERRORS, "busy"));
    tear_down(&fixture);
}
END_TEST

START_TEST(retired_numbers_are_listed)
{
    struct fixture fixture =
        set_up("sngen_lock: 1\npackages:\n  shop:\n    fields: {put.a: 2 retired 9 4, "
               "put.b: retired 1, put.c: 3, get.a: retired 7}\n",
               NULL);
    const struct sn_lock_package *shop = sn_lock_find(fixture.lock, "shop");
    const uint32_t *numbers;

    ck_assert_uint_eq(sn_lock_retired(fixture.arena, shop, SN_LOCK_FIELDS, "put", &numbers), 3);
    ck_assert_uint_eq(numbers[0], 1);
    ck_assert_uint_eq(numbers[1], 4);
    ck_assert_uint_eq(numbers[2], 9);
    ck_assert_uint_eq(sn_lock_retired(fixture.arena, shop, SN_LOCK_FIELDS, "set", &numbers), 0);
    ck_assert_uint_eq(sn_lock_retired(fixture.arena, NULL, SN_LOCK_FIELDS, "put", &numbers), 0);
    tear_down(&fixture);
}
END_TEST

START_TEST(new_numbers_lie_above_all_that_were_given)
{
    struct fixture fixture =
        set_up(text, "sngen: 1\npackage: shop\ntypes: {color: [blue, red]}\n"
                     "messages:\n  ask: {fields: {c: color}, reply: {}, errors: [late, busy]}\n"
                     "  put: {fields: {first: u8, key: u8, was: u8}}\n");
    const struct sn_package *shop = fixture.package;
    const struct sn_field *fields = shop->messages[1]->fields->fields;
    const struct sn_enum *color = shop->messages[0]->fields->fields[0].type.enumeration;

    ck_assert_uint_eq(shop->messages[0]->number, 10);
    ck_assert_uint_eq(shop->messages[0]->index, 0);
    ck_assert_uint_eq(shop->messages[1]->number, 3);
    ck_assert_uint_eq(shop->messages[1]->id & 0xffff, 3);
    ck_assert_uint_eq(fields[0].tag, 9);
    ck_assert_uint_eq(fields[1].tag, 7);
    ck_assert_uint_eq(fields[2].tag, 10);
    ck_assert_uint_eq(shop->messages[0]->fields->fields[0].tag, 1);
    ck_assert_uint_eq(color->values[0].number, 3);
    ck_assert_uint_eq(color->values[1].number, 2);
    ck_assert_int_eq(shop->errors[0]->number, 1006);
    ck_assert_int_eq(shop->errors[1]->number, 1005);
    tear_down(&fixture);
}
END_TEST

START_TEST(fields_leave_out_what_protobuf_keeps)
{
    struct fixture fixture = set_up("sngen_lock: 1\npackages: {shop: {fields: {put.a: 18998}}}\n",
                                    "sngen: 1\npackage: shop\n"
                                    "messages: {put: {fields: {a: u8, b: u8, c: u8, d: u8}}}\n");
    const struct sn_field *fields = fixture.package->messages[0]->fields->fields;

    ck_assert_uint_eq(fields[1].tag, 18999);
    ck_assert_uint_eq(fields[2].tag, 20000);
    ck_assert_uint_eq(fields[3].tag, 20001);
    ck_assert(!sn_lock_allows(SN_LOCK_FIELDS, 19000));
    ck_assert(!sn_lock_allows(SN_LOCK_FIELDS, 19999));
    ck_assert(sn_lock_allows(SN_LOCK_FIELDS, 20000));
    ck_assert(sn_lock_allows(SN_LOCK_FIELDS, SN_LOCK_TAG_MAX));
    ck_assert(!sn_lock_allows(SN_LOCK_FIELDS, SN_LOCK_TAG_MAX + 1u));
    ck_assert(sn_lock_allows(SN_LOCK_MESSAGES, 65535));
    ck_assert(!sn_lock_allows(SN_LOCK_MESSAGES, 65536));
    ck_assert(!sn_lock_allows(SN_LOCK_MESSAGES, 0));
    ck_assert(sn_lock_allows(SN_LOCK_VALUES, 0));
    ck_assert(!sn_lock_allows(SN_LOCK_ERRORS, 999));
    tear_down(&fixture);
}
END_TEST

START_TEST(a_name_is_added_once)
{
    struct fixture fixture = set_up(text, NULL);
    struct sn_lock_package *package = sn_lock_new(fixture.arena, "p");
    struct sn_lock_entry entry = {.name = "a", .used = true, .number = 1};

    for (unsigned i = 0; i < 40; i++) { /* past the first table's room */
        entry.name = sn_arena_printf(fixture.arena, "a%02u", 39 - i);
        entry.number = i + 1;
        ck_assert(sn_lock_add(fixture.arena, package, SN_LOCK_MESSAGES, &entry));
        ck_assert(!sn_lock_add(fixture.arena, package, SN_LOCK_MESSAGES, &entry));
    }
    ck_assert_uint_eq(package->tables[SN_LOCK_MESSAGES].count, 40);
    sn_lock_sort(package);
    ck_assert_str_eq(package->tables[SN_LOCK_MESSAGES].entries[0]->name, "a00");
    ck_assert_str_eq(package->tables[SN_LOCK_MESSAGES].entries[39]->name, "a39");
    ck_assert_uint_eq(sn_lock_get(package, SN_LOCK_MESSAGES, "a39")->number, 1);
    tear_down(&fixture);
}
END_TEST

START_TEST(the_next_lock_retires_what_is_gone)
{
    struct fixture fixture = set_up(text, "sngen: 1\npackage: shop\n"
                                          "messages: {put: {fields: {key: u8}}}\n");
    struct sn_lock_package *now = sn_lock_make(fixture.arena, fixture.package);
    struct sn_buffer out = {0};

    ck_assert_ptr_nonnull(now);
    sn_lock_write(&out, (const struct sn_lock_package *const[]){now}, 1);
    ck_assert_ptr_nonnull(strstr(out.data, "      gone: retired 1 2\n      old: retired 9\n"
                                           "      put: 3\n    fields:\n"
                                           "      other.a: retired 20\n      put.key: 7\n"
                                           "      put.was: retired 8\n    values:\n"
                                           "      color.red: retired 2\n    errors:\n"
                                           "      busy: retired 1005\n    layouts:\n"));
    sn_buffer_fini(&out);
    tear_down(&fixture);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sngen/lock");
    TCase *tests = tcase_create("lock");
    SRunner *runner = srunner_create(suite);

    tcase_add_test(tests, entries_are_found_by_name);
    tcase_add_test(tests, retired_numbers_are_listed);
    tcase_add_test(tests, new_numbers_lie_above_all_that_were_given);
    tcase_add_test(tests, fields_leave_out_what_protobuf_keeps);
    tcase_add_test(tests, a_name_is_added_once);
    tcase_add_test(tests, the_next_lock_retires_what_is_gone);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
