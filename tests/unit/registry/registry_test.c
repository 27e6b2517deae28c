/* SPDX-License-Identifier: MIT */

/*
 * The registry as one thread sees it: names, refusals, growth, and memory that
 * comes back.
 */

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../countdown.h"
#include "registry/registry.h"

#define MANY 20000

struct fixture {
    struct countdown countdown;
    struct sn_registry *registry;
    struct sn_registry_reader *reader;
};

static void fixture_init(struct fixture *f)
{
    countdown_init(&f->countdown, -1);
    ck_assert_int_eq(sn_registry_create(&f->countdown.allocator, &f->registry), 0);
    ck_assert_int_eq(sn_registry_reader_create(f->registry, &f->reader), 0);
}

static void fixture_fini(struct fixture *f)
{
    sn_registry_destroy(f->registry);
    ck_assert_int_eq(atomic_load(&f->countdown.live_bytes), 0);
}

static int insert(struct fixture *f, const char *name, uint64_t value)
{
    return sn_registry_insert(f->registry, name, strlen(name), value);
}

static int unbind(struct fixture *f, const char *name, uint64_t value)
{
    return sn_registry_remove(f->registry, name, strlen(name), value);
}

/* The value of a name that must be there. */
static uint64_t lookup(struct fixture *f, const char *name)
{
    uint64_t value = 0;

    if (sn_registry_lookup(f->reader, name, strlen(name), &value) != 0)
        ck_abort_msg("%s is not bound", name);
    return value;
}

static void expect_unbound(struct fixture *f, const char *name)
{
    uint64_t value = 77;

    ck_assert_int_eq(sn_registry_lookup(f->reader, name, strlen(name), &value), -ENOENT);
    ck_assert_uint_eq(value, 77);
}

START_TEST(bound_names_are_found)
{
    struct fixture f;

    fixture_init(&f);
    expect_unbound(&f, "a");
    ck_assert_int_eq(insert(&f, "a", 1), 0);
    ck_assert_int_eq(insert(&f, "ab", UINT64_MAX), 0);
    ck_assert_int_eq(insert(&f, "b", 0), 0);
    ck_assert_uint_eq(lookup(&f, "a"), 1);
    ck_assert_uint_eq(lookup(&f, "ab"), UINT64_MAX);
    ck_assert_uint_eq(lookup(&f, "b"), 0);
    expect_unbound(&f, "abc");
    fixture_fini(&f);
}
END_TEST

START_TEST(bound_name_is_not_bound_again)
{
    struct fixture f;

    fixture_init(&f);
    ck_assert_int_eq(insert(&f, "a", 1), 0);
    ck_assert_int_eq(insert(&f, "a", 2), -EEXIST);
    ck_assert_uint_eq(lookup(&f, "a"), 1);
    fixture_fini(&f);
}
END_TEST

START_TEST(name_is_copied)
{
    struct fixture f;
    char name[] = "name";

    fixture_init(&f);
    ck_assert_int_eq(insert(&f, name, 1), 0);
    name[0] = 'f';
    ck_assert_uint_eq(lookup(&f, "name"), 1);
    expect_unbound(&f, "fame");
    fixture_fini(&f);
}
END_TEST

START_TEST(only_the_holder_unbinds)
{
    struct fixture f;

    fixture_init(&f);
    ck_assert_int_eq(unbind(&f, "a", 1), -ENOENT);
    ck_assert_int_eq(insert(&f, "a", 1), 0);
    ck_assert_int_eq(unbind(&f, "a", 2), -ENOENT);
    ck_assert_uint_eq(lookup(&f, "a"), 1);
    ck_assert_int_eq(unbind(&f, "a", 1), 0);
    expect_unbound(&f, "a");
    ck_assert_int_eq(insert(&f, "a", 2), 0);
    ck_assert_int_eq(unbind(&f, "a", 1), -ENOENT);
    ck_assert_uint_eq(lookup(&f, "a"), 2);
    fixture_fini(&f);
}
END_TEST

/* One byte more than the longest name; all of it readable. */
static const char *long_name(void)
{
    static char name[SN_REGISTRY_MAX_NAME_BYTES + 1];

    memset(name, 'x', sizeof(name));
    return name;
}

START_TEST(longest_name)
{
    struct fixture f;
    uint64_t value = 0;

    fixture_init(&f);
    ck_assert_int_eq(sn_registry_insert(f.registry, long_name(), 255, 5), 0);
    ck_assert_int_eq(sn_registry_lookup(f.reader, long_name(), 255, &value), 0);
    ck_assert_uint_eq(value, 5);
    ck_assert_int_eq(sn_registry_lookup(f.reader, long_name(), 254, &value), -ENOENT);
    fixture_fini(&f);
}
END_TEST

struct bad_name {
    const char *data;
    size_t size_bytes;
};

START_TEST(bad_names_are_refused)
{
    const struct bad_name bad[] = {{"", 0}, {NULL, 0}, {long_name(), 256}, {"a\0b", 3}, {"\0", 1}};
    struct fixture f;
    uint64_t value;

    fixture_init(&f);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const char *data = bad[i].data;
        size_t size_bytes = bad[i].size_bytes;

        ck_assert_int_eq(sn_registry_insert(f.registry, data, size_bytes, 1), -EINVAL);
        ck_assert_int_eq(sn_registry_remove(f.registry, data, size_bytes, 1), -EINVAL);
        ck_assert_int_eq(sn_registry_lookup(f.reader, data, size_bytes, &value), -EINVAL);
    }
    fixture_fini(&f);
}
END_TEST

static void number_name(char name[24], int number)
{
    snprintf(name, 24, "session-%d", number);
}

