/* SPDX-License-Identifier: MIT */

/* Significant children and the automatic shutdown of their supervisor. */

#include "world.h"

static const enum sn_strategy strategies[] = {SN_ONE_FOR_ONE, SN_ONE_FOR_ALL, SN_REST_FOR_ONE};

struct trio {
    struct sn_child_spec children[3];
    struct sn_supervisor_spec root;
    struct world world;
};

/* a and b are significant, c is not. */
static struct world *trio_init(struct trio *trio, enum sn_auto_shutdown mode,
                               enum sn_restart restart)
{
    static const char *const names[] = {"a", "b", "c"};

    for (uint32_t i = 0; i < 3; i++)
        trio->children[i] = (struct sn_child_spec){
            .name = names[i],
            .pool = i,
            .members = 1,
            .restart = (uint8_t)restart,
            .shutdown_ns = 1000 * MS,
            .significant = i < 2 && mode != SN_AUTO_SHUTDOWN_NEVER,
        };
    trio->root = (struct sn_supervisor_spec)SUPERVISOR("root", SN_ONE_FOR_ONE, 5, trio->children);
    trio->root.auto_shutdown = (uint8_t)mode;
    world_init(&trio->world, &trio->root);
    world_start(&trio->world);
    world_skip(&trio->world);
    return &trio->world;
}

static void expect_down(struct world *w)
{
    ck_assert_int_eq(w->outcome, SN_EFFECT_STOPPED);
    ck_assert_int_eq(w->result, 0);
}

static void expect_alive(struct world *w)
{
    ck_assert_int_eq(w->outcome, SN_EFFECT_STARTED);
}

/* ---- what does not count ---------------------------------------------------------------- */

static void expect_no_shutdown(enum sn_restart restart)
{
    for (int mode = SN_AUTO_SHUTDOWN_NEVER; mode <= SN_AUTO_SHUTDOWN_ALL; mode++) {
        for (int how = SN_EXIT_NORMAL; how <= SN_EXIT_KILLED + 1; how++) {
            struct trio trio;
            struct world *w = trio_init(&trio, (enum sn_auto_shutdown)mode, restart);

            if (how <= SN_EXIT_KILLED)
                world_exit(w, 2, 0, (enum sn_exit_kind)how);
            else
                ck_assert_int_eq(world_terminate(w, "root", "c"), 0);
            expect_alive(w);
            world_fini(w);
        }
    }
}

START_TEST(nonsignificant_temporary)
{
    expect_no_shutdown(SN_TEMPORARY);
}
END_TEST

START_TEST(nonsignificant_transient)
{
    expect_no_shutdown(SN_TRANSIENT);
}
END_TEST

START_TEST(auto_shutdown_never_lets_all_end)
{
    struct trio trio;
    struct world *w = trio_init(&trio, SN_AUTO_SHUTDOWN_NEVER, SN_TEMPORARY);

    for (uint32_t i = 0; i < 3; i++)
        world_exit(w, i, 0, SN_EXIT_NORMAL);
    expect_alive(w);
    world_fini(w);
}
END_TEST

/* ---- any -------------------------------------------------------------------------------- */

START_TEST(significant_temporary)
{
    for (int how = SN_EXIT_NORMAL; how <= SN_EXIT_KILLED; how++) {
        struct trio trio;
        struct world *w = trio_init(&trio, SN_AUTO_SHUTDOWN_ANY, SN_TEMPORARY);

        ck_assert_int_eq(world_terminate(w, "root", "a"), 0);
        expect_alive(w); /* not its own end */
        ck_assert_int_eq(world_start_child(w, "root", &trio.children[0]), 0);
        world_exit(w, 0, 0, (enum sn_exit_kind)how);
        expect_down(w);
        world_fini(w);
    }
}
END_TEST

START_TEST(significant_transient)
{
    struct trio trio;
    struct world *w = trio_init(&trio, SN_AUTO_SHUTDOWN_ANY, SN_TRANSIENT);

    ck_assert_int_eq(world_terminate(w, "root", "a"), 0);
    ck_assert_int_eq(world_restart(w, "root", "a"), 0);
    world_exit(w, 0, 0, SN_EXIT_KILLED);
    world_exit(w, 0, 0, SN_EXIT_FAILED);
    expect_alive(w); /* restarted both times */
    w->notes = true;
    world_skip(w);
    world_exit(w, 0, 0, SN_EXIT_NORMAL);
    world_expect(w, "[0] root loses for a#4: normal\n[0] gone a#4\n"
                    "[0] root shuts down for a#4: normal\n"
                    "[0] stop c#1 shutdown by 1000\n[0] gone c#1\n"
                    "[0] stop b#1 shutdown by 1000\n[0] gone b#1\n"
                    "[0] tree stopped: 0\n");
    world_fini(w);
}
END_TEST

