/* SPDX-License-Identifier: MIT */
/* Values that are one text: each kind has a function that checks the text and keeps its meaning. */
#include "lang/read_parts.h"

#include "base/suggest.h"
#include "lang/reserved.h"
#include "lang/value.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The most members of a pool that is made at run time: one shard has so many actors. */
#define SPAWNED_MAX (1u << 22)

enum { DOC_MAX_BYTES = 8192 };

/* What a value is called in a message: by the key it was written under. */
static const char *called(const struct sn_raw *raw)
{
    return raw->name != NULL && raw->name != raw->node ? raw->name->text : raw->key->name;
}

static bool refuse(const struct sn_reader *reader, enum sn_code code, const struct sn_raw *raw,
                   const char *what)
{
    sn_diag_error(reader->diags, code, &raw->node->location, "%s: '%s'", what, raw->node->text);
    return false;
}

static void report_bad_name(const struct sn_reader *reader, const struct sn_node *node)
{
    char better[SN_NAME_MAX_BYTES + 1];

    sn_diag_error(reader->diags, SN_CODE_BAD_NAME, &node->location, "'%s' is not a name",
                  node->text);
    if (strlen(node->text) > SN_NAME_MAX_BYTES)
        sn_diag_help(reader->diags, "a name has at most %d characters", SN_NAME_MAX_BYTES);
    else if (sn_value_make_name(node->text, better) && strcmp(better, node->text) != 0)
        sn_diag_help(reader->diags, "names are lower-case words joined by single '_': '%s'",
                     better);
    else
        sn_diag_help(reader->diags, "names are lower-case words joined by single '_', and begin "
                                    "with a letter");
}

bool sn_read_name(const struct sn_reader *reader, const struct sn_node *node, bool bare)
{
    const char *owner;

    if (node->kind != SN_NODE_SCALAR) {
        sn_diag_error(reader->diags, SN_CODE_WRONG_SHAPE, &node->location,
                      "expected a name, not %s", sn_node_kind_name(node));
        return false;
    }
    if (!sn_value_is_name(node->text)) {
        report_bad_name(reader, node);
        return false;
    }
    owner = bare ? sn_reserved_by(node->text) : NULL;
    if (owner == NULL)
        return true;
    sn_diag_error(reader->diags, SN_CODE_RESERVED_NAME, &node->location,
                  "'%s' is %s and cannot be a name in C", node->text, owner);
    sn_diag_help(reader->diags, "for example 'my_%s' or '%s_value'", node->text, node->text);
    return false;
}

bool sn_read_reference(const struct sn_reader *reader, const struct sn_node *node)
{
    if (node->kind == SN_NODE_SCALAR && sn_value_is_reference(node->text))
        return true;
    if (node->kind == SN_NODE_SCALAR && !sn_node_is_empty(node)) {
        report_bad_name(reader, node);
        return false;
    }
    sn_diag_error(reader->diags, SN_CODE_WRONG_SHAPE, &node->location, "expected a name, not %s",
                  sn_node_kind_name(node));
    return false;
}

static bool refuse_text(const struct sn_reader *reader, const struct sn_raw *raw, const char *what)
{
    sn_diag_error(reader->diags, SN_CODE_BAD_TEXT, &raw->node->location, "%s", what);
    return false;
}

bool sn_read_doc(const struct sn_reader *reader, struct sn_raw *raw)
{
    if (!sn_read_expect(reader, raw, SN_NODE_SCALAR))
        return false;
    if (raw->node->size > DOC_MAX_BYTES)
        return refuse_text(reader, raw, "the text is longer than 8 KiB");
    for (const char *at = raw->node->text; *at != '\0'; at++)
        if (((unsigned char)*at < 0x20 && *at != '\n' && *at != '\t') || *at == 0x7f)
            return refuse_text(reader, raw, "the text contains a control character");
    if (raw->node->cut) {
        sn_diag_warning(reader->diags, SN_CODE_DOC_CUT, &raw->node->location,
                        "YAML takes the rest of this line, from ' #' on, as a comment");
        sn_diag_help(reader->diags, "put the text in quotes if '#' belongs to it; else move the "
                                    "comment to a line of its own");
    }
    raw->text = raw->node->text;
    return true;
}

static const struct sn_choice *find_choice(const struct sn_choice *choices, const char *text)
{
    for (; choices != NULL && choices->name != NULL; choices++)
        if (strcmp(choices->name, text) == 0)
            return choices;
    return NULL;
}

