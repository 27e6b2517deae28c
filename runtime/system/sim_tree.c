/* SPDX-License-Identifier: MIT */
/*
 * Whether supervisors start and stop in their order.
 *
 * The simulator stands between the supervision tree and the shards: it sees each order before it
 * is sent and each report before the tree does, and keeps an account of its own, which knows of
 * the tree only the specification:
 *
 *     start   the member is down; under a group strategy, and when the system starts, no earlier
 *             child of the supervisor is starting or stopping
 *     stop    no later child of the supervisor lives; when the whole system stops, no later pool
 *     report  of a member that was told to start, once
 *     gone    the member is down
 *
 * Pools are numbered in the order in which they start; what belongs to a supervisor is a range.
 */
#include "system/sim.h"

#include <errno.h>
#include <stddef.h>

enum state { DOWN, STARTING, UP, STOPPING };

struct sn_sim_member {
    uint32_t incarnation;
    uint8_t state; /* enum state */
};

struct sn_sim_place {
    uint32_t order;     /* among all pools */
    uint32_t from, end; /* what belongs to its supervisor */
    bool group;         /* it is not one_for_one */
};

/* ---- the specification ------------------------------------------------------------------- */

/* As deep as the schema. */
static void number_pools(struct sn_sim_tree *tree, const struct sn_supervisor_spec *spec)
{
    uint32_t from = tree->leaves;

    tree->ends_by_itself |= spec->auto_shutdown != SN_AUTO_SHUTDOWN_NEVER;
    for (uint32_t i = 0; i < spec->child_count; i++) {
        const struct sn_child_spec *child = &spec->children[i];

        if (child->supervisor != NULL)
            number_pools(tree, child->supervisor);
        else
            tree->places[child->pool].order = tree->leaves++;
    }
    for (uint32_t i = 0; i < spec->child_count; i++)
        if (spec->children[i].supervisor == NULL) {
            struct sn_sim_place *place = &tree->places[spec->children[i].pool];

            place->from = from;
            place->end = tree->leaves;
            place->group = spec->strategy != SN_ONE_FOR_ONE;
        }
}

/* ---- the account ------------------------------------------------------------------------- */

static const char *pool_name(const struct sn_sim *sim, uint32_t pool)
{
    return sim->system->world.pools[pool].type->name;
}

/* Whether a member of another pool, whose order is in a range, is in one of some states. */
static bool is_any(const struct sn_sim *sim, uint32_t from, uint32_t end, unsigned states,
                   uint32_t *ret_pool)
{
    const struct sn_tree_root *root = &sim->system->root;

    for (uint32_t i = 0; i < sim->tree.member_count; i++) {
        if (root->members[i].actor == NULL)
            continue;
        *ret_pool = root->members[i].actor->pool;
        uint32_t order = sim->tree.places[*ret_pool].order;
        if (order >= from && order < end && (states & (1u << sim->tree.members[i].state)) != 0)
            return true;
    }
    return false;
}

static void on_start(struct sn_sim *sim, const struct sn_tree_effect *effect)
{
    const struct sn_sim_place *place = &sim->tree.places[effect->pool];
    struct sn_sim_member *member = &sim->tree.members[effect->member.index];
    bool whole = !sn_sim_is_started(sim) && effect->incarnation == 1;
    uint32_t other;

    if (member->state != DOWN || effect->incarnation <= member->incarnation)
        sn_sim_broken(sim, "%s[%u] is started while it lives", pool_name(sim, effect->pool),
                      effect->index);
    if ((whole || place->group) &&
        is_any(sim, whole ? 0 : place->from, place->order, 1u << STARTING | 1u << STOPPING, &other))
        sn_sim_broken(sim, "%s starts before %s has started", pool_name(sim, effect->pool),
                      pool_name(sim, other));
    member->incarnation = effect->incarnation;
    member->state = STARTING;
}

