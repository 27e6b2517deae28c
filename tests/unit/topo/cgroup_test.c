/* SPDX-License-Identifier: MIT */

/*
 * The quota that a process reads out of a cgroup tree: both versions, nested
 * groups, containers, and files that make no sense.
 */

#include <check.h>
#include <stdint.h>
#include <stdlib.h>

#include "topo/cgroup.h"
#include "tree.h"

struct quota_case {
    const char *what;
    const char *self;
    struct tree_file files[5];
    uint32_t percent;
};

static const struct quota_case cases[] = {
    {"v2 own group", "0::/a\n", {{"/a/cpu.max", "200000 100000\n"}}, 200},
    {"v2 without quota", "0::/a\n", {{"/a/cpu.max", "max 100000\n"}}, 0},
    {"v2 half a CPU", "0::/a\n", {{"/a/cpu.max", "50000 100000\n"}}, 50},
    {"v2 rounds up", "0::/a\n", {{"/a/cpu.max", "100001 100000\n"}}, 101},
    {"v2 other period", "0::/a\n", {{"/a/cpu.max", "150000 50000\n"}}, 300},
    {"v2 parent is tighter",
     "0::/a/b/c\n",
     {{"/a/b/c/cpu.max", "400000 100000\n"},
      {"/a/b/cpu.max", "max 100000\n"},
      {"/a/cpu.max", "150000 100000\n"}},
     150},
    {"v2 child is tighter",
     "0::/a/b\n",
     {{"/a/b/cpu.max", "100000 100000\n"}, {"/a/cpu.max", "150000 100000\n"}},
     100},
    {"v2 container sees its group as the root", "0::/\n", {{"/cpu.max", "250000 100000\n"}}, 250},
    {"v2 path exists outside only", "0::/docker/x\n", {{"/cpu.max", "250000 100000\n"}}, 250},
    {"v2 path leads out of the namespace",
     "0::/../../x\n",
     {{"/cpu.max", "300000 100000\n"}, {"/x/cpu.max", "100000 100000\n"}},
     300},
    {"v2 sibling does not count",
     "0::/a\n",
     {{"/ab/cpu.max", "100000 100000\n"}, {"/a/cpu.max", "max 100000\n"}},
     0},
    {"v2 beside v1", "0::/a\n", {{"/unified/a/cpu.max", "100000 100000\n"}}, 100},
    {"v2 no end of line", "0::/a", {{"/a/cpu.max", "200000 100000"}}, 200},
    {"v1 own group",
     "4:cpu,cpuacct:/a\n3:memory:/m\n",
     {{"/cpu,cpuacct/a/cpu.cfs_quota_us", "300000\n"},
      {"/cpu,cpuacct/a/cpu.cfs_period_us", "100000\n"}},
     300},
    {"v1 mounted as cpu",
     "4:cpuacct,cpu:/a\n",
     {{"/cpu/a/cpu.cfs_quota_us", "300000\n"}, {"/cpu/a/cpu.cfs_period_us", "200000\n"}},
     150},
    {"v1 without quota",
     "4:cpu:/a\n",
     {{"/cpu/a/cpu.cfs_quota_us", "-1\n"}, {"/cpu/a/cpu.cfs_period_us", "100000\n"}},
     0},
    {"v1 without period", "4:cpu:/a\n", {{"/cpu/a/cpu.cfs_quota_us", "100000\n"}}, 0},
    {"v1 parent is tighter",
     "4:cpu:/a/b\n",
     {{"/cpu/a/cpu.cfs_quota_us", "100000\n"}, {"/cpu/a/cpu.cfs_period_us", "100000\n"}},
     100},
    {"v1 cpuset is not cpu",
     "4:cpuset:/a\n",
     {{"/cpu/a/cpu.cfs_quota_us", "100000\n"}, {"/cpu/a/cpu.cfs_period_us", "100000\n"}},
     0},
    {"both versions, the tighter wins",
     "4:cpu:/a\n0::/b\n",
     {{"/cpu/a/cpu.cfs_quota_us", "400000\n"},
      {"/cpu/a/cpu.cfs_period_us", "100000\n"},
      {"/b/cpu.max", "200000 100000\n"}},
     200},
    {"no files at all", "0::/a\n", {{0}}, 0},
    {"no groups", "", {{"/cpu.max", "100000 100000\n"}}, 0},
    {"garbage in the list", "x\n::\n0:\n0::\n0::a\n:::/\n", {{"/cpu.max", "100000 100000\n"}}, 0},
    {"empty quota", "0::/a\n", {{"/a/cpu.max", ""}}, 0},
    {"word as quota", "0::/a\n", {{"/a/cpu.max", "lots 100000\n"}}, 0},
    {"quota without period", "0::/a\n", {{"/a/cpu.max", "100000\n"}}, 0},
    {"zero period", "0::/a\n", {{"/a/cpu.max", "100000 0\n"}}, 0},
    {"zero quota", "0::/a\n", {{"/a/cpu.max", "0 100000\n"}}, 0},
    {"negative quota", "0::/a\n", {{"/a/cpu.max", "-5 100000\n"}}, 0},
    {"something after the period", "0::/a\n", {{"/a/cpu.max", "100000 100000 x\n"}}, 0},
    {"quota beyond all numbers",
     "0::/a\n",
     {{"/a/cpu.max", "99999999999999999999999 100000\n"}},
     0},
    {"quota that would overflow", "0::/a\n", {{"/a/cpu.max", "18446744073709551615 1\n"}}, 0},
    {"huge quota", "0::/a\n", {{"/a/cpu.max", "100000000000000 1\n"}}, UINT32_MAX},
    {"smallest quota", "0::/a\n", {{"/a/cpu.max", "1 1000000\n"}}, 1},
};

#define CASES ((int)(sizeof(cases) / sizeof(cases[0])))

START_TEST(quota)
{
    const struct quota_case *given = &cases[_i];
    struct tree tree;

    tree_create(&tree, given->self, given->files);
    uint32_t percent = sn_topo_cgroup_quota_percent(tree.root, tree.self);

    tree_destroy(&tree);
    ck_assert_msg(percent == given->percent, "%s: %u instead of %u", given->what, percent,
                  given->percent);
}
END_TEST

START_TEST(missing_list_sets_no_limit)
{
    ck_assert_uint_eq(sn_topo_cgroup_quota_percent("/nowhere", "/nowhere/self"), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("topo");
    TCase *tcase = tcase_create("cgroup");

    tcase_add_loop_test(tcase, quota, 0, CASES);
    tcase_add_test(tcase, missing_list_sets_no_limit);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
