/* SPDX-License-Identifier: MIT */
/*
 * The walk over the table: a map of YAML against the rows of its shape. Each
 * key is found, read by the kind of its value, and kept if it was right; what
 * was wrong is reported and left out, and the walk goes on with the next key.
 */
#include "lang/raw.h"

#include "base/suggest.h"
#include "lang/read_parts.h"

#include <string.h>

struct sn_raw *sn_read_items(const struct sn_reader *reader, struct sn_raw *raw, size_t count)
{
    struct sn_raw *items = sn_arena_array(reader->arena, count, sizeof *items);

    raw->items = items;
    raw->count = 0;
    return items;
}

static const char *expected(const struct sn_raw *raw, enum sn_node_kind kind)
{
    if (raw->key != NULL && raw->key->value == SN_VALUE_DOC)
        return "text";
    return kind == SN_NODE_SCALAR ? "one word or number"
           : kind == SN_NODE_LIST ? "a list"
                                  : "a map";
}

bool sn_read_expect(const struct sn_reader *reader, const struct sn_raw *raw,
                    enum sn_node_kind kind)
{
    const char *name =
        raw->name != NULL ? sn_arena_printf(reader->arena, "'%s'", raw->name->text) : "the file";
    bool empty = sn_node_is_empty(raw->node);

    if (raw->node->kind == kind && !empty)
        return true;
    sn_diag_error(reader->diags, SN_CODE_WRONG_SHAPE,
                  empty && raw->name != NULL ? &raw->name->location : &raw->node->location,
                  empty ? "%s has no value: expected %s" : "%s must be %s, not %s", name,
                  expected(raw, kind), sn_node_kind_name(raw->node));
    if (raw->key != NULL && raw->key->value == SN_VALUE_DOC && !empty)
        sn_diag_help(reader->diags, "put the text in quotes");
    else if (empty && raw->name != NULL && strcmp(raw->name->text, raw->key->name) != 0)
        sn_diag_help(reader->diags, "write {} for an empty map"); /* an entry, not a section */
    else if (raw->key != NULL && raw->key->example != NULL)
        sn_diag_help(reader->diags, "for example `%s: %s`", raw->key->name, raw->key->example);
    return false;
}

static void say_where_it_belongs(const struct sn_reader *reader, const char *name)
{
    for (const struct sn_shape *const *shape = sn_lang_shapes(); *shape != NULL; shape++)
        if (sn_lang_key(*shape, name) != NULL) {
            sn_diag_help(reader->diags, "'%s' belongs in %s", name, (*shape)->name);
            return;
        }
}

/* The language's word for what other systems call differently; else the word itself. */
static const char *our_word(const char *name)
{
    static const char *const words[][2] = {
        {"timeout", "deadline"}, {"retries", "retry"},     {"params", "fields"},
        {"payload", "fields"},   {"response", "reply"},    {"returns", "reply"},
        {"queue", "mailbox"},    {"instances", "size"},    {"replicas", "size"},
        {"interval", "every"},   {"period", "every"},      {"description", "doc"},
        {"comment", "doc"},      {"intensity", "restarts"}};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(name, words[i][0]) == 0)
            return words[i][1];
    return name;
}

/* {put: {key: u64}}: a field that stands where `fields:` is missing. */
static const struct sn_key *fields_around(const struct sn_reader *reader,
                                          const struct sn_shape *shape, const struct sn_pair *pair)
{
    const struct sn_key *fields = sn_lang_key(shape, "fields");
    const struct sn_type_expr *type;
    struct sn_type_error error;

    if (fields == NULL)
        fields = sn_lang_key(shape, "state");
    if (fields == NULL || pair->value->kind != SN_NODE_SCALAR)
        return NULL;
    type = sn_type_parse(reader->arena, pair->value->text, &error);
    return type != NULL && (type->form != SN_TYPE_NAME || sn_lang_is_type(type->name)) ? fields
                                                                                       : NULL;
}

/* The key that was probably meant; NULL: none is near. */
static const char *meant_key(const struct sn_shape *shape, const char *name)
{
    struct sn_suggest suggest = {.wanted = our_word(name)};

    for (const struct sn_key *key = shape->keys; key->name != NULL; key++)
        sn_suggest_add(&suggest, key->name);
    return suggest.best;
}

