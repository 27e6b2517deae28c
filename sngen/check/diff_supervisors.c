/* SPDX-License-Identifier: MIT */
/*
 * Supervisors of two versions. Who restarts whom is nobody's business outside, so most of it is
 * compatible, but a reviewer wants to see it. What ends a part of the system that went on before,
 * or sooner than before, is a break: whoever sends there is refused.
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

/* Fewer restarts, or the same in a longer time, are sooner too many. */
static bool is_stricter(const struct sn_supervisor *before, const struct sn_supervisor *now)
{
    if (before->restarts_unlimited || now->restarts_unlimited)
        return !now->restarts_unlimited;
    return now->restarts < before->restarts || now->window_ns > before->window_ns;
}

static void compare_restarts(struct sn_diff *diff, const struct sn_supervisor *before,
                             const struct sn_supervisor *now)
{
    const char *old = rate_text(diff, before), *new = rate_text(diff, now);
    const char *slow = sn_diff_span(diff, before->backoff_min_ns, before->backoff_max_ns);
    const char *slower = sn_diff_span(diff, now->backoff_min_ns, now->backoff_max_ns);

    if (before->strategy != now->strategy)
        sn_diff_found(diff, 0, now->name, &now->location, "the supervisor '%s' was %s and is %s",
                      now->name, sn_strategy_word(before->strategy),
                      sn_strategy_word(now->strategy));
    if (strcmp(old, new) != 0)
        sn_diff_found(diff, is_stricter(before, now) ? SN_BREAK_POLICY : 0, now->name,
                      &now->location, "the supervisor '%s' allowed %s restarts and allows %s",
                      now->name, old, new);
    if (strcmp(slow, slower) != 0)
        sn_diff_found(diff, 0, now->name, &now->location,
                      "the supervisor '%s': the pauses before a restart were %s and are %s",
                      now->name, slow, slower);
}

/* What its parent does with it, and when it ends by itself. */
static void compare_ends(struct sn_diff *diff, const struct sn_supervisor *before,
                         const struct sn_supervisor *now)
{
    static const char *const whens[] = {[SN_AUTO_SHUTDOWN_NEVER] = "never",
                                        [SN_AUTO_SHUTDOWN_ANY] = "any",
                                        [SN_AUTO_SHUTDOWN_ALL] = "all"};

    if (before->restart != now->restart)
        sn_diff_found(diff, now->restart > before->restart ? SN_BREAK_POLICY : 0, now->name,
                      &now->location, "the supervisor '%s' was %s and is %s", now->name,
                      sn_restart_word(before->restart), sn_restart_word(now->restart));
    if (before->shutdown_ns != now->shutdown_ns)
        sn_diff_found(diff, now->shutdown_ns < before->shutdown_ns ? SN_BREAK_POLICY : 0, now->name,
                      &now->location, "the supervisor '%s' had %s to end and has %s", now->name,
                      sn_diff_stop_time(diff, before->shutdown_ns),
                      sn_diff_stop_time(diff, now->shutdown_ns));
    if (before->auto_shutdown != now->auto_shutdown)
        sn_diff_found(diff,
                      before->auto_shutdown == SN_AUTO_SHUTDOWN_NEVER ||
                              now->auto_shutdown == SN_AUTO_SHUTDOWN_ANY
                          ? SN_BREAK_POLICY
                          : 0,
                      now->name, &now->location,
                      "the supervisor '%s': auto_shutdown was %s and is %s", now->name,
                      whens[before->auto_shutdown], whens[now->auto_shutdown]);
}

/* ---- children ----------------------------------------------------------- */

static const char *child_name(const struct sn_child *child)
{
    return child->pool != NULL ? child->pool->name : child->supervisor->name;
}

static bool same_child(const struct sn_child *before, const struct sn_child *now)
{
    if (before->pool == NULL || now->pool == NULL)
        return strcmp(child_name(before), child_name(now)) == 0;
    return sn_diff_is_same(before->pool->name, now->pool->name, &now->pool->was);
}

static const char *children_text(struct sn_diff *diff, const struct sn_supervisor *supervisor)
{
    struct sn_buffer text = {0};
    const char *copy;

    for (size_t i = 0; i < supervisor->child_count; i++)
        sn_buffer_printf(&text, "%s%s", i > 0 ? ", " : "", child_name(&supervisor->children[i]));
    if (text.failed)
        sn_arena_fail(diff->arena);
    copy = sn_arena_text(diff->arena, text.data, text.size);
    sn_buffer_fini(&text);
    return copy;
}

static bool same_children(const struct sn_supervisor *before, const struct sn_supervisor *now)
{
    bool same = before->child_count == now->child_count;

    for (size_t i = 0; same && i < now->child_count; i++)
        same = same_child(&before->children[i], &now->children[i]);
    return same;
}

static const struct sn_child *find_child(const struct sn_supervisor *now,
                                         const struct sn_child *before)
{
    for (size_t i = 0; i < now->child_count; i++)
        if (same_child(before, &now->children[i]))
            return &now->children[i];
    return NULL;
}

/* With `any`, one more child can end it all; with `all`, one less. */
static bool ends_sooner(const struct sn_supervisor *now, bool significant)
{
    return now->auto_shutdown == (significant ? SN_AUTO_SHUTDOWN_ANY : SN_AUTO_SHUTDOWN_ALL);
}

static void compare_children(struct sn_diff *diff, const struct sn_supervisor *before,
                             const struct sn_supervisor *now)
{
    if (!same_children(before, now))
        sn_diff_found(diff, 0, now->name, &now->location,
                      "the supervisor '%s' had the children [%s] and has [%s]", now->name,
                      children_text(diff, before), children_text(diff, now));
    for (size_t i = 0; i < before->child_count; i++) {
        const struct sn_child *child = find_child(now, &before->children[i]);

        if (child != NULL && child->significant != before->children[i].significant)
            sn_diff_found(diff, ends_sooner(now, child->significant) ? SN_BREAK_POLICY : 0,
                          now->name, &now->location, "the supervisor '%s': '%s' is %s", now->name,
                          child_name(child),
                          child->significant ? "significant now" : "not significant any more");
    }
}

/* The root that stands for all pools where none is declared follows the pools. */
static void compare(struct sn_diff *diff, const struct sn_supervisor *before,
                    const struct sn_supervisor *now)
{
    compare_restarts(diff, before, now);
    compare_ends(diff, before, now);
    if (before->location.file != NULL || now->location.file != NULL)
        compare_children(diff, before, now);
}

/* ---- all of them -------------------------------------------------------- */

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
