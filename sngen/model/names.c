/* SPDX-License-Identifier: MIT */
/* Each function joins the parts of one name; see names.h for what they are. */
#include "model/names.h"

#include <string.h>

const char *sn_name_upper(struct sn_arena *arena, const char *text)
{
    size_t size = strlen(text);
    char *copy = sn_arena_alloc(arena, size + 1);

    if (copy == NULL)
        return "";
    for (size_t i = 0; i < size; i++)
        copy[i] = text[i] >= 'a' && text[i] <= 'z' ? (char)(text[i] - 'a' + 'A') : text[i];
    return copy;
}

static const char *suffix(enum sn_form form)
{
    return form == SN_FORM_AT ? "_at" : form == SN_FORM_ALL ? "_all" : "";
}

const char *sn_name_package_header(struct sn_arena *arena, const struct sn_package *package)
{
    return sn_arena_printf(arena, "%s.h", package->name);
}

const char *sn_name_package_source(struct sn_arena *arena, const struct sn_package *package)
{
    return sn_arena_printf(arena, "%s.c", package->name);
}

const char *sn_name_worker_header(struct sn_arena *arena, const struct sn_worker *worker)
{
    return sn_arena_printf(arena, "%s.h", sn_name_worker(arena, worker));
}

const char *sn_name_worker_source(struct sn_arena *arena, const struct sn_worker *worker)
{
    return sn_arena_printf(arena, "%s.sn.c", sn_name_worker(arena, worker));
}

const char *sn_name_guard(struct sn_arena *arena, const char *file_name)
{
    size_t size = strlen(file_name);
    char *guard = sn_arena_alloc(arena, size + 1);

    if (guard == NULL)
        return "";
    memcpy(guard, sn_name_upper(arena, file_name), sn_arena_failed(arena) ? 0 : size);
    for (size_t i = 0; i < size; i++)
        if (guard[i] == '.' || guard[i] == '/' || guard[i] == '-')
            guard[i] = '_';
    return guard;
}

const char *sn_name_constant(struct sn_arena *arena, const struct sn_constant *constant)
{
    return sn_name_upper(arena,
                         sn_arena_printf(arena, "%s_%s", constant->package->name, constant->name));
}

const char *sn_name_struct(struct sn_arena *arena, const struct sn_struct *structure)
{
    const char *package = structure->package->name;

    switch (structure->origin) {
    case SN_STRUCT_REPLY:
        return sn_arena_printf(arena, "%s_%s_reply", package, structure->name);
    case SN_STRUCT_ARGS:
        return sn_arena_printf(arena, "%s_%s_args", package, structure->worker->name);
    case SN_STRUCT_CONTEXT:
        return sn_arena_printf(arena, "%s_%s_%s", package, structure->worker->name,
                               structure->name);
    default:
        return sn_arena_printf(arena, "%s_%s", package, structure->name);
    }
}

const char *sn_name_struct_list(struct sn_arena *arena, const struct sn_struct *structure)
{
    return sn_arena_printf(arena, "%s_list", sn_name_struct(arena, structure));
}

const char *sn_name_enum(struct sn_arena *arena, const struct sn_enum *enumeration)
{
    return sn_arena_printf(arena, "%s_%s", enumeration->package->name, enumeration->name);
}

const char *sn_name_enum_list(struct sn_arena *arena, const struct sn_enum *enumeration)
{
    return sn_arena_printf(arena, "%s_list", sn_name_enum(arena, enumeration));
}

const char *sn_name_enum_value(struct sn_arena *arena, const struct sn_enum *enumeration,
                               const struct sn_enum_value *value)
{
    return sn_name_upper(arena, sn_arena_printf(arena, "%s_%s_%s", enumeration->package->name,
                                                enumeration->name, value->name));
}

const char *sn_name_alias(struct sn_arena *arena, const struct sn_alias *alias)
{
    return sn_arena_printf(arena, "%s_%s", alias->package->name, alias->name);
}

const char *sn_name_field_max(struct sn_arena *arena, const struct sn_struct *structure,
                              const struct sn_field *field)
{
    return sn_name_upper(
        arena, sn_arena_printf(arena, "%s_%s_max", sn_name_struct(arena, structure), field->name));
}

