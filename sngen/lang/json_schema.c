/* SPDX-License-Identifier: MIT */
/*
 * Each shape becomes a definition, each row a property. What this version does
 * not have is left out, so that an editor underlines it.
 *
 * The patterns say the same as the scanners in value.c and type_expr.c; the
 * test sngen_schema lets both judge the same files.
 */
#include "lang/json_schema.h"

#include "lang/table.h"
#include "lang/value.h"

#include <string.h>

#define NAME "[a-z](_?[a-z0-9])*"
#define NUMBER "(0|[1-9][0-9]*)[kMG]?"
#define TIME "(0|[1-9][0-9]*)(ns|us|ms|s|min|h|d)"
#define PATH "[A-Za-z0-9._+][A-Za-z0-9._+/-]*"
#define COUNT "\\( *(" NUMBER "|" NAME "|unbounded) *\\)"
#define ELEMENT \
    "((string|bytes)" COUNT "|ref\\( *" NAME "(\\." NAME ")? *\\)|" NAME "(\\." NAME ")?)"
#define C_TYPE "c\\([A-Za-z_ ][A-Za-z0-9_ ]*[* ]*\\)( *fini\\( *[A-Za-z_][A-Za-z0-9_]* *\\))?"
#define TYPE                                                                                      \
    "^ *(" ELEMENT " *\\??|(list|array)" COUNT " *of +" ELEMENT "|reply_to\\( *" NAME "(\\." NAME \
    ")? *\\)|" C_TYPE ") *$"

/* Writes JSON with indentation; a key of NULL is for the items of an array. */
struct writer {
    struct sn_buffer *out;
    unsigned depth;
    bool follows; /* something stands before in the same object or array */
};

static void begin(struct writer *writer, const char *key)
{
    sn_buffer_puts(writer->out, writer->follows ? ",\n" : "\n");
    sn_buffer_fill(writer->out, ' ', (size_t)writer->depth * 2);
    if (key != NULL) {
        sn_buffer_json(writer->out, key);
        sn_buffer_puts(writer->out, ": ");
    }
    writer->follows = true;
}

static void json_open(struct writer *writer, const char *key, const char *bracket)
{
    if (writer->depth > 0)
        begin(writer, key);
    sn_buffer_puts(writer->out, bracket);
    writer->depth++;
    writer->follows = false;
}

static void json_close(struct writer *writer, const char *bracket)
{
    writer->depth--;
    sn_buffer_puts(writer->out, "\n");
    sn_buffer_fill(writer->out, ' ', (size_t)writer->depth * 2);
    sn_buffer_puts(writer->out, bracket);
    writer->follows = true;
}

static void text(struct writer *writer, const char *key, const char *value)
{
    begin(writer, key);
    sn_buffer_json(writer->out, value);
}

static void raw(struct writer *writer, const char *key, const char *value)
{
    begin(writer, key);
    sn_buffer_puts(writer->out, value);
}

static void number(struct writer *writer, const char *key, uint64_t value)
{
    begin(writer, key);
    sn_buffer_printf(writer->out, "%llu", (unsigned long long)value);
}

static void bare_reference(struct writer *writer, const char *definition)
{
    begin(writer, "$ref");
    sn_buffer_printf(writer->out, "\"#/definitions/%s\"", definition);
}

static void reference(struct writer *writer, const char *key, const char *definition)
{
    json_open(writer, key, "{");
    bare_reference(writer, definition);
    json_close(writer, "}");
}

static void choices(struct writer *writer, const char *key, const struct sn_choice *list)
{
    json_open(writer, key, "{");
    json_open(writer, "enum", "[");
    for (; list->name != NULL; list++)
        if (!list->later)
            text(writer, NULL, list->name);
    json_close(writer, "]");
    json_close(writer, "}");
}

static void pattern(struct writer *writer, const char *key, const char *expression)
{
    json_open(writer, key, "{");
    text(writer, "type", "string");
    text(writer, "pattern", expression);
    json_close(writer, "}");
}

static void integer(struct writer *writer, const struct sn_key *row)
{
    json_open(writer, NULL, "{");
    text(writer, "type", "integer");
    number(writer, "minimum", row->min);
    if (row->max != 0)
        number(writer, "maximum", row->max);
    json_close(writer, "}");
}

static void object_of(struct writer *writer, const char *key, const char *name_definition)
{
    json_open(writer, key, "{");
    text(writer, "type", "object");
    reference(writer, "propertyNames", name_definition);
}

