/* SPDX-License-Identifier: MIT */
/*
 * `calls`, `asks`, `watches`, `links` and `spawns` to edges. An item of `calls` is a pool, which
 * stands for every message of it that the caller may use, or pool.message; the more exact one wins
 * when both are given. Each edge knows all that its functions need.
 */
#include "model/resolve.h"

#include "model/layout.h"

#include <string.h>

#define DEFAULT_DEADLINE_NS 5000000000u
#define DEFAULT_BACKOFF_MIN_NS 10000000u
#define DEFAULT_BACKOFF_MAX_NS 1000000000u
#define DEFAULT_OPEN_NS 5000000000u

struct caller {
    struct sn_resolver *resolver;
    struct sn_worker *worker; /* NULL: main */
    struct sn_guards *guards;
    bool may_wait; /* of a kind that was refused: its calls are not judged */
    struct sn_edge *edges;
    size_t count;
    size_t capacity;
    struct sn_map exact; /* struct sn_edge by "pool.message", named so */
};

uint64_t sn_resolve_deadline(const struct sn_raw *raw)
{
    const struct sn_raw *deadline = sn_raw_get(raw, SN_WORD_DEADLINE);

    if (deadline == NULL)
        return DEFAULT_DEADLINE_NS;
    return deadline->text != NULL ? SN_NO_TIME_LIMIT : deadline->number;
}

static bool several(const struct sn_pool *pool)
{
    return !pool->at_run_time && (pool->size_auto || pool->size > 1);
}

static struct sn_edge make_edge(const struct sn_worker *from, const struct sn_pool *pool,
                                const struct sn_slot *slot, const struct sn_location *at)
{
    return (struct sn_edge){.from = from,
                            .pool = pool,
                            .message = slot->message,
                            .slot = slot,
                            .routed = !several(pool) || !pool->keyed || slot->path_count > 0,
                            .indexed = several(pool),
                            .location = *at};
}

/* An edge that can neither be routed nor goes to each member could never be used. */
static void check_routed(struct sn_resolver *resolver, const struct sn_edge *edge)
{
    if (edge->routed || edge->each || edge->message->fields->partial)
        return; /* or perhaps the key was refused */
    sn_diag_error(resolver->diags, SN_CODE_KEY_MISSING, &edge->location,
                  "the pool '%s' is routed by a key, and '%s' does not carry it", edge->pool->name,
                  edge->message->name);
    sn_diag_note(resolver->diags, &edge->message->location, "the message");
    sn_diag_help(resolver->diags, "add the field, or reach every member: {%s.%s: {to: each}}",
                 edge->pool->name, edge->message->name);
}

/* What an item of `calls`, or a role of `asks`, says of calls that fail; NULL: nothing. @guards  of
 * the worker or of main: with room for one more. */
static const struct sn_guard *add_guard(struct sn_resolver *resolver, struct sn_guards *guards,
                                        const struct sn_raw *item)
{
    const struct sn_raw *retry = sn_raw_get(item, SN_WORD_RETRY);
    const struct sn_raw *backoff = sn_raw_get(item, SN_WORD_BACKOFF);
    const struct sn_raw *breaker = sn_raw_get(item, SN_WORD_BREAKER);
    const struct sn_raw *open = sn_raw_get(breaker, SN_WORD_OPEN);
    struct sn_guard *guard;

    if (backoff != NULL && retry == NULL) {
        sn_diag_error(resolver->diags, SN_CODE_RETRY, &backoff->name->location,
                      "`backoff` is the pause between tries, and there is no `retry` here");
        sn_diag_help(resolver->diags, "say how often: `retry: 3`");
    }
    if (retry == NULL && breaker == NULL)
        return NULL;
    guard = &guards->items[guards->count++];
    *guard = (struct sn_guard){.name = item->name->text, .location = item->name->location};
    if (retry != NULL) {
        guard->retries = (uint32_t)sn_resolve_number(resolver, retry, 1);
        guard->backoff_min_ns = backoff != NULL ? backoff->number : DEFAULT_BACKOFF_MIN_NS;
        guard->backoff_max_ns = backoff != NULL ? backoff->number_to : DEFAULT_BACKOFF_MAX_NS;
    }
    if (breaker != NULL) {
        guard->failures =
            (uint32_t)sn_resolve_number(resolver, sn_raw_get(breaker, SN_WORD_FAILURES), 5);
        guard->open_ns = open != NULL ? open->number : DEFAULT_OPEN_NS;
    }
    return guard;
}

