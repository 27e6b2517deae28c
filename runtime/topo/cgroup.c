/* SPDX-License-Identifier: MIT */

/*
 * The CPU quota of control groups, which hwloc does not know of.
 *
 * /proc/self/cgroup has a line "id:controllers:path" for each hierarchy. The
 * unified one (cgroup v2, see Documentation/admin-guide/cgroup-v2.rst of the
 * kernel, "CPU Interface Files") has id 0 and no controllers; its file
 * cpu.max holds "<quota|max> <period>". The older one (v1,
 * Documentation/scheduler/sched-bwc.rst) lists "cpu" among its controllers
 * and has one file for each number, -1 meaning no quota.
 *
 * A group's quota binds all below it, so every folder from the process's own
 * group up to the mount counts, and the tightest wins. Inside a container the
 * path may name folders that exist only outside; missing files are simply no
 * limit, and the walk ends at the mount, where a container finds its own.
 *
 * Nothing here can fail: whatever is missing or not understood sets no limit.
 * There is no state.
 */

#include "topo/cgroup.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "max 100000" and its like; longer content is not a quota. */
#define LINE_BYTES 128

static uint32_t tighter(uint32_t a, uint32_t b)
{
    if (a == 0 || b == 0)
        return a + b;
    return a < b ? a : b;
}

static uint32_t percent_of(uint64_t quota, uint64_t period)
{
    if (quota == 0 || period == 0 || quota > UINT64_MAX / 100 - period)
        return 0;

    uint64_t percent = (quota * 100 + period - 1) / period;

    return percent > UINT32_MAX ? UINT32_MAX : (uint32_t)percent;
}

/* The first line of <folder>/<name>, without its end. */
static bool read_line(const char *folder, const char *name, char line[LINE_BYTES])
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof(path), "%s/%s", folder, name);

    if (length < 0 || (size_t)length >= sizeof(path))
        return false;

    FILE *file = fopen(path, "re");

    if (file == NULL)
        return false;

    bool got = fgets(line, LINE_BYTES, file) != NULL;

    fclose(file);
    if (got)
        line[strcspn(line, "\n")] = '\0';
    return got;
}

/* A decimal number and nothing but `end` after it. */
static bool parse_number(const char *text, char end, uint64_t *ret_number, const char **ret_rest)
{
    char *rest;

    if (*text < '0' || *text > '9')
        return false; /* strtoull would take blanks and signs */
    errno = 0;
    *ret_number = strtoull(text, &rest, 10);
    *ret_rest = rest;
    return errno == 0 && *rest == end;
}

static uint32_t quota_v2(const char *folder)
{
    char line[LINE_BYTES];
    const char *rest;
    uint64_t quota;
    uint64_t period;

    if (!read_line(folder, "cpu.max", line) || !parse_number(line, ' ', &quota, &rest) ||
        !parse_number(rest + 1, '\0', &period, &rest))
        return 0; /* "max 100000" ends here too */
    return percent_of(quota, period);
}

static uint32_t quota_v1(const char *folder)
{
    char line[LINE_BYTES];
    const char *rest;
    uint64_t quota;
    uint64_t period;

    if (!read_line(folder, "cpu.cfs_quota_us", line) || !parse_number(line, '\0', &quota, &rest))
        return 0; /* "-1" ends here too */
    if (!read_line(folder, "cpu.cfs_period_us", line) || !parse_number(line, '\0', &period, &rest))
        return 0;
    return percent_of(quota, period);
}

/* The tightest quota from <mount><path> up to <mount> itself. */
static uint32_t quota_upwards(const char *mount, const char *path,
                              uint32_t (*quota_of)(const char *folder))
{
    char folder[PATH_MAX];
    size_t mount_length = strlen(mount);
    int length = snprintf(folder, sizeof(folder), "%s%s", mount, path);

    if (length < 0 || (size_t)length >= sizeof(folder))
        return quota_of(mount);

    uint32_t percent = quota_of(folder);

    while (strlen(folder) > mount_length) {
        *strrchr(folder, '/') = '\0'; /* path begins with one */
        percent = tighter(percent, quota_of(folder));
    }
    return percent;
}

/* Where the hierarchy may be mounted below `root`; the first is for both versions' usual place. */
static uint32_t quota_in_mounts(const char *root, const char *const *mounts, const char *path,
                                uint32_t (*quota_of)(const char *folder))
{
    uint32_t percent = 0;

    for (; *mounts != NULL; mounts++) {
        char mount[PATH_MAX];
        int length = snprintf(mount, sizeof(mount), "%s%s", root, *mounts);

        if (length > 0 && (size_t)length < sizeof(mount))
            percent = tighter(percent, quota_upwards(mount, path, quota_of));
    }
    return percent;
}

static bool lists_cpu(char *controllers)
{
    char *rest = NULL;

    for (char *name = strtok_r(controllers, ",", &rest); name; name = strtok_r(NULL, ",", &rest)) {
        if (strcmp(name, "cpu") == 0)
            return true;
    }
    return false;
}

/* One line of /proc/self/cgroup: "id:controllers:path". */
static uint32_t quota_of_line(const char *root, char *line)
{
    static const char *const mounts_v2[] = {"", "/unified", NULL};
    static const char *const mounts_v1[] = {"/cpu", "/cpu,cpuacct", "/cpuacct,cpu", NULL};
    char *controllers = strchr(line, ':');
    char *path = controllers ? strchr(controllers + 1, ':') : NULL;

    if (path == NULL || path[1] != '/')
        return 0;
    *controllers++ = '\0';
    *path++ = '\0';
    /* "/.." is how a group outside of the process's namespace is shown, and
     * "/" must not become a second slash. */
    if (strstr(path, "/..") != NULL || path[1] == '\0')
        path = "";
    if (*controllers == '\0')
        return quota_in_mounts(root, mounts_v2, path, quota_v2);
    return lists_cpu(controllers) ? quota_in_mounts(root, mounts_v1, path, quota_v1) : 0;
}

uint32_t sn_topo_cgroup_quota_percent(const char *root, const char *self)
{
    FILE *file = fopen(self, "re");
    uint32_t percent = 0;
    char line[PATH_MAX + LINE_BYTES];

    if (file == NULL)
        return 0;
    while (fgets(line, sizeof(line), file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        percent = tighter(percent, quota_of_line(root, line));
    }
    fclose(file);
    return percent;
}
