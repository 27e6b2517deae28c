/* SPDX-License-Identifier: MIT */
/*
 * P.proto: the messages for the wire as other languages read them.
 *
 * Each field is optional: a field that is missing is zero, so that one can be added or retired
 * without breaking anybody; what the schema says beyond proto2 stands beside the field. The file
 * needs no other: types of imports are in it, under their package's name.
 */
#include "emit/emitter.h"
#include "lock/lock.h"
#include "model/print.h"
#include "model/wire.h"

#include <string.h>

/* By enum sn_kind, as far as one word says it. */
static const char *const words[] = {
    [SN_KIND_BOOL] = "bool",         [SN_KIND_I8] = "sint32",     [SN_KIND_I16] = "sint32",
    [SN_KIND_I32] = "sint32",        [SN_KIND_I64] = "sint64",    [SN_KIND_U8] = "uint32",
    [SN_KIND_U16] = "uint32",        [SN_KIND_U32] = "uint32",    [SN_KIND_U64] = "uint64",
    [SN_KIND_F32] = "float",         [SN_KIND_F64] = "double",    [SN_KIND_DURATION] = "uint64",
    [SN_KIND_TIMESTAMP] = "fixed64", [SN_KIND_STRING] = "string", [SN_KIND_BYTES] = "bytes",
};

static const char *type_word(struct sn_emit *emit, const struct sn_type *type)
{
    if (type->kind == SN_KIND_STRUCT)
        return sn_name_proto_struct(emit->arena, emit->package, type->structure);
    if (type->kind == SN_KIND_ENUM)
        return sn_name_proto_enum(emit->arena, emit->package, type->enumeration);
    return words[type->kind];
}

/* What a type says beyond its word in proto2: "list(4) of string(8)", "i8"; "" if nothing. */
static const char *remark(struct sn_emit *emit, const struct sn_type *type)
{
    struct sn_buffer text = {0};
    struct sn_type plain = *type;
    struct sn_type of;
    const char *said = "";

    /* Numbers instead of names that only the schema knows. */
    plain.alias = NULL;
    plain.constant = NULL;
    if (type->of != NULL) {
        of = *type->of;
        of.constant = NULL;
        plain.of = &of;
    }
    switch (type->kind) {
    case SN_KIND_BOOL:
    case SN_KIND_I32:
    case SN_KIND_I64:
    case SN_KIND_U32:
    case SN_KIND_U64:
    case SN_KIND_F32:
    case SN_KIND_F64:
    case SN_KIND_ENUM:
    case SN_KIND_STRUCT:
        return "";
    case SN_KIND_DURATION:
        return " // nanoseconds";
    case SN_KIND_TIMESTAMP:
        return " // nanoseconds of the system's clock";
    default:
        break;
    }
    sn_print_type(&text, emit->package, &plain);
    if (text.failed)
        sn_arena_fail(emit->arena);
    else
        said = sn_emit_printf(emit, " // %s", text.data);
    sn_buffer_fini(&text);
    return said;
}

static void emit_field(struct sn_emit *emit, struct sn_buffer *out, const struct sn_field *field)
{
    const struct sn_type *type = &field->type;
    bool repeated = type->kind == SN_KIND_LIST || type->kind == SN_KIND_ARRAY;
    const struct sn_type *item = repeated ? type->of : type;
    bool is_long =
        item->kind == SN_KIND_STRING || item->kind == SN_KIND_BYTES || item->kind == SN_KIND_STRUCT;

    sn_layout_comment(out, 2, field->doc, NULL);
    if (field->keeps_unknown) {
        sn_buffer_printf(out, "  // \"%s\" keeps fields that are not in this file.\n", field->name);
        return;
    }
    sn_buffer_printf(out, "  %s %s %s = %" PRIu32 "%s;%s\n", repeated ? "repeated" : "optional",
                     type_word(emit, item), field->name, field->tag,
                     repeated && !is_long ? " [packed = true]" : "", remark(emit, type));
}

/* What sngen.lock has retired must not be given again by those who extend the .proto by hand. */
static void emit_reserved(struct sn_emit *emit, struct sn_buffer *out,
                          const struct sn_package *package, enum sn_lock_section section,
                          const char *owner)
{
    const uint32_t *numbers;
    size_t count = sn_lock_retired(emit->arena, package->lock, section, owner, &numbers);

    for (size_t i = 0; i < count; i++)
        sn_buffer_printf(out, "%s%" PRIu32, i == 0 ? "  reserved " : ", ", numbers[i]);
    if (count > 0)
        sn_buffer_puts(out, ";\n");
}

static void emit_message(struct sn_emit *emit, struct sn_buffer *out,
                         const struct sn_struct *structure)
{
    const char *reply = structure->origin == SN_STRUCT_REPLY ? "_reply" : "";

    sn_buffer_puts(out, "\n");
    sn_layout_comment(out, 0, sn_emit_struct_doc(structure),
                      sn_emit_struct_origin(emit, structure));
    sn_buffer_printf(out, "message %s {\n",
                     sn_name_proto_struct(emit->arena, emit->package, structure));
    for (size_t i = 0; i < structure->field_count; i++)
        emit_field(emit, out, &structure->fields[i]);
    emit_reserved(emit, out, structure->package, SN_LOCK_FIELDS,
                  sn_emit_printf(emit, "%s%s", structure->name, reply));
    sn_buffer_puts(out, "}\n");
}

/* By number: a missing enum is the first one for other languages, and 0 in C. */
static void emit_enum(struct sn_emit *emit, struct sn_buffer *out,
                      const struct sn_enum *enumeration)
{
    const struct sn_enum_value **values = sn_wire_values(emit, enumeration);
    const char *what = sn_emit_printf(emit, "enum \"%s\"", enumeration->name);

    sn_buffer_puts(out, "\n");
    sn_layout_comment(out, 0, enumeration->doc, sn_emit_origin(emit, &enumeration->location, what));
    sn_buffer_printf(out, "enum %s {\n",
                     sn_name_proto_enum(emit->arena, emit->package, enumeration));
    for (size_t i = 0; values != NULL && i < enumeration->value_count; i++) {
        sn_layout_comment(out, 2, values[i]->doc, NULL);
        sn_buffer_printf(
            out, "  %s = %" PRIu32 ";\n",
            sn_name_proto_enum_value(emit->arena, emit->package, enumeration, values[i]),
            values[i]->number);
    }
    emit_reserved(emit, out, enumeration->package, SN_LOCK_VALUES, enumeration->name);
    sn_buffer_puts(out, "}\n");
}

void sn_emit_wire_proto(struct sn_emit *emit, struct sn_buffer *out)
{
    struct sn_wire_set set;

    sn_emit_file_head(emit, out);
    sn_buffer_puts(out, "\n");
    sn_layout_comment(out, 0, emit->package->doc, NULL);
    sn_buffer_printf(out, "syntax = \"proto2\";\n\npackage %s;\n", emit->package->name);
    if (sn_wire_collect(emit->arena, emit->package, &set) != 0)
        return; /* the arena remembers */
    for (size_t i = 0; i < set.enum_count; i++)
        emit_enum(emit, out, set.enums[i]);
    for (size_t i = 0; i < set.struct_count; i++)
        emit_message(emit, out, set.structs[i]->structure);
}
