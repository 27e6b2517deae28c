/* SPDX-License-Identifier: MIT */
/*
 * Asks: each completes exactly once, in a later turn, with the outcome that fits; and the duty to
 * answer follows the token.
 */
#include "asks_kit.h"

#include <errno.h>

enum { MAX_ASKS = 1024 };

static void check_outcome(int number, enum inquiry_mode mode, int outcome)
{
    struct inquiry *app = start(number);
    struct inquiry_query query = {mode, 7};
    struct inquiry_query_future future;

    ck_assert_int_eq(perform(app, look, &query), 0);
    journal_await(&completions, 1);
    ck_assert_uint_eq(completions.entries[0], ended(outcome, 7));
    ck_assert_int_eq(inquiry_ask_server_query(app, &query, &future), 0);
    struct inquiry_query_reply reply = {0};
    ck_assert_int_eq(inquiry_query_future_wait(&future, PATIENCE, &reply), outcome);
    ck_assert_uint_eq(reply.number, outcome == 0 ? 7 : 0);
    finish(app);
}

START_TEST(a_reply_completes_with_0_and_the_context)
{
    check_outcome(_i, INQUIRY_MODE_ANSWER, 0);
}
END_TEST

START_TEST(a_declared_error_arrives_unchanged)
{
    check_outcome(_i, INQUIRY_MODE_REFUSE, INQUIRY_WORN_OUT);
}
END_TEST

START_TEST(neither_answered_nor_kept_is_unanswered)
{
    check_outcome(_i, INQUIRY_MODE_IGNORE, SN_UNANSWERED);
}
END_TEST

START_TEST(a_handler_that_stops_without_an_answer_is_unanswered)
{
    check_outcome(_i, INQUIRY_MODE_STOP, SN_UNANSWERED);
}
END_TEST

START_TEST(a_failed_handler_is_failed)
{
    check_outcome(_i, INQUIRY_MODE_FAIL, SN_FAILED);
}
END_TEST

START_TEST(a_token_kept_by_a_failed_handler_is_failed)
{
    check_outcome(_i, INQUIRY_MODE_KEEP_AND_FAIL, SN_FAILED);
}
END_TEST

START_TEST(a_passed_token_is_answered_by_who_got_it)
{
    check_outcome(_i, INQUIRY_MODE_PASS, 0);
}
END_TEST

START_TEST(a_second_reply_in_a_handler_is_ealready)
{
    check_outcome(_i, INQUIRY_MODE_TWICE, 0);
}
END_TEST

START_TEST(a_kept_token_is_answered_later)
{
    struct inquiry *app = start(_i);
    struct inquiry_query query = {INQUIRY_MODE_KEEP, 7};

    ck_assert_int_eq(perform(app, look, &query), 0);
    ck_assert_int_eq(sn_quiesce(app->sn, PATIENCE), 0); /* at rest, though the ask is open */
    journal_await(&completions, 0);
    ck_assert_int_eq(inquiry_call_server_answer_kept(app, &(struct inquiry_answer_kept){7}), 0);
    journal_await(&completions, 1);
    ck_assert_uint_eq(completions.entries[0], ended(0, 7));
    /* Again: nobody waits any more, which is 0 and counted. */
    ck_assert_int_eq(inquiry_call_server_answer_kept(app, &(struct inquiry_answer_kept){7}), 0);
    ck_assert_uint_eq(finish(app).late_replies, 1);
    journal_await(&completions, 1);
}
END_TEST

START_TEST(a_kept_token_fails_with_its_incarnation)
{
    struct inquiry *app = start(_i);
    struct inquiry_query query = {INQUIRY_MODE_KEEP, 7};
    struct inquiry_query_reply reply;

    ck_assert_int_eq(perform(app, look, &query), 0);
    ck_assert_int_eq(sn_quiesce(app->sn, PATIENCE), 0);
    ck_assert_int_eq(
        inquiry_call_server_query(app, &(struct inquiry_query){INQUIRY_MODE_FAIL, 0}, &reply),
        SN_FAILED);
    journal_await(&completions, 1);
    ck_assert_uint_eq(completions.entries[0], ended(SN_FAILED, 7));
    finish(app);
}
END_TEST

