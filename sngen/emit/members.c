/* SPDX-License-Identifier: MIT */
/*
 * The setters of a worker's const members.
 *
 * A member is const for the user and written here by memcpy. Views with a small maximum have
 * their storage in the struct; a new value may overlap the old one (a part of the same text), so
 * it is moved, not copied. Other values live in a block of the incarnation, [value][tails], and a
 * new block is made before the old one is freed, for the same reason. A value's reply addresses
 * are kept last: until the handler returns nothing depends on it.
 */
#include "emit/emitter.h"

/* The parts that all setters have. */
struct setter {
    const struct sn_worker *worker;
    const struct sn_field *field;
    const char *storage; /* self->state_storage.name */
    const char *value;   /* expression of the value: "value", "(*value)" */
};

static struct setter setter_of(struct sn_emit *emit, const struct sn_worker *worker,
                               const struct sn_field *field, const char *region)
{
    const struct sn_type *type = &field->type;
    bool by_address = type->kind == SN_KIND_STRUCT && !type->optional;

    return (struct setter){
        .worker = worker,
        .field = field,
        .storage = sn_emit_printf(emit, "self->%s_storage.%s", region, field->name),
        .value = by_address ? "(*value)" : "value",
    };
}

/* Take a part of a template out of a buffer. */
static const char *lines_of(struct sn_emit *emit, struct sn_buffer *lines)
{
    const char *text = "";

    if (lines->failed)
        sn_arena_fail(emit->arena);
    else if (lines->size > 0)
        text = sn_arena_text(emit->arena, lines->data, lines->size);
    sn_buffer_fini(lines);
    return text;
}

/* From `int rc` on: check the value, and add up its tails if `place` says so. */
static void put_measure(struct sn_emit *emit, const struct setter *setter, struct sn_buffer *lines,
                        enum sn_put_place place)
{
    sn_put_tail_size(emit, lines, &setter->field->type, setter->value,
                     sn_c_max(emit, &setter->field->type), place);
}

static void put_tokens(struct sn_emit *emit, const struct setter *setter, struct sn_buffer *lines,
                       enum sn_put_place place)
{
    sn_put_tokens(emit, lines, &setter->field->type, setter->value, "keep", place);
}

/* Statements with the declaration of rc in front. */
static const char *lines_with_rc(struct sn_emit *emit, struct sn_buffer *lines)
{
    struct sn_buffer out = {0};

    sn_put_with_rc(&out, lines);
    out.failed |= lines->failed;
    sn_buffer_fini(lines);
    return lines_of(emit, &out);
}

/* The value is right and its reply addresses are kept. */
static const char *accept_lines(struct sn_emit *emit, const struct setter *setter)
{
    struct sn_buffer lines = {0};

    put_measure(emit, setter, &lines, SN_PUT_UNSIZED);
    put_tokens(emit, setter, &lines, SN_PUT_UNSIZED);
    return lines_with_rc(emit, &lines);
}

/* Whether a value comes as an address: structs do, and arrays are one. */
static bool is_address(const struct sn_type *type)
{
    return !type->optional && (type->kind == SN_KIND_STRUCT || type->kind == SN_KIND_ARRAY);
}

static void emit_token_setter(struct sn_emit *emit, struct sn_buffer *out,
                              const struct setter *setter)
{
    static const char text[] = "${prototype}\n"
                               "{\n"
                               "${accept}\n"
                               "    if (rc == 0)\n"
                               "        memcpy((void *)&self->${member}, ${address}, "
                               "sizeof self->${member});\n"
                               "    return rc;\n"
                               "}\n\n";

    sn_template_write(out, text,
                      SN_SLOTS({"prototype", sn_proto_setter(emit, setter->worker, setter->field)},
                               {"accept", accept_lines(emit, setter)},
                               {"member", setter->field->name},
                               {"address", is_address(&setter->field->type) ? "value" : "&value"}));
}

