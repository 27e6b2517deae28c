/* SPDX-License-Identifier: MIT */
/*
 * Members made at run time.
 *
 * What the supervision tree has of such a pool is a keeper on each shard: an actor of the
 * runtime's, without code of the user's. It starts with the pool's place in the tree, and from then
 * on its shard makes members; it is asked to stop with it, and has stopped when its members have.
 * So a million members cost the tree nothing, a spawn needs no word with shard 0, and stopping and
 * group restarts come in the declared order. The members are temporary: whichever way one ends, it
 * is gone, and its watchers are told.
 *
 * A member lives on the shard of whoever spawned it. Its record and its slot are one pair for ever
 * (`struct sn_nursery` keeps the pairs that are free): the record never moves, so lists of the
 * shard that still hold it do no harm, and the places of its mailbox stay with it from one member
 * to the next. A pair is used again when all its places are home, with the next generation, so that
 * a reference to a past member names nobody; the pair is given up when the generations are used up.
 *
 *     FREE --spawn--> NEWBORN --its first turn: init--> LIVING --ends--> SPENT --off the run
 * queue--+ ^ |
 *       +-------------------------------------------------------------------------------------------+
 *
 * A spawn is an effect: record, memory and place in the pool are taken at the call, and the member
 * gets its first turn when the handler returns 0. Its mailbox is shut until init has run, so what
 * the handler sends to it comes after init.
 */
#include "shard/shard.h"

#include <errno.h>
#include <string.h>

enum {
    SLAB_RECORDS = 64,
    MENDING_LOOKS = 8, /* at records that wait for places, a spawn */
};

struct sn_slab {
    struct sn_slab *next;
    size_t size;   /* in bytes, all of it */
    uint32_t used; /* records given out */
    uint32_t reserved;
};

/* ---- keepers -------------------------------------------------------------------------------- */

struct keeper {
    struct sn_actor *sn;
};

/* A thread outside wants a member: the request's payload is its args. */
static int spawn_for_port(void *self, const struct sn_envelope *envelope, const void *payload)
{
    struct sn_actor *actor = ((struct keeper *)self)->sn;
    const struct sn_worker_type *type = actor->shard->world->pools[actor->pool].worker;
    void *reply;
    sn_ref ref;
    int rc = sn_actor_spawn(actor, actor->pool, type->args_size > 0 ? payload : NULL, &ref);

    if (rc == 0) {
        rc = sn_actor_reply(actor, sn_envelope_token(envelope), sizeof ref, &reply);
        if (rc == 0)
            memcpy(reply, &ref, sizeof ref);
        else
            sn_spawned_discard(actor->shard); /* nobody would know it */
    }
    /* A keeper does not fail: without memory for the answer the request ends as unanswered. */
    if (rc != 0)
        sn_actor_refuse(actor, sn_envelope_token(envelope), rc);
    return 0;
}

static const struct sn_worker_type keeper_type = {
    .name = "(keeper)", .size = sizeof(struct keeper), .handle = spawn_for_port};

bool sn_actor_is_keeper(const struct sn_actor *actor)
{
    return actor->type == &keeper_type;
}

int sn_nurseries_create(struct sn_shard *shard)
{
    const struct sn_package *package = shard->world->package;
    bool any = false;

    for (uint16_t i = 0; i < package->pool_count; i++)
        any |= package->pools[i].at_run_time;
    if (!any)
        return 0;
    shard->nurseries =
        sn_alloc_zeroed(shard->world->allocator, package->pool_count * sizeof *shard->nurseries);
    return shard->nurseries != NULL ? 0 : -ENOMEM;
}

void sn_nurseries_destroy(struct sn_shard *shard)
{
    const struct sn_allocator *allocator = shard->world->allocator;
    uint16_t count = shard->world->package->pool_count;

    for (uint16_t i = 0; shard->nurseries != NULL && i < count; i++)
        while (shard->nurseries[i].slabs != NULL) {
            struct sn_slab *slab = shard->nurseries[i].slabs;

            shard->nurseries[i].slabs = slab->next;
            sn_alloc_free(allocator, slab, slab->size);
        }
    sn_alloc_free(allocator, shard->nurseries, count * sizeof *shard->nurseries);
}

struct sn_actor *sn_nursery_add_keeper(struct sn_shard *shard, uint16_t pool)
{
    struct sn_actor *keeper = sn_shard_add_actor(shard, pool, shard->index, &keeper_type);

    shard->nurseries[pool].keeper = keeper;
    return keeper;
}

bool sn_nursery_is_empty(const struct sn_shard *shard, const struct sn_actor *keeper)
{
    return shard->nurseries[keeper->pool].living == 0;
}

/* ---- records -------------------------------------------------------------------------------- */

