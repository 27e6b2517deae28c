/* SPDX-License-Identifier: MIT */
/*
 * `sngen reference`: what is derived from the tables and checked in beside the
 * sources. A test makes each anew and compares, so that none can drift.
 */
#include "base/roff.h"
#include "lang/json_schema.h"
#include "lang/manual.h"
#include "lang/table.h"
#include "tool/command.h"

#include <string.h>

static void write_command(struct sn_buffer *out, const struct sn_command *command)
{
    sn_buffer_printf(out, ".SS %s", command->name);
    if (command->arguments[0] != '\0')
        sn_buffer_printf(out, " %s", command->arguments);
    sn_buffer_puts(out, "\n");
    sn_roff_paragraph(out, command->doc);
    if (command->details != NULL)
        sn_roff_paragraph(out, command->details);
    for (const enum sn_option_id *id = command->options; *id != SN_OPTION_COUNT; id++) {
        const struct sn_option *option = sn_option(*id);
        struct sn_buffer term = {0};

        sn_buffer_printf(&term, "%s%s%s", option->letter != NULL ? option->letter : "",
                         option->letter != NULL && option->name != NULL ? ", " : "",
                         option->name != NULL ? option->name : "");
        if (term.failed)
            out->failed = true;
        else
            sn_roff_entry(out, term.data, option->argument, option->doc);
        sn_buffer_fini(&term);
    }
}

static void write_exit_codes(struct sn_buffer *out)
{
    sn_roff_heading(out, "EXIT STATUS");
    sn_roff_entry(out, "0", NULL, "All is well; there may be warnings.");
    sn_roff_entry(out, "1", NULL, "Errors in a file, or a difference that the command looks for.");
    sn_roff_entry(out, "2", NULL, "The command line is wrong.");
    sn_roff_entry(out, "3", NULL, "A file cannot be read or written, or memory is short.");
}

static void write_diagnostics(struct sn_buffer *out)
{
    sn_roff_heading(out, "DIAGNOSTICS");
    sn_roff_paragraph(out, "A diagnostic gives its place, its text and its code, the line of the "
                           "source with a mark, and what to write instead where that is known:");
    sn_roff_example(out, "bank.yaml:7:5: error: a worker has no key 'handels' [unknown-key]\n"
                         "    7 |     handels: [put]\n"
                         "      |     ^~~~~~~\n"
                         "help: did you mean 'handles'?\n");
    sn_roff_paragraph(out, "With --format=json they are one object with a version, the number of "
                           "diagnostics that were left out (only after 500), and an array; each "
                           "has file, line, column, length, severity, code, message, notes and "
                           "perhaps help. Lines and columns count from 1, columns in characters. "
                           "`diff` writes an object with a version, an array of changes and the "
                           "number of breaks; each change has file, line, column, verdict (break, "
                           "allowed or compatible), kinds, name and message.");
}

static void write_files(struct sn_buffer *out)
{
    sn_roff_heading(out, "FILES");
    sn_roff_entry(out, "sngen.lock", NULL,
                  "Beside the schemas of a folder, with a section for each package: the numbers of "
                  "messages, fields, enum values and errors, those that are retired, digests of "
                  "layouts, and how keys find their members. One line each, sorted by name. Let "
                  "`sngen lock` change it, and check it in.");
    sn_roff_heading(out, "EXAMPLES");
    sn_roff_paragraph(out, "What CI may run, with the schemas of the main branch in main/:");
    sn_roff_example(out, "sngen check --strict schemas/*.yaml\n"
                         "sngen fmt --check schemas/*.yaml\n"
                         "sngen lock --check schemas/*.yaml\n"
                         "sngen diff --allow api,policy:cache main/schemas schemas\n");
    sn_roff_paragraph(out, "To rename a field: write `{type: i64, was: amount}` at its new name, "
                           "then");
    sn_roff_example(out, "$ sngen lock bank.yaml\n"
                         "- fields deposit.amount: 2\n"
                         "+ fields deposit.sum: 2\n");
}

static void write_manual(struct sn_buffer *out)
{
    sn_buffer_puts(out, ".\\\" Made from the table of commands by sngen; do not edit.\n");
    sn_buffer_puts(out, ".TH SNGEN 1 \"\" \"sn " SNGEN_VERSION "\" \"User commands\"\n");
    sn_roff_heading(out, "NAME");
    sn_buffer_puts(out, "sngen \\- typed C from a YAML description of actors\n");
    sn_roff_heading(out, "SYNOPSIS");
    sn_buffer_puts(out, ".B sngen\n.I COMMAND\n.RI [ OPTION ...]\n.RI [ ARGUMENT ...]\n");
    sn_roff_heading(out, "DESCRIPTION");
    sn_roff_paragraph(out, "sngen reads a schema, sn.yaml(5), and checks it, writes C from it, or "
                           "shows it in other forms.");
    sn_roff_heading(out, "COMMANDS");
    for (const struct sn_command *command = sn_commands(); command->name != NULL; command++)
        if (!command->hidden)
            write_command(out, command);
    write_diagnostics(out);
    write_exit_codes(out);
    write_files(out);
    sn_roff_heading(out, "SEE ALSO");
    sn_buffer_puts(out, ".BR sn.yaml (5)\n");
}

