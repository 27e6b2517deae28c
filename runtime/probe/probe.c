/* SPDX-License-Identifier: MIT */
/*
 * One actor alone: its life, and running its handlers.
 *
 * A probe is a system that was never started: one shard without a thread, and the actors of all
 * pools without incarnations, so that references, routes and mailboxes are the real ones. The actor
 * that is looked at gets its orders (start, end) from here instead of from the supervision tree,
 * and its turns as in a pass of the shard.
 */
#include "probe/probe.h"

#include "registry/registry.h"
#include "system/sim.h"

#include <errno.h>
#include <string.h>

/* Where the time begins, as in the simulator. */
#define TIME_BEGINS_NS SN_SECOND

static uint64_t now_ns(void *context)
{
    return ((const struct sn_probe *)context)->now_ns;
}

static void nobody_listens(struct sn_stepper *stepper, const struct sn_envelope *envelope)
{
    (void)stepper, (void)envelope;
}

/* ---- making and freeing --------------------------------------------------------------------- */

static struct sn_system *new_system(struct sn_probe *probe, const struct sn_package *package,
                                    const struct sn_probe_options *options)
{
    struct sn_system *system = sn_alloc_zeroed(probe->allocator, sizeof *system);

    if (system == NULL)
        return NULL;
    system->stopped_fd = -1;
    pthread_mutex_init(&system->lock, NULL);
    system->world.package = package;
    system->world.allocator = probe->allocator;
    system->world.clock = &probe->clock;
    system->world.stepper = &probe->stepper;
    system->world.root = &probe->root;
    system->world.options.seed = options->seed;
    system->world.options.dead_letter = sn_probe_died;
    system->world.options.user = probe;
    system->world.shard_count = 1;
    return system;
}

static int build_world(struct sn_probe *probe)
{
    struct sn_world *world = sn_probe_world(probe);
    int rc = sn_registry_create(world->allocator, &world->registry);

    if (rc != 0)
        return rc;
    world->shards = sn_alloc_zeroed(world->allocator, sizeof *world->shards);
    if (world->shards == NULL)
        return -ENOMEM;
    rc = sn_shard_create(world, 0, &world->shards[0]);
    if (rc == 0)
        rc = sn_pools_create(probe->system, NULL);
    if (rc != 0)
        return rc;
    probe->shard = world->shards[0];
    sn_future_table_init(&probe->futures, world->allocator, NULL);
    /* Relaxed: one thread. Place 1 is the first behind the shards. */
    atomic_store_explicit(&world->futures[1], &probe->futures, memory_order_relaxed);
    return 0;
}

static int find_actor(struct sn_probe *probe, uint16_t pool, uint32_t index)
{
    sn_ref ref = sn_route_member(&probe->shard->router, pool, index);

    if (ref.value == 0)
        return -EINVAL;
    probe->actor = sn_shard_actor(probe->shard, sn_ref_slot(ref));
    probe->actor->notices = probe->notices;
    if (probe->args != NULL)
        probe->actor->args = probe->args;
    probe->retain = sn_alloc_zeroed(probe->allocator, probe->actor->type->retain_size + 1u);
    return probe->retain != NULL ? 0 : -ENOMEM;
}

static int build(struct sn_probe *probe, const struct sn_package *package, uint16_t pool,
                 const struct sn_probe_options *options)
{
    int rc;

    if (probe->args_size > 0) {
        probe->args = sn_alloc_zeroed(probe->allocator, probe->args_size);
        if (probe->args == NULL)
            return -ENOMEM;
    }
    probe->system = new_system(probe, package, options);
    if (probe->system == NULL)
        return -ENOMEM;
    rc = build_world(probe);
    return rc == 0 ? find_actor(probe, pool, options->index) : rc;
}

int sn_probe_create(const struct sn_package *package, uint16_t pool,
                    const struct sn_probe_options *options, size_t args_size, void **ret_args,
                    struct sn_probe **ret_probe)
{
    const struct sn_allocator *allocator =
        options->allocator != NULL ? options->allocator : &sn_allocator_system;
    struct sn_probe *probe = sn_alloc_zeroed(allocator, sizeof *probe);
    int rc;

    *ret_probe = NULL;
    if (probe == NULL)
        return -ENOMEM;
    probe->allocator = allocator;
    probe->now_ns = TIME_BEGINS_NS;
    probe->clock = (struct sn_clock){now_ns, probe};
    probe->stepper = (struct sn_stepper){
        .io_ops = &sn_sim_io_ops, .after = sn_probe_after, .sent = nobody_listens};
    probe->args_size = args_size;
    rc = build(probe, package, pool, options);
    if (rc != 0) {
        sn_probe_destroy(probe);
        return rc;
    }
    *ret_args = probe->args;
    *ret_probe = probe;
    return 0;
}

