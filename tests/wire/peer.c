/* SPDX-License-Identifier: MIT */
/*
 * The other side of peer.py: reads frames (kind, size, bytes) from standard input, decodes and
 * encodes each, and answers with frames (outcome, size, bytes). Sizes are four bytes, the lowest
 * first. The kinds F and L ask for the messages of cases.c.
 */
#include "cases.h"

#include <stdio.h>

static struct room room;
static uint8_t frame[1 << 20];

static int again_all(struct sn_bytes bytes, struct sn_bytes *ret_bytes)
{
    struct wire_all all;
    int rc = wire_all_decode(bytes, &room.memory, &all);

    return rc == 0 ? wire_all_encode(&all, &room.memory, ret_bytes) : rc;
}

static int again_lists(struct sn_bytes bytes, struct sn_bytes *ret_bytes)
{
    struct wire_lists lists;
    int rc = wire_lists_decode(bytes, &room.memory, &lists);

    return rc == 0 ? wire_lists_encode(&lists, &room.memory, ret_bytes) : rc;
}

static int again_reply(struct sn_bytes bytes, struct sn_bytes *ret_bytes)
{
    struct wire_ask_reply reply;
    int rc = wire_ask_reply_decode(bytes, &room.memory, &reply);

    return rc == 0 ? wire_ask_reply_encode(&reply, &room.memory, ret_bytes) : rc;
}

static int again_kept(struct sn_bytes bytes, struct sn_bytes *ret_bytes)
{
    struct wire_kept kept;
    int rc = wire_kept_decode(bytes, &room.memory, &kept);

    return rc == 0 ? wire_kept_encode(&kept, &room.memory, ret_bytes) : rc;
}

static int again(char kind, struct sn_bytes bytes, struct sn_bytes *ret_bytes)
{
    struct wire_all all;
    struct wire_lists lists;

    switch (kind) {
    case 'a':
        return again_all(bytes, ret_bytes);
    case 'l':
        return again_lists(bytes, ret_bytes);
    case 'r':
        return again_reply(bytes, ret_bytes);
    case 'k':
        return again_kept(bytes, ret_bytes);
    case 'F':
        case_all(&all);
        return wire_all_encode(&all, &room.memory, ret_bytes);
    case 'L':
        case_lists(&lists);
        return wire_lists_encode(&lists, &room.memory, ret_bytes);
    default:
        return -1;
    }
}

static bool read_frame(char *ret_kind, size_t *ret_size)
{
    uint8_t head[5];

    if (fread(head, sizeof head, 1, stdin) != 1)
        return false;
    *ret_kind = (char)head[0];
    *ret_size = head[1] | (size_t)head[2] << 8 | (size_t)head[3] << 16 | (size_t)head[4] << 24;
    return *ret_size <= sizeof frame && fread(frame, 1, *ret_size, stdin) == *ret_size;
}

static void write_frame(int rc, struct sn_bytes bytes)
{
    uint8_t head[5] = {(uint8_t)rc, (uint8_t)bytes.size, (uint8_t)(bytes.size >> 8),
                       (uint8_t)(bytes.size >> 16), (uint8_t)(bytes.size >> 24)};

    fwrite(head, sizeof head, 1, stdout);
    if (bytes.size > 0)
        fwrite(bytes.data, bytes.size, 1, stdout);
    fflush(stdout);
}

int main(void)
{
    char kind;
    size_t size;

    while (read_frame(&kind, &size)) {
        struct sn_bytes answer = {NULL, 0};
        int rc;

        room_init(&room, ROOM_BYTES / 2, 0);
        rc = again(kind, sn_bytes_of(frame, size), &answer);
        write_frame(rc, answer);
    }
    return 0;
}