static void refuse_option(struct caller *caller, const struct sn_raw *item, enum sn_word word,
                          const char *why)
{
    const struct sn_raw *option = sn_raw_get(item, word);

    if (option != NULL)
        sn_diag_error(caller->resolver->diags, SN_CODE_BAD_VALUE, &option->name->location, "%s",
                      why);
}

static void check_options(struct caller *caller, const struct sn_raw *item,
                          const struct sn_edge *edge)
{
    if (caller->may_wait)
        return;
    if (caller->worker != NULL) {
        refuse_option(caller, item, SN_WORD_BATCH,
                      "`batch` is available only for `main` in sngen 0.1");
        refuse_option(caller, item, SN_WORD_DEADLINE, "a one-way message has no deadline");
        return;
    }
    if (sn_raw_get(item, SN_WORD_BATCH) != NULL)
        refuse_option(
            caller, item, SN_WORD_BREAKER,
            "messages that are gathered have no breaker: what becomes of them shows later");
    if (sn_raw_get(item, SN_WORD_TO) != NULL)
        refuse_option(caller, item, SN_WORD_RETRY,
                      "`retry` is for a call of one member, and this one is for each");
    if (edge != NULL && edge->verb == SN_VERB_SEND) {
        refuse_option(
            caller, item, SN_WORD_RETRY,
            "`main` retries requests only: for a one-way message send_wait waits for room");
        refuse_option(caller, item, SN_WORD_DEADLINE, "a one-way message has no deadline");
    } else if (edge != NULL) {
        refuse_option(caller, item, SN_WORD_BATCH, "only one-way messages can be gathered");
    }
}

/* What an item of `calls` stands for. */
struct target {
    const struct sn_pool *pool;   /* NULL: it was refused */
    const struct sn_slot *slot;   /* NULL: the whole pool */
    const struct sn_guard *guard; /* NULL: none */
};

static void add_edge(struct caller *caller, const struct sn_raw *item, const struct target *target,
                     const struct sn_slot *slot)
{
    struct sn_edge *edge = &caller->edges[caller->count];

    if (caller->count == caller->capacity)
        return;
    *edge = make_edge(caller->worker, target->pool, slot, &item->name->location);
    edge->guard = target->guard;
    edge->verb = slot->message->reply != NULL ? SN_VERB_CALL : SN_VERB_SEND;
    edge->each = sn_raw_get(item, SN_WORD_TO) != NULL;
    if (edge->verb == SN_VERB_CALL)
        edge->deadline_ns = sn_resolve_deadline(item);
    else
        edge->batch_bytes = sn_resolve_number(caller->resolver, sn_raw_get(item, SN_WORD_BATCH), 0);
    check_routed(caller->resolver, edge);
    caller->count++;
}

static bool waits(const struct caller *caller)
{
    return caller->worker == NULL || caller->may_wait;
}

static void refuse_request(struct caller *caller, const char *what, const struct sn_location *at)
{
    sn_diag_error(caller->resolver->diags, SN_CODE_IS_A_REQUEST, at,
                  "%s has an answer, and an actor's handler cannot wait for one", what);
    sn_diag_help(caller->resolver->diags, "use `asks:`: the answer then arrives in on_<role>");
}

/* What "pool" or "pool.message" means; false if it was reported. */
static bool find_target(struct sn_resolver *resolver, const char *name,
                        const struct sn_location *at, const struct sn_pool **ret_pool,
                        const struct sn_slot **ret_slot)
{
    const char *head = name, *rest = sn_resolve_split(resolver, name, &head);

    *ret_slot = NULL;
    if (sn_map_get(&resolver->scope->imports, head) != NULL &&
        sn_map_get(&resolver->scope->pools, head) == NULL) {
        sn_diag_error(resolver->diags, SN_CODE_NOT_AVAILABLE, at,
                      "edges to another package's pools are not available yet in sngen 0.1");
        return false;
    }
    *ret_pool = sn_resolve_pool(resolver, head, at);
    if (*ret_pool == NULL || rest == NULL)
        return *ret_pool != NULL;
    *ret_slot = sn_resolve_slot(resolver, *ret_pool, rest, at);
    return *ret_slot != NULL;
}

