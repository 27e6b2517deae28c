/* SPDX-License-Identifier: MIT */
/*
 * Systems as a whole: the hardware they find, several in one process, their back ends, and the
 * counters while they run.
 */
#include "support.h"
#include "whole.h"
#include "whole_adder.h"
#include "whole_runner.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int whole_adder_on_add(struct whole_adder *self, const struct whole_add *message)
{
    self->value += message->amount;
    return 0;
}

int whole_adder_on_total(struct whole_adder *self, whole_total_reply_to to)
{
    struct whole_total_reply reply = {self->value, sn_self_shard(self->sn)};

    return whole_adder_reply_total(self, to, &reply);
}

int whole_runner_on_relay(struct whole_runner *self, const struct whole_relay *message)
{
    int rc = whole_runner_send_adders_add(self, &(struct whole_add){1});

    if (rc == 0 && message->hops > 0)
        rc = whole_runner_send_runners_relay(self, &(struct whole_relay){message->hops - 1});
    return rc;
}

static int64_t sum(struct whole *app, uint32_t members)
{
    int64_t value = 0;

    for (uint32_t i = 0; i < members; i++) {
        struct whole_total_reply reply;

        ck_assert_int_eq(whole_call_adders_total_at(app, i, &reply), 0);
        value += reply.value;
    }
    return value;
}

static struct sn_stats stats_of(struct whole *app)
{
    struct sn_stats stats;

    sn_stats(app->sn, &stats);
    return stats;
}

START_TEST(null_options_use_the_cores_that_the_process_may_use)
{
    struct whole *app;
    cpu_set_t before, one;

    ck_assert_int_eq(sched_getaffinity(0, sizeof before, &before), 0);
    ck_assert_int_eq(whole_start(NULL, &app), 0);
    ck_assert_uint_ge(stats_of(app).shards, 1);
    ck_assert_uint_le(stats_of(app).shards, (uint32_t)CPU_COUNT(&before));
    ck_assert_int_eq(whole_stop(app), 0);
    /* As under taskset. */
    CPU_ZERO(&one);
    for (int cpu = 0; CPU_COUNT(&one) == 0; cpu++)
        if (CPU_ISSET(cpu, &before))
            CPU_SET(cpu, &one);
    ck_assert_int_eq(sched_setaffinity(0, sizeof one, &one), 0);
    ck_assert_int_eq(whole_start(NULL, &app), 0);
    ck_assert_uint_eq(stats_of(app).shards, 1);
    ck_assert_int_eq(whole_send_runners_relay(app, &(struct whole_relay){10}), 0);
    at_rest(app->sn);
    ck_assert_int_eq(sum(app, 1), 11);
    ck_assert_int_eq(whole_stop(app), 0);
}
END_TEST

START_TEST(a_cgroup_limit_bounds_the_shards)
{
    char root[] = "/tmp/sn-cgroup-XXXXXX", path[64];
    struct whole_options options = {.system.cgroup_root = root};
    struct whole *app;

    ck_assert_ptr_nonnull(mkdtemp(root));
    snprintf(path, sizeof path, "%s/cpu.max", root);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs("50000 100000\n", file);
    fclose(file);
    int rc = whole_start(&options, &app);
    uint32_t shards = rc == 0 ? stats_of(app).shards : 0;
    int left = whole_stop(app);
    unlink(path);
    rmdir(root);
    ck_assert_int_eq(rc, 0);
    ck_assert_int_eq(left, 0);
    ck_assert_uint_eq(shards, 1);
}
END_TEST

START_TEST(the_back_end_is_the_one_that_was_chosen)
{
    struct whole_options options = {.system = system_of(_i)};
    struct whole *app;

    ck_assert_int_eq(whole_start(&options, &app), 0);
    ck_assert_str_eq(stats_of(app).io_backend,
                     options.system.io_backend == SN_IO_BACKEND_URING ? "io_uring" : "epoll");
    ck_assert_uint_eq(stats_of(app).shards, options.system.shards);
    for (uint32_t i = 0; i < options.system.shards; i++) {
        struct whole_total_reply reply;

        ck_assert_int_eq(whole_call_adders_total_at(app, i, &reply), 0);
        ck_assert_uint_eq(reply.shard, i); /* one member a shard, in order */
    }
    ck_assert_int_eq(whole_stop(app), 0);
}
END_TEST

START_TEST(two_systems_do_not_know_of_each_other)
{
    struct whole_options options = {.system = system_of(_i)};
    uint32_t shards = options.system.shards;
    struct whole *left, *right;
    sn_ref ref;

    ck_assert_int_eq(whole_start(&options, &left), 0);
    ck_assert_int_eq(whole_start(&options, &right), 0);
    for (int i = 0; i < 50; i++) {
        ck_assert_int_eq(whole_send_runners_relay(left, &(struct whole_relay){9}), 0);
        ck_assert_int_eq(whole_send_runners_relay(right, &(struct whole_relay){19}), 0);
    }
    at_rest(left->sn);
    at_rest(right->sn);
    ck_assert_int_eq(sum(left, shards), 50 * 10);
    ck_assert_int_eq(sum(right, shards), 50 * 20);
    ck_assert_uint_eq(at_rest(left->sn).handled, 50 * 10 * 2 + shards);
    ck_assert_int_eq(whole_stop(left), 0);
    /* The other goes on. */
    ck_assert_int_eq(sn_lookup(right->sn, "runners/0", &ref), 0);
    ck_assert_int_eq(whole_send_runners_relay(right, &(struct whole_relay){0}), 0);
    at_rest(right->sn);
    ck_assert_int_eq(sum(right, shards), 50 * 20 + 1);
    ck_assert_int_eq(whole_stop(right), 0);
}
END_TEST

