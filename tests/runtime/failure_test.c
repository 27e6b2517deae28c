/* SPDX-License-Identifier: MIT */
/*
 * Failure in C: sn_fail() and sn_assert() from any depth of everything that the runtime calls, what
 * is reclaimed after them, and the bound on an actor's memory.
 */
#include "fall.h"
#include "fall_actor.h"
#include "fall_sink.h"
#include "fall_small.h"
#include "support.h"

#include <errno.h>
#include <signal.h>
#include <sn/sim.h>
#include <stdlib.h>
#include <string.h>

typedef int (*script)(struct fall_actor *self, void *data);

static struct journal items, completions, firings, cleaned;
enum { ACTORS = 4 }; /* of the worker `actor`, each in a pool of its own */

static _Atomic(int) inits, shutdowns, held;
static _Atomic(script) in_init, in_complete, in_fire, in_shutdown;

/* ---- the actors ----------------------------------------------------------------------------- */

int fall_actor_init(struct fall_actor *self, bool restored)
{
    atomic_fetch_add(&inits, 1);
    ck_assert_uint_eq(self->count, 0);
    self->resource.held = &held;
    atomic_fetch_add(&held, 1);
    return restored && in_init != NULL ? in_init(self, NULL) : 0;
}

void fall_actor_shutdown(struct fall_actor *self, int why)
{
    (void)why;
    atomic_fetch_add(&shutdowns, 1);
    if (in_shutdown != NULL)
        in_shutdown(self, NULL);
}

int fall_actor_on_perform(struct fall_actor *self, const struct fall_perform *message,
                          fall_perform_reply_to to)
{
    script function = (script)(uintptr_t)message->function;
    int rc = function(self, (void *)(uintptr_t)message->data);

    return rc != 0 ? rc : fall_actor_reply_perform(self, to);
}

int fall_actor_on_tell(struct fall_actor *self, const struct fall_tell *message)
{
    script function = (script)(uintptr_t)message->function;

    return function(self, (void *)(uintptr_t)message->data);
}

int fall_actor_on_defer(struct fall_actor *self, fall_defer_reply_to to)
{
    return fall_actor_set_kept(self, to);
}

int fall_actor_on_item(struct fall_actor *self, const struct fall_item *message)
{
    self->count++;
    self->total += message->number;
    return 0;
}

int fall_actor_on_look(struct fall_actor *self, const struct fall_actor_look *context, int outcome,
                       const struct fall_query_reply *reply)
{
    journal_add(&completions, outcome == 0 ? context->number * 1000u + reply->number : 0);
    return in_complete != NULL ? in_complete(self, NULL) : 0;
}

int fall_actor_on_later(struct fall_actor *self)
{
    journal_add(&firings, 1);
    return in_fire != NULL ? in_fire(self, NULL) : 0;
}

int fall_sink_on_item(struct fall_sink *self, const struct fall_item *message)
{
    self->count++;
    journal_add(&items, message->number);
    return 0;
}

int fall_sink_on_query(struct fall_sink *self, const struct fall_query *message,
                       fall_query_reply_to to)
{
    return fall_sink_reply_query(self, to, &(struct fall_query_reply){message->number});
}

int fall_small_on_perform(struct fall_small *self, const struct fall_perform *message,
                          fall_perform_reply_to to)
{
    int (*function)(struct fall_small * self) =
        (int (*)(struct fall_small *))(uintptr_t)message->function;
    int rc = function(self);

    return rc != 0 ? rc : fall_small_reply_perform(self, to);
}

/* ---- the log -------------------------------------------------------------------------------- */

static struct {
    pthread_mutex_t lock;
    char text[64 * 1024];
    size_t size;
} lines = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void keep_line(const struct sn_log_record *record, void *user)
{
    size_t size = strlen(record->text);

    (void)user;
    pthread_mutex_lock(&lines.lock);
    if (lines.size + size + 2 < sizeof lines.text) {
        memcpy(lines.text + lines.size, record->text, size);
        lines.text[lines.size + size] = '\n';
        lines.size += size + 1;
    }
    pthread_mutex_unlock(&lines.lock);
}

