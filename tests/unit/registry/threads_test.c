/* SPDX-License-Identifier: MIT */

/*
 * Readers beside writers, with real threads. Every name has its number in it,
 * and so has every value, so a reader knows whether what it found is whole
 * and belongs to the name. Some names are bound for ever and must always be
 * found, however much is moved around them.
 */

#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../countdown.h"
#include "registry/registry.h"

#define READERS 3
#define WRITERS 2
#define LASTING 100
#define PASSING 400

/* Readers look until the writers have gone at least this often through their names. */
#define ROUNDS 60

struct stage {
    struct countdown countdown;
    struct sn_registry *registry;
    atomic_bool stop;
    atomic_uint wrong;   /* a value of another name, or a lasting name missing */
    atomic_ulong found;  /* passing names that were bound just then */
    atomic_ulong missed; /* and that were not */
};

struct actor {
    pthread_t thread;
    struct stage *stage;
    unsigned number;
};

static size_t make_name(char name[32], const char *kind, unsigned number)
{
    return (size_t)snprintf(name, 32, "%s-%u", kind, number);
}

/* The number in the low half, something that changes in the high half. */
static uint64_t make_value(unsigned number, unsigned round)
{
    return (uint64_t)round << 32 | number;
}

static void look(struct stage *stage, struct sn_registry_reader *reader, const char *kind,
                 unsigned number)
{
    char name[32];
    size_t size_bytes = make_name(name, kind, number);
    uint64_t value = 0;
    int rc = sn_registry_lookup(reader, name, size_bytes, &value);
    bool lasting = kind[0] == 'l';

    /* Counters, read after the threads have ended. */
    if (rc == 0 ? (uint32_t)value != number : lasting || rc != -ENOENT)
        atomic_fetch_add_explicit(&stage->wrong, 1, memory_order_relaxed);
    else if (!lasting)
        atomic_fetch_add_explicit(rc == 0 ? &stage->found : &stage->missed, 1,
                                  memory_order_relaxed);
}

static void *read_names(void *context)
{
    struct actor *actor = (struct actor *)context;
    struct stage *stage = actor->stage;
    unsigned turn = actor->number;
    struct sn_registry_reader *reader = NULL;

    if (sn_registry_reader_create(stage->registry, &reader) < 0)
        return NULL;
    while (!atomic_load_explicit(&stage->stop, memory_order_acquire)) {
        look(stage, reader, "lasting", turn % LASTING);
        look(stage, reader, "passing", turn % (WRITERS * PASSING));
        turn += 7;
        if (turn % 1024 == 0) {
            sn_registry_reader_destroy(reader);
            if (sn_registry_reader_create(stage->registry, &reader) < 0)
                return NULL;
        }
    }
    sn_registry_reader_destroy(reader);
    return NULL;
}

static void *write_names(void *context)
{
    struct actor *actor = (struct actor *)context;
    struct stage *stage = actor->stage;
    char name[32];

    /* On, too, until a reader was there to see it. Relaxed: just counters. */
    for (unsigned round = 0;
         round < ROUNDS || atomic_load_explicit(&stage->found, memory_order_relaxed) == 0 ||
         atomic_load_explicit(&stage->missed, memory_order_relaxed) == 0;
         round++) {
        for (unsigned i = 0; i < PASSING; i++) {
            unsigned number = actor->number * PASSING + i;
            size_t size_bytes = make_name(name, "passing", number);

            if (sn_registry_insert(stage->registry, name, size_bytes, make_value(number, round)) <
                0)
                atomic_fetch_add_explicit(&stage->wrong, 1, memory_order_relaxed);
        }
        for (unsigned i = 0; i < PASSING; i++) {
            unsigned number = actor->number * PASSING + i;
            size_t size_bytes = make_name(name, "passing", number);

            if (sn_registry_remove(stage->registry, name, size_bytes, make_value(number, round)) <
                0)
                atomic_fetch_add_explicit(&stage->wrong, 1, memory_order_relaxed);
        }
    }
    return NULL;
}

static void stage_init(struct stage *stage)
{
    memset(stage, 0, sizeof(*stage));
    countdown_init(&stage->countdown, -1);
    ck_assert_int_eq(sn_registry_create(&stage->countdown.allocator, &stage->registry), 0);
    for (unsigned i = 0; i < LASTING; i++) {
        char name[32];
        size_t size_bytes = make_name(name, "lasting", i);

        ck_assert_int_eq(sn_registry_insert(stage->registry, name, size_bytes, make_value(i, 0)),
                         0);
    }
}

static void start(struct stage *stage, struct actor *actors, unsigned count, void *(*run)(void *))
{
    for (unsigned i = 0; i < count; i++) {
        actors[i].stage = stage;
        actors[i].number = i;
        ck_assert_int_eq(pthread_create(&actors[i].thread, NULL, run, &actors[i]), 0);
    }
}

static void join(struct actor *actors, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        pthread_join(actors[i].thread, NULL);
}

START_TEST(readers_beside_writers)
{
    struct stage stage;
    struct actor readers[READERS];
    struct actor writers[WRITERS];

    stage_init(&stage);
    start(&stage, readers, READERS, read_names);
    start(&stage, writers, WRITERS, write_names);
    join(writers, WRITERS);
    atomic_store_explicit(&stage.stop, true, memory_order_release);
    join(readers, READERS);
    ck_assert_uint_eq(atomic_load(&stage.wrong), 0);
    sn_registry_destroy(stage.registry);
    ck_assert_int_eq(atomic_load(&stage.countdown.live_bytes), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("registry");
    TCase *tcase = tcase_create("threads");

    tcase_set_timeout(tcase, 100);
    tcase_add_test(tcase, readers_beside_writers);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
