/* SPDX-License-Identifier: MIT */

/*
 * Block pools: size classes at their edges, growth, failing allocations, and large blocks.
 */

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../cheap.h"
#include "../countdown.h"
#include "memory/memory.h"

struct bench {
    struct countdown countdown;
    struct sn_block_pool pool;
};

static void bench_init(struct bench *bench, long fail_at)
{
    countdown_init(&bench->countdown, fail_at);
    sn_block_pool_init(&bench->pool, &bench->countdown.allocator);
}

static void bench_fini(struct bench *bench)
{
    sn_block_pool_fini(&bench->pool);
    ck_assert_int_eq(atomic_load(&bench->countdown.live_bytes), 0);
}

START_TEST(each_size_gets_the_smallest_class_that_holds_it)
{
    uint8_t expected = 0;

    cheap_assert(sn_block_class_size(0) == SN_CACHE_LINE);
    cheap_assert(sn_block_class_size(SN_BLOCK_CLASSES - 1) == SN_BLOCK_SIZE_MAX);
    for (size_t size = 0; size <= SN_BLOCK_SIZE_MAX; size++) {
        if (size > sn_block_class_size(expected))
            expected++;
        cheap_assert(sn_block_class_of(size) == expected);
    }
    cheap_assert(sn_block_class_of(SN_BLOCK_SIZE_MAX + 1) == SN_BLOCK_LARGE);
    cheap_assert(sn_block_class_of(SIZE_MAX) == SN_BLOCK_LARGE);
}
END_TEST

START_TEST(a_class_says_what_its_blocks_take)
{
    for (unsigned class = 0; class < SN_BLOCK_CLASSES; class ++) {
        uint8_t i = (uint8_t) class;
        size_t size = sn_block_class_size(i);

        ck_assert_uint_eq(size % SN_CACHE_LINE, 0);
        ck_assert_uint_eq(sn_block_size(i, NULL), size);
        ck_assert_uint_eq(sn_block_charge(i, 1), size);
    }
}
END_TEST

/* Blocks of all classes are alive at once, full of a pattern of their own. */
START_TEST(blocks_are_aligned_and_do_not_overlap)
{
    enum { EACH = 200 };
    static unsigned char *blocks[SN_BLOCK_CLASSES][EACH];
    struct bench bench;

    bench_init(&bench, -1);
    for (unsigned class = 0; class < SN_BLOCK_CLASSES; class ++)
        for (int i = 0; i < EACH; i++) {
            size_t size = sn_block_class_size((uint8_t) class);

            blocks[class][i] = sn_block_alloc(&bench.pool, (uint8_t) class, size);
            cheap_assert(blocks[class][i] != NULL);
            cheap_assert((uintptr_t)blocks[class][i] % SN_CACHE_LINE == 0);
            memset(blocks[class][i], (int)class * 31 + i, size);
        }
    for (unsigned class = 0; class < SN_BLOCK_CLASSES; class ++)
        for (int i = 0; i < EACH; i++) {
            unsigned char expected = (unsigned char)((int)class * 31 + i);
            size_t size = sn_block_class_size((uint8_t) class);

            cheap_assert(blocks[class][i][0] == expected);
            cheap_assert(blocks[class][i][size - 1] == expected);
            sn_block_free(&bench.pool, class, blocks[class][i]);
        }
    bench_fini(&bench);
}
END_TEST

START_TEST(the_block_freed_last_is_used_first)
{
    struct bench bench;

    bench_init(&bench, -1);
    void *first = sn_block_alloc(&bench.pool, 0, 64);
    void *second = sn_block_alloc(&bench.pool, 0, 64);

    sn_block_free(&bench.pool, 0, first);
    sn_block_free(&bench.pool, 0, second);
    ck_assert_ptr_eq(sn_block_alloc(&bench.pool, 0, 64), second);
    ck_assert_ptr_eq(sn_block_alloc(&bench.pool, 0, 64), first);
    bench_fini(&bench);
}
END_TEST

