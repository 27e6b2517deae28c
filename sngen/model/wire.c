/* SPDX-License-Identifier: MIT */
/*
 * What travels, and its sizes.
 *
 * The sizes of memory follow what runtime/wire/ and protobuf-c 1.4 allocate: a record a struct,
 * with a cell a field; an array a repeated field; a copy of each text and of each unknown field
 * that is kept; for messages with more than 16 items lists of what was found, which double. A test
 * decodes the largest messages in exactly this memory.
 */
#include "model/wire.h"

#include "model/layout.h"
#include "model/names.h"

#include <string.h>

enum {
    TAG_MAX_BYTES = 5,
    LENGTH_MAX_BYTES = 5,
    VARINT_MAX_BYTES = 10,
    ALIGN = 8,
    RECORD_HEAD_BYTES = 24, /* ProtobufCMessage */
    CELL_BYTES = 24,        /* struct sn_wire_cell */
    COUNTER_BYTES = 8,
    UNKNOWN_FIELD_BYTES = 24, /* ProtobufCMessageUnknownField */
    FOUND_BYTES = 32,         /* protobuf-c's ScannedMember */
    FOUND_ON_STACK = 16,
};

struct collect {
    struct sn_arena *arena;
    struct sn_wire_set *set;
    struct sn_map enums; /* those that are in the set */
    size_t struct_room;
    size_t enum_room;
};

static uint64_t align(uint64_t size)
{
    return sn_size_add(size, ALIGN - 1) == SN_UNBOUNDED ? SN_UNBOUNDED
                                                        : (size + ALIGN - 1) / ALIGN * ALIGN;
}

static uint64_t varint_bytes(uint64_t number)
{
    uint64_t size = 1;

    for (; number >= 0x80; number >>= 7)
        size++;
    return size;
}

/* ---- one item ----------------------------------------------------------------------------- */

static bool is_long(const struct sn_type *type)
{
    return type->kind == SN_KIND_STRING || type->kind == SN_KIND_BYTES ||
           type->kind == SN_KIND_STRUCT;
}

static uint64_t enum_bytes(const struct sn_enum *enumeration)
{
    uint64_t most = 1;

    for (size_t i = 0; i < enumeration->value_count; i++)
        if (varint_bytes(enumeration->values[i].number) > most)
            most = varint_bytes(enumeration->values[i].number);
    return most;
}

/* A number as encode writes it; for long items the content. */
static uint64_t item_bytes(const struct sn_wire_set *set, const struct sn_type *type)
{
    switch (type->kind) {
    case SN_KIND_BOOL:
        return 1;
    case SN_KIND_I8:
    case SN_KIND_U8:
        return 2;
    case SN_KIND_I16:
    case SN_KIND_U16:
        return 3;
    case SN_KIND_I32:
    case SN_KIND_U32:
        return 5;
    case SN_KIND_F32:
        return 4;
    case SN_KIND_F64:
    case SN_KIND_TIMESTAMP:
        return 8;
    case SN_KIND_ENUM:
        return enum_bytes(type->enumeration);
    case SN_KIND_STRING:
    case SN_KIND_BYTES:
        return type->max;
    case SN_KIND_STRUCT:
        return sn_wire_find(set, type->structure)->encoded_max;
    default:
        return VARINT_MAX_BYTES;
    }
}

/* The same as others may write it: with the longest tag, length and number, never packed. */
static uint64_t foreign_bytes(const struct sn_wire_set *set, const struct sn_type *type)
{
    uint64_t content = type->kind == SN_KIND_STRUCT
                           ? sn_wire_find(set, type->structure)->foreign_max
                       : is_long(type) ? type->max
                                       : VARINT_MAX_BYTES;

    return sn_size_add(content, TAG_MAX_BYTES + (is_long(type) ? LENGTH_MAX_BYTES : 0));
}

