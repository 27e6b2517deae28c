/* SPDX-License-Identifier: MIT */
/*
 * Sizes of structs, and their order in the generated header.
 *
 * One depth-first walk over what structs contain gives three things: a struct
 * that contains itself is found (and refused), each struct's size in bytes is
 * known once all inside it is, and the order in which structs are finished is
 * an order in which C accepts them. Starting from the YAML's order keeps that
 * order wherever it is possible.
 *
 * Sizes are those of a 64-bit machine: strings, bytes and lists are a pointer
 * and a count, with their content beside the struct, each part rounded up to
 * eight bytes.
 */
#include "model/resolve.h"

#include "model/layout.h"

#include <string.h>

enum { VIEW_BYTES = 16, VIEW_ALIGN = 8, REF_BYTES = 8, REPLY_TO_BYTES = 16 };

struct layout {
    uint64_t size;
    uint64_t align;
    uint64_t extra; /* most bytes beside it; SN_UNBOUNDED */
    unsigned depth; /* of structs inside it */
    bool fixed;
};

uint64_t sn_size_add(uint64_t left, uint64_t right)
{
    return left > SN_UNBOUNDED - right ? SN_UNBOUNDED : left + right;
}

uint64_t sn_size_multiply(uint64_t left, uint64_t right)
{
    return right != 0 && left > SN_UNBOUNDED / right ? SN_UNBOUNDED : left * right;
}

static uint64_t round_up(uint64_t size, uint64_t align)
{
    return size > SN_UNBOUNDED - align ? SN_UNBOUNDED : (size + align - 1) / align * align;
}

static struct layout scalar(uint64_t size)
{
    return (struct layout){.size = size, .align = size, .fixed = true};
}

static struct layout view(uint64_t content)
{
    return (struct layout){
        .size = VIEW_BYTES, .align = VIEW_ALIGN, .extra = round_up(content, VIEW_ALIGN)};
}

static bool visit_struct(struct sn_resolver *resolver, struct sn_struct *structure);
static bool visit_type(struct sn_resolver *resolver, struct sn_type *type, struct layout *ret);

static bool visit_deeper(struct sn_resolver *resolver, const struct sn_type *type,
                         struct sn_struct *structure)
{
    bool right = sn_resolve_enter(resolver, &type->location) && visit_struct(resolver, structure);

    sn_resolve_leave(resolver);
    return right;
}

static bool visit_inner_struct(struct sn_resolver *resolver, const struct sn_type *type,
                               struct layout *ret)
{
    /* Only the resolver holds structs that are not finished, so it may change them. */
    struct sn_struct *structure = (struct sn_struct *)type->structure;

    if (structure->step == 1) {
        sn_diag_error(resolver->diags, SN_CODE_RECURSIVE_TYPE, &type->location,
                      "'%s' contains itself", structure->name);
        sn_diag_note(resolver->diags, &structure->location, "it is declared here");
        return false;
    }
    if (!visit_deeper(resolver, type, structure))
        return false;
    if (structure->field_count == 0 && !structure->partial)
        sn_diag_error(resolver->diags, SN_CODE_BAD_TYPE, &type->location,
                      "'%s' has no fields, so it is no type for a value", structure->name);
    *ret = (struct layout){.size = structure->size_min,
                           .align = structure->align,
                           .extra = structure->size_max == SN_UNBOUNDED
                                        ? SN_UNBOUNDED
                                        : structure->size_max - structure->size_min,
                           .depth = structure->depth,
                           .fixed = structure->fixed};
    return true;
}

static bool visit_elements(struct sn_resolver *resolver, struct sn_type *type, struct layout *ret)
{
    struct layout of;

    if (!visit_type(resolver, (struct sn_type *)type->of, &of))
        return false;
    if (type->kind == SN_KIND_LIST)
        *ret = view(type->max == SN_UNBOUNDED
                        ? SN_UNBOUNDED
                        : sn_size_multiply(type->max, sn_size_add(of.size, of.extra)));
    else
        *ret = (struct layout){.size = sn_size_multiply(type->max, of.size),
                               .align = of.align,
                               .extra = sn_size_multiply(type->max, of.extra),
                               .fixed = of.fixed};
    ret->depth = of.depth;
    return true;
}

