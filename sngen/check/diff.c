/* SPDX-License-Identifier: MIT */
/*
 * Two versions of a package. Things are matched by their names and by what
 * `was:` says in the new version; what has no partner is gone, or new.
 * Additions break nobody, except where they move what was there.
 *
 * Numbers are those of the models, so those of sngen.lock where a version has
 * one: a new order is a break only for versions without.
 */
#include "check/diff.h"

#include "base/map.h"
#include "check/diff_parts.h"
#include "model/print.h"

#include <stdarg.h>
#include <string.h>

const char *sn_break_name(unsigned index)
{
    static const char *const names[SN_BREAK_KINDS] = {"wire",      "api",    "snapshot",
                                                      "partition", "policy", "edge"};

    return names[index];
}

void sn_diff_found(struct sn_diff *diff, unsigned kinds, const char *subject,
                   const struct sn_location *location, const char *format, ...)
{
    struct sn_diff_finding finding = {.kinds = kinds,
                                      /* what was filled in by default stands nowhere */
                                      .location =
                                          location->file != NULL ? *location : diff->now->location};
    va_list list;

    finding.subject = sn_arena_printf(diff->arena, "%s%s", diff->prefix, subject);
    va_start(list, format);
    finding.text = sn_arena_vprintf(diff->arena, format, list);
    va_end(list);
    diff->sink->found(diff->sink, &finding);
}

const char *sn_diff_advice(struct sn_diff *diff)
{
    if (*diff->advised || diff->now->lock != NULL)
        return "";
    *diff->advised = true;
    return "; add new ones at the end, or let `sngen lock` keep the numbers";
}

const char *sn_diff_duration(struct sn_diff *diff, uint64_t ns)
{
    struct sn_buffer text = {0};
    const char *copy;

    sn_print_duration(&text, ns);
    copy = text.failed ? "" : sn_arena_text(diff->arena, text.data, text.size);
    sn_buffer_fini(&text);
    return copy;
}

const char *sn_diff_span(struct sn_diff *diff, uint64_t from_ns, uint64_t to_ns)
{
    return to_ns == 0 ? "none"
                      : sn_arena_printf(diff->arena, "%s..%s", sn_diff_duration(diff, from_ns),
                                        sn_diff_duration(diff, to_ns));
}

const char *sn_diff_stop_time(struct sn_diff *diff, uint64_t ns)
{
    if (ns == SN_NO_TIME_LIMIT)
        return "unlimited";
    return ns == 0 ? "brutal" : sn_diff_duration(diff, ns);
}

const char *sn_diff_part(struct sn_diff *diff, const struct sn_diff_subject *subject,
                         const char *part)
{
    return sn_arena_printf(diff->arena, "%s.%s", subject->name, part);
}

/* ---- partners ----------------------------------------------------------- */

bool sn_diff_is_same(const char *before, const char *now, const struct sn_was *was)
{
    return strcmp(before, now) == 0 || (was->name != NULL && strcmp(before, was->name) == 0);
}

struct sn_diff_name *sn_diff_names(struct sn_diff *diff, size_t count)
{
    return sn_arena_array(diff->arena, count, sizeof(struct sn_diff_name));
}

static void index_names(struct sn_diff *diff, struct sn_map *map, const struct sn_diff_name *names,
                        size_t count)
{
    sn_map_init(map, diff->arena);
    for (size_t i = 0; i < count; i++)
        sn_map_put(map, names[i].name, &names[i]);
}

