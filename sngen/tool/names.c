/* SPDX-License-Identifier: MIT */
/* `sngen names`: what the collision check knows, for the test that compares it with the output. */
#include "model/names.h"
#include "tool/command.h"

struct printer {
    struct sn_name_visitor visitor;
    struct sn_buffer text;
};

static int print(struct sn_name_visitor *visitor, enum sn_name_space space, const char *name,
                 const char *origin, const struct sn_location *location)
{
    struct printer *printer = (struct printer *)visitor; /* its first member */

    (void)space;
    (void)origin;
    (void)location;
    sn_buffer_printf(&printer->text, "%s\n", name);
    return 0;
}

int sn_command_names(struct sn_invocation *invocation)
{
    struct printer printer = {.visitor = {.visit = print}};
    const struct sn_model *model;
    int rc = sn_tool_load(invocation, invocation->arguments[0], &model);

    if (rc != SN_EXIT_FINE)
        return rc;
    for (size_t i = 0; i < model->package_count; i++)
        sn_names_visit(invocation->arena, model->packages[i], &printer.visitor);
    sn_names_visit_tests(invocation->arena, model->package, &printer.visitor);
    return sn_tool_print(&printer.text);
}
