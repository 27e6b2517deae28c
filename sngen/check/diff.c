/* SPDX-License-Identifier: MIT */
/*
 * The data of two versions: constants, types, messages and errors. Things are
 * matched by their names; what has no partner is gone. Additions break nobody,
 * except where they move what was there (tags and numbers follow the order).
 */
#include "check/diff.h"

#include "base/map.h"
#include "check/diff_parts.h"
#include "model/print.h"

#include <stdarg.h>
#include <string.h>

const char *sn_break_name(unsigned index)
{
    static const char *const names[SN_BREAK_KINDS] = {"wire",      "api",    "snapshot",
                                                      "partition", "policy", "edge"};

    return names[index];
}

void sn_diff_found(struct sn_diff *diff, unsigned kinds, const struct sn_location *location,
                   const char *format, ...)
{
    const char *text;
    va_list list;

    va_start(list, format);
    text = sn_arena_vprintf(diff->arena, format, list);
    va_end(list);
    diff->sink->found(diff->sink, kinds, location, text);
}

/* ---- types -------------------------------------------------------------- */

static const char *name_of(const struct sn_type *type)
{
    return type->structure != NULL     ? type->structure->name
           : type->enumeration != NULL ? type->enumeration->name
           : type->message != NULL     ? type->message->name
           : type->worker != NULL      ? type->worker->name
                                       : "";
}

/* Is it the same type but for maxima? */
static bool same_shape(const struct sn_type *before, const struct sn_type *now)
{
    if (before->kind != now->kind || before->optional != now->optional ||
        strcmp(name_of(before), name_of(now)) != 0)
        return false;
    if (before->kind == SN_KIND_ARRAY && before->max != now->max)
        return false;
    return before->of == NULL || same_shape(before->of, now->of);
}

/* The first maximum inside that became smaller, or NULL. */
static const struct sn_type *shrunk(const struct sn_type *before, const struct sn_type *now,
                                    uint64_t *ret_before)
{
    if (now->max < before->max) {
        *ret_before = before->max;
        return now;
    }
    return before->of != NULL ? shrunk(before->of, now->of, ret_before) : NULL;
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

static void compare_types(struct sn_diff *diff, unsigned kinds, const char *what,
                          const struct sn_field *before, const struct sn_field *now)
{
    uint64_t was = 0;
    const struct sn_type *smaller;

    if (!same_shape(&before->type, &now->type)) {
        sn_diff_found(diff, kinds, &now->location, "%s: '%s' was %s and is %s", what, now->name,
                      type_text(diff, diff->before, &before->type),
                      type_text(diff, diff->now, &now->type));
        return;
    }
    smaller = shrunk(&before->type, &now->type, &was);
    if (smaller != NULL && was == SN_UNBOUNDED)
        sn_diff_found(diff, kinds, &now->location, "%s: '%s' was unbounded and holds at most %llu",
                      what, now->name, (unsigned long long)smaller->max);
    else if (smaller != NULL)
        sn_diff_found(diff, kinds, &now->location, "%s: '%s' held %llu and holds only %llu", what,
                      now->name, (unsigned long long)was, (unsigned long long)smaller->max);
}

static const struct sn_field *find_field(const struct sn_field *fields, size_t count,
                                         const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(fields[i].name, name) == 0)
            return &fields[i];
    return NULL;
}

void sn_diff_fields(struct sn_diff *diff, unsigned kinds, const char *what,
                    const struct sn_location *location, const struct sn_field *before,
                    size_t before_count, const struct sn_field *now, size_t now_count)
{
    for (size_t i = 0; i < before_count; i++) {
        const struct sn_field *partner = find_field(now, now_count, before[i].name);

        if (partner == NULL) {
            sn_diff_found(diff, kinds, location, "%s: '%s' is gone", what, before[i].name);
            continue;
        }
        compare_types(diff, kinds, what, &before[i], partner);
        if (partner->tag != before[i].tag && (kinds & ~(unsigned)SN_BREAK_API) != 0)
            sn_diff_found(diff, kinds & ~(unsigned)SN_BREAK_API, &partner->location,
                          "%s: '%s' was number %u and is number %u; add new ones at the end", what,
                          partner->name, (unsigned)before[i].tag, (unsigned)partner->tag);
    }
}

