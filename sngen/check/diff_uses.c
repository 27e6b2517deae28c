/* SPDX-License-Identifier: MIT */
/*
 * What a type is part of, in either version: retained state is saved as it is in memory, so a
 * change of a struct or an enum anywhere inside is a change of the snapshot; and an enum that is a
 * key decides by its numbers who gets a message.
 */
#include "check/diff_parts.h"

static const char *struct_key(struct sn_arena *arena, const struct sn_struct *structure)
{
    return sn_arena_printf(arena, "%s.%s%s", structure->package->name, structure->name,
                           structure->origin == SN_STRUCT_REPLY ? "_reply" : "");
}

static const char *enum_key(struct sn_arena *arena, const struct sn_enum *enumeration)
{
    return sn_arena_printf(arena, "%s.%s", enumeration->package->name, enumeration->name);
}

static void add_fields(struct sn_diff_uses *uses, const struct sn_field *fields, size_t count);

static void add_type(struct sn_diff_uses *uses, const struct sn_type *type)
{
    const char *key;

    if (type->of != NULL)
        add_type(uses, type->of);
    if (type->enumeration != NULL) {
        key = enum_key(uses->arena, type->enumeration);
        sn_map_put(&uses->retained, key, key);
    }
    if (type->structure == NULL)
        return;
    key = struct_key(uses->arena, type->structure);
    if (sn_map_put(&uses->retained, key, key) == NULL) /* not seen yet */
        add_fields(uses, type->structure->fields, type->structure->field_count);
}

static void add_fields(struct sn_diff_uses *uses, const struct sn_field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add_type(uses, &fields[i].type);
}

static void add_keys(struct sn_diff_uses *uses, const struct sn_pool *pool)
{
    for (size_t i = 0; i < pool->slot_count; i++) {
        const struct sn_slot *slot = &pool->slots[i];
        const struct sn_type *type =
            slot->path_count > 0 ? &slot->path[slot->path_count - 1]->type : NULL;
        const char *key;

        if (type == NULL || type->enumeration == NULL)
            continue;
        key = enum_key(uses->arena, type->enumeration);
        sn_map_put(&uses->keys, key, key);
    }
}

static void add_model(struct sn_diff_uses *uses, const struct sn_model *model)
{
    const struct sn_package *package = model->package;

    for (size_t i = 0; i < package->worker_count; i++)
        add_fields(uses, package->workers[i]->retain, package->workers[i]->retain_count);
    for (size_t i = 0; i < package->pool_count; i++)
        add_keys(uses, package->pools[i]);
}

void sn_diff_uses_init(struct sn_diff_uses *uses, struct sn_arena *arena,
                       const struct sn_model *before, const struct sn_model *now)
{
    uses->arena = arena;
    sn_map_init(&uses->retained, arena);
    sn_map_init(&uses->keys, arena);
    add_model(uses, before);
    add_model(uses, now);
}

bool sn_diff_is_retained(struct sn_diff *diff, const struct sn_struct *before,
                         const struct sn_struct *now)
{
    return sn_map_get(&diff->uses->retained, struct_key(diff->arena, before)) != NULL ||
           sn_map_get(&diff->uses->retained, struct_key(diff->arena, now)) != NULL;
}

unsigned sn_diff_enum_kinds(struct sn_diff *diff, const struct sn_enum *before)
{
    const char *key = enum_key(diff->arena, before);

    return (sn_map_get(&diff->uses->retained, key) != NULL ? SN_BREAK_SNAPSHOT : 0u) |
           (sn_map_get(&diff->uses->keys, key) != NULL ? SN_BREAK_PARTITION : 0u);
}
