/* SPDX-License-Identifier: MIT */
/* The tables of the workers: numbers, timers, asks, and the vtable with the struct's layout. */
#include "emit/emitter.h"

/* `enum { A, B, };` from a function that gives the names. */
static void begin_numbers(struct sn_buffer *out)
{
    sn_buffer_puts(out, "enum {\n");
}

static void emit_number(struct sn_buffer *out, const char *name)
{
    sn_template_write(out, "    ${name},\n", SN_SLOTS({"name", name}));
}

static void end_numbers(struct sn_buffer *out)
{
    sn_buffer_puts(out, "};\n\n");
}

static void emit_timers(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    static const char text[] =
        "    {.name = \"${name}\", .delay_ns = ${delay}, .every = ${every}},\n";

    if (worker->timer_count == 0 && worker->tick_ns == 0)
        return;
    begin_numbers(out);
    for (size_t i = 0; i < worker->timer_count; i++)
        emit_number(out, sn_name_timer_id(emit, worker, worker->timers[i].name));
    if (worker->tick_ns > 0)
        emit_number(out, sn_name_timer_id(emit, worker, "tick"));
    end_numbers(out);
    sn_template_write(out, "static const struct sn_timer_type ${name}[] = {\n",
                      SN_SLOTS({"name", sn_name_hook(emit->arena, worker, "timers")}));
    for (size_t i = 0; i < worker->timer_count; i++)
        sn_template_write(out, text,
                          SN_SLOTS({"name", worker->timers[i].name},
                                   {"delay", sn_emit_time(emit, worker->timers[i].period_ns)},
                                   {"every", worker->timers[i].every ? "true" : "false"}));
    if (worker->tick_ns > 0)
        sn_template_write(out, text,
                          SN_SLOTS({"name", "tick"}, {"delay", sn_emit_time(emit, worker->tick_ns)},
                                   {"every", "true"}));
    sn_buffer_puts(out, "};\n\n");
}

/* Members of an initializer that are left out where they are zero. */
static const char *guard_times(struct sn_emit *emit, const struct sn_guard *guard)
{
    const char *retry = "", *breaker = "";

    if (guard->retries > 0)
        retry = sn_emit_text(emit,
                             "        .retries = ${retries},\n"
                             "        .backoff_min_ns = ${min},\n"
                             "        .backoff_max_ns = ${max},\n",
                             SN_SLOTS({"retries", sn_emit_number(emit, guard->retries)},
                                      {"min", sn_emit_time(emit, guard->backoff_min_ns)},
                                      {"max", sn_emit_time(emit, guard->backoff_max_ns)}));
    if (guard->failures > 0)
        breaker = sn_emit_text(emit,
                               "        .failures = ${failures},\n"
                               "        .open_ns = ${open},\n",
                               SN_SLOTS({"failures", sn_emit_number(emit, guard->failures)},
                                        {"open", sn_emit_time(emit, guard->open_ns)}));
    return sn_emit_printf(emit, "%s%s", retry, breaker);
}

void sn_emit_guards(struct sn_emit *emit, struct sn_buffer *out, const struct sn_guards *guards,
                    const char *name)
{
    if (guards->count == 0)
        return;
    sn_template_write(out, "static const struct sn_guard_type ${name}[] = {\n",
                      SN_SLOTS({"name", name}));
    for (size_t i = 0; i < guards->count; i++)
        sn_template_write(out, "    {\n        .name = \"${name}\",\n${times}    },\n",
                          SN_SLOTS({"name", guards->items[i].name},
                                   {"times", guard_times(emit, &guards->items[i])}));
    sn_buffer_puts(out, "};\n\n");
}

static const char *copy_line(struct sn_emit *emit, const struct sn_ask *ask)
{
    const struct sn_struct *fields = ask->edge.message->fields;

    if (!sn_is_retried(ask) || !sn_has_fields(fields) || fields->fixed)
        return "";
    return sn_emit_printf(emit, "        .copy = %s,", sn_need_again(emit, fields));
}

static void emit_asks(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    static const char text[] = "    {\n"
                               "        .name = \"${name}\",\n"
                               "        .edge =\n"
                               "            {\n"
                               "${fields}\n"
                               "            },\n"
                               "        .survives = ${survives},\n"
                               "${copy}\n"
                               "    },\n";

    if (worker->ask_count == 0)
        return;
    begin_numbers(out);
    for (size_t i = 0; i < worker->ask_count; i++)
        emit_number(out, sn_name_role_id(emit, worker, &worker->asks[i]));
    end_numbers(out);
    sn_template_write(out, "static const struct sn_ask_type ${name}[] = {\n",
                      SN_SLOTS({"name", sn_name_hook(emit->arena, worker, "asks")}));
    for (size_t i = 0; i < worker->ask_count; i++)
        sn_template_write(out, text,
                          SN_SLOTS({"name", worker->asks[i].role},
                                   {"fields", sn_emit_edge_fields(emit, &worker->asks[i].edge, 16)},
                                   {"survives", worker->asks[i].survives ? "true" : "false"},
                                   {"copy", copy_line(emit, &worker->asks[i])}));
    sn_buffer_puts(out, "};\n\n");
}

