/* SPDX-License-Identifier: MIT */
/*
 * P_W.h: one worker's struct, what its author writes, and what that code may call.
 *
 * The struct's members stand in the order sn, args, state, retain. Members of variable size are
 * const views; their storage stands at the end of state or retain, so that the region that the
 * runtime zeroes or copies has it too.
 */
#include "emit/emitter.h"

static void emit_contexts(struct sn_emit *emit, struct sn_buffer *out,
                          const struct sn_worker *worker)
{
    struct sn_buffer contexts = {0};

    for (size_t i = 0; i < worker->ask_count; i++)
        sn_declare_struct(emit, &contexts, worker->asks[i].context);
    if (contexts.size > 0) {
        sn_buffer_puts(out, "\n/* What the worker remembers with its asks. */\n\n");
        sn_buffer_append(out, contexts.data, contexts.size - 1);
    }
    out->failed |= contexts.failed;
    sn_buffer_fini(&contexts);
}

/* The one comment behind a member that only its setter changes. */
static const char *member_hint(struct sn_emit *emit, const struct sn_worker *worker,
                               const struct sn_field *field)
{
    return sn_emit_printf(emit, "Changed by %s()%s only.",
                          sn_name_setter(emit->arena, worker, field),
                          sn_member_has_push(emit, worker, field) ? ", _push and _clear" : "");
}

static void emit_member(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker,
                        const struct sn_field *field)
{
    bool is_plain = sn_member_kind(emit, worker, field) == SN_MEMBER_PLAIN;

    sn_layout_comment(out, 4, field->doc, is_plain ? NULL : member_hint(emit, worker, field));
    sn_template_write(out, "    ${const}${member};\n",
                      SN_SLOTS({"const", is_plain ? "" : "const "},
                               {"member", sn_c_declare(emit, &field->type, field->name)}));
}

static void emit_storage_member(struct sn_emit *emit, struct sn_buffer *out,
                                const struct sn_field *field, enum sn_member_kind kind)
{
    const struct sn_type *type = &field->type;
    const char *text = "        char *${name};\n";

    if (kind == SN_MEMBER_EMBEDDED && type->kind == SN_KIND_STRING)
        text = "        char ${name}[${max} + 1];\n";
    else if (kind == SN_MEMBER_EMBEDDED && type->kind == SN_KIND_BYTES)
        text = "        uint8_t ${name}[${max}];\n";
    else if (kind == SN_MEMBER_EMBEDDED)
        text = "        ${item} ${name}[${max}];\n";
    sn_template_write(
        out, text,
        SN_SLOTS({"name", field->name}, {"max", sn_c_max(emit, type)},
                 {"item", type->kind == SN_KIND_LIST ? sn_c_element(emit, type->of) : ""}));
}

/* The storage behind the views of one region. */
static void emit_storage(struct sn_emit *emit, struct sn_buffer *out,
                         const struct sn_worker *worker, const struct sn_field *fields,
                         size_t count, const char *name)
{
    bool any = false;

    for (size_t i = 0; i < count; i++) {
        enum sn_member_kind kind = sn_member_kind(emit, worker, &fields[i]);

        if (kind != SN_MEMBER_EMBEDDED && kind != SN_MEMBER_BLOCK)
            continue;
        if (!any)
            sn_buffer_puts(out, "    /* Where the views above point to: not for you. */\n"
                                "    struct {\n");
        any = true;
        emit_storage_member(emit, out, &fields[i], kind);
    }
    if (any)
        sn_template_write(out, "    } ${name};\n", SN_SLOTS({"name", name}));
}

/* The comment over a region; apart from that of its first member. */
static void emit_region_head(struct sn_emit *emit, struct sn_buffer *out,
                             const struct sn_worker *worker, const struct sn_field *first,
                             const char *text)
{
    sn_buffer_puts(out, "\n");
    sn_layout_comment(out, 4, NULL, text);
    if (first->doc != NULL || sn_member_kind(emit, worker, first) != SN_MEMBER_PLAIN)
        sn_buffer_puts(out, "\n");
}

