/* SPDX-License-Identifier: MIT */
/* What the files of yaml/ share; not for other folders. */
#ifndef SNGEN_YAML_YAML_PARTS_H
#define SNGEN_YAML_YAML_PARTS_H

#include "yaml/yaml.h"

#include <yaml.h>

/** Judge the bytes, `most_bytes` of them at most: reports what is wrong and returns false. */
bool sn_yaml_check_text(struct sn_diags *diags, const char *file, const char *text,
                        size_t size_bytes, size_t most_bytes);

/** Report what YAML forbids although libyaml let it through; `root` is the whole tree. */
void sn_yaml_check_strictly(struct sn_diags *diags, const char *file, const char *text,
                            size_t size_bytes, const struct sn_node *root);

/** Report why libyaml stopped, in our words and with a hint. */
void sn_yaml_report(struct sn_diags *diags, const char *file, const char *text, size_t size_bytes,
                    const yaml_parser_t *parser);

#endif
