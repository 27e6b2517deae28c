/* SPDX-License-Identifier: MIT */
/**
 * The codes of the diagnostics. Their names are stable: scripts and people
 * refer to them. codes.c holds the names and the explanations.
 */
#ifndef SNGEN_BASE_CODES_H
#define SNGEN_BASE_CODES_H

#include <stddef.h>

enum sn_code {
    /* reading the file */
    SN_CODE_YAML_SYNTAX,
    SN_CODE_YAML_ENCODING,
    SN_CODE_YAML_TAB,
    SN_CODE_YAML_ANCHOR,
    SN_CODE_YAML_TAG,
    SN_CODE_YAML_DEPTH,
    SN_CODE_YAML_DOCUMENTS,
    SN_CODE_YAML_EMPTY,
    SN_CODE_YAML_QUOTE,
    SN_CODE_FILE_SIZE,
    SN_CODE_DUPLICATE_KEY,
    /* the shape of the language */
    SN_CODE_UNKNOWN_KEY,
    SN_CODE_MISSING_KEY,
    SN_CODE_WRONG_SHAPE,
    SN_CODE_BAD_VALUE,
    SN_CODE_NOT_AVAILABLE,
    SN_CODE_VERSION,
    SN_CODE_BAD_NUMBER,
    SN_CODE_BAD_DURATION,
    SN_CODE_OUT_OF_RANGE,
    SN_CODE_BAD_NAME,
    SN_CODE_RESERVED_NAME,
    SN_CODE_BROKEN_TYPE,
    SN_CODE_BAD_TYPE,
    SN_CODE_DOC_CUT,
    SN_CODE_BAD_TEXT,
    /* resolving names */
    SN_CODE_UNKNOWN_TYPE,
    SN_CODE_UNKNOWN_MESSAGE,
    SN_CODE_UNKNOWN_WORKER,
    SN_CODE_UNKNOWN_POOL,
    SN_CODE_UNKNOWN_PACKAGE,
    SN_CODE_UNKNOWN_CONSTANT,
    SN_CODE_UNKNOWN_FIELD,
    SN_CODE_UNKNOWN_CHILD,
    SN_CODE_DUPLICATE,
    SN_CODE_TYPE_NOT_HERE,
    SN_CODE_RECURSIVE_TYPE,
    SN_CODE_IMPORT,
    /* meaning */
    SN_CODE_NOT_HANDLED,
    SN_CODE_NOT_A_REQUEST,
    SN_CODE_IS_A_REQUEST,
    SN_CODE_KEY_MISSING,
    SN_CODE_KEY_TYPE,
    SN_CODE_KEY_UNUSED,
    SN_CODE_ROUTE,
    SN_CODE_SPLITS,
    SN_CODE_MAILBOX,
    SN_CODE_MEMORY,
    SN_CODE_LIMIT,
    SN_CODE_UNBOUNDED,
    SN_CODE_SUPERVISION,
    SN_CODE_SHUTDOWN,
    SN_CODE_RETRY,
    SN_CODE_DEADLINE,
    SN_CODE_PARK_CYCLE,
    SN_CODE_WAIT_CYCLE,
    SN_CODE_INVARIANT,
    SN_CODE_COLLISION,
    SN_CODE_UNUSED,
    SN_CODE_UNREACHABLE,
    SN_CODE_ORDER,
    SN_CODE_ZERO_VALUE,
    SN_CODE_SHARD,
    SN_CODE_ERRORS_OVERLAP,
    SN_CODE_WIRE,
    /* evolution */
    SN_CODE_LOCK,
    SN_CODE_LOCK_STALE,
    SN_CODE_WAS,
    SN_CODE_COUNT
};

struct sn_code_info {
    const char *name;        /* "unknown-key" */
    const char *explanation; /* one or more paragraphs of plain text */
    const char *wrong;       /* YAML that gives the diagnostic; or NULL */
    const char *right;       /* YAML that does not; or NULL */
};

/** What is known of a code. */
const struct sn_code_info *sn_code_info(enum sn_code code);

/** The code of a name, or SN_CODE_COUNT. */
enum sn_code sn_code_by_name(const char *name);

#endif
