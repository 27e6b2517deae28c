/* SPDX-License-Identifier: MIT */
/* `sngen doc`: a schema as a reference in Markdown, in the order of the YAML. */
#include "model/print.h"
#include "tool/command.h"

struct reference {
    struct sn_buffer *out;
    const struct sn_package *package;
};

static void write_doc(struct reference *reference, const char *doc)
{
    if (doc != NULL)
        sn_buffer_printf(reference->out, "%s\n\n", doc);
}

/* Text inside a table: neither a bar nor a line break may end the cell. */
static void write_cell(struct reference *reference, const char *text)
{
    for (; text != NULL && *text != '\0'; text++) {
        if (*text == '|')
            sn_buffer_puts(reference->out, "\\");
        sn_buffer_append(reference->out, *text == '\n' ? " " : text, 1);
    }
}

static void write_fields(struct reference *reference, const char *title,
                         const struct sn_field *fields, size_t count)
{
    if (count == 0)
        return;
    sn_buffer_printf(reference->out, "| %s | type | |\n|---|---|---|\n", title);
    for (size_t i = 0; i < count; i++) {
        sn_buffer_printf(reference->out, "| `%s` | `", fields[i].name);
        sn_print_type(reference->out, reference->package, &fields[i].type);
        sn_buffer_puts(reference->out, "` | ");
        write_cell(reference, fields[i].doc);
        sn_buffer_puts(reference->out, " |\n");
    }
    sn_buffer_puts(reference->out, "\n");
}

static void write_constants(struct reference *reference)
{
    const struct sn_package *package = reference->package;

    if (package->constant_count == 0)
        return;
    sn_buffer_puts(reference->out, "## Constants\n\n| name | value |\n|---|---|\n");
    for (size_t i = 0; i < package->constant_count; i++) {
        sn_buffer_printf(reference->out, "| `%s` | ", package->constants[i]->name);
        sn_print_number(reference->out, package->constants[i]->value);
        sn_buffer_puts(reference->out, " |\n");
    }
    sn_buffer_puts(reference->out, "\n");
}

static void write_enum(struct reference *reference, const struct sn_enum *enumeration)
{
    sn_buffer_printf(reference->out, "### %s\n\n", enumeration->name);
    for (size_t i = 0; i < enumeration->value_count; i++) {
        const struct sn_enum_value *value = &enumeration->values[i];

        sn_buffer_printf(reference->out, "- `%s`%s%s\n", value->name, value->doc ? ": " : "",
                         value->doc ? value->doc : "");
    }
    sn_buffer_puts(reference->out, "\n");
}

static void write_types(struct reference *reference)
{
    const struct sn_package *package = reference->package;
    bool titled = false;

    for (size_t i = 0; i < package->declaration_count; i++) {
        const struct sn_declaration *declaration = &package->declarations[i];
        const struct sn_struct *structure = declaration->structure;

        if (structure != NULL && structure->origin != SN_STRUCT_TYPE)
            continue;
        if (!titled)
            sn_buffer_puts(reference->out, "## Types\n\n");
        titled = true;
        if (structure != NULL) {
            sn_buffer_printf(reference->out, "### %s\n\n", structure->name);
            write_doc(reference, structure->doc);
            write_fields(reference, "field", structure->fields, structure->field_count);
        } else if (declaration->enumeration != NULL) {
            write_enum(reference, declaration->enumeration);
        } else {
            sn_buffer_printf(reference->out, "### %s\n\n`", declaration->alias->name);
            sn_print_type(reference->out, package, &declaration->alias->type);
            sn_buffer_puts(reference->out, "`\n\n");
        }
    }
}

static void write_handlers(struct reference *reference, const struct sn_message *message)
{
    size_t found = 0;

    for (size_t i = 0; i < reference->package->worker_count; i++)
        for (size_t k = 0; k < reference->package->workers[i]->handle_count; k++)
            if (reference->package->workers[i]->handles[k] == message)
                sn_buffer_printf(reference->out, "%s`%s`", found++ > 0 ? ", " : "Handled by ",
                                 reference->package->workers[i]->name);
    sn_buffer_puts(reference->out, found > 0 ? ".\n\n" : "\n\n");
}

