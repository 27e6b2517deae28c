/* SPDX-License-Identifier: MIT */

/*
 * From the machine to the list of cores that shards run on.
 *
 * hwloc says what there is; the affinity mask, the cgroup quota and the
 * caller's maximum each take something away, in this order. A core with
 * several hardware threads counts once (two shards on one core would share
 * its units and caches), by the first of its threads that the mask allows.
 * The cores that remain are the first ones in hwloc's order, in which
 * neighbours share caches and NUMA nodes.
 *
 * HWLOC_SYNTHETIC and HWLOC_XMLFILE make hwloc describe another machine;
 * then this process's mask means nothing, and nothing can be pinned.
 *
 * The result is the caller's plain data; hwloc's own memory (which does not
 * come from the allocator) is gone when discover returns.
 */

#include "topo/topo.h"

#include <errno.h>
#include <hwloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>

#include "base/base.h"
#include "topo/cgroup.h"

/* The kernel's largest configuration; cpu_set_t alone ends at 1,024. */
#define MAX_CPUS 8192

/* hwloc's view while discover runs. */
struct machine {
    hwloc_topology_t topology;
    hwloc_cpuset_t mask; /* what this thread may run on */
    hwloc_obj_type_t unit;
    bool is_this_system;
};

static void machine_fini(struct machine *machine)
{
    hwloc_bitmap_free(machine->mask);
    if (machine->topology != NULL)
        hwloc_topology_destroy(machine->topology);
}

static int read_mask(struct machine *machine)
{
    machine->mask = hwloc_bitmap_dup(hwloc_topology_get_topology_cpuset(machine->topology));
    if (machine->mask == NULL)
        return -ENOMEM;
    /* A system that cannot tell the mask restricts nothing: all cores stay. */
    if (machine->is_this_system)
        hwloc_get_cpubind(machine->topology, machine->mask, HWLOC_CPUBIND_THREAD);
    return 0;
}

static int machine_init(struct machine *machine, bool all_threads)
{
    *machine = (struct machine){.unit = HWLOC_OBJ_PU};
    if (hwloc_topology_init(&machine->topology) < 0) {
        machine->topology = NULL;
        return -ENOMEM;
    }
    if (hwloc_topology_load(machine->topology) < 0)
        return -ENODEV;
    machine->is_this_system = hwloc_topology_is_thissystem(machine->topology) != 0;
    /* Some virtual machines have no cores, only hardware threads. */
    if (!all_threads && hwloc_get_nbobjs_by_type(machine->topology, HWLOC_OBJ_CORE) > 0)
        machine->unit = HWLOC_OBJ_CORE;
    return read_mask(machine);
}

static int count_units(const struct machine *machine)
{
    return hwloc_get_nbobjs_by_type(machine->topology, machine->unit);
}

/* The first CPU of a unit that the mask allows, or -1. */
static int usable_cpu(const struct machine *machine, hwloc_obj_t unit)
{
    int cpu = -1;

    do {
        cpu = hwloc_bitmap_next(unit->cpuset, cpu);
    } while (cpu >= 0 && !hwloc_bitmap_isset(machine->mask, (unsigned)cpu));
    return cpu;
}

static uint32_t count_usable(const struct machine *machine)
{
    uint32_t usable = 0;

    for (int i = 0; i < count_units(machine); i++) {
        hwloc_obj_t unit = hwloc_get_obj_by_type(machine->topology, machine->unit, (unsigned)i);

        usable += usable_cpu(machine, unit) >= 0;
    }
    return usable;
}

static uint64_t largest_cache(hwloc_obj_t unit)
{
    uint64_t bytes = 0;

    for (hwloc_obj_t above = unit->parent; above != NULL; above = above->parent) {
        if (hwloc_obj_type_is_dcache(above->type) && above->attr->cache.size > bytes)
            bytes = above->attr->cache.size;
    }
    return bytes;
}

static uint32_t package_of(const struct machine *machine, hwloc_obj_t unit)
{
    hwloc_obj_t package =
        hwloc_get_ancestor_obj_by_type(machine->topology, HWLOC_OBJ_PACKAGE, unit);

    if (package == NULL)
        return 0;
    return package->os_index == HWLOC_UNKNOWN_INDEX ? package->logical_index : package->os_index;
}

static struct sn_topo_core describe_core(const struct machine *machine, hwloc_obj_t unit, int cpu)
{
    int node = unit->nodeset ? hwloc_bitmap_first(unit->nodeset) : -1;

