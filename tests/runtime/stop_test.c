/* SPDX-License-Identifier: MIT */
/*
 * How a system ends: gracefully, within the time that each child has, or because its root gave up.
 */
#include "halt.h"
#include "halt_back.h"
#include "halt_front.h"
#include "support.h"

#include <errno.h>
#include <signal.h>
#include <sn/generated.h>
#include <stdlib.h>
#include <string.h>

static struct journal handled, letters, answers;
static _Atomic(int) shutdowns[2], last_reason;

int halt_front_on_begin(struct halt_front *self, const struct halt_begin *message)
{
    for (uint32_t i = 0; i < message->number; i++) {
        int rc = halt_front_send_back_item(self, &(struct halt_item){i});
        if (rc == 0)
            rc = halt_front_ask_look(self, &(struct halt_query){i});
        if (rc != 0)
            return rc;
    }
    return 0;
}

int halt_front_on_item(struct halt_front *self, const struct halt_item *message)
{
    (void)self;
    journal_add(&handled, message->number);
    return 0;
}

int halt_front_on_crash(struct halt_front *self, const struct halt_crash *message)
{
    (void)self;
    (void)message;
    return -EIO;
}

int halt_front_on_look(struct halt_front *self, int outcome, const struct halt_query_reply *reply)
{
    self->answers++;
    journal_add(&answers, outcome == 0 ? reply->number : 1000u + (uint32_t)outcome);
    return 0;
}

void halt_front_shutdown(struct halt_front *self, int why)
{
    (void)self;
    atomic_fetch_add(&shutdowns[0], 1);
    atomic_store(&last_reason, why);
}

int halt_back_on_item(struct halt_back *self, const struct halt_item *message)
{
    (void)self;
    journal_add(&handled, message->number);
    return 0;
}

int halt_back_on_wait_at(struct halt_back *self, const struct halt_wait_at *message)
{
    (void)self;
    gate_pass((struct gate *)(uintptr_t)message->gate);
    return 0;
}

int halt_back_on_query(struct halt_back *self, const struct halt_query *message,
                       halt_query_reply_to to)
{
    if (message->number == 999) /* never answered */
        return halt_back_set_kept(self, to);
    return halt_back_reply_query(self, to, &(struct halt_query_reply){message->number});
}

int halt_back_on_crash(struct halt_back *self, const struct halt_crash *message)
{
    (void)self;
    (void)message;
    return -EIO;
}

void halt_back_shutdown(struct halt_back *self, int why)
{
    (void)self;
    atomic_fetch_add(&shutdowns[1], 1);
    atomic_store(&last_reason, why);
}

static void note_letter(const struct sn_dead_letter *letter, void *user)
{
    (void)user;
    ck_assert_ptr_nonnull(letter->message);
    journal_add(&letters, (uint64_t)letter->reason);
}

static struct halt *start(int number)
{
    struct halt_options options = {.system = system_of(number)};
    struct halt *app;

    options.system.dead_letter = note_letter;
    ck_assert_int_eq(halt_start(&options, &app), 0);
    return app;
}

/* ---- graceful ------------------------------------------------------------------------------- */

START_TEST(what_was_sent_before_the_stop_is_handled)
{
    for (int round = 0; round < 20; round++) {
        struct halt *app = start(_i);
        uint32_t before = atomic_load(&handled.count);

        for (uint32_t i = 0; i < 500; i++)
            ck_assert_int_eq(halt_send_members_item_at(app, i % 5, &(struct halt_item){i}), 0);
        ck_assert_int_eq(halt_stop(app), 0);
        journal_await(&handled, before + 500);
    }
    journal_await(&letters, 0);
}
END_TEST

/* The front's children are stopped first; what it sends and asks while it ends still counts. */
START_TEST(what_an_actor_still_sends_and_awaits_is_done)
{
    for (int round = 0; round < 20; round++) {
        struct halt *app = start(_i);
        uint32_t before = atomic_load(&handled.count), asked = atomic_load(&answers.count);

        ck_assert_int_eq(halt_send_front_begin(app, &(struct halt_begin){100}), 0);
        ck_assert_int_eq(halt_send_front_begin(app, &(struct halt_begin){100}), 0);
        ck_assert_int_eq(halt_stop(app), 0);
        journal_await(&handled, before + 200);
        journal_await(&answers, asked + 200);
    }
    for (uint32_t i = 0; i < atomic_load(&answers.count); i++)
        ck_assert_uint_lt(answers.entries[i], 100);
    journal_await(&letters, 0);
}
END_TEST