/* {"type": "array", "items": {"$ref": ...}} */
static void array_of(struct writer *writer, const char *key, const char *definition)
{
    json_open(writer, key, "{");
    text(writer, "type", "array");
    reference(writer, "items", definition);
    json_close(writer, "}");
}

static void number_value(struct writer *writer, const struct sn_key *row)
{
    if (row->word == SN_WORD_SNGEN) {
        raw(writer, "const", "1");
        return;
    }
    json_open(writer, "anyOf", "[");
    integer(writer, row);
    pattern(writer, NULL, "^(" NUMBER "|" NAME ")$");
    if (row->value == SN_VALUE_SIZE) {
        json_open(writer, NULL, "{");
        text(writer, "const", "auto");
        json_close(writer, "}");
        pattern(writer, NULL, "^0\\.\\." NUMBER "$");
    }
    json_close(writer, "]");
}

static void pattern_or_choices(struct writer *writer, const struct sn_key *row,
                               const char *expression)
{
    json_open(writer, "anyOf", "[");
    pattern(writer, NULL, expression);
    if (row->choices != NULL)
        choices(writer, NULL, row->choices);
    json_close(writer, "]");
    if (row->example != NULL) {
        json_open(writer, "examples", "[");
        text(writer, NULL, row->example);
        json_close(writer, "]");
    }
}

/* types: {size: {...}, color: [...], name: string(8)} */
static void types_of(struct writer *writer)
{
    text(writer, "type", "object");
    reference(writer, "propertyNames", "name");
    json_open(writer, "additionalProperties", "{");
    json_open(writer, "anyOf", "[");
    reference(writer, NULL, sn_lang_alias()->title);
    reference(writer, NULL, "enumeration");
    reference(writer, NULL, "enum");
    reference(writer, NULL, "structure");
    json_close(writer, "]");
    json_close(writer, "}");
}

/* A list of references, or a map from them to a definition (or nothing). */
static void references_of(struct writer *writer, const char *definition)
{
    json_open(writer, "anyOf", "[");
    array_of(writer, NULL, "reference");
    object_of(writer, NULL, "reference");
    json_open(writer, "additionalProperties", "{");
    json_open(writer, "anyOf", "[");
    reference(writer, NULL, definition);
    json_open(writer, NULL, "{");
    text(writer, "type", "null");
    json_close(writer, "}");
    json_close(writer, "]");
    json_close(writer, "}");
    json_close(writer, "}");
    json_close(writer, "]");
}

/* One text, or a map from messages to such texts. */
static void one_or_map(struct writer *writer, const char *definition)
{
    json_open(writer, "anyOf", "[");
    reference(writer, NULL, definition);
    object_of(writer, NULL, "reference");
    reference(writer, "additionalProperties", definition);
    json_close(writer, "}");
    json_close(writer, "]");
}

static void map_of(struct writer *writer, const char *definition)
{
    text(writer, "type", "object");
    reference(writer, "propertyNames", "name");
    reference(writer, "additionalProperties", definition);
}

static void list_of(struct writer *writer, const char *definition)
{
    text(writer, "type", "array");
    reference(writer, "items", definition);
}

/* [busy, late: {...}] */
static void named_list(struct writer *writer, const struct sn_shape *shape)
{
    text(writer, "type", "array");
    json_open(writer, "items", "{");
    json_open(writer, "anyOf", "[");
    reference(writer, NULL, "name");
    object_of(writer, NULL, "name");
    reference(writer, "additionalProperties", shape->title);
    raw(writer, "minProperties", "1");
    raw(writer, "maxProperties", "1");
    json_close(writer, "}");
    json_close(writer, "]");
    json_close(writer, "}");
}

static void structured_value(struct writer *writer, const struct sn_key *row)
{
    switch (row->value) {
    case SN_VALUE_FIELDS:
    case SN_VALUE_ENTRIES:
        map_of(writer, row->shape->title);
        break;
    case SN_VALUE_SHAPE:
        bare_reference(writer, row->shape->title);
        break;
    case SN_VALUE_CONSTANTS:
        map_of(writer, "number");
        break;
    case SN_VALUE_IMPORTS:
        map_of(writer, "schema_file");
        break;
    case SN_VALUE_PROTOCOLS:
        map_of(writer, "references");
        break;
    case SN_VALUE_TYPES:
        types_of(writer);
        break;
    case SN_VALUE_HANDLES:
    case SN_VALUE_CALLS:
        references_of(writer, row->shape->title);
        break;
    case SN_VALUE_KEY:
        one_or_map(writer, "path");
        break;
    case SN_VALUE_POLICY:
        one_or_map(writer, "policy");
        break;
    case SN_VALUE_CHOICES:
        text(writer, "type", "array");
        choices(writer, "items", row->choices);
        break;
    case SN_VALUE_NAMES:
        list_of(writer, "name");
        break;
    case SN_VALUE_REFERENCES:
        list_of(writer, "reference");
        break;
    case SN_VALUE_TEXTS:
        raw(writer, "type", "[\"string\", \"array\"]");
        raw(writer, "items", "{\"type\": \"string\"}");
        break;
    case SN_VALUE_NAMED:
        named_list(writer, row->shape);
        break;
    default:
        text(writer, "type", "array");
        raw(writer, "items", "{\"type\": [\"integer\", \"string\"]}");
        break;
    }
}

