/* SPDX-License-Identifier: MIT */

/*
 * The timing wheel against an oracle that is too simple to be wrong: a list of what is armed, of
 * which the one with the lowest (tick, order of arming) fires next. 10^5 operations a seed: arm
 * near and far, arm again, cancel, let time pass, let it jump. SN_TEST_SEED repeats one seed.
 */

#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "../cheap.h"
#include "timer/timer.h"

enum { TIMERS = 64, OPERATIONS = 100000, SEEDS = 8 };

struct model {
    struct sn_wheel wheel;
    struct sn_timer timers[TIMERS];
    /* The oracle. */
    bool armed[TIMERS];
    uint64_t tick[TIMERS];
    uint64_t order[TIMERS];
    uint64_t orders;
    /* The wheel's clock stands while due timers wait: what is armed then for a tick before is
     * due, behind the others. So is it here. */
    uint64_t passed_tick;
    uint64_t now_ns;
    uint64_t random;
    uint64_t seed;
};

static uint64_t draw(struct model *model, uint64_t below)
{
    return sn_random_next(&model->random) % below;
}

static uint64_t round_up(uint64_t deadline_ns)
{
    return (deadline_ns + SN_WHEEL_TICK_NS - 1) / SN_WHEEL_TICK_NS;
}

/* Mostly near, sometimes up to 2^55 ns away, sometimes in the past. */
static uint64_t draw_deadline(struct model *model)
{
    uint64_t bits = draw(model, 8) == 0 ? draw(model, 55) : draw(model, 28);
    uint64_t delay_ns = draw(model, (UINT64_C(1) << bits) + 1);

    if (draw(model, 16) == 0)
        return model->now_ns > delay_ns ? model->now_ns - delay_ns : 0;
    return model->now_ns + delay_ns;
}

static void arm(struct model *model, unsigned i)
{
    uint64_t deadline_ns = draw_deadline(model);
    uint64_t tick = round_up(deadline_ns);

    sn_wheel_arm(&model->wheel, &model->timers[i], deadline_ns);
    model->armed[i] = true;
    model->tick[i] = tick > model->passed_tick ? tick : model->passed_tick;
    model->order[i] = model->orders++;
}

static void cancel(struct model *model, unsigned i)
{
    sn_wheel_cancel(&model->wheel, &model->timers[i]);
    model->armed[i] = false;
}

/* The one to fire next, whenever that is; TIMERS: none is armed. */
static unsigned first(const struct model *model)
{
    unsigned best = TIMERS;

    for (unsigned i = 0; i < TIMERS; i++)
        if (model->armed[i] &&
            (best == TIMERS || model->tick[i] < model->tick[best] ||
             (model->tick[i] == model->tick[best] && model->order[i] < model->order[best])))
            best = i;
    return best;
}

/* Take one; returns whether there was one. */
static bool expire_one(struct model *model)
{
    struct sn_timer *fired = sn_wheel_expire(&model->wheel, model->now_ns);
    uint64_t now_tick = model->now_ns / SN_WHEEL_TICK_NS;
    unsigned expected = first(model);

    if (expected == TIMERS || model->tick[expected] > now_tick) {
        ck_assert_msg(fired == NULL, "seed %llu: fired too early", (unsigned long long)model->seed);
        model->passed_tick = now_tick > model->passed_tick ? now_tick : model->passed_tick;
        return false;
    }
    ck_assert_msg(fired == &model->timers[expected], "seed %llu: wrong timer or none",
                  (unsigned long long)model->seed);
    cheap_assert(fired->deadline_ns <= model->now_ns);
    cheap_assert(!sn_timer_is_armed(fired));
    model->armed[expected] = false;
    if (model->tick[expected] > model->passed_tick)
        model->passed_tick = model->tick[expected];
    return true;
}

static void pass_time(struct model *model)
{
    uint64_t next_ns = sn_wheel_next_ns(&model->wheel);
    unsigned next = first(model);

    cheap_assert((next == TIMERS) == (next_ns == UINT64_MAX));
    if (next != TIMERS)
        cheap_assert(next_ns <= model->tick[next] * SN_WHEEL_TICK_NS);
    switch (draw(model, 4)) {
    case 0: /* as a shard sleeps */
        if (next_ns != UINT64_MAX && next_ns > model->now_ns)
            model->now_ns = next_ns;
        break;
    case 1: /* a jump, but not out of what the wheel can count */
        if (model->now_ns < UINT64_C(1) << 60)
            model->now_ns += draw(model, UINT64_C(1) << draw(model, 44));
        break;
    default:
        model->now_ns += draw(model, 100000);
        break;
    }
}

static void operate(struct model *model)
{
    unsigned i = (unsigned)draw(model, TIMERS), armed = 0;

    switch (draw(model, 8)) {
    case 0:
    case 1:
    case 2:
        arm(model, i);
        break;
    case 3:
        cancel(model, i);
        break;
    case 4:
        pass_time(model);
        break;
    case 5: /* all that is due */
        while (expire_one(model))
            ;
        break;
    default:
        expire_one(model);
        break;
    }
    for (i = 0; i < TIMERS; i++)
        armed += model->armed[i];
    cheap_assert(model->wheel.armed == armed);
}

static void run(uint64_t seed)
{
    static struct model model;

    model = (struct model){.seed = seed, .random = seed};
    model.now_ns = seed % 2 == 0 ? 0 : draw(&model, UINT64_C(1) << 50);
    model.passed_tick = model.now_ns / SN_WHEEL_TICK_NS;
    sn_wheel_init(&model.wheel, model.now_ns);
    for (int i = 0; i < OPERATIONS; i++)
        operate(&model);
}

START_TEST(the_wheel_does_what_a_sorted_list_does)
{
    const char *seed = getenv("SN_TEST_SEED");

    run(seed != NULL ? strtoull(seed, NULL, 0) : (uint64_t)_i + 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("timer_model");
    TCase *tests = tcase_create("model");

    tcase_add_loop_test(tests, the_wheel_does_what_a_sorted_list_does, 0, SEEDS);
    suite_add_tcase(suite, tests);

    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
