/* SPDX-License-Identifier: MIT */
/*
 * The watchdog: a thread that notices handlers that do not return.
 *
 * Every 5 ms it looks at each shard's trail (shard/trail.c): a shard that runs actors and has begun
 * no handler since the last look is in the same one, or in what the runtime does after it. From
 * `stuck_warn_ns` on that is a warning in the log, and again whenever the time has doubled; a
 * worker whose slow_after is longer gets that long. From `stuck_abort_ns` on it is the end of the
 * process. While all shards sleep so does the watchdog, for as long as it takes.
 *
 * Time is counted in looks, at most two intervals each: a process that was stopped, in a debugger
 * or with its machine, comes back to where it was. A thread that gets no processor cannot be told
 * from one that is stuck.
 *
 * The lock is for the end of shard threads: one that has left is not asked for its stack.
 */
#include "system/system.h"

#include <errno.h>
#include <execinfo.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TICK_NS (5 * SN_MS)
#define WARN_DEFAULT_NS (25 * SN_MS)
#define TRACE_WAIT_NS (500 * SN_MS)

enum { LINES_A_SECOND = 100 };

/* What is known of one shard. */
struct watched {
    struct sn_trace trace;
    pthread_t thread;
    bool present;     /* its thread may be asked */
    uint64_t count;   /* of the trail, at the last look */
    uint32_t work;    /* the same */
    uint64_t for_ns;  /* since when it has not moved */
    uint64_t next_ns; /* when to warn */
    bool warned;
};

struct sn_watchdog {
    struct sn_system *system;
    pthread_t thread;
    pthread_mutex_t lock;
    uint64_t warn_ns, abort_ns; /* UINT64_MAX: never */
    uint64_t second_ns;         /* when the lines of this second began to be counted */
    uint32_t lines;
    size_t size;
    struct watched watched[];
};

/* One line, unless there were too many in this second; the last words before an abort always, and
 * to standard error where there is no log. */
static void say(struct sn_watchdog *watchdog, enum sn_log_level level, const char *text)
{
    const struct sn_world *world = &watchdog->system->world;
    uint64_t now_ns = sn_clock_now(&sn_clock_system);

    if (now_ns - watchdog->second_ns >= SN_SECOND) {
        watchdog->second_ns = now_ns;
        watchdog->lines = 0;
    }
    if (level != SN_LOG_ERROR && watchdog->lines++ >= LINES_A_SECOND)
        return;
    if (world->options.log != NULL)
        sn_world_log(world, level, "%s", text);
    else if (level == SN_LOG_ERROR)
        fprintf(stderr, "sn: %s\n", text);
}

static void say_stack(struct sn_watchdog *watchdog, struct watched *watched,
                      enum sn_log_level level)
{
    char line[512];
    bool taken = watched->present && sn_trace_ask(watched->thread, &watched->trace, TRACE_WAIT_NS);
    char **names =
        taken ? backtrace_symbols(watched->trace.frames, (int)watched->trace.count) : NULL;

    if (names == NULL) {
        say(watchdog, level, "  its stack is not to be had");
        return;
    }
    for (uint32_t i = 0; i < watched->trace.count; i++) {
        snprintf(line, sizeof line, "  #%u %s", i, names[i]);
        say(watchdog, level, line);
    }
    free(names);
}

/* The handler that the shard is in, if it still is. */
static bool name_handler(const struct sn_world *world, const struct sn_trail *trail, uint64_t count,
                         struct sn_trail_text *ret_text)
{
    /* Relaxed: see struct sn_trail. */
    uint64_t actor =
        atomic_load_explicit(&trail->entries[count % SN_TRAIL_SIZE].actor, memory_order_relaxed);
    uint64_t what =
        atomic_load_explicit(&trail->entries[count % SN_TRAIL_SIZE].what, memory_order_relaxed);

    return atomic_load_explicit(&trail->count, memory_order_relaxed) == count &&
           sn_trail_name(world, actor, what, ret_text);
}

