/* SPDX-License-Identifier: MIT */
/*
 * Type expressions to types. Struct types may refer to each other in any order
 * because their places exist already; aliases are resolved on first use, with
 * a mark against cycles.
 */
#include "model/resolve.h"

#include <string.h>

static const struct {
    const char *name;
    enum sn_kind kind;
} simple[] = {{"bool", SN_KIND_BOOL},
              {"i8", SN_KIND_I8},
              {"i16", SN_KIND_I16},
              {"i32", SN_KIND_I32},
              {"i64", SN_KIND_I64},
              {"u8", SN_KIND_U8},
              {"u16", SN_KIND_U16},
              {"u32", SN_KIND_U32},
              {"u64", SN_KIND_U64},
              {"f32", SN_KIND_F32},
              {"f64", SN_KIND_F64},
              {"duration", SN_KIND_DURATION},
              {"timestamp", SN_KIND_TIMESTAMP}};

/* What C programmers type instead. */
static const struct {
    const char *wrong;
    const char *right;
} habits[] = {{"int", "i32"},
              {"unsigned", "u32"},
              {"long", "i64"},
              {"short", "i16"},
              {"char", "u8"},
              {"float", "f32"},
              {"double", "f64"},
              {"int8", "i8"},
              {"int16", "i16"},
              {"int32", "i32"},
              {"int64", "i64"},
              {"uint8", "u8"},
              {"uint16", "u16"},
              {"uint32", "u32"},
              {"uint64", "u64"},
              {"int8_t", "i8"},
              {"int16_t", "i16"},
              {"int32_t", "i32"},
              {"int64_t", "i64"},
              {"uint8_t", "u8"},
              {"uint16_t", "u16"},
              {"uint32_t", "u32"},
              {"uint64_t", "u64"},
              {"size_t", "u64"},
              {"boolean", "bool"},
              {"str", "string(N)"},
              {"string", "string(N)"},
              {"text", "string(N)"},
              {"byte", "u8"},
              {"blob", "bytes(N)"},
              {"time", "timestamp"},
              {"enum", "a list under `types:`"},
              {"struct", "a map under `types:`"}};

struct use {
    struct sn_resolver *resolver;
    const struct sn_node *node;
    enum sn_type_place place;
};

static struct sn_location part(const struct use *use, size_t offset, size_t size)
{
    return sn_node_part(use->node, offset, size);
}

static bool refuse(const struct use *use, enum sn_code code, const struct sn_type_expr *expr,
                   const char *what, const char *help)
{
    struct sn_location at = part(use, expr->offset, expr->size);

    sn_diag_error(use->resolver->diags, code, &at, "%s", what);
    if (help != NULL)
        sn_diag_help(use->resolver->diags, "%s", help);
    return false;
}

static void suggest_type(const struct use *use, const struct sn_scope *scope, const char *name)
{
    struct sn_suggest suggest = {.wanted = name};

    for (size_t i = 0; i < sizeof habits / sizeof habits[0]; i++)
        if (strcmp(name, habits[i].wrong) == 0) {
            sn_diag_help(use->resolver->diags, "write %s", habits[i].right);
            return;
        }
    if (!sn_diags_may_suggest(use->resolver->diags))
        return;
    for (size_t i = 0; i < sizeof simple / sizeof simple[0]; i++)
        sn_suggest_add(&suggest, simple[i].name);
    for (size_t i = 0; i < scope->types.capacity; i++)
        sn_suggest_add(&suggest, scope->types.entries[i].name);
    for (size_t i = 0; i < scope->messages.capacity; i++)
        sn_suggest_add(&suggest, scope->messages.entries[i].name);
    if (suggest.best != NULL)
        sn_diag_help(use->resolver->diags, "did you mean '%s'?", suggest.best);
    else if (sn_map_get(&scope->workers, name) != NULL)
        sn_diag_help(use->resolver->diags, "a reference to a worker is ref(%s)", name);
}

