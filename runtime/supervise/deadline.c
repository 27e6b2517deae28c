/* SPDX-License-Identifier: MIT */

/*
 * A pairing heap (Fredman, Sedgewick, Sleator, Tarjan 1986): a tree in heap order; melding makes
 * the later root the first child of the earlier one; removing a node melds its children in pairs
 * from left to right, then the pairs from right to left. The pairing is iterative: ten thousand
 * deadlines of one moment are one node with ten thousand siblings.
 */

#include "supervise/deadline.h"

#include <stddef.h>

static bool before(const struct sn_deadline *a, const struct sn_deadline *b)
{
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->order < b->order;
}

/* Two roots become one; both non-NULL. */
static struct sn_deadline *meld(struct sn_deadline *a, struct sn_deadline *b)
{
    if (before(b, a)) {
        struct sn_deadline *swap = a;
        a = b;
        b = swap;
    }
    b->prev = a;
    b->next = a->child;
    if (a->child)
        a->child->prev = b;
    a->child = b;
    a->prev = a->next = NULL;
    return a;
}

static struct sn_deadline *meld_siblings(struct sn_deadline *first)
{
    struct sn_deadline *pairs = NULL; /* linked by `next`, the last pair first */

    while (first) {
        struct sn_deadline *a = first;
        struct sn_deadline *b = a->next;

        first = b ? b->next : NULL;
        if (b)
            a = meld(a, b);
        a->next = pairs;
        pairs = a;
    }

    struct sn_deadline *root = pairs;
    if (root)
        pairs = root->next;
    while (root && pairs) {
        struct sn_deadline *next = pairs->next;

        root = meld(root, pairs);
        pairs = next;
    }
    if (root)
        root->prev = root->next = NULL;
    return root;
}

void sn_deadline_arm(struct sn_deadlines *heap, struct sn_deadline *deadline, uint64_t at_ns)
{
    sn_deadline_cancel(heap, deadline);
    deadline->at_ns = at_ns;
    deadline->order = heap->order++;
    deadline->armed = true;
    heap->first = heap->first ? meld(heap->first, deadline) : deadline;
}

void sn_deadline_cancel(struct sn_deadlines *heap, struct sn_deadline *deadline)
{
    if (!deadline->armed)
        return;

    struct sn_deadline *below = meld_siblings(deadline->child);

    if (deadline == heap->first) {
        heap->first = below;
    } else {
        if (deadline->prev->child == deadline)
            deadline->prev->child = deadline->next;
        else
            deadline->prev->next = deadline->next;
        if (deadline->next)
            deadline->next->prev = deadline->prev;
        if (below)
            heap->first = meld(heap->first, below);
    }
    deadline->child = deadline->next = deadline->prev = NULL;
    deadline->armed = false;
}

struct sn_deadline *sn_deadline_take(struct sn_deadlines *heap, uint64_t now_ns)
{
    struct sn_deadline *first = heap->first;

    if (!first || first->at_ns > now_ns)
        return NULL;
    sn_deadline_cancel(heap, first);
    return first;
}
