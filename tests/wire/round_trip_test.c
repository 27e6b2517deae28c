/* SPDX-License-Identifier: MIT */
/*
 * Structs to bytes and back: every type at its limits and one past, fixed bytes, unknown fields,
 * and the memory that all of this takes.
 */
#include "cases.h"

#include <check.h>
#include <stdlib.h>

/* ---- counting allocations ----------------------------------------------------------------- */

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(__clang__)
#define COUNTS_ALLOCATIONS 1

static unsigned long allocations;

/* In place of the C library's, for this program and the libraries that it loads. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

void *malloc(size_t size)
{
    allocations++;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    allocations++;
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    allocations++;
    return __libc_realloc(memory, size);
}

START_TEST(nothing_is_allocated)
{
    struct room room;
    struct wire_lists lists;
    struct sn_bytes bytes;
    unsigned long before, after;
    int encoded, decoded;

    free(malloc(1));
    ck_assert_uint_gt(allocations, 0); /* it counts */
    room_init(&room, WIRE_LISTS_WIRE_MEMORY * 2, 0);
    case_lists(&lists);
    before = allocations;
    encoded = wire_lists_encode(&lists, &room.memory, &bytes);
    decoded = wire_lists_decode(bytes, &room.memory, &lists);
    after = allocations;
    ck_assert(encoded == 0 && decoded == 0);
    ck_assert_uint_eq(after, before);
}
END_TEST
#endif

/* ---- whole messages ----------------------------------------------------------------------- */

static void assert_text(struct sn_string text, const char *expected)
{
    ck_assert(sn_string_is(text, expected));
    ck_assert_int_eq(text.data[text.size], '\0');
}

static void assert_bytes(struct sn_bytes bytes, struct sn_bytes expected)
{
    ck_assert_mem_eq(bytes.data, expected.data, expected.size);
    ck_assert_uint_eq(bytes.size, expected.size);
}

static void assert_numbers(const struct wire_all *is, const struct wire_all *was)
{
    ck_assert(is->flag);
    ck_assert_int_eq(is->a, was->a);
    ck_assert_int_eq(is->b, was->b);
    ck_assert_int_eq(is->c, was->c);
    ck_assert_int_eq(is->d, was->d);
    ck_assert_uint_eq(is->e, was->e);
    ck_assert_uint_eq(is->f, was->f);
    ck_assert_uint_eq(is->g, was->g);
    ck_assert_uint_eq(is->h, was->h);
    ck_assert(is->i == was->i);
    ck_assert(is->j == was->j);
    ck_assert_uint_eq(is->for_ns, was->for_ns);
    ck_assert_uint_eq(is->at_ns, was->at_ns);
    ck_assert_uint_eq(is->base, 1);
    ck_assert_uint_eq(is->n_items, 2);
    ck_assert(is->has_flag);
}

START_TEST(every_type_comes_back)
{
    struct room room;
    struct wire_all was, is;
    struct sn_bytes bytes;

    room_init(&room, 2 * WIRE_ALL_WIRE_MEMORY, 0);
    case_all(&was);
    ck_assert_int_eq(wire_all_encode(&was, &room.memory, &bytes), 0);
    ck_assert_uint_le(bytes.size, WIRE_ALL_ENCODED_MAX);
    ck_assert_int_eq(wire_all_decode(bytes, &room.memory, &is), 0);
    assert_numbers(&is, &was);
    assert_text(is.text, "0123456789abcdef");
    assert_bytes(is.blob, was.blob);
    ck_assert_int_eq(is.color, WIRE_COLOR_GREEN);
    ck_assert(is.point.x == -7 && is.point.y == INT16_MAX);
    assert_text(is.tag.text, was.tag.text.data);
    assert_bytes(is.tag.rest, was.tag.rest);
    ck_assert(is.maybe_flag.present && !is.maybe_flag.value);
    ck_assert(is.maybe_number.present && is.maybe_number.value == 0);
    ck_assert(is.maybe_text.present);
    assert_text(is.maybe_text.value, "12345678");
    ck_assert(is.maybe_blob.present);
    assert_bytes(is.maybe_blob.value, was.maybe_blob.value);
    ck_assert(is.maybe_color.present && is.maybe_color.value == WIRE_COLOR_NONE);
    ck_assert(is.maybe_point.present && is.maybe_point.value.y == -1);
    ck_assert(room_is_whole(&room));
}
END_TEST

