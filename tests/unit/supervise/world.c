/* SPDX-License-Identifier: MIT */

#include "world.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void *grow(void *array, size_t old_size, size_t new_size)
{
    char *bigger = realloc(array, new_size);

    ck_assert_ptr_nonnull(bigger);
    memset(bigger + old_size, 0, new_size - old_size);
    return bigger;
}

static void trace(struct world *world, const char *format, ...)
{
    va_list args;

    if (world->quiet)
        return;
    if (world->trace_capacity - world->trace_size < 256) {
        world->trace = grow(world->trace, world->trace_capacity, world->trace_capacity + 4096);
        world->trace_capacity += 4096;
    }
    world->trace_size += (size_t)sprintf(world->trace + world->trace_size, "[%lu] ",
                                         (unsigned long)(world->now_ns / MS));
    va_start(args, format);
    world->trace_size += (size_t)vsnprintf(world->trace + world->trace_size, 200, format, args);
    va_end(args);
    world->trace_size += (size_t)sprintf(world->trace + world->trace_size, "\n");
    if (world->loud) {
        fputs(world->trace, stderr);
        world_skip(world);
    }
}

/* "a" or "a/1"; the caller's buffer. */
static const char *member_name(const struct world *world, const struct sn_tree_effect *effect,
                               char *buffer)
{
    if (effect->member.index == SN_MEMBER_NONE.index)
        sprintf(buffer, "%.40s", effect->child);
    else if (world->actors[effect->member.index].single)
        sprintf(buffer, "%.40s#%u", effect->child, effect->incarnation);
    else
        sprintf(buffer, "%.40s/%u#%u", effect->child, effect->index, effect->incarnation);
    return buffer;
}

static const char *exit_name(struct sn_exit exit, char *buffer)
{
    static const char *const names[] = {"normal", "shutdown", "failed", "killed"};

    sprintf(buffer, exit.code ? "%s(%d)" : "%s", names[exit.kind], exit.code);
    return buffer;
}

/* ---- answers ---------------------------------------------------------------------------- */

static void send_answer(struct world *world, const struct actor *actor, enum sn_event_kind kind,
                        struct sn_exit exit, uint64_t after_ns)
{
    struct answer answer = {
        .at_ns = world->now_ns + after_ns,
        .event = {.kind = kind,
                  .member = {(uint32_t)(actor - world->actors)},
                  .incarnation = actor->incarnation,
                  .exit = exit},
    };

    if (world->answer_count == world->answer_capacity) {
        uint32_t capacity = world->answer_capacity + 64;

        world->answers = grow(world->answers, world->answer_capacity * sizeof(answer),
                              capacity * sizeof(answer));
        world->answer_capacity = capacity;
    }
    world->answers[world->answer_count++] = answer;
}

static void answer_start(struct world *world, struct actor *actor)
{
    struct behaviour *behaviour = &actor->behaviour;

    actor->owes_start = false;
    if (behaviour->fail_starts > 0) {
        behaviour->fail_starts--;
        send_answer(world, actor, SN_EVENT_START_FAILED, (struct sn_exit){SN_EXIT_FAILED, 1001}, 0);
    } else if (behaviour->ignore_starts > 0) {
        behaviour->ignore_starts--;
        send_answer(world, actor, SN_EVENT_IGNORED, (struct sn_exit){0}, 0);
    } else {
        actor->answered = true;
        send_answer(world, actor, SN_EVENT_STARTED, (struct sn_exit){0}, 0);
    }
}

static void answer_stop(struct world *world, struct actor *actor)
{
    struct sn_exit exit = {actor->behaviour.ending, 0};

    if (exit.kind == SN_EXIT_NORMAL)
        exit.kind = SN_EXIT_SHUTDOWN;
    if (exit.kind == SN_EXIT_FAILED)
        exit.code = 1002;
    actor->owes_stop = false;
    send_answer(world, actor, SN_EVENT_EXITED, exit, actor->behaviour.stop_takes_ms * MS);
}

