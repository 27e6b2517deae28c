/* SPDX-License-Identifier: MIT */

/*
 * Why no ring is lost.
 *
 * A ringing thread sets `rung` and writes to the eventfd only if it was the
 * first to set it. The owner, seeing the eventfd readable, first empties it
 * and then clears `rung`. So whoever finds `rung` set either precedes a write
 * that has yet to wake the owner, or precedes the owner's clearing, after
 * which the owner looks for work: in both cases the owner will see what the
 * ringing thread did before. Clearing before emptying would be wrong: the
 * emptying could then swallow the write of a ring that came in between.
 *
 * The eventfd is non-blocking, so neither side can hang: a full counter takes
 * 2^64 - 2 rings, and emptying an empty one just fails.
 */

#include "io/bell.h"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

int sn_io_bell_init(struct sn_io_bell *bell)
{
    /* Relaxed: no other thread knows the bell yet. */
    atomic_store_explicit(&bell->rung, 0, memory_order_relaxed);
    bell->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return bell->fd < 0 ? -errno : 0;
}

void sn_io_bell_fini(struct sn_io_bell *bell)
{
    if (bell->fd >= 0)
        close(bell->fd);
    bell->fd = -1;
}

void sn_io_bell_ring(struct sn_io_bell *bell)
{
    /* B1 release, pairs with B2: the work handed over before the ring is
     * visible to the owner, also when this ring is merged into an earlier
     * one. Acquire is not needed: nothing is read. */
    if (atomic_exchange_explicit(&bell->rung, 1, memory_order_release))
        return;

    int saved = errno;
    ssize_t written = write(bell->fd, &(uint64_t){1}, sizeof(uint64_t));

    (void)written; /* it can fail on a full counter only, and that one wakes too */
    errno = saved;
}

void sn_io_bell_answer(struct sn_io_bell *bell)
{
    uint64_t count;
    ssize_t got = read(bell->fd, &count, sizeof(count));

    (void)got; /* EAGAIN: answered already */
    /* B2 acquire, pairs with B1. An exchange, not a store: it must read the
     * latest ring, for that is the one whose work it has to see. */
    atomic_exchange_explicit(&bell->rung, 0, memory_order_acquire);
}
