/* SPDX-License-Identifier: MIT */

/*
 * Random trees under random events, thousands of seeds. Besides what the world checks at every
 * effect, this test holds the tree against an independent account of what it may do:
 *
 *   - a restart is noted only for an end that its restart type restarts, once for each end;
 *   - a supervisor gives up exactly when one more restart would be too many: all its restarts are
 *     kept in a list and counted one by one;
 *   - a member stops only when nothing later in its supervisor lives, a member of a group starts
 *     only when nothing earlier in its supervisor is still starting;
 *   - every request is answered once; when everybody answers at last, the tree comes to rest, and
 *     it can be stopped from any state.
 */

#include "world.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { SUPERVISORS = 12, CHILDREN = 5, POOLS = 64, TIMES = 4096, TOKENS = 4096 };

/* One supervisor of a random tree, and the account of it. */
struct node {
    struct sn_supervisor_spec spec;
    struct sn_child_spec children[CHILDREN];
    char name[8];
    char names[CHILDREN][8];
    struct node *parent;
    uint32_t place;           /* in the parent */
    uint64_t times_ns[TIMES]; /* of all restarts */
    uint32_t count;
    uint32_t fresh; /* those before this one are forgotten, or will be in a moment */
};

struct run {
    struct world world; /* first: the watcher casts */
    uint64_t random;
    struct node nodes[SUPERVISORS];
    uint32_t node_count;
    struct node *owners[POOLS];
    uint32_t places[POOLS];
    uint32_t pool_count;
    uint8_t answered[TOKENS];
    bool admin;    /* requests about children are made: the account of windows is off */
    bool stopping; /* the tree was asked to stop */
    bool killing;
    bool calm; /* nothing fails any more */
};

static uint32_t draw(struct run *run, uint32_t below)
{
    run->random += UINT64_C(0x9e3779b97f4a7c15);

    uint64_t z = run->random;

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)((z ^ (z >> 31)) >> 33) % below;
}

/* ---- random trees ----------------------------------------------------------------------- */

static uint64_t draw_shutdown(struct run *run)
{
    static const uint64_t times[] = {SN_SHUTDOWN_BRUTAL, 2 * MS, 10 * MS, 30 * MS,
                                     SN_SHUTDOWN_INFINITE};

    return times[draw(run, 5)];
}

static struct node *make_node(struct run *run, uint32_t depth);

static void make_child(struct run *run, struct node *node, uint32_t place, uint32_t depth)
{
    struct sn_child_spec *child = &node->children[place];

    child->name = node->names[place];
    child->restart = (uint8_t)draw(run, 3);
    child->shutdown_ns = draw_shutdown(run);
    if (depth < 3 && run->node_count < SUPERVISORS && draw(run, 3) == 0) {
        struct node *below = make_node(run, depth + 1);

        below->parent = node;
        below->place = place;
        child->supervisor = &below->spec;
        memcpy(node->names[place], below->name, sizeof below->name);
    } else {
        child->pool = run->pool_count++;
        child->dynamic = draw(run, 4) == 0;
        child->members = 1 + draw(run, 3);
        run->owners[child->pool] = node;
        run->places[child->pool] = place;
        sprintf(node->names[place], "p%u", child->pool);
    }
    child->significant = node->spec.auto_shutdown != SN_AUTO_SHUTDOWN_NEVER &&
                         child->restart != SN_PERMANENT && !child->dynamic && draw(run, 2);
}

static struct node *make_node(struct run *run, uint32_t depth)
{
    struct node *node = &run->nodes[run->node_count];
    struct sn_supervisor_spec *spec = &node->spec;

    sprintf(node->name, "s%u", run->node_count++);
    spec->name = node->name;
    spec->strategy = (uint8_t)draw(run, 3);
    spec->auto_shutdown = draw(run, 4) ? SN_AUTO_SHUTDOWN_NEVER : (uint8_t)(1 + draw(run, 2));
    spec->restarts = draw(run, 5) ? draw(run, 6) : SN_RESTARTS_UNLIMITED;
    spec->window_ns = (1 + draw(run, 40)) * MS;
    if (draw(run, 3) == 0) {
        spec->backoff_min_ns = 1 + draw(run, 3 * MS);
        spec->backoff_max_ns = spec->backoff_min_ns + draw(run, 20 * MS);
    }
    spec->children = node->children;
    spec->child_count = draw(run, CHILDREN + 1);
    for (uint32_t i = 0; i < spec->child_count; i++)
        make_child(run, node, i, depth);
    return node;
}

