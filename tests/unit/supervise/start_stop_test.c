/* SPDX-License-Identifier: MIT */

/* Starting and stopping a tree: order, acknowledgement, failure, time. */

#include "world.h"

static const struct sn_child_spec five[] = {POOL(0, "ch7"), POOL(1, "ch3"), POOL(2, "ch10"),
                                            POOL(3, "ch2"), POOL(4, "ch5")};
static const struct sn_supervisor_spec five_root = SUPERVISOR("root", SN_REST_FOR_ONE, 2, five);
static const struct sn_child_spec three[] = {POOL(0, "a"), POOL(1, "b"), POOL(2, "c")};
static const struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ONE, 2, three);
static const struct sn_supervisor_spec nothing = {
    .name = "root", .restarts = 2, .window_ns = 3600 * SN_SECOND};

START_TEST(sup_start_normal)
{
    struct world w;

    world_init(&w, &nothing);
    world_start(&w);
    world_stop(&w);
    world_expect(&w, "[0] tree started\n"
                     "[0] tree stopped: 0\n");
    world_fini(&w);
}
END_TEST

START_TEST(order_of_children)
{
    struct world w;

    world_init(&w, &five_root);
    world_start(&w);
    world_expect(&w, "[0] start ch7#1\n[0] start ch3#1\n[0] start ch10#1\n[0] start ch2#1\n"
                     "[0] start ch5#1\n[0] tree started\n");
    world_exit(&w, 2, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] stop ch5#1 restart by 5000\n"
                     "[0] stop ch2#1 restart by 5000\n"
                     "[0] start ch10#2 restored\n"
                     "[0] start ch2#2 restored\n"
                     "[0] start ch5#2 restored\n");
    world_stop(&w);
    world_expect(&w, "[0] stop ch5#2 shutdown by 5000\n[0] gone ch5#2\n"
                     "[0] stop ch2#2 shutdown by 5000\n[0] gone ch2#2\n"
                     "[0] stop ch10#2 shutdown by 5000\n[0] gone ch10#2\n"
                     "[0] stop ch3#1 shutdown by 5000\n[0] gone ch3#1\n"
                     "[0] stop ch7#1 shutdown by 5000\n[0] gone ch7#1\n"
                     "[0] tree stopped: 0\n");
    world_fini(&w);
}
END_TEST

START_TEST(each_start_waits_for_the_one_before)
{
    struct world w;

    world_init(&w, &root);
    world_behave(&w, 0, 0)->hangs = true;
    world_behave(&w, 1, 0)->hangs = true;
    world_start(&w);
    world_advance(&w, 60000);
    world_expect(&w, "[0] start a#1\n");
    world_release(&w, 0, 0);
    world_expect(&w, "[60000] start b#1\n");
    world_release(&w, 1, 0);
    world_expect(&w, "[60000] start c#1\n[60000] tree started\n");
    world_fini(&w);
}
END_TEST

START_TEST(each_stop_waits_for_the_one_before)
{
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_skip(&w);
    world_behave(&w, 2, 0)->stop_takes_ms = 300;
    world_behave(&w, 1, 0)->stop_takes_ms = 20;
    world_stop(&w);
    world_advance(&w, 1000);
    world_expect(&w, "[0] stop c#1 shutdown by 5000\n[300] gone c#1\n"
                     "[300] stop b#1 shutdown by 5300\n[320] gone b#1\n"
                     "[320] stop a#1 shutdown by 5320\n[320] gone a#1\n"
                     "[320] tree stopped: 0\n");
    world_fini(&w);
}
END_TEST

START_TEST(init_children_failure_stops_those_started_in_reverse)
{
    struct world w;

    world_init(&w, &root);
    world_behave(&w, 2, 0)->fail_starts = 1;
    world_start(&w);
    world_expect(&w, "[0] start a#1\n[0] start b#1\n[0] start c#1\n"
                     "[0] gone c#1\n"
                     "[0] stop b#1 give up by 5000\n[0] gone b#1\n"
                     "[0] stop a#1 give up by 5000\n[0] gone a#1\n"
                     "[0] tree failed: c in root, failed(1001)\n");
    ck_assert_int_eq(w.outcome, SN_EFFECT_START_FAILED);
    ck_assert_int_eq(w.result, 1001);
    world_advance(&w, 3600000);
    world_expect(&w, "");
    world_start(&w); /* it may be started again */
    world_expect(&w, "[3600000] start a#2\n[3600000] start b#2\n[3600000] start c#2\n"
                     "[3600000] tree started\n");
    world_fini(&w);
}
END_TEST

