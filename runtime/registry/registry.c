/* SPDX-License-Identifier: MIT */

/*
 * The registry: one writer at a time, any number of readers beside it.
 *
 * The names are in a ck_hs set made for that (CK_HS_MODE_SPMC): a look-up
 * takes no lock, and starts again only if the writer moved entries in just
 * its probe sequence meanwhile. An entry never changes once it is in the set;
 * unbinding takes it out and retires it (reclaim.c), and binding again makes
 * another one. So a reader sees a name together with the value that was bound
 * to it at some moment of the look-up, and never a mixture.
 *
 * Removed entries leave tombstones, which make look-ups of missing names
 * slower; when they outnumber the entries, the set is built anew.
 *
 * Under `lock`: all changes of `names`, the writer's epoch record and the
 * list of readers. A reader's record is its thread's alone. Allocation may
 * fail in insert and reader_create only, and then nothing has changed;
 * removing tries to allocate for the rebuild, and goes on without it.
 */

#include "registry/registry.h"

#include <ck_hs.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/base.h"
#include "hash/hash.h"
#include "registry/reclaim.h"
#include "registry/tsan.h"

#define FIRST_CAPACITY 64

/* Fewer tombstones than this are left alone. */
#define MIN_TOMBSTONES 64

/* What the set compares; a look-up makes one without an entry around it. */
struct name {
    const char *data;
    size_t size_bytes;
};

struct entry {
    struct sn_registry_block block;
    struct name name; /* the set stores its address */
    uint64_t value;
    char bytes[];
};

struct sn_registry_reader {
    struct sn_registry_block block;
    ck_epoch_record_t record; /* recycling gives its address */
    struct sn_registry *registry;
    struct sn_registry_reader *next;
};

struct sn_registry {
    struct sn_registry_reclaim reclaim;
    ck_hs_t names;
    pthread_mutex_t lock;
    struct sn_registry_reader *readers; /* also those given back: ck keeps their records */
};

static struct entry *entry_of(const struct name *name)
{
    return (struct entry *)((char *)name - offsetof(struct entry, name));
}

static struct sn_registry_reader *reader_of(ck_epoch_record_t *record)
{
    return (struct sn_registry_reader *)((char *)record -
                                         offsetof(struct sn_registry_reader, record));
}

static unsigned long hash_name(const void *object, unsigned long seed)
{
    const struct name *name = object;

    (void)seed; /* the product's own is pinned */
    return (unsigned long)sn_hash_bytes(name->data, name->size_bytes);
}

static bool names_equal(const void *object, const void *key)
{
    const struct name *name = object;
    const struct name *other = key;

    /* Pairs with the release in insert(): ck_hs publishes with a fence. */
    sn_registry_tsan_acquire((const volatile char *)name);
    return name->size_bytes == other->size_bytes &&
           memcmp(name->data, other->data, name->size_bytes) == 0;
}

static bool is_valid(const struct name *name)
{
    return name->size_bytes > 0 && name->size_bytes <= SN_REGISTRY_MAX_NAME_BYTES &&
           memchr(name->data, '\0', name->size_bytes) == NULL;
}

int sn_registry_create(const struct sn_allocator *allocator, struct sn_registry **ret_registry)
{
    struct sn_registry *registry = sn_alloc_zeroed(allocator, sizeof(*registry));

    if (registry == NULL)
        return -ENOMEM;
    sn_registry_reclaim_init(&registry->reclaim, allocator);
    sn_registry_reclaim_enter(&registry->reclaim);
    if (!ck_hs_init(&registry->names, CK_HS_MODE_SPMC | CK_HS_MODE_DIRECT, hash_name, names_equal,
                    &sn_registry_ck_malloc, FIRST_CAPACITY, 0)) {
        sn_alloc_free(allocator, registry, sizeof(*registry));
        return -ENOMEM;
    }
    pthread_mutex_init(&registry->lock, NULL);
    *ret_registry = registry;
    return 0;
}

static void free_entries(struct sn_registry *registry)
{
    ck_hs_iterator_t iterator = CK_HS_ITERATOR_INITIALIZER;
    void *object;

    while (ck_hs_next(&registry->names, &iterator, &object))
        sn_registry_block_free(&entry_of(object)->block);
}

void sn_registry_destroy(struct sn_registry *registry)
{
    if (registry == NULL)
        return;
    free_entries(registry);
    ck_hs_destroy(&registry->names);
    sn_registry_reclaim_fini(&registry->reclaim);
    while (registry->readers != NULL) {
        struct sn_registry_reader *reader = registry->readers;

        registry->readers = reader->next;
        sn_registry_block_free(&reader->block);
    }
    pthread_mutex_destroy(&registry->lock);
    sn_alloc_free(registry->reclaim.allocator, registry, sizeof(*registry));
}

