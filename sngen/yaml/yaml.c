/* SPDX-License-Identifier: MIT */
/*
 * libyaml's events become nodes by recursive descent, at most 32 levels deep.
 * Children are collected in a growing stack (one array for all levels) and
 * copied into the arena when their parent ends, so that memory is linear.
 *
 * Places: libyaml counts characters; a cursor that only moves forward turns
 * its indices into byte offsets, because events come in the order of the text.
 *
 * What is refused but can be skipped (a duplicate key, an anchor) is reported
 * and the walk goes on, so that one run shows everything.
 */
#include "yaml/yaml_parts.h"

#include "base/map.h"

#include <stdlib.h>
#include <string.h>

struct reader {
    struct sn_arena *arena;
    struct sn_diags *diags;
    const char *file;
    const char *text;
    size_t size;
    size_t cursor_index; /* in characters */
    size_t cursor;       /* the same place in bytes */
    unsigned depth;
    unsigned flow_depth;
    bool stop; /* an error after which reading on makes no sense */
    const struct sn_node **stack;
    size_t stack_count;
    size_t stack_capacity;
    yaml_parser_t parser;
};

bool sn_node_is_empty(const struct sn_node *node)
{
    return node->kind == SN_NODE_SCALAR && node->style == SN_STYLE_PLAIN &&
           (node->size == 0 || strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0);
}

const char *sn_node_kind_name(const struct sn_node *node)
{
    if (sn_node_is_empty(node))
        return "nothing";
    return node->kind == SN_NODE_SCALAR ? "a text"
           : node->kind == SN_NODE_LIST ? "a list"
                                        : "a map";
}

struct sn_location sn_node_part(const struct sn_node *node, size_t offset, size_t length)
{
    struct sn_location part = node->location;
    size_t quote = node->style == SN_STYLE_SINGLE || node->style == SN_STYLE_DOUBLE;
    size_t characters = 0;

    if (node->kind != SN_NODE_SCALAR || node->style == SN_STYLE_BLOCK ||
        node->end - node->begin != node->size + 2 * quote || strchr(node->text, '\n') != NULL)
        return part;
    for (size_t i = 0; i < offset && i < node->size; i++)
        part.column += ((unsigned char)node->text[i] & 0xc0) != 0x80;
    for (size_t i = offset; i < offset + length && i < node->size; i++)
        characters += ((unsigned char)node->text[i] & 0xc0) != 0x80;
    part.column += (uint32_t)quote;
    part.length = (uint32_t)characters;
    return part;
}

static size_t byte_offset(struct reader *reader, const yaml_mark_t *mark)
{
    while (reader->cursor_index < mark->index && reader->cursor < reader->size) {
        reader->cursor++;
        while (reader->cursor < reader->size &&
               ((unsigned char)reader->text[reader->cursor] & 0xc0) == 0x80)
            reader->cursor++;
        reader->cursor_index++;
    }
    return reader->cursor;
}

static struct sn_location place(const struct reader *reader, const yaml_mark_t *mark)
{
    return (struct sn_location){.file = reader->file,
                                .line = (uint32_t)mark->line + 1,
                                .column = (uint32_t)mark->column + 1,
                                .length = 1};
}

static struct sn_node *new_node(struct reader *reader, const yaml_event_t *event,
                                enum sn_node_kind kind)
{
    struct sn_node *node = sn_arena_alloc(reader->arena, sizeof *node);
    const yaml_mark_t *begin = &event->start_mark, *end = &event->end_mark;

    if (node == NULL) {
        reader->stop = true;
        return NULL;
    }
    node->kind = kind;
    node->location = place(reader, begin);
    node->begin = byte_offset(reader, begin);
    node->end = byte_offset(reader, end);
    node->text = "";
    node->in_flow = reader->flow_depth > 0;
    if (begin->line == end->line && end->column > begin->column)
        node->location.length = (uint32_t)(end->column - begin->column);
    return node;
}

