/* SPDX-License-Identifier: MIT */
/*
 * What happens to a message that finds its mailbox full: dropping and parking.
 */
#include "mail_kit.h"

#include <errno.h>

/* ---- dropping ------------------------------------------------------------------------------- */

/* A new system for each: a place that another shard's pass still holds would be an early FULL. */
static void check_dropping(int number, enum origin origin, const struct edge *edge,
                           uint32_t first_kept)
{
    struct mail *app = start(number);
    struct fill fill = {.edge = edge, .first = 1, .limit = 10};

    hold(app, edge->pool);
    ck_assert_uint_eq(fill_from(app, origin, &fill), 10);
    arrive(app, origin);
    uint32_t before = atomic_load(&seen.count);
    release(app, edge->pool);
    struct sn_stats stats = finish(app);
    journal_await(&seen, before + CAPACITY);
    for (uint32_t i = 0; i < CAPACITY; i++)
        ck_assert_uint_eq(seen.entries[before + i], first_kept + i);
    ck_assert_uint_eq(stats.dropped, 10 - CAPACITY);
    ck_assert_uint_eq(stats.rejected, 0);
}

START_TEST(drop_newest_keeps_the_first)
{
    for (int origin = 0; origin < ORIGINS; origin++)
        check_dropping(_i, (enum origin)origin, &newest, 1);
}
END_TEST

START_TEST(drop_oldest_keeps_the_last)
{
    for (int origin = 0; origin < ORIGINS; origin++)
        check_dropping(_i, (enum origin)origin, &oldest, 10 - CAPACITY + 1);
}
END_TEST

START_TEST(drop_oldest_drops_from_its_own_lane_only)
{
    struct mail *app = start(_i);

    hold(app, "oldest");
    for (uint32_t i = 0; i < CAPACITY; i++)
        ck_assert_int_eq(mail_send_oldest_item(app, &(struct mail_item){i}), 0);
    for (uint32_t i = 0; i < 5; i++) /* no note is there to give way: the note itself goes */
        ck_assert_int_eq(mail_send_oldest_note(app, &(struct mail_note){i}), 0);
    release(app, "oldest");
    struct sn_stats stats = finish(app);
    journal_await(&seen, CAPACITY);
    for (uint32_t i = 0; i < CAPACITY; i++)
        ck_assert_uint_eq(seen.entries[i], i);
    ck_assert_uint_eq(stats.dropped, 5);
}
END_TEST

/* A blob of so many bytes, or an item when there is none. */
static int send_lean(struct mail *app, struct mail_driver *driver, uint32_t size, uint32_t number)
{
    static const uint8_t zeros[1000];
    struct mail_blob blob = {sn_bytes_of(zeros, size)};
    struct mail_item item = {number};

    if (size > 0)
        return driver != NULL ? mail_driver_send_lean_blob(driver, &blob)
                              : mail_send_lean_blob(app, &blob);
    return driver != NULL ? mail_driver_send_lean_item(driver, &item)
                          : mail_send_lean_item(app, &item);
}

/* Blobs are journalled by their size. */
enum { FIRST_BLOB = 901, BLOBS = 20, SMALL = 500 };

static int send_blobs(struct mail *app, struct mail_driver *driver)
{
    for (uint32_t i = 0; i < BLOBS; i++)
        ck_assert_int_eq(send_lean(app, driver, FIRST_BLOB + i, 0), 0);
    return 0;
}

static int send_items_and_a_blob(struct mail *app, struct mail_driver *driver)
{
    for (uint32_t i = 0; i < SMALL; i++)
        ck_assert_int_eq(send_lean(app, driver, 0, i), 0);
    return send_lean(app, driver, FIRST_BLOB, 0);
}

static int send_blobs_inside(struct mail_driver *self, void *data)
{
    (void)data;
    return send_blobs(NULL, self);
}

static int send_items_and_a_blob_inside(struct mail_driver *self, void *data)
{
    (void)data;
    return send_items_and_a_blob(NULL, self);
}

/* Returns how many were kept: the last ones, as the journal has them behind `before`. */
static uint32_t fill_lean(int number, enum origin origin,
                          int (*outside)(struct mail *, struct mail_driver *), script inside,
                          uint32_t sent, uint32_t *ret_before)
{
    struct mail *app = start(number);

    hold(app, "lean");
    ck_assert_int_eq(origin == OUTSIDE ? outside(app, NULL) : perform(app, origin, inside, NULL),
                     0);
    arrive(app, origin);
    *ret_before = atomic_load(&seen.count);
    release(app, "lean");
    struct sn_stats stats = finish(app);
    ck_assert_uint_eq(stats.rejected, 0);
    ck_assert_uint_lt(stats.dropped, sent);
    return sent - (uint32_t)stats.dropped;
}

