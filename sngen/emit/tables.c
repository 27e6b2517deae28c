/* SPDX-License-Identifier: MIT */
/*
 * The tables of a package: numbers of messages and pools, the pools with their range boundaries,
 * the supervision tree, and struct sn_package, which points to all of them.
 */
#include "emit/emitter.h"

/* Own messages first, in their order, then those of the imports: the numbers of the package. */
static void each_message(struct sn_emit *emit, struct sn_buffer *out,
                         void (*visit)(struct sn_emit *emit, struct sn_buffer *out,
                                       const struct sn_message *message))
{
    const struct sn_model *model = emit->model;

    for (size_t i = 0; i < emit->package->message_count; i++)
        visit(emit, out, emit->package->messages[i]);
    for (size_t p = 0; p < model->package_count; p++) {
        const struct sn_package *package = model->packages[p];

        for (size_t i = 0; package != emit->package && i < package->message_count; i++)
            visit(emit, out, package->messages[i]);
    }
}

static size_t message_count(const struct sn_emit *emit)
{
    size_t count = 0;

    for (size_t p = 0; p < emit->model->package_count; p++)
        count += emit->model->packages[p]->message_count;
    return count;
}

/* Of the table: behind the messages stands what threads outside spawn by. */
static size_t table_count(const struct sn_emit *emit)
{
    return message_count(emit) + (emit->package->spawn_count > 0);
}

static void emit_message_number(struct sn_emit *emit, struct sn_buffer *out,
                                const struct sn_message *message)
{
    sn_template_write(out, "    ${name},\n",
                      SN_SLOTS({"name", sn_name_message_id(emit->arena, message)}));
}

static void emit_message_type(struct sn_emit *emit, struct sn_buffer *out,
                              const struct sn_message *message)
{
    bool foreign = message->package != emit->package;
    bool telemetry = message->lane == SN_LANE_TELEMETRY;
    const char *letter = sn_emit_letter_fields(emit, message);

    sn_template_write(
        out,
        letter[0] == '\0'
            ? "    {.name = \"${package}${name}\", .lane = ${lane}, .is_request = ${request}},\n"
            : "    {\n"
              "        .name = \"${package}${name}\",\n"
              "        .lane = ${lane},\n"
              "        .is_request = ${request},\n"
              "${letter}"
              "    },\n",
        SN_SLOTS({"package", foreign ? sn_emit_printf(emit, "%s.", message->package->name) : ""},
                 {"name", message->name},
                 {"lane", telemetry ? "SN_LANE_TELEMETRY" : "SN_LANE_REQUEST"},
                 {"request", message->reply != NULL ? "true" : "false"}, {"letter", letter}));
}

void sn_emit_numbers(struct sn_emit *emit, struct sn_buffer *out)
{
    const struct sn_package *package = emit->package;

    if (message_count(emit) > 0) {
        sn_layout_heading(out, "messages and pools by number");
        sn_buffer_puts(out, "enum {\n");
        each_message(emit, out, emit_message_number);
        sn_buffer_puts(out, "};\n\n");
    }
    if (package->pool_count > 0) {
        sn_buffer_puts(out, "enum {\n");
        for (size_t i = 0; i < package->pool_count; i++)
            sn_template_write(out, "    ${name},\n",
                              SN_SLOTS({"name", sn_name_pool_id(emit, package->pools[i])}));
        sn_buffer_puts(out, "};\n\n");
    }
}

static void emit_messages(struct sn_emit *emit, struct sn_buffer *out)
{
    if (table_count(emit) == 0)
        return;
    sn_template_write(out, "static const struct sn_message_type ${name}_messages[] = {\n",
                      SN_SLOTS({"name", emit->package->name}));
    each_message(emit, out, emit_message_type);
    if (emit->package->spawn_count > 0)
        sn_buffer_puts(out,
                       "    {.name = \"(spawn)\", .lane = SN_LANE_REQUEST, .is_request = true},\n");
    sn_buffer_puts(out, "};\n\n");
}