/* What may run code of the user's does so below an unwinding point, for sn_fail(). */
static bool obey(struct sn_shard *shard)
{
    sn_lifecycle_notice(shard, &sn_probe_of(shard)->order);
    return true;
}

/* An order such as the supervision tree gives. What the shard reports is for nobody. */
static void give_order(struct sn_probe *probe, struct sn_actor *actor, enum sn_notice_kind kind,
                       bool restored)
{
    probe->order = (struct sn_notice){.actor = actor,
                                      .kind = (uint8_t)kind,
                                      .why = SN_STOP_RESTART,
                                      .incarnation = actor->incarnation + (kind == SN_NOTICE_START),
                                      .restored = restored};

    sn_shard_guard(probe->shard, obey, true);
    sn_inbox_take_notices(&probe->shard->inbox);
}

/* All mailboxes, the outbox and the asks: after that no block is in use. */
static void retire_actors(struct sn_probe *probe)
{
    for (uint32_t i = 0; i < probe->shard->slot_count; i++) {
        struct sn_actor *actor = sn_shard_actor(probe->shard, i);

        if (actor != probe->actor)
            give_order(probe, actor, SN_NOTICE_GONE, false);
    }
    give_order(probe, probe->actor, SN_NOTICE_GONE, false);
}

void sn_probe_destroy(struct sn_probe *probe)
{
    if (probe == NULL)
        return;
    const struct sn_allocator *allocator = probe->allocator;
    if (probe->actor != NULL && probe->retain != NULL) {
        sn_probe_end(probe);
        if (probe->begun != NULL)
            sn_shard_free(probe->shard, probe->begun);
        sn_probe_forget_all(probe);
        retire_actors(probe);
    }
    sn_alloc_free(allocator, probe->retain,
                  probe->actor != NULL ? probe->actor->type->retain_size + 1u : 0);
    sn_future_table_fini(&probe->futures);
    if (probe->system != NULL)
        sn_system_free(probe->system);
    sn_alloc_free(allocator, probe->args, probe->args_size);
    sn_alloc_free(allocator, probe->requests, probe->request_capacity * sizeof *probe->requests);
    sn_alloc_free(allocator, probe->effects, probe->effect_capacity * sizeof *probe->effects);
    sn_alloc_free(allocator, probe->text, probe->text_size);
    sn_alloc_free(allocator, probe, sizeof *probe);
}

/* ---- running -------------------------------------------------------------------------------- */

bool sn_probe_is_alive(const struct sn_probe *probe)
{
    return probe->actor->phase != SN_ACTOR_ABSENT;
}

void *sn_probe_self(struct sn_probe *probe)
{
    return sn_actor_self(probe->actor);
}

const char *sn_probe_broken(const struct sn_probe *probe)
{
    return probe->broken;
}

static uint64_t breaker_refusals(const struct sn_probe *probe)
{
    /* Relaxed: one thread. */
    return atomic_load_explicit(&probe->shard->counters.breaker_refusals, memory_order_relaxed);
}

/* What the last call has done is forgotten; the time of all that follows is now. */
static void begin(struct sn_probe *probe)
{
    sn_probe_forget(probe);
    sn_credits_return(probe->shard, true);
    probe->shard->now_ns = probe->now_ns;
    probe->outcome = 0;
    probe->ran = false;
    probe->refused = breaker_refusals(probe);
    sn_outboxes_retry(probe->shard);
}

/* A handler that failed has undone what it did to the retained fields. A shutdown hook that ran
 * since may have changed them. */
static void check_failure(struct sn_probe *probe)
{
    const struct sn_worker_type *type = probe->actor->type;
    const char *self = sn_actor_self(probe->actor);

    if (sn_probe_is_alive(probe) || probe->outcome == SN_STOP || type->shutdown != NULL)
        return;
    if (probe->broken == NULL &&
        memcmp(probe->retain, self + type->retain_offset, type->retain_size) != 0)
        probe->broken = "a handler that fails changes nothing";
}

/* Let the actor handle all that it has, and then fail if it is linked with one that did. */
static int run_turns(struct sn_probe *probe)
{
    sn_shard_schedule(probe->shard, probe->actor);
    while (sn_shard_guard(probe->shard, sn_turns_run, true) ||
           sn_shard_guard(probe->shard, sn_watches_pass, true))
        ;
    sn_inbox_take_notices(&probe->shard->inbox);
    check_failure(probe);
    int rc = sn_probe_collect(probe);
    if (rc != 0)
        return rc;
    return probe->ran ? probe->outcome : SN_FULL;
}

