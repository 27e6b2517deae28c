/* SPDX-License-Identifier: MIT */
/*
 * Cycles of parking edges. A worker whose message is parked runs only control
 * and replies until the receiver has room (SUPERVISION 3.4). When the receiver
 * is parked the same way on the way back, both wait for ever; so the graph of
 * parking edges must have no cycle.
 *
 * Depth-first search with the current path: an edge to a worker on the path
 * closes a cycle, which is the rest of the path. Each worker is finished once,
 * so the search is linear, and a cycle is reported at the edge that closes it.
 * The path is an explicit stack: a chain of workers may be long.
 */
#include "check/checks.h"

#include "base/map.h"

enum mark { FRESH, ON_PATH, DONE };

struct step {
    size_t worker;
    size_t next;                /* which of its edges to follow next */
    const struct sn_edge *edge; /* the one that is being followed */
};

struct search {
    const struct sn_package *package;
    struct sn_arena *arena;
    struct sn_diags *diags;
    struct sn_map numbers; /* struct sn_worker *const in package->workers, by name */
    enum mark *marks;
    struct step *path;
    size_t depth;
};

static size_t edge_total(const struct sn_worker *worker)
{
    return worker->edge_count + worker->ask_count;
}

static const struct sn_edge *edge_at(const struct sn_worker *worker, size_t index)
{
    return index < worker->edge_count ? &worker->edges[index]
                                      : &worker->asks[index - worker->edge_count].edge;
}

static bool parks(const struct sn_edge *edge)
{
    return edge->slot != NULL && edge->slot->full == SN_FULL_PARK;
}

static void report(struct search *search, size_t first)
{
    const struct sn_edge *last = search->path[search->depth - 1].edge;
    const char *chain = search->package->workers[search->path[first].worker]->name;

    for (size_t i = first; i < search->depth; i++)
        chain = sn_arena_printf(search->arena, "%s -> %s", chain,
                                search->path[i].edge->pool->worker->name);
    sn_diag_error(search->diags, SN_CODE_PARK_CYCLE, &last->location,
                  "these workers can park each other for ever: %s", chain);
    for (size_t i = first; i < search->depth; i++) {
        const struct sn_edge *edge = search->path[i].edge;

        sn_diag_note(search->diags, &edge->slot->location, "'%s' parks who sends it to '%s'",
                     edge->message->name, edge->pool->name);
    }
    sn_diag_help(search->diags, "let one of them reject or drop instead of park");
}

/* Follow one edge of the last worker on the path. */
static void follow(struct search *search, const struct sn_edge *edge)
{
    struct step *step = &search->path[search->depth - 1];
    const struct sn_worker *const *found = sn_map_get(&search->numbers, edge->pool->worker->name);
    size_t target = (size_t)(found - search->package->workers);
    size_t first = 0;

    step->edge = edge;
    if (search->marks[target] == DONE)
        return;
    if (search->marks[target] == FRESH) {
        search->marks[target] = ON_PATH;
        search->path[search->depth++] = (struct step){.worker = target};
        return;
    }
    while (search->path[first].worker != target)
        first++;
    report(search, first);
}

static void search_from(struct search *search, size_t worker)
{
    search->marks[worker] = ON_PATH;
    search->path[0] = (struct step){.worker = worker};
    search->depth = 1;
    while (search->depth > 0) {
        struct step *step = &search->path[search->depth - 1];
        const struct sn_worker *from = search->package->workers[step->worker];

        if (step->next == edge_total(from)) {
            search->marks[step->worker] = DONE;
            search->depth--;
            continue;
        }
        if (parks(edge_at(from, step->next++)))
            follow(search, edge_at(from, step->next - 1));
    }
}

void sn_check_cycles(const struct sn_model *model, struct sn_diags *diags)
{
    const struct sn_package *package = model->package;
    struct search search = {.package = package, .arena = model->arena, .diags = diags};

    search.marks = sn_arena_array(model->arena, package->worker_count, sizeof *search.marks);
    search.path = sn_arena_array(model->arena, package->worker_count + 1, sizeof *search.path);
    sn_map_init(&search.numbers, model->arena);
    for (size_t i = 0; i < package->worker_count; i++)
        sn_map_put(&search.numbers, package->workers[i]->name, &package->workers[i]);
    if (search.marks == NULL || search.path == NULL || sn_arena_failed(model->arena))
        return;
    for (size_t i = 0; i < package->worker_count; i++)
        if (search.marks[i] == FRESH)
            search_from(&search, i);
}
