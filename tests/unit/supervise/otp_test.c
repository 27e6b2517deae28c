/* SPDX-License-Identifier: MIT */

/* Cases of OTP's supervisor_SUITE that have no better place; tests/otp/ has the whole table. */

#include "world.h"

#include <string.h>

static const struct sn_supervisor_spec nothing = {
    .name = "root", .restarts = 2, .window_ns = 3600 * SN_SECOND};

/* A dynamic pool of pool number 0 under a supervisor. */
struct dynamic {
    struct sn_child_spec child;
    struct sn_supervisor_spec root;
    struct world world;
};

static struct world *dynamic_init(struct dynamic *dynamic, enum sn_restart restart,
                                  uint64_t shutdown_ns, uint32_t members)
{
    dynamic->child = (struct sn_child_spec){
        .name = "p",
        .members = members,
        .dynamic = true,
        .restart = (uint8_t)restart,
        .shutdown_ns = shutdown_ns,
    };
    dynamic->root = nothing;
    dynamic->root.children = &dynamic->child;
    dynamic->root.child_count = 1;
    world_init(&dynamic->world, &dynamic->root);
    world_start(&dynamic->world);
    return &dynamic->world;
}

static void add_members(struct world *w, int count)
{
    for (int i = 0; i < count; i++)
        ck_assert_int_eq(world_add(w, 0), 0);
    world_skip(w);
}

/* ---- specifications can be read --------------------------------------------------------- */

START_TEST(sup_start_map)
{
    static const struct sn_supervisor_spec below = {.name = "below", .window_ns = 1};
    static const struct sn_child_spec children[] = {
        POOL(0, "child1"), POOL_OF(1, "child2", 1, SN_PERMANENT, 0), BELOW("child3", &below)};
    static const struct sn_supervisor_spec root = {.name = "root",
                                                   .restarts = SN_RESTARTS_DEFAULT,
                                                   .window_ns = SN_WINDOW_DEFAULT_NS,
                                                   .children = children,
                                                   .child_count = 3};
    struct sn_child_info info;
    struct world w;

    world_init(&w, &root);
    world_start(&w);
    ck_assert_int_eq(sn_tree_find_child(w.tree, "root", "child1", &info), 0);
    ck_assert_uint_eq(info.spec->shutdown_ns, 5000 * MS);
    ck_assert_int_eq(info.spec->restart, SN_PERMANENT);
    ck_assert_ptr_null(info.spec->supervisor);
    ck_assert_int_eq(sn_tree_find_child(w.tree, "root", "child2", &info), 0);
    ck_assert_uint_eq(info.spec->shutdown_ns, SN_SHUTDOWN_BRUTAL);
    ck_assert_int_eq(sn_tree_find_child(w.tree, "root", "child3", &info), 0);
    ck_assert_uint_eq(info.spec->shutdown_ns, SN_SHUTDOWN_INFINITE);
    ck_assert_ptr_eq(info.spec->supervisor, &below);
    ck_assert_int_eq(sn_tree_find_child(w.tree, "root", "child4", &info), SN_NOT_FOUND);
    /* One restart in five seconds is the default: a second one gives up. */
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    world_advance(&w, 4999);
    world_exit(&w, 0, 0, SN_EXIT_FAILED);
    ck_assert_int_eq(w.result, SN_GAVE_UP);
    world_fini(&w);
}
END_TEST

START_TEST(sup_start_map_simple)
{
    struct dynamic dynamic;
    struct world *w = dynamic_init(&dynamic, SN_TEMPORARY, 5000 * MS, 3);
    struct sn_child_info info;
    struct sn_member_info member;

    add_members(w, 3);
    ck_assert_int_eq(sn_tree_find_child(w->tree, "root", "p", &info), 0);
    ck_assert_ptr_eq(info.spec, &dynamic.child);
    ck_assert_uint_eq(info.active, 3);
    for (uint32_t i = 0; i < 3; i++) {
        ck_assert_int_eq(sn_tree_member_info(w->tree, (sn_member){i}, &member), 0);
        ck_assert_uint_eq(member.index, i);
    }
    ck_assert_int_eq(sn_tree_member_info(w->tree, (sn_member){3}, &member), SN_NOT_FOUND);
    world_stop(w);
    ck_assert_int_eq(w->outcome, SN_EFFECT_STOPPED);
    world_fini(w);
}
END_TEST

/* ---- stopping dynamic pools ------------------------------------------------------------- */

