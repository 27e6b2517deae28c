/* SPDX-License-Identifier: MIT */

/*
 * The kinds of partition, their limits and their refusals.
 */

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "../countdown.h"
#include "hash/hash.h"
#include "partition/partition.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static struct sn_partition *create(const struct sn_partition_options *options)
{
    struct sn_partition *partition = NULL;

    ck_assert_int_eq(sn_partition_create(&sn_allocator_system, options, &partition), 0);
    ck_assert_uint_eq(sn_partition_members(partition), options->members);
    return partition;
}

static void expect_refusal(const struct sn_partition_options *options)
{
    struct countdown countdown;
    struct sn_partition *partition = NULL;

    countdown_init(&countdown, -1);
    ck_assert_int_eq(sn_partition_create(&countdown.allocator, options, &partition), -EINVAL);
    ck_assert_ptr_null(partition);
    ck_assert_int_eq(atomic_load(&countdown.live_bytes), 0);
}

START_TEST(hash_covers_the_members_evenly)
{
    struct sn_partition_options options = {.kind = SN_PARTITION_HASH, .members = 7};
    struct sn_partition *partition = create(&options);
    uint32_t owned[7] = {0};

    for (uint64_t key = 0; key < 70000; key++)
        owned[sn_partition_of_u64(partition, key)]++;
    for (int i = 0; i < 7; i++) {
        ck_assert_uint_gt(owned[i], 9500);
        ck_assert_uint_lt(owned[i], 10500);
    }
    sn_partition_destroy(partition);
}
END_TEST

START_TEST(hash_at_its_ends)
{
    static const uint32_t members[] = {1, 2, 3, 1000, UINT32_MAX};

    for (size_t i = 0; i < COUNT(members); i++) {
        struct sn_partition_options options = {.kind = SN_PARTITION_HASH, .members = members[i]};
        struct sn_partition *partition = create(&options);

        ck_assert_uint_eq(sn_partition_of_hash(partition, 0), 0);
        ck_assert_uint_eq(sn_partition_of_hash(partition, UINT64_MAX), members[i] - 1);
        ck_assert_uint_eq(sn_partition_of_hash(partition, UINT64_C(1) << 63), members[i] / 2);
        sn_partition_destroy(partition);
    }
}
END_TEST

static const enum sn_partition_kind hashed_kinds[] = {SN_PARTITION_HASH,
                                                      SN_PARTITION_CONSISTENT_HASH};

START_TEST(all_kinds_of_keys_go_through_the_hash)
{
    struct sn_partition_options options = {.kind = hashed_kinds[_i], .members = 1000};
    struct sn_partition *partition = create(&options);

    for (uint64_t key = 0; key < 1000; key++) {
        uint32_t member = sn_partition_of_hash(partition, sn_hash_u64(key));

        ck_assert_uint_eq(sn_partition_of_u64(partition, key), member);
        ck_assert_uint_eq(sn_partition_of_i64(partition, (int64_t)key), member);
    }
    ck_assert_uint_eq(sn_partition_of_i64(partition, -1),
                      sn_partition_of_u64(partition, UINT64_MAX));
    ck_assert_uint_eq(sn_partition_of_bytes(partition, "the", 3),
                      sn_partition_of_hash(partition, sn_hash_bytes("the", 3)));
    ck_assert_uint_eq(sn_partition_of_bytes(partition, NULL, 0),
                      sn_partition_of_hash(partition, sn_hash_bytes("", 0)));
    sn_partition_destroy(partition);
}
END_TEST

START_TEST(virtual_nodes_have_a_default)
{
    struct sn_partition_options by_default = {.kind = SN_PARTITION_CONSISTENT_HASH, .members = 20};
    struct sn_partition_options explicit = by_default;

    explicit.virtual_nodes = 128;
    struct sn_partition *a = create(&by_default);
    struct sn_partition *b = create(&explicit);

    for (uint64_t key = 0; key < 10000; key++)
        ck_assert_uint_eq(sn_partition_of_u64(a, key), sn_partition_of_u64(b, key));
    sn_partition_destroy(a);
    sn_partition_destroy(b);
}
END_TEST