START_TEST(exit_inside_init_is_a_failed_start)
{
    struct world w;

    world_init(&w, &root);
    world_behave(&w, 1, 0)->hangs = true;
    world_start(&w);
    world_exit(&w, 1, 0, SN_EXIT_NORMAL);
    world_expect(&w, "[0] start a#1\n[0] start b#1\n[0] gone b#1\n"
                     "[0] stop a#1 give up by 5000\n[0] gone a#1\n"
                     "[0] tree failed: b in root, normal\n");
    ck_assert_int_eq(w.result, SN_FAILED);
    world_fini(&w);
}
END_TEST

START_TEST(killed_inside_init_is_a_failed_start)
{
    struct world w;

    world_init(&w, &root);
    world_behave(&w, 0, 0)->hangs = true;
    world_start(&w);
    world_exit(&w, 0, 0, SN_EXIT_KILLED);
    world_expect(&w, "[0] start a#1\n[0] gone a#1\n[0] tree failed: a in root, killed\n");
    ck_assert_int_eq(w.result, SN_KILLED);
    world_fini(&w);
}
END_TEST

START_TEST(failure_deep_in_the_tree_names_the_innermost_child)
{
    static const struct sn_child_spec leaves[] = {POOL(1, "good"), POOL(2, "bad")};
    static const struct sn_supervisor_spec inner = SUPERVISOR("inner", SN_ONE_FOR_ONE, 2, leaves);
    static const struct sn_child_spec middles[] = {BELOW("inner", &inner)};
    static const struct sn_supervisor_spec middle =
        SUPERVISOR("middle", SN_ONE_FOR_ONE, 2, middles);
    static const struct sn_child_spec tops[] = {POOL(0, "a"), BELOW("middle", &middle)};
    static const struct sn_supervisor_spec top = SUPERVISOR("root", SN_ONE_FOR_ONE, 2, tops);
    struct world w;

    world_init(&w, &top);
    world_behave(&w, 2, 0)->fail_starts = 1;
    world_start(&w);
    world_expect(&w, "[0] start a#1\n[0] start good#1\n[0] start bad#1\n"
                     "[0] stop good#1 give up by 5000\n"
                     "[0] gone bad#1\n[0] gone good#1\n"
                     "[0] stop a#1 give up by 5000\n[0] gone a#1\n"
                     "[0] tree failed: bad in inner, failed(1001)\n");
    world_fini(&w);
}
END_TEST

/* ---- ignore ----------------------------------------------------------------------------- */

START_TEST(sup_start_ignore_child)
{
    struct world w;

    world_init(&w, &root);
    world_behave(&w, 0, 0)->ignore_starts = 1;
    world_start(&w);
    world_expect(&w, "[0] start a#1\n[0] gone a#1\n[0] start b#1\n[0] start c#1\n"
                     "[0] tree started\n");
    world_expect_children(&w, "root", "a:down:0 b:running:1 c:running:1");
    world_expect_counts(&w, "root", 3, 2, 0, 3);
    world_fini(&w);
}
END_TEST

START_TEST(sup_start_ignore_temporary_child)
{
    static const struct sn_child_spec children[] = {POOL_OF(0, "a", 1, SN_TEMPORARY, 1000),
                                                    POOL_OF(1, "b", 1, SN_TEMPORARY, 1000)};
    static const struct sn_supervisor_spec top = SUPERVISOR("root", SN_ONE_FOR_ONE, 2, children);
    struct world w;

    world_init(&w, &top);
    world_behave(&w, 0, 0)->ignore_starts = 1;
    world_start(&w);
    world_expect_children(&w, "root", "b:running:1");
    world_expect_counts(&w, "root", 1, 1, 0, 1);
    world_stop(&w);
    ck_assert_int_eq(w.outcome, SN_EFFECT_STOPPED);
    world_fini(&w);
}
END_TEST

/* ---- pools ------------------------------------------------------------------------------ */

static const struct sn_child_spec pools[] = {POOL_OF(0, "p", 3, SN_PERMANENT, 1000), POOL(1, "q")};
static const struct sn_supervisor_spec pool_root = SUPERVISOR("root", SN_ONE_FOR_ONE, 2, pools);

