/* SPDX-License-Identifier: MIT */
/* An outcome is one number, so packages that are used together must not share numbers. */
#include "check/checks.h"

/* One past the largest number: with a lock, numbers are in any order. */
static int64_t end_of(const struct sn_package *package)
{
    int64_t end = package->errors_from;

    for (size_t i = 0; i < package->error_count; i++)
        if (package->errors[i]->number >= end)
            end = package->errors[i]->number + (int64_t)1;
    return end;
}

static void compare(const struct sn_package *left, const struct sn_package *right,
                    struct sn_diags *diags)
{
    int64_t left_end = end_of(left), right_end = end_of(right);

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
