/* SPDX-License-Identifier: MIT */
/*
 * Checking and measuring values.
 *
 * A payload is a struct with its tails behind it. For each struct that travels the unit has, as
 * far as the struct needs them: _check (enums in range), _tail_size (limits, and the bytes behind
 * the struct), _tail (moves the tails behind a shallow copy), _size and _copy (a whole payload),
 * _keep and _pass (its reply addresses). A struct's function calls those of the structs inside;
 * lists, optionals and arrays are loops and conditions in place, because their limits belong to
 * the field and not to their type. move.c has the other half; helpers.c makes functions of the
 * statements.
 */
#include "emit/walk.h"

#include <string.h>

/* Whether a value has to be looked at before it is sent: it has tails or limited values. */
static bool is_measured(struct sn_emit *emit, const struct sn_type *type)
{
    return !type->fixed || sn_type_traits(emit, type).checked;
}

static void measure(struct sn_walk *walk, const struct sn_type *type, const char *value,
                    const char *max, bool wrapped, size_t depth);

/* A block whose head makes sure that rc is 0. */
static void measure_items(struct sn_walk *walk, const struct sn_type *type, const char *value,
                          bool wrapped, size_t depth)
{
    size_t start = sn_walk_loop(walk, type, value, "rc == 0 && ", depth);

    walk->fresh = true;
    measure(walk, type->of, sn_walk_item(walk, type, value, wrapped, depth),
            sn_c_max(walk->emit, type->of), wrapped || type->kind == SN_KIND_LIST, depth + 1);
    walk->fresh = false;
    sn_walk_end(walk, depth, start);
}

static void measure_list(struct sn_walk *walk, const struct sn_type *type, const char *value,
                         const char *max, size_t depth)
{
    struct sn_emit *emit = walk->emit;

    if (strcmp(max, "SIZE_MAX") != 0)
        sn_walk_step(walk, depth, sn_emit_printf(emit, "%s.count > %s", value, max),
                     "SN_TOO_LARGE");
    if (walk->size != NULL)
        sn_template_write(
            walk->out,
            "${indent}if (rc == 0)\n"
            "${indent}    ${sum} += sn_tail_align(${value}.count * sizeof *${value}.items);\n",
            SN_SLOTS({"indent", sn_walk_indent(emit, depth)}, {"sum", walk->sum},
                     {"value", value}));
    walk->fresh = false;
    walk->declares = false;
    if (is_measured(emit, type->of))
        measure_items(walk, type, value, false, depth);
}

static void measure_optional(struct sn_walk *walk, const struct sn_type *type, const char *value,
                             const char *max, size_t depth)
{
    struct sn_type present = sn_c_present(type);
    const char *head =
        sn_emit_printf(walk->emit, "if (%s%s.present)", walk->fresh ? "" : "rc == 0 && ", value);
    size_t start = sn_walk_begin(walk, depth, head);

    walk->fresh = true;
    measure(walk, &present, sn_emit_printf(walk->emit, "%s.value", value), max, true, depth + 1);
    walk->fresh = false;
    sn_walk_end(walk, depth, start);
}

static void measure_struct(struct sn_walk *walk, const struct sn_struct *structure,
                           const char *value, size_t depth)
{
    struct sn_emit *emit = walk->emit;
    const char *address = sn_walk_address(emit, value);

    if (structure->fixed)
        sn_walk_step(walk, depth, "",
                     sn_emit_printf(emit, "%s(%s)", sn_need_check(emit, structure), address));
    else
        sn_walk_step(walk, depth, "",
                     sn_emit_printf(emit, "%s(%s, %s)", sn_need_tail_size(emit, structure), address,
                                    walk->size));
}

/* The value with the largest number if the numbers have no gaps, as one comparison needs it. */
static const struct sn_enum_value *last_of(const struct sn_enum *enumeration)
{
    const struct sn_enum_value *last = &enumeration->values[0];

    for (size_t i = 1; i < enumeration->value_count; i++)
        if (enumeration->values[i].number > last->number)
            last = &enumeration->values[i];
    return last->number == enumeration->value_count - 1 ? last : NULL;
}

static void measure_enum(struct sn_walk *walk, const struct sn_enum *enumeration, const char *value,
                         size_t depth)
{
    const struct sn_enum_value *last = last_of(enumeration);

    if (last == NULL)
        sn_walk_step(walk, depth, "",
                     sn_emit_printf(walk->emit, "%s(%s)",
                                    sn_need_enum_check(walk->emit, enumeration), value));
    else
        sn_walk_step(walk, depth,
                     sn_emit_printf(walk->emit, "(unsigned int)%s > %s", value,
                                    sn_name_enum_value(walk->emit->arena, enumeration, last)),
                     "SN_INVALID");
}

static void measure(struct sn_walk *walk, const struct sn_type *type, const char *value,
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
        sn_walk_step(
            walk, depth, "",
            sn_emit_printf(emit, "sn_tail_size_string(%s, %s, %s)", value, max, walk->size));
        return;
    case SN_KIND_BYTES:
        sn_walk_step(
            walk, depth, "",
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
    struct sn_walk walk = sn_walk_of(emit, out, place);

    measure(&walk, type, value, max, false, 0);
}
