/* SPDX-License-Identifier: MIT */
/* The functions of P_W_test.h: typed ends of <sn/probe.h>, in the unit because that has the tables.
 */
#include "emit/tests.h"

#include <string.h>

static const char *name_of(struct sn_emit *emit, const struct sn_worker *worker, const char *verb,
                           const char *target)
{
    return sn_name_test(emit->arena, worker, verb, target);
}

static const char *put_args(struct sn_emit *emit, const struct sn_struct *args)
{
    if (!sn_has_fields(args))
        return "";
    if (args->fixed)
        return "    memcpy(args, &options->args, sizeof options->args);\n";
    return sn_emit_printf(emit, "    %s(args, &options->args);\n", sn_need_copy(emit, args));
}

/* What start says before it has a probe: the size of the args. */
static const char *measure_args(struct sn_emit *emit, const struct sn_struct *args)
{
    if (!sn_has_fields(args))
        return "0";
    if (args->fixed && sn_struct_traits(emit, args).checked)
        return sn_emit_printf(emit, "%s(&options->args)", sn_need_check(emit, args));
    return args->fixed
               ? "0"
               : sn_emit_printf(emit, "%s(&options->args, &size)", sn_need_size(emit, args));
}

static void emit_start(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    static const char text[] =
        "${prototype}\n"
        "{\n"
        "    static const struct ${options} defaults;\n"
        "    size_t size = ${size};\n"
        "    void *args;\n"
        "    int rc;\n"
        "\n"
        "    if (options == NULL)\n"
        "        options = &defaults;\n"
        "    ret_test->sn = NULL;\n"
        "${measure}"
        "    rc = sn_probe_create(&${package}_package, ${pool}, &options->probe, size, &args, "
        "&ret_test->sn);\n"
        "    if (rc != 0)\n"
        "        return rc;\n"
        "${args}"
        "    rc = sn_probe_start(ret_test->sn);\n"
        "    if (rc != 0)\n"
        "        ${stop}(ret_test);\n"
        "    return rc;\n"
        "}\n\n";
    const struct sn_struct *args = worker->args;
    const char *measure = measure_args(emit, args);

    sn_template_write(
        out, text,
        SN_SLOTS({"prototype", sn_test_proto_start(emit, worker)},
                 {"options", name_of(emit, worker, "options", NULL)},
                 {"size", sn_has_fields(args) ? "sizeof options->args" : "0"},
                 {"measure", measure[0] == '0' ? ""
                                               : sn_emit_printf(emit,
                                                                "    rc = %s;\n    if (rc != 0)\n"
                                                                "        return rc;\n",
                                                                measure)},
                 {"package", emit->package->name},
                 {"pool", sn_name_pool_id(emit, sn_test_pool(emit, worker))},
                 {"args", put_args(emit, args)}, {"stop", name_of(emit, worker, "stop", NULL)}));
}

static void emit_life(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    static const char text[] = "void ${test}_stop(struct ${test} *test)\n"
                               "{\n"
                               "    sn_probe_destroy(test->sn);\n"
                               "    test->sn = NULL;\n"
                               "}\n\n"
                               "int ${test}_restart(${self})\n"
                               "{\n"
                               "    sn_probe_end(test->sn);\n"
                               "    return sn_probe_start(test->sn);\n"
                               "}\n\n"
                               "struct ${name} *${test}_self(${self})\n"
                               "{\n"
                               "    return sn_probe_self(test->sn);\n"
                               "}\n\n";

    emit_start(emit, out, worker);
    sn_template_write(out, text,
                      SN_SLOTS({"test", name_of(emit, worker, NULL, NULL)},
                               {"self", sn_test_self(emit, worker)},
                               {"name", sn_name_worker(emit->arena, worker)}));
}

static void emit_message(struct sn_emit *emit, struct sn_buffer *out,
                         const struct sn_worker *worker, const struct sn_message *message)
{
    struct sn_transfer transfer = {
        .prototype = sn_test_proto_message(emit, worker, message),
        .locals = "",
        .begin = sn_emit_printf(emit, "sn_probe_message(test->sn, %s, ${size}, &payload)",
                                sn_name_message_id(emit->arena, message)),
        .structure = message->fields,
        .value = "message",
        .after = "",
        .end = "",
        .last = message->reply != NULL
                    ? "return sn_probe_run(test->sn, ret_to != NULL ? &ret_to->token : NULL);"
                    : "return sn_probe_run(test->sn, NULL);",
    };

    sn_emit_transfer(emit, out, &transfer);
}

