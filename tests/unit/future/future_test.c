/* SPDX-License-Identifier: MIT */

/*
 * The table of futures: completed once, late, never, too often; time-outs; generations up to
 * their end; every allocation failing; and a waiter on one thread with completers on others.
 */

#include <check.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../cheap.h"
#include "../countdown.h"
#include "future/future.h"
#include "memory/memory.h"

enum { PLACE = 77, GENERATION_SHIFT = 3 };

struct bench {
    struct countdown countdown;
    struct sn_future_table table;
};

static struct bench *bench_create(void)
{
    struct bench *bench = calloc(1, sizeof *bench);

    ck_assert_ptr_nonnull(bench);
    countdown_init(&bench->countdown, -1);
    sn_future_table_init(&bench->table, &bench->countdown.allocator, NULL);
    return bench;
}

static void bench_destroy(struct bench *bench)
{
    sn_future_table_fini(&bench->table);
    ck_assert_int_eq(atomic_load(&bench->countdown.live_bytes), 0);
    free(bench);
}

static struct sn_envelope *new_reply(struct bench *bench)
{
    struct sn_envelope *reply =
        sn_block_alloc_large(&bench->countdown.allocator, sizeof(struct sn_envelope) + 8);

    cheap_assert(reply != NULL);
    return reply;
}

static struct sn_future *take(struct bench *bench)
{
    struct sn_future *future = sn_future_take(&bench->table);

    cheap_assert(future != NULL);
    return future;
}

START_TEST(a_completion_brings_outcome_and_reply)
{
    struct bench *bench = bench_create();
    struct sn_future *future = take(bench);
    struct sn_envelope *reply = new_reply(bench);
    sn_reply_token token = sn_future_token(future, PLACE);

    ck_assert_uint_eq(sn_token_place(token), PLACE);
    ck_assert(!sn_future_is_done(future));
    ck_assert(sn_future_complete(&bench->table, token, 0, reply));
    ck_assert(sn_future_is_done(future));
    ck_assert_int_eq(sn_future_await(future, 0, 0), 0);
    ck_assert_int_eq(future->outcome, 0);
    ck_assert_ptr_eq(future->reply, reply);
    sn_future_give(&bench->table, future); /* frees the reply, which nobody took */
    ck_assert_uint_eq(bench->table.open, 0);
    bench_destroy(bench);
}
END_TEST

START_TEST(a_second_completion_is_refused)
{
    struct bench *bench = bench_create();
    struct sn_future *future = take(bench);
    sn_reply_token token = sn_future_token(future, PLACE);

    ck_assert(sn_future_complete(&bench->table, token, 5, NULL));
    ck_assert(!sn_future_complete(&bench->table, token, 6, NULL));
    ck_assert_int_eq(future->outcome, 5);
    sn_future_give(&bench->table, future);
    bench_destroy(bench);
}
END_TEST

START_TEST(a_late_completion_hits_nobody)
{
    struct bench *bench = bench_create();
    struct sn_future *future = take(bench);
    sn_reply_token old = sn_future_token(future, PLACE);
    struct sn_envelope *reply = new_reply(bench);

    sn_future_give(&bench->table, future);
    ck_assert(!sn_future_complete(&bench->table, old, 0, reply));
    ck_assert_ptr_eq(take(bench), future); /* the same future again, for another request */
    ck_assert(!sn_future_complete(&bench->table, old, 0, reply));
    ck_assert(!sn_future_is_done(future));
    sn_block_free_large(&bench->countdown.allocator, reply); /* it stayed ours */
    sn_future_give(&bench->table, future);
    bench_destroy(bench);
}
END_TEST

START_TEST(tokens_that_were_never_given_hit_nobody)
{
    struct bench *bench = bench_create();
    struct sn_future *future = take(bench);
    uint32_t slot = future->slot;

    ck_assert(!sn_future_complete(&bench->table, (sn_reply_token){0}, 0, NULL));
    ck_assert(!sn_future_complete(&bench->table, sn_token_make(PLACE, slot, 0), 0, NULL));
    ck_assert(!sn_future_complete(&bench->table, sn_token_make(PLACE, slot, 2), 0, NULL));
    ck_assert(!sn_future_complete(&bench->table, sn_token_make(PLACE, slot, UINT32_MAX), 0, NULL));
    ck_assert(
        !sn_future_complete(&bench->table, sn_token_make(PLACE, SN_FUTURE_CHUNK, 1), 0, NULL));
    ck_assert(
        !sn_future_complete(&bench->table, sn_token_make(PLACE, SN_ASKS_MAX - 1, 1), 0, NULL));
    ck_assert(!sn_future_is_done(future));
    sn_future_give(&bench->table, future);
    bench_destroy(bench);
}
END_TEST

