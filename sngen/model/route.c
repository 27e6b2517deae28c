/* SPDX-License-Identifier: MIT */
/*
 * How a pool finds the member for a message: the strategy, the path of the key
 * inside each message, and the splits of a range. All keys of one pool must be
 * of one kind, because equal keys have to reach the same member whatever
 * message carries them.
 */
#include "model/resolve.h"

#include "lang/value.h"

#include <string.h>

struct routing {
    struct sn_resolver *resolver;
    struct sn_pool *pool;
    const struct sn_raw *raw;
    bool refused;                /* a key was there, but of no use */
    bool key_follows;            /* from `one_per`, which was refused */
    const struct sn_type *first; /* the type of the first key, for comparison */
};

static enum sn_route route_by(const char *word)
{
    static const struct {
        const char *word;
        enum sn_route route;
    } routes[] = {{"hash", SN_ROUTE_HASH},
                  {"consistent_hash", SN_ROUTE_CONSISTENT_HASH},
                  {"round_robin", SN_ROUTE_ROUND_ROBIN},
                  {"range", SN_ROUTE_RANGE},
                  {"least_loaded", SN_ROUTE_LEAST_LOADED},
                  {"custom", SN_ROUTE_CUSTOM}};

    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++)
        if (strcmp(routes[i].word, word) == 0)
            return routes[i].route;
    return SN_ROUTE_ROUND_ROBIN;
}

static bool wants_key(enum sn_route route)
{
    return route != SN_ROUTE_ROUND_ROBIN && route != SN_ROUTE_LEAST_LOADED;
}

static const struct sn_field *find_field(const struct sn_struct *structure, const char *name,
                                         size_t size)
{
    for (size_t i = 0; i < structure->field_count; i++)
        if (strlen(structure->fields[i].name) == size &&
            memcmp(structure->fields[i].name, name, size) == 0)
            return &structure->fields[i];
    return NULL;
}

static bool is_key_kind(const struct sn_type *type)
{
    switch (type->kind) {
    case SN_KIND_F32:
    case SN_KIND_F64:
    case SN_KIND_STRUCT:
    case SN_KIND_LIST:
    case SN_KIND_ARRAY:
    case SN_KIND_REF:
    case SN_KIND_REPLY_TO:
    case SN_KIND_C:
        return false;
    default:
        return !type->optional;
    }
}

static size_t count_parts(const char *path)
{
    size_t count = 1;

    for (; *path != '\0'; path++)
        count += *path == '.';
    return count;
}

static void report_no_field(struct routing *routing, const struct sn_struct *structure,
                            const char *name, const struct sn_node *node)
{
    struct sn_suggest suggest = {.wanted = name};
    bool may = sn_diags_may_suggest(routing->resolver->diags);

    if (structure->partial)
        return;
    sn_diag_error(routing->resolver->diags, SN_CODE_UNKNOWN_FIELD, &node->location,
                  "'%s' has no field '%s'", structure->name, name);
    for (size_t i = 0; i < structure->field_count && may; i++)
        sn_suggest_add(&suggest, structure->fields[i].name);
    if (suggest.best != NULL)
        sn_diag_help(routing->resolver->diags, "did you mean '%s'?", suggest.best);
}

/*
 * Walk a path like "from.id" through a message's fields.
 *
 * Returns the type at its end; NULL if there is none, reported unless `quiet` (then only a path
 * whose first part is missing stays unreported).
 */
static const struct sn_type *walk(struct routing *routing, struct sn_slot *slot, const char *path,
                                  const struct sn_node *node, bool quiet)
{
    const struct sn_struct *structure = slot->message->fields;
    size_t depth = 0;

    slot->path = sn_arena_array(routing->resolver->arena, count_parts(path), sizeof *slot->path);
    if (slot->path == NULL)
        return NULL;
    for (;;) {
        size_t size = strcspn(path, ".");
        const struct sn_field *field = find_field(structure, path, size);

        if (field == NULL) {
            if (!quiet || depth > 0)
                report_no_field(routing, structure,
                                sn_arena_text(routing->resolver->arena, path, size), node);
            return NULL;
        }
        slot->path[depth++] = field;
        if (path[size] == '\0') {
            slot->path_count = depth;
            return &field->type;
        }
        if (field->type.kind != SN_KIND_STRUCT || field->type.optional) {
            sn_diag_error(routing->resolver->diags, SN_CODE_KEY_TYPE, &node->location,
                          "'%s' is not a struct, so a key cannot be inside it", field->name);
            return NULL;
        }
        structure = field->type.structure;
        path += size + 1;
    }
}

static bool same_key(const struct sn_type *left, const struct sn_type *right)
{
    return left->kind == right->kind && left->enumeration == right->enumeration;
}

