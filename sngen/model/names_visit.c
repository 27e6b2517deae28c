/* SPDX-License-Identifier: MIT */
/*
 * All names of a package, for the collision check: what its headers declare,
 * and what only the generated source contains. C keeps tags apart from other
 * identifiers; a private name therefore cannot harm a tag, but a public one of
 * the same name would confuse everybody.
 */
#include "model/names.h"

#include <string.h>

struct visit {
    struct sn_arena *arena;
    struct sn_name_visitor *visitor;
    const struct sn_package *package;
    int rc;
};

static void give_in(struct visit *visit, enum sn_name_space space, const char *name,
                    const char *kind, const char *what, const struct sn_location *location)
{
    const char *origin;

    if (visit->rc != 0)
        return;
    origin = what != NULL ? sn_arena_printf(visit->arena, "%s '%s'", kind, what) : kind;
    visit->rc = visit->visitor->visit(visit->visitor, space, name, origin, location);
}

static void give(struct visit *visit, const char *name, const char *kind, const char *what,
                 const struct sn_location *location)
{
    give_in(visit, SN_NAME_PUBLIC, name, kind, what, location);
}

static void give_tag(struct visit *visit, const char *name, const char *kind, const char *what,
                     const struct sn_location *location)
{
    give_in(visit, SN_NAME_TAG, name, kind, what, location);
}

/* stem_end for each of some ends: what stands in the source only. */
static void give_private(struct visit *visit, const char *stem, const char *ends, const char *kind,
                         const char *what, const struct sn_location *location)
{
    while (*ends != '\0') {
        size_t size = strcspn(ends, " ");
        const char *end = sn_arena_text(visit->arena, ends, size);

        give_in(visit, SN_NAME_PRIVATE, sn_arena_printf(visit->arena, "%s_%s", stem, end), kind,
                what, location);
        ends += size;
        ends += *ends == ' ';
    }
}

/* The same in capital letters, from parts: BANK_POOL_ACCOUNTS. */
static void give_constant(struct visit *visit, const char *stem, const char *part, const char *name,
                          const char *kind, const struct sn_location *location)
{
    give_in(
        visit, SN_NAME_PRIVATE,
        sn_name_upper(visit->arena, sn_arena_printf(visit->arena, "%s_%s_%s", stem, part, name)),
        kind, name, location);
}

static bool has_max(const struct sn_type *type)
{
    return type->kind == SN_KIND_STRING || type->kind == SN_KIND_BYTES ||
           type->kind == SN_KIND_LIST || type->kind == SN_KIND_ARRAY;
}

/* The types that C needs for an optional value, a list or an array of a named type. */
static void visit_derived(struct visit *visit, const char *name, const char *kind, const char *what,
                          const struct sn_location *location)
{
    static const char *const ends[] = {"list", "optional"};

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        give_tag(visit, sn_arena_printf(visit->arena, "%s_%s", name, ends[i]), kind, what,
                 location);
}

/* The plain C name of a type that has one of its own, with its package; NULL if it has none. */
static const char *named(struct visit *visit, const struct sn_type *type,
                         const struct sn_package **ret_package)
{
    if (type->structure != NULL) {
        *ret_package = type->structure->package;
        return sn_name_struct(visit->arena, type->structure);
    }
    if (type->enumeration != NULL) {
        *ret_package = type->enumeration->package;
        return sn_name_enum(visit->arena, type->enumeration);
    }
    if (type->kind == SN_KIND_REF) {
        *ret_package = type->worker->package;
        return sn_name_ref(visit->arena, type->worker);
    }
    if (type->kind == SN_KIND_REPLY_TO) {
        *ret_package = type->message->package;
        return sn_name_reply_to(visit->arena, type->message);
    }
    return NULL;
}

/* Arrays of a named type, and what another package's types are derived to: under our own prefix. */
static void visit_foreign(struct visit *visit, const struct sn_field *field)
{
    const struct sn_type *element = field->type.of != NULL ? field->type.of : &field->type;
    const struct sn_package *package = NULL;
    const char *name = named(visit, element, &package);

    if (name == NULL)
        return;
    if (package != visit->package) {
        name = sn_arena_printf(visit->arena, "%s_%s", visit->package->name, name);
        visit_derived(visit, name, "a use of another package's type in", field->name,
                      &package->location);
    }
    if (field->type.kind == SN_KIND_ARRAY)
        give_tag(visit,
                 sn_arena_printf(visit->arena, "%s_array%llu", name,
                                 (unsigned long long)field->type.max),
                 "an array in", field->name, &package->location);
}