/* How often the log says this. */
static int count_lines(const char *part)
{
    int count = 0;

    pthread_mutex_lock(&lines.lock);
    for (const char *at = lines.text; (at = strstr(at, part)) != NULL; at++)
        count++;
    pthread_mutex_unlock(&lines.lock);
    return count;
}

/* ---- the kit -------------------------------------------------------------------------------- */

static struct fall *start_with(struct sn_system_options system)
{
    struct fall_options options = {.system = system};
    struct fall *app;

    options.system.log = keep_line;
    ck_assert_int_eq(fall_start(&options, &app), 0);
    return app;
}

static struct fall *start(int number)
{
    return start_with(system_of(number));
}

/* Every resource of every incarnation has been released in the end. */
static struct sn_stats finish(struct fall *app)
{
    struct sn_stats stats = at_rest(app->sn);

    ck_assert_int_eq(fall_stop(app), 0);
    ck_assert_int_eq(atomic_load(&held), 0);
    return stats;
}

static int perform(struct fall *app, script function, void *data)
{
    struct fall_perform message = {(uintptr_t)function, (uintptr_t)data};

    return fall_call_actor_perform(app, &message);
}

static int perform_small(struct fall *app, int (*function)(struct fall_small *self))
{
    struct fall_perform message = {(uintptr_t)function, 0};

    return fall_call_small_perform(app, &message);
}

/* Fail behind so many calls, with something on the stack of each. */
__attribute__((noinline)) static int fall_down(struct fall_actor *self, unsigned depth, int reason)
{
    volatile char frame[256];

    memset((char *)frame, (int)depth, sizeof frame);
    if (depth == 0)
        sn_fail(self->sn, reason);
    return (depth > 60 ? 0 : fall_down(self, depth - 1, reason)) + frame[depth % sizeof frame];
}

static void expect_sent(int rc)
{
    ck_assert(rc == 0 || rc == SN_FULL);
}

/* Everything that a handler can do. */
static void do_all(struct fall_actor *self)
{
    self->count++;
    self->total += 5;
    ck_assert_int_eq(fall_actor_set_name(self, sn_string("changed")), 0);
    ck_assert_ptr_nonnull(sn_alloc(self->sn, 100));
    ck_assert_ptr_nonnull(sn_alloc(self->sn, 100000));
    ck_assert_ptr_nonnull(sn_scratch(self->sn, 1000));
    ck_assert_ptr_nonnull(sn_scratch(self->sn, 100000));
    ck_assert_int_eq(sn_register(self->sn, sn_string("a name")), 0);
    for (uint32_t i = 1; i <= 3; i++) {
        expect_sent(fall_actor_send_near_item(self, &(struct fall_item){i}));
        expect_sent(fall_actor_send_far_item(self, &(struct fall_item){100 + i}));
        expect_sent(
            fall_actor_ask_look(self, &(struct fall_query){i}, &(struct fall_actor_look){i}));
    }
    ck_assert_int_eq(fall_actor_start_later(self), 0);
    ck_assert_int_eq(fall_actor_reply_defer(self, self->kept), 0);
}

static int do_all_and_fall(struct fall_actor *self, void *data)
{
    (void)data;
    do_all(self);
    return fall_down(self, 50, -EIO);
}

static int check_nothing(struct fall_actor *self, void *data)
{
    (void)data;
    ck_assert_uint_eq(self->count, 0);
    ck_assert_int_eq(self->total, 0);
    ck_assert_uint_eq(self->name.size, 0);
    ck_assert_uint_eq(fall_actor_waiting_look(self), 0);
    /* The name is free again. */
    ck_assert_int_eq(sn_register(self->sn, sn_string("a name")), 0);
    return 0;
}

/* Nothing left of do_all_and_fall(). */
static void expect_nothing(struct fall *app)
{
    struct sn_stats stats;

    ck_assert_int_eq(perform(app, check_nothing, NULL), 0);
    stats = at_rest(app->sn);
    ck_assert_uint_eq(stats.actors, ACTORS + 3);
    journal_await(&items, 0);
    journal_await(&completions, 0);
}

/* ---- sn_fail() ------------------------------------------------------------------------------ */

