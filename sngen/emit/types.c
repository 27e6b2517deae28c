/* SPDX-License-Identifier: MIT */
/*
 * C types.
 *
 * C has no lists and no optional values, so each gets a struct of its own, named after what it is
 * made of: `list(8) of u64` is struct sn_u64_list, `size?` is struct bank_size_optional. Those of
 * scalars stand in <sn/list.h>, those of a package's types in its header. What mixes packages, or
 * nests (a list of lists of u64), is prefixed with the package that needs it, so that two
 * packages never declare one name. `array(N)` is a C array, except inside a list or an optional,
 * where it is a struct with `items`.
 */
#include "emit/emitter.h"

#include <string.h>

/* By enum sn_kind: what it is called inside of a derived name, and the type itself. */
static const struct {
    const char *stem;
    const char *type;
} scalars[] = {
    [SN_KIND_BOOL] = {"sn_bool", "bool"},
    [SN_KIND_I8] = {"sn_i8", "int8_t"},
    [SN_KIND_I16] = {"sn_i16", "int16_t"},
    [SN_KIND_I32] = {"sn_i32", "int32_t"},
    [SN_KIND_I64] = {"sn_i64", "int64_t"},
    [SN_KIND_U8] = {"sn_u8", "uint8_t"},
    [SN_KIND_U16] = {"sn_u16", "uint16_t"},
    [SN_KIND_U32] = {"sn_u32", "uint32_t"},
    [SN_KIND_U64] = {"sn_u64", "uint64_t"},
    [SN_KIND_F32] = {"sn_f32", "float"},
    [SN_KIND_F64] = {"sn_f64", "double"},
    [SN_KIND_DURATION] = {"sn_u64", "uint64_t"},
    [SN_KIND_TIMESTAMP] = {"sn_u64", "uint64_t"},
    [SN_KIND_STRING] = {"sn_string", "struct sn_string"},
    [SN_KIND_BYTES] = {"sn_bytes", "struct sn_bytes"},
};

struct sn_type sn_c_present(const struct sn_type *type)
{
    struct sn_type present = *type;

    present.optional = false;
    return present;
}

/* The package that declares a type; NULL: the runtime's <sn/list.h>, or nobody has to. */
static const struct sn_package *owner(const struct sn_type *type)
{
    switch (type->kind) {
    case SN_KIND_STRUCT:
        return type->structure->package;
    case SN_KIND_ENUM:
        return type->enumeration->package;
    case SN_KIND_REF:
        return type->worker->package;
    case SN_KIND_REPLY_TO:
        return type->message->package;
    default:
        return NULL;
    }
}

static const char *stem(struct sn_emit *emit, const struct sn_type *type);

/* Add a suffix to a stem: the plain name if it is ours or <sn/list.h> has it. */
static const char *derive(struct sn_emit *emit, const struct sn_type *of, const char *suffix)
{
    const char *base = stem(emit, of);
    const char *plain = sn_emit_printf(emit, "%s_%s", base, suffix);
    bool simple = !of->optional && of->kind != SN_KIND_LIST && of->kind != SN_KIND_ARRAY;
    const char *prefix = emit->package->name;
    size_t prefix_size = strlen(prefix);

    if (simple && owner(of) == NULL && strncmp(suffix, "array", 5) != 0)
        return plain;
    if (simple && owner(of) == emit->package)
        return plain;
    if (sn_map_get(&emit->declared, plain) != NULL)
        return plain; /* an import has declared it */
    if (strncmp(base, prefix, prefix_size) == 0 && base[prefix_size] == '_')
        return plain;
    if (strncmp(base, "sn_", 3) == 0)
        return sn_emit_printf(emit, "%s_%s", prefix, plain + 3);
    return sn_emit_printf(emit, "%s_%s", prefix, plain);
}

const char *sn_c_derived(struct sn_emit *emit, const struct sn_type *type)
{
    struct sn_type present = sn_c_present(type);

    if (type->optional)
        return derive(emit, &present, "optional");
    if (type->kind == SN_KIND_LIST)
        return derive(emit, type->of, "list");
    if (type->kind == SN_KIND_ARRAY)
        return derive(emit, type->of, sn_emit_printf(emit, "array%" PRIu64, type->max));
    return "";
}