/* One of protobuf-c's items in an array. */
static uint64_t cell_bytes(const struct sn_type *type)
{
    switch (type->kind) {
    case SN_KIND_STRING:
    case SN_KIND_BYTES:
        return 16;
    case SN_KIND_STRUCT:
    case SN_KIND_I64:
    case SN_KIND_U64:
    case SN_KIND_F64:
    case SN_KIND_DURATION:
    case SN_KIND_TIMESTAMP:
        return 8;
    default:
        return 4;
    }
}

/* What an item takes beside its cell while it is unpacked. */
static uint64_t tree_bytes(const struct sn_wire_set *set, const struct sn_type *type)
{
    if (type->kind == SN_KIND_STRUCT)
        return sn_wire_find(set, type->structure)->tree;
    return is_long(type) ? align(type->max) : 0;
}

/* ---- structs ------------------------------------------------------------------------------ */

static bool repeats(const struct sn_field *field)
{
    return field->type.kind == SN_KIND_LIST || field->type.kind == SN_KIND_ARRAY;
}

static uint64_t encoded_field(const struct sn_wire_set *set, const struct sn_field *field)
{
    const struct sn_type *item = repeats(field) ? field->type.of : &field->type;
    uint64_t count = repeats(field) ? field->type.max : 1;
    uint64_t tag = varint_bytes((uint64_t)field->tag << 3);
    uint64_t bytes = item_bytes(set, item);

    if (field->keeps_unknown)
        return field->type.max;
    if (is_long(item))
        return sn_size_multiply(count, sn_size_add(tag + varint_bytes(bytes), bytes));
    if (!repeats(field))
        return tag + bytes;
    bytes = sn_size_multiply(count, bytes); /* packed */
    return sn_size_add(tag + varint_bytes(bytes), bytes);
}

/* Fields of unknown tags that fit: the smallest has two bytes. */
static uint64_t unknown_count(const struct sn_field *field)
{
    return field->type.max / 2;
}

static void add_unknown(struct sn_wire_struct *entry, const struct sn_field *field)
{
    uint64_t count = unknown_count(field);

    entry->foreign_max = sn_size_add(entry->foreign_max, field->type.max);
    entry->tree = sn_size_add(entry->tree, sn_size_multiply(count, UNKNOWN_FIELD_BYTES + ALIGN));
    entry->tree = sn_size_add(entry->tree, align(field->type.max));
}

static void add_field(const struct sn_wire_set *set, struct sn_wire_struct *entry,
                      const struct sn_field *field)
{
    const struct sn_type *item = repeats(field) ? field->type.of : &field->type;
    uint64_t count = repeats(field) ? field->type.max : 1;

    entry->foreign_max =
        sn_size_add(entry->foreign_max, sn_size_multiply(count, foreign_bytes(set, item)));
    entry->tree = sn_size_add(entry->tree, sn_size_multiply(count, tree_bytes(set, item)));
    if (repeats(field))
        entry->tree = sn_size_add(entry->tree, align(sn_size_multiply(count, cell_bytes(item))));
    if (item->kind == SN_KIND_STRUCT &&
        sn_wire_find(set, item->structure)->counters > entry->counters)
        entry->counters = sn_wire_find(set, item->structure)->counters;
}

static void measure(const struct sn_wire_set *set, struct sn_wire_struct *entry)
{
    const struct sn_struct *structure = entry->structure;
    uint64_t count = structure->field_count;
    uint64_t found = 0;

    for (size_t i = 0; i < structure->field_count; i++) {
        const struct sn_field *field = &structure->fields[i];

        entry->encoded_max = sn_size_add(entry->encoded_max, encoded_field(set, field));
        if (field->keeps_unknown)
            add_unknown(entry, field);
        else
            add_field(set, entry, field);
        found = sn_size_add(found, field->keeps_unknown ? unknown_count(field)
                                   : repeats(field)     ? field->type.max
                                                        : 1);
    }
    if (found > FOUND_ON_STACK)
        entry->tree = sn_size_add(entry->tree, sn_size_multiply(found, 2 * FOUND_BYTES));
    entry->tree =
        sn_size_add(entry->tree, RECORD_HEAD_BYTES + count * CELL_BYTES + align(count / 8 + 1));
    entry->counters = sn_size_add(entry->counters, count * COUNTER_BYTES);
    entry->memory =
        sn_size_add(sn_size_add(structure->size_max, entry->foreign_max),
                    sn_size_add(sn_size_add(entry->tree, entry->counters), (uint64_t)2 * ALIGN));
}

