/* SPDX-License-Identifier: MIT */
/*
 * Answering requests.
 *
 * A token names the asker, so a reply is sent from anywhere without looking anything up; the
 * asker's side lets one completion through. What is kept here is the duty to answer: the token
 * of the request being handled belongs to the turn, and a token that the handler keeps gets a
 * record with the actor, so that the asker is told when the incarnation ends without an answer.
 * Completions mostly come in the order of the requests, so the records stand oldest first.
 */
#include "shard/shard.h"

#include <errno.h>

static bool is_same(sn_reply_token left, sn_reply_token right)
{
    return left.value == right.value;
}

/* Whether a token is of the request being handled. */
static bool is_current(const struct sn_shard *shard, sn_reply_token token)
{
    const struct sn_envelope *envelope = shard->turn.envelope;

    return envelope != NULL && token.value != 0 && is_same(envelope->token, token);
}

static struct sn_kept_token *find_kept(const struct sn_shard *shard, const struct sn_actor *actor,
                                       sn_reply_token token)
{
    struct sn_kept_token *kept = actor->tokens;

    while (kept != NULL && !is_same(kept->token, token))
        kept = kept->next;
    if (kept != NULL)
        return kept;
    for (kept = shard->turn.kept; kept != NULL; kept = kept->next_staged)
        if (is_same(kept->token, token))
            return kept;
    return NULL;
}

/* Mark a token as answered by this turn. */
static int claim(struct sn_shard *shard, struct sn_actor *actor, sn_reply_token token)
{
    struct sn_kept_token *kept = find_kept(shard, actor, token);
    bool current = is_current(shard, token);

    if ((kept != NULL && kept->answered) || (current && shard->turn.answered))
        return -EALREADY;
    if (kept != NULL)
        kept->answered = true;
    if (current)
        shard->turn.answered = true;
    return 0;
}

static void unclaim(struct sn_shard *shard, struct sn_actor *actor, sn_reply_token token)
{
    struct sn_kept_token *kept = find_kept(shard, actor, token);

    if (kept != NULL)
        kept->answered = false;
    if (is_current(shard, token))
        shard->turn.answered = false;
}

/* An answer for a thread outside must be a block that any thread may free. */
static struct sn_envelope *alloc_reply(struct sn_shard *shard, sn_reply_token token, size_t size)
{
    uint32_t place = sn_token_place(token);
    struct sn_envelope *envelope;

    if (place < shard->world->shard_count) {
        if (place != shard->index && sn_shard_link(shard, place) == NULL)
            return NULL;
        return sn_shard_alloc(shard, size);
    }
    envelope = sn_block_alloc_large(shard->world->allocator, SN_PAYLOAD_OFFSET + size);
    if (envelope == NULL)
        return NULL;
    envelope->size_class = SN_BLOCK_LARGE;
    envelope->owner = (uint16_t)shard->index;
    envelope->flags = 0;
    return envelope;
}

static int stage_answer(struct sn_actor *actor, sn_reply_token token, int outcome, size_t size,
                        struct sn_envelope **ret_envelope)
{
    struct sn_shard *shard = actor->shard;
    int rc = claim(shard, actor, token);

    if (rc != 0)
        return rc;
    struct sn_envelope *envelope = alloc_reply(shard, token, size);
    if (envelope == NULL) {
        unclaim(shard, actor, token);
        return -ENOMEM;
    }
    envelope->target = (sn_ref){0};
    envelope->source = actor->ref;
    envelope->token = token;
    envelope->kind = SN_ENVELOPE_REPLY;
    envelope->lane = SN_LANE_REPLY;
    sn_envelope_set_outcome(envelope, outcome);
    sn_stage(shard, envelope);
    *ret_envelope = envelope;
    return 0;
}

int sn_actor_reply(struct sn_actor *actor, sn_reply_token token, size_t size, void **ret_payload)
{
    struct sn_envelope *envelope;
    int rc = size <= SN_PAYLOAD_MAX ? stage_answer(actor, token, 0, size, &envelope) : SN_TOO_LARGE;

    if (rc == 0)
        *ret_payload = sn_envelope_payload(envelope);
    return rc;
}

