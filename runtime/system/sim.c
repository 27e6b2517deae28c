/* SPDX-License-Identifier: MIT */
/*
 * The simulator: <sn/sim.h>.
 *
 * There are no threads. A step lets one shard, chosen by the seed among those that have not been
 * stalled, make one pass with a random number of turns and messages a turn; a shard that has
 * nothing to do goes through everything that a real one does before it sleeps (idle links,
 * returned credits), so these paths run as well. When a round of all shards finds nothing, virtual
 * time moves to the earliest timer.
 *
 * What a run depends on is the seed and the program: no address, no hash of an address and no
 * real time decides anything.
 */
#include "system/system.h"

#include <sn/sim.h>

#include <errno.h>
#include <stddef.h>

enum { STALL_STEPS_MAX = 200, SHARDS_DEFAULT = 2 };

/* Where virtual time begins: not at 0, so that a forgotten time stamp is noticed. */
#define TIME_BEGINS_NS SN_SECOND

struct sn_sim {
    struct sn_stepper stepper;
    struct sn_clock clock;
    struct sn_system *system;
    struct sn_sim_options options;
    uint64_t random;
    uint64_t now_ns;
    uint64_t steps;
    uint32_t quiet;   /* passes in a row that found nothing */
    uint32_t stalled; /* this shard is left alone ... */
    uint64_t until;   /* ... until this step */
};

static struct sn_sim *sim_of(struct sn_stepper *stepper)
{
    return (struct sn_sim *)((char *)stepper - offsetof(struct sn_sim, stepper));
}

static uint64_t now_ns(void *context)
{
    return ((const struct sn_sim *)context)->now_ns;
}

/* ---- a back end that never sleeps -------------------------------------------------------- */

struct sim_io {
    struct sn_io io;
    const struct sn_allocator *allocator;
};

static int io_create(const struct sn_io_ops *ops, const struct sn_allocator *allocator,
                     struct sn_io **ret_io)
{
    struct sim_io *io = sn_alloc_zeroed(allocator, sizeof *io);

    if (io == NULL)
        return -ENOMEM;
    io->io.ops = ops;
    io->allocator = allocator;
    *ret_io = &io->io;
    return 0;
}

static void io_destroy(struct sn_io *io)
{
    struct sim_io *sim = (struct sim_io *)io; /* its first member */

    sn_alloc_free(sim->allocator, sim, sizeof *sim);
}

static void io_wake(struct sn_io *io)
{
    (void)io;
}

static int io_wait(struct sn_io *io, uint64_t timeout_ns)
{
    (void)io, (void)timeout_ns;
    return 0;
}

static int io_watch(struct sn_io *io, struct sn_io_watch *watch)
{
    (void)io, (void)watch;
    return -ENOTSUP;
}

static void io_unwatch(struct sn_io *io, struct sn_io_watch *watch)
{
    (void)io, (void)watch;
}

static const struct sn_io_ops sim_io_ops = {
    .name = "simulator",
    .create = io_create,
    .destroy = io_destroy,
    .wake = io_wake,
    .wait = io_wait,
    .watch = io_watch,
    .unwatch = io_unwatch,
};

/* ---- steps ------------------------------------------------------------------------------- */

static uint64_t below(struct sn_sim *sim, uint64_t bound)
{
    return sn_random_next(&sim->random) % bound;
}

/* The first moment at which a timer is due; UINT64_MAX: there is none. */
static uint64_t next_timer_ns(const struct sn_sim *sim)
{
    const struct sn_world *world = &sim->system->world;
    uint64_t next_ns = UINT64_MAX;

    for (uint32_t i = 0; i < world->shard_count; i++) {
        uint64_t shard_ns = sn_wheel_next_ns(&world->shards[i]->wheel);

        if (shard_ns < next_ns)
            next_ns = shard_ns;
    }
    return next_ns;
}

/* Nothing is left to do now: move time. */
static bool move_time(struct sn_sim *sim, uint64_t until_ns)
{
    uint64_t next_ns = next_timer_ns(sim);

    if (next_ns > until_ns || next_ns == UINT64_MAX) {
        if (until_ns != UINT64_MAX && until_ns > sim->now_ns)
            sim->now_ns = until_ns;
        return false;
    }
    if (next_ns > sim->now_ns)
        sim->now_ns = next_ns;
    else
        sim->now_ns++; /* a slot of the wheel that time has entered but not filled */
    sim->quiet = 0;
    return true;
}

static struct sn_shard *choose_shard(struct sn_sim *sim)
{
    const struct sn_world *world = &sim->system->world;
    uint32_t chosen = (uint32_t)below(sim, world->shard_count);

    if (sim->options.stall_per_million > 0 &&
        below(sim, 1000000) < sim->options.stall_per_million) {
        sim->stalled = chosen;
        sim->until = sim->steps + 1 + below(sim, STALL_STEPS_MAX);
    }
    if (chosen == sim->stalled && sim->steps < sim->until)
        chosen = (chosen + 1) % world->shard_count;
    return world->shards[chosen];
}

