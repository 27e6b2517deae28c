/* SPDX-License-Identifier: MIT */
#ifndef TESTS_RUNTIME_MAIL_KIT_H
#define TESTS_RUNTIME_MAIL_KIT_H

/*
 * The actors of mailbox.yaml and how tests fill their mailboxes: shared by mailbox_test.c and
 * overflow_test.c.
 */

#include "mail.h"
#include "mail_driver.h"
#include "support.h"

typedef int (*script)(struct mail_driver *self, void *data);

enum { CAPACITY = 3, PARK = 4, FAILS_ONCE = 66666, NOTE = 1000, QUERY = 2000 };

extern struct journal seen;        /* what the sinks handled */
extern struct journal completions; /* outcomes of asks */
extern struct gate failing;        /* where FAILS_ONCE waits before it fails */

struct mail *start(int number);
struct sn_stats finish(struct mail *app);
sn_ref find(struct mail *app, const char *name);
/** From when it returns, the actor takes nothing out of its mailbox. */
void hold(struct mail *app, const char *name);
void release(struct mail *app, const char *name);

/* Who sends: a thread outside, an actor on the shard of the pools, one on another shard. */
enum origin { OUTSIDE, NEAR, AFAR, ORIGINS };

int perform(struct mail *app, enum origin origin, script function, void *data);
int nudge(struct mail *app, enum origin origin, script function, void *data);
/** What it has sent to the pools of shard 0 has arrived when this returns. A ping would not do for
 * a driver: it takes the way of this thread. */
void arrive(struct mail *app, enum origin origin);

/* One edge, from main and from a driver. */
struct edge {
    const char *pool;
    int (*outside)(struct mail *app, const struct mail_item *message);
    int (*inside)(struct mail_driver *self, const struct mail_item *message);
    uint32_t capacity;
};

extern const struct edge one, two, thousand, oldest, newest, parking;

/* Send numbered items over an edge until one is refused, or `limit` were taken. */
struct fill {
    const struct edge *edge;
    uint32_t first, limit;
    _Atomic(uint32_t) taken;
    int last;
};

int fill_inside(struct mail_driver *self, void *data);
void fill_outside(struct mail *app, struct fill *fill);
/** Fill from anywhere. Returns how many were taken. */
uint32_t fill_from(struct mail *app, enum origin origin, struct fill *fill);

#endif
