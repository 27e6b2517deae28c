/* SPDX-License-Identifier: MIT */
#ifndef SN_WIRE_H
#define SN_WIRE_H

/*
 * Messages as bytes for other machines, in the format of protobuf (proto2). For each message that
 * says `wire: true` the package's header declares <message>_encode() and <message>_decode().
 *
 * Both work in memory that the caller gives and allocate nothing: what hostile bytes can use up is
 * what the caller has set aside. The header's <MESSAGE>_WIRE_MEMORY is enough for any one message
 * that the schema allows; less is fine where messages are known to be small.
 *
 *     static uint8_t room[BANK_TRANSFER_WIRE_MEMORY];
 *     struct sn_wire_memory memory = {.bytes = room, .size = sizeof room};
 *     struct bank_transfer transfer;
 *     int rc = bank_transfer_decode(bytes, &memory, &transfer);
 *
 * In a handler sn_scratch() gives such memory until it returns. One message may have 2 GiB.
 *
 * Bytes are looked at as a whole before anything is unpacked. What decode answers:
 *
 *     0             the message is as its schema allows
 *     SN_MALFORMED  the bytes are no protobuf of this message: cut off, a length past the end, a
 *                   number that does not end, another wire type, a field twice that may be there
 *                   once, groups
 *     SN_INVALID    a value that its type does not have: text that is no UTF-8 or holds a NUL, an
 *                   enum's number that is not declared, a number out of range, an array with
 *                   another count
 *     SN_TOO_LARGE  a text, list or number of unknown bytes past its maximum, or a message past
 *                   its `limit`
 *     SN_FULL       the memory is too small
 *
 * A field that is missing is zero, as in C. Fields that the schema does not know are dropped,
 * except in structs with a field that says `unknown: keep`.
 */

#include <sn/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Memory for encode and decode: the caller's, one thread at a time. */
struct sn_wire_memory {
    uint8_t *bytes; /* any alignment */
    size_t size;
    size_t used; /* by results, from the front; 0 takes them all back */
};

#ifdef __cplusplus
}
#endif
#endif
