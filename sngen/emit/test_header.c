/* SPDX-License-Identifier: MIT */
/*
 * P_W_test.h: one actor of a worker alone, for unit tests. Its functions are called as the user's
 * own are: test_on_transfer() runs on_transfer().
 */
#include "emit/tests.h"

#include <string.h>

static const char *name_of(struct sn_emit *emit, const struct sn_worker *worker, const char *verb,
                           const char *target)
{
    return sn_name_test(emit->arena, worker, verb, target);
}

const struct sn_pool *sn_test_pool(const struct sn_emit *emit, const struct sn_worker *worker)
{
    for (size_t i = 0; i < emit->package->pool_count; i++)
        if (emit->package->pools[i]->worker == worker)
            return emit->package->pools[i];
    return NULL;
}

bool sn_emit_has_test(const struct sn_emit *emit, const struct sn_worker *worker)
{
    return emit->options->tests && emit->package == emit->model->package &&
           sn_test_pool(emit, worker) != NULL;
}

const char *sn_test_self(struct sn_emit *emit, const struct sn_worker *worker)
{
    return sn_emit_printf(emit, "const struct %s *test", name_of(emit, worker, NULL, NULL));
}

/* ---- prototypes ----------------------------------------------------------------------------- */

const char *sn_test_proto_start(struct sn_emit *emit, const struct sn_worker *worker)
{
    return sn_emit_text(emit,
                        "int ${name}(const struct ${options} *options, struct ${test} *ret_test)",
                        SN_SLOTS({"name", name_of(emit, worker, "start", NULL)},
                                 {"options", name_of(emit, worker, "options", NULL)},
                                 {"test", name_of(emit, worker, NULL, NULL)}));
}

const char *sn_test_proto_message(struct sn_emit *emit, const struct sn_worker *worker,
                                  const struct sn_message *message)
{
    const char *to = "";

    if (message->reply != NULL)
        to = sn_emit_printf(emit, ", %s *ret_to", sn_name_reply_to(emit->arena, message));
    return sn_emit_text(emit, "int ${name}(${test}${message}${to})",
                        SN_SLOTS({"name", name_of(emit, worker, "on", message->name)},
                                 {"test", sn_test_self(emit, worker)},
                                 {"message", sn_message_parameter(emit, message)}, {"to", to}));
}

const char *sn_test_proto_ask(struct sn_emit *emit, const struct sn_worker *worker,
                              const struct sn_ask *ask)
{
    const struct sn_struct *reply = ask->edge.message->reply;
    const char *answer = "";

    if (sn_has_fields(reply))
        answer =
            sn_emit_printf(emit, ", const struct %s *reply", sn_name_struct(emit->arena, reply));
    return sn_emit_text(emit, "int ${name}(${test}, uint32_t which, int outcome${reply})",
                        SN_SLOTS({"name", name_of(emit, worker, "on", ask->role)},
                                 {"test", sn_test_self(emit, worker)}, {"reply", answer}));
}

const char *sn_test_proto_timer(struct sn_emit *emit, const struct sn_worker *worker,
                                const char *timer)
{
    return sn_emit_printf(emit, "int %s(%s)",
                          timer != NULL ? name_of(emit, worker, "on", timer)
                                        : name_of(emit, worker, "tick", NULL),
                          sn_test_self(emit, worker));
}

const char *sn_test_proto_armed(struct sn_emit *emit, const struct sn_worker *worker,
                                const char *timer)
{
    return sn_emit_printf(emit, "bool %s(%s)", name_of(emit, worker, "is_armed", timer),
                          sn_test_self(emit, worker));
}

/* A message that is looked at: by its address, or whether it is there if it has no fields. */
static const char *look_proto(struct sn_emit *emit, const struct sn_worker *worker,
                              const struct sn_edge *edge, const char *name)
{
    const char *result = "bool ";

    if (sn_has_fields(edge->message->fields))
        result = sn_emit_printf(emit, "const struct %s *",
                                sn_name_struct(emit->arena, edge->message->fields));
    return sn_emit_text(emit, "${result}${name}(${test}, uint32_t which${index})",
                        SN_SLOTS({"result", result}, {"name", name},
                                 {"test", sn_test_self(emit, worker)},
                                 {"index", edge->indexed ? ", uint32_t *ret_index" : ""}));
}

