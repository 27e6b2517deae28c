/* SPDX-License-Identifier: MIT */
/*
 * One actor alone whose partners fail, by the header of `sngen generate --with-tests`: the ends of
 * those that it watches or is linked with, dead letters, and what its edges do about failures.
 */
#include "support.h"
#include "ward_clerk_test.h"
#include "ward_counter_test.h"
#include "ward_nurse_test.h"

#include <errno.h>
#include <signal.h>

static struct ward_nurse_test nurse;

/* ---- handlers ------------------------------------------------------------------------------- */

int ward_nurse_on_look_after(struct ward_nurse *self, const struct ward_look_after *message)
{
    int rc = ward_nurse_watch_beds_at(self, message->bed);

    return rc == 0 ? ward_nurse_watch_monitor(self) : rc;
}

int ward_nurse_on_leave(struct ward_nurse *self, const struct ward_leave *message)
{
    int rc = ward_nurse_unwatch_beds_at(self, message->bed);

    return rc == 0 ? ward_nurse_unlink_monitor(self) : rc;
}

int ward_nurse_on_rely_on(struct ward_nurse *self, const struct ward_rely_on *message)
{
    int rc = ward_nurse_link_beds_at(self, message->bed);

    return rc == 0 ? ward_nurse_link_monitor(self) : rc;
}

int ward_nurse_on_visit(struct ward_nurse *self, const struct ward_visit *message)
{
    int rc = ward_nurse_send_beds_visit_at(self, message->bed, message);

    self->refused += rc == SN_OPEN;
    return rc == SN_OPEN ? 0 : rc;
}

int ward_nurse_on_wake(struct ward_nurse *self, const struct ward_wake *message)
{
    return ward_nurse_ask_check(self,
                                &(struct ward_read){.bed = message->bed, .why = sn_string("round")},
                                &(struct ward_nurse_check){.bed = message->bed});
}

int ward_nurse_on_check(struct ward_nurse *self, const struct ward_nurse_check *context,
                        int outcome, const struct ward_read_reply *reply)
{
    self->outcome = outcome;
    self->pulse = outcome == 0 ? reply->pulse + context->bed : 0;
    return 0;
}

int ward_nurse_on_beds_down(struct ward_nurse *self, uint32_t index, int reason)
{
    self->deaths++;
    self->last_index = index;
    self->last_reason = reason;
    return reason == -EPIPE ? -EPIPE : 0;
}

int ward_nurse_on_monitor_down(struct ward_nurse *self, int reason)
{
    self->last_reason = reason;
    return ward_nurse_send_beds_visit_at(self, 0, &(struct ward_visit){.bed = 9});
}

int ward_bed_on_visit(struct ward_bed *self, const struct ward_visit *message)
{
    (void)self, (void)message;
    return 0;
}

int ward_monitor_on_read(struct ward_monitor *self, const struct ward_read *message,
                         ward_read_reply_to to)
{
    (void)message;
    return ward_monitor_reply_read(self, to, &(struct ward_read_reply){60});
}

int ward_clerk_on_dead_visit(struct ward_clerk *self, const struct ward_visit *message,
                             const struct sn_dead_letter *letter)
{
    self->lost++;
    self->bed = message->bed;
    self->reason = letter->reason;
    return ward_clerk_set_note(self, message->note);
}

int ward_clerk_on_dead_wake(struct ward_clerk *self, const struct ward_wake *message,
                            const struct sn_dead_letter *letter)
{
    self->bed = message->bed;
    return letter->index == 2 ? -EIO : 0;
}

int ward_clerk_on_dead_letter(struct ward_clerk *self, const struct sn_dead_letter *letter)
{
    self->lost += 10;
    self->reason = letter->reason;
    return 0;
}

int ward_counter_on_dead_letter(struct ward_counter *self, const struct sn_dead_letter *letter)
{
    (void)letter;
    self->lost++;
    return 0;
}

/* ---- ends of others ------------------------------------------------------------------------- */

static void open_nurse(void)
{
    ck_assert_int_eq(ward_nurse_test_start(NULL, &nurse), 0);
}

static void close_nurse(void)
{
    ward_nurse_test_stop(&nurse);
}

static void look_after(uint32_t bed)
{
    ck_assert_int_eq(ward_nurse_test_on_look_after(&nurse, &(struct ward_look_after){bed}), 0);
}

