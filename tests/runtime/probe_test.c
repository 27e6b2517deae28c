/* SPDX-License-Identifier: MIT */
/*
 * One actor alone, by the header of `sngen generate --with-tests`: what its handlers do can be
 * looked at, failures have done nothing, asks are completed by hand, time and full mailboxes too.
 */
#include "lab_clock_test.h"
#include "lab_desk_test.h"
#include "lab_store_test.h"
#include "support.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>

static struct lab_desk_test desk;

static void open_desk(void)
{
    struct lab_desk_test_options options = {.probe = {.index = 1},
                                            .args = {.stock = 10, .name = sn_string("front")}};

    ck_assert_int_eq(lab_desk_test_start(&options, &desk), 0);
}

static void close_desk(void)
{
    lab_desk_test_stop(&desk);
    ck_assert_ptr_null(desk.sn);
}

static int order(uint32_t article, int64_t count, lab_order_reply_to *ret_to)
{
    return lab_desk_test_on_order(
        &desk, &(struct lab_order){.article = article, .count = count, .note = sn_string("x")},
        ret_to);
}

START_TEST(init_is_shown)
{
    ck_assert_str_eq(sn_probe_text(desk.sn), "send bells[0] ring\n");
    ck_assert(lab_desk_test_sent_bells_ring(&desk, 0));
    ck_assert(!lab_desk_test_sent_bells_ring(&desk, 1));
    ck_assert_int_eq(lab_desk_test_self(&desk)->stock, 10);
    ck_assert_str_eq(lab_desk_test_self(&desk)->args.name.data, "front");
    ck_assert_uint_eq(sn_self_index(lab_desk_test_self(&desk)->sn), 1);
}
END_TEST

START_TEST(replies_and_messages_are_typed)
{
    const struct lab_order_reply *reply;
    const struct lab_sold *sold;
    lab_order_reply_to to;

    ck_assert_int_eq(order(7, 4, &to), 0);
    ck_assert_str_eq(sn_probe_text(desk.sn), "send signs[0] sold\nreply order\n");
    sold = lab_desk_test_sent_signs_sold(&desk, 0);
    ck_assert_uint_eq(sold->article, 7);
    ck_assert(sn_string_is(sold->label, "x"));
    ck_assert_ptr_null(lab_desk_test_sent_signs_sold(&desk, 1));
    ck_assert_int_eq(lab_desk_test_answered_order(&desk, to, &reply), 0);
    ck_assert_int_eq(reply->left, 6);
    ck_assert_int_eq(order(7, 2000, &to), 0);
    ck_assert_int_eq(lab_desk_test_answered_order(&desk, to, NULL), LAB_SOLD_OUT);
    ck_assert_str_eq(sn_probe_text(desk.sn), "refuse order: 1000\n");
    ck_assert_int_eq(order(7, -1, &to), 0);
    ck_assert_int_eq(lab_desk_test_answered_order(&desk, to, NULL), SN_UNANSWERED);
    ck_assert_uint_eq(lab_desk_test_self(&desk)->served, 3);
}
END_TEST

START_TEST(a_failure_has_done_nothing)
{
    lab_order_reply_to to;

    ck_assert_int_eq(order(7, 4, NULL), 0);
    ck_assert_int_eq(order(13, 4, &to), -EPROTO);
    /* What shutdown sends is its own. */
    ck_assert_str_eq(sn_probe_text(desk.sn), "send signs[0] sold\n");
    ck_assert_uint_eq(lab_desk_test_sent_signs_sold(&desk, 0)->article, (uint32_t)-EPROTO);
    ck_assert_int_eq(lab_desk_test_answered_order(&desk, to, NULL), SN_FAILED);
    ck_assert(!sn_probe_is_alive(desk.sn));
    ck_assert_int_eq(lab_desk_test_self(&desk)->stock, 6);
    ck_assert_uint_eq(lab_desk_test_self(&desk)->sold.count, 1);
    ck_assert_int_eq(lab_desk_test_restart(&desk), 0);
    ck_assert_str_eq(sn_probe_text(desk.sn), "send bells[0] ring\n");
    ck_assert_int_eq(lab_desk_test_self(&desk)->stock, 6);
    ck_assert_uint_eq(lab_desk_test_self(&desk)->served, 0);
    ck_assert_ptr_null(sn_probe_broken(desk.sn));
}
END_TEST

