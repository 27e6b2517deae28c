/* SPDX-License-Identifier: MIT */

/* What is restarted when, which of its siblings go along, and when a supervisor gives up. */

#include "world.h"

/* ---- restart types: one child, every type, every way to end ----------------------------- */

static void expect_end(enum sn_restart type, enum sn_exit_kind kind, bool restarted)
{
    struct sn_child_spec children[] = {POOL_OF(0, "a", 1, (uint8_t)type, 1000)};
    struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ONE, 2, children);
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_skip(&w);
    world_exit(&w, 0, 0, kind);
    if (restarted) {
        world_expect(&w, "[0] start a#2 restored\n");
        world_expect_children(&w, "root", "a:running:1");
        world_expect_counts(&w, "root", 1, 1, 0, 1);
    } else if (type == SN_TEMPORARY) {
        world_expect(&w, "[0] gone a#1\n");
        world_expect_counts(&w, "root", 0, 0, 0, 0);
    } else {
        world_expect(&w, "[0] gone a#1\n");
        world_expect_children(&w, "root", "a:down:0");
        world_expect_counts(&w, "root", 1, 0, 0, 1);
    }
    world_stop(&w);
    ck_assert_int_eq(w.outcome, SN_EFFECT_STOPPED);
    world_fini(&w);
}

START_TEST(permanent_normal)
{
    expect_end(SN_PERMANENT, SN_EXIT_NORMAL, true);
}
END_TEST

START_TEST(permanent_shutdown)
{
    expect_end(SN_PERMANENT, SN_EXIT_SHUTDOWN, true);
}
END_TEST

START_TEST(permanent_abnormal)
{
    expect_end(SN_PERMANENT, SN_EXIT_FAILED, true);
    expect_end(SN_PERMANENT, SN_EXIT_KILLED, true);
}
END_TEST

START_TEST(transient_normal)
{
    expect_end(SN_TRANSIENT, SN_EXIT_NORMAL, false);
}
END_TEST

START_TEST(transient_shutdown)
{
    expect_end(SN_TRANSIENT, SN_EXIT_SHUTDOWN, false);
}
END_TEST

START_TEST(transient_abnormal)
{
    expect_end(SN_TRANSIENT, SN_EXIT_FAILED, true);
    expect_end(SN_TRANSIENT, SN_EXIT_KILLED, true);
}
END_TEST

START_TEST(temporary_normal)
{
    expect_end(SN_TEMPORARY, SN_EXIT_NORMAL, false);
}
END_TEST

START_TEST(temporary_shutdown)
{
    expect_end(SN_TEMPORARY, SN_EXIT_SHUTDOWN, false);
}
END_TEST

START_TEST(temporary_abnormal)
{
    expect_end(SN_TEMPORARY, SN_EXIT_FAILED, false);
    expect_end(SN_TEMPORARY, SN_EXIT_KILLED, false);
}
END_TEST

/* ---- strategies ------------------------------------------------------------------------- */

static const struct sn_child_spec three[] = {POOL(0, "a"), POOL(1, "b"), POOL(2, "c")};
static const struct sn_supervisor_spec for_one = SUPERVISOR("root", SN_ONE_FOR_ONE, 2, three);
static const struct sn_supervisor_spec for_all = SUPERVISOR("root", SN_ONE_FOR_ALL, 2, three);
static const struct sn_supervisor_spec for_rest = SUPERVISOR("root", SN_REST_FOR_ONE, 2, three);

/* The third failure in the window ends the tree as failed. */
static void expect_give_up(struct world *w, uint32_t pool)
{
    world_exit(w, pool, 0, SN_EXIT_FAILED);
    ck_assert_int_eq(w->outcome, SN_EFFECT_STOPPED);
    ck_assert_int_eq(w->result, SN_GAVE_UP);
    ck_assert_uint_eq(w->live, 0);
}

START_TEST(one_for_one)
{
    struct world w;

    world_init(&w, &for_one);
    world_start(&w);
    world_skip(&w);
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] start a#2 restored\n");
    world_expect_counts(&w, "root", 3, 3, 0, 3);
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] start b#2 restored\n");
    world_exit(&w, 2, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] gone c#1\n"
                     "[0] stop b#2 give up by 5000\n[0] gone b#2\n"
                     "[0] stop a#2 give up by 5000\n[0] gone a#2\n"
                     "[0] tree stopped: 14\n");
    ck_assert_int_eq(w.result, SN_GAVE_UP);
    world_fini(&w);
}
END_TEST

