/* SPDX-License-Identifier: MIT */

/*
 * The cores that a shard may have: on machines that hwloc makes up, and on
 * the one the test runs on, under its own affinity mask. Each test is a
 * process of its own (Check's fork mode), so environment and mask stay there.
 */

#include <check.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "../countdown.h"
#include "topo/topo.h"
#include "tree.h"

#define BIG_MACHINE "pack:2 numa:1 l3:1(size=33554432) core:12 pu:2"

/* No cgroup takes part unless the test makes one. */
static struct sn_topo_options options_without_cgroup(void)
{
    return (struct sn_topo_options){.allocator = &sn_allocator_system,
                                    .cgroup_root = "/nowhere",
                                    .cgroup_self = "/nowhere/self"};
}

static struct sn_topo discover(const struct sn_topo_options *options)
{
    struct sn_topo topo;

    ck_assert_int_eq(sn_topo_discover(options, &topo), 0);
    return topo;
}

static void expect_reason(const struct sn_topo *topo, const char *reason)
{
    char line[SN_TOPO_REASON_BYTES];

    ck_assert_uint_eq(sn_topo_describe(topo, line, sizeof(line)), strlen(reason));
    ck_assert_str_eq(line, reason);
}

START_TEST(big_machine_has_a_cpu_for_each_core)
{
    struct sn_topo_options options = options_without_cgroup();

    setenv("HWLOC_SYNTHETIC", BIG_MACHINE, 1);
    struct sn_topo topo = discover(&options);

    ck_assert_uint_eq(topo.core_count, 24);
    ck_assert(!topo.can_pin);
    for (uint32_t i = 0; i < 24; i++) {
        ck_assert_uint_eq(topo.cores[i].cpu, 2 * i);
        ck_assert_uint_eq(topo.cores[i].package, i / 12);
        ck_assert_uint_eq(topo.cores[i].numa_node, i / 12);
        ck_assert_uint_eq(topo.cores[i].cache_bytes, 33554432);
    }
    expect_reason(&topo, "24 cores: 24 found, not this machine's: not pinned");
    sn_topo_fini(&topo);
}
END_TEST

START_TEST(all_threads_are_used_on_request)
{
    struct sn_topo_options options = options_without_cgroup();

    options.all_threads = true;
    setenv("HWLOC_SYNTHETIC", BIG_MACHINE, 1);
    struct sn_topo topo = discover(&options);

    ck_assert_uint_eq(topo.core_count, 48);
    for (uint32_t i = 0; i < 48; i++)
        ck_assert_uint_eq(topo.cores[i].cpu, i);
    sn_topo_fini(&topo);
}
END_TEST

START_TEST(maximum_of_the_caller)
{
    struct sn_topo_options options = options_without_cgroup();

    options.max_cores = 5;
    setenv("HWLOC_SYNTHETIC", BIG_MACHINE, 1);
    struct sn_topo topo = discover(&options);

    ck_assert_uint_eq(topo.core_count, 5);
    expect_reason(&topo, "5 cores: 24 found, asked for at most 5, not this machine's: not pinned");
    sn_topo_fini(&topo);
    options.max_cores = 100;
    topo = discover(&options);
    ck_assert_uint_eq(topo.core_count, 24);
    sn_topo_fini(&topo);
}
END_TEST

struct limit_case {
    const char *cpu_max;
    uint32_t cores;
    const char *reason;
};

static const struct limit_case limit_cases[] = {
    {"200000 100000\n", 2, "2 cores: 24 found, cgroup allows 2.00, not this machine's: not pinned"},
    {"200001 100000\n", 3, "3 cores: 24 found, cgroup allows 2.01, not this machine's: not pinned"},
    {"10000 100000\n", 1, "1 core: 24 found, cgroup allows 0.10, not this machine's: not pinned"},
    {"max 100000\n", 24, "24 cores: 24 found, not this machine's: not pinned"},
    {"9900000 100000\n", 24, "24 cores: 24 found, not this machine's: not pinned"},
};

START_TEST(cgroup_limits_the_cores)
{
    const struct limit_case *given = &limit_cases[_i];
    struct tree_file files[] = {{"/box/cpu.max", given->cpu_max}, {NULL, NULL}};
    struct sn_topo_options options = options_without_cgroup();
    struct tree tree;

    tree_create(&tree, "0::/box\n", files);
    options.cgroup_root = tree.root;
    options.cgroup_self = tree.self;
    setenv("HWLOC_SYNTHETIC", BIG_MACHINE, 1);
    struct sn_topo topo = discover(&options);

    tree_destroy(&tree);
    ck_assert_uint_eq(topo.core_count, given->cores);
    expect_reason(&topo, given->reason);
    sn_topo_fini(&topo);
}
END_TEST

/* The affinity mask that the test was started with. */
static int own_cpus(cpu_set_t *set)
{
    ck_assert_int_eq(sched_getaffinity(0, sizeof(*set), set), 0);
    return CPU_COUNT(set);
}

