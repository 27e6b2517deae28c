/* SPDX-License-Identifier: MIT */

/*
 * Systems that start and stop a thousand times with messages, asks and timers under way. What is
 * in flight at the stop must end in one of the known ways: sn_system_stop() asserts that, and the
 * leak checker that nothing stays behind.
 */

#include "herd.h"
#include "stress.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

enum { SHARDS_MAX = 8 };

static void start_and_stop(unsigned round)
{
    struct herd herd;
    struct sn_port *port;
    struct sn_system_options options = {
        .shards = 1 + round % SHARDS_MAX,
        .unpinned = round % 3 != 0,
        .seed = round + 1,
        .io_backend = round % 2 == 0 ? SN_IO_BACKEND_EPOLL : SN_IO_BACKEND_AUTO,
    };

    herd_init(&herd, &(struct herd_options){.size = round % 5,
                                            .capacity = 1 + round % 70,
                                            .tick_ns = round % 4 == 0 ? 50 * SN_US : 0,
                                            .payload = round % 7 == 0 ? 100000 : 0});
    ck_assert_int_eq(herd_start(&herd, &options, &port), 0);
    for (uint32_t i = 0; i < 4; i++) {
        herd_send(port, &herd, HERD_HOP, i % 2, 20 + round % 100, 0);
        herd_send(port, &herd, HERD_CHAT, 0, 20, 0);
        herd_send(port, &herd, HERD_FOLD, 0, 0, 0);
    }
    if (round % 3 == 0)
        sched_yield();
    ck_assert_int_eq(sn_system_stop(port), 0);
    ck_assert_uint_eq(atomic_load(&herd.counts.inits), atomic_load(&herd.counts.shutdowns));
}

START_TEST(a_thousand_starts_and_stops)
{
    for (unsigned round = 0; round < stress_rounds(1000); round++)
        start_and_stop(round);
}
END_TEST

START_TEST(starts_and_stops_without_anything_between)
{
    struct herd herd;

    herd_init(&herd, &(struct herd_options){.capacity = 4});
    for (unsigned round = 0; round < stress_rounds(200); round++) {
        struct sn_system_options options = {.shards = 1 + round % SHARDS_MAX};
        struct sn_port *port;

        ck_assert_int_eq(herd_start(&herd, &options, &port), 0);
        ck_assert_int_eq(sn_system_stop(port), 0);
    }
}
END_TEST

static void *start_stop_in_a_thread(void *argument)
{
    unsigned first = *(unsigned *)argument;

    for (unsigned round = 0; round < stress_rounds(50); round++)
        start_and_stop(first + round);
    return NULL;
}

/* Systems do not know of each other. */
START_TEST(systems_side_by_side)
{
    unsigned firsts[3] = {0, 1000, 2000};
    pthread_t threads[3];

    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, start_stop_in_a_thread, &firsts[i]), 0);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
}
END_TEST

/* An actor that sends to its siblings and itself in init, and a last one that fails there. */
struct starter {
    struct sn_actor *sn;
    uint64_t state;
};

static const struct sn_edge to_herd = {.pool = 0, .message = 0, .lane = SN_LANE_REQUEST};
static const struct sn_edge to_last = {.pool = 1, .message = 0, .lane = SN_LANE_REQUEST};

/* Large messages: blocks that belong to no pool and are found by the leak checker. */
static int send_large(struct starter *self, const struct sn_edge *edge, uint32_t index)
{
    void *payload;

    return sn_actor_send(self->sn, edge, index, 100000, &payload);
}

static int starter_init(void *data, bool restored)
{
    struct starter *self = data;

    (void)restored;
    int rc = send_large(self, &to_last, 0);
    return rc == 0 ? send_large(self, &to_herd, (sn_self_index(self->sn) + 1) % 4) : rc;
}

static int last_init(void *data, bool restored)
{
    (void)data, (void)restored;
    return 4242;
}

static int starter_handle(void *data, const struct sn_envelope *envelope, const void *payload)
{
    (void)data, (void)envelope, (void)payload;
    return 0;
}

static int start_what_fails(uint32_t shards)
{
    static const struct sn_message_type messages[] = {{.name = "large", .lane = SN_LANE_REQUEST}};
    static const struct sn_worker_type workers[] = {
        {.name = "starter",
         .size = sizeof(struct starter),
         .state_offset = 8,
         .state_size = 8,
         .init = starter_init,
         .handle = starter_handle},
        {.name = "last",
         .size = sizeof(struct starter),
         .state_offset = 8,
         .state_size = 8,
         .init = last_init,
         .handle = starter_handle},
    };
    static const struct sn_pool_type pools[] = {
        {.name = "starters", .worker = 0, .size = 4, .capacity = 16, .shard = -1},
        {.name = "last", .worker = 1, .size = 1, .capacity = 16, .shard = -1},
    };
    static const struct sn_child_spec children[] = {
        {.name = "starters", .pool = 0, .members = 4, .shutdown_ns = SN_SECOND},
        {.name = "last", .pool = 1, .members = 1, .shutdown_ns = SN_SECOND},
    };
    static const struct sn_supervisor_spec root = {
        .name = "root", .window_ns = 1, .children = children, .child_count = 2};
    static const struct sn_package package = {.name = "failing",
                                              .messages = messages,
                                              .workers = workers,
                                              .pools = pools,
                                              .supervisors = &root,
                                              .message_count = 1,
                                              .worker_count = 2,
                                              .pool_count = 2,
                                              .supervisor_count = 1};
    struct sn_system_options options = {.shards = shards};
    struct sn_port *port = (struct sn_port *)&options;
    int rc = sn_system_start(&package, &options, NULL, &port);

    ck_assert_ptr_null(port);
    return rc;
}

START_TEST(a_start_that_fails_leaves_nothing_behind)
{
    for (unsigned round = 0; round < stress_rounds(200); round++)
        ck_assert_int_eq(start_what_fails(1 + round % SHARDS_MAX), 4242);
}
END_TEST

START_TEST(too_many_shards_are_refused)
{
    struct sn_system_options options = {.shards = 1025};
    struct herd herd;
    struct sn_port *port;

    herd_init(&herd, &(struct herd_options){.capacity = 1});
    ck_assert_int_eq(herd_start(&herd, &options, &port), -EINVAL);
    ck_assert_ptr_null(port);
    ck_assert_int_eq(sn_system_stop(NULL), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stress_start_stop");
    TCase *tests = stress_case("start_stop");

    tcase_add_test(tests, a_thousand_starts_and_stops);
    tcase_add_test(tests, starts_and_stops_without_anything_between);
    tcase_add_test(tests, systems_side_by_side);
    tcase_add_test(tests, a_start_that_fails_leaves_nothing_behind);
    tcase_add_test(tests, too_many_shards_are_refused);
    suite_add_tcase(suite, tests);
    return stress_run(suite);
}
