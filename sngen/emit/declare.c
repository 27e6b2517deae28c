/* SPDX-License-Identifier: MIT */
/*
 * The types of a package header.
 *
 * A declaration needs what it is made of in front of it: a struct the structs that it contains, a
 * list the type of its items. Declaring goes depth first through what a type is made of and
 * remembers what it has written; the model has refused types that contain themselves. Types of
 * imports come with their headers, which are included.
 */
#include "emit/emitter.h"

#include <string.h>

/* Enter a name; true if this package has to write it now. */
static bool declare_now(struct sn_emit *emit, const char *name, const struct sn_package *package)
{
    if (sn_map_put(&emit->declared, name, name) != NULL)
        return false;
    return package == emit->package;
}

void sn_declare_enum(struct sn_emit *emit, struct sn_buffer *out, const struct sn_enum *enumeration)
{
    const char *name = sn_name_enum(emit->arena, enumeration);
    const char *what = sn_emit_printf(emit, "enum \"%s\"", enumeration->name);

    if (!declare_now(emit, sn_emit_printf(emit, "enum %s", name), enumeration->package))
        return;
    sn_layout_comment(out, 0, enumeration->doc, sn_emit_origin(emit, &enumeration->location, what));
    sn_template_write(out, "enum ${name} {\n", SN_SLOTS({"name", name}));
    for (size_t i = 0; i < enumeration->value_count; i++) {
        const struct sn_enum_value *value = &enumeration->values[i];

        sn_layout_comment(out, 4, value->doc, NULL);
        sn_template_write(out, "    ${name} = ${number},\n",
                          SN_SLOTS({"name", sn_name_enum_value(emit->arena, enumeration, value)},
                                   {"number", sn_emit_number(emit, value->number)}));
    }
    sn_buffer_puts(out, "};\n\n");
}

void sn_declare_alias(struct sn_emit *emit, struct sn_buffer *out, const struct sn_alias *alias)
{
    const char *name = sn_name_alias(emit->arena, alias);
    const char *what = sn_emit_printf(emit, "type \"%s\"", alias->name);

    if (sn_map_get(&emit->declared, name) != NULL)
        return;
    sn_declare_type(emit, out, &alias->type);
    if (!declare_now(emit, name, alias->package))
        return;
    sn_layout_comment(out, 0, alias->doc, sn_emit_origin(emit, &alias->location, what));
    sn_template_write(out, "typedef ${declaration};\n\n",
                      SN_SLOTS({"declaration", sn_c_declare(emit, &alias->type, name)}));
}

/* The struct behind a list, an optional or a wrapped array; its parts are declared. */
static void declare_derived(struct sn_emit *emit, struct sn_buffer *out, const struct sn_type *type)
{
    struct sn_type present = sn_c_present(type);
    const char *name = sn_c_derived(emit, type);
    const char *text;

    if (strncmp(name, "sn_", 3) == 0) {
        emit->needs_lists = true;
        return;
    }
    if (!declare_now(emit, name, emit->package))
        return;
    if (type->optional)
        text = "struct ${name} {\n    bool present;\n    ${type} value;\n};\n\n";
    else if (type->kind == SN_KIND_LIST)
        text = "struct ${name} {\n    const ${type} *items;\n    size_t count;\n};\n\n";
    else
        text = "struct ${name} {\n    ${type} items[${max}];\n};\n\n";
    sn_template_write(out, text,
                      SN_SLOTS({"name", name},
                               {"type", sn_c_element(emit, type->optional ? &present : type->of)},
                               {"max", sn_c_max(emit, type)}));
}

