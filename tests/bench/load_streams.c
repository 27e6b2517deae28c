/* SPDX-License-Identifier: MIT */
/*
 * Handlers of the streams: sources that send to one sink.
 *
 * A source may only send what the sink's mailbox takes. Either the sink gives credits: a source
 * sends a window of messages for each, and begins with a few. Or the source sends without asking
 * and the mailbox's policy parks what does not fit, which pauses the source (kind `parked`).
 *
 * A message's tag holds the source's index (from bit 40) and the message's number; the sink adds
 * up the numbers, so that a row that lost or doubled messages fails.
 */
#include "bench.h"
#include "load.h"

#include <errno.h>

enum { INDEX_SHIFT = 40, PARKED_BURST = 32 };

#define NUMBER_MASK ((UINT64_C(1) << INDEX_SHIFT) - 1)

/* ---- the source ------------------------------------------------------------------------------ */

/* Copied once, into the block in which the message then travels. */
static int send_item4096(struct load_source *self, uint64_t tag)
{
    static const uint8_t data[4080];

    return load_source_send_sink_item4096(
        self, &(struct load_item4096){.tag = tag, .data = {.data = data, .size = sizeof data}});
}

static int send_item(struct load_source *self, uint64_t tag)
{
    struct load_item64 item = {.tag = tag, .words = {1, 2, 3, 4, 5, 6, 7}};

    switch (self->kind) {
    case LOAD_KIND_BYTES8:
        return load_source_send_sink_item8(self, &(struct load_item8){tag});
    case LOAD_KIND_BYTES64:
        return load_source_send_sink_item64(self, &item);
    case LOAD_KIND_BYTES256:
        return load_source_send_sink_item256(self, &(struct load_item256){.tag = tag});
    case LOAD_KIND_BYTES4096:
        return send_item4096(self, tag);
    case LOAD_KIND_SMALL:
        return load_source_send_small_sink_item64(self, &item);
    case LOAD_KIND_SINGLE:
        return load_source_send_single_sink_item64(self, &item);
    default:
        return load_source_send_parked_sink_item64(self, &item);
    }
}

static int send_items(struct load_source *self, uint64_t count)
{
    uint64_t index = (uint64_t)sn_self_index(self->sn) << INDEX_SHIFT;
    uint64_t end = self->count - self->next < count ? self->count : self->next + count;
    int rc = 0;

    while (rc == 0 && self->next < end)
        rc = send_item(self, index | self->next++);
    return rc;
}

int load_source_on_begin(struct load_source *self, const struct load_begin *message)
{
    if (message->apart != (sn_self_shard(self->sn) != message->sink_shard))
        return -EINVAL; /* not the shard that this row is to measure */
    self->next = 0;
    self->count = message->count;
    self->window = message->window;
    self->kind = message->kind;
    if (self->kind == LOAD_KIND_PARKED)
        return load_source_on_again(self);
    return send_items(self, (uint64_t)message->windows * message->window);
}

int load_source_on_more(struct load_source *self)
{
    return send_items(self, self->window);
}

/* What does not fit is parked, and this handler waits until it has left. */
int load_source_on_again(struct load_source *self)
{
    int rc = send_items(self, PARKED_BURST);

    if (rc != 0 || self->next == self->count)
        return rc;
    return load_source_send_sources_again_at(self, sn_self_index(self->sn));
}

/* ---- the sink -------------------------------------------------------------------------------- */

int load_sink_on_measure(struct load_sink *self, const struct load_measure *message,
                         load_measure_reply_to to)
{
    uint32_t sources = message->sources > 0 ? message->sources : 1;
    struct load_begin begin = {.count = message->operations / sources,
                               .window = message->window,
                               .windows = message->windows,
                               .kind = message->kind,
                               .sink_shard = sn_self_shard(self->sn),
                               .apart = message->stride > 1};
    int rc = load_sink_set_to(self, to);

    self->left = begin.count * sources;
    self->sum = 0;
    self->expected = begin.count * (begin.count - 1) / 2 * sources;
    self->mask = message->window > 0 ? message->window - 1 : UINT64_MAX;
    self->start_ns = bench_now_ns();
    for (uint32_t i = 0; rc == 0 && i < message->sources; i++)
        rc = load_sink_send_sources_begin_at(self, i * message->stride, &begin);
    return rc;
}

