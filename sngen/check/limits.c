/* SPDX-License-Identifier: MIT */
/*
 * Fields that can never be as large as they say, because the `limit` of their message is smaller.
 * Only what has its maximum written down is judged: a list of structs with texts in them has one
 * that nobody wrote, and cutting such a product is what a limit is for.
 */
#include "check/checks.h"

static uint64_t scalar_bytes(enum sn_kind kind)
{
    return kind <= SN_KIND_I8 || kind == SN_KIND_U8                            ? 1
           : kind == SN_KIND_I16 || kind == SN_KIND_U16                        ? 2
           : kind == SN_KIND_I32 || kind == SN_KIND_U32 || kind == SN_KIND_F32 ? 4
           : kind == SN_KIND_ENUM                                              ? 4
                                                                               : 8;
}

/* The content that the maximum of a field allows; 0: it is not to be judged. */
static uint64_t content(const struct sn_type *type)
{
    bool text = type->kind == SN_KIND_STRING || type->kind == SN_KIND_BYTES;
    bool numbers = type->kind == SN_KIND_LIST && type->of->kind != SN_KIND_STRUCT &&
                   type->of->kind != SN_KIND_ARRAY && type->of->fixed;

    if (type->max == SN_UNBOUNDED || (!text && !numbers))
        return 0;
    return text ? type->max : type->max * scalar_bytes(type->of->kind);
}

static void check_fields(const struct sn_message *message, const struct sn_struct *structure,
                         struct sn_diags *diags)
{
    for (size_t i = 0; structure != NULL && i < structure->field_count; i++) {
        const struct sn_field *field = &structure->fields[i];
        uint64_t most = content(&field->type);

        if (most <= message->limit)
            continue;
        sn_diag_warning(diags, SN_CODE_LIMIT, &field->location,
                        "'%s' can never be as large as %llu bytes: %s'%s' has a limit of %llu",
                        field->name, (unsigned long long)most,
                        structure->origin == SN_STRUCT_REPLY ? "the reply of " : "", message->name,
                        (unsigned long long)message->limit);
        sn_diag_note(diags, &message->location, "the message");
        sn_diag_help(diags, "give the field a smaller maximum or the message a larger limit");
    }
}

void sn_check_limits(const struct sn_model *model, struct sn_diags *diags)
{
    for (size_t i = 0; i < model->package->message_count; i++) {
        check_fields(model->package->messages[i], model->package->messages[i]->fields, diags);
        check_fields(model->package->messages[i], model->package->messages[i]->reply, diags);
    }
}