static void rely_on(uint32_t bed)
{
    ck_assert_int_eq(ward_nurse_test_on_rely_on(&nurse, &(struct ward_rely_on){bed}), 0);
}

START_TEST(an_end_is_told_once_for_each_watch)
{
    const struct ward_nurse *self = ward_nurse_test_self(&nurse);

    look_after(2);
    ck_assert_str_eq(sn_probe_text(nurse.sn), "watch beds[2]\nwatch monitor[0]\n");
    ck_assert(ward_nurse_test_watches_beds(&nurse, 2) && ward_nurse_test_watches_monitor(&nurse));
    ck_assert(!ward_nurse_test_watches_beds(&nurse, 1));
    ck_assert_int_eq(ward_nurse_test_on_beds_down(&nurse, 2, SN_FAILED), 0);
    ck_assert_uint_eq(self->deaths, 1);
    ck_assert_uint_eq(self->last_index, 2);
    ck_assert_int_eq(self->last_reason, SN_FAILED);
    ck_assert(!ward_nurse_test_watches_beds(&nurse, 2));
    ck_assert_int_eq(ward_nurse_test_on_monitor_down(&nurse, SN_SHUTDOWN), 0);
    ck_assert_int_eq(self->last_reason, SN_SHUTDOWN);
    ck_assert_uint_eq(ward_nurse_test_sent_beds_visit(&nurse, 0, NULL)->bed, 9);
    ck_assert(sn_probe_is_alive(nurse.sn));
}
END_TEST

START_TEST(a_watch_that_ends_is_seen)
{
    look_after(1);
    rely_on(1);
    ck_assert_str_eq(sn_probe_text(nurse.sn), "link beds[1]\nlink monitor[0]\n");
    ck_assert_int_eq(ward_nurse_test_on_leave(&nurse, &(struct ward_leave){1}), 0);
    ck_assert_str_eq(sn_probe_text(nurse.sn), "unwatch beds[1]\nunlink monitor[0]\n");
    ck_assert(!ward_nurse_test_watches_beds(&nurse, 1));
    ck_assert(ward_nurse_test_is_linked_beds(&nurse, 1));
    ck_assert(!ward_nurse_test_is_linked_monitor(&nurse));
}
END_TEST

START_TEST(a_handler_of_an_end_may_fail)
{
    look_after(0);
    ck_assert_int_eq(ward_nurse_test_on_beds_down(&nurse, 0, -EPIPE), -EPIPE);
    ck_assert(!sn_probe_is_alive(nurse.sn));
    ck_assert_int_eq(ward_nurse_test_restart(&nurse), 0);
    ck_assert(!ward_nurse_test_watches_monitor(&nurse)); /* watches end with the incarnation */
}
END_TEST

START_TEST(links_share_failures_only)
{
    rely_on(0);
    ck_assert_int_eq(ward_nurse_test_end_beds(&nurse, 0, SN_STOP), 0);
    ck_assert(sn_probe_is_alive(nurse.sn));
    ck_assert_int_eq(ward_nurse_test_end_monitor(&nurse, -EIO), -EIO);
    ck_assert(!sn_probe_is_alive(nurse.sn));
    ck_assert_uint_eq(ward_nurse_test_self(&nurse)->deaths, 0);
    ck_assert_int_eq(ward_nurse_test_restart(&nurse), 0);
    look_after(1);
    rely_on(1);
    ck_assert_int_eq(ward_nurse_test_on_beds_down(&nurse, 1, SN_FAILED), 0); /* it is told first */
    ck_assert(!sn_probe_is_alive(nurse.sn));
    ck_assert_uint_eq(ward_nurse_test_self(&nurse)->deaths, 1);
}
END_TEST

START_TEST(what_is_not_watched_cannot_end)
{
    look_after(1);
    if (_i == 0)
        ward_nurse_test_on_beds_down(&nurse, 0, SN_FAILED);
    else
        ward_nurse_test_end_beds(&nurse, 0, SN_FAILED);
}
END_TEST

/* ---- retries and breakers ------------------------------------------------------------------- */

static int visit(uint32_t bed)
{
    return ward_nurse_test_on_visit(&nurse,
                                    &(struct ward_visit){.bed = bed, .note = sn_string("hello")});
}

