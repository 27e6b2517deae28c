/* SPDX-License-Identifier: MIT */
/*
 * Dropping what the schema does not know, before protobuf-c sees it: protobuf-c would keep each
 * unknown field in memory of its own, twenty bytes for one. Only a message in which the check has
 * seen some, at any depth, is copied; the lengths of the messages around are written anew.
 */
#include "wire/wire.h"

/* Bytes of a message without what is dropped. */
static size_t stripped_size(const struct sn_wire_type *type, struct sn_bytes bytes)
{
    struct sn_wire_reader reader = sn_wire_reader(bytes);
    struct sn_wire_item item;
    size_t size = 0;

    while (reader.at < reader.end && sn_wire_read_item(&reader, &item) == 0) {
        int index = sn_wire_find(type, item.tag);

        if (index >= 0 && type->fields[index].kind == SN_WIRE_STRUCT) {
            size_t inner = stripped_size(type->fields[index].type, item.value);

            size += (size_t)(item.body.data - item.whole.data) + sn_wire_varint_size(inner) + inner;
        } else if (index >= 0 || type->unknown_max > 0) {
            size += item.whole.size;
        }
    }
    return size;
}

static uint8_t *put(uint8_t *at, const uint8_t *data, size_t size)
{
    memcpy(at, data, size);
    return at + size;
}

static uint8_t *strip(uint8_t *at, const struct sn_wire_type *type, struct sn_bytes bytes)
{
    struct sn_wire_reader reader = sn_wire_reader(bytes);
    struct sn_wire_item item;

    while (reader.at < reader.end && sn_wire_read_item(&reader, &item) == 0) {
        int index = sn_wire_find(type, item.tag);

        if (index >= 0 && type->fields[index].kind == SN_WIRE_STRUCT) {
            const struct sn_wire_type *inner = type->fields[index].type;

            at = put(at, item.whole.data, (size_t)(item.body.data - item.whole.data));
            at = sn_wire_put_varint(at, stripped_size(inner, item.value));
            at = strip(at, inner, item.value);
        } else if (index >= 0 || type->unknown_max > 0) {
            at = put(at, item.whole.data, item.whole.size);
        }
    }
    return at;
}

int sn_wire_strip(struct sn_wire_room *room, const struct sn_wire_type *type,
                  struct sn_bytes *bytes)
{
    size_t size = stripped_size(type, *bytes);
    uint8_t *copy = sn_wire_borrow(room, 1, size);

    if (copy == NULL)
        return SN_FULL;
    strip(copy, type, *bytes);
    *bytes = sn_bytes_of(copy, size);
    return 0;
}