START_TEST(a_paused_actor_handles_its_mailbox_when_it_stops)
{
    struct halt *app = start(_i);
    sn_ref back;

    ck_assert_int_eq(sn_lookup(app->sn, "back", &back), 0);
    ck_assert_int_eq(sn_pause(app->sn, back), 0);
    for (uint32_t i = 0; i < 10; i++)
        ck_assert_int_eq(halt_send_back_item(app, &(struct halt_item){i}), 0);
    ck_assert_int_eq(halt_stop(app), 0);
    journal_await(&handled, 10);
}
END_TEST

START_TEST(stopping_nothing_is_fine)
{
    ck_assert_int_eq(halt_stop(NULL), 0);
    halt_close(NULL);
    struct halt *app = start(_i);
    ck_assert_int_eq(halt_stop(app), 0);
    ck_assert_int_eq(atomic_load(&shutdowns[0]), 1);
    ck_assert_int_eq(atomic_load(&shutdowns[1]), 9);
    ck_assert_int_eq(atomic_load(&last_reason), SN_SHUTDOWN);
}
END_TEST

/* ---- the time is over ----------------------------------------------------------------------- */

static void *open_when_it_is_too_late(void *data)
{
    struct gate *gate = data;
    uint64_t start_ns = real_now_ns();

    AWAIT(real_now_ns() - start_ns > 60 * SN_MS);
    gate_open(gate);
    return NULL;
}

START_TEST(after_its_shutdown_time_a_child_is_killed_and_the_rest_dead_lettered)
{
    struct gate gate = GATE_CLOSED;
    struct halt *app = start(_i);
    pthread_t thread;

    /* The handler blocks for longer than the 20 ms; stop, then kill acts between handlers. */
    ck_assert_int_eq(halt_send_stubborn_wait_at(app, &(struct halt_wait_at){(uintptr_t)&gate}), 0);
    gate_await(&gate, 1);
    for (uint32_t i = 0; i < 10; i++)
        ck_assert_int_eq(halt_send_stubborn_item(app, &(struct halt_item){i}), 0);
    pthread_create(&thread, NULL, open_when_it_is_too_late, &gate);
    ck_assert_int_eq(halt_stop(app), 0);
    pthread_join(thread, NULL);
    /* With the orders behind each other it may have begun to drain before it was killed. */
    ck_assert_uint_eq(atomic_load(&handled.count) + atomic_load(&letters.count), 10);
    ck_assert_int_eq(atomic_load(&shutdowns[1]), 9);
}
END_TEST

START_TEST(an_answer_that_never_comes_does_not_outlast_the_shutdown_time)
{
    struct halt *app = start(_i);
    struct halt_query_future future;

    ck_assert_int_eq(halt_ask_stubborn_query(app, &(struct halt_query){999}, &future), 0);
    halt_query_future_drop(&future);
    uint64_t before_ns = real_now_ns();
    ck_assert_int_eq(halt_stop(app), 0);
    ck_assert_uint_lt(real_now_ns() - before_ns, 3 * SN_SECOND);
}
END_TEST

START_TEST(brutal_does_not_handle_what_is_queued)
{
    struct halt *app = start(_i);
    sn_ref brutal;

    ck_assert_int_eq(sn_lookup(app->sn, "brutal", &brutal), 0);
    ck_assert_int_eq(sn_pause(app->sn, brutal), 0);
    for (uint32_t i = 0; i < 10; i++)
        ck_assert_int_eq(halt_send_brutal_item(app, &(struct halt_item){i}), 0);
    ck_assert_int_eq(sn_ping(app->sn, brutal, PATIENCE), 0);
    ck_assert_int_eq(halt_stop(app), 0);
    journal_await(&handled, 0);
    journal_await(&letters, 10);
    for (uint32_t i = 0; i < 10; i++)
        ck_assert_uint_eq(letters.entries[i], SN_SHUTDOWN);
    ck_assert_int_eq(atomic_load(&shutdowns[1]), 9); /* it was killed between two handlers */
}
END_TEST

