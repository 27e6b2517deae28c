/* SPDX-License-Identifier: MIT */
/*
 * Threads outside: sends, waiting for room, calls, futures, batches, and many threads at once.
 */
#include "port.h"
#include "port_sink.h"
#include "support.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { SINK_CAPACITY = 100, SMALL_CAPACITY = 4, THREADS = 8, FAILS = 666 };

static struct journal items; /* pool size, member, sender, number */

int port_sink_on_item(struct port_sink *self, const struct port_item *message)
{
    self->count++;
    self->last = message->number;
    ck_assert_uint_eq(message->text.data[message->text.size], '\0');
    journal_add(&items, (uint64_t)message->sender << 32 | message->number);
    return message->number == FAILS ? -EIO : 0;
}

int port_sink_on_crash(struct port_sink *self, const struct port_crash *message)
{
    (void)self;
    (void)message;
    return -EIO;
}

int port_sink_on_wait_at(struct port_sink *self, const struct port_wait_at *message)
{
    (void)self;
    gate_pass((struct gate *)(uintptr_t)message->gate);
    return 0;
}

int port_sink_on_query(struct port_sink *self, const struct port_query *message,
                       port_query_reply_to to)
{
    char text[32];
    int size = snprintf(text, sizeof text, "%u of %u", message->number, message->sender);
    struct port_query_reply reply = {message->number, self->count,
                                     sn_string_of(text, (size_t)size)};

    return message->number % 2 == 0 ? port_sink_reply_query(self, to, &reply)
                                    : port_sink_refuse_query(self, to, PORT_ODD);
}

int port_sink_on_keep(struct port_sink *self, const struct port_keep *message,
                      port_keep_reply_to to)
{
    (void)message;
    return port_sink_set_kept(self, to);
}

int port_sink_on_answer(struct port_sink *self, const struct port_answer *message)
{
    return port_sink_reply_keep(self, self->kept, &(struct port_keep_reply){message->number});
}

static struct port *start(int number)
{
    struct port_options options = {.system = system_of(number)};
    struct port *app;

    ck_assert_int_eq(port_start(&options, &app), 0);
    return app;
}

static struct sn_stats finish(struct port *app)
{
    struct sn_stats stats = at_rest(app->sn);

    ck_assert_int_eq(port_stop(app), 0);
    return stats;
}

static sn_ref find(struct port *app, const char *name)
{
    sn_ref ref;

    ck_assert_int_eq(sn_lookup(app->sn, name, &ref), 0);
    return ref;
}

static struct port_item item_of(uint32_t sender, uint32_t number)
{
    return (struct port_item){sender, number, sn_string("text")};
}

static int send_one(struct port *app, uint32_t number)
{
    struct port_item item = item_of(0, number);

    return port_send_sink_item(app, &item);
}

static int send_small(struct port *app, uint32_t number)
{
    struct port_item item = item_of(0, number);

    return port_send_small_item(app, &item);
}

static void block(struct port *app, struct gate *gate)
{
    ck_assert_int_eq(port_send_sink_wait_at(app, &(struct port_wait_at){(uintptr_t)gate}), 0);
    gate_await(gate, 1);
}

/* ---- sending -------------------------------------------------------------------------------- */

START_TEST(a_send_copies)
{
    struct gate gate = GATE_CLOSED;
    struct port *app = start(_i);
    char text[] = "before";
    struct port_item item = {1, 2, sn_string(text)};

    block(app, &gate);
    ck_assert_int_eq(port_send_sink_item(app, &item), 0);
    memset(text, 0, sizeof text); /* the handler would find a NUL too early */
    item.number = 9;
    gate_open(&gate);
    finish(app);
    ck_assert_uint_eq(items.entries[0], UINT64_C(1) << 32 | 2);
}
END_TEST

START_TEST(a_value_that_its_type_does_not_allow_is_refused)
{
    struct port *app = start(_i);
    char text[66];

    memset(text, 'x', sizeof text);
    struct port_item item = {0, 0, sn_string_of(text, 64)};
    ck_assert_int_eq(port_send_sink_item(app, &item), 0);
    item.text = sn_string_of(text, 65);
    ck_assert_int_eq(port_send_sink_item(app, &item), SN_TOO_LARGE);
    text[3] = '\0';
    item.text = sn_string_of(text, 64);
    ck_assert_int_eq(port_send_sink_item(app, &item), SN_INVALID);
    ck_assert_int_eq(port_send_members_item(app, &item), SN_INVALID); /* in a batch too */
    finish(app);
    journal_await(&items, 1);
}
END_TEST

