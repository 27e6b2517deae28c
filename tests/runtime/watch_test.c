/* SPDX-License-Identifier: MIT */
/*
 * Watches and links: exactly one DOWN for each watch, after what the other had sent, whatever
 * becomes of either side; and failures that linked actors share.
 */
#include "sentry.h"
#include "sentry_keeper.h"
#include "sentry_node.h"
#include "sentry_ward.h"
#include "support.h"

#include <errno.h>

typedef int (*keeper_script)(struct sentry_keeper *self, void *data);
typedef int (*ward_script)(struct sentry_ward *self, void *data);
typedef int (*node_script)(struct sentry_node *self, void *data);

enum { WARD = 1000, WARDS = 2000, MORTAL = 3000, SELF = 4000 };

static struct journal seen;                /* notes by number; DOWNs by pool, index and reason */
static _Atomic(int) keepers, wards, nodes; /* how often they began */
static _Atomic(int) watch_again;

static uint64_t down(uint64_t pool, uint32_t index, int reason)
{
    return (pool + index) * 1000 + (uint64_t)(reason >= 0 ? reason : 500 - reason);
}

/* ---- the workers ---------------------------------------------------------------------------- */

int sentry_keeper_init(struct sentry_keeper *self)
{
    (void)self;
    atomic_fetch_add(&keepers, 1);
    return 0;
}

int sentry_keeper_on_perform(struct sentry_keeper *self, const struct sentry_perform *message,
                             sentry_perform_reply_to to)
{
    int rc = ((keeper_script)(uintptr_t)message->function)(self, (void *)(uintptr_t)message->data);

    return rc != 0 ? rc : sentry_keeper_reply_perform(self, to);
}

int sentry_keeper_on_note(struct sentry_keeper *self, const struct sentry_note *message)
{
    (void)self;
    journal_add(&seen, message->number);
    return 0;
}

int sentry_keeper_on_hint(struct sentry_keeper *self, const struct sentry_hint *message)
{
    (void)self;
    journal_add(&seen, message->number);
    return 0;
}

int sentry_keeper_on_ward_down(struct sentry_keeper *self, int reason)
{
    sn_ref ward = sn_source(self->sn);

    ck_assert(sn_ref_is_set(ward));
    journal_add(&seen, down(WARD, 0, reason));
    /* What is gone will not come back: it would only be said again. */
    return atomic_load(&watch_again) && reason != SN_GONE ? sentry_keeper_watch_ward(self) : 0;
}

int sentry_keeper_on_wards_down(struct sentry_keeper *self, uint32_t index, int reason)
{
    (void)self;
    journal_add(&seen, down(WARDS, index, reason));
    return 0;
}

int sentry_keeper_on_mortal_down(struct sentry_keeper *self, int reason)
{
    (void)self;
    journal_add(&seen, down(MORTAL, 0, reason));
    return 0;
}

int sentry_keeper_on_keeper_down(struct sentry_keeper *self, int reason)
{
    (void)self;
    journal_add(&seen, down(SELF, 0, reason));
    return 0;
}

int sentry_ward_init(struct sentry_ward *self)
{
    (void)self;
    atomic_fetch_add(&wards, 1);
    return 0;
}

int sentry_ward_on_act(struct sentry_ward *self, const struct sentry_act *message,
                       sentry_act_reply_to to)
{
    int rc = ((ward_script)(uintptr_t)message->function)(self, (void *)(uintptr_t)message->data);

    return rc != 0 ? rc : sentry_ward_reply_act(self, to);
}

int sentry_node_init(struct sentry_node *self)
{
    (void)self;
    atomic_fetch_add(&nodes, 1);
    return 0;
}

int sentry_node_on_act(struct sentry_node *self, const struct sentry_act *message,
                       sentry_act_reply_to to)
{
    int rc = ((node_script)(uintptr_t)message->function)(self, (void *)(uintptr_t)message->data);

    return rc != 0 ? rc : sentry_node_reply_act(self, to);
}

/* ---- the kit -------------------------------------------------------------------------------- */

static struct sentry *start(int number)
{
    struct sentry_options options = {.system = system_of(number)};
    struct sentry *app;

    ck_assert_int_eq(sentry_start(&options, &app), 0);
    return app;
}

static struct sn_stats finish(struct sentry *app)
{
    struct sn_stats stats = at_rest(app->sn);

    ck_assert_int_eq(sentry_stop(app), 0);
    return stats;
}

