/* SPDX-License-Identifier: MIT */
/*
 * Requests of threads outside.
 *
 * A future is taken and given back by the thread that owns the port; a shard completes it. Both
 * meet in one word of generation and state:
 *
 *     FREE -> PENDING -> (WAITING ->) CLAIMED -> DONE -> FREE with the next generation
 *
 * The shard moves PENDING or WAITING to CLAIMED by compare-and-swap, so that a request is
 * completed once; it then writes outcome and reply and publishes DONE. It pays for a futex call
 * only if the state was WAITING: somebody sleeps. A waiter spins first, because a wake-up across
 * cores costs far more than the answer usually takes.
 *
 * The generation has 29 bits; a future whose generation would wrap is not used again, so a late
 * completion can never hit a later request.
 */
#include "future/future.h"

#include "memory/memory.h"

#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { STATE_BITS = 3, FREE = 0, PENDING, WAITING, CLAIMED, DONE };

#define STATE_MASK ((UINT32_C(1) << STATE_BITS) - 1)
#define GENERATION_LAST ((UINT32_C(1) << (32 - STATE_BITS)) - 1)

void sn_futex_wait(const _Atomic(uint32_t) *word, uint32_t value, uint64_t timeout_ns)
{
    struct timespec time = {(time_t)(timeout_ns / SN_SECOND), (long)(timeout_ns % SN_SECOND)};

    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, timeout_ns == SN_FOREVER ? NULL : &time,
            NULL, 0);
}

