/* SPDX-License-Identifier: MIT */

/*
 * The choice of a back end, and the way through its operations. There is no
 * state here: everything belongs to the back end.
 */

#include "io/io.h"

#include <stddef.h>

#include "base/base.h"
#include "io/epoll.h"
#include "io/uring.h"

int sn_io_create(enum sn_io_kind kind, const struct sn_allocator *allocator, struct sn_io **ret_io)
{
    if (kind == SN_IO_EPOLL)
        return sn_io_create_from(&sn_io_epoll_ops, allocator, ret_io);

    int rc = sn_io_create_from(&sn_io_uring_ops, allocator, ret_io);

    /* Whatever refused io_uring (an old kernel, a sandbox, a limit on locked
     * memory), epoll is its equal; if memory is short, it will say so too. */
    if (rc < 0 && kind == SN_IO_AUTO)
        rc = sn_io_create_from(&sn_io_epoll_ops, allocator, ret_io);
    return rc;
}

int sn_io_create_from(const struct sn_io_ops *ops, const struct sn_allocator *allocator,
                      struct sn_io **ret_io)
{
    return ops->create(ops, allocator, ret_io);
}

void sn_io_destroy(struct sn_io *io)
{
    if (io != NULL)
        io->ops->destroy(io);
}

void sn_io_wake(struct sn_io *io)
{
    io->ops->wake(io);
}

int sn_io_wait(struct sn_io *io, uint64_t timeout_ns)
{
    return io->ops->wait(io, timeout_ns);
}

int sn_io_watch(struct sn_io *io, int fd, uint32_t events, struct sn_io_watch *watch)
{
    SN_ASSERT(watch->on_ready != NULL);
    SN_ASSERT(events != 0 && (events & ~(SN_IO_READABLE | SN_IO_WRITABLE)) == 0);

    watch->fd = fd;
    watch->events = events;
    return io->ops->watch(io, watch);
}

void sn_io_unwatch(struct sn_io *io, struct sn_io_watch *watch)
{
    io->ops->unwatch(io, watch);
}

const char *sn_io_name(const struct sn_io *io)
{
    return io->ops->name;
}
