/* SPDX-License-Identifier: MIT */

/*
 * The back end on io_uring.
 *
 * Every watched descriptor and the bell have at most one poll request in
 * flight. A poll request is one-shot: its completion ends it, and it is armed
 * again at the next wait, in the same system call that waits; as a poll looks
 * at the descriptor when it is armed, this gives level-triggered watches. (A
 * multishot poll would be edge-triggered, and unlike epoll.)
 *
 * Arming is a list through the watches' slots, not a submission on the spot:
 * the submission queue can be full, and an old kernel (before 5.19) refuses
 * to take more while completions overflow. What does not fit stays in the
 * list for the next wait, which does not sleep as long as there are
 * completions. With more watches than completion entries the kernel keeps the
 * excess for us (IORING_FEAT_NODROP, required), and liburing fetches it; the
 * tests run with a queue of 8.
 *
 * A watch that ends cancels its poll at once, because the poll holds the file
 * open. Its late completion carries a token that is stale by then.
 *
 * Everything is the owner's but the bell. Requests belong to the thread that
 * submitted them and end with it, so only wait and unwatch, which the owner
 * calls, submit.
 */

#include "io/uring.h"

#include <errno.h>
#include <liburing.h>
#include <poll.h>
#include <sn/result.h>
#include <stdbool.h>
#include <time.h>

#include "base/base.h"
#include "io/bell.h"
#include "io/io.h"
#include "io/tsan.h"
#include "io/watches.h"

#define DEFAULT_COMPLETIONS 256u

/* Completions copied out at once, so that callbacks may submit. */
#define BATCH 32

/* Timed waits without a request of their own (5.11), and no lost completions (5.5). */
#define FEATURES (IORING_FEAT_EXT_ARG | IORING_FEAT_NODROP)

#define END_OF_LIST (-1)

struct uring_io {
    struct sn_io io;
    const struct sn_allocator *allocator;
    struct sn_io_bell bell;
    struct sn_io_watches watches;
    struct io_uring ring;
    int32_t first_to_arm; /* descriptors without a poll in flight; END_OF_LIST */
    bool ring_open;
    bool bell_armed;
};

struct completion {
    uint64_t token;
    int32_t result;
};

static struct uring_io *uring_of(struct sn_io *io)
{
    return (struct uring_io *)io; /* io is the first member */
}

static void uring_destroy(struct sn_io *io)
{
    struct uring_io *uring = uring_of(io);

    if (uring->ring_open) {
        sn_io_tsan_end(&uring->ring);
        io_uring_queue_exit(&uring->ring);
    }
    sn_io_bell_fini(&uring->bell);
    sn_io_watches_fini(&uring->watches);
    sn_alloc_free(uring->allocator, uring, sizeof(*uring));
}

static int probe_opcodes(struct io_uring *ring)
{
    struct io_uring_probe *probe = io_uring_get_probe_ring(ring);

    if (probe == NULL)
        return -EOPNOTSUPP;

    bool complete = io_uring_opcode_supported(probe, IORING_OP_POLL_ADD) &&
                    io_uring_opcode_supported(probe, IORING_OP_POLL_REMOVE);

    io_uring_free_probe(probe);
    return complete ? 0 : -EOPNOTSUPP;
}

static int open_ring(struct uring_io *uring, uint32_t completions)
{
    struct io_uring_params params = {.flags = IORING_SETUP_CQSIZE, .cq_entries = completions};
    int rc = io_uring_queue_init_params(completions / 2, &uring->ring, &params);

    if (rc < 0)
        return rc;
    uring->ring_open = true;
    sn_io_tsan_begin(&uring->ring);
    if ((params.features & FEATURES) != FEATURES)
        return -EOPNOTSUPP;
    return probe_opcodes(&uring->ring);
}

static int create_sized(const struct sn_io_ops *ops, const struct sn_allocator *allocator,
                        uint32_t completions, struct sn_io **ret_io)
{
    struct uring_io *uring = sn_alloc_zeroed(allocator, sizeof(*uring));

    if (uring == NULL)
        return -ENOMEM;
    uring->io.ops = ops;
    uring->allocator = allocator;
    uring->bell.fd = -1;
    uring->first_to_arm = END_OF_LIST;
    sn_io_watches_init(&uring->watches, allocator);

    int rc = sn_io_bell_init(&uring->bell);

    if (rc == 0)
        rc = open_ring(uring, completions);
    if (rc < 0) {
        uring_destroy(&uring->io);
        return rc;
    }
    *ret_io = &uring->io;
    return 0;
}

