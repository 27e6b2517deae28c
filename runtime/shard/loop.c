/* SPDX-License-Identifier: MIT */
/*
 * A shard's thread.
 *
 * A pass takes what other threads sent, expires timers, gives each runnable actor a turn and
 * publishes what they sent, in this order, so that a message that crosses shards waits for at most
 * one pass on either side. Nothing in a pass depends on how many shards or ports exist: only
 * links that have something are looked at.
 *
 * Without work the shard looks around for `spin_ns` and then sleeps in its I/O back end. To be
 * woken takes longer than that, and two shards that work for each other would put each other to
 * sleep at each message and never leave that state: the one that is woken finds that the other one
 * has given up waiting. So a shard that was woken soon after it parked looks around longer the next
 * time, up to `spin_max_ns`, and as long as at first again when it has slept well. Before it sleeps
 * it makes all links idle and returns all credits; the order of these steps is what no wake-up gets
 * lost by (ring/link.c, shard/credit.c).
 */
#include "shard/shard.h"

enum {
    DRAIN_AT_ONCE = 256,
    QUIET_DRAINS = 64, /* then an active link becomes idle */
    POLL_EVERY = 256,  /* passes between looks at watched descriptors */
    PREFETCH_AHEAD = 8,
    LOOKS_A_PASS = 64, /* for messages, while spinning */
    LOOKS_A_PAUSE = 2,
};

/* With something in a spill list the shard looks again this soon. */
#define SPILL_RETRY_NS (100 * SN_US)

static void take_notified(struct sn_shard *shard)
{
    struct sn_link *link = sn_inbox_take(&shard->inbox);

    while (link != NULL) {
        struct sn_link *next = link->next_notified;

        shard->in[link->producer] = link;
        link->quiet_drains = 0;
        link->next_active = shard->active;
        shard->active = link;
        link = next;
    }
}

/* The lines of a message of up to 72 bytes. */
static void prefetch(const struct sn_envelope *envelope)
{
    __builtin_prefetch(envelope);
    __builtin_prefetch((const char *)envelope + SN_CACHE_LINE);
}

static bool drain_link(struct sn_shard *shard, struct sn_link *link)
{
    struct sn_ring *ring = &link->forward;
    uint32_t count = sn_ring_count(ring);

    if (count == 0)
        return false;
    if (count > DRAIN_AT_ONCE)
        count = DRAIN_AT_ONCE;
    for (uint32_t i = 0; i < count && i < PREFETCH_AHEAD; i++)
        prefetch(sn_ring_peek(ring, i));
    for (uint32_t i = 0; i < count; i++) {
        if (i + PREFETCH_AHEAD < count)
            prefetch(sn_ring_peek(ring, PREFETCH_AHEAD));
        sn_shard_deliver(shard, sn_ring_take(ring));
    }
    sn_ring_release(ring);
    return true;
}

static bool drain_links(struct sn_shard *shard)
{
    struct sn_link **place = &shard->active;
    bool work = false;

    while (*place != NULL) {
        struct sn_link *link = *place;

        if (drain_link(shard, link)) {
            link->quiet_drains = 0;
            work = true;
        } else if (++link->quiet_drains > QUIET_DRAINS) {
            struct sn_link *next = link->next_active;

            link->quiet_drains = 0;
            if (sn_link_make_idle(link)) {
                *place = next;
                continue;
            }
        }
        place = &link->next_active;
    }
    return work;
}

/* One at a time, so that a hook that is left by sn_fail() leaves the others to the next pass. */
static bool take_notices(struct sn_shard *shard)
{
    struct sn_envelope *notice;

    if (shard->notices == NULL)
        shard->notices = sn_inbox_take_notices(&shard->inbox);
    if (shard->notices == NULL)
        return false;
    sn_trail_work(shard);
    while ((notice = shard->notices) != NULL) {
        shard->notices = notice->next;
        sn_shard_deliver(shard, notice);
    }
    sn_trail_work(shard);
    return true;
}

/* A simulator lets what was put wait. */
static bool is_held(const struct sn_shard *shard, const struct sn_link *link)
{
    struct sn_stepper *stepper = shard->world->stepper;

    return __builtin_expect(stepper != NULL, 0) && stepper->holds(stepper, link);
}

