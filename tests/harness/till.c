/* SPDX-License-Identifier: MIT */
/*
 * The handlers of till.yaml, with two bugs that the tests plant:
 *
 *     PLANT_SEQUENCE  a drawer that is counted, not open, gives cash that it has not
 *     PLANT_BOUNDS    a mark past the last place is written too
 */
#include "till.h"

#include <errno.h>

int till_drawer_init(struct till_drawer *self, bool restored)
{
    if (!restored)
        self->cash = self->args.cash;
    return 0;
}

int till_drawer_on_turn(struct till_drawer *self, const struct till_turn *message)
{
    self->mode = message->mode;
    self->turns++;
    return message->mode == TILL_MODE_OPEN ? till_drawer_start_close(self) : 0;
}

int till_drawer_on_put(struct till_drawer *self, const struct till_put *message)
{
    self->cash += message->amount;
    /* Too late is not too bad: what has happened is undone. */
    return self->mode == TILL_MODE_SHUT ? -EPERM : 0;
}

static bool is_too_much(const struct till_drawer *self, uint32_t amount)
{
#ifdef PLANT_SEQUENCE
    if (self->mode == TILL_MODE_COUNTING && self->turns > 2)
        return false;
#endif
    return amount > self->cash;
}

int till_drawer_on_take(struct till_drawer *self, const struct till_take *message,
                        till_take_reply_to to)
{
    if (self->mode == TILL_MODE_SHUT)
        return till_drawer_refuse_take(self, to, TILL_NOT_OPEN);
    if (is_too_much(self, message->amount)) {
        if (self->lent == 3)
            return till_drawer_refuse_take(self, to, TILL_TOO_MUCH);
        self->lent++;
        int rc = till_drawer_ask_loan(self, &(struct till_lend){message->amount},
                                      &(struct till_drawer_loan){message->amount});
        return rc == 0 ? till_drawer_refuse_take(self, to, TILL_TOO_MUCH) : rc;
    }
    self->cash -= message->amount;
    return till_drawer_reply_take(self, to, &(struct till_take_reply){self->cash});
}

int till_drawer_on_loan(struct till_drawer *self, const struct till_drawer_loan *context,
                        int outcome, const struct till_lend_reply *reply)
{
    (void)context;
    self->lent--;
    self->cash += outcome == 0 ? reply->amount : 0;
    return 0;
}

int till_drawer_on_mark(struct till_drawer *self, const struct till_mark *message)
{
#ifdef PLANT_BOUNDS
    size_t places = 9;
#else
    size_t places = sizeof self->marks / sizeof self->marks[0];
#endif

    if (message->place >= places || message->values.count == 0)
        return 0;
    self->marks[message->place] = message->values.items[message->values.count - 1];
    return 0;
}

int till_drawer_on_close(struct till_drawer *self)
{
    self->mode = TILL_MODE_SHUT;
    return 0;
}

int till_safe_on_lend(struct till_safe *self, const struct till_lend *message,
                      till_lend_reply_to to)
{
    return till_safe_reply_lend(self, to, &(struct till_lend_reply){message->amount});
}
