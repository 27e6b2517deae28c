/* SPDX-License-Identifier: MIT */
/**
 * The type language: "list(20) of said", "string(max_name)?", "c(sqlite3 *) fini(db_close)".
 *
 * Only the syntax: names are resolved by model/. Every part keeps its byte
 * offset in the text, so that an error can point into the middle of it.
 */
#ifndef SNGEN_LANG_TYPE_EXPR_H
#define SNGEN_LANG_TYPE_EXPR_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sn_type_form {
    SN_TYPE_NAME,     /* name: a scalar type, a struct, an enum, ...; maybe package.name */
    SN_TYPE_STRING,   /* (N) */
    SN_TYPE_BYTES,    /* (N) */
    SN_TYPE_BUFFER,   /* (N) */
    SN_TYPE_LIST,     /* (N) of T */
    SN_TYPE_ARRAY,    /* (N) of T */
    SN_TYPE_REF,      /* (name) */
    SN_TYPE_REPLY_TO, /* (name) */
    SN_TYPE_C,        /* (C type) [fini(name)] */
    SN_TYPE_MAP,      /* (N) from K to V: known, not available */
    SN_TYPE_LAST,     /* (N) of T: known, not available */
};

struct sn_type_expr {
    enum sn_type_form form;
    bool optional;
    bool unbounded;         /* N is `unbounded` */
    uint64_t number;        /* N as a number, if `argument` is NULL */
    const char *name;       /* NAME, REF, REPLY_TO: the name; C: the C type */
    const char *argument;   /* N as a constant's name; C: the fini function; or NULL */
    size_t argument_offset; /* of N, of the name in parentheses or of the fini function */
    size_t argument_size;
    const struct sn_type_expr *of; /* LIST, ARRAY */
    size_t offset;                 /* of the whole in the text, bytes */
    size_t size;
};

/* What was wrong, and where. */
struct sn_type_error {
    const char *text; /* "expected ')'" */
    const char *help; /* or NULL */
    size_t offset;
    size_t size;
};

/**
 * Parse one type expression.
 *
 * @ret_error  filled in on failure.
 *
 * Returns  the expression, or NULL with the reason in *ret_error (its text is NULL if only memory
 *          was short).
 * Owns     the arena.
 */
const struct sn_type_expr *sn_type_parse(struct sn_arena *arena, const char *text,
                                         struct sn_type_error *ret_error);

#endif
