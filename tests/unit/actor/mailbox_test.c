/* SPDX-License-Identifier: MIT */

/*
 * An actor's record and its mailbox: order in a lane, the choice of the lane and the rule of 32
 * to one, what is closed while an actor is paused or has an outbox, and the bits of references.
 */

#include <check.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "actor/actor.h"

enum { ENVELOPES = 400 };

struct bench {
    struct sn_actor actor;
    struct sn_envelope envelopes[ENVELOPES];
    uint16_t used;
};

static void bench_init(struct bench *bench)
{
    memset(bench, 0, sizeof *bench);
    bench->actor.phase = SN_ACTOR_RUNNING;
    sn_mailbox_update_open(&bench->actor);
}

static struct sn_envelope *push(struct bench *bench, unsigned lane)
{
    struct sn_envelope *envelope = &bench->envelopes[bench->used++];

    ck_assert_uint_le(bench->used, ENVELOPES);
    envelope->lane = (uint8_t)lane;
    sn_mailbox_push(&bench->actor, envelope);
    return envelope;
}

static void push_many(struct bench *bench, unsigned lane, unsigned count)
{
    while (count-- > 0)
        push(bench, lane);
}

/* Run one: take it from the lane that is chosen, and return that. */
static unsigned run_one(struct bench *bench)
{
    unsigned lane = sn_mailbox_next_lane(&bench->actor);

    if (lane < SN_LANES)
        sn_mailbox_pop(&bench->actor, lane);
    return lane;
}

START_TEST(an_empty_mailbox_has_no_lane)
{
    struct bench bench;

    bench_init(&bench);
    ck_assert_uint_eq(sn_mailbox_next_lane(&bench.actor), SN_LANES);
    ck_assert(!sn_mailbox_is_ready(&bench.actor));
}
END_TEST

START_TEST(a_lane_is_first_in_first_out)
{
    struct bench bench;

    bench_init(&bench);
    for (int round = 0; round < 3; round++) {
        struct sn_envelope *first = push(&bench, SN_LANE_REQUEST);
        struct sn_envelope *second = push(&bench, SN_LANE_REQUEST);
        struct sn_envelope *third = push(&bench, SN_LANE_REQUEST);

        ck_assert_ptr_eq(sn_mailbox_first(&bench.actor, SN_LANE_REQUEST), first);
        ck_assert_ptr_eq(sn_mailbox_pop(&bench.actor, SN_LANE_REQUEST), first);
        ck_assert_ptr_eq(sn_mailbox_pop(&bench.actor, SN_LANE_REQUEST), second);
        ck_assert_ptr_eq(sn_mailbox_pop(&bench.actor, SN_LANE_REQUEST), third);
        ck_assert_ptr_null(bench.actor.lanes[SN_LANE_REQUEST]);
    }
}
END_TEST

START_TEST(what_is_put_back_is_the_oldest_again)
{
    struct bench bench;

    bench_init(&bench);
    struct sn_envelope *failed = push(&bench, SN_LANE_REQUEST);

    sn_mailbox_pop(&bench.actor, SN_LANE_REQUEST);
    sn_mailbox_push_front(&bench.actor, failed); /* into an empty lane */
    struct sn_envelope *second = push(&bench, SN_LANE_REQUEST);
    ck_assert_ptr_eq(sn_mailbox_pop(&bench.actor, SN_LANE_REQUEST), failed);
    sn_mailbox_push_front(&bench.actor, failed); /* in front of another */
    struct sn_envelope *third = push(&bench, SN_LANE_REQUEST);
    ck_assert_ptr_eq(sn_mailbox_pop(&bench.actor, SN_LANE_REQUEST), failed);
    ck_assert_ptr_eq(sn_mailbox_pop(&bench.actor, SN_LANE_REQUEST), second);
    ck_assert_ptr_eq(sn_mailbox_pop(&bench.actor, SN_LANE_REQUEST), third);
    ck_assert_ptr_null(bench.actor.lanes[SN_LANE_REQUEST]);
}
END_TEST

