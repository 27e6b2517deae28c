/* SPDX-License-Identifier: MIT */
/*
 * The part of P.h that belongs to main(): options, the handle, start and stop, and the edges of
 * threads outside.
 */
#include "emit/emitter.h"

static void emit_options(struct sn_emit *emit, struct sn_buffer *out)
{
    const struct sn_package *package = emit->package;
    struct sn_buffer args = {0};

    for (size_t i = 0; i < package->pool_count; i++) {
        const struct sn_pool *pool = package->pools[i];

        if (sn_has_fields(pool->worker->args) && !pool->at_run_time)
            sn_template_write(&args, "        struct ${args} ${pool};\n",
                              SN_SLOTS({"args", sn_name_struct(emit->arena, pool->worker->args)},
                                       {"pool", pool->name}));
    }
    sn_template_write(out,
                      "/* How to start; all zero is a good choice. */\n"
                      "struct ${options} {\n"
                      "    struct sn_system_options system;\n",
                      SN_SLOTS({"options", sn_name_app_verb(emit->arena, package, "options")}));
    if (args.size > 0)
        sn_template_write(out,
                          "    /* What each actor of a pool is given. */\n"
                          "    struct {\n${args}\n    } args;\n",
                          SN_SLOTS({"args", args.data}));
    sn_buffer_puts(out, "};\n\n");
    out->failed |= args.failed;
    sn_buffer_fini(&args);
}

static bool has_batches(const struct sn_package *package)
{
    for (size_t i = 0; i < package->edge_count; i++)
        if (package->edges[i].batch_bytes > 0)
            return true;
    return false;
}

static void emit_life(struct sn_emit *emit, struct sn_buffer *out)
{
    static const char text[] =
        "/* A running system as one thread outside sees it: sn_stats(app->sn, &stats) ... */\n"
        "struct ${app} {\n"
        "    struct sn_port *sn;\n"
        "};\n"
        "\n"
        "/**\n"
        " * Start the system.\n"
        " *\n"
        " * @options  NULL: all defaults. Copied, with what it points to.\n"
        " * @ret_app  NULL after a failure.\n"
        " *\n"
        " * Returns  0 once every actor has started; the reason of the one that did not; "
        "SN_TOO_LARGE\n"
        " *          or SN_INVALID for an arg that its type does not allow; -ENOMEM.\n"
        " * Owns     the caller, until ${stop}().\n"
        " */\n"
        "int ${start}(const struct ${options} *options, struct ${app} **ret_app);\n"
        "\n"
        "/**\n"
        " * Stop the system gracefully and free the handle; NULL does nothing. Calls of other "
        "threads are\n"
        " * answered SN_GONE; it waits until they have returned and the further handles are "
        "closed, but\n"
        " * no longer than a second.\n"
        " *\n"
        " * Returns  0; SN_GAVE_UP if the root supervisor had given up.\n"
        " */\n"
        "int ${stop}(struct ${app} *app);\n"
        "\n"
        "/**\n"
        " * Start, wait for SIGINT or SIGTERM, stop: a whole main().\n"
        " *\n"
        " * Returns  0 or the first failure.\n"
        " */\n"
        "int ${run}(const struct ${options} *options);\n"
        "\n"
        "/**\n"
        " * Open a further handle of the same system: cheaper than the first one, for one thread.\n"
        " *\n"
        " * Returns  0; -ENOMEM, with *ret_app NULL.\n"
        " * Owns     the caller, until ${close}(), at the latest when a call answers SN_GONE.\n"
        " */\n"
        "int ${open}(struct ${app} *app, struct ${app} **ret_app);\n"
        "\n"
        "/** Close what ${open}() gave; NULL does nothing. */\n"
        "void ${close}(struct ${app} *app);\n"
        "\n"
        "/** The name of any result: an error of this package, else as sn_result_name(). */\n"
        "const char *${name}(int result);\n";
    const struct sn_package *package = emit->package;
    struct sn_arena *arena = emit->arena;

    sn_template_write(out, text,
                      SN_SLOTS({"app", sn_name_app(arena, package)},
                               {"options", sn_name_app_verb(arena, package, "options")},
                               {"start", sn_name_app_verb(arena, package, "start")},
                               {"stop", sn_name_app_verb(arena, package, "stop")},
                               {"run", sn_name_app_verb(arena, package, "run")},
                               {"open", sn_name_app_verb(arena, package, "open")},
                               {"close", sn_name_app_verb(arena, package, "close")},
                               {"name", sn_name_app_verb(arena, package, "result_name")}));
}

