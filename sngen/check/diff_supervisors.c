/* SPDX-License-Identifier: MIT */
/*
 * Supervisors of two versions. Who restarts whom is nobody's business outside,
 * so all of it is compatible; but it is a change that a reviewer wants to see.
 */
#include "check/diff_parts.h"

#include "model/print.h"

#include <string.h>

static const struct sn_supervisor *find(const struct sn_package *package, const char *name)
{
    for (size_t i = 0; i < package->supervisor_count; i++)
        if (strcmp(package->supervisors[i]->name, name) == 0)
            return package->supervisors[i];
    return NULL;
}

static const char *rate_text(struct sn_diff *diff, const struct sn_supervisor *supervisor)
{
    return supervisor->restarts_unlimited
               ? "unlimited"
               : sn_arena_printf(diff->arena, "%u in %s", (unsigned)supervisor->restarts,
                                 sn_diff_duration(diff, supervisor->window_ns));
}

static void compare(struct sn_diff *diff, const struct sn_supervisor *before,
                    const struct sn_supervisor *now)
{
    const char *old = rate_text(diff, before), *new = rate_text(diff, now);

    if (before->strategy != now->strategy)
        sn_diff_found(diff, 0, now->name, &now->location, "the supervisor '%s' was %s and is %s",
                      now->name, sn_strategy_word(before->strategy),
                      sn_strategy_word(now->strategy));
    if (strcmp(old, new) != 0)
        sn_diff_found(diff, 0, now->name, &now->location,
                      "the supervisor '%s' allowed %s restarts and allows %s", now->name, old, new);
}

void sn_diff_supervisors(struct sn_diff *diff)
{
    for (size_t i = 0; i < diff->before->supervisor_count; i++) {
        const struct sn_supervisor *before = diff->before->supervisors[i];
        const struct sn_supervisor *now = find(diff->now, before->name);

        if (now != NULL)
            compare(diff, before, now);
        else
            sn_diff_found(diff, 0, before->name, &before->location, "the supervisor '%s' is gone",
                          before->name);
    }
    for (size_t i = 0; i < diff->now->supervisor_count; i++)
        if (find(diff->before, diff->now->supervisors[i]->name) == NULL)
            sn_diff_found(diff, 0, diff->now->supervisors[i]->name,
                          &diff->now->supervisors[i]->location, "the supervisor '%s' is new",
                          diff->now->supervisors[i]->name);
}
