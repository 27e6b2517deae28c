/* SPDX-License-Identifier: MIT */
/*
 * Making and freeing a shard, and the table of its actors.
 *
 * Slots are kept in chunks that never move, because other threads read them at any time; a chunk
 * is made when the first actor needs it. The record of an actor is the shard's alone.
 */
#include "shard/shard.h"

#include "registry/registry.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { LEASE_MAX = 64, TURNS_A_PASS = 64, MESSAGES_A_TURN = 32, LOG_LINES = 20 };

static enum sn_io_kind io_kind(enum sn_io_backend backend)
{
    switch (backend) {
    case SN_IO_BACKEND_URING:
        return SN_IO_URING;
    case SN_IO_BACKEND_EPOLL:
        return SN_IO_EPOLL;
    default:
        return SN_IO_AUTO;
    }
}

static size_t retain_max(const struct sn_package *package)
{
    size_t size = 1;

    for (uint16_t i = 0; i < package->worker_count; i++)
        if (package->workers[i].retain_size > size)
            size = package->workers[i].retain_size;
    return size;
}

static int allocate_tables(struct sn_shard *shard)
{
    const struct sn_world *world = shard->world;
    const struct sn_allocator *allocator = world->allocator;

    shard->retain_size = retain_max(world->package);
    shard->out = sn_alloc_zeroed(allocator, world->shard_count * sizeof *shard->out);
    shard->in = sn_alloc_zeroed(allocator, SN_PLACES_MAX * sizeof *shard->in);
    shard->retain = sn_alloc_zeroed(allocator, shard->retain_size);
    shard->router.cursors = sn_alloc_zeroed(allocator, (world->package->pool_count + 1u) *
                                                           sizeof *shard->router.cursors);
    if (!shard->out || !shard->in || !shard->retain || !shard->router.cursors)
        return -ENOMEM;
    int rc = sn_registry_reader_create(world->registry, &shard->names);
    if (rc == 0)
        rc = sn_nurseries_create(shard);
    if (rc != 0)
        return rc;
    if (world->stepper != NULL)
        return sn_io_create_from(world->stepper->io_ops, allocator, &shard->io);
    return sn_io_create(io_kind(world->options.io_backend), allocator, &shard->io);
}

int sn_shard_create(struct sn_world *world, uint32_t index, struct sn_shard **ret_shard)
{
    struct sn_shard *shard = sn_alloc_zeroed(world->allocator, sizeof *shard);

    if (shard == NULL)
        return -ENOMEM;
    uint64_t seed = world->options.seed + index;
    shard->world = world;
    shard->index = index;
    shard->router.world = world;
    shard->router.random = sn_random_next(&seed);
    shard->now_ns = sn_clock_now(world->clock);
    shard->asks.free = UINT32_MAX;
    shard->run_end = &shard->run_first;
    shard->turn.staged_end = &shard->turn.staged_first;
    shard->wake_timer.kind = SN_TIMER_WAKE;
    shard->turns_a_pass = TURNS_A_PASS;
    shard->messages_a_turn = MESSAGES_A_TURN;
    sn_wheel_init(&shard->wheel, shard->now_ns);
    sn_block_pool_init(&shard->blocks, world->allocator);
    int rc = allocate_tables(shard);
    if (rc != 0) {
        sn_shard_destroy(shard);
        return rc;
    }
    shard->inbox.io = shard->io;
    *ret_shard = shard;
    return 0;
}

static void destroy_actors(struct sn_shard *shard)
{
    const struct sn_allocator *allocator = shard->world->allocator;

    for (uint32_t i = 0; i < shard->slot_count; i++) {
        struct sn_actor *actor = sn_shard_actor(shard, i);

        if (actor != NULL && actor->life == SN_LIFE_NONE)
            sn_alloc_free(allocator, actor, sn_actor_size(actor->type));
    }
    sn_nurseries_destroy(shard);
    for (uint32_t i = 0; i < shard->slot_count; i += SN_SLOT_CHUNK)
        sn_alloc_free(allocator, sn_shard_chunk(shard, i), sizeof(struct sn_slot_chunk));
}

void sn_shard_destroy(struct sn_shard *shard)
{
    if (shard == NULL)
        return;
    const struct sn_world *world = shard->world;
    const struct sn_allocator *allocator = world->allocator;

    destroy_actors(shard);
    for (uint32_t i = 0; shard->out != NULL && i < world->shard_count; i++)
        sn_link_destroy(shard->out[i]);
    sn_alloc_free(allocator, shard->out, world->shard_count * sizeof *shard->out);
    sn_alloc_free(allocator, shard->in, SN_PLACES_MAX * sizeof *shard->in);
    sn_alloc_free(allocator, shard->retain, shard->retain_size);
    sn_alloc_free(allocator, shard->router.cursors,
                  (world->package->pool_count + 1u) * sizeof *shard->router.cursors);
    sn_alloc_free(allocator, shard->asks.entries,
                  shard->asks.capacity * sizeof *shard->asks.entries);
    sn_registry_reader_destroy(shard->names);
    if (shard->io != NULL)
        sn_io_destroy(shard->io);
    sn_block_pool_fini(&shard->blocks);
    sn_alloc_free(allocator, shard, sizeof *shard);
}

