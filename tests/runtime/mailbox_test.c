/* SPDX-License-Identifier: MIT */
/*
 * Mailboxes: exact capacity from every kind of sender, in messages and in bytes.
 */
#include "mail_kit.h"

/* ---- capacity ------------------------------------------------------------------------------- */

static void check_exact(struct mail *app, enum origin origin, const struct edge *edge)
{
    struct fill fill = {.edge = edge, .limit = 5000};
    uint32_t before = atomic_load(&seen.count);

    hold(app, edge->pool);
    ck_assert_uint_eq(fill_from(app, origin, &fill), edge->capacity);
    ck_assert_int_eq(fill.last, SN_FULL);
    release(app, edge->pool);
    at_rest(app->sn);
    journal_await(&seen, before + edge->capacity);
}

static void check_all_exact(int number, enum origin origin)
{
    struct mail *app = start(number); /* three mailboxes, each filled once */

    check_exact(app, origin, &one);
    check_exact(app, origin, &two);
    check_exact(app, origin, &thousand);
    ck_assert_uint_eq(finish(app).rejected, 3);
}

START_TEST(capacity_is_exact_from_outside)
{
    check_all_exact(_i, OUTSIDE);
}
END_TEST

START_TEST(capacity_is_exact_from_the_same_shard)
{
    check_all_exact(_i, NEAR);
}
END_TEST

START_TEST(capacity_is_exact_from_another_shard)
{
    check_all_exact(_i, AFAR);
}
END_TEST

/* Repeated, each time by another kind of sender: places are not lost and not multiplied. An early
 * FULL is allowed while another shard's pass holds places, so each fills until it is full for
 * good. */
START_TEST(capacity_stays_exact_when_senders_change)
{
    static const struct edge *const edges[] = {&one, &two, &thousand};
    struct mail *app = start(_i);

    for (uint32_t round = 0; round < 12; round++) {
        const struct edge *edge = edges[round % 3];
        uint32_t total = 0;

        hold(app, edge->pool);
        AWAIT((total += fill_from(app, (enum origin)((round / 3) % ORIGINS),
                                  &(struct fill){.edge = edge, .limit = 5000})) >= edge->capacity);
        ck_assert_uint_eq(total, edge->capacity);
        for (int origin = 0; origin < ORIGINS; origin++)
            ck_assert_uint_eq(
                fill_from(app, (enum origin)origin, &(struct fill){.edge = edge, .limit = 5000}),
                0);
        release(app, edge->pool);
        at_rest(app->sn);
    }
    finish(app);
}
END_TEST

struct rush {
    struct mail *app;
    struct fill fill;
};

static void *rush_outside(void *data)
{
    struct rush *rush = data;
    struct mail *own;

    ck_assert_int_eq(mail_open(rush->app, &own), 0);
    fill_outside(own, &rush->fill);
    mail_close(own);
    return NULL;
}

START_TEST(capacity_is_exact_from_everywhere_at_once)
{
    static const struct edge *const edges[] = {&one, &two, &thousand};
    struct mail *app = start(_i);

    for (int k = 0; k < 3; k++) {
        struct rush rushes[10];
        pthread_t threads[3];
        uint32_t total = 0;

        hold(app, edges[k]->pool);
        for (uint32_t i = 0; i < 10; i++)
            rushes[i] = (struct rush){app, {.edge = edges[k], .limit = 5000}};
        for (uint32_t i = 0; i < 7; i++)
            ck_assert_int_eq(
                mail_send_crowd_nudge_at(
                    app, i,
                    &(struct mail_nudge){(uintptr_t)fill_inside, (uintptr_t)&rushes[i].fill}),
                0);
        for (uint32_t i = 0; i < 3; i++)
            pthread_create(&threads[i], NULL, rush_outside, &rushes[7 + i]);
        for (uint32_t i = 0; i < 3; i++)
            pthread_join(threads[i], NULL);
        for (uint32_t i = 0; i < 7; i++) /* behind the nudge: it has run */
            ck_assert_int_eq(
                mail_call_crowd_perform_at(
                    app, i,
                    &(struct mail_perform){(uintptr_t)fill_inside,
                                           (uintptr_t) & (struct fill){.edge = edges[k]}}),
                0);
        for (uint32_t i = 0; i < 10; i++)
            total += atomic_load(&rushes[i].fill.taken);
        ck_assert_uint_le(total, edges[k]->capacity);
        while (total < edges[k]->capacity) { /* places that a pass held come back */
            AWAIT(edges[k]->outside(app, &(struct mail_item){0}) == 0);
            total++;
        }
        ck_assert_int_eq(edges[k]->outside(app, &(struct mail_item){0}), SN_FULL);
        release(app, edges[k]->pool);
        at_rest(app->sn);
    }
    journal_await(&seen, 1 + 2 + 1000);
    finish(app);
}
END_TEST

START_TEST(requests_and_telemetry_share_the_capacity)
{
    struct mail *app = start(_i);

    hold(app, "two");
    ck_assert_int_eq(mail_send_two_note(app, &(struct mail_note){1}), 0);
    ck_assert_int_eq(mail_send_two_item(app, &(struct mail_item){1}), 0);
    ck_assert_int_eq(mail_send_two_note(app, &(struct mail_note){2}), SN_FULL);
    ck_assert_int_eq(mail_send_two_item(app, &(struct mail_item){2}), SN_FULL);
    struct mail_query_future future; /* an ask from outside waits for room until its deadline */
    ck_assert_int_eq(mail_ask_two_query(app, &(struct mail_query){3}, &future), SN_TIMEOUT);
    release(app, "two");
    journal_await(&seen, 2);
    ck_assert_uint_eq(finish(app).rejected, 3);
}
END_TEST