static void emit_struct(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    const char *what = sn_emit_printf(emit, "worker \"%s\"", worker->name);

    sn_buffer_puts(out, "\n");
    sn_layout_comment(out, 0, worker->doc, sn_emit_origin(emit, &worker->location, what));
    sn_template_write(out,
                      "struct ${name} {\n"
                      "    struct sn_actor *sn; /* sn_now(self->sn), sn_random(self->sn), "
                      "sn_self(self->sn) ... */\n",
                      SN_SLOTS({"name", sn_name_worker(emit->arena, worker)}));
    if (sn_has_fields(worker->args))
        sn_template_write(out, "    struct ${args} args;\n",
                          SN_SLOTS({"args", sn_name_struct(emit->arena, worker->args)}));
    if (worker->state_count > 0)
        emit_region_head(emit, out, worker, worker->state, "state: zero before every init");
    for (size_t i = 0; i < worker->state_count; i++)
        emit_member(emit, out, worker, &worker->state[i]);
    emit_storage(emit, out, worker, worker->state, worker->state_count, "state_storage");
    if (worker->retain_count > 0)
        emit_region_head(emit, out, worker, worker->retain,
                         "retain: survives restarts; a handler that fails changes nothing");
    for (size_t i = 0; i < worker->retain_count; i++)
        emit_member(emit, out, worker, &worker->retain[i]);
    emit_storage(emit, out, worker, worker->retain, worker->retain_count, "retain_storage");
    sn_buffer_puts(out, "};\n");
}

static void emit_prototype(struct sn_buffer *out, const char *prototype)
{
    sn_template_write(out, "${prototype};\n", SN_SLOTS({"prototype", prototype}));
}

/* A blank line, the comment, the prototype. */
static void emit_documented(struct sn_emit *emit, struct sn_buffer *out, const char *doc,
                            const struct sn_location *location, const char *what,
                            const char *prototype)
{
    sn_buffer_puts(out, "\n");
    sn_layout_comment(out, 0, doc, sn_emit_origin(emit, location, what));
    emit_prototype(out, prototype);
}

static void emit_hook(struct sn_buffer *out, const char *text, const char *prototype)
{
    sn_buffer_puts(out, "\n");
    sn_layout_comment(out, 0, NULL, text);
    emit_prototype(out, prototype);
}

static void emit_hooks(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    static const char init[] = "Once for each incarnation, before any message.";
    static const char restored[] = "Once for each incarnation, before any message; `restored`: "
                                   "it is a restart, and retained members have their values.";
    static const char shutdown[] = "Once for each init that succeeded; `why`: 0, SN_SHUTDOWN, or "
                                   "the reason of the failure.";

    if (worker->has_init)
        emit_hook(out, worker->retain_count > 0 ? restored : init, sn_proto_init(emit, worker));
    if (worker->has_shutdown)
        emit_hook(out, shutdown, sn_proto_shutdown(emit, worker));
    if (worker->tick_ns > 0)
        emit_hook(out,
                  sn_emit_printf(emit, "Every %s, from init on.",
                                 sn_emit_time_text(emit, worker->tick_ns)),
                  sn_proto_tick(emit, worker));
}

static void emit_ask_handlers(struct sn_emit *emit, struct sn_buffer *out,
                              const struct sn_worker *worker)
{
    for (size_t i = 0; i < worker->ask_count; i++) {
        const struct sn_ask *ask = &worker->asks[i];
        const char *what = sn_emit_printf(emit, "ask \"%s\": \"%s\" of \"%s\" has ended%s",
                                          ask->role, ask->edge.message->name, ask->edge.pool->name,
                                          ask->survives ? ", perhaps after a restart" : "");
        const char *doc = ask->doc;

        if (doc == NULL && sn_has_fields(ask->edge.message->reply))
            doc = "`reply` is NULL unless outcome is 0.";
        emit_documented(emit, out, doc, &ask->location, what, sn_proto_on_ask(emit, worker, ask));
    }
}

static void emit_down_handlers(struct sn_emit *emit, struct sn_buffer *out,
                               const struct sn_worker *worker)
{
    static const char doc[] = "Once for each watch, after what the other has sent before; reason: "
                              "SN_STOP, SN_SHUTDOWN, SN_KILLED, SN_GONE (it was gone for good "
                              "already), or why it failed.";

    for (size_t i = 0; i < worker->watch_count; i++)
        emit_documented(emit, out, doc, &worker->watches[i].location,
                        sn_emit_printf(emit, "watch of \"%s\"", worker->watches[i].pool->name),
                        sn_proto_on_down(emit, worker, worker->watches[i].pool));
}

