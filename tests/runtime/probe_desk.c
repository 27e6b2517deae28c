/* SPDX-License-Identifier: MIT */
/*
 * The handlers of probe.yaml. A desk sells what it has, orders what it has not, and can be told to
 * fail after it has done all that: by an article of FAILS.
 */
#include "lab.h"

#include <errno.h>

enum { FAILS = 13, STOPS = 14, ENDS = 15 };

int lab_desk_init(struct lab_desk *self, bool restored)
{
    if (!restored)
        self->stock = self->args.stock;
    if (self->args.stock == INT64_MIN)
        sn_fail(self->sn, -EDOM);
    if (self->args.stock < 0)
        return -ERANGE;
    return lab_desk_send_bells_ring(self);
}

void lab_desk_shutdown(struct lab_desk *self, int why)
{
    lab_desk_send_signs_sold(self, &(struct lab_sold){.article = (uint32_t)why});
}

static int sell(struct lab_desk *self, const struct lab_order *order, lab_order_reply_to to)
{
    int rc = lab_desk_send_signs_sold(
        self, &(struct lab_sold){.article = order->article, .label = order->note});

    self->stock -= order->count;
    if (rc == 0)
        rc = lab_desk_sold_push(self, order->article);
    return rc == 0 ? lab_desk_reply_order(self, to, &(struct lab_order_reply){self->stock}) : rc;
}

int lab_desk_on_order(struct lab_desk *self, const struct lab_order *message, lab_order_reply_to to)
{
    int rc;

    self->served++;
    if (message->count < 0)
        return 0; /* nobody answers */
    if (message->count > 1000)
        return lab_desk_refuse_order(self, to, LAB_SOLD_OUT);
    if (message->count > self->stock)
        return lab_desk_ask_supply(
            self, &(struct lab_reserve){.article = message->article, .count = message->count},
            &(struct lab_desk_supply){.to = to, .count = message->count});
    rc = sell(self, message, to);
    if (rc != 0)
        return rc;
    if (message->article == ENDS)
        sn_fail(self->sn, -EPIPE);
    return message->article == FAILS ? -EPROTO : message->article == STOPS ? SN_STOP : 0;
}

int lab_desk_on_supply(struct lab_desk *self, const struct lab_desk_supply *context, int outcome,
                       const struct lab_reserve_reply *reply)
{
    if (outcome != 0)
        return lab_desk_refuse_order(self, context->to, outcome);
    self->stock += reply->count;
    return lab_desk_reply_order(self, context->to, &(struct lab_order_reply){self->stock});
}

int lab_desk_on_shut(struct lab_desk *self, const struct lab_shut *message)
{
    int rc = message->state == LAB_STATE_CLOSED ? lab_desk_cancel_beat(self) : 0;

    return rc == 0 ? lab_desk_start_lunch(self) : rc;
}

int lab_desk_on_hand_over(struct lab_desk *self, const struct lab_hand_over *message)
{
    return lab_desk_set_pending(self, message->to);
}

int lab_desk_on_dump(struct lab_desk *self, const struct lab_dump *message)
{
    char log[64];
    size_t used = 0;

    for (size_t i = 0; i < message->rows.count; i++)
        for (size_t k = 0; k < message->rows.items[i].size; k++)
            log[used++] = (char)message->rows.items[i].data[k];
    return lab_desk_set_log(self, sn_string_of(log, used));
}

int lab_desk_on_ring(struct lab_desk *self)
{
    int rc = lab_desk_send_bells_ring(self);

    return rc == 0 ? lab_desk_send_bells_ring(self) : rc;
}

int lab_desk_on_lunch(struct lab_desk *self)
{
    return lab_desk_reply_order(self, self->pending, &(struct lab_order_reply){self->stock});
}

int lab_desk_on_beat(struct lab_desk *self)
{
    return lab_desk_send_desks_ring_at(self, sn_self_index(self->sn));
}

int lab_sign_on_sold(struct lab_sign *self, const struct lab_sold *message)
{
    (void)self, (void)message;
    return 0;
}

int lab_bell_on_ring(struct lab_bell *self)
{
    (void)self;
    return 0;
}

int lab_store_on_reserve(struct lab_store *self, const struct lab_reserve *message,
                         lab_reserve_reply_to to)
{
    return lab_store_reply_reserve(self, to, &(struct lab_reserve_reply){message->count});
}

int lab_clock_tick(struct lab_clock *self)
{
    self->ticks++;
    return lab_clock_send_bells_ring(self);
}
