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
 *     gone    the member is down, and it never starts again under the same reference
 *     window  a supervisor that is limited restarts as often as it may and no oftener, and waits
 *             between restarts as long as its back-off says
 *
 * Pools are numbered in the order in which they start; what belongs to a supervisor is a range.
 * While a thread outside has asked for a child to be stopped or started, the order is not judged;
 * and never again after it has started a deleted one, which is the last of its supervisor from then
 * on.
 */
#include "system/sim.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

enum state { DOWN, STARTING, UP, STOPPING };

enum { TIMES = 64 };

struct sn_sim_member {
    uint64_t retired; /* the reference that it had when it was gone last */
    uint32_t incarnation;
    uint8_t state; /* enum state */
};

/* The restarts of a supervisor, as far as its window reaches. */
struct sn_sim_window {
    const struct sn_supervisor_spec *spec;
    uint32_t from, end; /* what belongs to it */
    bool limited;       /* how often it restarts can be judged: see add_window() */
    uint32_t count;
    uint64_t times_ns[TIMES]; /* the oldest first */
};

struct sn_sim_place {
    uint32_t order;     /* among all pools */
    uint32_t from, end; /* what belongs to its supervisor */
    bool group;         /* it is not one_for_one */
};

/* ---- the specification ------------------------------------------------------------------- */

static uint32_t count_supervisors(const struct sn_supervisor_spec *spec)
{
    uint32_t count = 1;

    for (uint32_t i = 0; i < spec->child_count; i++)
        if (spec->children[i].supervisor != NULL)
            count += count_supervisors(spec->children[i].supervisor);
    return count;
}

/* The window is empty again when the supervisor was stopped, which shows if it gave up, or one
 * above it did; but not if a group above it was restarted. */
static struct sn_sim_window *add_window(struct sn_sim_tree *tree,
                                        const struct sn_supervisor_spec *spec, bool grouped)
{
    struct sn_sim_window *window = &tree->windows[tree->window_count++];

    window->spec = spec;
    window->limited = !grouped && spec->restarts < TIMES;
    return window;
}

