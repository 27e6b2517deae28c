/* SPDX-License-Identifier: MIT */
/*
 * The rows of load.yaml that measure actors among themselves. A run starts a system, lets the
 * workload's first actor do a part of the operations as a warm-up and then all of them, and stops
 * the system; the answer says how long the actors took.
 */
#include "load.h"
#include "system.h"

/* More operations than warm pools and caches. */
enum { WARM_UP_PART = 10 };

typedef int load_call(struct load *app, const struct load_measure *message,
                      struct load_measure_reply *ret_reply);

static int measure(struct load *app, load_call *call, struct load_measure *message,
                   double operations, struct bench_sample *ret_sample)
{
    struct load_measure_reply reply = {0};
    struct load_measure warm_up = *message;

    warm_up.operations = message->operations / WARM_UP_PART + 64;
    int rc = call(app, &warm_up, &reply);
    if (rc == 0)
        rc = call(app, message, &reply);
    ret_sample->value = (double)reply.elapsed_ns / operations;
    return rc;
}

static int run(const struct bench_context *context, struct bench_sample *ret_sample,
               load_call *call, struct load_measure *message, double operations)
{
    unsigned shards = (unsigned)bench_parameter(context, "shards");
    struct load_options options = {0};
    struct load *app = NULL;
    int rc = bench_system_prepare(context, shards, &options.system);

    if (rc == BENCH_SKIPPED)
        return rc;
    if (rc == 0)
        rc = load_start(&options, &app);
    if (rc == 0)
        rc = bench_system_aside(context, shards);
    if (rc == 0)
        rc = measure(app, call, message, operations, ret_sample);
    int left = load_stop(app);
    return bench_system_result(context, rc != 0 ? rc : left);
}

/* One message under way, or one that starts them all: the value is per operation. */
static int run_simple(const struct bench_context *context, struct bench_sample *ret_sample,
                      load_call *call)
{
    uint64_t operations = bench_operations(context);
    struct load_measure message = {.operations = operations};

    return run(context, ret_sample, call, &message, (double)operations);
}

static int pingpong(const struct bench_context *context, struct bench_sample *ret_sample)
{
    return run_simple(context, ret_sample, load_call_pinger_measure);
}

static int ask(const struct bench_context *context, struct bench_sample *ret_sample)
{
    return run_simple(context, ret_sample, load_call_asker_measure);
}

static int ask_deadline(const struct bench_context *context, struct bench_sample *ret_sample)
{
    uint64_t operations = bench_operations(context);
    struct load_measure message = {.operations = operations, .window = 1};

    return run(context, ret_sample, load_call_asker_measure, &message, (double)operations);
}

static int ring(const struct bench_context *context, struct bench_sample *ret_sample)
{
    return run_simple(context, ret_sample, load_call_ring_end_measure);
}

static int fork_join(const struct bench_context *context, struct bench_sample *ret_sample)
{
    return run_simple(context, ret_sample, load_call_forker_measure);
}

static int broadcast(const struct bench_context *context, struct bench_sample *ret_sample)
{
    uint64_t a_burst = LOAD_LISTENER_COUNT * bench_parameter(context, "rounds");
    uint64_t bursts = bench_operations(context) / a_burst + 1;
    struct load_measure message = {.operations = bursts};

    return run(context, ret_sample, load_call_caster_measure, &message, (double)(bursts * a_burst));
}

/* Sources on the sink's shard, or all on the other one. */
static int stream(const struct bench_context *context, struct bench_sample *ret_sample,
                  load_call *call, enum load_kind kind)
{
    uint32_t sources = (uint32_t)bench_parameter(context, "sources");
    uint64_t operations = bench_operations(context) / sources * sources;
    uint32_t window = (uint32_t)bench_parameter(context, "window");
    struct load_measure message = {.operations = operations,
                                   .window = window,
                                   .windows = window > 1 ? 2 : 1,
                                   .sources = sources,
                                   .stride = (uint32_t)bench_parameter(context, "shards"),
                                   .kind = kind};

    return run(context, ret_sample, call, &message, (double)operations);
}

static int stream8(const struct bench_context *context, struct bench_sample *ret_sample)
{
    return stream(context, ret_sample, load_call_sink_measure, LOAD_KIND_BYTES8);
}

static int stream64(const struct bench_context *context, struct bench_sample *ret_sample)
{
    return stream(context, ret_sample, load_call_sink_measure, LOAD_KIND_BYTES64);
}

static int stream256(const struct bench_context *context, struct bench_sample *ret_sample)
{
    return stream(context, ret_sample, load_call_sink_measure, LOAD_KIND_BYTES256);
}

static int stream4096(const struct bench_context *context, struct bench_sample *ret_sample)
{
    return stream(context, ret_sample, load_call_sink_measure, LOAD_KIND_BYTES4096);
}

