/* SPDX-License-Identifier: MIT */
/* Pools and supervisors: numbers and policies that contradict each other. */
#include "check/checks.h"

#include "lang/value.h"

/* A message that can never fit would be refused each time. */
static void check_bytes(const struct sn_pool *pool, struct sn_diags *diags)
{
    for (size_t i = 0; pool->mailbox_bytes > 0 && i < pool->slot_count; i++) {
        const struct sn_message *message = pool->slots[i].message;

        if (message->fields->size_max <= pool->mailbox_bytes ||
            message->limit <= pool->mailbox_bytes)
            continue;
        sn_diag_error(diags, SN_CODE_MAILBOX, &pool->location,
                      "a mailbox of '%s' holds %llu bytes, but one message '%s' may take %llu",
                      pool->name, (unsigned long long)pool->mailbox_bytes, message->name,
                      (unsigned long long)message->fields->size_max);
        sn_diag_note(diags, &message->location, "the message");
        sn_diag_help(diags, "raise `bytes`, or bound the message's fields or its `limit`");
    }
}

static bool workers_send(const struct sn_package *package, const struct sn_slot *slot)
{
    for (size_t i = 0; i < package->worker_count; i++) {
        const struct sn_worker *worker = package->workers[i];

        for (size_t k = 0; k < worker->edge_count; k++)
            if (worker->edges[k].slot == slot)
                return true;
        for (size_t k = 0; k < worker->ask_count; k++)
            if (worker->asks[k].edge.slot == slot)
                return true;
    }
    return false;
}

static bool main_sends(const struct sn_package *package, const struct sn_slot *slot)
{
    for (size_t i = 0; i < package->edge_count; i++)
        if (package->edges[i].slot == slot)
            return true;
    return false;
}

static void check_parking(const struct sn_package *package, const struct sn_pool *pool,
                          struct sn_diags *diags)
{
    for (size_t i = 0; i < pool->slot_count; i++) {
        const struct sn_slot *slot = &pool->slots[i];

        if (slot->full != SN_FULL_PARK || workers_send(package, slot) || !main_sends(package, slot))
            continue;
        sn_diag_warning(diags, SN_CODE_MAILBOX, &slot->location,
                        "only threads outside send '%s' to '%s', and they never park",
                        slot->message->name, pool->name);
        sn_diag_help(diags, "for them `park` is as `reject`; they can wait with send_wait");
    }
}

static void check_poison(const struct sn_pool *pool, struct sn_diags *diags)
{
    if (pool->poison_after == 0 || pool->restart != SN_RESTART_TEMPORARY)
        return;
    sn_diag_error(diags, SN_CODE_SUPERVISION, &pool->location,
                  "the pool '%s' is temporary, so no message can fail twice: `poison_after` has no "
                  "meaning",
                  pool->name);
    sn_diag_help(diags, "leave `poison_after` away, or restart the pool");
}

/* What is retained is kept twice, so that a failure can be undone: that must have an end. */
static void check_retained(const struct sn_worker *worker, struct sn_diags *diags)
{
    enum { RETAINED_MAX_BYTES = 4096 };

    for (size_t i = 0; i < worker->retain_count; i++) {
        const struct sn_field *field = &worker->retain[i];

        if (field->type.fixed || field->size_max <= RETAINED_MAX_BYTES)
            continue;
        if (field->size_max == SN_UNBOUNDED)
            sn_diag_error(diags, SN_CODE_UNBOUNDED, &field->location,
                          "the retained member '%s' has no upper bound", field->name);
        else
            sn_diag_error(diags, SN_CODE_LIMIT, &field->location,
                          "the retained member '%s' may take %llu bytes; at most %d can be rolled "
                          "back",
                          field->name, (unsigned long long)field->size_max, RETAINED_MAX_BYTES);
        sn_diag_help(diags, "keep it in `state`, or give it a smaller maximum");
    }
}

/* With pauses longer than the window no two restarts ever fall into one. */
static void check_window(const struct sn_supervisor *supervisor, struct sn_diags *diags)
{
    char pause[SN_DURATION_TEXT_BYTES], window[SN_DURATION_TEXT_BYTES];

    if (supervisor->restarts_unlimited || supervisor->restarts == 0 ||
        supervisor->backoff_min_ns < supervisor->window_ns || supervisor->location.file == NULL)
        return;
    sn_value_write_duration(supervisor->backoff_min_ns, pause);
    sn_value_write_duration(supervisor->window_ns, window);
    sn_diag_error(diags, SN_CODE_SUPERVISION, &supervisor->location,
                  "'%s' pauses at least %s between restarts, so %u in %s is never exceeded and it "
                  "never gives up",
                  supervisor->name, pause, (unsigned)supervisor->restarts, window);
    sn_diag_help(diags, "shorten `backoff`, lengthen the window, or say `restarts: unlimited`");
}

static void check_root(const struct sn_supervisor *root, struct sn_diags *diags)
{
    if (root == NULL || root->restart == SN_RESTART_PERMANENT)
        return;
    sn_diag_error(diags, SN_CODE_SUPERVISION, &root->location,
                  "nobody restarts the root, so its `restart` has no meaning");
    sn_diag_help(diags, "leave it away");
}

void sn_check_pools(const struct sn_model *model, struct sn_diags *diags)
{
    const struct sn_package *package = model->package;

    for (size_t i = 0; i < package->pool_count; i++) {
        check_bytes(package->pools[i], diags);
        check_parking(package, package->pools[i], diags);
        check_poison(package->pools[i], diags);
    }
    for (size_t i = 0; i < package->worker_count; i++)
        check_retained(package->workers[i], diags);
    for (size_t i = 0; i < package->supervisor_count; i++)
        check_window(package->supervisors[i], diags);
    check_root(package->root, diags);
}
