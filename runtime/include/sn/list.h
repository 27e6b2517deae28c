/* SPDX-License-Identifier: MIT */
#ifndef SN_LIST_H
#define SN_LIST_H

/*
 * Lists and optional values of the scalar types, shared by all packages; generated headers include
 * this one when a schema says `list(N) of u64` or `u64?`. Lists of a package's own types stand in
 * its header and look the same.
 *
 * A list is a view: it does not own its items. The items of a received list live as long as its
 * message. The value of an optional has no meaning unless `present` is true.
 */

#include <sn/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- lists ---------------------------------------------------------------------------- */

/* list(N) of bool */
struct sn_bool_list {
    const bool *items;
    size_t count;
};

/* list(N) of i8 */
struct sn_i8_list {
    const int8_t *items;
    size_t count;
};

/* list(N) of i16 */
struct sn_i16_list {
    const int16_t *items;
    size_t count;
};

/* list(N) of i32 */
struct sn_i32_list {
    const int32_t *items;
    size_t count;
};

/* list(N) of i64 */
struct sn_i64_list {
    const int64_t *items;
    size_t count;
};

/* list(N) of u8 */
struct sn_u8_list {
    const uint8_t *items;
    size_t count;
};

/* list(N) of u16 */
struct sn_u16_list {
    const uint16_t *items;
    size_t count;
};

/* list(N) of u32 */
struct sn_u32_list {
    const uint32_t *items;
    size_t count;
};

/* list(N) of u64, duration or timestamp */
struct sn_u64_list {
    const uint64_t *items;
    size_t count;
};

/* list(N) of f32 */
struct sn_f32_list {
    const float *items;
    size_t count;
};

/* list(N) of f64 */
struct sn_f64_list {
    const double *items;
    size_t count;
};

/* list(N) of string(N) */
struct sn_string_list {
    const struct sn_string *items;
    size_t count;
};

/* list(N) of bytes(N) */
struct sn_bytes_list {
    const struct sn_bytes *items;
    size_t count;
};

/* ---- optional values -------------------------------------------------------------------- */

/* bool? */
struct sn_bool_optional {
    bool present;
    bool value;
};

/* i8? */
struct sn_i8_optional {
    bool present;
    int8_t value;
};

/* i16? */
struct sn_i16_optional {
    bool present;
    int16_t value;
};

/* i32? */
struct sn_i32_optional {
    bool present;
    int32_t value;
};

/* i64? */
struct sn_i64_optional {
    bool present;
    int64_t value;
};

/* u8? */
struct sn_u8_optional {
    bool present;
    uint8_t value;
};

/* u16? */
struct sn_u16_optional {
    bool present;
    uint16_t value;
};

/* u32? */
struct sn_u32_optional {
    bool present;
    uint32_t value;
};

/* u64?, duration?, timestamp? */
struct sn_u64_optional {
    bool present;
    uint64_t value;
};

/* f32? */
struct sn_f32_optional {
    bool present;
    float value;
};

/* f64? */
struct sn_f64_optional {
    bool present;
    double value;
};

/* string(N)? */
struct sn_string_optional {
    bool present;
    struct sn_string value;
};

/* bytes(N)? */
struct sn_bytes_optional {
    bool present;
    struct sn_bytes value;
};

#ifdef __cplusplus
}
#endif
#endif
