/* SPDX-License-Identifier: MIT */
#ifndef SN_POSTMORTEM_SYMBOLS_H
#define SN_POSTMORTEM_SYMBOLS_H

/*
 * From addresses to functions and lines: by elfutils, or not at all where the tool was built
 * without it.
 */

#include <stddef.h>
#include <stdint.h>

struct sn_symbols;

/** Read what is mapped where. Returns NULL when nothing can be said. */
struct sn_symbols *sn_symbols_open(const char *maps);
void sn_symbols_close(struct sn_symbols *symbols);

/**
 * Name an address.
 *
 * @symbols  may be NULL.
 * @text     of `size` bytes: "function+0x12 (file.c:34)", or as much of it as is known; "".
 */
void sn_symbols_name(struct sn_symbols *symbols, uint64_t address, char *text, size_t size);

#endif
