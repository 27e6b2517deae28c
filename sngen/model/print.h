/* SPDX-License-Identifier: MIT */
/**
 * Parts of the model as the language writes them.
 */
#ifndef SNGEN_MODEL_PRINT_H
#define SNGEN_MODEL_PRINT_H

#include "base/buffer.h"
#include "model/model.h"

/** The word of a kind: "u32", "string", "list", "enum", ... */
const char *sn_kind_word(enum sn_kind kind);

/** A type: "list(20) of said", "string(max_name)?"; types of other packages with their prefix. */
void sn_print_type(struct sn_buffer *out, const struct sn_package *package,
                   const struct sn_type *type);

/** A duration: "5s"; "none" for SN_NO_TIME_LIMIT. */
void sn_print_duration(struct sn_buffer *out, uint64_t ns);

/** A number as short as the language allows: 4k, 1000. */
void sn_print_number(struct sn_buffer *out, uint64_t number);

/** "hash", "consistent_hash", ... */
const char *sn_route_word(enum sn_route route);

/** "permanent", "transient", "temporary" */
const char *sn_restart_word(enum sn_restart restart);

/** "one_for_one", ... */
const char *sn_strategy_word(enum sn_strategy strategy);

/** "never", "any", "all" */
const char *sn_auto_shutdown_word(enum sn_auto_shutdown when);

/** What is done about calls that fail: "retry 3 (10ms..1s), breaker 5 (5s)". */
void sn_print_guard(struct sn_buffer *out, const struct sn_guard *guard);

/** "reject", "drop_oldest", "park(8)", ... */
void sn_print_policy(struct sn_buffer *out, const struct sn_slot *slot);

/** The path of a slot's key: "from.id"; nothing if it has none. */
void sn_print_key(struct sn_buffer *out, const struct sn_slot *slot);

#endif
