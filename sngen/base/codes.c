/* SPDX-License-Identifier: MIT */
/* The table of codes. The names are stable; the texts may improve. */
#include "base/codes.h"

#include <string.h>

static const struct sn_code_info codes[SN_CODE_COUNT] = {
    [SN_CODE_YAML_SYNTAX] = {.name = "yaml-syntax"},
    [SN_CODE_YAML_ENCODING] = {.name = "yaml-encoding"},
    [SN_CODE_YAML_TAB] = {.name = "yaml-tab"},
    [SN_CODE_YAML_ANCHOR] = {.name = "yaml-anchor"},
    [SN_CODE_YAML_TAG] = {.name = "yaml-tag"},
    [SN_CODE_YAML_DEPTH] = {.name = "yaml-depth"},
    [SN_CODE_YAML_DOCUMENTS] = {.name = "yaml-documents"},
    [SN_CODE_YAML_EMPTY] = {.name = "yaml-empty"},
    [SN_CODE_YAML_QUOTE] = {.name = "yaml-quote"},
    [SN_CODE_FILE_SIZE] = {.name = "file-size"},
    [SN_CODE_DUPLICATE_KEY] = {.name = "duplicate-key"},
    [SN_CODE_UNKNOWN_KEY] = {.name = "unknown-key"},
    [SN_CODE_MISSING_KEY] = {.name = "missing-key"},
    [SN_CODE_WRONG_SHAPE] = {.name = "wrong-shape"},
    [SN_CODE_BAD_VALUE] = {.name = "bad-value"},
    [SN_CODE_NOT_AVAILABLE] = {.name = "not-available"},
    [SN_CODE_VERSION] = {.name = "version"},
    [SN_CODE_BAD_NUMBER] = {.name = "bad-number"},
    [SN_CODE_BAD_DURATION] = {.name = "bad-duration"},
    [SN_CODE_OUT_OF_RANGE] = {.name = "out-of-range"},
    [SN_CODE_BAD_NAME] = {.name = "bad-name"},
    [SN_CODE_RESERVED_NAME] = {.name = "reserved-name"},
    [SN_CODE_BROKEN_TYPE] = {.name = "broken-type"},
    [SN_CODE_BAD_TYPE] = {.name = "bad-type"},
    [SN_CODE_DOC_CUT] = {.name = "doc-cut"},
    [SN_CODE_BAD_TEXT] = {.name = "bad-text"},
    [SN_CODE_UNKNOWN_TYPE] = {.name = "unknown-type"},
    [SN_CODE_UNKNOWN_MESSAGE] = {.name = "unknown-message"},
    [SN_CODE_UNKNOWN_WORKER] = {.name = "unknown-worker"},
    [SN_CODE_UNKNOWN_POOL] = {.name = "unknown-pool"},
    [SN_CODE_UNKNOWN_PACKAGE] = {.name = "unknown-package"},
    [SN_CODE_UNKNOWN_CONSTANT] = {.name = "unknown-constant"},
    [SN_CODE_UNKNOWN_FIELD] = {.name = "unknown-field"},
    [SN_CODE_UNKNOWN_CHILD] = {.name = "unknown-child"},
    [SN_CODE_DUPLICATE] = {.name = "duplicate"},
    [SN_CODE_TYPE_NOT_HERE] = {.name = "type-not-here"},
    [SN_CODE_RECURSIVE_TYPE] = {.name = "recursive-type"},
    [SN_CODE_IMPORT] = {.name = "import"},
    [SN_CODE_NOT_HANDLED] = {.name = "not-handled"},
    [SN_CODE_NOT_A_REQUEST] = {.name = "not-a-request"},
    [SN_CODE_IS_A_REQUEST] = {.name = "is-a-request"},
    [SN_CODE_KEY_MISSING] = {.name = "key-missing"},
    [SN_CODE_KEY_TYPE] = {.name = "key-type"},
    [SN_CODE_KEY_UNUSED] = {.name = "key-unused"},
    [SN_CODE_ROUTE] = {.name = "route"},
    [SN_CODE_SPLITS] = {.name = "splits"},
    [SN_CODE_MAILBOX] = {.name = "mailbox"},
    [SN_CODE_LIMIT] = {.name = "limit"},
    [SN_CODE_UNBOUNDED] = {.name = "unbounded"},
    [SN_CODE_SUPERVISION] = {.name = "supervision"},
    [SN_CODE_RETRY] = {.name = "retry"},
    [SN_CODE_DEADLINE] = {.name = "deadline"},
    [SN_CODE_PARK_CYCLE] = {.name = "park-cycle"},
    [SN_CODE_WAIT_CYCLE] = {.name = "wait-cycle"},
    [SN_CODE_COLLISION] = {.name = "collision"},
    [SN_CODE_UNUSED] = {.name = "unused"},
    [SN_CODE_UNREACHABLE] = {.name = "unreachable"},
    [SN_CODE_ORDER] = {.name = "order"},
    [SN_CODE_ZERO_VALUE] = {.name = "zero-value"},
    [SN_CODE_BUDGET] = {.name = "budget"},
    [SN_CODE_SHARD] = {.name = "shard"},
    [SN_CODE_ERRORS_OVERLAP] = {.name = "errors-overlap"},
};

const struct sn_code_info *sn_code_info(enum sn_code code)
{
    return &codes[code];
}

enum sn_code sn_code_by_name(const char *name)
{
    int code = 0;

    while (code < SN_CODE_COUNT && strcmp(codes[code].name, name) != 0)
        code++;
    return (enum sn_code)code;
}
