/* SPDX-License-Identifier: MIT */
/* `sngen doc`, the chapters of pools, of supervisors and of a graceful stop. */
#include "model/print.h"
#include "tool/doc_parts.h"

static void write_stop(struct sn_doc *doc, uint64_t shutdown_ns)
{
    if (shutdown_ns == 0)
        sn_buffer_puts(doc->out, "brutal");
    else if (shutdown_ns == SN_NO_TIME_LIMIT)
        sn_buffer_puts(doc->out, "unlimited");
    else
        sn_print_duration(doc->out, shutdown_ns);
}

/* ---- pools ---------------------------------------------------------------------------------- */

static void write_size(struct sn_doc *doc, const struct sn_pool *pool)
{
    if (pool->size_auto)
        sn_buffer_puts(doc->out, "auto");
    else
        sn_buffer_printf(doc->out, "%s%u", pool->at_run_time ? "0.." : "", (unsigned)pool->size);
    if (pool->pinned)
        sn_buffer_printf(doc->out, ", on shard %u", (unsigned)pool->shard);
}

static void write_route(struct sn_doc *doc, const struct sn_pool *pool)
{
    const char *between = " ";

    if (pool->at_run_time || (pool->size == 1 && !pool->size_auto))
        return;
    sn_buffer_puts(doc->out, sn_route_word(pool->route));
    for (size_t i = 0; i < pool->slot_count; i++)
        if (pool->slots[i].path_count > 0) {
            sn_buffer_printf(doc->out, "%s%s:", between, pool->slots[i].message->name);
            sn_print_key(doc->out, &pool->slots[i]);
            between = ", ";
        }
}

static bool same_policy(const struct sn_slot *left, const struct sn_slot *right)
{
    return left->full == right->full && left->park == right->park;
}

static void write_policies(struct sn_doc *doc, const struct sn_pool *pool)
{
    bool same = true;

    for (size_t i = 1; i < pool->slot_count; i++)
        same &= same_policy(&pool->slots[0], &pool->slots[i]);
    for (size_t i = 0; i < pool->slot_count && (i == 0 || !same); i++) {
        sn_buffer_puts(doc->out, i > 0 ? ", " : "");
        if (!same)
            sn_buffer_printf(doc->out, "%s:", pool->slots[i].message->name);
        sn_print_policy(doc->out, &pool->slots[i]);
    }
}

static void write_mailbox(struct sn_doc *doc, const struct sn_pool *pool)
{
    sn_print_number(doc->out, pool->mailbox_capacity);
    if (pool->mailbox_bytes > 0) {
        sn_buffer_puts(doc->out, ", ");
        sn_print_number(doc->out, pool->mailbox_bytes);
        sn_buffer_puts(doc->out, " bytes");
    }
    sn_buffer_puts(doc->out, " | ");
    write_policies(doc, pool);
}

static void write_pool(struct sn_doc *doc, const struct sn_pool *pool, const char *supervisor)
{
    sn_buffer_printf(doc->out, "| `%s` | `%s` | ", pool->name, pool->worker->name);
    write_size(doc, pool);
    sn_buffer_puts(doc->out, " | ");
    write_route(doc, pool);
    sn_buffer_puts(doc->out, " | ");
    write_mailbox(doc, pool);
    sn_buffer_printf(doc->out, " | %s", sn_restart_word(pool->restart));
    if (pool->poison_after > 0)
        sn_buffer_printf(doc->out, ", poison after %u", (unsigned)pool->poison_after);
    sn_buffer_puts(doc->out, " | ");
    write_stop(doc, pool->shutdown_ns);
    sn_buffer_printf(doc->out, " | `%s` | ", supervisor);
    sn_doc_cell(doc, pool->doc);
    sn_buffer_puts(doc->out, " |\n");
}

