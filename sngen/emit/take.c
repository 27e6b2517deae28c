/* SPDX-License-Identifier: MIT */
/*
 * Values out of bytes (<sn/input.h>), for fuzzers and simulations: a function for each struct,
 * written when it is first asked for. References and reply addresses stay zero: they name nobody.
 */
#include "emit/tests.h"
#include "emit/walk.h"

#include <string.h>

static void take(struct sn_emit *emit, struct sn_buffer *out, const struct sn_type *type,
                 const char *value, const char *max, bool wrapped, size_t depth);

static void put(struct sn_emit *emit, struct sn_buffer *out, size_t depth, const char *text,
                const struct sn_template_slot *slots)
{
    sn_template_write(out,
                      sn_emit_printf(emit, "%s%s\n", sn_walk_indent(emit, depth),
                                     sn_template_text(emit->arena, text, slots)),
                      NULL);
}

static void take_scalar(struct sn_emit *emit, struct sn_buffer *out, const struct sn_type *type,
                        const char *value, const char *max, size_t depth)
{
    struct sn_type present = sn_c_present(type);
    const char *call = "sn_input_number(input)";

    switch (type->kind) {
    case SN_KIND_BOOL:
        call = "sn_input_byte(input) % 2 != 0";
        break;
    case SN_KIND_STRING:
        call = sn_emit_printf(emit, "sn_input_string(input, %s)", max);
        break;
    case SN_KIND_BYTES:
        call = sn_emit_printf(emit, "sn_input_bytes(input, %s)", max);
        break;
    case SN_KIND_I64:
        call = "sn_input_signed(input)";
        break;
    case SN_KIND_I8:
    case SN_KIND_I16:
    case SN_KIND_I32:
    case SN_KIND_F32:
    case SN_KIND_F64:
        call = sn_emit_printf(emit, "(%s)sn_input_signed(input)", sn_c_type(emit, &present));
        break;
    case SN_KIND_U8:
    case SN_KIND_U16:
    case SN_KIND_U32:
        call = sn_emit_printf(emit, "(%s)sn_input_number(input)", sn_c_type(emit, &present));
        break;
    default:
        break;
    }
    put(emit, out, depth, "${value} = ${call};", SN_SLOTS({"value", value}, {"call", call}));
}

static void take_enum(struct sn_emit *emit, struct sn_buffer *out, const struct sn_type *type,
                      const char *value, size_t depth)
{
    const struct sn_enum *enumeration = type->enumeration;

    put(emit, out, depth, "switch (sn_input_below(input, ${count})) {",
        SN_SLOTS({"count", sn_emit_number(emit, enumeration->value_count)}));
    for (size_t i = 0; i < enumeration->value_count; i++) {
        const char *name = sn_name_enum_value(emit->arena, enumeration, &enumeration->values[i]);

        if (i + 1 < enumeration->value_count)
            put(emit, out, depth, "case ${number}:", SN_SLOTS({"number", sn_emit_number(emit, i)}));
        else
            put(emit, out, depth, "default:", NULL);
        put(emit, out, depth + 1, "${value} = ${name};",
            SN_SLOTS({"value", value}, {"name", name}));
        put(emit, out, depth + 1, "break;", NULL);
    }
    put(emit, out, depth, "}", NULL);
}

static void take_list(struct sn_emit *emit, struct sn_buffer *out, const struct sn_type *type,
                      const char *value, const char *max, size_t depth)
{
    const char *count = sn_emit_printf(emit, "count%zu", depth);
    const char *items = sn_emit_printf(emit, "items%zu", depth);
    const char *index = sn_walk_index(emit, depth);
    const struct sn_template_slot *slots =
        SN_SLOTS({"count", count}, {"items", items}, {"max", max}, {"value", value}, {"i", index},
                 {"type", sn_c_element(emit, type->of)});

    put(emit, out, depth, "{", NULL);
    put(emit, out, depth + 1, "size_t ${count} = sn_input_count(input, ${max});", slots);
    put(emit, out, depth + 1,
        "${type} *${items} = sn_input_memory(input, ${count} * sizeof *${items});", slots);
    sn_buffer_puts(out, "\n");
    put(emit, out, depth + 1,
        "for (size_t ${i} = 0; ${items} != NULL && ${i} < ${count}; ${i}++) {", slots);
    take(emit, out, type->of, sn_emit_printf(emit, "%s[%s]", items, index),
         sn_c_max(emit, type->of), true, depth + 2);
    put(emit, out, depth + 1, "}", NULL);
    put(emit, out, depth + 1, "${value}.items = ${items};", slots);
    put(emit, out, depth + 1, "${value}.count = ${items} != NULL ? ${count} : 0;", slots);
    put(emit, out, depth, "}", NULL);
}

