/* SPDX-License-Identifier: MIT */
/**
 * The commands of sngen, as a table that drives the parsing of the command
 * line, --help, the manual page and the completion of bash.
 */
#ifndef SNGEN_TOOL_COMMAND_H
#define SNGEN_TOOL_COMMAND_H

#include "base/arena.h"
#include "base/diag.h"
#include "model/model.h"

#include <stdbool.h>
#include <stddef.h>

/* Exit codes of the program. */
enum {
    SN_EXIT_FINE = 0,
    SN_EXIT_INPUT = 1, /* errors in a file, or a difference that the command looks for */
    SN_EXIT_USAGE = 2, /* the command line */
    SN_EXIT_SYSTEM = 3 /* files that cannot be read or written, memory */
};

enum sn_option_id {
    SN_OPTION_OUTPUT,
    SN_OPTION_DEPFILE,
    SN_OPTION_LIST,
    SN_OPTION_TESTS,
    SN_OPTION_FUZZERS,
    SN_OPTION_SIM,
    SN_OPTION_FORMAT,
    SN_OPTION_STRICT,
    SN_OPTION_LINT,
    SN_OPTION_BUDGET,
    SN_OPTION_AS,
    SN_OPTION_CHECK,
    SN_OPTION_ALLOW,
    SN_OPTION_HELP,
    SN_OPTION_COUNT
};

struct sn_option {
    enum sn_option_id id;
    const char *letter; /* "-o"; or NULL */
    const char *name;   /* "--output"; or NULL */
    const char
        *argument; /* "DIR"; NULL: it is a switch; with "..." at its end it may be given again */
    const char *choices; /* "text json": what the argument may be; NULL: anything */
    const char *doc;
};

/* One run of a command. */
struct sn_invocation {
    struct sn_arena *arena;
    const struct sn_command *command;
    const char *values[SN_OPTION_COUNT]; /* of options; a switch's is its name; NULL: not given */
    const char *const *arguments;
    size_t argument_count;
    const char *own_schemas; /* the folder of sngen's own schemas */
};

struct sn_command {
    const char *name;
    const char *arguments; /* "FILE..." for people; "" for none */
    size_t least;          /* how many arguments */
    size_t most;
    const char *doc;                  /* one line */
    const char *details;              /* paragraphs; or NULL */
    const enum sn_option_id *options; /* ends with SN_OPTION_COUNT */
    int (*run)(struct sn_invocation *invocation);
    bool hidden;       /* for the build of sngen itself */
    bool watches_lock; /* warns when sngen.lock is out of date */
    bool quiet;        /* shows no warnings, and no diagnostics at all without errors */
};

/** All commands; ends with a NULL name. */
const struct sn_command *sn_commands(void);

/** What an option is. */
const struct sn_option *sn_option(enum sn_option_id id);

/** Parse a command line and run it; returns the exit code. */
int sn_tool_main(int argc, char **argv);

/** Print the help of one command, or of all when NULL. */
void sn_tool_help(const struct sn_command *command);

/* ---- what commands share ------------------------------------------------ */

/**
 * Load and check a file, and write what was found to standard error (or, as JSON, to standard
 * output).
 *
 * @ret_model  the model, if it is right; else NULL.
 *
 * Returns  the exit code that this alone would give.
 */
int sn_tool_load(struct sn_invocation *invocation, const char *path,
                 const struct sn_model **ret_model);

/** As sn_tool_load(), with findings of the command's own added by `judge`, which may be NULL. */
int sn_tool_load_and(struct sn_invocation *invocation, const char *path,
                     const struct sn_model **ret_model,
                     void (*judge)(const struct sn_model *model, struct sn_diags *diags));

/** Write "sngen: ..." to standard error. */
void sn_tool_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Say that memory is short; returns SN_EXIT_SYSTEM. */
int sn_tool_no_memory(void);

/** Print text on standard output; SN_EXIT_SYSTEM if that fails (or the text lacks memory). */
int sn_tool_print(struct sn_buffer *text);

/** Print what the actors of the fullest shard may take. */
int sn_tool_print_budget(struct sn_invocation *invocation, const struct sn_model *model);

int sn_command_check(struct sn_invocation *invocation);
int sn_command_generate(struct sn_invocation *invocation);
int sn_command_stubs(struct sn_invocation *invocation);
int sn_command_explain(struct sn_invocation *invocation);
int sn_command_graph(struct sn_invocation *invocation);
int sn_command_doc(struct sn_invocation *invocation);
int sn_command_fmt(struct sn_invocation *invocation);
int sn_command_new(struct sn_invocation *invocation);
int sn_command_diff(struct sn_invocation *invocation);
int sn_command_reference(struct sn_invocation *invocation);
int sn_command_lock(struct sn_invocation *invocation);
int sn_command_names(struct sn_invocation *invocation);

#endif