START_TEST(seed_makes_another_circle)
{
    struct sn_partition_options options = {.kind = SN_PARTITION_CONSISTENT_HASH, .members = 20};
    struct sn_partition *a = create(&options);

    options.ring_seed = 1;
    struct sn_partition *b = create(&options);
    int same = 0;

    for (uint64_t key = 0; key < 10000; key++)
        same += sn_partition_of_u64(a, key) == sn_partition_of_u64(b, key);
    ck_assert_int_lt(same, 2000); /* one in twenty by chance */
    sn_partition_destroy(a);
    sn_partition_destroy(b);
}
END_TEST

START_TEST(range_of_unsigned_keys)
{
    uint64_t splits[] = {10, 20, UINT64_MAX};
    struct sn_partition_options options = {
        .kind = SN_PARTITION_RANGE, .members = 4, .ranges = {.splits = 3, .u64 = splits}};
    struct sn_partition *partition = create(&options);

    memset(splits, 0, sizeof(splits)); /* they were copied */
    ck_assert_uint_eq(sn_partition_of_u64(partition, 0), 0);
    ck_assert_uint_eq(sn_partition_of_u64(partition, 9), 0);
    ck_assert_uint_eq(sn_partition_of_u64(partition, 10), 1);
    ck_assert_uint_eq(sn_partition_of_u64(partition, 19), 1);
    ck_assert_uint_eq(sn_partition_of_u64(partition, 20), 2);
    ck_assert_uint_eq(sn_partition_of_u64(partition, UINT64_MAX - 1), 2);
    ck_assert_uint_eq(sn_partition_of_u64(partition, UINT64_MAX), 3);
    sn_partition_destroy(partition);
}
END_TEST

START_TEST(range_of_signed_keys)
{
    static const int64_t splits[] = {-100, 0, 100};
    struct sn_partition_options options = {
        .kind = SN_PARTITION_RANGE,
        .members = 4,
        .ranges = {.key = SN_PARTITION_KEY_I64, .splits = 3, .i64 = splits}};
    struct sn_partition *partition = create(&options);

    ck_assert_uint_eq(sn_partition_of_i64(partition, INT64_MIN), 0);
    ck_assert_uint_eq(sn_partition_of_i64(partition, -101), 0);
    ck_assert_uint_eq(sn_partition_of_i64(partition, -100), 1);
    ck_assert_uint_eq(sn_partition_of_i64(partition, -1), 1);
    ck_assert_uint_eq(sn_partition_of_i64(partition, 0), 2);
    ck_assert_uint_eq(sn_partition_of_i64(partition, 100), 3);
    ck_assert_uint_eq(sn_partition_of_i64(partition, INT64_MAX), 3);
    sn_partition_destroy(partition);
}
END_TEST

START_TEST(range_of_strings)
{
    char g[] = "g";
    struct sn_partition_bytes splits[] = {{g, 1}, {"ga", 2}, {"n\0x", 3}, {"\xc3\xa9", 2}};
    struct sn_partition_options options = {
        .kind = SN_PARTITION_RANGE,
        .members = 5,
        .ranges = {.key = SN_PARTITION_KEY_BYTES, .splits = 4, .bytes = splits}};
    struct sn_partition *partition = create(&options);

    g[0] = 'z'; /* the strings were copied */
    ck_assert_uint_eq(sn_partition_of_bytes(partition, NULL, 0), 0);
    ck_assert_uint_eq(sn_partition_of_bytes(partition, "fzzz", 4), 0);
    ck_assert_uint_eq(sn_partition_of_bytes(partition, "g", 1), 1);
    ck_assert_uint_eq(sn_partition_of_bytes(partition, "g\0", 2), 1);
    ck_assert_uint_eq(sn_partition_of_bytes(partition, "ga", 2), 2);
    ck_assert_uint_eq(sn_partition_of_bytes(partition, "n", 1), 2);
    ck_assert_uint_eq(sn_partition_of_bytes(partition, "n\0x", 3), 3);
    ck_assert_uint_eq(sn_partition_of_bytes(partition, "zebra", 5), 3);
    ck_assert_uint_eq(sn_partition_of_bytes(partition, "\xc3\xa9", 2), 4);
    ck_assert_uint_eq(sn_partition_of_bytes(partition, "\xff", 1), 4);
    sn_partition_destroy(partition);
}
END_TEST

