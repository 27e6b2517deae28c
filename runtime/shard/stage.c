/* SPDX-License-Identifier: MIT */
/*
 * What a handler does is staged: messages, asks, replies and timers are prepared, with their
 * memory and their places in the mailboxes reserved, and linked in the order of the calls. When
 * the handler returns 0 they leave (commit.c); when it fails they are undone. So a call can fail,
 * but a commit cannot.
 */
#include "shard/shard.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* What an envelope takes over from its edge: message, lane, kind and flags. */
enum { EDGE_HEAD = 8 };

_Static_assert(offsetof(struct sn_edge, message) == 0 &&
                   offsetof(struct sn_edge, lane) ==
                       offsetof(struct sn_envelope, lane) - offsetof(struct sn_envelope, message) &&
                   offsetof(struct sn_edge, kind) ==
                       offsetof(struct sn_envelope, kind) - offsetof(struct sn_envelope, message) &&
                   SN_ENVELOPE_MESSAGE == 0,
               "the head of an edge lies as in an envelope");

/* Without a place for it, at most so many messages a pass are handed to drop_oldest. */
enum { UNPAID_A_PASS = 1024 };

/* At the end of what is staged. */
static inline void append_staged(struct sn_turn *turn, struct sn_envelope *envelope)
{
    envelope->next = NULL;
    *turn->staged_end = envelope;
    turn->staged_end = &envelope->next;
}

void sn_stage(struct sn_shard *shard, struct sn_envelope *envelope)
{
    envelope->receiver = NULL;
    append_staged(&shard->turn, envelope);
}

static int reject(struct sn_shard *shard, int rc)
{
    sn_count(&shard->counters.rejected, 1);
    return rc;
}

/* Something for the same actor waits in the outbox, or will: it must not be overtaken. */
static bool is_behind_parked(const struct sn_shard *shard, const struct sn_actor *actor, sn_ref to)
{
    const struct sn_envelope *waiting = shard->turn.staged_first;

    if (sn_outbox_has(actor, to))
        return true;
    for (; waiting != NULL; waiting = waiting->next)
        if ((waiting->flags & SN_FLAG_PARK) && waiting->kind == SN_ENVELOPE_MESSAGE &&
            sn_ref_equal(waiting->target, to))
            return true;
    return false;
}

/* The mailbox is full: what the policy of the message says. */
static int overflow(struct sn_shard *shard, const struct sn_actor *actor,
                    const struct sn_edge *edge, uint8_t *flags)
{
    switch (edge->full) {
    case SN_FULL_DROP_OLDEST:
        *flags = shard->unpaid++ < UNPAID_A_PASS ? SN_FLAG_UNPAID : SN_FLAG_DISCARD;
        return 0;
    case SN_FULL_DROP_NEWEST:
        *flags = SN_FLAG_DISCARD;
        return 0;
    case SN_FULL_PARK:
        if (actor->outbox_count + shard->turn.parked >= edge->park)
            return reject(shard, SN_FULL);
        shard->turn.parked++;
        shard->turn.touched = true;
        *flags = SN_FLAG_UNPAID | SN_FLAG_PARK;
        return 0;
    default:
        if (!sn_guard_may_wait(actor, edge))
            return reject(shard, SN_FULL);
        shard->turn.parked++;
        *flags = SN_FLAG_UNPAID | SN_FLAG_PARK | SN_FLAG_RETRY;
        return 0;
    }
}

/* Reserve a place, and bytes where the pool bounds them. */
static int reserve(struct sn_shard *shard, const struct sn_actor *actor, const struct sn_edge *edge,
                   sn_ref to, struct sn_slot *slot, size_t size, uint8_t *flags)
{
    *flags = 0;
    if (__builtin_expect(actor->outbox_first != NULL || shard->turn.parked > 0, 0) &&
        !SN_PLANTED(outbox_overtaken) && is_behind_parked(shard, actor, to))
        return overflow(shard, actor, edge, flags);
    if (__builtin_expect(!slot->bounded_bytes, 1))
        return sn_credit_take(shard, to, slot) ? 0 : overflow(shard, actor, edge, flags);
    size_t charge =
        sn_block_charge(sn_block_class_of(SN_PAYLOAD_OFFSET + size), SN_PAYLOAD_OFFSET + size);
    if (charge > shard->world->pools[edge->pool].type->capacity_bytes)
        return reject(shard, SN_TOO_LARGE);
    if (!sn_slot_take_bytes(slot, charge))
        return overflow(shard, actor, edge, flags);
    if (sn_credit_take(shard, to, slot))
        return 0;
    sn_slot_return(shard->world, slot, 0, (int64_t)charge);
    return overflow(shard, actor, edge, flags);
}

