/* SPDX-License-Identifier: MIT */
/*
 * Collisions among all generated identifiers of a package and its imports. The
 * names come from the same functions that the emitters use.
 */
#include "check/checks.h"

#include "base/map.h"
#include "lang/reserved.h"
#include "model/names.h"

#include <string.h>

struct origin {
    const char *phrase;
    struct sn_location location;
};

struct collect {
    struct sn_name_visitor visitor;
    struct sn_arena *arena;
    struct sn_diags *diags;
    struct sn_map names; /* struct origin */
    struct sn_map pairs; /* of places, reported */
};

static bool same_place(const struct sn_location *left, const struct sn_location *right)
{
    return left->file == right->file && left->line == right->line && left->column == right->column;
}

static void check_reserved(struct collect *collect, const char *name, const char *origin,
                           const struct sn_location *location)
{
    const char *owner = sn_reserved_by(name);

    if (owner == NULL)
        return;
    sn_diag_error(collect->diags, SN_CODE_RESERVED_NAME, location,
                  "%s would be called '%s' in C, which is %s", origin, name, owner);
    sn_diag_help(collect->diags, "rename it, or the package");
}

/* Two declarations may share several names; one report is enough. */
static bool reported_before(struct collect *collect, const struct sn_location *left,
                            const struct sn_location *right)
{
    const char *pair = sn_arena_printf(collect->arena, "%s:%u:%u %s:%u:%u", left->file,
                                       (unsigned)left->line, (unsigned)left->column, right->file,
                                       (unsigned)right->line, (unsigned)right->column);

    return sn_map_put(&collect->pairs, pair, collect) != NULL;
}

static int visit(struct sn_name_visitor *visitor, const char *name, const char *origin,
                 const struct sn_location *location)
{
    struct collect *collect = (struct collect *)visitor; /* its first member */
    struct origin *entry = sn_arena_alloc(collect->arena, sizeof *entry);
    const struct origin *first;

    if (entry == NULL)
        return -1;
    *entry = (struct origin){.phrase = origin, .location = *location};
    first = sn_map_put(&collect->names, name, entry);
    if (first == NULL) {
        check_reserved(collect, name, origin, location);
        return 0;
    }
    if (same_place(&first->location, location) ||
        reported_before(collect, &first->location, location))
        return 0;
    sn_diag_error(collect->diags, SN_CODE_COLLISION, location, "%s and %s would both be '%s' in C",
                  first->phrase, origin, name);
    sn_diag_note(collect->diags, &first->location, "%s is declared here", first->phrase);
    sn_diag_help(collect->diags, "rename one of them");
    return 0;
}

void sn_check_names(const struct sn_model *model, struct sn_diags *diags)
{
    struct collect collect = {.visitor = {.visit = visit}, .arena = model->arena, .diags = diags};

    sn_map_init(&collect.names, model->arena);
    sn_map_init(&collect.pairs, model->arena);
    for (size_t i = 0; i < model->package_count; i++)
        sn_names_visit(model->arena, model->packages[i], &collect.visitor);
}
