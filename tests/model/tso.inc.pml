/* SPDX-License-Identifier: MIT */
/*
 * Memory with store buffers, for Promela, whose own memory is sequentially consistent and would not
 * notice that a fence is missing. Each thread has a queue of stores that nobody else sees yet; a
 * process empties it at any time. That is TSO (x86). No thread here loads what it may still have in
 * its own buffer, so there is no forwarding.
 *
 *     STORE    a relaxed or release store: into the buffer
 *     FENCE    a sequentially consistent fence: waits until the buffer is empty
 *     LOCKED   before a read-modify-write in the same atomic step, which on x86 empties the buffer
 *
 * A sequentially consistent store is a STORE and a FENCE, a load reads `memory`.
 */
#define BUFFERED 2

chan buffer[THREADS] = [BUFFERED] of {byte, byte};
byte memory[WORDS];

#define STORE(thread, word, value) buffer[thread] ! word, value
#define FENCE(thread) empty(buffer[thread])
#define LOCKED(thread) empty(buffer[thread])

proctype flush(byte thread)
{
    byte word, value;
end:
    do
    :: atomic {
           buffer[thread] ? word, value;
           memory[word] = value
       }
    od
}
