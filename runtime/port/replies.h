/* SPDX-License-Identifier: MIT */
#ifndef SN_PORT_REPLIES_H
#define SN_PORT_REPLIES_H

/*
 * The last reply that each thread outside waited for, so that its views stay valid until the
 * thread waits again.
 */

#include "actor/actor.h"

#include <pthread.h>

struct sn_reply_holder;

struct sn_replies {
    const struct sn_allocator *allocator;
    pthread_key_t key; /* of the thread's holder */
    pthread_mutex_t lock;
    struct sn_reply_holder *holders; /* of all threads that ever waited */
};

/** Returns 0 or -errno (-EAGAIN: the process has no key left). */
int sn_replies_init(struct sn_replies *replies, const struct sn_allocator *allocator);

/** Free all replies that are still held. */
void sn_replies_fini(struct sn_replies *replies);

/**
 * Hold a reply for the calling thread, instead of its last one.
 *
 * Returns  0 or -ENOMEM.
 * Owns     on 0 the reply, a large block; else still the caller.
 */
int sn_replies_keep(struct sn_replies *replies, struct sn_envelope *reply);

#endif
