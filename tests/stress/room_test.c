/* SPDX-License-Identifier: MIT */

/*
 * Mailboxes that are full nearly all the time: many threads that sleep until there is room, a
 * shard that is never idle, outboxes, and bounds in bytes. Nobody may sleep for ever, and nothing
 * may get in beside the capacity.
 */

#include "herd.h"
#include "stress.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "../unit/cheap.h"
#include "base/base.h"

enum { SENDERS = 8 };

struct sender {
    pthread_t thread;
    struct herd *herd;
    struct sn_port *port; /* the system's own */
    enum herd_message message;
    uint32_t members;
    unsigned total;
    uint64_t timeout_ns;
    unsigned long sent, refused;
};

static void *send_all(void *argument)
{
    struct sender *sender = argument;
    struct sn_port *port;

    cheap_assert(sn_port_open(sender->port, &port) == 0);
    while (sender->sent < sender->total) {
        int rc = herd_send(port, sender->herd, sender->message,
                           (uint32_t)sender->sent % sender->members, 0, sender->timeout_ns);

        cheap_assert(rc == 0 || (rc == SN_TIMEOUT && sender->timeout_ns != SN_FOREVER));
        if (rc == 0)
            sender->sent++;
        else
            sender->refused++;
    }
    sn_port_close(port);
    return NULL;
}

static void run_senders(struct sn_port *port, struct herd *herd, struct sender like)
{
    struct sender senders[SENDERS];

    like.herd = herd;
    like.port = port;
    for (int i = 0; i < SENDERS; i++) {
        senders[i] = like;
        ck_assert_int_eq(pthread_create(&senders[i].thread, NULL, send_all, &senders[i]), 0);
    }
    for (int i = 0; i < SENDERS; i++) {
        pthread_join(senders[i].thread, NULL);
        ck_assert_uint_eq(senders[i].sent, like.total);
    }
}

/* _i: 0 waits for ever, 1 gives up quickly and tries again. */
START_TEST(many_threads_and_one_place)
{
    struct sn_system_options options = {.shards = 2};
    struct herd herd;
    struct sn_port *port;
    unsigned each = stress_rounds(3000);

    herd_init(&herd, &(struct herd_options){.size = 2, .capacity = 1});
    ck_assert_int_eq(herd_start(&herd, &options, &port), 0);
    run_senders(port, &herd,
                (struct sender){.message = HERD_HOP,
                                .members = 2,
                                .total = each,
                                .timeout_ns = _i == 0 ? SN_FOREVER : 20 * SN_US});
    herd_finish(port, &herd);
    ck_assert_uint_eq(atomic_load(&herd.counts.hops), (unsigned long)SENDERS * each);
}
END_TEST

/* The only shard is never idle, and its own actors use the one place at the fold, too; threads
 * outside must learn of it when it is free again, though the shard never returns it to sleep. */
START_TEST(a_busy_shard_does_not_keep_the_places)
{
    struct sn_system_options options = {.shards = 1};
    struct herd herd;
    struct sn_port *port;
    unsigned each = stress_rounds(50);

    herd_init(&herd, &(struct herd_options){.size = 2, .capacity = 4, .fold_capacity = 1});
    atomic_store(&herd.spinning, true);
    ck_assert_int_eq(herd_start(&herd, &options, &port), 0);
    for (uint32_t i = 0; i < 2; i++)
        ck_assert_int_eq(herd_send(port, &herd, HERD_SPIN, i, 0, SN_FOREVER), 0);
    run_senders(port, &herd,
                (struct sender){
                    .message = HERD_FOLDED, .members = 1, .total = each, .timeout_ns = SN_FOREVER});
    atomic_store(&herd.spinning, false);
    herd_finish(port, &herd);
    ck_assert_uint_ge(atomic_load(&herd.counts.folded), (unsigned long)SENDERS * each);
}
END_TEST

/* Members on several shards send on to the fold, which has one place; what does not fit waits in
 * their outboxes, and while it does they take no more, so that the threads outside wait in turn. */
START_TEST(outboxes_before_one_place)
{
    struct sn_system_options options = {.shards = 4};
    struct herd herd;
    struct sn_port *port;
    unsigned each = stress_rounds(2000);

    herd_init(&herd, &(struct herd_options){.size = 4,
                                            .capacity = _i == 0 ? 1 : 8,
                                            .fold_capacity = 1,
                                            .fold_full = SN_FULL_PARK,
                                            .fold_park = 1 + (uint16_t)_i});
    ck_assert_int_eq(herd_start(&herd, &options, &port), 0);
    run_senders(port, &herd,
                (struct sender){
                    .message = HERD_FOLD, .members = 4, .total = each, .timeout_ns = SN_FOREVER});
    herd_finish(port, &herd);
    ck_assert_uint_eq(atomic_load(&herd.counts.folded), (unsigned long)SENDERS * each);
}
END_TEST

