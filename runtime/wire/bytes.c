/* SPDX-License-Identifier: MIT */
/*
 * The bytes of a message, field by field (protocolbuffers.dev, "Encoding"). Everything here looks
 * at the end before it reads, and takes no length on trust.
 */
#include "wire/wire.h"

enum {
    VARINT_BYTES = 10,
    TAG_SHIFT = 3,
    WIRE_TYPE_MASK = 7,
    TAG_MAX = (1 << 29) - 1,
};

struct sn_wire_reader sn_wire_reader(struct sn_bytes bytes)
{
    static const uint8_t nothing[1];
    const uint8_t *at = bytes.size > 0 ? bytes.data : nothing;

    return (struct sn_wire_reader){.at = at, .end = at + bytes.size};
}

int sn_wire_read_varint(struct sn_wire_reader *reader, uint64_t *ret_number)
{
    uint64_t number = 0;

    /* Most numbers are small. */
    if (reader->at < reader->end && *reader->at < 0x80) {
        *ret_number = *reader->at++;
        return 0;
    }
    for (unsigned i = 0; i < VARINT_BYTES && reader->at < reader->end; i++) {
        uint8_t byte = *reader->at++;

        /* The tenth byte holds the last of 64 bits. */
        if (i == VARINT_BYTES - 1 && byte > 1)
            return SN_MALFORMED;
        number |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            *ret_number = number;
            return 0;
        }
    }
    return SN_MALFORMED;
}

/* Step over `size` bytes, if there are so many. */
static int read_bytes(struct sn_wire_reader *reader, uint64_t size, struct sn_bytes *ret_bytes)
{
    if (size > (size_t)(reader->end - reader->at))
        return SN_MALFORMED;
    *ret_bytes = sn_bytes_of(reader->at, (size_t)size);
    reader->at += size;
    return 0;
}

static int read_value(struct sn_wire_reader *reader, struct sn_wire_item *item)
{
    const uint8_t *begin = reader->at;
    int rc;

    switch (item->wire_type) {
    case PROTOBUF_C_WIRE_TYPE_VARINT:
        rc = sn_wire_read_varint(reader, &item->number);
        item->value = sn_bytes_of(begin, (size_t)(reader->at - begin));
        return rc;
    case PROTOBUF_C_WIRE_TYPE_64BIT:
        return read_bytes(reader, 8, &item->value);
    case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
        rc = sn_wire_read_varint(reader, &item->number);
        /* protobuf-c reads five bytes of a length, not more. */
        if (rc != 0 || reader->at - begin > 5)
            return SN_MALFORMED;
        return read_bytes(reader, item->number, &item->value);
    case PROTOBUF_C_WIRE_TYPE_32BIT:
        return read_bytes(reader, 4, &item->value);
    default: /* groups, which proto2 left behind long ago, and what is no wire type */
        return SN_MALFORMED;
    }
}

int sn_wire_read_item(struct sn_wire_reader *reader, struct sn_wire_item *ret_item)
{
    const uint8_t *begin = reader->at;
    const uint8_t *body;
    uint64_t head;
    int rc;

    *ret_item = (struct sn_wire_item){0};
    if (sn_wire_read_varint(reader, &head) != 0 || reader->at - begin > 5)
        return SN_MALFORMED;
    if (head >> TAG_SHIFT < 1 || head >> TAG_SHIFT > TAG_MAX)
        return SN_MALFORMED;
    ret_item->tag = (uint32_t)(head >> TAG_SHIFT);
    ret_item->wire_type = (uint32_t)(head & WIRE_TYPE_MASK);
    body = reader->at;
    rc = read_value(reader, ret_item);
    ret_item->whole = sn_bytes_of(begin, (size_t)(reader->at - begin));
    ret_item->body = sn_bytes_of(body, (size_t)(reader->at - body));
    return rc;
}

size_t sn_wire_varint_size(uint64_t number)
{
    size_t size = 1;

    for (; number >= 0x80; number >>= 7)
        size++;
    return size;
}

uint8_t *sn_wire_put_varint(uint8_t *at, uint64_t number)
{
    for (; number >= 0x80; number >>= 7)
        *at++ = (uint8_t)(number | 0x80);
    *at++ = (uint8_t)number;
    return at;
}
