/* SPDX-License-Identifier: MIT */
/*
 * The first step of resolving: everything that has a name gets its place and
 * enters its map, so that later steps may refer to it in any order.
 */
#include "model/resolve.h"

#include <string.h>

enum { MESSAGES_MAX = 65535 };

void sn_resolve_duplicate(struct sn_resolver *resolver, const char *what, const char *name,
                          const struct sn_location *second, const struct sn_location *first)
{
    sn_diag_error(resolver->diags, SN_CODE_DUPLICATE, second, "the %s '%s' is given twice", what,
                  name);
    sn_diag_note(resolver->diags, first, "'%s' was first given here", name);
}

static const struct sn_raw *section(const struct sn_resolver *resolver, enum sn_word word,
                                    size_t *ret_count)
{
    const struct sn_raw *raw = sn_raw_get(resolver->scope->raw, word);

    *ret_count = raw != NULL ? raw->count : 0;
    return raw != NULL ? raw->items : NULL;
}

static int declare_constants(struct sn_resolver *resolver)
{
    struct sn_scope *scope = resolver->scope;
    size_t count;
    const struct sn_raw *raw = section(resolver, SN_WORD_CONSTANTS, &count);
    const struct sn_constant **list = sn_arena_array(resolver->arena, count, sizeof *list);
    struct sn_constant *constants = sn_arena_array(resolver->arena, count, sizeof *constants);

    if (list == NULL || constants == NULL)
        return -1;
    for (size_t i = 0; i < count; i++) {
        constants[i] = (struct sn_constant){.package = scope->package,
                                            .name = raw[i].name->text,
                                            .value = raw[i].number,
                                            .location = raw[i].name->location};
        list[i] = &constants[i];
        sn_map_put(&scope->constants, constants[i].name, &constants[i]);
    }
    scope->package->constants = list;
    scope->package->constant_count = count;
    return 0;
}

static int declare_type(struct sn_resolver *resolver, struct sn_bound_type *type)
{
    struct sn_package *package = resolver->scope->package;
    const char *name = type->raw->name->text, *doc = sn_raw_doc(resolver->arena, type->raw);
    const struct sn_location *at = &type->raw->name->location;

    if (type->raw->node->kind == SN_NODE_SCALAR || sn_raw_get(type->raw, SN_WORD_TYPEDEF) != NULL) {
        type->alias = sn_arena_alloc(resolver->arena, sizeof *type->alias);
        if (type->alias == NULL)
            return -1;
        *type->alias = (struct sn_alias){.package = package,
                                         .name = name,
                                         .was = sn_resolve_was(type->raw),
                                         .doc = doc,
                                         .location = *at};
    } else if (type->raw->node->kind == SN_NODE_MAP &&
               sn_raw_get(type->raw, SN_WORD_ENUM) == NULL) {
        type->structure = sn_arena_alloc(resolver->arena, sizeof *type->structure);
        if (type->structure == NULL)
            return -1;
        *type->structure = (struct sn_struct){.origin = SN_STRUCT_TYPE,
                                              .package = package,
                                              .name = name,
                                              .was = sn_resolve_was(type->raw),
                                              .doc = doc,
                                              .location = *at};
    } else {
        type->enumeration = sn_arena_alloc(resolver->arena, sizeof *type->enumeration);
        if (type->enumeration == NULL)
            return -1;
        *type->enumeration = (struct sn_enum){.package = package,
                                              .name = name,
                                              .was = sn_resolve_was(type->raw),
                                              .doc = doc,
                                              .location = *at};
    }
    return 0;
}

static int declare_types(struct sn_resolver *resolver)
{
    struct sn_scope *scope = resolver->scope;
    const struct sn_raw *raw = section(resolver, SN_WORD_TYPES, &scope->bound_type_count);

    scope->bound_types =
        sn_arena_array(resolver->arena, scope->bound_type_count, sizeof *scope->bound_types);
    if (scope->bound_types == NULL)
        return -1;
    for (size_t i = 0; i < scope->bound_type_count; i++) {
        struct sn_bound_type *type = &scope->bound_types[i];

        type->raw = &raw[i];
        if (declare_type(resolver, type) != 0)
            return -1;
        sn_map_put(&scope->types, raw[i].name->text, type);
    }
    return 0;
}

static struct sn_struct *new_struct(struct sn_resolver *resolver, const struct sn_message *message,
                                    enum sn_struct_origin origin)
{
    struct sn_struct *structure = sn_arena_alloc(resolver->arena, sizeof *structure);

    if (structure != NULL)
        *structure = (struct sn_struct){.origin = origin,
                                        .package = message->package,
                                        .message = message,
                                        .name = message->name,
                                        .doc = message->doc,
                                        .location = message->location};
    return structure;
}

/* Add one message; `in_place` is the worker it is declared inside, or NULL. */
static int declare_message(struct sn_resolver *resolver, const struct sn_raw *raw,
                           const struct sn_worker *in_place)
{
    struct sn_scope *scope = resolver->scope;
    struct sn_bound_message *bound = &scope->bound_messages[scope->bound_message_count];
    struct sn_message *message = sn_arena_alloc(resolver->arena, sizeof *message);
    bool request = sn_resolve_mentions(raw, "reply"); /* even if what it says was refused */
    const struct sn_bound_message *same;

    if (message == NULL)
        return -1;
    message->package = scope->package;
    message->name = raw->name->text;
    message->in_place = in_place;
    message->was = sn_resolve_was(raw);
    message->doc = sn_raw_doc(resolver->arena, raw);
    message->location = raw->name->location;
    message->index = (uint32_t)scope->bound_message_count;
    message->number = message->index + 1;
    message->id = (uint32_t)scope->package->id << 16 | message->number;
    *bound = (struct sn_bound_message){.message = message, .raw = raw};
    bound->fields = new_struct(resolver, message, SN_STRUCT_MESSAGE);
    message->fields = bound->fields;
    if (request)
        bound->reply = new_struct(resolver, message, SN_STRUCT_REPLY);
    message->reply = bound->reply;
    if (bound->fields == NULL || (request && bound->reply == NULL))
        return -1;
    same = sn_map_put(&scope->messages, message->name, bound);
    if (same != NULL) {
        sn_resolve_duplicate(resolver, "message", message->name, &message->location,
                             &same->message->location);
        return 0;
    }
    scope->bound_message_count++;
    return 0;
}

