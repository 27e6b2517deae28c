/* SPDX-License-Identifier: MIT */

/* The admin interface: children started, terminated, restarted and deleted at run time. */

#include "world.h"

static const struct sn_child_spec one[] = {POOL_OF(0, "child1", 1, SN_PERMANENT, 1000)};
static const struct sn_supervisor_spec root = SUPERVISOR("root", SN_ONE_FOR_ONE, 2, one);
static const struct sn_supervisor_spec nothing = {
    .name = "root", .restarts = 2, .window_ns = 3600 * SN_SECOND};

/* ---- children --------------------------------------------------------------------------- */

START_TEST(child_adm)
{
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_expect_children(&w, "root", "child1:running:1");
    world_expect_counts(&w, "root", 1, 1, 0, 1);
    ck_assert_int_eq(world_start_child(&w, "root", one), SN_ALREADY_STARTED);

    ck_assert_int_eq(world_terminate(&w, "root", "hej"), SN_NOT_FOUND);
    ck_assert_int_eq(world_terminate(&w, "foo", "child1"), SN_NOT_FOUND);
    world_skip(&w);
    ck_assert_int_eq(world_terminate(&w, "root", "child1"), 0);
    world_expect(&w, "[0] stop child1#1 shutdown by 1000\n[0] gone child1#1\n[0] answer 4: 0\n");
    world_expect_children(&w, "root", "child1:down:0");
    world_expect_counts(&w, "root", 1, 0, 0, 1);
    ck_assert_int_eq(world_terminate(&w, "root", "child1"), 0); /* idempotent */
    ck_assert_int_eq(world_start_child(&w, "root", one), SN_ALREADY_PRESENT);

    world_skip(&w);
    ck_assert_int_eq(world_restart(&w, "root", "child1"), 0);
    world_expect(&w, "[0] start child1#2\n[0] answer 7: 0\n"); /* not restored */
    ck_assert_int_eq(world_restart(&w, "root", "child1"), SN_RUNNING);
    ck_assert_int_eq(world_restart(&w, "root", "child2"), SN_NOT_FOUND);

    ck_assert_int_eq(world_delete(&w, "root", "child1"), SN_RUNNING);
    ck_assert_int_eq(world_delete(&w, "root", "hej"), SN_NOT_FOUND);
    ck_assert_int_eq(world_delete(&w, "foo", "child1"), SN_NOT_FOUND);
    ck_assert_int_eq(world_terminate(&w, "root", "child1"), 0);
    ck_assert_int_eq(world_delete(&w, "root", "child1"), 0);
    ck_assert_int_eq(world_restart(&w, "root", "child1"), SN_NOT_FOUND);
    world_expect_children(&w, "root", "");
    world_expect_counts(&w, "root", 0, 0, 0, 0);

    ck_assert_int_eq(world_start_child(&w, "foo", one), SN_NOT_FOUND);
    ck_assert_int_eq(world_start_child(&w, "root", one), 0);
    world_expect_children(&w, "root", "child1:running:1");
    ck_assert_int_eq(sn_tree_count_children(w.tree, "foo", NULL), SN_NOT_FOUND);
    ck_assert_int_eq(sn_tree_which_children(w.tree, "foo", NULL), SN_NOT_FOUND);
    ck_assert_int_eq(sn_tree_which_children(w.tree, NULL, NULL), SN_NOT_FOUND);
    ck_assert_int_eq(world_terminate(&w, "root", NULL), SN_NOT_FOUND);
    world_fini(&w);
}
END_TEST