START_TEST(many_names_come_and_go)
{
    struct fixture f;
    char name[24];

    fixture_init(&f);
    for (int i = 0; i < MANY; i++) {
        number_name(name, i);
        if (insert(&f, name, (uint64_t)i) != 0)
            ck_abort_msg("%s was refused", name);
    }
    for (int i = 0; i < MANY; i++) {
        number_name(name, i);
        if (lookup(&f, name) != (uint64_t)i)
            ck_abort_msg("%s has another value", name);
    }
    for (int i = 0; i < MANY; i += 2) {
        number_name(name, i);
        if (unbind(&f, name, (uint64_t)i) != 0)
            ck_abort_msg("%s was not bound", name);
    }
    for (int i = 0; i < MANY; i++) {
        uint64_t value = 0;

        number_name(name, i);
        int rc = sn_registry_lookup(f.reader, name, strlen(name), &value);

        if (rc != (i % 2 ? 0 : -ENOENT))
            ck_abort_msg("%s: %d", name, rc);
    }
    fixture_fini(&f);
}
END_TEST

/* Names that are never used again must not cost anything for ever. */
START_TEST(churn_does_not_grow)
{
    struct fixture f;
    char name[24];
    long highest = 0;

    fixture_init(&f);
    for (int i = 0; i < 10 * MANY; i++) {
        number_name(name, i);
        if (insert(&f, name, 1) != 0 || unbind(&f, name, 1) != 0)
            ck_abort_msg("%s was refused", name);
        long live = atomic_load(&f.countdown.live_bytes);

        highest = live > highest ? live : highest;
    }
    ck_assert_int_lt(highest, 64 * 1024);
    fixture_fini(&f);
}
END_TEST

START_TEST(readers_are_used_again)
{
    struct fixture f;
    struct sn_registry_reader *reader = NULL;

    fixture_init(&f);
    ck_assert_int_eq(insert(&f, "a", 1), 0);
    ck_assert_int_eq(sn_registry_reader_create(f.registry, &reader), 0);
    long live = atomic_load(&f.countdown.live_bytes);

    for (int i = 0; i < 1000; i++) {
        uint64_t value = 0;

        ck_assert_int_eq(sn_registry_lookup(reader, "a", 1, &value), 0);
        sn_registry_reader_destroy(reader);
        ck_assert_int_eq(sn_registry_reader_create(f.registry, &reader), 0);
    }
    ck_assert_int_eq(atomic_load(&f.countdown.live_bytes), live);
    sn_registry_reader_destroy(reader);
    sn_registry_reader_destroy(NULL);
    fixture_fini(&f);
}
END_TEST

START_TEST(registries_are_apart)
{
    struct fixture f;
    struct fixture g;

    fixture_init(&f);
    fixture_init(&g);
    for (int i = 0; i < 1000; i++) {
        char name[24];

        number_name(name, i);
        ck_assert_int_eq(insert(i % 2 ? &f : &g, name, 1), 0);
    }
    expect_unbound(&f, "session-0");
    expect_unbound(&g, "session-1");
    ck_assert_uint_eq(lookup(&f, "session-1"), 1);
    /* Each frees what it allocated, from its own allocator. */
    fixture_fini(&f);
    ck_assert_uint_eq(lookup(&g, "session-0"), 1);
    fixture_fini(&g);
    sn_registry_destroy(NULL);
}
END_TEST

/* Far enough for the set to grow twice and to be rebuilt. */
static int fill_and_empty(struct fixture *f)
{
    char name[24];
    int bound = 0;
    int rc = 0;

    while (bound < 200 && rc == 0) {
        number_name(name, bound);
        rc = insert(f, name, (uint64_t)bound);
        bound += rc == 0;
    }
    for (int i = 0; i < bound; i++) {
        number_name(name, i);
        ck_assert_uint_eq(lookup(f, name), (uint64_t)i);
        ck_assert_int_eq(unbind(f, name, (uint64_t)i), 0);
        expect_unbound(f, name);
    }
    return rc;
}

static int whole_life(struct fixture *f)
{
    f->registry = NULL;
    int rc = sn_registry_create(&f->countdown.allocator, &f->registry);

    if (rc == 0)
        rc = sn_registry_reader_create(f->registry, &f->reader);
    if (rc == 0)
        rc = fill_and_empty(f);
    sn_registry_destroy(f->registry);
    return rc;
}

START_TEST(survives_failing_allocations)
{
    struct fixture f;
    long fail_at = 0;
    int failures = 0;
    int rc;

    do {
        countdown_init(&f.countdown, fail_at++);
        rc = whole_life(&f);
        ck_assert(rc == 0 || rc == -ENOMEM);
        ck_assert_int_eq(atomic_load(&f.countdown.live_bytes), 0);
        failures += rc < 0;
    } while (atomic_load(&f.countdown.left) < 0);
    ck_assert_int_eq(rc, 0);
    ck_assert_int_gt(failures, 200);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("registry");
    TCase *tcase = tcase_create("registry");

    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, bound_names_are_found);
    tcase_add_test(tcase, bound_name_is_not_bound_again);
    tcase_add_test(tcase, name_is_copied);
    tcase_add_test(tcase, only_the_holder_unbinds);
    tcase_add_test(tcase, longest_name);
    tcase_add_test(tcase, bad_names_are_refused);
    tcase_add_test(tcase, many_names_come_and_go);
    tcase_add_test(tcase, churn_does_not_grow);
    tcase_add_test(tcase, readers_are_used_again);
    tcase_add_test(tcase, registries_are_apart);
    tcase_add_test(tcase, survives_failing_allocations);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