START_TEST(one_for_all)
{
    struct world w;

    world_init(&w, &for_all);
    world_start(&w);
    world_skip(&w);
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] stop c#1 restart by 5000\n"
                     "[0] stop a#1 restart by 5000\n"
                     "[0] start a#2 restored\n[0] start b#2 restored\n[0] start c#2 restored\n");
    world_expect_counts(&w, "root", 3, 3, 0, 3);
    world_exit(&w, 2, 0, SN_EXIT_FAILED); /* only one was counted, so this is the second */
    ck_assert_uint_eq(w.live, 3);
    expect_give_up(&w, 0);
    world_fini(&w);
}
END_TEST

START_TEST(rest_for_one)
{
    struct world w;

    world_init(&w, &for_rest);
    world_start(&w);
    world_skip(&w);
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] stop c#1 restart by 5000\n"
                     "[0] start b#2 restored\n[0] start c#2 restored\n");
    world_expect_counts(&w, "root", 3, 3, 0, 3);
    world_exit(&w, 2, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] start c#3 restored\n");
    expect_give_up(&w, 1);
    world_fini(&w);
}
END_TEST

START_TEST(restarts_zero_gives_up_at_the_first)
{
    static const struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ONE, 0, three);
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    w.notes = true;
    world_skip(&w);
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] root gives up for b#1: failed(1000)\n"
                     "[0] stop c#1 give up by 5000\n[0] gone c#1\n"
                     "[0] gone b#1\n"
                     "[0] stop a#1 give up by 5000\n[0] gone a#1\n"
                     "[0] tree stopped: 14\n");
    world_fini(&w);
}
END_TEST

/* ---- pools are one position ------------------------------------------------------------- */

static const struct sn_child_spec pools[] = {POOL_OF(0, "p", 2, SN_PERMANENT, 1000),
                                             POOL_OF(1, "q", 2, SN_PERMANENT, 1000),
                                             POOL_OF(2, "r", 2, SN_PERMANENT, 1000)};

START_TEST(pool_under_one_for_one_restarts_the_failed_member_only)
{
    static const struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ONE, 2, pools);
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_skip(&w);
    world_exit(&w, 1, 1, SN_EXIT_FAILED);
    world_expect(&w, "[0] start q/1#2 restored\n");
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] start q/0#2 restored\n");
    expect_give_up(&w, 1);
    world_fini(&w);
}
END_TEST

START_TEST(pool_under_one_for_all_restarts_whole_pools_and_counts_once)
{
    static const struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ALL, 1, pools);
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_skip(&w);
    world_exit(&w, 1, 1, SN_EXIT_FAILED);
    world_expect(&w, "[0] stop r/0#1 restart by 1000\n[0] stop r/1#1 restart by 1000\n"
                     "[0] stop q/0#1 restart by 1000\n"
                     "[0] stop p/0#1 restart by 1000\n[0] stop p/1#1 restart by 1000\n"
                     "[0] start p/0#2 restored\n[0] start p/1#2 restored\n"
                     "[0] start q/0#2 restored\n[0] start q/1#2 restored\n"
                     "[0] start r/0#2 restored\n[0] start r/1#2 restored\n");
    expect_give_up(&w, 0);
    world_fini(&w);
}
END_TEST

START_TEST(pool_under_rest_for_one_restarts_whole_pools_and_counts_once)
{
    static const struct sn_supervisor_spec root = SUPERVISOR("root", SN_REST_FOR_ONE, 1, pools);
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_skip(&w);
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] stop r/0#1 restart by 1000\n[0] stop r/1#1 restart by 1000\n"
                     "[0] stop q/1#1 restart by 1000\n"
                     "[0] start q/0#2 restored\n[0] start q/1#2 restored\n"
                     "[0] start r/0#2 restored\n[0] start r/1#2 restored\n");
    expect_give_up(&w, 2);
    world_fini(&w);
}
END_TEST

