/* SPDX-License-Identifier: MIT */

/*
 * Sleeping and waking: no wake-up is lost, none is early, a sleeper costs
 * nothing. The tests with threads end only if no wake-up gets lost, so a
 * failure shows as a time-out.
 */

#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sn/result.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#include "../countdown.h"
#include "backends.h"
#include "io/io.h"
#include "sandbox.h"

#define MICROSECOND UINT64_C(1000)
#define MILLISECOND UINT64_C(1000000)

#define ROUNDS 100000
#define RINGERS 2
#define ANSWERS 5000

static uint64_t now_ns(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000 * MILLISECOND + (uint64_t)now.tv_nsec;
}

START_TEST(wake_before_wait_is_kept)
{
    struct sn_io *io = backend_open(_i);

    sn_io_wake(io);
    ck_assert_int_eq(sn_io_wait(io, SN_IO_FOREVER), 0);
    ck_assert_int_eq(sn_io_wait(io, 0), SN_TIMEOUT);
    sn_io_destroy(io);
}
END_TEST

START_TEST(wakes_coalesce)
{
    struct sn_io *io = backend_open(_i);

    for (int round = 0; round < 100; round++) {
        for (int i = 0; i < 1000; i++)
            sn_io_wake(io);
        ck_assert_int_eq(sn_io_wait(io, 0), 0);
        ck_assert_int_eq(sn_io_wait(io, 0), SN_TIMEOUT);
    }
    sn_io_destroy(io);
}
END_TEST

START_TEST(timeout_is_never_early)
{
    static const uint64_t timeouts[] = {1, 999, 100 * MICROSECOND, 3 * MILLISECOND + 1};
    struct sn_io *io = backend_open(_i);

    for (size_t i = 0; i < sizeof(timeouts) / sizeof(timeouts[0]); i++) {
        uint64_t begin = now_ns(CLOCK_MONOTONIC);

        ck_assert_int_eq(sn_io_wait(io, timeouts[i]), SN_TIMEOUT);
        ck_assert_uint_ge(now_ns(CLOCK_MONOTONIC) - begin, timeouts[i]);
    }
    sn_io_destroy(io);
}
END_TEST

/* The best of many, because a busy machine may delay any one of them. */
START_TEST(timeout_is_finer_than_a_millisecond)
{
    struct sn_io *io = backend_open(_i);
    uint64_t best = UINT64_MAX;

    for (int i = 0; i < 200; i++) {
        uint64_t begin = now_ns(CLOCK_MONOTONIC);

        ck_assert_int_eq(sn_io_wait(io, 100 * MICROSECOND), SN_TIMEOUT);
        uint64_t took = now_ns(CLOCK_MONOTONIC) - begin;

        best = took < best ? took : best;
    }
    if (_i == BACKEND_EPOLL_MILLISECONDS)
        ck_assert_uint_ge(best, MILLISECOND / 2);
    else
        ck_assert_uint_lt(best, MILLISECOND);
    sn_io_destroy(io);
}
END_TEST

START_TEST(long_timeout_ends_by_a_wake)
{
    static const uint64_t timeouts[] = {UINT64_C(3600) * 1000 * MILLISECOND, SN_IO_FOREVER - 1};
    struct sn_io *io = backend_open(_i);

    for (size_t i = 0; i < 2; i++) {
        sn_io_wake(io);
        ck_assert_int_eq(sn_io_wait(io, timeouts[i]), 0);
    }
    sn_io_destroy(io);
}
END_TEST

START_TEST(sleeping_costs_no_processor_time)
{
    struct sn_io *io = backend_open(_i);
    uint64_t begin = now_ns(CLOCK_THREAD_CPUTIME_ID);

    ck_assert_int_eq(sn_io_wait(io, 100 * MILLISECOND), SN_TIMEOUT);
    ck_assert_uint_lt(now_ns(CLOCK_THREAD_CPUTIME_ID) - begin, 20 * MILLISECOND);
    sn_io_destroy(io);
}
END_TEST

static void on_alarm(int signal)
{
    (void)signal;
}

/* The alarm repeats, for the first may come before the wait. */
START_TEST(signal_ends_a_wait)
{
    struct sn_io *io = backend_open(_i);
    struct sigaction action = {.sa_handler = on_alarm};
    struct itimerval every = {{0, 1000}, {0, 1000}};
    struct itimerval off = {{0, 0}, {0, 0}};

    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &every, NULL);
    ck_assert_int_eq(sn_io_wait(io, SN_IO_FOREVER), 0);
    setitimer(ITIMER_REAL, &off, NULL);
    sn_io_destroy(io);
}
END_TEST