/* A word among the row's choices: kept in raw->text. */
static bool accept_choice(const struct sn_reader *reader, struct sn_raw *raw, bool *ret_later)
{
    const struct sn_choice *choice = find_choice(raw->key->choices, raw->node->text);

    *ret_later = choice != NULL && choice->later;
    if (*ret_later)
        sn_diag_error(reader->diags, SN_CODE_NOT_AVAILABLE, &raw->node->location,
                      "'%s: %s' is not available yet in sngen 0.1", raw->key->name, choice->name);
    if (choice == NULL || choice->later)
        return false;
    raw->text = choice->name;
    return true;
}

static void list_choices(const struct sn_reader *reader, const struct sn_choice *choices)
{
    const char *list = "";

    for (; choices->name != NULL; choices++)
        if (!choices->later)
            list = sn_arena_printf(reader->arena, "%s%s%s", list, *list ? ", " : "", choices->name);
    sn_diag_help(reader->diags, "one of: %s", list);
}

static bool read_choice(const struct sn_reader *reader, struct sn_raw *raw)
{
    struct sn_suggest suggest = {.wanted = raw->node->text};
    bool later;

    if (accept_choice(reader, raw, &later) || later)
        return !later;
    sn_diag_error(reader->diags, SN_CODE_BAD_VALUE, &raw->node->location, "'%s' cannot be '%s'",
                  called(raw), raw->node->text);
    for (const struct sn_choice *choice = raw->key->choices; choice->name != NULL; choice++)
        sn_suggest_add(&suggest, choice->name);
    if (raw->key->word == SN_WORD_BY && strchr(raw->node->text, '(') != NULL)
        sn_diag_help(reader->diags, "the key is written apart: {by: hash, key: FIELD}");
    else if (suggest.best != NULL)
        sn_diag_help(reader->diags, "did you mean '%s'?", suggest.best);
    else
        list_choices(reader, raw->key->choices);
    return false;
}

static bool read_bool(const struct sn_reader *reader, struct sn_raw *raw)
{
    if (strcmp(raw->node->text, "true") != 0 && strcmp(raw->node->text, "false") != 0) {
        refuse(reader, SN_CODE_BAD_VALUE, raw, "expected true or false");
        if (strchr("yYoOtT", raw->node->text[0]) != NULL && strcasecmp(raw->node->text, "off") != 0)
            sn_diag_help(reader->diags, "did you mean 'true'?");
        else
            sn_diag_help(reader->diags, "did you mean 'false'?");
        return false;
    }
    raw->number = raw->node->text[0] == 't';
    return true;
}

static void say_range(const struct sn_reader *reader, const struct sn_key *key, bool time)
{
    char from[SN_DURATION_TEXT_BYTES], to[SN_DURATION_TEXT_BYTES];

    if (time) {
        sn_value_write_duration(key->min, from);
        sn_value_write_duration(key->max, to);
    } else {
        snprintf(from, sizeof from, "%llu", (unsigned long long)key->min);
        snprintf(to, sizeof to, "%llu", (unsigned long long)key->max);
    }
    if (key->max != 0)
        sn_diag_help(reader->diags, "it may be %s to %s", from, to);
    else
        sn_diag_help(reader->diags, "it must be at least %s", from);
}

static bool in_range(const struct sn_reader *reader, const struct sn_raw *raw, uint64_t number,
                     bool time)
{
    if (number >= raw->key->min && (raw->key->max == 0 || number <= raw->key->max))
        return true;
    sn_diag_error(reader->diags, SN_CODE_OUT_OF_RANGE, &raw->node->location,
                  "'%s' is out of range: %s", called(raw), raw->node->text);
    say_range(reader, raw->key, time);
    return false;
}

static bool read_number(const struct sn_reader *reader, struct sn_raw *raw)
{
    if (sn_value_is_name(raw->node->text) && raw->key->word != SN_WORD_SNGEN) {
        raw->text = raw->node->text; /* a constant; its range is checked when it is resolved */
        return true;
    }
    if (!sn_value_number(raw->node->text, &raw->number)) {
        refuse(reader, SN_CODE_BAD_NUMBER, raw, "this is no number");
        sn_diag_help(reader->diags, "whole numbers from 0, as in 12, 4k, 1M, 2G (powers of 1024), "
                                    "or a constant's name");
        return false;
    }
    if (raw->key->word == SN_WORD_SNGEN && raw->number != 1) {
        refuse(reader, SN_CODE_VERSION, raw, "this sngen knows version 1 of the language only");
        return false;
    }
    return in_range(reader, raw, raw->number, false);
}

static bool read_duration(const struct sn_reader *reader, struct sn_raw *raw)
{
    uint64_t number;
    bool later;

    if (accept_choice(reader, raw, &later))
        return true;
    if (sn_value_duration(raw->node->text, &raw->number))
        return in_range(reader, raw, raw->number, true);
    refuse(reader, SN_CODE_BAD_DURATION, raw, "this is no duration");
    if (sn_value_number(raw->node->text, &number))
        sn_diag_help(reader->diags, "a duration has a unit: %sms, %ss, ...", raw->node->text,
                     raw->node->text);
    else
        sn_diag_help(reader->diags, "whole numbers with ns, us, ms, s, min, h or d, as in 10ms%s%s",
                     raw->key->choices != NULL ? "; or " : "",
                     raw->key->choices != NULL ? raw->key->choices[0].name : "");
    return false;
}