struct waiter {
    struct port *app;
    uint64_t timeout_ns;
    _Atomic(int) rc;
    uint32_t number;
    pthread_t thread;
};

static void *wait_for_room(void *data)
{
    struct waiter *waiter = data;
    struct port *own;
    struct port_item item = item_of(1, waiter->number);

    ck_assert_int_eq(port_open(waiter->app, &own), 0);
    atomic_store(&waiter->rc, port_send_wait_sink_item(own, &item, waiter->timeout_ns));
    port_close(own);
    return NULL;
}

START_TEST(send_wait_waits_until_there_is_room)
{
    struct gate gate = GATE_CLOSED;
    struct port *app = start(_i);
    struct waiter waiters[THREADS];
    uint32_t queued = 0;

    block(app, &gate);
    while (send_one(app, queued) == 0)
        queued++;
    ck_assert_uint_ge(queued, SINK_CAPACITY - 1); /* the running message's place may come later */
    for (uint32_t i = 0; i < THREADS; i++) {
        waiters[i] = (struct waiter){.app = app, .timeout_ns = SN_FOREVER, .rc = -1, .number = i};
        pthread_create(&waiters[i].thread, NULL, wait_for_room, &waiters[i]);
    }
    ck_assert_int_eq(atomic_load(&waiters[0].rc), -1);
    gate_open(&gate);
    for (uint32_t i = 0; i < THREADS; i++) {
        pthread_join(waiters[i].thread, NULL);
        ck_assert_int_eq(atomic_load(&waiters[i].rc), 0);
    }
    finish(app);
    journal_await(&items, queued + THREADS);
}
END_TEST

START_TEST(send_wait_gives_up_when_its_time_is_over)
{
    struct gate gate = GATE_CLOSED;
    struct port *app = start(_i);
    struct port_item item = item_of(0, 1);
    uint32_t queued = 0;

    block(app, &gate);
    while (send_one(app, queued) == 0)
        queued++;
    uint64_t before_ns = real_now_ns();
    ck_assert_int_eq(port_send_wait_sink_item(app, &item, 20 * SN_MS), SN_TIMEOUT);
    ck_assert_uint_ge(real_now_ns() - before_ns, 20 * SN_MS);
    ck_assert_int_eq(port_send_wait_sink_item(app, &item, 0), SN_FULL);
    gate_open(&gate);
    finish(app);
    journal_await(&items, queued);
}
END_TEST

/* A mailbox of four and eight threads that always wait: nobody is forgotten. */
static void *push_through(void *data)
{
    struct waiter *waiter = data;
    struct port *own;

    ck_assert_int_eq(port_open(waiter->app, &own), 0);
    for (uint32_t i = 0; i < 500; i++) {
        struct port_item item = item_of(waiter->number, i);

        ck_assert_int_eq(port_send_wait_small_item(own, &item, SN_FOREVER), 0);
    }
    port_close(own);
    return NULL;
}

START_TEST(waiting_for_room_never_forgets_anybody)
{
    struct port *app = start(_i);
    struct waiter waiters[THREADS];

    for (uint32_t i = 0; i < THREADS; i++) {
        waiters[i] = (struct waiter){.app = app, .number = i};
        pthread_create(&waiters[i].thread, NULL, push_through, &waiters[i]);
    }
    for (uint32_t i = 0; i < THREADS; i++)
        pthread_join(waiters[i].thread, NULL);
    finish(app);
    journal_await(&items, THREADS * 500);
}
END_TEST

/* ---- calls and futures ---------------------------------------------------------------------- */

START_TEST(a_call_gives_the_reply_or_the_error)
{
    struct port *app = start(_i);
    struct port_query_reply reply = {0};

    ck_assert_int_eq(port_call_sink_query(app, &(struct port_query){5, 2}, &reply), 0);
    ck_assert_uint_eq(reply.number, 2);
    ck_assert(sn_string_is(reply.text, "2 of 5"));
    ck_assert_int_eq(port_call_sink_query(app, &(struct port_query){5, 3}, &reply), PORT_ODD);
    ck_assert_str_eq(port_result_name(PORT_ODD), "PORT_ODD");
    ck_assert_str_eq(port_result_name(SN_FULL), "SN_FULL");
    ck_assert_int_eq(port_call_members_query_all(app, &(struct port_query){5, 2}), 0);
    ck_assert_int_eq(port_call_members_query_all(app, &(struct port_query){5, 1}), PORT_ODD);
    finish(app);
}
END_TEST