START_TEST(the_highest_lane_goes_first)
{
    struct bench bench;

    bench_init(&bench);
    for (unsigned lane = SN_LANES; lane-- > 0;)
        push(&bench, lane);
    for (unsigned lane = 0; lane < SN_LANES; lane++)
        ck_assert_uint_eq(run_one(&bench), lane);
    ck_assert_uint_eq(run_one(&bench), SN_LANES);
}
END_TEST

START_TEST(after_32_from_a_higher_lane_one_from_a_lower)
{
    struct bench bench;

    bench_init(&bench);
    push_many(&bench, SN_LANE_REQUEST, 140);
    push_many(&bench, SN_LANE_TELEMETRY, 4);
    for (int round = 0; round < 4; round++) {
        for (int i = 0; i < 32; i++)
            ck_assert_uint_eq(run_one(&bench), SN_LANE_REQUEST);
        ck_assert_uint_eq(run_one(&bench), SN_LANE_TELEMETRY);
    }
    for (int i = 0; i < 12; i++)
        ck_assert_uint_eq(run_one(&bench), SN_LANE_REQUEST);
    ck_assert_uint_eq(run_one(&bench), SN_LANES);
}
END_TEST

/* None of the lower lanes waits for ever: each gets its turn. */
START_TEST(the_lower_lanes_take_turns)
{
    struct bench bench;

    bench_init(&bench);
    unsigned lower[SN_LANES] = {0};

    push_many(&bench, SN_LANE_CONTROL, 32 * 6);
    push_many(&bench, SN_LANE_REPLY, 4);
    push_many(&bench, SN_LANE_REQUEST, 4);
    push_many(&bench, SN_LANE_TELEMETRY, 4);
    for (int i = 0; i < 33 * 6; i++)
        lower[run_one(&bench)]++;
    ck_assert_uint_eq(lower[SN_LANE_CONTROL], 32 * 6);
    ck_assert_uint_eq(lower[SN_LANE_REPLY], 2);
    ck_assert_uint_eq(lower[SN_LANE_REQUEST], 2);
    ck_assert_uint_eq(lower[SN_LANE_TELEMETRY], 2);
}
END_TEST

/* A long time without anything below must not make the higher lane wait afterwards. */
START_TEST(a_single_lane_is_never_held_up)
{
    struct bench bench;

    bench_init(&bench);
    for (int i = 0; i < 1000; i++) {
        bench.used = 0;
        push(&bench, SN_LANE_REQUEST);
        ck_assert_uint_eq(run_one(&bench), SN_LANE_REQUEST);
    }
}
END_TEST

START_TEST(the_lowest_lane_alone_runs_on)
{
    struct bench bench;

    bench_init(&bench);
    push_many(&bench, SN_LANE_TELEMETRY, 100);
    for (int i = 0; i < 100; i++)
        ck_assert_uint_eq(run_one(&bench), SN_LANE_TELEMETRY);
}
END_TEST

START_TEST(a_paused_actor_runs_control_and_replies_only)
{
    struct bench bench;

    bench_init(&bench);
    bench.actor.paused = true;
    sn_mailbox_update_open(&bench.actor);
    push(&bench, SN_LANE_REQUEST);
    push(&bench, SN_LANE_TELEMETRY);
    ck_assert(!sn_mailbox_is_ready(&bench.actor));
    ck_assert_uint_eq(sn_mailbox_next_lane(&bench.actor), SN_LANES);
    push_many(&bench, SN_LANE_REPLY, 40);
    push_many(&bench, SN_LANE_CONTROL, 40);
    ck_assert(sn_mailbox_is_ready(&bench.actor));
    for (int i = 0; i < 80; i++)
        ck_assert_uint_lt(run_one(&bench), SN_LANE_REQUEST);
    ck_assert_uint_eq(sn_mailbox_next_lane(&bench.actor), SN_LANES);
    bench.actor.paused = false;
    sn_mailbox_update_open(&bench.actor);
    ck_assert(sn_mailbox_is_ready(&bench.actor));
    ck_assert_uint_eq(run_one(&bench), SN_LANE_REQUEST);
    ck_assert_uint_eq(run_one(&bench), SN_LANE_TELEMETRY);
}
END_TEST