static void say_handler(struct sn_watchdog *watchdog, uint32_t shard, enum sn_log_level level,
                        const struct sn_trail_text *text, const char *ending)
{
    const struct watched *watched = &watchdog->watched[shard];
    char line[512];

    snprintf(line, sizeof line, "%s[%u] on shard %u has been in %s %s for %llu ms%s", text->pool,
             text->index, shard, text->kind, text->name,
             (unsigned long long)(watched->for_ns / SN_MS), ending);
    say(watchdog, level, line);
}

/* The stuck thread is the one that shall die, so that its stack is the one in the core file. */
static _Noreturn void give_up(struct watched *watched)
{
    const struct timespec patience = {.tv_sec = 1};

    if (watched->present && pthread_kill(watched->thread, SIGABRT) == 0)
        nanosleep(&patience, NULL);
    abort();
}

static void judge(struct sn_watchdog *watchdog, uint32_t shard)
{
    const struct sn_world *world = &watchdog->system->world;
    struct watched *watched = &watchdog->watched[shard];
    struct sn_trail_text text;

    if (watched->for_ns < watched->next_ns && watched->for_ns < watchdog->abort_ns)
        return;
    if (!name_handler(world, &world->shards[shard]->trail, watched->count, &text))
        return;
    pthread_mutex_lock(&watchdog->lock);
    if (watched->for_ns >= watchdog->abort_ns) {
        say_handler(watchdog, shard, SN_LOG_ERROR, &text, ": the process is aborted");
        say_stack(watchdog, watched, SN_LOG_ERROR);
        give_up(watched);
    }
    if (watched->for_ns >= text.slow_after_ns) {
        say_handler(watchdog, shard, SN_LOG_WARNING, &text, "");
        say_stack(watchdog, watched, SN_LOG_WARNING);
        watched->next_ns = 2 * watched->for_ns;
        watched->warned = true;
    }
    pthread_mutex_unlock(&watchdog->lock);
}

/* Returns whether there is nothing more to say about the shard. */
static bool look(struct sn_watchdog *watchdog, uint32_t shard, uint64_t elapsed_ns)
{
    struct watched *watched = &watchdog->watched[shard];
    const struct sn_trail *trail = &watchdog->system->world.shards[shard]->trail;
    /* Relaxed: see struct sn_trail. */
    uint64_t count = atomic_load_explicit(&trail->count, memory_order_relaxed);
    uint32_t work = atomic_load_explicit(&trail->work, memory_order_relaxed);

    if (count == watched->count && work == watched->work && work % 2 == 1) {
        watched->for_ns += elapsed_ns;
        judge(watchdog, shard);
        return !watched->warned;
    }
    watched->count = count;
    watched->work = work;
    watched->for_ns = 0;
    watched->next_ns = watchdog->warn_ns;
    if (watched->warned) {
        char line[64];

        snprintf(line, sizeof line, "shard %u goes on", shard);
        say(watchdog, SN_LOG_INFO, line);
    }
    watched->warned = false;
    return true;
}

static bool look_at_all(struct sn_watchdog *watchdog, uint64_t elapsed_ns)
{
    bool calm = true;

    for (uint32_t i = 0; i < watchdog->system->world.shard_count; i++)
        calm &= look(watchdog, i, elapsed_ns < 2 * TICK_NS ? elapsed_ns : 2 * TICK_NS);
    return calm;
}

static bool all_rest(const struct sn_world *world)
{
    for (uint32_t i = 0; i < world->shard_count; i++)
        /* Sequentially consistent: W2 in shard/trail.c. */
        if (atomic_load_explicit(&world->shards[i]->trail.resting, memory_order_seq_cst) == 0)
            return false;
    return true;
}

