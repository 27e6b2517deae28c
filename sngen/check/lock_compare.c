/* SPDX-License-Identifier: MIT */
/*
 * How a lock differs from what it should hold: line by line, each with a
 * sentence for people, except where another sentence explains it. A number
 * that moved to another name is a renaming, told once.
 */
#include "check/lock.h"

#include <string.h>

enum { NOTES_MAX = 3 };

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
    const struct sn_lock_entry *successor = sn_map_get(
        &comparing->has, sn_lock_number_key(comparing->arena, before->name, before->number));

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
    bool renamed = sn_lock_has_numbers(comparing->section) &&
                   sn_map_get(&comparing->had,
                              sn_lock_number_key(comparing->arena, now->name, now->number)) != NULL;

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
            sn_map_put(map,
                       sn_lock_number_key(comparing->arena, table->entries[i]->name,
                                          table->entries[i]->number),
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

bool sn_lock_is_renamed(const struct sn_package *package)
{
    return package->lock != NULL && strcmp(package->lock->name, package->name) != 0;
}

/* How many of a lock's messages the package has, and has not. */
static void count_messages(const struct sn_package *package, const struct sn_lock_package *lock,
                           size_t *ret_shared, size_t *ret_lost)
{
    const struct sn_lock_table *table = &lock->tables[SN_LOCK_MESSAGES];

    *ret_shared = *ret_lost = 0;
    for (size_t i = 0; i < package->message_count; i++)
        *ret_shared += is_used(lock, SN_LOCK_MESSAGES, package->messages[i]->name);
    for (size_t i = 0; i < table->count; i++)
        *ret_lost += table->entries[i]->used;
    *ret_lost -= *ret_shared;
}

const char *sn_lock_former(const struct sn_package *package)
{
    const struct sn_lock *lock = package->lock_file;
    const char *best = NULL;
    size_t most = 0;

    for (size_t i = 0; package->lock == NULL && lock != NULL && i < lock->package_count; i++) {
        size_t shared, lost;

        count_messages(package, lock->packages[i], &shared, &lost);
        if (shared > lost && shared > most) {
            best = lock->packages[i]->name;
            most = shared;
        }
    }
    return best;
}

/* ---- the warning -------------------------------------------------------- */

struct counter {
    struct sn_lock_visitor visitor;
    struct sn_lock_change first[NOTES_MAX];
    size_t count;
    bool any_gone; /* perhaps it was only renamed */
};

static void count_change(struct sn_lock_visitor *visitor, const struct sn_lock_change *change)
{
    struct counter *counter = (struct counter *)visitor; /* its first member */

    if (change->text == NULL)
        return;
    counter->any_gone |=
        change->before != NULL && change->location.file == change->before->location.file;
    if (counter->count < NOTES_MAX)
        counter->first[counter->count] = *change;
    counter->count++;
}

static void warn(const struct sn_package *package, struct sn_diags *diags,
                 const struct counter *counter)
{
    sn_diag_warning(diags, SN_CODE_LOCK_STALE, &package->location,
                    "%s is out of date in %zu place%s", package->lock_file->file, counter->count,
                    counter->count == 1 ? "" : "s");
    for (size_t i = 0; i < counter->count && i < NOTES_MAX; i++)
        sn_diag_note(diags, &counter->first[i].location, "%s", counter->first[i].text);
}

static void help(const struct sn_package *package, struct sn_diags *diags, bool any_gone)
{
    const char *former = sn_lock_former(package);

    if (former != NULL)
        sn_diag_help(diags,
                     "if it is '%s' under another name, say `was: %s` below `package`; then run "
                     "`sngen lock %s`",
                     former, former, package->file);
    else
        sn_diag_help(diags, "%srun `sngen lock %s`",
                     any_gone ? "say `was:` where something was renamed; then " : "",
                     package->file);
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
    if (sn_lock_is_renamed(package))
        sn_diag_warning(diags, SN_CODE_LOCK_STALE, &package->location,
                        "%s knows the package '%s' as '%s'", package->lock_file->file,
                        package->name, package->lock->name);
    else if (counter.count > 0 && package->lock == NULL)
        sn_diag_warning(diags, SN_CODE_LOCK_STALE, &package->location,
                        "%s has nothing of the package '%s'", package->lock_file->file,
                        package->name);
    else if (counter.count > 0)
        warn(package, diags, &counter);
    else
        return;
    help(package, diags, counter.any_gone && package->lock != NULL);
}
