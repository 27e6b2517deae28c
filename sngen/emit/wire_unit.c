/* SPDX-License-Identifier: MIT */
/*
 * <stem>.wire.sn.c: the codecs of messages that say `wire: true`. They stand apart from
 * <stem>.sn.c because only they need protobuf-c.
 *
 * A codec is tables: what protobuf-c wants to know of a struct, and what libsn-wire does. Both
 * list the fields by ascending tag. sngen writes protobuf-c's tables itself: protoc-c would add a
 * tool and a step to everybody's build, and give C names that a field `base` or `has_size` breaks.
 */
#include "emit/emitter.h"
#include "model/wire.h"

#include <stdlib.h>
#include <string.h>

/* By enum sn_kind: enum sn_wire_kind, and ProtobufCType. */
static const struct {
    const char *kind;
    const char *type;
} kinds[] = {
    [SN_KIND_BOOL] = {"BOOL", "BOOL"},
    [SN_KIND_I8] = {"I8", "SINT32"},
    [SN_KIND_I16] = {"I16", "SINT32"},
    [SN_KIND_I32] = {"I32", "SINT32"},
    [SN_KIND_I64] = {"I64", "SINT64"},
    [SN_KIND_U8] = {"U8", "UINT32"},
    [SN_KIND_U16] = {"U16", "UINT32"},
    [SN_KIND_U32] = {"U32", "UINT32"},
    [SN_KIND_U64] = {"U64", "UINT64"},
    [SN_KIND_F32] = {"F32", "FLOAT"},
    [SN_KIND_F64] = {"F64", "DOUBLE"},
    [SN_KIND_DURATION] = {"U64", "UINT64"},
    [SN_KIND_TIMESTAMP] = {"FIXED64", "FIXED64"},
    [SN_KIND_STRING] = {"STRING", "BYTES"},
    [SN_KIND_BYTES] = {"BYTES", "BYTES"},
    [SN_KIND_ENUM] = {"ENUM", "UINT32"},
    [SN_KIND_STRUCT] = {"STRUCT", "MESSAGE"},
};

/* A struct being written: its fields that travel, by ascending tag. */
struct codec {
    struct sn_emit *emit;
    struct sn_buffer *out;
    const struct sn_struct *structure;
    const char *name;
    const struct sn_field **fields;
    size_t count;
    const struct sn_field *keeper; /* of unknown fields; or NULL */
};

static int compare_tags(const void *left, const void *right)
{
    const struct sn_field *one = *(const struct sn_field *const *)left;
    const struct sn_field *other = *(const struct sn_field *const *)right;

    return one->tag < other->tag ? -1 : one->tag > other->tag;
}

static int compare_numbers(const void *left, const void *right)
{
    const struct sn_enum_value *one = *(const struct sn_enum_value *const *)left;
    const struct sn_enum_value *other = *(const struct sn_enum_value *const *)right;

    return one->number < other->number ? -1 : one->number > other->number;
}

const struct sn_enum_value **sn_wire_values(struct sn_emit *emit, const struct sn_enum *enumeration)
{
    const struct sn_enum_value **values =
        sn_arena_array(emit->arena, enumeration->value_count, sizeof *values);

    for (size_t i = 0; values != NULL && i < enumeration->value_count; i++)
        values[i] = &enumeration->values[i];
    if (values != NULL)
        qsort(values, enumeration->value_count, sizeof *values, compare_numbers);
    return values;
}

static void emit_enum(struct sn_emit *emit, struct sn_buffer *out,
                      const struct sn_enum *enumeration)
{
    const struct sn_enum_value **values = sn_wire_values(emit, enumeration);
    const char *name = sn_name_enum(emit->arena, enumeration);

    sn_template_write(out, "static const uint32_t ${name}_wire_numbers[] = {\n",
                      SN_SLOTS({"name", name}));
    for (size_t i = 0; values != NULL && i < enumeration->value_count; i++)
        sn_template_write(
            out, "    ${value},\n",
            SN_SLOTS({"value", sn_name_enum_value(emit->arena, enumeration, values[i])}));
    sn_template_write(
        out,
        "};\n\n"
        "static const struct sn_wire_enum ${name}_wire = {\n"
        "    .numbers = ${name}_wire_numbers,\n"
        "    .count = ${count},\n"
        "};\n\n",
        SN_SLOTS({"name", name}, {"count", sn_emit_number(emit, enumeration->value_count)}));
}