/* Who has this answer knows that what it sent before was handled: others may send now. */
int load_sink_on_ready(struct load_sink *self, load_ready_reply_to to)
{
    self->start_ns = bench_now_ns();
    return load_sink_reply_ready(self, to);
}

static int finish(struct load_sink *self)
{
    struct load_measure_reply reply = {bench_now_ns() - self->start_ns};

    if (self->sum != self->expected)
        return load_sink_refuse_measure(self, self->to, SN_INVALID);
    return load_sink_reply_measure(self, self->to, &reply);
}

static int count_item(struct load_sink *self, uint64_t tag)
{
    uint64_t number = tag & NUMBER_MASK;

    self->sum += number;
    if (--self->left == 0)
        return finish(self);
    if (((number + 1) & self->mask) != 0)
        return 0;
    return load_sink_send_sources_more_at(self, (uint32_t)(tag >> INDEX_SHIFT));
}

int load_sink_on_item8(struct load_sink *self, const struct load_item8 *message)
{
    return count_item(self, message->tag);
}

int load_sink_on_item64(struct load_sink *self, const struct load_item64 *message)
{
    return count_item(self, message->tag);
}

int load_sink_on_item256(struct load_sink *self, const struct load_item256 *message)
{
    return count_item(self, message->tag);
}

int load_sink_on_item4096(struct load_sink *self, const struct load_item4096 *message)
{
    return count_item(self, message->tag);
}

/* ---- latencies, in buckets a thirty-second wide ---------------------------------------------- */

enum { SUB_BITS = 5, SUB_BUCKETS = 1 << SUB_BITS };

static uint32_t bucket_of(uint64_t ns)
{
    if (ns < SUB_BUCKETS)
        return (uint32_t)ns;
    uint32_t shift = 63 - (uint32_t)__builtin_clzll(ns) - SUB_BITS;
    return (shift + 1) * SUB_BUCKETS + (uint32_t)(ns >> shift) - SUB_BUCKETS;
}

/* The least time of a bucket. */
static uint64_t bucket_ns(uint32_t bucket)
{
    uint32_t shift = bucket / SUB_BUCKETS;

    return shift == 0 ? bucket : (uint64_t)(SUB_BUCKETS + bucket % SUB_BUCKETS) << (shift - 1);
}

int load_clocked_on_stamped(struct load_clocked *self, const struct load_stamped *message)
{
    uint64_t now_ns = bench_now_ns();

    self->counts[bucket_of(now_ns > message->sent_ns ? now_ns - message->sent_ns : 0)]++;
    self->count++;
    return 0;
}

static uint64_t quantile_ns(const struct load_clocked *self, uint64_t per_mille)
{
    uint64_t left = (self->count * per_mille + 999) / 1000;
    uint32_t bucket = 0;

    while (bucket < LOAD_BUCKETS - 1 && left > self->counts[bucket])
        left -= self->counts[bucket++];
    return bucket_ns(bucket);
}

int load_clocked_on_percentiles(struct load_clocked *self, load_percentiles_reply_to to)
{
    struct load_percentiles_reply reply = {.count = self->count,
                                           .p50_ns = quantile_ns(self, 500),
                                           .p99_ns = quantile_ns(self, 990),
                                           .p999_ns = quantile_ns(self, 999)};

    self->count = 0;
    memset(self->counts, 0, sizeof self->counts);
    return load_clocked_reply_percentiles(self, to, &reply);
}