bool sn_diff_pair(struct sn_diff *diff, const struct sn_diff_name *before, size_t before_count,
                  const struct sn_diff_name *now, size_t now_count, struct sn_diff_pairs *ret_pairs)
{
    size_t *partner = sn_arena_array(diff->arena, before_count, sizeof *partner);
    bool *is_new = sn_arena_array(diff->arena, now_count, sizeof *is_new);
    struct sn_map names;

    if (partner == NULL || is_new == NULL)
        return false;
    index_names(diff, &names, before, before_count);
    for (size_t i = 0; i < before_count; i++)
        partner[i] = SN_DIFF_NONE;
    for (size_t i = 0; i < now_count; i++) {
        const struct sn_diff_name *old = now[i].was != NULL ? sn_map_get(&names, now[i].was) : NULL;

        if (old == NULL)
            old = sn_map_get(&names, now[i].name);
        is_new[i] = old == NULL || partner[old - before] != SN_DIFF_NONE;
        if (!is_new[i])
            partner[old - before] = i;
    }
    *ret_pairs = (struct sn_diff_pairs){.partner = partner, .is_new = is_new};
    return true;
}

/* Who had the number: something that is gone, or what the old lock has retired. */
static const char *former_holder(struct sn_diff *diff, const struct sn_diff_numbers *numbers,
                                 uint32_t number)
{
    const struct sn_lock_owner *owner =
        sn_lock_owner(diff->before->lock, numbers->section, numbers->owner);

    for (size_t i = 0; i < numbers->count; i++)
        if (numbers->partner[i] == SN_DIFF_NONE && numbers->before[i].number == number)
            return numbers->before[i].name;
    for (const struct sn_lock_entry *entry = owner != NULL ? owner->retired : NULL; entry != NULL;
         entry = entry->next)
        for (size_t i = 0; i < entry->retired_count; i++)
            if (entry->retired[i] == number)
                return entry->name + sn_lock_owner_size(entry->name) + (numbers->owner[0] != '\0');
    return NULL;
}

void sn_diff_new(struct sn_diff *diff, const struct sn_diff_numbers *numbers,
                 const struct sn_diff_name *now, unsigned kinds, const char *subject,
                 const struct sn_location *location, const char *what)
{
    const char *holder = numbers != NULL ? former_holder(diff, numbers, now->number) : NULL;
    const char *advice = "";

    if (now->was != NULL)
        advice =
            sn_arena_printf(diff->arena, "; the old version has no '%s' that it was", now->was);
    else if (holder != NULL)
        advice = sn_arena_printf(diff->arena, "; if it was only renamed, say `was: %s`", holder);
    if (holder == NULL)
        sn_diff_found(diff, kinds, subject, location, "%s is new%s", what, advice);
    else
        sn_diff_found(diff, kinds | SN_BREAK_WIRE, subject, location,
                      "%s is new, with the number %u that '%s' had%s", what, (unsigned)now->number,
                      holder, advice);
}

/* ---- the package -------------------------------------------------------- */

static const struct sn_constant *find_constant(const struct sn_package *package, const char *name)
{
    for (size_t i = 0; i < package->constant_count; i++)
        if (strcmp(package->constants[i]->name, name) == 0)
            return package->constants[i];
    return NULL;
}

static const char *budget_text(struct sn_diff *diff, const struct sn_package *package)
{
    return package->memory_bytes == 0 ? "not declared"
                                      : sn_arena_printf(diff->arena, "%llu bytes on each of %u",
                                                        (unsigned long long)package->memory_bytes,
                                                        (unsigned)package->memory_shards);
}

static bool has_batches(const struct sn_package *package)
{
    for (size_t i = 0; i < package->edge_count; i++)
        if (package->edges[i].batch_bytes > 0)
            return true;
    return false;
}

static void diff_constants(struct sn_diff *diff)
{
    for (size_t i = 0; i < diff->before->constant_count; i++) {
        const struct sn_constant *before = diff->before->constants[i];
        const struct sn_constant *now = find_constant(diff->now, before->name);

        if (now == NULL)
            sn_diff_found(diff, SN_BREAK_API, before->name, &before->location,
                          "the constant '%s' is gone", before->name);
        else if (now->value != before->value)
            sn_diff_found(diff, 0, now->name, &now->location,
                          "the constant '%s' was %llu and is %llu", now->name,
                          (unsigned long long)before->value, (unsigned long long)now->value);
    }
    for (size_t i = 0; i < diff->now->constant_count; i++)
        if (find_constant(diff->before, diff->now->constants[i]->name) == NULL)
            sn_diff_found(diff, 0, diff->now->constants[i]->name,
                          &diff->now->constants[i]->location, "the constant '%s' is new",
                          diff->now->constants[i]->name);
}