const char *sn_test_proto_sent(struct sn_emit *emit, const struct sn_worker *worker,
                               const struct sn_edge *edge)
{
    const char *target = sn_emit_printf(emit, "%s_%s", edge->pool->name, edge->message->name);

    return look_proto(emit, worker, edge, name_of(emit, worker, "sent", target));
}

const char *sn_test_proto_asked(struct sn_emit *emit, const struct sn_worker *worker,
                                const struct sn_ask *ask)
{
    return look_proto(emit, worker, &ask->edge, name_of(emit, worker, "asked", ask->role));
}

const char *sn_test_proto_open(struct sn_emit *emit, const struct sn_worker *worker,
                               const struct sn_message *message)
{
    return sn_emit_printf(emit, "%s %s(%s)", sn_name_reply_to(emit->arena, message),
                          name_of(emit, worker, "open", message->name), sn_test_self(emit, worker));
}

const char *sn_test_proto_answered(struct sn_emit *emit, const struct sn_worker *worker,
                                   const struct sn_message *message)
{
    const char *reply = "";

    if (sn_has_fields(message->reply))
        reply = sn_emit_printf(emit, ", const struct %s **ret_reply",
                               sn_name_struct(emit->arena, message->reply));
    return sn_emit_text(emit, "int ${name}(${test}, ${to} to${reply})",
                        SN_SLOTS({"name", name_of(emit, worker, "answered", message->name)},
                                 {"test", sn_test_self(emit, worker)},
                                 {"to", sn_name_reply_to(emit->arena, message)}, {"reply", reply}));
}

const char *sn_test_proto_fill(struct sn_emit *emit, const struct sn_worker *worker,
                               const struct sn_pool *pool)
{
    return sn_emit_printf(emit, "void %s(%s, bool full)", name_of(emit, worker, "fill", pool->name),
                          sn_test_self(emit, worker));
}

const char *sn_test_proto_letter(struct sn_emit *emit, const struct sn_worker *worker,
                                 const struct sn_message *message)
{
    return sn_emit_text(
        emit, "int ${name}(${test}${message}, const struct sn_dead_letter *letter)",
        SN_SLOTS({"name", name_of(emit, worker, "on_dead", message ? message->name : "letter")},
                 {"test", sn_test_self(emit, worker)},
                 {"message", message != NULL ? sn_message_parameter(emit, message) : ""}));
}

const char *sn_test_proto_bond(struct sn_emit *emit, const struct sn_worker *worker,
                               const char *verb, const struct sn_pool *pool)
{
    bool down = strcmp(verb, "on") == 0, ends = down || strcmp(verb, "end") == 0;
    const char *target = down ? sn_emit_printf(emit, "%s_down", pool->name) : pool->name;

    return sn_emit_text(emit, "${result} ${name}(${test}${index}${reason})",
                        SN_SLOTS({"result", ends ? "int" : "bool"},
                                 {"name", name_of(emit, worker, verb, target)},
                                 {"test", sn_test_self(emit, worker)},
                                 {"index", sn_pool_is_indexed(pool) ? ", uint32_t index" : ""},
                                 {"reason", ends ? ", int reason" : ""}));
}

void sn_test_each_pool(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker,
                       void (*visit)(struct sn_emit *emit, struct sn_buffer *out,
                                     const struct sn_worker *worker, const struct sn_pool *pool))
{
    for (size_t p = 0; p < emit->package->pool_count; p++) {
        const struct sn_pool *pool = emit->package->pools[p];
        bool any = false;

        for (size_t i = 0; i < worker->edge_count; i++)
            any |= worker->edges[i].pool == pool;
        for (size_t i = 0; i < worker->ask_count; i++)
            any |= worker->asks[i].edge.pool == pool;
        if (any)
            visit(emit, out, worker, pool);
    }
}

/* ---- the header ----------------------------------------------------------------------------- */

static void put(struct sn_buffer *out, const char *comment, const char *prototype)
{
    if (comment != NULL) {
        sn_buffer_puts(out, "\n");
        sn_layout_comment(out, 0, NULL, comment);
    }
    sn_template_write(out, "${prototype};\n", SN_SLOTS({"prototype", prototype}));
}

