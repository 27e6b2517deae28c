/* SPDX-License-Identifier: MIT */
/*
 * The text of sngen.lock. People do not write it, but they merge it, and
 * sometimes they edit it: so every line is judged, and what two branches gave
 * twice is found here, because git does not see it.
 */
#include "lock/lock.h"

#include "lang/value.h"
#include "yaml/yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { NAME_PART_MAX_BYTES = SN_NAME_MAX_BYTES + 6 /* MESSAGE_reply */ };

struct reading {
    struct sn_arena *arena;
    struct sn_diags *diags;
    struct sn_lock_package *package;
    enum sn_lock_section section;
    struct sn_map given; /* "OWNER#NUMBER": the entry that has or had it */
};

static bool refuse(const struct reading *reading, const struct sn_location *at, const char *format,
                   ...) __attribute__((format(printf, 3, 4)));

static bool refuse(const struct reading *reading, const struct sn_location *at, const char *format,
                   ...)
{
    va_list list;

    va_start(list, format);
    sn_diag_error(reading->diags, SN_CODE_LOCK, at, "%s",
                  sn_arena_vprintf(reading->arena, format, list));
    va_end(list);
    return false;
}

/* ---- one line ----------------------------------------------------------- */

/* A name of the schema, or two with a dot between them. */
static bool is_name(const char *text)
{
    size_t part = 0, dots = 0;

    for (; *text != '\0'; text++) {
        bool word =
            (*text >= 'a' && *text <= 'z') || (*text >= '0' && *text <= '9') || *text == '_';

        if (!word && (*text != '.' || part == 0))
            return false;
        dots += *text == '.';
        part = *text == '.' ? 0 : part + 1;
        if (part > NAME_PART_MAX_BYTES)
            return false;
    }
    return part > 0 && dots <= 1;
}

/* One number and the blank behind it; the rest of the text, or NULL. */
static const char *scan_number(const char *text, uint64_t *ret_number)
{
    size_t digits = strspn(text, "0123456789");
    char copy[16];

    if (digits == 0 || digits >= sizeof copy || (*text == '0' && digits > 1))
        return NULL;
    memcpy(copy, text, digits);
    copy[digits] = '\0';
    if (!sn_value_number(copy, ret_number))
        return NULL;
    text += digits;
    if (*text == ' ' && text[1] != '\0')
        return text + 1;
    return *text == '\0' ? text : NULL;
}

/* A number belongs to one name only, now and for ever. */
static bool give(struct reading *reading, const struct sn_lock_entry *entry, uint32_t number)
{
    const struct sn_lock_entry *same =
        sn_map_put(&reading->given, sn_lock_number_key(reading->arena, entry->name, number), entry);

    if (same == NULL)
        return true;
    refuse(reading, &entry->location, "the number %u is given to '%s' and to '%s'",
           (unsigned)number, same->name, entry->name);
    sn_diag_note(reading->diags, &same->location, "'%s'", same->name);
    sn_diag_help(reading->diags, "two branches took the same number: remove the line that no "
                                 "program uses yet, and run `sngen lock` again");
    return false;
}

static bool take_number(struct reading *reading, struct sn_lock_entry *entry,
                        const struct sn_node *node, const char **text, uint32_t *ret_number)
{
    uint64_t number = 0;

    *text = scan_number(*text, &number);
    if (*text == NULL) {
        refuse(reading, &node->location, "'%s' is not what stands here", node->text);
        sn_diag_help(reading->diags, "a number, as in `3`, `retired 3` or `5 retired 3`");
        return false;
    }
    if (!sn_lock_allows(reading->section, number))
        return refuse(reading, &node->location, "%llu is no number for one of the %s",
                      (unsigned long long)number, sn_lock_section_name(reading->section));
    *ret_number = (uint32_t)number;
    return give(reading, entry, *ret_number);
}

/* "3", "retired 3", "5 retired 2 3" */
static bool read_numbers(struct reading *reading, struct sn_lock_entry *entry,
                         const struct sn_node *node)
{
    static const char word[] = "retired ";
    const char *text = node->text;
    uint32_t *retired = sn_arena_array(reading->arena, node->size / 2 + 1, sizeof *retired);

    if (retired == NULL)
        return false;
    entry->retired = retired;
    entry->used = strncmp(text, word, sizeof word - 1) != 0;
    if (entry->used && !take_number(reading, entry, node, &text, &entry->number))
        return false;
    if (*text == '\0')
        return true;
    if (strncmp(text, word, sizeof word - 1) != 0)
        return refuse(reading, &node->location,
                      "'%s' is not what stands here: only `retired` may "
                      "follow a number",
                      node->text);
    text += sizeof word - 1;
    do {
        if (!take_number(reading, entry, node, &text, &retired[entry->retired_count]))
            return false;
        entry->retired_count++;
    } while (*text != '\0');
    return true;
}

static bool read_entry(struct reading *reading, const struct sn_pair *pair)
{
    struct sn_lock_entry *entry = sn_arena_alloc(reading->arena, sizeof *entry);

    if (entry == NULL)
        return false;
    *entry = (struct sn_lock_entry){
        .name = pair->key->text, .used = true, .location = pair->key->location};
    if (!is_name(entry->name))
        return refuse(reading, &pair->key->location, "'%s' is no name of a schema", entry->name);
    if (pair->value->kind != SN_NODE_SCALAR || pair->value->text[0] == '\0' ||
        strchr(pair->value->text, '\n') != NULL)
        return refuse(reading, &pair->key->location, "'%s' needs a value on its line", entry->name);
    entry->text = pair->value->text;
    if (sn_lock_has_numbers(reading->section) && !read_numbers(reading, entry, pair->value))
        return false;
    return sn_lock_add(reading->arena, reading->package, reading->section, entry);
}

