/* SPDX-License-Identifier: MIT */
/* The counter example, counting to what two schemas say: TALLY_ROUNDS steps of UNITS_STEP;
 * the sum goes through its codec once. */
#include "tally_counter.h"

#include <stdio.h>

int tally_counter_on_add(struct tally_counter *self, const struct tally_add *message)
{
    self->total += message->amount;
    return 0;
}

int tally_counter_on_total(struct tally_counter *self, tally_total_reply_to to)
{
    return tally_counter_reply_total(self, to, &(struct tally_total_reply){.value = self->total});
}

static int print(const struct tally_total_reply *total)
{
    uint8_t room[TALLY_TOTAL_REPLY_WIRE_MEMORY];
    struct sn_wire_memory memory = {.bytes = room, .size = sizeof room};
    struct tally_total_reply decoded;
    struct sn_bytes bytes;
    int rc = tally_total_reply_encode(total, &memory, &bytes);

    if (rc == 0)
        rc = tally_total_reply_decode(bytes, &memory, &decoded);
    if (rc == 0)
        printf("%d\n", decoded.value);
    return rc;
}

int main(void)
{
    struct tally *app;
    struct tally_total_reply total = {0};
    int rc = tally_start(NULL, &app);

    for (int i = 0; rc == 0 && i < TALLY_ROUNDS; i++)
        rc = tally_send_counter_add(app, &(struct tally_add){.amount = UNITS_STEP});
    if (rc == 0)
        rc = tally_call_counter_total(app, &total);
    if (rc == 0)
        rc = print(&total);
    return tally_stop(app) != 0 || rc != 0;
}
