/* SPDX-License-Identifier: MIT */
/*
 * Bytes that nobody who means well has sent. Whatever they are, decode answers; what it accepts
 * can be encoded, and is the same after that. Inputs lie in blocks of exactly their size, so that
 * the address sanitizer sees a byte read behind their end.
 */
#include "cases.h"

#include <check.h>
#include <limits.h>
#include <stdlib.h>

/* ---- how a message is tried --------------------------------------------------------------- */

static struct room room;

static bool is_outcome(int rc)
{
    return rc == 0 || rc == SN_MALFORMED || rc == SN_INVALID || rc == SN_TOO_LARGE;
}

/* What was accepted goes out and comes in as itself. */
static void assert_stable(const struct wire_lists *lists)
{
    struct wire_lists again;
    struct sn_bytes first, second;

    room.memory.used = 2 * WIRE_LISTS_WIRE_MEMORY; /* behind what `lists` points to */
    ck_assert_int_eq(wire_lists_encode(lists, &room.memory, &first), 0);
    ck_assert_int_eq(wire_lists_decode(first, &room.memory, &again), 0);
    ck_assert_int_eq(wire_lists_encode(&again, &room.memory, &second), 0);
    ck_assert_uint_eq(first.size, second.size);
    ck_assert(memcmp(first.data, second.data, first.size) == 0);
}

/* Decode a copy as `lists`, in the memory that the header says is enough. */
static int try_lists(struct sn_bytes bytes)
{
    uint8_t *copy = malloc(bytes.size > 0 ? bytes.size : 1);
    struct wire_lists lists;
    int rc;

    ck_assert_ptr_nonnull(copy);
    memcpy(copy, bytes.data, bytes.size);
    room_init(&room, WIRE_LISTS_WIRE_MEMORY, 0);
    rc = wire_lists_decode(sn_bytes_of(copy, bytes.size), &room.memory, &lists);
    free(copy);
    ck_assert(room_is_whole(&room));
    ck_assert(is_outcome(rc));
    room.memory.size = ROOM_BYTES / 2;
    if (rc == 0)
        assert_stable(&lists);
    return rc;
}

static int try_all(const struct draft *draft)
{
    struct wire_all all;

    room_init(&room, WIRE_ALL_WIRE_MEMORY, 0);
    return wire_all_decode(draft_bytes(draft), &room.memory, &all);
}

static struct sn_bytes full_lists(uint8_t *buffer, size_t size)
{
    struct wire_lists lists;
    struct sn_bytes bytes;

    case_lists(&lists);
    room_init(&room, ROOM_BYTES / 2, 0);
    ck_assert_int_eq(wire_lists_encode(&lists, &room.memory, &bytes), 0);
    ck_assert_uint_le(bytes.size, size);
    memcpy(buffer, bytes.data, bytes.size);
    return sn_bytes_of(buffer, bytes.size);
}

/* ---- damaged messages --------------------------------------------------------------------- */

START_TEST(every_beginning_of_a_message_has_an_answer)
{
    uint8_t buffer[WIRE_LISTS_ENCODED_MAX];
    struct sn_bytes bytes = full_lists(buffer, sizeof buffer);
    size_t accepted = 0;

    ck_assert_int_eq(try_lists(bytes), 0);
    for (size_t size = 0; size < bytes.size; size++)
        accepted += try_lists(sn_bytes_of(buffer, size)) == 0;
    /* Only where a field has ended, and an array is not half there. */
    ck_assert_uint_gt(accepted, 10);
    ck_assert_uint_lt(accepted, 40);
}
END_TEST

START_TEST(every_changed_byte_has_an_answer)
{
    static const uint8_t changes[] = {0x01, 0x02, 0x04, 0x07, 0x08, 0x40, 0x80, 0xff};
    uint8_t buffer[WIRE_LISTS_ENCODED_MAX];
    struct sn_bytes bytes = full_lists(buffer, sizeof buffer);

    for (size_t i = 0; i < bytes.size; i++)
        for (size_t k = 0; k < sizeof changes; k++) {
            buffer[i] ^= changes[k];
            try_lists(bytes);
            buffer[i] ^= changes[k];
        }
}
END_TEST