static bool next_event(struct reader *reader, yaml_event_t *event)
{
    if (yaml_parser_parse(&reader->parser, event))
        return true;
    reader->stop = true;
    if (reader->parser.error == YAML_MEMORY_ERROR)
        sn_arena_fail(reader->arena);
    else
        sn_yaml_report(reader->diags, reader->file, reader->text, reader->size, &reader->parser);
    return false;
}

static void refuse_extras(struct reader *reader, const yaml_event_t *event,
                          const yaml_char_t *anchor, const yaml_char_t *tag)
{
    struct sn_location at = place(reader, &event->start_mark);

    if (anchor != NULL) {
        sn_diag_error(reader->diags, SN_CODE_YAML_ANCHOR, &at, "anchors (&%s) are not used here",
                      (const char *)anchor);
        sn_diag_help(reader->diags, "write the value out where it is needed, or name it under "
                                    "`constants:` or `types:`");
    }
    if (tag != NULL) {
        bool core = strncmp((const char *)tag, "tag:yaml.org,2002:", 18) == 0;

        sn_diag_error(reader->diags, SN_CODE_YAML_TAG, &at, "YAML tags (%s%s) are not used here",
                      core ? "!!" : "", (const char *)tag + (core ? 18 : 0));
        sn_diag_help(reader->diags,
                     "leave the tag away; put a text that begins with '!' in quotes");
    }
}

static enum sn_node_style scalar_style(yaml_scalar_style_t style)
{
    switch (style) {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE:
        return SN_STYLE_SINGLE;
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
        return SN_STYLE_DOUBLE;
    case YAML_LITERAL_SCALAR_STYLE:
    case YAML_FOLDED_SCALAR_STYLE:
        return SN_STYLE_BLOCK;
    default:
        return SN_STYLE_PLAIN;
    }
}

/* Is there a comment behind this offset on the same line? */
static bool comment_follows(const struct reader *reader, size_t offset)
{
    size_t at = offset;

    while (at < reader->size && (reader->text[at] == ' ' || reader->text[at] == '\t'))
        at++;
    return at > offset && at < reader->size && reader->text[at] == '#';
}

static const struct sn_node *read_scalar(struct reader *reader, const yaml_event_t *event)
{
    const char *value = (const char *)event->data.scalar.value;
    struct sn_node *node = new_node(reader, event, SN_NODE_SCALAR);

    if (node == NULL)
        return NULL;
    refuse_extras(reader, event, event->data.scalar.anchor, event->data.scalar.tag);
    node->style = scalar_style(event->data.scalar.style);
    node->size = event->data.scalar.length;
    if (memchr(value, '\0', node->size) != NULL) {
        sn_diag_error(reader->diags, SN_CODE_YAML_ENCODING, &node->location,
                      "a text cannot contain NUL");
        node->size = strlen(value);
    }
    node->text = sn_arena_text(reader->arena, value, node->size);
    node->cut = node->style == SN_STYLE_PLAIN && comment_follows(reader, node->end);
    return node;
}

static bool push(struct reader *reader, const struct sn_node *node)
{
    if (reader->stack_count == reader->stack_capacity) {
        size_t capacity = reader->stack_capacity ? 2 * reader->stack_capacity : 64;
        const struct sn_node **stack =
            realloc(reader->stack, capacity * sizeof *stack); /* a pointer to pointers */

        if (stack == NULL) {
            sn_arena_fail(reader->arena);
            reader->stop = true;
            return false;
        }
        reader->stack = stack;
        reader->stack_capacity = capacity;
    }
    reader->stack[reader->stack_count++] = node;
    return true;
}

static const struct sn_node *read_node(struct reader *reader, const yaml_event_t *event);

/* Read nodes onto the stack until `end`; leaves the stack as it was on failure. */
static bool read_children(struct reader *reader, struct sn_node *parent, yaml_event_type_t end)
{
    for (;;) {
        yaml_event_t event;
        const struct sn_node *child;

        if (!next_event(reader, &event))
            return false;
        if (event.type == end) {
            parent->end = byte_offset(reader, &event.end_mark);
            yaml_event_delete(&event);
            return true;
        }
        child = read_node(reader, &event);
        yaml_event_delete(&event);
        if (reader->stop || child == NULL || !push(reader, child))
            return false;
    }
}

