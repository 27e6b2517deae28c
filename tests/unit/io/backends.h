/* SPDX-License-Identifier: MIT */
#ifndef SN_TESTS_IO_BACKENDS_H
#define SN_TESTS_IO_BACKENDS_H

/*
 * The back ends that every test of this folder runs over. Tests are loop
 * tests: `_i` is one of these, from 0 to backend_count() - 1.
 */

struct sn_allocator;
struct sn_io;

enum backend {
    BACKEND_EPOLL,
    BACKEND_EPOLL_MILLISECONDS, /* epoll_pwait2 taken away */
    BACKEND_URING,
    BACKEND_URING_SMALL, /* completion queue of 8 entries */
    BACKENDS
};

/** How many there are on this machine: those on io_uring come last and may be missing. */
int backend_count(void);

/** Make one; as sn_io_create(). */
int backend_create(enum backend backend, const struct sn_allocator *allocator,
                   struct sn_io **ret_io);

/** Make one that the test cannot go on without. */
struct sn_io *backend_open(enum backend backend);

#endif
