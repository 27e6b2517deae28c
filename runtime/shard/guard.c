/* SPDX-License-Identifier: MIT */
/*
 * Guarded edges: retries with back-off and circuit breakers, as guard/ decides them.
 *
 * A try that finds no room waits in its sender's outbox, as a parked message does, so that nothing
 * of the same sender overtakes it; it is tried again after each pause and not when there happens to
 * be room, and when the last try has failed it is a dead letter. So that a handler's failure undoes
 * it like any other message, it is staged and committed like one.
 *
 * An ask whose target died, failed or dropped it is asked again from a copy of the payload that
 * the ask keeps. The message was accepted once, at the first try: later ones are envelopes of the
 * kind SN_ENVELOPE_AGAIN, which are counted among the events and not among the messages. All tries
 * share the token, so whichever answer comes first is the one completion, and all of them end
 * before the ask's deadline, whose timer is the ask's own.
 *
 * What an edge's breaker is told is the outcome of each try.
 */
#include "shard/shard.h"

#include "guard/guard.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

static const struct sn_guard_type *type_of(const struct sn_actor *actor, uint16_t guard)
{
    return &actor->type->guards[guard - 1];
}

int sn_guard_admit(struct sn_actor *actor, uint16_t guard, bool *ret_probe)
{
    struct sn_shard *shard = actor->shard;
    enum sn_admission admission =
        sn_breaker_admit(&actor->breakers[guard - 1], type_of(actor, guard), shard->now_ns);

    *ret_probe = admission == SN_ADMIT_PROBE;
    if (admission != SN_ADMIT_REFUSE)
        return 0;
    sn_count(&shard->counters.breaker_refusals, 1);
    return SN_OPEN;
}

void sn_guard_report(struct sn_actor *actor, uint16_t guard, bool probe, int outcome)
{
    struct sn_shard *shard = actor->shard;
    struct sn_breaker *breaker = &actor->breakers[guard - 1];
    const struct sn_guard_type *type = type_of(actor, guard);

    if (!sn_guard_is_failure(outcome)) {
        sn_breaker_succeed(breaker, probe);
    } else if (sn_breaker_fail(breaker, type, probe, shard->now_ns)) {
        sn_count(&shard->counters.breakers_opened, 1);
        sn_shard_log(shard, SN_LOG_BREAKERS, SN_LOG_WARNING, "%s[%u] leaves %s alone for %llu ms",
                     shard->world->pools[actor->pool].type->name, actor->index, type->name,
                     (unsigned long long)(type->open_ns / SN_MS));
    }
}

void sn_guard_withdraw(struct sn_actor *actor, uint16_t guard, bool probe)
{
    sn_breaker_withdraw(&actor->breakers[guard - 1], probe);
}

/* ---- tries that wait for room -------------------------------------------------------------- */

struct sn_waiting *sn_waiting_of(struct sn_envelope *envelope)
{
    size_t end = sn_block_size(envelope->size_class, envelope) & ~(size_t)7;

    return (struct sn_waiting *)((char *)envelope + end) - 1;
}

bool sn_guard_may_wait(const struct sn_actor *actor, const struct sn_edge *edge)
{
    const struct sn_shard *shard = actor->shard;

    return edge->guard > 0 && type_of(actor, edge->guard)->retries > 0 &&
           actor->outbox_count + shard->turn.parked < SN_WAITING_MAX;
}

static uint64_t next_try_ns(struct sn_shard *shard, const struct sn_guard_type *type,
                            uint32_t tried)
{
    return shard->now_ns + sn_guard_pause_ns(type, tried, sn_router_random(&shard->router));
}

void sn_guard_begin_waiting(struct sn_actor *actor, const struct sn_edge *edge,
                            struct sn_envelope *envelope)
{
    *sn_waiting_of(envelope) =
        (struct sn_waiting){.due_ns = next_try_ns(actor->shard, type_of(actor, edge->guard), 1),
                            .tried = 1,
                            .guard = edge->guard};
}

