/* SPDX-License-Identifier: MIT */
/* Prototypes: formed here once, for the headers, the sources and the stubs. */
#include "emit/emitter.h"

#include <string.h>

const char *sn_message_parameter(struct sn_emit *emit, const struct sn_message *message)
{
    if (!sn_has_fields(message->fields))
        return "";
    return sn_emit_printf(emit, ", const struct %s *message",
                          sn_name_struct(emit->arena, message->fields));
}

const char *sn_message_argument(const struct sn_message *message)
{
    return sn_has_fields(message->fields) ? ", message" : "";
}

static const char *self_of(struct sn_emit *emit, const struct sn_worker *worker)
{
    return sn_emit_printf(emit, "struct %s *self", sn_name_worker(emit->arena, worker));
}

static const char *reply_to_parameter(struct sn_emit *emit, const struct sn_message *message)
{
    if (message->reply == NULL)
        return "";
    return sn_emit_printf(emit, ", %s to", sn_name_reply_to(emit->arena, message));
}

const char *sn_proto_init(struct sn_emit *emit, const struct sn_worker *worker)
{
    return sn_emit_text(emit, "int ${name}(${self}${restored})",
                        SN_SLOTS({"name", sn_name_hook(emit->arena, worker, "init")},
                                 {"self", self_of(emit, worker)},
                                 {"restored", worker->retain_count > 0 ? ", bool restored" : ""}));
}

const char *sn_proto_shutdown(struct sn_emit *emit, const struct sn_worker *worker)
{
    return sn_emit_text(emit, "void ${name}(${self}, int why)",
                        SN_SLOTS({"name", sn_name_hook(emit->arena, worker, "shutdown")},
                                 {"self", self_of(emit, worker)}));
}

const char *sn_proto_tick(struct sn_emit *emit, const struct sn_worker *worker)
{
    return sn_emit_text(emit, "int ${name}(${self})",
                        SN_SLOTS({"name", sn_name_hook(emit->arena, worker, "tick")},
                                 {"self", self_of(emit, worker)}));
}

const char *sn_proto_on_message(struct sn_emit *emit, const struct sn_worker *worker,
                                const struct sn_message *message)
{
    return sn_emit_text(emit, "int ${name}(${self}${message}${to})",
                        SN_SLOTS({"name", sn_name_on_message(emit->arena, worker, message)},
                                 {"self", self_of(emit, worker)},
                                 {"message", sn_message_parameter(emit, message)},
                                 {"to", reply_to_parameter(emit, message)}));
}

const char *sn_proto_on_ask(struct sn_emit *emit, const struct sn_worker *worker,
                            const struct sn_ask *ask)
{
    const struct sn_struct *reply = ask->edge.message->reply;
    const char *context = "";
    const char *answer = "";

    if (sn_has_fields(ask->context))
        context = sn_emit_printf(emit, ", const struct %s *context",
                                 sn_name_struct(emit->arena, ask->context));
    if (sn_has_fields(reply))
        answer =
            sn_emit_printf(emit, ", const struct %s *reply", sn_name_struct(emit->arena, reply));
    return sn_emit_text(emit, "int ${name}(${self}${index}${context}, int outcome${reply})",
                        SN_SLOTS({"name", sn_name_on_ask(emit->arena, worker, ask)},
                                 {"self", self_of(emit, worker)},
                                 {"index", ask->edge.each ? ", uint32_t index" : ""},
                                 {"context", context}, {"reply", answer}));
}

const char *sn_proto_on_timer(struct sn_emit *emit, const struct sn_worker *worker,
                              const struct sn_timer *timer)
{
    return sn_emit_text(emit, "int ${name}(${self})",
                        SN_SLOTS({"name", sn_name_on_timer(emit->arena, worker, timer)},
                                 {"self", self_of(emit, worker)}));
}

/* Which member: nothing where the route chooses. */
static const char *member_of(struct sn_emit *emit, const struct sn_edge *edge, enum sn_form form)
{
    if (edge->pool->at_run_time)
        return sn_emit_printf(emit, ", %s ref", sn_name_ref(emit->arena, edge->pool->worker));
    return form == SN_FORM_AT ? ", uint32_t index" : "";
}