START_TEST(drop_oldest_makes_room_in_bytes)
{
    for (int origin = 0; origin < ORIGINS; origin++) {
        uint32_t before, kept = fill_lean(_i, (enum origin)origin, send_blobs, send_blobs_inside,
                                          BLOBS, &before);

        ck_assert_uint_ge(kept, 2); /* a block is at most twice what it holds */
        ck_assert_uint_le(kept, 4);
        journal_await(&seen, before + kept);
        for (uint32_t i = 0; i < kept; i++)
            ck_assert_uint_eq(seen.entries[before + i], FIRST_BLOB + BLOBS - kept + i);
    }
}
END_TEST

START_TEST(drop_oldest_drops_as_many_as_a_large_one_needs)
{
    for (int origin = 0; origin < ORIGINS; origin++) {
        uint32_t before, kept = fill_lean(_i, (enum origin)origin, send_items_and_a_blob,
                                          send_items_and_a_blob_inside, SMALL + 1, &before);

        ck_assert_uint_ge(kept, 10); /* 4096 bytes less one block, in blocks of 256 at most */
        journal_await(&seen, before + kept);
        for (uint32_t i = 0; i < kept - 1; i++)
            ck_assert_uint_eq(seen.entries[before + i], SMALL - (kept - 1) + i);
        ck_assert_uint_eq(seen.entries[before + kept - 1], FIRST_BLOB);
    }
}
END_TEST

static int ask_five(struct mail_driver *self, void *data)
{
    for (uint32_t i = 0; i < 5; i++) {
        int rc = data == &oldest ? mail_driver_ask_oldest(self, &(struct mail_query){i})
                                 : mail_driver_ask_newest(self, &(struct mail_query){i});
        ck_assert_int_eq(rc, 0);
    }
    return 0;
}

static void check_dropped_asks(int number, enum origin origin, const struct edge *edge,
                               uint32_t first_kept)
{
    struct mail *app = start(number);
    uint32_t asked = atomic_load(&completions.count), before = atomic_load(&seen.count);

    hold(app, edge->pool);
    ck_assert_int_eq(perform(app, origin, ask_five, (void *)edge), 0);
    journal_await(&completions, asked + 2);
    ck_assert_uint_eq(completions.entries[asked], SN_DROPPED);
    ck_assert_uint_eq(completions.entries[asked + 1], SN_DROPPED);
    release(app, edge->pool);
    journal_await(&completions, asked + 5);
    journal_await(&seen, before + CAPACITY);
    ck_assert_uint_eq(seen.entries[before], QUERY + first_kept);
    ck_assert_uint_eq(finish(app).dropped, 2);
}

START_TEST(a_dropped_ask_completes_dropped_newest)
{
    check_dropped_asks(_i, NEAR, &newest, 0);
    check_dropped_asks(_i, AFAR, &newest, 0);
}
END_TEST

START_TEST(a_dropped_ask_completes_dropped_oldest)
{
    check_dropped_asks(_i, NEAR, &oldest, 2);
    check_dropped_asks(_i, AFAR, &oldest, 2);
}
END_TEST

START_TEST(a_dropped_ask_from_outside_completes_dropped)
{
    struct mail *app = start(_i);
    struct mail_query_future futures[5];

    hold(app, "oldest");
    for (uint32_t i = 0; i < 5; i++)
        ck_assert_int_eq(mail_ask_oldest_query(app, &(struct mail_query){i}, &futures[i]), 0);
    for (uint32_t i = 0; i < 2; i++)
        ck_assert_int_eq(mail_query_future_wait(&futures[i], PATIENCE, NULL), SN_DROPPED);
    release(app, "oldest");
    for (uint32_t i = 2; i < 5; i++)
        ck_assert_int_eq(mail_query_future_wait(&futures[i], PATIENCE, NULL), 0);
    hold(app, "newest");
    for (uint32_t i = 0; i < 5; i++)
        ck_assert_int_eq(mail_ask_newest_query(app, &(struct mail_query){i}, &futures[i]), 0);
    for (uint32_t i = 3; i < 5; i++)
        ck_assert_int_eq(mail_query_future_wait(&futures[i], PATIENCE, NULL), SN_DROPPED);
    release(app, "newest");
    for (uint32_t i = 0; i < 3; i++)
        ck_assert_int_eq(mail_query_future_wait(&futures[i], PATIENCE, NULL), 0);
    ck_assert_uint_eq(finish(app).dropped, 4);
}
END_TEST

