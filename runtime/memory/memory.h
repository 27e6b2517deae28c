/* SPDX-License-Identifier: MIT */
#ifndef SN_MEMORY_H
#define SN_MEMORY_H

/*
 * Blocks for envelopes, in size classes, from a pool that one thread owns. See README.md.
 */

#include "memory/poison.h"

enum {
    SN_BLOCK_CLASSES = 16,
    SN_BLOCK_AHEAD = 8,
    SN_BLOCK_LARGE = 255, /* the class of blocks that come from the allocator one by one */
};

#define SN_BLOCK_SIZE_MAX 32960 /* above this a block is large */

/* The free blocks of one class: a stack of pointers, so that taking one touches no block. */
struct sn_block_class {
    void **free;
    uint32_t free_count;
    uint32_t total; /* blocks that exist; free[] has room for all of them */
};

struct sn_block_slab;

struct sn_block_pool {
    const struct sn_allocator *allocator;
    struct sn_block_slab *slabs;
    struct sn_block_class classes[SN_BLOCK_CLASSES];
};

/** Prepare a pool in the caller's storage; allocates nothing yet. */
void sn_block_pool_init(struct sn_block_pool *pool, const struct sn_allocator *allocator);

/**
 * Free all slabs.
 *
 * Owns  blocks still in use become invalid; large ones are their holders' to free.
 */
void sn_block_pool_fini(struct sn_block_pool *pool);

/* The class of each size up to 1024, in steps of 64. */
extern const uint8_t sn_block_small_classes[17];

/** The class for a size above 1,024, up to SN_BLOCK_SIZE_MAX. Threads: any. */
uint8_t sn_block_large_class(size_t size);

/** The class for a size in bytes: 0 .. SN_BLOCK_CLASSES - 1, or SN_BLOCK_LARGE. Threads: any. */
static inline uint8_t sn_block_class_of(size_t size)
{
    if (__builtin_expect(size - 1 < 256, 1))
        return (uint8_t)((size - 1) / 64);
    if (__builtin_expect(size <= 1024, 1))
        return sn_block_small_classes[(size + 63) / 64];
    if (size > SN_BLOCK_SIZE_MAX)
        return SN_BLOCK_LARGE;
    return sn_block_large_class(size);
}

/** The size of a class's blocks in bytes. @size_class  not SN_BLOCK_LARGE. Threads: any. */
__attribute__((const)) size_t sn_block_class_size(uint8_t size_class);

/** The memory that a block takes, in bytes. Threads: any that may read it. */
size_t sn_block_size(uint8_t size_class, const void *block);

/** The memory that a block for `size` bytes would take. Threads: any. */
size_t sn_block_charge(uint8_t size_class, size_t size);

/** Make a slab of new blocks of a class. Returns 0 or -ENOMEM. Threads: the owner. */
int sn_block_pool_grow(struct sn_block_pool *pool, uint8_t size_class);

/** A large block of its own, 64-byte aligned; NULL when there is no memory. Threads: any. */
void *sn_block_alloc_large(const struct sn_allocator *allocator, size_t size);

/** Free a large block. Threads: any, not only the one that allocated it. */
void sn_block_free_large(const struct sn_allocator *allocator, void *block);

/* The last block that was given back. */
static inline void *sn_block_pop(struct sn_block_pool *pool, uint8_t size_class)
{
    struct sn_block_class *class = &pool->classes[size_class];
    void *block = class->free[--class->free_count];

    sn_unpoison(block, sn_block_class_size(size_class));
    return block;
}

/**
 * Take a block.
 *
 * @size_class  of sn_block_class_of(size).
 *
 * Returns  64-byte aligned memory of at least `size` bytes, not cleared; NULL: no memory.
 * Threads  the owner.
 */
static inline void *sn_block_alloc(struct sn_block_pool *pool, uint8_t size_class, size_t size)
{
    if (__builtin_expect(size_class == SN_BLOCK_LARGE, 0))
        return sn_block_alloc_large(pool->allocator, size);
    struct sn_block_class *class = &pool->classes[size_class];
    if (__builtin_expect(class->free_count == 0, 0) && sn_block_pool_grow(pool, size_class) != 0)
        return NULL;
    return sn_block_pop(pool, size_class);
}

/** Take a block without making new ones: NULL when none is free, or for a large one. */
static inline void *sn_block_at_hand(struct sn_block_pool *pool, size_t size,
                                     uint8_t *ret_size_class)
{
    uint8_t size_class = sn_block_class_of(size);

    if (__builtin_expect(size_class == SN_BLOCK_LARGE, 0))
        return NULL;
    struct sn_block_class *class = &pool->classes[size_class];
    if (__builtin_expect(class->free_count == 0, 0))
        return NULL;
    *ret_size_class = size_class;
    return sn_block_pop(pool, size_class);
}

/** Begin to fetch the block that will be taken some blocks later: what comes back from another core
 * has its lines there. Threads: the owner. */
static inline void sn_block_prefetch(const struct sn_block_pool *pool, uint8_t size_class)
{
    const struct sn_block_class *class = &pool->classes[size_class];

    if (class->free_count >= SN_BLOCK_AHEAD) {
        const char *block = class->free[class->free_count - SN_BLOCK_AHEAD];

        sn_prefetch_to_write(block);
        sn_prefetch_to_write(block + SN_CACHE_LINE);
    }
}

/** Give a block back to the pool that it is of. Threads: the owner. */
static inline void sn_block_free(struct sn_block_pool *pool, uint8_t size_class, void *block)
{
    if (__builtin_expect(size_class == SN_BLOCK_LARGE, 0)) {
        sn_block_free_large(pool->allocator, block);
        return;
    }
    struct sn_block_class *class = &pool->classes[size_class];
    sn_poison(block, sn_block_class_size(size_class));
    class->free[class->free_count++] = block;
}

#endif
