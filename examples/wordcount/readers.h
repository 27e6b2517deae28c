/* SPDX-License-Identifier: MIT */
#ifndef WORDCOUNT_READERS_H
#define WORDCOUNT_READERS_H

/* Threads that cut the inputs into words and send each to its counter. See readers.c. */

#include "wordcount.h"

/* One text. */
struct input {
    const char *path;       /* "-": standard input */
    _Atomic(int) error;     /* -errno of what could not be read; else 0 */
    _Atomic(bool) too_long; /* there was a word above WORDCOUNT_MAX_WORD, which was left out */
};

struct readers;

/**
 * Begin to read.
 *
 * @inputs   live until readers_wait(), which sets what went wrong with them.
 * @threads  at least 1.
 *
 * Returns  0; -errno, with *ret_readers NULL.
 * Owns     the caller, until readers_wait().
 */
int readers_start(struct wordcount *app, struct input *inputs, size_t count, unsigned threads,
                  struct readers **ret_readers);

/** Wait some time for the end. Returns whether all is read and counted. */
bool readers_wait_for(struct readers *readers, uint64_t timeout_ns);

/** How much has been read; *ret_total is 0 if nobody knows how much there is. */
uint64_t readers_progress(const struct readers *readers, uint64_t *ret_total);

/**
 * Wait until all is read and counted, and free the readers; NULL does nothing.
 *
 * Returns  0, or why the counting failed. What could not be read is told by the inputs.
 */
int readers_wait(struct readers *readers);

#endif