static void visit_struct(struct visit *visit, const struct sn_struct *structure, const char *kind)
{
    struct sn_arena *arena = visit->arena;
    const char *name;

    if (structure == NULL || structure->field_count == 0)
        return;
    name = sn_name_struct(arena, structure);
    give_tag(visit, name, kind, structure->name, &structure->location);
    visit_derived(visit, name, kind, structure->name, &structure->location);
    give_private(visit, name,
                 "check tail tail_size size copy again measure keep pass wire wire_fields proto "
                 "proto_fields proto_ranges",
                 kind, structure->name, &structure->location);
    for (size_t i = 0; i < structure->field_count; i++) {
        const struct sn_field *field = &structure->fields[i];

        visit_foreign(visit, field);
        if (has_max(&field->type))
            give(visit, sn_name_field_max(arena, structure, field), "the maximum of the field",
                 field->name, &field->location);
    }
}

static void visit_enum(struct visit *visit, const struct sn_enum *enumeration)
{
    const char *name = sn_name_enum(visit->arena, enumeration);

    give_tag(visit, name, "the enum", enumeration->name, &enumeration->location);
    visit_derived(visit, name, "the enum", enumeration->name, &enumeration->location);
    give_private(visit, name, "check", "the enum", enumeration->name, &enumeration->location);
    for (size_t i = 0; i < enumeration->value_count; i++)
        give(visit, sn_name_enum_value(visit->arena, enumeration, &enumeration->values[i]),
             "the enum value", enumeration->values[i].name, &enumeration->values[i].location);
    give_private(visit, name, "wire wire_numbers", "the enum", enumeration->name,
                 &enumeration->location);
}

static void visit_declaration(struct visit *visit, const struct sn_declaration *declaration)
{
    const struct sn_alias *alias = declaration->alias;

    if (declaration->kind == SN_DECLARED_ENUM)
        visit_enum(visit, declaration->enumeration);
    else if (declaration->kind == SN_DECLARED_ALIAS)
        give(visit, sn_name_alias(visit->arena, alias), "the type", alias->name, &alias->location);
    else
        visit_struct(visit, declaration->structure,
                     declaration->structure->origin == SN_STRUCT_TYPE      ? "the type"
                     : declaration->structure->origin == SN_STRUCT_MESSAGE ? "the message"
                                                                           : "the reply of");
}

/* The codec of a message or reply; its tables are of the source. */
static void visit_codec(struct visit *visit, const struct sn_struct *structure)
{
    static const char *const verbs[] = {"encode", "decode"};
    static const char *const sizes[] = {"encoded_max", "wire_memory"};

    if (structure == NULL || structure->field_count == 0)
        return;
    for (size_t i = 0; i < 2; i++) {
        give(visit, sn_name_codec(visit->arena, structure, verbs[i]), "the codec of",
             structure->name, &structure->location);
        give(visit, sn_name_wire_size(visit->arena, structure, sizes[i]), "the codec of",
             structure->name, &structure->location);
    }
}

static void visit_message(struct visit *visit, const struct sn_message *message)
{
    static const char *const verbs[] = {"wait", "drop"};
    struct sn_arena *arena = visit->arena;

    give(visit, sn_name_message_id(arena, message), "the message", message->name,
         &message->location);
    if (message->wire) {
        visit_codec(visit, message->fields);
        visit_codec(visit, message->reply);
    }
    if (message->reply == NULL)
        return;
    give(visit, sn_name_reply_to(arena, message), "the request", message->name, &message->location);
    visit_derived(visit, sn_name_reply_to(arena, message), "the request", message->name,
                  &message->location);
    give_tag(visit, sn_name_future(arena, message), "the request", message->name,
             &message->location);
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        give(visit, sn_name_future_verb(arena, message, verbs[i]), "the request", message->name,
             &message->location);
}

