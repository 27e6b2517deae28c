/* SPDX-License-Identifier: MIT */
#ifndef SN_RESULT_H
#define SN_RESULT_H

/*
 * One result space for the whole system, so that an outcome can be forwarded unchanged:
 *
 *   0                success
 *   1 .. 999         the outcomes below
 *   1000 ..          the errors that a package declares (BANK_NO_FUNDS)
 *   negative         an errno of the operating system (-ENOMEM)
 *
 * A handler returns 0 or SN_STOP. Anything else is its failure with that reason, which the
 * supervisor of its pool deals with; `return rc;` is therefore always right.
 */

#if defined(__GNUC__)
#define SN_API __attribute__((visibility("default")))
#define SN_NORETURN __attribute__((noreturn))
#else
#define SN_API
#define SN_NORETURN
#endif

#ifdef __cplusplus
extern "C" {
#endif

enum sn_result {
    SN_OK = 0,
    SN_STOP = 1,              /* a handler's wish: stop this actor normally */
    SN_FULL = 2,              /* no room: nothing was sent, and nothing will complete */
    SN_GONE = 3,              /* the target has stopped for good, or the system is stopping */
    SN_TIMEOUT = 4,           /* the deadline passed; whether the work was done is unknown */
    SN_TOO_LARGE = 5,         /* a field is longer than its declared maximum */
    SN_INVALID = 6,           /* a value that its type does not allow, such as a NUL in a string */
    SN_FAILED = 7,            /* the handler of the request failed; its effects were undone */
    SN_UNANSWERED = 8,        /* the handler of the request neither answered nor kept the token */
    SN_DROPPED = 9,           /* the request was dropped by its mailbox's overflow policy */
    SN_DOWN = 10,             /* the target died before it answered */
    SN_IGNORE = 11,           /* init's wish: leave this position empty, without an error */
    SN_SHUTDOWN = 12,         /* a stop that its supervisor or the system asked for */
    SN_KILLED = 13,           /* a stop that did not wait: the shutdown time was over */
    SN_GAVE_UP = 14,          /* a supervisor saw more restarts than its window allows */
    SN_OPEN = 15,             /* the edge's circuit breaker is open: nothing was sent */
    SN_FAILED_ASSERTION = 16, /* what the actor had asserted did not hold */
    SN_MALFORMED = 20,        /* bytes that are no message of the expected kind */
    SN_NOT_FOUND = 40,        /* no child or supervisor of that name */
    SN_ALREADY_PRESENT = 41,  /* to be started: it is there, and down */
    SN_ALREADY_STARTED = 42,  /* to be started: it is running */
    SN_RESTARTING = 43,       /* a restart of the child is under way */
    SN_RUNNING = 44,          /* to be restarted or deleted: it is running */
    SN_PACKAGE_ERRORS = 1000,
};

/**
 * The name of a result: "SN_FULL" for an outcome of the runtime, the system's text for an errno.
 *
 * @result  any number; generated code names the package's own errors by <package>_result_name().
 *
 * Returns  a string that lives for ever; "unknown result" for a number that has no name.
 * Threads  any.
 */
SN_API const char *sn_result_name(int result);

#ifdef __cplusplus
}
#endif
#endif
