/* SPDX-License-Identifier: MIT */

/*
 * The timing wheel: the order of firing, never early, the levels and what passes between them,
 * periods without drift, deadlines far away, and cancelling in every state.
 */

#include <check.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../cheap.h"
#include "timer/timer.h"

#define TICK SN_WHEEL_TICK_NS

static void expect(struct sn_wheel *wheel, uint64_t now_ns, const struct sn_timer *expected)
{
    ck_assert_ptr_eq(sn_wheel_expire(wheel, now_ns), expected);
}

START_TEST(an_empty_wheel_has_nothing)
{
    struct sn_wheel wheel;

    sn_wheel_init(&wheel, 0);
    expect(&wheel, UINT64_C(1) << 60, NULL);
    ck_assert_uint_eq(sn_wheel_next_ns(&wheel), UINT64_MAX);
    ck_assert_uint_eq(wheel.armed, 0);
}
END_TEST

START_TEST(a_timer_is_never_early_and_at_most_a_tick_late)
{
    static const uint64_t deadlines_ns[] = {1,
                                            TICK - 1,
                                            TICK,
                                            TICK + 1,
                                            63 * TICK,
                                            64 * TICK - 1,
                                            64 * TICK,
                                            64 * TICK + 1,
                                            4095 * TICK,
                                            4096 * TICK,
                                            4097 * TICK + 5,
                                            UINT64_C(1) << 40,
                                            (UINT64_C(1) << 50) + 12345};

    for (size_t i = 0; i < sizeof deadlines_ns / sizeof *deadlines_ns; i++) {
        struct sn_timer timer = {0};
        struct sn_wheel wheel;

        sn_wheel_init(&wheel, 0);
        sn_wheel_arm(&wheel, &timer, deadlines_ns[i]);
        ck_assert(sn_timer_is_armed(&timer));
        ck_assert_uint_le(sn_wheel_next_ns(&wheel), deadlines_ns[i] + TICK - 1);
        expect(&wheel, deadlines_ns[i] - 1, NULL);
        expect(&wheel, deadlines_ns[i] + TICK - 1, &timer);
        ck_assert(!sn_timer_is_armed(&timer));
        ck_assert_uint_eq(timer.deadline_ns, deadlines_ns[i]);
        ck_assert_uint_eq(wheel.armed, 0);
    }
}
END_TEST

START_TEST(a_deadline_that_has_passed_is_due_at_once)
{
    struct sn_timer past = {0}, now = {0};
    struct sn_wheel wheel;

    sn_wheel_init(&wheel, 100 * TICK);
    sn_wheel_arm(&wheel, &past, 0);
    sn_wheel_arm(&wheel, &now, 100 * TICK);
    ck_assert_uint_eq(sn_wheel_next_ns(&wheel), 0);
    expect(&wheel, 100 * TICK, &past);
    expect(&wheel, 100 * TICK, &now);
    expect(&wheel, 100 * TICK, NULL);
}
END_TEST

START_TEST(timers_fire_in_the_order_of_their_ticks)
{
    enum { TIMERS = 500 };
    static struct sn_timer timers[TIMERS];
    struct sn_wheel wheel;

    sn_wheel_init(&wheel, 7 * TICK);
    for (int i = TIMERS; i-- > 0;)
        sn_wheel_arm(&wheel, &timers[i], (uint64_t)(8 + i * 37) * TICK);
    ck_assert_uint_eq(wheel.armed, TIMERS);
    for (int i = 0; i < TIMERS; i++)
        expect(&wheel, UINT64_C(1) << 40, &timers[i]);
    expect(&wheel, UINT64_C(1) << 40, NULL);
}
END_TEST

/* The second comes to the tick's slot directly, the first from two levels above. */
START_TEST(in_a_tick_timers_fire_in_the_order_of_their_arming)
{
    struct sn_timer first = {0}, second = {0}, third = {0};
    struct sn_wheel wheel;

    sn_wheel_init(&wheel, 0);
    sn_wheel_arm(&wheel, &first, 5000 * TICK);
    expect(&wheel, 4990 * TICK, NULL);
    sn_wheel_arm(&wheel, &second, 5000 * TICK - 3);
    sn_wheel_arm(&wheel, &third, 5000 * TICK - 5);
    expect(&wheel, 5000 * TICK, &first);
    expect(&wheel, 5000 * TICK, &second);
    expect(&wheel, 5000 * TICK, &third);
}
END_TEST

