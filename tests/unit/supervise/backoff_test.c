/* SPDX-License-Identifier: MIT */

/* The restart window and the back-off, by themselves and at work in a tree. */

#include "supervise/window.h"
#include "world.h"

/* ---- the window against a list of all times --------------------------------------------- */

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

START_TEST(window_agrees_with_counting_all_times)
{
    static uint64_t all[2000];

    for (uint64_t seed = 1; seed <= 200; seed++) {
        uint64_t random = seed;
        uint64_t times[16], now_ns = 0;
        uint32_t count = 0;
        struct sn_supervisor_spec spec = {.restarts = (uint32_t)(next_random(&random) % 16),
                                          .window_ns = 1 + next_random(&random) % 50};
        struct sn_window window = {.times_ns = times, .capacity = sn_window_capacity(&spec)};

        ck_assert_uint_eq(window.capacity, spec.restarts);
        for (int i = 0; i < 2000; i++) {
            uint32_t inside = 0, earlier;
            bool ok;

            now_ns += next_random(&random) % 12;
            for (uint32_t j = 0; j < count; j++)
                inside += now_ns - all[j] < spec.window_ns;
            ok = sn_window_add(&window, &spec, now_ns, &earlier);
            ck_assert_uint_eq(earlier, inside);
            ck_assert_int_eq(ok, inside + 1 <= spec.restarts);
            if (ok)
                all[count++] = now_ns;
        }
    }
}
END_TEST

START_TEST(unlimited_window_counts_up_to_64)
{
    struct sn_supervisor_spec spec = {
        .restarts = SN_RESTARTS_UNLIMITED, .window_ns = 1000, .backoff_max_ns = 1};
    uint64_t times[SN_WINDOW_UNLIMITED];
    struct sn_window window = {.times_ns = times, .capacity = sn_window_capacity(&spec)};
    uint32_t earlier;

    ck_assert_uint_eq(window.capacity, 64);
    for (uint32_t i = 0; i < 100; i++) {
        ck_assert(sn_window_add(&window, &spec, i, &earlier));
        ck_assert_uint_eq(earlier, i < 64 ? i : 64);
    }
    ck_assert(sn_window_add(&window, &spec, 1098, &earlier));
    ck_assert_uint_eq(earlier, 1); /* only the one at 99 is left */
    sn_window_reset(&window);
    ck_assert(sn_window_add(&window, &spec, 1098, &earlier));
    ck_assert_uint_eq(earlier, 0);
}
END_TEST

START_TEST(unlimited_window_without_backoff_keeps_nothing)
{
    struct sn_supervisor_spec spec = {.restarts = SN_RESTARTS_UNLIMITED};
    struct sn_window window = {.capacity = sn_window_capacity(&spec)};
    uint32_t earlier;

    ck_assert_uint_eq(window.capacity, 0);
    for (uint32_t i = 0; i < 100; i++) {
        ck_assert(sn_window_add(&window, &spec, 5, &earlier));
        ck_assert_uint_eq(earlier, 0);
    }
}
END_TEST

START_TEST(backoff_is_exponential_within_its_bounds)
{
    struct sn_supervisor_spec spec = {.backoff_min_ns = 10, .backoff_max_ns = 5000};
    uint64_t random = 7;

    ck_assert_uint_eq(sn_window_backoff(&spec, 0, &random), 0);
    ck_assert_uint_eq(random, 7); /* nothing was drawn */
    for (uint32_t earlier = 1; earlier < 200; earlier++) {
        uint64_t longest = earlier < 9 ? UINT64_C(10) << earlier : 5000;
        uint64_t low = UINT64_MAX, high = 0;

        for (int i = 0; i < 20000; i++) {
            uint64_t delay = sn_window_backoff(&spec, earlier, &random);

            low = delay < low ? delay : low;
            high = delay > high ? delay : high;
        }
        /* Drawn from the upper half, all of it. */
        ck_assert_uint_le(high, longest);
        ck_assert_uint_ge(high, longest - longest / 100);
        ck_assert_uint_ge(low, longest - longest / 2);
        ck_assert_uint_le(low, longest - longest / 2 + longest / 100);
    }
}
END_TEST

