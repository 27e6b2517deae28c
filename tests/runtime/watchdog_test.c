/* SPDX-License-Identifier: MIT */
/*
 * Handlers that do not return: they are named in the log, with their stack, and end the process
 * where the options say so; and a system at rest costs nothing.
 */
#include "support.h"
#include "watch.h"
#include "watch_patient.h"
#include "watch_peer.h"
#include "watch_plain.h"
#include "watch_timed.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sn/sim.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct gate *in_init, *in_completion, *in_timer;

int watch_plain_init(struct watch_plain *self)
{
    (void)self;
    if (in_init != NULL)
        gate_pass(in_init);
    return 0;
}

int watch_plain_on_hang(struct watch_plain *self, const struct watch_hang *message)
{
    (void)self;
    gate_pass((struct gate *)(uintptr_t)message->gate);
    return 0;
}

int watch_plain_on_spin(struct watch_plain *self, const struct watch_spin *message)
{
    _Atomic(bool) *done = (_Atomic(bool) *)(uintptr_t)message->gate;

    (void)self;
    while (!atomic_load(done))
        ;
    return 0;
}

int watch_plain_on_question(struct watch_plain *self, watch_question_reply_to to)
{
    int rc = watch_plain_ask_look(self);

    return rc == 0 ? watch_plain_reply_question(self, to) : rc;
}

int watch_plain_on_look(struct watch_plain *self, int outcome)
{
    ck_assert_int_eq(outcome, 0);
    if (in_completion != NULL)
        gate_pass(in_completion);
    return in_timer != NULL ? watch_plain_start_later(self) : 0;
}

int watch_plain_on_later(struct watch_plain *self)
{
    (void)self;
    gate_pass(in_timer);
    return 0;
}

int watch_patient_on_hang(struct watch_patient *self, const struct watch_hang *message)
{
    (void)self;
    gate_pass((struct gate *)(uintptr_t)message->gate);
    return 0;
}

int watch_timed_on_work(struct watch_timed *self, const struct watch_work *message,
                        watch_work_reply_to to)
{
    uint64_t until_ns = real_now_ns() + message->duration;

    while (real_now_ns() < until_ns)
        ;
    return watch_timed_reply_work(self, to);
}

int watch_peer_on_question(struct watch_peer *self, watch_question_reply_to to)
{
    return watch_peer_reply_question(self, to);
}

/* ---- the log -------------------------------------------------------------------------------- */

static struct {
    pthread_mutex_t lock;
    char text[256 * 1024];
    size_t size;
} lines = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void keep_line(const struct sn_log_record *record, void *user)
{
    size_t size = strlen(record->text);

    (void)user;
    pthread_mutex_lock(&lines.lock);
    if (lines.size + size + 2 < sizeof lines.text) {
        memcpy(lines.text + lines.size, record->text, size);
        lines.text[lines.size + size] = '\n';
        lines.size += size + 1;
    }
    pthread_mutex_unlock(&lines.lock);
}

/* How often the log says this; the number that follows on it for the first time. */
static int count_lines(const char *part, unsigned *ret_number)
{
    int count = 0;

    pthread_mutex_lock(&lines.lock);
    for (const char *at = lines.text; (at = strstr(at, part)) != NULL; at++)
        if (count++ == 0 && ret_number != NULL)
            *ret_number = (unsigned)strtoul(at + strlen(part), NULL, 10);
    pthread_mutex_unlock(&lines.lock);
    return count;
}

/* ---- the kit -------------------------------------------------------------------------------- */

static struct watch *start_with(struct sn_system_options system)
{
    struct watch_options options = {.system = system};
    struct watch *app;

    ck_assert_int_eq(watch_start(&options, &app), 0);
    return app;
}

static struct watch *start(int number)
{
    struct sn_system_options system = system_of(number);

    system.log = keep_line;
    return start_with(system);
}

static void finish(struct watch *app)
{
    at_rest(app->sn);
    ck_assert_int_eq(watch_stop(app), 0);
}

