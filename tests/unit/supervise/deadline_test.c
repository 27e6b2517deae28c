/* SPDX-License-Identifier: MIT */

/* The heap of deadlines against a plain array, and with very many equal times. */

#include "supervise/deadline.h"
#include "world.h"

#include <stdlib.h>

enum { COUNT = 64 };

static struct sn_deadline *earliest(struct sn_deadline *deadlines, int count)
{
    struct sn_deadline *first = NULL;

    for (int i = 0; i < count; i++) {
        struct sn_deadline *d = &deadlines[i];

        if (d->armed && (!first || d->at_ns < first->at_ns ||
                         (d->at_ns == first->at_ns && d->order < first->order)))
            first = d;
    }
    return first;
}

START_TEST(heap_agrees_with_a_scan)
{
    for (unsigned seed = 1; seed <= 100; seed++) {
        struct sn_deadline deadlines[COUNT] = {{0}};
        struct sn_deadlines heap = {0};

        srand(seed);
        for (int i = 0; i < 3000; i++) {
            struct sn_deadline *d = &deadlines[rand() % COUNT];
            uint64_t now_ns = (uint64_t)(rand() % 100);

            if (rand() % 3 > 0) {
                sn_deadline_arm(&heap, d, (uint64_t)(rand() % 100));
            } else if (rand() % 2) {
                sn_deadline_cancel(&heap, d);
            } else {
                struct sn_deadline *first = earliest(deadlines, COUNT);

                if (first && first->at_ns > now_ns)
                    first = NULL;
                ck_assert_ptr_eq(sn_deadline_take(&heap, now_ns), first);
            }
            ck_assert_ptr_eq(heap.first, earliest(deadlines, COUNT));
        }
    }
}
END_TEST

START_TEST(equal_times_leave_in_the_order_of_arming)
{
    enum { MANY = 100000 };
    struct sn_deadline *deadlines = calloc(MANY, sizeof(*deadlines));
    struct sn_deadlines heap = {0};

    for (int i = 0; i < MANY; i++)
        sn_deadline_arm(&heap, &deadlines[i], 5);
    ck_assert_ptr_null(sn_deadline_take(&heap, 4));
    for (int i = 0; i < MANY; i++)
        ck_assert_ptr_eq(sn_deadline_take(&heap, 5), &deadlines[i]);
    ck_assert_ptr_null(sn_deadline_take(&heap, 5));
    free(deadlines);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        heap_agrees_with_a_scan,
        equal_times_leave_in_the_order_of_arming,
    };

    return world_main("supervise", tests, sizeof(tests) / sizeof(tests[0]));
}
