/* SPDX-License-Identifier: MIT */
/*
 * References and tokens whose generations have run out. This program contains a runtime that counts
 * them in two bits (SN_GENERATION_LAST): a slot is used twice and retired then, so that what is
 * stale never names what came later.
 */
#include "actor/actor.h"
#include "support.h"
#include "wrap.h"
#include "wrap_asker.h"
#include "wrap_child.h"
#include "wrap_echo.h"

static _Atomic(uint32_t) begun; /* incarnations of both children */
static struct journal completions, generations;
static struct manual_clock hands;

/* ---- the workers ---------------------------------------------------------------------------- */

int wrap_child_init(struct wrap_child *self)
{
    (void)self;
    atomic_fetch_add(&begun, 1);
    return 0;
}

int wrap_child_on_crash(struct wrap_child *self)
{
    (void)self;
    return SN_FAILED;
}

int wrap_child_on_query(struct wrap_child *self, wrap_query_reply_to to)
{
    return wrap_child_reply_query(self, to, &(struct wrap_query_reply){atomic_load(&begun)});
}

int wrap_asker_on_begin(struct wrap_asker *self, const struct wrap_begin *message,
                        wrap_begin_reply_to to)
{
    int rc = wrap_asker_ask_echo(self, &(struct wrap_question){message->number},
                                 &(struct wrap_asker_echo){message->number});

    return rc != 0 ? rc : wrap_asker_reply_begin(self, to);
}

int wrap_asker_on_echo(struct wrap_asker *self, const struct wrap_asker_echo *context, int outcome,
                       const struct wrap_question_reply *reply)
{
    (void)self;
    if (outcome == 0)
        ck_assert_uint_eq(reply->number, context->number);
    journal_add(&completions, (uint64_t)outcome * 1000 + context->number);
    return 0;
}

/* Question 0 is kept, the first of them to be answered too late. */
int wrap_echo_on_question(struct wrap_echo *self, const struct wrap_question *message,
                          wrap_question_reply_to to)
{
    bool first = !self->keeps;

    journal_add(&generations, sn_token_generation(to.token));
    self->keeps = true;
    if (message->number == 0)
        return first ? wrap_echo_set_kept(self, to) : wrap_echo_set_last(self, to);
    return wrap_echo_reply_question(self, to, &(struct wrap_question_reply){message->number});
}

int wrap_echo_on_answer_kept(struct wrap_echo *self, wrap_answer_kept_reply_to to)
{
    int rc = wrap_echo_reply_question(self, self->kept, &(struct wrap_question_reply){999});

    return rc != 0 ? rc : wrap_echo_reply_answer_kept(self, to);
}

/* ---- the tests ------------------------------------------------------------------------------ */

static struct wrap *start(int number)
{
    struct wrap_options options = {.system = system_of(number)};
    struct wrap *app;

    manual_clock_init(&hands);
    options.system.clock = &hands.clock;
    ck_assert_int_eq(wrap_start(&options, &app), 0);
    return app;
}

static sn_ref find(struct wrap *app, const char *name)
{
    sn_ref ref = {0};

    ck_assert_int_eq(sn_lookup(app->sn, name, &ref), 0);
    return ref;
}

START_TEST(a_reference_is_retired_before_it_could_wrap)
{
    struct wrap *app = start(_i);
    struct wrap_query_reply reply;
    sn_ref first = find(app, "brief"), second, asker = find(app, "asker");

    ck_assert_uint_eq(sn_ref_generation(first), 1);
    ck_assert_int_eq(wrap_send_frail_crash(app), 0);
    AWAIT(atomic_load(&begun) == 4);
    AWAIT(wrap_call_brief_query(app, &reply) == 0);
    second = find(app, "brief");
    ck_assert_uint_eq(sn_ref_generation(second), 2);
    ck_assert_int_eq(sn_ping(app->sn, first, PATIENCE), SN_GONE);
    ck_assert_int_eq(sn_ping(app->sn, second, PATIENCE), 0);
    /* The slot has no third one: the child cannot be started, until the root gives up. */
    AWAIT(wrap_send_frail_crash(app) == 0);
    AWAIT(sn_ping(app->sn, asker, PATIENCE) == SN_GONE);
    ck_assert_int_eq(sn_ping(app->sn, first, PATIENCE), SN_GONE);
    ck_assert_int_eq(sn_ping(app->sn, second, PATIENCE), SN_GONE);
    ck_assert_int_eq(wrap_stop(app), SN_GAVE_UP);
    ck_assert_uint_eq(atomic_load(&begun), 4);
}
END_TEST

static void ask(struct wrap *app, uint32_t number)
{
    ck_assert_int_eq(wrap_call_asker_begin(app, &(struct wrap_begin){number}), 0);
    ck_assert_int_eq(sn_quiesce(app->sn, PATIENCE), 0); /* it has been handled */
}

enum { BETWEENS = 6 };

static const uint32_t betweens[BETWEENS] = {0, 1, 2, 3, 4, 200};

/* Past the deadline of what is asked. */
static void let_time_out(struct wrap *app)
{
    manual_clock_advance(&hands, 20 * SN_MS);
    for (int i = 0; i < 3; i++) /* one may meet a pass that began before */
        ck_assert_int_eq(sn_ping(app->sn, find(app, "asker"), PATIENCE), 0);
}

/* So many asks lie between the one that was given up and the one that is open when its answer
 * comes. */
static void answer_after(struct wrap *app, uint32_t between)
{
    ask(app, 0);
    let_time_out(app);
    journal_await(&completions, 1);
    ck_assert_uint_eq(completions.entries[0], SN_TIMEOUT * 1000);
    for (uint32_t i = 1; i <= between; i++) {
        ask(app, i);
        journal_await(&completions, 1 + i);
        ck_assert_uint_eq(completions.entries[i], i);
    }
    ask(app, 0);
    ck_assert_int_eq(wrap_call_echo_answer_kept(app), 0);
    let_time_out(app);
    journal_await(&completions, between + 2);
    ck_assert_uint_eq(completions.entries[between + 1], SN_TIMEOUT * 1000);
}

START_TEST(a_late_reply_never_meets_a_later_ask)
{
    uint32_t between = betweens[_i / SYSTEMS];
    struct wrap *app = start(_i % SYSTEMS);

    answer_after(app, between);
    ck_assert_uint_eq(at_rest(app->sn).late_replies, 1);
    for (uint32_t i = 0; i < between + 2; i++)
        ck_assert(generations.entries[i] == 1 || generations.entries[i] == 2);
    ck_assert_int_eq(wrap_stop(app), 0);
}
END_TEST

static void add(TCase *tests)
{
    EVERYWHERE(tests, a_reference_is_retired_before_it_could_wrap);
    tcase_add_loop_test(tests, a_late_reply_never_meets_a_later_ask, 0, BETWEENS * SYSTEMS);
}

int main(void)
{
    return run_suite("generations", add);
}
