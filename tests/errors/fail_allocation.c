/* SPDX-License-Identifier: MIT */
/*
 * Loaded before a program by LD_PRELOAD: its allocation number SN_FAIL_ALLOCATION (from 1) fails,
 * whoever asks for it. When there was no such allocation, the file SN_FAIL_UNUSED is made at the
 * end, so that the test knows when to stop.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static atomic_long left;

__attribute__((constructor)) static void begin(void)
{
    const char *number = getenv("SN_FAIL_ALLOCATION");

    atomic_store(&left, number != NULL ? strtol(number, NULL, 10) : 0);
}

__attribute__((destructor)) static void end(void)
{
    const char *file = getenv("SN_FAIL_UNUSED");

    if (file != NULL && atomic_load(&left) > 0) {
        int descriptor = open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

        if (descriptor >= 0)
            close(descriptor);
    }
}

static int fails(void)
{
    if (atomic_fetch_sub(&left, 1) != 1)
        return 0;
    errno = ENOMEM;
    return 1;
}

/* The C library's own, under the names that it exports for those who replace malloc(). */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    return fails() ? NULL : __libc_realloc(memory, size);
}