struct sn_slot *sn_stage_slot(const struct sn_shard *shard, sn_ref to)
{
    struct sn_slot *slot = sn_world_slot(shard->world, to);

    if (sn_ref_shard(to) != shard->index && slot != NULL)
        sn_prefetch_to_write(slot); /* for the place that will be taken */
    /* Relaxed: an actor may end while the message is on its way in any case; the owner looks
     * again when it arrives. */
    if (slot == NULL ||
        atomic_load_explicit(&slot->generation, memory_order_relaxed) != sn_ref_generation(to) ||
        atomic_load_explicit(&slot->closed, memory_order_relaxed) != 0)
        return NULL;
    return slot;
}

static void give_back(struct sn_shard *shard, sn_ref to, struct sn_slot *slot, size_t size,
                      uint8_t flags)
{
    size_t charge =
        sn_block_charge(sn_block_class_of(SN_PAYLOAD_OFFSET + size), SN_PAYLOAD_OFFSET + size);

    if (flags & SN_FLAG_PARK)
        shard->turn.parked--;
    if (flags != 0)
        return;
    sn_credit_give(shard, to, slot);
    if (slot->bounded_bytes)
        sn_slot_return(shard->world, slot, 0, (int64_t)charge);
}

/* Everything of a staged message but its `receiver`. */
static inline void fill(const struct sn_actor *actor, const struct sn_edge *edge, sn_ref to,
                        uint8_t size_class, struct sn_envelope *envelope)
{
    uint16_t owner = (uint16_t)actor->shard->index;

    memcpy(&envelope->message, &edge->message, EDGE_HEAD);
    envelope->owner = owner;
    envelope->size_class = size_class;
    envelope->target = to;
    envelope->source = actor->ref;
    envelope->token = (sn_reply_token){0};
    envelope->deadline_ns = UINT64_MAX;
}

/* Stage a message to an actor of this shard whose places it holds: nothing is left that could go
 * wrong, so the commit needs to look at nothing again. */
static inline struct sn_envelope *stage_for(struct sn_actor *actor, const struct sn_edge *edge,
                                            struct sn_actor *receiver, sn_ref to, size_t size)
{
    struct sn_shard *shard = actor->shard;
    uint8_t size_class;

    if (receiver->credits <= 0 || actor->outbox_first != NULL || shard->turn.parked > 0)
        return NULL;
    struct sn_envelope *envelope =
        sn_block_at_hand(&shard->blocks, SN_PAYLOAD_OFFSET + size, &size_class);
    if (__builtin_expect(envelope == NULL, 0))
        return NULL;
    receiver->credits--;
    fill(actor, edge, to, size_class, envelope);
    envelope->receiver = receiver;
    append_staged(&shard->turn, envelope);
    return envelope;
}

/* The same by its place in a pool. The shard holds none of an actor that is closed, so the
 * generation needs no look. */
static inline struct sn_envelope *stage_here(struct sn_actor *actor, const struct sn_edge *edge,
                                             uint32_t index, size_t size)
{
    struct sn_shard *shard = actor->shard;
    sn_ref to = sn_pool_member(shard->world, edge->pool, index);

    if (to.value == 0 || sn_ref_shard(to) != shard->index)
        return NULL;
    return stage_for(actor, edge, sn_shard_actor(shard, sn_ref_slot(to)), to, size);
}

/* The same by a reference: a record that was made at run time keeps its places when its actor ends.
 */
static inline struct sn_envelope *stage_here_to(struct sn_actor *actor, const struct sn_edge *edge,
                                                sn_ref to, size_t size)
{
    struct sn_actor *receiver = to.value != 0 ? sn_shard_find(actor->shard, to) : NULL;

    if (receiver == NULL || receiver->life > SN_LIFE_LIVING)
        return NULL;
    return stage_for(actor, edge, receiver, to, size);
}

/* The same to an actor elsewhere of which the shard has leased places in this pass; then its slot
 * was looked at, and the link exists. */
static inline struct sn_envelope *
stage_elsewhere(struct sn_actor *actor, const struct sn_edge *edge, sn_ref to, size_t size)
{
    struct sn_shard *shard = actor->shard;
    struct sn_lease *lease = sn_credit_lease(shard, to);
    uint8_t size_class;

    if (!sn_ref_equal(lease->ref, to) || lease->credits <= 0 || !lease->plain ||
        actor->outbox_first != NULL || shard->turn.parked > 0)
        return NULL;
    struct sn_envelope *envelope =
        sn_block_at_hand(&shard->blocks, SN_PAYLOAD_OFFSET + size, &size_class);
    if (envelope == NULL)
        return NULL;
    sn_block_prefetch(&shard->blocks, size_class);
    lease->credits--;
    fill(actor, edge, to, size_class, envelope);
    sn_stage(shard, envelope);
    return envelope;
}