static sn_ref find(struct sentry *app, const char *name)
{
    sn_ref ref;

    ck_assert_int_eq(sn_lookup(app->sn, name, &ref), 0);
    return ref;
}

static void hold(struct sentry *app, const char *name)
{
    ck_assert_int_eq(sn_pause(app->sn, find(app, name)), 0);
    ck_assert_int_eq(sn_ping(app->sn, find(app, name), PATIENCE), 0);
}

static void release(struct sentry *app, const char *name)
{
    ck_assert_int_eq(sn_resume(app->sn, find(app, name)), 0);
}

static struct sentry_act act_of(ward_script function, void *data)
{
    return (struct sentry_act){(uintptr_t)function, (uintptr_t)data};
}

static int keeper(struct sentry *app, keeper_script function, void *data)
{
    return sentry_call_keeper_perform(
        app, &(struct sentry_perform){(uintptr_t)function, (uintptr_t)data});
}

static int ward(struct sentry *app, ward_script function, void *data)
{
    struct sentry_act act = act_of(function, data);

    return sentry_call_ward_act(app, &act);
}

static int fail_with(struct sentry_ward *self, void *data)
{
    (void)self;
    return (int)(intptr_t)data;
}

static void *reason(int number)
{
    return (void *)(intptr_t)number;
}

static int node_fail(struct sentry_node *self, void *data)
{
    (void)self;
    return (int)(intptr_t)data;
}

static int ring(struct sentry *app, uint32_t index, node_script function, void *data)
{
    return sentry_call_ring_act_at(app, index,
                                   &(struct sentry_act){(uintptr_t)function, (uintptr_t)data});
}

static int watch_ward(struct sentry_keeper *self, void *data)
{
    (void)data;
    return sentry_keeper_watch_ward(self);
}

static int unwatch_ward(struct sentry_keeper *self, void *data)
{
    (void)data;
    return sentry_keeper_unwatch_ward(self);
}

/* ---- watches -------------------------------------------------------------------------------- */

START_TEST(a_watch_gives_one_down_with_the_reason)
{
    struct sentry *app = start(_i);

    ck_assert_int_eq(keeper(app, watch_ward, NULL), 0);
    at_rest(app->sn);
    ck_assert_int_eq(ward(app, fail_with, reason(-EIO)), SN_FAILED);
    journal_await(&seen, 1);
    ck_assert_uint_eq(seen.entries[0], down(WARD, 0, -EIO));
    AWAIT(atomic_load(&wards) == 6); /* 5 at first */
    ck_assert_int_eq(ward(app, fail_with, reason(-EPERM)), SN_FAILED);
    AWAIT(atomic_load(&wards) == 7);
    ck_assert_int_eq(keeper(app, watch_ward, NULL), 0);
    at_rest(app->sn);
    ck_assert_int_eq(ward(app, fail_with, reason(SN_STOP)), SN_UNANSWERED);
    journal_await(&seen, 2);
    ck_assert_uint_eq(seen.entries[1], down(WARD, 0, SN_STOP));
    finish(app);
    journal_await(&seen, 2);
}
END_TEST

START_TEST(who_watches_again_in_the_handler_hears_of_each_end)
{
    struct sentry *app = start(_i);

    atomic_store(&watch_again, 1);
    ck_assert_int_eq(keeper(app, watch_ward, NULL), 0);
    at_rest(app->sn);
    for (int i = 1; i <= 20; i++) {
        ck_assert_int_eq(ward(app, fail_with, reason(-i)), SN_FAILED);
        journal_await(&seen, (uint32_t)i);
        ck_assert_uint_eq(seen.entries[i - 1], down(WARD, 0, -i));
        at_rest(app->sn);
        AWAIT(atomic_load(&wards) == 5 + i);
    }
    ck_assert_int_eq(sentry_stop(app), 0);
}
END_TEST

static int tell_and_fail(struct sentry_ward *self, void *data)
{
    int rc = 0;

    (void)data;
    for (uint32_t i = 0; rc == 0 && i < 4; i++)
        rc = sentry_ward_send_keeper_note(self, &(struct sentry_note){i});
    return rc != 0 ? rc : SN_STOP;
}