static void write_message(struct reference *reference, const struct sn_message *message)
{
    struct sn_buffer *out = reference->out;

    sn_buffer_printf(out, "### %s\n\n", message->name);
    write_doc(reference, message->doc);
    sn_buffer_printf(out, "%s%s%s%s", message->reply != NULL ? "A request" : "One way",
                     message->lane == SN_LANE_TELEMETRY ? ", as telemetry" : "",
                     message->idempotent ? ", idempotent" : "",
                     message->wire ? ", with a codec" : "");
    sn_buffer_puts(out, ", at most ");
    sn_print_number(out, message->limit);
    sn_buffer_puts(out, " bytes. ");
    write_handlers(reference, message);
    write_fields(reference, "field", message->fields->fields, message->fields->field_count);
    if (message->reply != NULL)
        write_fields(reference, "reply", message->reply->fields, message->reply->field_count);
    for (size_t i = 0; i < message->error_count; i++)
        sn_buffer_printf(out, "%s`%s` (%d)", i > 0 ? ", " : "Errors: ", message->errors[i]->name,
                         (int)message->errors[i]->number);
    sn_buffer_puts(out, message->error_count > 0 ? ".\n\n" : "");
}

static void write_edges(struct reference *reference, const struct sn_edge *edges, size_t count)
{
    for (size_t i = 0; i < count; i++)
        sn_buffer_printf(reference->out, "%s`%s.%s`", i > 0 ? ", " : "Sends ", edges[i].pool->name,
                         edges[i].message->name);
    sn_buffer_puts(reference->out, count > 0 ? ".\n\n" : "");
}

static void write_timers(struct reference *reference, const struct sn_worker *worker)
{
    if (worker->tick_ns > 0) {
        sn_buffer_puts(reference->out, "- tick every ");
        sn_print_duration(reference->out, worker->tick_ns);
        sn_buffer_puts(reference->out, "\n");
    }
    for (size_t i = 0; i < worker->timer_count; i++) {
        sn_buffer_printf(reference->out, "- timer `%s` %s ", worker->timers[i].name,
                         worker->timers[i].every ? "every" : "after");
        sn_print_duration(reference->out, worker->timers[i].period_ns);
        sn_buffer_puts(reference->out, "\n");
    }
    for (size_t i = 0; i < worker->ask_count; i++) {
        const struct sn_ask *ask = &worker->asks[i];

        sn_buffer_printf(reference->out, "- asks `%s`: `%s.%s` within ", ask->role,
                         ask->edge.pool->name, ask->edge.message->name);
        sn_print_duration(reference->out, ask->edge.deadline_ns);
        sn_buffer_puts(reference->out, ask->survives ? ", survives a restart\n" : "\n");
    }
    if (worker->tick_ns > 0 || worker->timer_count > 0 || worker->ask_count > 0)
        sn_buffer_puts(reference->out, "\n");
}

static void write_worker(struct reference *reference, const struct sn_worker *worker)
{
    sn_buffer_printf(reference->out, "### %s\n\n", worker->name);
    write_doc(reference, worker->doc);
    if (worker->args != NULL)
        write_fields(reference, "argument", worker->args->fields, worker->args->field_count);
    write_fields(reference, "state", worker->state, worker->state_count);
    write_fields(reference, "retained", worker->retain, worker->retain_count);
    write_edges(reference, worker->edges, worker->edge_count);
    write_timers(reference, worker);
}

static void write_route(struct reference *reference, const struct sn_pool *pool)
{
    if (pool->size == 1 && !pool->size_auto)
        return;
    sn_buffer_puts(reference->out, sn_route_word(pool->route));
    for (size_t i = 0; i < pool->slot_count; i++)
        if (pool->slots[i].path_count > 0) {
            sn_buffer_printf(reference->out, " %s:", pool->slots[i].message->name);
            sn_print_key(reference->out, &pool->slots[i]);
        }
}

