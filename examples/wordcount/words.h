/* SPDX-License-Identifier: MIT */
#ifndef WORDCOUNT_WORDS_H
#define WORDCOUNT_WORDS_H

/* Cuts a stream of bytes into words: maximal runs of ASCII letters, in lower case. See words.c. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct words {
    uint8_t *data; /* room for `capacity` bytes, and WORDS_PADDING of no letter behind them */
    size_t capacity;
    size_t word_max;
    uint8_t *at;     /* what lies before has been cut */
    uint8_t *end;    /* up to here: letters in lower case, and 0 for every other byte */
    uint64_t offset; /* in the input, of `end` */
    bool skips;      /* inside of a word that is not wanted */
    bool ended;      /* there is no more input */
    bool too_long;   /* there was a longer word than word_max: it was left out */
};

enum { WORDS_PADDING = 16 };

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
 * @to  where in the input the wanted part ends: only a little is read behind it.
 *
 * Returns  how many bytes it was; 0 at the end, which may complete one more word; -errno.
 */
int64_t words_read(struct words *words, int fd, uint64_t to);

/** Where in the input a word begins that words_next() gave. */
static inline uint64_t words_offset(const struct words *words, const uint8_t *word)
{
    return words->offset - (uint64_t)(words->end - word);
}

/* Eight bytes at once: the first is the lowest, on the little-endian machines that sn is for. */
static inline uint64_t words_load(const uint8_t *at)
{
    uint64_t bytes;

    _Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "counts trailing bits");
    memcpy(&bytes, at, sizeof bytes);
    return bytes;
}

/* The first letter from here on; somewhere in the padding if there is none. */
static inline uint8_t *words_skip_others(uint8_t *at, const uint8_t *end)
{
    uint64_t bytes = words_load(at);

    while (bytes == 0 && at < end)
        bytes = words_load(at += 8);
    return bytes != 0 ? at + __builtin_ctzll(bytes) / 8 : at;
}

/* The first byte from here on that is no letter. Letters are below 0x80, so a byte of 0 is the
 * lowest one that borrows into its highest bit. */
static inline uint8_t *words_skip_letters(uint8_t *at)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = UINT64_C(0x8080808080808080);
    uint64_t zeros = (words_load(at) - ones) & tops;

    while (zeros == 0)
        zeros = (words_load(at += 8) - ones) & tops;
    return at + __builtin_ctzll(zeros) / 8;
}

/**
 * Take the next word of what was read.
 *
 * Returns  true with a word, which lives until the next words_read(); false: read more.
 */
static inline bool words_next(struct words *words, const uint8_t **ret_word, size_t *ret_size)
{
    uint8_t *at = words->at, *end = words->end, *word;

    for (;;) {
        if (words->skips) {
            at = words_skip_letters(at);
            words->skips = at == end;
        }
        word = words_skip_others(at, end);
        if (word >= end) {
            words->at = end;
            return false;
        }
        at = words_skip_letters(word);
        words->at = word;
        if (at == end && !words->ended)
            return false;
        words->at = at;
        if ((size_t)(at - word) <= words->word_max)
            break;
        words->too_long = true;
    }
    *ret_word = word;
    *ret_size = (size_t)(at - word);
    return true;
}

/** The bytes of a word of 1 to 16 letters that words_next() gave, with zeros behind them. There
 * are bytes behind every word, so both halves are read whole and cut without a branch. */
static inline void words_text(const uint8_t *word, size_t size, uint64_t ret_text[2])
{
    size_t second = size > 8 ? size - 8 : 0, first = size - second;

    ret_text[0] = words_load(word) & UINT64_MAX >> (64 - 8 * first);
    ret_text[1] = second > 0 ? words_load(word + 8) & UINT64_MAX >> (64 - 8 * second) : 0;
}

#endif
