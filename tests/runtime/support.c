/* SPDX-License-Identifier: MIT */
#include "support.h"

#include "failing.h"

#include <errno.h>
#include <linux/io_uring.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static bool has_io_uring(void)
{
    struct io_uring_params params;

    memset(&params, 0, sizeof params);
    long fd = syscall(SYS_io_uring_setup, 1, &params);
    if (fd >= 0)
        close((int)fd);
    return fd >= 0;
}

struct sn_system_options system_of(int number)
{
    static const uint32_t shards[] = {1, 2, 5};
    bool uring = number / 3 == 0 && has_io_uring();

    return (struct sn_system_options){
        .shards = shards[number % 3],
        .io_backend = uring ? SN_IO_BACKEND_URING : SN_IO_BACKEND_EPOLL,
        .seed = 1,
    };
}

int run_suite(const char *name, void (*add)(TCase *tests))
{
    Suite *suite = suite_create(name);
    TCase *tests = tcase_create(name);
    SRunner *runner = srunner_create(suite);

    if (failing_is_on())
        return failing_run(name, add, tests);
    /* Longer than PATIENCE: what waits in vain says so itself. */
    tcase_set_timeout(tests, 100);
    add(tests);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

uint64_t real_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * SN_SECOND + (uint64_t)now.tv_nsec;
}

void give_way(void)
{
    sched_yield();
}

struct sn_stats at_rest(struct sn_port *port)
{
    struct sn_stats stats;

    ck_assert_int_eq(sn_quiesce(port, PATIENCE), 0);
    AWAIT((sn_stats(port, &stats), stats.asks_outstanding == 0));
    ck_assert_uint_eq(stats.queued, 0);
    ck_assert_uint_eq(stats.accepted, stats.handled + stats.failed + stats.dropped + stats.expired +
                                          stats.dead_lettered);
    ck_assert_uint_eq(stats.asks_started, stats.asks_completed);
    return stats;
}

void gate_pass(struct gate *gate)
{
    failing_note_gate(gate);
    pthread_mutex_lock(&gate->lock);
    gate->waiting++;
    pthread_cond_broadcast(&gate->changed);
    while (!gate->open)
        pthread_cond_wait(&gate->changed, &gate->lock);
    pthread_mutex_unlock(&gate->lock);
}

void gate_open(struct gate *gate)
{
    pthread_mutex_lock(&gate->lock);
    gate->open = true;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->lock);
}

void gate_await(struct gate *gate, uint32_t waiting)
{
    uint32_t arrived = 0;

    AWAIT((pthread_mutex_lock(&gate->lock), arrived = gate->waiting,
           pthread_mutex_unlock(&gate->lock), arrived >= waiting));
}

void journal_add(struct journal *journal, uint64_t entry)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

    pthread_mutex_lock(&lock);
    /* Relaxed: changed under the lock. */
    uint32_t count = atomic_load_explicit(&journal->count, memory_order_relaxed);
    ck_assert_uint_lt(count, JOURNAL_MAX);
    journal->entries[count] = entry;
    /* Release, pairs with journal_await(): the entry is seen with its number. */
    atomic_store_explicit(&journal->count, count + 1, memory_order_release);
    pthread_mutex_unlock(&lock);
}

void journal_await(struct journal *journal, uint32_t count)
{
    /* Acquire, pairs with journal_add(). */
    AWAIT(atomic_load_explicit(&journal->count, memory_order_acquire) >= count);
    ck_assert_uint_eq(atomic_load_explicit(&journal->count, memory_order_acquire), count);
}

static uint64_t manual_now(void *context)
{
    struct manual_clock *clock = context;

    return atomic_load(&clock->now_ns);
}

void manual_clock_init(struct manual_clock *clock)
{
    clock->clock = (struct sn_clock){.now_ns = manual_now, .context = clock};
    atomic_store(&clock->now_ns, SN_HOUR);
    failing_note_clock(clock);
}

void manual_clock_advance(struct manual_clock *clock, uint64_t by_ns)
{
    atomic_fetch_add(&clock->now_ns, by_ns);
}
