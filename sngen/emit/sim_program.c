/* SPDX-License-Identifier: MIT */
/*
 * <stem>.sim.c: a program that runs the whole system in the simulator, with seeded messages on
 * main's edges and the simulator's faults. The edges are the package's; all else is the same for
 * each.
 */
#include "emit/tests.h"

static const char includes[] =
    "#include \"${package}.h\"\n"
    "\n"
    "#include <sn/input.h>\n"
    "#include <sn/sim.h>\n"
    "\n"
    "#include <inttypes.h>\n"
    "#include <stdio.h>\n"
    "#include <stdlib.h>\n"
    "\n"
    "/* Yours to write, if the system needs args, or options but `shards` and `sim`. */\n"
    "__attribute__((weak)) void ${package}_sim_options(struct ${package}_options *options);\n"
    "\n";

static const char run_text[] =
    "/* What a run is made of, and what it was. */\n"
    "struct run {\n"
    "    uint64_t steps;\n"
    "    uint64_t handlers;\n"
    "    bool print;\n"
    "};\n"
    "\n"
    "static void on_event(const struct sn_sim_event *event, void *user)\n"
    "{\n"
    "    struct run *run = user;\n"
    "    char text[SN_SIM_TEXT_SIZE];\n"
    "\n"
    "    run->handlers += event->fault == 0;\n"
    "    if (!run->print)\n"
    "        return;\n"
    "    sn_sim_event_text(event, text, sizeof text);\n"
    "    puts(text);\n"
    "}\n"
    "\n"
    "/* Some steps with a message in between, again and again. */\n"
    "static void drive(struct ${package} *app, uint64_t seed, uint64_t steps)\n"
    "{\n"
    "    static struct sn_input input;\n"
    "    uint64_t words[32], random = ~seed;\n"
    "\n"
    "    for (uint64_t done = 0; done < steps; done += 16) {\n"
    "        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)\n"
    "            words[i] = sn_random_next(&random);\n"
    "        sn_input_begin(&input, (const uint8_t *)words, sizeof words);\n"
    "        feed(app, &input);\n"
    "        sn_sim_run(app->sn, sn_random_next(&random) % 32);\n"
    "    }\n"
    "}\n"
    "\n"
    "/* What was accepted has ended in one way, or is still queued. */\n"
    "static bool adds_up(struct ${package} *app)\n"
    "{\n"
    "    struct sn_stats stats;\n"
    "\n"
    "    sn_sim_run_until_idle(app->sn);\n"
    "    sn_sim_audit(app->sn);\n"
    "    sn_stats(app->sn, &stats);\n"
    "    return stats.accepted == stats.handled + stats.failed + stats.dropped + stats.expired +\n"
    "                                 stats.dead_lettered + stats.queued;\n"
    "}\n"
    "\n"
    "/* One run: 0 if all held. What does not hold after a handler aborts. */\n"
    "static int simulate(const struct sn_sim_options *with, void *user)\n"
    "{\n"
    "    struct run *run = user;\n"
    "    struct sn_sim_options sim = *with;\n"
    "    struct ${package}_options options = {.system = {.sim = &sim}};\n"
    "    struct ${package} *app;\n"
    "    int rc;\n"
    "\n"
    "    options.system.shards = 1 + (uint32_t)(sim.seed % 4);\n"
    "    if (${package}_sim_options != NULL)\n"
    "        ${package}_sim_options(&options);\n"
    "    sim.trace = on_event;\n"
    "    sim.user = run;\n"
    "    rc = ${package}_start(&options, &app);\n"
    "    if (rc != 0) {\n"
    "        fprintf(stderr, \"${package} does not start: %s\\n\", ${package}_result_name(rc));\n"
    "        return 1;\n"
    "    }\n"
    "    drive(app, sim.seed, run->steps);\n"
    "    if (!adds_up(app))\n"
    "        rc = 1;\n"
    "    ${package}_stop(app); /* a root supervisor that gave up has done what it was told */\n"
    "    return rc;\n"
    "}\n"
    "\n";

