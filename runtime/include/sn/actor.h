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
 * Returns  memory set to zero, aligned for any type; NULL when there is none.
 * Owns     the incarnation; give it back early by sn_free().
 */
SN_API void *sn_alloc(struct sn_actor *actor, size_t size);

/**
 * Memory that lives until the handler returns.
 *
 * @size  in bytes.
 *
 * Returns  memory, not cleared, aligned for any type; NULL when there is none.
 * Owns     the runtime: it is freed when the handler returns, whatever it returns.
 */
SN_API void *sn_scratch(struct sn_actor *actor, size_t size);

/** Give back memory of sn_alloc(); NULL is allowed. */
SN_API void sn_free(struct sn_actor *actor, void *memory);

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
