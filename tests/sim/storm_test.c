/* SPDX-License-Identifier: MIT */
/*
 * Seeded runs of a whole system in virtual time: two pools that send, ask, drop, park, time out,
 * crash and restart. What must hold in each: every accepted message ends in exactly one way (the
 * stop asserts it), every ask completes at most once and none is left open, and the same seed
 * gives the same run.
 *
 *     SN_SIM_SEED=17 test_sim_storm       one seed
 *     SN_SIM_SEEDS=1000 test_sim_storm    so many seeds
 *     SN_SIM_STEPS=1000000                steps a seed
 */
#include "ledger.h"
#include "storm.h"

#include <sn/sim.h>
#include <stdio.h>
#include <stdlib.h>

struct ledger ledger;

struct run {
    uint64_t hash;
    uint64_t events;
    uint64_t crashes;
};

static void mix(struct run *run, uint64_t value)
{
    run->hash = (run->hash ^ value) * UINT64_C(0x100000001b3);
}

static void on_event(const struct sn_sim_event *event, void *user)
{
    struct run *run = user;

    run->events++;
    run->crashes += event->crashed;
    mix(run, event->step);
    mix(run, event->now_ns);
    mix(run, event->shard);
    mix(run, event->index);
    mix(run, (uint64_t)(int64_t)event->outcome);
    for (const char *at = event->message; *at != '\0'; at++)
        mix(run, (uint64_t)*at);
}

static uint64_t number_of(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

static void feed(struct storm *app, uint64_t *random)
{
    uint64_t key = sn_random_next(random);

    storm_send_lefts_job(app, &(struct storm_job){.key = key, .left = (uint32_t)(key % 40)});
    storm_send_lefts_note(app, &(struct storm_note){.key = key});
}

/* One run; its trace is in the result. */
static struct run storm_of(uint64_t seed, uint64_t steps)
{
    struct run run = {.hash = UINT64_C(0xcbf29ce484222325)};
    struct sn_sim_options sim = {.seed = seed,
                                 .crash_per_million = seed % 4 == 0 ? 0 : 5000,
                                 .stall_per_million = seed % 3 == 0 ? 0 : 3000,
                                 .capacity = seed % 2 == 0 ? 1 : 0,
                                 .trace = on_event,
                                 .user = &run};
    struct storm_options options = {.system = {.shards = 1 + (uint32_t)(seed % 5), .sim = &sim}};
    struct storm *app;
    uint64_t random = seed, done = 0;
    struct sn_stats stats;

    memset(&ledger, 0, sizeof ledger);
    ck_assert_msg(storm_start(&options, &app) == 0, "seed %llu: no start",
                  (unsigned long long)seed);
    while (done < steps) {
        feed(app, &random);
        done += sn_sim_run(app->sn, 1 + sn_random_next(&random) % 100);
    }
    sn_sim_advance(app->sn, 2 * SN_SECOND); /* longer than the longest deadline */
    sn_stats(app->sn, &stats);
    ck_assert_msg(storm_stop(app) == 0,
                  "seed %llu: no graceful stop; again: SN_SIM_SEED=%llu test_sim_storm",
                  (unsigned long long)seed, (unsigned long long)seed);
    ck_assert_uint_gt(stats.handled, 0);
    return run;
}

START_TEST(same_seed_same_run)
{
    struct run first = storm_of((uint64_t)_i, 5000), second = storm_of((uint64_t)_i, 5000);
    struct run other = storm_of((uint64_t)_i + 100, 5000);

    ck_assert_uint_gt(first.events, 100);
    ck_assert_uint_eq(first.hash, second.hash);
    ck_assert_uint_ne(first.hash, other.hash);
}
END_TEST

START_TEST(sweep)
{
    uint64_t only = number_of("SN_SIM_SEED", UINT64_MAX);
    uint64_t seeds = number_of("SN_SIM_SEEDS", 60), steps = number_of("SN_SIM_STEPS", 20000);
    uint64_t events = 0, crashes = 0;

    for (uint64_t seed = only != UINT64_MAX ? only : 0; seed < seeds || seed == only; seed++) {
        struct run run = storm_of(seed, steps);

        events += run.events;
        crashes += run.crashes;
        if (seed == only)
            break;
    }
    ck_assert_uint_gt(events, 0);
    printf("%llu handlers, %llu of them crashed\n", (unsigned long long)events,
           (unsigned long long)crashes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim");
    TCase *tests = tcase_create("storm");

    tcase_set_timeout(tests, 600);
    tcase_add_loop_test(tests, same_seed_same_run, 1, 6);
    tcase_add_test(tests, sweep);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