static const char main_text[] =
    "static struct sn_sim_options options_of(uint64_t seed)\n"
    "{\n"
    "    return (struct sn_sim_options){\n"
    "        .seed = seed,\n"
    "        .rates =\n"
    "            {\n"
    "                .crash = 1000,\n"
    "                .stall = 2000,\n"
    "                .delay = 4000,\n"
    "                .reorder = 20000,\n"
    "                .full_ring = 2000,\n"
    "                .full_mailbox = 2000,\n"
    "                .no_memory = 500,\n"
    "            },\n"
    "        .faults = getenv(\"SN_SIM_FAULTS\"),\n"
    "        .step_ns = seed % 2 == 0 ? 0 : 100 * SN_US,\n"
    "    };\n"
    "}\n"
    "\n"
    "static uint64_t number_of(const char *name, uint64_t otherwise)\n"
    "{\n"
    "    const char *text = getenv(name);\n"
    "\n"
    "    return text != NULL ? strtoull(text, NULL, 10) : otherwise;\n"
    "}\n"
    "\n"
    "/* Run a seed in a child process; of one that fails, find the faults that it needs. */\n"
    "static bool try_seed(const char *program, uint64_t seed, uint64_t steps)\n"
    "{\n"
    "    struct run run = {.steps = steps};\n"
    "    struct sn_sim_harness harness = {.run = simulate, .user = &run};\n"
    "    struct sn_sim_options options = options_of(seed);\n"
    "    struct sn_sim_verdict verdict;\n"
    "\n"
    "    if (sn_sim_search(&harness, &options, &verdict) != 0)\n"
    "        return false;\n"
    "    if (verdict.failed)\n"
    "        printf(\"seed %\" PRIu64 \" fails; %\" PRIu32 \" of its %\" PRIu32 \" faults are "
    "enough. "
    "Again:\\n\"\n"
    "               \"    SN_SIM_TRACE=1 SN_SIM_SEED=%\" PRIu64 \" SN_SIM_STEPS=%\" PRIu64\n"
    "               \" SN_SIM_FAULTS=%s %s\\n\",\n"
    "               seed, verdict.needed, verdict.planned, seed, steps, verdict.faults, program);\n"
    "    free(verdict.faults);\n"
    "    return !verdict.failed;\n"
    "}\n"
    "\n"
    "static int replay(uint64_t seed, uint64_t steps)\n"
    "{\n"
    "    struct run run = {.steps = steps, .print = getenv(\"SN_SIM_TRACE\") != NULL};\n"
    "    struct sn_sim_options options = options_of(seed);\n"
    "    int rc;\n"
    "\n"
    "    setvbuf(stdout, NULL, _IOLBF, 0); /* what is printed is there when it aborts */\n"
    "    rc = simulate(&options, &run);\n"
    "    printf(\"seed %\" PRIu64 \": %\" PRIu64 \" handlers, %s\\n\", seed, run.handlers, rc == 0 "
    "? "
    "\"all held\" : \"failed\");\n"
    "    return rc;\n"
    "}\n"
    "\n"
    "int main(int argc, char **argv)\n"
    "{\n"
    "    uint64_t only = number_of(\"SN_SIM_SEED\", UINT64_MAX), first = "
    "number_of(\"SN_SIM_FIRST\", "
    "0);\n"
    "    uint64_t seeds = number_of(\"SN_SIM_SEEDS\", 50), steps = number_of(\"SN_SIM_STEPS\", "
    "10000);\n"
    "    uint64_t failed = 0;\n"
    "\n"
    "    if (only != UINT64_MAX)\n"
    "        return replay(only, steps);\n"
    "    for (uint64_t seed = first; seed < first + seeds; seed++)\n"
    "        failed += !try_seed(argc > 0 ? argv[0] : \"\", seed, steps);\n"
    "    printf(\"%\" PRIu64 \" of %\" PRIu64 \" seeds fail\\n\", failed, seeds);\n"
    "    return failed != 0;\n"
    "}\n";

static uint32_t members_of(const struct sn_pool *pool)
{
    return pool->size_auto || pool->size > 256 ? 16 : pool->size;
}

/* A member of its own, where main makes some; else there is nobody. */
static void put_spawn(struct sn_emit *emit, struct sn_buffer *out, const struct sn_pool *pool)
{
    const struct sn_package *package = emit->package;

    for (size_t i = 0; i < package->spawn_count; i++)
        if (package->spawns[i].pool == pool)
            sn_template_write(
                out, "        ${spawn}(app, ${args}&ref);\n",
                SN_SLOTS({"spawn", sn_name_spawn(emit->arena, package, NULL, "spawn", pool)},
                         {"args", sn_has_fields(pool->worker->args) ? "NULL, " : ""}));
}

