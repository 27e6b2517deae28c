/* SPDX-License-Identifier: MIT */
/* Hand-written scanners over one text; each parser consumes a prefix and returns what follows. */
#include "lang/value.h"

#include <stdio.h>
#include <string.h>

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The end of the name that `text` begins with; `text` itself if it begins with none. */
static const char *scan_name(const char *text)
{
    const char *at = text;

    if (!is_lower(*at))
        return text;
    while (is_lower(*at) || is_digit(*at) || (*at == '_' && (is_lower(at[1]) || is_digit(at[1]))))
        at++;
    return at - text <= SN_NAME_MAX_BYTES ? at : text;
}

bool sn_value_is_name(const char *text)
{
    const char *end = scan_name(text);

    return end != text && *end == '\0';
}

bool sn_value_is_reference(const char *text)
{
    const char *end = scan_name(text);

    return end != text && (*end == '\0' || (*end == '.' && sn_value_is_name(end + 1)));
}

bool sn_value_make_name(const char *text, char *ret_name)
{
    size_t size = 0;

    for (; *text != '\0' && size < SN_NAME_MAX_BYTES; text++) {
        bool upper = *text >= 'A' && *text <= 'Z';

        if (!upper && !is_lower(*text) && !is_digit(*text)) {
            if (size > 0 && ret_name[size - 1] != '_')
                ret_name[size++] = '_';
            continue;
        }
        if (upper && size > 0 && (is_lower(ret_name[size - 1]) || is_digit(ret_name[size - 1])) &&
            is_lower(text[-1]) && size + 1 < SN_NAME_MAX_BYTES)
            ret_name[size++] = '_';
        ret_name[size++] = upper ? (char)(*text - 'A' + 'a') : *text;
    }
    while (size > 0 && ret_name[size - 1] == '_')
        size--;
    ret_name[size] = '\0';
    return sn_value_is_name(ret_name);
}

static const char *scan_digits(const char *text, uint64_t *ret_number)
{
    uint64_t number = 0;

    if (!is_digit(*text) || (*text == '0' && is_digit(text[1])))
        return NULL;
    for (; is_digit(*text); text++) {
        uint64_t digit = (uint64_t)(*text - '0');

        if (number > (UINT64_MAX - digit) / 10)
            return NULL;
        number = number * 10 + digit;
    }
    *ret_number = number;
    return text;
}

static const char *scan_number(const char *text, uint64_t *ret_number)
{
    const char *at = scan_digits(text, ret_number);
    unsigned shift = 0;

    if (at == NULL)
        return NULL;
    if (*at == 'k')
        shift = 10;
    else if (*at == 'M')
        shift = 20;
    else if (*at == 'G')
        shift = 30;
    else
        return at;
    if (*ret_number > UINT64_MAX >> shift)
        return NULL;
    *ret_number <<= shift;
    return at + 1;
}

bool sn_value_number(const char *text, uint64_t *ret_number)
{
    const char *end = scan_number(text, ret_number);

    return end != NULL && *end == '\0';
}

/* From the largest; no unit is followed by a letter, so "m" alone is none and "min" is not "m". */
static const struct {
    const char *name;
    uint64_t ns;
} units[] = {{"d", 86400 * 1000000000ull},
             {"h", 3600 * 1000000000ull},
             {"min", 60 * 1000000000ull},
             {"s", 1000000000ull},
             {"ms", 1000 * 1000},
             {"us", 1000},
             {"ns", 1}};

enum { UNIT_COUNT = sizeof units / sizeof units[0] };

static const char *scan_duration(const char *text, uint64_t *ret_ns)
{
    const char *at = scan_digits(text, ret_ns);

    for (size_t i = 0; at != NULL && i < UNIT_COUNT; i++) {
        size_t size = strlen(units[i].name);

        if (strncmp(at, units[i].name, size) == 0 && !is_lower(at[size])) {
            if (*ret_ns > UINT64_MAX / units[i].ns)
                return NULL;
            *ret_ns *= units[i].ns;
            return at + size;
        }
    }
    return NULL;
}

void sn_value_write_duration(uint64_t ns, char *ret_text)
{
    size_t i = 0;

    while (i + 1 < UNIT_COUNT && (ns == 0 || ns % units[i].ns != 0))
        i++;
    snprintf(ret_text, SN_DURATION_TEXT_BYTES, "%llu%s", (unsigned long long)(ns / units[i].ns),
             units[i].name);
}

bool sn_value_duration(const char *text, uint64_t *ret_ns)
{
    const char *end = scan_duration(text, ret_ns);

    return end != NULL && *end == '\0';
}

bool sn_value_span(const char *text, uint64_t *ret_min_ns, uint64_t *ret_max_ns)
{
    const char *at = scan_duration(text, ret_min_ns);

    if (at == NULL || strncmp(at, "..", 2) != 0)
        return false;
    return sn_value_duration(at + 2, ret_max_ns) && *ret_min_ns <= *ret_max_ns;
}

bool sn_value_rate(const char *text, uint64_t *ret_count, uint64_t *ret_window_ns)
{
    const char *at = scan_number(text, ret_count);

    if (at == NULL || strncmp(at, " in ", 4) != 0)
        return false;
    return sn_value_duration(at + 4, ret_window_ns) && *ret_window_ns > 0;
}

bool sn_value_park(const char *text, uint64_t *ret_count)
{
    const char *at;

    if (strncmp(text, "park(", 5) != 0)
        return false;
    at = scan_number(text + 5, ret_count);
    return at != NULL && strcmp(at, ")") == 0;
}

bool sn_value_size_span(const char *text, uint64_t *ret_min, uint64_t *ret_max)
{
    const char *at = scan_number(text, ret_min);

    if (at == NULL || strncmp(at, "..", 2) != 0)
        return false;
    return sn_value_number(at + 2, ret_max);
}

bool sn_value_is_path(const char *text, const char *suffix)
{
    size_t size = strlen(text), tail = strlen(suffix);

    if (size <= tail || size > 255 || text[0] == '/' || text[0] == '-' ||
        strcmp(text + size - tail, suffix) != 0)
        return false;
    for (const char *at = text; *at != '\0'; at++)
        if (!is_lower(*at) && !is_digit(*at) && !(*at >= 'A' && *at <= 'Z') &&
            strchr("._-+/", *at) == NULL)
            return false;
    return true;
}
