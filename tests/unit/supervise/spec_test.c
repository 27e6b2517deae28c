/* SPDX-License-Identifier: MIT */

/* Making trees: contradictory specifications, sizes, and every allocation failing once. */

#include "../countdown.h"
#include "world.h"

#include <errno.h>

static const struct sn_child_spec good_child = POOL(0, "a");
static const struct sn_supervisor_spec good = {.name = "root",
                                               .restarts = 1,
                                               .window_ns = 5000 * MS,
                                               .children = &good_child,
                                               .child_count = 1};

/* Creating it fails with this sentence about this name. */
static void expect_problem(const struct sn_supervisor_spec *root, const char *text,
                           const char *where)
{
    struct sn_tree_problem problem = {0};
    struct sn_tree_options options = {.ret_problem = &problem};
    struct sn_tree *tree = NULL;

    ck_assert_int_eq(sn_tree_create(root, NULL, &tree), SN_INVALID);
    ck_assert_int_eq(sn_tree_create(root, &options, &tree), SN_INVALID);
    ck_assert_ptr_null(tree);
    ck_assert_str_eq(problem.text, text);
    ck_assert_pstr_eq(problem.where, where);
}

static void expect_good(const struct sn_supervisor_spec *root)
{
    struct sn_tree *tree = NULL;

    ck_assert_int_eq(sn_tree_create(root, NULL, &tree), 0);
    sn_tree_destroy(tree);
}

/* ---- supervisors ------------------------------------------------------------------------ */

START_TEST(sup_flags)
{
    struct sn_supervisor_spec spec = good;

    expect_good(&spec);
    spec.name = NULL;
    expect_problem(&spec, "a supervisor has no name", NULL);
    spec = good;
    spec.strategy = SN_REST_FOR_ONE;
    expect_good(&spec);
    spec.strategy = SN_REST_FOR_ONE + 1;
    expect_problem(&spec, "the strategy is none of the three", "root");
    spec = good;
    spec.auto_shutdown = SN_AUTO_SHUTDOWN_ALL;
    expect_good(&spec);
    spec.auto_shutdown = SN_AUTO_SHUTDOWN_ALL + 1;
    expect_problem(&spec, "auto_shutdown is none of the three", "root");
    spec = good;
    spec.children = NULL;
    expect_problem(&spec, "there are no children where some are announced", "root");
}
END_TEST

START_TEST(sup_flags_of_the_window)
{
    struct sn_supervisor_spec spec = good;

    spec.restarts = SN_RESTARTS_MAX;
    expect_good(&spec);
    spec.restarts = SN_RESTARTS_MAX + 1;
    expect_problem(&spec, "restarts is above 65535 and not unlimited", "root");
    spec.restarts = SN_RESTARTS_UNLIMITED;
    expect_good(&spec);
    spec.window_ns = 0;
    expect_good(&spec);
    spec.backoff_min_ns = spec.backoff_max_ns = 1;
    expect_problem(&spec, "the window is 0", "root");
    spec = good;
    spec.window_ns = 0;
    expect_problem(&spec, "the window is 0", "root");
    spec = good;
    spec.backoff_min_ns = 2;
    expect_problem(&spec, "the back-off's minimum is above its maximum", "root");
    spec.backoff_max_ns = 2;
    expect_good(&spec);
    spec.backoff_min_ns = 0;
    expect_problem(&spec, "the back-off's minimum is 0 and its maximum is not", "root");
}
END_TEST

/* ---- children --------------------------------------------------------------------------- */