/* The tree sees an answer: an incarnation that ended is dead from now on. */
void world_deliver(struct world *world, const struct sn_tree_event *event)
{
    struct sn_tree_event now = *event;

    now.now_ns = world->now_ns;
    if (event->kind == SN_EVENT_EXITED || event->kind == SN_EVENT_START_FAILED ||
        event->kind == SN_EVENT_IGNORED) {
        struct actor *actor = &world->actors[event->member.index];

        if (!actor->live || actor->incarnation != event->incarnation)
            return; /* it had ended already, by another cause */
        actor->ended = actor->incarnation;
        actor->ended_up = actor->answered;
        actor->exit = event->exit;
        actor->live = actor->owes_start = actor->owes_stop = actor->killed = false;
        world->live--;
    }
    sn_tree_step(world->tree, &now, &world->sink);
}

static bool deliver_one(struct world *world)
{
    for (uint32_t i = 0; i < world->answer_count; i++) {
        struct answer answer = world->answers[i];

        if (answer.at_ns > world->now_ns)
            continue;
        world->answer_count--;
        memmove(&world->answers[i], &world->answers[i + 1],
                (world->answer_count - i) * sizeof(answer));
        world_deliver(world, &answer.event);
        return true;
    }
    return false;
}

void world_settle(struct world *world)
{
    while (!world->manual && deliver_one(world))
        ;
}

/* ---- effects ---------------------------------------------------------------------------- */

static struct actor *subject(struct world *world, const struct sn_tree_effect *effect)
{
    uint32_t id = effect->member.index;
    struct actor *actor;

    ck_assert_uint_lt(id, sn_tree_member_bound(world->tree));
    if (id >= world->actor_capacity) {
        uint32_t capacity = id + 64;

        world->actors =
            grow(world->actors, world->actor_capacity * sizeof(*actor), capacity * sizeof(*actor));
        world->actor_capacity = capacity;
    }
    actor = &world->actors[id];
    if (!actor->name || effect->kind == SN_EFFECT_START) {
        struct sn_child_info info;

        ck_assert_int_eq(sn_tree_find_child(world->tree, effect->supervisor, effect->child, &info),
                         0);
        actor->single = !info.spec->dynamic && info.spec->members == 1;
        actor->name = effect->child;
        actor->pool = effect->pool;
        actor->index = effect->index;
    }
    return actor;
}

static void on_start(struct world *world, const struct sn_tree_effect *effect)
{
    struct actor *actor = subject(world, effect);
    char name[64];

    ck_assert_msg(!actor->live, "%s starts twice", effect->child);
    ck_assert_uint_eq(effect->restored, actor->known);
    ck_assert_uint_eq(effect->incarnation, actor->incarnation + 1);
    if (!actor->known)
        world->known++;
    world->starts++;
    world->live++;
    actor->incarnation = effect->incarnation;
    actor->live = actor->known = actor->owes_start = true;
    actor->answered = actor->owes_stop = actor->killed = false;
    trace(world, "start %s%s", member_name(world, effect, name),
          effect->restored ? " restored" : "");
    if (!actor->behaviour.hangs && !world->manual)
        answer_start(world, actor);
}

static void on_stop(struct world *world, const struct sn_tree_effect *effect)
{
    static const char *const whys[] = {"shutdown", "restart", "give up"};
    struct actor *actor = subject(world, effect);
    char name[64];

    ck_assert_msg(actor->live, "%s is stopped and does not live", effect->child);
    ck_assert_uint_eq(effect->incarnation, actor->incarnation);
    actor->owes_stop = true;
    member_name(world, effect, name);
    if (effect->deadline_ns == SN_SHUTDOWN_INFINITE)
        trace(world, "stop %s %s", name, whys[effect->why]);
    else
        trace(world, "stop %s %s by %lu", name, whys[effect->why],
              (unsigned long)(effect->deadline_ns / MS));
    if (!actor->behaviour.stubborn && !world->manual && !actor->owes_start)
        answer_stop(world, actor);
}

