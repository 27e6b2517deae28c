/* SPDX-License-Identifier: MIT */
/*
 * Timers: periods without drift, one-shots that start, restart and end, and firings that are
 * queued. The clock is the test's own.
 */
#include "clockwork.h"
#include "clockwork_alarm.h"
#include "clockwork_ticker.h"
#include "support.h"

#include <errno.h>

typedef int (*script)(struct clockwork_alarm *self, void *data);

static struct manual_clock hands;
static _Atomic(uint64_t) ticks, beats;
static struct journal firings; /* which, at what millisecond */
static script in_first, in_beat;

enum { FIRST = 1, SECOND = 2 };

/* A timer is never early, and at most this late: the wheel's resolution is 16 us. */
#define GRAIN (20 * SN_US)

int clockwork_ticker_tick(struct clockwork_ticker *self)
{
    (void)self;
    atomic_fetch_add(&ticks, 1);
    return 0;
}

int clockwork_ticker_on_perform(struct clockwork_ticker *self,
                                const struct clockwork_perform *message,
                                clockwork_perform_reply_to to)
{
    (void)message;
    return clockwork_ticker_reply_perform(self, to);
}

static void note(const struct clockwork_alarm *self, uint64_t which)
{
    journal_add(&firings, which * 1000 + (sn_now(self->sn) - SN_HOUR) / SN_MS);
}

int clockwork_alarm_on_perform(struct clockwork_alarm *self,
                               const struct clockwork_perform *message,
                               clockwork_perform_reply_to to)
{
    int rc = ((script)(uintptr_t)message->function)(self, (void *)(uintptr_t)message->data);

    return rc != 0 ? rc : clockwork_alarm_reply_perform(self, to);
}

int clockwork_alarm_on_first(struct clockwork_alarm *self)
{
    note(self, FIRST);
    return in_first != NULL ? in_first(self, NULL) : 0;
}

int clockwork_alarm_on_second(struct clockwork_alarm *self)
{
    note(self, SECOND);
    return 0;
}

int clockwork_alarm_on_beat(struct clockwork_alarm *self)
{
    atomic_fetch_add(&beats, 1);
    return in_beat != NULL ? in_beat(self, NULL) : 0;
}

static struct clockwork *start(int number)
{
    struct clockwork_options options = {.system = system_of(number)};
    struct clockwork *app;

    manual_clock_init(&hands);
    options.system.clock = &hands.clock;
    ck_assert_int_eq(clockwork_start(&options, &app), 0);
    return app;
}

static void finish(struct clockwork *app)
{
    at_rest(app->sn);
    ck_assert_int_eq(clockwork_stop(app), 0);
}

static void ping(struct clockwork *app, const char *name)
{
    sn_ref ref;

    ck_assert_int_eq(sn_lookup(app->sn, name, &ref), 0);
    ck_assert_int_eq(sn_ping(app->sn, ref, PATIENCE), 0);
}

/* Both shards have seen the new time, and what fired has run: the first ping may meet a pass that
 * began before, the second is answered before its pass expires timers, the third after that. */
static void advance(struct clockwork *app, uint64_t by_ns)
{
    manual_clock_advance(&hands, by_ns);
    for (int i = 0; i < 3; i++) {
        ping(app, "ticker");
        ping(app, "alarm");
    }
    ck_assert_int_eq(sn_quiesce(app->sn, PATIENCE), 0);
}

static int perform(struct clockwork *app, script function)
{
    return clockwork_call_alarm_perform(app, &(struct clockwork_perform){(uintptr_t)function, 0});
}

/* A million periods in steps of any size: not one too few or too many at any time. */
START_TEST(a_tick_does_not_drift)
{
    enum { MILLION = 1000000 };
    struct clockwork *app = start(_i);
    uint64_t seed = 3, passed = 0;

    advance(app, GRAIN);
    while (passed < MILLION) {
        uint64_t step = 1 + sn_random_next(&seed) % 10000;

        step = passed + step < MILLION ? step : MILLION - passed;
        passed += step;
        advance(app, step * SN_MS);
        AWAIT(atomic_load(&ticks) >= passed && atomic_load(&beats) >= passed / 10);
        ck_assert_uint_eq(atomic_load(&ticks), passed);
        ck_assert_uint_eq(atomic_load(&beats), passed / 10);
    }
    finish(app);
    ck_assert_uint_eq(atomic_load(&ticks), MILLION);
}
END_TEST

