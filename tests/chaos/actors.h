/* SPDX-License-Identifier: MIT */
#ifndef TESTS_CHAOS_ACTORS_H
#define TESTS_CHAOS_ACTORS_H

/*
 * What the actors of chaos.yaml note for main.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum { SOURCES_MAX = 64, RESTARTS_MAX = 1 << 20 };

struct notes {
    _Atomic(bool) ending;    /* set by main: sources send no further burst */
    _Atomic(uint64_t) beats; /* firings of the victims' timers */
    _Atomic(uint64_t) lost;  /* what a victim retained was not what it had when it failed */
    _Atomic(uint32_t) restarts;
    uint64_t restart_ns[RESTARTS_MAX]; /* from the failure to the init of the next incarnation */
};

extern struct notes notes;

uint64_t clock_ns(void);

#endif
