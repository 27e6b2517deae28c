/* SPDX-License-Identifier: MIT */
/*
 * Watches and links: one actor is told of, or shares, the end of another.
 *
 * A watch is one record of the watcher's shard, made when the handler asks for it, so that nothing
 * later needs memory. It has an envelope for each way that it can travel:
 *
 *     notice   WATCH to the target's shard, where the record then hangs from the target; back as
 *              DOWN when the target's incarnation has ended, or at once if it is gone for good
 *     cancel   UNWATCH to the target's shard, and back as UNWATCHED; only then is the record free
 *
 * Both travel on the links that messages travel on, so DOWN comes after whatever the target had
 * sent, and UNWATCHED after a DOWN that was on its way when the watch was cancelled. Where messages
 * to the watcher still wait in the target's outbox, DOWN waits behind them (`held`), unless an
 * UNWATCH comes first and takes it out. DOWN waits in the request lane and takes no place there. Of
 * the fields below, `target`, `hanging`, `held` and the list of a target's watches belong to the
 * target's shard, the others to the watcher's.
 *
 * A link is a watch whose DOWN is not handled: if the target failed, so does the watcher, with the
 * same reason; and if the watcher failed, its UNWATCH says so, and then the target fails. Both
 * happen in the next pass (sn_watches_pass()), one actor after the other, and not inside each
 * other: a chain of links is as long as it likes, and a cycle ends, because each end takes its
 * links along.
 */
#include "shard/shard.h"

#include <errno.h>
#include <stddef.h>

enum watch_state {
    WATCH_ACTIVE,    /* on its way, or hanging from the target */
    WATCH_DOWN,      /* its DOWN is in the mailbox */
    WATCH_OVER,      /* its DOWN is being handled */
    WATCH_CANCELLED, /* waits for UNWATCHED */
};

/* Without a link for the way back, for want of memory, try again this soon. */
#define STRANDED_RETRY_NS SN_MS

static struct sn_watch *watch_of_notice(struct sn_envelope *notice)
{
    return (struct sn_watch *)((char *)notice - offsetof(struct sn_watch, notice));
}

static struct sn_watch *watch_of_cancel(struct sn_envelope *cancel)
{
    return (struct sn_watch *)((char *)cancel - offsetof(struct sn_watch, cancel));
}

/* ---- the watcher's side: asking ------------------------------------------------------------- */

static struct sn_watch *new_watch(struct sn_actor *actor, sn_ref to)
{
    struct sn_shard *shard = actor->shard;
    uint8_t size_class = sn_block_class_of(sizeof(struct sn_watch));
    struct sn_watch *watch = sn_block_alloc(&shard->blocks, size_class, sizeof *watch);

    if (watch == NULL)
        return NULL;
    *watch = (struct sn_watch){.watcher = actor, .target_ref = to};
    watch->notice = (struct sn_envelope){.target = to,
                                         .source = actor->ref,
                                         .message = SN_NO_MESSAGE,
                                         .owner = (uint16_t)shard->index,
                                         .size_class = size_class,
                                         .lane = SN_LANE_REQUEST,
                                         .kind = SN_ENVELOPE_WATCH,
                                         .flags = SN_FLAG_EMBEDDED};
    watch->cancel = watch->notice;
    watch->cancel.kind = SN_ENVELOPE_UNWATCH;
    return watch;
}

static void free_watch(struct sn_shard *shard, struct sn_watch *watch)
{
    sn_block_free(&shard->blocks, watch->notice.size_class, watch);
}

/* Stage a watch of a member by its index, or by its reference with index 0. */
static int stage_watch(struct sn_actor *actor, uint16_t pool, uint32_t index, sn_ref to, bool link)
{
    struct sn_shard *shard = actor->shard;

    if (to.value == 0)
        return SN_GONE;
    if (sn_ref_shard(to) != shard->index && sn_shard_link(shard, sn_ref_shard(to)) == NULL)
        return -ENOMEM;
    struct sn_watch *watch = new_watch(actor, to);
    if (watch == NULL)
        return -ENOMEM;
    watch->pool = pool;
    watch->index = index;
    watch->link = link;
    sn_stage(shard, &watch->notice);
    return 0;
}

int sn_actor_watch(struct sn_actor *actor, uint16_t pool, uint32_t index, bool link)
{
    return stage_watch(actor, pool, index, sn_route_member(&actor->shard->router, pool, index),
                       link);
}

