/* SPDX-License-Identifier: MIT */
/**
 * The table of the language as a manual page, sn.yaml(5).
 */
#ifndef SNGEN_LANG_MANUAL_H
#define SNGEN_LANG_MANUAL_H

#include "base/buffer.h"

/**
 * Append the page, in roff.
 *
 * @version  of sngen.
 */
void sn_lang_write_manual(struct sn_buffer *out, const char *version);

#endif
