/* SPDX-License-Identifier: MIT */
/**
 * What sngen.lock holds: numbers by name, a section for each kind, for each
 * package.
 *
 * Names are those of the schema, dotted where a thing belongs to another
 * ("transfer.amount"). A number that was given once stays in the file, behind
 * `retired` when nothing has it any more.
 */
#ifndef SNGEN_LOCK_LOCK_H
#define SNGEN_LOCK_LOCK_H

#include "base/buffer.h"
#include "base/diag.h"
#include "base/location.h"
#include "base/map.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SN_LOCK_FILE "sngen.lock"
#define SN_LOCK_FILE_MAX_BYTES (16u * 1024u * 1024u)
#define SN_LOCK_TAG_MAX ((1u << 29) - 1) /* of a field: protobuf's */

enum sn_lock_section {
    SN_LOCK_MESSAGES,   /* MESSAGE: number */
    SN_LOCK_FIELDS,     /* STRUCT.FIELD: number */
    SN_LOCK_VALUES,     /* ENUM.VALUE: number */
    SN_LOCK_ERRORS,     /* ERROR: number */
    SN_LOCK_LAYOUTS,    /* STRUCT: text */
    SN_LOCK_PARTITIONS, /* POOL, POOL.MESSAGE: text */
    SN_LOCK_SECTIONS
};

struct sn_lock_entry {
    const char *name;
    bool used;       /* it has `number`; else it only had those that are retired */
    uint32_t number; /* sections with numbers */
    const uint32_t *retired;
    size_t retired_count;
    const char *text;                 /* sections with text */
    const struct sn_lock_entry *next; /* of the same owner, with retired numbers too; or NULL */
    struct sn_location location; /* in sngen.lock, or in the schema for what is to be written */
};

/* What has parts in a section: a struct its fields, an enum its values, a package its messages. */
struct sn_lock_owner {
    bool used;                           /* one of its parts has a number */
    uint32_t top;                        /* the largest number that any of them has or had */
    const struct sn_lock_entry *retired; /* the first entry with retired numbers; or NULL */
};

/* One section. */
struct sn_lock_table {
    struct sn_lock_entry **entries; /* in the order of adding, or sorted by name */
    size_t count;
    size_t capacity;
    struct sn_map names;  /* struct sn_lock_entry */
    struct sn_map owners; /* struct sn_lock_owner; "" where names have no dot */
};

struct sn_lock_package {
    const char *name;
    struct sn_lock_table tables[SN_LOCK_SECTIONS];
    struct sn_location location;
};

struct sn_lock {
    const char *file;
    struct sn_lock_package **packages;
    size_t package_count;
};

/** "messages", "fields", ... */
const char *sn_lock_section_name(enum sn_lock_section section);

/** Whether its entries are numbers. */
bool sn_lock_has_numbers(enum sn_lock_section section);

/** Whether a section with numbers may hold this one; protobuf keeps 19000 to 19999 of fields. */
bool sn_lock_allows(enum sn_lock_section section, uint64_t number);

/** The number after `number`; whether the section allows it is another question at its end. */
uint32_t sn_lock_number_after(enum sn_lock_section section, uint32_t number);

/**
 * Read the text of a lock.
 *
 * @file  the name for diagnostics; lives as long as the arena, as does the text.
 *
 * Returns  the lock, or NULL when it is wrong (reported) or memory is short (the arena knows).
 * Owns     the arena.
 */
const struct sn_lock *sn_lock_read(struct sn_arena *arena, struct sn_diags *diags, const char *file,
                                   const char *text, size_t size_bytes);

/** The section of a package, or NULL; `lock` may be NULL. */
const struct sn_lock_package *sn_lock_find(const struct sn_lock *lock, const char *package);

/** The entry of a name, or NULL; `package` may be NULL. */
const struct sn_lock_entry *sn_lock_get(const struct sn_lock_package *package,
                                        enum sn_lock_section section, const char *name);

/** How many bytes of an entry's name are its owner: "transfer" of "transfer.amount". */
size_t sn_lock_owner_size(const char *name);

/** A number with its owner as one text: where names have different ones, so do numbers. */
const char *sn_lock_number_key(struct sn_arena *arena, const char *name, uint32_t number);

/** What is known of the parts of `owner`, "" for the whole package; NULL if it has none. */
const struct sn_lock_owner *sn_lock_owner(const struct sn_lock_package *package,
                                          enum sn_lock_section section, const char *owner);

/**
 * All retired numbers of an owner, ascending.
 *
 * Returns  how many; *ret_numbers is in the arena. 0 also without memory (the arena knows).
 */
size_t sn_lock_retired(struct sn_arena *arena, const struct sn_lock_package *package,
                       enum sn_lock_section section, const char *owner,
                       const uint32_t **ret_numbers);

/** Make a package without entries; NULL without memory. */
struct sn_lock_package *sn_lock_new(struct sn_arena *arena, const char *name);

/** Add a copy of an entry; false if there is one of its name (or no memory: the arena knows). */
bool sn_lock_add(struct sn_arena *arena, struct sn_lock_package *package,
                 enum sn_lock_section section, const struct sn_lock_entry *entry);

/** Sort the entries of all sections by name. */
void sn_lock_sort(struct sn_lock_package *package);

/** What stands behind the name in the file: "3", "retired 3", "5 retired 2 3", or the text. */
void sn_lock_write_value(struct sn_buffer *out, enum sn_lock_section section,
                         const struct sn_lock_entry *entry);

/**
 * Write a whole file.
 *
 * @packages  sorted by name, each sorted by sn_lock_sort().
 */
void sn_lock_write(struct sn_buffer *out, const struct sn_lock_package *const *packages,
                   size_t count);

#endif
