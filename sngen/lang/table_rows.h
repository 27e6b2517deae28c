/* SPDX-License-Identifier: MIT */
#ifndef SNGEN_LANG_TABLE_ROWS_H
#define SNGEN_LANG_TABLE_ROWS_H

/* What the files of the table share; not for other files. */

#include "lang/table.h"

#define END \
    {       \
        0   \
    }
#define LATER(word_, name_, doc_)                                          \
    {                                                                      \
        .word = word_, .name = name_, .value = SN_VALUE_LATER, .doc = doc_ \
    }

#define WAS(doc_)                                                               \
    {                                                                           \
        .word = SN_WORD_WAS, .name = "was", .value = SN_VALUE_NAME, .doc = doc_ \
    }

#define K 1024u
#define NS_MAX (10ull * 365 * 86400 * 1000000000ull) /* ten years */

extern const struct sn_choice sn_lang_none[];

extern const struct sn_shape sn_lang_field, sn_lang_structure, sn_lang_enum_value,
    sn_lang_enumeration, sn_lang_typedef, sn_lang_error, sn_lang_message, sn_lang_breaker,
    sn_lang_ask, sn_lang_timer, sn_lang_call, sn_lang_worker;

#endif
