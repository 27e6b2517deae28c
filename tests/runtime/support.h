/* SPDX-License-Identifier: MIT */
#ifndef TESTS_RUNTIME_SUPPORT_H
#define TESTS_RUNTIME_SUPPORT_H

/*
 * What the behaviour tests share: the systems that each test runs on, waiting without sleeping,
 * and a clock that only moves when a test says so. See README.md.
 */

#include <check.h>
#include <pthread.h>
#include <sn/sn.h>
#include <stdatomic.h>

/* Longer than anything here takes, even under a sanitizer on one busy core; see failing.h. */
#define PATIENCE failing_patience_ns()
uint64_t failing_patience_ns(void);

/* Each test of a suite runs once for each of these: 1, 2 and 5 shards, on io_uring and epoll. */
enum { SYSTEMS = 6 };

/** The options of a system of the matrix; without io_uring in the kernel, epoll twice. */
struct sn_system_options system_of(int number);

/** Add a test for all systems of the matrix. */
#define EVERYWHERE(tests, function) tcase_add_loop_test(tests, function, 0, SYSTEMS)

/** Run the one suite of a program. Returns main()'s exit status. */
int run_suite(const char *name, void (*add)(TCase *tests));

/** Wait until the condition holds; the test fails if it does not within PATIENCE. */
#define AWAIT(condition)                                             \
    do {                                                             \
        uint64_t await_start_ns = real_now_ns();                     \
        while (!(condition)) {                                       \
            ck_assert_msg(real_now_ns() - await_start_ns < PATIENCE, \
                          "waited in "                               \
                          "vain for "                                \
                          "%s",                                      \
                          #condition);                               \
            give_way();                                              \
        }                                                            \
    } while (0)

uint64_t real_now_ns(void);
void give_way(void);

/**
 * Wait for rest, and check what must hold then: nothing is queued, no ask is open, and every
 * accepted message has ended in exactly one way.
 *
 * Returns  the counters.
 */
struct sn_stats at_rest(struct sn_port *port);

/* A door that a handler waits at, so that a test can look at a shard that is busy. */
struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint32_t waiting; /* threads at the door, those that passed included */
    bool open;
};

#define GATE_CLOSED                                                   \
    {                                                                 \
        PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, false \
    }

void gate_pass(struct gate *gate);
void gate_open(struct gate *gate);
/** Wait until so many threads have come to the gate. */
void gate_await(struct gate *gate, uint32_t waiting);

/* What handlers saw, in order. */
enum { JOURNAL_MAX = 200000 };

struct journal {
    _Atomic(uint32_t) count;
    uint64_t entries[JOURNAL_MAX];
};

/** Threads: any. */
void journal_add(struct journal *journal, uint64_t entry);
/** Wait for so many entries, and check that there are no more. */
void journal_await(struct journal *journal, uint32_t count);

/* A clock that the test moves. */
struct manual_clock {
    struct sn_clock clock;
    _Atomic(uint64_t) now_ns;
};

void manual_clock_init(struct manual_clock *clock);
/** Move it. A shard that sleeps until a time of this clock looks again within a real second or
 * when it gets a message. */
void manual_clock_advance(struct manual_clock *clock, uint64_t by_ns);

#endif
