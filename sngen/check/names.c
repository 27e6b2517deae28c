/* SPDX-License-Identifier: MIT */
/*
 * Collisions among all generated identifiers of a package and its imports. The
 * names come from the same functions that the emitters use.
 */
#include "check/check.h"
#include "check/checks.h"

#include "base/map.h"
#include "lang/reserved.h"
#include "model/names.h"

struct origin {
    enum sn_name_space space;
    const char *phrase;
    struct sn_location location;
};

struct collect {
    struct sn_name_visitor visitor;
    struct sn_arena *arena;
    struct sn_diags *diags;
    struct sn_map tags;  /* struct origin */
    struct sn_map names; /* struct origin; those that are no tags */
    struct sn_map pairs; /* of places, reported */
};

static bool same_place(const struct sn_location *left, const struct sn_location *right)
{
    return left->file == right->file && left->line == right->line && left->column == right->column;
}

static void check_reserved(struct collect *collect, const char *name, const struct origin *origin)
{
    const char *owner = sn_reserved_by(name);

    if (owner == NULL)
        return;
    sn_diag_error(collect->diags, SN_CODE_RESERVED_NAME, &origin->location,
                  "%s would be called '%s' in C, which is %s", origin->phrase, name, owner);
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

static void compare(struct collect *collect, const char *name, const struct origin *first,
                    const struct origin *second)
{
    if (first == NULL || same_place(&first->location, &second->location) ||
        reported_before(collect, &first->location, &second->location))
        return;
    sn_diag_error(collect->diags, SN_CODE_COLLISION, &second->location,
                  "%s and %s would both be '%s' in C", first->phrase, second->phrase, name);
    sn_diag_note(collect->diags, &first->location, "%s is declared here", first->phrase);
    sn_diag_help(collect->diags, "rename one of them");
}

static int visit(struct sn_name_visitor *visitor, enum sn_name_space space, const char *name,
                 const char *phrase, const struct sn_location *location)
{
    struct collect *collect = (struct collect *)visitor; /* its first member */
    struct origin *origin = sn_arena_alloc(collect->arena, sizeof *origin);
    struct sn_map *mine = space == SN_NAME_TAG ? &collect->tags : &collect->names;
    struct sn_map *others = space == SN_NAME_TAG ? &collect->names : &collect->tags;
    const struct origin *other = sn_map_get(others, name), *first;

    if (origin == NULL)
        return -1;
    *origin = (struct origin){.space = space, .phrase = phrase, .location = *location};
    first = sn_map_put(mine, name, origin);
    if (first == NULL)
        check_reserved(collect, name, origin);
    compare(collect, name, first, origin);
    if (space != SN_NAME_PRIVATE && other != NULL && other->space != SN_NAME_PRIVATE)
        compare(collect, name, other, origin);
    return 0;
}

static void check_names(const struct sn_model *model, struct sn_diags *diags, bool tests)
{
    struct collect collect = {.visitor = {.visit = visit}, .arena = model->arena, .diags = diags};

    sn_map_init(&collect.tags, model->arena);
    sn_map_init(&collect.names, model->arena);
    sn_map_init(&collect.pairs, model->arena);
    for (size_t i = 0; i < model->package_count; i++)
        sn_names_visit(model->arena, model->packages[i], &collect.visitor);
    if (tests)
        sn_names_visit_tests(model->arena, model->package, &collect.visitor);
}

void sn_check_names(const struct sn_model *model, struct sn_diags *diags)
{
    check_names(model, diags, false);
}

void sn_check_test_names(const struct sn_model *model, struct sn_diags *diags)
{
    check_names(model, diags, true);
}
