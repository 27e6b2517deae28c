/* SPDX-License-Identifier: MIT */
/*
 * What a crash record says of a system: the shard that faulted and what it has handled last, or,
 * for a thread outside, nothing but the package. All of it runs in a signal handler
 * (crash/crash.c).
 */
#include "system/system.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct sn_recorder {
    struct sn_crash_place outside; /* threads that run no shard */
    struct sn_crash_thread *shards;
    uint32_t shard_count;
    char path[SN_RECORD_PATH_MAX + 1];
};

static void put_key(struct sn_crash_out *out, const char *key, const char *value)
{
    /* A key begins its line, without the space in front of values. */
    sn_crash_begin_line(out, key);
    sn_crash_put(out, value);
    sn_crash_end_line(out);
}

static void put_handler(struct sn_crash_out *out, const struct sn_shard *shard, const char *key,
                        uint64_t number)
{
    const struct sn_trail *trail = &shard->trail;
    struct sn_trail_text text;
    /* Relaxed: this thread wrote them. */
    uint64_t actor =
        atomic_load_explicit(&trail->entries[number % SN_TRAIL_SIZE].actor, memory_order_relaxed);
    uint64_t what =
        atomic_load_explicit(&trail->entries[number % SN_TRAIL_SIZE].what, memory_order_relaxed);

    if (!sn_trail_name(shard->world, actor, what, &text))
        return;
    sn_crash_begin_line(out, key);
    sn_crash_put_number(out, number);
    sn_crash_put(out, text.pool);
    sn_crash_put_number(out, text.index);
    sn_crash_put(out, text.kind);
    sn_crash_put(out, text.name);
    sn_crash_end_line(out);
}

static void describe_outside(struct sn_crash_out *out, const void *subject)
{
    const struct sn_world *world = subject;

    put_key(out, "package", world->package->name);
}

static void describe_shard(struct sn_crash_out *out, const void *subject)
{
    const struct sn_shard *shard = subject;
    /* Relaxed: this thread wrote them. */
    uint64_t count = atomic_load_explicit(&shard->trail.count, memory_order_relaxed);
    bool works = atomic_load_explicit(&shard->trail.work, memory_order_relaxed) % 2 == 1;
    uint64_t first = count > SN_TRAIL_SIZE ? count - SN_TRAIL_SIZE + 1 : 1;

    describe_outside(out, shard->world);
    sn_crash_begin_line(out, "shard");
    sn_crash_put_number(out, shard->index);
    sn_crash_end_line(out);
    for (uint64_t i = first; i <= count; i++)
        put_handler(out, shard, works && i == count ? "in" : "after", i);
}

/* An absolute path, because the program may change its directory; %p becomes the process's number.
 */
static int expand_path(const char *from, char *to)
{
    size_t size = 0;

    if (from[0] != '/') {
        if (getcwd(to, SN_RECORD_PATH_MAX) == NULL)
            return -errno;
        size = strlen(to);
        to[size++] = '/';
    }
    for (; *from != '\0'; from++) {
        char piece[16] = {*from, '\0'};

        if (from[0] == '%' && from[1] == 'p') {
            snprintf(piece, sizeof piece, "%ld", (long)getpid());
            from++;
        }
        size_t more = strlen(piece);
        if (size + more > SN_RECORD_PATH_MAX)
            return -ENAMETOOLONG;
        memcpy(to + size, piece, more + 1);
        size += more;
    }
    return 0;
}

/* Whether the file could be written: better known at the start than at the end. */
static int check_path(char *path)
{
    char *slash = strrchr(path, '/');
    int rc;

    if (slash[1] == '\0')
        return -EISDIR;
    *slash = '\0';
    rc = access(slash != path ? path : "/", W_OK | X_OK) == 0 ? 0 : -errno;
    *slash = '/';
    return rc == 0 && access(path, F_OK) == 0 && access(path, W_OK) != 0 ? -errno : rc;
}

int sn_recorder_start(struct sn_system *system)
{
    const struct sn_world *world = &system->world;
    struct sn_recorder *recorder;

    if (world->options.crash_record == NULL || system->sim != NULL)
        return 0;
    recorder = sn_alloc_zeroed(world->allocator, sizeof *recorder);
    if (recorder == NULL)
        return -ENOMEM;
    recorder->shard_count = world->shard_count;
    recorder->shards =
        sn_alloc_zeroed(world->allocator, world->shard_count * sizeof *recorder->shards);
    int rc = recorder->shards != NULL ? expand_path(world->options.crash_record, recorder->path)
                                      : -ENOMEM;
    if (rc == 0)
        rc = check_path(recorder->path);
    recorder->outside = (struct sn_crash_place){recorder->path, describe_outside, world};
    for (uint32_t i = 0; rc == 0 && i < world->shard_count; i++)
        recorder->shards[i].place =
            (struct sn_crash_place){recorder->path, describe_shard, world->shards[i]};
    if (rc == 0)
        rc = sn_crash_enable(&recorder->outside);
    if (rc == 0) {
        system->recorder = recorder;
        return 0;
    }
    sn_alloc_free(world->allocator, recorder->shards,
                  world->shard_count * sizeof *recorder->shards);
    sn_alloc_free(world->allocator, recorder, sizeof *recorder);
    return rc;
}

void sn_recorder_enter(struct sn_system *system, uint32_t shard)
{
    if (system->recorder == NULL)
        return;
    int rc = sn_crash_enter(&system->recorder->shards[shard], system->world.allocator);
    if (rc != 0)
        sn_world_log(&system->world, SN_LOG_WARNING, "shard %u leaves no crash record: %s", shard,
                     sn_result_name(rc));
}

void sn_recorder_leave(struct sn_system *system, uint32_t shard)
{
    if (system->recorder != NULL)
        sn_crash_leave(&system->recorder->shards[shard], system->world.allocator);
}

void sn_recorder_stop(struct sn_system *system)
{
    const struct sn_allocator *allocator = system->world.allocator;
    struct sn_recorder *recorder = system->recorder;

    if (recorder == NULL)
        return;
    sn_crash_disable(&recorder->outside);
    sn_alloc_free(allocator, recorder->shards, recorder->shard_count * sizeof *recorder->shards);
    sn_alloc_free(allocator, recorder, sizeof *recorder);
    system->recorder = NULL;
}
