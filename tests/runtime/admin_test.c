/* SPDX-License-Identifier: MIT */
/*
 * What threads outside ask of supervisors, in the words of OTP's supervisor: terminate, restart,
 * delete and start a child, list the children; and the end of a single actor, exit/2 there.
 */
#include "tree_kit.h"

#include <errno.h>
#include <string.h>

/* ---- the kit -------------------------------------------------------------------------------- */

static struct sn_children list(struct tree *app, const char *supervisor)
{
    struct sn_children children = {0};

    ck_assert_int_eq(sn_child_list(app->sn, supervisor, PATIENCE, &children), 0);
    return children;
}

/* One child of a supervisor; its name is NULL if it is not there. */
static struct sn_child child(struct tree *app, const char *supervisor, const char *name)
{
    struct sn_children children = list(app, supervisor);

    for (uint32_t i = 0; i < children.count; i++)
        if (strcmp(children.items[i].name, name) == 0)
            return children.items[i];
    return (struct sn_child){0};
}

static int stop(struct tree *app, const char *name)
{
    return sn_child_stop(app->sn, name, PATIENCE);
}

static int restart(struct tree *app, const char *name)
{
    return sn_child_restart(app->sn, name, PATIENCE);
}

static int forget(struct tree *app, const char *name)
{
    return sn_child_delete(app->sn, name, PATIENCE);
}

static int begin(struct tree *app, const char *name)
{
    return sn_child_start(app->sn, name, PATIENCE);
}

static sn_ref find(struct tree *app, const char *name)
{
    sn_ref ref;

    ck_assert_int_eq(sn_lookup(app->sn, name, &ref), 0);
    return ref;
}

/* ---- one child ------------------------------------------------------------------------------ */

/* child_adm of OTP's suite, step by step. */
START_TEST(a_child_is_stopped_deleted_started_and_restarted)
{
    struct tree *app = start(_i);
    sn_ref before = find(app, "single");

    ck_assert_int_eq(restart(app, "single"), SN_RUNNING);
    ck_assert_int_eq(forget(app, "single"), SN_RUNNING);
    ck_assert_int_eq(begin(app, "single"), SN_ALREADY_STARTED);
    ck_assert_int_eq(stop(app, "single"), 0);
    ck_assert_int_eq(atomic_load(&shutdowns[SINGLE][0]), 1); /* it was waited for */
    ck_assert_int_eq(atomic_load(&reasons[SINGLE][0]), SN_SHUTDOWN);
    ck_assert_int_eq(stop(app, "single"), 0); /* again: changes nothing */
    ck_assert_int_eq(child(app, NULL, "single").state, SN_CHILD_DOWN);
    ck_assert_int_eq(tree_send_single_item(app, &(struct tree_item){1}), SN_GONE);
    ck_assert_int_eq(begin(app, "single"), SN_ALREADY_PRESENT);
    ck_assert_int_eq(restart(app, "single"), 0);
    ck_assert_int_eq(atomic_load(&inits[SINGLE][0]), 2); /* it was waited for */
    ck_assert(!sn_ref_equal(find(app, "single"), before));
    ck_assert_int_eq(sn_ping(app->sn, before, PATIENCE), SN_GONE);
    send_item(app, SINGLE, 0, 5);
    ck_assert_int_eq(stop(app, "single"), 0);
    journal_await(&items, 1); /* what was queued was handled */
    ck_assert_int_eq(forget(app, "single"), 0);
    ck_assert_ptr_null(child(app, NULL, "single").name);
    ck_assert_int_eq(forget(app, "single"), SN_NOT_FOUND);
    ck_assert_int_eq(restart(app, "single"), SN_NOT_FOUND);
    ck_assert_int_eq(stop(app, "single"), SN_NOT_FOUND);
    ck_assert_int_eq(begin(app, "single"), 0);
    await_inits(app, SINGLE, 0, 3);
    struct sn_children children = list(app, NULL);
    ck_assert_str_eq(children.items[children.count - 1].name, "single"); /* the last one now */
    ck_assert_uint_eq(finish(app).restarts, 0);                          /* none of this counts */
}
END_TEST

