/* SPDX-License-Identifier: MIT */
/*
 * Dead letters: shown once to each subscriber, with their fields where it asks for them; counted
 * once as what they were; and no flood of them, nor a subscriber that fails, makes more of them.
 */
#include "morgue.h"
#include "morgue_counter.h"
#include "morgue_keeper.h"
#include "morgue_mortal.h"
#include "support.h"

#include <sn/generated.h>

#include <errno.h>
#include <string.h>

enum { KEEPER = 4, FAILS = 666 };

static struct journal acts, flats, others, summaries, callback;
static _Atomic(int) keepers, handled, keeper_fails, keeper_sends;
static struct gate holding = GATE_CLOSED;

int morgue_mortal_on_act(struct morgue_mortal *self, const struct morgue_act *message)
{
    (void)self;
    atomic_fetch_add(&handled, 1);
    return message->fail ? -EIO : 0;
}

int morgue_mortal_on_flat(struct morgue_mortal *self, const struct morgue_flat *message)
{
    (void)self;
    atomic_fetch_add(&handled, 1);
    return message->number == FAILS ? -EIO : 0;
}

int morgue_mortal_on_query(struct morgue_mortal *self, const struct morgue_query *message,
                           morgue_query_reply_to to)
{
    (void)self, (void)message, (void)to;
    return -EIO;
}

int morgue_mortal_on_sync(struct morgue_mortal *self, morgue_sync_reply_to to)
{
    return morgue_mortal_reply_sync(self, to);
}

int morgue_keeper_init(struct morgue_keeper *self)
{
    (void)self;
    atomic_fetch_add(&keepers, 1);
    return 0;
}

int morgue_keeper_on_sync(struct morgue_keeper *self, morgue_sync_reply_to to)
{
    gate_pass(&holding);
    return morgue_keeper_reply_sync(self, to);
}

int morgue_keeper_on_flat(struct morgue_keeper *self, const struct morgue_flat *message)
{
    (void)self, (void)message;
    return -EIO;
}

int morgue_keeper_on_dead_act(struct morgue_keeper *self, const struct morgue_act *message,
                              const struct sn_dead_letter *letter)
{
    (void)self;
    ck_assert_str_eq(letter->message, "act");
    ck_assert(sn_string_is(message->name, "a name"));
    ck_assert_uint_eq(message->numbers.count, 2);
    ck_assert_uint_eq(message->numbers.items[0], 7);
    ck_assert_uint_eq(message->numbers.items[1], 8);
    journal_add(&acts, message->count * 100 + (uint64_t)letter->reason);
    return atomic_load(&keeper_fails) ? -EIO : 0;
}

int morgue_keeper_on_dead_flat(struct morgue_keeper *self, const struct morgue_flat *message,
                               const struct sn_dead_letter *letter)
{
    ck_assert_str_eq(letter->message, "flat");
    journal_add(&flats, message->number * 100 + (uint64_t)letter->reason);
    if (atomic_load(&keeper_sends))
        return morgue_keeper_send_mortals_flat_at(self, sn_self_index(self->sn), message);
    return atomic_load(&keeper_fails) ? -EIO : 0;
}

int morgue_keeper_on_dead_letter(struct morgue_keeper *self, const struct sn_dead_letter *letter)
{
    (void)self;
    ck_assert_str_eq(letter->message, "query");
    journal_add(&others, (uint64_t)letter->reason);
    return 0;
}

int morgue_counter_on_dead_letter(struct morgue_counter *self, const struct sn_dead_letter *letter)
{
    (void)self;
    if (strcmp(letter->pool, "mortals") == 0)
        ck_assert_uint_lt(letter->index, 2);
    else
        ck_assert(strcmp(letter->pool, "frail") == 0 || strcmp(letter->pool, "keeper") == 0);
    journal_add(&summaries, (uint64_t)letter->reason);
    return 0;
}

/* ---- the tests ------------------------------------------------------------------------------ */

static void on_letter(const struct sn_dead_letter *letter, void *user)
{
    (void)user;
    journal_add(&callback, (uint64_t)letter->reason);
}

static struct morgue *start(int number)
{
    struct morgue_options options = {.system = system_of(number)};
    struct morgue *app;

    options.system.dead_letter = on_letter;
    ck_assert_int_eq(morgue_start(&options, &app), 0);
    return app;
}

static struct sn_stats finish(struct morgue *app)
{
    struct sn_stats stats = at_rest(app->sn);

    ck_assert_int_eq(morgue_stop(app), 0);
    return stats;
}

