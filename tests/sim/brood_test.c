/* SPDX-License-Identifier: MIT */
/*
 * Members made at run time under crashes and every other fault, in virtual time. The simulator
 * itself checks that messages, places, blocks and events add up. Here it is checked that a member
 * is reached by its own references only, that no more of them live than the pool may have, that
 * each init that succeeded is followed by one shutdown hook, and that nobody is left.
 *
 *     SN_SIM_SEED=17 test_sim_brood      one seed
 *     SN_SIM_SEEDS=1000 test_sim_brood   so many seeds
 */
#include "brood.h"
#include "brood_chick.h"
#include "brood_mate.h"
#include "brood_nest.h"
#include "ledger.h"

#include "../unit/countdown.h"

#include <check.h>
#include <errno.h>
#include <sn/sim.h>
#include <stdio.h>
#include <stdlib.h>

enum { NESTS = 4, MATES = 2, KEPT = 8, CHICKS_MAX = 24 };

struct ledger ledger;

/* One thread. */
static bool calm;
static uint64_t numbers, inits, ends, full, downs, stale;

/* Not done is not an error here. */
static int forgive(int rc)
{
    full += rc == SN_FULL;
    stale += rc == SN_GONE;
    return rc == SN_FULL || rc == SN_GONE || rc == SN_TOO_LARGE || rc == -ENOMEM ? 0 : rc;
}

static bool is_one(brood_chick_ref chick)
{
    return chick.ref.value != 0;
}

/* ---- nests ---------------------------------------------------------------------------------- */

/* What a nest knows of a chick is its number, in `fed` at the same place. */
int brood_nest_init(struct brood_nest *self)
{
    self->next = 0;
    return 0;
}

static int hatch(struct brood_nest *self, uint32_t place)
{
    struct brood_chick_args args = {++numbers, sn_string("a name that takes some room"),
                                    sn_self_index(self->sn)};
    brood_chick_ref chick;
    int rc = brood_nest_spawn_chicks(self, &args, &chick);

    if (rc != 0)
        return forgive(rc);
    self->chicks[place] = chick;
    self->fed[place] = args.number;
    for (int i = 0; rc == 0 && i < (int)(args.number % 4); i++)
        rc = brood_nest_send_chicks_feed(self, chick,
                                         &(struct brood_feed){args.number, {{0}}, false});
    return forgive(rc);
}

static int use(struct brood_nest *self, uint32_t place, uint64_t draw)
{
    brood_chick_ref chick = self->chicks[place];
    uint64_t number = self->fed[place];

    switch (draw % 12) {
    case 0:
        return brood_nest_stop_chicks(self, chick);
    case 1:
        return brood_nest_watch_chicks(self, chick);
    case 2:
        return brood_nest_unwatch_chicks(self, chick);
    case 3:
        return draw % 7 == 0 ? brood_nest_link_chicks(self, chick)
                             : brood_nest_unlink_chicks(self, chick);
    case 4:
        return brood_nest_send_chicks_die(self, chick);
    case 5:
    case 6:
        return brood_nest_ask_scale(self, chick, &(struct brood_weigh){number},
                                    &(struct brood_nest_scale){ledger_next(&ledger)});
    case 7:
        return brood_nest_send_nests_seen(self, &(struct brood_seen){chick});
    default:
        return brood_nest_send_chicks_feed(
            self, chick,
            &(struct brood_feed){number, self->chicks[(place + 1) % KEPT], draw % 64 == 8});
    }
}

int brood_nest_on_beat(struct brood_nest *self)
{
    uint64_t draw = sn_random(self->sn);
    uint32_t place = (uint32_t)(draw >> 40) % KEPT;
    int rc = 0;

    if (calm)
        return 0;
    for (int i = 0; rc == 0 && i < 3; i++, draw /= 5)
        rc = is_one(self->chicks[place]) && draw % 5 != 0 ? forgive(use(self, place, draw / 5))
                                                          : hatch(self, place);
    return rc;
}

int brood_nest_on_seen(struct brood_nest *self, const struct brood_seen *message)
{
    return forgive(brood_nest_stop_chicks(self, message->chick));
}