/* ---- the account ------------------------------------------------------------------------ */

static struct node *find_node(struct run *run, const char *name)
{
    for (uint32_t i = 0; i < run->node_count; i++)
        if (strcmp(run->nodes[i].name, name) == 0)
            return &run->nodes[i];
    ck_abort_msg("no supervisor %s", name);
    return NULL;
}

static uint32_t place_of(const struct node *node, const char *child)
{
    for (uint32_t i = 0; i < node->spec.child_count; i++)
        if (strcmp(node->names[i], child) == 0)
            return i;
    ck_abort_msg("no child %s", child);
    return 0;
}

/*
 * The supervisors below some places of `node` are about to be stopped, and begin with an empty
 * window when they start again. Until they are reached they may still restart and give up by
 * their old account, so both accounts are good.
 */
static void forget_below(struct run *run, const struct node *node, uint32_t first, uint32_t last)
{
    for (uint32_t i = 0; i < run->node_count; i++) {
        struct node *below = &run->nodes[i];

        if (below->parent != node || below->place < first || below->place > last)
            continue;
        below->fresh = below->count;
        forget_below(run, below, 0, CHILDREN);
    }
}

static void forget(struct run *run, struct node *node)
{
    node->count = node->fresh = 0;
    forget_below(run, node, 0, CHILDREN);
}

static uint32_t in_window(const struct node *node, uint32_t first, uint64_t now_ns)
{
    uint32_t count = 0;

    for (uint32_t i = first; i < node->count; i++)
        count += now_ns - node->times_ns[i] < node->spec.window_ns;
    return count;
}

static void account_restart(struct run *run, struct node *node, uint32_t place)
{
    uint32_t last = CHILDREN;
    uint64_t now_ns = run->world.now_ns;

    if (node->spec.restarts != SN_RESTARTS_UNLIMITED)
        ck_assert_uint_lt(in_window(node, node->fresh, now_ns), node->spec.restarts);
    ck_assert_uint_lt(node->count, TIMES);
    node->times_ns[node->count++] = now_ns;
    if (node->spec.strategy == SN_ONE_FOR_ONE)
        last = place;
    if (node->spec.strategy == SN_ONE_FOR_ALL)
        place = 0;
    forget_below(run, node, place, last);
}

static void account_give_up(struct run *run, struct node *node)
{
    uint64_t now_ns = run->world.now_ns;

    ck_assert_uint_ne(node->spec.restarts, SN_RESTARTS_UNLIMITED);
    ck_assert(in_window(node, 0, now_ns) == node->spec.restarts ||
              in_window(node, node->fresh, now_ns) == node->spec.restarts);
    forget(run, node);
}

/* The end that a note is about, in the eyes of the world. */
static void check_subject(struct run *run, const struct sn_tree_effect *effect,
                          enum sn_restart type)
{
    const struct actor *actor = &run->world.actors[effect->member.index];
    bool again = type == SN_PERMANENT ||
                 (type == SN_TRANSIENT && actor->exit.kind >= SN_EXIT_FAILED) ||
                 !actor->ended_up; /* a try that failed */

    ck_assert(!actor->live);
    ck_assert_uint_eq(actor->ended, effect->incarnation);
    ck_assert_int_eq(actor->exit.kind, effect->exit.kind);
    ck_assert_int_eq(actor->exit.code, effect->exit.code);
    ck_assert_int_eq(again, effect->note == SN_NOTE_RESTART || effect->note == SN_NOTE_GAVE_UP);
}

