/* SPDX-License-Identifier: MIT */
/*
 * Fuzzers: a program for a worker, whose input is a sequence of messages, completions, timers, ends
 * of others and dead letters for one actor alone; and one for each message with a codec, whose
 * input is what comes from the wire. Their entry is libFuzzer's.
 */
#include "emit/tests.h"
#include "model/wire.h"

/* ---- steps ---------------------------------------------------------------------------------- */

/* A worker's fuzzer as it grows: one case of the switch after the other. */
struct steps {
    struct sn_emit *emit;
    const struct sn_worker *worker;
    struct sn_buffer cases;
    size_t count;
};

static const char *of_test(const struct steps *steps, const char *verb, const char *target)
{
    return sn_name_test(steps->emit->arena, steps->worker, verb, target);
}

static void begin_case(struct steps *steps)
{
    sn_buffer_printf(&steps->cases, "    case %zu: {\n", steps->count++);
}

/* `struct bank_put message;` and the call that fills it. */
static const char *take_value(struct steps *steps, const struct sn_struct *structure,
                              const char *name)
{
    if (!sn_has_fields(structure))
        return "";
    return sn_emit_text(steps->emit,
                        "        struct ${type} ${name};\n"
                        "\n"
                        "        ${take}(&${name}, input);\n",
                        SN_SLOTS({"type", sn_name_struct(steps->emit->arena, structure)},
                                 {"name", name}, {"take", sn_need_take(steps->emit, structure)}));
}

static void add_message(struct steps *steps, const struct sn_message *message)
{
    begin_case(steps);
    sn_template_write(&steps->cases,
                      "${take}"
                      "        return ${on}(test${message}${to});\n"
                      "    }\n",
                      SN_SLOTS({"take", take_value(steps, message->fields, "message")},
                               {"on", of_test(steps, "on", message->name)},
                               {"message", sn_has_fields(message->fields) ? ", &message" : ""},
                               {"to", message->reply != NULL ? ", NULL" : ""}));
}

/* How an ask may end: mostly by a reply, else by an error of the runtime or of the request. */
static void put_outcomes(struct steps *steps, const struct sn_message *message)
{
    static const char *const errors[] = {"SN_TIMEOUT", "SN_DOWN", "SN_FAILED"};
    size_t known = sizeof errors / sizeof errors[0];

    sn_template_write(
        &steps->cases, "        switch (sn_input_below(input, ${count})) {\n",
        SN_SLOTS({"count", sn_emit_number(steps->emit, 2 * (known + message->error_count))}));
    for (size_t i = 0; i < known + message->error_count; i++)
        sn_template_write(
            &steps->cases,
            "        case ${number}:\n"
            "            outcome = ${error};\n"
            "            break;\n",
            SN_SLOTS({"number", sn_emit_number(steps->emit, i)},
                     {"error",
                      i < known ? errors[i]
                                : sn_name_error(steps->emit->arena, message->errors[i - known])}));
    sn_buffer_puts(&steps->cases, "        default:\n            break;\n        }\n");
}

static void add_ask(struct steps *steps, const struct sn_ask *ask)
{
    struct sn_emit *emit = steps->emit;
    const struct sn_struct *reply = ask->edge.message->reply;
    bool has_reply = sn_has_fields(reply);

    begin_case(steps);
    sn_template_write(&steps->cases,
                      "        uint32_t open = ${waiting}(${self}(test));\n"
                      "        int outcome = 0;\n",
                      SN_SLOTS({"waiting", sn_name_waiting(emit->arena, steps->worker, ask)},
                               {"self", of_test(steps, "self", NULL)}));
    if (has_reply)
        sn_template_write(&steps->cases, "        struct ${type} reply;\n",
                          SN_SLOTS({"type", sn_name_struct(emit->arena, reply)}));
    sn_buffer_puts(&steps->cases, "\n        if (open == 0)\n            return 0;\n");
    put_outcomes(steps, ask->edge.message);
    if (has_reply)
        sn_template_write(&steps->cases, "        ${take}(&reply, input);\n",
                          SN_SLOTS({"take", sn_need_take(emit, reply)}));
    sn_template_write(
        &steps->cases,
        "        return ${on}(test, sn_input_below(input, open), outcome${reply});\n"
        "    }\n",
        SN_SLOTS({"on", of_test(steps, "on", ask->role)}, {"reply", has_reply ? ", &reply" : ""}));
}

