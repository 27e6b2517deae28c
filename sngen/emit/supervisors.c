/* SPDX-License-Identifier: MIT */
/* The supervision tree as constant tables; children name the supervisors below by address. */
#include "emit/emitter.h"

static const char *strategy_name(enum sn_strategy strategy)
{
    switch (strategy) {
    case SN_ONE_FOR_ONE:
        return "SN_ONE_FOR_ONE";
    case SN_ONE_FOR_ALL:
        return "SN_ONE_FOR_ALL";
    case SN_REST_FOR_ONE:
        return "SN_REST_FOR_ONE";
    }
    return "";
}

static const char *restart_name(enum sn_restart restart)
{
    switch (restart) {
    case SN_RESTART_PERMANENT:
        return "SN_PERMANENT";
    case SN_RESTART_TRANSIENT:
        return "SN_TRANSIENT";
    case SN_RESTART_TEMPORARY:
        return "SN_TEMPORARY";
    }
    return "";
}

static const char *significance(const struct sn_child *child)
{
    return child->significant ? ".significant = true," : "";
}

static const char *auto_shutdown(enum sn_auto_shutdown when)
{
    switch (when) {
    case SN_AUTO_SHUTDOWN_NEVER:
        return "";
    case SN_AUTO_SHUTDOWN_ANY:
        return ".auto_shutdown = SN_AUTO_SHUTDOWN_ANY,";
    case SN_AUTO_SHUTDOWN_ALL:
        return ".auto_shutdown = SN_AUTO_SHUTDOWN_ALL,";
    }
    return "";
}

static const char *shutdown_time(struct sn_emit *emit, uint64_t time_ns)
{
    if (time_ns == 0)
        return "SN_SHUTDOWN_BRUTAL";
    return time_ns == SN_NO_TIME_LIMIT ? "SN_SHUTDOWN_INFINITE" : sn_emit_time(emit, time_ns);
}

static size_t supervisor_index(const struct sn_package *package,
                               const struct sn_supervisor *supervisor)
{
    size_t index = 0;

    while (index < package->supervisor_count && package->supervisors[index] != supervisor)
        index++;
    return index;
}

static void emit_pool_child(struct sn_emit *emit, struct sn_buffer *out,
                            const struct sn_child *child)
{
    const struct sn_pool *pool = child->pool;

    static const char text[] = "    {\n"
                               "        .name = \"${name}\",\n"
                               "        .shutdown_ns = ${shutdown},\n"
                               "        .pool = ${pool},\n"
                               "        .members = ${members},\n"
                               "        .restart = ${restart},\n"
                               "        ${significant}\n"
                               "    },\n";

    sn_template_write(
        out, text,
        SN_SLOTS({"name", pool->name}, {"shutdown", shutdown_time(emit, pool->shutdown_ns)},
                 {"pool", sn_name_pool_id(emit, pool)},
                 {"members",
                  sn_emit_number(emit, pool->size_auto || pool->at_run_time ? 0 : pool->size)},
                 {"restart", restart_name(pool->at_run_time ? SN_RESTART_PERMANENT /* its keepers */
                                                            : pool->restart)},
                 {"significant", significance(child)}));
}

static void emit_supervisor_child(struct sn_emit *emit, struct sn_buffer *out,
                                  const struct sn_child *child)
{
    const struct sn_supervisor *supervisor = child->supervisor;
    static const char text[] = "    {\n"
                               "        .name = \"${name}\",\n"
                               "        .supervisor = &${package}_supervisors[${index}],\n"
                               "        .shutdown_ns = ${shutdown},\n"
                               "        .restart = ${restart},\n"
                               "        ${significant}\n"
                               "    },\n";

    sn_template_write(
        out, text,
        SN_SLOTS({"name", supervisor->name}, {"package", emit->package->name},
                 {"index", sn_emit_number(emit, supervisor_index(emit->package, supervisor))},
                 {"shutdown", shutdown_time(emit, supervisor->shutdown_ns)},
                 {"restart", restart_name(supervisor->restart)},
                 {"significant", significance(child)}));
}

static void emit_children(struct sn_emit *emit, struct sn_buffer *out,
                          const struct sn_supervisor *supervisor)
{
    sn_template_write(out, "static const struct sn_child_spec ${package}_${name}_children[] = {\n",
                      SN_SLOTS({"package", emit->package->name}, {"name", supervisor->name}));
    for (size_t i = 0; i < supervisor->child_count; i++)
        if (supervisor->children[i].pool != NULL)
            emit_pool_child(emit, out, &supervisor->children[i]);
        else
            emit_supervisor_child(emit, out, &supervisor->children[i]);
    sn_buffer_puts(out, "};\n\n");
}

static void emit_supervisor(struct sn_emit *emit, struct sn_buffer *out,
                            const struct sn_supervisor *supervisor)
{
    static const char text[] = "    {\n"
                               "        .name = \"${name}\",\n"
                               "        .strategy = ${strategy},\n"
                               "        .restarts = ${restarts},\n"
                               "        .window_ns = ${window},\n"
                               "        ${backoff_min}\n"
                               "        ${backoff_max}\n"
                               "        ${children}\n"
                               "        .child_count = ${count},\n"
                               "        ${auto_shutdown}\n"
                               "    },\n";
    const char *min = "";
    const char *max = "";
    const char *children = "";

    if (supervisor->child_count > 0)
        children = sn_emit_printf(emit, ".children = %s_%s_children,", emit->package->name,
                                  supervisor->name);
    if (supervisor->backoff_max_ns > 0) {
        min = sn_emit_printf(emit, ".backoff_min_ns = %s,",
                             sn_emit_time(emit, supervisor->backoff_min_ns));
        max = sn_emit_printf(emit, ".backoff_max_ns = %s,",
                             sn_emit_time(emit, supervisor->backoff_max_ns));
    }
    sn_template_write(out, text,
                      SN_SLOTS({"name", supervisor->name}, {"children", children},
                               {"strategy", strategy_name(supervisor->strategy)},
                               {"restarts", supervisor->restarts_unlimited
                                                ? "SN_RESTARTS_UNLIMITED"
                                                : sn_emit_number(emit, supervisor->restarts)},
                               {"window", sn_emit_time(emit, supervisor->window_ns)},
                               {"backoff_min", min}, {"backoff_max", max},
                               {"count", sn_emit_number(emit, supervisor->child_count)},
                               {"auto_shutdown", auto_shutdown(supervisor->auto_shutdown)}));
}

void sn_emit_supervisors(struct sn_emit *emit, struct sn_buffer *out)
{
    const struct sn_package *package = emit->package;

    if (package->supervisor_count > 1)
        sn_template_write(
            out, "static const struct sn_supervisor_spec ${package}_supervisors[${count}];\n\n",
            SN_SLOTS({"package", package->name},
                     {"count", sn_emit_number(emit, package->supervisor_count)}));
    for (size_t i = 0; i < package->supervisor_count; i++)
        if (package->supervisors[i]->child_count > 0)
            emit_children(emit, out, package->supervisors[i]);
    sn_template_write(out, "static const struct sn_supervisor_spec ${package}_supervisors[] = {\n",
                      SN_SLOTS({"package", package->name}));
    for (size_t i = 0; i < package->supervisor_count; i++)
        emit_supervisor(emit, out, package->supervisors[i]);
    sn_buffer_puts(out, "};\n\n");
}
