/* SPDX-License-Identifier: MIT */

/* Members of dynamic pools, made and removed at run time. OTP's simple_one_for_one. */

#include "world.h"

static const struct sn_child_spec one[] = {POOL_OF(0, "child1", 1, SN_PERMANENT, 1000)};
static const struct sn_child_spec dynamic[] = {
    POOL(0, "a"),
    {.name = "p", .pool = 1, .members = 4, .dynamic = true, .shutdown_ns = 1000 * MS},
    {.name = "t",
     .pool = 2,
     .members = 4,
     .dynamic = true,
     .restart = SN_TEMPORARY,
     .shutdown_ns = 1000 * MS},
    {.name = "b", .pool = 3, .members = 1, .dynamic = true, .shutdown_ns = 0},
};
static const struct sn_supervisor_spec dynamic_one = SUPERVISOR("root", SN_ONE_FOR_ONE, 2, dynamic);
static const struct sn_supervisor_spec dynamic_all = SUPERVISOR("root", SN_ONE_FOR_ALL, 5, dynamic);

START_TEST(child_adm_simple)
{
    struct world w;

    world_init(&w, &dynamic_one);
    ck_assert_int_eq(world_add(&w, 1), SN_GONE);
    world_start(&w);
    world_expect(&w, "[0] answer 1: 3\n[0] start a#1\n[0] tree started\n");
    world_expect_children(&w, "root", "a:running:1 p:down:0 t:down:0 b:down:0");
    ck_assert_int_eq(world_add(&w, 1), 0);
    ck_assert_uint_eq(w.answer_member.index, 1);
    ck_assert_int_eq(world_add(&w, 1), 0);
    world_expect_children(&w, "root", "a:running:1 p:running:2 t:down:0 b:down:0");

    ck_assert_int_eq(world_terminate(&w, "root", "p"), SN_INVALID);
    ck_assert_int_eq(world_restart(&w, "root", "p"), SN_INVALID);
    ck_assert_int_eq(world_delete(&w, "root", "p"), SN_INVALID);

    world_skip(&w);
    ck_assert_int_eq(world_remove(&w, 1, 0), 0);
    world_expect(&w, "[0] stop p/0#1 shutdown by 1000\n[0] gone p/0#1\n[0] answer 7: 0\n");
    world_expect_children(&w, "root", "a:running:1 p:running:1 t:down:0 b:down:0");
    ck_assert_int_eq(world_remove(&w, 1, 0), SN_NOT_FOUND);
    ck_assert_int_eq(world_remove(&w, 0, 0), SN_INVALID); /* not a member made at run time */
    ck_assert_int_eq(world_add(&w, 0), SN_INVALID);
    ck_assert_int_eq(world_add(&w, 77), SN_NOT_FOUND);
    ck_assert_int_eq(world_add(&w, 12), SN_NOT_FOUND);
    world_fini(&w);
}
END_TEST

START_TEST(sup_start_child_returns_error_simple)
{
    struct world w;

    world_init(&w, &dynamic_one);
    world_start(&w);
    world_skip(&w);
    w.manual = true;
    world_add(&w, 1);
    w.manual = false;
    world_fail_start(&w, 1, 0, 1055);
    world_expect(&w, "[0] start p/0#1\n[0] gone p/0#1\n[0] answer 1: 1055\n");
    world_expect_children(&w, "root", "a:running:1 p:down:0 t:down:0 b:down:0");
    world_fini(&w);
}
END_TEST

START_TEST(sup_start_ignore_temporary_child_start_child_simple)
{
    for (uint32_t pool = 1; pool <= 2; pool++) {
        struct world w;

        world_init(&w, &dynamic_one);
        world_start(&w);
        w.manual = true;
        world_add(&w, pool);
        w.manual = false;
        world_behave(&w, pool, 0)->ignore_starts = 1;
        world_release(&w, pool, 0);
        ck_assert_int_eq(w.answer_result, SN_IGNORE);
        ck_assert_int_eq(world_add(&w, pool), 0);
        world_expect_counts(&w, "root", 4, 2, 0, 4);
        world_stop(&w);
        ck_assert_int_eq(w.outcome, SN_EFFECT_STOPPED);
        world_fini(&w);
    }
}
END_TEST

