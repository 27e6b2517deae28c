/* SPDX-License-Identifier: MIT */

/*
 * What a specification must not say. sngen refuses the same things with a line number; this is
 * for trees that are written by hand, and for children that are added at run time. What needs a
 * look at the rest of the tree (names used twice, pools used twice, depth) is found by build.c.
 */

#include "supervise/tree.h"

static const char *window_problem(const struct sn_supervisor_spec *spec)
{
    bool limited = spec->restarts != SN_RESTARTS_UNLIMITED;

    if (limited && spec->restarts > SN_RESTARTS_MAX)
        return "restarts is above 65535 and not unlimited";
    if (spec->backoff_min_ns > spec->backoff_max_ns)
        return "the back-off's minimum is above its maximum";
    if (spec->backoff_max_ns > 0 && spec->backoff_min_ns == 0)
        return "the back-off's minimum is 0 and its maximum is not";
    if (spec->window_ns == 0 && (limited || spec->backoff_max_ns > 0))
        return "the window is 0";
    return NULL;
}

const char *sn_supervisor_problem(const struct sn_supervisor_spec *spec)
{
    if (!spec->name)
        return "a supervisor has no name";
    if (spec->strategy > SN_REST_FOR_ONE)
        return "the strategy is none of the three";
    if (spec->auto_shutdown > SN_AUTO_SHUTDOWN_ALL)
        return "auto_shutdown is none of the three";
    if (spec->child_count > 0 && !spec->children)
        return "there are no children where some are announced";
    return window_problem(spec);
}

static const char *significant_problem(const struct sn_supervisor_spec *owner,
                                       const struct sn_child_spec *spec)
{
    if (owner->auto_shutdown == SN_AUTO_SHUTDOWN_NEVER)
        return "a significant child of a supervisor whose auto_shutdown is never";
    if (spec->restart == SN_PERMANENT)
        return "a significant child that is permanent never ends";
    if (spec->dynamic)
        return "a pool made at run time cannot be significant";
    return NULL;
}

const char *sn_child_problem(const struct sn_supervisor_spec *owner,
                             const struct sn_child_spec *spec)
{
    if (!spec->name)
        return "a child has no name";
    if (spec->restart > SN_TEMPORARY)
        return "restart is none of the three";
    if (spec->supervisor && (spec->dynamic || spec->members > 1))
        return "a supervisor is not a pool";
    if (!spec->supervisor && spec->pool >= SN_TREE_POOLS_MAX)
        return "the number of the pool is above 65535";
    if (spec->dynamic && spec->members == 0)
        return "a pool made at run time needs a maximum";
    return spec->significant ? significant_problem(owner, spec) : NULL;
}
