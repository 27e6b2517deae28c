/* SPDX-License-Identifier: MIT */
/*
 * P.h: what everybody shares who speaks with a package. Constants first, then references and
 * reply addresses (which need nothing), types and messages in an order that C accepts, errors,
 * the args of its workers; and, if it has pools, the application (app_header.c).
 */
#include "emit/emitter.h"
#include "model/wire.h"

static void emit_constants(struct sn_emit *emit, struct sn_buffer *out)
{
    const struct sn_package *package = emit->package;

    if (package->constant_count > 0)
        sn_layout_heading(out, "constants");
    for (size_t i = 0; i < package->constant_count; i++) {
        const struct sn_constant *constant = package->constants[i];
        const char *origin = sn_emit_printf(emit, "constant \"%s\"", constant->name);

        sn_layout_comment(out, 0, constant->doc, sn_emit_origin(emit, &constant->location, origin));
        sn_template_write(out, "#define ${name} ${value}\n",
                          SN_SLOTS({"name", sn_name_constant(emit->arena, constant)},
                                   {"value", sn_emit_number(emit, constant->value)}));
    }
}

/* References to workers and the addresses of replies: structs of one number, so that the
 * compiler tells them apart. */
static void emit_handles(struct sn_emit *emit, struct sn_buffer *out)
{
    const struct sn_package *package = emit->package;

    for (size_t i = 0; i < package->worker_count; i++)
        sn_template_write(out,
                          "/* An actor of worker \"${worker}\". */\n"
                          "typedef struct {\n"
                          "    sn_ref ref;\n"
                          "} ${name};\n\n",
                          SN_SLOTS({"worker", package->workers[i]->name},
                                   {"name", sn_name_ref(emit->arena, package->workers[i])}));
    for (size_t i = 0; i < package->message_count; i++)
        if (package->messages[i]->reply != NULL)
            sn_template_write(
                out,
                "/* Where the reply to one \"${message}\" goes. */\n"
                "typedef struct {\n"
                "    sn_reply_token token;\n"
                "} ${name};\n\n",
                SN_SLOTS({"message", package->messages[i]->name},
                         {"name", sn_name_reply_to(emit->arena, package->messages[i])}));
}

static void emit_declarations(struct sn_emit *emit, struct sn_buffer *out)
{
    const struct sn_package *package = emit->package;

    for (size_t i = 0; i < package->declaration_count; i++) {
        const struct sn_declaration *declaration = &package->declarations[i];

        if (declaration->kind == SN_DECLARED_ENUM)
            sn_declare_enum(emit, out, declaration->enumeration);
        else if (declaration->kind == SN_DECLARED_ALIAS)
            sn_declare_alias(emit, out, declaration->alias);
        else
            sn_declare_struct(emit, out, declaration->structure);
    }
}

/* Types that only members and contexts of workers need: two workers may share one. */
static void emit_worker_types(struct sn_emit *emit, struct sn_buffer *out)
{
    const struct sn_package *package = emit->package;

    for (size_t w = 0; w < package->worker_count; w++) {
        const struct sn_worker *worker = package->workers[w];

        for (size_t i = 0; i < worker->state_count; i++)
            sn_declare_type(emit, out, &worker->state[i].type);
        for (size_t i = 0; i < worker->retain_count; i++)
            sn_declare_type(emit, out, &worker->retain[i].type);
        for (size_t i = 0; i < worker->ask_count; i++)
            for (size_t f = 0;
                 sn_has_fields(worker->asks[i].context) && f < worker->asks[i].context->field_count;
                 f++)
                sn_declare_type(emit, out, &worker->asks[i].context->fields[f].type);
        sn_declare_struct(emit, out, worker->args);
    }
}

static void emit_errors(struct sn_emit *emit, struct sn_buffer *out)
{
    const struct sn_package *package = emit->package;

    if (package->error_count == 0)
        return;
    sn_layout_heading(out, "errors that requests declare");
    sn_buffer_puts(out, "enum {\n");
    for (size_t i = 0; i < package->error_count; i++) {
        const struct sn_error *error = package->errors[i];

        sn_layout_comment(out, 4, NULL,
                          sn_emit_origin(emit, &error->location,
                                         sn_emit_printf(emit, "error \"%s\"", error->name)));
        sn_template_write(out, "    ${name} = ${number},\n",
                          SN_SLOTS({"name", sn_name_error(emit->arena, error)},
                                   {"number", sn_emit_number(emit, (uint64_t)error->number)}));
    }
    sn_buffer_puts(out, "};\n");
}

