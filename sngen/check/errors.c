/* SPDX-License-Identifier: MIT */
/* An outcome is one number, so packages that are used together must not share numbers. */
#include "check/checks.h"

static void compare(const struct sn_package *left, const struct sn_package *right,
                    struct sn_diags *diags)
{
    int64_t left_end = left->errors_from + (int64_t)left->error_count;
    int64_t right_end = right->errors_from + (int64_t)right->error_count;

    if (left->error_count == 0 || right->error_count == 0 || left_end <= right->errors_from ||
        right_end <= left->errors_from)
        return;
    sn_diag_error(diags, SN_CODE_ERRORS_OVERLAP, &right->location,
                  "the packages '%s' and '%s' number their errors alike, from %d and from %d",
                  left->name, right->name, (int)left->errors_from, (int)right->errors_from);
    sn_diag_note(diags, &left->location, "the package '%s'", left->name);
    sn_diag_help(diags, "give one of them `errors_from: %lld`",
                 (long long)((left_end > right_end ? left_end : right_end) + 99) / 100 * 100);
}

void sn_check_errors(const struct sn_model *model, struct sn_diags *diags)
{
    for (size_t i = 0; i < model->package_count; i++)
        for (size_t k = 0; k < i; k++)
            compare(model->packages[k], model->packages[i], diags);
}