static const char *edge_key(struct caller *caller, const struct sn_pool *pool,
                            const struct sn_slot *slot)
{
    return sn_arena_printf(caller->resolver->arena, "%s.%u", pool->name,
                           (unsigned)slot->message->id);
}

/* Look an item up; those that name a message claim it before any whole pool does. */
static struct target claim(struct caller *caller, const struct sn_raw *item)
{
    const struct sn_location *at = &item->name->location, *first;
    struct target target = {0};

    if (!find_target(caller->resolver, item->text, at, &target.pool, &target.slot))
        return (struct target){0};
    if (target.slot == NULL)
        return target;
    if (!waits(caller) && target.slot->message->reply != NULL) {
        refuse_request(caller, sn_arena_printf(caller->resolver->arena, "'%s'", item->text), at);
        return (struct target){0};
    }
    first = sn_map_put(&caller->exact, edge_key(caller, target.pool, target.slot), at);
    if (first == NULL)
        return target;
    sn_resolve_duplicate(caller->resolver, "edge", item->text, at, first);
    return (struct target){0};
}

static void add_exact(struct caller *caller, const struct sn_raw *item, const struct target *target)
{
    add_edge(caller, item, target, target->slot);
    if (caller->count > 0)
        check_options(caller, item, &caller->edges[caller->count - 1]);
}

/* The messages of a pool that are not named exactly. */
static void add_whole_pool(struct caller *caller, const struct sn_raw *item,
                           const struct target *target)
{
    const struct sn_location *at = &item->name->location;
    const struct sn_pool *pool = target->pool;
    size_t fit = 0;

    check_options(caller, item, NULL);
    for (size_t i = 0; i < pool->slot_count; i++) {
        const struct sn_slot *slot = &pool->slots[i];

        if (!waits(caller) && slot->message->reply != NULL)
            continue;
        fit++;
        if (sn_map_put(&caller->exact, edge_key(caller, pool, slot), at) == NULL)
            add_edge(caller, item, target, slot);
    }
    if (fit == 0 && pool->slot_count > 0)
        refuse_request(
            caller,
            sn_arena_printf(caller->resolver->arena, "every message of the pool '%s'", pool->name),
            at);
    else if (fit == 0 && pool->worker != NULL)
        sn_diag_error(caller->resolver->diags, SN_CODE_NOT_HANDLED, at,
                      "the pool '%s' handles no messages", pool->name);
}

/* No more edges than the pools named have slots. */
static size_t count_edges(struct caller *caller, const struct sn_raw *raw)
{
    size_t count = 0;

    for (size_t i = 0; i < raw->count; i++) {
        const char *head = raw->items[i].text;
        const struct sn_bound_pool *bound;

        if (sn_resolve_split(caller->resolver, raw->items[i].text, &head) != NULL) {
            count++;
            continue;
        }
        bound = sn_map_get(&caller->resolver->scope->pools, head);
        count += bound != NULL ? bound->pool->slot_count : 0;
    }
    return count;
}

static int resolve_calls(struct caller *caller, const struct sn_raw *raw)
{
    struct sn_resolver *resolver = caller->resolver;
    size_t count = raw != NULL ? raw->count : 0;
    struct target *targets = sn_arena_array(resolver->arena, count, sizeof *targets);

    caller->capacity = raw != NULL ? count_edges(caller, raw) : 0;
    caller->edges = sn_arena_array(resolver->arena, caller->capacity, sizeof *caller->edges);
    if (caller->edges == NULL || targets == NULL)
        return -1;
    sn_map_init(&caller->exact, resolver->arena);
    for (size_t i = 0; i < count; i++)
        targets[i] = claim(caller, &raw->items[i]);
    for (size_t i = 0; i < count; i++) {
        targets[i].guard = add_guard(resolver, caller->guards, &raw->items[i]);
        if (targets[i].slot != NULL)
            add_exact(caller, &raw->items[i], &targets[i]);
        else if (targets[i].pool != NULL)
            add_whole_pool(caller, &raw->items[i], &targets[i]);
    }
    return 0;
}

