/* SPDX-License-Identifier: MIT */

/*
 * Links and inboxes, by one thread that plays both sides in every order that matters: the spill
 * list, a back ring that overflows, who notifies whom, and when a sleeper is woken.
 */

#include <check.h>
#include <stdbool.h>
#include <stdlib.h>

#include "../cheap.h"
#include "../countdown.h"
#include "io/io.h"
#include "ring/link.h"

#include <sn/generated.h>

/* A back end that counts the wake-ups. */
struct fake_io {
    struct sn_io io;
    unsigned wakes;
};

static void fake_wake(struct sn_io *io)
{
    ((struct fake_io *)io)->wakes++;
}

static const struct sn_io_ops fake_ops = {.name = "fake", .wake = fake_wake};

enum { BLOCKS = 3 * SN_LINK_CAPACITY };

struct bench {
    struct countdown countdown;
    struct fake_io io;
    struct sn_inbox inbox;
    struct sn_link *link;
    struct sn_envelope blocks[BLOCKS];
};

static struct bench *bench_create(void)
{
    struct bench *bench = calloc(1, sizeof *bench);

    ck_assert_ptr_nonnull(bench);
    countdown_init(&bench->countdown, -1);
    bench->io.io.ops = &fake_ops;
    bench->inbox.io = &bench->io.io;
    bench->link = sn_link_create(&bench->countdown.allocator, 3, 4);
    ck_assert_ptr_nonnull(bench->link);
    ck_assert_uint_eq(bench->link->producer, 3);
    ck_assert_uint_eq(bench->link->consumer, 4);
    return bench;
}

static void bench_destroy(struct bench *bench)
{
    sn_link_destroy(bench->link);
    ck_assert_int_eq(atomic_load(&bench->countdown.live_bytes), 0);
    free(bench);
}

static bool flush(struct bench *bench)
{
    return sn_link_flush(bench->link, &bench->inbox);
}

/* Take what is there, as a consumer does; returns how many, starting at blocks[first]. */
static uint32_t drain(struct bench *bench, uint32_t first)
{
    uint32_t count = sn_ring_count(&bench->link->forward);

    for (uint32_t i = 0; i < count; i++)
        cheap_assert(sn_ring_take(&bench->link->forward) == &bench->blocks[first + i]);
    if (count > 0)
        sn_ring_release(&bench->link->forward);
    return count;
}

START_TEST(the_first_publication_notifies_and_the_next_does_not)
{
    struct bench *bench = bench_create();

    sn_link_put(bench->link, &bench->blocks[0]);
    ck_assert_ptr_null(sn_inbox_take(&bench->inbox));
    ck_assert(!flush(bench));
    ck_assert_ptr_eq(sn_inbox_take(&bench->inbox), bench->link);
    ck_assert_ptr_null(bench->link->next_notified);
    sn_link_put(bench->link, &bench->blocks[1]);
    ck_assert(!flush(bench));
    ck_assert_ptr_null(sn_inbox_take(&bench->inbox));
    ck_assert_uint_eq(drain(bench, 0), 2);
    ck_assert_uint_eq(bench->io.wakes, 0);
    bench_destroy(bench);
}
END_TEST

START_TEST(a_flush_without_anything_does_not_notify)
{
    struct bench *bench = bench_create();

    ck_assert(!flush(bench));
    ck_assert_ptr_null(sn_inbox_take(&bench->inbox));
    bench_destroy(bench);
}
END_TEST

START_TEST(an_idle_link_is_notified_once)
{
    struct bench *bench = bench_create();

    sn_link_put(bench->link, &bench->blocks[0]);
    flush(bench);
    sn_inbox_take(&bench->inbox);
    ck_assert(!sn_link_make_idle(bench->link)); /* something is in it: it stays active */
    ck_assert_uint_eq(drain(bench, 0), 1);
    ck_assert(sn_link_make_idle(bench->link));
    for (int i = 1; i < 4; i++) {
        sn_link_put(bench->link, &bench->blocks[i]);
        flush(bench);
    }
    ck_assert_ptr_eq(sn_inbox_take(&bench->inbox), bench->link);
    ck_assert_ptr_null(sn_inbox_take(&bench->inbox));
    ck_assert_uint_eq(drain(bench, 1), 3);
    bench_destroy(bench);
}
END_TEST

/* The producer has notified before the consumer looked again: the link comes back by the stack,
 * and is not active as well. */
