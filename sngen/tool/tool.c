/* SPDX-License-Identifier: MIT */
/*
 * The command line: finds the command, sorts its options from its arguments by
 * the table, and runs it. Options may stand anywhere behind the command; `--`
 * ends them.
 */
#include "base/suggest.h"
#include "tool/command.h"

#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void sn_tool_complain(const char *format, ...)
{
    va_list list;

    fputs("sngen: ", stderr);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputs("\n", stderr);
}

int sn_tool_no_memory(void)
{
    sn_tool_complain("out of memory");
    return SN_EXIT_SYSTEM;
}

int sn_tool_print(struct sn_buffer *text)
{
    int rc = SN_EXIT_FINE;

    if (text->failed)
        rc = sn_tool_no_memory();
    else if (fwrite(text->data != NULL ? text->data : "", 1, text->size, stdout) != text->size ||
             fflush(stdout) != 0) {
        sn_tool_complain("cannot write to standard output");
        rc = SN_EXIT_SYSTEM;
    }
    sn_buffer_fini(text);
    return rc;
}

static const struct sn_command *find_command(const char *name)
{
    const struct sn_command *command = sn_commands();

    while (command->name != NULL && strcmp(command->name, name) != 0)
        command++;
    return command->name != NULL ? command : NULL;
}

static int unknown_command(const char *name)
{
    struct sn_suggest suggest = {.wanted = name};

    for (const struct sn_command *command = sn_commands(); command->name != NULL; command++)
        if (!command->hidden)
            sn_suggest_add(&suggest, command->name);
    sn_tool_complain("there is no command '%s'%s%s%s", name,
                     suggest.best != NULL ? "; did you mean '" : "",
                     suggest.best != NULL ? suggest.best : "; see sngen --help",
                     suggest.best != NULL ? "'?" : "");
    return SN_EXIT_USAGE;
}

/* The option that a word is, with what stands behind its '=' in *ret_value; NULL if it is none. */
static const struct sn_option *find_option(const struct sn_command *command, const char *word,
                                           const char **ret_value)
{
    size_t size = strcspn(word, "=");

    *ret_value = NULL;
    for (const enum sn_option_id *id = command->options; *id != SN_OPTION_COUNT; id++) {
        const struct sn_option *option = sn_option(*id);

        if (option->letter != NULL && strcmp(word, option->letter) == 0)
            return option;
        if (option->name != NULL && strlen(option->name) == size &&
            memcmp(option->name, word, size) == 0) {
            *ret_value = word[size] == '=' ? word + size + 1 : NULL;
            return option;
        }
    }
    return NULL;
}

/* -oDIR: a letter with its argument right behind it. */
static const struct sn_option *find_joined(const struct sn_command *command, const char *word,
                                           const char **ret_value)
{
    for (const enum sn_option_id *id = command->options; *id != SN_OPTION_COUNT; id++) {
        const struct sn_option *option = sn_option(*id);
        size_t size = option->letter != NULL ? strlen(option->letter) : 0;

        if (size > 0 && option->argument != NULL && strncmp(word, option->letter, size) == 0) {
            *ret_value = word + size;
            return option;
        }
    }
    return NULL;
}

static bool is_choice(const char *choices, const char *value)
{
    size_t size = strlen(value);

    for (const char *at = choices; at != NULL; at = strchr(at, ' ')) {
        at += *at == ' ';
        if (strncmp(at, value, size) == 0 && (at[size] == ' ' || at[size] == '\0'))
            return true;
    }
    return false;
}

/* "KIND,...": given again, it adds to what was given. */
static bool is_list(const struct sn_option *option)
{
    size_t size = option->argument != NULL ? strlen(option->argument) : 0;

    return size > 3 && strcmp(option->argument + size - 3, "...") == 0;
}