START_TEST(a_down_comes_after_earlier_messages_and_needs_no_room)
{
    struct sentry *app = start(_i);

    ck_assert_int_eq(keeper(app, watch_ward, NULL), 0);
    at_rest(app->sn);
    hold(app, "keeper");
    ck_assert_int_eq(ward(app, tell_and_fail, NULL), SN_UNANSWERED); /* the mailbox is full now */
    AWAIT(atomic_load(&wards) == 6);
    ck_assert_int_eq(sentry_send_keeper_note(app, &(struct sentry_note){9}), SN_FULL);
    release(app, "keeper");
    journal_await(&seen, 5);
    for (uint32_t i = 0; i < 4; i++)
        ck_assert_uint_eq(seen.entries[i], i);
    ck_assert_uint_eq(seen.entries[4], down(WARD, 0, SN_STOP));
    struct sn_stats stats = finish(app);
    ck_assert_uint_eq(stats.accepted, 6); /* a DOWN is none of them */
}
END_TEST

static int watch_mortal(struct sentry_keeper *self, void *data)
{
    (void)data;
    return sentry_keeper_watch_mortal(self);
}

/* More than the keeper has room for: the rest is parked. */
static int hint_and_stop(struct sentry_ward *self, void *data)
{
    int rc = 0;

    (void)data;
    for (uint32_t i = 0; rc == 0 && i < 8; i++)
        rc = sentry_ward_send_keeper_hint(self, &(struct sentry_hint){i});
    return rc != 0 ? rc : SN_STOP;
}

START_TEST(a_down_comes_after_what_was_parked)
{
    struct sentry *app = start(_i);

    ck_assert_int_eq(keeper(app, watch_ward, NULL), 0);
    at_rest(app->sn);
    hold(app, "keeper");
    ck_assert_int_eq(ward(app, hint_and_stop, NULL), SN_UNANSWERED);
    AWAIT(atomic_load(&wards) == 6); /* it has ended, and begun again */
    journal_await(&seen, 0);
    release(app, "keeper");
    journal_await(&seen, 9);
    for (uint32_t i = 0; i < 8; i++)
        ck_assert_uint_eq(seen.entries[i], i);
    ck_assert_uint_eq(seen.entries[8], down(WARD, 0, SN_STOP));
    ck_assert_int_eq(ward(app, fail_with, 0), 0); /* its outbox is empty */
    ck_assert_uint_eq(finish(app).dead_lettered, 0);
}
END_TEST

START_TEST(a_down_that_waits_behind_what_was_parked_can_be_called_off)
{
    struct sentry *app = start(_i);
    struct sentry_perform act = {(uintptr_t)unwatch_ward, 0};
    struct sentry_perform_future future;

    ck_assert_int_eq(keeper(app, watch_ward, NULL), 0);
    at_rest(app->sn);
    hold(app, "keeper");
    ck_assert_int_eq(sentry_ask_keeper_perform(app, &act, &future), 0);
    ck_assert_int_eq(sn_ping(app->sn, find(app, "keeper"), PATIENCE), 0); /* it is queued */
    ck_assert_int_eq(ward(app, hint_and_stop, NULL), SN_UNANSWERED);
    AWAIT(atomic_load(&wards) == 6);
    release(app, "keeper");
    ck_assert_int_eq(sentry_perform_future_wait(&future, PATIENCE), 0);
    journal_await(&seen, 8);
    ck_assert_int_eq(ward(app, fail_with, 0), 0);
    finish(app);
    journal_await(&seen, 8);
}
END_TEST

START_TEST(a_down_of_who_is_gone_comes_when_what_was_parked_has_died)
{
    struct sentry *app = start(_i);
    struct sentry_act act = act_of(hint_and_stop, NULL);

    ck_assert_int_eq(keeper(app, watch_mortal, NULL), 0);
    at_rest(app->sn);
    hold(app, "keeper");
    ck_assert_int_eq(sentry_call_mortal_act(app, &act), SN_UNANSWERED);
    AWAIT(sentry_call_mortal_act(app, &act) == SN_GONE);
    release(app, "keeper");
    journal_await(&seen, 5);
    for (uint32_t i = 0; i < 4; i++)
        ck_assert_uint_eq(seen.entries[i], i);
    ck_assert_uint_eq(seen.entries[4], down(MORTAL, 0, SN_STOP));
    ck_assert_uint_ge(finish(app).dead_lettered, 4); /* and perhaps an act of the loop above */
    journal_await(&seen, 5);
}
END_TEST

