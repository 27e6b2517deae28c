/* SPDX-License-Identifier: MIT */
/*
 * What the machine can do at best between two cores.
 *
 * A single-producer ring bounds throughput, a cache line that travels there and back bounds
 * latency while both sides spin, and the kernel's wake-ups bound it once a side has parked. None of
 * it uses the runtime. In every row the first side runs on context->cpus[0], the second on
 * context->cpus[1], and a round trip is counted once.
 */
#include "bench.h"
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Two lines apart: the adjacent-line prefetcher fetches lines in pairs. */
#define APART _Alignas(128)

#define SPSC_SLOTS 2048

/* A 64-byte slot: one cache line. */
struct payload {
    _Alignas(64) uint64_t words[8];
};

/*
 * The ring. The producer owns `tail` and `seen_head`, the consumer `head` and `seen_tail`; each
 * keeps its last view of the other's index and reloads it only when that view says full or empty.
 */
struct spsc {
    APART _Atomic uint64_t tail;
    uint64_t seen_head;
    APART _Atomic uint64_t head;
    uint64_t seen_tail;
    APART struct payload slots[SPSC_SLOTS];
    uint64_t sum;
};

static void spsc_wait_room(struct spsc *ring, uint64_t tail, uint64_t batch)
{
    while (tail + batch - ring->seen_head > SPSC_SLOTS)
        /* P2 acquire, pairs with C2: the consumer has finished reading the slots before we reuse
         * them. */
        ring->seen_head = atomic_load_explicit(&ring->head, memory_order_acquire);
}

static void spsc_produce(const struct bench_context *context, void *shared)
{
    struct spsc *ring = shared;
    uint64_t batch = bench_parameter(context, "batch");
    uint64_t operations = bench_operations(context) / batch * batch;

    for (uint64_t tail = 0; tail < operations; tail += batch) {
        spsc_wait_room(ring, tail, batch);
        for (uint64_t i = 0; i < batch; i++) {
            struct payload message = {{tail + i, 1, 2, 3, 4, 5, 6, 7}};
            ring->slots[(tail + i) % SPSC_SLOTS] = message;
        }
        /* P1 release, pairs with C1: the slots' contents before the index that publishes them. */
        atomic_store_explicit(&ring->tail, tail + batch, memory_order_release);
    }
}

static void spsc_consume(const struct bench_context *context, void *shared)
{
    struct spsc *ring = shared;
    uint64_t batch = bench_parameter(context, "batch");
    uint64_t operations = bench_operations(context) / batch * batch;
    uint64_t sum = 0;

    for (uint64_t head = 0; head < operations; head += batch) {
        while (ring->seen_tail == head)
            /* C1 acquire, pairs with P1: the slots' contents after the index. */
            ring->seen_tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
        for (uint64_t i = 0; i < batch; i++) {
            struct payload message = ring->slots[(head + i) % SPSC_SLOTS];
            bench_launder(&message);
            sum += message.words[0];
        }
        /* C2 release, pairs with P2: our reads come before the slots are handed back. */
        atomic_store_explicit(&ring->head, head + batch, memory_order_release);
    }
    ring->sum = sum;
}

static int spsc(const struct bench_context *context, struct bench_sample *ret_sample)
{
    uint64_t batch = bench_parameter(context, "batch");
    uint64_t operations = bench_operations(context) / batch * batch;
    struct spsc *ring = aligned_alloc(128, sizeof *ring);
    uint64_t elapsed_ns = 0;

    if (ring == NULL)
        return -ENOMEM;
    memset(ring, 0, sizeof *ring);
    int rc = bench_pair_run(context, spsc_produce, spsc_consume, ring, &elapsed_ns);
    if (rc == 0 && ring->sum != operations * (operations - 1) / 2)
        rc = -EIO;
    free(ring);
    ret_sample->value = (double)elapsed_ns / (double)operations;
    return rc;
}

/* One word a direction; with one line both directions use `there`. */
struct lines {
    APART _Atomic uint64_t there;
    APART _Atomic uint64_t back;
};

static void line_wait(_Atomic uint64_t *word, uint64_t value)
{
    /* L2 acquire, pairs with the other side's L1. */
    while (atomic_load_explicit(word, memory_order_acquire) != value)
        ;
}

static void line_set(_Atomic uint64_t *word, uint64_t value)
{
    /* L1 release, pairs with the other side's L2: the two sides alternate strictly. */
    atomic_store_explicit(word, value, memory_order_release);
}

static void line_ping(const struct bench_context *context, void *shared)
{
    struct lines *lines = shared;
    _Atomic uint64_t *back = bench_parameter(context, "lines") == 1 ? &lines->there : &lines->back;
    uint64_t operations = bench_operations(context);

    for (uint64_t i = 0; i < operations; i++) {
        line_set(&lines->there, 2 * i + 1);
        line_wait(back, 2 * i + 2);
    }
}

