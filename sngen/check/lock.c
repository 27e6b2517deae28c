/* SPDX-License-Identifier: MIT */
/*
 * The lock that a package wants, made from its model and the lock that it has:
 * numbers are those of the model, which took them from the lock; and every
 * number that the lock knows and nothing has any more is retired, under the
 * name that had it last.
 *
 * A renamed struct takes the lines of its fields along, and their retired
 * numbers with them.
 */
#include "check/lock.h"

#include "check/layouts.h"

#include <string.h>

struct making {
    struct sn_arena *arena;
    const struct sn_package *package;
    struct sn_lock_package *lock; /* being made */
    struct sn_lock_package *left; /* only names and what they retire */
    struct sn_map owners;         /* const char: the former name of a type to the present one */
    struct sn_map replaced;       /* the present names of those */
    struct sn_map numbers[SN_LOCK_SECTIONS]; /* "OWNER#NUMBER": the name that has it */
    struct sn_layouts layouts;
};

/* ---- what is retired ---------------------------------------------------- */

/* An entry's name under the owner that it has now; NULL: its owner gave way to another. */
static const char *name_now(const struct making *making, enum sn_lock_section section,
                            const char *name)
{
    size_t size = sn_lock_owner_size(name);
    const char *owner = sn_arena_text(making->arena, name, size), *now;

    if (section != SN_LOCK_FIELDS && section != SN_LOCK_VALUES)
        return name;
    now = sn_map_get(&making->owners, owner);
    if (now != NULL)
        return sn_arena_printf(making->arena, "%s%s", now, name + size);
    return sn_map_get(&making->replaced, owner) == NULL ? name : NULL;
}

/* The retired numbers of an entry with one more, ascending. */
static const uint32_t *with_number(struct sn_arena *arena, const struct sn_lock_entry *entry,
                                   uint32_t number)
{
    uint32_t *retired = sn_arena_array(arena, entry->retired_count + 1, sizeof *retired);
    size_t count = 0;

    if (retired == NULL)
        return NULL;
    while (count < entry->retired_count && entry->retired[count] < number) {
        retired[count] = entry->retired[count];
        count++;
    }
    retired[count] = number;
    for (; count < entry->retired_count; count++)
        retired[count + 1] = entry->retired[count];
    return retired;
}

static void retire(struct making *making, enum sn_lock_section section,
                   const struct sn_lock_entry *before)
{
    struct sn_lock_entry entry = {.name = name_now(making, section, before->name),
                                  .location = before->location,
                                  .retired = before->retired,
                                  .retired_count = before->retired_count};

    if (entry.name == NULL)
        return;
    if (before->used &&
        sn_map_get(&making->numbers[section],
                   sn_lock_number_key(making->arena, entry.name, before->number)) == NULL) {
        entry.retired = with_number(making->arena, before, before->number);
        entry.retired_count += entry.retired != NULL;
    }
    if (entry.retired_count > 0)
        sn_lock_add(making->arena, making->left, section, &entry);
}

/* ---- what is there ------------------------------------------------------ */

static void add_number(struct making *making, enum sn_lock_section section, const char *name,
                       uint32_t number, const struct sn_location *location)
{
    struct sn_lock_entry entry = {
        .name = name, .used = true, .number = number, .location = *location};

    sn_map_put(&making->numbers[section], sn_lock_number_key(making->arena, name, number), name);
    sn_lock_add(making->arena, making->lock, section, &entry);
}

static void add_text(struct making *making, enum sn_lock_section section, const char *name,
                     const char *text, const struct sn_location *location)
{
    struct sn_lock_entry entry = {.name = name, .used = true, .text = text, .location = *location};

    sn_lock_add(making->arena, making->lock, section, &entry);
}

/* The lines of a type follow its name, and those of one that had the name before go. */
static void rename_owner(struct making *making, const char *was, const char *now)
{
    if (was == NULL)
        return;
    sn_map_put(&making->owners, was, now);
    sn_map_put(&making->replaced, now, now);
}

/* The name that the lock has for the parts of a type or a worker, if that is another one. */
static const char *former_owner(const struct making *making, enum sn_lock_section section,
                                const struct sn_was *was)
{
    const struct sn_lock_owner *owner =
        was->name != NULL ? sn_lock_owner(making->package->lock, section, was->name) : NULL;

    return owner != NULL && owner->used ? was->name : NULL;
}

static void add_fields(struct making *making, const char *owner, const char *was,
                       const struct sn_field *fields, size_t count)
{
    rename_owner(making, was, owner);
    for (size_t i = 0; i < count; i++)
        add_number(making, SN_LOCK_FIELDS,
                   sn_arena_printf(making->arena, "%s.%s", owner, fields[i].name), fields[i].tag,
                   &fields[i].location);
}

