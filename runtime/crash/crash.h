/* SPDX-License-Identifier: MIT */
#ifndef SN_CRASH_H
#define SN_CRASH_H

/*
 * A record of what a process was doing when a fault ended it. See crash.c.
 */

#include "base/base.h"

#include <signal.h>

/* A file that is being written, in a signal handler. */
struct sn_crash_out;

/* What a record is about, and where it goes. Must outlive sn_crash_disable(). */
struct sn_crash_place {
    const char *path;
    /* Write lines about the subject: async-signal-safe, and careful, because anything may be
     * broken. */
    void (*describe)(struct sn_crash_out *out, const void *subject);
    const void *subject;
};

/* What a thread needs: a stack for the handler, because its own may be what broke. */
struct sn_crash_thread {
    struct sn_crash_place place;
    void *stack;
    stack_t before;
};

/**
 * Install handlers of SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT, unless they are there for
 * another system already.
 *
 * @place  for threads that have not entered; the last one given counts.
 *
 * Returns  0 or -errno; on 0 sn_crash_disable() must follow.
 * Threads  any.
 */
int sn_crash_enable(const struct sn_crash_place *place);
void sn_crash_disable(const struct sn_crash_place *place);

/** The calling thread's faults are about thread->place from now on. Returns 0 or -errno. */
int sn_crash_enter(struct sn_crash_thread *thread, const struct sn_allocator *allocator);
/** The end of that. Threads: the one that has entered. */
void sn_crash_leave(struct sn_crash_thread *thread, const struct sn_allocator *allocator);

/* For `describe`: a line begins with its key; then text, decimal and hexadecimal numbers, each
 * after a space; and the end of the line. */
void sn_crash_begin_line(struct sn_crash_out *out, const char *key);
void sn_crash_put(struct sn_crash_out *out, const char *text);
void sn_crash_put_number(struct sn_crash_out *out, uint64_t number);
void sn_crash_put_address(struct sn_crash_out *out, uint64_t address);
void sn_crash_end_line(struct sn_crash_out *out);

#endif
