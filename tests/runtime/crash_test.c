/* SPDX-License-Identifier: MIT */
/*
 * Faults: they end the process by their own signal, as if nobody had caught it, and leave a record
 * that sn-postmortem prints. Each fault happens in a process of its own.
 */
#include "crash.h"
#include "crash_peer.h"
#include "crash_victim.h"
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum how {
    BY_ADDRESS,
    BY_BUS,
    BY_DIVISION,
    BY_INSTRUCTION,
    BY_ABORT,
    BY_INVARIANT,
    BY_OVERFLOW,
    BY_CALL,
    BY_KILL,
    IN_COMPLETION,
    IN_TIMER
};

static const int signals[] = {
    [BY_ADDRESS] = SIGSEGV,    [BY_BUS] = SIGBUS,    [BY_DIVISION] = SIGFPE,
    [BY_INSTRUCTION] = SIGILL, [BY_ABORT] = SIGABRT, [BY_INVARIANT] = SIGABRT,
    [BY_OVERFLOW] = SIGSEGV,   [BY_CALL] = SIGSEGV,  [BY_KILL] = SIGKILL,
    [IN_COMPLETION] = SIGSEGV, [IN_TIMER] = SIGSEGV};

static uint32_t way;

__attribute__((noinline)) static int overflow(volatile char *above, unsigned depth)
{
    volatile char frame[4096];

    if (depth == UINT32_MAX)
        return 0;
    frame[0] = above[0];
    frame[sizeof frame - 1] = (char)depth;
    return overflow(frame, depth + 1) + frame[sizeof frame - 1];
}

__attribute__((noinline)) static void write_nowhere(void)
{
    static volatile uintptr_t nowhere = 8; /* not known to the optimiser */

    *(volatile int *)nowhere = 1;
}

__attribute__((noinline)) static int call_nowhere(void)
{
    int (*volatile function)(void) = (int (*)(void))(uintptr_t)16;

    return function() + 1; /* not a jump */
}

/* Neither this nor its caller is left by a jump, so that both are in the backtrace of any build. */
__attribute__((noinline)) static int die(struct crash_victim *self, uint32_t how)
{
    char *memory = sn_alloc(self->sn, 10);
    volatile int rc;

    switch (how) {
    case BY_BUS:
        rc = raise(SIGBUS);
        return rc;
    case BY_DIVISION:
        rc = raise(SIGFPE);
        return rc;
    case BY_INSTRUCTION:
        __builtin_trap();
    case BY_ABORT:
        abort();
    case BY_INVARIANT:
        sn_free(self->sn, memory);
        sn_free(self->sn, memory);
        return 0;
    case BY_OVERFLOW:
        return overflow(memory, 0);
    case BY_CALL:
        return call_nowhere();
    case BY_KILL:
        rc = raise(SIGKILL);
        return rc;
    case IN_COMPLETION:
        return crash_victim_ask_look(self);
    case IN_TIMER:
        return crash_victim_start_later(self);
    default:
        write_nowhere();
        return 0;
    }
}

int crash_victim_init(struct crash_victim *self)
{
    (void)self;
    return 0;
}

void crash_victim_shutdown(struct crash_victim *self, int why)
{
    (void)self;
    (void)why;
}

int crash_victim_on_warm(struct crash_victim *self, const struct crash_warm *message)
{
    (void)self;
    (void)message;
    return 0;
}

int crash_victim_on_die(struct crash_victim *self, const struct crash_die *message)
{
    volatile int rc = die(self, message->how);

    return rc;
}

int crash_victim_on_question(struct crash_victim *self, crash_question_reply_to to)
{
    return crash_victim_reply_question(self, to);
}

int crash_victim_on_look(struct crash_victim *self, int outcome)
{
    (void)outcome;
    return die(self, BY_ADDRESS);
}

int crash_victim_on_later(struct crash_victim *self)
{
    return die(self, BY_ADDRESS);
}

int crash_peer_on_question(struct crash_peer *self, crash_question_reply_to to)
{
    return crash_peer_reply_question(self, to);
}

/* ---- the kit -------------------------------------------------------------------------------- */

static char path[64];

static struct crash *start_with(const char *record)
{
    struct crash_options options = {.system = system_of(0)};
    struct crash *app;

    options.system.crash_record = record;
    ck_assert_int_eq(crash_start(&options, &app), 0);
    return app;
}

/* Only where gcc counts branches: see the preset "coverage". What dies by a signal writes no counts
 * by itself. */
