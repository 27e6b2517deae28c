/* SPDX-License-Identifier: MIT */
/*
 * The edges of threads outside. For a pool of several members the _at forms do the work, for a
 * pool of one the plain forms; `send` is `send_wait` that does not wait, and `call` is `ask` and
 * a wait for its future, again and again where the edge is retried.
 */
#include "emit/emitter.h"

#include <string.h>

/* A function that passes everything on to another one. */
struct forward {
    const char *verb;
    enum sn_form form;
    const char *target;    /* the function that does the work */
    const char *arguments; /* behind the index */
};

static const char *name_of(struct sn_emit *emit, const struct sn_edge *edge, const char *verb,
                           enum sn_form form)
{
    return sn_name_edge(emit->arena, emit->package, edge, verb, form);
}

static enum sn_form base_form(const struct sn_edge *edge)
{
    return edge->indexed ? SN_FORM_AT : SN_FORM_PLAIN;
}

/* Choose a member, then do it there. */
static void emit_routed(struct sn_emit *emit, struct sn_buffer *out, const struct sn_edge *edge,
                        const struct forward *forward)
{
    static const char text[] = "${prototype}\n"
                               "{\n"
                               "    struct sn_router *router = sn_port_router(app->sn);\n"
                               "    uint32_t index = ${member};\n"
                               "\n"
                               "    return ${target}(app, index${arguments});\n"
                               "}\n\n";

    sn_template_write(
        out, text,
        SN_SLOTS({"prototype", sn_proto_main(emit, edge, forward->verb, SN_FORM_PLAIN)},
                 {"member", sn_need_member(emit, edge)}, {"target", forward->target},
                 {"arguments", forward->arguments}));
}

static void emit_each(struct sn_emit *emit, struct sn_buffer *out, const struct sn_edge *edge,
                      const struct forward *forward)
{
    static const char text[] =
        "${prototype}\n"
        "{\n"
        "    uint32_t count = sn_route_count(sn_port_router(app->sn), ${pool});\n"
        "    int first = 0;\n"
        "\n"
        "    for (uint32_t index = 0; index < count; index++) {\n"
        "        int rc = ${target}(app, index${arguments});\n"
        "\n"
        "        if (first == 0)\n"
        "            first = rc;\n"
        "    }\n"
        "    return first;\n"
        "}\n\n";
    const char *prototype = sn_proto_main(emit, edge, forward->verb, SN_FORM_ALL);

    if (!edge->indexed) {
        sn_template_write(out, "${prototype}\n{\n    return ${target}(app${arguments});\n}\n\n",
                          SN_SLOTS({"prototype", prototype}, {"target", forward->target},
                                   {"arguments", forward->arguments}));
        return;
    }
    sn_template_write(out, text,
                      SN_SLOTS({"prototype", prototype},
                               {"pool", sn_name_pool_id(emit, edge->pool)},
                               {"target", forward->target}, {"arguments", forward->arguments}));
}

static void emit_forms(struct sn_emit *emit, struct sn_buffer *out, const struct sn_edge *edge,
                       const struct forward *forward)
{
    if (edge->routed && edge->indexed)
        emit_routed(emit, out, edge, forward);
    if (edge->each && strcmp(forward->verb, "ask") != 0)
        emit_each(emit, out, edge, forward);
}

static const char *to_line(struct sn_emit *emit, const struct sn_edge *edge)
{
    if (edge->pool->at_run_time)
        return "    sn_ref to = ref.ref;";
    return sn_emit_printf(emit, "    sn_ref to = sn_route_member(sn_port_router(app->sn), %s, %s);",
                          sn_name_pool_id(emit, edge->pool), edge->indexed ? "index" : "0");
}

