/* SPDX-License-Identifier: MIT */
/*
 * Seeded runs of a whole system in virtual time: two pools that send, ask, drop, park, time out,
 * crash and restart, under every kind of fault. The simulator checks what must hold while it runs
 * (<sn/sim.h>); here are the asks counted once more, by their numbers. A seed that fails is run
 * again with fewer and fewer faults, and one command that replays it is printed.
 *
 *     SN_SIM_SEED=17 test_sim_storm       one seed, in this process; SN_SIM_TRACE=1 prints it
 *     SN_SIM_FAULTS=3,17-20               ... with these of its faults only
 *     SN_SIM_SEEDS=1000 test_sim_storm    so many seeds, from SN_SIM_FIRST on
 *     SN_SIM_STEPS=1000000                steps a seed
 *     SN_SIM_RUNS=1                       at most so many runs to make a failure's list shorter
 *     SN_SIM_STOP_AT=1                    end the sweep when so many seeds have failed
 */
#include "ledger.h"
#include "storm.h"

#include <inttypes.h>
#include <signal.h>
#include <sn/sim.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

struct ledger ledger;

struct run {
    uint64_t steps;   /* to make */
    uint64_t hash;    /* of its trace */
    uint64_t events;  /* handlers, hooks, completions and timers */
    uint64_t crashes; /* of them */
    bool print;
};

