/* SPDX-License-Identifier: MIT */
/*
 * Recursive descent over
 *
 *     type    = base [ "?" ]
 *     base    = name
 *             | ("string" | "bytes" | "buffer") "(" count ")"
 *             | ("list" | "array" | "last") "(" count ")" "of" type
 *             | "map" "(" count ")" "from" type "to" type
 *             | ("ref" | "reply_to") "(" name ")"
 *             | "c" "(" c-type ")" [ "fini" "(" identifier ")" ]
 *     count   = number | name | "unbounded"
 *
 * The first error wins: a type is short, and what follows a wrong part would
 * only be noise. Depth is bounded, because a type can nest in itself.
 */
#include "lang/type_expr.h"

#include "base/suggest.h"
#include "lang/value.h"

#include <string.h>

enum { DEPTH_MAX = 8 };

struct parser {
    struct sn_arena *arena;
    const char *text;
    size_t at;
    unsigned depth;
    bool failed;
    struct sn_type_error *error;
};

static const struct {
    const char *name;
    enum sn_type_form form;
} forms[] = {{"string", SN_TYPE_STRING},     {"bytes", SN_TYPE_BYTES},
             {"buffer", SN_TYPE_BUFFER},     {"list", SN_TYPE_LIST},
             {"array", SN_TYPE_ARRAY},       {"last", SN_TYPE_LAST},
             {"map", SN_TYPE_MAP},           {"ref", SN_TYPE_REF},
             {"reply_to", SN_TYPE_REPLY_TO}, {"c", SN_TYPE_C}};

static void fail(struct parser *parser, size_t offset, size_t size, const char *text,
                 const char *help)
{
    if (parser->failed)
        return;
    parser->failed = true;
    *parser->error =
        (struct sn_type_error){.text = text, .help = help, .offset = offset, .size = size};
}

static void skip_blanks(struct parser *parser)
{
    while (parser->text[parser->at] == ' ')
        parser->at++;
}

static bool accept(struct parser *parser, char c)
{
    skip_blanks(parser);
    if (parser->text[parser->at] != c)
        return false;
    parser->at++;
    return true;
}

static bool is_word_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.';
}

/* The word at the cursor, "" if there is none; its place goes to *ret_offset. */
static const char *take_word(struct parser *parser, size_t *ret_offset)
{
    size_t begin;

    skip_blanks(parser);
    begin = parser->at;
    while (is_word_character(parser->text[parser->at]))
        parser->at++;
    *ret_offset = begin;
    return sn_arena_text(parser->arena, parser->text + begin, parser->at - begin);
}

static void expect(struct parser *parser, char c, const char *text, const char *help)
{
    if (!accept(parser, c))
        fail(parser, parser->at, 1, text, help);
}

static void expect_open(struct parser *parser, enum sn_type_form form)
{
    const char *help = form == SN_TYPE_REF        ? "write ref(worker)"
                       : form == SN_TYPE_REPLY_TO ? "write reply_to(message)"
                       : form == SN_TYPE_C        ? "write c(TYPE)"
                       : form == SN_TYPE_LIST     ? "write list(N) of TYPE"
                       : form == SN_TYPE_ARRAY    ? "write array(N) of TYPE"
                       : form == SN_TYPE_STRING   ? "write string(N), N being the most bytes"
                       : form == SN_TYPE_BYTES    ? "write bytes(N), N being the most bytes"
                                                  : "write the maximum in parentheses";

    expect(parser, '(', "expected '(' after this type", help);
}

static void parse_count(struct parser *parser, struct sn_type_expr *type)
{
    const char *word = take_word(parser, &type->argument_offset);

    type->argument_size = strlen(word);
    if (*word == '\0')
        fail(parser, parser->at, 1, "expected a number, a constant's name or `unbounded`", NULL);
    else if (strcmp(word, "unbounded") == 0)
        type->unbounded = true;
    else if (sn_value_is_name(word))
        type->argument = word;
    else if (!sn_value_number(word, &type->number))
        fail(parser, type->argument_offset, type->argument_size,
             "no number or constant in the parentheses",
             "numbers are written 12, 4k, 1M or 2G, constants in lower case");
}

static void expect_close(struct parser *parser)
{
    skip_blanks(parser);
    expect(parser, ')',
           parser->text[parser->at] == ',' ? "a type has no comma in it" : "expected ')'",
           parser->text[parser->at] == ',' ? "write list(N) of TYPE, array(N) of TYPE" : NULL);
}

static void expect_word(struct parser *parser, const char *word, const char *text, const char *help)
{
    size_t offset;

    if (strcmp(take_word(parser, &offset), word) != 0)
        fail(parser, offset, parser->at > offset ? parser->at - offset : 1, text, help);
}

/* Words, then stars: "const struct codec *". Nothing else can reach the C source. */
static bool is_c_type(const char *text, size_t size)
{
    bool stars = false, word = false;

    for (size_t i = 0; i < size; i++) {
        char c = text[i];

        if (c == '*')
            stars = true;
        else if (c != ' ' && (stars || c == '.' || !is_word_character(c)))
            return false;
        word |= c != ' ' && c != '*';
    }
    return word && !(text[0] >= '0' && text[0] <= '9');
}

static bool is_c_name(const char *text)
{
    if (*text == '\0' || (*text >= '0' && *text <= '9') || strlen(text) > 63)
        return false;
    for (; *text != '\0'; text++)
        if (*text == '.' || !is_word_character(*text))
            return false;
    return true;
}