static void on_note(struct run *run, const struct sn_tree_effect *effect)
{
    struct node *node = find_node(run, effect->supervisor);
    uint32_t place;

    if (strncmp(effect->child, "late", 4) == 0)
        return;
    place = place_of(node, effect->child);
    if (effect->member.index != SN_MEMBER_NONE.index && effect->note != SN_NOTE_KILLED &&
        effect->note != SN_NOTE_AUTO_SHUTDOWN)
        check_subject(run, effect, (enum sn_restart)node->children[place].restart);
    if (effect->note == SN_NOTE_AUTO_SHUTDOWN) {
        ck_assert(node->children[place].significant);
        forget(run, node);
    }
    if (run->admin)
        return;
    if (effect->note == SN_NOTE_RESTART)
        account_restart(run, node, place);
    if (effect->note == SN_NOTE_GAVE_UP)
        account_give_up(run, node);
}

/* Whether a living member is in `node`, after `place`; directly or below. */
static bool is_after(const struct run *run, const struct actor *actor, const struct node *node,
                     uint32_t place)
{
    const struct node *at = run->owners[actor->pool];
    uint32_t at_place = run->places[actor->pool];

    while (at != node && at->parent) {
        at_place = at->place;
        at = at->parent;
    }
    return at == node && at_place > place;
}

static void check_order(struct run *run, const struct sn_tree_effect *effect)
{
    struct world *w = &run->world;
    const struct node *node = run->owners[effect->pool];
    uint32_t place = run->places[effect->pool];

    if (run->admin || run->killing || node->children[place].dynamic)
        return;
    for (uint32_t i = 0; i < sn_tree_member_bound(w->tree); i++) {
        const struct actor *actor = &w->actors[i];

        if (!actor->live || !actor->name)
            continue;
        if (effect->kind == SN_EFFECT_STOP)
            ck_assert_msg(!is_after(run, actor, node, place), "%s stops before %s", effect->child,
                          actor->name);
        else if (node->spec.strategy != SN_ONE_FOR_ONE && actor->owes_start &&
                 run->owners[actor->pool] == node)
            ck_assert_msg(run->places[actor->pool] >= place ||
                              node->children[run->places[actor->pool]].dynamic,
                          "%s starts before %s has", effect->child, actor->name);
    }
}

static void watch(struct world *world, const struct sn_tree_effect *effect)
{
    struct run *run = (struct run *)world; /* its first member */

    if (effect->kind == SN_EFFECT_NOTE)
        on_note(run, effect);
    if (effect->kind == SN_EFFECT_START || effect->kind == SN_EFFECT_STOP)
        check_order(run, effect);
    if (effect->kind == SN_EFFECT_ANSWER) {
        ck_assert_uint_lt(effect->token, TOKENS);
        ck_assert_msg(run->answered[effect->token]++ == 0, "answered twice");
    }
    if (effect->kind == SN_EFFECT_STOPPED || effect->kind == SN_EFFECT_START_FAILED)
        for (uint32_t i = 0; i < run->node_count; i++)
            run->nodes[i].count = run->nodes[i].fresh = 0;
}

/* ---- random events ---------------------------------------------------------------------- */

static void tell(struct run *run, uint32_t id, enum sn_event_kind kind, struct sn_exit exit)
{
    struct sn_tree_event event = {.kind = kind,
                                  .member = {id},
                                  .incarnation = run->world.actors[id].incarnation,
                                  .exit = exit};

    world_deliver(&run->world, &event);
}

static struct sn_exit draw_exit(struct run *run)
{
    struct sn_exit exit = {(enum sn_exit_kind)draw(run, 4), 0};

    if (exit.kind == SN_EXIT_FAILED)
        exit.code = 1000 + (int)draw(run, 10);
    return exit;
}

static void answer_start(struct run *run, uint32_t id)
{
    struct actor *actor = &run->world.actors[id];
    uint32_t how = run->calm ? 0 : draw(run, 20);

    actor->owes_start = false;
    if (how < 16) {
        actor->answered = true;
        tell(run, id, SN_EVENT_STARTED, (struct sn_exit){0});
    } else if (how < 18) {
        tell(run, id, SN_EVENT_START_FAILED, draw_exit(run));
    } else if (how < 19) {
        tell(run, id, SN_EVENT_IGNORED, (struct sn_exit){0});
    } else {
        tell(run, id, SN_EVENT_EXITED, draw_exit(run));
    }
}

