/* SPDX-License-Identifier: MIT */
/*
 * The files of a run. Headers first, imports' included, because <stem>.sn.h holds a digest of
 * them: a build that knows only that name still sees when any header has changed. The digest of
 * an import's <stem2>.sn.h covers what that import's own run would cover.
 */
#include "emit/emit.h"

#include "emit/emitter.h"
#include "model/wire.h"

#include <errno.h>
#include <string.h>

/* One run of sn_emit_package(). */
struct run {
    const struct sn_model *model;
    const struct sn_emit_options *options;
    struct sn_arena *arena;
    struct sn_emit_sink *sink;
    uint64_t *digests; /* of the model's packages, as far as they are done */
};

/* A package's headers in memory, until their digest is known. */
struct headers {
    struct sn_buffer text; /* all of them, each with a NUL behind */
    const char **names;    /* in the run's arena */
    size_t *ends;          /* where each one ends in text */
    size_t count;
};

/* FNV-1a, 64 bits (Fowler, Noll, Vo): stable everywhere, and nobody attacks it here. */
static uint64_t digest_of(uint64_t digest, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        digest = (digest ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
    return digest;
}

/* Run into a package: what its imports declare is known, nothing is written for them. */
static void begin_package(struct sn_emit *emit, const struct run *run,
                          const struct sn_package *package)
{
    struct sn_buffer nowhere = {0};

    *emit = (struct sn_emit){.model = run->model, .arena = run->arena, .options = run->options};
    sn_map_init(&emit->declared, emit->arena);
    sn_map_init(&emit->traits, emit->arena);
    sn_map_init(&emit->helpers, emit->arena);
    sn_map_init(&emit->letters, emit->arena);
    for (size_t i = 0; i < run->model->package_count; i++) {
        emit->package = run->model->packages[i];
        if (emit->package == package)
            break;
        sn_emit_package_header(emit, &nowhere);
        sn_buffer_fini(&nowhere);
    }
    emit->package = package;
    sn_emit_note_letters(emit);
}

static void add_header(struct headers *headers, const char *name, struct sn_buffer *text)
{
    if (text->size > 0)
        sn_buffer_append(&headers->text, text->data, text->size);
    headers->text.failed |= text->failed;
    headers->names[headers->count] = name;
    headers->ends[headers->count++] = headers->text.size;
    sn_buffer_fini(text);
}

/* Make all headers of one package. Returns 0 or -ENOMEM; headers->text is to be freed anyway. */
static int make_headers(struct sn_emit *emit, struct headers *headers)
{
    const struct sn_package *package = emit->package;
    size_t count = 1 + 2 * package->worker_count;
    struct sn_buffer text = {0};

    headers->names = sn_arena_array(emit->arena, count, sizeof *headers->names);
    headers->ends = sn_arena_array(emit->arena, count, sizeof *headers->ends);
    if (headers->names == NULL || headers->ends == NULL)
        return -ENOMEM;
    sn_emit_package_header(emit, &text);
    add_header(headers, sn_name_package_header(emit->arena, package), &text);
    for (size_t i = 0; i < package->worker_count; i++) {
        const struct sn_worker *worker = package->workers[i];

        sn_emit_worker_header(emit, &text, worker);
        add_header(headers, sn_name_worker_header(emit->arena, worker), &text);
        if (!sn_emit_has_test(emit, worker))
            continue;
        sn_emit_test_header(emit, &text, worker);
        add_header(headers, sn_name_test_header(emit->arena, worker), &text);
    }
    return headers->text.failed || sn_arena_failed(emit->arena) ? -ENOMEM : 0;
}

static int write_headers(const struct run *run, const struct headers *headers)
{
    size_t from = 0;
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < headers->count; i++) {
        rc = run->sink->file(run->sink, headers->names[i], headers->text.data + from,
                             headers->ends[i] - from);
        from = headers->ends[i];
    }
    return rc;
}