START_TEST(simple_one_for_one)
{
    struct world w;

    world_init(&w, &dynamic_one);
    world_start(&w);
    world_add(&w, 1);
    world_add(&w, 1);
    world_skip(&w);
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] start p/0#2 restored\n");
    world_exit(&w, 1, 1, SN_EXIT_FAILED);
    world_expect(&w, "[0] start p/1#2 restored\n");
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    ck_assert_int_eq(w.result, SN_GAVE_UP);
    world_fini(&w);
}
END_TEST

START_TEST(simple_one_for_one_escalation)
{
    struct world w;

    world_init(&w, &dynamic_one);
    world_start(&w);
    world_add(&w, 1);
    world_add(&w, 1);
    world_behave(&w, 1, 0)->fail_starts = 100;
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    ck_assert_int_eq(w.result, SN_GAVE_UP);
    ck_assert_uint_eq(w.starts, 5);
    world_fini(&w);
}
END_TEST

START_TEST(simple_one_for_one_restart_ignore)
{
    struct world w;

    world_init(&w, &dynamic_one);
    world_start(&w);
    world_add(&w, 1);
    world_exit(&w, 1, 0, SN_EXIT_KILLED);
    world_behave(&w, 1, 0)->ignore_starts = 1;
    world_skip(&w);
    world_exit(&w, 1, 0, SN_EXIT_KILLED);
    world_expect(&w, "[0] start p/0#3 restored\n[0] gone p/0#3\n");
    world_expect_counts(&w, "root", 4, 1, 0, 4);
    ck_assert_int_eq(world_remove(&w, 1, 0), SN_NOT_FOUND);
    world_stop(&w);
    ck_assert_int_eq(w.result, 0);
    world_fini(&w);
}
END_TEST

/* A transient member that ended normally, or a temporary one however it ended, is no more. */
START_TEST(simple_one_for_one_corruption)
{
    struct world w;
    uint32_t bound;

    world_init(&w, &dynamic_one);
    world_start(&w);
    world_add(&w, 2);
    bound = sn_tree_member_bound(w.tree);
    for (int i = 0; i < 1000; i++) {
        world_exit(&w, 2, 0, i % 2 ? SN_EXIT_FAILED : SN_EXIT_NORMAL);
        world_expect_counts(&w, "root", 4, 1, 0, 4);
        ck_assert_int_eq(world_add(&w, 2), 0);
    }
    ck_assert_uint_eq(sn_tree_member_bound(w.tree), bound); /* nothing is kept of them */
    world_fini(&w);
}
END_TEST

START_TEST(transient_member_that_ended_normally_is_no_more)
{
    static const struct sn_child_spec pool[] = {{.name = "p",
                                                 .members = 1,
                                                 .dynamic = true,
                                                 .restart = SN_TRANSIENT,
                                                 .shutdown_ns = 1000 * MS}};
    static const struct sn_supervisor_spec spec = SUPERVISOR("root", SN_ONE_FOR_ONE, 2, pool);
    struct world w;

    world_init(&w, &spec);
    world_start(&w);
    world_add(&w, 0);
    world_skip(&w);
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_exit(&w, 0, 0, SN_EXIT_NORMAL);
    ck_assert_int_eq(world_remove(&w, 0, 0), SN_NOT_FOUND);
    ck_assert_int_eq(world_add(&w, 0), 0);
    world_expect(&w, "[0] start p/0#2 restored\n[0] gone p/0#2\n[0] answer 2: 40\n"
                     "[0] start p/0#3\n[0] answer 3: 0\n");
    world_fini(&w);
}
END_TEST

