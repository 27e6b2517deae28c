/* SPDX-License-Identifier: MIT */
/*
 * Reading a crash record (crash/README.md has its format).
 *
 * The file comes from a process that was broken, or from a stranger, so every byte is suspect: what
 * cannot be printed is replaced before anything looks at it, each key has its number of words and
 * numbers, and a line that is not as it should be is an error that names its place. A record that
 * ends before its `end` is expected, because the process may have died while it wrote.
 */
#include "postmortem/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What each key is followed by: a word for each letter. n: number; w: word; r: rest of the line. */
static const struct {
    const char *name;
    const char *words;
} keys[] = {
    {"sn-crash", "n"},  {"signal", "nwnn"}, {"time", "n"},  {"process", "nn"},
    {"register", "wn"}, {"package", "w"},   {"shard", "n"}, {"after", "nwnww"},
    {"in", "nwnww"},    {"map", "r"},       {"frame", "n"}, {"end", ""},
};

bool sn_record_number(const char *word, uint64_t *ret_number)
{
    int base = strncmp(word, "0x", 2) == 0 ? 16 : 10;
    char *end;

    if (*word < '0' || *word > '9')
        return false;
    errno = 0;
    *ret_number = strtoull(word, &end, base);
    return *end == '\0' && errno == 0 && end != word + (base == 16 ? 2 : 0);
}

static void clean(char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != '\n' && ((unsigned char)bytes[i] < ' ' || bytes[i] == 0x7f))
            bytes[i] = '?';
}

static size_t count_lines(const char *bytes, size_t size)
{
    size_t count = 1;

    for (size_t i = 0; i < size; i++)
        count += bytes[i] == '\n';
    return count;
}

/* Cut one word off a text. Returns NULL at its end. */
static char *cut_word(char **text)
{
    char *word = *text;

    if (word == NULL || *word == '\0')
        return NULL;
    char *space = strchr(word, ' ');
    if (space != NULL)
        *space++ = '\0';
    *text = space;
    return word;
}

static const char *words_of(const char *key)
{
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(keys[i].name, key) == 0)
            return keys[i].words;
    return NULL;
}

/* Returns what is wrong, or NULL. */
static const char *read_line(char *text, struct sn_record_line *line)
{
    uint64_t number;

    line->key = cut_word(&text);
    if (line->key == NULL)
        return "an empty line";
    const char *kinds = words_of(line->key);
    if (kinds == NULL)
        return "an unknown key";
    for (; *kinds != '\0'; kinds++) {
        const char *word = *kinds == 'r' ? text : cut_word(&text);

        if (word == NULL)
            return "a word is missing";
        if (*kinds == 'n' && !sn_record_number(word, &number))
            return "a word is no number";
        if (*kinds == 'r')
            text = NULL;
        line->words[line->word_count++] = word;
    }
    return text == NULL || *text == '\0' ? NULL : "a word too many";
}

/* The first word; "" if there is none. */
static const char *first_word(const struct sn_record_line *line)
{
    return line->words[0] != NULL ? line->words[0] : "";
}

static bool is_key(const struct sn_record_line *line, const char *key)
{
    return line->key != NULL && strcmp(line->key, key) == 0;
}

/* The lines of the maps one after the other, as the kernel had written them. */
static bool join_maps(struct sn_record *record, size_t size)
{
    char *to = record->maps = malloc(size + 1);

    if (to == NULL)
        return false;
    for (size_t i = 0; i < record->line_count; i++) {
        if (!is_key(&record->lines[i], "map"))
            continue;
        const char *map = first_word(&record->lines[i]);
        size_t length = strlen(map);
        memcpy(to, map, length);
        to += length;
        *to++ = '\n';
    }
    *to = '\0';
    return true;
}

static bool read_lines(struct sn_record *record, struct sn_record_fault *fault)
{
    char *text = record->bytes;

    while (*text != '\0') {
        char *end = strchr(text, '\n');
        struct sn_record_line *line = &record->lines[record->line_count];

        if (end == NULL)
            return true; /* cut off within a line */
        *end = '\0';
        fault->line = record->line_count + 1;
        fault->text = record->complete ? "something follows the end" : read_line(text, line);
        if (fault->text == NULL && fault->line == 1 &&
            (!is_key(line, "sn-crash") || strcmp(first_word(line), "1") != 0))
            fault->text = "not a crash record of a version that is known";
        if (fault->text != NULL)
            return false;
        record->complete = is_key(line, "end");
        record->line_count++;
        text = end + 1;
    }
    return true;
}

bool sn_record_read(char *bytes, size_t size, struct sn_record *ret_record,
                    struct sn_record_fault *ret_fault)
{
    struct sn_record record = {.bytes = bytes};

    clean(bytes, size);
    *ret_fault = (struct sn_record_fault){0, "no memory"};
    record.lines = calloc(count_lines(bytes, size), sizeof *record.lines);
    bool read = record.lines != NULL && read_lines(&record, ret_fault);
    if (read && record.line_count == 0) {
        *ret_fault = (struct sn_record_fault){1, "not a crash record"};
        read = false;
    }
    if (read && !join_maps(&record, size)) {
        *ret_fault = (struct sn_record_fault){0, "no memory"};
        read = false;
    }
    if (!read) {
        sn_record_free(&record);
        return false;
    }
    *ret_record = record;
    return true;
}

void sn_record_free(struct sn_record *record)
{
    free(record->bytes);
    free(record->lines);
    free(record->maps);
    *record = (struct sn_record){0};
}
