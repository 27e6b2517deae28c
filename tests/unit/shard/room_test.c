/* SPDX-License-Identifier: MIT */
/*
 * Waiting for room in a mailbox: who registered is woken once, and a thread that is about to sleep
 * on the word notices that its registration was taken, whatever others have done with the word
 * since (sn_slot_return(), sn_port_wait_for_room()).
 */
#include "shard/shard.h"

#include <check.h>
#include <stdlib.h>

/* A world without shards: only threads outside wait. */
static const struct sn_world world;

static uint32_t await_outside(struct sn_slot *slot)
{
    return atomic_fetch_or(&slot->waiters, SN_WAITER_PORT) | SN_WAITER_PORT;
}

START_TEST(a_return_gives_places_and_bytes)
{
    struct sn_slot slot = {0};

    sn_slot_return(&world, &slot, 3, 100);
    ck_assert_int_eq(atomic_load(&slot.credits), 3);
    ck_assert_int_eq(atomic_load(&slot.bytes), 100);
    ck_assert_uint_eq(atomic_load(&slot.waiters), 0);
}
END_TEST

START_TEST(a_return_takes_all_registrations)
{
    struct sn_slot slot = {0};
    uint32_t registered = await_outside(&slot);

    sn_slot_return(&world, &slot, 1, 0);
    ck_assert_uint_eq(atomic_load(&slot.waiters) & SN_WAITER_ALL, 0);
    ck_assert_uint_ne(atomic_load(&slot.waiters), registered);
}
END_TEST

/* Two threads wait; the place that wakes the first is gone when the second registers: the word that
 * the first one is about to sleep on must not look as it did. */
START_TEST(a_registration_that_was_taken_shows_behind_a_new_one)
{
    struct sn_slot slot = {0};

    for (int i = 0; i < 1000; i++) {
        uint32_t first = await_outside(&slot);

        sn_slot_return(&world, &slot, 1, 0);
        ck_assert_uint_ne(await_outside(&slot), first);
        /* Would sleep for ever if the word were the same. */
        sn_futex_wait(&slot.waiters, first, SN_FOREVER);
        sn_slot_return(&world, &slot, 0, 0);
    }
}
END_TEST

START_TEST(the_sequence_wraps_without_touching_registrations)
{
    struct sn_slot slot = {0};

    atomic_store(&slot.waiters, ~SN_WAITER_ALL); /* the last of the sequence */
    uint32_t registered = await_outside(&slot);
    ck_assert_uint_eq(registered & SN_WAITER_ALL, SN_WAITER_PORT);
    sn_slot_return(&world, &slot, 1, 0);
    ck_assert_uint_eq(atomic_load(&slot.waiters), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("room");
    TCase *tests = tcase_create("room");

    tcase_add_test(tests, a_return_gives_places_and_bytes);
    tcase_add_test(tests, a_return_takes_all_registrations);
    tcase_add_test(tests, a_registration_that_was_taken_shows_behind_a_new_one);
    tcase_add_test(tests, the_sequence_wraps_without_touching_registrations);
    suite_add_tcase(suite, tests);

    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