/* `wrapped`: the type stands inside of a list or an optional. */
static void declare_parts(struct sn_emit *emit, struct sn_buffer *out, const struct sn_type *type,
                          bool wrapped)
{
    struct sn_type present = sn_c_present(type);

    if (type->optional)
        declare_parts(emit, out, &present, true);
    else if (type->kind == SN_KIND_LIST)
        declare_parts(emit, out, type->of, true);
    else if (type->kind == SN_KIND_ARRAY)
        declare_parts(emit, out, type->of, wrapped);
    else if (type->kind == SN_KIND_STRUCT)
        sn_declare_struct(emit, out, type->structure);
    else if (type->kind == SN_KIND_ENUM)
        sn_declare_enum(emit, out, type->enumeration);
    if (type->optional || type->kind == SN_KIND_LIST || (type->kind == SN_KIND_ARRAY && wrapped))
        declare_derived(emit, out, type);
}

void sn_declare_type(struct sn_emit *emit, struct sn_buffer *out, const struct sn_type *type)
{
    declare_parts(emit, out, type, false);
    if (type->alias != NULL && type->alias->type.optional == type->optional)
        sn_declare_alias(emit, out, type->alias);
}

void sn_declare_fields(struct sn_emit *emit, struct sn_buffer *out, const struct sn_field *fields,
                       size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sn_layout_comment(out, 4, fields[i].doc, NULL);
        sn_template_write(
            out, "    ${member};\n",
            SN_SLOTS({"member", sn_c_declare(emit, &fields[i].type, fields[i].name)}));
    }
}

static const char *struct_kind(struct sn_emit *emit, const struct sn_struct *structure)
{
    switch (structure->origin) {
    case SN_STRUCT_TYPE:
        return sn_emit_printf(emit, "type \"%s\"", structure->name);
    case SN_STRUCT_MESSAGE:
        return sn_emit_printf(emit, "message \"%s\"", structure->message->name);
    case SN_STRUCT_REPLY:
        return sn_emit_printf(emit, "reply to \"%s\"", structure->message->name);
    case SN_STRUCT_ARGS:
        return sn_emit_printf(emit, "args of worker \"%s\"", structure->worker->name);
    case SN_STRUCT_CONTEXT:
        return sn_emit_printf(emit, "context of ask \"%s\"", structure->name);
    }
    return "";
}

/* The named maxima of the fields of variable size. */
static void declare_maxima(struct sn_emit *emit, struct sn_buffer *out,
                           const struct sn_struct *structure)
{
    for (size_t i = 0; i < structure->field_count; i++) {
        const struct sn_field *field = &structure->fields[i];

        if (sn_c_has_field_max(field))
            sn_template_write(out, "#define ${name} ${max}\n",
                              SN_SLOTS({"name", sn_c_field_max(emit, structure, field)},
                                       {"max", sn_c_max(emit, &field->type)}));
    }
}

const char *sn_emit_struct_origin(struct sn_emit *emit, const struct sn_struct *structure)
{
    return sn_emit_origin(emit, &structure->location, struct_kind(emit, structure));
}

const char *sn_emit_struct_doc(const struct sn_struct *structure)
{
    if (structure->doc == NULL && structure->origin == SN_STRUCT_MESSAGE)
        return structure->message->doc;
    return structure->doc;
}

void sn_declare_struct(struct sn_emit *emit, struct sn_buffer *out,
                       const struct sn_struct *structure)
{
    const char *name, *key;

    if (!sn_has_fields(structure))
        return;
    name = sn_name_struct(emit->arena, structure);
    key = sn_emit_printf(emit, "struct %s", name);
    if (sn_map_get(&emit->declared, key) != NULL)
        return;
    for (size_t i = 0; i < structure->field_count; i++)
        sn_declare_type(emit, out, &structure->fields[i].type);
    if (!declare_now(emit, key, structure->package))
        return;
    sn_layout_comment(out, 0, sn_emit_struct_doc(structure),
                      sn_emit_struct_origin(emit, structure));
    sn_template_write(out, "struct ${name} {\n", SN_SLOTS({"name", name}));
    sn_declare_fields(emit, out, structure->fields, structure->field_count);
    sn_buffer_puts(out, "};\n");
    declare_maxima(emit, out, structure);
    sn_buffer_puts(out, "\n");
}
