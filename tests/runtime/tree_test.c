/* SPDX-License-Identifier: MIT */
/*
 * Supervision through the real runtime: which children restart, with what, and in which order.
 * The tree's own logic has its tests in tests/unit/supervise/ and tests/otp/.
 */
#include "tree_kit.h"

#include <errno.h>

/* ---- starting and stopping ------------------------------------------------------------------ */

START_TEST(children_start_in_order_and_stop_in_reverse)
{
    struct tree *app = start(_i);
    uint32_t count = atomic_load(&events.count);

    ck_assert_uint_eq(count, POOLS + 3);
    for (uint32_t i = 1; i < count; i++) /* the numbers of pools only grow */
        ck_assert_uint_ge(events.entries[i] >> 8, events.entries[i - 1] >> 8);
    finish(app);
    journal_await(&events, 2 * count);
    for (uint32_t i = count + 1; i < 2 * count; i++)
        ck_assert_uint_le(events.entries[i] >> 8, events.entries[i - 1] >> 8);
    for (int i = 0; i < POOLS; i++)
        ck_assert_int_eq(atomic_load(&reasons[i][0]), SN_SHUTDOWN);
}
END_TEST

START_TEST(a_failing_init_stops_those_that_started)
{
    struct tree_options options = options_of(_i);
    struct tree *app;

    atomic_store(&init_failures[REST_2], 1);
    ck_assert_int_eq(tree_start(&options, &app), -EIO);
    ck_assert_ptr_null(app);
    uint32_t count = atomic_load(&events.count) / 2;
    for (uint32_t i = 0; i < count; i++) {
        ck_assert_uint_eq(events.entries[i] >> 16, STARTED);
        ck_assert_uint_eq(events.entries[count + i] >> 16, STOPPED);
    }
    ck_assert_int_eq(atomic_load(&inits[REST_2][0]), 1); /* no restart */
    ck_assert_int_eq(atomic_load(&inits[REST_3][0]), 0);
    ck_assert_int_eq(atomic_load(&shutdowns[REST_2][0]), 0);
    ck_assert_int_eq(atomic_load(&held), 0);
}
END_TEST

START_TEST(an_init_that_ignores_leaves_its_position_empty)
{
    struct tree_options options = options_of(_i);
    struct tree *app;
    sn_ref ref;

    atomic_store(&ignored[REST_2], true);
    ck_assert_int_eq(tree_start(&options, &app), 0);
    ck_assert_int_eq(tree_send_rest_2_item(app, &(struct tree_item){1}), SN_GONE);
    ck_assert_int_eq(sn_lookup(app->sn, "rest_2", &ref), SN_GONE);
    atomic_store(&ignored[REST_2], false);
    ck_assert_int_eq(perform(app, REST_1, 0, crash), SN_FAILED);
    await_inits(app, REST_1, 0, 2); /* the group restarts, and the position is filled */
    await_inits(app, REST_2, 0, 2);
    finish(app);
}
END_TEST

/* ---- restart types -------------------------------------------------------------------------- */

START_TEST(a_permanent_child_is_always_restarted)
{
    struct tree *app = start(_i);

    ck_assert_int_eq(perform(app, SINGLE, 0, crash), SN_FAILED);
    await_inits(app, SINGLE, 0, 2);
    ck_assert_int_eq(atomic_load(&reasons[SINGLE][0]), -EIO);
    ck_assert_int_eq(perform(app, SINGLE, 0, end_normally), SN_UNANSWERED);
    await_inits(app, SINGLE, 0, 3);
    ck_assert_uint_eq(finish(app).restarts, 2);
    ck_assert_int_eq(atomic_load(&shutdowns[SINGLE][0]), 3);
}
END_TEST

START_TEST(a_transient_child_is_restarted_unless_it_stopped_normally)
{
    struct tree *app = start(_i);
    struct tree_poll_reply reply;

    ck_assert_int_eq(perform(app, PASSING, 0, crash), SN_FAILED);
    await_inits(app, PASSING, 0, 2);
    ck_assert_int_eq(perform(app, PASSING, 0, end_normally), SN_UNANSWERED);
    AWAIT(tree_send_passing_item(app, &(struct tree_item){1}) == SN_GONE);
    ck_assert_int_eq(tree_call_passing_poll(app, &reply), SN_GONE);
    ck_assert_uint_eq(finish(app).restarts, 1);
    ck_assert_int_eq(atomic_load(&inits[PASSING][0]), 2);
}
END_TEST