static void value(struct writer *writer, const struct sn_key *row)
{
    switch (row->value) {
    case SN_VALUE_NAME:
        bare_reference(writer, "name");
        break;
    case SN_VALUE_DOC:
        text(writer, "type", "string");
        break;
    case SN_VALUE_BOOL:
        text(writer, "type", "boolean");
        break;
    case SN_VALUE_NUMBER:
    case SN_VALUE_SIZE:
        number_value(writer, row);
        break;
    case SN_VALUE_DURATION:
        pattern_or_choices(writer, row, "^" TIME "$");
        break;
    case SN_VALUE_SPAN:
        pattern_or_choices(writer, row, "^" TIME "\\.\\." TIME "$");
        break;
    case SN_VALUE_RATE:
        pattern_or_choices(writer, row, "^" NUMBER " in " TIME "$");
        break;
    case SN_VALUE_CHOICE:
        json_open(writer, "allOf", "[");
        choices(writer, NULL, row->choices);
        json_close(writer, "]");
        break;
    case SN_VALUE_TYPE:
        bare_reference(writer, "type");
        break;
    case SN_VALUE_HEADER:
        text(writer, "type", "string");
        text(writer, "pattern", "^" PATH "\\.h(pp)?$");
        break;
    case SN_VALUE_REFERENCE:
        bare_reference(writer, "reference");
        break;
    default:
        structured_value(writer, row);
        break;
    }
}

static void describe(struct writer *writer, const struct sn_key *row)
{
    struct sn_buffer description = {0};

    sn_buffer_puts(&description, row->doc);
    if (row->fallback != NULL)
        sn_buffer_printf(&description, " Default: %s.", row->fallback);
    if (row->example != NULL)
        sn_buffer_printf(&description, " Example: %s: %s", row->name, row->example);
    if (description.failed)
        writer->out->failed = true;
    else
        text(writer, "description", description.data);
    sn_buffer_fini(&description);
}

/* draft-07 ignores what stands beside a $ref, so the two are put under allOf. */
static void property(struct writer *writer, const struct sn_key *row)
{
    bool alone = row->value == SN_VALUE_NAME || row->value == SN_VALUE_TYPE ||
                 row->value == SN_VALUE_REFERENCE || row->value == SN_VALUE_SHAPE;

    json_open(writer, row->name, "{");
    describe(writer, row);
    if (alone) {
        json_open(writer, "allOf", "[");
        json_open(writer, NULL, "{");
    }
    value(writer, row);
    if (alone) {
        json_close(writer, "}");
        json_close(writer, "]");
    }
    json_close(writer, "}");
}

static void object(struct writer *writer, const struct sn_shape *shape)
{
    text(writer, "type", "object");
    json_open(writer, "properties", "{");
    for (const struct sn_key *row = shape->keys; row->name != NULL; row++)
        if (!sn_lang_is_later(row))
            property(writer, row);
    json_close(writer, "}");
    json_open(writer, "required", "[");
    for (const struct sn_key *row = shape->keys; row->name != NULL; row++)
        if (row->required)
            text(writer, NULL, row->name);
    json_close(writer, "]");
    if (shape->others == NULL) {
        raw(writer, "additionalProperties", "false");
        return;
    }
    reference(writer, "propertyNames", "name");
    reference(writer, "additionalProperties", shape->others->title);
    raw(writer, "minProperties", "1");
}

static void definition(struct writer *writer, const struct sn_shape *shape)
{
    json_open(writer, shape->title, "{");
    text(writer, "description", shape->doc);
    if (shape->has_short) {
        json_open(writer, "anyOf", "[");
        json_open(writer, NULL, "{");
        value(writer, &shape->keys[0]);
        json_close(writer, "}");
        json_open(writer, NULL, "{");
        object(writer, shape);
        json_close(writer, "}");
        json_close(writer, "]");
    } else {
        object(writer, shape);
    }
    json_close(writer, "}");
}