int sn_probe_start(struct sn_probe *probe)
{
    bool actor_has_ended = !sn_probe_is_alive(probe);

    SN_ASSERT(actor_has_ended);
    begin(probe);
    give_order(probe, probe->actor, SN_NOTICE_START, probe->actor->incarnation > 0);
    run_turns(probe);
    return probe->outcome;
}

void sn_probe_end(struct sn_probe *probe)
{
    if (!sn_probe_is_alive(probe))
        return;
    begin(probe);
    give_order(probe, probe->actor, SN_NOTICE_STOP, false);
}

/* Take a place in the actor's mailbox for what was begun. */
static int take_place(struct sn_probe *probe, struct sn_envelope *envelope)
{
    struct sn_slot *slot = probe->actor->slot;

    if (slot->bounded_bytes &&
        !sn_slot_take_bytes(slot, sn_block_size(envelope->size_class, envelope))) {
        sn_shard_free(probe->shard, envelope);
        return SN_TOO_LARGE;
    }
    if (!sn_credit_take(probe->shard, probe->actor->ref, slot))
        /* Its own mailbox was filled: this place is one that it did not have. Relaxed: one thread.
         */
        atomic_fetch_sub_explicit(&slot->credits, 1, memory_order_relaxed);
    probe->begun = envelope;
    return 0;
}

int sn_probe_message(struct sn_probe *probe, uint16_t message, size_t size, void **ret_payload)
{
    bool actor_is_alive = sn_probe_is_alive(probe);

    SN_ASSERT(actor_is_alive && probe->begun == NULL);
    begin(probe);
    struct sn_envelope *envelope = sn_shard_alloc(probe->shard, size);
    if (envelope == NULL)
        return -ENOMEM;
    envelope->target = probe->actor->ref;
    envelope->source = (sn_ref){0};
    envelope->sent_ns = probe->now_ns;
    envelope->token = (sn_reply_token){0};
    envelope->deadline_ns = UINT64_MAX;
    envelope->message = message;
    envelope->kind = SN_ENVELOPE_MESSAGE;
    envelope->lane = sn_probe_world(probe)->package->messages[message].lane;
    *ret_payload = sn_envelope_payload(envelope);
    return take_place(probe, envelope);
}

int sn_probe_letter(struct sn_probe *probe, uint16_t message, const struct sn_dead_letter *letter,
                    size_t size, void **ret_payload)
{
    bool actor_is_alive = sn_probe_is_alive(probe);
    struct sn_dead_letter summary = {.message = "?", .pool = "?", .reason = SN_GONE};

    SN_ASSERT(actor_is_alive && probe->begun == NULL);
    begin(probe);
    if (message != SN_NO_MESSAGE)
        summary.message = sn_probe_world(probe)->package->messages[message].name;
    struct sn_envelope *envelope = sn_letter_create(probe->shard, probe->actor->ref, message,
                                                    letter != NULL ? letter : &summary, size);
    if (envelope == NULL)
        return -ENOMEM;
    *ret_payload = sn_letter_payload(envelope);
    return take_place(probe, envelope);
}

int sn_probe_reply(struct sn_probe *probe, uint16_t role, uint32_t which, size_t size,
                   void **ret_payload)
{
    sn_reply_token token = sn_probe_ask_token(probe, role, which);
    bool actor_is_alive = sn_probe_is_alive(probe);

    SN_ASSERT(actor_is_alive && probe->begun == NULL);
    struct sn_envelope *envelope = sn_shard_alloc(probe->shard, size);
    if (envelope == NULL)
        return -ENOMEM;
    begin(probe);
    envelope->token = token;
    envelope->kind = SN_ENVELOPE_REPLY;
    sn_envelope_set_outcome(envelope, 0);
    probe->begun = envelope;
    *ret_payload = sn_envelope_payload(envelope);
    return 0;
}

int sn_probe_run(struct sn_probe *probe, sn_reply_token *ret_token)
{
    struct sn_envelope *envelope = probe->begun;

    probe->begun = NULL;
    if (envelope->kind == SN_ENVELOPE_REPLY) {
        sn_ask_complete(probe->shard, envelope);
        return run_turns(probe);
    }
    if (envelope->kind == SN_ENVELOPE_MESSAGE &&
        sn_probe_world(probe)->package->messages[envelope->message].is_request)
        envelope->token = sn_probe_request(probe, envelope->message);
    if (ret_token != NULL)
        *ret_token = envelope->token;
    sn_mailbox_push(probe->actor, envelope);
    return run_turns(probe);
}

