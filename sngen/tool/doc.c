/* SPDX-License-Identifier: MIT */
/* `sngen doc`: a schema as a reference in Markdown, in the order of the YAML. Here are its types
 * and messages; doc_worker.c and doc_system.c have the rest. */
#include "model/print.h"
#include "tool/command.h"
#include "tool/doc_parts.h"

void sn_doc_text(struct sn_doc *doc, const char *text)
{
    if (text != NULL)
        sn_buffer_printf(doc->out, "%s\n\n", text);
}

void sn_doc_cell(struct sn_doc *doc, const char *text)
{
    for (; text != NULL && *text != '\0'; text++) {
        if (*text == '|')
            sn_buffer_puts(doc->out, "\\");
        sn_buffer_append(doc->out, *text == '\n' ? " " : text, 1);
    }
}

void sn_doc_fields(struct sn_doc *doc, const char *title, const struct sn_field *fields,
                   size_t count)
{
    if (count == 0)
        return;
    sn_buffer_printf(doc->out, "| %s | type | |\n|---|---|---|\n", title);
    for (size_t i = 0; i < count; i++) {
        sn_buffer_printf(doc->out, "| `%s` | `", fields[i].name);
        sn_print_type(doc->out, doc->package, &fields[i].type);
        sn_buffer_puts(doc->out, "` | ");
        sn_doc_cell(doc, fields[i].doc);
        sn_buffer_puts(doc->out, " |\n");
    }
    sn_buffer_puts(doc->out, "\n");
}

static void write_constants(struct sn_doc *doc)
{
    const struct sn_package *package = doc->package;

    if (package->constant_count == 0)
        return;
    sn_buffer_puts(doc->out, "## Constants\n\n| name | value |\n|---|---|\n");
    for (size_t i = 0; i < package->constant_count; i++) {
        sn_buffer_printf(doc->out, "| `%s` | ", package->constants[i]->name);
        sn_print_number(doc->out, package->constants[i]->value);
        sn_buffer_puts(doc->out, " |\n");
    }
    sn_buffer_puts(doc->out, "\n");
}

static void write_enum(struct sn_doc *doc, const struct sn_enum *enumeration)
{
    sn_buffer_printf(doc->out, "### %s\n\n", enumeration->name);
    sn_doc_text(doc, enumeration->doc);
    for (size_t i = 0; i < enumeration->value_count; i++) {
        const struct sn_enum_value *value = &enumeration->values[i];

        sn_buffer_printf(doc->out, "- `%s`%s", value->name, value->doc != NULL ? ": " : "");
        sn_doc_cell(doc, value->doc);
        sn_buffer_puts(doc->out, "\n");
    }
    sn_buffer_puts(doc->out, "\n");
}

static void write_type(struct sn_doc *doc, const struct sn_declaration *declaration)
{
    const struct sn_struct *structure = declaration->structure;
    const struct sn_alias *alias = declaration->alias;

    if (structure != NULL) {
        sn_buffer_printf(doc->out, "### %s\n\n", structure->name);
        sn_doc_text(doc, structure->doc);
        sn_doc_fields(doc, "field", structure->fields, structure->field_count);
    } else if (declaration->enumeration != NULL) {
        write_enum(doc, declaration->enumeration);
    } else {
        sn_buffer_printf(doc->out, "### %s\n\n`", alias->name);
        sn_print_type(doc->out, doc->package, &alias->type);
        sn_buffer_puts(doc->out, "`\n\n");
        sn_doc_text(doc, alias->doc);
    }
}

static void write_types(struct sn_doc *doc)
{
    const struct sn_package *package = doc->package;
    bool titled = false;

    for (size_t i = 0; i < package->declaration_count; i++) {
        const struct sn_struct *structure = package->declarations[i].structure;

        if (structure != NULL && structure->origin != SN_STRUCT_TYPE)
            continue;
        if (!titled)
            sn_buffer_puts(doc->out, "## Types\n\n");
        titled = true;
        write_type(doc, &package->declarations[i]);
    }
}