/* Two members of one pool, or of two pools, fail before the group is down: one restart. */
START_TEST(failures_inside_one_group_stop_count_once)
{
    static const struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ALL, 1, pools);
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_behave(&w, 2, 0)->stubborn = true;
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_skip(&w);
    world_exit(&w, 1, 1, SN_EXIT_FAILED);
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_exit(&w, 0, 1, SN_EXIT_FAILED);
    world_exit(&w, 2, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] start p/0#2 restored\n[0] start p/1#2 restored\n"
                     "[0] start q/0#2 restored\n[0] start q/1#2 restored\n"
                     "[0] start r/0#2 restored\n[0] start r/1#2 restored\n");
    world_fini(&w);
}
END_TEST

/* ---- bystanders ------------------------------------------------------------------------- */

START_TEST(temporary_bystander)
{
    static const struct sn_child_spec children[] = {POOL(0, "a"),
                                                    POOL_OF(1, "t", 2, SN_TEMPORARY, 100)};
    static const enum sn_strategy strategies[] = {SN_ONE_FOR_ALL, SN_REST_FOR_ONE};

    for (int i = 0; i < 2; i++) {
        struct sn_supervisor_spec root = SUPERVISOR("root", strategies[i], 2, children);
        struct world w;

        world_init(&w, &root);
        world_start(&w);
        world_skip(&w);
        world_exit(&w, 0, 0, SN_EXIT_NORMAL);
        world_expect(&w, "[0] stop t/0#1 shutdown by 100\n[0] stop t/1#1 shutdown by 100\n"
                         "[0] gone t/0#1\n[0] gone t/1#1\n[0] start a#2 restored\n");
        world_expect_children(&w, "root", "a:running:1");
        world_stop(&w);
        world_skip(&w);
        world_start(&w); /* the specification still has it */
        world_expect_children(&w, "root", "a:running:1 t:running:2");
        world_fini(&w);
    }
}
END_TEST

START_TEST(temporary_pool_is_dropped_with_its_last_member)
{
    static const struct sn_child_spec children[] = {POOL_OF(0, "t", 2, SN_TEMPORARY, 100)};
    static const struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ONE, 2, children);
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_exit(&w, 0, 1, SN_EXIT_FAILED);
    world_expect_children(&w, "root", "t:running:1");
    world_exit(&w, 0, 0, SN_EXIT_NORMAL);
    world_expect_children(&w, "root", "");
    world_fini(&w);
}
END_TEST

START_TEST(transient_that_ended_comes_back_with_its_group)
{
    static const struct sn_child_spec children[] = {POOL(0, "a"),
                                                    POOL_OF(1, "t", 1, SN_TRANSIENT, 100)};
    static const struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ALL, 2, children);
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_skip(&w);
    w.notes = true;
    world_exit(&w, 1, 0, SN_EXIT_NORMAL);
    world_expect(&w, "[0] root loses for t#1: normal\n[0] gone t#1\n");
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] root restarts for a#1 at 0: failed(1000)\n"
                     "[0] start a#2 restored\n[0] start t#2\n");
    world_fini(&w);
}
END_TEST

/* ---- a start fails during a group restart ------------------------------------------------ */

START_TEST(one_for_all_other_child_fails_restart)
{
    static const struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ALL, 3, three);
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_skip(&w);
    world_behave(&w, 1, 0)->fail_starts = 1;
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] stop c#1 restart by 5000\n[0] stop b#1 restart by 5000\n"
                     "[0] start a#2 restored\n[0] start b#2 restored\n"
                     "[0] stop a#2 restart by 5000\n"
                     "[0] start a#3 restored\n[0] start b#3 restored\n[0] start c#2 restored\n");
    world_fini(&w);
}
END_TEST

START_TEST(rest_for_one_other_child_fails_restart)
{
    static const struct sn_supervisor_spec root = SUPERVISOR("root", SN_REST_FOR_ONE, 3, three);
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_skip(&w);
    world_behave(&w, 1, 0)->fail_starts = 1;
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] stop c#1 restart by 5000\n[0] stop b#1 restart by 5000\n"
                     "[0] start a#2 restored\n[0] start b#2 restored\n"
                     "[0] start b#3 restored\n[0] start c#2 restored\n");
    world_fini(&w);
}
END_TEST