START_TEST(who_is_not_there_is_not_found)
{
    struct tree *app = start(_i);
    struct sn_children children;

    ck_assert_int_eq(stop(app, "nobody"), SN_NOT_FOUND);
    ck_assert_int_eq(restart(app, ""), SN_NOT_FOUND);
    ck_assert_int_eq(forget(app, "root"), SN_NOT_FOUND); /* no child of anybody */
    ck_assert_int_eq(begin(app, "several/0"), SN_NOT_FOUND);
    ck_assert_int_eq(sn_child_list(app->sn, "single", PATIENCE, &children), SN_NOT_FOUND);
    finish(app);
}
END_TEST

/* sup_start_restart_child_returns_error and sup_start_child_returns_error. */
START_TEST(a_failed_restart_keeps_the_child_and_a_failed_start_does_not)
{
    struct tree *app = start(_i);

    ck_assert_int_eq(stop(app, "rest_2"), 0);
    atomic_store(&init_failures[REST_2], 1);
    ck_assert_int_eq(restart(app, "rest_2"), -EIO);
    ck_assert_int_eq(child(app, "rest", "rest_2").state, SN_CHILD_DOWN);
    ck_assert_int_eq(forget(app, "rest_2"), 0);
    atomic_store(&init_failures[REST_2], 1);
    ck_assert_int_eq(begin(app, "rest_2"), -EIO);
    ck_assert_ptr_null(child(app, "rest", "rest_2").name);
    ck_assert_int_eq(begin(app, "rest_2"), 0);
    ck_assert_int_eq(child(app, "rest", "rest_2").state, SN_CHILD_RUNNING);
    ck_assert_int_eq(stop(app, "rest_2"), 0);
    atomic_store(&ignored[REST_2], true);
    ck_assert_int_eq(restart(app, "rest_2"), SN_IGNORE);
    atomic_store(&ignored[REST_2], false);
    finish(app);
}
END_TEST

static int ask_for_restart(struct tree *app, enum pool_number pool)
{
    return perform(app, pool, 0, crash);
}

/* hanging_restart_loop and count_restarting_children. */
START_TEST(a_child_that_waits_for_its_restart_can_be_stopped)
{
    struct tree_options options = options_of(_i);
    struct tree *app;

    manual_clock_init(&hands);
    options.system.clock = &hands.clock;
    ck_assert_int_eq(tree_start(&options, &app), 0);
    ck_assert_int_eq(ask_for_restart(app, SLOW_1), SN_FAILED);
    await_inits(app, SLOW_1, 0, 2); /* the first restart is immediate */
    ck_assert_int_eq(ask_for_restart(app, SLOW_1), SN_FAILED);
    AWAIT(child(app, "slow", "slow_1").state == SN_CHILD_RESTARTING);
    ck_assert_uint_eq(child(app, "slow", "slow_1").active, 0);
    ck_assert_uint_eq(child(app, "slow", "slow_1").restarts, 2);
    ck_assert_uint_eq(child(app, "slow", "slow_2").restarts, 0);
    ck_assert_int_eq(begin(app, "slow_1"), SN_ALREADY_PRESENT);
    ck_assert_int_eq(restart(app, "slow_1"), SN_RESTARTING);
    ck_assert_int_eq(forget(app, "slow_1"), SN_RESTARTING);
    ck_assert_int_eq(stop(app, "slow_1"), 0);
    ck_assert_int_eq(child(app, "slow", "slow_1").state, SN_CHILD_DOWN);
    manual_clock_advance(&hands, 10 * SN_SECOND);
    ck_assert_int_eq(restart(app, "slow_1"), 0); /* it had not been started meanwhile */
    await_inits(app, SLOW_1, 0, 3);
    ck_assert_int_eq(restart(app, "slow_2"), 0);
    finish(app);
}
END_TEST

/* ---- pools and supervisors ------------------------------------------------------------------ */

