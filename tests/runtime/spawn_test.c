/* SPDX-License-Identifier: MIT */
/*
 * Members made at run time: by handlers and from outside, their bound, their ends, and that a
 * reference to one that is gone never names another.
 */
#include "lobby.h"
#include "lobby_clerk.h"
#include "lobby_door.h"
#include "lobby_early.h"
#include "lobby_guest.h"
#include "lobby_mate.h"
#include "support.h"

#include <errno.h>
#include <string.h>

static struct journal heard, letters, downs, logs;
static _Atomic(uint32_t) inits, ends, beats, weathers;
static _Atomic(int) last_end;

/* ---- workers -------------------------------------------------------------------------------- */

int lobby_early_init(struct lobby_early *self)
{
    lobby_guest_ref ref;
    const struct lobby_guest_args args = {.number = 1};

    /* The pool comes later in the tree. */
    self->outcome = lobby_early_spawn_guests(self, &args, &ref);
    return 0;
}

int lobby_early_on_early_outcome(struct lobby_early *self, lobby_early_outcome_reply_to to)
{
    return lobby_early_reply_early_outcome(self, to,
                                           &(struct lobby_early_outcome_reply){self->outcome});
}

int lobby_door_on_invite(struct lobby_door *self, const struct lobby_invite *message,
                         lobby_invite_reply_to to)
{
    struct lobby_guest_args args = {message->number, message->name, message->plan};
    struct lobby_invite_reply reply = {{{0}}};
    int rc = lobby_door_spawn_guests(self, &args, &reply.guest);

    if (rc == 0)
        rc = lobby_door_watch_guests(self, reply.guest);
    for (uint32_t i = 0; rc == 0 && i < message->count; i++)
        rc = lobby_door_send_guests_hello(self, reply.guest, &(struct lobby_hello){i, 1});
    if (rc == 0)
        return lobby_door_reply_invite(self, to, &reply);
    return rc > 0 ? lobby_door_refuse_invite(self, to, rc) : rc;
}

/* What it made and sent has never happened, and the reference names nobody. */
int lobby_door_on_spoil(struct lobby_door *self, const struct lobby_spoil *message)
{
    struct lobby_guest_args args = {.number = message->number, .name = sn_string("nobody")};
    lobby_guest_ref refs[3];

    for (int i = 0; i < 3; i++) {
        int rc = lobby_door_spawn_guests(self, &args, &refs[i]);

        for (uint32_t k = 0; rc == 0 && k < 5; k++)
            rc = lobby_door_send_guests_hello(self, refs[i], &(struct lobby_hello){k, 2});
        if (rc == 0 && i == 1)
            rc = lobby_door_stop_guests(self, refs[i]);
        if (rc != 0)
            return rc;
    }
    return -EIO;
}

int lobby_door_on_visit(struct lobby_door *self, const struct lobby_visit *message,
                        lobby_visit_reply_to to)
{
    int rc = 0;

    for (uint32_t i = 0; rc == 0 && i < message->count; i++)
        rc = lobby_door_send_guests_hello(self, message->guest, &(struct lobby_hello){i, 3});
    return rc == 0 ? lobby_door_reply_visit(self, to) : lobby_door_refuse_visit(self, to, rc);
}

int lobby_door_on_meet(struct lobby_door *self, const struct lobby_meet *message,
                       lobby_meet_reply_to to)
{
    int rc = lobby_door_watch_guests(self, message->guest);

    return rc == 0 ? lobby_door_reply_meet(self, to) : lobby_door_refuse_meet(self, to, rc);
}

int lobby_door_on_tie(struct lobby_door *self, const struct lobby_tie *message,
                      lobby_tie_reply_to to)
{
    int rc = lobby_door_link_guests(self, message->guest);

    return rc == 0 ? lobby_door_reply_tie(self, to) : lobby_door_refuse_tie(self, to, rc);
}

int lobby_door_on_send_away(struct lobby_door *self, const struct lobby_send_away *message,
                            lobby_send_away_reply_to to)
{
    int rc = lobby_door_stop_guests(self, message->guest);

    return rc == 0 ? lobby_door_reply_send_away(self, to)
                   : lobby_door_refuse_send_away(self, to, rc);
}

