/* SPDX-License-Identifier: MIT */

/* Supervisors below supervisors: escalation, restart of a subtree, GONE, killing a subtree. */

#include "world.h"

static const struct sn_child_spec inner_children[] = {POOL(1, "x"), POOL(2, "y")};
static const struct sn_supervisor_spec inner =
    SUPERVISOR("inner", SN_ONE_FOR_ONE, 1, inner_children);

/* ---- escalation ------------------------------------------------------------------------- */

static const struct sn_child_spec permanent[] = {POOL(0, "a"), BELOW("inner", &inner)};

START_TEST(supervisor_that_gives_up_is_restarted_with_its_children)
{
    static const struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ONE, 2, permanent);
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_skip(&w);
    w.notes = true;
    world_exit(&w, 2, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] inner gives up for y#1: failed(1000)\n"
                     "[0] stop x#2 give up by 5000\n"
                     "[0] root restarts for inner at 0: failed(14)\n"
                     "[0] start x#3 restored\n[0] start y#2 restored\n");
    world_expect_children(&w, "root", "a:running:1 inner:running:1");
    world_fini(&w);
}
END_TEST

START_TEST(window_of_a_restarted_supervisor_is_empty)
{
    static const struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ONE, 1, permanent);
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_exit(&w, 1, 0, SN_EXIT_FAILED); /* the inner one gives up */
    world_exit(&w, 1, 0, SN_EXIT_FAILED); /* it has a restart to spare again */
    ck_assert_uint_eq(w.live, 3);
    world_exit(&w, 1, 0, SN_EXIT_FAILED); /* now the root gives up, too */
    ck_assert_int_eq(w.result, SN_GAVE_UP);
    ck_assert_uint_eq(w.starts, 3 + 1 + 2 + 1);
    world_fini(&w);
}
END_TEST

/* OTP's supervisor ends with `shutdown` when it gives up, and a transient one is lost. */
START_TEST(transient_supervisor_that_gives_up_is_restarted)
{
    struct sn_child_spec children[] = {POOL(0, "a"), BELOW("inner", &inner)};
    struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ONE, 2, children);
    struct world w;

    children[1].restart = SN_TRANSIENT;
    world_init(&w, &root);
    world_start(&w);
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_expect_children(&w, "root", "a:running:1 inner:running:1");
    world_expect_children(&w, "inner", "x:running:1 y:running:1");
    world_fini(&w);
}
END_TEST

START_TEST(temporary_supervisor_that_gives_up_is_gone)
{
    struct sn_child_spec children[] = {POOL(0, "a"), BELOW("inner", &inner)};
    struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ONE, 2, children);
    struct world w;

    children[1].restart = SN_TEMPORARY;
    world_init(&w, &root);
    world_start(&w);
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_skip(&w);
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] stop y#1 give up by 5000\n[0] gone y#1\n[0] gone x#2\n");
    world_expect_children(&w, "root", "a:running:1");
    ck_assert_int_eq(world_terminate(&w, "inner", "x"), SN_GONE);
    world_fini(&w);
}
END_TEST

START_TEST(failure_of_a_subtree_restarts_the_group_above)
{
    static const struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ALL, 2, permanent);
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_skip(&w);
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] stop y#1 give up by 5000\n"
                     "[0] stop a#1 restart by 5000\n"
                     "[0] start a#2 restored\n"
                     "[0] start x#3 restored\n[0] start y#2 restored\n");
    world_skip(&w);
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] stop y#2 restart by 5000\n[0] stop x#3 restart by 5000\n"
                     "[0] start a#3 restored\n"
                     "[0] start x#4 restored\n[0] start y#3 restored\n");
    world_fini(&w);
}
END_TEST

