/* SPDX-License-Identifier: MIT */
/* Values with inner structure of their own: fields, types, handles, calls, keys, policies, lists.
 */
#include "lang/read_parts.h"

#include "lang/value.h"

#include <string.h>

/* Opening parentheses minus closing ones. */
static int open_parentheses(const char *text)
{
    int open = 0;

    for (; *text != '\0'; text++)
        open += (*text == '(') - (*text == ')');
    return open;
}

/*
 * {a: list(u32, 8)} is read by YAML as a: "list(u32" and a key "8)". Reports it once and returns
 * how many entries behind `at` belong to the broken type; 0 if this is not the case.
 */
static size_t broken_by_comma(const struct sn_reader *reader, const struct sn_node *map, size_t at)
{
    const struct sn_node *value = map->pairs[at].value;
    const char *whole = value->text;
    size_t last = at;
    int open;

    if (map->style != SN_STYLE_FLOW || value->kind != SN_NODE_SCALAR)
        return 0;
    open = open_parentheses(value->text);
    while (open > 0 && last + 1 < map->count) {
        const struct sn_node *key = map->pairs[++last].key;

        whole = sn_arena_printf(reader->arena, "%s, %s", whole, key->text);
        open += open_parentheses(key->text);
    }
    if (last == at || open != 0)
        return 0;
    sn_diag_error(reader->diags, SN_CODE_BROKEN_TYPE, &value->location,
                  "inside { } a comma ends the value: YAML reads '%s' as several entries", whole);
    sn_diag_help(reader->diags, strncmp(whole, "list(", 5) == 0 || strncmp(whole, "array(", 6) == 0
                                    ? "no type has a comma in it: write list(N) of TYPE"
                                    : "no type has a comma in it");
    return last - at;
}

/* Names that the generated struct of a worker's state has already. */
static bool is_taken(const struct sn_reader *reader, const struct sn_raw *raw,
                     const struct sn_node *name)
{
    bool state = raw->key->word == SN_WORD_STATE || raw->key->word == SN_WORD_RETAIN;

    if (!state ||
        (strcmp(name->text, "sn") != 0 && strcmp(name->text, "args") != 0 &&
         strcmp(name->text, "state_storage") != 0 && strcmp(name->text, "retain_storage") != 0))
        return false;
    sn_diag_error(reader->diags, SN_CODE_RESERVED_NAME, &name->location,
                  "'%s' is a member that every worker has", name->text);
    return true;
}

static bool read_field(const struct sn_reader *reader, struct sn_raw *item,
                       const struct sn_shape *shape)
{
    const struct sn_raw *type;

    if (!sn_read_name(reader, item->name, true) || is_taken(reader, item, item->name))
        return false;
    if (item->node->kind == SN_NODE_LIST || sn_node_is_empty(item->node)) {
        sn_diag_error(reader->diags, SN_CODE_WRONG_SHAPE, &item->name->location,
                      "the field '%s' needs a type%s%s", item->name->text,
                      sn_node_is_empty(item->node) ? "" : ", not ",
                      sn_node_is_empty(item->node) ? "" : sn_node_kind_name(item->node));
        return false;
    }
    if (!sn_read_shape(reader, item, shape))
        return false;
    type = sn_raw_get(item, SN_WORD_TYPE);
    item->type = type != NULL ? type->type : NULL;
    return item->type != NULL;
}

/* The former name of a struct stands beside its fields, so a field of that name must not pass. */
static bool is_former_name(const struct sn_reader *reader, const struct sn_raw *raw)
{
    if (raw->key->word != SN_WORD_WAS || !sn_lang_is_type(raw->text))
        return true;
    sn_diag_error(reader->diags, SN_CODE_RESERVED_NAME, &raw->name->location,
                  "in a struct, 'was' gives its former name and cannot be a field");
    sn_diag_help(reader->diags, "call the field 'before', for example");
    return false;
}

