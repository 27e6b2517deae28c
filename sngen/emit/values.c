/* SPDX-License-Identifier: MIT */
/*
 * Checking, measuring and moving values.
 *
 * A payload is a struct with its tails behind it. For each struct that travels the unit has, as
 * far as the struct needs them: _check (enums in range), _tail_size (limits, and the bytes behind
 * the struct), _tail (moves the tails behind a shallow copy), _size and _copy (a whole payload),
 * _keep and _pass (its reply addresses). A struct's function calls those of the structs inside;
 * lists, optionals and arrays are loops and conditions in place, because their limits belong to
 * the field and not to their type. helpers.c makes functions of the statements written here.
 */
#include "emit/emitter.h"

#include <string.h>

/* Statements being written about one value. */
struct walk {
    struct sn_emit *emit;
    struct sn_buffer *out;
    struct sn_buffer *locals; /* of moving: declarations at the top of the function */
    const char *verb;         /* keep or pass */
    const char *size;         /* the address of the sum of bytes, NULL: nobody needs it */
    const char *sum;          /* the sum itself */
    const char *cursor;       /* the address of the cursor */
    const char *actor;
    bool fresh;    /* rc is known to be 0 here */
    bool declares; /* and the first step is to declare it */
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
        .fresh = out->size == 0,
        .declares = out->size == 0 && place != SN_PUT_LATER,
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

/* The address of a value: of `(*value)` it is `value`. */
static const char *address_of(struct sn_emit *emit, const char *value)
{
    if (strcmp(value, "(*value)") == 0)
        return "value";
    return sn_emit_printf(emit, "&%s", value);
}

/* Whether a value has to be looked at before it is sent: it has tails or limited values. */
static bool is_measured(struct sn_emit *emit, const struct sn_type *type)
{
    return !type->fixed || sn_type_traits(emit, type).checked;
}

/* ---- statements ----------------------------------------------------------------------------- */

/* Begin a block with its head; where rc can be anything but 0 the head asks. Returns where the
 * block's text begins. */
static size_t begin_block(struct walk *walk, size_t depth, const char *head)
{
    walk->declares = false;
    sn_template_write(walk->out, "${indent}${head} {\n",
                      SN_SLOTS({"indent", indent_of(walk->emit, depth)}, {"head", head}));
    return walk->out->size;
}

/* Whether the text from `start` on is one plain statement. */
static bool is_single(const struct sn_buffer *out, size_t start)
{
    const char *text = out->size > start ? out->data + start : "";
    const char *semicolon = strchr(text, ';');

    text += strspn(text, " ");
    return semicolon != NULL && strchr(semicolon + 1, ';') == NULL && strchr(text, '{') == NULL &&
           strncmp(text, "if ", 3) != 0 && strncmp(text, "for ", 4) != 0;
}

/* End a block; one statement stands without braces. */
static void end_block(struct walk *walk, size_t depth, size_t start)
{
    struct sn_buffer *out = walk->out;

    if (!out->failed && is_single(out, start)) {
        memmove(out->data + start - 3, out->data + start - 1, out->size - start + 2);
        out->size -= 2;
        return;
    }
    sn_template_write(out, "${indent}}\n", SN_SLOTS({"indent", indent_of(walk->emit, depth)}));
}

/* Begin a loop over the items of a list or array. Returns where its text begins. */
static size_t begin_loop(struct walk *walk, const struct sn_type *type, const char *value,
                         const char *condition, size_t depth)
{
    struct sn_emit *emit = walk->emit;
    const char *index = index_name(emit, depth);
    const char *count =
        type->kind == SN_KIND_LIST ? sn_emit_printf(emit, "%s.count", value) : sn_c_max(emit, type);
    const char *head =
        sn_emit_text(emit, "for (size_t ${i} = 0; ${condition}${i} < ${count}; ${i}++)",
                     SN_SLOTS({"i", index}, {"condition", condition}, {"count", count}));

    return begin_block(walk, depth, head);
}

/* One item of a list or array, inside of the loop. */
static const char *item_of(struct walk *walk, const struct sn_type *type, const char *value,
                           bool wrapped, size_t depth)
{
    const char *items = type->kind == SN_KIND_LIST || wrapped ? ".items" : "";

    return sn_emit_printf(walk->emit, "%s%s[%s]", value, items, index_name(walk->emit, depth));
}

/* `if (rc == 0 && ${condition}) rc = ${call};` as far as there is something to ask. */
static void put_step(struct walk *walk, size_t depth, const char *condition, const char *call)
{
    const char *text = "${indent}if (rc == 0${and}${condition})\n${indent}    rc = ${call};\n";
    bool has_condition = condition[0] != '\0';

    if (walk->fresh)
        text = has_condition ? "${indent}if (${condition})\n${indent}    rc = ${call};\n"
                             : "${indent}${int}rc = ${call};\n";
    sn_template_write(walk->out, text,
                      SN_SLOTS({"indent", indent_of(walk->emit, depth)},
                               {"int", walk->declares && depth == 0 ? "int " : ""},
                               {"and", has_condition ? " && " : ""}, {"condition", condition},
                               {"call", call}));
    walk->fresh = false;
    walk->declares = false;
}

/* ---- measuring ------------------------------------------------------------------------------ */

static void measure(struct walk *walk, const struct sn_type *type, const char *value,
                    const char *max, bool wrapped, size_t depth);

/* A block whose head makes sure that rc is 0. */
static void measure_items(struct walk *walk, const struct sn_type *type, const char *value,
                          bool wrapped, size_t depth)
{
    size_t start = begin_loop(walk, type, value, "rc == 0 && ", depth);

    walk->fresh = true;
    measure(walk, type->of, item_of(walk, type, value, wrapped, depth),
            sn_c_max(walk->emit, type->of), wrapped || type->kind == SN_KIND_LIST, depth + 1);
    walk->fresh = false;
    end_block(walk, depth, start);
}

static void measure_list(struct walk *walk, const struct sn_type *type, const char *value,
                         const char *max, size_t depth)
{
    struct sn_emit *emit = walk->emit;

    if (strcmp(max, "SIZE_MAX") != 0)
        put_step(walk, depth, sn_emit_printf(emit, "%s.count > %s", value, max), "SN_TOO_LARGE");
    if (walk->size != NULL)
        sn_template_write(
            walk->out,
            "${indent}if (rc == 0)\n"
            "${indent}    ${sum} += sn_tail_align(${value}.count * sizeof *${value}.items);\n",
            SN_SLOTS({"indent", indent_of(emit, depth)}, {"sum", walk->sum}, {"value", value}));
    walk->fresh = false;
    walk->declares = false;
    if (is_measured(emit, type->of))
        measure_items(walk, type, value, false, depth);
}

static void measure_optional(struct walk *walk, const struct sn_type *type, const char *value,
                             const char *max, size_t depth)
{
    struct sn_type present = sn_c_present(type);
    const char *head =
        sn_emit_printf(walk->emit, "if (%s%s.present)", walk->fresh ? "" : "rc == 0 && ", value);
    size_t start = begin_block(walk, depth, head);

    walk->fresh = true;
    measure(walk, &present, sn_emit_printf(walk->emit, "%s.value", value), max, true, depth + 1);
    walk->fresh = false;
    end_block(walk, depth, start);
}

static void measure_struct(struct walk *walk, const struct sn_struct *structure, const char *value,
                           size_t depth)
{
    struct sn_emit *emit = walk->emit;
    const char *address = address_of(emit, value);

    if (structure->fixed)
        put_step(walk, depth, "",
                 sn_emit_printf(emit, "%s(%s)", sn_need_check(emit, structure), address));
    else
        put_step(walk, depth, "",
                 sn_emit_printf(emit, "%s(%s, %s)", sn_need_tail_size(emit, structure), address,
                                walk->size));
}

static void measure_enum(struct walk *walk, const struct sn_enum *enumeration, const char *value,
                         size_t depth)
{
    const struct sn_enum_value *last = &enumeration->values[enumeration->value_count - 1];
    const char *name = sn_name_enum_value(walk->emit->arena, enumeration, last);

    put_step(walk, depth, sn_emit_printf(walk->emit, "(unsigned int)%s > %s", value, name),
             "SN_INVALID");
}

static void measure(struct walk *walk, const struct sn_type *type, const char *value,
                    const char *max, bool wrapped, size_t depth)
{
    struct sn_emit *emit = walk->emit;

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
        measure_items(walk, type, value, wrapped, depth);
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

/* A list whose items have tails: the copied items are written through a pointer of their own,
 * because the list's is one to const. */
static void move_list(struct walk *walk, const struct sn_type *type, const char *copy,
                      const char *local, size_t depth)
{
    static const char text[] = "${indent}${local} = sn_tail_items(${copy}.items, "
                               "${copy}.count * sizeof *${local}, ${cursor});\n"
                               "${indent}${copy}.items = ${local};\n";
    struct sn_emit *emit = walk->emit;
    size_t start;

    sn_template_write(walk->locals, "    ${item} *${local};\n",
                      SN_SLOTS({"item", sn_c_element(emit, type->of)}, {"local", local}));
    sn_template_write(walk->out, text,
                      SN_SLOTS({"indent", indent_of(emit, depth)}, {"copy", copy}, {"local", local},
                               {"cursor", walk->cursor}));
    start = begin_loop(walk, type, copy, "", depth);
    move(walk, type->of, sn_emit_printf(emit, "%s[%s]", local, index_name(emit, depth)),
         sn_emit_printf(emit, "%s_items", local), true, depth + 1);
    end_block(walk, depth, start);
}

static void move_flat_list(struct walk *walk, const char *copy, size_t depth)
{
    static const char text[] = "${indent}${copy}.items = sn_tail_items(${copy}.items, "
                               "${copy}.count * sizeof *${copy}.items, ${cursor});\n";

    sn_template_write(walk->out, text,
                      SN_SLOTS({"indent", indent_of(walk->emit, depth)}, {"copy", copy},
                               {"cursor", walk->cursor}));
}

/* The value of an absent optional would still point to the sender's memory. */
static void move_optional(struct walk *walk, const struct sn_type *type, const char *copy,
                          const char *local, size_t depth)
{
    struct sn_type present = sn_c_present(type);
    const char *value = sn_emit_printf(walk->emit, "%s.value", copy);
    size_t start = begin_block(walk, depth, sn_emit_printf(walk->emit, "if (%s.present)", copy));
    const char *text = "${indent}} else {\n"
                       "${indent}    memset(&${value}, 0, sizeof ${value});\n"
                       "${indent}}\n";

    move(walk, &present, value, local, true, depth + 1);
    if (is_single(walk->out, start)) {
        end_block(walk, depth, start);
        text = "${indent}else\n${indent}    memset(&${value}, 0, sizeof ${value});\n";
    }
    sn_template_write(walk->out, text,
                      SN_SLOTS({"indent", indent_of(walk->emit, depth)}, {"value", value}));
}

static void move_array(struct walk *walk, const struct sn_type *type, const char *copy,
                       const char *local, bool wrapped, size_t depth)
{
    size_t start = begin_loop(walk, type, copy, "", depth);

    move(walk, type->of, item_of(walk, type, copy, wrapped, depth),
         sn_emit_printf(walk->emit, "%s_items", local), wrapped, depth + 1);
    end_block(walk, depth, start);
}

static void move(struct walk *walk, const struct sn_type *type, const char *copy, const char *local,
                 bool wrapped, size_t depth)
{
    struct sn_emit *emit = walk->emit;
    const char *call = "";

    if (type->fixed)
        return;
    if (type->optional)
        move_optional(walk, type, copy, local, depth);
    else if (type->kind == SN_KIND_ARRAY)
        move_array(walk, type, copy, local, wrapped, depth);
    else if (type->kind == SN_KIND_LIST && type->of->fixed)
        move_flat_list(walk, copy, depth);
    else if (type->kind == SN_KIND_LIST)
        move_list(walk, type, copy, local, depth);
    else if (type->kind == SN_KIND_STRING)
        call = "sn_tail_string";
    else if (type->kind == SN_KIND_BYTES)
        call = "sn_tail_bytes";
    else
        call = sn_need_tail(emit, type->structure);
    if (call[0] != '\0')
        sn_template_write(walk->out, "${indent}${call}(&${copy}, ${cursor});\n",
                          SN_SLOTS({"indent", indent_of(emit, depth)}, {"call", call},
                                   {"copy", copy}, {"cursor", walk->cursor}));
}

void sn_put_tail(struct sn_emit *emit, struct sn_buffer *out, struct sn_buffer *locals,
                 const struct sn_type *type, const char *copy, const char *local,
                 enum sn_put_place place)
{
    struct walk walk = walk_of(emit, out, place);

    walk.locals = locals;
    move(&walk, type, copy, local, false, 0);
}

/* ---- reply addresses ------------------------------------------------------------------------ */

static void visit_tokens(struct walk *walk, const struct sn_type *type, const char *value,
                         bool wrapped, size_t depth);

static void visit_items(struct walk *walk, const struct sn_type *type, const char *value,
                        bool wrapped, size_t depth)
{
    size_t start = begin_loop(walk, type, value, "rc == 0 && ", depth);

    walk->fresh = true;
    visit_tokens(walk, type->of, item_of(walk, type, value, wrapped, depth),
                 wrapped || type->kind == SN_KIND_LIST, depth + 1);
    walk->fresh = false;
    end_block(walk, depth, start);
}

static void visit_optional(struct walk *walk, const struct sn_type *type, const char *value,
                           size_t depth)
{
    struct sn_type present = sn_c_present(type);
    const char *head =
        sn_emit_printf(walk->emit, "if (%s%s.present)", walk->fresh ? "" : "rc == 0 && ", value);
    size_t start = begin_block(walk, depth, head);

    walk->fresh = true;
    visit_tokens(walk, &present, sn_emit_printf(walk->emit, "%s.value", value), true, depth + 1);
    walk->fresh = false;
    end_block(walk, depth, start);
}

static void visit_tokens(struct walk *walk, const struct sn_type *type, const char *value,
                         bool wrapped, size_t depth)
{
    struct sn_emit *emit = walk->emit;

    if (!sn_type_traits(emit, type).tokens)
        return;
    if (type->optional)
        visit_optional(walk, type, value, depth);
    else if (type->kind == SN_KIND_REPLY_TO)
        put_step(walk, depth, "",
                 sn_emit_printf(emit, "sn_actor_%s_token(%s, %s.token)", walk->verb, walk->actor,
                                value));
    else if (type->kind == SN_KIND_STRUCT)
        put_step(walk, depth, "",
                 sn_emit_printf(emit, "%s(%s, %s)",
                                sn_need_tokens(emit, type->structure, walk->verb), walk->actor,
                                address_of(emit, value)));
    else
        visit_items(walk, type, value, wrapped, depth);
}

void sn_put_tokens(struct sn_emit *emit, struct sn_buffer *out, const struct sn_type *type,
                   const char *value, const char *verb, enum sn_put_place place)
{
    struct walk walk = walk_of(emit, out, place);

    walk.verb = verb;
    visit_tokens(&walk, type, value, false, 0);
}
