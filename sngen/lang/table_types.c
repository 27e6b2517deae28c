/* SPDX-License-Identifier: MIT */
/*
 * The words of the type language, for people and editors (type_expr.c parses them), and questions
 * about the rows of table.c.
 */
#include "lang/table.h"

#include <string.h>

static const struct sn_choice types[] = {
    {"bool", "true or false", false},
    {"i8", "signed, 8 bits", false},
    {"i16", "signed, 16 bits", false},
    {"i32", "signed, 32 bits", false},
    {"i64", "signed, 64 bits", false},
    {"u8", "unsigned, 8 bits", false},
    {"u16", "unsigned, 16 bits", false},
    {"u32", "unsigned, 32 bits", false},
    {"u64", "unsigned, 64 bits", false},
    {"f32", "float", false},
    {"f64", "double", false},
    {"duration", "nanoseconds", false},
    {"timestamp", "nanoseconds of the system's clock", false},
    {"string(N)", "text of at most N bytes without NUL", false},
    {"bytes(N)", "at most N bytes of any kind", false},
    {"list(N) of T", "at most N values", false},
    {"array(N) of T", "exactly N values", false},
    {"T?", "a value that may be missing", false},
    {"ref(worker)", "a reference to an actor", false},
    {"reply_to(message)", "the right to answer a request", false},
    {"c(TYPE) fini(fn)", "a C type, only in state", false},
    {"buffer(N)", "a buffer that moves", true},
    {"map(N) from K to V", "keys and values, only in state", true},
    {"last(N) of T", "the last N values, only in state", true},
    {NULL, NULL, false}};

bool sn_lang_is_later(const struct sn_key *key)
{
    return key->later || key->value == SN_VALUE_LATER;
}

bool sn_lang_shape_is_later(const struct sn_shape *shape)
{
    bool used = shape == sn_lang_package() || shape == sn_lang_enum() ||
                shape == sn_lang_alias(); /* no key takes them */

    for (const struct sn_shape *const *at = sn_lang_shapes(); *at != NULL && !used; at++)
        for (const struct sn_key *key = (*at)->keys; key->name != NULL && !used; key++)
            used = key->shape == shape && !sn_lang_is_later(key);
    return !used;
}

const struct sn_choice *sn_lang_types(void)
{
    return types;
}

bool sn_lang_is_type(const char *name)
{
    for (const struct sn_choice *type = types; type->name != NULL; type++)
        if (strcmp(type->name, name) == 0)
            return true;
    return false;
}