START_TEST(a_pool_stops_and_starts_as_a_whole)
{
    struct tree *app = start(_i);

    ck_assert_uint_eq(child(app, NULL, "several").members, 3);
    ck_assert_uint_eq(child(app, NULL, "several").active, 3);
    ck_assert_int_eq(stop(app, "several"), 0);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(atomic_load(&shutdowns[SEVERAL][i]), 1);
    ck_assert_uint_eq(child(app, NULL, "several").active, 0);
    ck_assert_int_eq(restart(app, "several"), 0);
    for (uint32_t i = 0; i < 3; i++)
        await_inits(app, SEVERAL, i, 2);
    finish(app);
}
END_TEST

START_TEST(a_supervisor_stops_with_all_below_it_in_reverse_order)
{
    struct tree *app = start(_i);
    static const uint64_t order[] = {REST_3, REST_2, REST_1};

    uint32_t before = atomic_load(&events.count);
    ck_assert(child(app, NULL, "rest").is_supervisor);
    ck_assert_int_eq(stop(app, "rest"), 0);
    journal_await(&events, before + 3);
    for (uint32_t i = 0; i < 3; i++)
        ck_assert_uint_eq(events.entries[before + i], event(STOPPED, order[i], 0));
    ck_assert_int_eq(child(app, NULL, "rest").state, SN_CHILD_DOWN);
    ck_assert_int_eq(child(app, "rest", "rest_1").state, SN_CHILD_DOWN);
    ck_assert_int_eq(stop(app, "rest_1"), SN_GONE); /* nobody is there to do it */
    ck_assert_int_eq(restart(app, "rest"), 0);
    journal_await(&events, before + 6);
    for (uint32_t i = 0; i < 3; i++)
        ck_assert_uint_eq(events.entries[before + 3 + i], event(STARTED, order[2 - i], 0));
    finish(app);
}
END_TEST

/* which_children and count_children. */
START_TEST(children_are_listed_in_their_order)
{
    static const char *const names[] = {"single", "several", "together", "rest",     "passing",
                                        "brief",  "frail",   "slow",     "poisoned", "visit"};
    struct tree *app = start(_i);
    struct sn_children children = list(app, "root");

    ck_assert_uint_eq(children.count, 10);
    for (uint32_t i = 0; i < children.count; i++) {
        ck_assert_str_eq(children.items[i].name, names[i]);
        ck_assert_int_eq(children.items[i].state, SN_CHILD_RUNNING);
        ck_assert_uint_eq(children.items[i].active, i == 1 ? 3 : 1);
        ck_assert_uint_eq(children.items[i].restarts, 0);
    }
    ck_assert_uint_eq(list(app, NULL).count, 10);
    ck_assert_uint_eq(list(app, "together").count, 4);
    ck_assert_uint_eq(child(app, "together", "all_2").members, 2);
    /* A group restart has one cause. */
    ck_assert_int_eq(perform(app, ALL_3, 0, crash), SN_FAILED);
    await_inits(app, ALL_1, 0, 2);
    await_inits(app, ALL_3, 0, 2);
    AWAIT(child(app, "together", "all_2").active == 2);
    ck_assert_uint_eq(child(app, "together", "all_3").restarts, 1);
    ck_assert_uint_eq(child(app, "together", "all_1").restarts, 0);
    /* A temporary child is dropped with its group. */
    ck_assert_uint_eq(list(app, "together").count, 3);
    finish(app);
}
END_TEST

START_TEST(a_stopped_child_stays_down_when_its_group_lives_on_without_it)
{
    struct tree *app = start(_i);

    ck_assert_int_eq(stop(app, "rest_3"), 0);
    ck_assert_int_eq(forget(app, "rest_3"), 0);
    ck_assert_int_eq(perform(app, REST_1, 0, crash), SN_FAILED);
    await_inits(app, REST_2, 0, 2);
    ck_assert_int_eq(atomic_load(&inits[REST_3][0]), 1);
    ck_assert_int_eq(tree_send_rest_3_item(app, &(struct tree_item){1}), SN_GONE);
    ck_assert_uint_eq(finish(app).restarts, 1);
}
END_TEST

/* ---- the end of one actor ------------------------------------------------------------------- */

/* permanent_*, transient_* and temporary_* for normal, shutdown and abnormal, by the pool of each
 * kind: whether it comes back. */
