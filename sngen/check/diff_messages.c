/* SPDX-License-Identifier: MIT */
/* Messages, errors and protocols of two versions. */
#include "check/diff_parts.h"

#include "model/print.h"

#include <string.h>

/* ---- one message -------------------------------------------------------- */

static void compare_fields(struct sn_diff *diff, const char *what, const char *subject,
                           const struct sn_struct *before, const struct sn_struct *now,
                           const struct sn_location *location)
{
    if (before->field_count == 0 && now->field_count > 0)
        sn_diff_found(diff, SN_BREAK_API, subject, location,
                      "%s carried nothing, so functions that take it have one argument more", what);
    sn_diff_data(diff, what, subject, before, now, location);
}

static void compare_replies(struct sn_diff *diff, const struct sn_message *before,
                            const struct sn_message *now)
{
    if ((before->reply != NULL) != (now->reply != NULL))
        sn_diff_found(diff, SN_BREAK_DATA, before->name, &now->location, "the message '%s' %s",
                      now->name, now->reply != NULL ? "is a request now" : "has no reply any more");
    else if (now->reply != NULL)
        compare_fields(diff, sn_arena_printf(diff->arena, "the reply to '%s'", now->name),
                       sn_arena_printf(diff->arena, "%s_reply", before->name), before->reply,
                       now->reply, &now->location);
}

static bool declares(const struct sn_message *message, const char *error)
{
    for (size_t i = 0; i < message->error_count; i++)
        if (strcmp(message->errors[i]->name, error) == 0)
            return true;
    return false;
}

static const struct sn_error *find_error(const struct sn_package *package, const char *name)
{
    for (size_t i = 0; i < package->error_count; i++)
        if (sn_diff_is_same(name, package->errors[i]->name, &package->errors[i]->was))
            return package->errors[i];
    return NULL;
}

/* An error that is gone from the whole package is told of there. */
static void compare_refusals(struct sn_diff *diff, const struct sn_message *before,
                             const struct sn_message *now)
{
    for (size_t i = 0; i < before->error_count; i++) {
        const struct sn_error *error = find_error(diff->now, before->errors[i]->name);

        if (error != NULL && !declares(now, error->name))
            sn_diff_found(diff, 0, before->name, &now->location,
                          "the message '%s' is not refused with '%s' any more", now->name,
                          error->name);
    }
    for (size_t i = 0; i < now->error_count; i++) {
        const struct sn_error *error = now->errors[i];

        if (!declares(before, error->name) &&
            (error->was.name == NULL || !declares(before, error->was.name)))
            sn_diff_found(diff, 0, before->name, &now->location,
                          "the message '%s' may be refused with '%s' now", now->name, error->name);
    }
}

static const char *bytes_text(struct sn_diff *diff, uint64_t bytes)
{
    return bytes == SN_UNBOUNDED ? "any number of"
                                 : sn_arena_printf(diff->arena, "%llu", (unsigned long long)bytes);
}

/* Whether `limit:` allows less than the fields could reach; else they tell it all. */
static bool is_limited(const struct sn_message *message)
{
    return message->limit < message->fields->size_max ||
           (message->reply != NULL && message->limit < message->reply->size_max);
}

static void compare_limits(struct sn_diff *diff, const struct sn_message *before,
                           const struct sn_message *now)
{
    bool less = now->limit < before->limit;

    if (now->limit == before->limit || (!is_limited(before) && !is_limited(now)))
        return;
    sn_diff_found(diff, less ? SN_BREAK_WIRE : 0, before->name, &now->location,
                  "the message '%s' could have %s bytes and can have %s%s", now->name,
                  bytes_text(diff, before->limit), less ? "only " : "",
                  bytes_text(diff, now->limit));
}