START_TEST(without_an_incarnation_nothing_runs)
{
    struct bench bench;

    bench_init(&bench);
    bench.actor.phase = SN_ACTOR_ABSENT;
    sn_mailbox_update_open(&bench.actor);
    push(&bench, SN_LANE_CONTROL);
    push(&bench, SN_LANE_REQUEST);
    ck_assert_uint_eq(sn_mailbox_next_lane(&bench.actor), SN_LANES);
    bench.actor.phase = SN_ACTOR_DRAINING;
    sn_mailbox_update_open(&bench.actor);
    ck_assert_uint_eq(run_one(&bench), SN_LANE_CONTROL);
    ck_assert_uint_eq(run_one(&bench), SN_LANE_REQUEST);
}
END_TEST

START_TEST(an_actor_with_an_outbox_runs_control_and_replies_only)
{
    struct bench bench;

    bench_init(&bench);
    struct sn_envelope waiting = {0};

    bench.actor.outbox_first = &waiting;
    sn_mailbox_update_open(&bench.actor);
    push(&bench, SN_LANE_REQUEST);
    ck_assert_uint_eq(sn_mailbox_next_lane(&bench.actor), SN_LANES);
    push(&bench, SN_LANE_REPLY);
    ck_assert_uint_eq(run_one(&bench), SN_LANE_REPLY);
    ck_assert(!sn_mailbox_is_ready(&bench.actor));
    bench.actor.outbox_first = NULL;
    sn_mailbox_update_open(&bench.actor);
    ck_assert_uint_eq(run_one(&bench), SN_LANE_REQUEST);
}
END_TEST

START_TEST(references_keep_their_parts)
{
    static const uint32_t shards[] = {0, 1, SN_SHARDS_MAX - 1};
    static const uint32_t slots[] = {0, 1, SN_SLOTS_MAX - 1};
    static const uint32_t generations[] = {0, 1, UINT32_MAX};

    for (int i = 0; i < 27; i++) {
        uint32_t shard = shards[i % 3], slot = slots[i / 3 % 3], generation = generations[i / 9];
        sn_ref ref = sn_ref_make(shard, slot, generation);

        ck_assert_uint_eq(sn_ref_shard(ref), shard);
        ck_assert_uint_eq(sn_ref_slot(ref), slot);
        ck_assert_uint_eq(sn_ref_generation(ref), generation);
    }
}
END_TEST

START_TEST(tokens_keep_their_parts)
{
    static const uint32_t places[] = {0, 1, SN_PLACES_MAX - 1};
    static const uint32_t slots[] = {0, 1, SN_ASKS_MAX - 1};
    static const uint32_t generations[] = {0, 1, UINT32_MAX};

    for (int i = 0; i < 27; i++) {
        uint32_t place = places[i % 3], slot = slots[i / 3 % 3], generation = generations[i / 9];
        sn_reply_token token = sn_token_make(place, slot, generation);

        ck_assert_uint_eq(sn_token_place(token), place);
        ck_assert_uint_eq(sn_token_slot(token), slot);
        ck_assert_uint_eq(sn_token_generation(token), generation);
    }
}
END_TEST

START_TEST(outcomes_of_both_signs_travel_in_an_envelope)
{
    static const int outcomes[] = {0, 1, 1000, -12, INT32_MAX, INT32_MIN};
    struct sn_envelope envelope = {0};

    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++) {
        sn_envelope_set_outcome(&envelope, outcomes[i]);
        ck_assert_int_eq(sn_envelope_outcome(&envelope), outcomes[i]);
    }
}
END_TEST