static void compare_enums(struct sn_diff *diff, const struct sn_enum *before,
                          const struct sn_enum *now)
{
    for (size_t i = 0; i < before->value_count; i++) {
        const struct sn_enum_value *value = NULL;

        for (size_t k = 0; k < now->value_count && value == NULL; k++)
            if (strcmp(now->values[k].name, before->values[i].name) == 0)
                value = &now->values[k];
        if (value == NULL)
            sn_diff_found(diff, SN_BREAK_WIRE | SN_BREAK_API, &now->location,
                          "the enum '%s': '%s' is gone", now->name, before->values[i].name);
        else if (value->number != before->values[i].number)
            sn_diff_found(diff, SN_BREAK_WIRE, &value->location,
                          "the enum '%s': '%s' was %u and is %u; add new ones at the end",
                          now->name, value->name, (unsigned)before->values[i].number,
                          (unsigned)value->number);
    }
}

static const char *declared_name(const struct sn_declaration *declaration)
{
    return declaration->structure != NULL     ? declaration->structure->name
           : declaration->enumeration != NULL ? declaration->enumeration->name
                                              : declaration->alias->name;
}

static bool is_type(const struct sn_declaration *declaration)
{
    return declaration->structure == NULL || declaration->structure->origin == SN_STRUCT_TYPE;
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
    const char *name = declared_name(before);

    if (now == NULL || before->kind != now->kind) {
        sn_diff_found(diff, SN_BREAK_API, now != NULL ? declared_at(now) : declared_at(before),
                      "the type '%s' is %s", name, now != NULL ? "of another kind" : "gone");
        return;
    }
    if (before->structure != NULL)
        sn_diff_fields(diff, SN_BREAK_WIRE | SN_BREAK_API,
                       sn_arena_printf(diff->arena, "the struct '%s'", name),
                       &now->structure->location, before->structure->fields,
                       before->structure->field_count, now->structure->fields,
                       now->structure->field_count);
    else if (before->enumeration != NULL)
        compare_enums(diff, before->enumeration, now->enumeration);
    else if (!same_shape(&before->alias->type, &now->alias->type))
        sn_diff_found(diff, SN_BREAK_WIRE | SN_BREAK_API, &now->alias->location,
                      "the type '%s' was %s and is %s", name,
                      type_text(diff, diff->before, &before->alias->type),
                      type_text(diff, diff->now, &now->alias->type));
}

static void diff_types(struct sn_diff *diff)
{
    struct sn_map types;

    sn_map_init(&types, diff->arena);
    for (size_t i = 0; i < diff->now->declaration_count; i++)
        if (is_type(&diff->now->declarations[i]))
            sn_map_put(&types, declared_name(&diff->now->declarations[i]),
                       &diff->now->declarations[i]);
    for (size_t i = 0; i < diff->before->declaration_count; i++)
        if (is_type(&diff->before->declarations[i]))
            compare_declarations(diff, &diff->before->declarations[i],
                                 sn_map_get(&types, declared_name(&diff->before->declarations[i])));
}

/* ---- messages ----------------------------------------------------------- */

static void compare_replies(struct sn_diff *diff, const struct sn_message *before,
                            const struct sn_message *now)
{
    if ((before->reply != NULL) != (now->reply != NULL))
        sn_diff_found(diff, SN_BREAK_WIRE | SN_BREAK_API, &now->location, "the message '%s' %s",
                      now->name, now->reply != NULL ? "is a request now" : "has no reply any more");
    else if (now->reply != NULL)
        sn_diff_fields(diff, SN_BREAK_WIRE | SN_BREAK_API,
                       sn_arena_printf(diff->arena, "the reply of '%s'", now->name), &now->location,
                       before->reply->fields, before->reply->field_count, now->reply->fields,
                       now->reply->field_count);
}

