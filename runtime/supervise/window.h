/* SPDX-License-Identifier: MIT */
#ifndef SN_SUPERVISE_WINDOW_H
#define SN_SUPERVISE_WINDOW_H

/*
 * How often a supervisor has restarted lately: a ring of the times of its restarts. A restart at
 * s is in the window of one at t if t - s < window_ns: half-open, in monotonic nanoseconds.
 */

#include <stdbool.h>
#include <stdint.h>

struct sn_supervisor_spec;

/* Restarts that `restarts: unlimited` with a back-off remembers: enough for any exponent. */
#define SN_WINDOW_UNLIMITED 64

struct sn_window {
    uint64_t *times_ns; /* ring of `capacity`, NULL if that is 0 */
    uint32_t capacity;
    uint32_t oldest;
    uint32_t count;
};

/** How many times the ring of a supervisor must hold. */
uint32_t sn_window_capacity(const struct sn_supervisor_spec *spec);

/**
 * Count a restart at now_ns.
 *
 * @ret_earlier  how many were in the window before it (at most SN_WINDOW_UNLIMITED if unlimited).
 *
 * Returns  false: it is one too many, the supervisor gives up.
 */
bool sn_window_add(struct sn_window *window, const struct sn_supervisor_spec *spec, uint64_t now_ns,
                   uint32_t *ret_earlier);

/** Forget all. */
void sn_window_reset(struct sn_window *window);

/**
 * How long a restart waits.
 *
 * @earlier  restarts in its window before it.
 * @random   in/out, the state of the generator; used only if there is something to draw.
 *
 * Returns  0 for the first; then at least backoff_min_ns and at most backoff_max_ns, drawn from
 *          the upper half of backoff_min_ns << earlier.
 */
uint64_t sn_window_backoff(const struct sn_supervisor_spec *spec, uint32_t earlier,
                           uint64_t *random);

#endif