START_TEST(a_handler_that_falls_has_done_nothing)
{
    struct fall *app = start(_i);
    struct fall_defer_future deferred;

    ck_assert_int_eq(fall_ask_actor_defer(app, &deferred), 0);
    ck_assert_int_eq(perform(app, do_all_and_fall, NULL), SN_FAILED);
    ck_assert_int_eq(fall_defer_future_wait(&deferred, PATIENCE), SN_FAILED);
    expect_nothing(app);
    journal_await(&firings, 0);
    struct sn_stats stats = finish(app);
    ck_assert_uint_eq(stats.failed, 1);
    ck_assert_uint_eq(stats.restarts, 1);
    ck_assert_int_eq(count_lines("actor[0] failed: Input/output error (-5)"), 1);
}
END_TEST

static int arm(struct fall_actor *self, void *data)
{
    (void)data;
    return fall_actor_start_later(self);
}

static int ask_one(struct fall_actor *self, void *data)
{
    (void)data;
    return fall_actor_ask_look(self, &(struct fall_query){7}, &(struct fall_actor_look){7});
}

START_TEST(a_completion_that_falls_has_done_nothing)
{
    struct fall *app = start(_i);

    in_complete = do_all_and_fall;
    ck_assert_int_eq(perform(app, ask_one, NULL), 0);
    AWAIT(atomic_load(&inits) == ACTORS + 1);
    journal_await(&completions, 1);
    ck_assert_int_eq(perform(app, check_nothing, NULL), 0);
    journal_await(&items, 0);
    finish(app);
    journal_await(&completions, 1);
}
END_TEST

START_TEST(a_timer_that_falls_has_done_nothing)
{
    struct fall *app = start(_i);

    in_fire = do_all_and_fall;
    ck_assert_int_eq(perform(app, arm, NULL), 0);
    AWAIT(atomic_load(&inits) == ACTORS + 1);
    expect_nothing(app);
    finish(app);
    journal_await(&firings, 1);
}
END_TEST

/* The first three times. */
static int fall_in_init(struct fall_actor *self, void *data)
{
    if (atomic_load(&inits) < ACTORS + 4)
        do_all_and_fall(self, data);
    return 0;
}

START_TEST(an_init_that_falls_is_tried_again_and_has_done_nothing)
{
    struct fall *app = start(_i);

    in_init = fall_in_init;
    ck_assert_int_eq(perform(app, do_all_and_fall, NULL), SN_FAILED);
    expect_nothing(app);
    finish(app);
    /* One init of each actor at the start, one that fell thrice, and one that went well. */
    ck_assert_int_eq(atomic_load(&inits), ACTORS + 3 + 1);
}
END_TEST

static void keep_cleaned(void *resource)
{
    journal_add(&cleaned, (uintptr_t)resource);
}

static int register_three(struct fall_actor *self, void *data)
{
    (void)data;
    for (uintptr_t i = 1; i <= 3; i++)
        ck_assert_int_eq(sn_defer(self->sn, keep_cleaned, (void *)i), 0);
    return 0;
}

START_TEST(a_shutdown_hook_that_falls_ends_its_actor_all_the_same)
{
    struct fall *app = start(_i);

    ck_assert_int_eq(perform(app, register_three, NULL), 0);
    in_shutdown = do_all_and_fall;
    finish(app);
    journal_await(&items, 0);
    journal_await(&cleaned, 3);
    ck_assert_int_eq(atomic_load(&shutdowns), ACTORS);
}
END_TEST

static int stop_now(struct fall_actor *self, void *data)
{
    (void)self;
    (void)data;
    return SN_STOP;
}

START_TEST(a_shutdown_hook_that_falls_does_not_keep_the_actor_from_its_restart)
{
    struct fall *app = start(_i);

    in_shutdown = do_all_and_fall;
    for (int i = 0; i < 5; i++)
        ck_assert_int_eq(perform(app, stop_now, NULL), SN_UNANSWERED);
    in_shutdown = (script)0;
    expect_nothing(app);
    ck_assert_uint_eq(finish(app).restarts, 5);
}
END_TEST

static int fill_far_and_fall(struct fall_actor *self, void *data)
{
    (void)data;
    for (uint32_t i = 0; i < 12; i++)
        ck_assert_int_eq(fall_actor_send_far_item(self, &(struct fall_item){i}), 0);
    return 0;
}

/* An actor that stops with messages in its outbox ends when its shard looks at the outbox, also
 * when that is just before it sleeps. */