static void compare_messages(struct sn_diff *diff, const struct sn_message *before,
                             const struct sn_message *now)
{
    sn_diff_fields(diff, SN_BREAK_WIRE | SN_BREAK_API,
                   sn_arena_printf(diff->arena, "the message '%s'", now->name), &now->location,
                   before->fields->fields, before->fields->field_count, now->fields->fields,
                   now->fields->field_count);
    compare_replies(diff, before, now);
    if (before->number != now->number)
        sn_diff_found(diff, SN_BREAK_WIRE, &now->location,
                      "the message '%s' was number %u and is number %u; add new ones at the end",
                      now->name, (unsigned)before->number, (unsigned)now->number);
    if (before->lane != now->lane)
        sn_diff_found(diff, SN_BREAK_POLICY, &now->location,
                      "the message '%s' travels in another lane", now->name);
    if (before->idempotent && !now->idempotent)
        sn_diff_found(diff, SN_BREAK_POLICY, &now->location,
                      "the message '%s' is not idempotent any more", now->name);
}

static void diff_messages(struct sn_diff *diff)
{
    struct sn_map messages;

    sn_map_init(&messages, diff->arena);
    for (size_t i = 0; i < diff->now->message_count; i++)
        sn_map_put(&messages, diff->now->messages[i]->name, diff->now->messages[i]);
    for (size_t i = 0; i < diff->before->message_count; i++) {
        const struct sn_message *before = diff->before->messages[i];
        const struct sn_message *now = sn_map_get(&messages, before->name);

        if (now != NULL)
            compare_messages(diff, before, now);
        else
            sn_diff_found(diff, SN_BREAK_WIRE | SN_BREAK_API, &before->location,
                          "the message '%s' is gone", before->name);
    }
}

static void diff_errors(struct sn_diff *diff)
{
    struct sn_map errors;

    sn_map_init(&errors, diff->arena);
    for (size_t i = 0; i < diff->now->error_count; i++)
        sn_map_put(&errors, diff->now->errors[i]->name, diff->now->errors[i]);
    for (size_t i = 0; i < diff->before->error_count; i++) {
        const struct sn_error *before = diff->before->errors[i];
        const struct sn_error *now = sn_map_get(&errors, before->name);

        if (now == NULL)
            sn_diff_found(diff, SN_BREAK_API, &before->location, "the error '%s' is gone",
                          before->name);
        else if (now->number != before->number)
            sn_diff_found(diff, SN_BREAK_WIRE, &now->location, "the error '%s' was %d and is %d",
                          now->name, (int)before->number, (int)now->number);
    }
}

static void diff_constants(struct sn_diff *diff)
{
    struct sn_map constants;

    sn_map_init(&constants, diff->arena);
    for (size_t i = 0; i < diff->now->constant_count; i++)
        sn_map_put(&constants, diff->now->constants[i]->name, diff->now->constants[i]);
    for (size_t i = 0; i < diff->before->constant_count; i++)
        if (sn_map_get(&constants, diff->before->constants[i]->name) == NULL)
            sn_diff_found(diff, SN_BREAK_API, &diff->before->constants[i]->location,
                          "the constant '%s' is gone", diff->before->constants[i]->name);
}

void sn_diff(const struct sn_model *before, const struct sn_model *now, struct sn_diff_sink *sink)
{
    struct sn_diff diff = {
        .arena = now->arena, .before = before->package, .now = now->package, .sink = sink};

    if (strcmp(diff.before->name, diff.now->name) != 0)
        sn_diff_found(&diff, SN_BREAK_WIRE | SN_BREAK_API, &diff.now->location,
                      "the package '%s' is called '%s' now", diff.before->name, diff.now->name);
    diff_constants(&diff);
    diff_types(&diff);
    diff_messages(&diff);
    diff_errors(&diff);
    sn_diff_actors(&diff);
}