/* Sleep while all shards do. */
static void rest(struct sn_world *world)
{
    uint32_t state = SN_WATCH_AWAKE;

    if (!all_rest(world))
        return;
    /* W2: before the second look at the shards. Only from AWAKE, so that QUIT stays. */
    if (atomic_compare_exchange_strong_explicit(&world->watch, &state, SN_WATCH_ASLEEP,
                                                memory_order_seq_cst, memory_order_relaxed) &&
        all_rest(world))
        sn_futex_wait(&world->watch, SN_WATCH_ASLEEP, SN_FOREVER);
    state = SN_WATCH_ASLEEP;
    /* As above; a shard may have done it already. */
    atomic_compare_exchange_strong_explicit(&world->watch, &state, SN_WATCH_AWAKE,
                                            memory_order_seq_cst, memory_order_relaxed);
}

static void *run(void *argument)
{
    struct sn_watchdog *watchdog = argument;
    struct sn_world *world = &watchdog->system->world;
    uint64_t before_ns = sn_clock_now(&sn_clock_system);

    /* Acquire: with QUIT the stopping thread is done with all that is used here. */
    while (atomic_load_explicit(&world->watch, memory_order_acquire) != SN_WATCH_QUIT) {
        sn_futex_wait(&world->watch, SN_WATCH_AWAKE, TICK_NS);
        uint64_t now_ns = sn_clock_now(&sn_clock_system), elapsed_ns = now_ns - before_ns;
        before_ns = now_ns;
        if (look_at_all(watchdog, elapsed_ns))
            rest(world);
    }
    return NULL;
}

int sn_watchdog_start(struct sn_system *system)
{
    const struct sn_world *world = &system->world;
    const struct sn_system_options *options = &world->options;
    struct sn_watchdog *watchdog;
    size_t size = sizeof *watchdog + world->shard_count * sizeof *watchdog->watched;

    if (options->stuck_warn_ns == SN_FOREVER && options->stuck_abort_ns == 0)
        return 0;
    watchdog = sn_alloc_zeroed(world->allocator, size);
    if (watchdog == NULL)
        return -ENOMEM;
    int rc = sn_trace_enable();
    if (rc != 0) {
        sn_alloc_free(world->allocator, watchdog, size);
        return rc;
    }
    watchdog->system = system;
    watchdog->size = size;
    watchdog->warn_ns = options->stuck_warn_ns > 0 ? options->stuck_warn_ns : WARN_DEFAULT_NS;
    watchdog->abort_ns = options->stuck_abort_ns > 0 ? options->stuck_abort_ns : UINT64_MAX;
    pthread_mutex_init(&watchdog->lock, NULL);
    rc = -pthread_create(&watchdog->thread, NULL, run, watchdog);
    if (rc == 0) {
        pthread_setname_np(watchdog->thread, "sn-watchdog");
        system->watchdog = watchdog;
        return 0;
    }
    pthread_mutex_destroy(&watchdog->lock);
    sn_trace_disable();
    sn_alloc_free(world->allocator, watchdog, size);
    return rc;
}

void sn_watchdog_enter(struct sn_watchdog *watchdog, uint32_t shard)
{
    if (watchdog == NULL)
        return;
    struct watched *watched = &watchdog->watched[shard];

    sn_trace_enter(&watched->trace);
    pthread_mutex_lock(&watchdog->lock);
    watched->thread = pthread_self();
    watched->present = true;
    pthread_mutex_unlock(&watchdog->lock);
}

void sn_watchdog_leave(struct sn_watchdog *watchdog, uint32_t shard)
{
    if (watchdog == NULL)
        return;
    pthread_mutex_lock(&watchdog->lock);
    watchdog->watched[shard].present = false;
    pthread_mutex_unlock(&watchdog->lock);
    sn_trace_enter(NULL);
}

void sn_watchdog_stop(struct sn_system *system)
{
    struct sn_watchdog *watchdog = system->watchdog;

    if (watchdog == NULL)
        return;
    /* Release, pairs with run(). */
    atomic_store_explicit(&system->world.watch, SN_WATCH_QUIT, memory_order_seq_cst);
    sn_futex_wake(&system->world.watch);
    pthread_join(watchdog->thread, NULL);
    pthread_mutex_destroy(&watchdog->lock);
    sn_trace_disable();
    sn_alloc_free(system->world.allocator, watchdog, watchdog->size);
    system->watchdog = NULL;
}
