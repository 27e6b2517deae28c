/* SPDX-License-Identifier: MIT */
/*
 * A handler is atomic: what it sends, asks, replies, arms and retains happens when it returns 0,
 * and none of it happens when it fails, whatever kind of handler it is.
 */
#include "atom.h"
#include "atom_driver.h"
#include "atom_sink.h"
#include "support.h"

#include <errno.h>

typedef int (*script)(struct atom_driver *self, void *data);

static struct journal items, completions, firings;
static _Atomic(int) shutdowns, inits;
static script in_init, in_complete, in_fire;

int atom_driver_init(struct atom_driver *self, bool restored)
{
    atomic_fetch_add(&inits, 1);
    ck_assert(sn_string_is(self->args.label, "given"));
    ck_assert_uint_eq(self->count, 0);
    ck_assert_uint_eq(self->name.size, 0);
    if (restored && in_init != NULL)
        return in_init(self, NULL);
    return 0;
}

void atom_driver_shutdown(struct atom_driver *self, int why)
{
    (void)self;
    (void)why;
    atomic_fetch_add(&shutdowns, 1);
}

int atom_driver_on_perform(struct atom_driver *self, const struct atom_perform *message,
                           atom_perform_reply_to to)
{
    script function = (script)(uintptr_t)message->function;
    int rc = function(self, (void *)(uintptr_t)message->data);

    return rc != 0 ? rc : atom_driver_reply_perform(self, to);
}

int atom_driver_on_defer(struct atom_driver *self, atom_defer_reply_to to)
{
    return atom_driver_set_kept(self, to);
}

int atom_driver_on_look(struct atom_driver *self, const struct atom_driver_look *context,
                        int outcome, const struct atom_query_reply *reply)
{
    journal_add(&completions, outcome == 0 ? context->number * 1000u + reply->number : 0);
    return in_complete != NULL ? in_complete(self, NULL) : 0;
}

int atom_driver_on_later(struct atom_driver *self)
{
    journal_add(&firings, 1);
    return in_fire != NULL ? in_fire(self, NULL) : 0;
}

int atom_sink_on_item(struct atom_sink *self, const struct atom_item *message)
{
    self->count++;
    journal_add(&items, message->number);
    return 0;
}

int atom_sink_on_query(struct atom_sink *self, const struct atom_query *message,
                       atom_query_reply_to to)
{
    journal_add(&items, 500 + message->number);
    return atom_sink_reply_query(self, to, &(struct atom_query_reply){message->number});
}

static struct atom *start(int number)
{
    struct atom_options options = {.system = system_of(number),
                                   .args.driver.label = sn_string("given")};
    struct atom *app;

    ck_assert_int_eq(atom_start(&options, &app), 0);
    return app;
}

static struct sn_stats finish(struct atom *app)
{
    struct sn_stats stats = at_rest(app->sn);

    ck_assert_int_eq(atom_stop(app), 0);
    return stats;
}

static int perform(struct atom *app, script function, void *data)
{
    struct atom_perform message = {(uintptr_t)function, (uintptr_t)data};

    return atom_call_driver_perform(app, &message);
}

/* Everything that a handler can do, three times each. */
static int do_all(struct atom_driver *self, void *data)
{
    (void)data;
    self->count += 1;
    self->total += 5;
    int rc = atom_driver_set_note(self, sn_string("changed"));
    for (uint32_t i = 1; rc == 0 && i <= 3; i++) {
        rc = atom_driver_last_push(self, i);
        if (rc == 0)
            rc = atom_driver_send_small_item(self, &(struct atom_item){i});
        if (rc == 0)
            rc = atom_driver_send_far_item(self, &(struct atom_item){100 + i});
        if (rc == 0)
            rc = atom_driver_ask_look(self, &(struct atom_query){i}, &(struct atom_driver_look){i});
    }
    if (rc == 0)
        rc = atom_driver_start_later(self);
    if (rc == 0)
        rc = atom_driver_reply_defer(self, self->kept);
    return rc;
}

static int do_all_and_fail(struct atom_driver *self, void *data)
{
    int rc = do_all(self, data);

    ck_assert_int_eq(rc, 0);
    return -EIO;
}

static int check_nothing_retained(struct atom_driver *self, void *data)
{
    (void)data;
    ck_assert_int_eq(self->total, 0);
    ck_assert_uint_eq(self->note.size, 0);
    ck_assert_uint_eq(self->last.count, 0);
    ck_assert_uint_eq(atom_driver_waiting_look(self), 0);
    return 0;
}

