/* SPDX-License-Identifier: MIT */
/*
 * A digest is FNV-1a over a text that spells the types out: kinds, maxima and
 * what is inside. A struct inside counts by its own digest, made once, so that
 * the work is linear however structs are nested.
 */
#include "check/layouts.h"

#include "model/print.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum mode { BY_TAG, IN_ORDER };

struct digest {
    uint64_t value;
};

void sn_layouts_init(struct sn_layouts *layouts, struct sn_arena *arena)
{
    layouts->arena = arena;
    sn_map_init(&layouts->digests[BY_TAG], arena);
    sn_map_init(&layouts->digests[IN_ORDER], arena);
}

/* FNV-1a, 64 bits (Fowler, Noll, Vo): stable everywhere, and nobody attacks it here. */
static uint64_t digest_of(const char *text, size_t size)
{
    uint64_t digest = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < size; i++)
        digest = (digest ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
    return digest;
}

static uint64_t digest_fields(struct sn_layouts *layouts, enum mode mode,
                              const struct sn_field *fields, size_t count);

static uint64_t digest_struct(struct sn_layouts *layouts, enum mode mode,
                              const struct sn_struct *structure)
{
    const char *name =
        sn_arena_printf(layouts->arena, "%s.%s%s", structure->package->name, structure->name,
                        structure->origin == SN_STRUCT_REPLY ? "_reply" : "");
    const struct digest *known = sn_map_get(&layouts->digests[mode], name);
    struct digest *digest;

    if (known != NULL)
        return known->value;
    digest = sn_arena_alloc(layouts->arena, sizeof *digest);
    if (digest == NULL)
        return 0;
    digest->value = digest_fields(layouts, mode, structure->fields, structure->field_count);
    sn_map_put(&layouts->digests[mode], name, digest);
    return digest->value;
}

static void spell_type(struct sn_layouts *layouts, enum mode mode, struct sn_buffer *out,
                       const struct sn_type *type)
{
    sn_buffer_printf(out, "%s%s %" PRIu64, sn_kind_word(type->kind), type->optional ? "?" : "",
                     type->max);
    if (type->structure != NULL)
        sn_buffer_printf(out, " %016" PRIx64, digest_struct(layouts, mode, type->structure));
    if (type->of != NULL) {
        sn_buffer_puts(out, " of ");
        spell_type(layouts, mode, out, type->of);
    }
}

static int by_tag(const void *left, const void *right)
{
    const struct sn_field *const *a = left, *const *b = right;

    return ((*a)->tag > (*b)->tag) - ((*a)->tag < (*b)->tag);
}

static uint64_t digest_fields(struct sn_layouts *layouts, enum mode mode,
                              const struct sn_field *fields, size_t count)
{
    const struct sn_field **order = sn_arena_array(layouts->arena, count, sizeof *order);
    struct sn_buffer text = {0};
    uint64_t digest;

    if (order == NULL)
        return 0;
    for (size_t i = 0; i < count; i++)
        order[i] = &fields[i];
    if (mode == BY_TAG && count > 0)
        qsort(order, count, sizeof *order, by_tag);
    for (size_t i = 0; i < count; i++) {
        if (mode == BY_TAG)
            sn_buffer_printf(&text, "%u ", (unsigned)order[i]->tag);
        spell_type(layouts, mode, &text, &order[i]->type);
        sn_buffer_puts(&text, "\n");
    }
    if (text.failed)
        sn_arena_fail(layouts->arena);
    digest = digest_of(text.data, text.size);
    sn_buffer_fini(&text);
    return digest;
}

static const char *hex(struct sn_layouts *layouts, uint64_t digest)
{
    return sn_arena_printf(layouts->arena, "%016" PRIx64, digest);
}

const char *sn_layouts_wire(struct sn_layouts *layouts, const struct sn_struct *structure)
{
    return hex(layouts, digest_struct(layouts, BY_TAG, structure));
}

const char *sn_layouts_memory(struct sn_layouts *layouts, const struct sn_field *fields,
                              size_t count)
{
    return hex(layouts, digest_fields(layouts, IN_ORDER, fields, count));
}

/* ---- partitions --------------------------------------------------------- */

static uint64_t digest_splits(const struct sn_pool *pool)
{
    struct sn_buffer text = {0};
    uint64_t digest;

    for (size_t i = 0; i < pool->split_count; i++) {
        const struct sn_split *split = &pool->splits[i];

        sn_buffer_printf(&text, "%s%" PRIu64 " %zu ", split->negative ? "-" : "", split->number,
                         split->text_size);
        if (split->text != NULL)
            sn_buffer_append(&text, split->text, split->text_size);
    }
    digest = digest_of(text.data, text.size);
    sn_buffer_fini(&text);
    return digest;
}

const char *sn_partition_text(struct sn_arena *arena, const struct sn_pool *pool)
{
    const char *size =
        pool->size_auto ? "auto" : sn_arena_printf(arena, "%u", (unsigned)pool->size);
    const char *text = sn_arena_printf(arena, "%s of %s", sn_route_word(pool->route), size);

    if (pool->route == SN_ROUTE_CONSISTENT_HASH)
        text = sn_arena_printf(arena, "%s with %u nodes", text, (unsigned)pool->virtual_nodes);
    if (pool->split_count > 0)
        text = sn_arena_printf(arena, "%s at %016" PRIx64, text, digest_splits(pool));
    return text;
}

const char *sn_partition_key_text(struct sn_arena *arena, const struct sn_slot *slot)
{
    struct sn_buffer text = {0};
    const char *copy;

    if (slot->path_count == 0)
        return NULL;
    sn_print_key(&text, slot);
    sn_buffer_printf(&text, " %s", sn_kind_word(slot->path[slot->path_count - 1]->type.kind));
    if (text.failed)
        sn_arena_fail(arena);
    copy = sn_arena_text(arena, text.data, text.size);
    sn_buffer_fini(&text);
    return copy;
}