START_TEST(a_shutdown_hook_falls_while_its_shard_is_about_to_sleep)
{
    for (int round = 0; round < 20; round++) {
        struct fall *app = start(_i);

        atomic_store(&items.count, 0);
        in_shutdown = do_all_and_fall;
        ck_assert_int_eq(perform(app, fill_far_and_fall, NULL), 0);
        ck_assert_int_eq(fall_stop(app), 0);
        journal_await(&items, 12);
        ck_assert_int_eq(atomic_load(&held), 0);
    }
}
END_TEST

static int fall_as(struct fall_actor *self, void *data)
{
    return fall_down(self, 3, (int)(intptr_t)data);
}

START_TEST(what_is_no_failure_is_one_when_it_is_thrown)
{
    struct fall *app = start(_i);

    ck_assert_int_eq(perform(app, fall_as, (void *)(intptr_t)0), SN_FAILED);
    ck_assert_int_eq(perform(app, fall_as, (void *)(intptr_t)SN_STOP), SN_FAILED);
    ck_assert_int_eq(perform(app, fall_as, (void *)(intptr_t)SN_IGNORE), SN_FAILED);
    ck_assert_int_eq(perform(app, fall_as, (void *)(intptr_t)1234), SN_FAILED);
    ck_assert_uint_eq(finish(app).failed, 4);
    ck_assert_int_eq(count_lines("actor[0] failed: SN_FAILED (7)"), 3);
    ck_assert_int_eq(count_lines("(1234)"), 1);
}
END_TEST

static int tell_poisoned(struct fall *app, script function, intptr_t data)
{
    return fall_send_poisoned_tell(app, &(struct fall_tell){(uintptr_t)function, (uint64_t)data});
}

static int add_and_maybe_fall(struct fall_actor *self, void *data)
{
    self->total += 1;
    return (intptr_t)data % 4 == 0 ? fall_down(self, 2, -EIO) : 0;
}

static int read_total(struct fall_actor *self, void *data)
{
    *(int64_t *)data = self->total;
    return 0;
}

/* In a batch of a thread outside: each fourth record falls three times, then it is a dead letter;
 * the others are handled once. */
START_TEST(a_record_of_a_batch_falls_alone)
{
    struct fall *app = start(_i);
    int64_t total = 0;
    struct fall_perform read = {(uintptr_t)read_total, (uintptr_t)&total};

    for (intptr_t i = 0; i < 40; i++)
        ck_assert_int_eq(tell_poisoned(app, add_and_maybe_fall, i), 0);
    ck_assert_int_eq(fall_call_poisoned_perform(app, &read), 0);
    ck_assert_int_eq(total, 30);
    struct sn_stats stats = finish(app);
    ck_assert_uint_eq(stats.failed, 10);
    ck_assert_uint_eq(stats.handled, 31);
    ck_assert_uint_eq(stats.restarts, 30);
}
END_TEST

static int fall_so_often(struct fall_actor *self, void *data)
{
    (void)self;
    return (*(int *)data)-- > 0 ? -EIO : 0;
}

/* 15 is the most that the schema allows: the last failure ends the message, and not the one before.
 */
START_TEST(a_message_may_fail_fifteen_times)
{
    struct fall *app = start(_i);
    int left = 14;
    struct fall_perform message = {(uintptr_t)fall_so_often, (uintptr_t)&left};

    ck_assert_int_eq(fall_call_patient_perform(app, &message), 0);
    left = 15;
    ck_assert_int_eq(fall_call_patient_perform(app, &message), SN_FAILED);
    ck_assert_int_eq(left, 0);
    struct sn_stats stats = finish(app);
    ck_assert_uint_eq(stats.failed, 1);
    ck_assert_uint_eq(stats.handled, 1);
    ck_assert_uint_ge(stats.restarts, 14 + 14); /* the last one may be under way */
}
END_TEST

static int count_on(struct fall_actor *self, void *data)
{
    (void)data;
    self->total++;
    return 0;
}

