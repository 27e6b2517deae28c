/* SPDX-License-Identifier: MIT */
#ifndef SN_REGISTRY_TSAN_H
#define SN_REGISTRY_TSAN_H

/*
 * What libck.so orders, said again for ThreadSanitizer, which cannot see into
 * it. Nothing in other builds.
 */

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SN_REGISTRY_TSAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define SN_REGISTRY_TSAN 1
#endif

#ifdef SN_REGISTRY_TSAN
#include <sanitizer/tsan_interface.h>
#endif

/* All that this thread did before is visible to who acquires the same address later. */
static inline void sn_registry_tsan_release(const volatile char *address)
{
#ifdef SN_REGISTRY_TSAN
    __tsan_release((char *)address);
#else
    (void)address;
#endif
}

static inline void sn_registry_tsan_acquire(const volatile char *address)
{
#ifdef SN_REGISTRY_TSAN
    __tsan_acquire((char *)address);
#else
    (void)address;
#endif
}

#endif
