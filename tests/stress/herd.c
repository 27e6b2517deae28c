/* SPDX-License-Identifier: MIT */

#include "herd.h"

#include <check.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

struct hop {
    uint32_t hops;
};

struct total_reply {
    uint64_t total;
};

struct member {
    struct sn_actor *sn;
    struct herd_args args;
    uint64_t handled; /* state */
    uint64_t total;   /* retained */
};

static struct herd *herd_of(const struct member *self)
{
    return self->args.herd;
}

static uint32_t any_member(struct member *self)
{
    return (uint32_t)(sn_random(self->sn) % sn_route_count(sn_actor_router(self->sn), HERD_POOL));
}

static int send(struct member *self, enum herd_message message, uint32_t index, uint32_t hops)
{
    const struct sn_edge *edge = &herd_of(self)->edges[message];
    size_t size = sizeof(struct hop) + (message == HERD_HOP ? herd_of(self)->options.payload : 0);
    void *payload;
    int rc = sn_actor_send(self->sn, edge, index, size, &payload);

    if (rc == 0)
        *(struct hop *)payload = (struct hop){hops};
    return rc;
}

/* What does not fit is dropped by whoever wanted to send it: a storm must come to rest. */
static int tolerate(int rc)
{
    return rc == SN_FULL || rc == SN_GONE || rc == -ENOMEM ? 0 : rc;
}

static int ask(struct member *self, uint32_t hops)
{
    uint32_t index = any_member(self);
    struct sn_ask_draft draft = {
        .index = index,
        .context_size = sizeof(struct hop),
    };
    int rc = sn_actor_ask(self->sn, &draft);

    if (rc == 0)
        *(struct hop *)draft.context = (struct hop){hops};
    return tolerate(rc);
}

static int reply_total(struct member *self, const struct sn_envelope *envelope)
{
    void *payload;
    int rc =
        sn_actor_reply(self->sn, sn_envelope_token(envelope), sizeof(struct total_reply), &payload);

    if (rc == 0)
        *(struct total_reply *)payload = (struct total_reply){self->total};
    return rc;
}

static int spin(struct member *self)
{
    if (!atomic_load(&herd_of(self)->spinning))
        return 0;
    /* Now and then only, so that the place is mostly free for others. */
    int rc = sn_random(self->sn) % 64 == 0 ? tolerate(send(self, HERD_FOLDED, 0, 0)) : 0;
    return rc == 0 ? send(self, HERD_SPIN, sn_self_index(self->sn), 0) : rc;
}

static int handle(void *data, const struct sn_envelope *envelope, const void *payload)
{
    struct member *self = data;
    const struct hop *hop = payload;
    struct herd_counts *counts = &herd_of(self)->counts;

    self->handled++;
    switch ((enum herd_message)sn_envelope_message(envelope)) {
    case HERD_HOP:
        self->total++;
        atomic_fetch_add(&counts->hops, 1);
        if (hop->hops % 4 == 1)
            send(self, HERD_NOTE, any_member(self), 0);
        return hop->hops > 0 ? tolerate(send(self, HERD_HOP, any_member(self), hop->hops - 1)) : 0;
    case HERD_NOTE:
        atomic_fetch_add(&counts->notes, 1);
        return 0;
    case HERD_TOTAL:
        return reply_total(self, envelope);
    case HERD_CHAT:
        return ask(self, hop->hops);
    case HERD_FOLD:
        return send(self, HERD_FOLDED, 0, 0);
    case HERD_FOLDED:
        atomic_fetch_add(&counts->folded, 1);
        return 0;
    case HERD_SPIN:
        return spin(self);
    default:
        return -EIO;
    }
}

static int complete(void *data, const struct sn_completion *completion)
{
    struct member *self = data;
    const struct hop *hop = completion->context;

    atomic_fetch_add(&herd_of(self)->counts.completions, 1);
    return hop->hops > 0 ? ask(self, hop->hops - 1) : 0;
}

static int init(void *data, bool restored)
{
    struct member *self = data;

    (void)restored;
    atomic_fetch_add(&herd_of(self)->counts.inits, 1);
    return sn_alloc(self->sn, 100) != NULL ? 0 : -ENOMEM;
}

static void at_shutdown(void *data, int why)
{
    struct member *self = data;

    (void)why;
    atomic_fetch_add(&herd_of(self)->counts.shutdowns, 1);
}

static int tick(void *data, uint16_t timer)
{
    struct member *self = data;

    (void)timer;
    atomic_fetch_add(&herd_of(self)->counts.ticks, 1);
    return tolerate(send(self, HERD_HOP, any_member(self), 0));
}

static const struct sn_message_type messages[HERD_MESSAGES] = {
    [HERD_HOP] = {.name = "hop", .lane = SN_LANE_REQUEST},
    [HERD_NOTE] = {.name = "note", .lane = SN_LANE_TELEMETRY},
    [HERD_TOTAL] = {.name = "total", .lane = SN_LANE_REQUEST, .is_request = true},
    [HERD_CHAT] = {.name = "chat", .lane = SN_LANE_REQUEST},
    [HERD_BOOM] = {.name = "boom", .lane = SN_LANE_REQUEST},
    [HERD_FOLD] = {.name = "fold", .lane = SN_LANE_REQUEST},
    [HERD_FOLDED] = {.name = "folded", .lane = SN_LANE_REQUEST},
    [HERD_SPIN] = {.name = "spin", .lane = SN_LANE_REQUEST},
};