START_TEST(waiting_ends_at_the_time_out_and_may_go_on)
{
    struct bench *bench = bench_create();
    struct sn_future *future = take(bench);
    sn_reply_token token = sn_future_token(future, PLACE);
    uint64_t start_ns = sn_clock_now(&sn_clock_system);

    ck_assert_int_eq(sn_future_await(future, 0, 0), SN_TIMEOUT);
    ck_assert_int_eq(sn_future_await(future, 2 * SN_MS, 10), SN_TIMEOUT);
    ck_assert_uint_ge(sn_clock_now(&sn_clock_system) - start_ns, 2 * SN_MS);
    ck_assert(sn_future_complete(&bench->table, token, 9, NULL));
    ck_assert_int_eq(sn_future_await(future, SN_FOREVER, 0), 0);
    ck_assert_int_eq(future->outcome, 9);
    sn_future_give(&bench->table, future);
    bench_destroy(bench);
}
END_TEST

START_TEST(time_outs_near_the_end_of_time_do_not_overflow)
{
    struct bench *bench = bench_create();
    struct sn_future *future = take(bench);

    sn_future_complete(&bench->table, sn_future_token(future, PLACE), 0, NULL);
    ck_assert_int_eq(sn_future_await(future, SN_FOREVER - 1, 0), 0);
    ck_assert_int_eq(sn_future_await(future, SN_FOREVER, 0), 0);
    sn_future_give(&bench->table, future);
    bench_destroy(bench);
}
END_TEST

/* All futures that a table can hold, each with a token of its own; then one too many. */
START_TEST(a_table_has_an_end)
{
    enum { ALL = SN_FUTURE_CHUNK * SN_FUTURE_CHUNKS };
    struct bench *bench = bench_create();
    struct sn_future **futures = calloc(ALL, sizeof(struct sn_future *));

    cheap_assert(futures != NULL);
    for (uint32_t i = 0; i < ALL; i++) {
        futures[i] = take(bench);
        cheap_assert(futures[i]->slot == i);
    }
    cheap_assert(bench->table.open == ALL);
    cheap_assert(sn_future_take(&bench->table) == NULL);
    for (uint32_t i = 0; i < ALL; i++) {
        sn_reply_token token = sn_future_token(futures[i], PLACE);

        cheap_assert(sn_future_complete(&bench->table, token, (int)i, NULL));
        cheap_assert(futures[i]->outcome == (int)i);
        sn_future_give(&bench->table, futures[i]);
    }
    cheap_assert(bench->table.open == 0);
    cheap_assert(sn_future_take(&bench->table) != NULL);
    free(futures);
    bench_destroy(bench);
}
END_TEST

/* A future at the end of its generations: still good for one request, and then never again, so
 * that no token of its first life can hit it. */
START_TEST(a_generation_does_not_wrap)
{
    struct bench *bench = bench_create();
    struct sn_future *future = take(bench);
    const uint32_t last = (UINT32_C(1) << 29) - 1;

    sn_future_give(&bench->table, future);
    atomic_store(&future->word, (last - 2) << GENERATION_SHIFT);
    ck_assert_ptr_eq(take(bench), future);
    sn_future_give(&bench->table, future);
    ck_assert_ptr_eq(take(bench), future);
    sn_reply_token token = sn_future_token(future, PLACE);
    ck_assert_uint_eq(sn_token_generation(token), last);
    ck_assert(sn_future_complete(&bench->table, token, 3, NULL));
    ck_assert_int_eq(future->outcome, 3);
    sn_future_give(&bench->table, future);
    for (int i = 0; i < 2 * SN_FUTURE_CHUNK; i++)
        ck_assert_ptr_ne(take(bench), future);
    ck_assert(!sn_future_complete(&bench->table, token, 3, NULL));
    ck_assert(!sn_future_complete(&bench->table, sn_token_make(PLACE, future->slot, 1), 3, NULL));
    bench_destroy(bench);
}
END_TEST

