/* SPDX-License-Identifier: MIT */
/*
 * Routes: which member of a pool a message reaches. What the hashes give has golden vectors in
 * tests/unit/hash/ and tests/unit/partition/; here main and workers must agree, and each kind of
 * key must get there.
 */
#include "support.h"
#include "way.h"
#include "way_counted.h"
#include "way_driver.h"
#include "way_greeted.h"
#include "way_measured.h"
#include "way_named.h"

#include <stdio.h>

typedef int (*script)(struct way_driver *self, void *data);

static struct journal members; /* who got each message, in the order of the sends of one sender */

/* Messages of one test go to several members: which of them got the one with this number. */
enum { KEYS = 200 };
static _Atomic(int) reached[KEYS], times[KEYS];

static void reach(uint64_t key, uint32_t member)
{
    if (key < KEYS) {
        atomic_store(&reached[key], (int)member);
        atomic_fetch_add(&times[key], 1);
    }
    journal_add(&members, member);
}

int way_counted_on_number(struct way_counted *self, const struct way_number *message)
{
    reach(message->key, sn_self_index(self->sn));
    return 0;
}

int way_measured_on_signed(struct way_measured *self, const struct way_signed *message)
{
    reach((uint64_t)message->key + 100, sn_self_index(self->sn));
    return 0;
}

int way_named_on_text(struct way_named *self, const struct way_text *message)
{
    unsigned key = KEYS;

    sscanf(message->key.data, "key %u", &key);
    reach(key, sn_self_index(self->sn));
    return 0;
}

int way_greeted_on_hello(struct way_greeted *self, const struct way_hello *message)
{
    reach(message->sender, sn_self_index(self->sn));
    return 0;
}

int way_driver_on_perform(struct way_driver *self, const struct way_perform *message,
                          way_perform_reply_to to)
{
    int rc = ((script)(uintptr_t)message->function)(self, (void *)(uintptr_t)message->data);

    return rc != 0 ? rc : way_driver_reply_perform(self, to);
}

/* The route of pool `chosen`: a number past the end is refused by the last. */
uint32_t way_chosen_route_number(const struct way_number *message, uint32_t count)
{
    return message->key == 99 ? count + 5 : (uint32_t)(message->key / 10 % count);
}

static struct way *start(int number)
{
    struct way_options options = {.system = system_of(number)};
    struct way *app;

    ck_assert_int_eq(way_start(&options, &app), 0);
    return app;
}

static void finish(struct way *app)
{
    at_rest(app->sn);
    ck_assert_int_eq(way_stop(app), 0);
}

static int perform(struct way *app, script function)
{
    return way_call_driver_perform(app, &(struct way_perform){(uintptr_t)function, 0});
}

/* What main reached is what the worker reaches, and several members had something. */
static void check_same(struct way *app, script from_worker, uint32_t size, uint32_t keys)
{
    int before[KEYS];
    uint32_t used = 0;

    at_rest(app->sn);
    for (uint32_t i = 0; i < keys; i++) {
        before[i] = atomic_load(&reached[i]);
        ck_assert_int_lt(before[i], (int)size);
        ck_assert_int_eq(atomic_load(&times[i]), 1);
        used |= 1u << before[i];
        atomic_store(&reached[i], -1);
    }
    ck_assert_uint_eq(used, (1u << size) - 1);
    ck_assert_int_eq(perform(app, from_worker), 0);
    at_rest(app->sn);
    for (uint32_t i = 0; i < keys; i++)
        ck_assert_int_eq(atomic_load(&reached[i]), before[i]);
}

static int send_hashed(struct way_driver *self, void *data)
{
    (void)data;
    for (uint64_t i = 0; i < KEYS; i++)
        ck_assert_int_eq(way_driver_send_hashed_number(self, &(struct way_number){i}), 0);
    return 0;
}

START_TEST(hash_gives_each_key_its_member)
{
    struct way *app = start(_i);

    for (uint64_t i = 0; i < KEYS; i++)
        ck_assert_int_eq(way_send_hashed_number(app, &(struct way_number){i}), 0);
    check_same(app, send_hashed, 7, KEYS);
    finish(app);
}
END_TEST

static int send_ring(struct way_driver *self, void *data)
{
    (void)data;
    for (unsigned i = 0; i < KEYS; i++) {
        char key[16];

        snprintf(key, sizeof key, "key %u", i);
        ck_assert_int_eq(way_driver_send_ring_text(self, &(struct way_text){sn_string(key)}), 0);
    }
    return 0;
}