START_TEST(zeros_come_back)
{
    struct room room;
    struct wire_all was = {0}, is;
    struct sn_bytes bytes;

    room_init(&room, 2 * WIRE_ALL_WIRE_MEMORY, 0);
    ck_assert_int_eq(wire_all_encode(&was, &room.memory, &bytes), 0);
    memset(&is, 0xff, sizeof is);
    ck_assert_int_eq(wire_all_decode(bytes, &room.memory, &is), 0);
    ck_assert(!is.flag && is.d == 0 && is.j == 0 && is.color == WIRE_COLOR_NONE);
    assert_text(is.text, "");
    ck_assert_uint_eq(is.blob.size, 0);
    ck_assert(!is.maybe_flag.present && !is.maybe_number.present && !is.maybe_text.present &&
              !is.maybe_blob.present && !is.maybe_color.present && !is.maybe_point.present);
}
END_TEST

/* An older sender's message: nothing of what came later is there. */
START_TEST(missing_fields_are_zero)
{
    struct room room;
    struct wire_all all;
    struct wire_lists lists;

    room_init(&room, WIRE_LISTS_WIRE_MEMORY, 0);
    memset(&all, 0xff, sizeof all);
    ck_assert_int_eq(wire_all_decode(sn_bytes_of(NULL, 0), &room.memory, &all), 0);
    ck_assert(!all.flag && all.h == 0 && all.i == 0 && all.point.x == 0 && !all.maybe_text.present);
    assert_text(all.text, "");
    assert_text(all.tag.text, "");
    memset(&lists, 0xff, sizeof lists);
    ck_assert_int_eq(wire_lists_decode(sn_bytes_of(NULL, 0), &room.memory, &lists), 0);
    ck_assert_uint_eq(lists.numbers.count, 0);
    ck_assert(lists.four[3] == 0 && lists.pair[1].y == 0);
    assert_text(lists.names[1], "");
}
END_TEST

static void assert_lists(const struct wire_lists *is, const struct wire_lists *was)
{
    ck_assert_uint_eq(is->flags.count, 3);
    ck_assert_mem_eq(is->flags.items, was->flags.items, 3);
    ck_assert_mem_eq(is->small.items, was->small.items, 3);
    ck_assert_uint_eq(is->numbers.count, 20);
    ck_assert_mem_eq(is->numbers.items, was->numbers.items, 20 * sizeof(int64_t));
    ck_assert_mem_eq(is->bytes.items, was->bytes.items, 4);
    ck_assert_mem_eq(is->halves.items, was->halves.items, 3 * sizeof(uint16_t));
    ck_assert_mem_eq(is->reals.items, was->reals.items, 3 * sizeof(double));
    ck_assert_mem_eq(is->times.items, was->times.items, 3 * sizeof(uint64_t));
    ck_assert_mem_eq(is->colors.items, was->colors.items, 4 * sizeof(enum wire_color));
    ck_assert_mem_eq(is->four, was->four, sizeof was->four);
    ck_assert_mem_eq(is->shorts, was->shorts, sizeof was->shorts);
}

