/* SPDX-License-Identifier: MIT */
/*
 * Retries and circuit breakers, through the generated calls: what is tried again, how often and
 * when; that an ask still completes once and a message is still counted once; and that a breaker
 * opens, probes and closes.
 */
#include "caution.h"
#include "caution_client.h"
#include "caution_store.h"
#include "caution_tray.h"
#include "support.h"

#include <errno.h>

typedef int (*script)(struct caution_client *self, void *data);

enum { TRAY = 2, WAITING_MAX = 64 };

static struct journal completions, items, letters;
static _Atomic(int) failing; /* how many fetches from now on fail */
static _Atomic(int) tried;
static struct manual_clock hands;

/* ---- the workers ---------------------------------------------------------------------------- */

int caution_client_on_perform(struct caution_client *self, const struct caution_perform *message,
                              caution_perform_reply_to to)
{
    int rc = ((script)(uintptr_t)message->function)(self, (void *)(uintptr_t)message->data);

    return rc != 0 ? rc : caution_client_reply_perform(self, to);
}

static int complete(int outcome, const struct caution_fetch_reply *reply)
{
    ck_assert((reply != NULL) == (outcome == 0));
    if (outcome == 0)
        ck_assert(sn_string_is(reply->key, "some key"));
    journal_add(&completions, (uint64_t)outcome);
    return 0;
}

int caution_client_on_steady(struct caution_client *self,
                             const struct caution_client_steady *context, int outcome,
                             const struct caution_fetch_reply *reply)
{
    (void)self;
    ck_assert_uint_eq(context->number, 17);
    return complete(outcome, reply);
}

int caution_client_on_brief(struct caution_client *self, int outcome,
                            const struct caution_fetch_reply *reply)
{
    (void)self;
    return complete(outcome, reply);
}

int caution_client_on_wary(struct caution_client *self, int outcome,
                           const struct caution_fetch_reply *reply)
{
    (void)self;
    return complete(outcome, reply);
}

int caution_client_on_both(struct caution_client *self, int outcome,
                           const struct caution_fetch_reply *reply)
{
    (void)self;
    return complete(outcome, reply);
}

int caution_tray_on_item(struct caution_tray *self, const struct caution_item *message)
{
    (void)self;
    journal_add(&items, message->number);
    return 0;
}

/* Each try brings the whole request: what it points to was moved, not shared. */
int caution_store_on_fetch(struct caution_store *self, const struct caution_fetch *message,
                           caution_fetch_reply_to to)
{
    int count = atomic_fetch_add(&tried, 1) + 1;

    ck_assert(sn_string_is(message->key, "some key"));
    ck_assert_uint_eq(message->numbers.count, 3);
    for (uint32_t i = 0; i < 3; i++)
        ck_assert_uint_eq(message->numbers.items[i], i + 5);
    if (atomic_load(&failing) > 0 && atomic_fetch_sub(&failing, 1) > 0)
        return -EIO;
    return caution_store_reply_fetch(
        self, to, &(struct caution_fetch_reply){.key = message->key, .tried = (uint32_t)count});
}

/* ---- the kit -------------------------------------------------------------------------------- */

static const uint32_t numbers[] = {5, 6, 7};

static struct caution_fetch request(void)
{
    return (struct caution_fetch){.key = sn_string("some key"), .numbers = {numbers, 3}};
}

static void on_letter(const struct sn_dead_letter *letter, void *user)
{
    (void)user;
    journal_add(&letters, (uint64_t)letter->reason);
}

static struct caution *start(int number)
{
    struct caution_options options = {.system = system_of(number)};
    struct caution *app;

    manual_clock_init(&hands);
    options.system.clock = &hands.clock;
    options.system.dead_letter = on_letter;
    ck_assert_int_eq(caution_start(&options, &app), 0);
    return app;
}

static sn_ref find(struct caution *app, const char *name)
{
    sn_ref ref;

    ck_assert_int_eq(sn_lookup(app->sn, name, &ref), 0);
    return ref;
}

static void ping(struct caution *app, const char *name)
{
    ck_assert_int_eq(sn_ping(app->sn, find(app, name), PATIENCE), 0);
}

static void hold(struct caution *app, const char *name)
{
    ck_assert_int_eq(sn_pause(app->sn, find(app, name)), 0);
    ping(app, name);
}