static bool visit_kind(struct sn_resolver *resolver, struct sn_type *type, struct layout *ret)
{
    switch (type->kind) {
    case SN_KIND_BOOL:
    case SN_KIND_I8:
    case SN_KIND_U8:
        *ret = scalar(1);
        return true;
    case SN_KIND_I16:
    case SN_KIND_U16:
        *ret = scalar(2);
        return true;
    case SN_KIND_I32:
    case SN_KIND_U32:
    case SN_KIND_F32:
    case SN_KIND_ENUM:
        *ret = scalar(4);
        return true;
    case SN_KIND_STRING:
        *ret = view(type->max == SN_UNBOUNDED ? SN_UNBOUNDED : type->max + 1);
        return true;
    case SN_KIND_BYTES:
        *ret = view(type->max);
        return true;
    case SN_KIND_LIST:
    case SN_KIND_ARRAY:
        return visit_elements(resolver, type, ret);
    case SN_KIND_STRUCT:
        return visit_inner_struct(resolver, type, ret);
    case SN_KIND_REPLY_TO:
        *ret = (struct layout){.size = REPLY_TO_BYTES, .align = 8, .fixed = true};
        return true;
    default:
        *ret = scalar(REF_BYTES);
        return true;
    }
}

static bool visit_type(struct sn_resolver *resolver, struct sn_type *type, struct layout *ret)
{
    if (!visit_kind(resolver, type, ret))
        return false;
    type->fixed = ret->fixed;
    if (type->optional) /* a flag before it */
        ret->size = sn_size_add(ret->size, ret->align);
    return true;
}

static bool visit_struct(struct sn_resolver *resolver, struct sn_struct *structure)
{
    uint64_t size = 0, align = 1, extra = 0;
    bool right = true;

    if (structure->step == 2)
        return true;
    structure->step = 1;
    structure->fixed = true;
    for (size_t i = 0; i < structure->field_count; i++) {
        struct layout field = {.align = 1};

        if (!visit_type(resolver, &structure->fields[i].type, &field)) {
            right = false;
            continue;
        }
        structure->fields[i].size_max = sn_size_add(field.size, field.extra);
        structure->fixed = structure->fixed && field.fixed;
        size = sn_size_add(round_up(size, field.align), field.size);
        align = field.align > align ? field.align : align;
        extra = sn_size_add(extra, field.extra);
        if (field.depth > structure->depth)
            structure->depth = field.depth;
    }
    if (++structure->depth > SN_TYPE_DEPTH_MAX)
        sn_resolve_too_deep(resolver, &structure->location);
    structure->size_min = round_up(size, align);
    structure->size_max = sn_size_add(structure->size_min, extra);
    structure->align = (uint32_t)align;
    structure->step = 2;
    return right;
}

bool sn_layout_struct(struct sn_resolver *resolver, struct sn_struct *structure)
{
    return visit_struct(resolver, structure);
}

bool sn_layout_fields(struct sn_resolver *resolver, struct sn_field *fields, size_t count)
{
    bool fixed = true;

    for (size_t i = 0; i < count; i++) {
        struct layout layout = {.fixed = true};

        visit_type(resolver, &fields[i].type, &layout);
        fields[i].size_max = sn_size_add(layout.size, layout.extra);
        fixed = fixed && layout.fixed;
    }
    return fixed;
}

/* ---- the order of declarations ------------------------------------------ */

struct order {
    struct sn_package *package;
    struct sn_declaration *list;
    size_t count;
    struct sn_map done; /* by "kind name" of what is in the list */
    struct sn_arena *arena;
};

static void put_struct(struct order *order, const struct sn_struct *structure);
static void put_type(struct order *order, const struct sn_type *type);

/* Enter `key` once: true the first time. */
static bool first_time(struct order *order, const char *kind, const char *name)
{
    const char *key = sn_arena_printf(order->arena, "%s %s", kind, name);

    return sn_map_put(&order->done, key, order) == NULL && !sn_arena_failed(order->arena);
}

static void put_alias(struct order *order, const struct sn_alias *alias)
{
    if (alias == NULL || alias->package != order->package ||
        !first_time(order, "alias", alias->name))
        return;
    put_type(order, &alias->type);
    order->list[order->count++] =
        (struct sn_declaration){.kind = SN_DECLARED_ALIAS, .alias = alias};
}

static void put_enum(struct order *order, const struct sn_enum *enumeration)
{
    if (enumeration->package == order->package && first_time(order, "enum", enumeration->name))
        order->list[order->count++] =
            (struct sn_declaration){.kind = SN_DECLARED_ENUM, .enumeration = enumeration};
}

