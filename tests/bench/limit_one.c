/* SPDX-License-Identifier: MIT */
/*
 * What the machine can do at best inside one thread.
 *
 * These rows use none of the runtime. They are the yardsticks of the same run: a message cannot
 * cost less than the put and get that carry it and the indirect call that handles it.
 */
#include "bench.h"
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#define RING_SLOTS 1024

/* A bounded ring of pointers for one thread; head and tail run freely and wrap by the mask. */
struct local_ring {
    uint32_t head, tail;
    void *slots[RING_SLOTS];
};

static inline bool local_ring_put(struct local_ring *ring, void *item)
{
    if (ring->tail - ring->head == RING_SLOTS)
        return false;
    ring->slots[ring->tail++ % RING_SLOTS] = item;
    return true;
}

static inline bool local_ring_get(struct local_ring *ring, void **ret_item)
{
    if (ring->tail == ring->head)
        return false;
    *ret_item = ring->slots[ring->head++ % RING_SLOTS];
    return true;
}

/* Fill by `batch`, drain by `batch`: the way a shard fills and drains its queue of work. */
static int ring_same_thread(const struct bench_context *context, struct bench_sample *ret_sample)
{
    uint64_t batch = bench_parameter(context, "batch");
    uint64_t rounds = bench_operations(context) / batch;
    struct local_ring *ring = calloc(1, sizeof *ring);
    uintptr_t sum = 0;
    void *item;

    if (ring == NULL)
        return -ENOMEM;
    bench_launder(ring);
    uint64_t start_ns = bench_now_ns();
    for (uint64_t round = 0; round < rounds; round++) {
        for (uint64_t i = 0; i < batch && local_ring_put(ring, ring); i++)
            ;
        bench_launder(ring);
        while (local_ring_get(ring, &item))
            sum += (uintptr_t)item;
        bench_launder(ring);
    }
    ret_sample->value = (double)(bench_now_ns() - start_ns) / (double)(rounds * batch);
    bench_launder(&sum);
    free(ring);
    return 0;
}

typedef uint64_t target(uint64_t value);

static __attribute__((noinline)) uint64_t target_add(uint64_t value)
{
    return value + 1;
}

/* The pointer is laundered before each call, so that it stays an indirect call. */
static int indirect_call(const struct bench_context *context, struct bench_sample *ret_sample)
{
    uint64_t operations = bench_operations(context);
    target *volatile function = target_add;
    uint64_t value = 0;

    uint64_t start_ns = bench_now_ns();
    for (uint64_t i = 0; i < operations; i++)
        value = function(value);
    ret_sample->value = (double)(bench_now_ns() - start_ns) / (double)operations;
    return value == operations ? 0 : -EIO;
}

static int atomic_add(const struct bench_context *context, struct bench_sample *ret_sample)
{
    uint64_t operations = bench_operations(context);
    _Atomic uint64_t counter = 0;

    bench_launder(&counter);
    uint64_t start_ns = bench_now_ns();
    /* Sequentially consistent: one locked instruction, which is what is being measured. */
    for (uint64_t i = 0; i < operations; i++)
        atomic_fetch_add_explicit(&counter, 1, memory_order_seq_cst);
    ret_sample->value = (double)(bench_now_ns() - start_ns) / (double)operations;
    /* Relaxed: this thread's own counter. */
    return atomic_load_explicit(&counter, memory_order_relaxed) == operations ? 0 : -EIO;
}

static int malloc_free(const struct bench_context *context, struct bench_sample *ret_sample)
{
    uint64_t operations = bench_operations(context);
    size_t size_bytes = (size_t)bench_parameter(context, "size_bytes");

    uint64_t start_ns = bench_now_ns();
    for (uint64_t i = 0; i < operations; i++) {
        void *block = malloc(size_bytes);
        if (block == NULL)
            return -ENOMEM;
        bench_launder(block);
        free(block);
    }
    ret_sample->value = (double)(bench_now_ns() - start_ns) / (double)operations;
    return 0;
}

static const struct bench_row rows[] = {
    {"limit/ring-same-thread",
     "ns",
     ring_same_thread,
     {{"operations", 64000000}, {"batch", 64}, {"slot_bytes", 8}}},
    {"limit/indirect-call", "ns", indirect_call, {{"operations", 32000000}}},
    {"limit/atomic-add", "ns", atomic_add, {{"operations", 16000000}}},
    {"limit/malloc-free", "ns", malloc_free, {{"operations", 16000000}, {"size_bytes", 64}}},
};

const struct bench_table bench_limit_one = BENCH_TABLE(rows);
