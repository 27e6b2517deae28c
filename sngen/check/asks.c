/* SPDX-License-Identifier: MIT */
/* Asks: retries that could do something twice, and answers that come too late for the caller. */
#include "check/checks.h"

#include "lang/value.h"

static void check_retry(const struct sn_ask *ask, struct sn_diags *diags)
{
    if (ask->retry.times == 0)
        return;
    if (!ask->edge.message->idempotent) {
        sn_diag_error(diags, SN_CODE_RETRY, &ask->location,
                      "'%s' retries '%s', which is not idempotent: it could be done twice",
                      ask->role, ask->edge.message->name);
        sn_diag_note(diags, &ask->edge.message->location, "the message");
        sn_diag_help(diags, "say `idempotent: true` at the message if doing it twice is the same "
                            "as once; else leave `retry` away");
    }
    if (ask->edge.deadline_ns == SN_NO_TIME_LIMIT) {
        sn_diag_error(diags, SN_CODE_RETRY, &ask->location,
                      "'%s' has no deadline, so it will never be retried", ask->role);
        sn_diag_help(diags, "give it a deadline, or leave `retry` away");
    }
}

static void check_survival(const struct sn_package *package, const struct sn_worker *worker,
                           const struct sn_ask *ask, struct sn_diags *diags)
{
    for (size_t i = 0; ask->survives && i < package->pool_count; i++) {
        const struct sn_pool *pool = package->pools[i];

        if (pool->worker != worker || pool->restart != SN_RESTART_TEMPORARY)
            continue;
        sn_diag_warning(diags, SN_CODE_SUPERVISION, &ask->location,
                        "'%s' says `survives`, but the pool '%s' is never restarted", ask->role,
                        pool->name);
        sn_diag_note(diags, &pool->location, "the pool is temporary");
    }
}

/* The longest that an ask takes, with all its retries; SN_NO_TIME_LIMIT when without end. */
static uint64_t longest(const struct sn_ask *ask)
{
    uint64_t deadline = ask->edge.deadline_ns, times = (uint64_t)ask->retry.times + 1;

    if (deadline == SN_NO_TIME_LIMIT || deadline > (SN_NO_TIME_LIMIT - 1) / times)
        return SN_NO_TIME_LIMIT;
    return deadline * times;
}

struct caller {
    const struct sn_edge *edge;
    const char *name;
};

static void compare(const struct sn_ask *ask, const struct sn_message *request,
                    const struct caller *caller, struct sn_diags *diags)
{
    char takes[SN_DURATION_TEXT_BYTES] = "for ever", waits[SN_DURATION_TEXT_BYTES];
    uint64_t time = longest(ask);

    if (caller->edge->message != request || caller->edge->deadline_ns >= time)
        return;
    if (time != SN_NO_TIME_LIMIT)
        sn_value_write_duration(time, takes);
    sn_value_write_duration(caller->edge->deadline_ns, waits);
    sn_diag_warning(diags, SN_CODE_DEADLINE, &ask->location,
                    "'%s' may take %s, but '%s' waits only %s for its answer to '%s'", ask->role,
                    takes, caller->name, waits, request->name);
    sn_diag_note(diags, &caller->edge->location, "here is who waits");
    sn_diag_help(diags, "give '%s' a shorter deadline, or the caller a longer one", ask->role);
}

/* Every edge that carries a request which this ask, by its context, will answer. */
static void check_callers(const struct sn_package *package, const struct sn_ask *ask,
                          const struct sn_message *request, struct sn_diags *diags)
{
    for (size_t i = 0; i < package->edge_count; i++)
        if (package->edges[i].verb == SN_VERB_CALL)
            compare(ask, request, &(struct caller){&package->edges[i], "main"}, diags);
    for (size_t i = 0; i < package->worker_count; i++)
        for (size_t k = 0; k < package->workers[i]->ask_count; k++)
            compare(ask, request,
                    &(struct caller){&package->workers[i]->asks[k].edge, package->workers[i]->name},
                    diags);
}

static void check_deadline(const struct sn_package *package, const struct sn_ask *ask,
                           struct sn_diags *diags)
{
    for (size_t i = 0; ask->context != NULL && i < ask->context->field_count; i++)
        if (ask->context->fields[i].type.kind == SN_KIND_REPLY_TO)
            check_callers(package, ask, ask->context->fields[i].type.message, diags);
}

void sn_check_asks(const struct sn_model *model, struct sn_diags *diags)
{
    const struct sn_package *package = model->package;

    for (size_t i = 0; i < package->worker_count; i++)
        for (size_t k = 0; k < package->workers[i]->ask_count; k++) {
            const struct sn_ask *ask = &package->workers[i]->asks[k];

            check_retry(ask, diags);
            check_survival(package, package->workers[i], ask, diags);
            check_deadline(package, ask, diags);
        }
}
