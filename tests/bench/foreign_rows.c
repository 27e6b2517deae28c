/* SPDX-License-Identifier: MIT */
/*
 * The rows of threads outside the runtime: each has a port of its own and sends, or asks and
 * waits. The shard has the first CPU, the threads share the others.
 */
#include "load.h"
#include "system.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

enum { PRODUCERS_MAX = 8, WARM_UP_PART = 10 };

static int begin(const struct bench_context *context, struct load **ret_app)
{
    struct load_options options = {0};
    int rc = bench_system_prepare(context, 1, &options.system);

    *ret_app = NULL;
    if (rc == 0)
        rc = load_start(&options, ret_app);
    return rc != 0 ? rc : bench_system_aside(context, 1);
}

static int end(const struct bench_context *context, struct load *app, int rc)
{
    int left = load_stop(app);

    return bench_system_result(context, rc != 0 ? rc : left);
}

/* ---- asks ------------------------------------------------------------------------------------ */

static int ask_many(struct load *app, uint64_t count)
{
    struct load_question question = {{1, 2, 3, 4, 5}};
    struct load_question_reply reply;
    int rc = 0;

    for (uint64_t i = 0; rc == 0 && i < count; i++)
        rc = load_call_answerer_question(app, &question, &reply);
    return rc;
}

static int ask_foreign(const struct bench_context *context, struct bench_sample *ret_sample)
{
    uint64_t operations = bench_operations(context), start_ns = 0;
    struct load *app;
    int rc = begin(context, &app);

    if (rc == 0)
        rc = ask_many(app, operations / WARM_UP_PART + 1);
    start_ns = bench_now_ns();
    if (rc == 0)
        rc = ask_many(app, operations);
    ret_sample->value = (double)(bench_now_ns() - start_ns) / (double)operations;
    return end(context, app, rc);
}

/* ---- sends ----------------------------------------------------------------------------------- */

/* The two sinks: each message on its own, or gathered. */
struct sink {
    int (*send)(struct load *app, const struct load_item64 *item, uint64_t timeout_ns);
    int (*ask)(struct load *app, const struct load_measure *message,
               struct load_measure_future *ret_future);
    int (*ready)(struct load *app);
};

static const struct sink single_sink = {load_send_wait_sink_item64, load_ask_sink_measure,
                                        load_call_sink_ready};
static const struct sink batched_sink = {load_send_wait_batched_sink_item64,
                                         load_ask_batched_sink_measure,
                                         load_call_batched_sink_ready};

/* What a measurement's threads share. */
struct field {
    const struct bench_context *context;
    const struct sink *sink;
    uint64_t each;
    _Atomic int go; /* 1: send; -1: the others could not be made, end */
};

struct producer {
    struct field *field;
    struct load *app; /* of its own */
    pthread_t thread;
    uint64_t first;
    unsigned index;
    int rc;
};

static int pin_outside(const struct bench_context *context, unsigned index)
{
    unsigned others = context->cpu_count - 1;

    return others > 0 ? bench_pin(context, 1 + index % others) : 0;
}

static void *produce(void *argument)
{
    struct producer *self = argument;
    struct load_item64 item = {.words = {1, 2, 3, 4, 5, 6, 7}};
    int go;

    self->rc = pin_outside(self->field->context, self->index);
    /* P1 acquire, pairs with P2: `each` and the others were made. */
    while ((go = atomic_load_explicit(&self->field->go, memory_order_acquire)) == 0)
        sched_yield();
    for (uint64_t i = 0; go > 0 && self->rc == 0 && i < self->field->each; i++) {
        item.tag = self->first + i;
        self->rc = self->field->sink->send(self->app, &item, SN_FOREVER);
    }
    load_flush(self->app);
    return NULL;
}

static int create_producers(struct field *field, struct load *app, struct producer *producers,
                            unsigned count, unsigned *ret_made)
{
    int rc = 0;

    for (*ret_made = 0; rc == 0 && *ret_made < count; *ret_made += rc == 0) {
        struct producer *producer = &producers[*ret_made];

        *producer =
            (struct producer){.field = field, .index = *ret_made, .first = *ret_made * field->each};
        rc = load_open(app, &producer->app);
        if (rc == 0)
            rc = -pthread_create(&producer->thread, NULL, produce, producer);
        if (rc != 0)
            load_close(producer->app);
    }
    return rc;
}

static int join_producers(struct producer *producers, unsigned count)
{
    int rc = 0;

    for (unsigned i = 0; i < count; i++) {
        pthread_join(producers[i].thread, NULL);
        load_close(producers[i].app);
        if (rc == 0)
            rc = producers[i].rc;
    }
    return rc;
}

