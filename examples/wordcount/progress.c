/* SPDX-License-Identifier: MIT */
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum { BAR_WIDTH = 40 };

#define LONG_NS (500 * SN_MS)
#define REDRAW_NS (100 * SN_MS)

static void draw(const struct readers *readers)
{
    static const char full[BAR_WIDTH + 1] = "########################################";
    uint64_t total, done = readers_progress(readers, &total);

    if (total == 0) {
        fprintf(stderr, "\r%" PRIu64 " MiB", done >> 20);
        return;
    }
    if (done > total)
        done = total;
    fprintf(stderr, "\r[%-*.*s] %3d%% of %" PRIu64 " MiB", BAR_WIDTH,
            (int)(done * BAR_WIDTH / total), full, (int)(done * 100 / total), total >> 20);
}

void progress_show(struct readers *readers)
{
    bool ended = readers_wait_for(readers, LONG_NS);

    if (ended || !isatty(STDERR_FILENO))
        return;
    while (!ended) {
        draw(readers);
        ended = readers_wait_for(readers, REDRAW_NS);
    }
    fprintf(stderr, "\r\033[K");
}