static int uring_create(const struct sn_io_ops *ops, const struct sn_allocator *allocator,
                        struct sn_io **ret_io)
{
    return create_sized(ops, allocator, DEFAULT_COMPLETIONS, ret_io);
}

int sn_io_uring_create_sized(const struct sn_allocator *allocator, uint32_t completions,
                             struct sn_io **ret_io)
{
    return create_sized(&sn_io_uring_ops, allocator, completions, ret_io);
}

static void uring_wake(struct sn_io *io)
{
    sn_io_bell_ring(&uring_of(io)->bell);
}

/* A free submission entry, or NULL if the kernel takes no more now. */
static struct io_uring_sqe *next_entry(struct uring_io *uring)
{
    struct io_uring_sqe *entry = io_uring_get_sqe(&uring->ring);

    if (entry == NULL && io_uring_submit(&uring->ring) > 0)
        entry = io_uring_get_sqe(&uring->ring);
    return entry;
}

static bool arm(struct uring_io *uring, int fd, uint32_t poll_events, uint64_t token)
{
    struct io_uring_sqe *entry = next_entry(uring);

    if (entry == NULL)
        return false;
    io_uring_prep_poll_add(entry, fd, poll_events);
    io_uring_sqe_set_data64(entry, token);
    return true;
}

static void list_to_arm(struct uring_io *uring, int fd)
{
    struct sn_io_slot *slot = sn_io_watches_slot(&uring->watches, fd);

    if (slot->to_arm)
        return; /* in the list since an earlier watch of this descriptor */
    slot->to_arm = true;
    slot->next_to_arm = uring->first_to_arm;
    uring->first_to_arm = fd;
}

/* True if the slot needs nothing more; an ended watch leaves its slot in the list. */
static bool arm_slot(struct uring_io *uring, struct sn_io_slot *slot)
{
    if (slot->watch == NULL || slot->armed)
        return true;
    slot->armed = arm(uring, slot->watch->fd, sn_io_events_to_poll(slot->watch->events),
                      sn_io_watches_token(&uring->watches, slot->watch->fd));
    return slot->armed;
}

static void arm_all(struct uring_io *uring)
{
    if (!uring->bell_armed)
        uring->bell_armed = arm(uring, uring->bell.fd, POLLIN, SN_IO_TOKEN_BELL);

    while (uring->first_to_arm != END_OF_LIST) {
        struct sn_io_slot *slot = sn_io_watches_slot(&uring->watches, uring->first_to_arm);

        if (!arm_slot(uring, slot))
            return;
        slot->to_arm = false;
        uring->first_to_arm = slot->next_to_arm;
    }
}

static uint64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* What an error of entering the kernel means to the one who waits. */
static int outcome(int rc)
{
    if (rc == -ETIME)
        return SN_TIMEOUT;
    /* EBUSY: completions overflow, so there are some (kernels before 5.19). */
    return rc == -EINTR || rc == -EBUSY ? 0 : rc;
}

/* Look only. A sleep of no time would really sleep, and cost 36 us instead of 0.2. */
static int submit_and_look(struct uring_io *uring)
{
    int rc = io_uring_submit_and_get_events(&uring->ring);

    return rc >= 0 ? SN_TIMEOUT : outcome(rc);
}

static int submit_and_sleep(struct uring_io *uring, uint64_t timeout_ns)
{
    struct io_uring_cqe *first = NULL;
    struct __kernel_timespec time = {.tv_sec = (int64_t)(timeout_ns / 1000000000),
                                     .tv_nsec = (int64_t)(timeout_ns % 1000000000)};

    return io_uring_submit_and_wait_timeout(&uring->ring, &first, 1,
                                            timeout_ns == SN_IO_FOREVER ? NULL : &time, NULL);
}

