/* SPDX-License-Identifier: MIT */
/*
 * Order: FIFO per sender, receiver and lane; higher lanes first, but after 32 messages one from a
 * lower lane; and a busy actor does not starve its neighbours.
 */
#include "order.h"
#include "order_echo.h"
#include "order_sink.h"
#include "order_source.h"
#include "support.h"

enum { REQUEST = 0, TELEMETRY = 1, REPLY = 2, BURST = 32 };

static struct journal seen, neighbour;

/* lane, receiver, sender, number */
static uint64_t entry(uint64_t lane, uint64_t receiver, uint64_t sender, uint64_t number)
{
    return lane << 60 | receiver << 50 | sender << 32 | number;
}

int order_source_on_burst(struct order_source *self, const struct order_burst *message)
{
    uint32_t sender = sn_self_index(self->sn);

    for (uint32_t i = 0; i < message->count; i++) {
        uint32_t number = self->next++;

        for (uint32_t k = 0; k < 3; k++) {
            int rc = order_source_send_sinks_item_at(self, k, &(struct order_item){sender, number});
            if (rc == 0)
                rc = order_source_send_sinks_note_at(self, k, &(struct order_note){sender, number});
            if (rc != 0)
                return rc;
        }
    }
    return 0;
}

int order_source_on_item(struct order_source *self, const struct order_item *message)
{
    (void)self;
    journal_add(&seen, entry(REQUEST, 0, 0, message->number));
    return 0;
}

int order_source_on_note(struct order_source *self, const struct order_note *message)
{
    (void)self;
    journal_add(&seen, entry(TELEMETRY, 0, 0, message->number));
    return 0;
}

int order_source_on_ask_many(struct order_source *self, const struct order_ask_many *message)
{
    for (uint32_t i = 0; i < message->count; i++) {
        int rc = order_source_ask_echo(self, &(struct order_query){i});
        if (rc != 0)
            return rc;
    }
    return 0;
}

int order_source_on_echo(struct order_source *self, int outcome,
                         const struct order_query_reply *reply)
{
    (void)self;
    ck_assert_int_eq(outcome, 0);
    journal_add(&seen, entry(REPLY, 0, 0, reply->number));
    return 0;
}

int order_sink_on_item(struct order_sink *self, const struct order_item *message)
{
    journal_add(&seen, entry(REQUEST, sn_self_index(self->sn), message->sender, message->number));
    return 0;
}

int order_sink_on_note(struct order_sink *self, const struct order_note *message)
{
    journal_add(&seen, entry(TELEMETRY, sn_self_index(self->sn), message->sender, message->number));
    return 0;
}

int order_sink_on_stop_at(struct order_sink *self, const struct order_stop_at *message)
{
    (void)self;
    if (message->gate != 0)
        gate_pass((struct gate *)(uintptr_t)message->gate);
    else
        journal_add(&neighbour, atomic_load(&seen.count));
    return 0;
}

int order_echo_on_query(struct order_echo *self, const struct order_query *message,
                        order_query_reply_to to)
{
    return order_echo_reply_query(self, to, &(struct order_query_reply){message->number});
}

static struct order *start(int number)
{
    struct order_options options = {.system = system_of(number)};
    struct order *app;

    ck_assert_int_eq(order_start(&options, &app), 0);
    return app;
}

static void finish(struct order *app)
{
    at_rest(app->sn);
    ck_assert_int_eq(order_stop(app), 0);
}

static void hold(struct order *app, const char *name)
{
    sn_ref ref;

    ck_assert_int_eq(sn_lookup(app->sn, name, &ref), 0);
    ck_assert_int_eq(sn_pause(app->sn, ref), 0);
}

static void release(struct order *app, const char *name)
{
    sn_ref ref;

    ck_assert_int_eq(sn_lookup(app->sn, name, &ref), 0);
    ck_assert_int_eq(sn_resume(app->sn, ref), 0);
}

/* Each sender's numbers reach each receiver in order, lane by lane. */
static void check_fifo(uint32_t senders, uint32_t numbers)
{
    static uint32_t next[2][3][8];
    uint32_t count = atomic_load(&seen.count);

    for (uint32_t i = 0; i < count; i++) {
        uint64_t one = seen.entries[i];
        uint32_t *expected = &next[one >> 60][one >> 50 & 3][one >> 32 & 7];

        ck_assert_uint_eq((uint32_t)one, *expected);
        (*expected)++;
    }
    for (uint32_t lane = 0; lane < 2; lane++)
        for (uint32_t receiver = 0; receiver < 3; receiver++)
            for (uint32_t sender = 0; sender < senders; sender++)
                ck_assert_uint_eq(next[lane][receiver][sender], numbers);
}

START_TEST(fifo_per_sender_receiver_and_lane)
{
    enum { BURSTS = 25, EACH = 40 };
    struct order *app = start(_i);

    for (uint32_t i = 0; i < BURSTS; i++)
        ck_assert_int_eq(
            order_send_wait_sources_burst_at(app, i % 6, &(struct order_burst){0, EACH}, PATIENCE),
            0);
    for (uint32_t i = BURSTS; i < 6 * BURSTS; i++)
        ck_assert_int_eq(
            order_send_wait_sources_burst_at(app, i % 6, &(struct order_burst){0, EACH}, PATIENCE),
            0);
    at_rest(app->sn);
    journal_await(&seen, 6 * BURSTS * EACH * 3 * 2);
    check_fifo(6, BURSTS * EACH);
    finish(app);
}
END_TEST