START_TEST(a_temporary_child_is_never_restarted)
{
    struct tree *app = start(_i);
    sn_ref ref;

    ck_assert_int_eq(perform(app, BRIEF, 0, crash), SN_FAILED);
    AWAIT(tree_send_brief_item(app, &(struct tree_item){1}) == SN_GONE);
    AWAIT(sn_lookup(app->sn, "brief", &ref) == SN_GONE);
    ck_assert_uint_eq(finish(app).restarts, 0);
    ck_assert_int_eq(atomic_load(&inits[BRIEF][0]), 1);
}
END_TEST

/* ---- strategies ----------------------------------------------------------------------------- */

START_TEST(one_for_one_restarts_only_the_failed_child)
{
    struct tree *app = start(_i);

    ck_assert_int_eq(perform(app, SINGLE, 0, crash), SN_FAILED);
    await_inits(app, SINGLE, 0, 2);
    check_inits((int[POOLS]){[SINGLE] = 2});
    ck_assert_uint_eq(finish(app).restarts, 1);
}
END_TEST

START_TEST(one_for_one_restarts_only_the_failed_member_of_a_pool)
{
    struct tree *app = start(_i);

    ck_assert_int_eq(perform(app, SEVERAL, 1, crash), SN_FAILED);
    await_inits(app, SEVERAL, 1, 2);
    await_inits(app, SEVERAL, 0, 1);
    await_inits(app, SEVERAL, 2, 1);
    ck_assert_uint_eq(finish(app).restarts, 1);
}
END_TEST

START_TEST(one_for_all_restarts_whole_pools_in_order_and_counts_once)
{
    struct tree *app = start(_i);
    uint32_t before = atomic_load(&events.count);

    ck_assert_int_eq(perform(app, ALL_2, 1, crash), SN_FAILED);
    await_inits(app, ALL_3, 0, 2);
    check_inits((int[POOLS]){[ALL_1] = 2, [ALL_2] = 2, [ALL_3] = 2});
    /* 5 were stopped, the temporary one among them, and 4 started. */
    journal_await(&events, before + 9);
    ck_assert_uint_eq(events.entries[before], event(STOPPED, ALL_2, 1));
    ck_assert_uint_eq(events.entries[before + 1], event(STOPPED, ALL_BRIEF, 0));
    ck_assert_uint_eq(events.entries[before + 2], event(STOPPED, ALL_3, 0));
    ck_assert_uint_eq(events.entries[before + 3], event(STOPPED, ALL_2, 0));
    ck_assert_uint_eq(events.entries[before + 4], event(STOPPED, ALL_1, 0));
    ck_assert_uint_eq(events.entries[before + 5], event(STARTED, ALL_1, 0));
    ck_assert_uint_eq(events.entries[before + 8], event(STARTED, ALL_3, 0));
    /* The bystander that is temporary does not come back. */
    ck_assert_int_eq(tree_send_all_brief_item(app, &(struct tree_item){1}), SN_GONE);
    ck_assert_uint_eq(finish(app).restarts, 1);
}
END_TEST

START_TEST(rest_for_one_restarts_the_later_children)
{
    struct tree *app = start(_i);
    uint32_t before = atomic_load(&events.count);

    ck_assert_int_eq(perform(app, REST_2, 0, crash), SN_FAILED);
    await_inits(app, REST_3, 0, 2);
    check_inits((int[POOLS]){[REST_2] = 2, [REST_3] = 2});
    journal_await(&events, before + 4);
    ck_assert_uint_eq(events.entries[before + 1], event(STOPPED, REST_3, 0));
    ck_assert_uint_eq(events.entries[before + 2], event(STARTED, REST_2, 0));
    ck_assert_uint_eq(finish(app).restarts, 1);
}
END_TEST

/* ---- intensity, escalation, back-off -------------------------------------------------------- */

START_TEST(the_third_restart_of_two_allowed_escalates)
{
    struct tree *app = start(_i);
    sn_ref ref;

    for (int i = 1; i <= 2; i++) {
        ck_assert_int_eq(perform(app, FRAIL_1, 0, crash), SN_FAILED);
        await_inits(app, FRAIL_1, 0, i + 1);
        check_inits((int[POOLS]){[FRAIL_1] = i + 1});
    }
    ck_assert_int_eq(perform(app, FRAIL_1, 0, crash), SN_FAILED);
    /* The supervisor gave up and its parent restarted it, with all its children. */
    AWAIT(atomic_load(&inits[FRAIL_2][0]) == 2);
    struct tree_poll_reply reply;
    AWAIT(tree_call_frail_2_poll(app, &reply) == 0);
    await_inits(app, FRAIL_1, 0, 4);
    check_inits((int[POOLS]){[FRAIL_1] = 4, [FRAIL_2] = 2});
    /* By name too, although they have new references. */
    ck_assert_int_eq(sn_lookup(app->sn, "frail_1", &ref), 0);
    ck_assert_int_eq(sn_ping(app->sn, ref, PATIENCE), 0);
    finish(app);
}
END_TEST

