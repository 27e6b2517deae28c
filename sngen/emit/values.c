/* SPDX-License-Identifier: MIT */
/*
 * Checking, measuring and moving values.
 *
 * A payload is a struct with its tails behind it. For each struct that travels the unit has, as
 * far as the struct needs them: _check (enums in range), _tail_size (limits, and the bytes behind
 * the struct), _tail (moves the tails behind a shallow copy), _size and _copy (a whole payload),
 * _keep and _pass (its reply addresses). A struct's function calls those of the structs inside;
 * lists, optionals and arrays are loops and conditions in place, because their limits belong to
 * the field and not to their type.
 */
#include "emit/emitter.h"

#include <string.h>

/* Statements being written about one value. */
struct walk {
    struct sn_emit *emit;
    struct sn_buffer *out;
    const char *verb;   /* keep or pass */
    const char *size;   /* the address of the sum of bytes, NULL: nobody needs it */
    const char *sum;    /* the sum itself */
    const char *cursor; /* the address of the cursor */
    const char *actor;
};

/* In a struct's helper functions these are parameters, in a setter local variables. */
static struct walk walk_of(struct sn_emit *emit, struct sn_buffer *out, enum sn_put_place place)
{
    bool local = place != SN_PUT_HELPER;

    return (struct walk){
        .emit = emit,
        .out = out,
        .size = place == SN_PUT_UNSIZED ? NULL
                : local                 ? "&size"
                                        : "size",
        .sum = local ? "size" : "*size",
        .cursor = local ? "&cursor" : "cursor",
        .actor = local ? "self->sn" : "actor",
    };
}

static const char *indent_of(struct sn_emit *emit, size_t depth)
{
    return sn_emit_printf(emit, "%*s", (int)(4 * (depth + 1)), "");
}

static const char *index_name(struct sn_emit *emit, size_t depth)
{
    static const char *const names[] = {"i", "j", "k", "l"};

    return depth < 4 ? names[depth] : sn_emit_printf(emit, "i%zu", depth);
}

/* Whether a value has to be looked at before it is sent: it has tails or limited values. */
static bool is_measured(struct sn_emit *emit, const struct sn_type *type)
{
    return !type->fixed || sn_type_traits(emit, type).checked;
}

/* Begin a loop over the items of a list or array. Returns the expression of one item. */
static const char *begin_loop(struct walk *walk, const struct sn_type *type, const char *value,
                              const char *condition, bool wrapped, size_t depth)
{
    struct sn_emit *emit = walk->emit;
    const char *index = index_name(emit, depth);
    bool is_list = type->kind == SN_KIND_LIST;
    const char *items = is_list || wrapped ? sn_emit_printf(emit, "%s.items", value) : value;

    sn_template_write(
        walk->out, "${indent}for (size_t ${i} = 0; ${condition}${i} < ${count}; ${i}++) {\n",
        SN_SLOTS(
            {"indent", indent_of(emit, depth)}, {"i", index}, {"condition", condition},
            {"count", is_list ? sn_emit_printf(emit, "%s.count", value) : sn_c_max(emit, type)}));
    return sn_emit_printf(emit, "%s[%s]", items, index);
}

static void end_block(struct walk *walk, size_t depth)
{
    sn_template_write(walk->out, "${indent}}\n",
                      SN_SLOTS({"indent", indent_of(walk->emit, depth)}));
}

/* `if (rc == 0) rc = ${call};` */
static void put_step(struct walk *walk, size_t depth, const char *condition, const char *call)
{
    sn_template_write(walk->out,
                      "${indent}if (rc == 0${condition})\n"
                      "${indent}    rc = ${call};\n",
                      SN_SLOTS({"indent", indent_of(walk->emit, depth)}, {"condition", condition},
                               {"call", call}));
}

/* ---- measuring ------------------------------------------------------------------------------ */

static void measure(struct walk *walk, const struct sn_type *type, const char *value,
                    const char *max, bool wrapped, size_t depth);

static void measure_list(struct walk *walk, const struct sn_type *type, const char *value,
                         const char *max, size_t depth)
{
    struct sn_emit *emit = walk->emit;
    const char *item;

    if (strcmp(max, "SIZE_MAX") != 0)
        put_step(walk, depth, sn_emit_printf(emit, " && %s.count > %s", value, max),
                 "SN_TOO_LARGE");
    if (walk->size != NULL)
        sn_template_write(
            walk->out,
            "${indent}if (rc == 0)\n"
            "${indent}    ${sum} += sn_tail_align(${value}.count * sizeof *${value}.items);\n",
            SN_SLOTS({"indent", indent_of(emit, depth)}, {"sum", walk->sum}, {"value", value}));
    if (!is_measured(emit, type->of))
        return;
    item = begin_loop(walk, type, value, "rc == 0 && ", false, depth);
    measure(walk, type->of, item, sn_c_max(emit, type->of), true, depth + 1);
    end_block(walk, depth);
}