START_TEST(futures_are_waited_for_in_any_order)
{
    enum { MANY = 2000 };
    struct port *app = start(_i);
    static struct port_query_future futures[MANY];

    for (uint32_t i = 0; i < MANY; i++)
        ck_assert_int_eq(port_ask_sink_query(app, &(struct port_query){0, 2 * i}, &futures[i]), 0);
    for (uint32_t i = MANY; i-- > 0;) {
        struct port_query_reply reply;

        ck_assert_int_eq(port_query_future_wait(&futures[i], PATIENCE, &reply), 0);
        ck_assert_uint_eq(reply.number, 2 * i);
        ck_assert_ptr_null(futures[i].sn);
    }
    finish(app);
}
END_TEST

START_TEST(a_wait_that_times_out_can_be_repeated)
{
    struct gate gate = GATE_CLOSED;
    struct port *app = start(_i);
    struct port_query_future future;
    struct port_query_reply reply;

    block(app, &gate);
    ck_assert_int_eq(port_ask_sink_query(app, &(struct port_query){0, 2}, &future), 0);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(port_query_future_wait(&future, SN_MS, &reply), SN_TIMEOUT);
        ck_assert_ptr_nonnull(future.sn);
    }
    gate_open(&gate);
    ck_assert_int_eq(port_query_future_wait(&future, PATIENCE, &reply), 0);
    ck_assert_uint_eq(reply.number, 2);
    finish(app);
}
END_TEST

START_TEST(the_deadline_of_a_call_ends_it)
{
    struct port *app = start(_i);
    struct port_keep_reply reply;

    uint64_t before_ns = real_now_ns();
    ck_assert_int_eq(port_call_sink_keep(app, &(struct port_keep){1}, &reply), SN_TIMEOUT);
    ck_assert_uint_ge(real_now_ns() - before_ns, 20 * SN_MS);
    ck_assert_int_eq(port_send_sink_answer(app, &(struct port_answer){1}), 0);
    ck_assert_uint_eq(finish(app).late_replies, 1);
}
END_TEST

START_TEST(a_dropped_future_makes_the_reply_late)
{
    struct gate gate = GATE_CLOSED;
    struct port *app = start(_i);
    struct port_query_future future, empty = {NULL};

    block(app, &gate);
    ck_assert_int_eq(port_ask_sink_query(app, &(struct port_query){0, 2}, &future), 0);
    port_query_future_drop(&future);
    ck_assert_ptr_null(future.sn);
    port_query_future_drop(&empty);
    gate_open(&gate);
    ck_assert_uint_eq(finish(app).late_replies, 1);
}
END_TEST

START_TEST(an_index_past_the_end_is_gone)
{
    struct port *app = start(_i);
    struct port_item item = item_of(0, 1);
    struct port_query_reply reply;

    ck_assert_int_eq(port_send_members_wait_at_at(app, 3, &(struct port_wait_at){0}), SN_GONE);
    ck_assert_int_eq(port_send_members_item_at(app, 3, &item), SN_GONE);
    ck_assert_int_eq(port_send_members_item_at(app, UINT32_MAX, &item), SN_GONE);
    ck_assert_int_eq(port_call_members_query_at(app, 3, &(struct port_query){0, 2}, &reply),
                     SN_GONE);
    ck_assert_int_eq(port_send_members_item_at(app, 2, &item), 0);
    finish(app);
}
END_TEST

START_TEST(ping_answers_times_out_or_says_gone)
{
    struct gate gate = GATE_CLOSED;
    struct port *app = start(_i);
    sn_ref nobody = {0}, never = {find(app, "sink").value + 1};

    ck_assert_int_eq(sn_ping(app->sn, find(app, "sink"), PATIENCE), 0);
    ck_assert_int_eq(sn_ping(app->sn, nobody, PATIENCE), SN_GONE);
    ck_assert_int_eq(sn_ping(app->sn, never, PATIENCE), SN_GONE);
    ck_assert_int_eq(sn_pause(app->sn, never), SN_GONE);
    ck_assert_int_eq(sn_resume(app->sn, nobody), SN_GONE);
    ck_assert_int_eq(sn_pause(app->sn, find(app, "sink")), 0);
    ck_assert_int_eq(sn_ping(app->sn, find(app, "sink"), PATIENCE), 0); /* paused answers too */
    ck_assert_int_eq(sn_resume(app->sn, find(app, "sink")), 0);
    block(app, &gate);
    ck_assert_int_eq(sn_ping(app->sn, find(app, "sink"), SN_MS), SN_TIMEOUT);
    gate_open(&gate);
    finish(app);
}
END_TEST