/* Those behind it in the mailbox, those of its neighbour, and those on other shards go on. */
START_TEST(a_storm_of_falls_disturbs_nobody_else)
{
    struct fall *app = start(_i);
    struct fall_tell good = {(uintptr_t)count_on, 0}, bad = {(uintptr_t)fall_as, (uint64_t)-EIO};
    int64_t total = 0;
    struct fall_perform read = {(uintptr_t)read_total, (uintptr_t)&total};

    for (int i = 0; i < 3000; i++) {
        ck_assert_int_eq(fall_send_wait_actor_tell(app, i % 3 == 0 ? &bad : &good, PATIENCE), 0);
        ck_assert_int_eq(fall_send_wait_twin_tell(app, &good, PATIENCE), 0);
    }
    ck_assert_int_eq(fall_call_twin_perform(app, &read), 0);
    ck_assert_int_eq(total, 3000);
    ck_assert_int_eq(fall_call_actor_perform(app, &read), 0);
    ck_assert_int_eq(total, 2000);
    struct sn_stats stats = finish(app);
    ck_assert_uint_eq(stats.failed, 1000);
    ck_assert_uint_eq(stats.restarts, 1000);
    ck_assert_uint_eq(stats.handled, 5002);
}
END_TEST

/* ---- shutdown, or not ----------------------------------------------------------------------- */

static int return_failure(struct fall_actor *self, void *data)
{
    (void)self;
    (void)data;
    return -EIO;
}

static int assert_nothing(struct fall_actor *self, void *data)
{
    (void)data;
    sn_assert(self->sn, self->count == 17 || data == &items);
    return 0;
}

START_TEST(shutdown_runs_after_a_failure_return_only)
{
    struct fall *app = start(_i);

    ck_assert_int_eq(perform(app, return_failure, NULL), SN_FAILED);
    AWAIT(atomic_load(&shutdowns) == 1); /* its asker was told before */
    ck_assert_int_eq(perform(app, fall_as, (void *)(intptr_t)-EIO), SN_FAILED);
    ck_assert_int_eq(perform(app, assert_nothing, NULL), SN_FAILED);
    ck_assert_int_eq(perform(app, assert_nothing, &items), 0);
    ck_assert_int_eq(atomic_load(&shutdowns), 1);
    finish(app);
    ck_assert_int_eq(atomic_load(&shutdowns), 1 + ACTORS); /* and once for each at the end */
}
END_TEST

START_TEST(a_failed_assertion_names_its_place)
{
    struct fall *app = start(_i);

    ck_assert_int_eq(perform(app, assert_nothing, NULL), SN_FAILED);
    finish(app);
    ck_assert_int_eq(count_lines("actor[0]: assertion failed at "), 1);
    ck_assert_int_eq(count_lines("failure_test.c:"), 1);
    ck_assert_int_eq(count_lines(": self->count == 17 || data == &items\n"), 1);
    ck_assert_int_eq(count_lines("actor[0] failed: SN_FAILED_ASSERTION (16)"), 1);
}
END_TEST

/* ---- clean-ups ------------------------------------------------------------------------------ */

static int register_and_return(struct fall_actor *self, void *data)
{
    register_three(self, NULL);
    return (int)(intptr_t)data;
}

static int register_and_fall(struct fall_actor *self, void *data)
{
    register_three(self, NULL);
    return fall_as(self, data);
}

static void expect_cleaned(uint32_t count)
{
    journal_await(&cleaned, count);
    for (uint32_t i = 0; i < count; i++)
        ck_assert_uint_eq(cleaned.entries[i], 3 - i % 3);
}

START_TEST(clean_ups_run_once_in_reverse_order_however_it_ends)
{
    struct fall *app = start(_i);

    ck_assert_int_eq(perform(app, register_three, NULL), 0);
    journal_await(&cleaned, 0); /* not at the end of a handler that went well */
    ck_assert_int_eq(perform(app, return_failure, NULL), SN_FAILED);
    ck_assert_int_eq(perform(app, count_on, NULL), 0);
    expect_cleaned(3);
    ck_assert_int_eq(perform(app, register_and_fall, (void *)(intptr_t)-EIO), SN_FAILED);
    ck_assert_int_eq(perform(app, count_on, NULL), 0);
    expect_cleaned(6);
    ck_assert_int_eq(perform(app, register_and_return, (void *)(intptr_t)-EIO), SN_FAILED);
    ck_assert_int_eq(perform(app, count_on, NULL), 0);
    expect_cleaned(9);
    ck_assert_int_eq(perform(app, register_and_return, (void *)(intptr_t)SN_STOP), SN_UNANSWERED);
    ck_assert_int_eq(perform(app, register_three, NULL), 0);
    expect_cleaned(12);
    finish(app);
    expect_cleaned(15);
}
END_TEST

