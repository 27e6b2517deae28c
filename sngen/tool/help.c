/* SPDX-License-Identifier: MIT */
/* --help, from the table. */
#include "tool/command.h"

#include <stdio.h>
#include <string.h>

enum { WIDTH = 78, COLUMN = 24 };

/* Break text at blanks, each line behind `indent` blanks; the cursor is at column `indent`. */
static void print_wrapped(const char *text, int indent)
{
    int column = indent;

    while (*text != '\0') {
        int size = (int)strcspn(text, " ");

        if (column > indent && column + 1 + size > WIDTH) {
            printf("\n%*s", indent, "");
            column = indent;
        } else if (column > indent) {
            putchar(' ');
            column++;
        }
        printf("%.*s", size, text);
        column += size;
        text += size;
        text += strspn(text, " ");
    }
    putchar('\n');
}

static void print_row(const char *left, const char *text)
{
    int used = printf("  %s", left);

    if (used > COLUMN - 2) {
        putchar('\n');
        used = 0;
    }
    printf("%*s", COLUMN - used, "");
    print_wrapped(text, COLUMN);
}

static void print_option(const struct sn_option *option)
{
    char left[64];

    snprintf(left, sizeof left, "%s%s%s%s%s", option->letter != NULL ? option->letter : "",
             option->letter != NULL && option->name != NULL ? ", " : "",
             option->name != NULL ? option->name : "", option->argument != NULL ? " " : "",
             option->argument != NULL ? option->argument : "");
    print_row(left, option->doc);
}

static void print_all(void)
{
    printf("Usage: sngen COMMAND [OPTION...] [ARGUMENT...]\n\n");
    print_wrapped("From a YAML description of workers, messages and pools to typed C.", 0);
    printf("\nCommands:\n");
    for (const struct sn_command *command = sn_commands(); command->name != NULL; command++) {
        char left[64];

        if (command->hidden)
            continue;
        snprintf(left, sizeof left, "%s %s", command->name, command->arguments);
        print_row(left, command->doc);
    }
    printf("\n");
    print_row("COMMAND --help", "More about one command.");
    print_row("--version", "Show the version.");
    printf("\n");
    print_wrapped("Exit codes: 0 all is well; 1 errors in a file; 2 a wrong command line; 3 a file "
                  "cannot be read or written, or no memory.",
                  0);
    print_wrapped("The language: man sn.yaml. The tool: man sngen.", 0);
}

void sn_tool_help(const struct sn_command *command)
{
    if (command == NULL) {
        print_all();
        return;
    }
    printf("Usage: sngen %s [OPTION...] %s\n\n", command->name, command->arguments);
    print_wrapped(command->doc, 0);
    if (command->details != NULL) {
        printf("\n");
        print_wrapped(command->details, 0);
    }
    printf("\nOptions:\n");
    for (const enum sn_option_id *id = command->options; *id != SN_OPTION_COUNT; id++)
        print_option(sn_option(*id));
}