static bool flush_links(struct sn_shard *shard)
{
    struct sn_link *link = shard->dirty;
    bool spilled = false;

    shard->dirty = NULL;
    while (link != NULL) {
        struct sn_link *next = link->next_dirty;

        link->dirty = false;
        if (is_held(shard, link) ||
            sn_link_flush(link, &shard->world->shards[link->consumer]->inbox)) {
            if (SN_PLANTED(spill_forgotten) && !is_held(shard, link)) {
                link = next;
                continue;
            }
            link->dirty = true;
            link->next_dirty = shard->dirty;
            shard->dirty = link;
            spilled = true;
        }
        link = next;
    }
    return spilled;
}

static void return_blocks(struct sn_shard *shard)
{
    struct sn_link *link = shard->returning;

    shard->returning = NULL;
    while (link != NULL) {
        struct sn_link *next = link->next_returning;

        link->returning = false;
        sn_link_publish_back(link);
        link = next;
    }
}

/* A stopping actor may run its shutdown hook here. */
static bool retry_outboxes(struct sn_shard *shard)
{
    sn_trail_work(shard);
    bool moved = sn_outboxes_retry(shard);

    sn_trail_work(shard);
    return moved;
}

static void publish(struct sn_shard *shard)
{
    /* Places before messages: whoever is told that something was handled finds its place free. */
    sn_credits_return(shard, false);
    flush_links(shard);
    return_blocks(shard);
}

bool sn_shard_pass(struct sn_shard *shard)
{
    shard->now_ns = sn_clock_now(shard->world->clock);
    shard->unpaid = 0;
    take_notified(shard);
    bool work = take_notices(shard);
    work |= drain_links(shard);
    sn_timers_expire(shard);
    if (shard->index == 0 && shard->world->root != NULL)
        shard->world->root->pass(shard->world->root);
    if (shard->doomed != NULL || shard->stranded_first != NULL)
        work |= sn_watches_pass(shard);
    if (shard->parked != NULL)
        work |= retry_outboxes(shard);
    work |= sn_turns_run(shard);
    publish(shard);
    return work;
}

bool sn_shard_go_idle(struct sn_shard *shard)
{
    sn_credits_return(shard, true);
    while (shard->active != NULL) {
        struct sn_link *link = shard->active;

        shard->active = link->next_active;
        if (!sn_link_make_idle(link)) {
            link->next_active = shard->active;
            shard->active = link;
            return false;
        }
    }
    return shard->run_first == NULL && shard->notices == NULL && shard->doomed == NULL;
}

uint64_t sn_shard_sleep_ns(const struct sn_shard *shard)
{
    uint64_t next_ns = sn_wheel_next_ns(&shard->wheel), now_ns = shard->now_ns;
    uint64_t wait_ns = next_ns == UINT64_MAX ? SN_IO_FOREVER
                       : next_ns > now_ns    ? next_ns - now_ns
                                             : 0;

    return shard->dirty != NULL && wait_ns > SPILL_RETRY_NS ? SPILL_RETRY_NS : wait_ns;
}

bool sn_shard_fall_asleep(struct sn_shard *shard)
{
    if (!sn_shard_go_idle(shard) || !sn_inbox_park(&shard->inbox))
        return false;
    /* An outbox's receiver may have made room before it saw that this shard sleeps. */
    if (shard->parked == NULL || !retry_outboxes(shard))
        return true;
    sn_inbox_unpark(&shard->inbox);
    return false;
}

/* After a sleep: longer than a shard ever looks around, or not. */
static void adapt_spin(struct sn_shard *shard, uint64_t slept_ns)
{
    uint64_t most_ns = shard->world->spin_max_ns;

    if (slept_ns >= most_ns)
        shard->spin_ns = shard->world->options.spin_ns;
    else
        shard->spin_ns = 2 * shard->spin_ns < most_ns ? 2 * shard->spin_ns : most_ns;
}