static int register_and_take_back(struct fall_actor *self, void *data)
{
    (void)data;
    register_three(self, NULL);
    ck_assert_int_eq(sn_defer(self->sn, keep_cleaned, (void *)(uintptr_t)2), 0);
    ck_assert(sn_undefer(self->sn, (void *)(uintptr_t)2));
    ck_assert(!sn_undefer(self->sn, (void *)(uintptr_t)4));
    return 0;
}

START_TEST(a_clean_up_that_was_taken_back_does_not_run)
{
    struct fall *app = start(_i);

    ck_assert_int_eq(perform(app, register_and_take_back, NULL), 0);
    finish(app);
    expect_cleaned(3);
}
END_TEST

/* A clean-up that has its actor: it may do what it likes, and none of it has an effect. */
static void clean_and_fall(void *resource)
{
    struct fall_actor *self = resource;

    journal_add(&cleaned, 9);
    self->total = 1000;
    for (uint32_t i = 0; i < 3; i++)
        ck_assert_int_eq(fall_actor_send_near_item(self, &(struct fall_item){i}), 0);
    fall_down(self, 5, -EIO);
}

static int register_falling(struct fall_actor *self, void *data)
{
    register_three(self, NULL);
    ck_assert_int_eq(sn_defer(self->sn, clean_and_fall, self), 0);
    register_three(self, NULL);
    ck_assert_int_eq(sn_defer(self->sn, clean_and_fall, self), 0);
    return data != NULL ? fall_as(self, data) : 0;
}

START_TEST(a_clean_up_that_falls_does_not_keep_the_others_from_running)
{
    static const uint64_t expected[] = {9, 3, 2, 1, 9, 3, 2, 1};
    struct fall *app = start(_i);
    int64_t total = 0;

    ck_assert_int_eq(perform(app, register_falling, (void *)(intptr_t)-EIO), SN_FAILED);
    ck_assert_int_eq(perform(app, read_total, &total), 0);
    ck_assert_int_eq(total, 0);
    journal_await(&cleaned, 8);
    ck_assert_mem_eq(cleaned.entries, expected, sizeof expected);
    ck_assert_int_eq(perform(app, register_falling, NULL), 0);
    finish(app);
    journal_await(&cleaned, 16);
    ck_assert_mem_eq(cleaned.entries + 8, expected, sizeof expected);
    journal_await(&items, 0);
}
END_TEST

/* ---- memory --------------------------------------------------------------------------------- */

/* An allocator that counts. */
struct meter {
    struct sn_allocator allocator;
    _Atomic(int64_t) bytes;
};

static void *metered_alloc(void *context, size_t size)
{
    atomic_fetch_add(&((struct meter *)context)->bytes, (int64_t)size);
    return aligned_alloc(64, (size + 63) / 64 * 64);
}

static void metered_free(void *context, void *memory, size_t size)
{
    atomic_fetch_sub(&((struct meter *)context)->bytes, (int64_t)size);
    free(memory);
}

static int hoard_and_fall(struct fall_actor *self, void *data)
{
    for (size_t size = 1; size < 200000; size = size * 3 / 2 + 1) {
        ck_assert_ptr_nonnull(sn_alloc(self->sn, size));
        ck_assert_ptr_nonnull(sn_scratch(self->sn, size));
    }
    register_three(self, NULL);
    return do_all_and_fall(self, data);
}

START_TEST(memory_does_not_grow_with_the_falls)
{
    struct meter meter = {.bytes = 0};
    struct sn_system_options options = system_of(_i);

    meter.allocator = (struct sn_allocator){metered_alloc, metered_free, &meter};
    options.allocator = &meter.allocator;
    struct fall *app = start_with(options);
    int64_t before = 0;
    for (int i = 0; i < 2000; i++) {
        ck_assert_int_eq(perform(app, hoard_and_fall, NULL), SN_FAILED);
        if (i == 20) {
            ck_assert_int_eq(perform(app, count_on, NULL), 0);
            before = atomic_load(&meter.bytes);
        }
    }
    ck_assert_int_eq(perform(app, count_on, NULL), 0);
    ck_assert_int_eq(atomic_load(&meter.bytes), before);
    finish(app);
    ck_assert_int_eq(atomic_load(&meter.bytes), 0);
}
END_TEST

