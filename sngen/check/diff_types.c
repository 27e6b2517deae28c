/* SPDX-License-Identifier: MIT */
/* Types and fields of two versions. */
#include "check/diff_parts.h"

#include "base/map.h"
#include "model/print.h"

#include <stdlib.h>
#include <string.h>

/* ---- types -------------------------------------------------------------- */

/* Both packages are the two versions that are compared, or have one name. */
static bool same_package(const struct sn_diff *diff, const struct sn_package *before,
                         const struct sn_package *now)
{
    return (before == diff->before && now == diff->now) ||
           sn_diff_is_same(before->name, now->name, &now->was);
}

static bool same_struct(const struct sn_diff *diff, const struct sn_struct *before,
                        const struct sn_struct *now)
{
    const struct sn_was *was = now->message != NULL ? &now->message->was : &now->was;

    return before->origin == now->origin && same_package(diff, before->package, now->package) &&
           sn_diff_is_same(before->name, now->name, was);
}

/* Do the two name the same thing, as far as they name something? */
static bool same_target(const struct sn_diff *diff, const struct sn_type *before,
                        const struct sn_type *now)
{
    if (before->structure != NULL)
        return same_struct(diff, before->structure, now->structure);
    if (before->enumeration != NULL)
        return same_package(diff, before->enumeration->package, now->enumeration->package) &&
               sn_diff_is_same(before->enumeration->name, now->enumeration->name,
                               &now->enumeration->was);
    if (before->message != NULL)
        return same_package(diff, before->message->package, now->message->package) &&
               sn_diff_is_same(before->message->name, now->message->name, &now->message->was);
    if (before->worker != NULL)
        return same_package(diff, before->worker->package, now->worker->package) &&
               sn_diff_is_same(before->worker->name, now->worker->name, &now->worker->was);
    return before->c_type == NULL || strcmp(before->c_type, now->c_type) == 0;
}

/* Is it the same type but for maxima? */
static bool same_shape(const struct sn_diff *diff, const struct sn_type *before,
                       const struct sn_type *now)
{
    if (before->kind != now->kind || before->optional != now->optional ||
        !same_target(diff, before, now))
        return false;
    if (before->kind == SN_KIND_ARRAY && before->max != now->max)
        return false;
    return before->of == NULL || same_shape(diff, before->of, now->of);
}

/* The first type inside whose maximum is another, or NULL; that of before in *ret_before. */
static const struct sn_type *resized(const struct sn_type *before, const struct sn_type *now,
                                     bool smaller, uint64_t *ret_before)
{
    if (smaller ? now->max < before->max : now->max > before->max) {
        *ret_before = before->max;
        return now;
    }
    return before->of != NULL ? resized(before->of, now->of, smaller, ret_before) : NULL;
}

static const char *type_text(struct sn_diff *diff, const struct sn_package *package,
                             const struct sn_type *type)
{
    struct sn_buffer text = {0};
    const char *copy;

    sn_print_type(&text, package, type);
    copy = text.failed ? "" : sn_arena_text(diff->arena, text.data, text.size);
    sn_buffer_fini(&text);
    return copy;
}

/* How many bits an integer has, negative for signed ones; 0: it is none. */
static int integer_bits(const struct sn_type *type)
{
    static const int bits[] = {
        [SN_KIND_I8] = -8, [SN_KIND_I16] = -16, [SN_KIND_I32] = -32, [SN_KIND_I64] = -64,
        [SN_KIND_U8] = 8,  [SN_KIND_U16] = 16,  [SN_KIND_U32] = 32,  [SN_KIND_U64] = 64};

    return type->kind <= SN_KIND_U64 ? bits[type->kind] : 0;
}

/* What a change of an integer's width means, to stand behind it. */
static const char *width_text(const struct sn_type *before, const struct sn_type *now)
{
    int old = integer_bits(before), new = integer_bits(now);

    if (old == 0 || new == 0 || (old < 0) != (new < 0))
        return "";
    return abs(new) > abs(old) ? ": wider, so the old version cannot hold all values"
                               : ": narrower";
}

static const char *max_text(struct sn_diff *diff, uint64_t max)
{
    return max == SN_UNBOUNDED ? "any number"
                               : sn_arena_printf(diff->arena, "%llu", (unsigned long long)max);
}