/* extra_return of OTP: the same walk on a child that restarts by itself at the end. */
START_TEST(child_is_restarted_after_all_admin_calls)
{
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    ck_assert_int_eq(world_delete(&w, "root", "child1"), SN_RUNNING);
    ck_assert_int_eq(world_terminate(&w, "root", "child1"), 0);
    ck_assert_int_eq(world_restart(&w, "root", "child1"), 0);
    ck_assert_int_eq(world_terminate(&w, "root", "child1"), 0);
    ck_assert_int_eq(world_delete(&w, "root", "child1"), 0);
    ck_assert_int_eq(world_start_child(&w, "root", one), 0);
    world_skip(&w);
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] start child1#4 restored\n");
    world_expect_counts(&w, "root", 1, 1, 0, 1);
    world_fini(&w);
}
END_TEST

START_TEST(sup_start_child_returns_error)
{
    static const struct sn_child_spec child = POOL_OF(7, "c", 2, SN_PERMANENT, 1000);
    struct world w;

    world_init(&w, &nothing);
    world_start(&w);
    world_skip(&w);
    w.manual = true;
    ck_assert_int_eq(world_start_child(&w, "root", &child), -1);
    world_expect(&w, "[0] start c/0#1\n[0] start c/1#1\n");
    w.manual = false;
    world_fail_start(&w, 7, 1, 1077);
    world_expect(&w, "[0] stop c/0#1 give up by 1000\n[0] gone c/1#1\n");
    world_exit(&w, 7, 0, SN_EXIT_SHUTDOWN);
    world_expect(&w, "[0] gone c/0#1\n[0] answer 1: 1077\n");
    world_expect_children(&w, "root", ""); /* the specification is discarded */
    ck_assert_int_eq(world_start_child(&w, "root", &child), 0);
    world_expect_children(&w, "root", "c:running:2");
    world_fini(&w);
}
END_TEST

START_TEST(failed_start_answers_the_first_reason_once)
{
    static const struct sn_child_spec child = POOL_OF(7, "c", 2, SN_PERMANENT, 1000);
    struct world w;

    world_init(&w, &nothing);
    world_start(&w);
    w.manual = true;
    world_start_child(&w, "root", &child);
    world_fail_start(&w, 7, 1, 1077); /* both fail in one breath */
    world_fail_start(&w, 7, 0, 1078);
    w.manual = false;
    world_settle(&w);
    ck_assert_uint_eq(w.answers_seen, 1);
    ck_assert_int_eq(w.answer_result, 1077);
    world_fini(&w);
}
END_TEST

START_TEST(sup_start_restart_child_returns_error)
{
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    ck_assert_int_eq(world_terminate(&w, "root", "child1"), 0);
    world_behave(&w, 0, 0)->fail_starts = 1;
    ck_assert_int_eq(world_restart(&w, "root", "child1"), 1001);
    world_expect_children(&w, "root", "child1:down:0"); /* the specification is kept */
    ck_assert_int_eq(world_restart(&w, "root", "child1"), 0);
    world_fini(&w);
}
END_TEST

START_TEST(sup_start_ignore_child_started_at_run_time)
{
    static const struct sn_child_spec ignored = POOL_OF(7, "c", 1, SN_PERMANENT, 1000);
    static const struct sn_child_spec temporary = POOL_OF(8, "t", 1, SN_TEMPORARY, 1000);
    const struct sn_child_spec *specs[] = {&ignored, &temporary};
    struct world w;

    world_init(&w, &nothing);
    world_start(&w);
    for (int i = 0; i < 2; i++) {
        world_skip(&w);
        w.manual = true;
        world_start_child(&w, "root", specs[i]);
        world_behave(&w, specs[i]->pool, 0)->ignore_starts = 1;
        w.manual = false;
        world_release(&w, specs[i]->pool, 0);
        ck_assert_int_eq(w.answer_result, SN_IGNORE);
    }
    world_expect_children(&w, "root", "c:down:0"); /* kept; of the temporary one nothing */
    ck_assert_int_eq(world_start_child(&w, "root", &temporary), 0);
    world_expect_children(&w, "root", "c:down:0 t:running:1");
    world_fini(&w);
}
END_TEST

