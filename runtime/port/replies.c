/* SPDX-License-Identifier: MIT */
/*
 * Replies by thread: a thread-specific key of the system leads to the thread's holder. Holders
 * stay in a list until the system ends; one whose thread has ended is used for the next thread.
 */
#include "port/replies.h"

#include "memory/memory.h"

#include <errno.h>

struct sn_reply_holder {
    struct sn_reply_holder *next;
    struct sn_replies *owner;
    struct sn_envelope *reply;
    bool used; /* by a thread that lives */
};

static void thread_ended(void *value)
{
    struct sn_reply_holder *holder = value;
    struct sn_replies *owner = holder->owner;

    pthread_mutex_lock(&owner->lock);
    sn_block_free_large(owner->allocator, holder->reply);
    holder->reply = NULL;
    holder->used = false;
    pthread_mutex_unlock(&owner->lock);
}

int sn_replies_init(struct sn_replies *replies, const struct sn_allocator *allocator)
{
    replies->allocator = allocator;
    replies->holders = NULL;
    int rc = pthread_key_create(&replies->key, thread_ended);
    if (rc != 0)
        return -rc;
    pthread_mutex_init(&replies->lock, NULL);
    return 0;
}

void sn_replies_fini(struct sn_replies *replies)
{
    pthread_key_delete(replies->key);
    /* A thread that is ending now has its holder under the lock. */
    pthread_mutex_lock(&replies->lock);
    pthread_mutex_unlock(&replies->lock);
    while (replies->holders != NULL) {
        struct sn_reply_holder *holder = replies->holders;

        replies->holders = holder->next;
        sn_block_free_large(replies->allocator, holder->reply);
        sn_alloc_free(replies->allocator, holder, sizeof *holder);
    }
    pthread_mutex_destroy(&replies->lock);
}

/* A holder for a thread that has none yet. */
static struct sn_reply_holder *new_holder(struct sn_replies *replies)
{
    struct sn_reply_holder *holder;

    pthread_mutex_lock(&replies->lock);
    for (holder = replies->holders; holder != NULL && holder->used;)
        holder = holder->next;
    if (holder == NULL) {
        holder = sn_alloc_zeroed(replies->allocator, sizeof *holder);
        if (holder != NULL) {
            holder->owner = replies;
            holder->next = replies->holders;
            replies->holders = holder;
        }
    }
    if (holder != NULL)
        holder->used = true;
    pthread_mutex_unlock(&replies->lock);
    return holder;
}

int sn_replies_keep(struct sn_replies *replies, struct sn_envelope *reply)
{
    struct sn_reply_holder *holder = pthread_getspecific(replies->key);

    if (holder == NULL) {
        holder = new_holder(replies);
        if (holder == NULL)
            return -ENOMEM;
        if (pthread_setspecific(replies->key, holder) != 0) {
            thread_ended(holder);
            return -ENOMEM;
        }
    }
    sn_block_free_large(replies->allocator, holder->reply);
    holder->reply = reply;
    return 0;
}
