/* SPDX-License-Identifier: MIT */
/*
 * Every scenario again, with one allocation failing.
 *
 *   SN_FAIL_ALLOCATIONS=all          each allocation of each test
 *   SN_FAIL_ALLOCATIONS=N            some N allocations of each test, another place each time
 *   SN_FAIL_ALLOCATIONS=TEST:I:NTH   one run: the NTH allocation of TEST's loop I
 *
 * The programs are the behaviour tests as they are. The linker puts this file between them and both
 * Check and the runtime (--wrap): systems are started with an allocator that counts, fails once,
 * and knows at the end what was not given back.
 *
 * Each run is a process of its own. It may go as if nothing had happened, or an assertion of the
 * test fails, which is the clean error that the test was shown: then the handler that it failed in
 * fails (sn_fail()), a thread outside ends, and the test itself is broken off where it stands:
 * gates are opened, and its systems are stopped. Whichever way, what must hold is that the process
 * ends by itself within its time, that a stop finds each accepted message ended once (the runtime
 * asserts it) and each request completed once, and that no memory and no descriptor is left. Under
 * the address sanitizer that includes what is used after its end.
 *
 * The first run of each test fails nothing, counts, and must pass.
 */
#include "failing.h"

#include "shard/shard.h"
#include "support.h"

#include <dirent.h>
#include <errno.h>
#include <execinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TESTS_MAX = 100, SYSTEMS_MAX = 8, GATES_MAX = 16, LIMIT_S = 60, FRAMES_MAX = 24 };

/* What is waited for with a time-out may begin before the allocation fails. */
#define PATIENCE_AFTER_NS (200 * SN_MS)
#define PATIENCE_BEFORE_NS (2 * SN_SECOND)
#define PATIENCE_ELSE_NS (50 * SN_SECOND)

struct scenario {
    const TTest *test;
    int begin, end;
};

/* What a run tells its parent. */
struct report {
    _Atomic(uint64_t) allocations;
    uint64_t of_start;        /* of them, until the first system had started */
    _Atomic(bool) failed;     /* the allocation that was to fail did */
    _Atomic(bool) broken_off; /* by an assertion of the test's */
    int frame_count;
    void *frames[FRAMES_MAX]; /* who asked for the memory */
};

static struct scenario scenarios[TESTS_MAX];
static unsigned scenario_count;

/* The process's: what runs here is one scenario. */
static struct report *report;
static uint64_t fail_at;
static pthread_t the_test;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct sn_port *systems[SYSTEMS_MAX];
static struct gate *gates[GATES_MAX];
static struct manual_clock *the_clock;
static bool is_over; /* the test has been broken off: nobody is to wait at a gate any more */

bool failing_is_on(void)
{
    return getenv("SN_FAIL_ALLOCATIONS") != NULL;
}

static bool has_failed(void)
{
    return report != NULL && atomic_load(&report->failed);
}

uint64_t failing_patience_ns(void)
{
    if (has_failed())
        return PATIENCE_AFTER_NS;
    return fail_at > 0 ? PATIENCE_BEFORE_NS : PATIENCE_ELSE_NS;
}

void failing_note_gate(struct gate *gate)
{
    pthread_mutex_lock(&lock);
    bool open = is_over;
    for (int i = 0; i < GATES_MAX && gates[i] != gate; i++)
        if (gates[i] == NULL) {
            gates[i] = gate;
            break;
        }
    pthread_mutex_unlock(&lock);
    if (open)
        gate_open(gate);
}

void failing_note_clock(struct manual_clock *clock)
{
    the_clock = clock;
}

/* ---- memory --------------------------------------------------------------------------------- */

/* In front of the allocator that the test has chosen. */
struct meter {
    struct sn_allocator allocator;
    const struct sn_allocator *inner;
    _Atomic(int64_t) blocks;
};

static struct meter meters[SYSTEMS_MAX];
static unsigned meter_count;

static void *metered_alloc(void *context, size_t size)
{
    struct meter *meter = context;

    if (atomic_fetch_add(&report->allocations, 1) + 1 == fail_at) {
        report->frame_count = backtrace(report->frames, FRAMES_MAX);
        atomic_store(&report->failed, true);
        return NULL;
    }
    void *memory = meter->inner->alloc(meter->inner->context, size);
    if (memory != NULL)
        atomic_fetch_add(&meter->blocks, 1);
    return memory;
}

static void metered_free(void *context, void *memory, size_t size)
{
    struct meter *meter = context;

    if (memory != NULL)
        atomic_fetch_sub(&meter->blocks, 1);
    meter->inner->free(meter->inner->context, memory, size);
}

