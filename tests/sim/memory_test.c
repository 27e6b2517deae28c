/* SPDX-License-Identifier: MIT */
/*
 * Every allocation of a scenario fails once: the storm is run with the first allocation failing,
 * then with the second, and so on, until a run needs no more. Each must either not start, with
 * -ENOMEM, or run to its end and stop; and all memory must be back. In the simulator what must hold
 * is checked all the while; with real threads a hang would be killed.
 */
#include "ledger.h"
#include "storm.h"

#include "../unit/countdown.h"

#include <errno.h>
#include <sn/sim.h>

struct ledger ledger;

enum { ROUNDS = 12, ALLOCATIONS_MAX = 5000 };

static void feed(struct storm *app, uint64_t key)
{
    static const uint8_t data[200];
    struct storm_question question = {.key = key, .number = key};
    struct storm_question_reply reply;

    storm_send_lefts_job(app, &(struct storm_job){.key = key, .left = 5});
    storm_send_lefts_note(app, &(struct storm_note){.key = key});
    storm_send_stores_blob(app, &(struct storm_blob){.data = {data, sizeof data}});
    if (storm_call_rights_question(app, &question, &reply) == 0)
        cheap_assert(reply.number == key);
}

/* Run with allocation `fail_at` failing; returns whether there was one. */
static bool run(struct storm_options options, struct countdown *countdown, long fail_at)
{
    uint64_t random = 7;
    struct storm *app;
    int rc;

    memset(&ledger, 0, offsetof(struct ledger, completed) + 4096);
    countdown_init(countdown, fail_at);
    options.system.allocator = &countdown->allocator;
    options.system.seed = 3;
    rc = storm_start(&options, &app);
    if (rc == 0) {
        for (int i = 0; i < ROUNDS; i++)
            feed(app, sn_random_next(&random) % 1000);
        if (options.system.sim != NULL)
            sn_sim_advance(app->sn, 20 * SN_MS);
        ck_assert_int_eq(storm_stop(app), 0);
    } else {
        ck_assert_msg(rc == -ENOMEM, "allocation %ld: %d", fail_at, rc);
    }
    ck_assert_msg(atomic_load(&countdown->live_bytes) == 0, "allocation %ld: %ld bytes are lost",
                  fail_at, atomic_load(&countdown->live_bytes));
    return atomic_load(&countdown->left) < 0;
}

static void fail_each(const struct storm_options *options)
{
    static struct countdown countdown;
    long failed = 0;

    while (run(*options, &countdown, failed))
        ck_assert_int_lt(++failed, ALLOCATIONS_MAX);
    ck_assert_int_gt(failed, 50);
}

/* One and three shards, mailboxes as declared and of one place. */
START_TEST(in_the_simulator)
{
    struct sn_sim_options sim = {.seed = 11 + (uint64_t)_i,
                                 .capacity = _i % 2 == 0 ? 0 : 1,
                                 .step_ns = 20 * SN_US,
                                 .audit_every = 4};
    struct storm_options options = {.system = {.shards = _i < 2 ? 1 : 3, .sim = &sim}};

    fail_each(&options);
}
END_TEST

START_TEST(with_threads)
{
    struct storm_options options = {
        .system = {.shards = 2,
                   .unpinned = true,
                   .io_backend = _i == 0 ? SN_IO_BACKEND_AUTO : SN_IO_BACKEND_EPOLL}};

    fail_each(&options);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("memory");
    TCase *tests = tcase_create("memory");

    tcase_set_timeout(tests, 300);
    tcase_add_loop_test(tests, in_the_simulator, 0, 4);
    tcase_add_loop_test(tests, with_threads, 0, 2);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
