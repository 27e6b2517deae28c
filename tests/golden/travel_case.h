/* SPDX-License-Identifier: MIT */
#ifndef TESTS_GOLDEN_TRAVEL_CASE_H
#define TESTS_GOLDEN_TRAVEL_CASE_H

#include "travel.h"

/* Values of all types: empty, half full, full, and one for each limit that is passed by one. */
enum case_number {
    CASE_EMPTY,
    CASE_HALF,
    CASE_FULL,
    CASE_RIGHT, /* those before are right, those behind are refused */
    CASE_TEXT_LONG = CASE_RIGHT,
    CASE_TEXT_NUL,
    CASE_BLOB_LONG,
    CASE_COLOR,
    CASE_COLORS_LONG,
    CASE_COLORS_ITEM,
    CASE_WORDS_LONG,
    CASE_WORDS_ITEM_LONG,
    CASE_WORDS_ITEM_NUL,
    CASE_CHUNKS_LONG,
    CASE_CHUNKS_ITEM,
    CASE_POINTS_LONG,
    CASE_TAG_TEXT,
    CASE_TAG_COLOR,
    CASE_TAGS_LONG,
    CASE_TAGS_ITEM,
    CASE_PAIR,
    CASE_MAYBE_TEXT,
    CASE_MAYBE_TAG,
    CASE_NUMBERS_LONG,
    CASES,
};

/* A value with the memory that it points to: nothing of it may be needed once it is sent. */
struct travel_case {
    struct travel_all all;
    char letters[32];
    uint8_t bytes[32];
    enum travel_color colors[5];
    struct sn_string words[4];
    struct sn_bytes chunks[4];
    struct travel_point points[5];
    struct travel_tag tags[3];
    int64_t numbers[6];
};

/** Make the value of a case. */
void travel_case_make(struct travel_case *value, enum case_number number);

/** What sending a case gives: 0, SN_TOO_LARGE or SN_INVALID. */
int travel_case_result(enum case_number number);

/** Whether a value that arrived is that of a case, with texts terminated. */
bool travel_case_is(const struct travel_all *all, enum case_number number);

#endif