/* ---- giving up ------------------------------------------------------------------------------ */

START_TEST(a_root_that_gives_up_stops_the_system_with_that_outcome)
{
    struct halt *app = start(_i);
    struct halt_query_reply reply;

    ck_assert_int_eq(halt_send_front_crash(app, &(struct halt_crash){1}), 0);
    ck_assert_int_eq(halt_send_front_crash(app, &(struct halt_crash){2}), 0);
    AWAIT(halt_send_back_item(app, &(struct halt_item){0}) == SN_GONE);
    ck_assert_int_eq(halt_call_back_query(app, &(struct halt_query){0}, &reply), SN_GONE);
    ck_assert_int_eq(halt_stop(app), SN_GAVE_UP);
    ck_assert_int_eq(atomic_load(&shutdowns[0]), 2);
    ck_assert_int_eq(atomic_load(&shutdowns[1]), 9);
}
END_TEST

/* ---- waiting for the end -------------------------------------------------------------------- */

START_TEST(waiting_ends_with_a_signal)
{
    static const int signals[] = {SIGINT, SIGTERM};
    struct halt *app = start(_i);
    sigset_t set;

    sigemptyset(&set);
    for (int i = 0; i < 2; i++) {
        sigaddset(&set, signals[i]);
        ck_assert_int_eq(pthread_sigmask(SIG_BLOCK, &set, NULL), 0);
        ck_assert_int_eq(raise(signals[i]), 0);
        ck_assert_int_eq(sn_system_wait(app->sn), 0);
        ck_assert_int_eq(sigpending(&set), 0);
        ck_assert_int_eq(sigismember(&set, signals[i]), 0); /* it was taken */
    }
    ck_assert_int_eq(halt_stop(app), 0);
}
END_TEST

START_TEST(waiting_ends_when_the_root_gives_up)
{
    struct halt *app = start(_i);

    ck_assert_int_eq(halt_send_front_crash(app, &(struct halt_crash){1}), 0);
    ck_assert_int_eq(halt_send_front_crash(app, &(struct halt_crash){2}), 0);
    ck_assert_int_eq(sn_system_wait(app->sn), 0);
    ck_assert_int_eq(halt_stop(app), SN_GAVE_UP);
}
END_TEST

struct caller {
    struct halt *app;
    pthread_t thread;
    _Atomic(int) ready;
    int rc;
    bool call;
};

static void *wait_outside(void *data)
{
    struct caller *caller = data;
    struct halt *own;
    struct halt_query_reply reply;

    ck_assert_int_eq(halt_open(caller->app, &own), 0);
    atomic_store(&caller->ready, 1);
    caller->rc = caller->call
                     ? halt_call_fragile_query(own, &(struct halt_query){1}, &reply)
                     : halt_send_wait_fragile_item(own, &(struct halt_item){1}, SN_FOREVER);
    halt_close(own);
    return NULL;
}

/* One of each: in a call whose request is queued, and waiting for room. */
START_TEST(blocked_threads_are_told_when_the_root_gives_up)
{
    struct halt *app = start(_i);
    struct caller callers[2] = {{.app = app, .call = true}, {.app = app}};
    sn_ref fragile;
    uint32_t queued = 0;

    ck_assert_int_eq(sn_lookup(app->sn, "fragile", &fragile), 0);
    ck_assert_int_eq(sn_pause(app->sn, fragile), 0);
    struct halt_query_future future;
    ck_assert_int_eq(halt_ask_fragile_query(app, &(struct halt_query){1}, &future), 0);
    while (queued < 3)
        queued += halt_send_fragile_item(app, &(struct halt_item){0}) == 0;
    for (int i = 0; i < 2; i++) {
        pthread_create(&callers[i].thread, NULL, wait_outside, &callers[i]);
        AWAIT(atomic_load(&callers[i].ready) == 1);
    }
    ck_assert_int_eq(halt_send_front_crash(app, &(struct halt_crash){1}), 0);
    ck_assert_int_eq(halt_send_front_crash(app, &(struct halt_crash){2}), 0);
    for (int i = 0; i < 2; i++) {
        pthread_join(callers[i].thread, NULL);
        ck_assert_int_eq(callers[i].rc, SN_GONE);
    }
    struct halt_query_reply reply;
    int rc = halt_query_future_wait(&future, PATIENCE, &reply);
    ck_assert_msg(rc == SN_DOWN || rc == SN_GONE, "rc %d", rc);
    ck_assert_int_eq(halt_stop(app), SN_GAVE_UP);
    journal_await(&letters, 2 + 4); /* the two that crashed it are shown too */
}
END_TEST

