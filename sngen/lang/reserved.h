/* SPDX-License-Identifier: MIT */
/**
 * Words that a generated identifier must not be.
 */
#ifndef SNGEN_LANG_RESERVED_H
#define SNGEN_LANG_RESERVED_H

/**
 * Who claims a word: "a keyword of C", "a keyword of C++", "a macro of the C library", ...
 *
 * Returns  a phrase for messages, or NULL if the word is free.
 */
const char *sn_reserved_by(const char *word);

#endif
