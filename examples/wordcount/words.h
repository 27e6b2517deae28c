/* SPDX-License-Identifier: MIT */
#ifndef WORDCOUNT_WORDS_H
#define WORDCOUNT_WORDS_H

/* Cuts a stream of bytes into words: maximal runs of ASCII letters, in lower case. See words.c. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct words {
    uint8_t *data; /* room for `capacity` bytes and a byte that is no letter behind them */
    size_t capacity;
    size_t word_max;
    uint8_t *at; /* what lies before has been cut */
    uint8_t *end;
    uint64_t offset; /* in the input, of `end` */
    bool skips;      /* inside of a word that is not wanted */
    bool ended;      /* there is no more input */
    bool too_long;   /* there was a longer word than word_max: it was left out */
};

/* The letter in lower case; 0 for every other byte. */
extern const uint8_t words_lower[256];

/** Prepare; @word_max  in bytes. Returns 0 or -ENOMEM. */
int words_init(struct words *words, size_t word_max);

/** Free the buffer; a zeroed one is allowed. */
void words_fini(struct words *words);

/**
 * Begin with another input.
 *
 * @offset  of the first byte that will be read.
 * @skips   the input begins with the rest of a word, if with a letter: leave that out.
 */
void words_begin(struct words *words, uint64_t offset, bool skips);

/**
 * Read some more of the input; all words of what was read before have been taken.
 *
 * Returns  how many bytes it was; 0 at the end, which may complete one more word; -errno.
 */
int64_t words_read(struct words *words, int fd);

/** Where in the input a word begins that words_next() gave. */
static inline uint64_t words_offset(const struct words *words, const uint8_t *word)
{
    return words->offset - (uint64_t)(words->end - word);
}

/**
 * Take the next word of what was read.
 *
 * Returns  true with a word, which lives until the next words_read(); false: read more.
 */
static inline bool words_next(struct words *words, const uint8_t **ret_word, size_t *ret_size)
{
    uint8_t *at = words->at, *end = words->end, *word;
    uint8_t lower;

    for (;;) {
        if (words->skips) {
            while (words_lower[*at] != 0)
                at++;
            words->skips = at == end;
        }
        while (at < end && words_lower[*at] == 0)
            at++;
        word = at;
        while ((lower = words_lower[*at]) != 0)
            *at++ = lower;
        if (at == end && (word == end || !words->ended)) {
            words->at = word;
            return false;
        }
        words->at = at;
        if ((size_t)(at - word) <= words->word_max)
            break;
        words->too_long = true;
    }
    *ret_word = word;
    *ret_size = (size_t)(at - word);
    return true;
}

#endif