START_TEST(noise_has_an_answer)
{
    uint64_t state = 20261121;

    for (unsigned round = 0; round < 20000; round++) {
        uint8_t noise[64];
        size_t size = sn_random_next(&state) % sizeof noise;

        for (size_t i = 0; i < size; i++) {
            uint64_t random = sn_random_next(&state);

            /* Mostly tags that exist, and small numbers. */
            noise[i] = (uint8_t)(random % 4 == 0 ? random >> 8 : (random >> 8) % 0x88);
        }
        try_lists(sn_bytes_of(noise, size));
    }
}
END_TEST

/* ---- single fields ------------------------------------------------------------------------ */

/* Bytes, as `all` or as `lists`, and what they are. */
struct wrong {
    const char *bytes;
    size_t size;
    int rc;
};

#define WRONG(bytes_, rc_)                                       \
    {                                                            \
        .bytes = (bytes_), .size = sizeof(bytes_) - 1, .rc = rc_ \
    }

START_TEST(single_fields)
{
    static const struct wrong wrongs[] = {
        /* numbers that do not end, or are too long */
        WRONG("\x08", SN_MALFORMED),
        WRONG("\x08\x80", SN_MALFORMED),
        WRONG("\x48\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 0),
        WRONG("\x48\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", SN_MALFORMED),
        WRONG("\x48\xff\xff\xff\xff\xff\xff\xff\xff\xff\x80\x00", SN_MALFORMED),
        WRONG("\x48\x81\x80\x80\x80\x80\x80\x80\x80\x80\x00", 0), /* 1, longer than it need be */
        /* tags */
        WRONG("\x00\x00", SN_MALFORMED),
        WRONG("\x80\x80\x80\x80\x80\x00\x00", SN_MALFORMED),
        WRONG("\xf8\xff\xff\xff\x0f\x00", 0), /* the last one, unknown */
        WRONG("\x80\x80\x80\x80\x10\x00", SN_MALFORMED),
        WRONG("\x88\x80\x80\x80\x00\x01", 0), /* 1, longer than it need be */
        WRONG("\x88\x80\x80\x80\x80\x00\x01", SN_MALFORMED),
        /* lengths */
        WRONG("\x72", SN_MALFORMED),
        WRONG("\x72\x01", SN_MALFORMED),
        WRONG("\x72\xff\xff\xff\xff\x0f", SN_MALFORMED),
        WRONG("\x72\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", SN_MALFORMED),
        WRONG("\x72\x81\x80\x80\x80\x00"
              "a",
              0),
        WRONG("\x72\x81\x80\x80\x80\x80\x00"
              "a",
              SN_MALFORMED),
        WRONG("\x8a\x01\x03\x08\x02", SN_MALFORMED), /* a message past the end */
        WRONG("\x8a\x01\x02\x08\x80", SN_MALFORMED), /* a number past the message's end */
        WRONG("\x92\x01\x02\x0a\x05", SN_MALFORMED), /* a text past the message's end */
        /* wire types */
        WRONG("\x0a\x01\x01", SN_MALFORMED), /* a flag, packed */
        WRONG("\x09\x01\x00\x00\x00\x00\x00\x00\x00", SN_MALFORMED),
        WRONG("\x55\x00\x00\x80\x3f", 0), /* a float is one */
        WRONG("\x50\x01", SN_MALFORMED),  /* and not a number */
        WRONG("\x55\x00\x00\x80", SN_MALFORMED),
        WRONG("\x69\x01\x00\x00\x00\x00\x00\x00\x00", 0),
        WRONG("\x68\x01", SN_MALFORMED),
        WRONG("\x70\x01", SN_MALFORMED),
        WRONG("\x88\x01\x01", SN_MALFORMED),
        WRONG("\x0b\x0c", SN_MALFORMED),         /* groups: of a known tag */
        WRONG("\xa3\x06\xa4\x06", SN_MALFORMED), /* and of an unknown one */
        WRONG("\x0c", SN_MALFORMED),
        WRONG("\x0e\x01", SN_MALFORMED),
        WRONG("\x0f\x01", SN_MALFORMED),
        /* twice */
        WRONG("\x08\x01\x08\x00", SN_MALFORMED),
        WRONG("\x72\x01"
              "a\x72\x01"
              "b",
              SN_MALFORMED),
        WRONG("\x8a\x01\x02\x08\x02\x8a\x01\x02\x10\x02", SN_MALFORMED),
        /* values */
        WRONG("\x08\x02", SN_INVALID),     /* neither true nor false */
        WRONG("\x10\xff\x01", 0),          /* i8: -128 */
        WRONG("\x10\x80\x02", SN_INVALID), /* 128 */
        WRONG("\x18\xff\xff\x03", 0),      /* i16: -32768 */
        WRONG("\x18\x80\x80\x04", SN_INVALID),
        WRONG("\x20\xff\xff\xff\xff\x0f", 0), /* i32 */
        WRONG("\x20\x80\x80\x80\x80\x10", SN_INVALID),
        WRONG("\x30\xff\x01", 0), /* u8 */
        WRONG("\x30\x80\x02", SN_INVALID),
        WRONG("\x38\x80\x80\x04", SN_INVALID),         /* u16 */
        WRONG("\x40\x80\x80\x80\x80\x10", SN_INVALID), /* u32 */
        WRONG("\x80\x01\x02", 0),                      /* enum: green */
        WRONG("\x80\x01\x03", SN_INVALID),
        WRONG("\x80\x01\x81\x80\x80\x80\x80\x80\x80\x80\x01", SN_INVALID),
        WRONG("\x72\x02"
              "a\0",
              SN_INVALID),
        WRONG("\x72\x02\xc3\x28", SN_INVALID),
        WRONG("\x7a\x02\xc3\x00", 0), /* bytes may be anything */
        WRONG("\x72\x11"
              "0123456789abcdefg",
              SN_TOO_LARGE),
        WRONG("\x7a\x11"
              "0123456789abcdefg",
              SN_TOO_LARGE),
    };

    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
        struct draft draft = {.size = wrongs[i].size};

        memcpy(draft.bytes, wrongs[i].bytes, wrongs[i].size);
        ck_assert_msg(try_all(&draft) == wrongs[i].rc, "number %zu: %d", i, try_all(&draft));
    }
}
END_TEST

