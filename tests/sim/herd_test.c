/* SPDX-License-Identifier: MIT */
/*
 * Retries, breakers, watches and links under crashes and every other fault, in virtual time. The
 * simulator itself checks that messages, places, blocks and events add up; here it is checked that
 * each ask completes once, retries included; that each watch gives exactly one DOWN unless its
 * watcher ended first; that requests to stop and restart pools are
 * answered; that each dead letter is shown at most once, and otherwise counted as lost;
 * and that a ring of linked actors fails together.
 *
 *     SN_SIM_SEED=17 test_sim_herd      one seed
 *     SN_SIM_SEEDS=1000 test_sim_herd   so many seeds
 */
#include "herd.h"
#include "herd_caller.h"
#include "herd_morgue.h"
#include "herd_node.h"
#include "herd_server.h"
#include "ledger.h"

#include "../unit/countdown.h"

#include <errno.h>
#include <sn/sim.h>
#include <stdio.h>
#include <stdlib.h>

enum { CALLERS = 4, SERVERS = 5, NODES = 7 };

struct ledger ledger;

/* One thread. */
static bool watched[CALLERS][SERVERS]; /* and no DOWN yet */
static bool calm;                      /* no new watches */
static uint64_t downs, node_begins, refused, shown, administered;

/* ---- callers -------------------------------------------------------------------------------- */

int herd_caller_init(struct herd_caller *self)
{
    /* Whatever it watched before has gone with its last incarnation. */
    memset(watched[sn_self_index(self->sn)], 0, sizeof watched[0]);
    return 0;
}

/* Not sent is not an error here. */
static int forgive(int rc)
{
    refused += rc == SN_OPEN;
    return rc == SN_FULL || rc == SN_GONE || rc == SN_OPEN || rc == -ENOMEM ? 0 : rc;
}

static int watch_one(struct herd_caller *self, uint32_t index)
{
    int rc = herd_caller_watch_servers_at(self, index);

    /* Its member of state ends with the incarnation, and a handler that fails ends it. */
    if (rc == 0)
        self->watching[index] = watched[sn_self_index(self->sn)][index] = true;
    return forgive(rc);
}

static int unwatch_one(struct herd_caller *self, uint32_t index)
{
    int rc = herd_caller_unwatch_servers_at(self, index);

    if (rc == 0)
        self->watching[index] = watched[sn_self_index(self->sn)][index] = false;
    return forgive(rc);
}

static int ask_one(struct herd_caller *self, uint64_t draw)
{
    uint64_t number = ledger_next(&ledger);
    struct herd_fetch fetch = {.number = draw, .key = sn_string("a key")};

    switch (draw % 3) {
    case 0:
        return forgive(herd_caller_ask_steady(self, &fetch, &(struct herd_caller_steady){number}));
    case 1:
        return forgive(herd_caller_ask_sure(self, &fetch, &(struct herd_caller_sure){number}));
    default:
        return forgive(herd_caller_ask_wary(self, &fetch, &(struct herd_caller_wary){number}));
    }
}

int herd_caller_on_beat(struct herd_caller *self)
{
    uint64_t draw = sn_random(self->sn);
    uint32_t index = (uint32_t)(draw >> 32) % SERVERS;
    int rc = calm ? 0 : ask_one(self, draw >> 8);

    if (rc == 0 && !calm)
        rc = forgive(herd_caller_send_servers_item(self, &(struct herd_item){draw}));
    if (rc != 0 || calm)
        return rc;
    return draw % 8 != 0 ? watch_one(self, index) : unwatch_one(self, index);
}

int herd_caller_on_settle(struct herd_caller *self)
{
    (void)self;
    return 0;
}

int herd_caller_on_told(struct herd_caller *self, const struct herd_told *message)
{
    (void)self, (void)message;
    return 0;
}

int herd_caller_on_steady(struct herd_caller *self, const struct herd_caller_steady *context,
                          int outcome, const struct herd_fetch_reply *reply)
{
    (void)self;
    ck_assert((reply != NULL) == (outcome == 0));
    ledger_complete(&ledger, context->number);
    return 0;
}

int herd_caller_on_sure(struct herd_caller *self, const struct herd_caller_sure *context,
                        int outcome, const struct herd_fetch_reply *reply)
{
    (void)self;
    ck_assert((reply != NULL) == (outcome == 0));
    ledger_complete(&ledger, context->number);
    return 0;
}

int herd_caller_on_wary(struct herd_caller *self, const struct herd_caller_wary *context,
                        int outcome, const struct herd_fetch_reply *reply)
{
    (void)self;
    ck_assert((reply != NULL) == (outcome == 0));
    ledger_complete(&ledger, context->number);
    return 0;
}

int herd_caller_on_servers_down(struct herd_caller *self, uint32_t index, int reason)
{
    ck_assert_msg(self->watching[index], "a DOWN without a watch");
    ck_assert(reason == -EFAULT || reason == -EIO || reason == -ENOMEM || reason == SN_SHUTDOWN ||
              reason == SN_STOP || reason == SN_GONE);
    self->watching[index] = watched[sn_self_index(self->sn)][index] = false;
    downs++;
    return 0;
}