START_TEST(consistent_hash_gives_each_key_its_member)
{
    struct way *app = start(_i);

    for (unsigned i = 0; i < KEYS; i++) {
        char key[16];

        snprintf(key, sizeof key, "key %u", i);
        ck_assert_int_eq(way_send_ring_text(app, &(struct way_text){sn_string(key)}), 0);
    }
    check_same(app, send_ring, 5, KEYS);
    finish(app);
}
END_TEST

static int send_turns(struct way_driver *self, void *data)
{
    (void)data;
    for (uint32_t i = 0; i < 4; i++)
        ck_assert_int_eq(way_driver_send_turns_hello(self, &(struct way_hello){i}), 0);
    return 0;
}

START_TEST(round_robin_takes_turns)
{
    struct way *app = start(_i);

    for (uint32_t i = 0; i < 40; i++)
        ck_assert_int_eq(way_send_turns_hello(app, &(struct way_hello){i}), 0);
    at_rest(app->sn);
    for (uint32_t i = 4; i < 40; i++)
        ck_assert_int_eq(atomic_load(&reached[i]), atomic_load(&reached[i - 4]));
    uint32_t used = 0;
    for (uint32_t i = 0; i < 4; i++)
        used |= 1u << atomic_load(&reached[i]);
    ck_assert_uint_eq(used, 15);
    ck_assert_int_eq(perform(app, send_turns), 0);
    at_rest(app->sn);
    for (uint32_t i = 0, seen = 0; i < 4; i++) {
        ck_assert_uint_eq(seen & (1u << atomic_load(&reached[i])), 0);
        seen |= 1u << atomic_load(&reached[i]);
    }
    finish(app);
}
END_TEST

static void check_number(struct way *app, uint64_t key, uint64_t member)
{
    uint32_t before = atomic_load(&members.count);

    ck_assert_int_eq(way_send_numbers_number(app, &(struct way_number){key}), 0);
    journal_await(&members, before + 1);
    ck_assert_uint_eq(members.entries[before], member);
}

START_TEST(range_of_numbers)
{
    struct way *app = start(_i);

    check_number(app, 0, 0);
    check_number(app, 999, 0);
    check_number(app, 1000, 1); /* a split is where the next member's range begins */
    check_number(app, 1999, 1);
    check_number(app, 2000, 2);
    check_number(app, UINT64_MAX, 2);
    finish(app);
}
END_TEST

static void check_signed(struct way *app, int64_t key, uint64_t member)
{
    uint32_t before = atomic_load(&members.count);

    ck_assert_int_eq(way_send_degrees_signed(app, &(struct way_signed){key}), 0);
    journal_await(&members, before + 1);
    ck_assert_uint_eq(members.entries[before], member);
}

START_TEST(range_of_signed_numbers)
{
    struct way *app = start(_i);

    check_signed(app, INT64_MIN, 0);
    check_signed(app, -11, 0);
    check_signed(app, -10, 1);
    check_signed(app, 9, 1);
    check_signed(app, 10, 2);
    check_signed(app, INT64_MAX, 2);
    finish(app);
}
END_TEST

static void check_name(struct way *app, const char *key, uint64_t member)
{
    uint32_t before = atomic_load(&members.count);

    ck_assert_int_eq(way_send_names_text(app, &(struct way_text){sn_string(key)}), 0);
    journal_await(&members, before + 1);
    ck_assert_uint_eq(members.entries[before], member);
}

START_TEST(range_of_strings)
{
    struct way *app = start(_i);

    check_name(app, "", 0);
    check_name(app, "abc", 0);
    check_name(app, "fzzz", 0);
    check_name(app, "g", 1);
    check_name(app, "ga", 1);
    check_name(app, "mzz", 1);
    check_name(app, "n", 2);
    check_name(app, "\xc3\xbc", 2); /* bytes, compared without a sign */
    finish(app);
}
END_TEST