static void on_kill(struct world *world, const struct sn_tree_effect *effect)
{
    struct actor *actor = subject(world, effect);
    char name[64];

    ck_assert_msg(actor->live, "%s is killed and does not live", effect->child);
    ck_assert_uint_eq(effect->incarnation, actor->incarnation);
    ck_assert_msg(!actor->killed, "%s is killed twice", effect->child);
    actor->killed = true;
    trace(world, "kill %s", member_name(world, effect, name));
    if (!world->manual)
        send_answer(world, actor, SN_EVENT_EXITED, (struct sn_exit){SN_EXIT_KILLED, 0}, 0);
}

static void on_gone(struct world *world, const struct sn_tree_effect *effect)
{
    struct actor *actor = subject(world, effect);
    char name[64];

    ck_assert_msg(!actor->live, "%s is gone and lives", effect->child);
    ck_assert_msg(actor->known, "%s is gone twice", effect->child);
    actor->known = false;
    world->known--;
    trace(world, "gone %s", member_name(world, effect, name));
}

static void on_note(struct world *world, const struct sn_tree_effect *effect)
{
    static const char *const notes[] = {"restarts", "gives up", "shuts down", "loses", "kills"};
    char name[64], reason[64];

    if (!world->notes)
        return;
    member_name(world, effect, name);
    exit_name(effect->exit, reason);
    if (effect->note == SN_NOTE_RESTART)
        trace(world, "%s %s for %s at %lu: %s", effect->supervisor, notes[effect->note], name,
              (unsigned long)(effect->deadline_ns / MS), reason);
    else
        trace(world, "%s %s for %s: %s", effect->supervisor, notes[effect->note], name, reason);
}

static void on_root(struct world *world, const struct sn_tree_effect *effect)
{
    char reason[64];

    world->outcome = effect->kind;
    world->result = effect->result;
    if (effect->kind == SN_EFFECT_STARTED) {
        trace(world, "tree started");
        return;
    }
    ck_assert_msg(world->live == 0, "the tree is down and a member lives");
    ck_assert_msg(world->known == 0, "the tree is down and a member is not gone");
    if (effect->kind == SN_EFFECT_STOPPED)
        trace(world, "tree stopped: %d", effect->result);
    else
        trace(world, "tree failed: %s in %s, %s", effect->child, effect->supervisor,
              exit_name(effect->exit, reason));
}

static void on_timer(struct world *world, const struct sn_tree_effect *effect)
{
    world->timer_set = effect->kind == SN_EFFECT_SET_TIMER;
    world->timer_ns = effect->deadline_ns;
    if (!world->timers)
        return;
    if (world->timer_set)
        trace(world, "timer %lu", (unsigned long)(world->timer_ns / MS));
    else
        trace(world, "no timer");
}

static void on_answer(struct world *world, const struct sn_tree_effect *effect)
{
    world->answer_token = effect->token;
    world->answer_result = effect->result;
    world->answer_member = effect->member;
    world->answers_seen++;
    trace(world, "answer %lu: %d", (unsigned long)effect->token, effect->result);
}

static void on_effect(struct sn_tree_sink *sink, const struct sn_tree_effect *effect)
{
    struct world *world = (struct world *)sink; /* its first member */

    switch (effect->kind) {
    case SN_EFFECT_START:
        on_start(world, effect);
        break;
    case SN_EFFECT_STOP:
        on_stop(world, effect);
        break;
    case SN_EFFECT_KILL:
        on_kill(world, effect);
        break;
    case SN_EFFECT_GONE:
        on_gone(world, effect);
        break;
    case SN_EFFECT_SET_TIMER:
    case SN_EFFECT_CLEAR_TIMER:
        on_timer(world, effect);
        break;
    case SN_EFFECT_STARTED:
    case SN_EFFECT_START_FAILED:
    case SN_EFFECT_STOPPED:
        on_root(world, effect);
        break;
    case SN_EFFECT_ANSWER:
        on_answer(world, effect);
        break;
    case SN_EFFECT_NOTE:
        on_note(world, effect);
        break;
    }
    if (world->watch)
        world->watch(world, effect);
}

