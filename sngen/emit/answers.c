/* SPDX-License-Identifier: MIT */
/* A worker's replies, refusals and timers. */
#include "emit/emitter.h"

static void emit_answer(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker,
                        const struct sn_message *message)
{
    struct sn_transfer reply = {
        .prototype = sn_proto_reply(emit, worker, message),
        .locals = "",
        .begin = "sn_actor_reply(self->sn, to.token, ${size}, &payload)",
        .structure = message->reply,
        .value = "reply",
        .after = "",
        .end = "",
        .passes_tokens = true,
    };

    sn_emit_transfer(emit, out, &reply);
    sn_template_write(out,
                      "${prototype}\n"
                      "{\n"
                      "    return sn_actor_refuse(self->sn, to.token, code);\n"
                      "}\n\n",
                      SN_SLOTS({"prototype", sn_proto_refuse(emit, worker, message)}));
}

void sn_emit_answers(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    sn_each_answer(emit, worker, emit_answer, out);
}

void sn_emit_timers(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    static const char text[] = "int ${start}(struct ${worker} *self)\n"
                               "{\n"
                               "    return sn_actor_start_timer(self->sn, ${timer}, ${delay});\n"
                               "}\n\n"
                               "int ${cancel}(struct ${worker} *self)\n"
                               "{\n"
                               "    return sn_actor_cancel_timer(self->sn, ${timer});\n"
                               "}\n\n";

    for (size_t i = 0; i < worker->timer_count; i++) {
        const struct sn_timer *timer = &worker->timers[i];

        sn_template_write(
            out, text,
            SN_SLOTS({"start", sn_name_timer_verb(emit->arena, worker, timer, "start")},
                     {"cancel", sn_name_timer_verb(emit->arena, worker, timer, "cancel")},
                     {"worker", sn_name_worker(emit->arena, worker)},
                     {"timer", sn_name_timer_id(emit, worker, timer->name)},
                     {"delay", sn_emit_time(emit, timer->period_ns)}));
    }
}