static void measure_optional(struct walk *walk, const struct sn_type *type, const char *value,
                             const char *max, size_t depth)
{
    struct sn_type present = sn_c_present(type);

    sn_template_write(walk->out, "${indent}if (rc == 0 && ${value}.present) {\n",
                      SN_SLOTS({"indent", indent_of(walk->emit, depth)}, {"value", value}));
    measure(walk, &present, sn_emit_printf(walk->emit, "%s.value", value), max, true, depth + 1);
    end_block(walk, depth);
}

static void measure_struct(struct walk *walk, const struct sn_struct *structure, const char *value,
                           size_t depth)
{
    struct sn_emit *emit = walk->emit;

    if (structure->fixed)
        put_step(walk, depth, "",
                 sn_emit_printf(emit, "%s(&%s)", sn_need_check(emit, structure), value));
    else
        put_step(walk, depth, "",
                 sn_emit_printf(emit, "%s(&%s, %s)", sn_need_tail_size(emit, structure), value,
                                walk->size));
}

static void measure_enum(struct walk *walk, const struct sn_enum *enumeration, const char *value,
                         size_t depth)
{
    const struct sn_enum_value *last = &enumeration->values[enumeration->value_count - 1];
    const char *name = sn_name_enum_value(walk->emit->arena, enumeration, last);

    put_step(walk, depth, sn_emit_printf(walk->emit, " && (unsigned int)%s > %s", value, name),
             "SN_INVALID");
}

static void measure(struct walk *walk, const struct sn_type *type, const char *value,
                    const char *max, bool wrapped, size_t depth)
{
    struct sn_emit *emit = walk->emit;
    const char *item;

    if (!is_measured(emit, type))
        return;
    if (type->optional) {
        measure_optional(walk, type, value, max, depth);
        return;
    }
    switch (type->kind) {
    case SN_KIND_STRING:
        put_step(walk, depth, "",
                 sn_emit_printf(emit, "sn_tail_size_string(%s, %s, %s)", value, max, walk->size));
        return;
    case SN_KIND_BYTES:
        put_step(walk, depth, "",
                 sn_emit_printf(emit, "sn_tail_size_bytes(%s, %s, %s)", value, max, walk->size));
        return;
    case SN_KIND_ENUM:
        measure_enum(walk, type->enumeration, value, depth);
        return;
    case SN_KIND_STRUCT:
        measure_struct(walk, type->structure, value, depth);
        return;
    case SN_KIND_LIST:
        measure_list(walk, type, value, max, depth);
        return;
    case SN_KIND_ARRAY:
        item = begin_loop(walk, type, value, "rc == 0 && ", wrapped, depth);
        measure(walk, type->of, item, sn_c_max(emit, type->of), wrapped, depth + 1);
        end_block(walk, depth);
        return;
    default:
        return;
    }
}

void sn_put_tail_size(struct sn_emit *emit, struct sn_buffer *out, const struct sn_type *type,
                      const char *value, const char *max, enum sn_put_place place)
{
    struct walk walk = walk_of(emit, out, place);

    measure(&walk, type, value, max, false, 0);
}

/* ---- moving --------------------------------------------------------------------------------- */

static void move(struct walk *walk, const struct sn_type *type, const char *copy, const char *local,
                 bool wrapped, size_t depth);

/* The local pointer to the items of a list is named after its field, deeper ones are numbered. */
static void move_list(struct walk *walk, const struct sn_type *type, const char *copy,
                      const char *local, size_t depth)
{
    struct sn_emit *emit = walk->emit;
    const char *index = index_name(emit, depth);
    const char *indent = indent_of(emit, depth);

    if (type->of->fixed) {
        sn_template_write(walk->out,
                          "${indent}${copy}.items = sn_tail_items(${copy}.items, "
                          "${copy}.count * sizeof *${copy}.items, ${cursor});\n",
                          SN_SLOTS({"indent", indent}, {"copy", copy}, {"cursor", walk->cursor}));
        return;
    }
    sn_template_write(walk->out,
                      "${indent}${item} *${local} = sn_tail_items(${copy}.items, "
                      "${copy}.count * sizeof *${local}, ${cursor});\n"
                      "\n"
                      "${indent}${copy}.items = ${local};\n"
                      "${indent}for (size_t ${i} = 0; ${i} < ${copy}.count; ${i}++) {\n",
                      SN_SLOTS({"indent", indent}, {"copy", copy}, {"local", local}, {"i", index},
                               {"item", sn_c_element(emit, type->of)}, {"cursor", walk->cursor}));
    move(walk, type->of, sn_emit_printf(emit, "%s[%s]", local, index),
         sn_emit_printf(emit, "items%zu", depth + 1), true, depth + 1);
    end_block(walk, depth);
}