/* ---- where a field is in C ---------------------------------------------------------------- */

static bool repeats(const struct sn_field *field)
{
    return field->type.kind == SN_KIND_LIST || field->type.kind == SN_KIND_ARRAY;
}

static const struct sn_type *item_of(const struct sn_field *field)
{
    return repeats(field) ? field->type.of : &field->type;
}

static const char *offset_of(const struct codec *codec, const struct sn_field *field,
                             const char *member)
{
    return sn_emit_printf(codec->emit, "offsetof(struct %s, %s%s)", codec->name, field->name,
                          member);
}

static void put_row(struct sn_buffer *out, const char *member, const char *value)
{
    sn_template_write(out, "        .${member} = ${value},\n",
                      SN_SLOTS({"member", member}, {"value", value}));
}

static void put_count(const struct codec *codec, const struct sn_field *field)
{
    struct sn_emit *emit = codec->emit;

    if (field->type.kind == SN_KIND_LIST)
        put_row(codec->out, "count", "SN_WIRE_LIST");
    else if (field->type.kind == SN_KIND_ARRAY)
        put_row(codec->out, "count", "SN_WIRE_ARRAY");
    else if (field->type.optional)
        put_row(codec->out, "count", "SN_WIRE_OPTIONAL");
    put_row(codec->out, "offset", offset_of(codec, field, field->type.optional ? ".value" : ""));
    if (field->type.optional)
        put_row(codec->out, "present", offset_of(codec, field, ".present"));
    if (repeats(field))
        put_row(codec->out, "items", sn_c_field_max(emit, codec->structure, field));
}

static void emit_wire_field(const struct codec *codec, const struct sn_field *field)
{
    struct sn_emit *emit = codec->emit;
    const struct sn_type *item = item_of(field);
    const char *max =
        repeats(field) ? sn_c_max(emit, item) : sn_c_field_max(emit, codec->structure, field);

    sn_buffer_puts(codec->out, "    {\n");
    put_row(codec->out, "kind", sn_emit_printf(emit, "SN_WIRE_%s", kinds[item->kind].kind));
    put_count(codec, field);
    if (item->kind == SN_KIND_STRING || item->kind == SN_KIND_BYTES)
        put_row(codec->out, "max", max);
    if (item->kind == SN_KIND_ENUM)
        put_row(codec->out, "enumeration",
                sn_emit_printf(emit, "&%s_wire", sn_name_enum(emit->arena, item->enumeration)));
    if (item->kind == SN_KIND_STRUCT)
        put_row(codec->out, "type",
                sn_emit_printf(emit, "&%s_wire", sn_name_struct(emit->arena, item->structure)));
    sn_buffer_puts(codec->out, "    },\n");
}

/* ---- what it is for protobuf-c ------------------------------------------------------------ */

static bool is_packed(const struct sn_field *field)
{
    enum sn_kind kind = item_of(field)->kind;

    return repeats(field) && kind != SN_KIND_STRING && kind != SN_KIND_BYTES &&
           kind != SN_KIND_STRUCT;
}

static void emit_proto_field(const struct codec *codec, size_t index)
{
    struct sn_emit *emit = codec->emit;
    const struct sn_field *field = codec->fields[index];
    const struct sn_type *item = item_of(field);
    bool is_message = item->kind == SN_KIND_STRUCT;

    sn_buffer_puts(codec->out, "    {\n");
    put_row(codec->out, "name", sn_emit_printf(emit, "\"%s\"", field->name));
    put_row(codec->out, "id", sn_emit_number(emit, field->tag));
    put_row(codec->out, "label",
            repeats(field) ? "PROTOBUF_C_LABEL_REPEATED" : "PROTOBUF_C_LABEL_OPTIONAL");
    put_row(codec->out, "type", sn_emit_printf(emit, "PROTOBUF_C_TYPE_%s", kinds[item->kind].type));
    if (repeats(field) || !is_message)
        put_row(codec->out, "quantifier_offset",
                sn_emit_printf(emit, "offsetof(struct sn_wire_record, cells[%zu].%s)", index,
                               repeats(field) ? "count" : "is_there"));
    put_row(codec->out, "offset",
            sn_emit_printf(emit, "offsetof(struct sn_wire_record, cells[%zu].value)", index));
    if (is_message)
        put_row(codec->out, "descriptor",
                sn_emit_printf(emit, "&%s_proto", sn_name_struct(emit->arena, item->structure)));
    if (is_packed(field))
        put_row(codec->out, "flags", "PROTOBUF_C_FIELD_FLAG_PACKED");
    sn_buffer_puts(codec->out, "    },\n");
}