int sn_actor_refuse(struct sn_actor *actor, sn_reply_token token, int code)
{
    struct sn_envelope *envelope;

    /* An error of 0 would be a reply without its payload. */
    return stage_answer(actor, token, code != 0 ? code : SN_FAILED, 0, &envelope);
}

int sn_actor_keep_token(struct sn_actor *actor, sn_reply_token token)
{
    struct sn_shard *shard = actor->shard;
    struct sn_kept_token *kept;
    uint8_t size_class = sn_block_class_of(sizeof *kept);

    if (token.value == 0 || find_kept(shard, actor, token) != NULL)
        return 0;
    kept = sn_block_alloc(&shard->blocks, size_class, sizeof *kept);
    if (kept == NULL)
        return -ENOMEM;
    *kept = (struct sn_kept_token){.token = token, .next_staged = shard->turn.kept};
    if (is_current(shard, token)) {
        shard->turn.deferred = true;
        kept->answered = shard->turn.answered;
    }
    shard->turn.kept = kept;
    shard->turn.touched = true;
    return 0;
}

int sn_actor_pass_token(struct sn_actor *actor, sn_reply_token token)
{
    struct sn_shard *shard = actor->shard;
    int rc = token.value != 0 ? claim(shard, actor, token) : 0;

    if (rc != 0 || find_kept(shard, actor, token) == NULL)
        return rc;
    struct sn_envelope *envelope = sn_shard_alloc(shard, 0);
    if (envelope == NULL) {
        unclaim(shard, actor, token);
        return -ENOMEM;
    }
    envelope->kind = SN_ENVELOPE_PASS_TOKEN;
    envelope->token = token;
    sn_stage(shard, envelope);
    return 0;
}

static void free_kept(struct sn_shard *shard, struct sn_kept_token *kept)
{
    sn_block_free(&shard->blocks, sn_block_class_of(sizeof *kept), kept);
}

/* The last record is the first one's `previous`. */
static void append(struct sn_actor *actor, struct sn_kept_token *kept)
{
    kept->next = NULL;
    if (actor->tokens == NULL) {
        kept->previous = kept;
        actor->tokens = kept;
        return;
    }
    kept->previous = actor->tokens->previous;
    kept->previous->next = kept;
    actor->tokens->previous = kept;
}

static void unlink_kept(struct sn_actor *actor, struct sn_kept_token *kept)
{
    if (kept->next != NULL)
        kept->next->previous = kept->previous;
    else if (kept != actor->tokens)
        actor->tokens->previous = kept->previous;
    if (kept == actor->tokens)
        actor->tokens = kept->next;
    else
        kept->previous->next = kept->next;
}

void sn_tokens_commit(struct sn_shard *shard)
{
    struct sn_kept_token *kept = shard->turn.kept, *next;

    shard->turn.kept = NULL;
    for (; kept != NULL; kept = next) {
        next = kept->next_staged;
        append(shard->turn.actor, kept);
    }
}

void sn_tokens_discard(struct sn_shard *shard)
{
    const struct sn_envelope *envelope = shard->turn.staged_first;

    for (; envelope != NULL; envelope = envelope->next)
        if (envelope->kind == SN_ENVELOPE_REPLY || envelope->kind == SN_ENVELOPE_PASS_TOKEN)
            unclaim(shard, shard->turn.actor, envelope->token);
    while (shard->turn.kept != NULL) {
        struct sn_kept_token *kept = shard->turn.kept;

        shard->turn.kept = kept->next_staged;
        if (!SN_PLANTED(token_leaked))
            free_kept(shard, kept);
    }
}

void sn_token_answered(struct sn_shard *shard, struct sn_actor *actor, sn_reply_token token)
{
    struct sn_kept_token *kept = actor->tokens;

    while (kept != NULL && !is_same(kept->token, token))
        kept = kept->next;
    if (kept == NULL)
        return;
    unlink_kept(actor, kept);
    free_kept(shard, kept);
}

void sn_tokens_end(struct sn_shard *shard, struct sn_actor *actor)
{
    while (actor->tokens != NULL) {
        struct sn_kept_token *kept = actor->tokens;

        unlink_kept(actor, kept);
        sn_refuse_token(shard, kept->token, SN_FAILED);
        free_kept(shard, kept);
    }
}
