/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a message from the wire: the first byte says which message, decode says what they
 * are. What it accepts must encode, and be the same bytes when it has come in and gone out again.
 *
 * The memory is exactly what the header calls enough, in a block of its own, so that the address
 * sanitizer sees what passes its end; bytes that no rule refuses must never need more.
 */
#include "wire.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static struct sn_wire_memory memory_of(size_t size)
{
    uint8_t *bytes = malloc(size);

    require(bytes != NULL);
    return (struct sn_wire_memory){.bytes = bytes, .size = size};
}

static bool is_outcome(int rc)
{
    return rc == 0 || rc == SN_MALFORMED || rc == SN_INVALID || rc == SN_TOO_LARGE;
}

/* A decoder and encoder of each message under the same names. */
#define TRY(message_, memory_)                                                            \
    static void try_##message_(struct sn_bytes bytes)                                     \
    {                                                                                     \
        struct sn_wire_memory memory = memory_of(memory_);                                \
        struct sn_wire_memory other = memory_of(memory_);                                 \
        struct sn_wire_memory third = memory_of(memory_);                                 \
        struct wire_##message_ value;                                                     \
        struct sn_bytes first = {NULL, 0}, second = {NULL, 0};                            \
        int rc = wire_##message_##_decode(bytes, &memory, &value);                        \
                                                                                          \
        require(is_outcome(rc));                                                          \
        if (rc == 0) {                                                                    \
            require(wire_##message_##_encode(&value, &other, &first) == 0);               \
            memory.used = 0;                                                              \
            require(wire_##message_##_decode(first, &memory, &value) == 0);               \
            require(wire_##message_##_encode(&value, &third, &second) == 0);              \
            require(first.size == second.size);                                           \
            require(first.size == 0 || memcmp(first.data, second.data, first.size) == 0); \
        }                                                                                 \
        free(memory.bytes);                                                               \
        free(other.bytes);                                                                \
        free(third.bytes);                                                                \
    }

TRY(all, WIRE_ALL_WIRE_MEMORY)
TRY(lists, WIRE_LISTS_WIRE_MEMORY)
TRY(ask, WIRE_ASK_WIRE_MEMORY)
TRY(ask_reply, WIRE_ASK_REPLY_WIRE_MEMORY)
TRY(kept, WIRE_KEPT_WIRE_MEMORY)
TRY(newer, WIRE_NEWER_WIRE_MEMORY)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const tries[])(struct sn_bytes bytes) = {
        try_all, try_lists, try_ask, try_ask_reply, try_kept, try_newer,
    };

    if (size > 0)
        tries[data[0] % (sizeof tries / sizeof *tries)](sn_bytes_of(data + 1, size - 1));
    return 0;
}