START_TEST(every_list_comes_back)
{
    struct room room;
    struct wire_lists was, is;
    struct sn_bytes bytes;

    room_init(&room, 2 * WIRE_LISTS_WIRE_MEMORY, 0);
    case_lists(&was);
    ck_assert_int_eq(wire_lists_encode(&was, &room.memory, &bytes), 0);
    ck_assert_uint_le(bytes.size, WIRE_LISTS_ENCODED_MAX);
    ck_assert_int_eq(wire_lists_decode(bytes, &room.memory, &is), 0);
    assert_lists(&is, &was);
    for (size_t i = 0; i < 3; i++) {
        assert_text(is.words.items[i], was.words.items[i].data);
        assert_bytes(is.chunks.items[i], was.chunks.items[i]);
        assert_text(is.tags.items[i].text, was.tags.items[i].text.data);
        assert_bytes(is.tags.items[i].rest, was.tags.items[i].rest);
    }
    for (size_t i = 0; i < 4; i++)
        ck_assert(is.points.items[i].x == was.points.items[i].x &&
                  is.points.items[i].y == was.points.items[i].y);
    ck_assert(is.pair[0].x == 9 && is.pair[1].y == 6);
    assert_text(is.names[0], "left");
    ck_assert(room_is_whole(&room));
}
END_TEST

/* ---- one past ----------------------------------------------------------------------------- */

static int encode_all(const struct wire_all *all)
{
    struct room room;
    struct sn_bytes bytes;
    int rc;

    room_init(&room, WIRE_ALL_WIRE_MEMORY, 0);
    rc = wire_all_encode(all, &room.memory, &bytes);
    ck_assert(rc == 0 || (bytes.size == 0 && room.memory.used == 0));
    return rc;
}

static int encode_lists(const struct wire_lists *lists)
{
    struct room room;
    struct sn_bytes bytes;

    room_init(&room, WIRE_LISTS_WIRE_MEMORY, 0);
    return wire_lists_encode(lists, &room.memory, &bytes);
}

START_TEST(one_past_a_limit_is_too_large)
{
    static const uint8_t many[17];
    static const struct sn_string nine = {"123456789", 9};
    struct wire_all all;
    struct wire_lists lists;

    case_all(&all);
    all.text = sn_string("0123456789abcdefg");
    ck_assert_int_eq(encode_all(&all), SN_TOO_LARGE);
    case_all(&all);
    all.blob = sn_bytes_of(many, 17);
    ck_assert_int_eq(encode_all(&all), SN_TOO_LARGE);
    case_all(&all);
    all.maybe_text.value = nine;
    ck_assert_int_eq(encode_all(&all), SN_TOO_LARGE);
    all.maybe_text.present = false; /* then nobody looks at it */
    ck_assert_int_eq(encode_all(&all), 0);
    all.tag.rest = sn_bytes_of(many, 17);
    ck_assert_int_eq(encode_all(&all), SN_TOO_LARGE);
    case_lists(&lists);
    lists.numbers.count = 21;
    ck_assert_int_eq(encode_lists(&lists), SN_TOO_LARGE);
    case_lists(&lists);
    lists.words.items = &nine;
    lists.words.count = 1;
    ck_assert_int_eq(encode_lists(&lists), SN_TOO_LARGE);
    lists.names[1] = sn_string("12345");
    lists.words.count = 0;
    ck_assert_int_eq(encode_lists(&lists), SN_TOO_LARGE);
}
END_TEST

START_TEST(values_that_no_type_has_are_invalid)
{
    static const char *const texts[] = {
        "\x80",             /* continues nothing */
        "\xc0\xaf",         /* '/', too long */
        "\xe0\x9f\xbf",     /* too long */
        "\xed\xa0\x80",     /* a surrogate */
        "\xf4\x90\x80\x80", /* past U+10FFFF */
        "\xf5\x80\x80\x80", /* never begins a character */
        "ok\xc3",           /* cut off */
        "\xc3(",            /* not continued */
    };
    struct wire_all all;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        case_all(&all);
        all.text = sn_string(texts[i]);
        ck_assert_int_eq(encode_all(&all), SN_INVALID);
    }
    all.text = sn_string_of("a\0b", 3);
    ck_assert_int_eq(encode_all(&all), SN_INVALID);
    case_all(&all);
    all.text = sn_string("\xf4\x8f\xbf\xbf\xee\x80\x80\xc2\x80"); /* the edges are allowed */
    ck_assert_int_eq(encode_all(&all), 0);
    all.color = (enum wire_color)3;
    ck_assert_int_eq(encode_all(&all), SN_INVALID);
    case_all(&all);
    all.maybe_color.value = (enum wire_color)1000000;
    ck_assert_int_eq(encode_all(&all), SN_INVALID);
}
END_TEST

