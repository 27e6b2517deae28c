/* SPDX-License-Identifier: MIT */
#include "storm_left.h"

#include "ledger.h"

int storm_left_init(struct storm_left *self, bool restored)
{
    (void)restored;
    return storm_left_start_once(self);
}

void storm_left_shutdown(struct storm_left *self, int why)
{
    (void)self, (void)why;
}

/* An overflow is somebody else's problem here, and so is an allocation that the simulator let
 * fail; anything else is a failure. */
static int forgive(int rc)
{
    return rc == SN_FULL || rc == SN_GONE || rc == SN_OPEN ? 0 : rc;
}

static int ask_brief(struct storm_left *self, uint64_t key)
{
    uint64_t number = ledger_next(&ledger);
    struct storm_question question = {.key = key, .number = number, .later = key % 3 == 0};

    return forgive(storm_left_ask_brief(self, &question, &(struct storm_left_brief){number}));
}

static int ask_sure(struct storm_left *self, uint64_t key)
{
    uint64_t number = ledger_next(&ledger);
    struct storm_question question = {.key = key, .number = number, .later = key % 5 == 0};

    return forgive(storm_left_ask_sure(self, &question, &(struct storm_left_sure){number}));
}

static int ask_stubborn(struct storm_left *self, uint64_t key)
{
    uint64_t number = ledger_next(&ledger);
    struct storm_question question = {.key = key, .number = number};

    return forgive(storm_left_ask_stubborn(self, &question, &(struct storm_left_stubborn){number}));
}

/* What goes to the other pools. */
static int scatter(struct storm_left *self, uint64_t key)
{
    static const uint8_t data[600];
    int rc = 0;

    if (key % 5 == 0)
        rc = storm_left_send_spinners_spin(
            self, &(struct storm_spin){.key = key, .left = (uint32_t)(key % 90)});
    if (forgive(rc) == 0 && key % 3 == 0)
        rc = storm_left_send_spinners_note(self, &(struct storm_note){.key = key});
    if (forgive(rc) == 0 && key % 4 == 0)
        rc = storm_left_send_stores_blob(self, &(struct storm_blob){.data = {data, key % 600}});
    if (forgive(rc) == 0 && key % 29 == 0)
        rc = storm_left_send_fragile_poke(self, &(struct storm_poke){.key = key});
    if (forgive(rc) == 0 && key % 31 == 0)
        rc = storm_left_send_brief_poke(self, &(struct storm_poke){.key = key});
    return forgive(rc);
}

int storm_left_on_job(struct storm_left *self, const struct storm_job *message)
{
    struct storm_job next = {.key = sn_random(self->sn), .left = message->left - 1};
    int rc = storm_left_send_rights_note(self, &(struct storm_note){.key = next.key});

    self->balance += 1;
    if (forgive(rc) == 0 && message->left > 0)
        rc = storm_left_send_rights_job(self, &next);
    if (forgive(rc) == 0 && next.key % 4 == 0)
        rc = ask_brief(self, next.key / 4);
    if (forgive(rc) == 0 && next.key % 7 == 0)
        rc = ask_sure(self, next.key / 7);
    if (forgive(rc) == 0 && next.key % 13 == 0)
        rc = ask_stubborn(self, next.key / 13);
    if (forgive(rc) == 0)
        rc = scatter(self, next.key / 17);
    return forgive(rc);
}

int storm_left_on_note(struct storm_left *self, const struct storm_note *message)
{
    if (message->key % 3 == 0)
        return storm_left_cancel_once(self);
    return message->key % 3 == 1 ? storm_left_start_once(self) : 0;
}

int storm_left_on_brief(struct storm_left *self, const struct storm_left_brief *context,
                        int outcome, const struct storm_question_reply *reply)
{
    (void)self;
    ledger_complete(&ledger, context->number);
    return outcome == 0 && reply->number != context->number ? -1 : 0;
}

int storm_left_on_sure(struct storm_left *self, const struct storm_left_sure *context, int outcome,
                       const struct storm_question_reply *reply)
{
    ledger_complete(&ledger, context->number);
    if (outcome == 0)
        cheap_assert(reply->number == context->number);
    return outcome == SN_DOWN ? 0 : storm_left_start_once(self);
}

int storm_left_on_stubborn(struct storm_left *self, const struct storm_left_stubborn *context,
                           int outcome, const struct storm_question_reply *reply)
{
    (void)self;
    ledger_complete(&ledger, context->number);
    if (outcome == 0)
        cheap_assert(reply->number == context->number);
    return 0;
}

int storm_left_on_beat(struct storm_left *self)
{
    struct storm_note note = {.key = sn_random(self->sn)};

    return forgive(storm_left_send_rights_note(self, &note));
}

int storm_left_on_once(struct storm_left *self)
{
    return ask_brief(self, sn_random(self->sn));
}