/* Own headers, then what the imports' digests say of theirs. */
static uint64_t package_digest(const struct run *run, const struct sn_package *package,
                               const struct headers *headers)
{
    uint64_t digest =
        digest_of(UINT64_C(0xcbf29ce484222325), headers->text.data, headers->text.size);

    for (size_t i = 0; i < package->import_count; i++)
        for (size_t p = 0; p < run->model->package_count; p++)
            if (run->model->packages[p] == package->imports[i])
                digest = (digest ^ run->digests[p]) * UINT64_C(0x100000001b3);
    return digest;
}

/* A header's name as a macro: every character that a name may not have becomes `_`. */
static const char *digest_guard(struct sn_emit *emit)
{
    const char *stem = sn_name_upper(emit->arena, sn_emit_stem(emit, emit->package));
    struct sn_buffer guard = {0};
    const char *text = "";

    sn_buffer_puts(&guard, "SN_");
    for (; *stem != '\0'; stem++) {
        bool is_word = (*stem >= 'A' && *stem <= 'Z') || (*stem >= '0' && *stem <= '9');

        sn_buffer_append(&guard, is_word ? stem : "_", 1);
    }
    sn_buffer_puts(&guard, "_SN_H");
    if (guard.failed)
        sn_arena_fail(emit->arena);
    else
        text = sn_arena_text(emit->arena, guard.data, guard.size);
    sn_buffer_fini(&guard);
    return text;
}

static int write_digest(const struct run *run, struct sn_emit *emit, uint64_t digest)
{
    static const char text[] =
        "/* The digest of all headers of this run, for builds that know this file's name only: it\n"
        " * changes exactly when one of them does. */\n"
        "#ifndef ${guard}\n"
        "#define ${guard}\n"
        "\n"
        "#define ${package}_SCHEMA UINT64_C(0x${digest})\n"
        "\n"
        "#endif\n";
    struct sn_buffer out = {0};
    int rc;

    sn_emit_file_head(emit, &out);
    sn_template_write(&out, text,
                      SN_SLOTS({"guard", digest_guard(emit)},
                               {"package", sn_name_upper(emit->arena, emit->package->name)},
                               {"digest", sn_emit_printf(emit, "%016" PRIx64, digest)}));
    rc = out.failed || sn_arena_failed(emit->arena)
             ? -ENOMEM
             : run->sink->file(run->sink,
                               sn_emit_printf(emit, "%s.sn.h", sn_emit_stem(emit, emit->package)),
                               out.data, out.size);
    sn_buffer_fini(&out);
    return rc;
}

/* One file of the package asked for. */
static int write_file(const struct run *run, struct sn_emit *emit, const char *name,
                      void (*artefact)(struct sn_emit *emit, struct sn_buffer *out))
{
    struct sn_buffer out = {0};
    int rc;

    artefact(emit, &out);
    rc = out.failed || sn_arena_failed(emit->arena)
             ? -ENOMEM
             : run->sink->file(run->sink, name, out.data, out.size);
    sn_buffer_fini(&out);
    return rc;
}

/* A program of its own, with its own helpers. */
static int write_program(const struct run *run, const struct sn_worker *worker,
                         const struct sn_message *message, const char *name,
                         void (*artefact)(struct sn_emit *emit, struct sn_buffer *out))
{
    const struct sn_package *package = run->model->package;
    struct sn_emit emit;

    begin_package(&emit, run, package);
    emit.worker = worker;
    emit.message = message;
    return write_file(
        run, &emit, sn_emit_printf(&emit, "%s.%s.c", sn_emit_stem(&emit, package), name), artefact);
}

