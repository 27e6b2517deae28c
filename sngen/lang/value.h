/* SPDX-License-Identifier: MIT */
/**
 * The small texts inside values: names, numbers, durations, rates, policies.
 *
 * All functions are pure: they read a NUL-terminated text and say whether the
 * whole of it is what they parse. Numbers never wrap; one that does not fit
 * 64 bits is no number.
 */
#ifndef SNGEN_LANG_VALUE_H
#define SNGEN_LANG_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SN_NAME_MAX_BYTES 48
#define SN_DURATION_TEXT_BYTES 32

/** A name: a-z first, then a-z, 0-9 and single _ inside; at most 48 characters. */
bool sn_value_is_name(const char *text);

/** Two names with a dot between them, or one name. */
bool sn_value_is_reference(const char *text);

/**
 * The nearest name to a text that is none ("maxName" -> "max_name").
 *
 * @ret_name  SN_NAME_MAX_BYTES + 1 bytes.
 *
 * Returns  false if nothing usable is left.
 */
bool sn_value_make_name(const char *text, char *ret_name);

/** 0, 12, 4k, 1M, 2G: powers of 1024. */
bool sn_value_number(const char *text, uint64_t *ret_number);

/** 10ns, 10us, 10ms, 5s, 5min, 2h, 1d. */
bool sn_value_duration(const char *text, uint64_t *ret_ns);

/**
 * A duration as it would be written: "5s", "100us".
 *
 * @ret_text  SN_DURATION_TEXT_BYTES bytes.
 */
void sn_value_write_duration(uint64_t ns, char *ret_text);

/** 10ms..5s, the first not longer than the second. */
bool sn_value_span(const char *text, uint64_t *ret_min_ns, uint64_t *ret_max_ns);

/** 3 in 60s. */
bool sn_value_rate(const char *text, uint64_t *ret_count, uint64_t *ret_window_ns);

/** park(8): the number; the other policies are plain choices. */
bool sn_value_park(const char *text, uint64_t *ret_count);

/** 0..10k: the size of a run-time pool. */
bool sn_value_size_span(const char *text, uint64_t *ret_min, uint64_t *ret_max);

/** A header or schema file: relative, of letters, digits and . _ - + /, ending in `suffix`. */
bool sn_value_is_path(const char *text, const char *suffix);

#endif