static const uint32_t numbers[] = {7, 8};

static struct morgue_act act(uint32_t count)
{
    return (struct morgue_act){
        .fail = true, .count = count, .name = sn_string("a name"), .numbers = {numbers, 2}};
}

START_TEST(a_poisoned_message_is_shown_once_and_counted_once)
{
    struct morgue *app = start(_i);
    struct morgue_act poison = act(1);

    ck_assert_int_eq(morgue_send_mortals_act_at(app, (uint32_t)_i % 2, &poison), 0);
    journal_await(&acts, 1);
    ck_assert_uint_eq(acts.entries[0], 100 + SN_FAILED);
    struct sn_stats stats = finish(app);
    ck_assert_int_eq(atomic_load(&handled), 3);
    ck_assert_uint_eq(stats.accepted, 1);
    ck_assert_uint_eq(stats.failed, 1);
    ck_assert_uint_eq(stats.dead_lettered, 0);
    ck_assert_uint_eq(stats.letters_lost, 0);
    journal_await(&acts, 1);
    journal_await(&summaries, 1);
    journal_await(&callback, 1);
}
END_TEST

START_TEST(a_message_that_is_not_named_comes_as_a_summary)
{
    struct morgue *app = start(_i);

    ck_assert_int_eq(morgue_call_frail_query(app, &(struct morgue_query){1}), SN_FAILED);
    journal_await(&others, 1);
    journal_await(&summaries, 1);
    ck_assert_uint_eq(others.entries[0], SN_FAILED);
    ck_assert_uint_eq(finish(app).failed, 1);
}
END_TEST

START_TEST(what_is_queued_for_somebody_gone_is_shown)
{
    struct morgue *app = start(_i);
    struct morgue_act poison = act(9);
    sn_ref frail;

    ck_assert_int_eq(sn_lookup(app->sn, "frail", &frail), 0);
    ck_assert_int_eq(sn_pause(app->sn, frail), 0);
    ck_assert_int_eq(morgue_send_frail_act(app, &poison), 0);
    for (uint32_t i = 0; i < 3; i++)
        ck_assert_int_eq(morgue_send_frail_flat(app, &(struct morgue_flat){i}), 0);
    ck_assert_int_eq(sn_resume(app->sn, frail), 0);
    journal_await(&acts, 1);
    journal_await(&flats, 3);
    for (uint32_t i = 0; i < 3; i++)
        ck_assert_uint_eq(flats.entries[i], i * 100 + SN_SHUTDOWN);
    struct sn_stats stats = finish(app);
    ck_assert_uint_eq(stats.failed, 1);
    ck_assert_uint_eq(stats.dead_lettered, 3);
    journal_await(&summaries, 4);
}
END_TEST

START_TEST(records_of_a_batch_are_shown_one_by_one)
{
    struct morgue *app = start(_i);

    for (uint32_t i = 0; i < 10; i++)
        ck_assert_int_eq(
            morgue_send_mortals_flat_at(app, 0, &(struct morgue_flat){i == 4 ? FAILS : i}), 0);
    sn_port_flush(app->sn);
    journal_await(&flats, 1);
    ck_assert_uint_eq(flats.entries[0], FAILS * 100 + SN_FAILED);
    struct sn_stats stats = finish(app);
    ck_assert_uint_eq(stats.handled, 9);
    ck_assert_uint_eq(stats.failed, 1);
    journal_await(&flats, 1);
}
END_TEST

START_TEST(a_flood_is_bounded_by_the_mailbox_and_counted)
{
    struct morgue *app = start(_i);
    struct morgue_sync_future future;

    ck_assert_int_eq(morgue_ask_keeper_sync(app, &future), 0);
    gate_await(&holding, 1);
    for (uint32_t i = 0; i < 20; i++)
        ck_assert_int_eq(morgue_send_mortals_flat_at(app, 0, &(struct morgue_flat){FAILS}), 0);
    sn_port_flush(app->sn);
    if (system_of(_i).shards > 1) /* else the keeper holds up everybody */
        journal_await(&callback, 20);
    gate_open(&holding);
    ck_assert_int_eq(morgue_sync_future_wait(&future, PATIENCE), 0);
    struct sn_stats stats = finish(app);
    ck_assert_uint_eq(stats.failed, 20);
    ck_assert_uint_eq(atomic_load(&flats.count) + stats.letters_lost, 20);
    if (system_of(_i).shards > 1) /* the place of the request goes back when the pass ends */
        ck_assert_uint_le(atomic_load(&flats.count), KEEPER);
    ck_assert_uint_gt(atomic_load(&flats.count), 0);
    journal_await(&summaries, 20);
}
END_TEST