/* `limit: 64`: found takes 16 of name and 8 of the rest, a tail of 8 to 24, each of `more` too. */
START_TEST(a_message_past_its_limit_is_too_large)
{
    struct room room;
    struct common_entry more[2] = {{.name = sn_string("0123456789abcdef")}};
    struct wire_ask_reply reply = {.found = more[0]};
    struct sn_bytes bytes;
    struct draft draft = {.size = 0};

    room_init(&room, 2 * WIRE_ASK_REPLY_WIRE_MEMORY, 0);
    ck_assert_int_eq(wire_ask_reply_encode(&reply, &room.memory, &bytes), 0);
    put_long(&draft, 1, bytes.data + 2, bytes.size - 2);
    ck_assert_int_eq(wire_ask_reply_decode(bytes, &room.memory, &reply), 0);
    reply.more.items = more;
    reply.more.count = 1;
    ck_assert_int_eq(wire_ask_reply_encode(&reply, &room.memory, &bytes), SN_TOO_LARGE);
    put_long(&draft, 2, "\x0a\x08nickname", 10);
    ck_assert_int_eq(wire_ask_reply_decode(draft_bytes(&draft), &room.memory, &reply),
                     SN_TOO_LARGE);
    ck_assert_uint_eq(reply.more.count, 0);
}
END_TEST

/* ---- fixed bytes -------------------------------------------------------------------------- */

/* What these messages are for ever: changing it breaks every peer. */
START_TEST(bytes_are_as_ever)
{
    static const uint8_t ask_bytes[] = {0x08, 0x96, 0x01, 0x12, 0x07, 't',
                                        'e',  's',  't',  'i',  'n',  'g'};
    static const uint8_t newer_bytes[] = {
        0x08, 0x01,                                           /* id: 1 */
        0x12, 0x02, 'm',  'e',                                /* owner: "me" */
        0x1a, 0x04, 0x08, 0x01, 0x10, 0x04,                   /* points: -1, 2 */
        0x1a, 0x07, 0x08, 0xac, 0x02, 0x10, 0xff, 0xff, 0x03, /* points: 150, -32768 */
        0x21, 0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01, /* seen */
        0x2d, 0x00, 0x00, 0xc0, 0x3f,                         /* ratio: 1.5 */
    };
    static const struct wire_point points[] = {{-1, 2}, {150, INT16_MIN}};
    struct wire_ask ask = {.id = 150, .note = {.present = true, .value = sn_string("testing")}};
    struct wire_newer newer = {.id = 1,
                               .owner = sn_string("me"),
                               .points = {points, 2},
                               .seen = UINT64_C(0x0102030405060708),
                               .ratio = 1.5f};
    struct room room;
    struct sn_bytes bytes;

    room_init(&room, 2 * WIRE_NEWER_WIRE_MEMORY, 0);
    ck_assert_int_eq(wire_ask_encode(&ask, &room.memory, &bytes), 0);
    assert_bytes(bytes, sn_bytes_of(ask_bytes, sizeof ask_bytes));
    ck_assert_int_eq(wire_newer_encode(&newer, &room.memory, &bytes), 0);
    assert_bytes(bytes, sn_bytes_of(newer_bytes, sizeof newer_bytes));
    ck_assert_int_eq(wire_newer_decode(bytes, &room.memory, &newer), 0);
    ck_assert(newer.points.items[1].x == 150 && newer.points.items[1].y == INT16_MIN);
}
END_TEST

