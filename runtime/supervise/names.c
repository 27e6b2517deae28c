/* SPDX-License-Identifier: MIT */

/*
 * The name index: chained hashing over (owner, text). Names are borrowed from specifications.
 * When the table cannot grow for want of memory it stays as it is: chains get longer, nothing
 * fails. Two children may share a name while all but one of them are dropped.
 */

#include "supervise/tree.h"

#include <errno.h>
#include <string.h>

#define FIRST_BUCKETS 16

/* FNV-1a, seeded with the owner. The order of a chain is of no consequence to a trace. */
static uint32_t hash(const struct sn_supervisor *owner, const char *text)
{
    uint64_t value = UINT64_C(0xcbf29ce484222325) ^ (uintptr_t)owner;

    for (; *text; text++)
        value = (value ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return (uint32_t)(value ^ (value >> 32));
}

static struct sn_name **bucket(const struct sn_names *names, const struct sn_supervisor *owner,
                               const char *text)
{
    return &names->buckets[hash(owner, text) & (names->bucket_count - 1)];
}

static void insert(struct sn_names *names, struct sn_name *name)
{
    struct sn_name **head = bucket(names, name->owner, name->text);

    name->next = *head;
    *head = name;
}

static int resize(struct sn_tree *tree, uint32_t bucket_count)
{
    struct sn_names old = tree->names;
    struct sn_name **buckets =
        sn_alloc_zeroed(tree->allocator, bucket_count * sizeof(struct sn_name *));

    if (!buckets)
        return -ENOMEM;
    tree->names.buckets = buckets;
    tree->names.bucket_count = bucket_count;
    for (uint32_t i = 0; old.buckets && i < old.bucket_count; i++) {
        for (struct sn_name *name = old.buckets[i], *next; name; name = next) {
            next = name->next;
            insert(&tree->names, name);
        }
    }
    sn_alloc_free(tree->allocator, old.buckets, old.bucket_count * sizeof(struct sn_name *));
    return 0;
}

int sn_names_add(struct sn_tree *tree, struct sn_name *name)
{
    struct sn_names *names = &tree->names;

    if (!names->buckets && resize(tree, FIRST_BUCKETS) != 0)
        return -ENOMEM;
    if (names->count >= names->bucket_count && names->bucket_count < (UINT32_C(1) << 30))
        (void)resize(tree, 2 * names->bucket_count);
    insert(names, name);
    names->count++;
    return 0;
}

void sn_names_remove(struct sn_tree *tree, struct sn_name *name)
{
    struct sn_name **at = bucket(&tree->names, name->owner, name->text);

    while (*at != name)
        at = &(*at)->next;
    *at = name->next;
    tree->names.count--;
}

void sn_names_fini(struct sn_tree *tree)
{
    sn_alloc_free(tree->allocator, tree->names.buckets,
                  tree->names.bucket_count * sizeof(struct sn_name *));
}

static struct sn_name *next_match(struct sn_name *name, const struct sn_supervisor *owner,
                                  const char *text)
{
    while (name && (name->owner != owner || strcmp(name->text, text) != 0))
        name = name->next;
    return name;
}

struct sn_supervisor *sn_names_supervisor(const struct sn_tree *tree, const char *text)
{
    if (!text || tree->names.count == 0)
        return NULL;

    struct sn_name *name = next_match(*bucket(&tree->names, NULL, text), NULL, text);

    return name ? SN_CONTAINER(name, struct sn_supervisor, name) : NULL;
}

static struct sn_position *next_child(struct sn_name *name, const struct sn_supervisor *owner,
                                      const char *text)
{
    name = next_match(name, owner, text);
    return name ? SN_CONTAINER(name, struct sn_position, name) : NULL;
}

static struct sn_position *first_child(const struct sn_supervisor *owner, const char *text)
{
    return next_child(*bucket(&owner->tree->names, owner, text), owner, text);
}

struct sn_position *sn_names_child(const struct sn_supervisor *owner, const char *text)
{
    struct sn_position *position = text ? first_child(owner, text) : NULL;

    while (position && position->dropped)
        position = next_child(position->name.next, owner, text);
    return position;
}

struct sn_position *sn_names_dropped(const struct sn_supervisor *owner,
                                     const struct sn_child_spec *spec)
{
    struct sn_position *position = spec->name ? first_child(owner, spec->name) : NULL;

    while (position && (position->spec != spec || position->added || !position->dropped))
        position = next_child(position->name.next, owner, spec->name);
    return position;
}
