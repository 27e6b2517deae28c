/* SPDX-License-Identifier: MIT */
/*
 * What an incarnation owns and the runtime takes back at its end: memory, scratch memory and the
 * clean-ups that its handlers registered.
 *
 * Clean-ups run before the memory goes, the last registered first, in one turn of their own, which
 * has no effects: what they send is discarded. Each leaves the list before it runs, so that one
 * that fails is not run again.
 */
#include "shard/shard.h"

#include <errno.h>

/* Only when the bound is what refused it, and once for an incarnation that asks again and again. */
static void report_bound(struct sn_actor *actor, size_t size)
{
    const struct sn_world *world = actor->shard->world;
    uint64_t bound = actor->type->memory_bytes;

    if (bound > 0 && !actor->told_bound)
        sn_shard_log(actor->shard, SN_LOG_FAILURES, SN_LOG_WARNING,
                     "%s[%u] is refused %zu bytes: it holds %llu of its %llu",
                     world->pools[actor->pool].type->name, actor->index, size,
                     (unsigned long long)actor->arena.used, (unsigned long long)bound);
    actor->told_bound = true;
}

void *sn_alloc(struct sn_actor *actor, size_t size)
{
    void *memory =
        sn_arena_alloc(&actor->arena, &actor->shard->blocks, actor->type->memory_bytes, size);

    if (memory == NULL)
        report_bound(actor, size);
    return memory;
}

void sn_free(struct sn_actor *actor, void *memory)
{
    sn_arena_free(&actor->arena, &actor->shard->blocks, memory);
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
    size_t whole = sizeof *scratch + size;

    if (size > SIZE_MAX / 2)
        return NULL;
    uint8_t size_class = sn_block_class_of(whole);
    uint64_t charge = sn_block_charge(size_class, whole);
    if (!sn_arena_charge(&actor->arena, actor->type->memory_bytes, charge)) {
        report_bound(actor, size);
        return NULL;
    }
    scratch = sn_block_alloc(&shard->blocks, size_class, whole);
    if (scratch == NULL) {
        actor->arena.used -= charge;
        return NULL;
    }
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
        uint8_t size_class = (uint8_t)scratch->size_class;

        shard->turn.scratch = scratch->next;
        shard->turn.actor->arena.used -= sn_block_size(size_class, scratch);
        sn_block_free(&shard->blocks, size_class, scratch);
    }
}

struct sn_clean_up {
    struct sn_clean_up *next;
    void (*run)(void *resource);
    void *resource;
};

int sn_defer(struct sn_actor *actor, void (*clean_up)(void *resource), void *resource)
{
    struct sn_clean_up *entry = sn_alloc(actor, sizeof *entry);

    if (entry == NULL)
        return -ENOMEM;
    *entry = (struct sn_clean_up){actor->clean_ups, clean_up, resource};
    actor->clean_ups = entry;
    return 0;
}

bool sn_undefer(struct sn_actor *actor, const void *resource)
{
    struct sn_clean_up **place = &actor->clean_ups;

    while (*place != NULL && (*place)->resource != resource)
        place = &(*place)->next;
    if (*place == NULL)
        return false;
    struct sn_clean_up *entry = *place;
    *place = entry->next;
    sn_free(actor, entry);
    return true;
}

void sn_clean_ups_run(struct sn_shard *shard, struct sn_actor *actor)
{
    if (actor->clean_ups == NULL)
        return;
    sn_turn_begin(shard, actor, NULL);
    shard->turn.hook = SN_HOOK_CLEAN_UP;
    sn_trail_note(shard, actor, sn_hook_what(SN_HOOK_CLEAN_UP));
    while (actor->clean_ups != NULL) {
        struct sn_clean_up entry = *actor->clean_ups;

        sn_free(actor, actor->clean_ups);
        actor->clean_ups = entry.next;
        entry.run(entry.resource);
    }
    sn_turn_end(shard, SN_SHUTDOWN); /* not 0: nothing that they did takes effect */
    shard->turn.hook = SN_HOOK_NONE;
}