START_TEST(a_retry_is_seen_when_it_leaves)
{
    const struct ward_visit *sent;
    uint32_t index;

    ward_nurse_test_fill_beds(&nurse, true);
    ck_assert_int_eq(visit(1), 0);
    ck_assert_str_eq(sn_probe_text(nurse.sn), "wait beds[1] visit\n");
    ck_assert_ptr_null(ward_nurse_test_sent_beds_visit(&nurse, 0, NULL));
    ward_nurse_test_fill_beds(&nurse, false);
    ck_assert_int_eq(sn_probe_advance(nurse.sn, 30 * SN_MS), 0);
    ck_assert_str_eq(sn_probe_text(nurse.sn), "send beds[1] visit\n");
    sent = ward_nurse_test_sent_beds_visit(&nurse, 0, &index);
    ck_assert_uint_eq(sent->bed, 1);
    ck_assert(sn_string_is(sent->note, "hello"));
    ck_assert_uint_eq(index, 1);
    for (int i = 0; i < 10; i++) /* their places are given back: the mailbox holds two */
        ck_assert_int_eq(visit(1), 0);
    ck_assert_str_eq(sn_probe_text(nurse.sn), "send beds[1] visit\n");
}
END_TEST

START_TEST(the_last_try_is_a_dead_letter)
{
    ward_nurse_test_fill_beds(&nurse, true);
    ck_assert_int_eq(visit(2), 0);
    ck_assert_int_eq(sn_probe_advance(nurse.sn, 3 * SN_SECOND), 0);
    ck_assert_str_eq(sn_probe_text(nurse.sn), "dead letter beds[2] visit\n");
    ck_assert_int_eq(visit(2), 0);
    ck_assert_str_eq(sn_probe_text(nurse.sn), "wait beds[2] visit\n");
}
END_TEST

START_TEST(a_breaker_refuses)
{
    ward_nurse_test_fill_beds(&nurse, true);
    ck_assert_int_eq(visit(0), 0);
    ck_assert_uint_eq(sn_probe_refused(nurse.sn), 0);
    ck_assert_int_eq(sn_probe_advance(nurse.sn, 100 * SN_MS), 0); /* the second failure opens it */
    ck_assert_uint_eq(sn_probe_refused(nurse.sn), 1);
    ward_nurse_test_fill_beds(&nurse, false);
    ck_assert_int_eq(visit(0), 0);
    ck_assert_uint_eq(sn_probe_refused(nurse.sn), 1);
    ck_assert_uint_eq(ward_nurse_test_self(&nurse)->refused, 1);
    ck_assert_str_eq(sn_probe_text(nurse.sn), "");
    ck_assert_int_eq(sn_probe_advance(nurse.sn, SN_SECOND), 0);
    ck_assert_int_eq(visit(0), 0); /* the probe */
    ck_assert_uint_eq(sn_probe_refused(nurse.sn), 0);
    ck_assert_str_eq(sn_probe_text(nurse.sn), "send beds[0] visit\n");
}
END_TEST

START_TEST(an_ask_is_asked_again)
{
    const struct ward_nurse *self = ward_nurse_test_self(&nurse);
    const struct ward_read *read;

    ck_assert_int_eq(ward_nurse_test_on_wake(&nurse, &(struct ward_wake){4}), 0);
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(ward_nurse_test_on_check(&nurse, 0, SN_DOWN, NULL), 0);
        ck_assert_str_eq(sn_probe_text(nurse.sn), "");
        ck_assert_int_eq(sn_probe_advance(nurse.sn, 50 * SN_MS), 0);
        ck_assert_str_eq(sn_probe_text(nurse.sn), "ask check monitor[0] read\n");
        read = ward_nurse_test_asked_check(&nurse, 0);
        ck_assert_uint_eq(read->bed, 4);
        ck_assert(sn_string_is(read->why, "round"));
        ck_assert_ptr_null(ward_nurse_test_asked_check(&nurse, 1));
        ck_assert_int_eq(self->outcome, 0);
    }
    if (_i == 0) {
        ck_assert_int_eq(ward_nurse_test_on_check(&nurse, 0, 0, &(struct ward_read_reply){60}), 0);
        ck_assert_uint_eq(self->pulse, 64);
    } else {
        ck_assert_int_eq(ward_nurse_test_on_check(&nurse, 0, SN_FAILED, NULL), 0);
        ck_assert_int_eq(self->outcome, SN_FAILED);
    }
    ck_assert_ptr_null(ward_nurse_test_asked_check(&nurse, 0));
}
END_TEST