static const char *route_name(const struct sn_pool *pool)
{
    if (pool->at_run_time || (!pool->size_auto && pool->size == 1))
        return "SN_ROUTE_ONE";
    switch (pool->route) {
    case SN_ROUTE_HASH:
        return "SN_ROUTE_HASH";
    case SN_ROUTE_CONSISTENT_HASH:
        return "SN_ROUTE_CONSISTENT_HASH";
    case SN_ROUTE_ROUND_ROBIN:
        return "SN_ROUTE_ROUND_ROBIN";
    case SN_ROUTE_RANGE:
        return "SN_ROUTE_RANGE";
    case SN_ROUTE_LEAST_LOADED:
        return "SN_ROUTE_LEAST_LOADED";
    case SN_ROUTE_CUSTOM:
        return "SN_ROUTE_CUSTOM";
    }
    return "";
}

static const char *key_name(enum sn_kind kind)
{
    switch (kind) {
    case SN_KIND_STRING:
    case SN_KIND_BYTES:
        return "SN_KEY_BYTES";
    case SN_KIND_I8:
    case SN_KIND_I16:
    case SN_KIND_I32:
    case SN_KIND_I64:
        return "SN_KEY_SIGNED";
    default:
        return "SN_KEY_UNSIGNED";
    }
}

/* Negative boundaries in two's complement, as the runtime's struct has them. */
static const char *split_line(struct sn_emit *emit, const struct sn_split *split)
{
    uint64_t number = split->negative ? UINT64_C(0) - split->number : split->number;

    if (split->text == NULL)
        return sn_emit_printf(emit, "    {.number = UINT64_C(%" PRIu64 ")},\n", number);
    return sn_emit_printf(emit, "    {.bytes = {%s, %zu}},\n",
                          sn_emit_literal(emit, split->text, split->text_size), split->text_size);
}

static const char *splits_name(struct sn_emit *emit, const struct sn_pool *pool)
{
    return sn_emit_printf(emit, "%s_%s_splits", emit->package->name, pool->name);
}

static void emit_splits(struct sn_emit *emit, struct sn_buffer *out)
{
    const struct sn_package *package = emit->package;

    for (size_t p = 0; p < package->pool_count; p++) {
        const struct sn_pool *pool = package->pools[p];

        if (pool->split_count == 0)
            continue;
        sn_template_write(out, "static const struct sn_split ${name}[] = {\n",
                          SN_SLOTS({"name", splits_name(emit, pool)}));
        for (size_t i = 0; i < pool->split_count; i++)
            sn_buffer_puts(out, split_line(emit, &pool->splits[i]));
        sn_buffer_puts(out, "};\n\n");
    }
}

static size_t worker_index(const struct sn_package *package, const struct sn_worker *worker)
{
    size_t index = 0;

    while (index < package->worker_count && package->workers[index] != worker)
        index++;
    return index;
}

/* One member of a pool's initializer, left out where it is zero. */
static void emit_member(struct sn_emit *emit, struct sn_buffer *out, const char *name,
                        uint64_t value)
{
    if (value != 0)
        sn_template_write(out, "        .${name} = ${value},\n",
                          SN_SLOTS({"name", name}, {"value", sn_emit_number(emit, value)}));
}

static void emit_pool(struct sn_emit *emit, struct sn_buffer *out, const struct sn_pool *pool)
{
    sn_template_write(
        out,
        "    {\n"
        "        .name = \"${name}\",\n"
        "        .worker = ${worker},\n"
        "        .route = ${route},\n",
        SN_SLOTS({"name", pool->name},
                 {"worker", sn_emit_number(emit, worker_index(emit->package, pool->worker))},
                 {"route", route_name(pool)}));
    if (pool->split_count > 0)
        sn_template_write(out, "        .key = ${key},\n",
                          SN_SLOTS({"key", key_name(pool->key_kind)}));
    emit_member(emit, out, "size", pool->size_auto ? 0 : pool->size);
    emit_member(emit, out, "virtual_nodes", pool->virtual_nodes);
    if (pool->split_count > 0)
        sn_template_write(out, "        .splits = ${splits},\n",
                          SN_SLOTS({"splits", splits_name(emit, pool)}));
    emit_member(emit, out, "split_count", pool->split_count);
    emit_member(emit, out, "capacity", pool->mailbox_capacity);
    emit_member(emit, out, "capacity_bytes", pool->mailbox_bytes);
    sn_template_write(out, "        .shard = ${shard},\n",
                      SN_SLOTS({"shard", pool->pinned ? sn_emit_number(emit, pool->shard) : "-1"}));
    emit_member(emit, out, "poison_after", pool->poison_after);
    if (pool->at_run_time)
        sn_buffer_puts(out, "        .at_run_time = true,\n");
    sn_buffer_puts(out, "    },\n");
}

