/* SPDX-License-Identifier: MIT */
/*
 * The worst case, in the units that the runtime allocates.
 *
 * A message takes a block of one of 16 sizes, or one of its own above 32 KiB. A mailbox at its
 * worst holds as many of the largest blocks as its capacity and its bytes allow. Blocks are never
 * given back to the system: a mailbox that was full of small messages and later of large ones has
 * made the pool keep both, so each size counts with all the places that could ever hold it; what
 * that is more than the fullest moment stands in `kept`. Blocks of their own are given back.
 */
#include "check/budget.h"

#include "base/map.h"
#include "check/blocks.h"
#include "check/checks.h"

#include <string.h>

/* Blocks of the shard by size. */
struct blocks {
    uint64_t counts[SN_BLOCK_SIZES]; /* how many places could hold one of this size */
    uint64_t own;                    /* bytes of blocks of their own at once */
};

/* The sizes that one kind of place may hold. */
struct sizes {
    uint32_t classes; /* a bit each */
    uint64_t largest; /* bytes of a block; 0: nothing was added */
};

static uint64_t plus(uint64_t left, uint64_t right)
{
    return left > SN_UNBOUNDED - right ? SN_UNBOUNDED : left + right;
}

static uint64_t times(uint64_t left, uint64_t right)
{
    return right != 0 && left > SN_UNBOUNDED / right ? SN_UNBOUNDED : left * right;
}

static uint64_t least(uint64_t left, uint64_t right)
{
    return left < right ? left : right;
}

static void add_size(struct sizes *sizes, uint64_t from_bytes, uint64_t to_bytes)
{
    unsigned last = sn_block_class(to_bytes);
    uint64_t block = sn_block_for(to_bytes);

    for (unsigned i = sn_block_class(from_bytes); i <= last && i < SN_BLOCK_SIZES; i++)
        sizes->classes |= 1u << i;
    if (block > sizes->largest)
        sizes->largest = block;
}

static void add_struct(struct sizes *sizes, const struct sn_struct *structure, uint64_t limit)
{
    add_size(sizes, structure->size_min, least(structure->size_max, limit));
}

/* `count` places for such blocks, with at most `bytes_max` in all; returns the most at once. */
static uint64_t add_places(struct blocks *blocks, const struct sizes *sizes, uint64_t count,
                           uint64_t bytes_max)
{
    uint64_t bytes = least(times(count, sizes->largest), bytes_max);

    for (unsigned i = 0; i < SN_BLOCK_SIZES; i++)
        if ((sizes->classes & 1u << i) != 0)
            blocks->counts[i] =
                plus(blocks->counts[i], least(count, bytes_max / sn_block_class_bytes(i)));
    if (sizes->largest > sn_block_class_bytes(SN_BLOCK_SIZES - 1))
        blocks->own = plus(blocks->own, bytes);
    return bytes;
}

/* ---- one actor ---------------------------------------------------------- */

static uint64_t members_bytes(struct sn_budget *budget, const struct sn_field *fields, size_t count)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < count; i++) {
        const struct sn_field *field = &fields[i];

        if (field->size_max == SN_UNBOUNDED && budget->endless == NULL)
            budget->endless = field;
        if (field->type.kind == SN_KIND_C && strchr(field->type.c_type, '*') == NULL)
            budget->foreign = true;
        bytes = plus(bytes, plus(field->size_max, 8)); /* and its alignment */
        if (!field->type.fixed) /* what is set is there before what it replaces goes */
            bytes = plus(bytes, plus(field->size_max, 2 * SN_ALLOCATION_BYTES));
    }
    return bytes;
}

static uint64_t record_bytes(struct sn_budget *budget, const struct sn_worker *worker)
{
    uint64_t timers = worker->timer_count + (worker->tick_ns > 0);
    uint64_t bytes = SN_ACTOR_BYTES + SN_MEMBER_BYTES + timers * SN_ACTOR_TIMER_BYTES;

    if (worker->args != NULL)
        bytes = plus(bytes, worker->args->size_min);
    bytes = plus(bytes, members_bytes(budget, worker->state, worker->state_count));
    return plus(bytes, members_bytes(budget, worker->retain, worker->retain_count));
}

/* ---- what waits --------------------------------------------------------- */

/* What one member of a pool may take, whichever shard it lives on. */
struct member {
    uint64_t record;
    struct sizes mailbox, asks, replies, tokens, again, parked;
    uint32_t open_asks;
    uint32_t parked_max;
};

static void add_asks(struct member *member, const struct sn_worker *worker)
{
    for (size_t i = 0; i < worker->ask_count; i++) {
        const struct sn_ask *ask = &worker->asks[i];
        uint64_t context = ask->context != NULL ? ask->context->size_max : 0;

        member->open_asks = SN_OPEN_ASKS;
        add_size(&member->asks, SN_ASK_BYTES - SN_ENVELOPE_BYTES,
                 plus(SN_ASK_BYTES - SN_ENVELOPE_BYTES, context));
        add_struct(&member->replies, ask->edge.message->reply, ask->edge.message->limit);
        add_size(&member->tokens, 0, 0); /* the asked one keeps it to answer later */
        if (ask->edge.guard != NULL && ask->edge.guard->retries > 0)
            add_struct(&member->again, ask->edge.message->fields, ask->edge.message->limit);
    }
}