/* The value of an absent optional would still point to the sender's memory. */
static void move_optional(struct walk *walk, const struct sn_type *type, const char *copy,
                          const char *local, size_t depth)
{
    struct sn_type present = sn_c_present(type);
    const char *indent = indent_of(walk->emit, depth);

    sn_template_write(walk->out, "${indent}if (${copy}.present) {\n",
                      SN_SLOTS({"indent", indent}, {"copy", copy}));
    move(walk, &present, sn_emit_printf(walk->emit, "%s.value", copy), local, true, depth + 1);
    sn_template_write(walk->out,
                      "${indent}} else {\n"
                      "${indent}    memset(&${copy}.value, 0, sizeof ${copy}.value);\n"
                      "${indent}}\n",
                      SN_SLOTS({"indent", indent}, {"copy", copy}));
}

static void move_array(struct walk *walk, const struct sn_type *type, const char *copy,
                       bool wrapped, size_t depth)
{
    const char *item = begin_loop(walk, type, copy, "", wrapped, depth);

    move(walk, type->of, item, sn_emit_printf(walk->emit, "items%zu", depth + 1), wrapped,
         depth + 1);
    end_block(walk, depth);
}

static void move(struct walk *walk, const struct sn_type *type, const char *copy, const char *local,
                 bool wrapped, size_t depth)
{
    struct sn_emit *emit = walk->emit;
    const char *call;

    if (type->fixed)
        return;
    if (type->optional) {
        move_optional(walk, type, copy, local, depth);
        return;
    }
    switch (type->kind) {
    case SN_KIND_STRING:
        call = "sn_tail_string";
        break;
    case SN_KIND_BYTES:
        call = "sn_tail_bytes";
        break;
    case SN_KIND_STRUCT:
        call = sn_need_tail(emit, type->structure);
        break;
    case SN_KIND_LIST:
        move_list(walk, type, copy, local, depth);
        return;
    case SN_KIND_ARRAY:
        move_array(walk, type, copy, wrapped, depth);
        return;
    default:
        return;
    }
    sn_template_write(walk->out, "${indent}${call}(&${copy}, ${cursor});\n",
                      SN_SLOTS({"indent", indent_of(emit, depth)}, {"call", call}, {"copy", copy},
                               {"cursor", walk->cursor}));
}

void sn_put_tail(struct sn_emit *emit, struct sn_buffer *out, const struct sn_type *type,
                 const char *copy, const char *local, enum sn_put_place place)
{
    struct walk walk = walk_of(emit, out, place);

    move(&walk, type, copy, local, false, 0);
}

/* ---- reply addresses ------------------------------------------------------------------------ */

static void visit_tokens(struct walk *walk, const struct sn_type *type, const char *value,
                         bool wrapped, size_t depth)
{
    struct sn_emit *emit = walk->emit;
    struct sn_type present = sn_c_present(type);
    const char *item;

    if (!sn_type_traits(emit, type).tokens)
        return;
    if (type->optional) {
        sn_template_write(walk->out, "${indent}if (${value}.present) {\n",
                          SN_SLOTS({"indent", indent_of(emit, depth)}, {"value", value}));
        visit_tokens(walk, &present, sn_emit_printf(emit, "%s.value", value), true, depth + 1);
        end_block(walk, depth);
    } else if (type->kind == SN_KIND_REPLY_TO) {
        put_step(walk, depth, "",
                 sn_emit_printf(emit, "sn_actor_%s_token(%s, %s.token)", walk->verb, walk->actor,
                                value));
    } else if (type->kind == SN_KIND_STRUCT) {
        put_step(walk, depth, "",
                 sn_emit_printf(emit, "%s(%s, &%s)",
                                sn_need_tokens(emit, type->structure, walk->verb), walk->actor,
                                value));
    } else {
        bool inner = wrapped || type->kind == SN_KIND_LIST;

        item = begin_loop(walk, type, value, "rc == 0 && ", wrapped, depth);
        visit_tokens(walk, type->of, item, inner, depth + 1);
        end_block(walk, depth);
    }
}

void sn_put_tokens(struct sn_emit *emit, struct sn_buffer *out, const struct sn_type *type,
                   const char *value, const char *verb, enum sn_put_place place)
{
    struct walk walk = walk_of(emit, out, place);

    walk.verb = verb;
    visit_tokens(&walk, type, value, false, 0);
}
