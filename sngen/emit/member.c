/* SPDX-License-Identifier: MIT */
/* What a worker has: how its members are stored, and what it may answer. */
#include "emit/emitter.h"

enum { EMBEDDED_MAX = 4096 }; /* bytes of storage inside the worker's struct */

static bool is_retained(const struct sn_worker *worker, const struct sn_field *field)
{
    return worker->retain_count > 0 && field >= worker->retain &&
           field < worker->retain + worker->retain_count;
}

/* About how many bytes one value takes in C. */
static uint64_t size_of(const struct sn_type *type)
{
    uint64_t size;

    switch (type->kind) {
    case SN_KIND_STRUCT:
        return type->structure->size_max + (type->optional ? 8 : 0);
    case SN_KIND_ARRAY:
        size = size_of(type->of);
        return size > EMBEDDED_MAX ? size : size * type->max;
    case SN_KIND_STRING:
    case SN_KIND_BYTES:
    case SN_KIND_LIST:
        return 16;
    default:
        return 8;
    }
}

/* Whether the storage of a view is one array of known size. */
static bool is_simple_view(const struct sn_type *type)
{
    if (type->optional || type->max == SN_UNBOUNDED)
        return false;
    return type->kind == SN_KIND_STRING || type->kind == SN_KIND_BYTES ||
           (type->kind == SN_KIND_LIST && type->of->fixed);
}

enum sn_member_kind sn_member_kind(struct sn_emit *emit, const struct sn_worker *worker,
                                   const struct sn_field *field)
{
    const struct sn_type *type = &field->type;
    uint64_t item = type->kind == SN_KIND_LIST ? size_of(type->of) : 1;

    if (type->kind == SN_KIND_C)
        return SN_MEMBER_PLAIN;
    if (type->fixed)
        return sn_type_traits(emit, type).tokens ? SN_MEMBER_TOKEN : SN_MEMBER_PLAIN;
    if (!is_simple_view(type))
        return SN_MEMBER_BLOCK;
    if (is_retained(worker, field))
        return SN_MEMBER_EMBEDDED; /* check/ has refused what is too large for a roll-back */
    return type->max < EMBEDDED_MAX && item * type->max <= EMBEDDED_MAX ? SN_MEMBER_EMBEDDED
                                                                        : SN_MEMBER_BLOCK;
}

bool sn_member_has_push(struct sn_emit *emit, const struct sn_worker *worker,
                        const struct sn_field *field)
{
    return field->type.kind == SN_KIND_LIST &&
           sn_member_kind(emit, worker, field) == SN_MEMBER_EMBEDDED;
}

/* One walk over what a worker may answer. */
struct answers {
    struct sn_emit *emit;
    struct sn_buffer *out;
    const struct sn_worker *worker;
    void (*visit)(struct sn_emit *emit, struct sn_buffer *out, const struct sn_worker *worker,
                  const struct sn_message *message);
    struct sn_map seen; /* messages and structs, by their names in C */
};

static void visit_request(struct answers *answers, const struct sn_message *message)
{
    const char *name = sn_name_reply_to(answers->emit->arena, message);

    if (sn_map_put(&answers->seen, name, message) == NULL)
        answers->visit(answers->emit, answers->out, answers->worker, message);
}

static void visit_fields(struct answers *answers, const struct sn_field *fields, size_t count);

static void visit_struct(struct answers *answers, const struct sn_struct *structure)
{
    struct sn_arena *arena = answers->emit->arena;

    if (structure == NULL || !sn_struct_traits(answers->emit, structure).tokens)
        return;
    if (sn_map_put(&answers->seen, sn_name_struct(arena, structure), structure) == NULL)
        visit_fields(answers, structure->fields, structure->field_count);
}

static void visit_fields(struct answers *answers, const struct sn_field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct sn_type *type = &fields[i].type;

        while (type->kind == SN_KIND_LIST || type->kind == SN_KIND_ARRAY)
            type = type->of;
        if (type->kind == SN_KIND_REPLY_TO)
            visit_request(answers, type->message);
        else if (type->kind == SN_KIND_STRUCT)
            visit_struct(answers, type->structure);
    }
}

void sn_each_answer(struct sn_emit *emit, const struct sn_worker *worker,
                    void (*visit)(struct sn_emit *emit, struct sn_buffer *out,
                                  const struct sn_worker *worker, const struct sn_message *message),
                    struct sn_buffer *out)
{
    struct answers answers = {.emit = emit, .out = out, .worker = worker, .visit = visit};

    sn_map_init(&answers.seen, emit->arena);
    for (size_t i = 0; i < worker->handle_count; i++)
        if (worker->handles[i]->reply != NULL)
            visit_request(&answers, worker->handles[i]);
    for (size_t i = 0; i < worker->handle_count; i++)
        visit_struct(&answers, worker->handles[i]->fields);
    visit_fields(&answers, worker->state, worker->state_count);
    visit_fields(&answers, worker->retain, worker->retain_count);
    for (size_t i = 0; i < worker->ask_count; i++) {
        visit_struct(&answers, worker->asks[i].context);
        visit_struct(&answers, worker->asks[i].edge.message->reply);
    }
}
