/* SPDX-License-Identifier: MIT */

/* The plan of phases by which a whole system stops. */

#include "supervise/shutdown.h"

#include "../countdown.h"
#include "world.h"

#include <errno.h>
#include <string.h>

struct plan {
    struct sn_shutdown_sink sink;
    struct sn_shutdown *shutdown;
    char trace[2048];
};

static void note(struct plan *plan, const char *what, const char *name, long number)
{
    size_t used = strlen(plan->trace);

    snprintf(plan->trace + used, sizeof(plan->trace) - used, "%s%s %s %ld", used ? ", " : "", what,
             name ? name : "-", number);
}

static void on_effect(struct sn_shutdown_sink *sink, const struct sn_shutdown_effect *effect)
{
    struct plan *plan = (struct plan *)sink; /* its first member */

    switch (effect->kind) {
    case SN_SHUTDOWN_RUN_TASK:
        note(plan, "task", effect->task->name,
             effect->deadline_ns == UINT64_MAX ? -1 : (long)effect->deadline_ns);
        break;
    case SN_SHUTDOWN_PHASE_OVER:
        note(plan, "phase", effect->phase, effect->result);
        break;
    case SN_SHUTDOWN_SET_TIMER:
        note(plan, "timer", NULL, (long)effect->deadline_ns);
        break;
    case SN_SHUTDOWN_CLEAR_TIMER:
        note(plan, "timer", "off", 0);
        break;
    case SN_SHUTDOWN_OVER:
        note(plan, "over", NULL, effect->result);
        break;
    }
}

static void expect(struct plan *plan, const char *trace)
{
    ck_assert_str_eq(plan->trace, trace);
    plan->trace[0] = 0;
}

static void plan_init(struct plan *plan, const struct sn_shutdown_phase_spec *phases,
                      uint32_t count)
{
    *plan = (struct plan){.sink = {.effect = on_effect}};
    ck_assert_int_eq(sn_shutdown_create(phases, count, NULL, NULL, &plan->shutdown), 0);
}

static void add(struct plan *plan, const char *phase, struct sn_shutdown_task *task,
                const char *name)
{
    task->name = name;
    ck_assert_int_eq(sn_shutdown_add(plan->shutdown, phase, task), 0);
}

static void done(struct plan *plan, struct sn_shutdown_task *task, int result, uint64_t now_ns)
{
    sn_shutdown_task_done(plan->shutdown, task, result, now_ns, &plan->sink);
}

/* listen -> (drain, flush) -> close */
static const uint8_t after_listen[] = {0};
static const uint8_t after_both[] = {1, 2};
static const struct sn_shutdown_phase_spec diamond[] = {
    {.name = "listen", .timeout_ns = 100},
    {.name = "drain", .timeout_ns = 200, .after = after_listen, .after_count = 1},
    {.name = "flush", .timeout_ns = 300, .after = after_listen, .after_count = 1},
    {.name = "close", .timeout_ns = UINT64_MAX, .after = after_both, .after_count = 2},
};

START_TEST(phases_run_along_the_graph)
{
    struct sn_shutdown_task a, b, c, d, e;
    struct plan plan;

    plan_init(&plan, diamond, 4);
    add(&plan, "listen", &a, "a");
    add(&plan, "drain", &b, "b");
    add(&plan, "flush", &c, "c");
    add(&plan, "close", &d, "d");
    add(&plan, "close", &e, "e");
    sn_shutdown_run(plan.shutdown, 10, &plan.sink);
    expect(&plan, "task a 110, timer - 110");
    done(&plan, &a, 0, 20);
    expect(&plan, "phase listen 0, task b 220, task c 320, timer - 220");
    done(&plan, &c, 0, 30);
    expect(&plan, "phase flush 0"); /* close waits for drain, too */
    done(&plan, &b, 0, 40);
    expect(&plan, "phase drain 0, task d -1, task e -1, timer off 0");
    done(&plan, &e, 0, 1000000);
    expect(&plan, "");
    done(&plan, &d, 0, 2000000);
    expect(&plan, "phase close 0, over - 0");
    sn_shutdown_destroy(plan.shutdown);
}
END_TEST

