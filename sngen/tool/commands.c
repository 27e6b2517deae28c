/* SPDX-License-Identifier: MIT */
/* The table of commands and options. */
#include "tool/command.h"

#include <stdint.h>

static const struct sn_option options[SN_OPTION_COUNT] = {
    [SN_OPTION_OUTPUT] = {SN_OPTION_OUTPUT, "-o", "--output", "DIR", NULL,
                          "Write into this folder; it is made when missing. Default: here."},
    [SN_OPTION_DEPFILE] =
        {SN_OPTION_DEPFILE, "-MD", NULL, NULL, NULL,
         "Also write FILE.d, a Makefile rule that lists FILE, its imports and their "
         "sngen.lock."},
    [SN_OPTION_LIST] = {SN_OPTION_LIST, NULL, "--list", NULL, NULL,
                        "Print the names of the files instead of writing them."},
    [SN_OPTION_TESTS] = {SN_OPTION_TESTS, NULL, "--with-tests", NULL, NULL,
                         "Also write a header PACKAGE_WORKER_test.h for each worker, by which a "
                         "unit test runs its handlers one by one."},
    [SN_OPTION_FUZZERS] = {SN_OPTION_FUZZERS, NULL, "--with-fuzzers", NULL, NULL,
                           "Also write programs for libFuzzer: FILE.WORKER_fuzz.c for each worker, "
                           "which looks at its `invariant`, and FILE.MESSAGE_fuzz.c for each "
                           "codec. Implies --with-tests."},
    [SN_OPTION_SIM] = {SN_OPTION_SIM, NULL, "--with-sim", NULL, NULL,
                       "Also write FILE.sim.c, a program that runs the system in the simulator: "
                       "seeded messages and faults, each worker's `invariant` looked at after each "
                       "handler, and the command that replays a failure."},
    [SN_OPTION_FORMAT] = {SN_OPTION_FORMAT, NULL, "--format", "FORMAT", "text json",
                          "How diagnostics are written: text (on standard error) or json (on "
                          "standard output)."},
    [SN_OPTION_STRICT] = {SN_OPTION_STRICT, "-W", "--strict", NULL, NULL, "Warnings are errors."},
    [SN_OPTION_LINT] = {SN_OPTION_LINT, NULL, "--lint", NULL, NULL,
                        "Also warn of what is right but easily misunderstood."},
    [SN_OPTION_BUDGET] = {SN_OPTION_BUDGET, NULL, "--budget", NULL, NULL,
                          "Print the most bytes that a shard may take, by pools."},
    [SN_OPTION_AS] = {SN_OPTION_AS, NULL, "--as", "FORMAT", "mermaid dot",
                      "The form of the graph; mermaid when not given."},
    [SN_OPTION_CHECK] =
        {SN_OPTION_CHECK, NULL, "--check", NULL, NULL,
         "Write nothing; say what would change, and exit with 1 if anything would."},
    [SN_OPTION_ALLOW] = {SN_OPTION_ALLOW, NULL, "--allow", "KIND[:NAME],...", NULL,
                         "Accept breaks of these kinds, of everything or of what has this name: "
                         "wire:transfer covers transfer.amount too."},
    [SN_OPTION_HELP] = {SN_OPTION_HELP, "-h", "--help", NULL, NULL, "Show help."},
};

static const enum sn_option_id check_options[] = {SN_OPTION_FORMAT, SN_OPTION_STRICT,
                                                  SN_OPTION_LINT,   SN_OPTION_BUDGET,
                                                  SN_OPTION_HELP,   SN_OPTION_COUNT};
static const enum sn_option_id generate_options[] = {
    SN_OPTION_OUTPUT, SN_OPTION_DEPFILE, SN_OPTION_LIST, SN_OPTION_TESTS, SN_OPTION_FUZZERS,
    SN_OPTION_SIM,    SN_OPTION_FORMAT,  SN_OPTION_HELP, SN_OPTION_COUNT};
static const enum sn_option_id stubs_options[] = {SN_OPTION_OUTPUT, SN_OPTION_FORMAT,
                                                  SN_OPTION_HELP, SN_OPTION_COUNT};
static const enum sn_option_id graph_options[] = {SN_OPTION_AS, SN_OPTION_HELP, SN_OPTION_COUNT};
static const enum sn_option_id fmt_options[] = {SN_OPTION_CHECK, SN_OPTION_HELP, SN_OPTION_COUNT};
static const enum sn_option_id new_options[] = {SN_OPTION_OUTPUT, SN_OPTION_HELP, SN_OPTION_COUNT};
static const enum sn_option_id lock_options[] = {SN_OPTION_CHECK, SN_OPTION_FORMAT, SN_OPTION_HELP,
                                                 SN_OPTION_COUNT};
static const enum sn_option_id diff_options[] = {SN_OPTION_ALLOW, SN_OPTION_FORMAT, SN_OPTION_HELP,
                                                 SN_OPTION_COUNT};
static const enum sn_option_id help_only[] = {SN_OPTION_HELP, SN_OPTION_COUNT};

