/* SPDX-License-Identifier: MIT */

/*
 * Epoch-based reclamation on ck_epoch (Fraser 2004, "Practical lock-freedom",
 * section 5.2.3). A reader enters an epoch for the time of one look-up. The
 * writer makes a block unreachable, then retires it into the present epoch;
 * it is freed when no reader is left that entered early enough to have found
 * it. Look-ups do not block, so that is soon; a reader that was preempted in
 * the middle of one only delays it. As retired blocks must not pile up behind
 * such a reader, the writer waits for it when there are more than
 * SN_REGISTRY_MAX_RETIRED of them.
 *
 * A block opens each allocation: to whom it belongs, its size, and ck's link
 * while it is retired. The writer's record and all retired blocks are under the
 * registry's mutex.
 *
 * ck_malloc has no room for a context, although each registry has its own
 * allocator. Whoever calls into ck_hs to change it therefore says before, by
 * enter, whose memory is meant, in a thread-local pointer. It is an argument
 * that ck does not pass, not state: nothing reads it later.
 */

#include "registry/reclaim.h"

#include "registry/tsan.h"

static _Thread_local struct sn_registry_reclaim *entered;

void sn_registry_reclaim_init(struct sn_registry_reclaim *reclaim,
                              const struct sn_allocator *allocator)
{
    reclaim->allocator = allocator;
    ck_epoch_init(&reclaim->epoch);
    ck_epoch_register(&reclaim->epoch, &reclaim->writer, NULL);
}

void sn_registry_reclaim_fini(struct sn_registry_reclaim *reclaim)
{
    ck_epoch_reclaim(&reclaim->writer);
}

struct sn_registry_block *sn_registry_block_alloc(struct sn_registry_reclaim *reclaim, size_t size)
{
    struct sn_registry_block *block = sn_alloc_zeroed(reclaim->allocator, size);

    if (block == NULL)
        return NULL;
    block->reclaim = reclaim;
    block->size = size;
    return block;
}

void sn_registry_block_free(struct sn_registry_block *block)
{
    sn_alloc_free(block->reclaim->allocator, block, block->size);
}

static void free_retired(ck_epoch_entry_t *entry)
{
    struct sn_registry_block *block = (struct sn_registry_block *)entry; /* its first member */

    /* Pairs with the release at the end of every look-up: ck_epoch has seen
     * all readers leave. */
    sn_registry_tsan_acquire((const volatile char *)block->reclaim);
    sn_registry_block_free(block);
}

void sn_registry_block_retire(struct sn_registry_block *block)
{
    ck_epoch_call(&block->reclaim->writer, &block->retired, free_retired);
}

void sn_registry_reclaim_collect(struct sn_registry_reclaim *reclaim)
{
    if (reclaim->writer.n_pending == 0)
        return;
    ck_epoch_poll(&reclaim->writer);
    if (reclaim->writer.n_pending > SN_REGISTRY_MAX_RETIRED)
        ck_epoch_barrier(&reclaim->writer);
}

void sn_registry_reclaim_enter(struct sn_registry_reclaim *reclaim)
{
    entered = reclaim;
}

/* ck gets what lies behind the block. */
static void *ck_alloc(size_t size)
{
    struct sn_registry_block *block = sn_registry_block_alloc(entered, sizeof(*block) + size);

    return block ? block + 1 : NULL;
}

static void ck_free(void *memory, size_t size, bool defer)
{
    struct sn_registry_block *block = memory;

    (void)size; /* the block knows it */
    if (block == NULL)
        return;
    if (defer)
        sn_registry_block_retire(block - 1);
    else
        sn_registry_block_free(block - 1);
}

struct ck_malloc sn_registry_ck_malloc = {.malloc = ck_alloc, .free = ck_free};
