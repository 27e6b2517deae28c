/* SPDX-License-Identifier: MIT */
/* Messages, protocols and workers: what stands in each of them, names looked up. */
#include "model/resolve.h"

#include "model/layout.h"

#include <string.h>

/* ---- messages ----------------------------------------------------------- */

static const struct sn_error *declare_error(struct sn_resolver *resolver, struct sn_map *errors,
                                            const struct sn_raw *item, uint64_t from)
{
    struct sn_package *package = resolver->scope->package;
    /* The package is not published yet, so its parts may still be filled in. */
    struct sn_error *error = (struct sn_error *)sn_map_get(errors, item->text);

    if (error != NULL) {
        if (error->was.name == NULL)
            error->was = sn_resolve_was(item);
        return error;
    }
    error = sn_arena_alloc(resolver->arena, sizeof *error);
    if (error == NULL)
        return NULL;
    *error = (struct sn_error){.package = package,
                               .name = item->text,
                               .number = (int32_t)(from + package->error_count),
                               .was = sn_resolve_was(item),
                               .location = item->name->location};
    sn_map_put(errors, error->name, error);
    package->errors[package->error_count++] = error;
    return error;
}

static int resolve_errors(struct sn_resolver *resolver, struct sn_map *errors,
                          const struct sn_bound_message *bound)
{
    const struct sn_raw *raw = sn_raw_get(bound->raw, SN_WORD_ERRORS);
    struct sn_message *message = bound->message;
    size_t count = raw != NULL ? raw->count : 0;

    message->errors = sn_arena_array(resolver->arena, count, sizeof *message->errors);
    if (message->errors == NULL)
        return -1;
    for (size_t i = 0; i < count; i++) {
        const struct sn_error *error = declare_error(
            resolver, errors, &raw->items[i], (uint64_t)resolver->scope->package->errors_from);
        bool again = false;

        if (error == NULL)
            return -1;
        for (size_t k = 0; k < message->error_count && !again; k++)
            again = message->errors[k] == error;
        if (again)
            sn_resolve_duplicate(resolver, "error", error->name, &raw->items[i].name->location,
                                 &error->location);
        else
            message->errors[message->error_count++] = error;
    }
    if (count > 0 && message->reply == NULL) {
        sn_diag_error(resolver->diags, SN_CODE_NOT_A_REQUEST, &raw->name->location,
                      "'%s' has errors but no reply", message->name);
        sn_diag_help(resolver->diags, "only a request can be refused: add `reply: {}`");
    }
    return 0;
}

static size_t count_errors(const struct sn_scope *scope)
{
    size_t count = 0;

    for (size_t i = 0; i < scope->bound_message_count; i++) {
        const struct sn_raw *raw = sn_raw_get(scope->bound_messages[i].raw, SN_WORD_ERRORS);

        count += raw != NULL ? raw->count : 0;
    }
    return count;
}

static int resolve_message(struct sn_resolver *resolver, const struct sn_bound_message *bound)
{
    const struct sn_raw *lane = sn_raw_get(bound->raw, SN_WORD_LANE);
    const struct sn_raw *idempotent = sn_raw_get(bound->raw, SN_WORD_IDEMPOTENT);
    const struct sn_raw *wire = sn_raw_get(bound->raw, SN_WORD_WIRE);
    struct sn_message *message = bound->message;

    message->lane =
        lane != NULL && strcmp(lane->text, "telemetry") == 0 ? SN_LANE_TELEMETRY : SN_LANE_REQUEST;
    message->idempotent = idempotent != NULL && idempotent->number != 0;
    message->wire = wire != NULL && wire->number != 0;
    if (message->lane == SN_LANE_TELEMETRY && message->reply != NULL) {
        sn_diag_error(resolver->diags, SN_CODE_IS_A_REQUEST, &lane->node->location,
                      "the request '%s' cannot travel as telemetry", message->name);
        sn_diag_help(resolver->diags, "telemetry may be dropped, so nobody should wait for it");
    }
    if (sn_resolve_fields(resolver, sn_raw_get(bound->raw, SN_WORD_FIELDS), SN_PLACE_VALUE,
                          &bound->fields->fields, &bound->fields->field_count) != 0)
        return -1;
    bound->fields->partial =
        sn_resolve_lost_fields(bound->raw, "fields", bound->fields->field_count);
    if (bound->reply == NULL)
        return 0;
    if (sn_resolve_fields(resolver, sn_raw_get(bound->raw, SN_WORD_REPLY), SN_PLACE_VALUE,
                          &bound->reply->fields, &bound->reply->field_count) != 0)
        return -1;
    bound->reply->partial = sn_resolve_lost_fields(bound->raw, "reply", bound->reply->field_count);
    return 0;
}