START_TEST(range_may_start_with_the_empty_string)
{
    static const struct sn_partition_bytes splits[] = {{NULL, 0}};
    struct sn_partition_options options = {
        .kind = SN_PARTITION_RANGE,
        .members = 2,
        .ranges = {.key = SN_PARTITION_KEY_BYTES, .splits = 1, .bytes = splits}};
    struct sn_partition *partition = create(&options);

    ck_assert_uint_eq(sn_partition_of_bytes(partition, "", 0), 1);
    ck_assert_uint_eq(sn_partition_of_bytes(partition, "a", 1), 1);
    sn_partition_destroy(partition);
}
END_TEST

static const enum sn_partition_key range_keys[] = {SN_PARTITION_KEY_U64, SN_PARTITION_KEY_I64,
                                                   SN_PARTITION_KEY_BYTES};

START_TEST(range_of_one_member_needs_no_splits)
{
    struct sn_partition_options options = {
        .kind = SN_PARTITION_RANGE, .members = 1, .ranges = {.key = range_keys[_i]}};
    struct sn_partition *partition = create(&options);

    if (range_keys[_i] == SN_PARTITION_KEY_U64)
        ck_assert_uint_eq(sn_partition_of_u64(partition, 5), 0);
    else if (range_keys[_i] == SN_PARTITION_KEY_I64)
        ck_assert_uint_eq(sn_partition_of_i64(partition, -5), 0);
    else
        ck_assert_uint_eq(sn_partition_of_bytes(partition, "x", 1), 0);
    sn_partition_destroy(partition);
}
END_TEST

/* Every number of splits from 1 to 64 against a count from the left. */
START_TEST(range_search_agrees_with_a_count)
{
    uint64_t splits[64];

    for (uint32_t count = 1; count <= 64; count++) {
        struct sn_partition_options options = {.kind = SN_PARTITION_RANGE,
                                               .members = count + 1,
                                               .ranges = {.splits = count, .u64 = splits}};

        for (uint32_t i = 0; i < count; i++)
            splits[i] = 3 * i + 1;
        struct sn_partition *partition = create(&options);

        for (uint64_t key = 0; key < 3 * count + 3; key++) {
            uint32_t expected = 0;

            while (expected < count && splits[expected] <= key)
                expected++;
            ck_assert_uint_eq(sn_partition_of_u64(partition, key), expected);
        }
        sn_partition_destroy(partition);
    }
}
END_TEST

START_TEST(bad_options_are_refused)
{
    static const uint64_t equal[] = {1, 1};
    static const int64_t falling[] = {1, -1};
    static const struct sn_partition_bytes strings[] = {{"b", 1}, {"a", 1}};
    static const struct sn_partition_bytes null_string[] = {{NULL, 1}};
    const struct sn_partition_options bad[] = {
        {.kind = SN_PARTITION_HASH},
        {.kind = SN_PARTITION_CONSISTENT_HASH},
        {.kind = (enum sn_partition_kind)99, .members = 1},
        {.kind = SN_PARTITION_CONSISTENT_HASH, .members = UINT32_MAX},
        {.kind = SN_PARTITION_CONSISTENT_HASH, .members = 2048, .virtual_nodes = 2049},
        {.kind = SN_PARTITION_CONSISTENT_HASH, .members = 65536, .virtual_nodes = 65536},
        {.kind = SN_PARTITION_RANGE, .members = 2},
        {.kind = SN_PARTITION_RANGE, .members = 3, .ranges = {.splits = 2}},
        {.kind = SN_PARTITION_RANGE, .members = 3, .ranges = {.splits = 2, .u64 = equal}},
        {.kind = SN_PARTITION_RANGE, .members = 2, .ranges = {.splits = 2, .u64 = equal}},
        {.kind = SN_PARTITION_RANGE,
         .members = 3,
         .ranges = {.key = SN_PARTITION_KEY_I64, .splits = 2, .i64 = falling}},
        {.kind = SN_PARTITION_RANGE,
         .members = 3,
         .ranges = {.key = SN_PARTITION_KEY_BYTES, .splits = 2, .bytes = strings}},
        {.kind = SN_PARTITION_RANGE,
         .members = 2,
         .ranges = {.key = SN_PARTITION_KEY_BYTES, .splits = 1, .bytes = null_string}},
        {.kind = SN_PARTITION_RANGE,
         .members = 3,
         .ranges = {.key = (enum sn_partition_key)99, .splits = 2, .u64 = equal}},
    };

    for (size_t i = 0; i < COUNT(bad); i++)
        expect_refusal(&bad[i]);
}
END_TEST

