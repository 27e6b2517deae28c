/* SPDX-License-Identifier: MIT */
/* Messages and memory for the tests of the wire codec. */
#ifndef SN_TESTS_WIRE_CASES_H
#define SN_TESTS_WIRE_CASES_H

#include "wire.h"

enum { ROOM_BYTES = 1 << 16 };

/* Memory for calls, with a guard on both sides. */
struct room {
    struct sn_wire_memory memory;
    uint8_t bytes[ROOM_BYTES];
};

/** Memory of `size` bytes, which begins `offset` bytes (below 8) past an aligned place. */
void room_init(struct room *room, size_t size, size_t offset);
/** Whether nothing was written around the memory. */
bool room_is_whole(const struct room *room);

/** Every field at its limit; points into static storage. */
void case_all(struct wire_all *all);
void case_lists(struct wire_lists *lists);

/* Bytes being put together by hand. */
struct draft {
    uint8_t bytes[8192];
    size_t size;
};

void put_byte(struct draft *draft, unsigned byte);
void put_number(struct draft *draft, uint64_t number);
void put_tag(struct draft *draft, uint32_t tag, unsigned wire_type);
void put_varint(struct draft *draft, uint32_t tag, uint64_t number);
void put_long(struct draft *draft, uint32_t tag, const void *data, size_t size);
struct sn_bytes draft_bytes(const struct draft *draft);

#endif