START_TEST(a_subscriber_that_fails_does_not_loop)
{
    struct morgue *app = start(_i);
    struct morgue_act poison = act(2);

    atomic_store(&keeper_fails, 1);
    ck_assert_int_eq(morgue_send_mortals_act_at(app, 0, &poison), 0);
    AWAIT(atomic_load(&keepers) == 2); /* it failed over the letter */
    at_rest(app->sn);
    ck_assert_int_eq(morgue_send_keeper_flat(app, &(struct morgue_flat){3}), 0);
    AWAIT(atomic_load(&keepers) == 4); /* over the message, and over its letter */
    struct sn_stats stats = finish(app);
    ck_assert_uint_eq(stats.failed, 2);
    ck_assert_uint_eq(stats.letters_lost, 2);
    journal_await(&acts, 1);
    journal_await(&flats, 1);
    journal_await(&summaries, 2);
    journal_await(&callback, 2);
}
END_TEST

START_TEST(a_subscriber_that_sends_what_fails_does_not_loop)
{
    struct morgue *app = start(_i);

    atomic_store(&keeper_sends, 1);
    ck_assert_int_eq(morgue_send_mortals_flat_at(app, 1, &(struct morgue_flat){FAILS}), 0);
    sn_port_flush(app->sn);
    journal_await(&callback, 2); /* the message, and the one that its letter's handler has sent */
    struct sn_stats stats = finish(app);
    ck_assert_uint_eq(stats.failed, 2);
    ck_assert_uint_eq(stats.letters_lost, 2); /* of the second, by both pools */
    journal_await(&callback, 2);
    journal_await(&flats, 1);
    journal_await(&summaries, 1);
}
END_TEST

/* ---- the log -------------------------------------------------------------------------------- */

static _Atomic(uint64_t) lines, suppressed;
static struct manual_clock hands;

static void on_log(const struct sn_log_record *record, void *user)
{
    (void)user;
    if (strstr(record->text, "dead letter") == NULL)
        return;
    atomic_fetch_add(&lines, 1);
    atomic_fetch_add(&suppressed, record->suppressed);
    ck_assert((strstr(record->text, "more like this") != NULL) == (record->suppressed > 0));
}

static void flood(struct morgue *app, uint32_t count)
{
    static uint32_t sent;

    for (uint32_t i = 0; i < count; i++)
        ck_assert_int_eq(morgue_send_mortals_flat_at(app, 0, &(struct morgue_flat){FAILS}), 0);
    sent += count;
    sn_port_flush(app->sn);
    journal_await(&summaries, sent);
    at_rest(app->sn);
}

START_TEST(the_log_is_told_so_much_a_second_and_then_how_much_was_left_out)
{
    struct morgue_options options = {.system = system_of(_i)};
    struct morgue *app;

    manual_clock_init(&hands);
    options.system.clock = &hands.clock;
    options.system.log = on_log;
    options.system.log_lines = 3;
    ck_assert_int_eq(morgue_start(&options, &app), 0);
    flood(app, 10);
    ck_assert_uint_eq(atomic_load(&lines), 3);
    manual_clock_advance(&hands, SN_SECOND - 1);
    flood(app, 1);
    ck_assert_uint_eq(atomic_load(&lines), 3);
    manual_clock_advance(&hands, 1);
    flood(app, 1);
    ck_assert_uint_eq(atomic_load(&lines), 4);
    ck_assert_uint_eq(atomic_load(&suppressed), 8);
    finish(app);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_set_timeout(tests, 100);
    EVERYWHERE(tests, a_poisoned_message_is_shown_once_and_counted_once);
    EVERYWHERE(tests, a_message_that_is_not_named_comes_as_a_summary);
    EVERYWHERE(tests, what_is_queued_for_somebody_gone_is_shown);
    EVERYWHERE(tests, records_of_a_batch_are_shown_one_by_one);
    EVERYWHERE(tests, a_flood_is_bounded_by_the_mailbox_and_counted);
    EVERYWHERE(tests, a_subscriber_that_fails_does_not_loop);
    EVERYWHERE(tests, a_subscriber_that_sends_what_fails_does_not_loop);
    EVERYWHERE(tests, the_log_is_told_so_much_a_second_and_then_how_much_was_left_out);
}

int main(void)
{
    return run_suite("letters", add_tests);
}
