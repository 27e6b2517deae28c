/* SPDX-License-Identifier: MIT */
/*
 * Stopping a system: its shutdown phases run, the tree stops its children in reverse order, the
 * threads end, what is left in links becomes dead letters, and everything is freed. At the end each
 * message that was accepted must have ended in exactly one way; that is asserted here, in every run
 * of every program.
 */
#include "system/system.h"

#include "registry/registry.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void ask_to_stop(struct sn_port *port, struct sn_system *system)
{
    sn_port_lock(port);
    sn_batches_flush(port);
    /* Sequentially consistent: whoever registers as a waiter afterwards sees it. */
    atomic_store_explicit(&system->world.stopping, 1, memory_order_seq_cst);
    /* A reference on shard 0: the notice names no actor. */
    system->stop.envelope.target = sn_ref_make(0, 0, 0);
    if (sn_port_link(port, system->stop.envelope.target) != NULL)
        sn_port_put(port, &system->stop.envelope);
    sn_port_unlock(port);
    sn_futex_wake(&system->world.stopping); /* who sleeps between two tries */
}

void sn_system_await(struct sn_system *system, enum sn_system_state state)
{
    struct sn_stepper *stepper = system->world.stepper;

    if (stepper == NULL)
        sn_futex_wait(&system->state, state, SN_FOREVER);
    else
        /* A simulation in which nothing can happen any more would wait for ever. */
        SN_ASSERT(stepper->step(stepper, UINT64_MAX) ||
                  /* Relaxed: one thread. */
                  atomic_load_explicit(&system->state, memory_order_relaxed) != state);
}

static void await_stop(struct sn_system *system)
{
    /* Acquire, pairs with set_state() in root.c. */
    while (atomic_load_explicit(&system->state, memory_order_acquire) == SN_SYSTEM_STARTED)
        sn_system_await(system, SN_SYSTEM_STARTED);
}

/* No thread runs any more: what is in links and mailboxes ends here. */
static void drain(struct sn_world *world)
{
    bool work;

    do {
        work = false;
        for (uint32_t i = 0; i < world->shard_count; i++)
            work |= sn_shard_drain(world->shards[i]);
    } while (work);
}

void sn_system_join(struct sn_system *system)
{
    struct sn_world *world = &system->world;

    /* Sequentially consistent, before the wake-ups: a shard that is about to sleep sees it, or
     * is woken. */
    atomic_store_explicit(&world->quit, 1, memory_order_seq_cst);
    for (uint32_t i = 0; i < system->thread_count; i++)
        sn_io_wake(world->shards[i]->io);
    for (uint32_t i = 0; i < system->thread_count; i++)
        pthread_join(system->threads[i], NULL);
    sn_watchdog_stop(system);
    sn_recorder_stop(system);
    /* The first port is made last: without it not all shards may exist, and nothing was sent. */
    if (system->ports != NULL)
        drain(world);
}

/* Threads outside that have not left yet: calls under way on a shared port, ports not closed. */
static uint32_t callers(struct sn_system *system)
{
    uint32_t count = 0;

    pthread_mutex_lock(&system->lock);
    for (const struct sn_port *port = system->ports; port != NULL; port = port->next)
        /* Acquire, pairs with the release in sn_port_leave(): then the thread is gone. */
        count +=
            port->shared ? atomic_load_explicit(&port->calls, memory_order_acquire) : !port->closed;
    pthread_mutex_unlock(&system->lock);
    return count;
}

/* All calls have been answered; their threads need no more than a turn on a processor to leave. One
 * that had looked before the system stopped may still send; that ends here too. One that does not
 * come, because a future was forgotten or a port left open, is not waited for long. */
static void await_callers(struct sn_system *system)
{
    uint64_t end_ns = sn_clock_now(&sn_clock_system) + SN_STOP_PATIENCE_NS;
    uint32_t count = callers(system);

    while (count > 0 && system->sim == NULL && sn_clock_now(&sn_clock_system) < end_ns) {
        drain(&system->world);
        sched_yield();
        count = callers(system);
    }
    drain(&system->world);
    if (count > 0)
        sn_world_log(&system->world, SN_LOG_WARNING,
                     "stopping with %u futures or ports of threads outside still open", count);
}

static void check_conservation(struct sn_port *port)
{
    struct sn_stats stats;

    sn_stats(port, &stats);
    SN_ASSERT(stats.queued == 0);
}

void sn_system_free(struct sn_system *system)
{
    struct sn_world *world = &system->world;
    const struct sn_allocator *allocator = world->allocator;

    for (uint32_t i = 0; world->shards != NULL && i < world->shard_count; i++)
        sn_shard_destroy(world->shards[i]);
    sn_system_free_ports(system);
    sn_root_fini(system);
    sn_pools_destroy(system);
    sn_alloc_free(allocator, world->shards, world->shard_count * sizeof *world->shards);
    sn_alloc_free(allocator, system->threads, world->shard_count * sizeof *system->threads);
    sn_registry_destroy(world->registry);
    sn_topo_fini(&system->topo);
    sn_sim_destroy(system);
    allocator = world->allocator; /* the simulator had put its own in front */
    if (system->stopped_fd >= 0)
        close(system->stopped_fd);
    pthread_mutex_destroy(&system->lock);
    sn_alloc_free(allocator, system, sizeof *system);
}

int sn_system_stop(struct sn_port *port)
{
    struct sn_system *system;

    if (port == NULL)
        return 0;
    system = sn_port_system(port);
    /* Acquire, pairs with set_state(). A root that gave up has stopped all children already. */
    if (atomic_load_explicit(&system->state, memory_order_acquire) == SN_SYSTEM_STARTED)
        sn_system_run_phases(port);
    ask_to_stop(port, system);
    await_stop(system);
    int outcome = system->outcome;
    sn_system_join(system);
    await_callers(system);
    check_conservation(port);
    sn_system_free(system);
    return outcome;
}

int sn_system_wait(struct sn_port *port)
{
    struct sn_system *system = sn_port_system(port);
    sigset_t signals, before;
    int rc = 0;

    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, &before);
    int fd = signalfd(-1, &signals, SFD_CLOEXEC);
    if (fd < 0)
        rc = -errno;
    struct pollfd fds[2] = {{fd, POLLIN, 0}, {system->stopped_fd, POLLIN, 0}};
    while (rc == 0 && (fds[0].revents | fds[1].revents) == 0)
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            rc = -errno;
    struct signalfd_siginfo info;
    if (rc == 0 && fds[0].revents != 0 && read(fd, &info, sizeof info) < 0)
        rc = -errno;
    if (fd >= 0)
        close(fd);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc;
}