void sn_emit_worker_tables(struct sn_emit *emit, struct sn_buffer *out,
                           const struct sn_worker *worker)
{
    emit_timers(emit, out, worker);
    sn_emit_guards(emit, out, &worker->guards, sn_name_hook(emit->arena, worker, "guards"));
    emit_asks(emit, out, worker);
}

/* Offset and size of a region: from its first member to that of the next region, or the end. */
static void emit_region(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker,
                        const char *region, const char *first, const char *next)
{
    const char *name = sn_name_worker(emit->arena, worker);
    const char *end = sn_emit_printf(emit, "sizeof(struct %s)", name);

    if (next != NULL)
        end = sn_emit_printf(emit, "offsetof(struct %s, %s)", name, next);
    sn_template_write(out,
                      "        .${region}_offset = offsetof(struct ${name}, ${first}),\n"
                      "        .${region}_size = ${end} - offsetof(struct ${name}, ${first}),\n",
                      SN_SLOTS({"region", region}, {"name", name}, {"first", first}, {"end", end}));
}

static void emit_layout(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    const char *name = sn_name_worker(emit->arena, worker);
    const char *retain = worker->retain_count > 0 ? worker->retain[0].name : NULL;

    sn_template_write(out, "        .size = sizeof(struct ${name}),\n", SN_SLOTS({"name", name}));
    if (sn_has_fields(worker->args))
        sn_template_write(
            out,
            "        .args_offset = offsetof(struct ${name}, args),\n"
            "        .args_size = sizeof(struct ${args}),\n",
            SN_SLOTS({"name", name}, {"args", sn_name_struct(emit->arena, worker->args)}));
    if (worker->state_count > 0)
        emit_region(emit, out, worker, "state", worker->state[0].name, retain);
    if (retain != NULL)
        emit_region(emit, out, worker, "retain", retain, NULL);
}

static bool has_fini(const struct sn_worker *worker)
{
    for (size_t i = 0; i < worker->state_count; i++)
        if (worker->state[i].type.kind == SN_KIND_C && worker->state[i].type.c_fini != NULL)
            return true;
    return false;
}

static void emit_function(struct sn_emit *emit, struct sn_buffer *out,
                          const struct sn_worker *worker, bool present, const char *slot,
                          const char *function)
{
    if (present)
        sn_template_write(
            out, "        .${slot} = ${function},\n",
            SN_SLOTS({"slot", slot}, {"function", sn_name_hook(emit->arena, worker, function)}));
}

static void emit_functions(struct sn_emit *emit, struct sn_buffer *out,
                           const struct sn_worker *worker)
{
    size_t timers = worker->timer_count + (worker->tick_ns > 0);

    emit_function(emit, out, worker, worker->has_init, "init", "begin");
    emit_function(emit, out, worker, worker->handle_count > 0, "handle", "handle");
    emit_function(emit, out, worker, worker->ask_count > 0, "complete", "complete");
    emit_function(emit, out, worker, timers > 0, "tick", "fire");
    emit_function(emit, out, worker, worker->watch_count > 0, "down", "down");
    emit_function(emit, out, worker, worker->has_dead_letters, "dead", "dead");
    emit_function(emit, out, worker, worker->has_shutdown, "shutdown", "end");
    emit_function(emit, out, worker, has_fini(worker), "fini", "clean");
    emit_function(emit, out, worker, worker->invariant_count > 0, "broken", "broken");
    emit_function(emit, out, worker, timers > 0, "timers", "timers");
    emit_function(emit, out, worker, worker->ask_count > 0, "asks", "asks");
    emit_function(emit, out, worker, worker->guards.count > 0, "guards", "guards");
    if (timers > 0)
        sn_template_write(out, "        .timer_count = ${count},\n",
                          SN_SLOTS({"count", sn_emit_number(emit, timers)}));
    if (worker->ask_count > 0)
        sn_template_write(out,
                          "        .ask_count = ${count},\n"
                          "        .max_asks = 1024,\n",
                          SN_SLOTS({"count", sn_emit_number(emit, worker->ask_count)}));
    if (worker->guards.count > 0)
        sn_template_write(out, "        .guard_count = ${count},\n",
                          SN_SLOTS({"count", sn_emit_number(emit, worker->guards.count)}));
    if (worker->slow_after_ns > 0)
        sn_template_write(out, "        .slow_after_ns = ${time},\n",
                          SN_SLOTS({"time", sn_emit_time(emit, worker->slow_after_ns)}));
    sn_emit_args_functions(emit, out, worker);
    if (worker->memory_bytes > 0)
        sn_template_write(out, "        .memory_bytes = ${bytes},\n",
                          SN_SLOTS({"bytes", sn_emit_number(emit, worker->memory_bytes)}));
}

void sn_emit_worker_vtables(struct sn_emit *emit, struct sn_buffer *out)
{
    const struct sn_package *package = emit->package;

    if (package->worker_count == 0)
        return;
    sn_template_write(out, "static const struct sn_worker_type ${name}_workers[] = {\n",
                      SN_SLOTS({"name", package->name}));
    for (size_t i = 0; i < package->worker_count; i++) {
        sn_template_write(out, "    {\n        .name = \"${name}\",\n",
                          SN_SLOTS({"name", package->workers[i]->name}));
        emit_layout(emit, out, package->workers[i]);
        emit_functions(emit, out, package->workers[i]);
        sn_buffer_puts(out, "    },\n");
    }
    sn_buffer_puts(out, "};\n\n");
}
