/* SPDX-License-Identifier: MIT */
/*
 * The children of tree.yaml, which note each start and stop.
 */
#include "tree_kit.h"

#include <errno.h>

#define POOL_OF_ONE(name)                                                                        \
    static int perform_##name(struct tree *app, uint32_t at, const struct tree_perform *message) \
    {                                                                                            \
        (void)at;                                                                                \
        return tree_call_##name##_perform(app, message);                                         \
    }                                                                                            \
    static int item_##name(struct tree *app, uint32_t at, const struct tree_item *message)       \
    {                                                                                            \
        (void)at;                                                                                \
        return tree_send_##name##_item(app, message);                                            \
    }                                                                                            \
    static int poll_##name(struct tree *app, uint32_t at, struct tree_poll_reply *ret_reply)     \
    {                                                                                            \
        (void)at;                                                                                \
        return tree_call_##name##_poll(app, ret_reply);                                          \
    }
#define POOL_OF_MANY(name)                                                                       \
    static int perform_##name(struct tree *app, uint32_t at, const struct tree_perform *message) \
    {                                                                                            \
        return tree_call_##name##_perform_at(app, at, message);                                  \
    }                                                                                            \
    static int item_##name(struct tree *app, uint32_t at, const struct tree_item *message)       \
    {                                                                                            \
        return tree_send_##name##_item_at(app, at, message);                                     \
    }                                                                                            \
    static int poll_##name(struct tree *app, uint32_t at, struct tree_poll_reply *ret_reply)     \
    {                                                                                            \
        return tree_call_##name##_poll_at(app, at, ret_reply);                                   \
    }

POOL_OF_ONE(single)
POOL_OF_MANY(several)
POOL_OF_ONE(all_1)
POOL_OF_MANY(all_2)
POOL_OF_ONE(all_3)
POOL_OF_ONE(all_brief)
POOL_OF_ONE(rest_1)
POOL_OF_ONE(rest_2)
POOL_OF_ONE(rest_3)
POOL_OF_ONE(passing)
POOL_OF_ONE(brief)
POOL_OF_ONE(frail_1)
POOL_OF_ONE(frail_2)
POOL_OF_ONE(slow_1)
POOL_OF_ONE(slow_2)
POOL_OF_ONE(poisoned)
POOL_OF_ONE(guest)
POOL_OF_ONE(host)

#define ROW(name, size)                                       \
    {                                                         \
#name, size, perform_##name, item_##name, poll_##name \
    }

const struct pool pools[POOLS] = {
    ROW(single, 1),    ROW(several, 3), ROW(all_1, 1),   ROW(all_2, 2),  ROW(all_3, 1),
    ROW(all_brief, 1), ROW(rest_1, 1),  ROW(rest_2, 1),  ROW(rest_3, 1), ROW(passing, 1),
    ROW(brief, 1),     ROW(frail_1, 1), ROW(frail_2, 1), ROW(slow_1, 1), ROW(slow_2, 1),
    ROW(poisoned, 1),  ROW(guest, 1),   ROW(host, 1),
};

/* ---- the children --------------------------------------------------------------------------- */

struct journal events;
struct journal items, letters, firings;
_Atomic(int) inits[POOLS][MEMBERS], shutdowns[POOLS][MEMBERS], reasons[POOLS][MEMBERS];
_Atomic(int) init_failures[POOLS];
_Atomic(bool) ignored[POOLS];
_Atomic(int) held;
struct manual_clock hands;

int tree_child_init(struct tree_child *self, bool restored)
{
    uint32_t pool = self->args.number, member = sn_self_index(self->sn);

    ck_assert(sn_string_is(self->args.label, "given"));
    ck_assert(!sn_ref_is_set(sn_source(self->sn))); /* no message is being handled */
    ck_assert_uint_eq(sn_sent_ns(self->sn), sn_now(self->sn));
    ck_assert_uint_eq(self->count, 0);
    ck_assert_uint_eq(self->name.size, 0);
    ck_assert_uint_eq(self->memory, 0);
    ck_assert_ptr_null(self->resource.held);
    ck_assert(restored || self->total == 0);
    atomic_fetch_add(&inits[pool][member], 1);
    if (atomic_load(&ignored[pool]))
        return SN_IGNORE;
    if (atomic_load(&init_failures[pool]) > 0) {
        atomic_fetch_sub(&init_failures[pool], 1);
        return -EIO;
    }
    journal_add(&events, event(STARTED, pool, member));
    self->resource.held = &held;
    atomic_fetch_add(&held, 1);
    return tree_child_cancel_beat(self);
}