static void emit_pools(struct sn_emit *emit, struct sn_buffer *out)
{
    const struct sn_package *package = emit->package;

    emit_splits(emit, out);
    sn_template_write(out, "static const struct sn_pool_type ${name}_pools[] = {\n",
                      SN_SLOTS({"name", package->name}));
    for (size_t i = 0; i < package->pool_count; i++)
        emit_pool(emit, out, package->pools[i]);
    sn_buffer_puts(out, "};\n\n");
}

static void emit_package(struct sn_emit *emit, struct sn_buffer *out)
{
    static const char text[] = "static const struct sn_package ${name}_package = {\n"
                               "    .name = \"${name}\",\n"
                               "    ${messages}\n"
                               "    .workers = ${name}_workers,\n"
                               "    .pools = ${name}_pools,\n"
                               "    .supervisors = ${name}_supervisors,\n"
                               "    ${phases}\n"
                               "    ${guards}\n"
                               "    .message_count = ${message_count},\n"
                               "    .worker_count = ${worker_count},\n"
                               "    .pool_count = ${pool_count},\n"
                               "    .supervisor_count = ${supervisor_count},\n"
                               "    ${batches}\n"
                               "    ${phase_count}\n"
                               "    ${spawn_message}\n"
                               "    ${guard_count}\n"
                               "};\n\n";
    const struct sn_package *package = emit->package;
    size_t batches = 0;

    for (size_t i = 0; i < package->edge_count; i++)
        batches += package->edges[i].batch_bytes > 0;
    sn_template_write(
        out, text,
        SN_SLOTS(
            {"name", package->name},
            {"messages", table_count(emit) > 0
                             ? sn_emit_printf(emit, ".messages = %s_messages,", package->name)
                             : ""},
            {"message_count", sn_emit_number(emit, table_count(emit))},
            {"worker_count", sn_emit_number(emit, package->worker_count)},
            {"pool_count", sn_emit_number(emit, package->pool_count)},
            {"supervisor_count", sn_emit_number(emit, package->supervisor_count)},
            {"phases", package->phase_count > 0
                           ? sn_emit_printf(emit, ".phases = %s_phases,", package->name)
                           : ""},
            {"guards", package->guards.count > 0
                           ? sn_emit_printf(emit, ".guards = %s_guards,", package->name)
                           : ""},
            {"guard_count", package->guards.count > 0
                                ? sn_emit_printf(emit, ".guard_count = %zu,", package->guards.count)
                                : ""},
            {"phase_count", package->phase_count > 0
                                ? sn_emit_printf(emit, ".phase_count = %zu,", package->phase_count)
                                : ""},
            {"spawn_message",
             package->spawn_count > 0
                 ? sn_emit_printf(emit, ".spawn_message = %zu,", message_count(emit))
                 : ""},
            {"batches",
             batches > 0 ? sn_emit_printf(emit, ".batch_edge_count = %zu,", batches) : ""}));
}

void sn_emit_tables(struct sn_emit *emit, struct sn_buffer *out)
{
    sn_layout_heading(out, "the package");
    emit_messages(emit, out);
    sn_emit_worker_vtables(emit, out);
    emit_pools(emit, out);
    sn_emit_supervisors(emit, out);
    sn_emit_phases(emit, out);
    sn_emit_guards(emit, out, &emit->package->guards,
                   sn_emit_printf(emit, "%s_guards", emit->package->name));
    emit_package(emit, out);
}