START_TEST(lists_of_numbers_are_packed)
{
    static const int8_t small[] = {-1, 1, -128};
    static const bool flags[] = {true, false};
    static const uint8_t expected[] = {
        0x0a, 0x02, 0x01, 0x00,             /* flags */
        0x12, 0x04, 0x01, 0x02, 0xff, 0x01, /* small, as sint32 */
        0x6a, 0x04, 0x00, 0x00, 0x00, 0x00, /* four */
        0x72, 0x02, 0x00, 0x00,             /* shorts */
        0x7a, 0x04, 0x08, 0x00, 0x10, 0x00, /* pair */
        0x7a, 0x04, 0x08, 0x00, 0x10, 0x00, /* its second */
        0x82, 0x01, 0x00, 0x82, 0x01, 0x00, /* names */
    };
    struct wire_lists lists = {.flags = {flags, 2}, .small = {small, 3}};
    struct room room;
    struct sn_bytes bytes;

    room_init(&room, WIRE_LISTS_WIRE_MEMORY, 0);
    ck_assert_int_eq(wire_lists_encode(&lists, &room.memory, &bytes), 0);
    assert_bytes(bytes, sn_bytes_of(expected, sizeof expected));
}
END_TEST

/* ---- unknown fields ----------------------------------------------------------------------- */

static struct sn_bytes encode_newer(struct room *room)
{
    static const struct wire_point points[] = {{1, 2}, {3, 4}};
    struct wire_newer newer = {.id = 42,
                               .owner = sn_string("somebody"),
                               .points = {points, 2},
                               .seen = 99,
                               .ratio = 0.25f};
    struct sn_bytes bytes;

    ck_assert_int_eq(wire_newer_encode(&newer, &room->memory, &bytes), 0);
    return bytes;
}

START_TEST(unknown_fields_survive_where_they_are_kept)
{
    struct room room;
    struct wire_kept kept;
    struct wire_newer newer;
    struct sn_bytes bytes, again;

    room_init(&room, ROOM_BYTES / 2, 0);
    bytes = encode_newer(&room);
    ck_assert_int_eq(wire_kept_decode(bytes, &room.memory, &kept), 0);
    ck_assert_uint_eq(kept.id, 42);
    ck_assert_uint_gt(kept.unknown.size, 0);
    kept.id = 43;
    ck_assert_int_eq(wire_kept_encode(&kept, &room.memory, &again), 0);
    ck_assert_int_eq(wire_newer_decode(again, &room.memory, &newer), 0);
    ck_assert_uint_eq(newer.id, 43);
    assert_text(newer.owner, "somebody");
    ck_assert_uint_eq(newer.points.count, 2);
    ck_assert_int_eq(newer.points.items[1].y, 4);
    ck_assert_uint_eq(newer.seen, 99);
    ck_assert(newer.ratio == 0.25f);
}
END_TEST

START_TEST(unknown_fields_are_dropped_elsewhere)
{
    static const uint8_t expected[] = {0x08, 42, 0x12, 8, 's', 'o', 'm', 'e', 'b', 'o', 'd', 'y'};
    struct room room;
    struct wire_ask ask;
    struct sn_bytes bytes;

    room_init(&room, ROOM_BYTES / 2, 0);
    bytes = encode_newer(&room);
    ck_assert_int_eq(wire_ask_decode(bytes, &room.memory, &ask), 0);
    ck_assert_int_eq(wire_ask_encode(&ask, &room.memory, &bytes), 0);
    assert_bytes(bytes, sn_bytes_of(expected, sizeof expected));
}
END_TEST

START_TEST(unknown_fields_have_a_maximum)
{
    static const uint8_t text[62] = "";
    struct room room;
    struct wire_kept kept;
    struct draft draft = {.size = 0};

    room_init(&room, WIRE_KEPT_WIRE_MEMORY, 0);
    put_long(&draft, 5, text, 62); /* 64 bytes */
    ck_assert_int_eq(wire_kept_decode(draft_bytes(&draft), &room.memory, &kept), 0);
    ck_assert_uint_eq(kept.unknown.size, 64);
    put_varint(&draft, 6, 0);
    ck_assert_int_eq(wire_kept_decode(draft_bytes(&draft), &room.memory, &kept), SN_TOO_LARGE);
}
END_TEST