/* Stage any message. */
static int stage_message(struct sn_actor *actor, const struct sn_edge *edge, sn_ref to, size_t size,
                         struct sn_envelope **ret_envelope)
{
    struct sn_shard *shard = actor->shard;
    struct sn_slot *slot = sn_stage_slot(shard, to);
    uint8_t flags;

    if (slot == NULL)
        return reject(shard, SN_GONE);
    if (size > SN_PAYLOAD_MAX)
        return reject(shard, SN_TOO_LARGE);
    if (sn_ref_shard(to) != shard->index && sn_shard_link(shard, sn_ref_shard(to)) == NULL)
        return -ENOMEM;
    int rc = reserve(shard, actor, edge, to, slot, size, &flags);
    if (rc != 0)
        return rc;
    bool retried = __builtin_expect((flags & SN_FLAG_RETRY) != 0, 0);
    struct sn_envelope *envelope =
        sn_shard_alloc(shard, retried ? size + sizeof(struct sn_waiting) + 8 : size);
    if (envelope == NULL) {
        give_back(shard, to, slot, size, flags);
        return -ENOMEM;
    }
    fill(actor, edge, to, envelope->size_class, envelope);
    envelope->flags = flags;
    if (retried)
        sn_guard_begin_waiting(actor, edge, envelope);
    sn_stage(shard, envelope);
    *ret_envelope = envelope;
    return 0;
}

/* To a reference, on the short way if there is one. */
static int stage_to(struct sn_actor *actor, const struct sn_edge *edge, sn_ref to, size_t size,
                    struct sn_envelope **ret_envelope)
{
    *ret_envelope = stage_here_to(actor, edge, to, size);
    if (*ret_envelope == NULL && to.value != 0)
        *ret_envelope = stage_elsewhere(actor, edge, to, size);
    if (*ret_envelope != NULL)
        return 0;
    return stage_message(actor, edge, to, size, ret_envelope);
}

int sn_actor_send_to(struct sn_actor *actor, const struct sn_edge *edge, sn_ref to, size_t size,
                     void **ret_payload)
{
    struct sn_envelope *envelope;
    int rc = stage_to(actor, edge, to, size, &envelope);

    if (rc == 0)
        *ret_payload = sn_envelope_payload(envelope);
    return rc;
}

int sn_stage_message(struct sn_actor *actor, const struct sn_edge *edge, uint32_t index,
                     size_t size, struct sn_envelope **ret_envelope)
{
    *ret_envelope = stage_here(actor, edge, index, size);
    if (*ret_envelope != NULL)
        return 0;
    sn_ref to = sn_pool_member(actor->shard->world, edge->pool, index);
    return stage_message(actor, edge, to, size, ret_envelope);
}

/* A function of its own, so that a plain send saves no register for it. */
__attribute__((noinline)) static int send_slowly(struct sn_actor *actor, const struct sn_edge *edge,
                                                 uint32_t index, size_t size, void **ret_payload)
{
    sn_ref to = sn_pool_member(actor->shard->world, edge->pool, index);
    struct sn_envelope *envelope = stage_elsewhere(actor, edge, to, size);
    int rc = envelope != NULL ? 0 : stage_message(actor, edge, to, size, &envelope);

    if (rc == 0)
        *ret_payload = sn_envelope_payload(envelope);
    return rc;
}

int sn_actor_send(struct sn_actor *actor, const struct sn_edge *edge, uint32_t index, size_t size,
                  void **ret_payload)
{
    struct sn_envelope *envelope = stage_here(actor, edge, index, size);

    if (__builtin_expect(envelope == NULL, 0))
        return send_slowly(actor, edge, index, size, ret_payload);
    *ret_payload = sn_envelope_payload(envelope);
    return 0;
}

/* A context is a payload of its own, in one block with the ask. */
static size_t context_offset(void)
{
    return sn_tail_align(sizeof(struct sn_ask));
}

/* Behind it is what is needed to ask again, and the payload once more. */
static size_t again_offset(const struct sn_ask_draft *draft)
{
    return context_offset() + sn_tail_align(draft->context_size);
}

static bool is_asked_again(const struct sn_actor *actor, uint16_t guard)
{
    return guard > 0 && actor->type->guards[guard - 1].retries > 0;
}