/* ---- events ----------------------------------------------------------------------------- */

void world_init_with(struct world *world, const struct sn_supervisor_spec *root,
                     const struct sn_tree_options *options)
{
    *world = (struct world){.sink = {.effect = on_effect}};
    ck_assert_int_eq(sn_tree_create(root, options, &world->tree), 0);
    world->actor_capacity = sn_tree_member_bound(world->tree) + 64;
    world->actors = grow(NULL, 0, world->actor_capacity * sizeof(struct actor));
}

void world_init(struct world *world, const struct sn_supervisor_spec *root)
{
    world_init_with(world, root, &(struct sn_tree_options){.seed = 1});
}

void world_fini(struct world *world)
{
    sn_tree_destroy(world->tree);
    free(world->actors);
    free(world->answers);
    free(world->trace);
}

void world_post(struct world *world, struct sn_tree_event event)
{
    event.now_ns = world->now_ns;
    sn_tree_step(world->tree, &event, &world->sink);
}

static void post_kind(struct world *world, enum sn_event_kind kind)
{
    world_post(world, (struct sn_tree_event){.kind = kind});
    world_settle(world);
}

void world_start(struct world *world)
{
    post_kind(world, SN_EVENT_START);
}

void world_stop(struct world *world)
{
    post_kind(world, SN_EVENT_STOP);
}

void world_kill(struct world *world)
{
    post_kind(world, SN_EVENT_KILL);
}

void world_exit(struct world *world, uint32_t pool, uint32_t index, enum sn_exit_kind kind)
{
    struct actor *actor = world_actor(world, pool, index);
    int code = kind == SN_EXIT_FAILED ? 1000 : 0;

    ck_assert(actor->live);
    send_answer(world, actor, SN_EVENT_EXITED, (struct sn_exit){kind, code}, 0);
    world_settle(world);
}

void world_fail_start(struct world *world, uint32_t pool, uint32_t index, int code)
{
    struct actor *actor = world_actor(world, pool, index);

    ck_assert(actor->owes_start);
    actor->owes_start = false;
    send_answer(world, actor, SN_EVENT_START_FAILED, (struct sn_exit){SN_EXIT_FAILED, code}, 0);
    world_settle(world);
}

/* When the next thing happens by itself, at most `end_ns`. */
static uint64_t next_event(const struct world *world, uint64_t end_ns)
{
    uint64_t next_ns = end_ns;

    if (world->timer_set && world->timer_ns < next_ns)
        next_ns = world->timer_ns;
    for (uint32_t i = 0; i < world->answer_count; i++)
        if (world->answers[i].at_ns < next_ns)
            next_ns = world->answers[i].at_ns;
    return next_ns;
}

void world_advance(struct world *world, uint64_t ms)
{
    uint64_t end_ns = world->now_ns + ms * MS;

    for (;;) {
        uint64_t next_ns = next_event(world, end_ns);

        if (next_ns > world->now_ns)
            world->now_ns = next_ns;
        world_settle(world);
        if (world->timer_set && world->timer_ns <= world->now_ns) {
            world->timer_set = false;
            post_kind(world, SN_EVENT_TIMER);
        } else if (world->now_ns >= end_ns) {
            return;
        }
    }
}

void world_release(struct world *world, uint32_t pool, uint32_t index)
{
    struct actor *actor = world_actor(world, pool, index);
    bool stop = actor->owes_stop;

    ck_assert(actor->owes_start);
    answer_start(world, actor);
    if (stop && actor->answered)
        answer_stop(world, actor);
    world_settle(world);
}

static int request(struct world *world, struct sn_tree_event event)
{
    event.token = ++world->token;
    world_post(world, event);
    world_settle(world);
    return world->answer_token == world->token ? world->answer_result : -1;
}