START_TEST(members_of_a_pool_start_together)
{
    struct world w;

    world_init(&w, &pool_root);
    world_behave(&w, 0, 0)->hangs = true;
    world_behave(&w, 0, 2)->hangs = true;
    world_start(&w);
    world_expect(&w, "[0] start p/0#1\n[0] start p/1#1\n[0] start p/2#1\n");
    world_release(&w, 0, 2);
    world_expect(&w, "");
    world_release(&w, 0, 0);
    world_expect(&w, "[0] start q#1\n[0] tree started\n");
    world_fini(&w);
}
END_TEST

START_TEST(failed_member_takes_its_pool_along_when_the_tree_starts)
{
    struct world w;

    world_init(&w, &pool_root);
    world_behave(&w, 0, 1)->fail_starts = 1;
    world_behave(&w, 0, 2)->hangs = true;
    world_start(&w);
    world_expect(&w, "[0] start p/0#1\n[0] start p/1#1\n[0] start p/2#1\n"
                     "[0] stop p/0#1 give up by 1000\n"
                     "[0] gone p/1#1\n"
                     "[0] stop p/2#1 give up by 1000\n[0] gone p/0#1\n");
    world_release(&w, 0, 2); /* its STARTED crosses the STOP, then it ends */
    world_expect(&w, "[0] gone p/2#1\n[0] tree failed: p in root, failed(1001)\n");
    world_fini(&w);
}
END_TEST

START_TEST(only_the_first_failure_of_a_pool_is_told)
{
    struct world w;

    world_init(&w, &pool_root);
    for (uint32_t i = 0; i < 3; i++)
        world_behave(&w, 0, i)->hangs = true;
    world_start(&w);
    world_fail_start(&w, 0, 1, 1007);
    world_fail_start(&w, 0, 2, 1008);
    world_exit(&w, 0, 0, SN_EXIT_KILLED);
    ck_assert_int_eq(w.result, 1007);
    world_fini(&w);
}
END_TEST

START_TEST(members_of_a_pool_stop_in_parallel_under_one_timer)
{
    struct world w;

    world_init(&w, &pool_root);
    world_start(&w);
    world_skip(&w);
    w.timers = w.notes = true;
    world_behave(&w, 0, 0)->stop_takes_ms = 400;
    world_behave(&w, 0, 1)->stubborn = true;
    world_behave(&w, 0, 2)->stubborn = true;
    world_stop(&w);
    world_advance(&w, 10000);
    world_expect(&w, "[0] stop q#1 shutdown by 5000\n[0] timer 5000\n[0] gone q#1\n"
                     "[0] stop p/0#1 shutdown by 1000\n"
                     "[0] stop p/1#1 shutdown by 1000\n"
                     "[0] stop p/2#1 shutdown by 1000\n[0] timer 1000\n"
                     "[400] gone p/0#1\n"
                     "[1000] root kills for p/1#1: killed\n[1000] kill p/1#1\n"
                     "[1000] root kills for p/2#1: killed\n[1000] kill p/2#1\n"
                     "[1000] gone p/1#1\n[1000] gone p/2#1\n[1000] tree stopped: 0\n");
    world_fini(&w);
}
END_TEST

START_TEST(simple_one_for_one_shutdown)
{
    static const struct sn_child_spec children[] = {
        {.name = "p", .members = 10, .dynamic = true, .shutdown_ns = 2000 * MS}};
    static const struct sn_supervisor_spec top = SUPERVISOR("root", SN_ONE_FOR_ONE, 2, children);
    struct world w;

    world_init(&w, &top);
    world_start(&w);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(world_add(&w, 0), 0);
    world_behave(&w, 0, 0)->stop_takes_ms = 1000;
    world_behave(&w, 0, 1)->stop_takes_ms = 1000;
    world_behave(&w, 0, 2)->stop_takes_ms = 5000;
    world_skip(&w);
    world_stop(&w);
    world_advance(&w, 10000);
    world_expect(&w, "[0] stop p/0#1 shutdown by 2000\n[0] stop p/1#1 shutdown by 2000\n"
                     "[0] stop p/2#1 shutdown by 2000\n"
                     "[1000] gone p/0#1\n[1000] gone p/1#1\n"
                     "[2000] kill p/2#1\n[2000] gone p/2#1\n[2000] tree stopped: 0\n");
    world_fini(&w);
}
END_TEST

/* ---- time ------------------------------------------------------------------------------- */