void write_counts(void) __asm__("__gcov_dump") __attribute__((weak));

/* As a handler of the user's, which gets the signal after the record has been written. */
static void write_counts_and_die(int number)
{
    write_counts();
    signal(number, SIG_DFL);
    raise(number);
}

static void keep_counts(void)
{
    struct sigaction mine = {.sa_handler = write_counts_and_die, .sa_flags = SA_ONSTACK};
    struct sigaction now;

    for (size_t i = 0; write_counts != NULL && i < sizeof signals / sizeof *signals; i++)
        if (sigaction(signals[i], NULL, &now) == 0 && now.sa_handler == SIG_DFL)
            sigaction(signals[i], &mine, NULL);
}

/* In a process of its own. */
static void run_and_die(void)
{
    const struct rlimit none = {0, 0};

    setrlimit(RLIMIT_CORE, &none);
    keep_counts();
    if (freopen("/dev/null", "w", stderr) == NULL)
        _exit(1);
    struct crash *app = start_with(path);
    for (uint32_t i = 0; i < 40; i++)
        if (crash_call_victims_question_at(app, i % 3) != 0)
            _exit(1);
    crash_send_victims_warm_at(app, 2, &(struct crash_warm){1});
    crash_send_victims_die_at(app, 1, &(struct crash_die){way});
    for (;;)
        pause();
}

/* Returns how it ended, as waitpid() says. */
static int fork_and_wait(void (*run)(void))
{
    int status = 0;

    snprintf(path, sizeof path, "/tmp/sn-crash-test-%ld", (long)getpid());
    unlink(path);
    pid_t child = fork();
    if (child == 0)
        run();
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return status;
}

/* What a command prints on both outputs, and its exit status. */
static int run_tool(const char *arguments, char *text, size_t size)
{
    char command[512];
    size_t count;

    snprintf(command, sizeof command, "%s %s 2>&1", getenv("SN_POSTMORTEM"), arguments);
    FILE *pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    count = fread(text, 1, size - 1, pipe);
    text[count] = '\0';
    int status = pclose(pipe);
    ck_assert(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int print_record(char *text, size_t size)
{
    return run_tool(path, text, size);
}

static void expect(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "'%s' is missing in\n%.3000s", part, text);
}

/* ---- faults --------------------------------------------------------------------------------- */

START_TEST(a_fault_ends_the_process_by_its_signal_and_leaves_a_record)
{
    static const char *const names[] = {"SIGSEGV", "SIGBUS",  "SIGFPE",  "SIGILL",
                                        "SIGABRT", "SIGABRT", "SIGSEGV", "SIGSEGV"};
    static const char *const functions[] = {"write_nowhere+0x",
                                            "crash_victim_on_die+0x",
                                            "crash_victim_on_die+0x",
                                            "die+0x",
                                            "die+0x",
                                            "sn_arena_free+0x",
                                            "overflow+0x",
                                            "call_nowhere+0x"};
    char text[64 * 1024];

    way = (uint32_t)_i;
    int status = fork_and_wait(run_and_die);
    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), signals[way]);
    ck_assert_int_eq(print_record(text, sizeof text), 0);
    expect(text, names[way]);
    expect(text, "package crash\nshard   0\n");
    expect(text, "victims[1]  message die\n");
    expect(text, "handled before by this shard, the last one first\n");
    expect(text, "victims[2]  message warm\n");
    expect(text, "victims[0]  message question\n");
    expect(text, "call stack\n  #0  0x");
    expect(text, "test_runtime_crash+0x");
    expect(text, "registers\n");
    /* With elfutils: functions of the program. */
    if (getenv("SN_POSTMORTEM_SYMBOLS") != NULL)
        expect(text, functions[way]);
    unlink(path);
}
END_TEST

START_TEST(a_fault_in_a_completion_and_in_a_timer_is_named)
{
    char text[64 * 1024];

    way = IN_COMPLETION;
    ck_assert_int_eq(WTERMSIG(fork_and_wait(run_and_die)), SIGSEGV);
    ck_assert_int_eq(print_record(text, sizeof text), 0);
    expect(text, "in the handler\n");
    expect(text, "victims[1]  completion look\n");
    way = IN_TIMER;
    ck_assert_int_eq(WTERMSIG(fork_and_wait(run_and_die)), SIGSEGV);
    ck_assert_int_eq(print_record(text, sizeof text), 0);
    expect(text, "victims[1]  timer later\n");
    unlink(path);
}
END_TEST

