/* SPDX-License-Identifier: MIT */
/*
 * A worker's edges: one way sends and asks.
 *
 * Where a pool has several members the _at form does the work, the plain form adds the choice of
 * the member and _all is a loop; for a pool of one the plain form does the work.
 */
#include "emit/emitter.h"

#include <string.h>

enum { EDGE_NAME_MAX = 60 };

static const char *full_name(enum sn_full full)
{
    switch (full) {
    case SN_FULL_REJECT:
        return "SN_FULL_REJECT";
    case SN_FULL_DROP_OLDEST:
        return "SN_FULL_DROP_OLDEST";
    case SN_FULL_DROP_NEWEST:
        return "SN_FULL_DROP_NEWEST";
    case SN_FULL_PARK:
        return "SN_FULL_PARK";
    }
    return "";
}

/* Which of main's edges with a batch this one is. */
static size_t batch_index(const struct sn_package *package, const struct sn_edge *edge)
{
    size_t index = 0;

    for (const struct sn_edge *other = package->edges; other < edge; other++)
        index += other->batch_bytes > 0;
    return index;
}

static size_t guard_number(const struct sn_emit *emit, const struct sn_edge *edge)
{
    const struct sn_guards *guards =
        edge->from != NULL ? &edge->from->guards : &emit->package->guards;

    return (size_t)(edge->guard - guards->items) + 1;
}

const char *sn_emit_guard_text(struct sn_emit *emit, const struct sn_edge *edge)
{
    const struct sn_guard *guard = edge->guard;
    const char *tries = "";

    if (guard == NULL)
        return "";
    if (guard->retries > 0 && (edge->from != NULL || edge->message->reply != NULL))
        tries = sn_emit_printf(emit, ", tried up to %" PRIu32 " times", guard->retries + 1);
    if (guard->failures == 0)
        return tries;
    return sn_emit_printf(emit, "%s, SN_OPEN for %s after %" PRIu32 " failures", tries,
                          sn_emit_time_text(emit, guard->open_ns), guard->failures);
}

const char *sn_emit_edge_fields(struct sn_emit *emit, const struct sn_edge *edge, size_t indent)
{
    const struct sn_message *message = edge->message;
    const char *space = sn_emit_printf(emit, "%*s", (int)indent, "");
    const char *park = "";
    const char *batch = "";
    const char *deadline = "";
    const char *guard = "";

    if (edge->slot->full == SN_FULL_PARK)
        park = sn_emit_printf(emit, "%s.park = %" PRIu32 ",", space, edge->slot->park);
    if (edge->batch_bytes > 0)
        batch = sn_emit_printf(emit, "%s.batch_bytes = %" PRIu64 ",\n%s.batch_index = %zu,", space,
                               edge->batch_bytes, space, batch_index(emit->package, edge));
    if (message->reply != NULL)
        deadline = sn_emit_printf(emit, "%s.deadline_ns = %s,", space,
                                  sn_emit_time(emit, edge->deadline_ns));
    if (edge->guard != NULL)
        guard = sn_emit_printf(emit, "%s.guard = %zu,", space, guard_number(emit, edge));
    return sn_emit_text(emit,
                        "${space}.pool = ${pool},\n"
                        "${space}.message = ${message},\n"
                        "${space}.lane = ${lane},\n"
                        "${space}.full = ${full},\n"
                        "${park}\n"
                        "${batch}\n"
                        "${guard}\n"
                        "${deadline}\n",
                        SN_SLOTS({"space", space}, {"pool", sn_name_pool_id(emit, edge->pool)},
                                 {"message", sn_name_message_id(emit->arena, message)},
                                 {"lane", message->lane == SN_LANE_TELEMETRY ? "SN_LANE_TELEMETRY"
                                                                             : "SN_LANE_REQUEST"},
                                 {"full", full_name(edge->slot->full)}, {"park", park},
                                 {"batch", batch}, {"guard", guard}, {"deadline", deadline}));
}

/* Names that would not stand on one line with what is around them are numbered. */
const char *sn_name_edge_constant(struct sn_emit *emit, const struct sn_edge *edge)
{
    bool of_worker = edge->from != NULL;
    const char *from = of_worker ? sn_name_worker(emit->arena, edge->from) : emit->package->name;
    const struct sn_edge *first = of_worker ? edge->from->edges : emit->package->edges;
    const char *name =
        sn_emit_printf(emit, "%s_%s_%s_edge", from, edge->pool->name, edge->message->name);

    if (strlen(name) <= EDGE_NAME_MAX)
        return name;
    return sn_emit_printf(emit, "%s_edge_%zu", from, (size_t)(edge - first));
}

