/* SPDX-License-Identifier: MIT */
#ifndef SN_HASH_HASH_H
#define SN_HASH_HASH_H

/*
 * The one hash of the product: XXH3, 64 bits, with a pinned seed.
 *
 * Which actor of a partitioned pool owns a key follows from this value, so
 * the value is a wire format: it is the same on every machine, in every
 * build and in every release. tests/unit/hash holds its golden vectors.
 * Generated code calls both functions (they are declared again, exported, in
 * sn/generated.h).
 *
 * Not for hostile keys: the seed is public, so whoever chooses the keys can
 * choose the actor as well.
 */

#include <stddef.h>
#include <stdint.h>

#include <sn/result.h>

/* "sn/hash1" in ASCII. Changing it moves every key of every pool. */
#define SN_HASH_SEED UINT64_C(0x736e2f6861736831)

/**
 * Hash a run of bytes (XXH3_64bits_withSeed, xxHash 0.8 specification).
 *
 * @data        may be NULL when size_bytes is 0.
 * @size_bytes  any.
 *
 * Returns  the hash.
 * Threads  any.
 */
SN_API uint64_t sn_hash_bytes(const void *data, size_t size_bytes);

/**
 * Hash an integer: the hash of its 8 bytes, lowest first, on every machine.
 *
 * @value  a signed integer is sign-extended to 64 bits first, an unsigned one
 *         zero-extended, so that a key may grow wider without moving.
 *
 * Returns  the hash.
 * Threads  any.
 */
SN_API uint64_t sn_hash_u64(uint64_t value);

#endif