START_TEST(lists_are_packed_or_not)
{
    static const struct wrong wrongs[] = {
        WRONG("\x0a\x02\x01\x00", 0),
        WRONG("\x08\x01\x08\x00", 0),
        WRONG("\x08\x01\x0a\x02\x00\x01", 0), /* both: three flags */
        WRONG("\x08\x01\x0a\x03\x00\x01\x00", SN_TOO_LARGE),
        WRONG("\x08\x01\x08\x01\x08\x01\x08\x01", SN_TOO_LARGE),
        WRONG("\x0a\x02\x01\x02", SN_INVALID),   /* a flag of 2 */
        WRONG("\x0a\x02\x01\x80", SN_MALFORMED), /* a number past the end of its list */
        WRONG("\x0a\x00", SN_MALFORMED),         /* packed, and nothing in it */
        WRONG("\x32\x08\x00\x00\x00\x00\x00\x00\xf0\x3f", 0),
        WRONG("\x32\x07\x00\x00\x00\x00\x00\x00\xf0", SN_MALFORMED),
        WRONG("\x09\x01\x00\x00\x00\x00\x00\x00\x00", SN_MALFORMED),
        WRONG("\x42\x02\x02\x03", SN_INVALID), /* colors */
        WRONG("\x48\x01", SN_MALFORMED),       /* a text as a number */
        WRONG("\x6a\x04\x01\x02\x03\x04", 0),  /* four of four */
        WRONG("\x6a\x03\x01\x02\x03", SN_INVALID),
        WRONG("\x6a\x05\x01\x02\x03\x04\x05", SN_INVALID),
        WRONG("\x68\x01\x68\x01\x68\x01\x68\x01\x68\x01", SN_INVALID),
        WRONG("\x7a\x02\x08\x01", SN_INVALID), /* one of a pair */
        WRONG("\x82\x01\x01"
              "a",
              SN_INVALID),
        WRONG("\x82\x01\x01"
              "a\x82\x01\x05"
              "bcdef",
              SN_TOO_LARGE),
    };

    for (size_t i = 0; i < sizeof wrongs / sizeof *wrongs; i++) {
        int rc = try_lists(sn_bytes_of((const uint8_t *)wrongs[i].bytes, wrongs[i].size));

        ck_assert_msg(rc == wrongs[i].rc, "number %zu: %d", i, rc);
    }
}
END_TEST

