/* SPDX-License-Identifier: MIT */
/* `sngen doc`, the chapters of workers and of threads outside: what each has, takes and does. */
#include "model/print.h"
#include "tool/doc_parts.h"

/* What belongs to the line of a list before it. */
static void write_note(struct sn_doc *doc, const char *text)
{
    if (text == NULL)
        return;
    sn_buffer_puts(doc->out, "  ");
    sn_doc_cell(doc, text);
    sn_buffer_puts(doc->out, "\n");
}

/* ---- what is sent and asked ----------------------------------------------------------------- */

static void write_guard(struct sn_doc *doc, const struct sn_guard *guard)
{
    if (guard == NULL)
        return;
    sn_buffer_puts(doc->out, "; ");
    sn_print_guard(doc->out, guard);
}

static void write_deadline(struct sn_doc *doc, const struct sn_edge *edge)
{
    if (edge->message->reply == NULL)
        return;
    if (edge->deadline_ns == SN_NO_TIME_LIMIT) {
        sn_buffer_puts(doc->out, ", without a deadline");
        return;
    }
    sn_buffer_puts(doc->out, " within ");
    sn_print_duration(doc->out, edge->deadline_ns);
}

static void write_edge(struct sn_doc *doc, const struct sn_edge *edge)
{
    sn_buffer_printf(doc->out, "`%s.%s`", edge->pool->name, edge->message->name);
    write_deadline(doc, edge);
    sn_buffer_puts(doc->out, edge->each ? ", also each member" : "");
    if (edge->batch_bytes > 0) {
        sn_buffer_puts(doc->out, ", gathered to ");
        sn_print_number(doc->out, edge->batch_bytes);
        sn_buffer_puts(doc->out, " bytes");
    }
    write_guard(doc, edge->guard);
    sn_buffer_puts(doc->out, "\n");
}

static void write_edges(struct sn_doc *doc, const struct sn_edge *edges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        sn_buffer_puts(doc->out, edges[i].message->reply != NULL ? "- calls " : "- sends ");
        write_edge(doc, &edges[i]);
    }
}

static void write_asks(struct sn_doc *doc, const struct sn_worker *worker)
{
    for (size_t i = 0; i < worker->ask_count; i++) {
        const struct sn_ask *ask = &worker->asks[i];

        sn_buffer_printf(doc->out, "- asks as `%s`%s: ", ask->role,
                         ask->survives ? ", which survives a restart" : "");
        write_edge(doc, &ask->edge);
        write_note(doc, ask->doc);
    }
}

/* ---- names ---------------------------------------------------------------------------------- */

static void write_messages(struct sn_doc *doc, const char *what,
                           const struct sn_message *const *messages, size_t count,
                           const char *after)
{
    for (size_t i = 0; i < count; i++)
        sn_buffer_printf(doc->out, "%s`%s`", i > 0 ? ", " : what, messages[i]->name);
    sn_buffer_puts(doc->out, count > 0 ? after : "");
}

static void write_bonds(struct sn_doc *doc, const char *what, const struct sn_bond *bonds,
                        size_t count)
{
    for (size_t i = 0; i < count; i++)
        sn_buffer_printf(doc->out, "%s`%s`", i > 0 ? ", " : what, bonds[i].pool->name);
    sn_buffer_puts(doc->out, count > 0 ? "\n" : "");
}

static void write_letters(struct sn_doc *doc, const struct sn_worker *worker)
{
    if (!worker->has_dead_letters)
        return;
    write_messages(doc, "- is shown dead letters, with the fields of ", worker->dead,
                   worker->dead_count, "\n");
    if (worker->dead_count == 0)
        sn_buffer_puts(doc->out, "- is shown dead letters, without fields\n");
}

/* ---- times and bounds ----------------------------------------------------------------------- */

static void write_time(struct sn_doc *doc, const char *what, uint64_t ns)
{
    sn_buffer_puts(doc->out, what);
    sn_print_duration(doc->out, ns);
    sn_buffer_puts(doc->out, "\n");
}

static void write_timers(struct sn_doc *doc, const struct sn_worker *worker)
{
    if (worker->tick_ns > 0)
        write_time(doc, "- ticks every ", worker->tick_ns);
    for (size_t i = 0; i < worker->timer_count; i++) {
        const struct sn_timer *timer = &worker->timers[i];

        sn_buffer_printf(doc->out, "- timer `%s` ", timer->name);
        write_time(doc, timer->every ? "every " : "after ", timer->period_ns);
        write_note(doc, timer->doc);
    }
    if (worker->slow_after_ns > 0)
        write_time(doc, "- a handler is slow after ", worker->slow_after_ns);
}

static void write_bounds(struct sn_doc *doc, const struct sn_worker *worker)
{
    if (worker->memory_bytes > 0) {
        sn_buffer_puts(doc->out, "- holds at most ");
        sn_print_number(doc->out, worker->memory_bytes);
        sn_buffer_puts(doc->out, " bytes by sn_alloc()\n");
    }
    for (size_t i = 0; i < worker->invariant_count; i++)
        sn_buffer_printf(doc->out, "- invariant `%s`\n", worker->invariants[i].text);
}

/* ---- chapters ------------------------------------------------------------------------------- */

static void write_worker(struct sn_doc *doc, const struct sn_worker *worker)
{
    size_t before;

    sn_buffer_printf(doc->out, "### %s\n\n", worker->name);
    sn_doc_text(doc, worker->doc);
    if (worker->args != NULL)
        sn_doc_fields(doc, "argument", worker->args->fields, worker->args->field_count);
    sn_doc_fields(doc, "state", worker->state, worker->state_count);
    sn_doc_fields(doc, "retained", worker->retain, worker->retain_count);
    before = doc->out->size;
    write_messages(doc, "- handles ", worker->handles, worker->handle_count, "\n");
    if (worker->has_init || worker->has_shutdown)
        sn_buffer_printf(doc->out, "- hooks: %s%s%s\n", worker->has_init ? "init" : "",
                         worker->has_init && worker->has_shutdown ? ", " : "",
                         worker->has_shutdown ? "shutdown" : "");
    write_edges(doc, worker->edges, worker->edge_count);
    write_asks(doc, worker);
    write_bonds(doc, "- watches ", worker->watches, worker->watch_count);
    write_bonds(doc, "- is linked with ", worker->links, worker->link_count);
    write_bonds(doc, "- spawns members of ", worker->spawns, worker->spawn_count);
    write_letters(doc, worker);
    write_timers(doc, worker);
    write_bounds(doc, worker);
    if (doc->out->size > before)
        sn_buffer_puts(doc->out, "\n");
}

void sn_doc_workers(struct sn_doc *doc)
{
    const struct sn_package *package = doc->package;

    sn_buffer_puts(doc->out, package->worker_count > 0 ? "## Workers\n\n" : "");
    for (size_t i = 0; i < package->worker_count; i++)
        write_worker(doc, package->workers[i]);
}

void sn_doc_outside(struct sn_doc *doc)
{
    if (doc->package->edge_count + doc->package->spawn_count == 0)
        return;
    sn_buffer_puts(doc->out, "## Threads outside\n\n");
    write_edges(doc, doc->package->edges, doc->package->edge_count);
    write_bonds(doc, "- spawn members of ", doc->package->spawns, doc->package->spawn_count);
    sn_buffer_puts(doc->out, "\n");
}
