/* SPDX-License-Identifier: MIT */

/* The circuit breaker as a machine, and the pauses between tries. */

#include "../cheap.h"
#include "guard/guard.h"

#include <check.h>
#include <stdlib.h>

static const struct sn_guard_type type = {.failures = 3, .open_ns = 100};

static void fail_times(struct sn_breaker *breaker, int times, uint64_t now_ns)
{
    for (int i = 0; i < times; i++) {
        ck_assert_int_eq(sn_breaker_admit(breaker, &type, now_ns), SN_ADMIT_PASS);
        ck_assert(sn_breaker_fail(breaker, &type, false, now_ns) == (i == 2));
    }
}

START_TEST(opens_at_the_last_failure_in_a_row)
{
    struct sn_breaker breaker = {0};

    fail_times(&breaker, 2, 0);
    sn_breaker_succeed(&breaker, false);
    fail_times(&breaker, 3, 50);
    ck_assert_int_eq(sn_breaker_admit(&breaker, &type, 50), SN_ADMIT_REFUSE);
    ck_assert_int_eq(sn_breaker_admit(&breaker, &type, 149), SN_ADMIT_REFUSE);
    ck_assert_int_eq(sn_breaker_admit(&breaker, &type, 150), SN_ADMIT_PROBE);
}
END_TEST

START_TEST(only_one_probe_at_a_time)
{
    struct sn_breaker breaker = {0};

    fail_times(&breaker, 3, 0);
    ck_assert_int_eq(sn_breaker_admit(&breaker, &type, 100), SN_ADMIT_PROBE);
    ck_assert_int_eq(sn_breaker_admit(&breaker, &type, 100), SN_ADMIT_REFUSE);
    ck_assert_int_eq(sn_breaker_admit(&breaker, &type, 100000), SN_ADMIT_REFUSE);
    sn_breaker_succeed(&breaker, true);
    fail_times(&breaker, 3, 200);
}
END_TEST

START_TEST(a_failed_probe_opens_again)
{
    struct sn_breaker breaker = {0};

    fail_times(&breaker, 3, 0);
    ck_assert_int_eq(sn_breaker_admit(&breaker, &type, 100), SN_ADMIT_PROBE);
    ck_assert(sn_breaker_fail(&breaker, &type, true, 130));
    ck_assert_int_eq(sn_breaker_admit(&breaker, &type, 229), SN_ADMIT_REFUSE);
    ck_assert_int_eq(sn_breaker_admit(&breaker, &type, 230), SN_ADMIT_PROBE);
}
END_TEST

START_TEST(a_probe_that_was_not_made_leaves_its_turn)
{
    struct sn_breaker breaker = {0};

    fail_times(&breaker, 3, 0);
    ck_assert_int_eq(sn_breaker_admit(&breaker, &type, 100), SN_ADMIT_PROBE);
    sn_breaker_withdraw(&breaker, true);
    ck_assert_int_eq(sn_breaker_admit(&breaker, &type, 100), SN_ADMIT_PROBE);
    sn_breaker_withdraw(&breaker, false); /* another call says nothing about the probe */
    ck_assert_int_eq(sn_breaker_admit(&breaker, &type, 100), SN_ADMIT_REFUSE);
}
END_TEST

START_TEST(late_outcomes_say_nothing)
{
    struct sn_breaker breaker = {0};

    fail_times(&breaker, 3, 0);
    ck_assert(!sn_breaker_fail(&breaker, &type, false, 50));
    sn_breaker_succeed(&breaker, false);
    ck_assert_int_eq(sn_breaker_admit(&breaker, &type, 99), SN_ADMIT_REFUSE);
    ck_assert_int_eq(sn_breaker_admit(&breaker, &type, 100), SN_ADMIT_PROBE);
    sn_breaker_succeed(&breaker, false);
    ck_assert(!sn_breaker_fail(&breaker, &type, false, 100));
    ck_assert_int_eq(sn_breaker_admit(&breaker, &type, 100), SN_ADMIT_REFUSE);
}
END_TEST

START_TEST(without_a_breaker_every_call_passes)
{
    const struct sn_guard_type none = {.retries = 3};
    struct sn_breaker breaker = {0};

    for (int i = 0; i < 100; i++) {
        ck_assert_int_eq(sn_breaker_admit(&breaker, &none, 0), SN_ADMIT_PASS);
        ck_assert(!sn_breaker_fail(&breaker, &none, false, 0));
    }
}
END_TEST

START_TEST(open_until_the_end_of_time_does_not_wrap)
{
    const struct sn_guard_type forever = {.failures = 1, .open_ns = UINT64_MAX};
    struct sn_breaker breaker = {0};

    ck_assert(sn_breaker_fail(&breaker, &forever, false, 10));
    ck_assert_int_eq(sn_breaker_admit(&breaker, &forever, UINT64_MAX - 1), SN_ADMIT_REFUSE);
}
END_TEST

START_TEST(pauses_double_with_jitter_and_end_at_the_longest)
{
    const struct sn_guard_type retry = {.retries = 9, .backoff_min_ns = 10, .backoff_max_ns = 100};
    uint64_t random = 7, lows[4] = {10, 20, 40, 50}, highs[4] = {20, 40, 80, 100};
    bool varied = false;

    for (int i = 0; i < 10000; i++) {
        uint32_t tried = 1 + (uint32_t)(sn_random_next(&random) % 80);
        size_t row = tried > 4 ? 3 : tried - 1;
        uint64_t pause_ns = sn_guard_pause_ns(&retry, tried, sn_random_next(&random));

        cheap_assert(pause_ns >= lows[row] && pause_ns <= highs[row]);
        varied = varied || pause_ns != lows[row];
    }
    ck_assert(varied);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("guard");
    TCase *tests = tcase_create("guard");

    tcase_add_test(tests, opens_at_the_last_failure_in_a_row);
    tcase_add_test(tests, only_one_probe_at_a_time);
    tcase_add_test(tests, a_failed_probe_opens_again);
    tcase_add_test(tests, a_probe_that_was_not_made_leaves_its_turn);
    tcase_add_test(tests, late_outcomes_say_nothing);
    tcase_add_test(tests, without_a_breaker_every_call_passes);
    tcase_add_test(tests, open_until_the_end_of_time_does_not_wrap);
    tcase_add_test(tests, pauses_double_with_jitter_and_end_at_the_longest);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