/* A bound in bytes that holds one message only, while there are places for many. */
START_TEST(room_is_a_matter_of_bytes_too)
{
    struct sn_system_options options = {.shards = 2};
    struct herd herd;
    struct sn_port *port;
    unsigned each = stress_rounds(500);

    herd_init(&herd, &(struct herd_options){
                         .size = 1, .capacity = 64, .capacity_bytes = 1024, .payload = 700});
    ck_assert_int_eq(herd_start(&herd, &options, &port), 0);
    run_senders(port, &herd,
                (struct sender){
                    .message = HERD_HOP, .members = 1, .total = each, .timeout_ns = SN_FOREVER});
    herd_finish(port, &herd);
    ck_assert_uint_eq(atomic_load(&herd.counts.hops), (unsigned long)SENDERS * each);
}
END_TEST

/* The member is paused, so that nothing ever makes room: by places and by bytes. */
START_TEST(waiting_for_room_ends_in_time)
{
    struct sn_system_options options = {.shards = 1};
    struct herd herd;
    struct sn_port *port;
    uint64_t start_ns;

    herd_init(&herd, &(struct herd_options){.size = 1,
                                            .capacity = _i == 0 ? 1 : 64,
                                            .capacity_bytes = _i == 0 ? 0 : 1024,
                                            .payload = 700});
    ck_assert_int_eq(herd_start(&herd, &options, &port), 0);
    sn_ref member = sn_route_member(sn_port_router(port), HERD_POOL, 0);
    ck_assert_int_eq(sn_pause(port, member), 0);
    ck_assert_int_eq(herd_send(port, &herd, HERD_HOP, 0, 0, 0), 0);
    ck_assert_int_eq(herd_send(port, &herd, HERD_HOP, 0, 0, 0), SN_FULL);
    start_ns = sn_clock_now(&sn_clock_system);
    ck_assert_int_eq(herd_send(port, &herd, HERD_HOP, 0, 0, 5 * SN_MS), SN_TIMEOUT);
    ck_assert_uint_ge(sn_clock_now(&sn_clock_system) - start_ns, 5 * SN_MS);
    ck_assert_int_eq(sn_resume(port, member), 0);
    ck_assert_int_eq(herd_send(port, &herd, HERD_HOP, 0, 0, SN_FOREVER), 0);
    herd_finish(port, &herd);
    ck_assert_uint_eq(atomic_load(&herd.counts.hops), 2);
}
END_TEST

/* After any amount of traffic a mailbox takes exactly its capacity again, no more and no less. */
static void expect_room(struct sn_port *port, struct herd *herd, uint32_t members)
{
    for (uint32_t member = 0; member < members; member++) {
        sn_ref ref = sn_route_member(sn_port_router(port), HERD_POOL, member);

        ck_assert_int_eq(sn_pause(port, ref), 0);
        ck_assert_int_eq(sn_ping(port, ref, SN_FOREVER), 0);
        for (uint32_t i = 0; i < herd->options.capacity; i++)
            /* Places that shards still hold are back at the end of their pass. */
            ck_assert_int_eq(herd_send(port, herd, HERD_HOP, member, 0, 10 * SN_SECOND), 0);
        ck_assert_int_eq(herd_send(port, herd, HERD_HOP, member, 0, 0), SN_FULL);
        ck_assert_int_eq(sn_resume(port, ref), 0);
    }
}

START_TEST(the_capacity_is_exact_after_a_storm)
{
    struct sn_system_options options = {.shards = 3};
    struct herd herd;
    struct sn_port *port;

    herd_init(&herd, &(struct herd_options){
                         .size = 4, .capacity = 1 + 16 * (uint32_t)_i, .poison_after = 2});
    ck_assert_int_eq(herd_start(&herd, &options, &port), 0);
    for (unsigned i = 0; i < stress_rounds(500); i++) {
        herd_send(port, &herd, HERD_HOP, i % 4, 30, 0);
        herd_send(port, &herd, HERD_NOTE, i % 4, 0, 0);
        herd_send(port, &herd, HERD_CHAT, i % 4, 4, 0);
        if (i % 8 == 0)
            herd_send(port, &herd, HERD_BOOM, i % 4, 0, 0);
    }
    ck_assert_int_eq(sn_quiesce(port, SN_FOREVER), 0);
    expect_room(port, &herd, 4);
    herd_finish(port, &herd);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stress_room");
    TCase *tests = stress_case("room");

    tcase_add_loop_test(tests, many_threads_and_one_place, 0, 2);
    tcase_add_test(tests, a_busy_shard_does_not_keep_the_places);
    tcase_add_loop_test(tests, outboxes_before_one_place, 0, 3);
    tcase_add_test(tests, room_is_a_matter_of_bytes_too);
    tcase_add_loop_test(tests, waiting_for_room_ends_in_time, 0, 2);
    tcase_add_loop_test(tests, the_capacity_is_exact_after_a_storm, 0, 3);
    suite_add_tcase(suite, tests);
    return stress_run(suite);
}