START_TEST(a_kept_token_is_answered_down_or_failed_at_the_stop)
{
    struct inquiry *app = start(_i);
    struct inquiry_query query = {INQUIRY_MODE_KEEP, 7};

    ck_assert_int_eq(perform(app, look, &query), 0);
    ck_assert_int_eq(sn_quiesce(app->sn, PATIENCE), 0);
    ck_assert_int_eq(inquiry_stop(app), 0);
    journal_await(&completions, 1);
    ck_assert_uint_eq(completions.entries[0], ended(SN_FAILED, 7));
}
END_TEST

/* ---- deadlines ------------------------------------------------------------------------------ */

static int quick(struct inquiry_client *self, void *data)
{
    return inquiry_client_ask_quick(self, data);
}

static int forever(struct inquiry_client *self, void *data)
{
    return inquiry_client_ask_forever(self, data);
}

START_TEST(the_deadline_completes_with_timeout)
{
    struct inquiry *app = start_by_hand(_i);
    struct inquiry_query query = {INQUIRY_MODE_KEEP, 7};

    ck_assert_int_eq(perform(app, quick, &query), 0);
    ck_assert_int_eq(sn_quiesce(app->sn, PATIENCE), 0);
    advance(app, 9 * SN_MS);
    journal_await(&completions, 0);
    advance(app, 2 * SN_MS);
    journal_await(&completions, 1);
    ck_assert_uint_eq(completions.entries[0], ended(SN_TIMEOUT, 0));
    ck_assert_int_eq(inquiry_call_server_answer_kept(app, &(struct inquiry_answer_kept){7}), 0);
    ck_assert_uint_eq(finish(app).late_replies, 1);
    journal_await(&completions, 1);
}
END_TEST

START_TEST(an_ask_without_a_deadline_waits_for_ever)
{
    struct inquiry *app = start_by_hand(_i);
    struct inquiry_query query = {INQUIRY_MODE_KEEP, 7};

    ck_assert_int_eq(perform(app, forever, &query), 0);
    ck_assert_int_eq(sn_quiesce(app->sn, PATIENCE), 0);
    advance(app, 1000 * SN_HOUR);
    journal_await(&completions, 0);
    ck_assert_int_eq(inquiry_call_server_answer_kept(app, &(struct inquiry_answer_kept){7}), 0);
    journal_await(&completions, 1);
    finish(app);
}
END_TEST

START_TEST(a_request_behind_its_deadline_is_not_handled)
{
    struct inquiry *app = start_by_hand(_i);
    struct inquiry_query query = {INQUIRY_MODE_FAIL, 7};

    hold(app, "server");
    ck_assert_int_eq(perform(app, quick, &query), 0);
    advance(app, 20 * SN_MS);
    journal_await(&completions, 1);
    ck_assert_uint_eq(completions.entries[0], ended(SN_TIMEOUT, 0));
    release(app, "server");
    struct sn_stats stats = finish(app);
    ck_assert_uint_eq(stats.expired, 1);
    ck_assert_uint_eq(stats.failed, 0);
    journal_await(&completions, 1);
}
END_TEST

static int via(struct inquiry_client *self, void *data)
{
    return inquiry_client_ask_via(self, data);
}

START_TEST(a_deadline_is_never_later_than_the_callers)
{
    struct inquiry *app = start_by_hand(_i);
    struct inquiry_query query = {INQUIRY_MODE_RELAY, 7};

    /* The client gives the middle 50 ms; the middle's own ask would have 5 s. */
    ck_assert_int_eq(perform(app, via, &query), 0);
    ck_assert_int_eq(sn_quiesce(app->sn, PATIENCE), 0);
    advance(app, 40 * SN_MS);
    journal_await(&inner, 0);
    advance(app, 20 * SN_MS);
    journal_await(&inner, 1);
    ck_assert_uint_eq(inner.entries[0], ended(SN_TIMEOUT, 0));
    journal_await(&completions, 1);
    ck_assert_uint_eq(completions.entries[0], ended(SN_TIMEOUT, 0));
    finish(app);
}
END_TEST

