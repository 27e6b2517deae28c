/* SPDX-License-Identifier: MIT */
/*
 * The check of a message's bytes, before anything is unpacked.
 *
 * It walks the bytes once, as deep as the schema's types nest (which cannot contain themselves),
 * and holds each field against its row: wire type, how often, how long, which values. A field that
 * may be there once is refused when it comes again. Protobuf would let the last one win, and merge
 * messages; no encoder writes that, and refusing it keeps unpacking simple: one item, one piece of
 * memory.
 *
 * Behind this check protobuf-c finds only what it can read. That an array is complete, and that an
 * enum without a 0 is not missing, is seen when values are moved (decode.c).
 */
#include "wire/wire.h"

int sn_wire_find(const struct sn_wire_type *type, uint32_t tag)
{
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field(type->descriptor, tag);

    return field != NULL ? (int)(field - type->descriptor->fields) : -1;
}

/* ---- single values ------------------------------------------------------------------------ */

/* Bytes of the sequence that begins here (RFC 3629, section 4); 0: it is none. */
static size_t sequence_size(const uint8_t *at, size_t left)
{
    size_t size = at[0] < 0x80   ? 1
                  : at[0] < 0xc2 ? 0
                  : at[0] < 0xe0 ? 2
                  : at[0] < 0xf0 ? 3
                  : at[0] < 0xf5 ? 4
                                 : 0;

    if (size > left)
        return 0;
    for (size_t i = 1; i < size; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    if ((at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) ||
        (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
        return 0; /* too long for what it says, a surrogate, past the last character */
    return size;
}

int sn_wire_check_text(struct sn_bytes text, size_t max)
{
    size_t size;

    if (text.size > max)
        return SN_TOO_LARGE;
    for (size_t i = 0; i < text.size; i += size) {
        size = text.data[i] != 0 ? sequence_size(text.data + i, text.size - i) : 0;
        if (size == 0)
            return SN_INVALID;
    }
    return 0;
}

bool sn_wire_enum_has(const struct sn_wire_enum *enumeration, uint64_t number)
{
    size_t low = 0;
    size_t high = enumeration->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (enumeration->numbers[middle] < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < enumeration->count && enumeration->numbers[low] == number;
}

/* sint32 and sint64 alternate: 0, -1, 1, -2, ... So n bits hold what is below 2 to the n. */
static int check_number(const struct sn_wire_field *field, uint64_t number)
{
    static const uint64_t last[] = {
        [SN_WIRE_BOOL] = 1,          [SN_WIRE_I8] = UINT8_MAX,   [SN_WIRE_I16] = UINT16_MAX,
        [SN_WIRE_I32] = UINT32_MAX,  [SN_WIRE_I64] = UINT64_MAX, [SN_WIRE_U8] = UINT8_MAX,
        [SN_WIRE_U16] = UINT16_MAX,  [SN_WIRE_U32] = UINT32_MAX, [SN_WIRE_U64] = UINT64_MAX,
        [SN_WIRE_ENUM] = UINT32_MAX,
    };

    if (number > last[field->kind])
        return SN_INVALID;
    if (field->kind == SN_WIRE_ENUM && !sn_wire_enum_has(field->enumeration, number))
        return SN_INVALID;
    return 0;
}

static uint32_t wire_type_of(enum sn_wire_kind kind)
{
    if (sn_wire_is_long(kind))
        return PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
    if (kind == SN_WIRE_F32)
        return PROTOBUF_C_WIRE_TYPE_32BIT;
    if (kind == SN_WIRE_F64 || kind == SN_WIRE_FIXED64)
        return PROTOBUF_C_WIRE_TYPE_64BIT;
    return PROTOBUF_C_WIRE_TYPE_VARINT;
}

/* ---- fields ------------------------------------------------------------------------------- */

/* Numbers one behind the other in one item; none at all is what no encoder writes, and would be an
 * item that no count limits. */
static int check_packed(const struct sn_wire_field *field, struct sn_bytes packed, size_t *count)
{
    struct sn_wire_reader reader = sn_wire_reader(packed);
    uint32_t wire_type = wire_type_of(field->kind);
    size_t width = wire_type == PROTOBUF_C_WIRE_TYPE_32BIT ? 4 : 8;
    uint64_t number;
    int rc = packed.size > 0 ? 0 : SN_MALFORMED;

    if (wire_type != PROTOBUF_C_WIRE_TYPE_VARINT) {
        *count += packed.size / width;
        return rc != 0 || packed.size % width == 0 ? rc : SN_MALFORMED;
    }
    while (rc == 0 && reader.at < reader.end) {
        rc = sn_wire_read_varint(&reader, &number);
        if (rc == 0)
            rc = check_number(field, number);
        ++*count;
    }
    return rc;
}

static int check_one(struct sn_wire_room *room, const struct sn_wire_field *field,
                     const struct sn_wire_item *item)
{
    if (item->wire_type != wire_type_of(field->kind))
        return SN_MALFORMED;
    if (field->kind == SN_WIRE_STRUCT)
        return sn_wire_check(room, field->type, item->value);
    if (field->kind == SN_WIRE_STRING)
        return sn_wire_check_text(item->value, field->max);
    if (field->kind == SN_WIRE_BYTES)
        return item->value.size <= field->max ? 0 : SN_TOO_LARGE;
    if (item->wire_type == PROTOBUF_C_WIRE_TYPE_VARINT)
        return check_number(field, item->number);
    return 0;
}

static int check_known(struct sn_wire_room *room, const struct sn_wire_field *field,
                       const struct sn_wire_item *item, size_t *count)
{
    bool repeats = field->count == SN_WIRE_LIST || field->count == SN_WIRE_ARRAY;
    bool packed = repeats && !sn_wire_is_long(field->kind) &&
                  item->wire_type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
    size_t most = repeats ? field->items : 1;
    int rc = 0;

    if (packed)
        rc = check_packed(field, item->value, count);
    else if (++*count <= most)
        rc = check_one(room, field, item);
    if (rc != 0 || *count <= most)
        return rc;
    return field->count == SN_WIRE_LIST    ? SN_TOO_LARGE
           : field->count == SN_WIRE_ARRAY ? SN_INVALID
                                           : SN_MALFORMED;
}

static int check_items(struct sn_wire_room *room, const struct sn_wire_type *type,
                       struct sn_bytes bytes, size_t *counts)
{
    struct sn_wire_reader reader = sn_wire_reader(bytes);
    struct sn_wire_item item;
    size_t unknown = 0;
    int rc = 0;

    while (rc == 0 && reader.at < reader.end) {
        int index;

        rc = sn_wire_read_item(&reader, &item);
        if (rc != 0)
            break;
        index = sn_wire_find(type, item.tag);
        if (index >= 0)
            rc = check_known(room, &type->fields[index], &item, &counts[index]);
        else
            unknown += item.whole.size;
        room->drops |= index < 0 && type->unknown_max == 0;
        if (type->unknown_max > 0 && unknown > type->unknown_max)
            rc = SN_TOO_LARGE;
    }
    return rc;
}

int sn_wire_check(struct sn_wire_room *room, const struct sn_wire_type *type, struct sn_bytes bytes)
{
    uint8_t *back = room->back;
    size_t *counts = sn_wire_borrow(room, type->descriptor->n_fields, sizeof *counts);
    int rc;

    if (counts == NULL)
        return SN_FULL;
    rc = check_items(room, type, bytes, counts);
    room->back = back;
    return rc;
}
