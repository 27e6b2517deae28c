/* SPDX-License-Identifier: MIT */
/*
 * <stem>.sn.c: all code of a package.
 *
 * The body is written first, into a buffer of its own; on the way it asks for the helpers that it
 * needs. The file then is: includes, numbers, helpers, body.
 */
#include "emit/emitter.h"

static void emit_includes(struct sn_emit *emit, struct sn_buffer *out)
{
    const struct sn_package *package = emit->package;
    size_t count = 0;
    const char **names = sn_arena_array(emit->arena, 1 + 2 * package->worker_count, sizeof *names);

    if (names == NULL)
        return;
    names[count++] = sn_name_package_header(emit->arena, package);
    for (size_t i = 0; i < package->worker_count; i++) {
        names[count++] = sn_name_worker_header(emit->arena, package->workers[i]);
        if (sn_emit_has_test(emit, package->workers[i]))
            names[count++] = sn_name_test_header(emit->arena, package->workers[i]);
    }
    sn_emit_includes(emit, out, names, count);
    sn_buffer_puts(out, "\n#include <sn/generated.h>\n\n#include <errno.h>\n#include <stddef.h>\n"
                        "#include <stdlib.h>\n");
}

static void emit_worker(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    sn_layout_heading(out, sn_emit_printf(emit, "worker \"%s\"", worker->name));
    sn_emit_worker_tables(emit, out, worker);
    sn_emit_dispatch(emit, out, worker);
    sn_emit_invariants(emit, out, worker);
    sn_emit_sends(emit, out, worker);
    sn_emit_asks(emit, out, worker);
    sn_emit_bonds(emit, out, worker);
    sn_emit_spawns(emit, out, worker);
    sn_emit_answers(emit, out, worker);
    sn_emit_timers(emit, out, worker);
    sn_emit_members(emit, out, worker);
}

static void append(struct sn_buffer *out, const char *title, struct sn_buffer *section)
{
    if (section->size > 0) {
        if (title != NULL)
            sn_layout_heading(out, title);
        sn_buffer_append(out, section->data, section->size);
    }
    out->failed |= section->failed;
    sn_buffer_fini(section);
}

/* Sections end with an empty line and headings begin with one: keep one of them. */
void sn_emit_squeeze(struct sn_buffer *out)
{
    size_t to = 0;
    size_t newlines = 0;

    for (size_t from = 0; from < out->size; from++) {
        newlines = out->data[from] == '\n' ? newlines + 1 : 0;
        if (newlines <= 2)
            out->data[to++] = out->data[from];
    }
    while (to > 1 && out->data[to - 1] == '\n' && out->data[to - 2] == '\n')
        to--;
    out->size = to;
    if (out->data != NULL)
        out->data[to] = '\0';
}

void sn_emit_unit(struct sn_emit *emit, struct sn_buffer *out)
{
    struct sn_buffer body = {0};
    const struct sn_package *package = emit->package;

    sn_emit_file_head(emit, out);
    emit_includes(emit, out);
    if (package->pool_count > 0) {
        for (size_t i = 0; i < package->worker_count; i++)
            emit_worker(emit, &body, package->workers[i]);
        sn_emit_tables(emit, &body);
        sn_emit_app(emit, &body);
        sn_emit_main_edges(emit, &body);
        if (emit->options->tests)
            sn_emit_tests(emit, &body);
        sn_emit_numbers(emit, out);
    }
    append(out, "values on their way", &emit->values);
    append(out, "which member of a pool", &emit->routes);
    append(out, NULL, &body);
    sn_emit_squeeze(out);
}