/* `send` by `send_wait` with no time. */
static void emit_send_now(struct sn_emit *emit, struct sn_buffer *out, const struct sn_edge *edge,
                          enum sn_form form)
{
    sn_template_write(out,
                      "${prototype}\n"
                      "{\n"
                      "    return ${target}(app${index}${message}, 0);\n"
                      "}\n\n",
                      SN_SLOTS({"prototype", sn_proto_main(emit, edge, "send", form)},
                               {"target", name_of(emit, edge, "send_wait", form)},
                               {"index", sn_member_argument(edge)},
                               {"message", sn_message_argument(edge->message)}));
}

static void emit_send(struct sn_emit *emit, struct sn_buffer *out, const struct sn_edge *edge,
                      const char *constant)
{
    enum sn_form base = base_form(edge);
    const char *message = sn_message_argument(edge->message);
    struct sn_transfer transfer = {
        .prototype = sn_proto_main(emit, edge, "send_wait", base),
        .locals = to_line(emit, edge),
        .begin = sn_emit_printf(
            emit, "sn_port_send(app->sn, &%s, to, ${size}, timeout_ns, &payload)", constant),
        .structure = edge->message->fields,
        .value = "message",
        .after = "",
        .end = "sn_port_end(app->sn);",
    };
    struct forward now = {"send", base, name_of(emit, edge, "send", base), message};
    struct forward wait = {"send_wait", base, name_of(emit, edge, "send_wait", base),
                           sn_emit_printf(emit, "%s, timeout_ns", message)};

    sn_emit_transfer(emit, out, &transfer);
    emit_send_now(emit, out, edge, base);
    emit_forms(emit, out, edge, &now);
    emit_forms(emit, out, edge, &wait);
}

/* Whether calls over an edge are tried again. */
static bool is_retried(const struct sn_edge *edge)
{
    return edge->guard != NULL && edge->guard->retries > 0;
}

/* `ask` by `try` with the edge's deadline. */
static void emit_ask_once(struct sn_emit *emit, struct sn_buffer *out, const struct sn_edge *edge,
                          const char *constant)
{
    sn_template_write(out,
                      "${prototype}\n"
                      "{\n"
                      "    return ${try}(app${index}${message}, ${edge}.deadline_ns, ret_future);\n"
                      "}\n\n",
                      SN_SLOTS({"prototype", sn_proto_main(emit, edge, "ask", base_form(edge))},
                               {"try", name_of(emit, edge, "try", base_form(edge))},
                               {"index", edge->indexed ? ", index" : ""},
                               {"message", sn_message_argument(edge->message)},
                               {"edge", constant}));
}

static void emit_ask(struct sn_emit *emit, struct sn_buffer *out, const struct sn_edge *edge,
                     const char *constant)
{
    enum sn_form base = base_form(edge);
    bool retried = is_retried(edge);
    const char *prototype = sn_proto_main(emit, edge, retried ? "try" : "ask", base);
    struct sn_transfer transfer = {
        .prototype = retried ? sn_emit_printf(emit, "static %s", prototype) : prototype,
        .locals =
            sn_emit_printf(emit, "%s\n    struct sn_future *future = NULL;", to_line(emit, edge)),
        .begin = sn_emit_printf(
            emit, "sn_port_ask(app->sn, &%s, to, ${size}, %s, &payload, &future)", constant,
            retried ? "deadline_ns" : sn_emit_printf(emit, "%s.deadline_ns", constant)),
        .structure = edge->message->fields,
        .value = "message",
        .after = "ret_future->sn = future;",
        .end = "sn_port_end(app->sn);",
    };
    struct forward forward = {
        "ask", base, name_of(emit, edge, "ask", base),
        sn_emit_printf(emit, "%s, ret_future", sn_message_argument(edge->message))};

    sn_emit_transfer(emit, out, &transfer);
    if (retried)
        emit_ask_once(emit, out, edge, constant);
    emit_forms(emit, out, edge, &forward);
}

static const char *reply_argument(const struct sn_message *message)
{
    return sn_has_fields(message->reply) ? ", ret_reply" : "";
}

