/* SPDX-License-Identifier: MIT */
/*
 * What a handler may ask of its own actor: <sn/actor.h>.
 */
#include "shard/shard.h"

#include "registry/registry.h"

#include <errno.h>
#include <string.h>

uint64_t sn_now(const struct sn_actor *actor)
{
    return actor->shard->now_ns;
}

uint64_t sn_random(struct sn_actor *actor)
{
    return sn_router_random(&actor->shard->router);
}

sn_ref sn_self(const struct sn_actor *actor)
{
    return actor->ref;
}

uint32_t sn_self_index(const struct sn_actor *actor)
{
    return actor->index;
}

uint32_t sn_self_shard(const struct sn_actor *actor)
{
    return actor->shard->index;
}

sn_ref sn_source(const struct sn_actor *actor)
{
    const struct sn_envelope *envelope = actor->shard->turn.envelope;

    return envelope != NULL ? envelope->source : (sn_ref){0};
}

uint64_t sn_sent_ns(const struct sn_actor *actor)
{
    const struct sn_envelope *envelope = actor->shard->turn.envelope;

    return envelope != NULL ? envelope->sent_ns : actor->shard->now_ns;
}

/* In front of each piece of memory, or of a name that is registered. */
struct sn_allocation {
    struct sn_allocation *next, *previous;
    size_t size;      /* all of it */
    size_t name_size; /* 0: memory */
};

_Static_assert(sizeof(struct sn_allocation) % 16 == 0, "memory behind it is aligned for any type");

static struct sn_allocation *allocate(struct sn_actor *actor, size_t size)
{
    const struct sn_allocator *allocator = actor->shard->world->allocator;
    struct sn_allocation *allocation;

    if (size > SIZE_MAX - sizeof *allocation)
        return NULL;
    allocation = sn_alloc_zeroed(allocator, sizeof *allocation + size);
    if (allocation == NULL)
        return NULL;
    allocation->size = sizeof *allocation + size;
    allocation->next = actor->allocations;
    if (allocation->next != NULL)
        allocation->next->previous = allocation;
    actor->allocations = allocation;
    return allocation;
}

static void release_allocation(struct sn_actor *actor, struct sn_allocation *allocation)
{
    struct sn_world *world = actor->shard->world;

    if (allocation->previous != NULL)
        allocation->previous->next = allocation->next;
    else
        actor->allocations = allocation->next;
    if (allocation->next != NULL)
        allocation->next->previous = allocation->previous;
    if (allocation->name_size > 0)
        sn_registry_remove(world->registry, (const char *)(allocation + 1), allocation->name_size,
                           actor->ref.value);
    if (SN_PLANTED(arena_freed_twice))
        sn_alloc_free(world->allocator, allocation, allocation->size);
    sn_alloc_free(world->allocator, allocation, allocation->size);
}

void *sn_alloc(struct sn_actor *actor, size_t size)
{
    struct sn_allocation *allocation = allocate(actor, size);

    return allocation != NULL ? allocation + 1 : NULL;
}

void sn_free(struct sn_actor *actor, void *memory)
{
    if (memory != NULL)
        release_allocation(actor, (struct sn_allocation *)memory - 1);
}

/* In front of each piece of scratch memory. */
struct sn_scratch {
    struct sn_scratch *next;
    uint64_t size_class;
};

void *sn_scratch(struct sn_actor *actor, size_t size)
{
    struct sn_shard *shard = actor->shard;
    struct sn_scratch *scratch;

    if (size > SIZE_MAX - sizeof *scratch)
        return NULL;
    uint8_t size_class = sn_block_class_of(sizeof *scratch + size);
    scratch = sn_block_alloc(&shard->blocks, size_class, sizeof *scratch + size);
    if (scratch == NULL)
        return NULL;
    scratch->size_class = size_class;
    scratch->next = shard->turn.scratch;
    shard->turn.scratch = scratch;
    shard->turn.touched = true;
    return scratch + 1;
}

void sn_scratch_end(struct sn_shard *shard)
{
    while (shard->turn.scratch != NULL) {
        struct sn_scratch *scratch = shard->turn.scratch;

        shard->turn.scratch = scratch->next;
        sn_block_free(&shard->blocks, (uint8_t)scratch->size_class, scratch);
    }
}

int sn_register(struct sn_actor *actor, struct sn_string name)
{
    struct sn_registry *registry = actor->shard->world->registry;
    struct sn_allocation *allocation;

    if (name.size == 0 || name.size > SN_REGISTRY_MAX_NAME_BYTES)
        return -EINVAL;
    allocation = allocate(actor, name.size);
    if (allocation == NULL)
        return -ENOMEM;
    memcpy(allocation + 1, name.data, name.size);
    int rc = sn_registry_insert(registry, name.data, name.size, actor->ref.value);
    if (rc == 0)
        allocation->name_size = name.size;
    else
        release_allocation(actor, allocation);
    return rc;
}

void sn_allocations_end(struct sn_actor *actor)
{
    while (actor->allocations != NULL)
        release_allocation(actor, actor->allocations);
}
