/* SPDX-License-Identifier: MIT */
/*
 * What is declared and leads nowhere: messages that nobody handles, messages
 * that nobody sends, workers that nothing can wake, directly or through others.
 * All of it is legal, so it only gives warnings, and only in the package that
 * was asked for: a package of messages for others has every right to use none
 * of them itself.
 */
#include "check/checks.h"

#include "base/map.h"

struct usage {
    const struct sn_package *package;
    struct sn_diags *diags;
    bool *handled; /* by index */
    bool *sent;
    /* Workers by their place in the package. */
    struct sn_map numbers;         /* struct sn_worker *const in package->workers, by name */
    bool *called;                  /* somebody sends to it */
    bool *awake;                   /* something can wake it */
    const struct sn_worker **next; /* awake, and whom it sends to is still to be looked at */
    size_t next_count;
};

static void mark(struct usage *usage, bool *marks, const struct sn_message *message)
{
    if (message != NULL && message->package == usage->package)
        marks[message->index] = true;
}

/* What a graceful stop asks. */
static void mark_phases(struct usage *usage)
{
    for (size_t i = 0; i < usage->package->phase_count; i++)
        for (size_t k = 0; k < usage->package->phases[i].ask_count; k++)
            mark(usage, usage->sent, usage->package->phases[i].asks[k].message);
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

/* ---- who can be woken --------------------------------------------------- */

static size_t number_of(const struct usage *usage, const struct sn_worker *worker)
{
    const struct sn_worker *const *found = sn_map_get(&usage->numbers, worker->name);

    return (size_t)(found - usage->package->workers);
}

static void wake(struct usage *usage, const struct sn_worker *worker)
{
    size_t number = number_of(usage, worker);

    if (usage->awake[number])
        return;
    usage->awake[number] = true;
    usage->next[usage->next_count++] = worker;
}

/* By itself, or by a message that may come from another package. */
static bool wakes_by_itself(const struct usage *usage, const struct sn_worker *worker)
{
    bool wakes = worker->has_init || worker->tick_ns > 0 || worker->has_dead_letters;

    for (size_t i = 0; i < worker->timer_count; i++)
        wakes = wakes || worker->timers[i].every;
    for (size_t i = 0; i < worker->handle_count; i++)
        wakes = wakes || worker->handles[i]->package != usage->package;
    return wakes;
}

static void mark_called(struct usage *usage, const struct sn_worker *worker)
{
    for (size_t i = 0; i < worker->edge_count; i++)
        usage->called[number_of(usage, worker->edges[i].pool->worker)] = true;
    for (size_t i = 0; i < worker->ask_count; i++)
        usage->called[number_of(usage, worker->asks[i].edge.pool->worker)] = true;
}

static void wake_all(struct usage *usage)
{
    const struct sn_package *package = usage->package;

    for (size_t i = 0; i < package->worker_count; i++)
        mark_called(usage, package->workers[i]);

    for (size_t i = 0; i < package->worker_count; i++)
        if (wakes_by_itself(usage, package->workers[i]))
            wake(usage, package->workers[i]);
    for (size_t i = 0; i < package->edge_count; i++)
        wake(usage, package->edges[i].pool->worker);
    for (size_t i = 0; i < package->phase_count; i++)
        for (size_t k = 0; k < package->phases[i].ask_count; k++)
            wake(usage, package->phases[i].asks[k].pool->worker);
    while (usage->next_count > 0) {
        const struct sn_worker *worker = usage->next[--usage->next_count];

        for (size_t i = 0; i < worker->edge_count; i++)
            wake(usage, worker->edges[i].pool->worker);
        for (size_t i = 0; i < worker->ask_count; i++)
            wake(usage, worker->asks[i].edge.pool->worker);
    }
}

/* A worker with messages that nobody sends at all was reported by them. */
static void report_worker(const struct usage *usage, const struct sn_worker *worker)
{
    if (worker->handle_count == 0) {
        sn_diag_warning(usage->diags, SN_CODE_UNUSED, &worker->location,
                        "nothing can wake the worker '%s'", worker->name);
        sn_diag_help(usage->diags, "give it messages under `handles`, a `tick`, a timer with "
                                   "`every`, or a hook `init`");
    } else if (usage->called[number_of(usage, worker)]) {
        sn_diag_warning(usage->diags, SN_CODE_UNREACHABLE, &worker->location,
                        "only workers that nothing can wake send to '%s'", worker->name);
        sn_diag_help(usage->diags, "let `main`, or a worker with a `tick`, a timer or a hook "
                                   "`init`, send the first message");
    }
}

static void report_workers(const struct usage *usage)
{
    for (size_t i = 0; i < usage->package->worker_count; i++)
        if (!usage->awake[i])
            report_worker(usage, usage->package->workers[i]);
}

void sn_check_usage(const struct sn_model *model, struct sn_diags *diags)
{
    const struct sn_package *package = model->package;
    struct usage usage = {.package = package, .diags = diags};

    usage.handled = sn_arena_array(model->arena, package->message_count, sizeof *usage.handled);
    usage.sent = sn_arena_array(model->arena, package->message_count, sizeof *usage.sent);
    usage.called = sn_arena_array(model->arena, package->worker_count, sizeof *usage.called);
    usage.awake = sn_arena_array(model->arena, package->worker_count, sizeof *usage.awake);
    usage.next = sn_arena_array(model->arena, package->worker_count, sizeof *usage.next);
    sn_map_init(&usage.numbers, model->arena);
    for (size_t i = 0; i < package->worker_count; i++)
        sn_map_put(&usage.numbers, package->workers[i]->name, &package->workers[i]);
    if (package->worker_count == 0 || sn_arena_failed(model->arena))
        return;
    for (size_t i = 0; i < package->worker_count; i++)
        mark_worker(&usage, package->workers[i]);
    for (size_t i = 0; i < package->edge_count; i++)
        mark(&usage, usage.sent, package->edges[i].message);
    mark_types(&usage);
    mark_phases(&usage);
    report_messages(&usage);
    wake_all(&usage);
    report_workers(&usage);
}