/* What happens to the message on its way. */
static void compare_treatment(struct sn_diff *diff, const struct sn_message *before,
                              const struct sn_message *now)
{
    if (before->lane != now->lane)
        sn_diff_found(diff, SN_BREAK_POLICY, before->name, &now->location,
                      "the message '%s' travelled as %s and travels as %s", now->name,
                      before->lane == SN_LANE_REQUEST ? "request" : "telemetry",
                      now->lane == SN_LANE_REQUEST ? "request" : "telemetry");
    if (before->idempotent != now->idempotent)
        sn_diff_found(diff, before->idempotent ? SN_BREAK_POLICY : 0, before->name, &now->location,
                      now->idempotent ? "the message '%s' is idempotent now"
                                      : "the message '%s' is not idempotent any more",
                      now->name);
    if (before->wire != now->wire)
        sn_diff_found(diff, before->wire ? SN_BREAK_DATA : 0, before->name, &now->location,
                      now->wire ? "the message '%s' can travel to other machines now"
                                : "the message '%s' cannot travel to other machines any more",
                      now->name);
}

static void compare_messages(struct sn_diff *diff, const struct sn_message *before,
                             const struct sn_message *now)
{
    if (strcmp(before->name, now->name) != 0)
        sn_diff_found(diff, SN_BREAK_API, before->name, &now->location,
                      "the message '%s' is called '%s' now", before->name, now->name);
    if (before->number != now->number)
        sn_diff_found(diff, SN_BREAK_WIRE, before->name, &now->location,
                      "the message '%s' was number %u and is number %u%s", now->name,
                      (unsigned)before->number, (unsigned)now->number, sn_diff_advice(diff));
    compare_fields(diff, sn_arena_printf(diff->arena, "the message '%s'", now->name), before->name,
                   before->fields, now->fields, &now->location);
    compare_replies(diff, before, now);
    compare_refusals(diff, before, now);
    compare_limits(diff, before, now);
    compare_treatment(diff, before, now);
}

/* ---- all of them -------------------------------------------------------- */

static struct sn_diff_name *message_names(struct sn_diff *diff, const struct sn_package *package)
{
    struct sn_diff_name *names = sn_diff_names(diff, package->message_count);

    for (size_t i = 0; names != NULL && i < package->message_count; i++)
        names[i] = (struct sn_diff_name){package->messages[i]->name, package->messages[i]->was.name,
                                         package->messages[i]->number};
    return names;
}

static void diff_messages(struct sn_diff *diff)
{
    const struct sn_package *before = diff->before, *now = diff->now;
    const struct sn_diff_name *old = message_names(diff, before), *new = message_names(diff, now);
    struct sn_diff_pairs pairs;

    if (old == NULL || new == NULL ||
        !sn_diff_pair(diff, old, before->message_count, new, now->message_count, &pairs))
        return;
    for (size_t i = 0; i < before->message_count; i++)
        if (pairs.partner[i] != SN_DIFF_NONE)
            compare_messages(diff, before->messages[i], now->messages[pairs.partner[i]]);
        else
            sn_diff_found(diff, SN_BREAK_DATA, old[i].name, &before->messages[i]->location,
                          "the message '%s' is gone", old[i].name);
    for (size_t i = 0; i < now->message_count; i++)
        if (pairs.is_new[i])
            sn_diff_new(diff,
                        &(struct sn_diff_numbers){SN_LOCK_MESSAGES, "", old, pairs.partner,
                                                  before->message_count},
                        &new[i], 0, new[i].name, &now->messages[i]->location,
                        sn_arena_printf(diff->arena, "the message '%s'", new[i].name));
}

static struct sn_diff_name *error_names(struct sn_diff *diff, const struct sn_package *package)
{
    struct sn_diff_name *names = sn_diff_names(diff, package->error_count);

    for (size_t i = 0; names != NULL && i < package->error_count; i++)
        names[i] = (struct sn_diff_name){package->errors[i]->name, package->errors[i]->was.name,
                                         (uint32_t)package->errors[i]->number};
    return names;
}

static void compare_errors(struct sn_diff *diff, const struct sn_error *before,
                           const struct sn_error *now)
{
    if (strcmp(before->name, now->name) != 0)
        sn_diff_found(diff, SN_BREAK_API, before->name, &now->location,
                      "the error '%s' is called '%s' now", before->name, now->name);
    if (before->number != now->number)
        sn_diff_found(diff, SN_BREAK_WIRE, before->name, &now->location,
                      "the error '%s' was %d and is %d%s", now->name, (int)before->number,
                      (int)now->number, sn_diff_advice(diff));
}

