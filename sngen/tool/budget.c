/* SPDX-License-Identifier: MIT */
/* `sngen check --budget`: what the actors of the fullest shard may take. */
#include "check/budget.h"

#include "tool/command.h"

static const char *number(struct sn_arena *arena, uint64_t bytes)
{
    return bytes == SN_UNBOUNDED ? "unbounded"
                                 : sn_arena_printf(arena, "%llu", (unsigned long long)bytes);
}

static void print_rows(struct sn_arena *arena, const struct sn_budget *budget,
                       struct sn_buffer *out)
{
    sn_buffer_printf(out, "%-24s %8s %14s %14s %14s %14s %16s\n", "pool", "members", "records",
                     "mailboxes", "asks", "outboxes", "bytes");
    for (size_t i = 0; i < budget->row_count; i++) {
        const struct sn_budget_row *row = &budget->rows[i];

        sn_buffer_printf(out, "%-24s %8u %14s %14s %14s %14s %16s\n", row->pool->name,
                         (unsigned)row->members, number(arena, row->records),
                         number(arena, row->mailboxes), number(arena, row->asks),
                         number(arena, row->outboxes), number(arena, row->bytes));
    }
}

static void print_sum(struct sn_arena *arena, const char *what, uint64_t bytes,
                      struct sn_buffer *out)
{
    sn_buffer_printf(out, "%-92s %16s\n", what, number(arena, bytes));
}

static void print_assumptions(const struct sn_budget *budget, struct sn_buffer *out)
{
    sn_buffer_puts(
        out,
        "\n"
        "Counted in the blocks and slabs that the runtime allocates: mailboxes full of their\n"
        "largest messages, 1024 open asks an actor with their largest answers, outboxes full\n"
        "of parked messages, members and what replaces them at their maximum.\n"
        "Not counted: what C types point to, what handlers allocate themselves, messages\n"
        "that a handler has sent and that are not accepted yet, the ports of threads outside,\n"
        "and the same mailbox once more when several shards have filled it in turn.\n");
    if (budget->foreign)
        sn_buffer_puts(out, "A c(TYPE) that is no pointer is counted with 8 bytes.\n");
}

int sn_tool_print_budget(struct sn_invocation *invocation, const struct sn_model *model)
{
    const struct sn_package *package = model->package;
    struct sn_arena *arena = invocation->arena;
    struct sn_buffer out = {0};
    struct sn_budget budget;

    if (!sn_budget_compute(model, package->memory_shards, &budget))
        return sn_tool_no_memory();
    sn_buffer_printf(&out, "%s: the most that shard %u of %u may take, in bytes\n\n", package->file,
                     (unsigned)budget.shard, (unsigned)budget.shards);
    print_rows(arena, &budget, &out);
    sn_buffer_puts(&out, "\n");
    print_sum(arena, "kept by the pools of blocks beyond that", budget.kept, &out);
    print_sum(arena, "the shard itself", budget.tables, &out);
    print_sum(arena, "all together", budget.bytes, &out);
    if (package->memory_bytes > 0)
        print_sum(arena, "declared `memory`", package->memory_bytes, &out);
    print_assumptions(&budget, &out);
    return sn_tool_print(&out);
}