/* ---- servers and nodes ---------------------------------------------------------------------- */

int herd_server_on_fetch(struct herd_server *self, const struct herd_fetch *message,
                         herd_fetch_reply_to to)
{
    ck_assert(sn_string_is(message->key, "a key"));
    if (sn_random(self->sn) % 4 == 0)
        return -EIO;
    return herd_server_reply_fetch(self, to, &(struct herd_fetch_reply){message->number});
}

int herd_server_on_item(struct herd_server *self, const struct herd_item *message)
{
    uint32_t index = (uint32_t)message->number % CALLERS;
    bool stops = sn_random(self->sn) % 4 == 0;
    int rc = 0;

    /* Some of what the last ones say waits in its outbox, and its DOWN behind that. */
    for (int i = 0; rc == 0 && i < (stops ? 8 : 1); i++)
        rc = herd_server_send_callers_told_at(self, index, &(struct herd_told){message->number});
    if (rc != 0 && rc != SN_FULL && rc != SN_GONE)
        return rc;
    return stops ? SN_STOP : 0;
}

int herd_server_on_die(struct herd_server *self)
{
    (void)self;
    return -EIO;
}

/* What it sends here may die as well; it is not told of that. */
static int mourn(struct herd_morgue *self, const struct sn_dead_letter *letter)
{
    int rc = herd_morgue_send_servers_item(self, &(struct herd_item){shown++});

    ck_assert(!sn_ref_equal(letter->source, sn_self(self->sn)));
    return rc == SN_FULL || rc == SN_GONE || rc == -ENOMEM ? 0 : rc;
}

int herd_morgue_on_dead_fetch(struct herd_morgue *self, const struct herd_fetch *message,
                              const struct sn_dead_letter *letter)
{
    ck_assert(sn_string_is(message->key, "a key"));
    ck_assert_str_eq(letter->pool, "servers");
    return mourn(self, letter);
}

int herd_morgue_on_dead_letter(struct herd_morgue *self, const struct sn_dead_letter *letter)
{
    ck_assert_str_ne(letter->message, "fetch");
    return mourn(self, letter);
}

int herd_node_init(struct herd_node *self)
{
    uint32_t index = sn_self_index(self->sn);

    node_begins++;
    return index > 0 ? herd_node_link_nodes_at(self, index - 1) : 0;
}

int herd_node_on_die(struct herd_node *self)
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

/* Let all servers die once more: whoever still watches must hear of it. */
static void check_watches(struct herd *app, uint64_t seed)
{
    calm = true;
    sn_sim_advance(app->sn, SN_SECOND);
    for (int i = 0; i < 3; i++) { /* the poison in a mailbox may have to die first */
        herd_send_servers_die_all(app);
        sn_sim_advance(app->sn, SN_SECOND);
    }
    for (int caller = 0; caller < CALLERS; caller++)
        for (int server = 0; server < SERVERS; server++)
            ck_assert_msg(!watched[caller][server], "seed %llu: a watch without its DOWN",
                          (unsigned long long)seed);
}

/* Somebody stops a pool for a while; the supervisor may be busy for longer than this waits. */
static void administrate(struct herd *app, uint64_t draw)
{
    static const char *const names[] = {"servers", "nodes", "callers", "morgue"};
    const char *name = names[draw % 4];
    struct sn_children children = {0};
    int rc = sn_child_stop(app->sn, name, 50 * SN_MS);

    ck_assert(rc == 0 || rc == SN_TIMEOUT || rc == -ENOMEM);
    rc = sn_child_list(app->sn, NULL, 50 * SN_MS, &children);
    ck_assert(rc == -ENOMEM || rc == SN_TIMEOUT || (rc == 0 && children.count == 4));
    rc = sn_child_restart(app->sn, name, 50 * SN_MS);
    ck_assert(rc == 0 || rc == SN_RUNNING || rc == SN_RESTARTING || rc == SN_TIMEOUT ||
              rc == -ENOMEM || rc == -EFAULT);
    sn_ref ref;
    if (sn_lookup(app->sn, "servers/1", &ref) == 0)
        sn_end(app->sn, ref, draw % 8 == 0 ? SN_SHUTDOWN : -EIO);
    administered++;
}

static struct sn_stats run_of(uint64_t seed, uint64_t steps)
{
    bool quiet = seed % 5 == 0;
    struct sn_sim_options sim = {.seed = seed, .capacity = seed % 3 == 0 ? 1 : 0};
    struct herd_options options = {.system = {.shards = 1 + (uint32_t)(seed % 5), .sim = &sim}};
    struct herd *app;
    struct sn_stats stats;