static struct sn_actor *slab_record(struct sn_slab *slab, const struct sn_worker_type *type)
{
    return (struct sn_actor *)((char *)(slab + 1) + slab->used * sn_actor_size(type));
}

/* A record that never was an actor. Returns NULL: no memory, or the shard has all its slots. */
static struct sn_actor *new_record(struct sn_shard *shard, uint16_t pool)
{
    const struct sn_worker_type *type = shard->world->pools[pool].worker;
    struct sn_nursery *nursery = &shard->nurseries[pool];
    struct sn_slab *slab = nursery->slabs;

    if (slab == NULL || slab->used == SLAB_RECORDS) {
        size_t size = sizeof *slab + SLAB_RECORDS * sn_actor_size(type);

        slab = sn_alloc_zeroed(shard->world->allocator, size);
        if (slab == NULL)
            return NULL;
        slab->size = size;
        slab->next = nursery->slabs;
        nursery->slabs = slab;
    }
    struct sn_actor *actor = slab_record(slab, type);
    /* No two of a system have the same: slots are counted a shard. */
    uint32_t index = shard->slot_count * shard->world->shard_count + shard->index;
    if (!sn_shard_seat_actor(shard, actor, pool, index, type))
        return NULL;
    slab->used++;
    actor->life = SN_LIFE_FREE;
    return actor;
}

/* Whether all places of its mailbox, and its bytes, are where a sender can take them. */
static bool is_whole(const struct sn_shard *shard, const struct sn_actor *actor)
{
    const struct sn_pool *pool = &shard->world->pools[actor->pool];
    /* Relaxed, both: that they are there is what matters, and nothing that was done with them. */
    int64_t bytes = atomic_load_explicit(&actor->slot->bytes, memory_order_relaxed);
    int32_t credits = atomic_load_explicit(&actor->slot->credits, memory_order_relaxed);

    return credits + actor->credits + actor->owed >= (int32_t)pool->capacity &&
           (!actor->bounded || bytes >= (int64_t)pool->type->capacity_bytes);
}

static void put_record(struct sn_shard *shard, struct sn_actor *actor)
{
    struct sn_nursery *nursery = &shard->nurseries[actor->pool];
    struct sn_actor **list = is_whole(shard, actor) ? &nursery->free : &nursery->mending;
    /* Relaxed: written by this shard only. */
    uint32_t generation = atomic_load_explicit(&actor->slot->generation, memory_order_relaxed);

    actor->life = SN_LIFE_FREE;
    if (generation == SN_GENERATION_LAST)
        return; /* never again; the slab still knows it */
    actor->run_next = *list;
    *list = actor;
}

/* Look whether places have come home; what waits longest is at the end, and is not looked for. */
static void mend(struct sn_shard *shard, struct sn_nursery *nursery)
{
    struct sn_actor **place = &nursery->mending;

    for (int looks = 0; looks < MENDING_LOOKS && *place != NULL; looks++) {
        struct sn_actor *actor = *place;

        if (!is_whole(shard, actor)) {
            place = &actor->run_next;
            continue;
        }
        *place = actor->run_next;
        actor->run_next = nursery->free;
        nursery->free = actor;
    }
}

static struct sn_actor *take_record(struct sn_shard *shard, uint16_t pool)
{
    struct sn_nursery *nursery = &shard->nurseries[pool];
    struct sn_actor *actor = nursery->free;

    if (actor == NULL) {
        mend(shard, nursery);
        actor = nursery->free;
    }
    if (actor == NULL)
        return new_record(shard, pool);
    nursery->free = actor->run_next;
    return actor;
}

/* ---- places in the pool --------------------------------------------------------------------- */

static bool take_place(struct sn_pool_places *places)
{
    /* Relaxed, all here: a number, and nothing that others do depends on it. */
    uint32_t left = atomic_load_explicit(&places->left, memory_order_relaxed);

    while (left > 0)
        if (atomic_compare_exchange_weak_explicit(&places->left, &left, left - 1,
                                                  memory_order_relaxed, memory_order_relaxed))
            return true;
    return false;
}

static void give_place(struct sn_pool_places *places)
{
    atomic_fetch_add_explicit(&places->left, 1, memory_order_relaxed); /* see take_place() */
}

/* ---- spawning ------------------------------------------------------------------------------- */

static int refuse_spawn(struct sn_shard *shard, int rc)
{
    sn_count(&shard->counters.rejected, 1);
    return rc;
}