/*
 * 0 if there may be completions or a signal came, SN_TIMEOUT if the time is
 * over, else a negative errno.
 *
 * A call that also submitted answers with the number submitted, and thereby
 * hides how its sleep ended. Only then does the clock have to tell (the
 * kernel's own clock, not the system's option: this is about a real sleep).
 */
static int sleep_until_event(struct uring_io *uring, uint64_t timeout_ns)
{
    bool submits = io_uring_sq_ready(&uring->ring) > 0;
    bool timed = timeout_ns != SN_IO_FOREVER;
    uint64_t begin = submits && timed ? now_ns() : 0;
    int rc = submit_and_sleep(uring, timeout_ns);

    if (rc >= 0)
        return submits && timed && now_ns() - begin >= timeout_ns ? SN_TIMEOUT : 0;
    return outcome(rc);
}

static uint32_t copy_completions(struct uring_io *uring, struct completion *completions)
{
    struct io_uring_cqe *entries[BATCH];
    unsigned n = io_uring_peek_batch_cqe(&uring->ring, entries, BATCH);

    for (unsigned i = 0; i < n; i++) {
        completions[i].token = entries[i]->user_data;
        completions[i].result = entries[i]->res;
    }
    io_uring_cq_advance(&uring->ring, n);
    return n;
}

static void deliver(struct uring_io *uring, const struct completion *completion)
{
    if (completion->token == SN_IO_TOKEN_BELL) {
        uring->bell_armed = false;
        sn_io_bell_answer(&uring->bell);
        return;
    }

    struct sn_io_watch *watch = sn_io_watches_find(&uring->watches, completion->token);

    if (watch == NULL)
        return; /* ended, or the answer to its cancellation */

    sn_io_watches_slot(&uring->watches, watch->fd)->armed = false;
    if (completion->result < 0) {
        watch->on_ready(watch, SN_IO_ERROR); /* not armed again: it would fail for ever */
        return;
    }
    list_to_arm(uring, watch->fd);
    watch->on_ready(watch, sn_io_events_from_poll((uint32_t)completion->result));
}

static int uring_wait(struct sn_io *io, uint64_t timeout_ns)
{
    struct uring_io *uring = uring_of(io);
    struct completion completions[BATCH];
    uint32_t delivered = 0;
    uint32_t n;

    arm_all(uring);

    int rc = timeout_ns == 0 ? submit_and_look(uring) : sleep_until_event(uring, timeout_ns);

    /* Ends: what callbacks watch is armed at the next wait, not in this loop. */
    while ((n = copy_completions(uring, completions)) > 0) {
        for (uint32_t i = 0; i < n; i++)
            deliver(uring, &completions[i]);
        delivered += n;
    }
    return delivered > 0 ? 0 : rc;
}

static int uring_watch(struct sn_io *io, struct sn_io_watch *watch)
{
    struct uring_io *uring = uring_of(io);
    int rc = sn_io_watches_add(&uring->watches, watch);

    if (rc == 0)
        list_to_arm(uring, watch->fd);
    return rc;
}

static void uring_unwatch(struct sn_io *io, struct sn_io_watch *watch)
{
    struct uring_io *uring = uring_of(io);
    struct sn_io_slot *slot = sn_io_watches_slot(&uring->watches, watch->fd);
    uint64_t token = sn_io_watches_token(&uring->watches, watch->fd);
    bool armed = slot->armed;

    slot->armed = false;
    sn_io_watches_remove(&uring->watches, watch);
    if (!armed)
        return;

    struct io_uring_sqe *entry = next_entry(uring);

    /* Without an entry (an old kernel under overflow) the poll stays until its
     * descriptor is ready or the ring ends; nobody hears of it either way. */
    if (entry == NULL)
        return;
    io_uring_prep_poll_remove(entry, token);
    io_uring_sqe_set_data64(entry, SN_IO_TOKEN_NOBODY);
    io_uring_submit(&uring->ring);
}

const struct sn_io_ops sn_io_uring_ops = {
    .name = "io_uring",
    .create = uring_create,
    .destroy = uring_destroy,
    .wake = uring_wake,
    .wait = uring_wait,
    .watch = uring_watch,
    .unwatch = uring_unwatch,
};
