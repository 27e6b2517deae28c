/* SPDX-License-Identifier: MIT */
#ifndef SN_TOPO_TOPO_H
#define SN_TOPO_TOPO_H

/*
 * What the machine offers this process: the cores that a shard may be pinned
 * to, after the affinity mask (taskset, cpusets) and the cgroup CPU quota
 * have had their say.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sn_allocator;

/* Long enough for any line that sn_topo_describe() writes. */
#define SN_TOPO_REASON_BYTES 160

/* Zeroed fields mean the default. */
struct sn_topo_options {
    const struct sn_allocator *allocator; /* required; outlives the result */
    const char *cgroup_root;              /* NULL: /sys/fs/cgroup */
    const char *cgroup_self;              /* NULL: /proc/self/cgroup */
    uint32_t max_cores;                   /* 0: no limit of the caller's */
    bool all_threads;                     /* one entry a hardware thread, not a core */
};

struct sn_topo_core {
    uint32_t cpu;         /* the operating system's number */
    uint32_t numa_node;   /* the operating system's number; 0 if there is none */
    uint32_t package;     /* the operating system's number; 0 if there is none */
    uint64_t cache_bytes; /* the largest cache above this core; 0 if unknown */
};

struct sn_topo {
    struct sn_topo_core *cores; /* the ones to use, `core_count` >= 1 */
    uint32_t core_count;
    uint32_t cores_found;   /* on the machine, as far as this process can see it */
    uint32_t cores_allowed; /* by the affinity mask */
    uint32_t quota_percent; /* cgroup: 100 is one CPU, rounded up; 0: no quota */
    uint32_t max_cores;     /* as asked for; 0: none */
    bool can_pin;           /* false on a synthetic machine (HWLOC_SYNTHETIC) */
    const struct sn_allocator *allocator;
};

/**
 * Find the cores to use.
 *
 * One hardware thread a core, in the machine's order, limited to the affinity
 * mask of the calling thread (which taskset sets, and threads inherit), to
 * ceil(quota / period) of the tightest cgroup (v2 cpu.max or v1
 * cpu.cfs_quota_us, in the process's own group and all above it), and to
 * max_cores. A cgroup file that is missing, unreadable or not understood sets
 * no limit.
 *
 * @ret_topo  set on 0 only.
 *
 * Returns  0; -ENOMEM; -ENODEV if no core can be found or used.
 * Threads  any; slow (milliseconds), for start-up.
 * Owns     the caller; sn_topo_fini() ends it.
 */
int sn_topo_discover(const struct sn_topo_options *options, struct sn_topo *ret_topo);

/**
 * Free what discover allocated.
 *
 * @topo  may be NULL, zeroed, or ended already.
 *
 * Threads  any one.
 */
void sn_topo_fini(struct sn_topo *topo);

/**
 * Bind the calling thread to one core. Do not call it when !topo->can_pin.
 *
 * Returns  0; < 0 negative errno (-EINVAL: the CPU is not usable any more).
 * Threads  the one to be bound.
 */
int sn_topo_pin_thread(const struct sn_topo_core *core);

/**
 * Say in one line how many cores are used and why, for people:
 * "2 cores: 8 found, affinity allows 4, cgroup allows 2.00".
 *
 * @buffer      always terminated when size_bytes > 0; cut if too small.
 * @size_bytes  SN_TOPO_REASON_BYTES is enough.
 *
 * Returns  the length of the whole line.
 * Threads  any.
 */
size_t sn_topo_describe(const struct sn_topo *topo, char *buffer, size_t size_bytes);

#endif
