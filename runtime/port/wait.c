/* SPDX-License-Identifier: MIT */
/*
 * Waiting from outside, and the orders that need no message of the user's: pause, resume, end,
 * ping.
 *
 * A reply stays with the thread that waited for it, until that thread waits again; so a shared
 * port can be used by many threads and none of them frees another's reply.
 */
#include "port/port.h"

#include <errno.h>
#include <sn/admin.h>
#include <string.h>

enum { SPIN_FOR_REPLY = 2000 };

static int finish(struct sn_port *port, struct sn_future **future, int outcome,
                  const void **ret_reply)
{
    struct sn_envelope *reply;

    sn_port_lock(port);
    if ((*future)->guard > 0)
        sn_port_report(port, (*future)->guard, (*future)->probe, outcome);
    reply = outcome == 0 ? (*future)->reply : NULL;
    if (reply != NULL && sn_replies_keep(&port->replies, port->world->allocator, reply) == 0) {
        (*future)->reply = NULL;
    } else if (reply != NULL) {
        reply = NULL; /* the future frees it */
        outcome = -ENOMEM;
    }
    sn_count(&port->counters.asks_completed, 1);
    sn_future_give(&port->futures, *future);
    sn_port_unlock(port);
    *future = NULL;
    if (ret_reply != NULL)
        *ret_reply = reply != NULL ? reply + 1 : NULL;
    sn_port_leave(port);
    return outcome;
}

static int await(struct sn_port *port, struct sn_future *future, uint64_t timeout_ns)
{
    struct sn_stepper *stepper = port->world->stepper;
    uint64_t deadline_ns = sn_port_deadline(port, timeout_ns);

    if (stepper == NULL)
        return sn_future_await(future, timeout_ns, SPIN_FOR_REPLY);
    while (!sn_future_is_done(future))
        if (!stepper->step(stepper, deadline_ns))
            return SN_TIMEOUT;
    return 0;
}

int sn_future_wait(struct sn_future **future, uint64_t timeout_ns, const void **ret_reply)
{
    struct sn_port *port = (*future)->port;
    uint64_t deadline_ns = (*future)->deadline_ns, rest_ns = timeout_ns;
    bool expires = false;

    /* Relaxed: this thread's own batches are what it may be waiting for. */
    if (atomic_load_explicit(&port->open_batches, memory_order_relaxed) > 0)
        sn_port_flush(port);
    if (deadline_ns != UINT64_MAX) {
        uint64_t now_ns = sn_clock_now(port->world->clock);
        uint64_t left_ns = deadline_ns > now_ns ? deadline_ns - now_ns : 0;

        expires = left_ns <= rest_ns;
        rest_ns = expires ? left_ns : rest_ns;
    }
    if (await(port, *future, rest_ns) == 0)
        return finish(port, future, (*future)->outcome, ret_reply);
    return expires ? finish(port, future, SN_TIMEOUT, ret_reply) : SN_TIMEOUT;
}

void sn_future_drop(struct sn_future **future)
{
    struct sn_future *mine = *future;

    if (mine == NULL)
        return;
    if (mine->guard > 0) {
        sn_port_lock(mine->port);
        sn_port_withdraw(mine->port, mine->guard, mine->probe);
        sn_port_unlock(mine->port);
        mine->guard = 0; /* what it came to is not known */
    }
    finish(mine->port, future, SN_DROPPED, NULL);
}

static void fill_order(struct sn_port *port, const struct sn_port_order *order,
                       struct sn_envelope *envelope, struct sn_future *future)
{
    if (future != NULL) {
        future->deadline_ns = UINT64_MAX;
        envelope->token = sn_future_token(future, port->place);
        sn_count(&port->counters.asks_started, 1);
    }
    envelope->target = order->to;
    envelope->kind = (uint8_t)order->kind;
    envelope->lane = SN_LANE_CONTROL;
    if (order->kind == SN_ENVELOPE_STOP)
        sn_count(&port->counters.events_begun, 1);
    sn_envelope_set_outcome(envelope, order->reason);
    if (order->payload != NULL)
        memcpy(sn_envelope_payload(envelope), order->payload, order->payload_size);
}

int sn_port_order(struct sn_port *port, const struct sn_port_order *order,
                  struct sn_future **ret_future)
{
    struct sn_future *future = NULL;
    struct sn_envelope *envelope = NULL;

    sn_port_enter(port);
    sn_port_lock(port);
    sn_batches_flush(port);
    if (sn_port_link(port, order->to) != NULL)
        envelope = sn_port_alloc(port, order->payload_size);
    if (envelope != NULL && ret_future != NULL)
        future = sn_future_take(&port->futures);
    if (envelope == NULL || (ret_future != NULL && future == NULL)) {
        if (envelope != NULL)
            sn_port_free(port, envelope);
        sn_port_unlock(port);
        sn_port_leave(port);
        return -ENOMEM;
    }
    fill_order(port, order, envelope, future);
    sn_port_put(port, envelope);
    sn_port_unlock(port);
    if (future == NULL)
        sn_port_leave(port);
    else
        *ret_future = future;
    return 0;
}

/* An order to one actor. */
static int order(struct sn_port *port, sn_ref to, enum sn_envelope_kind kind, int reason,
                 struct sn_future **ret_future)
{
    const struct sn_port_order what = {.to = to, .kind = kind, .reason = reason};

    return sn_port_slot(port, to) != NULL ? sn_port_order(port, &what, ret_future) : SN_GONE;
}

int sn_pause(struct sn_port *port, sn_ref actor)
{
    return order(port, actor, SN_ENVELOPE_PAUSE, 0, NULL);
}

int sn_resume(struct sn_port *port, sn_ref actor)
{
    return order(port, actor, SN_ENVELOPE_RESUME, 0, NULL);
}

int sn_end(struct sn_port *port, sn_ref actor, int reason)
{
    return reason != 0 ? order(port, actor, SN_ENVELOPE_END, reason, NULL) : SN_INVALID;
}

int sn_port_stop(struct sn_port *port, sn_ref member)
{
    return order(port, member, SN_ENVELOPE_STOP, 0, NULL);
}

int sn_ping(struct sn_port *port, sn_ref actor, uint64_t timeout_ns)
{
    struct sn_future *future = NULL;
    int rc = order(port, actor, SN_ENVELOPE_PING, 0, &future);

    if (rc != 0)
        return rc;
    rc = sn_future_wait(&future, timeout_ns, NULL);
    sn_future_drop(&future);
    return rc;
}
