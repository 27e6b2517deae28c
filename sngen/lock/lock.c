/* SPDX-License-Identifier: MIT */
/* The tables of a lock: found by name, in the order of adding until they are sorted to be written.
 */
#include "lock/lock.h"

#include <stdlib.h>
#include <string.h>

enum { PROTOBUF_OWN_FIRST = 19000, PROTOBUF_OWN_END = 20000 };

static const struct {
    const char *name;
    uint32_t least; /* of numbers; 0 and 0: its entries are text */
    uint32_t most;
} sections[SN_LOCK_SECTIONS] = {
    [SN_LOCK_MESSAGES] = {"messages", 1, 65535}, [SN_LOCK_FIELDS] = {"fields", 1, SN_LOCK_TAG_MAX},
    [SN_LOCK_VALUES] = {"values", 0, INT32_MAX}, [SN_LOCK_ERRORS] = {"errors", 1000, INT32_MAX},
    [SN_LOCK_LAYOUTS] = {"layouts", 0, 0},       [SN_LOCK_PARTITIONS] = {"partitions", 0, 0}};

const char *sn_lock_section_name(enum sn_lock_section section)
{
    return sections[section].name;
}

bool sn_lock_has_numbers(enum sn_lock_section section)
{
    return sections[section].most != 0;
}

bool sn_lock_allows(enum sn_lock_section section, uint64_t number)
{
    return number >= sections[section].least && number <= sections[section].most &&
           (section != SN_LOCK_FIELDS || number < PROTOBUF_OWN_FIRST || number >= PROTOBUF_OWN_END);
}

uint32_t sn_lock_number_after(enum sn_lock_section section, uint32_t number)
{
    bool skips = section == SN_LOCK_FIELDS && number + 1 == PROTOBUF_OWN_FIRST;

    return skips ? PROTOBUF_OWN_END : number + 1;
}

const struct sn_lock_package *sn_lock_find(const struct sn_lock *lock, const char *package)
{
    for (size_t i = 0; lock != NULL && i < lock->package_count; i++)
        if (strcmp(lock->packages[i]->name, package) == 0)
            return lock->packages[i];
    return NULL;
}

const struct sn_lock_entry *sn_lock_get(const struct sn_lock_package *package,
                                        enum sn_lock_section section, const char *name)
{
    return package != NULL ? sn_map_get(&package->tables[section].names, name) : NULL;
}

size_t sn_lock_owner_size(const char *name)
{
    const char *dot = strchr(name, '.');

    return dot != NULL ? (size_t)(dot - name) : 0;
}

const char *sn_lock_number_key(struct sn_arena *arena, const char *name, uint32_t number)
{
    return sn_arena_printf(arena, "%.*s#%u", (int)sn_lock_owner_size(name), name, (unsigned)number);
}

const struct sn_lock_owner *sn_lock_owner(const struct sn_lock_package *package,
                                          enum sn_lock_section section, const char *owner)
{
    return package != NULL ? sn_map_get(&package->tables[section].owners, owner) : NULL;
}

struct sn_lock_package *sn_lock_new(struct sn_arena *arena, const char *name)
{
    struct sn_lock_package *package = sn_arena_alloc(arena, sizeof *package);

    if (package == NULL)
        return NULL;
    package->name = name;
    for (unsigned i = 0; i < SN_LOCK_SECTIONS; i++) {
        sn_map_init(&package->tables[i].names, arena);
        sn_map_init(&package->tables[i].owners, arena);
    }
    return package;
}

static bool reserve(struct sn_arena *arena, struct sn_lock_table *table)
{
    size_t capacity = table->capacity > 0 ? 2 * table->capacity : 16;
    struct sn_lock_entry **entries;

    if (table->count < table->capacity)
        return true;
    entries = sn_arena_array(arena, capacity, sizeof *entries); /* pointers, so the entries stay */
    if (entries == NULL)
        return false;
    if (table->count > 0)
        memcpy(entries, table->entries, table->count * sizeof *entries);
    table->entries = entries;
    table->capacity = capacity;
    return true;
}

static void note_owner(struct sn_arena *arena, struct sn_lock_table *table,
                       struct sn_lock_entry *entry)
{
    const char *name = sn_arena_text(arena, entry->name, sn_lock_owner_size(entry->name));
    /* The tables are being filled, so what they own may change. */
    struct sn_lock_owner *owner = (struct sn_lock_owner *)sn_map_get(&table->owners, name);