static void parse_fini(struct parser *parser, struct sn_type_expr *type)
{
    size_t before = parser->at, offset;

    if (strcmp(take_word(parser, &offset), "fini") != 0) {
        parser->at = before;
        return;
    }
    expect(parser, '(', "expected '(' after fini", "write fini(function)");
    type->argument = take_word(parser, &type->argument_offset);
    type->argument_size = strlen(type->argument);
    if (!is_c_name(type->argument))
        fail(parser, type->argument_offset, type->argument_size, "expected a C function's name",
             "write fini(function)");
    expect_close(parser);
}

static void parse_c(struct parser *parser, struct sn_type_expr *type)
{
    const char *begin = parser->text + parser->at;
    size_t size = strcspn(begin, ")");

    if (begin[size] == '\0')
        fail(parser, parser->at + size, 1, "expected ')'", NULL);
    else if (!is_c_type(begin, size))
        fail(parser, parser->at, size > 0 ? size : 1,
             "a C type here is words and then stars, as in `struct codec *`",
             "give anything else a typedef in the header that `include:` names");
    if (parser->failed)
        return;
    type->name = sn_arena_text(parser->arena, begin, size);
    type->argument_offset = parser->at;
    type->argument_size = size;
    parser->at += size + 1;
    parse_fini(parser, type);
}

static void parse_target(struct parser *parser, struct sn_type_expr *type)
{
    type->name = take_word(parser, &type->argument_offset);
    type->argument_size = strlen(type->name);
    if (!sn_value_is_reference(type->name))
        fail(parser, type->argument_offset, type->argument_size,
             type->form == SN_TYPE_REF ? "expected a worker's name" : "expected a request's name",
             NULL);
    expect_close(parser);
}

static const struct sn_type_expr *parse_type(struct parser *parser);

static void parse_arguments(struct parser *parser, struct sn_type_expr *type)
{
    expect_open(parser, type->form);
    if (parser->failed)
        return;
    if (type->form == SN_TYPE_C) {
        parse_c(parser, type);
        return;
    }
    if (type->form == SN_TYPE_REF || type->form == SN_TYPE_REPLY_TO) {
        parse_target(parser, type);
        return;
    }
    parse_count(parser, type);
    expect_close(parser);
    if (type->form == SN_TYPE_MAP) {
        expect_word(parser, "from", "expected `from`", "write map(N) from KEY to VALUE");
        parse_type(parser);
        expect_word(parser, "to", "expected `to`", "write map(N) from KEY to VALUE");
        parse_type(parser);
    } else if (type->form == SN_TYPE_LIST || type->form == SN_TYPE_ARRAY ||
               type->form == SN_TYPE_LAST) {
        expect_word(parser, "of", "expected `of` and the type of the elements",
                    "write list(N) of TYPE");
        type->of = parse_type(parser);
    }
}

static enum sn_type_form form_of(const char *word)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (strcmp(word, forms[i].name) == 0)
            return forms[i].form;
    return SN_TYPE_NAME;
}

/* "strng(20)": only built-in types take arguments, so a misspelt one is meant. */
static void fail_arguments(struct parser *parser, size_t at, const char *word)
{
    struct sn_suggest near = {.wanted = word};

    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        sn_suggest_add(&near, forms[i].name);
    fail(parser, at, strlen(word), "no type of this name takes arguments",
         near.best != NULL ? sn_arena_printf(parser->arena, "did you mean '%s'?", near.best)
                           : NULL);
}

static const struct sn_type_expr *parse_type(struct parser *parser)
{
    struct sn_type_expr *type = sn_arena_alloc(parser->arena, sizeof *type);
    const char *word = take_word(parser, type != NULL ? &type->offset : &(size_t){0});

    if (type == NULL || parser->failed)
        return NULL;
    if (++parser->depth > DEPTH_MAX)
        fail(parser, type->offset, 1, "this type is nested too deep", "give its inside a name");
    type->form = form_of(word);
    if (*word == '\0')
        fail(parser, type->offset, 1, "expected a type", NULL);
    else if (type->form != SN_TYPE_NAME)
        parse_arguments(parser, type);
    else if (!sn_value_is_reference(word))
        fail(parser, type->offset, strlen(word), "this is not the name of a type",
             "a type is written u32, string(32), list(4) of u8 or by a name under `types:`");
    else if (parser->text[parser->at] == '(')
        fail_arguments(parser, type->offset, word);
    else
        type->name = word;
    type->size = parser->at - type->offset;
    if (accept(parser, '?'))
        type->optional = true;
    return type;
}

/* What those who know C, C++ or JSON wanted to write. */
static const char *habit(char next)
{
    return next == '*'   ? "pointers are for the state only: c(TYPE *); text is string(N)"
           : next == '[' ? "write array(N) of TYPE, or list(N) of TYPE for at most N"
           : next == '<' ? "write list(N) of TYPE"
                         : NULL;
}

const struct sn_type_expr *sn_type_parse(struct sn_arena *arena, const char *text,
                                         struct sn_type_error *ret_error)
{
    struct parser parser = {.arena = arena, .text = text, .error = ret_error};
    const struct sn_type_expr *type;

    *ret_error = (struct sn_type_error){0};
    type = parse_type(&parser);
    skip_blanks(&parser);
    if (!parser.failed && text[parser.at] != '\0')
        fail(&parser, parser.at, strlen(text) - parser.at, "unexpected text after the type",
             habit(text[parser.at]));
    return parser.failed ? NULL : type;
}