struct sender {
    struct order *app;
    uint32_t label;
};

enum { OUTSIDE_EACH = 500 };

static void *send_from_outside(void *data)
{
    struct sender *sender = data;
    struct order *own;

    ck_assert_int_eq(order_open(sender->app, &own), 0);
    for (uint32_t i = 0; i < OUTSIDE_EACH; i++) {
        struct order_item item = {sender->label, i};
        struct order_note note = {sender->label, i};

        for (uint32_t k = 0; k < 3; k++) {
            ck_assert_int_eq(order_send_wait_sinks_item_at(own, k, &item, PATIENCE), 0);
            ck_assert_int_eq(order_send_wait_sinks_note_at(own, k, &note, PATIENCE), 0);
        }
    }
    order_close(own);
    return NULL;
}

START_TEST(fifo_from_threads_outside)
{
    struct order *app = start(_i);
    struct sender senders[3];
    pthread_t threads[3];

    for (uint32_t i = 0; i < 3; i++) {
        senders[i] = (struct sender){app, i};
        pthread_create(&threads[i], NULL, send_from_outside, &senders[i]);
    }
    for (uint32_t i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    at_rest(app->sn);
    journal_await(&seen, 3 * OUTSIDE_EACH * 3 * 2);
    check_fifo(3, OUTSIDE_EACH);
    finish(app);
}
END_TEST

START_TEST(after_32_requests_one_telemetry_message)
{
    struct order *app = start(_i);
    uint32_t notes = 0, items = 0;

    hold(app, "lanes");
    for (uint32_t i = 0; i < 10; i++)
        ck_assert_int_eq(order_send_lanes_note(app, &(struct order_note){0, i}), 0);
    for (uint32_t i = 0; i < 200; i++)
        ck_assert_int_eq(order_send_lanes_item(app, &(struct order_item){0, i}), 0);
    release(app, "lanes");
    at_rest(app->sn);
    journal_await(&seen, 210);
    for (uint32_t i = 0; i < 210; i++) {
        bool is_note = seen.entries[i] >> 60 == TELEMETRY;

        ck_assert(is_note == (items == 200 || (i + 1) % (BURST + 1) == 0));
        ck_assert_uint_eq((uint32_t)seen.entries[i], is_note ? notes : items);
        notes += is_note;
        items += !is_note;
    }
    finish(app);
}
END_TEST

START_TEST(after_32_replies_one_request)
{
    struct gate gate = GATE_CLOSED;
    struct order *app = start(_i);
    struct sn_stats stats;
    uint32_t replies = 0;

    /* On one shard the echo answers between the asker's turns: let all replies come first. */
    hold(app, "echoes");
    ck_assert_int_eq(order_send_asker_ask_many(app, &(struct order_ask_many){100}), 0);
    AWAIT((sn_stats(app->sn, &stats), stats.asks_started == 100));
    ck_assert_int_eq(order_send_neighbour_stop_at(app, &(struct order_stop_at){(uintptr_t)&gate}),
                     0);
    gate_await(&gate, 1); /* shard 0 stands still */
    if (stats.shards > 1) {
        release(app, "echoes");
        AWAIT((sn_stats(app->sn, &stats), stats.handled >= 101));
    }
    for (uint32_t i = 0; i < 3; i++)
        ck_assert_int_eq(order_send_asker_item(app, &(struct order_item){0, i}), 0);
    gate_open(&gate);
    if (stats.shards == 1)
        release(app, "echoes");
    at_rest(app->sn);
    journal_await(&seen, 103);
    for (uint32_t i = 0; i < 103; i++)
        replies += seen.entries[i] >> 60 == REPLY;
    ck_assert_uint_eq(replies, 100);
    if (stats.shards > 1)
        for (uint32_t i = 0; i < 103; i++)
            ck_assert_msg((seen.entries[i] >> 60 == REQUEST) == ((i + 1) % (BURST + 1) == 0),
                          "entry %u", i);
    finish(app);
}
END_TEST

START_TEST(a_busy_actor_does_not_starve_its_neighbour)
{
    struct gate gate = GATE_CLOSED;
    struct order *app = start(_i);

    hold(app, "lanes");
    for (uint32_t i = 0; i < 999; i++)
        ck_assert_int_eq(order_send_lanes_item(app, &(struct order_item){0, i}), 0);
    ck_assert_int_eq(order_send_door_stop_at(app, &(struct order_stop_at){(uintptr_t)&gate}), 0);
    gate_await(&gate, 1);
    release(app, "lanes");
    ck_assert_int_eq(order_send_neighbour_stop_at(app, &(struct order_stop_at){0}), 0);
    gate_open(&gate);
    at_rest(app->sn);
    journal_await(&seen, 999);
    journal_await(&neighbour, 1);
    /* Both became runnable together: it waited for one turn of the other. */
    ck_assert_uint_le(neighbour.entries[0], 32);
    finish(app);
}
END_TEST

static void add(TCase *tests)
{
    EVERYWHERE(tests, fifo_per_sender_receiver_and_lane);
    EVERYWHERE(tests, fifo_from_threads_outside);
    EVERYWHERE(tests, after_32_requests_one_telemetry_message);
    EVERYWHERE(tests, after_32_replies_one_request);
    EVERYWHERE(tests, a_busy_actor_does_not_starve_its_neighbour);
}

int main(void)
{
    return run_suite("order", add);
}