START_TEST(sup_stop_timeout)
{
    static const struct sn_child_spec children[] = {POOL_OF(0, "a", 1, SN_PERMANENT, 1000),
                                                    POOL_OF(1, "b", 1, SN_PERMANENT, 1000)};
    static const struct sn_supervisor_spec top = SUPERVISOR("root", SN_ONE_FOR_ONE, 2, children);
    struct world w;

    world_init(&w, &top);
    world_start(&w);
    world_skip(&w);
    world_behave(&w, 1, 0)->stubborn = true;
    world_stop(&w);
    world_advance(&w, 999);
    world_expect(&w, "[0] stop b#1 shutdown by 1000\n");
    world_advance(&w, 1);
    world_expect(&w, "[1000] kill b#1\n[1000] gone b#1\n"
                     "[1000] stop a#1 shutdown by 2000\n[1000] gone a#1\n"
                     "[1000] tree stopped: 0\n");
    world_fini(&w);
}
END_TEST

START_TEST(sup_stop_brutal_kill)
{
    static const struct sn_child_spec children[] = {POOL_OF(0, "a", 1, SN_PERMANENT, 1000),
                                                    POOL_OF(1, "b", 2, SN_PERMANENT, 0)};
    static const struct sn_supervisor_spec top = SUPERVISOR("root", SN_ONE_FOR_ONE, 2, children);
    struct world w;

    world_init(&w, &top);
    world_start(&w);
    world_skip(&w);
    w.timers = true;
    world_stop(&w);
    world_expect(&w, "[0] kill b/0#1\n[0] kill b/1#1\n[0] gone b/0#1\n[0] gone b/1#1\n"
                     "[0] stop a#1 shutdown by 1000\n[0] timer 1000\n[0] gone a#1\n"
                     "[0] tree stopped: 0\n[0] no timer\n");
    world_fini(&w);
}
END_TEST

START_TEST(sup_stop_infinity)
{
    static const struct sn_child_spec children[] = {
        {.name = "a", .members = 1, .shutdown_ns = SN_SHUTDOWN_INFINITE}};
    static const struct sn_supervisor_spec top = SUPERVISOR("root", SN_ONE_FOR_ONE, 2, children);
    struct world w;

    world_init(&w, &top);
    world_start(&w);
    world_skip(&w);
    w.timers = true;
    world_behave(&w, 0, 0)->stop_takes_ms = 86400000;
    world_stop(&w);
    world_advance(&w, 86400000);
    world_expect(&w, "[0] stop a#1 shutdown\n[86400000] gone a#1\n[86400000] tree stopped: 0\n");
    world_fini(&w);
}
END_TEST

START_TEST(shutdown_times_do_not_overflow)
{
    static const struct sn_child_spec children[] = {
        {.name = "a", .members = 1, .shutdown_ns = SN_SHUTDOWN_INFINITE - 1}};
    static const struct sn_supervisor_spec top = SUPERVISOR("root", SN_ONE_FOR_ONE, 2, children);
    struct world w;

    world_init(&w, &top);
    world_advance(&w, 10);
    world_start(&w);
    world_skip(&w);
    world_stop(&w);
    world_expect(&w, "[10] stop a#1 shutdown\n[10] gone a#1\n[10] tree stopped: 0\n");
    world_fini(&w);
}
END_TEST

/* A STOP may find a member in its init; whatever that comes to, the stop completes. */
START_TEST(stop_during_init_completes_however_the_init_ends)
{
    for (int how = 0; how < 5; how++) {
        struct world w;

        world_init(&w, &root);
        world_behave(&w, 1, 0)->hangs = true;
        world_behave(&w, 1, 0)->fail_starts = how == 1;
        world_behave(&w, 1, 0)->ignore_starts = how == 2;
        world_start(&w);
        world_skip(&w);
        world_stop(&w);
        world_expect(&w, "[0] stop b#1 shutdown by 5000\n");
        if (how < 3)
            world_release(&w, 1, 0);
        else if (how == 3)
            world_exit(&w, 1, 0, SN_EXIT_NORMAL);
        else
            world_advance(&w, 5000);
        if (how < 4)
            world_expect(&w, "[0] gone b#1\n[0] stop a#1 shutdown by 5000\n[0] gone a#1\n"
                             "[0] tree stopped: 0\n");
        else
            world_expect(&w, "[5000] kill b#1\n[5000] gone b#1\n"
                             "[5000] stop a#1 shutdown by 10000\n[5000] gone a#1\n"
                             "[5000] tree stopped: 0\n");
        world_fini(&w);
    }
}
END_TEST