static void poke_member(struct run *run, uint32_t id)
{
    struct actor *actor = &run->world.actors[id];

    if (!actor->live)
        return;
    if (actor->owes_start)
        answer_start(run, id);
    else if (actor->owes_stop || actor->killed || (!run->calm && draw(run, 8) == 0))
        tell(run, id, SN_EVENT_EXITED, draw_exit(run));
}

static void pass_time(struct run *run, uint64_t ns)
{
    struct world *w = &run->world;

    w->now_ns += ns;
    if (w->timer_set && w->timer_ns <= w->now_ns) {
        w->timer_set = false;
        world_post(w, (struct sn_tree_event){.kind = SN_EVENT_TIMER});
    }
}

static void stale_event(struct run *run)
{
    struct sn_tree_event event = {.kind = (enum sn_event_kind)(SN_EVENT_STARTED + draw(run, 4)),
                                  .member = {draw(run, sn_tree_member_bound(run->world.tree) + 2)},
                                  .exit = draw_exit(run)};

    if (event.member.index < run->world.actor_capacity)
        event.incarnation = run->world.actors[event.member.index].incarnation - 1 - draw(run, 2);
    world_post(&run->world, event);
}

static void member_request(struct run *run)
{
    struct world *w = &run->world;
    struct sn_tree_event event = {.token = ++w->token};

    if (draw(run, 3) && run->pool_count) {
        event.kind = SN_EVENT_ADD_MEMBER;
        event.pool = draw(run, run->pool_count);
    } else {
        event.kind = SN_EVENT_REMOVE_MEMBER;
        event.member.index = draw(run, sn_tree_member_bound(w->tree) + 1);
    }
    world_post(w, event);
}

static const struct sn_child_spec late[] = {POOL_OF(60, "late0", 2, SN_PERMANENT, 5),
                                            POOL_OF(61, "late1", 1, SN_TRANSIENT, 0),
                                            POOL_OF(62, "late2", 2, SN_TEMPORARY, 5)};

static void child_request(struct run *run)
{
    struct world *w = &run->world;
    const struct node *node = &run->nodes[draw(run, run->node_count)];
    struct sn_tree_event event = {.kind = (enum sn_event_kind)(SN_EVENT_START_CHILD + draw(run, 4)),
                                  .token = ++w->token,
                                  .supervisor = node->name};
    uint32_t place = draw(run, CHILDREN);

    event.spec = place < node->spec.child_count ? &node->children[place] : &late[draw(run, 3)];
    event.child = event.spec->name;
    if (event.spec >= late && event.spec < late + 3) {
        run->owners[event.spec->pool] = (struct node *)node;
        run->places[event.spec->pool] = CHILDREN;
    }
    world_post(w, event);
}

static void random_event(struct run *run)
{
    uint32_t what = draw(run, 100);
    uint32_t bound = sn_tree_member_bound(run->world.tree);

    if (what < 70 && bound)
        poke_member(run, draw(run, bound));
    else if (what < 90)
        pass_time(run, draw(run, 3 * MS));
    else if (what < 93)
        stale_event(run);
    else if (what < 97 && run->world.token + 1 < TOKENS)
        member_request(run);
    else if (run->admin && run->world.token + 1 < TOKENS)
        child_request(run);
}

/* Everybody answers, nobody fails, time passes: the tree must come to rest. */
static void calm_down(struct run *run)
{
    struct world *w = &run->world;

    run->calm = true;
    for (int i = 0; i < 10000; i++) {
        bool busy = w->timer_set;

        for (uint32_t id = 0; id < sn_tree_member_bound(w->tree); id++) {
            const struct actor *actor = &w->actors[id];

            busy |= actor->live && (actor->owes_start || actor->owes_stop || actor->killed);
            poke_member(run, id);
        }
        if (!busy)
            return;
        pass_time(run, 1 * MS);
    }
    ck_abort_msg("the tree does not come to rest");
}