START_TEST(a_handler_may_end_at_any_depth)
{
    struct lab_desk_test_options options = {.args = {.stock = INT64_MIN}};
    struct lab_desk_test test;
    lab_order_reply_to to;

    ck_assert_int_eq(order(15, 4, &to), -EPIPE);
    ck_assert_str_eq(sn_probe_text(desk.sn), "");
    ck_assert_int_eq(lab_desk_test_answered_order(&desk, to, NULL), SN_FAILED);
    ck_assert_int_eq(lab_desk_test_self(&desk)->stock, 10);
    ck_assert(!sn_probe_is_alive(desk.sn));
    ck_assert_int_eq(lab_desk_test_restart(&desk), 0);
    ck_assert_int_eq(lab_desk_test_start(&options, &test), -EDOM);
    ck_assert_ptr_null(test.sn);
}
END_TEST

START_TEST(invariants_are_looked_at)
{
    struct lab_reserve_reply supply = {-20};

    ck_assert_int_eq(order(1, 50, NULL), 0);
    ck_assert_ptr_null(sn_probe_broken(desk.sn));
    ck_assert(lab_desk_holds(lab_desk_test_self(&desk)));
    ck_assert_int_eq(lab_desk_test_on_supply(&desk, 0, 0, &supply), 0);
    ck_assert_str_eq(sn_probe_broken(desk.sn), "stock >= 0");
    ck_assert(!lab_desk_holds(lab_desk_test_self(&desk)));
}
END_TEST

START_TEST(a_stop_is_no_failure)
{
    ck_assert_int_eq(order(14, 4, NULL), SN_STOP);
    ck_assert_str_eq(sn_probe_text(desk.sn),
                     "send signs[0] sold\nreply order\nsend signs[0] sold\n");
    ck_assert_int_eq(lab_desk_test_self(&desk)->stock, 6);
    ck_assert(!sn_probe_is_alive(desk.sn));
}
END_TEST

START_TEST(asks_are_completed_by_hand)
{
    struct lab_reserve_reply supply = {5};
    const struct lab_order_reply *reply;
    lab_order_reply_to first, second;
    uint32_t index;

    ck_assert_int_eq(order(1, 50, &first), 0);
    ck_assert_int_eq(order(2, 60, &second), 0);
    ck_assert_str_eq(sn_probe_text(desk.sn), "ask supply stores[0] reserve\n");
    ck_assert_uint_eq(lab_desk_waiting_supply(lab_desk_test_self(&desk)), 2);
    ck_assert_int_eq(lab_desk_test_asked_supply(&desk, 0, NULL)->count, 50);
    ck_assert_int_eq(lab_desk_test_asked_supply(&desk, 1, &index)->count, 60);
    ck_assert_uint_eq(index, 0);
    ck_assert_ptr_null(lab_desk_test_asked_supply(&desk, 2, NULL));
    ck_assert_int_eq(lab_desk_test_answered_order(&desk, first, NULL), -EAGAIN);
    ck_assert_int_eq(lab_desk_test_on_supply(&desk, 1, 0, &supply), 0);
    ck_assert_int_eq(lab_desk_test_answered_order(&desk, second, &reply), 0);
    ck_assert_int_eq(reply->left, 15);
    ck_assert_int_eq(lab_desk_test_asked_supply(&desk, 0, NULL)->count, 50);
    ck_assert_int_eq(lab_desk_test_on_supply(&desk, 0, SN_DOWN, NULL), 0);
    ck_assert_int_eq(lab_desk_test_answered_order(&desk, first, NULL), SN_DOWN);
    ck_assert_ptr_null(lab_desk_test_asked_supply(&desk, 0, NULL));
}
END_TEST