/* Runs of tags without a gap: where each begins, and the index of its first field. Returns how
 * many there are. */
static size_t emit_ranges(const struct codec *codec)
{
    size_t ranges = 0;

    sn_template_write(codec->out, "static const ProtobufCIntRange ${name}_proto_ranges[] = {\n",
                      SN_SLOTS({"name", codec->name}));
    for (size_t i = 0; i < codec->count; i++) {
        if (i > 0 && codec->fields[i]->tag == codec->fields[i - 1]->tag + 1)
            continue;
        sn_buffer_printf(codec->out, "    {%" PRIu32 ", %zu},\n", codec->fields[i]->tag, i);
        ranges++;
    }
    sn_buffer_printf(codec->out, "    {0, %zu},\n};\n\n", codec->count);
    return ranges;
}

static void emit_fields(const struct codec *codec)
{
    struct sn_buffer *out = codec->out;

    if (codec->count == 0)
        return;
    sn_template_write(out, "static const struct sn_wire_field ${name}_wire_fields[] = {\n",
                      SN_SLOTS({"name", codec->name}));
    for (size_t i = 0; i < codec->count; i++)
        emit_wire_field(codec, codec->fields[i]);
    sn_template_write(out,
                      "};\n\nstatic const ProtobufCFieldDescriptor ${name}_proto_fields[] = {\n",
                      SN_SLOTS({"name", codec->name}));
    for (size_t i = 0; i < codec->count; i++)
        emit_proto_field(codec, i);
    sn_buffer_puts(out, "};\n\n");
}

static void emit_descriptor(const struct codec *codec)
{
    static const char text[] =
        "static const ProtobufCMessageDescriptor ${name}_proto = {\n"
        "    .magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,\n"
        "    .name = \"${package}.${message}\",\n"
        "    .sizeof_message = offsetof(struct sn_wire_record, cells[${count}]),\n"
        "    .n_fields = ${count},\n"
        "    .fields = ${fields},\n"
        "    .n_field_ranges = ${ranges},\n"
        "    .field_ranges = ${name}_proto_ranges,\n"
        "};\n\n";
    struct sn_emit *emit = codec->emit;
    const char *fields = sn_emit_printf(emit, "%s_proto_fields", codec->name);
    size_t ranges = emit_ranges(codec);

    sn_template_write(
        codec->out, text,
        SN_SLOTS({"name", codec->name}, {"package", emit->package->name},
                 {"message", sn_name_proto_struct(emit->arena, emit->package, codec->structure)},
                 {"count", sn_emit_number(emit, codec->count)},
                 {"fields", codec->count > 0 ? fields : "NULL"},
                 {"ranges", sn_emit_number(emit, ranges)}));
}

/* The most payload of a message or reply; of a type within, nobody asks. */
static const char *limit_of(const struct codec *codec)
{
    const struct sn_message *message = codec->structure->message;

    return message != NULL ? sn_emit_number(codec->emit, message->limit) : "SIZE_MAX";
}

static void emit_type(const struct codec *codec)
{
    struct sn_emit *emit = codec->emit;
    const char *fields = sn_emit_printf(emit, "%s_wire_fields", codec->name);

    sn_template_write(codec->out,
                      "static const struct sn_wire_type ${name}_wire = {\n"
                      "    .descriptor = &${name}_proto,\n"
                      "    .fields = ${fields},\n"
                      "    .size = sizeof(struct ${name}),\n"
                      "    .limit = ${limit},\n",
                      SN_SLOTS({"name", codec->name},
                               {"fields", codec->count > 0 ? fields : "NULL"},
                               {"limit", limit_of(codec)}));
    if (codec->keeper != NULL)
        sn_template_write(codec->out, "    .unknown_max = ${max},\n    .unknown = ${offset},\n",
                          SN_SLOTS({"max", sn_c_field_max(emit, codec->structure, codec->keeper)},
                                   {"offset", offset_of(codec, codec->keeper, "")}));
    sn_buffer_puts(codec->out, "};\n\n");
}

