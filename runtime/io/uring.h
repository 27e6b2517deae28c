/* SPDX-License-Identifier: MIT */
#ifndef SN_IO_URING_H
#define SN_IO_URING_H

#include <stdint.h>

struct sn_allocator;
struct sn_io;
struct sn_io_ops;

/* The back end on io_uring(7). */
extern const struct sn_io_ops sn_io_uring_ops;

/**
 * Make one with a completion queue of a given size (the tests' 8).
 *
 * @completions  a power of two, >= 2; the submission queue gets half of it.
 *
 * Returns  as sn_io_create().
 */
int sn_io_uring_create_sized(const struct sn_allocator *allocator, uint32_t completions,
                             struct sn_io **ret_io);

#endif