/* The worker of the layout test, whose size is no multiple of anything. */
struct odd_worker {
    struct sn_actor *sn;
    char odd[37];
};

START_TEST(a_record_holds_struct_and_timers_apart)
{
    static const struct sn_timer_type timers[] = {{"a", 1, true}, {"b", 1, false}};
    static const struct sn_worker_type type = {
        .size = sizeof(struct odd_worker), .timers = timers, .timer_count = 2};
    size_t size = sn_actor_size(&type);
    struct sn_actor *actor = sn_alloc_zeroed(&sn_allocator_system, size);

    ck_assert_ptr_nonnull(actor);
    sn_actor_init(actor, &type);
    struct odd_worker *self = sn_actor_self(actor);
    ck_assert_ptr_eq(self->sn, actor);
    ck_assert_ptr_eq(actor->type, &type);
    ck_assert_uint_eq((uintptr_t)self % 16, 0);
    ck_assert_uint_eq((uintptr_t)actor->timers % _Alignof(struct sn_actor_timer), 0);
    ck_assert((char *)actor->timers >= (char *)(self + 1));
    ck_assert((char *)(actor->timers + 2) <= (char *)actor + size);
    memset(self->odd, 0xff, sizeof self->odd);
    for (int i = 0; i < 2; i++) {
        ck_assert_ptr_eq(actor->timers[i].actor, actor);
        ck_assert_uint_eq(actor->timers[i].firing.message, i);
        ck_assert_uint_eq(actor->timers[i].firing.lane, SN_LANE_CONTROL);
        ck_assert(actor->timers[i].firing.flags & SN_FLAG_EMBEDDED);
        ck_assert(!sn_timer_is_armed(&actor->timers[i].timer));
    }
    sn_alloc_free(&sn_allocator_system, actor, size);
}
END_TEST

START_TEST(a_record_without_timers_has_none)
{
    static const struct sn_worker_type type = {.size = sizeof(struct odd_worker)};
    struct sn_actor *actor = sn_alloc_zeroed(&sn_allocator_system, sn_actor_size(&type));

    ck_assert_ptr_nonnull(actor);
    sn_actor_init(actor, &type);
    ck_assert_ptr_null(actor->timers);
    sn_alloc_free(&sn_allocator_system, actor, sn_actor_size(&type));
}
END_TEST

static TCase *mailbox_tests(void)
{
    TCase *tests = tcase_create("mailbox");

    tcase_add_test(tests, an_empty_mailbox_has_no_lane);
    tcase_add_test(tests, a_lane_is_first_in_first_out);
    tcase_add_test(tests, what_is_put_back_is_the_oldest_again);
    tcase_add_test(tests, the_highest_lane_goes_first);
    tcase_add_test(tests, after_32_from_a_higher_lane_one_from_a_lower);
    tcase_add_test(tests, the_lower_lanes_take_turns);
    tcase_add_test(tests, a_single_lane_is_never_held_up);
    tcase_add_test(tests, the_lowest_lane_alone_runs_on);
    tcase_add_test(tests, a_paused_actor_runs_control_and_replies_only);
    tcase_add_test(tests, without_an_incarnation_nothing_runs);
    tcase_add_test(tests, an_actor_with_an_outbox_runs_control_and_replies_only);
    return tests;
}

static TCase *record_tests(void)
{
    TCase *tests = tcase_create("record");

    tcase_add_test(tests, references_keep_their_parts);
    tcase_add_test(tests, tokens_keep_their_parts);
    tcase_add_test(tests, outcomes_of_both_signs_travel_in_an_envelope);
    tcase_add_test(tests, a_record_holds_struct_and_timers_apart);
    tcase_add_test(tests, a_record_without_timers_has_none);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("actor");

    suite_add_tcase(suite, mailbox_tests());
    suite_add_tcase(suite, record_tests());

    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
