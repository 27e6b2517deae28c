/* SPDX-License-Identifier: MIT */
/* Phases of a graceful stop that come after each other in a circle, or are too many. */
#include "check/checks.h"
#include "check/cycle.h"

struct waiting {
    struct sn_cycle_search search;
    const struct sn_package *package;
    struct sn_arena *arena;
    struct sn_diags *diags;
};

static bool follow(struct sn_cycle_search *search, size_t node, size_t index, size_t *ret_target)
{
    const struct sn_package *package = ((struct waiting *)search)->package; /* its first member */
    const struct sn_phase *phase = &package->phases[node];

    if (index == phase->after_count)
        return false;
    *ret_target = (size_t)(phase->after[index] - package->phases);
    return true;
}

static void report(struct sn_cycle_search *search, const struct sn_cycle_step *cycle, size_t length)
{
    struct waiting *waiting = (struct waiting *)search; /* its first member */
    const struct sn_phase *phases = waiting->package->phases;
    const char *chain = phases[cycle->node].name;

    for (size_t i = 0; i < length; i++)
        chain = sn_arena_printf(waiting->arena, "%s after %s", chain,
                                phases[cycle[i].node].after[cycle[i].edge]->name);
    sn_diag_error(waiting->diags, SN_CODE_SHUTDOWN, &phases[cycle->node].location,
                  "these phases wait for each other: %s", chain);
    sn_diag_help(waiting->diags, "one of them must be able to begin");
}

void sn_check_phases(const struct sn_model *model, struct sn_diags *diags)
{
    const struct sn_package *package = model->package;
    struct waiting waiting = {
        .search = {.node_count = package->phase_count, .edge = follow, .found = report},
        .package = package,
        .arena = model->arena,
        .diags = diags};

    if (package->phase_count > SN_PHASES_MAX)
        sn_diag_error(diags, SN_CODE_SHUTDOWN, &package->phases[SN_PHASES_MAX].location,
                      "a stop has at most %d phases", SN_PHASES_MAX);
    sn_cycle_search(model->arena, &waiting.search);
}