static void diff_errors(struct sn_diff *diff)
{
    const struct sn_package *before = diff->before, *now = diff->now;
    const struct sn_diff_name *old = error_names(diff, before), *new = error_names(diff, now);
    struct sn_diff_pairs pairs;

    if (old == NULL || new == NULL ||
        !sn_diff_pair(diff, old, before->error_count, new, now->error_count, &pairs))
        return;
    for (size_t i = 0; i < before->error_count; i++)
        if (pairs.partner[i] != SN_DIFF_NONE)
            compare_errors(diff, before->errors[i], now->errors[pairs.partner[i]]);
        else
            sn_diff_found(diff, SN_BREAK_API, old[i].name, &before->errors[i]->location,
                          "the error '%s' is gone", old[i].name);
    for (size_t i = 0; i < now->error_count; i++)
        if (pairs.is_new[i])
            sn_diff_new(diff,
                        &(struct sn_diff_numbers){SN_LOCK_ERRORS, "", old, pairs.partner,
                                                  before->error_count},
                        &new[i], 0, new[i].name, &now->errors[i]->location,
                        sn_arena_printf(diff->arena, "the error '%s'", new[i].name));
}

static const struct sn_protocol *find_protocol(const struct sn_package *package, const char *name)
{
    for (size_t i = 0; i < package->protocol_count; i++)
        if (strcmp(package->protocols[i]->name, name) == 0)
            return package->protocols[i];
    return NULL;
}

static bool had_message(const struct sn_protocol *protocol, const struct sn_message *now)
{
    for (size_t i = 0; i < protocol->message_count; i++)
        if (sn_diff_is_same(protocol->messages[i]->name, now->name, &now->was))
            return true;
    return false;
}

static bool has_message(const struct sn_protocol *protocol, const struct sn_message *before)
{
    for (size_t i = 0; i < protocol->message_count; i++)
        if (sn_diff_is_same(before->name, protocol->messages[i]->name, &protocol->messages[i]->was))
            return true;
    return false;
}

/* Other schemas handle a protocol by its name: they miss what goes, and what comes is a function
 * that they must write. */
static void compare_protocols(struct sn_diff *diff, const struct sn_protocol *before,
                              const struct sn_protocol *now)
{
    for (size_t i = 0; i < before->message_count; i++)
        if (!has_message(now, before->messages[i]))
            sn_diff_found(diff, SN_BREAK_API, before->name, &now->location,
                          "the protocol '%s': '%s' is gone", now->name, before->messages[i]->name);
    for (size_t i = 0; i < now->message_count; i++)
        if (!had_message(before, now->messages[i]))
            sn_diff_found(diff, SN_BREAK_API, before->name, &now->location,
                          "the protocol '%s': '%s' is new, so whoever handles it has one function "
                          "to write",
                          now->name, now->messages[i]->name);
}

static void diff_protocols(struct sn_diff *diff)
{
    for (size_t i = 0; i < diff->before->protocol_count; i++) {
        const struct sn_protocol *before = diff->before->protocols[i];
        const struct sn_protocol *now = find_protocol(diff->now, before->name);

        if (now == NULL)
            sn_diff_found(diff, SN_BREAK_API, before->name, &before->location,
                          "the protocol '%s' is gone", before->name);
        else
            compare_protocols(diff, before, now);
    }
    for (size_t i = 0; i < diff->now->protocol_count; i++) {
        const struct sn_protocol *now = diff->now->protocols[i];

        if (find_protocol(diff->before, now->name) == NULL)
            sn_diff_found(diff, 0, now->name, &now->location, "the protocol '%s' is new",
                          now->name);
    }
}

void sn_diff_messages(struct sn_diff *diff)
{
    diff_messages(diff);
    diff_errors(diff);
    diff_protocols(diff);
}