START_TEST(failed_member_of_a_group_restart_stops_its_pool_mates)
{
    static const struct sn_supervisor_spec root = SUPERVISOR("root", SN_REST_FOR_ONE, 3, pools);
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_skip(&w);
    world_behave(&w, 1, 1)->fail_starts = 1;
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_skip(&w);
    world_expect_counts(&w, "root", 3, 6, 0, 3);
    ck_assert_uint_eq(world_actor(&w, 0, 0)->incarnation, 2);
    ck_assert_uint_eq(world_actor(&w, 1, 0)->incarnation, 3);
    ck_assert_uint_eq(world_actor(&w, 1, 1)->incarnation, 3);
    ck_assert_uint_eq(world_actor(&w, 2, 0)->incarnation, 2);
    world_fini(&w);
}
END_TEST

START_TEST(ignored_start_in_a_group_restart_leaves_the_position_empty)
{
    struct world w;

    world_init(&w, &for_all);
    world_start(&w);
    world_behave(&w, 1, 0)->ignore_starts = 1;
    world_skip(&w);
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] stop c#1 restart by 5000\n[0] stop b#1 restart by 5000\n"
                     "[0] start a#2 restored\n[0] start b#2 restored\n[0] gone b#2\n"
                     "[0] start c#2 restored\n");
    world_expect_children(&w, "root", "a:running:1 b:down:0 c:running:1");
    world_fini(&w);
}
END_TEST

START_TEST(ignored_restart_of_one_leaves_the_position_empty)
{
    struct world w;

    world_init(&w, &for_one);
    world_start(&w);
    world_behave(&w, 1, 0)->ignore_starts = 1;
    world_skip(&w);
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] start b#2 restored\n[0] gone b#2\n");
    world_expect_children(&w, "root", "a:running:1 b:down:0 c:running:1");
    world_fini(&w);
}
END_TEST

/* An earlier sibling fails while the rest restarts: judged when that is done. */
START_TEST(failure_outside_the_group_waits_for_the_group)
{
    static const struct sn_supervisor_spec root = SUPERVISOR("root", SN_REST_FOR_ONE, 3, three);
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_skip(&w);
    world_behave(&w, 2, 0)->stop_takes_ms = 10;
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] stop c#1 restart by 5000\n");
    world_behave(&w, 2, 0)->stop_takes_ms = 0;
    world_advance(&w, 10);
    world_expect(&w, "[10] start a#2 restored\n[10] start b#2 restored\n"
                     "[10] start c#2 restored\n");
    ck_assert_uint_eq(w.live, 3);
    world_fini(&w);
}
END_TEST

START_TEST(failure_during_a_group_start_waits_for_the_group)
{
    static const struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ALL, 3, three);
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_behave(&w, 2, 0)->hangs = true;
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_behave(&w, 2, 0)->hangs = false;
    world_skip(&w);
    world_release(&w, 2, 0);
    /* a and b both failed: one restart for both, because b is down when the group stops. */
    world_expect(&w, "[0] stop c#2 restart by 5000\n"
                     "[0] start a#3 restored\n[0] start b#3 restored\n[0] start c#3 restored\n");
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    ck_assert_uint_eq(w.live, 3);
    expect_give_up(&w, 0);
    world_fini(&w);
}
END_TEST

/* ---- the window ------------------------------------------------------------------------- */

START_TEST(multiple_restarts)
{
    static const struct sn_supervisor_spec root = {
        .name = "root", .restarts = 1, .window_ns = 1000 * MS, .children = three, .child_count = 3};
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    for (int i = 0; i < 4; i++) {
        world_exit(&w, 0, 0, SN_EXIT_FAILED);
        world_advance(&w, 2100);
    }
    ck_assert_uint_eq(w.live, 3);
    ck_assert_int_eq(world_terminate(&w, "root", "a"), 0);
    ck_assert_int_eq(world_delete(&w, "root", "a"), 0);
    world_fini(&w);
}
END_TEST

START_TEST(window_is_half_open)
{
    static const struct sn_supervisor_spec root = {
        .name = "root", .restarts = 1, .window_ns = 1000 * MS, .children = three, .child_count = 3};
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_advance(&w, 1000); /* t - s == window: outside */
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    ck_assert_uint_eq(w.live, 3);
    w.now_ns += 1000 * MS - 1; /* one nanosecond less: inside */
    expect_give_up(&w, 0);
    world_fini(&w);
}
END_TEST

START_TEST(unlimited_restarts_never_give_up)
{
    static const struct sn_supervisor_spec root = {
        .name = "root", .restarts = SN_RESTARTS_UNLIMITED, .children = three, .child_count = 3};
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    for (int i = 0; i < 10000; i++)
        world_exit(&w, 0, 0, SN_EXIT_FAILED);
    ck_assert_uint_eq(w.live, 3);
    ck_assert_uint_eq(world_actor(&w, 0, 0)->incarnation, 10001);
    world_fini(&w);
}
END_TEST

