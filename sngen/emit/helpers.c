/* SPDX-License-Identifier: MIT */
/*
 * The static functions of a struct, each written when it is first asked for.
 *
 * A function's body is made first, which may ask for those of the structs inside: so every helper
 * stands behind what it calls.
 */
#include "emit/emitter.h"

#include <string.h>

void sn_put_with_rc(struct sn_buffer *out, const struct sn_buffer *body)
{
    static const char first[] = "    int rc = ";
    const char *rest = body->size > 0 ? body->data : "";

    if (strncmp(rest, first, sizeof first - 1) == 0) {
        const char *end = strchr(rest, ';') + 2;

        sn_buffer_append(out, rest, (size_t)(end - rest));
        rest = end;
    } else {
        sn_buffer_puts(out, "    int rc = 0;\n");
    }
    sn_buffer_puts(out, "\n");
    sn_buffer_puts(out, rest);
}

/* Append `head { body return rc; }`, or with a single short call `head { return call; }`. */
static void put_function(struct sn_buffer *out, const char *head, const struct sn_buffer *body)
{
    static const char first[] = "    int rc = ";
    const char *text = body->size > 0 ? body->data : "";
    const char *newline = strchr(text, '\n');

    sn_template_write(out, "${head}\n{\n", SN_SLOTS({"head", head}));
    if (strncmp(text, first, sizeof first - 1) == 0 && newline[1] == '\0') {
        sn_buffer_printf(out, "    return %s}\n\n", text + sizeof first - 1);
        return;
    }
    sn_put_with_rc(out, body);
    sn_buffer_puts(out, "    return rc;\n}\n\n");
}

/* A function of a struct whose body visits each field. */
enum visit { VISIT_MEASURE, VISIT_KEEP, VISIT_PASS };

static void visit_fields(struct sn_emit *emit, struct sn_buffer *body,
                         const struct sn_struct *structure, enum visit visit)
{
    for (size_t i = 0; i < structure->field_count; i++) {
        const struct sn_field *field = &structure->fields[i];
        const char *value = sn_emit_printf(emit, "value->%s", field->name);

        if (visit == VISIT_MEASURE)
            sn_put_tail_size(emit, body, &field->type, value,
                             sn_c_field_max(emit, structure, field), SN_PUT_HELPER);
        else
            sn_put_tokens(emit, body, &field->type, value, visit == VISIT_KEEP ? "keep" : "pass",
                          SN_PUT_HELPER);
    }
}

static const char *need_visit(struct sn_emit *emit, const struct sn_struct *structure,
                              enum visit visit, const char *suffix, const char *text)
{
    const char *type = sn_name_struct(emit->arena, structure);
    const char *name = sn_emit_printf(emit, "%s_%s", type, suffix);
    struct sn_buffer body = {0};

    if (!sn_emit_first(emit, name))
        return name;
    visit_fields(emit, &body, structure, visit);
    put_function(&emit->values, sn_emit_text(emit, text, SN_SLOTS({"name", name}, {"type", type})),
                 &body);
    emit->values.failed |= body.failed;
    sn_buffer_fini(&body);
    return name;
}

const char *sn_need_check(struct sn_emit *emit, const struct sn_struct *structure)
{
    return need_visit(emit, structure, VISIT_MEASURE, "check",
                      "static int ${name}(const struct ${type} *value)");
}

const char *sn_need_enum_check(struct sn_emit *emit, const struct sn_enum *enumeration)
{
    const char *type = sn_name_enum(emit->arena, enumeration);
    const char *name = sn_emit_printf(emit, "%s_check", type);

    if (!sn_emit_first(emit, name))
        return name;
    sn_template_write(&emit->values,
                      "static int ${name}(enum ${type} value)\n{\n    switch (value) {\n",
                      SN_SLOTS({"name", name}, {"type", type}));
    for (size_t i = 0; i < enumeration->value_count; i++)
        sn_template_write(&emit->values, "    case ${value}:\n",
                          SN_SLOTS({"value", sn_name_enum_value(emit->arena, enumeration,
                                                                &enumeration->values[i])}));
    sn_buffer_puts(&emit->values, "        return 0;\n    default:\n        return SN_INVALID;\n"
                                  "    }\n}\n\n");
    return name;
}

const char *sn_need_tail_size(struct sn_emit *emit, const struct sn_struct *structure)
{
    return need_visit(emit, structure, VISIT_MEASURE, "tail_size",
                      "static int ${name}(const struct ${type} *value, size_t *size)");
}

const char *sn_need_tokens(struct sn_emit *emit, const struct sn_struct *structure,
                           const char *verb)
{
    bool keep = strcmp(verb, "keep") == 0;

    return need_visit(emit, structure, keep ? VISIT_KEEP : VISIT_PASS, verb,
                      "static int ${name}(struct sn_actor *actor, const struct ${type} *value)");
}