/* Each try asks with the time that is left. */
static void emit_call_tried(struct sn_emit *emit, struct sn_buffer *out, const struct sn_edge *edge,
                            const char *constant)
{
    static const char text[] =
        "${prototype}\n"
        "{\n"
        "    struct ${future} future;\n"
        "    struct sn_tries tries;\n"
        "    int rc;\n"
        "\n"
        "    sn_tries_begin(&tries, app->sn, &${edge});\n"
        "    do {\n"
        "        rc = ${try}(app${index}${message}, sn_tries_left_ns(&tries), &future);\n"
        "        if (rc == 0)\n"
        "            rc = ${future}_wait(&future, SN_FOREVER${reply});\n"
        "    } while (sn_tries_again(&tries, &rc));\n"
        "    return rc;\n"
        "}\n\n";
    enum sn_form base = base_form(edge);

    sn_template_write(out, text,
                      SN_SLOTS({"prototype", sn_proto_main(emit, edge, "call", base)},
                               {"future", sn_name_future(emit->arena, edge->message)},
                               {"edge", constant}, {"try", name_of(emit, edge, "try", base)},
                               {"index", edge->indexed ? ", index" : ""},
                               {"message", sn_message_argument(edge->message)},
                               {"reply", reply_argument(edge->message)}));
}

static void emit_call_one(struct sn_emit *emit, struct sn_buffer *out, const struct sn_edge *edge)
{
    static const char text[] = "${prototype}\n"
                               "{\n"
                               "    struct ${future} future;\n"
                               "    int rc = ${ask}(app${index}${message}, &future);\n"
                               "\n"
                               "    if (rc == 0)\n"
                               "        rc = ${future}_wait(&future, SN_FOREVER${reply});\n"
                               "    return rc;\n"
                               "}\n\n";
    enum sn_form base = base_form(edge);

    sn_template_write(out, text,
                      SN_SLOTS({"prototype", sn_proto_main(emit, edge, "call", base)},
                               {"future", sn_name_future(emit->arena, edge->message)},
                               {"ask", name_of(emit, edge, "ask", base)},
                               {"index", sn_member_argument(edge)},
                               {"message", sn_message_argument(edge->message)},
                               {"reply", reply_argument(edge->message)}));
}

/* Ask all, then wait for all: the members work at the same time. */
static void emit_call_all(struct sn_emit *emit, struct sn_buffer *out, const struct sn_edge *edge)
{
    static const char text[] =
        "${prototype}\n"
        "{\n"
        "    uint32_t count = sn_route_count(sn_port_router(app->sn), ${pool});\n"
        "    struct ${future} *futures = calloc(count, sizeof *futures);\n"
        "    int first = 0;\n"
        "\n"
        "    if (futures == NULL)\n"
        "        return -ENOMEM;\n"
        "    for (uint32_t index = 0; index < count; index++) {\n"
        "        int rc = ${ask}(app, index${message}, &futures[index]);\n"
        "\n"
        "        if (first == 0)\n"
        "            first = rc;\n"
        "    }\n"
        "    for (uint32_t index = 0; index < count; index++) {\n"
        "        int rc = 0;\n"
        "\n"
        "        if (futures[index].sn != NULL)\n"
        "            rc = ${future}_wait(&futures[index], SN_FOREVER${reply});\n"
        "        if (first == 0)\n"
        "            first = rc;\n"
        "    }\n"
        "    free(futures);\n"
        "    return first;\n"
        "}\n\n";
    static const char single[] = "${prototype}\n"
                                 "{\n"
                                 "    return ${call}(app${message}${reply});\n"
                                 "}\n\n";
    const char *prototype = sn_proto_main(emit, edge, "call", SN_FORM_ALL);
    const char *reply = sn_has_fields(edge->message->reply) ? ", NULL" : "";

    sn_template_write(out, edge->indexed ? text : single,
                      SN_SLOTS({"prototype", prototype},
                               {"call", name_of(emit, edge, "call", SN_FORM_PLAIN)},
                               {"pool", sn_name_pool_id(emit, edge->pool)},
                               {"future", sn_name_future(emit->arena, edge->message)},
                               {"ask", name_of(emit, edge, "ask", base_form(edge))},
                               {"message", sn_message_argument(edge->message)}, {"reply", reply}));
}