START_TEST(pause_and_resume_take_effect_before_the_next_message)
{
    struct port *app = start(_i);
    struct port_query_future future;
    struct port_query_reply reply;

    for (int round = 0; round < 50; round++) {
        ck_assert_int_eq(sn_pause(app->sn, find(app, "sink")), 0);
        ck_assert_int_eq(port_ask_sink_query(app, &(struct port_query){0, 2}, &future), 0);
        ck_assert_int_eq(sn_ping(app->sn, find(app, "sink"), PATIENCE), 0);
        ck_assert_int_eq(port_query_future_wait(&future, 0, &reply), SN_TIMEOUT);
        ck_assert_int_eq(sn_resume(app->sn, find(app, "sink")), 0);
        ck_assert_int_eq(port_query_future_wait(&future, PATIENCE, &reply), 0);
    }
    finish(app);
}
END_TEST

/* ---- batches -------------------------------------------------------------------------------- */

START_TEST(a_batch_keeps_the_order_with_other_sends)
{
    struct port *app = start(_i);
    struct port_query_reply reply;
    uint32_t sent = 0;

    for (uint32_t round = 0; round < 200; round++) {
        for (uint32_t i = 0; i < 1 + round % 5; i++) {
            struct port_item item = item_of(0, 1000 + sent);

            ck_assert_int_eq(port_send_wait_small_item(app, &item, SN_FOREVER), 0);
            sent++;
        }
        ck_assert_int_eq(port_call_small_query(app, &(struct port_query){0, 0}, &reply), 0);
        ck_assert_uint_eq(reply.count, sent); /* the call came behind all of them */
    }
    finish(app);
    for (uint32_t i = 0; i < sent; i++)
        ck_assert_uint_eq(items.entries[i], 1000 + i);
}
END_TEST

START_TEST(each_record_of_a_batch_takes_a_place)
{
    struct port *app = start(_i);
    sn_ref small = find(app, "small");

    for (uint32_t round = 1; round <= 5; round++) {
        uint32_t sent = 0;

        ck_assert_int_eq(sn_pause(app->sn, small), 0);
        AWAIT((sent += send_small(app, 1) == 0) == SMALL_CAPACITY);
        for (int i = 0; i < 10; i++)
            ck_assert_int_eq(send_small(app, 1), SN_FULL);
        ck_assert_int_eq(sn_resume(app->sn, small), 0);
        at_rest(app->sn);
        journal_await(&items, round * SMALL_CAPACITY);
    }
    finish(app);
}
END_TEST

START_TEST(a_record_that_fails_takes_no_other_with_it)
{
    struct port *app = start(_i);

    for (uint32_t i = 0; i < 3; i++)
        ck_assert_int_eq(send_small(app, i == 1 ? FAILS : i), 0);
    port_flush(app);
    struct sn_stats stats = at_rest(app->sn);
    journal_await(&items, 3);
    ck_assert_uint_eq(items.entries[2], 2);
    ck_assert_uint_eq(stats.handled, 2);
    ck_assert_uint_eq(stats.failed, 1);
    ck_assert_uint_eq(stats.restarts, 1);
    /* All places came back. */
    AWAIT(send_small(app, 1) == 0 && send_small(app, 1) == 0 && send_small(app, 1) == 0);
    finish(app);
}
END_TEST

START_TEST(what_a_batch_holds_is_sent_at_the_close_and_the_stop)
{
    struct port *app = start(_i);
    struct port *own;
    struct port_item item = item_of(0, 1);

    ck_assert_int_eq(port_open(app, &own), 0);
    ck_assert_int_eq(port_send_members_item_at(own, 0, &item), 0);
    port_close(own);
    ck_assert_int_eq(port_send_members_item_all(app, &item), 0);
    ck_assert_int_eq(port_stop(app), 0);
    journal_await(&items, 4);
}
END_TEST