START_TEST(child_specs)
{
    struct sn_child_spec child = good_child;
    struct sn_supervisor_spec spec = good;
    struct sn_supervisor_spec below = {.name = "below", .window_ns = 1};

    spec.children = &child;
    child.name = NULL;
    expect_problem(&spec, "a child has no name", NULL);
    child = good_child;
    child.restart = SN_TEMPORARY + 1;
    expect_problem(&spec, "restart is none of the three", "a");
    child = good_child;
    child.pool = 65535;
    expect_good(&spec);
    child.pool = 65536;
    expect_problem(&spec, "the number of the pool is above 65535", "a");
    child = good_child;
    child.dynamic = true;
    expect_good(&spec);
    child.members = 0;
    expect_problem(&spec, "a pool made at run time needs a maximum", "a");
    child.members = (UINT32_C(1) << 24) + 1;
    expect_problem(&spec, "its pool is too large", "a");
    child.dynamic = false;
    expect_problem(&spec, "its pool is too large", "a");
    child = (struct sn_child_spec)BELOW("below", &below);
    expect_good(&spec);
    child.members = 1;
    expect_good(&spec);
    child.members = 2;
    expect_problem(&spec, "a supervisor is not a pool", "below");
    child.members = 0;
    child.dynamic = true;
    expect_problem(&spec, "a supervisor is not a pool", "below");
    child.dynamic = false;
    below.strategy = 9;
    expect_problem(&spec, "the strategy is none of the three", "below");
}
END_TEST

START_TEST(child_specs_all_combinations)
{
    static const uint64_t times[] = {SN_SHUTDOWN_BRUTAL, 1000 * MS, SN_SHUTDOWN_INFINITE};

    for (int mode = SN_AUTO_SHUTDOWN_NEVER; mode <= SN_AUTO_SHUTDOWN_ALL; mode++) {
        for (int restart = SN_PERMANENT; restart <= SN_TEMPORARY; restart++) {
            for (int time = 0; time < 3; time++) {
                struct sn_child_spec child = good_child;
                struct sn_supervisor_spec spec = good;

                spec.children = &child;
                spec.auto_shutdown = (uint8_t)mode;
                child.restart = (uint8_t)restart;
                child.shutdown_ns = times[time];
                expect_good(&spec);
                child.significant = true;
                if (mode == SN_AUTO_SHUTDOWN_NEVER)
                    expect_problem(
                        &spec, "a significant child of a supervisor whose auto_shutdown is never",
                        "a");
                else if (restart == SN_PERMANENT)
                    expect_problem(&spec, "a significant child that is permanent never ends", "a");
                else
                    expect_good(&spec);
            }
        }
    }
}
END_TEST

START_TEST(significant_simple)
{
    struct sn_child_spec child = {
        .name = "p", .members = 4, .dynamic = true, .restart = SN_TEMPORARY, .significant = true};
    struct sn_supervisor_spec spec = good;

    spec.children = &child;
    spec.auto_shutdown = SN_AUTO_SHUTDOWN_ANY;
    expect_problem(&spec, "a pool made at run time cannot be significant", "p");
    child.significant = false;
    expect_good(&spec);
}
END_TEST

START_TEST(names_and_pools_are_used_once)
{
    static const struct sn_child_spec twins[] = {POOL(0, "a"), POOL(1, "a")};
    static const struct sn_child_spec shared[] = {POOL(0, "a"), POOL(0, "b")};
    static const struct sn_supervisor_spec below = {.name = "below", .window_ns = 1};
    static const struct sn_child_spec doubles[] = {BELOW("x", &below), BELOW("y", &below)};
    struct sn_supervisor_spec spec = good;

    spec.child_count = 2;
    spec.children = twins;
    expect_problem(&spec, "two children of one supervisor have this name", "a");
    spec.children = shared;
    expect_problem(&spec, "its pool has another place in the tree", "b");
    spec.children = doubles;
    expect_problem(&spec, "two supervisors have this name", "below");
}
END_TEST

START_TEST(depth_is_bounded)
{
    static struct sn_supervisor_spec chain[40];
    static struct sn_child_spec links[40];
    static char names[40][8];

    for (int i = 0; i < 40; i++) {
        sprintf(names[i], "s%d", i);
        links[i] = (struct sn_child_spec)BELOW("next", &chain[i + 1]);
        chain[i] = (struct sn_supervisor_spec){
            .name = names[i], .window_ns = 1, .children = &links[i], .child_count = i < 39};
    }
    expect_good(&chain[7]); /* 33 of them: the last is 32 deep */
    expect_problem(&chain[6], "supervisors are nested more than 32 deep", "s39");
}
END_TEST

