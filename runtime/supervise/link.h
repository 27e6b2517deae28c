/* SPDX-License-Identifier: MIT */
#ifndef SN_SUPERVISE_LINK_H
#define SN_SUPERVISE_LINK_H

/* Circular doubly linked lists through links embedded in their elements; every operation O(1). */

#include <stdbool.h>
#include <stddef.h>

struct sn_link {
    struct sn_link *prev;
    struct sn_link *next;
};

/* The element that `link` is a member of. */
#define SN_CONTAINER(link, type, member) ((type *)((char *)(link)-offsetof(type, member)))

static inline void sn_link_init(struct sn_link *link)
{
    link->prev = link->next = link;
}

static inline bool sn_link_empty(const struct sn_link *list)
{
    return list->next == list;
}

static inline void sn_link_append(struct sn_link *list, struct sn_link *link)
{
    link->prev = list->prev;
    link->next = list;
    list->prev->next = link;
    list->prev = link;
}

/* Also of a link that is in no list. */
static inline void sn_link_remove(struct sn_link *link)
{
    link->prev->next = link->next;
    link->next->prev = link->prev;
    sn_link_init(link);
}

#endif