static void visit_forms(struct visit *visit, const struct sn_edge *edge, const char *verb,
                        const char *name)
{
    static const enum sn_form forms[] = {SN_FORM_PLAIN, SN_FORM_AT, SN_FORM_ALL};
    bool has[] = {edge->routed, edge->indexed, edge->each};

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (has[i])
            give(visit, sn_name_edge(visit->arena, visit->package, edge, verb, forms[i]),
                 "the edge to", name, &edge->location);
}

static void visit_edge(struct visit *visit, const struct sn_edge *edge, size_t index)
{
    const char *name =
        sn_arena_printf(visit->arena, "%s.%s", edge->pool->name, edge->message->name);
    const char *from = edge->from != NULL ? sn_name_worker(visit->arena, edge->from)
                                          : sn_name_app(visit->arena, visit->package);

    give_private(
        visit,
        sn_arena_printf(visit->arena, "%s_%s_%s", from, edge->pool->name, edge->message->name),
        "edge", "the edge to", name, &edge->location);
    give_private(visit, from, sn_arena_printf(visit->arena, "edge_%zu", index), "the edge to", name,
                 &edge->location); /* when the name above would be too long */
    if (edge->verb == SN_VERB_SEND) {
        visit_forms(visit, edge, "send", name);
        if (edge->from == NULL)
            visit_forms(visit, edge, "send_wait", name);
    } else {
        visit_forms(visit, edge, "call", name);
        visit_forms(visit, edge, "ask", name);
        if (edge->from == NULL && edge->guard != NULL && edge->guard->retries > 0)
            visit_forms(visit, edge, "try", name);
    }
}

static void visit_ask(struct visit *visit, const struct sn_worker *worker, const struct sn_ask *ask)
{
    struct sn_arena *arena = visit->arena;

    visit_struct(visit, ask->context, "the context of the ask");
    if (ask->edge.message == NULL)
        return;
    give(visit, sn_name_on_ask(arena, worker, ask), "the ask", ask->role, &ask->location);
    give_constant(visit, sn_name_worker(arena, worker), "role", ask->role, "the ask",
                  &ask->location);
    give(visit, sn_name_waiting(arena, worker, ask), "the ask", ask->role, &ask->location);
    if (ask->edge.routed)
        give(visit, sn_name_ask(arena, worker, ask, SN_FORM_PLAIN), "the ask", ask->role,
             &ask->location);
    if (ask->edge.indexed)
        give(visit, sn_name_ask(arena, worker, ask, SN_FORM_AT), "the ask", ask->role,
             &ask->location);
    if (ask->edge.each)
        give(visit, sn_name_ask(arena, worker, ask, SN_FORM_ALL), "the ask", ask->role,
             &ask->location);
}

static void visit_handled(struct visit *visit, const struct sn_worker *worker,
                          const struct sn_message *message)
{
    struct sn_arena *arena = visit->arena;

    give(visit, sn_name_on_message(arena, worker, message), "the handled message", message->name,
         &message->location);
    if (message->reply == NULL)
        return;
    give(visit, sn_name_answer(arena, worker, message, "reply"), "the handled message",
         message->name, &message->location);
    give(visit, sn_name_answer(arena, worker, message, "refuse"), "the handled message",
         message->name, &message->location);
}

static void visit_members(struct visit *visit, const struct sn_worker *worker,
                          const struct sn_field *fields, size_t count)
{
    struct sn_arena *arena = visit->arena;

    for (size_t i = 0; i < count; i++) {
        const struct sn_field *field = &fields[i];

        visit_foreign(visit, field);
        if ((field->type.fixed && field->type.kind != SN_KIND_REPLY_TO) ||
            field->type.kind == SN_KIND_C)
            continue;
        give(visit, sn_name_setter(arena, worker, field), "the member", field->name,
             &field->location);
        if (field->type.kind != SN_KIND_LIST)
            continue;
        give(visit, sn_name_member_verb(arena, worker, field, "push"), "the member", field->name,
             &field->location);
        give(visit, sn_name_member_verb(arena, worker, field, "clear"), "the member", field->name,
             &field->location);
    }
}