/* "said" or "said_reply": the struct of a message. */
static const struct sn_struct *message_struct(const struct use *use, const struct sn_scope *scope,
                                              const char *name)
{
    const struct sn_bound_message *bound = sn_map_get(&scope->messages, name);
    size_t size = strlen(name);

    if (bound != NULL)
        return bound->fields;
    if (size < 7 || strcmp(name + size - 6, "_reply") != 0)
        return NULL;
    bound = sn_map_get(&scope->messages, sn_arena_text(use->resolver->arena, name, size - 6));
    return bound != NULL ? bound->reply : NULL;
}

/* A type, a message or a message's reply that was refused where it is declared. */
static bool is_type_written(const struct use *use, const struct sn_scope *scope, const char *name)
{
    size_t size = strlen(name);
    bool reply = size > 6 && strcmp(name + size - 6, "_reply") == 0;
    const char *message = reply ? sn_arena_text(use->resolver->arena, name, size - 6) : name;

    return sn_resolve_is_written(use->resolver, scope, "types", name) ||
           (sn_map_get(&scope->messages, message) == NULL &&
            sn_resolve_is_written(use->resolver, scope, "messages", message));
}

static bool resolve_alias(struct sn_resolver *resolver, struct sn_bound_type *bound);

static bool use_declared(const struct use *use, const struct sn_type_expr *expr,
                         struct sn_bound_type *bound, struct sn_type *type)
{
    if (bound->structure != NULL) {
        type->kind = SN_KIND_STRUCT;
        type->structure = bound->structure;
    } else if (bound->enumeration != NULL) {
        type->kind = SN_KIND_ENUM;
        type->enumeration = bound->enumeration;
    } else if (bound->busy) {
        return refuse(use, SN_CODE_RECURSIVE_TYPE, expr, "this type stands for itself", NULL);
    } else {
        if (!resolve_alias(use->resolver, bound))
            return false;
        *type = bound->alias->type;
        type->alias = bound->alias;
    }
    return true;
}

static bool resolve_name(const struct use *use, const struct sn_type_expr *expr,
                         struct sn_type *type)
{
    const struct sn_scope *scope = use->resolver->scope;
    struct sn_location at = part(use, expr->offset, expr->size);
    const char *head, *rest = sn_resolve_split(use->resolver, expr->name, &head);
    const char *name = rest != NULL ? rest : expr->name;
    const struct sn_bound_type *bound;

    for (size_t i = 0; rest == NULL && i < sizeof simple / sizeof simple[0]; i++)
        if (strcmp(name, simple[i].name) == 0) {
            type->kind = simple[i].kind;
            return true;
        }
    if (rest != NULL)
        scope = sn_resolve_import(use->resolver, head, &at);
    if (scope == NULL)
        return false;
    bound = sn_map_get(&scope->types, name);
    if (bound != NULL)
        return use_declared(use, expr, &scope->bound_types[bound - scope->bound_types], type);
    type->kind = SN_KIND_STRUCT;
    type->structure = message_struct(use, scope, name);
    if (type->structure != NULL)
        return true;
    if (!is_type_written(use, scope, name)) {
        sn_diag_error(use->resolver->diags, SN_CODE_UNKNOWN_TYPE, &at, "no type is called '%s'",
                      name);
        suggest_type(use, scope, name);
    }
    return false;
}

static bool resolve_max(const struct use *use, const struct sn_type_expr *expr,
                        struct sn_type *type)
{
    struct sn_location at = part(use, expr->argument_offset, expr->argument_size);
    bool items = expr->form == SN_TYPE_LIST || expr->form == SN_TYPE_ARRAY;
    uint64_t most = items ? 1u << 24 : 1u << 30;