static void advance(struct tree *app, uint64_t by_ns)
{
    sn_ref ref;

    manual_clock_advance(&hands, by_ns);
    ck_assert_int_eq(sn_lookup(app->sn, "all_1", &ref), 0); /* on shard 0, as the tree */
    for (int i = 0; i < 3; i++) /* one may meet a pass that began before, see timers_test.c */
        ck_assert_int_eq(sn_ping(app->sn, ref, PATIENCE), 0);
}

START_TEST(restarts_back_off_from_the_second_on)
{
    struct tree_options options = options_of(_i);
    struct tree *app;

    manual_clock_init(&hands);
    options.system.clock = &hands.clock;
    ck_assert_int_eq(tree_start(&options, &app), 0);
    send_item(app, SLOW_1, 0, 0);
    await_inits(app, SLOW_1, 0, 2); /* the first at once */
    await_inits(app, SLOW_2, 0, 2);
    send_item(app, SLOW_1, 0, 0);
    AWAIT(atomic_load(&shutdowns[SLOW_2][0]) == 2);
    /* Meanwhile the group stays stopped, and the mailboxes accept up to their capacity. */
    for (uint32_t i = 1; i <= 4; i++)
        send_item(app, SLOW_1, 0, i);
    ck_assert_int_eq(tree_send_slow_1_item(app, &(struct tree_item){5}), SN_FULL);
    advance(app, 99 * SN_MS);
    ck_assert_int_eq(atomic_load(&inits[SLOW_1][0]), 2);
    ck_assert_int_eq(atomic_load(&inits[SLOW_2][0]), 2);
    advance(app, 102 * SN_MS); /* the second waits between one and two times the minimum */
    AWAIT(atomic_load(&inits[SLOW_2][0]) == 3);
    at_rest(app->sn);
    journal_await(&items, 2 + 4);
    for (uint32_t i = 1; i <= 4; i++)
        ck_assert_uint_eq(items.entries[1 + i], i);
    finish(app);
}
END_TEST

START_TEST(a_failing_init_of_a_restart_is_tried_again_and_counted)
{
    struct tree *app = start(_i);

    atomic_store(&init_failures[SINGLE], 5);
    ck_assert_int_eq(perform(app, SINGLE, 0, crash), SN_FAILED);
    await_inits(app, SINGLE, 0, 1 + 5 + 1);
    ck_assert_uint_eq(finish(app).restarts, 6);
    ck_assert_int_eq(atomic_load(&shutdowns[SINGLE][0]), 2); /* one for each init that succeeded */
}
END_TEST

START_TEST(a_stop_gets_in_between_failing_restarts)
{
    struct tree *app = start(_i);

    atomic_store(&init_failures[SINGLE], INT32_MAX);
    ck_assert_int_eq(perform(app, SINGLE, 0, crash), SN_FAILED);
    AWAIT(atomic_load(&inits[SINGLE][0]) >= 3);
    ck_assert_int_eq(tree_stop(app), 0);
    ck_assert_int_eq(atomic_load(&shutdowns[SINGLE][0]), 1);
}
END_TEST

START_TEST(the_end_of_a_significant_child_ends_the_others)
{
    struct tree *app = start(_i);
    struct tree_poll_reply reply;

    ck_assert_int_eq(perform(app, GUEST, 0, crash), SN_FAILED); /* a restart is no end */
    await_inits(app, GUEST, 0, 2);
    ck_assert_int_eq(atomic_load(&shutdowns[HOST][0]), 0);
    ck_assert_int_eq(perform(app, GUEST, 0, end_normally), SN_UNANSWERED);
    AWAIT(atomic_load(&shutdowns[HOST][0]) == 1);
    ck_assert_int_eq(atomic_load(&reasons[HOST][0]), SN_SHUTDOWN);
    AWAIT(pools[HOST].poll(app, 0, &reply) == SN_GONE);
    AWAIT(pools[GUEST].poll(app, 0, &reply) == SN_GONE);
    check_inits((int[POOLS]){[GUEST] = 2});
    finish(app);
}
END_TEST