static void visit_timer(struct visit *visit, const struct sn_worker *worker,
                        const struct sn_timer *timer)
{
    static const char *const verbs[] = {"start", "cancel"};

    give(visit, sn_name_on_timer(visit->arena, worker, timer), "the timer", timer->name,
         &timer->location);
    give_constant(visit, sn_name_worker(visit->arena, worker), "timer", timer->name, "the timer",
                  &timer->location);
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        give(visit, sn_name_timer_verb(visit->arena, worker, timer, verbs[i]), "the timer",
             timer->name, &timer->location);
}

/* `watches` or `links`, by the two verbs that begin and end one. */
static void visit_bonds(struct visit *visit, const struct sn_worker *worker,
                        const struct sn_bond *bonds, size_t count, const char *const verbs[2])
{
    static const enum sn_form forms[] = {SN_FORM_PLAIN, SN_FORM_AT, SN_FORM_ALL};

    for (size_t i = 0; i < count; i++)
        for (size_t verb = 0; verb < 2; verb++)
            for (size_t k = 0; k < sizeof forms / sizeof forms[0]; k++)
                give(visit,
                     sn_name_bond(visit->arena, worker, verbs[verb], bonds[i].pool, forms[k]),
                     "the bond with", bonds[i].pool->name, &bonds[i].location);
}

/* @worker  NULL: main. */
static void visit_spawns(struct visit *visit, const struct sn_worker *worker,
                         const struct sn_bond *spawns, size_t count)
{
    static const char *const verbs[] = {"spawn", "stop"};

    for (size_t i = 0; i < count; i++)
        for (size_t verb = 0; verb < 2; verb++)
            give(visit,
                 sn_name_spawn(visit->arena, visit->package, worker, verbs[verb], spawns[i].pool),
                 "the spawning of", spawns[i].pool->name, &spawns[i].location);
}

static void visit_worker(struct visit *visit, const struct sn_worker *worker)
{
    static const char *const hooks[] = {"init", "shutdown", "tick"};
    bool has[] = {worker->has_init, worker->has_shutdown, worker->tick_ns > 0};
    struct sn_arena *arena = visit->arena;

    give_tag(visit, sn_name_worker(arena, worker), "the worker", worker->name, &worker->location);
    give(visit, sn_name_ref(arena, worker), "the worker", worker->name, &worker->location);
    visit_derived(visit, sn_name_ref(arena, worker), "the worker", worker->name, &worker->location);
    give_private(visit, sn_name_worker(arena, worker),
                 "handle complete fire begin end clean asks timers handles ticks guards down dead "
                 "measure_args",
                 "the worker", worker->name, &worker->location);
    for (size_t i = 0; i < sizeof hooks / sizeof hooks[0]; i++)
        if (has[i])
            give(visit, sn_name_hook(arena, worker, hooks[i]), "the worker", worker->name,
                 &worker->location);
    if (worker->invariant_count > 0) {
        give(visit, sn_name_hook(arena, worker, "holds"), "the worker", worker->name,
             &worker->location);
        give_private(visit, sn_name_worker(arena, worker), "broken", "the worker", worker->name,
                     &worker->location);
    }
    if (worker->tick_ns > 0)
        give_constant(visit, sn_name_worker(arena, worker), "timer", "tick", "the worker's",
                      &worker->location);
    visit_struct(visit, worker->args, "the arguments of");
    visit_members(visit, worker, worker->state, worker->state_count);
    visit_members(visit, worker, worker->retain, worker->retain_count);
    for (size_t i = 0; i < worker->handle_count; i++)
        visit_handled(visit, worker, worker->handles[i]);
    for (size_t i = 0; i < worker->edge_count; i++)
        visit_edge(visit, &worker->edges[i], i);
    if (worker->has_dead_letters)
        give(visit, sn_name_on_dead(arena, worker, NULL), "the dead letters of", worker->name,
             &worker->location);
    for (size_t i = 0; i < worker->dead_count; i++)
        give(visit, sn_name_on_dead(arena, worker, worker->dead[i]), "the dead letter",
             worker->dead[i]->name, &worker->dead[i]->location);
    visit_bonds(visit, worker, worker->watches, worker->watch_count,
                (const char *const[]){"watch", "unwatch"});
    visit_bonds(visit, worker, worker->links, worker->link_count,
                (const char *const[]){"link", "unlink"});
    visit_spawns(visit, worker, worker->spawns, worker->spawn_count);
    for (size_t i = 0; i < worker->watch_count; i++)
        give(visit, sn_name_on_down(arena, worker, worker->watches[i].pool), "the watch of",
             worker->watches[i].pool->name, &worker->watches[i].location);
    for (size_t i = 0; i < worker->ask_count; i++)
        visit_ask(visit, worker, &worker->asks[i]);
    for (size_t i = 0; i < worker->timer_count; i++)
        visit_timer(visit, worker, &worker->timers[i]);
}

