/* SPDX-License-Identifier: MIT */
/*
 * Members made at run time: the functions that make and stop them, of workers and of main, and
 * what the runtime must know to copy their args.
 */
#include "emit/emitter.h"

/* Whether some of a worker's actors are made at run time. */
static bool is_spawned(const struct sn_package *package, const struct sn_worker *worker)
{
    for (size_t i = 0; i < package->pool_count; i++)
        if (package->pools[i]->worker == worker && package->pools[i]->at_run_time)
            return true;
    return false;
}

/* @worker  who spawns; NULL: main. */
static const char *prototype(struct sn_emit *emit, const struct sn_worker *worker, const char *verb,
                             const struct sn_pool *pool, const char *rest)
{
    const char *self =
        worker != NULL
            ? sn_emit_printf(emit, "struct %s *self", sn_name_worker(emit->arena, worker))
            : sn_emit_printf(emit, "struct %s *app", sn_name_app(emit->arena, emit->package));

    return sn_emit_printf(emit, "int %s(%s%s)",
                          sn_name_spawn(emit->arena, emit->package, worker, verb, pool), self,
                          rest);
}

static const char *spawn_prototype(struct sn_emit *emit, const struct sn_worker *worker,
                                   const struct sn_pool *pool)
{
    const struct sn_struct *args = pool->worker->args;
    const char *ref = sn_name_ref(emit->arena, pool->worker);
    const char *rest = sn_has_fields(args)
                           ? sn_emit_printf(emit, ", const struct %s *args, %s *ret_ref",
                                            sn_name_struct(emit->arena, args), ref)
                           : sn_emit_printf(emit, ", %s *ret_ref", ref);

    return prototype(emit, worker, "spawn", pool, rest);
}

static const char *stop_prototype(struct sn_emit *emit, const struct sn_worker *worker,
                                  const struct sn_pool *pool)
{
    return prototype(emit, worker, "stop", pool,
                     sn_emit_printf(emit, ", %s ref", sn_name_ref(emit->arena, pool->worker)));
}

/* ---- the headers ---------------------------------------------------------------------------- */

static void declare(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker,
                    const struct sn_bond *spawn, const char *doc)
{
    const char *what = sn_emit_printf(emit, "members of \"%s\"", spawn->pool->name);

    sn_buffer_puts(out, "\n");
    sn_layout_comment(out, 0, doc, sn_emit_origin(emit, &spawn->location, what));
    sn_template_write(out, "${spawn};\n${stop};\n",
                      SN_SLOTS({"spawn", spawn_prototype(emit, worker, spawn->pool)},
                               {"stop", stop_prototype(emit, worker, spawn->pool)}));
}

void sn_declare_spawns(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    for (size_t i = 0; i < worker->spawn_count; i++)
        declare(emit, out, worker, &worker->spawns[i],
                "The args are copied. The member can be sent to at once; its init runs after this "
                "handler and before all else. It ends by SN_STOP, by a failure, or by a stop, "
                "after what it was sent before. Results: 0, SN_FULL, SN_GONE (the pool has not "
                "started, or stops; the member is no more), -ENOMEM, SN_TOO_LARGE, SN_INVALID.");
}

void sn_declare_main_spawns(struct sn_emit *emit, struct sn_buffer *out)
{
    const struct sn_package *package = emit->package;

    static const char text[] =
        "/* The args are copied. A spawn waits until one of the shards, each in its turn, has made "
        "the\n"
        " * member; it can be sent to at once, and its init comes first. A stop lets it handle "
        "what "
        "it\n"
        " * was sent before. Results: 0, SN_FULL, SN_GONE (the pool stops; the member is no "
        "more),\n"
        " * -ENOMEM, SN_TOO_LARGE, SN_INVALID. */\n";

    if (package->spawn_count == 0)
        return;
    sn_layout_heading(out, "members made from outside");
    sn_buffer_puts(out, text);
    for (size_t i = 0; i < package->spawn_count; i++)
        declare(emit, out, NULL, &package->spawns[i], NULL);
}

/* ---- the sources ---------------------------------------------------------------------------- */

static void define(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker,
                   const struct sn_pool *pool)
{
    static const char text[] =
        "${spawn}\n"
        "{\n"
        "    return sn_${who}_spawn(${self}->sn, ${pool}, ${args}, &ret_ref->ref);\n"
        "}\n\n"
        "${stop}\n"
        "{\n"
        "    return sn_${who}_stop(${self}->sn, ref.ref);\n"
        "}\n\n";

    sn_template_write(out, text,
                      SN_SLOTS({"spawn", spawn_prototype(emit, worker, pool)},
                               {"stop", stop_prototype(emit, worker, pool)},
                               {"who", worker != NULL ? "actor" : "port"},
                               {"self", worker != NULL ? "self" : "app"},
                               {"pool", sn_name_pool_id(emit, pool)},
                               {"args", sn_has_fields(pool->worker->args) ? "args" : "NULL"}));
}

void sn_emit_spawns(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    for (size_t i = 0; i < worker->spawn_count; i++)
        define(emit, out, worker, worker->spawns[i].pool);
}

void sn_emit_main_spawns(struct sn_emit *emit, struct sn_buffer *out)
{
    const struct sn_package *package = emit->package;

    if (package->spawn_count > 0)
        sn_layout_heading(out, "members made from outside");
    for (size_t i = 0; i < package->spawn_count; i++)
        define(emit, out, NULL, package->spawns[i].pool);
}

/* ---- the worker's table --------------------------------------------------------------------- */

static const char *need_measure(struct sn_emit *emit, const struct sn_worker *worker)
{
    const struct sn_struct *args = worker->args;
    const char *name = sn_name_hook(emit->arena, worker, "measure_args");
    const char *call;

    if (!sn_emit_first(emit, name))
        return name;
    call = args->fixed ? sn_need_check(emit, args) : sn_need_size(emit, args);
    sn_template_write(
        &emit->values,
        "static int ${name}(const void *args, size_t *ret_size)\n"
        "{\n"
        "${size}\n"
        "    return ${call}(args${argument});\n"
        "}\n\n",
        SN_SLOTS({"name", name}, {"call", call},
                 {"size", args->fixed ? sn_emit_printf(emit, "    *ret_size = sizeof(struct %s);",
                                                       sn_name_struct(emit->arena, args))
                                      : ""},
                 {"argument", args->fixed ? "" : ", ret_size"}));
    return name;
}

void sn_emit_args_functions(struct sn_emit *emit, struct sn_buffer *out,
                            const struct sn_worker *worker)
{
    const struct sn_struct *args = worker->args;

    if (!sn_has_fields(args) || !is_spawned(emit->package, worker))
        return;
    if (!args->fixed || sn_struct_traits(emit, args).checked)
        sn_template_write(out, "        .args_measure = ${name},\n",
                          SN_SLOTS({"name", need_measure(emit, worker)}));
    if (!args->fixed)
        sn_template_write(out, "        .args_copy = ${name},\n",
                          SN_SLOTS({"name", sn_need_again(emit, args)}));
}
