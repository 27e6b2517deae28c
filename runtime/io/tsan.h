/* SPDX-License-Identifier: MIT */
#ifndef SN_IO_TSAN_H
#define SN_IO_TSAN_H

/*
 * liburing maps and unmaps its memory by system calls that ThreadSanitizer does not see. When the
 * kernel gives the memory of a ring that has ended to a new one, it takes the threads of both for
 * users of one ring. So the end of a ring is said to come before the begin of the next one in the
 * same pages. Nothing in other builds.
 */

#include <liburing.h>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SN_IO_TSAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define SN_IO_TSAN 1
#endif

#ifdef SN_IO_TSAN
#include <sanitizer/tsan_interface.h>

enum { SN_IO_TSAN_PAGE = 4096 };

static inline void sn_io_tsan_pages(char *memory, size_t size, void (*say)(void *address))
{
    for (size_t offset = 0; offset < size; offset += SN_IO_TSAN_PAGE)
        say(memory + offset);
}

static inline void sn_io_tsan_ring(struct io_uring *ring, void (*say)(void *address))
{
    size_t entries = *ring->sq.kring_entries;

    sn_io_tsan_pages((char *)ring->sq.sqes, entries * sizeof(struct io_uring_sqe), say);
    sn_io_tsan_pages((char *)ring->sq.ring_ptr, ring->sq.ring_sz, say);
}
#endif

/* A ring has been made, maybe in the memory of one that has ended. */
static inline void sn_io_tsan_begin(struct io_uring *ring)
{
#ifdef SN_IO_TSAN
    sn_io_tsan_ring(ring, __tsan_acquire);
#else
    (void)ring;
#endif
}

/* A ring is about to end. */
static inline void sn_io_tsan_end(struct io_uring *ring)
{
#ifdef SN_IO_TSAN
    sn_io_tsan_ring(ring, __tsan_release);
#else
    (void)ring;
#endif
}

#endif