static uint64_t address(void *object)
{
    return (uintptr_t)object;
}

START_TEST(a_handler_that_hangs_is_named_with_its_stack)
{
    struct watch *app = start(_i);
    struct gate gate = GATE_CLOSED;
    unsigned for_ms = 0;

    ck_assert_int_eq(watch_send_plain_hang(app, &(struct watch_hang){address(&gate)}), 0);
    AWAIT(count_lines("plain[0] on shard 0 has been in message hang for ", &for_ms) >= 2);
    ck_assert_uint_ge(for_ms, 25);
#if !defined(__SANITIZE_THREAD__)
    AWAIT(count_lines("  #0 ", NULL) >= 1);
    AWAIT(count_lines("test_runtime_watchdog", NULL) >= 1);
#endif
    gate_open(&gate);
    AWAIT(count_lines("shard 0 goes on", NULL) == 1);
    finish(app);
}
END_TEST

START_TEST(a_handler_that_spins_is_named_with_its_stack)
{
    struct watch *app = start(_i);
    _Atomic(bool) done = false;

    ck_assert_int_eq(watch_send_plain_spin(app, &(struct watch_spin){address(&done)}), 0);
    AWAIT(count_lines("plain[0] on shard 0 has been in message spin for ", NULL) >= 1);
    AWAIT(count_lines("  ", NULL) >= 1);
    atomic_store(&done, true);
    finish(app);
}
END_TEST

static void expect_named(struct gate *gate, const char *text)
{
    gate_await(gate, 1);
    AWAIT(count_lines(text, NULL) >= 1);
    gate_open(gate);
}

START_TEST(a_completion_and_a_timer_that_hang_are_named)
{
    struct gate first = GATE_CLOSED, second = GATE_CLOSED;
    struct watch *app = start(_i);

    in_completion = &first;
    in_timer = &second;
    ck_assert_int_eq(watch_call_plain_question(app), 0);
    expect_named(&first, "plain[0] on shard 0 has been in completion look for ");
    expect_named(&second, "plain[0] on shard 0 has been in timer later for ");
    finish(app);
}
END_TEST

static void *start_late(void *number)
{
    return start((int)(intptr_t)number);
}

START_TEST(an_init_that_hangs_is_named)
{
    struct gate gate = GATE_CLOSED;
    pthread_t thread;
    void *app;

    in_init = &gate;
    ck_assert_int_eq(pthread_create(&thread, NULL, start_late, (void *)(intptr_t)_i), 0);
    expect_named(&gate, "plain[0] on shard 0 has been in init  for ");
    ck_assert_int_eq(pthread_join(thread, &app), 0);
    finish(app);
}
END_TEST

/* 300 ms of slow_after are what this worker gets, whatever the others get. */
START_TEST(a_worker_with_a_longer_slow_after_gets_that_long)
{
    struct watch *app = start(1);
    struct gate gate = GATE_CLOSED;
    unsigned for_ms = 0;

    ck_assert_int_eq(watch_send_plain_hang(app, &(struct watch_hang){address(&gate)}), 0);
    ck_assert_int_eq(watch_send_patient_hang(app, &(struct watch_hang){address(&gate)}), 0);
    AWAIT(count_lines("plain[0] on shard 0 has been in message hang for ", NULL) >= 1);
    ck_assert_int_eq(count_lines("patient[0]", NULL), 0);
    AWAIT(count_lines("patient[0] on shard 1 has been in message hang for ", &for_ms) >= 1);
    ck_assert_uint_ge(for_ms, 300);
    gate_open(&gate);
    finish(app);
    ck_assert_int_ge(count_lines("patient[0] took ", NULL), 1);
}
END_TEST

