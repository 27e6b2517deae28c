/* SPDX-License-Identifier: MIT */
/* The list of checks; each looks at the whole model and reports. */
#include "check/check.h"

#include "check/checks.h"

void sn_check(const struct sn_model *model, struct sn_diags *diags)
{
    static void (*const checks[])(const struct sn_model *, struct sn_diags *) = {
        sn_check_names, sn_check_limits, sn_check_errors, sn_check_pools,  sn_check_supervision,
        sn_check_asks,  sn_check_guards, sn_check_cycles, sn_check_waits,  sn_check_phases,
        sn_check_usage, sn_check_memory, sn_check_wire,   sn_check_spawns,
    };

    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
        checks[i](model, diags);
}
