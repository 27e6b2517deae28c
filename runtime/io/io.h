/* SPDX-License-Identifier: MIT */
#ifndef SN_IO_IO_H
#define SN_IO_IO_H

/*
 * The I/O back end of one shard: the only place where a shard's thread
 * sleeps.
 *
 * The thread that calls sn_io_wait() owns the back end; sn_io_wake() is the
 * one function for other threads. Two equal back ends exist, io_uring and
 * epoll; the simulator supplies a third through struct sn_io_ops.
 *
 * A wake-up is never lost: one that arrives before the wait makes the next
 * wait return at once. Wake-ups coalesce: any number before a wait costs one
 * write and ends one wait.
 */

#include <stdint.h>

struct sn_allocator;
struct sn_io;
struct sn_io_ops;
struct sn_io_watch;

/* For sn_io_wait(): no time-out. */
#define SN_IO_FOREVER UINT64_MAX

/* What to watch for, and what happened. HANGUP and ERROR are always reported. */
#define SN_IO_READABLE UINT32_C(1)
#define SN_IO_WRITABLE UINT32_C(2)
#define SN_IO_HANGUP UINT32_C(4)
#define SN_IO_ERROR UINT32_C(8)

enum sn_io_kind {
    SN_IO_AUTO, /* io_uring where it is allowed and complete, else epoll */
    SN_IO_URING,
    SN_IO_EPOLL
};

/* The first member of every back end's own struct. */
struct sn_io {
    const struct sn_io_ops *ops;
};

/*
 * A back end. `create` gets its own ops back, so that an implementation may
 * embed them in a larger struct and keep its state there.
 */
struct sn_io_ops {
    const char *name;
    int (*create)(const struct sn_io_ops *ops, const struct sn_allocator *allocator,
                  struct sn_io **ret_io);
    void (*destroy)(struct sn_io *io); /* never NULL */
    void (*wake)(struct sn_io *io);
    int (*wait)(struct sn_io *io, uint64_t timeout_ns);
    int (*watch)(struct sn_io *io, struct sn_io_watch *watch);
    void (*unwatch)(struct sn_io *io, struct sn_io_watch *watch);
};

/*
 * Interest in a file descriptor, embedded by whoever is interested. The
 * caller sets on_ready; the rest belongs to the back end while watched.
 *
 * on_ready runs inside sn_io_wait() on the owner's thread, once a wait for as
 * long as the condition holds (level-triggered). It may watch and unwatch
 * anything, itself included; after unwatch it is not called any more.
 */
struct sn_io_watch {
    void (*on_ready)(struct sn_io_watch *watch, uint32_t events);
    int fd;
    uint32_t events;
};

/**
 * Make a back end.
 *
 * @kind       AUTO tries io_uring first and takes epoll if the kernel or a
 *             sandbox refuses.
 * @allocator  outlives the back end.
 * @ret_io     set on 0 only.
 *
 * Returns  0; -ENOMEM; -EMFILE or -ENFILE; for SN_IO_URING also the kernel's
 *          refusal (-ENOSYS, -EPERM, -EOPNOTSUPP if something needed is missing).
 * Threads  any; the first to wait becomes the owner.
 * Owns     the caller; sn_io_destroy() ends it.
 */
int sn_io_create(enum sn_io_kind kind, const struct sn_allocator *allocator, struct sn_io **ret_io);

/**
 * Make a back end from its operations (the simulator's way in).
 *
 * Returns  what ops->create returns.
 * Threads  any.
 * Owns     the caller; sn_io_destroy() ends it.
 */
int sn_io_create_from(const struct sn_io_ops *ops, const struct sn_allocator *allocator,
                      struct sn_io **ret_io);

/**
 * End a back end; watches still there are forgotten, their descriptors stay open.
 *
 * @io  may be NULL.
 *
 * Threads  the owner, when no thread can call sn_io_wake() any more.
 */
void sn_io_destroy(struct sn_io *io);

/**
 * Make the present or the next sn_io_wait() return 0.
 *
 * What the caller wrote before is visible to the owner after that wait.
 *
 * Threads  any; never blocks; async-signal-safe.
 */
void sn_io_wake(struct sn_io *io);

/**
 * Sleep until woken, until a watched descriptor is ready (its on_ready runs
 * here), or until the time is over.
 *
 * @timeout_ns  relative; 0 looks and returns; SN_IO_FOREVER. Never returns
 *              SN_TIMEOUT early.
 *
 * Returns  0: look for work (woken, a watch ran, or a signal came: it may be
 *          spurious); SN_TIMEOUT: the time is over and nothing happened;
 *          < 0 negative errno.
 * Threads  the owner; not from on_ready.
 */
int sn_io_wait(struct sn_io *io, uint64_t timeout_ns);

/**
 * Watch a descriptor.
 *
 * @fd      pollable and open until unwatched; watched once at a time.
 * @events  SN_IO_READABLE, SN_IO_WRITABLE or both.
 * @watch   on_ready is set; stays in place until unwatched.
 *
 * Returns  0; -ENOMEM; -EEXIST (the fd is watched already); -EBADF; -EPERM (a
 *          file or a folder: always ready, so it cannot be waited for).
 * Threads  the owner.
 */
int sn_io_watch(struct sn_io *io, int fd, uint32_t events, struct sn_io_watch *watch);

/**
 * Stop watching; on_ready is not called any more. Call it before closing the
 * descriptor.
 *
 * Threads  the owner.
 */
void sn_io_unwatch(struct sn_io *io, struct sn_io_watch *watch);

/**
 * Name the back end: "io_uring", "epoll" or the simulator's.
 *
 * Threads  any.
 */
const char *sn_io_name(const struct sn_io *io);

#endif
