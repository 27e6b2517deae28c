/* SPDX-License-Identifier: MIT */
/*
 * The last step of resolving: the numbers that leave the process.
 *
 * Messages, fields, enum values and errors keep the numbers that sngen.lock has
 * for their names; a `was:` says which name that is after a renaming. What the
 * lock does not know gets the numbers above all that were ever given, in order
 * of declaration. Without a lock that order is all there is.
 *
 * A `was:` is judged here too, by what exists now and, where there is a lock,
 * by what existed then.
 */
#include "model/resolve.h"

#include "lock/lock.h"

#include <string.h>

/* Something with a name among its likes. */
struct part {
    const char *name;
    struct sn_was was;
    struct sn_location location;
    uint32_t number;
    bool numbered;
};

/* Parts that share a space of numbers: the fields of a struct, the messages of a package, ... */
struct group {
    struct sn_resolver *resolver;
    enum sn_lock_section section;
    const char *what;  /* "field" */
    const char *owner; /* what they are called under in the lock; "" for a whole package */
    uint32_t first;    /* the smallest number */
    struct part *parts;
    size_t count;
};

static const struct sn_lock_package *lock_of(const struct group *group)
{
    return group->resolver->scope->package->lock;
}

static bool begin(struct group *group, size_t count)
{
    group->count = count;
    group->parts = sn_arena_array(group->resolver->arena, count, sizeof *group->parts);
    return group->parts != NULL;
}

/* ---- was ---------------------------------------------------------------- */

static void refuse_was(const struct group *group, const struct part *part,
                       const struct sn_location *other, const char *why)
{
    sn_diag_error(group->resolver->diags, SN_CODE_WAS, &part->was.location,
                  "the %s '%s' cannot have been '%s': %s", group->what, part->name, part->was.name,
                  why);
    if (other != NULL)
        sn_diag_note(group->resolver->diags, other, "'%s'", part->was.name);
}

/* A former name is free, and has one successor. */
static void check_former_names(const struct group *group)
{
    struct sn_map now, claimed;

    sn_map_init(&now, group->resolver->arena);
    sn_map_init(&claimed, group->resolver->arena);
    for (size_t i = 0; i < group->count; i++)
        sn_map_put(&now, group->parts[i].name, &group->parts[i].location);
    for (size_t i = 0; i < group->count; i++) {
        const struct part *part = &group->parts[i];
        const struct sn_location *other;

        if (part->was.name == NULL)
            continue;
        other = sn_map_get(&now, part->was.name);
        if (strcmp(part->name, part->was.name) == 0) {
            refuse_was(group, part, NULL, "that is its name now");
        } else if (other != NULL) {
            refuse_was(group, part, other, "that one still exists");
        } else {
            other = sn_map_put(&claimed, part->was.name, &part->was.location);
            if (other != NULL)
                refuse_was(group, part, other, "another one was");
        }
    }
}

/* The entry of one of the group's names while it has a number. */
static const struct sn_lock_entry *locked(const struct group *group, const char *name)
{
    const char *key = group->owner[0] == '\0'
                          ? name
                          : sn_arena_printf(group->resolver->arena, "%s.%s", group->owner, name);
    const struct sn_lock_entry *entry = sn_lock_get(lock_of(group), group->section, key);

    return entry != NULL && entry->used ? entry : NULL;
}

static void say_nearest(const struct group *group, const struct sn_suggest *suggest)
{
    if (suggest->best != NULL)
        sn_diag_help(group->resolver->diags, "did you mean '%s'?", suggest->best);
}

/* The nearest name of the lock among those of the group. */
static void suggest_former(const struct group *group, const struct part *part)
{
    const struct sn_lock_table *table = &lock_of(group)->tables[group->section];
    size_t owner = strlen(group->owner);
    struct sn_suggest suggest = {.wanted = part->was.name};

    if (!sn_diags_may_suggest(group->resolver->diags))
        return;
    for (size_t i = 0; i < table->count; i++) {
        const char *name = table->entries[i]->name;

        if (sn_lock_owner_size(name) == owner && strncmp(name, group->owner, owner) == 0 &&
            table->entries[i]->used)
            sn_suggest_add(&suggest, owner > 0 ? name + owner + 1 : name);
    }
    say_nearest(group, &suggest);
}