int sn_actor_send_guarded(struct sn_actor *actor, const struct sn_edge *edge, uint32_t index,
                          size_t size, void **ret_payload)
{
    struct sn_envelope *envelope;
    bool probe;
    int rc = sn_guard_admit(actor, edge->guard, &probe);

    if (rc != 0)
        return rc;
    rc = sn_stage_message(actor, edge, index, size, &envelope);
    if (rc == -ENOMEM || rc == SN_TOO_LARGE)
        sn_guard_withdraw(actor, edge->guard, probe);
    else if (rc == 0 && (envelope->flags & (SN_FLAG_RETRY | SN_FLAG_DISCARD)) != 0)
        sn_guard_report(actor, edge->guard, probe, SN_FULL);
    else
        sn_guard_report(actor, edge->guard, probe, rc);
    if (rc == 0)
        *ret_payload = sn_envelope_payload(envelope);
    return rc;
}

int sn_guard_ask(struct sn_actor *actor, struct sn_ask *ask, const struct sn_ask_draft *draft,
                 struct sn_envelope **ret_envelope)
{
    const struct sn_edge *edge = &actor->type->asks[draft->role].edge;
    bool probe;
    int rc = sn_guard_admit(actor, ask->guard, &probe);

    if (rc != 0)
        return rc;
    rc = sn_stage_message(actor, edge, draft->index, draft->payload_size, ret_envelope);
    if (rc == -ENOMEM || rc == SN_TOO_LARGE)
        sn_guard_withdraw(actor, ask->guard, probe);
    else if (rc != 0 || ((*ret_envelope)->flags & SN_FLAG_RETRY) != 0)
        sn_guard_report(actor, ask->guard, probe, SN_FULL);
    else
        ask->probe = probe;
    return rc;
}

void sn_shard_wake_at(struct sn_shard *shard, uint64_t due_ns)
{
    struct sn_timer *timer = &shard->wake_timer;

    if (sn_timer_is_armed(timer) && timer->deadline_ns <= due_ns)
        return;
    sn_wheel_cancel(&shard->wheel, timer);
    sn_wheel_arm(&shard->wheel, timer, due_ns);
}

/* One more try of what waits; of a request, the answer will tell the breaker. */
static int try_again(struct sn_shard *shard, struct sn_actor *actor, struct sn_envelope *envelope,
                     struct sn_slot *slot)
{
    struct sn_waiting *waiting = sn_waiting_of(envelope);
    struct sn_ask *ask = envelope->token.value != 0 ? sn_ask_find(shard, envelope->token) : NULL;
    bool probe;
    int rc = sn_guard_admit(actor, waiting->guard, &probe);

    waiting->tried++;
    sn_count(&shard->counters.retries, 1);
    if (ask != NULL && ask->again != NULL)
        ask->again->tried = waiting->tried;
    if (rc != 0)
        return rc;
    rc = sn_outbox_find_room(shard, envelope, slot) ? 0 : SN_FULL;
    if (rc == 0 && ask != NULL)
        ask->probe = probe;
    else
        sn_guard_report(actor, waiting->guard, probe, rc);
    return rc;
}

int sn_guard_try(struct sn_shard *shard, struct sn_actor *actor, struct sn_envelope *envelope,
                 struct sn_slot *slot)
{
    struct sn_waiting *waiting = sn_waiting_of(envelope);
    const struct sn_guard_type *type = type_of(actor, waiting->guard);
    struct sn_ask *ask;

    if (shard->now_ns >= waiting->due_ns) {
        if (try_again(shard, actor, envelope, slot) == 0)
            return 0;
        if (waiting->tried > type->retries) {
            ask = envelope->token.value != 0 ? sn_ask_find(shard, envelope->token) : NULL;
            if (ask != NULL)
                ask->guard = 0; /* its completion is no further failure */
            return SN_DROPPED;
        }
        waiting->due_ns = next_try_ns(shard, type, waiting->tried);
    }
    sn_shard_wake_at(shard, waiting->due_ns);
    return SN_FULL;
}

/* ---- asks that are asked again ------------------------------------------------------------- */