START_TEST(one_member_of_a_significant_pool_is_enough_for_any)
{
    static const struct sn_child_spec children[] = {{.name = "p",
                                                     .members = 3,
                                                     .restart = SN_TRANSIENT,
                                                     .shutdown_ns = 1000 * MS,
                                                     .significant = true}};
    struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ONE, 5, children);
    struct world w;

    root.auto_shutdown = SN_AUTO_SHUTDOWN_ANY;
    world_init(&w, &root);
    world_start(&w);
    world_exit(&w, 0, 1, SN_EXIT_SHUTDOWN);
    expect_down(&w);
    world_fini(&w);

    root.auto_shutdown = SN_AUTO_SHUTDOWN_ALL;
    world_init(&w, &root);
    world_start(&w);
    world_exit(&w, 0, 1, SN_EXIT_SHUTDOWN);
    world_exit(&w, 0, 0, SN_EXIT_NORMAL);
    expect_alive(&w);
    world_exit(&w, 0, 2, SN_EXIT_NORMAL);
    expect_down(&w);
    world_fini(&w);
}
END_TEST

/* ---- all -------------------------------------------------------------------------------- */

static void expect_all(enum sn_restart restart)
{
    struct trio trio;
    struct world *w = trio_init(&trio, SN_AUTO_SHUTDOWN_ALL, restart);

    world_exit(w, 0, 0, SN_EXIT_NORMAL);
    expect_alive(w);
    world_exit(w, 1, 0, SN_EXIT_NORMAL);
    expect_down(w);
    world_fini(w);
}

START_TEST(significant_temporary_all)
{
    expect_all(SN_TEMPORARY);
}
END_TEST

START_TEST(significant_transient_all)
{
    expect_all(SN_TRANSIENT);
}
END_TEST

START_TEST(terminated_last_significant_child_does_not_count)
{
    struct trio trio;
    struct world *w = trio_init(&trio, SN_AUTO_SHUTDOWN_ALL, SN_TRANSIENT);

    world_exit(w, 0, 0, SN_EXIT_NORMAL);
    ck_assert_int_eq(world_terminate(w, "root", "b"), 0);
    expect_alive(w);
    ck_assert_int_eq(world_restart(w, "root", "a"), 0);
    world_exit(w, 0, 0, SN_EXIT_NORMAL);
    expect_down(w); /* its own end, and no other lives */
    world_fini(w);
}
END_TEST

START_TEST(child_that_is_restarting_still_counts_for_all)
{
    struct trio trio;
    struct world *w = trio_init(&trio, SN_AUTO_SHUTDOWN_ALL, SN_TRANSIENT);

    world_behave(w, 1, 0)->hangs = true;
    world_exit(w, 1, 0, SN_EXIT_FAILED);
    world_exit(w, 0, 0, SN_EXIT_NORMAL);
    expect_alive(w);
    world_release(w, 1, 0);
    world_behave(w, 1, 0)->hangs = false;
    world_exit(w, 1, 0, SN_EXIT_NORMAL);
    expect_down(w);
    world_fini(w);
}
END_TEST

START_TEST(group_that_waits_still_counts_for_all)
{
    struct trio trio;
    struct world *w;

    trio.world = (struct world){0};
    w = trio_init(&trio, SN_AUTO_SHUTDOWN_ALL, SN_TRANSIENT);
    world_fini(w);
    trio.root.strategy = SN_REST_FOR_ONE;
    trio.root.backoff_min_ns = trio.root.backoff_max_ns = 100 * MS;
    world_init(w, &trio.root);
    world_start(w);
    world_exit(w, 1, 0, SN_EXIT_FAILED);
    world_exit(w, 1, 0, SN_EXIT_FAILED);
    world_exit(w, 0, 0, SN_EXIT_NORMAL);
    expect_alive(w);
    world_advance(w, 100);
    world_exit(w, 1, 0, SN_EXIT_NORMAL);
    expect_down(w);
    world_fini(w);
}
END_TEST

/* Two end at the same time; the second is not judged yet, so it counts as there. */
START_TEST(exit_that_is_not_judged_yet_counts_as_there)
{
    struct trio trio;
    struct world *w;

    w = trio_init(&trio, SN_AUTO_SHUTDOWN_ALL, SN_TRANSIENT);
    world_fini(w);
    world_init(w, &trio.root);
    world_behave(w, 2, 0)->hangs = true;
    world_start(w);
    world_exit(w, 0, 0, SN_EXIT_NORMAL);
    world_exit(w, 1, 0, SN_EXIT_FAILED);
    world_release(w, 2, 0);
    expect_alive(w);
    world_expect_children(w, "root", "a:down:0 b:running:1 c:running:1");
    world_fini(w);
}
END_TEST