const char *sn_member_argument(const struct sn_edge *edge)
{
    return edge->pool->at_run_time ? ", ref" : edge->indexed ? ", index" : "";
}

const char *sn_proto_send(struct sn_emit *emit, const struct sn_edge *edge, enum sn_form form)
{
    return sn_emit_text(
        emit, "int ${name}(${self}${index}${message})",
        SN_SLOTS({"name", sn_name_edge(emit->arena, emit->package, edge, "send", form)},
                 {"self", self_of(emit, edge->from)}, {"index", member_of(emit, edge, form)},
                 {"message", sn_message_parameter(emit, edge->message)}));
}

const char *sn_proto_ask(struct sn_emit *emit, const struct sn_ask *ask, enum sn_form form)
{
    const struct sn_worker *worker = ask->edge.from;
    const char *context = "";

    if (sn_has_fields(ask->context))
        context = sn_emit_printf(emit, ", const struct %s *context",
                                 sn_name_struct(emit->arena, ask->context));
    return sn_emit_text(
        emit, "int ${name}(${self}${index}${message}${context})",
        SN_SLOTS({"name", sn_name_ask(emit->arena, worker, ask, form)},
                 {"self", self_of(emit, worker)}, {"index", member_of(emit, &ask->edge, form)},
                 {"message", sn_message_parameter(emit, ask->edge.message)}, {"context", context}));
}

const char *sn_proto_reply(struct sn_emit *emit, const struct sn_worker *worker,
                           const struct sn_message *message)
{
    const char *reply = "";

    if (sn_has_fields(message->reply))
        reply = sn_emit_printf(emit, ", const struct %s *reply",
                               sn_name_struct(emit->arena, message->reply));
    return sn_emit_text(emit, "int ${name}(${self}${to}${reply})",
                        SN_SLOTS({"name", sn_name_answer(emit->arena, worker, message, "reply")},
                                 {"self", self_of(emit, worker)},
                                 {"to", reply_to_parameter(emit, message)}, {"reply", reply}));
}

const char *sn_proto_refuse(struct sn_emit *emit, const struct sn_worker *worker,
                            const struct sn_message *message)
{
    return sn_emit_text(emit, "int ${name}(${self}${to}, int code)",
                        SN_SLOTS({"name", sn_name_answer(emit->arena, worker, message, "refuse")},
                                 {"self", self_of(emit, worker)},
                                 {"to", reply_to_parameter(emit, message)}));
}

const char *sn_proto_setter(struct sn_emit *emit, const struct sn_worker *worker,
                            const struct sn_field *field)
{
    const char *value = sn_c_declare(emit, &field->type, "value");

    if (field->type.kind == SN_KIND_STRUCT && !field->type.optional)
        value = sn_emit_printf(emit, "const %s *value", sn_c_type(emit, &field->type));
    else if (field->type.kind == SN_KIND_ARRAY && !field->type.optional)
        value = sn_emit_printf(emit, "const %s", value);
    return sn_emit_text(emit, "int ${name}(${self}, ${value})",
                        SN_SLOTS({"name", sn_name_setter(emit->arena, worker, field)},
                                 {"self", self_of(emit, worker)}, {"value", value}));
}

const char *sn_proto_push(struct sn_emit *emit, const struct sn_worker *worker,
                          const struct sn_field *field)
{
    const struct sn_type *item = field->type.of;
    bool by_address =
        !item->optional && (item->kind == SN_KIND_STRUCT || item->kind == SN_KIND_ARRAY);
    const char *type = sn_c_element(emit, item);

    return sn_emit_text(
        emit, "int ${name}(${self}, ${item})",
        SN_SLOTS({"name", sn_name_member_verb(emit->arena, worker, field, "push")},
                 {"self", self_of(emit, worker)},
                 {"item", sn_emit_printf(emit, by_address ? "const %s *item" : "%s item", type)}));
}

const char *sn_proto_clear(struct sn_emit *emit, const struct sn_worker *worker,
                           const struct sn_field *field)
{
    return sn_emit_text(emit, "void ${name}(${self})",
                        SN_SLOTS({"name", sn_name_member_verb(emit->arena, worker, field, "clear")},
                                 {"self", self_of(emit, worker)}));
}