static int take_until_refused(struct fall_small *self)
{
    size_t taken = 0;

    /* 4k are 32 blocks of 128 bytes, each with a head of 32. */
    while (sn_alloc(self->sn, 96) != NULL)
        taken++;
    ck_assert_uint_eq(taken, 32);
    ck_assert_ptr_null(sn_alloc(self->sn, 1));
    ck_assert_ptr_null(sn_scratch(self->sn, 1));
    ck_assert_int_eq(sn_defer(self->sn, keep_cleaned, self), -ENOMEM);
    ck_assert_int_eq(fall_small_set_name(self, sn_string("x")), -ENOMEM);
    return -ENOMEM;
}

/* Three blocks that make 4k to the byte. */
static const size_t all_of_4k[] = {3264, 768, 64};

static int take_all_once(struct fall_small *self)
{
    char *memory[3];

    for (int i = 0; i < 3; i++) {
        size_t size = all_of_4k[i] - 32;

        memory[i] = sn_alloc(self->sn, size);
        ck_assert_ptr_nonnull(memory[i]);
        for (size_t k = 0; k < size; k++)
            ck_assert_int_eq(memory[i][k], 0);
        memset(memory[i], 0xa5, size);
    }
    ck_assert_ptr_null(sn_alloc(self->sn, 0));
    for (int i = 0; i < 3; i++)
        sn_free(self->sn, memory[i]);
    ck_assert_ptr_null(sn_alloc(self->sn, 3264 - 31));
    ck_assert_ptr_null(sn_alloc(self->sn, SIZE_MAX));
    ck_assert_ptr_null(sn_scratch(self->sn, SIZE_MAX));
    sn_free(self->sn, NULL);
    return 0;
}

static int take_scratch(struct fall_small *self)
{
    for (int i = 0; i < 3; i++)
        ck_assert_ptr_nonnull(sn_scratch(self->sn, all_of_4k[i] - 16));
    ck_assert_ptr_null(sn_scratch(self->sn, 1));
    ck_assert_ptr_null(sn_alloc(self->sn, 1));
    return 0;
}

START_TEST(a_quota_that_is_reached_is_null_then_an_error_then_a_restart)
{
    struct fall *app = start(_i);

    ck_assert_int_eq(perform_small(app, take_until_refused), SN_FAILED);
    /* The next incarnation has all of it again, and so have its handlers one after the other. */
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(perform_small(app, take_all_once), 0);
        ck_assert_int_eq(perform_small(app, take_scratch), 0);
    }
    ck_assert_int_eq(perform_small(app, take_until_refused), SN_FAILED);
    ck_assert_int_eq(perform_small(app, take_all_once), 0);
    ck_assert_uint_eq(finish(app).restarts, 2);
    /* Told once for each incarnation that reached it. */
    ck_assert_int_eq(count_lines("small[0] is refused "), 3);
    ck_assert_int_eq(count_lines("it holds 4096 of its 4096"), 3);
    ck_assert_int_eq(count_lines("small[0] failed: Cannot allocate memory"), 2);
}
END_TEST

/* ---- the simulator -------------------------------------------------------------------------- */

/* What an incarnation holds from one message to the next is in use too. */
static int hold_more(struct fall_actor *self, void *data)
{
    (void)data;
    void *memory = sn_alloc(self->sn, 200);
    sn_assert(self->sn, memory != NULL && sn_alloc(self->sn, 1000) != NULL);
    return sn_defer(self->sn, keep_cleaned, memory);
}

static uint64_t simulate(uint64_t seed)
{
    struct sn_sim_options sim = {
        .seed = seed,
        .rates = {.crash = 20000, .stall = 1000, .delay = 5000, .reorder = 5000},
        .audit_every = 16};
    struct fall *app = start_with((struct sn_system_options){.sim = &sim, .shards = 3});
    struct fall_tell good = {(uintptr_t)hold_more, 0}, bad = {(uintptr_t)do_all_and_fall, 0};

    in_shutdown = do_all_and_fall;
    for (int i = 0; i < 500; i++) {
        ck_assert_int_eq(fall_send_wait_actor_tell(app, i % 3 == 0 ? &bad : &good, PATIENCE), 0);
        ck_assert_int_eq(tell_poisoned(app, add_and_maybe_fall, i), 0);
    }
    at_rest(app->sn);
    uint64_t hash = sn_sim_hash(app->sn);
    finish(app);
    return hash;
}