static void release(struct caution *app, const char *name)
{
    ck_assert_int_eq(sn_resume(app->sn, find(app, name)), 0);
}

/* Time moves; both shards look at it and at what the other has sent because of it. */
static void advance(struct caution *app, uint64_t by_ns)
{
    manual_clock_advance(&hands, by_ns);
    for (int i = 0; i < 4; i++) {
        ping(app, "client");
        ping(app, "store");
    }
}

static int perform(struct caution *app, script function, void *data)
{
    return caution_call_client_perform(
        app, &(struct caution_perform){(uintptr_t)function, (uintptr_t)data});
}

static struct sn_stats stats_of(struct caution *app)
{
    struct sn_stats stats;

    sn_stats(app->sn, &stats);
    return stats;
}

static struct sn_stats finish(struct caution *app)
{
    struct sn_stats stats = at_rest(app->sn);

    ck_assert_int_eq(caution_stop(app), 0);
    return stats;
}

/* ---- asks that are asked again -------------------------------------------------------------- */

static int ask_steady(struct caution_client *self, void *data)
{
    struct caution_fetch fetch = request();

    (void)data;
    return caution_client_ask_steady(self, &fetch, &(struct caution_client_steady){17});
}

static int ask_brief(struct caution_client *self, void *data)
{
    struct caution_fetch fetch = request();

    (void)data;
    return caution_client_ask_brief(self, &fetch);
}

/* Let time go by, a millisecond at a time, until so many asks have completed. */
static uint64_t advance_until(struct caution *app, uint32_t count)
{
    uint64_t start_ns = atomic_load(&hands.now_ns);

    for (int i = 0; i < 2000 && atomic_load(&completions.count) < count; i++)
        advance(app, SN_MS);
    journal_await(&completions, count);
    return atomic_load(&hands.now_ns) - start_ns;
}

START_TEST(an_ask_is_asked_again_until_it_is_answered)
{
    struct caution *app = start(_i);

    atomic_store(&failing, 2);
    ck_assert_int_eq(perform(app, ask_steady, NULL), 0);
    uint64_t took_ns = advance_until(app, 1);
    ck_assert_uint_eq(completions.entries[0], 0);
    ck_assert_int_eq(atomic_load(&tried), 3);
    ck_assert_uint_ge(took_ns, 10 * SN_MS + 20 * SN_MS);
    ck_assert_uint_le(took_ns, 20 * SN_MS + 40 * SN_MS + 4 * SN_MS);
    struct sn_stats stats = finish(app);
    ck_assert_uint_eq(stats.retries, 2);
    ck_assert_uint_eq(stats.accepted, 2); /* the script and the request: a retry is no other one */
    ck_assert_uint_eq(stats.failed, 1);
}
END_TEST

START_TEST(an_ask_that_always_fails_completes_once_with_its_last_outcome)
{
    struct caution *app = start(_i);

    atomic_store(&failing, 1000);
    ck_assert_int_eq(perform(app, ask_steady, NULL), 0);
    advance_until(app, 1);
    ck_assert_uint_eq(completions.entries[0], SN_FAILED);
    ck_assert_int_eq(atomic_load(&tried), 4);
    advance(app, 10 * SN_SECOND);
    journal_await(&completions, 1);
    journal_await(&letters, 1); /* shown once */
    ck_assert_uint_eq(finish(app).retries, 3);
}
END_TEST

START_TEST(no_retry_comes_after_the_deadline)
{
    struct caution *app = start(_i);

    atomic_store(&failing, 1000);
    ck_assert_int_eq(perform(app, ask_brief, NULL), 0);
    uint64_t took_ns = advance_until(app, 1);
    ck_assert_uint_eq(completions.entries[0], SN_FAILED);
    ck_assert_uint_lt(took_ns, 25 * SN_MS);
    ck_assert_int_eq(atomic_load(&tried), 3); /* after 0, 10 and 20 ms */
    finish(app);
}
END_TEST

START_TEST(a_deadline_that_passes_is_not_asked_again)
{
    struct caution *app = start(_i);

    hold(app, "store");
    ck_assert_int_eq(perform(app, ask_brief, NULL), 0);
    advance_until(app, 1);
    ck_assert_uint_eq(completions.entries[0], SN_TIMEOUT);
    release(app, "store");
    struct sn_stats stats = finish(app);
    ck_assert_uint_eq(stats.retries, 0);
    ck_assert_uint_eq(stats.expired, 1);
}
END_TEST