START_TEST(without_memory_there_is_no_future)
{
    struct countdown countdown;
    static struct sn_future_table table;

    countdown_init(&countdown, 0);
    sn_future_table_init(&table, &countdown.allocator, NULL);
    ck_assert_ptr_null(sn_future_take(&table));
    ck_assert_uint_eq(table.open, 0);
    ck_assert_ptr_nonnull(sn_future_take(&table)); /* the memory is back */
    sn_future_table_fini(&table);
    ck_assert_int_eq(atomic_load(&countdown.live_bytes), 0);
}
END_TEST

START_TEST(fini_frees_replies_that_nobody_took)
{
    struct bench *bench = bench_create();
    struct sn_future *future = take(bench);

    ck_assert(
        sn_future_complete(&bench->table, sn_future_token(future, PLACE), 0, new_reply(bench)));
    bench_destroy(bench);
}
END_TEST

enum { REQUESTS = 3000, COMPLETERS = 2 };

/* One token in flight; each completer tries to complete every one of them. */
struct race {
    struct bench *bench;
    _Atomic(uint64_t) token;
    atomic_bool stop;
    atomic_ulong completed;
};

static void *complete_what_comes(void *argument)
{
    struct race *race = argument;

    while (!atomic_load(&race->stop)) {
        sn_reply_token token = {atomic_load(&race->token)};
        struct sn_envelope *reply;

        if (token.value == 0) {
            sched_yield(); /* the other side may share this core */
            continue;
        }
        reply = new_reply(race->bench);
        memcpy(reply + 1, &token.value, sizeof token.value);
        if (sn_future_complete(&race->bench->table, token, 0, reply))
            atomic_fetch_add(&race->completed, 1);
        else
            sn_block_free_large(&race->bench->countdown.allocator, reply);
    }
    return NULL;
}

/* Returns whether the completion came; gives up where the request has a time-out. */
static bool one_request(struct race *race, uint64_t timeout_ns, uint32_t spin)
{
    struct sn_future *future = take(race->bench);
    sn_reply_token token = sn_future_token(future, PLACE);
    bool done;

    atomic_store(&race->token, token.value);
    done = sn_future_await(future, timeout_ns, spin) == 0;
    if (done) {
        uint64_t value;

        memcpy(&value, future->reply + 1, sizeof value);
        cheap_assert(value == token.value);
    }
    sn_future_give(&race->bench->table, future);
    return done;
}

/* _i 0: spins long; 1: sleeps at once; 2: with time-outs that race with the completion. */
START_TEST(a_waiter_and_completers_on_other_threads)
{
    struct race race = {.bench = bench_create()};
    uint32_t spin = _i == 0 ? 10000 : 0;
    pthread_t threads[COMPLETERS];
    unsigned long done = 0;

    for (int i = 0; i < COMPLETERS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, complete_what_comes, &race), 0);
    for (int i = 0; i < REQUESTS; i++)
        done += one_request(&race, _i == 2 ? (uint64_t)(i % 8) * 500 : SN_FOREVER, spin);
    atomic_store(&race.stop, true);
    for (int i = 0; i < COMPLETERS; i++)
        pthread_join(threads[i], NULL);
    if (_i != 2)
        ck_assert_uint_eq(done, REQUESTS);
    /* Each request at most once; those that came in the last moment before giving up count. */
    ck_assert_uint_ge(atomic_load(&race.completed), done);
    ck_assert_uint_le(atomic_load(&race.completed), REQUESTS);
    bench_destroy(race.bench);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("future");
    TCase *tests = tcase_create("future");

    tcase_add_test(tests, a_completion_brings_outcome_and_reply);
    tcase_add_test(tests, a_second_completion_is_refused);
    tcase_add_test(tests, a_late_completion_hits_nobody);
    tcase_add_test(tests, tokens_that_were_never_given_hit_nobody);
    tcase_add_test(tests, waiting_ends_at_the_time_out_and_may_go_on);
    tcase_add_test(tests, time_outs_near_the_end_of_time_do_not_overflow);
    tcase_add_test(tests, a_table_has_an_end);
    tcase_add_test(tests, a_generation_does_not_wrap);
    tcase_add_test(tests, without_memory_there_is_no_future);
    tcase_add_test(tests, fini_frees_replies_that_nobody_took);
    tcase_add_loop_test(tests, a_waiter_and_completers_on_other_threads, 0, 3);
    suite_add_tcase(suite, tests);

    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