const char *sn_name_error(struct sn_arena *arena, const struct sn_error *error)
{
    return sn_name_upper(arena, sn_arena_printf(arena, "%s_%s", error->package->name, error->name));
}

const char *sn_name_message_id(struct sn_arena *arena, const struct sn_message *message)
{
    return sn_name_upper(
        arena, sn_arena_printf(arena, "%s_message_%s", message->package->name, message->name));
}

const char *sn_name_reply_to(struct sn_arena *arena, const struct sn_message *message)
{
    return sn_arena_printf(arena, "%s_%s_reply_to", message->package->name, message->name);
}

const char *sn_name_future(struct sn_arena *arena, const struct sn_message *message)
{
    return sn_arena_printf(arena, "%s_%s_future", message->package->name, message->name);
}

const char *sn_name_future_verb(struct sn_arena *arena, const struct sn_message *message,
                                const char *verb)
{
    return sn_arena_printf(arena, "%s_%s_future_%s", message->package->name, message->name, verb);
}

const char *sn_name_codec(struct sn_arena *arena, const struct sn_struct *structure,
                          const char *verb)
{
    return sn_arena_printf(arena, "%s_%s", sn_name_struct(arena, structure), verb);
}

const char *sn_name_wire_size(struct sn_arena *arena, const struct sn_struct *structure,
                              const char *end)
{
    return sn_name_upper(arena, sn_name_codec(arena, structure, end));
}

/* The name in C without the package's own prefix. */
static const char *without_prefix(const char *name, const struct sn_package *package,
                                  const struct sn_package *owner)
{
    return package == owner ? name + strlen(package->name) + 1 : name;
}

/* entry_list -> EntryList */
static const char *camel(struct sn_arena *arena, const char *name)
{
    size_t size = 0;
    char *copy = sn_arena_alloc(arena, strlen(name) + 1);
    bool begins = true;

    if (copy == NULL)
        return "";
    for (; *name != '\0'; name++) {
        if (*name != '_')
            copy[size++] =
                begins && *name >= 'a' && *name <= 'z' ? (char)(*name - 'a' + 'A') : *name;
        begins = *name == '_';
    }
    copy[size] = '\0';
    return copy;
}

const char *sn_name_proto_struct(struct sn_arena *arena, const struct sn_package *package,
                                 const struct sn_struct *structure)
{
    const char *name = sn_name_struct(arena, structure);

    return *name != '\0' ? camel(arena, without_prefix(name, package, structure->package)) : "";
}

const char *sn_name_proto_enum(struct sn_arena *arena, const struct sn_package *package,
                               const struct sn_enum *enumeration)
{
    const char *name = sn_name_enum(arena, enumeration);

    return *name != '\0' ? camel(arena, without_prefix(name, package, enumeration->package)) : "";
}

const char *sn_name_proto_enum_value(struct sn_arena *arena, const struct sn_package *package,
                                     const struct sn_enum *enumeration,
                                     const struct sn_enum_value *value)
{
    const char *name = sn_name_enum_value(arena, enumeration, value);

    return *name != '\0' ? without_prefix(name, package, enumeration->package) : "";
}

const char *sn_name_app(struct sn_arena *arena, const struct sn_package *package)
{
    return sn_arena_text(arena, package->name, strlen(package->name));
}

const char *sn_name_app_verb(struct sn_arena *arena, const struct sn_package *package,
                             const char *verb)
{
    return sn_arena_printf(arena, "%s_%s", package->name, verb);
}

const char *sn_name_worker(struct sn_arena *arena, const struct sn_worker *worker)
{
    return sn_arena_printf(arena, "%s_%s", worker->package->name, worker->name);
}

static const char *of_worker(struct sn_arena *arena, const struct sn_worker *worker,
                             const char *verb, const char *target, const char *end)
{
    return sn_arena_printf(arena, "%s_%s_%s_%s%s", worker->package->name, worker->name, verb,
                           target, end);
}

const char *sn_name_ref(struct sn_arena *arena, const struct sn_worker *worker)
{
    return sn_arena_printf(arena, "%s_%s_ref", worker->package->name, worker->name);
}

const char *sn_name_pool_route(struct sn_arena *arena, const struct sn_pool *pool)
{
    return sn_arena_printf(arena, "%s_%s_route", pool->package->name, pool->name);
}