int sn_actor_watch_ref(struct sn_actor *actor, uint16_t pool, sn_ref to, bool link)
{
    return sn_world_slot(actor->shard->world, to) != NULL ? stage_watch(actor, pool, 0, to, link)
                                                          : SN_GONE;
}

static int stage_unwatch(struct sn_actor *actor, struct sn_watch_what what)
{
    struct sn_envelope *effect = sn_shard_alloc(actor->shard, sizeof(struct sn_watch_what));

    if (effect == NULL)
        return -ENOMEM;
    effect->kind = SN_ENVELOPE_END_WATCH;
    *(struct sn_watch_what *)sn_envelope_payload(effect) = what;
    sn_stage(actor->shard, effect);
    return 0;
}

int sn_actor_unwatch(struct sn_actor *actor, uint16_t pool, uint32_t index, bool link)
{
    return stage_unwatch(actor, (struct sn_watch_what){.index = index, .pool = pool, .link = link});
}

int sn_actor_unwatch_ref(struct sn_actor *actor, uint16_t pool, sn_ref to, bool link)
{
    return stage_unwatch(actor, (struct sn_watch_what){.pool = pool, .link = link, .to = to});
}

/* ---- the watcher's side: the list ----------------------------------------------------------- */

static void list_watch(struct sn_watch *watch)
{
    struct sn_actor *actor = watch->watcher;

    watch->next = actor->watches;
    if (watch->next != NULL)
        watch->next->previous = watch;
    actor->watches = watch;
}

static void forget_watch(struct sn_shard *shard, struct sn_watch *watch)
{
    if (watch->previous != NULL)
        watch->previous->next = watch->next;
    else
        watch->watcher->watches = watch->next;
    if (watch->next != NULL)
        watch->next->previous = watch->previous;
    free_watch(shard, watch);
}

static bool is_of(const struct sn_watch *watch, const struct sn_watch_what *what)
{
    return watch->state <= WATCH_DOWN && watch->pool == what->pool && watch->index == what->index &&
           watch->link == what->link &&
           (what->to.value == 0 || sn_ref_equal(watch->target_ref, what->to));
}

/* Tell the target's shard. @failed  the watcher did, with this reason. */
static void call_off(struct sn_shard *shard, struct sn_watch *watch, bool failed, int why)
{
    watch->state = WATCH_CANCELLED;
    watch->cancel.target = watch->target_ref;
    watch->failed = failed;
    sn_envelope_set_outcome(&watch->cancel, why);
    sn_count(&shard->counters.events_begun, 1);
    sn_shard_send(shard, sn_ref_shard(watch->target_ref), &watch->cancel);
}

/* A DOWN that has not been handled leaves the mailbox. */
static void take_back(struct sn_shard *shard, struct sn_watch *watch)
{
    sn_mailbox_remove(watch->watcher, &watch->notice);
    sn_count(&shard->counters.events_ended, 1);
    forget_watch(shard, watch);
}

static void end_watch(struct sn_shard *shard, struct sn_actor *actor,
                      const struct sn_watch_what *what)
{
    struct sn_watch *watch, *next;

    for (watch = actor->watches; watch != NULL; watch = next) {
        next = watch->next;
        if (!is_of(watch, what))
            continue;
        if (watch->state == WATCH_DOWN)
            take_back(shard, watch);
        else
            call_off(shard, watch, false, 0);
    }
}

static struct sn_watch_what what_of(const struct sn_watch *watch)
{
    const struct sn_pool *pool = &watch->watcher->shard->world->pools[watch->pool];

    return (struct sn_watch_what){.index = watch->index,
                                  .pool = watch->pool,
                                  .link = watch->link,
                                  .to = pool->size == 0 ? watch->target_ref : (sn_ref){0}};
}

/* What is watched already is not watched twice. */
static void begin_watch(struct sn_shard *shard, struct sn_watch *watch)
{
    const struct sn_watch_what what = what_of(watch);
    const struct sn_watch *other = watch->watcher->watches;

    while (other != NULL && !is_of(other, &what))
        other = other->next;
    if (other != NULL) {
        free_watch(shard, watch);
        return;
    }
    list_watch(watch);
    sn_count(&shard->counters.events_begun, 1);
    sn_shard_send(shard, sn_ref_shard(watch->target_ref), &watch->notice);
}