START_TEST(sup_stop_race)
{
    static const enum sn_exit_kind kinds[] = {SN_EXIT_NORMAL, SN_EXIT_SHUTDOWN, SN_EXIT_FAILED,
                                              SN_EXIT_KILLED};
    static const enum sn_restart types[] = {SN_PERMANENT, SN_TRANSIENT, SN_TEMPORARY};
    struct sn_child_spec children[14] = {POOL(0, "a")};
    char names[14][8];
    struct sn_supervisor_spec top = SUPERVISOR("root", SN_ONE_FOR_ONE, 0, children);
    struct world w;

    for (uint32_t i = 0; i < 12; i++) {
        sprintf(names[i], "c%u", i);
        children[i + 1] = (struct sn_child_spec)POOL_OF(i + 1, names[i], 1, types[i / 4], 1000);
    }
    children[13] = (struct sn_child_spec)POOL_OF(13, "z", 1, SN_TEMPORARY, 2000);
    world_init(&w, &top);
    world_start(&w);
    world_behave(&w, 13, 0)->stop_takes_ms = 1000;
    world_stop(&w); /* waits for z, and in the meantime all the others end by themselves */
    world_skip(&w);
    for (uint32_t i = 0; i < 12; i++)
        world_exit(&w, i + 1, 0, kinds[i % 4]);
    world_expect(&w, "");
    world_advance(&w, 1000);
    ck_assert_int_eq(w.outcome, SN_EFFECT_STOPPED);
    ck_assert_int_eq(w.result, 0);
    ck_assert_uint_eq(w.starts, 14);
    world_fini(&w);
}
END_TEST

START_TEST(sup_stop_non_shutdown_exit)
{
    static const enum sn_exit_kind kinds[] = {SN_EXIT_SHUTDOWN, SN_EXIT_FAILED, SN_EXIT_KILLED};

    for (int type = SN_PERMANENT; type <= SN_TEMPORARY; type++) {
        struct sn_child_spec children[] = {POOL_OF(0, "p", 3, (uint8_t)type, 5000)};
        struct sn_supervisor_spec top = SUPERVISOR("root", SN_ONE_FOR_ONE, 0, children);
        struct world w;

        world_init(&w, &top);
        world_start(&w);
        for (uint32_t i = 0; i < 3; i++)
            world_behave(&w, 0, i)->ending = kinds[i];
        world_stop(&w);
        ck_assert_int_eq(w.outcome, SN_EFFECT_STOPPED);
        ck_assert_int_eq(w.result, 0);
        ck_assert_uint_eq(w.starts, 3);
        world_fini(&w);
    }
}
END_TEST

START_TEST(child_unlink_cannot_defeat_the_wait)
{
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_skip(&w);
    world_behave(&w, 1, 0)->stubborn = true;
    ck_assert_int_eq(world_terminate(&w, "root", "b"), -1);
    world_advance(&w, 5000);
    world_expect(&w, "[0] stop b#1 shutdown by 5000\n[5000] kill b#1\n[5000] gone b#1\n"
                     "[5000] answer 1: 0\n");
    world_fini(&w);
}
END_TEST

START_TEST(exit_while_later_children_start_is_judged_when_all_have)
{
    struct world w;

    world_init(&w, &root);
    world_behave(&w, 2, 0)->hangs = true;
    world_start(&w);
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] start a#1\n[0] start b#1\n[0] start c#1\n");
    world_release(&w, 2, 0);
    world_expect(&w, "[0] tree started\n[0] start a#2 restored\n");
    world_fini(&w);
}
END_TEST

START_TEST(exit_while_later_children_start_does_not_survive_a_stop)
{
    struct world w;

    world_init(&w, &root);
    world_behave(&w, 2, 0)->hangs = true;
    world_start(&w);
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_skip(&w);
    world_stop(&w);
    world_exit(&w, 2, 0, SN_EXIT_SHUTDOWN);
    world_expect(&w, "[0] stop c#1 shutdown by 5000\n[0] gone c#1\n"
                     "[0] stop b#1 shutdown by 5000\n[0] gone b#1\n"
                     "[0] gone a#1\n[0] tree stopped: 0\n");
    world_fini(&w);
}
END_TEST