int lobby_door_on_quick(struct lobby_door *self, const struct lobby_quick *message)
{
    struct lobby_guest_args args = {.number = message->number, .name = sn_string("quick")};
    lobby_guest_ref ref;
    int rc = lobby_door_spawn_guests(self, &args, &ref);

    if (rc == 0)
        rc = lobby_door_send_guests_hello(self, ref, &(struct lobby_hello){0, 4});
    if (rc == 0)
        rc = lobby_door_stop_guests(self, ref);
    if (rc == 0)
        rc = lobby_door_send_guests_hello(self, ref, &(struct lobby_hello){1, 4});
    return rc;
}

int lobby_door_on_inquire(struct lobby_door *self, const struct lobby_inquire *message,
                          lobby_inquire_reply_to to)
{
    int rc = lobby_door_ask_ask_who(self, message->guest, &(struct lobby_door_ask_who){to});

    return rc > 0 ? lobby_door_refuse_inquire(self, to, rc) : rc;
}

int lobby_door_on_ask_who(struct lobby_door *self, const struct lobby_door_ask_who *context,
                          int outcome, const struct lobby_who_reply *reply)
{
    return lobby_door_reply_inquire(
        self, context->to,
        &(struct lobby_inquire_reply){outcome == 0 ? reply->number : 0, outcome});
}

int lobby_door_on_weather(struct lobby_door *self, lobby_weather_reply_to to)
{
    return lobby_door_reply_weather(self, to, &(struct lobby_weather_reply){true});
}

int lobby_door_on_guests_down(struct lobby_door *self, lobby_guest_ref ref, int reason)
{
    (void)self;
    ck_assert_uint_ne(ref.ref.value, 0);
    journal_add(&downs, (uint64_t)(int64_t)reason);
    return 0;
}

int lobby_guest_init(struct lobby_guest *self)
{
    ck_assert_uint_eq(self->heard, 0);
    ck_assert_uint_eq(self->beats, 0);
    switch (self->args.plan) {
    case LOBBY_PLAN_FAIL_INIT:
        return -EIO;
    case LOBBY_PLAN_JUMP_INIT:
        sn_fail(self->sn, -EPERM);
    case LOBBY_PLAN_IGNORE_INIT:
        return SN_IGNORE;
    default:
        atomic_fetch_add(&inits, 1);
        break;
    }
    if (self->args.plan == LOBBY_PLAN_TICK)
        return lobby_guest_start_beat(self);
    if (self->args.plan == LOBBY_PLAN_ASK_DOOR)
        return lobby_guest_ask_look_out_at(self, sn_self_shard(self->sn));
    return self->args.plan == LOBBY_PLAN_STOP_INIT ? SN_STOP : 0;
}

void lobby_guest_shutdown(struct lobby_guest *self, int why)
{
    (void)self;
    atomic_store(&last_end, why);
    atomic_fetch_add(&ends, 1);
}

int lobby_guest_on_hello(struct lobby_guest *self, const struct lobby_hello *message)
{
    ck_assert_uint_eq(message->number, self->heard);
    self->heard++;
    journal_add(&heard, (uint64_t)self->args.number << 32 | message->number);
    return self->args.plan == LOBBY_PLAN_LEAVE ? SN_STOP : 0;
}

int lobby_guest_on_who(struct lobby_guest *self, lobby_who_reply_to to)
{
    return lobby_guest_reply_who(self, to,
                                 &(struct lobby_who_reply){self->args.number, self->args.name,
                                                           sn_self_shard(self->sn),
                                                           sn_self_index(self->sn)});
}

int lobby_guest_on_wait_at(struct lobby_guest *self, const struct lobby_wait_at *message)
{
    (void)self;
    gate_pass((struct gate *)(uintptr_t)message->gate);
    return 0;
}

int lobby_guest_on_bye(struct lobby_guest *self)
{
    (void)self;
    return SN_STOP;
}

int lobby_guest_on_crash(struct lobby_guest *self)
{
    (void)self;
    return -EFAULT;
}