START_TEST(backoff_never_leaves_min_and_max)
{
    struct sn_supervisor_spec equal = {.backoff_min_ns = 10, .backoff_max_ns = 10};
    struct sn_supervisor_spec close = {.backoff_min_ns = 10, .backoff_max_ns = 15};
    struct sn_supervisor_spec huge = {.backoff_min_ns = UINT64_MAX / 2,
                                      .backoff_max_ns = UINT64_MAX - 1};
    struct sn_supervisor_spec none = {.backoff_min_ns = 0, .backoff_max_ns = 0};
    uint64_t random = 1;

    for (uint32_t earlier = 1; earlier < 100; earlier++) {
        uint64_t delay = sn_window_backoff(&close, earlier, &random);

        ck_assert_uint_eq(sn_window_backoff(&equal, earlier, &random), 10);
        ck_assert(delay >= 10 && delay <= 15);
        ck_assert_uint_ge(sn_window_backoff(&huge, earlier, &random), UINT64_MAX / 2);
        ck_assert_uint_eq(sn_window_backoff(&none, earlier, &random), 0);
    }
}
END_TEST

/* ---- at work ---------------------------------------------------------------------------- */

static const struct sn_child_spec three[] = {POOL(0, "a"), POOL(1, "b"), POOL(2, "c")};

/* min == max: no jitter, so that times can be written down. */
#define SLOW(how)                                                                   \
    {                                                                               \
        .name = "root", .strategy = (how), .restarts = 10, .window_ns = 60000 * MS, \
        .backoff_min_ns = 500 * MS, .backoff_max_ns = 500 * MS, .children = three,  \
        .child_count = 3                                                            \
    }

static const struct sn_supervisor_spec slow_one = SLOW(SN_ONE_FOR_ONE);
static const struct sn_supervisor_spec slow_all = SLOW(SN_ONE_FOR_ALL);
static const struct sn_supervisor_spec slow_rest = SLOW(SN_REST_FOR_ONE);

START_TEST(first_restart_in_a_window_is_immediate)
{
    struct world w;

    world_init(&w, &slow_one);
    world_start(&w);
    world_skip(&w);
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] start a#2 restored\n");
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_expect_children(&w, "root", "a:restarting:0 b:running:1 c:running:1");
    world_advance(&w, 499);
    world_expect(&w, "");
    world_advance(&w, 1);
    world_expect(&w, "[500] start a#3 restored\n");
    world_advance(&w, 60000);
    world_exit(&w, 0, 0, SN_EXIT_FAILED); /* the window is empty again */
    world_expect(&w, "[60500] start a#4 restored\n");
    world_fini(&w);
}
END_TEST

START_TEST(members_back_off_independently_under_one_for_one)
{
    struct world w;

    world_init(&w, &slow_one);
    world_start(&w);
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_skip(&w);
    w.timers = true;
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_advance(&w, 100);
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_advance(&w, 1000);
    world_expect(&w, "[0] timer 500\n"
                     "[500] start a#3 restored\n[500] timer 600\n"
                     "[600] start b#2 restored\n");
    world_fini(&w);
}
END_TEST

START_TEST(siblings_stay_stopped_during_the_backoff_of_their_group)
{
    struct world w;

    world_init(&w, &slow_all);
    world_start(&w);
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_skip(&w);
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] stop c#2 restart by 5000\n[0] stop a#2 restart by 5000\n");
    world_expect_children(&w, "root", "a:down:0 b:restarting:0 c:down:0");
    world_advance(&w, 499);
    world_expect(&w, "");
    world_advance(&w, 1);
    world_expect(&w, "[500] start a#3 restored\n[500] start b#3 restored\n"
                     "[500] start c#3 restored\n");
    world_fini(&w);
}
END_TEST

START_TEST(backoff_runs_while_the_group_stops)
{
    struct world w;

    world_init(&w, &slow_all);
    world_start(&w);
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_behave(&w, 2, 0)->stop_takes_ms = 400;
    world_skip(&w);
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_advance(&w, 500);
    world_expect(&w, "[0] stop c#2 restart by 5000\n[400] stop b#2 restart by 5400\n"
                     "[500] start a#3 restored\n[500] start b#3 restored\n"
                     "[500] start c#3 restored\n");
    world_behave(&w, 2, 0)->stop_takes_ms = 900;
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_advance(&w, 900); /* longer than the back-off: it starts at once */
    world_expect(&w, "[500] stop c#3 restart by 5500\n[1400] stop b#3 restart by 6400\n"
                     "[1400] start a#4 restored\n[1400] start b#4 restored\n"
                     "[1400] start c#4 restored\n");
    world_fini(&w);
}
END_TEST

START_TEST(failure_before_the_group_widens_it_during_its_backoff)
{
    struct world w;

    world_init(&w, &slow_rest);
    world_start(&w);
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_skip(&w);
    world_advance(&w, 100);
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_expect_children(&w, "root", "a:restarting:0 b:down:0 c:down:0");
    world_advance(&w, 1000);
    world_expect(&w, "[600] start a#2 restored\n[600] start b#3 restored\n"
                     "[600] start c#3 restored\n");
    world_fini(&w);
}
END_TEST

