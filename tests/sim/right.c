/* SPDX-License-Identifier: MIT */
#include "storm_right.h"

#include <errno.h>

enum { KEPT_MAX = 16 };

static int forgive(int rc)
{
    return rc == SN_FULL || rc == SN_GONE ? 0 : rc;
}

int storm_right_on_job(struct storm_right *self, const struct storm_job *message)
{
    struct storm_job next = {.key = message->key * 31 + 1, .left = message->left - 1};

    if (message->left == 0)
        return 0;
    return forgive(storm_right_send_lefts_job(self, &next));
}

int storm_right_on_note(struct storm_right *self, const struct storm_note *message)
{
    return message->key % 3 == 0 ? forgive(storm_right_send_lefts_note(self, message)) : 0;
}

/* One is kept at a time; the one before it, if it is still open, is refused. */
static int keep(struct storm_right *self, const struct storm_question *request,
                storm_question_reply_to to)
{
    struct storm_wake wake = {.key = request->key};
    int rc = self->kept.token.value != 0
                 ? storm_right_refuse_question(self, self->kept, STORM_NOT_TODAY)
                 : 0;

    if (rc != 0)
        return rc;
    self->number = request->number;
    rc = storm_right_set_kept(self, to);
    return rc == 0 ? forgive(storm_right_send_rights_wake(self, &wake)) : rc;
}

int storm_right_on_question(struct storm_right *self, const struct storm_question *request,
                            storm_question_reply_to to)
{
    void *memory = sn_alloc(self->sn, 100);

    if (memory == NULL || sn_scratch(self->sn, request->key % 2000) == NULL)
        return -ENOMEM;
    /* The arena has the rest when the incarnation ends: some, so that it does not grow for ever. */
    if (self->kept_memory % 64 != 0 || self->kept_memory > 64 * KEPT_MAX)
        sn_free(self->sn, memory);
    self->kept_memory++;
    if (request->later)
        return keep(self, request, to);
    if (request->key % 11 == 0)
        return storm_right_refuse_question(self, to, STORM_NOT_TODAY);
    if (request->key % 13 == 0)
        return 0; /* unanswered */
    return storm_right_reply_question(self, to,
                                      &(struct storm_question_reply){.number = request->number});
}

int storm_right_on_wake(struct storm_right *self, const struct storm_wake *message)
{
    storm_question_reply_to to = self->kept;

    (void)message;
    if (to.token.value == 0)
        return 0;
    int rc = storm_right_set_kept(self, (storm_question_reply_to){{0}});
    if (rc == 0)
        rc = storm_right_reply_question(self, to,
                                        &(struct storm_question_reply){.number = self->number});
    return rc == -EALREADY ? 0 : rc;
}