/* As when the kernel is short of memory. */
START_TEST(a_process_that_is_killed_leaves_nothing)
{
    way = BY_KILL;
    ck_assert_int_eq(WTERMSIG(fork_and_wait(run_and_die)), SIGKILL);
    ck_assert_int_eq(access(path, F_OK), -1);
}
END_TEST

static void die_outside(void)
{
    keep_counts();
    start_with(path);
    write_nowhere();
    _exit(1);
}

START_TEST(a_thread_outside_leaves_a_record_too)
{
    char text[64 * 1024];

    ck_assert_int_eq(WTERMSIG(fork_and_wait(die_outside)), SIGSEGV);
    ck_assert_int_eq(print_record(text, sizeof text), 0);
    expect(text, "package crash\nin a thread that is no shard's\n");
    expect(text, "call stack\n");
    unlink(path);
}
END_TEST

static void start_stop_and_die(void)
{
    keep_counts();
    ck_assert_int_eq(crash_stop(start_with(path)), 0);
    write_nowhere();
    _exit(1);
}

START_TEST(nothing_is_caught_when_the_system_has_stopped)
{
    ck_assert_int_eq(WTERMSIG(fork_and_wait(start_stop_and_die)), SIGSEGV);
    ck_assert_int_eq(access(path, F_OK), -1);
}
END_TEST

static void leave_by_exit(int number)
{
    (void)number;
    if (write_counts != NULL)
        write_counts();
    _exit(77);
}

static void die_with_a_handler(void)
{
    struct sigaction mine = {.sa_handler = leave_by_exit};

    sigaction(signals[way], &mine, NULL);
    run_and_die();
}

/* Also for abort(), which is sent and not repeated by the processor. */
START_TEST(a_handler_of_the_users_gets_the_signal_after_the_record)
{
    char text[64 * 1024];

    way = _i == 0 ? BY_ADDRESS : BY_ABORT;
    int status = fork_and_wait(die_with_a_handler);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 77);
    ck_assert_int_eq(print_record(text, sizeof text), 0);
    expect(text, "victims[1]  message die\n");
    unlink(path);
}
END_TEST

START_TEST(a_stop_puts_the_users_handler_back)
{
    struct sigaction mine = {.sa_handler = leave_by_exit}, now;

    ck_assert_int_eq(sigaction(SIGFPE, &mine, NULL), 0);
    struct crash *app = start_with("/tmp/sn-crash-test-unused");
    struct crash *other = start_with("/tmp/sn-crash-test-unused");
    ck_assert_int_eq(crash_stop(app), 0);
    ck_assert_int_eq(sigaction(SIGFPE, NULL, &now), 0);
    ck_assert(now.sa_handler != leave_by_exit); /* the other one still runs */
    ck_assert_int_eq(crash_stop(other), 0);
    ck_assert_int_eq(sigaction(SIGFPE, NULL, &now), 0);
    ck_assert(now.sa_handler == leave_by_exit);
}
END_TEST

static int try_path(const char *record)
{
    struct crash_options options = {.system = system_of(0)};
    struct crash *app;

    options.system.crash_record = record;
    int rc = crash_start(&options, &app);
    if (rc == 0)
        ck_assert_int_eq(crash_stop(app), 0);
    return rc;
}

START_TEST(a_path_that_cannot_be_written_is_an_error_of_the_start)
{
    char longest[8192];

    ck_assert_int_eq(try_path("/nowhere/at/all"), -ENOENT);
    ck_assert_int_eq(try_path("/tmp/"), -EISDIR);
    memset(longest, 'x', sizeof longest);
    longest[0] = '/';
    longest[4096] = '\0';
    ck_assert_int_eq(try_path(longest), -ENAMETOOLONG);
    ck_assert_int_eq(try_path("sn-crash-relative-%p"), 0);
    ck_assert_int_eq(try_path("/tmp/sn-crash-%p"), 0);
}
END_TEST

/* ---- sn-postmortem -------------------------------------------------------------------------- */

static void write_file(const char *text, size_t size)
{
    FILE *file = fopen(path, "wb");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text, 1, size, file), size);
    fclose(file);
}

