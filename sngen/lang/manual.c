/* SPDX-License-Identifier: MIT */
/* One section a shape, one entry a row; the texts around them are here. */
#include "lang/manual.h"

#include "base/roff.h"
#include "lang/table.h"

#include <string.h>

static const char example[] = "sngen: 1\n"
                              "package: tally\n"
                              "\n"
                              "workers:\n"
                              "  counter:\n"
                              "    state: {total: i32}\n"
                              "    handles:\n"
                              "      add: {fields: {amount: i32}}\n"
                              "      total: {reply: {value: i32}}\n"
                              "\n"
                              "main: {calls: [counter]}\n";

/* What stands behind a key, for people. */
static const char *value_name(const struct sn_key *row)
{
    switch (row->value) {
    case SN_VALUE_NAME:
        return "NAME";
    case SN_VALUE_DOC:
        return "TEXT";
    case SN_VALUE_BOOL:
        return "true|false";
    case SN_VALUE_NUMBER:
        return "NUMBER";
    case SN_VALUE_DURATION:
        return "DURATION";
    case SN_VALUE_SPAN:
        return "DURATION..DURATION";
    case SN_VALUE_RATE:
        return "NUMBER in DURATION";
    case SN_VALUE_CHOICE:
        return "WORD";
    case SN_VALUE_CHOICES:
        return "[WORD, ...]";
    case SN_VALUE_SIZE:
        return "NUMBER|auto|0..NUMBER";
    case SN_VALUE_TYPE:
        return "TYPE";
    case SN_VALUE_HEADER:
        return "FILE";
    case SN_VALUE_NAMES:
        return "[NAME, ...]";
    case SN_VALUE_REFERENCE:
        return "NAME or NAME.NAME";
    case SN_VALUE_REFERENCES:
    case SN_VALUE_NAMED:
        return "[NAME, ...]";
    case SN_VALUE_FIELDS:
        return "{NAME: TYPE, ...}";
    case SN_VALUE_CONSTANTS:
        return "{NAME: NUMBER, ...}";
    case SN_VALUE_IMPORTS:
        return "{NAME: FILE, ...}";
    case SN_VALUE_PROTOCOLS:
        return "{NAME: [MESSAGE, ...], ...}";
    case SN_VALUE_TYPES:
        return "{NAME: {NAME: TYPE, ...} or [NAME, ...] or TYPE, ...}";
    case SN_VALUE_HANDLES:
        return "[MESSAGE, ...] or {NAME: message, ...}";
    case SN_VALUE_CALLS:
        return "[POOL, POOL.MESSAGE, ...] or {POOL: call, ...}";
    case SN_VALUE_KEY:
        return "FIELD or {MESSAGE: FIELD, ...}";
    case SN_VALUE_POLICY:
        return "POLICY or {MESSAGE: POLICY, ...}";
    case SN_VALUE_TEXTS:
        return "TEXT or [TEXT, ...]";
    case SN_VALUE_SPLITS:
        return "[VALUE, ...]";
    default:
        return NULL;
    }
}

static void write_argument(struct sn_buffer *argument, const struct sn_key *row)
{
    const char *name = value_name(row);

    if (name != NULL)
        sn_buffer_puts(argument, name);
    else if (row->value == SN_VALUE_ENTRIES)
        sn_buffer_printf(argument, "{NAME: %s, ...}", row->shape->title);
    else if (row->value == SN_VALUE_SHAPE)
        sn_buffer_puts(argument, row->shape->title);
}

static void write_row(struct sn_buffer *out, const struct sn_key *row)
{
    struct sn_buffer argument = {0}, term = {0};

    write_argument(&argument, row);
    sn_buffer_printf(&term, "%s:", row->name);
    if (argument.failed || term.failed)
        out->failed = true;
    else
        sn_roff_entry(out, term.data, argument.data, row->doc);
    if (row->required)
        sn_buffer_puts(out, "Required.\n");
    if (row->fallback != NULL)
        sn_buffer_printf(out, "Default: %s.\n", row->fallback);
    if (row->example != NULL) {
        sn_buffer_puts(out, "Example: ");
        sn_roff_text(out, row->example);
        sn_buffer_puts(out, "\n");
    }
    for (const struct sn_choice *choice = row->choices; choice != NULL && choice->name != NULL;
         choice++) {
        sn_buffer_puts(out, ".br\n\\fI");
        sn_roff_text(out, choice->name);
        sn_buffer_puts(out, "\\fR: ");
        sn_roff_text(out, choice->doc);
        sn_buffer_puts(out, choice->later ? " (not available yet).\n" : ".\n");
    }
    sn_buffer_fini(&argument);
    sn_buffer_fini(&term);
}

