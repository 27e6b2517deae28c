/* SPDX-License-Identifier: MIT */

/*
 * Whole systems under load: many more shards than cores, ports that come and go, actors that fail
 * all the time. At the end everything must come to rest, with each message accounted for.
 */

#include "herd.h"
#include "stress.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "../unit/cheap.h"

START_TEST(sixteen_shards_on_few_cores)
{
    struct sn_system_options options = {.shards = 16, .unpinned = _i == 1, .seed = 3};
    struct herd herd;
    struct sn_port *port;
    uint64_t total = 0, sum = 0;

    herd_init(&herd, &(struct herd_options){.size = 48, .capacity = 512});
    ck_assert_int_eq(herd_start(&herd, &options, &port), 0);
    for (uint32_t i = 0; i < 48; i++) {
        ck_assert_int_eq(herd_send(port, &herd, HERD_HOP, i, stress_rounds(1500), 0), 0);
        ck_assert_int_eq(herd_send(port, &herd, HERD_CHAT, i, stress_rounds(200), 0), 0);
    }
    ck_assert_int_eq(sn_quiesce(port, SN_FOREVER), 0);
    for (uint32_t i = 0; i < 48; i++) {
        ck_assert_int_eq(herd_ask(port, &herd, i, 60 * SN_SECOND, &total), 0);
        sum += total;
    }
    ck_assert_uint_eq(sum, atomic_load(&herd.counts.hops));
    ck_assert_uint_eq(sum, 48 * (stress_rounds(1500) + 1)); /* capacity is ample: none was lost */
    herd_finish(port, &herd);
}
END_TEST

/* One link is filled far beyond its ring, so that the spill list works all the time. */
START_TEST(more_in_flight_than_rings_hold)
{
    struct sn_system_options options = {.shards = 2, .seed = 4};
    struct herd herd;
    struct sn_port *port;

    herd_init(&herd, &(struct herd_options){.size = 2, .capacity = 8192});
    ck_assert_int_eq(herd_start(&herd, &options, &port), 0);
    for (uint32_t i = 0; i < 6000; i++)
        ck_assert_int_eq(herd_send(port, &herd, HERD_HOP, i % 2, stress_rounds(50), SN_FOREVER), 0);
    herd_finish(port, &herd);
    ck_assert_uint_gt(atomic_load(&herd.counts.hops), 6000);
}
END_TEST

struct visitor {
    pthread_t thread;
    struct herd *herd;
    struct sn_port *port; /* the system's own */
    unsigned long sent, answered;
    uint64_t random;
};

/* Ports opened, used a little and closed, while others do the same. */
static void *visit(void *argument)
{
    struct visitor *visitor = argument;

    for (unsigned round = 0; round < stress_rounds(150); round++) {
        struct sn_port *port;
        uint64_t total;

        cheap_assert(sn_port_open(visitor->port, &port) == 0);
        for (int i = 0; i < 20; i++) {
            uint32_t member = (uint32_t)(sn_random_next(&visitor->random) % 4);

            if (herd_send(port, visitor->herd, HERD_HOP, member, 2, SN_FOREVER) == 0)
                visitor->sent++;
            if (i % 5 == 0) {
                /* Some give up before the answer is there: it comes when the port is closed. */
                uint64_t deadline_ns = i == 0 ? 60 * SN_SECOND : 10 * SN_US;
                int rc = herd_ask(port, visitor->herd, member, deadline_ns, &total);

                cheap_assert(rc == 0 || rc == SN_TIMEOUT);
                visitor->answered += rc == 0;
            }
        }
        sn_port_close(port);
    }
    return NULL;
}