/* Wait for the next try, if there is one and it comes before the deadline. */
static bool await_next_try(struct sn_shard *shard, struct sn_ask *ask)
{
    const struct sn_guard_type *type = type_of(ask->actor, ask->guard);
    struct sn_ask_again *again = ask->again;

    if (again->tried > type->retries)
        return false;
    uint64_t due_ns = next_try_ns(shard, type, again->tried);
    if (sn_timer_is_armed(&ask->timer) && due_ns >= ask->timer.deadline_ns)
        return false;
    sn_wheel_arm(&shard->wheel, &again->timer, due_ns);
    return true;
}

bool sn_guard_ended(struct sn_shard *shard, struct sn_ask *ask, int outcome)
{
    sn_guard_report(ask->actor, ask->guard, ask->probe, outcome);
    ask->probe = false;
    if (ask->again == NULL)
        return false;
    sn_wheel_cancel(&shard->wheel, &ask->again->timer);
    ask->again->outcome = outcome;
    return sn_guard_is_worth_another(outcome) && await_next_try(shard, ask);
}

static struct sn_envelope *copy_request(struct sn_shard *shard, const struct sn_ask *ask, sn_ref to)
{
    const struct sn_ask_type *type = &ask->actor->type->asks[ask->role];
    const struct sn_ask_again *again = ask->again;
    struct sn_envelope *envelope = sn_shard_alloc(shard, again->payload_size);

    if (envelope == NULL)
        return NULL;
    envelope->target = to;
    envelope->source = ask->actor->ref;
    envelope->sent_ns = shard->now_ns;
    envelope->token = ask->token;
    envelope->deadline_ns = sn_timer_is_armed(&ask->timer) ? ask->timer.deadline_ns : UINT64_MAX;
    envelope->message = type->edge.message;
    envelope->kind = SN_ENVELOPE_AGAIN;
    envelope->lane = type->edge.lane;
    if (type->copy != NULL)
        type->copy(sn_envelope_payload(envelope), again + 1);
    else if (again->payload_size > 0)
        memcpy(sn_envelope_payload(envelope), again + 1, again->payload_size);
    return envelope;
}

static int ask_again(struct sn_shard *shard, const struct sn_ask *ask)
{
    uint16_t pool = ask->actor->type->asks[ask->role].edge.pool;
    /* The member, and not its reference, which is another one if it was stopped and started. */
    sn_ref to = sn_route_member(&shard->router, pool, ask->index);
    struct sn_slot *slot = sn_stage_slot(shard, to);

    if (slot == NULL)
        return SN_GONE;
    if (sn_ref_shard(to) != shard->index && sn_shard_link(shard, sn_ref_shard(to)) == NULL)
        return -ENOMEM;
    struct sn_envelope *envelope = copy_request(shard, ask, to);
    if (envelope == NULL)
        return -ENOMEM;
    if (!sn_outbox_find_room(shard, envelope, slot)) {
        sn_shard_free(shard, envelope);
        return SN_FULL;
    }
    sn_count(&shard->counters.events_begun, 1);
    sn_shard_send(shard, sn_ref_shard(to), envelope);
    return 0;
}

void sn_guard_ask_again(struct sn_shard *shard, struct sn_timer *timer)
{
    struct sn_ask_again *again =
        (struct sn_ask_again *)((char *)timer - offsetof(struct sn_ask_again, timer));
    struct sn_ask *ask = again->ask;
    bool probe;
    int rc = sn_guard_admit(ask->actor, ask->guard, &probe);

    again->tried++;
    sn_count(&shard->counters.retries, 1);
    if (rc == 0) {
        ask->probe = probe;
        rc = ask_again(shard, ask);
        if (rc == 0)
            return;
        ask->probe = false;
        if (rc == -ENOMEM)
            sn_guard_withdraw(ask->actor, ask->guard, probe);
        else
            sn_guard_report(ask->actor, ask->guard, probe, rc);
    }
    if (await_next_try(shard, ask))
        return;
    ask->guard = 0; /* what this try came to was reported */
    sn_ask_fail(shard, ask->token, again->outcome);
}