START_TEST(the_simulator_unwinds_too_and_repeats_itself)
{
    uint64_t seed = 1 + (uint64_t)_i;

    uint64_t first = simulate(seed);
    ck_assert_uint_eq(simulate(seed), first);
}
END_TEST

/* ---- mistakes that end the process ---------------------------------------------------------- */

static void *fall_elsewhere(void *actor)
{
    sn_fail(((struct fall_actor *)actor)->sn, -EIO);
}

static int fall_on_another_thread(struct fall_actor *self, void *data)
{
    pthread_t thread;

    (void)data;
    ck_assert_int_eq(pthread_create(&thread, NULL, fall_elsewhere, self), 0);
    return pthread_join(thread, NULL);
}

static struct fall_actor *lent;

static int lend(struct fall_actor *self, void *data)
{
    (void)data;
    lent = self;
    return 0;
}

static int fall_as_the_other(struct fall_actor *self, void *data)
{
    (void)self;
    (void)data;
    sn_fail(lent->sn, -EIO);
}

static int free_twice(struct fall_actor *self, void *data)
{
    char *memory = sn_alloc(self->sn, 10);

    (void)data;
    sn_free(self->sn, memory);
    sn_free(self->sn, memory);
    return 0;
}

static int free_of_another(struct fall_actor *self, void *data)
{
    (void)data;
    sn_free(lent->sn, sn_alloc(self->sn, 10));
    return 0;
}

/* Each of these ends the process by SIGABRT, which Check expects. */
START_TEST(a_broken_invariant_aborts)
{
    static const script mistakes[] = {fall_on_another_thread, fall_as_the_other, free_twice,
                                      free_of_another};
    struct fall *app = start(0);
    struct fall_perform message = {(uintptr_t)lend, 0};

    ck_assert_int_eq(fall_call_twin_perform(app, &message), 0);
    perform(app, mistakes[_i], NULL);
}
END_TEST

static void add(TCase *tests)
{
    EVERYWHERE(tests, a_handler_that_falls_has_done_nothing);
    EVERYWHERE(tests, a_completion_that_falls_has_done_nothing);
    EVERYWHERE(tests, a_timer_that_falls_has_done_nothing);
    EVERYWHERE(tests, an_init_that_falls_is_tried_again_and_has_done_nothing);
    EVERYWHERE(tests, a_shutdown_hook_that_falls_ends_its_actor_all_the_same);
    EVERYWHERE(tests, a_shutdown_hook_that_falls_does_not_keep_the_actor_from_its_restart);
    EVERYWHERE(tests, a_shutdown_hook_falls_while_its_shard_is_about_to_sleep);
    EVERYWHERE(tests, what_is_no_failure_is_one_when_it_is_thrown);
    EVERYWHERE(tests, a_record_of_a_batch_falls_alone);
    EVERYWHERE(tests, a_message_may_fail_fifteen_times);
    EVERYWHERE(tests, a_storm_of_falls_disturbs_nobody_else);
    EVERYWHERE(tests, shutdown_runs_after_a_failure_return_only);
    EVERYWHERE(tests, a_failed_assertion_names_its_place);
    EVERYWHERE(tests, clean_ups_run_once_in_reverse_order_however_it_ends);
    EVERYWHERE(tests, a_clean_up_that_was_taken_back_does_not_run);
    EVERYWHERE(tests, a_clean_up_that_falls_does_not_keep_the_others_from_running);
    EVERYWHERE(tests, memory_does_not_grow_with_the_falls);
    EVERYWHERE(tests, a_quota_that_is_reached_is_null_then_an_error_then_a_restart);
    tcase_add_loop_test(tests, the_simulator_unwinds_too_and_repeats_itself, 0, 5);
    tcase_add_loop_test_raise_signal(tests, a_broken_invariant_aborts, SIGABRT, 0, 4);
}

int main(void)
{
    return run_suite("failure", add);
}