/* Maxima: less is a break, more is not, unless the exact size counts. */
static void compare_maxima(struct sn_diff *diff, unsigned kinds, bool exact, const char *what,
                           const char *subject, const struct sn_location *location,
                           const struct sn_type *before, const struct sn_type *now)
{
    uint64_t was = 0;
    const struct sn_type *less = resized(before, now, true, &was), *more;

    if (less != NULL) {
        sn_diff_found(diff, kinds, subject, location, "%s held %s and holds only %s", what,
                      max_text(diff, was), max_text(diff, less->max));
        return;
    }
    more = resized(before, now, false, &was);
    if (more != NULL)
        sn_diff_found(diff, exact ? SN_BREAK_SNAPSHOT : 0, subject, location,
                      "%s held %s and holds %s", what, max_text(diff, was),
                      max_text(diff, more->max));
}

static void compare_types(struct sn_diff *diff, unsigned kinds, bool exact, const char *what,
                          const char *subject, const struct sn_location *location,
                          const struct sn_type *before, const struct sn_type *now)
{
    const char *old, *new;

    if (same_shape(diff, before, now)) {
        compare_maxima(diff, kinds, exact, what, subject, location, before, now);
        return;
    }
    old = type_text(diff, diff->before, before);
    new = type_text(diff, diff->now, now);
    if (strcmp(old, new) == 0)
        sn_diff_found(diff, kinds, subject, location, "%s: what %s means is another type now", what,
                      new);
    else
        sn_diff_found(diff, kinds, subject, location, "%s was %s and is %s%s", what, old, new,
                      before->optional == now->optional ? width_text(before, now) : "");
}

/* ---- fields ------------------------------------------------------------- */

static const char *field_subject(struct sn_diff *diff, const struct sn_diff_fields *fields,
                                 const char *name)
{
    return sn_arena_printf(diff->arena, "%s.%s", fields->subject, name);
}

static void compare_field(struct sn_diff *diff, const struct sn_diff_fields *fields,
                          const struct sn_field *before, const struct sn_field *now)
{
    const char *subject = field_subject(diff, fields, before->name);

    if (strcmp(before->name, now->name) != 0)
        sn_diff_found(diff, fields->renamed, subject, &now->location, "%s: '%s' is called '%s' now",
                      fields->what, before->name, now->name);
    compare_types(diff, fields->kinds, fields->exact,
                  sn_arena_printf(diff->arena, "%s: '%s'", fields->what, now->name), subject,
                  &now->location, &before->type, &now->type);
    if (fields->numbered && before->tag != now->tag)
        sn_diff_found(diff, SN_BREAK_WIRE, subject, &now->location,
                      "%s: '%s' was number %u and is number %u%s", fields->what, now->name,
                      (unsigned)before->tag, (unsigned)now->tag, sn_diff_advice(diff));
    if (before->keeps_unknown != now->keeps_unknown)
        sn_diff_found(diff, SN_BREAK_WIRE, subject, &now->location,
                      now->keeps_unknown
                          ? "%s: '%s' keeps unknown fields and does not travel itself"
                          : "%s: '%s' does not keep unknown fields any more",
                      fields->what, now->name);
}

/* Without numbers it is the order that counts, where anything does. */
static void compare_order(struct sn_diff *diff, const struct sn_diff_fields *fields,
                          const struct sn_diff_pairs *pairs, const struct sn_field *before,
                          size_t before_count, const struct sn_field *now)
{
    size_t last = SN_DIFF_NONE;

    for (size_t i = 0; i < before_count; i++) {
        size_t partner = pairs->partner[i];

        if (partner == SN_DIFF_NONE)
            continue;
        if (last != SN_DIFF_NONE && partner < last) {
            sn_diff_found(diff, SN_BREAK_SNAPSHOT, field_subject(diff, fields, before[i].name),
                          &now[partner].location, "%s: '%s' stands in another order", fields->what,
                          now[partner].name);
            return;
        }
        last = partner;
    }
}

static struct sn_diff_name *field_names(struct sn_diff *diff, const struct sn_field *fields,
                                        size_t count)
{
    struct sn_diff_name *names = sn_diff_names(diff, count);

    for (size_t i = 0; names != NULL && i < count; i++)
        names[i] = (struct sn_diff_name){fields[i].name, fields[i].was.name, fields[i].tag};
    return names;
}

