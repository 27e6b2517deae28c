/* SPDX-License-Identifier: MIT */
/**
 * What the files of this folder share: the memory during one call, the items of a message's bytes,
 * and the check of a whole message.
 */
#ifndef SN_WIRE_WIRE_H
#define SN_WIRE_WIRE_H

#include <sn/wire_tables.h>

/* ---- memory ------------------------------------------------------------------------------- */

/* The unused part of the caller's memory during one call: results grow from the front, what is
 * needed only until the call returns from the back. */
struct sn_wire_room {
    ProtobufCAllocator allocator; /* for protobuf-c: takes from the back; first member */
    uint8_t *front;
    uint8_t *back;
    bool drops; /* the check has seen fields that nobody knows or keeps */
};

struct sn_wire_room sn_wire_room(const struct sn_wire_memory *memory);
/** Bytes of a result, aligned to 8 unless that is asked for; NULL: there is no room. */
uint8_t *sn_wire_keep(struct sn_wire_room *room, size_t size);
uint8_t *sn_wire_keep_unaligned(struct sn_wire_room *room, size_t size);
/** Bytes until the call ends, aligned to 8, set to zero; NULL: there is no room. */
void *sn_wire_borrow(struct sn_wire_room *room, size_t count, size_t size);

/* ---- bytes -------------------------------------------------------------------------------- */

/* Bytes that are still to be read. */
struct sn_wire_reader {
    const uint8_t *at;
    const uint8_t *end;
};

/* One field as it stands in the bytes of a message. */
struct sn_wire_item {
    uint32_t tag;
    uint32_t wire_type;    /* ProtobufCWireType */
    struct sn_bytes whole; /* with its tag */
    struct sn_bytes body;  /* behind the tag, with its length if it has one */
    struct sn_bytes value; /* length-prefixed: behind the length; others: as body */
    uint64_t number;       /* varints */
};

struct sn_wire_reader sn_wire_reader(struct sn_bytes bytes);
/** Read a number of at most 10 bytes. Returns 0 or SN_MALFORMED. */
int sn_wire_read_varint(struct sn_wire_reader *reader, uint64_t *ret_number);
/** Read a field; there must be bytes left. Returns 0 or SN_MALFORMED. */
int sn_wire_read_item(struct sn_wire_reader *reader, struct sn_wire_item *ret_item);
/** How many bytes a number takes. */
size_t sn_wire_varint_size(uint64_t number);
/** Write a number. Returns where the next byte goes. */
uint8_t *sn_wire_put_varint(uint8_t *at, uint64_t number);

/* ---- rules -------------------------------------------------------------------------------- */

/** The index of the field with a tag; -1: the type knows none. */
int sn_wire_find(const struct sn_wire_type *type, uint32_t tag);
/** Text as the schema allows it. Returns 0, SN_TOO_LARGE or SN_INVALID. */
int sn_wire_check_text(struct sn_bytes text, size_t max);
/** Whether an enum declares a number. */
bool sn_wire_enum_has(const struct sn_wire_enum *enumeration, uint64_t number);
/** Whether items are messages, texts or bytes: those never stand packed. */
static inline bool sn_wire_is_long(enum sn_wire_kind kind)
{
    return kind == SN_WIRE_STRING || kind == SN_WIRE_BYTES || kind == SN_WIRE_STRUCT;
}
/** Check the bytes of a message against everything that its type says. */
int sn_wire_check(struct sn_wire_room *room, const struct sn_wire_type *type,
                  struct sn_bytes bytes);
/**
 * The same message without the fields that are to be dropped.
 *
 * @bytes  in/out; checked. A copy takes from the room's back.
 *
 * Returns  0 or SN_FULL.
 */
int sn_wire_strip(struct sn_wire_room *room, const struct sn_wire_type *type,
                  struct sn_bytes *bytes);

/* ---- sizes -------------------------------------------------------------------------------- */

/** What a tail of this size takes in a payload: rounded up to 8. */
size_t sn_wire_payload(size_t size);
/** Bytes of one item in C. */
size_t sn_wire_c_size(const struct sn_wire_field *field);
/** Bytes of one item in protobuf-c's arrays. */
size_t sn_wire_cell_size(enum sn_wire_kind kind);

#endif
