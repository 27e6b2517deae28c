/* SPDX-License-Identifier: MIT */
/* The names that `sngen generate --with-tests` adds, for the collision check of that run. */
#include "model/names.h"

/* What is given for one worker. */
struct visit {
    struct sn_arena *arena;
    struct sn_name_visitor *visitor;
    const struct sn_worker *worker;
    int rc;
};

static void give(struct visit *visit, enum sn_name_space space, const char *verb,
                 const char *target)
{
    const char *origin =
        sn_arena_printf(visit->arena, "the unit tests of the worker '%s'", visit->worker->name);

    if (visit->rc == 0)
        visit->rc = visit->visitor->visit(visit->visitor, space,
                                          sn_name_test(visit->arena, visit->worker, verb, target),
                                          origin, &visit->worker->location);
}

static void give_all(struct visit *visit, const char *const *verbs, const char *target)
{
    for (; *verbs != NULL; verbs++)
        give(visit, SN_NAME_PUBLIC, *verbs, target);
}

/* Requests that it may answer: any, because a token of each may reach it. */
static void visit_requests(struct visit *visit, const struct sn_package *package)
{
    static const char *const verbs[] = {"answered", "open", NULL};

    for (size_t i = 0; i < package->message_count; i++)
        if (package->messages[i]->reply != NULL)
            give_all(visit, verbs, package->messages[i]->name);
}

static void visit_actions(struct visit *visit)
{
    static const char *const of_ask[] = {"on", "asked", "reply", NULL};
    static const char *const of_timer[] = {"on", "is_armed", NULL};
    static const char *const of_link[] = {"end", "is_linked", NULL};
    const struct sn_worker *worker = visit->worker;

    for (size_t i = 0; i < worker->handle_count; i++)
        give(visit, SN_NAME_PUBLIC, "on", worker->handles[i]->name);
    for (size_t i = 0; i < worker->ask_count; i++) {
        give_all(visit, of_ask, worker->asks[i].role);
        give(visit, SN_NAME_PUBLIC, "fill", worker->asks[i].edge.pool->name);
    }
    for (size_t i = 0; i < worker->timer_count; i++)
        give_all(visit, of_timer, worker->timers[i].name);
    for (size_t i = 0; i < worker->watch_count; i++) {
        const char *pool = worker->watches[i].pool->name;

        give(visit, SN_NAME_PUBLIC, "watches", pool);
        give(visit, SN_NAME_PUBLIC, "on", sn_arena_printf(visit->arena, "%s_down", pool));
    }
    for (size_t i = 0; i < worker->link_count; i++)
        give_all(visit, of_link, worker->links[i].pool->name);
    for (size_t i = 0; i < worker->dead_count; i++)
        give(visit, SN_NAME_PUBLIC, "on_dead", worker->dead[i]->name);
    if (worker->has_dead_letters)
        give(visit, SN_NAME_PUBLIC, "on_dead", "letter");
    for (size_t i = 0; i < worker->edge_count; i++) {
        const struct sn_edge *edge = &worker->edges[i];

        give(visit, SN_NAME_PUBLIC, "fill", edge->pool->name);
        give(visit, SN_NAME_PUBLIC, "sent",
             sn_arena_printf(visit->arena, "%s_%s", edge->pool->name, edge->message->name));
    }
}

int sn_names_visit_tests(struct sn_arena *arena, const struct sn_package *package,
                         struct sn_name_visitor *visitor)
{
    static const char *const verbs[] = {"start", "stop", "restart", "self", "tick", NULL};
    struct visit visit = {.arena = arena, .visitor = visitor};

    for (size_t i = 0; visit.rc == 0 && i < package->worker_count; i++) {
        visit.worker = package->workers[i];
        give(&visit, SN_NAME_TAG, NULL, NULL);
        give(&visit, SN_NAME_TAG, "options", NULL);
        give_all(&visit, verbs, NULL);
        visit_actions(&visit);
        visit_requests(&visit, package);
        for (size_t k = 0; k < package->import_count; k++)
            visit_requests(&visit, package->imports[k]);
    }
    return visit.rc;
}
