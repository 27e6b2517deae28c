/* SPDX-License-Identifier: MIT */
/*
 * Replies by thread. Nothing is done when a thread ends: its last reply stays until a later thread
 * gets the same identity, which the C library gives out again soon, or until the port is freed. A
 * destructor of thread-specific data would run while the system may be gone already.
 */
#include "port/replies.h"

#include "memory/memory.h"

#include <errno.h>
#include <pthread.h>

struct sn_reply_holder {
    struct sn_reply_holder *next;
    pthread_t thread;
    struct sn_envelope *reply;
};

void sn_replies_fini(struct sn_replies *replies, const struct sn_allocator *allocator)
{
    for (int i = 0; i < SN_REPLY_BUCKETS; i++)
        while (replies->buckets[i] != NULL) {
            struct sn_reply_holder *holder = replies->buckets[i];

            replies->buckets[i] = holder->next;
            sn_block_free_large(allocator, holder->reply);
            sn_alloc_free(allocator, holder, sizeof *holder);
        }
}

/* The identity of a thread is the address of its descriptor: look at bits that differ. */
static struct sn_reply_holder **bucket_of(struct sn_replies *replies, pthread_t thread)
{
    return &replies->buckets[((uint64_t)thread * UINT64_C(0x9e3779b97f4a7c15) >> 32) %
                             SN_REPLY_BUCKETS];
}

int sn_replies_keep(struct sn_replies *replies, const struct sn_allocator *allocator,
                    struct sn_envelope *reply)
{
    pthread_t thread = pthread_self();
    struct sn_reply_holder **bucket = bucket_of(replies, thread);
    struct sn_reply_holder *holder = *bucket;

    while (holder != NULL && !pthread_equal(holder->thread, thread))
        holder = holder->next;
    if (holder == NULL) {
        holder = sn_alloc_zeroed(allocator, sizeof *holder);
        if (holder == NULL)
            return -ENOMEM;
        holder->thread = thread;
        holder->next = *bucket;
        *bucket = holder;
    }
    sn_block_free_large(allocator, holder->reply);
    holder->reply = reply;
    return 0;
}