START_TEST(least_loaded_avoids_a_full_mailbox)
{
    struct way *app = start(_i);
    sn_ref slow;

    ck_assert_int_eq(sn_lookup(app->sn, "least/1", &slow), 0);
    ck_assert_int_eq(sn_pause(app->sn, slow), 0);
    ck_assert_int_eq(sn_ping(app->sn, slow, PATIENCE), 0);
    for (uint32_t i = 0; i < 50; i++)
        ck_assert_int_eq(way_send_least_hello_at(app, 1, &(struct way_hello){KEYS}), 0);
    uint32_t before = atomic_load(&members.count);
    for (uint32_t i = 0; i < 30; i++) { /* 30 between two empty ones: never to the one with 50 */
        ck_assert_int_eq(way_send_least_hello(app, &(struct way_hello){KEYS}), 0);
    }
    journal_await(&members, before + 30);
    for (uint32_t i = before; i < before + 30; i++)
        ck_assert_uint_ne(members.entries[i], 1);
    ck_assert_int_eq(sn_resume(app->sn, slow), 0);
    finish(app);
}
END_TEST

static int send_chosen(struct way_driver *self, void *data)
{
    (void)data;
    for (uint64_t i = 0; i < 99; i++)
        ck_assert_int_eq(way_driver_send_chosen_number(self, &(struct way_number){i}), 0);
    ck_assert_int_eq(way_driver_send_chosen_number(self, &(struct way_number){99}), SN_GONE);
    return 0;
}

START_TEST(custom_is_the_users_function)
{
    struct way *app = start(_i);

    for (uint64_t i = 0; i < 99; i++)
        ck_assert_int_eq(way_send_chosen_number(app, &(struct way_number){i}), 0);
    ck_assert_int_eq(way_send_chosen_number(app, &(struct way_number){99}), SN_GONE);
    at_rest(app->sn);
    for (int i = 0; i < 99; i++)
        ck_assert_int_eq(atomic_load(&reached[i]), i / 10 % 3);
    check_same(app, send_chosen, 3, 99);
    finish(app);
}
END_TEST

static int send_all(struct way_driver *self, void *data)
{
    (void)data;
    return way_driver_send_turns_hello_all(self, &(struct way_hello){1});
}

START_TEST(a_broadcast_reaches_each_member_once)
{
    struct way *app = start(_i);
    struct sn_stats stats;
    uint64_t used = 0;

    ck_assert_int_eq(way_send_turns_hello_all(app, &(struct way_hello){0}), 0);
    journal_await(&members, 4);
    for (int i = 0; i < 4; i++)
        used |= UINT64_C(1) << members.entries[i];
    ck_assert_int_eq(perform(app, send_all), 0);
    journal_await(&members, 8);
    for (int i = 4; i < 8; i++)
        used |= UINT64_C(16) << members.entries[i];
    ck_assert_uint_eq(used, 255);
    /* size: auto is one a shard. */
    ck_assert_int_eq(way_send_everywhere_hello_all(app, &(struct way_hello){2}), 0);
    sn_stats(app->sn, &stats);
    journal_await(&members, 8 + stats.shards);
    finish(app);
}
END_TEST

static int send_by_index(struct way_driver *self, void *data)
{
    (void)data;
    for (uint32_t i = 0; i < 4; i++)
        ck_assert_int_eq(way_driver_send_turns_hello_at(self, i, &(struct way_hello){i}), 0);
    ck_assert_int_eq(way_driver_send_turns_hello_at(self, 4, &(struct way_hello){4}), SN_GONE);
    ck_assert_int_eq(way_driver_send_turns_hello_at(self, UINT32_MAX, &(struct way_hello){4}),
                     SN_GONE);
    return 0;
}

START_TEST(a_member_is_reached_by_its_index)
{
    struct way *app = start(_i);

    ck_assert_int_eq(perform(app, send_by_index), 0);
    journal_await(&members, 4);
    at_rest(app->sn);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(atomic_load(&reached[i]), i);
    ck_assert_int_eq(way_send_turns_hello_at(app, 4, &(struct way_hello){4}), SN_GONE);
    finish(app);
}
END_TEST

static void add(TCase *tests)
{
    EVERYWHERE(tests, hash_gives_each_key_its_member);
    EVERYWHERE(tests, consistent_hash_gives_each_key_its_member);
    EVERYWHERE(tests, round_robin_takes_turns);
    EVERYWHERE(tests, range_of_numbers);
    EVERYWHERE(tests, range_of_signed_numbers);
    EVERYWHERE(tests, range_of_strings);
    EVERYWHERE(tests, least_loaded_avoids_a_full_mailbox);
    EVERYWHERE(tests, custom_is_the_users_function);
    EVERYWHERE(tests, a_broadcast_reaches_each_member_once);
    EVERYWHERE(tests, a_member_is_reached_by_its_index);
}

int main(void)
{
    return run_suite("routes", add);
}
