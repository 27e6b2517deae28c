/* SPDX-License-Identifier: MIT */
#ifndef SN_ACTOR_H
#define SN_ACTOR_H

/*
 * What a handler may ask of its own actor. Every worker's struct begins with
 * `struct sn_actor *sn`; all functions here are called by that actor's handlers, hooks and
 * completions only, on its shard's thread.
 */

#include <sn/value.h>

#ifdef __cplusplus
extern "C" {
#endif

struct sn_actor;

/**
 * The time, in nanoseconds of a monotonic clock.
 *
 * Returns  the time at which this shard's pass began or was last refreshed: cheap, and the same
 *          for all messages handled together; at most a few dozen turns old.
 */
SN_API uint64_t sn_now(const struct sn_actor *actor);

/** The next number of the shard's seeded random sequence: 64 random bits. */
SN_API uint64_t sn_random(struct sn_actor *actor);

/** The reference of the actor itself; valid across its restarts. */
SN_API sn_ref sn_self(const struct sn_actor *actor);

/** The actor's index in its pool, from 0. */
SN_API uint32_t sn_self_index(const struct sn_actor *actor);

/** The shard that the actor lives on, from 0. */
SN_API uint32_t sn_self_shard(const struct sn_actor *actor);

/** The sender of the message being handled; the zero reference for threads outside. */
SN_API sn_ref sn_source(const struct sn_actor *actor);

/** When the message being handled was sent, in nanoseconds of the sender's sn_now(). */
SN_API uint64_t sn_sent_ns(const struct sn_actor *actor);

/**
 * Memory that lives until the incarnation of the actor ends.
 *
 * @size  in bytes.
 *
 * Returns  memory set to zero, aligned for any type; NULL when there is none, or when the actor
 *          would hold more than its worker's `memory`. Blocks come in sizes, and whole blocks
 *          count, 32 bytes of which are the runtime's.
 * Owns     the incarnation; give it back early by sn_free().
 */
SN_API void *sn_alloc(struct sn_actor *actor, size_t size);

/**
 * Memory that lives until the handler returns.
 *
 * @size  in bytes.
 *
 * Returns  memory, not cleared, aligned for any type; NULL as sn_alloc().
 * Owns     the runtime: it is freed when the handler returns, whatever it returns.
 */
SN_API void *sn_scratch(struct sn_actor *actor, size_t size);

/** Give back memory of sn_alloc() to the same actor; NULL is allowed. */
SN_API void sn_free(struct sn_actor *actor, void *memory);

/**
 * Have something cleaned up when the incarnation of the actor ends, however it ends: by a stop, a
 * failure return, sn_fail() or a failed assertion. For what is not sn_alloc()'s: a file, a handle
 * of a library, a lock. The last registered is cleaned up first, before the `fini` functions of
 * the state and before the memory of sn_alloc() goes.
 *
 * @clean_up  is called with the resource, on the shard's thread. What it sends does not leave.
 *
 * Returns  0; -ENOMEM (also beyond the worker's `memory`): nothing was registered.
 * Owns     on 0 the incarnation will call it once; sn_undefer() takes that back.
 */
SN_API int sn_defer(struct sn_actor *actor, void (*clean_up)(void *resource), void *resource);

/**
 * Forget the clean-up that was registered last for a resource, without calling it.
 *
 * Returns  whether there was one.
 */
SN_API bool sn_undefer(struct sn_actor *actor, const void *resource);

/**
 * Fail from any depth of a handler, hook, completion or timer: as if the handler had returned
 * `reason`, but at once. Its sends, replies, asks and timers do not happen, `retain` is as before,
 * clean-ups of sn_defer() and `fini` functions run, memory of sn_alloc() is freed, and the
 * supervisor decides. Unlike after a failure return, the shutdown hook does not run.
 *
 * The functions between the handler and this call do not return, as after longjmp(): what they
 * hold by malloc() stays allocated, a lock that they hold stays locked, unless sn_defer() knows
 * of it. They must be C: unwinding through frames of C++, or through a library that has called
 * back (qsort(), a parser, an iterator), is undefined.
 *
 * @reason  0, SN_STOP and SN_IGNORE are no failures and become SN_FAILED.
 *
 * Returns  never.
 * Threads  the actor's own, inside code that the runtime called for this actor; elsewhere the
 *          process aborts.
 */
SN_API SN_NORETURN void sn_fail(struct sn_actor *actor, int reason);

/** What sn_assert() calls: log the condition and its place, then sn_fail(SN_FAILED_ASSERTION). */
SN_API SN_NORETURN void sn_fail_assertion(struct sn_actor *actor, const char *condition,
                                          const char *file, int line);

/**
 * Fail unless a condition holds, in release builds too: sn_assert(self->sn, balance >= 0).
 *
 * The one macro here, because only the preprocessor knows the text of the condition and its place,
 * which the log then names. It evaluates each argument once.
 */
#define sn_assert(actor, condition) \
    ((condition) ? (void)0 : sn_fail_assertion((actor), #condition, __FILE__, __LINE__))

/**
 * Make the actor known under a name, for sn_lookup().
 *
 * @name  1 to 255 bytes; the names of pools and `pool/index` are taken already.
 *
 * Returns  0; -EEXIST when the name is taken; -EINVAL; -ENOMEM. Takes effect at once, and ends
 *          with the incarnation.
 */
SN_API int sn_register(struct sn_actor *actor, struct sn_string name);

#ifdef __cplusplus
}
#endif
#endif