const char *sn_name_hook(struct sn_arena *arena, const struct sn_worker *worker, const char *hook)
{
    return sn_arena_printf(arena, "%s_%s_%s", worker->package->name, worker->name, hook);
}

const char *sn_name_test(struct sn_arena *arena, const struct sn_worker *worker, const char *verb,
                         const char *target)
{
    const char *stem = sn_arena_printf(arena, "%s_%s_test", worker->package->name, worker->name);

    if (verb == NULL)
        return stem;
    return target != NULL ? sn_arena_printf(arena, "%s_%s_%s", stem, verb, target)
                          : sn_arena_printf(arena, "%s_%s", stem, verb);
}

const char *sn_name_test_header(struct sn_arena *arena, const struct sn_worker *worker)
{
    return sn_arena_printf(arena, "%s.h", sn_name_test(arena, worker, NULL, NULL));
}

const char *sn_name_on_message(struct sn_arena *arena, const struct sn_worker *worker,
                               const struct sn_message *message)
{
    return of_worker(arena, worker, "on", message->name, "");
}

const char *sn_name_on_ask(struct sn_arena *arena, const struct sn_worker *worker,
                           const struct sn_ask *ask)
{
    return of_worker(arena, worker, "on", ask->role, "");
}

const char *sn_name_on_timer(struct sn_arena *arena, const struct sn_worker *worker,
                             const struct sn_timer *timer)
{
    return of_worker(arena, worker, "on", timer->name, "");
}

const char *sn_name_timer_verb(struct sn_arena *arena, const struct sn_worker *worker,
                               const struct sn_timer *timer, const char *verb)
{
    return of_worker(arena, worker, verb, timer->name, "");
}

const char *sn_name_answer(struct sn_arena *arena, const struct sn_worker *worker,
                           const struct sn_message *message, const char *verb)
{
    return of_worker(arena, worker, verb, message->name, "");
}

const char *sn_name_setter(struct sn_arena *arena, const struct sn_worker *worker,
                           const struct sn_field *field)
{
    return of_worker(arena, worker, "set", field->name, "");
}

const char *sn_name_member_verb(struct sn_arena *arena, const struct sn_worker *worker,
                                const struct sn_field *field, const char *verb)
{
    return of_worker(arena, worker, field->name, verb, "");
}

const char *sn_name_edge(struct sn_arena *arena, const struct sn_package *package,
                         const struct sn_edge *edge, const char *verb, enum sn_form form)
{
    const char *target =
        sn_arena_printf(arena, "%s_%s%s", edge->pool->name, edge->message->name, suffix(form));

    return edge->from != NULL ? of_worker(arena, edge->from, verb, target, "")
                              : sn_arena_printf(arena, "%s_%s_%s", package->name, verb, target);
}

const char *sn_name_ask(struct sn_arena *arena, const struct sn_worker *worker,
                        const struct sn_ask *ask, enum sn_form form)
{
    return of_worker(arena, worker, "ask", ask->role, suffix(form));
}

const char *sn_name_bond(struct sn_arena *arena, const struct sn_worker *worker, const char *verb,
                         const struct sn_pool *pool, enum sn_form form)
{
    return of_worker(arena, worker, verb, pool->name, suffix(form));
}

const char *sn_name_spawn(struct sn_arena *arena, const struct sn_package *package,
                          const struct sn_worker *worker, const char *verb,
                          const struct sn_pool *pool)
{
    return worker != NULL ? of_worker(arena, worker, verb, pool->name, "")
                          : sn_arena_printf(arena, "%s_%s_%s", package->name, verb, pool->name);
}

const char *sn_name_on_down(struct sn_arena *arena, const struct sn_worker *worker,
                            const struct sn_pool *pool)
{
    return of_worker(arena, worker, "on", pool->name, "_down");
}

const char *sn_name_on_dead(struct sn_arena *arena, const struct sn_worker *worker,
                            const struct sn_message *message)
{
    return of_worker(arena, worker, "on_dead", message != NULL ? message->name : "letter", "");
}

const char *sn_name_waiting(struct sn_arena *arena, const struct sn_worker *worker,
                            const struct sn_ask *ask)
{
    return of_worker(arena, worker, "waiting", ask->role, "");
}
