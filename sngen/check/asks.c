/* SPDX-License-Identifier: MIT */
/* Asks: answers that come too late for the caller, or for whoever asked. */
#include "check/checks.h"

#include "lang/value.h"

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

struct caller {
    const struct sn_edge *edge;
    const char *name;
};

static void compare(const struct sn_ask *ask, const struct sn_message *request,
                    const struct caller *caller, struct sn_diags *diags)
{
    char takes[SN_DURATION_TEXT_BYTES] = "for ever", waits[SN_DURATION_TEXT_BYTES];
    uint64_t time = ask->edge.deadline_ns;

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

            check_survival(package, package->workers[i], ask, diags);
            check_deadline(package, ask, diags);
        }
}
