/* SPDX-License-Identifier: MIT */
#ifndef SN_POSTMORTEM_RECORD_H
#define SN_POSTMORTEM_RECORD_H

/*
 * A crash record as it was read. See record.c.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SN_RECORD_SIZE_MAX = 16 << 20, /* bytes of a file that is looked at */
    SN_RECORD_WORDS = 8,
};

/* One line, cut at its spaces; the last word may be the rest of the line. */
struct sn_record_line {
    const char *key;
    const char *words[SN_RECORD_WORDS];
    unsigned word_count;
};

struct sn_record {
    char *bytes;
    struct sn_record_line *lines;
    size_t line_count;
    char *maps; /* the lines of /proc/PID/maps */
    bool complete;
};

/* What is wrong with a file. */
struct sn_record_fault {
    size_t line; /* from 1; 0: the file as a whole */
    const char *text;
};

/**
 * Read a record from bytes.
 *
 * @bytes  `size` of them and one NUL behind; taken over, also on failure.
 *
 * Returns  true; false with *ret_fault: it is no record. One that is cut off is read up to there.
 */
bool sn_record_read(char *bytes, size_t size, struct sn_record *ret_record,
                    struct sn_record_fault *ret_fault);
void sn_record_free(struct sn_record *record);

/** The value of a word that is a number, decimal or 0x...; false: it is not. */
bool sn_record_number(const char *word, uint64_t *ret_number);

#endif