START_TEST(time_fires_timers_and_ends_asks)
{
    lab_order_reply_to to, handed = lab_desk_test_open_order(&desk);
    const struct lab_order_reply *reply;

    ck_assert(lab_desk_test_is_armed_beat(&desk) && !lab_desk_test_is_armed_lunch(&desk));
    ck_assert_int_eq(order(1, 50, &to), 0);
    ck_assert_int_eq(sn_probe_advance(desk.sn, 99 * SN_MS), 0);
    ck_assert_int_eq(lab_desk_test_answered_order(&desk, to, NULL), -EAGAIN);
    ck_assert_int_eq(sn_probe_advance(desk.sn, 2 * SN_MS), 0);
    ck_assert_int_eq(lab_desk_test_answered_order(&desk, to, NULL), SN_TIMEOUT);
    ck_assert_int_eq(sn_probe_advance(desk.sn, 3 * SN_SECOND), 0);
    ck_assert_str_eq(sn_probe_text(desk.sn),
                     "send desks[1] ring\nsend desks[1] ring\nsend desks[1] ring\n");
    ck_assert_int_eq(lab_desk_test_on_shut(&desk, &(struct lab_shut){LAB_STATE_CLOSED}), 0);
    ck_assert_str_eq(sn_probe_text(desk.sn), "cancel beat\nstart lunch\n");
    ck_assert(!lab_desk_test_is_armed_beat(&desk) && lab_desk_test_is_armed_lunch(&desk));
    ck_assert_int_eq(lab_desk_test_on_hand_over(&desk, &(struct lab_hand_over){handed}), 0);
    ck_assert_int_eq(lab_desk_test_on_lunch(&desk), 0);
    ck_assert_str_eq(sn_probe_text(desk.sn), "reply order\n");
    ck_assert_int_eq(lab_desk_test_answered_order(&desk, handed, &reply), 0);
    ck_assert_int_eq(reply->left, 10);
    ck_assert(!lab_desk_test_is_armed_lunch(&desk));
}
END_TEST

START_TEST(full_mailboxes_act_as_declared)
{
    lab_desk_test_fill_signs(&desk, true); /* drops the newest */
    ck_assert_int_eq(order(7, 1, NULL), 0);
    ck_assert_str_eq(sn_probe_text(desk.sn), "send signs[0] sold\nreply order\n");
    ck_assert_ptr_null(lab_desk_test_sent_signs_sold(&desk, 0));
    lab_desk_test_fill_signs(&desk, false);
    ck_assert_int_eq(order(7, 1, NULL), 0);
    ck_assert_ptr_nonnull(lab_desk_test_sent_signs_sold(&desk, 0));
    lab_desk_test_fill_stores(&desk, true); /* rejects */
    ck_assert_int_eq(order(1, 50, NULL), SN_FULL);
    ck_assert(!sn_probe_is_alive(desk.sn));
    lab_desk_test_fill_stores(&desk, false);
    ck_assert_int_eq(lab_desk_test_restart(&desk), 0);
    ck_assert_int_eq(order(1, 50, NULL), 0);
}
END_TEST

START_TEST(an_actor_that_waits_for_room_handles_nothing)
{
    lab_desk_test_fill_bells(&desk, true); /* parks one */
    ck_assert_int_eq(lab_desk_test_on_ring(&desk), SN_FULL);
    ck_assert(!sn_probe_is_alive(desk.sn));
    ck_assert_int_eq(lab_desk_test_restart(&desk), 0); /* init parks its own */
    ck_assert_int_eq(order(7, 1, NULL), SN_FULL);
    ck_assert_str_eq(sn_probe_text(desk.sn), "");
    ck_assert_int_eq(lab_desk_test_self(&desk)->stock, 10);
    lab_desk_test_fill_bells(&desk, false);
    ck_assert_int_eq(order(8, 1, NULL), 0); /* both of them, in their order */
    ck_assert_int_eq(lab_desk_test_self(&desk)->stock, 8);
}
END_TEST

START_TEST(values_are_checked_and_copied_as_by_a_send)
{
    uint8_t bytes[9] = "abcdefgh";
    struct sn_bytes rows[5] = {{bytes, 2}, {bytes, 0}, {bytes + 2, 3}, {bytes, 9}};
    struct lab_dump dump = {{.items = rows, .count = 3}};

    ck_assert_int_eq(lab_desk_test_on_dump(&desk, &dump), 0);
    ck_assert(sn_string_is(lab_desk_test_self(&desk)->log, "abcde"));
    dump.rows.count = 4;
    ck_assert_int_eq(lab_desk_test_on_dump(&desk, &dump), SN_TOO_LARGE);
    dump.rows.count = 5;
    ck_assert_int_eq(lab_desk_test_on_dump(&desk, &dump), SN_TOO_LARGE);
    ck_assert_int_eq(lab_desk_test_on_shut(&desk, &(struct lab_shut){(enum lab_state)7}),
                     SN_INVALID);
    ck_assert(sn_probe_is_alive(desk.sn));
}
END_TEST

