/* SPDX-License-Identifier: MIT */
/*
 * Finding the member for a message, as generated code does it before each send: the key's hash,
 * the member's index, the member's reference.
 */
#include "paths.h"
#include "system.h"

#include <errno.h>
#include <sn/generated.h>

/* The order of the pools in paths.yaml. */
enum { HASHED, CIRCLED, RANGED, TURNED, LOADED };

enum { KEYS = 4096 };

struct key {
    uint8_t bytes[PATHS_KEY_BYTES];
};

int paths_taker_on_keyed(struct paths_taker *self, const struct paths_keyed *message)
{
    (void)self;
    (void)message;
    return 0;
}

int paths_reader_on_numbered(struct paths_reader *self, const struct paths_numbered *message)
{
    (void)self;
    (void)message;
    return 0;
}

int paths_turner_on_plain(struct paths_turner *self)
{
    (void)self;
    return 0;
}

typedef uint32_t find_index(struct sn_router *router, uint16_t pool, const struct key *key);

static uint32_t by_hash(struct sn_router *router, uint16_t pool, const struct key *key)
{
    return sn_route_hash(router, pool, sn_hash_bytes(key->bytes, sizeof key->bytes));
}

static uint32_t by_range(struct sn_router *router, uint16_t pool, const struct key *key)
{
    return sn_route_unsigned(router, pool, key->bytes[0]);
}

static uint32_t by_turn(struct sn_router *router, uint16_t pool, const struct key *key)
{
    (void)key;
    return sn_route_next(router, pool);
}

/* Inlined for each way, so that no indirect call is measured. */
static inline __attribute__((always_inline)) uint64_t find_many(struct sn_router *router,
                                                                uint16_t pool, find_index *find,
                                                                const struct key *keys,
                                                                uint64_t count, uint64_t *ret_seen)
{
    uint64_t seen = 0, start_ns = bench_now_ns();

    for (uint64_t i = 0; i < count; i++) {
        uint32_t index = find(router, pool, &keys[i % KEYS]);
        sn_ref member = sn_route_member(router, pool, index);

        bench_launder(&member);
        seen |= UINT64_C(1) << index;
    }
    *ret_seen = seen;
    return bench_now_ns() - start_ns;
}

static uint64_t find_in(struct sn_router *router, uint16_t pool, const struct key *keys,
                        uint64_t count, uint64_t *ret_seen)
{
    switch (pool) {
    case HASHED:
    case CIRCLED:
        return find_many(router, pool, by_hash, keys, count, ret_seen);
    case RANGED:
        return find_many(router, pool, by_range, keys, count, ret_seen);
    default:
        return find_many(router, pool, by_turn, keys, count, ret_seen);
    }
}

/* Each member must have been found: so the pools are the ones that were meant. */
static int measure(const struct bench_context *context, struct paths *app, uint16_t pool,
                   struct bench_sample *ret_sample)
{
    static struct key keys[KEYS];
    uint64_t operations = bench_operations(context), random = 1, seen;
    struct sn_router *router = sn_port_router(app->sn);
    uint32_t members = sn_route_count(router, pool);
    uint64_t all = members == 64 ? UINT64_MAX : (UINT64_C(1) << members) - 1;

    for (size_t i = 0; i < KEYS; i++)
        for (size_t byte = 0; byte < PATHS_KEY_BYTES; byte++)
            keys[i].bytes[byte] = (uint8_t)(sn_random_next(&random) >> 32);
    find_in(router, pool, keys, KEYS, &seen);
    ret_sample->value = (double)find_in(router, pool, keys, operations, &seen) / (double)operations;
    return members != bench_parameter(context, "members") || seen != all ? -EPROTO : 0;
}

static int run(const struct bench_context *context, struct bench_sample *ret_sample, uint16_t pool)
{
    struct paths_options options = {0};
    struct paths *app = NULL;
    int rc = bench_system_prepare(context, 1, &options.system);

    if (rc == 0)
        rc = paths_start(&options, &app);
    if (rc == 0)
        rc = measure(context, app, pool, ret_sample);
    int left = paths_stop(app);
    return bench_system_result(context, rc != 0 ? rc : left);
}

static int hashed(const struct bench_context *context, struct bench_sample *ret_sample)
{
    return run(context, ret_sample, HASHED);
}

static int circled(const struct bench_context *context, struct bench_sample *ret_sample)
{
    return run(context, ret_sample, CIRCLED);
}

static int ranged(const struct bench_context *context, struct bench_sample *ret_sample)
{
    return run(context, ret_sample, RANGED);
}

static int turned(const struct bench_context *context, struct bench_sample *ret_sample)
{
    return run(context, ret_sample, TURNED);
}

static int loaded(const struct bench_context *context, struct bench_sample *ret_sample)
{
    return run(context, ret_sample, LOADED);
}

static const struct bench_row rows[] = {
    {"route/hash", "ns", hashed, {{"operations", 20000000}, {"members", 64}, {"key_bytes", 16}}},
    {"route/consistent-hash",
     "ns",
     circled,
     {{"operations", 20000000}, {"members", 64}, {"virtual_nodes", 128}, {"key_bytes", 16}}},
    {"route/range", "ns", ranged, {{"operations", 20000000}, {"members", 4}, {"key_bytes", 8}}},
    {"route/round-robin", "ns", turned, {{"operations", 20000000}, {"members", 64}}},
    {"route/least-loaded", "ns", loaded, {{"operations", 4000000}, {"members", 64}}},
};

const struct bench_table bench_routes = BENCH_TABLE(rows);