static void resolve_memory(struct sn_resolver *resolver, const struct sn_raw *raw,
                           struct sn_package *package)
{
    package->memory_bytes = sn_resolve_number(resolver, sn_raw_get(raw, SN_WORD_BYTES), 0);
    package->memory_shards =
        (uint32_t)sn_resolve_number(resolver, sn_raw_get(raw, SN_WORD_SHARDS), 1);
    if (raw != NULL)
        package->memory_location = raw->name->location;
}

int sn_resolve_messages(struct sn_resolver *resolver)
{
    struct sn_scope *scope = resolver->scope;
    struct sn_package *package = scope->package;
    struct sn_map errors;

    sn_map_init(&errors, resolver->arena);
    package->errors_from =
        (int32_t)sn_resolve_number(resolver, sn_raw_get(scope->raw, SN_WORD_ERRORS_FROM), 1000);
    resolve_memory(resolver, sn_raw_get(scope->raw, SN_WORD_MEMORY), package);
    package->errors = sn_arena_array(resolver->arena, count_errors(scope), sizeof *package->errors);
    if (package->errors == NULL)
        return -1;
    for (size_t i = 0; i < scope->bound_message_count; i++)
        if (resolve_message(resolver, &scope->bound_messages[i]) != 0 ||
            resolve_errors(resolver, &errors, &scope->bound_messages[i]) != 0)
            return -1;
    return 0;
}

/* ---- protocols ---------------------------------------------------------- */

int sn_resolve_protocols(struct sn_resolver *resolver)
{
    const struct sn_raw *raw = sn_raw_get(resolver->scope->raw, SN_WORD_PROTOCOLS);
    struct sn_package *package = resolver->scope->package;

    for (size_t i = 0; i < package->protocol_count; i++) {
        /* The package is not published yet, so its parts may still be filled in. */
        struct sn_protocol *protocol = (struct sn_protocol *)package->protocols[i];
        const struct sn_raw *items = raw->items[i].items;

        protocol->messages =
            sn_arena_array(resolver->arena, raw->items[i].count, sizeof *protocol->messages);
        if (protocol->messages == NULL)
            return -1;
        for (size_t k = 0; k < raw->items[i].count; k++) {
            const struct sn_message *message =
                sn_resolve_message(resolver, items[k].text, &items[k].node->location);

            if (message != NULL)
                protocol->messages[protocol->message_count++] = message;
        }
    }
    return 0;
}

/* ---- workers ------------------------------------------------------------ */

struct handles {
    struct sn_resolver *resolver;
    struct sn_worker *worker;
    struct sn_map seen; /* struct sn_location by message id */
};

static void add_handle(struct handles *handles, const struct sn_message *message,
                       const struct sn_location *at)
{
    const char *key = sn_arena_printf(handles->resolver->arena, "%u", (unsigned)message->id);
    const struct sn_location *first = sn_map_put(&handles->seen, key, at);

    if (first != NULL)
        sn_resolve_duplicate(handles->resolver, "handled message", message->name, at, first);
    else
        handles->worker->handles[handles->worker->handle_count++] = message;
}

/* The protocol of a name, NULL if it is none (without a report). */
static const struct sn_protocol *find_protocol(struct sn_resolver *resolver, const char *name)
{
    const char *head, *rest = sn_resolve_split(resolver, name, &head);
    const struct sn_scope *scope =
        rest != NULL ? sn_map_get(&resolver->scope->imports, head) : resolver->scope;

    return scope != NULL ? sn_map_get(&scope->protocols, rest != NULL ? rest : name) : NULL;
}

/* How many messages the items of `handles` stand for at most. */
static size_t count_handles(struct sn_resolver *resolver, const struct sn_raw *raw)
{
    size_t count = 0;

    for (size_t i = 0; i < raw->count; i++) {
        const struct sn_protocol *protocol =
            raw->items[i].text != NULL ? find_protocol(resolver, raw->items[i].text) : NULL;

        count += protocol != NULL ? protocol->message_count : 1;
    }
    return count;
}

