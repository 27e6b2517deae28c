/* SPDX-License-Identifier: MIT */
#ifndef SN_TESTS_IO_SANDBOX_H
#define SN_TESTS_IO_SANDBOX_H

/*
 * Take a system call away from this process, as an old kernel or a container
 * does. There is no way back, so it is for tests in a process of their own
 * (Check's fork mode).
 */

/** Let system call `number` fail with `error` from now on. Returns 0 or a negative errno. */
int sandbox_deny(unsigned number, unsigned error);

#endif