static int ask_and_fail(struct caution_client *self, void *data)
{
    int rc = ask_steady(self, data);

    return rc != 0 ? rc : -EIO;
}

START_TEST(a_handler_that_fails_has_not_asked)
{
    struct caution *app = start(_i);

    ck_assert_int_eq(perform(app, ask_and_fail, NULL), SN_FAILED);
    advance(app, SN_SECOND);
    ck_assert_int_eq(atomic_load(&tried), 0);
    ck_assert_uint_eq(finish(app).accepted, 1); /* the script */
}
END_TEST

static int fail_now(struct caution_client *self, void *data)
{
    (void)self, (void)data;
    return -EIO;
}

START_TEST(an_asker_that_ends_during_a_pause_asks_no_more)
{
    struct caution *app = start(_i);

    atomic_store(&failing, 1);
    ck_assert_int_eq(perform(app, ask_steady, NULL), 0);
    AWAIT(atomic_load(&tried) == 1);
    advance(app, 0);
    ck_assert_int_eq(perform(app, fail_now, NULL), SN_FAILED);
    advance(app, SN_SECOND);
    ck_assert_int_eq(atomic_load(&tried), 1);
    ck_assert_uint_eq(finish(app).retries, 0);
    journal_await(&completions, 0);
}
END_TEST

/* ---- messages that wait for room ------------------------------------------------------------ */

static int send_items(struct caution_client *self, void *data)
{
    uint32_t count = *(uint32_t *)data;

    for (uint32_t i = 0; i < count; i++) {
        int rc = caution_client_send_tray_item(self, &(struct caution_item){i});

        if (rc != 0) {
            *(uint32_t *)data = i;
            break;
        }
    }
    return 0;
}

START_TEST(a_message_without_room_is_tried_again_and_in_order)
{
    struct caution *app = start(_i);
    uint32_t count = TRAY + 3;

    hold(app, "tray");
    ck_assert_int_eq(perform(app, send_items, &count), 0);
    ck_assert_uint_eq(count, TRAY + 3);
    advance(app, 9 * SN_MS); /* before the first pause is over */
    ck_assert_uint_eq(stats_of(app).retries, 0);
    advance(app, 12 * SN_MS);
    ck_assert_uint_eq(stats_of(app).retries, 1);
    release(app, "tray");
    for (int i = 0; i < 200 && atomic_load(&items.count) < count; i++)
        advance(app, SN_MS);
    journal_await(&items, count);
    for (uint32_t i = 0; i < count; i++)
        ck_assert_uint_eq(items.entries[i], i);
    struct sn_stats stats = finish(app);
    ck_assert_uint_eq(stats.accepted, count + 1);
    ck_assert_uint_eq(stats.handled, count + 1);
    ck_assert_uint_eq(stats.rejected, 0);
}
END_TEST

START_TEST(after_the_last_try_it_is_a_dead_letter)
{
    struct caution *app = start(_i);
    uint32_t count = TRAY + 1;

    hold(app, "tray");
    ck_assert_int_eq(perform(app, send_items, &count), 0);
    for (int i = 0; i < 400 && atomic_load(&letters.count) == 0; i++)
        advance(app, SN_MS);
    journal_await(&letters, 1);
    ck_assert_uint_eq(letters.entries[0], SN_DROPPED);
    release(app, "tray");
    struct sn_stats stats = finish(app);
    ck_assert_uint_eq(stats.retries, 3);
    ck_assert_uint_eq(stats.dead_lettered, 1);
    ck_assert_uint_eq(stats.handled, TRAY + 1);
}
END_TEST

START_TEST(so_many_wait_and_no_more)
{
    struct caution *app = start(_i);
    uint32_t count = 1000;

    hold(app, "tray");
    ck_assert_int_eq(perform(app, send_items, &count), 0);
    ck_assert_uint_eq(count, TRAY + WAITING_MAX);
    release(app, "tray");
    for (int i = 0; i < 20000 && atomic_load(&items.count) < count; i++)
        advance(app, SN_MS);
    journal_await(&items, count);
    ck_assert_uint_eq(finish(app).rejected, 1);
}
END_TEST

/* ---- breakers ------------------------------------------------------------------------------- */

