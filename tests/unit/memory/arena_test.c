/* SPDX-License-Identifier: MIT */

/*
 * The memory of one actor: the bound at its edge, giving back in any order, the end, no memory.
 */

#include <check.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../cheap.h"
#include "../countdown.h"
#include "memory/arena.h"

struct bench {
    struct countdown countdown;
    struct sn_block_pool pool;
    struct sn_arena arena;
};

static void bench_init(struct bench *bench, long fail_at)
{
    memset(bench, 0, sizeof *bench);
    countdown_init(&bench->countdown, fail_at);
    sn_block_pool_init(&bench->pool, &bench->countdown.allocator);
}

static void bench_fini(struct bench *bench)
{
    sn_arena_end(&bench->arena, &bench->pool);
    ck_assert_uint_eq(bench->arena.used, 0);
    for (int i = 0; i < SN_BLOCK_CLASSES; i++)
        ck_assert_uint_eq(bench->pool.classes[i].free_count, bench->pool.classes[i].total);
    sn_block_pool_fini(&bench->pool);
    ck_assert_int_eq(atomic_load(&bench->countdown.live_bytes), 0);
}

static unsigned char *take(struct bench *bench, uint64_t limit, size_t size)
{
    return sn_arena_alloc(&bench->arena, &bench->pool, limit, size);
}

START_TEST(memory_is_zero_aligned_and_apart)
{
    struct bench bench;
    unsigned char *pieces[150];

    bench_init(&bench, -1);
    for (size_t i = 0; i < 150; i++) {
        size_t size = i * i * 3;

        pieces[i] = take(&bench, 0, size);
        ck_assert_ptr_nonnull(pieces[i]);
        ck_assert_uint_eq((uintptr_t)pieces[i] % 32, 0);
        for (size_t k = 0; k < size; k++)
            cheap_assert(pieces[i][k] == 0);
        memset(pieces[i], (int)i, size);
    }
    for (size_t i = 0; i < 150; i++)
        for (size_t k = 0; k < i * i * 3; k++)
            cheap_assert(pieces[i][k] == (unsigned char)i);
    bench_fini(&bench);
}
END_TEST

START_TEST(what_is_given_back_can_be_had_again)
{
    struct bench bench;
    void *pieces[100];

    bench_init(&bench, -1);
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < 100; i++)
            pieces[i] = take(&bench, 0, i * 10);
        /* Every third, from both ends: first, last and middle of the list. */
        for (size_t i = 0; i < 100; i += 3)
            sn_arena_free(&bench.arena, &bench.pool, pieces[i]);
        for (size_t i = 98; i < 100; i--)
            if (i % 3 != 0)
                sn_arena_free(&bench.arena, &bench.pool, pieces[i]);
    }
    sn_arena_free(&bench.arena, &bench.pool, NULL);
    bench_fini(&bench);
}
END_TEST

START_TEST(the_bound_is_exact)
{
    struct bench bench;

    bench_init(&bench, -1);
    /* Blocks of 64 bytes, 32 of which are the head. */
    ck_assert_ptr_nonnull(take(&bench, 128, 32));
    void *second = take(&bench, 128, 32);
    ck_assert_ptr_nonnull(second);
    ck_assert_ptr_null(take(&bench, 128, 0));
    ck_assert_uint_eq(bench.arena.used, 128);
    sn_arena_free(&bench.arena, &bench.pool, second);
    ck_assert_ptr_null(take(&bench, 128, 33));
    ck_assert_ptr_nonnull(take(&bench, 128, 1));
    ck_assert_ptr_null(take(&bench, 1, 0));
    ck_assert_ptr_null(take(&bench, 0, SIZE_MAX));
    ck_assert_ptr_null(take(&bench, 0, SIZE_MAX - 31));
    ck_assert_uint_eq(bench.arena.used, 128);
    bench_fini(&bench);
}
END_TEST

START_TEST(without_memory_nothing_is_charged)
{
    long fail_at = 0;
    bool failed = true;

    while (failed) {
        struct bench bench;

        bench_init(&bench, fail_at++);
        failed = false;
        for (size_t size = 1; size < 300000; size *= 3) {
            uint64_t before = bench.arena.used;

            if (take(&bench, 0, size) == NULL) {
                failed = true;
                ck_assert_uint_eq(bench.arena.used, before);
            }
        }
        bench_fini(&bench);
        ck_assert_int_lt(fail_at, 1000);
    }
    ck_assert_int_gt(fail_at, 5);
}
END_TEST

START_TEST(a_piece_of_another_arena_aborts)
{
    struct bench bench, other;

    bench_init(&bench, -1);
    bench_init(&other, -1);
    sn_arena_free(&other.arena, &other.pool, take(&bench, 0, 1));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("memory");
    TCase *tests = tcase_create("arena");
    SRunner *runner = srunner_create(suite);

    tcase_add_test(tests, memory_is_zero_aligned_and_apart);
    tcase_add_test(tests, what_is_given_back_can_be_had_again);
    tcase_add_test(tests, the_bound_is_exact);
    tcase_add_test(tests, without_memory_nothing_is_charged);
    tcase_add_test_raise_signal(tests, a_piece_of_another_arena_aborts, SIGABRT);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
