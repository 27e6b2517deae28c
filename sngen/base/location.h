/* SPDX-License-Identifier: MIT */
/**
 * A place in a source file, kept by every parsed thing.
 */
#ifndef SNGEN_BASE_LOCATION_H
#define SNGEN_BASE_LOCATION_H

#include <stdint.h>

struct sn_location {
    const char *file; /* as the user named it; NULL: nowhere (a default that was filled in) */
    uint32_t line;    /* from 1 */
    uint32_t column;  /* from 1, in characters of the line (UTF-8 code points) */
    uint32_t length;  /* characters to underline on that line; 0 or 1: one caret */
};

#endif