int lobby_guest_on_crash_deep(struct lobby_guest *self)
{
    sn_fail(self->sn, -ERANGE);
}

int lobby_guest_on_look_out(struct lobby_guest *self, int outcome,
                            const struct lobby_weather_reply *reply)
{
    (void)self;
    ck_assert_int_eq(outcome, 0);
    ck_assert(reply->sunny);
    atomic_fetch_add(&weathers, 1);
    return 0;
}

int lobby_guest_on_beat(struct lobby_guest *self)
{
    self->beats++;
    atomic_fetch_add(&beats, 1);
    return self->beats == 3 ? SN_STOP : lobby_guest_start_beat(self);
}

int lobby_clerk_on_hello(struct lobby_clerk *self, const struct lobby_hello *message)
{
    (void)self;
    journal_add(&heard, message->number);
    return 0;
}

int lobby_clerk_on_wait_at(struct lobby_clerk *self, const struct lobby_wait_at *message)
{
    (void)self;
    gate_pass((struct gate *)(uintptr_t)message->gate);
    return 0;
}

int lobby_clerk_on_bye(struct lobby_clerk *self)
{
    (void)self;
    return SN_STOP;
}

int lobby_mate_on_crash(struct lobby_mate *self)
{
    (void)self;
    return -EIO;
}

/* ---- the system ----------------------------------------------------------------------------- */

static void note_letter(const struct sn_dead_letter *letter, void *user)
{
    (void)user;
    ck_assert_str_ne(letter->message, "(spawn)");
    journal_add(&letters, (uint64_t)letter->reason);
}

static void note_log(const struct sn_log_record *record, void *user)
{
    (void)user;
    if (strstr(record->text, "guests[") != NULL && strstr(record->text, "did not start") != NULL)
        journal_add(&logs, 1);
}

static struct lobby *start(int number)
{
    struct lobby_options options = {.system = system_of(number)};
    struct lobby *app;

    options.system.dead_letter = note_letter;
    options.system.log = note_log;
    ck_assert_int_eq(lobby_start(&options, &app), 0);
    return app;
}

static uint32_t shards_of(struct lobby *app)
{
    struct sn_stats stats;

    sn_stats(app->sn, &stats);
    return stats.shards;
}

/* How many there are without guests and clerks. */
static uint64_t residents(struct lobby *app)
{
    return 1 + shards_of(app) + 2;
}

static uint64_t actors_of(struct lobby *app)
{
    struct sn_stats stats;

    sn_stats(app->sn, &stats);
    return stats.actors;
}

static int invite(struct lobby *app, uint32_t door, uint32_t number, enum lobby_plan plan,
                  uint32_t count, lobby_guest_ref *ret_guest)
{
    struct lobby_invite message = {number, sn_string("somebody with a name"), plan, count};
    struct lobby_invite_reply reply;
    int rc = lobby_call_doors_invite_at(app, door, &message, &reply);

    if (rc == 0)
        *ret_guest = reply.guest;
    return rc;
}

static int from_outside(struct lobby *app, uint32_t number, enum lobby_plan plan,
                        lobby_guest_ref *ret_guest)
{
    struct lobby_guest_args args = {number, sn_string("an outsider"), plan};

    return lobby_spawn_guests(app, &args, ret_guest);
}

static void expect_gone(struct lobby *app, lobby_guest_ref guest)
{
    AWAIT(lobby_stop_guests(app, guest) == SN_GONE);
    ck_assert_int_eq(lobby_send_guests_bye(app, guest), SN_GONE);
    ck_assert_int_eq(lobby_call_guests_who(app, guest, NULL), SN_GONE);
    for (uint32_t i = 0; i < shards_of(app); i++) {
        ck_assert_int_eq(lobby_call_doors_visit_at(app, i, &(struct lobby_visit){guest, 1}),
                         SN_GONE);
        ck_assert_int_eq(lobby_call_doors_send_away_at(app, i, &(struct lobby_send_away){guest}),
                         SN_GONE);
    }
}

/* ---- births --------------------------------------------------------------------------------- */

