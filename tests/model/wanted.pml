/* SPDX-License-Identifier: MIT */
/*
 * Waiting for a place that a busy owner holds for its own senders: free_place(), may_hold(),
 * return_held() and sn_credits_return() in runtime/shard/credit.c, sn_port_wait_for_room() in
 * runtime/port/port.c.
 *
 * The owner is never idle: in each of its passes actors of its own may send to a mailbox of one
 * place, and handle that. A thread outside wants the place. Faithful: once it sleeps, the owner's
 * next two passes wake it, although the owner never goes to sleep and so never returns all.
 *
 * WEAKEN NO_WANTED: who waits does not set `wanted`
 * WEAKEN WANTED_FIRST: `wanted` is set before the registration (C1)
 * WEAKEN NO_MAY_HOLD: places are held although somebody waits
 * WEAKEN NO_RETURN: sn_credits_return() does not look at `wanted`
 */
#define OWNER 0
#define PORT 1
#define THREADS 2
#define WANTED 0
#define WAITERS 1
#define WORDS 2
#define MASK 15/* threads outside are 1; above it the sequence */

#include "tso.inc.pml"

byte credits; /* of the slot, wherever they are counted there: credits.pml */
byte held;    /* actor->credits */
byte owed;
bool queued;   /* a message has the place */
bool sleeps;  /* the thread outside ... */
byte word;    /* ... as long as the waiters are this */
bool got;

/* sn_slot_return() */
inline give(places)
{
    atomic { LOCKED(OWNER); credits = credits + places }; /* C2 */
    do
    :: true ->
        seen = memory[WAITERS];
        if
        :: (seen & 1) == 0 -> break
        :: else ->
            atomic {
                LOCKED(OWNER);
                if
                :: memory[WAITERS] == seen ->
                    memory[WAITERS] = (seen + 1) & MASK;
                    break
                :: else
                fi
            }
        fi
    od
}

inline return_held()
{
    if
    :: held > 0 ->
        seen = held;
        held = 0;
        give(seen)
    :: else
    fi
}

/* run_message() and free_place() */
inline handle()
{
    if
    :: queued ->
        queued = false;
        if
#ifdef NO_MAY_HOLD
        :: true -> held++
#else
        :: (memory[WAITERS] & 1) == 0 -> held++ /* may_hold() */
        :: else -> owed++
#endif
        fi
    :: else
    fi
}

/* A pass; `sends`: an actor of the owner sends to the mailbox, if there is a place. What was sent is
 * handled in the same pass or in the next one. */
inline pass(sends)
{
    handle();
    if
    :: sends ->
        /* sn_credit_take() and take_here() */
        if
        :: held > 0 -> held--; queued = true
        :: held == 0 && owed > 0 -> owed--; queued = true
        :: held == 0 && owed == 0 ->
            atomic {
                LOCKED(OWNER);
                queued = (credits > 0);
                credits = (queued -> credits - 1 : credits)
            }
        fi
    :: else
    fi;
    if
    :: true -> handle()
    :: true
    fi;
    /* sn_credits_return(shard, false) */
    if
    :: owed > 0 ->
        seen = owed;
        owed = 0;
        give(seen)
    :: else
    fi;
#ifndef NO_RETURN
    if
    :: memory[WANTED] != 0 ->
        atomic { LOCKED(OWNER); memory[WANTED] = 0 };
        return_held()
    :: else
    fi
#endif
}

inline any_pass()
{
    if
    :: true -> pass(true)
    :: true -> pass(false)
    fi
}

proctype owner()
{
    byte seen, noted;

    do
    :: got -> break
    :: else ->
        if
        :: true -> any_pass()
        :: atomic { sleeps && memory[WAITERS] == word && empty(buffer[PORT]) -> noted = word };
            any_pass();
            pass(false);
            assert(memory[WAITERS] != noted) /* it was woken */
        fi
    od
}

proctype port()
{
    bool taken = false;

    do
    :: taken -> break
    :: else ->
        atomic {
            LOCKED(PORT);
            taken = (credits > 0);
            credits = (taken -> credits - 1 : credits)
        }
        if
        :: taken
        :: else ->
            /* sn_port_wait_for_room() */
#ifdef WANTED_FIRST
            STORE(PORT, WANTED, 1);
#endif
            atomic { /* C1 */
                LOCKED(PORT);
                memory[WAITERS] = memory[WAITERS] | 1;
                word = memory[WAITERS]
            }
#ifndef NO_WANTED
#ifndef WANTED_FIRST
            STORE(PORT, WANTED, 1);
#endif
#endif
            if
            :: credits > 0
            :: else ->
                sleeps = true;
                memory[WAITERS] != word; /* sn_futex_wait() */
                sleeps = false
            fi
        fi
    od;
    got = true
}

init
{
    atomic {
        if
        :: credits = 1
        :: held = 1
        fi;
        run flush(OWNER);
        run flush(PORT);
        run owner();
        run port()
    }
}
