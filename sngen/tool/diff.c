/* SPDX-License-Identifier: MIT */
/* `sngen diff`: what a new version breaks, by kinds, with a list of those that are accepted. */
#include "check/diff.h"
#include "tool/command.h"

#include <string.h>

struct printer {
    struct sn_diff_sink sink;
    struct sn_buffer text;
    unsigned allowed;
    size_t breaks;
};

static void write_kinds(struct sn_buffer *text, unsigned kinds)
{
    const char *between = "[";

    for (unsigned i = 0; i < SN_BREAK_KINDS; i++)
        if ((kinds >> i & 1) != 0) {
            sn_buffer_printf(text, "%s%s", between, sn_break_name(i));
            between = ", ";
        }
    sn_buffer_puts(text, "]\n");
}

static void print(struct sn_diff_sink *sink, unsigned kinds, const struct sn_location *location,
                  const char *what)
{
    struct printer *printer = (struct printer *)sink; /* its first member */
    bool allowed = (kinds & ~printer->allowed) == 0;

    printer->breaks += !allowed;
    sn_buffer_printf(&printer->text, "%s:%u:%u: %s: %s ", location->file, (unsigned)location->line,
                     (unsigned)location->column, allowed ? "allowed" : "break", what);
    write_kinds(&printer->text, kinds);
}

/* "wire,policy" to bits; false if a word is no kind. */
static bool parse_kinds(const char *list, unsigned *ret_kinds)
{
    while (*list != '\0') {
        size_t size = strcspn(list, ",");
        unsigned i = 0;

        while (i < SN_BREAK_KINDS &&
               (strlen(sn_break_name(i)) != size || memcmp(sn_break_name(i), list, size) != 0))
            i++;
        if (i == SN_BREAK_KINDS)
            return false;
        *ret_kinds |= 1u << i;
        list += size + (list[size] == ',');
    }
    return true;
}

int sn_command_diff(struct sn_invocation *invocation)
{
    struct printer printer = {.sink = {.found = print}};
    const char *allow = invocation->values[SN_OPTION_ALLOW];
    const struct sn_model *before, *now;
    int rc;

    if (allow != NULL && !parse_kinds(allow, &printer.allowed)) {
        sn_tool_complain("--allow takes some of wire,api,snapshot,partition,policy,edge, not '%s'",
                         allow);
        return SN_EXIT_USAGE;
    }
    rc = sn_tool_load(invocation, invocation->arguments[0], &before);
    if (rc == SN_EXIT_FINE)
        rc = sn_tool_load(invocation, invocation->arguments[1], &now);
    if (rc != SN_EXIT_FINE)
        return rc;
    sn_diff(before, now, &printer.sink);
    if (sn_arena_failed(invocation->arena))
        printer.text.failed = true;
    rc = sn_tool_print(&printer.text);
    return rc != SN_EXIT_FINE ? rc : printer.breaks > 0 ? SN_EXIT_INPUT : SN_EXIT_FINE;
}
