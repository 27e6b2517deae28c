/* SPDX-License-Identifier: MIT */

/*
 * A link between two threads, and an inbox with many producers, both with a consumer that makes
 * its links idle and goes to sleep whenever it can. A lost wake-up leaves it asleep for ever: it
 * sleeps without a time-out, and the test is killed.
 */

#include "stress.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>

#include "../unit/cheap.h"
#include "io/io.h"
#include "ring/link.h"

#include <sn/generated.h>

enum { PRODUCERS_MAX = 8, BLOCKS = 4 * SN_LINK_CAPACITY };

struct stage;

struct producer {
    pthread_t thread;
    struct stage *stage;
    struct sn_link *link;
    struct sn_envelope blocks[BLOCKS]; /* its pool: each is used again when it came back */
    struct sn_envelope *free;
    uint64_t sent;
    uint64_t expected; /* the consumer's: the number of the next message */
    uint64_t random;
    unsigned total;
};

struct stage {
    struct sn_io *io;
    struct sn_inbox inbox;
    struct producer producers[PRODUCERS_MAX];
    unsigned count;
    struct sn_link *active;
    uint64_t random;
    uint64_t received, sleeps;
};

static void take_back(struct producer *producer)
{
    struct sn_ring *back = &producer->link->back;

    for (uint32_t i = sn_ring_count(back); i > 0; i--) {
        struct sn_envelope *block = sn_ring_take(back);

        block->next = producer->free;
        producer->free = block;
    }
    sn_ring_release(back);
    struct sn_envelope *block = sn_link_take_returned(producer->link);
    while (block != NULL) {
        struct sn_envelope *next = block->next;

        block->next = producer->free;
        producer->free = block;
        block = next;
    }
}

/* Batches of any size; now and then the other side gets the time to fall asleep. */
static void *produce(void *argument)
{
    struct producer *producer = argument;
    struct sn_inbox *inbox = &producer->stage->inbox;

    while (producer->sent < producer->total) {
        uint64_t batch = 1 + sn_random_next(&producer->random) % 64;

        take_back(producer);
        while (batch-- > 0 && producer->free != NULL && producer->sent < producer->total) {
            struct sn_envelope *block = producer->free;

            producer->free = block->next;
            block->sent_ns = producer->sent++;
            sn_link_put(producer->link, block);
        }
        if (sn_link_flush(producer->link, inbox) || producer->free == NULL ||
            sn_random_next(&producer->random) % 8 == 0)
            sched_yield();
    }
    while (sn_link_flush(producer->link, inbox))
        sched_yield();
    return NULL;
}

static bool drain(struct stage *stage, struct sn_link *link)
{
    struct producer *producer = &stage->producers[link->producer];
    uint32_t count = sn_ring_count(&link->forward);

    for (uint32_t i = 0; i < count; i++) {
        struct sn_envelope *block = sn_ring_take(&link->forward);

        cheap_assert(block->sent_ns == producer->expected++);
        sn_link_put_back(link, block);
    }
    sn_ring_release(&link->forward);
    sn_link_publish_back(link);
    stage->received += count;
    return count > 0;
}

static bool pass(struct stage *stage)
{
    struct sn_link *link = sn_inbox_take(&stage->inbox), **place = &stage->active;
    bool work = link != NULL;

    while (link != NULL) {
        struct sn_link *next = link->next_notified;

        link->next_active = stage->active;
        stage->active = link;
        link = next;
    }
    while (*place != NULL) {
        link = *place;
        if (drain(stage, link)) {
            work = true;
        } else if (sn_random_next(&stage->random) % 2 == 0) {
            struct sn_link *next = link->next_active;

            if (sn_link_make_idle(link)) {
                *place = next;
                continue;
            }
        }
        place = &link->next_active;
    }
    return work;
}

static void sleep_if_possible(struct stage *stage)
{
    while (stage->active != NULL) {
        struct sn_link *link = stage->active;

        stage->active = link->next_active;
        if (!sn_link_make_idle(link)) {
            link->next_active = stage->active;
            stage->active = link;
            return;
        }
    }
    if (!sn_inbox_park(&stage->inbox))
        return;
    stage->sleeps++;
    cheap_assert(sn_io_wait(stage->io, SN_IO_FOREVER) == 0);
    sn_inbox_unpark(&stage->inbox);
}

static void stage_init(struct stage *stage, unsigned count, unsigned each)
{
    stage->count = count;
    stage->random = 99;
    ck_assert_int_eq(sn_io_create(SN_IO_AUTO, &sn_allocator_system, &stage->io), 0);
    stage->inbox.io = stage->io;
    for (unsigned i = 0; i < count; i++) {
        struct producer *producer = &stage->producers[i];

        producer->stage = stage;
        producer->total = each;
        producer->random = i + 1;
        producer->link = sn_link_create(&sn_allocator_system, (uint16_t)i, 100);
        ck_assert_ptr_nonnull(producer->link);
        for (int k = 0; k < BLOCKS; k++) {
            producer->blocks[k].next = producer->free;
            producer->free = &producer->blocks[k];
        }
    }
}

