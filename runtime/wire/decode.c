/* SPDX-License-Identifier: MIT */
/*
 * From bytes to a C struct, in four steps: check (check.c), drop what nobody knows (strip.c),
 * unpack by protobuf-c into records at the back of the memory, and move those to the struct and
 * its tails at the front.
 *
 * Moving looks at what is not there, where the check has looked at what is: the rest of an array,
 * and fields that are missing and so are zero.
 */
#include "wire/wire.h"

#include <limits.h>

struct take {
    struct sn_wire_room room;
    size_t payload; /* what the struct and its tails take when they are sent, in bytes */
};

static int take_struct(struct take *take, const struct sn_wire_type *type,
                       const struct sn_wire_record *record, uint8_t *value);

static void take_number(enum sn_wire_kind kind, const struct sn_wire_cell *cell, uint8_t *value)
{
    int16_t i16 = (int16_t)cell->value.i32;
    uint16_t u16 = (uint16_t)cell->value.u32;
    bool flag = cell->value.boolean != 0;

    switch (kind) {
    case SN_WIRE_BOOL:
        memcpy(value, &flag, sizeof flag);
        return;
    case SN_WIRE_I8:
    case SN_WIRE_U8:
        *value = (uint8_t)cell->value.u32;
        return;
    case SN_WIRE_I16:
        memcpy(value, &i16, sizeof i16);
        return;
    case SN_WIRE_U16:
        memcpy(value, &u16, sizeof u16);
        return;
    default: /* as wide in C */
        memcpy(value, &cell->value, sn_wire_cell_size(kind));
        return;
    }
}

static int take_text(struct take *take, const ProtobufCBinaryData *from, uint8_t *value)
{
    char *copy = (char *)sn_wire_keep(&take->room, from->len + 1);
    struct sn_string text = {copy, from->len};

    if (copy == NULL)
        return SN_FULL;
    if (from->len > 0)
        memcpy(copy, from->data, from->len);
    copy[from->len] = '\0';
    take->payload += sn_wire_payload(from->len + 1);
    memcpy(value, &text, sizeof text);
    return 0;
}

static int take_bytes(struct take *take, const ProtobufCBinaryData *from, uint8_t *value)
{
    uint8_t *copy = sn_wire_keep(&take->room, from->len);
    struct sn_bytes bytes = {copy, from->len};

    if (copy == NULL)
        return SN_FULL;
    if (from->len > 0)
        memcpy(copy, from->data, from->len);
    take->payload += sn_wire_payload(from->len);
    memcpy(value, &bytes, sizeof bytes);
    return 0;
}

static int take_item(struct take *take, const struct sn_wire_field *field,
                     const struct sn_wire_cell *cell, uint8_t *value)
{
    switch (field->kind) {
    case SN_WIRE_STRING:
        return take_text(take, &cell->value.bytes, value);
    case SN_WIRE_BYTES:
        return take_bytes(take, &cell->value.bytes, value);
    case SN_WIRE_STRUCT:
        return take_struct(take, field->type, (const struct sn_wire_record *)cell->value.message,
                           value);
    case SN_WIRE_ENUM: /* a missing one is 0, which may not be declared */
        if (!sn_wire_enum_has(field->enumeration, cell->value.u32))
            return SN_INVALID;
        take_number(field->kind, cell, value);
        return 0;
    default:
        take_number(field->kind, cell, value);
        return 0;
    }
}

/* Several items, each by way of a cell of its own; those that are missing are zero. */
static int take_items(struct take *take, const struct sn_wire_field *field,
                      const struct sn_wire_cell *cell, uint8_t *items, size_t count)
{
    size_t from = sn_wire_cell_size(field->kind);
    size_t to = sn_wire_c_size(field);
    struct sn_wire_cell one = {0};
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < count; i++) {
        if (cell->count > 0)
            memcpy(&one.value, cell->value.items + i * from, from);
        rc = take_item(take, field, &one, items + i * to);
    }
    return rc;
}

