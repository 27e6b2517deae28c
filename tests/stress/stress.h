/* SPDX-License-Identifier: MIT */
#ifndef SN_TESTS_STRESS_STRESS_H
#define SN_TESTS_STRESS_STRESS_H

#include <check.h>

/** How often to do something: `normally`, times SN_STRESS_FACTOR if that is set. */
unsigned stress_rounds(unsigned normally);

/** Run a suite; a test that hangs is killed by Check. Returns what main() returns. */
int stress_run(Suite *suite);

/** A test case whose tests may take as long as the factor allows. */
TCase *stress_case(const char *name);

#endif