static void park(struct sn_shard *shard)
{
    uint64_t since_ns;

    if (!sn_shard_fall_asleep(shard))
        return;
    /* Acquire, pairs with the release of who sets it and then wakes all shards. */
    if (atomic_load_explicit(&shard->world->quit, memory_order_seq_cst) == 0) {
        sn_trail_rest(shard);
        since_ns = sn_clock_now(&sn_clock_system); /* real time, as in spin() */
        sn_io_wait(shard->io, sn_shard_sleep_ns(shard));
        adapt_spin(shard, sn_clock_now(&sn_clock_system) - since_ns);
        sn_trail_wake(shard);
    }
    sn_inbox_unpark(&shard->inbox);
}

/* Whether a message has come: a look that costs a few loads from lines that do not change. */
static bool has_come(struct sn_shard *shard)
{
    if (sn_inbox_has_something(&shard->inbox))
        return true;
    for (struct sn_link *link = shard->active; link != NULL; link = link->next_active)
        if (sn_ring_count(&link->forward) > 0) {
            sn_ring_prefetch_newest(&link->forward);
            return true;
        }
    return false;
}

static void look_around(struct sn_shard *shard)
{
    if (shard->dirty != NULL || shard->parked != NULL)
        return; /* something waits for room, which only a pass can find */
    for (int looks = 0; looks < LOOKS_A_PASS && !has_come(shard); looks++)
        if (looks % LOOKS_A_PAUSE == LOOKS_A_PAUSE - 1)
            sn_spin_hint();
}

/* Look for messages, and between many looks make a pass, which sees all else. */
static bool spin(struct sn_shard *shard)
{
    uint64_t until_ns = 0, now_ns;

    do {
        look_around(shard);
        if (sn_shard_pass(shard))
            return true;
        /* Real time, whatever clock the options gave: it is the core's time that is spent here, and
         * a clock that stands still must not keep the shard from sleeping, or from its end. */
        now_ns = sn_clock_now(&sn_clock_system);
        if (until_ns == 0)
            until_ns = now_ns + shard->spin_ns;
        /* Relaxed: sn_shard_run() looks again, with an order. */
    } while (now_ns < until_ns &&
             atomic_load_explicit(&shard->world->quit, memory_order_relaxed) == 0);
    return false;
}

/* Not inlined into the function with the unwinding point, whose variables live in memory. */
__attribute__((noinline)) static void run(struct sn_shard *shard)
{
    bool spins = shard->world->options.spin_ns > 0;
    uint32_t passes = 0;

    shard->spin_ns = shard->world->options.spin_ns;
    /* Acquire: what the stopping thread did before is visible to the last pass. */
    while (atomic_load_explicit(&shard->world->quit, memory_order_acquire) == 0) {
        /* Spinning begins with a pass that found nothing: a shard that is sent message after
         * message takes them by the pass, and not one by one as they come. */
        if (!sn_shard_pass(shard) && !(spins && spin(shard)))
            park(shard);
        if (++passes % POLL_EVERY == 0)
            sn_io_wait(shard->io, 0);
    }
}

void sn_shard_run(struct sn_shard *shard)
{
    sn_shard_enter(shard);
    /* The unwinding point, taken once: fail.c. */
    if (setjmp(shard->unwind) != 0) {
        /* A stopping actor may have failed while the shard was about to sleep. */
        sn_inbox_unpark(&shard->inbox);
        sn_turn_unwound(shard);
    }
    run(shard);
}

static bool guard(struct sn_shard *shard, bool (*work)(struct sn_shard *shard), bool if_failed)
{
    if (setjmp(shard->unwind) == 0)
        return work(shard);
    sn_inbox_unpark(&shard->inbox);
    sn_turn_unwound(shard);
    publish(shard);
    return if_failed;
}

bool sn_shard_guard(struct sn_shard *shard, bool (*work)(struct sn_shard *shard), bool if_failed)
{
    struct sn_shard *before = sn_shard_enter(shard);
    bool result = guard(shard, work, if_failed);

    sn_shard_enter(before);
    return result;
}

static bool drain(struct sn_shard *shard)
{
    take_notified(shard);
    bool work = take_notices(shard);

    work |= drain_links(shard);
    flush_links(shard);
    return_blocks(shard);
    return work;
}

bool sn_shard_drain(struct sn_shard *shard)
{
    return sn_shard_guard(shard, drain, true);
}
