/* SPDX-License-Identifier: MIT */
/*
 * Start and stop. The handle of a package whose workers have args also holds copies of them, and
 * behind it what they point to: one allocation that lives as long as the system, so that the
 * caller's options may go when start returns.
 */
#include "emit/emitter.h"

/* The pools whose members are given args at the start. */
static bool has_args(const struct sn_pool *pool)
{
    return sn_has_fields(pool->worker->args) && !pool->at_run_time;
}

/* Whether what the args of a pool take, or whether they are allowed, is known at the start only. */
static bool is_measured(struct sn_emit *emit, const struct sn_pool *pool)
{
    const struct sn_struct *args = pool->worker->args;

    return !args->fixed || sn_struct_traits(emit, args).checked;
}

static bool any_args(const struct sn_package *package)
{
    for (size_t i = 0; i < package->pool_count; i++)
        if (has_args(package->pools[i]))
            return true;
    return false;
}

static void emit_plain_start(struct sn_emit *emit, struct sn_buffer *out)
{
    static const char text[] =
        "int ${start}(const struct ${options} *options, struct ${app} **ret_app)\n"
        "{\n"
        "    const struct sn_system_options *system = options != NULL ? &options->system : NULL;\n"
        "    struct ${app} *app = calloc(1, sizeof *app);\n"
        "    int rc = -ENOMEM;\n"
        "\n"
        "    if (app != NULL)\n"
        "        rc = sn_system_start(&${app}_package, system, NULL, &app->sn);\n"
        "    if (rc != 0) {\n"
        "        free(app);\n"
        "        app = NULL;\n"
        "    }\n"
        "    *ret_app = app;\n"
        "    return rc;\n"
        "}\n\n";

    sn_template_write(
        out, text,
        SN_SLOTS({"app", sn_name_app(emit->arena, emit->package)},
                 {"start", sn_name_app_verb(emit->arena, emit->package, "start")},
                 {"options", sn_name_app_verb(emit->arena, emit->package, "options")}));
}

/* The handle with its args, and the function that measures them. */
static void emit_memory(struct sn_emit *emit, struct sn_buffer *out)
{
    const struct sn_package *package = emit->package;
    const char *app = sn_name_app(emit->arena, package);
    const char *options = sn_name_app_verb(emit->arena, package, "options");
    struct sn_buffer steps = {0};

    sn_template_write(
        out,
        "/* The handle, and the args of the pools: behind it is what they point to. */\n"
        "struct ${app}_started {\n"
        "    struct ${app} app;\n",
        SN_SLOTS({"app", app}));
    for (size_t i = 0; i < package->pool_count; i++) {
        const struct sn_pool *pool = package->pools[i];
        const struct sn_struct *args = pool->worker->args;

        if (!has_args(pool))
            continue;
        sn_template_write(
            out, "    struct ${type} ${pool};\n",
            SN_SLOTS({"type", sn_name_struct(emit->arena, args)}, {"pool", pool->name}));
        if (is_measured(emit, pool))
            sn_template_write(
                &steps, "    if (rc == 0)\n        rc = ${call}(&options->args.${pool}${size});\n",
                SN_SLOTS({"call",
                          args->fixed ? sn_need_check(emit, args) : sn_need_tail_size(emit, args)},
                         {"pool", pool->name}, {"size", args->fixed ? "" : ", size"}));
    }
    sn_buffer_puts(out, "};\n\n");
    if (steps.size > 0)
        sn_template_write(
            out,
            "static int ${app}_started_size(const struct ${options} *options, size_t *size)\n"
            "{\n"
            "    int rc = 0;\n"
            "\n"
            "    *size = sizeof(struct ${app}_started);\n"
            "${steps}\n"
            "    return rc;\n"
            "}\n\n",
            SN_SLOTS({"app", app}, {"options", options}, {"steps", steps.data}));
    out->failed |= steps.failed;
    sn_buffer_fini(&steps);
}

/* The lines that copy the args of each pool into the handle's memory. */
static void emit_args_copies(struct sn_emit *emit, struct sn_buffer *out)
{
    const struct sn_package *package = emit->package;

    for (size_t i = 0; i < package->pool_count; i++) {
        const struct sn_pool *pool = package->pools[i];

        if (!has_args(pool))
            continue;
        sn_template_write(out, "    started->${pool} = options->args.${pool};\n",
                          SN_SLOTS({"pool", pool->name}));
        if (!pool->worker->args->fixed)
            sn_template_write(
                out, "    ${tail}(&started->${pool}, &cursor);\n",
                SN_SLOTS({"tail", sn_need_tail(emit, pool->worker->args)}, {"pool", pool->name}));
        sn_template_write(out, "    args[${id}] = &started->${pool};\n",
                          SN_SLOTS({"id", sn_name_pool_id(emit, pool)}, {"pool", pool->name}));
    }
}

static bool any_measured(struct sn_emit *emit)
{
    for (size_t i = 0; i < emit->package->pool_count; i++)
        if (has_args(emit->package->pools[i]) && is_measured(emit, emit->package->pools[i]))
            return true;
    return false;
}

static bool any_variable_args(const struct sn_package *package)
{
    for (size_t i = 0; i < package->pool_count; i++)
        if (has_args(package->pools[i]) && !package->pools[i]->worker->args->fixed)
            return true;
    return false;
}

