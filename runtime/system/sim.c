/* SPDX-License-Identifier: MIT */
/*
 * The simulator: <sn/sim.h>.
 *
 * There are no threads. A step lets one shard make a pass with a random number of turns and
 * messages a turn. A pass that found nothing may end in sleep, by the same steps as a real thread's
 * (idle links, returned credits, the parked word); what is different is only that the back end
 * does not wait but remembers. A shard that sleeps is not chosen until somebody wakes it or its
 * timer is due, so a lost wake-up is a run that stands still. When all sleep, faults that last are
 * ended, and then virtual time moves to the earliest timer.
 *
 * What a run depends on is the seed and the program: no address, no hash of an address and no
 * real time decides anything.
 */
#include "system/sim.h"

#include <errno.h>
#include <stddef.h>

enum { SHARDS_DEFAULT = 2, AUDIT_EVERY = 256 };

/* Where virtual time begins: not at 0, so that a forgotten time stamp is noticed. */
#define TIME_BEGINS_NS SN_SECOND

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
    bool woken; /* since it was last looked at */
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
    ((struct sim_io *)io)->woken = true;
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

const struct sn_io_ops sn_sim_io_ops = {
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

bool sn_sim_is_started(const struct sn_sim *sim)
{
    /* Relaxed, both: one thread. */
    return atomic_load_explicit(&sim->system->state, memory_order_relaxed) == SN_SYSTEM_STARTED &&
           atomic_load_explicit(&sim->system->world.stopping, memory_order_relaxed) == 0;
}

static bool is_awake(const struct sn_sim *sim, uint32_t shard)
{
    const struct sn_sim_bed *bed = &sim->beds[shard];

    return !bed->asleep || bed->wakes_ns <= sim->now_ns ||
           ((const struct sim_io *)sim->system->world.shards[shard]->io)->woken;
}

/* One of those that are awake, not a stalled one if there is another; NULL: all sleep. */
static struct sn_shard *choose_shard(struct sn_sim *sim)
{
    const struct sn_world *world = &sim->system->world;
    uint32_t first = (uint32_t)below(sim, world->shard_count);
    struct sn_shard *stalled = NULL;

    for (uint32_t i = 0; i < world->shard_count; i++) {
        uint32_t shard = (first + i) % world->shard_count;

        if (!is_awake(sim, shard))
            continue;
        if (!sn_sim_is_stalled(sim, shard))
            return world->shards[shard];
        stalled = world->shards[shard];
    }
    return stalled;
}

static void fall_asleep(struct sn_sim *sim, struct sn_shard *shard)
{
    struct sn_sim_bed *bed = &sim->beds[shard->index];

    ((struct sim_io *)shard->io)->woken = false;
    if (!sn_shard_guard(shard, sn_shard_fall_asleep, false))
        return;
    uint64_t rest_ns = sn_shard_sleep_ns(shard);
    bed->asleep = true;
    bed->wakes_ns = rest_ns < UINT64_MAX - shard->now_ns ? shard->now_ns + rest_ns : UINT64_MAX;
}

static void make_pass(struct sn_sim *sim, struct sn_shard *shard)
{
    if (sim->beds[shard->index].asleep) {
        sim->beds[shard->index].asleep = false;
        sn_inbox_unpark(&shard->inbox);
    }
    shard->turns_a_pass = 1 + (uint32_t)below(sim, 8);
    shard->messages_a_turn = 1 + (int)below(sim, 32);
    sn_sim_reorder(sim, shard);
    /* Like a thread that looks around for a while before it sleeps. */
    if (!sn_shard_guard(shard, sn_shard_pass, true) && below(sim, 2) == 0)
        fall_asleep(sim, shard);
}

/* All sleep: move time to the first that wakes by itself. */
static bool move_time(struct sn_sim *sim, uint64_t until_ns)
{
    uint64_t next_ns = UINT64_MAX;

    for (uint32_t i = 0; i < sim->system->world.shard_count; i++)
        if (sim->beds[i].wakes_ns < next_ns)
            next_ns = sim->beds[i].wakes_ns;
    if (next_ns > until_ns || next_ns == UINT64_MAX) {
        if (until_ns != UINT64_MAX && until_ns > sim->now_ns)
            sim->now_ns = until_ns;
        return false;
    }
    sim->now_ns = next_ns;
    return true;
}

static bool step(struct sn_stepper *stepper, uint64_t until_ns)
{
    struct sn_sim *sim = sim_of(stepper);
    struct sn_shard *shard;

    sim->steps++;
    sn_sim_faults_step(sim);
    if (sim->options.step_ns > 0)
        sim->now_ns += below(sim, sim->options.step_ns + 1);
    shard = choose_shard(sim);
    if (shard != NULL) {
        make_pass(sim, shard);
        if (sim->steps - sim->audited >= sim->options.audit_every)
            sn_sim_audit_all(sim);
        return true;
    }
    if (sn_sim_faults_end(sim))
        return true;
    sn_sim_audit_sleep(sim);
    return move_time(sim, until_ns);
}

/* ---- what has run ------------------------------------------------------------------------ */

/* What the handler has staged leaves now. */
static void see_staged(struct sn_sim *sim, const struct sn_turn *turn)
{
    const struct sn_envelope *envelope = turn->staged_first;

    for (; envelope != NULL; envelope = envelope->next) {
        sn_sim_rules_timer(sim, turn->actor, envelope);
        if (envelope->kind != SN_ENVELOPE_MESSAGE)
            continue;
        sn_sim_order_sent(sim, envelope);
        if (envelope->token.value != 0)
            sn_sim_order_token(sim, envelope->token);
    }
}

/* What the schema says of the actor's members. */
static void check_invariants(const struct sn_sim *sim, struct sn_actor *actor)
{
    const struct sn_worker_type *type = actor->type;
    const char *broken = type->broken != NULL ? type->broken(sn_actor_self(actor)) : NULL;

    if (broken != NULL)
        sn_sim_broken(sim, "%s[%u]: the invariant \"%s\" does not hold",
                      sim->system->world.pools[actor->pool].type->name, actor->index, broken);
}

static int after(struct sn_stepper *stepper, struct sn_shard *shard, int rc)
{
    struct sn_sim *sim = sim_of(stepper);
    const struct sn_turn *turn = &shard->turn;
    bool crashed = !turn->hook && sn_sim_crashes(sim);

    if (crashed)
        rc = -EFAULT;
    if (turn->envelope != NULL)
        sn_sim_order_handled(sim, turn->envelope);
    sn_sim_rules_turn(sim, shard, rc);
    if (rc == 0 || rc == SN_STOP) {
        see_staged(sim, turn);
        check_invariants(sim, turn->actor);
    }
    sn_sim_tell_turn(sim, shard, rc, crashed);
    return rc;
}

static bool holds(struct sn_stepper *stepper, const struct sn_link *link)
{
    return sn_sim_is_delayed(sim_of(stepper), link);
}

static void sent(struct sn_stepper *stepper, const struct sn_envelope *envelope)
{
    sn_sim_order_sent(sim_of(stepper), envelope);
}

/* ---- memory ------------------------------------------------------------------------------ */

static void *fallible_alloc(void *context, size_t size)
{
    struct sn_sim *sim = context;
    void *memory =
        sn_sim_fails_allocation(sim) ? NULL : sim->memory->alloc(sim->memory->context, size);

    if (memory != NULL)
        sim->live_bytes += size;
    return memory;
}

static void fallible_free(void *context, void *memory, size_t size)
{
    struct sn_sim *sim = context;

    sim->live_bytes -= size;
    sim->memory->free(sim->memory->context, memory, size);
}

/* ---- life -------------------------------------------------------------------------------- */

static void configure(struct sn_sim *sim, const struct sn_sim_options *options)
{
    sim->options = *options;
    if (sim->options.audit_every == 0)
        sim->options.audit_every = AUDIT_EVERY;
    sim->random = options->seed;
    sim->hash = UINT64_C(0xcbf29ce484222325);
    sim->now_ns = TIME_BEGINS_NS;
    sim->clock = (struct sn_clock){now_ns, sim};
    sim->allocator = (struct sn_allocator){fallible_alloc, fallible_free, sim};
    sim->stepper = (struct sn_stepper){
        .io_ops = &sn_sim_io_ops, .step = step, .after = after, .holds = holds, .sent = sent};
}

int sn_sim_create(struct sn_system *system)
{
    struct sn_world *world = &system->world;
    struct sn_sim *sim = sn_alloc_zeroed(world->allocator, sizeof *sim);

    if (sim == NULL)
        return -ENOMEM;
    system->sim = sim;
    sim->system = system;
    sim->memory = world->allocator;
    configure(sim, world->options.sim);
    world->options.seed = sn_random_next(&sim->random) | 1;
    world->shard_count = world->options.shards > 0 ? world->options.shards : SHARDS_DEFAULT;
    world->clock = &sim->clock;
    world->stepper = &sim->stepper;
    world->allocator = &sim->allocator;
    if (world->shard_count > SN_SHARDS_MAX)
        return -EINVAL;
    sim->beds = sn_alloc_zeroed(sim->memory, world->shard_count * sizeof *sim->beds);
    return sim->beds != NULL ? 0 : -ENOMEM;
}

void sn_sim_destroy(struct sn_system *system)
{
    struct sn_sim *sim = system->sim;

    if (sim == NULL)
        return;
    const struct sn_allocator *memory = sim->memory;
    if (sim->live_bytes != 0)
        sn_sim_broken(sim, "%llu bytes are not freed", (unsigned long long)sim->live_bytes);
    sn_sim_order_fini(sim);
    sn_sim_rules_fini(sim);
    sn_sim_tree_fini(sim);
    sn_sim_back_fini(sim);
    sn_alloc_free(&sn_allocator_system, sim->counts, sim->counts_size);
    sn_alloc_free(memory, sim->beds, system->world.shard_count * sizeof *sim->beds);
    sn_alloc_free(memory, sim, sizeof *sim);
    system->world.allocator = memory;
    system->sim = NULL;
}

uint32_t sn_sim_capacity(const struct sn_world *world, uint32_t capacity)
{
    const struct sn_sim_options *options = world->options.sim;

    return options != NULL && options->capacity > 0 ? options->capacity : capacity;
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

uint64_t sn_sim_hash(const struct sn_port *port)
{
    return sn_port_system(port)->sim->hash;
}

void sn_sim_audit(struct sn_port *port)
{
    sn_sim_audit_all(sn_port_system(port)->sim);
}