static int send_slim(struct caution_client *self, void *data)
{
    *(int *)data = caution_client_send_slim_item(self, &(struct caution_item){1});
    return 0;
}

static void expect_slim(struct caution *app, int expected)
{
    int rc = -1;

    ck_assert_int_eq(perform(app, send_slim, &rc), 0);
    ck_assert_int_eq(rc, expected);
}

START_TEST(a_breaker_opens_probes_and_closes)
{
    struct caution *app = start(_i);

    hold(app, "slim");
    ck_assert_int_eq(caution_send_slim_item(app, &(struct caution_item){0}), 0);
    for (int i = 0; i < 3; i++)
        expect_slim(app, SN_FULL);
    for (int i = 0; i < 5; i++)
        expect_slim(app, SN_OPEN);
    advance(app, 999 * SN_MS);
    expect_slim(app, SN_OPEN);
    advance(app, SN_MS);
    expect_slim(app, SN_FULL); /* the probe */
    expect_slim(app, SN_OPEN);
    advance(app, SN_SECOND);
    release(app, "slim");
    journal_await(&items, 1);
    expect_slim(app, 0);
    journal_await(&items, 2);
    expect_slim(app, 0);
    journal_await(&items, 3);
    struct sn_stats stats = finish(app);
    ck_assert_uint_eq(stats.breakers_opened, 2);
    ck_assert_uint_eq(stats.breaker_refusals, 7);
    ck_assert_uint_eq(stats.rejected, 4);
}
END_TEST

static int ask_wary(struct caution_client *self, void *data)
{
    struct caution_fetch fetch = request();

    *(int *)data = caution_client_ask_wary(self, &fetch);
    return 0;
}

static void expect_wary(struct caution *app, int expected)
{
    int rc = -1;

    ck_assert_int_eq(perform(app, ask_wary, &rc), 0);
    ck_assert_int_eq(rc, expected);
}

static int ask_wary_and_fail(struct caution_client *self, void *data)
{
    struct caution_fetch fetch = request();

    (void)data;
    ck_assert_int_eq(caution_client_ask_wary(self, &fetch), 0);
    return -EIO;
}

START_TEST(outcomes_of_asks_open_a_breaker_and_a_lost_probe_is_made_up_for)
{
    struct caution *app = start(_i);

    atomic_store(&failing, 2);
    for (uint32_t i = 0; i < 2; i++) {
        expect_wary(app, 0);
        journal_await(&completions, i + 1);
    }
    expect_wary(app, SN_OPEN);
    advance(app, SN_SECOND);
    ck_assert_int_eq(perform(app, ask_wary_and_fail, NULL), SN_FAILED); /* had the probe */
    hold(app, "store");
    expect_wary(app, 0);
    expect_wary(app, SN_OPEN); /* while the probe is under way */
    release(app, "store");
    journal_await(&completions, 3);
    ck_assert_uint_eq(completions.entries[2], 0);
    expect_wary(app, 0);
    journal_await(&completions, 4);
    struct sn_stats stats = finish(app);
    ck_assert_uint_eq(stats.breakers_opened, 1);
    ck_assert_uint_eq(stats.breaker_refusals, 2);
}
END_TEST

static int ask_both(struct caution_client *self, void *data)
{
    struct caution_fetch fetch = request();

    *(int *)data = caution_client_ask_both(self, &fetch);
    return 0;
}

START_TEST(a_request_without_room_waits_and_its_failures_open_the_breaker)
{
    struct caution *app = start(_i);
    struct caution_fetch fetch = request();
    struct caution_fetch_future future;
    struct caution_fetch_reply reply;
    int rc = -1;

    hold(app, "narrow");
    ck_assert_int_eq(caution_ask_narrow_fetch(app, &fetch, &future), 0);
    ck_assert_int_eq(perform(app, ask_both, &rc), 0);
    ck_assert_int_eq(rc, 0);
    advance_until(app, 1);
    ck_assert_uint_eq(completions.entries[0], SN_DROPPED);
    release(app, "narrow");
    ck_assert_int_eq(caution_fetch_future_wait(&future, PATIENCE, &reply), 0);
    struct sn_stats stats = finish(app);
    ck_assert_uint_eq(stats.retries, 2);
    ck_assert_uint_eq(stats.breakers_opened, 1); /* by the first retry; the second was refused */
    ck_assert_uint_eq(stats.breaker_refusals, 1);
    ck_assert_uint_eq(stats.dead_lettered, 1);
}
END_TEST

