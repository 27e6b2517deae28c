/* SPDX-License-Identifier: MIT */

/*
 * Watching descriptors: level-triggered on every back end, nothing stale ever
 * delivered, nothing lost when there are more events than the queue holds.
 */

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sn/result.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../countdown.h"
#include "backends.h"
#include "io/io.h"

/* Many times the 8 completions of the small back end. */
#define MANY 100

/* One end of a socket pair, watched; the test holds the other. */
struct line {
    struct sn_io_watch watch; /* first: on_ready casts back */
    struct sn_io *io;
    int far;
    int near;
    int calls;
    uint32_t events;
    struct line *victim;      /* unwatched by the callback */
    struct sn_io_watch *next; /* watched by the callback */
    int next_fd;
};

static void line_on_ready(struct sn_io_watch *watch, uint32_t events)
{
    struct line *line = (struct line *)watch;

    line->calls++;
    line->events = events;
    if (line->victim != NULL) {
        sn_io_unwatch(line->io, &line->victim->watch);
        line->victim->victim = NULL;
        line->victim = NULL;
    }
    if (line->next != NULL)
        ck_assert_int_eq(sn_io_watch(line->io, line->next_fd, SN_IO_READABLE, line->next), 0);
    line->next = NULL;
}

static void line_open(struct line *line, struct sn_io *io, uint32_t events)
{
    int ends[2];

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    *line =
        (struct line){.watch.on_ready = line_on_ready, .io = io, .far = ends[0], .near = ends[1]};
    if (events != 0)
        ck_assert_int_eq(sn_io_watch(io, line->near, events, &line->watch), 0);
}

static void line_close(struct line *line)
{
    close(line->far);
    close(line->near);
}

static void line_write(struct line *line)
{
    ck_assert_int_eq(write(line->far, "x", 1), 1);
}

static void line_drain(struct line *line)
{
    char byte;

    while (read(line->near, &byte, 1) == 1)
        ;
}

START_TEST(readable_is_level_triggered)
{
    struct sn_io *io = backend_open(_i);
    struct line line;

    line_open(&line, io, SN_IO_READABLE);
    ck_assert_int_eq(sn_io_wait(io, 0), SN_TIMEOUT);
    line_write(&line);
    for (int i = 1; i <= 5; i++) {
        ck_assert_int_eq(sn_io_wait(io, SN_IO_FOREVER), 0);
        ck_assert_int_eq(line.calls, i);
        ck_assert_uint_eq(line.events, SN_IO_READABLE);
    }
    line_drain(&line);
    ck_assert_int_eq(sn_io_wait(io, 0), SN_TIMEOUT);
    ck_assert_int_eq(line.calls, 5);
    line_write(&line);
    ck_assert_int_eq(sn_io_wait(io, SN_IO_FOREVER), 0);
    ck_assert_int_eq(line.calls, 6);
    sn_io_unwatch(io, &line.watch);
    sn_io_destroy(io);
    line_close(&line);
}
END_TEST

START_TEST(writable_and_both)
{
    struct sn_io *io = backend_open(_i);
    struct line writer;
    struct line both;

    line_open(&writer, io, SN_IO_WRITABLE);
    line_open(&both, io, SN_IO_READABLE | SN_IO_WRITABLE);
    line_write(&both);
    ck_assert_int_eq(sn_io_wait(io, SN_IO_FOREVER), 0);
    ck_assert_int_eq(writer.calls, 1);
    ck_assert_uint_eq(writer.events, SN_IO_WRITABLE);
    ck_assert_uint_eq(both.events, SN_IO_READABLE | SN_IO_WRITABLE);
    sn_io_destroy(io);
    line_close(&writer);
    line_close(&both);
}
END_TEST

