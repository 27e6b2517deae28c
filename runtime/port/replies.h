/* SPDX-License-Identifier: MIT */
#ifndef SN_PORT_REPLIES_H
#define SN_PORT_REPLIES_H

/*
 * The last reply that each thread waited for at a port, so that its views stay valid until the
 * thread waits again. See replies.c.
 */

#include "actor/actor.h"

enum { SN_REPLY_BUCKETS = 16 };

struct sn_reply_holder;

/* All zero: holds nothing. Belongs to the port, and is under its lock. */
struct sn_replies {
    struct sn_reply_holder *buckets[SN_REPLY_BUCKETS];
};

/** Free all replies that are held. */
void sn_replies_fini(struct sn_replies *replies, const struct sn_allocator *allocator);

/**
 * Hold a reply for the calling thread, instead of its last one.
 *
 * Returns  0 or -ENOMEM.
 * Owns     on 0 the reply, a large block; else still the caller.
 */
int sn_replies_keep(struct sn_replies *replies, const struct sn_allocator *allocator,
                    struct sn_envelope *reply);

#endif