static void take_key(struct routing *routing, struct sn_slot *slot, const char *path,
                     const struct sn_node *node, bool quiet)
{
    struct sn_diags *diags = routing->resolver->diags;
    const struct sn_type *type = walk(routing, slot, path, node, quiet);

    if (type == NULL)
        return;
    if (!is_key_kind(type)) {
        sn_diag_error(diags, SN_CODE_KEY_TYPE, &node->location, "'%s' of '%s' cannot be a key: %s",
                      path, slot->message->name,
                      type->optional ? "it may be missing"
                                     : "a key is an integer, bool, enum, time, string or bytes");
        sn_diag_note(diags, &type->location, "its type");
        routing->refused = true; /* the path stays, so that no edge misses a key as well */
        return;
    }
    if (routing->first == NULL) {
        routing->first = type;
        routing->pool->key_kind = type->kind;
    } else if (!same_key(routing->first, type)) {
        sn_diag_error(diags, SN_CODE_KEY_TYPE, &node->location,
                      "the keys of one pool must have one type; '%s' of '%s' has another", path,
                      slot->message->name);
        sn_diag_note(diags, &routing->first->location, "the type of the first key");
        sn_diag_note(diags, &type->location, "the type of this one");
    }
}

static void take_keys(struct routing *routing, const struct sn_raw *key)
{
    struct sn_pool *pool = routing->pool;
    size_t found = 0;

    for (size_t i = 0; key->text != NULL && i < pool->slot_count; i++) {
        take_key(routing, &pool->slots[i], key->text, key->node, true);
        found += pool->slots[i].path_count > 0 || pool->slots[i].message->fields->partial;
    }
    if (key->text != NULL && found == 0 && pool->slot_count > 0 && !routing->refused) {
        sn_diag_error(routing->resolver->diags, SN_CODE_UNKNOWN_FIELD, &key->node->location,
                      "no message of the pool '%s' has a field '%s'", pool->name, key->text);
    }
    for (size_t i = 0; key->text == NULL && i < key->count; i++) {
        const struct sn_raw *item = &key->items[i];
        const struct sn_slot *slot =
            sn_resolve_slot(routing->resolver, pool, item->name->text, &item->name->location);

        if (slot != NULL)
            take_key(routing, &pool->slots[slot - pool->slots], item->text, item->node, false);
    }
}

/* ---- splits ------------------------------------------------------------- */

static bool is_signed(enum sn_kind kind)
{
    return kind >= SN_KIND_I8 && kind <= SN_KIND_I64;
}

/* The largest magnitude that the key's kind holds on that side of zero. */
static uint64_t largest(enum sn_kind kind, bool negative)
{
    static const unsigned bits[] = {
        [SN_KIND_I8] = 8, [SN_KIND_I16] = 16, [SN_KIND_I32] = 32, [SN_KIND_I64] = 64,
        [SN_KIND_U8] = 8, [SN_KIND_U16] = 16, [SN_KIND_U32] = 32, [SN_KIND_U64] = 64};
    unsigned width = kind >= SN_KIND_I8 && kind <= SN_KIND_U64 ? bits[kind] : 64;

    if (is_signed(kind))
        return (1ull << (width - 1)) - !negative;
    return negative ? 0 : UINT64_MAX >> (64 - width);
}

static bool read_split(struct routing *routing, const struct sn_raw *item, struct sn_split *split)
{
    enum sn_kind kind = routing->pool->key_kind;
    const char *text = item->text;

    split->location = item->node->location;
    if (kind == SN_KIND_STRING || kind == SN_KIND_BYTES) {
        split->text = text;
        split->text_size = strlen(text);
        return true;
    }
    split->negative = *text == '-';
    if (sn_value_number(text + split->negative, &split->number) &&
        split->number <= largest(kind, split->negative)) {
        split->negative = split->negative && split->number > 0;
        return true;
    }
    sn_diag_error(routing->resolver->diags, SN_CODE_SPLITS, &item->node->location,
                  "'%s' is no value of the key's type", text);
    return false;
}

/* As memcmp: negative, zero or positive. */
static int compare_splits(const struct sn_split *left, const struct sn_split *right)
{
    size_t least;
    int order;

    if (left->text == NULL) {
        if (left->negative != right->negative)
            return left->negative ? -1 : 1;
        order = (left->number > right->number) - (left->number < right->number);
        return left->negative ? -order : order;
    }
    least = left->text_size < right->text_size ? left->text_size : right->text_size;
    order = memcmp(left->text, right->text, least);
    return order != 0 ? order
                      : (left->text_size > right->text_size) - (left->text_size < right->text_size);
}

