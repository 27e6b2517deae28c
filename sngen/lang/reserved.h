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

/** The same for the name of a package, which is also the tag of a struct and in front of all that
 * is generated. */
const char *sn_reserved_package(const char *name);

#endif
