/* SPDX-License-Identifier: MIT */
/*
 * Asks: each completes exactly once, in a later turn, with the outcome that fits; and the duty to
 * answer follows the token.
 */
#include "inquiry.h"
#include "inquiry_client.h"
#include "inquiry_helper.h"
#include "inquiry_middle.h"
#include "inquiry_server.h"
#include "support.h"

#include <errno.h>

typedef int (*script)(struct inquiry_client *self, void *data);

enum { MAX_ASKS = 1024 };

static struct journal completions, inner; /* outcome and number */
static _Atomic(int) client_inits;
static _Atomic(int) in_call;
static struct manual_clock hands;

static uint64_t ended(int outcome, uint32_t number)
{
    return (uint64_t)outcome * 1000 + number;
}

/* ---- client --------------------------------------------------------------------------------- */

int inquiry_client_init(struct inquiry_client *self)
{
    (void)self;
    atomic_fetch_add(&client_inits, 1);
    return 0;
}

int inquiry_client_on_perform(struct inquiry_client *self, const struct inquiry_perform *message,
                              inquiry_perform_reply_to to)
{
    int rc = ((script)(uintptr_t)message->function)(self, (void *)(uintptr_t)message->data);

    return rc != 0 ? rc : inquiry_client_reply_perform(self, to);
}

static int complete(int outcome, uint32_t number, const struct inquiry_query_reply *reply)
{
    ck_assert_int_eq(atomic_load(&in_call), 0);
    ck_assert((reply != NULL) == (outcome == 0));
    if (outcome == 0)
        ck_assert_uint_eq(reply->number, number);
    journal_add(&completions, ended(outcome, number));
    return 0;
}

int inquiry_client_on_look(struct inquiry_client *self, const struct inquiry_client_look *context,
                           int outcome, const struct inquiry_query_reply *reply)
{
    (void)self;
    ck_assert(sn_string_is(context->text, "remember"));
    return complete(outcome, context->number, reply);
}

int inquiry_client_on_enduring(struct inquiry_client *self,
                               const struct inquiry_client_enduring *context, int outcome,
                               const struct inquiry_query_reply *reply)
{
    (void)self;
    ck_assert(sn_string_is(context->text, "endure"));
    return complete(outcome, context->number, reply);
}

int inquiry_client_on_quick(struct inquiry_client *self, int outcome,
                            const struct inquiry_query_reply *reply)
{
    (void)self;
    return complete(outcome, outcome == 0 ? reply->number : 0, reply);
}

int inquiry_client_on_forever(struct inquiry_client *self, int outcome,
                              const struct inquiry_query_reply *reply)
{
    (void)self;
    return complete(outcome, outcome == 0 ? reply->number : 0, reply);
}

int inquiry_client_on_via(struct inquiry_client *self, int outcome,
                          const struct inquiry_query_reply *reply)
{
    (void)self;
    return complete(outcome, outcome == 0 ? reply->number : 0, reply);
}

int inquiry_client_on_doomed(struct inquiry_client *self, int outcome,
                             const struct inquiry_query_reply *reply)
{
    (void)self;
    return complete(outcome, outcome == 0 ? reply->number : 0, reply);
}

int inquiry_client_on_each_one(struct inquiry_client *self, uint32_t index, int outcome,
                               const struct inquiry_query_reply *reply)
{
    (void)self;
    ck_assert_int_eq(outcome, 0);
    ck_assert_uint_eq(reply->number, index); /* the server's own */
    journal_add(&completions, index);
    return 0;
}

/* ---- server, middle and helper -------------------------------------------------------------- */

static int keep(struct inquiry_server *self, inquiry_query_reply_to to)
{
    return self->kept.token.value == 0 ? inquiry_server_set_kept(self, to)
                                       : inquiry_server_set_kept_too(self, to);
}

static int answer_twice(struct inquiry_server *self, inquiry_query_reply_to to, uint32_t number)
{
    struct inquiry_query_reply reply = {number};

    ck_assert_int_eq(inquiry_server_reply_query(self, to, &reply), 0);
    ck_assert_int_eq(inquiry_server_reply_query(self, to, &reply), -EALREADY);
    ck_assert_int_eq(inquiry_server_refuse_query(self, to, INQUIRY_BUSY), -EALREADY);
    return 0;
}