START_TEST(backoff_that_was_called_off_delays_no_later_restart)
{
    struct sn_supervisor_spec root = SLOW(SN_ONE_FOR_ALL);
    struct world w;

    root.window_ns = 100 * MS;
    world_init(&w, &root);
    world_start(&w);
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_exit(&w, 0, 0, SN_EXIT_FAILED); /* waits until 500 */
    ck_assert_int_eq(world_terminate(&w, "root", "a"), 0);
    ck_assert_int_eq(world_restart(&w, "root", "b"), 0);
    world_advance(&w, 200);
    world_skip(&w);
    world_exit(&w, 1, 0, SN_EXIT_FAILED); /* the first in its window */
    world_expect(&w, "[200] start a#3\n[200] start b#4 restored\n[200] start c#3\n");
    world_fini(&w);
}
END_TEST

START_TEST(each_try_counts_and_waits)
{
    struct world w;

    world_init(&w, &slow_one);
    world_start(&w);
    world_behave(&w, 0, 0)->fail_starts = 3;
    world_skip(&w);
    w.notes = true;
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_advance(&w, 5000);
    world_expect(&w, "[0] root restarts for a#1 at 0: failed(1000)\n[0] start a#2 restored\n"
                     "[0] root restarts for a#2 at 500: failed(1001)\n"
                     "[500] start a#3 restored\n"
                     "[500] root restarts for a#3 at 1000: failed(1001)\n"
                     "[1000] start a#4 restored\n"
                     "[1000] root restarts for a#4 at 1500: failed(1001)\n"
                     "[1500] start a#5 restored\n");
    world_fini(&w);
}
END_TEST

START_TEST(same_seed_same_jitter)
{
    static const struct sn_supervisor_spec root = {.name = "root",
                                                   .restarts = SN_RESTARTS_UNLIMITED,
                                                   .window_ns = 60000 * MS,
                                                   .backoff_min_ns = 1 * MS,
                                                   .backoff_max_ns = 1000 * MS,
                                                   .children = three,
                                                   .child_count = 3};
    uint64_t at_ns[3][20];

    for (int round = 0; round < 3; round++) {
        struct sn_tree_options options = {.seed = round < 2 ? 5 : 6};
        struct world w;

        world_init_with(&w, &root, &options);
        world_start(&w);
        for (int i = 0; i < 20; i++) {
            world_exit(&w, 0, 0, SN_EXIT_FAILED);
            at_ns[round][i] = w.timer_ns;
            world_advance(&w, 1000);
        }
        world_fini(&w);
    }
    ck_assert_mem_eq(at_ns[0], at_ns[1], sizeof(at_ns[0]));
    ck_assert_mem_ne(at_ns[0], at_ns[2], sizeof(at_ns[0]));
}
END_TEST

START_TEST(storm_of_restarts_is_slowed_down)
{
    static const struct sn_supervisor_spec root = {.name = "root",
                                                   .restarts = SN_RESTARTS_UNLIMITED,
                                                   .window_ns = 10000 * MS,
                                                   .backoff_min_ns = 10 * MS,
                                                   .backoff_max_ns = 2000 * MS,
                                                   .children = three,
                                                   .child_count = 3};
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_behave(&w, 0, 0)->fail_starts = UINT32_MAX;
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_advance(&w, 600000);
    /* Ten minutes at one to two seconds a try, and some faster ones at the beginning. */
    ck_assert_uint_ge(world_actor(&w, 0, 0)->incarnation, 300);
    ck_assert_uint_le(world_actor(&w, 0, 0)->incarnation, 900);
    world_stop(&w);
    ck_assert_int_eq(w.outcome, SN_EFFECT_STOPPED);
    world_fini(&w);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        window_agrees_with_counting_all_times,
        unlimited_window_counts_up_to_64,
        unlimited_window_without_backoff_keeps_nothing,
        backoff_is_exponential_within_its_bounds,
        backoff_never_leaves_min_and_max,
        first_restart_in_a_window_is_immediate,
        members_back_off_independently_under_one_for_one,
        siblings_stay_stopped_during_the_backoff_of_their_group,
        backoff_runs_while_the_group_stops,
        failure_before_the_group_widens_it_during_its_backoff,
        backoff_that_was_called_off_delays_no_later_restart,
        each_try_counts_and_waits,
        same_seed_same_jitter,
        storm_of_restarts_is_slowed_down,
    };

    return world_main("supervise", tests, sizeof(tests) / sizeof(tests[0]));
}