/* A text or bytes with storage of its own. */
static void emit_text_setter(struct sn_emit *emit, struct sn_buffer *out,
                             const struct setter *setter)
{
    static const char text[] = "${prototype}\n"
                               "{\n"
                               "    size_t size = 0;\n"
                               "    int rc = ${measure}(value, ${max}, &size);\n"
                               "\n"
                               "    if (rc != 0)\n"
                               "        return rc;\n"
                               "    if (value.size > 0)\n"
                               "        memmove(${storage}, value.data, value.size);\n"
                               "${terminate}\n"
                               "    value.data = ${storage};\n"
                               "    memcpy((void *)&self->${member}, &value, sizeof value);\n"
                               "    return 0;\n"
                               "}\n\n";
    bool is_string = setter->field->type.kind == SN_KIND_STRING;
    const char *terminate =
        is_string ? sn_emit_printf(emit, "    %s[value.size] = '\\0';", setter->storage) : "";

    sn_template_write(
        out, text,
        SN_SLOTS({"prototype", sn_proto_setter(emit, setter->worker, setter->field)},
                 {"measure", is_string ? "sn_tail_size_string" : "sn_tail_size_bytes"},
                 {"max", sn_c_max(emit, &setter->field->type)}, {"storage", setter->storage},
                 {"terminate", terminate}, {"member", setter->field->name}));
}

/* push and clear of a list with storage of its own. Items that must be checked or kept go through
 * the setter, which looks at all of them. */
static void emit_list_verbs(struct sn_emit *emit, struct sn_buffer *out,
                            const struct setter *setter)
{
    static const char text[] = "${push}\n"
                               "{\n"
                               "    ${list} list = self->${member};\n"
                               "\n"
                               "    if (list.count == ${max})\n"
                               "        return SN_FULL;\n"
                               "    ${storage}[list.count] = ${item};\n"
                               "    list.items = ${storage};\n"
                               "    list.count++;\n"
                               "${finish}\n"
                               "}\n\n"
                               "${clear}\n"
                               "{\n"
                               "    memset((void *)&self->${member}, 0, sizeof self->${member});\n"
                               "}\n\n";
    const struct sn_field *field = setter->field;
    struct sn_traits traits = sn_type_traits(emit, &field->type);
    const char *finish = sn_emit_printf(emit,
                                        "    memcpy((void *)&self->%s, &list, sizeof list);\n"
                                        "    return 0;",
                                        field->name);

    if (traits.checked || traits.tokens)
        finish = sn_emit_printf(emit, "    return %s(self, list);",
                                sn_name_setter(emit->arena, setter->worker, field));
    sn_template_write(out, text,
                      SN_SLOTS({"push", sn_proto_push(emit, setter->worker, field)},
                               {"clear", sn_proto_clear(emit, setter->worker, field)},
                               {"list", sn_c_element(emit, &field->type)}, {"member", field->name},
                               {"max", sn_c_max(emit, &field->type)}, {"storage", setter->storage},
                               {"item", is_address(field->type.of) ? "*item" : "item"},
                               {"finish", finish}));
}

/* A list of fixed items with storage of its own. */
static void emit_list_setter(struct sn_emit *emit, struct sn_buffer *out,
                             const struct setter *setter)
{
    static const char text[] =
        "${prototype}\n"
        "{\n"
        "${accept}\n"
        "    if (value.count > 0)\n"
        "        memmove(${storage}, value.items, value.count * sizeof *value.items);\n"
        "    value.items = ${storage};\n"
        "    memcpy((void *)&self->${member}, &value, sizeof value);\n"
        "    return 0;\n"
        "}\n\n";
    struct sn_traits traits = sn_type_traits(emit, &setter->field->type);
    const char *accept = "";

    if (traits.checked || traits.tokens)
        accept = sn_emit_printf(emit, "%s    if (rc != 0)\n        return rc;\n",
                                accept_lines(emit, setter));
    else
        accept = sn_emit_printf(emit, "    if (value.count > %s)\n        return SN_TOO_LARGE;\n",
                                sn_c_max(emit, &setter->field->type));
    sn_template_write(out, text,
                      SN_SLOTS({"prototype", sn_proto_setter(emit, setter->worker, setter->field)},
                               {"accept", accept}, {"storage", setter->storage},
                               {"member", setter->field->name}));
    emit_list_verbs(emit, out, setter);
}