START_TEST(sup_stop_timeout_dynamic)
{
    struct dynamic dynamic;
    struct world *w = dynamic_init(&dynamic, SN_TEMPORARY, 1000 * MS, 2);

    add_members(w, 2);
    world_behave(w, 0, 1)->stubborn = true;
    world_stop(w);
    world_advance(w, 1000);
    world_expect(w, "[0] stop p/0#1 shutdown by 1000\n[0] stop p/1#1 shutdown by 1000\n"
                    "[0] gone p/0#1\n"
                    "[1000] kill p/1#1\n[1000] gone p/1#1\n[1000] tree stopped: 0\n");
    world_fini(w);
}
END_TEST

START_TEST(sup_stop_brutal_kill_dynamic)
{
    struct dynamic dynamic;
    struct world *w = dynamic_init(&dynamic, SN_TEMPORARY, SN_SHUTDOWN_BRUTAL, 10);

    add_members(w, 10);
    w->timers = true;
    world_stop(w);
    ck_assert_int_eq(w->outcome, SN_EFFECT_STOPPED);
    ck_assert_ptr_null(strstr(w->trace, "stop p"));
    ck_assert_ptr_null(strstr(w->trace, "timer"));
    for (uint32_t i = 0; i < 10; i++)
        ck_assert_int_eq(w->actors[i].exit.kind, SN_EXIT_KILLED);
    world_fini(w);
}
END_TEST

START_TEST(sup_stop_non_shutdown_exit_dynamic)
{
    static const enum sn_exit_kind endings[] = {SN_EXIT_SHUTDOWN, SN_EXIT_FAILED, SN_EXIT_KILLED};

    for (int restart = SN_PERMANENT; restart <= SN_TEMPORARY; restart++) {
        struct dynamic dynamic;
        struct world *w = dynamic_init(&dynamic, (enum sn_restart)restart, 5000 * MS, 4);

        add_members(w, 4);
        for (uint32_t i = 0; i < 3; i++)
            world_behave(w, 0, i)->ending = endings[i];
        world_behave(w, 0, 3)->stubborn = true;
        world_stop(w);
        world_exit(w, 0, 3, SN_EXIT_NORMAL);
        ck_assert_int_eq(w->outcome, SN_EFFECT_STOPPED);
        ck_assert_int_eq(w->result, 0);
        ck_assert_uint_eq(w->starts, 4);
        world_fini(w);
    }
}
END_TEST

/* ---- counting --------------------------------------------------------------------------- */

START_TEST(count_children)
{
    struct dynamic dynamic;
    struct world *w = dynamic_init(&dynamic, SN_TEMPORARY, 1000 * MS, 2000);

    w->quiet = true;
    add_members(w, 1000);
    world_expect_counts(w, "root", 1, 1000, 0, 1);
    add_members(w, 1000);
    world_expect_counts(w, "root", 1, 2000, 0, 1);
    world_expect_counts(w, "root", 1, 2000, 0, 1);
    for (uint32_t i = 0; i < 2000; i++)
        world_exit(w, 0, i, SN_EXIT_KILLED);
    world_expect_counts(w, "root", 1, 0, 0, 1);
    world_fini(w);
}
END_TEST

START_TEST(count_children_supervisor)
{
    enum { COUNT = 200 };
    static struct sn_supervisor_spec belows[COUNT];
    static struct sn_child_spec children[COUNT];
    static char names[COUNT][8];
    struct world w;

    world_init(&w, &nothing);
    world_start(&w);
    for (uint32_t i = 0; i < COUNT; i++) {
        sprintf(names[i], "s%u", i);
        belows[i] = (struct sn_supervisor_spec){.name = names[i], .window_ns = 1};
        children[i] = (struct sn_child_spec)BELOW(names[i], &belows[i]);
        children[i].restart = SN_TEMPORARY;
        ck_assert_int_eq(world_start_child(&w, "root", &children[i]), 0);
    }
    world_expect_counts(&w, "root", COUNT, COUNT, COUNT, 0);
    for (uint32_t i = 0; i < COUNT; i++)
        ck_assert_int_eq(world_terminate(&w, "root", names[i]), 0);
    world_expect_counts(&w, "root", 0, 0, 0, 0);
    world_fini(&w);
}
END_TEST