START_TEST(init_comes_first_and_messages_in_their_order)
{
    struct lobby *app = start(_i);
    struct lobby_who_reply who;
    lobby_guest_ref guest;

    for (uint32_t door = 0; door < shards_of(app); door++) {
        ck_assert_int_eq(invite(app, door, door, LOBBY_PLAN_STAY, 50, &guest), 0);
        ck_assert_int_eq(lobby_call_guests_who(app, guest, &who), 0);
        ck_assert_uint_eq(who.number, door);
        ck_assert(sn_string_is(who.name, "somebody with a name"));
        ck_assert_uint_eq(who.shard, door);
        ck_assert_uint_eq(atomic_load(&inits), door + 1);
        journal_await(&heard, 50 * (door + 1));
        for (uint32_t i = 0; i < 50; i++)
            ck_assert_uint_eq(heard.entries[50 * door + i], (uint64_t)door << 32 | i);
    }
    at_rest(app->sn);
    ck_assert_uint_eq(actors_of(app), residents(app) + shards_of(app));
    ck_assert_int_eq(lobby_stop(app), 0);
    ck_assert_uint_eq(atomic_load(&ends), atomic_load(&inits));
}
END_TEST

START_TEST(a_handler_that_fails_has_spawned_nobody)
{
    struct lobby *app = start(_i);

    for (uint32_t i = 0; i < 60; i++) /* together more than the pool has places */
        AWAIT(lobby_send_doors_spoil_at(app, i % shards_of(app), &(struct lobby_spoil){i}) == 0);
    at_rest(app->sn);
    ck_assert_uint_eq(actors_of(app), residents(app));
    ck_assert_uint_eq(atomic_load(&inits), 0);
    journal_await(&heard, 0);
    ck_assert_int_eq(lobby_stop(app), 0);
}
END_TEST

START_TEST(threads_outside_spawn_on_each_shard_in_turn)
{
    struct lobby *app = start(_i);
    uint32_t shards = shards_of(app), seen[8] = {0};
    struct lobby_who_reply who;
    lobby_guest_ref guests[40];

    for (uint32_t i = 0; i < 40; i++) {
        ck_assert_int_eq(from_outside(app, i, LOBBY_PLAN_STAY, &guests[i]), 0);
        ck_assert_int_eq(lobby_send_guests_hello(app, guests[i], &(struct lobby_hello){0, 5}), 0);
    }
    for (uint32_t i = 0; i < 40; i++) {
        struct lobby_inquire_reply inquired;

        ck_assert_int_eq(lobby_call_guests_who(app, guests[i], &who), 0);
        ck_assert(sn_string_is(who.name, "an outsider"));
        ck_assert_uint_eq(who.number, i);
        seen[who.shard]++;
        ck_assert_int_eq(lobby_call_doors_inquire_at(app, i % shards,
                                                     &(struct lobby_inquire){guests[i]}, &inquired),
                         0);
        ck_assert_int_eq(inquired.outcome, 0);
        ck_assert_uint_eq(inquired.number, i);
    }
    for (uint32_t i = 0; i < shards; i++)
        ck_assert_uint_eq(seen[i], 40 / shards);
    journal_await(&heard, 40);
    ck_assert_int_eq(lobby_stop(app), 0);
    ck_assert_uint_eq(atomic_load(&ends), 40);
}
END_TEST

START_TEST(args_are_checked_and_may_be_left_out)
{
    struct lobby *app = start(_i);
    char longest[102];
    struct lobby_guest_args args = {.name = sn_string_of(longest, 101)};
    struct lobby_who_reply who;
    lobby_guest_ref guest;

    memset(longest, 'x', sizeof longest);
    ck_assert_int_eq(lobby_spawn_guests(app, &args, &guest), SN_TOO_LARGE);
    args.name.size = 100;
    ck_assert_int_eq(lobby_spawn_guests(app, &args, &guest), 0);
    memset(longest, 'y', sizeof longest); /* they were copied */
    ck_assert_int_eq(lobby_call_guests_who(app, guest, &who), 0);
    ck_assert_uint_eq(who.name.size, 100);
    ck_assert_int_eq(who.name.data[99], 'x');
    ck_assert_int_eq(lobby_spawn_guests(app, NULL, &guest), 0);
    ck_assert_int_eq(lobby_call_guests_who(app, guest, &who), 0);
    ck_assert_uint_eq(who.name.size, 0);
    ck_assert_int_eq(lobby_stop(app), 0);
}
END_TEST

