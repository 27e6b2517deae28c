/* SPDX-License-Identifier: MIT */
/*
 * The places of a mailbox: runtime/actor/actor.c (sn_slot_take), runtime/shard/credit.c.
 *
 * Two shards send to an actor of a third with leases of up to two places; the owner handles what
 * arrives and returns the places it owes at the end of its passes. Faithful: there are never more
 * messages under way than the capacity, and in the end all places are in the slot again.
 *
 * WEAKEN NO_CAS: sn_slot_take() is a load and a store
 * WEAKEN NO_ADD: sn_slot_return() is a load and a store
 * WEAKEN NO_LEASE_END: what is left of a lease at the end of a pass is not returned
 * WEAKEN OWED_TWICE: a place is returned when its message begins to run, and at the end of the pass
 */
#define CAPACITY 3
#define LEASE 2
#define MESSAGES 2
#define SENDERS 2

short credits = CAPACITY;
chan mailbox = [SENDERS * MESSAGES] of {bit};
byte ended;

/* sn_slot_take(slot, LEASE) */
inline take()
{
#ifdef NO_CAS
    seen = credits;
    taken = (seen > LEASE -> LEASE : seen);
    credits = seen - taken
#else
    atomic {
        taken = (credits > LEASE -> LEASE : credits);
        credits = credits - taken
    }
#endif
}

/* sn_slot_return() */
inline give(places)
{
#ifdef NO_ADD
    seen = credits;
    credits = seen + places
#else
    credits = credits + places
#endif
}

proctype sender()
{
    short seen, taken, lease = 0;
    byte sent = 0;

    do
    :: sent < MESSAGES ->
        /* take_elsewhere() */
        if
        :: lease == 0 ->
            take();
            lease = taken
        :: else
        fi;
        if
        :: lease > 0 ->
            lease--;
            sent++;
            mailbox ! 1;
            assert(len(mailbox) <= CAPACITY)
        :: else /* full: the policy decides, here to try again */
        fi;
        if
        :: true -> /* the end of a pass: end_lease() */
#ifndef NO_LEASE_END
            give(lease);
#endif
            lease = 0
        :: true
        fi
    :: else -> break
    od;
#ifndef NO_LEASE_END
    give(lease);
#endif
    ended++
}

proctype owner()
{
    short seen, owed = 0;
    byte handled = 0;

    do
    :: mailbox ? 1 ->
        handled++;
        owed++; /* free_place() */
#ifdef OWED_TWICE
        give(1)
#endif
    :: owed > 0 -> /* return_owed() */
        give(owed);
        owed = 0
    :: handled == SENDERS * MESSAGES && owed == 0 && ended == SENDERS -> break
    od;
    assert(credits == CAPACITY)
}

init
{
    atomic {
        run sender();
        run sender();
        run owner()
    }
}