static int check_retained(struct atom_driver *self, void *data)
{
    (void)data;
    ck_assert_int_eq(self->total, 5);
    ck_assert(sn_string_is(self->note, "changed"));
    ck_assert_uint_eq(self->last.count, 3);
    ck_assert_uint_eq(self->last.items[2], 3);
    return 0;
}

/* The mailboxes of `small` and `far` hold six: all of it must be free. */
static int fill_both(struct atom_driver *self, void *data)
{
    (void)data;
    for (uint32_t i = 0; i < 6; i++) {
        ck_assert_int_eq(atom_driver_send_small_item(self, &(struct atom_item){i}), 0);
        ck_assert_int_eq(atom_driver_send_far_item(self, &(struct atom_item){i}), 0);
    }
    ck_assert_int_eq(atom_driver_send_small_item(self, &(struct atom_item){9}), SN_FULL);
    ck_assert_int_eq(atom_driver_send_far_item(self, &(struct atom_item){9}), SN_FULL);
    return 0;
}

START_TEST(a_handler_that_returns_0_has_done_everything)
{
    struct atom *app = start(_i);
    struct atom_defer_future deferred;

    ck_assert_int_eq(atom_ask_driver_defer(app, &deferred), 0);
    ck_assert_int_eq(perform(app, do_all, NULL), 0);
    ck_assert_int_eq(atom_defer_future_wait(&deferred, PATIENCE), 0);
    journal_await(&items, 9);
    journal_await(&completions, 3);
    journal_await(&firings, 1);
    ck_assert_int_eq(perform(app, check_retained, NULL), 0);
    finish(app);
}
END_TEST

START_TEST(a_handler_that_fails_has_done_nothing)
{
    struct atom *app = start(_i);
    struct atom_defer_future deferred;
    struct sn_stats stats;

    ck_assert_int_eq(atom_ask_driver_defer(app, &deferred), 0);
    ck_assert_int_eq(perform(app, do_all_and_fail, NULL), SN_FAILED);
    /* The token was kept by the incarnation that ended; its reply did not leave. */
    ck_assert_int_eq(atom_defer_future_wait(&deferred, PATIENCE), SN_FAILED);
    ck_assert_int_eq(perform(app, check_nothing_retained, NULL), 0);
    stats = at_rest(app->sn);
    ck_assert_uint_eq(stats.accepted, 3); /* defer and twice perform */
    ck_assert_uint_eq(stats.failed, 1);
    ck_assert_uint_eq(stats.asks_started, 3);
    ck_assert_uint_eq(stats.restarts, 1);
    journal_await(&items, 0);
    journal_await(&completions, 0);
    journal_await(&firings, 0);
    finish(app);
    journal_await(&firings, 0);
    ck_assert_int_eq(atomic_load(&shutdowns), 2);
}
END_TEST

START_TEST(a_failed_handler_gives_its_reserved_capacity_back)
{
    struct atom *app = start(_i);

    for (int i = 0; i < 10; i++)
        ck_assert_int_eq(perform(app, do_all_and_fail, NULL), SN_FAILED);
    ck_assert_int_eq(perform(app, fill_both, NULL), 0);
    journal_await(&items, 12);
    finish(app);
}
END_TEST

START_TEST(a_failed_completion_has_done_nothing)
{
    struct atom *app = start(_i);

    in_complete = do_all_and_fail;
    struct atom_defer_future deferred;
    ck_assert_int_eq(atom_ask_driver_defer(app, &deferred), 0);
    atom_defer_future_drop(&deferred);
    ck_assert_int_eq(perform(app, do_all, NULL), 0);
    AWAIT(atomic_load(&inits) == 2); /* the first completion failed, the others went with it */
    in_complete = NULL;
    ck_assert_int_eq(perform(app, check_retained, NULL), 0);
    journal_await(&items, 9);
    journal_await(&completions, 1);
    finish(app);
}
END_TEST

static int arm(struct atom_driver *self, void *data)
{
    (void)data;
    return atom_driver_start_later(self);
}