static void emit_dead_handlers(struct sn_emit *emit, struct sn_buffer *out,
                               const struct sn_worker *worker)
{
    static const char doc[] =
        "It failed, or nobody will handle it: letter->reason says why. If this "
        "handler fails, nobody is told of that letter any more.";

    for (size_t i = 0; i < worker->dead_count; i++)
        emit_documented(emit, out, doc, &worker->location,
                        sn_emit_printf(emit, "dead letter \"%s\"", worker->dead[i]->name),
                        sn_proto_on_dead(emit, worker, worker->dead[i]));
    if (worker->has_dead_letters)
        emit_documented(emit, out, worker->dead_count > 0 ? NULL : doc, &worker->location,
                        worker->dead_count > 0 ? "any other dead letter" : "any dead letter",
                        sn_proto_on_dead(emit, worker, NULL));
}

/* Append a section whose pieces begin with an empty line each. */
static void append_section(struct sn_buffer *out, const char *title, const char *text,
                           struct sn_buffer *pieces)
{
    if (pieces->size > 0) {
        sn_layout_heading(out, title);
        sn_buffer_puts(out, text);
        sn_buffer_append(out, pieces->data, pieces->size);
    }
    out->failed |= pieces->failed;
    sn_buffer_fini(pieces);
}

static void emit_handlers(struct sn_emit *emit, struct sn_buffer *out,
                          const struct sn_worker *worker)
{
    static const char text[] = "/* All return 0, SN_STOP, or the reason of their failure. */\n";
    struct sn_buffer handlers = {0};

    emit_hooks(emit, &handlers, worker);
    for (size_t i = 0; i < worker->handle_count; i++) {
        const struct sn_message *message = worker->handles[i];
        const char *what = sn_emit_printf(
            emit, "%s \"%s\"", message->reply != NULL ? "request" : "message", message->name);

        emit_documented(emit, &handlers, message->doc, &message->location, what,
                        sn_proto_on_message(emit, worker, message));
    }
    emit_ask_handlers(emit, &handlers, worker);
    emit_down_handlers(emit, &handlers, worker);
    emit_dead_handlers(emit, &handlers, worker);
    for (size_t i = 0; i < worker->timer_count; i++) {
        const struct sn_timer *timer = &worker->timers[i];
        const char *what = sn_emit_printf(emit, "timer \"%s\", %s %s", timer->name,
                                          timer->every ? "every" : "after",
                                          sn_emit_time_text(emit, timer->period_ns));

        emit_documented(emit, &handlers, timer->doc, &timer->location, what,
                        sn_proto_on_timer(emit, worker, timer));
    }
    append_section(out, "yours to write", text, &handlers);
}

static void emit_edges(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    for (size_t i = 0; i < worker->edge_count; i++) {
        const struct sn_edge *edge = &worker->edges[i];
        const char *what = sn_emit_printf(emit, "\"%s\" to \"%s\"%s", edge->message->name,
                                          edge->pool->name, sn_emit_guard_text(emit, edge));

        if (edge->verb != SN_VERB_SEND)
            continue;
        sn_buffer_puts(out, "\n");
        sn_layout_comment(out, 0, edge->message->doc, sn_emit_origin(emit, &edge->location, what));
        if (edge->routed)
            emit_prototype(out, sn_proto_send(emit, edge, SN_FORM_PLAIN));
        if (edge->indexed)
            emit_prototype(out, sn_proto_send(emit, edge, SN_FORM_AT));
        if (edge->each)
            emit_prototype(out, sn_proto_send(emit, edge, SN_FORM_ALL));
    }
}

static void emit_asks(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    for (size_t i = 0; i < worker->ask_count; i++) {
        const struct sn_ask *ask = &worker->asks[i];
        const char *limit =
            ask->edge.deadline_ns == SN_NO_TIME_LIMIT
                ? "without a deadline"
                : sn_emit_printf(emit, "within %s", sn_emit_time_text(emit, ask->edge.deadline_ns));
        const char *what = sn_emit_printf(emit, "ask \"%s\": \"%s\" of \"%s\", %s%s", ask->role,
                                          ask->edge.message->name, ask->edge.pool->name, limit,
                                          sn_emit_guard_text(emit, &ask->edge));

        sn_buffer_puts(out, "\n");
        sn_layout_comment(out, 0, ask->doc, sn_emit_origin(emit, &ask->location, what));
        if (ask->edge.routed)
            emit_prototype(out, sn_proto_ask(emit, ask, SN_FORM_PLAIN));
        if (ask->edge.indexed)
            emit_prototype(out, sn_proto_ask(emit, ask, SN_FORM_AT));
        if (ask->edge.each)
            emit_prototype(out, sn_proto_ask(emit, ask, SN_FORM_ALL));
        sn_template_write(out,
                          "/* How many of them have not ended yet. */\n"
                          "uint32_t ${name}(const struct ${worker} *self);\n",
                          SN_SLOTS({"name", sn_name_waiting(emit->arena, worker, ask)},
                                   {"worker", sn_name_worker(emit->arena, worker)}));
    }
}