START_TEST(this_machine_is_within_the_mask)
{
    struct sn_topo_options options = options_without_cgroup();
    cpu_set_t set;
    int cpus = own_cpus(&set);
    struct sn_topo topo = discover(&options);

    ck_assert(topo.can_pin);
    ck_assert_uint_ge(topo.core_count, 1);
    ck_assert_uint_le(topo.core_count, (unsigned)cpus);
    for (uint32_t i = 0; i < topo.core_count; i++) {
        ck_assert(CPU_ISSET(topo.cores[i].cpu, &set));
        for (uint32_t j = 0; j < i; j++)
            ck_assert_uint_ne(topo.cores[i].cpu, topo.cores[j].cpu);
    }
    sn_topo_fini(&topo);
}
END_TEST

/* As `taskset -c N` does, for each CPU in turn. */
START_TEST(narrow_mask_leaves_one_core)
{
    struct sn_topo_options options = options_without_cgroup();
    cpu_set_t all;

    own_cpus(&all);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        cpu_set_t one;

        if (!CPU_ISSET(cpu, &all))
            continue;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        ck_assert_int_eq(sched_setaffinity(0, sizeof(one), &one), 0);
        struct sn_topo topo = discover(&options);

        ck_assert_uint_eq(topo.core_count, 1);
        ck_assert_uint_eq(topo.cores_allowed, 1);
        ck_assert_uint_eq(topo.cores[0].cpu, (unsigned)cpu);
        if (topo.cores_found == 2)
            expect_reason(&topo, "1 core: 2 found, affinity allows 1");
        sn_topo_fini(&topo);
    }
}
END_TEST

START_TEST(pin_binds_the_calling_thread)
{
    struct sn_topo_options options = options_without_cgroup();
    struct sn_topo topo = discover(&options);

    for (uint32_t i = 0; i < topo.core_count; i++) {
        cpu_set_t set;

        ck_assert_int_eq(sn_topo_pin_thread(&topo.cores[i]), 0);
        ck_assert_int_eq(own_cpus(&set), 1);
        ck_assert(CPU_ISSET(topo.cores[i].cpu, &set));
        ck_assert_int_eq(sched_getcpu(), (int)topo.cores[i].cpu);
    }
    sn_topo_fini(&topo);
}
END_TEST

START_TEST(pin_refuses_a_cpu_that_is_not_there)
{
    struct sn_topo_core none = {.cpu = 8191};
    struct sn_topo_core beyond = {.cpu = UINT32_MAX};

    ck_assert_int_eq(sn_topo_pin_thread(&none), -EINVAL);
    ck_assert_int_eq(sn_topo_pin_thread(&beyond), -EINVAL);
}
END_TEST

START_TEST(short_buffer_gets_what_fits)
{
    struct sn_topo_options options = options_without_cgroup();
    char line[8] = "#######";

    setenv("HWLOC_SYNTHETIC", BIG_MACHINE, 1);
    struct sn_topo topo = discover(&options);

    ck_assert_uint_eq(sn_topo_describe(&topo, line, sizeof(line)),
                      strlen("24 cores: 24 found, not this machine's: not pinned"));
    ck_assert_str_eq(line, "24 core");
    ck_assert_uint_gt(sn_topo_describe(&topo, NULL, 0), 0);
    sn_topo_fini(&topo);
}
END_TEST

START_TEST(survives_failing_allocations)
{
    struct sn_topo_options options = options_without_cgroup();
    struct countdown countdown;
    struct sn_topo topo;

    options.allocator = &countdown.allocator;
    countdown_init(&countdown, 0);
    ck_assert_int_eq(sn_topo_discover(&options, &topo), -ENOMEM);
    ck_assert_int_eq(atomic_load(&countdown.live_bytes), 0);
    ck_assert_int_eq(sn_topo_discover(&options, &topo), 0);
    sn_topo_fini(&topo);
    ck_assert_int_eq(atomic_load(&countdown.live_bytes), 0);
    sn_topo_fini(&topo);
    sn_topo_fini(NULL);
}
END_TEST

static Suite *topo_suite(void)
{
    Suite *suite = suite_create("topo");
    TCase *made_up = tcase_create("synthetic");
    TCase *here = tcase_create("here");

    tcase_add_test(made_up, big_machine_has_a_cpu_for_each_core);
    tcase_add_test(made_up, all_threads_are_used_on_request);
    tcase_add_test(made_up, maximum_of_the_caller);
    tcase_add_loop_test(made_up, cgroup_limits_the_cores, 0,
                        (int)(sizeof(limit_cases) / sizeof(limit_cases[0])));
    tcase_add_test(made_up, short_buffer_gets_what_fits);
    tcase_add_test(made_up, survives_failing_allocations);
    suite_add_tcase(suite, made_up);
    tcase_add_test(here, this_machine_is_within_the_mask);
    tcase_add_test(here, narrow_mask_leaves_one_core);
    tcase_add_test(here, pin_binds_the_calling_thread);
    tcase_add_test(here, pin_refuses_a_cpu_that_is_not_there);
    suite_add_tcase(suite, here);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(topo_suite());

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
