/* SPDX-License-Identifier: MIT */
/* `sngen check`, and the loading that other commands begin with. */
#include "check/check.h"
#include "check/lock.h"
#include "model/load.h"
#include "tool/command.h"

#include <stdio.h>
#include <string.h>

static bool wants_json(const struct sn_invocation *invocation)
{
    const char *format = invocation->values[SN_OPTION_FORMAT];

    return format != NULL && strcmp(format, "json") == 0;
}

static int write_diags(struct sn_invocation *invocation, const struct sn_diags *diags)
{
    struct sn_buffer text = {0};

    if (wants_json(invocation)) {
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

/* Load one file and judge it; the findings go to `diags`. A model that could not be resolved
 * without errors is NULL. */
static int load(struct sn_invocation *invocation, struct sn_diags *diags, const char *path,
                const struct sn_model **ret_model)
{
    struct sn_load_options options = {.own_schemas = invocation->own_schemas};
    size_t errors = sn_diags_errors(diags);
    int rc;

    *ret_model = sn_model_load(invocation->arena, diags, path, &options, &rc);
    if (sn_arena_failed(invocation->arena))
        return sn_tool_no_memory();
    if (rc != 0) {
        sn_tool_complain("cannot read '%s': %s", path, strerror(-rc));
        return SN_EXIT_SYSTEM;
    }
    if (sn_diags_errors(diags) > errors)
        *ret_model = NULL;
    if (*ret_model != NULL)
        sn_check(*ret_model, diags);
    if (*ret_model != NULL && sn_diags_errors(diags) == errors &&
        invocation->values[SN_OPTION_LINT] != NULL)
        sn_check_lint(*ret_model, diags);
    if (*ret_model != NULL && sn_diags_errors(diags) == errors && invocation->command->watches_lock)
        sn_check_lock(*ret_model, diags);
    return sn_arena_failed(invocation->arena) ? sn_tool_no_memory() : SN_EXIT_FINE;
}

static struct sn_diags *make_diags(struct sn_invocation *invocation)
{
    struct sn_diags *diags = sn_diags_create(invocation->arena);

    if (diags != NULL && invocation->values[SN_OPTION_STRICT] != NULL)
        sn_diags_warnings_are_errors(diags);
    return diags;
}

/* Write what was found; returns the worse of `worst` and what it amounts to. */
static int finish(struct sn_invocation *invocation, struct sn_diags *diags, int worst)
{
    int rc;

    sn_diags_finish(diags);
    if (invocation->command->quiet && sn_diags_errors(diags) == 0)
        return worst;
    rc = write_diags(invocation, diags);
    if (rc == SN_EXIT_FINE && sn_diags_errors(diags) > 0)
        rc = SN_EXIT_INPUT;
    return rc > worst ? rc : worst;
}

int sn_tool_load_and(struct sn_invocation *invocation, const char *path,
                     const struct sn_model **ret_model,
                     void (*judge)(const struct sn_model *model, struct sn_diags *diags))
{
    struct sn_diags *diags = make_diags(invocation);
    const struct sn_model *model;
    int rc;

    *ret_model = NULL;
    if (diags == NULL)
        return sn_tool_no_memory();
    rc = load(invocation, diags, path, &model);
    if (rc == SN_EXIT_FINE && model != NULL && sn_diags_errors(diags) == 0 && judge != NULL)
        judge(model, diags);
    rc = finish(invocation, diags, rc);
    if (rc == SN_EXIT_FINE)
        *ret_model = model;
    return rc;
}

int sn_tool_load(struct sn_invocation *invocation, const char *path,
                 const struct sn_model **ret_model)
{
    return sn_tool_load_and(invocation, path, ret_model, NULL);
}

int sn_command_check(struct sn_invocation *invocation)
{
    struct sn_diags *diags = make_diags(invocation);
    const struct sn_model **models =
        sn_arena_array(invocation->arena, invocation->argument_count, sizeof(void *));
    size_t model_count = 0;
    int worst = SN_EXIT_FINE;

    if (diags == NULL || models == NULL)
        return sn_tool_no_memory();
    if (invocation->values[SN_OPTION_BUDGET] != NULL && wants_json(invocation)) {
        sn_tool_complain("--budget is a table for people: it does not go with --format=json");
        return SN_EXIT_USAGE;
    }
    for (size_t i = 0; i < invocation->argument_count; i++) {
        const struct sn_model *model;
        int rc = load(invocation, diags, invocation->arguments[i], &model);

        worst = rc > worst ? rc : worst;
        if (rc == SN_EXIT_FINE && model != NULL)
            models[model_count++] = model;
    }
    worst = finish(invocation, diags, worst);
    for (size_t i = 0; invocation->values[SN_OPTION_BUDGET] != NULL && i < model_count; i++) {
        int rc = sn_tool_print_budget(invocation, models[i]);

        worst = rc > worst ? rc : worst;
    }
    return worst;
}