START_TEST(escalation_passes_through_all_levels)
{
    static const struct sn_supervisor_spec c = SUPERVISOR("c", SN_ONE_FOR_ONE, 0, inner_children);
    static const struct sn_child_spec b_children[] = {BELOW("c", &c)};
    static const struct sn_supervisor_spec b = SUPERVISOR("b", SN_ONE_FOR_ONE, 0, b_children);
    static const struct sn_child_spec a_children[] = {BELOW("b", &b)};
    static const struct sn_supervisor_spec a = SUPERVISOR("a", SN_ONE_FOR_ALL, 0, a_children);
    struct world w;

    world_init(&w, &a);
    world_start(&w);
    world_skip(&w);
    w.notes = true;
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] c gives up for x#1: failed(1000)\n"
                     "[0] stop y#1 give up by 5000\n"
                     "[0] b gives up for c: failed(14)\n"
                     "[0] a gives up for b: failed(14)\n"
                     "[0] gone y#1\n[0] gone x#1\n"
                     "[0] tree stopped: 14\n");
    world_fini(&w);
}
END_TEST

START_TEST(subtree_that_does_not_start_again_is_retried_by_the_one_above)
{
    static const struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ONE, 3, permanent);
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_behave(&w, 2, 0)->fail_starts = 1;
    world_skip(&w);
    w.notes = true;
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] inner gives up for x#2: failed(1000)\n"
                     "[0] stop y#1 give up by 5000\n"
                     "[0] root restarts for inner at 0: failed(14)\n"
                     "[0] start x#3 restored\n[0] start y#2 restored\n"
                     "[0] stop x#3 give up by 5000\n"
                     "[0] root restarts for inner at 0: failed(1001)\n"
                     "[0] start x#4 restored\n[0] start y#3 restored\n");
    world_fini(&w);
}
END_TEST

START_TEST(subtree_backs_off_as_one_child)
{
    struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ONE, 9, permanent);
    struct world w;

    root.backoff_min_ns = root.backoff_max_ns = 200 * MS;
    world_init(&w, &root);
    world_start(&w);
    for (int i = 0; i < 4; i++)
        world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_expect_children(&w, "root", "a:running:1 inner:restarting:0");
    ck_assert_int_eq(world_terminate(&w, "inner", "x"), SN_GONE);
    world_skip(&w);
    world_advance(&w, 200);
    world_expect(&w, "[200] start x#5 restored\n[200] start y#3 restored\n");
    /* A stop while it waits: its members, kept until now, are gone. */
    for (int i = 0; i < 2; i++)
        world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_skip(&w);
    world_stop(&w);
    world_expect(&w, "[200] gone y#3\n[200] gone x#6\n"
                     "[200] stop a#1 shutdown by 5200\n[200] gone a#1\n"
                     "[200] tree stopped: 0\n");
    world_fini(&w);
}
END_TEST

/* ---- the tree of OTP's suite ------------------------------------------------------------ */

START_TEST(tree)
{
    static const struct sn_child_spec workers[] = {POOL(1, "child1"), POOL(2, "child2")};
    static const struct sn_child_spec child3 = POOL(3, "child3");
    static const struct sn_child_spec child4 = POOL(4, "child4");
    static const struct sn_supervisor_spec sup1 = SUPERVISOR("sup1", SN_ONE_FOR_ONE, 4, workers);
    static const struct sn_supervisor_spec sup2 = {
        .name = "sup2", .restarts = 4, .window_ns = 3600 * SN_SECOND};
    static const struct sn_supervisor_spec sup3 = {
        .name = "sup3", .restarts = 4, .window_ns = 3600 * SN_SECOND};
    struct sn_child_spec sups[] = {BELOW("sup1", &sup1), BELOW("sup2", &sup2),
                                   BELOW("sup3", &sup3)};
    struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ALL, 4, sups);
    struct world w;

    sups[2].restart = SN_TRANSIENT;
    world_init(&w, &root);
    world_start(&w);
    ck_assert_int_eq(world_terminate(&w, "root", "sup3"), 0);
    world_expect_counts(&w, "root", 3, 2, 3, 0);
    world_expect_counts(&w, "sup1", 2, 2, 0, 2);
    world_expect_counts(&w, "sup2", 0, 0, 0, 0);

    ck_assert_int_eq(world_start_child(&w, "sup2", &child3), 0);
    ck_assert_int_eq(world_start_child(&w, "sup2", &child4), 0);
    world_expect_counts(&w, "sup2", 2, 2, 0, 2);
    world_skip(&w);
    world_exit(&w, 4, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] start child4#2 restored\n");

    /* child3 never starts again: sup2 gives up, and takes the whole tree into a restart. */
    world_behave(&w, 3, 0)->fail_starts = 100;
    world_exit(&w, 3, 0, SN_EXIT_FAILED);
    world_expect_counts(&w, "root", 3, 3, 3, 0); /* sup3 came back with the group */
    world_expect_children(&w, "sup1", "child1:running:1 child2:running:1");
    world_expect_children(&w, "sup2", ""); /* children made at run time did not */
    world_expect_children(&w, "sup3", "");
    ck_assert_uint_eq(w.live, 2);
    ck_assert_uint_eq(w.known, 2);
    world_stop(&w);
    ck_assert_int_eq(w.result, 0);
    world_fini(&w);
}
END_TEST

