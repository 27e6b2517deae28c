/* SPDX-License-Identifier: MIT */
#ifndef SN_SUPERVISE_DEADLINE_H
#define SN_SUPERVISE_DEADLINE_H

/*
 * The deadlines of a tree: a pairing heap through nodes embedded in their owners, so that arming
 * one cannot fail. Arm O(1), cancel and take O(log n) amortised. Equal times leave in the order
 * in which they were armed, which keeps traces the same on every machine.
 */

#include <stdbool.h>
#include <stdint.h>

enum sn_deadline_kind {
    SN_DEADLINE_INSTANCE = 0, /* start it again, or kill it */
    SN_DEADLINE_POSITION,     /* kill what is left of it */
    SN_DEADLINE_SUPERVISOR,   /* its back-off is over */
};

struct sn_deadline {
    uint64_t at_ns;
    uint64_t order; /* of arming */
    struct sn_deadline *child;
    struct sn_deadline *next; /* the next sibling */
    struct sn_deadline *prev; /* the sibling before, or the parent of a first child */
    uint8_t kind;             /* enum sn_deadline_kind: what it is embedded in */
    bool armed;
};

struct sn_deadlines {
    struct sn_deadline *first; /* the earliest; NULL: none */
    uint64_t order;
};

/** Arm, or arm again. */
void sn_deadline_arm(struct sn_deadlines *heap, struct sn_deadline *deadline, uint64_t at_ns);

/** Cancel; one that is not armed is left alone. */
void sn_deadline_cancel(struct sn_deadlines *heap, struct sn_deadline *deadline);

/** Take the earliest that is due. Returns NULL when none is. */
struct sn_deadline *sn_deadline_take(struct sn_deadlines *heap, uint64_t now_ns);

#endif