START_TEST(ports_come_and_go)
{
    enum { VISITORS = 6 };
    struct sn_system_options options = {.shards = 3, .seed = 5};
    struct visitor visitors[VISITORS] = {0};
    struct herd herd;
    struct sn_port *port;
    unsigned long sent = 0, answered = 0;

    herd_init(&herd, &(struct herd_options){.size = 4, .capacity = 64});
    ck_assert_int_eq(herd_start(&herd, &options, &port), 0);
    for (unsigned i = 0; i < VISITORS; i++) {
        visitors[i] = (struct visitor){.herd = &herd, .port = port, .random = i + 1};
        ck_assert_int_eq(pthread_create(&visitors[i].thread, NULL, visit, &visitors[i]), 0);
    }
    for (unsigned i = 0; i < VISITORS; i++) {
        pthread_join(visitors[i].thread, NULL);
        sent += visitors[i].sent;
        answered += visitors[i].answered;
    }
    ck_assert_uint_eq(sent, (unsigned long)VISITORS * stress_rounds(150) * 20);
    ck_assert_uint_gt(answered, 0);
    herd_finish(port, &herd);
    ck_assert_uint_ge(atomic_load(&herd.counts.hops), sent);
}
END_TEST

static void *share(void *argument)
{
    struct visitor *visitor = argument;

    for (unsigned i = 0; i < stress_rounds(2000); i++) {
        uint32_t member = (uint32_t)(sn_random_next(&visitor->random) % 4);
        uint64_t total;

        if (i % 8 == 0)
            cheap_assert(herd_ask(visitor->port, visitor->herd, member, SN_FOREVER, &total) == 0);
        else
            cheap_assert(herd_send(visitor->port, visitor->herd, HERD_HOP, member, 0, SN_FOREVER) ==
                         0);
    }
    return NULL;
}

START_TEST(threads_share_the_first_port)
{
    enum { THREADS = 4 };
    struct sn_system_options options = {.shards = 2, .seed = 6};
    struct visitor visitors[THREADS] = {0};
    struct herd herd;
    struct sn_port *port;

    herd_init(&herd, &(struct herd_options){.size = 4, .capacity = 8});
    ck_assert_int_eq(herd_start(&herd, &options, &port), 0);
    for (unsigned i = 0; i < THREADS; i++) {
        visitors[i] = (struct visitor){.herd = &herd, .port = port, .random = i + 1};
        ck_assert_int_eq(pthread_create(&visitors[i].thread, NULL, share, &visitors[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++)
        pthread_join(visitors[i].thread, NULL);
    herd_finish(port, &herd);
    ck_assert_uint_eq(atomic_load(&herd.counts.hops),
                      (unsigned long)THREADS * (stress_rounds(2000) - stress_rounds(250)));
}
END_TEST

/* Actors that fail all the time, with and without a retry, beside traffic of all kinds. */
START_TEST(a_storm_of_failures)
{
    struct sn_system_options options = {.shards = 3, .seed = 7};
    struct herd herd;
    struct sn_port *port;
    struct sn_stats stats;
    unsigned booms = stress_rounds(2000);

    herd_init(&herd, &(struct herd_options){.size = 6,
                                            .capacity = 32,
                                            .tick_ns = 10 * SN_MS, /* it must come to rest */
                                            .poison_after = _i == 0 ? 0 : 3});
    ck_assert_int_eq(herd_start(&herd, &options, &port), 0);
    for (unsigned i = 0; i < booms; i++) {
        ck_assert_int_eq(herd_send(port, &herd, HERD_BOOM, i % 6, 0, SN_FOREVER), 0);
        herd_send(port, &herd, HERD_HOP, i % 6, 10, 0);
        herd_send(port, &herd, HERD_CHAT, i % 6, 3, 0);
    }
    ck_assert_int_eq(sn_quiesce(port, SN_FOREVER), 0);
    sn_stats(port, &stats);
    ck_assert_uint_eq(stats.failed, booms);
    ck_assert_uint_eq(stats.restarts, (unsigned long)booms * (_i == 0 ? 1 : 3));
    herd_finish(port, &herd);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stress_traffic");
    TCase *tests = stress_case("traffic");

    tcase_add_loop_test(tests, sixteen_shards_on_few_cores, 0, 2);
    tcase_add_test(tests, more_in_flight_than_rings_hold);
    tcase_add_test(tests, ports_come_and_go);
    tcase_add_test(tests, threads_share_the_first_port);
    tcase_add_loop_test(tests, a_storm_of_failures, 0, 2);
    suite_add_tcase(suite, tests);
    return stress_run(suite);
}