/* ---- escalation ------------------------------------------------------------------------- */

static void expect_escalation(const struct sn_supervisor_spec *root)
{
    struct world w;

    world_init(&w, root);
    world_start(&w);
    world_behave(&w, 0, 0)->fail_starts = 100;
    expect_give_up(&w, 0);
    ck_assert_uint_eq(world_actor(&w, 0, 0)->incarnation, 5); /* 1 + 4 tries */
    world_fini(&w);
}

START_TEST(one_for_one_escalation)
{
    static const struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ONE, 4, three);

    expect_escalation(&root);
}
END_TEST

START_TEST(one_for_all_escalation)
{
    static const struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ALL, 4, three);

    expect_escalation(&root);
}
END_TEST

START_TEST(rest_for_one_escalation)
{
    static const struct sn_supervisor_spec root = SUPERVISOR("root", SN_REST_FOR_ONE, 4, three);

    expect_escalation(&root);
}
END_TEST

/* ---- hanging in a restart ---------------------------------------------------------------- */

START_TEST(hanging_restart_loop)
{
    static const struct sn_child_spec children[] = {POOL_OF(0, "child1", 1, SN_PERMANENT, 0)};
    static const struct sn_supervisor_spec root = {.name = "root",
                                                   .restarts = 8,
                                                   .window_ns = 10000 * MS,
                                                   .backoff_min_ns = 1000 * MS,
                                                   .backoff_max_ns = 2000 * MS,
                                                   .children = children,
                                                   .child_count = 1};
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_behave(&w, 0, 0)->fail_starts = 100;
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    ck_assert_int_eq(world_start_child(&w, "root", &children[0]), SN_ALREADY_PRESENT);
    ck_assert_int_eq(world_restart(&w, "root", "child1"), SN_RESTARTING);
    ck_assert_int_eq(world_delete(&w, "root", "child1"), SN_RESTARTING);
    world_expect_children(&w, "root", "child1:restarting:0");
    world_expect_counts(&w, "root", 1, 0, 0, 1);

    world_skip(&w);
    ck_assert_int_eq(world_terminate(&w, "root", "child1"), 0);
    world_expect(&w, "[0] gone child1#2\n[0] answer 4: 0\n");
    world_expect_children(&w, "root", "child1:down:0");
    world_advance(&w, 60000);
    world_expect(&w, ""); /* the retry was called off */

    world_behave(&w, 0, 0)->fail_starts = 0;
    ck_assert_int_eq(world_restart(&w, "root", "child1"), 0);
    world_behave(&w, 0, 0)->fail_starts = 100;
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_skip(&w);
    world_stop(&w);
    world_expect(&w, "[60000] gone child1#4\n[60000] tree stopped: 0\n");
    world_fini(&w);
}
END_TEST

/* The same while a try is under way: it counts as restarting, and a stop ends it. */
START_TEST(hanging_restart_that_does_not_answer)
{
    struct world w;

    world_init(&w, &for_one);
    world_start(&w);
    world_behave(&w, 1, 0)->hangs = true;
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_expect_children(&w, "root", "a:running:1 b:restarting:0 c:running:1");
    ck_assert_int_eq(world_restart(&w, "root", "b"), SN_RESTARTING);
    ck_assert_int_eq(world_delete(&w, "root", "b"), SN_RESTARTING);
    world_skip(&w);
    ck_assert_int_eq(world_terminate(&w, "root", "b"), -1);
    world_release(&w, 1, 0);
    world_expect(&w, "[0] stop b#2 shutdown by 5000\n[0] gone b#2\n[0] answer 3: 0\n");
    world_stop(&w);
    ck_assert_int_eq(w.outcome, SN_EFFECT_STOPPED);
    world_fini(&w);
}
END_TEST

static const struct sn_supervisor_spec slow_rest = {.name = "root",
                                                    .strategy = SN_REST_FOR_ONE,
                                                    .restarts = 8,
                                                    .window_ns = 10000 * MS,
                                                    .backoff_min_ns = 1000 * MS,
                                                    .backoff_max_ns = 1000 * MS,
                                                    .children = three,
                                                    .child_count = 3};