bool sn_read_fields(const struct sn_reader *reader, struct sn_raw *raw)
{
    const struct sn_shape *shape = raw->key->shape;
    const struct sn_shape *field = shape->others != NULL ? shape->others : shape;
    struct sn_raw *items;

    if (!sn_read_expect(reader, raw, SN_NODE_MAP))
        return false;
    items = sn_read_items(reader, raw, raw->node->count);
    if (items == NULL)
        return false;
    for (size_t i = 0; i < raw->node->count; i++) {
        const struct sn_pair *pair = &raw->node->pairs[i];
        struct sn_raw *item = &items[raw->count];
        size_t skip = broken_by_comma(reader, raw->node, i);

        i += skip;
        if (skip > 0 || sn_read_cut_doc(reader, raw->node, shape, i))
            continue;
        *item = (struct sn_raw){.key = raw->key, .name = pair->key, .node = pair->value};
        if (shape->others != NULL && sn_lang_key(shape, pair->key->text) != NULL) {
            item->key = sn_lang_key(shape, pair->key->text);
            raw->count += sn_read_value(reader, item) && is_former_name(reader, item);
        } else {
            raw->count += read_field(reader, item, field);
        }
    }
    return true;
}

/* types: {size: [width: u32]} */
static bool looks_like_field(const struct sn_reader *reader, const struct sn_raw *item,
                             const struct sn_shape *shape)
{
    if (shape != sn_lang_enum()->keys[0].shape || item->node->kind != SN_NODE_SCALAR ||
        !sn_lang_is_type(item->node->text))
        return false;
    sn_diag_error(reader->diags, SN_CODE_WRONG_SHAPE, &item->node->location,
                  "'%s' looks like a field, but a list is an enum", item->name->text);
    sn_diag_help(reader->diags, "a struct is a map: {%s: %s, ...}", item->name->text,
                 item->node->text);
    return true;
}

/* `red`, or `red: VALUE` with the value read against the shape. */
static bool read_named_item(const struct sn_reader *reader, struct sn_raw *item,
                            const struct sn_shape *shape)
{
    if (item->node->kind == SN_NODE_MAP && item->node->count == 1) {
        item->name = item->node->pairs[0].key;
        item->node = item->node->pairs[0].value;
        if (looks_like_field(reader, item, shape) || !sn_read_shape(reader, item, shape))
            return false;
    }
    item->text = item->name->text;
    return sn_read_name(reader, item->name, false);
}

bool sn_read_named(const struct sn_reader *reader, struct sn_raw *raw, const struct sn_shape *shape)
{
    struct sn_raw *items = sn_read_items(reader, raw, raw->node->count);

    if (items == NULL)
        return false;
    for (size_t i = 0; i < raw->node->count; i++) {
        const struct sn_node *node = raw->node->items[i];
        struct sn_raw *item = &items[raw->count];

        *item = (struct sn_raw){.key = raw->key, .name = node, .node = node};
        raw->count += read_named_item(reader, item, shape);
    }
    return true;
}

static bool has_values(const struct sn_reader *reader, const struct sn_raw *raw,
                       const struct sn_raw *values)
{
    if (values->node->count == 0)
        sn_diag_error(reader->diags, SN_CODE_WRONG_SHAPE, &raw->name->location,
                      "the enum '%s' has no values", raw->name->text);
    return values->count > 0;
}

static bool read_enum(const struct sn_reader *reader, struct sn_raw *raw)
{
    return sn_read_named(reader, raw, sn_lang_enum()->keys[0].shape) &&
           has_values(reader, raw, raw);
}

/* A field cannot be called as a keyword of C, so a map with this key is no struct. */
static bool is_long(const struct sn_node *map, const struct sn_shape *shape)
{
    for (size_t i = 0; map->kind == SN_NODE_MAP && i < map->count; i++)
        if (strcmp(map->pairs[i].key->text, shape->keys[0].name) == 0)
            return true;
    return false;
}

static bool read_long_enum(const struct sn_reader *reader, struct sn_raw *raw)
{
    const struct sn_raw *values;

    if (!sn_read_shape(reader, raw, sn_lang_enum()))
        return false;
    values = sn_raw_get(raw, SN_WORD_ENUM);
    return values != NULL && has_values(reader, raw, values);
}