    type->max = expr->unbounded ? SN_UNBOUNDED : expr->number;
    if (expr->argument != NULL) {
        type->constant = sn_resolve_constant(use->resolver, expr->argument, &at);
        if (type->constant == NULL)
            return false;
        type->max = type->constant->value;
    }
    if (expr->unbounded && expr->form == SN_TYPE_ARRAY)
        return refuse(use, SN_CODE_BAD_TYPE, expr, "an array has a fixed number of elements",
                      "a list may be unbounded");
    if (expr->unbounded || (type->max >= 1 && type->max <= most))
        return true;
    sn_diag_error(use->resolver->diags, SN_CODE_OUT_OF_RANGE, &at, "the maximum must be 1 to %s",
                  items ? "16M" : "1G");
    return false;
}

static bool resolve_expr(const struct use *use, const struct sn_type_expr *expr,
                         struct sn_type *type);

static bool resolve_elements(const struct use *use, const struct sn_type_expr *expr,
                             struct sn_type *type)
{
    struct sn_type *of = sn_arena_alloc(use->resolver->arena, sizeof *of);

    if (of == NULL || !resolve_expr(use, expr->of, of))
        return false;
    type->of = of;
    if (of->optional)
        return refuse(use, SN_CODE_TYPE_NOT_HERE, expr->of,
                      "the elements of a list or array cannot be optional",
                      "leave the missing ones away, or put the optional value in a struct");
    if (of->kind == SN_KIND_LIST || of->kind == SN_KIND_ARRAY || of->kind == SN_KIND_REPLY_TO ||
        of->kind == SN_KIND_C)
        return refuse(use, SN_CODE_TYPE_NOT_HERE, expr->of,
                      "this cannot be the element of a list or array",
                      "put it into a struct under `types:` and use that");
    return true;
}

static bool resolve_target(const struct use *use, const struct sn_type_expr *expr,
                           struct sn_type *type)
{
    struct sn_location at = part(use, expr->argument_offset, expr->argument_size);

    if (expr->form == SN_TYPE_REF) {
        type->kind = SN_KIND_REF;
        type->worker = sn_resolve_worker(use->resolver, expr->name, &at);
        return type->worker != NULL;
    }
    type->kind = SN_KIND_REPLY_TO;
    type->message = sn_resolve_message(use->resolver, expr->name, &at);
    if (type->message == NULL || type->message->reply != NULL)
        return type->message != NULL;
    sn_diag_error(use->resolver->diags, SN_CODE_NOT_A_REQUEST, &at,
                  "'%s' has no reply, so nobody can answer it", expr->name);
    sn_diag_help(use->resolver->diags, "a request has a `reply:`; {} is a bare acknowledgement");
    return false;
}

static bool resolve_c(const struct use *use, const struct sn_type_expr *expr, struct sn_type *type)
{
    if (use->place != SN_PLACE_STATE)
        return refuse(use, SN_CODE_TYPE_NOT_HERE, expr, "a C type can only stand in `state`",
                      "messages, arguments and retained values are copied, so sngen has to know "
                      "them");
    type->kind = SN_KIND_C;
    type->c_type = expr->name;
    type->c_fini = expr->argument;
    return true;
}

static bool refuse_later(const struct use *use, const struct sn_type_expr *expr)
{
    return refuse(use, SN_CODE_NOT_AVAILABLE, expr,
                  expr->form == SN_TYPE_BUFFER ? "buffers are not available yet in sngen 0.1"
                  : expr->form == SN_TYPE_MAP  ? "map(N) is not available yet in sngen 0.1"
                                               : "last(N) is not available yet in sngen 0.1",
                  expr->form == SN_TYPE_BUFFER ? "bytes(N) copies; or keep a C type in the state"
                                               : "keep a C type in the state: c(TYPE) fini(fn)");
}

