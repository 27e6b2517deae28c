/* SPDX-License-Identifier: MIT */
/*
 * Who looks at a shard from outside: what it does now and has done last, in words; and when it
 * rests.
 *
 * The watchdog sleeps while all shards do, so that an idle system uses no time. Whoever wakes must
 * not miss that:
 *
 *     shard                                 watchdog
 *     resting = 0              (W1)         watch = ASLEEP            (W2)
 *     if watch is ASLEEP: wake it           if a shard does not rest: do not sleep
 *
 * where all four are sequentially consistent, so at least one of the two sees the other. A shard
 * pays for it only when it has slept.
 */
#include "shard/shard.h"

void sn_trail_rest(struct sn_shard *shard)
{
    /* Sequentially consistent, like all that touches it; that it is seen late costs one look. */
    atomic_store_explicit(&shard->trail.resting, 1, memory_order_seq_cst);
}

void sn_trail_wake(struct sn_shard *shard)
{
    uint32_t asleep = SN_WATCH_ASLEEP;

    /* W1: before the look at `watch`. */
    atomic_store_explicit(&shard->trail.resting, 0, memory_order_seq_cst);
    if (atomic_load_explicit(&shard->world->watch, memory_order_seq_cst) != SN_WATCH_ASLEEP)
        return;
    /* Only from ASLEEP, so that QUIT stays; who changes it wakes. */
    if (atomic_compare_exchange_strong_explicit(&shard->world->watch, &asleep, SN_WATCH_AWAKE,
                                                memory_order_seq_cst, memory_order_relaxed))
        sn_futex_wake(&shard->world->watch);
}

static const char *hook_name(unsigned hook)
{
    switch (hook) {
    case SN_HOOK_INIT:
        return "init";
    case SN_HOOK_SHUTDOWN:
        return "shutdown";
    default:
        return "clean-up";
    }
}

/* Numbers are checked, because a crash record reads what a broken program has left. */
static void name_what(const struct sn_world *world, const struct sn_worker_type *type,
                      uint64_t what, struct sn_trail_text *text)
{
    unsigned kind = (what >> SN_TRAIL_KIND_SHIFT) & 0xff;
    uint16_t number = (uint16_t)what;

    text->name = "";
    if (kind >= SN_TRAIL_HOOK) {
        text->kind = hook_name(kind - SN_TRAIL_HOOK);
    } else if (kind == SN_ENVELOPE_TIMER) {
        text->kind = "timer";
        text->name = number < type->timer_count ? type->timers[number].name : "?";
    } else if (kind == SN_ENVELOPE_REPLY) {
        text->kind = "completion";
        text->name = number < type->ask_count ? type->asks[number].name : "?";
    } else if (kind == SN_ENVELOPE_DOWN) {
        text->kind = "down";
    } else {
        text->kind = kind == SN_ENVELOPE_LETTER ? "dead letter" : "message";
        text->name =
            number < world->package->message_count ? world->package->messages[number].name : "?";
    }
}

bool sn_trail_name(const struct sn_world *world, uint64_t ref, uint64_t what,
                   struct sn_trail_text *ret_text)
{
    sn_ref of = {ref};
    const struct sn_actor *actor = sn_world_actor(world, of);

    if (actor == NULL || actor->pool >= world->package->pool_count)
        return false;
    *ret_text = (struct sn_trail_text){.pool = world->package->pools[actor->pool].name,
                                       .index = actor->index,
                                       .slow_after_ns = actor->type->slow_after_ns};
    name_what(world, actor->type, what, ret_text);
    return true;
}