static void write_shape(struct sn_buffer *out, const struct sn_shape *shape)
{
    sn_roff_subheading(out, shape->title);
    sn_roff_paragraph(out, shape->doc);
    if (shape->has_short)
        sn_buffer_printf(out, "A single value stands for a map with only\n.BR %s .\n",
                         shape->keys[0].name);
    for (const struct sn_key *row = shape->keys; row->name != NULL; row++)
        if (!sn_lang_is_later(row))
            write_row(out, row);
}

static void write_types(struct sn_buffer *out)
{
    sn_roff_heading(out, "TYPES");
    for (const struct sn_choice *type = sn_lang_types(); type->name != NULL; type++) {
        sn_roff_entry(out, type->name, NULL, type->doc);
        if (type->later)
            sn_buffer_puts(out, "(not available yet)\n");
    }
    sn_roff_paragraph(out, "N is a number, the name of a constant, or `unbounded`; a message with "
                           "an unbounded field needs a limit. The name of a type, of a message or "
                           "of a message's reply (NAME_reply) is a type too. The elements of a "
                           "list or an array are neither lists, arrays nor optional.");
}

static void write_values(struct sn_buffer *out)
{
    sn_roff_heading(out, "VALUES");
    sn_roff_entry(out, "NAME", NULL,
                  "Lower-case words of letters and digits, joined by single underscores, at most "
                  "48 characters. Where it stands in C without a prefix it cannot be a keyword of "
                  "C or C++ or a macro of the standard headers.");
    sn_roff_entry(out, "NUMBER", NULL,
                  "A whole number, 12; with k, M or G for powers of 1024; or the name of a "
                  "constant.");
    sn_roff_entry(out, "DURATION", NULL, "A whole number with ns, us, ms, s, min, h or d: 10ms.");
    sn_roff_entry(out, "doc", NULL,
                  "Text for people; it reaches the comments of the generated code. Put it in "
                  "quotes when it contains ': ' or ' #'.");
}

static void write_numbers(struct sn_buffer *out)
{
    sn_roff_heading(out, "NUMBERS AND NAMES");
    sn_roff_paragraph(out,
                      "Messages, fields, enum values and errors have numbers that other programs "
                      "and saved state rely on. They follow the order of declaration, until `sngen "
                      "lock` writes them to sngen.lock beside the schema; from then on a new order "
                      "changes nothing, what is new gets a new number, and the numbers of what is "
                      "gone are retired.");
    sn_roff_paragraph(out, "Whatever has a number there keeps it under a new name that says which "
                           "one it had before:");
    sn_roff_example(out, "types:\n"
                         "  extent: {was: size, width: u32}\n"
                         "  color: [red, lime: {was: green}]\n"
                         "messages:\n"
                         "  move:\n"
                         "    was: transfer\n"
                         "    fields: {sum: {type: i64, was: amount}}\n"
                         "    reply: {}\n"
                         "    errors: [busy, empty: {was: no_funds}]\n");
    sn_roff_paragraph(out,
                      "Workers, pools, aliases (`label: {typedef: string(16), was: name}`) and "
                      "the package itself say it too. Once `sngen lock` has run, `was:` only "
                      "serves `sngen diff` with older versions.");
}

static void write_later(struct sn_buffer *out)
{
    sn_roff_heading(out, "NOT AVAILABLE YET");
    sn_roff_paragraph(out, "These keys are known and refused with their place:");
    for (const struct sn_shape *const *shape = sn_lang_shapes(); *shape != NULL; shape++)
        for (const struct sn_key *row = (*shape)->keys; row->name != NULL; row++)
            if (sn_lang_is_later(row))
                sn_roff_entry(out, row->name, (*shape)->title, row->doc);
}

void sn_lang_write_manual(struct sn_buffer *out, const char *version)
{
    sn_buffer_puts(out, ".\\\" Made from the table of the language by sngen; do not edit.\n");
    sn_buffer_printf(out, ".TH SN.YAML 5 \"\" \"sn %s\" \"File formats\"\n", version);
    sn_roff_heading(out, "NAME");
    sn_buffer_puts(out, "sn.yaml \\- workers, messages and pools for sngen\n");
    sn_roff_heading(out, "DESCRIPTION");
    sn_roff_paragraph(out, "A schema describes workers, their state, the messages that they "
                           "exchange and who supervises them. sngen(1) checks it and writes typed "
                           "C from it. It is one YAML document of at most 1 MiB; anchors, aliases, "
                           "tags and duplicate keys are refused.");
    sn_roff_example(out, example);
    sn_roff_heading(out, "KEYS");
    for (const struct sn_shape *const *shape = sn_lang_shapes(); *shape != NULL; shape++)
        if (!sn_lang_shape_is_later(*shape))
            write_shape(out, *shape);
    write_types(out);
    write_values(out);
    write_numbers(out);
    write_later(out);
    sn_roff_heading(out, "SEE ALSO");
    sn_buffer_puts(out, ".BR sngen (1)\n");
}