START_TEST(slow_after_times_every_handler_of_its_worker)
{
    struct watch *app = start(_i);
    struct sn_stats stats;

    ck_assert_int_eq(watch_call_timed_work(app, &(struct watch_work){3 * SN_MS}), 0);
    ck_assert_int_eq(watch_call_timed_work(app, &(struct watch_work){4 * SN_MS}), 0);
    stats = at_rest(app->sn);
    ck_assert_uint_eq(stats.slow, 2);
    ck_assert_int_eq(watch_stop(app), 0);
    ck_assert_int_eq(count_lines("timed[0] took ", NULL), 2);
    ck_assert_int_eq(count_lines(" us for work", NULL), 2);
}
END_TEST

/* Makes a slow handler, and says how many there were. */
static int work_once(struct watch *app)
{
    static int count;

    ck_assert_int_eq(watch_call_timed_work(app, &(struct watch_work){3 * SN_MS}), 0);
    return ++count;
}

START_TEST(warnings_are_rate_limited)
{
    struct sn_system_options system = system_of(_i);
    int count = 0;

    system.log = keep_line;
    system.log_lines = 1;
    struct watch *app = start_with(system);
    /* The first one after the second is over says how many are missing. */
    AWAIT((count = work_once(app), count_lines(" more like this before", NULL)) >= 1);
    ck_assert_uint_eq(at_rest(app->sn).slow, count);
    ck_assert_int_lt(count_lines("timed[0] took ", NULL), count);
    ck_assert_int_eq(watch_stop(app), 0);
}
END_TEST

/* ---- the watchdog's own thread -------------------------------------------------------------- */

/* The directory in /proc of the thread of this name; "": there is none. */
static void find_thread(const char *wanted, char *ret_path, size_t size)
{
    DIR *tasks = opendir("/proc/self/task");
    const struct dirent *task;

    *ret_path = '\0';
    while ((task = readdir(tasks)) != NULL) {
        char path[300], name[32] = "";

        snprintf(path, sizeof path, "/proc/self/task/%s/comm", task->d_name);
        FILE *file = fopen(path, "r");
        if (file == NULL)
            continue;
        if (fgets(name, sizeof name, file) != NULL && strncmp(name, wanted, strlen(wanted)) == 0)
            snprintf(ret_path, size, "/proc/self/task/%s/status", task->d_name);
        fclose(file);
    }
    closedir(tasks);
}

/* How often a thread has gone to sleep. */
static long sleeps_of(const char *path)
{
    char line[256];
    long count = -1;
    FILE *file = fopen(path, "r");

    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof line, file) != NULL)
        sscanf(line, "voluntary_ctxt_switches: %ld", &count);
    fclose(file);
    return count;
}

/* Wait until it sleeps for good: it has not woken in a quarter of a second, and would have fifty
 * times. Then it is to sleep for a whole second more. */
START_TEST(the_watchdog_of_an_idle_system_sleeps)
{
    struct watch *app = start(_i);
    char path[300];
    long sleeps = -1;
    uint64_t since_ns = real_now_ns();

    at_rest(app->sn);
    find_thread("sn-watchdog", path, sizeof path);
    ck_assert_str_ne(path, "");
    AWAIT(sleeps_of(path) == sleeps ? real_now_ns() - since_ns > 250 * SN_MS
                                    : (sleeps = sleeps_of(path), since_ns = real_now_ns(), false));
    AWAIT(real_now_ns() - since_ns > 1250 * SN_MS);
    ck_assert_int_le(sleeps_of(path) - sleeps, 1);
    /* And it is there again when something happens. */
    struct gate gate = GATE_CLOSED;
    ck_assert_int_eq(watch_send_plain_hang(app, &(struct watch_hang){address(&gate)}), 0);
    expect_named(&gate, "plain[0] on shard 0 has been in message hang for ");
    finish(app);
}
END_TEST

