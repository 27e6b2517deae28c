/* SPDX-License-Identifier: MIT */
/*
 * Cycles of answers that wait for each other. The handlers of an actor never wait, but an answer
 * can: an ask whose context holds a reply_to(REQUEST) says that the answer to REQUEST comes after
 * the one to this ask. When that one, perhaps through others, comes after another answer to
 * REQUEST, each request makes one more, until a deadline or a full mailbox ends it. The decision
 * record in the README says why this is a warning.
 *
 * The nodes are the pairs of a worker and a request that it handles, numbered worker by worker.
 */
#include "base/map.h"
#include "check/checks.h"
#include "check/cycle.h"

struct node {
    const struct sn_worker *worker;
    const struct sn_message *request;
};

struct waiting {
    struct sn_cycle_search search;
    struct sn_arena *arena;
    struct sn_diags *diags;
    struct node *nodes;
    struct sn_map numbers; /* struct node, by "worker id" */
};

static const char *key_of(struct sn_arena *arena, const struct sn_worker *worker,
                          const struct sn_message *request)
{
    return sn_arena_printf(arena, "%s %u", worker->name, (unsigned)request->id);
}

/* Does the answer to `request` wait for this ask, by the ask's own context? */
static bool holds(const struct sn_ask *ask, const struct sn_message *request)
{
    for (size_t i = 0; ask->context != NULL && i < ask->context->field_count; i++)
        if (ask->context->fields[i].type.kind == SN_KIND_REPLY_TO &&
            ask->context->fields[i].type.message == request)
            return true;
    return false;
}

/* A request to another member of one's own pool is how trees are walked: it has an end. */
static bool is_recursion(const struct node *node, const struct sn_edge *edge)
{
    return edge->pool->worker == node->worker && edge->message == node->request && edge->indexed;
}

static bool follow(struct sn_cycle_search *search, size_t number, size_t index, size_t *ret_target)
{
    struct waiting *waiting = (struct waiting *)search; /* its first member */
    const struct node *node = &waiting->nodes[number], *target;
    const struct sn_ask *ask;

    if (index == node->worker->ask_count)
        return false;
    *ret_target = SN_NO_NODE;
    ask = &node->worker->asks[index];
    if (!holds(ask, node->request) || is_recursion(node, &ask->edge))
        return true;
    target = sn_map_get(&waiting->numbers,
                        key_of(waiting->arena, ask->edge.pool->worker, ask->edge.message));
    if (target != NULL)
        *ret_target = (size_t)(target - waiting->nodes);
    return true;
}

static void report(struct sn_cycle_search *search, const struct sn_cycle_step *cycle, size_t length)
{
    struct waiting *waiting = (struct waiting *)search; /* its first member */
    const struct node *first = &waiting->nodes[cycle->node];
    const struct node *last = &waiting->nodes[cycle[length - 1].node];
    const char *chain =
        sn_arena_printf(waiting->arena, "%s.%s", first->worker->name, first->request->name);

    for (size_t i = 0; i < length; i++) {
        const struct node *next = &waiting->nodes[cycle[(i + 1) % length].node];

        chain = sn_arena_printf(waiting->arena, "%s -> %s.%s", chain, next->worker->name,
                                next->request->name);
    }
    sn_diag_warning(waiting->diags, SN_CODE_WAIT_CYCLE,
                    &last->worker->asks[cycle[length - 1].edge].location,
                    "these answers wait for each other: %s", chain);
    for (size_t i = 0; i < length; i++) {
        const struct node *node = &waiting->nodes[cycle[i].node];
        const struct sn_ask *ask = &node->worker->asks[cycle[i].edge];

        sn_diag_note(waiting->diags, &ask->edge.location,
                     "'%s' answers '%s' when '%s' has its own answer", node->worker->name,
                     node->request->name, ask->role);
    }
    sn_diag_help(waiting->diags, "let one of them answer before it asks, or send one way");
}

static bool number_nodes(struct waiting *waiting, const struct sn_package *package)
{
    size_t most = 0;

    for (size_t i = 0; i < package->worker_count; i++)
        most += package->workers[i]->handle_count;
    waiting->nodes = sn_arena_array(waiting->arena, most, sizeof *waiting->nodes);
    if (waiting->nodes == NULL)
        return false;
    sn_map_init(&waiting->numbers, waiting->arena);
    for (size_t i = 0; i < package->worker_count; i++)
        for (size_t k = 0; k < package->workers[i]->handle_count; k++) {
            struct node *node = &waiting->nodes[waiting->search.node_count];

            *node = (struct node){package->workers[i], package->workers[i]->handles[k]};
            if (node->request->reply == NULL)
                continue;
            sn_map_put(&waiting->numbers, key_of(waiting->arena, node->worker, node->request),
                       node);
            waiting->search.node_count++;
        }
    return !sn_arena_failed(waiting->arena);
}

void sn_check_waits(const struct sn_model *model, struct sn_diags *diags)
{
    struct waiting waiting = {
        .search = {.edge = follow, .found = report}, .arena = model->arena, .diags = diags};

    if (number_nodes(&waiting, model->package))
        sn_cycle_search(model->arena, &waiting.search);
}