static int take_option(struct sn_invocation *invocation, char **words, int count, int *at)
{
    const char *word = words[*at], *value;
    const struct sn_option *option = find_option(invocation->command, word, &value);

    if (option == NULL)
        option = find_joined(invocation->command, word, &value);
    if (option == NULL) {
        sn_tool_complain("%s has no option '%s'; see sngen %s --help", invocation->command->name,
                         word, invocation->command->name);
        return SN_EXIT_USAGE;
    }
    if (option->argument != NULL && value == NULL && *at + 1 < count)
        value = words[++*at];
    if ((option->argument != NULL) != (value != NULL)) {
        sn_tool_complain("the option '%s' takes %s%s", word,
                         option->argument != NULL ? "an argument: " : "no argument",
                         option->argument != NULL ? option->argument : "");
        return SN_EXIT_USAGE;
    }
    if (option->choices != NULL && value != NULL && !is_choice(option->choices, value)) {
        sn_tool_complain("the option '%s' cannot be '%s'; one of: %s", option->name, value,
                         option->choices);
        return SN_EXIT_USAGE;
    }
    if (is_list(option) && invocation->values[option->id] != NULL)
        value = sn_arena_printf(invocation->arena, "%s,%s", invocation->values[option->id], value);
    invocation->values[option->id] = value != NULL ? value : word;
    return SN_EXIT_FINE;
}

static int parse(struct sn_invocation *invocation, char **words, int count)
{
    const char **arguments = sn_arena_array(invocation->arena, (size_t)count, sizeof *arguments);
    const struct sn_command *command = invocation->command;
    bool options = true;

    if (arguments == NULL)
        return sn_tool_no_memory();
    invocation->arguments = arguments;
    for (int i = 0; i < count; i++) {
        if (options && strcmp(words[i], "--") == 0)
            options = false;
        else if (!options || words[i][0] != '-' || words[i][1] == '\0')
            arguments[invocation->argument_count++] = words[i];
        else if (take_option(invocation, words, count, &i) != SN_EXIT_FINE)
            return SN_EXIT_USAGE;
    }
    if (invocation->values[SN_OPTION_HELP] == NULL &&
        (invocation->argument_count < command->least ||
         invocation->argument_count > command->most)) {
        sn_tool_complain("usage: sngen %s [OPTION...] %s", command->name, command->arguments);
        return SN_EXIT_USAGE;
    }
    return SN_EXIT_FINE;
}

/* SNGEN_DATA_DIR is relative to the program, so that a moved installation still finds it. */
static const char *find_own_schemas(struct sn_arena *arena)
{
    char program[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", program, sizeof program - 1);

    if (size <= 0)
        return SNGEN_DATA_DIR;
    program[size] = '\0';
    return sn_arena_printf(arena, "%s/%s", dirname(program), SNGEN_DATA_DIR);
}

static int run(const struct sn_command *command, char **words, int count)
{
    struct sn_invocation invocation = {.arena = sn_arena_create(), .command = command};
    int rc;

    if (invocation.arena == NULL)
        return sn_tool_no_memory();
    invocation.own_schemas = find_own_schemas(invocation.arena);
    rc = parse(&invocation, words, count);
    if (rc == SN_EXIT_FINE && invocation.values[SN_OPTION_HELP] != NULL)
        sn_tool_help(command);
    else if (rc == SN_EXIT_FINE)
        rc = command->run(&invocation);
    sn_arena_destroy(invocation.arena);
    return rc;
}

int sn_tool_main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "--help";
    const struct sn_command *command = find_command(name);

    if (command != NULL)
        return run(command, argv + 2, argc - 2);
    if (strcmp(name, "--version") == 0) {
        puts("sngen " SNGEN_VERSION);
        return SN_EXIT_FINE;
    }
    if (strcmp(name, "--help") != 0 && strcmp(name, "-h") != 0 && strcmp(name, "help") != 0)
        return unknown_command(name);
    if (argc > 2 && (command = find_command(argv[2])) == NULL)
        return unknown_command(argv[2]);
    sn_tool_help(command);
    return argc > 1 ? SN_EXIT_FINE : SN_EXIT_USAGE;
}
