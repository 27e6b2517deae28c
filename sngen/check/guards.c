/* SPDX-License-Identifier: MIT */
/* Retries: those that could do something twice, and those that never happen. */
#include "check/checks.h"

#include "lang/value.h"

static bool has_token(const struct sn_struct *structure);

static bool is_token(const struct sn_type *type)
{
    return type->kind == SN_KIND_REPLY_TO || (type->of != NULL && is_token(type->of)) ||
           (type->kind == SN_KIND_STRUCT && has_token(type->structure));
}

static bool has_token(const struct sn_struct *structure)
{
    for (size_t i = 0; structure != NULL && i < structure->field_count; i++)
        if (is_token(&structure->fields[i].type))
            return true;
    return false;
}

/* A request that is asked again, by a role or a thread outside. */
static void check_repeatable(const char *who, const struct sn_edge *edge,
                             const struct sn_location *at, struct sn_diags *diags)
{
    const struct sn_message *message = edge->message;

    if (!message->idempotent) {
        sn_diag_error(diags, SN_CODE_RETRY, at,
                      "'%s' retries '%s', which is not idempotent: it could be done twice", who,
                      message->name);
        sn_diag_note(diags, &message->location, "the message");
        sn_diag_help(diags, "say `idempotent: true` at the message if doing it twice is the same "
                            "as once; else leave `retry` away");
    } else if (has_token(message->fields)) {
        sn_diag_error(diags, SN_CODE_RETRY, at,
                      "'%s' retries '%s', which hands on a reply address: that can be done once",
                      who, message->name);
        sn_diag_note(diags, &message->location, "the message");
    }
}

static void check_request(const char *who, const struct sn_edge *edge, const struct sn_location *at,
                          struct sn_diags *diags)
{
    const struct sn_guard *guard = edge->guard;
    char pause[SN_DURATION_TEXT_BYTES], deadline[SN_DURATION_TEXT_BYTES];

    if (edge->message == NULL || guard == NULL || guard->retries == 0)
        return;
    check_repeatable(who, edge, at, diags);
    if (guard->backoff_min_ns < edge->deadline_ns)
        return;
    sn_value_write_duration(guard->backoff_min_ns, pause);
    sn_value_write_duration(edge->deadline_ns, deadline);
    sn_diag_warning(diags, SN_CODE_RETRY, at,
                    "'%s' is never retried: the pause is %s, and the deadline %s", who, pause,
                    deadline);
    sn_diag_help(diags, "give it a shorter `backoff`, or a longer deadline");
}

static const char *policy_name(enum sn_full full)
{
    return full == SN_FULL_PARK          ? "park"
           : full == SN_FULL_DROP_OLDEST ? "drop_oldest"
                                         : "drop_newest";
}

static void check_edge(const struct sn_edge *edge, struct sn_diags *diags)
{
    if (edge->guard == NULL || edge->guard->retries == 0 || edge->slot->full == SN_FULL_REJECT)
        return;
    sn_diag_warning(diags, SN_CODE_RETRY, &edge->guard->location,
                    "'%s' to '%s' is never retried: its policy when the mailbox is full is %s",
                    edge->message->name, edge->pool->name, policy_name(edge->slot->full));
    sn_diag_note(diags, &edge->slot->location, "the policy");
}

void sn_check_guards(const struct sn_model *model, struct sn_diags *diags)
{
    const struct sn_package *package = model->package;

    for (size_t w = 0; w < package->worker_count; w++) {
        const struct sn_worker *worker = package->workers[w];

        for (size_t i = 0; i < worker->edge_count; i++)
            check_edge(&worker->edges[i], diags);
        for (size_t i = 0; i < worker->ask_count; i++)
            check_request(worker->asks[i].role, &worker->asks[i].edge, &worker->asks[i].location,
                          diags);
    }
    for (size_t i = 0; i < package->edge_count; i++)
        if (package->edges[i].verb == SN_VERB_CALL)
            check_request("main", &package->edges[i], &package->edges[i].location, diags);
}