START_TEST(a_link_is_never_both_active_and_notified)
{
    struct bench *bench = bench_create();

    sn_link_put(bench->link, &bench->blocks[0]);
    flush(bench);
    sn_inbox_take(&bench->inbox);
    ck_assert_uint_eq(drain(bench, 0), 1);
    /* The first half of make_idle(), then the producer, then all of it. */
    atomic_store(&bench->link->idle, 1);
    sn_link_put(bench->link, &bench->blocks[1]);
    flush(bench);
    ck_assert_uint_eq(atomic_load(&bench->link->idle), 0);
    ck_assert_ptr_eq(sn_inbox_take(&bench->inbox), bench->link);
    ck_assert(!sn_link_make_idle(bench->link));
    ck_assert_uint_eq(drain(bench, 1), 1);
    bench_destroy(bench);
}
END_TEST

START_TEST(notified_links_come_in_the_order_of_their_notification)
{
    struct bench *bench = bench_create();
    struct sn_link *links[3];

    for (uint16_t i = 0; i < 3; i++) {
        links[i] = sn_link_create(&bench->countdown.allocator, i, 9);
        ck_assert_ptr_nonnull(links[i]);
        sn_link_put(links[i], &bench->blocks[i]);
        sn_link_flush(links[i], &bench->inbox);
    }
    struct sn_link *first = sn_inbox_take(&bench->inbox);
    ck_assert_ptr_eq(first, links[0]);
    ck_assert_ptr_eq(first->next_notified, links[1]);
    ck_assert_ptr_eq(first->next_notified->next_notified, links[2]);
    ck_assert_ptr_null(links[2]->next_notified);
    for (int i = 0; i < 3; i++)
        sn_link_destroy(links[i]);
    bench_destroy(bench);
}
END_TEST

START_TEST(a_full_ring_spills_and_keeps_the_order)
{
    struct bench *bench = bench_create();

    for (int i = 0; i < BLOCKS; i++) {
        cheap_assert(sn_link_is_full(bench->link) == (i >= SN_LINK_CAPACITY));
        sn_link_put(bench->link, &bench->blocks[i]);
    }
    cheap_assert(flush(bench));
    cheap_assert(drain(bench, 0) == SN_LINK_CAPACITY);
    cheap_assert(sn_link_is_full(bench->link)); /* what was spilled goes first */
    cheap_assert(flush(bench));
    cheap_assert(drain(bench, SN_LINK_CAPACITY) == SN_LINK_CAPACITY);
    cheap_assert(!flush(bench));
    cheap_assert(sn_link_is_full(bench->link)); /* the ring itself, exactly */
    cheap_assert(drain(bench, 2 * SN_LINK_CAPACITY) == SN_LINK_CAPACITY);
    cheap_assert(!sn_link_is_full(bench->link));
    cheap_assert(drain(bench, 0) == 0);
    bench_destroy(bench);
}
END_TEST

/* Nothing overtakes: while something is spilled, a put goes behind it though the ring has room. */
START_TEST(a_put_never_overtakes_the_spill_list)
{
    struct bench *bench = bench_create();

    for (int i = 0; i < SN_LINK_CAPACITY + 2; i++)
        sn_link_put(bench->link, &bench->blocks[i]);
    ck_assert(flush(bench));
    ck_assert_uint_eq(drain(bench, 0), SN_LINK_CAPACITY);
    sn_link_put(bench->link, &bench->blocks[SN_LINK_CAPACITY + 2]);
    ck_assert(!flush(bench));
    ck_assert_uint_eq(drain(bench, SN_LINK_CAPACITY), 3);
    bench_destroy(bench);
}
END_TEST

/* The spilled rest is published with its own notification if the link has gone idle. */
START_TEST(what_was_spilled_notifies_an_idle_link)
{
    struct bench *bench = bench_create();

    for (int i = 0; i < SN_LINK_CAPACITY + 1; i++)
        sn_link_put(bench->link, &bench->blocks[i]);
    ck_assert(flush(bench));
    sn_inbox_take(&bench->inbox);
    drain(bench, 0);
    ck_assert(sn_link_make_idle(bench->link));
    ck_assert(!flush(bench));
    ck_assert_ptr_eq(sn_inbox_take(&bench->inbox), bench->link);
    ck_assert_uint_eq(drain(bench, SN_LINK_CAPACITY), 1);
    bench_destroy(bench);
}
END_TEST

