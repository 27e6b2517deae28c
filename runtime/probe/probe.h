/* SPDX-License-Identifier: MIT */
#ifndef SN_PROBE_PROBE_H
#define SN_PROBE_PROBE_H

/*
 * One actor alone: see README.md.
 */

#include "system/system.h"

#include <sn/probe.h>
#include <stddef.h>

enum sn_probe_kind {
    SN_PROBE_SENT,
    SN_PROBE_ASKED,
    SN_PROBE_REPLIED,
    SN_PROBE_REFUSED,
    SN_PROBE_STARTED,
    SN_PROBE_CANCELLED,
    SN_PROBE_WATCHED,
    SN_PROBE_UNWATCHED,
    SN_PROBE_LINKED,
    SN_PROBE_UNLINKED,
    SN_PROBE_DIED,
};

/* One thing that a handler has done. */
struct sn_probe_effect {
    enum sn_probe_kind kind;
    struct sn_envelope *envelope; /* SENT, ASKED: kept here; NULL: its mailbox was full */
    uint32_t index;               /* SENT, ASKED, DIED, of watches and links: the member */
    uint16_t pool;                /* the same */
    uint16_t number;              /* of the message, the role, the timer or the request */
    sn_reply_token token;         /* ASKED: of the ask */
    int outcome;                  /* REFUSED, DIED */
    bool waits;                   /* SENT, ASKED: for room, with the sender */
    bool old;                     /* of an earlier call: an ask that is still open */
};

/* A request to the actor. */
struct sn_probe_request {
    struct sn_future *future;
    uint16_t message;
};

struct sn_probe {
    const struct sn_allocator *allocator;
    struct sn_system *system; /* a world, its pools, and nothing else of a system */
    struct sn_stepper stepper;
    struct sn_root root; /* supervises nothing */
    struct sn_clock clock;
    uint64_t now_ns;
    struct sn_shard *shard;
    struct sn_actor *actor;
    struct sn_notice notices[SN_MEMBER_NOTICES];
    struct sn_notice order; /* that is being obeyed */
    void *args;
    size_t args_size;
    struct sn_future_table futures; /* of requests to the actor */
    struct sn_probe_request *requests;
    uint32_t request_count, request_capacity;
    struct sn_envelope *begun; /* between sn_probe_message() or _reply() and _run() */
    struct sn_probe_effect *effects;
    uint32_t effect_count, effect_capacity;
    uint64_t refused; /* by breakers, before this call */
    char *text;
    size_t text_size;
    char *retain; /* as the last handler that succeeded has left it */
    const char *broken;
    int outcome; /* of the first handler that has run in this call, or the first failure */
    bool ran;
};

/** The probe of a shard. */
static inline struct sn_probe *sn_probe_of(const struct sn_shard *shard)
{
    return (struct sn_probe *)((char *)shard->world->stepper - offsetof(struct sn_probe, stepper));
}

/** The world of a probe. */
static inline struct sn_world *sn_probe_world(const struct sn_probe *probe)
{
    return &probe->system->world;
}

/* effects.c */

/** Make room for `more` elements. Returns the array, or NULL with the old one as it was. */
void *sn_probe_grow(struct sn_probe *probe, void *array, size_t size, uint32_t count, uint32_t more,
                    uint32_t *capacity);
/** A handler has returned: keep what it does. Returns its result, or -ENOMEM. */
int sn_probe_after(struct sn_stepper *stepper, struct sn_shard *shard, int rc);
/** Keep what has left without a handler: what waited for room, and what is asked again. Returns
 * 0 or -ENOMEM. */
int sn_probe_collect(struct sn_probe *probe);
/** The callback for dead letters. @user  the probe. */
void sn_probe_died(const struct sn_dead_letter *letter, void *user);
/** Forget what earlier calls have done, but for asks that are open. */
void sn_probe_forget(struct sn_probe *probe);
/** Forget all. */
void sn_probe_forget_all(struct sn_probe *probe);
/** The token of an open ask. Aborts if there is none. */
sn_reply_token sn_probe_ask_token(const struct sn_probe *probe, uint16_t role, uint32_t which);
/** A token for a request to the actor; zero: no memory. */
sn_reply_token sn_probe_request(struct sn_probe *probe, uint16_t message);

#endif