/* ---- asks --------------------------------------------------------------- */

static int resolve_context(struct sn_resolver *resolver, const struct sn_worker *worker,
                           const struct sn_raw *raw, struct sn_ask *ask)
{
    const struct sn_raw *fields = sn_raw_get(raw, SN_WORD_CONTEXT);
    struct sn_struct *context;

    if (fields == NULL || fields->count == 0)
        return 0;
    context = sn_arena_alloc(resolver->arena, sizeof *context);
    if (context == NULL)
        return -1;
    *context = (struct sn_struct){.origin = SN_STRUCT_CONTEXT,
                                  .package = worker->package,
                                  .worker = worker,
                                  .name = ask->role,
                                  .location = fields->name->location};
    if (sn_resolve_fields(resolver, fields, SN_PLACE_VALUE, &context->fields,
                          &context->field_count) != 0)
        return -1;
    sn_layout_struct(resolver, context);
    ask->context = context->field_count > 0 ? context : NULL;
    return 0;
}

bool sn_resolve_request(struct sn_resolver *resolver, const struct sn_worker *from,
                        const char *name, const struct sn_location *at, struct sn_edge *ret_edge)
{
    const struct sn_pool *pool;
    const struct sn_slot *slot;

    if (!find_target(resolver, name, at, &pool, &slot))
        return false;
    if (slot == NULL) {
        sn_diag_error(resolver->diags, SN_CODE_BAD_VALUE, at, "say which message of '%s' to ask",
                      pool->name);
        sn_diag_help(resolver->diags, "write pool.message");
        return false;
    }
    if (slot->message->reply == NULL) {
        sn_diag_error(resolver->diags, SN_CODE_NOT_A_REQUEST, at,
                      "'%s' has no reply, so it cannot be asked", name);
        sn_diag_note(resolver->diags, &slot->message->location, "the message");
        sn_diag_help(resolver->diags, from != NULL
                                          ? "use `calls:` for one-way messages, or add `reply: {}`"
                                          : "add `reply: {}`");
        return false;
    }
    *ret_edge = make_edge(from, pool, slot, at);
    ret_edge->verb = SN_VERB_ASK;
    return true;
}

static void resolve_ask_target(struct sn_resolver *resolver, const struct sn_worker *worker,
                               const struct sn_raw *raw, struct sn_ask *ask)
{
    const struct sn_raw *of = sn_raw_get(raw, SN_WORD_OF);

    if (of == NULL ||
        !sn_resolve_request(resolver, worker, of->text, &of->node->location, &ask->edge))
        return;
    ask->edge.deadline_ns = sn_resolve_deadline(raw);
    ask->edge.each = sn_raw_get(raw, SN_WORD_TO) != NULL;
    check_routed(resolver, &ask->edge);
}

static int resolve_asks(struct sn_resolver *resolver, const struct sn_bound_worker *bound)
{
    const struct sn_raw *raw = sn_raw_get(bound->raw, SN_WORD_ASKS);
    struct sn_worker *worker = bound->worker;

    worker->ask_count = raw != NULL ? raw->count : 0;
    worker->asks = sn_arena_array(resolver->arena, worker->ask_count, sizeof *worker->asks);
    if (worker->asks == NULL)
        return -1;
    for (size_t i = 0; i < worker->ask_count; i++) {
        const struct sn_raw *item = &raw->items[i];
        const struct sn_raw *survives = sn_raw_get(item, SN_WORD_SURVIVES);
        struct sn_ask *ask = &worker->asks[i];

        ask->role = item->name->text;
        ask->doc = sn_raw_doc(resolver->arena, item);
        ask->location = item->name->location;
        ask->survives = survives != NULL && survives->number != 0;
        resolve_ask_target(resolver, worker, item, ask);
        ask->edge.guard = add_guard(resolver, &worker->guards, item);
        if (resolve_context(resolver, worker, item, ask) != 0)
            return -1;
    }
    return 0;
}

/* ---- watches and links -------------------------------------------------- */

