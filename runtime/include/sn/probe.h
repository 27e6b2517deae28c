/* SPDX-License-Identifier: MIT */
#ifndef SN_PROBE_H
#define SN_PROBE_H

/*
 * One actor alone, for unit tests and fuzzers: the real runtime runs its handlers, and what they
 * do is kept to be looked at instead of being delivered. No thread, no other actor, no supervisor;
 * the time stands still until it is moved.
 *
 * Programs use it through the typed functions of <package>_<worker>_test.h, which `sngen generate
 * --with-tests` writes; this is what those functions end in. All of it belongs to one thread.
 * Asking for what cannot be (a handler of an actor that has ended, the completion of an ask that is
 * not open, a timer that is not armed) is a mistake of the test, and aborts.
 */

#include <sn/generated.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sn_probe;

/* All zero is a good choice. */
struct sn_probe_options {
    uint32_t index;                       /* of the actor in its pool */
    uint64_t seed;                        /* of sn_random() */
    const struct sn_allocator *allocator; /* NULL: the C library's */
};

/**
 * Make a package's actor, without an incarnation.
 *
 * @pool      whose member it is.
 * @args      of `args_size` bytes, zero, for the caller to fill before it is started.
 *
 * Returns  0; -ENOMEM; what is wrong with the package's partitions.
 * Owns     the caller, until sn_probe_destroy().
 */
SN_API int sn_probe_create(const struct sn_package *package, uint16_t pool,
                           const struct sn_probe_options *options, size_t args_size,
                           void **ret_args, struct sn_probe **ret_probe);

/** End the incarnation, if there is one, and free everything. NULL is allowed. */
SN_API void sn_probe_destroy(struct sn_probe *probe);

/**
 * Begin an incarnation; the first, or the next one after a failure, a stop or sn_probe_end().
 *
 * Returns  0, or what init returned instead: there is no incarnation then.
 */
SN_API int sn_probe_start(struct sn_probe *probe);

/** End the incarnation as a supervisor does for a restart: `shutdown` sees SN_SHUTDOWN. */
SN_API void sn_probe_end(struct sn_probe *probe);

/** Whether there is an incarnation. */
SN_API bool sn_probe_is_alive(const struct sn_probe *probe);

/** The worker's struct. */
SN_API void *sn_probe_self(struct sn_probe *probe);

/**
 * The text of the first invariant that did not hold after a handler, or what the failure of a
 * handler has changed although it must not; NULL: none.
 */
SN_API const char *sn_probe_broken(const struct sn_probe *probe);

/* ---- running handlers ------------------------------------------------------------------- */

/**
 * Begin a message to the actor; write its payload, then sn_probe_run().
 *
 * Returns  0; SN_TOO_LARGE for the pool's mailbox; -ENOMEM.
 */
SN_API int sn_probe_message(struct sn_probe *probe, uint16_t message, size_t size,
                            void **ret_payload);

/**
 * Begin a dead letter that the actor is shown; write the message's payload, then sn_probe_run().
 *
 * @message  one that the worker names, or UINT16_MAX: any other.
 * @letter   what it says, copied; NULL: that the message was for somebody who is gone.
 * @size     0 without fields, and for any other.
 *
 * Returns  as sn_probe_message().
 */
SN_API int sn_probe_letter(struct sn_probe *probe, uint16_t message,
                           const struct sn_dead_letter *letter, size_t size, void **ret_payload);

/**
 * Begin the reply to an open ask; write it, then sn_probe_run().
 *
 * @which  of the role's open asks, the oldest being 0.
 *
 * Returns  0 or -ENOMEM.
 */
SN_API int sn_probe_reply(struct sn_probe *probe, uint16_t role, uint32_t which, size_t size,
                          void **ret_payload);

/**
 * Run the handler of what was begun, and whatever follows from it at once.
 *
 * @ret_token  NULL, or the reply address of a request.
 *
 * Returns  what the handler returned; SN_FULL: it has not run, because the actor waits for room.
 */