START_TEST(pool_of_which_some_members_are_ignored_has_started)
{
    static const struct sn_child_spec child = POOL_OF(7, "c", 2, SN_PERMANENT, 1000);
    struct world w;

    world_init(&w, &nothing);
    world_start(&w);
    w.manual = true;
    world_start_child(&w, "root", &child);
    world_behave(&w, 7, 0)->ignore_starts = 1;
    w.manual = false;
    world_release(&w, 7, 0);
    world_release(&w, 7, 1);
    ck_assert_int_eq(w.answer_result, 0);
    world_expect_children(&w, "root", "c:running:1");
    world_fini(&w);
}
END_TEST

START_TEST(which_children)
{
    static const struct sn_child_spec children[] = {POOL(1, "child1"), POOL(2, "child2")};
    struct sn_child_info info;
    struct world w;

    world_init(&w, &nothing);
    world_start(&w);
    world_expect_children(&w, "root", "");
    ck_assert_int_eq(sn_tree_find_child(w.tree, "root", "childx", &info), SN_NOT_FOUND);
    ck_assert_int_eq(sn_tree_find_child(w.tree, "nobody", "child1", &info), SN_NOT_FOUND);
    ck_assert_int_eq(world_start_child(&w, "root", &children[0]), 0);
    ck_assert_int_eq(world_start_child(&w, "root", &children[1]), 0);
    world_expect_children(&w, "root", "child1:running:1 child2:running:1");
    ck_assert_int_eq(sn_tree_find_child(w.tree, "root", "child2", &info), 0);
    ck_assert_ptr_eq(info.spec, &children[1]);
    ck_assert_int_eq(world_terminate(&w, "root", "child1"), 0);
    world_expect_children(&w, "root", "child1:down:0 child2:running:1");
    ck_assert_int_eq(world_delete(&w, "root", "child1"), 0);
    ck_assert_int_eq(sn_tree_find_child(w.tree, "root", "child1", &info), SN_NOT_FOUND);
    world_expect_children(&w, "root", "child2:running:1");
    world_fini(&w);
}
END_TEST

static void start_child(struct world *w, const struct sn_child_spec *spec)
{
    ck_assert_int_eq(world_start_child(w, "root", spec), 0);
}

static void expect_temporary_is_not_saved(enum sn_strategy strategy, int how)
{
    static const struct sn_child_spec child = POOL_OF(3, "child3", 1, SN_TEMPORARY, 1000);
    struct sn_supervisor_spec spec = nothing;
    struct world w;

    spec.strategy = (uint8_t)strategy;
    world_init(&w, &spec);
    world_start(&w);
    start_child(&w, &child);
    if (how <= SN_EXIT_KILLED)
        world_exit(&w, 3, 0, (enum sn_exit_kind)how);
    else
        ck_assert_int_eq(world_terminate(&w, "root", "child3"), 0);
    start_child(&w, &child);
    world_fini(&w);
}

static void expect_saved(enum sn_strategy strategy, enum sn_restart restart, int how)
{
    struct sn_child_spec child = POOL_OF(3, "c", 1, (uint8_t)restart, 1000);
    struct sn_supervisor_spec spec = nothing;
    bool again = restart == SN_PERMANENT || how >= SN_EXIT_FAILED;
    struct world w;

    spec.strategy = (uint8_t)strategy;
    world_init(&w, &spec);
    world_start(&w);
    start_child(&w, &child);
    if (how <= SN_EXIT_KILLED) {
        world_exit(&w, 3, 0, (enum sn_exit_kind)how);
    } else {
        ck_assert_int_eq(world_terminate(&w, "root", "c"), 0);
        again = false;
    }
    ck_assert_int_eq(world_start_child(&w, "root", &child),
                     again ? SN_ALREADY_STARTED : SN_ALREADY_PRESENT);
    ck_assert_int_eq(world_restart(&w, "root", "c"), again ? SN_RUNNING : 0);
    world_fini(&w);
}