START_TEST(kept_fields_must_be_unknown_fields)
{
    static const struct {
        const char *bytes;
        size_t size;
    } wrong[] = {
        {"\x08\x01", 2},     /* a field that is known */
        {"\x10", 1},         /* cut off */
        {"\x13\x14", 2},     /* a group */
        {"\x12\x02\x00", 3}, /* a length past the end */
        {"\x00\x00", 2},     /* no tag */
    };
    struct room room;
    struct wire_kept kept = {.id = 1};
    struct sn_bytes bytes;

    room_init(&room, WIRE_KEPT_WIRE_MEMORY, 0);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        kept.unknown = sn_bytes_of((const uint8_t *)wrong[i].bytes, wrong[i].size);
        ck_assert_int_eq(wire_kept_encode(&kept, &room.memory, &bytes), SN_MALFORMED);
    }
}
END_TEST

/* ---- memory ------------------------------------------------------------------------------- */

/* The longest bytes that are allowed: no list packed, each number in ten bytes, the most and
 * smallest unknown fields to keep, and one to drop so that a copy is made. */
static void put_padded(struct draft *draft, uint32_t tag, unsigned number)
{
    put_tag(draft, tag, 0);
    put_byte(draft, number | 0x80);
    for (unsigned i = 0; i < 8; i++)
        put_byte(draft, 0x80);
    put_byte(draft, 0);
}

static void put_largest_tag(struct draft *draft)
{
    struct draft tag = {.size = 0};

    put_long(&tag, 1, "12345678", 8);
    put_padded(&tag, 2, 1);
    for (unsigned i = 0; i < 8; i++)
        put_varint(&tag, 9, 0);
    put_long(draft, 12, tag.bytes, tag.size);
}

static void put_largest_lists(struct draft *draft)
{
    static const struct {
        uint32_t tag;
        unsigned count;
    } numbers[] = {{1, 3}, {2, 3}, {3, 20}, {4, 4}, {5, 3}, {8, 4}, {13, 4}, {14, 2}};
    static const uint8_t eight[8];

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        for (unsigned k = 0; k < numbers[i].count; k++)
            put_padded(draft, numbers[i].tag, 1);
    for (unsigned i = 0; i < 6; i++) {
        put_tag(draft, i < 3 ? 6 : 7, 1);
        for (unsigned k = 0; k < 8; k++)
            put_byte(draft, eight[k]);
    }
    for (unsigned i = 0; i < 3; i++) {
        put_long(draft, 9, "12345678", 8);
        put_long(draft, 10, eight, 8);
        put_largest_tag(draft);
    }
    for (unsigned i = 0; i < 6; i++)
        put_long(draft, i < 4 ? 11 : 15, "\x08\x81\x80\x80\x80\x80\x80\x80\x80\x80\x00\x10\x01",
                 13);
    put_long(draft, 16, "1234", 4);
    put_long(draft, 16, "1234", 4);
    put_varint(draft, 1000, 1);
}

START_TEST(the_memory_of_the_header_is_enough)
{
    struct draft draft = {.size = 0};
    struct wire_lists lists;
    struct sn_bytes bytes;

    put_largest_lists(&draft);
    for (size_t offset = 0; offset < 8; offset++) {
        struct room room;
        size_t used;

        room_init(&room, WIRE_LISTS_WIRE_MEMORY, offset);
        ck_assert_int_eq(wire_lists_decode(draft_bytes(&draft), &room.memory, &lists), 0);
        ck_assert_uint_eq(lists.tags.items[2].rest.size, 16);
        ck_assert_uint_eq(lists.numbers.count, 20);
        used = room.memory.used;
        room_init(&room, WIRE_LISTS_WIRE_MEMORY, offset);
        case_lists(&lists);
        ck_assert_int_eq(wire_lists_encode(&lists, &room.memory, &bytes), 0);
        ck_assert(room_is_whole(&room));
        ck_assert_uint_lt(used, WIRE_LISTS_WIRE_MEMORY);
    }
}
END_TEST

