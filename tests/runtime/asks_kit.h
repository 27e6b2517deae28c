/* SPDX-License-Identifier: MIT */
#ifndef TESTS_RUNTIME_ASKS_KIT_H
#define TESTS_RUNTIME_ASKS_KIT_H

/*
 * The actors of asks.yaml and how tests reach them.
 */

#include "inquiry.h"
#include "inquiry_client.h"
#include "support.h"

typedef int (*script)(struct inquiry_client *self, void *data);

extern struct journal completions, inner; /* of the client and of the middle, see ended() */
extern _Atomic(int) client_inits;
extern struct manual_clock hands;

/** How a completion is noted: its outcome and the number of its question. */
static inline uint64_t ended(int outcome, uint32_t number)
{
    return (uint64_t)outcome * 1000 + number;
}

struct inquiry *start_with(struct sn_system_options system);
struct inquiry *start(int number);
/** On the clock `hands`. */
struct inquiry *start_by_hand(int number);
struct sn_stats finish(struct inquiry *app);
sn_ref find(struct inquiry *app, const char *name);
/** From when it returns, the actor takes nothing out of its mailbox. */
void hold(struct inquiry *app, const char *name);
void release(struct inquiry *app, const char *name);
void ping(struct inquiry *app, const char *name);
/** Move the clock; when it returns all shards have seen it. */
void advance(struct inquiry *app, uint64_t by_ns);
int perform(struct inquiry *app, script function, void *data);
/** A script: ask `data`, a struct inquiry_query, with a context. */
int look(struct inquiry_client *self, void *data);

#endif
