/* SPDX-License-Identifier: MIT */
#ifndef TESTS_RUNTIME_TREE_KIT_H
#define TESTS_RUNTIME_TREE_KIT_H

/*
 * The children of tree.yaml and how tests reach them.
 */

#include "support.h"
#include "tree.h"
#include "tree_child.h"

typedef int (*script)(struct tree_child *self, void *data);

/* What the tests do with a pool; of one with members, with member `at`. */
struct pool {
    const char *name;
    uint32_t size;
    int (*perform)(struct tree *app, uint32_t at, const struct tree_perform *message);
    int (*item)(struct tree *app, uint32_t at, const struct tree_item *message);
    int (*poll)(struct tree *app, uint32_t at, struct tree_poll_reply *ret_reply);
};

enum pool_number {
    SINGLE,
    SEVERAL,
    ALL_1,
    ALL_2,
    ALL_3,
    ALL_BRIEF,
    REST_1,
    REST_2,
    REST_3,
    PASSING,
    BRIEF,
    FRAIL_1,
    FRAIL_2,
    SLOW_1,
    SLOW_2,
    POISONED,
    GUEST,
    HOST,
    POOLS
};

extern const struct pool pools[POOLS];

enum { STARTED = 1, STOPPED = 2, MEMBERS = 4 };

extern struct journal events; /* what, pool, member */
extern struct journal items, letters, firings;
extern _Atomic(int) inits[POOLS][MEMBERS], shutdowns[POOLS][MEMBERS], reasons[POOLS][MEMBERS];
extern _Atomic(int) init_failures[POOLS]; /* how often init still fails */
extern _Atomic(bool) ignored[POOLS];
extern _Atomic(int) held; /* resources */
extern struct manual_clock hands;

static inline uint64_t event(uint64_t what, uint64_t pool, uint64_t member)
{
    return what << 16 | pool << 8 | member;
}

struct tree_options options_of(int number);
struct tree *start(int number);
struct sn_stats finish(struct tree *app);
int perform(struct tree *app, enum pool_number pool, uint32_t at, script function);
/** Scripts: fail; stop normally. */
int crash(struct tree_child *self, void *data);
int end_normally(struct tree_child *self, void *data);
/** Until the member has been started so often, and answers. */
void await_inits(struct tree *app, enum pool_number pool, uint32_t at, int expected);
void send_item(struct tree *app, enum pool_number pool, uint32_t at, uint32_t number);
/** Everybody was started as often as the array says; 0 means once. */
void check_inits(const int expected[POOLS]);

#endif
