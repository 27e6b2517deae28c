/* SPDX-License-Identifier: MIT */
/*
 * Blocks for envelopes.
 *
 * A pool belongs to one thread (a shard or a port), which alone takes and gives. A block that was
 * handled by another thread travels back over the link that it came by (ring/link.h) before it is
 * given back, so nothing here is atomic. Free blocks are a stack of pointers instead of a list
 * through the blocks: the block that comes back from another core is not touched until it is
 * written again, and the most recently freed one, still in the cache, is used first.
 *
 * The stack has room for all blocks of its class, so giving back never fails; only growing does.
 * Slabs are freed with the pool. Blocks above SN_BLOCK_SIZE_MAX come from the allocator one by
 * one and can be freed by any thread. What is free is poisoned for AddressSanitizer (poison.h).
 */
#include "memory/memory.h"

#include <errno.h>
#include <string.h>

enum { SLAB_SIZE = 64 * 1024, FIRST_SLAB_SIZE = 4 * 1024 };

/* Those above 1,024 are three cache lines above a round number: blocks that lie whole powers of two
 * apart would all begin in the same few sets of a cache, and a payload of such a size has room for
 * its envelope. A block is less than twice what it holds. */
static const uint16_t class_sizes[SN_BLOCK_CLASSES] = {
    64, 128, 192, 256, 384, 512, 768, 1024, 1728, 2240, 3264, 4288, 6336, 8384, 16576, 32960};
const uint8_t sn_block_small_classes[17] = {0, 0, 1, 2, 3, 4, 4, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7};

struct sn_block_slab {
    struct sn_block_slab *next;
    size_t size;
};

struct large_head {
    size_t size;
};

void sn_block_pool_init(struct sn_block_pool *pool, const struct sn_allocator *allocator)
{
    memset(pool, 0, sizeof *pool);
    pool->allocator = allocator;
}

void sn_block_pool_fini(struct sn_block_pool *pool)
{
    for (int i = 0; i < SN_BLOCK_CLASSES; i++) {
        struct sn_block_class *class = &pool->classes[i];

        sn_alloc_free(pool->allocator, class->free, class->total * sizeof *class->free);
    }
    while (pool->slabs != NULL) {
        struct sn_block_slab *slab = pool->slabs;

        pool->slabs = slab->next;
        sn_unpoison(slab, slab->size); /* the allocator may use it for something else */
        sn_alloc_free(pool->allocator, slab, slab->size);
    }
}

uint8_t sn_block_large_class(size_t size)
{
    uint8_t size_class = 8;

    while (size > class_sizes[size_class])
        size_class++;
    return size_class;
}

size_t sn_block_class_size(uint8_t size_class)
{
    return class_sizes[size_class];
}

size_t sn_block_size(uint8_t size_class, const void *block)
{
    if (size_class != SN_BLOCK_LARGE)
        return class_sizes[size_class];
    return ((const struct large_head *)((const char *)block - SN_CACHE_LINE))->size;
}

size_t sn_block_charge(uint8_t size_class, size_t size)
{
    return size_class != SN_BLOCK_LARGE ? class_sizes[size_class] : SN_CACHE_LINE + size;
}

/* Room in the stack for `more` further blocks. */
static int reserve_free(struct sn_block_pool *pool, struct sn_block_class *class, uint32_t more)
{
    size_t old_size = class->total * sizeof *class->free;
    size_t new_size = (class->total + more) * sizeof *class->free;
    void **free = pool->allocator->alloc(pool->allocator->context, new_size);

    if (free == NULL)
        return -ENOMEM;
    if (class->free_count > 0)
        memcpy(free, class->free, class->free_count * sizeof *free);
    sn_alloc_free(pool->allocator, class->free, old_size);
    class->free = free;
    class->total += more;
    return 0;
}

int sn_block_pool_grow(struct sn_block_pool *pool, uint8_t size_class)
{
    struct sn_block_class *class = &pool->classes[size_class];
    size_t block_size = class_sizes[size_class];
    size_t wanted = class->total == 0 ? FIRST_SLAB_SIZE : SLAB_SIZE;
    if (wanted < block_size)
        wanted = block_size;
    /* Grow by what there is, so that the stack is copied a logarithmic number of times. */
    if (class->total * block_size > wanted)
        wanted = class->total * block_size;
    uint32_t count = (uint32_t)(wanted / block_size);
    size_t slab_size = SN_CACHE_LINE + count * block_size;
    struct sn_block_slab *slab = pool->allocator->alloc(pool->allocator->context, slab_size);

    if (slab == NULL)
        return -ENOMEM;
    if (reserve_free(pool, class, count) != 0) {
        sn_alloc_free(pool->allocator, slab, slab_size);
        return -ENOMEM;
    }
    slab->next = pool->slabs;
    slab->size = slab_size;
    pool->slabs = slab;
    /* The lowest address on top: fresh blocks are used in the order of memory. */
    for (uint32_t i = count; i-- > 0;)
        sn_block_free(pool, size_class, (char *)slab + SN_CACHE_LINE + i * block_size);
    return 0;
}

void *sn_block_alloc_large(const struct sn_allocator *allocator, size_t size)
{
    struct large_head *head;

    if (size > SIZE_MAX - SN_CACHE_LINE)
        return NULL;
    head = allocator->alloc(allocator->context, SN_CACHE_LINE + size);
    if (head == NULL)
        return NULL;
    head->size = SN_CACHE_LINE + size;
    return (char *)head + SN_CACHE_LINE;
}

void sn_block_free_large(const struct sn_allocator *allocator, void *block)
{
    if (block == NULL)
        return;
    struct large_head *head = (struct large_head *)((char *)block - SN_CACHE_LINE);
    sn_alloc_free(allocator, head, head->size);
}