/* The nearest name of the lock among those that have parts in the section. */
static void suggest_owner(const struct group *group, const struct part *part)
{
    const struct sn_map *owners = &lock_of(group)->tables[group->section].owners;
    struct sn_suggest suggest = {.wanted = part->was.name};

    if (!sn_diags_may_suggest(group->resolver->diags))
        return;
    for (size_t i = 0; i < owners->capacity; i++)
        sn_suggest_add(&suggest, owners->entries[i].name);
    say_nearest(group, &suggest);
}

static void report_unknown(const struct group *group, const struct part *part)
{
    const struct sn_package *package = group->resolver->scope->package;

    sn_diag_error(group->resolver->diags, SN_CODE_WAS, &part->was.location,
                  "no %s was called '%s' according to %s", group->what, part->was.name,
                  package->lock_file->file);
}

/* `sngen lock` ran between the renaming and its `was:`. */
static void check_too_late(const struct group *group, const struct part *part)
{
    const char *key = group->owner[0] == '\0' ? part->was.name
                                              : sn_arena_printf(group->resolver->arena, "%s.%s",
                                                                group->owner, part->was.name);
    const struct sn_lock_entry *entry = sn_lock_get(lock_of(group), group->section, key);

    if (entry == NULL)
        return;
    sn_diag_warning(group->resolver->diags, SN_CODE_WAS, &part->was.location,
                    "'%s' was retired before it was said that it is '%s' now", part->was.name,
                    part->name);
    sn_diag_note(group->resolver->diags, &entry->location, "its number is not used again");
    sn_diag_help(group->resolver->diags,
                 "take back the sngen.lock from before the renaming, and run `sngen lock` again; "
                 "or, if '%s' is right with its new number, remove `was:`",
                 part->name);
}

/* ---- numbers ------------------------------------------------------------ */

static void take_from_lock(const struct group *group, struct part *part)
{
    const struct sn_lock_entry *own = locked(group, part->name);
    const struct sn_lock_entry *former =
        part->was.name != NULL ? locked(group, part->was.name) : NULL;
    const struct sn_lock_entry *entry = former != NULL ? former : own;

    if (part->was.name != NULL && former == NULL && own == NULL) {
        report_unknown(group, part);
        suggest_former(group, part);
    } else if (part->was.name != NULL && former == NULL) {
        check_too_late(group, part);
    }
    if (entry == NULL || entry->number < group->first)
        return; /* `errors_from` was moved beyond the number */
    part->number = entry->number;
    part->numbered = true;
}

static void number_parts(const struct group *group)
{
    const struct sn_lock_owner *owner = sn_lock_owner(lock_of(group), group->section, group->owner);
    uint32_t next = group->first;

    check_former_names(group);
    for (size_t i = 0; lock_of(group) != NULL && i < group->count; i++)
        take_from_lock(group, &group->parts[i]);
    if (owner != NULL && owner->top >= next)
        next = sn_lock_number_after(group->section, owner->top);
    for (size_t i = 0; i < group->count; i++) {
        struct part *part = &group->parts[i];

        if (part->numbered)
            continue;
        part->number = next;
        if (!sn_lock_allows(group->section, next)) {
            sn_diag_error(group->resolver->diags, SN_CODE_OUT_OF_RANGE, &part->location,
                          "there is no number left for the %s '%s'", group->what, part->name);
            return;
        }
        next = sn_lock_number_after(group->section, next);
    }
}

/* The name under which the lock has the parts of something that was perhaps renamed. */
static const char *owner_in_lock(const struct group *group, const char *name,
                                 const struct sn_was *was)
{
    const struct sn_lock_owner *former =
        was->name != NULL ? sn_lock_owner(lock_of(group), group->section, was->name) : NULL;

    return former != NULL && former->used ? was->name : name;
}

