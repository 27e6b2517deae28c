/* SPDX-License-Identifier: MIT */
/**
 * Finding the cycles of a graph whose nodes are numbers.
 */
#ifndef SNGEN_CHECK_CYCLE_H
#define SNGEN_CHECK_CYCLE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

#define SN_NO_NODE SIZE_MAX

/* One edge of a cycle: the node, and which of its edges leads to the next. */
struct sn_cycle_step {
    size_t node;
    size_t edge;
};

/* The graph, and who wants to know; embed it to keep more. */
struct sn_cycle_search {
    size_t node_count;
    /* Where edge number `edge` of a node leads: SN_NO_NODE when it does not count. false: the node
     * has no edge of that number. */
    bool (*edge)(struct sn_cycle_search *self, size_t node, size_t edge, size_t *ret_target);
    void (*found)(struct sn_cycle_search *self, const struct sn_cycle_step *cycle, size_t length);
};

/**
 * Report a cycle for each edge that closes one in a depth-first walk, so at least one of each set
 * of nodes that reach each other; the last step is the edge that closes it. Takes linear time.
 *
 * Without memory the arena knows, and nothing is reported.
 */
void sn_cycle_search(struct sn_arena *arena, struct sn_cycle_search *search);

#endif
