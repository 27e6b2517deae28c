/* SPDX-License-Identifier: MIT */
/* The inside of the diagnostics list, shared by diag.c and the writers only. */
#ifndef SNGEN_BASE_DIAG_LIST_H
#define SNGEN_BASE_DIAG_LIST_H

#include "base/diag.h"

#include <stdint.h>

enum sn_severity { SN_SEVERITY_ERROR, SN_SEVERITY_WARNING };

struct sn_diag_note {
    struct sn_diag_note *next;
    struct sn_location location;
    const char *text;
};

struct sn_diag {
    enum sn_code code;
    enum sn_severity severity;
    struct sn_location location;
    const char *text;
    const char *help; /* or NULL */
    struct sn_diag_note *notes;
    uint32_t source; /* order of its file; UINT32_MAX: none */
    size_t number;   /* order of reporting */
};

struct sn_source {
    const char *file;
    const char *text;
    size_t size;
    const size_t *lines; /* offset of the start of each line */
    size_t line_count;
};

struct sn_diags {
    struct sn_arena *arena;
    struct sn_diag *items;
    size_t count;
    size_t capacity;
    size_t errors;
    size_t suggestions; /* looked for so far */
    size_t hidden;      /* errors and warnings past the most that are kept */
    bool strict;        /* warnings are errors */
    struct sn_source *sources;
    size_t source_count;
    size_t source_capacity;
};

/** The source of a file, or NULL. */
const struct sn_source *sn_diags_source(const struct sn_diags *diags, const char *file);

#endif
