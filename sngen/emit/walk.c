/* SPDX-License-Identifier: MIT */
/* Blocks, loops and steps of statements about a value; walk.h says what they are for. */
#include "emit/walk.h"

#include <string.h>

/* In a struct's helper functions these are parameters, in a setter local variables. */
struct sn_walk sn_walk_of(struct sn_emit *emit, struct sn_buffer *out, enum sn_put_place place)
{
    bool local = place != SN_PUT_HELPER;

    return (struct sn_walk){
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

const char *sn_walk_indent(struct sn_emit *emit, size_t depth)
{
    return sn_emit_printf(emit, "%*s", (int)(4 * (depth + 1)), "");
}

const char *sn_walk_index(struct sn_emit *emit, size_t depth)
{
    static const char *const names[] = {"i", "j", "k", "l"};

    return depth < 4 ? names[depth] : sn_emit_printf(emit, "i%zu", depth);
}

/* The address of a value: of `(*value)` it is `value`. */
const char *sn_walk_address(struct sn_emit *emit, const char *value)
{
    if (strcmp(value, "(*value)") == 0)
        return "value";
    return sn_emit_printf(emit, "&%s", value);
}

/* Begin a block with its head; where rc can be anything but 0 the head asks. Returns where the
 * block's text begins. */
size_t sn_walk_begin(struct sn_walk *walk, size_t depth, const char *head)
{
    walk->declares = false;
    sn_template_write(walk->out, "${indent}${head} {\n",
                      SN_SLOTS({"indent", sn_walk_indent(walk->emit, depth)}, {"head", head}));
    return walk->out->size;
}

/* Whether the text from `start` on is one plain statement. */
bool sn_walk_is_single(const struct sn_buffer *out, size_t start)
{
    const char *text = out->size > start ? out->data + start : "";
    const char *semicolon = strchr(text, ';');

    text += strspn(text, " ");
    return semicolon != NULL && strchr(semicolon + 1, ';') == NULL && strchr(text, '{') == NULL &&
           strncmp(text, "if ", 3) != 0 && strncmp(text, "for ", 4) != 0;
}

/* End a block; one statement stands without braces. */
void sn_walk_end(struct sn_walk *walk, size_t depth, size_t start)
{
    struct sn_buffer *out = walk->out;

    if (!out->failed && sn_walk_is_single(out, start)) {
        memmove(out->data + start - 3, out->data + start - 1, out->size - start + 2);
        out->size -= 2;
        return;
    }
    sn_template_write(out, "${indent}}\n", SN_SLOTS({"indent", sn_walk_indent(walk->emit, depth)}));
}

/* Begin a loop over the items of a list or array. Returns where its text begins. */
size_t sn_walk_loop(struct sn_walk *walk, const struct sn_type *type, const char *value,
                    const char *condition, size_t depth)
{
    struct sn_emit *emit = walk->emit;
    const char *index = sn_walk_index(emit, depth);
    const char *count =
        type->kind == SN_KIND_LIST ? sn_emit_printf(emit, "%s.count", value) : sn_c_max(emit, type);
    const char *head =
        sn_emit_text(emit, "for (size_t ${i} = 0; ${condition}${i} < ${count}; ${i}++)",
                     SN_SLOTS({"i", index}, {"condition", condition}, {"count", count}));

    return sn_walk_begin(walk, depth, head);
}

/* One item of a list or array, inside of the loop. */
const char *sn_walk_item(struct sn_walk *walk, const struct sn_type *type, const char *value,
                         bool wrapped, size_t depth)
{
    const char *items = type->kind == SN_KIND_LIST || wrapped ? ".items" : "";

    return sn_emit_printf(walk->emit, "%s%s[%s]", value, items, sn_walk_index(walk->emit, depth));
}

/* `if (rc == 0 && ${condition}) rc = ${call};` as far as there is something to ask. */
void sn_walk_step(struct sn_walk *walk, size_t depth, const char *condition, const char *call)
{
    const char *text = "${indent}if (rc == 0${and}${condition})\n${indent}    rc = ${call};\n";
    bool has_condition = condition[0] != '\0';

    if (walk->fresh)
        text = has_condition ? "${indent}if (${condition})\n${indent}    rc = ${call};\n"
                             : "${indent}${int}rc = ${call};\n";
    sn_template_write(walk->out, text,
                      SN_SLOTS({"indent", sn_walk_indent(walk->emit, depth)},
                               {"int", walk->declares && depth == 0 ? "int " : ""},
                               {"and", has_condition ? " && " : ""}, {"condition", condition},
                               {"call", call}));
    walk->fresh = false;
    walk->declares = false;
}