static void *add_again(struct sn_ask *ask, const struct sn_ask_draft *draft)
{
    ask->again = (struct sn_ask_again *)((char *)ask + again_offset(draft));
    *ask->again = (struct sn_ask_again){.timer = {.kind = SN_TIMER_AGAIN},
                                        .ask = ask,
                                        .payload_size = draft->payload_size,
                                        .tried = 1};
    return ask->again + 1;
}

static struct sn_ask *new_ask(struct sn_shard *shard, struct sn_actor *actor,
                              struct sn_ask_draft *draft)
{
    uint16_t guard = actor->type->asks[draft->role].edge.guard;
    bool again = is_asked_again(actor, guard);
    size_t size = again ? again_offset(draft) + sizeof(struct sn_ask_again) + draft->payload_size
                        : context_offset() + draft->context_size;
    uint8_t size_class = sn_block_class_of(size);
    struct sn_ask *ask = sn_block_alloc(&shard->blocks, size_class, size);

    if (ask == NULL)
        return NULL;
    ask->size_class = size_class;
    if (sn_ask_insert(shard, ask) != 0) {
        sn_block_free(&shard->blocks, size_class, ask);
        return NULL;
    }
    ask->completion = (struct sn_envelope){.target = actor->ref,
                                           .token = ask->token,
                                           .message = draft->role,
                                           .kind = SN_ENVELOPE_REPLY,
                                           .lane = SN_LANE_REPLY,
                                           .flags = SN_FLAG_EMBEDDED};
    ask->timer = (struct sn_timer){.kind = SN_TIMER_ASK};
    ask->actor = actor;
    ask->context_size = (uint32_t)draft->context_size;
    ask->index = draft->index;
    ask->role = draft->role;
    ask->queued = ask->probe = false;
    ask->guard = guard;
    ask->again = NULL;
    draft->again = again ? add_again(ask, draft) : NULL;
    ask->survives = actor->type->asks[draft->role].survives;
    ask->previous = NULL;
    ask->next = actor->asks;
    if (ask->next != NULL)
        ask->next->previous = ask;
    actor->asks = ask;
    actor->open_asks++;
    return ask;
}

/* Never later than the deadline of the request being handled. */
static uint64_t ask_deadline_ns(const struct sn_shard *shard, const struct sn_edge *edge)
{
    const struct sn_envelope *request = shard->turn.envelope;
    uint64_t outer_ns = request != NULL ? request->deadline_ns : UINT64_MAX;
    uint64_t now_ns = shard->now_ns;
    uint64_t own_ns =
        edge->deadline_ns < UINT64_MAX - now_ns ? now_ns + edge->deadline_ns : UINT64_MAX;

    return own_ns < outer_ns ? own_ns : outer_ns;
}

int sn_actor_ask(struct sn_actor *actor, struct sn_ask_draft *draft)
{
    struct sn_shard *shard = actor->shard;
    const struct sn_edge *edge = &actor->type->asks[draft->role].edge;
    struct sn_envelope *envelope;

    if (actor->open_asks >= (actor->type->max_asks > 0 ? actor->type->max_asks : SN_MAX_ASKS))
        return reject(shard, SN_FULL);
    if (draft->context_size > SN_PAYLOAD_MAX)
        return reject(shard, SN_TOO_LARGE);
    if (draft->payload_size > SN_PAYLOAD_MAX)
        return reject(shard, SN_TOO_LARGE);
    struct sn_ask *ask = new_ask(shard, actor, draft);
    if (ask == NULL)
        return -ENOMEM;
    int rc;
    if (edge->guard != 0)
        rc = sn_guard_ask(actor, ask, draft, &envelope);
    else if (shard->world->pools[edge->pool].size == 0)
        rc = stage_to(actor, edge, draft->to, draft->payload_size, &envelope);
    else
        rc = sn_stage_message(actor, edge, draft->index, draft->payload_size, &envelope);
    if (rc != 0) {
        sn_ask_release(shard, ask);
        return rc;
    }
    envelope->token = ask->token;
    envelope->deadline_ns = ask_deadline_ns(shard, edge);
    if (envelope->deadline_ns != UINT64_MAX)
        sn_wheel_arm(&shard->wheel, &ask->timer, envelope->deadline_ns);
    draft->payload = sn_envelope_payload(envelope);
    draft->context = draft->context_size > 0 ? (char *)ask + context_offset() : NULL;
    return 0;
}

const void *sn_ask_context(const struct sn_ask *ask)
{
    return ask->context_size > 0 ? (const char *)ask + context_offset() : NULL;
}
