/* SPDX-License-Identifier: MIT */

/*
 * Concurrency Kit's loads and stores, made visible to ThreadSanitizer.
 *
 * On x86 and ARM they are inline assembly, of which the sanitizer sees
 * nothing: it would report races where there are none, and miss those that
 * there are. This file stands earlier on the include path, in the tsan preset
 * only. It renames ck's own, includes the real header, and defines them again
 * as atomics of the compiler: acquire and release, which is at least what ck
 * promises on x86 and what its callers there rely on.
 *
 * It reaches the code that is compiled with these headers. What lies inside
 * libck.so (the epochs, the hash set) needs annotations where it is called.
 */

#ifndef SN_TESTS_TSAN_CK_PR_H
#define SN_TESTS_TSAN_CK_PR_H

/* #include_next is an extension of gcc and clang, used for its one purpose. */
#pragma GCC system_header

#define ck_pr_md_load_ptr ck_pr_hidden_load_ptr
#define ck_pr_md_load_64 ck_pr_hidden_load_64
#define ck_pr_md_load_32 ck_pr_hidden_load_32
#define ck_pr_md_load_16 ck_pr_hidden_load_16
#define ck_pr_md_load_8 ck_pr_hidden_load_8
#define ck_pr_md_load_uint ck_pr_hidden_load_uint
#define ck_pr_md_load_int ck_pr_hidden_load_int
#define ck_pr_md_load_char ck_pr_hidden_load_char
#define ck_pr_md_store_ptr ck_pr_hidden_store_ptr
#define ck_pr_md_store_64 ck_pr_hidden_store_64
#define ck_pr_md_store_32 ck_pr_hidden_store_32
#define ck_pr_md_store_16 ck_pr_hidden_store_16
#define ck_pr_md_store_8 ck_pr_hidden_store_8
#define ck_pr_md_store_uint ck_pr_hidden_store_uint
#define ck_pr_md_store_int ck_pr_hidden_store_int
#define ck_pr_md_store_char ck_pr_hidden_store_char

#include_next <ck_pr.h>

#undef ck_pr_md_load_ptr
#undef ck_pr_md_load_64
#undef ck_pr_md_load_32
#undef ck_pr_md_load_16
#undef ck_pr_md_load_8
#undef ck_pr_md_load_uint
#undef ck_pr_md_load_int
#undef ck_pr_md_load_char
#undef ck_pr_md_store_ptr
#undef ck_pr_md_store_64
#undef ck_pr_md_store_32
#undef ck_pr_md_store_16
#undef ck_pr_md_store_8
#undef ck_pr_md_store_uint
#undef ck_pr_md_store_int
#undef ck_pr_md_store_char

/* ck's pointers are declared as memory of no type; so are these. */
static inline void *ck_pr_md_load_ptr(const void *target)
{
    return __atomic_load_n((void *const *)target, __ATOMIC_ACQUIRE);
}

static inline void ck_pr_md_store_ptr(void *target, const void *value)
{
    __atomic_store_n((const void **)target, value, __ATOMIC_RELEASE);
}

#define SN_TSAN_LOAD_STORE(suffix, type)                                 \
    static inline type ck_pr_md_load_##suffix(const type *target)        \
    {                                                                    \
        return __atomic_load_n(target, __ATOMIC_ACQUIRE);                \
    }                                                                    \
    static inline void ck_pr_md_store_##suffix(type *target, type value) \
    {                                                                    \
        __atomic_store_n(target, value, __ATOMIC_RELEASE);               \
    }

SN_TSAN_LOAD_STORE(64, uint64_t)
SN_TSAN_LOAD_STORE(32, uint32_t)
SN_TSAN_LOAD_STORE(16, uint16_t)
SN_TSAN_LOAD_STORE(8, uint8_t)
SN_TSAN_LOAD_STORE(uint, unsigned int)
SN_TSAN_LOAD_STORE(int, int)
SN_TSAN_LOAD_STORE(char, char)

#undef SN_TSAN_LOAD_STORE

#endif