int brood_nest_on_look(struct brood_nest *self, brood_look_reply_to to)
{
    return brood_nest_reply_look(self, to, &(struct brood_look_reply){false});
}

int brood_nest_on_settle(struct brood_nest *self)
{
    (void)self;
    return 0;
}

int brood_nest_on_die(struct brood_nest *self)
{
    (void)self;
    return -EIO;
}

int brood_nest_on_scale(struct brood_nest *self, const struct brood_nest_scale *context,
                        int outcome, const struct brood_weigh_reply *reply)
{
    (void)self;
    ck_assert((reply != NULL) == (outcome == 0));
    ledger_complete(&ledger, context->number);
    return 0;
}

int brood_nest_on_chicks_down(struct brood_nest *self, brood_chick_ref ref, int reason)
{
    (void)self;
    ck_assert(is_one(ref));
    ck_assert_int_ne(reason, 0);
    downs++;
    return 0;
}

/* ---- chicks --------------------------------------------------------------------------------- */

int brood_chick_init(struct brood_chick *self, bool restored)
{
    ck_assert(!restored);
    ck_assert_uint_eq(self->fed, 0);
    ck_assert_uint_eq(self->weight, 0);
    if (self->args.number % 11 == 0)
        return self->args.number % 22 == 0 ? -EIO : SN_IGNORE;
    inits++;
    ck_assert_uint_le(inits - ends, CHICKS_MAX);
    if (self->args.number % 3 == 0)
        return forgive(brood_chick_start_hunger(self));
    return self->args.number % 13 == 0 ? SN_STOP : 0;
}

void brood_chick_shutdown(struct brood_chick *self, int why)
{
    (void)self;
    (void)why;
    ends++;
}

int brood_chick_on_feed(struct brood_chick *self, const struct brood_feed *message)
{
    struct brood_chick_args args = {++numbers, sn_string("an heir"), self->args.nest};
    int rc = 0;

    ck_assert_uint_eq(message->number, self->args.number); /* it is for this one */
    self->fed++;
    self->weight++;
    if (message->heir)
        rc = forgive(brood_chick_spawn_chicks(self, &args, &self->chick));
    else if (is_one(self->chick))
        rc = forgive(brood_chick_send_nests_seen_at(self, self->args.nest,
                                                    &(struct brood_seen){self->chick}));
    if (rc == 0 && self->fed % 3 == 0)
        rc = forgive(brood_chick_ask_look(self));
    return rc == 0 && self->fed == 9 ? SN_STOP : rc;
}

int brood_chick_on_weigh(struct brood_chick *self, const struct brood_weigh *message,
                         brood_weigh_reply_to to)
{
    ck_assert(message->number == 0 || message->number == self->args.number);
    ck_assert_uint_eq(self->weight, self->fed);
    return brood_chick_reply_weigh(self, to, &(struct brood_weigh_reply){self->args.number});
}

int brood_chick_on_die(struct brood_chick *self)
{
    (void)self;
    return -EIO;
}

int brood_chick_on_look(struct brood_chick *self, int outcome, const struct brood_look_reply *reply)
{
    (void)self;
    ck_assert((reply != NULL) == (outcome == 0));
    return 0;
}

int brood_chick_on_hunger(struct brood_chick *self)
{
    return self->args.number % 2 == 0 ? SN_STOP : -ETIMEDOUT;
}

int brood_mate_on_die(struct brood_mate *self)
{
    (void)self;
    return -EIO;
}

/* ---- runs ----------------------------------------------------------------------------------- */

static uint64_t number_of(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);

    return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

static void begin(void)
{
    memset(ledger.completed, 0, ledger.next);
    ledger.next = 0;
    inits = ends = 0;
    calm = false;
}

/* What the thread outside does between steps. */
static void disturb(struct brood *app, uint64_t round)
{
    struct brood_chick_args args = {++numbers, sn_string("an outsider"), (uint32_t)(round % NESTS)};
    struct brood_weigh_reply reply;
    brood_chick_ref chick;

    brood_send_nests_settle_all(app);
    if (round % 4 == 0)
        brood_send_mates_die_at(app, (uint32_t)(round / 4) % MATES);
    if (brood_spawn_chicks(app, &args, &chick) != 0)
        return;
    if (brood_call_chicks_weigh(app, chick, &(struct brood_weigh){args.number}, &reply) == 0)
        ck_assert_uint_eq(reply.number, args.number);
    if (round % 2 == 0)
        brood_stop_chicks(app, chick);
}

