/* SPDX-License-Identifier: MIT */
/*
 * The buffer: what was read and not cut yet stands at its beginning, new bytes are read behind it,
 * and some zeros stop each run. So a word is always in one piece, wherever the reads were cut, and
 * the longest word bounds the memory. What is read is made small in place, and 0 where it is no
 * letter; then the ends of words are found eight bytes at a time.
 */
#include "words.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { READ_SIZE = 256 * 1024, READ_BEHIND = 4 * 1024 };

/* Make letters small and all else 0: a loop that compilers turn into vector instructions. */
static void normalise(uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        uint8_t letter = data[i] | 0x20;

        data[i] = (uint8_t)(letter - 'a') < 26 ? letter : 0;
    }
}

int words_init(struct words *words, size_t word_max)
{
    /* A word of word_max bytes, the one byte more that tells it from a longer one, and a read. */
    size_t capacity = word_max + 1 + READ_SIZE;

    *words = (struct words){
        .data = malloc(capacity + WORDS_PADDING), .capacity = capacity, .word_max = word_max};
    return words->data != NULL ? 0 : -ENOMEM;
}

void words_fini(struct words *words)
{
    free(words->data);
    *words = (struct words){0};
}

void words_begin(struct words *words, uint64_t offset, bool skips)
{
    words->at = words->end = words->data;
    memset(words->end, 0, WORDS_PADDING);
    words->offset = offset;
    words->skips = skips;
    words->ended = words->too_long = false;
}

/* Move the word that is not complete to the beginning; drop it if it is too long already. */
static size_t keep_rest(struct words *words)
{
    size_t rest = (size_t)(words->end - words->at);

    if (rest > words->word_max) {
        words->too_long = words->skips = true;
        rest = 0;
    } else if (words->at != words->data) {
        memmove(words->data, words->at, rest);
    }
    words->at = words->data;
    return rest;
}

static size_t size_to_read(const struct words *words, uint64_t to)
{
    if (to <= words->offset)
        return READ_BEHIND;
    return to - words->offset < READ_SIZE ? (size_t)(to - words->offset) : READ_SIZE;
}

int64_t words_read(struct words *words, int fd, uint64_t to)
{
    size_t rest = keep_rest(words), size = size_to_read(words, to);
    ssize_t got;

    words->end = words->data + rest;
    do
        got = read(fd, words->end, size);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return -errno;
    normalise(words->end, (size_t)got);
    words->end += got;
    memset(words->end, 0, WORDS_PADDING);
    words->offset += (uint64_t)got;
    words->ended = got == 0;
    return got;
}