static void report_unknown_key(const struct sn_reader *reader, const struct sn_shape *shape,
                               const struct sn_pair *pair)
{
    const struct sn_node *name = pair->key;
    const char *meant = meant_key(shape, name->text);
    const struct sn_key *fields = fields_around(reader, shape, pair);

    sn_diag_error(reader->diags, SN_CODE_UNKNOWN_KEY, &name->location, "%s has no key '%s'",
                  shape->name, name->text);
    if (fields != NULL)
        sn_diag_help(reader->diags, "did you mean `%s: {%s: %s}`?", fields->name, name->text,
                     pair->value->text);
    else if (meant != NULL)
        sn_diag_help(reader->diags, "did you mean '%s'?", meant);
    else
        say_where_it_belongs(reader, our_word(name->text));
}

bool sn_read_cut_doc(const struct sn_reader *reader, const struct sn_node *map,
                     const struct sn_shape *shape, size_t i)
{
    const struct sn_pair *pair = &map->pairs[i], *before = pair - 1;
    const struct sn_key *key = i > 0 ? sn_lang_key(shape, before->key->text) : NULL;

    if (key == NULL || key->value != SN_VALUE_DOC || map->style != SN_STYLE_FLOW ||
        before->value->style != SN_STYLE_PLAIN || !sn_node_is_empty(pair->value))
        return false;
    sn_diag_error(reader->diags, SN_CODE_DOC_CUT, &pair->key->location,
                  "the ',' before this ends the text of '%s'", key->name);
    sn_diag_help(reader->diags, "inside braces put a text with commas in quotes");
    return true;
}

/* Each required key that the map lacks, and has not under a misspelt name. */
static void report_missing(const struct sn_reader *reader, const struct sn_raw *raw,
                           const struct sn_shape *shape)
{
    for (const struct sn_key *key = shape->keys; key->name != NULL; key++) {
        bool given = !key->required;

        for (size_t i = 0; i < raw->node->count && !given; i++) {
            const char *name = raw->node->pairs[i].key->text;
            const char *meant = sn_lang_key(shape, name) != NULL ? name : meant_key(shape, name);

            given = meant != NULL && strcmp(meant, key->name) == 0;
        }
        if (given)
            continue;
        sn_diag_error(reader->diags, SN_CODE_MISSING_KEY,
                      raw->name != NULL ? &raw->name->location : &raw->node->location,
                      "%s needs the key '%s'", shape->name, key->name);
        if (key->example != NULL)
            sn_diag_help(reader->diags, "for example `%s: %s`. %s", key->name, key->example,
                         key->doc);
        else
            sn_diag_help(reader->diags, "%s", key->doc);
    }
}

/* The short form: a scalar stands for the shape's first key. */
static bool read_short(const struct sn_reader *reader, struct sn_raw *raw,
                       const struct sn_shape *shape)
{
    struct sn_raw *item = sn_read_items(reader, raw, 1);

    if (item == NULL)
        return false;
    *item = (struct sn_raw){.key = &shape->keys[0], .name = raw->name, .node = raw->node};
    if (!sn_read_value(reader, item))
        return false;
    raw->count = 1;
    return true;
}

bool sn_read_shape(const struct sn_reader *reader, struct sn_raw *raw, const struct sn_shape *shape)
{
    struct sn_raw *items;

    if (shape->has_short && raw->node->kind == SN_NODE_SCALAR && !sn_node_is_empty(raw->node))
        return read_short(reader, raw, shape);
    if (!sn_read_expect(reader, raw, SN_NODE_MAP))
        return false;
    items = sn_read_items(reader, raw, raw->node->count);
    if (items == NULL)
        return false;
    for (size_t i = 0; i < raw->node->count; i++) {
        const struct sn_pair *pair = &raw->node->pairs[i];
        struct sn_raw *item = &items[raw->count];

        if (sn_read_cut_doc(reader, raw->node, shape, i))
            continue;
        *item = (struct sn_raw){
            .key = sn_lang_key(shape, pair->key->text), .name = pair->key, .node = pair->value};
        if (item->key == NULL)
            report_unknown_key(reader, shape, pair);
        else if (sn_read_value(reader, item))
            raw->count++;
    }
    report_missing(reader, raw, shape);
    return true;
}