static void add_message(struct making *making, const struct sn_message *message)
{
    const char *reply = sn_arena_printf(making->arena, "%s_reply", message->name);
    const struct sn_lock_entry *former =
        message->was.name != NULL
            ? sn_lock_get(making->package->lock, SN_LOCK_MESSAGES, message->was.name)
            : NULL;
    const char *was = former != NULL && former->used ? former->name : NULL;

    add_number(making, SN_LOCK_MESSAGES, message->name, message->number, &message->location);
    add_fields(making, message->name, was, message->fields->fields, message->fields->field_count);
    add_text(making, SN_LOCK_LAYOUTS, message->name,
             sn_layouts_wire(&making->layouts, message->fields), &message->location);
    if (message->reply == NULL)
        return;
    add_fields(making, reply, was != NULL ? sn_arena_printf(making->arena, "%s_reply", was) : NULL,
               message->reply->fields, message->reply->field_count);
    add_text(making, SN_LOCK_LAYOUTS, reply, sn_layouts_wire(&making->layouts, message->reply),
             &message->location);
}

static void add_declaration(struct making *making, const struct sn_declaration *declaration)
{
    const struct sn_struct *structure = declaration->structure;
    const struct sn_enum *enumeration = declaration->enumeration;

    if (structure != NULL && structure->origin == SN_STRUCT_TYPE)
        add_fields(making, structure->name, former_owner(making, SN_LOCK_FIELDS, &structure->was),
                   structure->fields, structure->field_count);
    if (enumeration != NULL)
        rename_owner(making, former_owner(making, SN_LOCK_VALUES, &enumeration->was),
                     enumeration->name);
    for (size_t i = 0; enumeration != NULL && i < enumeration->value_count; i++) {
        const struct sn_enum_value *value = &enumeration->values[i];

        add_number(making, SN_LOCK_VALUES,
                   sn_arena_printf(making->arena, "%s.%s", enumeration->name, value->name),
                   value->number, &value->location);
    }
}

static void add_worker(struct making *making, const struct sn_worker *worker)
{
    if (worker->retain_count == 0)
        return;
    add_fields(making, worker->name, former_owner(making, SN_LOCK_FIELDS, &worker->was),
               worker->retain, worker->retain_count);
    add_text(making, SN_LOCK_LAYOUTS, worker->name,
             sn_layouts_memory(&making->layouts, worker->retain, worker->retain_count),
             &worker->location);
}

static void add_pool(struct making *making, const struct sn_pool *pool)
{
    if (!pool->keyed)
        return;
    add_text(making, SN_LOCK_PARTITIONS, pool->name, sn_partition_text(making->arena, pool),
             &pool->location);
    for (size_t i = 0; i < pool->slot_count; i++) {
        const struct sn_slot *slot = &pool->slots[i];
        const char *text = sn_partition_key_text(making->arena, slot);

        if (text != NULL)
            add_text(making, SN_LOCK_PARTITIONS,
                     sn_arena_printf(making->arena, "%s.%s", pool->name, slot->message->name), text,
                     &pool->location);
    }
}

static void add_all(struct making *making)
{
    const struct sn_package *package = making->package;

    for (size_t i = 0; i < package->declaration_count; i++)
        add_declaration(making, &package->declarations[i]);
    for (size_t i = 0; i < package->message_count; i++)
        add_message(making, package->messages[i]);
    for (size_t i = 0; i < package->error_count; i++)
        add_number(making, SN_LOCK_ERRORS, package->errors[i]->name,
                   (uint32_t)package->errors[i]->number, &package->errors[i]->location);
    for (size_t i = 0; i < package->worker_count; i++)
        add_worker(making, package->workers[i]);
    for (size_t i = 0; i < package->pool_count; i++)
        add_pool(making, package->pools[i]);
}

/* Names that are gone stay for what they retire; names that are there carry theirs. */
static void add_retired(struct making *making, enum sn_lock_section section)
{
    struct sn_lock_table *table = &making->lock->tables[section];
    const struct sn_lock_table *left = &making->left->tables[section];

    for (size_t i = 0; i < table->count; i++) {
        const struct sn_lock_entry *entry =
            sn_lock_get(making->left, section, table->entries[i]->name);

        if (entry == NULL)
            continue;
        table->entries[i]->retired = entry->retired;
        table->entries[i]->retired_count = entry->retired_count;
    }
    for (size_t i = 0; i < left->count; i++)
        sn_lock_add(making->arena, making->lock, section, left->entries[i]);
}

static bool make(struct making *making)
{
    const struct sn_lock_package *before = making->package->lock;

    making->lock = sn_lock_new(making->arena, making->package->name);
    making->left = sn_lock_new(making->arena, making->package->name);
    if (making->lock == NULL || making->left == NULL)
        return false;
    for (unsigned i = 0; i < SN_LOCK_SECTIONS; i++)
        sn_map_init(&making->numbers[i], making->arena);
    sn_map_init(&making->owners, making->arena);
    sn_map_init(&making->replaced, making->arena);
    sn_layouts_init(&making->layouts, making->arena);
    add_all(making);
    for (unsigned i = 0; before != NULL && i < SN_LOCK_SECTIONS; i++) {
        if (!sn_lock_has_numbers((enum sn_lock_section)i))
            continue;
        for (size_t k = 0; k < before->tables[i].count; k++)
            retire(making, (enum sn_lock_section)i, before->tables[i].entries[k]);
        add_retired(making, (enum sn_lock_section)i);
    }
    sn_lock_sort(making->lock);
    return !sn_arena_failed(making->arena);
}

struct sn_lock_package *sn_lock_make(struct sn_arena *arena, const struct sn_package *package)
{
    struct making making = {.arena = arena, .package = package};

    return make(&making) ? making.lock : NULL;
}