static void emit_functions(const struct codec *codec)
{
    static const char text[] = "${encode}\n"
                               "{\n"
                               "    return sn_wire_encode(&${name}_wire, ${value}, memory, "
                               "ret_bytes);\n"
                               "}\n\n"
                               "${decode}\n"
                               "{\n"
                               "    return sn_wire_decode(&${name}_wire, bytes, memory, "
                               "ret_${value});\n"
                               "}\n\n";
    const char *value = codec->structure->origin == SN_STRUCT_REPLY ? "reply" : "message";

    sn_template_write(codec->out, text,
                      SN_SLOTS({"encode", sn_proto_encode(codec->emit, codec->structure)},
                               {"decode", sn_proto_decode(codec->emit, codec->structure)},
                               {"name", codec->name}, {"value", value}));
}

static void emit_struct(struct sn_emit *emit, struct sn_buffer *out,
                        const struct sn_struct *structure)
{
    struct codec codec = {
        .emit = emit,
        .out = out,
        .structure = structure,
        .name = sn_name_struct(emit->arena, structure),
        .fields = sn_arena_array(emit->arena, structure->field_count, sizeof *codec.fields),
    };

    if (codec.fields == NULL || structure->field_count == 0)
        return;
    for (size_t i = 0; i < structure->field_count; i++)
        if (structure->fields[i].keeps_unknown)
            codec.keeper = &structure->fields[i];
        else
            codec.fields[codec.count++] = &structure->fields[i];
    qsort(codec.fields, codec.count, sizeof *codec.fields, compare_tags);
    sn_layout_heading(out, sn_emit_struct_origin(emit, structure));
    emit_fields(&codec);
    emit_descriptor(&codec);
    emit_type(&codec);
    if (sn_wire_has_codec(emit->package, structure))
        emit_functions(&codec);
}

void sn_emit_wire_unit(struct sn_emit *emit, struct sn_buffer *out)
{
    struct sn_wire_set set;

    sn_emit_file_head(emit, out);
    sn_template_write(out,
                      "#include \"${header}\"\n\n"
                      "#include <sn/wire_tables.h>\n\n"
                      "#include <stddef.h>\n",
                      SN_SLOTS({"header", sn_name_package_header(emit->arena, emit->package)}));
    if (sn_wire_collect(emit->arena, emit->package, &set) != 0)
        return; /* the arena remembers */
    if (set.enum_count > 0)
        sn_layout_heading(out, "enums");
    for (size_t i = 0; i < set.enum_count; i++)
        emit_enum(emit, out, set.enums[i]);
    for (size_t i = 0; i < set.struct_count; i++)
        emit_struct(emit, out, set.structs[i]->structure);
    sn_emit_squeeze(out);
}

/* ---- the header --------------------------------------------------------------------------- */

static void emit_prototypes(struct sn_emit *emit, struct sn_buffer *out,
                            const struct sn_wire_struct *entry)
{
    static const char text[] = "#define ${encoded} ${encoded_max}\n"
                               "#define ${room} ${memory}\n"
                               "${encode};\n"
                               "${decode};\n\n";
    const struct sn_struct *structure = entry->structure;

    sn_template_write(
        out, text,
        SN_SLOTS({"encoded", sn_name_wire_size(emit->arena, structure, "encoded_max")},
                 {"encoded_max", sn_emit_number(emit, entry->encoded_max)},
                 {"room", sn_name_wire_size(emit->arena, structure, "wire_memory")},
                 {"memory", sn_emit_number(emit, entry->memory)},
                 {"encode", sn_proto_encode(emit, structure)},
                 {"decode", sn_proto_decode(emit, structure)}));
}

void sn_emit_wire_header(struct sn_emit *emit, struct sn_buffer *out)
{
    struct sn_wire_set set;

    if (!sn_wire_is_used(emit->package) || sn_wire_collect(emit->arena, emit->package, &set) != 0)
        return;
    sn_template_write(out,
                      "/* ${package}.proto describes them to other languages. encode writes at "
                      "most _ENCODED_MAX bytes;\n"
                      " * _WIRE_MEMORY is enough for any one call. <sn/wire.h> says what both "
                      "return. */\n",
                      SN_SLOTS({"package", emit->package->name}));
    for (size_t i = 0; i < set.struct_count; i++)
        if (sn_wire_has_codec(emit->package, set.structs[i]->structure))
            emit_prototypes(emit, out, set.structs[i]);
}