static int resolve_bonds(struct sn_resolver *resolver, const struct sn_raw *raw,
                         struct sn_bond **ret_bonds, size_t *ret_count)
{
    size_t count = raw != NULL ? raw->count : 0;
    struct sn_bond *bonds = sn_arena_array(resolver->arena, count, sizeof *bonds);
    struct sn_map seen;

    *ret_bonds = bonds;
    if (bonds == NULL)
        return -1;
    sn_map_init(&seen, resolver->arena);
    for (size_t i = 0; i < count; i++) {
        const struct sn_node *node = raw->items[i].node;
        const struct sn_pool *pool;
        const struct sn_slot *slot;
        const struct sn_location *first;

        if (!find_target(resolver, node->text, &node->location, &pool, &slot))
            continue;
        first = sn_map_put(&seen, pool->name, &node->location);
        if (slot != NULL)
            sn_diag_error(resolver->diags, SN_CODE_BAD_VALUE, &node->location,
                          "`%s` takes pools, not messages: write '%s'", raw->key->name, pool->name);
        else if (first != NULL)
            sn_resolve_duplicate(resolver, "pool", pool->name, &node->location, first);
        else
            bonds[(*ret_count)++] = (struct sn_bond){.pool = pool, .location = node->location};
    }
    return 0;
}

/* Room for a guard of each item of `calls` and each role of `asks`. */
static int allocate_guards(struct sn_resolver *resolver, const struct sn_raw *raw,
                           struct sn_guards *guards)
{
    const struct sn_raw *calls = sn_raw_get(raw, SN_WORD_CALLS);
    const struct sn_raw *asks = sn_raw_get(raw, SN_WORD_ASKS);
    size_t count = (calls != NULL ? calls->count : 0) + (asks != NULL ? asks->count : 0);

    guards->items = sn_arena_array(resolver->arena, count, sizeof *guards->items);
    return guards->items != NULL ? 0 : -1;
}

static int resolve_main(struct sn_resolver *resolver)
{
    struct sn_package *package = resolver->scope->package;
    const struct sn_raw *raw = sn_raw_get(resolver->scope->raw, SN_WORD_MAIN);
    struct caller outside = {.resolver = resolver, .guards = &package->guards};

    if (allocate_guards(resolver, raw, &package->guards) != 0 ||
        resolve_calls(&outside, sn_raw_get(raw, SN_WORD_CALLS)) != 0 ||
        resolve_bonds(resolver, sn_raw_get(raw, SN_WORD_SPAWNS), &package->spawns,
                      &package->spawn_count) != 0)
        return -1;
    package->edges = outside.edges;
    package->edge_count = outside.count;
    return 0;
}

int sn_resolve_edges(struct sn_resolver *resolver)
{
    struct sn_scope *scope = resolver->scope;

    for (size_t i = 0; i < scope->bound_worker_count; i++) {
        const struct sn_bound_worker *bound = &scope->bound_workers[i];
        struct caller caller = {.resolver = resolver,
                                .worker = bound->worker,
                                .guards = &bound->worker->guards,
                                .may_wait = (sn_resolve_mentions(bound->raw, "kind") &&
                                             sn_raw_get(bound->raw, SN_WORD_KIND) == NULL) ||
                                            sn_resolve_mentions(bound->raw, "linear")};

        if (allocate_guards(resolver, bound->raw, &bound->worker->guards) != 0 ||
            resolve_calls(&caller, sn_raw_get(bound->raw, SN_WORD_CALLS)) != 0 ||
            resolve_asks(resolver, bound) != 0 ||
            resolve_bonds(resolver, sn_raw_get(bound->raw, SN_WORD_WATCHES),
                          &bound->worker->watches, &bound->worker->watch_count) != 0 ||
            resolve_bonds(resolver, sn_raw_get(bound->raw, SN_WORD_LINKS), &bound->worker->links,
                          &bound->worker->link_count) != 0 ||
            resolve_bonds(resolver, sn_raw_get(bound->raw, SN_WORD_SPAWNS), &bound->worker->spawns,
                          &bound->worker->spawn_count) != 0)
            return -1;
        bound->worker->edges = caller.edges;
        bound->worker->edge_count = caller.count;
    }
    return resolve_main(resolver);
}