/* A message of its own, then the call; a request is waited for, or given up at once. */
static void put_edge(struct sn_emit *emit, struct sn_buffer *out, const struct sn_edge *edge,
                     size_t number)
{
    const struct sn_message *message = edge->message;
    enum sn_form form = edge->routed ? SN_FORM_PLAIN : SN_FORM_AT;
    const char *verb = message->reply != NULL ? "ask" : "send";
    const char *index = "";

    sn_buffer_printf(out, "    case %zu: {\n", number);
    if (edge->pool->at_run_time)
        sn_template_write(out, "        ${type} ref = {{0}};\n",
                          SN_SLOTS({"type", sn_name_ref(emit->arena, edge->pool->worker)}));
    if (sn_has_fields(message->fields))
        sn_template_write(out, "        struct ${type} message;\n",
                          SN_SLOTS({"type", sn_name_struct(emit->arena, message->fields)}));
    if (message->reply != NULL)
        sn_template_write(out, "        struct ${future} future;\n",
                          SN_SLOTS({"future", sn_name_future(emit->arena, message)}));
    if (edge->pool->at_run_time || sn_has_fields(message->fields) || message->reply != NULL)
        sn_buffer_puts(out, "\n");
    if (sn_has_fields(message->fields))
        sn_template_write(out, "        ${take}(&message, input);\n",
                          SN_SLOTS({"take", sn_need_take(emit, message->fields)}));
    if (edge->pool->at_run_time) {
        index = ", ref";
        put_spawn(emit, out, edge->pool);
    } else if (form == SN_FORM_AT)
        index = sn_emit_printf(emit, ", sn_input_below(input, %s)",
                               sn_emit_number(emit, members_of(edge->pool)));
    sn_template_write(
        out,
        message->reply != NULL
            ? "        if (${call}(app${index}${message}, &future) == 0) {\n"
              "            ${verb}_wait(&future, sn_input_byte(input) % 2 * SN_SECOND${reply});\n"
              "            ${verb}_drop(&future);\n"
              "        }\n"
              "        break;\n"
              "    }\n"
            : "        ${call}(app${index}${message});\n"
              "        break;\n"
              "    }\n",
        SN_SLOTS({"call", sn_name_edge(emit->arena, emit->package, edge, verb, form)},
                 {"index", index}, {"message", sn_has_fields(message->fields) ? ", &message" : ""},
                 {"verb", message->reply != NULL ? sn_name_future(emit->arena, message) : ""},
                 {"reply", sn_has_fields(message->reply) ? ", NULL" : ""}));
}

static void put_feed(struct sn_emit *emit, struct sn_buffer *out)
{
    const struct sn_package *package = emit->package;

    sn_template_write(out,
                      "/* One message on one of main's edges; it may be refused. */\n"
                      "static void feed(struct ${app} *app, struct sn_input *input)\n"
                      "{\n",
                      SN_SLOTS({"app", sn_name_app(emit->arena, package)}));
    if (package->edge_count == 0) {
        sn_buffer_puts(out, "    (void)app, (void)input;\n}\n\n");
        return;
    }
    sn_template_write(out, "    switch (sn_input_below(input, ${count})) {\n",
                      SN_SLOTS({"count", sn_emit_number(emit, package->edge_count)}));
    for (size_t i = 0; i < package->edge_count; i++)
        put_edge(emit, out, &package->edges[i], i);
    sn_buffer_puts(out, "    default:\n        break;\n    }\n}\n\n");
}

void sn_emit_sim_program(struct sn_emit *emit, struct sn_buffer *out)
{
    const struct sn_template_slot *slots =
        SN_SLOTS({"package", sn_name_app(emit->arena, emit->package)});
    const char *name = sn_emit_stem(emit, emit->package);
    struct sn_buffer feed = {0};

    sn_emit_file_head(emit, out);
    sn_template_write(
        out,
        "/*\n"
        " * Package \"${package}\" in the simulator, <sn/sim.h>.\n"
        " *\n"
        " * Seeded messages on main's edges, seeded faults; the invariants of all workers and the "
        "runtime's\n"
        " * own are checked after each handler.\n"
        " *\n"
        " *     ${name}                       50 seeds; of one that fails, the command that "
        "replays "
        "it\n"
        " *     SN_SIM_SEED=17 ${name}        one seed, in this process; SN_SIM_TRACE=1 prints it\n"
        " *     SN_SIM_FAULTS=3,17-20 ...  with these of its faults only\n"
        " *     SN_SIM_SEEDS=1000 ...      so many seeds, from SN_SIM_FIRST on\n"
        " *     SN_SIM_STEPS=100000 ...    steps a seed, about\n"
        " */\n",
        SN_SLOTS({"package", emit->package->name}, {"name", name}));
    sn_template_write(out, includes, slots);
    put_feed(emit, &feed);
    sn_test_put_values(emit, out);
    if (feed.size > 0)
        sn_buffer_append(out, feed.data, feed.size);
    out->failed |= feed.failed;
    sn_buffer_fini(&feed);
    sn_template_write(out, run_text, slots);
    sn_template_write(out, main_text, NULL);
}