START_TEST(phase_whose_time_is_over_is_abandoned)
{
    struct sn_shutdown_task a, b, c;
    struct plan plan;

    plan_init(&plan, diamond, 4);
    add(&plan, "listen", &a, "a");
    add(&plan, "listen", &b, "b");
    add(&plan, "close", &c, "c");
    sn_shutdown_run(plan.shutdown, 0, &plan.sink);
    expect(&plan, "task a 100, task b 100, timer - 100");
    done(&plan, &a, 0, 50);
    sn_shutdown_timer(plan.shutdown, 99, &plan.sink); /* too early */
    expect(&plan, "timer - 100");
    sn_shutdown_timer(plan.shutdown, 100, &plan.sink);
    expect(&plan, "phase listen 4, phase drain 0, phase flush 0, task c -1");
    ck_assert_int_eq(b.state, SN_SHUTDOWN_TASK_ABANDONED);
    ck_assert_int_eq(a.state, SN_SHUTDOWN_TASK_DONE);
    done(&plan, &b, 0, 110); /* too late */
    expect(&plan, "");
    done(&plan, &c, 0, 120);
    done(&plan, &c, 0, 120); /* twice */
    expect(&plan, "phase close 0, over - 4");
    sn_shutdown_destroy(plan.shutdown);
}
END_TEST

START_TEST(first_failure_is_the_result)
{
    struct sn_shutdown_task a, b, c;
    struct plan plan;

    plan_init(&plan, diamond, 4);
    add(&plan, "listen", &a, "a");
    add(&plan, "listen", &b, "b");
    add(&plan, "close", &c, "c");
    sn_shutdown_run(plan.shutdown, 0, &plan.sink);
    done(&plan, &a, 1001, 1);
    done(&plan, &b, 1002, 1);
    done(&plan, &c, 1003, 1);
    expect(&plan, "task a 100, task b 100, timer - 100, phase listen 1001, phase drain 0, "
                  "phase flush 0, task c -1, timer off 0, phase close 1003, over - 1001");
    sn_shutdown_destroy(plan.shutdown);
}
END_TEST

START_TEST(failure_before_the_time_is_over_stays_the_result)
{
    struct sn_shutdown_task a, b;
    struct plan plan;

    plan_init(&plan, diamond, 1);
    add(&plan, "listen", &a, "a");
    add(&plan, "listen", &b, "b");
    sn_shutdown_run(plan.shutdown, 0, &plan.sink);
    done(&plan, &a, 1001, 1);
    plan.trace[0] = 0;
    sn_shutdown_timer(plan.shutdown, 100, &plan.sink);
    expect(&plan, "phase listen 1001, over - 1001");
    sn_shutdown_timer(plan.shutdown, 200, &plan.sink);
    expect(&plan, "");
    sn_shutdown_destroy(plan.shutdown);
}
END_TEST

START_TEST(runs_once)
{
    struct plan plan;

    plan_init(&plan, diamond, 4);
    sn_shutdown_run(plan.shutdown, 0, &plan.sink);
    expect(&plan, "phase listen 0, phase drain 0, phase flush 0, phase close 0, over - 0");
    sn_shutdown_run(plan.shutdown, 0, &plan.sink);
    expect(&plan, "");
    sn_shutdown_destroy(plan.shutdown);

    plan_init(&plan, NULL, 0);
    sn_shutdown_run(plan.shutdown, 0, &plan.sink);
    sn_shutdown_run(plan.shutdown, 0, &plan.sink);
    expect(&plan, "over - 0");
    sn_shutdown_destroy(plan.shutdown);
    sn_shutdown_destroy(NULL);
}
END_TEST

START_TEST(tasks_come_and_go_until_their_phase_begins)
{
    struct sn_shutdown_task a, b, late;
    struct plan plan;

    plan_init(&plan, diamond, 4);
    add(&plan, "listen", &a, "a");
    add(&plan, "drain", &b, "b");
    sn_shutdown_remove(&b);
    ck_assert_int_eq(sn_shutdown_add(plan.shutdown, "nowhere", &late), SN_NOT_FOUND);
    sn_shutdown_run(plan.shutdown, 0, &plan.sink);
    ck_assert_int_eq(sn_shutdown_add(plan.shutdown, "listen", &late), SN_GONE);
    add(&plan, "drain", &late, "late"); /* not begun yet */
    sn_shutdown_remove(&a);             /* running: no effect */
    done(&plan, &a, 0, 1);
    done(&plan, &late, 0, 2);
    expect(&plan, "task a 100, timer - 100, phase listen 0, task late 201, phase flush 0, "
                  "timer - 201, phase drain 0, phase close 0, timer off 0, over - 0");
    sn_shutdown_destroy(plan.shutdown);
}
END_TEST