static int ask_one(struct mail_driver *self, void *data)
{
    (void)data;
    return mail_driver_ask_one(self, &(struct mail_query){1});
}

static int nothing(struct mail_driver *self, void *data)
{
    (void)self;
    (void)data;
    return 0;
}

START_TEST(control_and_replies_do_not_count)
{
    struct mail *app = start(_i);
    uint32_t queued = 0;

    hold(app, "one");
    ck_assert_int_eq(perform(app, NEAR, ask_one, NULL), 0);
    hold(app, "near");
    while (nudge(app, NEAR, nothing, NULL) == 0)
        queued++;
    ck_assert_uint_eq(queued, 1024);
    ck_assert_int_eq(sn_ping(app->sn, find(app, "near"), PATIENCE), 0);
    release(app, "one");
    journal_await(&completions, 1); /* though the asker's mailbox is full, and paused */
    ck_assert_uint_eq(completions.entries[0], 0);
    release(app, "near");
    finish(app);
}
END_TEST

static int ask_full(struct mail_driver *self, void *data)
{
    (void)data;
    ck_assert_int_eq(mail_driver_ask_one(self, &(struct mail_query){1}), 0);
    ck_assert_int_eq(mail_driver_ask_one(self, &(struct mail_query){2}), SN_FULL);
    return 0;
}

START_TEST(a_full_at_the_ask_means_no_completion)
{
    struct mail *app = start(_i);

    hold(app, "one");
    ck_assert_int_eq(perform(app, AFAR, ask_full, NULL), 0);
    release(app, "one");
    struct sn_stats stats = finish(app);
    journal_await(&completions, 1);
    journal_await(&seen, 1);
    ck_assert_uint_eq(stats.asks_started, 3); /* the ping, perform and one of the two */
}
END_TEST

/* ---- bytes ---------------------------------------------------------------------------------- */

static const uint8_t zeros[1000];

struct blobs {
    bool narrow;
    uint32_t taken;
    int last;
};

static int fill_blobs(struct mail_driver *self, void *data)
{
    struct blobs *blobs = data;
    struct mail_blob blob = {sn_bytes_of(zeros, sizeof zeros)};

    for (blobs->taken = 0; blobs->taken < 50; blobs->taken++) {
        blobs->last = blobs->narrow ? mail_driver_send_narrow_blob(self, &blob)
                                    : mail_driver_send_shed_blob(self, &blob);
        if (blobs->last != 0)
            break;
    }
    return 0;
}

static uint32_t fill_blobs_outside(struct mail *app)
{
    struct mail_blob blob = {sn_bytes_of(zeros, sizeof zeros)};
    uint32_t taken = 0;

    while (taken < 50 && mail_send_narrow_blob(app, &blob) == 0)
        taken++;
    return taken;
}

START_TEST(bytes_bound_a_mailbox)
{
    struct mail *app = start(_i);

    for (int round = 0; round < 9; round++) {
        struct blobs blobs = {.narrow = true};

        hold(app, "narrow");
        if (round % ORIGINS == OUTSIDE)
            blobs.taken = fill_blobs_outside(app);
        else
            ck_assert_int_eq(perform(app, (enum origin)(round % ORIGINS), fill_blobs, &blobs), 0);
        ck_assert_uint_ge(blobs.taken, 2); /* a block is at most twice what it holds */
        ck_assert_uint_le(blobs.taken, 4);
        ck_assert_uint_eq(fill_blobs_outside(app), 0);
        release(app, "narrow");
        at_rest(app->sn);
    }
    finish(app);
}
END_TEST

static int shed_notes(struct mail_driver *self, void *data)
{
    (void)data;
    for (uint32_t i = 0; i < 100; i++)
        ck_assert_int_eq(mail_driver_send_shed_note(self, &(struct mail_note){i}), 0);
    return 0;
}

/* What a full mailbox drops gives its bytes back. */
START_TEST(dropped_messages_give_their_bytes_back)
{
    for (int origin = NEAR; origin < ORIGINS; origin++) {
        struct mail *app = start(_i);
        uint32_t before;

        hold(app, "shed");
        for (uint32_t i = 0; i < 2; i++)
            ck_assert_int_eq(mail_send_shed_item(app, &(struct mail_item){i}), 0);
        ck_assert_int_eq(perform(app, (enum origin)origin, shed_notes, NULL), 0);
        arrive(app, (enum origin)origin);
        release(app, "shed");
        at_rest(app->sn);
        before = atomic_load(&seen.count);
        hold(app, "shed");
        struct blobs blobs = {.narrow = false};
        ck_assert_int_eq(perform(app, (enum origin)origin, fill_blobs, &blobs), 0);
        release(app, "shed");
        finish(app);
        journal_await(&seen, before + 2);
    }
}
END_TEST

static void add(TCase *tests)
{
    EVERYWHERE(tests, capacity_is_exact_from_outside);
    EVERYWHERE(tests, capacity_is_exact_from_the_same_shard);
    EVERYWHERE(tests, capacity_is_exact_from_another_shard);
    EVERYWHERE(tests, capacity_stays_exact_when_senders_change);
    EVERYWHERE(tests, capacity_is_exact_from_everywhere_at_once);
    EVERYWHERE(tests, requests_and_telemetry_share_the_capacity);
    EVERYWHERE(tests, control_and_replies_do_not_count);
    EVERYWHERE(tests, a_full_at_the_ask_means_no_completion);
    EVERYWHERE(tests, bytes_bound_a_mailbox);
    EVERYWHERE(tests, dropped_messages_give_their_bytes_back);
}

int main(void)
{
    return run_suite("mailbox", add);
}
