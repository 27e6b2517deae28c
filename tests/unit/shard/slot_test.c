/* SPDX-License-Identifier: MIT */

/*
 * The places of a slot: all or part of what is wanted, never more than there are, wherever they are
 * counted, and the same with real threads that take and give back.
 */

#include <check.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "shard/shard.h"

/* A world without shards, and a chunk of which the tests use the first slot. */
static const struct sn_world world;
static struct sn_slot_chunk chunk;
static struct sn_slot *const slot = &chunk.slots[0];
static struct sn_slot_home *const home = &chunk.homes[0];

static void clear(void)
{
    memset(&chunk, 0, sizeof chunk);
}

START_TEST(places_are_taken_as_far_as_there_are_any)
{
    atomic_store(&slot->credits, 10);
    ck_assert_int_eq(sn_slot_take(&world, slot, 4), 4);
    ck_assert_int_eq(sn_slot_take(&world, slot, 4), 4);
    ck_assert_int_eq(sn_slot_take(&world, slot, 4), 2);
    ck_assert_int_eq(sn_slot_take(&world, slot, 4), 0);
    ck_assert_int_eq(sn_slot_room(slot), 0);
}
END_TEST

START_TEST(what_was_returned_is_taken_when_nothing_else_is_left)
{
    atomic_store(&slot->credits, 1);
    sn_slot_return(&world, slot, 5, 0);
    ck_assert_int_eq(sn_slot_room(slot), 6);
    ck_assert_int_eq(sn_slot_take(&world, slot, 4), 1);
    ck_assert_int_eq(atomic_load(&home->returned), 5);
    ck_assert_int_eq(sn_slot_take(&world, slot, 4), 4);
    ck_assert_int_eq(atomic_load(&home->returned), 0);
    ck_assert_int_eq(sn_slot_take(&world, slot, 4), 1);
    ck_assert_int_eq(sn_slot_take(&world, slot, 4), 0);
}
END_TEST

/* While places are moved over nobody else finds them, so who waits is told of what is left. */
START_TEST(a_sender_that_moves_places_over_wakes_who_waits)
{
    uint32_t registered = atomic_fetch_or(&home->waiters, SN_WAITER_PORT) | SN_WAITER_PORT;

    atomic_store(&home->returned, 2);
    ck_assert_int_eq(sn_slot_take(&world, slot, 1), 1);
    ck_assert_uint_ne(atomic_load(&home->waiters), registered);
    ck_assert_uint_eq(atomic_load(&home->waiters) & SN_WAITER_ALL, 0);
    ck_assert_int_eq(sn_slot_room(slot), 1);
}
END_TEST

/* The two halves of each slot belong together, and are nobody else's. */
START_TEST(each_slot_has_a_home_of_its_own)
{
    for (int i = 0; i < SN_SLOT_CHUNK; i++)
        ck_assert_ptr_eq(sn_slot_home(&chunk.slots[i]), &chunk.homes[i]);
}
END_TEST

START_TEST(bytes_are_taken_all_or_none)
{
    atomic_store(&home->bytes, 100);
    ck_assert(!sn_slot_take_bytes(slot, 101));
    ck_assert(sn_slot_take_bytes(slot, 64));
    ck_assert(!sn_slot_take_bytes(slot, 64));
    ck_assert(sn_slot_take_bytes(slot, 36));
    ck_assert(!sn_slot_take_bytes(slot, 1));
    ck_assert(sn_slot_take_bytes(slot, 0));
    ck_assert_int_eq(atomic_load(&home->bytes), 0);
}
END_TEST

enum { THREADS = 4, ROUNDS = 20000, CAPACITY = 7, BYTES = 1000 };

struct stage {
    atomic_int taken;     /* places in the hands of threads */
    atomic_long bytes;    /* bytes in the hands of threads */
    atomic_bool too_many; /* more were out than there are */
};

/* Take some, say so, and give back in the opposite order: so `taken` is never above the truth.
 * Every second time they are returned as the owner does. */
static void *take_and_give(void *argument)
{
    struct stage *stage = argument;
    uint64_t random = (uint64_t)(uintptr_t)&random;

    for (int i = 0; i < ROUNDS; i++) {
        int32_t credits = sn_slot_take(&world, slot, 1 + (int32_t)(sn_random_next(&random) % 4));
        long wanted = 1 + (long)(sn_random_next(&random) % 600);
        long bytes = sn_slot_take_bytes(slot, (uint64_t)wanted) ? wanted : 0;

        if (atomic_fetch_add(&stage->taken, credits) + credits > CAPACITY ||
            atomic_fetch_add(&stage->bytes, bytes) + bytes > BYTES)
            atomic_store(&stage->too_many, true);
        atomic_fetch_sub(&stage->taken, credits);
        atomic_fetch_sub(&stage->bytes, bytes);
        sn_slot_return(&world, slot, i % 2 == 0 ? credits : 0, bytes);
        sn_slot_give(&world, slot, i % 2 == 0 ? 0 : credits);
    }
    return NULL;
}

START_TEST(threads_never_hold_more_than_the_capacity)
{
    static struct stage stage;
    pthread_t threads[THREADS];

    atomic_store(&slot->credits, CAPACITY);
    atomic_store(&home->bytes, BYTES);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, take_and_give, &stage), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    ck_assert(!atomic_load(&stage.too_many));
    ck_assert_int_eq(sn_slot_room(slot), CAPACITY);
    ck_assert_int_eq(atomic_load(&home->bytes), BYTES);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("slot");
    TCase *tests = tcase_create("slot");

    tcase_add_checked_fixture(tests, clear, NULL);
    tcase_add_test(tests, places_are_taken_as_far_as_there_are_any);
    tcase_add_test(tests, what_was_returned_is_taken_when_nothing_else_is_left);
    tcase_add_test(tests, a_sender_that_moves_places_over_wakes_who_waits);
    tcase_add_test(tests, each_slot_has_a_home_of_its_own);
    tcase_add_test(tests, bytes_are_taken_all_or_none);
    tcase_add_test(tests, threads_never_hold_more_than_the_capacity);
    suite_add_tcase(suite, tests);

    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
