/* SPDX-License-Identifier: MIT */
/*
 * The phases of a graceful stop: in the order that the YAML says, each once and within its time,
 * before any child stops.
 */
#include "ends.h"
#include "ends_front.h"
#include "ends_saver.h"
#include "ends_store.h"
#include "support.h"

#include <sn/sim.h>
#include <string.h>

enum { STORES = 3, ITEMS = 50, QUIET = 1, FLUSH, SAVE, STOPPED };

static struct journal events;
static _Atomic(int) save_outcome; /* what the saver does: 0, an error, or NEVER to keep silent */
static _Atomic(int) warnings, handled_items;

enum { NEVER = -1 };

int ends_front_on_stop_listening(struct ends_front *self, ends_stop_listening_reply_to to)
{
    journal_add(&events, QUIET);
    for (uint32_t i = 0; i < ITEMS; i++) /* what is done in a phase is done as ever */
        for (uint32_t k = 0; k < STORES; k++)
            ck_assert_int_eq(ends_front_send_stores_item_at(self, k, &(struct ends_item){i}), 0);
    return ends_front_reply_stop_listening(self, to);
}

int ends_front_on_crash(struct ends_front *self)
{
    (void)self;
    return SN_FAILED;
}

void ends_front_shutdown(struct ends_front *self, int why)
{
    (void)self;
    (void)why;
    journal_add(&events, STOPPED);
}

int ends_store_on_item(struct ends_store *self, const struct ends_item *message)
{
    (void)self;
    (void)message;
    atomic_fetch_add(&handled_items, 1);
    return 0;
}

int ends_store_on_flush(struct ends_store *self, ends_flush_reply_to to)
{
    journal_add(&events, FLUSH);
    return ends_store_reply_flush(self, to);
}

void ends_store_shutdown(struct ends_store *self, int why)
{
    (void)self;
    (void)why;
    journal_add(&events, STOPPED);
}

int ends_saver_on_save(struct ends_saver *self, ends_save_reply_to to)
{
    int outcome = atomic_load(&save_outcome);

    journal_add(&events, SAVE);
    if (outcome == NEVER)
        return ends_saver_set_unanswered(self, to);
    return outcome == 0 ? ends_saver_reply_save(self, to)
                        : ends_saver_refuse_save(self, to, outcome);
}

static void note_warning(const struct sn_log_record *record, void *user)
{
    (void)user;
    if (strstr(record->text, "shutdown phase save") != NULL)
        atomic_fetch_add(&warnings, 1);
}

static struct ends *start(int number)
{
    struct ends_options options = {.system = system_of(number)};
    struct ends *app;

    options.system.log = note_warning;
    ck_assert_int_eq(ends_start(&options, &app), 0);
    return app;
}

static uint32_t count(uint64_t event, uint32_t from, uint32_t to)
{
    uint32_t found = 0;

    for (uint32_t i = from; i < to; i++)
        found += events.entries[i] == event;
    return found;
}

static uint32_t find(uint64_t event)
{
    uint32_t at = 0;

    while (events.entries[at] != event)
        ck_assert_uint_lt(++at, atomic_load(&events.count));
    return at;
}

/* quiet, then the first flush; save at any time before the second flush; then the children.
 * @in_time the phase of save cannot have been over before its request was handled. */
static void check_order(bool in_time)
{
    uint32_t saves = count(SAVE, 0, atomic_load(&events.count)); /* all threads have ended */
    uint32_t stopped = 1 + STORES + saves + STORES;

    ck_assert_uint_le(saves, 1);
    ck_assert(saves == 1 || !in_time);
    journal_await(&events, stopped + STORES + 1);
    ck_assert_uint_eq(count(STOPPED, 0, stopped), 0);
    ck_assert_uint_eq(count(STOPPED, stopped, stopped + STORES + 1), STORES + 1);
    ck_assert_uint_eq(count(FLUSH, stopped - STORES, stopped), STORES);
    ck_assert_uint_eq(count(FLUSH, 0, stopped - STORES), STORES);
    ck_assert_uint_lt(find(QUIET), find(FLUSH));
    ck_assert_uint_eq(count(SAVE, 0, stopped), saves);
    ck_assert_int_eq(atomic_load(&handled_items), STORES * ITEMS);
}

/* Start and stop. Returns whether that took less time than the phase of save has. */
static bool run_phases(int number)
{
    uint64_t begin_ns = real_now_ns();

    ck_assert_int_eq(ends_stop(start(number)), 0);
    return real_now_ns() - begin_ns < 50 * SN_MS;
}

START_TEST(phases_run_in_their_order_before_the_children_stop)
{
    bool in_time = run_phases(_i);

    check_order(in_time);
    ck_assert_int_le(atomic_load(&warnings), in_time ? 0 : 1);
}
END_TEST

START_TEST(a_phase_that_takes_too_long_is_left)
{
    atomic_store(&save_outcome, NEVER);
    ck_assert(!run_phases(_i)); /* it was waited for */
    check_order(false);
    ck_assert_int_eq(atomic_load(&warnings), 1);
}
END_TEST

START_TEST(a_refusal_is_reported_and_the_stop_goes_on)
{
    atomic_store(&save_outcome, ENDS_DISK_FULL);
    check_order(run_phases(_i));
    ck_assert_int_eq(atomic_load(&warnings), 1);
}
END_TEST

START_TEST(a_root_that_gave_up_runs_no_phases)
{
    struct ends *app = start(_i);

    ck_assert_int_eq(ends_send_front_crash(app), 0);
    AWAIT(ends_send_front_crash(app) == SN_GONE);
    ck_assert_int_eq(ends_stop(app), SN_GAVE_UP);
    journal_await(&events, STORES + 1);
    ck_assert_uint_eq(count(STOPPED, 0, STORES + 1), STORES + 1);
}
END_TEST

START_TEST(phases_run_in_the_simulator)
{
    struct sn_sim_options sim = {.seed = (uint64_t)_i + 1};
    struct ends_options options = {.system = {.sim = &sim, .shards = 3}};
    struct ends *app;

    atomic_store(&save_outcome, _i % 2 == 0 ? NEVER : 0);
    ck_assert_int_eq(ends_start(&options, &app), 0);
    ck_assert_int_eq(ends_stop(app), 0);
    check_order(true);
}
END_TEST

static void add(TCase *tests)
{
    EVERYWHERE(tests, phases_run_in_their_order_before_the_children_stop);
    EVERYWHERE(tests, a_phase_that_takes_too_long_is_left);
    EVERYWHERE(tests, a_refusal_is_reported_and_the_stop_goes_on);
    EVERYWHERE(tests, a_root_that_gave_up_runs_no_phases);
    tcase_add_loop_test(tests, phases_run_in_the_simulator, 0, 50);
}

int main(void)
{
    return run_suite("phases", add);
}
