/* SPDX-License-Identifier: MIT */
#ifndef SN_TESTS_UNIT_CHEAP_H
#define SN_TESTS_UNIT_CHEAP_H

/*
 * An assertion for loops of many thousands: Check's own ones report to the parent process each
 * time they hold, which takes microseconds; this one says nothing until it fails.
 */

#include <check.h>

#define cheap_assert(condition)                                                          \
    do {                                                                                 \
        if (!(condition))                                                                \
            ck_abort_msg("%s:%d: assertion failed: %s", __FILE__, __LINE__, #condition); \
    } while (0)

#endif
