/* SPDX-License-Identifier: MIT */

/*
 * The hash is a wire format. The expected values were computed by libxxhash's
 * shared library (version 0.8.1, reached from another language), not by the
 * code under test.
 */

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "hash/hash.h"

struct bytes_vector {
    size_t size_bytes;
    uint64_t hash;
};

/* Byte i of the input is (7 * i + 1) modulo 256; one size a code path of XXH3 and its borders. */
static const struct bytes_vector bytes_vectors[] = {
    {0, UINT64_C(0x61f324da44eb9945)},    {1, UINT64_C(0x0982d9cae5e03123)},
    {3, UINT64_C(0xd38882c9f4a82ddf)},    {4, UINT64_C(0x498fb496c3a46aff)},
    {8, UINT64_C(0xdef8b92328f45384)},    {9, UINT64_C(0xebbc847bc6c92b38)},
    {16, UINT64_C(0xad36812dbfb08c2a)},   {17, UINT64_C(0x39e249c8b3060e65)},
    {64, UINT64_C(0x50262aac8d3522fc)},   {128, UINT64_C(0x6488da8ee064cc76)},
    {129, UINT64_C(0x4c58bd16afb13fb5)},  {240, UINT64_C(0x29589e02a831ed54)},
    {241, UINT64_C(0x695f444f8b094812)},  {1000, UINT64_C(0x42dd938bf0300853)},
    {4096, UINT64_C(0xe4fa10295d5f47eb)},
};

struct u64_vector {
    uint64_t value;
    uint64_t hash;
};

static const struct u64_vector u64_vectors[] = {
    {UINT64_C(0x0), UINT64_C(0x2f461115b493bad8)},
    {UINT64_C(0x1), UINT64_C(0x370b7147dbb9e8fc)},
    {UINT64_C(0x2), UINT64_C(0x156da24079ab8315)},
    {UINT64_C(0xff), UINT64_C(0x5797dcc6b486c1a2)},
    {UINT64_C(0x100), UINT64_C(0x2cc3cf193695da1b)},
    {UINT64_C(0x7fffffff), UINT64_C(0x08c8f8f02665e62f)},
    {UINT64_C(0xffffffff), UINT64_C(0xdaeb5d026cd27f23)},
    {UINT64_C(0x7fffffffffffffff), UINT64_C(0xe47dd52891d9c6bc)},
    {UINT64_C(0x8000000000000000), UINT64_C(0x5986819c8a4bb4e0)},
    {UINT64_C(0xffffffffffffffff), UINT64_C(0x0f7c7b12c59b4a52)},
    {UINT64_C(0x0102030405060708), UINT64_C(0xcc4b2e4b8af812ee)},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

START_TEST(bytes_match_golden_vectors)
{
    const struct bytes_vector *vector = &bytes_vectors[_i];
    unsigned char input[4096];

    for (size_t i = 0; i < sizeof(input); i++)
        input[i] = (unsigned char)(7 * i + 1);
    ck_assert_uint_eq(sn_hash_bytes(input, vector->size_bytes), vector->hash);
}
END_TEST

START_TEST(integers_match_golden_vectors)
{
    ck_assert_uint_eq(sn_hash_u64(u64_vectors[_i].value), u64_vectors[_i].hash);
}
END_TEST

START_TEST(words_match_golden_vectors)
{
    ck_assert_uint_eq(sn_hash_bytes("the", 3), UINT64_C(0xdc56785d0b4eb3f5));
    ck_assert_uint_eq(sn_hash_bytes("account-17", 10), UINT64_C(0xc0b7c3f40cc36970));
}
END_TEST

START_TEST(no_bytes_need_no_memory)
{
    ck_assert_uint_eq(sn_hash_bytes(NULL, 0), bytes_vectors[0].hash);
}
END_TEST

/* A key taken out of a message may stand anywhere in it. */
START_TEST(alignment_does_not_matter)
{
    unsigned char buffer[300];

    for (size_t offset = 0; offset < 16; offset++) {
        for (size_t i = 0; i < 241; i++)
            buffer[offset + i] = (unsigned char)(7 * i + 1);
        ck_assert_uint_eq(sn_hash_bytes(buffer + offset, 16), UINT64_C(0xad36812dbfb08c2a));
        ck_assert_uint_eq(sn_hash_bytes(buffer + offset, 241), UINT64_C(0x695f444f8b094812));
    }
}
END_TEST

START_TEST(integers_hash_as_their_little_endian_bytes)
{
    for (size_t i = 0; i < COUNT(u64_vectors); i++) {
        unsigned char bytes[8];

        for (int b = 0; b < 8; b++)
            bytes[b] = (unsigned char)(u64_vectors[i].value >> (8 * b));
        ck_assert_uint_eq(sn_hash_bytes(bytes, sizeof(bytes)), u64_vectors[i].hash);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("hash");
    TCase *tcase = tcase_create("golden");

    tcase_add_loop_test(tcase, bytes_match_golden_vectors, 0, (int)COUNT(bytes_vectors));
    tcase_add_loop_test(tcase, integers_match_golden_vectors, 0, (int)COUNT(u64_vectors));
    tcase_add_test(tcase, words_match_golden_vectors);
    tcase_add_test(tcase, no_bytes_need_no_memory);
    tcase_add_test(tcase, alignment_does_not_matter);
    tcase_add_test(tcase, integers_hash_as_their_little_endian_bytes);
    suite_add_tcase(suite, tcase);

    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);

    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