SN_API int sn_probe_run(struct sn_probe *probe, sn_reply_token *ret_token);

/**
 * End an open ask with an error; where the edge retries, only this try of it ends, and the next one
 * goes out after its pause, in sn_probe_advance().
 *
 * Returns  what the completion returned; 0: there was none, because it will be asked again.
 */
SN_API int sn_probe_fail(struct sn_probe *probe, uint16_t role, uint32_t which, int outcome);

/** Let an armed timer fire now. Returns what its handler returned. */
SN_API int sn_probe_fire(struct sn_probe *probe, uint16_t timer);

/** Whether a timer is armed. */
SN_API bool sn_probe_is_armed(const struct sn_probe *probe, uint16_t timer);

/**
 * Let another actor end that this one watches or is linked with.
 *
 * @reason  SN_STOP, SN_SHUTDOWN; anything else is a failure, which links share.
 *
 * Returns  what the handler of its DOWN returned; without one the reason that the actor has failed
 *          with, or 0.
 */
SN_API int sn_probe_down(struct sn_probe *probe, uint16_t pool, uint32_t index, int reason);

/** Whether the actor watches another, or is linked with it. */
SN_API bool sn_probe_watches(const struct sn_probe *probe, uint16_t pool, uint32_t index);
SN_API bool sn_probe_is_linked(const struct sn_probe *probe, uint16_t pool, uint32_t index);

/** Let time pass, with the timers, retries and the deadlines of asks in it. Returns the first
 * result of a handler that is not 0. */
SN_API int sn_probe_advance(struct sn_probe *probe, uint64_t duration_ns);

/** Let the mailboxes of a pool be full, or not any more. */
SN_API void sn_probe_fill(struct sn_probe *probe, uint16_t pool, bool full);

/* ---- what the last of these calls has done ---------------------------------------------- */

/**
 * A message that was sent.
 *
 * @which        of those to this pool, from 0.
 * @ret_index    NULL, or the member that it was sent to.
 * @ret_payload  NULL, or the message; lives until the next call that runs something.
 *
 * Returns  whether there is such a one.
 */
SN_API bool sn_probe_sent(const struct sn_probe *probe, uint16_t pool, uint16_t message,
                          uint32_t which, uint32_t *ret_index, const void **ret_payload);

/** The request of an open ask, by its role, whoever has made it when. Otherwise the same. */
SN_API bool sn_probe_asked(const struct sn_probe *probe, uint16_t role, uint32_t which,
                           uint32_t *ret_index, const void **ret_payload);

/** A reply address of the test's own, to be put into a message that hands one on. @message  the
 * request. Zero without memory. */
SN_API sn_reply_token sn_probe_open(struct sn_probe *probe, uint16_t message);

/**
 * The outcome of a request.
 *
 * @ret_payload  NULL, or the reply; lives as long as the probe.
 *
 * Returns  0: replied; the error that it was refused with, SN_UNANSWERED or SN_FAILED; -EAGAIN:
 *          not yet.
 */
SN_API int sn_probe_answer(const struct sn_probe *probe, sn_reply_token token,
                           const void **ret_payload);

/**
 * All of it in order, a line each, as "send accounts[2] rename", "ask credit accounts[0] deposit",
 * "reply transfer", "refuse transfer: 1000", "start idle", "cancel idle", "watch accounts[2]",
 * "unlink disks[0]". What finds no room and is parked, or tried again, is "wait accounts[2] rename"
 * first and "send accounts[2] rename" when it leaves, or "dead letter accounts[2] rename" after the
 * last try.
 *
 * Returns  a text that lives until the next call of anything; "" for nothing, or without memory.
 */
SN_API const char *sn_probe_text(struct sn_probe *probe);

/** How many sends, asks and tries a circuit breaker has refused. */
SN_API uint32_t sn_probe_refused(const struct sn_probe *probe);

#ifdef __cplusplus
}
#endif
#endif