/* ---- refused at the call -------------------------------------------------------------------- */

static int ask_until_full(struct inquiry_client *self, void *data)
{
    struct inquiry_query query = {INQUIRY_MODE_ANSWER, 7};
    uint32_t *ret_taken = data;
    int rc;

    *ret_taken = 0;
    while ((rc = inquiry_client_ask_forever(self, &query)) == 0)
        (*ret_taken)++;
    ck_assert_int_eq(rc, SN_FULL);
    ck_assert_uint_eq(inquiry_client_waiting_forever(self), *ret_taken);
    return 0;
}

START_TEST(the_asks_of_an_actor_are_bounded)
{
    struct inquiry *app = start(_i);
    uint32_t taken = 0;

    for (uint32_t round = 1; round <= 3; round++) {
        ck_assert_int_eq(perform(app, ask_until_full, &taken), 0);
        ck_assert_uint_eq(taken, MAX_ASKS);
        journal_await(&completions, round * MAX_ASKS);
        at_rest(app->sn);
    }
    finish(app);
}
END_TEST

static int doomed(struct inquiry_client *self, void *data)
{
    return inquiry_client_ask_doomed(self, data);
}

static int doomed_is_gone(struct inquiry_client *self, void *data)
{
    ck_assert_int_eq(inquiry_client_ask_doomed(self, data), SN_GONE);
    return 0;
}

START_TEST(the_end_of_the_target_completes_with_down)
{
    struct inquiry *app = start(_i);
    struct inquiry_query last = {INQUIRY_MODE_FAIL, 0}, behind = {INQUIRY_MODE_ANSWER, 7};

    hold(app, "mortal");
    ck_assert_int_eq(perform(app, doomed, &last), 0);
    ck_assert_int_eq(perform(app, doomed, &behind), 0);
    release(app, "mortal");
    journal_await(&completions, 2);
    ck_assert_uint_eq(completions.entries[0], ended(SN_FAILED, 0));
    ck_assert_uint_eq(completions.entries[1], ended(SN_DOWN, 0));
    ck_assert_int_eq(perform(app, doomed_is_gone, &behind), 0);
    struct inquiry_query_future future;
    ck_assert_int_eq(inquiry_ask_mortal_query(app, &behind, &future), SN_GONE);
    struct sn_stats stats = finish(app);
    ck_assert_uint_eq(stats.dead_lettered, 1);
    ck_assert_uint_eq(stats.rejected, 2);
    journal_await(&completions, 2);
}
END_TEST

/* ---- restarts ------------------------------------------------------------------------------- */

static int ask_both(struct inquiry_client *self, void *data)
{
    struct inquiry_query query = {INQUIRY_MODE_KEEP, 7};
    int rc = inquiry_client_ask_look(self, &query,
                                     &(struct inquiry_client_look){7, sn_string("remember")});

    (void)data;
    return rc != 0 ? rc
                   : inquiry_client_ask_enduring(
                         self, &query, &(struct inquiry_client_enduring){7, sn_string("endure")});
}

static int pass_and_fail(struct inquiry_client *self, void *data)
{
    (void)self;
    if (data != NULL)
        gate_pass(data);
    return -EIO;
}

START_TEST(only_an_ask_that_survives_reaches_the_next_incarnation)
{
    struct inquiry *app = start(_i);

    ck_assert_int_eq(perform(app, ask_both, NULL), 0);
    ck_assert_int_eq(sn_quiesce(app->sn, PATIENCE), 0);
    ck_assert_int_eq(perform(app, pass_and_fail, NULL), SN_FAILED);
    ck_assert_int_eq(inquiry_call_server_answer_kept(app, &(struct inquiry_answer_kept){7}), 0);
    journal_await(&completions, 1);
    ck_assert_int_eq(atomic_load(&client_inits), 2);
    ck_assert_uint_eq(finish(app).late_replies, 1);
    journal_await(&completions, 1);
}
END_TEST