void sn_futex_wake(const _Atomic(uint32_t) *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

void sn_future_table_init(struct sn_future_table *table, const struct sn_allocator *allocator,
                          struct sn_port *port)
{
    table->allocator = allocator;
    table->port = port;
}

void sn_future_table_fini(struct sn_future_table *table)
{
    for (uint32_t i = 0; i < table->chunk_count; i++) {
        /* Relaxed: no other thread is left. */
        struct sn_future *chunk = atomic_load_explicit(&table->chunks[i], memory_order_relaxed);

        for (int slot = 0; slot < SN_FUTURE_CHUNK; slot++)
            sn_block_free_large(table->allocator, chunk[slot].reply);
        sn_alloc_free(table->allocator, chunk, SN_FUTURE_CHUNK * sizeof *chunk);
    }
    table->chunk_count = 0;
}

static bool grow(struct sn_future_table *table)
{
    struct sn_future *chunk;

    if (table->chunk_count == SN_FUTURE_CHUNKS)
        return false;
    chunk = sn_alloc_zeroed(table->allocator, SN_FUTURE_CHUNK * sizeof *chunk);
    if (chunk == NULL)
        return false;
    for (uint32_t i = SN_FUTURE_CHUNK; i-- > 0;) {
        chunk[i].port = table->port;
        chunk[i].slot = table->chunk_count * SN_FUTURE_CHUNK + i;
        chunk[i].next_free = table->free;
        table->free = &chunk[i];
    }
    /* Release, pairs with the acquire in sn_future_complete(): the chunk is cleared before a
     * token can name it. */
    atomic_store_explicit(&table->chunks[table->chunk_count++], chunk, memory_order_release);
    return true;
}

struct sn_future *sn_future_take(struct sn_future_table *table)
{
    struct sn_future *future;

    if (table->free == NULL && !grow(table))
        return NULL;
    future = table->free;
    table->free = future->next_free;
    table->open++;
    future->outcome = 0;
    future->guard = 0;
    /* Relaxed: nobody else writes a FREE future's word. */
    uint32_t word = atomic_load_explicit(&future->word, memory_order_relaxed);
    /* Relaxed: the request that carries the token is published with release. */
    atomic_store_explicit(&future->word, (word & ~STATE_MASK) | PENDING, memory_order_relaxed);
    return future;
}

/* From any state but CLAIMED, which lasts for two stores of the completing shard. */
static uint32_t leave(struct sn_future *future, uint32_t next)
{
    /* Acquire: with DONE comes the reply. */
    uint32_t word = atomic_load_explicit(&future->word, memory_order_acquire);

    for (;;) {
        if ((word & STATE_MASK) == CLAIMED) {
            sn_spin_hint();
            /* Acquire: as above. */
            word = atomic_load_explicit(&future->word, memory_order_acquire);
        } else if (atomic_compare_exchange_weak_explicit(&future->word, &word, next,
                                                         /* Acquire: with DONE comes the reply. */
                                                         memory_order_acquire,
                                                         memory_order_acquire)) {
            return word;
        }
    }
}

void sn_future_give(struct sn_future_table *table, struct sn_future *future)
{
    /* Relaxed: only this thread changes the generation. */
    uint32_t generation = atomic_load_explicit(&future->word, memory_order_relaxed) >> STATE_BITS;

    leave(future, (generation + !SN_PLANTED(future_reused)) << STATE_BITS | FREE);
    sn_block_free_large(table->allocator, future->reply);
    future->reply = NULL;
    table->open--;
    if (generation + 1 == GENERATION_LAST)
        return; /* retired */
    future->next_free = table->free;
    table->free = future;
}

sn_reply_token sn_future_token(const struct sn_future *future, uint32_t place)
{
    /* Relaxed: only this thread changes the generation. + 1, so that no token is zero. */
    uint32_t word = atomic_load_explicit(&future->word, memory_order_relaxed);

    return sn_token_make(place, future->slot, (word >> STATE_BITS) + 1);
}

bool sn_future_complete(struct sn_future_table *table, sn_reply_token token, int outcome,
                        struct sn_envelope *reply)
{
    uint32_t slot = sn_token_slot(token), generation = sn_token_generation(token) - 1;
    /* Acquire, pairs with grow(). */
    struct sn_future *chunk =
        slot / SN_FUTURE_CHUNK < SN_FUTURE_CHUNKS
            ? atomic_load_explicit(&table->chunks[slot / SN_FUTURE_CHUNK], memory_order_acquire)
            : NULL;

    if (chunk == NULL)
        return false;
    struct sn_future *future = &chunk[slot % SN_FUTURE_CHUNK];
    /* Acquire: the last owner is done with outcome and reply. */
    uint32_t word = atomic_load_explicit(&future->word, memory_order_acquire);
    do {
        uint32_t state = word & STATE_MASK;

        if (word >> STATE_BITS != generation || (state != PENDING && state != WAITING))
            return false;
        /* Acquire on success: the last owner is done with outcome and reply. */
    } while (!atomic_compare_exchange_weak_explicit(&future->word, &word,
                                                    generation << STATE_BITS | CLAIMED,
                                                    memory_order_acquire, memory_order_acquire));
    future->outcome = outcome;
    future->reply = reply;
    /* Release, pairs with the acquires of is_done() and leave(): outcome and reply before DONE. */
    atomic_store_explicit(&future->word, generation << STATE_BITS | DONE, memory_order_release);
    if ((word & STATE_MASK) == WAITING)
        sn_futex_wake(&future->word);
    return true;
}

bool sn_future_is_done(const struct sn_future *future)
{
    /* Acquire, pairs with the release in sn_future_complete(). */
    return (atomic_load_explicit(&future->word, memory_order_acquire) & STATE_MASK) == DONE;
}

static uint64_t after(uint64_t timeout_ns)
{
    uint64_t now_ns = sn_clock_now(&sn_clock_system);

    return timeout_ns < SN_FOREVER - now_ns ? now_ns + timeout_ns : SN_FOREVER;
}

int sn_future_await(struct sn_future *future, uint64_t timeout_ns, uint32_t spin)
{
    for (uint32_t i = 0; i < spin && !sn_future_is_done(future); i++)
        sn_spin_hint();
    if (sn_future_is_done(future))
        return 0;
    uint64_t deadline_ns = after(timeout_ns);
    for (;;) {
        /* Acquire, pairs with the release in sn_future_complete(). */
        uint32_t word = atomic_load_explicit(&future->word, memory_order_acquire);
        uint32_t waiting = (word & ~STATE_MASK) | WAITING;

        if ((word & STATE_MASK) == DONE)
            return 0;
        /* Relaxed: nothing is read before DONE has been seen with acquire. */
        if ((word & STATE_MASK) == PENDING &&
            !atomic_compare_exchange_strong_explicit(&future->word, &word, waiting,
                                                     memory_order_relaxed, memory_order_relaxed))
            continue;
        if ((word & STATE_MASK) == CLAIMED)
            continue;
        uint64_t now_ns = deadline_ns == SN_FOREVER ? 0 : sn_clock_now(&sn_clock_system);
        if (now_ns >= deadline_ns)
            return SN_TIMEOUT;
        sn_futex_wait(&future->word, waiting,
                      deadline_ns == SN_FOREVER ? SN_FOREVER : deadline_ns - now_ns);
    }
}