static int write_fuzzers(const struct run *run, const struct sn_emit *emit)
{
    const struct sn_package *package = run->model->package;
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < package->worker_count; i++) {
        const struct sn_worker *worker = package->workers[i];

        if (sn_emit_has_test(emit, worker))
            rc = write_program(run, worker, NULL,
                               sn_arena_printf(run->arena, "%s_fuzz", worker->name),
                               sn_emit_worker_fuzzer);
    }
    for (size_t i = 0; rc == 0 && i < package->message_count; i++) {
        const struct sn_message *message = package->messages[i];

        if (sn_wire_has_codec(package, message->fields) ||
            (message->reply != NULL && sn_wire_has_codec(package, message->reply)))
            rc = write_program(run, NULL, message,
                               sn_arena_printf(run->arena, "%s_fuzz", message->name),
                               sn_emit_codec_fuzzer);
    }
    return rc;
}

static int write_code(const struct run *run, struct sn_emit *emit)
{
    const char *stem = sn_emit_stem(emit, emit->package);
    int rc = write_file(run, emit, sn_emit_printf(emit, "%s.sn.c", stem), sn_emit_unit);

    if (!sn_wire_is_used(emit->package))
        return rc;
    if (rc == 0)
        rc = write_file(run, emit, sn_emit_printf(emit, "%s.wire.sn.c", stem), sn_emit_wire_unit);
    if (rc == 0)
        rc = write_file(run, emit, sn_emit_printf(emit, "%s.proto", emit->package->name),
                        sn_emit_wire_proto);
    return rc;
}

/* One package: an import gives its headers, the package asked for its code too. */
static int run_package(struct run *run, size_t index)
{
    const struct sn_package *package = run->model->packages[index];
    bool is_import = package != run->model->package;
    struct headers headers = {.names = NULL};
    struct sn_emit emit;
    int rc;

    begin_package(&emit, run, package);
    rc = make_headers(&emit, &headers);
    if (rc == 0) {
        run->digests[index] = package_digest(run, package, &headers);
        rc = sn_emit_is_own(run->options, package) && is_import ? 0 : write_headers(run, &headers);
    }
    if (rc == 0 && !(sn_emit_is_own(run->options, package) && is_import))
        rc = write_digest(run, &emit, run->digests[index]);
    if (rc == 0 && !is_import)
        rc = write_code(run, &emit);
    if (rc == 0 && !is_import && run->options->fuzzers)
        rc = write_fuzzers(run, &emit);
    if (rc == 0 && !is_import && run->options->sim && package->pool_count > 0)
        rc = write_program(run, NULL, NULL, "sim", sn_emit_sim_program);
    sn_buffer_fini(&headers.text);
    return rc;
}

int sn_emit_package(const struct sn_model *model, const struct sn_emit_options *options,
                    struct sn_emit_sink *sink)
{
    static const struct sn_emit_options defaults;
    struct run run = {
        .model = model, .options = options != NULL ? options : &defaults, .sink = sink};
    int rc = 0;

    run.arena = sn_arena_create();
    if (run.arena == NULL)
        return -ENOMEM;
    run.digests = sn_arena_array(run.arena, model->package_count, sizeof *run.digests);
    if (run.digests == NULL)
        rc = -ENOMEM;
    for (size_t i = 0; rc == 0 && i < model->package_count; i++)
        rc = run_package(&run, i);
    sn_arena_destroy(run.arena);
    return rc;
}

/* A sink that only notes the names. */
struct name_sink {
    struct sn_emit_sink base;
    struct sn_buffer *names;
};

static int note_name(struct sn_emit_sink *sink, const char *name, const char *text,
                     size_t size_bytes)
{
    struct name_sink *self = (struct name_sink *)sink;

    (void)text;
    (void)size_bytes;
    sn_buffer_puts(self->names, name);
    sn_buffer_puts(self->names, "\n");
    return self->names->failed ? -ENOMEM : 0;
}

int sn_emit_file_names(const struct sn_model *model, const struct sn_emit_options *options,
                       struct sn_buffer *ret_names)
{
    struct name_sink sink = {.base = {.file = note_name}, .names = ret_names};

    return sn_emit_package(model, options, &sink.base);
}
