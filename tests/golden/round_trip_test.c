/* SPDX-License-Identifier: MIT */
/*
 * Every type travels: from a thread outside and from an actor, to an actor beside it and to one
 * on another shard, as a message and as a reply; empty, half full, at its limits and one past.
 * And every kind of member keeps what its setter was given.
 */
#include "travel_case.h"

#include <check.h>
#include <stdlib.h>

enum {
    SPOIL_REPLY = 0x100, /* added to a number: the mirror answers with that case */
    GARBAGE = 0xa5,
};

/* ---- the mirror ----------------------------------------------------------------------------- */

/* Answer with the case; if that is refused, as it should be, refuse the request with the reason. */
static int answer(struct travel_mirror *self, travel_echo_reply_to to, enum case_number number)
{
    struct travel_case value;
    struct travel_echo_reply reply;
    int rc;

    travel_case_make(&value, number);
    reply.all = value.all;
    rc = travel_mirror_reply_echo(self, to, &reply);
    memset(&value, GARBAGE, sizeof value);
    return rc == 0 ? 0 : travel_mirror_refuse_echo(self, to, rc);
}

int travel_mirror_on_echo(struct travel_mirror *self, const struct travel_echo *message,
                          travel_echo_reply_to to)
{
    bool spoils = (message->number & SPOIL_REPLY) != 0;
    enum case_number number = (enum case_number)(message->number & ~(uint32_t)SPOIL_REPLY);

    if (!travel_case_is(&message->all, spoils ? CASE_FULL : number))
        return travel_mirror_refuse_echo(self, to, -1);
    return answer(self, to, number);
}

int travel_mirror_on_bounded(struct travel_mirror *self, const struct travel_bounded *message,
                             travel_bounded_reply_to to)
{
    struct travel_bounded_reply reply = {.size = message->blob.size};

    return travel_mirror_reply_bounded(self, to, &reply);
}

int travel_mirror_on_one_way(struct travel_mirror *self, const struct travel_one_way *message)
{
    if (travel_case_is(&message->all, (enum case_number)message->number))
        self->right++;
    else
        self->wrong++;
    return 0;
}

int travel_mirror_on_received(struct travel_mirror *self, travel_received_reply_to to)
{
    struct travel_received_reply reply = {.right = self->right, .wrong = self->wrong};

    return travel_mirror_reply_received(self, to, &reply);
}

/* ---- the driver ----------------------------------------------------------------------------- */

static int ask(struct travel_driver *self, const struct travel_drive *message,
               const struct travel_echo *echo, travel_drive_reply_to to)
{
    char note[] = "context";
    struct travel_driver_near near = {to, message->number, sn_string(note)};
    struct travel_driver_far far = {to, message->number, sn_string(note)};
    int rc = message->far ? travel_driver_ask_far(self, echo, &far)
                          : travel_driver_ask_near(self, echo, &near);

    memset(note, GARBAGE, sizeof note);
    return rc;
}

static int send(struct travel_driver *self, bool far, const struct travel_echo *echo)
{
    struct travel_one_way message = {.number = echo->number, .all = echo->all};

    return far ? travel_driver_send_far_one_way(self, &message)
               : travel_driver_send_near_one_way(self, &message);
}

int travel_driver_on_drive(struct travel_driver *self, const struct travel_drive *message,
                           travel_drive_reply_to to)
{
    struct travel_case value;
    struct travel_echo echo = {.number = message->number};
    int sent, rc;

    travel_case_make(&value, (enum case_number)message->number);
    echo.all = value.all;
    sent = send(self, message->far, &echo);
    rc = ask(self, message, &echo, to);
    memset(&value, GARBAGE, sizeof value);
    if (sent != rc)
        return travel_driver_refuse_drive(self, to, -2);
    return rc == 0 ? 0 : travel_driver_refuse_drive(self, to, rc);
}

