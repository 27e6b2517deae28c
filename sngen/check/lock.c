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

#include "check/checks.h"
#include "check/layouts.h"

#include <string.h>

enum { NOTES_MAX = 3 };

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

static const char *number_key(struct sn_arena *arena, const char *name, uint32_t number)
{
    return sn_arena_printf(arena, "%.*s#%u", (int)sn_lock_owner_size(name), name, (unsigned)number);
}

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
    if (before->used && sn_map_get(&making->numbers[section],
                                   number_key(making->arena, entry.name, before->number)) == NULL) {
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

    sn_map_put(&making->numbers[section], number_key(making->arena, name, number), name);
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

/* ---- what differs ------------------------------------------------------- */

struct comparing {
    struct sn_arena *arena;
    const struct sn_lock_package *before; /* NULL: nothing */
    const struct sn_lock_package *now;
    struct sn_lock_visitor *visitor;
    enum sn_lock_section section;
    struct sn_map had;  /* of the section: "OWNER#NUMBER" to the entry that had it */
    struct sn_map has;  /* and to the one that has it now */
    struct sn_map told; /* owners of fields that were reported, which explains their layouts */
};

static const char *noun(enum sn_lock_section section)
{
    static const char *const nouns[] = {
        [SN_LOCK_MESSAGES] = "message",  [SN_LOCK_FIELDS] = "field",
        [SN_LOCK_VALUES] = "enum value", [SN_LOCK_ERRORS] = "error",
        [SN_LOCK_LAYOUTS] = "layout of", [SN_LOCK_PARTITIONS] = "partition of"};

    return nouns[section];
}

static const char *value_text(struct sn_arena *arena, enum sn_lock_section section,
                              const struct sn_lock_entry *entry)
{
    struct sn_buffer text = {0};
    const char *copy;

    sn_lock_write_value(&text, section, entry);
    if (text.failed)
        sn_arena_fail(arena);
    copy = sn_arena_text(arena, text.data, text.size);
    sn_buffer_fini(&text);
    return copy;
}

static bool is_used(const struct sn_lock_package *package, enum sn_lock_section section,
                    const char *name)
{
    const struct sn_lock_entry *entry = sn_lock_get(package, section, name);

    return entry != NULL && entry->used;
}

static bool came_or_went(const struct comparing *comparing, const char *message)
{
    return is_used(comparing->before, SN_LOCK_MESSAGES, message) !=
           is_used(comparing->now, SN_LOCK_MESSAGES, message);
}

/*
 * A message that came or went explains its fields, its layouts and its keys; fields that were
 * told of explain the layout of their struct.
 */
static bool is_explained(const struct comparing *comparing, const char *name)
{
    size_t size = sn_lock_owner_size(name);
    const char *owner = size > 0 ? sn_arena_text(comparing->arena, name, size) : name;
    size_t length = strlen(owner);
    bool reply = length > 6 && strcmp(owner + length - 6, "_reply") == 0;

    if (comparing->section == SN_LOCK_PARTITIONS)
        return size > 0 && came_or_went(comparing, name + size + 1);
    if (comparing->section != SN_LOCK_FIELDS && comparing->section != SN_LOCK_LAYOUTS)
        return false;
    return came_or_went(comparing, owner) ||
           (comparing->section == SN_LOCK_LAYOUTS && sn_map_get(&comparing->told, owner) != NULL) ||
           (reply && came_or_went(comparing, sn_arena_text(comparing->arena, owner, length - 6)));
}

/* `what` is NULL for a line that another one explains. */
static void report(struct comparing *comparing, const struct sn_lock_entry *before,
                   const struct sn_lock_entry *now, const char *what,
                   const struct sn_location *location)
{
    const char *name = before != NULL ? before->name : now->name;
    struct sn_lock_change change = {
        .section = comparing->section, .before = before, .now = now, .location = *location};

    if (what != NULL && !is_explained(comparing, name))
        change.text = sn_arena_printf(comparing->arena, "the %s '%s' %s", noun(comparing->section),
                                      name, what);
    if (comparing->section == SN_LOCK_FIELDS)
        sn_map_put(&comparing->told,
                   sn_arena_text(comparing->arena, name, sn_lock_owner_size(name)), name);
    comparing->visitor->change(comparing->visitor, &change);
}

/* A line of the lock whose name the schema does not use any more. */
static void report_gone(struct comparing *comparing, const struct sn_lock_entry *before,
                        const struct sn_lock_entry *now)
{
    const struct sn_lock_entry *successor =
        sn_map_get(&comparing->has, number_key(comparing->arena, before->name, before->number));

    if (sn_lock_has_numbers(comparing->section) && successor != NULL)
        report(comparing, before, now,
               sn_arena_printf(comparing->arena, "is '%s' now", successor->name),
               &successor->location);
    else
        report(comparing, before, now, "is in the lock, but not in the schema", &before->location);
}

static void report_new(struct comparing *comparing, const struct sn_lock_entry *before,
                       const struct sn_lock_entry *now)
{
    bool renamed =
        sn_lock_has_numbers(comparing->section) &&
        sn_map_get(&comparing->had, number_key(comparing->arena, now->name, now->number)) != NULL;

    report(comparing, before, now, renamed ? NULL : "is not in the lock", &now->location);
}

static void compare_entry(struct comparing *comparing, const struct sn_lock_entry *before,
                          const struct sn_lock_entry *now)
{
    const char *old, *new;

    if (now == NULL) {
        report_gone(comparing, before, now);
        return;
    }
    old = value_text(comparing->arena, comparing->section, before);
    new = value_text(comparing->arena, comparing->section, now);
    if (strcmp(old, new) == 0)
        return;
    if (now->used && !before->used)
        report_new(comparing, before, now);
    else if (before->used && !now->used)
        report_gone(comparing, before, now);
    else if (comparing->section == SN_LOCK_LAYOUTS)
        report(comparing, before, now, "is not the one in the lock", &now->location);
    else
        report(comparing, before, now,
               sn_arena_printf(comparing->arena, "was '%s' and is '%s'", old, new), &now->location);
}

static void index_numbers(struct comparing *comparing, struct sn_map *map,
                          const struct sn_lock_table *table)
{
    sn_map_init(map, comparing->arena);
    for (size_t i = 0; i < table->count; i++)
        if (table->entries[i]->used)
            sn_map_put(
                map,
                number_key(comparing->arena, table->entries[i]->name, table->entries[i]->number),
                table->entries[i]);
}

static void compare_section(struct comparing *comparing)
{
    static const struct sn_lock_table none = {.count = 0};
    const struct sn_lock_table *now = &comparing->now->tables[comparing->section];
    const struct sn_lock_table *before =
        comparing->before != NULL ? &comparing->before->tables[comparing->section] : &none;

    index_numbers(comparing, &comparing->had, before);
    index_numbers(comparing, &comparing->has, now);
    for (size_t i = 0; i < before->count; i++)
        compare_entry(comparing, before->entries[i],
                      sn_lock_get(comparing->now, comparing->section, before->entries[i]->name));
    for (size_t i = 0; i < now->count; i++)
        if (sn_lock_get(comparing->before, comparing->section, now->entries[i]->name) == NULL)
            report_new(comparing, NULL, now->entries[i]);
}

void sn_lock_compare(struct sn_arena *arena, const struct sn_package *package,
                     const struct sn_lock_package *now, struct sn_lock_visitor *visitor)
{
    struct comparing comparing = {
        .arena = arena, .before = package->lock, .now = now, .visitor = visitor};

    sn_map_init(&comparing.told, arena);
    for (unsigned i = 0; i < SN_LOCK_SECTIONS; i++) {
        comparing.section = (enum sn_lock_section)i;
        compare_section(&comparing);
    }
}

/* ---- the warning -------------------------------------------------------- */

struct counter {
    struct sn_lock_visitor visitor;
    struct sn_lock_change first[NOTES_MAX];
    size_t count;
};

static void count_change(struct sn_lock_visitor *visitor, const struct sn_lock_change *change)
{
    struct counter *counter = (struct counter *)visitor; /* its first member */

    if (change->text == NULL)
        return;
    if (counter->count < NOTES_MAX)
        counter->first[counter->count] = *change;
    counter->count++;
}

void sn_check_lock(const struct sn_model *model, struct sn_diags *diags)
{
    const struct sn_package *package = model->package;
    struct counter counter = {.visitor = {.change = count_change}};
    const struct sn_lock_package *now;

    if (package->lock_file == NULL)
        return;
    now = sn_lock_make(model->arena, package);
    if (now == NULL)
        return;
    sn_lock_compare(model->arena, package, now, &counter.visitor);
    if (counter.count == 0)
        return;
    if (package->lock == NULL) {
        sn_diag_warning(diags, SN_CODE_LOCK_STALE, &package->location,
                        "%s has nothing of the package '%s'", package->lock_file->file,
                        package->name);
        sn_diag_help(diags, "run `sngen lock %s`", package->file);
        return;
    }
    sn_diag_warning(diags, SN_CODE_LOCK_STALE, &package->location,
                    "%s is out of date in %zu place%s", package->lock_file->file, counter.count,
                    counter.count == 1 ? "" : "s");
    for (size_t i = 0; i < counter.count && i < NOTES_MAX; i++)
        sn_diag_note(diags, &counter.first[i].location, "%s", counter.first[i].text);
    sn_diag_help(diags, "say `was:` where something was renamed; then run `sngen lock %s`",
                 package->file);
}
