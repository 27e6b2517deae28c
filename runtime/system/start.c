/* SPDX-License-Identifier: MIT */
/*
 * Starting a system: hardware, shards, pools, tree, threads, in this order; then the tree starts
 * its children, and the caller sleeps until all of them have or one has not.
 */
#include "system/sim.h"

#include "registry/registry.h"

#include <errno.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* A wake-up of a core that sleeps takes some 50 us there and back. */
#define SPIN_DEFAULT_NS (20 * SN_US)
#define SPIN_MAX_NS (100 * SN_US)

static int discover(struct sn_system *system)
{
    struct sn_world *world = &system->world;
    struct sn_topo_options options = {.allocator = world->allocator,
                                      .cgroup_root = world->options.cgroup_root};
    char reason[SN_TOPO_REASON_BYTES];
    int rc = sn_topo_discover(&options, &system->topo);

    if (rc != 0)
        return rc;
    sn_topo_describe(&system->topo, reason, sizeof reason);
    world->shard_count =
        world->options.shards > 0 ? world->options.shards : system->topo.core_count;
    if (world->shard_count > SN_SHARDS_MAX)
        return -EINVAL;
    world->spin_max_ns = world->options.spin_ns;
    if (world->options.spin_ns == 0 && world->shard_count <= system->topo.core_count) {
        world->options.spin_ns = SPIN_DEFAULT_NS;
        world->spin_max_ns = SPIN_MAX_NS;
    }
    sn_world_log(world, SN_LOG_INFO, "%u shards on %s", world->shard_count, reason);
    return 0;
}

static int create_shards(struct sn_world *world)
{
    int rc = sn_registry_create(world->allocator, &world->registry);

    if (rc != 0)
        return rc;
    world->shards = sn_alloc_zeroed(world->allocator, world->shard_count * sizeof *world->shards);
    if (world->shards == NULL)
        return -ENOMEM;
    for (uint32_t i = 0; rc == 0 && i < world->shard_count; i++)
        rc = sn_shard_create(world, i, &world->shards[i]);
    return rc;
}

/* Orders and reports need no memory when they are sent, so their links are made now. */
static int link_root(struct sn_world *world)
{
    for (uint32_t i = 1; i < world->shard_count; i++)
        if (sn_shard_link(world->shards[0], i) == NULL ||
            sn_shard_link(world->shards[i], 0) == NULL)
            return -ENOMEM;
    return 0;
}

static void *run_thread(void *argument)
{
    struct sn_shard *shard = argument;
    struct sn_system *system = (struct sn_system *)shard->world; /* its first member */
    const struct sn_topo *topo = &system->topo;

    pthread_mutex_lock(&system->lock); /* see create_threads() */
    pthread_mutex_unlock(&system->lock);
    if (!system->world.options.unpinned && topo->can_pin) {
        int rc = sn_topo_pin_thread(&topo->cores[shard->index % topo->core_count]);

        if (rc != 0)
            sn_world_log(shard->world, SN_LOG_WARNING, "shard %u is not pinned: %s", shard->index,
                         sn_result_name(rc));
    }
    sn_recorder_enter(system, shard->index);
    sn_watchdog_enter(system->watchdog, shard->index);
    sn_shard_run(shard);
    sn_watchdog_leave(system->watchdog, shard->index);
    sn_recorder_leave(system, shard->index);
    return NULL;
}

/* What a thread does to itself reaches its handler, if there is one; blocked, it would end the
 * process without one. */
static void all_but_faults(sigset_t *set)
{
    static const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};

    sigfillset(set);
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        sigdelset(set, faults[i]);
}

/* Signals are for the threads of the program, not for shards. No shard begins before all threads
 * exist, so that no actor has begun when one of them cannot be made: the lock holds them back. */
static int create_threads(struct sn_system *system)
{
    struct sn_world *world = &system->world;
    sigset_t all, before;
    int rc = 0;

    system->threads =
        sn_alloc_zeroed(world->allocator, world->shard_count * sizeof *system->threads);
    if (system->threads == NULL)
        return -ENOMEM;
    all_but_faults(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_mutex_lock(&system->lock);
    rc = sn_recorder_start(system);
    if (rc == 0)
        rc = sn_watchdog_start(system);
    while (rc == 0 && system->thread_count < world->shard_count) {
        uint32_t i = system->thread_count;

        rc = -pthread_create(&system->threads[i], NULL, run_thread, world->shards[i]);
        if (rc == 0)
            system->thread_count++;
    }
    if (rc != 0)
        /* Relaxed: the lock publishes it. */
        atomic_store_explicit(&world->quit, 1, memory_order_relaxed);
    pthread_mutex_unlock(&system->lock);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc;
}

/* The port's link to the root is made now: stopping sends an order over it, and cannot fail. */
static int open_first_port(struct sn_system *system, struct sn_port **ret_port)
{
    int rc = sn_system_open_port(system, true, ret_port);

    if (rc == 0 && sn_port_link(*ret_port, sn_ref_make(0, 0, 0)) == NULL)
        rc = -ENOMEM;
    return rc;
}

static int build(struct sn_system *system, const void *const *args, struct sn_port **ret_port)
{
    /* First, because the simulator puts its allocator in front of the system's. */
    int rc = system->world.options.sim != NULL ? sn_sim_create(system) : discover(system);

    if (rc == 0)
        rc = create_shards(&system->world);
    if (rc == 0)
        rc = link_root(&system->world);
    if (rc == 0)
        rc = sn_pools_create(system, args);
    if (rc == 0)
        rc = sn_root_init(system);
    if (rc == 0 && system->sim != NULL)
        rc = sn_sim_watch(system);
    if (rc == 0)
        rc = open_first_port(system, ret_port);
    if (rc == 0 && system->sim == NULL)
        rc = create_threads(system);
    return rc;
}

static enum sn_system_state await_start(struct sn_system *system)
{
    uint32_t state;

    /* Acquire, pairs with set_state() in root.c. */
    while ((state = atomic_load_explicit(&system->state, memory_order_acquire)) ==
           SN_SYSTEM_STARTING)
        sn_system_await(system, SN_SYSTEM_STARTING);
    return state;
}

static struct sn_system *new_system(const struct sn_package *package,
                                    const struct sn_system_options *options)
{
    static const struct sn_system_options defaults;
    const struct sn_allocator *allocator =
        options != NULL && options->allocator != NULL ? options->allocator : &sn_allocator_system;
    struct sn_system *system = sn_alloc_zeroed(allocator, sizeof *system);

    if (system == NULL)
        return NULL;
    struct sn_world *world = &system->world;
    world->package = package;
    world->allocator = allocator;
    world->options = options != NULL ? *options : defaults;
    world->clock = world->options.clock != NULL ? world->options.clock : &sn_clock_system;
    if (world->options.seed == 0)
        world->options.seed = sn_random_seed();
    pthread_mutex_init(&system->lock, NULL);
    system->stopped_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return system;
}

int sn_system_start(const struct sn_package *package, const struct sn_system_options *options,
                    const void *const *args, struct sn_port **ret_port)
{
    struct sn_system *system = new_system(package, options);

    *ret_port = NULL;
    if (system == NULL)
        return -ENOMEM;
    int rc = system->stopped_fd >= 0 ? build(system, args, ret_port) : -errno;
    if (rc == 0 && await_start(system) != SN_SYSTEM_STARTED)
        rc = system->outcome != 0 ? system->outcome : SN_GAVE_UP;
    if (rc != 0) {
        *ret_port = NULL;
        sn_system_join(system);
        sn_system_free(system);
    }
    return rc;
}