static int start_first(struct clockwork_alarm *self, void *data)
{
    (void)data;
    return clockwork_alarm_start_first(self);
}

static int cancel_first(struct clockwork_alarm *self, void *data)
{
    (void)data;
    return clockwork_alarm_cancel_first(self);
}

START_TEST(a_timer_fires_once_after_its_time)
{
    struct clockwork *app = start(_i);

    advance(app, 100 * SN_MS);
    journal_await(&firings, 0); /* `after` needs a start */
    ck_assert_int_eq(perform(app, start_first), 0);
    advance(app, 4 * SN_MS + 900 * SN_US);
    journal_await(&firings, 0);
    advance(app, 100 * SN_US + GRAIN);
    journal_await(&firings, 1);
    ck_assert_uint_eq(firings.entries[0], FIRST * 1000 + 105);
    advance(app, SN_SECOND);
    journal_await(&firings, 1);
    finish(app);
}
END_TEST

START_TEST(a_start_while_it_runs_begins_its_time_again)
{
    struct clockwork *app = start(_i);

    ck_assert_int_eq(perform(app, start_first), 0);
    advance(app, 3 * SN_MS);
    ck_assert_int_eq(perform(app, start_first), 0);
    advance(app, 3 * SN_MS);
    journal_await(&firings, 0);
    advance(app, 2 * SN_MS + GRAIN);
    journal_await(&firings, 1);
    finish(app);
}
END_TEST

START_TEST(a_cancelled_timer_does_not_fire)
{
    struct clockwork *app = start(_i);

    ck_assert_int_eq(perform(app, cancel_first), 0); /* nothing to cancel is fine */
    ck_assert_int_eq(perform(app, start_first), 0);
    advance(app, 3 * SN_MS);
    ck_assert_int_eq(perform(app, cancel_first), 0);
    advance(app, SN_SECOND);
    journal_await(&firings, 0);
    ck_assert_int_eq(perform(app, start_first), 0);
    advance(app, 5 * SN_MS + GRAIN);
    journal_await(&firings, 1);
    finish(app);
}
END_TEST

/* `first` is queued before `second`, and its handler ends or restarts that. */
static int start_both(struct clockwork_alarm *self, void *data)
{
    int rc = clockwork_alarm_start_first(self);

    (void)data;
    return rc != 0 ? rc : clockwork_alarm_start_second(self);
}

static int cancel_second(struct clockwork_alarm *self, void *data)
{
    (void)data;
    return clockwork_alarm_cancel_second(self);
}

static int restart_second(struct clockwork_alarm *self, void *data)
{
    (void)data;
    return clockwork_alarm_start_second(self);
}

static int fail_first(struct clockwork_alarm *self, void *data)
{
    (void)self;
    (void)data;
    return -EIO;
}

/* The two firings may come in either order; the test is about this one. */
static bool first_was_first(void)
{
    return firings.entries[0] / 1000 == FIRST;
}

START_TEST(a_firing_that_is_queued_can_be_cancelled)
{
    struct clockwork *app = start(_i);

    in_first = cancel_second;
    ck_assert_int_eq(perform(app, start_both), 0);
    advance(app, 5 * SN_MS + GRAIN);
    advance(app, SN_SECOND);
    journal_await(&firings, first_was_first() ? 1 : 2);
    finish(app);
}
END_TEST

START_TEST(a_firing_that_is_queued_can_be_put_off)
{
    struct clockwork *app = start(_i);

    in_first = restart_second;
    ck_assert_int_eq(perform(app, start_both), 0);
    advance(app, 5 * SN_MS + GRAIN);
    journal_await(&firings, first_was_first() ? 1 : 2);
    advance(app, 5 * SN_MS + GRAIN);
    journal_await(&firings, first_was_first() ? 2 : 3);
    finish(app);
}
END_TEST