void sn_diff_fields(struct sn_diff *diff, const struct sn_diff_fields *fields,
                    const struct sn_field *before, size_t before_count, const struct sn_field *now,
                    size_t now_count)
{
    const struct sn_diff_name *old = field_names(diff, before, before_count);
    const struct sn_diff_name *new = field_names(diff, now, now_count);
    struct sn_diff_numbers numbers;
    struct sn_diff_pairs pairs;

    if (old == NULL || new == NULL ||
        !sn_diff_pair(diff, old, before_count, new, now_count, &pairs))
        return;
    for (size_t i = 0; i < before_count; i++)
        if (pairs.partner[i] != SN_DIFF_NONE)
            compare_field(diff, fields, &before[i], &now[pairs.partner[i]]);
        else
            sn_diff_found(diff, fields->kinds, field_subject(diff, fields, before[i].name),
                          &fields->location, "%s: '%s' is gone", fields->what, before[i].name);
    if (fields->exact)
        compare_order(diff, fields, &pairs, before, before_count, now);
    numbers =
        (struct sn_diff_numbers){SN_LOCK_FIELDS, fields->subject, old, pairs.partner, before_count};
    for (size_t i = 0; i < now_count; i++)
        if (pairs.is_new[i])
            sn_diff_new(diff, fields->numbered ? &numbers : NULL, &new[i], fields->added,
                        field_subject(diff, fields, now[i].name), &now[i].location,
                        sn_arena_printf(diff->arena, "%s: '%s'", fields->what, now[i].name));
}

void sn_diff_data(struct sn_diff *diff, const char *what, const char *subject,
                  const struct sn_struct *before, const struct sn_struct *now,
                  const struct sn_location *location)
{
    bool retained = sn_diff_is_retained(diff, before, now);
    struct sn_diff_fields fields = {.what = what,
                                    .subject = subject,
                                    .kinds = SN_BREAK_DATA | (retained ? SN_BREAK_SNAPSHOT : 0u),
                                    .renamed = SN_BREAK_API,
                                    .added = retained ? SN_BREAK_SNAPSHOT : 0,
                                    .numbered = true,
                                    .exact = retained,
                                    .location = *location};

    sn_diff_fields(diff, &fields, before->fields, before->field_count, now->fields,
                   now->field_count);
}

void sn_diff_structs(struct sn_diff *diff, const char *what, const char *subject,
                     const struct sn_struct *before, const struct sn_struct *now,
                     const struct sn_location *location)
{
    struct sn_diff_fields fields = {.what = what,
                                    .subject = subject,
                                    .kinds = SN_BREAK_API,
                                    .renamed = SN_BREAK_API,
                                    .location = *location};

    sn_diff_fields(diff, &fields, before != NULL ? before->fields : NULL,
                   before != NULL ? before->field_count : 0, now != NULL ? now->fields : NULL,
                   now != NULL ? now->field_count : 0);
}

/* ---- the entries of `types:` -------------------------------------------- */

static void compare_values(struct sn_diff *diff, const struct sn_enum *before,
                           const struct sn_enum *now, const struct sn_diff_name *names,
                           const struct sn_diff_name *new_names, const struct sn_diff_pairs *pairs)
{
    unsigned kinds = sn_diff_enum_kinds(diff, before);
    struct sn_diff_numbers numbers = {SN_LOCK_VALUES, before->name, names, pairs->partner,
                                      before->value_count};

    for (size_t i = 0; i < before->value_count; i++) {
        const struct sn_enum_value *old = &before->values[i], *new;
        const char *subject = sn_arena_printf(diff->arena, "%s.%s", before->name, old->name);

        if (pairs->partner[i] == SN_DIFF_NONE) {
            sn_diff_found(diff, SN_BREAK_DATA | (kinds & SN_BREAK_SNAPSHOT), subject,
                          &now->location, "the enum '%s': '%s' is gone", now->name, old->name);
            continue;
        }
        new = &now->values[pairs->partner[i]];
        if (strcmp(old->name, new->name) != 0)
            sn_diff_found(diff, SN_BREAK_API, subject, &new->location,
                          "the enum '%s': '%s' is called '%s' now", now->name, old->name,
                          new->name);
        if (old->number != new->number)
            sn_diff_found(diff, SN_BREAK_WIRE | kinds, subject, &new->location,
                          "the enum '%s': '%s' was %u and is %u%s", now->name, new->name,
                          (unsigned)old->number, (unsigned)new->number, sn_diff_advice(diff));
    }
    for (size_t i = 0; i < now->value_count; i++)
        if (pairs->is_new[i])
            sn_diff_new(diff, &numbers, &new_names[i], 0,
                        sn_arena_printf(diff->arena, "%s.%s", now->name, now->values[i].name),
                        &now->values[i].location,
                        sn_arena_printf(diff->arena, "the enum '%s': '%s'", now->name,
                                        now->values[i].name));
}

static struct sn_diff_name *value_names(struct sn_diff *diff, const struct sn_enum *enumeration)
{
    struct sn_diff_name *names = sn_diff_names(diff, enumeration->value_count);

