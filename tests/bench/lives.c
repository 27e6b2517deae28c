/* SPDX-License-Identifier: MIT */
/*
 * Actors made at run time, on one shard.
 *
 * `lifecycle/create-message-destroy` is a child from its spawn to its end: 64 bytes of state, one
 * message of 40 bytes, SN_STOP. A parent makes 64 in a handler and the next 64 when the last of
 * them has handled its message.
 *
 * `memory/million-idle-actors` is the growth of the process's resident memory, all told, by a
 * million actors with 64 bytes of state, each of which has handled one message.
 */
#include "lives.h"
#include "lives_child.h"
#include "lives_host.h"
#include "lives_idler.h"
#include "lives_parent.h"
#include "system.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum { WARM_UP_PART = 10, HOSTED_A_TURN = 256 };

/* ---- a life ---------------------------------------------------------------------------------- */

static int bear_litter(struct lives_parent *self)
{
    int rc = 0;

    for (uint64_t i = 1; rc == 0 && i <= LIVES_LITTER; i++) {
        struct lives_poke poke = {i == LIVES_LITTER, {i, 2, 3, 4, 5}};
        lives_child_ref child;

        rc = lives_parent_spawn_children(self, &child);
        if (rc == 0)
            rc = lives_parent_send_children_poke(self, child, &poke);
    }
    return rc;
}

int lives_parent_on_measure(struct lives_parent *self, const struct lives_measure *message,
                            lives_measure_reply_to to)
{
    int rc = lives_parent_set_to(self, to);

    self->left = message->operations / LIVES_LITTER;
    self->start_ns = bench_now_ns();
    return rc != 0 ? rc : bear_litter(self);
}

int lives_parent_on_go(struct lives_parent *self)
{
    if (--self->left > 0)
        return bear_litter(self);
    return lives_parent_reply_measure(
        self, self->to, &(struct lives_measure_reply){bench_now_ns() - self->start_ns});
}

int lives_child_on_poke(struct lives_child *self, const struct lives_poke *message)
{
    self->words[0] += message->words[0];
    int rc = message->last ? lives_child_send_parent_go(self) : 0;

    return rc != 0 ? rc : SN_STOP;
}

/* Nobody is left when the parent has answered. */
static int check_ends(struct lives *app)
{
    struct sn_stats stats;
    int rc = sn_quiesce(app->sn, SN_FOREVER);

    sn_stats(app->sn, &stats);
    return rc != 0 ? rc : stats.actors == 2 ? 0 : -EPROTO;
}

static uint64_t litters(uint64_t operations)
{
    return (operations / LIVES_LITTER + 1) * LIVES_LITTER;
}

static int measure(struct lives *app, uint64_t operations, struct bench_sample *ret_sample)
{
    struct lives_measure warm_up = {litters(operations / WARM_UP_PART)};
    struct lives_measure_reply reply = {0};
    int rc = lives_call_parent_measure(app, &warm_up, &reply);

    if (rc == 0)
        rc = lives_call_parent_measure(app, &(struct lives_measure){operations}, &reply);
    ret_sample->value = (double)reply.elapsed_ns / (double)operations;
    return rc != 0 ? rc : check_ends(app);
}

static int lifecycle(const struct bench_context *context, struct bench_sample *ret_sample)
{
    struct lives_options options = {0};
    struct lives *app = NULL;
    int rc = bench_system_prepare(context, 1, &options.system);

    if (rc == BENCH_SKIPPED)
        return rc;
    if (rc == 0)
        rc = lives_start(&options, &app);
    if (rc == 0)
        rc = bench_system_aside(context, 1);
    if (rc == 0)
        rc = measure(app, litters(bench_operations(context)), ret_sample);
    int left = lives_stop(app);
    return bench_system_result(context, rc != 0 ? rc : left);
}

/* ---- a crowd --------------------------------------------------------------------------------- */

int lives_host_on_fill(struct lives_host *self, const struct lives_fill *message,
                       lives_fill_reply_to to)
{
    int rc = lives_host_set_to(self, to);

    self->left = message->count;
    return rc != 0 ? rc : lives_host_send_host_more(self);
}

int lives_host_on_more(struct lives_host *self)
{
    const struct lives_poke poke = {false, {1, 2, 3, 4, 5}};
    int rc = 0;

    if (self->left == 0)
        return lives_host_reply_fill(self, self->to);
    for (int i = 0; rc == 0 && i < HOSTED_A_TURN && self->left > 0; i++, self->left--) {
        lives_idler_ref idler;

        rc = lives_host_spawn_crowd(self, &idler);
        if (rc == 0)
            rc = lives_host_send_crowd_poke(self, idler, &poke);
    }
    return rc != 0 ? rc : lives_host_send_host_more(self);
}

int lives_idler_on_poke(struct lives_idler *self, const struct lives_poke *message)
{
    self->words[0] += message->words[0];
    return 0;
}

static double resident_bytes(void)
{
    FILE *file = fopen("/proc/self/statm", "r");
    long total = 0, resident = 0;

    if (file == NULL)
        return 0;
    if (fscanf(file, "%ld %ld", &total, &resident) != 2)
        resident = 0;
    fclose(file);
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

static int crowd(const struct bench_context *context, struct bench_sample *ret_sample)
{
    uint64_t count = bench_operations(context);
    struct lives_options options = {0};
    struct lives *app = NULL;
    struct sn_stats stats = {0};
    double before = resident_bytes();
    int rc = bench_system_prepare(context, 1, &options.system);

    if (rc == 0)
        rc = lives_start(&options, &app);
    if (rc == 0)
        rc = lives_call_host_fill(app, &(struct lives_fill){count});
    if (rc == 0)
        rc = sn_quiesce(app->sn, SN_FOREVER);
    if (rc == 0)
        sn_stats(app->sn, &stats);
    if (rc == 0 && stats.actors != count + 2)
        rc = -EPROTO;
    ret_sample->value = (resident_bytes() - before) / (double)count;
    int left = lives_stop(app);
    return bench_system_result(context, rc != 0 ? rc : left);
}

/* A run of its own process only: a second one finds the first one's memory in the heap. */
static int crowd_once(const struct bench_context *context, struct bench_sample *ret_sample)
{
    return bench_in_child(context, crowd, ret_sample);
}

static const struct bench_row rows[] = {
    {"lifecycle/create-message-destroy",
     "ns",
     lifecycle,
     {{"operations", 1000000}, {"state_bytes", 64}}},
    {"memory/million-idle-actors",
     "bytes",
     crowd_once,
     {{"operations", LIVES_CROWD_SIZE}, {"state_bytes", 64}}},
};

const struct bench_table bench_lives = BENCH_TABLE(rows);
