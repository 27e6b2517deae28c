/* SPDX-License-Identifier: MIT */
/*
 * A worker's way in: the functions that its vtable names. Each finds the one typed function of
 * the user with a switch; numbers that a package does not have cannot come from the runtime, so
 * the default of a switch is a failure of the handler, which its supervisor would show.
 */
#include "emit/emitter.h"

static const char *self_line(struct sn_emit *emit, const struct sn_worker *worker)
{
    return sn_emit_printf(emit, "    struct %s *self = actor;\n",
                          sn_name_worker(emit->arena, worker));
}

static void emit_case(struct sn_buffer *out, const char *label, const char *call)
{
    sn_template_write(out, "    case ${label}:\n        return ${call};\n",
                      SN_SLOTS({"label", label}, {"call", call}));
}

static void emit_handle(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    bool reads_payload = false;

    for (size_t i = 0; i < worker->handle_count; i++)
        reads_payload |= sn_has_fields(worker->handles[i]->fields);
    sn_template_write(
        out,
        "static int ${name}(void *actor, const struct sn_envelope *envelope, const void *payload)\n"
        "{\n"
        "${self}\n"
        "\n"
        "    ${unused}\n"
        "    switch (sn_envelope_message(envelope)) {\n",
        SN_SLOTS({"name", sn_name_hook(emit->arena, worker, "handle")},
                 {"self", self_line(emit, worker)},
                 {"unused", reads_payload ? "" : "(void)payload;"}));
    for (size_t i = 0; i < worker->handle_count; i++) {
        const struct sn_message *message = worker->handles[i];
        const char *payload = sn_has_fields(message->fields) ? ", payload" : "";
        const char *to = "";

        if (message->reply != NULL)
            to = sn_emit_printf(emit, ", (%s){sn_envelope_token(envelope)}",
                                sn_name_reply_to(emit->arena, message));
        emit_case(out, sn_name_message_id(emit->arena, message),
                  sn_emit_printf(emit, "%s(self%s%s)",
                                 sn_name_on_message(emit->arena, worker, message), payload, to));
    }
    sn_buffer_puts(out, "    default:\n        return SN_INVALID;\n    }\n}\n\n");
}

static void emit_complete(struct sn_emit *emit, struct sn_buffer *out,
                          const struct sn_worker *worker)
{
    if (worker->ask_count == 0)
        return;
    sn_template_write(out,
                      "static int ${name}(void *actor, const struct sn_completion *completion)\n"
                      "{\n"
                      "${self}\n"
                      "\n"
                      "    switch (completion->role) {\n",
                      SN_SLOTS({"name", sn_name_hook(emit->arena, worker, "complete")},
                               {"self", self_line(emit, worker)}));
    for (size_t i = 0; i < worker->ask_count; i++) {
        const struct sn_ask *ask = &worker->asks[i];

        emit_case(
            out, sn_name_role_id(emit, worker, ask),
            sn_emit_printf(emit, "%s(self%s%s, completion->outcome%s)",
                           sn_name_on_ask(emit->arena, worker, ask),
                           ask->edge.each ? ", completion->index" : "",
                           sn_has_fields(ask->context) ? ", completion->context" : "",
                           sn_has_fields(ask->edge.message->reply) ? ", completion->reply" : ""));
    }
    sn_buffer_puts(out, "    default:\n        return SN_INVALID;\n    }\n}\n\n");
}

static void emit_fire(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    if (worker->timer_count == 0 && worker->tick_ns == 0)
        return;
    sn_template_write(out,
                      "static int ${name}(void *actor, uint16_t timer)\n"
                      "{\n"
                      "${self}\n"
                      "\n"
                      "    switch (timer) {\n",
                      SN_SLOTS({"name", sn_name_hook(emit->arena, worker, "fire")},
                               {"self", self_line(emit, worker)}));
    for (size_t i = 0; i < worker->timer_count; i++)
        emit_case(out, sn_name_timer_id(emit, worker, worker->timers[i].name),
                  sn_emit_printf(emit, "%s(self)",
                                 sn_name_on_timer(emit->arena, worker, &worker->timers[i])));
    if (worker->tick_ns > 0)
        emit_case(out, sn_name_timer_id(emit, worker, "tick"),
                  sn_emit_printf(emit, "%s(self)", sn_name_hook(emit->arena, worker, "tick")));
    sn_buffer_puts(out, "    default:\n        return SN_INVALID;\n    }\n}\n\n");
}

static void emit_hooks(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    bool restored = worker->retain_count > 0;

    if (worker->has_init)
        sn_template_write(out,
                          "static int ${name}(void *actor, bool restored)\n"
                          "{\n"
                          "    ${unused}\n"
                          "    return ${init}(actor${restored});\n"
                          "}\n\n",
                          SN_SLOTS({"name", sn_name_hook(emit->arena, worker, "begin")},
                                   {"unused", restored ? "" : "(void)restored;"},
                                   {"init", sn_name_hook(emit->arena, worker, "init")},
                                   {"restored", restored ? ", restored" : ""}));
    if (worker->has_shutdown)
        sn_template_write(out,
                          "static void ${name}(void *actor, int why)\n"
                          "{\n"
                          "    ${shutdown}(actor, why);\n"
                          "}\n\n",
                          SN_SLOTS({"name", sn_name_hook(emit->arena, worker, "end")},
                                   {"shutdown", sn_name_hook(emit->arena, worker, "shutdown")}));
}

static void emit_clean(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    bool any = false;

    for (size_t i = 0; i < worker->state_count; i++) {
        const struct sn_field *field = &worker->state[i];

        if (field->type.kind != SN_KIND_C || field->type.c_fini == NULL)
            continue;
        if (!any)
            sn_template_write(out,
                              "static void ${name}(void *actor)\n"
                              "{\n"
                              "${self}\n"
                              "\n",
                              SN_SLOTS({"name", sn_name_hook(emit->arena, worker, "clean")},
                                       {"self", self_line(emit, worker)}));
        any = true;
        sn_template_write(out, "    ${fini}(&self->${member});\n",
                          SN_SLOTS({"fini", field->type.c_fini}, {"member", field->name}));
    }
    if (any)
        sn_buffer_puts(out, "}\n\n");
}

void sn_emit_dispatch(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    emit_hooks(emit, out, worker);
    if (worker->handle_count > 0)
        emit_handle(emit, out, worker);
    emit_complete(emit, out, worker);
    emit_fire(emit, out, worker);
    sn_emit_down(emit, out, worker);
    sn_emit_dead(emit, out, worker);
    emit_clean(emit, out, worker);
}