static void end(struct brood *app, uint64_t seed)
{
    struct sn_stats stats;

    calm = true;
    sn_sim_advance(app->sn, 10 * SN_SECOND); /* longer than the longest deadline */
    sn_stats(app->sn, &stats);
    ck_assert_uint_eq(stats.actors, NESTS + MATES + inits - ends);
    ck_assert_msg(brood_stop(app) == 0, "seed %llu: no graceful stop", (unsigned long long)seed);
    ck_assert_uint_eq(inits, ends);
}

static void run_of(uint64_t seed, uint64_t steps)
{
    struct sn_sim_options sim = {
        .seed = seed, .capacity = seed % 3 == 0 ? 1 : 0, .audit_every = 64};
    struct brood_options options = {.system = {.shards = 1 + (uint32_t)(seed % 5), .sim = &sim}};
    struct brood *app;

    if (seed % 5 != 0)
        sim.rates = (struct sn_sim_rates){.crash = 3000,
                                          .stall = 2000,
                                          .delay = 3000,
                                          .reorder = 2000,
                                          .full_ring = 1000,
                                          .full_mailbox = 1000,
                                          .no_memory = seed % 2 == 0 ? 1000 : 0};
    begin();
    ck_assert_int_eq(brood_start(&options, &app), 0);
    for (uint64_t done = 0; done < steps; done += 500) {
        sn_sim_run(app->sn, 500);
        disturb(app, done / 500);
    }
    end(app, seed);
}

START_TEST(sweep)
{
    uint64_t only = number_of("SN_SIM_SEED", UINT64_MAX);
    uint64_t seeds = number_of("SN_SIM_SEEDS", 15), steps = number_of("SN_SIM_STEPS", 4000);
    uint64_t lives = 0;

    full = stale = downs = 0;
    for (uint64_t seed = only != UINT64_MAX ? only : 0; seed < seeds || seed == only; seed++) {
        run_of(seed, steps);
        lives += inits;
        if (seed == only)
            break;
    }
    printf("%llu lives, %llu DOWNs, %llu times full, %llu times gone\n", (unsigned long long)lives,
           (unsigned long long)downs, (unsigned long long)full, (unsigned long long)stale);
    ck_assert_uint_gt(lives, 50);
    ck_assert_uint_gt(downs, 0);
    ck_assert_uint_gt(full, 0);
    ck_assert_uint_gt(stale, 0);
}
END_TEST

/* Run with allocation `fail_at` failing; returns whether there was one. */
static bool run_without(long fail_at, uint64_t seed)
{
    static struct countdown countdown;
    struct sn_sim_options sim = {.seed = seed, .step_ns = 50 * SN_US, .rates = {.crash = 5000}};
    struct brood_options options = {
        .system = {.shards = 3, .sim = &sim, .allocator = &countdown.allocator, .seed = seed}};
    struct brood *app;

    countdown_init(&countdown, fail_at);
    begin();
    int rc = brood_start(&options, &app);
    ck_assert(rc == 0 || rc == -ENOMEM);
    if (rc == 0) {
        sn_sim_run(app->sn, 400);
        disturb(app, 2);
        sn_sim_run(app->sn, 200);
        end(app, seed);
    }
    ck_assert_int_eq(atomic_load(&countdown.live_bytes), 0);
    return atomic_load(&countdown.left) < 0;
}

START_TEST(each_allocation_fails_once)
{
    long failed = 0;

    while (run_without(failed, (uint64_t)_i))
        ck_assert_int_lt(++failed, 5000);
    ck_assert_int_gt(failed, 50);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim");
    TCase *tests = tcase_create("brood");

    tcase_set_timeout(tests, 600);
    tcase_add_loop_test(tests, each_allocation_fails_once, 1, 2);
    tcase_add_test(tests, sweep);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