/* One timer just before, at and after each power of two, so each level and each border is used. */
START_TEST(every_level_hands_down_to_the_next)
{
    enum { BITS = 47 };
    static struct sn_timer timers[BITS][3];
    struct sn_wheel wheel;

    sn_wheel_init(&wheel, 0);
    for (int bit = 2; bit < BITS; bit++)
        for (int i = 0; i < 3; i++)
            sn_wheel_arm(&wheel, &timers[bit][i], ((UINT64_C(1) << bit) - 1 + (unsigned)i) * TICK);
    for (int bit = 2; bit < BITS; bit++)
        for (int i = 0; i < 3; i++) {
            uint64_t at_ns = ((UINT64_C(1) << bit) - 1 + (unsigned)i) * TICK;

            expect(&wheel, at_ns - 1, NULL);
            ck_assert_uint_le(sn_wheel_next_ns(&wheel), at_ns);
            expect(&wheel, at_ns, &timers[bit][i]);
        }
    ck_assert_uint_eq(wheel.armed, 0);
}
END_TEST

/* Time that only follows sn_wheel_next_ns(), as a sleeping shard's does, reaches each deadline in
 * a few steps. */
START_TEST(sleeping_until_the_next_time_reaches_the_deadline)
{
    for (int bit = 0; bit < 47; bit++) {
        struct sn_timer timer = {0};
        struct sn_wheel wheel;
        uint64_t deadline_ns = ((UINT64_C(1) << bit) + 77) * TICK - 9, now_ns = 0;
        int wakes = 0;

        sn_wheel_init(&wheel, 0);
        sn_wheel_arm(&wheel, &timer, deadline_ns);
        while (sn_wheel_expire(&wheel, now_ns) == NULL) {
            ck_assert_uint_gt(sn_wheel_next_ns(&wheel), now_ns);
            now_ns = sn_wheel_next_ns(&wheel);
            ck_assert_int_le(++wakes, SN_WHEEL_LEVELS + 1);
        }
        ck_assert_uint_ge(now_ns, deadline_ns);
        ck_assert_uint_lt(now_ns, deadline_ns + TICK);
    }
}
END_TEST

START_TEST(a_jump_over_many_deadlines_fires_them_in_order)
{
    struct sn_timer near = {0}, middle = {0}, far = {0};
    struct sn_wheel wheel;

    sn_wheel_init(&wheel, 0);
    sn_wheel_arm(&wheel, &far, UINT64_C(1) << 45);
    sn_wheel_arm(&wheel, &middle, UINT64_C(1) << 30);
    sn_wheel_arm(&wheel, &near, 1);
    expect(&wheel, UINT64_C(1) << 50, &near);
    expect(&wheel, UINT64_C(1) << 50, &middle);
    expect(&wheel, UINT64_C(1) << 50, &far);
}
END_TEST

START_TEST(a_million_periods_do_not_drift)
{
    const uint64_t period_ns = 1000003; /* no multiple of a tick */
    struct sn_timer timer = {0};
    struct sn_wheel wheel;
    uint64_t start_ns = 123456789, now_ns;

    sn_wheel_init(&wheel, start_ns);
    sn_wheel_arm(&wheel, &timer, start_ns + period_ns);
    for (uint64_t i = 1; i <= 1000000; i++) {
        now_ns = sn_wheel_next_ns(&wheel);
        while (sn_wheel_expire(&wheel, now_ns) == NULL)
            now_ns = sn_wheel_next_ns(&wheel);
        cheap_assert(timer.deadline_ns == start_ns + i * period_ns);
        cheap_assert(now_ns >= timer.deadline_ns);
        cheap_assert(now_ns < timer.deadline_ns + TICK);
        sn_wheel_arm(&wheel, &timer, timer.deadline_ns + period_ns);
    }
}
END_TEST

START_TEST(a_period_shorter_than_a_tick_loses_nothing)
{
    const uint64_t period_ns = 1000;
    struct sn_timer timer = {0};
    struct sn_wheel wheel;
    uint64_t fired = 0;

    sn_wheel_init(&wheel, 0);
    sn_wheel_arm(&wheel, &timer, period_ns);
    for (uint64_t now_ns = 0; now_ns <= 100 * TICK; now_ns += TICK)
        while (sn_wheel_expire(&wheel, now_ns) != NULL) {
            fired++;
            sn_wheel_arm(&wheel, &timer, timer.deadline_ns + period_ns);
        }
    ck_assert_uint_eq(fired, 100 * TICK / period_ns);
}
END_TEST

START_TEST(a_deadline_without_end_never_fires)
{
    struct sn_timer forever = {0}, soon = {0};
    struct sn_wheel wheel;

    sn_wheel_init(&wheel, UINT64_C(1) << 55);
    sn_wheel_arm(&wheel, &forever, UINT64_MAX);
    sn_wheel_arm(&wheel, &soon, (UINT64_C(1) << 55) + 1);
    expect(&wheel, UINT64_C(1) << 56, &soon);
    expect(&wheel, UINT64_C(1) << 61, NULL);
    ck_assert(sn_timer_is_armed(&forever));
    sn_wheel_cancel(&wheel, &forever);
    ck_assert_uint_eq(sn_wheel_next_ns(&wheel), UINT64_MAX);
}
END_TEST