/* What finds no room and may wait for some: by the policy of the message, or to be tried again. */
static void add_parked(struct member *member, const struct sn_edge *edge)
{
    if (edge->guard != NULL && edge->guard->retries > 0) {
        uint64_t most = least(edge->message->fields->size_max, edge->message->limit);

        add_size(&member->parked, edge->message->fields->size_min, plus(most, SN_WAITING_BYTES));
        if (member->parked_max < SN_WAITING_SENDS)
            member->parked_max = SN_WAITING_SENDS;
    }
    if (edge->slot == NULL || edge->slot->full != SN_FULL_PARK)
        return;
    add_struct(&member->parked, edge->message->fields, edge->message->limit);
    if (edge->slot->park > member->parked_max)
        member->parked_max = edge->slot->park;
}

static void measure_member(struct sn_budget *budget, const struct sn_pool *pool,
                           struct member *member)
{
    const struct sn_worker *worker = pool->worker;

    member->record = record_bytes(budget, worker);
    for (size_t i = 0; i < pool->slot_count; i++)
        add_struct(&member->mailbox, pool->slots[i].message->fields, pool->slots[i].message->limit);
    add_asks(member, worker);
    for (size_t i = 0; i < worker->edge_count; i++)
        add_parked(member, &worker->edges[i]);
    for (size_t i = 0; i < worker->ask_count; i++)
        add_parked(member, &worker->asks[i].edge);
}

/* Threads outside may gather messages: a batch that holds only one still takes all its bytes. */
static void add_batches(const struct sn_model *model, struct member *members)
{
    const struct sn_package *package = model->package;
    struct sn_map numbers; /* struct member, by the name of its pool */

    sn_map_init(&numbers, model->arena);
    for (size_t i = 0; i < package->pool_count; i++)
        sn_map_put(&numbers, package->pools[i]->name, &members[i]);
    for (size_t i = 0; i < package->edge_count; i++) {
        const struct sn_edge *edge = &package->edges[i];
        const struct member *member = sn_map_get(&numbers, edge->pool->name);

        if (edge->batch_bytes > 0 && member != NULL)
            add_size(&members[member - members].mailbox, edge->batch_bytes, edge->batch_bytes);
    }
}

static struct member *measure(const struct sn_model *model, struct sn_budget *budget)
{
    const struct sn_package *package = model->package;
    struct member *members = sn_arena_array(model->arena, package->pool_count, sizeof *members);

    for (size_t i = 0; members != NULL && i < package->pool_count; i++)
        measure_member(budget, package->pools[i], &members[i]);
    if (members != NULL)
        add_batches(model, members);
    return members;
}

static void fill_row(struct sn_budget_row *row, const struct member *member, struct blocks *blocks)
{
    uint64_t asks = (uint64_t)row->members * member->open_asks;
    uint64_t most = row->pool->mailbox_bytes > 0 ? row->pool->mailbox_bytes : SN_UNBOUNDED;

    row->records = times(row->members, member->record);
    row->mailboxes =
        add_places(blocks, &member->mailbox, times(row->members, row->pool->mailbox_capacity),
                   times(row->members, most));
    row->asks = add_places(blocks, &member->asks, asks, SN_UNBOUNDED);
    row->asks = plus(row->asks, add_places(blocks, &member->replies, asks, SN_UNBOUNDED));
    row->asks = plus(row->asks, add_places(blocks, &member->tokens, asks, SN_UNBOUNDED));
    row->asks = plus(row->asks, add_places(blocks, &member->again, asks, SN_UNBOUNDED));
    row->outboxes =
        add_places(blocks, &member->parked, times(row->members, member->parked_max), SN_UNBOUNDED);
}

/* ---- one shard ---------------------------------------------------------- */

/* How many members of a pool live there; as create_pool() in runtime/system/pools.c. */
static uint32_t members_on(const struct sn_pool *pool, const struct sn_budget *budget,
                           uint32_t *next)
{
    uint32_t first = *next, shards = budget->shards;

    if (pool->size_auto)
        return 1;
    if (pool->at_run_time) /* whoever spawns may live here */
        return pool->size;
    if (pool->pinned)
        return pool->shard % shards == budget->shard ? pool->size : 0;
    *next = (uint32_t)(((uint64_t)first + pool->size) % shards);
    return pool->size / shards +
           ((budget->shard + shards - first) % shards < pool->size % shards ? 1 : 0);
}

