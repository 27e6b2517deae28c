/* SPDX-License-Identifier: MIT */

/*
 * Allocator, clock, random source, assertion and the names of results.
 */

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../cheap.h"
#include "../countdown.h"
#include "base/base.h"

START_TEST(memory_is_zeroed_and_aligned)
{
    static const size_t sizes[] = {1, 8, 63, 64, 65, 4096, 1000003};

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        unsigned char *memory = sn_alloc_zeroed(&sn_allocator_system, sizes[i]);

        cheap_assert(memory != NULL);
        cheap_assert((uintptr_t)memory % SN_CACHE_LINE == 0);
        for (size_t k = 0; k < sizes[i]; k++)
            cheap_assert(memory[k] == 0);
        memset(memory, 0xaa, sizes[i]);
        sn_alloc_free(&sn_allocator_system, memory, sizes[i]);
    }
}
END_TEST

START_TEST(a_failing_allocator_gives_null_and_null_may_be_freed)
{
    struct countdown countdown;

    countdown_init(&countdown, 0);
    ck_assert_ptr_null(sn_alloc_zeroed(&countdown.allocator, 64));
    sn_alloc_free(&countdown.allocator, NULL, 64);
    ck_assert_int_eq(atomic_load(&countdown.live_bytes), 0);
}
END_TEST

START_TEST(the_clock_does_not_go_back)
{
    uint64_t last_ns = sn_clock_now(&sn_clock_system);

    cheap_assert(last_ns > 0);
    for (int i = 0; i < 100000; i++) {
        uint64_t now_ns = sn_clock_now(&sn_clock_system);

        cheap_assert(now_ns >= last_ns);
        last_ns = now_ns;
    }
}
END_TEST

START_TEST(seeds_differ_and_are_never_zero)
{
    uint64_t first = sn_random_seed();

    ck_assert_uint_ne(first, 0);
    ck_assert_uint_ne(first, sn_random_seed());
}
END_TEST

/* The first outputs of SplitMix64 for the seed 0, as published by its authors (Vigna 2015). */
START_TEST(the_random_sequence_is_splitmix64)
{
    uint64_t state = 0;

    ck_assert_uint_eq(sn_random_next(&state), UINT64_C(0xe220a8397b1dcdaf));
    ck_assert_uint_eq(sn_random_next(&state), UINT64_C(0x6e789e6aa1b965f4));
    ck_assert_uint_eq(sn_random_next(&state), UINT64_C(0x06c45d188009454f));
}
END_TEST

START_TEST(the_random_sequence_repeats_with_its_seed)
{
    uint64_t left = 42, right = 42, other = 43;
    unsigned same = 0;

    for (int i = 0; i < 1000; i++) {
        uint64_t value = sn_random_next(&left);

        cheap_assert(value == sn_random_next(&right));
        same += value == sn_random_next(&other);
    }
    cheap_assert(same == 0);
}
END_TEST

START_TEST(a_failed_assertion_aborts)
{
    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
    SN_ASSERT(getpid() == 0);
}
END_TEST

START_TEST(a_condition_that_holds_goes_on_and_is_evaluated_once)
{
    int count = 0;

    SN_ASSERT(++count == 1);
    ck_assert_int_eq(count, 1);
}
END_TEST

START_TEST(results_have_names)
{
    ck_assert_str_eq(sn_result_name(0), "SN_OK");
    ck_assert_str_eq(sn_result_name(SN_FULL), "SN_FULL");
    ck_assert_str_eq(sn_result_name(SN_GAVE_UP), "SN_GAVE_UP");
    ck_assert_str_eq(sn_result_name(-ENOMEM), "Cannot allocate memory");
}
END_TEST

START_TEST(results_without_a_name_are_unknown)
{
    ck_assert_str_eq(sn_result_name(999), "unknown result");
    ck_assert_str_eq(sn_result_name(1000), "unknown result");
    ck_assert_str_eq(sn_result_name(-100000), "unknown result");
    ck_assert_str_eq(sn_result_name(INT32_MAX), "unknown result");
    ck_assert_str_eq(sn_result_name(INT32_MIN), "unknown result");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("base");
    TCase *tests = tcase_create("base");

    tcase_add_test(tests, memory_is_zeroed_and_aligned);
    tcase_add_test(tests, a_failing_allocator_gives_null_and_null_may_be_freed);
    tcase_add_test(tests, the_clock_does_not_go_back);
    tcase_add_test(tests, seeds_differ_and_are_never_zero);
    tcase_add_test(tests, the_random_sequence_is_splitmix64);
    tcase_add_test(tests, the_random_sequence_repeats_with_its_seed);
    tcase_add_test_raise_signal(tests, a_failed_assertion_aborts, SIGABRT);
    tcase_add_test(tests, a_condition_that_holds_goes_on_and_is_evaluated_once);
    tcase_add_test(tests, results_have_names);
    tcase_add_test(tests, results_without_a_name_are_unknown);
    suite_add_tcase(suite, tests);

    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