START_TEST(the_bound_is_exact)
{
    struct lobby *app = start(_i);
    lobby_guest_ref guests[100], more;

    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < 100; i++)
            ck_assert_int_eq(
                i % 10 != 0 ? invite(app, i % shards_of(app), i, LOBBY_PLAN_STAY, 0, &guests[i])
                            : from_outside(app, i, LOBBY_PLAN_STAY, &guests[i]),
                0);
        ck_assert_int_eq(invite(app, 0, 0, LOBBY_PLAN_STAY, 0, &more), SN_FULL);
        ck_assert_int_eq(from_outside(app, 0, LOBBY_PLAN_STAY, &more), SN_FULL);
        ck_assert_int_eq(lobby_send_guests_bye(app, guests[50]), 0);
        expect_gone(app, guests[50]);
        at_rest(app->sn);
        ck_assert_int_eq(from_outside(app, 0, LOBBY_PLAN_STAY, &guests[50]), 0);
        ck_assert_int_eq(from_outside(app, 0, LOBBY_PLAN_STAY, &more), SN_FULL);
        for (uint32_t i = 0; i < 100; i++)
            ck_assert_int_eq(lobby_stop_guests(app, guests[i]), 0);
        at_rest(app->sn);
        ck_assert_uint_eq(actors_of(app), residents(app));
    }
    ck_assert_int_eq(lobby_stop(app), 0);
}
END_TEST

START_TEST(a_pool_that_has_not_started_takes_nobody)
{
    struct lobby *app = start(_i);
    struct lobby_early_outcome_reply reply;

    ck_assert_int_eq(lobby_call_early_early_outcome(app, &reply), 0);
    ck_assert_int_eq(reply.outcome, SN_GONE);
    ck_assert_int_eq(lobby_stop(app), 0);
}
END_TEST

/* ---- lives ---------------------------------------------------------------------------------- */

START_TEST(members_ask_and_have_timers)
{
    struct lobby *app = start(_i);
    lobby_guest_ref guest;

    for (uint32_t i = 0; i < 20; i++) {
        ck_assert_int_eq(from_outside(app, i, LOBBY_PLAN_ASK_DOOR, &guest), 0);
        ck_assert_int_eq(invite(app, i % shards_of(app), i, LOBBY_PLAN_TICK, 0, &guest), 0);
    }
    AWAIT(atomic_load(&weathers) == 20);
    AWAIT(atomic_load(&beats) == 60);
    journal_await(&downs, 20);
    for (uint32_t i = 0; i < 20; i++)
        ck_assert_int_eq((int)downs.entries[i], SN_STOP);
    ck_assert_int_eq(lobby_stop(app), 0);
    ck_assert_uint_eq(atomic_load(&ends), 40);
}
END_TEST

/* ---- ends ----------------------------------------------------------------------------------- */

START_TEST(a_reference_never_names_who_comes_next)
{
    struct lobby *app = start(_i);
    lobby_guest_ref old[30], guest;

    for (uint32_t i = 0; i < 30; i++) {
        ck_assert_int_eq(invite(app, 0, i, LOBBY_PLAN_LEAVE, 1, &old[i]), 0);
        expect_gone(app, old[i]);
    }
    ck_assert_int_eq(invite(app, 0, 999, LOBBY_PLAN_STAY, 0, &guest), 0);
    for (uint32_t i = 0; i < 30; i++) {
        ck_assert_uint_ne(old[i].ref.value, guest.ref.value);
        ck_assert_int_eq(lobby_send_guests_hello(app, old[i], &(struct lobby_hello){0, 0}),
                         SN_GONE);
        ck_assert_int_eq(lobby_call_doors_meet(app, &(struct lobby_meet){old[i]}), 0);
    }
    journal_await(&heard, 30);
    /* Who watches what is gone is told so: of each once by the door that invited, and again. */
    journal_await(&downs, 60);
    ck_assert_int_eq(lobby_stop(app), 0);
}
END_TEST