/* {red, green} is a map without values in YAML. */
static bool is_enum_in_braces(const struct sn_reader *reader, const struct sn_raw *raw)
{
    const char *list = "";

    for (size_t i = 0; i < raw->node->count; i++) {
        if (!sn_node_is_empty(raw->node->pairs[i].value))
            return false;
        list = sn_arena_printf(reader->arena, "%s%s%s", list, i > 0 ? ", " : "",
                               raw->node->pairs[i].key->text);
    }
    if (raw->node->count < 2)
        return false;
    sn_diag_error(reader->diags, SN_CODE_WRONG_SHAPE, &raw->node->location,
                  "the fields of '%s' have no types", raw->name->text);
    sn_diag_help(reader->diags, "an enum is a list: [%s]", list);
    return true;
}

static bool read_declaration(const struct sn_reader *reader, struct sn_raw *raw)
{
    if (sn_node_is_empty(raw->node))
        return sn_read_expect(reader, raw, SN_NODE_MAP);
    if (is_long(raw->node, sn_lang_enum()))
        return read_long_enum(reader, raw);
    if (is_long(raw->node, sn_lang_alias()))
        return sn_read_shape(reader, raw, sn_lang_alias()) &&
               sn_raw_get(raw, SN_WORD_TYPEDEF) != NULL;
    if (raw->node->kind == SN_NODE_MAP && is_enum_in_braces(reader, raw))
        return false;
    if (raw->node->kind == SN_NODE_MAP)
        return sn_read_fields(reader, raw);
    if (raw->node->kind == SN_NODE_LIST)
        return read_enum(reader, raw);
    return sn_read_type(reader, raw);
}

bool sn_read_types(const struct sn_reader *reader, struct sn_raw *raw)
{
    struct sn_raw *items;

    if (!sn_read_expect(reader, raw, SN_NODE_MAP))
        return false;
    items = sn_read_items(reader, raw, raw->node->count);
    if (items == NULL)
        return false;
    for (size_t i = 0; i < raw->node->count; i++) {
        const struct sn_pair *pair = &raw->node->pairs[i];
        struct sn_raw *item = &items[raw->count];
        size_t skip = broken_by_comma(reader, raw->node, i);

        i += skip;
        if (skip > 0)
            continue;
        *item = (struct sn_raw){.key = raw->key, .name = pair->key, .node = pair->value};
        raw->count += sn_read_name(reader, pair->key, false) && read_declaration(reader, item);
    }
    return true;
}

/* A list of references: each item's name is the item. */
static bool read_references(const struct sn_reader *reader, struct sn_raw *raw)
{
    struct sn_raw *items = sn_read_items(reader, raw, raw->node->count);

    if (items == NULL)
        return false;
    for (size_t i = 0; i < raw->node->count; i++) {
        const struct sn_node *node = raw->node->items[i];

        if (!sn_read_reference(reader, node))
            continue;
        items[raw->count++] =
            (struct sn_raw){.key = raw->key, .name = node, .node = node, .text = node->text};
    }
    return true;
}

static bool expect_list_or_map(const struct sn_reader *reader, const struct sn_raw *raw)
{
    if (raw->node->kind == SN_NODE_SCALAR && !sn_node_is_empty(raw->node)) {
        sn_diag_error(reader->diags, SN_CODE_WRONG_SHAPE, &raw->node->location,
                      "'%s' must be a list or a map, not a text", raw->key->name);
        sn_diag_help(reader->diags, "write [%s]", raw->node->text);
        return false;
    }
    return raw->node->kind != SN_NODE_SCALAR || sn_read_expect(reader, raw, SN_NODE_LIST);
}

bool sn_read_handles(const struct sn_reader *reader, struct sn_raw *raw)
{
    struct sn_raw *items;

    if (!expect_list_or_map(reader, raw))
        return false;
    if (raw->node->kind == SN_NODE_LIST)
        return read_references(reader, raw);
    items = sn_read_items(reader, raw, raw->node->count);
    if (items == NULL)
        return false;
    for (size_t i = 0; i < raw->node->count; i++) {
        const struct sn_pair *pair = &raw->node->pairs[i];
        struct sn_raw *item = &items[raw->count];

        *item = (struct sn_raw){.key = raw->key, .name = pair->key, .node = pair->value};
        if (sn_node_is_empty(pair->value)) {
            item->text = pair->key->text; /* declared elsewhere */
            raw->count += sn_read_reference(reader, pair->key);
        } else {
            raw->count += sn_read_name(reader, pair->key, false) &&
                          sn_read_shape(reader, item, raw->key->shape);
        }
    }
    return true;
}