static int take_list(struct take *take, const struct sn_wire_field *field,
                     const struct sn_wire_cell *cell, uint8_t *value)
{
    size_t size = cell->count * sn_wire_c_size(field);
    uint8_t *items = sn_wire_keep(&take->room, size);
    struct sn_bytes list = {items, cell->count}; /* any list looks like this one */

    if (items == NULL)
        return SN_FULL;
    take->payload += sn_wire_payload(size);
    memcpy(value, &list, sizeof list);
    return take_items(take, field, cell, items, cell->count);
}

static int take_field(struct take *take, const struct sn_wire_field *field,
                      const struct sn_wire_cell *cell, uint8_t *value)
{
    bool present = true;

    switch (field->count) {
    case SN_WIRE_LIST:
        return take_list(take, field, cell, value + field->offset);
    case SN_WIRE_ARRAY:
        if (cell->count != 0 && cell->count != field->items)
            return SN_INVALID;
        return take_items(take, field, cell, value + field->offset, field->items);
    case SN_WIRE_OPTIONAL:
        present = field->kind == SN_WIRE_STRUCT ? cell->value.message != NULL : cell->is_there != 0;
        memcpy(value + field->present, &present, sizeof present);
        break;
    default:
        break;
    }
    return present ? take_item(take, field, cell, value + field->offset) : 0;
}

static int take_unknown(struct take *take, const struct sn_wire_type *type,
                        const ProtobufCMessage *message, uint8_t *value)
{
    struct sn_bytes kept = {NULL, 0};
    uint8_t *at;

    for (unsigned i = 0; i < message->n_unknown_fields; i++)
        kept.size += sn_wire_varint_size((uint64_t)message->unknown_fields[i].tag << 3) +
                     message->unknown_fields[i].len;
    at = sn_wire_keep(&take->room, kept.size);
    if (at == NULL)
        return SN_FULL;
    kept.data = at;
    for (unsigned i = 0; i < message->n_unknown_fields; i++) {
        const ProtobufCMessageUnknownField *field = &message->unknown_fields[i];

        at = sn_wire_put_varint(at, (uint64_t)field->tag << 3 | field->wire_type);
        memcpy(at, field->data, field->len);
        at += field->len;
    }
    take->payload += sn_wire_payload(kept.size);
    memcpy(value + type->unknown, &kept, sizeof kept);
    return 0;
}

/* @record  NULL: the struct is missing, so all of it is zero. */
static int take_struct(struct take *take, const struct sn_wire_type *type,
                       const struct sn_wire_record *record, uint8_t *value)
{
    static const struct sn_wire_cell missing;
    int rc = 0;

    memset(value, 0, type->size);
    for (unsigned i = 0; rc == 0 && i < type->descriptor->n_fields; i++)
        rc = take_field(take, &type->fields[i], record != NULL ? &record->cells[i] : &missing,
                        value);
    if (rc == 0 && record != NULL && type->unknown_max > 0)
        rc = take_unknown(take, type, &record->base, value);
    return rc;
}

/* All steps; the memory is the caller's to take over. */
static int decode(struct take *take, const struct sn_wire_type *type, struct sn_bytes bytes,
                  uint8_t *value)
{
    ProtobufCMessage *message;
    int rc = sn_wire_check(&take->room, type, bytes);

    if (rc == 0 && take->room.drops)
        rc = sn_wire_strip(&take->room, type, &bytes);
    if (rc != 0)
        return rc;
    take->room.allocator.allocator_data = &take->room;
    message = protobuf_c_message_unpack(type->descriptor, &take->room.allocator, bytes.size,
                                        sn_wire_reader(bytes).at);
    /* What is not malformed fails for want of memory only. */
    if (message == NULL)
        return SN_FULL;
    rc = take_struct(take, type, (const struct sn_wire_record *)message, value);
    return rc == 0 && take->payload > type->limit ? SN_TOO_LARGE : rc;
}

int sn_wire_decode(const struct sn_wire_type *type, struct sn_bytes bytes,
                   struct sn_wire_memory *memory, void *ret_value)
{
    struct take take = {.room = sn_wire_room(memory), .payload = type->size};
    int rc = bytes.size <= INT_MAX ? decode(&take, type, bytes, ret_value) : SN_TOO_LARGE;

    if (rc == 0)
        memory->used = (size_t)(take.room.front - memory->bytes);
    else
        memset(ret_value, 0, type->size);
    return rc;
}