START_TEST(a_failed_timer_handler_has_done_nothing)
{
    struct atom *app = start(_i);

    in_fire = do_all_and_fail;
    ck_assert_int_eq(perform(app, arm, NULL), 0);
    AWAIT(atomic_load(&inits) == 2);
    ck_assert_int_eq(perform(app, check_nothing_retained, NULL), 0);
    journal_await(&firings, 1);
    journal_await(&items, 0);
    finish(app);
    journal_await(&firings, 1);
}
END_TEST

static int give_error(struct atom_driver *self, void *data)
{
    (void)self;
    (void)data;
    return -EIO;
}

/* As an init: fails the first two times, succeeds then. */
static int do_all_and_fail_twice(struct atom_driver *self, void *data)
{
    int rc = do_all(self, data);

    ck_assert_int_eq(rc, 0);
    return atomic_load(&inits) < 4 ? -EIO : 0;
}

START_TEST(a_failed_init_has_done_nothing)
{
    struct atom *app = start(_i);

    in_init = do_all_and_fail_twice;
    ck_assert_int_eq(perform(app, give_error, NULL), SN_FAILED);
    ck_assert_int_eq(perform(app, check_retained, NULL), 0);
    journal_await(&items, 9); /* of the third init only */
    journal_await(&firings, 1);
    finish(app);
    ck_assert_int_eq(atomic_load(&inits), 4);
    ck_assert_int_eq(atomic_load(&shutdowns), 2); /* once for each init that succeeded */
}
END_TEST

static int send_in_order(struct atom_driver *self, void *data)
{
    (void)data;
    ck_assert_int_eq(atom_driver_send_far_item(self, &(struct atom_item){1}), 0);
    ck_assert_int_eq(atom_driver_send_far_item(self, &(struct atom_item){2}), 0);
    ck_assert_int_eq(atom_driver_send_far_item(self, &(struct atom_item){3}), 0);
    return 0;
}

START_TEST(effects_leave_in_the_order_of_the_calls)
{
    struct atom *app = start(_i);

    ck_assert_int_eq(perform(app, send_in_order, NULL), 0);
    journal_await(&items, 3);
    for (uint32_t i = 0; i < 3; i++)
        ck_assert_uint_eq(items.entries[i], i + 1);
    finish(app);
}
END_TEST

static int stop_normally(struct atom_driver *self, void *data)
{
    ck_assert_int_eq(send_in_order(self, data), 0);
    self->total = 7;
    return SN_STOP;
}

static int check_seven(struct atom_driver *self, void *data)
{
    (void)data;
    ck_assert_int_eq(self->total, 7);
    return 0;
}

START_TEST(a_handler_that_stops_has_done_everything)
{
    struct atom *app = start(_i);

    /* SN_STOP is success: its sends leave; the request itself was not answered. */
    ck_assert_int_eq(perform(app, stop_normally, NULL), SN_UNANSWERED);
    journal_await(&items, 3);
    ck_assert_int_eq(perform(app, check_seven, NULL), 0);
    finish(app);
}
END_TEST

static int reply_twice(struct atom_driver *self, void *data)
{
    (void)data;
    ck_assert_int_eq(atom_driver_reply_defer(self, self->kept), 0);
    ck_assert_int_eq(atom_driver_reply_defer(self, self->kept), -EALREADY);
    return 0;
}

START_TEST(a_reply_of_a_failed_handler_can_be_given_again)
{
    struct atom *app = start(_i);
    struct atom_defer_future deferred;

    ck_assert_int_eq(atom_ask_driver_defer(app, &deferred), 0);
    ck_assert_int_eq(perform(app, reply_twice, NULL), 0);
    ck_assert_int_eq(atom_defer_future_wait(&deferred, PATIENCE), 0);
    finish(app);
}
END_TEST

static void add(TCase *tests)
{
    EVERYWHERE(tests, a_handler_that_returns_0_has_done_everything);
    EVERYWHERE(tests, a_handler_that_fails_has_done_nothing);
    EVERYWHERE(tests, a_failed_handler_gives_its_reserved_capacity_back);
    EVERYWHERE(tests, a_failed_completion_has_done_nothing);
    EVERYWHERE(tests, a_failed_timer_handler_has_done_nothing);
    EVERYWHERE(tests, a_failed_init_has_done_nothing);
    EVERYWHERE(tests, effects_leave_in_the_order_of_the_calls);
    EVERYWHERE(tests, a_handler_that_stops_has_done_everything);
    EVERYWHERE(tests, a_reply_of_a_failed_handler_can_be_given_again);
}

int main(void)
{
    return run_suite("atomic", add);
}
