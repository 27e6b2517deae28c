/* SPDX-License-Identifier: MIT */
#ifndef SN_SUPERVISE_CHAIN_H
#define SN_SUPERVISE_CHAIN_H

/* Circular doubly linked lists through links embedded in their elements; every operation O(1). */

#include <stdbool.h>
#include <stddef.h>

struct sn_chain {
    struct sn_chain *prev;
    struct sn_chain *next;
};

/* The element that `link` is a member of. */
#define SN_CONTAINER(link, type, member) ((type *)((char *)(link)-offsetof(type, member)))

static inline void sn_chain_init(struct sn_chain *link)
{
    link->prev = link->next = link;
}

static inline bool sn_chain_empty(const struct sn_chain *list)
{
    return list->next == list;
}

static inline void sn_chain_append(struct sn_chain *list, struct sn_chain *link)
{
    link->prev = list->prev;
    link->next = list;
    list->prev->next = link;
    list->prev = link;
}

/* Also of a link that is in no list. */
static inline void sn_chain_remove(struct sn_chain *link)
{
    link->prev->next = link->next;
    link->next->prev = link->prev;
    sn_chain_init(link);
}

#endif