/* ---- what survives -------------------------------------------------------------------------- */

static int fill_and_crash(struct tree_child *self, void *data)
{
    (void)data;
    self->count = 9;
    self->total = 99;
    ck_assert_int_eq(tree_child_set_name(self, sn_string("gone")), 0);
    self->memory = (uintptr_t)sn_alloc(self->sn, 1000);
    ck_assert_uint_ne(self->memory, 0);
    return -EIO;
}

START_TEST(state_is_zeroed_and_retain_rolled_back)
{
    struct tree *app = start(_i);
    struct tree_poll_reply reply;

    send_item(app, SINGLE, 0, 1);
    send_item(app, SINGLE, 0, 2);
    /* init checks that the state is zero; what fini held was released, see finish(). */
    ck_assert_int_eq(perform(app, SINGLE, 0, fill_and_crash), SN_FAILED);
    ck_assert_int_eq(tree_call_single_poll(app, &reply), 0);
    ck_assert_uint_eq(reply.count, 0);
    ck_assert_int_eq(reply.total, 2);
    ck_assert_uint_eq(reply.inits, 2);
    finish(app);
}
END_TEST

START_TEST(the_mailbox_and_the_reference_survive_a_restart)
{
    struct tree *app = start(_i);
    sn_ref before, after;

    ck_assert_int_eq(sn_lookup(app->sn, "single", &before), 0);
    ck_assert_int_eq(sn_pause(app->sn, before), 0);
    send_item(app, SINGLE, 0, 0); /* fails, and is not tried again */
    for (uint32_t i = 1; i <= 3; i++)
        send_item(app, SINGLE, 0, i);
    ck_assert_int_eq(sn_resume(app->sn, before), 0);
    struct sn_stats stats = at_rest(app->sn);
    journal_await(&items, 4);
    for (uint32_t i = 0; i < 4; i++)
        ck_assert_uint_eq(items.entries[i], i);
    ck_assert_uint_eq(stats.failed, 1);
    ck_assert_uint_eq(stats.handled, 3);
    await_inits(app, SINGLE, 0, 2);
    ck_assert_int_eq(sn_lookup(app->sn, "single", &after), 0);
    ck_assert(sn_ref_equal(before, after));
    finish(app);
}
END_TEST

START_TEST(a_poisonous_message_is_tried_so_often_and_no_more)
{
    struct tree *app = start(_i);

    send_item(app, POISONED, 0, 1);
    send_item(app, POISONED, 0, 0);
    send_item(app, POISONED, 0, 2);
    struct sn_stats stats = at_rest(app->sn);
    journal_await(&items, 5);
    static const uint64_t expected[] = {1, 0, 0, 0, 2};
    for (int i = 0; i < 5; i++)
        ck_assert_uint_eq(items.entries[i], expected[i]);
    ck_assert_uint_eq(stats.failed, 1);
    ck_assert_uint_eq(stats.handled, 2);
    ck_assert_uint_eq(stats.accepted, 3); /* a retry is not accepted again */
    journal_await(&letters, 1);
    ck_assert_int_eq((int)letters.entries[0], SN_FAILED);
    finish(app);
    ck_assert_int_eq(atomic_load(&inits[POISONED][0]), 4);
}
END_TEST

static int arm(struct tree_child *self, void *data)
{
    (void)data;
    return tree_child_start_later(self);
}

START_TEST(timers_die_with_the_incarnation)
{
    struct tree_options options = options_of(_i);
    struct tree *app;

    manual_clock_init(&hands);
    options.system.clock = &hands.clock;
    ck_assert_int_eq(tree_start(&options, &app), 0);
    ck_assert_int_eq(perform(app, ALL_1, 0, arm), 0);
    ck_assert_int_eq(perform(app, ALL_1, 0, crash), SN_FAILED);
    await_inits(app, ALL_1, 0, 2);
    advance(app, SN_SECOND);
    journal_await(&firings, 0);
    ck_assert_int_eq(perform(app, ALL_1, 0, arm), 0);
    advance(app, SN_SECOND);
    journal_await(&firings, 1);
    finish(app);
}
END_TEST

static int name_oneself(struct tree_child *self, void *data)
{
    (void)data;
    ck_assert_int_eq(sn_register(self->sn, sn_string("the one")), 0);
    ck_assert_int_eq(sn_register(self->sn, sn_string("the one")), -EEXIST);
    ck_assert_int_eq(sn_register(self->sn, sn_string("single")), -EEXIST);
    ck_assert_int_eq(sn_register(self->sn, sn_string("several/2")), -EEXIST);
    ck_assert_int_eq(sn_register(self->sn, sn_string("")), -EINVAL);
    ck_assert_int_eq(sn_register(self->sn, (struct sn_string){"too long", UINT32_MAX}), -EINVAL);
    return 0;
}