START_TEST(a_stop_lets_it_handle_what_it_has)
{
    struct lobby *app = start(_i);
    struct gate gate = GATE_CLOSED;
    lobby_guest_ref guest;

    ck_assert_int_eq(from_outside(app, 7, LOBBY_PLAN_STAY, &guest), 0);
    ck_assert_int_eq(
        lobby_send_guests_wait_at(app, guest, &(struct lobby_wait_at){(uintptr_t)&gate}), 0);
    gate_await(&gate, 1);
    for (uint32_t i = 0; i < 99; i++)
        ck_assert_int_eq(lobby_send_guests_hello(app, guest, &(struct lobby_hello){i, 0}), 0);
    ck_assert_int_eq(lobby_stop_guests(app, guest), 0);
    ck_assert_int_eq(lobby_stop_guests(app, guest), 0);
    gate_open(&gate);
    expect_gone(app, guest);
    at_rest(app->sn);
    journal_await(&heard, 99);
    journal_await(&letters, 0);
    ck_assert_uint_eq(atomic_load(&ends), 1);
    ck_assert_int_eq(atomic_load(&last_end), SN_SHUTDOWN);
    ck_assert_int_eq(lobby_stop(app), 0);
}
END_TEST

START_TEST(one_that_is_stopped_at_once_still_lives)
{
    struct lobby *app = start(_i);

    for (uint32_t i = 0; i < 200; i++) {
        if (i % 50 == 0) /* so that the pool has places */
            at_rest(app->sn);
        ck_assert_int_eq(lobby_send_doors_quick(app, &(struct lobby_quick){i}), 0);
    }
    at_rest(app->sn);
    /* The second message was sent after the stop, but in one handler with it. */
    ck_assert_uint_eq(atomic_load(&inits), 200);
    ck_assert_uint_eq(atomic_load(&ends), 200);
    ck_assert_uint_eq(actors_of(app), residents(app));
    ck_assert_int_eq(lobby_stop(app), 0);
}
END_TEST

static void expect_down(struct lobby *app, enum lobby_plan plan, int reason, uint32_t count)
{
    uint32_t before = atomic_load(&downs.count);
    lobby_guest_ref guest;

    ck_assert_int_eq(invite(app, 0, 1, plan, 3, &guest), 0);
    journal_await(&downs, before + 1);
    ck_assert_int_eq((int)downs.entries[before], reason);
    expect_gone(app, guest);
    at_rest(app->sn);
    journal_await(&letters, count);
    ck_assert_uint_eq(actors_of(app), residents(app));
}

START_TEST(an_init_that_fails_is_told)
{
    struct lobby *app = start(_i);

    expect_down(app, LOBBY_PLAN_FAIL_INIT, -EIO, 3);
    expect_down(app, LOBBY_PLAN_JUMP_INIT, -EPERM, 6);
    journal_await(&logs, 2);
    expect_down(app, LOBBY_PLAN_IGNORE_INIT, SN_IGNORE, 9);
    expect_down(app, LOBBY_PLAN_STOP_INIT, SN_STOP, 12);
    journal_await(&logs, 2);
    ck_assert_uint_eq(atomic_load(&ends), 1); /* of the one init that succeeded */
    ck_assert_int_eq(lobby_stop(app), 0);
}
END_TEST

START_TEST(a_failure_is_told_and_nobody_restarts)
{
    struct lobby *app = start(_i);
    lobby_guest_ref guest;
    struct sn_stats stats;

    ck_assert_int_eq(invite(app, 0, 1, LOBBY_PLAN_STAY, 0, &guest), 0);
    ck_assert_int_eq(lobby_send_guests_crash(app, guest), 0);
    journal_await(&downs, 1);
    expect_gone(app, guest);
    ck_assert_int_eq(invite(app, 0, 1, LOBBY_PLAN_STAY, 0, &guest), 0);
    ck_assert_int_eq(lobby_send_guests_crash_deep(app, guest), 0);
    journal_await(&downs, 2);
    expect_gone(app, guest);
    ck_assert_int_eq((int)downs.entries[0], -EFAULT);
    ck_assert_int_eq((int)downs.entries[1], -ERANGE);
    stats = at_rest(app->sn);
    ck_assert_uint_eq(stats.failed, 2);
    ck_assert_uint_eq(stats.restarts, 0);
    ck_assert_uint_eq(atomic_load(&inits), 2);
    ck_assert_int_eq(lobby_stop(app), 0);
}
END_TEST