/* Tests that start many systems share the last. */
static const struct sn_allocator *metered(const struct sn_allocator *inner)
{
    struct meter *meter = NULL;

    pthread_mutex_lock(&lock);
    for (unsigned i = 0; i < meter_count && meter == NULL; i++)
        if (meters[i].inner == inner)
            meter = &meters[i];
    if (meter == NULL) {
        ck_assert_uint_lt(meter_count, SYSTEMS_MAX);
        meter = &meters[meter_count++];
        meter->allocator = (struct sn_allocator){metered_alloc, metered_free, meter};
        meter->inner = inner;
    }
    pthread_mutex_unlock(&lock);
    return &meter->allocator;
}

/* ---- systems -------------------------------------------------------------------------------- */

int __real_sn_system_start(const struct sn_package *package,
                           const struct sn_system_options *options, const void *const *args,
                           struct sn_port **ret_port);
int __real_sn_system_stop(struct sn_port *port);

static void replace_system(struct sn_port *before, struct sn_port *after)
{
    int i = 0;

    pthread_mutex_lock(&lock);
    while (i < SYSTEMS_MAX - 1 && systems[i] != before)
        i++;
    systems[i] = after;
    pthread_mutex_unlock(&lock);
}

int __wrap_sn_system_start(const struct sn_package *package,
                           const struct sn_system_options *options, const void *const *args,
                           struct sn_port **ret_port)
{
    struct sn_system_options own = {0};

    if (report == NULL)
        return __real_sn_system_start(package, options, args, ret_port);
    if (options != NULL)
        own = *options;
    own.allocator = metered(own.allocator != NULL ? own.allocator : &sn_allocator_system);
    int rc = __real_sn_system_start(package, &own, args, ret_port);
    if (rc == 0)
        replace_system(NULL, *ret_port);
    if (report->of_start == 0)
        report->of_start = atomic_load(&report->allocations);
    return rc;
}

int __wrap_sn_system_stop(struct sn_port *port)
{
    if (report != NULL && port != NULL)
        replace_system(port, NULL);
    return __real_sn_system_stop(port);
}

/* ---- one run --------------------------------------------------------------------------------- */

static unsigned open_files(void)
{
    DIR *folder = opendir("/proc/self/fd");
    unsigned count = 0;

    while (folder != NULL && readdir(folder) != NULL)
        count++;
    if (folder != NULL)
        closedir(folder);
    return count;
}

/* Time goes on while systems are stopped, although nobody moves the test's clock any more. */
static void *move_clock(void *argument)
{
    const struct timespec pause = {.tv_nsec = 1000000};

    (void)argument;
    for (;;) {
        manual_clock_advance(the_clock, SN_SECOND);
        nanosleep(&pause, NULL);
    }
    return NULL;
}

/* There where gcc counts branches: see the preset "coverage". */
void write_counts(void) __asm__("__gcov_dump") __attribute__((weak));

static unsigned files_before;

static _Noreturn void leave(const char *complaint)
{
    if (complaint != NULL)
        fprintf(stderr, "%s\n", complaint);
    if (write_counts != NULL)
        write_counts();
    _exit(complaint != NULL);
}

/* In the test's thread, whose stack stays as it is: other threads may use what is on it. */
static _Noreturn void finish_run(void)
{
    pthread_t mover;

    pthread_mutex_lock(&lock);
    is_over = true;
    pthread_mutex_unlock(&lock);
    for (int i = 0; i < GATES_MAX && gates[i] != NULL; i++)
        gate_open(gates[i]);
    if (the_clock != NULL)
        pthread_create(&mover, NULL, move_clock, NULL);
    for (int i = 0; i < SYSTEMS_MAX; i++)
        if (systems[i] != NULL)
            __wrap_sn_system_stop(systems[i]);
    for (unsigned i = 0; i < meter_count; i++)
        if (atomic_load(&meters[i].blocks) != 0)
            leave("memory is left");
    if (open_files() != files_before)
        leave("a descriptor is left");
    leave(NULL);
}

void __real__mark_point(const char *file, int line);
_Noreturn void __real__ck_assert_failed(const char *file, int line, const char *expr,
                                        const char *message, ...);

void __wrap__mark_point(const char *file, int line)
{
    if (report == NULL)
        __real__mark_point(file, line);
}

_Noreturn void __wrap__ck_assert_failed(const char *file, int line, const char *expr,
                                        const char *message, ...)
{
    char text[512] = "";
    va_list arguments;

    if (message != NULL) {
        va_start(arguments, message);
        vsnprintf(text, sizeof text, message, arguments);
        va_end(arguments);
    }
    if (report == NULL)
        __real__ck_assert_failed(file, line, expr, message != NULL ? "%s" : NULL, text);
    if (getenv("SN_FAIL_VERBOSE") != NULL || fail_at == 0)
        fprintf(stderr, "%s:%d: %s: %s\n", file, line, expr, text);
    if (fail_at == 0)
        leave("the test fails by itself");
    atomic_store(&report->broken_off, true);
    struct sn_shard *shard = sn_shard_enter(NULL);
    sn_shard_enter(shard);
    if (shard != NULL && shard->turn.actor != NULL)
        sn_fail(shard->turn.actor, SN_FAILED);
    if (pthread_equal(pthread_self(), the_test))
        finish_run();
    pthread_exit(NULL);
}

