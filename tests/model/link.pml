/* SPDX-License-Identifier: MIT */
/*
 * Links and parking: runtime/ring/link.c, and fall_asleep() in runtime/shard/loop.c.
 *
 * Two producers, each with a link to one consumer. Faithful: each message is received, however the
 * consumer's links become idle and it goes to sleep; a link is on the inbox's stack at most once,
 * and never there and watched. A lost wake-up is an end state in which the consumer sleeps.
 *
 * WEAKEN NO_L1: no fence in sn_link_flush() between the tail and the look at idle
 * WEAKEN NO_L2: no fence in sn_link_make_idle() between idle and the look at the tail
 * WEAKEN NO_RECHECK: sn_link_make_idle() does not look at the tail
 * WEAKEN NO_I2: parked is stored without an order in sn_inbox_park()
 * WEAKEN NO_PARK_CHECK: sn_inbox_park() does not look at the stack
 * WEAKEN NO_EXCHANGE: sn_link_make_idle() takes its link back without asking who has it
 * WEAKEN NO_CLAIM: sn_link_flush() announces a link without exchanging idle
 * WEAKEN NO_WAKE: notify() does not wake
 */
#define MESSAGES 2
#define PRODUCERS 2
#define CONSUMER PRODUCERS
#define THREADS (PRODUCERS + 1)
#define TAIL 0
#define IDLE PRODUCERS
#define PARKED (2 * PRODUCERS)
#define WORDS (2 * PRODUCERS + 1)

#include "tso.inc.pml"

bool notified[PRODUCERS]; /* the inbox's stack; its order does not matter */
bool watched[PRODUCERS];   /* the consumer's list */
byte head[PRODUCERS];     /* what it has received */
bool bell;                /* sn_io_wake(): sticks until the consumer has waited */

/* sn_inbox_wake() */
inline wake(me)
{
    if
    :: memory[PARKED] != 0 ->
        atomic {
            LOCKED(me);
            was = memory[PARKED];
            memory[PARKED] = 0
        }
        if
        :: was != 0 -> bell = true
        :: else
        fi
    :: else
    fi
}

/* notify() */
inline notify(me)
{
    atomic { /* I1 */
        LOCKED(me);
        assert(!notified[me]);
        notified[me] = true
    }
#ifndef NO_WAKE
    wake(me)
#endif
}

/* sn_link_put() and sn_link_flush() */
proctype producer(byte me)
{
    byte sent = 0, was;

    do
    :: sent < MESSAGES ->
        sent++;
        STORE(me, TAIL + me, sent); /* R3 */
#ifndef NO_L1
        FENCE(me);
#endif
        if
        :: memory[IDLE + me] != 0 ->
#ifdef NO_CLAIM
            STORE(me, IDLE + me, 0);
            was = 1;
#else
            atomic {
                LOCKED(me);
                was = memory[IDLE + me];
                memory[IDLE + me] = 0
            }
#endif
            if
            :: was != 0 -> notify(me)
            :: else
            fi
        :: else
        fi
    :: else -> break
    od
}

/* sn_inbox_take() */
inline take()
{
    atomic {
        LOCKED(CONSUMER);
        link = 0;
        do
        :: link < PRODUCERS ->
            if
            :: notified[link] ->
                notified[link] = false;
                assert(!watched[link]);
                watched[link] = true
            :: else
            fi;
            link++
        :: else -> break
        od
    }
}

/* sn_link_make_idle() */
inline make_idle()
{
    watched[link] = false;
    STORE(CONSUMER, IDLE + link, 1);
#ifndef NO_L2
    FENCE(CONSUMER);
#endif
    if
#ifdef NO_RECHECK
    :: true
#else
    :: memory[TAIL + link] == head[link]
    :: memory[TAIL + link] != head[link] ->
#ifdef NO_EXCHANGE
        STORE(CONSUMER, IDLE + link, 0);
        watched[link] = true
#else
        atomic {
            LOCKED(CONSUMER);
            was = memory[IDLE + link];
            memory[IDLE + link] = 0;
            watched[link] = (was != 0)
        }
#endif
#endif
    fi
}

/* sn_shard_pass() and sn_shard_fall_asleep() */
proctype consumer()
{
    byte link, was;

    do
    :: head[0] == MESSAGES && head[1] == MESSAGES -> break
    :: else ->
        if
        :: notified[0] || notified[1] -> take()
        :: !(notified[0] || notified[1])
        fi;
        link = 0;
        do
        :: link < PRODUCERS ->
            if
            :: watched[link] && memory[TAIL + link] != head[link] ->
                head[link] = memory[TAIL + link] /* drain_link() */
            :: watched[link] && memory[TAIL + link] == head[link] -> make_idle()
            :: !watched[link]
            fi;
            link++
        :: else -> break
        od;
        if
        :: !watched[0] && !watched[1] && (head[0] < MESSAGES || head[1] < MESSAGES) ->
            /* sn_inbox_park() */
            STORE(CONSUMER, PARKED, 1);
#ifndef NO_I2
            FENCE(CONSUMER); /* I2 */
#endif
            if
#ifdef NO_PARK_CHECK
            :: true ->
#else
            :: !(notified[0] || notified[1]) ->
#endif
                bell; /* sn_io_wait() */
                bell = false
#ifndef NO_PARK_CHECK
            :: notified[0] || notified[1]
#endif
            fi;
            STORE(CONSUMER, PARKED, 0) /* sn_inbox_unpark() */
        :: else
        fi
    od
}

init
{
    byte i = 0;

    atomic {
        do
        :: i < PRODUCERS ->
            memory[IDLE + i] = 1;
            run producer(i);
            run flush(i);
            i++
        :: else -> break
        od;
        run flush(CONSUMER);
        run consumer()
    }
}