START_TEST(a_timeout_is_final)
{
    ck_assert_int_eq(ward_nurse_test_on_wake(&nurse, &(struct ward_wake){4}), 0);
    ck_assert_int_eq(ward_nurse_test_on_check(&nurse, 0, SN_DOWN, NULL), 0);
    ck_assert_int_eq(sn_probe_advance(nurse.sn, 2 * SN_SECOND), 0);
    ck_assert_int_eq(ward_nurse_test_self(&nurse)->outcome, SN_TIMEOUT);
}
END_TEST

/* ---- dead letters --------------------------------------------------------------------------- */

START_TEST(letters_come_with_fields)
{
    struct sn_dead_letter letter = {
        .message = "wake", .pool = "nurse", .index = 2, .reason = SN_FAILED};
    struct ward_clerk_test clerk;
    const struct ward_clerk *self;

    ck_assert_int_eq(ward_clerk_test_start(NULL, &clerk), 0);
    self = ward_clerk_test_self(&clerk);
    ck_assert_int_eq(ward_clerk_test_on_dead_visit(
                         &clerk, &(struct ward_visit){.bed = 3, .note = sn_string("gone")}, NULL),
                     0);
    ck_assert_uint_eq(self->bed, 3);
    ck_assert_int_eq(self->reason, SN_GONE);
    ck_assert(sn_string_is(self->note, "gone"));
    ck_assert_int_eq(ward_clerk_test_on_dead_letter(&clerk, &letter), 0);
    ck_assert_uint_eq(self->lost, 11);
    ck_assert_int_eq(self->reason, SN_FAILED);
    ck_assert_int_eq(ward_clerk_test_on_dead_wake(&clerk, &(struct ward_wake){7}, NULL), 0);
    ck_assert_uint_eq(self->bed, 7);
    ck_assert_int_eq(ward_clerk_test_on_dead_wake(&clerk, &(struct ward_wake){8}, &letter), -EIO);
    ck_assert(!sn_probe_is_alive(clerk.sn));
    ward_clerk_test_stop(&clerk);
}
END_TEST

START_TEST(letters_are_checked_and_may_be_many)
{
    static char text[33];
    struct ward_visit visited = {.note = {text, sizeof text}};
    struct ward_clerk_test clerk;
    struct ward_counter_test counter;

    memset(text, 'x', sizeof text);
    ck_assert_int_eq(ward_clerk_test_start(NULL, &clerk), 0);
    ck_assert_int_eq(ward_clerk_test_on_dead_visit(&clerk, &visited, NULL), SN_TOO_LARGE);
    visited.note.size--;
    ck_assert_int_eq(ward_clerk_test_on_dead_visit(&clerk, &visited, NULL), 0);
    ward_clerk_test_stop(&clerk);
    ck_assert_int_eq(ward_counter_test_start(NULL, &counter), 0);
    for (int i = 0; i < 3000; i++) /* more than a mailbox holds */
        ck_assert_int_eq(ward_counter_test_on_dead_letter(&counter, NULL), 0);
    ck_assert_uint_eq(ward_counter_test_self(&counter)->lost, 3000);
    ward_counter_test_stop(&counter);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_checked_fixture(tests, open_nurse, close_nurse);
    tcase_add_test(tests, an_end_is_told_once_for_each_watch);
    tcase_add_test(tests, a_watch_that_ends_is_seen);
    tcase_add_test(tests, a_handler_of_an_end_may_fail);
    tcase_add_test(tests, links_share_failures_only);
    tcase_add_loop_test_raise_signal(tests, what_is_not_watched_cannot_end, SIGABRT, 0, 2);
    tcase_add_test(tests, a_retry_is_seen_when_it_leaves);
    tcase_add_test(tests, the_last_try_is_a_dead_letter);
    tcase_add_test(tests, a_breaker_refuses);
    tcase_add_loop_test(tests, an_ask_is_asked_again, 0, 2);
    tcase_add_test(tests, a_timeout_is_final);
    tcase_add_test(tests, letters_come_with_fields);
    tcase_add_test(tests, letters_are_checked_and_may_be_many);
}

int main(void)
{
    return run_suite("alone", add_tests);
}
