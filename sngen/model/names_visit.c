/* SPDX-License-Identifier: MIT */
/*
 * All names of a package, for the collision check. Tags, functions, types and
 * macros are given together although C keeps tags apart: a struct and a
 * function of one name would compile and confuse everybody.
 *
 * A struct's tag may be met again under the same origin (a request's context
 * and so on never are); the visitor sees each (name, location) as it comes.
 */
#include "model/names.h"

#include <string.h>

struct visit {
    struct sn_arena *arena;
    struct sn_name_visitor *visitor;
    const struct sn_package *package;
    int rc;
};

static void give(struct visit *visit, const char *name, const char *kind, const char *what,
                 const struct sn_location *location)
{
    const char *origin;

    if (visit->rc != 0)
        return;
    origin = what != NULL ? sn_arena_printf(visit->arena, "%s '%s'", kind, what) : kind;
    visit->rc = visit->visitor->visit(visit->visitor, name, origin, location);
}

static bool has_max(const struct sn_type *type)
{
    return type->kind == SN_KIND_STRING || type->kind == SN_KIND_BYTES ||
           type->kind == SN_KIND_LIST || type->kind == SN_KIND_ARRAY;
}

static void visit_struct(struct visit *visit, const struct sn_struct *structure, const char *kind)
{
    struct sn_arena *arena = visit->arena;

    if (structure == NULL || structure->field_count == 0)
        return;
    give(visit, sn_name_struct(arena, structure), kind, structure->name, &structure->location);
    give(visit, sn_name_struct_list(arena, structure), kind, structure->name, &structure->location);
    for (size_t i = 0; i < structure->field_count; i++)
        if (has_max(&structure->fields[i].type))
            give(visit, sn_name_field_max(arena, structure, &structure->fields[i]),
                 "the maximum of the field", structure->fields[i].name,
                 &structure->fields[i].location);
}

static void visit_enum(struct visit *visit, const struct sn_enum *enumeration)
{
    give(visit, sn_name_enum(visit->arena, enumeration), "the enum", enumeration->name,
         &enumeration->location);
    give(visit, sn_name_enum_list(visit->arena, enumeration), "the enum", enumeration->name,
         &enumeration->location);
    for (size_t i = 0; i < enumeration->value_count; i++)
        give(visit, sn_name_enum_value(visit->arena, enumeration, &enumeration->values[i]),
             "the enum value", enumeration->values[i].name, &enumeration->values[i].location);
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

static void visit_message(struct visit *visit, const struct sn_message *message)
{
    static const char *const verbs[] = {"wait", "cancel", "destroy"};
    struct sn_arena *arena = visit->arena;

    give(visit, sn_name_message_id(arena, message), "the message", message->name,
         &message->location);
    if (message->reply == NULL)
        return;
    give(visit, sn_name_reply_to(arena, message), "the request", message->name, &message->location);
    give(visit, sn_name_future(arena, message), "the request", message->name, &message->location);
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

static void visit_edge(struct visit *visit, const struct sn_edge *edge)
{
    const char *name =
        sn_arena_printf(visit->arena, "%s.%s", edge->pool->name, edge->message->name);

    if (edge->verb == SN_VERB_SEND) {
        visit_forms(visit, edge, "send", name);
        if (edge->from == NULL)
            visit_forms(visit, edge, "send_wait", name);
    } else {
        visit_forms(visit, edge, "call", name);
        visit_forms(visit, edge, "ask", name);
    }
}

static void visit_ask(struct visit *visit, const struct sn_worker *worker, const struct sn_ask *ask)
{
    struct sn_arena *arena = visit->arena;

    visit_struct(visit, ask->context, "the context of the ask");
    if (ask->edge.message == NULL)
        return;
    give(visit, sn_name_on_ask(arena, worker, ask), "the ask", ask->role, &ask->location);
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

        if (field->type.fixed || field->type.kind == SN_KIND_C)
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
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        give(visit, sn_name_timer_verb(visit->arena, worker, timer, verbs[i]), "the timer",
             timer->name, &timer->location);
}

static void visit_worker(struct visit *visit, const struct sn_worker *worker)
{
    static const char *const hooks[] = {"init", "shutdown", "tick"};
    bool has[] = {worker->has_init, worker->has_shutdown, worker->tick_ns > 0};
    struct sn_arena *arena = visit->arena;

    give(visit, sn_name_worker(arena, worker), "the worker", worker->name, &worker->location);
    give(visit, sn_name_ref(arena, worker), "the worker", worker->name, &worker->location);
    for (size_t i = 0; i < sizeof hooks / sizeof hooks[0]; i++)
        if (has[i])
            give(visit, sn_name_hook(arena, worker, hooks[i]), "the worker", worker->name,
                 &worker->location);
    visit_struct(visit, worker->args, "the arguments of");
    visit_members(visit, worker, worker->state, worker->state_count);
    visit_members(visit, worker, worker->retain, worker->retain_count);
    for (size_t i = 0; i < worker->handle_count; i++)
        visit_handled(visit, worker, worker->handles[i]);
    for (size_t i = 0; i < worker->edge_count; i++)
        visit_edge(visit, &worker->edges[i]);
    for (size_t i = 0; i < worker->ask_count; i++)
        visit_ask(visit, worker, &worker->asks[i]);
    for (size_t i = 0; i < worker->timer_count; i++)
        visit_timer(visit, worker, &worker->timers[i]);
}

static void visit_app(struct visit *visit)
{
    static const char *const verbs[] = {"options", "options_args", "start", "run",
                                        "stop",    "result_name",  "system"};
    const struct sn_package *package = visit->package;

    if (package->pool_count == 0)
        return;
    give(visit, sn_name_app(visit->arena, package), "the package", package->name,
         &package->location);
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        give(visit, sn_name_app_verb(visit->arena, package, verbs[i]), "the package", package->name,
             &package->location);
    for (size_t i = 0; i < package->pool_count; i++)
        if (package->pools[i]->route == SN_ROUTE_CUSTOM)
            give(visit, sn_name_pool_route(visit->arena, package->pools[i]), "the pool",
                 package->pools[i]->name, &package->pools[i]->location);
}

int sn_names_visit(struct sn_arena *arena, const struct sn_package *package,
                   struct sn_name_visitor *visitor)
{
    struct visit visit = {.arena = arena, .visitor = visitor, .package = package};

    visit_app(&visit);
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
    return visit.rc;
}