/* As deep as the schema. @grouped  a supervisor above restarts groups. */
static void number_pools(struct sn_sim_tree *tree, const struct sn_supervisor_spec *spec,
                         bool grouped)
{
    uint32_t from = tree->leaves;
    struct sn_sim_window *window = add_window(tree, spec, grouped);

    grouped |= spec->strategy != SN_ONE_FOR_ONE;
    tree->ends_by_itself |= spec->auto_shutdown != SN_AUTO_SHUTDOWN_NEVER;
    for (uint32_t i = 0; i < spec->child_count; i++) {
        const struct sn_child_spec *child = &spec->children[i];

        if (child->supervisor != NULL)
            number_pools(tree, child->supervisor, grouped);
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
    window->from = from;
    window->end = tree->leaves;
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

/* Whether the order is as the schema says. */
static bool is_ordered(struct sn_sim *sim)
{
    const struct sn_envelope *asked = sim->system->root.asked;

    for (; asked != NULL; asked = asked->next)
        sim->tree.moved |= sn_admin_kind(asked) == SN_EVENT_START_CHILD;
    return sim->system->root.asked == NULL && !sim->tree.moved;
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
    if (is_ordered(sim) && (whole || place->group) &&
        is_any(sim, whole ? 0 : place->from, place->order, 1u << STARTING | 1u << STOPPING, &other))
        sn_sim_broken(sim, "%s starts before %s has started", pool_name(sim, effect->pool),
                      pool_name(sim, other));
    member->incarnation = effect->incarnation;
    member->state = STARTING;
}

/* A supervisor that was stopped on demand begins with an empty window. */
static void distrust_windows(struct sn_sim_tree *tree, uint32_t order)
{
    for (uint32_t i = 0; i < tree->window_count; i++)
        if (order >= tree->windows[i].from && order < tree->windows[i].end)
            tree->windows[i].limited = false;
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

    if (!is_ordered(sim))
        distrust_windows(&sim->tree, place->order);
    else if (is_any(sim, place->order + 1, whole ? sim->tree.leaves : place->end,
                    1u << STARTING | 1u << UP | 1u << STOPPING, &other))
        sn_sim_broken(sim, "%s stops before %s has stopped", pool_name(sim, effect->pool),
                      pool_name(sim, other));
    if (member->state != DOWN)
        member->state = STOPPING;
}

/* ---- windows ----------------------------------------------------------------------------- */

static void forget_old(struct sn_sim_window *window, uint64_t now_ns)
{
    uint32_t old = 0;

    while (old < window->count && now_ns - window->times_ns[old] >= window->spec->window_ns)
        old++;
    window->count -= old;
    memmove(window->times_ns, window->times_ns + old, window->count * sizeof *window->times_ns);
}

static void add_time(struct sn_sim_window *window, uint64_t now_ns)
{
    if (window->count == TIMES) {
        window->count--;
        memmove(window->times_ns, window->times_ns + 1, window->count * sizeof *window->times_ns);
    }
    window->times_ns[window->count++] = now_ns;
}

static void on_restart(struct sn_sim *sim, struct sn_sim_window *window, uint64_t at_ns)
{
    const struct sn_supervisor_spec *spec = window->spec;
    uint64_t now_ns = sim->system->root.shard->now_ns;
    uint64_t waits_ns = at_ns > now_ns ? at_ns - now_ns : 0;

    forget_old(window, now_ns);
    if (window->limited && window->count >= spec->restarts)
        sn_sim_broken(sim, "supervisor %s restarts once too often", spec->name);
    if (window->count > 0 && window->limited &&
        (waits_ns < spec->backoff_min_ns || waits_ns > spec->backoff_max_ns))
        sn_sim_broken(sim, "a restart by supervisor %s waits %llu ns", spec->name,
                      (unsigned long long)waits_ns);
    add_time(window, now_ns);
}

/* It stops, with all that are below it; they begin with empty windows. */
static void on_give_up(struct sn_sim *sim, struct sn_sim_window *window)
{
    struct sn_sim_tree *tree = &sim->tree;

    forget_old(window, sim->system->root.shard->now_ns);
    if (window->limited && window->count < window->spec->restarts)
        sn_sim_broken(sim, "supervisor %s gives up after %u restarts", window->spec->name,
                      window->count);
    for (uint32_t i = 0; i < tree->window_count; i++)
        if (tree->windows[i].from >= window->from && tree->windows[i].end <= window->end)
            tree->windows[i].count = 0;
}

static void on_note(struct sn_sim *sim, const struct sn_tree_effect *effect)
{
    struct sn_sim_tree *tree = &sim->tree;

    for (uint32_t i = 0; i < tree->window_count; i++) {
        if (tree->ends_by_itself || tree->windows[i].spec->name != effect->supervisor)
            continue;
        if (effect->note == SN_NOTE_RESTART)
            on_restart(sim, &tree->windows[i], effect->deadline_ns);
        else if (effect->note == SN_NOTE_GAVE_UP)
            on_give_up(sim, &tree->windows[i]);
    }
}

/* ---- between the tree and the shards ----------------------------------------------------- */

static void on_gone(struct sn_sim *sim, const struct sn_tree_effect *effect)
{
    struct sn_sim_member *member = &sim->tree.members[effect->member.index];

    if (member->state != DOWN)
        sn_sim_broken(sim, "%s[%u] is gone while it lives", pool_name(sim, effect->pool),
                      effect->index);
    member->retired = sim->system->root.members[effect->member.index].actor->ref.value;
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
    else if (effect->kind == SN_EFFECT_GONE)
        on_gone(sim, effect);
    else if (effect->kind == SN_EFFECT_NOTE)
        on_note(sim, effect);
    sim->tree.next_effect(sink, effect);
}

static void see_report(struct sn_sim *sim, const struct sn_notice *notice)
{
    struct sn_sim_member *member = &sim->tree.members[notice->member.index];
    const struct sn_actor *actor = notice->actor;
    bool started = notice->kind == SN_NOTICE_STARTED;

    if (notice->incarnation != member->incarnation || member->state == DOWN ||
        (started && member->state == UP))
        sn_sim_broken(sim, "%s[%u] reports %u, incarnation %u, in state %u",
                      pool_name(sim, actor->pool), actor->index, notice->kind, notice->incarnation,
                      member->state);
    if (started && actor->ref.value == member->retired)
        sn_sim_broken(sim, "%s[%u] starts under the reference that was gone",
                      pool_name(sim, actor->pool), actor->index);
    if (!started)
        member->state = DOWN;
    else if (member->state == STARTING)
        member->state = UP;
}

static void on_report(struct sn_root *base, struct sn_notice *notice)
{
    const struct sn_tree_root *root =
        (struct sn_tree_root *)((char *)base - offsetof(struct sn_tree_root, root));
    struct sn_sim *sim = root->system->sim;

    if (notice->kind != SN_NOTICE_STOP_TREE)
        see_report(sim, notice);
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
    tree->windows_size = count_supervisors(world->package->supervisors) * sizeof *tree->windows;
    tree->windows = sn_alloc_zeroed(memory, tree->windows_size);
    if (tree->members == NULL || tree->places == NULL || tree->windows == NULL)
        return -ENOMEM;
    number_pools(tree, world->package->supervisors, false);
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
    sn_alloc_free(sim->memory, tree->windows, tree->windows_size);
}