/* The parts of a block setter that depend on the type. */
struct block {
    struct sn_buffer measure;
    struct sn_buffer move;
    struct sn_buffer locals;
    struct sn_buffer tokens;
};

static void put_block(struct sn_emit *emit, const struct setter *setter, struct block *block,
                      const char *source)
{
    put_measure(emit, setter, &block->measure, SN_PUT_LOCAL);
    sn_put_tail(emit, &block->move, &block->locals, &setter->field->type, source, "items",
                SN_PUT_LOCAL);
    put_tokens(emit, setter, &block->tokens, SN_PUT_LATER);
    sn_buffer_puts(&block->tokens, block->tokens.size > 0 ? "    return rc;" : "    return 0;");
}

/* Any other value: its tails in a block of the incarnation. */
static void emit_block_setter(struct sn_emit *emit, struct sn_buffer *out,
                              const struct setter *setter)
{
    static const char text[] =
        "${prototype}\n"
        "{\n"
        "    size_t size = 1; /* sn_alloc() is never asked for nothing */\n"
        "    char *block, *cursor;\n"
        "${local}\n"
        "${locals}\n"
        "${measure}\n"
        "    if (rc != 0)\n"
        "        return rc;\n"
        "    block = cursor = sn_alloc(self->sn, size);\n"
        "    if (block == NULL)\n"
        "        return -ENOMEM;\n"
        "${copy}\n"
        "${move}\n"
        "    memcpy((void *)&self->${member}, &${source}, sizeof self->${member});\n"
        "    sn_free(self->sn, ${storage});\n"
        "    ${storage} = block;\n"
        "${tokens}\n"
        "}\n\n";
    const struct sn_field *field = setter->field;
    bool by_address = is_address(&field->type);
    const char *source = by_address ? "copy" : "value";
    const char *local = sn_emit_printf(emit, "    %s;", sn_c_declare(emit, &field->type, "copy"));
    struct block block = {.measure = {0}};

    put_block(emit, setter, &block, source);
    sn_template_write(out, text,
                      SN_SLOTS({"prototype", sn_proto_setter(emit, setter->worker, field)},
                               {"local", by_address ? local : ""}, {"member", field->name},
                               {"locals", lines_of(emit, &block.locals)},
                               {"measure", lines_with_rc(emit, &block.measure)},
                               {"copy", by_address ? "    memcpy(&copy, value, sizeof copy);" : ""},
                               {"move", lines_of(emit, &block.move)}, {"source", source},
                               {"storage", setter->storage},
                               {"tokens", lines_of(emit, &block.tokens)}));
}

static void emit_setters(struct sn_emit *emit, struct sn_buffer *out,
                         const struct sn_worker *worker, const struct sn_field *fields,
                         size_t count, const char *region)
{
    for (size_t i = 0; i < count; i++) {
        struct setter setter = setter_of(emit, worker, &fields[i], region);

        switch (sn_member_kind(emit, worker, &fields[i])) {
        case SN_MEMBER_PLAIN:
            break;
        case SN_MEMBER_TOKEN:
            emit_token_setter(emit, out, &setter);
            break;
        case SN_MEMBER_EMBEDDED:
            if (fields[i].type.kind == SN_KIND_LIST)
                emit_list_setter(emit, out, &setter);
            else
                emit_text_setter(emit, out, &setter);
            break;
        case SN_MEMBER_BLOCK:
            emit_block_setter(emit, out, &setter);
            break;
        }
    }
}

void sn_emit_members(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker)
{
    emit_setters(emit, out, worker, worker->state, worker->state_count, "state");
    emit_setters(emit, out, worker, worker->retain, worker->retain_count, "retain");
}