static void finish_list(struct reader *reader, struct sn_node *node, size_t base)
{
    size_t count = reader->stack_count - base;

    node->items = sn_arena_array(reader->arena, count, sizeof *node->items);
    if (node->items == NULL) {
        reader->stop = true;
        return;
    }
    for (size_t i = base; i < reader->stack_count; i++)
        if (!reader->stack[i]->refused)
            node->items[node->count++] = reader->stack[i];
}

static bool key_is_usable(struct reader *reader, const struct sn_node *key)
{
    if (key->kind != SN_NODE_SCALAR) {
        sn_diag_error(reader->diags, SN_CODE_WRONG_SHAPE, &key->location,
                      "a key must be a word, not %s", sn_node_kind_name(key));
        return false;
    }
    if (key->style == SN_STYLE_PLAIN && strcmp(key->text, "<<") == 0) {
        sn_diag_error(reader->diags, SN_CODE_YAML_ANCHOR, &key->location,
                      "merge keys (<<) are not used here");
        sn_diag_help(reader->diags, "write the entries out");
        return false;
    }
    return true;
}

static void report_duplicate(struct reader *reader, const struct sn_node *key,
                             const struct sn_node *first)
{
    sn_diag_error(reader->diags, SN_CODE_DUPLICATE_KEY, &key->location,
                  "the key '%s' is here twice", key->text);
    sn_diag_note(reader->diags, &first->location, "'%s' was first given here", key->text);
}

static void finish_map(struct reader *reader, struct sn_node *node, size_t base)
{
    size_t most = (reader->stack_count - base) / 2, count = 0;
    struct sn_pair *pairs = sn_arena_array(reader->arena, most, sizeof *pairs);
    struct sn_map seen;

    if (pairs == NULL) {
        reader->stop = true;
        return;
    }
    sn_map_init(&seen, reader->arena);
    for (size_t i = 0; i < most; i++) {
        const struct sn_node *key = reader->stack[base + 2 * i], *first;

        if (key->refused || reader->stack[base + 2 * i + 1]->refused || !key_is_usable(reader, key))
            continue;
        first = sn_map_put(&seen, key->text, key);
        if (first != NULL)
            report_duplicate(reader, key, first);
        else
            pairs[count++] = (struct sn_pair){key, reader->stack[base + 2 * i + 1]};
    }
    node->pairs = pairs;
    node->count = count;
}

static const struct sn_node *read_collection(struct reader *reader, const yaml_event_t *event,
                                             enum sn_node_kind kind, bool flow)
{
    struct sn_node *node = new_node(reader, event, kind);
    size_t base = reader->stack_count;
    bool list = kind == SN_NODE_LIST, complete;

    if (node == NULL)
        return NULL;
    node->style = flow ? SN_STYLE_FLOW : SN_STYLE_BLOCK;
    reader->depth++;
    reader->flow_depth += flow;
    complete = read_children(reader, node, list ? YAML_SEQUENCE_END_EVENT : YAML_MAPPING_END_EVENT);
    if (complete && list)
        finish_list(reader, node, base);
    else if (complete)
        finish_map(reader, node, base);
    reader->depth--;
    reader->flow_depth -= flow;
    reader->stack_count = base;
    return reader->stop ? NULL : node;
}

static const struct sn_node *refuse_alias(struct reader *reader, const yaml_event_t *event)
{
    struct sn_node *node = new_node(reader, event, SN_NODE_SCALAR);
    const char *name = (const char *)event->data.alias.anchor;

    if (node == NULL)
        return NULL;
    node->refused = true;
    sn_diag_error(reader->diags, SN_CODE_YAML_ANCHOR, &node->location,
                  "aliases (*%s) are not used here", name);
    sn_diag_help(reader->diags, "a text that begins with '*' needs quotes: \"*%s\"", name);
    return node;
}

