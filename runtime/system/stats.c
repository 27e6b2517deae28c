/* SPDX-License-Identifier: MIT */
/*
 * Counters and names, for threads outside.
 */
#include "system/system.h"

#include "registry/registry.h"

#include <sched.h>
#include <string.h>

static uint64_t read_counter(const _Atomic(uint64_t) *counter)
{
    /* Acquire, pairs with the release in sn_count(). */
    return atomic_load_explicit(counter, memory_order_acquire);
}

/* Ends before beginnings: what has ended was accepted before, so the sum of the ends can equal
 * that of the beginnings only if the system was at rest in between. */
static void add_ends(const struct sn_counters *from, struct sn_stats *to)
{
    to->handled += read_counter(&from->handled);
    to->failed += read_counter(&from->failed);
    to->dropped += read_counter(&from->dropped);
    to->expired += read_counter(&from->expired);
    to->dead_lettered += read_counter(&from->dead_lettered);
    to->asks_completed += read_counter(&from->asks_completed);
    to->late_replies += read_counter(&from->late_replies);
    to->rejected += read_counter(&from->rejected);
    to->restarts += read_counter(&from->restarts);
    to->retries += read_counter(&from->retries);
    to->breakers_opened += read_counter(&from->breakers_opened);
    to->letters_lost += read_counter(&from->letters_lost);
    to->breaker_refusals += read_counter(&from->breaker_refusals);
    to->slow += read_counter(&from->slow);
}

static void add_beginnings(const struct sn_counters *from, struct sn_stats *to)
{
    to->accepted += read_counter(&from->accepted);
    to->asks_started += read_counter(&from->asks_started);
}

static void add_all(struct sn_system *system, struct sn_stats *stats,
                    void (*add)(const struct sn_counters *from, struct sn_stats *to))
{
    for (uint32_t i = 0; i < system->world.shard_count; i++)
        add(&system->world.shards[i]->counters, stats);
    for (const struct sn_port *port = system->ports; port != NULL; port = port->next)
        add(&port->counters, stats);
}

static uint64_t moves_ended(const struct sn_counters *counters)
{
    return read_counter(&counters->handled) + read_counter(&counters->failed) +
           read_counter(&counters->dropped) + read_counter(&counters->expired) +
           read_counter(&counters->dead_lettered) + read_counter(&counters->events_ended);
}

static uint64_t moves_begun(const struct sn_counters *counters)
{
    return read_counter(&counters->accepted) + read_counter(&counters->events_begun);
}

static uint64_t sum(const struct sn_system *system,
                    uint64_t (*of)(const struct sn_counters *counters))
{
    uint64_t total = 0;

    for (uint32_t i = 0; i < system->world.shard_count; i++)
        total += of(&system->world.shards[i]->counters);
    for (const struct sn_port *port = system->ports; port != NULL; port = port->next)
        total += of(&port->counters);
    return total;
}

/* All ends are read before any beginning; see add_ends(). */
static bool is_at_rest(struct sn_system *system)
{
    pthread_mutex_lock(&system->lock);
    uint64_t ended = sum(system, moves_ended);
    uint64_t begun = sum(system, moves_begun);
    pthread_mutex_unlock(&system->lock);
    return ended == begun;
}

/* All members, whether they live or not, but those made at run time only while they live. */
static uint64_t actors_of(const struct sn_system *system)
{
    const struct sn_world *world = &system->world;
    uint64_t count = 0;

    for (uint16_t i = 0; i < world->package->pool_count; i++) {
        const struct sn_pool *pool = &world->pools[i];

        count += pool->size;
        if (pool->places != NULL)
            /* Relaxed: a number that changes all the time. */
            count +=
                pool->type->size - atomic_load_explicit(&pool->places->left, memory_order_relaxed);
    }
    return count;
}

void sn_stats(const struct sn_port *port, struct sn_stats *ret_stats)
{
    struct sn_system *system = sn_port_system(port);
    struct sn_stats stats = {.shards = system->world.shard_count,
                             .io_backend = sn_io_name(system->world.shards[0]->io),
                             .actors = actors_of(system)};

    pthread_mutex_lock(&system->lock);
    add_all(system, &stats, add_ends);
    add_all(system, &stats, add_beginnings);
    pthread_mutex_unlock(&system->lock);
    stats.queued = stats.accepted - stats.handled - stats.failed - stats.dropped - stats.expired -
                   stats.dead_lettered;
    stats.asks_outstanding = stats.asks_started - stats.asks_completed;
    *ret_stats = stats;
}

int sn_quiesce(struct sn_port *port, uint64_t timeout_ns)
{
    const struct sn_clock *clock = port->world->clock;
    uint64_t start_ns = sn_clock_now(clock);

    sn_port_flush(port);
    while (!is_at_rest(sn_port_system(port))) {
        if (sn_clock_now(clock) - start_ns >= timeout_ns)
            return SN_TIMEOUT;
        if (port->world->stepper == NULL)
            sched_yield();
        else if (!port->world->stepper->step(port->world->stepper, start_ns + timeout_ns))
            return is_at_rest(sn_port_system(port)) ? 0 : SN_TIMEOUT;
    }
    return 0;
}

int sn_lookup(const struct sn_port *port, const char *name, sn_ref *ret_ref)
{
    struct sn_port *mine = (struct sn_port *)port;

    sn_port_lock(mine);
    int rc = sn_registry_lookup(port->names, name, strlen(name), &ret_ref->value);
    sn_port_unlock(mine);
    return rc == 0 ? 0 : SN_GONE;
}
