/* SPDX-License-Identifier: MIT */
/* Handlers of the workloads in which one actor speaks to many: fork-join and broadcast. */
#include "bench.h"
#include "load.h"

/* ---- fork-join: a number to each of many asks, their replies added up ------------------------ */

enum { FORKS_AT_ONCE = 512 };

static int fork_some(struct load_forker *self)
{
    int rc = 0;

    while (rc == 0 && self->left > 0 && self->open < FORKS_AT_ONCE) {
        rc = load_forker_ask_leaf(self, &(struct load_leaf){--self->left});
        self->open++;
    }
    return rc;
}

int load_forker_on_measure(struct load_forker *self, const struct load_measure *message,
                           load_measure_reply_to to)
{
    self->left = message->operations;
    self->open = 0;
    self->sum = 0;
    self->expected = message->operations * (message->operations - 1) / 2;
    self->start_ns = bench_now_ns();
    int rc = load_forker_set_to(self, to);
    return rc != 0 ? rc : fork_some(self);
}

int load_branch_on_leaf(struct load_branch *self, const struct load_leaf *message,
                        load_leaf_reply_to to)
{
    return load_branch_reply_leaf(self, to, &(struct load_leaf_reply){message->number});
}

/* The next batch is forked when the last one has been joined. */
int load_forker_on_leaf(struct load_forker *self, int outcome, const struct load_leaf_reply *reply)
{
    if (outcome != 0)
        return load_forker_refuse_measure(self, self->to, outcome);
    self->sum += reply->number;
    if (--self->open > 0)
        return 0;
    if (self->left > 0)
        return fork_some(self);
    if (self->sum != self->expected)
        return load_forker_refuse_measure(self, self->to, SN_INVALID);
    return load_forker_reply_measure(self, self->to,
                                     &(struct load_measure_reply){bench_now_ns() - self->start_ns});
}

/* ---- broadcast: to each member of a pool, which answer the last of a burst --------------------
 */

enum { ROUNDS_A_BURST = 16 };

static int cast_burst(struct load_caster *self)
{
    struct load_hear hear = {.last = false, .words = {1, 2, 3, 4, 5}};
    int rc = 0;

    for (int round = 1; rc == 0 && round <= ROUNDS_A_BURST; round++) {
        hear.last = round == ROUNDS_A_BURST;
        rc = load_caster_send_listeners_hear_all(self, &hear);
    }
    self->waiting = LOAD_LISTENER_COUNT;
    return rc;
}

/* The operations are bursts. */
int load_caster_on_measure(struct load_caster *self, const struct load_measure *message,
                           load_measure_reply_to to)
{
    self->left = message->operations;
    self->start_ns = bench_now_ns();
    int rc = load_caster_set_to(self, to);
    return rc != 0 ? rc : cast_burst(self);
}

int load_listener_on_hear(struct load_listener *self, const struct load_hear *message)
{
    return message->last ? load_listener_send_caster_heard(self) : 0;
}

/* The value is per message delivered. */
int load_caster_on_heard(struct load_caster *self)
{
    if (--self->waiting > 0)
        return 0;
    if (--self->left > 0)
        return cast_burst(self);
    return load_caster_reply_measure(self, self->to,
                                     &(struct load_measure_reply){bench_now_ns() - self->start_ns});
}
