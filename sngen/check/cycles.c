/* SPDX-License-Identifier: MIT */
/*
 * Cycles of parking edges. A worker whose message is parked runs only control and replies until
 * the receiver has room (SUPERVISION 3.4). When the receiver is parked the same way on the way
 * back, both wait for ever; so the graph of workers and parking edges must have no cycle.
 */
#include "base/map.h"
#include "check/checks.h"
#include "check/cycle.h"

struct parking {
    struct sn_cycle_search search;
    const struct sn_package *package;
    struct sn_arena *arena;
    struct sn_diags *diags;
    struct sn_map numbers; /* struct sn_worker *const in package->workers, by name */
};

static const struct sn_edge *edge_at(const struct sn_worker *worker, size_t index)
{
    return index < worker->edge_count ? &worker->edges[index]
                                      : &worker->asks[index - worker->edge_count].edge;
}

static bool parks(const struct sn_edge *edge)
{
    return edge->slot != NULL && edge->slot->full == SN_FULL_PARK;
}

static bool follow(struct sn_cycle_search *search, size_t node, size_t index, size_t *ret_target)
{
    struct parking *parking = (struct parking *)search; /* its first member */
    const struct sn_worker *worker = parking->package->workers[node];
    const struct sn_worker *const *found;

    if (index == worker->edge_count + worker->ask_count)
        return false;
    *ret_target = SN_NO_NODE;
    if (!parks(edge_at(worker, index)))
        return true;
    found = sn_map_get(&parking->numbers, edge_at(worker, index)->pool->worker->name);
    *ret_target = (size_t)(found - parking->package->workers);
    return true;
}

static void report(struct sn_cycle_search *search, const struct sn_cycle_step *cycle, size_t length)
{
    struct parking *parking = (struct parking *)search; /* its first member */
    const struct sn_worker **workers = parking->package->workers;
    const struct sn_cycle_step *last = &cycle[length - 1];
    const char *chain = workers[cycle->node]->name;

    for (size_t i = 0; i < length; i++)
        chain = sn_arena_printf(parking->arena, "%s -> %s", chain,
                                edge_at(workers[cycle[i].node], cycle[i].edge)->pool->worker->name);
    sn_diag_error(parking->diags, SN_CODE_PARK_CYCLE,
                  &edge_at(workers[last->node], last->edge)->location,
                  "these workers can park each other for ever: %s", chain);
    for (size_t i = 0; i < length; i++) {
        const struct sn_edge *edge = edge_at(workers[cycle[i].node], cycle[i].edge);

        sn_diag_note(parking->diags, &edge->slot->location, "'%s' parks who sends it to '%s'",
                     edge->message->name, edge->pool->name);
    }
    sn_diag_help(parking->diags, "let one of them reject or drop instead of park");
}

void sn_check_cycles(const struct sn_model *model, struct sn_diags *diags)
{
    const struct sn_package *package = model->package;
    struct parking parking = {
        .search = {.node_count = package->worker_count, .edge = follow, .found = report},
        .package = package,
        .arena = model->arena,
        .diags = diags};

    sn_map_init(&parking.numbers, model->arena);
    for (size_t i = 0; i < package->worker_count; i++)
        sn_map_put(&parking.numbers, package->workers[i]->name, &package->workers[i]);
    if (!sn_arena_failed(model->arena))
        sn_cycle_search(model->arena, &parking.search);
}