static bool resolve_form(const struct use *use, const struct sn_type_expr *expr,
                         struct sn_type *type)
{
    switch (expr->form) {
    case SN_TYPE_NAME:
        return resolve_name(use, expr, type);
    case SN_TYPE_STRING:
    case SN_TYPE_BYTES:
        type->kind = expr->form == SN_TYPE_STRING ? SN_KIND_STRING : SN_KIND_BYTES;
        return resolve_max(use, expr, type);
    case SN_TYPE_LIST:
    case SN_TYPE_ARRAY:
        type->kind = expr->form == SN_TYPE_LIST ? SN_KIND_LIST : SN_KIND_ARRAY;
        return resolve_max(use, expr, type) && resolve_elements(use, expr, type);
    case SN_TYPE_REF:
    case SN_TYPE_REPLY_TO:
        return resolve_target(use, expr, type);
    case SN_TYPE_C:
        return resolve_c(use, expr, type);
    default:
        return refuse_later(use, expr);
    }
}

static bool resolve_expr(const struct use *use, const struct sn_type_expr *expr,
                         struct sn_type *type)
{
    bool inner;

    if (!resolve_form(use, expr, type))
        return false;
    inner = type->optional; /* through an alias */
    type->location = part(use, expr->offset, expr->size);
    type->optional = expr->optional || inner;
    if (expr->optional && (inner || type->kind == SN_KIND_LIST || type->kind == SN_KIND_ARRAY ||
                           type->kind == SN_KIND_C || type->kind == SN_KIND_REPLY_TO))
        return refuse(use, SN_CODE_TYPE_NOT_HERE, expr, "this type cannot be optional",
                      type->kind == SN_KIND_LIST ? "an empty list says the same" : NULL);
    return true;
}

bool sn_resolve_type(struct sn_resolver *resolver, const struct sn_node *node,
                     const struct sn_type_expr *expr, enum sn_type_place place,
                     struct sn_type *ret_type)
{
    struct use use = {.resolver = resolver, .node = node, .place = place};

    *ret_type = (struct sn_type){0};
    if (resolve_expr(&use, expr, ret_type))
        return true;
    *ret_type = (struct sn_type){0}; /* nothing half resolved is left behind */
    return false;
}

/* The scalar that a field's type was written in, in the short form or the long one. */
static const struct sn_node *type_node(const struct sn_raw *item)
{
    const struct sn_raw *type = sn_raw_get(item, SN_WORD_TYPE);

    return type != NULL ? type->node : item->node;
}

/* `unknown: keep`, which only bytes with a maximum can, and one field of a struct. */
static bool resolve_unknown(struct sn_resolver *resolver, const struct sn_raw *item,
                            const struct sn_type *type, const struct sn_field *first)
{
    const struct sn_raw *raw = sn_raw_get(item, SN_WORD_UNKNOWN);

    if (raw == NULL)
        return false;
    if (type->kind != SN_KIND_BYTES || type->optional || type->max == SN_UNBOUNDED) {
        sn_diag_error(resolver->diags, SN_CODE_WIRE, &raw->node->location,
                      "'%s' cannot keep unknown fields", item->name->text);
        sn_diag_help(resolver->diags, "its type must be bytes(N), with room for the largest");
        return false;
    }
    if (first != NULL) {
        sn_diag_error(resolver->diags, SN_CODE_WIRE, &raw->node->location,
                      "unknown fields are kept twice");
        sn_diag_note(resolver->diags, &first->location, "'%s' keeps them already", first->name);
        return false;
    }
    return true;
}

int sn_resolve_fields(struct sn_resolver *resolver, const struct sn_raw *raw,
                      enum sn_type_place place, struct sn_field **ret_fields, size_t *ret_count)
{
    size_t most = raw != NULL ? raw->count : 0;
    struct sn_field *fields = sn_arena_array(resolver->arena, most, sizeof *fields);
    const struct sn_field *keeper = NULL;

