/* SPDX-License-Identifier: MIT */
/* Sizes of structs; shared by the files of this folder only. */
#ifndef SNGEN_MODEL_LAYOUT_H
#define SNGEN_MODEL_LAYOUT_H

#include "model/resolve.h"

/** Sums and products of sizes: SN_UNBOUNDED once something is, or would be too large. */
uint64_t sn_size_add(uint64_t left, uint64_t right);
uint64_t sn_size_multiply(uint64_t left, uint64_t right);

/** Fill in what follows from a struct's fields; false if it contains itself (reported). */
bool sn_layout_struct(struct sn_resolver *resolver, struct sn_struct *structure);

/** The same for loose fields; returns whether all of them are fixed. */
bool sn_layout_fields(struct sn_resolver *resolver, struct sn_field *fields, size_t count);

#endif