START_TEST(do_not_save_child_specs_for_temporary_children)
{
    for (int strategy = SN_ONE_FOR_ONE; strategy <= SN_REST_FOR_ONE; strategy++) {
        for (int how = SN_EXIT_NORMAL; how <= SN_EXIT_KILLED + 1; how++) {
            expect_temporary_is_not_saved((enum sn_strategy)strategy, how);
            expect_saved((enum sn_strategy)strategy, SN_PERMANENT, how);
            expect_saved((enum sn_strategy)strategy, SN_TRANSIENT, how);
        }
    }
}
END_TEST

START_TEST(requests_to_one_supervisor_are_served_one_after_the_other)
{
    static const struct sn_child_spec children[] = {POOL(0, "a"), POOL(1, "b")};
    static const struct sn_supervisor_spec spec = SUPERVISOR("root", SN_ONE_FOR_ONE, 2, children);
    struct world w;

    world_init(&w, &spec);
    world_start(&w);
    world_behave(&w, 0, 0)->stubborn = true;
    world_skip(&w);
    ck_assert_int_eq(world_terminate(&w, "root", "a"), -1);
    ck_assert_int_eq(world_delete(&w, "root", "a"), -1);
    ck_assert_int_eq(world_terminate(&w, "root", "b"), -1);
    world_exit(&w, 1, 0, SN_EXIT_FAILED); /* restarts are not held up */
    world_expect(&w, "[0] stop a#1 shutdown by 5000\n[0] start b#2 restored\n");
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] gone a#1\n[0] answer 1: 0\n[0] answer 2: 0\n"
                     "[0] stop b#2 shutdown by 5000\n[0] gone b#2\n[0] answer 3: 0\n");
    world_fini(&w);
}
END_TEST

START_TEST(group_supervisor_judges_exits_after_the_request)
{
    static const struct sn_child_spec children[] = {POOL(0, "a"), POOL(1, "b"), POOL(2, "c")};
    static const struct sn_supervisor_spec spec = SUPERVISOR("root", SN_ONE_FOR_ALL, 2, children);
    struct world w;

    world_init(&w, &spec);
    world_start(&w);
    world_behave(&w, 0, 0)->stop_takes_ms = 10;
    world_skip(&w);
    ck_assert_int_eq(world_terminate(&w, "root", "a"), -1);
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_expect(&w, "[0] stop a#1 shutdown by 5000\n");
    world_advance(&w, 10);
    world_expect(&w, "[10] gone a#1\n[10] answer 1: 0\n"
                     "[10] stop c#1 restart by 5010\n"
                     "[10] start a#2\n[10] start b#2 restored\n[10] start c#2 restored\n");
    world_fini(&w);
}
END_TEST

START_TEST(requests_wait_for_the_start_and_die_with_the_supervisor)
{
    struct world w;

    world_init(&w, &root);
    ck_assert_int_eq(world_terminate(&w, "root", "child1"), SN_GONE); /* not started yet */
    world_behave(&w, 0, 0)->hangs = true;
    world_start(&w);
    ck_assert_int_eq(world_terminate(&w, "root", "hej"), -1);
    ck_assert_int_eq(world_delete(&w, "root", "child1"), -1);
    world_skip(&w);
    world_stop(&w);
    world_expect(&w, "[0] answer 2: 3\n[0] answer 3: 3\n[0] stop child1#1 shutdown by 1000\n");
    ck_assert_int_eq(world_delete(&w, "root", "child1"), SN_GONE); /* going down */
    world_release(&w, 0, 0);
    ck_assert_int_eq(w.outcome, SN_EFFECT_STOPPED);
    world_fini(&w);
}
END_TEST