START_TEST(hangup_is_reported_without_asking)
{
    struct sn_io *io = backend_open(_i);
    struct line line;

    line_open(&line, io, SN_IO_READABLE);
    close(line.far);
    ck_assert_int_eq(sn_io_wait(io, SN_IO_FOREVER), 0);
    ck_assert_uint_eq(line.events & SN_IO_HANGUP, SN_IO_HANGUP);
    sn_io_unwatch(io, &line.watch);
    ck_assert_int_eq(sn_io_wait(io, 0), SN_TIMEOUT);
    sn_io_destroy(io);
    close(line.near);
}
END_TEST

START_TEST(wake_and_event_come_together)
{
    struct sn_io *io = backend_open(_i);
    struct line line;

    line_open(&line, io, SN_IO_READABLE);
    line_write(&line);
    sn_io_wake(io);
    ck_assert_int_eq(sn_io_wait(io, SN_IO_FOREVER), 0);
    ck_assert_int_eq(line.calls, 1);
    line_drain(&line);
    ck_assert_int_eq(sn_io_wait(io, 0), SN_TIMEOUT);
    sn_io_destroy(io);
    line_close(&line);
}
END_TEST

/* Both are ready in the same batch; whoever runs first ends the other. */
START_TEST(callback_may_unwatch_another_of_its_batch)
{
    struct sn_io *io = backend_open(_i);
    struct line a;
    struct line b;

    line_open(&a, io, SN_IO_READABLE);
    line_open(&b, io, SN_IO_READABLE);
    a.victim = &b;
    b.victim = &a;
    line_write(&a);
    line_write(&b);
    ck_assert_int_eq(sn_io_wait(io, SN_IO_FOREVER), 0);
    ck_assert_int_eq(a.calls + b.calls, 1);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(sn_io_wait(io, 0), 0);
    ck_assert_int_eq(a.calls + b.calls, 4);
    ck_assert_int_eq(a.calls == 0 || b.calls == 0, 1);
    sn_io_destroy(io);
    line_close(&a);
    line_close(&b);
}
END_TEST

START_TEST(callback_may_unwatch_itself_and_watch_again)
{
    struct sn_io *io = backend_open(_i);
    struct line line;

    line_open(&line, io, SN_IO_READABLE);
    line_write(&line);
    for (int i = 1; i <= 5; i++) {
        line.victim = &line;
        ck_assert_int_eq(sn_io_wait(io, SN_IO_FOREVER), 0);
        ck_assert_int_eq(line.calls, i);
        while (sn_io_wait(io, 0) == 0)
            ; /* the kernel may still confirm the end */
        ck_assert_int_eq(line.calls, i);
        ck_assert_int_eq(sn_io_watch(io, line.near, SN_IO_READABLE, &line.watch), 0);
    }
    sn_io_destroy(io);
    line_close(&line);
}
END_TEST

START_TEST(callback_may_watch_another)
{
    struct sn_io *io = backend_open(_i);
    struct line first;
    struct line second;

    line_open(&first, io, SN_IO_READABLE);
    line_open(&second, io, 0);
    first.next = &second.watch;
    first.next_fd = second.near;
    line_write(&first);
    line_write(&second);
    ck_assert_int_eq(sn_io_wait(io, SN_IO_FOREVER), 0);
    ck_assert_int_eq(second.calls, 0);
    ck_assert_int_eq(sn_io_wait(io, SN_IO_FOREVER), 0);
    ck_assert_int_eq(second.calls, 1);
    sn_io_destroy(io);
    line_close(&first);
    line_close(&second);
}
END_TEST

/* The event of the old watch is fetched only after its number has a new owner. */
START_TEST(event_of_an_old_watch_is_dropped)
{
    struct sn_io *io = backend_open(_i);
    struct line old;
    struct line line;

    line_open(&old, io, SN_IO_READABLE);
    ck_assert_int_eq(sn_io_wait(io, 0), SN_TIMEOUT);
    line_write(&old);
    sn_io_unwatch(io, &old.watch);
    line_close(&old);
    line_open(&line, io, SN_IO_READABLE);
    ck_assert_int_eq(line.near, old.near);
    for (int i = 0; i < 3; i++)
        sn_io_wait(io, 0);
    ck_assert_int_eq(old.calls, 0);
    ck_assert_int_eq(line.calls, 0);
    line_write(&line);
    ck_assert_int_eq(sn_io_wait(io, SN_IO_FOREVER), 0);
    ck_assert_int_eq(line.calls, 1);
    sn_io_destroy(io);
    line_close(&line);
}
END_TEST

