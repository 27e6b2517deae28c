/* SPDX-License-Identifier: MIT */
/*
 * The supervision tree's place in the world: shard 0.
 *
 * The tree (supervise/) is a state machine without a thread. This file feeds it with what shards
 * report and what its one timer fires, and carries out its effects as notices to the shards of
 * the members. An order whose notice is still on its way from the last time waits in `orders`
 * and is sent in a later pass; that needs a shard that was busy for a whole restart, so it is
 * rare, but it must not overwrite memory that somebody reads.
 */
#include "system/system.h"

#include "registry/registry.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* While orders wait, look again this soon. */
#define UNSENT_RETRY_NS SN_MS

static struct sn_tree_root *root_of_sink(struct sn_tree_sink *sink)
{
    return (struct sn_tree_root *)((char *)sink - offsetof(struct sn_tree_root, sink));
}

static struct sn_tree_root *root_of(struct sn_root *root)
{
    return (struct sn_tree_root *)((char *)root - offsetof(struct sn_tree_root, root));
}

void sn_root_step(struct sn_tree_root *root, struct sn_tree_event event)
{
    event.now_ns = root->shard->now_ns;
    sn_tree_step(root->tree, &event, &root->sink);
}

/* Send an order if its notice is free. */
static bool try_send(struct sn_root_member *member, unsigned purpose)
{
    struct sn_notice *notice = &member->notices[purpose];

    /* Acquire, pairs with the release in sn_lifecycle_notice(): the shard has read it. */
    if (atomic_load_explicit(&notice->busy, memory_order_acquire))
        return false;
    notice->kind = member->orders[purpose].kind;
    notice->incarnation = member->orders[purpose].incarnation;
    notice->restored = member->orders[purpose].restored;
    notice->why = member->orders[purpose].why;
    notice->deadline_ns = member->orders[purpose].deadline_ns;
    /* Relaxed: the inbox publishes it. */
    atomic_store_explicit(&notice->busy, true, memory_order_relaxed);
    sn_inbox_post(&member->actor->shard->inbox, &notice->envelope);
    return true;
}

static void order(struct sn_tree_root *root, const struct sn_tree_effect *effect, unsigned purpose,
                  enum sn_notice_kind kind)
{
    struct sn_root_member *member = &root->members[effect->member.index];

    member->orders[purpose] = (struct sn_root_order){.deadline_ns = effect->deadline_ns,
                                                     .incarnation = effect->incarnation,
                                                     .kind = (uint8_t)kind,
                                                     .why = (uint8_t)effect->why,
                                                     .restored = effect->restored};
    /* Behind another one that waits, so that orders keep their order. */
    if (member->unsent == 0 && try_send(member, purpose))
        return;
    if (member->unsent == 0)
        root->unsent++;
    member->unsent |= 1u << purpose;
    member->turns[purpose] = member->next_turn++;
}

/* The order that has waited longest; SN_MEMBER_ORDERS: none waits. */
static unsigned first_unsent(const struct sn_root_member *member)
{
    unsigned first = SN_MEMBER_ORDERS;

    for (unsigned purpose = 0; purpose < SN_MEMBER_ORDERS; purpose++)
        if ((member->unsent & (1u << purpose)) &&
            (first == SN_MEMBER_ORDERS || member->turns[purpose] < member->turns[first]))
            first = purpose;
    return first;
}

static void retry_unsent(struct sn_tree_root *root)
{
    for (uint32_t i = 0; i < root->member_count; i++) {
        struct sn_root_member *member = &root->members[i];

        if (member->unsent == 0)
            continue;
        unsigned first = first_unsent(member);
        while (first != SN_MEMBER_ORDERS && try_send(member, first)) {
            member->unsent &= ~(1u << first);
            first = first_unsent(member);
        }
        if (member->unsent == 0)
            root->unsent--;
    }
}

static void set_state(struct sn_system *system, enum sn_system_state state, int outcome)
{
    uint64_t one = 1;

    /* Relaxed: only this thread writes it. A stop that was asked for when the root had given up
     * already ends nothing, and must not change the outcome. */
    if (atomic_load_explicit(&system->state, memory_order_relaxed) == SN_SYSTEM_STOPPED)
        return;
    system->outcome = outcome;
    if (state == SN_SYSTEM_STOPPED || state == SN_SYSTEM_FAILED)
        /* Release: whoever is answered SN_GONE because of it finds the outcome. */
        atomic_store_explicit(&system->world.stopping, 1, memory_order_release);
    sn_futex_wake(&system->world.stopping); /* who sleeps between two tries */
    /* Release, pairs with the acquire of who waits: the outcome. */
    atomic_store_explicit(&system->state, state, memory_order_release);
    sn_futex_wake(&system->state);
    if (state == SN_SYSTEM_STOPPED)
        while (write(system->stopped_fd, &one, sizeof one) < 0 && errno == EINTR)
            ;
}