START_TEST(supervisor_below_itself_is_found_out)
{
    static struct sn_supervisor_spec spec = {.name = "root", .window_ns = 1, .child_count = 1};
    static const struct sn_child_spec self[] = {BELOW("self", &spec)};

    spec.children = self;
    expect_problem(&spec, "two supervisors have this name", "root");
}
END_TEST

START_TEST(sizes_come_from_the_options)
{
    static const struct sn_child_spec children[] = {{.name = "p", .pool = 1, .shutdown_ns = 1}};
    static const struct sn_supervisor_spec spec = SUPERVISOR("root", SN_ONE_FOR_ONE, 1, children);
    static const uint32_t sizes[] = {9, 3};
    struct sn_tree_options options = {.pool_sizes = sizes, .pool_count = 2};
    struct sn_tree_problem problem;
    struct world w;

    world_init_with(&w, &spec, &options);
    world_start(&w);
    world_expect(&w, "[0] start p/0#1\n[0] start p/1#1\n[0] start p/2#1\n[0] tree started\n");
    ck_assert_uint_eq(sn_tree_member_bound(w.tree), 3);
    world_fini(&w);

    options.pool_count = 1;
    options.ret_problem = &problem;
    ck_assert_int_eq(sn_tree_create(&spec, &options, &w.tree), SN_INVALID);
    ck_assert_str_eq(problem.text, "its pool has no size");
    options.pool_sizes = NULL;
    options.pool_count = 2;
    ck_assert_int_eq(sn_tree_create(&spec, &options, &w.tree), SN_INVALID);
}
END_TEST

START_TEST(member_numbers_are_dense_and_in_order)
{
    static const struct sn_child_spec lows[] = {POOL_OF(1, "q", 2, SN_PERMANENT, 1)};
    static const struct sn_supervisor_spec low = SUPERVISOR("low", SN_ONE_FOR_ONE, 1, lows);
    static const struct sn_child_spec tops[] = {POOL_OF(0, "p", 3, SN_PERMANENT, 1),
                                                BELOW("low", &low),
                                                POOL_OF(2, "r", 100, SN_PERMANENT, 1)};
    static const struct sn_supervisor_spec top = SUPERVISOR("root", SN_ONE_FOR_ONE, 1, tops);
    static const uint32_t counts[] = {3, 2, 100};
    struct sn_tree *tree;
    uint32_t number = 0;

    ck_assert_int_eq(sn_tree_create(&top, NULL, &tree), 0);
    for (uint32_t pool = 0; pool < 3; pool++) {
        for (uint32_t index = 0; index < counts[pool]; index++) {
            sn_member member;

            ck_assert_int_eq(sn_tree_member_find(tree, pool, index, &member), 0);
            ck_assert_uint_eq(member.index, number++);
        }
    }
    ck_assert_uint_eq(sn_tree_member_bound(tree), number);
    sn_tree_destroy(tree);
}
END_TEST

/* ---- every allocation fails once -------------------------------------------------------- */

static const struct sn_child_spec many_children[] = {
    POOL(0, "c0"), POOL(1, "c1"), POOL(2, "c2"),   POOL(3, "c3"),
    POOL(4, "c4"), POOL(5, "c5"), POOL(6, "c6"),   POOL(7, "c7"),
    POOL(8, "c8"), POOL(9, "c9"), POOL(40, "c10"), POOL_OF(11, "c11", 70, SN_PERMANENT, 1),
};
static const struct sn_supervisor_spec many = {.name = "many",
                                               .restarts = SN_RESTARTS_UNLIMITED,
                                               .window_ns = 1000 * MS,
                                               .backoff_min_ns = 1,
                                               .backoff_max_ns = 1,
                                               .children = many_children,
                                               .child_count = 12};
static const struct sn_child_spec top_children[] = {
    BELOW("many", &many),
    POOL(20, "last"),
    {.name = "p", .pool = 21, .members = 100, .dynamic = true, .shutdown_ns = 1}};
static const struct sn_supervisor_spec top = SUPERVISOR("root", SN_ONE_FOR_ONE, 4, top_children);

