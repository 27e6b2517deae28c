/* SPDX-License-Identifier: MIT */
#ifndef SN_TIMER_H
#define SN_TIMER_H

/*
 * A hierarchical timing wheel, owned by one thread. See timer.c.
 */

#include "base/base.h"

enum { SN_WHEEL_LEVELS = 8, SN_WHEEL_SLOTS = 64, SN_WHEEL_TICK_SHIFT = 14 };

/* Timers fire at most this much late, never early. */
#define SN_WHEEL_TICK_NS (UINT64_C(1) << SN_WHEEL_TICK_SHIFT)

/* Embedded in whatever waits; zeroed means not armed. */
struct sn_timer {
    struct sn_timer *next, *previous; /* in a slot's ring; NULL: not armed */
    uint64_t deadline_ns;
    uint8_t level, slot;
    uint8_t kind; /* the owner's, to know what the timer is part of */
};

struct sn_wheel {
    uint64_t now_tick;
    uint64_t occupied[SN_WHEEL_LEVELS]; /* a bit a slot */
    struct sn_timer slots[SN_WHEEL_LEVELS][SN_WHEEL_SLOTS];
    struct sn_timer due; /* ring of timers whose time has come */
    uint32_t armed;
};

/** Prepare a wheel in the caller's storage. @now_ns  the time it begins at. */
void sn_wheel_init(struct sn_wheel *wheel, uint64_t now_ns);

/**
 * Arm a timer; one that is armed is moved.
 *
 * @deadline_ns  in the past or now: due at the next sn_wheel_expire().
 *
 * Owns  the wheel links the timer until it fires or is cancelled.
 */
void sn_wheel_arm(struct sn_wheel *wheel, struct sn_timer *timer, uint64_t deadline_ns);

/** Cancel a timer; one that is not armed is left alone. */
void sn_wheel_cancel(struct sn_wheel *wheel, struct sn_timer *timer);

/** Whether a timer is armed. */
static inline bool sn_timer_is_armed(const struct sn_timer *timer)
{
    return timer->next != NULL;
}

/**
 * Take the next timer whose deadline has passed, in the order of their ticks and, in a tick, of
 * their arming.
 *
 * Returns  a timer, no longer armed; NULL when none is due: call until then.
 */
struct sn_timer *sn_wheel_expire(struct sn_wheel *wheel, uint64_t now_ns);

/** When sn_wheel_expire() may next have something: not later than the first deadline's tick;
 * UINT64_MAX if no timer is armed. */
uint64_t sn_wheel_next_ns(const struct sn_wheel *wheel);

#endif