static void write_handlers(struct sn_doc *doc, const struct sn_message *message)
{
    size_t found = 0;

    for (size_t i = 0; i < doc->package->worker_count; i++)
        for (size_t k = 0; k < doc->package->workers[i]->handle_count; k++)
            if (doc->package->workers[i]->handles[k] == message)
                sn_buffer_printf(doc->out, "%s`%s`", found++ > 0 ? ", " : "Handled by ",
                                 doc->package->workers[i]->name);
    sn_buffer_puts(doc->out, found > 0 ? ".\n\n" : "\n\n");
}

static void write_message(struct sn_doc *doc, const struct sn_message *message)
{
    struct sn_buffer *out = doc->out;

    sn_buffer_printf(out, "### %s\n\n", message->name);
    sn_doc_text(doc, message->doc);
    sn_buffer_printf(out, "%s%s%s%s", message->reply != NULL ? "A request" : "One way",
                     message->lane == SN_LANE_TELEMETRY ? ", as telemetry" : "",
                     message->idempotent ? ", idempotent" : "",
                     message->wire ? ", with a codec" : "");
    if (message->limit > 0) {
        sn_buffer_puts(out, ", at most ");
        sn_print_number(out, message->limit);
        sn_buffer_puts(out, " bytes");
    }
    sn_buffer_puts(out, ". ");
    write_handlers(doc, message);
    sn_doc_fields(doc, "field", message->fields->fields, message->fields->field_count);
    if (message->reply != NULL)
        sn_doc_fields(doc, "reply", message->reply->fields, message->reply->field_count);
    for (size_t i = 0; i < message->error_count; i++)
        sn_buffer_printf(out, "%s`%s` (%d)", i > 0 ? ", " : "Errors: ", message->errors[i]->name,
                         (int)message->errors[i]->number);
    sn_buffer_puts(out, message->error_count > 0 ? ".\n\n" : "");
}

static void write_protocols(struct sn_doc *doc)
{
    const struct sn_package *package = doc->package;

    if (package->protocol_count == 0)
        return;
    sn_buffer_puts(doc->out, "## Protocols\n\n");
    for (size_t i = 0; i < package->protocol_count; i++) {
        const struct sn_protocol *protocol = package->protocols[i];

        sn_buffer_printf(doc->out, "- `%s`:", protocol->name);
        for (size_t k = 0; k < protocol->message_count; k++)
            sn_buffer_printf(doc->out, "%s `%s`", k > 0 ? "," : "", protocol->messages[k]->name);
        sn_buffer_puts(doc->out, "\n");
    }
    sn_buffer_puts(doc->out, "\n");
}

static void write_memory(struct sn_doc *doc)
{
    const struct sn_package *package = doc->package;

    if (package->memory_bytes == 0)
        return;
    sn_buffer_puts(doc->out, "The actors of a shard take at most ");
    sn_print_number(doc->out, package->memory_bytes);
    sn_buffer_printf(doc->out, " bytes, with %u shard%s.\n\n", (unsigned)package->memory_shards,
                     package->memory_shards == 1 ? "" : "s");
}

static void write_reference(struct sn_doc *doc)
{
    const struct sn_package *package = doc->package;

    sn_buffer_printf(doc->out, "# %s\n\n", package->name);
    sn_doc_text(doc, package->doc);
    write_memory(doc);
    write_constants(doc);
    write_types(doc);
    sn_buffer_puts(doc->out, package->message_count > 0 ? "## Messages\n\n" : "");
    for (size_t i = 0; i < package->message_count; i++)
        write_message(doc, package->messages[i]);
    write_protocols(doc);
    sn_doc_workers(doc);
    sn_doc_system(doc);
    sn_doc_outside(doc);
    if (doc->out->size > 1 && !doc->out->failed)
        doc->out->size--; /* one line break at the end is enough */
}

int sn_command_doc(struct sn_invocation *invocation)
{
    struct sn_buffer text = {0};
    struct sn_doc doc = {.out = &text};
    const struct sn_model *model;
    int rc = sn_tool_load(invocation, invocation->arguments[0], &model);

    if (rc != SN_EXIT_FINE)
        return rc;
    doc.package = model->package;
    write_reference(&doc);
    return sn_tool_print(&text);
}