START_TEST(dynamic_members_are_gone_when_their_supervisor_restarts)
{
    static const struct sn_child_spec children[] = {
        POOL(1, "x"),
        {.name = "p", .pool = 2, .members = 9, .dynamic = true, .shutdown_ns = 1000 * MS}};
    static const struct sn_supervisor_spec below = SUPERVISOR("below", SN_ONE_FOR_ONE, 0, children);
    static const struct sn_child_spec tops[] = {POOL(0, "a"), BELOW("below", &below)};
    static const struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ALL, 5, tops);
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_add(&w, 2);
    world_skip(&w);
    /* Its group restarts: it is stopped for good, its static sibling is not. */
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] stop p/0#1 shutdown by 1000\n[0] stop x#1 restart by 5000\n"
                     "[0] gone p/0#1\n"
                     "[0] start a#2 restored\n[0] start x#2 restored\n");
    world_add(&w, 2);
    world_skip(&w);
    /* Its supervisor gives up. */
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] stop p/0#2 give up by 1000\n[0] gone p/0#2\n"
                     "[0] stop a#2 restart by 5000\n"
                     "[0] start a#3 restored\n[0] start x#3 restored\n");
    world_fini(&w);
}
END_TEST

START_TEST(child_that_ended_or_was_deleted_is_back_after_a_restart)
{
    static const struct sn_child_spec children[] = {
        POOL(1, "x"), POOL_OF(2, "t", 1, SN_TEMPORARY, 1000), POOL(3, "z")};
    static const struct sn_child_spec added = POOL(4, "added");
    static const struct sn_supervisor_spec below = SUPERVISOR("below", SN_ONE_FOR_ONE, 0, children);
    static const struct sn_child_spec tops[] = {BELOW("below", &below)};
    static const struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ONE, 5, tops);
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_exit(&w, 2, 0, SN_EXIT_NORMAL);
    ck_assert_int_eq(world_terminate(&w, "below", "x"), 0);
    ck_assert_int_eq(world_delete(&w, "below", "x"), 0);
    ck_assert_int_eq(world_start_child(&w, "below", &added), 0);
    ck_assert_int_eq(world_start_child(&w, "below", &children[0]), 0); /* now the last one */
    world_expect_children(&w, "below", "z:running:1 added:running:1 x:running:1");
    world_skip(&w);
    world_exit(&w, 3, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] stop x#2 give up by 5000\n[0] stop added#1 give up by 5000\n"
                     "[0] gone added#1\n"
                     "[0] start x#3 restored\n[0] start t#2\n[0] start z#2 restored\n");
    world_expect_children(&w, "below", "x:running:1 t:running:1 z:running:1");
    world_fini(&w);
}
END_TEST

/* ---- stopping a subtree ----------------------------------------------------------------- */