static void add_timer(struct steps *steps, const char *timer)
{
    begin_case(steps);
    if (timer != NULL)
        sn_template_write(&steps->cases,
                          "        return ${armed}(test) ? ${on}(test) : 0;\n"
                          "    }\n",
                          SN_SLOTS({"armed", of_test(steps, "is_armed", timer)},
                                   {"on", of_test(steps, "on", timer)}));
    else
        sn_template_write(&steps->cases, "        return ${tick}(test);\n    }\n",
                          SN_SLOTS({"tick", of_test(steps, "tick", NULL)}));
}

/* The end of an actor that this one watches or is linked with. */
static void add_end(struct steps *steps, const struct sn_pool *pool, const char *is_bound,
                    const char *verb, const char *target)
{
    bool indexed = sn_pool_is_indexed(pool);

    begin_case(steps);
    /* A fuzzer has one shard. */
    if (indexed)
        sn_template_write(
            &steps->cases, "        uint32_t index = sn_input_below(input, ${size});\n\n",
            SN_SLOTS({"size", sn_emit_number(steps->emit, pool->size_auto ? 1 : pool->size)}));
    sn_template_write(
        &steps->cases,
        "        if (!${is_bound}(test${index}))\n"
        "            return 0;\n"
        "        return ${end}(test${index}, sn_input_below(input, 2) == 0 ? SN_STOP : "
        "SN_FAILED);\n"
        "    }\n",
        SN_SLOTS({"is_bound", of_test(steps, is_bound, pool->name)},
                 {"end", of_test(steps, verb, target)}, {"index", indexed ? ", index" : ""}));
}

static void add_letter(struct steps *steps, const struct sn_message *message)
{
    bool has_fields = message != NULL && sn_has_fields(message->fields);

    begin_case(steps);
    sn_template_write(
        &steps->cases,
        "${take}"
        "        return ${on}(test${message}, NULL);\n"
        "    }\n",
        SN_SLOTS({"take", has_fields ? take_value(steps, message->fields, "message") : ""},
                 {"on", of_test(steps, "on_dead", message != NULL ? message->name : "letter")},
                 {"message", has_fields ? ", &message" : ""}));
}

/* Retries and breakers wait for time to pass. */
static void add_time(struct steps *steps)
{
    begin_case(steps);
    sn_buffer_puts(&steps->cases,
                   "        return sn_probe_advance(test->sn, sn_input_below(input, 4000) * "
                   "SN_MS);\n    }\n");
}

static void add_failures(struct steps *steps)
{
    const struct sn_worker *worker = steps->worker;

    if (worker->guards.count > 0)
        add_time(steps);

    for (size_t i = 0; i < worker->watch_count; i++) {
        const struct sn_pool *pool = worker->watches[i].pool;

        add_end(steps, pool, "watches", "on", sn_emit_printf(steps->emit, "%s_down", pool->name));
    }
    for (size_t i = 0; i < worker->link_count; i++)
        add_end(steps, worker->links[i].pool, "is_linked", "end", worker->links[i].pool->name);
    for (size_t i = 0; i < worker->dead_count; i++)
        add_letter(steps, worker->dead[i]);
    if (worker->has_dead_letters)
        add_letter(steps, NULL);
}

static void add_restart(struct steps *steps)
{
    begin_case(steps);
    sn_template_write(&steps->cases, "        return ${restart}(test);\n    }\n",
                      SN_SLOTS({"restart", of_test(steps, "restart", NULL)}));
}