static struct sn_slot *add_slot(struct sn_shard *shard)
{
    uint32_t number = shard->slot_count;

    if (number == SN_SLOTS_MAX)
        return NULL;
    if (number % SN_SLOT_CHUNK == 0) {
        struct sn_slot_chunk *chunk = sn_alloc_zeroed(shard->world->allocator, sizeof *chunk);

        if (chunk == NULL)
            return NULL;
        /* Release, pairs with sn_shard_chunk(). */
        atomic_store_explicit(&shard->slots[number / SN_SLOT_CHUNK], chunk, memory_order_release);
    }
    shard->slot_count++;
    return &sn_shard_chunk(shard, number)->slots[number % SN_SLOT_CHUNK];
}

/* Several places at once spare an atomic operation each, but only where all shards together
 * can hold no more than a quarter of the mailbox; else single ones. */
static uint8_t lease_size(const struct sn_world *world, uint32_t capacity)
{
    uint32_t lease = capacity / (4 * world->shard_count);

    return (uint8_t)(lease < 1 ? 1 : lease > LEASE_MAX ? LEASE_MAX : lease);
}

bool sn_shard_seat_actor(struct sn_shard *shard, struct sn_actor *actor, uint16_t pool_index,
                         uint32_t index, const struct sn_worker_type *type)
{
    const struct sn_pool *pool = &shard->world->pools[pool_index];
    struct sn_slot *slot = add_slot(shard);
    uint32_t number = shard->slot_count - 1;

    if (slot == NULL)
        return false;
    sn_actor_init(actor, type);
    actor->careful =
        type->retain_size > 0 || type->slow_after_ns > 0 || shard->world->stepper != NULL;
    actor->shard = shard;
    actor->slot = slot;
    actor->ref = sn_ref_make(shard->index, number, 1);
    actor->pool = pool_index;
    actor->index = index;
    actor->bounded = slot->bounded_bytes = pool->type->capacity_bytes > 0;
    slot->lease = lease_size(shard->world, pool->capacity);
    /* Relaxed: no other thread knows the reference yet. */
    atomic_store_explicit(&slot->credits, (int32_t)pool->capacity + SN_PLANTED(capacity_off_by_one),
                          memory_order_relaxed);
    atomic_store_explicit(&slot->bytes, (int64_t)pool->type->capacity_bytes, memory_order_relaxed);
    atomic_store_explicit(&slot->generation, 1, memory_order_relaxed);
    /* Release, pairs with sn_world_actor(): what is constant of it is seen. */
    atomic_store_explicit(&sn_shard_chunk(shard, number)->actors[number % SN_SLOT_CHUNK], actor,
                          memory_order_release);
    return true;
}

struct sn_actor *sn_shard_add_actor(struct sn_shard *shard, uint16_t pool, uint32_t index,
                                    const struct sn_worker_type *type)
{
    const struct sn_allocator *allocator = shard->world->allocator;
    struct sn_actor *actor = sn_alloc_zeroed(allocator, sn_actor_size(type));

    if (actor == NULL || !sn_shard_seat_actor(shard, actor, pool, index, type)) {
        sn_alloc_free(allocator, actor, sn_actor_size(type));
        return NULL;
    }
    return actor;
}

static void write_log(const struct sn_world *world, struct sn_log_record record, const char *format,
                      va_list arguments)
{
    char text[512];
    int size = vsnprintf(text, sizeof text, format, arguments);

    if (record.suppressed > 0 && size >= 0 && (size_t)size < sizeof text)
        snprintf(text + size, sizeof text - (size_t)size, " (and %llu more like this before)",
                 (unsigned long long)record.suppressed);
    record.text = text;
    world->options.log(&record, world->options.user);
}

void sn_world_log(const struct sn_world *world, enum sn_log_level level, const char *format, ...)
{
    va_list arguments;

    if (world->options.log == NULL)
        return;
    va_start(arguments, format);
    write_log(world, (struct sn_log_record){.level = level}, format, arguments);
    va_end(arguments);
}

/* Whether one more line of a kind is too much now. */
static bool is_suppressed(struct sn_shard *shard, struct sn_log_limit *limit)
{
    uint32_t lines = shard->world->options.log_lines;

    if (limit->lines == 0 || shard->now_ns - limit->since_ns >= SN_SECOND) {
        limit->since_ns = shard->now_ns;
        limit->lines = 0;
    }
    if (limit->lines < (lines > 0 ? lines : LOG_LINES)) {
        limit->lines++;
        return false;
    }
    limit->suppressed++;
    return true;
}

void sn_shard_log(struct sn_shard *shard, enum sn_log_kind kind, enum sn_log_level level,
                  const char *format, ...)
{
    const struct sn_world *world = shard->world;
    struct sn_log_limit *limit = &shard->log_limits[kind];
    va_list arguments;

    if (world->options.log == NULL || is_suppressed(shard, limit))
        return;
    va_start(arguments, format);
    write_log(world, (struct sn_log_record){.level = level, .suppressed = limit->suppressed},
              format, arguments);
    va_end(arguments);
    limit->suppressed = 0;
}
