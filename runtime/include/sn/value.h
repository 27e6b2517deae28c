/* SPDX-License-Identifier: MIT */
#ifndef SN_VALUE_H
#define SN_VALUE_H

/*
 * The values that messages and state are made of. Views (strings, bytes, lists) do not own what
 * they point to: a view in a received message lives until the handler returns, a view passed to
 * a send is copied before the send returns.
 */

#include <sn/result.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Durations and time stamps are nanoseconds. */
#define SN_US UINT64_C(1000)
#define SN_MS UINT64_C(1000000)
#define SN_SECOND UINT64_C(1000000000)
#define SN_MINUTE (60 * SN_SECOND)
#define SN_HOUR (60 * SN_MINUTE)
/* As a time-out: wait for ever. */
#define SN_FOREVER UINT64_MAX

/* Text: `size` bytes without a NUL among them, and one NUL behind the end. */
struct sn_string {
    const char *data;
    size_t size;
};

/* Any bytes. */
struct sn_bytes {
    const uint8_t *data;
    size_t size;
};

/* An actor: shard (10 bits), slot (22), generation (32). The zero reference names nobody. A
 * reference survives restarts; once its actor has stopped for good it never names another. */
typedef struct {
    uint64_t value;
} sn_ref;

/* Where the reply to one request goes. The zero token has nobody waiting. */
typedef struct {
    uint64_t value;
} sn_reply_token;

/**
 * A view of a C string.
 *
 * @text  a NUL-terminated string; NULL gives the empty string.
 *
 * Owns   nothing: the view lives as long as the text.
 */
static inline struct sn_string sn_string(const char *text)
{
    struct sn_string view = {text != NULL ? text : "", text != NULL ? strlen(text) : 0};

    return view;
}

/**
 * A view of part of a text.
 *
 * @data  `size` bytes without a NUL; need not be terminated when it is only sent.
 *
 * Owns   nothing.
 */
static inline struct sn_string sn_string_of(const char *data, size_t size)
{
    struct sn_string view = {data, size};

    return view;
}

/**
 * A view of bytes.
 *
 * @data  `size` bytes, NULL only when size is 0.
 *
 * Owns   nothing.
 */
static inline struct sn_bytes sn_bytes_of(const uint8_t *data, size_t size)
{
    struct sn_bytes view = {data, size};

    return view;
}

/** Whether two texts are the same bytes. */
static inline bool sn_string_equal(struct sn_string left, struct sn_string right)
{
    return left.size == right.size &&
           (left.size == 0 || memcmp(left.data, right.data, left.size) == 0);
}

/** Whether a text is the given C string. */
static inline bool sn_string_is(struct sn_string text, const char *expected)
{
    return sn_string_equal(text, sn_string(expected));
}

/** Whether two references name the same actor. */
static inline bool sn_ref_equal(sn_ref left, sn_ref right)
{
    return left.value == right.value;
}

/** Whether a reference names anybody at all (it may have stopped since). */
static inline bool sn_ref_is_set(sn_ref ref)
{
    return ref.value != 0;
}

/**
 * The next number of a splitmix64 sequence (Steele, Lea, Flood 2014): for tests and examples
 * that want their own repeatable numbers outside an actor.
 *
 * @state  any 64-bit seed; advanced by the call.
 */
SN_API uint64_t sn_random_next(uint64_t *state);

#ifdef __cplusplus
}
#endif
#endif