START_TEST(start_says_what_is_wrong)
{
    struct lab_desk_test_options options = {.args = {.stock = -1}};
    struct lab_desk_test test;

    ck_assert_int_eq(lab_desk_test_start(&options, &test), -ERANGE);
    ck_assert_ptr_null(test.sn);
    options.args.stock = 1;
    options.args.name = sn_string("12345678901234567");
    ck_assert_int_eq(lab_desk_test_start(&options, &test), SN_TOO_LARGE);
    options.args.name.size--;
    ck_assert_int_eq(lab_desk_test_start(&options, &test), 0);
    lab_desk_test_stop(&test);
    options.probe.index = 3;
    ck_assert_int_eq(lab_desk_test_start(&options, &test), -EINVAL);
    lab_desk_test_stop(&test);
}
END_TEST

START_TEST(workers_without_anything_special)
{
    struct lab_clock_test clock;
    struct lab_store_test store;
    const struct lab_reserve_reply *reply;
    lab_reserve_reply_to to;

    ck_assert_int_eq(lab_clock_test_start(NULL, &clock), 0);
    ck_assert_int_eq(lab_clock_test_tick(&clock), 0);
    ck_assert_int_eq(sn_probe_advance(clock.sn, 2 * SN_SECOND), 0);
    ck_assert_uint_eq(lab_clock_test_self(&clock)->ticks, 3);
    lab_clock_test_stop(&clock);
    ck_assert_int_eq(lab_store_test_start(NULL, &store), 0);
    ck_assert_int_eq(lab_store_test_on_reserve(&store, &(struct lab_reserve){.count = 4}, &to), 0);
    ck_assert_int_eq(lab_store_test_answered_reserve(&store, to, &reply), 0);
    ck_assert_int_eq(reply->count, 4);
    lab_store_test_stop(&store);
}
END_TEST

/* Gives memory until it is told to fail, and counts what is not given back. */
struct meter {
    long left, used;
};

static void *meter_alloc(void *context, size_t size)
{
    struct meter *meter = context;

    if (meter->left-- == 0)
        return NULL;
    meter->used++;
    return aligned_alloc(64, (size + 63) / 64 * 64);
}

static void meter_free(void *context, void *memory, size_t size)
{
    (void)size;
    ((struct meter *)context)->used--;
    free(memory);
}

START_TEST(memory_may_run_out)
{
    long tries = 0;
    int rc;

    do {
        struct meter meter = {.left = tries++};
        struct sn_allocator allocator = {meter_alloc, meter_free, &meter};
        struct lab_desk_test_options options = {.probe = {.allocator = &allocator},
                                                .args = {.stock = 10}};
        struct lab_desk_test test;

        rc = lab_desk_test_start(&options, &test);
        if (rc == 0) {
            rc = lab_desk_test_on_order(&test, &(struct lab_order){.count = 50}, NULL);
            if (sn_probe_is_alive(test.sn) && rc == 0)
                rc = meter.left < 0 ? -ENOMEM : 0;
        }
        ck_assert(rc == 0 || rc == -ENOMEM);
        lab_desk_test_stop(&test);
        ck_assert_int_eq(meter.used, 0);
    } while (rc != 0);
    ck_assert_int_gt(tries, 10);
}
END_TEST

START_TEST(what_cannot_be_aborts)
{
    switch (_i) {
    case 0:
        lab_desk_test_on_lunch(&desk);
        break;
    case 1:
        lab_desk_test_on_supply(&desk, 0, SN_DOWN, NULL);
        break;
    default:
        order(14, 1, NULL);
        order(7, 1, NULL);
    }
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_checked_fixture(tests, open_desk, close_desk);
    tcase_add_test(tests, init_is_shown);
    tcase_add_test(tests, replies_and_messages_are_typed);
    tcase_add_test(tests, a_failure_has_done_nothing);
    tcase_add_test(tests, a_handler_may_end_at_any_depth);
    tcase_add_test(tests, invariants_are_looked_at);
    tcase_add_test(tests, a_stop_is_no_failure);
    tcase_add_test(tests, asks_are_completed_by_hand);
    tcase_add_test(tests, time_fires_timers_and_ends_asks);
    tcase_add_test(tests, full_mailboxes_act_as_declared);
    tcase_add_test(tests, an_actor_that_waits_for_room_handles_nothing);
    tcase_add_test(tests, values_are_checked_and_copied_as_by_a_send);
    tcase_add_test(tests, start_says_what_is_wrong);
    tcase_add_test(tests, workers_without_anything_special);
    tcase_add_test(tests, memory_may_run_out);
    tcase_add_loop_test_raise_signal(tests, what_cannot_be_aborts, SIGABRT, 0, 3);
}

int main(void)
{
    return run_suite("probe", add_tests);
}
