/* SPDX-License-Identifier: MIT */

/*
 * The partition map against golden.txt, which another program computed.
 */

#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "partition/partition.h"

struct golden_line {
    char kind[24];
    uint32_t members;
    uint32_t virtual_nodes;
    char type[8];
    char key[80];
    uint64_t expected;
};

static uint64_t digest(const struct sn_partition *partition, uint64_t keys)
{
    uint64_t sum = 0;

    for (uint64_t key = 0; key < keys; key++)
        sum = 31 * sum + sn_partition_of_u64(partition, key);
    return sum;
}

static uint64_t evaluate(const struct golden_line *line, const struct sn_partition *partition)
{
    if (strcmp(line->type, "u64") == 0)
        return sn_partition_of_u64(partition, strtoull(line->key, NULL, 10));
    if (strcmp(line->type, "i64") == 0)
        return sn_partition_of_i64(partition, strtoll(line->key, NULL, 10));
    if (strcmp(line->type, "digest") == 0)
        return digest(partition, strtoull(line->key, NULL, 10));
    ck_assert_str_eq(line->type, "bytes");
    /* Without the quotation marks. */
    return sn_partition_of_bytes(partition, line->key + 1, strlen(line->key) - 2);
}

static void check_line(const struct golden_line *line, const char *text)
{
    struct sn_partition_options options = {
        .kind = SN_PARTITION_HASH, .members = line->members, .virtual_nodes = line->virtual_nodes};
    struct sn_partition *partition = NULL;

    if (strcmp(line->kind, "consistent_hash") == 0)
        options.kind = SN_PARTITION_CONSISTENT_HASH;
    else
        ck_assert_str_eq(line->kind, "hash");
    ck_assert_int_eq(sn_partition_create(&sn_allocator_system, &options, &partition), 0);
    uint64_t got = evaluate(line, partition);

    sn_partition_destroy(partition);
    ck_assert_msg(got == line->expected, "got %" PRIu64 " for %s", got, text);
}

START_TEST(map_is_as_it_was)
{
    FILE *file = fopen(GOLDEN_FILE, "r");
    char text[200];
    int lines = 0;

    ck_assert_ptr_nonnull(file);
    while (fgets(text, sizeof(text), file) != NULL) {
        struct golden_line line;

        if (text[0] == '#')
            continue;
        ck_assert_msg(sscanf(text, "%23s %" SCNu32 " %" SCNu32 " %7s %79s %" SCNu64, line.kind,
                             &line.members, &line.virtual_nodes, line.type, line.key,
                             &line.expected) == 6,
                      "not a line: %s", text);
        check_line(&line, text);
        lines++;
    }
    fclose(file);
    ck_assert_int_eq(lines, 320);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("partition");
    TCase *tcase = tcase_create("golden");

    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, map_is_as_it_was);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);

    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