static void put_type(struct order *order, const struct sn_type *type)
{
    if (type->alias != NULL && order->package == type->alias->package)
        put_alias(order, type->alias);
    if (type->of != NULL)
        put_type(order, type->of);
    if (type->structure != NULL)
        put_struct(order, type->structure);
    if (type->enumeration != NULL)
        put_enum(order, type->enumeration);
}

static void put_struct(struct order *order, const struct sn_struct *structure)
{
    const char *kind = structure->origin == SN_STRUCT_TYPE      ? "struct"
                       : structure->origin == SN_STRUCT_MESSAGE ? "message"
                                                                : "reply";

    if (structure->package != order->package || structure->field_count == 0 ||
        !first_time(order, kind, structure->name))
        return;
    for (size_t i = 0; i < structure->field_count; i++)
        put_type(order, &structure->fields[i].type);
    order->list[order->count++] =
        (struct sn_declaration){.kind = SN_DECLARED_STRUCT, .structure = structure};
}

static int order_declarations(struct sn_resolver *resolver)
{
    struct sn_scope *scope = resolver->scope;
    struct order order = {.package = scope->package, .arena = resolver->arena};
    size_t most = scope->bound_type_count + 2 * scope->bound_message_count;

    if (resolver->too_deep) /* to be walked */
        return 0;
    sn_map_init(&order.done, resolver->arena);
    order.list = sn_arena_array(resolver->arena, most, sizeof *order.list);
    if (order.list == NULL)
        return -1;
    for (size_t i = 0; i < scope->bound_type_count; i++) {
        const struct sn_bound_type *bound = &scope->bound_types[i];

        if (bound->structure != NULL)
            put_struct(&order, bound->structure);
        else if (bound->enumeration != NULL)
            put_enum(&order, bound->enumeration);
        else
            put_alias(&order, bound->alias);
    }
    for (size_t i = 0; i < scope->bound_message_count; i++) {
        put_struct(&order, scope->bound_messages[i].fields);
        if (scope->bound_messages[i].reply != NULL)
            put_struct(&order, scope->bound_messages[i].reply);
    }
    scope->package->declarations = order.list;
    scope->package->declaration_count = order.count;
    return 0;
}

/* ---- limits ------------------------------------------------------------- */

static void check_limit(struct sn_resolver *resolver, const struct sn_bound_message *bound,
                        const struct sn_struct *structure)
{
    const struct sn_raw *raw = sn_raw_get(bound->raw, SN_WORD_LIMIT);
    struct sn_message *message = bound->message;

    if (structure == NULL)
        return;
    if (raw == NULL && structure->size_max == SN_UNBOUNDED) {
        sn_diag_error(resolver->diags, SN_CODE_UNBOUNDED, &message->location,
                      "the %s of '%s' has no upper bound",
                      structure->origin == SN_STRUCT_REPLY ? "reply" : "size", message->name);
        sn_diag_help(resolver->diags, "give each field a maximum, or the message a `limit:`");
    }
    if (raw == NULL || structure->size_min <= message->limit)
        return;
    sn_diag_error(resolver->diags, SN_CODE_LIMIT, &raw->node->location,
                  "%s'%s' needs at least %llu bytes",
                  structure->origin == SN_STRUCT_REPLY ? "the reply of " : "", message->name,
                  (unsigned long long)structure->size_min);
}

static void resolve_limit(struct sn_resolver *resolver, const struct sn_bound_message *bound)
{
    const struct sn_raw *raw = sn_raw_get(bound->raw, SN_WORD_LIMIT);
    uint64_t most = bound->fields->size_max;

    if (bound->reply != NULL && bound->reply->size_max > most)
        most = bound->reply->size_max;
    bound->message->limit = sn_resolve_number(resolver, raw, most);
    check_limit(resolver, bound, bound->fields);
    check_limit(resolver, bound, bound->reply);
}

int sn_resolve_layout(struct sn_resolver *resolver)
{
    struct sn_scope *scope = resolver->scope;
    struct layout unused;

    for (size_t i = 0; i < scope->bound_type_count; i++)
        if (scope->bound_types[i].structure != NULL)
            visit_struct(resolver, scope->bound_types[i].structure);
        else if (scope->bound_types[i].alias != NULL)
            visit_type(resolver, &scope->bound_types[i].alias->type, &unused);
    for (size_t i = 0; i < scope->bound_message_count; i++) {
        const struct sn_bound_message *bound = &scope->bound_messages[i];

        visit_struct(resolver, bound->fields);
        if (bound->reply != NULL)
            visit_struct(resolver, bound->reply);
        resolve_limit(resolver, bound);
    }
    return order_declarations(resolver);
}