static void log_note(struct sn_tree_root *root, const struct sn_tree_effect *effect)
{
    static const char *const texts[] = {
        [SN_NOTE_RESTART] = "restarts",
        [SN_NOTE_GAVE_UP] = "gives up because of",
        [SN_NOTE_AUTO_SHUTDOWN] = "stops because of the end of",
        [SN_NOTE_ENDED] = "does not restart",
        [SN_NOTE_KILLED] = "kills",
    };
    bool member = effect->member.index != UINT32_MAX;

    if (effect->note == SN_NOTE_RESTART)
        sn_count(&root->shard->counters.restarts, 1);
    bool gave_up = effect->note == SN_NOTE_GAVE_UP;
    sn_shard_log(root->shard, gave_up ? SN_LOG_GIVING_UP : SN_LOG_RESTARTS,
                 gave_up ? SN_LOG_ERROR : SN_LOG_WARNING, "supervisor %s %s %s[%u]",
                 effect->supervisor != NULL ? effect->supervisor : "?", texts[effect->note],
                 effect->child != NULL ? effect->child : "?", member ? effect->index : 0);
}

/* Bind the name of a member to its present reference, or take the name away. A name that is
 * bound already stays, so binding it at each start renews it after the reference was retired. */
static void set_name(struct sn_tree_root *root, uint32_t pool_index, uint32_t index, bool bound)
{
    const struct sn_world *world = &root->system->world;
    const struct sn_pool *pool = &world->pools[pool_index];

    if (pool->size == 0) /* its keepers have no names */
        return;
    char name[SN_REGISTRY_MAX_NAME_BYTES + 1];
    int size = pool->size == 1 ? snprintf(name, sizeof name, "%s", pool->type->name)
                               : snprintf(name, sizeof name, "%s/%u", pool->type->name, index);
    /* Relaxed: written by the member's shard, which has answered before. */
    uint64_t ref = atomic_load_explicit(&pool->members[index], memory_order_relaxed);

    if (bound)
        sn_registry_insert(world->registry, name, (size_t)size, ref);
    else
        sn_registry_remove(world->registry, name, (size_t)size, ref);
}

static void on_effect(struct sn_tree_sink *sink, const struct sn_tree_effect *effect)
{
    struct sn_tree_root *root = root_of_sink(sink);

    switch (effect->kind) {
    case SN_EFFECT_START:
        order(root, effect, SN_MEMBER_START, SN_NOTICE_START);
        break;
    case SN_EFFECT_STOP:
        order(root, effect, SN_MEMBER_STOP, SN_NOTICE_STOP);
        break;
    case SN_EFFECT_KILL:
        order(root, effect, SN_MEMBER_KILL, SN_NOTICE_KILL);
        break;
    case SN_EFFECT_GONE:
        set_name(root, effect->pool, effect->index, false);
        order(root, effect, SN_MEMBER_GONE, SN_NOTICE_GONE);
        break;
    case SN_EFFECT_SET_TIMER:
        sn_wheel_arm(&root->shard->wheel, &root->shard->root_timer, effect->deadline_ns);
        break;
    case SN_EFFECT_CLEAR_TIMER:
        sn_wheel_cancel(&root->shard->wheel, &root->shard->root_timer);
        break;
    case SN_EFFECT_STARTED:
        set_state(root->system, SN_SYSTEM_STARTED, 0);
        break;
    case SN_EFFECT_START_FAILED:
        set_state(root->system, SN_SYSTEM_FAILED, effect->result);
        break;
    case SN_EFFECT_STOPPED:
        set_state(root->system, SN_SYSTEM_STOPPED, effect->result);
        break;
    case SN_EFFECT_NOTE:
        log_note(root, effect);
        break;
    case SN_EFFECT_ANSWER:
        sn_admin_answer(root, effect);
        break;
    default:
        break;
    }
}