int world_start_child(struct world *world, const char *supervisor, const struct sn_child_spec *spec)
{
    return request(world, (struct sn_tree_event){.kind = SN_EVENT_START_CHILD,
                                                 .supervisor = supervisor,
                                                 .spec = spec});
}

static int by_name(struct world *world, enum sn_event_kind kind, const char *supervisor,
                   const char *child)
{
    return request(world,
                   (struct sn_tree_event){.kind = kind, .supervisor = supervisor, .child = child});
}

int world_terminate(struct world *world, const char *supervisor, const char *child)
{
    return by_name(world, SN_EVENT_TERMINATE_CHILD, supervisor, child);
}

int world_restart(struct world *world, const char *supervisor, const char *child)
{
    return by_name(world, SN_EVENT_RESTART_CHILD, supervisor, child);
}

int world_delete(struct world *world, const char *supervisor, const char *child)
{
    return by_name(world, SN_EVENT_DELETE_CHILD, supervisor, child);
}

int world_add(struct world *world, uint32_t pool)
{
    return request(world, (struct sn_tree_event){.kind = SN_EVENT_ADD_MEMBER, .pool = pool});
}

int world_remove(struct world *world, uint32_t pool, uint32_t index)
{
    sn_member member = SN_MEMBER_NONE;

    sn_tree_member_find(world->tree, pool, index, &member);
    return request(world, (struct sn_tree_event){.kind = SN_EVENT_REMOVE_MEMBER, .member = member});
}

struct actor *world_actor(struct world *world, uint32_t pool, uint32_t index)
{
    sn_member member;

    ck_assert_int_eq(sn_tree_member_find(world->tree, pool, index, &member), 0);
    ck_assert_uint_lt(member.index, world->actor_capacity);
    return &world->actors[member.index];
}

struct behaviour *world_behave(struct world *world, uint32_t pool, uint32_t index)
{
    return &world_actor(world, pool, index)->behaviour;
}

/* ---- expectations ----------------------------------------------------------------------- */

void world_expect(struct world *world, const char *expected)
{
    const char *seen = world->trace_size ? world->trace : "";

    ck_assert_msg(strcmp(seen, expected) == 0, "\nexpected:\n%s\nseen:\n%s", expected, seen);
    world_skip(world);
}

void world_skip(struct world *world)
{
    world->trace_size = 0;
    if (world->trace)
        world->trace[0] = 0;
}

struct lister {
    struct sn_tree_visitor visitor;
    char text[1024];
    size_t size;
};

static void list_child(struct sn_tree_visitor *visitor, const struct sn_child_info *info)
{
    static const char *const states[] = {"down", "running", "restarting"};
    struct lister *lister = (struct lister *)visitor; /* its first member */

    lister->size += (size_t)snprintf(
        lister->text + lister->size, sizeof(lister->text) - lister->size, "%s%s:%s:%u",
        lister->size ? " " : "", info->spec->name, states[info->state], info->active);
}

void world_expect_children(struct world *world, const char *supervisor, const char *text)
{
    struct lister lister = {.visitor = {.child = list_child}};

    ck_assert_int_eq(sn_tree_which_children(world->tree, supervisor, &lister.visitor), 0);
    ck_assert_str_eq(lister.text, text);
}

void world_expect_counts(struct world *world, const char *supervisor, uint32_t specs,
                         uint32_t active, uint32_t supervisors, uint32_t pools)
{
    struct sn_child_counts counts;

    ck_assert_int_eq(sn_tree_count_children(world->tree, supervisor, &counts), 0);
    ck_assert_uint_eq(counts.specs, specs);
    ck_assert_uint_eq(counts.active, active);
    ck_assert_uint_eq(counts.supervisors, supervisors);
    ck_assert_uint_eq(counts.pools, pools);
}

int world_main(const char *suite_name, const TTest *const *tests, size_t count)
{
    Suite *suite = suite_create(suite_name);
    TCase *tcase = tcase_create(suite_name);
    SRunner *runner;
    int failed;

    tcase_set_timeout(tcase, 60);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(tcase, tests[i]);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