/* A message that failed and waits to be retried has left its place: it is not what drop_oldest
 * drops, and the mailbox never holds more than its capacity beside it. */
START_TEST(drop_oldest_spares_a_message_that_is_retried)
{
    struct mail *app = start(_i);

    ck_assert_int_eq(mail_send_oldest_item(app, &(struct mail_item){FAILS_ONCE}), 0);
    gate_await(&failing, 1);
    ck_assert_int_eq(sn_pause(app->sn, find(app, "oldest")), 0);
    gate_open(&failing);
    ck_assert_int_eq(sn_ping(app->sn, find(app, "oldest"), PATIENCE), 0);
    for (uint32_t i = 1; i <= 4; i++)
        ck_assert_int_eq(mail_send_oldest_item(app, &(struct mail_item){i}), 0);
    release(app, "oldest");
    struct sn_stats stats = finish(app);
    journal_await(&seen, 4);
    ck_assert_uint_eq(seen.entries[0], FAILS_ONCE);
    ck_assert_uint_eq(seen.entries[1], 2);
    ck_assert_uint_eq(stats.dropped, 1);
    ck_assert_uint_eq(stats.handled, 4);
}
END_TEST

/* ---- parking -------------------------------------------------------------------------------- */

START_TEST(park_takes_what_does_not_fit_up_to_its_bound)
{
    for (int origin = NEAR; origin < ORIGINS; origin++) {
        struct mail *app = start(_i);
        struct fill fill = {.edge = &parking, .first = 1, .limit = 100};
        uint32_t before = atomic_load(&seen.count);

        hold(app, "parking");
        ck_assert_uint_eq(fill_from(app, (enum origin)origin, &fill), 2 + PARK);
        ck_assert_int_eq(fill.last, SN_FULL);
        release(app, "parking");
        finish(app);
        journal_await(&seen, before + 2 + PARK);
        for (uint32_t i = 0; i < 2 + PARK; i++)
            ck_assert_uint_eq(seen.entries[before + i], 1 + i);
    }
}
END_TEST

START_TEST(threads_outside_never_park)
{
    struct mail *app = start(_i);
    struct fill fill = {.edge = &parking, .limit = 100};

    hold(app, "parking");
    ck_assert_uint_eq(fill_from(app, OUTSIDE, &fill), 2);
    ck_assert_int_eq(fill.last, SN_FULL);
    ck_assert_int_eq(mail_send_wait_parking_item(app, &(struct mail_item){1}, SN_MS), SN_TIMEOUT);
    release(app, "parking");
    finish(app);
}
END_TEST

static int park_and_ask(struct mail_driver *self, void *data)
{
    struct fill fill = {.edge = &parking, .first = 1, .limit = 5};

    (void)data;
    ck_assert_int_eq(fill_inside(self, &fill), 0);
    ck_assert_uint_eq(atomic_load(&fill.taken), 5);
    return mail_driver_ask_other(self, &(struct mail_query){7});
}

static int leave_a_mark(struct mail_driver *self, void *data)
{
    (void)self;
    journal_add(data, 77);
    return 0;
}

START_TEST(a_sender_with_an_outbox_runs_only_control_and_replies)
{
    static struct journal marks;

    for (int origin = NEAR; origin < ORIGINS; origin++) {
        struct mail *app = start(_i);
        uint32_t marked = atomic_load(&marks.count), asked = atomic_load(&completions.count);

        hold(app, "parking");
        ck_assert_int_eq(nudge(app, (enum origin)origin, park_and_ask, NULL), 0);
        ck_assert_int_eq(nudge(app, (enum origin)origin, leave_a_mark, &marks), 0);
        journal_await(&completions, asked + 1); /* a reply runs */
        for (int i = 0; i < 10; i++)
            ck_assert_int_eq(
                sn_ping(app->sn, find(app, origin == NEAR ? "near" : "afar"), PATIENCE), 0);
        journal_await(&marks, marked); /* a request does not */
        release(app, "parking");
        finish(app);
        journal_await(&marks, marked + 1);
    }
}
END_TEST

