/* SPDX-License-Identifier: MIT */
/* Strict decoding: no overlong forms, no surrogates, nothing above U+10FFFF. */
#include "base/utf8.h"

static size_t sequence_size(unsigned first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

size_t sn_utf8_decode(const char *text, size_t size_bytes, uint32_t *ret_character)
{
    unsigned first = (unsigned char)text[0];
    size_t size = sequence_size(first);
    uint32_t character = size <= 1 ? first : first & (0xffu >> (size + 1));

    if (size == 0 || size > size_bytes)
        return 0;
    for (size_t i = 1; i < size; i++) {
        unsigned next = (unsigned char)text[i];

        if ((next & 0xc0) != 0x80)
            return 0;
        character = character << 6 | (next & 0x3f);
    }
    if ((size == 3 && character < 0x800) || (size == 4 && character < 0x10000) ||
        (character >= 0xd800 && character < 0xe000) || character > 0x10ffff)
        return 0;
    *ret_character = character;
    return size;
}

bool sn_utf8_is_bidi(uint32_t character)
{
    return (character >= 0x202a && character <= 0x202e) ||
           (character >= 0x2066 && character <= 0x2069) || character == 0x200e ||
           character == 0x200f;
}
