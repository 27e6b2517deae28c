/* SPDX-License-Identifier: MIT */
/*
 * The corpus once more, in any build and without the fuzzer: usage: replay FOLDER
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILE_MAX_BYTES = 1 << 16, PATH_BYTES = 4096 };

/* Nothing behind the data, so that a sanitizer sees who reads on. */
static int replay(const char *path)
{
    static uint8_t bytes[FILE_MAX_BYTES];
    FILE *file = fopen(path, "rb");
    uint8_t *data;
    size_t size;

    if (file == NULL)
        return -1;
    size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    data = malloc(size > 0 ? size : 1);
    if (data == NULL)
        return -1;
    for (size_t i = 0; i < size; i++)
        data[i] = bytes[i];
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 0;
}

int main(int argc, char **argv)
{
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
    const struct dirent *entry;
    int count = 0, bad = 0;
    char path[PATH_BYTES];

    if (folder == NULL)
        return EXIT_FAILURE;
    while ((entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
        bad += replay(path) != 0;
        count++;
    }
    closedir(folder);
    printf("%d files, %d that could not be read\n", count, bad);
    return count > 100 && bad == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