static void end_and_see(int number, enum pool_number pool, int reason, bool comes_back)
{
    struct tree *app = start(number);

    ck_assert_int_eq(sn_end(app->sn, find(app, pools[pool].name), reason), 0);
    AWAIT(atomic_load(&shutdowns[pool][0]) == 1);
    ck_assert_int_eq(atomic_load(&reasons[pool][0]), reason);
    if (comes_back)
        await_inits(app, pool, 0, 2);
    else
        AWAIT(pools[pool].item(app, 0, &(struct tree_item){1}) == SN_GONE);
    ck_assert_uint_eq(finish(app).restarts, comes_back);
    ck_assert_int_eq(atomic_load(&inits[pool][0]), comes_back ? 2 : 1);
}

START_TEST(a_permanent_actor_comes_back_from_every_end)
{
    static const int reasons_of[] = {SN_STOP, SN_SHUTDOWN, -EPERM, 1000};

    end_and_see(_i % SYSTEMS, SINGLE, reasons_of[_i / SYSTEMS], true);
}
END_TEST

START_TEST(a_transient_actor_comes_back_from_failures)
{
    static const int reasons_of[] = {SN_STOP, SN_SHUTDOWN, -EPERM, SN_KILLED};

    end_and_see(_i % SYSTEMS, PASSING, reasons_of[_i / SYSTEMS], _i / SYSTEMS >= 2);
}
END_TEST

START_TEST(a_temporary_actor_never_comes_back)
{
    static const int reasons_of[] = {SN_STOP, SN_SHUTDOWN, -EPERM, SN_TIMEOUT};

    end_and_see(_i % SYSTEMS, BRIEF, reasons_of[_i / SYSTEMS], false);
}
END_TEST

START_TEST(an_end_counts_in_the_window_of_its_supervisor)
{
    struct tree *app = start(_i);

    for (int i = 0; i < 2; i++) { /* 2 in 60 s */
        ck_assert_int_eq(sn_end(app->sn, find(app, "frail_1"), -EPERM), 0);
        await_inits(app, FRAIL_1, 0, 2 + i);
        ck_assert_uint_eq(child(app, "frail", "frail_1").restarts, 1 + (uint64_t)i);
    }
    ck_assert_int_eq(sn_end(app->sn, find(app, "frail_1"), -EPERM), 0);
    await_inits(app, FRAIL_2, 0, 2); /* the supervisor gave up, and was restarted */
    ck_assert_uint_eq(child(app, NULL, "frail").restarts, 1);
    finish(app);
}
END_TEST

START_TEST(an_end_keeps_what_is_queued)
{
    struct tree *app = start(_i);
    sn_ref single = find(app, "single");

    ck_assert_int_eq(sn_end(app->sn, single, 0), SN_INVALID);
    ck_assert_int_eq(sn_pause(app->sn, single), 0);
    send_item(app, SINGLE, 0, 1);
    send_item(app, SINGLE, 0, 2);
    ck_assert_int_eq(sn_end(app->sn, single, SN_STOP), 0);
    AWAIT(atomic_load(&inits[SINGLE][0]) == 2);
    ck_assert_int_eq(sn_resume(app->sn, single), 0);
    journal_await(&items, 2);
    ck_assert_uint_eq(items.entries[0], 1);
    finish(app);
}
END_TEST

/* ---- at the edges --------------------------------------------------------------------------- */

static struct gate door = GATE_CLOSED;

static int wait_at_door(struct tree_child *self, void *data)
{
    (void)self, (void)data;
    gate_pass(&door);
    return 0;
}

/* A request whose time is over goes on, and its late answer is nobody's. */
START_TEST(a_request_that_is_out_of_time_goes_on)
{
    struct tree *app = start(_i);
    struct tree_perform_future future;

    ck_assert_int_eq(
        tree_ask_rest_3_perform(app, &(struct tree_perform){(uintptr_t)wait_at_door, 0}, &future),
        0);
    gate_await(&door, 1);
    ck_assert_int_eq(sn_child_stop(app->sn, "rest_3", 1), SN_TIMEOUT);
    gate_open(&door);
    ck_assert_int_eq(tree_perform_future_wait(&future, PATIENCE), 0);
    AWAIT(child(app, "rest", "rest_3").state == SN_CHILD_DOWN);
    ck_assert_int_eq(restart(app, "rest_3"), 0);
    finish(app);
}
END_TEST