static void on_stop(struct sn_sim *sim, const struct sn_tree_effect *effect)
{
    const struct sn_sim_place *place = &sim->tree.places[effect->pool];
    struct sn_sim_member *member = &sim->tree.members[effect->member.index];
    /* Relaxed: one thread. */
    bool whole = effect->kind == SN_EFFECT_STOP && effect->why == SN_STOP_SHUTDOWN &&
                 !sim->tree.ends_by_itself &&
                 atomic_load_explicit(&sim->system->world.stopping, memory_order_relaxed) != 0;
    uint32_t other;

    if (is_any(sim, place->order + 1, whole ? sim->tree.leaves : place->end,
               1u << STARTING | 1u << UP | 1u << STOPPING, &other))
        sn_sim_broken(sim, "%s stops before %s has stopped", pool_name(sim, effect->pool),
                      pool_name(sim, other));
    if (member->state != DOWN)
        member->state = STOPPING;
}

static void on_effect(struct sn_tree_sink *sink, const struct sn_tree_effect *effect)
{
    const struct sn_tree_root *root =
        (struct sn_tree_root *)((char *)sink - offsetof(struct sn_tree_root, sink));
    struct sn_sim *sim = root->system->sim;

    if (effect->kind == SN_EFFECT_START)
        on_start(sim, effect);
    else if (effect->kind == SN_EFFECT_STOP || effect->kind == SN_EFFECT_KILL)
        on_stop(sim, effect);
    else if (effect->kind == SN_EFFECT_GONE &&
             sim->tree.members[effect->member.index].state != DOWN)
        sn_sim_broken(sim, "%s[%u] is gone while it lives", pool_name(sim, effect->pool),
                      effect->index);
    sim->tree.next_effect(sink, effect);
}

static void on_report(struct sn_root *base, struct sn_notice *notice)
{
    const struct sn_tree_root *root =
        (struct sn_tree_root *)((char *)base - offsetof(struct sn_tree_root, root));
    struct sn_sim *sim = root->system->sim;

    if (notice->kind != SN_NOTICE_STOP_TREE) {
        struct sn_sim_member *member = &sim->tree.members[notice->member.index];
        bool started = notice->kind == SN_NOTICE_STARTED;

        if (notice->incarnation != member->incarnation || member->state == DOWN ||
            (started && member->state == UP))
            sn_sim_broken(sim, "%s[%u] reports %u, incarnation %u, in state %u",
                          pool_name(sim, notice->actor->pool), notice->actor->index, notice->kind,
                          notice->incarnation, member->state);
        if (!started)
            member->state = DOWN;
        else if (member->state == STARTING)
            member->state = UP;
    }
    sim->tree.next_report(base, notice);
}

int sn_sim_watch(struct sn_system *system)
{
    const struct sn_world *world = &system->world;
    const struct sn_allocator *memory = system->sim->memory;
    struct sn_sim_tree *tree = &system->sim->tree;

    tree->member_count = system->root.member_count;
    tree->place_count = world->package->pool_count + 1u;
    tree->members = sn_alloc_zeroed(memory, (tree->member_count + 1u) * sizeof *tree->members);
    tree->places = sn_alloc_zeroed(memory, tree->place_count * sizeof *tree->places);
    if (tree->members == NULL || tree->places == NULL)
        return -ENOMEM;
    number_pools(tree, world->package->supervisors);
    tree->next_effect = system->root.sink.effect;
    system->root.sink.effect = on_effect;
    tree->next_report = system->root.root.report;
    system->root.root.report = on_report;
    return 0;
}

void sn_sim_tree_fini(struct sn_sim *sim)
{
    struct sn_sim_tree *tree = &sim->tree;

    sn_alloc_free(sim->memory, tree->members, (tree->member_count + 1u) * sizeof *tree->members);
    sn_alloc_free(sim->memory, tree->places, tree->place_count * sizeof *tree->places);
}
