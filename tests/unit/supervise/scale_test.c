/* SPDX-License-Identifier: MIT */

/*
 * Ten times the children in at most fifty times the time, a hundred times in at most a thousand.
 * The time is the processor's own, of this thread; each size is measured a few times and the best
 * counts, so that a busy machine does not matter.
 */

#include "world.h"

#include <stdlib.h>
#include <time.h>

static uint64_t cpu_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * SN_SECOND + (uint64_t)now.tv_nsec;
}

/* Answers every START and STOP at once, from a queue. */
struct echo {
    struct sn_tree_sink sink;
    struct sn_tree *tree;
    struct sn_tree_event *events;
    uint32_t head, tail, capacity;
    uint64_t now_ns;
    uint64_t timer_ns;
    int result;
    bool mute; /* STOP is not answered */
    enum sn_effect_kind outcome;
};

static void push(struct echo *echo, enum sn_event_kind kind, const struct sn_tree_effect *effect)
{
    ck_assert_uint_lt(echo->tail, echo->capacity);
    echo->events[echo->tail++] = (struct sn_tree_event){
        .kind = kind,
        .member = effect->member,
        .incarnation = effect->incarnation,
        .exit = {SN_EXIT_SHUTDOWN, 0},
    };
}

static void on_effect(struct sn_tree_sink *sink, const struct sn_tree_effect *effect)
{
    struct echo *echo = (struct echo *)sink; /* its first member */

    if (effect->kind == SN_EFFECT_START)
        push(echo, SN_EVENT_STARTED, effect);
    else if (effect->kind == SN_EFFECT_KILL || (effect->kind == SN_EFFECT_STOP && !echo->mute))
        push(echo, SN_EVENT_EXITED, effect);
    else if (effect->kind == SN_EFFECT_SET_TIMER)
        echo->timer_ns = effect->deadline_ns;
    else if (effect->kind == SN_EFFECT_ANSWER)
        echo->result = effect->result;
    else if (effect->kind == SN_EFFECT_STARTED || effect->kind == SN_EFFECT_STOPPED)
        echo->outcome = effect->kind;
}

static void step(struct echo *echo, struct sn_tree_event event)
{
    event.now_ns = echo->now_ns;
    sn_tree_step(echo->tree, &event, &echo->sink);
    while (echo->head < echo->tail) {
        struct sn_tree_event answer = echo->events[echo->head++];

        answer.now_ns = echo->now_ns;
        sn_tree_step(echo->tree, &answer, &echo->sink);
    }
    echo->head = echo->tail = 0;
}

static void echo_init(struct echo *echo, const struct sn_supervisor_spec *root, uint32_t count)
{
    *echo = (struct echo){.sink = {.effect = on_effect}, .capacity = 4 * count + 16};
    echo->events = calloc(echo->capacity, sizeof(*echo->events));
    ck_assert_int_eq(sn_tree_create(root, NULL, &echo->tree), 0);
    step(echo, (struct sn_tree_event){.kind = SN_EVENT_START});
    ck_assert_int_eq(echo->outcome, SN_EFFECT_STARTED);
}

static void echo_fini(struct echo *echo)
{
    step(echo, (struct sn_tree_event){.kind = SN_EVENT_STOP});
    ck_assert_int_eq(echo->outcome, SN_EFFECT_STOPPED);
    sn_tree_destroy(echo->tree);
    free(echo->events);
}

/* Named children "c0", "c1", ...; free with free(). */
static struct sn_child_spec *children(uint32_t count)
{
    struct sn_child_spec *specs = calloc(count, sizeof(*specs) + 12);
    char *names = (char *)(specs + count);

    for (uint32_t i = 0; i < count; i++) {
        sprintf(names + 12 * i, "c%u", i);
        specs[i] = (struct sn_child_spec){
            .name = names + 12 * i, .pool = i, .members = 1, .shutdown_ns = 1000 * MS};
    }
    return specs;
}

typedef void (*scenario)(uint32_t count);

static uint64_t best_of_three(scenario run, uint32_t count)
{
    uint64_t best_ns = UINT64_MAX;

    for (int i = 0; i < 3; i++) {
        uint64_t start_ns = cpu_ns();
        uint64_t took_ns;

        run(count);
        took_ns = cpu_ns() - start_ns;
        best_ns = took_ns < best_ns ? took_ns : best_ns;
    }
    return best_ns;
}

static void expect_scaling(scenario run, uint32_t smallest)
{
    uint64_t one_ns = best_of_three(run, smallest);
    uint64_t ten_ns = best_of_three(run, 10 * smallest);
    uint64_t hundred_ns = best_of_three(run, 100 * smallest);

    ck_assert_msg(ten_ns <= 50 * one_ns, "10x children took %lu x",
                  (unsigned long)(ten_ns / one_ns));
    ck_assert_msg(hundred_ns <= 1000 * one_ns, "100x children took %lu x",
                  (unsigned long)(hundred_ns / one_ns));
}

/* ---- scenarios -------------------------------------------------------------------------- */