    *ret_count = 0;
    *ret_fields = fields;
    if (fields == NULL)
        return -1;
    for (size_t i = 0; i < most; i++) {
        const struct sn_raw *item = &raw->items[i];
        struct sn_field *field = &fields[*ret_count];

        if (item->type == NULL ||
            !sn_resolve_type(resolver, type_node(item), item->type, place, &field->type))
            continue;
        field->name = item->name->text;
        field->was = sn_resolve_was(item);
        field->doc = sn_raw_doc(resolver->arena, item);
        field->location = item->name->location;
        field->keeps_unknown = resolve_unknown(resolver, item, &field->type, keeper);
        keeper = field->keeps_unknown ? field : keeper;
        field->tag = (uint32_t)++ * ret_count;
    }
    return 0;
}

static bool resolve_alias(struct sn_resolver *resolver, struct sn_bound_type *bound)
{
    const struct sn_raw *inside = sn_raw_get(bound->raw, SN_WORD_TYPEDEF);
    const struct sn_raw *raw = inside != NULL ? inside : bound->raw;

    if (bound->done)
        return bound->alias->type.location.line != 0; /* else it was reported */
    bound->busy = true;
    if (!sn_resolve_enter(resolver, &bound->alias->location) ||
        !sn_resolve_type(resolver, raw->node, raw->type, SN_PLACE_VALUE, &bound->alias->type))
        bound->alias->type.location.line = 0;
    sn_resolve_leave(resolver);
    bound->busy = false;
    bound->done = true;
    return bound->alias->type.location.line != 0;
}

static int resolve_values(struct sn_resolver *resolver, struct sn_bound_type *bound)
{
    const struct sn_raw *inside = sn_raw_get(bound->raw, SN_WORD_ENUM);
    const struct sn_raw *raw = inside != NULL ? inside : bound->raw;
    struct sn_enum_value *values = sn_arena_array(resolver->arena, raw->count, sizeof *values);
    struct sn_map seen;

    if (values == NULL)
        return -1;
    sn_map_init(&seen, resolver->arena);
    for (size_t i = 0; i < raw->count; i++) {
        struct sn_enum_value *value = &values[i];
        const struct sn_enum_value *first;

        *value = (struct sn_enum_value){.name = raw->items[i].name->text,
                                        .number = (uint32_t)i,
                                        .was = sn_resolve_was(&raw->items[i]),
                                        .doc = sn_raw_doc(resolver->arena, &raw->items[i]),
                                        .location = raw->items[i].name->location};
        first = sn_map_put(&seen, value->name, value);
        if (first != NULL)
            sn_resolve_duplicate(resolver, "value", value->name, &value->location,
                                 &first->location);
    }
    bound->enumeration->values = values;
    bound->enumeration->value_count = raw->count;
    return 0;
}

/* The fields of a struct type; its `doc` and `was` are among the raw items and are no fields. */
static int resolve_members(struct sn_resolver *resolver, struct sn_bound_type *bound)
{
    size_t besides = (sn_raw_get(bound->raw, SN_WORD_DOC) != NULL) +
                     (sn_raw_get(bound->raw, SN_WORD_WAS) != NULL);
    int rc = sn_resolve_fields(resolver, bound->raw, SN_PLACE_VALUE, &bound->structure->fields,
                               &bound->structure->field_count);

    bound->structure->partial = bound->raw->node->count > besides + bound->structure->field_count;
    if (rc == 0 && bound->structure->field_count == 0 && bound->raw->node->count == besides)
        sn_diag_error(resolver->diags, SN_CODE_BAD_TYPE, &bound->structure->location,
                      "the struct '%s' has no fields", bound->structure->name);
    return rc;
}

int sn_resolve_types(struct sn_resolver *resolver)
{
    for (size_t i = 0; i < resolver->scope->bound_type_count; i++) {
        struct sn_bound_type *bound = &resolver->scope->bound_types[i];
        int rc = 0;

        if (bound->structure != NULL)
            rc = resolve_members(resolver, bound);
        else if (bound->enumeration != NULL)
            rc = resolve_values(resolver, bound);
        else
            resolve_alias(resolver, bound);
        if (rc != 0)
            return rc;
    }
    return 0;
}