static void write_pools(struct sn_doc *doc)
{
    const struct sn_package *package = doc->package;

    if (package->pool_count == 0)
        return;
    sn_buffer_puts(doc->out, "## Pools\n\n| pool | worker | size | route | mailbox | when full | "
                             "restart | shutdown | supervisor | |\n"
                             "|---|---|---|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < package->supervisor_count; i++)
        for (size_t k = 0; k < package->supervisors[i]->child_count; k++)
            if (package->supervisors[i]->children[k].pool != NULL)
                write_pool(doc, package->supervisors[i]->children[k].pool,
                           package->supervisors[i]->name);
    sn_buffer_puts(doc->out, "\n");
}

/* ---- supervisors ---------------------------------------------------------------------------- */

static void write_children(struct sn_doc *doc, const struct sn_supervisor *supervisor)
{
    for (size_t i = 0; i < supervisor->child_count; i++) {
        const struct sn_child *child = &supervisor->children[i];

        sn_buffer_printf(doc->out, "%s`%s`%s", i > 0 ? ", " : "",
                         child->pool != NULL ? child->pool->name : child->supervisor->name,
                         child->significant ? " (significant)" : "");
    }
}

static void write_rate(struct sn_doc *doc, const struct sn_supervisor *supervisor)
{
    if (supervisor->restarts_unlimited) {
        sn_buffer_puts(doc->out, "never");
        return;
    }
    sn_buffer_printf(doc->out, "%u in ", (unsigned)supervisor->restarts);
    sn_print_duration(doc->out, supervisor->window_ns);
}

static void write_backoff(struct sn_doc *doc, const struct sn_supervisor *supervisor)
{
    if (supervisor->backoff_max_ns == 0) {
        sn_buffer_puts(doc->out, "none");
        return;
    }
    sn_print_duration(doc->out, supervisor->backoff_min_ns);
    sn_buffer_puts(doc->out, "..");
    sn_print_duration(doc->out, supervisor->backoff_max_ns);
}

static void write_supervisor(struct sn_doc *doc, const struct sn_supervisor *supervisor)
{
    sn_buffer_printf(doc->out, "| `%s` | %s | ", supervisor->name,
                     sn_strategy_word(supervisor->strategy));
    write_children(doc, supervisor);
    sn_buffer_puts(doc->out, " | ");
    write_rate(doc, supervisor);
    sn_buffer_puts(doc->out, " | ");
    write_backoff(doc, supervisor);
    sn_buffer_printf(doc->out, " | %s | %s | ", sn_restart_word(supervisor->restart),
                     sn_auto_shutdown_word(supervisor->auto_shutdown));
    write_stop(doc, supervisor->shutdown_ns);
    sn_buffer_puts(doc->out, " | ");
    sn_doc_cell(doc, supervisor->doc);
    sn_buffer_puts(doc->out, " |\n");
}

static void write_supervisors(struct sn_doc *doc)
{
    const struct sn_package *package = doc->package;

    if (package->supervisor_count == 0)
        return;
    sn_buffer_puts(doc->out,
                   "## Supervisors\n\n| supervisor | strategy | children | gives up after | "
                   "back-off | restart | auto_shutdown | shutdown | |\n"
                   "|---|---|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < package->supervisor_count; i++)
        write_supervisor(doc, package->supervisors[i]);
    sn_buffer_puts(doc->out, "\n");
}

/* ---- stopping ------------------------------------------------------------------------------- */

static void write_phase(struct sn_doc *doc, const struct sn_phase *phase)
{
    sn_buffer_printf(doc->out, "| `%s` | ", phase->name);
    for (size_t i = 0; i < phase->after_count; i++)
        sn_buffer_printf(doc->out, "%s`%s`", i > 0 ? ", " : "", phase->after[i]->name);
    sn_buffer_puts(doc->out, " | ");
    for (size_t i = 0; i < phase->ask_count; i++)
        sn_buffer_printf(doc->out, "%s`%s.%s`", i > 0 ? ", " : "", phase->asks[i].pool->name,
                         phase->asks[i].message->name);
    sn_buffer_puts(doc->out, " | ");
    sn_print_duration(doc->out, phase->deadline_ns);
    sn_buffer_puts(doc->out, " | ");
    sn_doc_cell(doc, phase->doc);
    sn_buffer_puts(doc->out, " |\n");
}

static void write_phases(struct sn_doc *doc)
{
    const struct sn_package *package = doc->package;

    if (package->phase_count == 0)
        return;
    sn_buffer_puts(doc->out, "## Shutdown\n\n| phase | after | asks each member of | within | |\n"
                             "|---|---|---|---|---|\n");
    for (size_t i = 0; i < package->phase_count; i++)
        write_phase(doc, &package->phases[i]);
    sn_buffer_puts(doc->out, "\n");
}

void sn_doc_system(struct sn_doc *doc)
{
    write_pools(doc);
    write_supervisors(doc);
    write_phases(doc);
}
