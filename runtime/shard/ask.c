/* SPDX-License-Identifier: MIT */
/*
 * Asks: requests of actors under way, and their completions.
 *
 * An ask is a record on the asker's shard, found by its token. It completes once: by the reply,
 * by an error that the runtime sends back, or by its deadline, whichever is first; `queued` is
 * set then, and whatever comes later is late. Completions travel in the reply lane, whose room
 * was reserved by the bound on open asks. The record has an envelope of its own for completions
 * without a payload, so that a deadline needs no memory.
 */
#include "shard/shard.h"

#include <errno.h>
#include <string.h>

static int grow_table(struct sn_shard *shard, struct sn_ask_table *table)
{
    const struct sn_allocator *allocator = shard->world->allocator;
    uint32_t capacity = table->capacity == 0 ? 64 : 2 * table->capacity;

    if (capacity > SN_ASKS_MAX)
        return -ENOMEM;
    struct sn_ask_entry *entries = sn_alloc_zeroed(allocator, capacity * sizeof *entries);
    if (entries == NULL)
        return -ENOMEM;
    if (table->capacity > 0)
        memcpy(entries, table->entries, table->capacity * sizeof *entries);
    for (uint32_t i = capacity; i-- > table->capacity;) {
        entries[i].generation = 1;
        entries[i].next_free = table->free;
        table->free = i;
    }
    sn_alloc_free(allocator, table->entries, table->capacity * sizeof *entries);
    table->entries = entries;
    table->capacity = capacity;
    return 0;
}

int sn_ask_insert(struct sn_shard *shard, struct sn_ask *ask)
{
    struct sn_ask_table *table = &shard->asks;

    if (table->free == UINT32_MAX && grow_table(shard, table) != 0)
        return -ENOMEM;
    uint32_t slot = table->free;
    struct sn_ask_entry *entry = &table->entries[slot];
    table->free = entry->next_free;
    entry->ask = ask;
    table->open++;
    ask->token = sn_token_make(shard->index, slot, entry->generation);
    return 0;
}

struct sn_ask *sn_ask_find(const struct sn_shard *shard, sn_reply_token token)
{
    uint32_t slot = sn_token_slot(token);

    if (sn_token_place(token) != shard->index || slot >= shard->asks.capacity)
        return NULL;
    const struct sn_ask_entry *entry = &shard->asks.entries[slot];
    return entry->generation == sn_token_generation(token) ? entry->ask : NULL;
}

static void remove_entry(struct sn_ask_table *table, sn_reply_token token)
{
    uint32_t slot = sn_token_slot(token);
    struct sn_ask_entry *entry = &table->entries[slot];

    entry->ask = NULL;
    table->open--;
    /* Retired, so that no late reply can hit a new ask. */
    if (!SN_PLANTED(late_reply_hits) && ++entry->generation == SN_GENERATION_LAST)
        return;
    entry->next_free = table->free;
    table->free = slot;
}

void sn_ask_release(struct sn_shard *shard, struct sn_ask *ask)
{
    struct sn_actor *actor = ask->actor;

    sn_wheel_cancel(&shard->wheel, &ask->timer);
    if (ask->again != NULL)
        sn_wheel_cancel(&shard->wheel, &ask->again->timer);
    if (ask->probe)
        sn_guard_withdraw(actor, ask->guard, true);
    remove_entry(&shard->asks, ask->token);
    if (ask->previous != NULL)
        ask->previous->next = ask->next;
    else
        actor->asks = ask->next;
    if (ask->next != NULL)
        ask->next->previous = ask->previous;
    actor->open_asks--;
    sn_block_free(&shard->blocks, ask->size_class, ask);
}

/* The completion is known: it goes to the actor's reply lane. */
static void queue_completion(struct sn_shard *shard, struct sn_ask *ask,
                             struct sn_envelope *completion)
{
    sn_wheel_cancel(&shard->wheel, &ask->timer);
    ask->queued = true;
    completion->message = ask->role;
    completion->lane = SN_LANE_REPLY;
    sn_shard_post(shard, ask->actor, completion);
}

