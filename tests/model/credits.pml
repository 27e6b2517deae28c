/* SPDX-License-Identifier: MIT */
/*
 * The places of a mailbox: runtime/shard/credit.c.
 *
 * Two shards send to an actor of a third with leases of up to two places; the owner handles what
 * arrives and returns the places it owes at the end of its passes, to a counter of its own, which a
 * sender that finds no credits moves over. Faithful: there are never more messages under way than
 * the capacity, and in the end all places are in the slot again.
 *
 * WEAKEN NO_CAS: sn_slot_take() is a load and a store
 * WEAKEN NO_ADD: sn_slot_return() is a load and a store
 * WEAKEN NO_EXCHANGE: move_over() reads what was returned and then clears it
 * WEAKEN NO_LEASE_END: what is left of a lease at the end of a pass is not returned
 * WEAKEN OWED_TWICE: a place is returned when its message begins to run, and at the end of the pass
 */
#define CAPACITY 3
#define LEASE 2
#define MESSAGES 2
#define SENDERS 2

short credits = CAPACITY;
short returned;
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
    ;
    if
    :: taken == 0 -> /* move_over(); the next try takes */
#ifdef NO_EXCHANGE
        seen = returned;
        returned = 0;
#else
        atomic { seen = returned; returned = 0 };
#endif
        credits = credits + seen
    :: else
    fi
}

/* sn_slot_give() */
inline give(places)
{
    credits = credits + places
}

/* sn_slot_return() */
inline give_back(places)
{
#ifdef NO_ADD
    seen = returned;
    returned = seen + places
#else
    returned = returned + places
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
        give_back(1)
#endif
    :: owed > 0 -> /* return_owed() */
        give_back(owed);
        owed = 0
    :: handled == SENDERS * MESSAGES && owed == 0 && ended == SENDERS -> break
    od;
    assert(credits + returned == CAPACITY)
}

init
{
    atomic {
        run sender();
        run sender();
        run owner()
    }
}