/* The words of a command's options; those that take one of some words lead to them. */
static void write_options(struct sn_buffer *out, const struct sn_command *command)
{
    sn_buffer_printf(out, "    %s) words=\"", command->name);
    for (const enum sn_option_id *id = command->options; *id != SN_OPTION_COUNT; id++) {
        const struct sn_option *option = sn_option(*id);

        if (option->letter != NULL)
            sn_buffer_printf(out, "%s ", option->letter);
        if (option->name != NULL)
            sn_buffer_printf(out, "%s ", option->name);
    }
    out->size -= !out->failed; /* the last blank */
    sn_buffer_puts(out, "\" ;;\n");
}

static void write_arguments(struct sn_buffer *out)
{
    for (int id = 0; id < SN_OPTION_COUNT; id++) {
        const struct sn_option *option = sn_option((enum sn_option_id)id);

        if (option->choices != NULL)
            sn_buffer_printf(
                out,
                "    %s)\n        mapfile -t COMPREPLY < <(compgen -W \"%s\" -- \"$word\")\n"
                "        return ;;\n",
                option->name, option->choices);
        else if (option->argument != NULL && strcmp(option->argument, "DIR") == 0)
            sn_buffer_printf(out,
                             "    %s | %s)\n        mapfile -t COMPREPLY < <(compgen -d -- "
                             "\"$word\")\n        return ;;\n",
                             option->letter, option->name);
    }
}

static void write_completion(struct sn_buffer *out)
{
    sn_buffer_puts(out,
                   "# Made from the table of commands by sngen; do not edit.\n"
                   "# bash completion for sngen\n"
                   "\n_sngen()\n{\n"
                   "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
                   "    local words=\"\"\n\n"
                   "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                   "        mapfile -t COMPREPLY < <(compgen -W \"");
    for (const struct sn_command *command = sn_commands(); command->name != NULL; command++)
        if (!command->hidden)
            sn_buffer_printf(out, "%s ", command->name);
    sn_buffer_puts(out, "--help --version\" -- \"$word\")\n        return\n    fi\n"
                        "    case $before in\n");
    write_arguments(out);
    sn_buffer_puts(out, "    esac\n    case ${COMP_WORDS[1]} in\n");
    for (const struct sn_command *command = sn_commands(); command->name != NULL; command++)
        if (!command->hidden)
            write_options(out, command);
    sn_buffer_puts(out, "    esac\n"
                        "    if [[ $word == -* ]]; then\n"
                        "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
                        "    else\n"
                        "        mapfile -t COMPREPLY < <(compgen -d -S / -- \"$word\"\n"
                        "            compgen -f -X '!*.y?(a)ml' -- \"$word\")\n"
                        "    fi\n"
                        "}\n\ncomplete -o nospace -o filenames -F _sngen sngen\n");
}

/* What stands between words, and values of each kind: what mutations would hardly find. */
static const char fragments[] =
    "\"{\"\n\"}\"\n\"[\"\n\"]\"\n\", \"\n\"- \"\n\"?\"\n\"of \"\n\"\\\"\"\n"
    "\"\\x0a  \"\n\"\\x0a    \"\n\"doc: |\\x0a\"\n\"unbounded\"\n\"true\"\n"
    "\"10ms..5s\"\n\"1 in 5s\"\n\"1M\"\n\"4k\"\n\"park(\"\n\"ref(\"\n\"reply_to(\"\n"
    "\"list(\"\n\"array(\"\n\"string(\"\n\"bytes(\"\n\"c(\"\n\"fini(\"\n"
    "\"size(\"\n\"has(\"\n\" && \"\n\" || \"\n\" >= \"\n\" == \"\n\" - \"\n"
    "\"\\x0a#old\\x0a\"\n\"\\x0a#lock\\x0a\"\n\"sngen_lock: 1\\x0a\"\n\"retired \"\n";

static void write_words(struct sn_buffer *out, const struct sn_shape *shape)
{
    for (const struct sn_key *key = shape->keys; key->name != NULL; key++) {
        sn_buffer_printf(out, "\"%s: \"\n", key->name);
        for (const struct sn_choice *choice = key->choices; choice != NULL && choice->name != NULL;
             choice++)
            sn_buffer_printf(out, "\"%s\"\n", choice->name);
    }
}

static void write_dictionary(struct sn_buffer *out)
{
    sn_buffer_puts(out, "# Made from the table of the language by sngen; do not edit.\n");
    for (const struct sn_shape *const *shape = sn_lang_shapes(); *shape != NULL; shape++)
        write_words(out, *shape);
    for (const struct sn_choice *type = sn_lang_types(); type->name != NULL; type++)
        if (strpbrk(type->name, "(?") == NULL)
            sn_buffer_printf(out, "\"%s\"\n", type->name);
    sn_buffer_puts(out, fragments);
}

int sn_command_reference(struct sn_invocation *invocation)
{
    const char *what = invocation->arguments[0];
    struct sn_buffer text = {0};

    if (strcmp(what, "schema") == 0)
        sn_lang_write_json_schema(&text);
    else if (strcmp(what, "language") == 0)
        sn_lang_write_manual(&text, SNGEN_VERSION);
    else if (strcmp(what, "manual") == 0)
        write_manual(&text);
    else if (strcmp(what, "completion") == 0)
        write_completion(&text);
    else if (strcmp(what, "dictionary") == 0)
        write_dictionary(&text);
    else {
        sn_tool_complain("reference: one of schema, language, manual, completion, dictionary");
        return SN_EXIT_USAGE;
    }
    return sn_tool_print(&text);
}