static bool read_span(const struct sn_reader *reader, struct sn_raw *raw)
{
    bool later;

    if (accept_choice(reader, raw, &later))
        return true;
    if (sn_value_span(raw->node->text, &raw->number, &raw->number_to))
        return in_range(reader, raw, raw->number, true) &&
               in_range(reader, raw, raw->number_to, true);
    refuse(reader, SN_CODE_BAD_DURATION, raw, "this is no span of time");
    sn_diag_help(reader->diags, "from the shortest to the longest, as in 10ms..5s");
    return false;
}

static bool read_rate(const struct sn_reader *reader, struct sn_raw *raw)
{
    bool later;

    if (accept_choice(reader, raw, &later))
        return true;
    if (sn_value_rate(raw->node->text, &raw->number, &raw->number_to) && raw->number <= 1000000000u)
        return true;
    refuse(reader, SN_CODE_BAD_VALUE, raw, "this is no rate");
    sn_diag_help(reader->diags, "so many in a time, as in `3 in 60s`; or unlimited");
    return false;
}

static bool read_size(const struct sn_reader *reader, struct sn_raw *raw)
{
    uint64_t from, to;

    if (strcmp(raw->node->text, "auto") == 0) {
        raw->text = "auto";
        return true;
    }
    if (!sn_value_size_span(raw->node->text, &from, &to))
        return read_number(reader, raw);
    raw->number_to = to;
    if (from == 0 && to >= 1 && to <= SPAWNED_MAX)
        return true;
    if (from != 0) {
        refuse(reader, SN_CODE_BAD_VALUE, raw, "a pool whose members are made begins with none");
        sn_diag_help(reader->diags, "write 0..N, and spawn the first members in `main` or an init");
    } else {
        sn_diag_error(reader->diags, SN_CODE_OUT_OF_RANGE, &raw->node->location,
                      "a pool has at least 1 and at most %u members (4M)", SPAWNED_MAX);
    }
    return false;
}

bool sn_read_type(const struct sn_reader *reader, struct sn_raw *raw)
{
    struct sn_type_error error;
    struct sn_location at;

    raw->type = sn_type_parse(reader->arena, raw->node->text, &error);
    if (raw->type != NULL || error.text == NULL)
        return raw->type != NULL;
    at = sn_node_part(raw->node, error.offset, error.size);
    sn_diag_error(reader->diags, SN_CODE_BAD_TYPE, &at, "%s: '%s'", error.text, raw->node->text);
    if (error.help != NULL)
        sn_diag_help(reader->diags, "%s", error.help);
    return false;
}

static bool read_header(const struct sn_reader *reader, struct sn_raw *raw)
{
    raw->text = raw->node->text;
    if (sn_value_is_path(raw->text, ".h") || sn_value_is_path(raw->text, ".hpp"))
        return true;
    refuse(reader, SN_CODE_BAD_VALUE, raw, "this is no header's name");
    sn_diag_help(reader->diags, "a relative path of letters, digits and . _ - + /, ending in .h");
    return false;
}

bool sn_read_scalar(const struct sn_reader *reader, struct sn_raw *raw)
{
    if (raw->key->value == SN_VALUE_DOC)
        return sn_read_doc(reader, raw);
    if (!sn_read_expect(reader, raw, SN_NODE_SCALAR))
        return false;
    switch (raw->key->value) {
    case SN_VALUE_NAME:
        raw->text = raw->node->text;
        return sn_read_name(reader, raw->node, raw->key->word == SN_WORD_PACKAGE);
    case SN_VALUE_BOOL:
        return read_bool(reader, raw);
    case SN_VALUE_NUMBER:
        return read_number(reader, raw);
    case SN_VALUE_DURATION:
        return read_duration(reader, raw);
    case SN_VALUE_SPAN:
        return read_span(reader, raw);
    case SN_VALUE_RATE:
        return read_rate(reader, raw);
    case SN_VALUE_CHOICE:
        return read_choice(reader, raw);
    case SN_VALUE_SIZE:
        return read_size(reader, raw);
    case SN_VALUE_TYPE:
        return sn_read_type(reader, raw);
    case SN_VALUE_HEADER:
        return read_header(reader, raw);
    case SN_VALUE_REFERENCE:
        raw->text = raw->node->text;
        return sn_read_reference(reader, raw->node);
    default:
        return false;
    }
}