static void emit_life(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    static const char text[] =
        "\n"
        "/* How to start; all zero is a good choice. */\n"
        "struct ${test}_options {\n"
        "    struct sn_probe_options probe;\n"
        "    ${args}\n"
        "};\n"
        "\n"
        "${comment}\n"
        "struct ${test} {\n"
        "    struct sn_probe *sn;\n"
        "};\n"
        "\n"
        "/**\n"
        " * Make the actor and begin its first incarnation.\n"
        " *\n"
        " * @options  NULL: all defaults. Copied, with what it points to.\n"
        " *\n"
        " * Returns  0; what init returned; SN_TOO_LARGE or SN_INVALID for an arg that its type "
        "does "
        "not\n"
        " *          allow; -EINVAL: its pool has no member of that index; -ENOMEM.\n"
        " * Owns     the caller, until ${test}_stop(); nothing after a failure.\n"
        " */\n"
        "${start};\n"
        "\n"
        "/** End the actor and free it; one that did not start is left alone. */\n"
        "void ${test}_stop(struct ${test} *test);\n"
        "\n"
        "/** Begin the next incarnation, as a supervisor does; one that still lives ends first. "
        "Returns what\n"
        " * init returned. */\n"
        "int ${test}_restart(${self});\n"
        "\n"
        "/** The actor's struct. */\n"
        "struct ${name} *${test}_self(${self});\n";
    const char *args = "";
    struct sn_buffer comment = {0};

    sn_layout_comment(
        &comment, 0, NULL,
        sn_emit_printf(emit,
                       "One actor of worker \"%s\" alone. What its handlers do is kept "
                       "here to be looked at, instead of being delivered. <sn/probe.h> "
                       "has more for test.sn: sn_probe_text(), sn_probe_advance(), "
                       "sn_probe_is_alive(), sn_probe_broken(), sn_probe_refused().",
                       worker->name));
    if (sn_has_fields(worker->args))
        args = sn_emit_printf(emit, "struct %s args;", sn_name_struct(emit->arena, worker->args));
    sn_template_write(out, text,
                      SN_SLOTS({"test", name_of(emit, worker, NULL, NULL)}, {"args", args},
                               {"comment", comment.size > 0 ? comment.data : ""},
                               {"start", sn_test_proto_start(emit, worker)},
                               {"self", sn_test_self(emit, worker)},
                               {"name", sn_name_worker(emit->arena, worker)}));
    out->failed |= comment.failed;
    sn_buffer_fini(&comment);
}

static bool worker_retries(const struct sn_worker *worker)
{
    for (size_t i = 0; i < worker->ask_count; i++)
        if (worker->asks[i].edge.guard != NULL && worker->asks[i].edge.guard->retries > 0)
            return true;
    return false;
}

static void emit_ends(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    for (size_t i = 0; i < worker->watch_count; i++)
        put(out,
            i == 0 ? "Let an actor end that it watches; SN_STOP and SN_SHUTDOWN are no failures."
                   : NULL,
            sn_test_proto_bond(emit, worker, "on", worker->watches[i].pool));
    for (size_t i = 0; i < worker->link_count; i++)
        put(out,
            i == 0 ? "Let an actor end that it is linked with. Returns the reason, with which it "
                     "has failed too; 0 if that was no failure."
                   : NULL,
            sn_test_proto_bond(emit, worker, "end", worker->links[i].pool));
}

static void emit_letters(struct sn_emit *emit, struct sn_buffer *out,
                         const struct sn_worker *worker)
{
    static const char doc[] = "Show it a dead letter. @letter  NULL: of somebody who is gone.";

    for (size_t i = 0; i < worker->dead_count; i++)
        put(out, i == 0 ? doc : NULL, sn_test_proto_letter(emit, worker, worker->dead[i]));
    if (worker->has_dead_letters)
        put(out, worker->dead_count == 0 ? doc : NULL, sn_test_proto_letter(emit, worker, NULL));
}

static void emit_runs(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    sn_layout_heading(out, "run a handler");
    sn_buffer_puts(
        out,
        "/* Each returns what the handler returned, after all that has followed from it at once. A "
        "message\n"
        " * that could not be sent is SN_TOO_LARGE, SN_INVALID or -ENOMEM; SN_FULL: the actor "
        "waits "
        "for\n"
        " * room and handles none. @ret_to  NULL, or where the reply goes. */\n");
    for (size_t i = 0; i < worker->handle_count; i++)
        put(out, NULL, sn_test_proto_message(emit, worker, worker->handles[i]));
    for (size_t i = 0; i < worker->ask_count; i++)
        put(out,
            i > 0 ? NULL
            : worker_retries(worker)
                ? "Complete an open ask, `which` from the oldest one on. Its reply is looked at if "
                  "outcome is 0. Where the edge retries, a failed try may end no more than itself: "
                  "then the result is 0, and sn_probe_advance() lets it ask again."
                : "Complete an open ask, `which` from the oldest one on. Its reply is looked at if "
                  "outcome is 0.",
            sn_test_proto_ask(emit, worker, &worker->asks[i]));
    for (size_t i = 0; i < worker->timer_count; i++)
        put(out, i == 0 ? "Let a timer fire that is armed." : NULL,
            sn_test_proto_timer(emit, worker, worker->timers[i].name));
    if (worker->tick_ns > 0)
        put(out, "Let it tick.", sn_test_proto_timer(emit, worker, NULL));
    emit_ends(emit, out, worker);
    emit_letters(emit, out, worker);
}