START_TEST(no_watchdog_where_the_options_want_none)
{
    struct sn_system_options options = system_of(_i);
    struct sn_sim_options sim = {.seed = 1};
    char path[300];

    options.stuck_warn_ns = SN_FOREVER;
    struct watch *app = start_with(options);
    find_thread("sn-watchdog", path, sizeof path);
    ck_assert_str_eq(path, "");
    finish(app);
    app = start_with((struct sn_system_options){.sim = &sim});
    find_thread("sn-watchdog", path, sizeof path);
    ck_assert_str_eq(path, "");
    finish(app);
}
END_TEST

static _Atomic(int) urgent;

static void on_urgent(int number)
{
    (void)number;
    atomic_fetch_add(&urgent, 1);
}

START_TEST(a_handler_of_sigurg_that_was_there_is_called_and_comes_back)
{
    struct sigaction mine = {.sa_handler = on_urgent}, now;

    ck_assert_int_eq(sigaction(SIGURG, &mine, NULL), 0);
    struct watch *app = start(_i);
    struct gate gate = GATE_CLOSED;
    ck_assert_int_eq(raise(SIGURG), 0);
    ck_assert_int_eq(atomic_load(&urgent), 1);
    ck_assert_int_eq(watch_send_plain_hang(app, &(struct watch_hang){address(&gate)}), 0);
    expect_named(&gate, "has been in message hang for ");
    finish(app);
    ck_assert_int_eq(atomic_load(&urgent), 1); /* the watchdog's own are not passed on */
    ck_assert_int_eq(sigaction(SIGURG, NULL, &now), 0);
    ck_assert(now.sa_handler == on_urgent);
}
END_TEST

/* ---- the end -------------------------------------------------------------------------------- */

/* In a process of its own, without a log. */
static void hang_until_aborted(int errors)
{
    struct sn_system_options options = system_of(1);
    struct gate gate = GATE_CLOSED;
    struct watch *app;

    dup2(errors, STDERR_FILENO);
    options.stuck_warn_ns = SN_FOREVER;
    options.stuck_abort_ns = 60 * SN_MS;
    app = start_with(options);
    watch_send_plain_hang(app, &(struct watch_hang){address(&gate)});
    for (;;)
        pause();
}

START_TEST(a_handler_that_hangs_too_long_ends_the_process_and_is_named)
{
    char text[16 * 1024];
    size_t size = 0;
    ssize_t more;
    int pipes[2], status;

    ck_assert_int_eq(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0)
        hang_until_aborted(pipes[1]);
    close(pipes[1]);
    while ((more = read(pipes[0], text + size, sizeof text - 1 - size)) > 0)
        size += (size_t)more;
    text[size] = '\0';
    close(pipes[0]);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    ck_assert_ptr_nonnull(strstr(text, "sn: plain[0] on shard 0 has been in message hang for "));
    ck_assert_ptr_nonnull(strstr(text, " ms: the process is aborted\n"));
#if !defined(__SANITIZE_THREAD__)
    ck_assert_ptr_nonnull(strstr(text, "sn:   #0 "));
#endif
}
END_TEST

static void add(TCase *tests)
{
    EVERYWHERE(tests, a_handler_that_hangs_is_named_with_its_stack);
    EVERYWHERE(tests, a_handler_that_spins_is_named_with_its_stack);
    EVERYWHERE(tests, a_completion_and_a_timer_that_hang_are_named);
    EVERYWHERE(tests, an_init_that_hangs_is_named);
    tcase_add_test(tests, a_worker_with_a_longer_slow_after_gets_that_long);
    EVERYWHERE(tests, slow_after_times_every_handler_of_its_worker);
    tcase_add_test(tests, warnings_are_rate_limited);
    EVERYWHERE(tests, the_watchdog_of_an_idle_system_sleeps);
    EVERYWHERE(tests, no_watchdog_where_the_options_want_none);
    EVERYWHERE(tests, a_handler_of_sigurg_that_was_there_is_called_and_comes_back);
    tcase_add_test(tests, a_handler_that_hangs_too_long_ends_the_process_and_is_named);
}

int main(void)
{
    return run_suite("watchdog", add);
}