static void expect_problem(const struct sn_shutdown_phase_spec *phases, uint32_t count,
                           const char *expected)
{
    const char *text = NULL;
    struct sn_shutdown *shutdown = NULL;

    ck_assert_int_eq(sn_shutdown_create(phases, count, NULL, NULL, &shutdown), SN_INVALID);
    ck_assert_int_eq(sn_shutdown_create(phases, count, NULL, &text, &shutdown), SN_INVALID);
    ck_assert_str_eq(text, expected);
    ck_assert_ptr_null(shutdown);
}

START_TEST(contradictory_plans_are_refused)
{
    static const uint8_t zero[] = {0}, one[] = {1}, two[] = {2}, nine[] = {9};
    struct sn_shutdown_phase_spec phases[65] = {
        {.name = "a", .after = two, .after_count = 1},
        {.name = "b", .after = zero, .after_count = 1},
        {.name = "c", .after = one, .after_count = 1},
    };

    expect_problem(phases, 3, "phases come after each other in a circle");
    phases[0].after = zero;
    expect_problem(phases, 1, "phases come after each other in a circle");
    phases[0].after = nine;
    expect_problem(phases, 3, "a phase comes after one that is not there");
    phases[0].after_count = 0;
    phases[2].name = "a";
    expect_problem(phases, 3, "two phases have the same name");
    phases[1].name = NULL;
    expect_problem(phases, 3, "a phase has no name");
    expect_problem(phases, 65, "there are more than 64 phases");
}
END_TEST

START_TEST(sixty_four_phases_in_a_row)
{
    struct sn_shutdown_phase_spec phases[64];
    uint8_t before[64];
    char names[64][8];
    struct sn_shutdown *shutdown;
    struct plan plan;

    for (int i = 0; i < 64; i++) {
        before[i] = (uint8_t)(i + 1); /* the last one is the first to run */
        sprintf(names[i], "%d", i);
        phases[i] = (struct sn_shutdown_phase_spec){
            .name = names[i], .after = &before[i], .after_count = i < 63};
    }
    ck_assert_int_eq(sn_shutdown_create(phases, 64, NULL, NULL, &shutdown), 0);
    plan = (struct plan){.sink = {.effect = on_effect}, .shutdown = shutdown};
    sn_shutdown_run(shutdown, 0, &plan.sink);
    ck_assert_ptr_nonnull(strstr(plan.trace, "phase 63 0, phase 62 0"));
    ck_assert_ptr_nonnull(strstr(plan.trace, "phase 0 0, over - 0"));
    sn_shutdown_destroy(shutdown);
}
END_TEST

START_TEST(failed_allocation_is_told)
{
    struct countdown countdown;
    struct sn_shutdown *shutdown = NULL;

    countdown_init(&countdown, 0);
    ck_assert_int_eq(sn_shutdown_create(diamond, 4, &countdown.allocator, NULL, &shutdown),
                     -ENOMEM);
    ck_assert_ptr_null(shutdown);
    ck_assert_int_eq(sn_shutdown_create(diamond, 4, &countdown.allocator, NULL, &shutdown), 0);
    sn_shutdown_destroy(shutdown);
    ck_assert_int_eq(atomic_load(&countdown.live_bytes), 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        phases_run_along_the_graph,
        phase_whose_time_is_over_is_abandoned,
        first_failure_is_the_result,
        failure_before_the_time_is_over_stays_the_result,
        runs_once,
        tasks_come_and_go_until_their_phase_begins,
        contradictory_plans_are_refused,
        sixty_four_phases_in_a_row,
        failed_allocation_is_told,
    };

    return world_main("supervise", tests, sizeof(tests) / sizeof(tests[0]));
}
