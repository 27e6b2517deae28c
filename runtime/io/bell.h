/* SPDX-License-Identifier: MIT */
#ifndef SN_IO_BELL_H
#define SN_IO_BELL_H

/*
 * The door bell of a back end: an eventfd, and a flag that makes any number
 * of rings before an answer cost one system call.
 */

#include <stdatomic.h>

struct sn_io_bell {
    int fd;           /* readable while somebody rang and nobody answered */
    atomic_uint rung; /* 1 from the first ring to the answer */
};

/**
 * Make the eventfd.
 *
 * Returns  0; < 0 negative errno.
 */
int sn_io_bell_init(struct sn_io_bell *bell);

/** Close it; nobody rings any more. */
void sn_io_bell_fini(struct sn_io_bell *bell);

/** Ring. Threads: any; never blocks; async-signal-safe. */
void sn_io_bell_ring(struct sn_io_bell *bell);

/** Silence it, after the fd was seen readable. Threads: the owner. */
void sn_io_bell_answer(struct sn_io_bell *bell);

#endif