/* ---- threads outside ------------------------------------------------------------------------ */

/* In real time: the thread that calls sleeps between its tries. */
static struct caution *start_in_real_time(int number)
{
    struct caution_options options = {.system = system_of(number)};
    struct caution *app;

    options.system.dead_letter = on_letter;
    ck_assert_int_eq(caution_start(&options, &app), 0);
    return app;
}

START_TEST(a_call_from_outside_is_tried_again_until_it_is_answered)
{
    struct caution *app = start_in_real_time(_i);
    struct caution_fetch fetch = request();
    struct caution_fetch_reply reply = {0};

    atomic_store(&failing, 3);
    ck_assert_int_eq(caution_call_shop_fetch(app, &fetch, &reply), 0);
    ck_assert_uint_eq(reply.tried, 4);
    ck_assert(sn_string_is(reply.key, "some key"));
    struct sn_stats stats = finish(app);
    ck_assert_uint_eq(stats.retries, 3);
    ck_assert_uint_eq(stats.accepted, 4); /* each try is a call of its own */
    ck_assert_uint_eq(stats.failed, 3);
    ck_assert_uint_eq(stats.asks_completed, 4);
}
END_TEST

START_TEST(a_call_from_outside_ends_with_its_last_outcome)
{
    struct caution *app = start_in_real_time(_i);
    struct caution_fetch fetch = request();
    struct caution_fetch_future future;

    atomic_store(&failing, 4);
    ck_assert_int_eq(caution_call_shop_fetch(app, &fetch, NULL), SN_FAILED);
    ck_assert_int_eq(atomic_load(&tried), 4);
    atomic_store(&failing, 1);
    ck_assert_int_eq(caution_ask_shop_fetch(app, &fetch, &future), 0); /* asks once */
    ck_assert_int_eq(caution_fetch_future_wait(&future, PATIENCE, NULL), SN_FAILED);
    ck_assert_uint_eq(finish(app).retries, 3);
}
END_TEST

/* The deadline is that of all tries: nothing else could end this call so soon. */
START_TEST(a_call_from_outside_ends_at_its_deadline)
{
    struct caution *app = start_in_real_time(_i);
    struct caution_fetch fetch = request();
    uint64_t begin_ns = real_now_ns();

    hold(app, "shop");
    ck_assert_int_eq(caution_call_shop_fetch(app, &fetch, NULL), SN_TIMEOUT);
    ck_assert_uint_ge(real_now_ns() - begin_ns, 300 * SN_MS);
    ck_assert_uint_eq(stats_of(app).retries, 0); /* a time-out is not tried again */
    release(app, "shop");
    ck_assert_uint_eq(finish(app).expired, 1);
}
END_TEST

static _Atomic(int) outcome;

static void *call_store(void *app)
{
    struct caution_fetch fetch = request();

    atomic_store(&outcome, caution_call_store_fetch(app, &fetch, NULL));
    return NULL;
}

START_TEST(a_stop_wakes_who_sleeps_between_two_tries)
{
    struct caution *app = start_in_real_time(_i);
    pthread_t thread;

    atomic_store(&failing, 1);
    ck_assert_int_eq(pthread_create(&thread, NULL, call_store, app), 0);
    AWAIT(stats_of(app).failed == 1 && stats_of(app).asks_outstanding == 0);
    ck_assert_int_eq(caution_stop(app), 0); /* a minute before the next try */
    pthread_join(thread, NULL);
    ck_assert_int_eq(atomic_load(&outcome), SN_GONE);
}
END_TEST

