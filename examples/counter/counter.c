/* SPDX-License-Identifier: MIT */
#include "tally.h"
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

int main(void)
{
    struct tally *app;
    struct tally_total_reply total = {0};
    int rc = tally_start(NULL, &app);
    for (int i = 1; rc == 0 && i <= 10; i++)
        rc = tally_send_counter_add(app, &(struct tally_add){.amount = i});
    if (rc == 0 && (rc = tally_call_counter_total(app, &total)) == 0)
        printf("%d\n", total.value);
    return tally_stop(app) != 0 || rc != 0;
}
