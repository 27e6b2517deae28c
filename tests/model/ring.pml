/* SPDX-License-Identifier: MIT */
/*
 * The ring between one producer and one consumer, and the spill list in front of it:
 * runtime/ring/ring.h, sn_link_put() and move_spill() in runtime/ring/link.c.
 *
 * Weaker than TSO: stores to slots and stores to the indices have a buffer each, so they can become
 * visible in any order (PSO); a release waits for the slots. Faithful: the consumer gets 1, 2, 3,
 * ... in this order.
 *
 * WEAKEN NO_R3: sn_ring_publish() stores the tail without an order
 * WEAKEN NO_R2: sn_ring_release() is called before the slot is read
 * WEAKEN OFF_BY_ONE: sn_ring_put() fills a slot too many
 * WEAKEN NO_SPILL_CHECK: sn_link_put() fills the ring while something waits in the spill list
 */
#define MESSAGES 6
#define CAPACITY 2

chan slot_buffer = [CAPACITY] of {byte, byte};
chan tail_buffer = [2] of {byte};
chan head_buffer = [2] of {byte};
byte slots[CAPACITY];
byte tail, head;

proctype flush_slots()
{
    byte slot, value;
end:
    do
    :: atomic { slot_buffer ? slot, value; slots[slot] = value }
    od
}

proctype flush_indices()
{
end:
    do
    :: tail_buffer ? tail
    :: head_buffer ? head
    od
}

byte spilled; /* messages first .. first + spilled - 1 wait in the spill list */
byte first;

#ifdef OFF_BY_ONE
#define IS_FULL (tail_next - head_seen > CAPACITY)
#else
#define IS_FULL (tail_next - head_seen >= CAPACITY) /* > mask */
#endif

/* sn_ring_put() */
inline put(message)
{
    done = false;
    if
    :: IS_FULL -> head_seen = head /* R1 */
    :: else
    fi;
    if
    :: IS_FULL
    :: else ->
        slot_buffer ! tail_next % CAPACITY, message;
        tail_next++;
        done = true
    fi
}

/* sn_link_flush(): move_spill(), sn_ring_publish() */
inline publish()
{
    do
    :: spilled > 0 ->
        put(first);
        if
        :: done -> spilled--; first++
        :: else -> break
        fi
    :: else -> break
    od;
#ifndef NO_R3
    empty(slot_buffer); /* R3 */
#endif
    tail_buffer ! tail_next
}

proctype producer()
{
    byte message = 1, tail_next = 0, head_seen = 0;
    bool done;

    do
    :: message <= MESSAGES ->
        /* sn_link_put() */
        done = false;
        if
#ifdef NO_SPILL_CHECK
        :: true -> put(message)
#else
        :: spilled == 0 -> put(message)
        :: spilled > 0
#endif
        fi;
        if
        :: done
        :: else ->
            if
            :: spilled == 0 -> first = message
            :: else
            fi;
            spilled++
        fi;
        message++;
        if
        :: publish()
        :: true /* several messages, one publication */
        fi
    :: else -> break
    od;
    do
    :: spilled > 0 -> publish()
    :: else -> break
    od;
    publish()
}

proctype consumer()
{
    byte head_next = 0, tail_seen = 0, item;

    do
    :: head_next == MESSAGES -> break
    :: head_next < MESSAGES && tail_seen == head_next && tail != head_next -> tail_seen = tail /* R4 */
    :: tail_seen != head_next ->
#ifdef NO_R2
        head_buffer ! head_next + 1;
#endif
        item = slots[head_next % CAPACITY]; /* sn_ring_take() */
        head_next++;
        assert(item == head_next);
#ifndef NO_R2
        head_buffer ! head_next /* sn_ring_release(): R2 */
#endif
    od
}

init
{
    atomic {
        run flush_slots();
        run flush_indices();
        run producer();
        run consumer()
    }
}