/* ---- the whole tree --------------------------------------------------------------------- */

START_TEST(stop_before_start_and_twice_and_start_again)
{
    struct world w;

    world_init(&w, &root);
    world_stop(&w);
    world_expect(&w, "[0] tree stopped: 0\n");
    world_start(&w);
    world_start(&w); /* no effect */
    world_skip(&w);
    world_behave(&w, 2, 0)->stop_takes_ms = 10;
    world_stop(&w);
    world_stop(&w);  /* no effect */
    world_start(&w); /* no effect: it is still going down */
    world_advance(&w, 10);
    world_expect(&w, "[0] stop c#1 shutdown by 5000\n[10] gone c#1\n"
                     "[10] stop b#1 shutdown by 5010\n[10] gone b#1\n"
                     "[10] stop a#1 shutdown by 5010\n[10] gone a#1\n"
                     "[10] tree stopped: 0\n");
    world_start(&w);
    world_expect(&w, "[10] start a#2\n[10] start b#2\n[10] start c#2\n[10] tree started\n");
    world_fini(&w);
}
END_TEST

START_TEST(stop_while_a_failed_start_is_undone_still_tells_the_failure)
{
    struct world w;

    world_init(&w, &root);
    world_behave(&w, 2, 0)->fail_starts = 1;
    world_behave(&w, 1, 0)->hangs = true;
    world_start(&w);
    world_behave(&w, 1, 0)->stop_takes_ms = 10;
    world_release(&w, 1, 0);
    world_stop(&w);
    world_advance(&w, 10);
    ck_assert_int_eq(w.outcome, SN_EFFECT_START_FAILED);
    world_fini(&w);
}
END_TEST

START_TEST(kill_ends_all_at_once)
{
    static const struct sn_child_spec leaves[] = {POOL(1, "x"), POOL_OF(2, "y", 2, 0, 1000)};
    static const struct sn_supervisor_spec inner = SUPERVISOR("inner", SN_ONE_FOR_ONE, 2, leaves);
    static const struct sn_child_spec tops[] = {POOL(0, "a"), BELOW("inner", &inner)};
    static const struct sn_supervisor_spec top = SUPERVISOR("root", SN_ONE_FOR_ONE, 2, tops);
    struct world w;

    world_init(&w, &top);
    world_kill(&w);
    world_expect(&w, "[0] tree stopped: 0\n");
    world_start(&w);
    world_skip(&w);
    w.timers = true;
    world_kill(&w);
    world_expect(&w, "[0] kill y/0#1\n[0] kill y/1#1\n[0] kill x#1\n[0] kill a#1\n"
                     "[0] gone y/0#1\n[0] gone y/1#1\n[0] gone x#1\n[0] gone a#1\n"
                     "[0] tree stopped: 0\n");
    world_fini(&w);
}
END_TEST

START_TEST(kill_overtakes_a_stop)
{
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_skip(&w);
    world_behave(&w, 2, 0)->stubborn = true;
    world_stop(&w);
    world_kill(&w);
    world_kill(&w); /* no effect */
    world_expect(&w, "[0] stop c#1 shutdown by 5000\n[0] kill c#1\n[0] kill b#1\n[0] kill a#1\n"
                     "[0] gone c#1\n[0] gone b#1\n[0] gone a#1\n[0] tree stopped: 0\n"
                     "[0] tree stopped: 0\n");
    world_fini(&w);
}
END_TEST

START_TEST(nothing_of_a_kill_or_a_failed_start_is_left_in_the_next_run)
{
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_kill(&w);
    world_start(&w);
    world_behave(&w, 1, 0)->stubborn = true;
    world_skip(&w);
    world_stop(&w);
    world_advance(&w, 5000);
    world_expect(&w, "[0] stop c#2 shutdown by 5000\n[0] gone c#2\n"
                     "[0] stop b#2 shutdown by 5000\n"
                     "[5000] kill b#2\n[5000] gone b#2\n"
                     "[5000] stop a#2 shutdown by 10000\n[5000] gone a#2\n"
                     "[5000] tree stopped: 0\n");
    world_behave(&w, 1, 0)->stubborn = false;
    world_behave(&w, 1, 0)->fail_starts = 1;
    world_start(&w);
    ck_assert_int_eq(w.outcome, SN_EFFECT_START_FAILED);
    world_start(&w);
    world_stop(&w);
    ck_assert_int_eq(w.outcome, SN_EFFECT_STOPPED);
    world_fini(&w);
}
END_TEST