START_TEST(hanging_restart_loop_rest_for_one)
{
    struct world w;

    world_init(&w, &slow_rest);
    world_start(&w);
    world_behave(&w, 1, 0)->fail_starts = 100;
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    ck_assert_int_eq(world_start_child(&w, "root", &three[1]), SN_ALREADY_PRESENT);
    ck_assert_int_eq(world_restart(&w, "root", "b"), SN_RESTARTING);
    ck_assert_int_eq(world_delete(&w, "root", "b"), SN_RESTARTING);
    world_expect_children(&w, "root", "a:running:1 b:restarting:0 c:down:0");
    world_expect_counts(&w, "root", 3, 1, 0, 3);
    ck_assert_int_eq(world_restart(&w, "root", "c"), SN_RESTARTING); /* with its group */

    world_skip(&w);
    ck_assert_int_eq(world_terminate(&w, "root", "b"), 0);
    world_expect(&w, "[0] gone c#1\n[0] gone b#2\n[0] answer 5: 0\n");
    world_expect_children(&w, "root", "a:running:1 b:down:0 c:down:0");
    world_advance(&w, 60000);
    world_expect(&w, "");

    world_behave(&w, 1, 0)->fail_starts = 0;
    ck_assert_int_eq(world_restart(&w, "root", "b"), 0);
    world_expect_children(&w, "root", "a:running:1 b:running:1 c:down:0");
    world_behave(&w, 1, 0)->fail_starts = 100;
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_stop(&w);
    ck_assert_int_eq(w.outcome, SN_EFFECT_STOPPED);
    ck_assert_int_eq(w.result, 0);
    world_fini(&w);
}
END_TEST

/* Without a back-off the tries of a group follow each other at once; a request still gets in. */
START_TEST(request_gets_in_between_two_tries_of_a_group)
{
    static const struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ALL, 100, three);
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_behave(&w, 1, 0)->hangs = true;
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    ck_assert_int_eq(world_terminate(&w, "root", "b"), -1); /* waits for the try */
    world_skip(&w);
    world_fail_start(&w, 1, 0, 1001);
    world_expect(&w, "[0] stop a#2 restart by 5000\n"
                     "[0] gone c#1\n[0] gone b#2\n[0] gone a#2\n[0] answer 1: 0\n");
    world_expect_children(&w, "root", "a:down:0 b:down:0 c:down:0");
    world_fini(&w);
}
END_TEST

START_TEST(stop_while_restarting)
{
    for (int hang = 0; hang < 2; hang++) {
        struct world w;

        world_init(&w, &slow_rest);
        world_start(&w);
        world_behave(&w, 1, 0)->hangs = hang;
        world_behave(&w, 1, 0)->fail_starts = 2;
        world_exit(&w, 1, 0, SN_EXIT_FAILED);
        world_skip(&w);
        world_stop(&w);
        if (hang)
            world_release(&w, 1, 0);
        world_expect(&w, hang ? "[0] gone c#1\n[0] stop b#2 shutdown by 5000\n[0] gone b#2\n"
                                "[0] stop a#1 shutdown by 5000\n[0] gone a#1\n"
                                "[0] tree stopped: 0\n"
                              : "[0] gone c#1\n[0] gone b#2\n"
                                "[0] stop a#1 shutdown by 5000\n[0] gone a#1\n"
                                "[0] tree stopped: 0\n");
        world_fini(&w);
    }
}
END_TEST

/* While the group is being stopped for a restart, the whole tree is asked to stop. */
START_TEST(stop_during_a_group_stop_goes_on_from_the_last_child)
{
    struct world w;

    world_init(&w, &for_all);
    world_start(&w);
    world_behave(&w, 2, 0)->stop_takes_ms = 10;
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_skip(&w);
    world_stop(&w);
    world_advance(&w, 10);
    world_expect(&w, "[10] gone c#1\n[10] stop b#1 shutdown by 5010\n[10] gone b#1\n"
                     "[10] gone a#1\n[10] tree stopped: 0\n");
    world_fini(&w);
}
END_TEST

START_TEST(stale_exit_is_ignored)
{
    struct world w;
    struct sn_tree_event stale = {
        .kind = SN_EVENT_EXITED, .incarnation = 1, .exit = {SN_EXIT_FAILED, 1000}};

    world_init(&w, &for_one);
    world_start(&w);
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_skip(&w);
    for (int i = 0; i < 100; i++)
        world_post(&w, stale);
    world_expect(&w, "");
    world_fini(&w);
}
END_TEST