    if (!quiet)
        sim.rates = (struct sn_sim_rates){.crash = 3000,
                                          .stall = 2000,
                                          .delay = 3000,
                                          .reorder = 2000,
                                          .full_ring = 1000,
                                          .full_mailbox = 1000,
                                          .no_memory = seed % 2 == 0 ? 1000 : 0};
    memset(&ledger, 0, sizeof ledger);
    memset(watched, 0, sizeof watched);
    calm = false;
    shown = 0;
    ck_assert_int_eq(herd_start(&options, &app), 0);
    for (uint64_t done = 0; done < steps; done += 1000) {
        sn_sim_run(app->sn, 1000);
        herd_send_callers_settle_all(app);
        if (seed % 4 == 3)
            administrate(app, done / 1000);
    }
    if (quiet)
        check_watches(app, seed);
    calm = true;
    sn_sim_advance(app->sn, 10 * SN_SECOND); /* longer than the longest deadline */
    sn_stats(app->sn, &stats);
    /* Each is shown at most once, and if it was not, it is counted; over some the morgue crashed.
     */
    ck_assert_uint_le(shown, stats.failed + stats.dead_lettered);
    ck_assert_uint_ge(shown + stats.letters_lost, stats.failed + stats.dead_lettered);
    ck_assert_msg(herd_stop(app) == 0,
                  "seed %llu: no graceful stop; again: SN_SIM_SEED=%llu test_sim_herd",
                  (unsigned long long)seed, (unsigned long long)seed);
    return stats;
}

START_TEST(sweep)
{
    uint64_t only = number_of("SN_SIM_SEED", UINT64_MAX);
    uint64_t seeds = number_of("SN_SIM_SEEDS", 40), steps = number_of("SN_SIM_STEPS", 10000);
    uint64_t retries = 0, opened = 0;

    downs = refused = 0;
    for (uint64_t seed = only != UINT64_MAX ? only : 0; seed < seeds || seed == only; seed++) {
        struct sn_stats stats = run_of(seed, steps);

        retries += stats.retries;
        opened += stats.breakers_opened;
        if (seed == only)
            break;
    }
    printf("%llu retries, %llu breakers opened, %llu calls refused, %llu DOWNs\n",
           (unsigned long long)retries, (unsigned long long)opened, (unsigned long long)refused,
           (unsigned long long)downs);
    ck_assert_uint_gt(retries, 0);
    ck_assert_uint_gt(opened, 0);
    ck_assert_uint_gt(refused, 0);
    ck_assert_uint_gt(downs, 0);
    ck_assert_uint_gt(administered, 0);
}
END_TEST

/* A chain of links 0 <- 1 <- ... <- 6: when any of them fails, all do, once each. */
START_TEST(linked_nodes_fail_together)
{
    struct sn_sim_options sim = {.seed = (uint64_t)_i + 1};
    struct herd_options options = {.system = {.shards = 1 + (uint32_t)_i % 5, .sim = &sim}};
    struct herd *app;

    calm = true;
    node_begins = 0;
    ck_assert_int_eq(herd_start(&options, &app), 0);
    sn_sim_run_until_idle(app->sn);
    ck_assert_uint_eq(node_begins, NODES);
    ck_assert_int_eq(herd_send_nodes_die_at(app, (uint32_t)_i % NODES), 0);
    sn_sim_advance(app->sn, 10 * SN_SECOND);
    ck_assert_uint_ge(node_begins, 2 * NODES);
    ck_assert_int_eq(herd_stop(app), 0);
}
END_TEST

/* Run with allocation `fail_at` failing; returns whether there was one. */
static bool run_without(long fail_at, uint64_t seed)
{
    static struct countdown countdown;
    struct sn_sim_options sim = {.seed = seed, .step_ns = 50 * SN_US, .rates = {.crash = 5000}};
    struct herd_options options = {
        .system = {.shards = 3, .sim = &sim, .allocator = &countdown.allocator, .seed = seed}};
    struct herd *app;

    countdown_init(&countdown, fail_at);
    memset(ledger.completed, 0, ledger.next);
    ledger.next = 0;
    memset(watched, 0, sizeof watched);
    int rc = herd_start(&options, &app);
    ck_assert(rc == 0 || rc == -ENOMEM);
    if (rc == 0) {
        sn_sim_run(app->sn, 600);
        sn_sim_advance(app->sn, SN_SECOND);
        ck_assert_int_eq(herd_stop(app), 0);
    }
    ck_assert_int_eq(atomic_load(&countdown.live_bytes), 0);
    return atomic_load(&countdown.left) < 0;
}

START_TEST(each_allocation_fails_once)
{
    long failed = 0;

    calm = false;
    while (run_without(failed, (uint64_t)_i))
        ck_assert_int_lt(++failed, 5000);
    ck_assert_int_gt(failed, 50);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sim");
    TCase *tests = tcase_create("herd");

    tcase_set_timeout(tests, 600);
    tcase_add_loop_test(tests, linked_nodes_fail_together, 0, 35);
    tcase_add_loop_test(tests, each_allocation_fails_once, 1, 3);
    tcase_add_test(tests, sweep);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