void sn_emit_edge_constant(struct sn_emit *emit, struct sn_buffer *out, const struct sn_edge *edge,
                           const char *name)
{
    const char *what =
        sn_emit_printf(emit, "\"%s\" to \"%s\"", edge->message->name, edge->pool->name);

    sn_layout_comment(out, 0, NULL, sn_emit_origin(emit, &edge->location, what));
    sn_template_write(out, "static const struct sn_edge ${name} = {\n${fields}\n};\n\n",
                      SN_SLOTS({"name", name}, {"fields", sn_emit_edge_fields(emit, edge, 4)}));
}

void sn_emit_routed(struct sn_emit *emit, struct sn_buffer *out, const struct sn_edge *edge,
                    const char *prototype, const char *at, const char *arguments)
{
    sn_template_write(out,
                      "${prototype}\n"
                      "{\n"
                      "    struct sn_router *router = sn_actor_router(self->sn);\n"
                      "    uint32_t index = ${member};\n"
                      "\n"
                      "    return ${at}(self, index${arguments});\n"
                      "}\n\n",
                      SN_SLOTS({"prototype", prototype}, {"member", sn_need_member(emit, edge)},
                               {"at", at}, {"arguments", arguments}));
}

void sn_emit_each(struct sn_emit *emit, struct sn_buffer *out, const struct sn_edge *edge,
                  const char *prototype, const char *one, const char *arguments)
{
    if (!edge->indexed) {
        sn_template_write(
            out, "${prototype}\n{\n    return ${one}(self${arguments});\n}\n\n",
            SN_SLOTS({"prototype", prototype}, {"one", one}, {"arguments", arguments}));
        return;
    }
    sn_template_write(out,
                      "${prototype}\n"
                      "{\n"
                      "    uint32_t count = sn_route_count(sn_actor_router(self->sn), ${pool});\n"
                      "    int first = 0;\n"
                      "\n"
                      "    for (uint32_t index = 0; index < count; index++) {\n"
                      "        int rc = ${one}(self, index${arguments});\n"
                      "\n"
                      "        if (first == 0)\n"
                      "            first = rc;\n"
                      "    }\n"
                      "    return first;\n"
                      "}\n\n",
                      SN_SLOTS({"prototype", prototype},
                               {"pool", sn_name_pool_id(emit, edge->pool)}, {"one", one},
                               {"arguments", arguments}));
}

static void emit_send(struct sn_emit *emit, struct sn_buffer *out, const struct sn_edge *edge)
{
    struct sn_arena *arena = emit->arena;
    enum sn_form base = edge->indexed ? SN_FORM_AT : SN_FORM_PLAIN;
    const char *name = sn_name_edge(arena, emit->package, edge, "send", base);
    const char *constant = sn_name_edge_constant(emit, edge);
    const char *arguments = sn_message_argument(edge->message);
    struct sn_transfer transfer = {
        .prototype = sn_proto_send(emit, edge, base),
        .locals = "",
        .begin = sn_emit_printf(emit, "sn_actor_send%s(self->sn, &%s, %s, ${size}, &payload)",
                                edge->pool->at_run_time ? "_to"
                                : edge->guard != NULL   ? "_guarded"
                                                        : "",
                                constant,
                                edge->pool->at_run_time ? "ref.ref"
                                : edge->indexed         ? "index"
                                                        : "0"),
        .structure = edge->message->fields,
        .value = "message",
        .after = "",
        .end = "",
        .passes_tokens = true,
    };

    sn_emit_edge_constant(emit, out, edge, constant);
    sn_emit_transfer(emit, out, &transfer);
    if (edge->routed && edge->indexed)
        sn_emit_routed(emit, out, edge, sn_proto_send(emit, edge, SN_FORM_PLAIN), name, arguments);
    if (edge->each)
        sn_emit_each(emit, out, edge, sn_proto_send(emit, edge, SN_FORM_ALL), name, arguments);
}

void sn_emit_sends(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    for (size_t i = 0; i < worker->edge_count; i++)
        if (worker->edges[i].verb == SN_VERB_SEND)
            emit_send(emit, out, &worker->edges[i]);
}