/* Found by property_test: the supervisor is going down, but has not come to the failed child. */
START_TEST(start_that_fails_while_its_supervisor_gives_up_is_of_no_consequence)
{
    for (int admin = 0; admin < 2; admin++) {
        static const struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ONE, 1, three);
        struct world w;

        world_init(&w, &root);
        world_start(&w);
        world_behave(&w, 0, 0)->hangs = true;
        world_behave(&w, 2, 0)->stubborn = true;
        w.notes = true;
        if (admin) {
            world_terminate(&w, "root", "a");
            world_restart(&w, "root", "a");
            world_exit(&w, 1, 0, SN_EXIT_FAILED);
        } else {
            world_exit(&w, 0, 0, SN_EXIT_FAILED);
        }
        world_skip(&w);
        world_exit(&w, 1, 0, SN_EXIT_FAILED);
        world_fail_start(&w, 0, 0, 1001);
        world_exit(&w, 2, 0, SN_EXIT_NORMAL);
        world_expect(&w, admin ? "[0] root gives up for b#2: failed(1000)\n[0] answer 2: 3\n"
                                 "[0] stop c#1 give up by 5000\n[0] gone c#1\n"
                                 "[0] gone b#2\n[0] gone a#2\n[0] tree stopped: 14\n"
                               : "[0] root gives up for b#1: failed(1000)\n"
                                 "[0] stop c#1 give up by 5000\n[0] gone c#1\n"
                                 "[0] gone b#1\n[0] gone a#2\n[0] tree stopped: 14\n");
        world_fini(&w);
    }
}
END_TEST

/* faulty_application_shutdown of OTP: the reason of a failed child reaches the outside. */
START_TEST(reason_of_a_failed_restart_is_told)
{
    static const struct sn_child_spec children[] = {POOL(0, "a")};
    static const struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ONE, 1, children);
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_skip(&w);
    w.notes = true;
    world_behave(&w, 0, 0)->fail_starts = 1;
    world_exit(&w, 0, 0, SN_EXIT_KILLED);
    world_expect(&w, "[0] root restarts for a#1 at 0: killed\n[0] start a#2 restored\n"
                     "[0] root gives up for a#2: failed(1001)\n[0] gone a#2\n"
                     "[0] tree stopped: 14\n");
    world_fini(&w);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        permanent_normal,
        permanent_shutdown,
        permanent_abnormal,
        transient_normal,
        transient_shutdown,
        transient_abnormal,
        temporary_normal,
        temporary_shutdown,
        temporary_abnormal,
        one_for_one,
        one_for_all,
        rest_for_one,
        restarts_zero_gives_up_at_the_first,
        pool_under_one_for_one_restarts_the_failed_member_only,
        pool_under_one_for_all_restarts_whole_pools_and_counts_once,
        pool_under_rest_for_one_restarts_whole_pools_and_counts_once,
        failures_inside_one_group_stop_count_once,
        temporary_bystander,
        temporary_pool_is_dropped_with_its_last_member,
        transient_that_ended_comes_back_with_its_group,
        one_for_all_other_child_fails_restart,
        rest_for_one_other_child_fails_restart,
        failed_member_of_a_group_restart_stops_its_pool_mates,
        ignored_start_in_a_group_restart_leaves_the_position_empty,
        ignored_restart_of_one_leaves_the_position_empty,
        failure_outside_the_group_waits_for_the_group,
        failure_during_a_group_start_waits_for_the_group,
        multiple_restarts,
        window_is_half_open,
        unlimited_restarts_never_give_up,
        one_for_one_escalation,
        one_for_all_escalation,
        rest_for_one_escalation,
        hanging_restart_loop,
        hanging_restart_that_does_not_answer,
        hanging_restart_loop_rest_for_one,
        request_gets_in_between_two_tries_of_a_group,
        stop_while_restarting,
        stop_during_a_group_stop_goes_on_from_the_last_child,
        stale_exit_is_ignored,
        start_that_fails_while_its_supervisor_gives_up_is_of_no_consequence,
        reason_of_a_failed_restart_is_told,
    };

    return world_main("supervise", tests, sizeof(tests) / sizeof(tests[0]));
}
