/* SPDX-License-Identifier: MIT */

/*
 * The window decides two things about a restart: whether it is one too many, and how long it
 * waits. Both need only the restarts in the window before it, of which a limited supervisor has
 * at most `restarts`; an unlimited one needs their number only as an exponent, so 64 are enough.
 */

#include "supervise/window.h"

#include "base/base.h"

#include <sn/supervision.h>

uint32_t sn_window_capacity(const struct sn_supervisor_spec *spec)
{
    if (spec->restarts != SN_RESTARTS_UNLIMITED)
        return spec->restarts - SN_PLANTED(window_off_by_one);
    return spec->backoff_max_ns > 0 ? SN_WINDOW_UNLIMITED : 0;
}

static void drop_oldest(struct sn_window *window)
{
    window->oldest = (window->oldest + 1) % window->capacity;
    window->count--;
}

bool sn_window_add(struct sn_window *window, const struct sn_supervisor_spec *spec, uint64_t now_ns,
                   uint32_t *ret_earlier)
{
    while (window->count > 0 && now_ns - window->times_ns[window->oldest] >= spec->window_ns)
        drop_oldest(window);

    *ret_earlier = window->count;
    if (window->count == window->capacity) {
        if (spec->restarts != SN_RESTARTS_UNLIMITED)
            return false;
        if (window->capacity == 0)
            return true;
        drop_oldest(window);
    }
    window->times_ns[(window->oldest + window->count) % window->capacity] = now_ns;
    window->count++;
    return true;
}

void sn_window_reset(struct sn_window *window)
{
    window->oldest = window->count = 0;
}

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t sn_window_backoff(const struct sn_supervisor_spec *spec, uint32_t earlier,
                           uint64_t *random)
{
    if (SN_PLANTED(backoff_ignored) || earlier == 0 || spec->backoff_max_ns == 0)
        return 0;
    return sn_backoff_ns(spec->backoff_min_ns, spec->backoff_max_ns, earlier, next_random(random));
}
