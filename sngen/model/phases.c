/* SPDX-License-Identifier: MIT */
/*
 * The phases of a graceful stop: what each asks, and which it comes after. Whether they come after
 * each other in a circle is looked at in check/phases.c.
 */
#include "model/resolve.h"

#include <string.h>

static void report_unknown(struct sn_resolver *resolver, const struct sn_raw *item)
{
    const struct sn_package *package = resolver->scope->package;
    struct sn_suggest suggest = {.wanted = item->text};

    if (sn_resolve_is_written(resolver, resolver->scope, "shutdown", item->text))
        return;
    for (size_t i = 0; i < package->phase_count; i++)
        sn_suggest_add(&suggest, package->phases[i].name);
    sn_diag_error(resolver->diags, SN_CODE_SHUTDOWN, &item->node->location,
                  "no phase is called '%s'", item->text);
    if (suggest.best != NULL && sn_diags_may_suggest(resolver->diags))
        sn_diag_help(resolver->diags, "did you mean '%s'?", suggest.best);
}

static const struct sn_phase *find(const struct sn_package *package, const char *name)
{
    for (size_t i = 0; i < package->phase_count; i++)
        if (strcmp(package->phases[i].name, name) == 0)
            return &package->phases[i];
    return NULL;
}

static int resolve_after(struct sn_resolver *resolver, const struct sn_raw *raw,
                         struct sn_phase *phase)
{
    size_t count = raw != NULL ? raw->count : 0;

    phase->after = sn_arena_array(resolver->arena, count, sizeof *phase->after);
    if (phase->after == NULL)
        return -1;
    for (size_t i = 0; i < count; i++) {
        const struct sn_phase *after = find(resolver->scope->package, raw->items[i].text);

        if (after != NULL)
            phase->after[phase->after_count++] = after;
        else
            report_unknown(resolver, &raw->items[i]);
    }
    return 0;
}

static int resolve_asks(struct sn_resolver *resolver, const struct sn_raw *raw,
                        struct sn_phase *phase)
{
    size_t count = raw != NULL ? raw->count : 0;

    phase->asks = sn_arena_array(resolver->arena, count, sizeof *phase->asks);
    if (phase->asks == NULL)
        return -1;
    for (size_t i = 0; i < count; i++) {
        struct sn_edge *edge = &phase->asks[phase->ask_count];
        const struct sn_location *at = &raw->items[i].node->location;

        if (!sn_resolve_request(resolver, NULL, raw->items[i].text, at, edge))
            continue;
        edge->each = true;
        edge->deadline_ns = phase->deadline_ns;
        phase->ask_count++;
        if (edge->message->fields->field_count == 0)
            continue;
        sn_diag_error(resolver->diags, SN_CODE_SHUTDOWN, at,
                      "'%s' has fields, and a phase has nothing to put there", raw->items[i].text);
        sn_diag_note(resolver->diags, &edge->message->location, "the message");
        sn_diag_help(resolver->diags, "ask a message without fields");
    }
    return 0;
}

int sn_resolve_phases(struct sn_resolver *resolver)
{
    const struct sn_raw *raw = sn_raw_get(resolver->scope->raw, SN_WORD_SHUTDOWN);
    struct sn_package *package = resolver->scope->package;
    size_t count = raw != NULL ? raw->count : 0;

    package->phases = sn_arena_array(resolver->arena, count, sizeof *package->phases);
    if (package->phases == NULL)
        return -1;
    for (size_t i = 0; i < count; i++)
        package->phases[package->phase_count++] =
            (struct sn_phase){.name = raw->items[i].name->text,
                              .deadline_ns = sn_resolve_deadline(&raw->items[i]),
                              .doc = sn_raw_doc(resolver->arena, &raw->items[i]),
                              .location = raw->items[i].name->location};
    for (size_t i = 0; i < count; i++)
        if (resolve_after(resolver, sn_raw_get(&raw->items[i], SN_WORD_AFTER),
                          &package->phases[i]) != 0 ||
            resolve_asks(resolver, sn_raw_get(&raw->items[i], SN_WORD_ASK), &package->phases[i]) !=
                0)
            return -1;
    return 0;
}