static void make_pass(struct sn_sim *sim, struct sn_shard *shard)
{
    shard->turns_a_pass = 1 + (uint32_t)below(sim, 8);
    shard->messages_a_turn = 1 + (int)below(sim, 32);
    if (sn_shard_pass(shard) || !sn_shard_go_idle(shard))
        sim->quiet = 0;
    else
        sim->quiet++;
}

/* Let every shard look once, in order: whether none of them has anything to do. */
static bool all_are_quiet(struct sn_sim *sim)
{
    const struct sn_world *world = &sim->system->world;

    for (uint32_t i = 0; i < world->shard_count; i++) {
        make_pass(sim, world->shards[i]);
        if (sim->quiet == 0)
            return false;
    }
    return true;
}

static bool step(struct sn_stepper *stepper, uint64_t until_ns)
{
    struct sn_sim *sim = sim_of(stepper);

    sim->steps++;
    make_pass(sim, choose_shard(sim));
    if (sim->quiet <= 2 * sim->system->world.shard_count || !all_are_quiet(sim))
        return true;
    return move_time(sim, until_ns);
}

/* ---- what has run ------------------------------------------------------------------------ */

static const char *name_of(const struct sn_shard *shard)
{
    const struct sn_turn *turn = &shard->turn;

    if (turn->hook)
        return "(hook)";
    if (turn->envelope == NULL)
        return "(completion)";
    if (turn->envelope->kind == SN_ENVELOPE_TIMER)
        return "(timer)";
    return shard->world->package->messages[turn->envelope->message].name;
}

static int after(struct sn_stepper *stepper, struct sn_shard *shard, int rc)
{
    struct sn_sim *sim = sim_of(stepper);
    const struct sn_actor *actor = shard->turn.actor;
    bool crashed = false;

    if (!shard->turn.hook && sim->options.crash_per_million > 0 &&
        below(sim, 1000000) < sim->options.crash_per_million) {
        crashed = true;
        rc = -EFAULT;
    }
    if (sim->options.trace != NULL) {
        struct sn_sim_event event = {.step = sim->steps,
                                     .now_ns = sim->now_ns,
                                     .pool = shard->world->pools[actor->pool].type->name,
                                     .message = name_of(shard),
                                     .index = actor->index,
                                     .shard = shard->index,
                                     .outcome = rc,
                                     .crashed = crashed};

        sim->options.trace(&event, sim->options.user);
    }
    return rc;
}

int sn_sim_create(struct sn_system *system)
{
    struct sn_world *world = &system->world;
    struct sn_sim *sim = sn_alloc_zeroed(world->allocator, sizeof *sim);

    if (sim == NULL)
        return -ENOMEM;
    sim->stepper = (struct sn_stepper){&sim_io_ops, step, after};
    sim->options = *world->options.sim;
    sim->system = system;
    sim->random = sim->options.seed;
    sim->now_ns = TIME_BEGINS_NS;
    sim->clock = (struct sn_clock){now_ns, sim};
    world->options.seed = sn_random_next(&sim->random) | 1;
    world->clock = &sim->clock;
    world->stepper = &sim->stepper;
    world->shard_count = world->options.shards > 0 ? world->options.shards : SHARDS_DEFAULT;
    system->sim = sim;
    return world->shard_count <= SN_SHARDS_MAX ? 0 : -EINVAL;
}

uint32_t sn_sim_capacity(const struct sn_world *world, uint32_t capacity)
{
    const struct sn_sim_options *options = world->options.sim;

    return options != NULL && options->capacity > 0 ? options->capacity : capacity;
}

void sn_sim_destroy(struct sn_system *system)
{
    if (system->sim != NULL)
        sn_alloc_free(system->world.allocator, system->sim, sizeof *system->sim);
}

uint64_t sn_sim_run(struct sn_port *port, uint64_t steps)
{
    struct sn_sim *sim = sn_port_system(port)->sim;
    uint64_t done = 0;

    sn_port_flush(port);
    while (done < steps && step(&sim->stepper, UINT64_MAX))
        done++;
    return done;
}

uint64_t sn_sim_run_until_idle(struct sn_port *port)
{
    struct sn_sim *sim = sn_port_system(port)->sim;
    uint64_t done = 0;

    sn_port_flush(port);
    while (step(&sim->stepper, sim->now_ns))
        done++;
    return done;
}

uint64_t sn_sim_now(const struct sn_port *port)
{
    return sn_port_system(port)->sim->now_ns;
}

void sn_sim_advance(struct sn_port *port, uint64_t duration_ns)
{
    struct sn_sim *sim = sn_port_system(port)->sim;
    uint64_t until_ns = sim->now_ns + duration_ns;

    sn_port_flush(port);
    while (step(&sim->stepper, until_ns))
        ;
}