bool sn_read_calls(const struct sn_reader *reader, struct sn_raw *raw)
{
    struct sn_raw *items;

    if (!expect_list_or_map(reader, raw))
        return false;
    if (raw->node->kind == SN_NODE_LIST)
        return read_references(reader, raw);
    items = sn_read_items(reader, raw, raw->node->count);
    if (items == NULL)
        return false;
    for (size_t i = 0; i < raw->node->count; i++) {
        const struct sn_pair *pair = &raw->node->pairs[i];
        struct sn_raw *item = &items[raw->count];

        *item = (struct sn_raw){
            .key = raw->key, .name = pair->key, .node = pair->value, .text = pair->key->text};
        raw->count +=
            sn_read_reference(reader, pair->key) &&
            (sn_node_is_empty(pair->value) || sn_read_shape(reader, item, raw->key->shape));
    }
    return true;
}

static bool is_path(const char *text)
{
    const char *dot = strrchr(text, '.');
    char head[256];

    if (dot == NULL)
        return sn_value_is_name(text);
    if ((size_t)(dot - text) >= sizeof head || !sn_value_is_name(dot + 1))
        return false;
    memcpy(head, text, (size_t)(dot - text));
    head[dot - text] = '\0';
    return is_path(head);
}

/* A key path or a policy, as a scalar. */
static bool read_one(const struct sn_reader *reader, struct sn_raw *raw)
{
    const char *text = raw->node->text;

    if (!sn_read_expect(reader, raw, SN_NODE_SCALAR))
        return false;
    raw->text = text;
    if (raw->key->value == SN_VALUE_KEY) {
        if (is_path(text))
            return true;
        sn_diag_error(reader->diags, SN_CODE_BAD_VALUE, &raw->node->location,
                      "a key is the name of a field, not '%s'", text);
        return false;
    }
    if (strcmp(text, "reject") == 0 || strcmp(text, "drop_oldest") == 0 ||
        strcmp(text, "drop_newest") == 0)
        return true;
    if (sn_value_park(text, &raw->number) && raw->number >= 1 && raw->number <= 65536)
        return true;
    sn_diag_error(reader->diags, SN_CODE_BAD_VALUE, &raw->node->location,
                  "'%s' is not what can happen to a message that does not fit", text);
    sn_diag_help(reader->diags,
                 "one of: reject, drop_oldest, drop_newest, park(N) with N from 1 to "
                 "64k");
    return false;
}

bool sn_read_one_or_map(const struct sn_reader *reader, struct sn_raw *raw)
{
    struct sn_raw *items;

    if (raw->node->kind != SN_NODE_MAP)
        return read_one(reader, raw);
    items = sn_read_items(reader, raw, raw->node->count);
    if (items == NULL)
        return false;
    for (size_t i = 0; i < raw->node->count; i++) {
        const struct sn_pair *pair = &raw->node->pairs[i];
        struct sn_raw *item = &items[raw->count];

        *item = (struct sn_raw){.key = raw->key, .name = pair->key, .node = pair->value};
        raw->count += sn_read_reference(reader, pair->key) && read_one(reader, item);
    }
    return true;
}

static bool read_import(const struct sn_reader *reader, struct sn_raw *item)
{
    item->text = item->node->text;
    if (!sn_read_expect(reader, item, SN_NODE_SCALAR))
        return false;
    if (sn_value_is_path(item->text, ".yaml") || sn_value_is_path(item->text, ".yml"))
        return true;
    sn_diag_error(reader->diags, SN_CODE_IMPORT, &item->node->location,
                  "this is no schema file's name: '%s'", item->text);
    sn_diag_help(reader->diags,
                 "a relative path of letters, digits and . _ - + /, ending in .yaml");
    return false;
}

