/* SPDX-License-Identifier: MIT */
#ifndef WORDCOUNT_PROGRESS_H
#define WORDCOUNT_PROGRESS_H

#include "readers.h"

/** Wait for the readers; draw a bar on standard error if that is a terminal and they take long. */
void progress_show(struct readers *readers);

#endif