START_TEST(arming_an_armed_timer_moves_it)
{
    struct sn_timer timer = {0};
    struct sn_wheel wheel;

    sn_wheel_init(&wheel, 0);
    sn_wheel_arm(&wheel, &timer, 10 * TICK);
    sn_wheel_arm(&wheel, &timer, 10000 * TICK);
    ck_assert_uint_eq(wheel.armed, 1);
    expect(&wheel, 9999 * TICK, NULL);
    sn_wheel_arm(&wheel, &timer, 0);            /* from a slot to what is due */
    sn_wheel_arm(&wheel, &timer, 10001 * TICK); /* and back */
    expect(&wheel, 10000 * TICK, NULL);
    expect(&wheel, 10001 * TICK, &timer);
    ck_assert_uint_eq(wheel.armed, 0);
}
END_TEST

START_TEST(cancelling_works_in_every_state)
{
    struct sn_timer timers[4] = {0};
    struct sn_wheel wheel;

    sn_wheel_init(&wheel, 10 * TICK);
    sn_wheel_cancel(&wheel, &timers[0]); /* never armed */
    ck_assert_uint_eq(wheel.armed, 0);

    sn_wheel_arm(&wheel, &timers[0], 0); /* due */
    sn_wheel_cancel(&wheel, &timers[0]);
    expect(&wheel, 10 * TICK, NULL);

    sn_wheel_arm(&wheel, &timers[0], 20 * TICK); /* alone in its slot */
    sn_wheel_cancel(&wheel, &timers[0]);
    ck_assert_uint_eq(sn_wheel_next_ns(&wheel), UINT64_MAX);

    for (int i = 0; i < 3; i++) /* among others in a slot: first, middle, last */
        sn_wheel_arm(&wheel, &timers[i], 30 * TICK);
    sn_wheel_cancel(&wheel, &timers[1]);
    expect(&wheel, 30 * TICK, &timers[0]);
    sn_wheel_cancel(&wheel, &timers[2]); /* spread by time, due, not yet taken */
    expect(&wheel, 30 * TICK, NULL);

    sn_wheel_cancel(&wheel, &timers[0]); /* fired */
    ck_assert_uint_eq(wheel.armed, 0);

    sn_wheel_arm(&wheel, &timers[3], 100000 * TICK); /* handed down a level, then cancelled */
    expect(&wheel, 99999 * TICK, NULL);
    sn_wheel_cancel(&wheel, &timers[3]);
    expect(&wheel, 200000 * TICK, NULL);
    sn_wheel_cancel(&wheel, &timers[3]); /* twice */
    ck_assert_uint_eq(wheel.armed, 0);
}
END_TEST

START_TEST(a_timer_armed_while_others_fire_waits_its_turn)
{
    struct sn_timer first = {0}, second = {0}, late = {0};
    struct sn_wheel wheel;

    sn_wheel_init(&wheel, 0);
    sn_wheel_arm(&wheel, &first, 5 * TICK);
    sn_wheel_arm(&wheel, &second, 5 * TICK);
    expect(&wheel, 50 * TICK, &first);
    sn_wheel_arm(&wheel, &late, 3 * TICK); /* before the present tick: due behind the second */
    sn_wheel_arm(&wheel, &first, 40 * TICK);
    expect(&wheel, 50 * TICK, &second);
    expect(&wheel, 50 * TICK, &late);
    expect(&wheel, 50 * TICK, &first);
    expect(&wheel, 50 * TICK, NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("timer");
    TCase *tests = tcase_create("wheel");

    tcase_add_test(tests, an_empty_wheel_has_nothing);
    tcase_add_test(tests, a_timer_is_never_early_and_at_most_a_tick_late);
    tcase_add_test(tests, a_deadline_that_has_passed_is_due_at_once);
    tcase_add_test(tests, timers_fire_in_the_order_of_their_ticks);
    tcase_add_test(tests, in_a_tick_timers_fire_in_the_order_of_their_arming);
    tcase_add_test(tests, every_level_hands_down_to_the_next);
    tcase_add_test(tests, sleeping_until_the_next_time_reaches_the_deadline);
    tcase_add_test(tests, a_jump_over_many_deadlines_fires_them_in_order);
    tcase_add_test(tests, a_million_periods_do_not_drift);
    tcase_add_test(tests, a_period_shorter_than_a_tick_loses_nothing);
    tcase_add_test(tests, a_deadline_without_end_never_fires);
    tcase_add_test(tests, arming_an_armed_timer_moves_it);
    tcase_add_test(tests, cancelling_works_in_every_state);
    tcase_add_test(tests, a_timer_armed_while_others_fire_waits_its_turn);
    suite_add_tcase(suite, tests);

    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