static void static_children(uint32_t count)
{
    struct sn_child_spec *specs = children(count);
    struct sn_supervisor_spec root = {.name = "root",
                                      .strategy = SN_ONE_FOR_ALL,
                                      .restarts = 9,
                                      .window_ns = 1000 * MS,
                                      .children = specs,
                                      .child_count = count};
    struct echo echo;

    echo_init(&echo, &root, count);
    for (uint32_t i = 0; i < 3; i++) /* the whole group, three times */
        step(&echo, (struct sn_tree_event){.kind = SN_EVENT_EXITED,
                                           .member = {count / 2},
                                           .incarnation = i + 1,
                                           .exit = {SN_EXIT_FAILED, 1}});
    echo_fini(&echo);
    free(specs);
}

static void started_children(uint32_t count)
{
    static const struct sn_supervisor_spec root = {
        .name = "root", .restarts = 2, .window_ns = 1000 * MS};
    struct sn_child_spec *specs = children(count);
    struct echo echo;

    echo_init(&echo, &root, count);
    for (uint32_t i = 0; i < count; i++) {
        step(&echo, (struct sn_tree_event){
                        .kind = SN_EVENT_START_CHILD, .supervisor = "root", .spec = &specs[i]});
        ck_assert_int_eq(echo.result, 0);
    }
    for (uint32_t i = 0; i < count; i++)
        step(&echo, (struct sn_tree_event){.kind = SN_EVENT_TERMINATE_CHILD,
                                           .supervisor = "root",
                                           .child = specs[i].name});
    for (uint32_t i = 0; i < count; i++) {
        step(&echo, (struct sn_tree_event){.kind = SN_EVENT_DELETE_CHILD,
                                           .supervisor = "root",
                                           .child = specs[i].name});
        ck_assert_int_eq(echo.result, 0);
    }
    echo_fini(&echo);
    free(specs);
}

static void temporary_members(uint32_t count)
{
    struct sn_child_spec pool = {
        .name = "p", .members = count, .dynamic = true, .restart = SN_TEMPORARY};
    struct sn_supervisor_spec root = {
        .name = "root", .restarts = 2, .window_ns = 1000 * MS, .children = &pool, .child_count = 1};
    struct echo echo;

    echo_init(&echo, &root, count);
    for (uint32_t i = 0; i < count; i++)
        step(&echo, (struct sn_tree_event){.kind = SN_EVENT_ADD_MEMBER});
    ck_assert_uint_eq(sn_tree_member_bound(echo.tree), count);
    for (uint32_t i = 0; i < count; i++) {
        if (i % 2)
            step(&echo, (struct sn_tree_event){.kind = SN_EVENT_REMOVE_MEMBER, .member = {i}});
        else
            step(&echo,
                 (struct sn_tree_event){.kind = SN_EVENT_EXITED, .member = {i}, .incarnation = 1});
    }
    echo_fini(&echo);
}

static void members_that_wait(uint32_t count)
{
    struct sn_child_spec pool = {.name = "p", .members = count, .shutdown_ns = 1000 * MS};
    struct sn_supervisor_spec root = {.name = "root",
                                      .restarts = SN_RESTARTS_UNLIMITED,
                                      .window_ns = 1000000 * MS,
                                      .backoff_min_ns = 10 * MS,
                                      .backoff_max_ns = 1000 * MS,
                                      .children = &pool,
                                      .child_count = 1};
    struct echo echo;

    echo_init(&echo, &root, count);
    for (uint32_t i = 0; i < count; i++)
        step(&echo, (struct sn_tree_event){.kind = SN_EVENT_EXITED,
                                           .member = {i},
                                           .incarnation = 1,
                                           .exit = {SN_EXIT_FAILED, 1}});
    for (uint32_t i = 0; i < 10; i++) {
        echo.now_ns += 100 * MS;
        step(&echo, (struct sn_tree_event){.kind = SN_EVENT_TIMER});
    }
    echo.mute = true; /* all are killed by one timer */
    step(&echo, (struct sn_tree_event){.kind = SN_EVENT_STOP});
    echo.now_ns = echo.timer_ns;
    step(&echo, (struct sn_tree_event){.kind = SN_EVENT_TIMER});
    ck_assert_int_eq(echo.outcome, SN_EFFECT_STOPPED);
    echo_fini(&echo);
}

START_TEST(scale_static_children)
{
    expect_scaling(static_children, 100);
}
END_TEST

START_TEST(scale_start_stop_many_children)
{
    expect_scaling(started_children, 100);
}
END_TEST

START_TEST(simple_one_for_one_scale_many_temporary_children)
{
    expect_scaling(temporary_members, 200);
}
END_TEST

START_TEST(scale_members_that_wait)
{
    expect_scaling(members_that_wait, 200);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        scale_static_children,
        scale_start_stop_many_children,
        simple_one_for_one_scale_many_temporary_children,
        scale_members_that_wait,
    };

    return world_main("supervise", tests, sizeof(tests) / sizeof(tests[0]));
}
