/* SPDX-License-Identifier: MIT */
/* What the files of the comparison share. */
#ifndef SNGEN_CHECK_DIFF_PARTS_H
#define SNGEN_CHECK_DIFF_PARTS_H

#include "check/diff.h"

struct sn_diff {
    struct sn_arena *arena;
    const struct sn_package *before;
    const struct sn_package *now;
    struct sn_diff_sink *sink;
};

/** Report one break. */
void sn_diff_found(struct sn_diff *diff, unsigned kinds, const struct sn_location *location,
                   const char *format, ...) __attribute__((format(printf, 4, 5)));

/** Compare the fields of two structs; `what` is as in "the message 'put'". */
void sn_diff_fields(struct sn_diff *diff, unsigned kinds, const char *what,
                    const struct sn_location *location, const struct sn_field *before,
                    size_t before_count, const struct sn_field *now, size_t now_count);

/** Compare workers, pools and edges. */
void sn_diff_actors(struct sn_diff *diff);

#endif