static void named_pattern(struct writer *writer, const char *name, const char *expression)
{
    json_open(writer, name, "{");
    text(writer, "type", "string");
    text(writer, "pattern", expression);
    json_close(writer, "}");
}

/* What an editor inserts for a form: its capitals and what stands in brackets are places to fill
 * in, "list(N) of T" being "list(${1:N}) of ${2:T}". */
static void snippet_body(struct writer *writer, const char *form)
{
    struct sn_buffer body = {0};
    unsigned places = 0;
    bool inside = false;

    for (; *form != '\0'; form++) {
        size_t size = strspn(form, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_");

        if (size > 0 && (inside || (*form >= 'A' && *form <= 'Z'))) {
            sn_buffer_printf(&body, "${%u:%.*s}", ++places, (int)size, form);
            form += size - 1;
            continue;
        }
        inside = *form == '(' || (inside && *form != ')');
        sn_buffer_append(&body, form, 1);
    }
    if (body.failed)
        writer->out->failed = true;
    else
        text(writer, "body", body.data);
    sn_buffer_fini(&body);
}

/* A text that is a plain word of a list, or of the expression; an editor offers all of the list. */
static void word_definition(struct writer *writer, const char *name, const struct sn_choice *list,
                            const char *expression)
{
    json_open(writer, name, "{");
    text(writer, "type", "string");
    json_open(writer, "anyOf", "[");
    json_open(writer, NULL, "{");
    json_open(writer, "enum", "[");
    for (const struct sn_choice *word = list; word->name != NULL; word++)
        if (sn_value_is_name(word->name))
            text(writer, NULL, word->name);
    json_close(writer, "]");
    json_close(writer, "}");
    json_open(writer, NULL, "{");
    text(writer, "pattern", expression);
    json_close(writer, "}");
    json_close(writer, "]");
    json_open(writer, "defaultSnippets", "[");
    for (const struct sn_choice *word = list; word->name != NULL; word++) {
        if (sn_value_is_name(word->name) || word->later)
            continue;
        json_open(writer, NULL, "{");
        text(writer, "label", word->name);
        text(writer, "description", word->doc);
        snippet_body(writer, word->name);
        json_close(writer, "}");
    }
    json_close(writer, "]");
    json_close(writer, "}");
}

static void value_definitions(struct writer *writer)
{
    json_open(writer, "name", "{");
    text(writer, "type", "string");
    text(writer, "pattern", "^" NAME "$");
    number(writer, "maxLength", SN_NAME_MAX_BYTES);
    json_close(writer, "}");
    named_pattern(writer, "reference", "^" NAME "(\\." NAME ")?$");
    named_pattern(writer, "path", "^" NAME "(\\." NAME ")*$");
    word_definition(writer, "policy", sn_lang_policies(), "^park\\((0|[1-9][0-9]*)k?\\)$");
    named_pattern(writer, "schema_file", "^" PATH "\\.ya?ml$");
    json_open(writer, "number", "{");
    json_open(writer, "anyOf", "[");
    raw(writer, NULL, "{\"type\": \"integer\", \"minimum\": 0}");
    pattern(writer, NULL, "^" NUMBER "$");
    json_close(writer, "]");
    json_close(writer, "}");
    json_open(writer, "references", "{");
    list_of(writer, "reference");
    json_close(writer, "}");
}

static void type_definitions(struct writer *writer)
{
    word_definition(writer, "type", sn_lang_types(), TYPE);
    json_open(writer, "enumeration", "{");
    named_list(writer, sn_lang_enum()->keys[0].shape);
    raw(writer, "minItems", "1");
    json_close(writer, "}");
}

void sn_lang_write_json_schema(struct sn_buffer *out)
{
    struct writer writer = {.out = out};
    const struct sn_shape *package = sn_lang_package();

    json_open(&writer, NULL, "{");
    text(&writer, "$schema", "http://json-schema.org/draft-07/schema#");
    text(&writer, "$id", "sn.schema.json");
    text(&writer, "title", "sn schema");
    text(
        &writer, "description",
        "Workers, messages and pools for sngen. Made from the table of the language; do not edit.");
    object(&writer, package);
    json_open(&writer, "definitions", "{");
    value_definitions(&writer);
    type_definitions(&writer);
    for (const struct sn_shape *const *shape = sn_lang_shapes(); *shape != NULL; shape++)
        if (*shape != package && !sn_lang_shape_is_later(*shape))
            definition(&writer, *shape);
    json_close(&writer, "}");
    json_close(&writer, "}");
    sn_buffer_puts(out, "\n");
}
