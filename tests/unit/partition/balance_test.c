/* SPDX-License-Identifier: MIT */

/*
 * How evenly a circle spreads, and how little a resize moves. Shares are
 * exact: the lengths of the arcs that a member owns, not a sample of keys.
 * (Inner loops use plain comparisons: every ck_assert costs a message to the
 * runner, passed or not.)
 */

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "hash/hash.h"
#include "partition/circle.h"

#define MEMBERS 64
#define SEEDS 51
#define MAX_MEMBERS 128

/* 2^64 as a number. */
#define CIRCUMFERENCE 18446744073709551616.0

struct circle {
    struct sn_partition_circle circle;
    uint32_t members;
};

static void circle_init(struct circle *circle, uint32_t members, uint32_t virtual_nodes,
                        uint64_t seed)
{
    circle->members = members;
    ck_assert_int_eq(sn_partition_circle_init(&circle->circle, &sn_allocator_system, members,
                                              virtual_nodes, seed),
                     0);
}

static void circle_fini(struct circle *circle)
{
    sn_partition_circle_fini(&circle->circle, &sn_allocator_system);
}

/* The largest share over the mean one. */
static double imbalance(const struct circle *circle)
{
    const struct sn_partition_point *points = circle->circle.points;
    uint32_t count = circle->circle.point_count;
    double shares[MAX_MEMBERS] = {0};
    double largest = 0;

    /* The arc before the first point wraps around; unsigned numbers do it. */
    for (uint32_t i = 0; i < count; i++) {
        uint64_t before = i > 0 ? points[i - 1].place : points[count - 1].place;

        shares[points[i].member] += (double)(points[i].place - before);
    }
    for (uint32_t member = 0; member < circle->members; member++)
        largest = shares[member] > largest ? shares[member] : largest;
    return largest / (CIRCUMFERENCE / circle->members);
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;

    return (x > y) - (x < y);
}

static double median_imbalance(uint32_t virtual_nodes)
{
    double imbalances[SEEDS];

    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct circle circle;

        circle_init(&circle, MEMBERS, virtual_nodes, sn_hash_u64(seed));
        imbalances[seed] = imbalance(&circle);
        circle_fini(&circle);
    }
    qsort(imbalances, SEEDS, sizeof(imbalances[0]), compare_doubles);
    return imbalances[SEEDS / 2];
}

START_TEST(balance_at_128_virtual_nodes)
{
    double median = median_imbalance(128);

    ck_assert_msg(median <= 1.25, "median max/mean is %.3f", median);
    ck_assert_msg(median > 1.0, "a median of %.3f is too good to be true", median);
}
END_TEST

START_TEST(balance_at_1024_virtual_nodes)
{
    double median = median_imbalance(1024);

    ck_assert_msg(median <= 1.10, "median max/mean is %.3f", median);
}
END_TEST

/* The wire format's own circle (seed 0), not only the average one. */
START_TEST(balance_of_the_real_circle)
{
    struct circle circle;

    circle_init(&circle, MEMBERS, 128, 0);
    double got = imbalance(&circle);

    circle_fini(&circle);
    ck_assert_msg(got <= 1.35, "max/mean is %.3f", got);
}
END_TEST

/* The share of the keys that another member owns after growing by one. */
static double moved(const struct circle *before, const struct circle *after)
{
    const int keys = 20000;
    int count = 0;

    for (int key = 0; key < keys; key++) {
        uint64_t hash = sn_hash_u64((uint64_t)key);
        uint32_t from = sn_partition_circle_find(&before->circle, hash);
        uint32_t to = sn_partition_circle_find(&after->circle, hash);

        /* The point of consistent hashing: nothing moves between old members. */
        if (from != to && to != before->members)
            ck_abort_msg("key %d moved from %u to %u", key, from, to);
        count += from != to;
    }
    return (double)count / keys;
}

START_TEST(resize_moves_little)
{
    double sum = 0;

    for (uint32_t members = 8; members < 108; members++) {
        struct circle before;
        struct circle after;

        circle_init(&before, members, 128, 0);
        circle_init(&after, members + 1, 128, 0);
        sum += moved(&before, &after) * (members + 1); /* ideal: 1 / (members + 1) */
        circle_fini(&before);
        circle_fini(&after);
    }
    ck_assert_msg(sum / 100 <= 1.05, "a resize moves %.3f times the ideal", sum / 100);
    ck_assert_msg(sum / 100 >= 0.90, "%.3f: the new members get too little", sum / 100);
}
END_TEST

/* The look-up by slices against a plain search, at every border there is. */
static void check_find(const struct circle *circle, uint64_t hash)
{
    const struct sn_partition_point *points = circle->circle.points;
    uint32_t i = 0;

    while (i < circle->circle.point_count && points[i].place < hash)
        i++;
    uint32_t expected = points[i < circle->circle.point_count ? i : 0].member;

    if (sn_partition_circle_find(&circle->circle, hash) != expected)
        ck_abort_msg("hash %llx belongs to %u", (unsigned long long)hash, expected);
}

static const uint32_t shapes[][2] = {{1, 1}, {1, 7}, {2, 1}, {3, 1}, {5, 100}, {64, 4}};

START_TEST(find_agrees_with_a_plain_search)
{
    struct circle circle;

    circle_init(&circle, shapes[_i][0], shapes[_i][1], 0);
    for (uint32_t i = 0; i < circle.circle.point_count; i++) {
        check_find(&circle, circle.circle.points[i].place - 1);
        check_find(&circle, circle.circle.points[i].place);
        check_find(&circle, circle.circle.points[i].place + 1);
    }
    for (uint64_t slice = 0; slice < UINT64_C(1) << (64 - circle.circle.shift); slice++) {
        check_find(&circle, slice << circle.circle.shift);
        check_find(&circle, (slice << circle.circle.shift) - 1);
    }
    for (uint64_t i = 0; i < 10000; i++)
        check_find(&circle, sn_hash_u64(i));
    check_find(&circle, 0);
    check_find(&circle, UINT64_MAX);
    circle_fini(&circle);
}
END_TEST

START_TEST(points_are_sorted)
{
    struct circle circle;

    circle_init(&circle, 64, 128, 0);
    for (uint32_t i = 1; i < circle.circle.point_count; i++) {
        if (circle.circle.points[i - 1].place >= circle.circle.points[i].place)
            ck_abort_msg("point %u is not after the one before it", i);
    }
    circle_fini(&circle);
}
END_TEST

/* A pool keyed by small integers must not end up on one member. */
START_TEST(small_keys_do_not_hit_points)
{
    struct circle circle;
    uint32_t owned[MEMBERS] = {0};

    circle_init(&circle, MEMBERS, 128, 0);
    for (uint64_t key = 0; key < 128; key++)
        owned[sn_partition_circle_find(&circle.circle, sn_hash_u64(key))]++;
    for (uint32_t member = 0; member < MEMBERS; member++)
        ck_assert_uint_lt(owned[member], 16);
    circle_fini(&circle);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("partition");
    TCase *tcase = tcase_create("balance");

    tcase_set_timeout(tcase, 100);
    tcase_add_test(tcase, balance_at_128_virtual_nodes);
    tcase_add_test(tcase, balance_at_1024_virtual_nodes);
    tcase_add_test(tcase, balance_of_the_real_circle);
    tcase_add_test(tcase, resize_moves_little);
    tcase_add_loop_test(tcase, find_agrees_with_a_plain_search, 0,
                        (int)(sizeof(shapes) / sizeof(shapes[0])));
    tcase_add_test(tcase, points_are_sorted);
    tcase_add_test(tcase, small_keys_do_not_hit_points);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
