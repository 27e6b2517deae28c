/* SPDX-License-Identifier: MIT */
/*
 * A package and its imports: each file is read, parsed and resolved once,
 * after what it imports. A cycle of imports is an error with its chain; depth
 * and number are bounded by the number of sources that diagnostics can hold.
 */
#include "model/load.h"

#include "base/file.h"
#include "base/suggest.h"
#include "lang/reserved.h"
#include "lock/lock.h"
#include "model/resolve.h"

#include <errno.h>
#include <string.h>

enum { PACKAGES_MAX = 60 };

struct loader {
    struct sn_arena *arena;
    struct sn_diags *diags;
    const struct sn_load_options *options;
    struct sn_map scopes; /* by file; those that failed or are not finished map to &unfinished */
    struct sn_map names;  /* struct sn_package by name */
    struct sn_map locks;  /* struct sn_lock by file; &no_lock where there is none */
    struct sn_lock no_lock;
    struct sn_scope unfinished;
    const struct sn_package *packages[PACKAGES_MAX];
    size_t package_count;
    size_t file_count;
};

static uint16_t package_id(const char *name)
{
    uint32_t hash = 2166136261u; /* FNV-1a, folded to 16 bits */

    for (; *name != '\0'; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619u;
    hash = (hash ^ hash >> 16) & 0xffff;
    return hash != 0 ? (uint16_t)hash : 1;
}

static void check_package_name(struct loader *loader, const struct sn_package *package)
{
    const struct sn_package *same = sn_map_put(&loader->names, package->name, package);

    const char *owner = sn_reserved_package(package->name);

    if (owner != NULL) {
        sn_diag_error(loader->diags, SN_CODE_RESERVED_NAME, &package->location,
                      "the prefix '%s' belongs to %s", package->name, owner);
        sn_diag_help(loader->diags, "choose another package name");
    }
    if (same != NULL) {
        sn_diag_error(loader->diags, SN_CODE_DUPLICATE, &package->location,
                      "two packages in use are called '%s'", package->name);
        sn_diag_note(loader->diags, &same->location, "the other one");
        return;
    }
    for (size_t i = 0; i < loader->package_count; i++)
        if (loader->packages[i]->id == package->id) {
            sn_diag_error(loader->diags, SN_CODE_COLLISION, &package->location,
                          "the packages '%s' and '%s' get the same number from their names",
                          package->name, loader->packages[i]->name);
            sn_diag_help(loader->diags, "rename one of them");
        }
}

static int resolve(struct sn_resolver *resolver)
{
    static int (*const steps[])(struct sn_resolver *) = {
        sn_resolve_declare,     sn_resolve_types,  sn_resolve_messages, sn_resolve_protocols,
        sn_resolve_workers,     sn_resolve_layout, sn_resolve_pools,    sn_resolve_edges,
        sn_resolve_supervisors, sn_resolve_phases, sn_resolve_numbers};

    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (steps[i](resolver) != 0)
            return -1;
    return 0;
}

static struct sn_scope *load_text(struct loader *loader, const char *file, const char *text,
                                  size_t size);

/* The file of an import: one of sngen's own ("sn/net.yaml"), or beside the importer. */
static const char *import_file(struct loader *loader, const char *importer, const char *path)
{
    const char *own = loader->options != NULL ? loader->options->own_schemas : NULL;

    if (strncmp(path, "sn/", 3) == 0 && own != NULL)
        return sn_arena_printf(loader->arena, "%s/%s", own, path + 3);
    return sn_arena_printf(loader->arena, "%s%s", sn_file_folder(loader->arena, importer), path);
}

static void report_unreadable(struct loader *loader, const struct sn_raw *item, int rc)
{
    if (strncmp(item->text, "sn/", 3) == 0 && rc == -ENOENT) {
        sn_diag_error(loader->diags, SN_CODE_NOT_AVAILABLE, &item->node->location,
                      "'%s' is not available yet in sngen 0.1", item->text);
        sn_diag_help(loader->diags, "sn/... are schemas that come with sngen; this version has "
                                    "none of that name");
        return;
    }
    sn_diag_error(loader->diags, SN_CODE_IMPORT, &item->node->location,
                  "cannot read '%s' to import it: %s", item->text, strerror(-rc));
    sn_diag_help(loader->diags, "the path is relative to the folder of this file");
}

static const struct sn_scope *load_import(struct loader *loader, const char *importer,
                                          const struct sn_raw *item)
{
    const char *file = import_file(loader, importer, item->text), *text;
    const struct sn_scope *scope = sn_map_get(&loader->scopes, file);
    size_t size;
    int rc;

    if (scope == &loader->unfinished) {
        sn_diag_error(loader->diags, SN_CODE_IMPORT, &item->node->location,
                      "'%s' imports itself, directly or through others", item->text);
        return NULL;
    }
    if (scope != NULL)
        return scope;
    rc = sn_file_read(loader->arena, file, SN_YAML_FILE_MAX_BYTES, &text, &size);
    if (rc != 0) {
        report_unreadable(loader, item, rc);
        return NULL;
    }
    if (++loader->file_count > PACKAGES_MAX) {
        sn_diag_error(loader->diags, SN_CODE_IMPORT, &item->node->location,
                      "more than %d files are imported", PACKAGES_MAX);
        return NULL;
    }
    return load_text(loader, file, text, size);
}

static int load_imports(struct loader *loader, const char *file, struct sn_scope *scope)
{
    const struct sn_raw *raw = sn_raw_get(scope->raw, SN_WORD_IMPORT);
    size_t count = raw != NULL ? raw->count : 0;
    const struct sn_package **imports = sn_arena_array(loader->arena, count, sizeof *imports);

    if (imports == NULL)
        return -1;
    scope->package->imports = imports;
    for (size_t i = 0; i < count; i++) {
        const struct sn_scope *import = load_import(loader, file, &raw->items[i]);

        sn_map_put(&scope->imports, raw->items[i].name->text,
                   import != NULL ? import : &loader->unfinished);
        if (import != NULL)
            imports[scope->package->import_count++] = import->package;
    }
    return 0;
}

/*
 * The lock of a folder is read once, however many of its schemas are loaded. It need not exist; one
 * that cannot be read or is wrong was reported and counts as none.
 */
static const struct sn_lock *load_lock(struct loader *loader, const char *file)
{
    const struct sn_lock *lock = sn_map_get(&loader->locks, file);
    struct sn_location at = {.file = file};
    const char *text;
    size_t size;
    int rc;

    if (lock != NULL)
        return lock;
    rc = sn_file_read(loader->arena, file, SN_LOCK_FILE_MAX_BYTES, &text, &size);
    if (rc == 0)
        lock = sn_lock_read(loader->arena, loader->diags, file, text, size);
    else if (rc != -ENOENT && rc != -ENOTDIR)
        sn_diag_error(loader->diags, SN_CODE_LOCK, &at, "cannot read the lock: %s", strerror(-rc));
    lock = lock != NULL ? lock : &loader->no_lock;
    sn_map_put(&loader->locks, file, lock);
    return lock;
}

static void refuse_was(const struct loader *loader, const struct sn_package *package,
                       const char *why)
{
    sn_diag_error(loader->diags, SN_CODE_WAS, &package->was.location,
                  "the package '%s' cannot have been '%s': %s", package->name, package->was.name,
                  why);
}

static void report_unknown(const struct loader *loader, const struct sn_package *package)
{
    const struct sn_lock *lock = package->lock_file;
    struct sn_suggest suggest = {.wanted = package->was.name};

    sn_diag_error(loader->diags, SN_CODE_WAS, &package->was.location,
                  "no package was called '%s' according to %s", package->was.name, lock->file);
    if (!sn_diags_may_suggest(loader->diags))
        return;
    for (size_t i = 0; i < lock->package_count; i++)
        sn_suggest_add(&suggest, lock->packages[i]->name);
    if (suggest.best != NULL)
        sn_diag_help(loader->diags, "did you mean '%s'?", suggest.best);
}

/* The numbers of a renamed package stand under its former name until `sngen lock` has run. */
static void find_former(const struct loader *loader, struct sn_package *package)
{
    const struct sn_lock_package *former = sn_lock_find(package->lock_file, package->was.name);

    if (strcmp(package->name, package->was.name) == 0) {
        refuse_was(loader, package, "that is its name now");
    } else if (former != NULL && package->lock != NULL) {
        refuse_was(loader, package, "the lock has both");
        sn_diag_note(loader->diags, &former->location, "'%s'", former->name);
        sn_diag_note(loader->diags, &package->lock->location, "'%s'", package->name);
        sn_diag_help(loader->diags,
                     "if it was renamed, take back the sngen.lock from before, and run `sngen "
                     "lock` again; if both exist, remove `was:`");
    } else if (former == NULL && package->lock == NULL && package->lock_file != NULL) {
        report_unknown(loader, package);
    }
    if (package->lock == NULL)
        package->lock = former;
}

static void find_lock(struct loader *loader, struct sn_package *package)
{
    const char *file = sn_arena_printf(loader->arena, "%s" SN_LOCK_FILE,
                                       sn_file_folder(loader->arena, package->file));
    const struct sn_lock *lock = loader->options != NULL ? loader->options->lock : &loader->no_lock;

    if (lock == NULL)
        lock = strcmp(package->file, "<stdin>") != 0 ? load_lock(loader, file) : &loader->no_lock;
    if (lock != &loader->no_lock)
        package->lock_file = lock;
    package->lock = sn_lock_find(lock, package->name);
    if (package->was.name != NULL)
        find_former(loader, package);
}

static struct sn_scope *new_scope(struct loader *loader, const char *file, const struct sn_raw *raw)
{
    struct sn_scope *scope = sn_arena_alloc(loader->arena, sizeof *scope);
    struct sn_package *package = sn_arena_alloc(loader->arena, sizeof *package);
    const struct sn_raw *name = sn_raw_get(raw, SN_WORD_PACKAGE);
    struct sn_map *const maps[] = {&scope->constants, &scope->types,   &scope->messages,
                                   &scope->protocols, &scope->workers, &scope->pools,
                                   &scope->imports};

    if (scope == NULL || package == NULL)
        return NULL;
    for (size_t i = 0; i < sizeof maps / sizeof maps[0]; i++)
        sn_map_init(maps[i], loader->arena);
    scope->package = package;
    scope->raw = raw;
    package->file = file;
    package->name = name != NULL ? name->text : "unnamed";
    package->location = name != NULL ? name->node->location : raw->node->location;
    package->id = package_id(package->name);
    package->was = sn_resolve_was(raw);
    package->doc = sn_raw_doc(loader->arena, raw);
    return scope;
}

static struct sn_scope *load_text(struct loader *loader, const char *file, const char *text,
                                  size_t size)
{
    const struct sn_node *root;
    const struct sn_raw *raw;
    struct sn_scope *scope = NULL;
    struct sn_resolver resolver = {.arena = loader->arena, .diags = loader->diags};

    if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3; /* a byte order mark is no part of the first line */
        size -= 3;
    }
    sn_map_put(&loader->scopes, file, &loader->unfinished);
    sn_diags_add_source(loader->diags, file, text, size);
    root = sn_yaml_parse(loader->arena, loader->diags, file, text, size);
    raw = root != NULL ? sn_lang_read(loader->arena, loader->diags, root) : NULL;
    if (raw != NULL)
        scope = new_scope(loader, file, raw);
    if (scope == NULL || load_imports(loader, file, scope) != 0)
        return NULL;
    check_package_name(loader, scope->package);
    find_lock(loader, scope->package);
    resolver.scope = scope;
    if (loader->package_count == PACKAGES_MAX || resolve(&resolver) != 0)
        return NULL;
    loader->packages[loader->package_count++] = scope->package;
    sn_map_replace(&loader->scopes, file, scope);
    return scope;
}