static const struct sn_command commands[] = {
    {.name = "new",
     .arguments = "NAME",
     .least = 1,
     .most = 1,
     .doc = "Make a complete project: schema, handlers, main, test and CMakeLists.txt.",
     .details = "It goes into the folder NAME, or the one that -o names. Nothing that exists is "
                "overwritten.",
     .options = new_options,
     .run = sn_command_new},
    {.name = "check",
     .arguments = "FILE...",
     .least = 1,
     .most = SIZE_MAX,
     .doc = "Check schemas and report everything that is wrong.",
     .details =
         "Each diagnostic names its place as file:line:column, its code in brackets, and "
         "what to write instead where that is known. FILE may be - for standard input. "
         "--budget prints for each schema what the actors of one shard and their "
         "mailboxes take at worst, and what is assumed; without `memory: {shards: N}` all "
         "actors live on one shard. A declared `memory` is checked against it in any case. --lint "
         "also warns of what is right but often not meant: an enum "
         "whose 0 means something, a question that may overtake telemetry, a `limit` below the sum "
         "of the fields.",
     .options = check_options,
     .run = sn_command_check,
     .watches_lock = true},
    {.name = "generate",
     .arguments = "FILE",
     .least = 1,
     .most = 1,
     .doc = "Write the C code of a schema.",
     .details = "For FILE = app.yaml with `package: bank` it writes app.sn.c, the one unit to "
                "compile, bank.h, and a header bank_WORKER.h for each worker; for messages with "
                "`wire: true` also app.wire.sn.c, their codecs, and bank.proto for other "
                "languages. A file is written only when its bytes change. Nothing is written when "
                "the schema has errors.",
     .options = generate_options,
     .run = sn_command_generate,
     .watches_lock = true},
    {.name = "stubs",
     .arguments = "FILE",
     .least = 1,
     .most = 1,
     .doc = "Write the handlers that are yours to fill in.",
     .details = "A worker without a file of its own gets WORKER.c with a body for each handler. A "
                "file that exists is never touched: what it lacks is printed, ready to paste, and "
                "what is no longer declared is named.",
     .options = stubs_options,
     .run = sn_command_stubs},
    {.name = "explain",
     .arguments = "[CODE]",
     .most = 1,
     .doc = "Explain a diagnostic by its code, or list all codes.",
     .options = help_only,
     .run = sn_command_explain},
    {.name = "fmt",
     .arguments = "FILE...",
     .least = 1,
     .most = SIZE_MAX,
     .doc = "Write schemas in the one form.",
     .details =
         "Two blanks a level, one after ':' and ',', none inside brackets, at most one empty "
         "line in a row. Comments stay on their lines, values as they are. A file is "
         "written only when it changes; - stands for standard input and output.",
     .options = fmt_options,
     .run = sn_command_fmt},
    {.name = "graph",
     .arguments = "FILE",
     .least = 1,
     .most = 1,
     .doc = "Print the topology: pools, what they send each other, and supervisors.",
     .details =
         "Mermaid is shown by many web pages for source code and by editors; DOT is drawn by "
         "Graphviz: sngen graph --as dot FILE | dot -Tsvg. Requests end with a '?'; dashed "
         "arrows are asks and dead letters, dotted ones go from who is told of an end to whose end "
         "it is, thick ones join those that fail together and the phases of a stop.",
     .options = graph_options,
     .run = sn_command_graph},
    {.name = "doc",
     .arguments = "FILE",
     .least = 1,
     .most = 1,
     .doc = "Print a reference of the schema in Markdown.",
     .options = help_only,
     .run = sn_command_doc},
    {.name = "lock",
     .arguments = "FILE...",
     .least = 1,
     .most = SIZE_MAX,
     .doc = "Keep the numbers of messages, fields, enum values and errors in sngen.lock.",
     .details =
         "The file lies beside FILE, with a section for each package of the folder; check it in. "
         "generate takes the numbers from it, so that a new order or a new name (with `was:`) "
         "changes nothing on the wire; what is gone has its number retired. With --check nothing "
         "is written: each line that is out of date is an error. For CI.",
     .options = lock_options,
     .run = sn_command_lock},
    {.name = "diff",
     .arguments = "OLD NEW",
     .least = 2,
     .most = 2,
     .doc = "Name what a new version of a schema breaks; exit with 1 if it breaks anything.",
     .details =
         "Kinds of breaks: wire (programs of both versions misread or refuse each other), api "
         "(code "
         "for the old one does not build), snapshot (saved state cannot be read), partition "
         "(keys move to other members: re-sharding), policy (messages are refused, dropped or "
         "given up earlier or otherwise), edge (somebody may no longer send what he sent). What "
         "breaks nobody is listed as compatible. OLD and NEW are files or folders; each has its "
         "numbers from the sngen.lock beside it. A renamed thing says `was:`, else it counts as "
         "gone and another one as new.",
     .options = diff_options,
     .run = sn_command_diff,
     .quiet = true},
    {.name = "reference",
     .arguments = "schema|language|manual|completion|dictionary",
     .least = 1,
     .most = 1,
     .doc = "Print what is made from the tables and checked in.",
     .options = help_only,
     .run = sn_command_reference,
     .hidden = true},
    {.name = "names",
     .arguments = "FILE",
     .least = 1,
     .most = 1,
     .doc = "Print every identifier that the generated C declares.",
     .options = help_only,
     .run = sn_command_names,
     .hidden = true},
    {.name = NULL}};

const struct sn_command *sn_commands(void)
{
    return commands;
}

const struct sn_option *sn_option(enum sn_option_id id)
{
    return &options[id];
}
