/* SPDX-License-Identifier: MIT */
/*
 * Timers of actors, on one shard. `timer/arm-cancel` starts and cancels one while a thousand far
 * ones are armed. `timer/fire` is a firing, its handler, and the start of the next one: a thousand
 * actors do this without end, which takes longer than a tick of the wheel, so that the shard never
 * waits for the time to pass.
 */
#include "clocks.h"
#include "system.h"

#include <errno.h>

enum { WARM_UP_PART = 10, PAIRS_A_TURN = 16 };

/* ---- arm and cancel -------------------------------------------------------------------------- */

int clocks_armer_on_measure(struct clocks_armer *self, const struct clocks_measure *message,
                            clocks_measure_reply_to to)
{
    int rc = clocks_armer_set_to(self, to);

    self->left = message->operations / PAIRS_A_TURN;
    self->start_ns = bench_now_ns();
    if (rc == 0)
        rc = clocks_armer_send_sleepers_doze_all(self);
    return rc != 0 ? rc : clocks_armer_send_armer_go(self);
}

int clocks_sleeper_on_doze(struct clocks_sleeper *self)
{
    return clocks_sleeper_start_far(self);
}

int clocks_sleeper_on_far(struct clocks_sleeper *self)
{
    (void)self;
    return -EPROTO; /* an hour cannot have passed */
}

int clocks_armer_on_go(struct clocks_armer *self)
{
    int rc = 0;

    if (self->left-- == 0)
        return clocks_armer_reply_measure(
            self, self->to, &(struct clocks_measure_reply){bench_now_ns() - self->start_ns});
    for (int i = 0; rc == 0 && i < PAIRS_A_TURN; i++) {
        rc = clocks_armer_start_far(self);
        if (rc == 0)
            rc = clocks_armer_cancel_far(self);
    }
    return rc != 0 ? rc : clocks_armer_send_armer_go(self);
}

int clocks_armer_on_far(struct clocks_armer *self)
{
    (void)self;
    return -EPROTO; /* it was cancelled */
}

/* ---- fire ------------------------------------------------------------------------------------ */

int clocks_keeper_on_measure(struct clocks_keeper *self, const struct clocks_measure *message,
                             clocks_measure_reply_to to)
{
    struct clocks_begin begin = {message->operations / CLOCKS_SLEEPER_COUNT};
    int rc = clocks_keeper_set_to(self, to);

    self->waiting = CLOCKS_SLEEPER_COUNT;
    self->start_ns = bench_now_ns();
    return rc != 0 ? rc : clocks_keeper_send_sleepers_begin_all(self, &begin);
}

int clocks_sleeper_on_begin(struct clocks_sleeper *self, const struct clocks_begin *message)
{
    self->left = message->times;
    return clocks_sleeper_start_near(self);
}

int clocks_sleeper_on_near(struct clocks_sleeper *self)
{
    if (--self->left > 0)
        return clocks_sleeper_start_near(self);
    return clocks_sleeper_send_keeper_finished(self);
}

int clocks_keeper_on_finished(struct clocks_keeper *self)
{
    if (--self->waiting > 0)
        return 0;
    return clocks_keeper_reply_measure(
        self, self->to, &(struct clocks_measure_reply){bench_now_ns() - self->start_ns});
}

/* ---- rows ------------------------------------------------------------------------------------ */

typedef int clocks_call(struct clocks *app, const struct clocks_measure *message,
                        struct clocks_measure_reply *ret_reply);

static uint64_t whole_rounds(uint64_t operations)
{
    return (operations / CLOCKS_SLEEPER_COUNT + 1) * CLOCKS_SLEEPER_COUNT;
}

static int measure(struct clocks *app, clocks_call *call, uint64_t operations,
                   struct bench_sample *ret_sample)
{
    struct clocks_measure warm_up = {whole_rounds(operations / WARM_UP_PART)};
    struct clocks_measure_reply reply = {0};
    int rc = call(app, &warm_up, &reply);

    if (rc == 0)
        rc = call(app, &(struct clocks_measure){operations}, &reply);
    ret_sample->value = (double)reply.elapsed_ns / (double)operations;
    return rc;
}

static int run(const struct bench_context *context, struct bench_sample *ret_sample,
               clocks_call *call)
{
    struct clocks_options options = {0};
    struct clocks *app = NULL;
    int rc = bench_system_prepare(context, 1, &options.system);

    if (rc == 0)
        rc = clocks_start(&options, &app);
    if (rc == 0)
        rc = bench_system_aside(context, 1);
    if (rc == 0)
        rc = measure(app, call, whole_rounds(bench_operations(context)), ret_sample);
    int left = clocks_stop(app);
    return bench_system_result(context, rc != 0 ? rc : left);
}

static int arm_cancel(const struct bench_context *context, struct bench_sample *ret_sample)
{
    return run(context, ret_sample, clocks_call_armer_measure);
}

static int fire(const struct bench_context *context, struct bench_sample *ret_sample)
{
    return run(context, ret_sample, clocks_call_keeper_measure);
}

static const struct bench_row rows[] = {
    {"timer/arm-cancel",
     "ns",
     arm_cancel,
     {{"operations", 4000000}, {"armed", CLOCKS_SLEEPER_COUNT}, {"pairs_a_turn", PAIRS_A_TURN}}},
    {"timer/fire", "ns", fire, {{"operations", 4000000}, {"armed", CLOCKS_SLEEPER_COUNT}}},
};

const struct bench_table bench_timers = BENCH_TABLE(rows);
