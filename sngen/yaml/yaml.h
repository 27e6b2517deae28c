/* SPDX-License-Identifier: MIT */
/**
 * YAML text to a tree of nodes that know where they were written.
 *
 * This folder is the only one that includes libyaml. It accepts the part of
 * YAML 1.1 that the schema language needs and refuses the rest with a clear
 * error: anchors, aliases and merge keys, tags, several documents, keys that
 * are no plain words, duplicate keys, nesting deeper than 32, files larger
 * than 1 MiB, NUL, invalid UTF-8 and invisible line breaks.
 */
#ifndef SNGEN_YAML_YAML_H
#define SNGEN_YAML_YAML_H

#include "base/arena.h"
#include "base/diag.h"
#include "base/location.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SN_YAML_DEPTH_MAX 32
#define SN_YAML_FILE_MAX_BYTES (1024u * 1024u)

enum sn_node_kind { SN_NODE_SCALAR, SN_NODE_LIST, SN_NODE_MAP };

enum sn_node_style {
    SN_STYLE_PLAIN,  /* a */
    SN_STYLE_SINGLE, /* 'a' */
    SN_STYLE_DOUBLE, /* "a" */
    SN_STYLE_BLOCK,  /* | or >; and - a, a: b */
    SN_STYLE_FLOW    /* [a], {a: b} */
};

struct sn_node;

struct sn_pair {
    const struct sn_node *key; /* a scalar */
    const struct sn_node *value;
};

struct sn_node {
    enum sn_node_kind kind;
    enum sn_node_style style;
    struct sn_location location;
    size_t begin; /* byte offsets in the text: [begin, end) */
    size_t end;
    const char *text;             /* scalar: without NUL inside, one behind; else "" */
    size_t size;                  /* of text, in bytes */
    bool refused;                 /* what stands here was reported; the tree does not contain it */
    bool cut;                     /* a plain scalar with a comment behind it on its line */
    bool in_flow;                 /* stands inside [ ] or { } */
    const struct sn_node **items; /* list */
    const struct sn_pair *pairs;  /* map, keys distinct */
    size_t count;                 /* of items or pairs */
};

/**
 * Parse one document.
 *
 * @file  the name for locations; lives as long as the arena.
 * @text  registered with `diags` by the caller, for the source lines.
 *
 * Returns  the root, or NULL after at least one error was reported or memory was short (the arena
 *          knows). A tree that is returned may lack what was refused, with errors in `diags`.
 * Owns     the arena.
 */
const struct sn_node *sn_yaml_parse(struct sn_arena *arena, struct sn_diags *diags,
                                    const char *file, const char *text, size_t size_bytes);

/** As sn_yaml_parse() for a file that may be larger (or must be smaller). */
const struct sn_node *sn_yaml_parse_up_to(struct sn_arena *arena, struct sn_diags *diags,
                                          const char *file, const char *text, size_t size_bytes,
                                          size_t most_bytes);

/** True for a value that was left out: `key:` with nothing, `~` or `null`. */
bool sn_node_is_empty(const struct sn_node *node);

/** "a text", "a list" or "a map", for messages. */
const char *sn_node_kind_name(const struct sn_node *node);

/**
 * A part of a scalar's text as a place: `offset` and `length` in bytes of node->text.
 *
 * Exact for scalars on one line that need no escapes; else the scalar's own place.
 */
struct sn_location sn_node_part(const struct sn_node *node, size_t offset, size_t length);

#endif