    return (struct sn_topo_core){
        .cpu = (uint32_t)cpu,
        .numa_node = node < 0 ? 0 : (uint32_t)node,
        .package = package_of(machine, unit),
        .cache_bytes = largest_cache(unit),
    };
}

static void fill_cores(const struct machine *machine, struct sn_topo *topo)
{
    uint32_t filled = 0;

    for (int i = 0; i < count_units(machine) && filled < topo->core_count; i++) {
        hwloc_obj_t unit = hwloc_get_obj_by_type(machine->topology, machine->unit, (unsigned)i);
        int cpu = usable_cpu(machine, unit);

        if (cpu >= 0)
            topo->cores[filled++] = describe_core(machine, unit, cpu);
    }
}

static uint32_t quota_cores(const struct sn_topo *topo)
{
    return topo->quota_percent == 0 ? UINT32_MAX : (topo->quota_percent - 1) / 100 + 1;
}

static uint32_t limit(const struct sn_topo *topo)
{
    uint32_t count = topo->cores_allowed;

    if (count > quota_cores(topo))
        count = quota_cores(topo);
    if (topo->max_cores != 0 && count > topo->max_cores)
        count = topo->max_cores;
    return count;
}

static int survey(const struct sn_topo_options *options, const struct machine *machine,
                  struct sn_topo *topo)
{
    *topo = (struct sn_topo){
        .cores_found = (uint32_t)count_units(machine),
        .cores_allowed = count_usable(machine),
        .quota_percent = sn_topo_cgroup_quota_percent(
            options->cgroup_root ? options->cgroup_root : "/sys/fs/cgroup",
            options->cgroup_self ? options->cgroup_self : "/proc/self/cgroup"),
        .max_cores = options->max_cores,
        .can_pin = machine->is_this_system,
        .allocator = options->allocator,
    };
    topo->core_count = limit(topo);
    if (topo->core_count == 0)
        return -ENODEV;
    topo->cores = sn_alloc_zeroed(topo->allocator, topo->core_count * sizeof(*topo->cores));
    if (topo->cores == NULL)
        return -ENOMEM;
    fill_cores(machine, topo);
    return 0;
}

int sn_topo_discover(const struct sn_topo_options *options, struct sn_topo *ret_topo)
{
    struct machine machine;
    struct sn_topo topo;
    int rc = machine_init(&machine, options->all_threads);

    if (rc == 0)
        rc = survey(options, &machine, &topo);
    if (rc == 0)
        *ret_topo = topo;
    machine_fini(&machine);
    return rc;
}

void sn_topo_fini(struct sn_topo *topo)
{
    if (topo == NULL || topo->cores == NULL)
        return;
    sn_alloc_free(topo->allocator, topo->cores, topo->core_count * sizeof(*topo->cores));
    *topo = (struct sn_topo){0};
}

int sn_topo_pin_thread(const struct sn_topo_core *core)
{
    cpu_set_t sets[MAX_CPUS / CPU_SETSIZE];

    if (core->cpu >= MAX_CPUS)
        return -EINVAL;
    CPU_ZERO_S(sizeof(sets), sets);
    CPU_SET_S(core->cpu, sizeof(sets), sets);
    return -pthread_setaffinity_np(pthread_self(), sizeof(sets), sets);
}

size_t sn_topo_describe(const struct sn_topo *topo, char *buffer, size_t size_bytes)
{
    char affinity[40] = "";
    char quota[40] = "";
    char maximum[40] = "";

    if (topo->cores_allowed < topo->cores_found)
        snprintf(affinity, sizeof(affinity), ", affinity allows %u", topo->cores_allowed);
    if (quota_cores(topo) < topo->cores_allowed)
        snprintf(quota, sizeof(quota), ", cgroup allows %u.%02u", topo->quota_percent / 100,
                 topo->quota_percent % 100);
    if (topo->max_cores == topo->core_count && topo->max_cores < topo->cores_allowed)
        snprintf(maximum, sizeof(maximum), ", asked for at most %u", topo->max_cores);

    int length = snprintf(buffer, size_bytes, "%u %s: %u found%s%s%s%s", topo->core_count,
                          topo->core_count == 1 ? "core" : "cores", topo->cores_found, affinity,
                          quota, maximum, topo->can_pin ? "" : ", not this machine's: not pinned");

    return length < 0 ? 0 : (size_t)length;
}
