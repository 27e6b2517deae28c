/* SPDX-License-Identifier: MIT */
/*
 * The smaller workers of the storm: one that is always busy with itself, one with a bound on bytes,
 * one that dies.
 */
#include "storm_mortal.h"
#include "storm_spinner.h"
#include "storm_store.h"

#include <errno.h>

int storm_spinner_on_spin(struct storm_spinner *self, const struct storm_spin *message)
{
    struct storm_spin next = {.key = message->key, .left = message->left - 1};

    self->spun++;
    if (message->left == 0)
        return 0;
    int rc = storm_spinner_send_spinners_spin(self, &next);
    return rc == SN_FULL || rc == SN_GONE ? 0 : rc;
}

int storm_spinner_on_note(struct storm_spinner *self, const struct storm_note *message)
{
    (void)self, (void)message;
    return 0;
}

int storm_store_on_blob(struct storm_store *self, const struct storm_blob *message)
{
    (void)self, (void)message;
    return 0;
}

int storm_mortal_init(struct storm_mortal *self)
{
    (void)self;
    return 0;
}

int storm_mortal_on_poke(struct storm_mortal *self, const struct storm_poke *message)
{
    (void)self;
    if (message->key % 7 == 0)
        return SN_STOP;
    return message->key % 2 == 0 ? -EIO : 0;
}