void sn_watch_commit(struct sn_shard *shard, struct sn_actor *actor, struct sn_envelope *effect)
{
    if (effect->kind == SN_ENVELOPE_WATCH) {
        begin_watch(shard, watch_of_notice(effect));
        return;
    }
    end_watch(shard, actor, sn_envelope_payload(effect));
    sn_shard_free(shard, effect);
}

struct sn_watch_what sn_watch_effect(struct sn_envelope *effect)
{
    if (effect->kind == SN_ENVELOPE_END_WATCH)
        return *(const struct sn_watch_what *)sn_envelope_payload(effect);
    return what_of(watch_of_notice(effect));
}

void sn_watch_discard(struct sn_shard *shard, struct sn_envelope *notice)
{
    free_watch(shard, watch_of_notice(notice));
}

/* ---- the target's side ---------------------------------------------------------------------- */

static void hang(struct sn_actor *target, struct sn_watch *watch)
{
    watch->target = target;
    watch->hanging = true;
    watch->target_previous = NULL;
    watch->target_next = target->watchers;
    if (watch->target_next != NULL)
        watch->target_next->target_previous = watch;
    target->watchers = watch;
}

static void unhang(struct sn_watch *watch)
{
    if (watch->target_previous != NULL)
        watch->target_previous->target_next = watch->target_next;
    else
        watch->target->watchers = watch->target_next;
    if (watch->target_next != NULL)
        watch->target_next->target_previous = watch->target_previous;
    watch->hanging = false;
}

/* Send an envelope of a watch back. Memory for a link is the only thing that it could lack; then
 * it waits, behind those that wait already. */
static void send_back(struct sn_shard *shard, struct sn_envelope *envelope)
{
    uint32_t place = envelope->owner;

    if (shard->stranded_first == NULL &&
        (place == shard->index || sn_shard_link(shard, place) != NULL)) {
        sn_shard_send(shard, place, envelope);
        return;
    }
    envelope->next = NULL;
    if (shard->stranded_first == NULL)
        shard->stranded_first = envelope;
    else
        shard->stranded_last->next = envelope;
    shard->stranded_last = envelope;
}

static void send_stranded(struct sn_shard *shard)
{
    struct sn_envelope *envelope = shard->stranded_first;

    shard->stranded_first = NULL;
    while (envelope != NULL) {
        struct sn_envelope *next = envelope->next;

        send_back(shard, envelope);
        envelope = next;
    }
    if (shard->stranded_first != NULL)
        sn_shard_wake_at(shard, shard->now_ns + STRANDED_RETRY_NS);
}

/* @target  NULL: it is gone already. */
static void report_down(struct sn_shard *shard, struct sn_watch *watch, struct sn_actor *target,
                        int why, bool failed)
{
    struct sn_stepper *stepper = shard->world->stepper;

    watch->notice.kind = SN_ENVELOPE_DOWN;
    watch->notice.target = watch->notice.source; /* the watcher */
    watch->notice.source = watch->target_ref;
    watch->down_failed = failed;
    sn_envelope_set_outcome(&watch->notice, why);
    sn_count(&shard->counters.events_begun, 1);
    if (stepper != NULL)
        stepper->sent(stepper, &watch->notice);
    watch->held = target != NULL && !watch->link && sn_outbox_has(target, watch->notice.target) &&
                  !SN_PLANTED(down_overtakes);
    if (watch->held)
        sn_outbox_append(shard, target, &watch->notice);
    else
        send_back(shard, &watch->notice);
}

void sn_watch_let_go(struct sn_shard *shard, struct sn_envelope *notice)
{
    watch_of_notice(notice)->held = false;
    send_back(shard, notice);
}

/* Let an actor end in the next pass. */
static void doom(struct sn_shard *shard, struct sn_actor *actor, int why)
{
    if (actor->phase == SN_ACTOR_ABSENT || actor->doom != 0)
        return;
    actor->doom = why;
    if (actor->doomed)
        return;
    actor->doomed = true;
    actor->doomed_next = shard->doomed;
    shard->doomed = actor;
}

void sn_actor_dismiss(struct sn_shard *shard, struct sn_actor *actor, int why)
{
    bool first = actor->doom == 0;

    doom(shard, actor, why);
    if (first)
        actor->dismissed = actor->doom != 0;
}