START_TEST(a_linked_door_fails_with_its_guest)
{
    struct lobby *app = start(_i);
    lobby_guest_ref guest;
    struct sn_stats stats;

    ck_assert_int_eq(from_outside(app, 1, LOBBY_PLAN_STAY, &guest), 0);
    ck_assert_int_eq(lobby_call_doors_tie_at(app, 0, &(struct lobby_tie){guest}), 0);
    ck_assert_int_eq(lobby_send_guests_crash(app, guest), 0);
    AWAIT((sn_stats(app->sn, &stats), stats.restarts == 1)); /* of the door */
    ck_assert_int_eq(lobby_stop(app), 0);
}
END_TEST

/* ---- the end of all ------------------------------------------------------------------------- */

START_TEST(a_stop_of_the_system_drains_all)
{
    for (int round = 0; round < 3; round++) {
        struct lobby *app = start(_i);
        uint32_t before = atomic_load(&heard.count);
        lobby_guest_ref guest;

        atomic_store(&ends, 0);
        for (uint32_t i = 0; i < 100; i++) {
            ck_assert_int_eq(from_outside(app, i, LOBBY_PLAN_STAY, &guest), 0);
            for (uint32_t k = 0; k < 10; k++)
                ck_assert_int_eq(lobby_send_guests_hello(app, guest, &(struct lobby_hello){k, 0}),
                                 0);
        }
        ck_assert_int_eq(lobby_stop(app), 0);
        journal_await(&heard, before + 1000);
        ck_assert_uint_eq(atomic_load(&ends), 100);
    }
    journal_await(&letters, 0);
}
END_TEST

static void *open_late(void *data)
{
    uint64_t start_ns = real_now_ns();

    AWAIT(real_now_ns() - start_ns > 60 * SN_MS);
    gate_open(data);
    return NULL;
}

START_TEST(after_the_shutdown_time_members_are_killed)
{
    struct gate gate = GATE_CLOSED;
    struct lobby *app = start(_i);
    lobby_clerk_ref clerk;
    pthread_t thread;

    ck_assert_int_eq(lobby_spawn_clerks(app, &clerk), 0);
    ck_assert_int_eq(
        lobby_send_clerks_wait_at(app, clerk, &(struct lobby_wait_at){(uintptr_t)&gate}), 0);
    gate_await(&gate, 1);
    for (uint32_t i = 0; i < 4; i++)
        ck_assert_int_eq(lobby_send_clerks_hello(app, clerk, &(struct lobby_hello){i, 0}), 0);
    ck_assert_int_eq(lobby_send_clerks_hello(app, clerk, &(struct lobby_hello){9, 0}), SN_FULL);
    pthread_create(&thread, NULL, open_late, &gate);
    ck_assert_int_eq(lobby_stop(app), 0);
    pthread_join(thread, NULL);
    /* Whether it began to drain before it was killed is a matter of luck. */
    ck_assert_uint_eq(atomic_load(&heard.count) + atomic_load(&letters.count), 4);
}
END_TEST

START_TEST(a_group_restart_ends_members_and_opens_the_pool_again)
{
    struct lobby *app = start(_i);
    lobby_guest_ref guests[50], guest;
    struct sn_stats stats;

    for (uint32_t i = 0; i < 50; i++)
        ck_assert_int_eq(i % 2 != 0 ? invite(app, 0, i, LOBBY_PLAN_STAY, 0, &guests[i])
                                    : from_outside(app, i, LOBBY_PLAN_STAY, &guests[i]),
                         0);
    ck_assert_int_eq(lobby_send_mates_crash_at(app, 0), 0);
    AWAIT((sn_stats(app->sn, &stats), stats.restarts == 1));
    for (uint32_t i = 0; i < 50; i++)
        expect_gone(app, guests[i]);
    AWAIT(from_outside(app, 99, LOBBY_PLAN_STAY, &guest) == 0);
    journal_await(&downs, 25);
    for (uint32_t i = 0; i < 25; i++)
        ck_assert_int_eq((int)downs.entries[i], SN_SHUTDOWN);
    at_rest(app->sn);
    ck_assert_uint_eq(actors_of(app), residents(app) + 1);
    ck_assert_int_eq(lobby_stop(app), 0);
}
END_TEST