/* `turn` is handed back and forth: even is the first player's, odd the second's. */
struct table {
    struct sn_io *first;
    struct sn_io *second;
    atomic_uint turn;
    unsigned turns;
};

static void play(struct table *table, struct sn_io *own, struct sn_io *other, unsigned parity)
{
    for (unsigned i = parity; i < table->turns; i += 2) {
        /* Acquire/release as a user of the library would have it. */
        while (atomic_load_explicit(&table->turn, memory_order_acquire) != i)
            ck_assert_int_eq(sn_io_wait(own, SN_IO_FOREVER), 0);
        atomic_store_explicit(&table->turn, i + 1, memory_order_release);
        sn_io_wake(other);
    }
}

static void *play_second(void *context)
{
    struct table *table = (struct table *)context;

    play(table, table->second, table->first, 1);
    return NULL;
}

START_TEST(ping_pong_loses_no_wake)
{
    /* The variants differ from their back ends elsewhere: fewer rounds do for them. */
    bool variant = _i == BACKEND_EPOLL_MILLISECONDS || _i == BACKEND_URING_SMALL;
    struct table table = {.first = backend_open(_i),
                          .second = backend_open(_i),
                          .turns = 2 * (variant ? ROUNDS / 10 : ROUNDS)};
    pthread_t thread;

    ck_assert_int_eq(pthread_create(&thread, NULL, play_second, &table), 0);
    play(&table, table.first, table.second, 0);
    pthread_join(thread, NULL);
    ck_assert_uint_eq(atomic_load(&table.turn), table.turns);
    sn_io_destroy(table.first);
    sn_io_destroy(table.second);
}
END_TEST

struct ringer {
    pthread_t thread;
    struct sn_io *io;
    atomic_bool *stop;
};

static void *ring(void *context)
{
    struct ringer *ringer = (struct ringer *)context;

    /* Relaxed: nothing but the end depends on it. */
    while (!atomic_load_explicit(ringer->stop, memory_order_relaxed))
        sn_io_wake(ringer->io);
    return NULL;
}

/* The owner answers while others ring without a pause: one lost ring, and it sleeps for ever. */
START_TEST(many_ringers_lose_no_wake)
{
    struct sn_io *io = backend_open(_i);
    struct ringer ringers[RINGERS];
    atomic_bool stop = false;

    for (int i = 0; i < RINGERS; i++) {
        ringers[i].io = io;
        ringers[i].stop = &stop;
        ck_assert_int_eq(pthread_create(&ringers[i].thread, NULL, ring, &ringers[i]), 0);
    }
    for (int i = 0; i < ANSWERS; i++)
        ck_assert_int_eq(sn_io_wait(io, SN_IO_FOREVER), 0);
    atomic_store_explicit(&stop, true, memory_order_relaxed); /* as in ring() */
    for (int i = 0; i < RINGERS; i++)
        pthread_join(ringers[i].thread, NULL);
    sn_io_destroy(io);
}
END_TEST

START_TEST(create_survives_failing_allocations)
{
    struct countdown countdown;
    struct sn_io *io = NULL;
    long fail_at = 0;
    int rc;

    do {
        countdown_init(&countdown, fail_at++);
        rc = backend_create(_i, &countdown.allocator, &io);
        ck_assert(rc == 0 || rc == -ENOMEM);
        if (rc < 0)
            ck_assert_int_eq(atomic_load(&countdown.live_bytes), 0);
    } while (rc < 0);
    ck_assert_int_gt(fail_at, 1);
    sn_io_destroy(io);
    ck_assert_int_eq(atomic_load(&countdown.live_bytes), 0);
}
END_TEST

/* Descriptors run out at each step of the creation; afterwards they are all back. */
START_TEST(create_survives_missing_descriptors)
{
    struct rlimit limit;
    struct sn_io *io = NULL;
    rlim_t allowed = 0;
    int rc;

    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (_i == BACKEND_EPOLL_MILLISECONDS)
        return; /* the same code as BACKEND_EPOLL */
    do {
        struct rlimit low = {allowed++, limit.rlim_max};

        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &low), 0);
        rc = backend_create(_i, &sn_allocator_system, &io);
        ck_assert(rc == 0 || rc == -EMFILE);
    } while (rc < 0);
    ck_assert_uint_gt(allowed, 2);
    sn_io_destroy(io);
    ck_assert_int_eq(backend_create(_i, &sn_allocator_system, &io), 0);
    sn_io_destroy(io);
}
END_TEST