/* All writing happens between these two. */
static void begin_write(struct sn_registry *registry)
{
    pthread_mutex_lock(&registry->lock);
    sn_registry_reclaim_enter(&registry->reclaim);
}

static void end_write(struct sn_registry *registry)
{
    sn_registry_reclaim_collect(&registry->reclaim);
    pthread_mutex_unlock(&registry->lock);
}

static struct sn_registry_reader *make_reader(struct sn_registry *registry)
{
    struct sn_registry_reader *reader =
        (struct sn_registry_reader *)sn_registry_block_alloc(&registry->reclaim, sizeof(*reader));

    if (reader == NULL)
        return NULL;
    reader->registry = registry;
    reader->next = registry->readers;
    registry->readers = reader;
    ck_epoch_register(&registry->reclaim.epoch, &reader->record, NULL);
    return reader;
}

int sn_registry_reader_create(struct sn_registry *registry, struct sn_registry_reader **ret_reader)
{
    begin_write(registry);
    ck_epoch_record_t *record = ck_epoch_recycle(&registry->reclaim.epoch, NULL);
    struct sn_registry_reader *reader = record ? reader_of(record) : make_reader(registry);

    end_write(registry);
    if (reader == NULL)
        return -ENOMEM;
    *ret_reader = reader;
    return 0;
}

void sn_registry_reader_destroy(struct sn_registry_reader *reader)
{
    if (reader == NULL)
        return;
    begin_write(reader->registry);
    ck_epoch_unregister(&reader->record);
    end_write(reader->registry);
}

static struct entry *make_entry(struct sn_registry *registry, const struct name *name,
                                uint64_t value)
{
    struct entry *entry = (struct entry *)sn_registry_block_alloc(
        &registry->reclaim, sizeof(*entry) + name->size_bytes);

    if (entry == NULL)
        return NULL;
    memcpy(entry->bytes, name->data, name->size_bytes);
    entry->name = (struct name){entry->bytes, name->size_bytes};
    entry->value = value;
    return entry;
}

static int insert(struct sn_registry *registry, const struct name *name, uint64_t value)
{
    unsigned long hash = hash_name(name, 0);

    if (ck_hs_get(&registry->names, hash, name) != NULL)
        return -EEXIST;

    struct entry *entry = make_entry(registry, name, value);

    if (entry == NULL)
        return -ENOMEM;
    /* Pairs with the acquire in names_equal(). */
    sn_registry_tsan_release((const volatile char *)&entry->name);
    if (!ck_hs_put(&registry->names, hash, &entry->name)) {
        sn_registry_block_free(&entry->block);
        return -ENOMEM;
    }
    return 0;
}

int sn_registry_insert(struct sn_registry *registry, const char *name, size_t size_bytes,
                       uint64_t value)
{
    struct name key = {name, size_bytes};

    if (!is_valid(&key))
        return -EINVAL;
    begin_write(registry);
    int rc = insert(registry, &key, value);

    end_write(registry);
    return rc;
}

static void clear_tombstones(struct sn_registry *registry)
{
    struct ck_hs_stat stat;

    ck_hs_stat(&registry->names, &stat);
    if (stat.tombstones > MIN_TOMBSTONES && stat.tombstones > stat.n_entries)
        ck_hs_rebuild(&registry->names); /* without memory, some other time */
}

static int unbind(struct sn_registry *registry, const struct name *name, uint64_t value)
{
    unsigned long hash = hash_name(name, 0);
    const struct name *bound = ck_hs_get(&registry->names, hash, name);

    if (bound == NULL || entry_of(bound)->value != value)
        return -ENOENT;
    ck_hs_remove(&registry->names, hash, name);
    sn_registry_block_retire(&entry_of(bound)->block);
    clear_tombstones(registry);
    return 0;
}

int sn_registry_remove(struct sn_registry *registry, const char *name, size_t size_bytes,
                       uint64_t value)
{
    struct name key = {name, size_bytes};

    if (!is_valid(&key))
        return -EINVAL;
    begin_write(registry);
    int rc = unbind(registry, &key, value);

    end_write(registry);
    return rc;
}

int sn_registry_lookup(struct sn_registry_reader *reader, const char *name, size_t size_bytes,
                       uint64_t *ret_value)
{
    struct sn_registry *registry = reader->registry;
    struct name key = {name, size_bytes};

    if (!is_valid(&key))
        return -EINVAL;

    ck_epoch_begin(&reader->record, NULL);
    const struct name *bound = ck_hs_get(&registry->names, hash_name(&key, 0), &key);

    if (bound != NULL)
        *ret_value = entry_of(bound)->value;
    /* Pairs with the acquire in free_retired(): the look is over. */
    sn_registry_tsan_release((const volatile char *)&registry->reclaim);
    ck_epoch_end(&reader->record, NULL);
    return bound != NULL ? 0 : -ENOENT;
}