START_TEST(terminated_subtree_is_gone_and_can_be_restarted)
{
    static const struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ONE, 2, permanent);
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_skip(&w);
    ck_assert_int_eq(world_terminate(&w, "root", "inner"), 0);
    world_expect(&w, "[0] stop y#1 shutdown by 5000\n[0] gone y#1\n"
                     "[0] stop x#1 shutdown by 5000\n[0] gone x#1\n[0] answer 1: 0\n");
    world_expect_counts(&w, "root", 2, 1, 1, 1);
    ck_assert_int_eq(world_restart(&w, "root", "inner"), 0);
    world_expect(&w, "[0] start x#2\n[0] start y#2\n[0] answer 2: 0\n");
    ck_assert_int_eq(world_terminate(&w, "root", "inner"), 0);
    world_behave(&w, 2, 0)->fail_starts = 1;
    ck_assert_int_eq(world_restart(&w, "root", "inner"), 1001);
    world_fini(&w);
}
END_TEST

START_TEST(subtree_with_a_limit_is_killed_as_a_whole)
{
    struct sn_child_spec children[] = {BELOW("inner", &inner)};
    struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ONE, 2, children);
    struct world w;

    children[0].shutdown_ns = 100 * MS;
    world_init(&w, &root);
    world_start(&w);
    world_behave(&w, 2, 0)->stubborn = true;
    world_skip(&w);
    w.notes = true;
    world_stop(&w);
    world_advance(&w, 10000);
    world_expect(&w, "[0] stop y#1 shutdown by 5000\n"
                     "[100] root kills for inner: killed\n"
                     "[100] kill y#1\n[100] kill x#1\n[100] gone y#1\n[100] gone x#1\n"
                     "[100] tree stopped: 0\n");
    world_fini(&w);
}
END_TEST

START_TEST(subtree_can_be_brutally_killed)
{
    struct sn_child_spec children[] = {BELOW("inner", &inner)};
    struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ONE, 2, children);
    struct world w;

    children[0].shutdown_ns = SN_SHUTDOWN_BRUTAL;
    world_init(&w, &root);
    world_start(&w);
    world_skip(&w);
    ck_assert_int_eq(world_terminate(&w, "root", "inner"), 0);
    world_expect(&w, "[0] kill y#1\n[0] kill x#1\n[0] gone y#1\n[0] gone x#1\n"
                     "[0] answer 1: 0\n");
    world_fini(&w);
}
END_TEST

/* A subtree that is going down to be restarted is asked to go for good: no restart, all gone. */
START_TEST(stop_overtakes_a_subtree_that_gives_up)
{
    static const struct sn_child_spec deep_children[] = {POOL(5, "d"), POOL(6, "e")};
    static const struct sn_supervisor_spec deep =
        SUPERVISOR("deep", SN_ONE_FOR_ONE, 1, deep_children);
    static const struct sn_child_spec mid_children[] = {POOL(1, "x"), BELOW("deep", &deep),
                                                        POOL(2, "y"), POOL(3, "z")};
    static const struct sn_supervisor_spec mid = SUPERVISOR("mid", SN_ONE_FOR_ONE, 0, mid_children);
    static const struct sn_child_spec tops[] = {BELOW("mid", &mid)};
    static const struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ONE, 5, tops);

    for (int at = 0; at < 2; at++) {
        struct world w;

        world_init(&w, &root);
        world_start(&w);
        world_behave(&w, at ? 6 : 3, 0)->stop_takes_ms = 10;
        world_exit(&w, 2, 0, SN_EXIT_FAILED); /* mid gives up, z or e takes its time */
        world_skip(&w);
        world_stop(&w);
        world_expect(&w, "");
        world_advance(&w, 10);
        ck_assert_int_eq(w.outcome, SN_EFFECT_STOPPED);
        ck_assert_int_eq(w.result, 0);
        ck_assert_uint_eq(w.known, 0);
        world_fini(&w);
    }
}
END_TEST

START_TEST(stop_finds_a_subtree_that_is_starting_again)
{
    static const struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ONE, 5, permanent);
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_behave(&w, 2, 0)->hangs = true;
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_skip(&w);
    world_stop(&w);
    world_expect(&w, "[0] stop y#2 shutdown by 5000\n");
    world_fail_start(&w, 2, 0, 1001);
    world_expect(&w, "[0] gone y#2\n[0] stop x#3 shutdown by 5000\n[0] gone x#3\n"
                     "[0] stop a#1 shutdown by 5000\n[0] gone a#1\n[0] tree stopped: 0\n");
    world_fini(&w);
}
END_TEST

