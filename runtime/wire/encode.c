/* SPDX-License-Identifier: MIT */
/*
 * From a C struct to bytes: the struct becomes a tree of records, which protobuf-c packs. On the
 * way every rule of the schema is asked for, so that what is written here can be read everywhere.
 *
 * The tree borrows the texts of the struct and lives at the back of the memory; the bytes are
 * written to the front.
 */
#include "wire/wire.h"

struct fill {
    struct sn_wire_room room;
    size_t payload; /* what the struct and its tails take when they are sent, in bytes */
};

size_t sn_wire_c_size(const struct sn_wire_field *field)
{
    static const uint8_t sizes[] = {
        [SN_WIRE_BOOL] = sizeof(bool),
        [SN_WIRE_I8] = 1,
        [SN_WIRE_I16] = 2,
        [SN_WIRE_I32] = 4,
        [SN_WIRE_I64] = 8,
        [SN_WIRE_U8] = 1,
        [SN_WIRE_U16] = 2,
        [SN_WIRE_U32] = 4,
        [SN_WIRE_U64] = 8,
        [SN_WIRE_FIXED64] = 8,
        [SN_WIRE_F32] = 4,
        [SN_WIRE_F64] = 8,
        [SN_WIRE_ENUM] = 4,
        [SN_WIRE_STRING] = sizeof(struct sn_string),
        [SN_WIRE_BYTES] = sizeof(struct sn_bytes),
    };

    return field->kind == SN_WIRE_STRUCT ? field->type->size : sizes[field->kind];
}

size_t sn_wire_cell_size(enum sn_wire_kind kind)
{
    switch (kind) {
    case SN_WIRE_STRING:
    case SN_WIRE_BYTES:
        return sizeof(ProtobufCBinaryData);
    case SN_WIRE_STRUCT:
        return sizeof(ProtobufCMessage *);
    case SN_WIRE_I64:
    case SN_WIRE_U64:
    case SN_WIRE_FIXED64:
    case SN_WIRE_F64:
        return 8;
    default:
        return 4;
    }
}

size_t sn_wire_payload(size_t size)
{
    return (size + 7) & ~(size_t)7;
}

static int fill_struct(struct fill *fill, const struct sn_wire_type *type, const uint8_t *value,
                       ProtobufCMessage **ret_message);

/* A number of any width, from C to the width that protobuf-c has for it. */
static void fill_number(enum sn_wire_kind kind, const uint8_t *value, struct sn_wire_cell *cell)
{
    int16_t i16;
    uint16_t u16;
    bool flag;

    switch (kind) {
    case SN_WIRE_BOOL:
        memcpy(&flag, value, sizeof flag);
        cell->value.boolean = flag;
        return;
    case SN_WIRE_I8:
        cell->value.i32 = *value < 0x80 ? *value : *value - 0x100;
        return;
    case SN_WIRE_I16:
        memcpy(&i16, value, sizeof i16);
        cell->value.i32 = i16;
        return;
    case SN_WIRE_U8:
        cell->value.u32 = *value;
        return;
    case SN_WIRE_U16:
        memcpy(&u16, value, sizeof u16);
        cell->value.u32 = u16;
        return;
    default: /* as wide in C */
        memcpy(&cell->value, value, sn_wire_cell_size(kind));
        return;
    }
}

static int fill_bytes(struct fill *fill, const struct sn_wire_field *field, const uint8_t *value,
                      struct sn_wire_cell *cell)
{
    bool is_text = field->kind == SN_WIRE_STRING;
    struct sn_bytes bytes;

    memcpy(&bytes, value, sizeof bytes); /* a struct sn_string looks the same */
    cell->value.bytes = (ProtobufCBinaryData){.len = bytes.size, .data = (uint8_t *)bytes.data};
    fill->payload += sn_wire_payload(bytes.size + (is_text ? 1 : 0));
    if (is_text)
        return sn_wire_check_text(bytes, field->max);
    return bytes.size <= field->max ? 0 : SN_TOO_LARGE;
}

/* One item into a cell's value. */
static int fill_item(struct fill *fill, const struct sn_wire_field *field, const uint8_t *value,
                     struct sn_wire_cell *cell)
{
    switch (field->kind) {
    case SN_WIRE_STRING:
    case SN_WIRE_BYTES:
        return fill_bytes(fill, field, value, cell);
    case SN_WIRE_STRUCT:
        return fill_struct(fill, field->type, value, &cell->value.message);
    default:
        fill_number(field->kind, value, cell);
        if (field->kind == SN_WIRE_ENUM && !sn_wire_enum_has(field->enumeration, cell->value.u32))
            return SN_INVALID;
        return 0;
    }
}

