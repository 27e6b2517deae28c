/* SPDX-License-Identifier: MIT */
/*
 * The values that travel. A case is made twice, by the sender and by whoever compares, so that
 * nothing but the message connects the two. Cases that must be refused begin as the full one and
 * pass one limit by one.
 */
#include "travel_case.h"

#include <math.h>

static struct sn_string text_of(const struct travel_case *value, size_t size)
{
    return sn_string_of(value->letters, size);
}

static struct sn_bytes bytes_of(const struct travel_case *value, size_t size)
{
    return sn_bytes_of(value->bytes, size);
}

static void fill_memory(struct travel_case *value)
{
    for (size_t i = 0; i < sizeof value->letters; i++) {
        value->letters[i] = (char)('a' + i % 26);
        value->bytes[i] = (uint8_t)(i * 37); /* zeros among them */
    }
    for (size_t i = 0; i < 5; i++) {
        value->colors[i] = (enum travel_color)(i % 3);
        value->points[i] = (struct travel_point){.x = INT32_MIN + (int32_t)i, .y = (int16_t)-i};
    }
    for (size_t i = 0; i < 4; i++) {
        value->words[i] = text_of(value, 8 - i);
        value->chunks[i] = bytes_of(value, 8 - i);
    }
    for (size_t i = 0; i < 3; i++)
        value->tags[i] = (struct travel_tag){text_of(value, 8 - i), TRAVEL_COLOR_BLUE};
    for (size_t i = 0; i < 6; i++)
        value->numbers[i] = INT64_MIN + (int64_t)i;
}

static void fill_scalars(struct travel_all *all)
{
    all->flag = true;
    all->a = INT8_MIN;
    all->b = INT16_MIN;
    all->c = INT32_MIN;
    all->d = INT64_MIN;
    all->e = UINT8_MAX;
    all->f = UINT16_MAX;
    all->g = UINT32_MAX;
    all->h = UINT64_MAX;
    all->i = -INFINITY;
    all->j = 0.1;
    all->k = UINT64_MAX;
    all->l = 1;
    all->color = TRAVEL_COLOR_BLUE;
    all->who = (travel_mirror_ref){{UINT64_MAX}};
    for (uint32_t i = 0; i < 4; i++)
        all->four[i] = UINT32_MAX - i;
    all->maybe_number = (struct sn_u32_optional){true, UINT32_MAX};
}

static void fill_full(struct travel_case *value)
{
    struct travel_all *all = &value->all;

    fill_scalars(all);
    all->text = text_of(value, 16);
    all->blob = bytes_of(value, 16);
    all->colors = (struct travel_color_list){value->colors, 4};
    all->words = (struct sn_string_list){value->words, 3};
    all->chunks = (struct sn_bytes_list){value->chunks, 3};
    all->points = (struct travel_point_list){value->points, 4};
    all->tag = value->tags[0];
    all->tags = (struct travel_tag_list){value->tags, 2};
    all->pair[0] = value->tags[1];
    all->pair[1] = value->tags[0];
    all->maybe_text = (struct sn_string_optional){true, text_of(value, 8)};
    all->maybe_tag = (struct travel_tag_optional){true, value->tags[0]};
    all->numbers = (struct sn_i64_list){value->numbers, 5};
}

/* Something here, nothing there; what is absent would not pass if it were looked at. */
static void fill_half(struct travel_case *value)
{
    struct travel_all *all = &value->all;

    fill_full(value);
    all->text.size = 7;
    all->blob = bytes_of(value, 0);
    all->colors.count = 0;
    all->words.count = 1;
    all->chunks.count = 2;
    all->points.count = 3;
    all->tags.count = 1;
    all->tag.text.size = 0;
    all->maybe_number.present = false;
    all->maybe_text = (struct sn_string_optional){false, text_of(value, 32)};
    all->maybe_tag.present = false;
    all->maybe_tag.value.color = (enum travel_color)77;
    all->numbers.count = 4;
}

static void spoil(struct travel_case *value, enum case_number number)
{
    struct travel_all *all = &value->all;

    switch (number) {
    case CASE_TEXT_LONG:
        all->text.size++;
        break;
    case CASE_TEXT_NUL:
        value->letters[15] = '\0';
        break;
    case CASE_BLOB_LONG:
        all->blob.size++;
        break;
    case CASE_COLOR:
        all->color = (enum travel_color)3;
        break;
    case CASE_COLORS_LONG:
        all->colors.count++;
        break;
    case CASE_COLORS_ITEM:
        value->colors[3] = (enum travel_color)3;
        break;
    case CASE_WORDS_LONG:
        all->words.count++;
        break;
    case CASE_WORDS_ITEM_LONG:
        value->words[2].size = 9;
        break;
    case CASE_WORDS_ITEM_NUL:
        value->words[2] = sn_string_of("a\0b", 3);
        break;
    case CASE_CHUNKS_LONG:
        all->chunks.count++;
        break;
    case CASE_CHUNKS_ITEM:
        value->chunks[2].size = 9;
        break;
    case CASE_POINTS_LONG:
        all->points.count++;
        break;
    case CASE_TAG_TEXT:
        all->tag.text.size = 9;
        break;
    case CASE_TAG_COLOR:
        all->tag.color = (enum travel_color) - 1;
        break;
    case CASE_TAGS_LONG:
        all->tags.count++;
        break;
    case CASE_TAGS_ITEM:
        value->tags[1].text.size = 9;
        break;
    case CASE_PAIR:
        all->pair[1].text.size = 9;
        break;
    case CASE_MAYBE_TEXT:
        all->maybe_text.value.size = 9;
        break;
    case CASE_MAYBE_TAG:
        all->maybe_tag.value.color = (enum travel_color)3;
        break;
    case CASE_NUMBERS_LONG:
        all->numbers.count++;
        break;
    default:
        break;
    }
}

