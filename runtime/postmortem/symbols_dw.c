/* SPDX-License-Identifier: MIT */
/*
 * Names by elfutils. The maps of a record name files; only regular ones are opened, because a
 * record may come from a stranger, and a pipe or a device would hold the tool up. Nothing is
 * fetched from elsewhere. A file that was built again since gives wrong names, which the manual
 * page says.
 */
#include "postmortem/symbols.h"

#include <elfutils/libdwfl.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct sn_symbols {
    Dwfl *dwfl;
};

static int open_regular(const char *path)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd >= 0 && (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))) {
        close(fd);
        fd = -1;
    }
    return fd;
}

static int find_elf(Dwfl_Module *module, void **user, const char *name, Dwarf_Addr base,
                    char **ret_name, Elf **ret_elf)
{
    (void)module, (void)user, (void)base, (void)ret_elf;
    if (name[0] != '/')
        return -1;
    int fd = open_regular(name);
    if (fd >= 0)
        *ret_name = strdup(name);
    return fd;
}

/* Debugging information in the file itself is all that is looked at. */
static int find_no_debuginfo(Dwfl_Module *module, void **user, const char *name, Dwarf_Addr base,
                             const char *file, const char *link, GElf_Word checksum,
                             char **ret_name)
{
    (void)module, (void)user, (void)name, (void)base, (void)file, (void)link, (void)checksum;
    (void)ret_name;
    return -1;
}

static const Dwfl_Callbacks callbacks = {.find_elf = find_elf, .find_debuginfo = find_no_debuginfo};

struct sn_symbols *sn_symbols_open(const char *maps)
{
    struct sn_symbols *symbols = malloc(sizeof *symbols);
    FILE *stream = *maps != '\0' ? fmemopen((char *)maps, strlen(maps), "r") : NULL;

    if (symbols != NULL)
        symbols->dwfl = dwfl_begin(&callbacks);
    if (stream == NULL || symbols == NULL || symbols->dwfl == NULL ||
        dwfl_linux_proc_maps_report(symbols->dwfl, stream) != 0 ||
        dwfl_report_end(symbols->dwfl, NULL, NULL) != 0) {
        sn_symbols_close(symbols);
        symbols = NULL;
    }
    if (stream != NULL)
        fclose(stream);
    return symbols;
}

void sn_symbols_close(struct sn_symbols *symbols)
{
    if (symbols == NULL)
        return;
    if (symbols->dwfl != NULL)
        dwfl_end(symbols->dwfl);
    free(symbols);
}

static size_t put_line(Dwfl_Module *module, uint64_t address, char *text, size_t size)
{
    Dwfl_Line *line = dwfl_module_getsrc(module, address);
    int number = 0;
    const char *file = line != NULL ? dwfl_lineinfo(line, NULL, &number, NULL, NULL, NULL) : NULL;

    return file != NULL ? (size_t)snprintf(text, size, " (%s:%d)", file, number) : 0;
}

void sn_symbols_name(struct sn_symbols *symbols, uint64_t address, char *text, size_t size)
{
    Dwfl_Module *module = symbols != NULL ? dwfl_addrmodule(symbols->dwfl, address) : NULL;
    GElf_Off offset = 0;
    GElf_Sym symbol;

    *text = '\0';
    if (module == NULL)
        return;
    const char *name = dwfl_module_addrinfo(module, address, &offset, &symbol, NULL, NULL, NULL);
    size_t used = name != NULL
                      ? (size_t)snprintf(text, size, "%s+0x%llx", name, (unsigned long long)offset)
                      : 0;
    if (used < size)
        put_line(module, address, text + used, size - used);
}