/* ---- threads outside ------------------------------------------------------------------------ */

enum { LOOPING = 3, BLOCKED = 3 };

/* Works until it is told, with a handle of its own. */
static void *call_until_gone(void *data)
{
    struct caller *caller = data;
    struct halt *own;
    struct halt_query_reply reply;
    uint32_t number = 0;

    ck_assert_int_eq(halt_open(caller->app, &own), 0);
    do {
        caller->rc = halt_call_back_query(own, &(struct halt_query){number % 900}, &reply);
        if (caller->rc == 0)
            ck_assert_uint_eq(reply.number, number++ % 900);
        atomic_fetch_add(&caller->ready, 1);
    } while (caller->rc == 0);
    halt_close(own);
    return NULL;
}

/* Waits in one call on the handle that all share; the answer never comes. */
static void *block(void *data)
{
    struct caller *caller = data;
    struct halt_query_reply reply;

    atomic_store(&caller->ready, 1);
    caller->rc = halt_call_fragile_query(caller->app, &(struct halt_query){999}, &reply);
    return NULL;
}

static void begin(struct caller *caller, struct halt *app, void *(*function)(void *))
{
    *caller = (struct caller){.app = app};
    ck_assert_int_eq(pthread_create(&caller->thread, NULL, function, caller), 0);
}

START_TEST(a_stop_waits_for_threads_to_leave)
{
    for (int round = 0; round < 20; round++) {
        struct halt *app = start(_i);
        struct caller callers[LOOPING + BLOCKED];

        struct sn_stats stats;
        sn_ref fragile;

        ck_assert_int_eq(sn_lookup(app->sn, "fragile", &fragile), 0);
        ck_assert_int_eq(sn_pause(app->sn, fragile), 0);
        for (int i = 0; i < BLOCKED; i++)
            begin(&callers[i], app, block);
        do
            sn_stats(app->sn, &stats);
        while (stats.queued < BLOCKED);
        for (int i = BLOCKED; i < BLOCKED + LOOPING; i++)
            begin(&callers[i], app, call_until_gone);
        for (int i = BLOCKED; i < BLOCKED + LOOPING; i++)
            AWAIT(atomic_load(&callers[i].ready) > 10);
        ck_assert_int_eq(halt_stop(app), 0);
        for (int i = 0; i < BLOCKED + LOOPING; i++) {
            pthread_join(callers[i].thread, NULL);
            ck_assert_int_ne(callers[i].rc, 0);
        }
    }
}
END_TEST

/* A clock that holds a caller back where it reads the time of sending, when it has found out that
 * the system runs, until threads of shards end. (Only a brutal stop does not wait for it.) */
static struct gate ended = GATE_CLOSED;
static pthread_key_t of_shards;
static _Thread_local enum { SHARD, MAIN, CALLER } thread_is;
static _Thread_local int looks;

static uint64_t slow_now(void *context)
{
    (void)context;
    if (thread_is == SHARD)
        pthread_setspecific(of_shards, &ended);
    else if (thread_is == CALLER && ++looks == 2) { /* the first is for the deadline */
        gate_pass(&ended);
        uint64_t end_ns = real_now_ns() + 20 * SN_MS; /* most likely the stop has gone on */
        while (real_now_ns() < end_ns)
            give_way();
    }
    return real_now_ns();
}

