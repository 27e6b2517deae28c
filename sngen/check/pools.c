/* SPDX-License-Identifier: MIT */
/* Pools: numbers and policies that contradict each other. */
#include "check/blocks.h"
#include "check/checks.h"

#include "lang/value.h"

static uint64_t least(uint64_t left, uint64_t right)
{
    return left < right ? left : right;
}

/* A message that may not fit would be refused each time. */
static void check_bytes(const struct sn_pool *pool, struct sn_diags *diags)
{
    for (size_t i = 0; pool->mailbox_bytes > 0 && i < pool->slot_count; i++) {
        const struct sn_message *message = pool->slots[i].message;
        uint64_t takes = sn_block_for(least(message->fields->size_max, message->limit));

        if (takes <= pool->mailbox_bytes)
            continue;
        sn_diag_error(diags, SN_CODE_MAILBOX, &pool->location,
                      "a mailbox of '%s' holds %llu bytes, but one message '%s' may take %llu",
                      pool->name, (unsigned long long)pool->mailbox_bytes, message->name,
                      (unsigned long long)takes);
        sn_diag_note(diags, &message->location, "the message");
        sn_diag_help(diags, "raise `bytes`, or bound the message's fields or its `limit`");
    }
}

/* A capacity that somebody chose, beside bytes that end first even for the smallest messages. */
static void check_capacity(const struct sn_pool *pool, struct sn_diags *diags)
{
    uint64_t smallest = SN_UNBOUNDED;

    if (pool->mailbox_bytes == 0 || pool->mailbox_capacity == SN_MAILBOX_CAPACITY)
        return;
    for (size_t i = 0; i < pool->slot_count; i++)
        smallest = least(smallest, sn_block_for(pool->slots[i].message->fields->size_min));
    if (smallest == SN_UNBOUNDED || pool->mailbox_capacity <= pool->mailbox_bytes / smallest)
        return;
    sn_diag_warning(diags, SN_CODE_MAILBOX, &pool->location,
                    "a mailbox of '%s' is full by its `bytes` with %llu messages, so its capacity "
                    "of %u means nothing",
                    pool->name, (unsigned long long)(pool->mailbox_bytes / smallest),
                    (unsigned)pool->mailbox_capacity);
    sn_diag_help(diags,
                 "the smallest message takes %llu bytes there; raise `bytes` or leave "
                 "`capacity` away",
                 (unsigned long long)smallest);
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

void sn_check_pools(const struct sn_model *model, struct sn_diags *diags)
{
    const struct sn_package *package = model->package;

    for (size_t i = 0; i < package->pool_count; i++) {
        check_bytes(package->pools[i], diags);
        check_parking(package, package->pools[i], diags);
        check_capacity(package->pools[i], diags);
    }
    for (size_t i = 0; i < package->worker_count; i++)
        check_retained(package->workers[i], diags);
}