const char *sn_proto_route(struct sn_emit *emit, const struct sn_pool *pool,
                           const struct sn_message *message)
{
    const char *parameter = sn_message_parameter(emit, message);

    return sn_emit_text(
        emit, "uint32_t ${name}(${message}uint32_t count)",
        SN_SLOTS(
            {"name", sn_name_custom_route(emit, pool, message)},
            {"message", parameter[0] != '\0' ? sn_emit_printf(emit, "%s, ", parameter + 2) : ""}));
}

static bool needs_route(const struct sn_edge *edge, const struct sn_pool *pool,
                        const struct sn_message *message)
{
    return edge->routed && edge->pool == pool && edge->message == message;
}

bool sn_is_custom_routed(struct sn_emit *emit, const struct sn_pool *pool,
                         const struct sn_message *message)
{
    const struct sn_package *package = emit->package;

    if (pool->at_run_time || pool->route != SN_ROUTE_CUSTOM ||
        (!pool->size_auto && pool->size == 1))
        return false;
    for (size_t i = 0; i < package->edge_count; i++)
        if (needs_route(&package->edges[i], pool, message))
            return true;
    for (size_t w = 0; w < package->worker_count; w++) {
        const struct sn_worker *worker = package->workers[w];

        for (size_t i = 0; i < worker->edge_count; i++)
            if (needs_route(&worker->edges[i], pool, message))
                return true;
        for (size_t i = 0; i < worker->ask_count; i++)
            if (needs_route(&worker->asks[i].edge, pool, message))
                return true;
    }
    return false;
}

/* What a function of main has behind the message. */
static const char *main_tail(struct sn_emit *emit, const struct sn_edge *edge, const char *verb,
                             enum sn_form form)
{
    const struct sn_message *message = edge->message;

    if (strcmp(verb, "send_wait") == 0)
        return ", uint64_t timeout_ns";
    if (strcmp(verb, "ask") == 0)
        return sn_emit_printf(emit, ", struct %s *ret_future",
                              sn_name_future(emit->arena, message));
    if (strcmp(verb, "try") == 0)
        return sn_emit_printf(emit, ", uint64_t deadline_ns, struct %s *ret_future",
                              sn_name_future(emit->arena, message));
    if (strcmp(verb, "call") == 0 && form != SN_FORM_ALL && sn_has_fields(message->reply))
        return sn_emit_printf(emit, ", struct %s *ret_reply",
                              sn_name_struct(emit->arena, message->reply));
    return "";
}

const char *sn_proto_main(struct sn_emit *emit, const struct sn_edge *edge, const char *verb,
                          enum sn_form form)
{
    return sn_emit_text(
        emit, "int ${name}(struct ${app} *app${index}${message}${tail})",
        SN_SLOTS({"name", sn_name_edge(emit->arena, emit->package, edge, verb, form)},
                 {"app", sn_name_app(emit->arena, emit->package)},
                 {"index", member_of(emit, edge, form)},
                 {"message", sn_message_parameter(emit, edge->message)},
                 {"tail", main_tail(emit, edge, verb, form)}));
}

static const char *value_of(const struct sn_struct *structure)
{
    return structure->origin == SN_STRUCT_REPLY ? "reply" : "message";
}

const char *sn_proto_encode(struct sn_emit *emit, const struct sn_struct *structure)
{
    return sn_emit_text(emit,
                        "int ${name}(const struct ${type} *${value}, "
                        "struct sn_wire_memory *memory, struct sn_bytes *ret_bytes)",
                        SN_SLOTS({"name", sn_name_codec(emit->arena, structure, "encode")},
                                 {"type", sn_name_struct(emit->arena, structure)},
                                 {"value", value_of(structure)}));
}

const char *sn_proto_decode(struct sn_emit *emit, const struct sn_struct *structure)
{
    return sn_emit_text(emit,
                        "int ${name}(struct sn_bytes bytes, struct sn_wire_memory *memory, "
                        "struct ${type} *ret_${value})",
                        SN_SLOTS({"name", sn_name_codec(emit->arena, structure, "decode")},
                                 {"type", sn_name_struct(emit->arena, structure)},
                                 {"value", value_of(structure)}));
}
