/* SPDX-License-Identifier: MIT */
/*
 * Waiting for a place in a mailbox: runtime/shard/credit.c, sn_outbox_find_room() and
 * sn_outboxes_retry() in runtime/shard/commit.c, sn_shard_fall_asleep() in runtime/shard/loop.c,
 * sn_port_wait_for_room() in runtime/port/port.c.
 *
 * A mailbox of one place, which a message has. Its owner handles the message and goes to sleep. A
 * shard with an outbox and a thread outside both want the place; who gets it gives it back at once.
 * Faithful: both get it. One that sleeps for ever is an end state.
 *
 * WEAKEN NO_SECOND_LOOK: who has registered does not look again
 * WEAKEN LOOK_FIRST: the second look comes before the registration (C1)
 * WEAKEN RETURN_LATE: sn_slot_return() looks for waiters before it returns the place (C2)
 * WEAKEN PLAIN_CLEAR: sn_slot_return() clears the word by a store, not by compare-and-swap
 * WEAKEN NO_RETRY: a shard does not look again after it has said that it sleeps
 * WEAKEN NO_RETURN: the owner goes to sleep with the place in its hands
 */
#define OWNER 0
#define SHARD 1
#define PORT 2
#define THREADS 3
#define PARKED 0 /* of the shard */
#define WORDS 1
#define BITS 3   /* of the word of waiters: the shard is 1, threads outside are 2 */

#include "tso.inc.pml"

byte credits;
byte waiters;  /* only read-modify-writes change it, and they empty their buffer */
bool bell;     /* the shard's back end */
byte got;

/* sn_slot_take(): a compare-and-swap in a loop, so one step. */
inline take(me)
{
    atomic {
        LOCKED(me);
        taken = (credits > 0);
        credits = (taken -> credits - 1 : credits)
    }
}

/* sn_slot_await(), and the registration of a port */
inline enlist(me, mask)
{
    atomic { /* C1 */
        LOCKED(me);
        waiters = waiters | mask
    }
}

/* sn_inbox_wake() of the shard */
inline wake_shard(me)
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

/* sn_slot_return() */
inline give(me)
{
#ifdef RETURN_LATE
    seen = waiters;
    atomic { LOCKED(me); credits++ }
#else
    atomic { LOCKED(me); credits++ } /* C2 */
    seen = waiters;
#endif
    do
    :: (seen & BITS) == 0 -> break
    :: else ->
        atomic {
            LOCKED(me);
#ifdef PLAIN_CLEAR
            waiters = 0;
            swapped = true
#else
            swapped = (waiters == seen);
            /* The carry out of all bits moves the sequence. */
            waiters = (swapped -> ((seen | BITS) + 1) & 15 : waiters)
#endif
        }
        if
        :: swapped ->
            if
            :: (seen & 1) != 0 -> wake_shard(me)
            :: else
            fi;
            break /* a futex wake-up: who sleeps on the word sees that it has changed */
        :: else -> seen = waiters
        fi
    od
}

/* run_message(), sn_credits_return(), sn_shard_go_idle() */
proctype owner()
{
    byte seen, was;
    bool swapped;

#ifdef NO_RETURN
    bool held = true;
    if
    :: (waiters & BITS) != 0 -> give(OWNER) /* free_place(): somebody waits */
    :: else
    fi
#else
    give(OWNER)
#endif
}

/* sn_outbox_find_room(): look, register, look again */
inline find_room()
{
    take(SHARD);
    if
    :: taken
    :: else ->
#ifdef LOOK_FIRST
        take(SHARD);
        if
        :: taken
        :: else -> enlist(SHARD, 1)
        fi
#else
        enlist(SHARD, 1);
#ifndef NO_SECOND_LOOK
        take(SHARD)
#endif
#endif
    fi
}

proctype shard()
{
    byte seen, was;
    bool swapped, taken = false;

    do
    :: taken -> break
    :: else ->
        find_room(); /* sn_shard_pass() */
        if
        :: taken
        :: else ->
            STORE(SHARD, PARKED, 1); /* sn_inbox_park() */
            FENCE(SHARD);
#ifndef NO_RETRY
            find_room();
#endif
            if
            :: taken
            :: else ->
                bell; /* sn_io_wait() */
                bell = false
            fi;
            STORE(SHARD, PARKED, 0) /* sn_inbox_unpark() */
        fi
    od;
    got++;
    give(SHARD) /* its message is handled, somewhere */
}

proctype port()
{
    byte seen, was, word;
    bool swapped, taken = false;

    do
    :: taken -> break
    :: else ->
        take(PORT);
        if
        :: taken
        :: else ->
#ifdef LOOK_FIRST
            seen = credits;
            enlist(PORT, 2);
            word = waiters | 2;
#else
            atomic { /* C1: fetch_or */
                LOCKED(PORT);
                waiters = waiters | 2;
                word = waiters
            }
            seen = credits;
#endif
#ifdef NO_SECOND_LOOK
            seen = 0;
#endif
            if
            :: seen > 0
            :: else ->
                waiters != word /* sn_futex_wait() */
            fi
        fi
    od;
    got++;
    give(PORT)
}

init
{
    atomic {
        run flush(OWNER);
        run flush(SHARD);
        run flush(PORT);
        run owner();
        run shard();
        run port()
    }
}