static uint64_t ask_table_bytes(const struct sn_budget *budget)
{
    uint64_t asks = 0, capacity = 64;

    for (size_t i = 0; i < budget->row_count; i++)
        if (budget->rows[i].pool->worker->ask_count > 0)
            asks += (uint64_t)budget->rows[i].members * SN_OPEN_ASKS;
    while (capacity < asks)
        capacity *= 2;
    return asks > 0 ? capacity * 3 / 2 * SN_ASK_ENTRY_BYTES : 0; /* and the one that it replaces */
}

static uint64_t table_bytes(const struct sn_budget *budget)
{
    uint64_t actors = 0;

    for (size_t i = 0; i < budget->row_count; i++)
        actors += budget->rows[i].members;
    return SN_SHARD_BYTES + (uint64_t)(budget->shards - 1) * SN_LINK_BYTES +
           (actors + SN_SLOT_CHUNK_COUNT - 1) / SN_SLOT_CHUNK_COUNT * SN_SLOT_CHUNK_COUNT *
               SN_ACTOR_SLOT_BYTES +
           ask_table_bytes(budget);
}

static void finish(struct sn_budget *budget, const struct blocks *blocks)
{
    uint64_t rows = 0, in_blocks = 0, kept = blocks->own;

    for (size_t i = 0; i < budget->row_count; i++) {
        struct sn_budget_row *row = &budget->rows[i];
        uint64_t waiting = plus(plus(row->mailboxes, row->asks), row->outboxes);

        row->bytes = plus(row->records, waiting);
        rows = plus(rows, row->bytes);
        in_blocks = plus(in_blocks, waiting);
    }
    for (unsigned i = 0; i < SN_BLOCK_SIZES; i++)
        kept = plus(kept, sn_block_pool_bytes(i, blocks->counts[i]));
    budget->kept = kept > in_blocks ? kept - in_blocks : 0;
    budget->tables = table_bytes(budget);
    budget->bytes = plus(plus(rows, budget->kept), budget->tables);
}

static void compute_shard(const struct sn_package *package, const struct member *members,
                          struct sn_budget *budget)
{
    struct blocks blocks = {.own = 0};
    uint32_t next = 0;

    for (size_t i = 0; i < budget->row_count; i++) {
        struct sn_budget_row *row = &budget->rows[i];

        row->pool = package->pools[i];
        row->members = members_on(row->pool, budget, &next);
        fill_row(row, &members[i], &blocks);
    }
    finish(budget, &blocks);
}

bool sn_budget_compute(const struct sn_model *model, uint32_t shards, struct sn_budget *ret_budget)
{
    size_t count = model->package->pool_count;
    struct sn_budget budget = {.shards = shards, .row_count = count};
    const struct member *members = measure(model, &budget);
    uint32_t largest = 0;
    uint64_t bytes = 0;

    budget.rows = sn_arena_array(model->arena, count, sizeof *budget.rows);
    if (members == NULL || budget.rows == NULL || sn_arena_failed(model->arena))
        return false;
    for (; budget.shard < shards; budget.shard++) {
        compute_shard(model->package, members, &budget);
        if (budget.bytes > bytes) {
            bytes = budget.bytes;
            largest = budget.shard;
        }
    }
    budget.shard = largest;
    compute_shard(model->package, members, &budget);
    *ret_budget = budget;
    return true;
}

/* ---- the check ---------------------------------------------------------- */

static const struct sn_budget_row *largest_row(const struct sn_budget *budget)
{
    const struct sn_budget_row *largest = NULL;

    for (size_t i = 0; i < budget->row_count; i++)
        if (largest == NULL || budget->rows[i].bytes > largest->bytes)
            largest = &budget->rows[i];
    return largest;
}

static void report_endless(const struct sn_package *package, const struct sn_field *member,
                           struct sn_diags *diags)
{
    sn_diag_error(diags, SN_CODE_MEMORY, &package->memory_location,
                  "`memory` cannot be kept: '%s' has no maximum", member->name);
    sn_diag_note(diags, &member->location, "the member");
    sn_diag_help(diags, "give it a maximum, or leave `memory` away");
}

void sn_check_memory(const struct sn_model *model, struct sn_diags *diags)
{
    const struct sn_package *package = model->package;
    const struct sn_budget_row *largest;
    struct sn_budget budget;

    if (package->memory_bytes == 0 || !sn_budget_compute(model, package->memory_shards, &budget))
        return;
    if (budget.endless != NULL) {
        report_endless(package, budget.endless, diags);
        return;
    }
    if (budget.bytes <= package->memory_bytes)
        return;
    largest = largest_row(&budget);
    sn_diag_error(diags, SN_CODE_MEMORY, &package->memory_location,
                  "shard %u may take %llu bytes, but `memory` allows %llu", (unsigned)budget.shard,
                  (unsigned long long)budget.bytes, (unsigned long long)package->memory_bytes);
    if (largest != NULL)
        sn_diag_note(diags, &largest->pool->location, "the pool '%s' takes %llu of them",
                     largest->pool->name, (unsigned long long)largest->bytes);
    sn_diag_help(diags, "`sngen check --budget` shows what takes how much");
}
