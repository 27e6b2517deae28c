/* SPDX-License-Identifier: MIT */

#include "tree.h"

#include <check.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

/* Every folder above `path`, from the cgroup root on. */
static void make_folders(const char *path, size_t root_length)
{
    char folder[PATH_MAX];

    for (const char *end = strchr(path + root_length, '/'); end; end = strchr(end + 1, '/')) {
        snprintf(folder, sizeof(folder), "%.*s", (int)(end - path), path);
        mkdir(folder, 0700);
    }
}

void tree_create(struct tree *tree, const char *self, const struct tree_file *files)
{
    const char *base = getenv("TMPDIR");

    snprintf(tree->folder, sizeof(tree->folder), "%s/sn-topo-XXXXXX", base ? base : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(tree->folder));
    snprintf(tree->root, sizeof(tree->root), "%s/cgroup", tree->folder);
    snprintf(tree->self, sizeof(tree->self), "%s/self", tree->folder);
    write_file(tree->self, self);
    ck_assert_int_eq(mkdir(tree->root, 0700), 0);
    for (; files->path != NULL; files++) {
        char path[PATH_MAX];

        snprintf(path, sizeof(path), "%s%s", tree->root, files->path);
        make_folders(path, strlen(tree->root));
        write_file(path, files->text);
    }
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status, (void)kind, (void)walk;
    return remove(path);
}

void tree_destroy(struct tree *tree)
{
    nftw(tree->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}