/* Args of fixed size go straight to where the member has them; others into a block of their own. */
static int set_args(struct sn_shard *shard, struct sn_actor *child, const void *args, size_t size)
{
    const struct sn_worker_type *type = child->type;
    char *own = (char *)sn_actor_self(child) + type->args_offset;

    child->args = NULL;
    child->args_block = NULL;
    if (type->args_size == 0)
        return 0;
    if (type->args_copy == NULL || args == NULL) {
        if (args != NULL)
            memcpy(own, args, type->args_size);
        else
            memset(own, 0, type->args_size);
        return 0;
    }
    child->args_block = sn_shard_alloc(shard, size);
    if (child->args_block == NULL)
        return -ENOMEM;
    child->args = sn_envelope_payload(child->args_block);
    type->args_copy(sn_envelope_payload(child->args_block), args);
    return 0;
}

/* A record becomes a member that nobody knows yet. */
static void prepare(struct sn_actor *child)
{
    /* Relaxed, both: whoever learns the reference learns it in an order. */
    uint32_t generation = atomic_load_explicit(&child->slot->generation, memory_order_relaxed);

    child->ref = sn_ref_make(child->shard->index, sn_ref_slot(child->ref), generation);
    child->retired = false;
    atomic_store_explicit(&child->slot->closed, 0, memory_order_relaxed);
    child->incarnation++;
    child->burst = 0;
    child->life = SN_LIFE_NEWBORN;
}

static int make(struct sn_shard *shard, uint16_t pool, const void *args, size_t size,
                struct sn_actor **ret_child)
{
    struct sn_actor *child = take_record(shard, pool);

    if (child == NULL)
        return shard->slot_count == SN_SLOTS_MAX ? refuse_spawn(shard, SN_FULL) : -ENOMEM;
    int rc = set_args(shard, child, args, size);
    if (rc != 0) {
        put_record(shard, child);
        return rc;
    }
    *ret_child = child;
    return 0;
}

int sn_actor_spawn(struct sn_actor *actor, uint16_t pool, const void *args, sn_ref *ret_ref)
{
    struct sn_shard *shard = actor->shard;
    const struct sn_pool *of = &shard->world->pools[pool];
    struct sn_nursery *nursery = &shard->nurseries[pool];
    struct sn_actor *child;
    size_t size = 0;

    if (args != NULL && of->worker->args_measure != NULL) {
        int rc = of->worker->args_measure(args, &size);

        if (rc != 0)
            return rc;
    }
    if (nursery->keeper->phase != SN_ACTOR_RUNNING)
        return refuse_spawn(shard, SN_GONE);
    if (!take_place(of->places))
        return refuse_spawn(shard, SN_FULL);
    int rc = make(shard, pool, args, size, &child);
    if (rc != 0) {
        give_place(of->places);
        return rc;
    }
    prepare(child);
    nursery->living++;
    child->run_next = shard->turn.spawned;
    shard->turn.spawned = child;
    shard->turn.touched = true;
    *ret_ref = child->ref;
    return 0;
}

/* The record goes back; its place in the pool too. */
static void bury(struct sn_shard *shard, struct sn_actor *actor)
{
    if (actor->life == SN_LIFE_STOPPING || actor->life == SN_LIFE_KILLED)
        sn_count(&shard->counters.events_ended, 1);
    if (actor->args_block != NULL)
        sn_shard_free(shard, actor->args_block);
    actor->args = NULL;
    actor->args_block = NULL;
    shard->nurseries[actor->pool].living--;
    give_place(shard->world->pools[actor->pool].places);
    actor->life = SN_LIFE_SPENT;
    if (!actor->scheduled)
        sn_member_release(shard, actor);
}

/* The list has the last one first. */
static struct sn_actor *take_spawned(struct sn_turn *turn)
{
    struct sn_actor *first = NULL;

    while (turn->spawned != NULL) {
        struct sn_actor *child = turn->spawned;

        turn->spawned = child->run_next;
        child->run_next = first;
        first = child;
    }
    return first;
}

void sn_spawned_commit(struct sn_shard *shard)
{
    struct sn_actor *child = take_spawned(&shard->turn);

    while (child != NULL) {
        struct sn_actor *next = child->run_next;

        sn_count(&shard->counters.events_begun, 1); /* until its init has run */
        sn_shard_enqueue(shard, child);
        child = next;
    }
}

void sn_spawned_discard(struct sn_shard *shard)
{
    struct sn_actor *child = take_spawned(&shard->turn);

    while (child != NULL) {
        struct sn_actor *next = child->run_next;

        sn_lifecycle_retire(shard, child); /* the handler may have kept the reference */
        bury(shard, child);
        child = next;
    }
}

/* ---- the rest of a life --------------------------------------------------------------------- */