static void receive_watch(struct sn_shard *shard, struct sn_watch *watch)
{
    struct sn_actor *actor = sn_shard_find(shard, watch->target_ref);

    sn_count(&shard->counters.events_ended, 1);
    if (actor != NULL)
        hang(actor, watch);
    else
        report_down(shard, watch, NULL, SN_GONE, true);
}

static void receive_unwatch(struct sn_shard *shard, struct sn_watch *watch)
{
    if (watch->hanging) {
        unhang(watch);
        if (watch->link && watch->failed)
            doom(shard, watch->target, sn_envelope_outcome(&watch->cancel));
    } else if (watch->held) {
        watch->held = false;
        sn_outbox_remove(shard, watch->target, &watch->notice);
        sn_count(&shard->counters.events_ended, 1);
    }
    watch->cancel.kind = SN_ENVELOPE_UNWATCHED;
    send_back(shard, &watch->cancel);
}

/* ---- the watcher's side: being told --------------------------------------------------------- */

static void receive_down(struct sn_shard *shard, struct sn_watch *watch)
{
    struct sn_actor *actor = watch->watcher;

    if (watch->state == WATCH_ACTIVE && !watch->link) {
        watch->state = WATCH_DOWN;
        sn_shard_post(shard, actor, &watch->notice);
        return;
    }
    sn_count(&shard->counters.events_ended, 1);
    if (watch->state == WATCH_CANCELLED)
        return; /* UNWATCHED is on its way */
    if (watch->down_failed)
        doom(shard, actor, sn_envelope_outcome(&watch->notice));
    forget_watch(shard, watch);
}

void sn_watch_deliver(struct sn_shard *shard, struct sn_envelope *envelope)
{
    switch (envelope->kind) {
    case SN_ENVELOPE_WATCH:
        receive_watch(shard, watch_of_notice(envelope));
        break;
    case SN_ENVELOPE_DOWN:
        receive_down(shard, watch_of_notice(envelope));
        break;
    case SN_ENVELOPE_UNWATCH:
        receive_unwatch(shard, watch_of_cancel(envelope));
        break;
    default:
        sn_count(&shard->counters.events_ended, 1);
        forget_watch(shard, watch_of_cancel(envelope));
        break;
    }
}

void sn_watch_ended(struct sn_shard *shard, struct sn_envelope *notice)
{
    forget_watch(shard, watch_of_notice(notice));
    sn_count(&shard->counters.events_ended, 1);
}

int sn_watch_run(struct sn_shard *shard, struct sn_actor *actor, struct sn_envelope *notice)
{
    struct sn_watch *watch = watch_of_notice(notice);
    uint16_t pool = watch->pool;
    uint32_t index = watch->index;
    int why = sn_envelope_outcome(notice);

    watch->state = WATCH_OVER;
    notice->deadline_ns = UINT64_MAX; /* what the handler asks for has its own */
    sn_turn_begin(shard, actor, notice);
    int rc = sn_turn_end(shard, actor->type->down(sn_actor_self(actor), pool, index, why));
    sn_watch_ended(shard, notice);
    return rc;
}

/* ---- the end of an incarnation -------------------------------------------------------------- */

void sn_watchers_tell(struct sn_shard *shard, struct sn_actor *actor, int why, bool failed)
{
    while (actor->watchers != NULL) {
        struct sn_watch *watch = actor->watchers;

        unhang(watch);
        report_down(shard, watch, actor, why, failed);
    }
}

void sn_watches_end(struct sn_shard *shard, struct sn_actor *actor, int why, bool failed)
{
    struct sn_watch *watch, *next;

    sn_watchers_tell(shard, actor, why, failed);
    for (watch = actor->watches; watch != NULL; watch = next) {
        next = watch->next;
        if (watch->state == WATCH_DOWN)
            take_back(shard, watch);
        else if (watch->state == WATCH_ACTIVE)
            call_off(shard, watch, failed, why);
    }
    actor->doom = 0;
    actor->dismissed = false;
}

bool sn_watches_pass(struct sn_shard *shard)
{
    bool work = shard->doomed != NULL;

    while (shard->doomed != NULL) {
        struct sn_actor *actor = shard->doomed;
        int why = actor->doom;

        shard->doomed = actor->doomed_next;
        actor->doomed = false;
        if (why != 0 && actor->dismissed)
            sn_lifecycle_dismiss(shard, actor, why);
        else if (why != 0)
            sn_lifecycle_exit(shard, actor, why);
    }
    if (shard->stranded_first != NULL)
        send_stranded(shard);
    return work;
}
