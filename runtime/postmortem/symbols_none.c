/* SPDX-License-Identifier: MIT */
/* For a build without elfutils. */
#include "postmortem/symbols.h"

struct sn_symbols *sn_symbols_open(const char *maps)
{
    (void)maps;
    return NULL;
}

void sn_symbols_close(struct sn_symbols *symbols)
{
    (void)symbols;
}

void sn_symbols_name(struct sn_symbols *symbols, uint64_t address, char *text, size_t size)
{
    (void)symbols, (void)address;
    if (size > 0)
        *text = '\0';
}
