/* SPDX-License-Identifier: MIT */
/*
 * Mailboxes: exact capacity from every kind of sender, and each overflow policy.
 */
#include "mail.h"
#include "mail_driver.h"
#include "mail_sink.h"
#include "support.h"

#include <errno.h>
#include <string.h>

typedef int (*script)(struct mail_driver *self, void *data);

enum { CAPACITY = 3, PARK = 4, FAILS_ONCE = 66666, NOTE = 1000, QUERY = 2000 };

static struct journal seen;        /* what the sinks handled */
static struct journal completions; /* outcomes of asks */
static struct gate failing = GATE_CLOSED;
static _Atomic(int) failures;

int mail_driver_init(struct mail_driver *self)
{
    (void)self;
    return 0;
}

int mail_driver_on_perform(struct mail_driver *self, const struct mail_perform *message,
                           mail_perform_reply_to to)
{
    int rc = ((script)(uintptr_t)message->function)(self, (void *)(uintptr_t)message->data);

    return rc != 0 ? rc : mail_driver_reply_perform(self, to);
}

int mail_driver_on_nudge(struct mail_driver *self, const struct mail_nudge *message)
{
    return ((script)(uintptr_t)message->function)(self, (void *)(uintptr_t)message->data);
}

int mail_driver_on_tell(struct mail_driver *self, const struct mail_tell *message)
{
    return ((script)(uintptr_t)message->function)(self, (void *)(uintptr_t)message->data);
}

static int note_completion(int outcome)
{
    journal_add(&completions, (uint64_t)outcome);
    return 0;
}

int mail_driver_on_one(struct mail_driver *self, int outcome, const struct mail_query_reply *reply)
{
    (void)self;
    (void)reply;
    return note_completion(outcome);
}

int mail_driver_on_oldest(struct mail_driver *self, int outcome,
                          const struct mail_query_reply *reply)
{
    (void)self;
    (void)reply;
    return note_completion(outcome);
}

int mail_driver_on_newest(struct mail_driver *self, int outcome,
                          const struct mail_query_reply *reply)
{
    (void)self;
    (void)reply;
    return note_completion(outcome);
}

int mail_driver_on_parked(struct mail_driver *self, int outcome,
                          const struct mail_query_reply *reply)
{
    (void)self;
    (void)reply;
    return note_completion(outcome);
}

int mail_driver_on_other(struct mail_driver *self, int outcome,
                         const struct mail_query_reply *reply)
{
    (void)self;
    (void)reply;
    return note_completion(outcome);
}

int mail_sink_on_item(struct mail_sink *self, const struct mail_item *message)
{
    self->count++;
    if (message->number == FAILS_ONCE && atomic_fetch_add(&failures, 1) == 0) {
        gate_pass(&failing);
        return -EIO;
    }
    journal_add(&seen, message->number);
    return 0;
}

int mail_sink_on_note(struct mail_sink *self, const struct mail_note *message)
{
    (void)self;
    journal_add(&seen, NOTE + message->number);
    return 0;
}

int mail_sink_on_blob(struct mail_sink *self, const struct mail_blob *message)
{
    (void)self;
    journal_add(&seen, message->data.size);
    return 0;
}

int mail_sink_on_query(struct mail_sink *self, const struct mail_query *message,
                       mail_query_reply_to to)
{
    journal_add(&seen, QUERY + message->number);
    return mail_sink_reply_query(self, to, &(struct mail_query_reply){message->number});
}

static struct mail *start(int number)
{
    struct mail_options options = {.system = system_of(number)};
    struct mail *app;

    ck_assert_int_eq(mail_start(&options, &app), 0);
    return app;
}

static struct sn_stats finish(struct mail *app)
{
    struct sn_stats stats = at_rest(app->sn);

    ck_assert_int_eq(mail_stop(app), 0);
    return stats;
}

static sn_ref find(struct mail *app, const char *name)
{
    sn_ref ref;

    ck_assert_int_eq(sn_lookup(app->sn, name, &ref), 0);
    return ref;
}

/* From when it returns, the actor takes nothing out of its mailbox. */
static void hold(struct mail *app, const char *name)
{
    ck_assert_int_eq(sn_pause(app->sn, find(app, name)), 0);
    ck_assert_int_eq(sn_ping(app->sn, find(app, name), PATIENCE), 0);
}