void travel_case_make(struct travel_case *value, enum case_number number)
{
    memset(value, 0, sizeof *value);
    fill_memory(value);
    if (number == CASE_HALF)
        fill_half(value);
    else if (number != CASE_EMPTY)
        fill_full(value);
    spoil(value, number);
}

int travel_case_result(enum case_number number)
{
    switch (number) {
    case CASE_EMPTY:
    case CASE_HALF:
    case CASE_FULL:
        return 0;
    case CASE_TEXT_NUL:
    case CASE_COLOR:
    case CASE_COLORS_ITEM:
    case CASE_WORDS_ITEM_NUL:
    case CASE_TAG_COLOR:
    case CASE_MAYBE_TAG:
        return SN_INVALID;
    default:
        return SN_TOO_LARGE;
    }
}

static bool same_text(struct sn_string left, struct sn_string right)
{
    return left.data != NULL && left.data[left.size] == '\0' && sn_string_equal(left, right);
}

static bool same_bytes(struct sn_bytes left, struct sn_bytes right)
{
    return left.size == right.size &&
           (left.size == 0 || memcmp(left.data, right.data, left.size) == 0);
}

static bool same_tag(const struct travel_tag *left, const struct travel_tag *right)
{
    return left->color == right->color && same_text(left->text, right->text);
}

static bool same_scalars(const struct travel_all *left, const struct travel_all *right)
{
    return left->flag == right->flag && left->a == right->a && left->b == right->b &&
           left->c == right->c && left->d == right->d && left->e == right->e &&
           left->f == right->f && left->g == right->g && left->h == right->h &&
           left->i == right->i && left->j == right->j && left->k == right->k &&
           left->l == right->l && left->color == right->color &&
           memcmp(left->four, right->four, sizeof left->four) == 0 &&
           sn_ref_equal(left->who.ref, right->who.ref) &&
           left->maybe_number.present == right->maybe_number.present &&
           (!left->maybe_number.present || left->maybe_number.value == right->maybe_number.value);
}

static bool same_lists(const struct travel_all *left, const struct travel_all *right)
{
    bool same = left->words.count == right->words.count &&
                left->chunks.count == right->chunks.count && left->tags.count == right->tags.count;

    for (size_t i = 0; same && i < left->words.count; i++)
        same = same_text(left->words.items[i], right->words.items[i]);
    for (size_t i = 0; same && i < left->chunks.count; i++)
        same = same_bytes(left->chunks.items[i], right->chunks.items[i]);
    for (size_t i = 0; same && i < left->tags.count; i++)
        same = same_tag(&left->tags.items[i], &right->tags.items[i]);
    same = same && left->colors.count == right->colors.count;
    for (size_t i = 0; same && i < left->colors.count; i++)
        same = left->colors.items[i] == right->colors.items[i];
    same = same && left->points.count == right->points.count;
    for (size_t i = 0; same && i < left->points.count; i++)
        same = left->points.items[i].x == right->points.items[i].x &&
               left->points.items[i].y == right->points.items[i].y;
    same = same && left->numbers.count == right->numbers.count;
    for (size_t i = 0; same && i < left->numbers.count; i++)
        same = left->numbers.items[i] == right->numbers.items[i];
    return same;
}

static bool same_optionals(const struct travel_all *left, const struct travel_all *right)
{
    if (left->maybe_text.present != right->maybe_text.present ||
        left->maybe_tag.present != right->maybe_tag.present)
        return false;
    if (left->maybe_text.present && !same_text(left->maybe_text.value, right->maybe_text.value))
        return false;
    if (!left->maybe_text.present && left->maybe_text.value.data != NULL)
        return false; /* would point to the sender's memory */
    return !left->maybe_tag.present || same_tag(&left->maybe_tag.value, &right->maybe_tag.value);
}

bool travel_case_is(const struct travel_all *all, enum case_number number)
{
    struct travel_case expected;

    travel_case_make(&expected, number);
    return same_scalars(all, &expected.all) && same_text(all->text, expected.all.text) &&
           same_bytes(all->blob, expected.all.blob) && same_lists(all, &expected.all) &&
           same_tag(&all->tag, &expected.all.tag) &&
           same_tag(&all->pair[0], &expected.all.pair[0]) &&
           same_tag(&all->pair[1], &expected.all.pair[1]) && same_optionals(all, &expected.all);
}
