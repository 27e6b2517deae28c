/* SPDX-License-Identifier: MIT */
/*
 * What is right but easily misunderstood; reported only when asked for:
 *
 * - data in the telemetry lane, then a question: the question may overtake;
 * - zero as a value that means something: a sender that forgets the field
 *   sends it;
 * - a limit below what the fields may take together.
 */
#include "check/checks.h"

#include <string.h>

/* ---- order across lanes ------------------------------------------------- */

static void report_order(const struct sn_edge *data, const struct sn_edge *question,
                         struct sn_diags *diags)
{
    sn_diag_warning(diags, SN_CODE_ORDER, &question->location,
                    "the question '%s' may overtake '%s', which goes to the same pool as telemetry",
                    question->message->name, data->message->name);
    sn_diag_note(diags, &data->location, "it is sent here");
    sn_diag_help(diags, "leave '%s' in the request lane if the answer must contain it",
                 data->message->name);
}

static void check_question(const struct sn_edge *edges, size_t count,
                           const struct sn_edge *question, struct sn_diags *diags)
{
    for (size_t i = 0; i < count; i++)
        if (edges[i].pool == question->pool && edges[i].message->lane == SN_LANE_TELEMETRY)
            report_order(&edges[i], question, diags);
}

static void check_order(const struct sn_package *package, struct sn_diags *diags)
{
    for (size_t i = 0; i < package->edge_count; i++)
        if (package->edges[i].verb == SN_VERB_CALL)
            check_question(package->edges, package->edge_count, &package->edges[i], diags);
    for (size_t i = 0; i < package->worker_count; i++) {
        const struct sn_worker *worker = package->workers[i];

        for (size_t k = 0; k < worker->ask_count; k++)
            check_question(worker->edges, worker->edge_count, &worker->asks[k].edge, diags);
    }
}

/* ---- zero --------------------------------------------------------------- */

static bool means_nothing(const char *name)
{
    static const char *const words[] = {"none",    "unknown", "unset",     "unspecified",
                                        "default", "invalid", "undefined", "nothing"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(name, words[i]) == 0)
            return true;
    return false;
}

/* The value of number 0; NULL: it was retired, so that a forgotten value is an invalid one. */
static const struct sn_enum_value *zero_of(const struct sn_enum *enumeration)
{
    for (size_t i = 0; i < enumeration->value_count; i++)
        if (enumeration->values[i].number == 0)
            return &enumeration->values[i];
    return NULL;
}

static void check_field(const struct sn_field *field, struct sn_diags *diags)
{
    const struct sn_type *type = &field->type;
    const struct sn_enum_value *zero =
        type->kind == SN_KIND_ENUM ? zero_of(type->enumeration) : NULL;

    if (type->optional)
        return;
    if (zero != NULL && !means_nothing(zero->name)) {
        sn_diag_warning(diags, SN_CODE_ZERO_VALUE, &field->location,
                        "a sender that forgets '%s' sends '%s'", field->name, zero->name);
        sn_diag_note(diags, &zero->location, "this value is 0 in C");
        sn_diag_help(diags, "begin the enum with a value like 'none', or make the field optional");
    } else if (type->kind == SN_KIND_REPLY_TO) {
        sn_diag_warning(diags, SN_CODE_ZERO_VALUE, &field->location,
                        "a sender that forgets '%s' sends an answer nowhere", field->name);
        sn_diag_help(diags, "make it optional, reply_to(%s)?, if nobody is a case to handle",
                     type->message->name);
    } else if (type->kind == SN_KIND_REF) {
        sn_diag_warning(diags, SN_CODE_ZERO_VALUE, &field->location,
                        "a sender that forgets '%s' sends a reference to nobody", field->name);
        sn_diag_help(diags, "make it optional, ref(%s)?, if nobody is a case to handle",
                     type->worker->name);
    }
}

/* Messages, replies, and the structs of `types:` that they are made of. */
static void check_zero(const struct sn_package *package, struct sn_diags *diags)
{
    for (size_t i = 0; i < package->declaration_count; i++) {
        const struct sn_struct *structure = package->declarations[i].structure;

        for (size_t k = 0; structure != NULL && k < structure->field_count; k++)
            check_field(&structure->fields[k], diags);
    }
}

/* ---- limits ------------------------------------------------------------- */

static void check_sum(const struct sn_message *message, const struct sn_struct *structure,
                      struct sn_diags *diags)
{
    if (structure == NULL || structure->size_max == SN_UNBOUNDED ||
        structure->size_max <= message->limit)
        return;
    sn_diag_warning(diags, SN_CODE_LIMIT, &message->location,
                    "%s'%s' may take %llu bytes with all its fields full, but its limit is %llu",
                    structure->origin == SN_STRUCT_REPLY ? "the reply of " : "", message->name,
                    (unsigned long long)structure->size_max, (unsigned long long)message->limit);
    sn_diag_help(diags, "whoever sends more is told SN_TOO_LARGE");
}

static void check_limits(const struct sn_package *package, struct sn_diags *diags)
{
    for (size_t i = 0; i < package->message_count; i++) {
        check_sum(package->messages[i], package->messages[i]->fields, diags);
        check_sum(package->messages[i], package->messages[i]->reply, diags);
    }
}

void sn_check_lint(const struct sn_model *model, struct sn_diags *diags)
{
    check_order(model->package, diags);
    check_zero(model->package, diags);
    check_limits(model->package, diags);
}
