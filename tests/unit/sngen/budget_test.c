/* SPDX-License-Identifier: MIT */

/*
 * What sngen believes of the runtime's memory (check/blocks.h), held against the runtime. When a
 * test fails because a record has grown, say so in check/blocks.h.
 */

#include <check.h>
#include <stdlib.h>

#include "check/blocks.h"
#include "shard/shard.h"

START_TEST(blocks_have_the_sizes_of_the_runtime)
{
    ck_assert_uint_eq(SN_ENVELOPE_BYTES, SN_PAYLOAD_OFFSET);
    ck_assert_uint_eq(SN_BLOCK_SIZES, SN_BLOCK_CLASSES);
    for (size_t payload = 0; payload < 70000; payload += payload < 5000 ? 1 : 97) {
        size_t size = SN_PAYLOAD_OFFSET + payload;
        uint8_t size_class = sn_block_class_of(size);

        ck_assert_uint_eq(sn_block_for(payload), sn_block_charge(size_class, size));
        if (size_class != SN_BLOCK_LARGE)
            ck_assert_uint_eq(sn_block_class(payload), size_class);
        else
            ck_assert_uint_eq(sn_block_class(payload), SN_BLOCK_SIZES);
    }
    ck_assert_uint_eq(sn_block_for(UINT64_MAX), UINT64_MAX);
}
END_TEST

struct meter {
    size_t used, most;
};

static void *meter_alloc(void *context, size_t size)
{
    struct meter *meter = context;

    meter->used += size;
    meter->most = meter->used > meter->most ? meter->used : meter->most;
    return aligned_alloc(64, (size + 63) / 64 * 64);
}

static void meter_free(void *context, void *memory, size_t size)
{
    ((struct meter *)context)->used -= size;
    free(memory);
}

/* Takes `count` blocks at once; returns the most that the pool had from its allocator. */
static size_t fill_pool(uint8_t size_class, size_t count)
{
    struct meter meter = {0};
    struct sn_allocator allocator = {meter_alloc, meter_free, &meter};
    struct sn_block_pool pool;

    sn_block_pool_init(&pool, &allocator);
    for (size_t i = 0; i < count; i++)
        ck_assert_ptr_nonnull(sn_block_alloc(&pool, size_class, sn_block_class_size(size_class)));
    sn_block_pool_fini(&pool);
    ck_assert_uint_eq(meter.used, 0);
    return meter.most;
}

START_TEST(pools_grow_as_those_of_the_runtime)
{
    static const size_t counts[] = {0, 1, 2, 63, 64, 65, 100, 1000, 1024, 1025, 5000};

    for (unsigned i = 0; i < SN_BLOCK_CLASSES; i++)
        for (size_t k = 0; k < sizeof counts / sizeof counts[0]; k++)
            ck_assert_uint_eq(sn_block_pool_bytes(i, counts[k]), fill_pool((uint8_t)i, counts[k]));
}
END_TEST

static void at_most(const char *what, size_t size, size_t bound)
{
    ck_assert_msg(size <= bound, "%s takes %zu bytes, sngen counts %zu", what, size, bound);
    ck_assert_msg(bound <= 2 * size, "%s takes %zu bytes, sngen counts %zu", what, size, bound);
}

START_TEST(records_are_not_larger_than_sngen_counts)
{
    at_most("an actor", (sizeof(struct sn_actor) + 15) / 16 * 16, SN_ACTOR_BYTES);
    at_most("a timer", sizeof(struct sn_actor_timer), SN_ACTOR_TIMER_BYTES);
    at_most("a slot", sizeof(struct sn_slot_chunk) / SN_SLOT_CHUNK, SN_ACTOR_SLOT_BYTES);
    at_most("an ask", sizeof(struct sn_ask), SN_ASK_BYTES);
    at_most("a kept token", sizeof(struct sn_kept_token), SN_KEPT_TOKEN_BYTES);
    at_most("a shard", sizeof(struct sn_shard) + SN_PLACES_MAX * sizeof(void *), SN_SHARD_BYTES);
    at_most("a link", sizeof(struct sn_link) + 2 * SN_LINK_CAPACITY * sizeof(void *),
            SN_LINK_BYTES);
    ck_assert_uint_eq(SN_ASK_ENTRY_BYTES, sizeof(struct sn_ask_entry));
    ck_assert_uint_eq(SN_SLOT_CHUNK_COUNT, SN_SLOT_CHUNK);
    ck_assert_uint_eq(SN_OPEN_ASKS, SN_MAX_ASKS);
    ck_assert_uint_eq(SN_WAITING_SENDS, SN_WAITING_MAX);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sngen/budget");
    TCase *tests = tcase_create("runtime");
    SRunner *runner = srunner_create(suite);

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, blocks_have_the_sizes_of_the_runtime);
    tcase_add_test(tests, pools_grow_as_those_of_the_runtime);
    tcase_add_test(tests, records_are_not_larger_than_sngen_counts);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