/* What `check` promises of the memory of a shard: nobody outside can tell. */
static void diff_budget(struct sn_diff *diff)
{
    const struct sn_package *before = diff->before, *now = diff->now;

    if (before->memory_bytes == now->memory_bytes && before->memory_shards == now->memory_shards)
        return;
    sn_diff_found(diff, 0, before->name, &now->location, "the memory of a shard was %s and is %s",
                  budget_text(diff, before), budget_text(diff, now));
}

/* The flush of all batches is one function of the package. */
static void diff_flush(struct sn_diff *diff)
{
    if (has_batches(diff->before) && !has_batches(diff->now))
        sn_diff_found(diff, SN_BREAK_API, diff->before->name, &diff->now->location,
                      "nothing has a batch any more, so there is no function to flush them");
}

/* What became of a package of the old version. */
static const struct sn_package *find_package(const struct sn_model *now,
                                             const struct sn_package *before)
{
    for (size_t i = 0; i < now->package_count; i++)
        if (sn_diff_is_same(before->name, now->packages[i]->name, &now->packages[i]->was))
            return now->packages[i];
    return NULL;
}

static bool had_package(const struct sn_model *before, const struct sn_package *now)
{
    for (size_t i = 0; i < before->package_count; i++)
        if (sn_diff_is_same(before->packages[i]->name, now->name, &now->was))
            return true;
    return false;
}

static void diff_data(struct sn_diff *diff)
{
    const struct sn_package *before = diff->before, *now = diff->now;

    if (strcmp(before->name, now->name) != 0)
        sn_diff_found(diff, SN_BREAK_DATA, before->name, &now->location,
                      "the package '%s' is called '%s' now", before->name, now->name);
    diff_constants(diff);
    sn_diff_types(diff);
    sn_diff_messages(diff);
}

/* What an import declares is part of what the package is made of. */
static void diff_imports(struct sn_diff *diff, const struct sn_model *before,
                         const struct sn_model *now)
{
    for (size_t i = 0; i < before->package_count; i++) {
        const struct sn_package *package = before->packages[i];
        struct sn_diff inner = *diff;

        if (package == before->package)
            continue;
        inner.before = package;
        inner.now = find_package(now, package);
        inner.prefix = sn_arena_printf(diff->arena, "%s.", package->name);
        if (inner.now == NULL)
            sn_diff_found(diff, SN_BREAK_API, package->name, &before->package->location,
                          "the package '%s' is not imported any more", package->name);
        else
            diff_data(&inner);
    }
    for (size_t i = 0; i < now->package_count; i++)
        if (now->packages[i] != now->package && !had_package(before, now->packages[i]))
            sn_diff_found(diff, 0, now->packages[i]->name, &now->package->location,
                          "the package '%s' is imported", now->packages[i]->name);
}

void sn_diff(const struct sn_model *before, const struct sn_model *now, struct sn_diff_sink *sink)
{
    bool advised = false;
    struct sn_diff_uses uses;
    struct sn_diff diff = {.arena = now->arena,
                           .before = before->package,
                           .now = now->package,
                           .sink = sink,
                           .uses = &uses,
                           .prefix = "",
                           .advised = &advised};

    sn_diff_uses_init(&uses, now->arena, before, now);
    diff_data(&diff);
    sn_diff_workers(&diff);
    sn_diff_pools(&diff);
    sn_diff_supervisors(&diff);
    sn_diff_phases(&diff);
    diff_flush(&diff);
    diff_budget(&diff);
    diff_imports(&diff, before, now);
}