    if (owner == NULL) {
        owner = sn_arena_alloc(arena, sizeof *owner);
        if (owner == NULL)
            return;
        sn_map_put(&table->owners, name, owner);
    }
    owner->used |= entry->used;
    if (entry->used && entry->number > owner->top)
        owner->top = entry->number;
    for (size_t i = 0; i < entry->retired_count; i++)
        if (entry->retired[i] > owner->top)
            owner->top = entry->retired[i];
    entry->next = NULL;
    if (entry->retired_count > 0) {
        entry->next = owner->retired;
        owner->retired = entry;
    }
}

static int by_number(const void *left, const void *right)
{
    const uint32_t *a = left, *b = right;

    return (*a > *b) - (*a < *b);
}

size_t sn_lock_retired(struct sn_arena *arena, const struct sn_lock_package *package,
                       enum sn_lock_section section, const char *owner,
                       const uint32_t **ret_numbers)
{
    const struct sn_lock_owner *found = sn_lock_owner(package, section, owner);
    const struct sn_lock_entry *first = found != NULL ? found->retired : NULL;
    uint32_t *numbers;
    size_t most = 0, count = 0;

    for (const struct sn_lock_entry *entry = first; entry != NULL; entry = entry->next)
        most += entry->retired_count;
    numbers = sn_arena_array(arena, most, sizeof *numbers);
    *ret_numbers = numbers;
    if (numbers == NULL || most == 0)
        return 0;
    for (const struct sn_lock_entry *entry = first; entry != NULL; entry = entry->next)
        for (size_t i = 0; i < entry->retired_count; i++)
            numbers[count++] = entry->retired[i];
    qsort(numbers, count, sizeof *numbers, by_number);
    return count;
}

bool sn_lock_add(struct sn_arena *arena, struct sn_lock_package *package,
                 enum sn_lock_section section, const struct sn_lock_entry *entry)
{
    struct sn_lock_table *table = &package->tables[section];
    struct sn_lock_entry *copy;

    if (sn_map_get(&table->names, entry->name) != NULL)
        return false;
    copy = sn_arena_alloc(arena, sizeof *copy);
    if (copy == NULL || !reserve(arena, table))
        return false;
    *copy = *entry;
    table->entries[table->count++] = copy;
    sn_map_put(&table->names, copy->name, copy);
    note_owner(arena, table, copy);
    return true;
}

static int by_name(const void *left, const void *right)
{
    const struct sn_lock_entry *const *a = left, *const *b = right;

    return strcmp((*a)->name, (*b)->name);
}

void sn_lock_sort(struct sn_lock_package *package)
{
    for (unsigned i = 0; i < SN_LOCK_SECTIONS; i++)
        if (package->tables[i].count > 0)
            qsort(package->tables[i].entries, package->tables[i].count,
                  sizeof *package->tables[i].entries, by_name);
}

void sn_lock_write_value(struct sn_buffer *out, enum sn_lock_section section,
                         const struct sn_lock_entry *entry)
{
    if (!sn_lock_has_numbers(section)) {
        sn_buffer_puts(out, entry->text);
        return;
    }
    if (entry->used)
        sn_buffer_printf(out, "%u", (unsigned)entry->number);
    if (entry->retired_count > 0)
        sn_buffer_puts(out, entry->used ? " retired" : "retired");
    for (size_t i = 0; i < entry->retired_count; i++)
        sn_buffer_printf(out, " %u", (unsigned)entry->retired[i]);
}

static void write_table(struct sn_buffer *out, const struct sn_lock_package *package,
                        enum sn_lock_section section)
{
    const struct sn_lock_table *table = &package->tables[section];

    if (table->count > 0)
        sn_buffer_printf(out, "    %s:\n", sn_lock_section_name(section));
    for (size_t i = 0; i < table->count; i++) {
        sn_buffer_printf(out, "      %s: ", table->entries[i]->name);
        sn_lock_write_value(out, section, table->entries[i]);
        sn_buffer_puts(out, "\n");
    }
}

void sn_lock_write(struct sn_buffer *out, const struct sn_lock_package *const *packages,
                   size_t count)
{
    sn_buffer_puts(out, "# Numbers that other programs and saved state rely on: check this file "
                        "in, and let\n# `sngen lock` change it. What it means: sngen explain "
                        "lock\nsngen_lock: 1\npackages:\n");
    for (size_t i = 0; i < count; i++) {
        sn_buffer_printf(out, "  %s:\n", packages[i]->name);
        for (unsigned section = 0; section < SN_LOCK_SECTIONS; section++)
            write_table(out, packages[i], (enum sn_lock_section)section);
    }
}