START_TEST(hanging_restart_loop_simple)
{
    static const struct sn_supervisor_spec spec = {.name = "root",
                                                   .restarts = 8,
                                                   .window_ns = 10000 * MS,
                                                   .backoff_min_ns = 1000 * MS,
                                                   .backoff_max_ns = 1000 * MS,
                                                   .children = dynamic,
                                                   .child_count = 4};
    struct world w;

    world_init(&w, &spec);
    world_start(&w);
    world_add(&w, 1);
    world_behave(&w, 1, 0)->fail_starts = 100;
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    ck_assert_int_eq(world_restart(&w, "root", "p"), SN_INVALID);
    ck_assert_int_eq(world_delete(&w, "root", "p"), SN_INVALID);
    world_expect_children(&w, "root", "a:running:1 p:restarting:0 t:down:0 b:down:0");
    world_skip(&w);
    ck_assert_int_eq(world_remove(&w, 1, 0), 0);
    world_expect(&w, "[0] gone p/0#2\n[0] answer 4: 0\n");
    world_expect_children(&w, "root", "a:running:1 p:down:0 t:down:0 b:down:0");
    world_advance(&w, 60000);
    world_expect(&w, "");
    ck_assert_int_eq(world_add(&w, 1), 1001); /* the same seat, the same behaviour */
    world_stop(&w);
    ck_assert_int_eq(w.outcome, SN_EFFECT_STOPPED);
    world_fini(&w);
}
END_TEST

START_TEST(dynamic_pool_is_full_at_its_maximum)
{
    struct world w;

    world_init(&w, &dynamic_one);
    world_start(&w);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(world_add(&w, 1), 0);
    ck_assert_int_eq(world_add(&w, 1), SN_FULL);
    ck_assert_int_eq(world_remove(&w, 1, 2), 0);
    world_skip(&w);
    ck_assert_int_eq(world_add(&w, 1), 0);
    world_expect(&w, "[0] start p/2#2\n[0] answer 7: 0\n"); /* its seat, from nothing */
    world_fini(&w);
}
END_TEST

START_TEST(members_start_and_stop_side_by_side)
{
    struct world w;

    world_init(&w, &dynamic_one);
    world_start(&w);
    world_skip(&w);
    w.manual = true;
    world_add(&w, 1);
    world_add(&w, 1);
    world_add(&w, 2);
    world_expect(&w, "[0] start p/0#1\n[0] start p/1#1\n[0] start t/0#1\n");
    w.manual = false;
    world_release(&w, 1, 1);
    world_expect(&w, "[0] answer 2: 0\n");
    /* Removed while it starts: the start is answered, then the removal. */
    ck_assert_int_eq(world_remove(&w, 1, 0), -1);
    ck_assert_int_eq(world_remove(&w, 1, 0), -1);
    world_expect(&w, "[0] answer 1: 3\n[0] stop p/0#1 shutdown by 1000\n");
    world_release(&w, 1, 0);
    world_expect(&w, "[0] gone p/0#1\n[0] answer 5: 0\n[0] answer 4: 0\n");
    world_fini(&w);
}
END_TEST

START_TEST(removed_member_is_killed_when_its_time_is_over)
{
    struct world w;

    world_init(&w, &dynamic_one);
    world_start(&w);
    world_add(&w, 1);
    world_add(&w, 3);
    world_behave(&w, 1, 0)->stubborn = true;
    world_skip(&w);
    w.notes = true;
    ck_assert_int_eq(world_remove(&w, 1, 0), -1);
    world_advance(&w, 2000);
    world_expect(&w, "[0] stop p/0#1 shutdown by 1000\n[1000] root kills for p/0#1: killed\n"
                     "[1000] kill p/0#1\n[1000] gone p/0#1\n[1000] answer 3: 0\n");
    ck_assert_int_eq(world_remove(&w, 3, 0), 0);
    world_expect(&w, "[2000] kill b/0#1\n[2000] gone b/0#1\n[2000] answer 4: 0\n");
    world_fini(&w);
}
END_TEST