static int stream_small(const struct bench_context *context, struct bench_sample *ret_sample)
{
    return stream(context, ret_sample, load_call_small_sink_measure, LOAD_KIND_SMALL);
}

static int stream_single(const struct bench_context *context, struct bench_sample *ret_sample)
{
    return stream(context, ret_sample, load_call_single_sink_measure, LOAD_KIND_SINGLE);
}

static int stream_parked(const struct bench_context *context, struct bench_sample *ret_sample)
{
    return stream(context, ret_sample, load_call_parked_sink_measure, LOAD_KIND_PARKED);
}

#define STREAM(operations_, shards_, sources_, window_, capacity_)                     \
    {                                                                                  \
        {"operations", (operations_)}, {"shards", (shards_)}, {"sources", (sources_)}, \
            {"window", (window_)}, {"capacity", (capacity_)},                          \
    }

static const struct bench_row rows[] = {
    {"pingpong/same-shard", "ns", pingpong, {{"operations", 4000000}, {"shards", 1}}},
    {"pingpong/cross-shard", "ns", pingpong, {{"operations", 200000}, {"shards", 2}}},
    {"pingpong/cross-shard-spinning",
     "ns",
     pingpong,
     {{"operations", 200000}, {"shards", 2}, {"spin_ns", BENCH_SPIN_ALWAYS}}},
    {"pingpong/cross-shard-parked",
     "ns",
     pingpong,
     {{"operations", 4000}, {"shards", 2}, {"spin_ns", BENCH_SPIN_NEVER}}},
    {"ask/same-shard", "ns", ask, {{"operations", 2000000}, {"shards", 1}}},
    {"ask/same-shard/deadline", "ns", ask_deadline, {{"operations", 2000000}, {"shards", 1}}},
    {"ask/cross-shard", "ns", ask, {{"operations", 200000}, {"shards", 2}}},
    {"one-to-one/same-shard/8B", "ns", stream8, STREAM(8000000, 1, 1, 512, 2048)},
    {"one-to-one/same-shard/64B", "ns", stream64, STREAM(8000000, 1, 1, 512, 2048)},
    {"one-to-one/same-shard/64B/parked", "ns", stream_parked, STREAM(4000000, 1, 1, 0, 2048)},
    {"one-to-one/same-shard/256B", "ns", stream256, STREAM(4000000, 1, 1, 512, 2048)},
    {"one-to-one/same-shard/4096B", "ns", stream4096, STREAM(400000, 1, 1, 512, 2048)},
    {"one-to-one/cross-shard/8B", "ns", stream8, STREAM(8000000, 2, 1, 512, 2048)},
    {"one-to-one/cross-shard/64B", "ns", stream64, STREAM(8000000, 2, 1, 512, 2048)},
    {"one-to-one/cross-shard/64B/capacity-64", "ns", stream_small, STREAM(1000000, 2, 1, 16, 64)},
    {"one-to-one/cross-shard/64B/capacity-1", "ns", stream_single, STREAM(200000, 2, 1, 1, 1)},
    {"one-to-one/cross-shard/64B/parked", "ns", stream_parked, STREAM(4000000, 2, 1, 0, 2048)},
    {"one-to-one/cross-shard/256B", "ns", stream256, STREAM(4000000, 2, 1, 512, 2048)},
    {"one-to-one/cross-shard/4096B", "ns", stream4096, STREAM(400000, 2, 1, 512, 2048)},
    {"many-to-one/same-shard", "ns", stream64, STREAM(8000000, 1, 20, 32, 2048)},
    {"many-to-one/cross-shard", "ns", stream64, STREAM(8000000, 2, 20, 32, 2048)},
    {"ring/503", "ns", ring, {{"operations", 8000000}, {"shards", 1}}},
    {"broadcast/same-shard",
     "ns",
     broadcast,
     {{"operations", 4000000}, {"shards", 1}, {"listeners", LOAD_LISTENER_COUNT}, {"rounds", 16}}},
    {"broadcast/cross-shard",
     "ns",
     broadcast,
     {{"operations", 4000000}, {"shards", 2}, {"listeners", LOAD_LISTENER_COUNT}, {"rounds", 16}}},
    {"fork-join/same-shard",
     "ns",
     fork_join,
     {{"operations", 2000000}, {"shards", 1}, {"workers", LOAD_LEAF_COUNT}, {"at_once", 512}}},
    {"fork-join/cross-shard",
     "ns",
     fork_join,
     {{"operations", 2000000}, {"shards", 2}, {"workers", LOAD_LEAF_COUNT}, {"at_once", 512}}},
};

const struct bench_table bench_load = BENCH_TABLE(rows);