START_TEST(fresh_blocks_come_in_the_order_of_memory)
{
    struct bench bench;

    bench_init(&bench, -1);
    char *last = sn_block_alloc(&bench.pool, 2, 192);

    for (int i = 0; i < 10; i++) {
        char *next = sn_block_alloc(&bench.pool, 2, 192);

        ck_assert_ptr_eq(next, last + 192);
        last = next;
    }
    bench_fini(&bench);
}
END_TEST

START_TEST(a_pool_without_blocks_holds_no_memory)
{
    struct bench bench;

    bench_init(&bench, -1);
    ck_assert_int_eq(atomic_load(&bench.countdown.live_bytes), 0);
    bench_fini(&bench);
}
END_TEST

START_TEST(growing_keeps_what_is_free_and_what_is_used)
{
    enum { BLOCKS = 5000 };
    static void *blocks[BLOCKS];
    struct bench bench;
    struct sn_block_class *class;

    bench_init(&bench, -1);
    class = &bench.pool.classes[0];
    for (int i = 0; i < BLOCKS; i++) {
        blocks[i] = sn_block_alloc(&bench.pool, 0, 64);
        /* Growing by hand while some are free: the free ones must stay in the stack. */
        if (i == 10)
            cheap_assert(sn_block_pool_grow(&bench.pool, 0) == 0);
        cheap_assert(class->total - class->free_count == (uint32_t)i + 1);
    }
    for (int i = 0; i < BLOCKS; i++)
        sn_block_free(&bench.pool, 0, blocks[i]);
    cheap_assert(class->free_count == class->total);

    uint32_t total = class->total;

    for (uint32_t i = 0; i < total; i++)
        cheap_assert(sn_block_alloc(&bench.pool, 0, 64) != NULL);
    cheap_assert(class->total == total); /* all of them were free: no growth */
    bench_fini(&bench);
}
END_TEST

START_TEST(growth_doubles_so_that_few_slabs_hold_many_blocks)
{
    struct bench bench;
    unsigned growths = 0;
    uint32_t total = 0;

    bench_init(&bench, -1);
    for (int i = 0; i < 200000; i++) {
        cheap_assert(sn_block_alloc(&bench.pool, 0, 64) != NULL);
        growths += bench.pool.classes[0].total != total;
        total = bench.pool.classes[0].total;
    }
    cheap_assert(growths < 16);
    bench_fini(&bench);
}
END_TEST

/* Grow twice, with each of the four allocations failing in turn. */
START_TEST(a_failed_growth_leaves_the_pool_as_it_was)
{
    for (long fail_at = 0;; fail_at++) {
        struct bench bench;
        bool failed = false;

        bench_init(&bench, fail_at);
        for (int i = 0; i < 200; i++) {
            void *block = sn_block_alloc(&bench.pool, 0, 64);

            if (block == NULL) {
                failed = true;
                block = sn_block_alloc(&bench.pool, 0, 64); /* the memory is back */
            }
            ck_assert_ptr_nonnull(block);
            memset(block, i, 64);
        }
        bench_fini(&bench);
        if (!failed) {
            ck_assert_int_eq(fail_at, 4);
            return;
        }
    }
}
END_TEST

START_TEST(large_blocks_come_one_by_one_and_go_back)
{
    struct bench bench;
    size_t size = SN_BLOCK_SIZE_MAX + 1;
    uint8_t class = sn_block_class_of(size);

    bench_init(&bench, -1);
    unsigned char *block = sn_block_alloc(&bench.pool, class, size);

    ck_assert_ptr_nonnull(block);
    ck_assert_uint_eq((uintptr_t)block % SN_CACHE_LINE, 0);
    memset(block, 1, size);
    ck_assert_uint_ge(sn_block_size(class, block), size);
    ck_assert_uint_eq(sn_block_size(class, block), sn_block_charge(class, size));
    ck_assert_int_gt(atomic_load(&bench.countdown.live_bytes), 0);
    sn_block_free(&bench.pool, class, block);
    ck_assert_int_eq(atomic_load(&bench.countdown.live_bytes), 0);
    bench_fini(&bench);
}
END_TEST

START_TEST(a_large_block_outlives_its_pool)
{
    struct bench bench;

    bench_init(&bench, -1);
    void *block = sn_block_alloc(&bench.pool, SN_BLOCK_LARGE, 10000);

    ck_assert_ptr_nonnull(block);
    sn_block_pool_fini(&bench.pool);
    sn_block_free_large(&bench.countdown.allocator, block);
    ck_assert_int_eq(atomic_load(&bench.countdown.live_bytes), 0);
}
END_TEST