static int finish(struct travel_driver *self, travel_drive_reply_to to, uint32_t number,
                  struct sn_string note, const struct travel_echo_reply *reply)
{
    struct travel_drive_reply done = {.outcome = 0};

    if (!sn_string_is(note, "context") || !travel_case_is(&reply->all, (enum case_number)number))
        return travel_driver_refuse_drive(self, to, -3);
    return travel_driver_reply_drive(self, to, &done);
}

int travel_driver_on_near(struct travel_driver *self, const struct travel_driver_near *context,
                          int outcome, const struct travel_echo_reply *reply)
{
    if (outcome != 0)
        return travel_driver_refuse_drive(self, context->to, outcome);
    return finish(self, context->to, context->number, context->note, reply);
}

int travel_driver_on_far(struct travel_driver *self, const struct travel_driver_far *context,
                         int outcome, const struct travel_echo_reply *reply)
{
    if (outcome != 0)
        return travel_driver_refuse_drive(self, context->to, outcome);
    return finish(self, context->to, context->number, context->note, reply);
}

/* ---- the driver's members ------------------------------------------------------------------- */

/* In a handler a failed ck_assert would end the wrong thread: these give the line instead. */
#define EXPECT(condition)    \
    do {                     \
        if (!(condition))    \
            return __LINE__; \
    } while (0)

static int try_texts(struct travel_driver *self)
{
    char text[] = "abcdefghijklm";

    EXPECT(self->name.size == 0 && self->blob.size == 0);
    EXPECT(travel_driver_set_name(self, sn_string_of(text, 13)) == SN_TOO_LARGE);
    EXPECT(travel_driver_set_name(self, sn_string_of("a\0b", 3)) == SN_INVALID);
    EXPECT(self->name.size == 0);
    EXPECT(travel_driver_set_name(self, sn_string_of(text, 12)) == 0);
    memset(text, GARBAGE, sizeof text);
    EXPECT(sn_string_is(self->name, "abcdefghijkl") && self->name.data[12] == '\0');
    EXPECT(travel_driver_set_name(self, sn_string_of(self->name.data + 2, 10)) == 0);
    EXPECT(sn_string_is(self->name, "cdefghijkl") && self->name.data[10] == '\0');
    EXPECT(travel_driver_set_name(self, sn_string("")) == 0 && self->name.data[0] == '\0');
    EXPECT(travel_driver_set_blob(self, sn_bytes_of((const uint8_t *)"123456789012", 12)) == 0);
    EXPECT(travel_driver_set_blob(self, sn_bytes_of((const uint8_t *)"1234567890123", 13)) ==
           SN_TOO_LARGE);
    EXPECT(self->blob.size == 12 && memcmp(self->blob.data, "123456789012", 12) == 0);
    return 0;
}

static int try_lists(struct travel_driver *self)
{
    uint64_t five[] = {1, 2, 3, 4, 5};
    enum travel_color wrong[] = {TRAVEL_COLOR_RED, (enum travel_color)9};
    struct sn_u64_list rest;

    for (uint64_t i = 0; i < 4; i++)
        EXPECT(travel_driver_numbers_push(self, i) == 0);
    EXPECT(travel_driver_numbers_push(self, 4) == SN_FULL);
    EXPECT(self->numbers.count == 4 && self->numbers.items[3] == 3);
    EXPECT(travel_driver_set_numbers(self, (struct sn_u64_list){five, 5}) == SN_TOO_LARGE);
    EXPECT(travel_driver_set_numbers(self, (struct sn_u64_list){five, 4}) == 0);
    rest = (struct sn_u64_list){self->numbers.items + 1, 3};
    EXPECT(travel_driver_set_numbers(self, rest) == 0);
    EXPECT(self->numbers.count == 3 && self->numbers.items[0] == 2 && self->numbers.items[2] == 4);
    travel_driver_numbers_clear(self);
    EXPECT(self->numbers.count == 0 && travel_driver_numbers_push(self, 7) == 0);
    EXPECT(self->numbers.items[0] == 7);
    EXPECT(travel_driver_colors_push(self, TRAVEL_COLOR_BLUE) == 0);
    EXPECT(travel_driver_colors_push(self, (enum travel_color)3) == SN_INVALID);
    EXPECT(travel_driver_set_colors(self, (struct travel_color_list){wrong, 2}) == SN_INVALID);
    EXPECT(self->colors.count == 1 && self->colors.items[0] == TRAVEL_COLOR_BLUE);
    return 0;
}

