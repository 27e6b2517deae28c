/* SPDX-License-Identifier: MIT */

#include "stress.h"

#include <stdlib.h>

/* A test that takes so long has lost a wake-up. Sanitizers and a single core are slow. */
enum { HANG_SECONDS = 300 };

static unsigned factor(void)
{
    const char *text = getenv("SN_STRESS_FACTOR");
    long value = text != NULL ? strtol(text, NULL, 10) : 1;

    return value > 1 ? (unsigned)value : 1;
}

unsigned stress_rounds(unsigned normally)
{
    return normally * factor();
}

TCase *stress_case(const char *name)
{
    TCase *tests = tcase_create(name);

    tcase_set_timeout(tests, HANG_SECONDS * (double)factor());
    return tests;
}

int stress_run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
