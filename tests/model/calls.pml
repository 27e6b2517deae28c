/* SPDX-License-Identifier: MIT */
/*
 * Threads outside and the end of the system: sn_port_enter(), sn_port_leave(), sn_port_slot() and
 * sn_port_wait_for_room() in runtime/port/port.c, begin() and sn_port_end() in runtime/port/send.c,
 * gone() in runtime/shard/lifecycle.c, ask_to_stop() and await_callers() in runtime/system/stop.c.
 *
 * Two threads use a shared port, one to send and one to ask; each may find the mailbox full and
 * wait. The system is stopped while their calls are under way: they have begun, for a call that
 * begins when the stop has begun may come too late. Faithful: both calls end, nothing of the port is
 * touched after it was freed, and all that was accepted has ended.
 *
 * WEAKEN NO_CALLS: a stop does not wait until all calls have left
 * WEAKEN LATE_ENTER: a call is counted when its message is sent
 * WEAKEN EARLY_LEAVE: a request is not counted any more when it has been sent
 * WEAKEN LEAVE_LOCKED: a call is not counted any more before it has unlocked the port
 * WEAKEN DRAIN_ONCE: links are drained when the threads have ended, and not while calls leave
 * WEAKEN DRAIN_FIRST: what the last call has sent before it left is not drained
 * WEAKEN CLOSED_LATE: gone() stores `closed` without an order before it looks for waiters
 * WEAKEN NOT_TOLD: gone() does not wake who waits for room
 * WEAKEN LOOK_FIRST: a thread looks at `closed` before it registers (C1)
 */
#define SENDER 0
#define ASKER 1
#define SHARD 2
#define STOPPER 3
#define THREADS 4
#define STOPPING 0
#define CLOSED 1
#define WORDS 2

#include "tso.inc.pml"

#define STOP 9

byte calls, begun;
byte credits; /* 0 to 2 at first */
byte waiters; /* threads outside are 1; above it the sequence */
byte lock;    /* of the port: who has it, + 1 */
chan link = [4] of {byte};
byte accepted, finished;
bool answered; /* the asker's future is done */
bool stopped, quit, joined, freed;

inline enter()
{
    assert(!freed);
    calls++ /* locked */
}

inline leave()
{
    assert(!freed);
    calls--
}

/* sn_slot_return() */
inline give(me, places)
{
    atomic { LOCKED(me); credits = credits + places }; /* C2 */
    tell(me)
}

inline tell(me)
{
    do
    :: true ->
        seen = waiters;
        if
        :: (seen & 1) == 0 -> break
        :: else ->
            atomic {
                LOCKED(me);
                if
                :: waiters == seen ->
                    waiters = (seen + 1) & 7; /* sn_futex_wake(): the word has changed */
                    break
                :: else
                fi
            }
        fi
    od
}

/* reserve(): `taken`, or the target is gone */
inline reserve(me)
{
    taken = false;
    do
    :: memory[STOPPING] != 0 || memory[CLOSED] != 0 -> break /* sn_port_slot() */
    :: else ->
        atomic {
            LOCKED(me);
            taken = (credits > 0);
            credits = (taken -> credits - 1 : credits)
        }
        if
        :: taken -> break
        :: else ->
            /* sn_port_wait_for_room() */
#ifdef LOOK_FIRST
            looked = (credits > 0 || memory[CLOSED] != 0);
#endif
            atomic { /* C1 */
                LOCKED(me);
                waiters = waiters | 1;
                word = waiters
            }
#ifndef LOOK_FIRST
            looked = (credits > 0 || memory[CLOSED] != 0);
#endif
            if
            :: looked
            :: else -> waiters != word /* sn_futex_wait() */
            fi
        fi
    od
}

proctype caller(byte me)
{
    byte word;
    bool taken, looked;

#ifndef LATE_ENTER
    enter();
#endif
    begun++;
    reserve(me);
    if
    :: !taken -> skip /* SN_GONE */
    :: else ->
        assert(!freed);
        atomic { lock == 0 -> lock = me + 1 };
#ifdef LATE_ENTER
        enter();
#endif
        assert(!freed);
        accepted++;
        link ! me; /* sn_port_put() */
        assert(!freed);
#ifdef LEAVE_LOCKED
        if
        :: me == SENDER -> leave()
        :: else
        fi;
        assert(!freed);
        lock = 0;
#else
        lock = 0;
#endif
        if
        :: me == ASKER ->
#ifdef EARLY_LEAVE
            leave();
#endif
            answered; /* sn_future_wait() */
            assert(!freed) /* finish() */
        :: else
        fi
    fi;
#ifdef LEAVE_LOCKED
    if
    :: taken && me == SENDER
    :: else -> leave()
    fi
#else
#ifdef EARLY_LEAVE
    if
    :: taken && me == ASKER
    :: else -> leave()
    fi
#else
#ifdef LATE_ENTER
    if
    :: taken -> leave()
    :: else
    fi
#else
    leave()
#endif
#endif
#endif
}

/* A message has come: it is handled, or it is a dead letter. */
inline deliver(me)
{
    finished++;
    if
    :: message == ASKER -> answered = true
    :: else
    fi
}

/* The only shard; its thread ends with `quit`, whatever is in its links then. */
proctype shard()
{
    byte message, seen;

    do
    :: link ? message ->
        if
        :: message == STOP ->
            /* The tree stops its actors: gone() */
            STORE(SHARD, CLOSED, 1);
#ifndef CLOSED_LATE
            FENCE(SHARD);
#endif
#ifndef NOT_TOLD
            tell(SHARD);
#endif
            stopped = true /* set_state() */
        :: else ->
            deliver(SHARD);
            give(SHARD, 1)
        fi
    :: quit -> break
    od;
    joined = true
}

/* sn_shard_drain(), by the thread that stops */
inline drain()
{
    do
    :: link ? message -> deliver(STOPPER)
    :: empty(link) -> break
    od
}

/* sn_system_stop() */
proctype stopper()
{
    byte message, open;

    begun == 2;
    atomic { lock == 0 -> lock = STOPPER + 1 };
    STORE(STOPPER, STOPPING, 1);
    FENCE(STOPPER);
    link ! STOP;
    lock = 0;
    stopped; /* await_stop() */
    quit = true;
    joined; /* sn_system_join() */
    drain();
    /* await_callers(): looks again and again; here when there is something to see, so that a call
     * that never leaves is an end state */
#ifndef NO_CALLS
    do
#ifdef DRAIN_ONCE
    :: calls == 0 -> break
#else
    :: calls == 0 || nempty(link) ->
#ifdef DRAIN_FIRST
        drain();
        open = calls;
#else
        open = calls;
        drain();
#endif
        if
        :: open == 0 -> break
        :: else
        fi
#endif
    od;
#endif
    assert(lock == 0);
    assert(accepted == finished); /* check_conservation() */
    freed = true
}

init
{
    atomic {
        if
        :: credits = 0
        :: credits = 1
        :: credits = 2
        fi;
        run flush(SENDER);
        run flush(ASKER);
        run flush(SHARD);
        run flush(STOPPER);
        run caller(SENDER);
        run caller(ASKER);
        run shard();
        run stopper()
    }
}
