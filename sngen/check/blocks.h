/* SPDX-License-Identifier: MIT */
/**
 * How the runtime keeps messages and records, for checks that count bytes.
 *
 * sngen does not link the runtime; a test (tests/unit/sngen/budget_test.c) holds these numbers
 * against it. Those that say "at most" leave room for the runtime to change.
 */
#ifndef SNGEN_CHECK_BLOCKS_H
#define SNGEN_CHECK_BLOCKS_H

#include <stdint.h>

enum {
    SN_BLOCK_SIZES = 16,        /* sizes of blocks that are kept for the next message */
    SN_ENVELOPE_BYTES = 56,     /* before the fields of a message */
    SN_MAILBOX_CAPACITY = 1024, /* when the schema gives none */
    SN_OPEN_ASKS = 1024,        /* that an actor may have */
    SN_ACTOR_BYTES = 256,       /* at most: the record of an actor */
    SN_ACTOR_TIMER_BYTES = 160, /* at most: each of its timers */
    SN_ACTOR_SLOT_BYTES = 48,   /* at most: its entry among the shard's */
    SN_SLOT_CHUNK_COUNT = 1024, /* entries that are made together */
    SN_MEMBER_BYTES = 1536,     /* at most: what supervision and the registry keep of it */
    SN_ALLOCATION_BYTES = 32,   /* before a member of variable size */
    SN_ASK_BYTES = 192,         /* at most: the record of an open ask, before its context */
    SN_ASK_ENTRY_BYTES = 16,    /* in the table of asks */
    SN_KEPT_TOKEN_BYTES = 64,   /* at most: a request that is answered later */
    SN_WAITING_SENDS = 64,      /* of an actor that wait to be tried again */
    SN_WAITING_BYTES = 64,      /* at most: behind the message of each */
    SN_LINK_BYTES = 20480,      /* at most: to another shard */
    SN_SHARD_BYTES = 96 * 1024, /* at most: the tables of a shard */
};

/** The size of the block for a payload: one of the 16 sizes, or that of a block of its own. */
uint64_t sn_block_for(uint64_t payload_bytes);

/** Which of the sizes holds a payload; SN_BLOCK_SIZES: a block of its own. */
unsigned sn_block_class(uint64_t payload_bytes);

/** A size of blocks by its number. */
uint64_t sn_block_class_bytes(unsigned size_class);

/** What the pool of one size takes from the allocator once `count` blocks were in use at once. */
uint64_t sn_block_pool_bytes(unsigned size_class, uint64_t count);

#endif
