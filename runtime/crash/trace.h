/* SPDX-License-Identifier: MIT */
#ifndef SN_CRASH_TRACE_H
#define SN_CRASH_TRACE_H

/*
 * The call stack of another thread. See trace.c.
 */

#include "base/base.h"

#include <pthread.h>

enum { SN_TRACE_FRAMES = 32 };

/* Belongs to one thread, which fills it when it is asked to; it must outlive that thread. */
struct sn_trace {
    void *frames[SN_TRACE_FRAMES]; /* return addresses, the innermost first */
    uint32_t count;
    _Atomic(uint32_t) state; /* enum in trace.c */
};

/**
 * Allow traces: install the handler of SIGURG, unless it is there for another system already.
 *
 * Returns  0 or -errno; on 0 sn_trace_disable() must follow.
 * Threads  any.
 */
int sn_trace_enable(void);
void sn_trace_disable(void);

/** The calling thread may be asked from now on, and keeps its stack in `trace`. NULL: no more. */
void sn_trace_enter(struct sn_trace *trace);

/**
 * Ask a thread for its stack and wait for it.
 *
 * Returns  whether it answered in time: one that waits in the kernel without listening to signals,
 *          or under ThreadSanitizer, does not.
 * Threads  one at a time for each trace; the asked thread has not been joined.
 */
bool sn_trace_ask(pthread_t thread, struct sn_trace *trace, uint64_t timeout_ns);

#endif
