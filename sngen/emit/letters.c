/* SPDX-License-Identifier: MIT */
/* Dead letters: the handlers of a worker that is shown them, and what copying one needs. */
#include "emit/emitter.h"

const char *sn_proto_on_dead(struct sn_emit *emit, const struct sn_worker *worker,
                             const struct sn_message *message)
{
    return sn_emit_text(
        emit, "int ${name}(struct ${worker} *self${message}, const struct sn_dead_letter *letter)",
        SN_SLOTS({"name", sn_name_on_dead(emit->arena, worker, message)},
                 {"worker", sn_name_worker(emit->arena, worker)},
                 {"message", message != NULL ? sn_message_parameter(emit, message) : ""}));
}

/* `int f(const void *payload, size_t *ret_size)`. */
static const char *need_measure(struct sn_emit *emit, const struct sn_struct *structure)
{
    const char *name = sn_emit_printf(emit, "%s_measure", sn_name_struct(emit->arena, structure));
    const char *size;

    if (!sn_emit_first(emit, name))
        return name;
    size = sn_need_size(emit, structure);
    sn_template_write(&emit->values,
                      "static int ${name}(const void *payload, size_t *ret_size)\n"
                      "{\n"
                      "    return ${size}(payload, ret_size);\n"
                      "}\n\n",
                      SN_SLOTS({"name", name}, {"size", size}));
    return name;
}

void sn_emit_note_letters(struct sn_emit *emit)
{
    for (size_t w = 0; w < emit->package->worker_count; w++) {
        const struct sn_worker *worker = emit->package->workers[w];

        for (size_t i = 0; i < worker->dead_count; i++)
            sn_map_put(&emit->letters, sn_name_message_id(emit->arena, worker->dead[i]), worker);
    }
}

const char *sn_emit_letter_fields(struct sn_emit *emit, const struct sn_message *message)
{
    const struct sn_struct *fields = message->fields;

    if (emit->letters.count == 0 || !sn_has_fields(fields) ||
        sn_map_get(&emit->letters, sn_name_message_id(emit->arena, message)) == NULL)
        return "";
    if (fields->fixed)
        return sn_emit_printf(emit, "        .size = sizeof(struct %s),\n",
                              sn_name_struct(emit->arena, fields));
    /* One after the other: each also writes a function, and their order must not be the compiler's
     * choice. */
    const char *measure = need_measure(emit, fields);
    const char *copy = sn_need_again(emit, fields);
    return sn_emit_printf(emit, "        .measure = %s,\n        .copy = %s,\n", measure, copy);
}

static bool reads_payload(const struct sn_worker *worker)
{
    for (size_t i = 0; i < worker->dead_count; i++)
        if (sn_has_fields(worker->dead[i]->fields))
            return true;
    return false;
}

void sn_emit_dead(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    const char *other = sn_name_on_dead(emit->arena, worker, NULL);

    if (!worker->has_dead_letters)
        return;
    sn_template_write(
        out,
        "static int ${name}(void *actor, uint16_t message, const struct sn_dead_letter *letter, "
        "const void *payload)\n"
        "{\n"
        "    struct ${worker} *self = actor;\n"
        "\n"
        "    ${unread}\n"
        "    ${unused}\n",
        SN_SLOTS({"name", sn_name_hook(emit->arena, worker, "dead")},
                 {"worker", sn_name_worker(emit->arena, worker)},
                 {"unread", worker->dead_count == 0 ? "(void)message;" : ""},
                 {"unused", reads_payload(worker) ? "" : "(void)payload;"}));
    if (worker->dead_count > 0)
        sn_buffer_puts(out, "    switch (message) {\n");
    for (size_t i = 0; i < worker->dead_count; i++)
        sn_template_write(
            out,
            "    case ${message}:\n"
            "        return ${handler}(self${payload}, letter);\n",
            SN_SLOTS({"message", sn_name_message_id(emit->arena, worker->dead[i])},
                     {"handler", sn_name_on_dead(emit->arena, worker, worker->dead[i])},
                     {"payload", sn_has_fields(worker->dead[i]->fields) ? ", payload" : ""}));
    sn_template_write(out,
                      worker->dead_count > 0 ? "    default:\n"
                                               "        return ${other}(self, letter);\n"
                                               "    }\n"
                                               "}\n\n"
                                             : "    return ${other}(self, letter);\n}\n\n",
                      SN_SLOTS({"other", other}));
}