/* One blank line instead of several, and none before what closes. */
static void append_section(struct sn_buffer *out, const char *title, struct sn_buffer *section)
{
    size_t size = section->size;

    while (size > 0 && section->data[size - 1] == '\n')
        size--;
    if (size > 0) {
        sn_layout_heading(out, title);
        sn_buffer_append(out, section->data, size);
        sn_buffer_puts(out, "\n");
    }
    out->failed |= section->failed;
    sn_buffer_fini(section);
}

static void emit_own_includes(struct sn_emit *emit, struct sn_buffer *out)
{
    const struct sn_package *package = emit->package;

    for (size_t i = 0; i < package->import_count; i++)
        if (sn_emit_is_own(emit->options, package->imports[i]))
            sn_template_write(
                out, "#include <sn/${name}>\n",
                SN_SLOTS({"name", sn_name_package_header(emit->arena, package->imports[i])}));
}

static void emit_includes(struct sn_emit *emit, struct sn_buffer *out)
{
    const struct sn_package *package = emit->package;
    const char **names = sn_arena_array(emit->arena, package->import_count + 1, sizeof *names);
    size_t count = 0;

    if (names == NULL)
        return;
    names[count++] = sn_emit_printf(emit, "%s.sn.h", sn_emit_stem(emit, package));
    for (size_t i = 0; i < package->import_count; i++)
        if (!sn_emit_is_own(emit->options, package->imports[i]))
            names[count++] = sn_name_package_header(emit->arena, package->imports[i]);
    sn_emit_includes(emit, out, names, count);
    sn_buffer_puts(out, "\n");
    emit_own_includes(emit, out);
    if (emit->needs_lists)
        sn_buffer_puts(out, "#include <sn/list.h>\n");
    sn_buffer_puts(out, "#include <sn/sn.h>\n");
    if (sn_wire_is_used(package))
        sn_buffer_puts(out, "#include <sn/wire.h>\n");
}

/* One include is enough for handlers too. A worker with an `include:` of its own is left out: that
 * header may want this one, and would be caught half-way. */
static void emit_worker_includes(struct sn_emit *emit, struct sn_buffer *out)
{
    const struct sn_package *package = emit->package;
    const char **names = sn_arena_array(emit->arena, package->worker_count, sizeof *names);
    size_t count = 0;

    for (size_t i = 0; names != NULL && i < package->worker_count; i++)
        if (package->workers[i]->include == NULL)
            names[count++] = sn_name_worker_header(emit->arena, package->workers[i]);
    if (count == 0)
        return;
    sn_buffer_puts(out, "\n/* For handlers that include this header only. */\n");
    sn_emit_includes(emit, out, names, count);
    sn_buffer_puts(out, "\n");
}

void sn_emit_package_header(struct sn_emit *emit, struct sn_buffer *out)
{
    const char *file = sn_name_package_header(emit->arena, emit->package);
    struct sn_buffer types = {0};
    struct sn_buffer handles = {0};
    struct sn_buffer codecs = {0};

    emit->needs_lists = false;
    emit_declarations(emit, &types);
    emit_worker_types(emit, &types);
    sn_emit_file_head(emit, out);
    sn_layout_comment(out, 0, emit->package->doc, NULL);
    sn_template_write(out, "#ifndef ${guard}\n#define ${guard}\n\n",
                      SN_SLOTS({"guard", sn_name_guard(emit->arena, file)}));
    emit_includes(emit, out);
    sn_buffer_puts(out, "\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n");
    emit_constants(emit, out);
    emit_handles(emit, &handles);
    append_section(out, "references to actors, and where replies go", &handles);
    append_section(out, "types, messages and replies", &types);
    sn_emit_wire_header(emit, &codecs);
    append_section(out, "messages as bytes for other machines", &codecs);
    emit_errors(emit, out);
    if (emit->package->pool_count > 0)
        sn_emit_app_header(emit, out);
    sn_buffer_puts(out, "\n#ifdef __cplusplus\n}\n#endif\n");
    emit_worker_includes(emit, out);
    sn_buffer_puts(out, "#endif\n");
}