static void on_report(struct sn_root *base, struct sn_notice *notice)
{
    struct sn_tree_root *root = root_of(base);
    struct sn_tree_event event = {
        .member = notice->member, .incarnation = notice->incarnation, .exit = notice->exit};

    switch (notice->kind) {
    case SN_NOTICE_STARTED:
        set_name(root, notice->actor->pool, notice->actor->index, true);
        event.kind = SN_EVENT_STARTED;
        break;
    case SN_NOTICE_START_FAILED:
        event.kind = SN_EVENT_START_FAILED;
        break;
    case SN_NOTICE_IGNORED:
        event.kind = SN_EVENT_IGNORED;
        break;
    case SN_NOTICE_EXITED:
        event.kind = SN_EVENT_EXITED;
        break;
    default:
        event.kind = SN_EVENT_STOP;
        break;
    }
    sn_root_step(root, event);
}

static void on_timer(struct sn_root *base)
{
    sn_root_step(root_of(base), (struct sn_tree_event){.kind = SN_EVENT_TIMER});
}

static void on_admin(struct sn_root *base, struct sn_envelope *envelope)
{
    sn_admin_request(root_of(base), envelope);
}

static void on_pass(struct sn_root *base)
{
    struct sn_tree_root *root = root_of(base);

    if (!root->begun) {
        root->begun = true;
        sn_root_step(root, (struct sn_tree_event){.kind = SN_EVENT_START});
    }
    if (root->unsent > 0) {
        retry_unsent(root);
        if (root->unsent > 0 && !sn_timer_is_armed(&root->shard->root_timer))
            sn_wheel_arm(&root->shard->wheel, &root->shard->root_timer,
                         root->shard->now_ns + UNSENT_RETRY_NS);
    }
}

static void init_notice(struct sn_notice *notice, struct sn_actor *actor, sn_member member)
{
    notice->envelope.kind = SN_ENVELOPE_NOTICE;
    notice->envelope.flags = SN_FLAG_EMBEDDED;
    notice->actor = actor;
    notice->member = member;
}

static void init_member(struct sn_tree_root *root, sn_member member, struct sn_actor *actor)
{
    struct sn_root_member *record = &root->members[member.index];

    record->actor = actor;
    actor->notices = record->notices;
    for (int i = 0; i < SN_MEMBER_NOTICES; i++)
        init_notice(&record->notices[i], actor, member);
}

static int init_members(struct sn_system *system)
{
    struct sn_tree_root *root = &system->root;
    const struct sn_world *world = &system->world;

    root->member_count = sn_tree_member_bound(root->tree);
    root->members =
        sn_alloc_zeroed(world->allocator, (root->member_count + 1) * sizeof *root->members);
    if (root->members == NULL)
        return -ENOMEM;
    for (uint16_t pool = 0; pool < world->package->pool_count; pool++) {
        for (uint32_t i = 0; i < world->pools[pool].made; i++) {
            /* Relaxed: no thread runs yet. */
            sn_ref ref = {
                atomic_load_explicit(&world->pools[pool].members[i], memory_order_relaxed)};
            sn_member member;

            if (sn_tree_member_find(root->tree, pool, i, &member) != 0)
                return SN_INVALID;
            init_member(root, member,
                        sn_shard_actor(world->shards[sn_ref_shard(ref)], sn_ref_slot(ref)));
        }
    }
    return 0;
}

int sn_root_init(struct sn_system *system)
{
    struct sn_tree_root *root = &system->root;
    const struct sn_world *world = &system->world;
    uint32_t *sizes =
        sn_alloc_zeroed(world->allocator, (world->package->pool_count + 1u) * sizeof *sizes);

    if (sizes == NULL)
        return -ENOMEM;
    for (uint16_t i = 0; i < world->package->pool_count; i++)
        sizes[i] = world->pools[i].made;
    struct sn_tree_options options = {.allocator = world->allocator,
                                      .seed = world->options.seed,
                                      .pool_sizes = sizes,
                                      .pool_count = world->package->pool_count};
    int rc = sn_tree_create(world->package->supervisors, &options, &root->tree);
    sn_alloc_free(world->allocator, sizes, (world->package->pool_count + 1u) * sizeof *sizes);
    if (rc != 0)
        return rc;
    root->root = (struct sn_root){on_report, on_timer, on_pass, on_admin};
    root->sink.effect = on_effect;
    root->system = system;
    root->shard = world->shards[0];
    root->shard->root_timer.kind = SN_TIMER_ROOT;
    init_notice(&system->stop, NULL, SN_MEMBER_NONE);
    system->stop.kind = SN_NOTICE_STOP_TREE;
    system->world.root = &root->root;
    return init_members(system);
}

void sn_root_fini(struct sn_system *system)
{
    struct sn_tree_root *root = &system->root;

    sn_tree_destroy(root->tree);
    sn_alloc_free(system->world.allocator, root->members,
                  (root->member_count + 1) * sizeof *root->members);
}