START_TEST(stop_answers_the_request_under_way)
{
    static const struct sn_child_spec child = POOL(7, "c");
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    world_skip(&w);
    w.manual = true;
    world_start_child(&w, "root", &child);
    w.manual = false;
    world_stop(&w);
    world_expect(&w, "[0] start c#1\n[0] answer 1: 3\n[0] stop c#1 shutdown by 5000\n");
    world_release(&w, 7, 0);
    world_expect(&w, "[0] gone c#1\n[0] stop child1#1 shutdown by 1000\n[0] gone child1#1\n"
                     "[0] tree stopped: 0\n");
    world_start(&w);
    world_expect_children(&w, "root", "child1:running:1"); /* what was added is gone */
    world_fini(&w);
}
END_TEST

START_TEST(terminate_stops_all_members_under_one_timer)
{
    static const struct sn_child_spec children[] = {POOL_OF(0, "p", 3, SN_PERMANENT, 1000)};
    static const struct sn_supervisor_spec spec = SUPERVISOR("root", SN_ONE_FOR_ONE, 2, children);
    struct world w;

    world_init(&w, &spec);
    world_start(&w);
    world_behave(&w, 0, 1)->stubborn = true;
    world_skip(&w);
    world_terminate(&w, "root", "p");
    world_advance(&w, 1000);
    world_expect(&w, "[0] stop p/0#1 shutdown by 1000\n[0] stop p/1#1 shutdown by 1000\n"
                     "[0] stop p/2#1 shutdown by 1000\n[0] gone p/0#1\n[0] gone p/2#1\n"
                     "[1000] kill p/1#1\n[1000] gone p/1#1\n[1000] answer 1: 0\n");
    world_fini(&w);
}
END_TEST

START_TEST(restart_of_a_pool_of_which_some_members_run_is_refused)
{
    static const struct sn_child_spec children[] = {POOL_OF(0, "p", 2, SN_TRANSIENT, 1000)};
    static const struct sn_supervisor_spec spec = SUPERVISOR("root", SN_ONE_FOR_ONE, 2, children);
    struct world w;

    world_init(&w, &spec);
    world_start(&w);
    world_exit(&w, 0, 0, SN_EXIT_NORMAL);
    ck_assert_int_eq(world_restart(&w, "root", "p"), SN_RUNNING);
    world_exit(&w, 0, 1, SN_EXIT_NORMAL);
    ck_assert_int_eq(world_restart(&w, "root", "p"), 0);
    world_expect_children(&w, "root", "p:running:2");
    world_fini(&w);
}
END_TEST

START_TEST(child_specs_are_checked_at_run_time)
{
    static const struct sn_child_spec nameless = {.pool = 5, .members = 1};
    static const struct sn_child_spec taken = POOL(0, "other");
    static const struct sn_child_spec sized = {.name = "c", .pool = 5};
    static const struct sn_child_spec good = POOL(5, "c");
    static const struct sn_supervisor_spec twin = {.name = "root", .window_ns = 1};
    static const struct sn_child_spec twins = BELOW("twin", &twin);
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    ck_assert_int_eq(world_start_child(&w, "root", NULL), SN_INVALID);
    ck_assert_int_eq(world_start_child(&w, "root", &nameless), SN_INVALID);
    ck_assert_int_eq(world_start_child(&w, "root", &taken), SN_INVALID);
    ck_assert_int_eq(world_start_child(&w, "root", &sized), SN_INVALID);
    ck_assert_int_eq(world_start_child(&w, "root", &twins), SN_INVALID);
    world_expect_children(&w, "root", "child1:running:1");
    ck_assert_int_eq(world_start_child(&w, "root", &good), 0);
    world_fini(&w);
}
END_TEST

