/* SPDX-License-Identifier: MIT */
/* The checks, one function each; called by sn_check() only. */
#ifndef SNGEN_CHECK_CHECKS_H
#define SNGEN_CHECK_CHECKS_H

#include "base/diag.h"
#include "model/model.h"

/** No generated identifier is declared twice or belongs to C, C++ or their libraries. */
void sn_check_names(const struct sn_model *model, struct sn_diags *diags);

/** The error numbers of packages in use do not overlap. */
void sn_check_errors(const struct sn_model *model, struct sn_diags *diags);

#endif