START_TEST(what_is_gone_already_gives_a_down_at_once)
{
    struct sentry *app = start(_i);
    struct sentry_act act = act_of(fail_with, reason(-EIO));

    ck_assert_int_eq(sentry_call_mortal_act(app, &act), SN_FAILED);
    AWAIT(sentry_call_mortal_act(app, &act) == SN_GONE);
    for (uint32_t i = 1; i <= 3; i++) {
        ck_assert_int_eq(keeper(app, watch_mortal, NULL), 0);
        journal_await(&seen, i);
        ck_assert_uint_eq(seen.entries[i - 1], down(MORTAL, 0, SN_GONE));
    }
    finish(app);
    journal_await(&seen, 3);
}
END_TEST

START_TEST(after_unwatch_no_down_comes_not_even_a_queued_one)
{
    struct sentry *app = start(_i);
    struct sentry_perform act = {(uintptr_t)unwatch_ward, 0};
    struct sentry_perform_future future;

    ck_assert_int_eq(keeper(app, watch_ward, NULL), 0);
    ck_assert_int_eq(keeper(app, unwatch_ward, NULL), 0);
    ck_assert_int_eq(keeper(app, unwatch_ward, NULL), 0); /* of nothing: nothing */
    at_rest(app->sn);
    ck_assert_int_eq(ward(app, fail_with, reason(-EIO)), SN_FAILED);
    AWAIT(atomic_load(&wards) == 6);
    ck_assert_int_eq(keeper(app, watch_ward, NULL), 0);
    at_rest(app->sn);
    hold(app, "keeper");
    ck_assert_int_eq(sentry_ask_keeper_perform(app, &act, &future), 0);
    ck_assert_int_eq(sn_ping(app->sn, find(app, "keeper"), PATIENCE), 0); /* it is queued */
    ck_assert_int_eq(ward(app, fail_with, reason(-EIO)), SN_FAILED);
    AWAIT(atomic_load(&wards) == 7);
    ck_assert_int_eq(ward(app, fail_with, 0), 0); /* its DOWN is queued, or on its way */
    release(app, "keeper");
    ck_assert_int_eq(sentry_perform_future_wait(&future, PATIENCE), 0);
    finish(app);
    journal_await(&seen, 0);
}
END_TEST

static int watch_twice(struct sentry_keeper *self, void *data)
{
    int rc = sentry_keeper_watch_ward(self);

    (void)data;
    return rc != 0 ? rc : sentry_keeper_watch_ward(self);
}

START_TEST(what_is_watched_is_not_watched_twice)
{
    struct sentry *app = start(_i);

    ck_assert_int_eq(keeper(app, watch_twice, NULL), 0);
    ck_assert_int_eq(keeper(app, watch_ward, NULL), 0);
    at_rest(app->sn);
    ck_assert_int_eq(ward(app, fail_with, reason(-EIO)), SN_FAILED);
    journal_await(&seen, 1);
    finish(app);
    journal_await(&seen, 1);
}
END_TEST

static int watch_and_fail(struct sentry_keeper *self, void *data)
{
    (void)data;
    ck_assert_int_eq(sentry_keeper_watch_ward(self), 0);
    ck_assert_int_eq(sentry_keeper_unwatch_wards_all(self), 0);
    return -EIO;
}

static int watch_wards(struct sentry_keeper *self, void *data)
{
    (void)data;
    ck_assert_int_eq(sentry_keeper_watch_wards_at(self, 3), SN_GONE);
    return sentry_keeper_watch_wards_all(self);
}

START_TEST(a_handler_that_fails_has_watched_nothing_and_its_watches_vanish)
{
    struct sentry *app = start(_i);
    struct sentry_act act = act_of(fail_with, reason(-EIO));

    ck_assert_int_eq(keeper(app, watch_wards, NULL), 0);
    at_rest(app->sn);
    ck_assert_int_eq(keeper(app, watch_and_fail, NULL), SN_FAILED);
    AWAIT(atomic_load(&keepers) == 2);
    at_rest(app->sn);
    ck_assert_int_eq(ward(app, fail_with, reason(-EIO)), SN_FAILED);
    for (uint32_t i = 0; i < 3; i++)
        ck_assert_int_eq(sentry_call_wards_act_at(app, i, &act), SN_FAILED);
    AWAIT(atomic_load(&wards) == 9);
    finish(app);
    journal_await(&seen, 0);
}
END_TEST