void tree_child_shutdown(struct tree_child *self, int why)
{
    uint32_t pool = self->args.number, member = sn_self_index(self->sn);

    /* The reason first: a test waits for the count, and then looks at the reason. */
    atomic_store(&reasons[pool][member], why);
    atomic_fetch_add(&shutdowns[pool][member], 1);
    journal_add(&events, event(STOPPED, pool, member));
}

int tree_child_on_perform(struct tree_child *self, const struct tree_perform *message,
                          tree_perform_reply_to to)
{
    int rc = ((script)(uintptr_t)message->function)(self, (void *)(uintptr_t)message->data);

    return rc != 0 ? rc : tree_child_reply_perform(self, to);
}

int tree_child_on_item(struct tree_child *self, const struct tree_item *message)
{
    self->count++;
    self->total += 1;
    journal_add(&items, message->number);
    return message->number == 0 ? -EIO : 0;
}

int tree_child_on_poll(struct tree_child *self, tree_poll_reply_to to)
{
    struct tree_poll_reply reply = {
        .count = self->count,
        .total = self->total,
        .inits = (uint32_t)atomic_load(&inits[self->args.number][sn_self_index(self->sn)]),
    };

    return tree_child_reply_poll(self, to, &reply);
}

int tree_child_on_later(struct tree_child *self)
{
    journal_add(&firings, self->args.number);
    return 0;
}

int tree_child_on_beat(struct tree_child *self)
{
    (void)self;
    return 0;
}

/* ---- helpers -------------------------------------------------------------------------------- */

static void note_letter(const struct sn_dead_letter *letter, void *user)
{
    (void)user;
    journal_add(&letters, (uint64_t)letter->reason);
}

struct tree_options options_of(int number)
{
    struct tree_options options = {.system = system_of(number)};
    struct tree_child_args *args = &options.args.single; /* one a pool, in order */

    options.system.dead_letter = note_letter;
    ck_assert_uint_eq(sizeof options.args, POOLS * sizeof *args);
    for (uint32_t i = 0; i < POOLS; i++)
        args[i] = (struct tree_child_args){.label = sn_string("given"), .number = i};
    return options;
}

struct tree *start(int number)
{
    struct tree_options options = options_of(number);
    struct tree *app;

    ck_assert_int_eq(tree_start(&options, &app), 0);
    return app;
}

struct sn_stats finish(struct tree *app)
{
    struct sn_stats stats = at_rest(app->sn);

    ck_assert_int_eq(tree_stop(app), 0);
    ck_assert_int_eq(atomic_load(&held), 0);
    return stats;
}

int perform(struct tree *app, enum pool_number pool, uint32_t at, script function)
{
    return pools[pool].perform(app, at, &(struct tree_perform){(uintptr_t)function, 0});
}

int crash(struct tree_child *self, void *data)
{
    (void)self;
    (void)data;
    return -EIO;
}

int end_normally(struct tree_child *self, void *data)
{
    (void)self;
    (void)data;
    return SN_STOP;
}

void await_inits(struct tree *app, enum pool_number pool, uint32_t at, int expected)
{
    struct tree_poll_reply reply = {0};

    AWAIT(atomic_load(&inits[pool][at]) >= expected);
    ck_assert_int_eq(pools[pool].poll(app, at, &reply), 0);
    ck_assert_uint_eq(reply.inits, expected);
}

void send_item(struct tree *app, enum pool_number pool, uint32_t at, uint32_t number)
{
    ck_assert_int_eq(pools[pool].item(app, at, &(struct tree_item){number}), 0);
}

void check_inits(const int expected[POOLS])
{
    for (int i = 0; i < POOLS; i++)
        for (uint32_t k = 0; k < pools[i].size; k++)
            ck_assert_msg(atomic_load(&inits[i][k]) == (expected[i] > 0 ? expected[i] : 1),
                          "%s[%u]: %d inits", pools[i].name, k, atomic_load(&inits[i][k]));
}
