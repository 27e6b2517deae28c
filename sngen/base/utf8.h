/* SPDX-License-Identifier: MIT */
/**
 * UTF-8 as RFC 3629 has it.
 */
#ifndef SNGEN_BASE_UTF8_H
#define SNGEN_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * Decode the character that the text begins with.
 *
 * @size_bytes  of the text, at least 1.
 *
 * Returns  how many bytes it has, 0 if they are no valid sequence (section 4 of the RFC).
 */
size_t sn_utf8_decode(const char *text, size_t size_bytes, uint32_t *ret_character);

/** True for a character that changes the direction of the text around it, and so may hide code. */
bool sn_utf8_is_bidi(uint32_t character);

#endif
