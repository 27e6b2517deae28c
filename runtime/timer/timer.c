/* SPDX-License-Identifier: MIT */
/*
 * A hierarchical timing wheel (Varghese and Lauck 1987, scheme 7), in the form of the hashed
 * levels that Linux and tokio use.
 *
 * Time is counted in ticks of 2^14 ns. A level has 64 slots; a slot of level n spans 64^n ticks.
 * A timer is kept at the level of the highest bit in which its tick differs from the present one,
 * so everything at level 0 is due within the present 64 ticks, and a slot of a higher level is
 * spread over the lower ones when time enters it. Arming and cancelling take constant time, each
 * timer is moved at most seven times, and a bit map a level finds the next occupied slot.
 *
 * Deadlines are rounded up to a tick: a timer never fires early. A periodic timer computes its
 * next deadline from its last one, not from the time it fired at, so it does not drift.
 */
#include "timer/timer.h"

#include <string.h>

enum { SLOT_BITS = 6, TICK_BITS = SN_WHEEL_LEVELS * SLOT_BITS, NO_LEVEL = 255 };

#define MAX_TICK ((UINT64_C(1) << TICK_BITS) - 1)

static void ring_init(struct sn_timer *ring)
{
    ring->next = ring->previous = ring;
}

static void ring_append(struct sn_timer *ring, struct sn_timer *timer)
{
    timer->previous = ring->previous;
    timer->next = ring;
    ring->previous->next = timer;
    ring->previous = timer;
}

static void ring_remove(struct sn_timer *timer)
{
    timer->previous->next = timer->next;
    timer->next->previous = timer->previous;
    timer->next = timer->previous = NULL;
}

void sn_wheel_init(struct sn_wheel *wheel, uint64_t now_ns)
{
    memset(wheel, 0, sizeof *wheel);
    wheel->now_tick = now_ns >> SN_WHEEL_TICK_SHIFT;
    ring_init(&wheel->due);
    for (int level = 0; level < SN_WHEEL_LEVELS; level++)
        for (int slot = 0; slot < SN_WHEEL_SLOTS; slot++)
            ring_init(&wheel->slots[level][slot]);
}

static uint64_t tick_of(uint64_t deadline_ns)
{
    uint64_t tick = deadline_ns >> SN_WHEEL_TICK_SHIFT;

    if ((deadline_ns & (SN_WHEEL_TICK_NS - 1)) != 0)
        tick++;
    return tick < MAX_TICK ? tick : MAX_TICK;
}

static void insert(struct sn_wheel *wheel, struct sn_timer *timer)
{
    uint64_t tick = tick_of(timer->deadline_ns);

    if (tick <= wheel->now_tick) {
        timer->level = NO_LEVEL;
        ring_append(&wheel->due, timer);
        return;
    }
    unsigned highest = 63 - (unsigned)__builtin_clzll(tick ^ wheel->now_tick);
    timer->level = (uint8_t)(highest / SLOT_BITS);
    timer->slot = (uint8_t)(tick >> (timer->level * SLOT_BITS)) & (SN_WHEEL_SLOTS - 1);
    ring_append(&wheel->slots[timer->level][timer->slot], timer);
    wheel->occupied[timer->level] |= UINT64_C(1) << timer->slot;
}

static void remove_timer(struct sn_wheel *wheel, struct sn_timer *timer)
{
    ring_remove(timer);
    if (timer->level == NO_LEVEL)
        return;
    struct sn_timer *ring = &wheel->slots[timer->level][timer->slot];
    if (ring->next == ring)
        wheel->occupied[timer->level] &= ~(UINT64_C(1) << timer->slot);
}

void sn_wheel_arm(struct sn_wheel *wheel, struct sn_timer *timer, uint64_t deadline_ns)
{
    if (sn_timer_is_armed(timer))
        remove_timer(wheel, timer);
    else
        wheel->armed++;
    timer->deadline_ns = deadline_ns;
    insert(wheel, timer);
}

void sn_wheel_cancel(struct sn_wheel *wheel, struct sn_timer *timer)
{
    if (!sn_timer_is_armed(timer))
        return;
    remove_timer(wheel, timer);
    wheel->armed--;
}

/* The first occupied slot: its level, and the tick at which time enters it. */
static int first_slot(const struct sn_wheel *wheel, uint64_t *ret_tick)
{
    for (int level = 0; level < SN_WHEEL_LEVELS; level++) {
        if (wheel->occupied[level] == 0)
            continue;
        /* All slots of a level lie ahead of the present one, within the same turn. */
        uint64_t slot = (uint64_t)__builtin_ctzll(wheel->occupied[level]);
        unsigned shift = (unsigned)(level * SLOT_BITS);
        uint64_t turn = wheel->now_tick >> shift >> SLOT_BITS << SLOT_BITS;
        *ret_tick = (turn | slot) << shift;
        return level;
    }
    return -1;
}

/* Move the first occupied slot, which begins at or before `until`: time enters it. */
static bool advance(struct sn_wheel *wheel, uint64_t until)
{
    uint64_t tick;
    int level = first_slot(wheel, &tick);

    if (level < 0 || tick > until)
        return false;
    struct sn_timer *ring = &wheel->slots[level][(tick >> (level * SLOT_BITS)) % SN_WHEEL_SLOTS];
    wheel->now_tick = tick;
    while (ring->next != ring) {
        struct sn_timer *timer = ring->next;

        remove_timer(wheel, timer);
        insert(wheel, timer);
    }
    return true;
}

struct sn_timer *sn_wheel_expire(struct sn_wheel *wheel, uint64_t now_ns)
{
    uint64_t now_tick = now_ns >> SN_WHEEL_TICK_SHIFT;

    while (wheel->due.next == &wheel->due && advance(wheel, now_tick))
        ;
    struct sn_timer *timer = wheel->due.next;
    if (timer == &wheel->due) {
        if (now_tick > wheel->now_tick)
            wheel->now_tick = now_tick;
        return NULL;
    }
    ring_remove(timer);
    wheel->armed--;
    return timer;
}

uint64_t sn_wheel_next_ns(const struct sn_wheel *wheel)
{
    uint64_t tick;

    if (wheel->due.next != &wheel->due)
        return 0;
    return first_slot(wheel, &tick) < 0 ? UINT64_MAX : tick << SN_WHEEL_TICK_SHIFT;
}