START_TEST(round_robin_takes_turns)
{
    uint32_t cursor = 0;

    for (uint32_t i = 0; i < 100; i++)
        ck_assert_uint_eq(sn_partition_next(&cursor, 7), i % 7);
    cursor = 6;
    ck_assert_uint_eq(sn_partition_next(&cursor, 3), 0); /* the pool has shrunk */
    ck_assert_uint_eq(sn_partition_next(&cursor, 3), 1);
    cursor = UINT32_MAX;
    ck_assert_uint_eq(sn_partition_next(&cursor, 1), 0);
}
END_TEST

struct loads {
    struct sn_partition_loads base; /* first: `load` casts back */
    const uint32_t *loads;
    uint32_t *asked;
};

static uint32_t load_of(const struct sn_partition_loads *base, uint32_t member)
{
    const struct loads *loads = (const struct loads *)base;

    (*loads->asked)++;
    return loads->loads[member];
}

static uint32_t least(const uint32_t *values, uint32_t members, uint64_t random,
                      uint32_t *ret_asked)
{
    struct loads loads = {{load_of}, values, ret_asked};

    *ret_asked = 0;
    return sn_partition_least_loaded(&loads.base, members, random);
}

START_TEST(least_loaded_is_exact_for_few)
{
    uint32_t values[SN_PARTITION_EXACT_MEMBERS];
    uint32_t asked;

    for (uint32_t members = 1; members <= SN_PARTITION_EXACT_MEMBERS; members++) {
        for (uint32_t idle = 0; idle < members; idle++) {
            for (uint32_t i = 0; i < members; i++)
                values[i] = i == idle ? 3 : 4 + i;
            for (uint64_t seed = 0; seed < 50; seed++) {
                ck_assert_uint_eq(least(values, members, sn_hash_u64(seed), &asked), idle);
                ck_assert_uint_le(asked, members);
            }
        }
    }
}
END_TEST

START_TEST(least_loaded_spreads_equals)
{
    static const uint32_t values[10] = {0};
    uint32_t chosen[10] = {0};
    uint32_t asked;

    for (uint64_t seed = 0; seed < 10000; seed++)
        chosen[least(values, 10, sn_hash_u64(seed), &asked)]++;
    for (int i = 0; i < 10; i++) {
        ck_assert_uint_gt(chosen[i], 800);
        ck_assert_uint_lt(chosen[i], 1200);
    }
}
END_TEST

/* With one idle member among 100, two distinct choices find it in 2 of 100 cases. */
START_TEST(least_loaded_is_the_better_of_two_for_many)
{
    uint32_t values[100];
    uint32_t asked;
    int found = 0;

    for (uint32_t i = 0; i < 100; i++)
        values[i] = i == 42 ? 0 : 9;
    for (uint64_t seed = 0; seed < 100000; seed++) {
        found += least(values, 100, sn_hash_u64(seed), &asked) == 42;
        ck_assert_uint_eq(asked, 2);
    }
    ck_assert_int_gt(found, 1850);
    ck_assert_int_lt(found, 2150);
}
END_TEST

START_TEST(least_loaded_never_picks_the_worse_of_all)
{
    uint32_t values[17];
    uint32_t asked;

    /* The only loaded one can never be better than a distinct second. */
    memset(values, 0, sizeof(values));
    values[5] = 1;
    for (uint64_t seed = 0; seed < 100000; seed++)
        ck_assert_uint_ne(least(values, 17, sn_hash_u64(seed), &asked), 5);
    ck_assert_uint_lt(least(values, 17, 0, &asked), 17);
    ck_assert_uint_lt(least(values, 17, UINT64_MAX, &asked), 17);
}
END_TEST

