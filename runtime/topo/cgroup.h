/* SPDX-License-Identifier: MIT */
#ifndef SN_TOPO_CGROUP_H
#define SN_TOPO_CGROUP_H

#include <stdint.h>

/**
 * Read the CPU quota that control groups set for this process.
 *
 * @root  where the cgroup file systems are mounted (/sys/fs/cgroup).
 * @self  the list of the process's groups (/proc/self/cgroup).
 *
 * Returns  the tightest quota in percent of one CPU, rounded up, >= 1;
 *          0 if there is none.
 * Threads  any.
 */
uint32_t sn_topo_cgroup_quota_percent(const char *root, const char *self);

#endif