    for (size_t i = 0; names != NULL && i < enumeration->value_count; i++)
        names[i] =
            (struct sn_diff_name){enumeration->values[i].name, enumeration->values[i].was.name,
                                  enumeration->values[i].number};
    return names;
}

static void compare_enums(struct sn_diff *diff, const struct sn_enum *before,
                          const struct sn_enum *now)
{
    const struct sn_diff_name *old = value_names(diff, before), *new = value_names(diff, now);
    struct sn_diff_pairs pairs;

    if (old != NULL && new != NULL &&
        sn_diff_pair(diff, old, before->value_count, new, now->value_count, &pairs))
        compare_values(diff, before, now, old, new, &pairs);
}

static struct sn_diff_name declared(const struct sn_declaration *declaration)
{
    if (declaration->structure != NULL)
        return (struct sn_diff_name){.name = declaration->structure->name,
                                     .was = declaration->structure->was.name};
    if (declaration->enumeration != NULL)
        return (struct sn_diff_name){.name = declaration->enumeration->name,
                                     .was = declaration->enumeration->was.name};
    return (struct sn_diff_name){.name = declaration->alias->name,
                                 .was = declaration->alias->was.name};
}

static const struct sn_location *declared_at(const struct sn_declaration *declaration)
{
    return declaration->structure != NULL     ? &declaration->structure->location
           : declaration->enumeration != NULL ? &declaration->enumeration->location
                                              : &declaration->alias->location;
}

static void compare_declarations(struct sn_diff *diff, const struct sn_declaration *before,
                                 const struct sn_declaration *now)
{
    const char *old = declared(before).name, *new = declared(now).name;

    if (before->kind != now->kind) {
        sn_diff_found(diff, SN_BREAK_DATA, old, declared_at(now),
                      "the type '%s' is of another kind", old);
        return;
    }
    if (strcmp(old, new) != 0)
        sn_diff_found(diff, SN_BREAK_API, old, declared_at(now), "the type '%s' is called '%s' now",
                      old, new);
    if (before->structure != NULL)
        sn_diff_data(diff, sn_arena_printf(diff->arena, "the struct '%s'", new), old,
                     before->structure, now->structure, declared_at(now));
    else if (before->enumeration != NULL)
        compare_enums(diff, before->enumeration, now->enumeration);
    else
        compare_types(diff, SN_BREAK_DATA, false,
                      sn_arena_printf(diff->arena, "the type '%s'", new), old, declared_at(now),
                      &before->alias->type, &now->alias->type);
}

/* The entries of `types:` alone: messages and replies are among the declarations too. */
static const struct sn_declaration **types_of(struct sn_diff *diff,
                                              const struct sn_package *package, size_t *ret_count,
                                              struct sn_diff_name **ret_names)
{
    size_t most = package->declaration_count;
    const struct sn_declaration **types = sn_arena_array(diff->arena, most, sizeof *types);

    *ret_count = 0;
    *ret_names = sn_diff_names(diff, most);
    if (types == NULL || *ret_names == NULL)
        return NULL;
    for (size_t i = 0; i < most; i++) {
        const struct sn_declaration *declaration = &package->declarations[i];

        if (declaration->structure != NULL && declaration->structure->origin != SN_STRUCT_TYPE)
            continue;
        (*ret_names)[*ret_count] = declared(declaration);
        types[(*ret_count)++] = declaration;
    }
    return types;
}

void sn_diff_types(struct sn_diff *diff)
{
    struct sn_diff_name *old, *new;
    size_t before_count, now_count;
    const struct sn_declaration **before = types_of(diff, diff->before, &before_count, &old);
    const struct sn_declaration **now = types_of(diff, diff->now, &now_count, &new);
    struct sn_diff_pairs pairs;

    if (before == NULL || now == NULL ||
        !sn_diff_pair(diff, old, before_count, new, now_count, &pairs))
        return;
    for (size_t i = 0; i < before_count; i++)
        if (pairs.partner[i] != SN_DIFF_NONE)
            compare_declarations(diff, before[i], now[pairs.partner[i]]);
        else
            sn_diff_found(diff, SN_BREAK_API, old[i].name, declared_at(before[i]),
                          "the type '%s' is gone", old[i].name);
    for (size_t i = 0; i < now_count; i++)
        if (pairs.is_new[i])
            sn_diff_new(diff, NULL, &new[i], 0, new[i].name, declared_at(now[i]),
                        sn_arena_printf(diff->arena, "the type '%s'", new[i].name));
}