static void emit_ask(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker,
                     const struct sn_ask *ask)
{
    static const char text[] = "${prototype}\n"
                               "{\n"
                               "    if (outcome != 0)\n"
                               "        return sn_probe_fail(test->sn, ${role}, which, outcome);\n"
                               "    return ${reply}(test, which${argument});\n"
                               "}\n\n";
    const char *role = sn_name_role_id(emit, worker, ask);
    const char *name = name_of(emit, worker, "reply", ask->role);
    const struct sn_struct *reply = ask->edge.message->reply;
    const char *parameter = "";

    if (sn_has_fields(reply))
        parameter =
            sn_emit_printf(emit, ", const struct %s *reply", sn_name_struct(emit->arena, reply));
    struct sn_transfer transfer = {
        .prototype = sn_emit_printf(emit, "static int %s(%s, uint32_t which%s)", name,
                                    sn_test_self(emit, worker), parameter),
        .locals = "",
        .begin =
            sn_emit_printf(emit, "sn_probe_reply(test->sn, %s, which, ${size}, &payload)", role),
        .structure = reply,
        .value = "reply",
        .after = "",
        .end = "",
        .last = "return sn_probe_run(test->sn, NULL);",
    };

    sn_emit_transfer(emit, out, &transfer);
    sn_template_write(out, text,
                      SN_SLOTS({"prototype", sn_test_proto_ask(emit, worker, ask)}, {"role", role},
                               {"reply", name},
                               {"argument", sn_has_fields(reply) ? ", reply" : ""}));
}

static void emit_timer(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker,
                       const char *timer)
{
    sn_template_write(
        out, "${prototype}\n{\n    return sn_probe_fire(test->sn, ${timer});\n}\n\n",
        SN_SLOTS({"prototype", sn_test_proto_timer(emit, worker, timer)},
                 {"timer", sn_name_timer_id(emit, worker, timer != NULL ? timer : "tick")}));
    if (timer != NULL)
        sn_template_write(
            out, "${prototype}\n{\n    return sn_probe_is_armed(test->sn, ${timer});\n}\n\n",
            SN_SLOTS({"prototype", sn_test_proto_armed(emit, worker, timer)},
                     {"timer", sn_name_timer_id(emit, worker, timer)}));
}

/* A function that shows a kept message. @call  up to its last two arguments. */
static void emit_look(struct sn_emit *emit, struct sn_buffer *out, const struct sn_edge *edge,
                      const char *prototype, const char *call)
{
    const char *index = edge->indexed ? "ret_index" : "NULL";

    if (!sn_has_fields(edge->message->fields)) {
        sn_template_write(out, "${prototype}\n{\n    return ${call}, ${index}, NULL);\n}\n\n",
                          SN_SLOTS({"prototype", prototype}, {"call", call}, {"index", index}));
        return;
    }
    sn_template_write(out,
                      "${prototype}\n"
                      "{\n"
                      "    const void *message = NULL;\n"
                      "\n"
                      "    ${call}, ${index}, &message);\n"
                      "    return message;\n"
                      "}\n\n",
                      SN_SLOTS({"prototype", prototype}, {"call", call}, {"index", index}));
    (void)emit;
}

static void emit_looks(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    for (size_t i = 0; i < worker->edge_count; i++) {
        const struct sn_edge *edge = &worker->edges[i];

        if (edge->verb == SN_VERB_SEND)
            emit_look(emit, out, edge, sn_test_proto_sent(emit, worker, edge),
                      sn_emit_printf(emit, "sn_probe_sent(test->sn, %s, %s, which",
                                     sn_name_pool_id(emit, edge->pool),
                                     sn_name_message_id(emit->arena, edge->message)));
    }
    for (size_t i = 0; i < worker->ask_count; i++)
        emit_look(emit, out, &worker->asks[i].edge,
                  sn_test_proto_asked(emit, worker, &worker->asks[i]),
                  sn_emit_printf(emit, "sn_probe_asked(test->sn, %s, which",
                                 sn_name_role_id(emit, worker, &worker->asks[i])));
}

