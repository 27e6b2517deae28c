/* SPDX-License-Identifier: MIT */

/*
 * The documents of the YAML test suite, where they are at hand (SUITE_FOLDER):
 * none may crash or hang the reader, and what is no YAML must be refused. (What
 * is valid YAML may be refused too: we take a part of YAML only.)
 */

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "yaml/yaml.h"

/* Parses one file; returns the number of errors. */
static size_t parse(const char *folder, const char *name)
{
    struct sn_arena *arena = sn_arena_create();
    struct sn_diags *diags = sn_diags_create(arena);
    const char *path = sn_arena_printf(arena, "%s/%s", folder, name), *text;
    struct sn_buffer out = {0};
    size_t size, errors;

    ck_assert_int_eq(sn_file_read(arena, path, SN_YAML_FILE_MAX_BYTES, &text, &size), 0);
    sn_diags_add_source(diags, path, text, size);
    if (sn_yaml_parse(arena, diags, path, text, size) == NULL)
        ck_assert_uint_gt(sn_diags_errors(diags), 0);
    sn_diags_finish(diags);
    sn_diags_write_text(diags, &out);
    errors = sn_diags_errors(diags);
    sn_buffer_fini(&out);
    sn_arena_destroy(arena);
    return errors;
}

static void parse_folder(const char *folder, int must_fail, unsigned least)
{
    DIR *entries = opendir(folder);
    struct dirent *entry;
    unsigned count = 0;

    if (entries == NULL) {
        printf("%s is not here: skipped\n", folder);
        return;
    }
    while ((entry = readdir(entries)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        count++;
        ck_assert_msg(parse(folder, entry->d_name) > 0 || !must_fail, "%s is accepted",
                      entry->d_name);
    }
    closedir(entries);
    ck_assert_uint_ge(count, least);
}

START_TEST(invalid_documents_are_refused)
{
    parse_folder(SUITE_FOLDER "/invalid", 1, 94);
}
END_TEST

START_TEST(valid_documents_do_no_harm)
{
    parse_folder(SUITE_FOLDER "/valid", 0, 300);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sngen/yaml");
    TCase *tests = tcase_create("suite");
    SRunner *runner = srunner_create(suite);

    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, invalid_documents_are_refused);
    tcase_add_test(tests, valid_documents_do_no_harm);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