START_TEST(less_memory_is_full_and_harms_nothing)
{
    struct draft draft = {.size = 0};
    size_t size = 0;
    int rc = SN_FULL;

    put_largest_lists(&draft);
    for (; rc == SN_FULL && size <= WIRE_LISTS_WIRE_MEMORY; size++) {
        struct room room;
        struct wire_lists lists;

        room_init(&room, size, size % 8);
        rc = wire_lists_decode(draft_bytes(&draft), &room.memory, &lists);
        ck_assert(room_is_whole(&room));
        ck_assert(rc == 0 || (room.memory.used == 0 && lists.numbers.count == 0));
    }
    ck_assert_int_eq(rc, 0);
    rc = SN_FULL;
    for (size = 0; rc == SN_FULL && size <= WIRE_LISTS_WIRE_MEMORY; size++) {
        struct room room;
        struct wire_lists lists;
        struct sn_bytes bytes;

        room_init(&room, size, size % 8);
        case_lists(&lists);
        rc = wire_lists_encode(&lists, &room.memory, &bytes);
        ck_assert(room_is_whole(&room));
        ck_assert(rc == 0 || room.memory.used == 0);
    }
    ck_assert_int_eq(rc, 0);
}
END_TEST

START_TEST(results_stay_until_they_are_taken_back)
{
    struct room room;
    struct wire_ask ask = {.id = 1, .note = {.present = true, .value = sn_string("first")}};
    struct wire_ask first, second;
    struct sn_bytes bytes;
    size_t used;

    room_init(&room, ROOM_BYTES / 2, 0);
    ck_assert_int_eq(wire_ask_encode(&ask, &room.memory, &bytes), 0);
    ck_assert_int_eq(wire_ask_decode(bytes, &room.memory, &first), 0);
    used = room.memory.used;
    ask.note.value = sn_string("second");
    ck_assert_int_eq(wire_ask_encode(&ask, &room.memory, &bytes), 0);
    ck_assert_int_eq(wire_ask_decode(bytes, &room.memory, &second), 0);
    assert_text(first.note.value, "first");
    assert_text(second.note.value, "second");
    ck_assert_uint_gt(room.memory.used, used);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("round_trip");
    Suite *suite = suite_create("wire");
    SRunner *runner;
    int failed;

#ifdef COUNTS_ALLOCATIONS
    tcase_add_test(tcase, nothing_is_allocated);
#endif
    tcase_add_test(tcase, every_type_comes_back);
    tcase_add_test(tcase, zeros_come_back);
    tcase_add_test(tcase, missing_fields_are_zero);
    tcase_add_test(tcase, every_list_comes_back);
    tcase_add_test(tcase, one_past_a_limit_is_too_large);
    tcase_add_test(tcase, values_that_no_type_has_are_invalid);
    tcase_add_test(tcase, a_message_past_its_limit_is_too_large);
    tcase_add_test(tcase, bytes_are_as_ever);
    tcase_add_test(tcase, lists_of_numbers_are_packed);
    tcase_add_test(tcase, unknown_fields_survive_where_they_are_kept);
    tcase_add_test(tcase, unknown_fields_are_dropped_elsewhere);
    tcase_add_test(tcase, unknown_fields_have_a_maximum);
    tcase_add_test(tcase, kept_fields_must_be_unknown_fields);
    tcase_add_test(tcase, the_memory_of_the_header_is_enough);
    tcase_add_test(tcase, less_memory_is_full_and_harms_nothing);
    tcase_add_test(tcase, results_stay_until_they_are_taken_back);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
