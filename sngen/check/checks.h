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

/** Messages and workers that lead nowhere (warnings). */
void sn_check_usage(const struct sn_model *model, struct sn_diags *diags);

/** No workers can park each other for ever. */
void sn_check_cycles(const struct sn_model *model, struct sn_diags *diags);

/** No answers wait for each other (warnings). */
void sn_check_waits(const struct sn_model *model, struct sn_diags *diags);

/** Retries are safe, and happen. */
void sn_check_guards(const struct sn_model *model, struct sn_diags *diags);

/** Answers come in time. */
void sn_check_asks(const struct sn_model *model, struct sn_diags *diags);

/** What is marked for the wire can travel, and its names differ in the .proto. */
void sn_check_wire(const struct sn_model *model, struct sn_diags *diags);

/** Supervisors, and policies of their children, that contradict each other. */
void sn_check_supervision(const struct sn_model *model, struct sn_diags *diags);

/** Phases of a stop can begin. */
void sn_check_phases(const struct sn_model *model, struct sn_diags *diags);

/** The declared `memory` is enough. */
void sn_check_memory(const struct sn_model *model, struct sn_diags *diags);

/** Fields that the limit of their message cuts (warnings). */
void sn_check_limits(const struct sn_model *model, struct sn_diags *diags);

/** Mailboxes whose numbers and policies contradict each other. */
void sn_check_pools(const struct sn_model *model, struct sn_diags *diags);

/** Members made at run time: who makes them, and what cannot be said of them. */
void sn_check_spawns(const struct sn_model *model, struct sn_diags *diags);

#endif
