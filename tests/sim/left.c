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

/* An overflow is somebody else's problem here; anything else is a failure. */
static int forgive(int rc)
{
    return rc == SN_FULL || rc == SN_GONE ? 0 : rc;
}

static int ask_brief(struct storm_left *self, uint64_t key)
{
    uint64_t number = ledger_next(&ledger);
    struct storm_question question = {.key = key, .later = key % 3 == 0};

    return forgive(storm_left_ask_brief(self, &question, &(struct storm_left_brief){number}));
}

static int ask_sure(struct storm_left *self, uint64_t key)
{
    uint64_t number = ledger_next(&ledger);
    struct storm_question question = {.key = key, .later = key % 5 == 0};

    return forgive(storm_left_ask_sure(self, &question, &(struct storm_left_sure){number}));
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
    return forgive(rc);
}

int storm_left_on_note(struct storm_left *self, const struct storm_note *message)
{
    return message->key % 50 == 0 ? storm_left_cancel_once(self) : 0;
}

int storm_left_on_brief(struct storm_left *self, const struct storm_left_brief *context,
                        int outcome, const struct storm_question_reply *reply)
{
    (void)self;
    ledger_complete(&ledger, context->key);
    return outcome == 0 && reply->answer == 0 ? -1 : 0;
}

int storm_left_on_sure(struct storm_left *self, const struct storm_left_sure *context, int outcome,
                       const struct storm_question_reply *reply)
{
    (void)reply;
    ledger_complete(&ledger, context->key);
    return outcome == SN_DOWN ? 0 : storm_left_start_once(self);
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