START_TEST(systems_start_and_stop_again_and_again)
{
    for (int i = 0; i < 20; i++) {
        struct whole_options options = {.system = system_of(_i)};
        struct whole *app;

        ck_assert_int_eq(whole_start(&options, &app), 0);
        ck_assert_int_eq(whole_send_runners_relay(app, &(struct whole_relay){5}), 0);
        ck_assert_int_eq(whole_stop(app), 0);
    }
}
END_TEST

/* While it runs no counter goes back, and no end is counted before its beginning. */
START_TEST(the_counters_never_contradict_each_other)
{
    struct whole_options options = {.system = system_of(_i)};
    struct whole *app;
    struct sn_stats last = {0};

    ck_assert_int_eq(whole_start(&options, &app), 0);
    for (int i = 0; i < 20; i++)
        ck_assert_int_eq(whole_send_runners_relay(app, &(struct whole_relay){500}), 0);
    for (int i = 0; i < 2000; i++) {
        struct sn_stats stats = stats_of(app);

        ck_assert_uint_ge(stats.accepted, last.accepted);
        ck_assert_uint_ge(stats.handled, last.handled);
        ck_assert_uint_ge(stats.accepted, stats.handled);
        ck_assert_uint_eq(stats.accepted, stats.handled + stats.failed + stats.dropped +
                                              stats.expired + stats.dead_lettered + stats.queued);
        last = stats;
    }
    at_rest(app->sn);
    ck_assert_int_eq(sum(app, options.system.shards), 20 * 501);
    ck_assert_int_eq(whole_stop(app), 0);
}
END_TEST

/* An allocator that counts, and fails when it is told to. */
struct meter {
    struct sn_allocator allocator;
    _Atomic(int64_t) bytes;
    _Atomic(int64_t) left; /* allocations until it fails */
};

static void *metered_alloc(void *context, size_t size)
{
    struct meter *meter = context;

    if (atomic_fetch_sub(&meter->left, 1) <= 0)
        return NULL;
    atomic_fetch_add(&meter->bytes, (int64_t)size);
    return aligned_alloc(64, (size + 63) / 64 * 64);
}

static void metered_free(void *context, void *memory, size_t size)
{
    struct meter *meter = context;

    if (memory != NULL)
        atomic_fetch_sub(&meter->bytes, (int64_t)size);
    free(memory);
}

/* Whichever allocation of a start fails, it says so and leaves nothing. Finding the hardware is
 * slow, so the later ones are tried with growing steps. */
START_TEST(a_start_without_memory_leaves_nothing_behind)
{
    struct meter meter = {.bytes = 0};
    struct whole_options options = {.system = system_of(1)};
    struct whole *app = NULL;
    int rc = -ENOMEM;

    meter.allocator = (struct sn_allocator){metered_alloc, metered_free, &meter};
    options.system.allocator = &meter.allocator;
    for (int64_t count = 0; rc != 0; count += 1 + count / 16) {
        ck_assert_int_lt(count, 10000);
        atomic_store(&meter.left, count);
        rc = whole_start(&options, &app);
        if (rc != 0) {
            ck_assert_int_eq(rc, -ENOMEM);
            ck_assert_ptr_null(app);
            ck_assert_int_eq(atomic_load(&meter.bytes), 0);
        }
    }
    atomic_store(&meter.left, INT64_MAX);
    ck_assert_int_eq(whole_send_runners_relay(app, &(struct whole_relay){5}), 0);
    ck_assert_int_eq(whole_stop(app), 0);
    ck_assert_int_eq(atomic_load(&meter.bytes), 0);
}
END_TEST

/* What a link between two shards takes at least: two rings of 1,024 pointers. */
enum { LINK_BYTES = 2 * 1024 * sizeof(void *) };

/* With 64 shards there could be 4,032 links; there are as many as two shards have met. */
START_TEST(links_between_shards_are_made_when_they_are_first_used)
{
    struct meter meter = {.bytes = 0};
    struct whole_options options = {.system = {.shards = 64}};
    struct whole *app;

    meter.allocator = (struct sn_allocator){metered_alloc, metered_free, &meter};
    options.system.allocator = &meter.allocator;
    atomic_store(&meter.left, INT64_MAX);
    ck_assert_int_eq(whole_start(&options, &app), 0);
    int64_t started = atomic_load(&meter.bytes);
    ck_assert_int_lt(started, 64 * 63 * LINK_BYTES / 2);
    ck_assert_int_eq(whole_send_runners_relay(app, &(struct whole_relay){5}), 0);
    at_rest(app->sn);
    int64_t used = atomic_load(&meter.bytes) - started;
    ck_assert_int_ge(used, LINK_BYTES);
    ck_assert_int_lt(used, 64 * LINK_BYTES);
    ck_assert_int_eq(whole_stop(app), 0);
    ck_assert_int_eq(atomic_load(&meter.bytes), 0);
}
END_TEST

static void add(TCase *tests)
{
    tcase_add_test(tests, null_options_use_the_cores_that_the_process_may_use);
    tcase_add_test(tests, a_cgroup_limit_bounds_the_shards);
    EVERYWHERE(tests, the_back_end_is_the_one_that_was_chosen);
    EVERYWHERE(tests, two_systems_do_not_know_of_each_other);
    EVERYWHERE(tests, systems_start_and_stop_again_and_again);
    EVERYWHERE(tests, the_counters_never_contradict_each_other);
    tcase_add_test(tests, a_start_without_memory_leaves_nothing_behind);
    tcase_add_test(tests, links_between_shards_are_made_when_they_are_first_used);
}

int main(void)
{
    return run_suite("system", add);
}