/* ---- sections and packages ---------------------------------------------- */

static bool expect_map(const struct reading *reading, const struct sn_pair *pair)
{
    return pair->value->kind == SN_NODE_MAP || sn_node_is_empty(pair->value) ||
           refuse(reading, &pair->key->location, "'%s' must be a map", pair->key->text);
}

static bool read_section(struct reading *reading, const struct sn_pair *pair)
{
    unsigned section = 0;
    bool right = true;

    while (section < SN_LOCK_SECTIONS &&
           strcmp(sn_lock_section_name((enum sn_lock_section)section), pair->key->text) != 0)
        section++;
    if (section == SN_LOCK_SECTIONS)
        return refuse(reading, &pair->key->location, "a lock has no section '%s'", pair->key->text);
    if (!expect_map(reading, pair))
        return false;
    reading->section = (enum sn_lock_section)section;
    sn_map_init(&reading->given, reading->arena);
    for (size_t i = 0; i < pair->value->count; i++)
        right &= read_entry(reading, &pair->value->pairs[i]);
    return right;
}

static bool read_package(struct reading *reading, const struct sn_pair *pair)
{
    bool right = true;

    if (!expect_map(reading, pair))
        return false;
    if (!sn_value_is_name(pair->key->text))
        return refuse(reading, &pair->key->location, "'%s' is no package", pair->key->text);
    reading->package = sn_lock_new(reading->arena, pair->key->text);
    if (reading->package == NULL)
        return false;
    reading->package->location = pair->key->location;
    for (size_t i = 0; i < pair->value->count; i++)
        right &= read_section(reading, &pair->value->pairs[i]);
    return right;
}

static bool read_packages(struct reading *reading, const struct sn_pair *pair, struct sn_lock *lock)
{
    bool right = true;

    if (!expect_map(reading, pair))
        return false;
    lock->packages =
        sn_arena_array(reading->arena, pair->value->count, sizeof *lock->packages); /* pointers */
    if (lock->packages == NULL)
        return false;
    for (size_t i = 0; i < pair->value->count; i++) {
        right &= read_package(reading, &pair->value->pairs[i]);
        lock->packages[lock->package_count++] = reading->package;
    }
    return right;
}

static bool read_root(struct reading *reading, const struct sn_node *root, struct sn_lock *lock)
{
    bool versioned = false, right = true;

    if (root->kind != SN_NODE_MAP)
        return refuse(reading, &root->location, "this is no lock of sngen");
    for (size_t i = 0; i < root->count; i++) {
        const struct sn_pair *pair = &root->pairs[i];

        if (strcmp(pair->key->text, "sngen_lock") == 0) {
            versioned = true;
            if (strcmp(pair->value->text, "1") != 0)
                right &= refuse(reading, &pair->value->location,
                                "this sngen knows version 1 of the lock only");
        } else if (strcmp(pair->key->text, "packages") == 0) {
            right &= read_packages(reading, pair, lock);
        } else {
            right =
                refuse(reading, &pair->key->location, "a lock has no key '%s'", pair->key->text);
        }
    }
    if (right && !versioned)
        right &= refuse(reading, &root->location, "the lock does not say `sngen_lock: 1`");
    return right;
}

/* Git leaves both sides of a conflict in the file, between lines that no YAML reader explains. */
static bool find_conflict(const struct reading *reading, const char *file, const char *text)
{
    struct sn_location at = {.file = file, .line = 1, .column = 1, .length = 7};

    for (; text != NULL; text = strchr(text, '\n'), at.line++) {
        text += *text == '\n';
        if (strncmp(text, "<<<<<<< ", 8) == 0) {
            refuse(reading, &at, "a merge left this conflict");
            sn_diag_help(reading->diags, "keep the lines of both sides and remove the three "
                                         "marks; sngen says which numbers were given twice");
            return true;
        }
        if (*text == '\0')
            break;
    }
    return false;
}

static bool is_empty(const struct reading *reading, const char *file, const char *text)
{
    struct sn_location at = {.file = file, .line = 1, .column = 1};

    if (text[strspn(text, " \r\n")] != '\0')
        return false;
    refuse(reading, &at, "the lock is empty");
    sn_diag_help(reading->diags, "take it back from version control; or, if no program relies on "
                                 "its numbers yet, remove it and run `sngen lock`");
    return true;
}

const struct sn_lock *sn_lock_read(struct sn_arena *arena, struct sn_diags *diags, const char *file,
                                   const char *text, size_t size_bytes)
{
    struct reading reading = {.arena = arena, .diags = diags};
    struct sn_lock *lock = sn_arena_alloc(arena, sizeof *lock);
    size_t errors = sn_diags_errors(diags);
    const struct sn_node *root;

    sn_diags_add_source(diags, file, text, size_bytes);
    if (lock == NULL || is_empty(&reading, file, text) || find_conflict(&reading, file, text))
        return NULL;
    lock->file = file;
    root = sn_yaml_parse_up_to(arena, diags, file, text, size_bytes, SN_LOCK_FILE_MAX_BYTES);
    if (root == NULL || sn_diags_errors(diags) != errors)
        return NULL;
    return read_root(&reading, root, lock) ? lock : NULL;
}