static struct sn_child guests_of(struct lobby *app)
{
    struct sn_children children;

    ck_assert_int_eq(sn_child_list(app->sn, "house", PATIENCE, &children), 0);
    ck_assert_uint_eq(children.count, 3);
    ck_assert_str_eq(children.items[1].name, "guests");
    return children.items[1];
}

/* OTP's terminate_child and restart_child of a simple_one_for_one supervisor. */
START_TEST(a_pool_is_stopped_and_started_from_outside)
{
    struct lobby *app = start(_i);
    lobby_guest_ref guests[10], guest;

    for (uint32_t i = 0; i < 10; i++)
        ck_assert_int_eq(from_outside(app, i, LOBBY_PLAN_STAY, &guests[i]), 0);
    ck_assert_uint_eq(guests_of(app).active, 10);
    ck_assert_int_eq(sn_child_delete(app->sn, "guests", PATIENCE), SN_RUNNING);
    ck_assert_int_eq(sn_child_stop(app->sn, "guests", PATIENCE), 0);
    ck_assert_uint_eq(atomic_load(&ends), 10);
    ck_assert_int_eq(guests_of(app).state, SN_CHILD_DOWN);
    ck_assert_uint_eq(guests_of(app).members, 0);
    ck_assert_int_eq(from_outside(app, 1, LOBBY_PLAN_STAY, &guest), SN_GONE);
    ck_assert_int_eq(sn_child_restart(app->sn, "guests", PATIENCE), 0);
    for (uint32_t i = 0; i < 10; i++)
        expect_gone(app, guests[i]); /* they do not come back */
    ck_assert_int_eq(from_outside(app, 1, LOBBY_PLAN_STAY, &guest), 0);
    ck_assert_uint_eq(guests_of(app).active, 1);
    /* And one of them is ended. */
    ck_assert_int_eq(sn_end(app->sn, guest.ref, -EIO), 0);
    AWAIT(guests_of(app).active == 0);
    expect_gone(app, guest);
    ck_assert_uint_eq(guests_of(app).restarts, 0);
    ck_assert_int_eq(lobby_stop(app), 0);
}
END_TEST

static void add_tests(TCase *tests)
{
    EVERYWHERE(tests, init_comes_first_and_messages_in_their_order);
    EVERYWHERE(tests, a_handler_that_fails_has_spawned_nobody);
    EVERYWHERE(tests, threads_outside_spawn_on_each_shard_in_turn);
    EVERYWHERE(tests, args_are_checked_and_may_be_left_out);
    EVERYWHERE(tests, the_bound_is_exact);
    EVERYWHERE(tests, a_pool_that_has_not_started_takes_nobody);
    EVERYWHERE(tests, members_ask_and_have_timers);
    EVERYWHERE(tests, a_reference_never_names_who_comes_next);
    EVERYWHERE(tests, a_stop_lets_it_handle_what_it_has);
    EVERYWHERE(tests, one_that_is_stopped_at_once_still_lives);
    EVERYWHERE(tests, an_init_that_fails_is_told);
    EVERYWHERE(tests, a_failure_is_told_and_nobody_restarts);
    EVERYWHERE(tests, a_linked_door_fails_with_its_guest);
    EVERYWHERE(tests, a_stop_of_the_system_drains_all);
    EVERYWHERE(tests, after_the_shutdown_time_members_are_killed);
    EVERYWHERE(tests, a_pool_is_stopped_and_started_from_outside);
    EVERYWHERE(tests, a_group_restart_ends_members_and_opens_the_pool_again);
}

int main(void)
{
    return run_suite("spawn", add_tests);
}