static void emit_start_with_args(struct sn_emit *emit, struct sn_buffer *out)
{
    static const char text[] =
        "int ${start}(const struct ${options} *options, struct ${app} **ret_app)\n"
        "{\n"
        "    static const struct ${options} defaults;\n"
        "    const void *args[${pools}] = {NULL};\n"
        "    struct ${app}_started *started;\n"
        "    ${cursor}\n"
        "    ${size}\n"
        "    int rc;\n"
        "\n"
        "    *ret_app = NULL;\n"
        "    if (options == NULL)\n"
        "        options = &defaults;\n"
        "    ${measure}\n"
        "    started = calloc(1, ${bytes});\n"
        "    if (started == NULL)\n"
        "        return -ENOMEM;\n"
        "    ${set_cursor}\n"
        "${copies}\n"
        "    rc = sn_system_start(&${app}_package, &options->system, args, &started->app.sn);\n"
        "    if (rc != 0)\n"
        "        free(started);\n"
        "    else\n"
        "        *ret_app = &started->app;\n"
        "    return rc;\n"
        "}\n\n";
    const struct sn_package *package = emit->package;
    bool variable = any_variable_args(package), measured = any_measured(emit);
    const char *app = sn_name_app(emit->arena, package);
    const char *measure = sn_arena_printf(emit->arena,
                                          "rc = %s_started_size(options, &size);\n"
                                          "    if (rc != 0)\n"
                                          "        return rc;",
                                          app);
    struct sn_buffer copies = {0};

    emit_args_copies(emit, &copies);
    sn_template_write(out, text,
                      SN_SLOTS({"app", app}, {"size", measured ? "size_t size;" : ""},
                               {"measure", measured ? measure : ""},
                               {"bytes", measured ? "size" : "sizeof *started"},
                               {"start", sn_name_app_verb(emit->arena, package, "start")},
                               {"options", sn_name_app_verb(emit->arena, package, "options")},
                               {"pools", sn_emit_number(emit, package->pool_count)},
                               {"cursor", variable ? "char *cursor;" : ""},
                               {"set_cursor", variable ? "cursor = (char *)(started + 1);" : ""},
                               {"copies", copies.size > 0 ? copies.data : ""}));
    out->failed |= copies.failed;
    sn_buffer_fini(&copies);
}

static void emit_life(struct sn_emit *emit, struct sn_buffer *out)
{
    static const char text[] =
        "int ${app}_stop(struct ${app} *app)\n"
        "{\n"
        "    int rc = app != NULL ? sn_system_stop(app->sn) : 0;\n"
        "\n"
        "    free(app);\n"
        "    return rc;\n"
        "}\n\n"
        "int ${app}_run(const struct ${app}_options *options)\n"
        "{\n"
        "    struct ${app} *app;\n"
        "    int rc = ${app}_start(options, &app);\n"
        "    int left;\n"
        "\n"
        "    if (rc == 0)\n"
        "        rc = sn_system_wait(app->sn);\n"
        "    left = ${app}_stop(app);\n"
        "    return rc != 0 ? rc : left;\n"
        "}\n\n"
        "int ${app}_open(struct ${app} *app, struct ${app} **ret_app)\n"
        "{\n"
        "    struct ${app} *further = calloc(1, sizeof *further);\n"
        "    int rc = further != NULL ? sn_port_open(app->sn, &further->sn) : -ENOMEM;\n"
        "\n"
        "    if (rc != 0) {\n"
        "        free(further);\n"
        "        further = NULL;\n"
        "    }\n"
        "    *ret_app = further;\n"
        "    return rc;\n"
        "}\n\n"
        "void ${app}_close(struct ${app} *app)\n"
        "{\n"
        "    if (app != NULL)\n"
        "        sn_port_close(app->sn);\n"
        "    free(app);\n"
        "}\n\n";

    sn_template_write(out, text, SN_SLOTS({"app", sn_name_app(emit->arena, emit->package)}));
}

static void emit_result_name(struct sn_emit *emit, struct sn_buffer *out)
{
    const struct sn_model *model = emit->model;
    struct sn_buffer cases = {0};

    for (size_t p = 0; p < model->package_count; p++)
        for (size_t i = 0; i < model->packages[p]->error_count; i++)
            sn_template_write(
                &cases, "    case ${name}:\n        return \"${name}\";\n",
                SN_SLOTS({"name", sn_name_error(emit->arena, model->packages[p]->errors[i])}));
    sn_template_write(
        out, "const char *${name}(int result)\n{\n",
        SN_SLOTS({"name", sn_name_app_verb(emit->arena, emit->package, "result_name")}));
    if (cases.size > 0)
        sn_template_write(out,
                          "    switch (result) {\n${cases}\n    default:\n        break;\n    }\n",
                          SN_SLOTS({"cases", cases.data}));
    sn_buffer_puts(out, "    return sn_result_name(result);\n}\n\n");
    out->failed |= cases.failed;
    sn_buffer_fini(&cases);
}

static bool has_batches(const struct sn_package *package)
{
    for (size_t i = 0; i < package->edge_count; i++)
        if (package->edges[i].batch_bytes > 0)
            return true;
    return false;
}

void sn_emit_app(struct sn_emit *emit, struct sn_buffer *out)
{
    const char *app = sn_name_app(emit->arena, emit->package);

    sn_layout_heading(out, "the application");
    if (any_args(emit->package)) {
        emit_memory(emit, out);
        emit_start_with_args(emit, out);
    } else {
        emit_plain_start(emit, out);
    }
    emit_life(emit, out);
    emit_result_name(emit, out);
    if (has_batches(emit->package))
        sn_template_write(out,
                          "void ${app}_flush(struct ${app} *app)\n"
                          "{\n"
                          "    sn_port_flush(app->sn);\n"
                          "}\n\n",
                          SN_SLOTS({"app", app}));
}
