/* SPDX-License-Identifier: MIT */
/**
 * One form for all schema files.
 */
#ifndef SNGEN_YAML_FORMAT_H
#define SNGEN_YAML_FORMAT_H

#include "base/buffer.h"
#include "yaml/yaml.h"

/**
 * Write a document in the one form: two blanks a level, one blank after ':' and ',', none inside
 * brackets, at most one empty line in a row. Comments stay on their lines, values as they are.
 *
 * @root  of the text, parsed without errors.
 * @out   gets the whole file.
 *
 * Returns  false if the document has something that the formatter does not handle; `out` is then
 *          of no use. (The caller compares the parsed result with the original; see
 *          sn_yaml_same().)
 */
bool sn_yaml_format(struct sn_arena *arena, const struct sn_node *root, const char *text,
                    size_t size_bytes, struct sn_buffer *out);

/** Whether two trees have the same content, whatever their form. */
bool sn_yaml_same(const struct sn_node *left, const struct sn_node *right);

#endif