/* A declared child that was deleted, and another one of its name. */
START_TEST(name_of_a_deleted_child_can_be_used_again)
{
    static const struct sn_child_spec other = POOL(5, "child1");
    struct sn_child_info info;
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    ck_assert_int_eq(world_terminate(&w, "root", "child1"), 0);
    ck_assert_int_eq(world_delete(&w, "root", "child1"), 0);
    ck_assert_int_eq(world_start_child(&w, "root", &other), 0);
    ck_assert_int_eq(sn_tree_find_child(w.tree, "root", "child1", &info), 0);
    ck_assert_ptr_eq(info.spec, &other);
    ck_assert_int_eq(world_start_child(&w, "root", one), SN_ALREADY_STARTED);
    ck_assert_int_eq(world_terminate(&w, "root", "child1"), 0);
    ck_assert_int_eq(world_delete(&w, "root", "child1"), 0);
    ck_assert_int_eq(world_start_child(&w, "root", one), 0);
    ck_assert_int_eq(sn_tree_find_child(w.tree, "root", "child1", &info), 0);
    ck_assert_ptr_eq(info.spec, one);
    ck_assert_int_eq(world_start_child(&w, "root", &other), SN_ALREADY_STARTED);
    world_fini(&w);
}
END_TEST

/* Numbers of members that are used again never repeat an incarnation. */
START_TEST(member_numbers_are_reused_without_repeating_incarnations)
{
    static const struct sn_child_spec child = POOL_OF(5, "c", 1, SN_TEMPORARY, 1000);
    struct world w;
    uint32_t bound;

    world_init(&w, &root);
    world_start(&w);
    for (uint32_t i = 1; i <= 1000; i++) {
        start_child(&w, &child);
        ck_assert_uint_eq(world_actor(&w, 5, 0)->incarnation, i);
        world_exit(&w, 5, 0, SN_EXIT_NORMAL);
    }
    bound = sn_tree_member_bound(w.tree);
    ck_assert_uint_eq(bound, 2);
    world_fini(&w);
}
END_TEST

START_TEST(child_started_during_a_groups_backoff_joins_the_group)
{
    static const struct sn_child_spec children[] = {POOL(0, "a"), POOL(1, "b")};
    static const struct sn_child_spec late = POOL(5, "late");
    static const struct sn_supervisor_spec spec = {.name = "root",
                                                   .strategy = SN_ONE_FOR_ALL,
                                                   .restarts = 9,
                                                   .window_ns = 60000 * MS,
                                                   .backoff_min_ns = 100 * MS,
                                                   .backoff_max_ns = 100 * MS,
                                                   .children = children,
                                                   .child_count = 2};
    struct world w;

    world_init(&w, &spec);
    world_start(&w);
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_skip(&w);
    ck_assert_int_eq(world_start_child(&w, "root", &late), 0);
    world_advance(&w, 100);
    world_expect(&w, "[0] start late#1\n[0] answer 1: 0\n"
                     "[100] start a#3 restored\n[100] start b#3 restored\n");
    world_expect_children(&w, "root", "a:running:1 b:running:1 late:running:1");
    /* Asked to terminate a sibling that waits, it stays down until the group starts. */
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_skip(&w);
    ck_assert_int_eq(world_terminate(&w, "root", "b"), 0);
    world_expect(&w, "[100] gone b#3\n[100] answer 2: 0\n");
    ck_assert_int_eq(world_delete(&w, "root", "b"), SN_RESTARTING);
    world_advance(&w, 100);
    world_expect_children(&w, "root", "a:running:1 b:running:1 late:running:1");
    world_fini(&w);
}
END_TEST

/* Found by property_test: the group that waits must not be forgotten. */
START_TEST(child_started_during_a_groups_backoff_fails)
{
    static const struct sn_child_spec children[] = {POOL(0, "a"), POOL(1, "b"), POOL(2, "c")};
    static const struct sn_child_spec late = POOL(5, "late");
    static const struct sn_supervisor_spec spec = {.name = "root",
                                                   .strategy = SN_REST_FOR_ONE,
                                                   .restarts = 9,
                                                   .window_ns = 60000 * MS,
                                                   .backoff_min_ns = 100 * MS,
                                                   .backoff_max_ns = 100 * MS,
                                                   .children = children,
                                                   .child_count = 3};
    struct world w;

    world_init(&w, &spec);
    world_start(&w);
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    ck_assert_int_eq(world_start_child(&w, "root", &late), 0);
    world_advance(&w, 50);
    world_skip(&w);
    world_exit(&w, 5, 0, SN_EXIT_FAILED);
    world_expect_children(&w, "root", "a:running:1 b:restarting:0 c:down:0 late:down:0");
    world_advance(&w, 100);
    world_expect(&w, "[150] start b#3 restored\n[150] start c#3 restored\n"
                     "[150] start late#2 restored\n");
    world_fini(&w);
}
END_TEST

