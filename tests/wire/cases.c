/* SPDX-License-Identifier: MIT */
#include "cases.h"

#include <float.h>

enum { GUARD = 0xa5, GUARD_BYTES = 64 };

void room_init(struct room *room, size_t size, size_t offset)
{
    size_t gap = -(uintptr_t)room->bytes % 8 + GUARD_BYTES + offset;

    room->memory = (struct sn_wire_memory){.bytes = room->bytes + gap, .size = size};
    memset(room->memory.bytes - GUARD_BYTES, GUARD, size + (size_t)2 * GUARD_BYTES);
}

bool room_is_whole(const struct room *room)
{
    const uint8_t *begin = room->memory.bytes, *end = begin + room->memory.size;

    for (size_t i = 0; i < GUARD_BYTES; i++)
        if (begin[-1 - (ptrdiff_t)i] != GUARD || end[i] != GUARD)
            return false;
    return true;
}

/* Two unknown fields, as an encoder writes them: 100 = 7 and 101 = "abc". */
static const uint8_t unknown[] = {0xa0, 0x06, 0x07, 0xaa, 0x06, 0x03, 'a', 'b', 'c'};

static struct wire_tag full_tag(void)
{
    return (struct wire_tag){
        .text = sn_string("Gr\xc3\xbc\xc3\x9f"
                          "e!"),
        .color = WIRE_COLOR_GREEN,
        .rest = sn_bytes_of(unknown, sizeof unknown),
    };
}

void case_all(struct wire_all *all)
{
    static const uint8_t blob[16] = {0, 1, 2, 0xff, 0x80, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0};

    *all = (struct wire_all){
        .flag = true,
        .a = INT8_MIN,
        .b = INT16_MIN,
        .c = INT32_MIN,
        .d = INT64_MIN,
        .e = UINT8_MAX,
        .f = UINT16_MAX,
        .g = UINT32_MAX,
        .h = UINT64_MAX,
        .i = -FLT_MAX,
        .j = DBL_MIN,
        .for_ns = UINT64_MAX,
        .at_ns = UINT64_C(1795235000000000000),
        .text = sn_string("0123456789abcdef"),
        .blob = sn_bytes_of(blob, sizeof blob),
        .color = WIRE_COLOR_GREEN,
        .point = {.x = -7, .y = INT16_MAX},
        .tag = full_tag(),
        .maybe_flag = {.present = true, .value = false},
        .maybe_number = {.present = true, .value = 0},
        .maybe_text = {.present = true, .value = sn_string("12345678")},
        .maybe_blob = {.present = true, .value = sn_bytes_of(blob, 8)},
        .maybe_color = {.present = true, .value = WIRE_COLOR_NONE},
        .maybe_point = {.present = true, .value = {.x = INT32_MAX, .y = -1}},
        .base = 1,
        .n_items = 2,
        .has_flag = true,
    };
}

void case_lists(struct wire_lists *lists)
{
    static const bool flags[] = {true, false, true};
    static const int8_t small[] = {INT8_MIN, 0, INT8_MAX};
    static const int64_t numbers[20] = {INT64_MIN, -1, 0, 1, INT64_MAX, 5, 6, 7, 8, 9, 10};
    static const uint8_t bytes[] = {0, 1, 254, 255};
    static const uint16_t halves[] = {0, 1, UINT16_MAX};
    static const double reals[] = {-0.5, 0, DBL_MAX};
    static const uint64_t times[] = {0, 1, UINT64_MAX};
    static const enum wire_color colors[] = {WIRE_COLOR_GREEN, WIRE_COLOR_NONE, WIRE_COLOR_RED,
                                             WIRE_COLOR_GREEN};
    static const struct sn_string words[] = {{"12345678", 8}, {"", 0}, {"\xe2\x82\xac", 3}};
    static const struct sn_bytes chunks[] = {{(const uint8_t *)"\0\1\2\3\4\5\6\7", 8},
                                             {(const uint8_t *)"", 0},
                                             {(const uint8_t *)"\xff", 1}};
    static const struct wire_point points[] = {{1, 2}, {-3, -4}, {0, 0}, {INT32_MIN, INT16_MIN}};
    static struct wire_tag tags[3];

    for (size_t i = 0; i < 3; i++)
        tags[i] = full_tag();
    *lists = (struct wire_lists){
        .flags = {flags, 3},
        .small = {small, 3},
        .numbers = {numbers, 20},
        .bytes = {bytes, 4},
        .halves = {halves, 3},
        .reals = {reals, 3},
        .times = {times, 3},
        .colors = {colors, 4},
        .words = {words, 3},
        .chunks = {chunks, 3},
        .points = {points, 4},
        .tags = {tags, 3},
        .four = {1, 2, 3, UINT32_MAX},
        .shorts = {INT16_MIN, INT16_MAX},
        .pair = {{9, 8}, {7, 6}},
        .names = {{"left", 4}, {"", 0}},
    };
}

void put_byte(struct draft *draft, unsigned byte)
{
    if (draft->size < sizeof draft->bytes)
        draft->bytes[draft->size++] = (uint8_t)byte;
}

void put_number(struct draft *draft, uint64_t number)
{
    for (; number >= 0x80; number >>= 7)
        put_byte(draft, (unsigned)(number & 0x7f) | 0x80);
    put_byte(draft, (unsigned)number);
}

void put_tag(struct draft *draft, uint32_t tag, unsigned wire_type)
{
    put_number(draft, (uint64_t)tag << 3 | wire_type);
}

void put_varint(struct draft *draft, uint32_t tag, uint64_t number)
{
    put_tag(draft, tag, 0);
    put_number(draft, number);
}

void put_long(struct draft *draft, uint32_t tag, const void *data, size_t size)
{
    const uint8_t *bytes = data;

    put_tag(draft, tag, 2);
    put_number(draft, size);
    for (size_t i = 0; i < size; i++)
        put_byte(draft, bytes[i]);
}

struct sn_bytes draft_bytes(const struct draft *draft)
{
    return sn_bytes_of(draft->bytes, draft->size);
}