/* messages: {put: {...}}: each entry is a map of the row's shape. */
static bool read_entries(const struct sn_reader *reader, struct sn_raw *raw)
{
    bool bare = raw->key->word == SN_WORD_POOLS || raw->key->word == SN_WORD_ASKS;
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
        if (sn_read_name(reader, pair->key, bare) && sn_read_shape(reader, item, raw->key->shape))
            raw->count++;
    }
    return true;
}

static bool refuse_later(const struct sn_reader *reader, const struct sn_raw *raw)
{
    sn_diag_error(reader->diags, SN_CODE_NOT_AVAILABLE, &raw->name->location,
                  "'%s' is not available yet in sngen 0.1", raw->name->text);
    return false;
}

bool sn_read_value(const struct sn_reader *reader, struct sn_raw *raw)
{
    if (sn_lang_is_later(raw->key))
        return refuse_later(reader, raw);
    switch (raw->key->value) {
    case SN_VALUE_SHAPE:
        return sn_read_shape(reader, raw, raw->key->shape);
    case SN_VALUE_ENTRIES:
        return read_entries(reader, raw);
    case SN_VALUE_FIELDS:
        return sn_read_fields(reader, raw);
    case SN_VALUE_TYPES:
        return sn_read_types(reader, raw);
    case SN_VALUE_HANDLES:
        return sn_read_handles(reader, raw);
    case SN_VALUE_CALLS:
        return sn_read_calls(reader, raw);
    case SN_VALUE_KEY:
    case SN_VALUE_POLICY:
        return sn_read_one_or_map(reader, raw);
    case SN_VALUE_CONSTANTS:
    case SN_VALUE_IMPORTS:
    case SN_VALUE_PROTOCOLS:
        return sn_read_scalar_map(reader, raw);
    case SN_VALUE_NAMED:
        return sn_read_expect(reader, raw, SN_NODE_LIST) &&
               sn_read_named(reader, raw, raw->key->shape);
    case SN_VALUE_TEXTS:
        return sn_read_texts(reader, raw);
    case SN_VALUE_CHOICES:
    case SN_VALUE_NAMES:
    case SN_VALUE_REFERENCES:
    case SN_VALUE_SPLITS:
        return sn_read_list(reader, raw);
    default:
        return sn_read_scalar(reader, raw);
    }
}

const struct sn_raw *sn_lang_read(struct sn_arena *arena, struct sn_diags *diags,
                                  const struct sn_node *root)
{
    struct sn_reader reader = {.arena = arena, .diags = diags};
    struct sn_raw *raw = sn_arena_alloc(arena, sizeof *raw);

    if (raw == NULL)
        return NULL;
    raw->node = root;
    return sn_read_shape(&reader, raw, sn_lang_package()) ? raw : NULL;
}

const struct sn_raw *sn_raw_get(const struct sn_raw *raw, enum sn_word word)
{
    for (size_t i = 0; raw != NULL && i < raw->count; i++)
        if (raw->items[i].key != NULL && raw->items[i].key->word == word)
            return &raw->items[i];
    return NULL;
}

/* A comment must neither end nor begin inside the text. */
static const char *clean_doc(struct sn_arena *arena, const char *text)
{
    size_t size = strlen(text), used = 0;
    char *clean = sn_arena_alloc(arena, 2 * size + 1);

    if (clean == NULL)
        return "";
    for (size_t i = 0; i < size; i++) {
        clean[used++] = text[i] == '\t' ? ' ' : text[i];
        if ((text[i] == '*' && text[i + 1] == '/') || (text[i] == '/' && text[i + 1] == '*'))
            clean[used++] = ' ';
    }
    while (used > 0 && (clean[used - 1] == '\n' || clean[used - 1] == ' '))
        used--;
    clean[used] = '\0';
    return clean;
}

const char *sn_raw_doc(struct sn_arena *arena, const struct sn_raw *raw)
{
    const struct sn_raw *doc = sn_raw_get(raw, SN_WORD_DOC);
    const char *text = doc != NULL ? clean_doc(arena, doc->text) : "";

    return *text != '\0' ? text : NULL;
}