START_TEST(a_registered_name_ends_with_its_incarnation)
{
    struct tree *app = start(_i);
    sn_ref pool, name;

    ck_assert_int_eq(perform(app, ALL_1, 0, name_oneself), 0);
    ck_assert_int_eq(sn_lookup(app->sn, "the one", &name), 0);
    ck_assert_int_eq(sn_lookup(app->sn, "all_1", &pool), 0);
    ck_assert(sn_ref_equal(pool, name));
    ck_assert_int_eq(sn_lookup(app->sn, "several/2", &name), 0);
    ck_assert_int_eq(sn_lookup(app->sn, "several", &name), SN_GONE);
    ck_assert_int_eq(sn_lookup(app->sn, "several/3", &name), SN_GONE);
    ck_assert_int_eq(perform(app, ALL_1, 0, crash), SN_FAILED);
    await_inits(app, ALL_1, 0, 2);
    ck_assert_int_eq(sn_lookup(app->sn, "the one", &name), SN_GONE);
    ck_assert_int_eq(perform(app, ALL_1, 0, name_oneself), 0);
    finish(app);
}
END_TEST

/* Everybody fails all the time: every message still ends once, and every init in one shutdown. */
START_TEST(a_storm_of_failures_loses_nothing)
{
    struct tree *app = start(_i);
    uint64_t seed = 7;
    uint32_t accepted = 0;

    for (int i = 0; i < 3000; i++) {
        uint64_t random = sn_random_next(&seed);
        enum pool_number pool = (enum pool_number)(random % FRAIL_1);
        uint32_t at = (uint32_t)(random >> 8) % pools[pool].size;
        struct tree_item item = {(uint32_t)(random >> 16) % 4};

        accepted += pools[pool].item(app, at, &item) == 0;
    }
    struct sn_stats stats = at_rest(app->sn);
    ck_assert_uint_eq(stats.accepted, accepted);
    ck_assert_uint_gt(stats.failed, 0);
    AWAIT(tree_send_single_item(app, &(struct tree_item){1}) == 0);
    finish(app);
    for (int i = 0; i < POOLS; i++)
        for (uint32_t k = 0; k < pools[i].size; k++)
            ck_assert_int_eq(atomic_load(&inits[i][k]), atomic_load(&shutdowns[i][k]));
}
END_TEST

static void add(TCase *tests)
{
    EVERYWHERE(tests, children_start_in_order_and_stop_in_reverse);
    EVERYWHERE(tests, a_failing_init_stops_those_that_started);
    EVERYWHERE(tests, an_init_that_ignores_leaves_its_position_empty);
    EVERYWHERE(tests, a_permanent_child_is_always_restarted);
    EVERYWHERE(tests, a_transient_child_is_restarted_unless_it_stopped_normally);
    EVERYWHERE(tests, a_temporary_child_is_never_restarted);
    EVERYWHERE(tests, one_for_one_restarts_only_the_failed_child);
    EVERYWHERE(tests, one_for_one_restarts_only_the_failed_member_of_a_pool);
    EVERYWHERE(tests, one_for_all_restarts_whole_pools_in_order_and_counts_once);
    EVERYWHERE(tests, rest_for_one_restarts_the_later_children);
    EVERYWHERE(tests, the_third_restart_of_two_allowed_escalates);
    EVERYWHERE(tests, restarts_back_off_from_the_second_on);
    EVERYWHERE(tests, a_failing_init_of_a_restart_is_tried_again_and_counted);
    EVERYWHERE(tests, a_stop_gets_in_between_failing_restarts);
    EVERYWHERE(tests, the_end_of_a_significant_child_ends_the_others);
    EVERYWHERE(tests, state_is_zeroed_and_retain_rolled_back);
    EVERYWHERE(tests, the_mailbox_and_the_reference_survive_a_restart);
    EVERYWHERE(tests, a_poisonous_message_is_tried_so_often_and_no_more);
    EVERYWHERE(tests, timers_die_with_the_incarnation);
    EVERYWHERE(tests, a_registered_name_ends_with_its_incarnation);
    EVERYWHERE(tests, a_storm_of_failures_loses_nothing);
}

int main(void)
{
    return run_suite("tree", add);
}