/* Cut off at any place, a record is read up to there; it never takes the tool with it. */
START_TEST(a_record_that_is_cut_off_is_printed_as_far_as_it_goes)
{
    static char record[1024 * 1024], text[1024 * 1024];
    size_t size;

    way = BY_ADDRESS;
    fork_and_wait(run_and_die);
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    size = fread(record, 1, sizeof record, file);
    fclose(file);
    for (size_t cut = 0; cut < size; cut += 1 + size / 60) {
        write_file(record, cut);
        int status = print_record(text, sizeof text);
        ck_assert_int_eq(status, 1);
        expect(text, "error: ");
    }
    write_file(record, size);
    ck_assert_int_eq(print_record(text, sizeof text), 0);
    unlink(path);
}
END_TEST

START_TEST(a_hostile_record_is_an_error_with_its_line)
{
    static const struct {
        const char *bytes;
        const char *error;
    } records[] = {
        {"", ":1: error: not a crash record"},
        {"\n", ":1: error: an empty line"},
        {"hello\n", ":1: error: an unknown key"},
        {"sn-crash\n", ":1: error: a word is missing"},
        {"sn-crash 2\n", ":1: error: not a crash record of a version that is known"},
        {"sn-crash 1\nshard x\n", ":2: error: a word is no number"},
        {"sn-crash 1\nshard -1\n", ":2: error: a word is no number"},
        {"sn-crash 1\nshard 99999999999999999999\n", ":2: error: a word is no number"},
        {"sn-crash 1\nframe 0x\n", ":2: error: a word is no number"},
        {"sn-crash 1\nshard 1 2\n", ":2: error: a word too many"},
        {"sn-crash 1\nsignal 1 x 2\n", ":2: error: a word is missing"},
        {"sn-crash 1\nend\nend\n", ":3: error: something follows the end"},
        {"sn-crash 1\nmap 0-f r-xp 0 0:0 0 /dev/zero\nframe 0x1\n", "error: the record is cut off"},
        {"sn-crash 1\nmap \xff\x1b[31m%n%s\nframe 0x1\n", "error: the record is cut off"},
    };
    char text[64 * 1024];

    snprintf(path, sizeof path, "/tmp/sn-crash-test-%ld", (long)getpid());
    for (size_t i = 0; i < sizeof records / sizeof *records; i++) {
        write_file(records[i].bytes, strlen(records[i].bytes));
        ck_assert_int_eq(print_record(text, sizeof text), 1);
        expect(text, records[i].error);
        ck_assert_ptr_null(strchr(text, '\x1b'));
    }
    write_file("sn-crash 1\0\nend\n", 16);
    ck_assert_int_eq(print_record(text, sizeof text), 1);
    unlink(path);
}
END_TEST

START_TEST(the_command_line_of_sn_postmortem)
{
    char text[16 * 1024];

    ck_assert_int_eq(run_tool("--help", text, sizeof text), 0);
    expect(text, "Usage: sn-postmortem");
    ck_assert_int_eq(run_tool("--version", text, sizeof text), 0);
    ck_assert_int_eq(run_tool("", text, sizeof text), 2);
    expect(text, "a file is missing");
    ck_assert_int_eq(run_tool("--frobnicate", text, sizeof text), 2);
    ck_assert_int_eq(run_tool("one two", text, sizeof text), 2);
    ck_assert_int_eq(run_tool("/nowhere", text, sizeof text), 3);
    expect(text, "sn-postmortem: /nowhere: No such file or directory");
    ck_assert_int_eq(run_tool("/tmp", text, sizeof text), 3);
    ck_assert_int_eq(run_tool("- </dev/null", text, sizeof text), 1);
}
END_TEST

static void add(TCase *tests)
{
    tcase_add_loop_test(tests, a_fault_ends_the_process_by_its_signal_and_leaves_a_record, 0,
                        BY_CALL + 1);
    tcase_add_test(tests, a_fault_in_a_completion_and_in_a_timer_is_named);
    tcase_add_test(tests, a_process_that_is_killed_leaves_nothing);
    tcase_add_test(tests, a_thread_outside_leaves_a_record_too);
    tcase_add_test(tests, nothing_is_caught_when_the_system_has_stopped);
    tcase_add_loop_test(tests, a_handler_of_the_users_gets_the_signal_after_the_record, 0, 2);
    tcase_add_test(tests, a_stop_puts_the_users_handler_back);
    tcase_add_test(tests, a_path_that_cannot_be_written_is_an_error_of_the_start);
    tcase_add_test(tests, a_record_that_is_cut_off_is_printed_as_far_as_it_goes);
    tcase_add_test(tests, a_hostile_record_is_an_error_with_its_line);
    tcase_add_test(tests, the_command_line_of_sn_postmortem);
}

int main(void)
{
    return run_suite("crash", add);
}