static uint64_t number_of(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

static void on_event(const struct sn_sim_event *event, void *user)
{
    struct run *run = user;
    char text[SN_SIM_TEXT_SIZE];

    run->events += event->fault == 0;
    run->crashes += event->crashed;
    if (!run->print)
        return;
    sn_sim_event_text(event, text, sizeof text);
    puts(text);
}

static void feed(struct storm *app, uint64_t *random)
{
    static const uint8_t data[200];
    uint64_t key = sn_random_next(random);

    storm_send_lefts_job(app, &(struct storm_job){.key = key, .left = (uint32_t)(key % 40)});
    storm_send_lefts_note(app, &(struct storm_note){.key = key});
    storm_send_spinners_note(app, &(struct storm_note){.key = key});
    if (key % 3 == 0)
        storm_send_stores_blob(app, &(struct storm_blob){.data = {data, key % 200}});
}

static bool ask(struct storm *app, uint64_t key, struct storm_question_future *ret_future)
{
    struct storm_question question = {.key = key, .number = key, .later = key % 7 == 0};

    return storm_ask_rights_question(app, &question, ret_future) == 0;
}

/* Two requests from outside, the first of which is given up before it is answered. */
static void ask_twice(struct storm *app, uint64_t key)
{
    struct storm_question_future future;
    struct storm_question_reply reply;

    if (ask(app, key, &future))
        storm_question_future_drop(&future);
    if (!ask(app, key + 1, &future))
        return;
    if (storm_question_future_wait(&future, 4 * SN_MS, &reply) == 0)
        cheap_assert(reply.number == key + 1);
    storm_question_future_drop(&future);
}

/* A third of the seeds without faults, half of them with one place a mailbox. */
static struct sn_sim_options options_of(uint64_t seed)
{
    static const struct sn_sim_rates faults = {.crash = 3000,
                                               .stall = 2000,
                                               .delay = 4000,
                                               .reorder = 20000,
                                               .full_ring = 6000,
                                               .full_mailbox = 2000,
                                               .no_memory = 1000};
    static const uint64_t steps_ns[] = {0, 2 * SN_US, 30 * SN_US, 300 * SN_US};
    struct sn_sim_options options = {.seed = seed,
                                     .capacity = seed % 2 == 0 ? 1 : 0,
                                     .step_ns = steps_ns[seed % 4],
                                     .audit_every = 32,
                                     .faults = getenv("SN_SIM_FAULTS")};

    if (seed % 3 != 0)
        options.rates = faults;
    return options;
}

/* One run; what it was is added to `run`, and it is the trace's user. */
static int storm_of(const struct sn_sim_options *with, void *user)
{
    struct run *run = user;
    struct sn_sim_options sim = *with;
    struct storm_options options = {
        .system = {.shards = 1 + (uint32_t)(sim.seed / 2 % 5), .sim = &sim}};
    uint64_t random = sim.seed, done = 0;
    struct storm *app;

    sim.trace = on_event;
    sim.user = run;
    memset(&ledger, 0, sizeof ledger);
    if (storm_start(&options, &app) != 0)
        return 1;
    while (done < run->steps) {
        feed(app, &random);
        if (random % 16 == 0)
            ask_twice(app, random);
        done += sn_sim_run(app->sn, 1 + sn_random_next(&random) % 100);
    }
    sn_sim_advance(app->sn, 2 * SN_SECOND); /* longer than the longest deadline */
    sn_sim_audit(app->sn);
    run->hash = sn_sim_hash(app->sn);
    return storm_stop(app) != 0;
}

static void replay(uint64_t seed, uint64_t steps)
{
    struct run run = {.steps = steps, .print = getenv("SN_SIM_TRACE") != NULL};
    struct sn_sim_options options = options_of(seed);

    ck_assert_int_eq(storm_of(&options, &run), 0);
    printf("seed %" PRIu64 ": %" PRIu64 " handlers, %" PRIu64 " of them crashed, trace %016" PRIx64
           "\n",
           seed, run.events, run.crashes, run.hash);
}

/* Returns whether it failed; then it has printed how to see it again. */
static bool try_seed(uint64_t seed, uint64_t steps)
{
    struct run run = {.steps = steps};
    struct sn_sim_options options = options_of(seed);
    struct sn_sim_harness harness = {.run = storm_of,
                                     .user = &run,
                                     .timeout_s = (uint32_t)(10 + steps / 20000),
                                     .runs_max = (uint32_t)number_of("SN_SIM_RUNS", 300)};
    struct sn_sim_verdict verdict;

    ck_assert_int_eq(sn_sim_search(&harness, &options, &verdict), 0);
    if (verdict.failed)
        printf("seed %" PRIu64 " fails; %u of its %u faults are enough. Again:\n"
               "    CK_FORK=no SN_SIM_TRACE=1 SN_SIM_SEED=%" PRIu64 " SN_SIM_STEPS=%" PRIu64
               " SN_SIM_FAULTS=%s test_sim_storm\n",
               seed, verdict.needed, verdict.planned, seed, steps, verdict.faults);
    free(verdict.faults);
    return verdict.failed;
}

START_TEST(same_seed_same_run)
{
    struct run first = {.steps = 5000}, second = first, other = first;
    struct sn_sim_options options = options_of((uint64_t)_i);

    ck_assert_int_eq(storm_of(&options, &first), 0);
    ck_assert_int_eq(storm_of(&options, &second), 0);
    options.seed += 100;
    ck_assert_int_eq(storm_of(&options, &other), 0);
    ck_assert_uint_gt(first.events, 100);
    ck_assert_uint_eq(first.hash, second.hash);
    ck_assert_uint_ne(first.hash, other.hash);
}
END_TEST

/* Two faults without which a run does not fail, and whether they have happened. */
struct pair {
    uint32_t first, second;
};

static void on_fault(const struct sn_sim_event *event, void *user)
{
    struct pair *seen = user;

    seen->first |= event->fault == 5;
    seen->second |= event->fault == 19;
}

static int fails_by_two(const struct sn_sim_options *with, void *user)
{
    struct pair seen = {0};
    struct sn_sim_options sim = *with;
    struct storm_options options = {.system = {.shards = 3, .sim = &sim}};
    uint64_t random = sim.seed;
    struct storm *app;

    (void)user;
    sim.trace = on_fault;
    sim.user = &seen;
    if (storm_start(&options, &app) != 0)
        return 1;
    for (int i = 0; i < 50; i++) {
        feed(app, &random);
        sn_sim_run(app->sn, 50);
    }
    storm_stop(app);
    if (seen.first && seen.second)
        abort();
    return 0;
}

START_TEST(faults_that_are_not_needed_are_left_out)
{
    struct sn_sim_options options = options_of(1);
    struct sn_sim_harness harness = {.run = fails_by_two};
    struct sn_sim_verdict verdict;

    ck_assert_int_eq(sn_sim_search(&harness, &options, &verdict), 0);
    ck_assert(verdict.failed);
    ck_assert_int_eq(WTERMSIG(verdict.status), SIGABRT);
    ck_assert_uint_ge(verdict.planned, 19);
    ck_assert_uint_eq(verdict.needed, 2);
    ck_assert_str_eq(verdict.faults, "5,19");
    free(verdict.faults);
    options.faults = "1-18";
    ck_assert_int_eq(sn_sim_search(&harness, &options, &verdict), 0);
    ck_assert(!verdict.failed);
    ck_assert_uint_eq(verdict.runs, 1);
}
END_TEST

/* A system that is asked to stop after so many steps, with whatever is under way then. */
static void stop_after(const struct sn_sim_options *with, uint64_t steps)
{
    struct run run = {0};
    struct sn_sim_options sim = *with;
    struct storm_options options = {
        .system = {.shards = 1 + (uint32_t)(sim.seed % 5), .sim = &sim}};
    uint64_t random = sim.seed;
    struct storm *app;

    sim.trace = on_event;
    sim.user = &run;
    memset(ledger.completed, 0, ledger.next);
    ledger.next = 0;
    ck_assert_int_eq(storm_start(&options, &app), 0);
    for (int i = 0; i < 5; i++)
        feed(app, &random);
    sn_sim_run(app->sn, steps);
    ck_assert_int_eq(storm_stop(app), 0);
    ck_assert_uint_gt(run.events, 0);
}

START_TEST(a_stop_at_every_step_completes_once)
{
    struct sn_sim_options options = options_of((uint64_t)_i);

    for (uint64_t steps = 0; steps < 250; steps++)
        stop_after(&options, steps);
}
END_TEST

START_TEST(sweep)
{
    uint64_t only = number_of("SN_SIM_SEED", UINT64_MAX), first = number_of("SN_SIM_FIRST", 0);
    uint64_t seeds = number_of("SN_SIM_SEEDS", 60), steps = number_of("SN_SIM_STEPS", 20000);
    uint64_t failed = 0, enough = number_of("SN_SIM_STOP_AT", UINT64_MAX);

    if (only != UINT64_MAX) {
        replay(only, steps);
        return;
    }
    for (uint64_t seed = first; seed < first + seeds; seed++)
        if (try_seed(seed, steps) && ++failed >= enough)
            break;
    ck_assert_msg(failed == 0, "%" PRIu64 " seeds fail", failed);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim");
    TCase *tests = tcase_create("storm");

    tcase_set_timeout(tests, 3600);
    if (getenv("SN_SIM_SEED") == NULL)
        tcase_add_loop_test(tests, same_seed_same_run, 1, 6);
    if (getenv("SN_SIM_SEED") == NULL)
        tcase_add_test(tests, faults_that_are_not_needed_are_left_out);
    if (getenv("SN_SIM_SEED") == NULL)
        tcase_add_loop_test(tests, a_stop_at_every_step_completes_once, 1, 7);
    tcase_add_test(tests, sweep);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