static struct tree *shared;
static _Atomic(int) finished;

static void *administrate(void *argument)
{
    const char *name = argument;

    for (int i = 0; i < 10; i++) {
        /* Others do the same: each answer is one of these. */
        int rc = sn_child_stop(shared->sn, name, PATIENCE);
        ck_assert(rc == 0 || rc == SN_GONE);
        struct sn_children children;
        ck_assert_int_eq(sn_child_list(shared->sn, "rest", PATIENCE, &children), 0);
        ck_assert_uint_eq(children.count, 3);
        rc = sn_child_restart(shared->sn, name, PATIENCE);
        ck_assert(rc == 0 || rc == SN_RUNNING || rc == SN_GONE);
    }
    atomic_fetch_add(&finished, 1);
    return NULL;
}

START_TEST(many_threads_ask_at_a_time)
{
    static char *const names[] = {"rest_1", "rest", "rest_3", "rest_1"};
    pthread_t threads[4];

    shared = start(_i);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, administrate, names[i]), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    ck_assert_int_eq(atomic_load(&finished), 4);
    int rc = restart(shared, "rest");
    ck_assert(rc == 0 || rc == SN_RUNNING);
    finish(shared);
}
END_TEST

static void *stop_system(void *argument)
{
    ck_assert_int_eq(tree_stop(argument), 0);
    return NULL;
}

/* Requests meet the stop of the system: all are answered. */
START_TEST(a_stopping_system_answers_gone)
{
    struct tree *app = start(_i);
    struct tree_perform_future future;
    struct sn_children children;
    pthread_t thread;

    ck_assert_int_eq(
        tree_ask_host_perform(app, &(struct tree_perform){(uintptr_t)wait_at_door, 0}, &future), 0);
    gate_await(&door, 1); /* the last one to start, and so the first to stop, holds it up */
    ck_assert_int_eq(pthread_create(&thread, NULL, stop_system, app), 0);
    AWAIT(tree_send_single_item(app, &(struct tree_item){1}) == SN_GONE);
    ck_assert_int_eq(stop(app, "single"), SN_GONE);
    ck_assert_int_eq(sn_child_list(app->sn, NULL, PATIENCE, &children), SN_GONE);
    ck_assert_int_eq(sn_end(app->sn, (sn_ref){0}, SN_STOP), SN_GONE);
    gate_open(&door);
    tree_perform_future_drop(&future);
    pthread_join(thread, NULL);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_set_timeout(tests, 100);
    EVERYWHERE(tests, a_child_is_stopped_deleted_started_and_restarted);
    EVERYWHERE(tests, who_is_not_there_is_not_found);
    EVERYWHERE(tests, a_failed_restart_keeps_the_child_and_a_failed_start_does_not);
    EVERYWHERE(tests, a_child_that_waits_for_its_restart_can_be_stopped);
    EVERYWHERE(tests, a_pool_stops_and_starts_as_a_whole);
    EVERYWHERE(tests, a_supervisor_stops_with_all_below_it_in_reverse_order);
    EVERYWHERE(tests, children_are_listed_in_their_order);
    EVERYWHERE(tests, a_stopped_child_stays_down_when_its_group_lives_on_without_it);
    tcase_add_loop_test(tests, a_permanent_actor_comes_back_from_every_end, 0, 4 * SYSTEMS);
    tcase_add_loop_test(tests, a_transient_actor_comes_back_from_failures, 0, 4 * SYSTEMS);
    tcase_add_loop_test(tests, a_temporary_actor_never_comes_back, 0, 4 * SYSTEMS);
    EVERYWHERE(tests, an_end_counts_in_the_window_of_its_supervisor);
    EVERYWHERE(tests, an_end_keeps_what_is_queued);
    EVERYWHERE(tests, a_request_that_is_out_of_time_goes_on);
    EVERYWHERE(tests, many_threads_ask_at_a_time);
    EVERYWHERE(tests, a_stopping_system_answers_gone);
}

int main(void)
{
    return run_suite("admin", add_tests);
}
