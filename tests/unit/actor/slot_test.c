/* SPDX-License-Identifier: MIT */

/*
 * The places of a slot: all or part of what is wanted, never more than there are, and the same
 * with real threads that take and give back.
 */

#include <check.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "actor/actor.h"

static int32_t credits_of(struct sn_slot *slot)
{
    return atomic_load(&slot->credits);
}

START_TEST(places_are_taken_as_far_as_there_are_any)
{
    struct sn_slot slot = {0};

    atomic_store(&slot.credits, 10);
    ck_assert_int_eq(sn_slot_take(&slot, 4), 4);
    ck_assert_int_eq(sn_slot_take(&slot, 4), 4);
    ck_assert_int_eq(sn_slot_take(&slot, 4), 2);
    ck_assert_int_eq(sn_slot_take(&slot, 4), 0);
    ck_assert_int_eq(credits_of(&slot), 0);
}
END_TEST

START_TEST(bytes_are_taken_all_or_none)
{
    struct sn_slot slot = {0};

    atomic_store(&slot.bytes, 100);
    ck_assert(!sn_slot_take_bytes(&slot, 101));
    ck_assert(sn_slot_take_bytes(&slot, 64));
    ck_assert(!sn_slot_take_bytes(&slot, 64));
    ck_assert(sn_slot_take_bytes(&slot, 36));
    ck_assert(!sn_slot_take_bytes(&slot, 1));
    ck_assert(sn_slot_take_bytes(&slot, 0));
    ck_assert_int_eq(atomic_load(&slot.bytes), 0);
}
END_TEST

enum { THREADS = 4, ROUNDS = 20000, CAPACITY = 7, BYTES = 1000 };

struct stage {
    struct sn_slot slot;
    atomic_int taken;     /* places in the hands of threads */
    atomic_long bytes;    /* bytes in the hands of threads */
    atomic_bool too_many; /* more were out than there are */
};

/* Take some, say so, and give back in the opposite order: so `taken` is never above the truth. */
static void *take_and_give(void *argument)
{
    struct stage *stage = argument;
    uint64_t random = (uint64_t)(uintptr_t)&random;

    for (int i = 0; i < ROUNDS; i++) {
        int32_t credits = sn_slot_take(&stage->slot, 1 + (int32_t)(sn_random_next(&random) % 4));
        long wanted = 1 + (long)(sn_random_next(&random) % 600);
        long bytes = sn_slot_take_bytes(&stage->slot, (uint64_t)wanted) ? wanted : 0;

        if (atomic_fetch_add(&stage->taken, credits) + credits > CAPACITY ||
            atomic_fetch_add(&stage->bytes, bytes) + bytes > BYTES)
            atomic_store(&stage->too_many, true);
        atomic_fetch_sub(&stage->taken, credits);
        atomic_fetch_sub(&stage->bytes, bytes);
        atomic_fetch_add(&stage->slot.credits, credits);
        atomic_fetch_add(&stage->slot.bytes, bytes);
    }
    return NULL;
}

START_TEST(threads_never_hold_more_than_the_capacity)
{
    static struct stage stage;
    pthread_t threads[THREADS];

    atomic_store(&stage.slot.credits, CAPACITY);
    atomic_store(&stage.slot.bytes, BYTES);
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, take_and_give, &stage), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    ck_assert(!atomic_load(&stage.too_many));
    ck_assert_int_eq(credits_of(&stage.slot), CAPACITY);
    ck_assert_int_eq(atomic_load(&stage.slot.bytes), BYTES);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("slot");
    TCase *tests = tcase_create("slot");

    tcase_add_test(tests, places_are_taken_as_far_as_there_are_any);
    tcase_add_test(tests, bytes_are_taken_all_or_none);
    tcase_add_test(tests, threads_never_hold_more_than_the_capacity);
    suite_add_tcase(suite, tests);

    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