/* Something without a number of its own: it is known to the lock by its parts. */
static void check_owner(const struct group *group, const char *what, const struct part *part)
{
    const struct sn_lock_owner *own = sn_lock_owner(lock_of(group), group->section, part->name);
    const struct sn_lock_owner *former =
        part->was.name != NULL ? sn_lock_owner(lock_of(group), group->section, part->was.name)
                               : NULL;
    struct group like = *group;

    if (part->was.name == NULL || lock_of(group) == NULL || group->count == 0 || own != NULL ||
        former != NULL)
        return;
    like.what = what;
    report_unknown(&like, part);
    suggest_owner(&like, part);
}

static int number_fields(struct sn_resolver *resolver, const char *owner, struct sn_field *fields,
                         size_t count)
{
    struct group group = {.resolver = resolver,
                          .section = SN_LOCK_FIELDS,
                          .what = "field",
                          .owner = owner,
                          .first = 1};

    if (!begin(&group, count))
        return -1;
    for (size_t i = 0; i < count; i++)
        group.parts[i] = (struct part){
            .name = fields[i].name, .was = fields[i].was, .location = fields[i].location};
    number_parts(&group);
    for (size_t i = 0; i < count; i++)
        fields[i].tag = group.parts[i].number;
    return 0;
}

/* The fields of a type or what a worker retains. */
static int number_owned(struct sn_resolver *resolver, const char *what, const struct part *owner,
                        struct sn_field *fields, size_t count)
{
    struct group group = {.resolver = resolver, .section = SN_LOCK_FIELDS, .count = count};

    check_owner(&group, what, owner);
    return number_fields(resolver, owner_in_lock(&group, owner->name, &owner->was), fields, count);
}

static int number_enum(struct sn_resolver *resolver, struct sn_enum *enumeration)
{
    struct group group = {
        .resolver = resolver, .section = SN_LOCK_VALUES, .what = "value", .owner = ""};
    struct part type = {.name = enumeration->name, .was = enumeration->was};

    if (!begin(&group, enumeration->value_count))
        return -1;
    for (size_t i = 0; i < group.count; i++) {
        const struct sn_enum_value *value = &enumeration->values[i];

        group.parts[i] =
            (struct part){.name = value->name, .was = value->was, .location = value->location};
    }
    check_owner(&group, "enum", &type);
    group.owner = owner_in_lock(&group, enumeration->name, &enumeration->was);
    number_parts(&group);
    for (size_t i = 0; i < group.count; i++)
        enumeration->values[i].number = group.parts[i].number;
    return 0;
}

static int number_types(struct sn_resolver *resolver)
{
    struct sn_scope *scope = resolver->scope;
    struct group types = {.resolver = resolver, .what = "type"};

    if (!begin(&types, scope->bound_type_count))
        return -1;
    for (size_t i = 0; i < scope->bound_type_count; i++) {
        struct sn_bound_type *bound = &scope->bound_types[i];
        struct sn_struct *structure = bound->structure;

        types.parts[i] = (struct part){.name = bound->raw->name->text,
                                       .was = sn_resolve_was(bound->raw),
                                       .location = bound->raw->name->location};
        if (structure != NULL && number_owned(resolver, "struct", &types.parts[i],
                                              structure->fields, structure->field_count) != 0)
            return -1;
        if (bound->enumeration != NULL && number_enum(resolver, bound->enumeration) != 0)
            return -1;
    }
    check_former_names(&types);
    return 0;
}

static int number_message_fields(struct sn_resolver *resolver, const struct group *messages,
                                 const struct sn_bound_message *bound)
{
    const struct sn_message *message = bound->message;
    bool renamed = message->was.name != NULL && locked(messages, message->was.name) != NULL;
    const char *name = renamed ? message->was.name : message->name;

    if (number_fields(resolver, name, bound->fields->fields, bound->fields->field_count) != 0)
        return -1;
    return bound->reply == NULL
               ? 0
               : number_fields(resolver, sn_arena_printf(resolver->arena, "%s_reply", name),
                               bound->reply->fields, bound->reply->field_count);
}