START_TEST(creation_survives_every_failed_allocation)
{
    struct countdown countdown;
    struct sn_tree_options options = {.allocator = &countdown.allocator};
    struct sn_tree *tree = NULL;
    int rc = -ENOMEM;
    long n = 0;

    /* Growing the name index may fail without a harm: go on until ten in a row succeed. */
    for (int succeeded = 0; succeeded < 10; n++) {
        countdown_init(&countdown, n);
        rc = sn_tree_create(&top, &options, &tree);
        if (rc == 0) {
            sn_tree_destroy(tree);
            succeeded++;
        } else {
            ck_assert_int_eq(rc, -ENOMEM);
            succeeded = 0;
        }
        ck_assert_int_eq(atomic_load(&countdown.live_bytes), 0);
    }
    ck_assert_int_gt(n, 40);
}
END_TEST

START_TEST(admin_survives_every_failed_allocation)
{
    static const struct sn_child_spec inner_children[] = {POOL(50, "i"), POOL(90, "j")};
    static const struct sn_supervisor_spec inner =
        SUPERVISOR("inner", SN_ONE_FOR_ONE, 3, inner_children);
    static const struct sn_child_spec added = BELOW("inner", &inner);
    int failures = 0;

    for (long n = 0; n < 60; n++) {
        struct countdown countdown;
        struct sn_tree_options options = {.allocator = &countdown.allocator};
        struct world w;
        int rc[4];

        countdown_init(&countdown, -1);
        world_init_with(&w, &top, &options);
        world_start(&w);
        world_skip(&w);
        atomic_store(&countdown.left, n);
        rc[0] = world_start_child(&w, "root", &added);
        rc[1] = world_add(&w, 21);
        rc[2] = world_terminate(&w, "root", "inner");
        rc[3] = world_terminate(&w, "root", "last");
        atomic_store(&countdown.left, -1);
        for (int i = 0; i < 4; i++) {
            failures += rc[i] == -ENOMEM;
            ck_assert(rc[i] == 0 || rc[i] == -ENOMEM || (i == 2 && rc[i] == SN_NOT_FOUND));
        }
        /* Once there is memory again, all of it works. */
        if (rc[0] == -ENOMEM)
            ck_assert_int_eq(world_start_child(&w, "root", &added), 0);
        for (int i = 0; i < 70; i++)
            ck_assert_int_eq(world_add(&w, 21), 0);
        world_stop(&w);
        ck_assert_int_eq(w.outcome, SN_EFFECT_STOPPED);
        world_fini(&w);
        ck_assert_int_eq(atomic_load(&countdown.live_bytes), 0);
    }
    ck_assert_int_ge(failures, 10);
}
END_TEST

START_TEST(adding_members_survives_every_failed_allocation)
{
    struct countdown countdown;
    struct sn_tree_options options = {.allocator = &countdown.allocator};
    struct world w;
    int failures = 0;

    countdown_init(&countdown, -1);
    world_init_with(&w, &top, &options);
    world_start(&w);
    for (uint32_t added = 0, n = 0; added < 100; n++) {
        int rc;

        atomic_store(&countdown.left, n % 4);
        rc = world_add(&w, 21);
        added += rc == 0;
        failures += rc == -ENOMEM;
    }
    ck_assert_int_ge(failures, 60);
    world_expect_counts(&w, "root", 3, 102, 1, 2);
    world_fini(&w);
    ck_assert_int_eq(atomic_load(&countdown.live_bytes), 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        sup_flags,
        sup_flags_of_the_window,
        child_specs,
        child_specs_all_combinations,
        significant_simple,
        names_and_pools_are_used_once,
        depth_is_bounded,
        supervisor_below_itself_is_found_out,
        sizes_come_from_the_options,
        member_numbers_are_dense_and_in_order,
        creation_survives_every_failed_allocation,
        admin_survives_every_failed_allocation,
        adding_members_survives_every_failed_allocation,
    };

    return world_main("supervise", tests, sizeof(tests) / sizeof(tests[0]));
}
