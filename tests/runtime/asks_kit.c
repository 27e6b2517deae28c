/* SPDX-License-Identifier: MIT */
/*
 * The actors of asks.yaml: a client that asks and notes each completion, and servers that answer,
 * refuse, keep or pass on as the question says.
 */
#include "asks_kit.h"

#include "inquiry_helper.h"
#include "inquiry_middle.h"
#include "inquiry_server.h"

#include <errno.h>

struct journal completions, inner;
_Atomic(int) client_inits;
struct manual_clock hands;
static _Atomic(int) in_call;

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

/* ---- what tests do with them ---------------------------------------------------------------- */

struct inquiry *start_with(struct sn_system_options system)
{
    struct inquiry_options options = {.system = system};
    struct inquiry *app;

    ck_assert_int_eq(inquiry_start(&options, &app), 0);
    return app;
}

struct inquiry *start(int number)
{
    return start_with(system_of(number));
}

struct inquiry *start_by_hand(int number)
{
    struct sn_system_options system = system_of(number);

    manual_clock_init(&hands);
    system.clock = &hands.clock;
    return start_with(system);
}

struct sn_stats finish(struct inquiry *app)
{
    struct sn_stats stats = at_rest(app->sn);

    ck_assert_int_eq(inquiry_stop(app), 0);
    return stats;
}

sn_ref find(struct inquiry *app, const char *name)
{
    sn_ref ref;

    ck_assert_int_eq(sn_lookup(app->sn, name, &ref), 0);
    return ref;
}

void ping(struct inquiry *app, const char *name)
{
    ck_assert_int_eq(sn_ping(app->sn, find(app, name), PATIENCE), 0);
}

void hold(struct inquiry *app, const char *name)
{
    ck_assert_int_eq(sn_pause(app->sn, find(app, name)), 0);
    ping(app, name);
}

void release(struct inquiry *app, const char *name)
{
    ck_assert_int_eq(sn_resume(app->sn, find(app, name)), 0);
}

void advance(struct inquiry *app, uint64_t by_ns)
{
    manual_clock_advance(&hands, by_ns);
    for (int i = 0; i < 3; i++) { /* one may meet a pass that began before, see timers_test.c */
        ping(app, "client");
        ping(app, "middle");
        ping(app, "server");
    }
}

int perform(struct inquiry *app, script function, void *data)
{
    return inquiry_call_client_perform(
        app, &(struct inquiry_perform){(uintptr_t)function, (uintptr_t)data});
}

int look(struct inquiry_client *self, void *data)
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