static void emit_answer(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker,
                        const struct sn_message *message)
{
    emit_documented(emit, out, NULL, &message->location,
                    sn_emit_printf(emit, "the answer to \"%s\"", message->name),
                    sn_proto_reply(emit, worker, message));
    emit_prototype(out, sn_proto_refuse(emit, worker, message));
}

static void emit_timers(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    for (size_t i = 0; i < worker->timer_count; i++) {
        const struct sn_timer *timer = &worker->timers[i];
        const char *what = sn_emit_printf(emit, "timer \"%s\"", timer->name);

        sn_buffer_puts(out, "\n");
        sn_layout_comment(out, 0, "A start while it runs begins its time again.",
                          sn_emit_origin(emit, &timer->location, what));
        sn_template_write(
            out,
            "int ${start}(struct ${worker} *self);\n"
            "int ${cancel}(struct ${worker} *self);\n",
            SN_SLOTS({"start", sn_name_timer_verb(emit->arena, worker, timer, "start")},
                     {"cancel", sn_name_timer_verb(emit->arena, worker, timer, "cancel")},
                     {"worker", sn_name_worker(emit->arena, worker)}));
    }
}

static void emit_setters(struct sn_emit *emit, struct sn_buffer *out,
                         const struct sn_worker *worker, const struct sn_field *fields,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        enum sn_member_kind kind = sn_member_kind(emit, worker, &fields[i]);
        const char *what = sn_emit_printf(emit, "member \"%s\"", fields[i].name);

        if (kind == SN_MEMBER_PLAIN)
            continue;
        emit_documented(emit, out,
                        kind == SN_MEMBER_TOKEN ? "Keeps the address beyond the handler."
                                                : "Copies the value: 0, SN_TOO_LARGE, SN_INVALID "
                                                  "or -ENOMEM.",
                        &fields[i].location, what, sn_proto_setter(emit, worker, &fields[i]));
        if (!sn_member_has_push(emit, worker, &fields[i]))
            continue;
        emit_prototype(out, sn_proto_push(emit, worker, &fields[i]));
        emit_prototype(out, sn_proto_clear(emit, worker, &fields[i]));
    }
}

static void emit_calls(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    static const char text[] =
        "/* Messages, answers and timers leave when the handler returns 0, and never if it fails.\n"
        " * Results: 0, SN_FULL, SN_GONE, -ENOMEM, SN_TOO_LARGE or SN_INVALID (a field that its "
        "type\n"
        " * does not allow). */\n";
    struct sn_buffer calls = {0};

    emit_edges(emit, &calls, worker);
    emit_asks(emit, &calls, worker);
    sn_declare_bonds(emit, &calls, worker);
    sn_declare_spawns(emit, &calls, worker);
    sn_each_answer(emit, worker, emit_answer, &calls);
    emit_timers(emit, &calls, worker);
    if (worker->invariant_count > 0)
        emit_documented(emit, &calls, "Whether the members are as the schema says.",
                        &worker->invariants[0].location, "invariant", sn_proto_holds(emit, worker));
    emit_setters(emit, &calls, worker, worker->state, worker->state_count);
    emit_setters(emit, &calls, worker, worker->retain, worker->retain_count);
    append_section(out, "yours to call", text, &calls);
}

void sn_emit_worker_header(struct sn_emit *emit, struct sn_buffer *out,
                           const struct sn_worker *worker)
{
    const char *file = sn_name_worker_header(emit->arena, worker);

    sn_emit_file_head(emit, out);
    sn_template_write(out,
                      "#ifndef ${guard}\n"
                      "#define ${guard}\n"
                      "\n"
                      "#include \"${package}\"\n",
                      SN_SLOTS({"guard", sn_name_guard(emit->arena, file)},
                               {"package", sn_name_package_header(emit->arena, emit->package)}));
    if (worker->include != NULL)
        sn_template_write(out, "#include \"${include}\"\n", SN_SLOTS({"include", worker->include}));
    sn_buffer_puts(out, "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n");
    emit_contexts(emit, out, worker);
    emit_struct(emit, out, worker);
    emit_handlers(emit, out, worker);
    emit_calls(emit, out, worker);
    sn_buffer_puts(out, "\n#ifdef __cplusplus\n}\n#endif\n#endif\n");
}
