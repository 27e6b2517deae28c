/* SPDX-License-Identifier: MIT */
/* `sngen explain`: more about one diagnostic, from the table of codes. */
#include "base/suggest.h"
#include "tool/command.h"

#include <string.h>

static int list_all(void)
{
    struct sn_buffer text = {0};

    for (int code = 0; code < SN_CODE_COUNT; code++)
        sn_buffer_printf(&text, "%s\n", sn_code_info((enum sn_code)code)->name);
    return sn_tool_print(&text);
}

static int unknown(const char *name)
{
    struct sn_suggest suggest = {.wanted = name};

    for (int code = 0; code < SN_CODE_COUNT; code++)
        sn_suggest_add(&suggest, sn_code_info((enum sn_code)code)->name);
    sn_tool_complain("there is no code '%s'%s%s%s", name,
                     suggest.best != NULL ? "; did you mean '" : "; `sngen explain` lists them all",
                     suggest.best != NULL ? suggest.best : "", suggest.best != NULL ? "'?" : "");
    return SN_EXIT_USAGE;
}

/* Lines of at most 78 characters, broken at blanks; what begins a line begins one again. */
static void write_wrapped(struct sn_buffer *text, const char *words)
{
    size_t column = 0;

    while (*words != '\0') {
        size_t size = strcspn(words, " \n");

        if (column > 0 && column + 1 + size > 78) {
            sn_buffer_puts(text, "\n");
            column = 0;
        } else if (column > 0) {
            sn_buffer_puts(text, " ");
            column++;
        }
        sn_buffer_append(text, words, size);
        column += size;
        words += size + strspn(words + size, " ");
        for (; *words == '\n'; words++) {
            sn_buffer_puts(text, "\n");
            column = 0;
        }
    }
    sn_buffer_puts(text, "\n");
}

/* Each line behind four blanks. */
static void write_example(struct sn_buffer *text, const char *title, const char *example)
{
    if (example == NULL)
        return;
    sn_buffer_printf(text, "\n%s\n\n", title);
    while (*example != '\0') {
        size_t size = strcspn(example, "\n");

        sn_buffer_puts(text, "    ");
        sn_buffer_append(text, example, size);
        sn_buffer_puts(text, "\n");
        example += size + (example[size] == '\n');
    }
}

int sn_command_explain(struct sn_invocation *invocation)
{
    struct sn_buffer text = {0};
    const struct sn_code_info *info;
    enum sn_code code;

    if (invocation->argument_count == 0)
        return list_all();
    code = sn_code_by_name(invocation->arguments[0]);
    if (code == SN_CODE_COUNT)
        return unknown(invocation->arguments[0]);
    info = sn_code_info(code);
    sn_buffer_printf(&text, "%s\n\n", info->name);
    write_wrapped(&text, info->explanation);
    write_example(&text, "Wrong:", info->wrong);
    write_example(&text, "Right:", info->right);
    return sn_tool_print(&text);
}
