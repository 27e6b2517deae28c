/* SPDX-License-Identifier: MIT */
/**
 * Judging a model: what is well-formed but wrong, or suspicious.
 */
#ifndef SNGEN_CHECK_CHECK_H
#define SNGEN_CHECK_CHECK_H

#include "base/diag.h"
#include "model/model.h"

/**
 * Run all checks on a model that was resolved without errors.
 *
 * Without memory the arena of the model knows, and findings may be missing.
 */
void sn_check(const struct sn_model *model, struct sn_diags *diags);

/** Collisions with the names that unit tests add: for a model that has passed all checks. */
void sn_check_test_names(const struct sn_model *model, struct sn_diags *diags);

/** What is right but easily misunderstood: warnings, for those who ask. */
void sn_check_lint(const struct sn_model *model, struct sn_diags *diags);

#endif
