/* SPDX-License-Identifier: MIT */
#ifndef SN_IO_WATCHES_H
#define SN_IO_WATCHES_H

/*
 * Who watches which descriptor, and which events of the kernel's are stale.
 *
 * The kernel reports events in batches, and a callback may end any watch of
 * the same batch; therefore the kernel is never given a pointer. It gets a
 * token, descriptor plus generation, and a token whose watch has ended is
 * recognised and dropped. One owner thread; no atomics.
 */

#include <stdbool.h>
#include <stdint.h>

struct sn_allocator;
struct sn_io_watch;

/* Tokens that no watch has. */
#define SN_IO_TOKEN_BELL (UINT64_MAX - 2)
#define SN_IO_TOKEN_NOBODY (UINT64_MAX - 3)

struct sn_io_slot {
    struct sn_io_watch *watch; /* NULL: nobody */
    uint32_t generation;
    int32_t next_to_arm; /* io_uring: a list through the slots; see there */
    bool to_arm;
    bool armed;
};

struct sn_io_watches {
    const struct sn_allocator *allocator;
    struct sn_io_slot *slots; /* by descriptor */
    uint32_t capacity;
};

/** Start empty, without memory. */
void sn_io_watches_init(struct sn_io_watches *watches, const struct sn_allocator *allocator);

/** Free the table; watches still there are forgotten. */
void sn_io_watches_fini(struct sn_io_watches *watches);

/**
 * Enter a watch under its descriptor; all real back ends thus refuse the same ones.
 *
 * Returns  0; -EEXIST; -EBADF; -EPERM (a file or a folder); -ENOMEM.
 */
int sn_io_watches_add(struct sn_io_watches *watches, struct sn_io_watch *watch);

/** Take a watch out; its token is stale from now on. */
void sn_io_watches_remove(struct sn_io_watches *watches, struct sn_io_watch *watch);

/** The slot of a descriptor that was added once. */
struct sn_io_slot *sn_io_watches_slot(struct sn_io_watches *watches, int fd);

/** What the kernel is told for a descriptor's present watch. */
uint64_t sn_io_watches_token(const struct sn_io_watches *watches, int fd);

/** The watch of a token; NULL if it has ended. */
struct sn_io_watch *sn_io_watches_find(const struct sn_io_watches *watches, uint64_t token);

/** SN_IO_* bits as poll(2) bits, and back. */
uint32_t sn_io_events_to_poll(uint32_t events);
uint32_t sn_io_events_from_poll(uint32_t poll_events);

#endif
