/* SPDX-License-Identifier: MIT */

/*
 * The product's hash: XXH3 with a pinned seed.
 *
 * Keys of pools are short: integers, ids, words. XXH3 treats inputs of up to
 * 16 bytes in a handful of multiplications, so most of the cost would be the
 * call into libxxhash; the header is therefore compiled in here
 * (XXH_INLINE_ALL), and only here: the rest of the product sees two
 * functions and no third-party name.
 *
 * The algorithm is frozen since xxHash 0.8.0; the golden vectors in
 * tests/unit/hash would fail if a library ever broke that promise. There is
 * no state and nothing that can fail.
 */

#include "hash/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#if XXH_VERSION_NUMBER < 800
#error "sn needs xxHash 0.8.0 or later: XXH3 was not frozen before it"
#endif

uint64_t sn_hash_bytes(const void *data, size_t size_bytes)
{
    return XXH3_64bits_withSeed(data, size_bytes, SN_HASH_SEED);
}

uint64_t sn_hash_u64(uint64_t value)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap64(value);
#endif
    return XXH3_64bits_withSeed(&value, sizeof(value), SN_HASH_SEED);
}