void sn_member_turn(struct sn_shard *shard, struct sn_actor *actor)
{
    int reason = shard->nurseries[actor->pool].reason;
    bool leaving = actor->life == SN_LIFE_LEAVING;

    switch (actor->life) {
    case SN_LIFE_NEWBORN:
    case SN_LIFE_LEAVING:
        actor->life = leaving ? SN_LIFE_STOPPING : SN_LIFE_LIVING;
        sn_lifecycle_begin(shard, actor, false, leaving);
        break;
    case SN_LIFE_KILLED:
        if (actor->phase != SN_ACTOR_ABSENT)
            sn_lifecycle_end(shard, actor, reason, SN_EXIT_KILLED);
        else
            sn_member_report(shard, actor, SN_NOTICE_EXITED,
                             (struct sn_exit){SN_EXIT_KILLED, reason});
        break;
    default:
        /* What is on its way to it, or parked by it, takes more than a turn. */
        if (actor->phase == SN_ACTOR_DRAINING && !sn_lifecycle_drained(shard, actor))
            sn_outbox_watch(shard, actor);
        break;
    }
}

void sn_member_report(struct sn_shard *shard, struct sn_actor *actor, enum sn_notice_kind kind,
                      struct sn_exit how)
{
    if (kind != SN_NOTICE_EXITED)
        sn_count(&shard->counters.events_ended, 1);
    if (kind == SN_NOTICE_STARTED)
        return;
    if (kind == SN_NOTICE_START_FAILED)
        sn_shard_log(shard, SN_LOG_FAILURES, SN_LOG_WARNING, "%s[%u] did not start: %s (%d)",
                     shard->world->pools[actor->pool].type->name, actor->index,
                     sn_result_name(how.code), how.code);
    sn_lifecycle_retire(shard, actor);
    bury(shard, actor);
}

void sn_member_release(struct sn_shard *shard, struct sn_actor *actor)
{
    if (actor->life == SN_LIFE_SPENT)
        put_record(shard, actor);
}

/* A turn of its own, whatever is in its mailbox. */
static void give_turn(struct sn_shard *shard, struct sn_actor *actor)
{
    if (!actor->scheduled)
        sn_shard_enqueue(shard, actor);
}

void sn_member_stop(struct sn_shard *shard, struct sn_actor *actor)
{
    bool newborn = actor->life == SN_LIFE_NEWBORN;

    if (!newborn && actor->life != SN_LIFE_LIVING)
        return;
    sn_count(&shard->counters.events_begun, 1); /* until it is gone */
    sn_lifecycle_drain(shard, actor);
    actor->life = newborn ? SN_LIFE_LEAVING : SN_LIFE_STOPPING;
    if (newborn) {
        actor->phase = SN_ACTOR_ABSENT; /* until it has begun */
        sn_mailbox_update_open(actor);
    }
    give_turn(shard, actor);
}

/* There is one event of it under way in the end: of its birth, of its stop, or of this. */
static void kill_member(struct sn_shard *shard, struct sn_actor *actor)
{
    if (actor->life == SN_LIFE_LIVING)
        sn_count(&shard->counters.events_begun, 1);
    else if (actor->life == SN_LIFE_LEAVING)
        sn_count(&shard->counters.events_ended, 1);
    actor->life = SN_LIFE_KILLED;
    if (actor->phase != SN_ACTOR_ABSENT)
        actor->phase = SN_ACTOR_DRAINING; /* so that its turn looks further */
    actor->open = 0;
    give_turn(shard, actor);
}

void sn_nursery_close(struct sn_shard *shard, const struct sn_actor *keeper, bool kill, int reason)
{
    shard->nurseries[keeper->pool].reason = reason;
    for (uint32_t i = 0; i < shard->slot_count; i++) {
        struct sn_actor *actor = sn_shard_actor(shard, i);

        if (actor->pool != keeper->pool || actor->life <= SN_LIFE_FREE ||
            actor->life == SN_LIFE_SPENT)
            continue;
        if (kill)
            kill_member(shard, actor);
        else
            sn_member_stop(shard, actor);
    }
}

int sn_actor_stop(struct sn_actor *actor, sn_ref member)
{
    struct sn_shard *shard = actor->shard;
    struct sn_envelope *envelope;

    if (sn_stage_slot(shard, member) == NULL)
        return refuse_spawn(shard, SN_GONE);
    if (sn_ref_shard(member) != shard->index && sn_shard_link(shard, sn_ref_shard(member)) == NULL)
        return -ENOMEM;
    envelope = sn_shard_alloc(shard, 0);
    if (envelope == NULL)
        return -ENOMEM;
    envelope->kind = SN_ENVELOPE_STOP;
    envelope->lane = SN_LANE_CONTROL;
    envelope->target = member;
    envelope->source = actor->ref;
    envelope->token = (sn_reply_token){0};
    sn_stage(shard, envelope);
    return 0;
}