START_TEST(large_blocks_at_their_edges)
{
    struct bench bench;

    bench_init(&bench, 0);
    ck_assert_ptr_null(sn_block_alloc(&bench.pool, SN_BLOCK_LARGE, 10000)); /* it failed */
    ck_assert_ptr_null(sn_block_alloc(&bench.pool, SN_BLOCK_LARGE, SIZE_MAX));
    ck_assert_ptr_null(sn_block_alloc(&bench.pool, SN_BLOCK_LARGE, SIZE_MAX - 63));
    sn_block_free_large(&bench.countdown.allocator, NULL);
    /* A small size as a large block: replies to threads outside do that. */
    void *block = sn_block_alloc_large(&bench.countdown.allocator, 1);
    ck_assert_ptr_nonnull(block);
    sn_block_free_large(&bench.countdown.allocator, block);
    bench_fini(&bench);
}
END_TEST

START_TEST(an_untouched_pool_may_be_freed)
{
    struct bench bench;

    bench_init(&bench, -1);
    bench_fini(&bench);
}
END_TEST

#ifdef SN_POISONS
/* AddressSanitizer says where, to its own stream, and exits with 1. */
START_TEST(a_block_that_went_back_is_not_touched)
{
    struct sn_block_pool pool;

    sn_block_pool_init(&pool, &sn_allocator_system);
    volatile char *block = sn_block_alloc(&pool, sn_block_class_of(100), 100);
    block[99] = 1;
    sn_block_free(&pool, sn_block_class_of(100), (void *)block);
    block[99 * _i] = 1;
}
END_TEST

START_TEST(a_fresh_block_that_nobody_took_is_not_touched)
{
    struct sn_block_pool pool;

    sn_block_pool_init(&pool, &sn_allocator_system);
    volatile char *block = sn_block_alloc(&pool, 0, 64);
    block[64] = 1; /* the next one */
}
END_TEST

START_TEST(a_block_goes_back_once)
{
    struct sn_block_pool pool;

    sn_block_pool_init(&pool, &sn_allocator_system);
    void *block = sn_block_alloc(&pool, 0, 64);
    sn_block_free(&pool, 0, block);
    sn_block_free(&pool, 0, block);
}
END_TEST

static void add_poison_tests(TCase *tests)
{
    tcase_add_loop_exit_test(tests, a_block_that_went_back_is_not_touched, 1, 0, 2);
    tcase_add_exit_test(tests, a_fresh_block_that_nobody_took_is_not_touched, 1);
    tcase_add_test_raise_signal(tests, a_block_goes_back_once, SIGABRT);
}
#else
static void add_poison_tests(TCase *tests)
{
    (void)tests; /* AddressSanitizer's */
}
#endif

int main(void)
{
    Suite *suite = suite_create("memory");
    TCase *tests = tcase_create("memory");

    tcase_add_test(tests, each_size_gets_the_smallest_class_that_holds_it);
    tcase_add_test(tests, a_class_says_what_its_blocks_take);
    tcase_add_test(tests, blocks_are_aligned_and_do_not_overlap);
    tcase_add_test(tests, the_block_freed_last_is_used_first);
    tcase_add_test(tests, fresh_blocks_come_in_the_order_of_memory);
    tcase_add_test(tests, a_pool_without_blocks_holds_no_memory);
    tcase_add_test(tests, growing_keeps_what_is_free_and_what_is_used);
    tcase_add_test(tests, growth_doubles_so_that_few_slabs_hold_many_blocks);
    tcase_add_test(tests, a_failed_growth_leaves_the_pool_as_it_was);
    tcase_add_test(tests, large_blocks_come_one_by_one_and_go_back);
    tcase_add_test(tests, a_large_block_outlives_its_pool);
    tcase_add_test(tests, large_blocks_at_their_edges);
    tcase_add_test(tests, an_untouched_pool_may_be_freed);
    add_poison_tests(tests);
    suite_add_tcase(suite, tests);

    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