START_TEST(destroy_takes_null)
{
    sn_io_destroy(NULL);
}
END_TEST

START_TEST(auto_takes_epoll_where_io_uring_is_forbidden)
{
    struct sn_io *io = NULL;

    ck_assert_int_eq(sandbox_deny(SYS_io_uring_setup, EPERM), 0);
    ck_assert_int_eq(sn_io_create(SN_IO_URING, &sn_allocator_system, &io), -EPERM);
    ck_assert_ptr_null(io);
    ck_assert_int_eq(sn_io_create(SN_IO_AUTO, &sn_allocator_system, &io), 0);
    ck_assert_str_eq(sn_io_name(io), "epoll");
    sn_io_destroy(io);
}
END_TEST

START_TEST(auto_takes_io_uring_where_it_can)
{
    struct sn_io *io = NULL;
    int uring = sn_io_create(SN_IO_URING, &sn_allocator_system, &io);

    sn_io_destroy(io);
    ck_assert_int_eq(sn_io_create(SN_IO_AUTO, &sn_allocator_system, &io), 0);
    ck_assert_str_eq(sn_io_name(io), uring == 0 ? "io_uring" : "epoll");
    sn_io_destroy(io);
}
END_TEST

/* A back end of the application's, as the simulator has one. */
struct toy {
    struct sn_io_ops ops;
    struct sn_io io;
    int waits;
};

static struct toy *toy_of(struct sn_io *io)
{
    return (struct toy *)((char *)io - offsetof(struct toy, io));
}

static int toy_create(const struct sn_io_ops *ops, const struct sn_allocator *allocator,
                      struct sn_io **ret_io)
{
    struct toy *toy = (struct toy *)ops; /* ops is the first member */

    (void)allocator;
    toy->io.ops = ops;
    *ret_io = &toy->io;
    return 0;
}

static int toy_wait(struct sn_io *io, uint64_t timeout_ns)
{
    toy_of(io)->waits++;
    return timeout_ns == 7 ? SN_TIMEOUT : 0;
}

static void toy_destroy(struct sn_io *io)
{
    toy_of(io)->waits = -1;
}

START_TEST(own_back_end_is_used)
{
    struct toy toy = {
        .ops = {.name = "toy", .create = toy_create, .wait = toy_wait, .destroy = toy_destroy}};
    struct sn_io *io = NULL;

    ck_assert_int_eq(sn_io_create_from(&toy.ops, &sn_allocator_system, &io), 0);
    ck_assert_str_eq(sn_io_name(io), "toy");
    ck_assert_int_eq(sn_io_wait(io, 7), SN_TIMEOUT);
    ck_assert_int_eq(toy.waits, 1);
    sn_io_destroy(io);
    ck_assert_int_eq(toy.waits, -1);
}
END_TEST

static Suite *io_suite(int backends)
{
    Suite *suite = suite_create("io");
    TCase *wake = tcase_create("wake");
    TCase *choice = tcase_create("choice");

    tcase_set_timeout(wake, 110);
    tcase_add_loop_test(wake, wake_before_wait_is_kept, 0, backends);
    tcase_add_loop_test(wake, wakes_coalesce, 0, backends);
    tcase_add_loop_test(wake, timeout_is_never_early, 0, backends);
    tcase_add_loop_test(wake, timeout_is_finer_than_a_millisecond, 0, backends);
    tcase_add_loop_test(wake, long_timeout_ends_by_a_wake, 0, backends);
    tcase_add_loop_test(wake, sleeping_costs_no_processor_time, 0, backends);
    tcase_add_loop_test(wake, signal_ends_a_wait, 0, backends);
    tcase_add_loop_test(wake, ping_pong_loses_no_wake, 0, backends);
    tcase_add_loop_test(wake, many_ringers_lose_no_wake, 0, backends);
    tcase_add_loop_test(wake, create_survives_failing_allocations, 0, backends);
    tcase_add_loop_test(wake, create_survives_missing_descriptors, 0, backends);
    suite_add_tcase(suite, wake);
    tcase_add_test(choice, destroy_takes_null);
    tcase_add_test(choice, auto_takes_epoll_where_io_uring_is_forbidden);
    tcase_add_test(choice, auto_takes_io_uring_where_it_can);
    tcase_add_test(choice, own_back_end_is_used);
    suite_add_tcase(suite, choice);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(io_suite(backend_count()));

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