/* ---- collecting --------------------------------------------------------------------------- */

/* Room for one more in an array that doubles; NULL without memory. */
static void *grow(struct sn_arena *arena, void *array, size_t count, size_t *room, size_t size)
{
    void *larger;

    if (count < *room)
        return array;
    *room = *room > 0 ? 2 * *room : 16;
    larger = sn_arena_array(arena, *room, size);
    if (larger != NULL && count > 0)
        memcpy(larger, array, count * size);
    return larger;
}

static int visit_enum(struct collect *collect, const struct sn_enum *enumeration)
{
    struct sn_wire_set *set = collect->set;

    if (sn_map_put(&collect->enums, sn_name_enum(collect->arena, enumeration), set) != NULL)
        return 0;
    set->enums =
        grow(collect->arena, set->enums, set->enum_count, &collect->enum_room, sizeof *set->enums);
    if (set->enums == NULL)
        return -1;
    set->enums[set->enum_count++] = enumeration;
    return 0;
}

static int visit_struct(struct collect *collect, const struct sn_struct *structure);

static int visit_fields(struct collect *collect, const struct sn_struct *structure)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < structure->field_count; i++) {
        const struct sn_type *type = &structure->fields[i].type;

        type = type->of != NULL ? type->of : type;
        if (type->kind == SN_KIND_STRUCT)
            rc = visit_struct(collect, type->structure);
        else if (type->kind == SN_KIND_ENUM)
            rc = visit_enum(collect, type->enumeration);
    }
    return rc;
}

static int visit_struct(struct collect *collect, const struct sn_struct *structure)
{
    struct sn_wire_set *set = collect->set;
    struct sn_wire_struct *entry = sn_arena_alloc(collect->arena, sizeof *entry);

    if (entry == NULL)
        return -1;
    *entry = (struct sn_wire_struct){.structure = structure};
    if (sn_map_put(&set->by_name, sn_name_struct(collect->arena, structure), entry) != NULL)
        return 0;
    if (visit_fields(collect, structure) != 0)
        return -1;
    set->structs = grow(collect->arena, set->structs, set->struct_count, &collect->struct_room,
                        sizeof *set->structs);
    if (set->structs == NULL)
        return -1;
    measure(set, entry);
    set->structs[set->struct_count++] = entry;
    return sn_arena_failed(collect->arena) ? -1 : 0;
}

int sn_wire_collect(struct sn_arena *arena, const struct sn_package *package,
                    struct sn_wire_set *ret_set)
{
    struct collect collect = {.arena = arena, .set = ret_set};
    int rc = 0;

    *ret_set = (struct sn_wire_set){.arena = arena};
    sn_map_init(&ret_set->by_name, arena);
    sn_map_init(&collect.enums, arena);
    for (size_t i = 0; rc == 0 && i < package->message_count; i++) {
        const struct sn_message *message = package->messages[i];

        if (message->wire)
            rc = visit_struct(&collect, message->fields);
        if (rc == 0 && message->wire && message->reply != NULL)
            rc = visit_struct(&collect, message->reply);
    }
    return rc;
}

bool sn_wire_is_used(const struct sn_package *package)
{
    for (size_t i = 0; i < package->message_count; i++)
        if (package->messages[i]->wire)
            return true;
    return false;
}

bool sn_wire_has_codec(const struct sn_package *package, const struct sn_struct *structure)
{
    bool travels = structure->origin == SN_STRUCT_MESSAGE || structure->origin == SN_STRUCT_REPLY;

    return travels && structure->package == package && structure->message->wire &&
           structure->field_count > 0;
}

const struct sn_wire_struct *sn_wire_find(const struct sn_wire_set *set,
                                          const struct sn_struct *structure)
{
    return sn_map_get(&set->by_name, sn_name_struct(set->arena, structure));
}