START_TEST(a_firing_that_is_queued_dies_with_the_incarnation)
{
    struct clockwork *app = start(_i);

    in_first = fail_first;
    ck_assert_int_eq(perform(app, start_both), 0);
    advance(app, 5 * SN_MS + GRAIN);
    in_first = NULL;
    advance(app, SN_SECOND);
    journal_await(&firings, first_was_first() ? 1 : 2);
    finish(app);
}
END_TEST

START_TEST(a_declared_period_is_armed_again_after_init)
{
    struct clockwork *app = start(_i);

    advance(app, 15 * SN_MS);
    ck_assert_uint_eq(atomic_load(&beats), 1);
    ck_assert_int_eq(perform(app, fail_first), SN_FAILED);
    ck_assert_int_eq(perform(app, cancel_first), 0); /* it is back */
    advance(app, 9 * SN_MS);
    ck_assert_uint_eq(atomic_load(&beats), 1); /* its period began with the incarnation */
    advance(app, 1 * SN_MS + GRAIN);
    AWAIT(atomic_load(&beats) == 2);
    finish(app);
}
END_TEST

static int cancel_beat(struct clockwork_alarm *self, void *data)
{
    (void)data;
    return clockwork_alarm_cancel_beat(self);
}

static int start_beat(struct clockwork_alarm *self, void *data)
{
    (void)data;
    return clockwork_alarm_start_beat(self);
}

START_TEST(a_period_can_be_cancelled_and_started)
{
    struct clockwork *app = start(_i);

    advance(app, 25 * SN_MS);
    ck_assert_uint_eq(atomic_load(&beats), 2);
    ck_assert_int_eq(perform(app, cancel_beat), 0);
    advance(app, 100 * SN_MS);
    ck_assert_uint_eq(atomic_load(&beats), 2);
    ck_assert_int_eq(perform(app, start_beat), 0);
    advance(app, 35 * SN_MS);
    AWAIT(atomic_load(&beats) == 5);
    finish(app);
}
END_TEST

/* Many periods are due at once, and the first of their handlers ends them all. */
START_TEST(a_cancel_ends_the_periods_that_are_behind)
{
    struct clockwork *app = start(_i);

    in_beat = cancel_beat;
    advance(app, 100 * SN_MS);
    advance(app, 100 * SN_MS);
    ck_assert_uint_eq(atomic_load(&beats), 1);
    finish(app);
}
END_TEST

/* A paused actor's timers fire, and a full mailbox does not matter to them. */
START_TEST(timers_do_not_count_and_do_not_pause)
{
    struct clockwork *app = start(_i);
    struct clockwork_perform_future future;
    sn_ref alarm;

    ck_assert_int_eq(sn_lookup(app->sn, "alarm", &alarm), 0);
    ck_assert_int_eq(sn_pause(app->sn, alarm), 0);
    ck_assert_int_eq(clockwork_ask_alarm_perform(
                         app, &(struct clockwork_perform){(uintptr_t)cancel_first, 0}, &future),
                     0); /* its mailbox of one is full now */
    manual_clock_advance(&hands, 30 * SN_MS + GRAIN);
    ping(app, "alarm");
    AWAIT(atomic_load(&beats) == 3);
    ck_assert_int_eq(sn_resume(app->sn, alarm), 0);
    ck_assert_int_eq(clockwork_perform_future_wait(&future, PATIENCE), 0);
    finish(app);
}
END_TEST

static void add(TCase *tests)
{
    EVERYWHERE(tests, a_tick_does_not_drift);
    EVERYWHERE(tests, a_timer_fires_once_after_its_time);
    EVERYWHERE(tests, a_start_while_it_runs_begins_its_time_again);
    EVERYWHERE(tests, a_cancelled_timer_does_not_fire);
    EVERYWHERE(tests, a_firing_that_is_queued_can_be_cancelled);
    EVERYWHERE(tests, a_firing_that_is_queued_can_be_put_off);
    EVERYWHERE(tests, a_firing_that_is_queued_dies_with_the_incarnation);
    EVERYWHERE(tests, a_declared_period_is_armed_again_after_init);
    EVERYWHERE(tests, a_period_can_be_cancelled_and_started);
    EVERYWHERE(tests, a_cancel_ends_the_periods_that_are_behind);
    EVERYWHERE(tests, timers_do_not_count_and_do_not_pause);
}

int main(void)
{
    return run_suite("timers", add);
}