static void emit_answer(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker,
                        const struct sn_message *message)
{
    static const char typed[] = "${prototype}\n"
                                "{\n"
                                "    const void *reply = NULL;\n"
                                "    int outcome = sn_probe_answer(test->sn, to.token, &reply);\n"
                                "\n"
                                "    if (ret_reply != NULL)\n"
                                "        *ret_reply = reply;\n"
                                "    return outcome;\n"
                                "}\n\n";
    static const char bare[] = "${prototype}\n"
                               "{\n"
                               "    return sn_probe_answer(test->sn, to.token, NULL);\n"
                               "}\n\n";

    sn_template_write(out, sn_has_fields(message->reply) ? typed : bare,
                      SN_SLOTS({"prototype", sn_test_proto_answered(emit, worker, message)}));
    sn_template_write(out,
                      "${prototype}\n"
                      "{\n"
                      "    sn_reply_token token = sn_probe_open(test->sn, ${message});\n"
                      "\n"
                      "    return (${to}){token};\n"
                      "}\n\n",
                      SN_SLOTS({"prototype", sn_test_proto_open(emit, worker, message)},
                               {"to", sn_name_reply_to(emit->arena, message)},
                               {"message", sn_name_message_id(emit->arena, message)}));
}

static void emit_fill(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker,
                      const struct sn_pool *pool)
{
    sn_template_write(out, "${prototype}\n{\n    sn_probe_fill(test->sn, ${pool}, full);\n}\n\n",
                      SN_SLOTS({"prototype", sn_test_proto_fill(emit, worker, pool)},
                               {"pool", sn_name_pool_id(emit, pool)}));
}

static void emit_letter(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker,
                        const struct sn_message *message)
{
    struct sn_transfer transfer = {
        .prototype = sn_test_proto_letter(emit, worker, message),
        .locals = "",
        .begin = sn_emit_printf(emit, "sn_probe_letter(test->sn, %s, letter, ${size}, &payload)",
                                message != NULL ? sn_name_message_id(emit->arena, message)
                                                : "UINT16_MAX"),
        .structure = message != NULL ? message->fields : NULL,
        .value = "message",
        .after = "",
        .end = "",
        .last = "return sn_probe_run(test->sn, NULL);",
    };

    sn_emit_transfer(emit, out, &transfer);
}

static void emit_bond(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker,
                      const char *verb, const char *call, const struct sn_pool *pool)
{
    sn_template_write(out,
                      "${prototype}\n{\n    return sn_probe_${call}(test->sn, ${pool}, "
                      "${index}${reason});\n}\n\n",
                      SN_SLOTS({"prototype", sn_test_proto_bond(emit, worker, verb, pool)},
                               {"call", call}, {"pool", sn_name_pool_id(emit, pool)},
                               {"index", sn_pool_is_indexed(pool) ? "index" : "0"},
                               {"reason", strcmp(call, "down") == 0 ? ", reason" : ""}));
}

static void emit_bonds(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    for (size_t i = 0; i < worker->watch_count; i++) {
        emit_bond(emit, out, worker, "on", "down", worker->watches[i].pool);
        emit_bond(emit, out, worker, "watches", "watches", worker->watches[i].pool);
    }
    for (size_t i = 0; i < worker->link_count; i++) {
        emit_bond(emit, out, worker, "end", "down", worker->links[i].pool);
        emit_bond(emit, out, worker, "is_linked", "is_linked", worker->links[i].pool);
    }
}

void sn_emit_tests(struct sn_emit *emit, struct sn_buffer *out)
{
    for (size_t w = 0; w < emit->package->worker_count; w++) {
        const struct sn_worker *worker = emit->package->workers[w];

        if (!sn_emit_has_test(emit, worker))
            continue;
        sn_layout_heading(out,
                          sn_emit_printf(emit, "worker \"%s\" alone, for tests", worker->name));
        emit_life(emit, out, worker);
        for (size_t i = 0; i < worker->handle_count; i++)
            emit_message(emit, out, worker, worker->handles[i]);
        for (size_t i = 0; i < worker->ask_count; i++)
            emit_ask(emit, out, worker, &worker->asks[i]);
        for (size_t i = 0; i < worker->timer_count; i++)
            emit_timer(emit, out, worker, worker->timers[i].name);
        if (worker->tick_ns > 0)
            emit_timer(emit, out, worker, NULL);
        emit_bonds(emit, out, worker);
        for (size_t i = 0; i < worker->dead_count; i++)
            emit_letter(emit, out, worker, worker->dead[i]);
        if (worker->has_dead_letters)
            emit_letter(emit, out, worker, NULL);
        emit_looks(emit, out, worker);
        sn_each_answer(emit, worker, emit_answer, out);
        sn_test_each_pool(emit, out, worker, emit_fill);
    }
}
