/* SPDX-License-Identifier: MIT */

/*
 * A table indexed by descriptor: small integers that the kernel hands out
 * lowest first, so the table is dense and needs neither hashing nor a list of
 * free entries. It doubles when a higher descriptor comes and never shrinks
 * before the back end ends; growing happens in sn_io_watch() only, which can
 * report -ENOMEM.
 *
 * A slot's generation grows whenever its watch ends. It has 32 bits: an event
 * would have to stay undelivered for 2^32 watches of one descriptor to be
 * taken for another's.
 */

#include "io/watches.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>

#include "base/base.h"
#include "io/io.h"

#define FIRST_CAPACITY 64u

void sn_io_watches_init(struct sn_io_watches *watches, const struct sn_allocator *allocator)
{
    *watches = (struct sn_io_watches){.allocator = allocator};
}

void sn_io_watches_fini(struct sn_io_watches *watches)
{
    if (watches->slots != NULL)
        sn_alloc_free(watches->allocator, watches->slots,
                      watches->capacity * sizeof(*watches->slots));
    watches->slots = NULL;
    watches->capacity = 0;
}

static int grow(struct sn_io_watches *watches, uint32_t fd)
{
    uint32_t capacity = watches->capacity ? watches->capacity : FIRST_CAPACITY;

    while (capacity <= fd)
        capacity *= 2;

    struct sn_io_slot *slots =
        sn_alloc_zeroed(watches->allocator, (size_t)capacity * sizeof(*slots));

    if (slots == NULL)
        return -ENOMEM;
    if (watches->slots != NULL)
        memcpy(slots, watches->slots, watches->capacity * sizeof(*slots));
    sn_io_watches_fini(watches);
    watches->slots = slots;
    watches->capacity = capacity;
    return 0;
}

/* Whether the descriptor is open and something that one can wait for. */
static int check_fd(int fd)
{
    struct stat status;

    if (fstat(fd, &status) < 0)
        return -errno;
    return S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) ? -EPERM : 0;
}

int sn_io_watches_add(struct sn_io_watches *watches, struct sn_io_watch *watch)
{
    int rc = check_fd(watch->fd);
    uint32_t fd = (uint32_t)watch->fd;

    if (rc == 0 && fd >= watches->capacity)
        rc = grow(watches, fd);
    if (rc < 0)
        return rc;
    if (watches->slots[fd].watch != NULL)
        return -EEXIST;
    watches->slots[fd].watch = watch;
    return 0;
}

void sn_io_watches_remove(struct sn_io_watches *watches, struct sn_io_watch *watch)
{
    struct sn_io_slot *slot = sn_io_watches_slot(watches, watch->fd);

    SN_ASSERT(slot->watch == watch);
    slot->watch = NULL;
    slot->generation++;
}

struct sn_io_slot *sn_io_watches_slot(struct sn_io_watches *watches, int fd)
{
    SN_ASSERT(fd >= 0 && (uint32_t)fd < watches->capacity);
    return &watches->slots[fd];
}

uint64_t sn_io_watches_token(const struct sn_io_watches *watches, int fd)
{
    return (uint64_t)watches->slots[fd].generation << 32 | (uint32_t)fd;
}

struct sn_io_watch *sn_io_watches_find(const struct sn_io_watches *watches, uint64_t token)
{
    uint32_t fd = (uint32_t)token;

    if (fd >= watches->capacity || watches->slots[fd].generation != (uint32_t)(token >> 32))
        return NULL;
    return watches->slots[fd].watch;
}

uint32_t sn_io_events_to_poll(uint32_t events)
{
    return (events & SN_IO_READABLE ? (uint32_t)POLLIN : 0) |
           (events & SN_IO_WRITABLE ? (uint32_t)POLLOUT : 0);
}

uint32_t sn_io_events_from_poll(uint32_t poll_events)
{
    return (poll_events & POLLIN ? SN_IO_READABLE : 0) |
           (poll_events & POLLOUT ? SN_IO_WRITABLE : 0) |
           (poll_events & POLLHUP ? SN_IO_HANGUP : 0) |
           (poll_events & (POLLERR | POLLNVAL) ? SN_IO_ERROR : 0);
}