static void note_end(void *context)
{
    (void)context;
    gate_open(&ended);
}

static void *call_too_late(void *data)
{
    struct halt_query_reply reply;
    struct caller *caller = data;
    struct halt *own;

    ck_assert_int_eq(halt_open(caller->app, &own), 0);
    thread_is = CALLER;
    caller->rc = halt_call_brutal_query(own, &(struct halt_query){1}, &reply);
    halt_close(own);
    return NULL;
}

START_TEST(what_is_sent_while_the_shards_end_is_answered)
{
    static const struct sn_clock clock = {slow_now, NULL};
    struct halt_options options = {.system = system_of(0)};
    struct caller caller;
    struct halt *app;

    thread_is = MAIN;
    ck_assert_int_eq(pthread_key_create(&of_shards, note_end), 0);
    options.system.clock = &clock;
    ck_assert_int_eq(halt_start(&options, &app), 0);
    begin(&caller, app, call_too_late);
    gate_await(&ended, 1);
    ck_assert_int_eq(halt_stop(app), 0);
    pthread_join(caller.thread, NULL);
    ck_assert_msg(caller.rc == SN_DOWN || caller.rc == SN_GONE, "rc %d", caller.rc);
}
END_TEST

static void note_warning(const struct sn_log_record *record, void *user)
{
    if (record->level == SN_LOG_WARNING && strstr(record->text, "still open") != NULL)
        atomic_fetch_add((_Atomic(int) *)user, 1);
}

/* It is freed with the rest, a second later. */
START_TEST(a_handle_that_was_left_open_is_reported)
{
    _Atomic(int) warnings = 0;
    struct halt_options options = {.system = {.log = note_warning, .user = &warnings}};
    struct halt *app, *own;

    ck_assert_int_eq(halt_start(&options, &app), 0);
    ck_assert_int_eq(halt_open(app, &own), 0);
    ck_assert_int_eq(halt_stop(app), 0);
    ck_assert_int_eq(atomic_load(&warnings), 1);
    free(own);
}
END_TEST

/* ---- dead letters --------------------------------------------------------------------------- */

START_TEST(a_failed_message_is_shown_once_and_counted_as_failed)
{
    struct halt *app = start(_i);

    ck_assert_int_eq(halt_send_back_crash(app, &(struct halt_crash){1}), 0);
    struct sn_stats stats = at_rest(app->sn);
    ck_assert_uint_eq(stats.failed, 1);
    ck_assert_uint_eq(stats.dead_lettered, 0);
    journal_await(&letters, 1);
    ck_assert_uint_eq(letters.entries[0], SN_FAILED);
    ck_assert_int_eq(halt_stop(app), 0);
}
END_TEST

static void add(TCase *tests)
{
    EVERYWHERE(tests, what_was_sent_before_the_stop_is_handled);
    EVERYWHERE(tests, what_an_actor_still_sends_and_awaits_is_done);
    EVERYWHERE(tests, a_paused_actor_handles_its_mailbox_when_it_stops);
    EVERYWHERE(tests, stopping_nothing_is_fine);
    EVERYWHERE(tests, after_its_shutdown_time_a_child_is_killed_and_the_rest_dead_lettered);
    EVERYWHERE(tests, an_answer_that_never_comes_does_not_outlast_the_shutdown_time);
    EVERYWHERE(tests, brutal_does_not_handle_what_is_queued);
    EVERYWHERE(tests, a_root_that_gives_up_stops_the_system_with_that_outcome);
    EVERYWHERE(tests, waiting_ends_with_a_signal);
    EVERYWHERE(tests, waiting_ends_when_the_root_gives_up);
    EVERYWHERE(tests, blocked_threads_are_told_when_the_root_gives_up);
    EVERYWHERE(tests, a_stop_waits_for_threads_to_leave);
    tcase_add_test(tests, what_is_sent_while_the_shards_end_is_answered);
    tcase_add_test(tests, a_handle_that_was_left_open_is_reported);
    EVERYWHERE(tests, a_failed_message_is_shown_once_and_counted_as_failed);
}

int main(void)
{
    return run_suite("stop", add);
}