static void make_workers(struct herd *herd)
{
    struct sn_worker_type worker = {
        .name = "member",
        .size = sizeof(struct member),
        .args_offset = offsetof(struct member, args),
        .args_size = sizeof(struct herd_args),
        .state_offset = offsetof(struct member, handled),
        .state_size = sizeof(uint64_t),
        .retain_offset = offsetof(struct member, total),
        .retain_size = sizeof(uint64_t),
        .init = init,
        .handle = handle,
        .complete = complete,
        .tick = tick,
        .shutdown = at_shutdown,
        .asks = &herd->ask,
        .ask_count = 1,
    };

    herd->workers[0] = herd->workers[1] = worker;
    if (herd->options.tick_ns > 0) {
        herd->workers[0].timers = &herd->timer;
        herd->workers[0].timer_count = 1;
    }
}

static void make_edges(struct herd *herd)
{
    for (unsigned i = 0; i < HERD_MESSAGES; i++)
        herd->edges[i] = (struct sn_edge){.pool = HERD_POOL,
                                          .message = (uint16_t)i,
                                          .lane = messages[i].lane,
                                          .deadline_ns = SN_FOREVER};
    herd->edges[HERD_NOTE].full = SN_FULL_DROP_OLDEST;
    herd->edges[HERD_TOTAL].deadline_ns = 5 * SN_SECOND;
    herd->edges[HERD_FOLDED].pool = FOLD_POOL;
    herd->edges[HERD_FOLDED].full = herd->options.fold_full;
    herd->edges[HERD_FOLDED].park = herd->options.fold_park;
    herd->ask = (struct sn_ask_type){.name = "total", .edge = herd->edges[HERD_TOTAL]};
    herd->timer = (struct sn_timer_type){"tick", herd->options.tick_ns, true};
}

static void make_pools(struct herd *herd)
{
    static const char *const names[HERD_POOLS] = {"herd", "fold"};
    const struct herd_options *options = &herd->options;

    for (unsigned i = 0; i < HERD_POOLS; i++) {
        herd->pools[i] = (struct sn_pool_type){.name = names[i],
                                               .worker = (uint16_t)i,
                                               .size = i == HERD_POOL ? options->size : 1,
                                               .shard = -1,
                                               .poison_after = options->poison_after};
        herd->children[i] = (struct sn_child_spec){
            .name = names[i],
            .pool = i,
            .members = herd->pools[i].size,
            .shutdown_ns = SN_SHUTDOWN_DEFAULT_NS,
        };
    }
    herd->pools[HERD_POOL].capacity = options->capacity;
    herd->pools[HERD_POOL].capacity_bytes = options->capacity_bytes;
    herd->pools[FOLD_POOL].capacity = options->fold_capacity > 0 ? options->fold_capacity : 16;
}

void herd_init(struct herd *herd, const struct herd_options *options)
{
    memset(herd, 0, sizeof *herd);
    herd->args.herd = herd;
    herd->options = *options;
    make_edges(herd);
    make_workers(herd);
    make_pools(herd);
    herd->root = (struct sn_supervisor_spec){.name = "root",
                                             .restarts = SN_RESTARTS_UNLIMITED,
                                             .window_ns = SN_SECOND,
                                             .children = herd->children,
                                             .child_count = HERD_POOLS};
    herd->package = (struct sn_package){.name = "herd",
                                        .messages = messages,
                                        .workers = herd->workers,
                                        .pools = herd->pools,
                                        .supervisors = &herd->root,
                                        .message_count = HERD_MESSAGES,
                                        .worker_count = 2,
                                        .pool_count = HERD_POOLS,
                                        .supervisor_count = 1};
}

int herd_start(struct herd *herd, const struct sn_system_options *options,
               struct sn_port **ret_port)
{
    const void *args[HERD_POOLS] = {&herd->args, &herd->args};

    return sn_system_start(&herd->package, options, args, ret_port);
}

int herd_send(struct sn_port *port, struct herd *herd, enum herd_message message, uint32_t member,
              uint32_t hops, uint64_t timeout_ns)
{
    const struct sn_edge *edge = &herd->edges[message];
    size_t size = sizeof(struct hop) + (message == HERD_HOP ? herd->options.payload : 0);
    void *payload;
    int rc = sn_port_send(port, edge, sn_route_member(sn_port_router(port), edge->pool, member),
                          size, timeout_ns, &payload);

    if (rc != 0)
        return rc;
    *(struct hop *)payload = (struct hop){hops};
    sn_port_end(port);
    return 0;
}

int herd_ask(struct sn_port *port, struct herd *herd, uint32_t member, uint64_t deadline_ns,
             uint64_t *ret_total)
{
    struct sn_future *future;
    const void *reply;
    void *payload;
    int rc = sn_port_ask(port, &herd->edges[HERD_TOTAL],
                         sn_route_member(sn_port_router(port), HERD_POOL, member), 0, deadline_ns,
                         &payload, &future);

    if (rc != 0)
        return rc;
    sn_port_end(port);
    rc = sn_future_wait(&future, SN_FOREVER, &reply);
    if (rc == 0)
        *ret_total = ((const struct total_reply *)reply)->total;
    return rc;
}

void herd_finish(struct sn_port *port, struct herd *herd)
{
    struct sn_stats stats;

    ck_assert_int_eq(sn_quiesce(port, SN_FOREVER), 0);
    sn_stats(port, &stats);
    if (herd->options.tick_ns == 0) {
        ck_assert_uint_eq(stats.queued, 0);
        ck_assert_uint_eq(stats.asks_outstanding, 0);
    }
    ck_assert_int_eq(sn_system_stop(port), 0);
    ck_assert_uint_eq(atomic_load(&herd->counts.inits), atomic_load(&herd->counts.shutdowns));
}