static const struct sn_node *read_node(struct reader *reader, const yaml_event_t *event)
{
    struct sn_location at = place(reader, &event->start_mark);

    if (event->type == YAML_SCALAR_EVENT)
        return read_scalar(reader, event);
    if (event->type == YAML_ALIAS_EVENT)
        return refuse_alias(reader, event);
    if (reader->depth == SN_YAML_DEPTH_MAX) {
        sn_diag_error(reader->diags, SN_CODE_YAML_DEPTH, &at,
                      "lists and maps are nested deeper than %d levels", SN_YAML_DEPTH_MAX);
        reader->stop = true;
        return NULL;
    }
    if (event->type == YAML_SEQUENCE_START_EVENT) {
        refuse_extras(reader, event, event->data.sequence_start.anchor,
                      event->data.sequence_start.tag);
        return read_collection(reader, event, SN_NODE_LIST,
                               event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE);
    }
    refuse_extras(reader, event, event->data.mapping_start.anchor, event->data.mapping_start.tag);
    return read_collection(reader, event, SN_NODE_MAP,
                           event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE);
}

/* After the first document only the end of the stream may come. */
static void expect_end(struct reader *reader)
{
    yaml_event_t event;

    while (!reader->stop && next_event(reader, &event)) {
        struct sn_location at = place(reader, &event.start_mark);
        yaml_event_type_t type = event.type;

        yaml_event_delete(&event);
        if (type == YAML_STREAM_END_EVENT)
            return;
        if (type == YAML_DOCUMENT_START_EVENT) {
            sn_diag_error(reader->diags, SN_CODE_YAML_DOCUMENTS, &at,
                          "a second YAML document begins here; a schema file has one");
            reader->stop = true;
        }
    }
}

static const struct sn_node *read_document(struct reader *reader)
{
    const struct sn_node *root = NULL;
    yaml_event_t event;

    while (root == NULL && !reader->stop && next_event(reader, &event)) {
        if (event.type == YAML_STREAM_END_EVENT) {
            struct sn_location at = {.file = reader->file, .line = 1, .column = 1};

            sn_diag_error(reader->diags, SN_CODE_YAML_EMPTY, &at, "the file has no content");
            sn_diag_help(reader->diags, "a schema begins with `sngen: 1` and `package: NAME`");
            reader->stop = true;
        } else if (event.type == YAML_DOCUMENT_START_EVENT &&
                   (event.data.document_start.version_directive != NULL ||
                    event.data.document_start.tag_directives.start !=
                        event.data.document_start.tag_directives.end)) {
            struct sn_location at = place(reader, &event.start_mark);

            sn_diag_error(reader->diags, SN_CODE_YAML_TAG, &at,
                          "YAML directives (%%YAML, %%TAG) are not used here");
        } else if (event.type != YAML_STREAM_START_EVENT &&
                   event.type != YAML_DOCUMENT_START_EVENT) {
            root = read_node(reader, &event);
        }
        yaml_event_delete(&event);
    }
    if (root != NULL)
        expect_end(reader);
    return reader->stop ? NULL : root;
}

const struct sn_node *sn_yaml_parse_up_to(struct sn_arena *arena, struct sn_diags *diags,
                                          const char *file, const char *text, size_t size_bytes,
                                          size_t most_bytes)
{
    struct reader reader = {
        .arena = arena, .diags = diags, .file = file, .text = text, .size = size_bytes};
    const struct sn_node *root = NULL;
    size_t errors;

    if (!sn_yaml_check_text(diags, file, text, size_bytes, most_bytes))
        return NULL;
    if (!yaml_parser_initialize(&reader.parser)) {
        sn_arena_fail(arena);
        return NULL;
    }
    yaml_parser_set_encoding(&reader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, size_bytes);
    errors = sn_diags_errors(diags);
    root = read_document(&reader);
    yaml_parser_delete(&reader.parser);
    free(reader.stack);
    if (root != NULL && sn_diags_errors(diags) == errors) /* so the tree is complete */
        sn_yaml_check_strictly(diags, file, text, size_bytes, root);
    return root;
}

const struct sn_node *sn_yaml_parse(struct sn_arena *arena, struct sn_diags *diags,
                                    const char *file, const char *text, size_t size_bytes)
{
    return sn_yaml_parse_up_to(arena, diags, file, text, size_bytes, SN_YAML_FILE_MAX_BYTES);
}