START_TEST(stop_finds_a_subtree_that_undoes_a_failed_start)
{
    static const struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ONE, 5, permanent);
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_behave(&w, 2, 0)->fail_starts = 1;
    world_behave(&w, 1, 0)->stop_takes_ms = 10;
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_skip(&w);
    world_stop(&w);
    world_advance(&w, 10);
    world_expect(&w, "[10] gone y#2\n[10] gone x#3\n"
                     "[10] stop a#1 shutdown by 5010\n[10] gone a#1\n[10] tree stopped: 0\n");
    world_fini(&w);
}
END_TEST

START_TEST(subtree_added_at_run_time_vanishes_with_its_supervisor)
{
    static const struct sn_child_spec added = BELOW("inner", &inner);
    static const struct sn_supervisor_spec below = {
        .name = "below", .restarts = 5, .window_ns = 3600 * SN_SECOND};
    static const struct sn_child_spec tops[] = {POOL(0, "a"), BELOW("below", &below)};
    static const struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ALL, 5, tops);
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    ck_assert_int_eq(world_start_child(&w, "below", &added), 0);
    world_expect_children(&w, "inner", "x:running:1 y:running:1");
    world_skip(&w);
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] stop y#1 shutdown by 5000\n[0] stop x#1 shutdown by 5000\n"
                     "[0] gone y#1\n[0] gone x#1\n[0] start a#2 restored\n");
    world_expect_children(&w, "below", "");
    ck_assert_int_eq(sn_tree_which_children(w.tree, "inner", NULL), SN_NOT_FOUND);
    ck_assert_int_eq(world_start_child(&w, "below", &added), 0);
    ck_assert_int_eq(world_terminate(&w, "below", "inner"), 0);
    ck_assert_int_eq(world_delete(&w, "below", "inner"), 0);
    ck_assert_int_eq(sn_tree_which_children(w.tree, "inner", NULL), SN_NOT_FOUND);
    world_fini(&w);
}
END_TEST

START_TEST(subtree_under_a_temporary_name_can_fail_to_start)
{
    static const struct sn_child_spec added = BELOW("inner", &inner);
    static const struct sn_supervisor_spec root = {
        .name = "root", .restarts = 5, .window_ns = 3600 * SN_SECOND};
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    w.manual = true;
    world_start_child(&w, "root", &added);
    w.manual = false;
    world_skip(&w);
    world_fail_start(&w, 1, 0, 1033);
    world_expect(&w, "[0] gone x#1\n[0] answer 1: 1033\n");
    world_expect_children(&w, "root", "");
    world_fini(&w);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        supervisor_that_gives_up_is_restarted_with_its_children,
        window_of_a_restarted_supervisor_is_empty,
        transient_supervisor_that_gives_up_is_restarted,
        temporary_supervisor_that_gives_up_is_gone,
        failure_of_a_subtree_restarts_the_group_above,
        escalation_passes_through_all_levels,
        subtree_that_does_not_start_again_is_retried_by_the_one_above,
        subtree_backs_off_as_one_child,
        tree,
        dynamic_members_are_gone_when_their_supervisor_restarts,
        child_that_ended_or_was_deleted_is_back_after_a_restart,
        terminated_subtree_is_gone_and_can_be_restarted,
        subtree_with_a_limit_is_killed_as_a_whole,
        subtree_can_be_brutally_killed,
        stop_overtakes_a_subtree_that_gives_up,
        stop_finds_a_subtree_that_is_starting_again,
        stop_finds_a_subtree_that_undoes_a_failed_start,
        subtree_added_at_run_time_vanishes_with_its_supervisor,
        subtree_under_a_temporary_name_can_fail_to_start,
    };

    return world_main("supervise", tests, sizeof(tests) / sizeof(tests[0]));
}
