/* SPDX-License-Identifier: MIT */
#ifndef SN_BASE_PLANT_H
#define SN_BASE_PLANT_H

/*
 * Planted defects: realistic mistakes that a build with -DSN_PLANT=ON can be told to make, one a
 * process, by the environment variable SN_PLANT. They show that the simulator and the stress tests
 * find such mistakes (tests/plant/). In any other build a mark is the constant false.
 */

#include <stdbool.h>

/* Each is what is wrong; the mark in the code says where. */
#define SN_PLANTS(X)                                                                           \
    X(lost_wake_up)          /* a link is announced, but its sleeping consumer is not woken */ \
    X(idle_not_rechecked)    /* a link becomes idle without a second look at the ring */       \
    X(missing_fence)         /* none between publishing the tail and the look at idle */       \
    X(park_not_rechecked)    /* a shard sleeps without a second look at its inbox */           \
    X(spill_forgotten)       /* a link whose ring was full is not flushed again */             \
    X(fifo_spill_overtaken)  /* a message goes to the ring while others wait in the spill */   \
    X(double_free)           /* an expired message is freed twice */                           \
    X(stale_reference)       /* a message for an actor that is gone reaches its successor */   \
    X(generation_not_bumped) /* an actor that is gone keeps its reference */                   \
    X(capacity_off_by_one)   /* a mailbox has a place more than its capacity */                \
    X(restart_counted_twice) /* in the window of its supervisor */                             \
    X(window_off_by_one)     /* a supervisor gives up one restart too early */                 \
    X(backoff_ignored)       /* a restart does not wait */                                     \
    X(stop_order_wrong)      /* children stop in the order in which they started */            \
    X(start_not_awaited)     /* a child starts before the one before it has */                 \
    X(token_leaked)          /* a kept token of a failed handler is not freed */               \
    X(retain_not_restored)   /* the retained fields of a failed handler stay changed */        \
    X(effects_of_failure)    /* what a failed handler has staged leaves all the same */        \
    X(credit_leaked)         /* the place of a message that a failed handler staged is lost */ \
    X(bytes_leaked)          /* the bytes of a message that has begun to run are lost */       \
    X(lease_leaked)          /* places leased by another shard are not returned */             \
    X(owed_forgotten)        /* places freed for other shards are not returned */              \
    X(room_not_told)         /* places come back, and who waits for them is not woken */       \
    X(outbox_overtaken)      /* a message does not wait behind the parked ones */              \
    X(drop_not_counted)      /* what drop_oldest drops does not end in the counters */         \
    X(completed_twice)       /* a reply is let through although the deadline has completed */  \
    X(late_reply_hits)       /* the slot of an ask is used again with the same token */        \
    X(ask_leaked)            /* an ask of a failed handler stays open */                       \
    X(timer_after_cancel)    /* a firing that is queued runs although it was cancelled */      \
    X(lane_starvation)       /* lower lanes wait as long as higher ones have something */      \
    X(expired_handled)       /* a request is handled after its deadline */                     \
    X(poison_off_by_one)     /* a message that kills is tried once too often */                \
    X(arena_freed_twice)     /* memory of an actor that has ended is freed twice */            \
    X(arena_leaked)          /* memory of an actor that has ended is not freed */              \
    X(future_reused)         /* a future is used again with the same generation */             \
    X(down_overtakes)        /* a DOWN does not wait behind what its subject has parked */     \
    X(echo_shown)            /* a dead letter of what a handler of dead letters sent is shown */

enum sn_plant {
    SN_PLANT_none,
#define SN_PLANT_ENUM(name) SN_PLANT_##name,
    SN_PLANTS(SN_PLANT_ENUM)
#undef SN_PLANT_ENUM
};

#ifdef SN_PLANT
extern enum sn_plant sn_plant_chosen;
/** Whether this process shall make a mistake. */
#define SN_PLANTED(name) __builtin_expect(sn_plant_chosen == SN_PLANT_##name, 0)
#else
#define SN_PLANTED(name) (SN_PLANT_##name == SN_PLANT_none) /* false */
#endif

#endif