/* ---- many threads --------------------------------------------------------------------------- */

static void *use_the_shared_handle(void *data)
{
    struct waiter *waiter = data;

    for (uint32_t i = 0; i < 200; i++) {
        struct port_item item = item_of(waiter->number, i);
        struct port_query query = {waiter->number, 2 * i};
        struct port_query_reply reply;
        char expected[32];

        ck_assert_int_eq(port_send_wait_sink_item(waiter->app, &item, SN_FOREVER), 0);
        ck_assert_int_eq(port_send_wait_members_item(waiter->app, &item, SN_FOREVER), 0);
        ck_assert_int_eq(port_call_sink_query(waiter->app, &query, &reply), 0);
        snprintf(expected, sizeof expected, "%u of %u", 2 * i, waiter->number);
        /* The reply is this thread's until it waits again, whatever others wait for. */
        give_way();
        ck_assert_msg(sn_string_is(reply.text, expected), "%s", reply.text.data);
    }
    return NULL;
}

static void run_threads(struct port *app, void *(*function)(void *data))
{
    struct waiter waiters[THREADS];

    for (uint32_t i = 0; i < THREADS; i++) {
        waiters[i] = (struct waiter){.app = app, .number = i};
        pthread_create(&waiters[i].thread, NULL, function, &waiters[i]);
    }
    for (uint32_t i = 0; i < THREADS; i++)
        pthread_join(waiters[i].thread, NULL);
}

START_TEST(many_threads_share_the_first_handle)
{
    struct port *app = start(_i);

    run_threads(app, use_the_shared_handle);
    ck_assert_uint_eq(finish(app).handled, THREADS * 200 * 3);
    journal_await(&items, THREADS * 200 * 2);
}
END_TEST

static void *open_and_close(void *data)
{
    struct waiter *waiter = data;

    for (uint32_t i = 0; i < 30; i++) {
        struct waiter own = *waiter;

        ck_assert_int_eq(port_open(waiter->app, &own.app), 0);
        struct port_query_future forgotten;
        ck_assert_int_eq(port_ask_sink_query(own.app, &(struct port_query){0, 2}, &forgotten), 0);
        port_query_future_drop(&forgotten); /* its reply comes to a port that is closed */
        struct port_item item = item_of(waiter->number, i);
        ck_assert_int_eq(port_send_wait_members_item(own.app, &item, SN_FOREVER), 0);
        port_close(own.app);
    }
    return NULL;
}

START_TEST(handles_are_opened_and_closed_all_the_time)
{
    struct port *app = start(_i);

    run_threads(app, open_and_close);
    finish(app);
    journal_await(&items, THREADS * 30);
}
END_TEST

static void add(TCase *tests)
{
    EVERYWHERE(tests, a_send_copies);
    EVERYWHERE(tests, a_value_that_its_type_does_not_allow_is_refused);
    EVERYWHERE(tests, send_wait_waits_until_there_is_room);
    EVERYWHERE(tests, send_wait_gives_up_when_its_time_is_over);
    EVERYWHERE(tests, waiting_for_room_never_forgets_anybody);
    EVERYWHERE(tests, a_call_gives_the_reply_or_the_error);
    EVERYWHERE(tests, futures_are_waited_for_in_any_order);
    EVERYWHERE(tests, a_wait_that_times_out_can_be_repeated);
    EVERYWHERE(tests, the_deadline_of_a_call_ends_it);
    EVERYWHERE(tests, a_dropped_future_makes_the_reply_late);
    EVERYWHERE(tests, an_index_past_the_end_is_gone);
    EVERYWHERE(tests, ping_answers_times_out_or_says_gone);
    EVERYWHERE(tests, pause_and_resume_take_effect_before_the_next_message);
    EVERYWHERE(tests, a_batch_keeps_the_order_with_other_sends);
    EVERYWHERE(tests, each_record_of_a_batch_takes_a_place);
    EVERYWHERE(tests, a_record_that_fails_takes_no_other_with_it);
    EVERYWHERE(tests, what_a_batch_holds_is_sent_at_the_close_and_the_stop);
    EVERYWHERE(tests, many_threads_share_the_first_handle);
    EVERYWHERE(tests, handles_are_opened_and_closed_all_the_time);
}

int main(void)
{
    return run_suite("ports", add);
}