START_TEST(dynamic_pools_in_a_group_restart)
{
    struct world w;

    world_init(&w, &dynamic_all);
    world_start(&w);
    world_add(&w, 1);
    world_add(&w, 2);
    world_skip(&w);
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    /* Permanent members come back, temporary ones are gone. */
    world_expect(&w, "[0] stop t/0#1 shutdown by 1000\n[0] gone t/0#1\n"
                     "[0] stop p/0#1 restart by 1000\n"
                     "[0] start a#2 restored\n[0] start p/0#2 restored\n");
    world_expect_children(&w, "root", "a:running:1 p:running:1 t:down:0 b:down:0");
    ck_assert_int_eq(world_add(&w, 2), 0);
    world_fini(&w);
}
END_TEST

START_TEST(member_requests_during_a_group_restart)
{
    struct world w;

    world_init(&w, &dynamic_all);
    world_start(&w);
    world_add(&w, 1);
    world_add(&w, 1);
    w.manual = true;
    world_add(&w, 1); /* still starting when the group stops */
    w.manual = false;
    world_behave(&w, 1, 0)->stop_takes_ms = 10;
    world_skip(&w);
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] stop p/0#1 restart by 1000\n[0] stop p/1#1 restart by 1000\n"
                     "[0] answer 3: 3\n[0] stop p/2#1 restart by 1000\n");
    world_release(&w, 1, 2);
    world_expect(&w, "[0] gone p/2#1\n");
    ck_assert_int_eq(world_remove(&w, 1, 0), -1); /* it is stopping already */
    ck_assert_int_eq(world_remove(&w, 1, 1), 0);  /* it is down already */
    ck_assert_int_eq(world_add(&w, 1), -1);       /* waits for the group */
    world_advance(&w, 10);
    world_expect(&w, "[0] gone p/1#1\n[0] answer 5: 0\n"
                     "[10] gone p/0#1\n[10] answer 4: 0\n"
                     "[10] start a#2 restored\n[10] start p/2#2\n[10] answer 6: 0\n");
    world_fini(&w);
}
END_TEST

START_TEST(member_that_ended_unjudged_can_be_removed)
{
    static const struct sn_child_spec late = POOL(7, "late");
    struct world w;

    world_init(&w, &dynamic_all);
    world_start(&w);
    world_add(&w, 1);
    world_skip(&w);
    w.manual = true;
    world_start_child(&w, "root", &late); /* holds up the judgement of exits */
    w.manual = false;
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    ck_assert_int_eq(world_remove(&w, 1, 0), 0);
    world_release(&w, 7, 0);
    world_expect(&w, "[0] start late#1\n[0] gone p/0#1\n[0] answer 3: 0\n[0] answer 2: 0\n");
    world_fini(&w);
}
END_TEST

START_TEST(stop_while_members_start_and_stop)
{
    struct world w;

    world_init(&w, &dynamic_one);
    world_start(&w);
    world_add(&w, 1);
    world_behave(&w, 1, 0)->stop_takes_ms = 10;
    world_skip(&w);
    world_remove(&w, 1, 0);
    w.manual = true;
    world_add(&w, 1);
    w.manual = false;
    world_stop(&w);
    world_expect(&w, "[0] stop p/0#1 shutdown by 1000\n[0] start p/1#1\n"
                     "[0] answer 3: 3\n[0] stop p/1#1 shutdown by 1000\n");
    world_release(&w, 1, 1);
    world_advance(&w, 10);
    world_expect(&w, "[0] gone p/1#1\n[10] gone p/0#1\n[10] answer 2: 0\n"
                     "[10] stop a#1 shutdown by 5010\n[10] gone a#1\n[10] tree stopped: 0\n");
    world_fini(&w);
}
END_TEST