static void put_fill(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker,
                     const struct sn_pool *pool)
{
    put(out, out->size == 0 ? "Let the mailboxes of a pool be full, or not any more." : NULL,
        sn_test_proto_fill(emit, worker, pool));
}

static void put_answered(struct sn_emit *emit, struct sn_buffer *out,
                         const struct sn_worker *worker, const struct sn_message *message)
{
    put(out,
        out->size == 0 ? "The outcome of a request: 0 with its reply, an error, or -EAGAIN as long "
                         "as nobody has answered; and a reply address to be handed on in a message."
                       : NULL,
        sn_test_proto_answered(emit, worker, message));
    put(out, NULL, sn_test_proto_open(emit, worker, message));
}

static void append(struct sn_buffer *out, struct sn_buffer *part)
{
    if (part->size > 0)
        sn_buffer_append(out, part->data, part->size);
    out->failed |= part->failed;
    sn_buffer_fini(part);
}

static void emit_looks(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    struct sn_buffer answers = {0}, fills = {0};
    bool any = false;

    for (size_t i = 0; i < worker->edge_count; i++) {
        if (worker->edges[i].verb != SN_VERB_SEND)
            continue;
        put(out,
            any ? NULL
                : "What the last call has sent, `which` from the first one on; NULL or false: "
                  "there "
                  "were fewer. Lives until the next call.",
            sn_test_proto_sent(emit, worker, &worker->edges[i]));
        any = true;
    }
    for (size_t i = 0; i < worker->ask_count; i++)
        put(out,
            i == 0 ? "The requests of open asks, `which` from the oldest one on; NULL or false: "
                     "there are fewer."
                   : NULL,
            sn_test_proto_asked(emit, worker, &worker->asks[i]));
    sn_each_answer(emit, worker, put_answered, &answers);
    append(out, &answers);
    for (size_t i = 0; i < worker->timer_count; i++)
        put(out, i == 0 ? "Whether a timer is armed." : NULL,
            sn_test_proto_armed(emit, worker, worker->timers[i].name));
    for (size_t i = 0; i < worker->watch_count; i++)
        put(out, i == 0 ? "Whether it watches an actor." : NULL,
            sn_test_proto_bond(emit, worker, "watches", worker->watches[i].pool));
    for (size_t i = 0; i < worker->link_count; i++)
        put(out, i == 0 ? "Whether it is linked with an actor." : NULL,
            sn_test_proto_bond(emit, worker, "is_linked", worker->links[i].pool));
    sn_test_each_pool(emit, &fills, worker, put_fill);
    append(out, &fills);
}

void sn_emit_test_header(struct sn_emit *emit, struct sn_buffer *out,
                         const struct sn_worker *worker)
{
    const char *file = sn_name_test_header(emit->arena, worker);
    struct sn_buffer looks = {0};

    sn_emit_file_head(emit, out);
    sn_template_write(out,
                      "#ifndef ${guard}\n"
                      "#define ${guard}\n"
                      "\n"
                      "#include \"${worker}\"\n"
                      "\n"
                      "#include <sn/probe.h>\n"
                      "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n",
                      SN_SLOTS({"guard", sn_name_guard(emit->arena, file)},
                               {"worker", sn_name_worker_header(emit->arena, worker)}));
    emit_life(emit, out, worker);
    emit_runs(emit, out, worker);
    emit_looks(emit, &looks, worker);
    if (looks.size > 0) {
        sn_layout_heading(out, "look at what it did");
        sn_buffer_append(out, looks.data + 1, looks.size - 1);
    }
    out->failed |= looks.failed;
    sn_buffer_fini(&looks);
    sn_buffer_puts(out, "\n#ifdef __cplusplus\n}\n#endif\n#endif\n");
}