int inquiry_server_on_query(struct inquiry_server *self, const struct inquiry_query *message,
                            inquiry_query_reply_to to)
{
    struct inquiry_forward onward = {to, message->number, true};
    int rc;

    switch (message->mode) {
    case INQUIRY_MODE_REFUSE:
        return inquiry_server_refuse_query(self, to, INQUIRY_WORN_OUT);
    case INQUIRY_MODE_IGNORE:
        return 0;
    case INQUIRY_MODE_FAIL:
        return -EIO;
    case INQUIRY_MODE_KEEP:
        return keep(self, to);
    case INQUIRY_MODE_PASS:
        return inquiry_server_send_helper_forward(self, &onward);
    case INQUIRY_MODE_TWICE:
        return answer_twice(self, to, message->number);
    case INQUIRY_MODE_KEEP_AND_FAIL:
        rc = keep(self, to);
        return rc != 0 ? rc : -EIO;
    case INQUIRY_MODE_STOP:
        return SN_STOP;
    default:
        break;
    }
    uint32_t number = message->number == 999 ? sn_self_index(self->sn) : message->number;
    return inquiry_server_reply_query(self, to, &(struct inquiry_query_reply){number});
}

int inquiry_server_on_answer_kept(struct inquiry_server *self,
                                  const struct inquiry_answer_kept *message,
                                  inquiry_answer_kept_reply_to to)
{
    struct inquiry_query_reply reply = {message->number};
    int rc = inquiry_server_reply_query(self, self->kept, &reply);

    if (rc == 0 && self->kept_too.token.value != 0)
        rc = inquiry_server_reply_query(self, self->kept_too, &reply);
    return rc != 0 ? rc : inquiry_server_reply_answer_kept(self, to);
}

int inquiry_middle_on_query(struct inquiry_middle *self, const struct inquiry_query *message,
                            inquiry_query_reply_to to)
{
    struct inquiry_query onward = {INQUIRY_MODE_KEEP, message->number};

    if (message->mode != INQUIRY_MODE_RELAY)
        onward.mode = message->mode;
    return inquiry_middle_ask_inner(self, &onward, &(struct inquiry_middle_inner){to});
}

int inquiry_middle_on_inner(struct inquiry_middle *self, const struct inquiry_middle_inner *context,
                            int outcome, const struct inquiry_query_reply *reply)
{
    journal_add(&inner, ended(outcome, outcome == 0 ? reply->number : 0));
    return outcome == 0 ? inquiry_middle_reply_query(self, context->to, reply)
                        : inquiry_middle_refuse_query(self, context->to, outcome);
}

int inquiry_helper_on_forward(struct inquiry_helper *self, const struct inquiry_forward *message)
{
    struct inquiry_query_reply reply = {message->number};

    return inquiry_helper_reply_query(self, message->to, &reply);
}

/* ---- the tests ------------------------------------------------------------------------------ */

static struct inquiry *start_with(struct sn_system_options system)
{
    struct inquiry_options options = {.system = system};
    struct inquiry *app;

    ck_assert_int_eq(inquiry_start(&options, &app), 0);
    return app;
}

static struct inquiry *start(int number)
{
    return start_with(system_of(number));
}

static struct inquiry *start_by_hand(int number)
{
    struct sn_system_options system = system_of(number);

    manual_clock_init(&hands);
    system.clock = &hands.clock;
    return start_with(system);
}

static struct sn_stats finish(struct inquiry *app)
{
    struct sn_stats stats = at_rest(app->sn);

    ck_assert_int_eq(inquiry_stop(app), 0);
    return stats;
}

static sn_ref find(struct inquiry *app, const char *name)
{
    sn_ref ref;

    ck_assert_int_eq(sn_lookup(app->sn, name, &ref), 0);
    return ref;
}

static void ping(struct inquiry *app, const char *name)
{
    ck_assert_int_eq(sn_ping(app->sn, find(app, name), PATIENCE), 0);
}

static void hold(struct inquiry *app, const char *name)
{
    ck_assert_int_eq(sn_pause(app->sn, find(app, name)), 0);
    ping(app, name);
}

static void release(struct inquiry *app, const char *name)
{
    ck_assert_int_eq(sn_resume(app->sn, find(app, name)), 0);
}

static void advance(struct inquiry *app, uint64_t by_ns)
{
    manual_clock_advance(&hands, by_ns);
    for (int i = 0; i < 3; i++) { /* one may meet a pass that began before, see timers_test.c */
        ping(app, "client");
        ping(app, "middle");
        ping(app, "server");
    }
}

static int perform(struct inquiry *app, script function, void *data)
{
    return inquiry_call_client_perform(
        app, &(struct inquiry_perform){(uintptr_t)function, (uintptr_t)data});
}

static int look(struct inquiry_client *self, void *data)
{
    const struct inquiry_client_look context = {7, sn_string("remember")};
    int rc;

    atomic_store(&in_call, 1);
    rc = inquiry_client_ask_look(self, data, &context);
    ck_assert_int_eq(rc, 0);
    ck_assert_uint_eq(inquiry_client_waiting_look(self), 1);
    atomic_store(&in_call, 0);
    return 0;
}

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