/* How many messages stand inside the workers' `handles`. */
static size_t count_in_place(const struct sn_raw *workers, size_t count)
{
    size_t total = 0;

    for (size_t i = 0; i < count; i++) {
        const struct sn_raw *handles = sn_raw_get(&workers[i], SN_WORD_HANDLES);

        total += handles != NULL ? handles->count : 0;
    }
    return total;
}

static int declare_in_place(struct sn_resolver *resolver, const struct sn_bound_worker *bound)
{
    const struct sn_raw *handles = sn_raw_get(bound->raw, SN_WORD_HANDLES);

    for (size_t i = 0; handles != NULL && i < handles->count; i++)
        if (handles->items[i].text == NULL &&
            declare_message(resolver, &handles->items[i], bound->worker) != 0)
            return -1;
    return 0;
}

static int declare_messages(struct sn_resolver *resolver)
{
    struct sn_scope *scope = resolver->scope;
    struct sn_package *package = scope->package;
    size_t count, worker_count;
    const struct sn_raw *raw = section(resolver, SN_WORD_MESSAGES, &count);
    const struct sn_raw *workers = section(resolver, SN_WORD_WORKERS, &worker_count);
    size_t most = count + count_in_place(workers, worker_count) + 1;

    scope->bound_messages = sn_arena_array(resolver->arena, most, sizeof *scope->bound_messages);
    package->messages = sn_arena_array(resolver->arena, most, sizeof *package->messages);
    if (scope->bound_messages == NULL || package->messages == NULL)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (declare_message(resolver, &raw[i], NULL) != 0)
            return -1;
    for (size_t i = 0; i < scope->bound_worker_count; i++)
        if (declare_in_place(resolver, &scope->bound_workers[i]) != 0)
            return -1;
    for (size_t i = 0; i < scope->bound_message_count; i++)
        package->messages[i] = scope->bound_messages[i].message;
    package->message_count = scope->bound_message_count;
    if (package->message_count > MESSAGES_MAX)
        sn_diag_error(resolver->diags, SN_CODE_OUT_OF_RANGE, &package->location,
                      "a package has at most %d messages", MESSAGES_MAX);
    return 0;
}

static int declare_workers(struct sn_resolver *resolver)
{
    struct sn_scope *scope = resolver->scope;
    struct sn_package *package = scope->package;
    size_t count;
    const struct sn_raw *raw = section(resolver, SN_WORD_WORKERS, &count);
    struct sn_worker *workers = sn_arena_array(resolver->arena, count, sizeof *workers);

    scope->bound_workers = sn_arena_array(resolver->arena, count, sizeof *scope->bound_workers);
    package->workers = sn_arena_array(resolver->arena, count, sizeof *package->workers);
    if (workers == NULL || scope->bound_workers == NULL || package->workers == NULL)
        return -1;
    for (size_t i = 0; i < count; i++) {
        workers[i].package = package;
        workers[i].name = raw[i].name->text;
        workers[i].was = sn_resolve_was(&raw[i]);
        workers[i].doc = sn_raw_doc(resolver->arena, &raw[i]);
        workers[i].location = raw[i].name->location;
        package->workers[i] = &workers[i];
        scope->bound_workers[i] = (struct sn_bound_worker){.worker = &workers[i], .raw = &raw[i]};
        sn_map_put(&scope->workers, workers[i].name, &scope->bound_workers[i]);
    }
    package->worker_count = scope->bound_worker_count = count;
    return 0;
}

static int declare_protocols(struct sn_resolver *resolver)
{
    struct sn_scope *scope = resolver->scope;
    struct sn_package *package = scope->package;
    size_t count;
    const struct sn_raw *raw = section(resolver, SN_WORD_PROTOCOLS, &count);
    struct sn_protocol *protocols = sn_arena_array(resolver->arena, count, sizeof *protocols);

    package->protocols = sn_arena_array(resolver->arena, count, sizeof *package->protocols);
    if (protocols == NULL || package->protocols == NULL)
        return -1;
    for (size_t i = 0; i < count; i++) {
        const struct sn_bound_message *message = sn_map_get(&scope->messages, raw[i].name->text);

        protocols[i] = (struct sn_protocol){
            .package = package, .name = raw[i].name->text, .location = raw[i].name->location};
        package->protocols[i] = &protocols[i];
        sn_map_put(&scope->protocols, protocols[i].name, &protocols[i]);
        if (message != NULL) {
            sn_diag_error(resolver->diags, SN_CODE_DUPLICATE, &protocols[i].location,
                          "'%s' is the name of a message and of a protocol", protocols[i].name);
            sn_diag_note(resolver->diags, &message->message->location, "the message");
        }
    }
    package->protocol_count = count;
    return 0;
}

int sn_resolve_declare(struct sn_resolver *resolver)
{
    if (declare_constants(resolver) != 0 || declare_types(resolver) != 0 ||
        declare_workers(resolver) != 0 || declare_messages(resolver) != 0)
        return -1;
    return declare_protocols(resolver);
}