static void emit_flush(struct sn_emit *emit, struct sn_buffer *out)
{
    const struct sn_package *package = emit->package;

    if (has_batches(package))
        sn_template_write(out,
                          "\n/** Send what edges with `batch` have gathered; waiting for a reply "
                          "does so too. */\n"
                          "void ${flush}(struct ${app} *app);\n",
                          SN_SLOTS({"flush", sn_name_app_verb(emit->arena, package, "flush")},
                                   {"app", sn_name_app(emit->arena, package)}));
}

/* The future of a request: once, however many pools take it. An import's may be declared by
 * other packages too, in the same words. */
static void emit_future(struct sn_emit *emit, struct sn_buffer *out,
                        const struct sn_message *message)
{
    static const char text[] =
        "/* One \"${message}\" under way; must be waited for or dropped. */\n"
        "struct ${future} {\n"
        "    struct sn_future *sn;\n"
        "};\n"
        "\n"
        "/** Wait for the outcome; SN_TIMEOUT with future->sn still set: ask again. */\n"
        "int ${wait}(struct ${future} *future, uint64_t timeout_ns${reply});\n"
        "\n"
        "/** Give up waiting; the answer will be thrown away. */\n"
        "void ${drop}(struct ${future} *future);\n";
    struct sn_arena *arena = emit->arena;
    const char *name = sn_name_future(arena, message);
    const char *guard = sn_emit_printf(emit, "%s_DECLARED", sn_name_upper(emit->arena, name));
    bool imported = message->package != emit->package;
    const char *reply = "";

    if (sn_has_fields(message->reply))
        reply =
            sn_emit_printf(emit, ", struct %s *ret_reply", sn_name_struct(arena, message->reply));
    sn_buffer_puts(out, "\n");
    if (imported)
        sn_template_write(out, "#ifndef ${guard}\n#define ${guard}\n", SN_SLOTS({"guard", guard}));
    sn_template_write(out, text,
                      SN_SLOTS({"message", message->name}, {"future", name}, {"reply", reply},
                               {"wait", sn_name_future_verb(arena, message, "wait")},
                               {"drop", sn_name_future_verb(arena, message, "drop")}));
    if (imported)
        sn_buffer_puts(out, "#endif\n");
}

static void emit_prototype(struct sn_emit *emit, struct sn_buffer *out, const struct sn_edge *edge,
                           const char *verb, enum sn_form form)
{
    sn_template_write(out, "${prototype};\n",
                      SN_SLOTS({"prototype", sn_proto_main(emit, edge, verb, form)}));
}

static void emit_forms(struct sn_emit *emit, struct sn_buffer *out, const struct sn_edge *edge,
                       const char *verb, bool has_all)
{
    if (edge->routed)
        emit_prototype(emit, out, edge, verb, SN_FORM_PLAIN);
    if (edge->indexed)
        emit_prototype(emit, out, edge, verb, SN_FORM_AT);
    if (edge->each && has_all)
        emit_prototype(emit, out, edge, verb, SN_FORM_ALL);
}