/* What a type is called inside of a derived name. */
static const char *stem(struct sn_emit *emit, const struct sn_type *type)
{
    if (type->optional || type->kind == SN_KIND_LIST || type->kind == SN_KIND_ARRAY)
        return sn_c_derived(emit, type);
    switch (type->kind) {
    case SN_KIND_STRUCT:
        return sn_name_struct(emit->arena, type->structure);
    case SN_KIND_ENUM:
        return sn_name_enum(emit->arena, type->enumeration);
    case SN_KIND_REF:
        return sn_name_ref(emit->arena, type->worker);
    case SN_KIND_REPLY_TO:
        return sn_name_reply_to(emit->arena, type->message);
    default:
        return scalars[type->kind].stem;
    }
}

/* The type of a list's item or an optional's value: aliases are not looked at, arrays wrapped. */
const char *sn_c_element(struct sn_emit *emit, const struct sn_type *type)
{
    if (type->optional || type->kind == SN_KIND_LIST || type->kind == SN_KIND_ARRAY)
        return sn_emit_printf(emit, "struct %s", sn_c_derived(emit, type));
    switch (type->kind) {
    case SN_KIND_STRUCT:
        return sn_emit_printf(emit, "struct %s", sn_name_struct(emit->arena, type->structure));
    case SN_KIND_ENUM:
        return sn_emit_printf(emit, "enum %s", sn_name_enum(emit->arena, type->enumeration));
    case SN_KIND_REF:
    case SN_KIND_REPLY_TO:
        return stem(emit, type);
    case SN_KIND_C:
        return type->c_type;
    default:
        return scalars[type->kind].type;
    }
}

static bool spelled_by_alias(const struct sn_type *type)
{
    return type->alias != NULL && type->alias->type.optional == type->optional;
}

const char *sn_c_type(struct sn_emit *emit, const struct sn_type *type)
{
    if (spelled_by_alias(type))
        return sn_name_alias(emit->arena, type->alias);
    if (type->kind == SN_KIND_ARRAY && !type->optional)
        return sn_c_type(emit, type->of);
    return sn_c_element(emit, type);
}

const char *sn_c_declare(struct sn_emit *emit, const struct sn_type *type, const char *name)
{
    const char *c_type = sn_c_type(emit, type);
    bool is_pointer = c_type[0] != '\0' && c_type[strlen(c_type) - 1] == '*';

    while (type->kind == SN_KIND_ARRAY && !type->optional && !spelled_by_alias(type)) {
        name = sn_emit_printf(emit, "%s[%s]", name, sn_c_max(emit, type));
        type = type->of;
    }
    return sn_emit_printf(emit, is_pointer ? "%s%s" : "%s %s", c_type, name);
}

const char *sn_c_max(struct sn_emit *emit, const struct sn_type *type)
{
    if (type->max == SN_UNBOUNDED)
        return "SIZE_MAX";
    if (type->constant != NULL)
        return sn_name_constant(emit->arena, type->constant);
    return sn_emit_number(emit, type->max);
}

bool sn_c_has_field_max(const struct sn_field *field)
{
    enum sn_kind kind = field->type.kind;

    return (kind == SN_KIND_STRING || kind == SN_KIND_BYTES || kind == SN_KIND_LIST) &&
           field->type.max != SN_UNBOUNDED;
}

const char *sn_c_field_max(struct sn_emit *emit, const struct sn_struct *structure,
                           const struct sn_field *field)
{
    return sn_c_has_field_max(field) ? sn_name_field_max(emit->arena, structure, field)
                                     : sn_c_max(emit, &field->type);
}

struct sn_traits sn_type_traits(struct sn_emit *emit, const struct sn_type *type)
{
    while (type->kind == SN_KIND_LIST || type->kind == SN_KIND_ARRAY)
        type = type->of;
    if (type->kind == SN_KIND_STRUCT)
        return sn_struct_traits(emit, type->structure);
    return (struct sn_traits){
        .checked = type->kind == SN_KIND_ENUM,
        .tokens = type->kind == SN_KIND_REPLY_TO,
    };
}

/* Computed once a struct: a struct may be reached on very many ways. */
struct sn_traits sn_struct_traits(struct sn_emit *emit, const struct sn_struct *structure)
{
    const char *name = sn_name_struct(emit->arena, structure);
    const struct sn_traits *known = sn_map_get(&emit->traits, name);
    struct sn_traits *traits;

    if (known != NULL)
        return *known;
    traits = sn_arena_alloc(emit->arena, sizeof *traits);
    if (traits == NULL)
        return (struct sn_traits){0};
    for (size_t i = 0; i < structure->field_count; i++) {
        struct sn_traits field = sn_type_traits(emit, &structure->fields[i].type);

        traits->checked |= field.checked;
        traits->tokens |= field.tokens;
    }
    sn_map_put(&emit->traits, name, traits);
    return *traits;
}