START_TEST(a_down_names_the_member)
{
    struct sentry *app = start(_i);

    ck_assert_int_eq(keeper(app, watch_wards, NULL), 0);
    at_rest(app->sn);
    for (uint32_t i = 0; i < 3; i++) {
        struct sentry_act act = act_of(fail_with, reason(-(int)i - 1));

        ck_assert_int_eq(sentry_call_wards_act_at(app, i, &act), SN_FAILED);
        journal_await(&seen, i + 1);
        ck_assert_uint_eq(seen.entries[i], down(WARDS, i, -(int)i - 1));
    }
    finish(app);
    journal_await(&seen, 3);
}
END_TEST

static int watch_self_and_fail(struct sentry_keeper *self, void *data)
{
    if (data == NULL)
        return sentry_keeper_watch_keeper(self);
    return -EIO;
}

START_TEST(who_watches_itself_hears_nothing)
{
    struct sentry *app = start(_i);
    int any = 0;

    ck_assert_int_eq(keeper(app, watch_self_and_fail, NULL), 0);
    ck_assert_int_eq(keeper(app, watch_self_and_fail, &any), SN_FAILED);
    AWAIT(atomic_load(&keepers) == 2);
    finish(app);
    journal_await(&seen, 0);
}
END_TEST

START_TEST(who_has_not_been_told_yet_still_watches)
{
    struct sentry *app = start(_i);
    struct sentry_perform again = {(uintptr_t)watch_ward, 0};
    struct sentry_perform_future future;

    ck_assert_int_eq(keeper(app, watch_ward, NULL), 0);
    at_rest(app->sn);
    hold(app, "keeper");
    ck_assert_int_eq(sentry_ask_keeper_perform(app, &again, &future), 0);
    ck_assert_int_eq(sn_ping(app->sn, find(app, "keeper"), PATIENCE), 0);
    ck_assert_int_eq(ward(app, fail_with, reason(-EIO)), SN_FAILED);
    AWAIT(atomic_load(&wards) == 6);
    release(app, "keeper");
    ck_assert_int_eq(sentry_perform_future_wait(&future, PATIENCE), 0);
    journal_await(&seen, 1);
    at_rest(app->sn);
    ck_assert_int_eq(ward(app, fail_with, reason(-EIO)), SN_FAILED);
    AWAIT(atomic_load(&wards) == 7);
    finish(app);
    journal_await(&seen, 1);
}
END_TEST

START_TEST(a_stop_of_the_system_is_a_reason)
{
    struct sentry *app = start(_i);

    ck_assert_int_eq(keeper(app, watch_wards, NULL), 0);
    ck_assert_int_eq(keeper(app, watch_mortal, NULL), 0);
    at_rest(app->sn);
    ck_assert_int_eq(sentry_stop(app), 0);
    uint32_t count = atomic_load(&seen.count); /* it may have stopped before it was told */
    ck_assert_uint_le(count, 4);
    for (uint32_t i = 0; i < count; i++)
        ck_assert_uint_eq(seen.entries[i] % 1000, SN_SHUTDOWN);
}
END_TEST

/* ---- links ---------------------------------------------------------------------------------- */

static int link_next(struct sentry_node *self, void *data)
{
    uint32_t next = (sn_self_index(self->sn) + 1) % 4;

    (void)data;
    return sentry_node_link_ring_at(self, next);
}

static void make_ring(struct sentry *app)
{
    for (uint32_t i = 0; i < 4; i++)
        ck_assert_int_eq(ring(app, i, link_next, NULL), 0);
    at_rest(app->sn);
}

START_TEST(linked_actors_fail_together_and_a_cycle_ends)
{
    struct sentry *app = start(_i);

    make_ring(app);
    ck_assert_int_eq(ring(app, (uint32_t)_i % 4, node_fail, reason(-EIO)), SN_FAILED);
    AWAIT(atomic_load(&nodes) == 8);
    struct sn_stats stats = finish(app);
    ck_assert_uint_eq(stats.restarts, 4);
    ck_assert_uint_eq(stats.failed, 1);
    ck_assert_int_eq(atomic_load(&nodes), 8);
}
END_TEST

START_TEST(links_go_with_the_incarnation)
{
    struct sentry *app = start(_i);

    make_ring(app);
    ck_assert_int_eq(ring(app, 0, node_fail, reason(-EIO)), SN_FAILED);
    AWAIT(atomic_load(&nodes) == 8);
    at_rest(app->sn);
    ck_assert_int_eq(ring(app, 0, node_fail, reason(-EIO)), SN_FAILED);
    AWAIT(atomic_load(&nodes) == 9);
    ck_assert_uint_eq(finish(app).restarts, 5);
}
END_TEST

