/* SPDX-License-Identifier: MIT */
/*
 * The word of a future: runtime/future/future.c, and finish() in runtime/port/wait.c.
 *
 * A thread outside makes a request, may give it up, and makes another one with the same future. Two
 * shards can end a request, for what ends one (a reply, a deadline, the end of an actor) is not
 * always in one place. Faithful: a request completes once, with its own outcome and its own reply;
 * each reply is freed once; and who waits for ever is woken.
 *
 * WEAKEN PLAIN_CLAIM: sn_future_complete() claims by a load and a store
 * WEAKEN NO_CLAIMED: outcome and reply are written before the state is changed, and at once to DONE
 * WEAKEN DONE_FIRST: DONE is stored before outcome and reply
 * WEAKEN NO_GENERATION: sn_future_complete() does not compare the generation
 * WEAKEN NOT_BUMPED: sn_future_give() keeps the generation
 * WEAKEN GIVE_PLAIN: sn_future_give() stores the word
 * WEAKEN GIVE_CLAIMED: sn_future_give() does not wait while a shard has claimed the future
 * WEAKEN NO_WAKE: sn_future_complete() does not wake
 * WEAKEN FIRST_LOOK: whether somebody waits is taken from the first look, not from the one that was
 *        swapped
 * WEAKEN NO_WAITING: sn_future_await() sleeps without saying so
 */
#define PORT 0
#define SHARD 1 /* and 2 */
#define THREADS 3
#define WORD 0
#define OUTCOME 1
#define REPLY 2
#define WORDS 3
#define REQUESTS 2

#define FREE 0
#define PENDING 1
#define WAITING 2
#define CLAIMED 3
#define DONE 4
#define STATE(word) ((word) & 7)
#define GENERATION(word) ((word) >> 3)
#define MAKE(generation, state) ((generation) << 3 | (state))

#define IS_OPEN(word) (STATE(word) == PENDING || STATE(word) == WAITING)
#ifdef NO_GENERATION
#define IS_LATE(word) false
#else
#define IS_LATE(word) (GENERATION(word) != generation)
#endif

#include "tso.inc.pml"

chan requests[2] = [REQUESTS] of {byte, byte}; /* generation, number */
bool asleep; /* in the futex */
byte ended;  /* shards */
bool freed[2 * REQUESTS + 1]; /* the replies: two for each request, one from each shard */
byte made, gone;

inline free_reply(which)
{
    if
    :: which != 0 ->
        assert(!freed[which]);
        freed[which] = true;
        gone++
    :: else
    fi
}

/* sn_future_complete() */
inline complete(me, generation, number)
{
    made++;
    reply = 2 * number - 2 + me;
#ifdef NO_CLAIMED
    STORE(me, OUTCOME, number);
    STORE(me, REPLY, reply);
    FENCE(me);
#endif
    word = memory[WORD];
#ifdef FIRST_LOOK
    waits = (STATE(word) == WAITING);
#endif
    done = false;
    do
    :: !IS_OPEN(word) || IS_LATE(word) -> break
    :: else ->
#ifdef PLAIN_CLAIM
        STORE(me, WORD, MAKE(GENERATION(word), CLAIMED));
        FENCE(me);
        done = true;
        break
#else
        atomic {
            LOCKED(me);
            if
            :: memory[WORD] == word ->
#ifdef NO_CLAIMED
                memory[WORD] = MAKE(GENERATION(word), DONE);
#else
                memory[WORD] = MAKE(GENERATION(word), CLAIMED);
#endif
                done = true;
                break
            :: else -> word = memory[WORD]
            fi
        }
#endif
    od;
    if
    :: !done -> free_reply(reply)
    :: else ->
#ifdef DONE_FIRST
        STORE(me, WORD, MAKE(GENERATION(word), DONE));
#endif
#ifndef NO_CLAIMED
        STORE(me, OUTCOME, number);
        STORE(me, REPLY, reply);
#ifndef DONE_FIRST
        STORE(me, WORD, MAKE(GENERATION(word), DONE));
#endif
#endif
#ifndef FIRST_LOOK
        waits = (STATE(word) == WAITING);
#endif
        if
        :: waits ->
            FENCE(me); /* sn_futex_wake() */
#ifndef NO_WAKE
            asleep = false
#endif
        :: else
        fi
    fi
}

proctype shard(byte me)
{
    byte generation, number, reply, word;
    bool done, waits;

    do
    :: requests[me - SHARD] ? generation, number ->
        complete(me, generation, number);
        if
        :: number == REQUESTS -> break
        :: else
        fi
    od;
    FENCE(me);
    ended++
}

/* sn_future_await(); `got`: the completion is there */
inline await(forever)
{
    got = false;
    do
    :: true ->
        word = memory[WORD];
        if
        :: STATE(word) == DONE ->
            got = true;
            break
        :: STATE(word) == CLAIMED -> skip
        :: else ->
#ifdef NO_WAITING
            waiting = word;
#else
            waiting = MAKE(GENERATION(word), WAITING);
            if
            :: STATE(word) == PENDING ->
                atomic {
                    LOCKED(PORT);
                    if
                    :: memory[WORD] == word -> memory[WORD] = waiting
                    :: else -> waiting = 255 /* again */
                    fi
                }
            :: else
            fi;
#endif
            if
            :: waiting == 255 -> skip
            :: !forever -> break /* SN_TIMEOUT */
            :: waiting != 255 ->
                atomic { asleep = (memory[WORD] == waiting) }; /* sn_futex_wait() */
                !asleep
            fi
        fi
    od
}

/* sn_future_give(), leave() */
inline give()
{
    generation = GENERATION(memory[WORD]);
#ifdef NOT_BUMPED
    next = MAKE(generation, FREE);
#else
    next = MAKE(generation + 1, FREE);
#endif
#ifdef GIVE_PLAIN
    STATE(memory[WORD]) != CLAIMED;
    STORE(PORT, WORD, next);
    FENCE(PORT);
#else
    do
    :: true ->
        word = memory[WORD];
        if
#ifndef GIVE_CLAIMED
        :: STATE(word) == CLAIMED -> skip
#endif
        :: else ->
            atomic {
                LOCKED(PORT);
                if
                :: memory[WORD] == word ->
                    memory[WORD] = next;
                    break
                :: else
                fi
            }
        fi
    od;
#endif
    free_reply(memory[REPLY]);
    STORE(PORT, REPLY, 0);
    FENCE(PORT)
}

proctype port()
{
    byte number = 1, word, waiting, next, generation;
    bool got;

    do
    :: number <= REQUESTS ->
        /* sn_future_take(); the request is published over a link, whose flush has a fence */
        assert(STATE(memory[WORD]) == FREE);
        generation = GENERATION(memory[WORD]);
        STORE(PORT, WORD, MAKE(generation, PENDING));
        FENCE(PORT);
        requests[0] ! generation, number;
        requests[1] ! generation, number;
        if
        :: await(true)
        :: number < REQUESTS -> await(false)
        fi;
        if
        :: got -> assert(memory[OUTCOME] == number && (memory[REPLY] + 1) / 2 == number)
        :: else
        fi;
        give();
        number++
    :: else -> break
    od;
    ended == 2;
    /* sn_future_table_fini() */
    free_reply(memory[REPLY]);
    assert(made == 2 * REQUESTS && gone == made)
}

init
{
    atomic {
        run flush(PORT);
        run flush(SHARD);
        run flush(SHARD + 1);
        run port();
        run shard(SHARD);
        run shard(SHARD + 1)
    }
}
