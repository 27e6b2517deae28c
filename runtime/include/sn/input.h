/* SPDX-License-Identifier: MIT */
#ifndef SN_INPUT_H
#define SN_INPUT_H

/*
 * Values out of bytes: how the fuzzers and simulations that sngen writes make messages. The bytes
 * come from a fuzzer, or from a seed. Small numbers are frequent, because most mistakes need no
 * others; the limits of the types are not rare either. What is asked for behind the end is zero.
 */

#include <sn/value.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { SN_INPUT_WORDS = 4096 };

struct sn_input {
    const uint8_t *data;
    size_t size;                     /* bytes that are left */
    size_t used;                     /* words of memory */
    uint64_t memory[SN_INPUT_WORDS]; /* for the items of lists, of one message */
};

/** Begin with some bytes, which must live as long as the values. */
static inline void sn_input_begin(struct sn_input *input, const uint8_t *data, size_t size)
{
    input->data = data;
    input->size = size;
    input->used = 0;
}

static inline uint8_t sn_input_byte(struct sn_input *input)
{
    if (input->size == 0)
        return 0;
    input->size--;
    return *input->data++;
}

/** A number below `bound`, which is above 0. */
static inline uint32_t sn_input_below(struct sn_input *input, uint32_t bound)
{
    return bound <= 256 ? sn_input_byte(input) % bound
                        : ((uint32_t)sn_input_byte(input) << 8 | sn_input_byte(input)) % bound;
}

/** A number: small ones by a byte, others by up to nine. */
static inline uint64_t sn_input_number(struct sn_input *input)
{
    uint8_t head = sn_input_byte(input);
    uint64_t number = 0;

    if (head < 192)
        return head % 64;
    if (head >= 248)
        return UINT64_MAX >> (8 * (head - 248));
    for (int bytes = 1 + head % 8; bytes > 0; bytes--)
        number = number << 8 | sn_input_byte(input);
    return number;
}

/** The same with a sign. */
static inline int64_t sn_input_signed(struct sn_input *input)
{
    uint64_t number = sn_input_number(input);

    return (int64_t)(number >> 1 ^ (UINT64_C(0) - (number & 1)));
}

/** How many, at most `max`; 64 where that is more. */
static inline size_t sn_input_count(struct sn_input *input, size_t max)
{
    return sn_input_below(input, (uint32_t)(max < 64 ? max : 64) + 1);
}

/** Bytes of the input itself. */
static inline struct sn_bytes sn_input_bytes(struct sn_input *input, size_t max)
{
    size_t size = sn_input_count(input, max);
    struct sn_bytes bytes = {input->data, size < input->size ? size : input->size};

    input->data += bytes.size;
    input->size -= bytes.size;
    return bytes;
}

/** Text of the input itself, up to a NUL. */
static inline struct sn_string sn_input_string(struct sn_input *input, size_t max)
{
    struct sn_bytes bytes = sn_input_bytes(input, max);
    struct sn_string text = {(const char *)bytes.data, 0};

    while (text.size < bytes.size && bytes.data[text.size] != 0)
        text.size++;
    return text;
}

/** Memory for `size` bytes of items; NULL when there is no more for this message. */
static inline void *sn_input_memory(struct sn_input *input, size_t size)
{
    size_t words = (size + 7) / 8;
    uint64_t *memory = input->memory + input->used;

    if (words > SN_INPUT_WORDS - input->used)
        return NULL;
    input->used += words;
    return memory;
}

#ifdef __cplusplus
}
#endif
#endif