static void check_rest(struct run *run)
{
    for (uint64_t token = 1; token <= run->world.token; token++)
        ck_assert_msg(run->answered[token] == 1, "request %lu was not answered",
                      (unsigned long)token);
    if (run->world.outcome == SN_EFFECT_STARTED)
        for (uint32_t id = 0; id < sn_tree_member_bound(run->world.tree); id++) {
            struct sn_member_info info;

            if (sn_tree_member_info(run->world.tree, (sn_member){id}, &info) == 0)
                ck_assert(info.state == SN_MEMBER_UP || info.state == SN_MEMBER_ABSENT);
        }
}

static void finish(struct run *run)
{
    struct world *w = &run->world;
    uint32_t how = draw(run, 3);

    if (how > 0)
        calm_down(run);
    if (how > 0)
        check_rest(run);
    run->calm = draw(run, 2);
    run->killing = draw(run, 4) == 0;
    world_post(w, (struct sn_tree_event){.kind = run->killing ? SN_EVENT_KILL : SN_EVENT_STOP});
    for (int i = 0; i < 50 && !run->calm; i++)
        random_event(run);
    calm_down(run);
    check_rest(run);
    ck_assert(w->outcome == SN_EFFECT_STOPPED || w->outcome == SN_EFFECT_START_FAILED);
    ck_assert_uint_eq(w->live, 0);
    ck_assert_uint_eq(w->known, 0);
}

static void run_seed(uint64_t seed, bool admin)
{
    struct run *run = calloc(1, sizeof(*run));
    struct node *root;

    run->random = seed * 2 + admin;
    run->admin = admin;
    root = make_node(run, 0);
    world_init_with(&run->world, &root->spec, &(struct sn_tree_options){.seed = seed});
    run->world.manual = true;
    run->world.loud = run->world.notes = getenv("SN_SEED") != NULL;
    run->world.quiet = !run->world.loud;
    run->world.watch = watch;
    for (int round = 0; round < 2; round++) {
        run->calm = run->killing = false;
        world_start(&run->world);
        for (uint32_t i = draw(run, 600); i > 0; i--)
            random_event(run);
        finish(run);
    }
    world_fini(&run->world);
    free(run);
}

/* A test that fails ends its process; in shared memory it leaves which seed was running. */
enum { BATCH = 100, BATCHES = 15, BEGUN = 1, DONE = 2 };

static uint8_t *progress; /* [admin][seed] */

static uint8_t *progress_of(uint64_t seed, bool admin)
{
    return &progress[admin * (BATCH * BATCHES + 1) + seed];
}

/* The seeds of one batch, or only the one that the environment names. */
static void run_batch(int batch, bool admin)
{
    const char *only = getenv("SN_SEED");
    uint64_t wanted = only ? strtoull(only, NULL, 10) : 0;

    for (uint64_t i = 0; i < BATCH; i++) {
        uint64_t seed = 1 + (uint64_t)batch * BATCH + i;

        if (wanted && seed != wanted)
            continue;
        *progress_of(seed, admin) = BEGUN;
        run_seed(seed, admin);
        *progress_of(seed, admin) = DONE;
    }
}

static void tell_failures(void)
{
    for (uint64_t seed = 1; seed <= BATCH * BATCHES; seed++)
        for (int admin = 0; admin < 2; admin++)
            if (*progress_of(seed, admin) == BEGUN)
                fprintf(stderr, "replay with SN_SEED=%lu (%s)\n", (unsigned long)seed,
                        admin ? "with administration" : "without administration");
}

START_TEST(invariants_hold_for_random_trees)
{
    run_batch(_i, false);
}
END_TEST

START_TEST(invariants_hold_for_random_trees_under_administration)
{
    run_batch(_i, true);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("supervise");
    TCase *tcase = tcase_create("property");
    SRunner *runner;
    size_t size = 2 * (BATCH * BATCHES + 1);
    int failed;

    progress = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (progress == MAP_FAILED)
        return EXIT_FAILURE;
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, invariants_hold_for_random_trees, 0, BATCHES);
    tcase_add_loop_test(tcase, invariants_hold_for_random_trees_under_administration, 0, BATCHES);
    suite_add_tcase(suite, tcase);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    tell_failures();
    munmap(progress, size);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
