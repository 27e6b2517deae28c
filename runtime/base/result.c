/* SPDX-License-Identifier: MIT */
/*
 * Names for the result space of <sn/result.h>.
 */
#include <limits.h>
#include <sn/result.h>
#include <string.h>

static const char *const names[] = {
    [SN_OK] = "SN_OK",
    [SN_STOP] = "SN_STOP",
    [SN_FULL] = "SN_FULL",
    [SN_GONE] = "SN_GONE",
    [SN_TIMEOUT] = "SN_TIMEOUT",
    [SN_TOO_LARGE] = "SN_TOO_LARGE",
    [SN_INVALID] = "SN_INVALID",
    [SN_FAILED] = "SN_FAILED",
    [SN_UNANSWERED] = "SN_UNANSWERED",
    [SN_DROPPED] = "SN_DROPPED",
    [SN_DOWN] = "SN_DOWN",
    [SN_IGNORE] = "SN_IGNORE",
    [SN_SHUTDOWN] = "SN_SHUTDOWN",
    [SN_KILLED] = "SN_KILLED",
    [SN_GAVE_UP] = "SN_GAVE_UP",
    [SN_OPEN] = "SN_OPEN",
    [SN_FAILED_ASSERTION] = "SN_FAILED_ASSERTION",
    [SN_MALFORMED] = "SN_MALFORMED",
    [SN_NOT_FOUND] = "SN_NOT_FOUND",
    [SN_ALREADY_PRESENT] = "SN_ALREADY_PRESENT",
    [SN_ALREADY_STARTED] = "SN_ALREADY_STARTED",
    [SN_RESTARTING] = "SN_RESTARTING",
    [SN_RUNNING] = "SN_RUNNING",
};

const char *sn_result_name(int result)
{
    const char *text = NULL;

    if (result >= 0 && (size_t)result < sizeof names / sizeof *names)
        text = names[result];
    else if (result < 0 && result > INT_MIN) /* which has no opposite */
        text = strerrordesc_np(-result);
    return text != NULL ? text : "unknown result";
}