/* ---- much of something -------------------------------------------------------------------- */

/* What nobody keeps takes no memory, however much it is. */
START_TEST(unknown_fields_take_no_memory)
{
    enum { COUNT = 200000 };
    static const uint8_t unknown[] = {0x78, 1}, id[] = {0x08, 7};
    uint8_t *bytes = malloc(2 * COUNT + 2);
    struct wire_ask ask;

    ck_assert_ptr_nonnull(bytes);
    for (size_t i = 0; i < 2 * COUNT; i += 2)
        memcpy(bytes + i, unknown, 2);
    memcpy(bytes + (size_t)2 * COUNT, id, 2);
    room_init(&room, WIRE_ASK_WIRE_MEMORY, 0);
    ck_assert_int_eq(wire_ask_decode(sn_bytes_of(bytes, 2 * COUNT + 2), &room.memory, &ask), 0);
    ck_assert_uint_eq(ask.id, 7);
    ck_assert(room_is_whole(&room));
    free(bytes);
}
END_TEST

/* Depth in unknown fields is nobody's; in known ones it is the schema's. */
START_TEST(nesting_costs_nothing)
{
    struct draft draft = {.size = 0};

    for (size_t depth = 0; depth < 1000; depth++) {
        struct draft outer = {.size = 0};

        put_long(&outer, depth < 998 ? 200 : 18, draft.bytes, draft.size);
        draft = outer;
    }
    ck_assert_uint_gt(draft.size, 3000);
    ck_assert_int_eq(try_all(&draft), SN_TOO_LARGE); /* `tag` keeps 16 bytes of it */
}
END_TEST

START_TEST(lists_end_at_their_maximum)
{
    struct draft draft = {.size = 0};

    for (size_t i = 0; i < 1000; i++)
        put_varint(&draft, 3, i);
    ck_assert_int_eq(try_lists(draft_bytes(&draft)), SN_TOO_LARGE);
    draft.size = 0;
    for (size_t i = 0; i < 1000; i++)
        put_long(&draft, 11, "", 0);
    ck_assert_int_eq(try_lists(draft_bytes(&draft)), SN_TOO_LARGE);
    draft.size = 0;
    for (size_t i = 0; i < 1000; i++)
        put_long(&draft, 3, "", 0);
    ck_assert_int_eq(try_lists(draft_bytes(&draft)), SN_MALFORMED);
}
END_TEST

START_TEST(more_than_protobuf_allows_is_not_looked_at)
{
    static const uint8_t one[1] = {0x08};
    struct wire_ask ask = {.id = 1};

    room_init(&room, WIRE_ASK_WIRE_MEMORY, 0);
    ck_assert_int_eq(wire_ask_decode(sn_bytes_of(one, (size_t)INT_MAX + 1), &room.memory, &ask),
                     SN_TOO_LARGE);
    ck_assert_uint_eq(ask.id, 0);
}
END_TEST

START_TEST(results_have_names)
{
    ck_assert_str_eq(sn_result_name(SN_MALFORMED), "SN_MALFORMED");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("hostile");
    Suite *suite = suite_create("wire");
    SRunner *runner;
    int failed;

    tcase_add_test(tcase, every_beginning_of_a_message_has_an_answer);
    tcase_add_test(tcase, every_changed_byte_has_an_answer);
    tcase_add_test(tcase, noise_has_an_answer);
    tcase_add_test(tcase, single_fields);
    tcase_add_test(tcase, lists_are_packed_or_not);
    tcase_add_test(tcase, unknown_fields_take_no_memory);
    tcase_add_test(tcase, nesting_costs_nothing);
    tcase_add_test(tcase, lists_end_at_their_maximum);
    tcase_add_test(tcase, more_than_protobuf_allows_is_not_looked_at);
    tcase_add_test(tcase, results_have_names);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