static void add_all(struct steps *steps)
{
    const struct sn_worker *worker = steps->worker;

    for (size_t i = 0; i < worker->handle_count; i++)
        add_message(steps, worker->handles[i]);
    for (size_t i = 0; i < worker->ask_count; i++)
        add_ask(steps, &worker->asks[i]);
    for (size_t i = 0; i < worker->timer_count; i++)
        add_timer(steps, worker->timers[i].name);
    if (worker->tick_ns > 0)
        add_timer(steps, NULL);
    add_failures(steps);
    add_restart(steps);
}

/* ---- the program of a worker ---------------------------------------------------------------- */

void sn_test_put_values(struct sn_emit *emit, struct sn_buffer *out)
{
    if (emit->values.size > 0)
        sn_buffer_append(out, emit->values.data, emit->values.size);
    out->failed |= emit->values.failed;
    sn_buffer_fini(&emit->values);
}

/* The args of the actor are the program's: a function of the user, if there is one. */
static const char *args_lines(struct sn_emit *emit, const struct sn_worker *worker, bool call)
{
    const char *name = sn_name_hook(emit->arena, worker, "fuzz_args");

    if (!sn_has_fields(worker->args))
        return "";
    if (call)
        return sn_emit_printf(emit, "    if (%s != NULL)\n        %s(&options.args);\n", name,
                              name);
    return sn_emit_text(
        emit,
        "/* Yours to write, if the actor needs args that are not zero. */\n"
        "__attribute__((weak)) void ${name}(struct ${args} *args);\n\n",
        SN_SLOTS({"name", name}, {"args", sn_name_struct(emit->arena, worker->args)}));
}

static void put_step(struct steps *steps, struct sn_buffer *out)
{
    sn_template_write(out,
                      "/* One message, completion, timer, failure of another, or restart. */\n"
                      "static int step(${test}, struct sn_input *input)\n"
                      "{\n"
                      "    input->used = 0;\n"
                      "    switch (sn_input_below(input, ${count})) {\n",
                      SN_SLOTS({"test", sn_test_self(steps->emit, steps->worker)},
                               {"count", sn_emit_number(steps->emit, steps->count)}));
    if (steps->cases.size > 0)
        sn_buffer_append(out, steps->cases.data, steps->cases.size);
    out->failed |= steps->cases.failed;
    sn_buffer_fini(&steps->cases);
    sn_buffer_puts(out, "    default:\n        return 0;\n    }\n}\n\n");
}

void sn_emit_worker_fuzzer(struct sn_emit *emit, struct sn_buffer *out)
{
    static const char head[] = "#include \"${header}\"\n"
                               "\n"
                               "#include <sn/input.h>\n"
                               "\n"
                               "#include <stdio.h>\n"
                               "#include <stdlib.h>\n"
                               "\n"
                               "int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);\n"
                               "\n";
    static const char run[] =
        "int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)\n"
        "{\n"
        "    struct ${options} options = {.probe = {.index = 0}};\n"
        "    struct ${test} test;\n"
        "    struct sn_input input;\n"
        "\n"
        "    sn_input_begin(&input, data, size);\n"
        "${args}"
        "    if (${test}_start(&options, &test) != 0)\n"
        "        return 0;\n"
        "    while (input.size > 0 && sn_probe_broken(test.sn) == NULL)\n"
        "        if (sn_probe_is_alive(test.sn) || ${test}_restart(&test) == 0)\n"
        "            step(&test, &input);\n"
        "        else\n"
        "            sn_input_byte(&input);\n"
        "    if (sn_probe_broken(test.sn) != NULL) {\n"
        "        fprintf(stderr, \"%s\\n\", sn_probe_text(test.sn));\n"
        "        fprintf(stderr, \"${name}: does not hold: %s\\n\", sn_probe_broken(test.sn));\n"
        "        abort();\n"
        "    }\n"
        "    ${test}_stop(&test);\n"
        "    return 0;\n"
        "}\n";
    const struct sn_worker *worker = emit->worker;
    struct steps steps = {.emit = emit, .worker = worker};

    sn_emit_file_head(emit, out);
    sn_template_write(
        out, head,
        SN_SLOTS({"name", worker->name}, {"header", sn_name_test_header(emit->arena, worker)}));
    add_all(&steps);
    sn_test_put_values(emit, out);
    sn_buffer_puts(out, args_lines(emit, worker, false));
    put_step(&steps, out);
    sn_template_write(out, run,
                      SN_SLOTS({"name", worker->name}, {"test", of_test(&steps, NULL, NULL)},
                               {"options", of_test(&steps, "options", NULL)},
                               {"args", args_lines(emit, worker, true)}));
}

