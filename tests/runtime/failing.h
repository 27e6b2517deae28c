/* SPDX-License-Identifier: MIT */
#ifndef TESTS_RUNTIME_FAILING_H
#define TESTS_RUNTIME_FAILING_H

/*
 * Every scenario again, with one allocation failing: see failing.c. Programs get this by linking
 * with support.c; what stands here is what the kit needs of it.
 */

#include <check.h>
#include <stdbool.h>
#include <stdint.h>

/** Whether SN_FAIL_ALLOCATIONS asks for it. */
bool failing_is_on(void);

/** Run all tests of a program once for each allocation. Returns main()'s exit status. */
int failing_run(const char *name, void (*add)(TCase *tests), TCase *tests);

/** How long a condition is waited for: not long when an allocation has failed, because what the
 * scenario waits for may never come. */
uint64_t failing_patience_ns(void);

/** A gate that waits is opened at the end of a scenario that was broken off. */
struct gate;
void failing_note_gate(struct gate *gate);

/** The test's clock goes on then. At most one. */
struct manual_clock;
void failing_note_clock(struct manual_clock *clock);

#endif