/* The sink takes the time from now until the last message. */
static int send_all(struct load *app, struct field *field, unsigned count, uint64_t *ret_elapsed_ns)
{
    struct producer producers[PRODUCERS_MAX];
    struct load_measure message = {.operations = field->each * count};
    struct load_measure_reply reply = {0};
    struct load_measure_future future = {0};
    unsigned made;

    atomic_store_explicit(&field->go, 0, memory_order_relaxed); /* no producer yet */
    int rc = create_producers(field, app, producers, count, &made);
    if (rc == 0)
        rc = field->sink->ask(app, &message, &future);
    if (rc == 0)
        rc = field->sink->ready(app);
    /* P2 release, pairs with P1. */
    atomic_store_explicit(&field->go, rc == 0 ? 1 : -1, memory_order_release);
    int left = join_producers(producers, made);
    rc = rc != 0 ? rc : left;
    if (rc == 0)
        rc = load_measure_future_wait(&future, SN_FOREVER, &reply);
    else
        load_measure_future_drop(&future);
    *ret_elapsed_ns = reply.elapsed_ns;
    return rc;
}

static int produce_row(const struct bench_context *context, struct bench_sample *ret_sample,
                       const struct sink *sink)
{
    unsigned count = (unsigned)bench_parameter(context, "producers");
    struct field field = {.context = context, .sink = sink};
    uint64_t each = bench_operations(context) / count, elapsed_ns = 0;
    struct load *app;
    int rc = begin(context, &app);

    field.each = each / WARM_UP_PART + 1;
    if (rc == 0)
        rc = send_all(app, &field, count, &elapsed_ns);
    field.each = each;
    if (rc == 0)
        rc = send_all(app, &field, count, &elapsed_ns);
    ret_sample->value = (double)elapsed_ns / (double)(each * count);
    return end(context, app, rc);
}

static int produce_single(const struct bench_context *context, struct bench_sample *ret_sample)
{
    return produce_row(context, ret_sample, &single_sink);
}

static int produce_batched(const struct bench_context *context, struct bench_sample *ret_sample)
{
    return produce_row(context, ret_sample, &batched_sink);
}

/* ---- latency --------------------------------------------------------------------------------- */

/*
 * Send at a fixed rate, whatever happens, and stamp each message with the time at which it was to
 * leave: a delay of the sender counts as latency, too. An interval of 0 sends as fast as the
 * mailbox lets it.
 */
static int send_paced(struct load *app, uint64_t count, double interval_ns)
{
    struct load_stamped stamped = {.words = {1, 2, 3, 4, 5, 6, 7}};
    uint64_t start_ns = bench_now_ns();
    int rc = 0;

    for (uint64_t i = 0; rc == 0 && i < count; i++) {
        uint64_t due_ns = start_ns + (uint64_t)((double)i * interval_ns);
        uint64_t now_ns = bench_now_ns();

        while (now_ns < due_ns)
            now_ns = bench_now_ns();
        stamped.sent_ns = interval_ns > 0 ? due_ns : now_ns;
        rc = load_send_wait_clocked_stamped(app, &stamped, SN_FOREVER);
    }
    return rc;
}

static int measure_latency(struct load *app, uint64_t count, struct bench_sample *ret_sample)
{
    struct load_percentiles_reply reply = {0};
    uint64_t start_ns = bench_now_ns();
    int rc = send_paced(app, count, 0);

    if (rc == 0)
        rc = load_call_clocked_percentiles(app, &reply);
    double full_ns = (double)(bench_now_ns() - start_ns) / (double)count;
    if (rc == 0)
        rc = send_paced(app, count, 2 * full_ns);
    if (rc == 0)
        rc = load_call_clocked_percentiles(app, &reply);
    if (rc == 0 && reply.count != count)
        rc = -EPROTO;
    ret_sample->value = (double)reply.p50_ns;
    ret_sample->extras[0] = (struct bench_extra){"p99", (double)reply.p99_ns};
    ret_sample->extras[1] = (struct bench_extra){"p99.9", (double)reply.p999_ns};
    ret_sample->extras[2] = (struct bench_extra){"interval_ns", 2 * full_ns};
    return rc;
}

static int latency(const struct bench_context *context, struct bench_sample *ret_sample)
{
    struct load *app;
    int rc = context->cpu_count < 2 ? BENCH_SKIPPED : begin(context, &app);

    if (rc == BENCH_SKIPPED)
        return rc;
    if (rc == 0)
        rc = measure_latency(app, bench_operations(context), ret_sample);
    return end(context, app, rc);
}

static const struct bench_row rows[] = {
    {"ask/foreign", "ns", ask_foreign, {{"operations", 100000}, {"spin_ns", BENCH_SPIN_ALWAYS}}},
    {"ask/foreign-parked",
     "ns",
     ask_foreign,
     {{"operations", 4000}, {"spin_ns", BENCH_SPIN_NEVER}}},
    {"foreign/one-producer/64B", "ns", produce_single, {{"operations", 4000000}, {"producers", 1}}},
    {"foreign/one-producer/64B/batched",
     "ns",
     produce_batched,
     {{"operations", 8000000}, {"producers", 1}, {"batch_bytes", 4096}}},
    {"foreign/two-producers", "ns", produce_single, {{"operations", 4000000}, {"producers", 2}}},
    {"foreign/eight-producers", "ns", produce_single, {{"operations", 4000000}, {"producers", 8}}},
    {"latency/half-load", "ns", latency, {{"operations", 2000000}}},
};

const struct bench_table bench_foreign = BENCH_TABLE(rows);
