/* SPDX-License-Identifier: MIT */
/*
 * What is declared and leads nowhere: messages that nobody handles, messages
 * that nobody sends, workers that nothing can wake. All of it is legal, so it
 * only gives warnings, and only in the package that was asked for: a package of
 * messages for others has every right to use none of them itself.
 */
#include "check/checks.h"

#include "base/map.h"

struct usage {
    const struct sn_package *package;
    struct sn_diags *diags;
    bool *handled; /* by index */
    bool *sent;
};

static void mark(struct usage *usage, bool *marks, const struct sn_message *message)
{
    if (message != NULL && message->package == usage->package)
        marks[message->index] = true;
}

static void mark_worker(struct usage *usage, const struct sn_worker *worker)
{
    for (size_t i = 0; i < worker->handle_count; i++)
        mark(usage, usage->handled, worker->handles[i]);
    for (size_t i = 0; i < worker->edge_count; i++)
        mark(usage, usage->sent, worker->edges[i].message);
    for (size_t i = 0; i < worker->ask_count; i++)
        mark(usage, usage->sent, worker->asks[i].edge.message);
}

/* A message whose fields serve as a type elsewhere is used that way. */
static void mark_type(struct usage *usage, const struct sn_type *type)
{
    const struct sn_struct *structure = type->structure;

    if (type->of != NULL)
        mark_type(usage, type->of);
    if (structure != NULL && structure->message != NULL) {
        mark(usage, usage->handled, structure->message);
        mark(usage, usage->sent, structure->message);
    }
}

static void mark_fields(struct usage *usage, const struct sn_field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++)
        mark_type(usage, &fields[i].type);
}

static void mark_types(struct usage *usage)
{
    const struct sn_package *package = usage->package;

    for (size_t i = 0; i < package->declaration_count; i++)
        if (package->declarations[i].structure != NULL)
            mark_fields(usage, package->declarations[i].structure->fields,
                        package->declarations[i].structure->field_count);
    for (size_t i = 0; i < package->worker_count; i++) {
        const struct sn_worker *worker = package->workers[i];

        mark_fields(usage, worker->state, worker->state_count);
        mark_fields(usage, worker->retain, worker->retain_count);
        for (size_t k = 0; k < worker->ask_count; k++)
            if (worker->asks[k].context != NULL)
                mark_fields(usage, worker->asks[k].context->fields,
                            worker->asks[k].context->field_count);
    }
    for (size_t i = 0; i < package->protocol_count; i++)
        for (size_t k = 0; k < package->protocols[i]->message_count; k++) {
            mark(usage, usage->handled, package->protocols[i]->messages[k]);
            mark(usage, usage->sent, package->protocols[i]->messages[k]);
        }
}

static void report_messages(struct usage *usage)
{
    for (size_t i = 0; i < usage->package->message_count; i++) {
        const struct sn_message *message = usage->package->messages[i];

        if (!usage->handled[i]) {
            sn_diag_warning(usage->diags, SN_CODE_UNUSED, &message->location,
                            "no worker handles the message '%s'", message->name);
            sn_diag_help(usage->diags, "add it to the `handles` of a worker, or remove it");
        } else if (!usage->sent[i]) {
            sn_diag_warning(usage->diags, SN_CODE_UNREACHABLE, &message->location,
                            "nobody sends the message '%s'", message->name);
            sn_diag_help(usage->diags, "name its pool in the `calls` or `asks` of a worker, or in "
                                       "`main: {calls: [...]}`");
        }
    }
}

static void report_workers(struct usage *usage)
{
    for (size_t i = 0; i < usage->package->worker_count; i++) {
        const struct sn_worker *worker = usage->package->workers[i];

        if (worker->handle_count > 0 || worker->timer_count > 0 || worker->tick_ns > 0 ||
            worker->has_init)
            continue;
        sn_diag_warning(usage->diags, SN_CODE_UNUSED, &worker->location,
                        "nothing can wake the worker '%s'", worker->name);
        sn_diag_help(usage->diags, "give it messages under `handles`, a `tick`, `timers`, or a "
                                   "hook `init`");
    }
}

void sn_check_usage(const struct sn_model *model, struct sn_diags *diags)
{
    const struct sn_package *package = model->package;
    struct usage usage = {.package = package, .diags = diags};

    usage.handled = sn_arena_array(model->arena, package->message_count, sizeof *usage.handled);
    usage.sent = sn_arena_array(model->arena, package->message_count, sizeof *usage.sent);
    if (package->worker_count == 0 || usage.handled == NULL || usage.sent == NULL)
        return;
    for (size_t i = 0; i < package->worker_count; i++)
        mark_worker(&usage, package->workers[i]);
    for (size_t i = 0; i < package->edge_count; i++)
        mark(&usage, usage.sent, package->edges[i].message);
    mark_types(&usage);
    report_messages(&usage);
    report_workers(&usage);
}
