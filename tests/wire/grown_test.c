/* SPDX-License-Identifier: MIT */
/* A schema with a past: tags with gaps and in another order, an enum whose 0 is retired. */
#include "cases.h"
#include "grown.h"

#include <check.h>
#include <stdlib.h>

static struct room room;

static int decode(const char *bytes, size_t size, struct grown_paint *ret_paint)
{
    room_init(&room, ROOM_BYTES / 2, 0);
    return grown_paint_decode(sn_bytes_of((const uint8_t *)bytes, size), &room.memory, ret_paint);
}

START_TEST(fields_go_by_their_tags)
{
    static const uint8_t expected[] = {0x08, 5, 0x18, 2, 0x22, 2, 'h', 'i', 0x2a, 2, 3, 1, 0x30, 7};
    static const enum grown_color shades[] = {GROWN_COLOR_BLUE, GROWN_COLOR_RED};
    struct grown_paint paint = {.name = sn_string("hi"),
                                .extra = {.present = true, .value = 7},
                                .color = GROWN_COLOR_GREEN,
                                .old = 5,
                                .shades = {shades, 2}};
    struct sn_bytes bytes;

    room_init(&room, ROOM_BYTES / 2, 0);
    ck_assert_int_eq(grown_paint_encode(&paint, &room.memory, &bytes), 0);
    ck_assert_uint_eq(bytes.size, sizeof expected);
    ck_assert_mem_eq(bytes.data, expected, sizeof expected);
    ck_assert_int_eq(grown_paint_decode(bytes, &room.memory, &paint), 0);
    ck_assert(sn_string_is(paint.name, "hi") && paint.extra.value == 7 && paint.old == 5);
    ck_assert(paint.color == GROWN_COLOR_GREEN && paint.shades.items[0] == GROWN_COLOR_BLUE);
}
END_TEST

/* As the first version wrote it, with `gone`. */
START_TEST(old_bytes_mean_what_they_meant)
{
    static const char bytes[] = "\x08\x05\x10\xe7\x07\x18\x01\x22\x01x\x2a\x01\x02";
    struct grown_paint paint;

    ck_assert_int_eq(decode(bytes, sizeof bytes - 1, &paint), 0);
    ck_assert_int_eq(paint.old, 5);
    ck_assert_int_eq(paint.color, GROWN_COLOR_RED);
    ck_assert(sn_string_is(paint.name, "x") && !paint.extra.present);
    ck_assert(paint.shades.count == 1 && paint.shades.items[0] == GROWN_COLOR_GREEN);
}
END_TEST

START_TEST(a_retired_value_is_none)
{
    struct grown_paint paint = {.color = GROWN_COLOR_RED};
    struct sn_bytes bytes;

    ck_assert_int_eq(decode("\x18\x01", 2, &paint), 0);
    ck_assert_int_eq(decode("\x18\x00", 2, &paint), SN_INVALID);
    ck_assert_int_eq(decode("\x18\x04", 2, &paint), SN_INVALID);
    ck_assert_int_eq(decode("\x18\x01\x28\x00", 4, &paint), SN_INVALID);
    /* A missing one would be 0. */
    ck_assert_int_eq(decode("\x08\x01", 2, &paint), SN_INVALID);
    room_init(&room, ROOM_BYTES / 2, 0);
    paint.color = (enum grown_color)0;
    ck_assert_int_eq(grown_paint_encode(&paint, &room.memory, &bytes), SN_INVALID);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("grown");
    Suite *suite = suite_create("wire");
    SRunner *runner;
    int failed;

    tcase_add_test(tcase, fields_go_by_their_tags);
    tcase_add_test(tcase, old_bytes_mean_what_they_meant);
    tcase_add_test(tcase, a_retired_value_is_none);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