START_TEST(a_normal_end_is_not_shared)
{
    struct sentry *app = start(_i);

    make_ring(app);
    ck_assert_int_eq(ring(app, 1, node_fail, reason(SN_STOP)), SN_UNANSWERED);
    AWAIT(ring(app, 1, node_fail, 0) == SN_GONE);
    at_rest(app->sn);
    /* 0 -> 1 and 1 -> 2 are no more, 2 -> 3 and 3 -> 0 still are */
    ck_assert_int_eq(ring(app, 3, node_fail, reason(-EIO)), SN_FAILED);
    AWAIT(atomic_load(&nodes) == 7);
    ck_assert_uint_eq(finish(app).restarts, 3);
}
END_TEST

static int unlink_next(struct sentry_node *self, void *data)
{
    uint32_t next = (sn_self_index(self->sn) + 1) % 4;

    (void)data;
    return sentry_node_unlink_ring_at(self, next);
}

static int link_and_fail(struct sentry_node *self, void *data)
{
    int rc = link_next(self, data);

    return rc != 0 ? rc : -EIO;
}

START_TEST(what_was_unlinked_or_never_linked_lives_on)
{
    struct sentry *app = start(_i);

    ck_assert_int_eq(ring(app, 2, link_next, NULL), 0);
    ck_assert_int_eq(ring(app, 2, unlink_next, NULL), 0);
    at_rest(app->sn);
    ck_assert_int_eq(ring(app, 2, link_and_fail, NULL), SN_FAILED);
    AWAIT(atomic_load(&nodes) == 5);
    ck_assert_uint_eq(finish(app).restarts, 1);
}
END_TEST

static int link_mortal(struct sentry_node *self, void *data)
{
    (void)data;
    return sentry_node_link_mortal(self);
}

START_TEST(a_link_with_who_is_gone_is_a_failure)
{
    struct sentry *app = start(_i);
    struct sentry_act act = act_of(fail_with, reason(-EIO));

    ck_assert_int_eq(ring(app, 0, link_mortal, NULL), 0);
    at_rest(app->sn);
    ck_assert_int_eq(sentry_call_mortal_act(app, &act), SN_FAILED);
    AWAIT(atomic_load(&nodes) == 5);
    AWAIT(sentry_call_mortal_act(app, &act) == SN_GONE);
    ck_assert_int_eq(ring(app, 1, link_mortal, NULL), 0);
    AWAIT(atomic_load(&nodes) == 6);
    ck_assert_uint_eq(finish(app).restarts, 2);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_set_timeout(tests, 100);
    EVERYWHERE(tests, a_watch_gives_one_down_with_the_reason);
    EVERYWHERE(tests, who_watches_again_in_the_handler_hears_of_each_end);
    EVERYWHERE(tests, a_down_comes_after_earlier_messages_and_needs_no_room);
    EVERYWHERE(tests, a_down_comes_after_what_was_parked);
    EVERYWHERE(tests, a_down_that_waits_behind_what_was_parked_can_be_called_off);
    EVERYWHERE(tests, a_down_of_who_is_gone_comes_when_what_was_parked_has_died);
    EVERYWHERE(tests, what_is_gone_already_gives_a_down_at_once);
    EVERYWHERE(tests, after_unwatch_no_down_comes_not_even_a_queued_one);
    EVERYWHERE(tests, what_is_watched_is_not_watched_twice);
    EVERYWHERE(tests, a_handler_that_fails_has_watched_nothing_and_its_watches_vanish);
    EVERYWHERE(tests, a_down_names_the_member);
    EVERYWHERE(tests, who_watches_itself_hears_nothing);
    EVERYWHERE(tests, who_has_not_been_told_yet_still_watches);
    EVERYWHERE(tests, a_stop_of_the_system_is_a_reason);
    EVERYWHERE(tests, linked_actors_fail_together_and_a_cycle_ends);
    EVERYWHERE(tests, links_go_with_the_incarnation);
    EVERYWHERE(tests, a_normal_end_is_not_shared);
    EVERYWHERE(tests, what_was_unlinked_or_never_linked_lives_on);
    EVERYWHERE(tests, a_link_with_who_is_gone_is_a_failure);
}

int main(void)
{
    return run_suite("watch", add_tests);
}