START_TEST(members_are_described)
{
    struct sn_member_info info;
    sn_member member;
    struct world w;

    world_init(&w, &dynamic_one);
    ck_assert_int_eq(sn_tree_member_find(w.tree, 0, 0, &member), 0);
    ck_assert_int_eq(sn_tree_member_info(w.tree, member, &info), 0);
    ck_assert_int_eq(info.state, SN_MEMBER_ABSENT);
    world_behave(&w, 0, 0)->hangs = true;
    world_start(&w);
    ck_assert_int_eq(sn_tree_member_info(w.tree, member, &info), 0);
    ck_assert_int_eq(info.state, SN_MEMBER_STARTING);
    world_behave(&w, 0, 0)->hangs = false;
    world_release(&w, 0, 0);
    world_add(&w, 1);
    world_add(&w, 1);
    ck_assert_int_eq(sn_tree_member_find(w.tree, 1, 1, &member), 0);
    ck_assert_int_eq(sn_tree_member_info(w.tree, member, &info), 0);
    ck_assert_uint_eq(info.pool, 1);
    ck_assert_uint_eq(info.index, 1);
    ck_assert_uint_eq(info.incarnation, 1);
    ck_assert_int_eq(info.state, SN_MEMBER_UP);
    world_behave(&w, 1, 1)->stubborn = true;
    world_remove(&w, 1, 1);
    ck_assert_int_eq(sn_tree_member_info(w.tree, member, &info), 0);
    ck_assert_int_eq(info.state, SN_MEMBER_STOPPING);
    world_exit(&w, 1, 1, SN_EXIT_NORMAL);
    ck_assert_int_eq(sn_tree_member_info(w.tree, member, &info), SN_NOT_FOUND);
    ck_assert_int_eq(sn_tree_member_find(w.tree, 1, 1, &member), SN_NOT_FOUND);
    ck_assert_int_eq(sn_tree_member_find(w.tree, 99, 0, &member), SN_NOT_FOUND);
    ck_assert_int_eq(sn_tree_member_info(w.tree, SN_MEMBER_NONE, &info), SN_NOT_FOUND);
    world_fini(&w);
}
END_TEST

START_TEST(waiting_members_are_described)
{
    static const struct sn_supervisor_spec spec = {.name = "root",
                                                   .restarts = 8,
                                                   .window_ns = 10000 * MS,
                                                   .backoff_min_ns = 1000 * MS,
                                                   .backoff_max_ns = 1000 * MS,
                                                   .children = one,
                                                   .child_count = 1};
    struct sn_member_info info;
    struct world w;

    world_init(&w, &spec);
    world_start(&w);
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    ck_assert_int_eq(sn_tree_member_info(w.tree, (sn_member){0}, &info), 0);
    ck_assert_int_eq(info.state, SN_MEMBER_WAITING);
    world_fini(&w);
}
END_TEST

/* A tree can be destroyed in any state: nothing leaks. */
START_TEST(destroy_with_requests_under_way)
{
    static const struct sn_child_spec late = POOL(7, "late");
    struct world w;

    world_init(&w, &dynamic_one);
    world_start(&w);
    world_add(&w, 1);
    world_behave(&w, 1, 0)->stubborn = true;
    world_remove(&w, 1, 0);
    world_remove(&w, 1, 0);
    w.manual = true;
    world_add(&w, 1);
    world_start_child(&w, "root", &late);
    world_terminate(&w, "root", "late");
    world_terminate(&w, "root", "a");
    world_fini(&w);
    sn_tree_destroy(NULL);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        child_adm_simple,
        sup_start_child_returns_error_simple,
        sup_start_ignore_temporary_child_start_child_simple,
        simple_one_for_one,
        simple_one_for_one_escalation,
        simple_one_for_one_restart_ignore,
        simple_one_for_one_corruption,
        transient_member_that_ended_normally_is_no_more,
        hanging_restart_loop_simple,
        dynamic_pool_is_full_at_its_maximum,
        members_start_and_stop_side_by_side,
        removed_member_is_killed_when_its_time_is_over,
        dynamic_pools_in_a_group_restart,
        member_requests_during_a_group_restart,
        member_that_ended_unjudged_can_be_removed,
        stop_while_members_start_and_stop,
        members_are_described,
        waiting_members_are_described,
        destroy_with_requests_under_way,
    };

    return world_main("supervise", tests, sizeof(tests) / sizeof(tests[0]));
}
