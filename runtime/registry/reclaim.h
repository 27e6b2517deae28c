/* SPDX-License-Identifier: MIT */
#ifndef SN_REGISTRY_RECLAIM_H
#define SN_REGISTRY_RECLAIM_H

/*
 * Memory that readers may still be looking at when the writer has no more use
 * for it. The writer retires it; it is freed once every reader that was
 * looking has stopped.
 */

#include <ck_epoch.h>
#include <ck_malloc.h>
#include <stddef.h>

#include "base/base.h"

/* At most so many retired blocks wait for readers before the writer does. */
#define SN_REGISTRY_MAX_RETIRED 64

struct sn_registry_reclaim {
    ck_epoch_record_t writer; /* under the registry's mutex */
    ck_epoch_t epoch;
    const struct sn_allocator *allocator;
};

/* Opens whatever is allocated here: the first member of it. */
struct sn_registry_block {
    /* Aligned, so that what follows in memory is aligned, too. */
    _Alignas(SN_CACHE_LINE) ck_epoch_entry_t retired;
    struct sn_registry_reclaim *reclaim;
    size_t size;
};

/* For ck's structures: allocates from the reclaim given to the last enter. */
extern struct ck_malloc sn_registry_ck_malloc;

/** Start. Threads: any. */
void sn_registry_reclaim_init(struct sn_registry_reclaim *reclaim,
                              const struct sn_allocator *allocator);

/** Free all that is retired; there are no readers any more. */
void sn_registry_reclaim_fini(struct sn_registry_reclaim *reclaim);

/** Zeroed memory, of `size` bytes with the block; NULL if there is none. Threads: the writer. */
struct sn_registry_block *sn_registry_block_alloc(struct sn_registry_reclaim *reclaim, size_t size);

/** Free what no reader has seen or can see. Threads: the writer. */
void sn_registry_block_free(struct sn_registry_block *block);

/** Free later what readers cannot find any more, but may have found. Threads: the writer. */
void sn_registry_block_retire(struct sn_registry_block *block);

/** Free what no reader looks at any more; waits only above the maximum. Threads: the writer. */
void sn_registry_reclaim_collect(struct sn_registry_reclaim *reclaim);

/** Whose memory sn_registry_ck_malloc gives on this thread, until the next enter. */
void sn_registry_reclaim_enter(struct sn_registry_reclaim *reclaim);

#endif
