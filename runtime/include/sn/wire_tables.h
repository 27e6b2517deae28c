/* SPDX-License-Identifier: MIT */
#ifndef SN_WIRE_TABLES_H
#define SN_WIRE_TABLES_H

/*
 * The contract between generated codecs and libsn-wire; programs include <sn/wire.h> only.
 *
 * A struct that travels is described twice: by a protobuf-c descriptor, which says what its bytes
 * look like, and by a struct sn_wire_type, which says where each field is in C and what it may
 * hold. Both list the fields by ascending tag.
 *
 * protobuf-c reads and writes structs of its own. Here these are all alike: a head and one cell a
 * field, so that one piece of code moves any of them to and from C (struct sn_wire_record).
 */

#include <protobuf-c/protobuf-c.h>
#include <sn/wire.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What one item of a field is; beside it the type in the .proto. */
enum sn_wire_kind {
    SN_WIRE_BOOL,    /* bool */
    SN_WIRE_I8,      /* sint32 */
    SN_WIRE_I16,     /* sint32 */
    SN_WIRE_I32,     /* sint32 */
    SN_WIRE_I64,     /* sint64 */
    SN_WIRE_U8,      /* uint32 */
    SN_WIRE_U16,     /* uint32 */
    SN_WIRE_U32,     /* uint32 */
    SN_WIRE_U64,     /* uint64; durations too */
    SN_WIRE_FIXED64, /* fixed64: time stamps, whose varints would be longer */
    SN_WIRE_F32,     /* float */
    SN_WIRE_F64,     /* double */
    SN_WIRE_ENUM,    /* an enum; for protobuf-c a uint32, which looks the same */
    SN_WIRE_STRING,  /* string; for protobuf-c bytes, which looks the same and has a length */
    SN_WIRE_BYTES,   /* bytes */
    SN_WIRE_STRUCT,  /* a message */
};

/* How many items a field has. */
enum sn_wire_count {
    SN_WIRE_ONE,
    SN_WIRE_OPTIONAL,
    SN_WIRE_LIST,  /* up to `items` */
    SN_WIRE_ARRAY, /* `items`; none at all stands for zeros */
};

/* The numbers of an enum. */
struct sn_wire_enum {
    const uint32_t *numbers; /* ascending */
    size_t count;
};

struct sn_wire_type;

struct sn_wire_field {
    enum sn_wire_kind kind;
    enum sn_wire_count count;
    size_t offset;                          /* in the struct: the value, list or first item */
    size_t present;                         /* OPTIONAL: in the struct: the flag */
    size_t max;                             /* STRING, BYTES: most bytes of one */
    size_t items;                           /* LIST, ARRAY */
    const struct sn_wire_enum *enumeration; /* ENUM */
    const struct sn_wire_type *type;        /* STRUCT */
};

/* A struct that travels. */
struct sn_wire_type {
    const ProtobufCMessageDescriptor *descriptor;
    const struct sn_wire_field *fields; /* as many as the descriptor has, in its order */
    size_t size;                        /* sizeof the struct */
    size_t limit;                       /* most bytes of payload, of a message or reply */
    size_t unknown_max;                 /* most bytes of unknown fields to keep; 0: drop them */
    size_t unknown;                     /* where they are kept: a struct sn_bytes */
};

/* One value as protobuf-c holds it. */
union sn_wire_value {
    protobuf_c_boolean boolean;
    int32_t i32;
    int64_t i64;
    uint32_t u32;
    uint64_t u64;
    float f32;
    double f64;
    ProtobufCBinaryData bytes;
    ProtobufCMessage *message;
    uint8_t *items; /* of a repeated field: an array of one of the above */
};

/* One field as protobuf-c sees it. The offsets of descriptors point in here. */
struct sn_wire_cell {
    union {
        size_t count;                /* repeated */
        protobuf_c_boolean is_there; /* optional, but for messages */
    };
    union sn_wire_value value;
};

#ifndef __cplusplus /* which has no such arrays; codecs are C */
/* What any struct is for protobuf-c. */
struct sn_wire_record {
    ProtobufCMessage base;
    struct sn_wire_cell cells[]; /* by ascending tag */
};
#endif

/**
 * Encode a struct.
 *
 * @value      of the type.
 * @ret_bytes  in the memory, until its `used` is taken back.
 *
 * Returns  0; SN_INVALID, SN_TOO_LARGE, SN_FULL as decode would; SN_MALFORMED: kept unknown fields
 *          that are none. On failure the memory is as before.
 * Threads  any; the memory one at a time.
 */
int sn_wire_encode(const struct sn_wire_type *type, const void *value,
                   struct sn_wire_memory *memory, struct sn_bytes *ret_bytes);

/**
 * Decode a struct.
 *
 * @bytes      from anywhere; not in the unused part of the memory.
 * @ret_value  of the type; what it points to is in the memory, until its `used` is taken back. All
 *             zeros on failure.
 *
 * Returns  see <sn/wire.h>. On failure the memory is as before.
 * Threads  any; the memory one at a time.
 */
int sn_wire_decode(const struct sn_wire_type *type, struct sn_bytes bytes,
                   struct sn_wire_memory *memory, void *ret_value);

#ifdef __cplusplus
}
#endif
#endif