static void resolve_handle(struct handles *handles, const struct sn_raw *item)
{
    const struct sn_location *at = &item->name->location;
    const char *name = item->text != NULL ? item->text : item->name->text;
    const struct sn_protocol *protocol = find_protocol(handles->resolver, name);
    const struct sn_message *message;

    for (size_t i = 0; protocol != NULL && i < protocol->message_count; i++)
        add_handle(handles, protocol->messages[i], at);
    if (protocol != NULL)
        return;
    message = sn_resolve_message(handles->resolver, name, at);
    if (message != NULL)
        add_handle(handles, message, at);
    else if (item->node != item->name)
        sn_diag_help(handles->resolver->diags, "write `%s: {}` to declare it here", name);
}

static int resolve_handles(struct sn_resolver *resolver, const struct sn_bound_worker *bound)
{
    const struct sn_raw *raw = sn_raw_get(bound->raw, SN_WORD_HANDLES);
    struct handles handles = {.resolver = resolver, .worker = bound->worker};

    if (raw == NULL)
        return 0;
    sn_map_init(&handles.seen, resolver->arena);
    bound->worker->handles = sn_arena_array(resolver->arena, count_handles(resolver, raw),
                                            sizeof *bound->worker->handles);
    if (bound->worker->handles == NULL)
        return -1;
    for (size_t i = 0; i < raw->count; i++)
        resolve_handle(&handles, &raw->items[i]);
    return 0;
}

static int resolve_dead_letters(struct sn_resolver *resolver, const struct sn_bound_worker *bound)
{
    const struct sn_raw *raw = sn_raw_get(bound->raw, SN_WORD_DEAD_LETTERS);
    struct sn_worker *worker = bound->worker;
    struct sn_map seen;

    if (raw == NULL)
        return 0;
    sn_map_init(&seen, resolver->arena);
    worker->has_dead_letters = true;
    worker->dead = sn_arena_array(resolver->arena, raw->count, sizeof *worker->dead);
    if (worker->dead == NULL)
        return -1;
    for (size_t i = 0; i < raw->count; i++) {
        const struct sn_node *node = raw->items[i].node;
        const struct sn_message *message =
            sn_resolve_message(resolver, node->text, &node->location);
        const struct sn_location *first =
            message != NULL ? sn_map_put(&seen, node->text, &node->location) : NULL;

        if (first != NULL)
            sn_resolve_duplicate(resolver, "message", node->text, &node->location, first);
        else if (message != NULL)
            worker->dead[worker->dead_count++] = message;
    }
    return 0;
}

static int resolve_args(struct sn_resolver *resolver, const struct sn_bound_worker *bound)
{
    const struct sn_raw *raw = sn_raw_get(bound->raw, SN_WORD_ARGS);
    struct sn_struct *args;

    if (raw == NULL || raw->count == 0)
        return 0;
    args = sn_arena_alloc(resolver->arena, sizeof *args);
    if (args == NULL)
        return -1;
    *args = (struct sn_struct){.origin = SN_STRUCT_ARGS,
                               .package = bound->worker->package,
                               .worker = bound->worker,
                               .name = bound->worker->name,
                               .location = raw->name->location};
    if (sn_resolve_fields(resolver, raw, SN_PLACE_VALUE, &args->fields, &args->field_count) != 0)
        return -1;
    sn_layout_struct(resolver, args);
    bound->worker->args = args->field_count > 0 ? args : NULL;
    return 0;
}

static void report_doubled_fields(struct sn_resolver *resolver, const struct sn_worker *worker)
{
    struct sn_map seen;

    sn_map_init(&seen, resolver->arena);
    for (size_t i = 0; i < worker->state_count; i++)
        sn_map_put(&seen, worker->state[i].name, &worker->state[i]);
    for (size_t i = 0; i < worker->retain_count; i++) {
        const struct sn_field *first = sn_map_get(&seen, worker->retain[i].name);

        if (first != NULL)
            sn_resolve_duplicate(resolver, "member", first->name, &worker->retain[i].location,
                                 &first->location);
    }
}

static int resolve_members(struct sn_resolver *resolver, const struct sn_bound_worker *bound)
{
    struct sn_worker *worker = bound->worker;

    if (resolve_args(resolver, bound) != 0 ||
        sn_resolve_fields(resolver, sn_raw_get(bound->raw, SN_WORD_STATE), SN_PLACE_STATE,
                          &worker->state, &worker->state_count) != 0 ||
        sn_resolve_fields(resolver, sn_raw_get(bound->raw, SN_WORD_RETAIN), SN_PLACE_VALUE,
                          &worker->retain, &worker->retain_count) != 0)
        return -1;
    sn_layout_fields(resolver, worker->state, worker->state_count);
    worker->retain_fixed = sn_layout_fields(resolver, worker->retain, worker->retain_count);
    report_doubled_fields(resolver, worker);
    return 0;
}