/* If the back end held the file, the peer would not learn that it was closed. */
START_TEST(unwatch_lets_go_of_the_file)
{
    struct sn_io *io = backend_open(_i);
    struct line line;

    signal(SIGPIPE, SIG_IGN);
    line_open(&line, io, SN_IO_READABLE);
    ck_assert_int_eq(sn_io_wait(io, 0), SN_TIMEOUT);
    sn_io_unwatch(io, &line.watch);
    close(line.near);
    sn_io_wait(io, 0);
    ck_assert_int_eq(write(line.far, "x", 1), -1);
    ck_assert_int_eq(errno, EPIPE);
    sn_io_destroy(io);
    close(line.far);
}
END_TEST

static int total_calls(const struct line *lines)
{
    int calls = 0;

    for (int i = 0; i < MANY; i++)
        calls += lines[i].calls;
    return calls;
}

START_TEST(more_events_than_the_queue_holds)
{
    static struct line lines[MANY];
    struct sn_io *io = backend_open(_i);

    for (int i = 0; i < MANY; i++)
        line_open(&lines[i], io, SN_IO_READABLE);
    for (int round = 1; round <= 20; round++) {
        for (int i = 0; i < MANY; i++)
            line_write(&lines[i]);
        sn_io_wake(io);
        for (int i = 0; i < MANY; i++) {
            while (lines[i].calls < round)
                ck_assert_int_eq(sn_io_wait(io, SN_IO_FOREVER), 0);
        }
        for (int i = 0; i < MANY; i++) {
            line_drain(&lines[i]);
            lines[i].calls = round;
        }
        while (sn_io_wait(io, 0) == 0)
            ;
        ck_assert_int_eq(total_calls(lines), MANY * round);
    }
    for (int i = 0; i < MANY; i++)
        line_write(&lines[i]);
    for (int i = 0; i < MANY; i++)
        sn_io_unwatch(io, &lines[i].watch);
    while (sn_io_wait(io, 0) == 0)
        ;
    ck_assert_int_eq(total_calls(lines), MANY * 20);
    sn_io_destroy(io);
    for (int i = 0; i < MANY; i++)
        line_close(&lines[i]);
}
END_TEST

/* The wake-up must not drown when every watch is ready at every wait. */
START_TEST(wake_gets_through_a_flood)
{
    static struct line lines[MANY];
    struct sn_io *io = backend_open(_i);

    for (int i = 0; i < MANY; i++) {
        line_open(&lines[i], io, SN_IO_READABLE);
        line_write(&lines[i]);
    }
    for (int round = 0; round < 50; round++)
        ck_assert_int_eq(sn_io_wait(io, SN_IO_FOREVER), 0);
    for (int i = 0; i < MANY; i++)
        ck_assert_int_ge(lines[i].calls, 25);
    sn_io_wake(io);
    for (int i = 0; i < MANY; i++)
        sn_io_unwatch(io, &lines[i].watch);
    ck_assert_int_eq(sn_io_wait(io, SN_IO_FOREVER), 0);
    sn_io_destroy(io);
    for (int i = 0; i < MANY; i++)
        line_close(&lines[i]);
}
END_TEST

