/* SPDX-License-Identifier: MIT */
/**
 * "did you mean ...?": the nearest of some names.
 */
#ifndef SNGEN_BASE_SUGGEST_H
#define SNGEN_BASE_SUGGEST_H

#include <stddef.h>

/* Collects the best candidate; begin with {.wanted = name}. */
struct sn_suggest {
    const char *wanted;
    const char *best;     /* NULL: nothing was near */
    size_t best_distance; /* its own measure; 0 at first */
};

/** Consider one candidate, which must stay valid while `best` is used; NULL is ignored. */
void sn_suggest_add(struct sn_suggest *suggest, const char *candidate);

/**
 * How many single-character edits (insert, delete, replace, swap of neighbours) lie between two
 * names; names over 63 characters are never near (SIZE_MAX).
 *
 * Implements the optimal string alignment distance (Damerau 1964, restricted form).
 */
size_t sn_suggest_distance(const char *left, const char *right);

#endif