static void emit_call(struct sn_emit *emit, struct sn_buffer *out, const struct sn_edge *edge,
                      const char *constant)
{
    enum sn_form base = base_form(edge);
    struct forward forward = {"call", base, name_of(emit, edge, "call", base),
                              sn_emit_printf(emit, "%s%s", sn_message_argument(edge->message),
                                             reply_argument(edge->message))};

    if (is_retried(edge))
        emit_call_tried(emit, out, edge, constant);
    else
        emit_call_one(emit, out, edge);
    if (edge->routed && edge->indexed)
        emit_routed(emit, out, edge, &forward);
    if (edge->each)
        emit_call_all(emit, out, edge);
}

/* Two packages in one program may both ask the same import: their functions are the same. */
static void emit_future(struct sn_emit *emit, struct sn_buffer *out,
                        const struct sn_message *message)
{
    static const char text[] =
        "${weak}\n"
        "int ${name}_wait(struct ${name} *future, uint64_t timeout_ns${parameter})\n"
        "{\n"
        "    const void *reply;\n"
        "${wait}\n"
        "}\n\n"
        "void ${name}_drop(struct ${name} *future)\n"
        "{\n"
        "    sn_future_drop(&future->sn);\n"
        "}\n\n";
    static const char copied[] =
        "    int outcome = sn_future_wait(&future->sn, timeout_ns, &reply);\n"
        "\n"
        "    if (outcome == 0 && ret_reply != NULL)\n"
        "        memcpy(ret_reply, reply, sizeof *ret_reply);\n"
        "    return outcome;";
    static const char bare[] = "\n    return sn_future_wait(&future->sn, timeout_ns, &reply);";
    const char *name = sn_name_future(emit->arena, message);
    const char *parameter = "";
    bool imported = message->package != emit->package;

    if (sn_has_fields(message->reply))
        parameter = sn_emit_printf(emit, ", struct %s *ret_reply",
                                   sn_name_struct(emit->arena, message->reply));
    sn_template_write(
        out, text,
        SN_SLOTS({"name", name},
                 {"weak",
                  imported ? sn_emit_printf(emit, "#pragma weak %s_wait\n#pragma weak %s_drop\n\n",
                                            name, name)
                           : ""},
                 {"parameter", parameter}, {"wait", parameter[0] != '\0' ? copied : bare}));
}

static void emit_edge(struct sn_emit *emit, struct sn_buffer *out, const struct sn_edge *edge)
{
    const struct sn_message *message = edge->message;
    const char *constant = sn_name_edge_constant(emit, edge);

    sn_emit_edge_constant(emit, out, edge, constant);
    if (message->reply == NULL) {
        emit_send(emit, out, edge, constant);
        return;
    }
    emit_ask(emit, out, edge, constant);
    emit_call(emit, out, edge, constant);
}

void sn_emit_main_edges(struct sn_emit *emit, struct sn_buffer *out)
{
    const struct sn_package *package = emit->package;

    sn_emit_main_spawns(emit, out);
    if (package->edge_count == 0)
        return;
    sn_layout_heading(out, "what threads outside may do");
    for (size_t i = 0; i < package->edge_count; i++) {
        const struct sn_message *message = package->edges[i].message;

        if (message->reply != NULL &&
            sn_emit_first(emit,
                          sn_emit_printf(emit, "define %s", sn_name_future(emit->arena, message))))
            emit_future(emit, out, message);
        emit_edge(emit, out, &package->edges[i]);
    }
}