const struct sn_model *sn_model_load_text(struct sn_arena *arena, struct sn_diags *diags,
                                          const char *file, const char *text, size_t size_bytes,
                                          const struct sn_load_options *options)
{
    struct loader *loader = sn_arena_alloc(arena, sizeof *loader);
    struct sn_model *model = sn_arena_alloc(arena, sizeof *model);
    const struct sn_scope *scope;

    if (loader == NULL || model == NULL)
        return NULL;
    loader->arena = arena;
    loader->diags = diags;
    loader->options = options;
    loader->file_count = 1;
    sn_map_init(&loader->scopes, arena);
    sn_map_init(&loader->names, arena);
    sn_map_init(&loader->locks, arena);
    scope = load_text(loader, file, text, size_bytes);
    if (scope == NULL || sn_arena_failed(arena))
        return NULL;
    model->arena = arena;
    model->package = scope->package;
    model->packages = loader->packages;
    model->package_count = loader->package_count;
    return model;
}

const struct sn_model *sn_model_load(struct sn_arena *arena, struct sn_diags *diags,
                                     const char *path, const struct sn_load_options *options,
                                     int *ret_rc)
{
    bool standard = strcmp(path, "-") == 0;
    const char *text;
    size_t size;

    *ret_rc = sn_file_read(arena, path, SN_YAML_FILE_MAX_BYTES, &text, &size);
    if (*ret_rc != 0)
        return NULL;
    return sn_model_load_text(arena, diags, standard ? "<stdin>" : path, text, size, options);
}