/* Several items, each by way of a cell of its own. */
static int fill_items(struct fill *fill, const struct sn_wire_field *field, const uint8_t *items,
                      size_t count, struct sn_wire_cell *cell)
{
    size_t from = sn_wire_c_size(field);
    size_t to = sn_wire_cell_size(field->kind);
    struct sn_wire_cell one;
    int rc = 0;

    cell->count = count;
    cell->value.items = sn_wire_borrow(&fill->room, count, to);
    if (cell->value.items == NULL)
        return SN_FULL;
    for (size_t i = 0; rc == 0 && i < count; i++) {
        rc = fill_item(fill, field, items + i * from, &one);
        memcpy(cell->value.items + i * to, &one.value, to);
    }
    return rc;
}

static int fill_list(struct fill *fill, const struct sn_wire_field *field, const uint8_t *value,
                     struct sn_wire_cell *cell)
{
    struct sn_bytes list; /* any list looks like this one; its size counts items */

    memcpy(&list, value, sizeof list);
    if (list.size > field->items)
        return SN_TOO_LARGE;
    fill->payload += sn_wire_payload(list.size * sn_wire_c_size(field));
    return fill_items(fill, field, list.data, list.size, cell);
}

static int fill_field(struct fill *fill, const struct sn_wire_field *field, const uint8_t *value,
                      struct sn_wire_cell *cell)
{
    bool present = true;

    switch (field->count) {
    case SN_WIRE_LIST:
        return fill_list(fill, field, value + field->offset, cell);
    case SN_WIRE_ARRAY:
        return fill_items(fill, field, value + field->offset, field->items, cell);
    case SN_WIRE_OPTIONAL:
        memcpy(&present, value + field->present, sizeof present);
        break;
    default:
        break;
    }
    if (!present)
        return 0;
    cell->is_there = true;
    return fill_item(fill, field, value + field->offset, cell);
}

/* Kept unknown fields are taken apart again: they must be fields, and unknown. */
static int fill_unknown(struct fill *fill, const struct sn_wire_type *type, struct sn_bytes bytes,
                        ProtobufCMessage *message)
{
    struct sn_wire_reader reader = sn_wire_reader(bytes);
    struct sn_wire_item item;
    int rc = 0;

    /* The smallest field has two bytes. */
    message->unknown_fields =
        sn_wire_borrow(&fill->room, bytes.size / 2, sizeof *message->unknown_fields);
    if (message->unknown_fields == NULL)
        return SN_FULL;
    while (rc == 0 && reader.at < reader.end) {
        rc = sn_wire_read_item(&reader, &item);
        if (rc == 0 && sn_wire_find(type, item.tag) >= 0)
            rc = SN_MALFORMED;
        if (rc == 0)
            message->unknown_fields[message->n_unknown_fields++] =
                (ProtobufCMessageUnknownField){.tag = item.tag,
                                               .wire_type = (ProtobufCWireType)item.wire_type,
                                               .len = item.body.size,
                                               .data = (uint8_t *)item.body.data};
    }
    return rc;
}

static int fill_kept(struct fill *fill, const struct sn_wire_type *type, const uint8_t *value,
                     ProtobufCMessage *message)
{
    struct sn_bytes unknown;

    memcpy(&unknown, value + type->unknown, sizeof unknown);
    if (unknown.size > type->unknown_max)
        return SN_TOO_LARGE;
    fill->payload += sn_wire_payload(unknown.size);
    return fill_unknown(fill, type, unknown, message);
}

static int fill_struct(struct fill *fill, const struct sn_wire_type *type, const uint8_t *value,
                       ProtobufCMessage **ret_message)
{
    struct sn_wire_record *record =
        sn_wire_borrow(&fill->room, 1, type->descriptor->sizeof_message);
    int rc = 0;

    if (record == NULL)
        return SN_FULL;
    record->base.descriptor = type->descriptor;
    *ret_message = &record->base;
    for (unsigned i = 0; rc == 0 && i < type->descriptor->n_fields; i++)
        rc = fill_field(fill, &type->fields[i], value, &record->cells[i]);
    if (rc == 0 && type->unknown_max > 0)
        rc = fill_kept(fill, type, value, &record->base);
    return rc;
}

int sn_wire_encode(const struct sn_wire_type *type, const void *value,
                   struct sn_wire_memory *memory, struct sn_bytes *ret_bytes)
{
    struct fill fill = {.room = sn_wire_room(memory), .payload = type->size};
    ProtobufCMessage *message = NULL;
    uint8_t *bytes;
    size_t size;
    int rc = fill_struct(&fill, type, value, &message);

    *ret_bytes = sn_bytes_of(NULL, 0);
    if (rc != 0)
        return rc;
    if (fill.payload > type->limit)
        return SN_TOO_LARGE;
    size = protobuf_c_message_get_packed_size(message);
    bytes = sn_wire_keep_unaligned(&fill.room, size);
    if (bytes == NULL)
        return SN_FULL;
    *ret_bytes = sn_bytes_of(bytes, protobuf_c_message_pack(message, bytes));
    memory->used = (size_t)(fill.room.front - memory->bytes);
    return 0;
}