static _Noreturn void run_scenario(const struct scenario *scenario, int index)
{
    the_test = pthread_self();
    alarm(LIMIT_S);
    files_before = open_files();
    scenario->test->fn(index);
    gates[0] = NULL; /* they were on its stack */
    finish_run();
}

/* ---- all runs -------------------------------------------------------------------------------- */

void __real__tcase_add_test(TCase *tests, const TTest *test, int signal, int exit_value, int begin,
                            int end);
void __wrap__tcase_add_test(TCase *tests, const TTest *test, int signal, int exit_value, int begin,
                            int end)
{
    /* Those that end their process, or wait for one that shall end, say nothing about memory. */
    if (!failing_is_on())
        __real__tcase_add_test(tests, test, signal, exit_value, begin, end);
    else if (signal == 0 && strstr(test->name, "ends_the_process") == NULL)
        scenarios[scenario_count++] = (struct scenario){test, begin, end};
}

/* Returns how the run ended, as waitpid() says. */
static int run_once(const struct scenario *scenario, int index, uint64_t nth)
{
    int status = 0;

    memset(report, 0, sizeof *report);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        fail_at = nth;
        run_scenario(scenario, index);
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

struct tally {
    unsigned long runs, broken_off, wrong;
};

/* Returns whether the allocation was reached. */
static bool run_and_judge(const struct scenario *scenario, int index, uint64_t nth,
                          struct tally *tally)
{
    int status = run_once(scenario, index, nth);
    bool failed = atomic_load(&report->failed);

    tally->runs += failed;
    tally->broken_off += failed && atomic_load(&report->broken_off);
    if (status == 0)
        return failed;
    tally->wrong++;
    fprintf(stderr, "%s: SN_FAIL_ALLOCATIONS=%s:%d:%lu\n",
            WIFEXITED(status)             ? "FAILED"
            : WTERMSIG(status) == SIGALRM ? "HANGS"
                                          : "CRASHES",
            scenario->test->name, index, (unsigned long)nth);
    backtrace_symbols_fd(report->frames, report->frame_count, STDERR_FILENO);
    return failed;
}

/* Every allocation; or `some` of those after the start, which is sampled in the first test only:
 * the first of each part of equal size, moved by a little. */
static void run_all(const struct scenario *scenario, int index, uint64_t some, unsigned number,
                    struct tally *tally)
{
    run_and_judge(scenario, index, 0, tally); /* counts, and must pass */
    uint64_t last = atomic_load(&report->allocations);
    uint64_t first = some == 0 || number == 0 ? 0 : report->of_start;
    uint64_t step = some == 0 || some >= last - first ? 1 : (last - first) / some;

    for (uint64_t nth = first + 1 + 7 * number % step; nth <= last || some == 0; nth += step)
        if (!run_and_judge(scenario, index, nth, tally))
            break;
}

/* All of its loops; of those on all systems, one with two shards and one with five. For a sample,
 * one. */
static void run_test(const struct scenario *scenario, uint64_t some, unsigned number,
                     struct tally *tally)
{
    int count = scenario->end - scenario->begin;

    for (int i = 0; i < count; i++) {
        bool chosen = count != SYSTEMS || i == 1 || i == SYSTEMS - 1;

        if (some > 0 ? i == (int)number % count : chosen)
            run_all(scenario, scenario->begin + i, some, number, tally);
    }
}

static void run_named(const char *what, struct tally *tally)
{
    const char *colon = strchr(what, ':');

    for (unsigned i = 0; i < scenario_count; i++) {
        const char *name = scenarios[i].test->name;

        if (strncmp(name, what, (size_t)(colon - what)) == 0 && name[colon - what] == '\0') {
            char *rest;
            int index = (int)strtol(colon + 1, &rest, 10);

            run_and_judge(&scenarios[i], index, strtoul(rest + 1, NULL, 10), tally);
        }
    }
}

int failing_run(const char *name, void (*add)(TCase *tests), TCase *tests)
{
    const char *what = getenv("SN_FAIL_ALLOCATIONS");
    struct tally tally = {0};

    add(tests);
    report = mmap(NULL, sizeof *report, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (report == MAP_FAILED || what == NULL)
        return EXIT_FAILURE;
    if (strchr(what, ':') != NULL)
        run_named(what, &tally);
    else
        for (unsigned i = 0; i < scenario_count; i++)
            run_test(&scenarios[i], strtoul(what, NULL, 10), i, &tally);
    printf("%s: %lu allocations failed, %lu tests saw an error, %lu wrong\n", name, tally.runs,
           tally.broken_off, tally.wrong);
    return tally.wrong == 0 && tally.runs > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
