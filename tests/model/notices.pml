/* SPDX-License-Identifier: MIT */
/*
 * Notices of the supervision tree: sn_inbox_post(), sn_inbox_take_notices() and sn_inbox_park() in
 * runtime/ring/link.c, try_send() in runtime/system/root.c, take_notices() in runtime/shard/loop.c
 * and sn_lifecycle_notice() in runtime/shard/lifecycle.c.
 *
 * The root gives three orders with two notices, so that one of them is used again; another shard
 * posts one of its own. Faithful: the consumer reads each once, those of the root in their order, and
 * does not sleep while one waits. A lost wake-up is an end state in which it sleeps.
 *
 * WEAKEN PLAIN_PUSH: sn_inbox_post() stores the head instead of comparing and swapping
 * WEAKEN PLAIN_TAKE: sn_inbox_take_notices() loads the head and stores none, without an exchange
 * WEAKEN NO_RELEASE: the push is relaxed: what the notice says may come later
 * WEAKEN WAKE_FIRST: sn_inbox_post() looks at parked before it pushes (I1)
 * WEAKEN NO_WAKE: sn_inbox_post() does not wake
 * WEAKEN NO_I2: parked is stored without an order in sn_inbox_park()
 * WEAKEN NO_PARK_CHECK: sn_inbox_park() does not look at the notices
 * WEAKEN NO_REVERSE: sn_inbox_take_notices() gives the newest first
 * WEAKEN NO_BUSY: the root uses a notice again without asking whether it was read
 * WEAKEN BUSY_FIRST: sn_lifecycle_notice() gives the notice back before it has read it
 * WEAKEN NEXT_LATE: take_notices() goes on from a notice that it has given back
 */
#define ROOT 0
#define OTHER 1
#define CONSUMER 2
#define THREADS 3
#define NOTICES 3 /* 0 and 1 are the root's, 2 is the other's */
#define ORDERS 3
#define BUSY 0    /* + notice */
#define ORDER 3   /* + notice: what it says */
#define NEXT 6    /* + notice: the number of the next one + 1 */
#define PARKED 9
#define WORDS 10

#include "tso.inc.pml"

byte notices; /* the head of the stack: a number + 1; only locked instructions change it */
bool bell;    /* sn_io_wake(): sticks until the consumer has waited */
byte read;    /* orders of the root */
bool other_read;

/* sn_inbox_wake() */
inline wake(me)
{
    if
#ifdef NO_WAKE
    :: false ->
#else
    :: memory[PARKED] != 0 ->
#endif
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

/* sn_inbox_post() */
inline post(me, notice)
{
#ifdef WAKE_FIRST
    wake(me);
#endif
    head = notices;
    do
    :: true ->
        STORE(me, NEXT + notice, head);
#ifdef PLAIN_PUSH
        FENCE(me);
        notices = notice + 1;
        break
#else
        atomic { /* I1 */
#ifndef NO_RELEASE
            LOCKED(me);
#endif
            if
            :: notices == head ->
                notices = notice + 1;
                break
            :: else -> head = notices
            fi
        }
#endif
    od;
#ifndef WAKE_FIRST
    wake(me)
#endif
}

proctype root()
{
    byte order = 1, notice = 0, head, was;

    do
    :: order <= ORDERS ->
        /* try_send(): tried again in each pass until it is free */
#ifndef NO_BUSY
        memory[BUSY + notice] == 0;
#endif
        STORE(ROOT, ORDER + notice, order);
        STORE(ROOT, BUSY + notice, 1);
        post(ROOT, notice);
        order++;
        notice = 1 - notice
    :: else -> break
    od
}

/* report() in lifecycle.c: the protocol between the tree and its members says when it is free. */
proctype other()
{
    byte head, was;

    STORE(OTHER, ORDER + 2, 1);
    post(OTHER, 2)
}

/* sn_lifecycle_notice() */
inline handle(notice)
{
#ifdef BUSY_FIRST
    STORE(CONSUMER, BUSY + notice, 0);
    FENCE(CONSUMER);
    order = memory[ORDER + notice];
#else
    order = memory[ORDER + notice];
    STORE(CONSUMER, BUSY + notice, 0);
#endif
    if
    :: notice == 2 ->
        assert(order == 1 && !other_read);
        other_read = true
    :: else ->
        assert(order == read + 1);
        read++
    fi
}

/* sn_inbox_take_notices(): `first` is a number + 1 */
inline take()
{
    first = 0;
#ifdef PLAIN_TAKE
    notice = notices;
    notices = 0;
#else
    atomic {
        LOCKED(CONSUMER);
        notice = notices;
        notices = 0
    }
#endif
#ifdef NO_REVERSE
    first = notice;
    notice = 0;
#endif
    do
    :: notice != 0 ->
        next = memory[NEXT + notice - 1];
        STORE(CONSUMER, NEXT + notice - 1, first);
        FENCE(CONSUMER); /* it reads its own stores: no forwarding here */
        first = notice;
        notice = next
    :: else -> break
    od
}

/* sn_shard_pass() and sn_shard_fall_asleep() */
proctype consumer()
{
    byte first, notice, next, order;

    do
    :: read == ORDERS && other_read -> break
    :: else ->
        if
        :: notices != 0 -> take()
        :: else
        fi;
        do
        :: first != 0 ->
            notice = first - 1;
#ifdef NEXT_LATE
            handle(notice);
            first = memory[NEXT + notice]
#else
            first = memory[NEXT + notice];
            handle(notice)
#endif
        :: else -> break
        od;
        if
        :: read < ORDERS || !other_read ->
            /* sn_inbox_park() */
            STORE(CONSUMER, PARKED, 1);
#ifndef NO_I2
            FENCE(CONSUMER); /* I2 */
#endif
            if
#ifdef NO_PARK_CHECK
            :: true ->
#else
            :: notices == 0 ->
#endif
                bell; /* sn_io_wait() */
                bell = false
#ifndef NO_PARK_CHECK
            :: notices != 0
#endif
            fi;
            STORE(CONSUMER, PARKED, 0) /* sn_inbox_unpark() */
        :: else
        fi
    od;
    assert(notices == 0)
}

init
{
    atomic {
        run flush(ROOT);
        run flush(OTHER);
        run flush(CONSUMER);
        run root();
        run other();
        run consumer()
    }
}