static const struct sn_partition_options allocating[] = {
    {.kind = SN_PARTITION_HASH, .members = 3},
    {.kind = SN_PARTITION_CONSISTENT_HASH, .members = 3, .virtual_nodes = 5},
    {.kind = SN_PARTITION_RANGE,
     .members = 2,
     .ranges = {.splits = 1, .u64 = (const uint64_t[]){7}}},
    {.kind = SN_PARTITION_RANGE,
     .members = 2,
     .ranges = {.key = SN_PARTITION_KEY_BYTES,
                .splits = 1,
                .bytes = (const struct sn_partition_bytes[]){{"m", 1}}}},
};

START_TEST(survives_failing_allocations)
{
    struct countdown countdown;
    struct sn_partition *partition = NULL;
    long fail_at = 0;
    int rc;

    do {
        countdown_init(&countdown, fail_at++);
        rc = sn_partition_create(&countdown.allocator, &allocating[_i], &partition);
        ck_assert(rc == 0 || rc == -ENOMEM);
        if (rc < 0) {
            ck_assert_ptr_null(partition);
            ck_assert_int_eq(atomic_load(&countdown.live_bytes), 0);
        }
    } while (rc < 0);
    ck_assert_int_gt(fail_at, 1);
    sn_partition_destroy(partition);
    ck_assert_int_eq(atomic_load(&countdown.live_bytes), 0);
    sn_partition_destroy(NULL);
}
END_TEST

/* A key that the kind does not have is the programmer's mistake. */
START_TEST(wrong_key_aborts)
{
    static const uint64_t splits[] = {7};
    struct sn_partition_options options = {
        .kind = SN_PARTITION_RANGE, .members = 2, .ranges = {.splits = 1, .u64 = splits}};
    struct sn_partition *range = create(&options);
    struct sn_partition_options turns = {.kind = SN_PARTITION_ROUND_ROBIN, .members = 2};
    struct sn_partition *round_robin = create(&turns);

    if (_i == 0)
        sn_partition_of_i64(range, 1);
    if (_i == 1)
        sn_partition_of_bytes(range, "a", 1);
    if (_i == 2)
        sn_partition_of_hash(range, 1);
    if (_i == 3)
        sn_partition_of_u64(round_robin, 1);
}
END_TEST

static Suite *partition_suite(void)
{
    Suite *suite = suite_create("partition");
    TCase *keyed = tcase_create("keyed");
    TCase *keyless = tcase_create("keyless");
    TCase *refusals = tcase_create("refusals");

    tcase_add_test(keyed, hash_covers_the_members_evenly);
    tcase_add_test(keyed, hash_at_its_ends);
    tcase_add_loop_test(keyed, all_kinds_of_keys_go_through_the_hash, 0, (int)COUNT(hashed_kinds));
    tcase_add_test(keyed, virtual_nodes_have_a_default);
    tcase_add_test(keyed, seed_makes_another_circle);
    tcase_add_test(keyed, range_of_unsigned_keys);
    tcase_add_test(keyed, range_of_signed_keys);
    tcase_add_test(keyed, range_of_strings);
    tcase_add_test(keyed, range_may_start_with_the_empty_string);
    tcase_add_loop_test(keyed, range_of_one_member_needs_no_splits, 0, (int)COUNT(range_keys));
    tcase_add_test(keyed, range_search_agrees_with_a_count);
    suite_add_tcase(suite, keyed);
    tcase_add_test(keyless, round_robin_takes_turns);
    tcase_add_test(keyless, least_loaded_is_exact_for_few);
    tcase_add_test(keyless, least_loaded_spreads_equals);
    tcase_add_test(keyless, least_loaded_is_the_better_of_two_for_many);
    tcase_add_test(keyless, least_loaded_never_picks_the_worse_of_all);
    suite_add_tcase(suite, keyless);
    tcase_add_test(refusals, bad_options_are_refused);
    tcase_add_loop_test(refusals, survives_failing_allocations, 0, (int)COUNT(allocating));
    tcase_add_loop_test_raise_signal(refusals, wrong_key_aborts, SIGABRT, 0, 4);
    suite_add_tcase(suite, refusals);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(partition_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