static bool read_constant(const struct sn_reader *reader, struct sn_raw *item)
{
    if (!sn_read_expect(reader, item, SN_NODE_SCALAR))
        return false;
    if (sn_value_number(item->node->text, &item->number))
        return true;
    sn_diag_error(reader->diags, SN_CODE_BAD_NUMBER, &item->node->location,
                  "a constant is a whole number, not '%s'", item->node->text);
    sn_diag_help(reader->diags, "12, 4k, 1M or 2G (powers of 1024)");
    return false;
}

static bool read_protocol(const struct sn_reader *reader, struct sn_raw *item)
{
    return sn_read_expect(reader, item, SN_NODE_LIST) && read_references(reader, item);
}

bool sn_read_scalar_map(const struct sn_reader *reader, struct sn_raw *raw)
{
    struct sn_raw *items;

    if (!sn_read_expect(reader, raw, SN_NODE_MAP))
        return false;
    items = sn_read_items(reader, raw, raw->node->count);
    if (items == NULL)
        return false;
    for (size_t i = 0; i < raw->node->count; i++) {
        const struct sn_pair *pair = &raw->node->pairs[i];
        struct sn_raw *item = &items[raw->count];

        *item = (struct sn_raw){.key = raw->key, .name = pair->key, .node = pair->value};
        if (!sn_read_name(reader, pair->key, false))
            continue;
        raw->count += raw->key->value == SN_VALUE_IMPORTS     ? read_import(reader, item)
                      : raw->key->value == SN_VALUE_CONSTANTS ? read_constant(reader, item)
                                                              : read_protocol(reader, item);
    }
    return true;
}

/* A list item whose kind the list's row gives. */
static bool read_item(const struct sn_reader *reader, struct sn_raw *item)
{
    static const struct sn_choice nothing = {NULL, NULL, false};
    struct sn_key row = *item->key;

    if (row.value == SN_VALUE_TEXTS && item->node->kind != SN_NODE_SCALAR) {
        sn_diag_error(reader->diags, SN_CODE_WRONG_SHAPE, &item->node->location,
                      "'%s' is a list of texts; this is %s", row.name,
                      sn_node_kind_name(item->node));
        sn_diag_help(reader->diags, "for example `%s: %s`", row.name, row.example);
        return false;
    }
    if (row.value == SN_VALUE_SPLITS || row.value == SN_VALUE_TEXTS) {
        item->text = item->node->text;
        return sn_read_expect(reader, item, SN_NODE_SCALAR);
    }
    if (row.value == SN_VALUE_NAMES) {
        item->text = item->node->text;
        return sn_read_name(reader, item->node, false);
    }
    if (row.value == SN_VALUE_REFERENCES) {
        item->text = item->node->text;
        return sn_read_reference(reader, item->node);
    }
    row.value = SN_VALUE_CHOICE;
    row.choices = row.choices != NULL ? row.choices : &nothing;
    item->key = &row;
    return sn_read_scalar(reader, item);
}

bool sn_read_list(const struct sn_reader *reader, struct sn_raw *raw)
{
    struct sn_raw *items;

    if (!sn_read_expect(reader, raw, SN_NODE_LIST))
        return false;
    items = sn_read_items(reader, raw, raw->node->count);
    if (items == NULL)
        return false;
    for (size_t i = 0; i < raw->node->count; i++) {
        struct sn_raw *item = &items[raw->count];
        bool right;

        *item = (struct sn_raw){
            .key = raw->key, .name = raw->node->items[i], .node = raw->node->items[i]};
        right = read_item(reader, item);
        item->key = raw->key;
        raw->count += right;
    }
    return true;
}

bool sn_read_texts(const struct sn_reader *reader, struct sn_raw *raw)
{
    struct sn_raw *items;

    if (raw->node->kind != SN_NODE_SCALAR)
        return sn_read_list(reader, raw);
    items = sn_read_items(reader, raw, 1);
    if (items == NULL)
        return false;
    items[0] = (struct sn_raw){
        .key = raw->key, .name = raw->node, .node = raw->node, .text = raw->node->text};
    raw->count = 1;
    return true;
}
