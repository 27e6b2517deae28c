/* SPDX-License-Identifier: MIT */
/*
 * The handlers of mailbox.yaml note what they see; the scripts of drivers come from the tests.
 */
#include "mail_kit.h"

#include "mail_sink.h"

#include <errno.h>

struct journal seen;        /* what the sinks handled */
struct journal completions; /* outcomes of asks */
struct gate failing = GATE_CLOSED;
static _Atomic(int) failures;

int mail_driver_init(struct mail_driver *self)
{
    (void)self;
    return 0;
}

int mail_driver_on_perform(struct mail_driver *self, const struct mail_perform *message,
                           mail_perform_reply_to to)
{
    int rc = ((script)(uintptr_t)message->function)(self, (void *)(uintptr_t)message->data);

    return rc != 0 ? rc : mail_driver_reply_perform(self, to);
}

int mail_driver_on_nudge(struct mail_driver *self, const struct mail_nudge *message)
{
    return ((script)(uintptr_t)message->function)(self, (void *)(uintptr_t)message->data);
}

int mail_driver_on_tell(struct mail_driver *self, const struct mail_tell *message)
{
    return ((script)(uintptr_t)message->function)(self, (void *)(uintptr_t)message->data);
}

static int note_completion(int outcome)
{
    journal_add(&completions, (uint64_t)outcome);
    return 0;
}

int mail_driver_on_one(struct mail_driver *self, int outcome, const struct mail_query_reply *reply)
{
    (void)self;
    (void)reply;
    return note_completion(outcome);
}

int mail_driver_on_oldest(struct mail_driver *self, int outcome,
                          const struct mail_query_reply *reply)
{
    (void)self;
    (void)reply;
    return note_completion(outcome);
}

int mail_driver_on_newest(struct mail_driver *self, int outcome,
                          const struct mail_query_reply *reply)
{
    (void)self;
    (void)reply;
    return note_completion(outcome);
}

int mail_driver_on_parked(struct mail_driver *self, int outcome,
                          const struct mail_query_reply *reply)
{
    (void)self;
    (void)reply;
    return note_completion(outcome);
}

int mail_driver_on_other(struct mail_driver *self, int outcome,
                         const struct mail_query_reply *reply)
{
    (void)self;
    (void)reply;
    return note_completion(outcome);
}

int mail_sink_on_item(struct mail_sink *self, const struct mail_item *message)
{
    self->count++;
    if (message->number == FAILS_ONCE && atomic_fetch_add(&failures, 1) == 0) {
        gate_pass(&failing);
        return -EIO;
    }
    journal_add(&seen, message->number);
    return 0;
}

int mail_sink_on_note(struct mail_sink *self, const struct mail_note *message)
{
    (void)self;
    journal_add(&seen, NOTE + message->number);
    return 0;
}

int mail_sink_on_blob(struct mail_sink *self, const struct mail_blob *message)
{
    (void)self;
    journal_add(&seen, message->data.size);
    return 0;
}

int mail_sink_on_query(struct mail_sink *self, const struct mail_query *message,
                       mail_query_reply_to to)
{
    journal_add(&seen, QUERY + message->number);
    return mail_sink_reply_query(self, to, &(struct mail_query_reply){message->number});
}

struct mail *start(int number)
{
    struct mail_options options = {.system = system_of(number)};
    struct mail *app;

    ck_assert_int_eq(mail_start(&options, &app), 0);
    return app;
}

struct sn_stats finish(struct mail *app)
{
    struct sn_stats stats = at_rest(app->sn);

    ck_assert_int_eq(mail_stop(app), 0);
    return stats;
}

sn_ref find(struct mail *app, const char *name)
{
    sn_ref ref;

    ck_assert_int_eq(sn_lookup(app->sn, name, &ref), 0);
    return ref;
}

/* From when it returns, the actor takes nothing out of its mailbox. */
void hold(struct mail *app, const char *name)
{
    ck_assert_int_eq(sn_pause(app->sn, find(app, name)), 0);
    ck_assert_int_eq(sn_ping(app->sn, find(app, name), PATIENCE), 0);
}

void release(struct mail *app, const char *name)
{
    ck_assert_int_eq(sn_resume(app->sn, find(app, name)), 0);
}

/* ---- who sends ------------------------------------------------------------------------------ */

int perform(struct mail *app, enum origin origin, script function, void *data)
{
    struct mail_perform message = {(uintptr_t)function, (uintptr_t)data};

    return origin == NEAR ? mail_call_near_perform(app, &message)
                          : mail_call_afar_perform(app, &message);
}

int nudge(struct mail *app, enum origin origin, script function, void *data)
{
    struct mail_nudge message = {(uintptr_t)function, (uintptr_t)data};

    return origin == NEAR ? mail_send_near_nudge(app, &message)
                          : mail_send_afar_nudge(app, &message);
}

static int ask_one(struct mail_driver *self, void *data)
{
    (void)data;
    return mail_driver_ask_one(self, &(struct mail_query){0});
}

void arrive(struct mail *app, enum origin origin)
{
    uint32_t asked = atomic_load(&completions.count);

    if (origin == OUTSIDE) {
        ck_assert_int_eq(sn_ping(app->sn, find(app, "one"), PATIENCE), 0);
    } else {
        ck_assert_int_eq(perform(app, origin, ask_one, NULL), 0);
        journal_await(&completions, asked + 1);
    }
}

const struct edge one = {"one", mail_send_one_item, mail_driver_send_one_item, 1};
const struct edge two = {"two", mail_send_two_item, mail_driver_send_two_item, 2};
const struct edge thousand = {"thousand", mail_send_thousand_item, mail_driver_send_thousand_item,
                              1000};
const struct edge oldest = {"oldest", mail_send_oldest_item, mail_driver_send_oldest_item,
                            CAPACITY};
const struct edge newest = {"newest", mail_send_newest_item, mail_driver_send_newest_item,
                            CAPACITY};
const struct edge parking = {"parking", mail_send_parking_item, mail_driver_send_parking_item, 2};

int fill_inside(struct mail_driver *self, void *data)
{
    struct fill *fill = data;
    uint32_t taken = 0;

    fill->last = 0;
    while (taken < fill->limit) {
        fill->last = fill->edge->inside(self, &(struct mail_item){fill->first + taken});
        if (fill->last != 0)
            break;
        taken++;
    }
    atomic_store(&fill->taken, taken);
    return 0;
}

void fill_outside(struct mail *app, struct fill *fill)
{
    uint32_t taken = 0;

    fill->last = 0;
    while (taken < fill->limit) {
        fill->last = fill->edge->outside(app, &(struct mail_item){fill->first + taken});
        if (fill->last != 0)
            break;
        taken++;
    }
    atomic_store(&fill->taken, taken);
}

uint32_t fill_from(struct mail *app, enum origin origin, struct fill *fill)
{
    if (origin == OUTSIDE)
        fill_outside(app, fill);
    else
        ck_assert_int_eq(perform(app, origin, fill_inside, fill), 0);
    return atomic_load(&fill->taken);
}