/* More handled blocks than the back ring holds, while the producer takes none. */
START_TEST(a_back_ring_that_overflows_loses_no_block)
{
    static bool seen[BLOCKS];
    struct bench *bench = bench_create();
    struct sn_ring *back = &bench->link->back;
    uint32_t total = 0;

    for (int i = 0; i < BLOCKS; i++) {
        sn_link_put_back(bench->link, &bench->blocks[i]);
        if (i == BLOCKS / 2) { /* what does not fit comes in two lists */
            cheap_assert(sn_ring_count(back) == 0 && !sn_link_take_returned(bench->link));
            sn_link_publish_back(bench->link);
        }
    }
    sn_link_publish_back(bench->link);
    cheap_assert(bench->link->unreturned == NULL);
    cheap_assert(sn_ring_count(back) == SN_LINK_CAPACITY);
    for (; total < SN_LINK_CAPACITY; total++)
        seen[sn_ring_take(back) - bench->blocks] = true;
    sn_ring_release(back);
    for (struct sn_envelope *block = sn_link_take_returned(bench->link); block != NULL;
         block = block->next) {
        cheap_assert(!seen[block - bench->blocks]);
        seen[block - bench->blocks] = true;
        total++;
    }
    cheap_assert(total == BLOCKS);
    cheap_assert(sn_link_take_returned(bench->link) == NULL);
    bench_destroy(bench);
}
END_TEST

START_TEST(parking_is_refused_while_something_is_notified)
{
    struct bench *bench = bench_create();

    ck_assert(sn_inbox_park(&bench->inbox));
    sn_inbox_unpark(&bench->inbox);
    sn_link_put(bench->link, &bench->blocks[0]);
    flush(bench);
    ck_assert_uint_eq(bench->io.wakes, 0); /* nobody slept */
    ck_assert(!sn_inbox_park(&bench->inbox));
    ck_assert_uint_eq(atomic_load(&bench->inbox.parked), 0);
    bench_destroy(bench);
}
END_TEST

START_TEST(a_sleeper_is_woken_once)
{
    struct bench *bench = bench_create();
    struct sn_link *other = sn_link_create(&bench->countdown.allocator, 5, 4);

    ck_assert_ptr_nonnull(other);
    ck_assert(sn_inbox_park(&bench->inbox));
    sn_link_put(bench->link, &bench->blocks[0]);
    flush(bench);
    ck_assert_uint_eq(bench->io.wakes, 1);
    sn_link_put(other, &bench->blocks[1]);
    sn_link_flush(other, &bench->inbox);
    sn_inbox_wake(&bench->inbox);
    ck_assert_uint_eq(bench->io.wakes, 1); /* it is on its way up */
    sn_inbox_unpark(&bench->inbox);
    ck_assert_ptr_eq(sn_inbox_take(&bench->inbox), bench->link);
    sn_link_destroy(other);
    bench_destroy(bench);
}
END_TEST

START_TEST(waking_who_is_awake_costs_nothing)
{
    struct bench *bench = bench_create();

    sn_inbox_wake(&bench->inbox);
    ck_assert_uint_eq(bench->io.wakes, 0);
    ck_assert(sn_inbox_park(&bench->inbox));
    sn_inbox_wake(&bench->inbox);
    ck_assert_uint_eq(bench->io.wakes, 1);
    bench_destroy(bench);
}
END_TEST

START_TEST(each_failing_allocation_leaves_nothing_behind)
{
    struct countdown countdown;
    struct sn_link *link = NULL;
    long fail_at = 0;

    for (; link == NULL; fail_at++) {
        countdown_init(&countdown, fail_at);
        link = sn_link_create(&countdown.allocator, 1, 2);
        if (link == NULL)
            ck_assert_int_eq(atomic_load(&countdown.live_bytes), 0);
    }
    ck_assert_int_eq(fail_at, 4); /* the link, two rings, and then none */
    sn_link_destroy(link);
    ck_assert_int_eq(atomic_load(&countdown.live_bytes), 0);
    sn_link_destroy(NULL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("link");
    TCase *tests = tcase_create("link");

    tcase_add_test(tests, the_first_publication_notifies_and_the_next_does_not);
    tcase_add_test(tests, a_flush_without_anything_does_not_notify);
    tcase_add_test(tests, an_idle_link_is_notified_once);
    tcase_add_test(tests, a_link_is_never_both_active_and_notified);
    tcase_add_test(tests, notified_links_come_in_the_order_of_their_notification);
    tcase_add_test(tests, a_full_ring_spills_and_keeps_the_order);
    tcase_add_test(tests, a_put_never_overtakes_the_spill_list);
    tcase_add_test(tests, what_was_spilled_notifies_an_idle_link);
    tcase_add_test(tests, a_back_ring_that_overflows_loses_no_block);
    tcase_add_test(tests, parking_is_refused_while_something_is_notified);
    tcase_add_test(tests, a_sleeper_is_woken_once);
    tcase_add_test(tests, waking_who_is_awake_costs_nothing);
    tcase_add_test(tests, each_failing_allocation_leaves_nothing_behind);
    suite_add_tcase(suite, tests);

    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
