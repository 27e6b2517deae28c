/* SPDX-License-Identifier: MIT */

/*
 * io_uring may be forbidden where the tests run; then its variants are left
 * out, and the program says so, for nothing of them was tested.
 */

#include "backends.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "base/base.h"
#include "io/io.h"
#include "io/uring.h"
#include "sandbox.h"

int backend_count(void)
{
    struct sn_io *io = NULL;
    int rc = sn_io_create(SN_IO_URING, &sn_allocator_system, &io);

    sn_io_destroy(io);
    if (rc < 0)
        printf("io_uring is not available here (%d): testing epoll only\n", rc);
    return rc < 0 ? BACKEND_URING : BACKENDS;
}

int backend_create(enum backend backend, const struct sn_allocator *allocator,
                   struct sn_io **ret_io)
{
    switch (backend) {
    case BACKEND_EPOLL_MILLISECONDS:
        ck_assert_int_eq(sandbox_deny(SYS_epoll_pwait2, ENOSYS), 0);
        return sn_io_create(SN_IO_EPOLL, allocator, ret_io);
    case BACKEND_URING:
        return sn_io_create(SN_IO_URING, allocator, ret_io);
    case BACKEND_URING_SMALL:
        return sn_io_uring_create_sized(allocator, 8, ret_io);
    case BACKEND_EPOLL:
    case BACKENDS:
        break;
    }
    return sn_io_create(SN_IO_EPOLL, allocator, ret_io);
}

struct sn_io *backend_open(enum backend backend)
{
    struct sn_io *io = NULL;

    ck_assert_int_eq(backend_create(backend, &sn_allocator_system, &io), 0);
    return io;
}
