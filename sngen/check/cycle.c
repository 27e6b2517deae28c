/* SPDX-License-Identifier: MIT */
/*
 * Depth-first search with the current path: an edge to a node on the path closes a cycle, which is
 * the rest of the path. Each node is finished once, so the search is linear. The path is an
 * explicit stack: a chain may be long.
 */
#include "check/cycle.h"

#include <stdint.h>

enum mark { FRESH, ON_PATH, DONE };

struct walk {
    struct sn_cycle_search *search;
    enum mark *marks;
    struct sn_cycle_step *path;
    size_t depth;
};

static void enter(struct walk *walk, size_t node)
{
    walk->marks[node] = ON_PATH;
    walk->path[walk->depth++] = (struct sn_cycle_step){.node = node};
}

static void close_cycle(struct walk *walk, size_t target)
{
    size_t first = 0;

    while (walk->path[first].node != target)
        first++;
    walk->search->found(walk->search, walk->path + first, walk->depth - first);
}

static void walk_from(struct walk *walk, size_t node)
{
    enter(walk, node);
    while (walk->depth > 0) {
        struct sn_cycle_step *step = &walk->path[walk->depth - 1];
        size_t target;

        if (!walk->search->edge(walk->search, step->node, step->edge, &target)) {
            walk->marks[step->node] = DONE;
            walk->depth--;
            if (walk->depth > 0)
                walk->path[walk->depth - 1].edge++;
            continue;
        }
        if (target != SN_NO_NODE && walk->marks[target] == FRESH) {
            enter(walk, target);
            continue;
        }
        if (target != SN_NO_NODE && walk->marks[target] == ON_PATH)
            close_cycle(walk, target);
        step->edge++;
    }
}

void sn_cycle_search(struct sn_arena *arena, struct sn_cycle_search *search)
{
    struct walk walk = {.search = search};

    walk.marks = sn_arena_array(arena, search->node_count, sizeof *walk.marks);
    walk.path = sn_arena_array(arena, search->node_count, sizeof *walk.path);
    if (walk.marks == NULL || walk.path == NULL)
        return;
    for (size_t i = 0; i < search->node_count; i++)
        if (walk.marks[i] == FRESH)
            walk_from(&walk, i);
}