START_TEST(timer_events_that_come_early_are_set_again)
{
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_behave(&w, 2, 0)->stubborn = true;
    world_stop(&w);
    world_skip(&w);
    w.timers = true;
    world_post(&w, (struct sn_tree_event){.kind = SN_EVENT_TIMER});
    world_expect(&w, "[0] timer 5000\n");
    w.now_ns = 100 * MS;
    world_post(&w, (struct sn_tree_event){.kind = SN_EVENT_START});
    world_expect(&w, "");
    world_advance(&w, 5000);
    ck_assert_int_eq(w.outcome, SN_EFFECT_STOPPED);
    world_fini(&w);
}
END_TEST

START_TEST(a_clock_that_goes_back_is_held)
{
    struct world w;

    world_init(&w, &root);
    w.now_ns = 1000 * MS;
    world_start(&w);
    w.now_ns = 10 * MS;
    world_skip(&w);
    world_stop(&w);
    world_expect(&w, "[10] stop c#1 shutdown by 6000\n[10] gone c#1\n"
                     "[10] stop b#1 shutdown by 6000\n[10] gone b#1\n"
                     "[10] stop a#1 shutdown by 6000\n[10] gone a#1\n[10] tree stopped: 0\n");
    world_fini(&w);
}
END_TEST

START_TEST(events_about_nobody_or_the_past_are_ignored)
{
    static const enum sn_event_kind kinds[] = {SN_EVENT_STARTED, SN_EVENT_START_FAILED,
                                               SN_EVENT_IGNORED, SN_EVENT_EXITED};
    struct world w;

    world_init(&w, &root);
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < 4; i++) {
            world_post(&w, (struct sn_tree_event){.kind = kinds[i], .member = {99}});
            world_post(&w, (struct sn_tree_event){.kind = kinds[i], .member = SN_MEMBER_NONE});
            world_post(&w, (struct sn_tree_event){.kind = kinds[i], .incarnation = 99});
            world_post(&w, (struct sn_tree_event){.kind = kinds[i], .incarnation = 0});
        }
        world_expect(&w, "");
        if (round == 0)
            world_start(&w);
        else
            world_stop(&w);
        world_skip(&w);
    }
    /* Answers that no member in that state can give. */
    world_start(&w);
    world_skip(&w);
    for (size_t i = 0; i < 3; i++)
        world_post(&w, (struct sn_tree_event){.kind = kinds[i], .incarnation = 2});
    world_stop(&w);
    world_skip(&w);
    for (size_t i = 0; i < 4; i++)
        world_post(&w, (struct sn_tree_event){.kind = kinds[i], .incarnation = 2});
    world_expect(&w, "");
    world_fini(&w);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        sup_start_normal,
        order_of_children,
        each_start_waits_for_the_one_before,
        each_stop_waits_for_the_one_before,
        init_children_failure_stops_those_started_in_reverse,
        exit_inside_init_is_a_failed_start,
        killed_inside_init_is_a_failed_start,
        failure_deep_in_the_tree_names_the_innermost_child,
        sup_start_ignore_child,
        sup_start_ignore_temporary_child,
        members_of_a_pool_start_together,
        failed_member_takes_its_pool_along_when_the_tree_starts,
        only_the_first_failure_of_a_pool_is_told,
        members_of_a_pool_stop_in_parallel_under_one_timer,
        simple_one_for_one_shutdown,
        sup_stop_timeout,
        sup_stop_brutal_kill,
        sup_stop_infinity,
        shutdown_times_do_not_overflow,
        stop_during_init_completes_however_the_init_ends,
        sup_stop_race,
        sup_stop_non_shutdown_exit,
        child_unlink_cannot_defeat_the_wait,
        exit_while_later_children_start_is_judged_when_all_have,
        exit_while_later_children_start_does_not_survive_a_stop,
        stop_before_start_and_twice_and_start_again,
        stop_while_a_failed_start_is_undone_still_tells_the_failure,
        kill_ends_all_at_once,
        kill_overtakes_a_stop,
        nothing_of_a_kill_or_a_failed_start_is_left_in_the_next_run,
        timer_events_that_come_early_are_set_again,
        a_clock_that_goes_back_is_held,
        events_about_nobody_or_the_past_are_ignored,
    };

    return world_main("supervise", tests, sizeof(tests) / sizeof(tests[0]));
}