int sn_probe_fail(struct sn_probe *probe, uint16_t role, uint32_t which, int outcome)
{
    sn_reply_token token = sn_probe_ask_token(probe, role, which);

    begin(probe);
    sn_ask_fail(probe->shard, token, outcome);
    int rc = run_turns(probe);
    const struct sn_ask *ask = sn_ask_find(probe->shard, token);
    return rc == SN_FULL && ask != NULL && !ask->queued ? 0 : rc;
}

static const struct sn_watch *find_watch(const struct sn_probe *probe, uint16_t pool,
                                         uint32_t index, bool link)
{
    const struct sn_watch *watch = probe->actor->watches;

    while (watch != NULL &&
           !(watch->hanging && watch->pool == pool && watch->index == index && watch->link == link))
        watch = watch->next;
    return watch;
}

bool sn_probe_watches(const struct sn_probe *probe, uint16_t pool, uint32_t index)
{
    return find_watch(probe, pool, index, false) != NULL;
}

bool sn_probe_is_linked(const struct sn_probe *probe, uint16_t pool, uint32_t index)
{
    return find_watch(probe, pool, index, true) != NULL;
}

int sn_probe_down(struct sn_probe *probe, uint16_t pool, uint32_t index, int reason)
{
    bool is_failure = reason != SN_STOP && reason != SN_SHUTDOWN;
    const struct sn_watch *watch = find_watch(probe, pool, index, false);
    const struct sn_watch *link = find_watch(probe, pool, index, true);

    SN_ASSERT(watch != NULL || link != NULL);
    begin(probe);
    sn_watchers_tell(probe->shard, (watch != NULL ? watch : link)->target, reason, is_failure);
    int rc = run_turns(probe);
    if (watch != NULL)
        return rc;
    return is_failure ? reason : 0;
}

uint32_t sn_probe_refused(const struct sn_probe *probe)
{
    return (uint32_t)(breaker_refusals(probe) - probe->refused);
}

bool sn_probe_is_armed(const struct sn_probe *probe, uint16_t timer)
{
    return sn_timer_is_armed(&probe->actor->timers[timer].timer);
}

int sn_probe_fire(struct sn_probe *probe, uint16_t timer)
{
    bool timer_is_armed = sn_probe_is_armed(probe, timer);

    SN_ASSERT(timer_is_armed);
    begin(probe);
    sn_wheel_cancel(&probe->shard->wheel, &probe->actor->timers[timer].timer);
    sn_wheel_arm(&probe->shard->wheel, &probe->actor->timers[timer].timer, probe->now_ns);
    sn_timers_expire(probe->shard);
    while (!sn_mailbox_is_ready(probe->actor)) {
        /* The wheel counts in ticks: what is due now fires with the next one. */
        probe->now_ns += SN_WHEEL_TICK_NS;
        probe->shard->now_ns = probe->now_ns;
        sn_timers_expire(probe->shard);
    }
    return run_turns(probe);
}

int sn_probe_advance(struct sn_probe *probe, uint64_t duration_ns)
{
    uint64_t until_ns = probe->now_ns + duration_ns;
    struct sn_wheel *wheel = &probe->shard->wheel;
    int first = 0;

    begin(probe);
    /* What is due then fires with the next tick of the wheel. */
    while (sn_probe_is_alive(probe) && wheel->armed > 0 &&
           sn_wheel_next_ns(wheel) < until_ns + SN_WHEEL_TICK_NS) {
        uint64_t next_ns = sn_wheel_next_ns(wheel);

        probe->now_ns = next_ns > probe->now_ns ? next_ns : probe->now_ns;
        probe->shard->now_ns = probe->now_ns;
        sn_timers_expire(probe->shard);
        sn_outboxes_retry(probe->shard);
        probe->outcome = 0;
        run_turns(probe);
        first = first != 0 ? first : probe->outcome;
    }
    probe->now_ns = until_ns > probe->now_ns ? until_ns : probe->now_ns;
    return first;
}

void sn_probe_fill(struct sn_probe *probe, uint16_t pool, bool full)
{
    struct sn_world *world = sn_probe_world(probe);

    for (uint32_t i = 0; i < world->pools[pool].size; i++) {
        struct sn_slot *slot =
            sn_world_slot(world, sn_route_member(&probe->shard->router, pool, i));
        int32_t capacity = (int32_t)world->pools[pool].capacity;

        sn_credits_return(probe->shard, true);
        /* Relaxed: one thread. */
        atomic_fetch_add_explicit(&slot->credits, full ? -capacity : capacity,
                                  memory_order_relaxed);
    }
}
