/* SPDX-License-Identifier: MIT */
/*
 * Which planted defect this process has: only in a build for tests (see plant.h), and therefore
 * allowed what the library is not, a global and the environment.
 */
#include "base/plant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum sn_plant sn_plant_chosen;

static const char *const names[] = {"none",
#define SN_PLANT_NAME(name) #name,
                                    SN_PLANTS(SN_PLANT_NAME)
#undef SN_PLANT_NAME
};

__attribute__((constructor)) static void choose(void)
{
    const char *wanted = getenv("SN_PLANT");

    if (wanted == NULL)
        return;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], wanted) == 0) {
            sn_plant_chosen = (enum sn_plant)i;
            return;
        }
    fprintf(stderr, "no such defect: %s\n", wanted);
    abort();
}