static void run(unsigned count, unsigned each)
{
    struct stage *stage = calloc(1, sizeof *stage);
    uint64_t expected = (uint64_t)count * each;

    ck_assert_ptr_nonnull(stage);
    stage_init(stage, count, each);
    for (unsigned i = 0; i < count; i++)
        ck_assert_int_eq(
            pthread_create(&stage->producers[i].thread, NULL, produce, &stage->producers[i]), 0);
    while (stage->received < expected) {
        /* The last messages may be the ones that were just taken: only sleep before that. */
        if (!pass(stage) && stage->received < expected)
            sleep_if_possible(stage);
    }
    for (unsigned i = 0; i < count; i++) {
        pthread_join(stage->producers[i].thread, NULL);
        ck_assert_uint_eq(stage->producers[i].expected, each);
        sn_link_destroy(stage->producers[i].link);
    }
    ck_assert_uint_gt(stage->sleeps, 0);
    sn_io_destroy(stage->io);
    free(stage);
}

START_TEST(one_link_at_full_speed)
{
    run(1, stress_rounds(1000000));
}
END_TEST

START_TEST(eight_producers_into_one_inbox)
{
    run(PRODUCERS_MAX, stress_rounds(100000));
}
END_TEST

/*
 * The handshakes alone: one message at a time, sent just when the consumer makes its link idle and
 * parks, both with random delays around that moment. The back end only sets a flag, so that a
 * round takes a microsecond. A lost notification or wake-up stops everything.
 */
struct flag_io {
    struct sn_io io;
    atomic_uint woken;
};

static void flag_wake(struct sn_io *io)
{
    atomic_store(&((struct flag_io *)io)->woken, 1);
}

static const struct sn_io_ops flag_ops = {.name = "flag", .wake = flag_wake};

struct duel {
    struct stage *stage;
    struct flag_io io;
    atomic_ulong received; /* and LAST when it is enough */
    unsigned long total;
    bool parks;
};

#define LAST (1ul << 63)

/* On a machine that is busy with other things a round takes milliseconds; then fewer will do. */
#define ENOUGH_NS (stress_rounds(3) * SN_SECOND)

/* Busy at first, because the other side answers at once if it has a core of its own. */
static void wait_a_little(unsigned *waited)
{
    if (++*waited % 256 == 0)
        sched_yield();
    else
        sn_spin_hint();
}

static void delay(uint64_t *random, uint64_t most)
{
    for (uint64_t i = sn_random_next(random) % most; i > 0; i--)
        __asm__ __volatile__("" ::: "memory");
}

static void *send_one_by_one(void *argument)
{
    struct duel *duel = argument;
    struct producer *producer = &duel->stage->producers[0];
    unsigned waited = 0;

    unsigned long received = 0;

    for (unsigned long i = 0; (received & LAST) == 0; i++) {
        delay(&producer->random, 64);
        sn_link_put(producer->link, &producer->blocks[i % BLOCKS]);
        cheap_assert(!sn_link_flush(producer->link, &duel->stage->inbox));
        /* Relaxed: a stronger order would do the work of the fences under test. */
        while ((received = atomic_load_explicit(&duel->received, memory_order_relaxed)) == i)
            wait_a_little(&waited);
    }
    return NULL;
}

static void park_on_flag(struct duel *duel)
{
    unsigned waited = 0;

    if (!duel->parks || !sn_inbox_park(&duel->stage->inbox))
        return;
    duel->stage->sleeps++;
    while (atomic_exchange(&duel->io.woken, 0) == 0)
        wait_a_little(&waited);
    sn_inbox_unpark(&duel->stage->inbox);
}

static void receive_one(struct duel *duel, bool last, unsigned *waited)
{
    struct stage *stage = duel->stage;
    struct sn_link *link = stage->producers[0].link;
    unsigned long before = stage->received;

    while (stage->received == before) {
        if (stage->active == NULL && (stage->active = sn_inbox_take(&stage->inbox)) == NULL) {
            park_on_flag(duel);
            wait_a_little(waited);
            continue;
        }
        if (sn_ring_count(&link->forward) > 0) {
            sn_ring_take(&link->forward);
            sn_ring_release(&link->forward);
            stage->received++;
        } else {
            delay(&stage->random, 512);
            if (sn_link_make_idle(link))
                stage->active = NULL;
        }
    }
    atomic_store_explicit(&duel->received, stage->received | (last ? LAST : 0),
                          memory_order_relaxed);
}

START_TEST(no_notification_and_no_wake_up_is_lost)
{
    struct stage *stage = calloc(1, sizeof *stage);
    struct duel duel = {.stage = stage, .total = stress_rounds(50000), .parks = _i == 1};
    pthread_t thread;
    uint64_t start_ns = sn_clock_now(&sn_clock_system);
    unsigned waited = 0;
    bool last = false;

    ck_assert_ptr_nonnull(stage);
    stage_init(stage, 1, 0);
    duel.io.io.ops = &flag_ops;
    stage->inbox.io = &duel.io.io;
    ck_assert_int_eq(pthread_create(&thread, NULL, send_one_by_one, &duel), 0);
    for (unsigned long i = 1; !last; i++) {
        last = i == duel.total || sn_clock_now(&sn_clock_system) - start_ns > ENOUGH_NS;
        receive_one(&duel, last, &waited);
    }
    pthread_join(thread, NULL);
    ck_assert_int_eq(stage->sleeps > 0, duel.parks);
    sn_link_destroy(stage->producers[0].link);
    sn_io_destroy(stage->io);
    free(stage);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stress_link");
    TCase *tests = stress_case("link");

    tcase_add_test(tests, one_link_at_full_speed);
    tcase_add_test(tests, eight_producers_into_one_inbox);
    tcase_add_loop_test(tests, no_notification_and_no_wake_up_is_lost, 0, 2);
    suite_add_tcase(suite, tests);
    return stress_run(suite);
}
