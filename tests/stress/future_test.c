/* SPDX-License-Identifier: MIT */

/*
 * Futures completed by several threads against waiters that give up after a random time. Each
 * completion carries the token it is for, so that one that hits another request is noticed; each
 * reply is freed by exactly one side, which the leak checker watches.
 */

#include "stress.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>

#include "../unit/cheap.h"
#include "../unit/countdown.h"
#include "future/future.h"
#include "memory/memory.h"

enum { OPEN = 32, COMPLETERS = 3 };

struct stage {
    struct countdown countdown;
    struct sn_future_table table;
    _Atomic(uint64_t) tokens[OPEN];
    atomic_bool stop;
    atomic_ulong completed, late;
};

struct completer {
    pthread_t thread;
    struct stage *stage;
    uint64_t random;
};

static void *complete(void *argument)
{
    struct completer *completer = argument;
    struct stage *stage = completer->stage;

    while (!atomic_load(&stage->stop)) {
        uint64_t drawn = sn_random_next(&completer->random);
        sn_reply_token token = {atomic_load(&stage->tokens[drawn % OPEN])};
        struct sn_envelope *reply;

        if (token.value == 0) {
            sched_yield();
            continue;
        }
        reply = sn_block_alloc_large(&stage->countdown.allocator, sizeof *reply + 8);
        cheap_assert(reply != NULL);
        memcpy(reply + 1, &token.value, sizeof token.value);
        if (sn_future_complete(&stage->table, token, 0, reply)) {
            atomic_fetch_add(&stage->completed, 1);
        } else {
            atomic_fetch_add(&stage->late, 1);
            sn_block_free_large(&stage->countdown.allocator, reply);
        }
    }
    return NULL;
}

/* Wait for one, or give up; then use its future for the next request. */
static bool one_request(struct stage *stage, unsigned slot, uint64_t drawn)
{
    struct sn_future *future = sn_future_take(&stage->table);
    bool done;

    cheap_assert(future != NULL);
    sn_reply_token token = sn_future_token(future, 1);
    atomic_store(&stage->tokens[slot], token.value);
    done = sn_future_await(future, drawn % 4 == 0 ? 0 : drawn % 30000, drawn / 4 % 50) == 0;
    if (done) {
        uint64_t value;

        cheap_assert(future->outcome == 0 && future->reply != NULL);
        memcpy(&value, future->reply + 1, sizeof value);
        cheap_assert(value == token.value);
    }
    /* The token stays where completers find it: what they do with it now is late. */
    sn_future_give(&stage->table, future);
    return done;
}

START_TEST(completions_against_time_outs)
{
    static struct stage stage;
    struct completer completers[COMPLETERS] = {0};
    unsigned rounds = stress_rounds(8000);
    unsigned long done = 0;
    uint64_t random = 5;

    countdown_init(&stage.countdown, -1);
    sn_future_table_init(&stage.table, &stage.countdown.allocator, NULL);
    for (int i = 0; i < COMPLETERS; i++) {
        completers[i].stage = &stage;
        completers[i].random = 100 + (uint64_t)i;
        ck_assert_int_eq(pthread_create(&completers[i].thread, NULL, complete, &completers[i]), 0);
    }
    for (unsigned i = 0; i < rounds; i++)
        done += one_request(&stage, i % OPEN, sn_random_next(&random));
    atomic_store(&stage.stop, true);
    for (int i = 0; i < COMPLETERS; i++)
        pthread_join(completers[i].thread, NULL);
    ck_assert_uint_ge(atomic_load(&stage.completed), done);
    ck_assert_uint_le(atomic_load(&stage.completed), rounds);
    ck_assert_uint_gt(atomic_load(&stage.late), 0);
    sn_future_table_fini(&stage.table);
    ck_assert_int_eq(atomic_load(&stage.countdown.live_bytes), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("stress_future");
    TCase *tests = stress_case("future");

    tcase_add_test(tests, completions_against_time_outs);
    suite_add_tcase(suite, tests);
    return stress_run(suite);
}
