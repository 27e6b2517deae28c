/* SPDX-License-Identifier: MIT */
/*
 * libyaml says what its scanner expected; a user wants to know what to write.
 * For the mistakes that a schema author really makes, the source line at the
 * place of the error tells which of them it was.
 */
#include "yaml/yaml_parts.h"

#include <string.h>

struct failure {
    struct sn_diags *diags;
    const char *problem;
    const char *context;
    struct sn_location at;
    struct sn_location began; /* what was being read */
    const char *opening;      /* the line where that began, not terminated */
    const char *text_end;
    const char *line;  /* the source line, not terminated */
    const char *place; /* in it */
    const char *end;
};

/* The beginning of a line, counted from 0; NULL if it is behind the text. */
static const char *find_line(const char *text, size_t size, size_t number)
{
    const char *at = text, *end = text + size;

    for (size_t line = 0; line < number && at != NULL; line++) {
        at = memchr(at, '\n', (size_t)(end - at));
        at = at != NULL ? at + 1 : NULL;
    }
    return at;
}

/* The line of the problem and the byte of it; all NULL if it is behind the text. */
static void find_place(struct failure *failure, const char *text, size_t size,
                       const yaml_mark_t *mark)
{
    const char *at = find_line(text, size, mark->line), *end = text + size;

    if (at == NULL)
        return;
    failure->line = at;
    failure->end = memchr(at, '\n', (size_t)(end - at));
    if (failure->end == NULL)
        failure->end = end;
    for (size_t column = 0; column < mark->column && at < failure->end; column++)
        for (at++; at < failure->end && ((unsigned char)*at & 0xc0) == 0x80;)
            at++;
    failure->place = at;
}

static char character(const struct failure *failure)
{
    return failure->place != NULL && failure->place < failure->end ? *failure->place : '\0';
}

static bool says(const char *text, const char *part)
{
    return text != NULL && strstr(text, part) != NULL;
}

static bool report_tab(const struct failure *failure)
{
    bool indented = failure->line != NULL;

    for (const char *at = failure->line; indented && at < failure->place; at++)
        indented = *at == ' ' || *at == '\t';
    if (character(failure) != '\t' &&
        !(indented && failure->line < failure->place &&
          memchr(failure->line, '\t', (size_t)(failure->place - failure->line)) != NULL))
        return false;
    sn_diag_error(failure->diags, SN_CODE_YAML_TAB, &failure->at,
                  "a tab where YAML needs spaces for the indentation");
    sn_diag_help(failure->diags, "indent with spaces, for example two a level");
    return true;
}

/* Is there a ": " on the line, before the place? */
static bool has_colon_before(const struct failure *failure)
{
    for (const char *at = failure->line; at != NULL && at + 1 < failure->place; at++)
        if (at[0] == ':' && at[1] == ' ')
            return true;
    return false;
}

static bool report_quote(const struct failure *failure)
{
    if (!says(failure->context, "quoted scalar") || !says(failure->problem, "end of stream"))
        return false;
    sn_diag_error(failure->diags, SN_CODE_YAML_QUOTE, &failure->began,
                  "the quote that opens here is never closed");
    return true;
}

static bool report_colon(const struct failure *failure)
{
    if (!says(failure->problem, "mapping values are not allowed"))
        return false;
    if (!has_colon_before(failure)) {
        sn_diag_error(failure->diags, SN_CODE_YAML_SYNTAX, &failure->at,
                      "this key does not fit the lines above it");
        sn_diag_help(failure->diags, "is a ':' missing on the line above, or is this line indented "
                                     "too far?");
        return true;
    }
    sn_diag_error(failure->diags, SN_CODE_YAML_QUOTE, &failure->at,
                  "a second ': ' on one line, or a key that is indented too far");
    sn_diag_help(failure->diags,
                 "put a text that contains ': ' in quotes: doc: \"a: b\"; check the "
                 "indentation otherwise");
    return true;
}

static bool report_special(const struct failure *failure)
{
    char c = character(failure);

    if (says(failure->context, "alias") || says(failure->context, "anchor")) {
        sn_diag_error(failure->diags, SN_CODE_YAML_QUOTE, &failure->at,
                      "'*' and '&' begin an alias or an anchor in YAML");
        sn_diag_help(failure->diags, "put the text in quotes, for example \"*:7000\"");
        return true;
    }
    if (!says(failure->problem, "cannot start any token"))
        return false;
    sn_diag_error(failure->diags, SN_CODE_YAML_QUOTE, &failure->at,
                  "a text cannot begin with '%c' in YAML", c >= ' ' && c < 0x7f ? c : '?');
    sn_diag_help(failure->diags, "put the text in quotes");
    return true;
}