static void emit_edge(struct sn_emit *emit, struct sn_buffer *out, const struct sn_edge *edge)
{
    const struct sn_message *message = edge->message;
    const char *what = sn_emit_printf(emit, "\"%s\" to \"%s\"", message->name, edge->pool->name);

    if (message->reply != NULL)
        what = edge->deadline_ns == SN_NO_TIME_LIMIT
                   ? sn_emit_printf(emit, "%s, without a deadline", what)
                   : sn_emit_printf(emit, "%s, within %s", what,
                                    sn_emit_time_text(emit, edge->deadline_ns));
    what = sn_emit_printf(emit, "%s%s", what, sn_emit_guard_text(emit, edge));
    sn_buffer_puts(out, "\n");
    sn_layout_comment(out, 0, message->doc, sn_emit_origin(emit, &edge->location, what));
    if (message->reply != NULL) {
        emit_forms(emit, out, edge, "call", true);
        emit_forms(emit, out, edge, "ask", false);
        return;
    }
    emit_forms(emit, out, edge, "send", true);
    emit_forms(emit, out, edge, "send_wait", true);
}

static void emit_edges(struct sn_emit *emit, struct sn_buffer *out)
{
    static const char text[] =
        "/*\n"
        " * send       copies the message; never waits: 0, SN_FULL, SN_GONE.\n"
        " * send_wait  the same, but waits for room: SN_TIMEOUT when the time is over.\n"
        " * ask        sends a request, waiting for room until its deadline, and gives its "
        "future.\n"
        " * call       asks and waits: the outcome. What its reply points to lives until this "
        "thread's\n"
        " *            next call or wait with the same handle.\n"
        " * Each also SN_TOO_LARGE or SN_INVALID for a field that its type does not allow, or "
        "-ENOMEM.\n"
        " * _at names the member of a pool by its index; _all goes to each member and gives the "
        "first\n"
        " * result that is not 0.\n"
        " */\n";
    const struct sn_package *package = emit->package;

    if (package->edge_count == 0)
        return;
    sn_layout_heading(out, "what threads outside may do");
    sn_buffer_puts(out, text);
    for (size_t i = 0; i < package->edge_count; i++) {
        const struct sn_message *message = package->edges[i].message;

        if (message->reply != NULL &&
            sn_emit_first(emit,
                          sn_emit_printf(emit, "declare %s", sn_name_future(emit->arena, message))))
            emit_future(emit, out, message);
        emit_edge(emit, out, &package->edges[i]);
    }
}

/* The partitioners that the user writes. */
static void emit_routes(struct sn_emit *emit, struct sn_buffer *out)
{
    const struct sn_package *package = emit->package;
    struct sn_buffer routes = {0};

    for (size_t p = 0; p < package->pool_count; p++) {
        const struct sn_pool *pool = package->pools[p];
        const char *what = sn_emit_printf(emit, "route of pool \"%s\"", pool->name);

        for (size_t i = 0; pool->route == SN_ROUTE_CUSTOM && i < pool->slot_count; i++) {
            if (!sn_is_custom_routed(emit, pool, pool->slots[i].message))
                continue;
            sn_buffer_puts(&routes, "\n");
            sn_layout_comment(&routes, 0, NULL, sn_emit_origin(emit, &pool->location, what));
            sn_template_write(
                &routes, "${prototype};\n",
                SN_SLOTS({"prototype", sn_proto_route(emit, pool, pool->slots[i].message)}));
        }
    }
    if (routes.size > 0) {
        sn_layout_heading(out, "yours to write: which member of a pool");
        sn_buffer_puts(out,
                       "/* Return an index below `count`; any other gives the sender SN_GONE. "
                       "Called by any shard, and\n * by threads outside: the same message must "
                       "give the same index everywhere. */\n");
        sn_buffer_append(out, routes.data, routes.size);
    }
    out->failed |= routes.failed;
    sn_buffer_fini(&routes);
}

void sn_emit_app_header(struct sn_emit *emit, struct sn_buffer *out)
{
    sn_layout_heading(out, "the application");
    emit_options(emit, out);
    emit_life(emit, out);
    emit_flush(emit, out);
    emit_routes(emit, out);
    emit_edges(emit, out);
    sn_declare_main_spawns(emit, out);
}
