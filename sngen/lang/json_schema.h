/* SPDX-License-Identifier: MIT */
/**
 * The table of the language as a JSON Schema (draft-07), for editors.
 */
#ifndef SNGEN_LANG_JSON_SCHEMA_H
#define SNGEN_LANG_JSON_SCHEMA_H

#include "base/buffer.h"

/** Append the whole schema. */
void sn_lang_write_json_schema(struct sn_buffer *out);

#endif