static void release(struct mail *app, const char *name)
{
    ck_assert_int_eq(sn_resume(app->sn, find(app, name)), 0);
}

/* ---- who sends ------------------------------------------------------------------------------ */

enum origin { OUTSIDE, NEAR, AFAR, ORIGINS };

static int perform(struct mail *app, enum origin origin, script function, void *data)
{
    struct mail_perform message = {(uintptr_t)function, (uintptr_t)data};

    return origin == NEAR ? mail_call_near_perform(app, &message)
                          : mail_call_afar_perform(app, &message);
}

static int nudge(struct mail *app, enum origin origin, script function, void *data)
{
    struct mail_nudge message = {(uintptr_t)function, (uintptr_t)data};

    return origin == NEAR ? mail_send_near_nudge(app, &message)
                          : mail_send_afar_nudge(app, &message);
}

/* One edge, from main and from a driver. */
struct edge {
    const char *pool;
    int (*outside)(struct mail *app, const struct mail_item *message);
    int (*inside)(struct mail_driver *self, const struct mail_item *message);
    uint32_t capacity;
};

static const struct edge one = {"one", mail_send_one_item, mail_driver_send_one_item, 1};
static const struct edge two = {"two", mail_send_two_item, mail_driver_send_two_item, 2};
static const struct edge thousand = {"thousand", mail_send_thousand_item,
                                     mail_driver_send_thousand_item, 1000};
static const struct edge oldest = {"oldest", mail_send_oldest_item, mail_driver_send_oldest_item,
                                   CAPACITY};
static const struct edge newest = {"newest", mail_send_newest_item, mail_driver_send_newest_item,
                                   CAPACITY};
static const struct edge parking = {"parking", mail_send_parking_item,
                                    mail_driver_send_parking_item, 2};

/* Send numbered items over an edge until one is refused, or `limit` were taken. */
struct fill {
    const struct edge *edge;
    uint32_t first, limit;
    _Atomic(uint32_t) taken;
    int last;
};

static int fill_inside(struct mail_driver *self, void *data)
{
    struct fill *fill = data;
    uint32_t taken = 0;

    fill->last = 0;
    while (taken < fill->limit) {
        fill->last = fill->edge->inside(self, &(struct mail_item){fill->first + taken});
        if (fill->last != 0)
            break;
        taken++;
    }
    atomic_store(&fill->taken, taken);
    return 0;
}

static void fill_outside(struct mail *app, struct fill *fill)
{
    uint32_t taken = 0;

    fill->last = 0;
    while (taken < fill->limit) {
        fill->last = fill->edge->outside(app, &(struct mail_item){fill->first + taken});
        if (fill->last != 0)
            break;
        taken++;
    }
    atomic_store(&fill->taken, taken);
}

static uint32_t fill_from(struct mail *app, enum origin origin, struct fill *fill)
{
    if (origin == OUTSIDE)
        fill_outside(app, fill);
    else
        ck_assert_int_eq(perform(app, origin, fill_inside, fill), 0);
    return atomic_load(&fill->taken);
}

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

/* ---- dropping ------------------------------------------------------------------------------- */

/* A new system for each: a place that another shard's pass still holds would be an early FULL. */
static void check_dropping(int number, enum origin origin, const struct edge *edge,
                           uint32_t first_kept)
{
    struct mail *app = start(number);
    struct fill fill = {.edge = edge, .first = 1, .limit = 10};
    uint32_t before = atomic_load(&seen.count);

    hold(app, edge->pool);
    ck_assert_uint_eq(fill_from(app, origin, &fill), 10);
    ck_assert_int_eq(sn_ping(app->sn, find(app, edge->pool), PATIENCE), 0);
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
        ck_assert_int_eq(sn_ping(app->sn, find(app, "shed"), PATIENCE), 0);
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
    EVERYWHERE(tests, drop_newest_keeps_the_first);
    EVERYWHERE(tests, drop_oldest_keeps_the_last);
    EVERYWHERE(tests, drop_oldest_drops_from_its_own_lane_only);
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
    EVERYWHERE(tests, bytes_bound_a_mailbox);
    EVERYWHERE(tests, dropped_messages_give_their_bytes_back);
}

int main(void)
{
    return run_suite("mailbox", add);
}