static void write_pools(struct reference *reference)
{
    const struct sn_package *package = reference->package;

    if (package->pool_count == 0)
        return;
    sn_buffer_puts(reference->out, "## Pools\n\n| pool | worker | size | route | mailbox | restart "
                                   "| supervisor |\n|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < package->supervisor_count; i++)
        for (size_t k = 0; k < package->supervisors[i]->child_count; k++) {
            const struct sn_pool *pool = package->supervisors[i]->children[k].pool;

            if (pool == NULL)
                continue;
            sn_buffer_printf(reference->out, "| `%s` | `%s` | ", pool->name, pool->worker->name);
            if (pool->size_auto)
                sn_buffer_puts(reference->out, "auto");
            else
                sn_buffer_printf(reference->out, "%u", (unsigned)pool->size);
            sn_buffer_puts(reference->out, " | ");
            write_route(reference, pool);
            sn_buffer_puts(reference->out, " | ");
            sn_print_number(reference->out, pool->mailbox_capacity);
            sn_buffer_printf(reference->out, " | %s | `%s` |\n", sn_restart_word(pool->restart),
                             package->supervisors[i]->name);
        }
    sn_buffer_puts(reference->out, "\n");
}

static void write_supervisors(struct reference *reference)
{
    const struct sn_package *package = reference->package;

    if (package->supervisor_count == 0)
        return;
    sn_buffer_puts(reference->out, "## Supervisors\n\n| supervisor | strategy | gives up after | "
                                   "back-off |\n|---|---|---|---|\n");
    for (size_t i = 0; i < package->supervisor_count; i++) {
        const struct sn_supervisor *supervisor = package->supervisors[i];

        sn_buffer_printf(reference->out, "| `%s` | %s | ", supervisor->name,
                         sn_strategy_word(supervisor->strategy));
        if (supervisor->restarts_unlimited) {
            sn_buffer_puts(reference->out, "never");
        } else {
            sn_buffer_printf(reference->out, "%u in ", (unsigned)supervisor->restarts);
            sn_print_duration(reference->out, supervisor->window_ns);
        }
        sn_buffer_puts(reference->out, " | ");
        sn_print_duration(reference->out, supervisor->backoff_min_ns);
        sn_buffer_puts(reference->out, "..");
        sn_print_duration(reference->out, supervisor->backoff_max_ns);
        sn_buffer_puts(reference->out, " |\n");
    }
    sn_buffer_puts(reference->out, "\n");
}

static void write_reference(struct reference *reference)
{
    const struct sn_package *package = reference->package;

    sn_buffer_printf(reference->out, "# %s\n\n", package->name);
    write_doc(reference, package->doc);
    write_constants(reference);
    write_types(reference);
    sn_buffer_puts(reference->out, package->message_count > 0 ? "## Messages\n\n" : "");
    for (size_t i = 0; i < package->message_count; i++)
        write_message(reference, package->messages[i]);
    sn_buffer_puts(reference->out, package->worker_count > 0 ? "## Workers\n\n" : "");
    for (size_t i = 0; i < package->worker_count; i++)
        write_worker(reference, package->workers[i]);
    write_pools(reference);
    write_supervisors(reference);
    if (package->edge_count > 0) {
        sn_buffer_puts(reference->out, "## Threads outside\n\n");
        write_edges(reference, package->edges, package->edge_count);
    }
    if (reference->out->size > 1 && !reference->out->failed)
        reference->out->size--; /* one line break at the end is enough */
}

int sn_command_doc(struct sn_invocation *invocation)
{
    struct sn_buffer text = {0};
    struct reference reference = {.out = &text};
    const struct sn_model *model;
    int rc = sn_tool_load(invocation, invocation->arguments[0], &model);

    if (rc != SN_EXIT_FINE)
        return rc;
    reference.package = model->package;
    write_reference(&reference);
    return sn_tool_print(&text);
}