static void resolve_hooks(struct sn_resolver *resolver, const struct sn_bound_worker *bound)
{
    const struct sn_raw *raw = sn_raw_get(bound->raw, SN_WORD_HOOKS);

    for (size_t i = 0; raw != NULL && i < raw->count; i++) {
        bool *has = strcmp(raw->items[i].text, "init") == 0 ? &bound->worker->has_init
                                                            : &bound->worker->has_shutdown;

        if (*has)
            sn_resolve_duplicate(resolver, "hook", raw->items[i].text,
                                 &raw->items[i].node->location, &raw->items[0].node->location);
        *has = true;
    }
}

static void resolve_timer(struct sn_resolver *resolver, const struct sn_raw *raw,
                          struct sn_timer *timer)
{
    const struct sn_raw *every = sn_raw_get(raw, SN_WORD_EVERY);
    const struct sn_raw *after = sn_raw_get(raw, SN_WORD_AFTER);

    *timer = (struct sn_timer){.name = raw->name->text,
                               .every = every != NULL,
                               .period_ns = every != NULL   ? every->number
                                            : after != NULL ? after->number
                                                            : 1,
                               .doc = sn_raw_doc(resolver->arena, raw),
                               .location = raw->name->location};
    if (every != NULL && after != NULL) {
        sn_diag_error(resolver->diags, SN_CODE_BAD_VALUE, &after->name->location,
                      "a timer has either `every` or `after`");
        sn_diag_note(resolver->diags, &every->name->location, "here is the other one");
    } else if (raw->node->count == 0 || (every == NULL && after == NULL && raw->count > 0)) {
        sn_diag_error(resolver->diags, SN_CODE_MISSING_KEY, &raw->name->location,
                      "a timer needs `every` or `after`");
        sn_diag_help(resolver->diags, "%s: {every: 1s} repeats; %s: {after: 1s} is started by you",
                     timer->name, timer->name);
    }
}

static int resolve_timers(struct sn_resolver *resolver, const struct sn_bound_worker *bound)
{
    const struct sn_raw *raw = sn_raw_get(bound->raw, SN_WORD_TIMERS);
    const struct sn_raw *tick = sn_raw_get(bound->raw, SN_WORD_TICK);
    const struct sn_raw *slow = sn_raw_get(bound->raw, SN_WORD_SLOW_AFTER);
    const struct sn_raw *memory = sn_raw_get(bound->raw, SN_WORD_MEMORY);
    struct sn_worker *worker = bound->worker;

    worker->tick_ns = tick != NULL ? tick->number : 0;
    worker->slow_after_ns = slow != NULL ? slow->number : 0;
    worker->memory_bytes = memory != NULL ? memory->number : 0;
    worker->timer_count = raw != NULL ? raw->count : 0;
    worker->timers = sn_arena_array(resolver->arena, worker->timer_count, sizeof *worker->timers);
    if (worker->timers == NULL)
        return -1;
    for (size_t i = 0; i < worker->timer_count; i++)
        resolve_timer(resolver, &raw->items[i], &worker->timers[i]);
    return 0;
}

/* Did the reading or the resolving leave something of its handles out, or what it is? */
static bool is_partial(const struct sn_bound_worker *bound)
{
    const struct sn_raw *handles = sn_raw_get(bound->raw, SN_WORD_HANDLES);

    if (handles == NULL)
        return sn_resolve_mentions(bound->raw, "handles");
    return handles->count < handles->node->count || bound->worker->handle_count < handles->count;
}

int sn_resolve_workers(struct sn_resolver *resolver)
{
    for (size_t i = 0; i < resolver->scope->bound_worker_count; i++) {
        const struct sn_bound_worker *bound = &resolver->scope->bound_workers[i];
        const struct sn_raw *include = sn_raw_get(bound->raw, SN_WORD_INCLUDE);

        bound->worker->include = include != NULL ? include->text : NULL;
        resolve_hooks(resolver, bound);
        if (resolve_handles(resolver, bound) != 0 || resolve_dead_letters(resolver, bound) != 0 ||
            resolve_members(resolver, bound) != 0 || resolve_timers(resolver, bound) != 0 ||
            sn_resolve_invariants(resolver, bound) != 0)
            return -1;
        resolver->scope->bound_workers[i].partial = is_partial(bound);
    }
    return 0;
}
