/* SPDX-License-Identifier: MIT */
#ifndef SN_MEMORY_POISON_H
#define SN_MEMORY_POISON_H

/*
 * Free blocks are poisoned in a build with AddressSanitizer, which knows nothing else of a pool:
 * whoever uses a block that went back to it, or gives one back twice, is told where. In any other
 * build these are nothing.
 */

#include "base/base.h"

#ifdef __SANITIZE_ADDRESS__
#define SN_POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SN_POISONS 1
#endif
#endif

#ifdef SN_POISONS

#include <sanitizer/asan_interface.h>

/** Whether a block is known to be free. */
static inline bool sn_is_poisoned(const void *block)
{
    return __asan_address_is_poisoned(block) != 0;
}

/** Nobody may touch a block until it is taken again. */
static inline void sn_poison(void *block, size_t size)
{
    SN_ASSERT(!sn_is_poisoned(block)); /* it is given back once */
    __asan_poison_memory_region(block, size);
}

static inline void sn_unpoison(void *block, size_t size)
{
    __asan_unpoison_memory_region(block, size);
}

#else

static inline bool sn_is_poisoned(const void *block)
{
    (void)block;
    return false;
}

static inline void sn_poison(void *block, size_t size)
{
    (void)block, (void)size;
}

static inline void sn_unpoison(void *block, size_t size)
{
    (void)block, (void)size;
}

#endif

#endif