/* ---- bystanders and escalation ---------------------------------------------------------- */

START_TEST(significant_bystander)
{
    for (int i = 0; i < 3; i++) {
        for (int mode = SN_AUTO_SHUTDOWN_ANY; mode <= SN_AUTO_SHUTDOWN_ALL; mode++) {
            static const struct sn_child_spec children[] = {
                {.name = "a",
                 .pool = 0,
                 .members = 1,
                 .restart = SN_TRANSIENT,
                 .shutdown_ns = 1000 * MS,
                 .significant = true},
                POOL_OF(1, "b", 1, SN_TRANSIENT, 1000),
                {.name = "c",
                 .pool = 2,
                 .members = 1,
                 .restart = SN_TEMPORARY,
                 .shutdown_ns = 1000 * MS,
                 .significant = true},
            };
            struct sn_supervisor_spec root = SUPERVISOR("root", strategies[i], 5, children);
            struct world w;

            root.auto_shutdown = (uint8_t)mode;
            world_init(&w, &root);
            world_start(&w);
            world_exit(&w, 1, 0, SN_EXIT_KILLED);
            expect_alive(&w);
            ck_assert_uint_eq(w.live, i == 0 ? 3 : 2); /* c is temporary */
            world_fini(&w);
        }
    }
}
END_TEST

static const struct sn_child_spec leaf[] = {{.name = "leaf",
                                             .members = 1,
                                             .restart = SN_TRANSIENT,
                                             .shutdown_ns = 1000 * MS,
                                             .significant = true}};
static const struct sn_supervisor_spec below = {.name = "below",
                                                .auto_shutdown = SN_AUTO_SHUTDOWN_ANY,
                                                .restarts = 1,
                                                .window_ns = 5000 * MS,
                                                .children = leaf,
                                                .child_count = 1};

START_TEST(significant_escalation)
{
    for (int significant = 0; significant < 2; significant++) {
        struct sn_child_spec children[] = {{.name = "below",
                                            .supervisor = &below,
                                            .restart = SN_TRANSIENT,
                                            .shutdown_ns = SN_SHUTDOWN_INFINITE,
                                            .significant = significant}};
        struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ONE, 5, children);
        struct world w;

        root.auto_shutdown = SN_AUTO_SHUTDOWN_ANY;
        world_init(&w, &root);
        world_start(&w);
        world_exit(&w, 0, 0, SN_EXIT_NORMAL);
        if (significant)
            expect_down(&w);
        else
            expect_alive(&w);
        ck_assert_uint_eq(w.live, 0);
        world_fini(&w);
    }
}
END_TEST

/* Who stays away stops for good, who comes back keeps what is queued. */
START_TEST(permanent_supervisor_comes_back_from_an_auto_shutdown)
{
    static const struct sn_child_spec leaves[] = {
        {.name = "leaf",
         .members = 1,
         .restart = SN_TRANSIENT,
         .shutdown_ns = 1000 * MS,
         .significant = true},
        POOL(1, "mate"),
    };
    struct sn_supervisor_spec mates = SUPERVISOR("below", SN_ONE_FOR_ONE, 5, leaves);
    struct sn_child_spec children[] = {BELOW("below", &mates)};
    struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ONE, 5, children);

    mates.auto_shutdown = SN_AUTO_SHUTDOWN_ANY;
    for (int restart = SN_PERMANENT; restart <= SN_TEMPORARY; restart++) {
        struct world w;

        children[0].restart = (uint8_t)restart;
        world_init(&w, &root);
        world_start(&w);
        world_skip(&w);
        world_exit(&w, 0, 0, SN_EXIT_NORMAL);
        world_expect(&w, restart == SN_PERMANENT
                             ? "[0] gone leaf#1\n[0] stop mate#1 restart by 5000\n"
                               "[0] start leaf#2\n[0] start mate#2 restored\n"
                             : "[0] gone leaf#1\n[0] stop mate#1 shutdown by 5000\n"
                               "[0] gone mate#1\n");
        world_fini(&w);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        nonsignificant_temporary,
        nonsignificant_transient,
        auto_shutdown_never_lets_all_end,
        significant_temporary,
        significant_transient,
        one_member_of_a_significant_pool_is_enough_for_any,
        significant_temporary_all,
        significant_transient_all,
        terminated_last_significant_child_does_not_count,
        child_that_is_restarting_still_counts_for_all,
        group_that_waits_still_counts_for_all,
        exit_that_is_not_judged_yet_counts_as_there,
        significant_bystander,
        significant_escalation,
        permanent_supervisor_comes_back_from_an_auto_shutdown,
    };

    return world_main("supervise", tests, sizeof(tests) / sizeof(tests[0]));
}