static void check_range_size(struct routing *routing, const struct sn_raw *splits)
{
    struct sn_pool *pool = routing->pool;
    struct sn_diags *diags = routing->resolver->diags;

    if (pool->size_auto) {
        sn_diag_error(diags, SN_CODE_SPLITS, &pool->location,
                      "a range pool has one member more than splits, so it cannot be `auto`");
        sn_diag_help(diags, "leave `size` away");
    } else if (pool->size != 1 && pool->size != pool->split_count + 1) {
        sn_diag_error(diags, SN_CODE_SPLITS, &splits->name->location,
                      "the splits make %zu members, but the size is %u", pool->split_count + 1,
                      (unsigned)pool->size);
        sn_diag_help(diags, "leave `size` away");
    }
    pool->size = (uint32_t)pool->split_count + 1;
}

static int take_splits(struct routing *routing, const struct sn_raw *splits)
{
    struct sn_pool *pool = routing->pool;
    struct sn_diags *diags = routing->resolver->diags;

    if (splits == NULL || splits->count == 0) {
        sn_diag_error(diags, SN_CODE_SPLITS, &routing->raw->name->location,
                      "a range needs `splits`: where the next member begins");
        return 0;
    }
    pool->splits = sn_arena_array(routing->resolver->arena, splits->count, sizeof *pool->splits);
    if (pool->splits == NULL)
        return -1;
    for (size_t i = 0; i < splits->count; i++) {
        struct sn_split *split = &pool->splits[pool->split_count];

        if (!read_split(routing, &splits->items[i], split))
            continue;
        if (pool->split_count > 0 && compare_splits(split - 1, split) >= 0) {
            sn_diag_error(diags, SN_CODE_SPLITS, &split->location,
                          "splits must ascend: '%s' is not above '%s'", splits->items[i].text,
                          splits->items[i - 1].text);
        }
        pool->split_count++;
    }
    check_range_size(routing, splits);
    return 0;
}

static bool is_range_kind(enum sn_kind kind)
{
    return kind != SN_KIND_BOOL && kind != SN_KIND_ENUM;
}

/* ---- all of it ---------------------------------------------------------- */

static void refuse_extra(struct routing *routing, enum sn_word word, const char *wanted_route)
{
    const struct sn_raw *extra = sn_raw_get(routing->raw, word);

    if (extra == NULL)
        return;
    sn_diag_error(routing->resolver->diags, SN_CODE_ROUTE, &extra->name->location,
                  "'%s' has a meaning only for the route %s", extra->key->name, wanted_route);
}

static void check_key(struct routing *routing, const struct sn_raw *key)
{
    struct sn_pool *pool = routing->pool;
    struct sn_diags *diags = routing->resolver->diags;

    if (key == NULL && pool->keyed && !sn_resolve_mentions(routing->raw, "key") &&
        !routing->key_follows) {
        sn_diag_error(diags, SN_CODE_KEY_MISSING, &routing->raw->name->location,
                      "the route of '%s' needs a `key`", pool->name);
        sn_diag_help(diags, "name the field that decides, for example `key: id`");
    } else if (key != NULL && !pool->keyed) {
        sn_diag_error(diags, SN_CODE_KEY_UNUSED, &key->name->location,
                      "the route of '%s' does not look at a key", pool->name);
        sn_diag_help(diags, "choose hash, consistent_hash, range or custom; or leave `key` away");
    }
}

int sn_resolve_route(struct sn_resolver *resolver, const struct sn_raw *pool_raw,
                     struct sn_pool *pool)
{
    const struct sn_raw *raw = sn_raw_get(pool_raw, SN_WORD_ROUTE);
    struct routing routing = {.resolver = resolver,
                              .pool = pool,
                              .raw = raw,
                              .key_follows = sn_resolve_mentions(pool_raw, "one_per")};
    const struct sn_raw *by = sn_raw_get(raw, SN_WORD_BY), *key = sn_raw_get(raw, SN_WORD_KEY);

    if (by == NULL)
        return 0;
    pool->route = route_by(by->text);
    pool->keyed = wants_key(pool->route);
    check_key(&routing, key);
    if (key != NULL && pool->keyed)
        take_keys(&routing, key);
    if (pool->route != SN_ROUTE_RANGE)
        refuse_extra(&routing, SN_WORD_SPLITS, "range");
    if (pool->route != SN_ROUTE_CONSISTENT_HASH)
        refuse_extra(&routing, SN_WORD_VIRTUAL_NODES, "consistent_hash");
    else
        pool->virtual_nodes =
            (uint32_t)sn_resolve_number(resolver, sn_raw_get(raw, SN_WORD_VIRTUAL_NODES), 128);
    if (pool->route != SN_ROUTE_RANGE || routing.first == NULL)
        return 0;
    if (!is_range_kind(pool->key_kind)) {
        sn_diag_error(resolver->diags, SN_CODE_KEY_TYPE, &key->node->location,
                      "a range needs keys with an order: integers, times, strings or bytes");
        return 0;
    }
    return take_splits(&routing, sn_raw_get(raw, SN_WORD_SPLITS));
}