static int number_messages(struct sn_resolver *resolver)
{
    struct sn_scope *scope = resolver->scope;
    struct group group = {.resolver = resolver,
                          .section = SN_LOCK_MESSAGES,
                          .what = "message",
                          .owner = "",
                          .first = 1};

    if (!begin(&group, scope->bound_message_count))
        return -1;
    for (size_t i = 0; i < group.count; i++) {
        const struct sn_message *message = scope->bound_messages[i].message;

        group.parts[i] = (struct part){
            .name = message->name, .was = message->was, .location = message->location};
    }
    number_parts(&group);
    for (size_t i = 0; i < group.count; i++) {
        struct sn_message *message = scope->bound_messages[i].message;

        message->number = group.parts[i].number;
        message->id = (uint32_t)scope->package->id << 16 | message->number;
        if (number_message_fields(resolver, &group, &scope->bound_messages[i]) != 0)
            return -1;
    }
    return 0;
}

static int number_errors(struct sn_resolver *resolver)
{
    struct sn_package *package = resolver->scope->package;
    struct group group = {.resolver = resolver,
                          .section = SN_LOCK_ERRORS,
                          .what = "error",
                          .owner = "",
                          .first = (uint32_t)package->errors_from};

    if (!begin(&group, package->error_count))
        return -1;
    for (size_t i = 0; i < group.count; i++) {
        const struct sn_error *error = package->errors[i];

        group.parts[i] =
            (struct part){.name = error->name, .was = error->was, .location = error->location};
    }
    number_parts(&group);
    for (size_t i = 0; i < group.count; i++)
        /* The package is not published yet, so its parts may still be filled in. */
        ((struct sn_error *)package->errors[i])->number = (int32_t)group.parts[i].number;
    return 0;
}

/* What never leaves the process has no number to keep. */
static void refuse_formers(struct sn_resolver *resolver, const char *where,
                           const struct sn_field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (fields[i].was.name != NULL) {
            sn_diag_error(resolver->diags, SN_CODE_WAS, &fields[i].was.location,
                          "`was:` has no meaning in %s: '%s' has no number to keep", where,
                          fields[i].name);
            sn_diag_help(resolver->diags, "remove it");
        }
}

static int number_workers(struct sn_resolver *resolver)
{
    struct sn_scope *scope = resolver->scope;
    struct group workers = {.resolver = resolver, .what = "worker"};

    if (!begin(&workers, scope->bound_worker_count))
        return -1;
    for (size_t i = 0; i < scope->bound_worker_count; i++) {
        const struct sn_worker *worker = scope->bound_workers[i].worker;

        workers.parts[i] =
            (struct part){.name = worker->name, .was = worker->was, .location = worker->location};
        if (number_owned(resolver, "worker with retained state", &workers.parts[i], worker->retain,
                         worker->retain_count) != 0)
            return -1;
        refuse_formers(resolver, "`state`", worker->state, worker->state_count);
        if (worker->args != NULL)
            refuse_formers(resolver, "`args`", worker->args->fields, worker->args->field_count);
        for (size_t k = 0; k < worker->ask_count; k++)
            if (worker->asks[k].context != NULL)
                refuse_formers(resolver, "a `context`", worker->asks[k].context->fields,
                               worker->asks[k].context->field_count);
    }
    check_former_names(&workers);
    return 0;
}

/* Pools have no numbers, but keys that stay with their members. */
static int check_pools(struct sn_resolver *resolver)
{
    struct sn_scope *scope = resolver->scope;
    struct group pools = {
        .resolver = resolver, .section = SN_LOCK_PARTITIONS, .what = "pool", .owner = ""};

    if (!begin(&pools, scope->bound_pool_count))
        return -1;
    for (size_t i = 0; i < scope->bound_pool_count; i++) {
        const struct sn_pool *pool = scope->bound_pools[i].pool;
        struct part *part = &pools.parts[i];

        *part = (struct part){.name = pool->name, .location = pool->location};
        if (!pool->automatic)
            part->was = pool->was;
        if (part->was.name != NULL && pool->keyed && lock_of(&pools) != NULL &&
            locked(&pools, part->was.name) == NULL && locked(&pools, part->name) == NULL) {
            report_unknown(&pools, part);
            suggest_former(&pools, part);
        }
    }
    check_former_names(&pools);
    return 0;
}

int sn_resolve_numbers(struct sn_resolver *resolver)
{
    if (number_types(resolver) != 0 || number_messages(resolver) != 0 ||
        number_errors(resolver) != 0 || number_workers(resolver) != 0)
        return -1;
    return check_pools(resolver);
}