START_TEST(a_breaker_of_threads_outside_opens_probes_and_closes)
{
    struct caution *app = start(_i);
    struct caution_item item = {1};

    hold(app, "stall");
    ck_assert_int_eq(caution_send_stall_item(app, &item), 0);
    ck_assert_int_eq(caution_send_stall_item(app, &item), SN_FULL);
    ck_assert_int_eq(caution_send_stall_item(app, &item), SN_FULL);
    ck_assert_int_eq(caution_send_stall_item(app, &item), SN_OPEN);
    ck_assert_int_eq(caution_send_wait_stall_item(app, &item, SN_FOREVER), SN_OPEN);
    ck_assert_uint_eq(stats_of(app).breakers_opened, 1);
    ck_assert_uint_eq(stats_of(app).breaker_refusals, 2);
    manual_clock_advance(&hands, SN_SECOND);
    ck_assert_int_eq(caution_send_stall_item(app, &item), SN_FULL); /* the probe */
    ck_assert_int_eq(caution_send_stall_item(app, &item), SN_OPEN);
    release(app, "stall");
    journal_await(&items, 1);
    manual_clock_advance(&hands, SN_SECOND);
    ck_assert_int_eq(caution_send_wait_stall_item(app, &item, SN_FOREVER), 0);
    journal_await(&items, 2);
    ck_assert_uint_eq(finish(app).breakers_opened, 2);
}
END_TEST

/* What came of a request tells the breaker; of one whose future is dropped nothing is known. */
START_TEST(outcomes_of_calls_open_a_breaker_of_one_port)
{
    struct caution *app = start(_i), *other;
    struct caution_fetch fetch = request();
    struct caution_fetch_future futures[4];

    ck_assert_int_eq(caution_open(app, &other), 0);
    atomic_store(&failing, 4);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(caution_ask_store_fetch(app, &fetch, &futures[i]), 0);
    caution_fetch_future_drop(&futures[0]);
    for (int i = 1; i < 3; i++)
        ck_assert_int_eq(caution_fetch_future_wait(&futures[i], PATIENCE, NULL), SN_FAILED);
    ck_assert_uint_eq(stats_of(app).breakers_opened, 0);
    ck_assert_int_eq(caution_fetch_future_wait(&futures[3], PATIENCE, NULL), SN_FAILED);
    ck_assert_uint_eq(stats_of(app).breakers_opened, 1);
    ck_assert_int_eq(caution_call_store_fetch(app, &fetch, NULL), SN_OPEN);
    ck_assert_int_eq(caution_call_store_fetch(other, &fetch, NULL), 0); /* it has its own */
    manual_clock_advance(&hands, SN_SECOND);
    /* The probe is dropped: the next call is one. */
    ck_assert_int_eq(caution_ask_store_fetch(app, &fetch, &futures[0]), 0);
    ck_assert_int_eq(caution_ask_store_fetch(app, &fetch, &futures[1]), SN_OPEN);
    caution_fetch_future_drop(&futures[0]);
    ck_assert_int_eq(caution_call_store_fetch(app, &fetch, NULL), 0);
    ck_assert_int_eq(caution_call_store_fetch(app, &fetch, NULL), 0);
    caution_close(other);
    finish(app);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_set_timeout(tests, 100);
    EVERYWHERE(tests, an_ask_is_asked_again_until_it_is_answered);
    EVERYWHERE(tests, an_ask_that_always_fails_completes_once_with_its_last_outcome);
    EVERYWHERE(tests, no_retry_comes_after_the_deadline);
    EVERYWHERE(tests, a_deadline_that_passes_is_not_asked_again);
    EVERYWHERE(tests, a_handler_that_fails_has_not_asked);
    EVERYWHERE(tests, an_asker_that_ends_during_a_pause_asks_no_more);
    EVERYWHERE(tests, a_message_without_room_is_tried_again_and_in_order);
    EVERYWHERE(tests, after_the_last_try_it_is_a_dead_letter);
    EVERYWHERE(tests, so_many_wait_and_no_more);
    EVERYWHERE(tests, a_breaker_opens_probes_and_closes);
    EVERYWHERE(tests, outcomes_of_asks_open_a_breaker_and_a_lost_probe_is_made_up_for);
    EVERYWHERE(tests, a_call_from_outside_is_tried_again_until_it_is_answered);
    EVERYWHERE(tests, a_call_from_outside_ends_with_its_last_outcome);
    EVERYWHERE(tests, a_call_from_outside_ends_at_its_deadline);
    EVERYWHERE(tests, a_stop_wakes_who_sleeps_between_two_tries);
    EVERYWHERE(tests, a_breaker_of_threads_outside_opens_probes_and_closes);
    EVERYWHERE(tests, outcomes_of_calls_open_a_breaker_of_one_port);
    EVERYWHERE(tests, a_request_without_room_waits_and_its_failures_open_the_breaker);
}

int main(void)
{
    return run_suite("guard", add_tests);
}