void sn_ask_complete(struct sn_shard *shard, struct sn_envelope *reply)
{
    struct sn_ask *ask = sn_ask_find(shard, reply->token);

    if (ask == NULL || (ask->queued && !SN_PLANTED(completed_twice))) {
        sn_count(&shard->counters.late_replies, 1);
        sn_count(&shard->counters.events_ended, 1);
        sn_shard_free(shard, reply);
        return;
    }
    if (ask->guard > 0 && sn_guard_ended(shard, ask, sn_envelope_outcome(reply))) {
        sn_count(&shard->counters.events_ended, 1);
        sn_shard_free(shard, reply);
        return;
    }
    queue_completion(shard, ask, reply);
}

void sn_ask_fail(struct sn_shard *shard, sn_reply_token token, int outcome)
{
    struct sn_ask *ask = sn_ask_find(shard, token);

    if (ask == NULL || ask->queued) {
        sn_count(&shard->counters.late_replies, 1);
        return;
    }
    if (ask->guard > 0 && sn_guard_ended(shard, ask, outcome))
        return;
    sn_count(&shard->counters.events_begun, 1);
    sn_envelope_set_outcome(&ask->completion, outcome);
    queue_completion(shard, ask, &ask->completion);
}

void sn_ask_expire(struct sn_shard *shard, struct sn_ask *ask)
{
    sn_ask_fail(shard, ask->token, SN_TIMEOUT);
}

int sn_ask_run(struct sn_shard *shard, struct sn_actor *actor, struct sn_envelope *envelope)
{
    struct sn_ask *ask = sn_ask_find(shard, envelope->token);
    int outcome = sn_envelope_outcome(envelope);
    bool has_reply = outcome == 0 && (envelope->flags & SN_FLAG_EMBEDDED) == 0;
    struct sn_completion completion = {
        .role = ask->role,
        .index = ask->index,
        .outcome = outcome,
        .context = sn_ask_context(ask),
        .reply = has_reply ? sn_envelope_payload(envelope) : NULL,
    };

    ask->queued = false; /* no longer in the lane; not counted by sn_actor_waiting() */
    ask->role = UINT16_MAX;
    sn_turn_begin(shard, actor, NULL);
    shard->turn.completion = envelope;
    sn_trail_note(shard, actor, sn_envelope_what(envelope));
    int rc = sn_turn_end(shard, actor->type->complete(sn_actor_self(actor), &completion));
    sn_ask_ended(shard, envelope);
    return rc;
}

void sn_ask_ended(struct sn_shard *shard, struct sn_envelope *completion)
{
    struct sn_ask *ask = sn_ask_find(shard, completion->token);

    sn_shard_free(shard, completion);
    sn_ask_release(shard, ask);
    sn_count(&shard->counters.asks_completed, 1);
    sn_count(&shard->counters.events_ended, 1);
}

uint32_t sn_actor_waiting(const struct sn_actor *actor, uint16_t role)
{
    uint32_t count = 0;

    for (const struct sn_ask *ask = actor->asks; ask != NULL; ask = ask->next)
        count += ask->role == role;
    return count;
}

/* Take the completions out of the reply lane whose asks end with the incarnation. */
static void end_queued(struct sn_shard *shard, struct sn_actor *actor, bool all)
{
    struct sn_envelope *last = actor->lanes[SN_LANE_REPLY];
    struct sn_envelope *envelope = NULL;

    while (last != NULL && envelope != last) {
        envelope = sn_mailbox_pop(actor, SN_LANE_REPLY);
        struct sn_ask *ask = sn_ask_find(shard, envelope->token);

        if (ask->survives && !all) {
            sn_mailbox_push(actor, envelope);
        } else {
            sn_shard_free(shard, envelope);
            sn_ask_release(shard, ask);
            sn_count(&shard->counters.asks_completed, 1);
            sn_count(&shard->counters.events_ended, 1);
        }
    }
}

void sn_asks_end(struct sn_shard *shard, struct sn_actor *actor, bool all)
{
    struct sn_ask *ask, *next;

    end_queued(shard, actor, all);
    for (ask = actor->asks; ask != NULL; ask = next) {
        next = ask->next;
        if (ask->queued || (ask->survives && !all))
            continue;
        sn_count(&shard->counters.asks_completed, 1);
        sn_ask_release(shard, ask);
    }
}
