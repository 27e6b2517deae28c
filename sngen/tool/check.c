/* SPDX-License-Identifier: MIT */
/* `sngen check`, and the loading that other commands begin with. */
#include "check/check.h"
#include "model/load.h"
#include "tool/command.h"

#include <stdio.h>
#include <string.h>

static int write_diags(struct sn_invocation *invocation, const struct sn_diags *diags)
{
    const char *format = invocation->values[SN_OPTION_FORMAT];
    struct sn_buffer text = {0};

    if (format != NULL && strcmp(format, "json") == 0) {
        sn_diags_write_json(diags, &text);
        return sn_tool_print(&text);
    }
    sn_diags_write_text(diags, &text);
    if (text.failed)
        return sn_tool_no_memory();
    if (text.size > 0)
        fwrite(text.data, 1, text.size, stderr);
    sn_buffer_fini(&text);
    return SN_EXIT_FINE;
}

int sn_tool_load(struct sn_invocation *invocation, const char *path,
                 const struct sn_model **ret_model)
{
    struct sn_load_options options = {.own_schemas = invocation->own_schemas};
    struct sn_diags *diags = sn_diags_create(invocation->arena);
    const struct sn_model *model;
    int rc;

    *ret_model = NULL;
    if (diags == NULL)
        return sn_tool_no_memory();
    if (invocation->values[SN_OPTION_STRICT] != NULL)
        sn_diags_warnings_are_errors(diags);
    model = sn_model_load(invocation->arena, diags, path, &options, &rc);
    if (rc != 0 && !sn_arena_failed(invocation->arena)) {
        sn_tool_complain("cannot read '%s': %s", path, strerror(-rc));
        return SN_EXIT_SYSTEM;
    }
    if (model != NULL && sn_diags_errors(diags) == 0)
        sn_check(model, diags);
    if (model != NULL && sn_diags_errors(diags) == 0 && invocation->values[SN_OPTION_LINT] != NULL)
        sn_check_lint(model, diags);
    if (sn_arena_failed(invocation->arena))
        return sn_tool_no_memory();
    sn_diags_finish(diags);
    rc = write_diags(invocation, diags);
    if (rc == SN_EXIT_FINE && sn_diags_errors(diags) > 0)
        rc = SN_EXIT_INPUT;
    if (rc == SN_EXIT_FINE)
        *ret_model = model;
    return rc;
}

int sn_command_check(struct sn_invocation *invocation)
{
    int worst = SN_EXIT_FINE;

    for (size_t i = 0; i < invocation->argument_count; i++) {
        const struct sn_model *model;
        int rc = sn_tool_load(invocation, invocation->arguments[i], &model);

        worst = rc > worst ? rc : worst;
    }
    return worst;
}