static int park_then_note(struct mail_driver *self, void *data)
{
    struct fill fill = {.edge = &parking, .first = 1, .limit = 4};

    (void)data;
    ck_assert_int_eq(fill_inside(self, &fill), 0);
    ck_assert_int_eq(mail_driver_send_parking_note(self, &(struct mail_note){1}), SN_FULL);
    return 0;
}

static int park_and_fail(struct mail_driver *self, void *data)
{
    ck_assert_int_eq(park_then_note(self, data), 0);
    return -EIO;
}

START_TEST(a_failed_handler_has_parked_nothing)
{
    struct mail *app = start(_i);
    static struct journal marks;

    hold(app, "parking");
    ck_assert_int_eq(perform(app, AFAR, park_and_fail, NULL), SN_FAILED);
    ck_assert_int_eq(perform(app, AFAR, leave_a_mark, &marks), 0);
    struct fill fill = {.edge = &parking, .first = 1, .limit = 100};
    ck_assert_uint_eq(fill_from(app, AFAR, &fill), 2 + PARK);
    release(app, "parking");
    at_rest(app->sn);
    journal_await(&seen, 2 + PARK);
    finish(app);
}
END_TEST

static int ask_parked_five(struct mail_driver *self, void *data)
{
    (void)data;
    for (uint32_t i = 0; i < 5; i++)
        ck_assert_int_eq(mail_driver_ask_parked(self, &(struct mail_query){i}), 0);
    return 0;
}

START_TEST(an_ask_can_be_parked)
{
    for (int origin = NEAR; origin < ORIGINS; origin++) {
        struct mail *app = start(_i);
        uint32_t asked = atomic_load(&completions.count);

        hold(app, "parking");
        ck_assert_int_eq(perform(app, (enum origin)origin, ask_parked_five, NULL), 0);
        release(app, "parking");
        journal_await(&completions, asked + 5);
        finish(app);
    }
    for (uint32_t i = 0; i < 10; i++)
        ck_assert_uint_eq(completions.entries[i], 0);
}
END_TEST

/* Outboxes of several senders on all shards, again and again: nobody is forgotten. */
START_TEST(parked_senders_always_wake_up)
{
    struct mail *app = start(_i);

    for (int round = 0; round < 50; round++) {
        struct fill fills[7];

        for (uint32_t i = 0; i < 7; i++) {
            fills[i] = (struct fill){.edge = &parking, .first = 100 * i, .limit = 4};
            ck_assert_int_eq(
                mail_send_crowd_nudge_at(
                    app, i, &(struct mail_nudge){(uintptr_t)fill_inside, (uintptr_t)&fills[i]}),
                0);
        }
        at_rest(app->sn);
        for (uint32_t i = 0; i < 7; i++)
            ck_assert_uint_eq(atomic_load(&fills[i].taken), 4);
    }
    journal_await(&seen, 50 * 7 * 4);
    finish(app);
}
END_TEST

static void add(TCase *tests)
{
    EVERYWHERE(tests, drop_newest_keeps_the_first);
    EVERYWHERE(tests, drop_oldest_keeps_the_last);
    EVERYWHERE(tests, drop_oldest_drops_from_its_own_lane_only);
    EVERYWHERE(tests, drop_oldest_makes_room_in_bytes);
    EVERYWHERE(tests, drop_oldest_drops_as_many_as_a_large_one_needs);
    EVERYWHERE(tests, a_dropped_ask_completes_dropped_newest);
    EVERYWHERE(tests, a_dropped_ask_completes_dropped_oldest);
    EVERYWHERE(tests, a_dropped_ask_from_outside_completes_dropped);
    EVERYWHERE(tests, drop_oldest_spares_a_message_that_is_retried);
    EVERYWHERE(tests, park_takes_what_does_not_fit_up_to_its_bound);
    EVERYWHERE(tests, threads_outside_never_park);
    EVERYWHERE(tests, a_sender_with_an_outbox_runs_only_control_and_replies);
    EVERYWHERE(tests, a_failed_handler_has_parked_nothing);
    EVERYWHERE(tests, an_ask_can_be_parked);
    EVERYWHERE(tests, parked_senders_always_wake_up);
}

int main(void)
{
    return run_suite("overflow", add);
}