/* The same with the completions already in the mailbox when the asker fails. */
START_TEST(a_queued_completion_survives_or_goes_with_its_ask)
{
    struct gate gate = GATE_CLOSED;
    struct inquiry *app = start(_i);
    struct inquiry_perform blocked = {(uintptr_t)pass_and_fail, (uintptr_t)&gate};
    struct inquiry_perform_future future;
    struct sn_stats stats;

    ck_assert_int_eq(perform(app, ask_both, NULL), 0);
    ck_assert_int_eq(sn_quiesce(app->sn, PATIENCE), 0);
    ck_assert_int_eq(inquiry_ask_client_perform(app, &blocked, &future), 0);
    gate_await(&gate, 1);
    sn_stats(app->sn, &stats);
    struct inquiry_answer_kept_future answered;
    ck_assert_int_eq(
        inquiry_ask_server_answer_kept(app, &(struct inquiry_answer_kept){7}, &answered), 0);
    if (stats.shards > 1)
        ck_assert_int_eq(inquiry_answer_kept_future_wait(&answered, PATIENCE), 0);
    else
        inquiry_answer_kept_future_drop(&answered);
    gate_open(&gate);
    ck_assert_int_eq(inquiry_perform_future_wait(&future, PATIENCE), SN_FAILED);
    journal_await(&completions, 1);
    ck_assert_int_eq(atomic_load(&client_inits), 2);
    finish(app);
    journal_await(&completions, 1);
}
END_TEST

static int each_one(struct inquiry_client *self, void *data)
{
    struct inquiry_query query = {INQUIRY_MODE_ANSWER, 999};

    (void)data;
    return inquiry_client_ask_each_one_all(self, &query);
}

START_TEST(an_ask_to_each_completes_once_a_member)
{
    struct inquiry *app = start(_i);

    ck_assert_int_eq(perform(app, each_one, NULL), 0);
    journal_await(&completions, 3);
    uint64_t seen = 0;
    for (int i = 0; i < 3; i++)
        seen |= UINT64_C(1) << completions.entries[i];
    ck_assert_uint_eq(seen, 7);
    finish(app);
}
END_TEST

static void add(TCase *tests)
{
    EVERYWHERE(tests, a_reply_completes_with_0_and_the_context);
    EVERYWHERE(tests, a_declared_error_arrives_unchanged);
    EVERYWHERE(tests, neither_answered_nor_kept_is_unanswered);
    EVERYWHERE(tests, a_handler_that_stops_without_an_answer_is_unanswered);
    EVERYWHERE(tests, a_failed_handler_is_failed);
    EVERYWHERE(tests, a_token_kept_by_a_failed_handler_is_failed);
    EVERYWHERE(tests, a_passed_token_is_answered_by_who_got_it);
    EVERYWHERE(tests, a_second_reply_in_a_handler_is_ealready);
    EVERYWHERE(tests, a_kept_token_is_answered_later);
    EVERYWHERE(tests, a_kept_token_fails_with_its_incarnation);
    EVERYWHERE(tests, a_kept_token_is_answered_down_or_failed_at_the_stop);
    EVERYWHERE(tests, the_deadline_completes_with_timeout);
    EVERYWHERE(tests, an_ask_without_a_deadline_waits_for_ever);
    EVERYWHERE(tests, a_request_behind_its_deadline_is_not_handled);
    EVERYWHERE(tests, a_deadline_is_never_later_than_the_callers);
    EVERYWHERE(tests, the_asks_of_an_actor_are_bounded);
    EVERYWHERE(tests, the_end_of_the_target_completes_with_down);
    EVERYWHERE(tests, only_an_ask_that_survives_reaches_the_next_incarnation);
    EVERYWHERE(tests, a_queued_completion_survives_or_goes_with_its_ask);
    EVERYWHERE(tests, an_ask_to_each_completes_once_a_member);
}

int main(void)
{
    return run_suite("asks", add);
}