/* Is there a closing bracket in a comment on the line of the opening one? */
static bool hides_end(const struct failure *failure)
{
    bool comment = false;

    for (const char *at = failure->opening; at != NULL && at < failure->text_end; at++) {
        if (*at == '\n')
            return false;
        comment |= *at == '#' && at > failure->opening && at[-1] == ' ';
        if (comment && (*at == '}' || *at == ']'))
            return true;
    }
    return false;
}

static bool report_flow(const struct failure *failure)
{
    bool map = says(failure->problem, "',' or '}'"), list = says(failure->problem, "',' or ']'");

    if (!map && !list)
        return false;
    sn_diag_error(failure->diags, SN_CODE_YAML_SYNTAX, &failure->at,
                  "expected ',' or '%c' in the %s that begins with '%c'", map ? '}' : ']',
                  map ? "map" : "list", map ? '{' : '[');
    if (character(failure) == '[' || character(failure) == '{')
        sn_diag_help(failure->diags,
                     "a text with '%c' in it needs quotes here; types are written "
                     "array(4) of u8 or list(4) of u8",
                     character(failure));
    else if (character(failure) == ':' && failure->at.line == failure->began.line)
        sn_diag_help(failure->diags, "a text with ': ' in it needs quotes: doc: \"a: b\"");
    else if (hides_end(failure))
        sn_diag_help(failure->diags,
                     "does the comment that begins with ' #' hide the closing "
                     "'%c'? Put a text with '#' in quotes",
                     map ? '}' : ']');
    else
        sn_diag_help(failure->diags, "is a comma or the closing '%c' missing before this place?",
                     map ? '}' : ']');
    sn_diag_note(failure->diags, &failure->began, "it begins here");
    return true;
}

static bool report_key(const struct failure *failure)
{
    if (!says(failure->problem, "could not find expected ':'"))
        return false;
    sn_diag_error(failure->diags, SN_CODE_YAML_SYNTAX, &failure->at,
                  "expected ':' after a key before this place");
    sn_diag_help(failure->diags, "write `key: value` with a space after the colon; check the "
                                 "indentation and that quotes are closed");
    return true;
}

static bool report_block(const struct failure *failure)
{
    if (!says(failure->problem, "did not find expected key") &&
        !says(failure->problem, "did not find expected '-' indicator") &&
        !says(failure->problem, "<document start>"))
        return false;
    sn_diag_error(failure->diags, SN_CODE_YAML_SYNTAX, &failure->at,
                  "this does not fit the lines above it");
    sn_diag_help(failure->diags, "entries of one map or list must begin in the same column, and a "
                                 "closing quote ends the value");
    return true;
}

void sn_yaml_report(struct sn_diags *diags, const char *file, const char *text, size_t size_bytes,
                    const yaml_parser_t *parser)
{
    struct failure failure = {.diags = diags,
                              .problem = parser->problem,
                              .context = parser->context,
                              .at = {.file = file,
                                     .line = (uint32_t)parser->problem_mark.line + 1,
                                     .column = (uint32_t)parser->problem_mark.column + 1,
                                     .length = 1},
                              .began = {.file = file,
                                        .line = (uint32_t)parser->context_mark.line + 1,
                                        .column = (uint32_t)parser->context_mark.column + 1,
                                        .length = 1}};

    find_place(&failure, text, size_bytes, &parser->problem_mark);
    failure.opening = find_line(text, size_bytes, parser->context_mark.line);
    failure.text_end = text + size_bytes;
    if (report_tab(&failure) || report_quote(&failure) || report_colon(&failure) ||
        report_special(&failure) || report_flow(&failure) || report_key(&failure) ||
        report_block(&failure))
        return;
    sn_diag_error(diags, SN_CODE_YAML_SYNTAX, &failure.at, "YAML: %s%s%s",
                  parser->problem != NULL ? parser->problem : "cannot be read",
                  parser->context != NULL ? " " : "",
                  parser->context != NULL ? parser->context : "");
}