static void take_array(struct sn_emit *emit, struct sn_buffer *out, const struct sn_type *type,
                       const char *value, bool wrapped, size_t depth)
{
    const char *index = sn_walk_index(emit, depth);

    put(emit, out, depth, "for (size_t ${i} = 0; ${i} < ${count}; ${i}++) {",
        SN_SLOTS({"i", index}, {"count", sn_c_max(emit, type)}));
    take(emit, out, type->of,
         sn_emit_printf(emit, "%s%s[%s]", value, wrapped ? ".items" : "", index),
         sn_c_max(emit, type->of), wrapped, depth + 1);
    put(emit, out, depth, "}", NULL);
}

/* @wrapped  arrays stand in a struct with `items` here. */
static void take(struct sn_emit *emit, struct sn_buffer *out, const struct sn_type *type,
                 const char *value, const char *max, bool wrapped, size_t depth)
{
    struct sn_type present = sn_c_present(type);

    if (type->optional) {
        put(emit, out, depth, "${value}.present = sn_input_byte(input) % 2 != 0;",
            SN_SLOTS({"value", value}));
        put(emit, out, depth, "if (${value}.present) {", SN_SLOTS({"value", value}));
        take(emit, out, &present, sn_emit_printf(emit, "%s.value", value), max, true, depth + 1);
        put(emit, out, depth, "}", NULL);
    } else if (type->kind == SN_KIND_STRUCT) {
        put(emit, out, depth, "${take}(&${value}, input);",
            SN_SLOTS({"take", sn_need_take(emit, type->structure)}, {"value", value}));
    } else if (type->kind == SN_KIND_ENUM) {
        take_enum(emit, out, type, value, depth);
    } else if (type->kind == SN_KIND_LIST) {
        take_list(emit, out, type, value, max, depth);
    } else if (type->kind == SN_KIND_ARRAY) {
        take_array(emit, out, type, value, wrapped, depth);
    } else if (type->kind == SN_KIND_REF || type->kind == SN_KIND_REPLY_TO) {
        put(emit, out, depth, "memset(&${value}, 0, sizeof ${value});", SN_SLOTS({"value", value}));
    } else {
        take_scalar(emit, out, type, value, max, depth);
    }
}

const char *sn_need_take(struct sn_emit *emit, const struct sn_struct *structure)
{
    const char *type = sn_name_struct(emit->arena, structure);
    const char *name = sn_emit_printf(emit, "%s_take", type);
    struct sn_buffer body = {0};

    if (!sn_emit_first(emit, name))
        return name;
    for (size_t i = 0; i < structure->field_count; i++) {
        const struct sn_field *field = &structure->fields[i];

        take(emit, &body, &field->type, sn_emit_printf(emit, "value->%s", field->name),
             sn_c_field_max(emit, structure, field), false, 0);
    }
    sn_template_write(&emit->values,
                      "static void ${name}(struct ${type} *value, struct sn_input *input)\n{\n",
                      SN_SLOTS({"name", name}, {"type", type}));
    if (body.size > 0 && strstr(body.data, "input") == NULL) /* references only */
        sn_buffer_puts(&emit->values, "    (void)input;\n");
    if (body.size > 0)
        sn_buffer_append(&emit->values, body.data, body.size);
    sn_buffer_puts(&emit->values, "}\n\n");
    emit->values.failed |= body.failed;
    sn_buffer_fini(&body);
    return name;
}
