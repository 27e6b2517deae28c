/* SPDX-License-Identifier: MIT */
/* Where the figures come from. What cannot be found out is said to be unknown; nothing fails. */
#ifndef SN_BENCH_MACHINE_H
#define SN_BENCH_MACHINE_H

#define BENCH_TEXT_MAX 256

struct bench_machine {
    char model[BENCH_TEXT_MAX];
    char kernel[BENCH_TEXT_MAX];
    char compiler[BENCH_TEXT_MAX];
    char commit[BENCH_TEXT_MAX];
    char governor[BENCH_TEXT_MAX];
    char load[BENCH_TEXT_MAX];
    unsigned cpus_online;
};

void bench_machine_read(int first_cpu, struct bench_machine *ret_machine);

/*
 * The CPUs that this process may use, reordered so that the second shares no core with the first
 * where that is possible.
 *
 * Returns how many were written to @ret_cpus, at most @max; 0 when they cannot be read.
 */
unsigned bench_machine_cpus(int *ret_cpus, unsigned max);

#endif