/* ---- the program of a codec ----------------------------------------------------------------- */

static void put_codec(struct sn_emit *emit, struct sn_buffer *out,
                      const struct sn_struct *structure)
{
    static const char text[] =
        "static void try_${name}(struct sn_bytes bytes)\n"
        "{\n"
        "    struct sn_wire_memory memory = memory_of(${max}_WIRE_MEMORY);\n"
        "    struct sn_wire_memory first_memory = memory_of(${max}_WIRE_MEMORY);\n"
        "    struct sn_wire_memory second_memory = memory_of(${max}_WIRE_MEMORY);\n"
        "    struct sn_bytes first, second;\n"
        "    struct ${name} value;\n"
        "\n"
        "    if (${name}_decode(bytes, &memory, &value) == 0) {\n"
        "        require(${name}_encode(&value, &first_memory, &first) == 0);\n"
        "        memory.used = 0;\n"
        "        require(${name}_decode(first, &memory, &value) == 0);\n"
        "        require(${name}_encode(&value, &second_memory, &second) == 0);\n"
        "        require(first.size == second.size);\n"
        "        require(first.size == 0 || memcmp(first.data, second.data, first.size) == 0);\n"
        "    }\n"
        "    free(memory.bytes);\n"
        "    free(first_memory.bytes);\n"
        "    free(second_memory.bytes);\n"
        "}\n\n";
    const char *name = sn_name_struct(emit->arena, structure);

    sn_template_write(out, text,
                      SN_SLOTS({"name", name}, {"max", sn_name_upper(emit->arena, name)}));
}

void sn_emit_codec_fuzzer(struct sn_emit *emit, struct sn_buffer *out)
{
    static const char head[] = "#include \"${header}\"\n"
                               "\n"
                               "#include <stdlib.h>\n"
                               "\n"
                               "int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);\n"
                               "\n"
                               "static void require(bool holds)\n"
                               "{\n"
                               "    if (!holds)\n"
                               "        abort();\n"
                               "}\n"
                               "\n"
                               "static struct sn_wire_memory memory_of(size_t size)\n"
                               "{\n"
                               "    uint8_t *bytes = malloc(size);\n"
                               "\n"
                               "    require(bytes != NULL);\n"
                               "    return (struct sn_wire_memory){.bytes = bytes, .size = size};\n"
                               "}\n"
                               "\n";
    const struct sn_message *message = emit->message;
    bool replies = message->reply != NULL && sn_wire_has_codec(emit->package, message->reply);

    sn_emit_file_head(emit, out);
    sn_layout_comment(
        out, 0, NULL,
        sn_emit_printf(emit,
                       "What fuzzes the codec of \"%s\": any bytes may come from the "
                       "wire. What is accepted must encode, and be the same bytes when "
                       "it has gone out and come in again. Memory is what the header "
                       "calls enough, in blocks of their own for the sanitizer.",
                       message->name));
    sn_template_write(out, head,
                      SN_SLOTS({"header", sn_name_package_header(emit->arena, emit->package)}));
    if (sn_wire_has_codec(emit->package, message->fields))
        put_codec(emit, out, message->fields);
    if (replies)
        put_codec(emit, out, message->reply);
    sn_buffer_puts(out, "int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)\n{\n");
    if (sn_wire_has_codec(emit->package, message->fields))
        sn_buffer_printf(out, "    try_%s(sn_bytes_of(data, size));\n",
                         sn_name_struct(emit->arena, message->fields));
    if (replies)
        sn_buffer_printf(out, "    try_%s(sn_bytes_of(data, size));\n",
                         sn_name_struct(emit->arena, message->reply));
    sn_buffer_puts(out, "    return 0;\n}\n");
}
