/* SPDX-License-Identifier: MIT */
/* The partitioner glue: one function a (pool, message) that gives the member for it. */
#include "emit/emitter.h"

/* The key inside of the message: "message->from.account". */
static const char *key_of(struct sn_emit *emit, const struct sn_slot *slot)
{
    const char *key = "message";

    for (size_t i = 0; i < slot->path_count; i++)
        key = sn_emit_printf(emit, "%s%s%s", key, i == 0 ? "->" : ".", slot->path[i]->name);
    return key;
}

static bool is_signed(enum sn_kind kind)
{
    return kind == SN_KIND_I8 || kind == SN_KIND_I16 || kind == SN_KIND_I32 || kind == SN_KIND_I64;
}

static const char *hash_of(struct sn_emit *emit, enum sn_kind kind, const char *key)
{
    if (kind == SN_KIND_STRING || kind == SN_KIND_BYTES)
        return sn_emit_printf(emit, "sn_hash_bytes(%s.data, %s.size)", key, key);
    if (is_signed(kind) || kind == SN_KIND_ENUM)
        return sn_emit_printf(emit, "sn_hash_u64((uint64_t)%s)", key);
    return sn_emit_printf(emit, "sn_hash_u64(%s)", key);
}

static const char *range_of(struct sn_emit *emit, enum sn_kind kind, const char *pool,
                            const char *key)
{
    if (kind == SN_KIND_STRING || kind == SN_KIND_BYTES)
        return sn_emit_printf(emit, "sn_route_bytes(router, %s, %s.data, %s.size)", pool, key, key);
    return sn_emit_printf(emit, "sn_route_%s(router, %s, %s)",
                          is_signed(kind) ? "signed" : "unsigned", pool, key);
}

/* The expression that chooses a member. */
static const char *choice_of(struct sn_emit *emit, const struct sn_edge *edge)
{
    const struct sn_pool *pool = edge->pool;
    const char *id = sn_name_pool_id(emit, pool);
    const char *key = key_of(emit, edge->slot);
    enum sn_kind kind = edge->slot->path_count > 0
                            ? edge->slot->path[edge->slot->path_count - 1]->type.kind
                            : pool->key_kind;

    switch (pool->route) {
    case SN_ROUTE_HASH:
    case SN_ROUTE_CONSISTENT_HASH:
        return sn_emit_printf(emit, "sn_route_hash(router, %s, %s)", id, hash_of(emit, kind, key));
    case SN_ROUTE_RANGE:
        return range_of(emit, kind, id, key);
    case SN_ROUTE_CUSTOM:
        return sn_emit_printf(emit, "%s(%ssn_route_count(router, %s))",
                              sn_name_custom_route(emit, pool, edge->message),
                              sn_has_fields(edge->message->fields) ? "message, " : "", id);
    case SN_ROUTE_ROUND_ROBIN:
    case SN_ROUTE_LEAST_LOADED:
        break;
    }
    return sn_emit_printf(emit, "sn_route_next(router, %s)", id);
}

const char *sn_need_member(struct sn_emit *emit, const struct sn_edge *edge)
{
    const struct sn_message *message = edge->message;
    bool foreign = message->package != edge->pool->package;
    const char *name =
        sn_emit_printf(emit, "%s_%s_member_%s%s%s", emit->package->name, edge->pool->name,
                       foreign ? message->package->name : "", foreign ? "_" : "", message->name);
    bool needs_message = edge->slot->path_count > 0 || edge->pool->route == SN_ROUTE_CUSTOM;

    if (!needs_message)
        return choice_of(emit, edge);
    if (sn_emit_first(emit, name))
        sn_template_write(&emit->routes,
                          "static uint32_t ${name}(struct sn_router *router${message})\n"
                          "{\n"
                          "    return ${choice};\n"
                          "}\n\n",
                          SN_SLOTS({"name", name}, {"choice", choice_of(emit, edge)},
                                   {"message", sn_message_parameter(emit, message)}));
    return sn_emit_printf(emit, "%s(router%s)", name, sn_message_argument(message));
}
