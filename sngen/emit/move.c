/* SPDX-License-Identifier: MIT */
/*
 * Moving what a value points to, and finding its reply addresses.
 *
 * A shallow copy still points to the sender's memory; the statements here copy each tail to the
 * cursor behind the struct and let the copy point there. values.c has counted the bytes before,
 * in the same order.
 */
#include "emit/walk.h"

/* ---- moving --------------------------------------------------------------------------------- */

static void move(struct sn_walk *walk, const struct sn_type *type, const char *copy,
                 const char *local, bool wrapped, size_t depth);

/* A list whose items have tails: the copied items are written through a pointer of their own,
 * because the list's is one to const. */
static void move_list(struct sn_walk *walk, const struct sn_type *type, const char *copy,
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
                      SN_SLOTS({"indent", sn_walk_indent(emit, depth)}, {"copy", copy},
                               {"local", local}, {"cursor", walk->cursor}));
    start = sn_walk_loop(walk, type, copy, "", depth);
    move(walk, type->of, sn_emit_printf(emit, "%s[%s]", local, sn_walk_index(emit, depth)),
         sn_emit_printf(emit, "%s_items", local), true, depth + 1);
    sn_walk_end(walk, depth, start);
}

static void move_flat_list(struct sn_walk *walk, const char *copy, size_t depth)
{
    static const char text[] = "${indent}${copy}.items = sn_tail_items(${copy}.items, "
                               "${copy}.count * sizeof *${copy}.items, ${cursor});\n";

    sn_template_write(walk->out, text,
                      SN_SLOTS({"indent", sn_walk_indent(walk->emit, depth)}, {"copy", copy},
                               {"cursor", walk->cursor}));
}

/* The value of an absent optional would still point to the sender's memory. */
static void move_optional(struct sn_walk *walk, const struct sn_type *type, const char *copy,
                          const char *local, size_t depth)
{
    struct sn_type present = sn_c_present(type);
    const char *value = sn_emit_printf(walk->emit, "%s.value", copy);
    size_t start = sn_walk_begin(walk, depth, sn_emit_printf(walk->emit, "if (%s.present)", copy));
    const char *text = "${indent}} else {\n"
                       "${indent}    memset(&${value}, 0, sizeof ${value});\n"
                       "${indent}}\n";

    move(walk, &present, value, local, true, depth + 1);
    if (sn_walk_is_single(walk->out, start)) {
        sn_walk_end(walk, depth, start);
        text = "${indent}else\n${indent}    memset(&${value}, 0, sizeof ${value});\n";
    }
    sn_template_write(walk->out, text,
                      SN_SLOTS({"indent", sn_walk_indent(walk->emit, depth)}, {"value", value}));
}

static void move_array(struct sn_walk *walk, const struct sn_type *type, const char *copy,
                       const char *local, bool wrapped, size_t depth)
{
    size_t start = sn_walk_loop(walk, type, copy, "", depth);

    move(walk, type->of, sn_walk_item(walk, type, copy, wrapped, depth),
         sn_emit_printf(walk->emit, "%s_items", local), wrapped, depth + 1);
    sn_walk_end(walk, depth, start);
}

static void move(struct sn_walk *walk, const struct sn_type *type, const char *copy,
                 const char *local, bool wrapped, size_t depth)
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
                          SN_SLOTS({"indent", sn_walk_indent(emit, depth)}, {"call", call},
                                   {"copy", copy}, {"cursor", walk->cursor}));
}

void sn_put_tail(struct sn_emit *emit, struct sn_buffer *out, struct sn_buffer *locals,
                 const struct sn_type *type, const char *copy, const char *local,
                 enum sn_put_place place)
{
    struct sn_walk walk = sn_walk_of(emit, out, place);

    walk.locals = locals;
    move(&walk, type, copy, local, false, 0);
}

/* ---- reply addresses ------------------------------------------------------------------------ */

static void visit_tokens(struct sn_walk *walk, const struct sn_type *type, const char *value,
                         bool wrapped, size_t depth);

static void visit_items(struct sn_walk *walk, const struct sn_type *type, const char *value,
                        bool wrapped, size_t depth)
{
    size_t start = sn_walk_loop(walk, type, value, "rc == 0 && ", depth);

    walk->fresh = true;
    visit_tokens(walk, type->of, sn_walk_item(walk, type, value, wrapped, depth),
                 wrapped || type->kind == SN_KIND_LIST, depth + 1);
    walk->fresh = false;
    sn_walk_end(walk, depth, start);
}

static void visit_optional(struct sn_walk *walk, const struct sn_type *type, const char *value,
                           size_t depth)
{
    struct sn_type present = sn_c_present(type);
    const char *head =
        sn_emit_printf(walk->emit, "if (%s%s.present)", walk->fresh ? "" : "rc == 0 && ", value);
    size_t start = sn_walk_begin(walk, depth, head);

    walk->fresh = true;
    visit_tokens(walk, &present, sn_emit_printf(walk->emit, "%s.value", value), true, depth + 1);
    walk->fresh = false;
    sn_walk_end(walk, depth, start);
}

static void visit_tokens(struct sn_walk *walk, const struct sn_type *type, const char *value,
                         bool wrapped, size_t depth)
{
    struct sn_emit *emit = walk->emit;

    if (!sn_type_traits(emit, type).tokens)
        return;
    if (type->optional)
        visit_optional(walk, type, value, depth);
    else if (type->kind == SN_KIND_REPLY_TO)
        sn_walk_step(walk, depth, "",
                     sn_emit_printf(emit, "sn_actor_%s_token(%s, %s.token)", walk->verb,
                                    walk->actor, value));
    else if (type->kind == SN_KIND_STRUCT)
        sn_walk_step(walk, depth, "",
                     sn_emit_printf(emit, "%s(%s, %s)",
                                    sn_need_tokens(emit, type->structure, walk->verb), walk->actor,
                                    sn_walk_address(emit, value)));
    else
        visit_items(walk, type, value, wrapped, depth);
}

void sn_put_tokens(struct sn_emit *emit, struct sn_buffer *out, const struct sn_type *type,
                   const char *value, const char *verb, enum sn_put_place place)
{
    struct sn_walk walk = sn_walk_of(emit, out, place);

    walk.verb = verb;
    visit_tokens(&walk, type, value, false, 0);
}
