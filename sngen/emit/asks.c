/* SPDX-License-Identifier: MIT */
/*
 * A worker's asks: a request and a context, which the runtime keeps until the completion.
 *
 * The ask is made first, then its payload and context are written, then the reply addresses in
 * both change hands. If that last step fails, so does the handler, and the ask with it.
 */
#include "emit/emitter.h"

/* One of the two values that an ask takes along. */
struct part {
    const struct sn_struct *structure;
    const char *value;  /* "message", "context" */
    const char *target; /* member of the draft: "payload", "context" */
    const char *verb;   /* what happens to reply addresses inside */
};

/* `.payload_size = sizeof *message,`, or nothing if it is measured or not there. */
static const char *draft_line(struct sn_emit *emit, const struct part *part)
{
    if (!sn_has_fields(part->structure) || !part->structure->fixed)
        return "";
    return sn_emit_printf(emit, "        .%s_size = sizeof *%s,", part->target, part->value);
}

static const char *measure_call(struct sn_emit *emit, const struct part *part)
{
    if (part->structure == NULL || part->structure->field_count == 0)
        return "";
    if (!part->structure->fixed)
        return sn_emit_printf(emit, "%s(%s, &draft.%s_size)", sn_need_size(emit, part->structure),
                              part->value, part->target);
    if (sn_struct_traits(emit, part->structure).checked)
        return sn_emit_printf(emit, "%s(%s)", sn_need_check(emit, part->structure), part->value);
    return "";
}

static const char *copy_line(struct sn_emit *emit, const struct part *part)
{
    if (part->structure == NULL || part->structure->field_count == 0)
        return "";
    if (part->structure->fixed)
        return sn_emit_printf(emit, "memcpy(draft.%s, %s, sizeof *%s);", part->target, part->value,
                              part->value);
    return sn_emit_printf(emit, "%s(draft.%s, %s);", sn_need_copy(emit, part->structure),
                          part->target, part->value);
}

/* The payload is written once more where the ask is retried. */
static const char *again_line(struct sn_emit *emit, const struct sn_ask *ask)
{
    struct part again = {ask->edge.message->fields, "message", "again", ""};

    return sn_is_retried(ask) ? copy_line(emit, &again) : "";
}

static const char *token_call(struct sn_emit *emit, const struct part *part)
{
    if (!sn_has_fields(part->structure) || !sn_struct_traits(emit, part->structure).tokens)
        return "";
    return sn_emit_printf(emit, "%s(self->sn, %s)",
                          sn_need_tokens(emit, part->structure, part->verb), part->value);
}

/* From `int rc` to the call of sn_actor_ask(). */
static const char *begin_lines(struct sn_emit *emit, const struct part *message,
                               const struct part *context)
{
    const char *first = measure_call(emit, message);
    const char *second = measure_call(emit, context);

    if (!sn_has_fields(message->structure) && !sn_has_fields(context->structure))
        return "\n";

    if (first[0] == '\0') {
        first = second;
        second = "";
    }
    if (first[0] == '\0')
        return "    int rc = sn_actor_ask(self->sn, &draft);\n\n";
    return sn_emit_text(emit,
                        second[0] != '\0' ? "    int rc = ${first};\n\n"
                                            "    if (rc == 0)\n        rc = ${second};\n"
                                            "    if (rc == 0)\n"
                                            "        rc = sn_actor_ask(self->sn, &draft);\n"
                                          : "    int rc = ${first};\n\n"
                                            "    if (rc == 0)\n"
                                            "        rc = sn_actor_ask(self->sn, &draft);\n",
                        SN_SLOTS({"first", first}, {"second", second}));
}

/* From the check of sn_actor_ask()'s result to the end. */
static const char *end_lines(struct sn_emit *emit, const struct sn_ask *ask,
                             const struct part *message, const struct part *context)
{
    const char *first = token_call(emit, message);
    const char *second = token_call(emit, context);
    const char *last = "    return 0;";

    if (first[0] != '\0' && second[0] != '\0')
        last = sn_emit_printf(emit, "    rc = %s;\n    return rc == 0 ? %s : rc;", first, second);
    else if (first[0] != '\0' || second[0] != '\0')
        last = sn_emit_printf(emit, "    return %s;", first[0] != '\0' ? first : second);
    if (!sn_has_fields(message->structure) && !sn_has_fields(context->structure))
        return "    return sn_actor_ask(self->sn, &draft);\n";
    return sn_emit_text(emit,
                        "    if (rc != 0)\n"
                        "        return rc;\n"
                        "    ${message}\n"
                        "    ${again}\n"
                        "    ${context}\n"
                        "${last}\n",
                        SN_SLOTS({"message", copy_line(emit, message)},
                                 {"again", again_line(emit, ask)},
                                 {"context", copy_line(emit, context)}, {"last", last}));
}

/* The form that does the work. */
static void emit_base(struct sn_emit *emit, struct sn_buffer *out, const struct sn_ask *ask,
                      enum sn_form form)
{
    static const char text[] = "${prototype}\n"
                               "{\n"
                               "    struct sn_ask_draft draft = {\n"
                               "        .role = ${role},\n"
                               "        ${member},\n"
                               "${payload}\n"
                               "${context}\n"
                               "    };\n"
                               "${begin}${end}}\n\n";
    struct part message = {ask->edge.message->fields, "message", "payload", "pass"};
    struct part context = {ask->context, "context", "context", "keep"};
    const char *begin = begin_lines(emit, &message, &context);

    sn_template_write(out, text,
                      SN_SLOTS({"prototype", sn_proto_ask(emit, ask, form)},
                               {"role", sn_name_role_id(emit, ask->edge.from, ask)},
                               {"member", ask->edge.pool->at_run_time ? ".to = ref.ref"
                                          : ask->edge.indexed         ? ".index = index"
                                                                      : ".index = 0"},
                               {"payload", draft_line(emit, &message)},
                               {"context", draft_line(emit, &context)}, {"begin", begin},
                               {"end", end_lines(emit, ask, &message, &context)}));
}

static void emit_ask(struct sn_emit *emit, struct sn_buffer *out, const struct sn_ask *ask)
{
    const struct sn_worker *worker = ask->edge.from;
    enum sn_form base = ask->edge.indexed ? SN_FORM_AT : SN_FORM_PLAIN;
    const char *name = sn_name_ask(emit->arena, worker, ask, base);
    const char *arguments = sn_emit_printf(emit, "%s%s", sn_message_argument(ask->edge.message),
                                           sn_has_fields(ask->context) ? ", context" : "");

    emit_base(emit, out, ask, base);
    if (ask->edge.routed && ask->edge.indexed)
        sn_emit_routed(emit, out, &ask->edge, sn_proto_ask(emit, ask, SN_FORM_PLAIN), name,
                       arguments);
    if (ask->edge.each)
        sn_emit_each(emit, out, &ask->edge, sn_proto_ask(emit, ask, SN_FORM_ALL), name, arguments);
    sn_template_write(out,
                      "uint32_t ${name}(const struct ${worker} *self)\n"
                      "{\n"
                      "    return sn_actor_waiting(self->sn, ${role});\n"
                      "}\n\n",
                      SN_SLOTS({"name", sn_name_waiting(emit->arena, worker, ask)},
                               {"worker", sn_name_worker(emit->arena, worker)},
                               {"role", sn_name_role_id(emit, worker, ask)}));
}

void sn_emit_asks(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    for (size_t i = 0; i < worker->ask_count; i++)
        emit_ask(emit, out, &worker->asks[i]);
}