static int try_blocks(struct travel_driver *self)
{
    struct travel_case value;
    struct sn_string large = {calloc(1, 8193), 8193};

    travel_case_make(&value, CASE_FULL);
    EXPECT(large.data != NULL);
    memset((char *)large.data, 'x', large.size);
    EXPECT(travel_driver_set_large(self, large) == SN_TOO_LARGE && self->large.size == 0);
    large.size = 8192;
    EXPECT(travel_driver_set_large(self, large) == 0 && sn_string_equal(self->large, large));
    free((char *)large.data);
    large = sn_string_of(self->large.data + 8190, 2);
    EXPECT(travel_driver_set_large(self, large) == 0 && sn_string_is(self->large, "xx"));
    EXPECT(travel_driver_set_tag(self, &value.tags[0]) == 0);
    EXPECT(travel_driver_set_tags(self, value.all.tags) == 0);
    EXPECT(travel_driver_set_pair(self, value.all.pair) == 0);
    EXPECT(travel_driver_set_maybe(self, value.all.maybe_text) == SN_TOO_LARGE);
    value.all.maybe_text.value.size = 6;
    EXPECT(travel_driver_set_maybe(self, value.all.maybe_text) == 0);
    value.all.pair[1].color = (enum travel_color)3;
    EXPECT(travel_driver_set_pair(self, value.all.pair) == SN_INVALID);
    value.all.tags.count = 3;
    EXPECT(travel_driver_set_tags(self, value.all.tags) == SN_TOO_LARGE);
    memset(&value, GARBAGE, sizeof value);
    EXPECT(sn_string_is(self->tag.text, "abcdefgh") && self->tag.color == TRAVEL_COLOR_BLUE);
    EXPECT(self->tags.count == 2 && sn_string_is(self->tags.items[1].text, "abcdefg"));
    EXPECT(sn_string_is(self->pair[0].text, "abcdefg") && self->pair[1].text.size == 8);
    EXPECT(self->maybe.present && sn_string_is(self->maybe.value, "abcdef"));
    EXPECT(travel_driver_set_maybe(self, (struct sn_string_optional){.present = false}) == 0);
    EXPECT(!self->maybe.present);
    return 0;
}

static int try_retained(struct travel_driver *self)
{
    EXPECT(travel_driver_set_note(self, sn_string("0123456789a")) == SN_TOO_LARGE);
    EXPECT(travel_driver_set_note(self, sn_string("0123456789")) == 0);
    EXPECT(sn_string_is(self->note, "0123456789"));
    for (int16_t i = 0; i < 3; i++)
        EXPECT(travel_driver_last_push(self, i) == 0);
    EXPECT(travel_driver_last_push(self, 3) == SN_FULL && self->last.items[2] == 2);
    return 0;
}

int travel_driver_on_members(struct travel_driver *self, travel_members_reply_to to)
{
    int line = try_texts(self);
    struct travel_members_reply reply;

    if (line == 0)
        line = try_lists(self);
    if (line == 0)
        line = try_blocks(self);
    if (line == 0)
        line = try_retained(self);
    reply.failed_line = (uint32_t)line;
    return travel_driver_reply_members(self, to, &reply);
}

/* ---- the tests ------------------------------------------------------------------------------ */

static struct travel *start(void)
{
    struct travel_options options = {.system = {.shards = 2}};
    struct travel *app;

