/* SPDX-License-Identifier: MIT */
#ifndef SN_TESTS_TOPO_TREE_H
#define SN_TESTS_TOPO_TREE_H

/*
 * A fake /sys/fs/cgroup and /proc/self/cgroup in a temporary folder.
 */

#include <limits.h>

struct tree_file {
    const char *path; /* below the cgroup root: "/a/cpu.max" */
    const char *text;
};

struct tree {
    char folder[PATH_MAX / 4];
    char root[PATH_MAX / 2];
    char self[PATH_MAX / 2];
};

/** Make the tree; `files` ends with a path of NULL. Ends the test if it cannot. */
void tree_create(struct tree *tree, const char *self, const struct tree_file *files);

/** Remove it. */
void tree_destroy(struct tree *tree);

#endif