const char *sn_need_tail(struct sn_emit *emit, const struct sn_struct *structure)
{
    const char *type = sn_name_struct(emit->arena, structure);
    const char *name = sn_emit_printf(emit, "%s_tail", type);
    struct sn_buffer body = {0};
    struct sn_buffer locals = {0};

    if (!sn_emit_first(emit, name))
        return name;
    for (size_t i = 0; i < structure->field_count; i++) {
        const struct sn_field *field = &structure->fields[i];

        sn_put_tail(emit, &body, &locals, &field->type,
                    sn_emit_printf(emit, "copy->%s", field->name),
                    sn_emit_printf(emit, "%s_items", field->name), SN_PUT_HELPER);
    }
    sn_template_write(&emit->values,
                      "static void ${name}(struct ${type} *copy, char **cursor)\n{\n",
                      SN_SLOTS({"name", name}, {"type", type}));
    if (locals.size > 0)
        sn_buffer_printf(&emit->values, "%s\n", locals.data);
    if (body.size > 0)
        sn_buffer_append(&emit->values, body.data, body.size);
    sn_buffer_puts(&emit->values, "}\n\n");
    emit->values.failed |= body.failed || locals.failed;
    sn_buffer_fini(&body);
    sn_buffer_fini(&locals);
    return name;
}

/* The most bytes that a payload may have; SN_UNBOUNDED if its fields are limit enough. */
static uint64_t payload_limit(const struct sn_struct *structure)
{
    const struct sn_message *message = structure->message;
    bool travels = structure->origin == SN_STRUCT_MESSAGE || structure->origin == SN_STRUCT_REPLY;

    return travels && message != NULL && message->limit < structure->size_max ? message->limit
                                                                              : SN_UNBOUNDED;
}

const char *sn_need_size(struct sn_emit *emit, const struct sn_struct *structure)
{
    static const char plain[] =
        "static int ${name}(const struct ${type} *value, size_t *ret_size)\n"
        "{\n"
        "    *ret_size = sizeof *value;\n"
        "    return ${tail_size}(value, ret_size);\n"
        "}\n\n";
    static const char limited[] =
        "static int ${name}(const struct ${type} *value, size_t *ret_size)\n"
        "{\n"
        "    int rc;\n"
        "\n"
        "    *ret_size = sizeof *value;\n"
        "    rc = ${tail_size}(value, ret_size);\n"
        "    return rc == 0 && *ret_size > ${limit} ? SN_TOO_LARGE : rc;\n"
        "}\n\n";
    const char *type = sn_name_struct(emit->arena, structure);
    const char *name = sn_emit_printf(emit, "%s_size", type);
    uint64_t limit = payload_limit(structure);
    const char *tail_size;

    if (!sn_emit_first(emit, name))
        return name;
    tail_size = sn_need_tail_size(emit, structure);
    sn_template_write(&emit->values, limit == SN_UNBOUNDED ? plain : limited,
                      SN_SLOTS({"name", name}, {"type", type}, {"tail_size", tail_size},
                               {"limit", sn_emit_number(emit, limit)}));
    return name;
}

const char *sn_need_copy(struct sn_emit *emit, const struct sn_struct *structure)
{
    static const char text[] = "static void ${name}(void *payload, const struct ${type} *value)\n"
                               "{\n"
                               "    struct ${type} *copy = payload;\n"
                               "    char *cursor = (char *)(copy + 1);\n"
                               "\n"
                               "    memcpy(copy, value, sizeof *copy);\n"
                               "    ${tail}(copy, &cursor);\n"
                               "}\n\n";
    const char *type = sn_name_struct(emit->arena, structure);
    const char *name = sn_emit_printf(emit, "%s_copy", type);
    const char *tail;

    if (!sn_emit_first(emit, name))
        return name;
    tail = sn_need_tail(emit, structure);
    sn_template_write(&emit->values, text,
                      SN_SLOTS({"name", name}, {"type", type}, {"tail", tail}));
    return name;
}

const char *sn_need_again(struct sn_emit *emit, const struct sn_struct *structure)
{
    const char *name = sn_emit_printf(emit, "%s_again", sn_name_struct(emit->arena, structure));
    const char *copy;

    if (!sn_emit_first(emit, name))
        return name;
    copy = sn_need_copy(emit, structure);
    sn_template_write(&emit->values,
                      "static void ${name}(void *payload, const void *from)\n"
                      "{\n"
                      "    ${copy}(payload, from);\n"
                      "}\n\n",
                      SN_SLOTS({"name", name}, {"copy", copy}));
    return name;
}