    ck_assert_int_eq(travel_start(&options, &app), 0);
    return app;
}

static int call_echo(struct travel *app, bool far, const struct travel_echo *echo,
                     struct travel_echo_reply *ret_reply)
{
    return far ? travel_call_far_echo(app, echo, ret_reply)
               : travel_call_near_echo(app, echo, ret_reply);
}

START_TEST(from_outside)
{
    struct travel *app = start();

    for (int i = 0; i < 2 * CASES; i++) {
        enum case_number number = (enum case_number)(i / 2);
        struct travel_case value;
        struct travel_echo echo = {.number = number};
        struct travel_echo_reply reply;

        travel_case_make(&value, number);
        echo.all = value.all;
        ck_assert_int_eq(call_echo(app, i % 2 == 1, &echo, &reply), travel_case_result(number));
        if (number < CASE_RIGHT)
            ck_assert(travel_case_is(&reply.all, number));
    }
    ck_assert_int_eq(travel_stop(app), 0);
}
END_TEST

START_TEST(from_an_actor)
{
    struct travel *app = start();
    struct travel_received_reply near, far;

    for (int i = 0; i < 2 * CASES; i++) {
        enum case_number number = (enum case_number)(i / 2);
        struct travel_drive drive = {.number = number, .far = i % 2 == 1};
        struct travel_drive_reply reply;

        ck_assert_int_eq(travel_call_driver_drive(app, &drive, &reply), travel_case_result(number));
    }
    ck_assert_int_eq(travel_call_near_received(app, &near), 0);
    ck_assert_int_eq(travel_call_far_received(app, &far), 0);
    ck_assert_uint_eq(near.right, CASE_RIGHT);
    ck_assert_uint_eq(far.right, CASE_RIGHT);
    ck_assert_uint_eq(near.wrong + far.wrong, 0);
    ck_assert_int_eq(travel_stop(app), 0);
}
END_TEST

START_TEST(replies_past_a_limit)
{
    struct travel *app = start();
    struct travel_case value;

    travel_case_make(&value, CASE_FULL);
    for (int i = 2 * CASE_RIGHT; i < 2 * CASES; i++) {
        enum case_number number = (enum case_number)(i / 2);
        struct travel_echo echo = {.number = SPOIL_REPLY + (uint32_t)number, .all = value.all};
        struct travel_echo_reply reply;

        ck_assert_int_eq(call_echo(app, i % 2 == 1, &echo, &reply), travel_case_result(number));
    }
    ck_assert_int_eq(travel_stop(app), 0);
}
END_TEST

/* `limit: 512` is of the whole payload: the struct with one view, and its bytes. */
START_TEST(whole_message_past_its_limit)
{
    struct travel *app = start();
    uint8_t bytes[512] = {1};
    struct travel_bounded message = {.blob = {bytes, 512 - sizeof message}};
    struct travel_bounded_reply reply;

    ck_assert_int_eq(travel_call_near_bounded(app, &message, &reply), 0);
    ck_assert_uint_eq(reply.size, message.blob.size);
    message.blob.size++;
    ck_assert_int_eq(travel_call_near_bounded(app, &message, &reply), SN_TOO_LARGE);
    ck_assert_int_eq(travel_stop(app), 0);
}
END_TEST

START_TEST(members)
{
    struct travel *app = start();
    struct travel_members_reply reply;

    ck_assert_int_eq(travel_call_driver_members(app, &reply), 0);
    ck_assert_uint_eq(reply.failed_line, 0);
    ck_assert_int_eq(travel_stop(app), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("round_trip");
    TCase *tests = tcase_create("types");
    SRunner *runner = srunner_create(suite);
    int failed;

    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, from_outside);
    tcase_add_test(tests, from_an_actor);
    tcase_add_test(tests, replies_past_a_limit);
    tcase_add_test(tests, whole_message_past_its_limit);
    tcase_add_test(tests, members);
    suite_add_tcase(suite, tests);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