static void line_pong(const struct bench_context *context, void *shared)
{
    struct lines *lines = shared;
    _Atomic uint64_t *back = bench_parameter(context, "lines") == 1 ? &lines->there : &lines->back;
    uint64_t operations = bench_operations(context);

    for (uint64_t i = 0; i < operations; i++) {
        line_wait(&lines->there, 2 * i + 1);
        line_set(back, 2 * i + 2);
    }
}

static int cacheline(const struct bench_context *context, struct bench_sample *ret_sample)
{
    struct lines lines = {.there = 0};
    uint64_t elapsed_ns = 0;
    int rc = bench_pair_run(context, line_ping, line_pong, &lines, &elapsed_ns);

    ret_sample->value = (double)elapsed_ns / (double)bench_operations(context);
    return rc;
}

/* The word counts half trips: even when it is the first side's turn, odd for the second. */
static void futex_turn(_Atomic uint32_t *word, uint32_t mine, uint64_t operations)
{
    for (uint64_t i = 0; i < operations; i++) {
        uint32_t now = (uint32_t)(2 * i) + mine;
        /* F2 acquire, pairs with F1 of the other side; EAGAIN and EINTR lead back here. */
        while (atomic_load_explicit(word, memory_order_acquire) != now)
            syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, now - 1, NULL, NULL, 0);
        /* F1 release, pairs with F2. */
        atomic_store_explicit(word, now + 1, memory_order_release);
        syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
    }
}

static void futex_ping(const struct bench_context *context, void *shared)
{
    futex_turn(shared, 0, bench_operations(context));
}

static void futex_pong(const struct bench_context *context, void *shared)
{
    futex_turn(shared, 1, bench_operations(context));
}

static int futex_rtt(const struct bench_context *context, struct bench_sample *ret_sample)
{
    APART _Atomic uint32_t word = 0;
    uint64_t elapsed_ns = 0;
    int rc = bench_pair_run(context, futex_ping, futex_pong, &word, &elapsed_ns);

    ret_sample->value = (double)elapsed_ns / (double)bench_operations(context);
    return rc;
}

/* Two blocking eventfds, one a direction; a failed side is seen in `failed` after the join. */
struct eventfds {
    int there, back;
    bool failed[2];
};

static bool event_signal(int fd)
{
    uint64_t one = 1;

    return write(fd, &one, sizeof one) == (ssize_t)sizeof one;
}

static bool event_wait(int fd)
{
    uint64_t count;

    return read(fd, &count, sizeof count) == (ssize_t)sizeof count;
}

static void event_ping(const struct bench_context *context, void *shared)
{
    struct eventfds *fds = shared;
    uint64_t operations = bench_operations(context);

    for (uint64_t i = 0; i < operations && !fds->failed[0]; i++)
        fds->failed[0] = !event_signal(fds->there) || !event_wait(fds->back);
}

static void event_pong(const struct bench_context *context, void *shared)
{
    struct eventfds *fds = shared;
    uint64_t operations = bench_operations(context);

    for (uint64_t i = 0; i < operations && !fds->failed[1]; i++)
        fds->failed[1] = !event_wait(fds->there) || !event_signal(fds->back);
}

static int eventfd_rtt(const struct bench_context *context, struct bench_sample *ret_sample)
{
    struct eventfds fds = {.there = eventfd(0, EFD_CLOEXEC), .back = eventfd(0, EFD_CLOEXEC)};
    uint64_t elapsed_ns = 0;
    int rc = fds.there < 0 || fds.back < 0 ? -EMFILE : 0;

    if (rc == 0)
        rc = bench_pair_run(context, event_ping, event_pong, &fds, &elapsed_ns);
    if (rc == 0 && (fds.failed[0] || fds.failed[1]))
        rc = -EIO;
    if (fds.there >= 0)
        close(fds.there);
    if (fds.back >= 0)
        close(fds.back);
    ret_sample->value = (double)elapsed_ns / (double)bench_operations(context);
    return rc;
}

static const struct bench_row rows[] = {
    {"limit/spsc64-single",
     "ns",
     spsc,
     {{"operations", 8000000}, {"batch", 1}, {"slots", SPSC_SLOTS}, {"slot_bytes", 64}}},
    {"limit/spsc64-batch32",
     "ns",
     spsc,
     {{"operations", 16000000}, {"batch", 32}, {"slots", SPSC_SLOTS}, {"slot_bytes", 64}}},
    {"limit/cacheline-rtt", "ns", cacheline, {{"operations", 500000}, {"lines", 1}}},
    {"limit/cacheline-rtt-two-lines", "ns", cacheline, {{"operations", 500000}, {"lines", 2}}},
    {"limit/futex-rtt", "ns", futex_rtt, {{"operations", 4000}}},
    {"limit/eventfd-rtt", "ns", eventfd_rtt, {{"operations", 4000}}},
};

const struct bench_table bench_limit_two = BENCH_TABLE(rows);