/* Found by property_test: a temporary child must not be restarted with its group. */
START_TEST(temporary_child_started_during_a_groups_backoff_is_left_alone)
{
    static const struct sn_child_spec children[] = {POOL(0, "a")};
    static const struct sn_child_spec late = POOL_OF(5, "late", 2, SN_TEMPORARY, 1000);
    static const struct sn_supervisor_spec spec = {.name = "root",
                                                   .strategy = SN_ONE_FOR_ALL,
                                                   .restarts = 9,
                                                   .window_ns = 60000 * MS,
                                                   .backoff_min_ns = 100 * MS,
                                                   .backoff_max_ns = 100 * MS,
                                                   .children = children,
                                                   .child_count = 1};
    struct world w;

    world_init(&w, &spec);
    world_start(&w);
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    ck_assert_int_eq(world_start_child(&w, "root", &late), 0);
    world_exit(&w, 5, 0, SN_EXIT_FAILED);
    world_skip(&w);
    world_advance(&w, 100);
    world_expect(&w, "[100] start a#3 restored\n");
    world_expect_children(&w, "root", "a:running:1 late:running:1");
    world_fini(&w);
}
END_TEST

START_TEST(backoff_that_ends_during_a_request_waits_for_it)
{
    static const struct sn_child_spec children[] = {POOL(0, "a"), POOL(1, "b")};
    static const struct sn_supervisor_spec spec = {.name = "root",
                                                   .strategy = SN_REST_FOR_ONE,
                                                   .restarts = 9,
                                                   .window_ns = 60000 * MS,
                                                   .backoff_min_ns = 100 * MS,
                                                   .backoff_max_ns = 100 * MS,
                                                   .children = children,
                                                   .child_count = 2};
    struct world w;

    world_init(&w, &spec);
    world_start(&w);
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_exit(&w, 1, 0, SN_EXIT_FAILED);
    world_behave(&w, 0, 0)->stop_takes_ms = 300;
    world_skip(&w);
    world_terminate(&w, "root", "a");
    world_advance(&w, 300);
    world_expect(&w, "[0] stop a#1 shutdown by 5000\n[300] gone a#1\n[300] answer 1: 0\n"
                     "[300] start b#3 restored\n");
    world_fini(&w);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        child_adm,
        child_is_restarted_after_all_admin_calls,
        sup_start_child_returns_error,
        failed_start_answers_the_first_reason_once,
        sup_start_restart_child_returns_error,
        sup_start_ignore_child_started_at_run_time,
        pool_of_which_some_members_are_ignored_has_started,
        which_children,
        do_not_save_child_specs_for_temporary_children,
        requests_to_one_supervisor_are_served_one_after_the_other,
        group_supervisor_judges_exits_after_the_request,
        requests_wait_for_the_start_and_die_with_the_supervisor,
        stop_answers_the_request_under_way,
        terminate_stops_all_members_under_one_timer,
        restart_of_a_pool_of_which_some_members_run_is_refused,
        child_specs_are_checked_at_run_time,
        name_of_a_deleted_child_can_be_used_again,
        member_numbers_are_reused_without_repeating_incarnations,
        child_started_during_a_groups_backoff_joins_the_group,
        child_started_during_a_groups_backoff_fails,
        temporary_child_started_during_a_groups_backoff_is_left_alone,
        backoff_that_ends_during_a_request_waits_for_it,
    };

    return world_main("supervise", tests, sizeof(tests) / sizeof(tests[0]));
}