static void visit_pool(struct visit *visit, const struct sn_pool *pool)
{
    const char *stem = sn_arena_printf(visit->arena, "%s_%s", visit->package->name, pool->name);

    give_constant(visit, visit->package->name, "pool", pool->name, "the pool", &pool->location);
    give_private(visit, stem, "splits", "the pool", pool->name, &pool->location);
    for (size_t i = 0; i < pool->slot_count; i++) {
        const char *message = pool->slots[i].message->name;

        give_private(visit, stem, sn_arena_printf(visit->arena, "member_%s", message), "the pool",
                     pool->name, &pool->location);
        if (pool->route == SN_ROUTE_CUSTOM && pool->slots[i].path_count > 0)
            give(visit,
                 sn_arena_printf(visit->arena, "%s_%s", sn_name_pool_route(visit->arena, pool),
                                 message),
                 "the pool", pool->name, &pool->location);
    }
}

static void visit_app(struct visit *visit)
{
    static const char *const verbs[] = {"start", "run",   "stop",       "open",
                                        "close", "flush", "result_name"};
    const struct sn_package *package = visit->package;
    struct sn_arena *arena = visit->arena;

    give(visit, sn_name_upper(arena, sn_name_app_verb(arena, package, "schema")), "the package",
         package->name, &package->location);
    give_private(visit, package->name,
                 "messages workers pools supervisors phases guards package children started "
                 "started_size",
                 "the package", package->name, &package->location);
    give_in(visit, SN_NAME_PRIVATE,
            sn_name_upper(arena, sn_name_app_verb(arena, package, "messages")), "the package",
            package->name, &package->location);
    if (package->pool_count == 0)
        return;
    give_tag(visit, sn_name_app(arena, package), "the package", package->name, &package->location);
    give_tag(visit, sn_name_app_verb(arena, package, "options"), "the package", package->name,
             &package->location);
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        give(visit, sn_name_app_verb(arena, package, verbs[i]), "the package", package->name,
             &package->location);
    for (size_t i = 0; i < package->supervisor_count; i++)
        give_private(visit, package->name,
                     sn_arena_printf(arena, "%s_children", package->supervisors[i]->name),
                     "the supervisor", package->supervisors[i]->name,
                     &package->supervisors[i]->location);
    for (size_t i = 0; i < package->phase_count; i++)
        give_private(visit, package->name,
                     sn_arena_printf(arena, "%s_after %s_asks", package->phases[i].name,
                                     package->phases[i].name),
                     "the phase", package->phases[i].name, &package->phases[i].location);
}

int sn_names_visit(struct sn_arena *arena, const struct sn_package *package,
                   struct sn_name_visitor *visitor)
{
    struct visit visit = {.arena = arena, .visitor = visitor, .package = package};

    visit_app(&visit);
    for (size_t i = 0; i < package->pool_count; i++)
        visit_pool(&visit, package->pools[i]);
    for (size_t i = 0; i < package->constant_count; i++)
        give(&visit, sn_name_constant(arena, package->constants[i]), "the constant",
             package->constants[i]->name, &package->constants[i]->location);
    for (size_t i = 0; i < package->error_count; i++)
        give(&visit, sn_name_error(arena, package->errors[i]), "the error",
             package->errors[i]->name, &package->errors[i]->location);
    for (size_t i = 0; i < package->declaration_count; i++)
        visit_declaration(&visit, &package->declarations[i]);
    for (size_t i = 0; i < package->message_count; i++)
        visit_message(&visit, package->messages[i]);
    for (size_t i = 0; i < package->worker_count; i++)
        visit_worker(&visit, package->workers[i]);
    for (size_t i = 0; i < package->edge_count; i++)
        visit_edge(&visit, &package->edges[i], i);
    visit_spawns(&visit, NULL, package->spawns, package->spawn_count);
    return visit.rc;
}
