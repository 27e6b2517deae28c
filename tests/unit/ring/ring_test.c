/* SPDX-License-Identifier: MIT */

/*
 * The ring of pointers, by one thread that plays both sides: full, empty, batches, and indices
 * that wrap at 2^32.
 */

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "../cheap.h"
#include "../countdown.h"
#include "ring/ring.h"

#include <sn/generated.h>

enum { ITEMS = 64 };

static struct sn_envelope items[ITEMS];

struct bench {
    struct countdown countdown;
    struct sn_ring ring;
};

static void bench_init(struct bench *bench, uint32_t capacity)
{
    countdown_init(&bench->countdown, -1);
    ck_assert_int_eq(sn_ring_init(&bench->ring, &bench->countdown.allocator, capacity), 0);
}

/* As if so many items had gone through already. */
static void bench_begin_at(struct bench *bench, uint32_t index)
{
    struct sn_ring *ring = &bench->ring;

    atomic_store(&ring->tail, index);
    atomic_store(&ring->head, index);
    ring->tail_next = ring->head_seen = ring->head_next = ring->tail_seen = index;
}

static void bench_fini(struct bench *bench)
{
    sn_ring_fini(&bench->ring, &bench->countdown.allocator);
    ck_assert_int_eq(atomic_load(&bench->countdown.live_bytes), 0);
}

START_TEST(a_new_ring_is_empty)
{
    struct bench bench;

    bench_init(&bench, 2);
    ck_assert_uint_eq(sn_ring_count(&bench.ring), 0);
    ck_assert(!sn_ring_is_unpublished(&bench.ring));
    bench_fini(&bench);
}
END_TEST

START_TEST(what_is_put_is_seen_after_publish_only)
{
    struct bench bench;

    bench_init(&bench, 4);
    ck_assert(sn_ring_put(&bench.ring, &items[0]));
    ck_assert(sn_ring_is_unpublished(&bench.ring));
    ck_assert_uint_eq(sn_ring_count(&bench.ring), 0);
    sn_ring_publish(&bench.ring);
    ck_assert(!sn_ring_is_unpublished(&bench.ring));
    ck_assert_uint_eq(sn_ring_count(&bench.ring), 1);
    ck_assert_ptr_eq(sn_ring_take(&bench.ring), &items[0]);
    ck_assert_uint_eq(sn_ring_count(&bench.ring), 0);
    bench_fini(&bench);
}
END_TEST

START_TEST(what_is_taken_makes_room_after_release_only)
{
    struct bench bench;

    bench_init(&bench, 2);
    ck_assert(sn_ring_put(&bench.ring, &items[0]));
    ck_assert(sn_ring_put(&bench.ring, &items[1]));
    ck_assert(!sn_ring_put(&bench.ring, &items[2]));
    sn_ring_publish(&bench.ring);
    ck_assert_uint_eq(sn_ring_count(&bench.ring), 2);
    ck_assert_ptr_eq(sn_ring_take(&bench.ring), &items[0]);
    ck_assert(!sn_ring_put(&bench.ring, &items[2]));
    sn_ring_release(&bench.ring);
    ck_assert(sn_ring_put(&bench.ring, &items[2]));
    ck_assert(!sn_ring_put(&bench.ring, &items[3]));
    sn_ring_publish(&bench.ring);
    ck_assert_ptr_eq(sn_ring_take(&bench.ring), &items[1]);
    ck_assert_uint_eq(sn_ring_count(&bench.ring), 1);
    ck_assert_ptr_eq(sn_ring_take(&bench.ring), &items[2]);
    bench_fini(&bench);
}
END_TEST

START_TEST(peeking_takes_nothing)
{
    struct bench bench;

    bench_init(&bench, 4);
    bench_begin_at(&bench, 3); /* the batch lies across the end of the array */
    for (int i = 0; i < 3; i++)
        ck_assert(sn_ring_put(&bench.ring, &items[i]));
    sn_ring_publish(&bench.ring);
    ck_assert_uint_eq(sn_ring_count(&bench.ring), 3);
    for (uint32_t i = 0; i < 3; i++)
        ck_assert_ptr_eq(sn_ring_peek(&bench.ring, i), &items[i]);
    ck_assert_uint_eq(sn_ring_count(&bench.ring), 3);
    for (int i = 0; i < 3; i++)
        ck_assert_ptr_eq(sn_ring_take(&bench.ring), &items[i]);
    bench_fini(&bench);
}
END_TEST

/* Random batches on both sides, from an index shortly before 2^32, checked against a counter. */
START_TEST(order_and_count_hold_when_the_indices_wrap)
{
    uint32_t capacity = UINT32_C(1) << (1 + _i);
    uint64_t random = 1 + (uint64_t)_i, put = 0, published = 0, taken = 0, released = 0;
    struct bench bench;

    bench_init(&bench, capacity);
    bench_begin_at(&bench, UINT32_MAX - 1000);
    while (taken < 100000) {
        for (uint64_t n = sn_random_next(&random) % (capacity + 2); n > 0; n--) {
            bool room = sn_ring_put(&bench.ring, &items[put % ITEMS]);

            cheap_assert(room == (put - released < capacity));
            put += room;
        }
        if (sn_random_next(&random) % 4 != 0) {
            sn_ring_publish(&bench.ring);
            published = put;
        }
        cheap_assert(sn_ring_is_unpublished(&bench.ring) == (put != published));
        /* The consumer may know an older tail, but never sees what is not published. */
        cheap_assert(sn_ring_count(&bench.ring) <= published - taken);
        for (uint64_t n = sn_random_next(&random) % (capacity + 2); n > 0; n--) {
            if (sn_ring_count(&bench.ring) == 0) {
                cheap_assert(taken == published);
                break;
            }
            cheap_assert(sn_ring_take(&bench.ring) == &items[taken++ % ITEMS]);
        }
        if (sn_random_next(&random) % 4 != 0) {
            sn_ring_release(&bench.ring);
            released = taken;
        }
    }
    bench_fini(&bench);
}
END_TEST

START_TEST(no_memory_is_an_error_and_fini_does_nothing)
{
    struct countdown countdown;
    struct sn_ring ring;

    countdown_init(&countdown, 0);
    ck_assert_int_eq(sn_ring_init(&ring, &countdown.allocator, 1024), -ENOMEM);
    sn_ring_fini(&ring, &countdown.allocator);
    ck_assert_int_eq(atomic_load(&countdown.live_bytes), 0);
}
END_TEST

START_TEST(a_capacity_that_is_no_power_of_two_is_a_mistake)
{
    struct sn_ring ring;

    ck_assert_ptr_nonnull(freopen("/dev/null", "w", stderr));
    sn_ring_init(&ring, &sn_allocator_system, 3);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ring");
    TCase *tests = tcase_create("ring");

    tcase_add_test(tests, a_new_ring_is_empty);
    tcase_add_test(tests, what_is_put_is_seen_after_publish_only);
    tcase_add_test(tests, what_is_taken_makes_room_after_release_only);
    tcase_add_test(tests, peeking_takes_nothing);
    tcase_add_loop_test(tests, order_and_count_hold_when_the_indices_wrap, 0, 6);
    tcase_add_test(tests, no_memory_is_an_error_and_fini_does_nothing);
    tcase_add_test_raise_signal(tests, a_capacity_that_is_no_power_of_two_is_a_mistake, SIGABRT);
    suite_add_tcase(suite, tests);

    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
