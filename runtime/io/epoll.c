/* SPDX-License-Identifier: MIT */

/*
 * The back end on epoll.
 *
 * One level-triggered epoll set holds the bell and every watched descriptor;
 * the kernel keeps a watch armed, so there is nothing to renew. Everything is
 * the owner's but the bell.
 *
 * Time-outs are in nanoseconds through epoll_pwait2 (Linux 5.11). A kernel
 * without it, or a sandbox that has never heard of it, is noticed at the
 * first wait; from then on milliseconds are used, rounded up, so that a
 * time-out is late rather than early.
 */

#include "io/epoll.h"

#include <errno.h>
#include <limits.h>
#include <sn/result.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"
#include "io/bell.h"
#include "io/io.h"
#include "io/watches.h"

/* Events fetched at once; more of them wait for the next call. */
#define BATCH 64

struct epoll_io {
    struct sn_io io;
    const struct sn_allocator *allocator;
    struct sn_io_bell bell;
    struct sn_io_watches watches;
    int fd;
    bool milliseconds; /* the kernel has no epoll_pwait2 */
};

static struct epoll_io *epoll_of(struct sn_io *io)
{
    return (struct epoll_io *)io; /* io is the first member */
}

static void epoll_destroy(struct sn_io *io)
{
    struct epoll_io *epoll = epoll_of(io);

    if (epoll->fd >= 0)
        close(epoll->fd);
    sn_io_bell_fini(&epoll->bell);
    sn_io_watches_fini(&epoll->watches);
    sn_alloc_free(epoll->allocator, epoll, sizeof(*epoll));
}

static int add_fd(struct epoll_io *epoll, int fd, uint32_t poll_events, uint64_t token)
{
    struct epoll_event event = {.events = poll_events, .data.u64 = token};

    return epoll_ctl(epoll->fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

static int open_fds(struct epoll_io *epoll)
{
    int rc = sn_io_bell_init(&epoll->bell);

    if (rc < 0)
        return rc;
    epoll->fd = epoll_create1(EPOLL_CLOEXEC);
    if (epoll->fd < 0)
        return -errno;
    return add_fd(epoll, epoll->bell.fd, EPOLLIN, SN_IO_TOKEN_BELL);
}

static int epoll_create_io(const struct sn_io_ops *ops, const struct sn_allocator *allocator,
                           struct sn_io **ret_io)
{
    struct epoll_io *epoll = sn_alloc_zeroed(allocator, sizeof(*epoll));

    if (epoll == NULL)
        return -ENOMEM;
    epoll->io.ops = ops;
    epoll->allocator = allocator;
    epoll->bell.fd = -1;
    epoll->fd = -1;
    sn_io_watches_init(&epoll->watches, allocator);

    int rc = open_fds(epoll);

    if (rc < 0) {
        epoll_destroy(&epoll->io);
        return rc;
    }
    *ret_io = &epoll->io;
    return 0;
}

static void epoll_wake(struct sn_io *io)
{
    sn_io_bell_ring(&epoll_of(io)->bell);
}

/* `ret_cut`: the kernel cannot sleep that long at once. */
static int timeout_ms(uint64_t timeout_ns, bool *ret_cut)
{
    if (timeout_ns == SN_IO_FOREVER)
        return -1;

    uint64_t ms = timeout_ns / 1000000 + (timeout_ns % 1000000 != 0);

    *ret_cut = ms > INT_MAX;
    return *ret_cut ? INT_MAX : (int)ms;
}

static int fetch(struct epoll_io *epoll, struct epoll_event *events, uint64_t timeout_ns,
                 bool *ret_cut)
{
    if (!epoll->milliseconds) {
        struct timespec time = {.tv_sec = (time_t)(timeout_ns / 1000000000),
                                .tv_nsec = (long)(timeout_ns % 1000000000)};
        int n = epoll_pwait2(epoll->fd, events, BATCH, timeout_ns == SN_IO_FOREVER ? NULL : &time,
                             NULL);

        /* Older sandboxes answer EPERM to calls that they do not know. */
        if (n >= 0 || (errno != ENOSYS && errno != EPERM))
            return n;
        epoll->milliseconds = true;
    }
    return epoll_wait(epoll->fd, events, BATCH, timeout_ms(timeout_ns, ret_cut));
}

static void deliver(struct epoll_io *epoll, const struct epoll_event *event)
{
    if (event->data.u64 == SN_IO_TOKEN_BELL) {
        sn_io_bell_answer(&epoll->bell);
        return;
    }

    struct sn_io_watch *watch = sn_io_watches_find(&epoll->watches, event->data.u64);

    if (watch != NULL)
        watch->on_ready(watch, sn_io_events_from_poll(event->events));
}

static int epoll_wait_io(struct sn_io *io, uint64_t timeout_ns)
{
    struct epoll_io *epoll = epoll_of(io);
    struct epoll_event events[BATCH];
    bool cut = false;
    int n = fetch(epoll, events, timeout_ns, &cut);

    if (n < 0)
        return errno == EINTR ? 0 : -errno;
    if (n == 0)
        return cut ? 0 : SN_TIMEOUT;
    for (int i = 0; i < n; i++)
        deliver(epoll, &events[i]);
    return 0;
}

static int epoll_watch(struct sn_io *io, struct sn_io_watch *watch)
{
    struct epoll_io *epoll = epoll_of(io);
    int rc = sn_io_watches_add(&epoll->watches, watch);

    if (rc < 0)
        return rc;
    rc = add_fd(epoll, watch->fd, sn_io_events_to_poll(watch->events),
                sn_io_watches_token(&epoll->watches, watch->fd));
    if (rc < 0)
        sn_io_watches_remove(&epoll->watches, watch);
    return rc;
}

static void epoll_unwatch(struct sn_io *io, struct sn_io_watch *watch)
{
    struct epoll_io *epoll = epoll_of(io);

    sn_io_watches_remove(&epoll->watches, watch);
    /* It fails only if the descriptor was closed first, which ended the
     * kernel's interest as well. */
    epoll_ctl(epoll->fd, EPOLL_CTL_DEL, watch->fd, NULL);
}

const struct sn_io_ops sn_io_epoll_ops = {
    .name = "epoll",
    .create = epoll_create_io,
    .destroy = epoll_destroy,
    .wake = epoll_wake,
    .wait = epoll_wait_io,
    .watch = epoll_watch,
    .unwatch = epoll_unwatch,
};
