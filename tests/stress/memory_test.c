/* SPDX-License-Identifier: MIT */

/*
 * Whole systems with failing allocations: each allocation of a start fails in turn; then, on a
 * running system, each allocation of a scene of sends, asks and ports. Whatever fails says so,
 * stopping works all the same, and afterwards no byte is alive.
 */

#include "herd.h"
#include "stress.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>

#include "../unit/countdown.h"

/* The thread creation that fails, counted down from here; < 0: none. */
static atomic_long threads_left = -1;

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *argument);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *),
                          void *argument)
{
    if (atomic_fetch_sub(&threads_left, 1) == 0)
        return EAGAIN;
    return __real_pthread_create(thread, attributes, run, argument);
}

static struct sn_system_options options_of(struct countdown *countdown, uint32_t shards)
{
    return (struct sn_system_options){
        .shards = shards, .seed = 1, .allocator = &countdown->allocator};
}

START_TEST(each_allocation_of_a_start_fails_in_turn)
{
    int rc = -ENOMEM;

    for (long fail_at = 0; rc != 0; fail_at++) {
        struct countdown countdown;
        struct herd herd;
        struct sn_port *port;

        countdown_init(&countdown, fail_at);
        struct sn_system_options options = options_of(&countdown, 1 + (uint32_t)_i);
        herd_init(&herd, &(struct herd_options){.size = 2, .capacity = 4});
        rc = herd_start(&herd, &options, &port);
        ck_assert(rc == 0 || rc == -ENOMEM);
        ck_assert_int_eq(rc == 0, port != NULL);
        /* It may fail in a restart only: then the start has succeeded all the same. */
        ck_assert_int_eq(sn_system_stop(port), 0);
        ck_assert_msg(atomic_load(&countdown.live_bytes) == 0, "leak when allocation %ld failed",
                      fail_at);
        ck_assert_int_lt(fail_at, 10000);
    }
}
END_TEST

START_TEST(each_thread_creation_fails_in_turn)
{
    for (long fail_at = 0; fail_at < 4; fail_at++) {
        struct countdown countdown;
        struct herd herd;
        struct sn_port *port;

        countdown_init(&countdown, -1);
        struct sn_system_options options = options_of(&countdown, 4);
        herd_init(&herd, &(struct herd_options){.size = 4, .capacity = 4});
        atomic_store(&threads_left, fail_at);
        ck_assert_int_eq(herd_start(&herd, &options, &port), -EAGAIN);
        ck_assert_ptr_null(port);
        ck_assert_uint_eq(atomic_load(&herd.counts.inits), 0);
        ck_assert_int_eq(atomic_load(&countdown.live_bytes), 0);
    }
}
END_TEST

/* Sends, asks and a further port; each may fail for want of memory, and says so. */
static void scene(struct sn_port *port, struct herd *herd)
{
    struct sn_port *other = NULL;
    uint64_t total = 0;

    for (uint32_t i = 0; i < 3; i++) {
        int sent = herd_send(port, herd, HERD_HOP, i % 2, 5, SN_SECOND);
        int asked = herd_ask(port, herd, i % 2, 2 * SN_MS, &total);

        ck_assert(sent == 0 || sent == -ENOMEM);
        /* Without memory for its answer the actor fails, or the asker's deadline has to do. */
        ck_assert(asked == 0 || asked == -ENOMEM || asked == SN_FAILED || asked == SN_TIMEOUT);
        herd_send(port, herd, HERD_CHAT, i % 2, 2, SN_SECOND);
        herd_send(port, herd, HERD_FOLD, i % 2, 0, SN_SECOND);
    }
    int opened = sn_port_open(port, &other);
    ck_assert(opened == 0 || opened == -ENOMEM);
    ck_assert_int_eq(opened == 0, other != NULL);
    if (opened != 0) /* the memory is back: what failed must not be given out */
        ck_assert_int_eq(sn_port_open(port, &other), 0);
    int sent = herd_send(other, herd, HERD_HOP, 1, 1, SN_SECOND);
    ck_assert(sent == 0 || sent == -ENOMEM);
    sn_port_close(other);
}

START_TEST(each_allocation_of_a_running_system_fails_in_turn)
{
    long fail_at = 0;

    for (bool failed = true; failed; fail_at++) {
        struct countdown countdown;
        struct herd herd;
        struct sn_port *port;

        countdown_init(&countdown, -1);
        struct sn_system_options options = options_of(&countdown, 1 + (uint32_t)_i);
        herd_init(&herd, &(struct herd_options){
                             .size = 2, .capacity = 8, .payload = fail_at % 2 == 0 ? 0 : 50000});
        ck_assert_int_eq(herd_start(&herd, &options, &port), 0);
        atomic_store(&countdown.left, fail_at);
        scene(port, &herd);
        ck_assert_int_eq(sn_quiesce(port, SN_FOREVER), 0);
        failed = atomic_load(&countdown.left) < 0;
        ck_assert_int_eq(sn_system_stop(port), 0);
        ck_assert_msg(atomic_load(&countdown.live_bytes) == 0, "leak when allocation %ld failed",
                      fail_at);
        ck_assert_int_lt(fail_at, 10000);
    }
    ck_assert_int_gt(fail_at, 5);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stress_memory");
    TCase *tests = stress_case("memory");

    tcase_add_loop_test(tests, each_allocation_of_a_start_fails_in_turn, 0, 3);
    tcase_add_test(tests, each_thread_creation_fails_in_turn);
    tcase_add_loop_test(tests, each_allocation_of_a_running_system_fails_in_turn, 0, 3);
    suite_add_tcase(suite, tests);
    return stress_run(suite);
}
