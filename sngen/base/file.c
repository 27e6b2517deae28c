/* SPDX-License-Identifier: MIT */
/* POSIX reading and writing; errors are negative errno and nothing is printed. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_all(struct sn_arena *arena, int fd, size_t most, const char **ret_text,
                    size_t *ret_size)
{
    size_t capacity = 16384, size = 0;
    char *text = malloc(capacity);
    int rc = text == NULL ? -ENOMEM : 0;

    while (rc == 0 && size <= most) {
        ssize_t got = read(fd, text + size, capacity - size - 1);

        if (got == 0)
            break;
        if (got < 0 && errno != EINTR)
            rc = -errno;
        size += got > 0 ? (size_t)got : 0;
        if (rc == 0 && size == capacity - 1) {
            char *bigger = realloc(text, capacity *= 2);

            rc = bigger == NULL ? -ENOMEM : 0;
            text = bigger != NULL ? bigger : text;
        }
    }
    if (rc == 0) {
        *ret_text = sn_arena_text(arena, text, size);
        *ret_size = size;
    }
    free(text);
    return rc == 0 && sn_arena_failed(arena) ? -ENOMEM : rc;
}

int sn_file_read(struct sn_arena *arena, const char *path, size_t most, const char **ret_text,
                 size_t *ret_size)
{
    bool standard = strcmp(path, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    int rc;

    if (fd < 0)
        return -errno;
    rc = read_all(arena, fd, most, ret_text, ret_size);
    if (!standard)
        close(fd);
    if (rc == -ENOMEM)
        sn_arena_fail(arena);
    return rc;
}

static bool has_bytes(struct sn_arena *arena, const char *path, const char *text, size_t size_bytes)
{
    const char *old = "";
    size_t size = 0;

    return sn_file_read(arena, path, size_bytes, &old, &size) == 0 && size == size_bytes &&
           memcmp(old, text, size) == 0;
}

static int make_folders(struct sn_arena *arena, const char *path)
{
    for (const char *at = strchr(path + 1, '/'); at != NULL; at = strchr(at + 1, '/')) {
        const char *folder = sn_arena_text(arena, path, (size_t)(at - path));

        if (*folder == '\0')
            return -ENOMEM;
        if (mkdir(folder, 0777) != 0 && errno != EEXIST)
            return -errno;
    }
    return 0;
}

static int write_all(int fd, const char *text, size_t size)
{
    while (size > 0) {
        ssize_t put = write(fd, text, size);

        if (put < 0 && errno != EINTR)
            return -errno;
        text += put > 0 ? put : 0;
        size -= put > 0 ? (size_t)put : 0;
    }
    return 0;
}

static int open_new(struct sn_arena *arena, const char *path)
{
    const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
    int fd = open(path, flags, 0666), rc;

    if (fd >= 0 || errno != ENOENT)
        return fd >= 0 ? fd : -errno;
    rc = make_folders(arena, path);
    if (rc != 0)
        return rc;
    fd = open(path, flags, 0666);
    return fd >= 0 ? fd : -errno;
}

int sn_file_write(struct sn_arena *arena, const char *path, const char *text, size_t size_bytes,
                  bool *ret_changed)
{
    const char *temporary = sn_arena_printf(arena, "%s.%ld.tmp", path, (long)getpid());
    bool changed = !has_bytes(arena, path, text, size_bytes);
    int rc, fd;

    if (ret_changed != NULL)
        *ret_changed = changed;
    if (!changed)
        return 0;
    if (*temporary == '\0')
        return -ENOMEM;
    fd = open_new(arena, temporary);
    if (fd < 0)
        return fd;
    rc = write_all(fd, text, size_bytes);
    if (close(fd) != 0 && rc == 0)
        rc = -errno;
    if (rc == 0 && rename(temporary, path) != 0)
        rc = -errno;
    if (rc != 0)
        unlink(temporary);
    return rc;
}

const char *sn_file_folder(struct sn_arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? sn_arena_text(arena, path, (size_t)(slash + 1 - path)) : "";
}