START_TEST(bad_descriptors_are_refused)
{
    struct sn_io *io = backend_open(_i);
    struct sn_io_watch watch = {.on_ready = line_on_ready};
    struct line line;
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    int folder = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    ck_assert_int_eq(sn_io_watch(io, -1, SN_IO_READABLE, &watch), -EBADF);
    ck_assert_int_eq(sn_io_watch(io, 1000000, SN_IO_READABLE, &watch), -EBADF);
    ck_assert_int_eq(sn_io_watch(io, file, SN_IO_READABLE, &watch), -EPERM);
    ck_assert_int_eq(sn_io_watch(io, folder, SN_IO_READABLE, &watch), -EPERM);
    line_open(&line, io, SN_IO_READABLE);
    ck_assert_int_eq(sn_io_watch(io, line.near, SN_IO_READABLE, &watch), -EEXIST);
    line_write(&line);
    ck_assert_int_eq(sn_io_wait(io, SN_IO_FOREVER), 0);
    ck_assert_int_eq(line.calls, 1);
    sn_io_destroy(io);
    line_close(&line);
    close(file);
    close(folder);
}
END_TEST

START_TEST(watch_survives_failing_allocations)
{
    struct countdown countdown;
    struct sn_io *io = NULL;
    struct line line;

    countdown_init(&countdown, 1); /* the table of watches */
    ck_assert_int_eq(backend_create(_i, &countdown.allocator, &io), 0);
    line_open(&line, io, 0);
    ck_assert_int_eq(sn_io_watch(io, line.near, SN_IO_READABLE, &line.watch), -ENOMEM);
    ck_assert_int_eq(sn_io_watch(io, line.near, SN_IO_READABLE, &line.watch), 0);
    line_write(&line);
    ck_assert_int_eq(sn_io_wait(io, SN_IO_FOREVER), 0);
    ck_assert_int_eq(line.calls, 1);
    sn_io_destroy(io);
    ck_assert_int_eq(atomic_load(&countdown.live_bytes), 0);
    line_close(&line);
}
END_TEST

static int open_descriptors(void)
{
    int count = 0;

    for (int fd = 0; fd < 1024; fd++)
        count += fcntl(fd, F_GETFD) >= 0;
    return count;
}

START_TEST(destroy_leaks_no_descriptor)
{
    struct line line;

    line_open(&line, NULL, 0);
    int before = open_descriptors();

    for (int i = 0; i < 10; i++) {
        struct sn_io *io = backend_open(_i);

        ck_assert_int_eq(sn_io_watch(io, line.near, SN_IO_READABLE, &line.watch), 0);
        ck_assert_int_eq(sn_io_wait(io, 0), SN_TIMEOUT);
        sn_io_destroy(io);
    }
    ck_assert_int_eq(open_descriptors(), before);
    line_close(&line);
}
END_TEST

static Suite *watch_suite(int backends)
{
    Suite *suite = suite_create("io");
    TCase *tcase = tcase_create("watch");

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, readable_is_level_triggered, 0, backends);
    tcase_add_loop_test(tcase, writable_and_both, 0, backends);
    tcase_add_loop_test(tcase, hangup_is_reported_without_asking, 0, backends);
    tcase_add_loop_test(tcase, wake_and_event_come_together, 0, backends);
    tcase_add_loop_test(tcase, callback_may_unwatch_another_of_its_batch, 0, backends);
    tcase_add_loop_test(tcase, callback_may_unwatch_itself_and_watch_again, 0, backends);
    tcase_add_loop_test(tcase, callback_may_watch_another, 0, backends);
    tcase_add_loop_test(tcase, event_of_an_old_watch_is_dropped, 0, backends);
    tcase_add_loop_test(tcase, unwatch_lets_go_of_the_file, 0, backends);
    tcase_add_loop_test(tcase, more_events_than_the_queue_holds, 0, backends);
    tcase_add_loop_test(tcase, wake_gets_through_a_flood, 0, backends);
    tcase_add_loop_test(tcase, bad_descriptors_are_refused, 0, backends);
    tcase_add_loop_test(tcase, watch_survives_failing_allocations, 0, backends);
    tcase_add_loop_test(tcase, destroy_leaks_no_descriptor, 0, backends);
    suite_add_tcase(suite, tcase);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(watch_suite(backend_count()));

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