START_TEST(count_restarting_children)
{
    struct dynamic dynamic;
    struct world *w = dynamic_init(&dynamic, SN_PERMANENT, SN_SHUTDOWN_BRUTAL, 3);
    uint32_t gone = 0;

    world_fini(w);
    dynamic.root.restarts = 20;
    dynamic.root.backoff_min_ns = dynamic.root.backoff_max_ns = 1000 * MS;
    world_init(w, &dynamic.root);
    world_start(w);
    add_members(w, 3);
    world_expect_counts(w, "root", 1, 3, 0, 1);
    for (uint32_t i = 0; i < 3; i++)
        world_exit(w, 0, i, SN_EXIT_FAILED);
    world_advance(w, 1000);
    world_expect_counts(w, "root", 1, 3, 0, 1);
    world_behave(w, 0, 0)->fail_starts = 2;
    world_behave(w, 0, 1)->fail_starts = 2;
    world_exit(w, 0, 0, SN_EXIT_FAILED);
    world_exit(w, 0, 1, SN_EXIT_FAILED);
    world_advance(w, 2000);
    world_expect_counts(w, "root", 1, 1, 0, 1); /* two that restart do not count as active */
    world_advance(w, 4000);
    world_expect_counts(w, "root", 1, 3, 0, 1);
    while (gone < 3) {
        ck_assert_int_eq(world_remove(w, 0, gone), 0);
        gone++;
        world_expect_counts(w, "root", 1, 3 - gone, 0, 1);
    }
    world_fini(w);
}
END_TEST

START_TEST(which_children_simple_one_for_one)
{
    struct dynamic dynamic;
    struct world *w = dynamic_init(&dynamic, SN_TEMPORARY, 1000 * MS, 5);
    struct sn_member_info info;

    world_expect_children(w, "root", "p:down:0");
    add_members(w, 2);
    world_expect_children(w, "root", "p:running:2");
    ck_assert_int_eq(world_remove(w, 0, 0), 0);
    world_expect_children(w, "root", "p:running:1");
    ck_assert_int_eq(sn_tree_member_info(w->tree, (sn_member){0}, &info), SN_NOT_FOUND);
    ck_assert_int_eq(sn_tree_member_info(w->tree, (sn_member){1}, &info), 0);
    world_fini(w);
}
END_TEST

/* ---- a supervisor in the middle --------------------------------------------------------- */

START_TEST(simple_global_supervisor)
{
    static const struct sn_child_spec servers[] = {POOL_OF(0, "server", 1, SN_PERMANENT, 2000)};
    static const struct sn_supervisor_spec sup2 = SUPERVISOR("sup2", SN_ONE_FOR_ALL, 3, servers);
    struct sn_child_spec middles[] = {BELOW("middle", &sup2)};
    struct sn_supervisor_spec top = SUPERVISOR("top", SN_ONE_FOR_ALL, 3, middles);
    struct world w;

    middles[0].shutdown_ns = 2000 * MS;
    world_init(&w, &top);
    world_start(&w);
    world_skip(&w);
    world_exit(&w, 0, 0, SN_EXIT_KILLED);
    world_exit(&w, 0, 0, SN_EXIT_NORMAL);
    world_expect(&w, "[0] start server#2 restored\n[0] start server#3 restored\n");
    ck_assert_int_eq(world_terminate(&w, "sup2", "server"), 0);
    ck_assert_int_eq(world_restart(&w, "sup2", "server"), 0);
    world_expect(&w, "[0] stop server#3 shutdown by 2000\n[0] gone server#3\n[0] answer 1: 0\n"
                     "[0] start server#4\n[0] answer 2: 0\n");
    /* The middle one dies when it can restart no more, and comes back. */
    world_exit(&w, 0, 0, SN_EXIT_KILLED);
    world_exit(&w, 0, 0, SN_EXIT_KILLED);
    world_expect(&w, "[0] start server#5 restored\n[0] start server#6 restored\n");
    ck_assert_uint_eq(w.live, 1);
    world_kill(&w);
    ck_assert_uint_eq(w.live, 0);
    world_fini(&w);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        sup_start_map,
        sup_start_map_simple,
        sup_stop_timeout_dynamic,
        sup_stop_brutal_kill_dynamic,
        sup_stop_non_shutdown_exit_dynamic,
        count_children,
        count_children_supervisor,
        count_restarting_children,
        which_children_simple_one_for_one,
        simple_global_supervisor,
    };

    return world_main("supervise", tests, sizeof(tests) / sizeof(tests[0]));
}
