/* SPDX-License-Identifier: MIT */
/* What owned.yaml includes. */
#ifndef PART_H
#define PART_H

#include <stdio.h>

struct part {
    int *memory;
};

void part_fini(struct part *part);
void log_close(FILE **log);

#endif
